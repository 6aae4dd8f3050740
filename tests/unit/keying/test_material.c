/* SPDX-License-Identifier: BSD-2-Clause */
/* Keying material: what the manager writes, the member reads. */
#include "kit.h"

#include <covey/keying.h>

static uint8_t storage[1024];
static uint8_t input[512];

static covey_keying_material sample(const covey_keying_suite *suite)
{
    covey_keying_material m = {
        .suite = suite,
        .ms = SPAN("0123456789abcdef"),
        .salt = SPAN("saltsalt"),
        .gid = SPAN("\x01\x02"),
        .sender_id = SPAN("\x07"),
        .num = 300,
        .exi = 3600,
    };

    return m;
}

static void put_peers(covey_writer *w)
{
    covey_keying_put_list(w, COVEY_GC_CREDS, 2);
    covey_cbor_put_bytes(w, SPAN("cred a"));
    covey_cbor_put_bytes(w, SPAN("cred b"));
    covey_keying_put_list(w, COVEY_GC_PEER_ROLES, 2);
    covey_cbor_put_uint(w, 2);
    covey_cbor_put_uint(w, 6);
    covey_keying_put_list(w, COVEY_GC_PEER_IDENTIFIERS, 2);
    covey_cbor_put_bytes(w, SPAN("a"));
    covey_cbor_put_bytes(w, SPAN("b"));
}

static void check_peers(const covey_bytes *values)
{
    covey_keying_peers it;
    covey_keying_peer peer;

    CHECK_STATUS(COVEY_OK, covey_keying_peers_of(&it, values));
    assert_int_equal(it.left, 2);
    assert_true(covey_keying_peers_next(&it, &peer));
    CHECK_SPAN(SPAN("cred a"), peer.credential);
    assert_int_equal(peer.roles, 2);
    assert_true(covey_keying_peers_next(&it, &peer));
    CHECK_SPAN(SPAN("b"), peer.id);
    assert_int_equal(peer.roles, 6);
    assert_false(covey_keying_peers_next(&it, &peer));
}

static void check_deterministic(covey_bytes bytes)
{
    covey_cbor_reader r =
        covey_cbor_reader_of(bytes, COVEY_CBOR_DETERMINISTIC);

    covey_cbor_skip(&r);
    assert_true(covey_cbor_done(&r));
}

static void reads_all_that_it_writes(void **state)
{
    const covey_keying_suite suite = covey_keying_defaults(true, true);
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_keying_material m = sample(&suite);
    covey_bytes v[COVEY_KEYING_VALUES];
    covey_keying_keys k;
    uint64_t number = 0;

    (void)state;
    m.exp = 1800000000;
    m.peers = true;
    m.policies = true;
    m.check_interval = 60;
    m.kdc_cred = SPAN("gm");
    m.kdc_nonce = SPAN("nonce");
    m.kdc_cred_verify = SPAN("signature");
    m.sek = SPAN("sek");
    m.stale = true;
    m.numbers = true;
    covey_keying_put_material(&w, &m);
    put_peers(&w);
    covey_keying_put_material_rest(&w, &m);
    covey_keying_put_list(&w, COVEY_GC_STALE_NODE_IDS, 1);
    covey_cbor_put_bytes(&w, SPAN("x"));
    covey_keying_put_list(&w, COVEY_GC_NUMBERS, 1);
    covey_keying_put_number(&w, SPAN("b"), 77);
    check_deterministic(covey_written(&w));
    CHECK_STATUS(COVEY_OK, covey_keying_parse(v, COVEY_KEYING_GROUPCOMM,
                                              covey_written(&w)));
    CHECK_STATUS(COVEY_OK, covey_keying_keys_of(&k, v));
    assert_true(k.has_suite);
    assert_memory_equal(&k.suite, &suite, sizeof suite);
    CHECK_SPAN(m.ms, k.ms);
    CHECK_SPAN(m.salt, k.salt);
    CHECK_SPAN(m.gid, k.gid);
    CHECK_SPAN(m.sender_id, k.sender_id);
    assert_int_equal(k.num, 300);
    assert_int_equal(k.exi, 3600);
    CHECK_SPAN(m.kdc_cred_verify, v[COVEY_GC_KDC_CRED_VERIFY]);
    CHECK_SPAN(m.sek, v[COVEY_GC_SIGN_ENC_KEY]);
    check_peers(v);
    assert_true(
        covey_keying_number_of(v[COVEY_GC_NUMBERS], SPAN("b"), &number));
    assert_int_equal(number, 77);
    assert_false(
        covey_keying_number_of(v[COVEY_GC_NUMBERS], SPAN("a"), &number));
}

