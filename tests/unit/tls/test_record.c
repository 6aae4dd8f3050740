/* SPDX-License-Identifier: BSD-2-Clause */
/* Records, and the DER of signatures. */
#include "kit.h"

#include "tls_internal.h"

#include "crypto/scripted/scripted.h"

static covey_scripted scripted;
static covey_crypto crypto;

static covey_tls_half half_of(unsigned id)
{
    covey_tls_half half = { 0 };
    uint8_t secret[COVEY_TLS_SECRET_MAX];

    memset(secret, 7, sizeof secret);
    CHECK_STATUS(COVEY_OK,
                 covey__tls_half_set(&crypto, covey__tls_suite_find(id),
                                     secret, &half));
    return half;
}

/* A record there and back. */
static void round_trip(covey_tls_half *out, covey_tls_half *in, size_t len,
                       size_t padding)
{
    static uint8_t wire[COVEY_TLS_RECORD_MAX];
    static uint8_t plain[COVEY_TLS_RECORD_MAX];
    static uint8_t text[COVEY_TLS_PLAIN_MAX];
    covey_writer w = covey_writer_of(wire, sizeof wire);
    covey_writer p = covey_writer_of(plain, sizeof plain);
    struct tls_record head = { CONTENT_HANDSHAKE, 0 };
    uint8_t type = 0;

    memset(text, (int)len, sizeof text);
    CHECK_STATUS(COVEY_OK, covey__tls_record_seal(&crypto, out, head,
                                                  covey_bytes_of(text, len),
                                                  padding, &w));
    assert_int_equal(w.pos, 5 + len + 1 + padding + out->tag_len);
    CHECK_STATUS(COVEY_OK,
                 covey__tls_record_head(covey_written(&w), true, &head));
    assert_int_equal(head.type, CONTENT_APPLICATION_DATA);
    assert_int_equal(head.len, w.pos - 5);
    CHECK_STATUS(COVEY_OK, covey__tls_record_open(
                               &crypto, in, covey_bytes_of(wire + 5, head.len),
                               COVEY_TLS_PLAIN_MAX, &p, &type));
    assert_int_equal(type, CONTENT_HANDSHAKE);
    CHECK_SPAN(covey_bytes_of(text, len), covey_written(&p));
}

static void opens_what_it_sealed_with_every_suite(void **state)
{
    static const size_t lens[] = { 0, 1, 15, 16, 17, 1000, 16384 };

    (void)state;
    for (unsigned id = 0x1301; id <= 0x1305; id++) {
        covey_tls_half out = half_of(id);
        covey_tls_half in = half_of(id);
        for (size_t i = 0; i < COUNT_OF(lens); i++) {
            round_trip(&out, &in, lens[i], lens[i] > 1000 ? 0 : 3 * i);
        }
        assert_int_equal(in.sequence, COUNT_OF(lens));
        covey__tls_half_drop(&crypto, &out);
        covey__tls_half_drop(&crypto, &in);
    }
}

static void refuses_heads_that_are_none(void **state)
{
    struct tls_record head = { 0, 0 };

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        uint8_t bytes[5] = { (uint8_t)type, 3, 3, 0, 1 };
        bool known = type >= 20 && type <= 23;
        CHECK_STATUS(
            known ? COVEY_OK : COVEY_E_FORMAT,
            covey__tls_record_head(covey_bytes_of(bytes, 5), true, &head));
        for (size_t len = 1; len < 5; len++) {
            CHECK_STATUS(known ? COVEY_E_SHORT : COVEY_E_FORMAT,
                         covey__tls_record_head(covey_bytes_of(bytes, len),
                                                true, &head));
        }
    }
    for (unsigned len = 16380; len < 16700; len++) {
        uint8_t bytes[5] = { 23, 3, 3, (uint8_t)(len >> 8), (uint8_t)len };
        CHECK_STATUS(
            len <= 16384 ? COVEY_OK : COVEY_E_RANGE,
            covey__tls_record_head(covey_bytes_of(bytes, 5), false, &head));
        CHECK_STATUS(
            len <= 16640 ? COVEY_OK : COVEY_E_RANGE,
            covey__tls_record_head(covey_bytes_of(bytes, 5), true, &head));
    }
}

