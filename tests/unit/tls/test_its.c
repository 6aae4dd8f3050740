/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 8902: handshakes with certificates of IEEE 1609.2, and a refusal for
 * each of its demands. */
#include "its_fixture.h"
#include "tls_internal.h"

static void connects_mutually_with_what_the_application_needs(void **state)
{
    covey_its_permission permission;
    covey_tls_info info;

    (void)state;
    connect_pair();
    talk();
    info = info_of(&p.server);
    assert_int_equal(info.peer.type, COVEY_TLS_1609DOT2);
    assert_true(info.peer.authenticated);
    assert_int_equal(info.peer.psid, 38);
    assert_memory_equal(info.peer.id,
                        covey_its_hashed_id(&its_at[0].digest, 8).ptr, 8);
    assert_true(covey_its_permission_find(&its_at[0].cert, 38, &permission));
    assert_int_equal(info.peer.ssp_len, permission.ssp.len);
    assert_int_equal(
        info.peer.valid_until,
        covey_its_unix_of(its_at[0].cert.end, COVEY_ITS_LEAP_SECONDS));
    assert_int_equal(
        covey_tls_deadline(&p.client.t),
        p.now.mono +
            (uint64_t)(info_of(&p.client).peer.valid_until - p.now.unix_s) *
                1000);
}

/* Known CAs need not be sent again. */
static void needs_the_chain_only_once(void **state)
{
    (void)state;
    connect_pair();
    p.client.credentials[2].entry_count = 1;
    p.server.credentials[2].entry_count = 1;
    connect_pair();
    assert_int_equal(p.client.chains, 0);
    assert_true(p.client.sent + p.server.sent < 1200);
    p.client.credentials[2].whole_certificate = true;
    connect_pair();
}

static void asks_a_repository_for_what_is_missing(void **state)
{
    (void)state;
    p.client.credentials[2].entry_count = 1;
    p.server.credentials[2].entry_count = 1;
    refuse_pair(&p.client, COVEY_TLS_UNKNOWN_CA); /* it has nothing */
    assert_int_equal(p.client.chains, 1);
    p.client.issuers = p.server.issuers = &its_aa.cert.whole;
    p.client.issuer_count = p.server.issuer_count = 1;
    connect_pair();
    assert_int_equal(p.client.chains, 1);
}

static void tolerates_what_does_not_belong_to_the_chain(void **state)
{
    (void)state;
    its_entries[1][1] = its_at[0].cert.whole;
    its_entries[1][2] = its_root.cert.whole;
    its_entries[1][3] = its_aa.cert.whole;
    p.server.credentials[2].entry_count = 4;
    connect_pair();
}

static void refuses_an_end_entity_that_is_not_first(void **state)
{
    (void)state;
    its_entries[1][0] = its_aa.cert.whole;
    its_entries[1][1] = its_at[1].cert.whole;
    pair_stop(&p);
    pair_start(&p);
    pair_run(&p);
    assert_true(p.client.failed && !p.client.from_peer);
}

static void mixes_types(void **state)
{
    static const uint8_t raw[] = { COVEY_TLS_RAW_PUBLIC_KEY };
    static const uint8_t both[] = { COVEY_TLS_1609DOT2,
                                    COVEY_TLS_RAW_PUBLIC_KEY };

    (void)state;
    p.server.config.credentials = p.server.credentials;
    p.client.config.peer_types = raw;
    connect_pair();
    assert_int_equal(info_of(&p.client).peer.type, COVEY_TLS_RAW_PUBLIC_KEY);
    assert_int_equal(info_of(&p.server).peer.type, COVEY_TLS_1609DOT2);
    /* The client's order, or the server's. */
    p.server.config.credential_count = 3;
    p.client.config.peer_types = both;
    p.client.config.peer_type_count = 2;
    connect_pair();
    assert_int_equal(info_of(&p.client).peer.type, COVEY_TLS_1609DOT2);
    p.server.config.own_order = true;
    connect_pair();
    assert_int_equal(info_of(&p.client).peer.type, COVEY_TLS_RAW_PUBLIC_KEY);
}

