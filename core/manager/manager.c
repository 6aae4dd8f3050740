/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of groups and members: their rows, how they are loaded, and what
 * follows from a row alone. Members of a group hang in a list by index. */
#include "manager_internal.h"

#include <string.h>

static void init_lists(covey_manager *m)
{
    const covey_manager_memory *t = &m->memory;

    memset(t->groups, 0, t->group_count * sizeof *t->groups);
    memset(t->members, 0, t->member_count * sizeof *t->members);
    memset(t->stale, 0, t->stale_count * sizeof *t->stale);
    for (uint32_t i = 0; i < t->member_count; i++) {
        t->members[i].next = i + 1 < t->member_count ? i + 1 : NO_ROW;
    }
    for (uint32_t i = 0; i < t->node_count; i++) {
        t->nodes[i].challenged = false;
    }
    m->free_member = 0;
}

static void set_defaults(covey_manager_config *c)
{
    if (c->challenge_life == 0) {
        c->challenge_life = 60000;
    }
    if (c->tell_max == 0) {
        c->tell_max = 32;
    }
    if (c->tell_attempts == 0) {
        c->tell_attempts = 4;
    }
    if (c->tell_pause == 0) {
        c->tell_pause = 2000;
    }
    if (c->lifetime == 0) {
        c->lifetime = 86400;
    }
}

covey_status covey_manager_init(covey_manager *m,
                                const covey_manager_config *config,
                                const covey_manager_memory *t, covey_time now)
{
    memset(m, 0, sizeof *m);
    if (config->crypto == NULL || t->groups == NULL || t->members == NULL ||
        t->credentials == NULL || t->stale == NULL || t->nodes == NULL ||
        t->pending == NULL || t->log == NULL || t->group_count == 0 ||
        t->member_count == 0 || t->pending_count == 0 ||
        t->credential_max == 0 ||
        config->gid_prefix.len > COVEY_MANAGER_PREFIX_MAX) {
        return COVEY_E_ARGUMENT;
    }
    m->config = *config;
    m->memory = *t;
    set_defaults(&m->config);
    m->prefix_len = (uint8_t)config->gid_prefix.len;
    for (size_t i = 0; i < m->prefix_len; i++) {
        m->prefix[i] = config->gid_prefix.ptr[i];
    }
    m->next_serial = 1;
    m->staged_at = COVEY_NEVER;
    m->lazy_at = COVEY_NEVER;
    m->now = now;
    init_lists(m);
    return COVEY_OK;
}

void covey_manager_drop(covey_manager *m)
{
    const covey_manager_memory *t = &m->memory;

    if (t->groups != NULL) {
        covey_wipe(t->groups, t->group_count * sizeof *t->groups);
    }
    covey_wipe(m, sizeof *m);
}

/* --- finding ------------------------------------------------------------- */

covey_manager_group *covey__manager_group_by_name(const covey_manager *m,
                                                  covey_bytes name)
{
    for (uint32_t i = 0; i < m->memory.group_count; i++) {
        covey_manager_group *g = &m->memory.groups[i];

        if (g->serial != 0 &&
            covey_bytes_equal(covey__manager_group_name(g), name)) {
            return g;
        }
    }
    return NULL;
}

covey_manager_group *covey__manager_group_by_serial(const covey_manager *m,
                                                    uint16_t serial)
{
    for (uint32_t i = 0; i < m->memory.group_count; i++) {
        if (m->memory.groups[i].serial == serial) {
            return &m->memory.groups[i];
        }
    }
    return NULL;
}

covey_manager_group *covey__manager_group_row(const covey_manager *m)
{
    return covey__manager_group_by_serial(m, 0);
}

covey_manager_member *covey__manager_next(const covey_manager *m,
                                          const covey_manager_group *g,
                                          const covey_manager_member *after)
{
    const uint32_t at = after == NULL ? g->first : after->next;

    return at == NO_ROW ? NULL : &m->memory.members[at];
}

covey_manager_member *covey__manager_member_of(const covey_manager *m,
                                               const covey_manager_group *g,
                                               covey_bytes name)
{
    covey_manager_member *r = covey__manager_next(m, g, NULL);

    while (r != NULL &&
           ((r->flags & MEMBER_REMOVE) != 0 ||
            !covey_bytes_equal(covey__manager_member_name(r), name))) {
        r = covey__manager_next(m, g, r);
    }
    return r;
}

/* --- rows ---------------------------------------------------------------- */

static uint32_t index_of(const covey_manager *m, const covey_manager_member *r)
{
    return (uint32_t)(r - m->memory.members);
}

static void copy_chars(char *to, covey_bytes from)
{
    for (size_t i = 0; i < from.len; i++) {
        to[i] = (char)from.ptr[i];
    }
}

