/* SPDX-License-Identifier: BSD-2-Clause */
/* Verifying signed data against its signer (1609.2 clauses 5.2.3 and 5.2.4,
 * RFC 8902 Sections 5 and 7.5), the signature last. */
#include "its_internal.h"

#include <string.h>

enum {
    INPUT_MAX = 2 * COVEY_ITS_DIGEST_MAX
};

#define SECOND UINT64_C(1000000)

/* All there is to look at. */
struct check {
    const covey_its_peer *peer;
    const covey_its_signed *data;
    const covey_its_expect *expect;
    covey_its_finding *why;
};

static covey_its_reason differs(const struct check *c, uint64_t found,
                                uint64_t expected, covey_its_reason reason)
{
    if (found == expected) {
        return COVEY_ITS_FINE;
    }
    c->why->found = found;
    c->why->expected = expected;
    return reason;
}

/* A certificate that came along must be the one whose chain was verified. */
static covey_its_reason check_signer(const struct check *c)
{
    const covey_its_signed *d = c->data;
    covey_bytes cert = c->peer->cert.whole;

    switch (d->signer_kind) {
    case COVEY_ITS_SIGNER_DIGEST:
        return covey_bytes_equal(
                   d->signer,
                   covey_its_hashed_id(&c->peer->digest, COVEY_ITS_ID8))
                   ? COVEY_ITS_FINE
                   : COVEY_ITS_R_SIGNER;
    case COVEY_ITS_SIGNER_CERTIFICATE:
        return d->signer.len >= cert.len &&
                       memcmp(d->signer.ptr, cert.ptr, cert.len) == 0
                   ? COVEY_ITS_FINE
                   : COVEY_ITS_R_SIGNER;
    case COVEY_ITS_SIGNER_SELF:
        break;
    }
    return COVEY_ITS_R_SIGNER_SELF;
}

static covey_its_reason check_algorithms(const struct check *c)
{
    covey_its_alg alg = c->peer->cert.verify_key.alg;
    covey_its_reason reason =
        differs(c, c->data->hash, covey_its_hash_of(alg), COVEY_ITS_R_HASH);

    return reason == COVEY_ITS_FINE
               ? differs(c, c->data->signature.alg, alg, COVEY_ITS_R_CURVE)
               : reason;
}

static covey_its_reason check_psid(const struct check *c)
{
    uint64_t psid = c->data->header.psid;
    covey_its_permission p;

    if (!c->expect->any_psid && psid != c->expect->psid) {
        return differs(c, psid, c->expect->psid, COVEY_ITS_R_PSID_EXPECTED);
    }
    c->why->found = psid;
    return covey_its_permission_find(&c->peer->cert, psid, &p)
               ? COVEY_ITS_FINE
               : COVEY_ITS_R_PSID_APP;
}

/* A statement for one purpose is none for another. */
static covey_its_reason check_purpose(const struct check *c)
{
    const covey_its_header *h = &c->data->header;

    c->why->found = h->pdu_type;
    c->why->expected = c->expect->pdu_type;
    if (c->expect->pdu_type != COVEY_ITS_PDU_NONE && !h->has_pdu_type) {
        return COVEY_ITS_R_PDU_ABSENT;
    }
    if (h->pdu_type != c->expect->pdu_type ||
        (h->has_pdu_type && c->expect->pdu_type == COVEY_ITS_PDU_NONE)) {
        return COVEY_ITS_R_PDU_TYPE;
    }
    return COVEY_ITS_FINE;
}

/* RFC 8902 Section 5: all other fields are omitted. */
static covey_its_reason check_header(const struct check *c)
{
    const covey_its_header *h = &c->data->header;
    bool more = h->expiry_time || h->location.ptr || h->p2pcd.ptr ||
                h->missing_crl.ptr || h->encryption_key.ptr ||
                h->inline_p2pcd.ptr || h->requested_certificate.ptr ||
                h->contributed.ptr || h->strangers;

    return c->expect->only && more ? COVEY_ITS_R_HEADER : COVEY_ITS_FINE;
}

static covey_its_reason check_payload(const struct check *c)
{
    const covey_its_signed *d = c->data;
    bool right = c->expect->external.ptr
                     ? !d->data.ptr && !d->omitted &&
                           d->external_hash == COVEY_ITS_SHA256 &&
                           covey_bytes_equal(d->external, c->expect->external)
                     : !d->external.ptr &&
                           d->omitted == (c->expect->omitted.ptr != NULL) &&
                           (d->data.ptr != NULL) == !d->omitted;

    return right ? COVEY_ITS_FINE : COVEY_ITS_R_PAYLOAD;
}

static covey_its_reason check_generation(const struct check *c)
{
    uint64_t at = c->data->header.generation_time;
    uint64_t start = c->peer->start * SECOND;
    uint64_t end = c->peer->end * SECOND;
    uint64_t now = c->expect->now;

    if (at == 0) {
        return c->expect->window != 0 || c->expect->only ? COVEY_ITS_R_NO_TIME
                                                         : COVEY_ITS_FINE;
    }
    c->why->found = at;
    if (at < start || at >= end) {
        c->why->expected = at < start ? start : end;
        return COVEY_ITS_R_TIME_SIGNER;
    }
    if (c->expect->window != 0 &&
        (at > now ? at - now : now - at) > c->expect->window) {
        c->why->expected = now;
        return COVEY_ITS_R_TIME_WINDOW;
    }
    return COVEY_ITS_FINE;
}

