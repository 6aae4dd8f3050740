/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates of intelligent transport systems (RFC 8902): the chain is
 * verified here, by core/its, and CertificateVerify is a bare Ieee1609Dot2Data
 * (Section 5). The end entity stays in the handshake's memory until then. */
#include "tls_internal.h"

enum {
    WINDOW_USUAL = 60,
    TBS_MAX = 64 + 40 + COVEY_TLS_HASH_MAX,
    EXTERNAL = 32,
    INPUT_MAX = 96,    /* two hashes of 384 bits */
    FIRST_OF_DATA = 3, /* the version that Ieee1609Dot2Data begins with */
    OTHERS_MAX = 2 * COVEY_TLS_ENTRIES_MAX
};

#define SECTION_4 "RFC 8902 Section 4.2"
#define SECTION_5 "RFC 8902 Section 5"

/* RFC 8446 Section 6.2 for what core/its refuses; all others of the chain are
 * bad_certificate, all others of the signature decrypt_error. */
/* clang-format off */
static const struct {
    uint8_t reason;
    uint8_t alert;
} alerts[] = {
    { COVEY_ITS_R_EXPIRED,        COVEY_TLS_CERTIFICATE_EXPIRED },
    { COVEY_ITS_R_REVOKED,        COVEY_TLS_CERTIFICATE_REVOKED },
    { COVEY_ITS_R_LIST_OLD,       COVEY_TLS_CERTIFICATE_UNKNOWN },
    { COVEY_ITS_R_ISSUER_MISSING, COVEY_TLS_UNKNOWN_CA },
    { COVEY_ITS_R_NOT_ANCHOR,     COVEY_TLS_UNKNOWN_CA },
    { COVEY_ITS_R_TIME_UNKNOWN,   COVEY_TLS_CERTIFICATE_UNKNOWN },
    { COVEY_ITS_R_PSID_APP,       COVEY_TLS_ACCESS_DENIED },
    { COVEY_ITS_R_PDU_ABSENT,     COVEY_TLS_ILLEGAL_PARAMETER },
    { COVEY_ITS_R_PDU_TYPE,       COVEY_TLS_ILLEGAL_PARAMETER },
    { COVEY_ITS_R_HEADER,         COVEY_TLS_ILLEGAL_PARAMETER },
    { COVEY_ITS_R_NO_TIME,        COVEY_TLS_ILLEGAL_PARAMETER },
    { COVEY_ITS_R_TIME_WINDOW,    COVEY_TLS_CERTIFICATE_UNKNOWN },
    { COVEY_ITS_R_TIME_SIGNER,    COVEY_TLS_CERTIFICATE_UNKNOWN },
};
/* clang-format on */

static covey_status refuse(covey_tls *t, const covey_its_finding *why,
                           covey_tls_alert otherwise)
{
    covey_tls_alert alert = otherwise;

    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++) {
        if (alerts[i].reason == (uint8_t)why->reason) {
            alert = (covey_tls_alert)alerts[i].alert;
        }
    }
    t->finding = *why;
    return covey__tls_fail(t, alert, covey_its_reason_text(why->reason),
                           covey_its_reason_clause(why->reason));
}

static covey_status host_failed(covey_tls *t)
{
    return covey__tls_host(t, COVEY_E_CRYPTO);
}

/* The certificate that has to be found first is asked for once. */
static covey_status ask_issuer(covey_tls *t, const covey_its_finding *why)
{
    if (t->answered) {
        t->finding = *why;
        return covey__tls_fail(t, COVEY_TLS_UNKNOWN_CA,
                               "an issuer of the chain is not known",
                               SECTION_4);
    }
    memcpy(t->issuer, why->id, sizeof t->issuer);
    t->waiting = WAITING_FOR_ISSUERS;
    t->happened |= HAPPENED(COVEY_TLS_ASK_ISSUER);
    return COVEY_OK;
}

static void accept(covey_tls *t, size_t message_len)
{
    covey_bytes id = covey_its_hashed_id(&t->its.digest, sizeof t->peer.id);
    unsigned leap = t->config->its->leap_seconds;

    t->has_its = true;
    t->pinned = t->in_pos + message_len;
    t->peer.type = COVEY_TLS_1609DOT2;
    t->peer.valid_until = t->its.end == UINT32_MAX
                              ? INT64_MAX
                              : covey_its_unix_of(t->its.end, leap);
    memcpy(t->peer.id, id.ptr, sizeof t->peer.id);
}

