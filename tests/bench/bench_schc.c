/* SPDX-License-Identifier: BSD-2-Clause */
/* SCHC: a packet of 70 bytes (IPv6, UDP, CoAP with token, Uri-Path,
 * No-Response and 4 bytes of payload) that the last of four rules fits; the
 * other three want another Uri-Path, No-Response or code, and fail there after
 * all of IPv6 and UDP have matched. Beside it, in the same run: copying these
 * bytes and a CRC-32 over them. Then longer payloads, and 1,000 rules. */
#include "bench.h"

#include <covey/schc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])
#define VALUE(array)                                                          \
    {                                                                         \
        (array), sizeof(array) * 8                                            \
    }

enum {
    RULES = 1000,
    MAX_PACKET = 1280,
    FIELDS = 22
};

/* clang-format off */
static const uint8_t packet70[] = {
    /* IPv6: payload length 30, UDP, hop limit 64; cccc::2 to aaaa::1 */
    0x60, 0x00, 0x00, 0x00, 0x00, 0x1e, 0x11, 0x40,
    0xcc, 0xcc, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
    0xaa, 0xaa, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
    /* UDP: ports 5683, length 30, checksum filled in by prepare() */
    0x16, 0x33, 0x16, 0x33, 0x00, 0x1e, 0x00, 0x00,
    /* CoAP: NON 0.03, token 21fa01fb, "usage", No-Response 1a, payload */
    0x54, 0x03, 0x23, 0xbb, 0x21, 0xfa, 0x01, 0xfb,
    0xb5, 0x75, 0x73, 0x61, 0x67, 0x65, 0xd1, 0xea, 0x1a,
    0xff, 0x01, 0x02, 0x03, 0x04,
};
static const uint8_t version[] = { 0x60 }, zeros[8] = { 0 };
static const uint8_t next_udp[] = { 17 }, hop[] = { 64 };
static const uint8_t pre_b[8] = { 0xbb, 0xbb }, pre_c[8] = { 0xcc, 0xcc };
static const uint8_t pre_a[8] = { 0xaa, 0xaa };
static const uint8_t iid2[8] = { 0, 0, 0, 0, 0, 0, 0, 2 };
static const uint8_t iid1[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };
static const uint8_t port[] = { 0x16, 0x33 }, port2[] = { 0x16, 0x34 };
static const uint8_t con[] = { 0x00 }, non[] = { 0x40 };
static const uint8_t ack[] = { 0x80 }, rst[] = { 0xc0 }, tkl4[] = { 0x40 };
static const uint8_t put[] = { 3 }, post[] = { 2 };
static const uint8_t mid[] = { 0x23, 0x00 };
static const uint8_t token[] = { 0x21, 0xfa, 0x01, 0x00 };
static const uint8_t other[] = { 0x02 };
static const uint8_t usage[] = "usage", usagf[] = "usagf";
static const uint8_t no_response[] = { 0x1a };

static const covey_schc_value v_version = { version, 4 };
static const covey_schc_value v_ecn = { zeros, 8 }, v_flow = { zeros, 20 };
static const covey_schc_value v_udp = VALUE(next_udp), v_hop = VALUE(hop);
static const covey_schc_value v_prefixes[] = {
    VALUE(pre_a), VALUE(pre_b), VALUE(pre_c) };
static const covey_schc_value v_app = VALUE(pre_a);
static const covey_schc_value v_iid2 = VALUE(iid2), v_iid1 = VALUE(iid1);
static const covey_schc_value v_ports[] = { VALUE(port), VALUE(port2) };
static const covey_schc_value v_coap = { non, 2 };
static const covey_schc_value v_types[] = {
    { con, 2 }, { non, 2 }, { ack, 2 }, { rst, 2 } };
static const covey_schc_value v_tkl = { tkl4, 4 };
static const covey_schc_value v_put = VALUE(put), v_post = VALUE(post);
static const covey_schc_value v_mid = VALUE(mid);
static const covey_schc_value v_token = VALUE(token);
static const covey_schc_value v_path = { usage, 40 }, v_path2 = { usagf, 40 };
static const covey_schc_value v_no_response = VALUE(no_response);
static const covey_schc_value v_other = VALUE(other);

#define FIXED(id_, bits_, mo_, cda_, arg, n, v)                               \
    { .id = (id_), .position = 1, .direction = 3,                             \
      .length = COVEY_SCHC_FL_FIXED, .bits = (bits_),                         \
      .mo = COVEY_SCHC_MO_##mo_, .cda = COVEY_SCHC_CDA_##cda_,                \
      .msb = (arg), .value_count = (n), .values = (v) }