static void refuses_when_no_type_is_shared(void **state)
{
    static const uint8_t raw[] = { COVEY_TLS_RAW_PUBLIC_KEY };

    (void)state;
    p.client.config.peer_types = raw;
    refuse_pair(&p.server, COVEY_TLS_UNSUPPORTED_CERTIFICATE);
}

static void refuses_psids_that_nobody_takes(void **state)
{
    static const covey_tls_its_rule other[] = { { .psid = 36 } };

    (void)state;
    its_taken[0].rules = other;
    refuse_pair(&p.client, COVEY_TLS_ACCESS_DENIED);
    its_taken[0].rule_count = 0;
    refuse_pair(&p.client, COVEY_TLS_ACCESS_DENIED);
    its_taken[0].rules = its_rules;
    its_taken[0].rule_count = 1;
    its_signers[1].cert.app_permissions = its_at[1].cert.app_permissions;
    p.server.credentials[2].psid = 4711; /* not in its certificate */
    refuse_pair(&p.client, COVEY_TLS_ACCESS_DENIED);
}

static void wants_the_ssp_that_a_rule_says(void **state)
{
    static const uint8_t ones[] = { 0xff, 0xff, 0xff, 0xff, 0xff };
    covey_its_permission permission;

    (void)state;
    assert_true(covey_its_permission_find(&its_at[1].cert, 36, &permission));
    const covey_bytes mask = covey_bytes_of(ones, permission.ssp.len);
    const covey_tls_its_rule right_ssp = { 36, true, permission.ssp, mask };
    const covey_tls_its_rule wrong_ssp = { 36, true, mask, mask };
    const covey_tls_its_rule any_ssp = { 38, true, { ones, 0 }, { ones, 0 } };
    p.server.credentials[2].psid = 36;
    its_taken[0].rules = &right_ssp;
    connect_pair();
    its_taken[0].rules = &wrong_ssp;
    refuse_pair(&p.client, COVEY_TLS_ACCESS_DENIED);
    p.server.credentials[2].psid = 38; /* which has none */
    its_taken[0].rules = &any_ssp;
    refuse_pair(&p.client, COVEY_TLS_ACCESS_DENIED);
}

static void refuses_without_time_and_outside_of_validity(void **state)
{
    (void)state;
    p.now.unix_known = false;
    pair_stop(&p);
    pair_start(&p);
    pair_run(&p);
    assert_true(p.client.failed && p.server.failed);
    p.now.unix_known = true;
    p.now.unix_s += INT64_C(40) * 31556952;
    refuse_pair(&p.client, COVEY_TLS_CERTIFICATE_EXPIRED);
}

static void refuses_a_generation_time_outside_the_window(void **state)
{
    (void)state;
    its_taken[1].leap_seconds = COVEY_ITS_LEAP_SECONDS + 60;
    connect_pair();
    its_taken[1].leap_seconds = COVEY_ITS_LEAP_SECONDS + 61;
    refuse_pair(&p.client, COVEY_TLS_CERTIFICATE_UNKNOWN);
    its_taken[0].window_s = 100;
    its_taken[1].window_s = 100;
    connect_pair();
}

static void resumes_until_the_certificate_expires(void **state)
{
    static covey_tls_ticket rows[1];
    static covey_tls_tickets tickets = { rows, 1, 0 };
    covey_tls_session kept;

    (void)state;
    p.server.config.tickets = &tickets;
    connect_pair();
    kept = p.client.session;
    p.client.resume = &kept;
    connect_pair();
    assert_true(info_of(&p.server).resumed);
    assert_int_equal(info_of(&p.server).peer.psid, 38);
    assert_int_not_equal(covey_tls_deadline(&p.server.t), COVEY_NEVER);
    covey_tls_tickets_drop(&tickets);
}

