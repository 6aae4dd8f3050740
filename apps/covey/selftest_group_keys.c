/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys of a case: those of the members, and all that is derived. */
#include "selftest_group.h"

#include <covey/cose.h>
#include <string.h>

size_t group_key_len(const covey_group_algorithms *algorithms)
{
    const covey_alg *a = covey_aead_find(
        algorithms->group_enc != COVEY_ALG_UNSET ? algorithms->group_enc
                                                 : algorithms->aead);

    return a != NULL ? a->key_len : 0;
}

/* Is the member's public key that of its credential? Of a kind that cannot be
 * read here, such as C509, the key is only given beside it: the protocol does
 * not look into credentials. */
static bool check_credential(const group_case *c, const group_member *m,
                             const selftest_check *k)
{
    uint8_t in_credential[COVEY_PUBLIC_MAX];
    uint8_t storage[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(in_credential, sizeof in_credential);
    covey_cose_key key;
    const covey_status st = covey_cose_credential_key(&key, m->credential);

    if (c->opaque || (st != COVEY_OK && !c->ccs)) {
        return true;
    }
    if (!selftest_done(k, "a credential", st)) {
        return false;
    }
    covey_cose_key_put_public(&w, &key);
    return (key.curve == c->p.curve ||
            selftest_differs(k, covey_curve_name((int32_t)c->p.curve),
                             covey_curve_name((int32_t)key.curve))) &&
           selftest_same(k, "public key in the credential",
                         selftest_public_encoded(m->keys.public_raw,
                                                 c->p.curve, storage),
                         covey_written(&w));
}

static bool check_common(const group_case *c, const group_made *made,
                         const selftest_check *k)
{
    const covey_bytes sek =
        made->common.sek_len > 0
            ? covey_bytes_of(made->common.sek, made->common.sek_len)
            : covey_bytes_of(NULL, 0);

    return selftest_same(
               k, "Common IV", c->common_iv,
               covey_bytes_of(made->common.common_iv, made->common.iv_len)) &&
           selftest_same(k, "Signature Encryption Key", c->sek, sek);
}

static bool check_sender_key(const group_case *c, group_made *made, size_t i,
                             const covey_crypto *crypto,
                             const selftest_check *k)
{
    const group_member *m = &c->members[i];
    covey_writer w =
        covey_writer_of(made->sender_key[i], made->sender_key_len);

    return selftest_done(
               k, "a Sender Key",
               covey_group_derive_sender_key(&w, &c->p, m->id, crypto)) &&
           selftest_same(k, "Sender Key", m->sender_key, covey_written(&w));
}

static bool check_pairwise(const group_case *c, group_made *made, size_t i,
                           covey_bytes shared, const covey_crypto *crypto,
                           const selftest_check *k)
{
    const group_member *from = &c->members[i];
    const group_member *to = &c->members[1 - i];
    const covey_group_pair pair = {
        .sender_id = from->id,
        .sender_key =
            covey_bytes_of(made->sender_key[i], made->sender_key_len),
        .sender_cred = from->credential,
        .recipient_cred = to->credential,
        .shared_secret = shared,
    };
    const size_t len =
        from->credential.len + to->credential.len + COVEY_SHARED_MAX;
    selftest_pool pool = { NULL, 0 };
    covey_writer scratch =
        covey_writer_of(selftest_pool_take(&pool, len), len);
    covey_writer w = covey_writer_of(made->pairwise_to[i], made->pairwise_len);
    const bool good =
        scratch.base != NULL &&
        selftest_done(k, "a pairwise key",
                      covey_group_derive_pairwise_key(&w, &c->p, &pair,
                                                      &scratch, crypto)) &&
        selftest_same(k, "pairwise key", from->pairwise_to, covey_written(&w));

    selftest_pool_free(&pool);
    return good;
}

/* Without pairwise mode none of its values may be given. */
static bool check_no_pairwise(const group_case *c, const selftest_check *k)
{
    return (c->shared_secret.ptr == NULL &&
            c->members[GROUP_CLIENT].pairwise_to.ptr == NULL &&
            c->members[GROUP_SERVER].pairwise_to.ptr == NULL) ||
           selftest_differs(k, "pairwise keys", "a group without them");
}

static bool check_pair(group_case *c, group_made *made,
                       const covey_crypto *crypto, const selftest_check *k)
{
    selftest_keys *client = &c->members[GROUP_CLIENT].keys;
    selftest_keys *server = &c->members[GROUP_SERVER].keys;
    const covey_alg *aead = covey_aead_find(c->p.algorithms.aead);
    uint8_t secret[COVEY_SHARED_MAX];
    covey_writer w = covey_writer_of(secret, sizeof secret);
    bool good;

    if (aead == NULL || c->p.algorithms.agreement == COVEY_ALG_UNSET) {
        return check_no_pairwise(c, k);
    }
    made->pairwise_len = aead->key_len;
    good =
        selftest_check_shared(client, server, crypto, c->shared_secret, k) &&
        selftest_done(k, "a shared secret",
                      crypto->agree(crypto->provider, &client->private_key,
                                    &server->public_key, &w)) &&
        check_pairwise(c, made, GROUP_CLIENT, covey_written(&w), crypto, k) &&
        check_pairwise(c, made, GROUP_SERVER, covey_written(&w), crypto, k);
    covey_wipe(secret, sizeof secret);
    return good;
}

bool group_keys_check(group_case *c, group_made *made,
                      const covey_crypto *crypto, const selftest_check *k)
{
    for (size_t i = 0; i < GROUP_MEMBERS; i++) {
        if (!selftest_keys_open(&c->members[i].keys, crypto, c->p.curve, k) ||
            !check_credential(c, &c->members[i], k)) {
            return false;
        }
    }
    made->sender_key_len = group_key_len(&c->p.algorithms);
    return selftest_done(k, "keys",
                         covey_group_derive(&made->common, &c->p, crypto)) &&
           check_common(c, made, k) &&
           check_sender_key(c, made, GROUP_CLIENT, crypto, k) &&
           check_sender_key(c, made, GROUP_SERVER, crypto, k) &&
           check_pair(c, made, crypto, k);
}
