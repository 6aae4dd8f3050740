/* SPDX-License-Identifier: BSD-2-Clause */
/* Handshakes, who is who, and how sessions end. */
#include "world.h"

static struct world w;

static const dtls_server_options x509 = {
    .certificate = FOLDER "server.pem",
    .private_key = FOLDER "server.key",
    .ca = FOLDER "ca.pem",
};

static dtls_server_options asking_for(dtls_clients clients)
{
    dtls_server_options o = x509;

    o.clients = clients;
    return o;
}

/* --- who it is ----------------------------------------------------------- */

static void a_key_opens_a_session(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    w.bounce = true;
    world_connect(&w, 0, 9, 0, world_key("me", "a key of both"));
    world_run(&w);
    assert_int_equal(w.opened, 1);
    assert_int_equal(w.clients[0].opened, 1);
    assert_string_equal(w.names, "psk:me|");
    assert_int_equal(w.path.transport, COVEY_DTLS);
    assert_int_not_equal(w.path.connection, 0);
    assert_true(world_say(&w, 0, "to the server"));
    assert_memory_equal(w.clients[0].heard, "to the server", 13);
    world_close(&w);
}

static void each_identity_has_its_key(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    world_connect(&w, 0, 9, 0, world_key("you", "another key, a longer one"));
    world_run(&w);
    assert_string_equal(w.names, "psk:you|");
    world_connect(&w, 1, 9, 1, world_key("you", "a key of both"));
    world_run(&w);
    assert_int_equal(w.opened, 1);
    world_close(&w);
}

