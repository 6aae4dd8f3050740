/* SPDX-License-Identifier: BSD-2-Clause */
/* What may be done, to what, when and how fast. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <system_address.h>
#include <text.h>

/* --- addresses ----------------------------------------------------------- */

/* All of the text, up to `max`. */
static bool read_small(const char *text, unsigned long max, unsigned *out)
{
    char *end;
    const unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > max) {
        return false;
    }
    *out = (unsigned)n;
    return true;
}

bool scope_prefix(conf_reader *c, const conf_value *v, covey_audit_range *out)
{
    char text[ADDRESS_TEXT_MAX];
    size_t len;
    const char *scalar = conf_scalar(c, v, &len, "an address");

    if (scalar == NULL) {
        return false;
    }
    bool good = len < sizeof text && memchr(scalar, '\0', len) == NULL;
    if (good) {
        memcpy(text, scalar, len);
        text[len] = '\0';
        good = address_parse_prefix(text, &out->net, &out->prefix);
    }
    if (!good) {
        conf_error(c, v, "AUD-078",
                   "expected an address, with /BITS behind it for a network; "
                   "names are not taken");
    }
    return good;
}

/* "5683", "5683-5684", "all". */
static bool read_ports(conf_reader *c, const conf_value *v,
                       covey_audit_range *out)
{
    char text[16];
    unsigned first = 0;
    unsigned last = UINT16_MAX;
    size_t len;
    const char *scalar = conf_scalar(c, v, &len, "ports");

    if (scalar == NULL) {
        return false;
    }
    bool good = len < sizeof text;
    if (good) {
        memcpy(text, scalar, len);
        text[len] = '\0';
        char *dash = strchr(text, '-');
        if (dash != NULL) {
            *dash = '\0';
            good = read_small(text, UINT16_MAX, &first) &&
                   read_small(dash + 1, UINT16_MAX, &last);
        } else if (strcmp(text, "all") != 0) {
            good = read_small(text, UINT16_MAX, &first);
            last = first;
        }
    }
    if (!good) {
        conf_error(c, v, MANDATE_MANUAL, "expected a port, FIRST-LAST or all");
        return false;
    }
    out->first = (uint16_t)first;
    out->last = (uint16_t)last;
    return true;
}

static bool read_protocol(conf_reader *c, const conf_value *v,
                          covey_audit_range *out)
{
    static const char *const words[] = { "any", "udp", "tcp", "icmp",
                                         "icmpv6" };
    static const uint8_t numbers[] = { COVEY_AUDIT_ANY_PROTOCOL,
                                       COVEY_AUDIT_UDP, COVEY_AUDIT_TCP, 1,
                                       58 };
    static const conf_names known = { words, COUNT(words), MANDATE_MANUAL };
    unsigned which = 0;

    if (!conf_word(c, v, &known, &which)) {
        return false;
    }
    out->protocol = numbers[which];
    return true;
}

/* --- clauses ------------------------------------------------------------- */

enum {
    C_CLAUSE,
    C_NET,
    C_GROUP,
    C_PROTO,
    C_PORTS,
    C_RESPONDERS,
    C_COUNT
};
static const char *const clause_keys[C_COUNT] = {
    "clause", "net", "group", "proto", "ports", "max_responders",
};
static const conf_names clause_names = { clause_keys, C_COUNT, "a clause" };

/* The address is a network or a group, and not both. */
static bool read_target(conf_reader *c, const conf_value *item,
                        const conf_value *v, covey_audit_range *out)
{
    const bool group = !conf_is_missing(&v[C_GROUP]);
    uint64_t responders = 0;

    if (group == !conf_is_missing(&v[C_NET])) {
        conf_error(c, item, MANDATE_MANUAL, "expected either net or group");
        return false;
    }
    if (!group) {
        return scope_prefix(c, &v[C_NET], out);
    }
    if (!scope_prefix(c, &v[C_GROUP], out) ||
        !conf_required(c, item, &v[C_RESPONDERS], "max_responders",
                       "RFC 7252 Section 11.3") ||
        !conf_number(c, &v[C_RESPONDERS], 1, UINT16_MAX, MANDATE_MANUAL,
                     &responders)) {
        return false;
    }
    out->responders = (uint16_t)responders;
    return true;
}

