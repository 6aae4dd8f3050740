/* SPDX-License-Identifier: BSD-2-Clause */
/* Rule sets of hundreds and thousands, without walking them.
 *
 * For each direction up to COLUMNS fields are chosen that tell the rules
 * apart. A column has one row of bits per bucket of the field's hashed value,
 * one bit per rule: set if a packet whose field falls into this bucket may
 * match the rule. One more row is for packets without the field. The rules to
 * try are those whose bit is set in the packet's row of every column: bit
 * vectors as in packet classification (Lakshman and Stiliadis, 1998), here
 * over hashed values. A bit too many only costs a match that fails; a bit too
 * few would change the result, hence `always` wherever a rule could match in
 * a way that the column does not see.
 *
 * RuleIDs are found by binary search in an array sorted by their leading
 * bits.
 *
 * Expected: 16 to 10,000 rules; built once, used by any number of threads. */
#include "plan.h"

#include <string.h>

enum {
    COLUMNS = 4,
    BUCKETS = 256,
    KEYS = 48
};

/* Which field a column looks at. */
struct key {
    uint8_t id;
    uint8_t position;
    uint16_t option;
};

struct column {
    struct key key;
    uint32_t *rows; /* BUCKETS rows, then the one for absence */
};

struct half {
    unsigned count;
    struct column columns[COLUMNS];
};

struct covey_schc_index {
    const covey_schc_rules *rules;
    uint32_t words; /* per row */
    struct half half[2];
    struct covey__schc_plan *plans[2]; /* per direction: one per rule */
    uint16_t *by_id;
};

/* How a rule relates to a column. */
enum relation {
    ALWAYS,  /* may match whatever the field is */
    PRESENT, /* wants the field, any value */
    VALUE,   /* wants one value */
    ABSENT   /* wants the field not to be there */
};

/* Bits of any alignment; equal bit strings have equal hashes. */
static unsigned bucket_of(const uint8_t *base, uint32_t off, uint32_t bits)
{
    uint32_t h = UINT32_C(2166136261) ^ bits; /* FNV-1a's constants */

    while (bits > 0) {
        unsigned n = bits < 32 ? bits : 32;
        h = (h ^ covey_bits_load(base, off, n)) * UINT32_C(16777619);
        h ^= h >> 15;
        off += n;
        bits -= n;
    }
    h *= UINT32_C(0x9e3779b1);
    return h >> 24;
}

static bool same_key(const struct key *k, const covey_schc_field *f)
{
    return k->id == f->id && k->option == f->option &&
           (f->id != COVEY_SCHC_OPTION || k->position == f->position);
}

static enum relation relate(const covey_schc_rule *rule, const struct key *key,
                            unsigned direction, const covey_schc_value **value)
{
    const unsigned coap = COVEY_SCHC_LAYER_COAP | COVEY_SCHC_LAYER_COAP_INNER;
    enum relation rel = key->id == COVEY_SCHC_OPTION && (rule->layers & coap)
                            ? ABSENT
                            : ALWAYS;

    if (rule->nature != COVEY_SCHC_COMPRESSION) {
        return ALWAYS;
    }
    for (uint16_t i = 0; i < rule->field_count; i++) {
        const covey_schc_field *f = &rule->fields[i];
        if (!(f->direction & direction) || f->option != key->option) {
            continue;
        }
        if (f->option != 0 && (f->id != COVEY_SCHC_OPTION ||
                               f->position == 0 || f->segments > 0)) {
            return ALWAYS;
        }
        if (same_key(key, f)) {
            rel = f->mo == COVEY_SCHC_MO_EQUAL && f->value_count > 0 ? VALUE
                                                                     : PRESENT;
            *value = f->values;
        }
    }
    return rel;
}

/* Keys that some rule compares for equality, each once. */
static unsigned collect(const covey_schc_rules *set, unsigned direction,
                        struct key keys[KEYS])
{
    unsigned count = 0;

