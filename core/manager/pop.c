/* SPDX-License-Identifier: BSD-2-Clause */
/* Proofs of possession, of a member and of the manager itself: a signature in
 * groups that have a Signature Algorithm, else a MAC under the shared secret
 * of both (the profile's Section 6.1.1). */
#include "manager_internal.h"

/* The kind of credential that a format has: COSE header parameters. */
enum {
    FORMAT_KCWT = 13,
    FORMAT_X5BAG = 32,
    FORMAT_X5CHAIN = 33
};

static bool is_of_format(int32_t cred_fmt, covey_bytes credential)
{
    switch (covey_cose_credential_kind_of(credential)) {
    case COVEY_CREDENTIAL_CCS:
        return cred_fmt == COVEY_KEYING_KCCS;
    case COVEY_CREDENTIAL_CWT:
        return cred_fmt == FORMAT_KCWT;
    case COVEY_CREDENTIAL_X509:
        return cred_fmt == FORMAT_X5CHAIN || cred_fmt == FORMAT_X5BAG;
    case COVEY_CREDENTIAL_C509:
    case COVEY_CREDENTIAL_UNKNOWN:
        break;
    }
    return false;
}

covey_status covey__manager_public_key(const covey_manager *m,
                                       const covey_manager_group *g,
                                       covey_bytes credential, covey_key *key)
{
    const covey_crypto *crypto = m->config.crypto;
    uint8_t storage[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_cose_key cose;

    if (credential.len == 0 || credential.len > m->memory.credential_max ||
        !is_of_format(g->suite.cred_fmt, credential) ||
        covey_cose_credential_key(&cose, credential) != COVEY_OK ||
        cose.curve != g->suite.curve ||
        (cose.alg != 0 && g->suite.signature != 0 &&
         cose.alg != g->suite.signature)) {
        return COVEY_E_RANGE;
    }
    covey_cose_key_put_public(&w, &cose);
    return crypto->public_key(crypto->provider, (int32_t)cose.curve,
                              covey_written(&w), key);
}

/* The MAC of a group without signatures. */
static covey_status mac(const covey_manager *m, const covey_manager_group *g,
                        const covey_key *peer, covey_bytes input, uint8_t *out)
{
    const covey_crypto *crypto = m->config.crypto;
    const covey_manager_identity *id = covey__manager_identity(m, &g->suite);
    uint8_t secret[COVEY_SHARED_MAX];
    covey_writer shared = covey_writer_of(secret, sizeof secret);
    covey_writer w = covey_writer_of(out, COVEY_KEYING_MAC_LEN);
    covey_status st = crypto->agree(crypto->provider, id->key, peer, &shared);

    if (st == COVEY_OK) {
        st = crypto->hkdf(crypto->provider, COVEY_HMAC_256_256,
                          covey_bytes_of(NULL, 0), covey_written(&shared),
                          input, &w);
    }
    covey_wipe(secret, sizeof secret);
    return st;
}

covey_status covey__manager_verify(const covey_manager *m,
                                   const covey_manager_group *g,
                                   covey_key *peer, covey_bytes input,
                                   covey_bytes evidence)
{
    const covey_crypto *crypto = m->config.crypto;
    uint8_t expected[COVEY_KEYING_MAC_LEN];
    covey_status st;

    if (g->suite.signature != 0) {
        return crypto->verify(crypto->provider, peer, g->suite.signature,
                              input, evidence);
    }
    st = mac(m, g, peer, input, expected);
    if (st == COVEY_OK &&
        (evidence.len != sizeof expected ||
         !covey_secret_equal(expected, evidence.ptr, sizeof expected))) {
        st = COVEY_E_AUTH;
    }
    covey_wipe(expected, sizeof expected);
    return st;
}

covey_status covey__manager_prove(const covey_manager *m,
                                  const covey_manager_group *g,
                                  covey_bytes credential, covey_bytes input,
                                  covey_writer *out)
{
    const covey_crypto *crypto = m->config.crypto;
    const covey_manager_identity *id = covey__manager_identity(m, &g->suite);
    uint8_t tag[COVEY_KEYING_MAC_LEN];
    covey_key peer;
    covey_status st;

    if (g->suite.signature != 0) {
        return crypto->sign(crypto->provider, id->key, g->suite.signature,
                            input, out);
    }
    st = covey__manager_public_key(m, g, credential, &peer);
    if (st != COVEY_OK) {
        return st;
    }
    st = mac(m, g, &peer, input, tag);
    crypto->key_drop(crypto->provider, &peer);
    if (st == COVEY_OK) {
        covey_write_bytes(out, covey_bytes_of(tag, sizeof tag));
        st = out->failed;
    }
    return st;
}
