/* SPDX-License-Identifier: BSD-2-Clause */
/* Targets that answer with what they should not: each check sends no more than
 * its row says, ends, and finds nothing that is not there. */
#include "fake_probe.h"

#include "kit.h"

#include <stdio.h>

enum {
    /* one a millisecond, for as long as a check lasts */
    AWAITS_MAX = 30000,
    DATAGRAM = 65507
};

static fake f;

/* --- targets ------------------------------------------------------------- */

#define TOKEN 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5

static const uint8_t answer_head[] = { 0x58, 0x45, 0x00, 0x07, TOKEN };
static const uint8_t links[] = "</\x1b[31m<b>>;rt=\"]]>&lt;\";osc,</x>;obs,"
                               "</ace>;rt=\"core.osc.gm\",</schc>;rt=\"core.c."
                               "\x7f\"";

static uint8_t datagram[DATAGRAM];

static bool send_of(fake_packet *out, size_t len)
{
    out->bytes = covey_bytes_of(datagram, len);
    return true;
}

/* An answer to whatever was asked, with this payload. */
static bool content(fake_packet *out, covey_bytes payload)
{
    memcpy(datagram, answer_head, sizeof answer_head);
    datagram[sizeof answer_head] = 0xff;
    memcpy(datagram + sizeof answer_head + 1, payload.ptr, payload.len);
    return send_of(out, sizeof answer_head + 1 + payload.len);
}

static bool silence(fake *t, fake_packet *out)
{
    (void)t;
    (void)out;
    return false;
}

/* Whatever comes: never the same, never an answer. */
static bool garbage(fake *t, fake_packet *out)
{
    for (size_t i = 0; i < 90; i++) {
        datagram[i] = (uint8_t)(t->awaited * 7u + i * i);
    }
    return send_of(out, t->awaited % 90);
}

static bool wrong_token(fake *t, fake_packet *out)
{
    (void)t;
    (void)content(out, SPAN("</a>"));
    datagram[5] ^= 1;
    return true;
}

static bool huge(fake *t, fake_packet *out)
{
    (void)t;
    memcpy(datagram, answer_head, sizeof answer_head);
    memset(datagram + sizeof answer_head, 0xff, DATAGRAM - 12);
    return send_of(out, DATAGRAM);
}

/* Escapes of terminals, HTML and XML. */
static bool escapes(fake *t, fake_packet *out)
{
    (void)t;
    return content(out, covey_bytes_of(links, sizeof links - 1));
}

/* Confirmable, so that each answer wants an acknowledgement. */
static bool confirmable(fake *t, fake_packet *out)
{
    (void)t;
    (void)content(out, covey_bytes_of(links, sizeof links - 1));
    datagram[0] = 0x48;
    return true;
}

/* The same as notifications without end. */
static bool notifies(fake *t, fake_packet *out)
{
    static const uint8_t head[] = { 0x48, 0x45, 0x00, 0x07, TOKEN,
                                    0x61, 0x01, 0xff, 'x' };

    (void)t;
    memcpy(datagram, head, sizeof head);
    return send_of(out, sizeof head);
}

/* Block2 with a number after the last one, and always more. */
static bool endless(fake *t, fake_packet *out)
{
    covey_writer w = covey_writer_of(datagram, sizeof datagram);

    covey_write_bytes(&w, covey_bytes_of(answer_head, sizeof answer_head));
    covey_write_u8(&w, 0xd1); /* 23, a byte */
    covey_write_u8(&w, 10);
    covey_write_u8(&w, (uint8_t)((t->sent - 1) << 4 | 0x08));
    covey_write_u8(&w, 0xff);
    covey_write_bytes(&w, SPAN("</0123456789>,</"));
    return send_of(out, w.pos);
}

