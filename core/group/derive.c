/* SPDX-License-Identifier: BSD-2-Clause */
/* From Master Secret to keys, RFC 10021 Sections 2.1, 2.2 and 2.5.1, as RFC
 * 8613 Section 3.2.1 has it:
 *
 *     value = HKDF(salt, IKM, info = [ id, Gid, alg, type, L ], L)
 *
 *                    salt         IKM                 id        alg
 *     Sender Key     Master Salt  Master Secret       its ID    group's
 *     Common IV      Master Salt  Master Secret       h''       group's
 *     SEK            Master Salt  Master Secret       h''       group's
 *     pairwise key   Sender Key   credentials | Z     sender's  AEAD Algorithm
 *
 * The group's algorithm is the Group Encryption Algorithm, and the AEAD
 * Algorithm only where there is none, although Sender Keys also are the salts
 * of pairwise keys. The first three have one extraction, which is kept. */
#include "group_internal.h"

#include <covey/cbor.h>

#include <string.h>

#define NONCE_OVERHEAD 6u /* size of the ID, and five bytes of Partial IV */

/* Ed448 and the other curves wait for a provider (design 004). */
static bool can_sign(int32_t signature, covey_curve curve)
{
    return (signature == COVEY_EDDSA && curve == COVEY_ED25519) ||
           (signature == COVEY_ES256 && curve == COVEY_P256);
}

/* Section 2.1.10: the hash of the agreement is that of HKDF. */
static bool can_agree(const covey_group_parameters *p)
{
    const int32_t hkdf = p->algorithms.agreement == COVEY_ECDH_SS_HKDF_256
                             ? COVEY_HMAC_256_256
                         : p->algorithms.agreement == COVEY_ECDH_SS_HKDF_512
                             ? COVEY_HMAC_512_512
                             : 0;

    return p->hkdf == hkdf &&
           (p->curve == COVEY_ED25519 || p->curve == COVEY_P256 ||
            p->curve == COVEY_X25519);
}

static bool is_kind(int32_t id, covey_alg_kind kind)
{
    const covey_alg *alg = covey_alg_find(id);

    return alg != NULL && alg->kind == kind;
}

covey_status covey_group_check(const covey_group_parameters *p)
{
    const covey_group_algorithms *a = &p->algorithms;
    const bool group = a->group_enc != COVEY_ALG_UNSET;
    const bool pairwise = a->aead != COVEY_ALG_UNSET;

    if (group != (a->signature != COVEY_ALG_UNSET) ||
        pairwise != (a->agreement != COVEY_ALG_UNSET) ||
        (!group && !pairwise) || p->master_secret.len == 0 ||
        p->gm_cred.len == 0) {
        return COVEY_E_ARGUMENT;
    }
    if (!is_kind(p->hkdf, COVEY_ALG_HMAC) ||
        (group && (covey_aead_find(a->group_enc) == NULL ||
                   !can_sign(a->signature, p->curve))) ||
        (pairwise && (!is_kind(a->aead, COVEY_ALG_AEAD) || !can_agree(p)))) {
        return COVEY_E_UNSUPPORTED;
    }
    return p->gid.len <= COVEY_OSCORE_ID_CONTEXT_MAX ? COVEY_OK
                                                     : COVEY_E_RANGE;
}

/* The shortest and the longest nonce of the algorithms that are set. */
static void nonce_lengths(const covey_group_algorithms *a, uint8_t *shortest,
                          uint8_t *longest)
{
    const int32_t ids[2] = { a->aead, a->group_enc };

    *shortest = COVEY_NONCE_MAX;
    *longest = 0;
    for (size_t i = 0; i < 2; i++) {
        const covey_alg *alg = covey_aead_find(ids[i]);
        if (alg == NULL) {
            continue;
        }
        if (alg->nonce_len < *shortest) {
            *shortest = alg->nonce_len;
        }
        if (alg->nonce_len > *longest) {
            *longest = alg->nonce_len;
        }
    }
}

size_t covey_group_id_max(const covey_group_algorithms *algorithms)
{
    uint8_t shortest;
    uint8_t longest;

    nonce_lengths(algorithms, &shortest, &longest);
    return (size_t)shortest - NONCE_OVERHEAD;
}

covey_bytes covey__group_gid(covey_bytes gid)
{
    static const uint8_t empty[1] = { 0 };

    return covey_bytes_of(gid.ptr != NULL ? gid.ptr : empty, gid.len);
}

static covey_status expand(const covey__group_kdf *k, covey_bytes prk,
                           covey_bytes id, int32_t alg, covey_bytes type,
                           covey_writer *out)
{
    const covey_oscore_parameters p = {
        .aead = alg,
        .id_context = covey__group_gid(k->gid),
    };
    uint8_t storage[COVEY_OSCORE_INFO_MAX];
    covey_writer info = covey_writer_of(storage, sizeof storage);
    covey_status st =
        covey_oscore_info(&info, &p, id, type, (uint8_t)(out->cap - out->pos));

    if (st == COVEY_OK) {
        st = k->crypto->hkdf_expand(k->crypto->provider, k->hkdf, prk,
                                    covey_written(&info), out);
    }
    return st;
}

static covey_status expand_key(const covey__group_kdf *k, covey_bytes prk,
                               covey_bytes id, int32_t alg, covey_writer *out)
{
    return expand(k, prk, id, alg, COVEY_CBOR_LITERAL("Key"), out);
}

