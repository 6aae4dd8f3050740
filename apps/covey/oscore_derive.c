/* SPDX-License-Identifier: BSD-2-Clause */
/* covey oscore derive: what RFC 8613 Section 3.2.1 makes of the parameters,
 * in the order of Appendix C. */
#include "cmd.h"
#include "oscore_verbs.h"

#include <string.h>

static const char *hkdf_name(int32_t hkdf)
{
    switch (hkdf) {
    case COVEY_HMAC_384_384:
        return "HKDF SHA-384";
    case COVEY_HMAC_512_512:
        return "HKDF SHA-512";
    default:
        return "HKDF SHA-256";
    }
}

static covey_status report_info(struct oscore_session *s, const char *name,
                                covey_bytes id, const char *type, uint8_t len)
{
    uint8_t storage[COVEY_OSCORE_INFO_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    const covey_bytes type_text =
        covey_bytes_of((const uint8_t *)type, strlen(type));
    covey_status st = covey_oscore_info(&w, s->parameters, id, type_text, len);

    if (st == COVEY_OK) {
        oscore_report_hex(&s->report, name, covey_written(&w));
    }
    return st;
}

/* HKDF-Extract: HMAC with the salt as its key (RFC 5869 Section 2.2). */
static covey_status report_prk(struct oscore_session *s)
{
    const covey_oscore_parameters *p = s->parameters;
    uint8_t storage[COVEY_HASH_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_status st = s->crypto.hmac(s->crypto.provider, p->hkdf,
                                     p->master_salt, p->master_secret, &w);

    if (st == COVEY_OK) {
        oscore_report_hex(&s->report, "prk", covey_written(&w));
    }
    covey_wipe(storage, sizeof storage);
    return st;
}

static covey_status explain(struct oscore_session *s)
{
    const covey_oscore_parameters *p = s->parameters;
    const covey_bytes none = { (const uint8_t *)"", 0 };
    covey_status st = s->args->keys ? report_prk(s) : COVEY_OK;

    if (st == COVEY_OK) {
        st = report_info(s, "info_for_sender_key", p->sender_id, "Key",
                         s->keys.key_len);
    }
    if (st == COVEY_OK) {
        st = report_info(s, "info_for_recipient_key", p->recipient_id, "Key",
                         s->keys.key_len);
    }
    if (st == COVEY_OK) {
        st = report_info(s, "info_for_common_iv", none, "IV", s->keys.iv_len);
    }
    return st;
}

static covey_status report_key(struct oscore_session *s, const char *name,
                               const char *fingerprint_name,
                               const uint8_t *key)
{
    const covey_bytes raw = covey_bytes_of(key, s->keys.key_len);
    uint8_t fingerprint[OSCORE_FINGERPRINT];
    covey_status st = COVEY_OK;

    if (s->args->keys) {
        oscore_report_hex(&s->report, name, raw);
    } else {
        st = oscore_fingerprint(&s->crypto, raw, fingerprint);
    }
    if (st == COVEY_OK && !s->args->keys) {
        oscore_report_hex(&s->report, fingerprint_name,
                          covey_bytes_of(fingerprint, sizeof fingerprint));
    }
    return st;
}

static covey_status report_keys(struct oscore_session *s)
{
    covey_status st;

    oscore_report_number(&s->report, "key_length", s->keys.key_len);
    st = report_key(s, "sender_key", "sender_key_sha256", s->keys.sender_key);
    if (st == COVEY_OK) {
        st = report_key(s, "recipient_key", "recipient_key_sha256",
                        s->keys.recipient_key);
    }
    if (st == COVEY_OK) {
        oscore_report_hex(&s->report, "common_iv",
                          covey_bytes_of(s->keys.common_iv, s->keys.iv_len));
    }
    return st;
}

/* Those of Partial IV 0, as Appendix C.1 has them. */
static covey_status report_nonce(struct oscore_session *s, const char *name,
                                 covey_bytes id)
{
    static const uint8_t zero[1];
    uint8_t nonce[COVEY_NONCE_MAX];
    covey_status st = covey_oscore_nonce(
        nonce, covey_bytes_of(s->keys.common_iv, s->keys.iv_len), id,
        covey_bytes_of(zero, sizeof zero));

    if (st == COVEY_OK) {
        oscore_report_hex(&s->report, name,
                          covey_bytes_of(nonce, s->keys.iv_len));
    }
    return st;
}

/* How long these keys may be used: draft-ietf-core-oscore-key-limits, which
 * calls them q, v and l. */
static void report_limits(struct oscore_session *s)
{
    const covey_oscore_key_limits limits =
        covey_oscore_limits(s->parameters->aead);
    struct oscore_report *r = &s->report;

    oscore_report_number(r, "limit_encrypted", limits.encrypted);
    oscore_report_number(r, "limit_forged", limits.forged);
    oscore_report_number(r, "limit_message_length", limits.message_len);
}

static void report_parameters(struct oscore_session *s)
{
    const covey_oscore_parameters *p = s->parameters;
    struct oscore_report *r = &s->report;

    oscore_report_text(r, "aead", covey_alg_name(p->aead));
    oscore_report_text(r, "hkdf", hkdf_name(p->hkdf));
    if (s->args->keys) {
        oscore_report_hex(r, "master_secret", p->master_secret);
    }
    oscore_report_hex(r, "master_salt", p->master_salt);
    oscore_report_hex(r, "id_context", p->id_context);
    oscore_report_hex(r, "sender_id", p->sender_id);
    oscore_report_hex(r, "recipient_id", p->recipient_id);
}

int oscore_verb_derive(struct oscore_session *s)
{
    covey_status st = COVEY_OK;

    report_parameters(s);
    if (s->args->explain) {
        st = explain(s);
    }
    if (st == COVEY_OK) {
        st = report_keys(s);
    }
    if (st == COVEY_OK && s->args->explain) {
        st = report_nonce(s, "sender_nonce", s->parameters->sender_id);
    }
    if (st == COVEY_OK && s->args->explain) {
        st = report_nonce(s, "recipient_nonce", s->parameters->recipient_id);
        report_limits(s);
    }
    oscore_report_end(&s->report);
    return st == COVEY_OK
               ? EXIT_DONE
               : oscore_fail(s->args, EXIT_IO, "%s", covey_status_text(st));
}
