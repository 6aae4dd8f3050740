/* SPDX-License-Identifier: BSD-2-Clause */
/* One certificate as it is, trusted or not. */
#include <covey/x509.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
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
