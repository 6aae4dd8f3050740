/* SPDX-License-Identifier: BSD-2-Clause */
/* Chains root, AA, AT: every rule that one of them can break, with the
 * certificate and the reason that must be named. */
#include "chain_rows.h"
#include "kit.h"
#include "make.h"

#include "crypto/scripted/scripted.h"

enum {
    SLOTS = 4
};

static covey_scripted s;
static covey_crypto crypto;
static covey_its_known slots[SLOTS];
static covey_its_store store;
static struct made root;
static struct made aa;
static struct made at;
static struct make_spec specs[3];

/* Makes the three and a store that trusts the first. */
static void build(void)
{
    specs[0].alg = specs[1].alg = specs[2].alg = COVEY_ITS_P256;
    make_cert(&root, &specs[0], NULL, 1, &crypto);
    make_cert(&aa, &specs[1], &root, 2, &crypto);
    make_cert(&at, &specs[2], &aa, 3, &crypto);
    covey_its_store_init(&store, slots, SLOTS);
    CHECK_STATUS(COVEY_OK, covey_its_store_anchor(&store, &crypto,
                                                  root.cert.whole, NULL));
}

static void reset(void)
{
    covey_scripted_rewind(&s, COVEY_SCRIPTED_NEVER);
    specs[0] = make_root;
    specs[1] = make_aa;
    specs[2] = make_at;
}

static covey_its_verdict verify_at(uint64_t now, covey_its_peer *peer,
                                   covey_its_finding *why)
{
    covey_its_chain chain = { .end_entity = at.cert.whole,
                              .others = &aa.cert.whole,
                              .other_count = 1,
                              .keep = true };

    return covey_its_chain_verify(peer, &store, &crypto, &chain, now, why);
}

static void accepts_a_chain_and_says_what_it_may(void **state)
{
    covey_its_permission p;
    covey_its_finding why;
    covey_its_peer peer;

    (void)state;
    reset();
    build();
    assert_int_equal(verify_at(MAKE_NOW, &peer, &why), COVEY_ITS_VALID);
    assert_int_equal(why.reason, COVEY_ITS_FINE);
    assert_int_equal(peer.length, 3);
    assert_int_equal(peer.start, MAKE_START);
    assert_int_equal(peer.end, MAKE_START + 31556952);
    assert_null(peer.region.ptr);
    assert_true(covey_its_permission_find(&peer.cert, 36, &p));
    CHECK_HEX("01abc0", p.ssp);
    covey_its_peer_drop(&peer, &crypto);
    covey_its_store_clear(&store, &crypto);
    assert_int_equal(s.live, 0);
}

static void verifies_one_signature_when_the_issuer_is_known(void **state)
{
    covey_its_finding why;
    covey_its_peer peer;
    covey_its_chain chain = { .signatures_max = 1 };
    int calls;

    (void)state;
    reset();
    build();
    chain.end_entity = at.cert.whole;
    chain.others = &aa.cert.whole;
    chain.other_count = 1;
    assert_int_equal(
        covey_its_chain_verify(&peer, &store, &crypto, &chain, MAKE_NOW, &why),
        COVEY_ITS_REFUSED);
    assert_int_equal(why.reason, COVEY_ITS_R_WORK);
    assert_int_equal(verify_at(MAKE_NOW, &peer, &why), COVEY_ITS_VALID);
    covey_its_peer_drop(&peer, &crypto);
    assert_non_null(covey_its_store_find(
        &store, covey_its_hashed_id(&aa.digest, COVEY_ITS_ID8)));
    chain.other_count = 0;
    calls = s.calls;
    assert_int_equal(
        covey_its_chain_verify(&peer, &store, &crypto, &chain, MAKE_NOW, &why),
        COVEY_ITS_VALID);
    /* two hashes of three calls, and the verification: no import */
    assert_int_equal(s.calls - calls, 7);
    assert_int_equal(peer.length, 3);
    covey_its_peer_drop(&peer, &crypto);
    covey_its_store_clear(&store, &crypto);
}

static void change(const struct change *c)
{
    struct make_spec *spec = &specs[c->cert];

    switch (c->field) {
    case NOTHING:
        break;
    case APP:
        spec->app = c->hex;
        break;
    case ISSUE:
        spec->issue = c->hex;
        break;
    case REQUEST:
        spec->request = c->hex;
        break;
    case REGION:
        spec->region = c->hex;
        break;
    case START:
        spec->start = c->number;
        break;
    case YEARS:
        spec->years = (uint16_t)c->number;
        break;
    case SPOIL:
        spec->spoil = true;
        break;
    case HASH:
        spec->wrong_hash = true;
        spec->hash = (covey_its_hash)c->number;
        break;
    }
}

