/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/schc.h>

#include "kit.h"

struct spelling {
    const char *name;
    uint8_t id;
    uint16_t option;
};

/* clang-format off */
static const struct spelling identities[] = {
    { "fid-ipv6-version", COVEY_SCHC_IPV6_VERSION, 0 },
    { "fid-ipv6-trafficclass", COVEY_SCHC_IPV6_TRAFFIC_CLASS, 0 },
    { "fid-ipv6-trafficclass-ds", COVEY_SCHC_IPV6_DS, 0 },
    { "fid-ipv6-trafficclass-ecn", COVEY_SCHC_IPV6_ECN, 0 },
    { "fid-ipv6-flowlabel", COVEY_SCHC_IPV6_FLOW_LABEL, 0 },
    { "fid-ipv6-payload-length", COVEY_SCHC_IPV6_PAYLOAD_LENGTH, 0 },
    { "fid-ipv6-nextheader", COVEY_SCHC_IPV6_NEXT_HEADER, 0 },
    { "fid-ipv6-hoplimit", COVEY_SCHC_IPV6_HOP_LIMIT, 0 },
    { "fid-ipv6-devprefix", COVEY_SCHC_IPV6_DEV_PREFIX, 0 },
    { "fid-ipv6-deviid", COVEY_SCHC_IPV6_DEV_IID, 0 },
    { "fid-ipv6-appprefix", COVEY_SCHC_IPV6_APP_PREFIX, 0 },
    { "fid-ipv6-appiid", COVEY_SCHC_IPV6_APP_IID, 0 },
    { "fid-udp-dev-port", COVEY_SCHC_UDP_DEV_PORT, 0 },
    { "fid-udp-app-port", COVEY_SCHC_UDP_APP_PORT, 0 },
    { "fid-udp-length", COVEY_SCHC_UDP_LENGTH, 0 },
    { "fid-udp-checksum", COVEY_SCHC_UDP_CHECKSUM, 0 },
    { "fid-coap-version", COVEY_SCHC_COAP_VERSION, 0 },
    { "fid-coap-type", COVEY_SCHC_COAP_TYPE, 0 },
    { "fid-coap-tkl", COVEY_SCHC_COAP_TKL, 0 },
    { "fid-coap-code", COVEY_SCHC_COAP_CODE, 0 },
    { "fid-coap-code-class", COVEY_SCHC_COAP_CODE_CLASS, 0 },
    { "fid-coap-code-detail", COVEY_SCHC_COAP_CODE_DETAIL, 0 },
    { "fid-coap-mid", COVEY_SCHC_COAP_MID, 0 },
    { "fid-coap-token", COVEY_SCHC_COAP_TOKEN, 0 },
    { "fid-payload", COVEY_SCHC_PAYLOAD, 0 },
    { "fid-coap-option-if-match", COVEY_SCHC_OPTION, 1 },
    { "fid-coap-option-uri-host", COVEY_SCHC_OPTION, 3 },
    { "fid-coap-option-etag", COVEY_SCHC_OPTION, 4 },
    { "fid-coap-option-if-none-match", COVEY_SCHC_OPTION, 5 },
    { "fid-coap-option-observe", COVEY_SCHC_OPTION, 6 },
    { "fid-coap-option-uri-port", COVEY_SCHC_OPTION, 7 },
    { "fid-coap-option-location-path", COVEY_SCHC_OPTION, 8 },
    { "fid-coap-option-uri-path", COVEY_SCHC_OPTION, 11 },
    { "fid-coap-option-content-format", COVEY_SCHC_OPTION, 12 },
    { "fid-coap-option-max-age", COVEY_SCHC_OPTION, 14 },
    { "fid-coap-option-uri-query", COVEY_SCHC_OPTION, 15 },
    { "fid-coap-option-hop-limit", COVEY_SCHC_OPTION, 16 },
    { "fid-coap-option-accept", COVEY_SCHC_OPTION, 17 },
    { "fid-coap-option-q-block1", COVEY_SCHC_OPTION, 19 },
    { "fid-coap-option-location-query", COVEY_SCHC_OPTION, 20 },
    { "fid-coap-option-edhoc", COVEY_SCHC_OPTION, 21 },
    { "fid-coap-option-block2", COVEY_SCHC_OPTION, 23 },
    { "fid-coap-option-block1", COVEY_SCHC_OPTION, 27 },
    { "fid-coap-option-size2", COVEY_SCHC_OPTION, 28 },
    { "fid-coap-option-q-block2", COVEY_SCHC_OPTION, 31 },
    { "fid-coap-option-proxy-uri", COVEY_SCHC_OPTION, 35 },
    { "fid-coap-option-proxy-scheme", COVEY_SCHC_OPTION, 39 },
    { "fid-coap-option-size1", COVEY_SCHC_OPTION, 60 },
    { "fid-coap-option-proxy-cri", COVEY_SCHC_OPTION, 235 },
    { "fid-coap-option-proxy-scheme-number", COVEY_SCHC_OPTION, 239 },
    { "fid-coap-option-echo", COVEY_SCHC_OPTION, 252 },
    { "fid-coap-option-no-response", COVEY_SCHC_OPTION, 258 },
    { "fid-coap-option-request-tag", COVEY_SCHC_OPTION, 292 },
    { "fid-coap-option-oscore-flags", COVEY_SCHC_OSCORE_FLAGS, 9 },
    { "fid-coap-option-oscore-piv", COVEY_SCHC_OSCORE_PIV, 9 },
    { "fid-coap-option-oscore-kidctx", COVEY_SCHC_OSCORE_KID_CTX, 9 },
    { "fid-coap-option-oscore-x", COVEY_SCHC_OSCORE_X, 9 },
    { "fid-coap-option-oscore-nonce", COVEY_SCHC_OSCORE_NONCE, 9 },
    { "fid-coap-option-oscore-y", COVEY_SCHC_OSCORE_Y, 9 },
    { "fid-coap-option-oscore-oldnonce", COVEY_SCHC_OSCORE_OLD_NONCE, 9 },
    { "fid-coap-option-oscore-kid", COVEY_SCHC_OSCORE_KID, 9 },
    { "coap-option(9)", COVEY_SCHC_OPTION, 9 },
    { "coap-option(10)", COVEY_SCHC_OPTION, 10 },
    { "coap-option(65000)", COVEY_SCHC_OPTION, 65000 },
    { "coap-option(65535)", COVEY_SCHC_OPTION, 65535 },
};

