/* SPDX-License-Identifier: BSD-2-Clause */
/* The key schedule of RFC 8446 Section 7: secrets, keys, Finished. Without
 * state: which secret is derived when is decided in secrets.c. */
#include "tls_internal.h"

enum {
    LABEL_MAX = 64,
    PREFIX = 6, /* "tls13 " */
    INFO_MAX = 2 + 1 + PREFIX + LABEL_MAX + 1 + COVEY_TLS_HASH_MAX
};

/* RFC 8446 Appendix B.4. */
/* clang-format off */
static const struct tls_suite suites[] = {
    { 0x1301, COVEY_A128GCM,            COVEY_SHA_256, COVEY_HMAC_256_256, 32 },
    { 0x1302, COVEY_A256GCM,            COVEY_SHA_384, COVEY_HMAC_384_384, 48 },
    { 0x1303, COVEY_CHACHA20_POLY1305,  COVEY_SHA_256, COVEY_HMAC_256_256, 32 },
    { 0x1304, COVEY_AES_CCM_24_128_128, COVEY_SHA_256, COVEY_HMAC_256_256, 32 },
    { 0x1305, COVEY_AES_CCM_24_64_128,  COVEY_SHA_256, COVEY_HMAC_256_256, 32 },
};
/* clang-format on */

const struct tls_suite *covey__tls_suite_find(unsigned id)
{
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        if (suites[i].id == id) {
            return &suites[i];
        }
    }
    return NULL;
}

/* struct HkdfLabel: length u16 | label<7..255> | context<0..255> */
covey_status covey__tls_expand_label(const covey_crypto *crypto,
                                     const struct tls_suite *suite,
                                     const uint8_t *secret, covey_bytes label,
                                     covey_bytes context, covey_writer *out)
{
    uint8_t info[INFO_MAX];
    covey_writer w = covey_writer_of(info, sizeof info);

    covey_write_u16(&w, (uint16_t)(out->cap - out->pos));
    covey_write_u8(&w, (uint8_t)(PREFIX + label.len));
    covey_write_bytes(&w, covey_bytes_text("tls13 "));
    covey_write_bytes(&w, label);
    covey_write_u8(&w, (uint8_t)context.len);
    covey_write_bytes(&w, context);
    if (w.failed != COVEY_OK || label.len > LABEL_MAX) {
        return COVEY_E_RANGE;
    }
    return crypto->hkdf_expand(crypto->provider, suite->hmac,
                               covey_bytes_of(secret, suite->hash_len),
                               covey_written(&w), out);
}

covey_status covey__tls_derive(const covey_crypto *crypto,
                               const struct tls_suite *suite,
                               const uint8_t *secret, const char *label,
                               covey_bytes context, struct tls_room out)
{
    covey_writer w = covey_writer_of(out.ptr, out.len);
    covey_status st = covey__tls_expand_label(
        crypto, suite, secret, covey_bytes_text(label), context, &w);

    if (st != COVEY_OK) {
        covey_wipe(out.ptr, out.len);
    }
    return st;
}

covey_status covey__tls_hash_of(const covey_crypto *crypto,
                                const struct tls_suite *suite,
                                covey_bytes data, uint8_t *out)
{
    covey_writer w = covey_writer_of(out, suite->hash_len);
    covey_hash h;
    covey_status st = crypto->hash_begin(crypto->provider, suite->hash, &h);

    if (st != COVEY_OK) {
        return st;
    }
    if (data.len > 0) {
        st = crypto->hash_update(crypto->provider, &h, data);
    }
    if (st == COVEY_OK) {
        return crypto->hash_finish(crypto->provider, &h, &w);
    }
    crypto->hash_drop(crypto->provider, &h);
    return st;
}

/* Extract(salt, ikm) into `chain`, which may be the salt. */
static covey_status extract(const covey_crypto *crypto,
                            const struct tls_suite *suite, covey_bytes salt,
                            covey_bytes ikm, uint8_t *chain)
{
    static const uint8_t zeros[COVEY_TLS_SECRET_MAX];
    covey_writer w = covey_writer_of(chain, suite->hash_len);

    return crypto->hmac(crypto->provider, suite->hmac, salt,
                        ikm.ptr ? ikm : covey_bytes_of(zeros, suite->hash_len),
                        &w);
}

