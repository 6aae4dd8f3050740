/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults that other implementations have shown, by name: fields taken for one
 * another, lost, or repaired. */
#include "link.h"

/* clang-format off */
static const covey_schc_field one_path[] = {
    PLAIN_FDS, { OPT(URI_PATH, BI), SENT }
};
static const covey_schc_field usage_path[] = {
    PLAIN_FDS, { OPT(URI_PATH, BI), EQUAL, TV(E(40, 'u', 's', 'a', 'g', 'e')) }
};
static const covey_schc_field no_options[] = { COAP_FDS };
static const covey_schc_field non_only[] = {
    VERSION_FD, { AT(COAP_TYPE, BI), FIX(2), EQUAL, TV(E(2, 0x40)) },
    TKL_0_FD, CODE_FD, MID_FD
};
/* clang-format on */

static void a_query_does_not_match_a_path_rule(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP);
    ADD(&l, usage_path);
    turns_hex(&l, COVEY_SCHC_UP, "40010001 b5 7573616765", "00 00 40 00 40");
    refuses(&l, COVEY_SCHC_UP, "40010001 d502 7573616765", COVEY_SCHC_X_ABSENT,
            5);
}

static void an_option_without_descriptor_is_never_lost(void **state)
{
    struct link l;
    covey_schc_finding f;
    uint8_t storage[64];

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP);
    ADD(&l, one_path);
    /* Uri-Path "a", Request-Tag 01, payload 01020304 */
    refuses(&l, COVEY_SCHC_UP, "40010001 b161 e1000c01 ff01020304",
            COVEY_SCHC_X_UNCOVERED, COUNT_OF(one_path));
    f = covey_schc_why_not(
        &l.ctx, COVEY_SCHC_UP,
        kit_hex("40010001 b161 e1000c01 ff01020304", storage, 64), 0);
    assert_int_equal(f.id, COVEY_SCHC_OPTION);
    assert_int_equal(f.option, COVEY_OPTION_REQUEST_TAG);
    /* neither is a second instance, nor one in front */
    refuses(&l, COVEY_SCHC_UP, "40010001 b161 0162", COVEY_SCHC_X_UNCOVERED,
            COUNT_OF(one_path));
    refuses(&l, COVEY_SCHC_UP, "40010001 60 5161", COVEY_SCHC_X_UNCOVERED,
            COUNT_OF(one_path));
}

static void a_reset_comes_back_as_a_reset(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP);
    ADD(&l, non_only);
    refuses(&l, COVEY_SCHC_UP, "70001234", COVEY_SCHC_X_VALUE, 1);
    ADD(&l, no_options);
    turns_hex(&l, COVEY_SCHC_UP, "70001234", "01 c0 00 48 d0");
    turns_hex(&l, COVEY_SCHC_UP, "50001234", "00 00 12 34");
}

/* clang-format off */
#define IPV6_FDS \
    { AT(IPV6_VERSION, BI), FIX(4), EQUAL, TV(E(4, 0x60)) }, \
    { AT(IPV6_TRAFFIC_CLASS, BI), FIX(8), EQUAL, TV(E(8, 0)) }, \
    { AT(IPV6_FLOW_LABEL, BI), FIX(20), EQUAL, TV(E(20, 0, 0, 0)) }, \
    { AT(IPV6_PAYLOAD_LENGTH, BI), FIX(16), PAIR(IGNORE, COMPUTE) }, \
    { AT(IPV6_NEXT_HEADER, BI), FIX(8), EQUAL, TV(E(8, 17)) }, \
    { AT(IPV6_HOP_LIMIT, BI), FIX(8), EQUAL, TV(E(8, 64)) }, \
    { AT(IPV6_DEV_PREFIX, BI), FIX(64), EQUAL, \
      TV(E(64, 0xfe, 0x80, 0, 0, 0, 0, 0, 0)) }, \
    { AT(IPV6_DEV_IID, BI), FIX(64), PAIR(IGNORE, DEV_IID) }, \
    { AT(IPV6_APP_PREFIX, BI), FIX(64), EQUAL, \
      TV(E(64, 0xfe, 0x80, 0, 0, 0, 0, 0, 0)) }, \
    { AT(IPV6_APP_IID, BI), FIX(64), PAIR(IGNORE, APP_IID) }
