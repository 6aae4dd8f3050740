/* SPDX-License-Identifier: BSD-2-Clause */
#include "credential.h"

#include <context.h>
#include <group_state.h>
#include <membership.h>
#include <oscore_state.h>
#include <stdlib.h>
#include <string.h>
#include <text.h>

enum {
    NUMBERS = 4, /* requests of a run: one, and another with Echo */
    PATH_ROOM = 1024,
    WHY_CAP = 1200,
    CRED_MAX = 2048
};

struct credential {
    const covey_crypto *crypto;
    context_file *file;
    FILE *messages;
    char path[PATH_ROOM]; /* of the numbers, for as long as they are open */
    covey_oscore_context oscore;
    covey_oscore_exchange exchange;
    covey_group group;
    covey_group_exchange group_exchange;
    covey_group_recipient *recipients;
    covey_group_recipient *to; /* pairwise */
    covey_key private_key;
    uint8_t plain[CREDENTIAL_MESSAGE_MAX];
    uint8_t scratch[COVEY_GROUP_SCRATCH(CREDENTIAL_MESSAGE_MAX, CRED_MAX,
                                        COVEY_OSCORE_ID_CONTEXT_MAX)];
};

static bool fail(const credential *c, const char *what, const char *why)
{
    fprintf(c->messages, "covey-audit: credential: %s%s\n", what, why);
    return false;
}

/* "FOLDER/numbers-" and what the Sender Key is known by. */
static bool find_path(credential *c, const char *folder, covey_bytes key,
                      uint8_t fingerprint[OSCORE_FINGERPRINT])
{
    char hex[2 * OSCORE_FINGERPRINT + 1];

    if (oscore_fingerprint(c->crypto, key, fingerprint) != COVEY_OK) {
        return fail(c, "libcrypto failed", "");
    }
    const int n = snprintf(
        c->path, sizeof c->path, "%s/numbers-%s", folder,
        text_hex(covey_bytes_of(fingerprint, OSCORE_FINGERPRINT), hex));
    return n > 0 && n < PATH_ROOM;
}

/* --- OSCORE -------------------------------------------------------------- */

static bool sender_key(const credential *c, uint8_t key[COVEY_KEY_MAX],
                       size_t *len)
{
    covey_oscore_keys keys;
    const covey_status st =
        covey_oscore_derive(&keys, &c->file->oscore.parameters, c->crypto);

    memcpy(key, keys.sender_key, sizeof keys.sender_key);
    *len = keys.key_len;
    covey_wipe(&keys, sizeof keys);
    return st == COVEY_OK || fail(c, covey_status_text(st), "");
}

/* Takes the numbers from `*first` on. */
static bool take_numbers(credential *c, const char *folder, uint64_t *first)
{
    uint8_t fingerprint[OSCORE_FINGERPRINT];
    uint8_t key[COVEY_KEY_MAX];
    char why[WHY_CAP] = "";
    struct oscore_state state = { .now = { 0, 0 } };
    size_t len = 0;

    if (!sender_key(c, key, &len)) {
        return false;
    }
    bool good =
        find_path(c, folder, covey_bytes_of(key, len), fingerprint) &&
        oscore_state_open(&state, c->path, fingerprint,
                          c->file->oscore.sequence_number, why, sizeof why);
    covey_wipe(key, sizeof key);
    if (good) {
        covey_oscore_state next = state.now;
        *first = next.ssn;
        next.ssn += NUMBERS;
        good = next.ssn <= COVEY_OSCORE_SSN_END &&
               oscore_state_store(&state, &next, why, sizeof why);
    }
    oscore_state_close(&state);
    return good || fail(c, "numbers: ", why);
}

static bool open_oscore(credential *c, const char *folder)
{
    covey_oscore_start start = {
        .state = { 0, COVEY_OSCORE_WINDOW_LOST },
        .window_in_memory = true,
    };

    if (!take_numbers(c, folder, &start.state.ssn)) {
        return false;
    }
    const covey_oscore_state stored = { start.state.ssn + NUMBERS,
                                        COVEY_OSCORE_WINDOW_LOST };
    covey_status st = covey_oscore_setup(&c->oscore, c->crypto,
                                         &c->file->oscore.parameters, &start);
    if (st == COVEY_OK) {
        st = covey_oscore_stored(&c->oscore, &stored);
    }
    return st == COVEY_OK || fail(c, covey_status_text(st), "");
}

/* --- groups -------------------------------------------------------------- */

static bool keep(credential *c, struct group_state *state)
{
    covey_group_record record;
    char why[WHY_CAP];

    while (covey_group_due(&c->group, &record)) {
        if (!group_state_store(state, &record, why, sizeof why)) {
            return fail(c, "numbers: ", why);
        }
        if (covey_group_stored(&c->group, &record) != COVEY_OK) {
            return fail(c, "libcrypto failed", "");
        }
    }
    return true;
}

static covey_status join(credential *c, const struct group_state *state)
{
    const context_group *g = &c->file->group;
    const covey_group_start start = {
        .sender_id = g->sender_id,
        .credential = g->credential,
        .private_key = &c->private_key,
        .recipients = c->recipients,
        .recipient_max = (uint16_t)(g->member_count + 1),
        .window_size = g->replay_window.size,
        .window_word_count = g->replay_window.word_count,
        .window_words = g->replay_window.words,
        .ssn = state->ssn,
        .windows_invalid = true,
        .late = g->late,
        .kid_always = g->kid_always,
    };
    covey_status st =
        covey_group_setup(&c->group, c->crypto, &g->parameters, &start);

    for (size_t i = 0; st == COVEY_OK && i < g->member_count; i++) {
        st = covey_group_add(&c->group, &g->members[i], NULL);
    }
    if (st == COVEY_OK && g->member_count > 0) {
        c->to = covey_group_find(&c->group, g->members[0].id);
    }
    return st;
}

