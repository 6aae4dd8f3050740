/* SPDX-License-Identifier: BSD-2-Clause */
/* Signed data: made, decoded, verified, and each reason to refuse it. */
#include "kit.h"
#include "make.h"

#include "crypto/scripted/scripted.h"

static covey_scripted s;
static covey_crypto crypto;
static covey_its_known slots[3];
static covey_its_store store;
static struct made root;
static struct made aa;
static struct made at;
static covey_its_peer peer;
static covey_its_signer signer;
static uint8_t buffer[1200];
static uint8_t hash[32] = "thirty-two bytes of a digest...";

static covey_bytes external(void)
{
    return covey_bytes_of(hash, sizeof hash);
}

static void build(const struct make_spec *spec)
{
    covey_its_finding why;
    covey_its_chain chain = { .keep = true };

    covey_scripted_rewind(&s, COVEY_SCRIPTED_NEVER);
    make_cert(&root, &make_root, NULL, 1, &crypto);
    make_cert(&aa, &make_aa, &root, 2, &crypto);
    make_cert(&at, spec, &aa, 3, &crypto);
    covey_its_store_init(&store, slots, COUNT_OF(slots));
    CHECK_STATUS(COVEY_OK, covey_its_store_anchor(&store, &crypto,
                                                  root.cert.whole, NULL));
    chain.end_entity = at.cert.whole;
    chain.others = &aa.cert.whole;
    chain.other_count = 1;
    assert_int_equal(
        covey_its_chain_verify(&peer, &store, &crypto, &chain, MAKE_NOW, &why),
        COVEY_ITS_VALID);
    CHECK_STATUS(
        COVEY_OK,
        covey_its_signer_open(
            &signer, &crypto, at.cert.whole, covey_bytes_of(at.secret, 32),
            covey_its_store_find(&store, covey_its_hashed_id(&aa.digest, 8)),
            &why));
}

static void drop_all(void)
{
    covey_its_peer_drop(&peer, &crypto);
    covey_its_signer_drop(&signer, &crypto);
    covey_its_store_clear(&store, &crypto);
    assert_int_equal(s.live, 0);
}

/* As TLS wants it. */
static covey_its_statement handshake(void)
{
    covey_its_statement w = { .external = external(),
                              .psid = 38,
                              .generation_time = MAKE_NOW - 1000,
                              .pdu_type = COVEY_ITS_PDU_TLS_HANDSHAKE };

    return w;
}

static covey_its_expect expect_handshake(void)
{
    covey_its_expect e = { .now = MAKE_NOW,
                           .window = 60000000,
                           .psid = 38,
                           .pdu_type = COVEY_ITS_PDU_TLS_HANDSHAKE,
                           .only = true,
                           .external = external() };

    return e;
}

static covey_bytes make(const covey_its_statement *what)
{
    covey_writer w = covey_writer_of(buffer, sizeof buffer);

    CHECK_STATUS(COVEY_OK, covey_its_sign(&w, &signer, what, &crypto));
    return covey_written(&w);
}

static covey_its_reason judge(covey_bytes bytes, const covey_its_expect *e)
{
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_signed d;
    covey_its_verdict verdict;

    if (covey_its_signed_decode(&d, bytes, &why) != COVEY_OK) {
        assert_true(why.in_data);
        return why.reason;
    }
    verdict = covey_its_signed_verify(&peer, &d, e, &crypto, &why);
    assert_int_equal(verdict == COVEY_ITS_VALID, why.reason == COVEY_ITS_FINE);
    return why.reason;
}

/* RFC 8902 Section 5, byte by byte. */
static void makes_the_certificate_verify_of_tls(void **state)
{
    covey_its_statement what = handshake();
    covey_its_expect e = expect_handshake();
    covey_bytes made;

    (void)state;
    build(&make_at);
    what.psid = 36;
    e.psid = 36;
    made = make(&what);
    CHECK_HEX("038100"
              "2080",
              covey_bytes_of(made.ptr, 5));
    CHECK_SPAN(external(), covey_bytes_of(made.ptr + 5, 32));
    CHECK_HEX("C00124", covey_bytes_of(made.ptr + 37, 3));
    CHECK_HEX("0205200101"
              "80",
              covey_bytes_of(made.ptr + 48, 6));
    CHECK_SPAN(covey_its_hashed_id(&at.digest, 8),
               covey_bytes_of(made.ptr + 54, 8));
    CHECK_HEX("8080", covey_bytes_of(made.ptr + 62, 2));
    assert_int_equal(made.len, 128);
    assert_int_equal(judge(made, &e), COVEY_ITS_FINE);
    what.certificate = true;
    made = make(&what);
    assert_int_equal(made.len, 122 + at.cert.whole.len);
    assert_int_equal(judge(made, &e), COVEY_ITS_FINE);
    drop_all();
}

