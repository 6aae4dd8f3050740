/* SPDX-License-Identifier: BSD-2-Clause */
/* What a capture shows: acts of the auditor's own, which some technique must
 * have permitted then, or what others said to each other, which is another
 * right (AUD-090). */
#include "seen.h"

#include <string.h>
#include <system_address.h>
#include <text.h>

/* clang-format off */
static const audit_finding_row secret_in_clear = {
    "PC-01.secret", "a secret is sent in the clear",
    { 0, 2, 3, 1, 2 }, "implementation", 7,
    "RFC 7252 Section 11; EN 303 645 5.5-1",
    "protect the request with OSCORE or DTLS, and give out a new secret",
    "prevention" };
static const audit_finding_row spoken_in_clear = {
    "PC-01.clear", "CoAP that everybody on the way can read",
    { 0, 1, 2, 0, 2 }, "use", 7,
    "RFC 7252 Sections 9, 11; EN 303 645 5.5-1",
    "protect what is said with OSCORE or DTLS",
    "prevention" };
/* clang-format on */

static bool is_source(const audit_run *r, const covey_address *a)
{
    covey_address host = *a;

    host.port = 0;
    for (size_t i = 0; i < r->terms->source_count; i++) {
        if (covey_address_equal(&r->terms->sources[i], &host)) {
            return true;
        }
    }
    return false;
}

/* Our own act: some technique must have permitted it then. */
static void ask_any(const audit_run *r, sight *s)
{
    covey_audit_verdict first = { .reason = COVEY_AUDIT_REASONS };

    for (unsigned t = 0; t < COVEY_AUDIT_TECHNIQUES; t++) {
        s->technique = (covey_audit_technique)t;
        if (!covey_audit_technique_get(s->technique)->sends ||
            s->technique == COVEY_AUDIT_PORTS_TCP) {
            continue;
        }
        seen_ask(r, s);
        if (seen_is_allowed(s)) {
            return;
        }
        /* the reason that says most: not that some technique is missing */
        if (first.reason == COVEY_AUDIT_REASONS ||
            (s->verdict.reason != COVEY_AUDIT_NO_RIGHT &&
             first.reason == COVEY_AUDIT_NO_RIGHT)) {
            first = s->verdict;
        }
    }
    s->technique = COVEY_AUDIT_COAP;
    s->verdict = first;
}

/* Of others: the right to listen, by name, and to what is in scope. */
static void ask_listening(const audit_run *r, sight *s, const covey_address *b)
{
    size_t clause = 0;

    s->technique = COVEY_AUDIT_CAPTURE;
    s->when = guard_unix_ms(&r->guard) / 1000;
    seen_ask(r, s);
    if (!seen_is_allowed(s)) {
        return;
    }
    if (!audit_in_scope(&r->gate, s->protocol, &s->target, &clause)) {
        s->target = *b;
        if (!audit_in_scope(&r->gate, s->protocol, b, &clause)) {
            s->verdict.reason = COVEY_AUDIT_OUT_OF_SCOPE;
        }
    }
}

/* The act of two ends of a flow. */
static bool ask_flow(const audit_run *r, const words *w, const char *when,
                     sight *s)
{
    covey_address from;
    covey_address to;

    s->protocol = COVEY_AUDIT_UDP;
    if (!address_parse_port(w->field[0], 0, &from) ||
        !address_parse_port(w->field[1], 0, &to) ||
        !seen_number(when, &s->when)) {
        return false;
    }
    s->target = is_source(r, &from) ? to : from;
    if (is_source(r, &from) || is_source(r, &to)) {
        ask_any(r, s);
    } else {
        s->target = to;
        ask_listening(r, s, &from);
    }
    return true;
}

/* What others say; that a target answers us in the clear other checks find. */
static void judge_clear(import *i, const audit_run *r, const sight *s,
                        int64_t clear, int64_t packets)
{
    char detail[80];

    if (clear > 0 && s->technique == COVEY_AUDIT_CAPTURE) {
        snprintf(detail, sizeof detail,
                 "%lld of %lld datagrams, by their headers", (long long)clear,
                 (long long)packets);
        seen_find(i, r, &spoken_in_clear, s, detail);
    }
}

/* flow from to packets bytes first last clear */
bool seen_flow(import *i, audit_run *r, const words *w)
{
    sight s = { .when = 0 };
    int64_t packets = 0;
    int64_t bytes = 0;
    int64_t last = 0;
    int64_t clear = 0;

    if (!seen_number(w->field[2], &packets) ||
        !seen_number(w->field[3], &bytes) ||
        !seen_number(w->field[5], &last) ||
        !seen_number(w->field[6], &clear) ||
        !ask_flow(r, w, w->field[4], &s)) {
        return false;
    }
    if (seen_is_allowed(&s)) {
        judge_clear(i, r, &s, clear, packets);
    }
    if (!seen_count(i, &s)) {
        return true;
    }
    json_t *line = seen_line(i, r, &s);
    if (seen_is_allowed(&s)) {
        json_object_set_new(line, "packets", json_integer(packets));
        json_object_set_new(line, "bytes", json_integer(bytes));
        json_object_set_new(line, "last", json_integer(last));
        seen_tell(r, &s, "udp", w->field[2]);
    }
    audit_record(r, line, false);
    return true;
}

/* secret from to sha256 name time */
bool seen_secret(import *i, audit_run *r, const words *w)
{
    sight s = { .when = 0 };
    uint8_t digest[32];

    if (strlen(w->field[2]) != 64 || !text_hex_read(w->field[2], 64, digest) ||
        !ask_flow(r, w, w->field[4], &s)) {
        return false;
    }
    if (seen_is_allowed(&s) && i->writing) {
        json_t *line = seen_line(i, r, &s);
        seen_text(line, "secret", w->field[3]);
        seen_text(line, "secret_sha256", w->field[2]);
        audit_record(r, line, false);
    }
    if (seen_is_allowed(&s)) {
        seen_find(i, r, &secret_in_clear, &s, w->field[3]);
    }
    return true;
}

/* other packets */
bool seen_other(import *i, audit_run *r, const words *w)
{
    (void)r;
    seen_note(i, "packets that are no UDP, not looked at: ", w->field[0]);
    return true;
}