/* --- CertificateVerify --------------------------------------------------- */

/* A client that has taken the server's chain and waits for what it signs. */
static void wait_for_verify(void)
{
    covey_tls *t = &p.client.t;
    covey_bytes given[2] = { its_at[1].cert.whole, its_aa.cert.whole };

    pair_stop(&p);
    pair_start(&p);
    t->suite = COVEY_TLS_AES_256_GCM_SHA384;
    t->peer_type = COVEY_TLS_1609DOT2;
    t->state = WAIT_CERTIFICATE_VERIFY;
    CHECK_STATUS(COVEY_OK, covey__tls_transcript_begin(t, COVEY_SHA_384));
    CHECK_STATUS(COVEY_OK, covey__tls_its_certificate(t, p.now, given, 2, 0));
}

/* What the server would sign, as `what` says; its hash is filled in. */
static covey_bytes signed_as(covey_its_statement what, bool right_hash,
                             uint8_t *storage)
{
    static const struct tls_suite sha256 = { .hash = COVEY_SHA_256,
                                             .hash_len = 32 };
    uint8_t tbs[200];
    uint8_t hash[32] = { 0 };
    covey_writer t = covey_writer_of(tbs, sizeof tbs);
    covey_writer w = covey_writer_of(storage, 600);

    CHECK_STATUS(COVEY_OK, covey__tls_to_be_signed(&p.client.t, SERVER, &t));
    if (right_hash) {
        CHECK_STATUS(COVEY_OK,
                     covey__tls_hash_of(p.client.config.crypto, &sha256,
                                        covey_written(&t), hash));
    }
    if (!what.data.ptr) {
        what.external = covey_bytes_of(hash, 32);
    }
    CHECK_STATUS(COVEY_OK, covey_its_sign(&w, &its_signers[1], &what,
                                          p.client.config.crypto));
    return covey_written(&w);
}

static covey_its_statement right(void)
{
    return (covey_its_statement){
        .psid = 38,
        .generation_time = covey_its_now(p.now, COVEY_ITS_LEAP_SECONDS),
        .pdu_type = COVEY_ITS_PDU_TLS_HANDSHAKE,
    };
}

static void expect_verify(covey_bytes body, unsigned alert)
{
    covey_status st = covey__tls_its_verify(&p.client.t, p.now, body);

    if (alert == 0) {
        CHECK_STATUS(COVEY_OK, st);
        assert_true(p.client.t.peer.authenticated);
    } else {
        assert_int_not_equal(st, COVEY_OK);
        assert_string_equal(covey_tls_alert_name(alert),
                            covey_tls_alert_name(p.client.t.alert));
        assert_false(p.client.t.peer.authenticated);
    }
}

static void refuses_each_wrong_statement(void **state)
{
    static const struct {
        const char *why;
        uint8_t pdu;
        bool data, late, early, expiry, location, timeless, other_hash;
        unsigned alert;
    } cases[] = {
        { .why = "right", .pdu = 1 },
        { .why = "no pduFunctionalType: a message of the application",
          .pdu = 0,
          .alert = COVEY_TLS_ILLEGAL_PARAMETER },
        { .why = "another pduFunctionalType",
          .pdu = 2,
          .alert = COVEY_TLS_ILLEGAL_PARAMETER },
        { .why = "payload instead of its hash",
          .pdu = 1,
          .data = true,
          .alert = COVEY_TLS_ILLEGAL_PARAMETER },
        { .why = "generated a window ago",
          .pdu = 1,
          .late = true,
          .alert = COVEY_TLS_CERTIFICATE_UNKNOWN },
        { .why = "generated in the future",
          .pdu = 1,
          .early = true,
          .alert = COVEY_TLS_CERTIFICATE_UNKNOWN },
        { .why = "an expiry time",
          .pdu = 1,
          .expiry = true,
          .alert = COVEY_TLS_ILLEGAL_PARAMETER },
        { .why = "a location",
          .pdu = 1,
          .location = true,
          .alert = COVEY_TLS_ILLEGAL_PARAMETER },
        { .why = "no generation time",
          .pdu = 1,
          .timeless = true,
          .alert = COVEY_TLS_ILLEGAL_PARAMETER },
        { .why = "another transcript",
          .pdu = 1,
          .other_hash = true,
          .alert = COVEY_TLS_DECRYPT_ERROR },
    };
    uint8_t storage[600];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_its_statement what = right();
        kit_case(cases[i].why);
        wait_for_verify();
        what.pdu_type = cases[i].pdu;
        what.data = cases[i].data ? SPAN("data") : what.data;
        what.generation_time -= cases[i].late ? 60000001 : 0;
        what.generation_time += cases[i].early ? 60000001 : 0;
        what.expiry_time =
            cases[i].expiry ? what.generation_time + 1000000 : 0;
        what.location = cases[i].location ? SPAN("0123456789") : what.location;
        what.generation_time = cases[i].timeless ? 0 : what.generation_time;
        expect_verify(signed_as(what, !cases[i].other_hash, storage),
                      cases[i].alert);
    }
    kit_case(NULL);
}