static const struct spelling aliases[] = {
    { "ietf-schc:fid-coap-mid", COVEY_SCHC_COAP_MID, 0 },
    { "ietf-schc-coap:fid-coap-option-edhoc", COVEY_SCHC_OPTION, 21 },
    { "coap-mid", COVEY_SCHC_COAP_MID, 0 },
    { "CoAP.MID", COVEY_SCHC_COAP_MID, 0 },
    { "CoAP.Code.Class", COVEY_SCHC_COAP_CODE_CLASS, 0 },
    { "fid-ipv6-payloadlength", COVEY_SCHC_IPV6_PAYLOAD_LENGTH, 0 },
    { "IPv6 flow label", COVEY_SCHC_IPV6_FLOW_LABEL, 0 },
    { "udp-devport", COVEY_SCHC_UDP_DEV_PORT, 0 },
    { "hop-limit", COVEY_SCHC_OPTION, 16 },
    { "Hop-Limit", COVEY_SCHC_OPTION, 16 },
    { "edhoc", COVEY_SCHC_OPTION, 21 },
    { "option-uri-path", COVEY_SCHC_OPTION, 11 },
    { "coap-uri-path", COVEY_SCHC_OPTION, 11 },
    { "CoAP OSCORE_kidctx", COVEY_SCHC_OSCORE_KID_CTX, 9 },
    { "CoAP.option(9).piv", COVEY_SCHC_OSCORE_PIV, 9 },
    { "CoAP.option(9).kid_ctx", COVEY_SCHC_OSCORE_KID_CTX, 9 },
    { "CoAP.option(9).old_nonce", COVEY_SCHC_OSCORE_OLD_NONCE, 9 },
    { "CoAP.option(9)", COVEY_SCHC_OPTION, 9 },
    { "CoAP.option(11)", COVEY_SCHC_OPTION, 11 },
    { "coap-option(2055)", COVEY_SCHC_OPTION, 2055 },
    { "fid-coap-option(2055)", COVEY_SCHC_OPTION, 2055 },
};

