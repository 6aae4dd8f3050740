/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs one SCHC vector. Rules are loaded one by one, because some files have
 * several rules of the same RuleID; any of those that the vector names may
 * give the expected bits, for which rule is chosen is a local matter (RFC
 * 8724 Section 7.2) unless the vector says how. Only bytes are compared: the
 * packet with what decompression gives, the SCHC packet with what compression
 * gives, bit by bit and padded with zeros. */
#include "selftest_schc.h"

#include <hex.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>

#define NAMED 3 /* candidates that a message names before it says "..." */

/* Room for any packet and its expansion. */
static uint8_t compressed[COVEY_SCHC_PACKET_MAX + 65536];
static uint8_t restored[COVEY_SCHC_PACKET_MAX + 65536];

/* A candidate that was loaded. */
struct engine {
    rules_file *file;
    covey_schc_rules rules;
    covey_schc_context ctx;
};

/* What became of the candidates; their texts go into `log`. */
struct trial {
    const schc_case *c;
    FILE *expected;
    FILE *log;
    bool told; /* what a candidate that took the packet did wrong */
    unsigned candidates;
    unsigned loaded;
    unsigned logged;
};

static bool engine_open(struct engine *e, struct trial *t,
                        struct fy_node *rule)
{
    const schc_case *c = t->c;
    rules_report report = { NULL, 0, 0 };

    memset(e, 0, sizeof *e);
    e->file = rules_load_node(rule, &c->options, &report);
    if (e->file == NULL && t->logged++ < NAMED) {
        const rules_message *m = report.messages;
        for (size_t i = 0; i < report.count; i++, m++) {
            if (m->severity == RULES_ERROR) {
                fprintf(t->log, "%sthe rule of line %u is not loaded: %s",
                        t->logged > 1 ? "; " : "", m->line, m->text);
                break;
            }
        }
    }
    rules_report_free(&report);
    if (e->file == NULL) {
        return false;
    }
    e->rules = *rules_get(e->file);
    if (c->has_select) {
        e->rules.select = (uint8_t)c->select;
    }
    if (c->has_lsb_size) {
        e->rules.lsb_size_whole = c->lsb_size_whole;
    }
    e->ctx.rules = &e->rules;
    e->ctx.stack = c->has_stack ? c->stack : rules_stack(e->file);
    e->ctx.dev_iid = c->has_dev_iid ? c->dev_iid : NULL;
    e->ctx.app_iid = c->has_app_iid ? c->app_iid : NULL;
    t->loaded++;
    return true;
}

static void engine_close(struct engine *e)
{
    rules_free(e->file);
    e->file = NULL;
}

/* --- candidates ---------------------------------------------------------- */

static struct fy_node *either(struct fy_node *rule, const char *a,
                              const char *b)
{
    struct fy_node *found = rules_json_get(rule, a);

    return found ? found : rules_json_get(rule, b);
}

static bool is_wanted(const schc_case *c, struct fy_node *rule)
{
    uint64_t id = 0;
    uint64_t bits = 0;

    if (c->has_rule &&
        (!rules_json_unsigned(either(rule, "rule-id-value", "RuleID"),
                              UINT32_MAX, &id) ||
         id != c->rule)) {
        return false;
    }
    return !c->has_rule_bits ||
           (rules_json_unsigned(either(rule, "rule-id-length", "RuleIDLength"),
                                32, &bits) &&
            bits == c->rule_bits);
}

/* The list of rules within what the case gives: a list, a document, or one
 * rule. */
static struct fy_node *list_of(struct fy_node *rules)
{
    struct fy_node *inner = either(rules, "ietf-schc:schc", "schc");
    struct fy_node *list;

    inner = inner != NULL ? inner : rules;
    list = either(inner, "rule", "rules");
    return list != NULL ? list : inner;
}

/* Walks the candidates; start with *at = NULL. One rule instead of a list, or
 * a list that is one set, is given once: `rules` itself as *at marks that. */
