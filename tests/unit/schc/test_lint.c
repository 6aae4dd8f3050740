/* SPDX-License-Identifier: BSD-2-Clause */
/* Every check of the rule checker: a rule that it speaks about, and the
 * neighbour that it leaves alone. Both are sound, or the check would be about
 * nothing. */
#include "lint_internal.h"

#include "fields.h"
#include "kit.h"

#define FIELDS 26
#define RULES  4

struct rules_text {
    covey_schc_field fields[FIELDS]; /* of the first rule */
    covey_schc_field second[FIELDS]; /* of a second one, if any */
    uint8_t no_compression;          /* how many such rules follow */
    uint8_t id_bits[RULES];          /* 0: 8; ids count from 0 */
    bool lossy;
    uint8_t select;
    uint8_t kudos;
};

struct lint_case {
    unsigned profiles; /* that say it */
    covey_schc_severity severity;
    const char *section;
    const char *text; /* a part of it */
    struct rules_text bad;
    struct rules_text good;
};

/* A rule set of one of the texts above. */
struct built {
    covey_schc_rule rule[RULES];
    covey_schc_rules set;
};

static uint16_t count_fields(const covey_schc_field *fields)
{
    uint16_t n = 0;

    while (n < FIELDS && fields[n].direction != 0) {
        n++;
    }
    return n;
}

static void add_rule(struct built *b, const struct rules_text *t,
                     const covey_schc_field *fields)
{
    uint16_t n = b->set.count;
    covey_schc_rule *rule = &b->rule[n];

    assert_true(n < RULES);
    rule->id_bits = t->id_bits[n] ? t->id_bits[n] : 8;
    rule->id = n;
    rule->nature = fields ? COVEY_SCHC_COMPRESSION : COVEY_SCHC_NO_COMPRESSION;
    rule->lossy = t->lossy;
    rule->field_count = fields ? count_fields(fields) : 0;
    rule->fields = fields;
    rule->layers = covey_schc_rule_layers(rule);
    b->set.count++;
}

static void build(struct built *b, const struct rules_text *t)
{
    covey_schc_verdict v;

    memset(b, 0, sizeof *b);
    b->set.rules = b->rule;
    b->set.select = t->select;
    b->set.kudos = t->kudos;
    if (count_fields(t->fields) > 0) {
        add_rule(b, t, t->fields);
    }
    if (count_fields(t->second) > 0) {
        add_rule(b, t, t->second);
    }
    for (unsigned i = 0; i < t->no_compression; i++) {
        add_rule(b, t, NULL);
    }
    v = covey_schc_check(&b->set);
    if (v.fault != COVEY_SCHC_SOUND) {
        print_error("rule %u field %u: %s\n", v.rule, v.field,
                    covey_schc_fault_text(v.fault));
    }
    assert_int_equal(v.fault, COVEY_SCHC_SOUND);
}

/* Is it among the findings? The indices of each must exist. */
static bool says(const struct rules_text *t, covey_schc_profile profile,
                 const struct lint_case *c)
{
    struct built b;
    covey_schc_lint_row row;
    uint32_t at = 0;
    bool found = false;

    build(&b, t);
    while (covey_schc_lint_next(&b.set, profile, &at, &row)) {
        assert_true(row.rule < b.set.count || b.set.count == 0);
        assert_true(row.other < b.set.count || b.set.count == 0);
        assert_true(b.set.count == 0 ||
                    row.field <= b.set.rules[row.rule].field_count);
        found = found || (row.severity == c->severity &&
                          strcmp(row.section, c->section) == 0 &&
                          strstr(row.text, c->text) != NULL);
    }
    return found;
}

#define SEED BIT(COVEY_SCHC_PROFILE_SEED)
#define U09  BIT(COVEY_SCHC_PROFILE_09)
#define BOTH (SEED | U09)

#include "test_lint_cases.inc"

static void each_case_is_found_and_its_neighbour_is_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct lint_case *c = &cases[i];

        kit_case(c->text);
        for (unsigned p = 0; p <= COVEY_SCHC_PROFILE_09; p++) {
            bool expected = (c->profiles & BIT(p)) != 0;
            bool bad = says(&c->bad, (covey_schc_profile)p, c);
            bool good = says(&c->good, (covey_schc_profile)p, c);

            if (bad != expected || good) {
                print_error("case %zu, profile %u, \"%s\": bad %d good %d\n",
                            i, p, c->text, bad, good);
            }
            assert_int_equal(bad, expected);
            assert_false(good);
        }
    }
    kit_case(NULL);
}

