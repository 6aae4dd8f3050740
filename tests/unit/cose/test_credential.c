/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/cose.h>
#include <covey/spki.h>

#include "../spki/certificates.h"
#include "../spki/keys.h"
#include "kit.h"

static uint8_t storage[1024];

static covey_bytes bytes(const char *hex)
{
    return kit_hex(hex, storage, sizeof storage);
}

#define OKP_X                                                                 \
    "84f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae072eb77"
#define OKP_KEY "a4 0101 0327 2006 215820" OKP_X
#define CNF     "08 a1 01" OKP_KEY

/* RFC 9529 Section 3: CRED_I, with kid and both coordinates. */
#define CRED_I_X                                                              \
    "ac75e9ece3e50bfc8ed60399889522405c47bf16df96660a41298cb4307f7eb6"
#define CRED_I_Y                                                              \
    "6e5de611388a4b8a8211334ac7d37ecb52a387d257e6db3c2a93df21ff3affc8"
#define CRED_I                                                                \
    "a2027734322d35302d33312d46462d45462d33372d33322d333908a101a5010202412b"  \
    "2001215820" CRED_I_X "225820" CRED_I_Y
/* draft-ietf-core-cacheable-oscore, test vectors: the server's CCS. */
#define CACHEABLE_X                                                           \
    "77ec358c1d344e41ee0e87b8383d23a2099acd39bdf989ce45b52e887463389b"
#define CACHEABLE                                                             \
    "a501781a636f6170733a2f2f7365727665722e6578616d706c652e636f6d026673656e"  \
    "64657203781a636f6170733a2f2f636c69656e742e6578616d706c652e6f7267041a70"  \
    "004b4f08a101a4010103272006215820" CACHEABLE_X
/* Of the same family, encoded with alg before kty: not deterministic. */
#define BACKWARDS_X                                                           \
    "cde3efd3bc3f99c9c9ee210415c6cba55061b5046e963b8a58c9143a61166472"
#define BACKWARDS "a1 08 a1 01 a4 0327 0101 2006 215820" BACKWARDS_X

struct credential {
    const char *why;
    const char *hex;
    const char *public_key; /* as the provider takes it */
    covey_cose_credential_kind kind;
    covey_curve curve;
    int32_t alg;
};

/* clang-format off */
static const struct credential credentials[] = {
    { "CCS with cnf only", "a1" CNF, OKP_X, COVEY_CREDENTIAL_CCS,
      COVEY_ED25519, COVEY_EDDSA },
    { "CCS of RFC 9529, EC2", CRED_I, "04" CRED_I_X CRED_I_Y,
      COVEY_CREDENTIAL_CCS, COVEY_P256, 0 },
    { "CCS of cacheable-oscore, many claims", CACHEABLE, CACHEABLE_X,
      COVEY_CREDENTIAL_CCS, COVEY_ED25519, COVEY_EDDSA },
    { "CCS that is not deterministic", BACKWARDS, BACKWARDS_X,
      COVEY_CREDENTIAL_CCS, COVEY_ED25519, COVEY_EDDSA },
    { "CCS of indefinite length, claims with names and floating point",
      "bf 6161 fb3ff199999999999a 6162 bf0102ff" CNF "ff", OKP_X,
      COVEY_CREDENTIAL_CCS, COVEY_ED25519, COVEY_EDDSA },
    { "CCS with a kid beside the key in cnf",
      "a1 08 a2 01" OKP_KEY "034101", OKP_X, COVEY_CREDENTIAL_CCS,
      COVEY_ED25519, COVEY_EDDSA },
    { "CWT: protected, unprotected, payload, signature",
      "84 43a10127 a0 582e a1" CNF "41ff", OKP_X, COVEY_CREDENTIAL_CWT,
      COVEY_ED25519, COVEY_EDDSA },
    { "X.509 of RFC 9529, Ed25519", ED25519_CERTIFICATE,
      ED25519_CERTIFICATE_KEY, COVEY_CREDENTIAL_X509, COVEY_ED25519, 0 },
    { "X.509, P-256", P256_CERTIFICATE, "04" P256_X P256_Y,
      COVEY_CREDENTIAL_X509, COVEY_P256, 0 },
};
/* clang-format on */

