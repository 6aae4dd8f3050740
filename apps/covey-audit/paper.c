/* SPDX-License-Identifier: BSD-2-Clause */
#include "paper.h"

#include "paper_style.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <text.h>

/* --- texts --------------------------------------------------------------- */

/* Characters that must not be printed: controls, what has no width, what turns
 * the direction of writing, separators of lines. */
static const uint32_t unprintable[][2] = {
    { 0x00, 0x1f },     { 0x7f, 0x9f },     { 0xad, 0xad },
    { 0x61c, 0x61c },   { 0x200b, 0x200f }, { 0x2028, 0x202e },
    { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xe0000, 0xe007f },
};

/* The character at `s` (RFC 3629) and its bytes; 0, with one byte, if there is
 * none. */
static uint32_t read_character(const unsigned char *s, size_t *len)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    uint32_t c = n == 1 ? s[0] : s[0] & (0xffU >> (n + 1));

    *len = 1;
    if (s[0] >= 0xf8 || (s[0] & 0xc0) == 0x80) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return 0;
    }
    *len = n;
    return c;
}

static bool is_printable(uint32_t c)
{
    for (size_t i = 0; i < sizeof unprintable / sizeof unprintable[0]; i++) {
        if (c >= unprintable[i][0] && c <= unprintable[i][1]) {
            return false;
        }
    }
    return true;
}

/* Entities instead of backslashes where a link could come out by itself
 * ("http://", "www.", "a@b"): these are looked for before escapes are. */
static void put_markdown(FILE *out, const char *at, const char *begin)
{
    const char c = *at;
    const bool is_www =
        c == '.' && at - begin >= 3 && strncmp(at - 3, "www", 3) == 0;

    if (strchr("&<>\"'", c) != NULL) {
        text_put_html(out, c);
    } else if (c == '@' || is_www || strncmp(at, "://", 3) == 0) {
        fprintf(out, "&#%d;", c);
    } else if (strchr("\\`*_{}[]|#~!$^=", c) != NULL) {
        fprintf(out, "\\%c", c);
    } else {
        putc(c, out);
    }
}

void paper_text(const paper *p, const char *text)
{
    size_t len = 0;

    for (const char *at = text; *at != '\0'; at += len) {
        const uint32_t c = read_character((const unsigned char *)at, &len);
        if (!is_printable(c)) {
            putc('?', p->out);
        } else if (len > 1) {
            fwrite(at, 1, len, p->out);
        } else if (p->html) {
            text_put_html(p->out, *at);
        } else {
            put_markdown(p->out, at, text);
        }
    }
}

/* Before and behind a text: of HTML, and of Markdown. */
static void put_between(const paper *p, const char *const marks[4],
                        const char *text)
{
    fputs(p->html ? marks[0] : marks[2], p->out);
    paper_text(p, text);
    fputs(p->html ? marks[1] : marks[3], p->out);
}

/* --- the whole of it ----------------------------------------------------- */

void paper_begin(const paper *p, const char *title, const char *tlp)
{
    static const char *const heading[] = { "<h1>", "</h1>\n", "# ", "\n\n" };

    if (p->html) {
        fprintf(p->out,
                "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n"
                "<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" "
                "content=\"width=device-width, initial-scale=1\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" "
                "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
                "<meta name=\"referrer\" content=\"no-referrer\">\n"
                "<title>",
                p->is_french ? "fr" : "en");
        paper_text(p, title);
        fputs("</title>\n<style>\n", p->out);
        for (size_t i = 0; paper_style[i] != NULL; i++) {
            fprintf(p->out, "%s\n", paper_style[i]);
        }
        fputs("</style>\n</head>\n<body>\n<p class=\"tlp ", p->out);
        paper_text(p, tlp);
        fputs("\">TLP:", p->out);
        paper_text(p, tlp);
        fputs("</p>\n<main>\n", p->out);
    } else {
        fputs("**TLP:", p->out);
        paper_text(p, tlp);
        fputs("**\n\n", p->out);
    }
    put_between(p, heading, title);
}