/* Byte for byte, as the digest's Section 3.2 has it. */
static void writes_the_key_map_of_a_rekeying(void **state)
{
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_keying_material m = sample(NULL);

    (void)state;
    m.sender_id = covey_bytes_of(NULL, 0);
    covey_keying_put_material(&w, &m);
    covey_keying_put_material_rest(&w, &m);
    CHECK_HEX("a5 07 01"
              "08 a3 02 50 30313233343536373839616263646566"
              "05 48 73616c7473616c74 06 42 0102"
              "09 19012c 0a 01 0c 190e10",
              covey_written(&w));
}

static void every_kind_of_group_comes_back(void **state)
{
    static const bool modes[][2] = { { true, true },
                                     { true, false },
                                     { false, true } };
    static const covey_curve curves[] = { COVEY_ED25519, COVEY_P256,
                                          COVEY_X25519 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(modes) * COUNT_OF(curves); i++) {
        covey_keying_suite suite =
            covey_keying_defaults(modes[i / 3][0], modes[i / 3][1]);
        covey_writer w = covey_writer_of(storage, sizeof storage);
        covey_keying_material m = sample(&suite);
        covey_bytes v[COVEY_KEYING_VALUES];
        covey_keying_keys k;

        suite.curve = curves[i % 3];
        covey_keying_put_material(&w, &m);
        covey_keying_put_material_rest(&w, &m);
        check_deterministic(covey_written(&w));
        CHECK_STATUS(COVEY_OK, covey_keying_parse(v, COVEY_KEYING_GROUPCOMM,
                                                  covey_written(&w)));
        if (!modes[i / 3][0] && suite.curve == COVEY_ED25519) {
            continue; /* without signatures it is X25519 that is named */
        }
        CHECK_STATUS(COVEY_OK, covey_keying_keys_of(&k, v));
        assert_memory_equal(&k.suite, &suite, sizeof suite);
    }
}

static void verifiers_get_no_key(void **state)
{
    const covey_keying_suite suite = covey_keying_defaults(true, true);
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_keying_material m = sample(&suite);
    covey_bytes v[COVEY_KEYING_VALUES];
    covey_bytes key[COVEY_KEYING_VALUES];

    (void)state;
    m.verifier = true;
    m.ms = covey_bytes_of(NULL, 0);
    m.sender_id = m.ms;
    m.salt = m.ms;
    covey_keying_put_material(&w, &m);
    covey_keying_put_material_rest(&w, &m);
    check_deterministic(covey_written(&w));
    CHECK_STATUS(COVEY_OK, covey_keying_parse(v, COVEY_KEYING_GROUPCOMM,
                                              covey_written(&w)));
    CHECK_STATUS(COVEY_OK,
                 covey_keying_parse(key, COVEY_KEYING_KEY, v[COVEY_GC_KEY]));
    assert_null(key[COVEY_KEY_MS].ptr);
    assert_null(key[COVEY_KEY_ECDH_PARAMS].ptr);
    assert_non_null(key[COVEY_KEY_ECDH_ALG].ptr);
    assert_non_null(key[COVEY_KEY_SIGN_PARAMS].ptr);
}

static void refuses_keys_that_are_none(void **state)
{
    static const struct {
        const char *why;
        const char *hex;
        covey_status status;
    } cases[] = {
        { "no gkty", "a2 08 a2 02 4101 06 4101 09 00", COVEY_E_FORMAT },
        { "no key", "a2 07 01 09 00", COVEY_E_FORMAT },
        { "no num", "a2 07 01 08 a2 02 4101 06 4101", COVEY_E_FORMAT },
        { "other keys", "a3 07 02 08 a2 02 4101 06 4101 09 00",
          COVEY_E_UNSUPPORTED },
        { "another profile", "a4 07 01 08 a2 02 4101 06 4101 09 00 0a 02",
          COVEY_E_UNSUPPORTED },
        { "no ms", "a3 07 01 08 a1 06 4101 09 00", COVEY_E_FORMAT },
        { "an empty ms", "a3 07 01 08 a2 02 40 06 4101 09 00",
          COVEY_E_FORMAT },
        { "no Gid", "a3 07 01 08 a1 02 4101 09 00", COVEY_E_FORMAT },
        { "num of 64 bits",
          "a3 07 01 08 a2 02 4101 06 4101 09 1b0000000100000000",
          COVEY_E_FORMAT },
        { "half a mode", "a3 07 01 08 a3 02 4101 06 4101 0a 27 09 00",
          COVEY_E_FORMAT },
        { "no sign_params", "a3 07 01 08 a4 02 4101 06 4101 09 0a 0a 27 09 00",
          COVEY_E_SHORT },
        { "sign_params of one",
          "a3 07 01 08 a5 02 4101 06 4101 09 0a 0a 27 0b 81 8101 09 00",
          COVEY_E_FORMAT },
        { "capabilities that differ",
          "a3 07 01 08 a5 02 4101 06 4101 09 0a 0a 27 0b 82 8102 820106"
          "09 00",
          COVEY_E_FORMAT },
        { "a curve of another kind",
          "a3 07 01 08 a5 02 4101 06 4101 09 0a 0a 27 0b 82 8101 820101"
          "09 00",
          COVEY_E_UNSUPPORTED },
        { "two curves",
          "a3 07 01 08 a8 02 4101 06 4101 04 0a 09 0a 0a 27 0b 82 8102 820201"
          "0c 381a 0d 82 8101 820104 09 00",
          COVEY_E_FORMAT },
        { "an algorithm of 64 bits",
          "a3 07 01 08 a4 02 4101 06 4101 09 1b0000000100000000 0a 27 09 00",
          COVEY_E_UNSUPPORTED },
    };
    covey_bytes v[COVEY_KEYING_VALUES];
    covey_keying_keys k;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_OK, covey_keying_parse(v, COVEY_KEYING_GROUPCOMM,
                                                  kit_hex(cases[i].hex, input,
                                                          sizeof input)));
        CHECK_STATUS(cases[i].status, covey_keying_keys_of(&k, v));
    }
    kit_case(NULL);
}

