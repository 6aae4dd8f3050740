/* SPDX-License-Identifier: BSD-2-Clause */
/* The proxy has the key that masks signatures, and public keys: it can neither
 * read nor sign. What it has seen of each member is kept in memory alone, so
 * that a restart lets a replay pass; the association that a client has with
 * the proxy is what keeps that from it. */
#include "senders.h"

#include <context.h>
#include <covey/oscore.h>
#include <covey/sigcheck.h>

#include <stdlib.h>

enum {
    MESSAGE_MAX = 1 << 15
};

/* A member: its key, and which Partial IVs it has used. */
struct sender {
    covey_key key;
    bool has_key;
    covey_oscore_window window;
};

struct senders {
    context_file *file;
    const covey_crypto *crypto;
    covey_sigcheck checker;
    struct sender *rows; /* as many as the file has members */
    size_t count;
    uint8_t *scratch;
    size_t scratch_len;
};

static void tell(const log_sink *log, log_level level, const char *file,
                 const char *why)
{
    const log_value values[] = { log_string("file", file),
                                 log_string("why", why) };
    const log_event event = { .level = level,
                              .name = "proxy.senders",
                              .section = "seed 003 6.1",
                              .values = values,
                              .count = 2 };

    log_write(log, &event);
}

/* --- opening ------------------------------------------------------------- */

static bool add(struct senders *s, const covey_group_member *m)
{
    const covey_crypto *c = s->crypto;
    struct sender *row = &s->rows[s->count++];

    row->has_key = c->public_key(c->provider, s->checker.curve, m->public_key,
                                 &row->key) == COVEY_OK;
    return row->has_key &&
           covey_oscore_window_init(&row->window, 0, COVEY_OSCORE_WINDOW_OWN,
                                    NULL, 0) == COVEY_OK;
}

static bool start(struct senders *s)
{
    const context_group *g = &s->file->group;
    size_t longest = g->parameters.gm_cred.len;

    s->checker = (covey_sigcheck){ .crypto = s->crypto,
                                   .algorithms = g->parameters.algorithms,
                                   .hkdf = g->parameters.hkdf,
                                   .curve = (int32_t)g->parameters.curve,
                                   .gid = g->parameters.gid,
                                   .gm_cred = g->parameters.gm_cred,
                                   .sek = g->signature_encryption_key };
    s->rows = calloc(g->member_count + 1, sizeof *s->rows);
    for (size_t i = 0; s->rows != NULL && i < g->member_count; i++) {
        longest = g->members[i].credential.len > longest
                      ? g->members[i].credential.len
                      : longest;
        if (!add(s, &g->members[i])) {
            return false;
        }
    }
    s->scratch_len = COVEY_SIGCHECK_SCRATCH(MESSAGE_MAX, longest, longest,
                                            COVEY_OSCORE_ID_CONTEXT_MAX);
    s->scratch = malloc(s->scratch_len);
    return s->rows != NULL && s->scratch != NULL &&
           covey_sigcheck_ready(&s->checker) == COVEY_OK;
}

struct senders *senders_load(const char *file, const covey_crypto *crypto,
                             FILE *messages)
{
    struct senders *s = calloc(1, sizeof *s);

    if (s == NULL) {
        return NULL;
    }
    s->crypto = crypto;
    s->file = context_load(file, messages);
    if (s->file == NULL || s->file->type != CONTEXT_GROUP ||
        s->file->group.signature_encryption_key.ptr == NULL || !start(s)) {
        senders_close(s);
        return NULL;
    }
    return s;
}

struct senders *senders_open(const char *file, const covey_crypto *crypto,
                             const log_sink *log)
{
    struct senders *s = senders_load(file, crypto, stderr);

    if (s == NULL) {
        tell(log, LOG_LEVEL_ERROR, file, SENDERS_EXPECTED);
        return NULL;
    }
    tell(log, LOG_LEVEL_WARNING, file,
         "signatures show who sent a request, not that it is new after a "
         "restart: clients should be known by a context or by DTLS as well");
    return s;
}

void senders_close(struct senders *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        if (s->rows[i].has_key) {
            s->crypto->key_drop(s->crypto->provider, &s->rows[i].key);
        }
    }
    context_free(s->file);
    free(s->rows);
    free(s->scratch);
    free(s);
}

/* --- checking ------------------------------------------------------------ */

/* The number of the member with this Sender ID, or that of all. */
static size_t find(const struct senders *s, covey_bytes kid)
{
    size_t i = 0;

    while (i < s->count &&
           !covey_bytes_equal(s->file->group.members[i].id, kid)) {
        i++;
    }
    return i;
}

static bool is_signed(struct senders *s, const covey_coap_message *m, size_t i)
{
    const covey_group_member *member = &s->file->group.members[i];
    const covey_sigcheck_signer signer = { member->id, member->credential,
                                           &s->rows[i].key };
    covey_sigcheck_request noted;

    return covey_sigcheck_note(&s->checker, m, &noted) == COVEY_OK &&
           covey_sigcheck_check(&s->checker, m, &signer, &noted, s->scratch,
                                s->scratch_len) == COVEY_OK;
}

bool senders_check(struct senders *s, const covey_coap_message *m)
{
    covey_oscore_option option;
    uint64_t number;
    size_t i;

    if (m->payload.len > MESSAGE_MAX || m->code >> 5 != 0 ||
        covey_sigcheck_sender(&s->checker, m, &option) != COVEY_OK) {
        return false;
    }
    i = find(s, option.kid);
    if (i == s->count ||
        covey_oscore_piv_number(option.partial_iv, &number) != COVEY_OK ||
        !covey_oscore_window_check(&s->rows[i].window, number) ||
        !is_signed(s, m, i)) {
        return false;
    }
    covey_oscore_window_commit(&s->rows[i].window, number);
    return true;
}