static void names_the_certificate_and_the_rule_it_breaks(void **state)
{
    const struct made *made[] = { &at, &aa, &root };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        covey_its_finding why;
        covey_its_peer peer;
        covey_its_verdict verdict;

        kit_case(rows[i].why);
        reset();
        for (size_t k = 0; k < 3; k++) {
            change(&rows[i].changes[k]);
        }
        build();
        verdict = verify_at(MAKE_NOW, &peer, &why);
        if (why.reason != rows[i].reason || why.cert != rows[i].cert) {
            print_error("%s: certificate %d: %s\n", rows[i].why, why.cert,
                        covey_its_reason_text(why.reason));
        }
        assert_int_equal(why.reason, rows[i].reason);
        assert_int_equal(why.cert, rows[i].cert);
        assert_int_equal(why.entry, rows[i].entry);
        assert_int_equal(verdict, rows[i].reason == COVEY_ITS_FINE
                                      ? COVEY_ITS_VALID
                                      : COVEY_ITS_REFUSED);
        if (verdict == COVEY_ITS_VALID) {
            covey_its_peer_drop(&peer, &crypto);
        } else {
            CHECK_SPAN(
                covey_its_hashed_id(&made[why.cert]->digest, COVEY_ITS_ID8),
                covey_bytes_of(why.id, sizeof why.id));
        }
        covey_its_store_clear(&store, &crypto);
        assert_int_equal(s.live, 0);
    }
    kit_case(NULL);
}

static void asks_for_the_issuer_that_is_missing(void **state)
{
    covey_its_finding why;
    covey_its_peer peer;
    covey_its_chain chain = { .keep = true };

    (void)state;
    reset();
    build();
    chain.end_entity = at.cert.whole;
    assert_int_equal(
        covey_its_chain_verify(&peer, &store, &crypto, &chain, MAKE_NOW, &why),
        COVEY_ITS_MISSING);
    assert_int_equal(why.reason, COVEY_ITS_R_ISSUER_MISSING);
    assert_int_equal(why.cert, 1);
    CHECK_SPAN(covey_its_hashed_id(&aa.digest, COVEY_ITS_ID8),
               covey_bytes_of(why.id, sizeof why.id));
    covey_its_store_clear(&store, &crypto);
    assert_int_equal(verify_at(MAKE_NOW, &peer, &why), COVEY_ITS_MISSING);
    assert_int_equal(why.cert, 2);
    CHECK_SPAN(covey_its_hashed_id(&root.digest, COVEY_ITS_ID8),
               covey_bytes_of(why.id, sizeof why.id));
}

static void refuses_a_root_that_nobody_trusts(void **state)
{
    covey_its_finding why;
    covey_its_peer peer;
    static covey_bytes sent[2];
    covey_its_chain chain = { .others = sent, .other_count = 2 };

    (void)state;
    reset();
    build();
    covey_its_store_clear(&store, &crypto);
    sent[0] = root.cert.whole;
    sent[1] = aa.cert.whole;
    chain.end_entity = at.cert.whole;
    assert_int_equal(
        covey_its_chain_verify(&peer, &store, &crypto, &chain, MAKE_NOW, &why),
        COVEY_ITS_REFUSED);
    assert_int_equal(why.reason, COVEY_ITS_R_NOT_ANCHOR);
    chain.end_entity = root.cert.whole;
    assert_int_equal(
        covey_its_chain_verify(&peer, &store, &crypto, &chain, MAKE_NOW, &why),
        COVEY_ITS_REFUSED);
    assert_int_equal(why.reason, COVEY_ITS_R_NOT_ANCHOR);
}

static void takes_an_anchor_or_a_known_ca_as_signer(void **state)
{
    covey_its_finding why;
    covey_its_peer peer;
    covey_its_chain chain = { .keep = true };

    (void)state;
    reset();
    build();
    chain.end_entity = root.cert.whole;
    assert_int_equal(
        covey_its_chain_verify(&peer, &store, &crypto, &chain, MAKE_NOW, &why),
        COVEY_ITS_VALID);
    assert_int_equal(peer.length, 1);
    covey_its_peer_drop(&peer, &crypto);
    chain.end_entity = aa.cert.whole;
    assert_int_equal(
        covey_its_chain_verify(&peer, &store, &crypto, &chain, MAKE_NOW, &why),
        COVEY_ITS_VALID);
    assert_int_equal(peer.length, 2);
    covey_its_peer_drop(&peer, &crypto);
    covey_its_store_clear(&store, &crypto);
}

