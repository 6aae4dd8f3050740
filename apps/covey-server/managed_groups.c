/* SPDX-License-Identifier: BSD-2-Clause */
#include "managed_groups.h"

#include <managed.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    MESSAGE_MAX = 16384, /* of groups */
    NAME_CAP = 256
};

/* Groups of one manager have one association with it. */
struct managed_association {
    struct managed_association *next;
    struct managed_groups *all;
    association *open;
    uint8_t key_id[STORE_KEY_ID];
    store_lease lease;
};

struct managed_group {
    struct managed_group *next;
    struct managed_groups *all;
    const char *file_name;
    const context_managed *context;
    char name[NAME_CAP]; /* in the store */
    managed *open;
    bool has_lease;
    store_lease lease;
    uint8_t saved[STORE_SAVED_MAX]; /* while it is being opened */
    size_t saved_len;
};

static void tell(const struct managed_groups *g, const char *name,
                 const char *file, const char *why)
{
    const log_value values[] = { log_string("file", file),
                                 log_string("why", why) };
    const log_event event = { .level = LOG_LEVEL_ERROR,
                              .name = name,
                              .section = "RFC 10021 2.6",
                              .values = values,
                              .count = 2 };

    log_write(g->log, &event);
}

/* --- associations -------------------------------------------------------- */

static bool keep_association(void *user, const covey_oscore_state *state)
{
    struct managed_association *a = user;
    const store_numbers next = { state->ssn, state->window, false };

    if (store_lease_keep(a->all->store, &a->lease, &next) == STORE_OK) {
        return true;
    }
    tell(a->all, "oscore.store", "association", store_error(a->all->store));
    return false;
}

static association *reach(struct managed_association *a,
                          const context_managed *m, const char *file)
{
    const store_numbers first = { m->association->sequence_number, 0, false };
    association_options options = { .context = m->association,
                                    .crypto = a->all->crypto,
                                    .manager = m->manager,
                                    .keep = keep_association,
                                    .user = a };
    char why[ASSOCIATION_ERROR_MAX];

    if (store_lease_take(a->all->store,
                         covey_bytes_of(a->key_id, sizeof a->key_id), &first,
                         &a->lease) != STORE_OK) {
        tell(a->all, "oscore.state", file, store_error(a->all->store));
        return NULL;
    }
    options.state.ssn = a->lease.numbers.ssn;
    options.state.window = a->lease.numbers.window;
    a->open = association_open(a->all->loop, &options, why);
    if (a->open == NULL) {
        tell(a->all, "oscore.context", file, why);
    }
    return a->open;
}

/* One context is used in one place: a second group asks over the first one's
 * association. */
static association *associate(struct managed_groups *g,
                              const context_managed *m, const char *file)
{
    uint8_t id[STORE_KEY_ID];
    const covey_status st =
        store_oscore_id(g->crypto, &m->association->parameters, id);
    struct managed_association *a;

    if (st != COVEY_OK) {
        tell(g, "oscore.context", file, covey_status_text(st));
        return NULL;
    }
    for (a = g->associations; a != NULL; a = a->next) {
        if (memcmp(a->key_id, id, sizeof id) == 0) {
            return a->open;
        }
    }
    a = calloc(1, sizeof *a);
    if (a == NULL) {
        tell(g, "oscore.context", file, "out of memory");
        return NULL;
    }
    a->all = g;
    memcpy(a->key_id, id, sizeof id);
    a->next = g->associations;
    g->associations = a;
    return reach(a, m, file);
}

/* --- what is stored of a group ------------------------------------------- */

/* The new lease and what belongs to it as one change; the old one's numbers
 * are of keys that are never used again. */
static store_result put(struct managed_group *g, covey_bytes saved,
                        covey_bytes id, store_lease *lease)
{
    const store_numbers first = { 0, 0, false };
    const store_membership m = { covey_bytes_text(g->name), id, saved };
    store_result r = STORE_OK;

    if (id.ptr != NULL) {
        r = store_lease_take(g->all->store, id, &first, lease);
    }
    if (r == STORE_OK) {
        r = store_membership_put(g->all->store, &m);
    }
    if (r == STORE_OK && g->has_lease) {
        (void)store_lease_forget(g->all->store, &g->lease);
    }
    return r;
}