    for (uint16_t r = 0; r < set->count; r++) {
        for (uint16_t i = 0; i < set->rules[r].field_count; i++) {
            const covey_schc_field *f = &set->rules[r].fields[i];
            unsigned k = 0;
            if (!(f->direction & direction) || f->mo != COVEY_SCHC_MO_EQUAL ||
                f->id > COVEY_SCHC_OPTION || f->id == COVEY_SCHC_PAYLOAD ||
                f->segments > 0 ||
                (f->id == COVEY_SCHC_OPTION && f->position == 0)) {
                continue;
            }
            while (k < count && !same_key(&keys[k], f)) {
                k++;
            }
            if (k == count && count < KEYS) {
                keys[count].id = f->id;
                keys[count].position = f->position;
                keys[count++].option = f->option;
            }
        }
    }
    return count;
}

/* Expected number of rules that are left when this column has spoken. */
static uint32_t expected_left(const covey_schc_rules *set,
                              const struct key *key, unsigned direction)
{
    uint8_t seen[BUCKETS] = { 0 };
    uint32_t count[4] = { 0 };
    uint32_t distinct = 0;

    for (uint16_t r = 0; r < set->count; r++) {
        const covey_schc_value *v = NULL;
        enum relation rel = relate(&set->rules[r], key, direction, &v);
        count[rel]++;
        if (rel == VALUE) {
            uint8_t *hit = &seen[bucket_of(v->bytes, 0, v->bits)];
            distinct += !*hit;
            *hit = 1;
        }
    }
    uint32_t with = count[PRESENT] + (distinct ? count[VALUE] / distinct : 0);
    uint32_t without = count[ABSENT];
    return count[ALWAYS] + (with > without ? with : without);
}

static void set_bit(const covey_schc_index *ix, const struct column *c,
                    unsigned row, uint16_t rule)
{
    c->rows[row * ix->words + rule / 32] |= BIT(rule % 32);
}

static void fill_column(const covey_schc_index *ix, const struct column *c,
                        unsigned direction)
{
    const covey_schc_rules *set = ix->rules;

    for (uint16_t r = 0; r < set->count; r++) {
        const covey_schc_value *v = NULL;
        enum relation rel = relate(&set->rules[r], &c->key, direction, &v);
        if (rel == VALUE) {
            set_bit(ix, c, bucket_of(v->bytes, 0, v->bits), r);
        }
        for (unsigned b = 0; b < BUCKETS && rel <= PRESENT; b++) {
            set_bit(ix, c, b, r);
        }
        if (rel == ALWAYS || rel == ABSENT) {
            set_bit(ix, c, BUCKETS, r);
        }
    }
}

/* The best columns, best first; those that would leave everything are not
 * worth their memory. */
static void choose(covey_schc_index *ix, unsigned direction, uint32_t **free)
{
    struct half *half = &ix->half[direction == COVEY_SCHC_DOWN];
    struct key keys[KEYS];
    uint32_t left[KEYS];
    unsigned n = collect(ix->rules, direction, keys);

    half->count = 0;
    for (unsigned k = 0; k < n; k++) {
        left[k] = expected_left(ix->rules, &keys[k], direction);
    }
    while (half->count < COLUMNS) {
        unsigned best = 0;
        for (unsigned k = 1; k < n; k++) {
            best = left[k] < left[best] ? k : best;
        }
        if (n == 0 || left[best] >= ix->rules->count) {
            return;
        }
        left[best] = UINT32_MAX;
        struct column *c = &half->columns[half->count++];
        c->key = keys[best];
        c->rows = *free;
        *free += (size_t)(BUCKETS + 1) * ix->words;
        fill_column(ix, c, direction);
    }
}

/* A RuleID with its bits at the left end of a word. */
static uint32_t left_aligned(const covey_schc_rule *r)
{
    return r->id_bits > 0 && r->id_bits <= 32 ? r->id << (32 - r->id_bits) : 0;
}

