/* SPDX-License-Identifier: BSD-2-Clause */
/* Key updates of draft-ietf-core-oscore-key-update against values that
 * another program computed from the same text; the order of the inputs, both
 * ways to expand, refusals; limits of draft-ietf-core-oscore-key-limits. */
#include "kit.h"

#include <covey/oscore.h>
#include <crypto/openssl/openssl.h>

static const char secret_16[] = "5292fb927d03c8469477570608fc2c34";
static const char secret_32[] = "5292fb927d03c8469477570608fc2c34"
                                "48e65257ffa4ff29e5398e63acd6c505";

static const struct update {
    const char *why;
    int32_t hkdf;
    const char *secret;
    const char *own;  /* x and nonce */
    const char *peer; /* NULL: divergent */
    const char *salt;
    const char *label;
    const char *updated;
} updates[] = {
    { "8 bytes, divergent: the empty input sorts first", COVEY_HMAC_256_256,
      secret_16, "07 fcf7de02cfbdb0a3", NULL, "40 49 07fcf7de02cfbdb0a3",
      "0010 11 6f73636f7265206b657920757064617465 0b 404907fcf7de02cfbdb0a3",
      "47b66dbf4c8eade0c7859710b467142a" },
    { "8 bytes, convergent", COVEY_HMAC_256_256, secret_16,
      "07 fcf7de02cfbdb0a3", "47 b825e9e424ae2424",
      "49 07fcf7de02cfbdb0a3 49 47b825e9e424ae2424",
      "0010 11 6f73636f7265206b657920757064617465 14"
      "4907fcf7de02cfbdb0a34947b825e9e424ae2424",
      "c1aa55c31b1b0d6433d4fb1e6141466c" },
    { "one byte each", COVEY_HMAC_256_256, secret_16, "00 25", "40 f3",
      "42 0025 42 40f3",
      "0010 11 6f73636f7265206b657920757064617465 06 4200254240f3",
      "5c9faa92aa3ee7d16eea1d098e17334f" },
    { "16 bytes each", COVEY_HMAC_256_256, secret_16,
      "0f 7cc2155488ecfc36680a40376ba3f31a",
      "4f 60a339cd09e2a2a0660ea903b9b8b3de",
      "510f7cc2155488ecfc36680a40376ba3f31a"
      "514f60a339cd09e2a2a0660ea903b9b8b3de",
      "0010 11 6f73636f7265206b657920757064617465 24"
      "510f7cc2155488ecfc36680a40376ba3f31a"
      "514f60a339cd09e2a2a0660ea903b9b8b3de",
      "db15ec53fc180ed694ec313edb08e36f" },
    { "unequal lengths sort by their heads; 32 of 64 bytes of hash",
      COVEY_HMAC_512_512, secret_32, "6b fe0b5c106610bf7a685a73b5",
      "23 a128f391", "45 23a128f391 4d 6bfe0b5c106610bf7a685a73b5",
      "0020 11 6f73636f7265206b657920757064617465 14"
      "4523a128f3914d6bfe0b5c106610bf7a685a73b5",
      "0a230e3f32dec359953121c98e6848481bee9eb83830e4312f73812660fc0dbe" },
};

static covey_oscore_offer offer_of(const char *hex, uint8_t *storage)
{
    const covey_bytes b = kit_hex(hex, storage, COVEY_OSCORE_OFFER_MAX);
    const covey_oscore_offer o = { .x = b.ptr[0],
                                   .nonce =
                                       covey_bytes_of(b.ptr + 1, b.len - 1) };
    return o;
}

static void check_salt(const struct update *u, const char *first,
                       const char *second)
{
    uint8_t storage[2][COVEY_OSCORE_OFFER_MAX];
    uint8_t room[COVEY_OSCORE_UPDATE_SALT_MAX];
    covey_writer w = covey_writer_of(room, sizeof room);
    const covey_oscore_offer a = offer_of(first, storage[0]);
    covey_oscore_offer b;

    if (second != NULL) {
        b = offer_of(second, storage[1]);
    }
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_update_salt(&w, &a, second ? &b : NULL));
    CHECK_HEX(u->salt, covey_written(&w));
    w = covey_writer_of(room, w.pos - 1);
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_oscore_update_salt(&w, &a, second ? &b : NULL));
}

