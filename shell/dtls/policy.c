/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

/* Each ends with what RFC 7252 Sections 9.1.3.1 and 9.1.3.3 make mandatory. */
#define PSK_SUITES                                                            \
    "ECDHE-PSK-CHACHA20-POLY1305:PSK-AES128-GCM-SHA256:"                      \
    "PSK-AES256-GCM-SHA384:PSK-AES128-CCM:PSK-AES256-CCM:PSK-AES128-CCM8"
#define X509_SUITES                                                           \
    "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AESCCM:-PSK:ECDHE-ECDSA-AES128-CCM8"

enum {
    LEVEL = 2,           /* at least 112 bits of security */
    STRENGTH = 128,      /* of AES-128, in bits */
    CHAIN_MAX = 1 << 15, /* bytes of certificates that a peer may send */
    RECORD_HEADER = 13,
    AROUND_MAX = 24 /* of what is protected: a nonce and a tag */
};

/* libssl counts a tag of 8 bytes as 64 bits of security. That is how often a
 * forgery passes, not how long a key is searched for, and CoAP wants these
 * suites. All else is judged as ever. */
/* libssl says which parameters. NOLINTNEXTLINE(readability-function-size) */
static int on_security(const SSL *ssl, const SSL_CTX *ctx, int what, int bits,
                       int nid, void *other, void *more)
{
    const struct policy *p = more;

    if ((what & (int)SSL_SECOP_OTHER_TYPE) == SSL_SECOP_OTHER_CIPHER &&
        strstr(SSL_CIPHER_get_name(other), "CCM8") != NULL) {
        bits = STRENGTH;
    }
    return p->usual(ssl, ctx, what, bits, nid, other, more);
}

static const char *suites(bool keys, bool certificates)
{
    if (keys && certificates) {
        return X509_SUITES ":" PSK_SUITES;
    }
    return keys ? PSK_SUITES : X509_SUITES;
}

SSL_CTX *policy_context(struct policy *p, const SSL_METHOD *method, bool keys,
                        bool certificates)
{
    SSL_CTX *ctx = SSL_CTX_new(method);

    if (ctx == NULL) {
        return NULL;
    }
    p->usual = SSL_CTX_get_security_callback(ctx);
    SSL_CTX_set_security_callback(ctx, on_security);
    SSL_CTX_set0_security_ex_data(ctx, p);
    SSL_CTX_set_security_level(ctx, LEVEL);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_NO_COMPRESSION | SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(ctx, CHAIN_MAX);
    if (SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(ctx, suites(keys, certificates)) != 1) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

bool policy_identify(SSL_CTX *ctx, const char *certificate,
                     const char *private_key, char error[DTLS_ERROR_MAX])
{
    if (certificate != NULL &&
        SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1) {
        return policy_fail(error, certificate);
    }
    if (private_key != NULL &&
        SSL_CTX_use_PrivateKey_file(ctx, private_key, SSL_FILETYPE_PEM) != 1) {
        return policy_fail(error, private_key);
    }
    return true;
}

void policy_bound(SSL *ssl)
{
    SSL_set_mtu(ssl, DTLS_MTU);
}

size_t policy_least(const SSL *ssl)
{
    const size_t room = DTLS_get_data_mtu(ssl);

    return room > 0 ? DTLS_MTU - RECORD_HEADER - room : AROUND_MAX;
}

bool policy_fail(char error[DTLS_ERROR_MAX], const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    snprintf(error, DTLS_ERROR_MAX, "%s: %s", what,
             reason != NULL ? reason : "refused");
    ERR_clear_error();
    return false;
}

/* A record that pretends to be shorter leaves a rest, which libssl takes for
 * the end of a file: then nothing is in its queue of errors, and our datagrams
 * have no end. */
enum policy_turn policy_turn(const SSL *ssl, int result)
{
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_NONE:
        return POLICY_DONE;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
    case SSL_ERROR_SYSCALL:
        return POLICY_WAIT;
    case SSL_ERROR_ZERO_RETURN:
        return POLICY_ENDED;
    default:
        return POLICY_FAILED;
    }
}

const char *policy_reason(const SSL *ssl)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    const long verdict = SSL_get_verify_result(ssl);

    if (verdict != X509_V_OK) {
        return X509_verify_cert_error_string(verdict);
    }
    return reason != NULL ? reason : "the handshake has failed";
}
