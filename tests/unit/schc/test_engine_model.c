/* SPDX-License-Identifier: BSD-2-Clause */
/* Random rules against random packets: the core and the model agree on
 * whether a rule matches and on every bit, and what was compressed comes back
 * as it was. Rules are made from the packet, field by field, so that many
 * match; some are then spoilt. */
#include "model.h"

#include "kit.h"

#define PACKET_CAP 2048
#define RULES      3
#define ROUNDS     12000

/* One rule with room for all that it points to. */
struct drawn {
    covey_schc_field field[MODEL_FIELDS];
    covey_schc_value value[MODEL_FIELDS][4];
    uint8_t bytes[32768];
    size_t used;
    uint16_t count;
};

static uint32_t below(kit_random *r, uint32_t n)
{
    return kit_next(r) % n;
}

/* --- packets --- */

static void put_nibble(covey_writer *w, unsigned kind, uint32_t value)
{
    if (kind == 13) {
        covey_write_u8(w, (uint8_t)(value - 13));
    } else if (kind == 14) {
        covey_write_u16(w, (uint16_t)(value - 269));
    }
}

static unsigned nibble(uint32_t value)
{
    return value < 13 ? value : value < 269 ? 13 : 14;
}

static void put_random(covey_writer *w, kit_random *r, size_t n)
{
    static const uint8_t common[] = { 0, 1, 0xff, 'a', '/', 0x80 };

    for (size_t i = 0; i < n; i++) {
        covey_write_u8(w, below(r, 2) ? common[below(r, sizeof common)]
                                      : (uint8_t)kit_next(r));
    }
}

static void put_option(covey_writer *w, kit_random *r, uint32_t delta,
                       uint16_t number)
{
    static const uint16_t lengths[] = { 0,  1,  1,  2,   3,   8,   12,  13,
                                        14, 15, 20, 254, 255, 268, 269, 300 };
    static const char *const oscore[] = { "\x09\x05\x00", "\x01\x14",
                                          "\x19\x01\x01\x37\x42", "\x08\x61" };
    static const uint8_t oscore_len[] = { 3, 2, 5, 2 };
    uint32_t len = lengths[below(r, COUNT_OF(lengths))];
    unsigned which = below(r, COUNT_OF(oscore));

    if (number == COVEY_OPTION_OSCORE) {
        len = oscore_len[which];
    }
    covey_write_u8(w, (uint8_t)(nibble(delta) << 4 | nibble(len)));
    put_nibble(w, nibble(delta), delta);
    put_nibble(w, nibble(len), len);
    if (number == COVEY_OPTION_OSCORE) {
        covey_write_bytes(w,
                          covey_bytes_of((const uint8_t *)oscore[which], len));
    } else {
        put_random(w, r, len);
    }
}

static void draw_coap(covey_writer *w, kit_random *r, bool inner)
{
    static const uint16_t numbers[] = {
        1,  3,  4,  5,  6,  8,  9,  11,  11,  11,  12,  13,  14,   15,    15,
        16, 17, 20, 21, 23, 27, 60, 235, 252, 258, 292, 292, 2055, 65000,
    };
    static const uint16_t token_lengths[] = { 0,  0,  1,  2,   4,   8,  8,
                                              12, 13, 20, 268, 269, 300 };
    static const uint8_t codes[] = { 1, 2, 3, 4, 0x44, 0x45, 0x84, 0xe1 };
    uint32_t tkl = token_lengths[below(r, COUNT_OF(token_lengths))];
    uint8_t code = codes[below(r, COUNT_OF(codes))];
    unsigned left = below(r, 6);
    uint32_t number = 0;

    if (!inner) {
        bool empty = below(r, 12) == 0;
        tkl = empty ? 0 : tkl;
        covey_write_u8(w, (uint8_t)(0x40 | below(r, 4) << 4 | nibble(tkl)));
        covey_write_u8(w, empty ? 0 : code);
        covey_write_u16(w, (uint16_t)below(r, below(r, 2) ? 16 : 65536));
        if (empty) {
            return;
        }
        put_nibble(w, nibble(tkl), tkl);
        put_random(w, r, tkl);
    } else {
        covey_write_u8(w, code);
    }
    for (unsigned i = 0; i < COUNT_OF(numbers) && left > 0; i++) {
        if (below(r, 5) == 0) {
            put_option(w, r, numbers[i] - number, numbers[i]);
            number = numbers[i];
            left--;
        }
    }
    if (below(r, 2)) {
        covey_write_u8(w, 0xff);
        put_random(w, r, 1 + below(r, 12));
    }
}

