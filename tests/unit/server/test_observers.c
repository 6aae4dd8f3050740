/* SPDX-License-Identifier: BSD-2-Clause */
#include <kit.h>
#include <observers.h>

enum {
    ROWS = 8
};

static struct observers observers;
static int links[2];

static int make(void **state)
{
    (void)state;
    return observers_open(&observers, ROWS, 2, 1) ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    observers_close(&observers);
    return 0;
}

static covey_endpoint_request from(uint16_t port, uint8_t token)
{
    const covey_endpoint_request r = {
        .path = { .peer = { .family = COVEY_FAMILY_IPV4, .port = port } },
        .token_len = 1,
        .token = { token },
    };

    return r;
}

static struct observer *add(uint16_t port, uint8_t token, uint32_t resource)
{
    const covey_endpoint_request r = from(port, token);

    return observers_add(&observers, &links[0], &r, resource);
}

static struct observer *find(int link, uint16_t port, uint8_t token)
{
    const covey_endpoint_request r = from(port, token);

    return observers_find(&observers, &links[link], &r);
}

/* How many observe it, walked in both directions. */
static unsigned count_of(uint32_t resource)
{
    unsigned count = 0;
    uint32_t before = OBSERVER_NONE;

    for (uint32_t i = observers.firsts[resource]; i != OBSERVER_NONE;
         i = observers.rows[i].next) {
        assert_int_equal(resource, observers.rows[i].resource);
        assert_int_equal(before, observers.rows[i].prev);
        before = i;
        count++;
    }
    return count;
}

static void client_and_token_name_an_observer(void **state)
{
    (void)state;
    struct observer *row = add(1, 7, 0);
    assert_non_null(row);
    assert_ptr_equal(row, find(0, 1, 7));
    assert_null(find(1, 1, 7));
    assert_null(find(0, 2, 7));
    assert_null(find(0, 1, 8));
    observers_remove(&observers, row);
    assert_null(find(0, 1, 7));
    assert_int_equal(0, count_of(0));
}

static void observer_that_registers_again_is_one(void **state)
{
    (void)state;
    const uint64_t name = observers_name(&observers, add(1, 7, 0));
    struct observer *row = add(1, 7, 1);
    assert_int_equal(0, count_of(0));
    assert_int_equal(1, count_of(1));
    assert_null(observers_named(&observers, name));
    assert_ptr_equal(
        row, observers_named(&observers, observers_name(&observers, row)));
}

static void full_table_takes_no_more(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < ROWS; i++) {
        assert_non_null(add(i, 0, i % 2));
    }
    assert_null(add(ROWS, 0, 0));
    assert_int_equal(ROWS / 2, count_of(0));
    observers_remove(&observers, find(0, 3, 0));
    assert_non_null(add(ROWS, 0, 0));
}

static void any_order_of_leaving_is_good(void **state)
{
    kit_random r = { 1 };
    bool there[ROWS] = { false };

    (void)state;
    for (int turn = 0; turn < 10000; turn++) {
        const uint16_t i = (uint16_t)(kit_next(&r) % ROWS);
        struct observer *row = find(0, i, 1);
        assert_int_equal(there[i], row != NULL);
        if (there[i]) {
            observers_remove(&observers, row);
        } else {
            assert_non_null(add(i, 1, kit_next(&r) % 2));
        }
        there[i] = !there[i];
        unsigned all = 0;
        for (size_t k = 0; k < ROWS; k++) {
            all += there[k] ? 1 : 0;
        }
        assert_int_equal(all, count_of(0) + count_of(1));
    }
}

static void names_that_nobody_gave_are_nothing(void **state)
{
    (void)state;
    assert_null(observers_named(&observers, 0));
    assert_null(observers_named(&observers, UINT64_MAX));
}

static void observer_acknowledges_now_and_then(void **state)
{
    struct observer *row = add(1, 1, 0);

    (void)state;
    for (unsigned i = 0; i < 32; i++) {
        assert_int_equal(OBSERVER_TOLD, observers_turn(row, 5));
    }
    assert_int_equal(OBSERVER_ASKED, observers_turn(row, 6));
    assert_int_equal(OBSERVER_TOLD, observers_turn(row, 6));
    assert_int_equal(OBSERVER_TOLD, observers_turn(row, 86400005));
    assert_int_equal(OBSERVER_ASKED, observers_turn(row, 86400006));
}

/* A resource that changes faster than a message times out does not keep an
 * observer that has gone. */
static void observer_that_never_acknowledges_is_forsaken(void **state)
{
    struct observer *row = add(1, 1, 0);
    covey_ms now = 86400000;

    (void)state;
    assert_int_equal(OBSERVER_ASKED, observers_turn(row, now));
    row->sent.serial = 1;
    for (unsigned i = 0; i < 93; i++) {
        assert_int_equal(OBSERVER_ASKED, observers_turn(row, now));
        now += 1000;
    }
    assert_int_equal(OBSERVER_FORSAKEN, observers_turn(row, now));
    row->sent.serial = 0;
    assert_int_equal(OBSERVER_TOLD, observers_turn(row, now));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, make, drop)

/* Other clients keep theirs, also those that share a chain with it. */
static void forgets_who_has_lost_its_connection(void **state)
{
    const covey_endpoint_request gone = from(3, 0);

    (void)state;
    for (uint16_t port = 1; port <= 4; port++) {
        assert_non_null(add(port, 1, port % 2));
        assert_non_null(add(port, 2, 0));
    }
    observers_lost(&observers, &links[1], &gone.path);
    assert_non_null(find(0, 3, 1));
    observers_lost(&observers, &links[0], &gone.path);
    observers_lost(&observers, &links[0], &gone.path);
    for (uint16_t port = 1; port <= 4; port++) {
        assert_true((find(0, port, 1) != NULL) == (port != 3));
        assert_true((find(0, port, 2) != NULL) == (port != 3));
    }
    assert_non_null(add(5, 1, 0));
    assert_non_null(add(5, 2, 0));
    assert_null(add(5, 3, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(client_and_token_name_an_observer),
        EACH(observer_that_registers_again_is_one),
        EACH(full_table_takes_no_more),
        EACH(any_order_of_leaving_is_good),
        EACH(names_that_nobody_gave_are_nothing),
        EACH(observer_acknowledges_now_and_then),
        EACH(observer_that_never_acknowledges_is_forsaken),
        EACH(forgets_who_has_lost_its_connection),
    };

    return KIT_RUN(tests);
}