static const covey_schc_field fields4[FIELDS] = {
    FIXED(COVEY_SCHC_IPV6_VERSION, 4, EQUAL, NOT_SENT, 0, 1, &v_version),
    FIXED(COVEY_SCHC_IPV6_TRAFFIC_CLASS, 8, EQUAL, NOT_SENT, 0, 1, &v_ecn),
    FIXED(COVEY_SCHC_IPV6_FLOW_LABEL, 20, EQUAL, NOT_SENT, 0, 1, &v_flow),
    FIXED(COVEY_SCHC_IPV6_PAYLOAD_LENGTH, 16, IGNORE, COMPUTE, 0, 0, NULL),
    FIXED(COVEY_SCHC_IPV6_NEXT_HEADER, 8, EQUAL, NOT_SENT, 0, 1, &v_udp),
    FIXED(COVEY_SCHC_IPV6_HOP_LIMIT, 8, EQUAL, NOT_SENT, 0, 1, &v_hop),
    FIXED(COVEY_SCHC_IPV6_DEV_PREFIX, 64, MATCH_MAPPING, MAPPING_SENT, 0, 3,
          v_prefixes),
    FIXED(COVEY_SCHC_IPV6_DEV_IID, 64, MSB, LSB, 60, 1, &v_iid2),
    FIXED(COVEY_SCHC_IPV6_APP_PREFIX, 64, EQUAL, NOT_SENT, 0, 1, &v_app),
    FIXED(COVEY_SCHC_IPV6_APP_IID, 64, MSB, LSB, 60, 1, &v_iid1),
    FIXED(COVEY_SCHC_UDP_DEV_PORT, 16, MATCH_MAPPING, MAPPING_SENT, 0, 2,
          v_ports),
    FIXED(COVEY_SCHC_UDP_APP_PORT, 16, MATCH_MAPPING, MAPPING_SENT, 0, 2,
          v_ports),
    FIXED(COVEY_SCHC_UDP_LENGTH, 16, IGNORE, COMPUTE, 0, 0, NULL),
    FIXED(COVEY_SCHC_UDP_CHECKSUM, 16, IGNORE, COMPUTE, 0, 0, NULL),
    FIXED(COVEY_SCHC_COAP_VERSION, 2, EQUAL, NOT_SENT, 0, 1, &v_coap),
    FIXED(COVEY_SCHC_COAP_TYPE, 2, MATCH_MAPPING, MAPPING_SENT, 0, 4, v_types),
    FIXED(COVEY_SCHC_COAP_TKL, 4, EQUAL, NOT_SENT, 0, 1, &v_tkl),
    FIXED(COVEY_SCHC_COAP_CODE, 8, EQUAL, NOT_SENT, 0, 1, &v_put),
    FIXED(COVEY_SCHC_COAP_MID, 16, MSB, LSB, 8, 1, &v_mid),
    { .id = COVEY_SCHC_COAP_TOKEN, .position = 1, .direction = 3,
      .length = COVEY_SCHC_FL_TKL, .mo = COVEY_SCHC_MO_MSB,
      .cda = COVEY_SCHC_CDA_LSB, .msb = 24, .value_count = 1,
      .values = &v_token },
    { .id = COVEY_SCHC_OPTION, .option = COVEY_OPTION_URI_PATH, .position = 1,
      .direction = 3, .length = COVEY_SCHC_FL_VAR,
      .mo = COVEY_SCHC_MO_EQUAL, .cda = COVEY_SCHC_CDA_NOT_SENT,
      .value_count = 1, .values = &v_path },
    { .id = COVEY_SCHC_OPTION, .option = COVEY_OPTION_NO_RESPONSE,
      .position = 1, .direction = 3, .length = COVEY_SCHC_FL_VAR,
      .mo = COVEY_SCHC_MO_EQUAL, .cda = COVEY_SCHC_CDA_NOT_SENT,
      .value_count = 1, .values = &v_no_response },
};
/* clang-format on */

enum {
    CODE = 17,
    PATH = 20,
    NO_RESPONSE = 21,
    HEADER = 66
};

