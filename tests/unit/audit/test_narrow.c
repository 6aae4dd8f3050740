/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/audit.h>

#include "kit.h"

#define V4(a, b, c, d)                                                        \
    {                                                                         \
        .family = COVEY_FAMILY_IPV4, .ip = { a, b, c, d }                     \
    }

/* The mandate: two clauses, two windows. */
static const covey_audit_range mandate_scope[] = {
    { .net = V4(192, 0, 2, 0),
      .prefix = 24,
      .protocol = COVEY_AUDIT_UDP,
      .first = 5683,
      .last = 5684 },
    { .net = V4(224, 0, 1, 187),
      .prefix = 32,
      .protocol = COVEY_AUDIT_UDP,
      .first = 5683,
      .last = 5683,
      .responders = 20 },
};
static const covey_audit_window mandate_windows[] = { { 100, 200 },
                                                      { 300, 400 } };
static const covey_audit_limits mandate_limits = {
    .packets_s = 2, .bytes_s = 200, .packets_per_target = 60, .parallel = 1
};

static covey_audit_document document(covey_audit_clause *clauses,
                                     const covey_audit_range *ranges,
                                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CHECK_STATUS(COVEY_OK, covey_audit_scope(&clauses[i], &ranges[i]));
    }
    const covey_audit_document d = { .scope = clauses,
                                     .scope_count = count,
                                     .windows = mandate_windows,
                                     .window_count = 2,
                                     .techniques = 1u << COVEY_AUDIT_COAP,
                                     .mode = COVEY_AUDIT_WHITE,
                                     .limits = mandate_limits };
    return d;
}

static covey_audit_clause mandate_clauses[2];
static covey_audit_clause amended[2];

static covey_audit_widening compare(const covey_audit_document *amendment,
                                    size_t *which)
{
    const covey_audit_document mandate =
        document(mandate_clauses, mandate_scope, 2);

    return covey_audit_widens(&mandate, amendment, which);
}

static void the_same_and_less_are_narrow(void **state)
{
    static const covey_audit_range less[] = {
        { .net = V4(192, 0, 2, 64),
          .prefix = 26,
          .protocol = COVEY_AUDIT_UDP,
          .first = 5684,
          .last = 5684 },
        { .net = V4(224, 0, 1, 187),
          .prefix = 32,
          .protocol = COVEY_AUDIT_UDP,
          .first = 5683,
          .last = 5683,
          .responders = 19 },
    };
    static const covey_audit_window later[] = { { 350, 400 } };
    size_t which = 9;
    covey_audit_document d = document(amended, mandate_scope, 2);

    (void)state;
    assert_int_equal(COVEY_AUDIT_NARROWS, compare(&d, &which));
    d = document(amended, less, 2);
    d.windows = later;
    d.window_count = 1;
    d.techniques = 0;
    d.limits.packets_s = 1;
    assert_int_equal(COVEY_AUDIT_NARROWS, compare(&d, &which));
}

static void a_wider_clause_is_named(void **state)
{
    static const struct {
        const char *why;
        covey_audit_range range;
    } cases[] = {
        { "a wider network",
          { .net = V4(192, 0, 2, 0),
            .prefix = 23,
            .protocol = COVEY_AUDIT_UDP,
            .first = 5683,
            .last = 5683 } },
        { "another network",
          { .net = V4(192, 0, 3, 0),
            .prefix = 24,
            .protocol = COVEY_AUDIT_UDP,
            .first = 5683,
            .last = 5683 } },
        { "more ports below",
          { .net = V4(192, 0, 2, 0),
            .prefix = 24,
            .protocol = COVEY_AUDIT_UDP,
            .first = 5682,
            .last = 5683 } },
        { "more ports above",
          { .net = V4(192, 0, 2, 0),
            .prefix = 24,
            .protocol = COVEY_AUDIT_UDP,
            .first = 5683,
            .last = 5685 } },
        { "another protocol",
          { .net = V4(192, 0, 2, 0),
            .prefix = 24,
            .protocol = COVEY_AUDIT_TCP,
            .first = 5683,
            .last = 5683 } },
        { "any protocol",
          { .net = V4(192, 0, 2, 0),
            .prefix = 24,
            .protocol = COVEY_AUDIT_ANY_PROTOCOL,
            .first = 5683,
            .last = 5683 } },
        { "more answers",
          { .net = V4(224, 0, 1, 187),
            .prefix = 32,
            .protocol = COVEY_AUDIT_UDP,
            .first = 5683,
            .last = 5683,
            .responders = 21 } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const covey_audit_range scope[] = { mandate_scope[0], cases[i].range };
        size_t which = 9;

        kit_case(cases[i].why);
        const covey_audit_document d = document(amended, scope, 2);
        assert_int_equal(COVEY_AUDIT_WIDENS_SCOPE, compare(&d, &which));
        assert_int_equal(1, which);
    }
    kit_case(NULL);
}

static void a_wider_window_is_named(void **state)
{
    static const covey_audit_window cases[][2] = {
        { { 100, 200 }, { 299, 400 } },
        { { 100, 200 }, { 300, 401 } },
        { { 100, 200 }, { 150, 350 } }, /* across both */
        { { 100, 200 }, { 0, 50 } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t which = 9;
        covey_audit_document d = document(amended, mandate_scope, 2);

        d.windows = cases[i];
        assert_int_equal(COVEY_AUDIT_WIDENS_WINDOW, compare(&d, &which));
        assert_int_equal(1, which);
    }
}

static void more_rights_and_limits_are_named(void **state)
{
    size_t which = 9;
    covey_audit_document d = document(amended, mandate_scope, 2);

    (void)state;
    d.techniques |= 1u << COVEY_AUDIT_TLS;
    assert_int_equal(COVEY_AUDIT_WIDENS_TECHNIQUE, compare(&d, &which));
    assert_int_equal(COVEY_AUDIT_TLS, which);
    d = document(amended, mandate_scope, 2);
    d.mode = COVEY_AUDIT_ACCOUNT;
    assert_int_equal(COVEY_AUDIT_WIDENS_MODE, compare(&d, &which));
    uint32_t *const limits[] = { &d.limits.packets_s, &d.limits.bytes_s,
                                 &d.limits.packets_per_target,
                                 &d.limits.parallel };
    d.mode = COVEY_AUDIT_WHITE;
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        d.limits = mandate_limits;
        *limits[i] += 1;
        assert_int_equal(COVEY_AUDIT_WIDENS_LIMIT, compare(&d, &which));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_and_less_are_narrow),
        cmocka_unit_test(a_wider_clause_is_named),
        cmocka_unit_test(a_wider_window_is_named),
        cmocka_unit_test(more_rights_and_limits_are_named),
    };

    return KIT_RUN(tests);
}
