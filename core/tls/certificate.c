/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificate and CertificateVerify (RFC 8446 Sections 4.4.2 and 4.4.3), both
 * ways, with X.509 certificates and raw public keys. Whether a chain may be
 * trusted is asked; the end entity's key is taken out here. */
#include "tls_internal.h"

#include <covey/spki.h>

enum {
    PAD = 64,
    TBS_MAX = PAD + 40 + COVEY_TLS_HASH_MAX
};

covey_status covey__tls_to_be_signed(covey_tls *t, enum tls_side side,
                                     covey_writer *w)
{
    const struct tls_suite *s = tls_suite_of(t);
    uint8_t digest[COVEY_TLS_HASH_MAX];
    covey_status st = covey__tls_transcript_digest(
        t, s->hash, covey_bytes_of(NULL, 0), digest);

    for (size_t i = 0; i < PAD; i++) {
        covey_write_u8(w, ' ');
    }
    covey_write_bytes(
        w, covey_bytes_text(side == SERVER
                                ? "TLS 1.3, server CertificateVerify"
                                : "TLS 1.3, client CertificateVerify"));
    covey_write_u8(w, 0);
    covey_write_bytes(w, covey_bytes_of(digest, s->hash_len));
    return st != COVEY_OK ? st : w->failed;
}

covey_status covey__tls_make_certificate(covey_tls *t, covey_time now,
                                         covey_writer *w)
{
    const covey_tls_credential *c = t->credential;
    size_t list = 0;

    (void)now;
    covey_write_u8(w, 0); /* certificate_request_context */
    list = covey__tls_begin(w, 3);
    for (size_t i = 0; c && i < c->entry_count; i++) {
        size_t at = covey__tls_begin(w, 3);
        covey_write_bytes(w, c->entries[i]);
        covey__tls_end(w, 3, at);
        covey_write_u16(w, 0); /* extensions */
    }
    covey__tls_end(w, 3, list);
    return w->failed;
}

/* The signature into t->signature, now or when it has been given. */
static covey_status sign(covey_tls *t, const struct tls_scheme *scheme)
{
    const covey_crypto *c = t->config->crypto;
    uint8_t tbs[TBS_MAX];
    covey_writer w = covey_writer_of(tbs, sizeof tbs);
    covey_writer out = covey_writer_of(t->signature, sizeof t->signature);
    covey_status st = covey__tls_to_be_signed(t, tls_own_side(t), &w);

    if (st == COVEY_OK) {
        st = c->sign(c->provider, t->credential->key, scheme->alg,
                     covey_written(&w), &out);
    }
    t->signature_len = (uint8_t)out.pos;
    return st;
}

covey_status covey__tls_make_verify(covey_tls *t, covey_time now,
                                    covey_writer *w)
{
    const struct tls_scheme *scheme =
        covey__tls_scheme_find(t->credential->scheme);
    covey_bytes raw;
    size_t at = 0;

    (void)now;
    if (t->credential->type == COVEY_TLS_1609DOT2) {
        return covey__tls_its_make_verify(t, w);
    }
    if (t->credential->key) {
        covey_status st = sign(t, scheme);
        if (st != COVEY_OK) {
            return st;
        }
    } else if (t->signature_len == 0) {
        t->waiting = WAITING_FOR_SIGNATURE;
        t->happened |= HAPPENED(COVEY_TLS_ASK_SIGNATURE);
        return COVEY_OK;
    }
    raw = covey_bytes_of(t->signature, t->signature_len);
    covey_write_u16(w, scheme->id);
    at = covey__tls_begin(w, 2);
    if (scheme->alg == COVEY_EDDSA) {
        covey_write_bytes(w, raw);
    } else {
        covey__tls_ecdsa_der(raw, w);
    }
    covey__tls_end(w, 2, at);
    return w->failed;
}

static covey_status malformed(covey_tls *t)
{
    return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                           "a Certificate message is malformed",
                           "RFC 8446 Section 4.4.2");
}