static void draw_udp(covey_writer *w, kit_random *r)
{
    covey_write_u16(w, below(r, 2) ? 5683 : (uint16_t)kit_next(r));
    covey_write_u16(w, (uint16_t)kit_next(r));
    covey_write_u32(w, 0); /* length and checksum: set afterwards */
}

static void draw_ipv6(covey_writer *w, kit_random *r)
{
    covey_write_u32(w, 0x60000000 | below(r, 0x10000000));
    covey_write_u16(w, 0);
    covey_write_u8(w, 17);
    covey_write_u8(w, 64);
    for (unsigned side = 0; side < 2; side++) {
        covey_write_u32(w, 0x20010db8);
        covey_write_u32(w, below(r, 2));
        covey_write_u32(w, kit_next(r));
        covey_write_u32(w, kit_next(r));
    }
}

/* Lengths and checksum, as the model computes them; one packet in eight keeps
 * a wrong one. */
static void settle(uint8_t *packet, size_t len, covey_schc_stack stack,
                   kit_random *r)
{
    static model_packet p;
    size_t udp = stack & COVEY_SCHC_LAYER_IPV6 ? 40 : 0;
    size_t udp_len = len - udp;

    if (!(stack & COVEY_SCHC_LAYER_UDP)) {
        return;
    }
    packet[udp + 4] = (uint8_t)(udp_len >> 8);
    packet[udp + 5] = (uint8_t)udp_len;
    if (udp != 0) {
        packet[4] = packet[udp + 4];
        packet[5] = packet[udp + 5];
        if (model_parse(&p, COVEY_SCHC_STACK_IPV6_UDP, COVEY_SCHC_UP,
                        covey_bytes_of(packet, len), COVEY_KUDOS_SEED)) {
            packet[46] = (uint8_t)(p.checksum >> 8);
            packet[47] = (uint8_t)p.checksum;
        }
    }
    if (below(r, 8) == 0) {
        static const uint8_t places[] = { 4, 5, 6, 7 };
        packet[udp + places[below(r, 4)]] ^= (uint8_t)(1u << below(r, 8));
    }
}

static covey_bytes draw_packet(kit_random *r, covey_schc_stack stack,
                               uint8_t storage[PACKET_CAP])
{
    covey_writer w = covey_writer_of(storage, PACKET_CAP);

    if (stack & COVEY_SCHC_LAYER_IPV6) {
        draw_ipv6(&w, r);
    }
    if (stack & COVEY_SCHC_LAYER_UDP) {
        draw_udp(&w, r);
    }
    if (stack & (COVEY_SCHC_LAYER_COAP | COVEY_SCHC_LAYER_COAP_INNER)) {
        draw_coap(&w, r, stack == COVEY_SCHC_STACK_COAP_INNER);
    }
    assert_int_equal(w.failed, COVEY_OK);
    settle(storage, w.pos, stack, r);
    return covey_written(&w);
}

/* --- rules --- */

/* The first n bits of a field as a target value, with one bit turned over if
 * asked for. */
