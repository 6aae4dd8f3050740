/* SPDX-License-Identifier: BSD-2-Clause */
/* Every group-mode message of the vectors is its sender's, nobody else's, and
 * nobody's with any other bit in it. */
#include "kit.h"
#include "vectors.h"

#include <covey/cose.h>
#include <crypto/openssl/openssl.h>

/* One exchange, ready to be checked. */
struct bench {
    covey_crypto crypto;
    covey_sigcheck checker;
    covey_sigcheck_signer client;
    covey_sigcheck_signer server;
    covey_key keys[2];
    uint8_t pool[4096];
    size_t used;
    uint8_t scratch[2048];
};

static covey_bytes bytes(struct bench *b, const char *hex)
{
    covey_bytes span =
        kit_hex(hex, b->pool + b->used, sizeof b->pool - b->used);

    b->used += span.len;
    return span;
}

static covey_sigcheck_signer signer(struct bench *b, const struct endpoint *e,
                                    covey_key *key)
{
    const covey_sigcheck_signer s = {
        .id = bytes(b, e->id),
        .credential = bytes(b, e->credential),
        .key = key,
    };

    CHECK_STATUS(COVEY_OK,
                 b->crypto.public_key(b->crypto.provider, b->checker.curve,
                                      bytes(b, e->public_key), key));
    return s;
}

static struct bench *open_bench(const struct exchange *x)
{
    static struct bench b;

    memset(&b, 0, sizeof b);
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&b.crypto));
    b.checker = (covey_sigcheck){
        .crypto = &b.crypto,
        .algorithms = x->algorithms,
        .hkdf = x->hkdf,
        .curve = x->curve,
        .gid = bytes(&b, x->gid),
        .gm_cred = bytes(&b, x->gm_cred),
        .sek = bytes(&b, x->sek),
    };
    CHECK_STATUS(COVEY_OK, covey_sigcheck_ready(&b.checker));
    b.client = signer(&b, &x->client, &b.keys[0]);
    b.server = signer(&b, &x->server, &b.keys[1]);
    return &b;
}

static void close_bench(struct bench *b)
{
    b->crypto.key_drop(b->crypto.provider, &b->keys[0]);
    b->crypto.key_drop(b->crypto.provider, &b->keys[1]);
    covey_openssl_close(&b->crypto);
}

static covey_coap_message message(struct bench *b, const char *hex)
{
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, bytes(b, hex)));
    return m;
}

static covey_status check(struct bench *b, const covey_coap_message *m,
                          const covey_sigcheck_signer *by,
                          const covey_sigcheck_request *request)
{
    const size_t cap =
        COVEY_SIGCHECK_SCRATCH(m->payload.len, by->credential.len,
                               b->checker.gm_cred.len, b->checker.gid.len);

    assert_true(cap <= sizeof b->scratch);
    return covey_sigcheck_check(&b->checker, m, by, request, b->scratch, cap);
}

/* The mode is as the vector has it: only requests may be pairwise here. */
static void check_request(struct bench *b, const covey_coap_message *m,
                          const covey_sigcheck_request *request)
{
    covey_oscore_option option;

    if (request->pairwise) {
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     covey_sigcheck_sender(&b->checker, m, &option));
        CHECK_STATUS(COVEY_E_UNSUPPORTED, check(b, m, &b->client, request));
        return;
    }
    CHECK_STATUS(COVEY_OK, covey_sigcheck_sender(&b->checker, m, &option));
    CHECK_SPAN(b->client.id, option.kid);
    CHECK_STATUS(COVEY_OK, check(b, m, &b->client, request));
    CHECK_STATUS(COVEY_E_ARGUMENT, check(b, m, &b->server, request));
}

static void check_response(struct bench *b, const covey_coap_message *m,
                           const covey_sigcheck_request *request)
{
    covey_sigcheck_signer other = b->server;
    covey_oscore_option option;

    CHECK_STATUS(COVEY_OK, covey_sigcheck_sender(&b->checker, m, &option));
    assert_true(request->pairwise ||
                covey_bytes_equal(option.kid, b->server.id));
    CHECK_STATUS(COVEY_OK, check(b, m, &b->server, request));
    other.key = b->client.key;
    CHECK_STATUS(COVEY_E_AUTH, check(b, m, &other, request));
    other.key = b->server.key;
    other.credential = b->client.credential;
    CHECK_STATUS(COVEY_E_AUTH, check(b, m, &other, request));
}

static void verifies_the_messages_of_the_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXCHANGE_COUNT; i++) {
        const struct exchange *x = &exchanges[i];
        struct bench *b = open_bench(x);
        covey_sigcheck_request request;
        covey_coap_message m = message(b, x->messages[0]);

        kit_case(x->name);
        CHECK_STATUS(COVEY_OK, covey_sigcheck_note(&b->checker, &m, &request));
        check_request(b, &m, &request);
        for (size_t k = 1; k < MESSAGE_MAX && x->messages[k] != NULL; k++) {
            m = message(b, x->messages[k]);
            check_response(b, &m, &request);
        }
        close_bench(b);
    }
    kit_case(NULL);
}

/* From the first option on: what stands before is the proxy's own. The Group
 * Manager's credential and the group's key matter, too. */
static void refuses_any_other_bit(void **state)
{
    struct bench *b = open_bench(&exchanges[0]);
    uint8_t changed[512];
    covey_sigcheck_request request;
    const covey_bytes original = bytes(b, exchanges[0].messages[0]);
    covey_coap_message m;
    size_t from;

    (void)state;
    memcpy(changed, original.ptr, original.len);
    CHECK_STATUS(COVEY_OK,
                 covey_coap_parse(&m, covey_bytes_of(changed, original.len)));
    CHECK_STATUS(COVEY_OK, covey_sigcheck_note(&b->checker, &m, &request));
    CHECK_STATUS(COVEY_OK, check(b, &m, &b->client, &request));
    from = (size_t)(m.options.ptr - changed);
    for (size_t bit = 8 * from; bit < 8 * original.len; bit++) {
        changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (covey_coap_parse(&m, covey_bytes_of(changed, original.len)) ==
            COVEY_OK) {
            assert_int_not_equal(check(b, &m, &b->client, &request), COVEY_OK);
        }
        changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    m = message(b, exchanges[0].messages[0]);
    b->checker.gm_cred.len--;
    CHECK_STATUS(COVEY_E_AUTH, check(b, &m, &b->client, &request));
    b->checker.gm_cred.len++;
    b->checker.sek = covey_bytes_of(b->checker.sek.ptr + 1,
                                    b->checker.sek.len); /* of another group */
    CHECK_STATUS(COVEY_E_AUTH, check(b, &m, &b->client, &request));
    close_bench(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifies_the_messages_of_the_vectors),
        cmocka_unit_test(refuses_any_other_bit),
    };

    return KIT_RUN(tests);
}