struct setup {
    covey_schc_context ctx;
    covey_schc_rules set;
    const covey_schc_index *index;
    uint8_t packet[MAX_PACKET];
    size_t packet_len;
    uint8_t schc[MAX_PACKET + 8];
    size_t schc_len;
    uint8_t out[MAX_PACKET + 8];
    covey_schc_value *paths; /* what the rules point into */
    uint8_t *text;
};

static void die(const char *what)
{
    fprintf(stderr, "bench_schc: %s\n", what);
    exit(1);
}

/* The packet with a payload of this many bytes; lengths and checksum put
 * right by compressing and decompressing is no test here: computed. */
static void make_packet(struct setup *s, size_t payload)
{
    size_t udp_len = sizeof packet70 - 40 - 4 + payload;
    uint32_t sum = 17 + (uint32_t)udp_len;

    memcpy(s->packet, packet70, sizeof packet70 - 4);
    for (size_t i = 0; i < payload; i++) {
        s->packet[HEADER + i] = (uint8_t)(i + 1);
    }
    s->packet_len = HEADER + payload;
    s->packet[4] = s->packet[44] = (uint8_t)(udp_len >> 8);
    s->packet[5] = s->packet[45] = (uint8_t)udp_len;
    s->packet[s->packet_len] = 0;
    for (size_t i = 8; i < s->packet_len; i += 2) {
        sum += (uint32_t)s->packet[i] << 8 | s->packet[i + 1];
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum = ~sum & 0xffff;
    s->packet[46] = (uint8_t)(sum >> 8);
    s->packet[47] = (uint8_t)sum;
}

static uint32_t compress(void *state, uint32_t times)
{
    struct setup *s = state;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < times; i++) {
        covey_bit_writer w = covey_bit_writer_of(s->out, sizeof s->out);
        covey_bytes in = covey_bytes_of(s->packet, s->packet_len);
        covey_status st =
            s->index
                ? covey_schc_index_compress(s->index, &s->ctx, COVEY_SCHC_UP,
                                            in, &w, NULL)
                : covey_schc_compress(&s->ctx, COVEY_SCHC_UP, in, &w, NULL);
        sum += (uint32_t)st + w.pos;
    }
    return sum;
}

static uint32_t decompress(void *state, uint32_t times)
{
    struct setup *s = state;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(s->out, sizeof s->out);
        covey_bytes in = covey_bytes_of(s->schc, s->schc_len);
        covey_status st =
            s->index
                ? covey_schc_index_decompress(s->index, &s->ctx, COVEY_SCHC_UP,
                                              in, &w, NULL)
                : covey_schc_decompress(&s->ctx, COVEY_SCHC_UP, in, &w, NULL);
        sum += (uint32_t)st + (uint32_t)w.pos;
    }
    return sum;
}

/* The raw work on the same bytes: a copy and a table-driven CRC-32. */
static uint32_t copy_and_crc(void *state, uint32_t times)
{
    static uint32_t table[256];
    struct setup *s = state;
    uint32_t sum = 0;

    for (uint32_t i = 0; table[1] == 0 && i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++) {
            c = c & 1 ? c >> 1 ^ UINT32_C(0xedb88320) : c >> 1;
        }
        table[i] = c;
    }
    if (table[1] == 0) {
        die("no CRC table");
    }
    for (uint32_t i = 0; i < times; i++) {
        uint32_t crc = UINT32_MAX;
        s->packet[HEADER - 1] = 0xff;
        memcpy(s->out, s->packet, s->packet_len);
        for (size_t b = 0; b < s->packet_len; b++) {
            crc = crc >> 8 ^ table[(crc ^ s->out[b]) & 0xff];
        }
        sum += crc;
    }
    return sum;
}

/* Compresses once, decompresses once, and insists on the same packet. */
static void finish(struct setup *s, bool indexed)
{
    covey_bit_writer w = covey_bit_writer_of(s->schc, sizeof s->schc);
    covey_writer back = covey_writer_of(s->out, sizeof s->out);
    covey_bytes in = covey_bytes_of(s->packet, s->packet_len);

    s->ctx.rules = &s->set;
    s->ctx.stack = COVEY_SCHC_STACK_IPV6_UDP_COAP;
    if (covey_schc_check(&s->set).fault != COVEY_SCHC_SOUND) {
        die("rules are not sound");
    }
    if (indexed) {
        size_t need = covey_schc_index_size(&s->set);
        void *memory = malloc(need);
        s->index = covey_schc_index_build(&s->set, memory, need);
        if (!s->index) {
            die("no index");
        }
    }
    if (covey_schc_compress(&s->ctx, COVEY_SCHC_UP, in, &w, NULL) !=
            COVEY_OK ||
        covey_schc_decompress(&s->ctx, COVEY_SCHC_UP, covey_bits_written(&w),
                              &back, NULL) != COVEY_OK ||
        !covey_bytes_equal(in, covey_written(&back))) {
        die("the packet does not come back");
    }
    s->schc_len = covey_bits_written(&w).len;
    uint32_t a = compress(s, 1);
    if (a != w.pos) {
        die("index and rules disagree");
    }
}

