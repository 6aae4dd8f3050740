/* SPDX-License-Identifier: BSD-2-Clause */
#include "schc_view.h"

#include "cmd.h"
#include "schc_why_not.h"

#include <stdlib.h>
#include <string.h>

/* More than every RuleID and all size prefixes of a packet together. */
#define SCHC_ROOM 1024u

static int no_memory(void)
{
    fputs("covey schc: out of memory\n", stderr);
    return EXIT_IO;
}

/* A copy that the view owns; present even if it is empty. */
static covey_bytes keep(uint8_t **memory, covey_bytes from)
{
    *memory = malloc(from.len + 1);
    if (*memory != NULL && from.len > 0) {
        memcpy(*memory, from.ptr, from.len);
    }
    return covey_bytes_of(*memory, from.len);
}

static int keep_both(schc_view *v, covey_bytes packet, covey_bytes schc)
{
    v->packet = keep(&v->packet_memory, packet);
    v->schc = keep(&v->schc_memory, schc);
    return v->packet.ptr && v->schc.ptr ? EXIT_DONE : no_memory();
}

/* The segments that a grouped Uri-Path covers follow one another in the
 * packet; the spans of all but the first, with their option headers (delta
 * 0, RFC 7252 Section 3.1). */
static uint32_t group_bits(const covey_schc_value *value)
{
    uint32_t total = 0;
    uint32_t len = 0;

    for (uint32_t i = 1; i <= value->bits / 8u; i++) {
        if (i < value->bits / 8u && value->bytes[i] != '/') {
            len++;
            continue;
        }
        total += len + (total == 0 ? 0 : len < 13 ? 1 : len < 269 ? 2 : 3);
        len = 0;
    }
    return total * 8;
}

/* Where the extension of an extended TKL begins: behind the four bytes of the
 * header, of which TKL is the second half of the first. */
static uint32_t tkl_extension(const covey_schc_row *row)
{
    return row->packet_off - 4 + 32;
}

/* The value as people should see it: that of the packet, but a group with its
 * slashes, and an extended TKL in one piece. */
static schc_span shown_value(const schc_view *v, const covey_schc_row *row,
                             uint8_t tkl[3])
{
    const covey_schc_field *f = &v->rule->fields[row->field];
    schc_span span = { v->packet.ptr, row->packet_off, row->packet_bits };

    if (f->segments > 0 && row->entry < f->value_count) {
        span.base = f->values[row->entry].bytes;
        span.off = 0;
        span.bits = f->values[row->entry].bits;
    }
    if (f->id == COVEY_SCHC_COAP_TKL && row->packet_bits > 4) {
        covey_bits_copy(tkl, 0, v->packet.ptr, row->packet_off, 4);
        covey_bits_copy(tkl, 4, v->packet.ptr, tkl_extension(row),
                        row->packet_bits - 4);
        span.base = tkl;
        span.off = 0;
    }
    return span;
}

static bool set_value(schc_part *p, uint8_t id, uint16_t option,
                      schc_span value)
{
    p->text = schc_value_text(id, option, value);
    p->hex = schc_value_hex(value);
    return p->text != NULL && p->hex != NULL;
}

static bool add_field(schc_view *v, const schc_session *s,
                      const covey_schc_row *row)
{
    schc_part *p = &v->parts[v->count++];
    const covey_schc_field *f = &v->rule->fields[row->field];
    uint8_t tkl[3] = { 0 };
    char buf[COVEY_SCHC_NAME_MAX];

    p->kind = SCHC_PART_FIELD;
    p->field = f;
    p->line = rules_line(s->file, v->rule_index, row->field);
    snprintf(p->name, sizeof p->name, "%s",
             schc_short_name(f->id, f->option, buf));
    p->packet_off = row->packet_off;
    p->packet_bits = row->packet_bits;
    if (f->segments > 0 && row->entry < f->value_count) {
        p->packet_bits = group_bits(&f->values[row->entry]);
    } else if (f->id == COVEY_SCHC_COAP_TKL) {
        p->packet_bits = 4;
        p->more_off = tkl_extension(row);
        p->more_bits = row->packet_bits - 4;
    }
    p->schc_off = row->residue_off;
    p->schc_bits = row->residue_bits;
    p->size_bits = row->size_bits;
    p->entry = row->entry;
    return set_value(p, f->id, f->option, shown_value(v, row, tkl));
}

static bool add_part(schc_view *v, schc_part_kind kind, const char *name,
                     uint32_t schc_off, uint32_t schc_bits)
{
    schc_part *p = &v->parts[v->count++];
    schc_span value = { v->schc.ptr, schc_off, schc_bits };

    p->kind = kind;
    snprintf(p->name, sizeof p->name, "%s", name);
    p->schc_off = schc_off;
    p->schc_bits = schc_bits;
    if (kind == SCHC_PART_RULE_ID) {
        p->text = strdup(v->rule_name);
        p->hex = schc_value_hex(value);
        return p->text != NULL && p->hex != NULL;
    }
    return set_value(p, COVEY_SCHC_PAYLOAD, 0, value);
}

