/* SPDX-License-Identifier: BSD-2-Clause */
#include "schc_report.h"

#include "cmd.h"
#include "schc_json.h"

#include <string.h>

enum {
    REASONS_SHOWN = 3
};

static double ratio(const schc_sums *s)
{
    return s->bits_after ? (double)s->bytes_before * 8 / (double)s->bits_after
                         : 0;
}

static double average(uint64_t sum, uint32_t count)
{
    return count ? (double)sum / count : 0;
}

static uint32_t sent(const schc_sums *s)
{
    return s->packets - s->refused;
}

static const char *direction_name(covey_schc_direction direction)
{
    return direction == COVEY_SCHC_UP ? "up" : "down";
}

/* --- text --- */

static void put_source(const schc_report *r, FILE *out)
{
    const schc_flow *f = r->flow;

    fprintf(out, "%s: %lu frames, %s", r->session->args->operand,
            (unsigned long)f->frames, f->link);
    fprintf(out, "; %lu with CoAP", (unsigned long)f->coap);
    if (f->verdicts[CAPTURE_UDP] > f->coap) {
        fprintf(out, ", %lu other UDP",
                (unsigned long)(f->verdicts[CAPTURE_UDP] - f->coap));
    }
    for (int v = CAPTURE_UDP + 1; v < CAPTURE_VERDICTS; v++) {
        if (f->verdicts[v] > 0) {
            fprintf(out, ", %lu %s", (unsigned long)f->verdicts[v],
                    capture_verdict_text((capture_verdict)v));
        }
    }
    fputc('\n', out);
}

static void put_sides(const schc_report *r, FILE *out)
{
    const schc_sides *s = r->sides;
    const schc_args *args = r->session->args;
    char address[SCHC_ADDRESS_MAX];

    fprintf(out, "stack %s; device ",
            covey_schc_stack_name(r->session->ctx.stack));
    for (size_t i = 0; i < args->device_count; i++) {
        fprintf(out, "%s%s", i > 0 ? ", " : "",
                schc_device_address(args->devices[i], address));
    }
    if (s->guessed) {
        fprintf(out, "%s%s", s->by_app ? "is who talks with " : "",
                schc_device_address(s->address, address));
    }
    if (s->loopback) {
        fprintf(out, ", the end that is %son port %u",
                s->device_on_port ? "" : "not ", args->port);
    }
    if (s->guessed || s->loopback) {
        fprintf(out,
                "\n  (guessed: so %lu of %lu packets fit a rule, the other "
                "way round %lu%s)",
                (unsigned long)s->fit, (unsigned long)s->looked_at,
                (unsigned long)s->fit_otherwise,
                s->loopback ? "" : "; --device settles it");
    }
    fputs("\n\n", out);
}

/* Averages over the packets of a kind that could be sent; headers over those
 * that a rule compressed. */
static void put_line(const char *name, int width, const char *direction,
                     const schc_sums *s, FILE *out)
{
    fprintf(out, "%-*s  %-4s %8lu", width, name, direction,
            (unsigned long)s->packets);
    fprintf(out, " %5.1f %%", 100 * average(s->compressed, s->packets));
    if (sent(s) == 0) {
        fprintf(out, " %12s %10s %11s %7s\n", "-", "-", "-", "-");
        return;
    }
    fprintf(out, " %12.1f %10.1f", average(s->bytes_before, sent(s)),
            average(s->bits_after, sent(s)));
    if (s->compressed > 0) {
        fprintf(out, " %11.1f", average(s->header_bits, s->compressed));
    } else {
        fprintf(out, " %11s", "-");
    }
    fprintf(out, " %7.2f\n", ratio(s));
}

static void put_kinds(const schc_tally *t, FILE *out)
{
    int width = (int)strlen("message");

    for (size_t i = 0; i < t->kind_count; i++) {
        int len = (int)strlen(t->kinds[i].name);

        width = len > width ? len : width;
    }
    fprintf(out, "%-*s  %-4s %8s %7s %12s %10s %11s %7s\n", width, "message",
            "", "packets", "fit", "bytes before", "bits after", "header bits",
            "ratio");
    for (size_t i = 0; i < t->kind_count; i++) {
        put_line(t->kinds[i].name, width,
                 direction_name(t->kinds[i].direction), &t->kinds[i].sums,
                 out);
    }
    for (int i = 0; i < width + 68; i++) {
        fputc('-', out);
    }
    fputc('\n', out);
    put_line("all", width, "", &t->all, out);
}

