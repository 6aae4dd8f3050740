/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a group can be checked, and what is found in, or wrong with, the
 * OSCORE option of a message of it. */
#include "fixture.h"

static void knows_which_groups_it_can_check(void **state)
{
    static const struct {
        const char *why;
        int32_t group_enc;
        int32_t signature;
        int32_t curve;
        size_t sek_len;
        covey_status status;
    } cases[] = {
        { "an AEAD and Ed25519", COVEY_AES_CCM_16_64_128, COVEY_EDDSA,
          COVEY_ED25519, 16, COVEY_OK },
        { "CTR and P-256", COVEY_A256CTR, COVEY_ES256, COVEY_P256, 32,
          COVEY_OK },
        { "no Group Encryption Algorithm", COVEY_ALG_UNSET, COVEY_EDDSA,
          COVEY_ED25519, 16, COVEY_E_UNSUPPORTED },
        { "no Signature Algorithm", COVEY_AES_CCM_16_64_128, COVEY_ALG_UNSET,
          COVEY_ED25519, 16, COVEY_E_UNSUPPORTED },
        { "a hash for a cipher", COVEY_SHA_256, COVEY_EDDSA, COVEY_ED25519, 16,
          COVEY_E_UNSUPPORTED },
        { "EdDSA with P-256", COVEY_AES_CCM_16_64_128, COVEY_EDDSA, COVEY_P256,
          16, COVEY_E_UNSUPPORTED },
        { "RSA", COVEY_AES_CCM_16_64_128, COVEY_PS256, COVEY_ED25519, 16,
          COVEY_E_UNSUPPORTED },
        { "a key that is too short", COVEY_AES_CCM_16_64_128, COVEY_EDDSA,
          COVEY_ED25519, 15, COVEY_E_RANGE },
        { "a key that is too long", COVEY_A128CTR, COVEY_EDDSA, COVEY_ED25519,
          17, COVEY_E_RANGE },
        { "no key", COVEY_A128CTR, COVEY_EDDSA, COVEY_ED25519, 0,
          COVEY_E_RANGE },
    };
    static const uint8_t sek[32] = { 1 };
    covey_sigcheck_request request;
    struct group g;
    covey_coap_message m;

    (void)state;
    group_open(&g);
    m = group_request(&g, false, &request);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t scratch[1024];

        kit_case(cases[i].why);
        g.checker.algorithms.group_enc = cases[i].group_enc;
        g.checker.algorithms.signature = cases[i].signature;
        g.checker.curve = cases[i].curve;
        g.checker.sek = covey_bytes_of(sek, cases[i].sek_len);
        CHECK_STATUS(cases[i].status, covey_sigcheck_ready(&g.checker));
        if (cases[i].status != COVEY_OK) {
            CHECK_STATUS(cases[i].status,
                         covey_sigcheck_check(&g.checker, &m, &g.client,
                                              &request, scratch,
                                              sizeof scratch));
        }
    }
    kit_case(NULL);
}

/* A message with these options and one byte of payload. */
struct received {
    const char *why;
    uint8_t code;
    const char *options;
    covey_status sender;
    covey_status note;
};

#define POST    COVEY_COAP_CODE(0, 2)
#define CHANGED COVEY_COAP_CODE(2, 4)

