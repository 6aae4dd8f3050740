/* SPDX-License-Identifier: BSD-2-Clause */
#include "membership.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct membership {
    membership_options options;
    covey_group group;
    covey_group_recipient *table;
    covey_key private_key;
    uint64_t *stored; /* of each member, as in the context file */
    bool windows_invalid;
    covey_group_protector protector;
};

/* --- what the protector asks --------------------------------------------- */

static covey_group *find(void *user, covey_bytes gid, const covey_path *path)
{
    membership *m = user;
    const covey_address *address = m->options.address;

    if (!m->options.serves) {
        return NULL;
    }
    if (address != NULL && path->group &&
        (path->local.family != address->family ||
         memcmp(path->local.ip, address->ip, sizeof address->ip) != 0)) {
        return NULL;
    }
    return covey_bytes_equal(gid, m->options.group->parameters.gid) ? &m->group
                                                                    : NULL;
}

/* The place of a member; member_count: nobody has this ID. */
static size_t place_of(const context_group *g, covey_bytes id)
{
    size_t i = 0;

    while (i < g->member_count && !covey_bytes_equal(g->members[i].id, id)) {
        i++;
    }
    return i;
}

/* Whether all are to be challenged once. */
static bool asks_again(const membership *m)
{
    return m->options.storage.used &&
           m->options.group->late != COVEY_GROUP_LATE_DROP_FIRST;
}

/* The higher of what was stored and what the context file says. */
static uint64_t number_of(const membership *m, size_t i)
{
    const uint64_t known = m->options.group->members[i].number;
    const uint64_t stored = m->stored[i];

    if (asks_again(m)) {
        return COVEY_GROUP_NUMBER_UNKNOWN;
    }
    if (stored == COVEY_GROUP_NUMBER_UNKNOWN) {
        return known;
    }
    return known != COVEY_GROUP_NUMBER_UNKNOWN && known > stored ? known
                                                                 : stored;
}

static covey_status meet(void *user, const covey_group *g,
                         covey_group_member *member)
{
    const membership *m = user;
    const size_t i = place_of(m->options.group, member->id);

    (void)g;
    if (i == m->options.group->member_count) {
        return COVEY_E_NO_CONTEXT;
    }
    *member = m->options.group->members[i];
    member->number = number_of(m, i);
    return COVEY_OK;
}

/* Whether that is below what has been stored already: members that are
 * challenged begin anew here, but not there. */
static bool is_stored(const membership *m, const covey_group_record *record)
{
    const size_t i = place_of(m->options.group, record->id);

    return m->stored[i] != COVEY_GROUP_NUMBER_UNKNOWN &&
           m->stored[i] >= record->number;
}

static covey_status store(void *user, const covey_group *g,
                          const covey_group_record *record)
{
    membership *m = user;
    const membership_storage *s = &m->options.storage;

    (void)g;
    if (record->id.ptr != NULL && is_stored(m, record)) {
        return COVEY_OK;
    }
    if (s->keep != NULL && !s->keep(s->user, record)) {
        return COVEY_E_NOT_STORED;
    }
    if (record->id.ptr != NULL) {
        m->stored[place_of(m->options.group, record->id)] = record->number;
    } else {
        m->windows_invalid = record->windows_invalid;
    }
    return COVEY_OK;
}

/* --- opening ------------------------------------------------------------- */

covey_status membership_key(covey_writer *out, const context_group *g,
                            const covey_crypto *crypto)
{
    const covey_group_algorithms *a = &g->parameters.algorithms;
    const covey_alg *alg = covey_aead_find(
        a->group_enc != COVEY_ALG_UNSET ? a->group_enc : a->aead);
    covey_writer key = covey_writer_of(out->base, alg->key_len);
    covey_group_keys keys;
    covey_status st;

    if (g->sender_id.ptr != NULL) {
        st = covey_group_derive_sender_key(&key, &g->parameters, g->sender_id,
                                           crypto);
        out->pos = key.pos;
        return st;
    }
    st = covey_group_derive(&keys, &g->parameters, crypto);
    if (st == COVEY_OK) {
        covey_write_bytes(out, covey_bytes_of(keys.common_iv, keys.iv_len));
    }
    covey_wipe(&keys, sizeof keys);
    return st;
}

