/* SPDX-License-Identifier: BSD-2-Clause */
/* Every input of up to three bytes, alone and behind fixed headers, against a
 * naive model. */
#include <covey/coap.h>
#include <covey/coap_options.h>

#include "kit.h"
#include "model.h"

static void agree(const struct model *want, const covey_coap_message *m,
                  const uint8_t *base)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    int i = 0;

    while (covey_coap_option_next(&it, &o)) {
        if (i >= want->count || o.number != want->option[i].number ||
            o.value.ptr != base + want->option[i].value ||
            o.value.len != (size_t)want->option[i].len) {
            fail_msg("option %d differs", i);
        }
        i++;
    }
    if (i != want->count || it.left.len != 0) {
        fail_msg("%d options instead of %d", i, want->count);
    }
    if (m->payload.ptr != (want->payload < 0 ? NULL : base + want->payload)) {
        fail_msg("the payload differs");
    }
}

static void check_datagram(const uint8_t *b, size_t n)
{
    struct model want;
    covey_coap_message m;
    covey_status expected = model_datagram(&want, b, (long)n);
    covey_status got = covey_coap_parse(&m, covey_bytes_of(b, n));

    if (expected != got) {
        print_error("%02x %02x ... %02x %02x %02x of %zu\n", b[0], b[1],
                    b[n - 3], b[n - 2], b[n - 1], n);
    }
    CHECK_STATUS(expected, got);
    if (got == COVEY_OK) {
        if (m.token.ptr != b + want.token ||
            m.token.len != (size_t)want.token_len || m.code != want.code) {
            fail_msg("the header differs");
        }
        agree(&want, &m, b);
    }
}

/* Calls check for all tails of up to `tail` bytes behind b[at]. */
static void with_all_tails(uint8_t *b, size_t at, unsigned tail,
                           void (*check)(const uint8_t *b, size_t n))
{
    for (unsigned len = 0; len <= tail; len++) {
        for (uint32_t v = 0; v < UINT32_C(1) << (8 * len); v++) {
            for (unsigned i = 0; i < len; i++) {
                b[at + i] = (uint8_t)(v >> (8 * (len - 1 - i)));
            }
            check(b, at + len);
        }
    }
}

static void options_and_payload_of_three_bytes(void **state)
{
    uint8_t b[8] = { 0x40, 0x01, 0x00, 0x00 };

    (void)state;
    with_all_tails(b, 4, 3, check_datagram);
}

static void headers_with_two_more_bytes(void **state)
{
    static const uint8_t codes[] = { 0x00, 0x01, 0x45, 0xff };
    uint8_t b[8] = { 0 };

    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        for (size_t c = 0; c < sizeof codes; c++) {
            b[0] = (uint8_t)first;
            b[1] = codes[c];
            with_all_tails(b, 4, first >> 6 == 1 ? 2 : 1, check_datagram);
        }
    }
}

static void check_short(const uint8_t *b, size_t n)
{
    covey_coap_message m;

    if (covey_coap_parse(&m, covey_bytes_of(b, n)) != COVEY_E_SHORT) {
        fail_msg("%zu bytes are a datagram", n);
    }
}

static void no_datagram_has_three_bytes(void **state)
{
    uint8_t b[4];

    (void)state;
    with_all_tails(b, 0, 3, check_short);
}

static void check_inner(const uint8_t *b, size_t n)
{
    struct model want = { 0 };
    covey_coap_message m;
    covey_status expected = COVEY_E_SHORT;
    covey_status got = covey_coap_parse_inner(&m, covey_bytes_of(b, n));

    if (n > 0) {
        expected = model_body(&want, b, (long)n, 1);
        if (b[0] == 0) {
            expected = n == 1 ? COVEY_OK : COVEY_E_FORMAT;
        }
    }
    CHECK_STATUS(expected, got);
    if (got == COVEY_OK) {
        agree(&want, &m, b);
    }
}

static void inner_messages_of_three_bytes(void **state)
{
    uint8_t b[4];

    (void)state;
    with_all_tails(b, 0, 3, check_inner);
}

/* RFC 8323 Section 3.2 for messages so short that no length is extended. */
static covey_status model_stream(struct model *want, const uint8_t *b,
                                 size_t n, size_t *used)
{
    if (n > 0 && b[0] % 16 == 15) {
        return COVEY_E_FORMAT;
    }
    if (n > 0 && b[0] / 16 == 13) {
        /* 13 bytes and more cannot be there; only 0.00 is wrong already. */
        return n == 3 && b[2] == 0 ? COVEY_E_FORMAT : COVEY_E_SHORT;
    }
    if (n < 2 || b[0] / 16 > 13) {
        return COVEY_E_SHORT;
    }
    size_t len = b[0] / 16;
    size_t tkl = b[0] % 16;
    if (b[1] == 0 && b[0] != 0) {
        return COVEY_E_FORMAT;
    }
    if (2 + tkl + len > n) {
        return COVEY_E_SHORT;
    }
    *used = 2 + tkl + len;
    return model_body(want, b, (long)*used, (long)(2 + tkl)) == COVEY_OK
               ? COVEY_OK
               : COVEY_E_FORMAT;
}