static const char *const refused[] = {
    "", "fid-", "fid", "ietf-schc:", "coap", "coap-", "coap-option",
    "version", "type", "kid", "length", "ipv6", "ipv6-", "fid-coap-mi",
    "fid-coap-midd", "fid-coap-option-", "fid-coap-option-uri",
    "fid-coap-option-oscore", "fid-ipv6-uri-path", "fid-udp-mid",
    "coap-option()", "coap-option(", "coap-option(0)", "coap-option(1",
    "coap-option(65536)", "coap-option(4294967305)", "coap-option(-1)",
    "coap-option( 1)", "coap-option(1x)", "coap-option(0x9)",
    "coap-option(1).piv", "coap-option(9).", "coap-option(9).mid",
    "coap-option(9).pivv", "coap-option(9)piv(",
};
/* clang-format on */

static void every_identity_reads_back_as_itself(void **state)
{
    char buf[COVEY_SCHC_NAME_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(identities); i++) {
        const struct spelling *s = &identities[i];
        uint8_t id = 0xee;
        uint16_t option = 0xeeee;

        kit_case(s->name);
        assert_string_equal(covey_schc_field_name(s->id, s->option, buf),
                            s->name);
        CHECK_STATUS(COVEY_OK,
                     covey_schc_field_by_name(s->name, &id, &option));
        assert_int_equal(id, s->id);
        assert_int_equal(option, s->option);
    }
    kit_case(NULL);
}

static void accepts_the_spellings_of_other_documents(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(aliases); i++) {
        uint8_t id = 0xee;
        uint16_t option = 0xeeee;

        kit_case(aliases[i].name);
        CHECK_STATUS(COVEY_OK,
                     covey_schc_field_by_name(aliases[i].name, &id, &option));
        assert_int_equal(id, aliases[i].id);
        assert_int_equal(option, aliases[i].option);
    }
    kit_case(NULL);
}

static void refuses_what_is_no_field_and_leaves_the_outputs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        uint8_t id = 0xee;
        uint16_t option = 0xeeee;

        kit_case(refused[i]);
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     covey_schc_field_by_name(refused[i], &id, &option));
        assert_int_equal(id, 0xee);
        assert_int_equal(option, 0xeeee);
    }
    kit_case(NULL);
}

/* The whole number space: each name fits its buffer and reads back. */
static void every_option_number_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 65535; n++) {
        char buf[COVEY_SCHC_NAME_MAX + 1];
        const char *name;
        uint8_t id = 0;
        uint16_t option = 0;

        buf[COVEY_SCHC_NAME_MAX] = '#';
        name = covey_schc_field_name(COVEY_SCHC_OPTION, (uint16_t)n, buf);
        assert_int_equal(buf[COVEY_SCHC_NAME_MAX], '#');
        CHECK_STATUS(COVEY_OK, covey_schc_field_by_name(name, &id, &option));
        assert_int_equal(id, COVEY_SCHC_OPTION);
        assert_int_equal(option, n);
    }
}

static void every_field_has_a_name_and_no_other_number_has(void **state)
{
    char buf[COVEY_SCHC_NAME_MAX];

    (void)state;
    for (unsigned id = 0; id < 256; id++) {
        const char *name = covey_schc_field_name((uint8_t)id, 0, buf);

        if (id < COVEY_SCHC_FIELD_IDS) {
            assert_string_not_equal(name, "unknown-field");
        } else {
            assert_string_equal(name, "unknown-field");
            assert_int_equal(covey_schc_field_bits((uint8_t)id), 0);
        }
    }
}