static bool read_rest(conf_reader *c, const conf_value *v,
                      covey_audit_range *out)
{
    out->protocol = COVEY_AUDIT_ANY_PROTOCOL;
    out->last = UINT16_MAX;
    return (conf_is_missing(&v[C_PROTO]) ||
            read_protocol(c, &v[C_PROTO], out)) &&
           (conf_is_missing(&v[C_PORTS]) || read_ports(c, &v[C_PORTS], out));
}

static bool read_clause(conf_reader *c, const conf_value *item, void *out)
{
    scope_row *row = out;
    conf_value v[C_COUNT] = { { NULL, NULL } };

    if (!conf_keys(c, item, &clause_names, v) ||
        !conf_required(c, item, &v[C_CLAUSE], "clause", "AUD-110") ||
        (row->name = mandate_line(c, &v[C_CLAUSE])) == NULL ||
        !read_target(c, item, v, &row->range) ||
        !read_rest(c, v, &row->range)) {
        return false;
    }
    if (covey_audit_scope(&row->clause, &row->range) != COVEY_OK) {
        conf_error(c, conf_is_missing(&v[C_NET]) ? &v[C_GROUP] : &v[C_NET],
                   "docs/design/015",
                   "expected one family, hosts or one group, no bits behind "
                   "the prefix, and an interface for link-local addresses");
        return false;
    }
    return true;
}

static bool read_exclusion(conf_reader *c, const conf_value *item, void *out)
{
    scope_row *row = out;
    conf_value v[C_COUNT] = { { NULL, NULL } };

    if (!conf_keys(c, item, &clause_names, v) ||
        !conf_required(c, item, &v[C_NET], "net", MANDATE_MANUAL) ||
        !scope_prefix(c, &v[C_NET], &row->range) ||
        !read_rest(c, v, &row->range)) {
        return false;
    }
    if (covey_audit_exclude(&row->clause, &row->range) != COVEY_OK) {
        conf_error(c, &v[C_NET], MANDATE_MANUAL,
                   "expected no bits behind the prefix");
        return false;
    }
    return true;
}

/* Rows into the arrays of the gate and of the reader. */
static bool spread(conf_reader *c, const scope_row *rows, size_t count,
                   covey_audit_clause **clauses, const char ***clause_list,
                   covey_audit_range **ranges)
{
    *clauses = conf_alloc(c, (count + 1) * sizeof **clauses);
    *clause_list = conf_alloc(c, (count + 1) * sizeof **clause_list);
    *ranges = conf_alloc(c, (count + 1) * sizeof **ranges);
    if (*clauses == NULL || *clause_list == NULL || *ranges == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        (*clauses)[i] = rows[i].clause;
        (*clause_list)[i] = rows[i].name;
        (*ranges)[i] = rows[i].range;
    }
    return true;
}

static void check_twice(conf_reader *c, const conf_value *v,
                        const scope_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(rows[i].name, rows[j].name) == 0) {
                conf_error(c, v, "AUD-110",
                           "the clause '%s' comes twice: a report could not "
                           "say which one covers an act",
                           rows[i].name);
                return;
            }
        }
    }
}

static void read_scope(conf_reader *c, const conf_value *v,
                       covey_audit_document *out, mandate_terms *terms)
{
    scope_row *rows = NULL;
    covey_audit_clause *clauses;
    const char **names;
    covey_audit_range *ranges;

    out->scope_count =
        conf_list(c, v, MANDATE_CLAUSES_MAX, sizeof *rows, read_clause, &rows);
    if (out->scope_count == 0) {
        conf_error(c, v, "AUD-053", "expected at least one clause");
        return;
    }
    check_twice(c, v, rows, out->scope_count);
    if (spread(c, rows, out->scope_count, &clauses, &names, &ranges)) {
        out->scope = clauses;
        terms->clauses = names;
        terms->ranges = ranges;
    }
}

static void read_exclude(conf_reader *c, const conf_value *v,
                         covey_audit_document *out, mandate_terms *terms)
{
    scope_row *rows = NULL;
    covey_audit_clause *clauses;
    const char **names;
    covey_audit_range *ranges;

    out->exclude_count = conf_list(c, v, MANDATE_CLAUSES_MAX, sizeof *rows,
                                   read_exclusion, &rows);
    if (spread(c, rows, out->exclude_count, &clauses, &names, &ranges)) {
        out->exclude = clauses;
        terms->excluded = ranges;
    }
}