static const covey_schc_field computing[] = {
    IPV6_FDS,
    { AT(UDP_DEV_PORT, BI), FIX(16), EQUAL, TV(E(16, 0x16, 0x33)) },
    { AT(UDP_APP_PORT, BI), FIX(16), SENT },
    { AT(UDP_LENGTH, BI), FIX(16), PAIR(IGNORE, COMPUTE) },
    { AT(UDP_CHECKSUM, BI), FIX(16), PAIR(IGNORE, COMPUTE) },
};
/* clang-format on */

static const uint8_t dev_iid[8] = { 0, 0, 0, 0, 0, 0, 0, 0x0d };
static const uint8_t app_iid[8] = { 0, 0, 0, 0, 0, 0, 0, 0x0a };

/* fe80::d port 5683 to fe80::a port 1. The words of the checksum: fe80 + d +
 * fe80 + a, 11 (UDP), a (length), 1633 + 1 + a, together 21370; with the
 * payload 0102 folded to 1474, inverted eb8b; with ec8d to ffff. */
#define HEAD_UP                                                               \
    "60000000 000a1140 fe80000000000000000000000000000d"                      \
    "fe80000000000000000000000000000a 16330001"
#define HEAD_DOWN                                                             \
    "60000000 000a1140 fe80000000000000000000000000000a"                      \
    "fe80000000000000000000000000000d 00011633"

static void open_computing(struct link *l)
{
    open_link(l, COVEY_SCHC_STACK_IPV6_UDP);
    l->ctx.dev_iid = dev_iid;
    l->ctx.app_iid = app_iid;
    ADD(l, computing);
}

static void a_bad_checksum_or_length_is_not_repaired(void **state)
{
    struct link l;

    (void)state;
    open_computing(&l);
    turns_hex(&l, COVEY_SCHC_UP, HEAD_UP "000a eb8b 0102", "00 0001 0102");
    turns_hex(&l, COVEY_SCHC_DOWN, HEAD_DOWN "000a eb8b 0102", "00 0001 0102");
    refuses(&l, COVEY_SCHC_UP, HEAD_UP "000a dead 0102", COVEY_SCHC_X_COMPUTE,
            13);
    refuses(&l, COVEY_SCHC_UP, HEAD_UP "000a 0000 0102", COVEY_SCHC_X_COMPUTE,
            13);
    refuses(&l, COVEY_SCHC_UP, HEAD_UP "000b eb8b 0102", COVEY_SCHC_X_COMPUTE,
            12);
    refuses(&l, COVEY_SCHC_UP, HEAD_UP "000a eb8b 01", COVEY_SCHC_X_COMPUTE,
            3);
    refuses(&l, COVEY_SCHC_UP, HEAD_UP "000a eb8b 010200",
            COVEY_SCHC_X_COMPUTE, 3);
}

/* RFC 8200 Section 8.1: a sum of zero is sent as ffff, zero says none. */
static void a_checksum_that_sums_to_zero_is_ffff(void **state)
{
    struct link l;

    (void)state;
    open_computing(&l);
    turns_hex(&l, COVEY_SCHC_UP, HEAD_UP "000a ffff ec8d", "00 0001 ec8d");
    refuses(&l, COVEY_SCHC_UP, HEAD_UP "000a 0000 ec8d", COVEY_SCHC_X_COMPUTE,
            13);
}

static void
device_and_application_change_places_with_the_direction(void **state)
{
    struct link l;

    (void)state;
    open_computing(&l);
    /* as if it went the other way: the prefixes agree, the IIDs do not */
    refuses(&l, COVEY_SCHC_DOWN, HEAD_UP "000a eb8b 0102", COVEY_SCHC_X_IID,
            7);
    refuses(&l, COVEY_SCHC_UP, HEAD_DOWN "000a eb8b 0102", COVEY_SCHC_X_IID,
            7);
    l.ctx.dev_iid = NULL;
    refuses(&l, COVEY_SCHC_UP, HEAD_UP "000a eb8b 0102", COVEY_SCHC_X_IID, 7);
    rejects(&l, COVEY_SCHC_UP, "00 0001 0102", COVEY_E_ARGUMENT);
}

/* clang-format off */
/* draft-ietf-schc-8824-update-09 Table 2 */
static const covey_schc_field coreconf[] = {
    PLAIN_FDS,
    { OPT_AT(URI_PATH, 1, UP), EQUAL, TV(E(8, 'c')) },
    { OPT_AT(URI_PATH, 2, UP), SENT },
    { OPT(URI_QUERY, UP), LSB(16), TV(E(16, 'k', '=')) },
};
/* clang-format on */