/* Another ClientHello's worth of cookie, each time. */
static bool cookies(fake *t, fake_packet *out)
{
    static const char hex[] =
        "16 feff 0000 000000000000 0013 03 000007 0000 000000 000007 feff 04 "
        "636f6f6b";

    (void)t;
    return send_of(out, kit_hex(hex, datagram, sizeof datagram).len);
}

/* A byte of a record of TLS that would be a long one. */
static bool drips(fake *t, fake_packet *out)
{
    static const uint8_t head[] = { 22, 3, 3, 0x3f, 0xff, 2, 0, 0x3f, 0xf0 };

    datagram[0] = t->awaited <= sizeof head ? head[t->awaited - 1] : 3;
    return t->awaited < 200 && send_of(out, 1);
}

/* The canary is asked by everybody, for everything. */
static bool canary(fake *t, fake_packet *out)
{
    (void)garbage(t, out);
    out->canary = true;
    return true;
}

static const struct {
    const char *why;
    bool (*next)(fake *t, fake_packet *out);
    bool finds; /* it says things that are to be found */
} targets[] = {
    { "silence", silence, false },
    { "garbage", garbage, false },
    { "answers to somebody else", wrong_token, false },
    { "64 kB", huge, true },
    { "escapes", escapes, true },
    { "confirmable answers", confirmable, true },
    { "notifications without end", notifies, true },
    { "blocks without end", endless, true },
    { "cookies without end", cookies, true },
    { "a byte at a time", drips, false },
    { "questions to the canary", canary, false },
};

static void run(const audit_check *c, size_t i)
{
    static uint8_t facts[600];
    covey_writer w = covey_writer_of(facts, sizeof facts);

    fake_open(&f, targets[i].next, NULL);
    fact_put(&w, FACT_NAME, SPAN("lamp.example"));
    fact_put(&w, FACT_RESOURCE, SPAN("/x"));
    f.p.kept = covey_bytes_of(links, sizeof links - 1);
    f.p.facts = covey_written(&w);
    const enum audit_outcome outcome = c->run(&f.p);
    assert_true((unsigned)outcome < OUTCOMES);
    assert_true(f.sent <= c->packets);
    assert_true(c->asks <= c->packets);
    assert_true(f.awaited <= AWAITS_MAX);
    /* what is in the list of resources is found without any answer */
    const bool by_list =
        strcmp(c->id, "CO-12") == 0 || strcmp(c->id, "IN-01") == 0;
    assert_true(targets[i].finds || by_list || f.finding_count == 0);
    fake_close(&f);
}

static void each_check_keeps_its_bounds(void **state)
{
    size_t count = 0;
    const audit_check *all = audit_checks(&count);

    (void)state;
    for (size_t c = 0; c < count; c++) {
        for (size_t i = 0; i < COUNT_OF(targets); i++) {
            char why[80];
            snprintf(why, sizeof why, "%s, %s", all[c].id, targets[i].why);
            kit_case(why);
            run(&all[c], i);
        }
    }
    kit_case(NULL);
}

/* What an earlier check has heard is not asked for again. */
static void what_is_known_costs_nothing(void **state)
{
    size_t count = 0;
    const audit_check *all = audit_checks(&count);

    (void)state;
    for (size_t c = 0; c < count; c++) {
        const bool amplifies = strcmp(all[c].id, "CO-02") == 0;
        if (!amplifies && strcmp(all[c].id, "CO-11") != 0) {
            continue;
        }
        kit_case(all[c].id);
        fake_open(&f, silence, NULL);
        f.p.dtls = true;
        f.p.core_asked = 25;
        f.p.core_answered = amplifies ? 1000 : 25;
        /* CO-02 asks for open links, of which there is none here */
        f.p.kept = amplifies ? SPAN("</x>;osc") : SPAN("</x>");
        assert_int_equal(OUTCOME_DONE, all[c].run(&f.p));
        assert_int_equal(0, f.sent);
        assert_true(fake_has(&f, amplifies ? FINDING_AMPLIFIES
                                           : FINDING_NOSEC_BESIDE_DTLS));
        fake_close(&f);
    }
    kit_case(NULL);
}

