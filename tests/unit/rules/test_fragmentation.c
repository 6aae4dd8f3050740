/* SPDX-License-Identifier: BSD-2-Clause */
/* Fragmentation rules are put aside when that is asked for, and only then. */
#include "rules_text.h"

#define HEAD                                                                  \
    "{'rule-id-value':2,'rule-id-length':8,"                                  \
    "'rule-nature':'nature-fragmentation',"
#define WHOLE                                                                 \
    "[{'rule-id-value':1,'rule-id-length':8,"                                 \
    "'rule-nature':'nature-no-compression'},"

static rules_file *load(const char *text)
{
    rules_options options = engine_options();
    rules_report report;

    options.fragmentation = true;
    rules_file *file = load_text(text, &options, &report);
    rules_report_free(&report);
    return file;
}

static void the_other_rules_stay_what_they_are(void **state)
{
    rules_file *file = load("[" HEAD "'fcn-size':3}," RULE("x") "]");
    size_t count = 0;

    (void)state;
    assert_null(file); /* the other rule is none */
    file = load(WHOLE HEAD "'fcn-size':3}]");
    assert_non_null(file);
    assert_int_equal(1, rules_get(file)->count);
    assert_int_equal(1, rules_get(file)->rules[0].id);
    assert_non_null(rules_fragmentations(file, &count));
    assert_int_equal(1, count);
    rules_free(file);
}

static void without_asking_they_are_refused(void **state)
{
    rules_options options = engine_options();
    rules_report report;

    (void)state;
    assert_null(load_text(WHOLE HEAD "'fcn-size':3}]", &options, &report));
    assert_int_equal(1, report.errors);
    rules_report_free(&report);
}

struct row {
    const char *why;
    const char *members;
    rules_fragmentation expected; /* line not looked at */
};

/* clang-format off */
static const struct row rows[] = {
    { "nothing is said", "'x':1",
      { 0, true, 1280, false, false, false } },
    { "all is said", "'fragmentation-mode':'fragmentation-mode-ack-always',"
      "'inactivity-timer':{'ticks-numbers':9},'retransmission-timer':"
      "{'ticks-numbers':1},'max-ack-requests':2,'maximum-packet-size':9,"
      "'max-interleaved-frames':3", { 0, true, 27, true, true, true } },
    { "no acknowledgements",
      "'ietf-schc:fragmentation-mode':'ietf-schc:fragmentation-mode-no-ack'",
      { 0, false, 1280, false, false, false } },
    { "zero is none", "'inactivity-timer':{'ticks-numbers':0},"
      "'max-ack-requests':0", { 0, true, 1280, false, false, false } },
    { "other kinds of values are none", "'inactivity-timer':[9],"
      "'retransmission-timer':'1','max-ack-requests':'2',"
      "'maximum-packet-size':-1,'fragmentation-mode':7",
      { 0, true, 1280, false, false, false } },
};
/* clang-format on */

static void what_bounds_a_reassembly_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        size_t count = 0;

        snprintf(text, sizeof text, WHOLE HEAD "%s}]", rows[i].members);
        rules_file *file = load(text);
        kit_case(rows[i].why);
        assert_non_null(file);
        const rules_fragmentation *f = rules_fragmentations(file, &count);
        assert_int_equal(1, count);
        assert_int_equal(rows[i].expected.acks, f->acks);
        assert_int_equal(rows[i].expected.bytes, f->bytes);
        assert_int_equal(rows[i].expected.inactivity, f->inactivity);
        assert_int_equal(rows[i].expected.retransmission, f->retransmission);
        assert_int_equal(rows[i].expected.attempts, f->attempts);
        assert_int_equal(1, f->line);
        rules_free(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_other_rules_stay_what_they_are),
        cmocka_unit_test(without_asking_they_are_refused),
        cmocka_unit_test(what_bounds_a_reassembly_is_read),
    };
    return KIT_RUN(tests);
}