covey_status covey__tls_its_certificate(covey_tls *t, covey_time now,
                                        const covey_bytes *entries,
                                        size_t count, size_t message_len)
{
    const covey_tls_its *its = t->config->its;
    covey_bytes others[OTHERS_MAX];
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_chain chain = { .end_entity = entries[0],
                              .others = others,
                              .keep = true };

    for (size_t i = 1; i < count; i++) {
        others[chain.other_count++] = entries[i];
    }
    for (size_t i = 0; i < t->issuer_count; i++) {
        others[chain.other_count++] = t->issuers[i];
    }
    switch (
        covey_its_chain_verify(&t->its, its->store, t->config->crypto, &chain,
                               covey_its_now(now, its->leap_seconds), &why)) {
    case COVEY_ITS_VALID:
        accept(t, message_len);
        return COVEY_OK;
    case COVEY_ITS_MISSING:
        return ask_issuer(t, &why);
    case COVEY_ITS_REFUSED:
        return refuse(t, &why, COVEY_TLS_BAD_CERTIFICATE);
    case COVEY_ITS_FAILED:
        break;
    }
    return host_failed(t);
}

/* SHA-256 of what CertificateVerify signs, whatever the suite's hash is. */
static covey_status external_of(covey_tls *t, enum tls_side side, uint8_t *out)
{
    static const struct tls_suite sha256 = { .hash = COVEY_SHA_256,
                                             .hash_len = EXTERNAL };
    uint8_t tbs[TBS_MAX];
    covey_writer w = covey_writer_of(tbs, sizeof tbs);
    covey_status st = covey__tls_to_be_signed(t, side, &w);

    return st == COVEY_OK ? covey__tls_hash_of(t->config->crypto, &sha256,
                                               covey_written(&w), out)
                          : st;
}

/* What CertificateVerify states, the same whenever it is asked for: a
 * signature that is made elsewhere comes later. `external` has room for a
 * hash. */
static covey_status state(covey_tls *t, uint8_t *external,
                          covey_its_statement *out)
{
    const covey_tls_credential *c = t->credential;
    unsigned leap = t->config->its ? t->config->its->leap_seconds
                                   : (unsigned)COVEY_ITS_LEAP_SECONDS;
    covey_status st = external_of(t, tls_own_side(t), external);

    if (t->its_time == 0) {
        t->its_time = covey_its_now(t->now, leap);
    }
    if (st == COVEY_OK && t->its_time == 0) {
        return covey__tls_fail(t, COVEY_TLS_INTERNAL_ERROR,
                               "the time is not known", SECTION_5);
    }
    *out = (covey_its_statement){ .psid = c->psid,
                                  .generation_time = t->its_time,
                                  .pdu_type = COVEY_ITS_PDU_TLS_HANDSHAKE,
                                  .certificate = c->whole_certificate };
    out->external = covey_bytes_of(external, EXTERNAL);
    return st;
}

/* What a key elsewhere has to sign, into t->signature, which waits for the
 * answer. Behind what came and what waits to leave there is room for the
 * message. */
covey_status covey__tls_its_ask(covey_tls *t, covey_bytes *tbs)
{
    size_t used = t->in_len + t->out_len;
    covey_writer message =
        covey_writer_of(t->memory + used, t->memory_cap - used);
    covey_writer input = covey_writer_of(t->signature, sizeof t->signature);
    uint8_t external[EXTERNAL];
    covey_its_statement what;
    covey_status st = state(t, external, &what);

    if (st == COVEY_OK) {
        st = covey_its_compose(&message, t->credential->signer, &what,
                               t->config->crypto, &input);
    }
    *tbs = covey_written(&input);
    return st;
}

covey_status covey__tls_its_make_verify(covey_tls *t, covey_writer *w)
{
    const covey_tls_credential *c = t->credential;
    uint8_t storage[INPUT_MAX];
    covey_writer input = covey_writer_of(storage, sizeof storage);
    uint8_t external[EXTERNAL];
    covey_its_statement what;
    covey_status st = COVEY_OK;

    if (c->key_is_elsewhere && t->signature_len == 0) {
        t->waiting = WAITING_FOR_SIGNATURE;
        t->happened |= HAPPENED(COVEY_TLS_ASK_SIGNATURE);
        return COVEY_OK;
    }
    st = state(t, external, &what);
    if (st == COVEY_OK && !c->key_is_elsewhere) {
        return covey_its_sign(w, c->signer, &what, t->config->crypto);
    }
    if (st == COVEY_OK) {
        st = covey_its_compose(w, c->signer, &what, t->config->crypto, &input);
    }
    return st == COVEY_OK ? covey_its_finish(
                                w, c->signer,
                                covey_bytes_of(t->signature, t->signature_len))
                          : st;
}

