/* SPDX-License-Identifier: BSD-2-Clause */
#include "compose.h"

#define SEED COVEY_OPTION_MULTICAST_SIGNALING
#define WG   COVEY_OPTION_MULTICAST_TIMEOUT

static covey_status read(covey_proxy_wait *out, const struct option *list)
{
    uint8_t storage[256];
    const covey_coap_message m = compose(storage, sizeof storage, 1, list);

    return covey_proxy_wait_read(&m, out);
}

/* REQ-OPT-01: the numbers stand in the one table. */
static void takes_its_numbers_from_the_table(void **state)
{
    (void)state;
    assert_int_equal(2, covey_option_by_name("Multicast-Timeout")->number);
    assert_int_equal(248, covey_option_by_name("Reply-From")->number);
    assert_int_equal(24, covey_option_by_name("Group-ETag")->number);
    assert_int_equal(65002,
                     covey_option_by_name("Multicast-Signaling")->number);
    assert_int_equal(65004,
                     covey_option_by_name("Response-Forwarding")->number);
    assert_true(covey_option_unsafe(WG) && !covey_option_critical(WG));
    assert_true(covey_option_unsafe(SEED) && !covey_option_critical(SEED));
    assert_false(covey_option_unsafe(COVEY_OPTION_REPLY_FROM));
    assert_false(covey_option_unsafe(COVEY_OPTION_RESPONSE_FORWARDING));
}

/* REQ-OPT-02, REQ-OPT-07. */
static void writes_the_shortest_form(void **state)
{
    static const struct {
        covey_proxy_wait wait;
        const char *hex;
    } cases[] = {
        { { COVEY_PROXY_07, 0 }, "" },
        { { COVEY_PROXY_07, 60 }, "3c" },
        { { COVEY_PROXY_07, 300 }, "012c" },
        { { COVEY_PROXY_07, UINT32_MAX }, "ffffffff" },
        { { COVEY_PROXY_SEED, 0 }, "00" },
        { { COVEY_PROXY_SEED, 60 }, "3c" },
        { { COVEY_PROXY_SEED, 300 }, "012c" },
    };
    uint8_t buf[4];
    covey_bytes value;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(covey_proxy_wait_option(&cases[i].wait, buf, &value),
                         cases[i].wait.profile == COVEY_PROXY_07 ? WG : SEED);
        CHECK_HEX(cases[i].hex, value);
    }
}

static void reads_either_generation(void **state)
{
    covey_proxy_wait w;

    (void)state;
    CHECK_STATUS(COVEY_OK,
                 read(&w, (struct option[]){ { 11, "a", 0 }, { 0 } }));
    assert_int_equal(w.profile, COVEY_PROXY_NONE);
    CHECK_STATUS(COVEY_OK,
                 read(&w, (struct option[]){ { WG, "", 0 }, { 0 } }));
    assert_true(w.profile == COVEY_PROXY_07 && w.seconds == 0);
    CHECK_STATUS(COVEY_OK,
                 read(&w, (struct option[]){ { WG, "\1\x2c", 0 }, { 0 } }));
    assert_true(w.profile == COVEY_PROXY_07 && w.seconds == 300);
    CHECK_STATUS(COVEY_OK,
                 read(&w, (struct option[]){ { SEED, "\x3c", 0 }, { 0 } }));
    assert_true(w.profile == COVEY_PROXY_SEED && w.seconds == 60);
    CHECK_STATUS(COVEY_OK, read(&w, (struct option[]){
                                        { SEED, "\1\0\0\0\0", 5 }, { 0 } }));
    assert_true(w.profile == COVEY_PROXY_SEED && w.seconds == UINT32_MAX);
}