static void check_secret(const struct update *u, const covey_crypto *crypto)
{
    uint8_t old[32];
    uint8_t salt_storage[COVEY_OSCORE_UPDATE_SALT_MAX];
    uint8_t room[COVEY_OSCORE_UPDATE_LABEL_MAX];
    covey_writer w = covey_writer_of(room, sizeof room);
    const covey_bytes secret = kit_hex(u->secret, old, sizeof old);
    const covey_bytes salt =
        kit_hex(u->salt, salt_storage, sizeof salt_storage);

    CHECK_STATUS(COVEY_OK, covey_oscore_update_label(&w, secret.len, salt));
    CHECK_HEX(u->label, covey_written(&w));
    w = covey_writer_of(room, w.pos - 1);
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_oscore_update_label(&w, secret.len, salt));

    w = covey_writer_of(room, sizeof room);
    CHECK_STATUS(COVEY_OK, covey_oscore_update_secret(&w, u->hkdf, secret,
                                                      salt, crypto));
    CHECK_HEX(u->updated, covey_written(&w));
    w = covey_writer_of(room, secret.len - 1);
    CHECK_STATUS(COVEY_E_ROOM, covey_oscore_update_secret(&w, u->hkdf, secret,
                                                          salt, crypto));
    assert_int_equal(0, w.pos);
}

static void derives_what_the_draft_says(void **state)
{
    covey_crypto crypto;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    for (size_t i = 0; i < COUNT_OF(updates); i++) {
        kit_case(updates[i].why);
        check_salt(&updates[i], updates[i].own, updates[i].peer);
        if (updates[i].peer != NULL) {
            check_salt(&updates[i], updates[i].peer, updates[i].own);
        }
        check_secret(&updates[i], &crypto);
    }
    kit_case(NULL);
    covey_openssl_close(&crypto);
}

/* A secret as long as the hash is a key for the provider's own expansion;
 * what comes out is that of HMAC by hand, T(1) and T(2) of RFC 5869. */
static void expands_long_secrets_as_rfc_5869_does(void **state)
{
    static const uint8_t old[40] = { 1, 2, 3 };
    const covey_bytes secret = covey_bytes_of(old, sizeof old);
    const covey_bytes salt = SPAN("\x40\x42\x00\x25");
    uint8_t info_room[32 + COVEY_OSCORE_UPDATE_LABEL_MAX + 1];
    uint8_t expected_room[64];
    uint8_t room[64];
    covey_writer info = covey_writer_of(info_room, sizeof info_room);
    covey_writer expected = covey_writer_of(expected_room, 64);
    covey_writer w = covey_writer_of(room, sizeof room);
    covey_crypto crypto;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    CHECK_STATUS(COVEY_OK, covey_oscore_update_label(&info, 40, salt));
    covey_write_u8(&info, 1);
    CHECK_STATUS(COVEY_OK,
                 crypto.hmac(crypto.provider, COVEY_HMAC_256_256, secret,
                             covey_written(&info), &expected));
    info = covey_writer_of(info_room, sizeof info_room);
    covey_write_bytes(&info, covey_written(&expected));
    CHECK_STATUS(COVEY_OK, covey_oscore_update_label(&info, 40, salt));
    covey_write_u8(&info, 2);
    CHECK_STATUS(COVEY_OK,
                 crypto.hmac(crypto.provider, COVEY_HMAC_256_256, secret,
                             covey_written(&info), &expected));
    CHECK_STATUS(COVEY_OK, covey_oscore_update_secret(&w, COVEY_HMAC_256_256,
                                                      secret, salt, &crypto));
    CHECK_SPAN(covey_bytes_of(expected_room, 40), covey_written(&w));
    covey_openssl_close(&crypto);
}

static void refuses_offers_that_contradict_themselves(void **state)
{
    static const uint8_t nonce[17] = { 0 };
    static const struct {
        const char *why;
        covey_oscore_offer offer;
    } cases[] = {
        { "no nonce", { 0, { NULL, 0 } } },
        { "a nonce of 17", { 0x0f, { nonce, 17 } } },
        { "shorter than x says", { 0x07, { nonce, 7 } } },
        { "longer than x says", { 0x07, { nonce, 9 } } },
        { "reserved bit of x", { 0x87, { nonce, 8 } } },
    };
    const covey_oscore_offer good = { 0x47, { nonce, 8 } };
    uint8_t room[COVEY_OSCORE_UPDATE_SALT_MAX];
    covey_writer w = covey_writer_of(room, sizeof room);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     covey_oscore_update_salt(&w, &cases[i].offer, NULL));
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     covey_oscore_update_salt(&w, &cases[i].offer, &good));
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     covey_oscore_update_salt(&w, &good, &cases[i].offer));
        assert_int_equal(0, w.pos);
    }
    kit_case(NULL);
}

