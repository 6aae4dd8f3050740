/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages about a file: collected up to a bound, so that a person sees all
 * problems at once and a hostile file cannot fill the memory. */
#include "internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Names and values of a file end up on terminals: control characters do not.
 * Also U+0080 to U+009F, which some terminals obey. */
static void tame(char *text)
{
    for (char *p = text; *p != '\0'; p++) {
        const unsigned char c = (unsigned char)p[0];
        const unsigned char next = (unsigned char)p[1];

        if (c < 0x20 || c == 0x7f) {
            *p = '?';
        } else if (c == 0xc2 && next >= 0x80 && next < 0xa0) {
            p[0] = '?';
            p[1] = '?';
        }
    }
}

static rules_message *append(rules_report *report)
{
    const size_t size = sizeof *report->messages;
    rules_message *more;

    /* room for 1, 2, 4, ... messages */
    if ((report->count & (report->count - 1)) == 0) {
        more = realloc(report->messages,
                       size * (report->count ? report->count * 2 : 1));
        if (more == NULL) {
            return NULL;
        }
        report->messages = more;
    }
    memset(&report->messages[report->count], 0, size);
    return &report->messages[report->count++];
}

/* vsnprintf that cuts and never fails loudly. */
RULES_PRINTF(3, 0)
static void put(char *out, size_t cap, const char *format, va_list args)
{
    if (vsnprintf(out, cap, format, args) < 0) {
        out[0] = '\0';
    }
    tame(out);
}

RULES_PRINTF(5, 0)
static void vreport(rules_report *report, rules_severity severity,
                    rules_place place, const char *source, const char *format,
                    va_list args)
{
    rules_message *m = NULL;
    const bool last = report->count + 1 == RULES_MESSAGES_MAX;

    if (severity == RULES_ERROR) {
        report->errors++;
    }
    if (report->count < RULES_MESSAGES_MAX) {
        m = append(report);
    }
    if (m == NULL) {
        return;
    }
    m->severity = severity;
    m->line = place.line;
    m->column = place.column;
    if (last) {
        snprintf(m->text, sizeof m->text,
                 "and more: the first %u problems "
                 "are shown",
                 RULES_MESSAGES_MAX - 1);
        return;
    }
    snprintf(m->path, sizeof m->path, "%s", place.path);
    tame(m->path);
    put(m->text, sizeof m->text, format, args);
    snprintf(m->source, sizeof m->source, "%s", source);
}

void rules_report_at(rules_report *report, rules_severity severity,
                     rules_place place, const char *source, const char *format,
                     ...)
{
    va_list args;

    va_start(args, format);
    vreport(report, severity, place, source, format, args);
    va_end(args);
}

RULES_PRINTF(5, 0)
static void about_node(rules_report *report, rules_severity severity,
                       struct fy_node *node, const char *source,
                       const char *format, va_list args)
{
    char path[sizeof report->messages->path] = "";
    rules_place place = { 0, 0, path };

    /* Finding the place walks the document: not for what is not kept. */
    if (node != NULL && report->count < RULES_MESSAGES_MAX) {
        rules_json_position(node, &place.line, &place.column);
        rules_json_path(node, path, sizeof path);
    }
    vreport(report, severity, place, source, format, args);
}

void rules_error(rules_loader *l, struct fy_node *node, const char *source,
                 const char *format, ...)
{
    va_list args;

    va_start(args, format);
    about_node(l->report, RULES_ERROR, node, source, format, args);
    va_end(args);
}

void rules_warning(rules_loader *l, struct fy_node *node, const char *source,
                   const char *format, ...)
{
    va_list args;

    va_start(args, format);
    about_node(l->report, RULES_WARNING, node, source, format, args);
    va_end(args);
}

void rules_report_free(rules_report *report)
{
    free(report->messages);
    memset(report, 0, sizeof *report);
}

void rules_report_print(const rules_report *report, const char *name,
                        FILE *out)
{
    for (size_t i = 0; i < report->count; i++) {
        const rules_message *m = &report->messages[i];

        fprintf(out, "%s:", name);
        if (m->line > 0) {
            fprintf(out, "%u:%u:", m->line, m->column);
        }
        fprintf(out,
                " %s: ", m->severity == RULES_ERROR ? "error" : "warning");
        if (m->path[0] != '\0') {
            fprintf(out, "%s: ", m->path);
        }
        fputs(m->text, out);
        if (m->source[0] != '\0') {
            fprintf(out, " (%s)", m->source);
        }
        fputc('\n', out);
    }
}