static void signs_with_an_implicit_certificate(void **state)
{
    struct make_spec spec = make_at;
    covey_its_statement what = handshake();
    covey_its_expect e = expect_handshake();

    (void)state;
    spec.implicit = true;
    build(&spec);
    assert_int_equal(judge(make(&what), &e), COVEY_ITS_FINE);
    drop_all();
}

static void signs_data_that_is_within(void **state)
{
    covey_its_statement what = { .data = SPAN("hello"), .psid = 38 };
    covey_its_expect e = { .now = MAKE_NOW, .any_psid = true };
    covey_its_content content;
    covey_its_signed d;
    covey_bytes inner;
    covey_bytes made;

    (void)state;
    build(&make_at);
    made = make(&what);
    CHECK_STATUS(COVEY_OK, covey_its_content_of(&content, made));
    assert_int_equal(content, COVEY_ITS_SIGNED);
    CHECK_STATUS(COVEY_E_FORMAT, covey_its_unsecured(&inner, made));
    CHECK_STATUS(COVEY_OK, covey_its_signed_decode(&d, made, NULL));
    CHECK_STATUS(COVEY_OK, covey_its_unsecured(&inner, d.data));
    CHECK_SPAN(SPAN("hello"), inner);
    assert_int_equal(judge(made, &e), COVEY_ITS_FINE);
    /* a statement without a time, where a window is wanted */
    e.window = 1;
    assert_int_equal(judge(made, &e), COVEY_ITS_R_NO_TIME);
    drop_all();
}

struct row {
    const char *why;
    void (*change)(covey_its_statement *what, covey_its_expect *expect);
    covey_its_reason reason;
};

#define CHANGE(name, body)                                                    \
    static void name(covey_its_statement *w, covey_its_expect *e)             \
    {                                                                         \
        (void)w;                                                              \
        (void)e;                                                              \
        body;                                                                 \
    }

CHANGE(nothing, )
CHANGE(other_psid, e->psid = 36)
CHANGE(foreign_psid, w->psid = 39; e->psid = 39)
CHANGE(no_pdu, w->pdu_type = 0)
CHANGE(other_pdu, w->pdu_type = 2)
CHANGE(pdu_unasked, e->pdu_type = 0)
CHANGE(other_hash, e->external = SPAN("another digest of as many bytes."))
CHANGE(data_not_hash, w->external.ptr = NULL; w->data = SPAN("x"))
CHANGE(hash_not_data, e->external.ptr = NULL)
CHANGE(no_time, w->generation_time = 0)
CHANGE(too_old, w->generation_time = MAKE_NOW - 60000001)
CHANGE(just_in_time, w->generation_time = MAKE_NOW - 60000000)
CHANGE(in_future, w->generation_time = MAKE_NOW + 60000001)
CHANGE(before_signer, w->generation_time = MAKE_START * UINT64_C(1000000) - 1)
CHANGE(no_clock, e->now = 0)
CHANGE(after_signer, e->now = (MAKE_START + UINT64_C(31556952)) * 1000000)
CHANGE(expired, e->only = false; w->expiry_time = MAKE_NOW)
CHANGE(not_expired, e->only = false; w->expiry_time = MAKE_NOW + 1)
CHANGE(more_header, w->expiry_time = MAKE_NOW + 1)
CHANGE(location, w->location = SPAN("0123456789"))
CHANGE(location_allowed, e->only = false; w->location = SPAN("0123456789"))

/* clang-format off */
static const struct row rows[] = {
    { "as it has to be", nothing, COVEY_ITS_FINE },
    { "another PSID than expected", other_psid, COVEY_ITS_R_PSID_EXPECTED },
    { "a PSID not in the certificate", foreign_psid, COVEY_ITS_R_PSID_APP },
    { "no pduFunctionalType, RFC 8902 7.5", no_pdu, COVEY_ITS_R_PDU_ABSENT },
    { "another pduFunctionalType", other_pdu, COVEY_ITS_R_PDU_TYPE },
    { "one that nobody asked for, 7.5", pdu_unasked, COVEY_ITS_R_PDU_TYPE },
    { "signs something else", other_hash, COVEY_ITS_R_PAYLOAD },
    { "data where a hash is wanted", data_not_hash, COVEY_ITS_R_PAYLOAD },
    { "a hash where data is wanted", hash_not_data, COVEY_ITS_R_PAYLOAD },
    { "no generationTime", no_time, COVEY_ITS_R_NO_TIME },
    { "a microsecond too old", too_old, COVEY_ITS_R_TIME_WINDOW },
    { "not a microsecond too old", just_in_time, COVEY_ITS_FINE },
    { "from the future", in_future, COVEY_ITS_R_TIME_WINDOW },
    { "before the signer was valid", before_signer, COVEY_ITS_R_TIME_SIGNER },
    { "the time is not known", no_clock, COVEY_ITS_R_TIME_UNKNOWN },
    { "the signer has expired", after_signer, COVEY_ITS_R_EXPIRED },
    { "the data has expired", expired, COVEY_ITS_R_DATA_EXPIRED },
    { "the data has not expired yet", not_expired, COVEY_ITS_FINE },
    { "expiryTime in TLS", more_header, COVEY_ITS_R_HEADER },
    { "generationLocation in TLS", location, COVEY_ITS_R_HEADER },
    { "generationLocation elsewhere", location_allowed, COVEY_ITS_FINE },
};
/* clang-format on */