/* No row without a case that shows it. */
static void every_check_has_a_case(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < covey__lint_demand_count + covey__lint_note_count;
         i++) {
        const struct covey__lint_check *check =
            i < covey__lint_demand_count
                ? &covey__lint_demands[i]
                : &covey__lint_notes[i - covey__lint_demand_count];
        bool seen = false;

        for (size_t n = 0; n < COUNT_OF(cases) && !seen; n++) {
            struct built b;
            covey_schc_lint_row row;
            uint32_t at = 0;
            covey_schc_profile profile = (check->profiles & SEED) != 0
                                             ? COVEY_SCHC_PROFILE_SEED
                                             : COVEY_SCHC_PROFILE_09;

            build(&b, &cases[n].bad);
            while (covey_schc_lint_next(&b.set, profile, &at, &row)) {
                uint32_t checks =
                    covey__lint_demand_count + covey__lint_note_count;
                seen = seen || (at - 1) % checks == i;
            }
        }
        if (!seen) {
            print_error("check %u has no case: %s\n", i, check->text);
        }
        assert_true(seen);
    }
}

static void what_the_seed_accepts_its_successor_accepts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases) * 2; i++) {
        const struct lint_case *c = &cases[i / 2];
        struct built b;
        covey_schc_lint_row row;
        unsigned musts[2] = { 0, 0 };

        build(&b, i % 2 ? &c->good : &c->bad);
        for (unsigned p = 0; p <= COVEY_SCHC_PROFILE_09; p++) {
            uint32_t at = 0;
            while (covey_schc_lint_next(&b.set, (covey_schc_profile)p, &at,
                                        &row)) {
                musts[p] += row.severity == COVEY_SCHC_MUST;
            }
        }
        assert_true(musts[COVEY_SCHC_PROFILE_SEED] > 0 ||
                    musts[COVEY_SCHC_PROFILE_09] == 0);
    }
}

static void an_empty_set_has_only_findings_about_the_set(void **state)
{
    covey_schc_rules none = { .rules = NULL, .count = 0 };
    covey_schc_lint_row row;
    uint32_t at = 0;
    unsigned findings = 0;

    (void)state;
    while (covey_schc_lint_next(&none, COVEY_SCHC_PROFILE_SEED, &at, &row)) {
        assert_int_equal(row.severity, COVEY_SCHC_NOTE);
        findings++;
    }
    assert_int_equal(findings, 1);
    assert_false(
        covey_schc_lint_next(&none, COVEY_SCHC_PROFILE_SEED, &at, &row));
}

static const struct rules_text twins = { .fields = { COAP_FDS },
                                         .second = { COAP_FDS },
                                         .no_compression = 1 };

static void an_unreachable_rule_names_the_one_before_it(void **state)
{
    struct built b;
    covey_schc_lint_row row;
    uint32_t at = 0;
    bool found = false;

    (void)state;
    build(&b, &twins);
    while (covey_schc_lint_next(&b.set, COVEY_SCHC_PROFILE_SEED, &at, &row)) {
        if (strstr(row.text, "never used")) {
            assert_int_equal(row.rule, 1);
            assert_int_equal(row.other, 0);
            assert_int_equal(row.field, b.rule[1].field_count);
            found = true;
        }
    }
    assert_true(found);
}

static const covey_schc_field header[] = { COAP_FDS };

/* A thousand rules that differ in the last field only: the worst case of the
 * comparison. Each is compared with all before it, none is unreachable. */
static void a_thousand_rules_are_checked_in_no_time(void **state)
{
    enum {
        MANY = 1000
    };
    static covey_schc_rule rules[MANY];
    static covey_schc_field fields[MANY][7];
    static covey_schc_value values[MANY];
    static uint8_t bytes[MANY][2];
    covey_schc_rules set = { .rules = rules, .count = MANY };
    covey_schc_lint_row row;
    uint32_t at = 0;

    (void)state;
    for (uint16_t i = 0; i < MANY; i++) {
        bytes[i][0] = (uint8_t)(i >> 8);
        bytes[i][1] = (uint8_t)i;
        values[i].bytes = bytes[i];
        values[i].bits = 16;
        memcpy(fields[i], header, sizeof header);
        fields[i][6] =
            (covey_schc_field){ OPT(URI_PATH, BI), EQUAL, .value_count = 1,
                                .values = &values[i] };
        rules[i] = (covey_schc_rule){
            .id = i, .id_bits = 10, .field_count = 7, .fields = fields[i]
        };
        rules[i].layers = covey_schc_rule_layers(&rules[i]);
    }
    assert_int_equal(covey_schc_check(&set).fault, COVEY_SCHC_SOUND);
    while (covey_schc_lint_next(&set, COVEY_SCHC_PROFILE_SEED, &at, &row)) {
        assert_null(strstr(row.text, "never used"));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_is_found_and_its_neighbour_is_not),
        cmocka_unit_test(every_check_has_a_case),
        cmocka_unit_test(what_the_seed_accepts_its_successor_accepts),
        cmocka_unit_test(an_empty_set_has_only_findings_about_the_set),
        cmocka_unit_test(an_unreachable_rule_names_the_one_before_it),
        cmocka_unit_test(a_thousand_rules_are_checked_in_no_time),
    };
    return KIT_RUN(tests);
}