static covey_schc_value make_value(struct drawn *d, const uint8_t *bit,
                                   uint32_t n, int turn)
{
    covey_schc_value v = { d->bytes + d->used, (uint16_t)n };
    uint8_t *p = d->bytes + d->used;

    d->used += n / 8 + 1;
    assert_true(d->used <= sizeof d->bytes);
    memset(p, 0, n / 8 + 1);
    for (uint32_t i = 0; i < n; i++) {
        p[i / 8] |= (uint8_t)(bit[i] << (7 - i % 8));
    }
    if (turn >= 0 && (uint32_t)turn < n) {
        p[turn / 8] ^= (uint8_t)(0x80u >> (turn % 8));
    }
    return v;
}

static uint8_t draw_length(kit_random *r, const covey_schc_field *fd)
{
    static const uint8_t any[] = { COVEY_SCHC_FL_FIXED, COVEY_SCHC_FL_VAR,
                                   COVEY_SCHC_FL_VAR, COVEY_SCHC_FL_VAR_BIT };

    if (fd->id < COVEY_SCHC_COAP_TOKEN) {
        return COVEY_SCHC_FL_FIXED;
    }
    if (fd->id == COVEY_SCHC_COAP_TOKEN && below(r, 4)) {
        return COVEY_SCHC_FL_TKL;
    }
    if (fd->id == COVEY_SCHC_OSCORE_PIV && below(r, 4)) {
        return COVEY_SCHC_FL_OSC_PIV;
    }
    if ((fd->cda == COVEY_SCHC_CDA_NOT_SENT ||
         fd->cda == COVEY_SCHC_CDA_MAPPING_SENT) &&
        below(r, 3) == 0) {
        return COVEY_SCHC_FL_TARGET;
    }
    return any[below(r, COUNT_OF(any))];
}

static void draw_list(struct drawn *d, kit_random *r, covey_schc_field *fd,
                      const model_field *f, covey_schc_value *values)
{
    uint16_t right = (uint16_t)below(r, 5); /* 4: not in the list */

    fd->mo = COVEY_SCHC_MO_MATCH_MAPPING;
    fd->cda = COVEY_SCHC_CDA_MAPPING_SENT;
    fd->value_count = (uint16_t)(1 + below(r, 4));
    for (uint16_t i = 0; i < fd->value_count; i++) {
        int turn = i == right % fd->value_count && right < 4
                       ? -1
                       : (int)below(r, f->n + 1);
        values[i] = make_value(d, f->bit, f->n, turn);
    }
}

/* What is done with one field. */
static void draw_action(struct drawn *d, kit_random *r, covey_schc_field *fd,
                        const model_field *f, covey_schc_value *values)
{
    unsigned kind = below(r, 16);

    fd->values = values;
    fd->value_count = 1;
    if (f->id == COVEY_SCHC_IPV6_PAYLOAD_LENGTH ||
        f->id == COVEY_SCHC_UDP_LENGTH || f->id == COVEY_SCHC_UDP_CHECKSUM) {
        kind = below(r, 4) ? 15 : kind;
    }
    if (kind < 5) {
        fd->mo = COVEY_SCHC_MO_EQUAL;
        fd->cda = COVEY_SCHC_CDA_NOT_SENT;
        values[0] = make_value(d, f->bit, f->n,
                               below(r, 20) ? -1 : (int)below(r, f->n + 1));
    } else if (kind < 9) {
        fd->mo = COVEY_SCHC_MO_IGNORE;
        fd->cda = COVEY_SCHC_CDA_VALUE_SENT;
        fd->value_count = 0;
    } else if (kind < 12) {
        fd->mo = COVEY_SCHC_MO_MSB;
        fd->cda = COVEY_SCHC_CDA_LSB;
        fd->msb = (uint16_t)below(r, f->n + 1);
        fd->msb = below(r, 2) ? fd->msb & 0xfff8 : fd->msb;
        values[0] = make_value(d, f->bit, f->n,
                               below(r, 8) ? -1 : (int)below(r, f->n + 1));
    } else if (kind < 15 || f->id > COVEY_SCHC_UDP_CHECKSUM) {
        draw_list(d, r, fd, f, values);
    } else {
        fd->mo = COVEY_SCHC_MO_IGNORE;
        fd->cda = COVEY_SCHC_CDA_COMPUTE;
        fd->value_count = 0;
    }
}

