/* SPDX-License-Identifier: BSD-2-Clause */
/* updateCtx of draft-ietf-core-oscore-key-update, Section 4.2, the part that
 * is not derivation as in RFC 8613:
 *
 *     X_N         = the CBOR byte strings of both inputs in bytewise order
 *     ExpandLabel = L (2) | 17 "oscore key update" | len (1) X_N
 *     new secret  = HKDF-Expand(old secret, ExpandLabel, L)
 *     new salt    = X_N
 *
 * An input is x | nonce of one peer, or nothing. Who sends what when, and
 * which contexts are kept, is not decided here. */
#include <covey/oscore.h>

#include <covey/cbor.h>

#include <string.h>

#define X_M        0x0fu
#define X_RESERVED 0x80u

/* One input with its head into storage; nothing but the head for NULL. */
static covey_bytes input_of(uint8_t storage[1 + COVEY_OSCORE_OFFER_MAX],
                            const covey_oscore_offer *offer)
{
    covey_writer w = covey_writer_of(storage, 1 + COVEY_OSCORE_OFFER_MAX);

    if (offer == NULL) {
        covey_cbor_put_bytes_head(&w, 0);
    } else {
        covey_cbor_put_bytes_head(&w, 1 + offer->nonce.len);
        covey_write_u8(&w, offer->x);
        covey_write_bytes(&w, offer->nonce);
    }
    return covey_written(&w);
}

static bool is_sound(const covey_oscore_offer *offer)
{
    return (offer->x & X_RESERVED) == 0 &&
           offer->nonce.len == (offer->x & X_M) + 1u;
}

/* Different lengths differ in the first byte, the head. */
static bool comes_first(covey_bytes a, covey_bytes b)
{
    return memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len) <= 0;
}

covey_status covey_oscore_update_salt(covey_writer *out,
                                      const covey_oscore_offer *one,
                                      const covey_oscore_offer *other)
{
    uint8_t storage[2][1 + COVEY_OSCORE_OFFER_MAX];
    covey_bytes a;
    covey_bytes b;

    if (!is_sound(one) || (other != NULL && !is_sound(other))) {
        return COVEY_E_ARGUMENT;
    }
    a = input_of(storage[0], one);
    b = input_of(storage[1], other);
    covey_write_bytes(out, comes_first(a, b) ? a : b);
    covey_write_bytes(out, comes_first(a, b) ? b : a);
    return out->failed;
}

covey_status covey_oscore_update_label(covey_writer *out, size_t secret_len,
                                       covey_bytes salt)
{
    const covey_bytes label = COVEY_CBOR_LITERAL("oscore key update");

    if (secret_len == 0 || secret_len > UINT16_MAX || salt.len == 0 ||
        salt.len > COVEY_OSCORE_UPDATE_SALT_MAX) {
        return COVEY_E_RANGE;
    }
    covey_write_u16(out, (uint16_t)secret_len);
    covey_write_u8(out, (uint8_t)label.len);
    covey_write_bytes(out, label);
    covey_write_u8(out, (uint8_t)salt.len);
    covey_write_bytes(out, salt);
    return out->failed;
}

/* RFC 5869 Section 2.3 wants a pseudorandom key no shorter than the hash, the
 * draft takes the old Master Secret as it is. What is shorter gives one block:
 * T(1) = HMAC(secret, info | 01). */
static covey_status expand_one_block(covey_writer *out, int32_t hkdf,
                                     covey_bytes secret, covey_writer *info,
                                     const covey_crypto *crypto)
{
    uint8_t block[COVEY_HASH_MAX];
    covey_writer w = covey_writer_of(block, sizeof block);
    covey_status st;

    covey_write_u8(info, 1);
    st = crypto->hmac(crypto->provider, hkdf, secret, covey_written(info), &w);
    if (st == COVEY_OK) {
        covey_write_bytes(out, covey_bytes_of(block, secret.len));
    }
    covey_wipe(block, sizeof block);
    return st;
}

covey_status covey_oscore_update_secret(covey_writer *out, int32_t hkdf,
                                        covey_bytes master_secret,
                                        covey_bytes salt,
                                        const covey_crypto *crypto)
{
    const covey_alg *hash = covey_alg_find(hkdf);
    uint8_t storage[COVEY_OSCORE_UPDATE_LABEL_MAX + 1];
    covey_writer info = covey_writer_of(storage, sizeof storage);
    covey_writer part;
    covey_status st;

    if (hash == NULL || hash->kind != COVEY_ALG_HMAC) {
        return COVEY_E_UNSUPPORTED;
    }
    st = covey_oscore_update_label(&info, master_secret.len, salt);
    if (st != COVEY_OK) {
        return st;
    }
    if (out->failed != COVEY_OK || master_secret.len > out->cap - out->pos) {
        return COVEY_E_ROOM;
    }
    if (master_secret.len < hash->out_len) {
        return expand_one_block(out, hkdf, master_secret, &info, crypto);
    }
    part = covey_writer_of(out->base + out->pos, master_secret.len);
    st = crypto->hkdf_expand(crypto->provider, hkdf, master_secret,
                             covey_written(&info), &part);
    if (st == COVEY_OK) {
        out->pos += master_secret.len;
    }
    return st;
}
