/* SPDX-License-Identifier: BSD-2-Clause */
/* The bits of the SCHC packet in rows of 32, a letter under each bit that
 * says to which line of the table it belongs, the table, and the packet in
 * hex with the same letters. Colours repeat what the letters say. */
#include "schc_text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BITS_PER_ROW = 32,
    BYTES_PER_ROW = 16,
    PAYLOAD_BITS = 128, /* drawn unless --verbose */
    SPARED_BITS = 96,   /* not worth leaving out */
    TEXT_WIDTH = 14,
    HEX_SHOWN = 48
};

/* What a printer carries along. */
typedef struct canvas {
    FILE *out;
    const schc_view *view;
    bool colours;
    bool everything;
    int colour; /* that the terminal has now; -1: none */
} canvas;

/* Backgrounds of xterm's 256 that black letters stand out from. */
static const uint8_t palette[] = { 153, 223, 151, 218, 229, 117,
                                   183, 216, 158, 186, 147, 224 };

/* Should this stream get colours? */
static bool has_colours(const schc_args *args, FILE *out)
{
    const char *no_color = getenv("NO_COLOR"); /* https://no-color.org */
    const char *term = getenv("TERM");

    if (args->colour != SCHC_COLOUR_AUTO) {
        return args->colour == SCHC_COLOUR_ALWAYS;
    }
    return (no_color == NULL || *no_color == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0 && isatty(fileno(out)) == 1;
}

/* Switches to the colour of a part: what was sent has a background, what was
 * not is faint. */
static void paint(canvas *c, int part)
{
    const schc_part *p = part >= 0 ? &c->view->parts[part] : NULL;

    if (!c->colours || part == c->colour) {
        return;
    }
    if (p == NULL || p->kind == SCHC_PART_PADDING) {
        fputs("\033[0m", c->out);
        c->colour = part;
        return;
    }
    if (p->schc_bits > 0) {
        fprintf(c->out, "\033[0;30;48;5;%um",
                (unsigned)palette[(size_t)part % sizeof palette]);
    } else {
        fputs("\033[0;2m", c->out);
    }
    c->colour = part;
}

/* The letter of a part; a blank if it sends nothing. */
static char letter(const schc_view *v, int part)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQSTUVWXYZ";
    size_t n = 0;

    if (part < 0 || v->parts[part].schc_bits == 0) {
        return ' ';
    }
    switch (v->parts[part].kind) {
    case SCHC_PART_RULE_ID:
        return 'R';
    case SCHC_PART_PAYLOAD:
        return '.';
    case SCHC_PART_PADDING:
        return '-';
    case SCHC_PART_FIELD:
        break;
    }
    for (int i = 0; i < part; i++) {
        n += v->parts[i].kind == SCHC_PART_FIELD && v->parts[i].schc_bits > 0;
    }
    return letters[n % (sizeof letters - 1)];
}

/* '#' where a size stands before a residue. */
static char bit_letter(const schc_view *v, uint32_t off)
{
    int part = schc_view_schc_owner(v, off);

    if (part >= 0 &&
        off - v->parts[part].schc_off < v->parts[part].size_bits) {
        return '#';
    }
    return letter(v, part);
}

static void put_rule(const schc_session *s, canvas *c)
{
    const schc_view *v = c->view;
    uint32_t padding = (uint32_t)v->schc.len * 8 - v->schc_bits;
    size_t before = v->packet.len;
    size_t after = v->schc.len;

    fprintf(c->out, "rule %s (%s, line %u), %s, going %s\n", v->rule_name,
            s->args->rules_path, v->rule_line, covey_schc_stack_name(v->stack),
            v->direction == COVEY_SCHC_UP ? "up" : "down");
    fprintf(c->out, "%zu bytes become %zu: %lu bits", before, after,
            (unsigned long)v->schc_bits);
    if (padding > 0) {
        fprintf(c->out, " and %lu of padding", (unsigned long)padding);
    }
    if (before > after) {
        fprintf(c->out, "; %zu %% saved", (before - after) * 100 / before);
    }
    fputs(v->rule->lossy ? "; the rule is lossy\n\n" : "\n\n", c->out);
}

/* How many bits of the SCHC packet are drawn. */
static uint32_t drawn_bits(const canvas *c)
{
    uint32_t all = (uint32_t)c->view->schc.len * 8;
    uint32_t most = c->view->payload + PAYLOAD_BITS;

    if (c->everything || all <= most + SPARED_BITS) {
        return all;
    }
    return (most + BITS_PER_ROW - 1) / BITS_PER_ROW * BITS_PER_ROW;
}

static void put_bits(canvas *c)
{
    uint32_t end = drawn_bits(c);
    uint32_t all = (uint32_t)c->view->schc.len * 8;

    fprintf(c->out, "%6s  %-9s%-9s%-9s%s\n", "bit", "+0", "+8", "+16", "+24");
    for (uint32_t row = 0; row < end; row += BITS_PER_ROW) {
        uint32_t stop = row + BITS_PER_ROW < end ? row + BITS_PER_ROW : end;

        fprintf(c->out, "%6lu  ", (unsigned long)row);
        for (uint32_t i = row; i < stop; i++) {
            paint(c, schc_view_schc_owner(c->view, i));
            fputc(covey_bits_load(c->view->schc.ptr, i, 1) ? '1' : '0',
                  c->out);
            if (i % 8 == 7 && i + 1 < stop) {
                paint(c, -1);
                fputc(' ', c->out);
            }
        }
        paint(c, -1);
        fprintf(c->out, "\n%6s  ", "");
        for (uint32_t i = row; i < stop; i++) {
            fputc(bit_letter(c->view, i), c->out);
            if (i % 8 == 7 && i + 1 < stop) {
                fputc(' ', c->out);
            }
        }
        fputc('\n', c->out);
    }
    if (end < all) {
        fprintf(c->out,
                "%6s  %lu more bits of payload and padding (--verbose draws "
                "them)\n",
                "", (unsigned long)(all - end));
    }
}

