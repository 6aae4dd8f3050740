/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole handshakes of our client with our server, and what comes after. */
#include "fixture.h"

static void connects_with_raw_public_keys(void **state)
{
    (void)state;
    connect_pair();
    assert_int_equal(p.client.chains, 1);
    assert_int_equal(p.server.chains, 0);
    assert_true(info_of(&p.client).peer.authenticated);
    assert_false(info_of(&p.server).peer.authenticated);
    assert_int_equal(info_of(&p.client).suite, COVEY_TLS_AES_128_GCM_SHA256);
    assert_int_equal(info_of(&p.client).group, COVEY_TLS_X25519);
    talk();
}

static void connects_mutually(void **state)
{
    (void)state;
    p.server.config.require_client = true;
    connect_pair();
    assert_int_equal(p.server.chains, 1);
    assert_true(info_of(&p.server).peer.authenticated);
    assert_int_equal(info_of(&p.server).peer.type, COVEY_TLS_RAW_PUBLIC_KEY);
    talk();
}

static void connects_with_every_suite(void **state)
{
    uint16_t suite = 0;

    (void)state;
    p.client.config.suites = p.server.config.suites = &suite;
    p.client.config.suite_count = p.server.config.suite_count = 1;
    for (suite = 0x1301; suite <= 0x1305; suite++) {
        connect_pair();
        assert_int_equal(info_of(&p.client).suite, suite);
        talk();
    }
}

static void goes_on_without_a_client_certificate(void **state)
{
    static const uint8_t types[] = { 0, 2 };

    (void)state;
    p.server.config.request_client = true;
    p.server.config.peer_types = types;
    p.server.config.peer_type_count = 2;
    p.client.config.credential_count = 0;
    connect_pair();
    assert_false(info_of(&p.server).peer.authenticated);
    p.server.config.require_client = true;
    refuse_pair(&p.server, COVEY_TLS_CERTIFICATE_REQUIRED);
}

static void asks_for_a_key_of_another_group(void **state)
{
    static const uint16_t client[] = { COVEY_TLS_X25519, COVEY_TLS_SECP256R1 };
    static const uint16_t server[] = { COVEY_TLS_SECP256R1 };

    (void)state;
    p.client.config.groups = client;
    p.client.config.group_count = 2;
    p.server.config.groups = server;
    p.server.config.group_count = 1;
    for (int i = 0; i < 4; i++) {
        p.server.config.cookie = (i & 1) != 0;
        p.client.config.compatible = (i & 2) != 0;
        connect_pair();
        assert_true(info_of(&p.client).retried);
        assert_int_equal(info_of(&p.client).group, COVEY_TLS_SECP256R1);
        talk();
    }
    p.client.config.share_count = 2; /* with both keys nothing is asked */
    connect_pair();
    assert_false(info_of(&p.client).retried);
}

static void refuses_when_nothing_is_in_common(void **state)
{
    static const uint16_t one[] = { COVEY_TLS_X25519 };
    static const uint16_t two[] = { COVEY_TLS_SECP256R1 };
    static const uint16_t gcm[] = { COVEY_TLS_AES_128_GCM_SHA256 };
    static const uint16_t ccm[] = { COVEY_TLS_AES_128_CCM_SHA256 };
    static const uint8_t x509[] = { COVEY_TLS_X509 };

    (void)state;
    p.client.config.groups = one;
    p.server.config.groups = two;
    p.client.config.group_count = p.server.config.group_count = 1;
    refuse_pair(&p.server, COVEY_TLS_HANDSHAKE_FAILURE);
    assert_true(p.client.failed && p.client.from_peer);
    assert_int_equal(p.client.alert, COVEY_TLS_HANDSHAKE_FAILURE);

    p.client.config.group_count = p.server.config.group_count = 0;
    p.client.config.suites = gcm;
    p.server.config.suites = ccm;
    p.client.config.suite_count = p.server.config.suite_count = 1;
    refuse_pair(&p.server, COVEY_TLS_HANDSHAKE_FAILURE);

    p.client.config.suite_count = p.server.config.suite_count = 0;
    p.client.config.peer_types = x509;
    refuse_pair(&p.server, COVEY_TLS_UNSUPPORTED_CERTIFICATE);
}

