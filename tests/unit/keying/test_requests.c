/* SPDX-License-Identifier: BSD-2-Clause */
/* Join Requests, filters of credentials, and what a join has to prove. */
#include "kit.h"

#include <covey/keying.h>

static uint8_t storage[512];

static covey_bytes hex(const char *text)
{
    return kit_hex(text, storage, sizeof storage);
}

static void writes_a_join_request(void **state)
{
    const uint8_t roles[] = { 4, 2 };
    const covey_keying_wish wish = { .include = true,
                                     .roles = roles,
                                     .role_count = 2 };
    const covey_keying_join join = {
        .scope = SPAN("\x82\x61g\x02"),
        .n_c = SPAN("nonce"),
        .client_cred = SPAN("cred"),
        .client_cred_verify = SPAN("proof"),
        .get_creds = &wish,
        .control_uri = SPAN("c"),
    };
    covey_writer w = covey_writer_of(storage, sizeof storage);

    (void)state;
    covey_keying_put_join(&w, &join);
    CHECK_HEX("a6 03 44 82616702 04 83 f5 82 04 02 80 05 44 63726564"
              "06 45 6e6f6e6365 1818 45 70726f6f66 181a 61 63",
              covey_written(&w));
}

static covey_keying_filter filter(const char *text)
{
    covey_keying_filter f = { 0 };

    CHECK_STATUS(COVEY_OK, covey_keying_filter_parse(&f, hex(text)));
    return f;
}