/* The first `n` Uri-Path options of a packet as one grouped value. */
static void draw_group(struct drawn *d, const model_field *f, unsigned n)
{
    covey_schc_field *fd = &d->field[d->count];
    covey_schc_value *v = d->value[d->count];
    uint8_t *p = d->bytes + d->used;
    size_t len = 0;

    for (unsigned i = 0; i < n; i++) {
        p[len++] = '/';
        for (uint32_t b = 0; b < f[i].n; b += 8, len++) {
            p[len] = 0;
            for (unsigned k = 0; k < 8; k++) {
                p[len] = (uint8_t)(p[len] << 1 | f[i].bit[b + k]);
            }
        }
    }
    d->used += len;
    assert_true(d->used <= sizeof d->bytes);
    v->bytes = p;
    v->bits = (uint16_t)(len * 8);
    fd->segments = (uint8_t)n;
    fd->mo = COVEY_SCHC_MO_EQUAL;
    fd->cda = COVEY_SCHC_CDA_NOT_SENT;
    fd->length = COVEY_SCHC_FL_VAR;
    fd->values = v;
    fd->value_count = 1;
}

static unsigned paths_from(const model_packet *p, unsigned at)
{
    unsigned n = 0;

    while (at + n < p->count && p->field[at + n].id == COVEY_SCHC_OPTION &&
           p->field[at + n].option == COVEY_OPTION_URI_PATH) {
        n++;
    }
    return n;
}

static uint8_t draw_direction(kit_random *r, covey_schc_direction d)
{
    unsigned kind = below(r, 60);

    return kind == 0   ? (uint8_t)(COVEY_SCHC_DI_BIDIRECTIONAL - d)
           : kind < 20 ? (uint8_t)d
                       : COVEY_SCHC_DI_BIDIRECTIONAL;
}

static void draw_fields(struct drawn *d, kit_random *r, const model_packet *p)
{
    for (unsigned i = 0; i < p->count; i++) {
        covey_schc_field *fd = &d->field[d->count];
        model_field f = p->field[i];
        unsigned paths = paths_from(p, i);

        memset(fd, 0, sizeof *fd);
        if ((f.id == COVEY_SCHC_COAP_CODE_CLASS ||
             f.id == COVEY_SCHC_IPV6_DS) &&
            below(r, 2)) {
            f.id--; /* the code, the traffic class */
            f.n = 8;
            i++;
        }
        fd->id = f.id;
        fd->option = f.option;
        fd->position = f.id == COVEY_SCHC_OPTION && below(r, 4)
                           ? f.position
                           : f.id != COVEY_SCHC_OPTION;
        fd->direction = draw_direction(r, p->direction);
        if (f.position == 1 && paths > 1 && below(r, 2)) {
            draw_group(d, &p->field[i], paths);
            i += paths - 1;
        } else {
            draw_action(d, r, fd, &f, d->value[d->count]);
            fd->length = draw_length(r, fd);
            fd->bits = fd->length == COVEY_SCHC_FL_FIXED ? (uint16_t)f.n : 0;
        }
        d->count++;
    }
}

/* Leaves one out, says one twice, or moves one. */
static void spoil(struct drawn *d, kit_random *r)
{
    unsigned a = below(r, d->count);
    unsigned b = below(r, d->count);
    covey_schc_field kept = d->field[a];

    switch (below(r, 9)) {
    case 0:
        d->field[a] = d->field[--d->count];
        break;
    case 1:
        if (d->count < MODEL_FIELDS) {
            d->field[d->count++] = d->field[a];
        }
        break;
    case 2:
    case 3:
    case 4:
        d->field[a] = d->field[b];
        d->field[b] = kept;
        break;
    default:
        break;
    }
}

