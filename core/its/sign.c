/* SPDX-License-Identifier: BSD-2-Clause */
/* Making signed data (1609.2 clauses 5.3.1 and 6.3.4): everything up to the
 * signature is written and hashed where it stands, the signature follows. */
#include "its_internal.h"

#include <string.h>

enum {
    VERSION = 3,
    HAS_DATA = 0x40,
    HAS_EXTERNAL = 0x20,
    EXTENDED = 0x80,
    HAS_GENERATION = 0x40,
    HAS_EXPIRY = 0x20,
    HAS_LOCATION = 0x10,
    LOCATION = 10,
    SHA256 = 32,
    INPUT_MAX = 2 * COVEY_ITS_DIGEST_MAX
};

/* Whether the private key is the certificate's. */
static covey_status check_own(const covey_key *own, covey_key *theirs,
                              const covey_crypto *crypto)
{
    uint8_t a[COVEY_PUBLIC_MAX];
    uint8_t b[COVEY_PUBLIC_MAX];
    covey_writer one = covey_writer_of(a, sizeof a);
    covey_writer two = covey_writer_of(b, sizeof b);
    covey_status st = crypto->public_of(crypto->provider, own, &one);

    if (st == COVEY_OK) {
        st = crypto->public_of(crypto->provider, theirs, &two);
    }
    if (st == COVEY_OK &&
        !covey_bytes_equal(covey_written(&one), covey_written(&two))) {
        st = COVEY_E_ARGUMENT;
    }
    crypto->key_drop(crypto->provider, theirs);
    return st;
}

static covey_status open_key(covey_its_signer *s, covey_bytes raw,
                             const covey_its_known *issuer,
                             const covey_crypto *crypto)
{
    covey_key theirs;
    covey_status st = crypto->private_key(
        crypto->provider, covey_its_curve(s->cert.verify_key.alg), raw,
        &s->key);

    if (st != COVEY_OK || (s->cert.implicit && !issuer)) {
        return st;
    }
    st = s->cert.implicit
             ? covey__its_reconstruct(&theirs, &s->cert, &issuer->digest,
                                      &issuer->key, crypto)
             : covey__its_import(&theirs, &s->cert.verify_key, crypto);
    return st == COVEY_OK ? check_own(&s->key, &theirs, crypto) : st;
}

covey_status covey_its_signer_open(covey_its_signer *out,
                                   const covey_crypto *crypto,
                                   covey_bytes certificate, covey_bytes raw,
                                   const covey_its_known *issuer,
                                   covey_its_finding *why)
{
    covey_its_signer s = { .digest = { .len = 0 } };
    covey_status st = covey_its_cert_decode(&s.cert, certificate, why);
    covey_its_finding found = { .reason = COVEY_ITS_R_PRIVATE };

    memset(out, 0, sizeof *out);
    if (st != COVEY_OK) {
        return st;
    }
    st = covey_its_digest_of(&s.digest, &s.cert, crypto);
    if (st == COVEY_E_UNSUPPORTED) {
        found.reason = COVEY_ITS_R_SM;
    }
    if (st == COVEY_OK && raw.len > 0) {
        st = open_key(&s, raw, issuer, crypto);
    }
    if (st == COVEY_OK) {
        *out = s;
        return st;
    }
    crypto->key_drop(crypto->provider, &s.key);
    if (why) {
        *why = found;
    }
    return st;
}

void covey_its_signer_drop(covey_its_signer *signer,
                           const covey_crypto *crypto)
{
    crypto->key_drop(crypto->provider, &signer->key);
    memset(signer, 0, sizeof *signer);
}

static covey_status check_statement(const covey_its_statement *what)
{
    if ((what->data.ptr != NULL) == (what->external.ptr != NULL) ||
        (what->generation_time != 0 && what->expiry_time != 0 &&
         what->expiry_time <= what->generation_time)) {
        return COVEY_E_ARGUMENT;
    }
    return (what->external.ptr && what->external.len != SHA256) ||
                   (what->location.ptr && what->location.len != LOCATION)
               ? COVEY_E_RANGE
               : COVEY_OK;
}

static void put_payload(covey_writer *w, const covey_its_statement *what)
{
    covey_write_u8(w, what->data.ptr ? HAS_DATA : HAS_EXTERNAL);
    if (what->data.ptr) {
        covey_write_u8(w, VERSION);
        covey__oer_put_choice(w, COVEY_ITS_UNSECURED);
        covey__oer_put_octets(w, what->data);
    } else {
        covey__oer_put_choice(w, COVEY_ITS_SHA256);
        covey_write_bytes(w, what->external);
    }
}