static void header_fields_have_the_lengths_of_their_documents(void **state)
{
    /* Those of IPv6 and UDP fill 40 and 8 bytes; traffic class counts once,
     * by its parts. CoAP: the 4 bytes before the token, code by its parts. */
    unsigned ipv6 = 0;
    unsigned udp = 0;
    unsigned coap = 0;

    (void)state;
    for (unsigned id = COVEY_SCHC_IPV6_VERSION; id <= COVEY_SCHC_IPV6_APP_IID;
         id++) {
        if (id != COVEY_SCHC_IPV6_TRAFFIC_CLASS) {
            ipv6 += covey_schc_field_bits((uint8_t)id);
        }
    }
    for (unsigned id = COVEY_SCHC_UDP_DEV_PORT; id <= COVEY_SCHC_UDP_CHECKSUM;
         id++) {
        udp += covey_schc_field_bits((uint8_t)id);
    }
    for (unsigned id = COVEY_SCHC_COAP_VERSION; id <= COVEY_SCHC_COAP_MID;
         id++) {
        if (id != COVEY_SCHC_COAP_CODE) {
            coap += covey_schc_field_bits((uint8_t)id);
        }
    }
    assert_int_equal(ipv6, 320);
    assert_int_equal(udp, 64);
    assert_int_equal(coap, 32);
    assert_int_equal(covey_schc_field_bits(COVEY_SCHC_IPV6_TRAFFIC_CLASS), 8);
    assert_int_equal(covey_schc_field_bits(COVEY_SCHC_COAP_CODE), 8);
    assert_int_equal(covey_schc_field_bits(COVEY_SCHC_COAP_TOKEN), 0);
    assert_int_equal(covey_schc_field_bits(COVEY_SCHC_OPTION), 0);
    assert_int_equal(covey_schc_field_bits(COVEY_SCHC_OSCORE_PIV), 0);
    assert_int_equal(covey_schc_field_bits(COVEY_SCHC_PAYLOAD), 0);
}

static void
operators_actions_and_lengths_are_spelt_as_in_rfc_9363(void **state)
{
    (void)state;
    assert_string_equal(covey_schc_mo_name(COVEY_SCHC_MO_EQUAL), "mo-equal");
    assert_string_equal(covey_schc_mo_name(COVEY_SCHC_MO_IGNORE), "mo-ignore");
    assert_string_equal(covey_schc_mo_name(COVEY_SCHC_MO_MSB), "mo-msb");
    assert_string_equal(covey_schc_mo_name(COVEY_SCHC_MO_MATCH_MAPPING),
                        "mo-match-mapping");
    assert_string_equal(covey_schc_cda_name(COVEY_SCHC_CDA_NOT_SENT),
                        "cda-not-sent");
    assert_string_equal(covey_schc_cda_name(COVEY_SCHC_CDA_VALUE_SENT),
                        "cda-value-sent");
    assert_string_equal(covey_schc_cda_name(COVEY_SCHC_CDA_MAPPING_SENT),
                        "cda-mapping-sent");
    assert_string_equal(covey_schc_cda_name(COVEY_SCHC_CDA_LSB), "cda-lsb");
    assert_string_equal(covey_schc_cda_name(COVEY_SCHC_CDA_COMPUTE),
                        "cda-compute");
    assert_string_equal(covey_schc_cda_name(COVEY_SCHC_CDA_DEV_IID),
                        "cda-deviid");
    assert_string_equal(covey_schc_cda_name(COVEY_SCHC_CDA_APP_IID),
                        "cda-appiid");
    assert_string_equal(covey_schc_length_name(COVEY_SCHC_FL_VAR),
                        "fl-variable");
    assert_string_equal(covey_schc_length_name(COVEY_SCHC_FL_VAR_BIT),
                        "fl-variable-bit");
    assert_string_equal(covey_schc_length_name(COVEY_SCHC_FL_TKL),
                        "fl-token-length");
    assert_string_equal(covey_schc_length_name(COVEY_SCHC_FL_OSC_PIV),
                        "fl-oscore-piv-length");
    assert_string_equal(covey_schc_length_name(COVEY_SCHC_FL_OSC_X_M),
                        "fl-oscore-oscore-nonce-length");
    assert_string_equal(covey_schc_direction_name(1), "di-up");
    assert_string_equal(covey_schc_direction_name(2), "di-down");
    assert_string_equal(covey_schc_direction_name(3), "di-bidirectional");
}

