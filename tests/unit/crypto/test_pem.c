/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys that libcrypto itself writes, and what is no key for us. */
#include <covey/crypto.h>

#include "kit.h"

#include <crypto/openssl/openssl.h>
#include <crypto/openssl/pem.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

enum {
    TEXT_MAX = 4096
};

struct text {
    char bytes[TEXT_MAX];
    size_t len;
};

static EVP_PKEY *make(const char *type, const char *group)
{
    EVP_PKEY *key = group != NULL ? EVP_PKEY_Q_keygen(NULL, NULL, type, group)
                                  : EVP_PKEY_Q_keygen(NULL, NULL, type);

    assert_non_null(key);
    return key;
}

static void keep(BIO *out, struct text *t)
{
    const int n = BIO_read(out, t->bytes, TEXT_MAX);

    assert_true(n > 0 && n < TEXT_MAX);
    t->len = (size_t)n;
    BIO_free(out);
}

static void write_key(const EVP_PKEY *key, const EVP_CIPHER *cipher,
                      struct text *t)
{
    BIO *out = BIO_new(BIO_s_mem());
    char password[] = "secret";

    assert_int_equal(1, PEM_write_bio_PKCS8PrivateKey(
                            out, key, cipher, cipher != NULL ? password : NULL,
                            cipher != NULL ? 6 : 0, NULL, NULL));
    keep(out, t);
}

static covey_bytes bytes_of(const struct text *t)
{
    return covey_bytes_of((const uint8_t *)t->bytes, t->len);
}

static covey_bytes public_of(const EVP_PKEY *key,
                             uint8_t out[COVEY_PUBLIC_MAX])
{
    size_t len = COVEY_PUBLIC_MAX;

    if (EVP_PKEY_is_a(key, "EC")) {
        assert_int_equal(1, EVP_PKEY_get_octet_string_param(
                                key, OSSL_PKEY_PARAM_PUB_KEY, out, len, &len));
    } else {
        assert_int_equal(1, EVP_PKEY_get_raw_public_key(key, out, &len));
    }
    return covey_bytes_of(out, len);
}

/* The provider's public key from what was read is that of the file. */
static void check_key(const EVP_PKEY *key, const struct text *t, int32_t curve)
{
    uint8_t raw[COVEY_PRIVATE_MAX];
    uint8_t ours[COVEY_PUBLIC_MAX];
    uint8_t theirs[COVEY_PUBLIC_MAX];
    covey_writer r = covey_writer_of(raw, sizeof raw);
    covey_writer w = covey_writer_of(ours, sizeof ours);
    int32_t found = 0;
    covey_crypto crypto;
    covey_key handle;

    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    CHECK_STATUS(COVEY_OK, covey_pem_private_key(bytes_of(t), &found, &r));
    assert_int_equal(curve, found);
    CHECK_STATUS(COVEY_OK, crypto.private_key(crypto.provider, curve,
                                              covey_written(&r), &handle));
    CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &handle, &w));
    CHECK_SPAN(public_of(key, theirs), covey_written(&w));
    crypto.key_drop(crypto.provider, &handle);
    covey_openssl_close(&crypto);
}

static void reads_what_libcrypto_writes(void **state)
{
    static const struct {
        const char *type;
        const char *group;
        int32_t curve;
    } cases[] = {
        { "ED25519", NULL, COVEY_ED25519 },
        { "X25519", NULL, COVEY_X25519 },
        { "EC", "P-256", COVEY_P256 },
        { "EC", "P-384", COVEY_P384 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        EVP_PKEY *key = make(cases[i].type, cases[i].group);
        struct text t;

        write_key(key, NULL, &t);
        check_key(key, &t, cases[i].curve);
        EVP_PKEY_free(key);
    }
}

static void reads_the_form_of_sec_1(void **state)
{
    EVP_PKEY *key = make("EC", "P-256");
    BIO *out = BIO_new(BIO_s_mem());
    struct text t;

    (void)state;
    assert_int_equal(1, PEM_write_bio_PrivateKey_traditional(
                            out, key, NULL, NULL, 0, NULL, NULL));
    keep(out, &t);
    check_key(key, &t, COVEY_P256);
    EVP_PKEY_free(key);
}

static void check_refused(const struct text *t, covey_status status)
{
    uint8_t raw[COVEY_PRIVATE_MAX];
    covey_writer r = covey_writer_of(raw, sizeof raw);
    int32_t curve = 77;

    CHECK_STATUS(status, covey_pem_private_key(bytes_of(t), &curve, &r));
    assert_int_equal(0, r.pos);
    assert_int_equal(77, curve);
    assert_int_equal(0, ERR_peek_error());
}

static void refuses_keys_that_it_cannot_use(void **state)
{
    static const char *const types[][2] = { { "EC", "P-521" },
                                            { "EC", "secp256k1" },
                                            { "ED448", NULL } };
    struct text t;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        EVP_PKEY *key = make(types[i][0], types[i][1]);
        write_key(key, NULL, &t);
        check_refused(&t, COVEY_E_UNSUPPORTED);
        EVP_PKEY_free(key);
    }
    EVP_PKEY *key = make("ED25519", NULL);
    write_key(key, EVP_aes_128_cbc(), &t);
    check_refused(&t, COVEY_E_UNSUPPORTED); /* encrypted */
    BIO *out = BIO_new(BIO_s_mem());
    assert_int_equal(1, PEM_write_bio_PUBKEY(out, key));
    keep(out, &t);
    check_refused(&t, COVEY_E_FORMAT); /* no private key */
    EVP_PKEY_free(key);
}

/* Cut off anywhere it is no key any more. */
static void refuses_every_beginning(void **state)
{
    EVP_PKEY *key = make("EC", "P-256");
    struct text t;

    (void)state;
    write_key(key, NULL, &t);
    t.len -= 2; /* the last hyphen and the end of the line */
    for (; t.len > 0; t.len--) {
        check_refused(&t, COVEY_E_FORMAT);
    }
    check_refused(&t, COVEY_E_FORMAT);
    EVP_PKEY_free(key);
}

static void says_when_there_is_no_room(void **state)
{
    EVP_PKEY *key = make("ED25519", NULL);
    uint8_t raw[31];
    covey_writer r = covey_writer_of(raw, sizeof raw);
    struct text t;
    int32_t curve;

    (void)state;
    write_key(key, NULL, &t);
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_pem_private_key(bytes_of(&t), &curve, &r));
    EVP_PKEY_free(key);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_libcrypto_writes),
        cmocka_unit_test(reads_the_form_of_sec_1),
        cmocka_unit_test(refuses_keys_that_it_cannot_use),
        cmocka_unit_test(refuses_every_beginning),
        cmocka_unit_test(says_when_there_is_no_room),
    };

    return KIT_RUN(tests);
}