static struct fy_node *next_candidate(const schc_case *c,
                                      struct fy_node *rules, void **at)
{
    struct fy_node *rule = rules;
    const char *key;

    if (c->has_select || rules_json_kind_of(rules) != RULES_JSON_ARRAY) {
        if (*at != NULL || !(c->has_select || is_wanted(c, rules))) {
            return NULL;
        }
        *at = rules;
        return rules;
    }
    while (rules_json_next(rules, at, &key, &rule)) {
        if (is_wanted(c, rule)) {
            return rule;
        }
    }
    return NULL;
}

/* --- one candidate ------------------------------------------------------- */

static void put_span(FILE *out, covey_bytes bytes, uint32_t bits)
{
    hex_print(out, bytes);
    fprintf(out, "%s/%lu", bytes.len == 0 ? "nothing" : "",
            (unsigned long)bits);
}

static covey_status compress(const struct engine *e, const schc_case *c,
                             covey_bit_writer *out,
                             covey_schc_outcome *outcome)
{
    *out = covey_bit_writer_of(compressed, sizeof compressed);
    return covey_schc_compress(&e->ctx, c->direction, c->packet, out, outcome);
}

static covey_status decompress(const struct engine *e, const schc_case *c,
                               covey_bytes *packet)
{
    covey_writer out = covey_writer_of(restored, sizeof restored);
    covey_status status =
        covey_schc_decompress(&e->ctx, c->direction, c->schc, &out, NULL);

    *packet = covey_written(&out);
    return status;
}

static void log_mismatch(struct trial *t, const struct engine *e)
{
    const covey_schc_rule *r = &e->rules.rules[0];
    const covey_schc_finding f =
        covey_schc_why_not(&e->ctx, t->c->direction, t->c->packet, 0);
    char name[COVEY_SCHC_NAME_MAX];
    const covey_schc_field *field =
        f.field < r->field_count ? &r->fields[f.field] : NULL;

    if (t->logged++ >= NAMED) {
        return;
    }
    fprintf(t->log, "%srule %lu/%u does not fit: ", t->logged > 1 ? "; " : "",
            (unsigned long)r->id, (unsigned)r->id_bits);
    if (field != NULL) {
        fprintf(t->log, "%s, ",
                covey_schc_field_name(field->id, field->option, name));
    } else if (f.why == COVEY_SCHC_X_UNCOVERED) {
        fprintf(t->log, "%s, ", covey_schc_field_name(f.id, f.option, name));
    }
    fputs(covey_schc_mismatch_text(f.why), t->log);
}

/* --- cases that must match ----------------------------------------------- */

static bool same_residue(const struct trial *t, const covey_bit_writer *out,
                         const covey_schc_outcome *o)
{
    const schc_case *c = t->c;
    const uint32_t bits = o->payload - o->residue;
    uint8_t *residue = calloc(bits / 8 + 1, 1);
    const covey_bytes have = { residue, (bits + 7) / 8 };
    bool same = residue != NULL;

    if (c->residue.ptr == NULL && !c->has_residue_bits) {
        free(residue);
        return true;
    }
    if (same) {
        covey_bits_copy(residue, 0, out->base, o->residue, bits);
        same = (!c->has_residue_bits || c->residue_bits == bits) &&
               (c->residue.ptr == NULL || covey_bytes_equal(c->residue, have));
    }
    if (!same && !t->told) {
        fputs("the residue ", t->expected);
        put_span(t->expected, c->residue,
                 c->has_residue_bits ? c->residue_bits
                                     : (uint32_t)c->residue.len * 8);
        fputs("the residue ", t->log);
        put_span(t->log, have, bits);
    }
    free(residue);
    return same;
}

/* What the vector expects of compression. */
static void put_expected(const struct trial *t)
{
    const schc_case *c = t->c;

    put_span(t->expected, c->schc,
             c->has_bits ? c->bits : (uint32_t)c->schc.len * 8);
}