static void finds_the_public_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(credentials); i++) {
        const struct credential *c = &credentials[i];
        covey_bytes credential = bytes(c->hex);
        uint8_t room[COVEY_PUBLIC_MAX];
        covey_writer w = covey_writer_of(room, sizeof room);
        covey_cose_key key;

        kit_case(c->why);
        assert_int_equal(c->kind, covey_cose_credential_kind_of(credential));
        CHECK_STATUS(COVEY_OK, covey_cose_credential_key(&key, credential));
        assert_int_equal(c->curve, key.curve);
        assert_int_equal(c->alg, key.alg);
        assert_null(key.d.ptr);
        covey_cose_key_put_public(&w, &key);
        CHECK_HEX(c->public_key, covey_written(&w));
        assert_true(key.x.ptr >= credential.ptr &&
                    key.x.ptr + key.x.len <= credential.ptr + credential.len);
    }
    kit_case(NULL);
}

/* A DER SEQUENCE around what `w` holds from `start` on. */
static void wrap(covey_writer *w, size_t start)
{
    size_t len = w->pos - start;
    size_t head = len < 128 ? 2 : 3;

    assert_true(len < 256);
    assert_non_null(covey_write_reserve(w, head));
    memmove(w->base + start + head, w->base + start, len);
    w->base[start] = 0x30;
    w->base[start + 1] = 0x81;
    w->base[start + head - 1] = (uint8_t)len;
}

/* A certificate around a SubjectPublicKeyInfo, with empty fields. */
static covey_bytes certify(const char *spki_hex)
{
    uint8_t part[256];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    covey_write_bytes(&w, kit_hex("020101 3000 3000 3000 3000", part, 32));
    covey_write_bytes(&w, kit_hex(spki_hex, part, sizeof part));
    wrap(&w, 0);
    covey_write_bytes(&w, kit_hex("3000 030100", part, sizeof part));
    wrap(&w, 0);
    return covey_written(&w);
}

static void knows_the_curves_of_certificates(void **state)
{
    static const struct {
        const char *spki;
        covey_curve curve;
        covey_cose_kty kty;
        const char *public_key;
    } rows[] = {
        { X25519_SPKI, COVEY_X25519, COVEY_KTY_OKP, X25519_KEY },
        { X448_SPKI, COVEY_X448, COVEY_KTY_OKP, X448_KEY },
        { ED25519_SPKI, COVEY_ED25519, COVEY_KTY_OKP, ED25519_KEY },
        { ED448_SPKI, COVEY_ED448, COVEY_KTY_OKP, ED448_KEY },
        { P256_SPKI, COVEY_P256, COVEY_KTY_EC2, "04" P256_X P256_Y },
        { P256_SHORT_SPKI, COVEY_P256, COVEY_KTY_EC2, "02" P256_X },
        { "3039" P256_ID "032200"
          "03" P256_X,
          COVEY_P256, COVEY_KTY_EC2, "03" P256_X },
        { P384_SPKI, COVEY_P384, COVEY_KTY_EC2, P384_KEY },
        { P521_SPKI, COVEY_P521, COVEY_KTY_EC2, P521_KEY },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t room[COVEY_PUBLIC_MAX];
        covey_writer w = covey_writer_of(room, sizeof room);
        covey_cose_key key;

        kit_case(rows[i].spki);
        CHECK_STATUS(COVEY_OK,
                     covey_cose_credential_key(&key, certify(rows[i].spki)));
        assert_int_equal(rows[i].curve, key.curve);
        assert_int_equal(rows[i].kty, key.kty);
        covey_cose_key_put_public(&w, &key);
        assert_int_equal(COVEY_OK, w.failed);
        CHECK_HEX(rows[i].public_key, covey_written(&w));
    }
    kit_case(NULL);
}