static void refuses_every_flipped_bit_and_every_cut(void **state)
{
    uint8_t storage[600];
    covey_bytes body;

    (void)state;
    wait_for_verify();
    body = signed_as(right(), true, storage);
    for (size_t bit = 0; bit < body.len * 8; bit++) {
        if (bit / 8 == body.len - 65) {
            continue; /* the form of r: only its x counts (1609.2 6.3.30) */
        }
        storage[bit / 8] ^= (uint8_t)(1u << bit % 8);
        wait_for_verify();
        assert_int_not_equal(covey__tls_its_verify(&p.client.t, p.now, body),
                             COVEY_OK);
        assert_int_not_equal(p.client.t.alert, COVEY_TLS_INTERNAL_ERROR);
        storage[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t len = 0; len < body.len; len++) {
        wait_for_verify();
        expect_verify(covey_bytes_of(storage, len), COVEY_TLS_DECODE_ERROR);
    }
    wait_for_verify();
    expect_verify(body, 0);
}

static void takes_the_wrapped_form_only_if_told_to(void **state)
{
    uint8_t storage[600];
    uint8_t wrapped[604] = { 0x04, 0x03 };
    covey_bytes body;

    (void)state;
    for (int i = 0; i < 2; i++) {
        its_taken[0].accept_wrapped = i == 1;
        wait_for_verify();
        body = signed_as(right(), true, storage);
        wrapped[2] = (uint8_t)(body.len >> 8);
        wrapped[3] = (uint8_t)body.len;
        memcpy(wrapped + 4, body.ptr, body.len);
        expect_verify(covey_bytes_of(wrapped, body.len + 4),
                      i == 1 ? 0 : COVEY_TLS_DECODE_ERROR);
        wait_for_verify();
        expect_verify(body, 0);
    }
}

/* --- what a peer of another kind needs ----------------------------------- */

/* The keys of both certificates are elsewhere. */
static void signs_with_a_secure_element(void **state)
{
    struct side *sides[2] = { &p.client, &p.server };
    covey_its_signer only[2];
    covey_its_finding why;
    uint8_t before[64];

    (void)state;
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS(COVEY_OK, covey_its_signer_open(
                                   &only[i], p.client.config.crypto,
                                   its_at[i].cert.whole,
                                   covey_bytes_of(NULL, 0), NULL, &why));
        sides[i]->credentials[2].signer = &only[i];
        sides[i]->credentials[2].key_is_elsewhere = true;
        sides[i]->element = &its_signers[i].key;
    }
    connect_pair();
    assert_int_equal(p.client.signatures, 1);
    assert_int_equal(p.server.signatures, 1);
    talk();
    /* It answers later: nothing moves until then, and a clock that goes on
     * changes nothing of what was asked. */
    p.server.wait = true;
    pair_stop(&p);
    pair_start(&p);
    pair_run(&p);
    assert_false(p.client.connected || p.client.failed);
    assert_int_equal(p.server.t.waiting, WAITING_FOR_SIGNATURE);
    memcpy(before, p.server.t.signature, sizeof before);
    CHECK_STATUS(COVEY_OK,
                 p.server.config.crypto->sign(
                     p.server.config.crypto->provider, &its_signers[1].key,
                     COVEY_ES256, covey_bytes_of(before, sizeof before),
                     &(covey_writer){ .base = before, .cap = sizeof before }));
    p.now.unix_s += 30;
    CHECK_STATUS(COVEY_OK,
                 covey_tls_signature(&p.server.t,
                                     covey_bytes_of(before, sizeof before)));
    pair_run(&p);
    pair_connected(&p);
    /* A wrong answer is the peer's to refuse; one of a wrong length ours. */
    p.server.wait = false;
    p.server.element = &its_signers[0].key;
    refuse_pair(&p.client, COVEY_TLS_DECRYPT_ERROR);
    p.server.wait = true;
    pair_stop(&p);
    pair_start(&p);
    pair_run(&p);
    CHECK_STATUS(COVEY_OK, covey_tls_signature(&p.server.t, SPAN("short")));
    pair_run(&p);
    assert_true(p.server.failed);
    for (int i = 0; i < 2; i++) {
        covey_its_signer_drop(&only[i], p.client.config.crypto);
    }
}

