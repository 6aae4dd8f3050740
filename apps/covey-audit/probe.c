/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe.h"

#include <arpa/inet.h>
#include <covey/address.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* --- words with the broker ----------------------------------------------- */

static bool tell(probe *p, enum wire_type type, covey_bytes a, covey_bytes b)
{
    const size_t len = 1 + a.len + b.len;

    if (len > sizeof p->out) {
        return false;
    }
    p->out[0] = (uint8_t)type;
    if (a.len > 0) {
        memcpy(p->out + 1, a.ptr, a.len);
    }
    if (b.len > 0) {
        memcpy(p->out + 1 + a.len, b.ptr, b.len);
    }
    return write(p->fd, p->out, len) == (ssize_t)len;
}

/* The broker's answer; DENIED if it has none. */
static enum wire_type hear(probe *p)
{
    const ssize_t n = read(p->fd, p->in, sizeof p->in);

    p->in_len = n > 0 ? (size_t)n : 0;
    return n > 0 ? (enum wire_type)p->in[0] : WIRE_DENIED;
}

static covey_bytes nothing(void)
{
    return covey_bytes_of(NULL, 0);
}

/* The packet that was awaited before stays where it is. */
static bool order(probe *p, enum wire_type type, covey_bytes content)
{
    uint8_t answer = WIRE_DENIED;

    p->denied = p->denied || !tell(p, type, content, nothing()) ||
                read(p->fd, &answer, 1) != 1 || answer != WIRE_DONE;
    return !p->denied;
}

/* Into `storage`; false: it does not fit. */
static bool keep_span(covey_bytes from, uint8_t *storage, size_t cap,
                      covey_bytes *out)
{
    if (from.len > cap) {
        return false;
    }
    if (from.len > 0) {
        memcpy(storage, from.ptr, from.len);
    }
    *out = covey_bytes_of(storage, from.len);
    return true;
}

static void read_target(probe *p, covey_reader *r)
{
    const int family =
        covey_read_u8(r) == COVEY_FAMILY_IPV6 ? AF_INET6 : AF_INET;
    const covey_bytes ip = covey_read_bytes(r, 16);

    if (ip.len == 16) {
        inet_ntop(family, ip.ptr, p->target, sizeof p->target);
    }
}

bool probe_begin(probe *p, int fd, uint8_t *check)
{
    memset(p, 0, sizeof *p);
    p->fd = fd;
    if (hear(p) != WIRE_BEGIN) {
        return false;
    }
    covey_reader r = covey_reader_of(covey_bytes_of(p->in + 1, p->in_len - 1));
    *check = covey_read_u8(&r);
    p->patience_ms = covey_read_u32(&r);
    p->unix_s = covey_read_u32(&r);
    read_target(p, &r);
    const covey_bytes canary = covey_read_bytes(&r, covey_read_u8(&r));
    const covey_bytes facts = covey_read_bytes(&r, covey_read_u32(&r));
    p->dtls = covey_read_u8(&r) != 0;
    p->core_asked = covey_read_u32(&r);
    p->core_answered = covey_read_u32(&r);
    const covey_bytes kept = covey_read_rest(&r);
    if (r.failed != COVEY_OK || canary.len >= sizeof p->canary) {
        return false;
    }
    if (canary.len > 0) {
        memcpy(p->canary, canary.ptr, canary.len);
    }
    return keep_span(facts, p->fact_storage, sizeof p->fact_storage,
                     &p->facts) &&
           keep_span(kept, p->storage, sizeof p->storage, &p->kept);
}

void probe_end(probe *p, enum audit_outcome outcome)
{
    const uint8_t code = (uint8_t)outcome;

    (void)tell(p, WIRE_END, covey_bytes_of(&code, 1), nothing());
}

bool probe_send(probe *p, covey_bytes packet)
{
    return order(p, WIRE_SEND, packet);
}

bool probe_port(probe *p)
{
    return order(p, WIRE_PORT, nothing());
}

bool probe_reply(probe *p, covey_bytes packet)
{
    return order(p, WIRE_REPLY, packet);
}

