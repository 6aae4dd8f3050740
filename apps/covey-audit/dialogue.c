/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialogue.h"

#include <string.h>

/* AES_128_CCM_8 and AES_256_CCM_8 of RFC 6655 and RFC 7251. */
static bool has_short_tag(uint16_t suite)
{
    return (suite >= 0xc0a0 && suite <= 0xc0a3) ||
           (suite >= 0xc0a8 && suite <= 0xc0ab) || suite == 0xc0ae ||
           suite == 0xc0af;
}

static bool send_hello(probe *p, dialogue *d)
{
    uint8_t packet[HELLO_MAX + HELLO_COOKIE_MAX + 32];
    covey_writer w = covey_writer_of(packet, sizeof packet);

    return hello_write(&w, &d->offer, d->random) &&
           probe_send(p, covey_written(&w));
}

/* The first record, put together from what comes of a stream. */
static void read_first(dialogue *d, covey_bytes packet)
{
    static uint8_t stream[HELLO_MAX];
    const size_t from = d->offer.dtls ? 0 : d->first_len;
    const size_t room = sizeof stream - from;
    const size_t n = packet.len < room ? packet.len : room;

    memcpy(stream + from, packet.ptr, n);
    d->first_len = from + n;
    d->answer =
        hello_read(covey_bytes_of(stream, d->first_len), d->offer.dtls);
    if (d->answer.kind == HELLO_MORE && d->first_len == sizeof stream) {
        d->answer.kind = HELLO_OTHER;
    }
}

static bool wants_more(const dialogue *d)
{
    return d->answer.kind == HELLO_MORE ||
           (d->answer.kind == HELLO_SERVER && d->flight != NULL &&
            d->flight->state == FLIGHT_MORE);
}

static void await_answer(probe *p, dialogue *d)
{
    const uint64_t until = probe_now() + p->patience_ms;

    d->answer.kind = HELLO_MORE;
    d->first_len = 0;
    while (wants_more(d)) {
        const uint64_t now = probe_now();
        covey_bytes packet;
        uint16_t who;
        d->result = now >= until ? PROBE_SILENT
                                 : probe_await(p, (uint32_t)(until - now),
                                               &packet, &who);
        if (d->result != PROBE_ANSWER) {
            return;
        }
        if (d->answer.kind == HELLO_MORE) {
            read_first(d, packet);
        }
        if (d->flight != NULL) {
            flight_take(d->flight, packet);
        }
    }
}

static void end_handshake(probe *p, const dialogue *d)
{
    uint8_t packet[32];
    covey_writer w = covey_writer_of(packet, sizeof packet);

    if (d->offer.dtls && d->answer.kind == HELLO_SERVER &&
        hello_write_alert(&w, &d->offer)) {
        (void)probe_send(p, covey_written(&w));
    }
}

void dialogue_hold(probe *p, dialogue *d, bool follow)
{
    d->result = PROBE_DENIED;
    probe_random(d->random, sizeof d->random);
    if (!send_hello(p, d)) {
        return;
    }
    await_answer(p, d);
    d->asked_for_cookie =
        d->result == PROBE_ANSWER && d->answer.kind == HELLO_VERIFY;
    if (d->asked_for_cookie && follow) {
        memcpy(d->cookie, d->answer.cookie.ptr, d->answer.cookie.len);
        d->offer.cookie = covey_bytes_of(d->cookie, d->answer.cookie.len);
        d->offer.message_seq = 1;
        d->result = PROBE_DENIED;
        if (send_hello(p, d)) {
            await_answer(p, d);
        }
    }
    end_handshake(p, d);
}

void dialogue_tell(probe *p, const dialogue *d)
{
    switch (d->answer.kind) {
    case HELLO_SERVER:
        probe_note(p, "answer", "ServerHello %04x, suite %04x%s",
                   d->answer.version, d->answer.suite,
                   d->asked_for_cookie ? ", after a cookie" : "");
        if (has_short_tag(d->answer.suite)) {
            /* no weakness: RFC 7252 Section 9.1.3 asks for it */
            probe_note(p, "suite", "CCM_8, with tags of 64 bits");
        }
        break;
    case HELLO_VERIFY:
        probe_note(p, "answer", "HelloVerifyRequest");
        break;
    case HELLO_ALERT:
        probe_note(p, "answer", "alert %u", d->answer.alert);
        break;
    case HELLO_MORE:
    case HELLO_OTHER:
        probe_note(p, "answer", "not TLS");
        break;
    }
}

enum audit_outcome dialogue_outcome(const dialogue *d)
{
    return d->result == PROBE_SILENT && d->asked_for_cookie
               ? OUTCOME_DONE
               : probe_outcome(d->result);
}
