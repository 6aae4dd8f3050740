/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/audit.h>

#include "kit.h"

static void every_technique_has_a_row_and_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < COVEY_AUDIT_TECHNIQUES; i++) {
        const covey_audit_technique_row *row =
            covey_audit_technique_get((covey_audit_technique)i);
        covey_audit_technique found = COVEY_AUDIT_TECHNIQUES;

        assert_non_null(row);
        assert_non_null(row->name);
        CHECK_STATUS(COVEY_OK, covey_audit_technique_find(
                                   covey_bytes_text(row->name), &found));
        assert_int_equal(i, found);
        assert_true(row->layer >= 1 && row->layer <= 7);
        assert_true(row->stage < COVEY_AUDIT_STAGES);
    }
    assert_null(covey_audit_technique_get(COVEY_AUDIT_TECHNIQUES));
}

static void an_access_sends_and_reading_is_none(void **state)
{
    (void)state;
    for (int i = 0; i < COVEY_AUDIT_TECHNIQUES; i++) {
        const covey_audit_technique_row *row =
            covey_audit_technique_get((covey_audit_technique)i);

        assert_true(row->sends || !row->access);
        assert_true(row->sends || row->packets == 0);
        /* AUD-070: the first stage that is an access */
        assert_int_equal(row->access,
                         row->stage == COVEY_AUDIT_STAGE_SERVICES);
    }
}

static void refuses_words_of_attack_and_unknown_ones(void **state)
{
    static const struct {
        const char *why;
        const char *name;
        covey_status status;
    } cases[] = {
        { "exploitation", "exploit", COVEY_E_RANGE },
        { "guessing", "bruteforce", COVEY_E_RANGE },
        { "forging", "spoof", COVEY_E_RANGE },
        { "a kind of forging", "spoof.source", COVEY_E_RANGE },
        { "malformed input", "fuzz", COVEY_E_RANGE },
        { "denial of service", "flood", COVEY_E_RANGE },
        { "going on from there", "pivot", COVEY_E_RANGE },
        { "not being seen", "evade", COVEY_E_RANGE },
        { "another word", "exploits", COVEY_E_UNSUPPORTED },
        { "a beginning", "service", COVEY_E_UNSUPPORTED },
        { "more than a name", "services.coap.", COVEY_E_UNSUPPORTED },
        { "other letters", "Public", COVEY_E_UNSUPPORTED },
        { "nothing", "", COVEY_E_UNSUPPORTED },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_audit_technique t = COVEY_AUDIT_VULN;

        kit_case(cases[i].why);
        CHECK_STATUS(
            cases[i].status,
            covey_audit_technique_find(covey_bytes_text(cases[i].name), &t));
        assert_int_equal(COVEY_AUDIT_VULN, t);
    }
    kit_case(NULL);
}

static void names_never_fail(void **state)
{
    (void)state;
    for (int i = 0; i <= COVEY_AUDIT_STAGES; i++) {
        assert_non_null(covey_audit_stage_name((covey_audit_stage)i));
    }
    for (int i = 0; i <= COVEY_AUDIT_REASONS; i++) {
        const covey_audit_reason r = (covey_audit_reason)i;
        assert_true(strlen(covey_audit_reason_name(r)) > 0);
        assert_true(strlen(covey_audit_reason_text(r)) > 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_technique_has_a_row_and_a_name_of_its_own),
        cmocka_unit_test(an_access_sends_and_reading_is_none),
        cmocka_unit_test(refuses_words_of_attack_and_unknown_ones),
        cmocka_unit_test(names_never_fail),
    };

    return KIT_RUN(tests);
}
