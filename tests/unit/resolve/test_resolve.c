/* SPDX-License-Identifier: BSD-2-Clause */
/* With the names that every host knows. */
#include "kit.h"

#include <resolve.h>

#include <string.h>

struct heard {
    loop *l;
    unsigned calls;
    size_t count;
    covey_address first;
    bool stops;
};

static void on_done(void *user, const covey_address *addresses, size_t count)
{
    struct heard *h = user;

    h->calls++;
    h->count = count;
    if (count > 0) {
        h->first = addresses[0];
    }
    if (h->stops) {
        loop_stop(h->l);
    }
}

static void a_name_has_addresses(void **state)
{
    struct heard h = { .l = loop_new() };
    resolver *r = resolver_new(h.l, 4);

    (void)state;
    assert_true(
        resolver_ask(r, covey_bytes_text("localhost"), 5685, on_done, &h));
    assert_int_equal(h.calls, 0);
    loop_run(h.l);
    assert_int_equal(h.calls, 1);
    assert_true(h.count > 0);
    assert_true(covey_address_is_loopback(&h.first));
    assert_int_equal(h.first.port, 5685);
    resolver_end(r);
    loop_free(h.l);
}

static void a_name_without_addresses_has_none(void **state)
{
    /* Labels have 63 bytes at most, so that nobody is asked. */
    static const char label[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    struct heard h = { .l = loop_new() };
    resolver *r = resolver_new(h.l, 4);

    (void)state;
    assert_true(resolver_ask(r, covey_bytes_text(label), 1, on_done, &h));
    loop_run(h.l);
    assert_int_equal(h.calls, 1);
    assert_int_equal(h.count, 0);
    resolver_end(r);
    loop_free(h.l);
}

static void refuses_what_is_no_name_and_too_many(void **state)
{
    uint8_t longest[RESOLVE_NAME_MAX + 1];
    struct heard h = { .l = loop_new() };
    resolver *r = resolver_new(h.l, 2);

    (void)state;
    memset(longest, 'a', sizeof longest);
    assert_false(resolver_ask(r, covey_bytes_of(longest, 0), 1, on_done, &h));
    assert_false(resolver_ask(r, covey_bytes_of(longest, sizeof longest), 1,
                              on_done, &h));
    assert_false(resolver_ask(r, covey_bytes_of((const uint8_t *)"a\0b", 3), 1,
                              on_done, &h));
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(
            resolver_ask(r, covey_bytes_text("127.0.0.1"), 1, on_done, &h),
            i < 2);
    }
    loop_run(h.l);
    assert_int_equal(h.calls, 2);
    assert_true(
        resolver_ask(r, covey_bytes_text("127.0.0.1"), 1, on_done, &h));
    loop_run(h.l);
    assert_int_equal(h.calls, 3);
    resolver_end(r);
    loop_free(h.l);
}

/* Memory is freed, and nobody is told any more. */
static void ends_in_the_middle(void **state)
{
    struct heard h = { .l = loop_new() };
    resolver *r = resolver_new(h.l, 32);

    (void)state;
    for (unsigned i = 0; i < 32; i++) {
        assert_true(
            resolver_ask(r, covey_bytes_text("localhost"), 1, on_done, &h));
    }
    resolver_end(r);
    loop_free(h.l);
    assert_int_equal(h.calls, 0);
    resolver_end(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_has_addresses),
        cmocka_unit_test(a_name_without_addresses_has_none),
        cmocka_unit_test(refuses_what_is_no_name_and_too_many),
        cmocka_unit_test(ends_in_the_middle),
    };

    return KIT_RUN(tests);
}
