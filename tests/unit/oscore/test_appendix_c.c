/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 8613 Appendix C, every printed value: derivation (C.1 to C.3), requests
 * (C.4 to C.6), responses (C.7 and C.8). */
#include "fixture.h"

#include <crypto/openssl/openssl.h>

#define SECRET "0102030405060708090a0b0c0d0e0f10"
#define SALT   "9e7ca92223786340"

/* The client's side; the server's has the two IDs and keys exchanged. */
static const struct derivation {
    const char *why;
    const char *salt;
    const char *id_context; /* NULL: none */
    const char *client_id;
    const char *info[3]; /* client's key, server's key, Common IV */
    const char *client_key;
    const char *server_key;
    const char *common_iv;
} derivations[] = {
    { "C.1",
      SALT,
      NULL,
      "",
      { "8540f60a634b657910", "854101f60a634b657910", "8540f60a6249560d" },
      "f0910ed7295e6ad4b54fc793154302ff",
      "ffb14e093c94c9cac9471648b4f98710",
      "4622d4dd6d944168eefb54987c" },
    { "C.2",
      "",
      NULL,
      "00",
      { "854100f60a634b657910", "854101f60a634b657910", "8540f60a6249560d" },
      "321b26943253c7ffb6003b0b64d74041",
      "e57b5635815177cd679ab4bcec9d7dda",
      "be35ae297d2dace910c52e99f9" },
    { "C.3",
      SALT,
      "37cbf3210017a2d3",
      "",
      { "85404837cbf3210017a2d30a634b657910",
        "8541014837cbf3210017a2d30a634b657910",
        "85404837cbf3210017a2d30a6249560d" },
      "af2a1300a5e95788b356336eeecd2b92",
      "e39a0c7c77b43f03b4b39ab9a268699f",
      "2ca58fb85ff1b81c0b7181b85e" },
};

struct storage {
    uint8_t secret[16];
    uint8_t salt[8];
    uint8_t id_context[8];
    uint8_t client_id[1];
};

static covey_oscore_parameters parameters_of(const struct derivation *d,
                                             struct storage *s, bool client)
{
    covey_oscore_parameters p = {
        .aead = COVEY_AES_CCM_16_64_128,
        .hkdf = COVEY_HMAC_256_256,
        .master_secret = kit_hex(SECRET, s->secret, sizeof s->secret),
        .master_salt = kit_hex(d->salt, s->salt, sizeof s->salt),
    };
    const covey_bytes id =
        kit_hex(d->client_id, s->client_id, sizeof s->client_id);

    if (d->id_context != NULL) {
        p.id_context =
            kit_hex(d->id_context, s->id_context, sizeof s->id_context);
    }
    p.sender_id = client ? id : SPAN("\x01");
    p.recipient_id = client ? SPAN("\x01") : id;
    return p;
}