/* Shell sort: no recursion, no scratch. */
static void sort_ids(const covey_schc_rules *set, uint16_t *by_id)
{
    uint32_t gap = 1;

    for (uint16_t i = 0; i < set->count; i++) {
        by_id[i] = i;
    }
    while (gap < set->count / 3u) {
        gap = gap * 3 + 1;
    }
    for (; gap > 0; gap /= 3) {
        for (uint32_t i = gap; i < set->count; i++) {
            uint16_t moving = by_id[i];
            uint32_t id = left_aligned(&set->rules[moving]);
            uint32_t j = i;
            while (j >= gap &&
                   left_aligned(&set->rules[by_id[j - gap]]) > id) {
                by_id[j] = by_id[j - gap];
                j -= gap;
            }
            by_id[j] = moving;
        }
    }
}

static size_t words_of(const covey_schc_rules *rules)
{
    return ((size_t)rules->count + 31) / 32;
}

/* All descriptors of all rules. */
static size_t fields_of(const covey_schc_rules *rules)
{
    size_t n = 0;

    for (uint16_t i = 0; i < rules->count; i++) {
        n += rules->rules[i].field_count;
    }
    return n;
}

/* In the order of the memory: plans, rows, and what counts in 16 bits. */
size_t covey_schc_index_size(const covey_schc_rules *rules)
{
    size_t plans = (size_t)2 * rules->count * sizeof(struct covey__schc_plan);
    size_t rows = (size_t)2 * COLUMNS * (BUCKETS + 1) * words_of(rules) * 4;
    size_t shorts = ((size_t)rules->count + 2 * fields_of(rules)) * 2;

    return sizeof(covey_schc_index) + plans + rows +
           ((shorts + 7) & ~(size_t)7);
}

static uint16_t *make_plans(covey_schc_index *ix, unsigned half,
                            uint16_t *fields)
{
    const covey_schc_rules *set = ix->rules;

    for (uint16_t i = 0; i < set->count; i++) {
        fields += covey__schc_plan_make(&ix->plans[half][i], &set->rules[i],
                                        half ? COVEY_SCHC_DOWN : COVEY_SCHC_UP,
                                        fields);
    }
    return fields;
}

covey_schc_index *covey_schc_index_build(const covey_schc_rules *rules,
                                         void *memory, size_t cap)
{
    covey_schc_index *ix = memory;
    size_t need = covey_schc_index_size(rules);

    if (memory == NULL || cap < need) {
        return NULL;
    }
    memset(memory, 0, need);
    ix->rules = rules;
    ix->words = (uint32_t)words_of(rules);
    ix->plans[0] = (struct covey__schc_plan *)(void *)(ix + 1);
    ix->plans[1] = ix->plans[0] + rules->count;
    uint32_t *rows = (uint32_t *)(void *)(ix->plans[1] + rules->count);
    choose(ix, COVEY_SCHC_UP, &rows);
    choose(ix, COVEY_SCHC_DOWN, &rows);
    ix->by_id = (uint16_t *)(void *)rows;
    sort_ids(rules, ix->by_id);
    uint16_t *fields = ix->by_id + rules->count;
    fields = make_plans(ix, 0, fields);
    make_plans(ix, 1, fields);
    return ix;
}

/* The row of a column for this packet; NULL if the packet does not have the
 * layer, which says nothing about rules that do not need it. */
static const uint32_t *row_of(const covey_schc_index *ix,
                              const struct column *c,
                              const struct covey__schc_view *v)
{
    const struct key *key = &c->key;
    unsigned bucket = BUCKETS;

    if (!(covey__schc_field_layers(key->id) & v->layers)) {
        return NULL;
    }
    if (key->id == COVEY_SCHC_OPTION) {
        unsigned i = 0;
        while (i < v->option_count && v->options[i].number < key->option) {
            i++;
        }
        i += key->position - 1u;
        if (i < v->option_count && v->options[i].number == key->option) {
            bucket = bucket_of(v->packet, v->options[i].off * 8,
                               v->options[i].len * 8u);
        }
    } else {
        struct covey__schc_span s;

        covey__schc_header_span(v, key->id, &s);
        bucket = bucket_of(s.base, s.off, s.bits);
    }
    return c->rows + (size_t)bucket * ix->words;
}

/* Rows of one bit per rule; a rule is a candidate if it is set in all. */
struct candidates {
    const uint32_t *rows[COLUMNS];
    unsigned count;
};