/* "4+16": size and residue. */
static void bits_cell(const schc_part *p, char *out, size_t cap)
{
    if (p->size_bits > 0) {
        snprintf(out, cap, "%u+%lu", p->size_bits,
                 (unsigned long)(p->schc_bits - p->size_bits));
    } else {
        snprintf(out, cap, "%lu", (unsigned long)p->schc_bits);
    }
}

/* Operator and action, with the numbers that belong to them. */
static void mo_cell(const schc_part *p, char *out, size_t cap)
{
    if (p->field != NULL && p->field->mo == COVEY_SCHC_MO_MSB) {
        snprintf(out, cap, "msb(%u)", p->field->msb);
    } else {
        snprintf(out, cap, "%s", schc_part_mo(p));
    }
}

static void cda_cell(const schc_part *p, char *out, size_t cap)
{
    if (p->field != NULL && p->field->cda == COVEY_SCHC_CDA_MAPPING_SENT) {
        snprintf(out, cap, "mapping-sent #%u", p->entry);
    } else {
        snprintf(out, cap, "%s", schc_part_cda(p));
    }
}

/* The meaning, then hex. */
static void put_value(FILE *out, const schc_part *p)
{
    bool hex = *p->hex != '\0' && p->kind == SCHC_PART_FIELD;

    if (p->kind == SCHC_PART_PADDING) {
        return;
    }
    if (*p->text != '\0') {
        fprintf(out, "  %-*s", hex ? TEXT_WIDTH : 0, p->text);
    }
    if (hex || p->kind == SCHC_PART_PAYLOAD) {
        fprintf(out, "  %.*s%s", HEX_SHOWN, p->hex,
                strlen(p->hex) > HEX_SHOWN ? "..." : "");
    }
}

static void put_table(canvas *c)
{
    int width = 0;

    for (size_t i = 0; i < c->view->count; i++) {
        int len = (int)strlen(c->view->parts[i].name);

        width = len > width ? len : width;
    }
    fprintf(c->out, "\n    %-*s  FP  DI    %-14s %-17s %8s  value\n", width,
            "field", "MO", "CDA", "bits");
    for (size_t i = 0; i < c->view->count; i++) {
        const schc_part *p = &c->view->parts[i];
        char bits[32];
        char mo[24];
        char cda[32];
        char fp[8] = "";

        bits_cell(p, bits, sizeof bits);
        mo_cell(p, mo, sizeof mo);
        cda_cell(p, cda, sizeof cda);
        if (p->field != NULL) {
            snprintf(fp, sizeof fp, "%u", p->field->position);
        }
        paint(c, (int)i);
        fprintf(c->out, "  %c ", letter(c->view, (int)i));
        paint(c, -1);
        fprintf(c->out, "%-*s  %2s  %-4s  %-14s %-17s %8s", width, p->name, fp,
                schc_part_direction(p), mo, cda, bits);
        put_value(c->out, p);
        fputc('\n', c->out);
    }
    fputs("\n  letters: the bits above; # the size of a residue, R RuleID, "
          ". payload, - padding\n",
          c->out);
}

static void put_packet_digits(canvas *c, size_t row, size_t stop)
{
    for (size_t i = row; i < stop; i++) {
        for (unsigned n = 0; n < 8; n += 4) {
            uint32_t off = (uint32_t)i * 8 + n;

            paint(c, schc_view_packet_owner(c->view, off));
            fprintf(c->out, "%x",
                    (unsigned)covey_bits_load(c->view->packet.ptr, off, 4));
        }
        paint(c, -1);
        fputs(i + 1 < stop ? " " : "\n", c->out);
    }
}

/* The letters under those digits, nothing behind the last. */
static void put_packet_letters(const canvas *c, size_t row, size_t stop)
{
    char line[3 * BYTES_PER_ROW + 1];
    size_t used = 0;
    size_t at = 0;

    for (size_t i = row; i < stop; i++) {
        for (unsigned n = 0; n < 8; n += 4) {
            line[at] = letter(
                c->view, schc_view_packet_owner(c->view, (uint32_t)i * 8 + n));
            used = line[at++] != ' ' ? at : used;
        }
        line[at++] = ' ';
    }
    if (used > 0) {
        fprintf(c->out, "%6s  %.*s\n", "", (int)used, line);
    }
}

static void put_packet(canvas *c)
{
    size_t len = c->view->packet.len;
    size_t most = len;

    if (!c->everything && len > 128) {
        most = 128;
    }
    fputs("\npacket, and which of its parts are sent\n", c->out);
    for (size_t row = 0; row < most; row += BYTES_PER_ROW) {
        size_t stop = row + BYTES_PER_ROW < most ? row + BYTES_PER_ROW : most;

        fprintf(c->out, "%6zu  ", row);
        put_packet_digits(c, row, stop);
        put_packet_letters(c, row, stop);
    }
    if (most < len) {
        fprintf(c->out, "%6s  %zu more bytes (--verbose shows them)\n", "",
                len - most);
    }
}

void schc_text_print(const schc_session *s, const schc_view *v, FILE *out)
{
    canvas c = { out, v, has_colours(s->args, out), s->args->verbose, -1 };

    put_rule(s, &c);
    put_bits(&c);
    put_table(&c);
    put_packet(&c);
}