static void refuses_without_a_clock_and_what_is_no_certificate(void **state)
{
    covey_its_finding why;
    covey_its_peer peer;
    covey_its_chain chain = { .keep = true };
    covey_bytes part;

    (void)state;
    reset();
    build();
    assert_int_equal(verify_at(0, &peer, &why), COVEY_ITS_REFUSED);
    assert_int_equal(why.reason, COVEY_ITS_R_TIME_UNKNOWN);
    chain.end_entity = covey_bytes_of(at.bytes, at.cert.whole.len - 1);
    assert_int_equal(
        covey_its_chain_verify(&peer, &store, &crypto, &chain, MAKE_NOW, &why),
        COVEY_ITS_REFUSED);
    assert_int_equal(why.reason, COVEY_ITS_R_SHORT);
    /* what is no certificate among the others is passed over */
    part = covey_bytes_of(aa.bytes, aa.cert.whole.len - 1);
    chain.end_entity = at.cert.whole;
    chain.others = &part;
    chain.other_count = 1;
    assert_int_equal(
        covey_its_chain_verify(&peer, &store, &crypto, &chain, MAKE_NOW, &why),
        COVEY_ITS_MISSING);
    covey_its_store_clear(&store, &crypto);
}

static void verifies_implicit_certificates(void **state)
{
    covey_its_finding why;
    covey_its_peer peer;

    (void)state;
    reset();
    specs[1].implicit = true;
    specs[2].implicit = true;
    build();
    assert_int_equal(verify_at(MAKE_NOW, &peer, &why), COVEY_ITS_VALID);
    uint8_t a[65];
    uint8_t b[65];
    covey_writer one = covey_writer_of(a, sizeof a);
    covey_writer two = covey_writer_of(b, sizeof b);
    covey_key own;
    CHECK_STATUS(COVEY_OK,
                 crypto.private_key(crypto.provider, COVEY_P256,
                                    covey_bytes_of(at.secret, 32), &own));
    CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &own, &one));
    CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &peer.key, &two));
    CHECK_SPAN(covey_written(&one), covey_written(&two));
    crypto.key_drop(crypto.provider, &own);
    covey_its_peer_drop(&peer, &crypto);
    covey_its_store_clear(&store, &crypto);
    assert_int_equal(s.live, 0);
}

/* Anybody can write an implicit certificate that names an issuer: only a
 * signature made with its key shows that the issuer has had a part in it. Of
 * such ones nothing is kept, or they would take the place of others. */
static void keeps_no_ca_that_proves_nothing(void **state)
{
    covey_its_finding why;
    covey_its_peer peer;
    struct made guessed;
    struct made fake;

    (void)state;
    reset();
    build();
    guessed = root;
    memset(guessed.secret, 9, sizeof guessed.secret);
    specs[1].implicit = true;
    for (uint8_t i = 0; i < SLOTS; i++) {
        covey_its_chain chain = { .others = &fake.cert.whole,
                                  .other_count = 1,
                                  .keep = true };
        make_cert(&fake, &specs[1], &guessed, (uint8_t)(20 + i), &crypto);
        make_cert(&at, &specs[2], &fake, 3, &crypto);
        chain.end_entity = at.cert.whole;
        assert_int_equal(covey_its_chain_verify(&peer, &store, &crypto, &chain,
                                                MAKE_NOW, &why),
                         COVEY_ITS_REFUSED);
        assert_int_equal(why.reason, COVEY_ITS_R_SIGNATURE);
        assert_null(covey_its_store_find(
            &store, covey_its_hashed_id(&fake.digest, COVEY_ITS_ID8)));
    }
    make_cert(&at, &make_at, &aa, 3, &crypto);
    assert_int_equal(verify_at(MAKE_NOW, &peer, &why), COVEY_ITS_VALID);
    assert_non_null(covey_its_store_find(
        &store, covey_its_hashed_id(&aa.digest, COVEY_ITS_ID8)));
    covey_its_peer_drop(&peer, &crypto);
    covey_its_store_clear(&store, &crypto);
    assert_int_equal(s.live, 0);
}

/* A chain of CAs: so many that the peer sends and the store has. */
static void refuses_chains_that_are_too_long(void **state)
{
    static struct made cas[10];
    static covey_bytes sent[10];
    covey_its_finding why;
    covey_its_peer peer;
    covey_its_chain chain = { .others = sent };

    (void)state;
    reset();
    specs[1].issue = "40"
                     "81"
                     "01ff";
    build();
    for (size_t i = 0; i < COUNT_OF(cas); i++) {
        make_cert(&cas[i], &specs[1], i == 0 ? &root : &cas[i - 1],
                  (uint8_t)(10 + i), &crypto);
        sent[i] = cas[i].cert.whole;
    }
    for (size_t n = 1; n < COUNT_OF(cas); n++) {
        covey_its_verdict verdict;
        make_cert(&at, &specs[2], &cas[n - 1], 3, &crypto);
        chain.end_entity = at.cert.whole;
        chain.other_count = n;
        verdict = covey_its_chain_verify(&peer, &store, &crypto, &chain,
                                         MAKE_NOW, &why);
        assert_int_equal(verdict == COVEY_ITS_VALID,
                         n + 2 <= COVEY_ITS_CHAIN_MAX);
        if (verdict == COVEY_ITS_VALID) {
            assert_int_equal(peer.length, n + 2);
            covey_its_peer_drop(&peer, &crypto);
        }
    }
    covey_its_store_clear(&store, &crypto);
    assert_int_equal(s.live, 0);
}