static void refuses_content_that_is_none_or_too_long(void **state)
{
    uint8_t wire[200];
    uint8_t plain[200];
    covey_tls_half out = half_of(0x1301);
    covey_tls_half in = half_of(0x1301);
    struct tls_record zero = { 0, 0 };
    struct tls_record data = { CONTENT_APPLICATION_DATA, 0 };
    covey_writer w = covey_writer_of(wire, sizeof wire);
    covey_writer p = covey_writer_of(plain, sizeof plain);
    uint8_t type = 0;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey__tls_record_seal(&crypto, &out, zero,
                                                  SPAN(""), 20, &w));
    CHECK_STATUS(COVEY_E_FORMAT,
                 covey__tls_record_open(&crypto, &in,
                                        covey_bytes_of(wire + 5, w.pos - 5),
                                        100, &p, &type));
    assert_int_equal(p.pos, 0);
    w.pos = 0;
    CHECK_STATUS(COVEY_OK, covey__tls_record_seal(&crypto, &out, data,
                                                  SPAN("four"), 0, &w));
    CHECK_STATUS(COVEY_E_RANGE,
                 covey__tls_record_open(&crypto, &in,
                                        covey_bytes_of(wire + 5, w.pos - 5), 3,
                                        &p, &type));
    assert_int_equal(p.pos, 0);
    assert_memory_not_equal(plain, "four", 4);
    out.sequence = in.sequence = UINT64_MAX;
    CHECK_STATUS(COVEY_E_EXHAUSTED, covey__tls_record_seal(&crypto, &out, data,
                                                           SPAN("x"), 0, &w));
    CHECK_STATUS(COVEY_E_EXHAUSTED,
                 covey__tls_record_open(&crypto, &in, covey_bytes_of(wire, 30),
                                        3, &p, &type));
    covey__tls_half_drop(&crypto, &out);
    covey__tls_half_drop(&crypto, &in);
}

static void refuses_every_flipped_bit_and_the_wrong_number(void **state)
{
    uint8_t wire[60];
    uint8_t plain[60];
    covey_tls_half out = half_of(0x1305);
    covey_tls_half in = half_of(0x1305);
    struct tls_record data = { CONTENT_APPLICATION_DATA, 0 };
    covey_writer w = covey_writer_of(wire, sizeof wire);
    covey_writer p = covey_writer_of(plain, sizeof plain);
    uint8_t type = 0;

    (void)state;
    CHECK_STATUS(COVEY_OK,
                 covey__tls_record_seal(&crypto, &out, data,
                                        SPAN("sixteen bytes..."), 0, &w));
    covey_bytes body = covey_bytes_of(wire + 5, w.pos - 5);
    for (size_t bit = 0; bit < body.len * 8; bit++) {
        uint8_t *at = &wire[5 + bit / 8];
        *at ^= (uint8_t)(1u << bit % 8);
        CHECK_STATUS(COVEY_E_AUTH, covey__tls_record_open(&crypto, &in, body,
                                                          100, &p, &type));
        *at ^= (uint8_t)(1u << bit % 8);
    }
    in.sequence = 1;
    CHECK_STATUS(COVEY_E_AUTH,
                 covey__tls_record_open(&crypto, &in, body, 100, &p, &type));
    in.sequence = 0;
    CHECK_STATUS(COVEY_OK,
                 covey__tls_record_open(&crypto, &in, body, 100, &p, &type));
    covey__tls_half_drop(&crypto, &out);
    covey__tls_half_drop(&crypto, &in);
}

static void turns_signatures_both_ways(void **state)
{
    kit_random random = { 1 };
    uint8_t raw[96];
    uint8_t der[120];
    uint8_t back[96];

    (void)state;
    for (size_t i = 0; i < 2000; i++) {
        size_t half = i % 2 ? 32 : 48;
        covey_writer w = covey_writer_of(der, sizeof der);
        for (size_t k = 0; k < 2 * half; k++) {
            raw[k] = k % half < i % 7 ? 0 : (uint8_t)kit_next(&random);
        }
        covey__tls_ecdsa_der(covey_bytes_of(raw, 2 * half), &w);
        CHECK_STATUS(COVEY_OK, w.failed);
        assert_true(covey__tls_ecdsa_raw(covey_written(&w), back, half));
        assert_memory_equal(raw, back, 2 * half);
        for (size_t cut = 0; cut < w.pos; cut++) {
            assert_false(
                covey__tls_ecdsa_raw(covey_bytes_of(der, cut), back, half));
        }
    }
}

static void refuses_der_that_is_not_the_shortest(void **state)
{
    static const struct {
        const char *why, *hex;
    } cases[] = {
        { "another tag", "3106020101020101" },
        { "a bit string in it", "3006030101020101" },
        { "negative", "3006020181020101" },
        { "a zero too many", "300702020001020101" },
        { "an empty integer", "30050200020101" },
        { "bytes behind", "300602010102010100" },
        { "bytes behind, inside", "300702010102010100" },
        { "longer than the curve",
          "302602210100000000000000000000000000000000000000000000000000000000"
          "00000000020101" },
        { "a length of two bytes", "308106020101020101" },
    };
    uint8_t storage[64];
    uint8_t raw[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        assert_false(covey__tls_ecdsa_raw(
            kit_hex(cases[i].hex, storage, sizeof storage), raw, 32));
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_what_it_sealed_with_every_suite),
        cmocka_unit_test(refuses_heads_that_are_none),
        cmocka_unit_test(refuses_content_that_is_none_or_too_long),
        cmocka_unit_test(refuses_every_flipped_bit_and_the_wrong_number),
        cmocka_unit_test(turns_signatures_both_ways),
        cmocka_unit_test(refuses_der_that_is_not_the_shortest),
    };

    covey_scripted_open(&scripted, NULL, &crypto);
    return KIT_RUN(tests);
}