static bool open_state(credential *c, const char *folder,
                       struct group_state *state)
{
    const context_group *g = &c->file->group;
    struct group_state_owner owner = { .first = g->sequence_number,
                                       .member_count = g->member_count };
    uint8_t key[COVEY_KEY_MAX];
    covey_writer w = covey_writer_of(key, sizeof key);
    char why[WHY_CAP] = "";
    const bool good =
        membership_key(&w, g, c->crypto) == COVEY_OK &&
        find_path(c, folder, covey_written(&w), owner.fingerprint) &&
        group_state_open(state, c->path, &owner, why, sizeof why);

    covey_wipe(key, sizeof key);
    return good || fail(c, "numbers: ", why);
}

static bool open_group(credential *c, const char *folder)
{
    const context_group *g = &c->file->group;
    struct group_state state = { .ssn = 0 };

    if (g->parameters.master_secret.ptr == NULL ||
        g->private_key.ptr == NULL || g->credential.len > CRED_MAX) {
        return fail(c, "expected a member that can send", "");
    }
    c->recipients = calloc(g->member_count + 1, sizeof *c->recipients);
    if (c->recipients == NULL || !open_state(c, folder, &state)) {
        return false;
    }
    covey_status st = c->crypto->private_key(c->crypto->provider,
                                             (int32_t)g->parameters.curve,
                                             g->private_key, &c->private_key);
    if (st == COVEY_OK) {
        st = join(c, &state);
    }
    const bool good =
        st == COVEY_OK ? keep(c, &state) : fail(c, covey_status_text(st), "");
    group_state_close(&state);
    return good;
}

/* --- both ---------------------------------------------------------------- */

credential *credential_open(const covey_crypto *crypto, const char *path,
                            const char *folder, FILE *messages)
{
    credential *c = calloc(1, sizeof *c);
    bool good = false;

    if (c == NULL) {
        return NULL;
    }
    c->crypto = crypto;
    c->messages = messages;
    c->file = context_load(path, messages);
    if (c->file != NULL && c->file->type == CONTEXT_OSCORE) {
        good = open_oscore(c, folder);
    } else if (c->file != NULL && c->file->type == CONTEXT_GROUP) {
        good = open_group(c, folder);
    } else if (c->file != NULL) {
        (void)fail(c, "expected a context of type oscore or group", "");
    }
    if (!good) {
        credential_close(c);
        c = NULL;
    }
    return c;
}

void credential_close(credential *c)
{
    if (c == NULL) {
        return;
    }
    covey_oscore_drop(&c->oscore);
    covey_group_drop(&c->group);
    c->crypto->key_drop(c->crypto->provider, &c->private_key);
    free(c->recipients);
    context_free(c->file);
    covey_wipe(c, sizeof *c);
    free(c);
}

static bool is_group(const credential *c)
{
    return c->file->type == CONTEXT_GROUP;
}

static covey_group_work work_of(credential *c)
{
    const bool pairwise =
        c->file->group.parameters.algorithms.group_enc == COVEY_ALG_UNSET;

    return (covey_group_work){
        .message = { .scratch = c->scratch, .scratch_cap = sizeof c->scratch },
        .to = pairwise ? c->to : NULL,
    };
}

bool credential_protect(credential *c, const covey_coap_message *request,
                        covey_writer *out)
{
    const covey_oscore_work plain = { .scratch = c->scratch,
                                      .scratch_cap = sizeof c->scratch };
    const covey_group_work work = work_of(c);
    const size_t from = out->pos;
    covey_status st = COVEY_OK;

    if (is_group(c)) {
        st = covey_group_seal_request(&c->group, &c->group_exchange, request,
                                      covey_bytes_of(NULL, 0), &work, out);
    } else {
        st = covey_oscore_protect_request(&c->oscore, &c->exchange, request,
                                          &plain, out);
    }
    if (st != COVEY_OK) {
        out->pos = from;
    }
    return st == COVEY_OK;
}

bool credential_open_answer(credential *c, const covey_coap_message *outer,
                            covey_coap_message *inner)
{
    const covey_oscore_work plain = { .scratch = c->scratch,
                                      .scratch_cap = sizeof c->scratch };
    covey_writer out = covey_writer_of(c->plain, sizeof c->plain);
    covey_unprotect verdict = COVEY_UNPROTECT_REFUSED;

    if (is_group(c)) {
        covey_group_exchange x = c->group_exchange;
        covey_group_received received;
        covey_group_answer answer = { 0 };
        const covey_group_work work = work_of(c);
        x.answers = &answer;
        x.answer_max = 1;
        verdict = covey_group_unprotect_response(&c->group, &x, outer, &work,
                                                 &out, &received);
    } else {
        covey_oscore_exchange x = c->exchange;
        covey_oscore_received received;
        verdict = covey_oscore_unprotect_response(&c->oscore, &x, outer,
                                                  &plain, &out, &received);
    }
    return verdict != COVEY_UNPROTECT_REFUSED &&
           covey_coap_parse(inner, covey_written(&out)) == COVEY_OK;
}