/* --- the comparison --- */

struct tally {
    unsigned sound;
    unsigned matched;
    unsigned refused;
};

static void compare_index(const covey_schc_context *ctx,
                          covey_schc_direction direction, covey_bytes packet,
                          covey_status expected, covey_bytes bytes)
{
    static uint32_t memory[1 << 16];
    uint8_t out[PACKET_CAP * 2];
    uint8_t back[PACKET_CAP];
    covey_bit_writer w = covey_bit_writer_of(out, sizeof out);
    covey_writer again = covey_writer_of(back, sizeof back);
    covey_schc_index *index;

    assert_true(covey_schc_index_size(ctx->rules) <= sizeof memory);
    index = covey_schc_index_build(ctx->rules, memory, sizeof memory);
    assert_non_null(index);
    CHECK_STATUS(expected, covey_schc_index_compress(index, ctx, direction,
                                                     packet, &w, NULL));
    if (expected == COVEY_OK) {
        CHECK_SPAN(bytes, covey_bits_written(&w));
        CHECK_STATUS(COVEY_OK,
                     covey_schc_index_decompress(index, ctx, direction, bytes,
                                                 &again, NULL));
        CHECK_SPAN(packet, covey_written(&again));
    }
}

/* The whole set: the first that the model lets match, or the shortest. */
static void compare_set(const covey_schc_context *ctx, model_packet *p,
                        covey_bytes packet)
{
    static model_bits best, one;
    uint8_t expected[PACKET_CAP * 2];
    uint8_t out[PACKET_CAP * 2];
    covey_bit_writer w = covey_bit_writer_of(out, sizeof out);
    covey_schc_outcome outcome = { 0, 0, 0 };
    covey_status st;
    int chosen = -1;

    for (uint16_t i = 0; i < ctx->rules->count; i++) {
        if (model_compress(&one, p, ctx->rules, &ctx->rules->rules[i]) &&
            (chosen < 0 ||
             (ctx->rules->select == COVEY_SCHC_SHORTEST && one.n < best.n))) {
            best = one;
            chosen = i;
        }
    }
    st = covey_schc_compress(ctx, p->direction, packet, &w, &outcome);
    CHECK_STATUS(chosen < 0 ? COVEY_E_NO_RULE : COVEY_OK, st);
    if (st == COVEY_OK) {
        assert_int_equal(outcome.rule, chosen);
        CHECK_SPAN(model_bytes(&best, expected), covey_bits_written(&w));
    }
    compare_index(ctx, p->direction, packet, st, covey_bits_written(&w));
}

static void compare_rows(const covey_schc_context *ctx, model_packet *p,
                         covey_bytes packet, uint16_t rule, uint32_t residue)
{
    covey_schc_row rows[MODEL_FIELDS];
    uint16_t count = MODEL_FIELDS;
    uint32_t sum = 0;

    CHECK_STATUS(COVEY_OK, covey_schc_explain(ctx, p->direction, packet, rule,
                                              rows, &count));
    for (uint16_t i = 0; i < count; i++) {
        sum += rows[i].residue_bits;
    }
    assert_int_equal(sum, residue);
}

