/* SPDX-License-Identifier: BSD-2-Clause */
/* PSKs, from outside and from tickets. */
#include "fixture.h"

#include <stdio.h>

static const covey_tls_psk psk = {
    .identity = { (const uint8_t *)"lamp 7", 6 },
    .secret = { (const uint8_t *)"sixteen bytes...", 16 },
    .hash = COVEY_SHA_256,
};

static covey_tls_ticket rows[2];
static covey_tls_tickets tickets = { rows, 2, 0 };

static void connects_with_a_psk(void **state)
{
    static const uint16_t server[] = { COVEY_TLS_SECP256R1 };

    (void)state;
    p.client.config.psks = p.server.config.psks = &psk;
    p.client.config.psk_count = p.server.config.psk_count = 1;
    connect_pair();
    assert_int_equal(p.client.chains, 0);
    assert_true(info_of(&p.client).used_psk);
    assert_true(info_of(&p.server).used_psk);
    assert_false(info_of(&p.server).resumed);
    talk();
    /* Behind a HelloRetryRequest, too. */
    p.server.config.groups = server;
    p.server.config.group_count = 1;
    connect_pair();
    assert_true(info_of(&p.client).used_psk && info_of(&p.client).retried);
    talk();
}

static void refuses_a_psk_that_is_not_the_same(void **state)
{
    covey_tls_psk other = psk;

    (void)state;
    other.secret = SPAN("sixteen bytes..!");
    p.client.config.psks = &other;
    p.server.config.psks = &psk;
    p.client.config.psk_count = p.server.config.psk_count = 1;
    refuse_pair(&p.server, COVEY_TLS_DECRYPT_ERROR);
    other.identity = SPAN("lamp 8"); /* unknown: certificates do it */
    connect_pair();
    assert_false(info_of(&p.client).used_psk);
}

static void uses_no_psk_of_another_hash(void **state)
{
    static const uint16_t suites[] = { COVEY_TLS_AES_256_GCM_SHA384,
                                       COVEY_TLS_AES_128_GCM_SHA256 };
    static const uint16_t server[] = { COVEY_TLS_SECP256R1 };

    (void)state;
    p.client.config.psks = p.server.config.psks = &psk;
    p.client.config.psk_count = p.server.config.psk_count = 1;
    p.server.config.suites = suites;
    p.server.config.suite_count = 2;
    connect_pair();
    assert_int_equal(info_of(&p.client).suite, suites[0]);
    assert_false(info_of(&p.client).used_psk);
    p.server.config.groups = server; /* it is not even offered again */
    p.server.config.group_count = 1;
    connect_pair();
    assert_false(info_of(&p.client).used_psk);
}

static covey_tls_session resumable(void)
{
    covey_tls_tickets_drop(&tickets);
    p.server.config.tickets = &tickets;
    p.server.config.require_client = true;
    connect_pair();
    assert_true(p.client.has_session);
    assert_int_equal(p.client.session.ticket.len, COVEY_TLS_TICKET_ID);
    return p.client.session;
}

static void resumes_a_session_once(void **state)
{
    covey_tls_session kept = resumable();
    uint8_t id[COVEY_TLS_TICKET_ID];

    (void)state;
    memcpy(id, kept.ticket.ptr, sizeof id);
    kept.ticket = covey_bytes_of(id, sizeof id);
    p.client.resume = &kept;
    connect_pair();
    assert_true(info_of(&p.client).resumed);
    assert_true(info_of(&p.server).resumed);
    assert_true(info_of(&p.server).peer.authenticated);
    assert_true(info_of(&p.client).peer.authenticated);
    assert_int_equal(p.client.chains + p.server.chains, 0);
    talk();
    connect_pair(); /* the same ticket again */
    assert_false(info_of(&p.server).resumed);
    assert_int_equal(p.server.chains, 1);
}

static void forgets_tickets_when_it_is_told_to(void **state)
{
    covey_tls_session kept = resumable();

    (void)state;
    p.client.resume = &kept;
    covey_tls_tickets_drop(&tickets);
    connect_pair();
    assert_false(info_of(&p.server).resumed);
}

static void refuses_a_ticket_with_another_secret(void **state)
{
    covey_tls_session kept = resumable();

    (void)state;
    p.client.resume = &kept;
    kept.secret[0] ^= 1;
    refuse_pair(&p.server, COVEY_TLS_DECRYPT_ERROR);
    kept.secret[0] ^= 1; /* a forger has not used it up */
    connect_pair();
    assert_true(info_of(&p.server).resumed);
}

static void resumes_nothing_that_is_too_old(void **state)
{
    covey_tls_session kept = resumable();

    (void)state;
    p.client.resume = &kept;
    p.now.mono += 7200 * 1000;
    connect_pair();
    assert_false(info_of(&p.server).resumed);
}

