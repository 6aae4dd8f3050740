/* SPDX-License-Identifier: BSD-2-Clause */
#include "x509_make.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

static EVP_PKEY *make_key(int kind)
{
    EVP_PKEY *key = NULL;

    if (kind == EVP_PKEY_ED25519 || kind == EVP_PKEY_X25519) {
        key = EVP_PKEY_Q_keygen(NULL, NULL, OBJ_nid2sn(kind));
    } else if (kind == KEY_RSA_2048 || kind == KEY_RSA_1024) {
        key = EVP_RSA_gen((unsigned)kind);
    } else if (kind == KEY_P256_SPELT_OUT) {
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
        assert_int_equal(1, EVP_PKEY_keygen_init(ctx));
        assert_int_equal(1, EVP_PKEY_CTX_set_ec_paramgen_curve_nid(
                                ctx, NID_X9_62_prime256v1));
        assert_int_equal(
            1, EVP_PKEY_CTX_set_ec_param_enc(ctx, OPENSSL_EC_EXPLICIT_CURVE));
        assert_int_equal(1, EVP_PKEY_keygen(ctx, &key));
        EVP_PKEY_CTX_free(ctx);
    } else {
        key = EVP_EC_gen(OBJ_nid2sn(kind));
    }
    assert_non_null(key);
    return key;
}

static void put_name(X509_NAME *name, int nid, const char *text)
{
    if (text != NULL) {
        assert_int_equal(1, X509_NAME_add_entry_by_NID(
                                name, nid, MBSTRING_UTF8,
                                (const unsigned char *)text, -1, -1, 0));
    }
}

static void put_extension(X509 *cert, X509V3_CTX *ctx, int nid,
                          const char *text)
{
    if (text == NULL || strcmp(text, NONE) == 0) {
        return;
    }
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, ctx, nid, text);
    assert_non_null(e);
    assert_int_equal(1, X509_add_ext(cert, e, -1));
    X509_EXTENSION_free(e);
}

/* 2.999 is the arc for examples. */
static void put_critical(X509 *cert)
{
    ASN1_OBJECT *oid = OBJ_txt2obj("2.999.1", 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();

    assert_int_equal(
        1, ASN1_OCTET_STRING_set(value, (const unsigned char *)"\5\0", 2));
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, value);
    assert_int_equal(1, X509_add_ext(cert, e, -1));
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
}

static void put_extensions(X509 *cert, X509 *issuer, const plan *p)
{
    X509V3_CTX ctx;

    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    put_extension(cert, &ctx, NID_subject_key_identifier, "hash");
    put_extension(cert, &ctx, NID_authority_key_identifier, p->aki);
    put_extension(cert, &ctx, NID_basic_constraints, p->basic);
    put_extension(cert, &ctx, NID_key_usage, p->usage);
    if (p->critical) {
        put_critical(cert);
    }
}

static const EVP_MD *digest_of(const EVP_PKEY *key, bool sha1)
{
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
        return NULL;
    }
    return sha1 ? EVP_sha1() : EVP_sha256();
}

/* What is not wanted otherwise. */
static plan complete(const plan *w, const plan *d)
{
    plan p = *w;

    if (p.serial == NULL && p.name == NULL) {
        p.serial = d->serial;
        p.name = d->name;
    }
    p.key = p.key != 0 ? p.key : d->key;
    p.from = p.from != 0 ? p.from : d->from;
    p.to = p.to != 0 ? p.to : d->to;
    p.basic = p.basic != NULL ? p.basic : d->basic;
    p.usage = p.usage != NULL ? p.usage : d->usage;
    p.aki = p.aki != NULL ? p.aki : d->aki;
    return p;
}

void make(made *out, const plan *wanted, const plan *defaults,
          const made *issuer)
{
    static long number = 1;
    const plan p = complete(wanted, defaults);
    unsigned char *at = out->der;

    out->key = make_key(p.key);
    out->cert = X509_new();
    X509 *by = issuer != NULL ? issuer->cert : out->cert;
    EVP_PKEY *key = issuer != NULL ? issuer->key : out->key;
    X509_NAME *subject = X509_get_subject_name(out->cert);

    assert_int_equal(1, X509_set_version(out->cert, X509_VERSION_3));
    ASN1_INTEGER_set(X509_get_serialNumber(out->cert), number++);
    ASN1_TIME_set(X509_getm_notBefore(out->cert), (time_t)p.from);
    ASN1_TIME_set(X509_getm_notAfter(out->cert), (time_t)p.to);
    put_name(subject, NID_serialNumber, p.serial);
    put_name(subject, NID_serialNumber, p.serial_again);
    put_name(subject, NID_commonName, p.name);
    put_name(subject, NID_commonName, p.name_again);
    assert_int_equal(
        1, X509_set_issuer_name(out->cert, X509_get_subject_name(by)));
    assert_int_equal(1, X509_set_pubkey(out->cert, out->key));
    put_extensions(out->cert, by, &p);
    assert_true(X509_sign(out->cert, key, digest_of(key, p.sha1)) > 0);
    const int len = i2d_X509(out->cert, NULL);
    assert_in_range(len, 1, sizeof out->der);
    out->len = (size_t)i2d_X509(out->cert, &at);
}

void unmake(made *m)
{
    X509_free(m->cert);
    EVP_PKEY_free(m->key);
}

covey_bytes der_of(const made *m)
{
    return covey_bytes_of(m->der, m->len);
}