/* The longest credential of the group. */
static size_t credential_max(const context_group *g)
{
    size_t max = g->parameters.gm_cred.len;

    max = g->credential.len > max ? g->credential.len : max;
    for (size_t i = 0; i < g->member_count; i++) {
        const size_t len = g->members[i].credential.len;
        max = len > max ? len : max;
    }
    return max;
}

static bool open_tables(membership *m)
{
    const context_group *g = m->options.group;
    covey_group_protector *p = &m->protector;
    covey_group_answers *a = &p->answers;

    a->count = m->options.requests;
    a->each = (uint16_t)(g->member_count + 1);
    a->rows = calloc((size_t)a->count * a->each + 1, sizeof *a->rows);
    a->next = calloc(a->count + 1u, sizeof *a->next);
    m->table = calloc(g->member_count + 1, sizeof *m->table);
    m->stored = calloc(g->member_count + 1, sizeof *m->stored);
    p->scratch_len = COVEY_GROUP_SCRATCH(
        m->options.message_max, credential_max(g), g->parameters.gid.len);
    p->scratch = malloc(p->scratch_len);
    p->find = find;
    p->meet = meet;
    p->store = store;
    p->user = m;
    p->reply = m->options.reply;
    covey_group_protector_init(p);
    return a->rows != NULL && a->next != NULL && m->table != NULL &&
           m->stored != NULL && p->scratch != NULL;
}

static covey_status join(membership *m)
{
    const context_group *g = m->options.group;
    const bool has_key = g->private_key.ptr != NULL;
    const covey_group_start start = {
        .sender_id = g->sender_id,
        .credential = g->credential,
        .private_key = has_key ? &m->private_key : NULL,
        .recipients = m->table,
        .recipient_max = (uint16_t)(g->member_count + 1),
        .window_size = g->replay_window.size,
        .window_word_count = g->replay_window.word_count,
        .window_words = g->replay_window.words,
        .ssn = m->options.storage.ssn,
        .ahead = m->options.ahead,
        .windows_invalid = g->windows_invalid ||
                           m->options.storage.windows_invalid || asks_again(m),
        .late = g->late,
        .kid_always = g->kid_always,
    };
    const covey_crypto *crypto = m->options.crypto;
    covey_status st = COVEY_OK;

    if (has_key) {
        st =
            crypto->private_key(crypto->provider, (int32_t)g->parameters.curve,
                                g->private_key, &m->private_key);
    }
    return st == COVEY_OK
               ? covey_group_setup(&m->group, crypto, &g->parameters, &start)
               : st;
}

static void load(membership *m)
{
    const context_group *g = m->options.group;
    const membership_storage *s = &m->options.storage;

    for (size_t i = 0; i <= g->member_count; i++) {
        m->stored[i] = s->number != NULL && i < g->member_count
                           ? s->number(s->user, g->members[i].id)
                           : COVEY_GROUP_NUMBER_UNKNOWN;
    }
    m->windows_invalid = s->windows_invalid;
}

membership *membership_open(const membership_options *options, char *error,
                            size_t cap)
{
    membership *m = calloc(1, sizeof *m);

    if (m == NULL) {
        snprintf(error, cap, "out of memory");
        return NULL;
    }
    m->options = *options;
    if (!open_tables(m)) {
        snprintf(error, cap, "out of memory");
    } else {
        load(m);
        const covey_status st = join(m);
        if (st == COVEY_OK) {
            return m;
        }
        snprintf(error, cap, "no context can be derived: %s [%s]",
                 covey_status_text(st), covey_status_name(st));
    }
    membership_close(m);
    return NULL;
}

void membership_close(membership *m)
{
    const covey_crypto *crypto;

    if (m == NULL) {
        return;
    }
    crypto = m->options.crypto;
    covey_group_drop(&m->group);
    crypto->key_drop(crypto->provider, &m->private_key);
    free(m->protector.answers.rows);
    free(m->protector.answers.next);
    free(m->protector.scratch);
    free(m->table);
    free(m->stored);
    free(m);
}

/* --- using --------------------------------------------------------------- */

const covey_protector *membership_protector(const membership *m)
{
    return &m->protector.protector;
}

covey_group *membership_group(membership *m)
{
    return &m->group;
}

covey_group_record membership_exact(const membership *m)
{
    const covey_group_record record = {
        .number = COVEY_OSCORE_SSN_END - covey_group_usage_of(&m->group).left,
        .windows_invalid = m->windows_invalid,
    };

    return record;
}