covey_manager_member *covey__manager_member_new(covey_manager *m,
                                                covey_manager_group *g,
                                                covey_bytes name)
{
    covey_manager_member *r;

    if (m->free_member == NO_ROW) {
        return NULL;
    }
    r = &m->memory.members[m->free_member];
    m->free_member = r->next;
    memset(r, 0, sizeof *r);
    r->serial = g->serial;
    r->standing = COVEY_MANAGER_PRESENT;
    r->name_len = (uint8_t)name.len;
    copy_chars(r->name, name);
    r->next = g->first;
    g->first = index_of(m, r);
    g->members++;
    return r;
}

void covey__manager_member_free(covey_manager *m, covey_manager_group *g,
                                covey_manager_member *r)
{
    const uint32_t at = index_of(m, r);
    uint32_t *link = &g->first;

    covey__manager_forgive(m, g, r);
    while (*link != at) {
        link = &m->memory.members[*link].next;
    }
    *link = r->next;
    memset(r, 0, sizeof *r);
    r->next = m->free_member;
    m->free_member = at;
}

covey_status covey__manager_set_credential(covey_manager *m,
                                           covey_manager_member *r,
                                           covey_bytes credential)
{
    uint8_t *to = m->memory.credentials +
                  (size_t)index_of(m, r) * m->memory.credential_max;

    if (credential.len > m->memory.credential_max) {
        return COVEY_E_ROOM;
    }
    if (credential.len > 0) {
        memmove(to, credential.ptr, credential.len);
    }
    r->credential = covey_bytes_of(to, credential.len);
    return COVEY_OK;
}

void covey__manager_group_free(covey_manager *m, covey_manager_group *g)
{
    while (g->first != NO_ROW) {
        covey__manager_member_free(m, g, &m->memory.members[g->first]);
    }
    for (uint32_t i = 0; i < m->memory.stale_count; i++) {
        if (m->memory.stale[i].serial == g->serial) {
            memset(&m->memory.stale[i], 0, sizeof m->memory.stale[i]);
        }
    }
    covey_wipe(g, sizeof *g);
}

/* --- what follows from a row --------------------------------------------- */

const covey_manager_identity *
covey__manager_identity(const covey_manager *m, const covey_keying_suite *s)
{
    for (size_t i = 0; i < m->config.identity_count; i++) {
        const covey_manager_identity *id = &m->config.identities[i];

        if (id->curve == s->curve && id->cred_fmt == s->cred_fmt) {
            return id;
        }
    }
    return NULL;
}

covey_bytes covey_manager_gid(const covey_manager *m,
                              const covey_manager_group *g,
                              uint8_t storage[COVEY_MANAGER_GID_MAX])
{
    covey_writer w = covey_writer_of(storage, COVEY_MANAGER_GID_MAX);

    covey_write_bytes(&w, covey_bytes_of(m->prefix, m->prefix_len));
    covey_write_u16(&w, g->serial);
    covey_write_u8(&w, (uint8_t)(g->version >> 16));
    covey_write_u16(&w, (uint16_t)g->version);
    return covey_written(&w);
}

size_t covey__manager_secret_len(const covey_keying_suite *s)
{
    const covey_alg *enc = covey_aead_find(s->group_enc);
    const covey_alg *aead = covey_aead_find(s->aead);
    const size_t a = enc != NULL ? enc->key_len : 0;
    const size_t b = aead != NULL ? aead->key_len : 0;

    return a > b ? a : b;
}

covey_group_parameters covey__manager_parameters(const covey_manager *m,
                                                 const covey_manager_group *g,
                                                 uint8_t *gid)
{
    const covey_keying_suite *s = &g->suite;
    const covey_manager_identity *id = covey__manager_identity(m, s);
    covey_group_parameters p = {
        .algorithms = { .aead = s->aead,
                        .group_enc = s->group_enc,
                        .signature = s->signature,
                        .agreement = s->agreement },
        .hkdf = s->hkdf,
        .curve = s->curve,
        .gid = covey_manager_gid(m, g, gid),
        .master_secret =
            covey_bytes_of(g->master_secret, covey__manager_secret_len(s)),
        .master_salt = covey_bytes_of(g->master_salt, COVEY_MANAGER_SALT_LEN),
        .gm_cred = id != NULL ? id->credential : covey_bytes_of(NULL, 0),
    };

    return p;
}

covey_status covey__manager_check_suite(const covey_manager *m,
                                        const covey_keying_suite *s,
                                        size_t id_len)
{
    const covey_manager_group like = { .suite = *s };
    uint8_t gid[COVEY_MANAGER_GID_MAX];
    covey_group_parameters p = covey__manager_parameters(m, &like, gid);
    covey_status st;

    if (covey__manager_identity(m, s) == NULL) {
        return COVEY_E_UNSUPPORTED;
    }
    if (p.master_secret.len == 0) {
        return COVEY_E_UNSUPPORTED;
    }
    st = covey_group_check(&p);
    if (st == COVEY_OK &&
        (id_len == 0 || id_len > covey_group_id_max(&p.algorithms))) {
        st = COVEY_E_ARGUMENT;
    }
    return st;
}

