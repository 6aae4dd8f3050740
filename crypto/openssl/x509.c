/* SPDX-License-Identifier: BSD-2-Clause */
/* Path validation by X509_verify_cert, and what a member's certificate has to
 * be beyond it. */
#include <covey/x509.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <string.h>

#define PATH    "RFC 5280 Section 6.1.3"
#define ISSUER  "RFC 5280 Section 6.1.4"
#define BINDING "seed 002 Section 7.3"

enum {
    LEVEL = 2,     /* of libcrypto: 112 bits */
    LEVEL_PEER = 3 /* 128 bits */
};

/* The certificates of a question, as libcrypto has them. */
struct path {
    int level;
    const char *name; /* of a TLS server, or NULL */
    int purpose;      /* X509_PURPOSE_*, or 0 */
    X509 *leaf;       /* belongs to `all` */
    STACK_OF(X509) * all;
    STACK_OF(X509) * anchors;
    X509_STORE_CTX *ctx;
};

static covey_x509_verdict refuse(covey_x509_answer *a, size_t at,
                                 covey_x509_verdict verdict, const char *why,
                                 const char *source)
{
    a->verdict = verdict;
    a->at = at;
    a->why = why;
    a->source = source;
    return verdict;
}

static covey_x509_verdict no_host(covey_x509_answer *a)
{
    return refuse(a, 0, COVEY_X509_HOST,
                  "libcrypto failed or is out of memory", "");
}

/* libcrypto may blame the certificate for it. Empties the queue. */
static bool out_of_memory(void)
{
    unsigned long error;
    bool found = false;

    while ((error = ERR_get_error()) != 0) {
        found = found || ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
    }
    return found;
}

/* --- encoding ----------------------------------------------------------- */

/* One certificate and nothing behind it; written again it is the same, so it
 * has no second encoding that would be another credential. */
static X509 *decode(covey_bytes der)
{
    const unsigned char *at = der.ptr;
    unsigned char *again = NULL;
    X509 *cert = NULL;

    if (der.ptr != NULL && der.len <= INT32_MAX) {
        cert = d2i_X509(NULL, &at, (long)der.len);
    }
    if (cert == NULL) {
        return NULL;
    }
    int len = i2d_X509(cert, &again);
    if (len < 0 || (size_t)len != der.len ||
        memcmp(again, der.ptr, der.len) != 0) {
        X509_free(cert);
        cert = NULL;
    }
    OPENSSL_free(again);
    return cert;
}

/* *bad: which of them is none. */
static STACK_OF(X509) *
    decode_all(const covey_bytes *ders, size_t count, size_t *bad)
{
    STACK_OF(X509) *all = sk_X509_new_null();

    for (*bad = 0; all != NULL && *bad < count; ++*bad) {
        X509 *cert = decode(ders[*bad]);
        if (cert == NULL || sk_X509_push(all, cert) == 0) {
            X509_free(cert);
            break;
        }
    }
    return all;
}

static covey_x509_verdict
open_path(struct path *p, const covey_x509_question *q, covey_x509_answer *a)
{
    size_t bad;

    p->all = decode_all(q->chain, q->chain_count, &bad);
    if (p->all != NULL && bad < q->chain_count) {
        return refuse(a, bad, COVEY_X509_ENCODING,
                      "it is not one certificate in DER",
                      "RFC 5280 Section 4.1");
    }
    p->anchors = decode_all(q->anchors, q->anchor_count, &bad);
    if (p->anchors != NULL && bad < q->anchor_count) {
        return refuse(a, q->chain_count, COVEY_X509_ENCODING,
                      "it is not one certificate in DER",
                      "RFC 5280 Section 4.1");
    }
    p->ctx = X509_STORE_CTX_new();
    if (p->all == NULL || p->anchors == NULL || p->ctx == NULL) {
        return no_host(a);
    }
    p->leaf = sk_X509_value(p->all, 0);
    return COVEY_X509_TRUSTED;
}

static void close_path(struct path *p)
{
    X509_STORE_CTX_free(p->ctx);
    sk_X509_pop_free(p->all, X509_free);
    sk_X509_pop_free(p->anchors, X509_free);
}

/* --- the path ----------------------------------------------------------- */

struct reason {
    int code; /* X509_V_ERR_* */
    covey_x509_verdict verdict;
    const char *why;
    const char *source;
};

#define NO_ISSUER "its issuer is neither in the chain nor an anchor"
#define NO_SELF   "it is self-signed and no anchor"

