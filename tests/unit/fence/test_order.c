/* SPDX-License-Identifier: BSD-2-Clause */
#include <apps/covey-fence/order.h>

#include "kit.h"

#include <stdio.h>
#include <stdlib.h>

#define HEAD "covey-fence 1\ntarget 192.0.2.2\nsource 192.0.2.1\n"
#define REST "rate 20 2000\nbudget 100\nseconds 30\n"

static fence_order order;

/* Whether it is read; if not there is one message. */
static bool reads(covey_bytes text)
{
    char *said = NULL;
    size_t len = 0;
    FILE *messages = open_memstream(&said, &len);

    assert_non_null(messages);
    const bool good = order_read(text, &order, messages);
    assert_int_equal(fclose(messages), 0);
    assert_true(good == (len == 0));
    if (!good) {
        assert_ptr_equal(memchr(said, '\n', len), said + len - 1);
    }
    free(said);
    return good;
}

static void what_is_complete_is_read(void **state)
{
    const covey_bytes text =
        SPAN(HEAD "source 2001:db8::1\n" REST
                  "permit 1\npermit 6 1-5\npermit 6 7-7\npermit 17 0-65535\n"
                  "end\n");

    (void)state;
    assert_true(reads(text));
    assert_true(order_is_complete(text));
    assert_int_equal(order.target.ip[3], 2);
    assert_int_equal(order.source_count, 2);
    assert_int_equal(order.packets_s, 20);
    assert_int_equal(order.bytes_s, 2000);
    assert_int_equal(order.budget, 100);
    assert_int_equal(order.seconds, 30);
    assert_int_equal(order.permit_count, 4);
    assert_int_equal(order.permits[0].protocol, 1);
    assert_int_equal(order.permits[2].first, 7);
    assert_int_equal(order.permits[3].last, 65535);
}

static void what_is_not_right_is_refused(void **state)
{
    static const struct {
        const char *why;
        const char *text;
    } rows[] = {
        { "nothing", "" },
        { "no version", "target 192.0.2.2\nend\n" },
        { "another version", "covey-fence 2\nend\n" },
        { "a version later", HEAD "covey-fence 1\n" REST "permit 1\nend\n" },
        { "no permit", HEAD REST "end\n" },
        { "no rate", HEAD "budget 1\nseconds 1\npermit 1\nend\n" },
        { "no end", HEAD REST "permit 1\n" },
        { "more behind the end", HEAD REST "permit 1\nend\nend\n" },
        { "two targets", HEAD "target 192.0.2.3\n" REST "permit 1\nend\n" },
        { "a network", "covey-fence 1\ntarget 192.0.2.0/24\nend\n" },
        { "the canary", "covey-fence 1\ntarget 192.0.0.8\nend\n" },
        { "the other canary", "covey-fence 1\ntarget 100::1\nend\n" },
        { "a group", "covey-fence 1\ntarget ff02::1\nend\n" },
        { "a zero in front", HEAD "rate 01 1\nend\n" },
        { "a number too large", HEAD "rate 1 4294967296\nend\n" },
        { "a day", HEAD "seconds 86400\nend\n" },
        { "two spaces", HEAD "budget  1\nend\n" },
        { "a space at the end", HEAD "budget 1 \nend\n" },
        { "a tab", HEAD "budget\t1\nend\n" },
        { "too many words", HEAD "permit 6 1-2 3\nend\n" },
        { "a tunnel", HEAD REST "permit 4\nend\n" },
        { "TCP without ports", HEAD REST "permit 6\nend\n" },
        { "ICMP with ports", HEAD REST "permit 1 0-9\nend\n" },
        { "ports reversed", HEAD REST "permit 6 9-1\nend\n" },
        { "permits that touch",
          HEAD REST "permit 6 1-5\npermit 6 6-7\nend\n" },
        { "permits reversed", HEAD REST "permit 17 1-5\npermit 6 1-5\nend\n" },
        { "behind the last port",
          HEAD REST "permit 6 1-65535\npermit 6 0-0\nend\n" },
        { "a carriage return", HEAD REST "permit 1\r\nend\n" },
        { "an unknown word", HEAD REST "permit 1\nallow 6\nend\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        kit_case(rows[i].why);
        assert_false(reads(covey_bytes_of((const uint8_t *)rows[i].text,
                                          strlen(rows[i].text))));
    }
    kit_case(NULL);
}

static void sources_and_permits_have_an_end(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_non_null(out);
    fputs(HEAD REST, out);
    for (unsigned i = 0; i <= ORDER_PERMITS_MAX; i++) {
        fprintf(out, "permit 6 %u-%u\n", 2 * i, 2 * i);
    }
    fputs("end\n", out);
    assert_int_equal(fclose(out), 0);
    assert_false(reads(covey_bytes_of((const uint8_t *)text, len)));
    free(text);
}

static void no_two_bytes_are_an_order(void **state)
{
    uint8_t bytes[2];

    (void)state;
    for (unsigned i = 0; i < 65536; i++) {
        bytes[0] = (uint8_t)(i >> 8);
        bytes[1] = (uint8_t)i;
        assert_false(reads(covey_bytes_of(bytes, 2)));
        assert_false(order_is_complete(covey_bytes_of(bytes, 2)));
    }
    assert_false(reads(covey_bytes_of(bytes, 1)));
}

/* A prefix of an order is none, and is not complete. */
static void every_prefix_is_refused(void **state)
{
    const covey_bytes text = SPAN(HEAD REST "permit 6 1-5\nend\n");

    (void)state;
    for (size_t n = 0; n < text.len; n++) {
        assert_false(reads(covey_bytes_of(text.ptr, n)));
        assert_false(order_is_complete(covey_bytes_of(text.ptr, n)));
    }
    assert_true(reads(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_complete_is_read),
        cmocka_unit_test(what_is_not_right_is_refused),
        cmocka_unit_test(sources_and_permits_have_an_end),
        cmocka_unit_test(no_two_bytes_are_an_order),
        cmocka_unit_test(every_prefix_is_refused),
    };

    return KIT_RUN(tests);
}