void paper_end(const paper *p)
{
    if (p->html) {
        fputs("</main>\n</body>\n</html>\n", p->out);
    }
}

void paper_contents(const paper *p, const char *title,
                    const paper_entry *entries, size_t count)
{
    if (p->html) {
        fputs("<nav aria-label=\"", p->out);
        paper_text(p, title);
        fputs("\"><ul>\n", p->out);
    }
    for (size_t i = 0; i < count; i++) {
        const paper_entry *e = &entries[i];
        fputs(p->html ? "<li>" : "* ", p->out);
        if (p->html) {
            fprintf(p->out, "<a href=\"#%s\">", e->id);
            paper_text(p, e->title);
            fputs("</a></li>\n", p->out);
        } else {
            fputs("[", p->out);
            paper_text(p, e->title);
            fprintf(p->out, "](#%s)\n", e->id);
        }
    }
    fputs(p->html ? "</ul></nav>\n" : "\n", p->out);
}

void paper_section(const paper *p, const char *id, const char *title)
{
    if (p->html) {
        fprintf(p->out,
                "<section id=\"%s\" aria-labelledby=\"%s-title\">\n"
                "<h2 id=\"%s-title\">",
                id, id, id);
        paper_text(p, title);
        fputs("</h2>\n", p->out);
    } else {
        fprintf(p->out, "<a id=\"%s\"></a>\n\n## ", id);
        paper_text(p, title);
        fputs("\n\n", p->out);
    }
}

void paper_section_end(const paper *p)
{
    if (p->html) {
        fputs("</section>\n", p->out);
    }
}

void paper_heading(const paper *p, const char *id, const char *title)
{
    if (p->html && id != NULL) {
        fprintf(p->out, "<h3 id=\"%s\">", id);
    } else if (p->html) {
        fputs("<h3>", p->out);
    } else if (id != NULL) {
        fprintf(p->out, "<a id=\"%s\"></a>\n\n### ", id);
    } else {
        fputs("### ", p->out);
    }
    paper_text(p, title);
    fputs(p->html ? "</h3>\n" : "\n\n", p->out);
}

void paper_paragraph(const paper *p, const char *text)
{
    static const char *const marks[] = { "<p>", "</p>\n", "", "\n\n" };

    put_between(p, marks, text);
}

void paper_warning(const paper *p, const char *text)
{
    static const char *const marks[] = { "<p class=\"warning\">", "</p>\n",
                                         "> **", "**\n\n" };

    put_between(p, marks, text);
}

/* --- fields and figures -------------------------------------------------- */

void paper_fields(const paper *p)
{
    if (p->html) {
        fputs("<dl>\n", p->out);
    }
}

void paper_field(const paper *p, const char *name, const char *text)
{
    static const char *const english[] = { "<div><dt>", "</dt>", "* ", ": " };
    static const char *const french[] = { "<div><dt>", "</dt>", "* ", " : " };
    static const char *const texts[] = { "<dd>", "</dd></div>\n", "", "\n" };

    put_between(p, p->is_french ? french : english, name);
    put_between(p, texts, text);
}

void paper_fields_end(const paper *p)
{
    fputs(p->html ? "</dl>\n" : "\n", p->out);
}

void paper_tiles(const paper *p)
{
    if (p->html) {
        fputs("<ul class=\"tiles\">\n", p->out);
    }
}

void paper_tile(const paper *p, const char *name, int64_t number)
{
    static const char *const marks[] = { " <span>", "</span></li>\n", " ",
                                         "\n" };

    fprintf(p->out, p->html ? "<li><b>%" PRId64 "</b>" : "* **%" PRId64 "**",
            number);
    put_between(p, marks, name);
}

void paper_tiles_end(const paper *p)
{
    fputs(p->html ? "</ul>\n" : "\n", p->out);
}

/* --- tables -------------------------------------------------------------- */