/* Nothing tells the one from the other: the same datagrams, the same end. */
static void a_wrong_key_and_no_key_look_alike(void **state)
{
    static const char *const others[] = {
        "me",
        "nobody",
        "m",
        "me2",
        ("an identity of more than one hundred and twenty-eight characters, "
         "which is longer than any that can be in a table of keys here"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        world_open(&w, (dtls_server_options){ 0 });
        world_connect(&w, 0, 9, 0, world_key(others[i], "a wrong key"));
        world_run(&w);
        assert_int_equal(w.opened, 0);
        assert_int_equal(w.failed, 0);
        assert_int_equal(w.clients[0].opened, 0);
        assert_int_equal(w.carried, 5);
        w.now += 29999;
        dtls_server_expire(w.server, w.now);
        assert_int_equal(w.failed, 0);
        w.now += 1;
        assert_true(dtls_server_deadline(w.server) <= w.now);
        dtls_server_expire(w.server, w.now);
        assert_int_equal(w.failed, 1);
        assert_string_equal(w.reason, "the handshake takes too long");
        assert_int_equal(dtls_server_deadline(w.server), COVEY_NEVER);
        world_close(&w);
    }
}

static void certificates_are_not_asked_for(void **state)
{
    (void)state;
    world_open(&w, asking_for(DTLS_CLIENTS_ANY));
    world_connect(&w, 0, 9, 0,
                  world_certificate(FOLDER "client.pem", FOLDER "client.key"));
    world_run(&w);
    assert_int_equal(w.opened, 1);
    assert_string_equal(w.names, "");
    /* The other way of the same server. */
    world_connect(&w, 1, 9, 1, world_key("me", "a key of both"));
    world_run(&w);
    assert_string_equal(w.names, "psk:me|");
    world_close(&w);
}

static void a_certificate_has_names(void **state)
{
    (void)state;
    world_open(&w, asking_for(DTLS_CLIENTS_MUST_SHOW));
    world_connect(&w, 0, 9, 0,
                  world_certificate(FOLDER "client.pem", FOLDER "client.key"));
    world_run(&w);
    assert_string_equal(w.names,
                        "subject:CN=client,O=Example\\, Inc.|dns:lamp.example|"
                        "uri:urn:dev:lamp|email:a@b.example|ip:192.0.2.1|"
                        "ip:2001:db8:0:0:0:0:0:1|");
    const dtls_peer *peer = dtls_server_peer(w.server, &w.path);
    assert_true(dtls_peer_is(peer, "dns:lamp.example"));
    assert_false(dtls_peer_is(peer, "dns:lamp.exampl"));
    assert_false(dtls_peer_is(peer, "lamp.example"));
    assert_false(dtls_peer_is(NULL, "dns:lamp.example"));
    world_close(&w);
}

static void a_certificate_may_be_left_out(void **state)
{
    (void)state;
    world_open(&w, asking_for(DTLS_CLIENTS_MAY_SHOW));
    world_connect(&w, 0, 9, 0, world_certificate(NULL, NULL));
    world_run(&w);
    assert_int_equal(w.opened, 1);
    assert_string_equal(w.names, "");
    world_close(&w);
}

static void a_certificate_must_not_be_left_out(void **state)
{
    (void)state;
    world_open(&w, asking_for(DTLS_CLIENTS_MUST_SHOW));
    world_connect(&w, 0, 9, 0, world_certificate(NULL, NULL));
    world_run(&w);
    assert_int_equal(w.opened, 0);
    assert_int_equal(w.failed, 1);
    assert_string_equal(w.reason, "peer did not return a certificate");
    assert_int_equal(w.clients[0].closed, 1);
    world_close(&w);
}

static void a_certificate_of_another_anchor_is_refused(void **state)
{
    dtls_server_options o = asking_for(DTLS_CLIENTS_MAY_SHOW);

    (void)state;
    o.ca = FOLDER "other.pem";
    world_open(&w, o);
    world_connect(&w, 0, 9, 0,
                  world_certificate(FOLDER "client.pem", FOLDER "client.key"));
    world_run(&w);
    assert_int_equal(w.opened, 0);
    assert_string_equal(w.reason,
                        "self-signed certificate in certificate chain");
    world_close(&w);
}

static void options_that_cannot_be(void **state)
{
    static const struct {
        const char *why;
        dtls_server_options o;
        const char *words;
    } cases[] = {
        { "no certificate",
          { .certificate = FOLDER "none", .private_key = FOLDER "server.key" },
          FOLDER "none" },
        { "no private key",
          { .certificate = FOLDER "server.pem",
            .private_key = FOLDER "ca.pem" },
          FOLDER "ca.pem" },
        { "the key of another",
          { .certificate = FOLDER "server.pem",
            .private_key = FOLDER "client.key" },
          "mismatch" },
        { "no anchor",
          { .certificate = FOLDER "server.pem",
            .private_key = FOLDER "server.key",
            .clients = DTLS_CLIENTS_MAY_SHOW,
            .ca = FOLDER "server.key" },
          FOLDER "server.key" },
    };
    char error[DTLS_ERROR_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        assert_null(dtls_server_new(&cases[i].o, error));
        if (strstr(error, cases[i].words) == NULL) {
            fail_msg("%s: %s", cases[i].why, error);
        }
    }
    dtls_server_end(NULL);
    kit_case(NULL);
}

static void names_have_a_kind(void **state)
{
    static const char *const good[] = { "psk:me",    "subject:CN=x", "dns:a",
                                        "uri:urn:x", "email:a@b",    "ip:::" };
    static const char *const bad[] = { "",     "me",     "psk",
                                       "psk:", "PSK:me", "cn:x" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(dtls_name_sound(good[i]));
        assert_false(dtls_name_sound(bad[i]));
    }
}

/* --- how it ends --------------------------------------------------------- */

static void the_client_ends_it(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    world_connect(&w, 0, 9, 0, world_key("me", "a key of both"));
    world_run(&w);
    dtls_end(w.clients[0].session);
    w.clients[0].session = NULL;
    world_run(&w);
    assert_int_equal(w.lost, 1);
    assert_string_equal(w.reason, "the client has ended it");
    assert_false(dtls_server_send(w.server, &w.path, SPAN("too late")));
    world_close(&w);
}

static void the_server_ends_it(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    world_connect(&w, 0, 9, 0, world_key("me", "a key of both"));
    world_run(&w);
    dtls_server_end(w.server);
    assert_int_equal(w.lost, 0);
    world_run(&w);
    w.server = NULL;
    assert_int_equal(w.clients[0].closed, 1);
    assert_string_equal(w.clients[0].reason, "the peer has ended it");
    world_close(&w);
}

static void silence_ends_it(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ .idle = 5000 });
    world_connect(&w, 0, 9, 0, world_key("me", "a key of both"));
    world_run(&w);
    w.now += 4000;
    assert_true(world_say(&w, 0, "still here"));
    assert_int_equal(dtls_server_deadline(w.server), w.now + 5000);
    w.now += 4999;
    dtls_server_expire(w.server, w.now);
    assert_int_equal(w.lost, 0);
    w.now += 1;
    dtls_server_expire(w.server, w.now);
    assert_int_equal(w.lost, 1);
    assert_string_equal(w.reason, "silent for too long");
    world_run(&w);
    assert_int_equal(w.clients[0].closed, 1); /* close_notify */
    world_close(&w);
}