static bool save(void *user, covey_bytes saved, covey_bytes sender_key)
{
    struct managed_group *g = user;
    uint8_t id[STORE_KEY_ID];
    covey_bytes lease_id = { NULL, 0 };
    store_lease lease;
    store_result r;

    if (sender_key.ptr != NULL) {
        if (store_key_id(g->all->crypto, sender_key, id) != COVEY_OK) {
            return false;
        }
        lease_id = covey_bytes_of(id, sizeof id);
    }
    r = store_begin(g->all->store);
    if (r == STORE_OK) {
        r = put(g, saved, lease_id, &lease);
        if (r == STORE_OK) {
            r = store_commit(g->all->store);
        } else {
            store_rollback(g->all->store);
        }
    }
    if (r != STORE_OK) {
        tell(g->all, "oscore.store", g->file_name, store_error(g->all->store));
        return false;
    }
    g->has_lease = lease_id.ptr != NULL;
    if (g->has_lease) {
        g->lease = lease;
    }
    return true;
}

static void save_again(void *user, covey_bytes saved)
{
    struct managed_group *g = user;
    const covey_bytes none = { NULL, 0 };
    const store_membership m = {
        covey_bytes_text(g->name),
        g->has_lease ? covey_bytes_of(g->lease.id, g->lease.id_len) : none,
        saved,
    };

    if (store_membership_put(g->all->store, &m) != STORE_OK) {
        tell(g->all, "oscore.store", g->file_name, store_error(g->all->store));
    }
}

static bool keep(void *user, uint64_t ssn)
{
    struct managed_group *g = user;
    const store_numbers next = { ssn, 0, false };

    if (g->has_lease &&
        store_lease_keep(g->all->store, &g->lease, &next) == STORE_OK) {
        return true;
    }
    tell(g->all, "oscore.store", g->file_name, store_error(g->all->store));
    return false;
}

static void end(void *user)
{
    struct managed_group *g = user;
    store *s = g->all->store;

    (void)store_membership_delete(s, covey_bytes_text(g->name));
    if (g->has_lease) {
        (void)store_lease_forget(s, &g->lease);
    }
    g->has_lease = false;
}

struct found {
    struct managed_group *group;
    uint8_t lease[STORE_ID_MAX];
    size_t lease_len;
};

static void on_membership(void *user, const store_membership *m)
{
    struct found *f = user;

    memcpy(f->group->saved, m->saved.ptr, m->saved.len);
    f->group->saved_len = m->saved.len;
    if (m->lease.len > 0 && m->lease.len <= sizeof f->lease) {
        memcpy(f->lease, m->lease.ptr, m->lease.len);
        f->lease_len = m->lease.len;
    }
}

/* What was saved before, and its numbers. */
static bool load(struct managed_group *g, managed_storage *storage)
{
    /* What is saved always has its lease; without one nothing is left. */
    const store_numbers gone = { COVEY_OSCORE_SSN_END, 0, false };
    struct found f = { .group = g };
    store *s = g->all->store;
    store_result r =
        store_membership_get(s, covey_bytes_text(g->name), on_membership, &f);

    if (r == STORE_OK && f.lease_len > 0) {
        r = store_lease_take(s, covey_bytes_of(f.lease, f.lease_len), &gone,
                             &g->lease);
        g->has_lease = r == STORE_OK;
        storage->ssn = g->lease.numbers.ssn;
    }
    if (r != STORE_OK && r != STORE_NONE) {
        tell(g->all, "oscore.state", g->file_name, store_error(s));
        return false;
    }
    if (r == STORE_OK && storage->ssn < COVEY_OSCORE_SSN_END) {
        storage->saved = covey_bytes_of(g->saved, g->saved_len);
    }
    return true;
}

/* --- news ---------------------------------------------------------------- */

static const struct {
    managed_news news;
    log_level level;
    const char *name;
} tales[] = {
    { MANAGED_JOINED, LOG_LEVEL_NOTICE, "group.joined" },
    { MANAGED_RESUMED, LOG_LEVEL_NOTICE, "group.resumed" },
    { MANAGED_CURRENT, LOG_LEVEL_INFO, "group.current" },
    { MANAGED_REKEYED, LOG_LEVEL_NOTICE, "group.rekeyed" },
    { MANAGED_RENEWED, LOG_LEVEL_NOTICE, "group.renewed" },
    { MANAGED_REFUSED, LOG_LEVEL_ERROR, "group.refused" },
    { MANAGED_OUT, LOG_LEVEL_ERROR, "group.out" },
    { MANAGED_LEFT, LOG_LEVEL_NOTICE, "group.left" },
    { MANAGED_SILENT, LOG_LEVEL_WARNING, "group.silent" },
    { MANAGED_WRONG, LOG_LEVEL_WARNING, "group.wrong" },
};

