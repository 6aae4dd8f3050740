/* SPDX-License-Identifier: BSD-2-Clause */
/* Residues at their edges: indices, sizes, padding, tokens, OSCORE, and too
 * little room. */
#include "link.h"

/* clang-format off */
static const covey_schc_field no_options[] = { COAP_FDS };
/* draft-ietf-schc-8824-update-09 Table 2 */
static const covey_schc_field coreconf[] = {
    PLAIN_FDS,
    { OPT_AT(URI_PATH, 1, UP), EQUAL, TV(E(8, 'c')) },
    { OPT_AT(URI_PATH, 2, UP), SENT },
    { OPT(URI_QUERY, UP), LSB(16), TV(E(16, 'k', '=')) },
};
/* clang-format on */

/* --- residues --- */

/* clang-format off */
static const covey_schc_field one_entry[] = {
    { AT(COAP_CODE, BI), FIX(8), MAPPED, TV(E(8, 1)) },
    { OPT(URI_PATH, BI), SENT },
};
static const covey_schc_field three_codes[] = {
    { AT(COAP_CODE, BI), FIX(8), MAPPED, TV(E(8, 1), E(8, 2), E(8, 3)) },
};
static const covey_schc_field bits_of_lsb[] = {
    CODE_FD, { OPT_BITS(ETAG, BI), LSB(7), TV(E(8, 0xfe)) },
};
/* clang-format on */

static void a_list_of_one_takes_no_bits_unless_the_peer_sends_one(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    ADD(&l, one_entry);
    turns_hex(&l, COVEY_SCHC_UP, "01 b161", "00 16 10");
    l.set.one_entry_index_bits = 1;
    turns_hex(&l, COVEY_SCHC_UP, "01 b161", "00 0b 08");
    rejects(&l, COVEY_SCHC_UP, "00 8b 08", COVEY_E_FORMAT);
    refuses(&l, COVEY_SCHC_UP, "02 b161", COVEY_SCHC_X_VALUE, 0);
}

static void an_index_beyond_the_list_is_malformed(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    ADD(&l, three_codes);
    turns_hex(&l, COVEY_SCHC_UP, "03 ff aa", "00 aa 80");
    rejects(&l, COVEY_SCHC_UP, "00 c0", COVEY_E_FORMAT);
    rejects(&l, COVEY_SCHC_UP, "00", COVEY_E_SHORT);
    rejects(&l, COVEY_SCHC_UP, "01", COVEY_E_NO_RULE);
    rejects(&l, COVEY_SCHC_UP, "", COVEY_E_SHORT);
}

/* 8824-update-09 Section 3.1: 17 bits are 1111 00010001. */
static void var_bit_counts_bits(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    ADD(&l, bits_of_lsb);
    /* etag ff 00 01: 1111 00010001 1 00000000 00000001 */
    turns_hex(&l, COVEY_SCHC_UP, "01 43 ff0001", "00 01 f1 18 00 08");
    turns_hex(&l, COVEY_SCHC_UP, "01 41 fe", "00 01 10");
    /* 2 bits: no whole number of bytes comes out */
    rejects(&l, COVEY_SCHC_UP, "00 01 2c", COVEY_E_FORMAT);
}

/* RFC 8724 Section 7.4.2 at its edges; 4, 12 and 28 bits of size. */
static void sizes_of_residues_change_form_at_15_and_255(void **state)
{
    static const struct {
        uint32_t len;
        const char *size;
    } rows[] = { { 0, "0" },         { 1, "1" },          { 14, "e" },
                 { 15, "f0f" },      { 254, "ffe" },      { 255, "fff00ff" },
                 { 256, "fff0100" }, { 65535, "fffffff" } };
    static uint8_t packet[PACKET_CAP];
    static uint8_t out[PACKET_CAP];
    static const covey_schc_field fields[] = { CODE_FD,
                                               { OPT(PROXY_URI, BI), SENT } };
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    ADD(&l, fields);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        covey_bit_writer w = covey_bit_writer_of(out, sizeof out);
        covey_bytes whole;
        uint32_t at = 16;

        packet[0] = 1;
        whole = covey_bytes_of(packet,
                               1 + put_option(packet + 1, 35, rows[i].len));
        turns(&l, COVEY_SCHC_UP, whole, NULL);
        CHECK_STATUS(COVEY_OK, covey_schc_compress(&l.ctx, COVEY_SCHC_UP,
                                                   whole, &w, NULL));
        for (const char *p = rows[i].size; *p; p++, at += 4) {
            uint32_t digit = (uint32_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
            assert_int_equal(covey_bits_load(out, at, 4), digit);
        }
        assert_int_equal(w.pos, at + rows[i].len * 8);
    }
}

