/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a response is sent, and when. */
#include "kit.h"

#include <covey/coap_options.h>
#include <covey/exchange.h>

static void decides_by_class_group_and_client(void **state)
{
    static const struct {
        const char *why;
        int no_response; /* -1: none */
        bool group;
        bool authenticated;
        bool always;
        uint8_t code;
        size_t payload;
        bool wanted;
    } cases[] = {
        { "unicast", -1, false, false, false, 0x45, 1, true },
        { "unicast error", -1, false, false, false, 0x84, 0, true },
        { "2.xx not wanted", 2, false, false, false, 0x45, 1, false },
        { "4.xx wanted", 2, false, false, false, 0x84, 1, true },
        { "4.xx not wanted", 8, false, false, false, 0x84, 1, false },
        { "5.xx not wanted", 16, false, false, false, 0xa0, 1, false },
        { "nothing wanted", 26, false, false, false, 0xa0, 1, false },
        { "bit of a class 3", 4, false, false, false, 0x84, 1, true },
        { "group", -1, true, false, false, 0x45, 1, true },
        { "group, no content", -1, true, false, false, 0x45, 0, false },
        { "group, changed", -1, true, false, false, 0x44, 0, true },
        { "group, not found", -1, true, false, false, 0x84, 9, false },
        { "group, server error", -1, true, true, false, 0xa0, 9, false },
        { "resource wants it", -1, true, false, true, 0x84, 9, true },
        { "resource wants it, client not", 8, true, false, true, 0x84, 9,
          false },
        { "anybody may widen", 2, true, false, false, 0x45, 1, false },
        { "nobody unknown may narrow", 0, true, false, false, 0x84, 9, false },
        { "known clients may narrow", 0, true, true, false, 0x84, 9, true },
        { "known client, empty too", 0, true, true, false, 0x45, 0, true },
        { "known client, other class", 2, true, true, false, 0x84, 0, true },
        { "known client, this class", 8, true, true, false, 0x84, 0, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_reply_terms t = { cases[i].group, cases[i].authenticated,
                                cases[i].always, cases[i].no_response >= 0,
                                (uint8_t)cases[i].no_response };
        kit_case(cases[i].why);
        assert_int_equal(
            cases[i].wanted,
            covey_reply_wanted(&t, cases[i].code, cases[i].payload));
    }
    kit_case(NULL);
}

/* No-Response is 258: one byte of value, or none for 0. */
static void reads_no_response(void **state)
{
    static const struct {
        const char *hex;
        bool has;
        uint8_t value;
    } cases[] = {
        { "", false, 0 },       { "d0f5", true, 0 },
        { "d1f51a", true, 26 }, { "d2f5001a", false, 0 },
        { "d1f6ff", false, 0 },
    };
    uint8_t room[16];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_reply_terms t = { true, true, true, true, 99 };
        covey_coap_message m = { 0 };
        kit_case(cases[i].hex);
        m.options = kit_hex(cases[i].hex, room, sizeof room);
        covey_reply_read(&t, &m);
        assert_int_equal(cases[i].has, t.has_no_response);
        assert_int_equal(cases[i].value, t.no_response);
        assert_true(t.group && t.authenticated && t.always);
    }
    kit_case(NULL);
}

/* REQ-V-04: the defaults below. */
static void spreads_replies_over_the_leisure(void **state)
{
    unsigned tenth[10] = { 0 };
    kit_random dice = { 3 };

    (void)state;
    assert_int_equal(5000, covey_reply_leisure(COVEY_REPLY_OPEN));
    assert_int_equal(20000, covey_reply_leisure(COVEY_REPLY_GROUP_MODE));
    assert_int_equal(13000, covey_reply_leisure(COVEY_REPLY_PAIRWISE));
    assert_int_equal(0, covey_reply_delay(5000, 0));
    assert_int_equal(5000, covey_reply_delay(5000, UINT32_MAX));
    assert_int_equal(0, covey_reply_delay(0, UINT32_MAX));
    assert_int_equal(UINT32_MAX, covey_reply_delay(UINT32_MAX, UINT32_MAX));
    for (int i = 0; i < 10000; i++) {
        tenth[covey_reply_delay(9999, kit_next(&dice)) / 1000]++;
    }
    for (int i = 0; i < 10; i++) {
        assert_in_range(tenth[i], 850, 1150); /* five times the deviation */
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_by_class_group_and_client),
        cmocka_unit_test(reads_no_response),
        cmocka_unit_test(spreads_replies_over_the_leisure),
    };

    return KIT_RUN(tests);
}