/* Nothing is asked for again once the broker has said no. */
static void what_is_denied_ends(void **state)
{
    size_t count = 0;
    const audit_check *all = audit_checks(&count);

    (void)state;
    for (size_t c = 0; c < count; c++) {
        kit_case(all[c].title);
        fake_open(&f, escapes, NULL);
        f.refuses = true;
        const enum audit_outcome outcome = all[c].run(&f.p);
        assert_int_equal(0, f.sent);
        assert_true(f.awaited <= 1); /* who may speak first is listened to */
        assert_int_equal(0, f.finding_count);
        assert_true(outcome == OUTCOME_DENIED || outcome == OUTCOME_DONE ||
                    outcome == OUTCOME_FAILED);
        fake_close(&f);
    }
    kit_case(NULL);
}

/* --- a certificate, and what is signed with it --------------------------- */

/* ServerHello, a certificate that is none, and what comes behind. */
static const struct {
    const char *why;
    const char *behind;
    const char *note;
} exchanges[] = {
    { "a request for a certificate", "16 0303 0004 0d 000000",
      "key not proved: no ServerKeyExchange, RSA decrypts here" },
    { "nothing", "", "key not proved: no ServerKeyExchange has come" },
    { "an alert", "15 0303 0002 02 28",
      "key not proved: no ServerKeyExchange has come" },
    { "an empty key exchange", "16 0303 0004 0c 000000",
      "key not proved: a ServerKeyExchange of another kind" },
    { "a prime instead of a curve",
      "16 0303 0010 0c 00000c 010017 01 04 0403 0003 c0dede",
      "key not proved: a ServerKeyExchange of another kind" },
    { "a point that is cut", "16 0303 0009 0c 000005 030017 41 04",
      "key not proved: a ServerKeyExchange of another kind" },
    { "a signature that is cut",
      "16 0303 000f 0c 00000b 030017 01 04 0403 0003 c0de",
      "key not proved: a ServerKeyExchange of another kind" },
    { "a byte behind it",
      "16 0303 0011 0c 00000d 030017 01 04 0403 0003 c0dede 00",
      "key not proved: a ServerKeyExchange of another kind" },
    { "by no key at all",
      "16 0303 0010 0c 00000c 030017 01 04 0403 0003 c0dede",
      "key not proved: it cannot have signed ServerKeyExchange so" },
};

static const char *behind;

/* All of it in one piece, once. */
static bool flight_of_1_2(fake *t, fake_packet *out)
{
    static const char hello[] =
        "16 0303 002a 02 000026 0303"
        "aa00000000000000000000000000000000000000000000000000000000000000"
        "00 c02b 00 16 0303 000c 0b 000008 000005 000002 3081";
    covey_bytes all;

    if (t->awaited > 1) {
        return false;
    }
    all = kit_hex(hello, datagram, sizeof datagram);
    all.len +=
        kit_hex(behind, datagram + all.len, sizeof datagram - all.len).len;
    out->bytes = all;
    return true;
}

static void doubts_a_key_that_has_signed_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++) {
        kit_case(exchanges[i].why);
        behind = exchanges[i].behind;
        fake_open(&f, flight_of_1_2, NULL);
        assert_int_equal(OUTCOME_DONE, check_tls_certificate(&f.p));
        assert_string_equal(exchanges[i].note, f.note);
        assert_non_null(f.p.proviso);
        assert_true(fake_has(&f, FINDING_CERT_CHAIN));
        assert_false(fake_has(&f, FINDING_CERT_UNPROVED));
        assert_int_equal(1, f.sent);
        fake_close(&f);
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubts_a_key_that_has_signed_nothing),
        cmocka_unit_test(each_check_keeps_its_bounds),
        cmocka_unit_test(what_is_known_costs_nothing),
        cmocka_unit_test(what_is_denied_ends),
    };

    return KIT_RUN(tests);
}