/* Also while it is asked, and when the answer is there. */
static void survives_without_provider_when_keys_are_elsewhere(void **state)
{
    bool done = false;

    (void)state;
    p.server.credentials[2].key_is_elsewhere = true;
    p.server.element = &its_signers[1].key;
    connect_pair();
    for (int n = 0; !done; n++) {
        pair_stop(&p);
        int live = scripted.live;
        pair_start(&p);
        p.server.element_fails = true;
        covey_scripted_rewind(&scripted, n);
        pair_run(&p);
        done = p.client.connected && p.server.connected && !p.client.failed &&
               !p.server.failed;
        covey_scripted_rewind(&scripted, COVEY_SCRIPTED_NEVER);
        pair_stop(&p);
        assert_int_equal(scripted.live, live);
        assert_true(n < 2000);
    }
}

/* Types in ServerHello, as Q-Free's fork of OpenSSL has them. */
static void has_types_in_server_hello_only_if_told_to(void **state)
{
    (void)state;
    p.server.config.types_in_server_hello = true;
    refuse_pair(&p.client, COVEY_TLS_ILLEGAL_PARAMETER);
    p.client.config.types_in_server_hello = true;
    connect_pair();
    assert_int_equal(info_of(&p.client).peer.type, COVEY_TLS_1609DOT2);
    assert_int_equal(info_of(&p.server).peer.type, COVEY_TLS_1609DOT2);
    /* The right place is taken by such a client, too. */
    p.server.config.types_in_server_hello = false;
    connect_pair();
    assert_int_equal(info_of(&p.client).peer.type, COVEY_TLS_1609DOT2);
}

/* A refusal says which certificate and what was found. */
static void tells_what_a_chain_was_refused_for(void **state)
{
    (void)state;
    p.server.credentials[2].entry_count = 1;
    refuse_pair(&p.client, COVEY_TLS_UNKNOWN_CA);
    assert_int_equal(p.client.finding.reason, COVEY_ITS_R_ISSUER_MISSING);
    assert_memory_equal(p.client.finding.id,
                        covey_its_hashed_id(&its_aa.digest, 8).ptr, 8);
    p.server.credentials[2].entry_count = 2;
    p.now.unix_s += INT64_C(40) * 31556952;
    refuse_pair(&p.client, COVEY_TLS_CERTIFICATE_EXPIRED);
    assert_int_equal(p.client.finding.reason, COVEY_ITS_R_EXPIRED);
    assert_int_equal(p.client.finding.expected, its_at[1].cert.end);
}