static bool comes_back(const struct trial *t, const struct engine *e)
{
    const schc_case *c = t->c;
    covey_bytes back = { NULL, 0 };
    const covey_status status = decompress(e, c, &back);

    if (status == COVEY_OK &&
        (c->lossy || covey_bytes_equal(back, c->packet))) {
        return true;
    }
    if (!t->told) {
        fputs("decompressed ", t->expected);
        hex_print(t->expected, c->packet);
        fprintf(t->log, "decompressed (%s) ", covey_status_name(status));
        hex_print(t->log, back);
    }
    return false;
}

/* One candidate. What is wrong is told of the first that takes the packet. */
static bool try_match(struct trial *t, const struct engine *e)
{
    const schc_case *c = t->c;
    covey_bit_writer out;
    covey_schc_outcome o = { 0, 0, 0 };
    covey_bytes have;
    bool passed = false;

    if (compress(e, c, &out, &o) != COVEY_OK) {
        if (!t->told) {
            log_mismatch(t, e);
        }
        return false;
    }
    if (t->logged > 0 && !t->told) {
        fputs("; ", t->log);
    }
    have = covey_bits_written(&out);
    if (!covey_bytes_equal(have, c->schc) ||
        (c->has_bits && c->bits != out.pos)) {
        if (!t->told) {
            put_expected(t);
            put_span(t->log, have, out.pos);
        }
    } else {
        passed = same_residue(t, &out, &o) && comes_back(t, e);
    }
    t->told = true;
    return passed;
}

/* The candidates of one nature in their order; those of no compression come
 * last, as in the core. */
static bool match_nature(struct trial *t, struct fy_node *list,
                         covey_schc_nature nature)
{
    void *at = NULL;
    struct fy_node *rule;
    struct engine e;
    bool passed = false;

    while (!passed && (rule = next_candidate(t->c, list, &at)) != NULL) {
        if (!engine_open(&e, t, rule)) {
            continue;
        }
        if (t->c->has_select || e.rules.rules[0].nature == nature) {
            passed = try_match(t, &e);
        }
        engine_close(&e);
    }
    return passed;
}

static bool run_match(struct trial *t, struct fy_node *list)
{
    const schc_case *c = t->c;

    if (c->packet.ptr == NULL || c->schc.ptr == NULL || c->decompress_only) {
        fputs("a packet and its compressed form", t->expected);
        fputs("not both, and no expectation that needs only one", t->log);
        return false;
    }
    if (match_nature(t, list, COVEY_SCHC_COMPRESSION)) {
        return true;
    }
    if (t->told) {
        return false;
    }
    if (t->logged == 0) {
        fputs("no match", t->log);
    }
    t->logged = NAMED; /* the first walk has named them */
    if (!c->has_select && match_nature(t, list, COVEY_SCHC_NO_COMPRESSION)) {
        return true;
    }
    if (!t->told) {
        put_expected(t);
    }
    return false;
}

/* --- cases that must not ------------------------------------------------- */

/* Does this candidate refuse the packet, and what claims to be its compressed
 * form? Says what it did instead. A no-compression rule takes every packet
 * and matches none. */
static bool refuses(const struct trial *t, const struct engine *e)
{
    const schc_case *c = t->c;
    covey_bit_writer out = covey_bit_writer_of(compressed, 0);
    covey_schc_outcome o = { 0, 0, 0 };
    covey_bytes back = { NULL, 0 };
    covey_status status = COVEY_E_NO_RULE;

    if (c->packet.ptr != NULL && !c->decompress_only) {
        status = compress(e, c, &out, &o);
    }
    if (status != COVEY_E_NO_RULE &&
        !(status == COVEY_OK &&
          e->rules.rules[o.rule].nature == COVEY_SCHC_NO_COMPRESSION)) {
        fprintf(t->log, "a match (%s): ", covey_status_name(status));
        put_span(t->log, covey_bits_written(&out), out.pos);
        return false;
    }
    if (c->expect == SCHC_EXPECT_WHOLE ||
        e->rules.rules[0].nature == COVEY_SCHC_NO_COMPRESSION) {
        return true;
    }
    if (c->schc.ptr != NULL && decompress(e, c, &back) == COVEY_OK &&
        (c->packet.ptr == NULL || c->decompress_only ||
         covey_bytes_equal(back, c->packet))) {
        fputs("decompressed ", t->log);
        hex_print(t->log, back);
        return false;
    }
    return true;
}