static void refuses_each_thing_that_is_wrong(void **state)
{
    (void)state;
    build(&make_at);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        covey_its_statement what = handshake();
        covey_its_expect e = expect_handshake();

        kit_case(rows[i].why);
        rows[i].change(&what, &e);
        assert_string_equal(covey_its_reason_text(judge(make(&what), &e)),
                            covey_its_reason_text(rows[i].reason));
    }
    kit_case(NULL);
    drop_all();
}

static void refuses_another_signer(void **state)
{
    covey_its_statement what = handshake();
    covey_its_expect e = expect_handshake();
    struct made other;
    covey_bytes made;
    covey_its_finding why;

    (void)state;
    build(&make_at);
    make_cert(&other, &make_at, &aa, 4, &crypto);
    covey_its_signer_drop(&signer, &crypto);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_its_signer_open(&signer, &crypto, other.cert.whole,
                                       covey_bytes_of(at.secret, 32), NULL,
                                       &why));
    assert_int_equal(why.reason, COVEY_ITS_R_PRIVATE);
    CHECK_STATUS(COVEY_OK, covey_its_signer_open(
                               &signer, &crypto, other.cert.whole,
                               covey_bytes_of(other.secret, 32), NULL, &why));
    assert_int_equal(judge(make(&what), &e), COVEY_ITS_R_SIGNER);
    what.certificate = true;
    assert_int_equal(judge(make(&what), &e), COVEY_ITS_R_SIGNER);
    /* the right name under the wrong signature */
    what.certificate = false;
    made = make(&what);
    memcpy(buffer + 54, covey_its_hashed_id(&at.digest, 8).ptr, 8);
    assert_int_equal(judge(made, &e), COVEY_ITS_R_SIGNATURE);
    drop_all();
}

static void finds_every_flipped_bit(void **state)
{
    covey_its_statement what = handshake();
    covey_its_expect e = expect_handshake();
    covey_bytes made;

    (void)state;
    build(&make_at);
    what.certificate = true;
    made = make(&what);
    for (size_t bit = 0; bit < 8 * made.len; bit++) {
        buffer[bit / 8] ^= (uint8_t)(1u << bit % 8);
        covey_its_reason reason = judge(made, &e);
        buffer[bit / 8] ^= (uint8_t)(1u << bit % 8);
        /* The form of r is not signed, and only its x counts. */
        if (reason == COVEY_ITS_FINE && bit / 8 != made.len - 65) {
            fail_msg("bit %zu of %zu", bit, 8 * made.len);
        }
    }
    for (size_t len = 0; len < made.len; len++) {
        assert_int_not_equal(judge(covey_bytes_of(made.ptr, len), &e),
                             COVEY_ITS_FINE);
    }
    drop_all();
}

struct refusal {
    const char *why;
    const char *hex;
    covey_its_reason reason;
};

#define SIG                                                                   \
    "80"                                                                      \
    "80"                                                                      \
    "1111111111111111111111111111111111111111111111111111111111111111"        \
    "2222222222222222222222222222222222222222222222222222222222222222"
#define H32 "3333333333333333333333333333333333333333333333333333333333333333"

