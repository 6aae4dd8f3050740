/* SPDX-License-Identifier: BSD-2-Clause */
/* A report on paper: what it consists of, written as HTML or as Markdown. All
 * texts are escaped here and nowhere else: whatever a target, a mandate or a
 * file says is text in both forms, and printable on a terminal. HTML has no
 * script, loads nothing, and follows the reader's dark or light. */
#ifndef COVEY_AUDIT_PAPER_H
#define COVEY_AUDIT_PAPER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct paper {
    FILE *out;
    bool html;
    bool is_french;
} paper;

/* "AMBER" among the colours of TLP; `tlp` is printed on every page. */
void paper_begin(const paper *p, const char *title, const char *tlp);
void paper_end(const paper *p);

/* A text with everything escaped that could be more than text. Control
 * characters, invisible ones and those that turn the direction of writing come
 * out as '?'. UTF-8. */
void paper_text(const paper *p, const char *text);

typedef struct paper_entry {
    const char *id;
    const char *title;
} paper_entry;
/* Links to the sections. */
void paper_contents(const paper *p, const char *title,
                    const paper_entry *entries, size_t count);

void paper_section(const paper *p, const char *id, const char *title);
void paper_section_end(const paper *p);
/* Within a section; `id` may be NULL. */
void paper_heading(const paper *p, const char *id, const char *title);
void paper_paragraph(const paper *p, const char *text);
/* One that must not be passed over. */
void paper_warning(const paper *p, const char *text);

/* A list of names and what they stand for. */
void paper_fields(const paper *p);
void paper_field(const paper *p, const char *name, const char *text);
void paper_fields_end(const paper *p);

/* Figures that are seen first. */
void paper_tiles(const paper *p);
void paper_tile(const paper *p, const char *name, int64_t number);
void paper_tiles_end(const paper *p);

/* `name` is for who cannot see it; `heads` has a text for each column. */
void paper_table(const paper *p, const char *name, const char *const *heads,
                 size_t count);
void paper_row(const paper *p);
void paper_row_end(const paper *p);
void paper_table_end(const paper *p);

void paper_cell(const paper *p, const char *text);
void paper_cell_number(const paper *p, int64_t number);
/* 0 none to 3 high, as a colour, too. */
void paper_cell_grade(const paper *p, int64_t grade);
/* What others point at, and one that points there; "act-3". */
void paper_cell_mark(const paper *p, const char *id, const char *text);
void paper_cell_link(const paper *p, const char *id, const char *text);
/* Several that point at what has their names. */
void paper_cell_links(const paper *p, const char *const *ids, size_t count);
/* Of ISO 8601; it may be broken before the time of day. */
void paper_cell_time(const paper *p, const char *time);
/* An address, which may be broken anywhere if it is one of the long ones. */
void paper_cell_address(const paper *p, const char *text);
/* A short text that stays on its line. */
void paper_cell_key(const paper *p, const char *text);

#endif