static void survives_the_provider_at_every_call(void **state)
{
    (void)state;
    for (int implicit = 0; implicit < 2; implicit++) {
        covey_its_verdict verdict = COVEY_ITS_FAILED;
        reset();
        specs[2].implicit = implicit;
        build();
        for (int n = 0; verdict == COVEY_ITS_FAILED; n++) {
            covey_its_finding why;
            covey_its_peer peer;
            int live = s.live;
            covey_scripted_rewind(&s, n);
            verdict = verify_at(MAKE_NOW, &peer, &why);
            if (verdict == COVEY_ITS_VALID) {
                assert_true(n > 3);
                covey_its_peer_drop(&peer, &crypto);
            } else {
                assert_int_equal(verdict, COVEY_ITS_FAILED);
                /* the AA may be known by now */
                assert_true(s.live == live || s.live == 2);
            }
        }
        covey_its_store_clear(&store, &crypto);
        assert_int_equal(s.live, 0);
    }
}

static void says_why_an_anchor_is_refused(void **state)
{
    covey_its_finding why;
    covey_its_known one[1];
    covey_its_store small;
    struct made other;

    (void)state;
    reset();
    build();
    covey_its_store_init(&small, one, 1);
    root.bytes[root.cert.whole.len - 1] ^= 1;
    CHECK_STATUS(COVEY_E_AUTH, covey_its_store_anchor(&small, &crypto,
                                                      root.cert.whole, &why));
    assert_int_equal(why.reason, COVEY_ITS_R_SIGNATURE);
    root.bytes[root.cert.whole.len - 1] ^= 1;
    for (int n = 0; n < 2; n++) { /* again is no more */
        CHECK_STATUS(COVEY_OK, covey_its_store_anchor(&small, &crypto,
                                                      root.cert.whole, &why));
    }
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_its_store_anchor(&small, &crypto, aa.cert.whole, &why));
    CHECK_STATUS(COVEY_E_SHORT,
                 covey_its_store_anchor(&small, &crypto,
                                        covey_bytes_of(root.bytes, 20), &why));
    specs[1].implicit = true;
    make_cert(&other, &specs[1], &root, 5, &crypto);
    covey_its_store_clear(&small, &crypto);
    CHECK_STATUS(
        COVEY_E_UNSUPPORTED,
        covey_its_store_anchor(&small, &crypto, other.cert.whole, &why));
    assert_int_equal(why.reason, COVEY_ITS_R_IMPLICIT_ROOT);
    /* trust in an intermediate */
    CHECK_STATUS(COVEY_OK,
                 covey_its_store_anchor(&small, &crypto, aa.cert.whole, NULL));
    covey_its_peer peer;
    covey_its_chain chain = { .end_entity = at.cert.whole };
    assert_int_equal(
        covey_its_chain_verify(&peer, &small, &crypto, &chain, MAKE_NOW, &why),
        COVEY_ITS_VALID);
    assert_int_equal(peer.length, 2);
    covey_its_peer_drop(&peer, &crypto);
    covey_its_store_clear(&small, &crypto);
    covey_its_store_clear(&store, &crypto);
    assert_int_equal(s.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_a_chain_and_says_what_it_may),
        cmocka_unit_test(verifies_one_signature_when_the_issuer_is_known),
        cmocka_unit_test(names_the_certificate_and_the_rule_it_breaks),
        cmocka_unit_test(asks_for_the_issuer_that_is_missing),
        cmocka_unit_test(refuses_a_root_that_nobody_trusts),
        cmocka_unit_test(takes_an_anchor_or_a_known_ca_as_signer),
        cmocka_unit_test(refuses_without_a_clock_and_what_is_no_certificate),
        cmocka_unit_test(verifies_implicit_certificates),
        cmocka_unit_test(keeps_no_ca_that_proves_nothing),
        cmocka_unit_test(refuses_chains_that_are_too_long),
        cmocka_unit_test(survives_the_provider_at_every_call),
        cmocka_unit_test(says_why_an_anchor_is_refused),
    };

    covey_scripted_open(&s, NULL, &crypto);
    return KIT_RUN(tests);
}
