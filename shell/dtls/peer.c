/* SPDX-License-Identifier: BSD-2-Clause */
/* Who a client is, as names. */
#include "internal.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = { "psk:", "subject:", "dns:",
                                     "uri:", "email:",   "ip:" };

bool dtls_name_sound(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const size_t len = strlen(kinds[i]);
        if (strncmp(name, kinds[i], len) == 0) {
            return name[len] != '\0';
        }
    }
    return false;
}

bool dtls_peer_is(const dtls_peer *p, const char *name)
{
    for (size_t i = 0; p != NULL && i < p->count; i++) {
        if (strcmp(p->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Names that a program in C, or who reads a log, could take for others are
 * none. */
static bool is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            return false;
        }
    }
    return len > 0;
}

static bool add(dtls_peer *p, const char *kind, const char *text, size_t len)
{
    const size_t cap = strlen(kind) + len + 1;
    char *name;

    if (p->count == DTLS_NAMES_MAX || cap > DTLS_NAME_MAX ||
        !is_plain(text, len)) {
        return true;
    }
    name = malloc(cap);
    if (name == NULL) {
        return false;
    }
    snprintf(name, cap, "%s%.*s", kind, (int)len, text);
    p->names[p->count++] = name;
    return true;
}

static bool add_subject(dtls_peer *p, const X509 *certificate)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *text = NULL;
    bool done = false;
    long len;

    if (out != NULL &&
        X509_NAME_print_ex(out, X509_get_subject_name(certificate), 0,
                           XN_FLAG_RFC2253) >= 0) {
        len = BIO_get_mem_data(out, &text);
        done = len <= 0 || add(p, "subject:", text, (size_t)len);
    }
    BIO_free(out);
    return done;
}

static bool add_text(dtls_peer *p, const char *kind, const ASN1_STRING *text)
{
    return add(p, kind, (const char *)ASN1_STRING_get0_data(text),
               (size_t)ASN1_STRING_length(text));
}

static bool add_address(dtls_peer *p, const ASN1_OCTET_STRING *ip)
{
    const uint8_t *b = ASN1_STRING_get0_data(ip);
    char text[8 * 5];
    size_t at = 0;

    switch (ASN1_STRING_length(ip)) {
    case 4:
        at = (size_t)snprintf(text, sizeof text, "%u.%u.%u.%u", b[0], b[1],
                              b[2], b[3]);
        break;
    case 16:
        /* Without "::", so that there is one way to write it. */
        for (size_t i = 0; i < 16; i += 2) {
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%x",
                                   i > 0 ? ":" : "",
                                   (unsigned)b[i] << 8 | b[i + 1]);
        }
        break;
    default:
        break;
    }
    return add(p, "ip:", text, at);
}

static bool add_name(dtls_peer *p, const GENERAL_NAME *name)
{
    switch (name->type) {
    case GEN_DNS:
        return add_text(p, "dns:", name->d.dNSName);
    case GEN_URI:
        return add_text(p, "uri:", name->d.uniformResourceIdentifier);
    case GEN_EMAIL:
        return add_text(p, "email:", name->d.rfc822Name);
    case GEN_IPADD:
        return add_address(p, name->d.iPAddress);
    default:
        return true;
    }
}

static bool learn_certificate(dtls_peer *p, const X509 *certificate)
{
    GENERAL_NAMES *names =
        X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    bool done = add_subject(p, certificate);

    for (int i = 0; done && i < sk_GENERAL_NAME_num(names); i++) {
        done = add_name(p, sk_GENERAL_NAME_value(names, i));
    }
    GENERAL_NAMES_free(names);
    return done;
}

bool dtls__peer_learn(dtls_peer *p, SSL *ssl)
{
    const X509 *certificate = SSL_get0_peer_certificate(ssl);
    const char *identity = SSL_get_psk_identity(ssl);

    memset(p, 0, sizeof *p);
    if (certificate != NULL && SSL_get_verify_result(ssl) == X509_V_OK) {
        return learn_certificate(p, certificate);
    }
    return identity == NULL || add(p, "psk:", identity, strlen(identity));
}

void dtls__peer_forget(dtls_peer *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->names[i]);
    }
    p->count = 0;
}
