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

/* One rule; COVEY_E_NO_RULE if it does not fit. On failure the writer is
 * where it was. */
static covey_status try_rule(struct covey__schc_pick *pick, uint16_t rule,
                             const struct covey__schc_rest *rest)
{
    const covey_schc_rule *r = &pick->ctx->rules->rules[rule];
    covey_bit_writer *out = pick->out;
    struct covey__schc_match m;
    uint32_t start = out->pos;
    covey_status st = COVEY_OK;

    pick->outcome.rule = rule;
    pick->outcome.residue = start + r->id_bits;
    if (r->nature == COVEY_SCHC_NO_COMPRESSION) {
        pick->outcome.payload = pick->outcome.residue;
        put_uncompressed(pick->view, r, out);
    } else {
        covey__schc_match_begin(&m, pick->ctx, pick->view, r, out);
        if (!covey__schc_match_rule(&m, rest)) {
            st = COVEY_E_NO_RULE;
        } else {
            pick->outcome.payload = out->pos;
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

void covey__schc_pick_begin(struct covey__schc_pick *pick,
                            const covey_schc_context *ctx,
                            struct covey__schc_view *view,
                            covey_bit_writer *out)
{
    pick->ctx = ctx;
    pick->view = view;
    pick->out = out;
    pick->status = COVEY_E_NO_RULE;
    pick->best_bits = UINT32_MAX;
    pick->best = -1;
}

/* For the shortest, every rule is tried, its length kept and its bits thrown
 * away; the best one is repeated at the end. */
bool covey__schc_offer(struct covey__schc_pick *pick, uint16_t rule,
                       const struct covey__schc_rest *rest)
{
    uint32_t start = pick->out->pos;
    covey_status st = COVEY_E_NO_RULE;

    if (pick->ctx->rules->rules[rule].nature == COVEY_SCHC_COMPRESSION) {
        st = try_rule(pick, rule, rest);
    }
    if (st == COVEY_E_NO_RULE) {
        return false;
    }
    if (pick->ctx->rules->select == COVEY_SCHC_FIRST) {
        pick->status = st;
        return true;
    }
    if (st == COVEY_OK && pick->out->pos - start < pick->best_bits) {
        pick->best = rule;
        pick->best_bits = pick->out->pos - start;
    }
    if (pick->best < 0) {
        pick->status = st;
    }
    covey_bits_rewind(pick->out, start);
    return false;
}

covey_status covey__schc_pick_end(struct covey__schc_pick *pick,
                                  covey_schc_outcome *outcome)
{
    const covey_schc_rules *set = pick->ctx->rules;

    if (pick->best >= 0) {
        pick->status = try_rule(pick, (uint16_t)pick->best, NULL);
    }
    for (unsigned i = 0; i < set->count && pick->status == COVEY_E_NO_RULE;
         i++) {
        if (set->rules[i].nature == COVEY_SCHC_NO_COMPRESSION) {
            pick->status = try_rule(pick, (uint16_t)i, NULL);
        }
    }
    if (outcome && pick->status == COVEY_OK) {
        *outcome = pick->outcome;
    }
    return pick->status;
}

covey_status covey_schc_compress(const covey_schc_context *ctx,
                                 covey_schc_direction direction,
                                 covey_bytes packet, covey_bit_writer *out,
                                 covey_schc_outcome *outcome)
{
    struct covey__schc_view view;
    struct covey__schc_pick pick;

    if (packet.len > COVEY_SCHC_PACKET_MAX) {
        return COVEY_E_ARGUMENT;
    }
    covey__schc_view_of(&view, ctx, direction, packet);
    covey__schc_pick_begin(&pick, ctx, &view, out);
    for (unsigned i = 0; i < ctx->rules->count; i++) {
        if (covey__schc_offer(&pick, (uint16_t)i, NULL)) {
            break;
        }
    }
    return covey__schc_pick_end(&pick, outcome);
}

covey_status covey_schc_compress_with(const covey_schc_context *ctx,
                                      covey_schc_direction direction,
                                      covey_bytes packet, uint16_t rule,
                                      covey_bit_writer *out)
{
    struct covey__schc_view view;
    struct covey__schc_pick pick;

    if (packet.len > COVEY_SCHC_PACKET_MAX || rule >= ctx->rules->count) {
        return COVEY_E_ARGUMENT;
    }
    covey__schc_view_of(&view, ctx, direction, packet);
    covey__schc_pick_begin(&pick, ctx, &view, out);
    return try_rule(&pick, rule, NULL);
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
        covey__schc_match_rule(&m, NULL);
        f = m.failed;
    }
    return f;
}