static void values_outside_an_enumeration_are_named_unknown(void **state)
{
    (void)state;
    for (unsigned v = 20; v < 300; v += 7) {
        assert_string_equal(covey_schc_mo_name((covey_schc_mo)v),
                            "mo-unknown");
        assert_string_equal(covey_schc_cda_name((covey_schc_cda)v),
                            "cda-unknown");
        assert_string_equal(covey_schc_length_name((covey_schc_length)v),
                            "fl-unknown");
        assert_string_equal(covey_schc_direction_name(v), "di-unknown");
        assert_string_equal(covey_schc_stack_name((covey_schc_stack)v),
                            "unknown-stack");
        assert_string_equal(covey_schc_mismatch_text((covey_schc_mismatch)v),
                            "unknown reason");
        assert_string_equal(covey_schc_fault_text((covey_schc_fault)v),
                            "unknown fault");
    }
    assert_string_equal(covey_schc_direction_name(0), "di-unknown");
    assert_string_equal(covey_schc_stack_name((covey_schc_stack)0),
                        "unknown-stack");
    assert_string_equal(covey_schc_stack_name((covey_schc_stack)5),
                        "unknown-stack");
}

static void stacks_read_back_and_nothing_else_is_one(void **state)
{
    static const covey_schc_stack all[] = {
        COVEY_SCHC_STACK_IPV6,     COVEY_SCHC_STACK_IPV6_UDP,
        COVEY_SCHC_STACK_UDP_COAP, COVEY_SCHC_STACK_IPV6_UDP_COAP,
        COVEY_SCHC_STACK_COAP,     COVEY_SCHC_STACK_COAP_INNER,
    };
    static const char *const bad[] = {
        "", "udp", "COAP", "coap ", "coap-inne", "ipv6-coap", "unknown-stack"
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        covey_schc_stack s = (covey_schc_stack)0;

        CHECK_STATUS(COVEY_OK, covey_schc_stack_by_name(
                                   covey_schc_stack_name(all[i]), &s));
        assert_int_equal(s, all[i]);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        covey_schc_stack s = COVEY_SCHC_STACK_COAP;

        kit_case(bad[i]);
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     covey_schc_stack_by_name(bad[i], &s));
        assert_int_equal(s, COVEY_SCHC_STACK_COAP);
    }
    kit_case(NULL);
}

static void every_reason_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (int a = COVEY_SCHC_MATCHES; a <= COVEY_SCHC_X_NATURE; a++) {
        const char *text = covey_schc_mismatch_text((covey_schc_mismatch)a);

        assert_string_not_equal(text, "unknown reason");
        for (int b = COVEY_SCHC_MATCHES; b < a; b++) {
            assert_string_not_equal(
                text, covey_schc_mismatch_text((covey_schc_mismatch)b));
        }
    }
    for (int a = COVEY_SCHC_SOUND; a <= COVEY_SCHC_F_LAYERS; a++) {
        const char *text = covey_schc_fault_text((covey_schc_fault)a);

        assert_string_not_equal(text, "unknown fault");
        for (int b = COVEY_SCHC_SOUND; b < a; b++) {
            assert_string_not_equal(
                text, covey_schc_fault_text((covey_schc_fault)b));
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_identity_reads_back_as_itself),
        cmocka_unit_test(accepts_the_spellings_of_other_documents),
        cmocka_unit_test(refuses_what_is_no_field_and_leaves_the_outputs),
        cmocka_unit_test(every_option_number_has_a_name_of_its_own),
        cmocka_unit_test(every_field_has_a_name_and_no_other_number_has),
        cmocka_unit_test(header_fields_have_the_lengths_of_their_documents),
        cmocka_unit_test(
            operators_actions_and_lengths_are_spelt_as_in_rfc_9363),
        cmocka_unit_test(values_outside_an_enumeration_are_named_unknown),
        cmocka_unit_test(stacks_read_back_and_nothing_else_is_one),
        cmocka_unit_test(every_reason_has_a_text_of_its_own),
    };
    return KIT_RUN(tests);
}