/* clang-format off */
static const struct reason reasons[] = {
    { X509_V_ERR_CERT_NOT_YET_VALID, COVEY_X509_NOT_YET,
      "it is not valid yet", PATH },
    { X509_V_ERR_CERT_HAS_EXPIRED, COVEY_X509_EXPIRED,
      "it has expired", PATH },
    { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, COVEY_X509_NO_ANCHOR,
      NO_ISSUER, PATH },
    { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, COVEY_X509_NO_ANCHOR,
      NO_ISSUER, PATH },
    { X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, COVEY_X509_NO_ANCHOR,
      NO_ISSUER, PATH },
    { X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, COVEY_X509_NO_ANCHOR,
      NO_SELF, PATH },
    { X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, COVEY_X509_NO_ANCHOR,
      NO_SELF, PATH },
    { X509_V_ERR_CERT_SIGNATURE_FAILURE, COVEY_X509_SIGNATURE,
      "its signature is not that of its issuer", PATH },
    { X509_V_ERR_INVALID_CA, COVEY_X509_NOT_CA,
      "it issued another one and is no CA", ISSUER },
    { X509_V_ERR_KEYUSAGE_NO_CERTSIGN, COVEY_X509_NOT_CA,
      "it issued another one without the key usage keyCertSign", ISSUER },
    { X509_V_ERR_PATH_LENGTH_EXCEEDED, COVEY_X509_PATH_LENGTH,
      "more CAs follow it than its path length allows", ISSUER },
    { X509_V_ERR_CERT_CHAIN_TOO_LONG, COVEY_X509_PATH_LENGTH,
      "the path to an anchor is too long", "covey/x509.h" },
    { X509_V_ERR_EE_KEY_TOO_SMALL, COVEY_X509_WEAK,
      "its key is too weak", "covey/x509.h" },
    { X509_V_ERR_CA_KEY_TOO_SMALL, COVEY_X509_WEAK,
      "its key is too weak", "covey/x509.h" },
    { X509_V_ERR_CA_MD_TOO_WEAK, COVEY_X509_WEAK,
      "it is signed with a hash that is too weak", "covey/x509.h" },
    { X509_V_ERR_HOSTNAME_MISMATCH, COVEY_X509_NAME,
      "it is for another name", "RFC 6125 Section 6.4" },
    { X509_V_ERR_IP_ADDRESS_MISMATCH, COVEY_X509_NAME,
      "it is for another address", "RFC 6125 Section 6.4" },
    { X509_V_ERR_INVALID_PURPOSE, COVEY_X509_PURPOSE,
      "it may not be used for this end of TLS",
      "RFC 5280 Section 4.2.1.12" },
    { X509_V_ERR_OUT_OF_MEM, COVEY_X509_HOST,
      "libcrypto is out of memory", "" },
    { X509_V_ERR_UNSPECIFIED, COVEY_X509_HOST,
      "libcrypto failed", "" },
};
/* clang-format on */

/* Where in the chain; behind it if it is an anchor. */
static size_t place_of(const struct path *p)
{
    const X509 *cert = X509_STORE_CTX_get_current_cert(p->ctx);
    const int count = sk_X509_num(p->all);
    int i = 0;

    while (i < count && sk_X509_value(p->all, i) != cert) {
        i++;
    }
    return (size_t)i;
}

static covey_x509_verdict explain(const struct path *p, covey_x509_answer *a)
{
    const int code = X509_STORE_CTX_get_error(p->ctx);
    const size_t at = place_of(p);

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        const struct reason *r = &reasons[i];
        if (r->code == code) {
            return refuse(a, at, r->verdict, r->why, r->source);
        }
    }
    return refuse(a, at, COVEY_X509_RULE, X509_verify_cert_error_string(code),
                  "RFC 5280 Section 4.2");
}

/* The name is an address if it reads like one. */
static bool expect(const struct path *p, X509_VERIFY_PARAM *param)
{
    if (p->purpose != 0 &&
        X509_VERIFY_PARAM_set_purpose(param, p->purpose) != 1) {
        return false;
    }
    if (p->name == NULL ||
        X509_VERIFY_PARAM_set1_ip_asc(param, p->name) == 1) {
        return true;
    }
    X509_VERIFY_PARAM_set_hostflags(param,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return X509_VERIFY_PARAM_set1_host(param, p->name, 0) == 1;
}

/* The first end of those on the path. */
static int64_t end_of(const struct path *p, int64_t now)
{
    const STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(p->ctx);
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)now);
    int64_t end = INT64_MAX;

    for (int i = 0; from != NULL && i < sk_X509_num(path); i++) {
        int days = 0;
        int seconds = 0;
        if (ASN1_TIME_diff(&days, &seconds, from,
                           X509_get0_notAfter(sk_X509_value(path, i))) == 1) {
            int64_t at = now + (int64_t)days * 86400 + seconds;
            end = at < end ? at : end;
        }
    }
    ASN1_TIME_free(from);
    return from != NULL ? end : now;
}

