/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/proxy.h>
#include <kit.h>

static covey_bytes text_of(const covey_address *a, uint8_t buf[64])
{
    covey_writer w = covey_writer_of(buf, 64);

    covey_proxy_ip_put(&w, a);
    CHECK_STATUS(COVEY_OK, w.failed);
    return covey_written(&w);
}

static void reads_and_writes_the_same(void **state)
{
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        { "192.0.2.1", "192.0.2.1" },
        { "0.0.0.0", "0.0.0.0" },
        { "255.255.255.255", "255.255.255.255" },
        { "::", "::" },
        { "::1", "::1" },
        { "1::", "1::" },
        { "ff05::fd", "ff05::fd" },
        { "FF05:0:0:0:0:0:0:00fD", "ff05::fd" },
        { "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
        { "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
        { "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
        { "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
        { "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
        { "::ffff:224.0.1.187", "224.0.1.187" },
        { "::ffff:e000:1bb", "224.0.1.187" },
        { "0:0:0:0:0:FFFF:224.0.1.187", "224.0.1.187" },
    };
    uint8_t buf[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_address a = { .port = 7 };
        kit_case(cases[i].in);
        assert_true(covey_proxy_ip_get(covey_bytes_text(cases[i].in), &a));
        assert_int_equal(a.port, 7);
        CHECK_SPAN(covey_bytes_text(cases[i].out), text_of(&a, buf));
    }
    kit_case(NULL);
}

static void refuses_what_is_no_address(void **state)
{
    static const char *const cases[] = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.",
        "1.2.3.4.5",
        "01.2.3.4",
        "1.2.3.256",
        "0x7f.0.0.1",
        "1.2.3.4 ",
        "1..2.3",
        "2130706433",
        ":",
        ":::",
        "1:",
        ":1",
        "1::2::3",
        "12345::",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7",
        "g::",
        "::1%lo",
        "[::1]",
        "::1.2.3",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1:2:3:4::5:6:7:8",
        "::ffff:256.0.0.1",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_address a = { .port = 7 };
        kit_case(cases[i]);
        assert_false(covey_proxy_ip_get(covey_bytes_text(cases[i]), &a));
        assert_int_equal(a.family, COVEY_FAMILY_NONE);
    }
    kit_case(NULL);
}

/* What is written is read as the same again. */
static void survives_the_way_there_and_back(void **state)
{
    kit_random r = { 1 };
    uint8_t buf[64];

    (void)state;
    for (unsigned n = 0; n < 20000; n++) {
        covey_address a = { .family = COVEY_FAMILY_IPV6 };
        covey_address b = { .family = 0 };
        const uint32_t zeros = kit_next(&r);
        for (unsigned i = 0; i < 16; i++) {
            a.ip[i] = zeros >> i / 2 & 1 ? 0 : (uint8_t)kit_next(&r);
        }
        covey_proxy_normalise(&a);
        assert_true(covey_proxy_ip_get(text_of(&a, buf), &b));
        assert_true(covey_address_equal(&a, &b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_the_same),
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(survives_the_way_there_and_back),
    };

    return KIT_RUN(tests);
}
