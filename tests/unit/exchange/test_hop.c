/* SPDX-License-Identifier: BSD-2-Clause */
/* Hop-Limit (16): e1 0003 .. with an 8-bit delta is d1 03 value. */
#include "kit.h"

#include <covey/exchange.h>

static void counts_down_inserts_and_refuses(void **state)
{
    static const struct {
        const char *why;
        const char *hex;
        uint8_t initial;
        uint8_t code;
        uint8_t hop_limit;
    } cases[] = {
        { "absent, nothing put in", "", 0, 0, 0 },
        { "absent, put in", "", 16, 0, 16 },
        { "other options only", "b161", 16, 0, 16 },
        { "255", "d103ff", 16, 0, 254 },
        { "2", "d10302", 16, 0, 1 },
        { "1 is the end of the way", "d10301", 16, 0xa8, 77 },
        { "0 is none", "d10300", 16, 0x80, 77 },
        { "empty is none", "d003", 16, 0x80, 77 },
        { "256 is none", "d2030100", 16, 0x80, 77 },
    };
    uint8_t room[16];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_coap_message m = { 0 };
        uint8_t hop_limit = 77;
        kit_case(cases[i].why);
        m.options = kit_hex(cases[i].hex, room, sizeof room);
        assert_int_equal(cases[i].code,
                         covey_hop_limit(&m, cases[i].initial, &hop_limit));
        assert_int_equal(cases[i].hop_limit, hop_limit);
    }
    kit_case(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_down_inserts_and_refuses),
    };

    return KIT_RUN(tests);
}