static void check_info(const covey_oscore_parameters *p, const char *expected,
                       covey_bytes id, covey_bytes type, uint8_t len)
{
    uint8_t storage[COVEY_OSCORE_INFO_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    CHECK_STATUS(COVEY_OK, covey_oscore_info(&w, p, id, type, len));
    CHECK_HEX(expected, covey_written(&w));
}

static void derives_the_printed_keys(void **state)
{
    covey_crypto crypto;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    for (size_t i = 0; i < COUNT_OF(derivations) * 2; i++) {
        const struct derivation *d = &derivations[i / 2];
        const bool client = i % 2 == 0;
        struct storage s;
        covey_oscore_keys k;
        const covey_oscore_parameters p = parameters_of(d, &s, client);

        kit_case(d->why);
        check_info(&p, d->info[client ? 0 : 1], p.sender_id, SPAN("Key"), 16);
        check_info(&p, d->info[client ? 1 : 0], p.recipient_id, SPAN("Key"),
                   16);
        check_info(&p, d->info[2], SPAN(""), SPAN("IV"), 13);
        CHECK_STATUS(COVEY_OK, covey_oscore_derive(&k, &p, &crypto));
        CHECK_HEX(client ? d->client_key : d->server_key,
                  covey_bytes_of(k.sender_key, k.key_len));
        CHECK_HEX(client ? d->server_key : d->client_key,
                  covey_bytes_of(k.recipient_key, k.key_len));
        CHECK_HEX(d->common_iv, covey_bytes_of(k.common_iv, k.iv_len));
    }
    kit_case(NULL);
    covey_openssl_close(&crypto);
}

/* A request with sequence number 20 and what it is on the wire. */
static const struct {
    const char *why;
    const char *original;
    const char *protected;
} requests[] = {
    { "C.4", "44015d1f00003974396c6f63616c686f737483747631",
      "44025d1f00003974396c6f63616c686f7374620914ff"
      "612f1092f1776f1c1668b3825e" },
    { "C.5", "440171c30000b932396c6f63616c686f737483747631",
      "440271c30000b932396c6f63616c686f737463091400ff"
      "4ed339a5a379b0b8bc731fffb0" },
    { "C.6", "44012f8eef9bbf7a396c6f63616c686f737483747631",
      "44022f8eef9bbf7a396c6f63616c686f73746b19140837cbf3210017a2d3ff"
      "72cd7273fd331ac45cffbe55c3" },
};

static void open_both(struct pair *pair, const struct derivation *d,
                      struct storage *s)
{
    const covey_oscore_start at_20 = { .state = { .ssn = 20 },
                                       .window_in_memory = true };
    const covey_oscore_start at_0 = { .window_in_memory = true };
    const covey_oscore_parameters c = parameters_of(d, s, true);
    const covey_oscore_parameters v = parameters_of(d, s, false);

    CHECK_STATUS(COVEY_OK, covey_openssl_open(&pair->crypto));
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_setup(&pair->client, &pair->crypto, &c, &at_20));
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_setup(&pair->server, &pair->crypto, &v, &at_0));
    pair_store(&pair->client);
    pair_store(&pair->server);
}

static void protects_the_printed_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        struct pair pair;
        struct storage s;
        static struct wire w;
        covey_oscore_exchange asked;
        covey_oscore_exchange heard;
        covey_oscore_received r;
        struct buffers *b;

        kit_case(requests[i].why);
        open_both(&pair, &derivations[i], &s);
        send_request(&w, &pair.client, &asked, requests[i].original);
        CHECK_HEX(requests[i].protected, covey_bytes_of(w.bytes, w.len));
        b = buffers_new();
        assert_int_equal(take_request(b, &pair.server, &heard, &w, &r),
                         COVEY_UNPROTECT_FRESH);
        CHECK_HEX(requests[i].original, covey_written(&b->out));
        assert_true(r.has_piv && r.piv == 20);
        pair_close(&pair);
    }
    kit_case(NULL);
}

static void protects_the_printed_responses(void **state)
{
    static const char original[] =
        "64455d1f00003974ff48656c6c6f20576f726c6421";
    static const char *const expected[2] = {
        "64445d1f0000397490ff"
        "dbaad1e9a7e7b2a813d3c31524378303cdafae119106",
        "64445d1f00003974920100ff"
        "4d4c13669384b67354b2b6175ff4b8658c666a6cf88e",
    };

    (void)state;
    for (int own_piv = 0; own_piv < 2; own_piv++) {
        struct pair pair;
        struct storage s;
        static struct wire w;
        covey_oscore_exchange asked;
        covey_oscore_exchange heard;
        covey_oscore_received r;
        struct buffers *b = buffers_new();

        kit_case(own_piv ? "C.8" : "C.7");
        open_both(&pair, &derivations[0], &s);
        send_request(&w, &pair.client, &asked, requests[0].original);
        assert_int_equal(take_request(b, &pair.server, &heard, &w, &r),
                         COVEY_UNPROTECT_FRESH);
        send_response(&w, &pair.server, &heard, original, own_piv);
        CHECK_HEX(expected[own_piv], covey_bytes_of(w.bytes, w.len));
        b = buffers_new();
        assert_int_equal(take_response(b, &pair.client, &asked, &w, &r),
                         COVEY_UNPROTECT_FRESH);
        CHECK_HEX(original, covey_written(&b->out));
        assert_int_equal(r.has_piv, own_piv);
        pair_close(&pair);
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derives_the_printed_keys),
        cmocka_unit_test(protects_the_printed_requests),
        cmocka_unit_test(protects_the_printed_responses),
    };

    return KIT_RUN(tests);
}