/* RFC 6347 Section 4.2.8. */
static void a_client_begins_anew_at_its_address(void **state)
{
    covey_path before;

    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    world_connect(&w, 0, 9, 0, world_key("me", "a key of both"));
    world_run(&w);
    before = w.path;
    world_connect(&w, 1, 9, 0, world_key("you", "another key, a longer one"));
    assert_non_null(dtls_server_peer(w.server, &before));
    world_run(&w);
    assert_int_equal(w.opened, 2);
    assert_int_equal(w.lost, 1);
    assert_string_equal(w.reason, "the client has begun anew");
    assert_null(dtls_server_peer(w.server, &before));
    assert_int_not_equal(w.path.connection, before.connection);
    assert_true(world_say(&w, 1, "anew"));
    world_close(&w);
}

/* Who only shares the address cannot end it. */
static void an_open_session_outlives_a_handshake_that_fails(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    world_connect(&w, 0, 9, 0, world_key("me", "a key of both"));
    world_run(&w);
    const covey_path path = w.path;
    world_connect(&w, 1, 9, 0, world_key("me", "a wrong key"));
    world_run(&w);
    assert_int_equal(w.opened, 1);
    assert_int_equal(w.lost, 0);
    dtls_end(w.clients[1].session);
    w.clients[1].session = NULL;
    assert_true(world_say(&w, 0, "still the first"));
    assert_int_equal(w.path.connection, path.connection);
    world_close(&w);
}

/* --- what leaves --------------------------------------------------------- */

static void a_message_fits_into_a_datagram_or_does_not_leave(void **state)
{
    static const uint8_t much[DTLS_MESSAGE_MAX + 32];
    size_t longest = sizeof much;

    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    world_connect(&w, 0, 9, 0, world_key("me", "a key of both"));
    world_run(&w);
    while (
        !dtls_server_send(w.server, &w.path, covey_bytes_of(much, longest))) {
        longest--;
    }
    assert_true(longest >= DTLS_MESSAGE_MAX);
    assert_int_equal(dtls_server_counters_of(w.server).too_long,
                     sizeof much - longest);
    world_run(&w);
    assert_int_equal(w.clients[0].heard_len, longest);
    assert_false(dtls_server_send(w.server, &w.path, covey_bytes_of(much, 0)));
    world_close(&w);
}

static void sessions_go_by_their_name(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    world_connect(&w, 0, 9, 0, world_key("me", "a key of both"));
    world_run(&w);
    covey_path other = w.path;
    other.connection++;
    assert_false(dtls_server_send(w.server, &other, SPAN("x")));
    other.connection = 0;
    assert_false(dtls_server_send(w.server, &other, SPAN("x")));
    other = w.path;
    other.transport = COVEY_UDP;
    assert_false(dtls_server_send(w.server, &other, SPAN("x")));
    assert_null(dtls_server_peer(w.server, &other));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_opens_a_session),
        cmocka_unit_test(each_identity_has_its_key),
        cmocka_unit_test(a_wrong_key_and_no_key_look_alike),
        cmocka_unit_test(certificates_are_not_asked_for),
        cmocka_unit_test(a_certificate_has_names),
        cmocka_unit_test(a_certificate_may_be_left_out),
        cmocka_unit_test(a_certificate_must_not_be_left_out),
        cmocka_unit_test(a_certificate_of_another_anchor_is_refused),
        cmocka_unit_test(options_that_cannot_be),
        cmocka_unit_test(names_have_a_kind),
        cmocka_unit_test(the_client_ends_it),
        cmocka_unit_test(the_server_ends_it),
        cmocka_unit_test(silence_ends_it),
        cmocka_unit_test(a_client_begins_anew_at_its_address),
        cmocka_unit_test(an_open_session_outlives_a_handshake_that_fails),
        cmocka_unit_test(a_message_fits_into_a_datagram_or_does_not_leave),
        cmocka_unit_test(sessions_go_by_their_name),
    };

    return KIT_RUN(tests);
}
