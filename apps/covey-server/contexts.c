/* SPDX-License-Identifier: BSD-2-Clause */
#include "contexts.h"

#include <context.h>
#include <crypto/openssl/openssl.h>
#include <oscore_state.h>

#include <stdlib.h>
#include <string.h>

enum {
    WHY_MAX = 1200
};

struct context_row {
    context_file *file;
    covey_oscore_context context;
    struct oscore_state state;
};

static void tell(const struct contexts *c, const char *name, const char *file,
                 const char *why)
{
    const log_value values[] = { log_string("file", file),
                                 log_string("why", why) };
    const log_event event = { .level = LOG_LEVEL_ERROR,
                              .name = name,
                              .section = "RFC 8613 7.5",
                              .values = values,
                              .count = 2 };

    log_write(c->log, &event);
}

/* --- what the protector asks --------------------------------------------- */

/* RFC 8613 Section 8.2: by the kid, which is our Recipient ID, and by the kid
 * context if there is one. */
static covey_oscore_context *find(void *user, covey_bytes kid,
                                  covey_bytes kid_context)
{
    struct contexts *c = user;

    for (size_t i = 0; i < c->count; i++) {
        const covey_oscore_parameters *p = &c->rows[i].file->oscore.parameters;
        if (covey_bytes_equal(p->recipient_id, kid) &&
            (kid_context.ptr == NULL ||
             covey_bytes_equal(p->id_context, kid_context))) {
            return &c->rows[i].context;
        }
    }
    return NULL;
}

static covey_status store(void *user, const covey_oscore_context *context,
                          const covey_oscore_state *state)
{
    struct contexts *c = user;
    char why[WHY_MAX];

    for (size_t i = 0; i < c->count; i++) {
        struct context_row *row = &c->rows[i];
        if (&row->context != context) {
            continue;
        }
        if (oscore_state_store(&row->state, state, why, sizeof why)) {
            return COVEY_OK;
        }
        tell(c, "oscore.store", row->state.path, why);
    }
    return COVEY_E_NOT_STORED;
}

/* --- opening ------------------------------------------------------------- */

static covey_status fingerprint(struct contexts *c,
                                const covey_oscore_parameters *p,
                                uint8_t out[OSCORE_FINGERPRINT])
{
    covey_oscore_keys keys;
    covey_status st = covey_oscore_derive(&keys, p, &c->crypto);

    if (st == COVEY_OK) {
        st = oscore_fingerprint(
            &c->crypto, covey_bytes_of(keys.sender_key, keys.key_len), out);
    }
    covey_wipe(&keys, sizeof keys);
    return st;
}

static bool start(struct contexts *c, struct context_row *row,
                  const struct server_context *from)
{
    const context_oscore *o = &row->file->oscore;
    uint8_t print[OSCORE_FINGERPRINT];
    char why[WHY_MAX];
    covey_status st = fingerprint(c, &o->parameters, print);

    if (st == COVEY_OK &&
        !oscore_state_open(&row->state, from->state, print, o->sequence_number,
                           why, sizeof why)) {
        tell(c, "oscore.state", from->state, why);
        return false;
    }
    const covey_oscore_start begin = { .state = row->state.now,
                                       .window_size = o->replay_window };
    if (st == COVEY_OK) {
        st = covey_oscore_setup(&row->context, &c->crypto, &o->parameters,
                                &begin);
    }
    if (st != COVEY_OK) {
        tell(c, "oscore.context", from->file, covey_status_text(st));
    }
    return st == COVEY_OK;
}

static bool open_one(struct contexts *c, const struct server_context *from)
{
    struct context_row *row = &c->rows[c->count];

    row->file = context_load(from->file, stderr);
    if (row->file == NULL) {
        return false;
    }
    c->count++;
    if (row->file->type != CONTEXT_OSCORE) {
        tell(c, "oscore.context", from->file,
             "expected a context of type oscore: groups are not served yet");
        return false;
    }
    return start(c, row, from);
}

bool contexts_open(struct contexts *c, const struct server_config *config,
                   const log_sink *log)
{
    covey_status st;

    memset(c, 0, sizeof *c);
    c->log = log;
    st = covey_openssl_open(&c->crypto);
    if (st != COVEY_OK) {
        tell(c, "crypto.open", "libcrypto", covey_status_text(st));
        return false;
    }
    c->rows = calloc(config->context_count + 1, sizeof *c->rows);
    if (c->rows == NULL) {
        tell(c, "oscore.context", "", "out of memory");
        return false;
    }
    for (size_t i = 0; i < config->context_count; i++) {
        if (!open_one(c, &config->contexts[i])) {
            return false;
        }
    }
    c->oscore.find = find;
    c->oscore.store = store;
    c->oscore.user = c;
    covey_oscore_protector_init(&c->oscore);
    c->protectors[0] = &c->oscore.protector;
    c->protector_count = c->count > 0 ? 1 : 0;
    return true;
}

void contexts_close(struct contexts *c)
{
    for (size_t i = 0; i < c->count; i++) {
        covey_oscore_drop(&c->rows[i].context);
        oscore_state_close(&c->rows[i].state);
        context_free(c->rows[i].file);
    }
    free(c->rows);
    covey_openssl_close(&c->crypto);
}

covey_random contexts_random(const struct contexts *c)
{
    const covey_random random = { c->crypto.random, c->crypto.provider };

    return random;
}