static void put_totals(const schc_tally *t, FILE *out)
{
    uint64_t after = (t->all.bits_after + 7) / 8;

    fprintf(out, "\n%llu bytes became %llu bits (%llu bytes)",
            (unsigned long long)t->all.bytes_before,
            (unsigned long long)t->all.bits_after, (unsigned long long)after);
    if (t->all.bytes_before > after) {
        fprintf(out, ": %.1f %% saved",
                100 -
                    100 * average(after, 1) / average(t->all.bytes_before, 1));
    }
    fprintf(out, "\n%lu packets came back bit for bit",
            (unsigned long)t->verified);
    if (t->failed > 0) {
        fprintf(out, "; %lu DID NOT", (unsigned long)t->failed);
    }
    if (t->lossy > 0) {
        fprintf(out, "; %lu not compared, their rule is lossy",
                (unsigned long)t->lossy);
    }
    fputc('\n', out);
}

static void put_failures(const schc_report *r, FILE *out)
{
    const schc_tally *t = r->tally;
    char name[SCHC_RULE_NAME_MAX];

    for (uint32_t i = 0; i < t->failed && i < SCHC_FAILURES_MAX; i++) {
        const schc_failure *f = &t->failures[i];

        fprintf(out, "  frame %lu, rule %s: ", (unsigned long)f->number,
                schc_rule_name(&r->session->rules, f->rule, name));
        if (f->back_len == 0) {
            fputs("does not decompress\n", out);
        } else {
            fprintf(out,
                    "differs from byte %zu on; %zu bytes went in, %zu came "
                    "back\n",
                    f->at, f->len, f->back_len);
        }
    }
    if (t->failed > SCHC_FAILURES_MAX) {
        fprintf(out, "  and %lu more\n",
                (unsigned long)(t->failed - SCHC_FAILURES_MAX));
    }
}

static void put_reasons(const schc_report *r, FILE *out)
{
    const schc_tally *t = r->tally;
    uint32_t plain = t->all.packets - t->all.compressed - t->all.refused;
    char name[SCHC_RULE_NAME_MAX];

    if (plain > 0) {
        fprintf(out, "%lu packets went uncompressed\n", (unsigned long)plain);
    }
    if (t->all.refused > 0) {
        fprintf(out,
                "%lu packets fit no rule and could not be sent; they are not "
                "in the sums\n",
                (unsigned long)t->all.refused);
    }
    for (size_t i = 0; i < t->reason_count && i < REASONS_SHOWN; i++) {
        const schc_reason *why = &t->reasons[i];

        fprintf(out, "  %lu, the first is frame %lu: rule %s, %s\n",
                (unsigned long)why->count, (unsigned long)why->first,
                schc_rule_name(&r->session->rules, why->rule, name),
                why->text);
    }
    if (t->reasons_unknown > 0) {
        fprintf(out, "  %lu whose reason was not sought\n",
                (unsigned long)t->reasons_unknown);
    }
    if (t->reason_count > REASONS_SHOWN) {
        fprintf(out, "  and %zu other reasons (--json lists them)\n",
                t->reason_count - REASONS_SHOWN);
    }
}

static void put_left_out(const schc_report *r, FILE *out)
{
    const schc_tally *t = r->tally;
    bool offload = r->session->args->offload;

    if (t->not_ipv6 > 0) {
        fprintf(out,
                "%lu packets are not IPv6: left out; --stack coap takes "
                "them\n",
                (unsigned long)t->not_ipv6);
    }
    if (t->strangers > 0) {
        fprintf(out,
                "%lu packets are neither from nor to the device: left out\n",
                (unsigned long)t->strangers);
    }
    if (t->offloaded > 0 && offload) {
        fprintf(out,
                "%lu UDP checksums were completed, as the network card would "
                "have\n",
                (unsigned long)t->offloaded);
    } else if (t->offloaded > 0) {
        fprintf(out,
                "%lu UDP checksums were left to the network card; --offload "
                "completes them\n",
                (unsigned long)t->offloaded);
    }
}

void schc_report_text(const schc_report *r, FILE *out)
{
    put_source(r, out);
    if (r->flow->coap == 0) {
        fprintf(out, "no CoAP on UDP port %u; --port names another\n",
                r->session->args->port);
        return;
    }
    put_sides(r, out);
    put_kinds(r->tally, out);
    put_totals(r->tally, out);
    put_failures(r, out);
    put_reasons(r, out);
    put_left_out(r, out);
}

/* --- JSON --- */

static json_t *sums_json(const schc_sums *s)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "packets",
        (json_int_t)s->packets, "compressed", (json_int_t)s->compressed,
        "refused", (json_int_t)s->refused, "bytes_before",
        (json_int_t)s->bytes_before, "bits_after", (json_int_t)s->bits_after,
        "header_bits", (json_int_t)s->header_bits, "ratio", ratio(s));
}