static void gives_no_ticket_that_outlives_a_certificate(void **state)
{
    (void)state;
    p.server.verdict.valid_until = p.now.unix_s + 60;
    p.client.verdict.valid_until = p.now.unix_s + 50;
    (void)resumable();
    assert_int_equal(rows[0].expires, p.now.mono + 60000);
    assert_int_equal(p.client.session.expires, p.now.mono + 50000);
    assert_int_equal(covey_tls_deadline(&p.client.t), p.now.mono + 50000);
    assert_int_equal(covey_tls_deadline(&p.server.t), p.now.mono + 60000);
}

static void overwrites_the_oldest_ticket(void **state)
{
    covey_tls_session kept = resumable();
    uint8_t id[COVEY_TLS_TICKET_ID];

    (void)state;
    memcpy(id, kept.ticket.ptr, sizeof id);
    kept.ticket = covey_bytes_of(id, sizeof id);
    p.server.config.ticket_count = 2;
    connect_pair();
    p.client.resume = &kept;
    connect_pair();
    assert_false(info_of(&p.server).resumed);
}

/* --- 0-RTT (RFC 8446 Section 4.2.10) ------------------------------------- */

/* Records of data that the server has no keys for. */
static void give_early(size_t count, size_t len)
{
    static uint8_t record[5 + 16384] = { 23, 3, 3 };

    record[3] = (uint8_t)(len >> 8);
    record[4] = (uint8_t)len;
    for (size_t i = 0; i < count && !p.server.failed; i++) {
        record[5] = (uint8_t)i;
        (void)pair_give(&p.server, p.now, covey_bytes_of(record, 5 + len));
    }
}

/* The hello has come, and 0-RTT data had been announced by it if `early`. */
static void give_hello(bool early)
{
    pair_stop(&p);
    pair_start(&p);
    pair_flush(&p.client, p.now);
    (void)pair_give(&p.server, p.now,
                    covey_bytes_of(p.client.out, p.client.out_len));
    p.client.out_len = 0;
    assert_int_equal(p.server.t.early_left, 0);
    p.server.t.early_left = early ? 65536 : 0;
}

static void skips_early_data_and_no_more(void **state)
{
    static const uint16_t other[] = { COVEY_TLS_SECP256R1 };

    (void)state;
    give_hello(true);
    give_early(3, 1000);
    give_early(1, 40);
    pair_run(&p);
    pair_connected(&p);
    assert_int_equal(p.server.data_len, 0);
    talk();
    give_hello(true); /* more than anybody may send */
    give_early(70, 1000);
    pair_refused(&p.server, COVEY_TLS_BAD_RECORD_MAC);
    give_hello(false);
    give_early(1, 40);
    pair_refused(&p.server, COVEY_TLS_BAD_RECORD_MAC);
    /* Behind a HelloRetryRequest it is not protected for us at all. */
    p.server.config.groups = other;
    p.server.config.group_count = 1;
    give_hello(true);
    give_early(3, 1000);
    pair_run(&p);
    pair_connected(&p);
    give_hello(false);
    give_early(1, 40);
    pair_refused(&p.server, COVEY_TLS_UNEXPECTED_MESSAGE);
}

/* Announced by the extension; the answer does not accept it. */
static void answers_early_data_as_if_it_were_none(void **state)
{
    static uint8_t bytes[400];
    uint8_t record[400] = { 22, 3, 3 };
    FILE *f = fopen("tests/fuzz/corpus/tls/client-hello-psk-early-data", "rb");
    size_t len;

    (void)state;
    assert_non_null(f);
    assert_true(fread(bytes, 1, sizeof bytes, f) > 100);
    fclose(f);
    pair_stop(&p);
    pair_start(&p);
    /* Two bytes are about the fuzz target, then come type and length. */
    len = (size_t)bytes[3] << 8 | bytes[4];
    assert_true(len + 5 <= sizeof record);
    memcpy(record + 3, bytes + 3, len + 2);
    (void)pair_give(&p.server, p.now, covey_bytes_of(record, len + 5));
    assert_false(p.server.failed);
    assert_int_equal(p.server.t.early_left, 65536);
    assert_false(info_of(&p.server).used_psk);
    give_early(5, 500);
    assert_false(p.server.failed);
    assert_int_equal(p.server.data_len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(connects_with_a_psk),
        TEST(refuses_a_psk_that_is_not_the_same),
        TEST(uses_no_psk_of_another_hash),
        TEST(resumes_a_session_once),
        TEST(forgets_tickets_when_it_is_told_to),
        TEST(refuses_a_ticket_with_another_secret),
        TEST(resumes_nothing_that_is_too_old),
        TEST(gives_no_ticket_that_outlives_a_certificate),
        TEST(overwrites_the_oldest_ticket),
        TEST(skips_early_data_and_no_more),
        TEST(answers_early_data_as_if_it_were_none),
    };

    return KIT_RUN(tests);
}
