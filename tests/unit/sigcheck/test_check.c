/* SPDX-License-Identifier: BSD-2-Clause */
/* Which responses are whose, and everything that makes a check fail. */
#include "fixture.h"

#define CHANGED COVEY_COAP_CODE(2, 4)

static uint8_t scratch[1024];

static covey_status check(const struct group *g, const covey_coap_message *m,
                          const covey_sigcheck_signer *by,
                          const covey_sigcheck_request *request)
{
    return covey_sigcheck_check(&g->checker, m, by, request, scratch,
                                sizeof scratch);
}

/* What the option of a response has, to which request, and what comes of
 * it. */
static void checks_responses_of_every_form(void **state)
{
    static const struct {
        const char *why;
        bool pairwise; /* the request */
        bool piv;
        bool kid_context;
        bool kid;
        covey_status status;
    } cases[] = {
        { "the first to a group request", false, false, false, true,
          COVEY_OK },
        { "a further one", false, true, false, true, COVEY_OK },
        { "one after a rekeying", false, true, true, true, COVEY_OK },
        { "without the kid that is due", false, false, false, false,
          COVEY_E_FORMAT },
        { "a Partial IV is none", false, true, true, false, COVEY_E_FORMAT },
        { "to a pairwise request", true, false, false, false, COVEY_OK },
        { "whose Partial IV is the server's", true, true, false, false,
          COVEY_OK },
        { "with a kid", true, true, false, true, COVEY_OK },
    };
    covey_sigcheck_request request;
    struct group g;

    (void)state;
    group_open(&g);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct draft d = { .code = CHANGED,
                           .option = { .group = true },
                           .signer = &g.server,
                           .request = &request };
        covey_coap_message m;

        kit_case(cases[i].why);
        (void)group_request(&g, cases[i].pairwise, &request);
        if (cases[i].piv) {
            d.option.partial_iv = SPAN("\1\xf4");
        }
        if (cases[i].kid_context) {
            d.option.kid_context = g.checker.gid;
        }
        if (cases[i].kid) {
            d.option.kid = g.server.id;
        }
        m = group_sign(&g, &d);
        CHECK_STATUS(cases[i].status, check(&g, &m, &g.server, &request));
    }
    kit_case(NULL);
}

/* A response may come after a rekeying: bound to the old Gid, masked with the
 * new one. */
static void keeps_the_gid_of_the_request(void **state)
{
    covey_sigcheck_request request;
    struct group g;
    struct draft d = { .code = CHANGED,
                       .option = { .group = true, .partial_iv = SPAN("\0") },
                       .request = &request };
    covey_coap_message m;

    (void)state;
    group_open(&g);
    m = group_request(&g, false, &request);
    CHECK_STATUS(COVEY_OK, check(&g, &m, &g.client, &request));
    g.checker.gid = SPAN("\xdd\x12");
    g.checker.sek = SPAN("fedcba9876543210");
    CHECK_STATUS(COVEY_E_NO_CONTEXT, check(&g, &m, &g.client, &request));
    d.signer = &g.server;
    d.option.kid = g.server.id;
    d.option.kid_context = g.checker.gid;
    m = group_sign(&g, &d);
    CHECK_STATUS(COVEY_OK, check(&g, &m, &g.server, &request));
    request.gid = g.checker.gid;
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.server, &request));
}

/* Each of these differs from what was signed. */
static void refuses_another_binding(void **state)
{
    static const uint8_t other[1] = { 0 };
    covey_sigcheck_request request;
    struct group g;
    struct group was;
    covey_coap_message m;

    (void)state;
    group_open(&g);
    was = g;
    m = group_request(&g, false, &request);
    request.kid[0]++;
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.client, &request));
    request.kid[0]--;
    request.piv[0]++;
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.client, &request));
    request.piv[0]--;
    request.gid = covey_bytes_of(other, 1);
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.client, &request));
    request.gid = g.checker.gid;
    g.client.credential.len--;
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.client, &request));
    g.client.credential.len++;
    g.client.key = &g.server_key;
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.client, &request));
    g.client.key = &g.client_key;
    g.checker.gm_cred.len--;
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.client, &request));
    g.checker.gm_cred.len++;
    g.checker.algorithms.aead = COVEY_ALG_UNSET;
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.client, &request));
    g.checker.algorithms = was.checker.algorithms;
    g.checker.sek = SPAN("0123456789abcdeF");
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.client, &request));
    g.checker.sek = was.checker.sek;
    g.checker.hkdf = COVEY_HMAC_512_512;
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.client, &request));
    g.checker.hkdf = was.checker.hkdf;
    CHECK_STATUS(COVEY_E_ARGUMENT, check(&g, &m, &g.server, &request));
    CHECK_STATUS(COVEY_OK, check(&g, &m, &g.client, &request));
}

/* A request reads like a response and the other way round, but for the code
 * and so the mask. */
