/* SPDX-License-Identifier: BSD-2-Clause */
#include "contexts.h"

#include <context.h>
#include <crypto/openssl/openssl.h>
#include <managed.h>
#include <membership.h>
#include <store.h>

#include <stdlib.h>
#include <string.h>

enum {
    WHY_MAX = 1200,
    MESSAGE_MAX = 16384, /* of groups */
    /* The server stores once for so many messages, a fraction of a second at
     * full speed. A crash costs each peer one challenge, however many. */
    AHEAD = 1 << 16
};

/* Unless the configuration says it. A group whose late joining does without
 * Echo refuses, after a crash, what may have been heard: there are few. */
static uint32_t ahead_of(const struct server_context *from,
                         const context_file *file)
{
    const bool asks = file->type == CONTEXT_OSCORE ||
                      file->group.late != COVEY_GROUP_LATE_DROP_FIRST;

    return from->ahead == 0 && asks ? AHEAD : from->ahead;
}

struct context_row {
    const char *file_name;
    context_file *file;
    covey_oscore_context context;
    store_lease lease;
    bool started;
    membership *member; /* of a group, instead */
    struct contexts *all;
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

static covey_oscore_context *find(void *user, covey_bytes kid,
                                  covey_bytes kid_context)
{
    struct contexts *c = user;

    for (size_t i = 0; i < c->count; i++) {
        const covey_oscore_parameters *p = &c->rows[i].file->oscore.parameters;
        if (c->rows[i].file->type == CONTEXT_OSCORE &&
            covey_oscore_is_recipient(p, kid, kid_context)) {
            return &c->rows[i].context;
        }
    }
    return NULL;
}

static covey_status keep(void *user, const covey_oscore_context *context,
                         const covey_oscore_state *state)
{
    const store_numbers next = { state->ssn, state->window, false };
    struct contexts *c = user;

    for (size_t i = 0; i < c->count; i++) {
        struct context_row *row = &c->rows[i];
        if (&row->context != context) {
            continue;
        }
        if (store_lease_keep(c->store, &row->lease, &next) == STORE_OK) {
            return COVEY_OK;
        }
        tell(c, "oscore.store", row->file_name, store_error(c->store));
    }
    return COVEY_E_NOT_STORED;
}

/* --- opening ------------------------------------------------------------- */

static bool start(struct contexts *c, struct context_row *row, uint32_t ahead)
{
    const context_oscore *o = &row->file->oscore;
    const store_numbers first = { o->sequence_number, 0, false };
    uint8_t id[STORE_KEY_ID];
    covey_status st = store_oscore_id(&c->crypto, &o->parameters, id);

    if (st == COVEY_OK &&
        store_lease_take(c->store, covey_bytes_of(id, sizeof id), &first,
                         &row->lease) != STORE_OK) {
        tell(c, "oscore.state", row->file_name, store_error(c->store));
        return false;
    }
    const store_numbers *stored = &row->lease.numbers;
    const covey_oscore_start begin = {
        .state = { stored->ssn, stored->window },
        .ahead = ahead,
        .window_size = o->replay_window.size,
        .window_word_count = o->replay_window.word_count,
        .window_words = o->replay_window.words
    };
    if (st == COVEY_OK) {
        st = covey_oscore_setup(&row->context, &c->crypto, &o->parameters,
                                &begin);
    }
    if (st != COVEY_OK) {
        tell(c, "oscore.context", row->file_name, covey_status_text(st));
    }
    row->started = st == COVEY_OK;
    return row->started;
}

/* --- groups -------------------------------------------------------------- */

struct wanted {
    covey_bytes id;
    uint64_t number;
};

static void on_recipient(void *user, covey_bytes recipient, uint64_t number)
{
    struct wanted *w = user;

    if (covey_bytes_equal(w->id, recipient)) {
        w->number = number;
    }
}

static uint64_t stored_number(void *user, covey_bytes id)
{
    struct context_row *row = user;
    struct wanted w = { id, COVEY_GROUP_NUMBER_UNKNOWN };

    (void)store_lease_recipients(row->all->store, &row->lease, on_recipient,
                                 &w);
    return w.number;
}

static bool keep_record(void *user, const covey_group_record *record)
{
    struct context_row *row = user;
    const store_numbers next = { record->number, 0, record->windows_invalid };
    const store_result result =
        record->id.ptr != NULL
            ? store_lease_recipient(row->all->store, &row->lease, record->id,
                                    record->number)
            : store_lease_keep(row->all->store, &row->lease, &next);

    if (result != STORE_OK) {
        tell(row->all, "oscore.store", row->file_name,
             store_error(row->all->store));
    }
    return result == STORE_OK;
}

static void on_any(void *user, covey_bytes recipient, uint64_t number)
{
    (void)recipient;
    (void)number;
    *(bool *)user = true;
}

/* The numbers of this member, and whether there have been any. */
static bool take_lease(struct contexts *c, struct context_row *row,
                       membership_storage *storage)
{
    const context_group *g = &row->file->group;
    const store_numbers first = { g->sequence_number, 0, g->windows_invalid };
    uint8_t key[COVEY_KEY_MAX];
    covey_writer w = covey_writer_of(key, sizeof key);
    uint8_t id[STORE_KEY_ID];
    covey_status st = membership_key(&w, g, &c->crypto);

    if (st == COVEY_OK) {
        st = store_key_id(&c->crypto, covey_written(&w), id);
    }
    covey_wipe(key, sizeof key);
    if (st != COVEY_OK) {
        tell(c, "oscore.context", row->file_name, covey_status_text(st));
        return false;
    }
    if (store_lease_take(c->store, covey_bytes_of(id, sizeof id), &first,
                         &row->lease) != STORE_OK ||
        store_lease_recipients(c->store, &row->lease, on_any,
                               &storage->used) != STORE_OK) {
        tell(c, "oscore.state", row->file_name, store_error(c->store));
        return false;
    }
    storage->ssn = row->lease.numbers.ssn;
    storage->windows_invalid = row->lease.numbers.windows_invalid;
    storage->used |= storage->ssn != first.ssn;
    return true;
}

static bool join(struct contexts *c, struct context_row *row,
                 const struct server_context *from)
{
    membership_options options = {
        .group = &row->file->group,
        .crypto = &c->crypto,
        .storage = { .number = stored_number,
                     .keep = keep_record,
                     .user = row },
        .ahead = ahead_of(from, row->file),
        .serves = true,
        .reply = (covey_group_reply)from->replies,
        .message_max = MESSAGE_MAX,
        .address = from->has_address ? &from->address : NULL,
    };
    char why[WHY_MAX];

    if (options.group->parameters.master_secret.ptr == NULL) {
        tell(c, "oscore.context", from->file,
             SERVER_CONTEXT_CHECKER " (RFC 10021 Section 7.5)");
        return false;
    }
    if (!take_lease(c, row, &options.storage)) {
        return false;
    }
    row->member = membership_open(&options, why, sizeof why);
    if (row->member == NULL) {
        tell(c, "oscore.context", from->file, why);
        return false;
    }
    c->protectors[c->protector_count++] = membership_protector(row->member);
    return true;
}

/* Its keys come later; until then it protects nothing. */
static bool join_managed(struct contexts *c, const struct context_row *row,
                         const struct server_context *from)
{
    const covey_protector *p =
        managed_groups_add(&c->managed, from, row->file);

    if (p != NULL) {
        c->protectors[c->protector_count++] = p;
    }
    return p != NULL;
}

static bool open_one(struct contexts *c, const struct server_context *from)
{
    struct context_row *row = &c->rows[c->count];

    row->file_name = from->file;
    row->file = context_load(from->file, stderr);
    if (row->file == NULL) {
        return false;
    }
    c->count++;
    row->all = c;
    if (row->file->type == CONTEXT_GROUP) {
        return join(c, row, from);
    }
    if (row->file->type == CONTEXT_MANAGED) {
        return join_managed(c, row, from);
    }
    if (from->has_address) {
        tell(c, "oscore.context", from->file, SERVER_CONTEXT_ADDRESS);
        return false;
    }
    return start(c, row, ahead_of(from, row->file));
}

static bool open_store(struct contexts *c, const struct server_config *config)
{
    const store_options options = { config->store, NULL, &c->crypto };
    char why[WHY_MAX];

    c->store = store_open(&options, why, sizeof why);
    if (c->store == NULL) {
        tell(c, "store.open", config->store, why);
    }
    return c->store != NULL;
}

bool contexts_open(struct contexts *c, const struct server_config *config,
                   const log_sink *log, loop *l)
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
    c->protectors = calloc(config->context_count + 1, sizeof *c->protectors);
    if (c->rows == NULL || c->protectors == NULL) {
        tell(c, "oscore.context", "", "out of memory");
        return false;
    }
    if (config->context_count > 0 && !open_store(c, config)) {
        return false;
    }
    c->managed.loop = l;
    c->managed.crypto = &c->crypto;
    c->managed.store = c->store;
    c->managed.log = log;
    c->oscore.find = find;
    c->oscore.store = keep;
    c->oscore.user = c;
    covey_oscore_protector_init(&c->oscore);
    c->protectors[0] = &c->oscore.protector;
    c->protector_count = config->context_count > 0 ? 1 : 0;
    for (size_t i = 0; i < config->context_count; i++) {
        if (!open_one(c, &config->contexts[i])) {
            return false;
        }
    }
    return true;
}

