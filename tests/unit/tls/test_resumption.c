/* SPDX-License-Identifier: BSD-2-Clause */
/* PSKs, from outside and from tickets. */
#include "fixture.h"

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
    };

    return KIT_RUN(tests);
}