static void agrees_on_an_application_protocol(void **state)
{
    const covey_bytes client[] = { SPAN("h2"), SPAN("coap") };
    const covey_bytes server[] = { SPAN("coap"), SPAN("x") };

    (void)state;
    p.client.config.alpn = client;
    p.client.config.alpn_count = 2;
    p.server.config.alpn = server;
    p.server.config.alpn_count = 2;
    p.client.name = SPAN("unit.example");
    connect_pair();
    CHECK_SPAN(SPAN("coap"), info_of(&p.client).alpn);
    CHECK_SPAN(SPAN("coap"), info_of(&p.server).alpn);
    CHECK_SPAN(SPAN("unit.example"), info_of(&p.server).server_name);
    p.client.config.alpn_count = 1;
    connect_pair();
    assert_null(info_of(&p.client).alpn.ptr);
    p.server.config.alpn_required = true;
    refuse_pair(&p.server, COVEY_TLS_NO_APPLICATION_PROTOCOL);
}

static void ends_the_session_when_the_certificate_expires(void **state)
{
    size_t taken = 0;
    uint8_t out[100];
    covey_writer w = covey_writer_of(out, sizeof out);

    (void)state;
    p.client.verdict.valid_until = p.now.unix_s + 10;
    connect_pair();
    p.now.mono += 9999;
    talk();
    p.now.mono += 1;
    p.now.unix_s += 10;
    CHECK_STATUS(COVEY_E_STATE,
                 covey_tls_send(&p.client.t, p.now, SPAN("x"), &taken, &w));
    pair_run(&p);
    pair_refused(&p.client, COVEY_TLS_CERTIFICATE_EXPIRED);
    assert_true(p.server.failed && p.server.from_peer);
}

static void refuses_certificates_without_time_or_too_late(void **state)
{
    (void)state;
    p.client.verdict.valid_until = p.now.unix_s;
    refuse_pair(&p.client, COVEY_TLS_CERTIFICATE_EXPIRED);
    p.client.verdict.valid_until = p.now.unix_s + 10;
    p.now.unix_known = false;
    refuse_pair(&p.client, COVEY_TLS_CERTIFICATE_UNKNOWN);
}

static void ends_with_the_alert_of_a_verdict(void **state)
{
    (void)state;
    p.client.verdict.alert = COVEY_TLS_UNKNOWN_CA;
    refuse_pair(&p.client, COVEY_TLS_UNKNOWN_CA);
    assert_true(p.server.failed && p.server.from_peer);
    assert_int_equal(p.server.alert, COVEY_TLS_UNKNOWN_CA);
}

static void signs_with_a_key_that_somebody_else_has(void **state)
{
    (void)state;
    p.server.credentials[0].key = NULL;
    p.client.credentials[0].key = NULL;
    p.server.config.require_client = true;
    connect_pair();
    assert_int_equal(p.server.signatures, 1);
    assert_int_equal(p.client.signatures, 1);
    talk();
}

static void updates_keys_both_ways(void **state)
{
    (void)state;
    connect_pair();
    for (int i = 0; i < 40; i++) {
        CHECK_STATUS(COVEY_OK, covey_tls_update(&p.client.t, i % 2));
        CHECK_STATUS(COVEY_OK, covey_tls_update(&p.server.t, i % 3 == 0));
        pair_run(&p);
        talk();
    }
}

static void refuses_key_updates_without_end(void **state)
{
    (void)state;
    connect_pair();
    for (int i = 0; i < 33; i++) {
        assert_false(p.server.failed);
        CHECK_STATUS(COVEY_OK, covey_tls_update(&p.client.t, false));
        pair_run(&p);
    }
    pair_refused(&p.server, COVEY_TLS_UNEXPECTED_MESSAGE);
}

static void updates_keys_before_they_wear_out(void **state)
{
    (void)state;
    p.client.config.key_limit = 3;
    p.server.config.key_limit = 2;
    connect_pair();
    for (int i = 0; i < 20; i++) {
        talk();
        assert_true(p.client.t.out.sequence <= 3);
        assert_true(p.server.t.out.sequence <= 2);
    }
}

static void keeps_to_the_peers_record_size(void **state)
{
    (void)state;
    p.client.config.record_size_limit = 64;
    p.server.config.record_size_limit = 100;
    p.server.config.padding = 16;
    p.server.config.require_client = true;
    connect_pair();
    assert_int_equal(p.server.t.peer_limit, 63);
    assert_int_equal(p.client.t.peer_limit, 99);
    talk();
}

static void works_in_little_memory(void **state)
{
    (void)state;
    p.client.memory_len = p.server.memory_len = 640;
    p.server.config.require_client = true;
    connect_pair();
    talk();
}