static uint32_t candidate_word(const struct candidates *c, uint32_t word)
{
    uint32_t bits = UINT32_MAX;

    for (unsigned i = 0; i < c->count; i++) {
        bits &= c->rows[i][word];
    }
    return bits;
}

/* Offers a candidate unless its plan says no at once. */
static bool offer(const covey_schc_index *ix, struct covey__schc_pick *pick,
                  uint16_t rule)
{
    const struct covey__schc_view *v = pick->view;
    const struct covey__schc_plan *plan =
        &ix->plans[v->direction == COVEY_SCHC_DOWN][rule];
    unsigned layers = covey__schc_depth(&ix->rules->rules[rule], v->stack);

    return layers != 0 && !(layers & ~v->layers) &&
           covey__schc_plan_agrees(plan, v->packet, layers) &&
           covey__schc_offer(pick, rule, &plan->rest);
}

static void offer_candidates(const covey_schc_index *ix,
                             struct covey__schc_pick *pick,
                             const struct candidates *c)
{
    for (uint32_t word = 0; word < ix->words; word++) {
        uint32_t bits = candidate_word(c, word);
        for (uint32_t i = word * 32; bits != 0; bits >>= 1, i++) {
            if ((bits & 1) && i < ix->rules->count &&
                offer(ix, pick, (uint16_t)i)) {
                return;
            }
        }
    }
}

covey_status covey_schc_index_compress(const covey_schc_index *index,
                                       const covey_schc_context *ctx,
                                       covey_schc_direction direction,
                                       covey_bytes packet,
                                       covey_bit_writer *out,
                                       covey_schc_outcome *outcome)
{
    const struct half *half = &index->half[direction == COVEY_SCHC_DOWN];
    struct candidates c = { { NULL }, 0 };
    struct covey__schc_view view;
    struct covey__schc_pick pick;

    if (packet.len > COVEY_SCHC_PACKET_MAX || ctx->rules != index->rules) {
        return COVEY_E_ARGUMENT;
    }
    covey__schc_view_of(&view, ctx, direction, packet);
    covey__schc_pick_begin(&pick, ctx, &view, out);
    for (unsigned i = 0; i < half->count; i++) {
        const uint32_t *row = row_of(index, &half->columns[i], &view);
        if (row) {
            c.rows[c.count++] = row;
        }
    }
    offer_candidates(index, &pick, &c);
    return covey__schc_pick_end(&pick, outcome);
}

/* The last RuleID that is not greater than what the packet begins with is the
 * only one that can be its prefix. */
static int32_t find_id(const covey_schc_index *ix, covey_bytes schc)
{
    uint32_t bits = schc.len < 4 ? (uint32_t)schc.len * 8 : 32;
    uint32_t begin = bits ? covey_bits_load(schc.ptr, 0, bits) : 0;
    uint32_t low = 0;
    uint32_t high = ix->rules->count;

    begin = bits ? begin << (32 - bits) : 0;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (left_aligned(&ix->rules->rules[ix->by_id[middle]]) <= begin) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return -1;
    }
    const covey_schc_rule *r = &ix->rules->rules[ix->by_id[low - 1]];
    return r->id_bits > 0 && r->id_bits <= bits &&
                   r->id == begin >> (32 - r->id_bits)
               ? ix->by_id[low - 1]
               : -1;
}

covey_status covey_schc_index_decompress(const covey_schc_index *index,
                                         const covey_schc_context *ctx,
                                         covey_schc_direction direction,
                                         covey_bytes schc, covey_writer *out,
                                         covey_schc_outcome *outcome)
{
    struct covey__schc_choice choice = { find_id(index, schc), NULL, NULL };

    if (ctx->rules != index->rules) {
        return COVEY_E_ARGUMENT;
    }
    if (choice.rule >= 0) {
        const struct covey__schc_plan *plan =
            &index->plans[direction == COVEY_SCHC_DOWN][choice.rule];
        choice.rest = &plan->rest;
        choice.head = covey__schc_plan_head(
            plan,
            covey__schc_depth(&index->rules->rules[choice.rule], ctx->stack));
    }
    return covey__schc_unpack(ctx, direction, &choice, schc, out, outcome);
}