static void check_stream(const uint8_t *b, size_t n)
{
    struct model want = { 0 };
    covey_coap_message m;
    size_t used = 0;
    size_t want_used = 0;
    covey_status expected = model_stream(&want, b, n, &want_used);
    covey_status got =
        covey_coap_parse_stream(&m, covey_bytes_of(b, n), &used);

    if (expected != got) {
        print_error("%02x %02x %02x of %zu\n", b[0], b[1], b[2], n);
    }
    CHECK_STATUS(expected, got);
    if (got == COVEY_OK) {
        assert_true(used == want_used);
        agree(&want, &m, b);
    }
}

static void streams_of_three_bytes(void **state)
{
    uint8_t b[4] = { 0 };

    (void)state;
    with_all_tails(b, 0, 3, check_stream);
}

/* What parse accepts, encode gives back, but for a second flag byte of 00. */
static void check_oscore(const uint8_t *b, size_t n)
{
    covey_bytes value = covey_bytes_of(b, n);

    for (int k = COVEY_KUDOS_SEED; k <= COVEY_KUDOS_CONVERGENT; k++) {
        const covey_kudos_layout kudos = (covey_kudos_layout)k;
        covey_oscore_option o;
        uint8_t room[8];
        covey_writer w = covey_writer_of(room, sizeof room);
        uint16_t len[COVEY_OSCORE_PARTS];
        size_t sum = 0;

        if (covey_oscore_option_parse(&o, value, kudos) != COVEY_OK) {
            continue;
        }
        if (covey_oscore_option_split(len, value, kudos) != COVEY_OK) {
            fail_msg("split refuses what parse accepts");
        }
        for (size_t p = 0; p < COVEY_OSCORE_PARTS; p++) {
            sum += len[p];
        }
        if (sum != n) {
            fail_msg("the parts are not the value");
        }
        if (n > 1 && b[0] >= 0x80 && b[1] == 0) {
            continue;
        }
        if (covey_oscore_option_encode(&w, &o, kudos) != COVEY_OK ||
            w.pos != n || memcmp(room, b, n) != 0) {
            fail_msg("%02x %02x %02x of %zu comes back differently", b[0],
                     b[1], b[2], n);
        }
    }
}

static void oscore_values_of_three_bytes(void **state)
{
    uint8_t b[4] = { 0 };

    (void)state;
    with_all_tails(b, 0, 3, check_oscore);
}

/* Integers and blocks: the value, and the shortest form of it. */
static void check_values(const uint8_t *b, size_t n)
{
    covey_bytes value = covey_bytes_of(b, n);
    uint32_t want = 0;
    uint32_t got;
    covey_block block;
    uint8_t buf[4];
    covey_bytes out;
    size_t zeros = 0;

    for (size_t i = 0; i < n; i++) {
        want = want * 256 + b[i];
        zeros += zeros == i && b[i] == 0;
    }
    if (covey_option_uint(value, &got) != COVEY_OK || got != want ||
        covey_block_parse(value, &block) != COVEY_OK ||
        block.num != want / 16 || block.more != (want / 8 % 2 == 1) ||
        block.szx != want % 8) {
        fail_msg("%lu is read differently", (unsigned long)want);
    }
    out = covey_option_uint_encode(want, buf);
    if (out.len != n - zeros || memcmp(out.ptr, b + zeros, out.len) != 0) {
        fail_msg("%lu is written differently", (unsigned long)want);
    }
    if (covey_block_encode(&block, buf, &out) != COVEY_OK ||
        out.len != n - zeros || memcmp(out.ptr, b + zeros, out.len) != 0) {
        fail_msg("block %lu is written differently", (unsigned long)want);
    }
}

static void integers_and_blocks_of_three_bytes(void **state)
{
    uint8_t b[4];

    (void)state;
    with_all_tails(b, 0, 3, check_values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_payload_of_three_bytes),
        cmocka_unit_test(headers_with_two_more_bytes),
        cmocka_unit_test(no_datagram_has_three_bytes),
        cmocka_unit_test(inner_messages_of_three_bytes),
        cmocka_unit_test(streams_of_three_bytes),
        cmocka_unit_test(oscore_values_of_three_bytes),
        cmocka_unit_test(integers_and_blocks_of_three_bytes),
    };
    return KIT_RUN(tests);
}