/* clang-format off */
static const covey_schc_field mid_residue[] = {
    VERSION_FD, { AT(COAP_TYPE, BI), FIX(2), EQUAL, TV(E(2, 0)) }, TKL_0_FD,
    { AT(COAP_CODE, BI), FIX(8), EQUAL, TV(E(8, 1)) },
};
/* clang-format on */

/* What is left of the last byte is padding, and no payload: a marker without
 * payload would make the message malformed (seed 000 Section 4, RFC 7252
 * Section 3). One bit more, and there is a byte of payload. */
static void padding_is_no_payload(void **state)
{
    (void)state;
    for (uint16_t bits = 1; bits <= 16; bits++) {
        covey_schc_field fields[5];
        uint8_t schc[8] = { 0, 0xff, 0xff, 0xff, 0xff };
        uint8_t back[16];
        unsigned residue = bits;
        struct link l;

        memcpy(fields, mid_residue, sizeof mid_residue);
        fields[4] = (covey_schc_field){
            AT(COAP_MID, BI), FIX(16), LSB((uint16_t)(16 - bits)),
            .values = (const covey_schc_value[]){ E(16, 0, 0) },
            .value_count = 1
        };
        open_link(&l, COVEY_SCHC_STACK_COAP);
        ADD(&l, fields);
        for (size_t len = 1 + (residue + 7) / 8; len <= 4; len++) {
            covey_writer w = covey_writer_of(back, sizeof back);
            size_t payload = (len * 8 - 8 - residue) / 8;

            CHECK_STATUS(COVEY_OK, covey_schc_decompress(
                                       &l.ctx, COVEY_SCHC_UP,
                                       covey_bytes_of(schc, len), &w, NULL));
            assert_int_equal(w.pos, payload ? 5 + payload : 4);
            if (payload) {
                assert_int_equal(back[4], 0xff);
            }
        }
    }
}

static void a_marker_without_payload_is_not_repaired(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP);
    ADD(&l, no_options);
    refuses(&l, COVEY_SCHC_UP, "40010001 ff", COVEY_SCHC_X_LAYER,
            COUNT_OF(no_options));
    turns_hex(&l, COVEY_SCHC_UP, "40010001 ffff", "00 00 04 00 07 fc");
    add_rule(&l, NULL, 0);
    turns_hex(&l, COVEY_SCHC_UP, "40010001 ff", "01 40010001 ff");
}

/* --- tokens --- */

/* clang-format off */
static const covey_schc_field long_tokens[] = {
    VERSION_FD, TYPE_FD, { AT(COAP_TKL, BI), FIX(12), SENT }, CODE_FD, MID_FD,
    TOKEN_FD
};
static const covey_schc_field longest_tokens[] = {
    VERSION_FD, TYPE_FD, { AT(COAP_TKL, BI), FIX(20), SENT }, CODE_FD, MID_FD,
    TOKEN_FD
};
/* clang-format on */

static void a_token_carries_no_size(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP);
    ADD(&l, no_options);
    /* 2 + 4 + 8 + 16 bits, then the token as it is */
    turns_hex(&l, COVEY_SCHC_UP, "42010001 aabb", "00 08 04 00 06 aaec");
    turns_hex(&l, COVEY_SCHC_UP, "40010001", "00 00 04 00 04");
    rejects(&l, COVEY_SCHC_UP, "00 08 04 00 06 aa", COVEY_E_SHORT);
    /* TKL 15 is reserved, 13 says 12 bits where there are 4 */
    rejects(&l, COVEY_SCHC_UP,
            "00 3c 04 00 04 00000000 00000000 00000000 00000000",
            COVEY_E_FORMAT);
    rejects(&l, COVEY_SCHC_UP,
            "00 34 04 00 04 00000000 00000000 00000000 00000000",
            COVEY_E_FORMAT);
}

static void extended_tokens_come_back(void **state)
{
    static const size_t lengths[] = { 13, 14, 268, 269, 270, 4096, 65804 };
    static uint8_t packet[PACKET_CAP];
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP);
    ADD(&l, no_options);
    ADD(&l, long_tokens);
    ADD(&l, longest_tokens);
    for (size_t i = 0; i < COUNT_OF(lengths) - 1; i++) {
        covey_writer w = covey_writer_of(packet, sizeof packet);
        bool one = lengths[i] < 269;

        covey_write_u8(&w, one ? 0x4d : 0x4e);
        covey_write_u8(&w, 1);
        covey_write_u16(&w, 0x1234);
        if (one) {
            covey_write_u8(&w, (uint8_t)(lengths[i] - 13));
        } else {
            covey_write_u16(&w, (uint16_t)(lengths[i] - 269));
        }
        memset(covey_write_reserve(&w, lengths[i]), 0x77, lengths[i]);
        turns(&l, COVEY_SCHC_UP, covey_written(&w), NULL);
        covey_write_u16(&w, 0xff2a);
        turns(&l, COVEY_SCHC_UP, covey_written(&w), NULL);
    }
}