/* The bitmap is of 1609.2b, which knows three additions: every receiver takes
 * it, and the third is the one that is there. */
static void put_header(covey_writer *w, const covey_its_statement *what)
{
    static const uint8_t pdu_type_there[] = { 0x02, 0x05, 0x20, 0x01 };

    covey_write_u8(w, (uint8_t)((what->pdu_type ? EXTENDED : 0) |
                                (what->generation_time ? HAS_GENERATION : 0) |
                                (what->expiry_time ? HAS_EXPIRY : 0) |
                                (what->location.ptr ? HAS_LOCATION : 0)));
    covey__oer_put_unsigned(w, what->psid);
    if (what->generation_time) {
        covey__oer_put_u64(w, what->generation_time);
    }
    if (what->expiry_time) {
        covey__oer_put_u64(w, what->expiry_time);
    }
    covey_write_bytes(w, what->location);
    if (what->pdu_type) {
        covey_write_bytes(
            w, covey_bytes_of(pdu_type_there, sizeof pdu_type_there));
        covey_write_u8(w, what->pdu_type);
    }
}

static void put_signer(covey_writer *w, const covey_its_signer *signer,
                       bool certificate)
{
    if (certificate) {
        covey__oer_put_choice(w, COVEY_ITS_SIGNER_CERTIFICATE);
        covey__oer_put_unsigned(w, 1);
        covey_write_bytes(w, signer->cert.whole);
    } else {
        covey__oer_put_choice(w, COVEY_ITS_SIGNER_DIGEST);
        covey_write_bytes(w,
                          covey_its_hashed_id(&signer->digest, COVEY_ITS_ID8));
    }
}

covey_status covey_its_compose(covey_writer *out,
                               const covey_its_signer *signer,
                               const covey_its_statement *what,
                               const covey_crypto *crypto, covey_writer *input)
{
    covey_its_hash hash = covey_its_hash_of(signer->cert.verify_key.alg);
    covey_writer w = *out;
    covey_status st = check_statement(what);
    size_t from;

    if (st != COVEY_OK) {
        return st;
    }
    covey_write_u8(&w, VERSION);
    covey__oer_put_choice(&w, COVEY_ITS_SIGNED);
    covey_write_u8(&w, (uint8_t)hash);
    from = w.pos;
    put_payload(&w, what);
    put_header(&w, what);
    if (w.failed == COVEY_OK) {
        st = covey__its_hash_bytes(
            crypto, hash, covey_bytes_of(w.base + from, w.pos - from), input);
    }
    put_signer(&w, signer, what->certificate);
    if (w.failed != COVEY_OK || st != COVEY_OK) {
        return st != COVEY_OK ? st : w.failed;
    }
    covey_write_bytes(
        input, covey_bytes_of(signer->digest.bytes, signer->digest.len));
    if (input->failed == COVEY_OK) {
        *out = w;
    }
    return input->failed;
}

covey_status covey_its_finish(covey_writer *out,
                              const covey_its_signer *signer,
                              covey_bytes signature)
{
    covey_its_alg alg = signer->cert.verify_key.alg;
    size_t n = covey__its_coordinate(alg);
    covey_its_signature sig = { .alg = alg };
    covey_writer w = *out;

    if (signature.len != 2 * n || alg == COVEY_ITS_SM2) {
        return COVEY_E_RANGE;
    }
    sig.r.x = covey_bytes_of(signature.ptr, n);
    sig.s = covey_bytes_of(signature.ptr + n, n);
    covey__its_put_signature(&w, &sig);
    if (w.failed == COVEY_OK) {
        *out = w;
    }
    return w.failed;
}

covey_status covey_its_sign(covey_writer *out, covey_its_signer *signer,
                            const covey_its_statement *what,
                            const covey_crypto *crypto)
{
    uint8_t storage[INPUT_MAX];
    uint8_t signature[2 * COVEY_ITS_DIGEST_MAX];
    covey_writer input = covey_writer_of(storage, sizeof storage);
    covey_writer sig = covey_writer_of(signature, sizeof signature);
    covey_writer w = *out;
    covey_status st = covey_its_compose(&w, signer, what, crypto, &input);

    if (st == COVEY_OK) {
        st = crypto->sign(crypto->provider, &signer->key,
                          covey_its_signs(signer->cert.verify_key.alg),
                          covey_written(&input), &sig);
    }
    if (st == COVEY_OK) {
        st = covey_its_finish(&w, signer, covey_written(&sig));
    }
    if (st == COVEY_OK) {
        *out = w;
    }
    return st;
}