static void lsb_of_a_variable_length_comes_back(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP);
    ADD(&l, coreconf);
    /* type 2 bits, code 05, MID 1234, 0010 "X6", 0100 "eth0": the size is
     * that of the LSB part only */
    turns_hex(&l, COVEY_SCHC_UP, "40051234 b163 025836 466b3d65746830",
              "00 01448d 0960d9 195d1a0c 00");
    /* nothing left: a size of 0 */
    turns_hex(&l, COVEY_SCHC_UP, "40051234 b163 025836 426b3d",
              "00 01448d 0960d8 00");
    refuses(&l, COVEY_SCHC_UP, "40051234 b163 025836 416b", COVEY_SCHC_X_VALUE,
            7);
    refuses(&l, COVEY_SCHC_UP, "40051234 b163 025836 426b2d",
            COVEY_SCHC_X_VALUE, 7);
}

/* --- options --- */

static const uint32_t edges[] = {
    0, 1, 12, 13, 14, 15, 254, 255, 268, 269, 270
};

/* Every pair of deltas and lengths around the places where their coding
 * changes; the second option has the delta. */
static void option_deltas_and_lengths_come_back_at_their_edges(void **state)
{
    (void)state;
    for (size_t d = 1; d < COUNT_OF(edges); d++) {
        for (size_t n = 0; n < COUNT_OF(edges); n++) {
            const covey_schc_field fields[] = {
                CODE_FD,
                { OPT(IF_MATCH, BI), SENT },
                { .id = COVEY_SCHC_OPTION,
                  .option = (uint16_t)(1 + edges[d]),
                  .position = 1,
                  .direction = BI,
                  FL(VAR),
                  SENT },
            };
            uint8_t packet[1024] = { 1 };
            size_t len = 1;
            struct link l;

            open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
            ADD(&l, fields);
            len += put_option(packet + len, 1, edges[n]);
            len += put_option(packet + len, edges[d], edges[n]);
            turns(&l, COVEY_SCHC_UP, covey_bytes_of(packet, len), NULL);
            packet[len] = 0xff;
            packet[len + 1] = 0x2a;
            turns(&l, COVEY_SCHC_UP, covey_bytes_of(packet, len + 2), NULL);
        }
    }
}

/* clang-format off */
static const covey_schc_field tags[] = {
    CODE_FD, { OPT_AT(REQUEST_TAG, 1, UP), SENT },
    { OPT_AT(REQUEST_TAG, 2, UP), SENT },
};
static const covey_schc_field any_paths[] = {
    CODE_FD,
    { OPT_AT(URI_PATH, 0, BI), EQUAL, TV(E(8, 'a')) },
    { OPT_AT(URI_PATH, 0, BI), SENT },
};
static const covey_schc_field empty_option[] = {
    CODE_FD, { OPT(EDHOC, UP), EQUAL, NIL },
};
/* clang-format on */

static void request_tag_may_come_twice_and_be_empty(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    ADD(&l, tags);
    /* 292 = 269 + 23 */
    turns_hex(&l, COVEY_SCHC_UP, "01 e20017 0102 01aa", "00 01 20102 1aa");
    turns_hex(&l, COVEY_SCHC_UP, "01 e00017 00", "00 01 00");
    turns_hex(&l, COVEY_SCHC_UP, "01 e00017 01aa ff01", "00 01 01aa 01");
    refuses(&l, COVEY_SCHC_UP, "01 e00017", COVEY_SCHC_X_ABSENT, 2);
    refuses(&l, COVEY_SCHC_UP, "01 e00017 00 00", COVEY_SCHC_X_UNCOVERED, 3);
    refuses(&l, COVEY_SCHC_UP, "01", COVEY_SCHC_X_ABSENT, 1);
}

static void position_zero_takes_the_next_instance(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    ADD(&l, any_paths);
    turns_hex(&l, COVEY_SCHC_UP, "01 b161 0162", "00 01 162 0");
    refuses(&l, COVEY_SCHC_UP, "01 b162 0161", COVEY_SCHC_X_VALUE, 1);
    refuses(&l, COVEY_SCHC_UP, "01 b161", COVEY_SCHC_X_ABSENT, 2);
    refuses(&l, COVEY_SCHC_UP, "01 b161 0162 0163", COVEY_SCHC_X_UNCOVERED, 3);
}