covey_status covey__tls_chain_first(const covey_crypto *crypto,
                                    const struct tls_suite *suite,
                                    uint8_t *chain, covey_bytes psk)
{
    return extract(crypto, suite, covey_bytes_of(NULL, 0), psk, chain);
}

covey_status covey__tls_chain_next(const covey_crypto *crypto,
                                   const struct tls_suite *suite,
                                   uint8_t *chain, covey_bytes ikm)
{
    uint8_t salt[COVEY_TLS_SECRET_MAX];
    uint8_t nothing[COVEY_TLS_HASH_MAX];
    covey_status st =
        covey__tls_hash_of(crypto, suite, covey_bytes_of(NULL, 0), nothing);

    if (st == COVEY_OK) {
        st = covey__tls_derive(crypto, suite, chain, "derived",
                               covey_bytes_of(nothing, suite->hash_len),
                               tls_room_of(salt, suite->hash_len));
    }
    if (st == COVEY_OK) {
        st = extract(crypto, suite, covey_bytes_of(salt, suite->hash_len), ikm,
                     chain);
    }
    covey_wipe(salt, sizeof salt);
    return st;
}

void covey__tls_half_drop(const covey_crypto *crypto, covey_tls_half *half)
{
    if (half->on) {
        crypto->key_drop(crypto->provider, &half->key);
    }
    covey_wipe(half, sizeof *half);
}

covey_status covey__tls_half_set(const covey_crypto *crypto,
                                 const struct tls_suite *suite,
                                 const uint8_t *secret, covey_tls_half *half)
{
    const covey_alg *alg = covey_aead_find(suite->aead);
    const covey_bytes none = { NULL, 0 };
    uint8_t key[COVEY_KEY_MAX];
    covey_status st = COVEY_OK;

    covey__tls_half_drop(crypto, half);
    st = covey__tls_derive(crypto, suite, secret, "key", none,
                           tls_room_of(key, alg->key_len));
    if (st == COVEY_OK) {
        st = covey__tls_derive(crypto, suite, secret, "iv", none,
                               tls_room_of(half->iv, sizeof half->iv));
    }
    if (st == COVEY_OK) {
        st = crypto->cipher_key(crypto->provider, suite->aead,
                                covey_bytes_of(key, alg->key_len), &half->key);
    }
    covey_wipe(key, sizeof key);
    if (st != COVEY_OK) {
        covey_wipe(half, sizeof *half);
        return st;
    }
    half->tag_len = alg->out_len;
    half->on = true;
    return COVEY_OK;
}

covey_status covey__tls_secret_next(const covey_crypto *crypto,
                                    const struct tls_suite *suite,
                                    uint8_t *secret)
{
    uint8_t next[COVEY_TLS_SECRET_MAX];
    covey_status st = covey__tls_derive(crypto, suite, secret, "traffic upd",
                                        covey_bytes_of(NULL, 0),
                                        tls_room_of(next, suite->hash_len));

    if (st == COVEY_OK) {
        memcpy(secret, next, suite->hash_len);
    }
    covey_wipe(next, sizeof next);
    return st;
}

covey_status covey__tls_finished(const covey_crypto *crypto,
                                 const struct tls_suite *suite,
                                 const uint8_t *base, covey_bytes digest,
                                 uint8_t *out)
{
    uint8_t key[COVEY_TLS_SECRET_MAX];
    covey_writer w = covey_writer_of(out, suite->hash_len);
    covey_status st = covey__tls_derive(crypto, suite, base, "finished",
                                        covey_bytes_of(NULL, 0),
                                        tls_room_of(key, suite->hash_len));

    if (st == COVEY_OK) {
        st = crypto->hmac(crypto->provider, suite->hmac,
                          covey_bytes_of(key, suite->hash_len), digest, &w);
    }
    covey_wipe(key, sizeof key);
    return st;
}
