/* SPDX-License-Identifier: BSD-2-Clause */
/* The key schedule against the figures of RFC 8448 Section 3. */
#include "kit.h"

#include "tls_internal.h"

#include "crypto/openssl/openssl.h"

static covey_crypto crypto;

#define HANDSHAKE                                                             \
    "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"
#define MASTER                                                                \
    "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919"
#define HELLO_HASH                                                            \
    "860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8"
#define FINISHED_HASH                                                         \
    "9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13"
#define CLIENT_HS                                                             \
    "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21"
#define SERVER_HS                                                             \
    "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"
#define CLIENT_AP                                                             \
    "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"
#define SERVER_AP                                                             \
    "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643"
#define EARLY                                                                 \
    "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a"
#define SHARED                                                                \
    "8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d"

static const struct tls_suite *suite(void)
{
    return covey__tls_suite_find(COVEY_TLS_AES_128_GCM_SHA256);
}

static void extracts_the_stages_of_rfc_8448(void **state)
{
    uint8_t chain[COVEY_TLS_SECRET_MAX];
    uint8_t shared[32];
    const covey_bytes none = { NULL, 0 };

    (void)state;
    CHECK_STATUS(COVEY_OK,
                 covey__tls_chain_first(&crypto, suite(), chain, none));
    CHECK_HEX(EARLY, covey_bytes_of(chain, 32));
    CHECK_STATUS(COVEY_OK, covey__tls_chain_next(&crypto, suite(), chain,
                                                 kit_hex(SHARED, shared, 32)));
    CHECK_HEX(HANDSHAKE, covey_bytes_of(chain, 32));
    CHECK_STATUS(COVEY_OK,
                 covey__tls_chain_next(&crypto, suite(), chain, none));
    CHECK_HEX(MASTER, covey_bytes_of(chain, 32));
}

static void derives_the_secrets_of_rfc_8448(void **state)
{
    static const struct {
        const char *why, *from, *hash, *secret;
    } cases[] = {
        { "c hs traffic", HANDSHAKE, HELLO_HASH, CLIENT_HS },
        { "s hs traffic", HANDSHAKE, HELLO_HASH, SERVER_HS },
        { "c ap traffic", MASTER, FINISHED_HASH, CLIENT_AP },
        { "s ap traffic", MASTER, FINISHED_HASH, SERVER_AP },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t from[32];
        uint8_t hash[32];
        uint8_t out[32];
        kit_case(cases[i].why);
        (void)kit_hex(cases[i].from, from, sizeof from);
        CHECK_STATUS(COVEY_OK,
                     covey__tls_derive(&crypto, suite(), from, cases[i].why,
                                       kit_hex(cases[i].hash, hash, 32),
                                       tls_room_of(out, sizeof out)));
        CHECK_HEX(cases[i].secret, covey_bytes_of(out, sizeof out));
    }
    kit_case(NULL);
}

/* The key is behind its handle: what it seals tells whether it is right. */
static void same_key(covey_key *one, covey_bytes raw, covey_bytes nonce)
{
    uint8_t sealed[2][40];
    covey_writer a = covey_writer_of(sealed[0], 40);
    covey_writer b = covey_writer_of(sealed[1], 40);
    covey_key key;

    CHECK_STATUS(COVEY_OK,
                 crypto.cipher_key(crypto.provider, COVEY_A128GCM, raw, &key));
    CHECK_STATUS(COVEY_OK, crypto.seal(crypto.provider, one, nonce, SPAN(""),
                                       SPAN("x"), &a));
    CHECK_STATUS(COVEY_OK, crypto.seal(crypto.provider, &key, nonce, SPAN(""),
                                       SPAN("x"), &b));
    CHECK_SPAN(covey_written(&a), covey_written(&b));
    crypto.key_drop(crypto.provider, &key);
}

static void makes_the_traffic_keys_of_rfc_8448(void **state)
{
    static const struct {
        const char *why, *secret, *key, *iv;
    } cases[] = {
        { "server, handshake", SERVER_HS, "3fce516009c21727d0f2e4e86ee403bc",
          "5d313eb2671276ee13000b30" },
        { "client, handshake", CLIENT_HS, "dbfaa693d1762c5b666af5d950258d01",
          "5bd3c71b836e0b76bb73265f" },
        { "server, data", SERVER_AP, "9f02283b6c9c07efc26bb9f2ac92e356",
          "cf782b88dd83549aadf1e984" },
        { "client, data", CLIENT_AP, "17422dda596ed5d9acd890e3c63f5051",
          "5b78923dee08579033e523d9" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_tls_half half = { 0 };
        uint8_t secret[32];
        uint8_t raw[16];
        uint8_t iv[12];
        kit_case(cases[i].why);
        (void)kit_hex(cases[i].secret, secret, sizeof secret);
        CHECK_STATUS(COVEY_OK,
                     covey__tls_half_set(&crypto, suite(), secret, &half));
        CHECK_HEX(cases[i].iv, covey_bytes_of(half.iv, 12));
        same_key(&half.key, kit_hex(cases[i].key, raw, 16),
                 kit_hex(cases[i].iv, iv, 12));
        covey__tls_half_drop(&crypto, &half);
    }
    kit_case(NULL);
}

static void refuses_labels_that_do_not_fit(void **state)
{
    static const uint8_t long_label[65];
    uint8_t secret[32] = { 0 };
    uint8_t out[32];
    covey_writer w = covey_writer_of(out, sizeof out);

    (void)state;
    CHECK_STATUS(
        COVEY_E_RANGE,
        covey__tls_expand_label(&crypto, suite(), secret,
                                covey_bytes_of(long_label, sizeof long_label),
                                covey_bytes_of(NULL, 0), &w));
    assert_int_equal(w.pos, 0);
}

static void knows_the_five_suites_and_no_other(void **state)
{
    (void)state;
    for (unsigned id = 0; id <= 0xffff; id++) {
        bool known = id >= 0x1301 && id <= 0x1305;
        assert_int_equal(covey__tls_suite_find(id) != NULL, known);
        assert_int_equal(covey_tls_suite_name(id) != NULL, known);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extracts_the_stages_of_rfc_8448),
        cmocka_unit_test(derives_the_secrets_of_rfc_8448),
        cmocka_unit_test(makes_the_traffic_keys_of_rfc_8448),
        cmocka_unit_test(refuses_labels_that_do_not_fit),
        cmocka_unit_test(knows_the_five_suites_and_no_other),
    };
    int failed = 0;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    failed = KIT_RUN(tests);
    covey_openssl_close(&crypto);
    return failed;
}
