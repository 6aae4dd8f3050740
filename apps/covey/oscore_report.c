/* SPDX-License-Identifier: BSD-2-Clause */
#include "oscore_report.h"

#include <hex.h>
#include <stdio.h>
#include <string.h>

/* Values of text stand below each other. */
#define COLUMN 24

static void begin(struct oscore_report *r, const char *name)
{
    const int len = (int)strlen(name) + 1;

    if (r->json) {
        printf("%s\"%s\": ", r->count == 0 ? "{ " : ",\n  ", name);
    } else {
        printf("%s:%*s", name, len < COLUMN ? COLUMN - len : 1, "");
    }
    r->count++;
}

static void end(const struct oscore_report *r)
{
    if (!r->json) {
        putchar('\n');
    }
}

void oscore_report_hex(struct oscore_report *r, const char *name,
                       covey_bytes bytes)
{
    begin(r, name);
    if (bytes.ptr == NULL) {
        fputs(r->json ? "null" : "absent", stdout);
    } else if (r->json) {
        putchar('"');
        hex_print(stdout, bytes);
        putchar('"');
    } else if (bytes.len == 0) {
        fputs("empty", stdout);
    } else {
        hex_print(stdout, bytes);
    }
    end(r);
}

void oscore_report_text(struct oscore_report *r, const char *name,
                        const char *text)
{
    begin(r, name);
    printf(r->json ? "\"%s\"" : "%s", text);
    end(r);
}

void oscore_report_number(struct oscore_report *r, const char *name,
                          uint64_t number)
{
    begin(r, name);
    printf("%llu", (unsigned long long)number);
    end(r);
}

void oscore_report_bool(struct oscore_report *r, const char *name, bool yes)
{
    begin(r, name);
    if (r->json) {
        fputs(yes ? "true" : "false", stdout);
    } else {
        fputs(yes ? "yes" : "no", stdout);
    }
    end(r);
}

void oscore_report_end(struct oscore_report *r)
{
    if (r->json && r->count > 0) {
        puts(" }");
    }
}