static const struct received messages[] = {
    { "a group request", POST, "96 39 00 02dd11 25", COVEY_OK, COVEY_OK },
    { "a longer Partial IV", POST, "9a 3d ffffffffff 02dd11 25", COVEY_OK,
      COVEY_OK },
    { "an empty kid", POST, "95 39 00 02dd11", COVEY_OK, COVEY_OK },
    { "the longest kid", POST, "9c 39 00 02dd11 01020304050607", COVEY_OK,
      COVEY_OK },
    { "behind other options", POST, "31 68 66 39 00 02dd11 25", COVEY_OK,
      COVEY_OK },
    { "a pairwise request", POST, "96 19 00 02dd11 25", COVEY_E_UNSUPPORTED,
      COVEY_OK },
    { "a response", CHANGED, "92 28 52", COVEY_OK, COVEY_E_ARGUMENT },
    { "one with all", CHANGED, "97 3a 01f4 02dd11 52", COVEY_OK,
      COVEY_E_ARGUMENT },
    { "one without kid", CHANGED, "91 20", COVEY_OK, COVEY_E_ARGUMENT },
    { "a pairwise response", CHANGED, "92 08 52", COVEY_E_UNSUPPORTED,
      COVEY_E_ARGUMENT },
    { "a pairwise response without anything", CHANGED, "90",
      COVEY_E_UNSUPPORTED, COVEY_E_ARGUMENT },
    { "no OSCORE option", POST, "", COVEY_E_FORMAT, COVEY_E_FORMAT },
    { "its number in another option", POST, "a6 39 00 02dd11 25",
      COVEY_E_FORMAT, COVEY_E_FORMAT },
    { "two", POST, "96 39 00 02dd11 25 06 39 00 02dd11 25", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
    { "a request without kid context", POST, "93 29 00 25", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
    { "a request without kid", POST, "95 31 00 02dd11", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
    { "a request without Partial IV", POST, "95 38 02dd11 25", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
    { "a request without anything", POST, "91 20", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
    { "an empty value", POST, "90", COVEY_E_FORMAT, COVEY_E_FORMAT },
    { "a single zero", POST, "91 00", COVEY_E_FORMAT, COVEY_E_FORMAT },
    { "n = 6", POST, "9b 3e 010203040506 02dd11 25", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
    { "n = 7", POST, "9c 3f 01020304050607 02dd11 25", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
    { "a Partial IV with a zero in front", POST, "97 3a 0001 02dd11 25",
      COVEY_E_FORMAT, COVEY_E_FORMAT },
    { "two zeros", POST, "97 3a 0000 02dd11 25", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
    { "the same in a response", CHANGED, "94 2a 0001 52", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
    { "no Partial IV behind n = 1", POST, "91 39", COVEY_E_SHORT,
      COVEY_E_SHORT },
    { "no size of the kid context", POST, "92 39 00", COVEY_E_SHORT,
      COVEY_E_SHORT },
    { "a kid context beyond the end", POST, "95 39 00 05 dd11", COVEY_E_SHORT,
      COVEY_E_SHORT },
    { "bytes left without kid", POST, "96 31 00 02dd11 25", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
    { "a second flag byte", POST, "97 b9 00 00 02dd11 25", COVEY_E_UNSUPPORTED,
      COVEY_E_UNSUPPORTED },
    { "the reserved bit", POST, "96 79 00 02dd11 25", COVEY_E_UNSUPPORTED,
      COVEY_E_UNSUPPORTED },
    { "a kid of eight bytes", POST, "9d00 39 00 02dd11 0102030405060708",
      COVEY_E_RANGE, COVEY_E_RANGE },
    { "the same in a response", CHANGED, "99 28 0102030405060708",
      COVEY_E_RANGE, COVEY_E_RANGE },
    { "another Gid", POST, "96 39 00 02dd12 25", COVEY_E_NO_CONTEXT,
      COVEY_E_NO_CONTEXT },
    { "a longer Gid", POST, "97 39 00 03dd1100 25", COVEY_E_NO_CONTEXT,
      COVEY_E_NO_CONTEXT },
    { "a shorter Gid", POST, "95 39 00 01dd 25", COVEY_E_NO_CONTEXT,
      COVEY_E_NO_CONTEXT },
    { "an empty Gid", POST, "94 39 00 00 25", COVEY_E_NO_CONTEXT,
      COVEY_E_NO_CONTEXT },
    { "another Gid in a response", CHANGED, "95 38 02dd12 52",
      COVEY_E_NO_CONTEXT, COVEY_E_NO_CONTEXT },
    { "an Empty message", COVEY_COAP_EMPTY, "96 39 00 02dd11 25",
      COVEY_E_FORMAT, COVEY_E_FORMAT },
    { "class 1", COVEY_COAP_CODE(1, 2), "96 39 00 02dd11 25", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
    { "class 6", COVEY_COAP_CODE(6, 2), "96 39 00 02dd11 25", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
    { "a signal", COVEY_COAP_CODE(7, 2), "96 39 00 02dd11 25", COVEY_E_FORMAT,
      COVEY_E_FORMAT },
};

static covey_coap_message message_of(const struct received *r,
                                     uint8_t *storage, size_t cap)
{
    const covey_coap_message m = {
        .code = r->code,
        .token = SPAN(""),
        .options = kit_hex(r->options, storage, cap),
        .payload = SPAN("x"),
    };

    return m;
}

static void takes_options_apart_and_refuses_what_is_wrong(void **state)
{
    static const covey_oscore_option no_option = { 0 };
    static const covey_sigcheck_request no_request = { 0 };
    struct group g;

    (void)state;
    group_open(&g);
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        uint8_t storage[64];
        covey_coap_message m =
            message_of(&messages[i], storage, sizeof storage);
        covey_oscore_option option;
        covey_sigcheck_request request;

        memset(&option, 0, sizeof option);
        memset(&request, 0, sizeof request);
        kit_case(messages[i].why);
        CHECK_STATUS(messages[i].sender,
                     covey_sigcheck_sender(&g.checker, &m, &option));
        CHECK_STATUS(messages[i].note,
                     covey_sigcheck_note(&g.checker, &m, &request));
        if (messages[i].sender != COVEY_OK) {
            assert_memory_equal(&option, &no_option, sizeof option);
        }
        if (messages[i].note != COVEY_OK) {
            assert_memory_equal(&request, &no_request, sizeof request);
        }
    }
    kit_case(NULL);
}

static void refuses_a_message_without_payload(void **state)
{
    covey_sigcheck_request request;
    covey_oscore_option option;
    covey_coap_message m;
    struct group g;

    (void)state;
    group_open(&g);
    m = group_request(&g, false, &request);
    m.payload = covey_bytes_of(NULL, 0);
    CHECK_STATUS(COVEY_E_FORMAT,
                 covey_sigcheck_sender(&g.checker, &m, &option));
    CHECK_STATUS(COVEY_E_FORMAT,
                 covey_sigcheck_note(&g.checker, &m, &request));
}

static void gives_the_parts_and_notes_them(void **state)
{
    static const struct received pairwise = {
        .code = POST, .options = "9d00 1a 01f4 02dd11 01020304050607"
    };
    static const struct received group = {
        .code = POST, .options = "9c 3a 01f4 02dd11 010203040506"
    };
    covey_sigcheck_request request;
    covey_oscore_option option;
    uint8_t storage[64];
    covey_coap_message m = message_of(&group, storage, sizeof storage);
    struct group g;

    (void)state;
    group_open(&g);
    CHECK_STATUS(COVEY_OK, covey_sigcheck_sender(&g.checker, &m, &option));
    assert_true(option.group);
    CHECK_HEX("01f4", option.partial_iv);
    CHECK_HEX("dd11", option.kid_context);
    CHECK_HEX("010203040506", option.kid);
    CHECK_STATUS(COVEY_OK, covey_sigcheck_note(&g.checker, &m, &request));
    CHECK_HEX("01f4", covey_bytes_of(request.piv, request.piv_len));
    CHECK_HEX("010203040506", covey_bytes_of(request.kid, request.kid_len));
    CHECK_SPAN(g.checker.gid, request.gid);
    assert_false(request.pairwise);

    m = message_of(&pairwise, storage, sizeof storage);
    CHECK_STATUS(COVEY_OK, covey_sigcheck_note(&g.checker, &m, &request));
    CHECK_HEX("01020304050607", covey_bytes_of(request.kid, request.kid_len));
    assert_true(request.pairwise);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_which_groups_it_can_check),
        cmocka_unit_test(takes_options_apart_and_refuses_what_is_wrong),
        cmocka_unit_test(refuses_a_message_without_payload),
        cmocka_unit_test(gives_the_parts_and_notes_them),
    };

    return KIT_RUN(tests);
}