static bool run_refused(struct trial *t, struct fy_node *list)
{
    const schc_case *c = t->c;
    const bool strict = c->expect != SCHC_EXPECT_REFUSED;
    void *at = NULL;
    struct fy_node *rule;
    struct engine e;
    bool good = true;

    fputs(strict ? "no match" : "a refusal", t->expected);
    if ((c->packet.ptr == NULL || c->decompress_only) &&
        (c->schc.ptr == NULL || strict)) {
        fputs("nothing to be refused", t->log);
        return false;
    }
    while (good && (rule = next_candidate(c, list, &at)) != NULL) {
        t->candidates++;
        if (!engine_open(&e, t, rule)) {
            good = !strict; /* a rule that is not loaded matches nothing, but
                               then the packet was not tried either */
            continue;
        }
        good = refuses(t, &e);
        engine_close(&e);
    }
    return good && t->candidates > 0;
}

/* No compression rule takes it; what the no-compression rule makes of it is
 * compared if the vector says what that should be. */
static bool run_whole(struct trial *t, struct fy_node *list)
{
    if (!run_refused(t, list)) {
        return false;
    }
    if (t->c->schc.ptr == NULL ||
        match_nature(t, list, COVEY_SCHC_NO_COMPRESSION)) {
        return true;
    }
    if (!t->told) {
        fputs(", sent as ", t->expected);
        put_expected(t);
        fputs("no rule for that", t->log);
    }
    return false;
}

static bool run_bad_rule(struct trial *t, struct fy_node *list)
{
    void *at = NULL;
    struct fy_node *rule;
    struct engine e;

    fputs("a rule that is not loaded", t->expected);
    while ((rule = next_candidate(t->c, list, &at)) != NULL) {
        t->candidates++;
        if (engine_open(&e, t, rule)) {
            engine_close(&e);
            fputs("it is loaded", t->log);
            return false;
        }
    }
    return t->candidates > 0;
}

/* ------------------------------------------------------------------------- */

static bool has_candidate(const schc_case *c, struct fy_node *list)
{
    void *at = NULL;

    return list != NULL && next_candidate(c, list, &at) != NULL;
}

bool schc_case_run(const schc_case *c, FILE *expected, FILE *got)
{
    struct trial t = { .c = c, .expected = expected, .log = got };
    struct fy_node *list = c->rules ? list_of(c->rules) : NULL;

    if (c->documentation || !has_candidate(c, list)) {
        fputs("rules to run it with", expected);
        if (c->rules != NULL && c->has_rule && !c->documentation) {
            fprintf(got, "none with RuleID %llu", (unsigned long long)c->rule);
        } else {
            fputs("none: documentation only", got);
        }
        return false;
    }
    if (c->direction == 0 && c->expect != SCHC_EXPECT_BAD_RULE) {
        fputs("a direction", expected);
        fputs("none", got);
        return false;
    }
    switch (c->expect) {
    case SCHC_EXPECT_MATCH:
        return run_match(&t, list);
    case SCHC_EXPECT_NO_MATCH:
    case SCHC_EXPECT_REFUSED:
        return run_refused(&t, list);
    case SCHC_EXPECT_WHOLE:
        return run_whole(&t, list);
    case SCHC_EXPECT_BAD_RULE:
        return run_bad_rule(&t, list);
    }
    return false;
}
