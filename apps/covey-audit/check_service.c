/* SPDX-License-Identifier: BSD-2-Clause */
/* SV-01: which service is at an open port. Who speaks first is listened to;
 * who does not is sent one ClientHello, which is a handshake to one who speaks
 * TLS and a mistake to all others. Over UDP a ping of CoAP and a ClientHello
 * of DTLS. Nothing is asked of the service itself. */
#include "dialogue.h"
#include "greeting.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const uint16_t common[] = {
    0xc02b, 0xc02f, 0xc0ac, 0xc0ae, 0xc0a8, 0x00a8, 0xc009, 0xc013, 0x002f,
};

static void tell(probe *p, const char *service, covey_bytes said)
{
    const covey_bytes line = greeting_line(said);

    probe_note(p, "service", "%s", service);
    if (line.len > 0) {
        probe_note(p, "banner", "%.*s", (int)line.len, (const char *)line.ptr);
    }
}

/* By what it is, not by what it says (AUD-093). SSH protects itself, CoAP may
 * do so inside; the others have at best another name for STARTTLS. */
static void judge(probe *p, const char *service)
{
    static const char *const clear[] = { "ftp",   "http", "imap",   "pop3",
                                         "rsync", "smtp", "telnet", "vnc" };

    for (size_t i = 0; service != NULL && i < COUNT(clear); i++) {
        if (strcmp(clear[i], service) == 0) {
            probe_finding(p, FINDING_SERVICE_CLEAR, "%s, without TLS",
                          service);
        }
    }
}

static dialogue hello_of(bool dtls)
{
    const dialogue d = { .offer = { .dtls = dtls,
                                    .version =
                                        dtls ? HELLO_DTLS_1_2 : HELLO_TLS_1_2,
                                    .suites = common,
                                    .suite_count = COUNT(common) } };

    return d;
}

/* What came instead of a greeting, or behind a ClientHello. */
static enum audit_outcome ask_tls(probe *p)
{
    uint8_t packet[HELLO_MAX];
    covey_writer w = covey_writer_of(packet, sizeof packet);
    const dialogue d = hello_of(false);
    uint8_t random[32];
    covey_bytes said = { NULL, 0 };
    uint16_t who;

    probe_random(random, sizeof random);
    if (!hello_write(&w, &d.offer, random) ||
        !probe_send(p, covey_written(&w))) {
        return OUTCOME_DENIED;
    }
    const probe_result r = probe_await(p, p->patience_ms, &said, &who);
    if (r != PROBE_ANSWER) {
        tell(p, "unknown", covey_bytes_of(NULL, 0));
        return OUTCOME_DONE;
    }
    const enum hello_kind kind = hello_read(said, false).kind;
    const char *service = greeting_service(said);
    tell(p,
         kind == HELLO_SERVER || kind == HELLO_ALERT ? "tls"
         : service != NULL                           ? service
                                                     : "unknown",
         said);
    judge(p, service);
    return OUTCOME_DONE;
}

enum audit_outcome check_service_stream(probe *p)
{
    covey_bytes said;
    uint16_t who;
    const probe_result r = probe_await(p, p->patience_ms, &said, &who);

    if (r == PROBE_SILENT) {
        return ask_tls(p);
    }
    if (r == PROBE_ANSWER) {
        const char *service = greeting_service(said);
        tell(p, service != NULL ? service : "unknown", said);
        judge(p, service);
    }
    return probe_outcome(r);
}

enum audit_outcome check_service_datagram(probe *p)
{
    dialogue d = hello_of(true);

    if (check_health(p) == OUTCOME_DONE) {
        tell(p, "coap", covey_bytes_of(NULL, 0));
        return OUTCOME_DONE;
    }
    dialogue_hold(p, &d, false);
    if (d.result == PROBE_DENIED) {
        return OUTCOME_DENIED;
    }
    tell(p,
         d.result == PROBE_ANSWER && d.answer.kind != HELLO_MORE &&
                 d.answer.kind != HELLO_OTHER
             ? "dtls"
             : "unknown",
         covey_bytes_of(NULL, 0));
    return OUTCOME_DONE;
}