/* REQ-CHAIN-01. */
static void leaves_time_for_the_way_back(void **state)
{
    static const struct {
        uint32_t seconds;
        uint32_t margin;
        bool fits;
        uint32_t after;
    } cases[] = {
        { 0, 2, true, 0 },   { 1, 2, false, 3 },
        { 2, 2, false, 3 },  { 3, 2, true, 1 },
        { 60, 5, true, 55 }, { UINT32_MAX, 1, true, UINT32_MAX - 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_proxy_wait w = { COVEY_PROXY_SEED, cases[i].seconds };
        assert_int_equal(covey_proxy_wait_onward(&w, cases[i].margin),
                         cases[i].fits);
        assert_int_equal(w.seconds, cases[i].after);
        assert_int_equal(w.profile, COVEY_PROXY_SEED);
    }
}

/* REQ-OPT-03, REQ-OPT-04. */
static void refuses_what_is_not_as_defined(void **state)
{
    static const struct {
        const char *why;
        struct option list[3];
    } cases[] = {
        { "five bytes", { { WG, "12345", 0 }, { 0 } } },
        { "repeated", { { WG, "1", 0 }, { WG, "1", 0 }, { 0 } } },
        { "seed: six bytes", { { SEED, "123456", 0 }, { 0 } } },
        { "seed: empty", { { SEED, "", 0 }, { 0 } } },
        { "seed: repeated", { { SEED, "1", 0 }, { SEED, "1", 0 }, { 0 } } },
        { "both", { { WG, "1", 0 }, { SEED, "1", 0 }, { 0 } } },
    };
    uint8_t storage[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_proxy_wait w = { COVEY_PROXY_07, 17 };
        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_E_UNSUPPORTED, read(&w, cases[i].list));
        assert_int_equal(w.seconds, 17);
        const covey_coap_message m =
            compose(storage, sizeof storage, 1, cases[i].list);
        assert_int_equal(covey_proxy_screen_request(&m),
                         COVEY_COAP_CODE(4, 2));
    }
    kit_case(NULL);
}

/* REQ-P-13. */
static void knows_an_early_stop(void **state)
{
    static const struct {
        const char *why;
        uint8_t code;
        bool stop;
        struct option list[3];
    } cases[] = {
        { "the request itself", 1, true, { { WG, "", 0 }, { 0 } } },
        { "with others", 1, true, { { WG, "", 0 }, { 16, "1", 0 }, { 0 } } },
        { "POST", 2, false, { { WG, "", 0 }, { 0 } } },
        { "not 0", 1, false, { { WG, "1", 0 }, { 0 } } },
        { "no option", 1, false, { { 16, "1", 0 }, { 0 } } },
        { "seed", 1, false, { { SEED, "\0", 1 }, { 0 } } },
        { "path", 1, false, { { WG, "", 0 }, { 11, "a", 0 }, { 0 } } },
        { "query", 1, false, { { WG, "", 0 }, { 15, "a", 0 }, { 0 } } },
        { "host", 1, false, { { WG, "", 0 }, { 3, "a", 0 }, { 0 } } },
        { "port", 1, false, { { WG, "", 0 }, { 7, "a", 0 }, { 0 } } },
        { "Proxy-Uri", 1, false, { { WG, "", 0 }, { 35, "a", 0 }, { 0 } } },
        { "Proxy-Scheme", 1, false, { { WG, "", 0 }, { 39, "a", 0 }, { 0 } } },
        { "Proxy-Cri", 1, false, { { WG, "", 0 }, { 235, "a", 0 }, { 0 } } },
        { "number", 1, false, { { WG, "", 0 }, { 239, "a", 0 }, { 0 } } },
    };
    uint8_t storage[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const covey_coap_message m =
            compose(storage, sizeof storage, cases[i].code, cases[i].list);
        kit_case(cases[i].why);
        assert_int_equal(covey_proxy_is_stop(&m), cases[i].stop);
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_time_for_the_way_back),
        cmocka_unit_test(takes_its_numbers_from_the_table),
        cmocka_unit_test(writes_the_shortest_form),
        cmocka_unit_test(reads_either_generation),
        cmocka_unit_test(refuses_what_is_not_as_defined),
        cmocka_unit_test(knows_an_early_stop),
    };

    return KIT_RUN(tests);
}
