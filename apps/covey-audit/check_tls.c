/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks of TLS over TCP and DTLS over UDP, one ClientHello each, and one more
 * with the cookie where DTLS asks for it: TL-01, TL-02, TL-04 and CO-11. */
#include "dialogue.h"

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

/* --- TL-01 --------------------------------------------------------------- */

/* A server may answer with what was not offered; that is no old version. */
static bool is_old(uint16_t version)
{
    return version == HELLO_DTLS_1_0 || version == HELLO_TLS_1_0 ||
           version == HELLO_TLS_1_1;
}

static enum audit_outcome old_version(probe *p, bool dtls)
{
    dialogue d = { .offer = { .dtls = dtls,
                              .version = dtls ? HELLO_DTLS_1_0 : HELLO_TLS_1_1,
                              .suites = common,
                              .suite_count = COUNT(common) } };

    dialogue_hold(p, &d, true);
    if (d.result == PROBE_ANSWER) {
        dialogue_tell(p, &d);
        if (d.answer.kind == HELLO_SERVER && is_old(d.answer.version)) {
            probe_finding(p, FINDING_OLD_VERSION, "%s 1.%u",
                          dtls ? "DTLS" : "TLS",
                          dtls ? 0u : d.answer.version - 0x0301u);
        }
    }
    return dialogue_outcome(&d);
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

/* NULL: it was not offered. */
static const char *suite_name(uint16_t number)
{
    for (size_t i = 0; i < COUNT(weak); i++) {
        if (weak[i].number == number) {
            return weak[i].name;
        }
    }
    return NULL;
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

    dialogue_hold(p, &d, true);
    if (d.result == PROBE_ANSWER) {
        dialogue_tell(p, &d);
        const char *name = suite_name(d.answer.suite);
        if (d.answer.kind == HELLO_SERVER && name != NULL) {
            probe_finding(p, FINDING_WEAK_SUITE, "%04x %s", d.answer.suite,
                          name);
        }
    }
    return dialogue_outcome(&d);
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

static bool is_dtls(const dialogue *d)
{
    return d->result == PROBE_ANSWER &&
           (d->answer.kind == HELLO_SERVER || d->answer.kind == HELLO_VERIFY);
}

static void first_hello(probe *p, dialogue *d)
{
    memset(d, 0, sizeof *d);
    d->offer.dtls = true;
    d->offer.version = HELLO_DTLS_1_2;
    d->offer.suites = common;
    d->offer.suite_count = COUNT(common);
    dialogue_hold(p, d, false);
    if (d->result == PROBE_ANSWER) {
        dialogue_tell(p, d);
    }
    if (is_dtls(d)) {
        probe_seen(p, WIRE_SEEN_DTLS);
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

/* CO-01 has found resources in the open, and here is DTLS for them, as TL-04
 * may have heard already. */
enum audit_outcome check_nosec(probe *p)
{
    covey_bytes left = p->kept;
    covey_bytes target;
    covey_bytes attributes;
    unsigned links = 0;
    dialogue d = { .result = PROBE_SILENT };

    while (coap_next_link(&left, "osc", false, &target, &attributes)) {
        links++;
    }
    if (!p->dtls) {
        first_hello(p, &d);
    } else {
        probe_note(p, "answer", "DTLS, of TL-04");
    }
    if (links > 0 && (p->dtls || is_dtls(&d))) {
        probe_finding(p, FINDING_NOSEC_BESIDE_DTLS,
                      "%u links are open at port 5683", links);
    }
    return d.result == PROBE_SILENT ? OUTCOME_DONE : probe_outcome(d.result);
}
