/* SPDX-License-Identifier: BSD-2-Clause */
/* What a context file says arrives as it was meant. */
#include "context_text.h"

static context_file *good(const char *text)
{
    struct load l = load_text(text, strlen(text));

    if (l.messages[0] != '\0') {
        print_error("%s", l.messages);
    }
    assert_string_equal("", l.messages);
    assert_non_null(l.file);
    return l.file;
}

static void plain_context_has_defaults(void **state)
{
    (void)state;
    context_file *f = good(PLAIN);
    const covey_oscore_parameters *p = &f->oscore.parameters;

    assert_int_equal(CONTEXT_OSCORE, f->type);
    CHECK_HEX("0102030405060708090a0b0c0d0e0f10", p->master_secret);
    CHECK_HEX("01", p->sender_id);
    CHECK_HEX("02", p->recipient_id);
    assert_null(p->master_salt.ptr);
    assert_null(p->id_context.ptr);
    assert_int_equal(COVEY_AES_CCM_16_64_128, p->aead);
    assert_int_equal(COVEY_HMAC_256_256, p->hkdf);
    assert_int_equal(0, f->oscore.sequence_number);
    assert_false(f->oscore.has_sequence_number);
    assert_int_equal(0, f->oscore.replay_window.size);
    CHECK_STATUS(COVEY_OK, covey_oscore_check(p));
    context_free(f);
}

static void every_key_of_a_plain_context_is_read(void **state)
{
    (void)state;
    context_file *f = good("type: oscore\n"
                           "master_secret: 01:02 03\n"
                           "  04\n"
                           "master_salt: ''\n"
                           "id_context: \"\"\n"
                           "sender_id: ''\n"
                           "recipient_id: 0A0b\n"
                           "aead: aes-ccm-16-128-256\n"
                           "hkdf: HKDF SHA-512\n"
                           "sequence_number: 1099511627775\n"
                           "replay_window: 65\n");
    const covey_oscore_parameters *p = &f->oscore.parameters;

    CHECK_HEX("01020304", p->master_secret);
    assert_non_null(p->master_salt.ptr);
    assert_int_equal(0, p->master_salt.len);
    assert_non_null(p->id_context.ptr); /* empty is not absent */
    assert_int_equal(0, p->id_context.len);
    assert_non_null(p->sender_id.ptr);
    assert_int_equal(0, p->sender_id.len);
    CHECK_HEX("0a0b", p->recipient_id);
    assert_int_equal(COVEY_AES_CCM_16_128_256, p->aead);
    assert_int_equal(COVEY_HMAC_512_512, p->hkdf);
    assert_true(f->oscore.sequence_number == COVEY_OSCORE_SSN_END - 1);
    assert_true(f->oscore.has_sequence_number);
    assert_int_equal(65, f->oscore.replay_window.size);
    assert_int_equal(4, f->oscore.replay_window.word_count);
    memset(f->oscore.replay_window.words, 0xff, 4 * sizeof(uint32_t));
    context_free(f);
}

static void json_is_the_same(void **state)
{
    (void)state;
    context_file *f =
        good("{\"type\": \"oscore\", \"master_secret\": \"0102\","
             "\"sender_id\": \"\", \"recipient_id\": \"10\","
             "\"aead\": 24, \"hkdf\": -10}");

    CHECK_HEX("10", f->oscore.parameters.recipient_id);
    assert_int_equal(COVEY_CHACHA20_POLY1305, f->oscore.parameters.aead);
    assert_int_equal(COVEY_HMAC_256_256, f->oscore.parameters.hkdf);
    context_free(f);
}

static void algorithms_have_names_and_numbers(void **state)
{
    static const struct {
        const char *text;
        int32_t aead;
    } aeads[] = {
        { "A128GCM", 1 },
        { "1", 1 },
        { "ChaCha20/Poly1305", 24 },
        { "AES-CCM-64-64-128", 12 },
    };
    static const struct {
        const char *text;
        int32_t hkdf;
    } hkdfs[] = {
        { "hkdf sha-256", 5 },
        { "HMAC 384/384", 6 },
        { "direct+HKDF-SHA-512", 7 },
        { "5", 5 },
        { "6", 6 },
        { "7", 7 },
        { "-10", 5 },
        { "-11", 7 },
    };
    char text[400];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(aeads); i++) {
        snprintf(text, sizeof text, PLAIN "aead: %s\n", aeads[i].text);
        context_file *f = good(text);
        assert_int_equal(aeads[i].aead, f->oscore.parameters.aead);
        context_free(f);
    }
    for (size_t i = 0; i < COUNT_OF(hkdfs); i++) {
        snprintf(text, sizeof text, PLAIN "hkdf: %s\n", hkdfs[i].text);
        context_file *f = good(text);
        assert_int_equal(hkdfs[i].hkdf, f->oscore.parameters.hkdf);
        context_free(f);
    }
}

