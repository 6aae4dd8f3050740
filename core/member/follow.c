/* SPDX-License-Identifier: BSD-2-Clause */
/* Following the manager: new keys as they come, or are found out about, and
 * other members. The profile's Section 11; RFC 10021 Section 2.6.3. */
#include "member_internal.h"

#include <string.h>

/* Before keys that could not be had or used are asked for again. */
#define RETRY_MS 5000u

void covey__member_tell(covey_member *m, covey_member_event_kind kind,
                        uint8_t code)
{
    m->event = (uint8_t)kind;
    m->code = code;
}

void covey__member_end(covey_member *m, covey_member_event_kind kind,
                       uint8_t code)
{
    covey_group_drop(m->memory.group);
    memset(m->memory.peers, 0,
           m->memory.start.recipient_max * sizeof *m->memory.peers);
    covey_wipe(&m->next, sizeof m->next);
    m->state = COVEY_MEMBER_OUT;
    m->want = 0;
    m->asked = 0;
    m->poll_at = COVEY_NEVER;
    covey__member_tell(m, kind, code);
}

void covey__member_schedule(covey_member *m, covey_time now)
{
    const uint32_t poll = m->config.poll != 0 ? m->config.poll : m->interval;

    m->poll_at = poll != 0 ? now.mono + poll : COVEY_NEVER;
}

void covey__member_retry(covey_member *m, covey_time now)
{
    m->state = COVEY_MEMBER_BEHIND;
    m->want &= (uint8_t)~ASK_STALE;
    m->poll_at = now.mono + RETRY_MS;
}

/* --- keys ---------------------------------------------------------------- */

covey_status covey__member_take(covey_member *m, const covey_keying_keys *k)
{
    covey_member_keys *n = &m->next;
    uint8_t id[sizeof n->id];
    covey_bytes sender_id = k->sender_id;

    if (k->gid.len > sizeof n->gid || k->ms.len > sizeof n->ms ||
        k->salt.len > sizeof n->salt || k->sender_id.len > sizeof n->id) {
        return COVEY_E_ROOM;
    }
    if (sender_id.ptr == NULL) {
        covey_oscore_copy(id, covey_bytes_of(n->id, n->id_len));
        sender_id = covey_bytes_of(id, n->id_len);
    }
    covey_wipe(n, sizeof *n);
    n->num = k->num;
    n->gid_len = (uint8_t)k->gid.len;
    n->ms_len = (uint8_t)k->ms.len;
    n->salt_len = (uint8_t)k->salt.len;
    n->id_len = (uint8_t)sender_id.len;
    n->has_id = k->sender_id.ptr != NULL;
    covey_oscore_copy(n->gid, k->gid);
    covey_oscore_copy(n->ms, k->ms);
    covey_oscore_copy(n->salt, k->salt);
    covey_oscore_copy(n->id, sender_id);
    return COVEY_OK;
}

void covey__member_forget_secret(covey_member *m)
{
    if (!m->config.keeps) {
        covey_wipe(m->next.ms, sizeof m->next.ms);
    }
}

static uint8_t next_turn(const covey_member *m)
{
    return (uint8_t)((m->gid_turn + 1u) % (sizeof m->gid / sizeof m->gid[0]));
}

covey_group_parameters covey__member_parameters(covey_member *m)
{
    const covey_keying_suite *s = &m->suite;
    uint8_t *const next = m->gid[next_turn(m)];
    covey_group_parameters p = {
        .algorithms = { .aead = s->aead,
                        .group_enc = s->group_enc,
                        .signature = s->signature,
                        .agreement = s->agreement },
        .hkdf = s->hkdf,
        .curve = s->curve,
        .master_secret = covey_bytes_of(m->next.ms, m->next.ms_len),
        .master_salt = covey_bytes_of(m->next.salt, m->next.salt_len),
        .gm_cred = m->kdc_cred,
    };

    memcpy(next, m->next.gid, m->next.gid_len);
    p.gid = covey_bytes_of(next, m->next.gid_len);
    return p;
}

void covey__member_turn_gid(covey_member *m)
{
    m->gid_turn = next_turn(m);
}

/* --- other members ------------------------------------------------------- */

static covey_member_peer *find_peer(const covey_member *m, covey_bytes id)
{
    for (size_t i = 0; i < m->memory.start.recipient_max; i++) {
        covey_member_peer *p = &m->memory.peers[i];

        if (p->present &&
            covey_bytes_equal(covey_bytes_of(p->id, p->id_len), id)) {
            return p;
        }
    }
    return NULL;
}