static void on_tale(void *user, const managed_tale *tale)
{
    const struct managed_group *g = user;
    char group[COVEY_TEXT_MAX + 1] = "";
    log_value values[6];
    log_event event = { .section = "RFC 9594" };

    memcpy(group, g->context->group.ptr, g->context->group.len);
    for (size_t i = 0; i < sizeof tales / sizeof tales[0]; i++) {
        if (tales[i].news == tale->news) {
            event.name = tales[i].name;
            event.level = tales[i].level;
        }
    }
    values[event.count++] = log_string("group", group);
    if (g->open != NULL && managed_is_in(g->open)) {
        const covey_group *now = managed_group(g->open);
        values[event.count++] = log_number(
            "version", covey_member_version(managed_member(g->open)));
        values[event.count++] = log_hex("gid", covey_group_gid_of(now));
        values[event.count++] =
            log_hex("sender_id", covey_group_sender_of(now));
    }
    if (tale->code != 0) {
        values[event.count++] = log_number(
            "code", (uint64_t)(tale->code >> 5) * 100u + (tale->code & 31u));
    }
    if (tale->reason[0] != '\0') {
        values[event.count++] = log_string("why", tale->reason);
    }
    event.values = values;
    log_write(g->all->log, &event);
}

/* --- opening ------------------------------------------------------------- */

static void name_it(struct managed_group *g, const context_managed *m)
{
    char address[ADDRESS_TEXT_MAX];

    snprintf(g->name, sizeof g->name, "%s/%.*s/%.*s",
             address_text(&m->manager, address), (int)m->group.len,
             (const char *)m->group.ptr, (int)m->node.len,
             (const char *)m->node.ptr);
}

static bool open_group(struct managed_group *g,
                       const struct server_context *from, association *a)
{
    managed_options options = {
        .context = g->context,
        .crypto = g->all->crypto,
        .association = a,
        .storage = { .save = save,
                     .save_again = save_again,
                     .keep = keep,
                     .end = end,
                     .user = g },
        .ahead = from->ahead,
        .serves = true,
        .follows = true,
        .reply = (covey_group_reply)from->replies,
        .message_max = MESSAGE_MAX,
        .address = from->has_address ? &from->address : NULL,
        .on = on_tale,
        .user = g,
    };
    char why[ASSOCIATION_ERROR_MAX];

    if (!load(g, &options.storage)) {
        return false;
    }
    g->open = managed_open(g->all->loop, &options, why);
    covey_wipe(g->saved, sizeof g->saved);
    if (g->open == NULL) {
        tell(g->all, "oscore.context", from->file, why);
    }
    return g->open != NULL;
}

const covey_protector *managed_groups_add(struct managed_groups *all,
                                          const struct server_context *from,
                                          const context_file *file)
{
    association *a = associate(all, &file->managed, from->file);
    struct managed_group *g;

    if (a == NULL) {
        return NULL;
    }
    g = calloc(1, sizeof *g);
    if (g == NULL) {
        tell(all, "oscore.context", from->file, "out of memory");
        return NULL;
    }
    g->all = all;
    g->file_name = from->file;
    g->context = &file->managed;
    g->next = all->groups;
    all->groups = g;
    name_it(g, g->context);
    return open_group(g, from, a) ? managed_protector(g->open) : NULL;
}

managed *managed_groups_find(const struct managed_groups *all,
                             const context_file *file)
{
    const struct managed_group *g = all->groups;

    while (g != NULL && g->context != &file->managed) {
        g = g->next;
    }
    return g != NULL ? g->open : NULL;
}

/* --- closing ------------------------------------------------------------- */

static void close_group(struct managed_group *g)
{
    if (g->has_lease) {
        const store_numbers exact = { g->open != NULL ? managed_exact(g->open)
                                                      : g->lease.numbers.ssn,
                                      0, false };
        (void)store_lease_release(g->all->store, &g->lease, &exact);
    }
    managed_close(g->open);
    free(g);
}

static void close_association(struct managed_association *a)
{
    if (a->open != NULL) {
        const covey_oscore_state now = association_exact(a->open);
        const store_numbers exact = { now.ssn, now.window, false };
        (void)store_lease_release(a->all->store, &a->lease, &exact);
    }
    association_close(a->open);
    free(a);
}

void managed_groups_close(struct managed_groups *all)
{
    while (all->groups != NULL) {
        struct managed_group *g = all->groups;
        all->groups = g->next;
        close_group(g);
    }
    while (all->associations != NULL) {
        struct managed_association *a = all->associations;
        all->associations = a->next;
        close_association(a);
    }
}
