/* SPDX-License-Identifier: BSD-2-Clause */
/* One certificate as it is, trusted or not. */
#include <covey/x509.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* NULL: not one certificate, or more than that. */
static X509 *decode(covey_bytes der)
{
    const unsigned char *at = der.ptr;
    X509 *cert = der.ptr != NULL && der.len <= INT32_MAX
                     ? d2i_X509(NULL, &at, (long)der.len)
                     : NULL;

    if (cert != NULL && at != der.ptr + der.len) {
        X509_free(cert);
        cert = NULL;
    }
    return cert;
}

static bool unix_of(const ASN1_TIME *time, int64_t *out)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0;
    int seconds = 0;
    const bool good =
        epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;

    ASN1_TIME_free(epoch);
    *out = (int64_t)days * 86400 + seconds;
    return good;
}

static bool is_old_hash(X509 *cert)
{
    int hash = NID_undef;

    if (X509_get_signature_info(cert, &hash, NULL, NULL, NULL) != 1) {
        return false;
    }
    return hash == NID_sha1 || hash == NID_md5 || hash == NID_md5_sha1 ||
           hash == NID_md4 || hash == NID_md2;
}

static void count_names(const X509 *cert, covey_x509_view *view)
{
    GENERAL_NAMES *all =
        X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; i < sk_GENERAL_NAME_num(all) && i < UINT16_MAX; i++) {
        const int type = sk_GENERAL_NAME_value(all, i)->type;
        if (type == GEN_DNS) {
            view->names++;
        } else if (type == GEN_IPADD) {
            view->addresses++;
        }
    }
    GENERAL_NAMES_free(all);
}

covey_status covey_x509_view_of(covey_bytes der, covey_x509_view *out)
{
    X509 *cert = decode(der);
    covey_x509_view view = { .valid_from = 0 };
    covey_status st = COVEY_E_FORMAT;

    if (cert != NULL && unix_of(X509_get0_notBefore(cert), &view.valid_from) &&
        unix_of(X509_get0_notAfter(cert), &view.valid_until)) {
        const EVP_PKEY *key = X509_get0_pubkey(cert);
        const int bits = key != NULL ? EVP_PKEY_get_security_bits(key) : 0;
        view.key_bits = bits > 0 ? (uint16_t)bits : 0;
        view.self_signed = X509_self_signed(cert, 1) == 1;
        view.old_hash = is_old_hash(cert);
        count_names(cert, &view);
        *out = view;
        st = COVEY_OK;
    }
    X509_free(cert);
    ERR_clear_error();
    return st;
}

bool covey_x509_is_for(covey_bytes der, const char *name)
{
    const unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                           X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    X509 *cert = decode(der);
    const bool good =
        cert != NULL && (X509_check_ip_asc(cert, name, 0) == 1 ||
                         X509_check_host(cert, name, 0, flags, NULL) == 1);

    X509_free(cert);
    ERR_clear_error();
    return good;
}

/* --- what its key has signed --------------------------------------------- */

struct scheme_row {
    uint16_t number; /* RFC 8446 Section 4.2.3 */
    bool pss;
    int kind; /* of the key */
    const EVP_MD *(*hash)(void);
};

/* clang-format off */
static const struct scheme_row schemes[] = {
    { 0x0201, false, EVP_PKEY_RSA,     EVP_sha1 },
    { 0x0401, false, EVP_PKEY_RSA,     EVP_sha256 },
    { 0x0501, false, EVP_PKEY_RSA,     EVP_sha384 },
    { 0x0601, false, EVP_PKEY_RSA,     EVP_sha512 },
    { 0x0804, true,  EVP_PKEY_RSA,     EVP_sha256 },
    { 0x0805, true,  EVP_PKEY_RSA,     EVP_sha384 },
    { 0x0806, true,  EVP_PKEY_RSA,     EVP_sha512 },
    { 0x0203, false, EVP_PKEY_EC,      EVP_sha1 },
    { 0x0403, false, EVP_PKEY_EC,      EVP_sha256 },
    { 0x0503, false, EVP_PKEY_EC,      EVP_sha384 },
    { 0x0603, false, EVP_PKEY_EC,      EVP_sha512 },
    { 0x0807, false, EVP_PKEY_ED25519, NULL },
};
/* clang-format on */

static const struct scheme_row *find_scheme(uint16_t number, EVP_PKEY *key)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (schemes[i].number == number && key != NULL &&
            EVP_PKEY_get_base_id(key) == schemes[i].kind) {
            return &schemes[i];
        }
    }
    return NULL;
}

static bool has_signed(EVP_PKEY *key, const struct scheme_row *scheme,
                       covey_bytes tbs, covey_bytes signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how = NULL;
    const EVP_MD *hash = scheme->hash != NULL ? scheme->hash() : NULL;
    bool good =
        ctx != NULL && EVP_DigestVerifyInit(ctx, &how, hash, NULL, key) == 1;

    if (good && scheme->pss) {
        good =
            EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1;
    }
    good = good && EVP_DigestVerify(ctx, signature.ptr, signature.len, tbs.ptr,
                                    tbs.len) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

covey_status covey_x509_verify(covey_bytes der, uint16_t scheme,
                               covey_bytes tbs, covey_bytes signature)
{
    X509 *cert = decode(der);
    EVP_PKEY *key = cert != NULL ? X509_get0_pubkey(cert) : NULL;
    const struct scheme_row *row = find_scheme(scheme, key);
    covey_status st = COVEY_E_FORMAT;

    if (cert != NULL) {
        st = row == NULL                            ? COVEY_E_UNSUPPORTED
             : has_signed(key, row, tbs, signature) ? COVEY_OK
                                                    : COVEY_E_AUTH;
    }
    X509_free(cert);
    ERR_clear_error();
    return st;
}