/* clang-format off */
static const struct refusal refusals[] = {
    { "nothing", "", COVEY_ITS_R_SHORT },
    { "version 2", "0281", COVEY_ITS_R_VERSION },
    { "unsecured", "0380" "0161", COVEY_ITS_R_CONTENT },
    { "encrypted", "0382", COVEY_ITS_R_CONTENT },
    { "content nobody knows", "0385", COVEY_ITS_R_CHOICE },
    { "hash nobody knows", "038103", COVEY_ITS_R_CHOICE },
    { "no payload", "038100" "00" "00" "0124" "82" SIG, COVEY_ITS_R_PAYLOAD },
    { "payload bits", "038100" "10", COVEY_ITS_R_CANONICAL },
    { "encrypted within signed", "038100" "40" "0382", COVEY_ITS_R_CONTENT },
    { "five deep", "038100" "40" "038100" "40" "038100" "40" "038100" "40"
      "038100" "40", COVEY_ITS_R_DEPTH },
    { "HashedData nobody knows", "038100" "20" "83", COVEY_ITS_R_CHOICE },
    { "header bits", "038100" "20" "80" H32 "01", COVEY_ITS_R_CANONICAL },
    { "expires before it is generated", "038100" "20" "80" H32 "60" "0124"
      "0000000000000002" "0000000000000002" "82" SIG, COVEY_ITS_R_VALUE },
    { "pduFunctionalType of two octets", "038100" "20" "80" H32 "80" "0124"
      "020520" "020101" "82" SIG, COVEY_ITS_R_LENGTH },
    { "signer nobody knows", "038100" "20" "80" H32 "00" "0124" "83",
      COVEY_ITS_R_CHOICE },
    { "no certificate as signer", "038100" "20" "80" H32 "00" "0124" "81"
      "0100" SIG, COVEY_ITS_R_QUANTITY },
    { "nine certificates", "038100" "20" "80" H32 "00" "0124" "81" "0109",
      COVEY_ITS_R_QUANTITY },
    { "a byte too many", "038100" "20" "80" H32 "00" "0124" "82" SIG "00",
      COVEY_ITS_R_TRAILING },
};

static const char *const sounds[] = {
    /* self-signed, SHA-384 of external data, all of the header */
    "038100" "20" "8130" H32 "44444444444444444444444444444444" "fe" "02026f"
    "0000000000000001" "0000000000000002" "1dcd6500" "1dcd6500" "0010"
    "a1a2a3" "00" "a1a2a3" "0007" "81" "80" "55555555555555555555555555555555"
    "0203f8" "04" "0101" "a1a2" "02" "0000" "01" "03" "02" "abcd" "01" "00"
    "82" SIG,
    /* four deep, each with its own tail */
    "038100" "40" "038100" "40" "038100" "40" "038100" "40" "0380" "0161"
    "00" "0124" "82" SIG "00" "0124" "82" SIG "00" "0124" "82" SIG
    "00" "0124" "82" SIG,
    /* both payloads */
    "038100" "60" "0380" "00" "80" H32 "00" "0124" "82" SIG,
    /* omitted, and an addition nobody knows; missing CRL with additions;
       an encryption key of P-256 */
    "038100" "80" "0206c0" "00" "01ff" "06" "0124" "80" "a1a2a3" "0007"
    "020780" "0101" "80" "00" "80" "82" H32 "80" "0102030405060708" SIG,
};
/* clang-format on */

static void refuses_to_decode(void **state)
{
    uint8_t storage[2048];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        covey_its_finding why = { .reason = COVEY_ITS_FINE };
        covey_its_signed d;
        kit_case(refusals[i].why);
        assert_int_not_equal(
            covey_its_signed_decode(
                &d, kit_hex(refusals[i].hex, storage, sizeof storage), &why),
            COVEY_OK);
        assert_string_equal(covey_its_reason_text(why.reason),
                            covey_its_reason_text(refusals[i].reason));
    }
    kit_case(NULL);
    for (size_t i = 0; i < COUNT_OF(sounds); i++) {
        covey_bytes in = kit_hex(sounds[i], storage, sizeof storage);
        covey_its_finding why = { .reason = COVEY_ITS_FINE };
        covey_its_signed d;
        covey_status st = covey_its_signed_decode(&d, in, &why);
        if (st != COVEY_OK) {
            print_error("%zu: %s at %u\n", i,
                        covey_its_reason_text(why.reason), why.offset);
        }
        CHECK_STATUS(COVEY_OK, st);
        for (size_t len = 0; len < in.len; len++) {
            CHECK_STATUS(COVEY_E_SHORT,
                         covey_its_signed_decode(
                             &d, covey_bytes_of(in.ptr, len), &why));
        }
    }
}

