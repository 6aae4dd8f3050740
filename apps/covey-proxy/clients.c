/* SPDX-License-Identifier: BSD-2-Clause */
/* Each context has a file of its own for its state, which is written ahead: a
 * block of sequence numbers is used only after its end is on the disk. The
 * replay window stays in memory; once it is lost, each client shows with an
 * Echo value that it is there (RFC 8613 Appendix B.1.2), and no request waits
 * for the disk. */
#include "clients.h"

#include <context.h>
#include <oscore_state.h>

#include <stdlib.h>
#include <string.h>

enum {
    WHY_MAX = 1200
};

/* In a state file: whatever was received, it is not known. Tools that keep
 * the window there accept nothing then. */
#define NO_WINDOW COVEY_OSCORE_SSN_END

struct client_row {
    const struct proxy_client *client;
    uint32_t number;
    context_file *file;
    struct oscore_state state;
    covey_oscore_context context;
    bool started;
};

static void tell(const struct clients *c, const char *name, const char *file,
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

static struct client_row *named(const struct clients *c, covey_bytes kid,
                                covey_bytes kid_context)
{
    for (size_t i = 0; i < c->count; i++) {
        const covey_oscore_parameters *p = &c->rows[i].file->oscore.parameters;
        if (covey_oscore_is_recipient(p, kid, kid_context)) {
            return &c->rows[i];
        }
    }
    return NULL;
}

static covey_oscore_context *find(void *user, covey_bytes kid,
                                  covey_bytes kid_context)
{
    struct client_row *row = named(user, kid, kid_context);

    return row != NULL ? &row->context : NULL;
}

static bool keep(struct clients *c, struct client_row *row, uint64_t ssn)
{
    const covey_oscore_state next = { ssn, NO_WINDOW };
    char why[WHY_MAX];

    if (oscore_state_store(&row->state, &next, why, sizeof why)) {
        return true;
    }
    tell(c, "oscore.store", row->client->state, why);
    return false;
}

static struct client_row *row_of(const struct clients *c, const void *context)
{
    for (size_t i = 0; i < c->count; i++) {
        if (&c->rows[i].context == context) {
            return &c->rows[i];
        }
    }
    return NULL;
}

static covey_status store(void *user, const covey_oscore_context *context,
                          const covey_oscore_state *state)
{
    struct clients *c = user;
    struct client_row *row = row_of(c, context);

    return row != NULL && keep(c, row, state->ssn) ? COVEY_OK
                                                   : COVEY_E_NOT_STORED;
}

bool clients_number(const struct clients *c, const void *context,
                    uint32_t *number)
{
    const struct client_row *row = row_of(c, context);

    if (row != NULL) {
        *number = row->number;
    }
    return row != NULL;
}

/* --- opening ------------------------------------------------------------- */

static covey_status fingerprint(const covey_oscore_parameters *p,
                                const covey_crypto *crypto,
                                uint8_t out[OSCORE_FINGERPRINT])
{
    covey_oscore_keys keys;
    covey_status st = covey_oscore_derive(&keys, p, crypto);

    if (st == COVEY_OK) {
        st = oscore_fingerprint(
            crypto, covey_bytes_of(keys.sender_key, keys.key_len), out);
    }
    covey_wipe(&keys, sizeof keys);
    return st;
}

/* The window of a context that has never been used is empty, not lost. */
static bool start(struct clients *c, struct client_row *row,
                  const covey_crypto *crypto)
{
    const context_oscore *o = &row->file->oscore;
    uint8_t print[OSCORE_FINGERPRINT];
    char why[WHY_MAX];
    covey_status st = fingerprint(&o->parameters, crypto, print);

    if (st == COVEY_OK &&
        !oscore_state_open(&row->state, row->client->state, print,
                           o->sequence_number, why, sizeof why)) {
        tell(c, "oscore.state", row->client->state, why);
        return false;
    }
    const covey_oscore_start begin = {
        .state = { row->state.now.ssn,
                   row->state.now.window == 0 ? 0 : COVEY_OSCORE_WINDOW_LOST },
        .ahead = row->client->ahead,
        .window_in_memory = true,
        .window_size = o->replay_window.size,
        .window_word_count = o->replay_window.word_count,
        .window_words = o->replay_window.words,
    };
    if (st == COVEY_OK) {
        st = covey_oscore_setup(&row->context, crypto, &o->parameters, &begin);
    }
    if (st != COVEY_OK) {
        tell(c, "oscore.context", row->client->context, covey_status_text(st));
        return false;
    }
    row->started = true;
    return keep(c, row, row->state.now.ssn);
}

static bool open_one(struct clients *c, const struct proxy_client *client,
                     uint32_t number, const covey_crypto *crypto)
{
    struct client_row *row = &c->rows[c->count];
    const covey_oscore_parameters *p;

    row->client = client;
    row->number = number;
    row->file = context_load(client->context, stderr);
    if (row->file == NULL) {
        return false;
    }
    p = &row->file->oscore.parameters;
    if (row->file->type != CONTEXT_OSCORE) {
        tell(c, "oscore.context", client->context, CLIENTS_EXPECTED);
        context_free(row->file);
        return false;
    }
    if (named(c, p->recipient_id, p->id_context) != NULL) {
        tell(c, "oscore.context", client->context,
             "another client has the same recipient_id (RFC 8613 Section "
             "3.3)");
        context_free(row->file);
        return false;
    }
    c->count++;
    return start(c, row, crypto);
}

bool clients_open(struct clients *c, const struct proxy_config *config,
                  const covey_crypto *crypto, const log_sink *log)
{
    memset(c, 0, sizeof *c);
    c->log = log;
    c->rows = calloc(config->client_count + 1, sizeof *c->rows);
    if (c->rows == NULL) {
        tell(c, "oscore.context", "", "out of memory");
        return false;
    }
    for (size_t i = 0; i < config->client_count; i++) {
        const struct proxy_client *client = &config->clients[i];
        if (client->context != NULL &&
            !open_one(c, client, (uint32_t)i, crypto)) {
            return false;
        }
    }
    covey_oscore_protector_init(&c->oscore);
    c->oscore.find = find;
    c->oscore.store = store;
    c->oscore.user = c;
    c->oscore.inner = covey_oscore_proxy_inner;
    c->oscore.inner_count = covey_oscore_proxy_inner_count;
    c->protectors[0] = &c->oscore.protector;
    c->protector_count = c->count > 0 ? 1 : 0;
    return true;
}

/* Numbers that were reserved and not used are given back; if that fails they
 * are lost, which harms nobody. */
void clients_close(struct clients *c)
{
    for (size_t i = 0; i < c->count; i++) {
        struct client_row *row = &c->rows[i];
        if (row->started) {
            const covey_oscore_usage usage =
                covey_oscore_usage_of(&row->context);
            (void)keep(c, row, COVEY_OSCORE_SSN_END - usage.left);
        }
        oscore_state_close(&row->state);
        covey_oscore_drop(&row->context);
        context_free(row->file);
    }
    free(c->rows);
    c->rows = NULL;
    c->count = 0;
}
