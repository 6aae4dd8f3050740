/* SPDX-License-Identifier: BSD-2-Clause */
/* Both orders. tests/cli/audit_vuln.py compares the first with dpkg(1). */
#include "kit.h"

#include <vuln.h>

struct row {
    const char *why;
    const char *a;
    const char *b;
    int expected; /* its sign */
};

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void check(const struct row *rows, size_t count,
                  int (*compare)(const char *, const char *))
{
    for (size_t i = 0; i < count; i++) {
        const struct row *r = &rows[i];
        kit_case(r->why);
        assert_int_equal(r->expected, sign(compare(r->a, r->b)));
        assert_int_equal(-r->expected, sign(compare(r->b, r->a)));
        assert_int_equal(0, compare(r->a, r->a));
        assert_int_equal(0, compare(r->b, r->b));
    }
}

/* clang-format off */
static const struct row dpkg[] = {
    { "numbers are numbers", "1.9", "1.10", -1 },
    { "leading zeros do not count", "1.02", "1.2", 0 },
    { "a number longer than any integer", "1.99999999999999999999999",
      "1.100000000000000000000000", -1 },
    { "no epoch is epoch 0", "1.0", "0:1.0", 0 },
    { "the epoch comes first", "1:0.1", "9.9", 1 },
    { "epochs are numbers", "10:1", "9:1", 1 },
    { "a tilde is before the end", "1.0~rc1", "1.0", -1 },
    { "a tilde is before everything", "1.0~", "1.0~~", 1 },
    { "two tildes", "1.0~~a", "1.0~", -1 },
    { "letters are before other signs", "1.0a", "1.0+", -1 },
    { "the end is before letters", "1.0", "1.0a", -1 },
    { "signs after letters", "1.0.1", "1.0a1", 1 },
    { "no revision is revision 0", "1.0", "1.0-0", 0 },
    { "the revision counts last", "1.0-2", "1.0-10", -1 },
    { "the last hyphen divides", "1-1-1", "1-1-2", -1 },
    { "a hyphen in the upstream version", "1-2-1", "1-10-1", -1 },
    { "back-ports", "1:9.2p1-2+deb12u10", "1:9.2p1-2+deb12u9", 1 },
    { "a back-port is below the next upstream", "1:9.2p1-2+deb12u10",
      "1:9.8p1-1", -1 },
    { "a rebuild is above", "1.0-1+b1", "1.0-1", 1 },
    { "a back-port to an older release is below", "1.0-1~bpo12+1", "1.0-1",
      -1 },
    { "a colon without digits is no epoch", "a:1", "a:2", -1 },
    { "nothing", "", "", 0 },
    { "nothing is below something", "", "a", -1 },
    { "nothing is zero", "", "0", 0 },
};

static const struct row plain[] = {
    { "numbers are numbers", "9.2", "9.10", -1 },
    { "letters behind are later", "9.2", "9.2p1", -1 },
    { "their numbers count", "9.2p1", "9.2p2", -1 },
    { "the next number is above", "9.2p2", "9.3", -1 },
    { "candidates are before", "1.0rc1", "1.0", -1 },
    { "and are ordered", "1.0-beta2", "1.0-rc1", -1 },
    { "one letter", "1.1.1a", "1.1.1w", -1 },
    { "separators are the same", "1.2.3", "1-2_3", 0 },
    { "a number is above letters", "1.0.1", "1.0.x", 1 },
    { "more is above", "1.0", "1.0.0", -1 },
};
/* clang-format on */

static void dpkg_versions_are_ordered_as_dpkg_does(void **state)
{
    (void)state;
    check(dpkg, sizeof dpkg / sizeof dpkg[0], vuln_dpkg_compare);
}

static void plain_versions_have_a_plausible_order(void **state)
{
    (void)state;
    check(plain, sizeof plain / sizeof plain[0], vuln_plain_compare);
}

/* All texts of up to three of these signs: any two of three decide the third.
 */
static void both_orders_are_orders(void **state)
{
    static const char signs[] = "01a~.-:";
    static char texts[400][4];
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        snprintf(texts[count++], 4, "%c", signs[i]);
        for (size_t k = 0; k < 7; k++) {
            snprintf(texts[count++], 4, "%c%c", signs[i], signs[k]);
            for (size_t n = 0; n < 7; n++) {
                snprintf(texts[count++], 4, "%c%c%c", signs[i], signs[k],
                         signs[n]);
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            const size_t n = (i * 31 + k * 17) % count;
            const char *a = texts[i];
            const char *b = texts[k];
            const char *c = texts[n];
            assert_int_equal(sign(vuln_dpkg_compare(a, b)),
                             -sign(vuln_dpkg_compare(b, a)));
            assert_int_equal(sign(vuln_plain_compare(a, b)),
                             -sign(vuln_plain_compare(b, a)));
            if (vuln_dpkg_compare(a, b) <= 0 && vuln_dpkg_compare(b, c) <= 0) {
                assert_true(vuln_dpkg_compare(a, c) <= 0);
            }
            if (vuln_plain_compare(a, b) <= 0 &&
                vuln_plain_compare(b, c) <= 0) {
                assert_true(vuln_plain_compare(a, c) <= 0);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dpkg_versions_are_ordered_as_dpkg_does),
        cmocka_unit_test(plain_versions_have_a_plausible_order),
        cmocka_unit_test(both_orders_are_orders),
    };
    return KIT_RUN(tests);
}
