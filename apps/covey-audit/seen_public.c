/* SPDX-License-Identifier: BSD-2-Clause */
/* What is public already (AUD-064). */
#include "seen.h"

#include <string.h>
#include <system_address.h>
#include <text.h>

/* clang-format off */
static const audit_finding_row is_outside = {
    "PB-01.outside", "answers CoAP from the Internet",
    { 2, 0, 2, 0, 1 }, "use", 7,
    "RFC 7252 Sections 11.3, 11.4; EN 303 645 5.6-1",
    "let nobody from outside reach it, or answer only over DTLS or OSCORE",
    "prevention" };
static const audit_finding_row no_contact = {
    "PO-01.contact", "nobody can be told of a weakness",
    { 0, 0, 0, 1, 2 }, "use", 7,
    "RFC 9116 Section 2.5; EN 303 645 5.2-1",
    "publish a security.txt with a contact and a time when it ends",
    "detection" };
/* clang-format on */

/* outside target time size response */
bool seen_outside(import *i, audit_run *r, const words *w)
{
    sight s = { .technique = COVEY_AUDIT_PUBLIC,
                .protocol = COVEY_AUDIT_UDP,
                .when = guard_unix_ms(&r->guard) / 1000 };
    int64_t when = 0;
    size_t clause = 0;
    char time[TEXT_TIME_MAX];
    char text[READER_FIELD_MAX * 2];

    if (!address_parse_port(w->field[0], 0, &s.target) ||
        !seen_number(w->field[1], &when)) {
        return false;
    }
    seen_ask(r, &s);
    if (!audit_in_scope(&r->gate, s.protocol, &s.target, &clause)) {
        s.verdict.reason = COVEY_AUDIT_OUT_OF_SCOPE;
    }
    const bool writes = seen_count(i, &s);
    if (seen_is_allowed(&s)) {
        snprintf(text, sizeof text, "seen %s, %s bytes", text_time(when, time),
                 w->field[2][0] != '\0' ? w->field[2] : "?");
        seen_find(i, r, &is_outside, &s, text);
    }
    if (writes) {
        json_t *line = seen_line(i, r, &s);
        json_object_set_new(line, "seen_at", json_integer(when));
        seen_text(line, "size", w->field[2]);
        seen_text(line, "response", w->field[3]);
        audit_record(r, line, false);
    }
    return true;
}

/* field name value */
bool seen_field(import *i, audit_run *r, const words *w)
{
    char text[READER_FIELD_MAX * 2];

    (void)r;
    snprintf(text, sizeof text, "%.40s: %s", w->field[0], w->field[1]);
    seen_note(i, text, "");
    i->covered++;
    return true;
}

/* expires time */
bool seen_expires(import *i, audit_run *r, const words *w)
{
    int64_t when = 0;
    char text[TEXT_TIME_MAX + 32];
    char time[TEXT_TIME_MAX];

    if (!seen_number(w->field[0], &when)) {
        return false;
    }
    if (when <= guard_unix_ms(&r->guard) / 1000) {
        snprintf(text, sizeof text, "Expires: over since %s",
                 text_time(when, time));
        seen_find(i, r, &no_contact, NULL, text);
    }
    return true;
}

bool seen_signed(import *i, audit_run *r, const words *w)
{
    (void)r;
    (void)w;
    seen_note(i, "it has a signature, which was not checked", "");
    return true;
}

/* fault what */
bool seen_fault(import *i, audit_run *r, const words *w)
{
    seen_find(i, r, &no_contact, NULL, w->field[0]);
    return true;
}