/* --- OSCORE --- */

/* clang-format off */
static const covey_schc_field oscore[] = {
    CODE_FD, FLAGS_FD, { PART(PIV, OSC_PIV, BI), SENT },
    { PART(KID_CTX, VAR, BI), SENT }, { PART(KID, VAR, BI), SENT },
};
static const covey_schc_field kudos[] = {
    CODE_FD, FLAGS_FD, { PART(PIV, OSC_PIV, BI), SENT },
    { PART(KID_CTX, VAR, BI), EQUAL, NIL }, X_FD,
    { PART(NONCE, OSC_X_M, BI), SENT }, { PART(KID, VAR, BI), SENT },
};
/* clang-format on */

static void a_partial_iv_takes_its_length_from_the_flags(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    ADD(&l, oscore);
    /* flags 1 09, piv 05 bare, kid_ctx 0, kid 1 42 */
    turns_hex(&l, COVEY_SCHC_UP, "02 93 090542", "00 02 1 09 05 0 1 42 0");
    turns_hex(&l, COVEY_SCHC_UP, "02 90", "00 02 000 0");
    /* kid_ctx with its size byte s */
    turns_hex(&l, COVEY_SCHC_UP, "02 96 1905 02aabb 42",
              "00 02 1 19 05 3 02aabb 1 42 0");
    /* the flags announce a kid context, the residue has none */
    rejects(&l, COVEY_SCHC_UP, "00 02 1 19 05 0 1 42 0", COVEY_E_FORMAT);
    /* s and the length of the kid context disagree */
    rejects(&l, COVEY_SCHC_UP, "00 02 1 19 05 2 02aa 1 42 0", COVEY_E_FORMAT);
    /* 00 is not the form of no flags */
    rejects(&l, COVEY_SCHC_UP, "00 02 1 00 0 0 0", COVEY_E_FORMAT);
    /* no k, but a kid */
    rejects(&l, COVEY_SCHC_UP, "00 02 1 01 05 0 1 42 0", COVEY_E_FORMAT);
}

static void a_nonce_takes_its_length_from_x(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    ADD(&l, kudos);
    /* flags 2 8901, piv 05, x 1 02, nonce of three bytes bare, kid 1 42 */
    turns_hex(&l, COVEY_SCHC_UP, "02 98 8901 05 02 aabbcc 42",
              "00 02 2 8901 05 1 02 aabbcc 1 42 0");
    /* bit 0x08 of x belongs to m in one layout only */
    turns_hex(&l, COVEY_SCHC_UP, "02 98 8901 05 0a aabbcc 42",
              "00 02 2 8901 05 1 0a aabbcc 1 42 0");
    l.set.kudos = COVEY_KUDOS_14;
    turns_hex(&l, COVEY_SCHC_UP,
              "02 9d03 8901 05 0a aabbccddeeff0011223344 42",
              "00 02 2 8901 05 1 0a aabbccddeeff0011223344 1 42 0");
}

/* --- room, and what is left behind --- */

static void too_little_room_leaves_the_output_as_it_was(void **state)
{
    static const uint8_t packet[] = { 0x42, 1, 0, 1, 0xaa, 0xbb, 0xff, 1, 2 };
    struct link l;
    uint8_t schc[16];
    covey_bit_writer whole = covey_bit_writer_of(schc, sizeof schc);

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP);
    ADD(&l, no_options);
    CHECK_STATUS(COVEY_OK,
                 covey_schc_compress(&l.ctx, COVEY_SCHC_UP,
                                     covey_bytes_of(packet, sizeof packet),
                                     &whole, NULL));
    for (size_t cap = 0; cap < covey_bits_written(&whole).len; cap++) {
        uint8_t out[16] = { 0 };
        covey_bit_writer w = covey_bit_writer_of(out, cap);

        CHECK_STATUS(COVEY_E_ROOM,
                     covey_schc_compress(&l.ctx, COVEY_SCHC_UP,
                                         covey_bytes_of(packet, sizeof packet),
                                         &w, NULL));
        assert_int_equal(w.pos, 0);
        assert_int_equal(w.failed, COVEY_OK);
    }
    for (size_t cap = 0; cap < sizeof packet; cap++) {
        uint8_t out[16];
        covey_writer w = covey_writer_of(out, cap);

        CHECK_STATUS(COVEY_E_ROOM, covey_schc_decompress(
                                       &l.ctx, COVEY_SCHC_UP,
                                       covey_bits_written(&whole), &w, NULL));
        assert_int_equal(w.pos, 0);
        assert_int_equal(w.failed, COVEY_OK);
    }
}

