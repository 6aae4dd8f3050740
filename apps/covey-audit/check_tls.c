/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks of TLS over TCP and DTLS over UDP, one ClientHello each, and one more
 * with the cookie where DTLS asks for it: TL-01, TL-02, TL-04 and CO-11. A
 * handshake that a server would go on with is ended by an alert, over TCP by
 * the connection. */
#include "hello.h"
#include "probe.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

typedef struct suite_row {
    uint16_t number;
    const char *name;
} suite_row;

/* What no server should choose: no encryption, export, RC4, DES, no
 * authentication, or no forward secrecy (RFC 9325 Section 4.1). */
/* clang-format off */
static const suite_row weak[] = {
    { 0x0001, "RSA_WITH_NULL_MD5" },
    { 0x0002, "RSA_WITH_NULL_SHA" },
    { 0x003b, "RSA_WITH_NULL_SHA256" },
    { 0x0003, "RSA_EXPORT_WITH_RC4_40_MD5" },
    { 0x0008, "RSA_EXPORT_WITH_DES40_CBC_SHA" },
    { 0x0004, "RSA_WITH_RC4_128_MD5" },
    { 0x0005, "RSA_WITH_RC4_128_SHA" },
    { 0x0009, "RSA_WITH_DES_CBC_SHA" },
    { 0x000a, "RSA_WITH_3DES_EDE_CBC_SHA" },
    { 0x0018, "DH_anon_WITH_RC4_128_MD5" },
    { 0x001b, "DH_anon_WITH_3DES_EDE_CBC_SHA" },
    { 0x0034, "DH_anon_WITH_AES_128_CBC_SHA" },
    { 0x006c, "DH_anon_WITH_AES_128_CBC_SHA256" },
    { 0x00a6, "DH_anon_WITH_AES_128_GCM_SHA256" },
    { 0xc006, "ECDHE_ECDSA_WITH_NULL_SHA" },
    { 0xc007, "ECDHE_ECDSA_WITH_RC4_128_SHA" },
    { 0xc008, "ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA" },
    { 0xc010, "ECDHE_RSA_WITH_NULL_SHA" },
    { 0xc011, "ECDHE_RSA_WITH_RC4_128_SHA" },
    { 0xc012, "ECDHE_RSA_WITH_3DES_EDE_CBC_SHA" },
    { 0xc015, "ECDH_anon_WITH_NULL_SHA" },
    { 0xc018, "ECDH_anon_WITH_AES_128_CBC_SHA" },
    { 0x002c, "PSK_WITH_NULL_SHA" },
    { 0x00b0, "PSK_WITH_NULL_SHA256" },
    { 0x008a, "PSK_WITH_RC4_128_SHA" },
    { 0x008b, "PSK_WITH_3DES_EDE_CBC_SHA" },
    { 0x002f, "RSA_WITH_AES_128_CBC_SHA" },
    { 0x003c, "RSA_WITH_AES_128_CBC_SHA256" },
    { 0x009c, "RSA_WITH_AES_128_GCM_SHA256" },
};
/* clang-format on */

/* What a server of any version may know. */
static const uint16_t common[] = {
    0xc02b, 0xc02f, 0xc0ac, 0xc0ae, 0xc0a4, 0xc0a8, 0x00a8, 0xc009,
    0xc013, 0xc00a, 0xc014, 0x008c, 0xc035, 0x002f, 0x0035,
};

/* --- one handshake, as far as the server's first words ------------------- */

typedef struct dialogue {
    hello_offer offer;
    uint8_t cookie[HELLO_COOKIE_MAX];
    bool asked_for_cookie;
    hello_answer answer;
    probe_result result;
} dialogue;

static bool send_hello(probe *p, dialogue *d)
{
    uint8_t packet[HELLO_MAX + HELLO_COOKIE_MAX + 32];
    covey_writer w = covey_writer_of(packet, sizeof packet);
    uint8_t random[32];

    probe_random(random, sizeof random);
    return hello_write(&w, &d->offer, random) &&
           probe_send(p, covey_written(&w));
}