static void names_rsa_when_refusing_it(void **state)
{
    covey_bytes certificate = bytes(RSA_CERTIFICATE);
    covey_cose_key key;
    covey_spki spki;

    (void)state;
    CHECK_STATUS(COVEY_E_UNSUPPORTED,
                 covey_cose_credential_key(&key, certificate));
    CHECK_STATUS(COVEY_OK, covey_spki_of_certificate(&spki, certificate));
    assert_string_equal("RSA", covey_spki_name(spki.algorithm));
}

struct refusal {
    const char *why;
    const char *hex;
    const char *name; /* of the kind */
    covey_status expected;
};

#define CCS     "CCS"
#define CWT     "CWT"
#define X509    "X.509 certificate"
#define C509    "C509 certificate"
#define UNKNOWN "unknown credential"

/* clang-format off */
static const struct refusal refusals[] = {
    { "nothing", "", UNKNOWN, COVEY_E_UNSUPPORTED },
    { "an integer", "00", UNKNOWN, COVEY_E_UNSUPPORTED },
    { "a byte string around a CCS", "582ea1" CNF, UNKNOWN,
      COVEY_E_UNSUPPORTED },
    { "text", "6161", UNKNOWN, COVEY_E_UNSUPPORTED },
    { "a DER INTEGER", "020101", UNKNOWN, COVEY_E_UNSUPPORTED },
    { "a claims set without claims", "a0", CCS, COVEY_E_FORMAT },
    { "no cnf", "a2 01 6161 02 6162", CCS, COVEY_E_FORMAT },
    { "cnf twice", "a2" CNF CNF, CCS, COVEY_E_FORMAT },
    { "cnf twice, the second longer encoded", "a2" CNF "18" CNF, CCS,
      COVEY_E_FORMAT },
    { "cnf under its name", "a1 63636e66 a1 01" OKP_KEY, CCS,
      COVEY_E_FORMAT },
    { "cnf is no map", "a1 08 01", CCS, COVEY_E_FORMAT },
    { "cnf without a key, kid only", "a1 08 a1 034101", CCS,
      COVEY_E_FORMAT },
    { "cnf with an encrypted key", "a1 08 a1 02 83 40 a0 40", CCS,
      COVEY_E_FORMAT },
    { "two keys in cnf", "a1 08 a2 01" OKP_KEY "01" OKP_KEY, CCS,
      COVEY_E_FORMAT },
    { "a claim that is no label", "a2" CNF "f6 00", CCS, COVEY_E_FORMAT },
    { "a byte after the claims", "a1" CNF "00", CCS, COVEY_E_FORMAT },
    { "claims cut", "a2" CNF, CCS, COVEY_E_SHORT },
    { "claims cut within a claim", "a2" CNF "0142", CCS, COVEY_E_SHORT },
    { "the private key in it", "a1 08 a1 01 a5 0101 0327 2006 215820" OKP_X
      "235820" OKP_X, CCS, COVEY_E_RANGE },
    { "a key of the wrong length", "a1 08 a1 01 a3 0101 2006 2141aa", CCS,
      COVEY_E_RANGE },
    { "a symmetric key", "a1 08 a1 01 a1 0104", CCS, COVEY_E_UNSUPPORTED },
    { "a claim nested too deep",
      "a2 01 8181818181818181818181818181818181 00" CNF, CCS,
      COVEY_E_UNSUPPORTED },
    { "CWT with its tag", "d83d 84 43a10127 a0 582ea1" CNF "41ff", CWT,
      COVEY_E_RANGE },
    { "CWT with the tag of COSE_Sign1", "d2 84 43a10127 a0 582ea1" CNF
      "41ff", CWT, COVEY_E_RANGE },
    { "encrypted CWT", "d0 83 43a1010a a0 41ff", CWT, COVEY_E_RANGE },
    { "CCS with a tag that is not CWT's", "d83c a1" CNF, UNKNOWN,
      COVEY_E_UNSUPPORTED },
    { "a tag cut", "d8", UNKNOWN, COVEY_E_UNSUPPORTED },
    { "CWT without a payload", "84 43a10127 a0 f6 41ff", CWT,
      COVEY_E_FORMAT },
    { "CWT with an empty payload", "84 43a10127 a0 40 41ff", CWT,
      COVEY_E_SHORT },
    { "CWT without a signature", "84 43a10127 a0 582ea1" CNF "f6", CWT,
      COVEY_E_FORMAT },
    { "CWT with an array of signatures", "84 43a10127 a0 582ea1" CNF "80",
      CWT, COVEY_E_FORMAT },
    { "CWT whose unprotected attributes are no map",
      "84 43a10127 80 582ea1" CNF "41ff", CWT, COVEY_E_FORMAT },
    { "CWT and a byte more", "84 43a10127 a0 582ea1" CNF "41ff00", CWT,
      COVEY_E_FORMAT },
    { "CWT cut", "84 43a10127 a0 582ea1" CNF "42ff", CWT, COVEY_E_SHORT },
    { "CWT cut after three", "84 43a10127 a0 40", CWT, COVEY_E_SHORT },
    { "an array of three", "83 43a10127 a0 40", UNKNOWN,
      COVEY_E_UNSUPPORTED },
    { "an array of four that does not begin with bytes", "84 00 a0 40 40",
      UNKNOWN, COVEY_E_UNSUPPORTED },
    { "C509 as an array", "8b 03 4301f50d 00 63524341 1a00000000 1a00000001"
      "4601234567 89ab 01 40 80 40", C509, COVEY_E_UNSUPPORTED },
    { "C509 as a sequence", "03 4301f50d 00 63524341", C509,
      COVEY_E_UNSUPPORTED },
    { "an array of eleven that is no C509", "8b 04 40 0000000000000000 00",
      UNKNOWN, COVEY_E_UNSUPPORTED },
    { "an array of eleven, type as text", "8b 6133 40 0000000000000000 00",
      UNKNOWN, COVEY_E_UNSUPPORTED },
    { "SubjectPublicKeyInfo without its certificate", ED25519_SPKI, X509,
      COVEY_E_FORMAT },
    { "DER cut", "3082012c", X509, COVEY_E_SHORT },
    { "SEQUENCE of nothing", "3000", X509, COVEY_E_SHORT },
};
/* clang-format on */

