/* SPDX-License-Identifier: BSD-2-Clause */
/* From Master Secret to keys and Common IV, RFC 8613 Section 3.2.1:
 *
 *     value = HKDF(salt: Master Salt, IKM: Master Secret, info, L)
 *     info  = [ id, id_context / nil, alg_aead, "Key" / "IV", L ]      */
#include <covey/oscore.h>

#include <covey/cbor.h>

#include <string.h>

#define NONCE_OVERHEAD 6u /* size of the ID, and five bytes of Partial IV */

covey_status covey_oscore_check(const covey_oscore_parameters *p)
{
    const covey_alg *aead = covey_aead_find(p->aead);
    size_t id_max;

    /* Encryption without authentication is for groups only. */
    if (aead == NULL || aead->kind != COVEY_ALG_AEAD ||
        !covey_alg_is(p->hkdf, COVEY_ALG_HMAC)) {
        return COVEY_E_UNSUPPORTED;
    }
    id_max = (size_t)aead->nonce_len - NONCE_OVERHEAD;
    if (p->sender_id.len > id_max || p->recipient_id.len > id_max ||
        p->id_context.len > COVEY_OSCORE_ID_CONTEXT_MAX ||
        p->master_secret.len == 0) {
        return COVEY_E_RANGE;
    }
    if (p->sender_id.len == p->recipient_id.len &&
        (p->sender_id.len == 0 || memcmp(p->sender_id.ptr, p->recipient_id.ptr,
                                         p->sender_id.len) == 0)) {
        return COVEY_E_ARGUMENT;
    }
    return COVEY_OK;
}

covey_status covey_oscore_info(covey_writer *out,
                               const covey_oscore_parameters *p,
                               covey_bytes id, covey_bytes type, uint8_t len)
{
    covey_cbor_put_array(out, 5);
    covey_cbor_put_bytes(out, id);
    if (p->id_context.ptr != NULL) {
        covey_cbor_put_bytes(out, p->id_context);
    } else {
        covey_cbor_put_null(out);
    }
    covey_cbor_put_int(out, p->aead);
    covey_cbor_put_text(out, type);
    covey_cbor_put_uint(out, len);
    return out->failed;
}

static covey_status derive_one(uint8_t *value, uint8_t len, covey_bytes id,
                               covey_bytes type,
                               const covey_oscore_parameters *p,
                               const covey_crypto *crypto)
{
    uint8_t storage[COVEY_OSCORE_INFO_MAX];
    covey_writer info = covey_writer_of(storage, sizeof storage);
    covey_writer out = covey_writer_of(value, len);
    covey_status st = covey_oscore_info(&info, p, id, type, len);

    if (st != COVEY_OK) {
        return st;
    }
    return crypto->hkdf(crypto->provider, p->hkdf, p->master_salt,
                        p->master_secret, covey_written(&info), &out);
}

covey_status covey_oscore_derive(covey_oscore_keys *out,
                                 const covey_oscore_parameters *p,
                                 const covey_crypto *crypto)
{
    const covey_bytes key = COVEY_CBOR_LITERAL("Key");
    const covey_bytes iv = COVEY_CBOR_LITERAL("IV");
    const covey_bytes none = { NULL, 0 };
    covey_oscore_keys k = { .key_len = 0 };
    const covey_alg *aead;
    covey_status st = covey_oscore_check(p);

    if (st != COVEY_OK) {
        return st;
    }
    aead = covey_aead_find(p->aead);
    k.key_len = aead->key_len;
    k.iv_len = aead->nonce_len;
    st = derive_one(k.sender_key, k.key_len, p->sender_id, key, p, crypto);
    if (st != COVEY_OK) {
        goto out;
    }
    st = derive_one(k.recipient_key, k.key_len, p->recipient_id, key, p,
                    crypto);
    if (st != COVEY_OK) {
        goto out;
    }
    st = derive_one(k.common_iv, k.iv_len, none, iv, p, crypto);
    if (st != COVEY_OK) {
        goto out;
    }
    *out = k;
out:
    covey_wipe(&k, sizeof k);
    return st;
}
