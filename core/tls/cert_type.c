/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificate types, one for each direction (RFC 7250 Section 4, RFC 8902
 * Section 4), and the signature schemes that go with X.509 and raw keys. */
#include "tls_internal.h"

#include <covey/spki.h>

enum {
    TYPES_MAX = 8
};

/* In order of preference. A scheme is bound to a curve (RFC 8446 Section
 * 4.2.3); the three of RSA are for keys whose OID is rsaEncryption. */
static const struct tls_scheme schemes[] = {
    { COVEY_TLS_ECDSA_SECP256R1_SHA256, COVEY_ES256, COVEY_P256,
      COVEY_SPKI_P256 },
    { COVEY_TLS_ED25519, COVEY_EDDSA, COVEY_ED25519, COVEY_SPKI_ED25519 },
    { COVEY_TLS_ECDSA_SECP384R1_SHA384, COVEY_ES384, COVEY_P384,
      COVEY_SPKI_P384 },
    { COVEY_TLS_RSA_PSS_RSAE_SHA256, COVEY_PS256, COVEY_RSA, COVEY_SPKI_RSA },
    { COVEY_TLS_RSA_PSS_RSAE_SHA384, COVEY_PS384, COVEY_RSA, COVEY_SPKI_RSA },
    { COVEY_TLS_RSA_PSS_RSAE_SHA512, COVEY_PS512, COVEY_RSA, COVEY_SPKI_RSA },
};

const struct tls_scheme *covey__tls_scheme_at(size_t index)
{
    return index < sizeof schemes / sizeof schemes[0] ? &schemes[index] : NULL;
}

const struct tls_scheme *covey__tls_scheme_find(unsigned id)
{
    for (size_t i = 0; covey__tls_scheme_at(i); i++) {
        if (schemes[i].id == id) {
            return &schemes[i];
        }
    }
    return NULL;
}

static bool is_shared(const covey_tls *t, unsigned id)
{
    const struct tls_scheme *s = covey__tls_scheme_find(id);

    return s && (t->peer_schemes >> (s - schemes) & 1) != 0;
}

bool covey__tls_takes_type(const covey_tls *t, unsigned type)
{
    for (size_t i = 0; i < t->config->peer_type_count; i++) {
        if (t->config->peer_types[i] == type) {
            return type != COVEY_TLS_1609DOT2 || t->config->its;
        }
    }
    return t->config->peer_type_count == 0 && type == COVEY_TLS_X509;
}

/* RFC 8902 has no scheme for 1609Dot2: its curves need no announcement. */
static bool can_use(const covey_tls *t, const covey_tls_credential *c)
{
    return c->type == COVEY_TLS_1609DOT2 || is_shared(t, c->scheme);
}

const covey_tls_credential *covey__tls_credential_for(const covey_tls *t,
                                                      unsigned type)
{
    for (size_t i = 0; i < t->config->credential_count; i++) {
        const covey_tls_credential *c = &t->config->credentials[i];
        if (c->type == type && can_use(t, c)) {
            return c;
        }
    }
    return NULL;
}

static bool has_type(const covey_tls *t, unsigned type)
{
    for (size_t i = 0; i < t->config->credential_count; i++) {
        if (t->config->credentials[i].type == type) {
            return true;
        }
    }
    return false;
}

/* Our own types, each once, in the order of the credentials. */
static size_t own_types(const covey_tls *t, uint8_t *out)
{
    size_t count = 0;

    for (size_t i = 0; i < t->config->credential_count; i++) {
        uint8_t type = (uint8_t)t->config->credentials[i].type;
        bool again = false;
        for (size_t k = 0; k < count; k++) {
            again = again || out[k] == type;
        }
        if (!again && count < TYPES_MAX) {
            out[count++] = type;
        }
    }
    return count;
}

/* Where X.509 is all there is, the extension is left out (RFC 7250 Section
 * 4.1). */
static void write_list(covey_tls *t, covey_writer *w, enum tls_extension which,
                       const uint8_t *types, size_t count)
{
    size_t at = 0;

    if (count == 0 || (count == 1 && types[0] == COVEY_TLS_X509)) {
        return;
    }
    at = covey__tls_extension(t, w, which);
    covey_write_u8(w, (uint8_t)count);
    covey_write_bytes(w, covey_bytes_of(types, count));
    covey__tls_end(w, 2, at);
}

void covey__tls_write_types(covey_tls *t, covey_writer *w)
{
    uint8_t own[TYPES_MAX] = { 0 };
    size_t count = own_types(t, own);

    write_list(t, w, EXT_CLIENT_CERTIFICATE_TYPE, own, count);
    write_list(t, w, EXT_SERVER_CERTIFICATE_TYPE, t->config->peer_types,
               t->config->peer_type_count);
}

/* The client's list; X.509 alone if there is none. A list that says no more
 * than its absence is malformed. */