static void refuses_and_names_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        covey_bytes credential = bytes(refusals[i].hex);
        covey_cose_key key;
        covey_cose_key before;

        kit_case(refusals[i].why);
        memset(&key, 0x5a, sizeof key);
        memcpy(&before, &key, sizeof key);
        CHECK_STATUS(refusals[i].expected,
                     covey_cose_credential_key(&key, credential));
        assert_memory_equal(&before, &key, sizeof key);
        assert_string_equal(refusals[i].name,
                            covey_cose_credential_name(
                                covey_cose_credential_kind_of(credential)));
    }
    kit_case(NULL);
}

static void refuses_every_prefix(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(credentials); i++) {
        covey_bytes credential = bytes(credentials[i].hex);

        kit_case(credentials[i].why);
        for (size_t len = 0; len < credential.len; len++) {
            covey_cose_key key;

            assert_int_not_equal(
                COVEY_OK,
                covey_cose_credential_key(&key, covey_bytes_of(storage, len)));
        }
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_public_key),
        cmocka_unit_test(knows_the_curves_of_certificates),
        cmocka_unit_test(names_rsa_when_refusing_it),
        cmocka_unit_test(refuses_and_names_what_it_is),
        cmocka_unit_test(refuses_every_prefix),
    };
    return KIT_RUN(tests);
}
