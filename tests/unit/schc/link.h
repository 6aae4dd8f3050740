/* SPDX-License-Identifier: BSD-2-Clause */
/* A link with a few rules, and what tests say about it: a packet turns into
 * these bytes and back, is refused for that reason, a SCHC packet is rejected.
 */
#ifndef COVEY_TESTS_SCHC_LINK_H
#define COVEY_TESTS_SCHC_LINK_H

#include "fields.h"
#include "kit.h"

#define PACKET_CAP 70000

/* One link with up to four rules of 8-bit RuleIDs, from 0. */
struct link {
    covey_schc_rule rule[4];
    covey_schc_rules set;
    covey_schc_context ctx;
};

static inline void open_link(struct link *l, covey_schc_stack stack)
{
    memset(l, 0, sizeof *l);
    l->set.rules = l->rule;
    l->ctx.rules = &l->set;
    l->ctx.stack = stack;
}

static inline void add_rule(struct link *l, const covey_schc_field *fields,
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
static inline void turns(const struct link *l, covey_schc_direction direction,
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

static inline void turns_hex(const struct link *l,
                             covey_schc_direction direction,
                             const char *packet, const char *schc)
{
    static uint8_t storage[PACKET_CAP];

    turns(l, direction, kit_hex(packet, storage, sizeof storage), schc);
}

/* Rule 0 does not fit, for this reason, and nothing is written. */
static inline void refuses(const struct link *l,
                           covey_schc_direction direction, const char *packet,
                           covey_schc_mismatch why, uint16_t field)
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
static inline void rejects(const struct link *l,
                           covey_schc_direction direction, const char *schc,
                           covey_status expected)
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

/* The head of an option: delta and length; then `len` times x. */
static inline size_t put_option(uint8_t *p, uint32_t delta, uint32_t len)
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

#endif