static covey_status read_list(covey_tls *t, covey_bytes value,
                              covey_bytes *list)
{
    static const uint8_t x509[1] = { COVEY_TLS_X509 };
    covey_reader r = covey_reader_of(value);

    *list = covey_bytes_of(x509, 1);
    if (!value.ptr) {
        return COVEY_OK;
    }
    covey_bytes given = covey__tls_vector(&r, 1);
    if (!covey_read_done(&r) || given.len == 0 ||
        (given.len == 1 && given.ptr[0] == COVEY_TLS_X509)) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "a list of certificate types is malformed",
                               "RFC 7250 Section 4.1");
    }
    *list = given;
    return COVEY_OK;
}

static bool offers(covey_bytes list, unsigned type)
{
    for (size_t i = 0; i < list.len; i++) {
        if (list.ptr[i] == type) {
            return true;
        }
    }
    return false;
}

static covey_status none_shared(covey_tls *t)
{
    return covey__tls_fail(t, COVEY_TLS_UNSUPPORTED_CERTIFICATE,
                           "no certificate type in common",
                           "RFC 8902 Section 4.2");
}

/* Ours: the first in the client's order, or in our own if so configured. */
static covey_status choose_own(covey_tls *t, covey_bytes list)
{
    bool shared = false;

    t->credential = NULL;
    for (size_t i = 0; i < list.len && !t->config->own_order; i++) {
        shared = shared || has_type(t, list.ptr[i]);
        t->credential = covey__tls_credential_for(t, list.ptr[i]);
        if (t->credential) {
            break;
        }
    }
    for (size_t i = 0; i < t->config->credential_count && !t->credential;
         i++) {
        const covey_tls_credential *c = &t->config->credentials[i];
        if (offers(list, c->type)) {
            shared = true;
            t->credential = can_use(t, c) ? c : NULL;
        }
    }
    if (!t->credential && !shared && t->config->credential_count > 0) {
        return none_shared(t);
    }
    if (!t->credential) {
        return covey__tls_fail(t, COVEY_TLS_HANDSHAKE_FAILURE,
                               "no certificate of ours has a key whose "
                               "signatures the client verifies",
                               "RFC 8446 Section 4.4.2.2");
    }
    t->own_type = (uint8_t)t->credential->type;
    return COVEY_OK;
}

static covey_status choose_peer(covey_tls *t, covey_bytes list)
{
    for (size_t i = 0; i < list.len && !t->config->own_order; i++) {
        if (covey__tls_takes_type(t, list.ptr[i])) {
            t->peer_type = list.ptr[i];
            return COVEY_OK;
        }
    }
    for (size_t i = 0; i < t->config->peer_type_count; i++) {
        if (offers(list, t->config->peer_types[i])) {
            t->peer_type = t->config->peer_types[i];
            return COVEY_OK;
        }
    }
    if (t->config->peer_type_count == 0 && offers(list, COVEY_TLS_X509)) {
        t->peer_type = COVEY_TLS_X509;
        return COVEY_OK;
    }
    return none_shared(t);
}

covey_status covey__tls_choose_types(covey_tls *t,
                                     const struct tls_extensions *ext)
{
    covey_bytes server;
    covey_bytes client;
    covey_status st =
        read_list(t, ext->value[EXT_SERVER_CERTIFICATE_TYPE], &server);

    if (st == COVEY_OK) {
        st = read_list(t, ext->value[EXT_CLIENT_CERTIFICATE_TYPE], &client);
    }
    if (st == COVEY_OK) {
        st = choose_own(t, server);
    }
    t->client_asked = t->config->request_client || t->config->require_client;
    if (st == COVEY_OK && t->client_asked) {
        st = choose_peer(t, client);
    }
    return st;
}

/* One byte in EncryptedExtensions; X.509 if absent. */
static covey_status take(covey_tls *t, covey_bytes value, uint8_t *type)
{
    *type = COVEY_TLS_X509;
    if (!value.ptr) {
        return COVEY_OK;
    }
    if (value.len != 1) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "a chosen certificate type has one byte",
                               "RFC 7250 Section 4.2");
    }
    *type = value.ptr[0];
    return COVEY_OK;
}

covey_status covey__tls_take_types(covey_tls *t,
                                   const struct tls_extensions *ext)
{
    covey_bytes client = ext->value[EXT_CLIENT_CERTIFICATE_TYPE];
    covey_bytes server = ext->value[EXT_SERVER_CERTIFICATE_TYPE];
    covey_status st = take(t, server, &t->peer_type);

    if (st == COVEY_OK) {
        st = take(t, client, &t->own_type);
    }
    if (st != COVEY_OK) {
        return st;
    }
    if ((server.ptr && !covey__tls_takes_type(t, t->peer_type)) ||
        (client.ptr && !has_type(t, t->own_type))) {
        return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                               "a certificate type was chosen that was not "
                               "offered",
                               "RFC 7250 Section 4.2");
    }
    return COVEY_OK;
}
