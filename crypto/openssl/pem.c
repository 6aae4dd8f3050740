/* SPDX-License-Identifier: BSD-2-Clause */
#include "pem.h"

#include <covey/crypto.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <string.h>

static const struct ec_row {
    const char *name; /* of libcrypto */
    int32_t curve;
    int len;
} ec_rows[] = {
    { "prime256v1", COVEY_P256, 32 },
    { "secp384r1", COVEY_P384, 48 },
};

enum {
    OKP_LEN = 32 /* RFC 8032 Section 5.1.5, RFC 7748 Section 5 */
};

/* Nobody is asked for a password. *user: that one was wanted. */
static int no_password(char *buffer, int size, int writing, void *user)
{
    bool *wanted = user;

    (void)buffer;
    (void)size;
    (void)writing;
    *wanted = true;
    return -1;
}

static covey_status take_okp(const EVP_PKEY *key, uint8_t *raw)
{
    size_t len = OKP_LEN;

    return EVP_PKEY_get_raw_private_key(key, raw, &len) == 1 && len == OKP_LEN
               ? COVEY_OK
               : COVEY_E_CRYPTO;
}

static covey_status take_ec(const EVP_PKEY *key, const struct ec_row *row,
                            uint8_t *raw)
{
    BIGNUM *d = NULL;
    covey_status st = COVEY_E_CRYPTO;

    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1 &&
        BN_bn2binpad(d, raw, row->len) == row->len) {
        st = COVEY_OK;
    }
    BN_clear_free(d);
    return st;
}

static const struct ec_row *ec_row_of(const EVP_PKEY *key)
{
    char name[40];
    size_t len;

    if (EVP_PKEY_get_group_name(key, name, sizeof name, &len) != 1) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof ec_rows / sizeof ec_rows[0]; i++) {
        if (strcmp(ec_rows[i].name, name) == 0) {
            return &ec_rows[i];
        }
    }
    return NULL;
}

static covey_status take(const EVP_PKEY *key, int32_t *curve,
                         covey_writer *out)
{
    uint8_t raw[COVEY_PRIVATE_MAX];
    const struct ec_row *row = NULL;
    int32_t which = 0;
    size_t len = OKP_LEN;
    covey_status st = COVEY_E_UNSUPPORTED;

    if (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "X25519")) {
        which = EVP_PKEY_is_a(key, "ED25519") ? COVEY_ED25519 : COVEY_X25519;
        st = take_okp(key, raw);
    } else if (EVP_PKEY_is_a(key, "EC") && (row = ec_row_of(key)) != NULL) {
        which = row->curve;
        len = (size_t)row->len;
        st = take_ec(key, row, raw);
    }
    if (st == COVEY_OK) {
        covey_write_bytes(out, covey_bytes_of(raw, len));
        st = out->failed;
    }
    covey_wipe(raw, sizeof raw);
    if (st == COVEY_OK) {
        *curve = which;
    }
    return st;
}

covey_status covey_pem_private_key(covey_bytes text, int32_t *curve,
                                   covey_writer *raw)
{
    bool wanted = false;
    BIO *in;

    if (text.len == 0 || text.len > INT32_MAX) {
        return COVEY_E_FORMAT;
    }
    in = BIO_new_mem_buf(text.ptr, (int)text.len);
    EVP_PKEY *key =
        in != NULL ? PEM_read_bio_PrivateKey(in, NULL, no_password, &wanted)
                   : NULL;
    covey_status st = COVEY_E_FORMAT;
    if (key != NULL) {
        st = take(key, curve, raw);
    } else if (wanted) {
        st = COVEY_E_UNSUPPORTED;
    } else if (in == NULL ||
               ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE) {
        st = COVEY_E_CRYPTO;
    }
    EVP_PKEY_free(key);
    BIO_free(in);
    ERR_clear_error();
    return st;
}