static void says_what_is_in_the_header(void **state)
{
    uint8_t storage[512];
    covey_its_signed d;

    (void)state;
    CHECK_STATUS(COVEY_OK,
                 covey_its_signed_decode(
                     &d, kit_hex(sounds[0], storage, sizeof storage), NULL));
    assert_int_equal(d.header.psid, 623);
    assert_true(d.header.generation_time == 1 && d.header.expiry_time == 2);
    CHECK_HEX("a1a2a3", d.header.p2pcd);
    CHECK_HEX("00a1a2a30007", d.header.missing_crl);
    CHECK_HEX("0101a1a2", d.header.inline_p2pcd);
    CHECK_HEX("0000", d.header.requested_certificate);
    CHECK_HEX("abcd", d.header.contributed);
    assert_true(d.header.has_pdu_type && d.header.strangers);
    assert_int_equal(d.header.pdu_type, 3);
    assert_int_equal(d.external_hash, COVEY_ITS_SHA384);
    assert_int_equal(d.external.len, 48);
    assert_int_equal(d.signer_kind, COVEY_ITS_SIGNER_SELF);
    covey_its_expect e = { .now = MAKE_NOW, .any_psid = true };
    build(&make_at);
    assert_int_equal(judge(d.whole, &e), COVEY_ITS_R_SIGNER_SELF);
    drop_all();
}

static void refuses_statements_that_contradict_themselves(void **state)
{
    covey_writer w = covey_writer_of(buffer, sizeof buffer);
    covey_its_statement what = handshake();

    (void)state;
    build(&make_at);
    what.data = SPAN("x");
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_its_sign(&w, &signer, &what, &crypto));
    what = handshake();
    what.external.ptr = NULL;
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_its_sign(&w, &signer, &what, &crypto));
    what = handshake();
    what.external.len = 31;
    CHECK_STATUS(COVEY_E_RANGE, covey_its_sign(&w, &signer, &what, &crypto));
    what = handshake();
    what.location = SPAN("123456789");
    CHECK_STATUS(COVEY_E_RANGE, covey_its_sign(&w, &signer, &what, &crypto));
    what = handshake();
    what.expiry_time = what.generation_time;
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_its_sign(&w, &signer, &what, &crypto));
    what = handshake();
    for (size_t cap = 0; cap < 127; cap++) {
        w = covey_writer_of(buffer, cap);
        CHECK_STATUS(COVEY_E_ROOM,
                     covey_its_sign(&w, &signer, &what, &crypto));
        assert_int_equal(w.pos, 0);
    }
    CHECK_STATUS(COVEY_E_RANGE, covey_its_finish(&w, &signer, SPAN("short")));
    drop_all();
}

static void survives_the_provider_at_every_call(void **state)
{
    covey_its_statement what = handshake();
    covey_its_expect e = expect_handshake();
    covey_status st = COVEY_E_CRYPTO;

    (void)state;
    build(&make_at);
    covey_its_signer_drop(&signer, &crypto);
    for (int n = 0; st != COVEY_OK; n++) {
        covey_writer w = covey_writer_of(buffer, sizeof buffer);
        int live = s.live;
        covey_scripted_rewind(&s, n);
        st = covey_its_signer_open(&signer, &crypto, at.cert.whole,
                                   covey_bytes_of(at.secret, 32), NULL, NULL);
        if (st == COVEY_OK) {
            st = covey_its_sign(&w, &signer, &what, &crypto);
            if (st != COVEY_OK) {
                assert_int_equal(w.pos, 0);
                covey_its_signer_drop(&signer, &crypto);
            }
        }
        if (st != COVEY_OK) {
            CHECK_STATUS(COVEY_E_CRYPTO, st);
            assert_int_equal(s.live, live);
        }
    }
    covey_its_verdict verdict = COVEY_ITS_FAILED;
    for (int n = 0; verdict == COVEY_ITS_FAILED; n++) {
        covey_its_finding why = { .reason = COVEY_ITS_FINE };
        covey_its_signed d;
        CHECK_STATUS(COVEY_OK, covey_its_signed_decode(
                                   &d, covey_bytes_of(buffer, 128), NULL));
        covey_scripted_rewind(&s, n);
        verdict = covey_its_signed_verify(&peer, &d, &e, &crypto, &why);
    }
    assert_int_equal(verdict, COVEY_ITS_VALID);
    drop_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_certificate_verify_of_tls),
        cmocka_unit_test(signs_with_an_implicit_certificate),
        cmocka_unit_test(signs_data_that_is_within),
        cmocka_unit_test(refuses_each_thing_that_is_wrong),
        cmocka_unit_test(refuses_another_signer),
        cmocka_unit_test(finds_every_flipped_bit),
        cmocka_unit_test(refuses_to_decode),
        cmocka_unit_test(says_what_is_in_the_header),
        cmocka_unit_test(refuses_statements_that_contradict_themselves),
        cmocka_unit_test(survives_the_provider_at_every_call),
    };

    covey_scripted_open(&s, NULL, &crypto);
    return KIT_RUN(tests);
}
