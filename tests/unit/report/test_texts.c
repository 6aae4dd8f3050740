/* SPDX-License-Identifier: BSD-2-Clause */
/* What a report says is there in both languages, and what the law says is
 * dated and has its source. */
#include <apps/covey-audit/law.h>
#include <apps/covey-audit/report.h>

#include "kit.h"

static void check_text(const char *id, const char *fr, const char *en)
{
    kit_case(id);
    assert_non_null(fr);
    assert_non_null(en);
    assert_true(fr[0] != '\0' && en[0] != '\0');
    /* sentences end alike in both */
    assert_int_equal(fr[strlen(fr) - 1] == '.', en[strlen(en) - 1] == '.');
}

static void each_word_is_there_once_in_both_languages(void **state)
{
    size_t count = 0;
    const report_word *w = report_words(&count);

    (void)state;
    assert_true(count > 100);
    for (size_t i = 0; i < count; i++) {
        check_text(w[i].id, w[i].fr, w[i].en);
        assert_ptr_equal(report_say(w[i].id, true), w[i].fr);
        assert_ptr_equal(report_say(w[i].id, false), w[i].en);
    }
    kit_case(NULL);
    assert_string_equal("[no such word]", report_say("nothing", true));
}

static void each_name_of_the_gate_has_a_word(void **state)
{
    static const char *const names[][2] = {
        { "mode", "black" },
        { "mode", "white" },
        { "mode", "account" },
        { "attack", "account" },
        { "vantage", "internal" },
        { "vantage", "external" },
        { "weakness", "design" },
        { "weakness", "implementation" },
        { "weakness", "use" },
        { "remedy", "prevention" },
        { "remedy", "detection" },
        { "remedy", "consolidation" },
        { "capture", "none" },
        { "capture", "headers" },
        { "capture", "payload" },
        { "outcome", "done" },
        { "outcome", "silent" },
        { "outcome", "closed" },
        { "outcome", "denied" },
        { "outcome", "failed" },
        { "outcome", "stopped" },
        { "stop", "none" },
        { "stop", "withdrawal" },
        { "stop", "signal" },
        { "stop", "expiry" },
        { "stop", "clock" },
        { "stop", "evidence" },
        { "stop", "silence" },
        { "addition", "withdrawal" },
        { "addition", "amendment" },
        { "level", "0" },
        { "level", "3" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        kit_case(names[i][1]);
        assert_ptr_not_equal(names[i][1],
                             report_term(names[i][0], names[i][1], true));
    }
    for (int i = 1; i < COVEY_AUDIT_REASONS; i++) {
        const char *name = covey_audit_reason_name((covey_audit_reason)i);
        kit_case(name);
        assert_ptr_not_equal(name, report_term("reason", name, true));
        /* one text in English, wherever it is printed */
        assert_string_equal(covey_audit_reason_text((covey_audit_reason)i),
                            report_term("reason", name, false));
    }
    kit_case(NULL);
    assert_string_equal("new", report_term("outcome", "new", true));
}

static void a_note_is_dated_and_has_its_source(void **state)
{
    size_t count = 0;
    const law_note *n = law_notes(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        check_text(n[i].id, n[i].seed.fr, n[i].seed.en);
        assert_true(strncmp(n[i].id, n[i].country, 2) == 0);
        assert_true(n[i].stages != 0 && n[i].source[0] != '\0');
        assert_true(strncmp(n[i].items, "AUD-", 4) == 0);
        const bool corrected = n[i].status != LAW_NOTHING;
        assert_int_equal(corrected, n[i].correction.fr != NULL);
        assert_int_equal(corrected, n[i].as_of != NULL);
        if (corrected) {
            check_text(n[i].id, n[i].correction.fr, n[i].correction.en);
        }
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(n[i].id, n[j].id);
        }
    }
    kit_case(NULL);
    assert_true(law_knows("FR") && law_knows("EU"));
    assert_false(law_knows("XX"));
}

static void each_stage_has_its_note(void **state)
{
    size_t count = 0;
    const law_stage *s = law_stages(&count);

    (void)state;
    assert_int_equal(COVEY_AUDIT_STAGES, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(i, s[i].stage);
        check_text(s[i].items, s[i].seed.fr, s[i].seed.en);
        assert_int_equal(s[i].correction.fr == NULL,
                         s[i].correction.en == NULL);
    }
    kit_case(NULL);
}

static void each_decision_has_a_consequence(void **state)
{
    size_t count = 0;
    const law_case *c = law_cases(&count);

    (void)state;
    assert_true(count >= 11);
    for (size_t i = 0; i < count; i++) {
        check_text(c[i].id, c[i].decision.fr, c[i].decision.en);
        check_text(c[i].id, c[i].held.fr, c[i].held.en);
        check_text(c[i].id, c[i].consequence.fr, c[i].consequence.en);
    }
    kit_case(NULL);
}

static void ten_countries_do_or_do_not_require_a_device(void **state)
{
    size_t count = 0;
    size_t required = 0;
    const law_device *d = law_devices(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        check_text(d[i].country, d[i].name.fr, d[i].name.en);
        required += d[i].required ? 1 : 0;
    }
    kit_case(NULL);
    assert_int_equal(10, count);
    assert_int_equal(5, required);
}

static void a_finding_has_french_and_a_document(void **state)
{
    const report_finding *f = report_finding_get("CO-02.amplifies");

    (void)state;
    assert_non_null(f);
    assert_true(f->title[0] != '\0' && f->remedy[0] != '\0');
    assert_string_equal("PCA, continuity plan", report_say(f->heading, false));
    assert_null(report_finding_get("CO-02"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_is_there_once_in_both_languages),
        cmocka_unit_test(each_name_of_the_gate_has_a_word),
        cmocka_unit_test(a_note_is_dated_and_has_its_source),
        cmocka_unit_test(each_stage_has_its_note),
        cmocka_unit_test(each_decision_has_a_consequence),
        cmocka_unit_test(ten_countries_do_or_do_not_require_a_device),
        cmocka_unit_test(a_finding_has_french_and_a_document),
    };

    return KIT_RUN(tests);
}
