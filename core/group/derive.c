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

static bool can_encrypt(int32_t group_enc)
{
    return covey_alg_is(group_enc, COVEY_ALG_AEAD) ||
           covey_alg_is(group_enc, COVEY_ALG_CIPHER);
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
    if (!covey_alg_is(p->hkdf, COVEY_ALG_HMAC) ||
        (group &&
         (!can_encrypt(a->group_enc) || !can_sign(a->signature, p->curve))) ||
        (pairwise &&
         (!covey_alg_is(a->aead, COVEY_ALG_AEAD) || !can_agree(p)))) {
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

/* Fills the writer to its end. */
static covey_status expand(const covey_group *g, covey_bytes prk, int32_t alg,
                           covey_bytes id, covey_bytes type, covey_writer *out)
{
    uint8_t storage[COVEY_OSCORE_INFO_MAX];
    covey_writer info = covey_writer_of(storage, sizeof storage);
    const covey_oscore_parameters p = { .aead = alg, .id_context = g->gid };
    covey_status st =
        covey_oscore_info(&info, &p, id, type, (uint8_t)(out->cap - out->pos));

    if (st == COVEY_OK) {
        st = g->crypto->hkdf_expand(g->crypto->provider, g->hkdf, prk,
                                    covey_written(&info), out);
    }
    return st;
}

/* One of the first three rows above. */
static covey_status expand_master(const covey_group *g, covey_bytes id,
                                  covey_bytes type, covey_writer *out)
{
    return expand(g, covey_bytes_of(g->prk, g->prk_len),
                  covey__group_key_alg(&g->algorithms), id, type, out);
}

void covey__group_adopt(covey_group *g, const covey_group_parameters *p)
{
    /* In a group there always is a kid context: empty is not absent. */
    static const uint8_t empty[1] = { 0 };

    g->algorithms = p->algorithms;
    g->hkdf = p->hkdf;
    g->curve = (int32_t)p->curve;
    g->gm_cred = p->gm_cred;
    g->gid = p->gid;
    if (g->gid.ptr == NULL) {
        g->gid.ptr = empty;
    }
}

covey_status covey__group_derive(covey_group *g,
                                 const covey_group_parameters *p)
{
    const covey_bytes none = { NULL, 0 };
    covey_writer prk = covey_writer_of(g->prk, sizeof g->prk);
    covey_writer out;
    uint8_t shortest;
    covey_status st;

    nonce_lengths(&g->algorithms, &shortest, &g->iv_len);
    g->sek_len = g->algorithms.group_enc != COVEY_ALG_UNSET
                     ? covey_aead_find(g->algorithms.group_enc)->key_len
                     : 0;
    st = g->crypto->hmac(g->crypto->provider, g->hkdf, p->master_salt,
                         p->master_secret, &prk);
    g->prk_len = (uint8_t)prk.pos;
    if (st == COVEY_OK) {
        out = covey_writer_of(g->common_iv, g->iv_len);
        st = expand_master(g, none, COVEY_CBOR_LITERAL("IV"), &out);
    }
    if (st == COVEY_OK && g->sek_len > 0) {
        out = covey_writer_of(g->sek, g->sek_len);
        st = expand_master(g, none, COVEY_CBOR_LITERAL("SEKey"), &out);
    }
    return st;
}

covey_status covey__group_member_key(const covey_group *g, covey_bytes id,
                                     covey_writer *out)
{
    return expand_master(g, id, COVEY_CBOR_LITERAL("Key"), out);
}

covey_status covey__group_pairwise(const covey_group *g,
                                   const covey_group_pair *pair,
                                   covey_writer *scratch, covey_writer *out)
{
    uint8_t storage[COVEY_HASH_MAX];
    covey_writer prk = covey_writer_of(storage, sizeof storage);
    covey_writer w = *scratch;
    covey_bytes ikm;
    covey_status st;

    covey_write_bytes(&w, pair->sender_cred);
    covey_write_bytes(&w, pair->recipient_cred);
    covey_write_bytes(&w, pair->shared_secret);
    st = w.failed;
    if (st == COVEY_OK) {
        ikm = covey_bytes_of(w.base + scratch->pos, w.pos - scratch->pos);
        st = g->crypto->hmac(g->crypto->provider, g->hkdf, pair->sender_key,
                             ikm, &prk);
        covey_wipe(w.base + scratch->pos, ikm.len);
    }
    if (st == COVEY_OK) {
        st = expand(g, covey_written(&prk), g->algorithms.aead,
                    pair->sender_id, COVEY_CBOR_LITERAL("Key"), out);
    }
    covey_wipe(storage, sizeof storage);
    return st;
}

/* For tools: a context of which only a part is filled in. */

static covey_status derive(covey_group *g, const covey_group_parameters *p,
                           const covey_crypto *crypto)
{
    covey_status st = covey_group_check(p);

    memset(g, 0, sizeof *g);
    g->crypto = crypto;
    covey__group_adopt(g, p);
    return st == COVEY_OK ? covey__group_derive(g, p) : st;
}

covey_status covey_group_derive(covey_group_keys *out,
                                const covey_group_parameters *p,
                                const covey_crypto *crypto)
{
    covey_group g;
    covey_status st = derive(&g, p, crypto);

    if (st == COVEY_OK) {
        memcpy(out->common_iv, g.common_iv, sizeof out->common_iv);
        memcpy(out->sek, g.sek, sizeof out->sek);
        out->iv_len = g.iv_len;
        out->sek_len = g.sek_len;
    }
    covey_wipe(&g, sizeof g);
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
    covey_group g;
    covey_status st = derive(&g, p, crypto);

    if (st == COVEY_OK &&
        (id.len > covey_group_id_max(&p->algorithms) ||
         !has_length(out, covey__group_key_alg(&p->algorithms)))) {
        st = COVEY_E_RANGE;
    }
    if (st == COVEY_OK) {
        st = covey__group_member_key(&g, id, out);
    }
    covey_wipe(&g, sizeof g);
    return st;
}

covey_status covey_group_derive_pairwise_key(covey_writer *out,
                                             const covey_group_parameters *p,
                                             const covey_group_pair *pair,
                                             covey_writer *scratch,
                                             const covey_crypto *crypto)
{
    covey_group g;
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
    memset(&g, 0, sizeof g);
    g.crypto = crypto;
    covey__group_adopt(&g, p);
    return covey__group_pairwise(&g, pair, scratch, out);
}
