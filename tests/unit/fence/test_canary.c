/* SPDX-License-Identifier: BSD-2-Clause */
#include <apps/covey-fence/canary.h>

#include "kit.h"

#include <system_address.h>

static covey_bytes make(const char *source, uint8_t out[CANARY_MAX])
{
    fence_route r = { .mac = { 0x02, 0, 0, 0, 0, 0x0a } };

    assert_true(address_parse(source, 0, &r.source));
    return covey_bytes_of(out, canary_make(&r, out));
}

static void of_ipv4(void **state)
{
    uint8_t out[CANARY_MAX];

    (void)state;
    CHECK_HEX("020000000001 02000000000a 0800"  /* Ethernet */
              "45 00 001c 0000 0000 01 11 37c8" /* one hop, UDP, checksum */
              "c0000201 c0000008"               /* to 192.0.0.8 */
              "0009 0009 0008 0000",            /* to discard, empty */
              make("192.0.2.1", out));
}

static void of_ipv6(void **state)
{
    uint8_t out[CANARY_MAX];

    (void)state;
    CHECK_HEX("020000000001 02000000000a 86dd"
              "60000000 0008 11 01" /* eight bytes, UDP, one hop */
              "20010db8000000000000000000000001"
              "01000000000000000000000000000001" /* to 100::1 */
              "0009 0009 0008 0000",
              make("2001:db8::1", out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_ipv4),
        cmocka_unit_test(of_ipv6),
    };

    return KIT_RUN(tests);
}