/* The fields of a compression rule. Their residues must fill what lies
 * between RuleID and payload: sizes may be written longer than they need be,
 * and then nothing of this would be true. */
static int add_fields(schc_view *v, const schc_session *s)
{
    uint16_t count = v->rule->field_count;
    covey_schc_row *rows = calloc((size_t)count + 1, sizeof *rows);
    uint32_t end = v->rule->id_bits;
    covey_status st;
    bool ok = true;

    if (rows == NULL) {
        return no_memory();
    }
    st = covey_schc_explain(&s->ctx, v->direction, v->packet, v->rule_index,
                            rows, &count);
    for (uint16_t i = 0; st == COVEY_OK && ok && i < count; i++) {
        ok = add_field(v, s, &rows[i]);
        end = rows[i].residue_off + rows[i].residue_bits;
    }
    free(rows);
    if (st != COVEY_OK || end != v->payload) {
        fprintf(stderr,
                "covey schc: rule %s: decompresses, but no compressor sends "
                "this packet so: nothing to explain\n",
                v->rule_name);
        return EXIT_NEGATIVE;
    }
    return ok ? EXIT_DONE : no_memory();
}

static bool add_payload(schc_view *v, uint32_t bits)
{
    bool whole = v->rule->nature != COVEY_SCHC_COMPRESSION;
    bool ok = add_part(v, SCHC_PART_PAYLOAD, whole ? "packet" : "payload",
                       v->payload, bits);

    v->parts[v->count - 1].packet_bits = bits;
    v->parts[v->count - 1].packet_off = (uint32_t)v->packet.len * 8 - bits;
    return ok;
}

/* RuleID, fields, payload, padding: every bit of the SCHC packet once. */
int schc_view_explain(schc_view *v, const schc_session *s)
{
    uint32_t payload_bits = v->schc_bits - v->payload;
    uint32_t padding = (uint32_t)v->schc.len * 8 - v->schc_bits;
    int rc = EXIT_DONE;
    bool ok;

    v->parts = calloc((size_t)v->rule->field_count + 3, sizeof *v->parts);
    if (v->parts == NULL) {
        return no_memory();
    }
    ok = add_part(v, SCHC_PART_RULE_ID, "RuleID", 0, v->rule->id_bits);
    if (ok && v->rule->nature == COVEY_SCHC_COMPRESSION) {
        rc = add_fields(v, s);
    }
    if (rc != EXIT_DONE) {
        return rc;
    }
    ok = ok && (payload_bits == 0 || add_payload(v, payload_bits));
    ok = ok && (padding == 0 || add_part(v, SCHC_PART_PADDING, "padding",
                                         v->schc_bits, padding));
    return ok ? EXIT_DONE : no_memory();
}

static void begin(schc_view *v, const schc_session *s,
                  const covey_schc_outcome *outcome)
{
    uint16_t rule = outcome->rule;

    v->payload = outcome->payload;
    v->direction = s->args->direction;
    v->stack = s->ctx.stack;
    v->rule = &s->rules.rules[rule];
    v->rule_index = rule;
    v->rule_line = rules_line(s->file, rule, v->rule->field_count);
    schc_rule_name(&s->rules, rule, v->rule_name);
}

/* Compression as the command line wants it. */
static covey_status compress(const schc_session *s, covey_bytes packet,
                             covey_bit_writer *w)
{
    if (s->only >= 0) {
        return covey_schc_compress_with(&s->ctx, s->args->direction, packet,
                                        (uint16_t)s->only, w);
    }
    return covey_schc_compress(&s->ctx, s->args->direction, packet, w, NULL);
}

static int say_not_compressed(const schc_session *s, covey_bytes packet,
                              covey_status st)
{
    if (st == COVEY_E_NO_RULE) {
        fprintf(stderr, "covey schc: no rule fits this packet:\n");
        schc_why_not_print(s, packet, stderr);
    } else if (st == COVEY_E_ARGUMENT) {
        fprintf(stderr, "covey schc: the packet has %zu bytes, more than %u\n",
                packet.len, COVEY_SCHC_PACKET_MAX);
    } else {
        fprintf(stderr, "covey schc: %s\n", covey_status_text(st));
    }
    return EXIT_NEGATIVE;
}

/* What was sent must come back, unless the rule was allowed to lose. */
static int check_round_trip(const schc_view *v, covey_bytes back)
{
    if (v->rule->lossy || covey_bytes_equal(v->packet, back)) {
        return EXIT_DONE;
    }
    fprintf(stderr,
            "covey schc: rule %s does not give the packet back; this is a "
            "fault of covey\n",
            v->rule_name);
    return EXIT_NEGATIVE;
}