/* The first record, put together from what comes of a stream. */
static void await_answer(probe *p, dialogue *d)
{
    static uint8_t stream[HELLO_MAX];
    const uint64_t until = probe_now() + p->patience_ms;
    size_t len = 0;

    d->answer.kind = HELLO_MORE;
    while (d->answer.kind == HELLO_MORE && len < sizeof stream) {
        const uint64_t now = probe_now();
        covey_bytes packet;
        uint16_t who;
        d->result = now >= until ? PROBE_SILENT
                                 : probe_await(p, (uint32_t)(until - now),
                                               &packet, &who);
        if (d->result != PROBE_ANSWER) {
            return;
        }
        const size_t room = sizeof stream - len;
        const size_t n = packet.len < room ? packet.len : room;
        len = d->offer.dtls ? 0 : len;
        memcpy(stream + len, packet.ptr, n);
        len += n;
        d->answer = hello_read(covey_bytes_of(stream, len), d->offer.dtls);
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

/* `follow`: with the cookie, if one is asked for. */
static void talk(probe *p, dialogue *d, bool follow)
{
    d->result = PROBE_DENIED;
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

static void tell(probe *p, const dialogue *d)
{
    switch (d->answer.kind) {
    case HELLO_SERVER:
        probe_note(p, "answer", "ServerHello %04x, suite %04x%s",
                   d->answer.version, d->answer.suite,
                   d->asked_for_cookie ? ", after a cookie" : "");
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

/* A server may refuse in silence, or by closing the stream. */
static enum audit_outcome outcome_of(const dialogue *d)
{
    return d->result == PROBE_SILENT && d->asked_for_cookie
               ? OUTCOME_DONE
               : probe_outcome(d->result);
}

/* --- TL-01 --------------------------------------------------------------- */

static enum audit_outcome old_version(probe *p, bool dtls)
{
    dialogue d = { .offer = { .dtls = dtls,
                              .version = dtls ? HELLO_DTLS_1_0 : HELLO_TLS_1_1,
                              .suites = common,
                              .suite_count = COUNT(common) } };

    talk(p, &d, true);
    if (d.result == PROBE_ANSWER) {
        tell(p, &d);
        if (d.answer.kind == HELLO_SERVER) {
            probe_finding(p, FINDING_OLD_VERSION, "%s 1.%u",
                          dtls ? "DTLS" : "TLS",
                          dtls ? 0u : d.answer.version - 0x0301u);
        }
    }
    return outcome_of(&d);
}

enum audit_outcome check_dtls_version(probe *p)
{
    return old_version(p, true);
}

enum audit_outcome check_tls_version(probe *p)
{
    return old_version(p, false);
}

/* --- TL-02 --------------------------------------------------------------- */

static const char *suite_name(uint16_t number)
{
    for (size_t i = 0; i < COUNT(weak); i++) {
        if (weak[i].number == number) {
            return weak[i].name;
        }
    }
    return "a suite that was not offered";
}

static enum audit_outcome weak_suite(probe *p, bool dtls)
{
    uint16_t suites[COUNT(weak)];

    for (size_t i = 0; i < COUNT(weak); i++) {
        suites[i] = weak[i].number;
    }
    dialogue d = { .offer = { .dtls = dtls,
                              .version = dtls ? HELLO_DTLS_1_2 : HELLO_TLS_1_2,
                              .suites = suites,
                              .suite_count = COUNT(weak) } };

    talk(p, &d, true);
    if (d.result == PROBE_ANSWER) {
        tell(p, &d);
        if (d.answer.kind == HELLO_SERVER) {
            probe_finding(p, FINDING_WEAK_SUITE, "%04x %s", d.answer.suite,
                          suite_name(d.answer.suite));
        }
    }
    return outcome_of(&d);
}

enum audit_outcome check_dtls_suites(probe *p)
{
    return weak_suite(p, true);
}

enum audit_outcome check_tls_suites(probe *p)
{
    return weak_suite(p, false);
}

/* --- TL-04, CO-11 -------------------------------------------------------- */

static void first_hello(probe *p, dialogue *d)
{
    memset(d, 0, sizeof *d);
    d->offer.dtls = true;
    d->offer.version = HELLO_DTLS_1_2;
    d->offer.suites = common;
    d->offer.suite_count = COUNT(common);
    talk(p, d, false);
    if (d->result == PROBE_ANSWER) {
        tell(p, d);
    }
}

/* RFC 6347 Section 4.2.1: who has not shown that he is where he says gets no
 * ServerHello. */
enum audit_outcome check_cookie(probe *p)
{
    dialogue d;

    first_hello(p, &d);
    if (d.result == PROBE_ANSWER && d.answer.kind == HELLO_SERVER) {
        probe_finding(p, FINDING_NO_COOKIE, "ServerHello to the first packet");
    }
    return probe_outcome(d.result);
}

/* CO-01 has found resources in the open, and here is DTLS for them. */
enum audit_outcome check_nosec(probe *p)
{
    covey_bytes left = p->kept;
    covey_bytes target;
    covey_bytes attributes;
    unsigned links = 0;
    dialogue d;

    while (coap_next_link(&left, "osc", false, &target, &attributes)) {
        links++;
    }
    first_hello(p, &d);
    if (d.result == PROBE_ANSWER && links > 0 &&
        (d.answer.kind == HELLO_SERVER || d.answer.kind == HELLO_VERIFY)) {
        probe_finding(p, FINDING_NOSEC_BESIDE_DTLS,
                      "%u links are open at port 5683", links);
    }
    return d.result == PROBE_SILENT ? OUTCOME_DONE : probe_outcome(d.result);
}