static void refuses_messages_that_its_memory_does_not_hold(void **state)
{
    static uint8_t big[700];

    (void)state;
    p.client.memory_len = 512;
    p.server.entries[0] = covey_bytes_of(big, sizeof big);
    refuse_pair(&p.client, COVEY_TLS_ILLEGAL_PARAMETER);
}

static void closes_each_direction_on_its_own(void **state)
{
    (void)state;
    connect_pair();
    CHECK_STATUS(COVEY_OK, covey_tls_close(&p.client.t));
    CHECK_STATUS(COVEY_E_STATE, covey_tls_close(&p.client.t));
    pair_run(&p);
    assert_true(p.server.peer_closed);
    assert_false(p.client.peer_closed);
    pair_send(&p.server, p.now, SPAN("still here"));
    pair_run(&p);
    CHECK_SPAN(SPAN("still here"),
               covey_bytes_of(p.client.data, p.client.data_len));
    CHECK_STATUS(COVEY_OK, covey_tls_close(&p.server.t));
    pair_run(&p);
    assert_true(p.client.peer_closed);
    assert_false(p.client.failed || p.server.failed);
}

static void logs_keys_only_if_asked(void **state)
{
    (void)state;
    connect_pair();
    assert_int_equal(p.client.logged + p.server.logged, 0);
    p.client.config.key_log = p.server.config.key_log = true;
    connect_pair();
    assert_int_equal(p.client.logged, 5);
    assert_int_equal(p.server.logged, 5);
}

static void chooses_types_for_each_direction(void **state)
{
    static const uint8_t both[] = { 0, 2 };

    (void)state;
    p.server.config.peer_types = both;
    p.server.config.peer_type_count = 2;
    p.client.config.peer_types = both;
    p.client.config.peer_type_count = 2;
    p.server.config.require_client = true;
    connect_pair();
    assert_int_equal(info_of(&p.client).peer.type, 2);
    assert_int_equal(info_of(&p.server).peer.type, 2);
    p.server.config.own_order = true;
    connect_pair();
}

/* One attempt with the n-th call of the provider failing; true if there was
 * no such call. */
static bool attempt(int n)
{
    int keys = scripted.live;
    covey_status st = COVEY_OK;
    bool done = false;

    covey_scripted_rewind(&scripted, n);
    p.client.failed = p.server.failed = false;
    p.client.connected = p.server.connected = false;
    p.client.out_len = p.server.out_len = 0;
    st = covey_tls_client(&p.client.t, &p.client.config,
                          covey_writer_of(p.client.memory, 2048),
                          covey_bytes_of(NULL, 0), NULL);
    if (st == COVEY_OK) {
        st = covey_tls_server(&p.server.t, &p.server.config,
                              covey_writer_of(p.server.memory, 2048));
    }
    if (st == COVEY_OK) {
        pair_run(&p);
        done = p.client.connected && p.server.connected && !p.client.failed &&
               !p.server.failed;
        assert_true(done || p.client.failed || p.server.failed);
    }
    bool all = scripted.calls <= n;
    assert_int_equal(done, all);
    pair_stop(&p);
    assert_int_equal(scripted.live, keys);
    return all;
}

static void survives_a_provider_that_fails_at_any_call(void **state)
{
    int n = 0;

    (void)state;
    p.server.config.require_client = true;
    while (!attempt(n)) {
        n++;
    }
    assert_true(n > 100 && n < 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(connects_with_raw_public_keys),
        TEST(connects_mutually),
        TEST(connects_with_every_suite),
        TEST(goes_on_without_a_client_certificate),
        TEST(asks_for_a_key_of_another_group),
        TEST(refuses_when_nothing_is_in_common),
        TEST(agrees_on_an_application_protocol),
        TEST(ends_the_session_when_the_certificate_expires),
        TEST(refuses_certificates_without_time_or_too_late),
        TEST(ends_with_the_alert_of_a_verdict),
        TEST(signs_with_a_key_that_somebody_else_has),
        TEST(updates_keys_both_ways),
        TEST(refuses_key_updates_without_end),
        TEST(updates_keys_before_they_wear_out),
        TEST(keeps_to_the_peers_record_size),
        TEST(works_in_little_memory),
        TEST(refuses_messages_that_its_memory_does_not_hold),
        TEST(closes_each_direction_on_its_own),
        TEST(logs_keys_only_if_asked),
        TEST(chooses_types_for_each_direction),
        TEST(survives_a_provider_that_fails_at_any_call),
    };

    return KIT_RUN(tests);
}
