/* SPDX-License-Identifier: BSD-2-Clause */
/* Three drawings of the same parts, in the same colours: two bars to scale,
 * the bits of the SCHC packet, the bytes of the packet; and the table that
 * says what each part is, which is also what a screen reader reads. */
#include "schc_html.h"

#include <string.h>
#include <text.h>

enum {
    PAYLOAD_BITS_MAX = 512, /* drawn; a payload may be a whole packet */
    PACKET_BYTES_MAX = 512,
    RESIDUE_MAX = 96,
    HEX_MAX = 128
};

static size_t at_most(size_t n, size_t most)
{
    return n < most ? n : most;
}

static void put_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        text_put_html(out, *text);
    }
}

/* How a part is drawn: filled if it was sent. */
static const char *look(const schc_part *p)
{
    if (p->kind == SCHC_PART_PADDING) {
        return "pad";
    }
    return p->schc_bits > 0 ? "sent" : "kept";
}

/* Neighbours in the golden angle are never alike. */
static void put_hues(const schc_view *v, FILE *out)
{
    for (size_t i = 0; i < v->count; i++) {
        fprintf(out, ".p%zu{--h:%zu}", i, (210 + i * 137) % 360);
    }
    fputc('\n', out);
}

static void put_head(const schc_view *v, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
          "<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, "
          "initial-scale=1\">\n",
          out);
    fprintf(out,
            "<title>SCHC rule %s: %zu bytes become %zu</title>\n<style>\n",
            v->rule_name, v->packet.len, v->schc.len);
    schc_page_style(out);
    put_hues(v, out);
    fputs("</style>\n</head>\n<body>\n<main>\n", out);
}

static void put_title(const schc_session *s, const schc_view *v, FILE *out)
{
    size_t before = v->packet.len;
    size_t after = v->schc.len;

    fprintf(out,
            "<header>\n<p class=\"eyebrow\">SCHC rule %s, %s, going %s</p>\n"
            "<h1>%zu bytes become %zu</h1>\n<p>%lu bits",
            v->rule_name, covey_schc_stack_name(v->stack),
            v->direction == COVEY_SCHC_UP ? "up from the device"
                                          : "down to the device",
            before, after, (unsigned long)v->schc_bits);
    if (v->schc.len * 8 > v->schc_bits) {
        fprintf(out, " and %lu of padding",
                (unsigned long)(v->schc.len * 8 - v->schc_bits));
    }
    if (before > after) {
        fprintf(out, ", %zu&nbsp;%% saved", (before - after) * 100 / before);
    }
    fputs(". Rule from <code>", out);
    put_escaped(out, s->args->rules_path);
    fprintf(out, "</code>, line %u%s.</p>\n</header>\n", v->rule_line,
            v->rule->lossy ? "; it is lossy" : "");
}

/* Runs of bits with the same owner, as segments of a bar. */
static void put_bar(const schc_view *v, uint32_t bits, bool of_packet,
                    FILE *out)
{
    uint32_t start = 0;

    while (start < bits) {
        int part = of_packet ? schc_view_packet_owner(v, start)
                             : schc_view_schc_owner(v, start);
        uint32_t end = start + 1;

        while (end < bits &&
               part == (of_packet ? schc_view_packet_owner(v, end)
                                  : schc_view_schc_owner(v, end))) {
            end++;
        }
        if (part >= 0) {
            fprintf(out,
                    "<i class=\"p%d %s\" data-p=\"%d\" style=\"flex:%lu\" "
                    "title=\"",
                    part, look(&v->parts[part]), part,
                    (unsigned long)(end - start));
            put_escaped(out, v->parts[part].name);
            fputs("\"></i>", out);
        } else {
            fprintf(out, "<i style=\"flex:%lu\" title=\"syntax of CoAP\"></i>",
                    (unsigned long)(end - start));
        }
        start = end;
    }
}