static void refuses_what_gives_no_secret(void **state)
{
    static uint8_t big[0x10000];
    const covey_bytes salt = SPAN("\x40\x42\x00\x25");
    const covey_bytes none = { NULL, 0 };
    const struct {
        const char *why;
        int32_t hkdf;
        covey_bytes secret;
        covey_bytes salt;
        covey_status expected;
    } cases[] = {
        { "an AEAD", COVEY_A128GCM, SPAN("secret"), salt,
          COVEY_E_UNSUPPORTED },
        { "a hash", COVEY_SHA_256, SPAN("secret"), salt, COVEY_E_UNSUPPORTED },
        { "no algorithm", 0, SPAN("secret"), salt, COVEY_E_UNSUPPORTED },
        { "no secret", COVEY_HMAC_256_256, none, salt, COVEY_E_RANGE },
        { "a secret of 65536",
          COVEY_HMAC_256_256,
          { big, 0x10000 },
          salt,
          COVEY_E_RANGE },
        { "no salt", COVEY_HMAC_256_256, SPAN("secret"), none, COVEY_E_RANGE },
        { "a salt that no two offers make",
          COVEY_HMAC_256_256,
          SPAN("secret"),
          { big, COVEY_OSCORE_UPDATE_SALT_MAX + 1 },
          COVEY_E_RANGE },
    };
    covey_writer w = covey_writer_of(big, sizeof big);
    covey_crypto crypto;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        CHECK_STATUS(cases[i].expected, covey_oscore_update_secret(
                                            &w, cases[i].hkdf, cases[i].secret,
                                            cases[i].salt, &crypto));
        assert_int_equal(0, w.pos);
    }
    kit_case(NULL);
    covey_openssl_close(&crypto);
}

static covey_status no_hmac(void *provider, int32_t alg, covey_bytes key,
                            covey_bytes data, covey_writer *out)
{
    (void)provider, (void)alg, (void)key, (void)data, (void)out;
    return COVEY_E_CRYPTO;
}

static void hands_on_what_the_provider_says(void **state)
{
    static const uint8_t old[32] = { 1 };
    const covey_crypto broken = { .hmac = no_hmac, .hkdf_expand = no_hmac };
    uint8_t room[32];
    covey_writer w = covey_writer_of(room, sizeof room);

    (void)state;
    for (size_t len = 16; len <= 32; len += 16) {
        CHECK_STATUS(COVEY_E_CRYPTO,
                     covey_oscore_update_secret(&w, COVEY_HMAC_256_256,
                                                covey_bytes_of(old, len),
                                                SPAN("\x40"), &broken));
        assert_int_equal(0, w.pos);
    }
}

static void limits_follow_the_length_of_the_tag(void **state)
{
    static const struct {
        int32_t aead;
        uint32_t forged;
        uint32_t message_len;
    } cases[] = {
        { COVEY_AES_CCM_16_64_128, 1u << 14, 4096 },
        { COVEY_AES_CCM_64_64_256, 1u << 14, 4096 },
        { COVEY_AES_CCM_16_128_128, 1u << 20, 16384 },
        { COVEY_AES_CCM_64_128_256, 1u << 20, 16384 },
        { COVEY_A128GCM, 1u << 20, 16384 },
        { COVEY_A256GCM, 1u << 20, 16384 },
        { COVEY_CHACHA20_POLY1305, 1u << 20, 65536 },
    };
    static const int32_t others[] = { 0, COVEY_A128CTR, COVEY_SHA_256,
                                      COVEY_AES_CCM_24_64_128, COVEY_EDDSA };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const covey_oscore_key_limits l = covey_oscore_limits(cases[i].aead);
        kit_case(covey_alg_name(cases[i].aead));
        assert_int_equal(1u << 20, l.encrypted);
        assert_int_equal(cases[i].forged, l.forged);
        assert_int_equal(cases[i].message_len, l.message_len);
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        const covey_oscore_key_limits l = covey_oscore_limits(others[i]);
        kit_case(covey_alg_name(others[i]));
        assert_int_equal(0, l.encrypted + l.forged + l.message_len);
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derives_what_the_draft_says),
        cmocka_unit_test(expands_long_secrets_as_rfc_5869_does),
        cmocka_unit_test(refuses_offers_that_contradict_themselves),
        cmocka_unit_test(refuses_what_gives_no_secret),
        cmocka_unit_test(hands_on_what_the_provider_says),
        cmocka_unit_test(limits_follow_the_length_of_the_tag),
    };

    return KIT_RUN(tests);
}
