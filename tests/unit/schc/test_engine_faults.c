/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults that other implementations have shown, and the corners of RFC 8724
 * Section 7 where they hide: each by name. */
#include "fields.h"
#include "kit.h"

#define PACKET_CAP 70000

/* One link with up to four rules of 8-bit RuleIDs, from 0. */
struct link {
    covey_schc_rule rule[4];
    covey_schc_rules set;
    covey_schc_context ctx;
};

static void open_link(struct link *l, covey_schc_stack stack)
{
    memset(l, 0, sizeof *l);
    l->set.rules = l->rule;
    l->ctx.rules = &l->set;
    l->ctx.stack = stack;
}

static void add_rule(struct link *l, const covey_schc_field *fields,
                     size_t count)
{
    covey_schc_rule *rule = &l->rule[l->set.count];

    rule->id = l->set.count;
    rule->id_bits = 8;
    rule->nature = fields ? COVEY_SCHC_COMPRESSION : COVEY_SCHC_NO_COMPRESSION;
    rule->fields = fields;
    rule->field_count = (uint16_t)count;
    rule->layers = covey_schc_rule_layers(rule);
    l->set.count++;
    assert_int_equal(covey_schc_check(&l->set).fault, COVEY_SCHC_SOUND);
}

#define ADD(link, fields) add_rule((link), (fields), COUNT_OF(fields))

/* Compressed to exactly these bytes, and back. */
static void turns(const struct link *l, covey_schc_direction direction,
                  covey_bytes packet, const char *schc)
{
    static uint8_t out[PACKET_CAP], back[PACKET_CAP];
    covey_bit_writer w = covey_bit_writer_of(out, sizeof out);
    covey_writer again = covey_writer_of(back, sizeof back);

    CHECK_STATUS(COVEY_OK,
                 covey_schc_compress(&l->ctx, direction, packet, &w, NULL));
    if (schc) {
        CHECK_HEX(schc, covey_bits_written(&w));
    }
    CHECK_STATUS(COVEY_OK,
                 covey_schc_decompress(&l->ctx, direction,
                                       covey_bits_written(&w), &again, NULL));
    CHECK_SPAN(packet, covey_written(&again));
}

static void turns_hex(const struct link *l, covey_schc_direction direction,
                      const char *packet, const char *schc)
{
    static uint8_t storage[PACKET_CAP];

    turns(l, direction, kit_hex(packet, storage, sizeof storage), schc);
}

/* Rule 0 does not fit, for this reason, and nothing is written. */
static void refuses(const struct link *l, covey_schc_direction direction,
                    const char *packet, covey_schc_mismatch why,
                    uint16_t field)
{
    uint8_t storage[512];
    uint8_t out[600];
    covey_bytes bytes = kit_hex(packet, storage, sizeof storage);
    covey_bit_writer w = covey_bit_writer_of(out, sizeof out);
    covey_schc_finding f = covey_schc_why_not(&l->ctx, direction, bytes, 0);

    assert_int_equal(f.why, why);
    assert_int_equal(f.field, field);
    CHECK_STATUS(COVEY_E_NO_RULE,
                 covey_schc_compress_with(&l->ctx, direction, bytes, 0, &w));
    assert_int_equal(w.pos, 0);
}

/* Decompression is refused, and nothing is written. */
static void rejects(const struct link *l, covey_schc_direction direction,
                    const char *schc, covey_status expected)
{
    uint8_t storage[512];
    uint8_t out[1024];
    covey_writer w = covey_writer_of(out, sizeof out);

    covey_write_u8(&w, 0x5a);
    CHECK_STATUS(expected,
                 covey_schc_decompress(&l->ctx, direction,
                                       kit_hex(schc, storage, sizeof storage),
                                       &w, NULL));
    assert_int_equal(w.pos, 1);
    assert_int_equal(w.failed, COVEY_OK);
    assert_int_equal(out[0], 0x5a);
}

/* clang-format off */
#define PLAIN_FDS VERSION_FD, TYPE_FD, TKL_0_FD, CODE_FD, MID_FD
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

static size_t put_option(uint8_t *p, uint32_t delta, uint32_t len)
{
    const uint32_t v[2] = { delta, len };
    unsigned first = 0;
    size_t n = 1;

    for (unsigned i = 0; i < 2; i++) {
        uint32_t nibble = v[i] < 13 ? v[i] : v[i] < 269 ? 13 : 14;
        first = first << 4 | nibble;
        if (nibble == 13) {
            p[n++] = (uint8_t)(v[i] - 13);
        } else if (nibble == 14) {
            p[n++] = (uint8_t)((v[i] - 269) >> 8);
            p[n++] = (uint8_t)(v[i] - 269);
        }
    }
    p[0] = (uint8_t)first;
    memset(p + n, 'x', len);
    return n + len;
}

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
        cmocka_unit_test(
            a_list_of_one_takes_no_bits_unless_the_peer_sends_one),
        cmocka_unit_test(the_largest_packet_may_have_oscore_in_all_its_parts),
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