bool covey_tls_its_rule_fits(const covey_tls_its_rule *rule, uint64_t psid,
                             covey_bytes ssp)
{
    if (rule->psid != psid || !rule->needs_ssp) {
        return rule->psid == psid;
    }
    if (!ssp.ptr || ssp.len < rule->ssp_mask.len) {
        return false;
    }
    for (size_t i = 0; i < rule->ssp_mask.len; i++) {
        if ((ssp.ptr[i] & rule->ssp_mask.ptr[i]) != rule->ssp_value.ptr[i]) {
            return false;
        }
    }
    return true;
}

/* Whether rules have this PSID, and whether one of them takes the SSP. */
static bool find_rule(const covey_tls_its *its, uint64_t psid, covey_bytes ssp,
                      bool *fits)
{
    bool found = false;

    *fits = false;
    for (size_t i = 0; i < its->rule_count; i++) {
        found = found || its->rules[i].psid == psid;
        *fits = *fits || covey_tls_its_rule_fits(&its->rules[i], psid, ssp);
    }
    return found;
}

/* What the certificate permits, and what the application wants (Sections 5 and
 * 7.4). A PSID without a rule is refused. */
static covey_status permit(covey_tls *t, uint64_t psid)
{
    covey_its_permission permission;
    bool fits = false;

    if (!covey_its_permission_find(&t->its.cert, psid, &permission) ||
        !find_rule(t->config->its, psid, permission.ssp, &fits)) {
        return covey__tls_fail(t, COVEY_TLS_ACCESS_DENIED,
                               "the PSID is none that is taken here",
                               SECTION_5);
    }
    if (!fits || permission.ssp.len > COVEY_TLS_SSP_MAX) {
        return covey__tls_fail(t, COVEY_TLS_ACCESS_DENIED,
                               "the SSP does not permit what is wanted here",
                               SECTION_5);
    }
    t->peer.psid = psid;
    t->peer.ssp_len = (uint8_t)permission.ssp.len;
    if (permission.ssp.len > 0) {
        memcpy(t->peer.ssp, permission.ssp.ptr, permission.ssp.len);
    }
    return COVEY_OK;
}

/* Some wrap it as other CertificateVerify bodies are: scheme and length. The
 * first byte tells the two apart. */
static covey_bytes unwrap(const covey_tls *t, covey_bytes body)
{
    covey_reader r = covey_reader_of(body);
    covey_bytes inner;

    if (!t->config->its->accept_wrapped ||
        (body.len > 0 && body.ptr[0] == FIRST_OF_DATA)) {
        return body;
    }
    (void)covey_read_u16(&r);
    inner = covey__tls_vector(&r, 2);
    return covey_read_done(&r) ? inner : body;
}

static covey_status verify(covey_tls *t, covey_time now,
                           const covey_its_signed *data)
{
    const covey_tls_its *its = t->config->its;
    uint32_t window = its->window_s ? its->window_s : (uint32_t)WINDOW_USUAL;
    uint8_t external[EXTERNAL];
    covey_its_expect expect = {
        .now = covey_its_now(now, its->leap_seconds),
        .window = (uint64_t)window * 1000000,
        .any_psid = true,
        .pdu_type = COVEY_ITS_PDU_TLS_HANDSHAKE,
        .only = true,
        .external = { external, sizeof external },
    };
    covey_its_finding why = { .reason = COVEY_ITS_FINE };

    if (external_of(t, tls_peer_side(t), external) != COVEY_OK) {
        return host_failed(t);
    }
    switch (covey_its_signed_verify(&t->its, data, &expect, t->config->crypto,
                                    &why)) {
    case COVEY_ITS_VALID:
        return COVEY_OK;
    case COVEY_ITS_REFUSED:
    case COVEY_ITS_MISSING:
        return refuse(t, &why, COVEY_TLS_DECRYPT_ERROR);
    case COVEY_ITS_FAILED:
        break;
    }
    return host_failed(t);
}

void covey__tls_its_drop(covey_tls *t)
{
    if (t->has_its) {
        covey_its_peer_drop(&t->its, t->config->crypto);
        t->has_its = false;
    }
}

covey_status covey__tls_its_verify(covey_tls *t, covey_time now,
                                   covey_bytes body)
{
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_signed data;
    covey_status st = covey_its_signed_decode(&data, unwrap(t, body), &why);

    if (st == COVEY_E_CRYPTO) {
        return host_failed(t);
    }
    if (st != COVEY_OK) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "CertificateVerify is no signed data",
                               SECTION_5);
    }
    if (!data.external.ptr || data.external_hash != COVEY_ITS_SHA256) {
        return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                               "there is no extDataHash with SHA-256",
                               SECTION_5);
    }
    st = verify(t, now, &data);
    if (st == COVEY_OK) {
        st = permit(t, data.header.psid);
    }
    if (st == COVEY_OK) {
        covey__tls_its_drop(t);
        t->pinned = 0;
        t->peer.authenticated = true;
    }
    return st;
}