static json_t *kinds_json(const schc_tally *t)
{
    json_t *list = json_array();

    for (size_t i = 0; i < t->kind_count; i++) {
        json_t *o = sums_json(&t->kinds[i].sums);

        json_object_set_new(o, "kind", json_string(t->kinds[i].name));
        json_object_set_new(
            o, "direction",
            json_string(direction_name(t->kinds[i].direction)));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *reasons_json(const schc_report *r)
{
    json_t *list = json_array();
    char name[SCHC_RULE_NAME_MAX];

    for (size_t i = 0; i < r->tally->reason_count; i++) {
        const schc_reason *why = &r->tally->reasons[i];

        json_array_append_new(
            list,
            json_pack("{s:s, s:I, s:I, s:s}", "rule",
                      schc_rule_name(&r->session->rules, why->rule, name),
                      "packets", (json_int_t)why->count, "first_frame",
                      (json_int_t)why->first, "why", why->text));
    }
    return list;
}

static json_t *failures_json(const schc_report *r)
{
    json_t *list = json_array();
    char name[SCHC_RULE_NAME_MAX];

    for (uint32_t i = 0; i < r->tally->failed && i < SCHC_FAILURES_MAX; i++) {
        const schc_failure *f = &r->tally->failures[i];

        json_array_append_new(
            list, json_pack("{s:I, s:s, s:I, s:I, s:I}", "frame",
                            (json_int_t)f->number, "rule",
                            schc_rule_name(&r->session->rules, f->rule, name),
                            "first_difference", (json_int_t)f->at, "bytes",
                            (json_int_t)f->len, "bytes_back",
                            (json_int_t)f->back_len));
    }
    return list;
}

static json_t *frames_json(const schc_flow *f)
{
    json_t *o = json_pack("{s:I, s:I}", "total", (json_int_t)f->frames, "coap",
                          (json_int_t)f->coap);

    json_object_set_new(
        o, "other_udp",
        json_integer((json_int_t)f->verdicts[CAPTURE_UDP] - f->coap));
    for (int v = CAPTURE_UDP + 1; v < CAPTURE_VERDICTS; v++) {
        static const char *const keys[CAPTURE_VERDICTS] = {
            [CAPTURE_NOT_IP] = "not_ip",       [CAPTURE_NOT_UDP] = "not_udp",
            [CAPTURE_FRAGMENT] = "fragments",  [CAPTURE_CUT] = "cut",
            [CAPTURE_MALFORMED] = "malformed",
        };

        json_object_set_new(o, keys[v], json_integer(f->verdicts[v]));
    }
    return o;
}

static json_t *sides_json(const schc_report *r)
{
    const schc_sides *s = r->sides;
    const schc_args *args = r->session->args;
    char address[SCHC_ADDRESS_MAX];
    json_t *o = json_pack("{s:b}", "guessed", s->guessed);
    json_t *devices = json_array();

    for (size_t i = 0; i < args->device_count; i++) {
        json_array_append_new(devices, json_string(schc_device_address(
                                           args->devices[i], address)));
    }
    if (s->guessed && !s->by_app) {
        json_array_append_new(
            devices, json_string(schc_device_address(s->address, address)));
    }
    json_object_set_new(o, "devices", devices);
    json_object_set_new(o, "device_on_port",
                        s->loopback ? json_boolean(s->device_on_port)
                                    : json_null());
    json_object_set_new(
        o, "application",
        s->guessed && s->by_app
            ? json_string(schc_device_address(s->address, address))
            : json_null());
    return o;
}

int schc_report_json(const schc_report *r)
{
    const schc_tally *t = r->tally;
    json_t *o = json_pack("{s:s, s:s, s:s}", "file", r->session->args->operand,
                          "link", r->flow->link, "stack",
                          covey_schc_stack_name(r->session->ctx.stack));

    json_object_set_new(o, "frames", frames_json(r->flow));
    json_object_set_new(o, "sides", sides_json(r));
    json_object_set_new(o, "kinds", kinds_json(t));
    json_object_set_new(o, "total", sums_json(&t->all));
    json_object_set_new(o, "verified", json_integer(t->verified));
    json_object_set_new(o, "failed", json_integer(t->failed));
    json_object_set_new(o, "lossy", json_integer(t->lossy));
    json_object_set_new(o, "failures", failures_json(r));
    json_object_set_new(o, "reasons", reasons_json(r));
    json_object_set_new(o, "reasons_not_sought",
                        json_integer(t->reasons_unknown));
    json_object_set_new(o, "not_ipv6", json_integer(t->not_ipv6));
    json_object_set_new(o, "strangers", json_integer(t->strangers));
    json_object_set_new(o, "offloaded", json_integer(t->offloaded));
    return schc_json_print(o);
}