probe_result probe_await(probe *p, uint32_t ms, covey_bytes *packet,
                         uint16_t *who)
{
    uint8_t content[4];
    covey_writer w = covey_writer_of(content, sizeof content);

    covey_write_u32(&w, ms);
    if (p->denied || !tell(p, WIRE_AWAIT, covey_written(&w), nothing())) {
        return PROBE_DENIED;
    }
    switch (hear(p)) {
    case WIRE_DATA:
        if (p->in_len < 3) {
            return PROBE_DENIED;
        }
        *who = (uint16_t)(p->in[1] << 8 | p->in[2]);
        *packet = covey_bytes_of(p->in + 3, p->in_len - 3);
        return PROBE_ANSWER;
    case WIRE_SILENT:
        return PROBE_SILENT;
    case WIRE_REFUSED:
        return PROBE_REFUSED;
    case WIRE_BEGIN:
    case WIRE_SEND:
    case WIRE_PORT:
    case WIRE_REPLY:
    case WIRE_AWAIT:
    case WIRE_FINDING:
    case WIRE_NOTE:
    case WIRE_KEEP:
    case WIRE_SIZE:
    case WIRE_SEEN:
    case WIRE_END:
    case WIRE_DONE:
    case WIRE_DENIED:
        break;
    }
    p->denied = true;
    return PROBE_DENIED;
}

/* --- what was found ------------------------------------------------------ */

/* Behind what was found; bytes of it, 0 if there is no room for all. */
static size_t append_proviso(const probe *p, char *out, size_t cap)
{
    const int n = snprintf(out, cap, "; %s", p->proviso);

    if (n > 0 && (size_t)n < cap) {
        return (size_t)n;
    }
    out[0] = '\0';
    return 0;
}

void probe_finding(probe *p, enum audit_finding which, const char *format, ...)
{
    const uint8_t number = (uint8_t)which;
    char text[WIRE_DETAIL_MAX];
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t len = n < 0                     ? 0
                 : (size_t)n < sizeof text ? (size_t)n
                                           : sizeof text - 1;
    if (p->proviso != NULL) {
        len += append_proviso(p, text + len, sizeof text - len);
    }
    if (p->found != NULL) {
        p->found(p->user, which, text);
        return;
    }
    (void)tell(p, WIRE_FINDING, covey_bytes_of(&number, 1),
               covey_bytes_of((const uint8_t *)text, len));
}

void probe_note(probe *p, const char *name, const char *format, ...)
{
    char text[WIRE_DETAIL_MAX];
    va_list args;
    if (p->found != NULL) {
        return; /* nobody keeps notes */
    }
    const int head = snprintf(text, sizeof text, "%s ", name);

    va_start(args, format);
    const int n =
        vsnprintf(text + head, sizeof text - (size_t)head, format, args);
    va_end(args);
    const size_t all = (size_t)head + (n > 0 ? (size_t)n : 0);
    (void)tell(p, WIRE_NOTE,
               covey_bytes_of((const uint8_t *)text,
                              all < sizeof text ? all : sizeof text - 1),
               nothing());
}

void probe_keep(probe *p, covey_bytes bytes)
{
    const size_t len = bytes.len < WIRE_KEPT_MAX ? bytes.len : WIRE_KEPT_MAX;

    (void)tell(p, WIRE_KEEP, covey_bytes_of(bytes.ptr, len), nothing());
}

void probe_size(probe *p, size_t asked, size_t answered)
{
    uint8_t content[8];
    covey_writer w = covey_writer_of(content, sizeof content);

    covey_write_u32(&w, (uint32_t)asked);
    covey_write_u32(&w, (uint32_t)answered);
    (void)tell(p, WIRE_SIZE, covey_written(&w), nothing());
}

void probe_seen(probe *p, enum wire_seen what)
{
    const uint8_t byte = (uint8_t)what;

    (void)tell(p, WIRE_SEEN, covey_bytes_of(&byte, 1), nothing());
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

/* --- what every check needs ---------------------------------------------- */

uint64_t probe_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void probe_random(uint8_t *out, size_t len)
{
    if (getrandom(out, len, 0) != (ssize_t)len) {
        _exit(1); /* no token that can be guessed */
    }
}

covey_bytes probe_text(const char *text)
{
    return covey_bytes_of((const uint8_t *)text, strlen(text));
}
