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

/* Over a connection. */
static covey_endpoint_request over(uint16_t number, uint8_t token)
{
    covey_endpoint_request r = from(1, token);

    r.path.connection = number;
    r.path.transport = COVEY_TCP;
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

static void observer_with_keys_is_found_with_keys(void **state)
{
    static const covey_protector protector;
    covey_endpoint_request r = from(1, 7);

    (void)state;
    r.security.protector = &protector;
    assert_non_null(observers_add(&observers, &links[0], &r, 0));
    assert_null(find(0, 1, 7));
    assert_non_null(observers_find(&observers, &links[0], &r));
    assert_non_null(add(1, 7, 0));
    assert_int_equal(2, count_of(0));
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
    /* The first one is a turn ahead, the next one two. */
    for (unsigned i = 0; i < 31; i++) {
        assert_int_equal(OBSERVER_TOLD, observers_turn(row, 5));
    }
    assert_int_equal(OBSERVER_ASKED, observers_turn(row, 6));
    assert_int_equal(OBSERVER_TOLD, observers_turn(row, 6));
    row = add(2, 1, 0);
    for (unsigned i = 0; i < 30; i++) {
        assert_int_equal(OBSERVER_TOLD, observers_turn(row, 6));
    }
    assert_int_equal(OBSERVER_ASKED, observers_turn(row, 6));
    assert_int_equal(OBSERVER_TOLD, observers_turn(row, 86400005));
    assert_int_equal(OBSERVER_ASKED, observers_turn(row, 86400006));
}

/* What is needed to answer once more: with its security, if it has some, and
 * nothing of the datagram that it came in. */
static void request_is_kept(void **state)
{
    static const covey_protector protector = { .user = NULL };
    covey_endpoint_request kept;

    (void)state;
    for (uint8_t len = 0; len <= COVEY_ENDPOINT_TOKEN_MAX; len++) {
        covey_endpoint_request r = from(9, 3);
        r.token_len = len;
        memset(r.token, len, len);
        r.terms.always = true;
        r.type = COVEY_COAP_NON;
        r.number = 5;
        r.ref.serial = 6;
        if (len % 2 == 1) {
            r.security.protector = &protector;
            r.security.state[COVEY_SECURITY_STATE - 1] = len;
        }
        struct observer *row = observers_add(&observers, &links[0], &r, 0);
        assert_non_null(row);
        observers_request(row, &kept);
        r.number = 0;
        r.ref.serial = 0;
        assert_int_equal(len, kept.token_len);
        assert_memory_equal(r.token, kept.token, len);
        assert_memory_equal(&r.path, &kept.path, sizeof r.path);
        assert_memory_equal(&r.security, &kept.security, sizeof r.security);
        assert_true(kept.terms.always);
        assert_int_equal(COVEY_COAP_NON, kept.type);
        assert_int_equal(0, kept.number + kept.ref.serial);
        observers_remove(&observers, row);
    }
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
    covey_endpoint_request gone = over(3, 0);

    (void)state;
    for (uint16_t port = 1; port <= 4; port++) {
        const covey_endpoint_request one = over(port, 1);
        const covey_endpoint_request two = over(port, 2);
        assert_non_null(observers_add(&observers, &links[0], &one, port % 2));
        assert_non_null(observers_add(&observers, &links[0], &two, 0));
    }
    observers_lost(&observers, &links[1], &gone.path);
    gone.token[0] = 1;
    assert_non_null(observers_find(&observers, &links[0], &gone));
    observers_lost(&observers, &links[0], &gone.path);
    observers_lost(&observers, &links[0], &gone.path);
    for (uint16_t port = 1; port <= 4; port++) {
        const covey_endpoint_request one = over(port, 1);
        const covey_endpoint_request two = over(port, 2);
        assert_true((observers_find(&observers, &links[0], &one) != NULL) ==
                    (port != 3));
        assert_true((observers_find(&observers, &links[0], &two) != NULL) ==
                    (port != 3));
    }
    assert_non_null(add(5, 1, 0));
    assert_non_null(add(5, 2, 0));
    assert_null(add(5, 3, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(client_and_token_name_an_observer),
        EACH(observer_with_keys_is_found_with_keys),
        EACH(observer_that_registers_again_is_one),
        EACH(full_table_takes_no_more),
        EACH(any_order_of_leaving_is_good),
        EACH(names_that_nobody_gave_are_nothing),
        EACH(request_is_kept),
        EACH(observer_acknowledges_now_and_then),
        EACH(observer_that_never_acknowledges_is_forsaken),
        EACH(forgets_who_has_lost_its_connection),
    };

    return KIT_RUN(tests);
}