/* RFC 9594 Section 4.1.1: a combination wants all of its roles. */
static void filters_by_roles_and_ids(void **state)
{
    static const struct {
        const char *filter;
        uint8_t roles;
        const char *id;
        bool taken;
    } cases[] = {
        { "f6", 2, "a", true },
        { "83 f5 81 02 80", 2, "a", true },
        { "83 f5 81 02 80", 6, "a", true },
        { "83 f5 81 06 80", 2, "a", false },
        { "83 f5 81 06 80", 6, "a", true },
        { "83 f5 81 00 80", 6, "a", false },
        { "83 f5 82 04 02 80", 2, "a", true },
        { "83 f5 81 04 81 4161", 2, "a", true },
        { "83 f5 80 81 4161", 2, "b", false },
        { "83 f4 80 81 4161", 2, "a", false },
        { "83 f4 80 81 4161", 2, "b", true },
        { "83 f4 81 04 81 4161", 2, "b", false },
        { "83 f4 81 02 81 4161", 2, "b", true },
        { "83 f4 81 02 80", 2, "b", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const covey_keying_filter f = filter(cases[i].filter);

        kit_case(cases[i].filter);
        assert_int_equal(
            covey_keying_filter_takes(&f, cases[i].roles,
                                      covey_bytes_text(cases[i].id)),
            cases[i].taken);
    }
    kit_case(NULL);
}

static void knows_an_empty_filter(void **state)
{
    covey_keying_filter f = filter("83 f5 80 80");

    (void)state;
    assert_true(covey_keying_filter_is_empty(&f));
    f = filter("83 f4 81 02 80");
    assert_false(covey_keying_filter_is_empty(&f));
    f = filter("83 f4 80 81 40");
    assert_false(covey_keying_filter_is_empty(&f));
    f = filter("f6");
    assert_false(covey_keying_filter_is_empty(&f));
}

static void refuses_filters(void **state)
{
    static const char *const cases[] = {
        "",
        "80",
        "82 f5 80",
        "83 01 80 80",
        "83 f5 a0 80",
        "83 f5 80 a0",
        "83 f5 81 20 80",
        "83 f5 80 81 6161",
        "83 f5 80",
        "f6 f6",
        "83 f5 9fff 80",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_keying_filter f;

        kit_case(cases[i]);
        assert_int_not_equal(COVEY_OK,
                             covey_keying_filter_parse(&f, hex(cases[i])));
    }
    kit_case(NULL);
}

static void wishes_are_read_as_filters(void **state)
{
    const uint8_t roles[] = { 6 };
    const covey_bytes ids[] = { SPAN("a"), SPAN("bc") };
    const covey_keying_wish wish = {
        .roles = roles, .role_count = 1, .ids = ids, .id_count = 2
    };
    const covey_keying_wish all = { .all = true };
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_keying_filter f;

    (void)state;
    covey_keying_put_wish(&w, &wish);
    CHECK_HEX("83 f4 81 06 82 4161 426263", covey_written(&w));
    CHECK_STATUS(COVEY_OK, covey_keying_filter_parse(&f, covey_written(&w)));
    assert_false(covey_keying_filter_takes(&f, 6, SPAN("bc")));
    assert_true(covey_keying_filter_takes(&f, 6, SPAN("b")));
    w = covey_writer_of(storage, sizeof storage);
    covey_keying_put_wish(&w, &all);
    CHECK_HEX("f6", covey_written(&w));
}

static void says_what_is_to_be_proven(void **state)
{
    static const bool modes[][2] = { { true, true },
                                     { true, false },
                                     { false, true } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        covey_keying_info info = {
            .group = SPAN("g"),
            .suite = covey_keying_defaults(modes[i][0], modes[i][1]),
            .kdcchallenge = SPAN("12345678"),
        };
        covey_writer w = covey_writer_of(storage, sizeof storage);
        covey_keying_info again;

        if (!modes[i][0]) {
            info.kdc_dh_cred = SPAN("gm");
        }
        covey_keying_put_info(&w, &info);
        CHECK_STATUS(COVEY_OK,
                     covey_keying_info_parse(&again, covey_written(&w)));
        CHECK_SPAN(info.group, again.group);
        CHECK_SPAN(info.kdcchallenge, again.kdcchallenge);
        CHECK_SPAN(info.kdc_dh_cred, again.kdc_dh_cred);
        assert_int_equal(info.suite.signature, again.suite.signature);
        assert_int_equal(info.suite.agreement, again.suite.agreement);
        assert_int_equal(info.suite.curve, again.suite.curve);
        assert_int_equal(info.suite.cred_fmt, again.suite.cred_fmt);
    }
}

/* Names alone or in an array; null for a format that is not known. */
static void takes_both_forms_of_names(void **state)
{
    covey_keying_info info;

    (void)state;
    CHECK_STATUS(COVEY_OK,
                 covey_keying_info_parse(
                     &info, hex("a1 181d 81 85 6167 27 8101 820106 f6")));
    CHECK_SPAN(SPAN("g"), info.group);
    assert_int_equal(info.suite.cred_fmt, 0);
    CHECK_STATUS(
        COVEY_OK,
        covey_keying_info_parse(
            &info, hex("a1 181d 81 85 82 6167 6168 27 8101 820106 0e")));
    CHECK_SPAN(SPAN("g"), info.group);
    assert_int_equal(info.suite.cred_fmt, 14);
}

static void refuses_infos(void **state)
{
    static const struct {
        const char *why;
        const char *hex;
    } cases[] = {
        { "no entry", "a1 181d 80" },
        { "four elements", "a1 181d 81 84 6167 27 8101 820106" },
        { "a name of bytes", "a1 181d 81 85 4167 27 8101 820106 0e" },
        { "a curve that is none", "a1 181d 81 85 6167 27 8101 8201184d 0e" },
        { "one capability", "a1 181d 81 85 6167 27 8101 8106 0e" },
        { "a credential of text", "a1 1820 81 83 6167 0e 6161" },
        { "two elements", "a1 1820 81 82 6167 0e" },
        { "no map", "80" },
    };
    covey_keying_info info;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        assert_int_not_equal(
            COVEY_OK, covey_keying_info_parse(&info, hex(cases[i].hex)));
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_join_request),
        cmocka_unit_test(filters_by_roles_and_ids),
        cmocka_unit_test(knows_an_empty_filter),
        cmocka_unit_test(refuses_filters),
        cmocka_unit_test(wishes_are_read_as_filters),
        cmocka_unit_test(says_what_is_to_be_proven),
        cmocka_unit_test(takes_both_forms_of_names),
        cmocka_unit_test(refuses_infos),
    };

    return KIT_RUN(tests);
}