static covey_x509_verdict verify(const struct path *p, int64_t now,
                                 covey_x509_answer *a)
{
    /* Strictly: else a version 3 certificate without basicConstraints may
     * issue others. An anchor need not be self-signed. */
    const unsigned long flags = X509_V_FLAG_X509_STRICT |
                                X509_V_FLAG_PARTIAL_CHAIN |
                                X509_V_FLAG_TRUSTED_FIRST;
    if (X509_STORE_CTX_init(p->ctx, NULL, p->leaf, p->all) != 1) {
        return no_host(a);
    }
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(p->ctx);

    X509_STORE_CTX_set0_trusted_stack(p->ctx, p->anchors);
    X509_VERIFY_PARAM_set_time(param, (time_t)now);
    X509_VERIFY_PARAM_set_depth(param, COVEY_X509_CHAIN_MAX);
    X509_VERIFY_PARAM_set_auth_level(param, p->level);
    if (X509_VERIFY_PARAM_set_flags(param, flags) != 1 || !expect(p, param)) {
        return no_host(a);
    }
    if (X509_verify_cert(p->ctx) != 1) {
        return explain(p, a);
    }
    a->valid_until = end_of(p, now);
    return COVEY_X509_TRUSTED;
}

/* --- the member's certificate ------------------------------------------- */

/* RFC 5480 Section 2.1.1: a curve has a name, and its parameters are not
 * spelt out. */
static bool is_p256(const EVP_PKEY *key)
{
    char name[20];
    int spelt_out = 1;

    return EVP_PKEY_get_group_name(key, name, sizeof name, NULL) == 1 &&
           strcmp(name, SN_X9_62_prime256v1) == 0 &&
           EVP_PKEY_get_int_param(
               key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
               &spelt_out) == 1 &&
           spelt_out == 0;
}

/* What the key has to be allowed, 0 if it is none for a group. */
static uint32_t usage_of(const EVP_PKEY *key)
{
    switch (key != NULL ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE) {
    case EVP_PKEY_ED25519:
        return KU_DIGITAL_SIGNATURE;
    case EVP_PKEY_X25519:
        return KU_KEY_AGREEMENT;
    case EVP_PKEY_EC:
        return is_p256(key) ? KU_DIGITAL_SIGNATURE : 0;
    default:
        return 0;
    }
}

/* All bits are set where there is no such extension. */
static covey_x509_verdict check_key(X509 *leaf, covey_x509_answer *a)
{
    const uint32_t usage = usage_of(X509_get0_pubkey(leaf));

    if (usage == 0) {
        return refuse(a, 0, COVEY_X509_KEY,
                      "its key is not on Ed25519, P-256 or X25519",
                      "RFC 10021 Section 2.4");
    }
    if ((X509_get_key_usage(leaf) & usage) == 0) {
        return refuse(a, 0, COVEY_X509_KEY_USAGE,
                      usage == KU_KEY_AGREEMENT
                          ? "its key usage lacks keyAgreement"
                          : "its key usage lacks digitalSignature",
                      "RFC 5280 Section 4.2.1.3");
    }
    return COVEY_X509_TRUSTED;
}