static covey_member_peer *free_peer(const covey_member *m)
{
    for (size_t i = 0; i < m->memory.start.recipient_max; i++) {
        if (!m->memory.peers[i].present) {
            return &m->memory.peers[i];
        }
    }
    return NULL;
}

static void forget_peer(covey_member *m, covey_bytes id)
{
    covey_member_peer *p = find_peer(m, id);

    if (p != NULL) {
        p->present = false;
    }
}

static covey_status add_peer(covey_member *m, const covey_keying_peer *peer,
                             uint64_t number)
{
    covey_member_peer *row = find_peer(m, peer->id);
    uint8_t storage[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_group_member member = { .id = peer->id,
                                  .number = number,
                                  .roles = peer->roles };
    covey_cose_key key;
    uint8_t *to;
    covey_status st;

    row = row != NULL ? row : free_peer(m);
    if (row == NULL) {
        return COVEY_OK; /* looked up when it is heard */
    }
    if (peer->credential.len > m->memory.credential_max ||
        peer->id.len > sizeof row->id) {
        return COVEY_E_ROOM;
    }
    st = covey_cose_credential_key(&key, peer->credential);
    if (st != COVEY_OK || key.curve != m->suite.curve) {
        return st != COVEY_OK ? st : COVEY_E_UNSUPPORTED;
    }
    covey_cose_key_put_public(&w, &key);
    to = m->memory.credentials +
         (size_t)(row - m->memory.peers) * m->memory.credential_max;
    memmove(to, peer->credential.ptr, peer->credential.len);
    row->credential = covey_bytes_of(to, peer->credential.len);
    member.credential = row->credential;
    member.public_key = covey_written(&w);
    st = covey_group_add(m->memory.group, &member, NULL);
    row->present = st == COVEY_OK;
    row->id_len = (uint8_t)peer->id.len;
    covey_oscore_copy(row->id, peer->id);
    return st;
}

covey_status covey__member_add_peers(covey_member *m,
                                     const covey_bytes *values)
{
    covey_keying_peers it;
    covey_keying_peer peer;
    covey_status st = covey_keying_peers_of(&it, values);

    while (st == COVEY_OK && covey_keying_peers_next(&it, &peer)) {
        uint64_t number = COVEY_GROUP_NUMBER_UNKNOWN;

        if (covey_bytes_equal(peer.id,
                              covey_bytes_of(m->next.id, m->next.id_len))) {
            continue; /* ourselves */
        }
        if (m->memory.start.late == COVEY_GROUP_LATE_MANAGER &&
            covey_keying_number_of(values[COVEY_GC_NUMBERS], peer.id,
                                   &number)) {
            number++; /* that one has been heard */
        }
        st = add_peer(m, &peer, number);
        if (st == COVEY_E_UNSUPPORTED || st == COVEY_E_FORMAT) {
            st = COVEY_OK; /* one that we cannot verify is not heard */
        }
    }
    return st;
}

static void forget(covey_member *m, covey_bytes id)
{
    covey_group_recipient *r = covey_group_find(m->memory.group, id);

    if (r != NULL) {
        covey_group_remove(m->memory.group, r);
    }
    forget_peer(m, id);
}

/* Everybody else goes. */
static void forget_all(covey_member *m)
{
    for (size_t i = 0; i < m->memory.start.recipient_max; i++) {
        const covey_member_peer *p = &m->memory.peers[i];

        if (p->present) {
            forget(m, covey_bytes_of(p->id, p->id_len));
        }
    }
}

/* --- rekeying ------------------------------------------------------------ */

static covey_bytes own_id(const covey_member *m)
{
    return covey_group_sender_of(m->memory.group);
}

/* Our own Sender ID was given up, or may have been: we have applied for
 * another one, and do not know it. Under these keys it may be somebody else's.
 */
static bool is_doubtful(const covey_member *m, const covey_keying_list *stale)
{
    covey_keying_list rest;
    covey_bytes id;

    if (m->next.has_id || own_id(m).ptr == NULL) {
        return false;
    }
    if (stale == NULL) {
        return true;
    }
    rest = *stale;
    while (covey_keying_list_next(&rest, &id)) {
        if (covey_bytes_equal(id, own_id(m))) {
            return true;
        }
    }
    return false;
}

/* `next` takes effect; `stale` absent: nobody is known any more. */
static covey_status install(covey_member *m, covey_time now,
                            covey_keying_list *stale)
{
    covey_bytes id = { NULL, 0 };
    covey_group_parameters p;
    covey_status st;

    if (is_doubtful(m, stale)) {
        m->state = COVEY_MEMBER_BEHIND;
        m->want = (m->want & (uint8_t)~ASK_STALE) | ASK_KEYS;
        return COVEY_OK;
    }
    if (stale == NULL) {
        forget_all(m);
    }
    while (stale != NULL && covey_keying_list_next(stale, &id)) {
        forget(m, id);
    }
    id = covey_bytes_of(NULL, 0);
    if (m->next.has_id) {
        id = covey_bytes_of(m->next.id, m->next.id_len);
        forget(m, id);
    }
    p = covey__member_parameters(m);
    st = covey_group_rekey(m->memory.group, &p, id, NULL, 0);
    covey__member_forget_secret(m);
    if (st != COVEY_OK) {
        covey__member_retry(m, now);
        return st;
    }
    covey__member_turn_gid(m);
    m->num = m->next.num;
    m->state = COVEY_MEMBER_IN;
    m->want &= (uint8_t) ~(ASK_KEYS | ASK_STALE | ASK_NUM);
    covey__member_schedule(m, now);
    covey__member_tell(m, COVEY_MEMBER_REKEYED, 0);
    return COVEY_OK;
}

/* Another Sender ID under the keys that we have. */
static covey_status follow_id(covey_member *m, const covey_keying_keys *k)
{
    covey_status st;

    if (k->sender_id.ptr == NULL ||
        covey_bytes_equal(k->sender_id, own_id(m))) {
        return COVEY_OK;
    }
    forget(m, k->sender_id);
    st = covey_group_change_sender(m->memory.group, k->sender_id);
    if (st == COVEY_OK) {
        st = covey__member_take(m, k);
        covey__member_forget_secret(m);
    }
    if (st == COVEY_OK) {
        covey__member_tell(m, COVEY_MEMBER_RENEWED, 0);
    }
    return st;
}

covey_status covey__member_follow(covey_member *m, covey_time now,
                                  const covey_bytes *values)
{
    covey_keying_keys k;
    covey_keying_list stale;
    covey_keying_peers joined;
    covey_status st = covey_keying_keys_of(&k, values);

    if (st == COVEY_OK) {
        st = covey_keying_peers_of(&joined, values);
    }
    if (st != COVEY_OK) {
        return st;
    }
    if (k.empty) {
        covey__member_end(m, COVEY_MEMBER_ENDED, 0);
        return COVEY_OK;
    }
    if (m->state == COVEY_MEMBER_CATCHING_UP && k.num < m->next.num) {
        return COVEY_OK; /* newer ones are here already */
    }
    if (k.num <= m->num) {
        if (m->state == COVEY_MEMBER_BEHIND) {
            m->state = COVEY_MEMBER_IN;
            covey__member_schedule(m, now);
        }
        return k.num == m->num ? follow_id(m, &k) : COVEY_OK;
    }
    st = covey__member_take(m, &k);
    if (st != COVEY_OK) {
        return st;
    }
    if (k.num == m->num + 1 && values[COVEY_GC_STALE_NODE_IDS].ptr != NULL) {
        st = covey_keying_list_of(&stale, values[COVEY_GC_STALE_NODE_IDS]);
        st = st == COVEY_OK ? install(m, now, &stale) : st;
        if (st == COVEY_OK) {
            /* Who is not taken now is looked up when heard. */
            (void)!covey__member_add_peers(m, values);
        }
        return st;
    }
    /* Whoever reads the old keys reads on until we know who is stale. */
    m->state = COVEY_MEMBER_CATCHING_UP;
    m->want |= ASK_STALE;
    return COVEY_OK;
}

covey_status covey__member_catch_up(covey_member *m, covey_time now,
                                    covey_bytes payload)
{
    covey_keying_list stale;

    if ((m->want & ASK_STALE) != 0) {
        return COVEY_OK; /* asked before still newer keys came */
    }
    if (payload.len == 0 ||
        covey_keying_list_of(&stale, payload) != COVEY_OK) {
        return install(m, now, NULL);
    }
    return install(m, now, &stale);
}