/* What was reserved and not used is given back. If that fails these numbers
 * are lost, which harms nobody. */
static void give_back(struct contexts *c, struct context_row *row)
{
    if (row->started) {
        const covey_oscore_state now = covey_oscore_exact(&row->context);
        const store_numbers exact = { now.ssn, now.window, false };
        (void)store_lease_release(c->store, &row->lease, &exact);
    }
    if (row->member != NULL) {
        const covey_group_record record = membership_exact(row->member);
        const store_numbers own = { record.number, 0, record.windows_invalid };
        (void)store_lease_release(c->store, &row->lease, &own);
        membership_close(row->member);
    }
}

void contexts_close(struct contexts *c)
{
    managed_groups_close(&c->managed);
    for (size_t i = 0; i < c->count; i++) {
        give_back(c, &c->rows[i]);
        covey_oscore_drop(&c->rows[i].context);
        context_free(c->rows[i].file);
    }
    free(c->rows);
    free(c->protectors);
    store_close(c->store);
    covey_openssl_close(&c->crypto);
}

/* --- what is shown ------------------------------------------------------- */

static void fill_managed(const struct contexts *c,
                         const struct context_row *row,
                         struct contexts_group *out)
{
    managed *m = managed_groups_find(&c->managed, row->file);

    out->name = row->file->managed.group;
    if (m != NULL && managed_is_in(m)) {
        out->group = managed_group(m);
        out->version = covey_member_version(managed_member(m));
    }
}

bool contexts_group_next(const struct contexts *c, size_t *at,
                         struct contexts_group *out)
{
    while (*at < c->count) {
        const struct context_row *row = &c->rows[(*at)++];
        *out = (struct contexts_group){ .file = row->file_name };
        if (row->file->type == CONTEXT_MANAGED) {
            fill_managed(c, row, out);
            return true;
        }
        if (row->member != NULL) {
            out->group = membership_group(row->member);
            return true;
        }
    }
    return false;
}

covey_random contexts_random(const struct contexts *c)
{
    const covey_random random = { c->crypto.random, c->crypto.provider };

    return random;
}