/* Lower case, so that an ID has one spelling. */
static int digit(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool from_hex(const unsigned char *text, int len, covey_x509_answer *a)
{
    if (len < 2 || len % 2 != 0 || len > 2 * COVEY_X509_ID_MAX) {
        return false;
    }
    for (int i = 0; i < len; i += 2) {
        int high = digit(text[i]);
        int low = digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        a->id[i / 2] = (uint8_t)(high << 4 | low);
    }
    a->id_len = (uint8_t)(len / 2);
    return true;
}

/* The one attribute that says the ID, NULL if there are several or none. */
static const ASN1_STRING *id_attribute(X509 *leaf)
{
    const X509_NAME *subject = X509_get_subject_name(leaf);
    int nid = NID_serialNumber;
    int at = X509_NAME_get_index_by_NID(subject, nid, -1);

    if (at < 0) {
        nid = NID_commonName;
        at = X509_NAME_get_index_by_NID(subject, nid, -1);
    }
    if (at < 0 || X509_NAME_get_index_by_NID(subject, nid, at) >= 0) {
        return NULL;
    }
    return X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
}

static covey_x509_verdict check_binding(X509 *leaf, covey_bytes id,
                                        covey_x509_answer *a)
{
    const ASN1_STRING *attribute = id_attribute(leaf);
    unsigned char *text = NULL;
    int len = attribute != NULL ? ASN1_STRING_to_UTF8(&text, attribute) : -1;
    const bool bound = len >= 0 && from_hex(text, len, a);

    OPENSSL_free(text);
    if (!bound) {
        return refuse(a, 0, COVEY_X509_UNBOUND,
                      "its subject has no Sender ID in lower-case hex as its "
                      "one serialNumber or, without any, its one commonName",
                      BINDING);
    }
    if (!covey_bytes_equal(covey_bytes_of(a->id, a->id_len), id)) {
        return refuse(a, 0, COVEY_X509_OTHER_ID,
                      "its subject has another Sender ID", BINDING);
    }
    return COVEY_X509_TRUSTED;
}

/* --- the question ------------------------------------------------------- */

static covey_x509_verdict check_question(const covey_x509_question *q,
                                         covey_x509_answer *a)
{
    if (q->chain_count == 0 || q->chain_count > COVEY_X509_CHAIN_MAX) {
        return refuse(a, 0, COVEY_X509_COUNT,
                      q->chain_count == 0 ? "there is no certificate"
                                          : "there are too many certificates",
                      "covey/x509.h");
    }
    if (q->anchor_count > COVEY_X509_ANCHORS_MAX) {
        return refuse(a, q->chain_count, COVEY_X509_COUNT,
                      "there are too many anchors", "covey/x509.h");
    }
    if (!q->now.unix_known) {
        return refuse(a, 0, COVEY_X509_UNKNOWN_TIME,
                      "nobody knows the time, so it may have expired", PATH);
    }
    return COVEY_X509_TRUSTED;
}

/* The path alone; p is to be closed. */
static covey_x509_verdict check_path(struct path *p,
                                     const covey_x509_question *question,
                                     covey_x509_answer *a)
{
    ERR_clear_error();
    a->verdict = check_question(question, a);
    if (a->verdict == COVEY_X509_TRUSTED) {
        a->verdict = open_path(p, question, a);
    }
    if (a->verdict == COVEY_X509_TRUSTED) {
        a->verdict = verify(p, question->now.unix_s, a);
    }
    return a->verdict;
}

static covey_x509_verdict answer_with(struct path *p, covey_x509_answer a,
                                      covey_x509_answer *answer)
{
    close_path(p);
    if (out_of_memory() && a.verdict != COVEY_X509_TRUSTED) {
        (void)no_host(&a);
    }
    *answer = a;
    return a.verdict;
}

covey_x509_verdict covey_x509_check(const covey_x509_question *question,
                                    covey_x509_answer *answer)
{
    struct path p = { .level = LEVEL };
    covey_x509_answer a = { .why = "it is trusted", .source = PATH };

    if (check_path(&p, question, &a) == COVEY_X509_TRUSTED) {
        a.verdict = check_key(p.leaf, &a);
    }
    if (a.verdict == COVEY_X509_TRUSTED) {
        a.verdict = check_binding(p.leaf, question->id, &a);
    }
    return answer_with(&p, a, answer);
}

covey_x509_verdict covey_x509_check_peer(const covey_x509_question *question,
                                         bool server, const char *name,
                                         covey_x509_answer *answer)
{
    struct path p = { .level = LEVEL_PEER,
                      .name = name,
                      .purpose = server ? X509_PURPOSE_SSL_SERVER
                                        : X509_PURPOSE_SSL_CLIENT };
    covey_x509_answer a = { .why = "it is trusted", .source = PATH };

    if (check_path(&p, question, &a) == COVEY_X509_TRUSTED &&
        (X509_get_key_usage(p.leaf) & KU_DIGITAL_SIGNATURE) == 0) {
        (void)refuse(&a, 0, COVEY_X509_KEY_USAGE,
                     "its key usage lacks digitalSignature",
                     "RFC 8446 Section 4.4.2.2");
    }
    return answer_with(&p, a, answer);
}