/* Of several rules for a PSID one has to fit. */
static void takes_what_one_of_several_rules_takes(void **state)
{
    static const uint8_t ones[] = { 0xff, 0xff, 0xff, 0xff, 0xff };
    covey_its_permission permission;

    (void)state;
    assert_true(covey_its_permission_find(&its_at[1].cert, 36, &permission));
    const covey_bytes mask = covey_bytes_of(ones, permission.ssp.len);
    const covey_tls_its_rule several[] = {
        { 36, true, mask, mask }, { 36, true, permission.ssp, mask }
    };
    p.server.credentials[2].psid = 36;
    its_taken[0].rules = several;
    refuse_pair(&p.client, COVEY_TLS_ACCESS_DENIED);
    its_taken[0].rule_count = 2;
    connect_pair();
}

/* As one who only looks: refused with `verdict.alert`, if there is one. */
static uint8_t look_at_its(const struct side *s, const covey_tls_report *r)
{
    assert_int_equal(r->type, COVEY_TLS_1609DOT2);
    assert_int_equal(r->entry_count, 2);
    CHECK_SPAN(its_at[1].cert.whole, r->entries[0]);
    return s->verdict.alert;
}

static void shows_a_chain_before_it_is_verified(void **state)
{
    (void)state;
    its_taken[0].ask_chain = true;
    p.client.judge = look_at_its;
    connect_pair();
    assert_int_equal(p.client.chains, 1);
    p.client.verdict.alert = COVEY_TLS_USER_CANCELED;
    refuse_pair(&p.client, COVEY_TLS_USER_CANCELED);
    /* what is shown is verified all the same, and a repository still asked */
    p.client.verdict.alert = 0;
    covey_its_store_clear(its_taken[0].store, p.client.config.crypto);
    refuse_pair(&p.client, COVEY_TLS_UNKNOWN_CA);
    assert_int_equal(p.client.chains, 2);
}

static void survives_a_provider_that_fails(void **state)
{
    bool done = false;
    int n = 0;

    (void)state;
    connect_pair(); /* the stores know the CA from here on */
    while (!done) {
        pair_stop(&p);
        int live = scripted.live;
        pair_start(&p);
        covey_scripted_rewind(&scripted, n);
        pair_run(&p);
        done = p.client.connected && p.server.connected && !p.client.failed &&
               !p.server.failed;
        assert_int_equal(done, scripted.calls <= n);
        covey_scripted_rewind(&scripted, COVEY_SCRIPTED_NEVER);
        pair_stop(&p);
        assert_int_equal(scripted.live, live);
        n++;
    }
    assert_true(n > 100 && n < 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ITS(connects_mutually_with_what_the_application_needs),
        ITS(needs_the_chain_only_once),
        ITS(asks_a_repository_for_what_is_missing),
        ITS(tolerates_what_does_not_belong_to_the_chain),
        ITS(refuses_an_end_entity_that_is_not_first),
        ITS(mixes_types),
        ITS(refuses_when_no_type_is_shared),
        ITS(refuses_psids_that_nobody_takes),
        ITS(wants_the_ssp_that_a_rule_says),
        ITS(refuses_without_time_and_outside_of_validity),
        ITS(refuses_a_generation_time_outside_the_window),
        ITS(resumes_until_the_certificate_expires),
        ITS(refuses_each_wrong_statement),
        ITS(refuses_every_flipped_bit_and_every_cut),
        ITS(takes_the_wrapped_form_only_if_told_to),
        ITS(signs_with_a_secure_element),
        ITS(survives_without_provider_when_keys_are_elsewhere),
        ITS(has_types_in_server_hello_only_if_told_to),
        ITS(tells_what_a_chain_was_refused_for),
        ITS(takes_what_one_of_several_rules_takes),
        ITS(shows_a_chain_before_it_is_verified),
        ITS(survives_a_provider_that_fails),
    };

    return KIT_RUN(tests);
}