static void put_bars(const schc_view *v, FILE *out)
{
    /* At least a RuleID was sent: never zero. */
    size_t widest = v->schc.len > v->packet.len ? v->schc.len : v->packet.len;

    fprintf(out,
            "<section>\n<h2>To scale</h2>\n"
            "<p>Filled parts are sent; underlined parts the rule knows.</p>\n"
            "<div aria-hidden=\"true\">\n"
            "<div class=\"label\"><span>packet</span><span>%zu bytes</span>"
            "</div>\n<div class=\"bar\" style=\"width:%zu%%\">",
            v->packet.len, v->packet.len * 100 / widest);
    put_bar(v, (uint32_t)v->packet.len * 8, true, out);
    fprintf(
        out,
        "</div>\n<div class=\"label\"><span>SCHC packet</span><span>%zu "
        "bytes</span></div>\n<div class=\"bar\" style=\"width:%zu.%zu%%\">",
        v->schc.len, v->schc.len * 100 / widest,
        v->schc.len * 1000 / widest % 10);
    put_bar(v, (uint32_t)v->schc.len * 8, false, out);
    fputs("</div>\n</div>\n</section>\n", out);
}

static void put_bit(const schc_view *v, uint32_t off, FILE *out)
{
    int part = schc_view_schc_owner(v, off);
    const schc_part *p = &v->parts[part < 0 ? 0 : part];
    bool size = off - p->schc_off < p->size_bits;

    fprintf(out, "<i class=\"p%d %s\" data-p=\"%d\">%lu</i>", part,
            size ? "size" : look(p), part,
            (unsigned long)covey_bits_load(v->schc.ptr, off, 1));
}

static void put_bits(const schc_view *v, FILE *out)
{
    size_t end = at_most(v->schc.len, v->payload / 8 + PAYLOAD_BITS_MAX / 8);

    fputs("<section>\n<h2>SCHC packet, bit by bit</h2>\n"
          "<p>Hatched bits are the size of the residue that follows.</p>\n"
          "<div class=\"bits\" aria-hidden=\"true\">\n",
          out);
    for (size_t i = 0; i < end; i++) {
        fputs("<div class=\"byte\"><span>", out);
        for (uint32_t n = 0; n < 8; n++) {
            put_bit(v, (uint32_t)i * 8 + n, out);
        }
        fprintf(out, "</span><small>%zu</small></div>\n", i);
    }
    fputs("</div>\n", out);
    if (end < v->schc.len) {
        fprintf(out, "<p>and %zu more bytes, all payload</p>\n",
                v->schc.len - end);
    }
    fputs("</section>\n", out);
}

/* The bits that were sent, the size in front. */
static void put_residue(const schc_view *v, const schc_part *p, FILE *out)
{
    uint32_t n = (uint32_t)at_most(p->schc_bits, RESIDUE_MAX);

    fputs("<td class=\"res mono\" data-l=\"residue\">", out);
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0 && i == p->size_bits) {
            fputc(' ', out);
        }
        fputc(covey_bits_load(v->schc.ptr, p->schc_off + i, 1) ? '1' : '0',
              out);
    }
    fputs(n < p->schc_bits ? "&hellip;</td>" : "</td>", out);
}

static void put_value(const schc_part *p, FILE *out)
{
    size_t len = strlen(p->hex);

    fputs("<td class=\"val\" data-l=\"value\">", out);
    if (p->kind != SCHC_PART_PADDING) {
        put_escaped(out, p->text);
        if (len > 0 && p->kind != SCHC_PART_RULE_ID) {
            fprintf(out, "%s<code>%.*s%s</code>", *p->text ? " " : "", HEX_MAX,
                    p->hex, len > HEX_MAX ? "&hellip;" : "");
        }
    }
    fputs("</td>", out);
}

static void put_row(const schc_view *v, size_t i, FILE *out)
{
    const schc_part *p = &v->parts[i];
    const covey_schc_field *f = p->field;

    fprintf(out,
            "<tr class=\"p%zu\" data-p=\"%zu\" tabindex=\"0\"><td "
            "class=\"name\"><span class=\"swatch %s\"></span>",
            i, i, look(p));
    put_escaped(out, p->name);
    fputs("</td>", out);
    if (f != NULL) {
        fprintf(out,
                "<td class=\"num\" data-l=\"position\">%u</td>"
                "<td data-l=\"direction\">%s</td>"
                "<td data-l=\"operator\">%s",
                f->position, schc_part_direction(p), schc_part_mo(p));
        if (f->mo == COVEY_SCHC_MO_MSB) {
            fprintf(out, " %u", f->msb);
        }
        fprintf(out, "</td><td data-l=\"action\">%s", schc_part_cda(p));
        if (f->cda == COVEY_SCHC_CDA_MAPPING_SENT) {
            fprintf(out, " (entry %u of %u)", p->entry, f->value_count);
        }
        fputs("</td>", out);
    } else {
        fputs("<td></td><td></td><td></td><td></td>", out);
    }
    fprintf(out, "<td class=\"num\" data-l=\"bits\">%lu</td>",
            (unsigned long)p->schc_bits);
    put_residue(v, p, out);
    put_value(p, out);
    fputs("</tr>\n", out);
}

