/* SPDX-License-Identifier: BSD-2-Clause */
/* Choosing a rule and compressing with it: RFC 8724 Section 7.2. */
#include "schc_internal.h"

/* RuleID and the packet as it is, RFC 8724 Section 7.2. */
static void put_uncompressed(const struct covey__schc_view *v,
                             const covey_schc_rule *rule,
                             covey_bit_writer *out)
{
    covey_bits_put(out, rule->id, rule->id_bits);
    covey_bits_put_span(out, v->packet, 0, v->len * 8);
}

covey_status covey__schc_try(const covey_schc_context *ctx,
                             const struct covey__schc_view *view,
                             uint16_t rule, covey_bit_writer *out,
                             covey_schc_outcome *outcome)
{
    const covey_schc_rule *r = &ctx->rules->rules[rule];
    struct covey__schc_match m;
    uint32_t start = out->pos;
    covey_status st = COVEY_OK;

    outcome->rule = rule;
    outcome->residue = start + r->id_bits;
    if (r->nature == COVEY_SCHC_NO_COMPRESSION) {
        outcome->payload = outcome->residue;
        put_uncompressed(view, r, out);
    } else {
        covey__schc_match_begin(&m, ctx, view, r, out);
        if (covey__schc_match_rule(&m).why != COVEY_SCHC_MATCHES) {
            st = COVEY_E_NO_RULE;
        } else {
            outcome->payload = out->pos;
            covey__schc_append_payload(&m);
        }
    }
    if (st == COVEY_OK && out->failed != COVEY_OK) {
        st = COVEY_E_ROOM;
    }
    if (st != COVEY_OK) {
        covey_bits_rewind(out, start);
    }
    return st;
}

/* The candidates among 32 rules from index `i` on. */
static uint32_t candidate_word(const struct covey__schc_candidates *c,
                               uint16_t i)
{
    uint32_t word = UINT32_MAX;

    for (unsigned k = 0; k < c->count; k++) {
        word &= c->rows[k][i / 32];
    }
    return word;
}

/* The next rule of this nature from index `i` on that is a candidate; count
 * if there is none. */
static uint16_t next_rule(const covey_schc_rules *set,
                          const struct covey__schc_candidates *c, uint32_t i,
                          covey_schc_nature nature)
{
    while (i < set->count) {
        uint32_t word = c ? candidate_word(c, (uint16_t)i) >> (i % 32)
                          : UINT32_MAX;
        if (word == 0) {
            i = (i / 32 + 1) * 32;
        } else if ((word & 1) && set->rules[i].nature == nature) {
            return (uint16_t)i;
        } else {
            i++;
        }
    }
    return set->count;
}

static covey_status try_first(const covey_schc_context *ctx,
                              const struct covey__schc_view *view,
                              const struct covey__schc_candidates *c,
                              covey_bit_writer *out,
                              covey_schc_outcome *outcome)
{
    const covey_schc_rules *set = ctx->rules;
    covey_status st = COVEY_E_NO_RULE;
    uint16_t i = next_rule(set, c, 0, COVEY_SCHC_COMPRESSION);

    while (i < set->count && st == COVEY_E_NO_RULE) {
        st = covey__schc_try(ctx, view, i, out, outcome);
        i = next_rule(set, c, i + 1u,
                      COVEY_SCHC_COMPRESSION);
    }
    return st;
}

/* Tries all, keeps the shortest, and does that one again. Residue and RuleID
 * are compared; the payload is the same for all rules of one depth, and counts
 * where depths differ. */
static covey_status try_shortest(const covey_schc_context *ctx,
                                 const struct covey__schc_view *view,
                                 const struct covey__schc_candidates *c,
                                 covey_bit_writer *out,
                                 covey_schc_outcome *outcome)
{
    const covey_schc_rules *set = ctx->rules;
    uint32_t start = out->pos;
    uint32_t best_bits = UINT32_MAX;
    uint16_t best = set->count;
    covey_status st = COVEY_E_NO_RULE;
    uint16_t i = next_rule(set, c, 0, COVEY_SCHC_COMPRESSION);

    for (; i < set->count; i = next_rule(set, c, i + 1u,
                                         COVEY_SCHC_COMPRESSION)) {
        covey_status one = covey__schc_try(ctx, view, i, out, outcome);
        if (one == COVEY_OK && out->pos - start < best_bits) {
            best = i;
            best_bits = out->pos - start;
        }
        if (one != COVEY_E_NO_RULE) {
            st = one;
            covey_bits_rewind(out, start);
        }
    }
    return best < set->count ? covey__schc_try(ctx, view, best, out, outcome)
                             : st;
}

covey_status covey__schc_select(const covey_schc_context *ctx,
                                const struct covey__schc_view *view,
                                const struct covey__schc_candidates *c,
                                covey_bit_writer *out,
                                covey_schc_outcome *outcome)
{
    const covey_schc_rules *set = ctx->rules;
    covey_schc_outcome unused;
    covey_status st;

    outcome = outcome ? outcome : &unused;
    st = set->select == COVEY_SCHC_SHORTEST
             ? try_shortest(ctx, view, c, out, outcome)
             : try_first(ctx, view, c, out, outcome);
    if (st == COVEY_E_NO_RULE) {
        uint16_t i = next_rule(set, c, 0, COVEY_SCHC_NO_COMPRESSION);
        if (i < set->count) {
            st = covey__schc_try(ctx, view, i, out, outcome);
        }
    }
    return st;
}

covey_status covey_schc_compress(const covey_schc_context *ctx,
                                 covey_schc_direction direction,
                                 covey_bytes packet, covey_bit_writer *out,
                                 covey_schc_outcome *outcome)
{
    struct covey__schc_view view;

    if (packet.len > COVEY_SCHC_PACKET_MAX) {
        return COVEY_E_ARGUMENT;
    }
    covey__schc_view_of(&view, ctx, direction, packet);
    return covey__schc_select(ctx, &view, NULL, out, outcome);
}

covey_status covey_schc_compress_with(const covey_schc_context *ctx,
                                      covey_schc_direction direction,
                                      covey_bytes packet, uint16_t rule,
                                      covey_bit_writer *out)
{
    struct covey__schc_view view;
    covey_schc_outcome unused;

    if (packet.len > COVEY_SCHC_PACKET_MAX || rule >= ctx->rules->count) {
        return COVEY_E_ARGUMENT;
    }
    covey__schc_view_of(&view, ctx, direction, packet);
    return covey__schc_try(ctx, &view, rule, out, &unused);
}

covey_schc_finding covey_schc_why_not(const covey_schc_context *ctx,
                                      covey_schc_direction direction,
                                      covey_bytes packet, uint16_t rule)
{
    struct covey__schc_view view;
    struct covey__schc_match m;
    covey_bit_writer nowhere = covey_bit_writer_of(NULL, 0);
    covey_schc_finding f = { COVEY_SCHC_X_RULE, 0, 0, 0 };

    if (packet.len <= COVEY_SCHC_PACKET_MAX && rule < ctx->rules->count) {
        covey__schc_view_of(&view, ctx, direction, packet);
        covey__schc_match_begin(&m, ctx, &view, &ctx->rules->rules[rule],
                                &nowhere);
        f = covey__schc_match_rule(&m);
    }
    return f;
}
