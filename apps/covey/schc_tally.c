/* SPDX-License-Identifier: BSD-2-Clause */
#include "schc_tally.h"

#include "coap_app.h"
#include "schc_value.h"
#include "schc_why_not.h"

#include <stdlib.h>
#include <string.h>

enum {
    SEGMENTS_SHOWN = 2,
    REASON_WORK = 400000 /* rules that are asked why not, over all packets */
};

/* The first segments of the request's path, behind what is in `out`. */
static void append_path(const covey_coap_message *m, char *out, size_t cap)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    size_t len = strlen(out);
    unsigned segments = 0;

    while (covey_coap_option_next(&it, &o)) {
        bool fits = len + o.value.len + 6 < cap && coap_is_printable(o.value);

        if (o.number != COVEY_OPTION_URI_PATH) {
            continue;
        }
        if (segments == SEGMENTS_SHOWN || !fits) {
            snprintf(out + len, cap - len, "/...");
            return;
        }
        snprintf(out + len, cap - len, "%s/%.*s", segments == 0 ? " " : "",
                 (int)o.value.len, (const char *)o.value.ptr);
        len = strlen(out);
        segments++;
    }
}

/* "CON GET /rd", "ACK 2.05 Content", "RST". */
static void name_kind(covey_bytes coap, char *out, size_t cap)
{
    covey_coap_message m;
    char code[SCHC_CODE_MAX];

    if (covey_coap_parse(&m, coap) != COVEY_OK) {
        snprintf(out, cap, "not CoAP");
        return;
    }
    schc_code_text(m.code, code);
    if (m.code == COVEY_COAP_EMPTY) {
        snprintf(out, cap, "%s empty", coap_type_name(m.type));
    } else if (m.code >> 5 == 0) {
        const char *name = coap_code_name(m.code);

        snprintf(out, cap, "%s %s", coap_type_name(m.type),
                 name ? name : code);
        append_path(&m, out, cap);
    } else {
        snprintf(out, cap, "%s %s", coap_type_name(m.type), code);
    }
}

static schc_kind *look_up(schc_tally *t, covey_schc_direction direction,
                          const char *name)
{
    for (size_t i = 0; i < t->kind_count; i++) {
        schc_kind *k = &t->kinds[i];

        if (k->direction == direction && strcmp(k->name, name) == 0) {
            return k;
        }
    }
    return NULL;
}

/* The kind of this name. When only two places are left, they are for what is
 * new from then on, one for each direction. */
static schc_kind *find_kind(schc_tally *t, covey_schc_direction direction,
                            const char *name)
{
    schc_kind *k = look_up(t, direction, name);

    if (k == NULL && t->kind_count + 2 >= SCHC_KINDS_MAX) {
        name = "others";
        k = look_up(t, direction, name);
    }
    if (k == NULL) {
        k = &t->kinds[t->kind_count++];
        k->direction = direction;
        snprintf(k->name, sizeof k->name, "%s", name);
    }
    return k;
}

static void add_sums(schc_sums *s, size_t bytes_before, const schc_result *r)
{
    s->packets++;
    if (r->status != COVEY_OK) {
        s->refused++;
        return;
    }
    s->bytes_before += bytes_before;
    s->bits_after += r->bits;
    if (r->compressed) {
        s->compressed++;
        s->header_bits += r->header_bits;
    }
}

void schc_tally_add(schc_tally *t, covey_schc_direction direction,
                    covey_bytes coap, size_t bytes_before,
                    const schc_result *r)
{
    char name[SCHC_KIND_NAME_MAX];

    name_kind(coap, name, sizeof name);
    add_sums(&find_kind(t, direction, name)->sums, bytes_before, r);
    add_sums(&t->all, bytes_before, r);
}

/* The compression rule that got furthest, as that is the one that was
 * probably meant: its index, or -1. */
static int32_t closest_rule(const covey_schc_context *ctx,
                            covey_schc_direction direction, covey_bytes packet,
                            covey_schc_finding *best)
{
    int32_t rule = -1;

    for (uint16_t i = 0; i < ctx->rules->count; i++) {
        covey_schc_finding f;

        if (ctx->rules->rules[i].nature != COVEY_SCHC_COMPRESSION) {
            continue;
        }
        f = covey_schc_why_not(ctx, direction, packet, i);
        if (rule < 0 || f.field > best->field) {
            rule = i;
            *best = f;
        }
    }
    return rule;
}

void schc_tally_reason(schc_tally *t, const covey_schc_context *ctx,
                       covey_schc_direction direction, covey_bytes packet,
                       uint32_t number)
{
    covey_schc_finding f = { COVEY_SCHC_X_RULE, 0, 0, 0 };
    uint64_t asked =
        (uint64_t)(t->all.packets - t->all.compressed) * ctx->rules->count;
    int32_t rule = -1;
    schc_reason *r;
    char *text;

    if (asked < REASON_WORK) {
        rule = closest_rule(ctx, direction, packet, &f);
    }
    for (size_t i = 0; rule >= 0 && i < t->reason_count; i++) {
        r = &t->reasons[i];
        if (r->rule == rule && r->finding.why == f.why &&
            r->finding.field == f.field && r->finding.id == f.id &&
            r->finding.option == f.option) {
            r->count++;
            return;
        }
    }
    if (rule < 0 || t->reason_count == SCHC_REASONS_MAX) {
        t->reasons_unknown++;
        return;
    }
    r = &t->reasons[t->reason_count++];
    r->rule = (uint16_t)rule;
    r->finding = f;
    r->count = 1;
    r->first = number;
    text = schc_why_not_text(ctx, direction, packet, r->rule, &f);
    snprintf(r->text, sizeof r->text, "%s", text ? text : "");
    free(text);
}

void schc_tally_failure(schc_tally *t, const schc_failure *f)
{
    if (t->failed < SCHC_FAILURES_MAX) {
        t->failures[t->failed] = *f;
    }
    t->failed++;
}

static int compare_kinds(const void *a, const void *b)
{
    const schc_kind *x = a;
    const schc_kind *y = b;

    if (x->sums.packets != y->sums.packets) {
        return x->sums.packets < y->sums.packets ? 1 : -1;
    }
    return strcmp(x->name, y->name);
}

static int compare_reasons(const void *a, const void *b)
{
    const schc_reason *x = a;
    const schc_reason *y = b;

    if (x->count != y->count) {
        return x->count < y->count ? 1 : -1;
    }
    return x->first < y->first ? -1 : 1;
}

void schc_tally_sort(schc_tally *t)
{
    qsort(t->kinds, t->kind_count, sizeof t->kinds[0], compare_kinds);
    qsort(t->reasons, t->reason_count, sizeof t->reasons[0], compare_reasons);
}