covey_status covey__tls_entries(covey_tls *t, covey_bytes body,
                                covey_bytes *entries, size_t *count)
{
    covey_reader r = covey_reader_of(body);
    covey_bytes context = covey__tls_vector(&r, 1);
    covey_reader list = covey_reader_of(covey__tls_vector(&r, 3));
    struct tls_extensions ext;

    *count = 0;
    while (covey_read_left(&list) > 0 && *count < COVEY_TLS_ENTRIES_MAX) {
        covey_bytes data = covey__tls_vector(&list, 3);
        covey_bytes extensions = covey__tls_vector(&list, 2);
        if (list.failed != COVEY_OK || data.len == 0) {
            return malformed(t);
        }
        covey_status st =
            covey__tls_extensions_read(t, extensions, IN_CERTIFICATE, &ext);
        if (st != COVEY_OK) {
            return st;
        }
        entries[(*count)++] = data;
    }
    if (covey_read_left(&list) > 0) {
        return covey__tls_fail(t, COVEY_TLS_BAD_CERTIFICATE,
                               "a chain has more certificates than are taken",
                               "RFC 8446 Section 4.4.2");
    }
    if (!covey_read_done(&r) || context.len != 0) {
        return malformed(t);
    }
    return COVEY_OK;
}

/* Nobody authenticated itself. */
static covey_status without(covey_tls *t)
{
    if (!t->is_server) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "the server's chain is empty",
                               "RFC 8446 Section 4.4.2.4");
    }
    if (t->config->require_client) {
        return covey__tls_fail(t, COVEY_TLS_CERTIFICATE_REQUIRED,
                               "the client has no certificate",
                               "RFC 8446 Section 4.4.2.4");
    }
    t->next_state = WAIT_FINISHED;
    return COVEY_OK;
}

/* The key of the end entity becomes peer_key. */
static covey_status import_key(covey_tls *t, covey_bytes entry)
{
    const covey_crypto *c = t->config->crypto;
    const struct tls_scheme *scheme = NULL;
    covey_spki spki;
    covey_status st = t->peer_type == COVEY_TLS_X509
                          ? covey_spki_of_certificate(&spki, entry)
                          : covey_spki_parse(&spki, entry);

    for (size_t i = 0; st == COVEY_OK && covey__tls_scheme_at(i); i++) {
        if (covey__tls_scheme_at(i)->spki == (uint8_t)spki.algorithm) {
            scheme = covey__tls_scheme_at(i);
        }
    }
    if (st == COVEY_E_UNSUPPORTED || (st == COVEY_OK && !scheme)) {
        return covey__tls_fail(t, COVEY_TLS_UNSUPPORTED_CERTIFICATE,
                               "the certificate's key is of a kind that is "
                               "not taken",
                               "RFC 8446 Section 4.4.2");
    }
    if (st == COVEY_OK) {
        st = c->public_key(c->provider, scheme->curve, spki.key, &t->peer_key);
        t->peer_key_kind = st == COVEY_OK ? (uint8_t)spki.algorithm : 0;
    }
    if (st == COVEY_E_CRYPTO) {
        return covey__tls_host(t, st);
    }
    return st == COVEY_OK
               ? st
               : covey__tls_fail(t, COVEY_TLS_BAD_CERTIFICATE,
                                 "the certificate's key is malformed",
                                 "RFC 8446 Section 4.4.2");
}

/* The dates, as far as TLS is concerned (RFC 8902 Section 7.2). */
static covey_status check_time(covey_tls *t, covey_time now)
{
    if (t->verdict.valid_until == INT64_MAX) {
        return COVEY_OK;
    }
    if (!now.unix_known) {
        return covey__tls_fail(t, COVEY_TLS_CERTIFICATE_UNKNOWN,
                               "the time is not known",
                               "RFC 8902 Section 7.2");
    }
    if (t->verdict.valid_until <= now.unix_s) {
        return covey__tls_fail(t, COVEY_TLS_CERTIFICATE_EXPIRED,
                               "the certificate has expired",
                               "RFC 8902 Section 7.2");
    }
    return COVEY_OK;
}

static covey_status identify(covey_tls *t, covey_bytes entry)
{
    static const struct tls_suite sha256 = { .hash = COVEY_SHA_256,
                                             .hash_len = 32 };
    uint8_t digest[COVEY_TLS_HASH_MAX];
    covey_status st =
        covey__tls_hash_of(t->config->crypto, &sha256, entry, digest);

    if (st != COVEY_OK) {
        return covey__tls_host(t, st);
    }
    memcpy(t->peer.id, digest + 32 - sizeof t->peer.id, sizeof t->peer.id);
    t->peer.type = t->peer_type;
    t->peer.valid_until = t->verdict.valid_until;
    return COVEY_OK;
}

/* The answer to ASK_CHAIN. */
static covey_status obey_verdict(covey_tls *t)
{
    t->answered = false;
    if (t->verdict.alert != 0) {
        return covey__tls_fail(t, (covey_tls_alert)t->verdict.alert,
                               t->verdict.why ? t->verdict.why
                                              : "the chain is not trusted",
                               "RFC 8446 Section 4.4.2.4");
    }
    return COVEY_OK;
}

