/* SPDX-License-Identifier: BSD-2-Clause */
/* What the core must know of an algorithm to lay out a message: lengths. The
 * algorithms themselves are a provider's. Names are in names.c, which a
 * microcontroller need not link. */
#include <covey/crypto.h>

/* clang-format off */
static const covey_alg algs[] = {
    /* RFC 9053 Sections 4.1, 4.2, 4.3:         key nonce tag */
    { COVEY_AES_CCM_16_64_128,  COVEY_ALG_AEAD,  16, 13,  8 },
    { COVEY_AES_CCM_16_64_256,  COVEY_ALG_AEAD,  32, 13,  8 },
    { COVEY_AES_CCM_64_64_128,  COVEY_ALG_AEAD,  16,  7,  8 },
    { COVEY_AES_CCM_64_64_256,  COVEY_ALG_AEAD,  32,  7,  8 },
    { COVEY_AES_CCM_16_128_128, COVEY_ALG_AEAD,  16, 13, 16 },
    { COVEY_AES_CCM_16_128_256, COVEY_ALG_AEAD,  32, 13, 16 },
    { COVEY_AES_CCM_64_128_128, COVEY_ALG_AEAD,  16,  7, 16 },
    { COVEY_AES_CCM_64_128_256, COVEY_ALG_AEAD,  32,  7, 16 },
    { COVEY_A128GCM,            COVEY_ALG_AEAD,  16, 12, 16 },
    { COVEY_A192GCM,            COVEY_ALG_AEAD,  24, 12, 16 },
    { COVEY_A256GCM,            COVEY_ALG_AEAD,  32, 12, 16 },
    { COVEY_CHACHA20_POLY1305,  COVEY_ALG_AEAD,  32, 12, 16 },
    /* RFC 6655 Section 3 */
    { COVEY_AES_CCM_24_64_128,  COVEY_ALG_TLS_AEAD, 16, 12,  8 },
    { COVEY_AES_CCM_24_128_128, COVEY_ALG_TLS_AEAD, 16, 12, 16 },
    /* RFC 9459 Section 4 */
    { COVEY_A128CTR,            COVEY_ALG_CIPHER, 16, 12, 0 },
    { COVEY_A192CTR,            COVEY_ALG_CIPHER, 24, 12, 0 },
    { COVEY_A256CTR,            COVEY_ALG_CIPHER, 32, 12, 0 },
    /* RFC 9053 Section 3.1, RFC 9054 Section 3.2:   MAC, digest */
    { COVEY_HMAC_256_256,       COVEY_ALG_HMAC,   0,  0, 32 },
    { COVEY_HMAC_384_384,       COVEY_ALG_HMAC,   0,  0, 48 },
    { COVEY_HMAC_512_512,       COVEY_ALG_HMAC,   0,  0, 64 },
    { COVEY_SHA_256,            COVEY_ALG_HASH,   0,  0, 32 },
    { COVEY_SHA_384,            COVEY_ALG_HASH,   0,  0, 48 },
    { COVEY_SHA_512,            COVEY_ALG_HASH,   0,  0, 64 },
    /* RFC 9053 Sections 2 and 6.3.1, RFC 8812 Section 2 */
    { COVEY_EDDSA,              COVEY_ALG_SIGNATURE, 0, 0, 0 },
    { COVEY_ES256,              COVEY_ALG_SIGNATURE, 0, 0, 0 },
    { COVEY_ES384,              COVEY_ALG_SIGNATURE, 0, 0, 0 },
    { COVEY_ES512,              COVEY_ALG_SIGNATURE, 0, 0, 0 },
    { COVEY_ESB256,             COVEY_ALG_SIGNATURE, 0, 0, 0 },
    { COVEY_ESB384,             COVEY_ALG_SIGNATURE, 0, 0, 0 },
    { COVEY_PS256,              COVEY_ALG_SIGNATURE, 0, 0, 0 },
    { COVEY_PS384,              COVEY_ALG_SIGNATURE, 0, 0, 0 },
    { COVEY_PS512,              COVEY_ALG_SIGNATURE, 0, 0, 0 },
    { COVEY_ECDH_SS_HKDF_256,   COVEY_ALG_AGREEMENT, 0, 0, 0 },
    { COVEY_ECDH_SS_HKDF_512,   COVEY_ALG_AGREEMENT, 0, 0, 0 },
};

/* RFC 8032 Section 5, RFC 9053 Section 2.1 */
static const struct signature_row {
    int32_t alg;
    int32_t curve;
    uint8_t len;
} signatures[] = {
    { COVEY_EDDSA, COVEY_ED25519, 64 },
    { COVEY_EDDSA, COVEY_ED448,  114 },
    { COVEY_ES256, COVEY_P256,    64 },
    { COVEY_ES384, COVEY_P384,    96 },
    { COVEY_ES512, COVEY_P521,   132 },
    { COVEY_ESB256, COVEY_BRAINPOOLP256R1, 64 },
    { COVEY_ESB384, COVEY_BRAINPOOLP384R1, 96 },
};
/* clang-format on */

const covey_alg *covey_alg_find(int32_t id)
{
    for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++) {
        if (algs[i].id == id) {
            return &algs[i];
        }
    }
    return NULL;
}

bool covey_alg_is(int32_t id, covey_alg_kind kind)
{
    const covey_alg *a = covey_alg_find(id);

    return a != NULL && a->kind == kind;
}

const covey_alg *covey_aead_find(int32_t id)
{
    const covey_alg *a = covey_alg_find(id);

    return a && a->key_len > 0 ? a : NULL;
}

size_t covey_signature_len(int32_t alg, int32_t curve)
{
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        if (signatures[i].alg == alg && signatures[i].curve == curve) {
            return signatures[i].len;
        }
    }
    return 0;
}
