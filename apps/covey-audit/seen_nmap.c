/* SPDX-License-Identifier: BSD-2-Clause */
/* What nmap has seen. */
#include "seen.h"

#include <string.h>
#include <system_address.h>

/* scan program version start arguments */
bool seen_scan(import *i, audit_run *r, const words *w)
{
    (void)r;
    snprintf(i->program, sizeof i->program, "%.80s %.80s", w->field[0],
             w->field[1]);
    if (!seen_number(w->field[2], &i->started)) {
        i->started = 0;
        seen_note(i, "the scan does not say when it was", "");
    }
    seen_note(i, "arguments: ", w->field[3]);
    return true;
}

static bool is_state(const char *text)
{
    static const char *const states[] = { "open",          "closed",
                                          "filtered",      "unfiltered",
                                          "open|filtered", "closed|filtered" };

    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(states[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* What service it is: an access, which needs its own right. */
static void put_service(const audit_run *r, const sight *s, const words *w,
                        json_t *line)
{
    sight service = *s;

    if (w->field[5][0] == '\0') {
        return;
    }
    service.technique = COVEY_AUDIT_SERVICES;
    seen_ask(r, &service);
    if (!seen_is_allowed(&service)) {
        seen_text(line, "service_verdict",
                  covey_audit_reason_name(service.verdict.reason));
        return;
    }
    char target[ADDRESS_TEXT_MAX];
    char banner[3 * READER_FIELD_MAX + 3];
    json_t *o = json_object();
    seen_text(o, "service", w->field[5]);
    seen_text(o, "product", w->field[6]);
    seen_text(o, "version", w->field[7]);
    seen_text(o, "extra", w->field[8]);
    seen_text(o, "cpe", w->field[9]);
    snprintf(banner, sizeof banner, "%s %s %s", w->field[6], w->field[7],
             w->field[8]);
    seen_text(o, "banner", banner);
    seen_text(o, "target", address_text(&s->target, target));
    seen_text(o, "protocol", w->field[1]);
    json_object_set_new(line, "services", json_pack("[o]", o));
}

/* port address protocol port state reason service ... */
bool seen_port(import *i, audit_run *r, const words *w)
{
    sight s = { .when = i->started };
    uint64_t port = 0;
    const bool tcp = strcmp(w->field[1], "tcp") == 0;

    if ((!tcp && strcmp(w->field[1], "udp") != 0) ||
        !audit_number(w->field[2], UINT16_MAX, &port) ||
        !is_state(w->field[3]) ||
        !address_parse(w->field[0], (uint16_t)port, &s.target)) {
        return false;
    }
    s.protocol = tcp ? COVEY_AUDIT_TCP : COVEY_AUDIT_UDP;
    s.technique = tcp ? COVEY_AUDIT_PORTS_TCP : COVEY_AUDIT_PORTS_UDP;
    seen_ask(r, &s);
    if (!seen_count(i, &s)) {
        return true;
    }
    json_t *line = seen_line(i, r, &s);
    if (seen_is_allowed(&s)) {
        seen_text(line, "state", w->field[3]);
        seen_text(line, "reason", w->field[4]);
        put_service(r, &s, w, line);
        seen_tell(r, &s, w->field[1], w->field[3]);
    } else {
        /* a fence drops it, and the scanner takes that for a firewall */
        seen_text(line, "state", "not tested (out of mandate)");
        seen_tell(r, &s, w->field[1], "not tested (out of mandate)");
    }
    audit_record(r, line, false);
    return true;
}

/* system address name accuracy cpe */
bool seen_system(import *i, audit_run *r, const words *w)
{
    sight s = { .when = i->started, .technique = COVEY_AUDIT_OS };

    if (!address_parse(w->field[0], 0, &s.target)) {
        return false;
    }
    seen_ask_host(r, &s);
    if (!seen_count(i, &s)) {
        return true;
    }
    json_t *line = seen_line(i, r, &s);
    if (seen_is_allowed(&s)) {
        json_t *o = json_object();
        seen_text(o, "name", w->field[1]);
        seen_text(o, "accuracy", w->field[2]);
        seen_text(o, "cpe", w->field[3]);
        json_object_set_new(line, "system", o);
        seen_tell(r, &s, "system", w->field[1]);
    }
    audit_record(r, line, false);
    return true;
}

/* rest address state count: which of them were in the mandate cannot be told,
 * so their number is all that is said. */
bool seen_rest(import *i, audit_run *r, const words *w)
{
    sight s = { .when = i->started, .technique = COVEY_AUDIT_PORTS_TCP };
    int64_t n = 0;
    char text[READER_FIELD_MAX];
    char target[ADDRESS_TEXT_MAX];

    if (!address_parse(w->field[0], 0, &s.target) || !is_state(w->field[1]) ||
        !seen_number(w->field[2], &n)) {
        return false;
    }
    if (!seen_ask_host(r, &s)) {
        s.technique = COVEY_AUDIT_PORTS_UDP;
        seen_ask_host(r, &s);
    }
    if (seen_is_allowed(&s)) {
        s.target.port = 0;
        snprintf(text, sizeof text, "%s: %lld others %s",
                 address_text(&s.target, target), (long long)n, w->field[1]);
        seen_note(i, text, "");
    }
    return true;
}