static covey_status accept(covey_tls *t, covey_time now, covey_bytes entry)
{
    covey_status st = obey_verdict(t);

    if (st == COVEY_OK) {
        st = check_time(t, now);
    }
    if (st == COVEY_OK) {
        st = import_key(t, entry);
    }
    return st == COVEY_OK ? identify(t, entry) : st;
}

/* Whether the chain is to be told, and told about, before anything else. */
static bool is_for_others(const covey_tls *t)
{
    return t->peer_type != COVEY_TLS_1609DOT2 ||
           (t->config->its->ask_chain && !t->shown);
}

covey_status covey__tls_on_certificate(covey_tls *t, covey_time now,
                                       covey_bytes body)
{
    covey_bytes entries[COVEY_TLS_ENTRIES_MAX];
    size_t count = 0;
    covey_status st = covey__tls_entries(t, body, entries, &count);

    if (st != COVEY_OK) {
        return st;
    }
    if (count == 0) {
        return without(t);
    }
    if (!covey__tls_takes_type(t, t->peer_type)) {
        return covey__tls_fail(t, COVEY_TLS_UNSUPPORTED_CERTIFICATE,
                               "no certificate type in common",
                               "RFC 8902 Section 4.2");
    }
    if (t->peer_type == COVEY_TLS_RAW_PUBLIC_KEY && count != 1) {
        return malformed(t);
    }
    if (is_for_others(t) && !t->answered) {
        t->waiting = WAITING_FOR_VERDICT;
        t->happened |= HAPPENED(COVEY_TLS_ASK_CHAIN);
        return COVEY_OK;
    }
    if (t->peer_type != COVEY_TLS_1609DOT2) {
        return accept(t, now, entries[0]);
    }
    if (is_for_others(t)) {
        t->shown = true;
        st = obey_verdict(t);
    }
    return st == COVEY_OK ? covey__tls_its_certificate(t, now, entries, count,
                                                       body.len + 4)
                          : st;
}

/* The signature as the provider takes it; false: it cannot be one. */
static bool raw_signature(const struct tls_scheme *scheme, covey_bytes given,
                          uint8_t *storage, covey_bytes *raw)
{
    size_t len = covey_signature_len(scheme->alg, scheme->curve);

    *raw = given;
    if (scheme->alg != COVEY_ES256 && scheme->alg != COVEY_ES384) {
        return true;
    }
    *raw = covey_bytes_of(storage, len);
    return covey__tls_ecdsa_raw(given, storage, len / 2);
}

static covey_status verify(covey_tls *t, const struct tls_scheme *scheme,
                           covey_bytes given)
{
    const covey_crypto *c = t->config->crypto;
    uint8_t tbs[TBS_MAX];
    uint8_t storage[COVEY_SIGNATURE_MAX];
    covey_writer w = covey_writer_of(tbs, sizeof tbs);
    covey_bytes raw;
    covey_status st = covey__tls_to_be_signed(t, tls_peer_side(t), &w);

    if (st == COVEY_OK) {
        st = raw_signature(scheme, given, storage, &raw)
                 ? c->verify(c->provider, &t->peer_key, scheme->alg,
                             covey_written(&w), raw)
                 : COVEY_E_AUTH;
    }
    if (st == COVEY_E_AUTH) {
        return covey__tls_fail(t, COVEY_TLS_DECRYPT_ERROR,
                               "the signature of CertificateVerify is wrong",
                               "RFC 8446 Section 4.4.3");
    }
    return covey__tls_host(t, st);
}

covey_status covey__tls_on_verify(covey_tls *t, covey_time now,
                                  covey_bytes body)
{
    covey_reader r = covey_reader_of(body);
    const struct tls_scheme *scheme =
        covey__tls_scheme_find(covey_read_u16(&r));
    covey_bytes given = covey__tls_vector(&r, 2);
    covey_status st = COVEY_OK;

    if (t->peer_type == COVEY_TLS_1609DOT2) {
        return covey__tls_its_verify(t, now, body);
    }
    if (!covey_read_done(&r)) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "a CertificateVerify message is malformed",
                               "RFC 8446 Section 4.4.3");
    }
    if (!scheme || scheme->spki != t->peer_key_kind) {
        return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                               "CertificateVerify has a scheme that was not "
                               "offered or does not go with the key",
                               "RFC 8446 Section 4.4.3");
    }
    st = verify(t, scheme, given);
    if (st == COVEY_OK) {
        t->config->crypto->key_drop(t->config->crypto->provider, &t->peer_key);
        t->peer_key_kind = 0;
        t->peer.authenticated = true;
    }
    return st;
}