static void an_empty_option_is_not_an_absent_one(void **state)
{
    struct link l;

    (void)state;
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    ADD(&l, empty_option);
    turns_hex(&l, COVEY_SCHC_UP, "01 d008", "00 01");
    refuses(&l, COVEY_SCHC_UP, "01", COVEY_SCHC_X_ABSENT, 1);
    refuses(&l, COVEY_SCHC_UP, "01 d10800", COVEY_SCHC_X_VALUE, 1);
}

static void
more_options_than_a_packet_may_have_are_not_compressed(void **state)
{
    static uint8_t packet[2 + COVEY_SCHC_OPTIONS_MAX] = { 1, 0xb0 };
    static covey_schc_field many[2 + COVEY_SCHC_OPTIONS_MAX] = { CODE_FD };
    struct link l;

    (void)state;
    for (uint8_t i = 1; i <= COVEY_SCHC_OPTIONS_MAX; i++) {
        many[i] = (covey_schc_field){ OPT_AT(URI_PATH, i, BI), EQUAL,
                                      .values = empty_option[1].values,
                                      .value_count = 1 };
    }
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    add_rule(&l, many, 1 + COVEY_SCHC_OPTIONS_MAX);
    turns(&l, COVEY_SCHC_UP,
          covey_bytes_of(packet, 1 + COVEY_SCHC_OPTIONS_MAX), "00 01");
    add_rule(&l, NULL, 0);
    turns(&l, COVEY_SCHC_UP,
          covey_bytes_of(packet, 2 + COVEY_SCHC_OPTIONS_MAX), NULL);
    assert_int_equal(covey_schc_why_not(
                         &l.ctx, COVEY_SCHC_UP,
                         covey_bytes_of(packet, 2 + COVEY_SCHC_OPTIONS_MAX), 0)
                         .why,
                     COVEY_SCHC_X_LAYER);
}

/* Thirty-two options, one of them OSCORE with all its subfields. */
static void the_largest_packet_may_have_oscore_in_all_its_parts(void **state)
{
    enum {
        PATHS = COVEY_SCHC_OPTIONS_MAX - 1
    };
    static const uint8_t parts = COVEY_OSCORE_PARTS;
    static covey_schc_field many[1 + COVEY_OSCORE_PARTS + PATHS] = { CODE_FD };
    uint8_t packet[64] = { 2, 0x93, 0x09, 0x05, 0x42, 0x20 };
    struct link l;

    (void)state;
    for (uint8_t i = 0; i < parts; i++) {
        many[1 + i] = (covey_schc_field){
            .id = (uint8_t)(COVEY_SCHC_OSCORE_FLAGS + i),
            .option = COVEY_OPTION_OSCORE,
            .position = 1,
            .direction = BI,
            .length = COVEY_SCHC_FL_VAR,
            SENT,
        };
    }
    for (uint8_t i = 1; i <= PATHS; i++) {
        many[parts + i] = (covey_schc_field){ OPT_AT(URI_PATH, i, BI), SENT };
    }
    open_link(&l, COVEY_SCHC_STACK_COAP_INNER);
    ADD(&l, many);
    turns(&l, COVEY_SCHC_UP, covey_bytes_of(packet, 5 + PATHS), NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_does_not_match_a_path_rule),
        cmocka_unit_test(an_option_without_descriptor_is_never_lost),
        cmocka_unit_test(a_reset_comes_back_as_a_reset),
        cmocka_unit_test(a_bad_checksum_or_length_is_not_repaired),
        cmocka_unit_test(a_checksum_that_sums_to_zero_is_ffff),
        cmocka_unit_test(
            device_and_application_change_places_with_the_direction),
        cmocka_unit_test(lsb_of_a_variable_length_comes_back),
        cmocka_unit_test(option_deltas_and_lengths_come_back_at_their_edges),
        cmocka_unit_test(request_tag_may_come_twice_and_be_empty),
        cmocka_unit_test(position_zero_takes_the_next_instance),
        cmocka_unit_test(an_empty_option_is_not_an_absent_one),
        cmocka_unit_test(
            more_options_than_a_packet_may_have_are_not_compressed),
        cmocka_unit_test(the_largest_packet_may_have_oscore_in_all_its_parts),
    };
    return KIT_RUN(tests);
}