static void an_empty_key_means_that_the_group_is_gone(void **state)
{
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_keying_material m = sample(NULL);
    covey_bytes v[COVEY_KEYING_VALUES];
    covey_keying_keys k;

    (void)state;
    m.no_key = true;
    covey_keying_put_material(&w, &m);
    CHECK_STATUS(COVEY_OK, covey_keying_parse(v, COVEY_KEYING_GROUPCOMM,
                                              covey_written(&w)));
    CHECK_STATUS(COVEY_OK, covey_keying_keys_of(&k, v));
    assert_true(k.empty);
}

static void refuses_members_out_of_step(void **state)
{
    static const struct {
        const char *why;
        const char *hex;
    } cases[] = {
        { "no roles", "a2 0d 81 4101 0f 81 4101" },
        { "fewer roles", "a3 0d 81 4101 0e 80 0f 81 4101" },
        { "fewer credentials", "a3 0d 80 0e 81 02 0f 81 4101" },
        { "a role that is none", "a3 0d 81 4101 0e 81 01 0f 81 4101" },
        { "a role of text", "a3 0d 81 4101 0e 81 6161 0f 81 4101" },
        { "a credential of text", "a3 0d 81 6161 0e 81 02 0f 81 4101" },
        { "an ID that is a number", "a3 0d 81 4101 0e 81 02 0f 81 01" },
        { "an open array", "a3 0d 9f 4101 ff 0e 81 02 0f 81 4101" },
    };
    covey_bytes v[COVEY_KEYING_VALUES];
    covey_keying_peers it;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_OK, covey_keying_parse(v, COVEY_KEYING_GROUPCOMM,
                                                  kit_hex(cases[i].hex, input,
                                                          sizeof input)));
        CHECK_STATUS(COVEY_E_FORMAT, covey_keying_peers_of(&it, v));
    }
    kit_case(NULL);
}

static void lists_are_checked_before_they_are_walked(void **state)
{
    static const char *const bad[] = { "",        "a0",    "81 01",
                                       "82 4101", "9f ff", "80 00" };
    covey_keying_list it;
    covey_bytes next;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        kit_case(bad[i]);
        CHECK_STATUS(
            COVEY_E_FORMAT,
            covey_keying_list_of(&it, kit_hex(bad[i], input, sizeof input)));
    }
    kit_case(NULL);
    CHECK_STATUS(
        COVEY_OK,
        covey_keying_list_of(&it, kit_hex("82 4107 40", input, sizeof input)));
    assert_true(covey_keying_list_next(&it, &next));
    CHECK_HEX("07", next);
    assert_true(covey_keying_list_next(&it, &next));
    assert_int_equal(next.len, 0);
    assert_false(covey_keying_list_next(&it, &next));
}

static void numbers_that_are_not_sound_are_none(void **state)
{
    static const char *const bad[] = { "", "a0", "81 81 4101", "81 82 01 01",
                                       "81 82 4101 20" };
    uint64_t number = 5;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(covey_keying_number_of(
            kit_hex(bad[i], input, sizeof input), SPAN("\x01"), &number));
    }
    assert_int_equal(number, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all_that_it_writes),
        cmocka_unit_test(writes_the_key_map_of_a_rekeying),
        cmocka_unit_test(every_kind_of_group_comes_back),
        cmocka_unit_test(verifiers_get_no_key),
        cmocka_unit_test(refuses_keys_that_are_none),
        cmocka_unit_test(an_empty_key_means_that_the_group_is_gone),
        cmocka_unit_test(refuses_members_out_of_step),
        cmocka_unit_test(lists_are_checked_before_they_are_walked),
        cmocka_unit_test(numbers_that_are_not_sound_are_none),
    };

    return KIT_RUN(tests);
}