/* --- windows ------------------------------------------------------------- */

static bool read_time(conf_reader *c, const conf_value *v, int64_t *out)
{
    size_t len;
    const char *text = conf_scalar(c, v, &len, "a time");

    if (text != NULL && !text_time_read(text, len, out)) {
        conf_error(c, v, "RFC 3339 Section 5.6",
                   "expected a time in UTC, such as 2026-11-21T20:00:00Z");
        return false;
    }
    return text != NULL;
}

static bool read_window(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[] = { "from", "to" };
    static const conf_names known = { words, 2, "a window" };
    covey_audit_window *w = out;
    conf_value v[2] = { { NULL, NULL } };

    if (!conf_keys(c, item, &known, v) ||
        !conf_required(c, item, &v[0], "from", MANDATE_MANUAL) ||
        !conf_required(c, item, &v[1], "to", MANDATE_MANUAL) ||
        !read_time(c, &v[0], &w->from) || !read_time(c, &v[1], &w->to)) {
        return false;
    }
    if (w->to <= w->from) {
        conf_error(c, &v[1], MANDATE_MANUAL,
                   "expected a time after the beginning of the window");
        return false;
    }
    return true;
}

/* --- techniques, limits -------------------------------------------------- */

static bool read_technique(conf_reader *c, const conf_value *item, void *out)
{
    covey_audit_technique *t = out;
    size_t len;
    const char *text = conf_scalar(c, item, &len, "a technique");

    if (text == NULL) {
        return false;
    }
    const covey_status st = covey_audit_technique_find(
        covey_bytes_of((const uint8_t *)text, len), t);
    if (st == COVEY_E_RANGE) {
        conf_error(c, item, "AUD-056, AUD-072",
                   "'%.*s' is not what an audit may be: the mandate is "
                   "invalid",
                   (int)(len < 40 ? len : 40), text);
    } else if (st != COVEY_OK) {
        conf_error(c, item, MANDATE_MANUAL, "'%.*s' is no technique",
                   (int)(len < 40 ? len : 40), text);
    }
    return st == COVEY_OK;
}

static void read_techniques(conf_reader *c, const conf_value *v,
                            covey_audit_document *out)
{
    covey_audit_technique *all = NULL;
    const size_t count = conf_list(c, v, COVEY_AUDIT_TECHNIQUES, sizeof *all,
                                   read_technique, &all);

    for (size_t i = 0; i < count; i++) {
        out->techniques |= 1u << all[i];
    }
}

static void read_limits(conf_reader *c, const conf_value *v,
                        covey_audit_document *out, mandate_terms *terms)
{
    static const char *const words[] = { "pps", "bytes_s",
                                         "packets_per_target", "parallel",
                                         "stop_if_silent_s" };
    static const conf_names known = { words, COUNT(words), "limits" };
    uint32_t *const fields[] = { &out->limits.packets_s, &out->limits.bytes_s,
                                 &out->limits.packets_per_target,
                                 &out->limits.parallel,
                                 &terms->stop_if_silent_s };
    conf_value members[COUNT(words)] = { { NULL, NULL } };

    if (!conf_keys(c, v, &known, members)) {
        return;
    }
    for (size_t i = 0; i < COUNT(words); i++) {
        uint64_t n = 0;
        if (conf_required(c, v, &members[i], words[i], "AUD-081") &&
            conf_number(c, &members[i], 1, UINT32_MAX, "AUD-081", &n)) {
            *fields[i] = (uint32_t)n;
        }
    }
}

bool scope_read(conf_reader *c, const scope_values *v,
                covey_audit_document *out, mandate_terms *terms)
{
    covey_audit_window *windows = NULL;

    read_scope(c, v->scope, out, terms);
    if (!conf_is_missing(v->exclude)) {
        read_exclude(c, v->exclude, out, terms);
    }
    out->window_count = conf_list(c, v->window, MANDATE_WINDOWS_MAX,
                                  sizeof *windows, read_window, &windows);
    out->windows = windows;
    if (out->window_count == 0) {
        conf_error(c, v->window, "AUD-062", "expected at least one window");
    }
    read_techniques(c, v->techniques, out);
    read_limits(c, v->limits, out, terms);
    return c->errors == 0;
}