int schc_view_compress(schc_view *v, const schc_session *s, covey_bytes packet)
{
    size_t cap = packet.len + SCHC_ROOM;
    uint8_t *schc = malloc(cap);
    uint8_t *back = malloc(COVEY_SCHC_PACKET_MAX);
    covey_bit_writer w;
    covey_writer b;
    covey_schc_outcome outcome;
    covey_status st;
    int rc = EXIT_IO;

    memset(v, 0, sizeof *v);
    if (schc == NULL || back == NULL) {
        no_memory();
        goto out;
    }
    w = covey_bit_writer_of(schc, cap);
    b = covey_writer_of(back, COVEY_SCHC_PACKET_MAX);
    st = compress(s, packet, &w);
    if (st != COVEY_OK) {
        rc = say_not_compressed(s, packet, st);
        goto out;
    }
    v->schc_bits = w.pos;
    st = covey_schc_decompress(&s->ctx, s->args->direction,
                               covey_bits_written(&w), &b, &outcome);
    if (st != COVEY_OK) {
        fprintf(stderr, "covey schc: does not decompress: %s\n",
                covey_status_text(st));
        rc = EXIT_NEGATIVE;
        goto out;
    }
    begin(v, s, &outcome);
    rc = keep_both(v, packet, covey_bits_written(&w));
    if (rc == EXIT_DONE) {
        rc = check_round_trip(v, covey_written(&b));
    }
out:
    free(schc);
    free(back);
    if (rc != EXIT_DONE) {
        schc_view_free(v);
    }
    return rc;
}

static int say_not_decompressed(const schc_session *s, covey_bytes schc,
                                covey_status st)
{
    int32_t rule = covey_schc_find(&s->rules, schc);
    char name[SCHC_RULE_NAME_MAX];

    if (rule < 0) {
        fprintf(stderr,
                "covey schc: no rule of %s has a RuleID that these "
                "bits begin with\n",
                s->args->rules_path);
        return EXIT_NEGATIVE;
    }
    schc_rule_name(&s->rules, (uint16_t)rule, name);
    if (st == COVEY_E_SHORT) {
        fprintf(stderr,
                "covey schc: the %zu bytes end within the residue of rule "
                "%s\n",
                schc.len, name);
    } else if (st == COVEY_E_RULE) {
        fprintf(stderr, "covey schc: rule %s builds no %s packet going %s\n",
                name, covey_schc_stack_name(s->ctx.stack),
                s->args->direction == COVEY_SCHC_UP ? "up" : "down");
    } else {
        fprintf(stderr, "covey schc: rule %s: %s: no compressor sends this\n",
                name, covey_status_text(st));
    }
    return EXIT_NEGATIVE;
}

int schc_view_decompress(schc_view *v, const schc_session *s, covey_bytes schc)
{
    uint8_t *packet = malloc(COVEY_SCHC_PACKET_MAX);
    covey_writer w;
    covey_schc_outcome outcome;
    covey_status st;
    int rc = EXIT_IO;

    memset(v, 0, sizeof *v);
    if (packet == NULL) {
        return no_memory();
    }
    w = covey_writer_of(packet, COVEY_SCHC_PACKET_MAX);
    st =
        covey_schc_decompress(&s->ctx, s->args->direction, schc, &w, &outcome);
    if (st != COVEY_OK) {
        rc = say_not_decompressed(s, schc, st);
        goto out;
    }
    begin(v, s, &outcome);
    /* The payload has whole bytes; what is left is padding. */
    v->schc_bits =
        outcome.payload + ((uint32_t)schc.len * 8 - outcome.payload) / 8 * 8;
    rc = keep_both(v, covey_written(&w), schc);
out:
    free(packet);
    if (rc != EXIT_DONE) {
        schc_view_free(v);
    }
    return rc;
}

void schc_view_free(schc_view *v)
{
    for (size_t i = 0; i < v->count; i++) {
        free(v->parts[i].text);
        free(v->parts[i].hex);
    }
    free(v->parts);
    v->parts = NULL;
    v->count = 0;
    free(v->packet_memory);
    free(v->schc_memory);
    v->packet_memory = NULL;
    v->schc_memory = NULL;
}

int schc_view_packet_owner(const schc_view *v, uint32_t off)
{
    for (size_t i = 0; i < v->count; i++) {
        const schc_part *p = &v->parts[i];

        if ((off >= p->packet_off && off - p->packet_off < p->packet_bits) ||
            (off >= p->more_off && off - p->more_off < p->more_bits)) {
            return (int)i;
        }
    }
    return -1;
}

int schc_view_schc_owner(const schc_view *v, uint32_t off)
{
    for (size_t i = 0; i < v->count; i++) {
        const schc_part *p = &v->parts[i];

        if (off >= p->schc_off && off - p->schc_off < p->schc_bits) {
            return (int)i;
        }
    }
    return -1;
}

const char *schc_part_mo(const schc_part *p)
{
    const char *name =
        p->field ? covey_schc_mo_name((covey_schc_mo)p->field->mo) : "mo-";

    return name + strlen("mo-");
}

const char *schc_part_cda(const schc_part *p)
{
    const char *name =
        p->field ? covey_schc_cda_name((covey_schc_cda)p->field->cda) : "cda-";

    return name + strlen("cda-");
}

const char *schc_part_direction(const schc_part *p)
{
    if (p->field == NULL) {
        return "";
    }
    switch (p->field->direction) {
    case COVEY_SCHC_DI_UP:
        return "up";
    case COVEY_SCHC_DI_DOWN:
        return "down";
    default:
        return "bi";
    }
}