/* `count` rules; the last one fits. */
static void make_rules(struct setup *s, uint16_t count)
{
    covey_schc_rule *rules = calloc(count, sizeof *rules);
    covey_schc_field *fields = calloc((size_t)count * FIELDS, sizeof *fields);
    covey_schc_value *paths = calloc(count, sizeof *paths);
    uint8_t *text = calloc(count, 8);

    if (!rules || !fields || !paths || !text) {
        die("out of memory");
    }
    for (unsigned i = 0; i < count; i++) {
        covey_schc_field *f = &fields[i * FIELDS];
        memcpy(f, fields4, sizeof fields4);
        if (i + 1 < count && count > 4) {
            snprintf((char *)&text[i * 8], 8, "u%u", i);
            paths[i].bytes = &text[i * 8];
            paths[i].bits = (uint16_t)(strlen((char *)&text[i * 8]) * 8);
            f[PATH].values = &paths[i];
        } else if (i == 0) {
            f[PATH].values = &v_path2;
        } else if (i == 1) {
            f[NO_RESPONSE].values = &v_other;
        } else if (i == 2) {
            f[CODE].values = &v_post;
        }
        rules[i].id = i + 1;
        rules[i].id_bits = count > 200 ? 16 : 8;
        rules[i].field_count = FIELDS;
        rules[i].fields = f;
        rules[i].layers = covey_schc_rule_layers(&rules[i]);
    }
    s->set.rules = rules;
    s->set.count = count;
    s->paths = paths;
    s->text = text;
}

int main(int argc, char **argv)
{
    static struct setup plain, indexed, big, bigger, many, walked;
    static char note[256];
    struct {
        struct setup *setup;
        uint16_t rules;
        size_t payload;
        bool index;
    } setups[] = {
        { &plain, 4, 4, false },   { &indexed, 4, 4, true },
        { &big, 4, 256, true },    { &bigger, 4, 1024, true },
        { &many, RULES, 4, true }, { &walked, RULES, 4, false },
    };

    for (size_t i = 0; i < COUNT_OF(setups); i++) {
        make_packet(setups[i].setup, setups[i].payload);
        make_rules(setups[i].setup, setups[i].rules);
        finish(setups[i].setup, setups[i].index);
    }
    const bench_case cases[] = {
        { "copy and CRC-32 of the packet", copy_and_crc, &plain, -1, 70 },
        { "compress, 4 rules", compress, &plain, 0, 70 },
        { "compress, 4 rules, indexed", compress, &indexed, 0, 70 },
        { "decompress, 4 rules", decompress, &plain, 0, 70 },
        { "decompress, 4 rules, indexed", decompress, &indexed, 0, 70 },
        { "copy and CRC-32, 256 bytes of payload", copy_and_crc, &big, -1,
          322 },
        { "compress, 256 bytes of payload", compress, &big, 5, 322 },
        { "decompress, 256 bytes of payload", decompress, &big, 5, 322 },
        { "copy and CRC-32, 1,024 bytes of payload", copy_and_crc, &bigger, -1,
          1090 },
        { "compress, 1,024 bytes of payload", compress, &bigger, 8, 1090 },
        { "decompress, 1,024 bytes of payload", decompress, &bigger, 8, 1090 },
        { "compress, 1,000 rules, indexed", compress, &many, 0, 70 },
        { "decompress, 1,000 rules, indexed", decompress, &many, 0, 70 },
        { "compress, 1,000 rules, without index", compress, &walked, 0, 70 },
    };
    snprintf(note, sizeof note,
             "70 bytes become %zu; index: %zu bytes for 4 rules, %zu for "
             "1,000; a context takes %zu bytes, nothing else is kept",
             plain.schc_len, covey_schc_index_size(&indexed.set),
             covey_schc_index_size(&many.set), sizeof(covey_schc_context));
    return bench_main(argc, argv, cases, COUNT_OF(cases), note);
}