/* --- loading ------------------------------------------------------------- */

void covey_manager_load_serial(covey_manager *m, uint32_t next)
{
    m->next_serial = next > 0 ? next : 1;
}

static bool is_sound_group(const covey_manager_group *row)
{
    return row->serial != 0 && row->name_len > 0 &&
           row->name_len <= COVEY_MANAGER_NAME_MAX &&
           row->description_len <= COVEY_MANAGER_TEXT_MAX &&
           row->version <= COVEY_MANAGER_VERSION_MAX &&
           row->max_stale_sets > 0 &&
           row->max_stale_sets <= COVEY_MANAGER_STALE_SETS_MAX &&
           row->sender_next >= row->sender_floor;
}

covey_status covey_manager_load_group(covey_manager *m,
                                      const covey_manager_group *row)
{
    covey_manager_group *g;
    covey_status st;

    if (!is_sound_group(row)) {
        return COVEY_E_ARGUMENT;
    }
    g = covey__manager_group_by_serial(m, row->serial);
    if ((g != NULL && (g->flags & GROUP_LOST) == 0) ||
        (g == NULL && covey__manager_group_by_name(
                          m, covey__manager_group_name(row)) != NULL)) {
        return COVEY_E_ARGUMENT;
    }
    st = covey__manager_check_suite(m, &row->suite, row->id_len);
    if (st != COVEY_OK) {
        return st;
    }
    g = g != NULL ? g : covey__manager_group_row(m);
    if (g == NULL) {
        return COVEY_E_ROOM;
    }
    *g = *row;
    g->flags = 0;
    g->causes = 0;
    g->first = NO_ROW;
    g->members = 0;
    g->owing = 0;
    g->reached = 0;
    covey__manager_set_due(m, g);
    return COVEY_OK;
}

static bool is_sound_member(const covey_manager_member *row)
{
    return row->name_len > 0 && row->name_len <= COVEY_MANAGER_NODE_MAX &&
           (row->standing == COVEY_MANAGER_PRESENT ||
            row->standing == COVEY_MANAGER_EVICTED) &&
           row->id_len <= COVEY_OSCORE_ID_MAX &&
           row->n_c_len <= COVEY_KEYING_NONCE_MAX &&
           row->uri_len <= COVEY_MANAGER_URI_MAX;
}

covey_status covey_manager_load_member(covey_manager *m,
                                       const covey_manager_member *row)
{
    covey_manager_group *g = covey__manager_group_by_serial(m, row->serial);
    covey_manager_member *r;
    uint32_t next;

    if (row->serial == 0 || g == NULL || !is_sound_member(row) ||
        covey__manager_member_of(m, g, covey__manager_member_name(row)) !=
            NULL) {
        return COVEY_E_ARGUMENT;
    }
    if (row->credential.len > m->memory.credential_max) {
        return COVEY_E_ROOM;
    }
    r = covey__manager_member_new(m, g, covey__manager_member_name(row));
    if (r == NULL) {
        return COVEY_E_ROOM;
    }
    next = r->next;
    *r = *row;
    r->next = next;
    r->flags = 0;
    r->attempts = 0;
    r->number = 0;
    if (r->standing == COVEY_MANAGER_EVICTED) {
        g->members--;
    }
    covey__manager_owe(m, g);
    return covey__manager_set_credential(m, r, row->credential);
}

covey_status covey_manager_load_stale(covey_manager *m,
                                      const covey_manager_stale *row)
{
    const covey_manager_group *g =
        covey__manager_group_by_serial(m, row->serial);

    if (row->serial == 0 || g == NULL || row->id_len > COVEY_OSCORE_ID_MAX ||
        row->version > g->version) {
        return COVEY_E_ARGUMENT;
    }
    for (uint32_t i = 0; i < m->memory.stale_count; i++) {
        if (m->memory.stale[i].serial == 0) {
            m->memory.stale[i] = *row;
            m->memory.stale[i].flags = 0;
            return COVEY_OK;
        }
    }
    return COVEY_E_ROOM;
}

bool covey_manager_forget(covey_manager *m, uint16_t serial)
{
    covey_manager_group *g = covey__manager_group_by_serial(m, serial);

    if (serial == 0 || g == NULL) {
        return true;
    }
    if ((g->flags & GROUP_LOST) == 0 &&
        ((g->flags & GROUP_STAGED) != 0 || m->in_flight ||
         m->pending_next < m->pending_released)) {
        return false;
    }
    covey__manager_group_free(m, g);
    return true;
}