static covey_its_reason check_times(const struct check *c)
{
    uint64_t now = c->expect->now;
    uint64_t expiry = c->data->header.expiry_time;

    if (now == 0) {
        return COVEY_ITS_R_TIME_UNKNOWN;
    }
    c->why->found = now;
    if (now >= c->peer->end * SECOND) {
        c->why->expected = c->peer->end * SECOND;
        return COVEY_ITS_R_EXPIRED;
    }
    if (expiry != 0 && now >= expiry) {
        c->why->expected = expiry;
        return COVEY_ITS_R_DATA_EXPIRED;
    }
    return check_generation(c);
}

static int32_t signed_of(const uint8_t *p)
{
    uint32_t v = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
                 (uint32_t)p[2] << 8 | p[3];

    return v > INT32_MAX ? -(int32_t)~v - 1 : (int32_t)v;
}

/* Only what can be decided: without a map a country has no borders. */
static covey_its_reason check_location(const struct check *c)
{
    covey_bytes here = c->data->header.location;

    return here.ptr &&
                   covey__its_contains(c->peer->region, signed_of(here.ptr),
                                       signed_of(here.ptr + 4)) == ITS_OUTSIDE
               ? COVEY_ITS_R_LOCATION
               : COVEY_ITS_FINE;
}

/* In order; all of them cost less than a signature. */
static covey_its_reason check_all(const struct check *c)
{
    static covey_its_reason (*const checks[])(const struct check *) = {
        check_signer, check_algorithms, check_psid,  check_purpose,
        check_header, check_payload,    check_times, check_location
    };
    covey_its_reason reason = COVEY_ITS_FINE;

    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        c->why->found = 0;
        c->why->expected = 0;
        reason = checks[i](c);
        if (reason != COVEY_ITS_FINE) {
            return reason;
        }
    }
    return reason;
}

/* Clause 5.3.1: the hash of what was received, with that of the payload that
 * was left out, if it was. */
static covey_status hash_tbs(const struct check *c, covey_writer *out,
                             const covey_crypto *crypto)
{
    covey_hash hash;
    covey_status st = crypto->hash_begin(
        crypto->provider, covey__its_hash_alg(c->data->hash), &hash);

    if (st != COVEY_OK) {
        return st;
    }
    st = crypto->hash_update(crypto->provider, &hash, c->data->tbs);
    if (st == COVEY_OK && c->data->omitted) {
        st = crypto->hash_update(crypto->provider, &hash, c->expect->omitted);
    }
    if (st == COVEY_OK) {
        st = crypto->hash_finish(crypto->provider, &hash, out);
    }
    crypto->hash_drop(crypto->provider, &hash);
    return st;
}

static bool is_empty(const covey_key *key)
{
    uint64_t all = 0;

    for (size_t i = 0; i < sizeof key->opaque / sizeof key->opaque[0]; i++) {
        all |= key->opaque[i];
    }
    return all == 0;
}

static covey_status verify(covey_its_peer *peer, const struct check *c,
                           const covey_crypto *crypto)
{
    uint8_t storage[INPUT_MAX];
    covey_writer input = covey_writer_of(storage, sizeof storage);
    covey_status st = COVEY_OK;

    if (is_empty(&peer->key)) {
        st = covey__its_import(&peer->key, &peer->cert.verify_key, crypto);
    }
    if (st == COVEY_OK) {
        st = hash_tbs(c, &input, crypto);
    }
    if (st == COVEY_OK) {
        covey_write_bytes(
            &input, covey_bytes_of(peer->digest.bytes, peer->digest.len));
        st = covey__its_verify(&peer->key, &c->data->signature,
                               covey_written(&input), crypto);
    }
    return st;
}

covey_its_verdict covey_its_signed_verify(covey_its_peer *peer,
                                          const covey_its_signed *data,
                                          const covey_its_expect *expect,
                                          const covey_crypto *crypto,
                                          covey_its_finding *why)
{
    struct check c = { peer, data, expect, why };
    covey_its_reason reason;
    covey_status st = COVEY_OK;

    *why = (covey_its_finding){ .in_data = true };
    reason = check_all(&c);
    if (reason == COVEY_ITS_FINE) {
        why->found = 0;
        why->expected = 0;
        st = verify(peer, &c, crypto);
        reason = st == COVEY_OK        ? COVEY_ITS_FINE
                 : st == COVEY_E_RANGE ? COVEY_ITS_R_KEY
                                       : COVEY_ITS_R_SIGNATURE;
    }
    if (st != COVEY_OK && st != COVEY_E_AUTH && st != COVEY_E_RANGE) {
        return COVEY_ITS_FAILED;
    }
    why->reason = reason;
    return reason == COVEY_ITS_FINE ? COVEY_ITS_VALID : COVEY_ITS_REFUSED;
}