void paper_table(const paper *p, const char *name, const char *const *heads,
                 size_t count)
{
    static const char *const marks[] = { "<th scope=\"col\">", "</th>", "| ",
                                         " " };

    if (p->html) {
        fputs("<div class=\"wide\" role=\"region\" tabindex=\"0\" "
              "aria-label=\"",
              p->out);
        paper_text(p, name);
        fputs("\"><table>\n<thead><tr>", p->out);
    }
    for (size_t i = 0; i < count; i++) {
        put_between(p, marks, heads[i]);
    }
    fputs(p->html ? "</tr></thead>\n<tbody>\n" : "|\n", p->out);
    for (size_t i = 0; !p->html && i < count; i++) {
        fputs(i + 1 < count ? "|---" : "|---|\n", p->out);
    }
}

void paper_row(const paper *p)
{
    fputs(p->html ? "<tr>" : "", p->out);
}

void paper_row_end(const paper *p)
{
    fputs(p->html ? "</tr>\n" : "|\n", p->out);
}

void paper_table_end(const paper *p)
{
    fputs(p->html ? "</tbody></table></div>\n" : "\n", p->out);
}

void paper_cell(const paper *p, const char *text)
{
    static const char *const marks[] = { "<td>", "</td>", "| ", " " };

    put_between(p, marks, text);
}

void paper_cell_number(const paper *p, int64_t number)
{
    fprintf(p->out,
            p->html ? "<td class=\"n\">%" PRId64 "</td>" : "| %" PRId64 " ",
            number);
}

void paper_cell_grade(const paper *p, int64_t grade)
{
    const int64_t shown = grade < 0 ? 0 : grade > 3 ? 3 : grade;

    if (p->html) {
        fprintf(p->out, "<td class=\"g g%" PRId64 "\">%" PRId64 "</td>", shown,
                shown);
    } else {
        fprintf(p->out, "| %" PRId64 " ", shown);
    }
}

void paper_cell_mark(const paper *p, const char *id, const char *text)
{
    static const char *const marks[] = { "", "</td>", "", " " };

    fprintf(p->out,
            p->html ? "<td class=\"k\" id=\"%s\">" : "| <a id=\"%s\"></a>",
            id);
    put_between(p, marks, text);
}

static void put_link(const paper *p, const char *id, const char *text)
{
    fprintf(p->out, p->html ? "<a href=\"#%s\">" : "[", id);
    paper_text(p, text);
    if (p->html) {
        fputs("</a>", p->out);
    } else {
        fprintf(p->out, "](#%s)", id);
    }
}

void paper_cell_link(const paper *p, const char *id, const char *text)
{
    fputs(p->html ? "<td class=\"k\">" : "| ", p->out);
    put_link(p, id, text);
    fputs(p->html ? "</td>" : " ", p->out);
}

void paper_cell_links(const paper *p, const char *const *ids, size_t count)
{
    fputs(p->html ? "<td class=\"links\">" : "| ", p->out);
    for (size_t i = 0; i < count; i++) {
        put_link(p, ids[i], ids[i]);
        fputs(p->html && i + 1 == count ? "" : " ", p->out);
    }
    fputs(p->html ? "</td>" : "", p->out);
}

void paper_cell_address(const paper *p, const char *text)
{
    static const char *const marks[] = { "<td class=\"a\">", "</td>", "| ",
                                         " " };

    put_between(p, marks, text);
}

void paper_cell_time(const paper *p, const char *time)
{
    const char *t = strchr(time, 'T');
    char date[16];

    if (!p->html || t == NULL || (size_t)(t - time) + 1 >= sizeof date) {
        paper_cell(p, time);
        return;
    }
    snprintf(date, sizeof date, "%.*s", (int)(t - time) + 1, time);
    fputs("<td>", p->out);
    paper_text(p, date);
    fputs("<wbr>", p->out);
    paper_text(p, t + 1);
    fputs("</td>", p->out);
}

void paper_cell_key(const paper *p, const char *text)
{
    static const char *const marks[] = { "<td class=\"k\">", "</td>", "| ",
                                         " " };

    put_between(p, marks, text);
}
