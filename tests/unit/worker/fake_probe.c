/* SPDX-License-Identifier: BSD-2-Clause */
#include "fake_probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATIENCE = 1000
};

/* The probe is its first member, so one leads to the other. */
static fake *fake_of(probe *p)
{
    static fake *last;

    if (p == NULL) {
        return last;
    }
    last = (fake *)(void *)p;
    return last;
}

void fake_open(fake *f, bool (*next)(struct fake *f, fake_packet *out),
               void *user)
{
    memset(f, 0, sizeof *f);
    f->next = next;
    f->user = user;
    f->now = PATIENCE;
    f->p.patience_ms = PATIENCE;
    f->p.unix_s = 1800000000;
    snprintf(f->p.target, sizeof f->p.target, "192.0.2.2");
    snprintf(f->p.canary, sizeof f->p.canary, "192.0.2.1:5683");
    (void)fake_of(&f->p);
}

void fake_close(fake *f)
{
    free(f->packet);
    f->packet = NULL;
}

bool fake_has(const fake *f, enum audit_finding wanted)
{
    for (unsigned i = 0; i < f->finding_count && i < FAKE_FINDINGS; i++) {
        if (f->findings[i] == wanted) {
            return true;
        }
    }
    return false;
}

/* --- what probe.c does with the broker ----------------------------------- */

bool probe_send(probe *p, covey_bytes packet)
{
    fake *f = fake_of(p);

    if (f->refuses) {
        p->denied = true;
        return false;
    }
    if (packet.len > sizeof f->last) {
        abort();
    }
    memcpy(f->last, packet.ptr, packet.len);
    f->sent_len = packet.len;
    f->sent++;
    return true;
}

bool probe_port(probe *p)
{
    return !p->denied;
}

bool probe_reply(probe *p, covey_bytes packet)
{
    return probe_send(p, packet);
}

probe_result probe_await(probe *p, uint32_t ms, covey_bytes *packet,
                         uint16_t *who)
{
    fake *f = fake_of(p);
    fake_packet next = { .canary = false };

    f->awaited++;
    if (p->denied) {
        return PROBE_DENIED;
    }
    if (!f->next(f, &next)) {
        f->now += ms;
        return PROBE_SILENT;
    }
    /* as long as it is and no longer, so that who reads on is found */
    free(f->packet);
    f->packet = malloc(next.bytes.len > 0 ? next.bytes.len : 1);
    if (f->packet == NULL) {
        abort();
    }
    if (next.bytes.len > 0) {
        memcpy(f->packet, next.bytes.ptr, next.bytes.len);
    }
    f->now++;
    *packet = covey_bytes_of(f->packet, next.bytes.len);
    *who = next.canary ? WIRE_CANARY : 0;
    return PROBE_ANSWER;
}

uint64_t probe_now(void)
{
    return fake_of(NULL)->now;
}

void probe_random(uint8_t *out, size_t len)
{
    memset(out, FAKE_RANDOM, len);
}

void probe_finding(probe *p, enum audit_finding which, const char *format, ...)
{
    fake *f = fake_of(p);
    va_list args;

    if (audit_finding_get((unsigned)which) == NULL) {
        abort();
    }
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
    if (f->finding_count < FAKE_FINDINGS) {
        f->findings[f->finding_count] = which;
    }
    f->finding_count++;
}

void probe_note(probe *p, const char *name, const char *format, ...)
{
    fake *f = fake_of(p);
    va_list args;
    const int n = snprintf(f->note, sizeof f->note, "%s ", name);

    va_start(args, format);
    vsnprintf(f->note + n, sizeof f->note - (size_t)n, format, args);
    va_end(args);
    f->notes++;
}

void probe_keep(probe *p, covey_bytes bytes)
{
    fake_of(p)->kept = bytes.len;
}

void probe_size(probe *p, size_t asked, size_t answered)
{
    fake_of(p)->size_asked = asked;
    fake_of(p)->size_answered = answered;
}

void probe_seen(probe *p, enum wire_seen what)
{
    fake *f = fake_of(p);

    f->seen = f->seen || what == WIRE_SEEN_CERTIFICATE;
    f->dtls = f->dtls || what == WIRE_SEEN_DTLS;
}

enum audit_outcome probe_outcome(probe_result r)
{
    static const enum audit_outcome outcomes[] = {
        [PROBE_ANSWER] = OUTCOME_DONE,    [PROBE_SILENT] = OUTCOME_SILENT,
        [PROBE_REFUSED] = OUTCOME_CLOSED, [PROBE_RESET] = OUTCOME_DONE,
        [PROBE_DENIED] = OUTCOME_DENIED,
    };

    return outcomes[r];
}

covey_bytes probe_text(const char *text)
{
    return covey_bytes_of((const uint8_t *)text, strlen(text));
}
