/* SPDX-License-Identifier: BSD-2-Clause */
/* The Join Request with its proof of possession, and what comes of it: the
 * manager proves its own key before anything is taken. */
#include "member_internal.h"

#include <string.h>

#define INPUT_MAX (5 + 255 + 2 * COVEY_KEYING_NONCE_MAX + 16)

/* A MAC under the secret that both keys agree on (the profile's Section
 * 6.1.1), for groups without signatures. */
static covey_status mac(const covey_member *m, const covey_key *peer,
                        covey_bytes input, uint8_t *out)
{
    const covey_crypto *crypto = m->config.crypto;
    uint8_t secret[COVEY_SHARED_MAX];
    covey_writer shared = covey_writer_of(secret, sizeof secret);
    covey_writer w = covey_writer_of(out, COVEY_KEYING_MAC_LEN);
    covey_status st =
        crypto->agree(crypto->provider, m->config.private_key, peer, &shared);

    if (st == COVEY_OK) {
        st = crypto->hkdf(crypto->provider, COVEY_HMAC_256_256,
                          covey_bytes_of(NULL, 0), covey_written(&shared),
                          input, &w);
    }
    covey_wipe(secret, sizeof secret);
    return st;
}

static covey_status public_key(const covey_member *m, covey_bytes credential,
                               covey_key *key)
{
    const covey_crypto *crypto = m->config.crypto;
    uint8_t storage[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_cose_key cose;
    covey_status st = covey_cose_credential_key(&cose, credential);

    if (st == COVEY_OK && cose.curve != m->suite.curve) {
        st = COVEY_E_UNSUPPORTED;
    }
    if (st != COVEY_OK) {
        return st;
    }
    covey_cose_key_put_public(&w, &cose);
    return crypto->public_key(crypto->provider, (int32_t)cose.curve,
                              covey_written(&w), key);
}

/* --- asking -------------------------------------------------------------- */

static bool is_monitor(const covey_member *m)
{
    return (m->config.roles & COVEY_KEYING_MONITOR) != 0;
}

static covey_status prove(const covey_member *m, covey_bytes scope,
                          covey_writer *out)
{
    const covey_crypto *crypto = m->config.crypto;
    uint8_t storage[INPUT_MAX];
    covey_writer input = covey_writer_of(storage, sizeof storage);
    uint8_t tag[COVEY_KEYING_MAC_LEN];
    covey_key peer;
    covey_status st = covey_keying_client_pop(
        &input, scope, covey_bytes_of(m->n_s, m->n_s_len),
        covey_bytes_of(m->n_c, sizeof m->n_c));

    if (st != COVEY_OK) {
        return st;
    }
    if (m->suite.signature != 0) {
        return crypto->sign(crypto->provider, m->config.private_key,
                            m->suite.signature, covey_written(&input), out);
    }
    st = public_key(m, m->kdc_cred, &peer);
    if (st != COVEY_OK) {
        return st;
    }
    st = mac(m, &peer, covey_written(&input), tag);
    crypto->key_drop(crypto->provider, &peer);
    if (st == COVEY_OK) {
        covey_write_bytes(out, covey_bytes_of(tag, sizeof tag));
    }
    return st;
}

covey_status covey__member_put_join(covey_member *m, covey_writer *out)
{
    static const covey_keying_wish all = { .all = true };
    const covey_crypto *crypto = m->config.crypto;
    uint8_t scope_storage[5 + 255];
    uint8_t proof_storage[COVEY_SIGNATURE_MAX];
    covey_writer scope = covey_writer_of(scope_storage, sizeof scope_storage);
    covey_writer proof = covey_writer_of(proof_storage, sizeof proof_storage);
    covey_writer n_c = covey_writer_of(m->n_c, sizeof m->n_c);
    covey_keying_join join = { .control_uri = m->config.control_uri };
    covey_status st = crypto->random(crypto->provider, &n_c);

    covey_keying_put_scope(&scope, m->config.group, m->config.roles);
    join.scope = covey_written(&scope);
    join.n_c = covey_bytes_of(m->n_c, sizeof m->n_c);
    join.get_creds = m->config.creds ? &all : NULL;
    if (st == COVEY_OK && !is_monitor(m)) {
        st = prove(m, join.scope, &proof);
        join.client_cred = m->config.credential;
        join.client_cred_verify = covey_written(&proof);
    }
    if (st == COVEY_OK) {
        covey_keying_put_join(out, &join);
        st = out->failed;
    }
    return st;
}

/* --- the challenge ------------------------------------------------------- */

covey_status covey__member_keep_kdc_cred(covey_member *m,
                                         covey_bytes credential)
{
    const covey_member_memory *t = &m->memory;
    uint8_t *to =
        t->credentials + (size_t)t->start.recipient_max * t->credential_max;

    if (m->config.kdc_cred.ptr != NULL &&
        !covey_bytes_equal(m->config.kdc_cred, credential)) {
        return COVEY_E_AUTH;
    }
    if (credential.len == 0 || credential.len > t->credential_max) {
        return COVEY_E_ROOM;
    }
    memcpy(to, credential.ptr, credential.len);
    m->kdc_cred = covey_bytes_of(to, credential.len);
    return COVEY_OK;
}

covey_status covey__member_challenged(covey_member *m, covey_bytes payload)
{
    covey_keying_info info;
    covey_status st = covey_keying_info_parse(&info, payload);

    if (st != COVEY_OK) {
        return st;
    }
    if (info.kdcchallenge.len == 0 ||
        info.kdcchallenge.len > COVEY_KEYING_NONCE_MAX ||
        (info.suite.signature == 0) == (info.kdc_dh_cred.ptr == NULL)) {
        return COVEY_E_FORMAT;
    }
    m->suite = info.suite;
    if (info.kdc_dh_cred.ptr != NULL) {
        st = covey__member_keep_kdc_cred(m, info.kdc_dh_cred);
    }
    if (st == COVEY_OK) {
        m->n_s_len = (uint8_t)info.kdcchallenge.len;
        memcpy(m->n_s, info.kdcchallenge.ptr, info.kdcchallenge.len);
        m->state = COVEY_MEMBER_JOINING;
        m->want = ASK_JOIN;
    }
    return st;
}

/* --- joined -------------------------------------------------------------- */

static covey_status check_manager(covey_member *m, const covey_bytes *values)
{
    const covey_crypto *crypto = m->config.crypto;
    const covey_bytes evidence = values[COVEY_GC_KDC_CRED_VERIFY];
    const covey_bytes n_kdc = values[COVEY_GC_KDC_NONCE];
    uint8_t storage[INPUT_MAX];
    covey_writer input = covey_writer_of(storage, sizeof storage);
    uint8_t tag[COVEY_KEYING_MAC_LEN];
    covey_key peer;
    covey_status st = COVEY_E_FORMAT;

    if (n_kdc.len > 0 && n_kdc.len <= COVEY_KEYING_NONCE_MAX) {
        st = covey_keying_kdc_pop(
            &input, covey_bytes_of(m->n_c, sizeof m->n_c), n_kdc);
    }
    if (st == COVEY_OK) {
        st = public_key(m, values[COVEY_GC_KDC_CRED], &peer);
    }
    if (st != COVEY_OK) {
        return st;
    }
    if (m->suite.signature != 0) {
        st = crypto->verify(crypto->provider, &peer, m->suite.signature,
                            covey_written(&input), evidence);
    } else {
        st = mac(m, &peer, covey_written(&input), tag);
        if (st == COVEY_OK &&
            (evidence.len != sizeof tag ||
             !covey_secret_equal(tag, evidence.ptr, sizeof tag))) {
            st = COVEY_E_AUTH;
        }
    }
    crypto->key_drop(crypto->provider, &peer);
    return st;
}

covey_status covey__member_set_up(covey_member *m, uint64_t ssn,
                                  const covey_bytes *values)
{
    covey_group_start start = m->memory.start;
    covey_group_parameters p;
    covey_status st;

    covey_group_drop(m->memory.group);
    memset(m->memory.peers, 0, start.recipient_max * sizeof *m->memory.peers);
    p = covey__member_parameters(m);
    start.sender_id = covey_bytes_of(NULL, 0);
    start.credential = start.sender_id;
    start.private_key = NULL;
    if (!is_monitor(m)) {
        start.sender_id = covey_bytes_of(m->next.id, m->next.id_len);
        start.credential = m->config.credential;
        start.private_key = m->config.private_key;
    }
    start.ssn = ssn;
    st = covey_group_setup(m->memory.group, m->config.crypto, &p, &start);
    if (st != COVEY_OK) {
        return st;
    }
    covey__member_turn_gid(m);
    return covey__member_add_peers(m, values);
}

void covey__member_take_policies(covey_member *m, const covey_bytes *values)
{
    covey_bytes policies[COVEY_KEYING_VALUES];
    int64_t interval = 0;

    if (values[COVEY_GC_POLICIES].ptr != NULL &&
        covey_keying_parse(policies, COVEY_KEYING_POLICIES,
                           values[COVEY_GC_POLICIES]) == COVEY_OK &&
        covey_keying_int(policies[COVEY_POLICY_CHECK_INTERVAL], 0,
                         UINT32_MAX / 1000, &interval) == COVEY_OK) {
        m->interval = (uint32_t)interval * 1000;
    }
}

covey_status covey__member_joined(covey_member *m, covey_time now,
                                  covey_bytes payload)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    covey_keying_keys k;
    covey_status st =
        covey_keying_parse(values, COVEY_KEYING_GROUPCOMM, payload);

    if (st == COVEY_OK) {
        st = covey_keying_keys_of(&k, values);
    }
    if (st != COVEY_OK) {
        return st;
    }
    if (k.empty || !k.has_suite ||
        (k.sender_id.ptr == NULL) != is_monitor(m)) {
        return COVEY_E_FORMAT;
    }
    m->suite = k.suite;
    st = check_manager(m, values);
    if (st == COVEY_OK) {
        st = covey__member_keep_kdc_cred(m, values[COVEY_GC_KDC_CRED]);
    }
    if (st == COVEY_OK) {
        st = covey__member_take(m, &k);
    }
    if (st == COVEY_OK) {
        st = covey__member_set_up(m, 0, values);
    }
    covey__member_forget_secret(m);
    if (st != COVEY_OK) {
        return st;
    }
    covey__member_take_policies(m, values);
    m->num = k.num;
    m->state = COVEY_MEMBER_IN;
    covey__member_schedule(m, now);
    covey__member_tell(m, COVEY_MEMBER_JOINED, 0);
    return COVEY_OK;
}