static void put_table(const schc_view *v, FILE *out)
{
    fputs(
        "<section>\n<h2>Field by field</h2>\n"
        "<p>Point at a row to find its bits; tap or click to keep it.</p>\n"
        "<table>\n<thead><tr><th scope=\"col\">Field</th>"
        "<th scope=\"col\"><abbr title=\"field position\">FP</abbr></th>"
        "<th scope=\"col\"><abbr title=\"direction indicator\">DI</abbr></th>"
        "<th scope=\"col\">Matching operator</th>"
        "<th scope=\"col\">Action</th><th scope=\"col\">Bits</th>"
        "<th scope=\"col\">Residue</th><th scope=\"col\">Value</th>"
        "</tr></thead>\n<tbody>\n",
        out);
    for (size_t i = 0; i < v->count; i++) {
        put_row(v, i, out);
    }
    fputs("</tbody>\n</table>\n</section>\n", out);
}

/* The parts that a byte belongs to, as data-p="3 4"; nothing if none. */
static void put_owners(const int owners[8], FILE *out)
{
    int last = -1;

    for (unsigned n = 0; n < 8; n++) {
        if (owners[n] >= 0 && owners[n] != last) {
            fprintf(out, "%s%d", last < 0 ? "\" data-p=\"" : " ", owners[n]);
            last = owners[n];
        }
    }
    fputs(last < 0 ? " bare\">" : "\">", out);
}

/* One byte of the packet: its owners as coloured slices behind the digits. */
static void put_byte(const schc_view *v, size_t at, FILE *out)
{
    int owners[8];

    for (unsigned n = 0; n < 8; n++) {
        owners[n] = schc_view_packet_owner(v, (uint32_t)at * 8 + n);
    }
    fputs("<span class=\"by", out);
    put_owners(owners, out);
    for (unsigned n = 0, end; n < 8; n = end) {
        for (end = n + 1; end < 8 && owners[end] == owners[n];) {
            end++;
        }
        if (owners[n] >= 0) {
            fprintf(out,
                    "<i class=\"p%d %s\" style=\"left:%u%%;width:%u%%\"></i>",
                    owners[n], look(&v->parts[owners[n]]), n * 25 / 2,
                    (end - n) * 25 / 2 + 1);
        }
    }
    fprintf(out, "<b>%02x</b></span>", v->packet.ptr[at]);
}

static void put_packet(const schc_view *v, FILE *out)
{
    size_t end = at_most(v->packet.len, PACKET_BYTES_MAX);

    fputs("<section>\n<h2>The packet</h2>\n"
          "<p>Grey bytes are syntax that is built again: option headers and "
          "the payload marker.</p>\n"
          "<div class=\"bytes\" aria-hidden=\"true\">\n",
          out);
    for (size_t i = 0; i < end; i++) {
        put_byte(v, i, out);
        fputs(i % 8 == 7 ? "\n" : "", out);
    }
    fputs("</div>\n", out);
    if (end < v->packet.len) {
        fprintf(out, "<p>and %zu more bytes</p>\n", v->packet.len - end);
    }
    fputs("</section>\n", out);
}

void schc_html_print(const schc_session *s, const schc_view *v, FILE *out)
{
    put_head(v, out);
    put_title(s, v, out);
    put_bars(v, out);
    fputs("<div class=\"pair\">\n", out);
    put_packet(v, out);
    put_bits(v, out);
    fputs("</div>\n", out);
    put_table(v, out);
    fputs("</main>\n<script>\n", out);
    schc_page_script(out);
    fputs("</script>\n</body>\n</html>\n", out);
}