static void refuses_a_request_as_a_response(void **state)
{
    covey_sigcheck_request request;
    covey_coap_message m;
    struct group g;

    (void)state;
    group_open(&g);
    m = group_request(&g, false, &request);
    m.code = CHANGED;
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.client, &request));
}

static void refuses_pairwise_messages(void **state)
{
    covey_sigcheck_request request;
    covey_coap_message m;
    struct group g;

    (void)state;
    group_open(&g);
    m = group_request(&g, true, &request);
    CHECK_STATUS(COVEY_E_UNSUPPORTED, check(&g, &m, &g.client, &request));
}

/* Signature 64, tag 8, and one byte of code; with CTR there is no tag. */
static void refuses_payloads_without_room_for_a_message(void **state)
{
    covey_sigcheck_request request;
    covey_coap_message m;
    struct group g;

    (void)state;
    group_open(&g);
    m = group_request(&g, false, &request);
    assert_int_equal(m.payload.len, 73);
    CHECK_STATUS(COVEY_OK, check(&g, &m, &g.client, &request));
    for (m.payload.len = 72; m.payload.len > 0; m.payload.len--) {
        CHECK_STATUS(COVEY_E_SHORT, check(&g, &m, &g.client, &request));
    }
    g.checker.algorithms.group_enc = COVEY_A128CTR;
    for (m.payload.len = 64; m.payload.len > 0; m.payload.len--) {
        CHECK_STATUS(COVEY_E_SHORT, check(&g, &m, &g.client, &request));
    }
    m.payload.len = 65;
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.client, &request));
}

/* Scratch of exactly so many bytes, for the sanitizers. */
static void says_at_every_length_when_there_is_no_room(void **state)
{
    covey_sigcheck_request request;
    covey_coap_message m;
    struct group g;
    size_t cap;
    covey_status st = COVEY_E_ROOM;

    (void)state;
    group_open(&g);
    m = group_request(&g, false, &request);
    for (cap = 0; st != COVEY_OK; cap++) {
        uint8_t *room = test_malloc(cap + 1);

        room[cap] = 0xee;
        st = covey_sigcheck_check(&g.checker, &m, &g.client, &request, room,
                                  cap);
        assert_true(st == COVEY_OK || st == COVEY_E_ROOM);
        assert_int_equal(room[cap], 0xee);
        test_free(room);
    }
    /* Signature 64, prefix and head 26, external_aad 69, head 1, text 9. */
    assert_int_equal(cap - 1, 64 + 26 + 69 + 1 + 9);
    assert_true(cap <= COVEY_SIGCHECK_SCRATCH(
                           m.payload.len, g.client.credential.len,
                           g.checker.gm_cred.len, g.checker.gid.len));
}

static void says_when_the_provider_fails(void **state)
{
    covey_sigcheck_request request;
    covey_coap_message m;
    covey_crypto crypto;
    covey_scripted s;
    struct group g;
    covey_status st = COVEY_E_CRYPTO;
    int n = 0;

    (void)state;
    group_open(&g);
    m = group_request(&g, false, &request);
    covey_scripted_open(&s, NULL, &crypto);
    g.checker.crypto = &crypto;
    for (; st != COVEY_OK; n++) {
        covey_scripted_rewind(&s, n);
        st = check(&g, &m, &g.client, &request);
        CHECK_STATUS(n < 2 ? COVEY_E_CRYPTO : COVEY_OK, st);
    }
    assert_int_equal(n, 3); /* the keystream, the signature, and success */
}

/* Unmasked, it would tell an outsider who signed. */
static void leaves_no_signature_behind(void **state)
{
    static const uint8_t zeros[64] = { 0 };
    covey_sigcheck_request request;
    covey_coap_message m;
    struct group g;

    (void)state;
    group_open(&g);
    m = group_request(&g, false, &request);
    memset(scratch, 0xee, sizeof scratch);
    CHECK_STATUS(COVEY_OK, check(&g, &m, &g.client, &request));
    assert_memory_equal(scratch, zeros, sizeof zeros);
    g.checker.gm_cred.len--;
    memset(scratch, 0xee, sizeof scratch);
    CHECK_STATUS(COVEY_E_AUTH, check(&g, &m, &g.client, &request));
    assert_memory_equal(scratch, zeros, sizeof zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_responses_of_every_form),
        cmocka_unit_test(keeps_the_gid_of_the_request),
        cmocka_unit_test(refuses_another_binding),
        cmocka_unit_test(refuses_a_request_as_a_response),
        cmocka_unit_test(refuses_pairwise_messages),
        cmocka_unit_test(refuses_payloads_without_room_for_a_message),
        cmocka_unit_test(says_at_every_length_when_there_is_no_room),
        cmocka_unit_test(says_when_the_provider_fails),
        cmocka_unit_test(leaves_no_signature_behind),
    };

    return KIT_RUN(tests);
}
