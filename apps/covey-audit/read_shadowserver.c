/* SPDX-License-Identifier: BSD-2-Clause */
/* The report of the Shadowserver Foundation about CoAP that answers from the
 * Internet: comma-separated values (RFC 4180) with names in the first row. Of
 * the columns only a few are read, found by their names, since the order has
 * changed before. */
#include "reader.h"

#include <stdlib.h>
#include <string.h>
#include <system_address.h>
#include <text.h>

enum {
    COLUMNS_MAX = 64,
    CELL = READER_FIELD_MAX + 1
};

/* Which columns are read. */
enum column {
    COLUMN_TIME = 0,
    COLUMN_ADDRESS,
    COLUMN_PROTOCOL,
    COLUMN_PORT,
    COLUMN_SIZE,
    COLUMN_RESPONSE,
    COLUMNS
};

static const char *const names[COLUMNS] = {
    "timestamp", "ip", "protocol", "port", "response_size", "response",
};

typedef struct table {
    covey_bytes text;
    size_t at;
    const char *fault;
    size_t count; /* cells of the row */
    char cells[COLUMNS_MAX][CELL];
    size_t where[COLUMNS]; /* COLUMNS_MAX: there is none */
} table;

static bool more(const table *t)
{
    return t->at < t->text.len;
}

static char here(const table *t)
{
    return more(t) ? (char)t->text.ptr[t->at] : '\n';
}

/* Room for what a field has; the rest is passed over. */
static void put(char *out, size_t *n, char c)
{
    if (*n < CELL - 1) {
        out[(*n)++] = c == '\0' ? '?' : c;
    }
}

/* Behind the first quotation mark, to the last one; two are one. */
static bool read_quoted(table *t, char *out, size_t *n)
{
    for (; more(t); t->at++) {
        if (here(t) == '"') {
            t->at++;
            if (here(t) != '"') {
                return true;
            }
        }
        put(out, n, here(t));
    }
    t->fault = "a quotation mark without its end";
    return false;
}

static bool read_plain(table *t, char *out, size_t *n)
{
    for (; here(t) != ',' && here(t) != '\n' && here(t) != '\r'; t->at++) {
        if (here(t) == '"') {
            t->fault = "a quotation mark within a cell";
            return false;
        }
        put(out, n, here(t));
    }
    return true;
}

static bool read_cell(table *t)
{
    char *out = t->cells[t->count];
    size_t n = 0;
    bool good;

    if (here(t) == '"') {
        t->at++;
        good = read_quoted(t, out, &n);
    } else {
        good = read_plain(t, out, &n);
    }
    out[n] = '\0';
    return good;
}

/* False: there is no more, or a fault. */
static bool read_row(table *t)
{
    t->count = 0;
    if (!more(t)) {
        return false;
    }
    for (;;) {
        if (t->count == COLUMNS_MAX) {
            t->fault = "too many columns";
            return false;
        }
        if (!read_cell(t)) {
            return false;
        }
        t->count++;
        if (here(t) != ',') {
            break;
        }
        t->at++;
    }
    t->at += here(t) == '\r' ? 1 : 0;
    if (here(t) != '\n') {
        t->fault = "something behind a cell";
        return false;
    }
    t->at++;
    return true;
}

static bool read_head(table *t)
{
    if (!read_row(t)) {
        return false;
    }
    for (size_t c = 0; c < COLUMNS; c++) {
        t->where[c] = COLUMNS_MAX;
        for (size_t i = 0; i < t->count; i++) {
            if (strcmp(t->cells[i], names[c]) == 0) {
                t->where[c] = i;
            }
        }
    }
    for (size_t c = COLUMN_TIME; c <= COLUMN_PORT; c++) {
        if (t->where[c] == COLUMNS_MAX) {
            return false;
        }
    }
    return true;
}

static const char *cell(const table *t, enum column c)
{
    return t->where[c] < t->count ? t->cells[t->where[c]] : "";
}

/* "2026-11-28 04:17:31", in UTC. */
static bool read_time(const char *text, int64_t *out)
{
    char form[CELL + 1];
    const int n = snprintf(form, sizeof form, "%sZ", text);

    if (n != 20 || form[10] != ' ') {
        return false;
    }
    form[10] = 'T';
    return text_time_read(form, 20, out);
}

static bool tell(reader *r, const table *t)
{
    char target[ADDRESS_TEXT_MAX];
    char time[24];
    covey_address a;
    int64_t when = 0;
    char *end = NULL;
    const unsigned long port = strtoul(cell(t, COLUMN_PORT), &end, 10);

    if (!read_time(cell(t, COLUMN_TIME), &when) ||
        strcmp(cell(t, COLUMN_PROTOCOL), "udp") != 0 ||
        cell(t, COLUMN_PORT)[0] == '\0' || *end != '\0' || port == 0 ||
        port > UINT16_MAX ||
        !address_parse(cell(t, COLUMN_ADDRESS), (uint16_t)port, &a)) {
        return false;
    }
    const char *const fields[] = { address_text(&a, target),
                                   reader_number((uint64_t)when, time),
                                   cell(t, COLUMN_SIZE),
                                   cell(t, COLUMN_RESPONSE), NULL };
    reader_line(r, "outside", fields);
    return true;
}

void reader_shadowserver(reader *r, covey_bytes text)
{
    table *t = calloc(1, sizeof *t);

    if (t == NULL) {
        reader_end(r, false, "too large");
        return;
    }
    t->text = text;
    if (!read_head(t)) {
        reader_none(r, "no report of Shadowserver about CoAP");
        free(t);
        return;
    }
    bool good = true;
    while (read_row(t)) {
        good = tell(r, t) && good;
    }
    reader_end(r, good && t->fault == NULL,
               t->fault != NULL ? t->fault
               : good           ? ""
                                : "some of its rows cannot be read");
    free(t);
}