static void compare_rule(const covey_schc_context *ctx, model_packet *p,
                         covey_bytes packet, uint16_t i, struct tally *t)
{
    static model_bits expected;
    const covey_schc_rule *rule = &ctx->rules->rules[i];
    uint8_t bytes[PACKET_CAP * 2];
    uint8_t out[PACKET_CAP * 2];
    uint8_t back[PACKET_CAP];
    covey_bit_writer w = covey_bit_writer_of(out, sizeof out);
    covey_writer again = covey_writer_of(back, sizeof back);
    bool match = model_compress(&expected, p, ctx->rules, rule);
    covey_status st =
        covey_schc_compress_with(ctx, p->direction, packet, i, &w);

    CHECK_STATUS(match ? COVEY_OK : COVEY_E_NO_RULE, st);
    assert_int_equal(covey_schc_why_not(ctx, p->direction, packet, i).why ==
                         COVEY_SCHC_MATCHES,
                     match);
    t->matched += match;
    t->refused += !match;
    if (!match) {
        assert_int_equal(w.pos, 0);
        return;
    }
    assert_int_equal(w.pos, expected.n);
    CHECK_SPAN(model_bytes(&expected, bytes), covey_bits_written(&w));
    CHECK_STATUS(COVEY_OK,
                 covey_schc_decompress(ctx, p->direction,
                                       covey_bits_written(&w), &again, NULL));
    CHECK_SPAN(packet, covey_written(&again));
    compare_rows(ctx, p, packet, i,
                 w.pos - rule->id_bits - (p->store.n - p->payload));
}

/* A sound rule, if one comes up in a few attempts. */
static bool draw_rule(covey_schc_rule *rule, struct drawn *d, kit_random *r,
                      const model_packet *p, unsigned i)
{
    const covey_schc_rules alone = { .rules = rule, .count = 1 };

    for (unsigned attempt = 0; attempt < 20; attempt++) {
        d->used = 0;
        d->count = 0;
        draw_fields(d, r, p);
        spoil(d, r);
        memset(rule, 0, sizeof *rule);
        rule->id_bits = (uint8_t)(2 + 9 * i);
        rule->id = (i + 1u) << (9 * i);
        rule->fields = d->field;
        rule->field_count = d->count;
        rule->layers = covey_schc_rule_layers(rule);
        if (covey_schc_check(&alone).fault == COVEY_SCHC_SOUND) {
            return true;
        }
    }
    return false;
}

static void one_round(kit_random *r, struct tally *t)
{
    static const covey_schc_stack stacks[] = {
        COVEY_SCHC_STACK_COAP,          COVEY_SCHC_STACK_COAP_INNER,
        COVEY_SCHC_STACK_IPV6_UDP_COAP, COVEY_SCHC_STACK_UDP_COAP,
        COVEY_SCHC_STACK_IPV6_UDP,
    };
    static struct drawn drawn[RULES];
    static model_packet p;
    covey_schc_rule rule[RULES];
    covey_schc_rules set = { .rules = rule, .count = RULES };
    uint8_t storage[PACKET_CAP];
    covey_schc_context ctx = { .rules = &set,
                               .stack = stacks[below(r, COUNT_OF(stacks))] };
    covey_schc_direction direction =
        below(r, 2) ? COVEY_SCHC_UP : COVEY_SCHC_DOWN;
    covey_bytes packet = draw_packet(r, ctx.stack, storage);

    set.select = (uint8_t)below(r, 2);
    set.one_entry_index_bits = (uint8_t)below(r, 2);
    if (!model_parse(&p, ctx.stack, direction, packet, COVEY_KUDOS_SEED)) {
        return;
    }
    for (uint16_t i = 0; i < RULES; i++) {
        if (!draw_rule(&rule[i], &drawn[i], r, &p, i)) {
            return;
        }
    }
    assert_int_equal(covey_schc_check(&set).fault, COVEY_SCHC_SOUND);
    t->sound++;
    for (uint16_t i = 0; i < RULES; i++) {
        compare_rule(&ctx, &p, packet, i, t);
    }
    compare_set(&ctx, &p, packet);
}

static void the_core_agrees_with_the_model_bit_for_bit(void **state)
{
    kit_random r = { 0x8724 };
    struct tally t = { 0, 0, 0 };

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        one_round(&r, &t);
    }
    print_message("%u sound sets: %u matches, %u refusals\n", t.sound,
                  t.matched, t.refused);
    /* Neither kind must become rare unnoticed. */
    assert_true(t.matched > ROUNDS / 10);
    assert_true(t.refused > ROUNDS / 10);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_core_agrees_with_the_model_bit_for_bit),
    };
    return KIT_RUN(tests);
}