static covey_status expand_common(covey__group_common *c,
                                  const covey__group_kdf *k, int32_t alg)
{
    const covey_bytes prk = covey_bytes_of(c->prk, c->prk_len);
    const covey_bytes none = { NULL, 0 };
    covey_group_keys *keys = &c->keys;
    covey_writer iv = covey_writer_of(keys->common_iv, keys->iv_len);
    covey_writer sek = covey_writer_of(keys->sek, keys->sek_len);
    covey_status st = expand(k, prk, none, alg, COVEY_CBOR_LITERAL("IV"), &iv);

    if (st == COVEY_OK && keys->sek_len > 0) {
        st = expand(k, prk, none, alg, COVEY_CBOR_LITERAL("SEKey"), &sek);
    }
    return st;
}

covey_status covey__group_derive(covey__group_common *c,
                                 const covey_group_parameters *p,
                                 const covey_crypto *crypto)
{
    const covey_group_algorithms *a = &p->algorithms;
    const covey__group_kdf k = { crypto, p->gid, p->hkdf };
    covey_writer prk = covey_writer_of(c->prk, sizeof c->prk);
    uint8_t shortest;
    covey_status st = covey_group_check(p);

    memset(c, 0, sizeof *c);
    if (st != COVEY_OK) {
        return st;
    }
    nonce_lengths(a, &shortest, &c->keys.iv_len);
    if (a->group_enc != COVEY_ALG_UNSET) {
        c->keys.sek_len = covey_aead_find(a->group_enc)->key_len;
    }
    st = crypto->hmac(crypto->provider, p->hkdf, p->master_salt,
                      p->master_secret, &prk);
    c->prk_len = (uint8_t)prk.pos;
    if (st == COVEY_OK) {
        st = expand_common(c, &k, covey__group_key_alg(a));
    }
    if (st != COVEY_OK) {
        covey_wipe(c, sizeof *c);
    }
    return st;
}

covey_status covey_group_derive(covey_group_keys *out,
                                const covey_group_parameters *p,
                                const covey_crypto *crypto)
{
    covey__group_common c;
    covey_status st = covey__group_derive(&c, p, crypto);

    if (st == COVEY_OK) {
        *out = c.keys;
    }
    covey_wipe(&c, sizeof c);
    return st;
}

/* Is there room for just such a key? */
static bool has_length(const covey_writer *out, int32_t alg)
{
    return out->cap - out->pos == covey_aead_find(alg)->key_len;
}

covey_status covey_group_derive_sender_key(covey_writer *out,
                                           const covey_group_parameters *p,
                                           covey_bytes id,
                                           const covey_crypto *crypto)
{
    const covey__group_kdf k = { crypto, p->gid, p->hkdf };
    const int32_t alg = covey__group_key_alg(&p->algorithms);
    covey__group_common c;
    covey_status st = covey__group_derive(&c, p, crypto);

    if (st == COVEY_OK && (id.len > covey_group_id_max(&p->algorithms) ||
                           !has_length(out, alg))) {
        st = COVEY_E_RANGE;
    }
    if (st == COVEY_OK) {
        st = expand_key(&k, covey_bytes_of(c.prk, c.prk_len), id, alg, out);
    }
    covey_wipe(&c, sizeof c);
    return st;
}

covey_status covey__group_member_key(const covey_group *g, covey_bytes id,
                                     covey_writer *out)
{
    const covey__group_kdf k = { g->crypto, g->gid, g->hkdf };

    return expand_key(&k, covey_bytes_of(g->prk, g->prk_len), id,
                      covey__group_key_alg(&g->algorithms), out);
}

covey_status covey__group_pairwise(const covey__group_kdf *k, int32_t aead,
                                   const covey_group_pair *pair,
                                   covey_writer *scratch, covey_writer *out)
{
    uint8_t storage[COVEY_HASH_MAX];
    covey_writer prk = covey_writer_of(storage, sizeof storage);
    const size_t start = scratch->pos;
    covey_status st;

    covey_write_bytes(scratch, pair->sender_cred);
    covey_write_bytes(scratch, pair->recipient_cred);
    covey_write_bytes(scratch, pair->shared_secret);
    st = scratch->failed;
    if (st == COVEY_OK) {
        st = k->crypto->hmac(
            k->crypto->provider, k->hkdf, pair->sender_key,
            covey_bytes_of(scratch->base + start, scratch->pos - start), &prk);
        covey_wipe(scratch->base + start, scratch->pos - start);
    }
    scratch->pos = start;
    if (st == COVEY_OK) {
        st = expand_key(k, covey_written(&prk), pair->sender_id, aead, out);
    }
    covey_wipe(storage, sizeof storage);
    return st;
}

covey_status covey_group_derive_pairwise_key(covey_writer *out,
                                             const covey_group_parameters *p,
                                             const covey_group_pair *pair,
                                             covey_writer *scratch,
                                             const covey_crypto *crypto)
{
    const covey__group_kdf k = { crypto, p->gid, p->hkdf };
    covey_status st = covey_group_check(p);

    if (st == COVEY_OK && p->algorithms.aead == COVEY_ALG_UNSET) {
        st = COVEY_E_UNSUPPORTED;
    }
    if (st != COVEY_OK) {
        return st;
    }
    if (pair->sender_id.len > covey_group_id_max(&p->algorithms) ||
        !has_length(out, p->algorithms.aead)) {
        return COVEY_E_RANGE;
    }
    return covey__group_pairwise(&k, p->algorithms.aead, pair, scratch, out);
}
