/* SPDX-License-Identifier: BSD-2-Clause */
/* What survives a restart of a member: keys, version, Sender ID, and the other
 * members as far as there is room. Its sequence number and the windows are
 * stored beside it, as of any group. */
#include "member_internal.h"

#include <string.h>

/* Keys that came and are not in use yet are not for saving. */
static bool can_save(const covey_member *m)
{
    return m->state == COVEY_MEMBER_IN && m->config.keeps &&
           m->next.num == m->num && m->next.ms_len > 0;
}

/* What is written beside the members, at most, and what is between them. */
#define FIXED_MAX 320u
#define BETWEEN   12u

static const covey_member_peer *next_peer(const covey_member *m,
                                          const covey_member_peer *after)
{
    const covey_member_peer *end =
        m->memory.peers + m->memory.start.recipient_max;
    const covey_member_peer *p = after != NULL ? after + 1 : m->memory.peers;

    while (p != end && !p->present) {
        p++;
    }
    return p != end ? p : NULL;
}

/* How many there is room for. */
static size_t fitting(const covey_member *m, size_t room)
{
    const covey_member_peer *p = NULL;
    size_t used = FIXED_MAX + m->kdc_cred.len;
    size_t count = 0;

    while ((p = next_peer(m, p)) != NULL) {
        used += p->credential.len + p->id_len + BETWEEN;
        if (used > room) {
            break;
        }
        count++;
    }
    return count;
}

static void put_peers(const covey_member *m, size_t count, covey_writer *out)
{
    for (unsigned place = COVEY_GC_CREDS; place <= COVEY_GC_PEER_IDENTIFIERS;
         place++) {
        const covey_member_peer *p = NULL;

        covey_keying_put_list(out, place, count);
        for (size_t i = 0; i < count; i++) {
            p = next_peer(m, p);
            if (p == NULL) {
                return; /* counted before */
            }
            const covey_bytes id = covey_bytes_of(p->id, p->id_len);
            if (place == COVEY_GC_CREDS) {
                covey_cbor_put_bytes(out, p->credential);
            } else if (place == COVEY_GC_PEER_ROLES) {
                covey_cbor_put_uint(out, covey_group_roles_of(covey_group_find(
                                             m->memory.group, id)));
            } else {
                covey_cbor_put_bytes(out, id);
            }
        }
    }
}

covey_status covey_member_save(const covey_member *m, covey_writer *out)
{
    const size_t peers = fitting(m, out->cap - out->pos);
    const covey_member_keys *n = &m->next;
    covey_keying_material k = {
        .suite = &m->suite,
        .ms = covey_bytes_of(n->ms, n->ms_len),
        .salt = covey_bytes_of(n->salt, n->salt_len),
        .gid = covey_bytes_of(n->gid, n->gid_len),
        .num = n->num,
        .peers = peers > 0,
        .policies = true,
        .check_interval = m->interval / 1000,
        .kdc_cred = m->kdc_cred,
    };

    if (!can_save(m)) {
        return COVEY_E_STATE;
    }
    if (n->id_len > 0) {
        k.sender_id = covey_bytes_of(n->id, n->id_len);
    }
    covey_keying_put_material(out, &k);
    if (k.peers) {
        put_peers(m, peers, out);
    }
    covey_keying_put_material_rest(out, &k);
    return out->failed;
}

covey_status covey_member_sender_key(const covey_member *m, covey_writer *out)
{
    const covey_group_algorithms *a = &m->memory.group->algorithms;
    const covey_alg *alg = covey_aead_find(
        a->group_enc != COVEY_ALG_UNSET ? a->group_enc : a->aead);
    const covey_group_parameters p = {
        .algorithms = *a,
        .hkdf = m->suite.hkdf,
        .curve = m->suite.curve,
        .gid = covey_bytes_of(m->next.gid, m->next.gid_len),
        .master_secret = covey_bytes_of(m->next.ms, m->next.ms_len),
        .master_salt = covey_bytes_of(m->next.salt, m->next.salt_len),
        .gm_cred = m->kdc_cred,
    };
    covey_writer key;
    covey_status st;

    if (!can_save(m) || m->next.id_len == 0) {
        return COVEY_E_STATE;
    }
    if (out->cap - out->pos < alg->key_len) {
        return COVEY_E_ROOM;
    }
    key = covey_writer_of(out->base + out->pos, alg->key_len);
    st = covey_group_derive_sender_key(
        &key, &p, covey_bytes_of(m->next.id, m->next.id_len),
        m->config.crypto);
    if (st == COVEY_OK) {
        out->pos += alg->key_len;
    }
    return st;
}

/* Everything that was saved, as an answer to a Join Request that has been
 * believed already. */
static covey_status take_up(covey_member *m, const covey_bytes *values,
                            uint64_t ssn)
{
    const bool monitor = (m->config.roles & COVEY_KEYING_MONITOR) != 0;
    covey_keying_keys k;
    covey_status st = covey_keying_keys_of(&k, values);

    if (st != COVEY_OK) {
        return st;
    }
    if (k.empty || !k.has_suite || (k.sender_id.ptr == NULL) != monitor) {
        return COVEY_E_FORMAT;
    }
    m->suite = k.suite;
    m->num = k.num;
    covey__member_take_policies(m, values);
    st = covey__member_keep_kdc_cred(m, values[COVEY_GC_KDC_CRED]);
    if (st == COVEY_OK) {
        st = covey__member_take(m, &k);
    }
    if (st == COVEY_OK) {
        st = covey__member_set_up(m, ssn, values);
    }
    return st;
}

covey_status covey_member_resume(covey_member *m, covey_time now,
                                 covey_bytes saved, uint64_t ssn)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    covey_status st;

    if (m->state != COVEY_MEMBER_OUT) {
        return COVEY_E_ARGUMENT;
    }
    st = covey_keying_parse(values, COVEY_KEYING_GROUPCOMM, saved);
    if (st == COVEY_OK) {
        st = take_up(m, values, ssn);
    }
    covey__member_forget_secret(m);
    if (st != COVEY_OK) {
        covey__member_end(m, COVEY_MEMBER_NOTHING, 0);
        return st;
    }
    m->state = COVEY_MEMBER_IN;
    m->want = ASK_KEYS; /* and with them the Sender ID of today */
    covey__member_schedule(m, now);
    return COVEY_OK;
}