static void member_of_a_group_is_read(void **state)
{
    (void)state;
    context_file *f =
        good(MEMBER "aead: AES-CCM-16-64-256\n"
                    "pairwise_agreement: ECDH-SS + HKDF-256\n"
                    "hkdf: 5\n"
                    "master_salt: 99\n"
                    "sequence_number: 7\n"
                    "replay_window: 16\n"
                    "replay_windows: invalid\n"
                    "late_joining: manager\n"
                    "kid: always\n"
                    "members:\n"
                    "- id: 52\n"
                    "  credential: " CCS_ED25519 "\n"
                    "  roles: [requester, responder]\n"
                    "  number: 12\n"
                    "- {id: '', credential: c0de, public_key: " KEY32
                    ", roles: monitor}\n");
    const context_group *g = &f->group;
    const covey_group_algorithms *a = &g->parameters.algorithms;

    assert_int_equal(CONTEXT_GROUP, f->type);
    assert_int_equal(11, a->aead);
    assert_int_equal(10, a->group_enc);
    assert_int_equal(-8, a->signature);
    assert_int_equal(-27, a->agreement);
    assert_int_equal(COVEY_ED25519, g->parameters.curve);
    CHECK_HEX("dd11", g->parameters.gid);
    CHECK_HEX("0102", g->parameters.master_secret);
    CHECK_HEX("99", g->parameters.master_salt);
    CHECK_HEX("a0", g->parameters.gm_cred);
    CHECK_HEX("25", g->sender_id);
    CHECK_HEX(KEY32, g->private_key);
    CHECK_HEX(CCS_ED25519, g->credential);
    assert_int_equal(7, g->sequence_number);
    assert_int_equal(16, g->replay_window.size);
    assert_null(g->replay_window.words);
    assert_true(g->windows_invalid);
    assert_int_equal(COVEY_GROUP_LATE_MANAGER, g->late);
    assert_true(g->kid_always);
    assert_int_equal(2, g->member_count);
    CHECK_HEX("52", g->members[0].id);
    CHECK_HEX(KEY32, g->members[0].public_key);
    assert_int_equal(COVEY_GROUP_REQUESTER | COVEY_GROUP_RESPONDER,
                     g->members[0].roles);
    assert_int_equal(12, g->members[0].number);
    assert_non_null(g->members[1].id.ptr);
    CHECK_HEX("c0de", g->members[1].credential);
    CHECK_HEX(KEY32, g->members[1].public_key);
    assert_int_equal(COVEY_GROUP_MONITOR, g->members[1].roles);
    assert_true(g->members[1].number == COVEY_GROUP_NUMBER_UNKNOWN);
    context_free(f);
}

/* Who configures it is told whose method it is. */
static void drop_first_is_said_to_be_of_seed_002(void **state)
{
    static const char text[] = MEMBER "late_joining: drop-first\n";
    struct load l = load_text(text, sizeof text - 1);

    (void)state;
    assert_non_null(l.file);
    assert_int_equal(COVEY_GROUP_LATE_DROP_FIRST, l.file->group.late);
    assert_non_null(strstr(l.messages, ":15: note: drop-first"));
    assert_non_null(strstr(l.messages, "not of RFC 10021\n"));
    context_free(l.file);
}

static void group_may_have_pairwise_mode_only(void **state)
{
    (void)state;
    context_file *f = good("type: group\ngid: ''\naead: 10\n"
                           "pairwise_agreement: -28\nhkdf: 7\ncurve: 4\n"
                           "gm_credential: a0\nmaster_secret: 01\n"
                           "members: [{id: 01, credential: " CCS_X25519 "}]");
    const context_group *g = &f->group;

    assert_int_equal(COVEY_ALG_UNSET, g->parameters.algorithms.group_enc);
    assert_int_equal(COVEY_ALG_UNSET, g->parameters.algorithms.signature);
    assert_int_equal(COVEY_X25519, g->parameters.curve);
    assert_null(g->sender_id.ptr); /* a silent server */
    assert_false(g->kid_always);
    assert_false(g->windows_invalid);
    assert_int_equal(COVEY_GROUP_LATE_ECHO, g->late);
    context_free(f);
}

static void compressed_points_of_credentials_are_taken(void **state)
{
    (void)state;
    context_file *f = good("type: group\ngid: 01\ngroup_encryption: A128CTR\n"
                           "signature: ES256\ncurve: P-256\n"
                           "gm_credential: a0\nmaster_secret: 01\n"
                           "members: [{id: 01, credential: " CCS_P256 "}]");

    assert_int_equal(COVEY_A128CTR, f->group.parameters.algorithms.group_enc);
    CHECK_HEX("03" KEY32, f->group.members[0].public_key);
    context_free(f);
}

static void checker_has_the_signature_encryption_key(void **state)
{
    (void)state;
    context_file *f = good(GROUP_COMMON "signature_encryption_key: "
                                        "000102030405060708090a0b0c0d0e0f\n");

    assert_null(f->group.parameters.master_secret.ptr);
    CHECK_HEX("000102030405060708090a0b0c0d0e0f",
              f->group.signature_encryption_key);
    context_free(f);
}

static void nothing_is_freed_twice(void **state)
{
    (void)state;
    context_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_context_has_defaults),
        cmocka_unit_test(every_key_of_a_plain_context_is_read),
        cmocka_unit_test(json_is_the_same),
        cmocka_unit_test(algorithms_have_names_and_numbers),
        cmocka_unit_test(member_of_a_group_is_read),
        cmocka_unit_test(drop_first_is_said_to_be_of_seed_002),
        cmocka_unit_test(group_may_have_pairwise_mode_only),
        cmocka_unit_test(compressed_points_of_credentials_are_taken),
        cmocka_unit_test(checker_has_the_signature_encryption_key),
        cmocka_unit_test(nothing_is_freed_twice),
    };
    return KIT_RUN(tests);
}