/* RuleIDs need not end on a byte, and need not begin on one. */
static void compression_appends_at_any_bit(void **state)
{
    static const uint8_t packet[] = { 1, 0xb1, 'a', 0xff, 0x2a };
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    ADD(&l, one_entry);
    for (unsigned before = 0; before < 16; before++) {
        uint8_t out[16] = { 0 };
        covey_bit_writer w = covey_bit_writer_of(out, sizeof out);

        covey_bits_put(&w, 0xffff, before);
        CHECK_STATUS(COVEY_OK,
                     covey_schc_compress(&l.ctx, COVEY_SCHC_UP,
                                         covey_bytes_of(packet, sizeof packet),
                                         &w, NULL));
        assert_int_equal(w.pos, before + 8 + 12 + 8);
        assert_int_equal(covey_bits_load(out, before, 28), 0x001612a);
    }
}

static void a_residue_that_ends_early_is_short_at_every_length(void **state)
{
    struct link l;
    uint8_t schc[32];
    uint8_t back[64];
    uint8_t storage[32];
    covey_bit_writer w = covey_bit_writer_of(schc, sizeof schc);

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP);
    ADD(&l, coreconf);
    CHECK_STATUS(COVEY_OK,
                 covey_schc_compress(&l.ctx, COVEY_SCHC_UP,
                                     kit_hex("40051234 b163 025836 46"
                                             "6b3d65746830",
                                             storage, sizeof storage),
                                     &w, NULL));
    for (size_t len = 1; len < covey_bits_written(&w).len; len++) {
        covey_writer again = covey_writer_of(back, sizeof back);
        CHECK_STATUS(COVEY_E_SHORT,
                     covey_schc_decompress(&l.ctx, COVEY_SCHC_UP,
                                           covey_bytes_of(schc, len), &again,
                                           NULL));
        assert_int_equal(again.pos, 0);
    }
}

/* clang-format off */
static const covey_schc_field forgetful[] = {
    CODE_FD, { OPT(MAX_AGE, BI), PAIR(IGNORE, NOT_SENT), TV(E(8, 60)) },
};
/* clang-format on */

static void what_does_not_come_back_needs_permission(void **state)
{
    struct link l;
    uint8_t out[16], back[16];
    covey_bit_writer w = covey_bit_writer_of(out, sizeof out);
    covey_writer again = covey_writer_of(back, sizeof back);
    static const uint8_t packet[] = { 0x45, 0xd1, 1, 99 };

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    ADD(&l, forgetful);
    refuses(&l, COVEY_SCHC_UP, "45 d10163", COVEY_SCHC_X_LOSSY, 1);
    l.rule[0].lossy = true;
    CHECK_STATUS(COVEY_OK,
                 covey_schc_compress(&l.ctx, COVEY_SCHC_UP,
                                     covey_bytes_of(packet, sizeof packet), &w,
                                     NULL));
    CHECK_HEX("00 45", covey_bits_written(&w));
    CHECK_STATUS(COVEY_OK,
                 covey_schc_decompress(&l.ctx, COVEY_SCHC_UP,
                                       covey_bits_written(&w), &again, NULL));
    CHECK_HEX("45 d1013c", covey_written(&again));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_list_of_one_takes_no_bits_unless_the_peer_sends_one),
        cmocka_unit_test(an_index_beyond_the_list_is_malformed),
        cmocka_unit_test(var_bit_counts_bits),
        cmocka_unit_test(sizes_of_residues_change_form_at_15_and_255),
        cmocka_unit_test(padding_is_no_payload),
        cmocka_unit_test(a_marker_without_payload_is_not_repaired),
        cmocka_unit_test(a_token_carries_no_size),
        cmocka_unit_test(extended_tokens_come_back),
        cmocka_unit_test(a_partial_iv_takes_its_length_from_the_flags),
        cmocka_unit_test(a_nonce_takes_its_length_from_x),
        cmocka_unit_test(too_little_room_leaves_the_output_as_it_was),
        cmocka_unit_test(compression_appends_at_any_bit),
        cmocka_unit_test(a_residue_that_ends_early_is_short_at_every_length),
        cmocka_unit_test(what_does_not_come_back_needs_permission),
    };
    return KIT_RUN(tests);
}
