/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/coap_options.h>
#include <kit.h>
#include <later.h>

#include <stdlib.h>

enum {
    ROWS = 8,
    SHARE = ROWS / 4 /* of one address */
};

static struct later later;
static int links[2];
static struct resource resource;
static const covey_protector protector;

static struct link *link_at(int which)
{
    return (struct link *)&links[which];
}

static int make(void **state)
{
    (void)state;
    return later_open(&later, ROWS, 1, 1000) ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    later_close(&later);
    return 0;
}

/* Of this host, which tells its requests apart by tokens. */
static covey_endpoint_in from(uint8_t host, uint8_t token)
{
    static const uint8_t options[] = { 0xb1, 'a' };
    const covey_endpoint_in in = {
        .message = { .code = COVEY_COAP_CODE(0, 1),
                     .options = { options, sizeof options } },
        .opened = { .member = true },
        .request = { .path = { .peer = { .family = COVEY_FAMILY_IPV4,
                                         .ip = { 10, 0, 0, host },
                                         .port = token } },
                     .type = COVEY_COAP_CON,
                     .token_len = 1,
                     .token = { token } },
    };

    return in;
}

static uint64_t put(uint8_t host, uint8_t token, covey_ms due)
{
    const covey_endpoint_in in = from(host, token);
    uint8_t code = 0;
    struct later_row *row = later_take(&later, &in.request.path, &code);

    if (row == NULL) {
        return code;
    }
    assert_true(later_put(&later, row, link_at(0), &in, &resource, due));
    return later_name(&later, row);
}

static bool waits(uint8_t host, uint8_t token)
{
    const covey_endpoint_in in = from(host, token);

    return later_find(&later, link_at(0), &in.request) != NULL;
}

static void request_is_there_again_but_for_its_body(void **state)
{
    struct later_row *row = later_named(&later, put(1, 2, 2000));
    covey_endpoint_in in;
    covey_bytes value;

    (void)state;
    assert_non_null(row);
    in = later_request(row);
    assert_ptr_equal(&resource, row->resource);
    assert_int_equal(COVEY_ENDPOINT_REQUEST, in.kind);
    assert_int_equal(COVEY_COAP_CODE(0, 1), in.message.code);
    assert_int_equal(0, in.message.payload.len);
    assert_true(in.opened.member);
    assert_int_equal(2, in.request.token[0]);
    assert_true(covey_option_get(&in.message, COVEY_OPTION_URI_PATH, &value));
    assert_memory_equal("a", value.ptr, value.len);
}

static void client_and_token_find_it(void **state)
{
    const covey_endpoint_in in = from(1, 2);
    covey_endpoint_in longer = in; /* or protected */

    (void)state;
    assert_null(later_find(&later, link_at(0), &in.request));
    put(1, 2, 2000);
    put(2, 2, 2000);
    assert_non_null(later_find(&later, link_at(0), &in.request));
    assert_null(later_find(&later, link_at(1), &in.request));
    assert_false(waits(1, 3));
    assert_false(waits(3, 2));
    longer.request.token_len = 2;
    assert_null(later_find(&later, link_at(0), &longer.request));
    longer.request.token_len = 1;
    longer.request.security.protector = &protector;
    assert_null(later_find(&later, link_at(0), &longer.request));
}

static void name_is_never_used_again(void **state)
{
    const uint64_t name = put(1, 2, 2000);

    (void)state;
    later_drop(&later, later_named(&later, name));
    assert_null(later_named(&later, name));
    assert_null(later_named(&later, 0));
    assert_null(later_named(&later, UINT64_MAX));
    assert_int_not_equal(name, put(1, 2, 2000)); /* the same row */
    assert_null(later_named(&later, name));
}

static void place_that_was_not_needed_is_free_again(void **state)
{
    const covey_endpoint_in in = from(1, 2);
    uint8_t code;

    (void)state;
    for (int i = 0; i < 3 * ROWS; i++) {
        struct later_row *row = later_take(&later, &in.request.path, &code);
        assert_non_null(row);
        assert_null(later_named(&later, later_name(&later, row)));
        later_return(&later, row);
    }
    assert_int_equal(0, later.used);
}

static void address_has_a_quarter_whatever_its_ports(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < SHARE; i++) {
        put(1, i, 2000);
    }
    assert_int_equal(COVEY_COAP_CODE(4, 29), put(1, 100, 2000));
    assert_int_equal(SHARE, later.used);
    later_drop(&later, later_due(&later, 2000));
    assert_non_null(later_named(&later, put(1, 100, 2000)));
}

static void full_table_takes_nobody(void **state)
{
    (void)state;
    for (uint8_t host = 0; later.used < ROWS; host++) {
        put(host, 1, 2000); /* some have the same place as others */
    }
    for (int host = 0; host < 256; host++) {
        assert_in_range(put((uint8_t)host, 2, 2000), 1, UINT8_MAX);
    }
    assert_int_equal(ROWS, later.used);
}

static void who_is_due_first_comes_first(void **state)
{
    (void)state;
    assert_int_equal(COVEY_NEVER, later_deadline(&later));
    put(1, 1, 5000);
    put(2, 2, 2000);
    put(3, 3, 4000);
    assert_true(later_deadline(&later) <= 2000);
    assert_null(later_due(&later, 1999));
    for (uint8_t i = 0; i < 3; i++) {
        static const uint8_t order[] = { 2, 3, 1 };
        struct later_row *row = later_due(&later, 5000);
        assert_non_null(row);
        assert_int_equal(order[i], row->request.token[0]);
        later_drop(&later, row);
    }
    assert_null(later_due(&later, 5000));
    assert_int_equal(COVEY_NEVER, later_deadline(&later));
}

static void who_is_answered_waits_no_more(void **state)
{
    struct later_row *row = later_named(&later, put(1, 1, 2000));
    const struct later_row removed = later_remove(&later, row);

    (void)state;
    assert_false(waits(1, 1));
    assert_null(later_due(&later, 5000));
    assert_int_equal(2, removed.options_len);
    free(removed.options);
}

static void connection_takes_its_requests_along(void **state)
{
    covey_endpoint_in in = from(1, 1);
    uint8_t code;

    (void)state;
    put(1, 1, 2000);
    in.request.path.connection = 7;
    in.request.path.transport = COVEY_TCP;
    for (int link = 0; link < 2; link++) {
        struct later_row *row = later_take(&later, &in.request.path, &code);
        assert_non_null(row);
        assert_true(
            later_put(&later, row, link_at(link), &in, &resource, 2000));
        later_drop(&later, later_find(&later, link_at(link), &in.request));
        row = later_take(&later, &in.request.path, &code);
        assert_true(
            later_put(&later, row, link_at(link), &in, &resource, 2000));
        later_lost(&later, link_at(link), &in.request.path);
        assert_null(later_find(&later, link_at(link), &in.request));
    }
    assert_int_equal(1, later.used);
    assert_true(waits(1, 1));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(request_is_there_again_but_for_its_body),
        EACH(client_and_token_find_it),
        EACH(name_is_never_used_again),
        EACH(place_that_was_not_needed_is_free_again),
        EACH(address_has_a_quarter_whatever_its_ports),
        EACH(full_table_takes_nobody),
        EACH(who_is_due_first_comes_first),
        EACH(who_is_answered_waits_no_more),
        EACH(connection_takes_its_requests_along),
    };

    return KIT_RUN(tests);
}
