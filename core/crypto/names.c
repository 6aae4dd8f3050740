/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the IANA registries "COSE Algorithms" and "COSE Elliptic Curves",
 * for messages to people. */
#include <covey/crypto.h>

struct row {
    int32_t id;
    const char *name;
};

/* clang-format off */
static const struct row algs[] = {
    { COVEY_A128GCM,            "A128GCM" },
    { COVEY_A192GCM,            "A192GCM" },
    { COVEY_A256GCM,            "A256GCM" },
    { COVEY_HMAC_256_256,       "HMAC 256/256" },
    { COVEY_HMAC_384_384,       "HMAC 384/384" },
    { COVEY_HMAC_512_512,       "HMAC 512/512" },
    { COVEY_AES_CCM_16_64_128,  "AES-CCM-16-64-128" },
    { COVEY_AES_CCM_16_64_256,  "AES-CCM-16-64-256" },
    { COVEY_AES_CCM_64_64_128,  "AES-CCM-64-64-128" },
    { COVEY_AES_CCM_64_64_256,  "AES-CCM-64-64-256" },
    { COVEY_CHACHA20_POLY1305,  "ChaCha20/Poly1305" },
    { COVEY_AES_CCM_16_128_128, "AES-CCM-16-128-128" },
    { COVEY_AES_CCM_16_128_256, "AES-CCM-16-128-256" },
    { COVEY_AES_CCM_64_128_128, "AES-CCM-64-128-128" },
    { COVEY_AES_CCM_64_128_256, "AES-CCM-64-128-256" },
    { COVEY_AES_CCM_24_64_128,  "AES-CCM-24-64-128" },
    { COVEY_AES_CCM_24_128_128, "AES-CCM-24-128-128" },
    { COVEY_A128CTR,            "A128CTR" },
    { COVEY_A192CTR,            "A192CTR" },
    { COVEY_A256CTR,            "A256CTR" },
    { COVEY_SHA_256,            "SHA-256" },
    { COVEY_SHA_384,            "SHA-384" },
    { COVEY_SHA_512,            "SHA-512" },
    { COVEY_ES256,              "ES256" },
    { COVEY_EDDSA,              "EdDSA" },
    { COVEY_ES384,              "ES384" },
    { COVEY_ES512,              "ES512" },
    { COVEY_ESB256,             "ESB256" },
    { COVEY_ESB384,             "ESB384" },
    { COVEY_PS256,              "PS256" },
    { COVEY_PS384,              "PS384" },
    { COVEY_PS512,              "PS512" },
    { COVEY_ECDH_SS_HKDF_256,   "ECDH-SS + HKDF-256" },
    { COVEY_ECDH_SS_HKDF_512,   "ECDH-SS + HKDF-512" },
    /* Refused, but not strangers: RFC 9459, RFC 9864, RFC 8812, RFC 9053. */
    { -65531, "A128CBC" },
    { -65530, "A192CBC" },
    { -65529, "A256CBC" },
    { -9,     "ESP256" },
    { -51,    "ESP384" },
    { -52,    "ESP512" },
    { -19,    "Ed25519" },
    { -53,    "Ed448" },
    { -47,    "ES256K" },
    { -257,   "RS256" },
    { -258,   "RS384" },
    { -259,   "RS512" },
    { -25,    "ECDH-ES + HKDF-256" },
    { -26,    "ECDH-ES + HKDF-512" },
    { 4,      "HMAC 256/64" },
    { 14,     "AES-MAC 128/64" },
    { 15,     "AES-MAC 256/64" },
    { 25,     "AES-MAC 128/128" },
    { 26,     "AES-MAC 256/128" },
};

static const struct row curves[] = {
    { COVEY_P256,    "P-256" },
    { COVEY_P384,    "P-384" },
    { COVEY_P521,    "P-521" },
    { COVEY_X25519,  "X25519" },
    { COVEY_X448,    "X448" },
    { COVEY_ED25519, "Ed25519" },
    { COVEY_ED448,   "Ed448" },
    { 8,             "secp256k1" },
    { COVEY_BRAINPOOLP256R1, "brainpoolP256r1" },
    { COVEY_BRAINPOOLP384R1, "brainpoolP384r1" },
    { COVEY_RSA,     "RSA" },
};
/* clang-format on */

static const char *name_of(const struct row *rows, size_t count, int32_t id,
                           const char *otherwise)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].id == id) {
            return rows[i].name;
        }
    }
    return otherwise;
}

const char *covey_alg_name(int32_t id)
{
    return name_of(algs, sizeof algs / sizeof algs[0], id,
                   "unknown algorithm");
}

const char *covey_curve_name(int32_t curve)
{
    return name_of(curves, sizeof curves / sizeof curves[0], curve,
                   "unknown curve");
}
