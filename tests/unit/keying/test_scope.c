/* SPDX-License-Identifier: BSD-2-Clause */
/* Scopes: entries as nodes ask for them, and what the whole of one allows. */
#include "kit.h"

#include <covey/keying.h>

static uint8_t storage[256];

static covey_bytes hex(const char *text)
{
    return kit_hex(text, storage, sizeof storage);
}

static void reads_what_it_writes(void **state)
{
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_keying_scope s;

    (void)state;
    covey_keying_put_scope(&w, SPAN("group1"), 6);
    CHECK_HEX("82 66 67726f757031 06", covey_written(&w));
    CHECK_STATUS(COVEY_OK, covey_keying_scope_parse(&s, covey_written(&w)));
    CHECK_SPAN(SPAN("group1"), s.group);
    assert_int_equal(s.tperm, 6);
}

static void refuses_entries(void **state)
{
    static const struct {
        const char *why;
        const char *hex;
        covey_status status;
    } cases[] = {
        { "nothing", "", COVEY_E_SHORT },
        { "no array", "a0", COVEY_E_FORMAT },
        { "one element", "81 6161", COVEY_E_FORMAT },
        { "three elements", "83 6161 02 00", COVEY_E_FORMAT },
        { "name in bytes", "82 4161 02", COVEY_E_FORMAT },
        { "roles below 0", "82 6161 21", COVEY_E_FORMAT },
        { "something behind", "82 6161 02 00", COVEY_E_FORMAT },
        { "cut", "82 6161", COVEY_E_SHORT },
        { "no role", "82 6161 00", COVEY_E_RANGE },
        { "an admin", "82 6161 03", COVEY_E_RANGE },
        { "a role that is none", "82 6161 1820", COVEY_E_RANGE },
        { "64 bits of roles", "82 6161 1b0000000100000000", COVEY_E_RANGE },
        { "no name", "82 60 02", COVEY_E_RANGE },
        { "for all groups", "82 f5 02", COVEY_E_FORMAT },
    };
    covey_keying_scope s;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        CHECK_STATUS(cases[i].status,
                     covey_keying_scope_parse(&s, hex(cases[i].hex)));
    }
    kit_case(NULL);
}

static void allows_what_entries_name(void **state)
{
    /* requester of a; responder and verifier of b; requester of b; may list
     * and create g; may list and read everything; a pattern */
    const covey_bytes scope =
        hex("86 82 6161 02 82 6162 14 82 6162 02 82 6167 07"
            "82 f5 0b 82 d9 5249 6161 181f");

    (void)state;
    assert_int_equal(covey_keying_scope_allows(scope, SPAN("a"), false), 2);
    assert_int_equal(covey_keying_scope_allows(scope, SPAN("b"), false), 0x16);
    assert_int_equal(covey_keying_scope_allows(scope, SPAN("c"), false), 0);
    assert_int_equal(covey_keying_scope_allows(scope, SPAN("g"), false), 0);
    assert_int_equal(covey_keying_scope_allows(scope, SPAN("g"), true), 0x0f);
    assert_int_equal(covey_keying_scope_allows(scope, SPAN("a"), true), 0x0b);
    assert_int_equal(covey_keying_scope_admin(scope), 0x1f);
}

static void a_scope_that_is_not_sound_allows_nothing(void **state)
{
    static const char *const scopes[] = {
        "",
        "a0",
        "82 82 6161 02",
        "81 82 6161 21",
        "81 81 6161",
        "81 82 6161 02 00",
        "82 82 6161 02 01",
        "81 83 6161 02 02",
        "81 82 6161 1b0000000100000002",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        kit_case(scopes[i]);
        assert_int_equal(
            covey_keying_scope_allows(hex(scopes[i]), SPAN("a"), false), 0);
        assert_int_equal(covey_keying_scope_admin(hex(scopes[i])), 0);
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_writes),
        cmocka_unit_test(refuses_entries),
        cmocka_unit_test(allows_what_entries_name),
        cmocka_unit_test(a_scope_that_is_not_sound_allows_nothing),
    };

    return KIT_RUN(tests);
}
