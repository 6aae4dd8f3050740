/* SPDX-License-Identifier: BSD-2-Clause */
/* The contract of leases and counters, over either database. */
#include "lab.h"

#include <covey/oscore.h>
#include <poll.h>

#define ID SPAN("\x01\x02\x03")

static const store_numbers first = { 5, 0, false };

static store_lease take(store *s)
{
    store_lease lease = { .id_len = 0 };

    CHECK_STORE(STORE_OK, s, store_lease_take(s, ID, &first, &lease));
    return lease;
}

static void check_numbers(const store_lease *lease, uint64_t ssn,
                          uint64_t window)
{
    assert_int_equal(ssn, lease->numbers.ssn);
    assert_int_equal(window, lease->numbers.window);
}

static void numbers_survive(void **state)
{
    const store_numbers next = { 64, 32, true };
    struct lab lab = lab_begin();
    (void)state;

    store *s = lab_open(&lab);
    store_lease lease = take(s);
    check_numbers(&lease, 5, 0);
    CHECK_STORE(STORE_OK, s, store_lease_keep(s, &lease, &next));
    store_close(s);

    s = lab_open(&lab);
    lease = take(s);
    check_numbers(&lease, 64, 32);
    assert_true(lease.numbers.windows_invalid);
    assert_int_equal(2, lease.epoch);
    store_close(s);
    lab_end(&lab);
}

static void nothing_goes_back(void **state)
{
    static const struct {
        const char *why;
        store_numbers next;
        store_result expected;
    } cases[] = {
        { "less ssn", { 99, 50, false }, STORE_REFUSED },
        { "less window", { 100, 49, false }, STORE_REFUSED },
        { "the same", { 100, 50, false }, STORE_OK },
        { "ssn beyond the end",
          { COVEY_OSCORE_SSN_END + 1, 50, false },
          STORE_REFUSED },
        { "window beyond the end",
          { 100, COVEY_OSCORE_SSN_END + 1, false },
          STORE_REFUSED },
        { "more", { 101, 51, false }, STORE_OK },
        { "a lost window",
          { 101, COVEY_OSCORE_WINDOW_LOST, false },
          STORE_OK },
        { "recovered", { 101, 60, false }, STORE_OK },
        { "the end",
          { COVEY_OSCORE_SSN_END, COVEY_OSCORE_SSN_END, false },
          STORE_OK },
    };
    const store_numbers begin = { 100, 50, false };
    struct lab lab = lab_begin();
    (void)state;

    store *s = lab_open(&lab);
    store_lease lease = take(s);
    CHECK_STORE(STORE_OK, s, store_lease_keep(s, &lease, &begin));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        const store_numbers before = lease.numbers;
        CHECK_STORE(cases[i].expected, s,
                    store_lease_keep(s, &lease, &cases[i].next));
        if (cases[i].expected != STORE_OK) {
            check_numbers(&lease, before.ssn, before.window);
        }
    }
    kit_case(NULL);
    store_close(s);
    lab_end(&lab);
}

static bool is_at(const store_lease *lease, covey_bytes peer)
{
    return covey_bytes_equal(
        covey_bytes_of((const uint8_t *)lease->peer, lease->peer_len), peer);
}

/* Where the other side was heard: in the row for whoever comes next. */
static void where_the_peer_is_goes_along(void **state)
{
    uint8_t text[STORE_PEER_MAX + 1] = { 0 };
    const covey_bytes here = covey_bytes_of(text, 14);
    const covey_bytes longest = covey_bytes_of(text, STORE_PEER_MAX);
    const covey_bytes too_long = covey_bytes_of(text, sizeof text);
    struct lab lab = lab_begin();
    (void)state;

    memset(text, 'x', sizeof text);
    store *s = lab_open(&lab);
    store_lease lease = take(s);
    assert_int_equal(0, lease.peer_len);
    CHECK_STORE(STORE_OK, s, store_lease_peer(s, &lease, here));
    CHECK_STORE(STORE_REFUSED, s, store_lease_peer(s, &lease, too_long));
    assert_true(is_at(&lease, here));
    CHECK_STORE(STORE_OK, s, store_lease_release(s, &lease, NULL));
    lease = take(s); /* that was given back */
    assert_true(is_at(&lease, here));
    CHECK_STORE(STORE_OK, s, store_lease_peer(s, &lease, longest));
    store_close(s);

    s = lab_open(&lab);
    CHECK_STORE(STORE_OK, s, store_lease_try(s, ID, &first, &lease));
    assert_true(is_at(&lease, longest)); /* of somebody who died */
    lease.epoch--;
    CHECK_STORE(STORE_TAKEN, s, store_lease_peer(s, &lease, here));
    assert_true(is_at(&lease, longest));
    store_close(s);
    lab_end(&lab);
}

static void what_is_kept_later_is_there_after_the_commit(void **state)
{
    static const uint8_t text[] = "192.0.2.1:5683";
    struct lab lab = lab_begin();
    store_numbers next = { 0, 0, false };
    (void)state;

    store *s = lab_open(&lab);
    store_lease lease = take(s);
    CHECK_STORE(STORE_OK, s, store_begin_later(s));
    for (unsigned i = 0; i < 700; i++) { /* more than a pipeline takes */
        next.ssn = 10 + i;
        CHECK_STORE(STORE_OK, s, store_lease_keep(s, &lease, &next));
    }
    CHECK_STORE(STORE_OK, s,
                store_lease_peer(s, &lease, covey_bytes_of(text, 14)));
    /* a result that is wanted meanwhile */
    CHECK_STORE(STORE_TAKEN, s, store_lease_try(s, ID, &first, &lease));
    CHECK_STORE(STORE_OK, s, store_commit(s));
    store_close(s);

    s = lab_open(&lab);
    lease = take(s);
    check_numbers(&lease, 709, 0);
    assert_true(is_at(&lease, covey_bytes_of(text, 14)));
    store_close(s);
    lab_end(&lab);
}

/* Nobody is told before, and nothing of the transaction is kept. */
static void what_was_not_kept_is_found_by_the_commit(void **state)
{
    static const char steal[] = "UPDATE lease SET owner = 77";
    static const char wrong[] = "SELECT x FROM nowhere";
    const store_query q = { steal, NULL, 0, NULL, NULL };
    const store_query no = { wrong, NULL, 0, NULL, NULL };
    const store_numbers next = { 64, 0, false };
    struct lab lab = lab_begin();
    uint64_t n = 0;
    (void)state;

    store *s = lab_open(&lab);
    store_lease lease = take(s);
    CHECK_STORE(STORE_OK, s, store__run(s, &q));
    CHECK_STORE(STORE_OK, s, store_begin_later(s));
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 1, &n));
    CHECK_STORE(STORE_OK, s, store_lease_keep(s, &lease, &next));
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 1, &n));
    CHECK_STORE(STORE_TAKEN, s, store_commit(s));
    CHECK_STORE(STORE_AGAIN, s, store_commit(s));
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 1, &n));
    assert_int_equal(0, n);
    lease = take(s); /* 77 is nobody */
    check_numbers(&lease, 5, 0);

    CHECK_STORE(STORE_OK, s, store_begin_later(s));
    CHECK_STORE(STORE_OK, s, store_lease_keep(s, &lease, &next));
    CHECK_STORE(STORE_BROKEN, s, store__run(s, &no));
    CHECK_STORE(STORE_AGAIN, s, store_next(s, "x", 1, &n));
    CHECK_STORE(STORE_AGAIN, s, store_commit(s));
    CHECK_STORE(STORE_OK, s, store_begin_later(s));
    store_rollback(s);
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 1, &n));
    assert_int_equal(1, n);
    store_close(s);

    s = lab_open(&lab);
    lease = take(s);
    check_numbers(&lease, 5, 0);
    store_close(s);
    lab_end(&lab);
}

static void one_owner_at_a_time(void **state)
{
    store_lease lease;
    struct lab lab = lab_begin();
    (void)state;

    store *a = lab_open(&lab);
    store *b = lab_open(&lab);
    store_lease mine = take(a);
    CHECK_STORE(STORE_TAKEN, b, store_lease_take(b, ID, &first, &lease));
    /* not twice in one process either */
    CHECK_STORE(STORE_TAKEN, a, store_lease_take(a, ID, &first, &lease));
    CHECK_STORE(STORE_OK, a, store_lease_release(a, &mine, NULL));
    lease = take(b);
    assert_int_equal(2, lease.epoch);
    store_close(a);
    store_close(b);
    lab_end(&lab);
}

static void the_dead_are_followed_at_once(void **state)
{
    struct lab lab = lab_begin();
    (void)state;

    store *a = lab_open(&lab);
    store *b = lab_open(&lab);
    (void)take(a);
    store_close(a); /* without giving it back */
    store_lease lease = take(b);
    check_numbers(&lease, 5, 0);
    store_close(b);
    lab_end(&lab);
}

/* One who was taken for dead comes back. */
static void a_lost_lease_stores_nothing(void **state)
{
    static const char steal[] = "UPDATE lease SET owner = 77, epoch = 9";
    static const char dead[] = "UPDATE lease SET owner = 77";
    const store_query q = { steal, NULL, 0, NULL, NULL };
    const store_query still = { dead, NULL, 0, NULL, NULL };
    const store_numbers next = { 200, 200, false };
    struct lab lab = lab_begin();
    uint64_t piv = 0;
    (void)state;

    store *s = lab_open(&lab);
    store_lease lease = take(s);
    CHECK_STORE(STORE_OK, s, store__run(s, &q));
    CHECK_STORE(STORE_TAKEN, s, store_lease_keep(s, &lease, &next));
    CHECK_STORE(STORE_TAKEN, s, store_reserve_piv(s, &lease, 1, &piv));
    CHECK_STORE(STORE_TAKEN, s, store_lease_recipient(s, &lease, ID, 1));
    CHECK_STORE(STORE_TAKEN, s, store_lease_release(s, &lease, NULL));
    CHECK_STORE(STORE_TAKEN, s, store_lease_forget(s, &lease));
    check_numbers(&lease, 5, 0);
    /* 77 is nobody who lives */
    lease = take(s);
    assert_int_equal(10, lease.epoch);
    CHECK_STORE(STORE_OK, s, store__run(s, &still));
    CHECK_STORE(STORE_TAKEN, s, store_lease_keep(s, &lease, &next));
    store_close(s);
    lab_end(&lab);
}

static void numbers_are_reserved_ahead(void **state)
{
    struct lab lab = lab_begin();
    uint64_t piv = 0;
    (void)state;

    store *s = lab_open(&lab);
    store_lease lease = take(s);
    CHECK_STORE(STORE_OK, s, store_reserve_piv(s, &lease, 10, &piv));
    assert_int_equal(5, piv);
    CHECK_STORE(STORE_OK, s, store_reserve_piv(s, &lease, 1, &piv));
    assert_int_equal(15, piv);
    const store_numbers end = { COVEY_OSCORE_SSN_END - 2, 0, false };
    CHECK_STORE(STORE_OK, s, store_lease_keep(s, &lease, &end));
    CHECK_STORE(STORE_REFUSED, s, store_reserve_piv(s, &lease, 3, &piv));
    CHECK_STORE(STORE_OK, s, store_reserve_piv(s, &lease, 2, &piv));
    CHECK_STORE(STORE_REFUSED, s, store_reserve_piv(s, &lease, 1, &piv));
    store_close(s);
    lab_end(&lab);
}

static void what_was_not_used_is_given_back(void **state)
{
    const store_numbers more = { 6, 0, false };
    const store_numbers ahead = { 64, 64, false };
    const store_numbers exact = { 7, 9, false };
    struct lab lab = lab_begin();
    (void)state;

    store *s = lab_open(&lab);
    store_lease lease = take(s);
    CHECK_STORE(STORE_REFUSED, s, store_lease_release(s, &lease, &more));
    CHECK_STORE(STORE_OK, s, store_lease_keep(s, &lease, &ahead));
    CHECK_STORE(STORE_OK, s, store_lease_release(s, &lease, &exact));
    lease = take(s);
    check_numbers(&lease, 7, 9);
    store_close(s);
    lab_end(&lab);
}

/* The answer did not come: was the lease taken, or given back? */
static void what_is_not_known_can_be_taken_again(void **state)
{
    struct lab lab = lab_begin();
    store_lease other;
    (void)state;

    store *s = lab_open(&lab);
    /* in a transaction, and it is not known how that ended */
    CHECK_STORE(STORE_OK, s, store_begin(s));
    store_lease lease;
    CHECK_STORE(STORE_OK, s, store_lease_take(s, ID, &first, &lease));
    CHECK_STORE(STORE_OK, s, s->driver->script(s, "COMMIT"));
    s->lost = true;
    CHECK_STORE(STORE_AGAIN, s, store_commit(s));
    lease = take(s);
    assert_int_equal(2, lease.epoch);
    /* now it is known */
    CHECK_STORE(STORE_TAKEN, s, store_lease_take(s, ID, &first, &other));
    /* a release that failed leaves it to the same process */
    s->open = true;
    s->lost = true;
    CHECK_STORE(STORE_AGAIN, s, store_lease_release(s, &lease, NULL));
    s->open = false;
    s->lost = false;
    lease = take(s);
    assert_int_equal(3, lease.epoch);
    /* and one that was rolled back, too */
    CHECK_STORE(STORE_OK, s, store_begin(s));
    CHECK_STORE(STORE_OK, s, store_lease_release(s, &lease, NULL));
    store_rollback(s);
    lease = take(s);
    assert_int_equal(4, lease.epoch);
    /* once a transaction has been committed, all is known */
    CHECK_STORE(STORE_OK, s, store_lease_release(s, &lease, NULL));
    CHECK_STORE(STORE_OK, s, store_begin(s));
    lease = take(s);
    CHECK_STORE(STORE_OK, s, store_commit(s));
    CHECK_STORE(STORE_TAKEN, s, store_lease_take(s, ID, &first, &other));
    store_close(s);
    lab_end(&lab);
}

struct heard {
    size_t count;
    uint64_t sum;
};

static void on_recipient(void *user, covey_bytes recipient, uint64_t number)
{
    struct heard *h = user;

    h->count++;
    h->sum += number * (recipient.len > 0 ? recipient.ptr[0] : 100);
}

static void recipients_belong_to_a_lease(void **state)
{
    static const uint8_t one[] = { 1 };
    const covey_bytes id = covey_bytes_of(one, 1);
    const covey_bytes empty = covey_bytes_of(one, 0);
    struct heard h = { 0, 0 };
    struct lab lab = lab_begin();
    (void)state;

    store *s = lab_open(&lab);
    store_lease lease = take(s);
    CHECK_STORE(STORE_OK, s, store_lease_recipient(s, &lease, id, 10));
    CHECK_STORE(STORE_OK, s, store_lease_recipient(s, &lease, id, 20));
    CHECK_STORE(STORE_REFUSED, s, store_lease_recipient(s, &lease, id, 19));
    CHECK_STORE(STORE_OK, s, store_lease_recipient(s, &lease, empty, 3));
    CHECK_STORE(STORE_REFUSED, s,
                store_lease_recipient(s, &lease, covey_bytes_of(NULL, 0), 3));
    CHECK_STORE(STORE_OK, s,
                store_lease_recipients(s, &lease, on_recipient, &h));
    assert_int_equal(2, h.count);
    assert_int_equal(320, h.sum);
    /* after a rekeying nothing of the old context is left */
    CHECK_STORE(STORE_OK, s, store_lease_forget(s, &lease));
    lease = take(s);
    h.count = 0;
    CHECK_STORE(STORE_OK, s,
                store_lease_recipients(s, &lease, on_recipient, &h));
    assert_int_equal(0, h.count);
    check_numbers(&lease, 5, 0);
    store_close(s);
    lab_end(&lab);
}

static void impossible_leases_are_refused(void **state)
{
    static const uint8_t bytes[STORE_ID_MAX + 1] = { 0 };
    const store_numbers beyond = { COVEY_OSCORE_SSN_END + 1, 0, false };
    store_lease lease;
    struct lab lab = lab_begin();
    (void)state;

    store *s = lab_open(&lab);
    CHECK_STORE(STORE_REFUSED, s,
                store_lease_take(s, covey_bytes_of(bytes, 0), &first, &lease));
    CHECK_STORE(STORE_REFUSED, s,
                store_lease_take(s, covey_bytes_of(bytes, sizeof bytes),
                                 &first, &lease));
    CHECK_STORE(STORE_REFUSED, s, store_lease_take(s, ID, &beyond, &lease));
    CHECK_STORE(STORE_OK, s,
                store_lease_take(s, covey_bytes_of(bytes, STORE_ID_MAX),
                                 &first, &lease));
    store_close(s);
    lab_end(&lab);
}

static void on_wanted(void *user, covey_bytes id)
{
    CHECK_SPAN(ID, id);
    (*(unsigned *)user)++;
}

static void owners_are_asked_to_give_way(void **state)
{
    struct lab lab = lab_begin();
    store_lease lease;
    unsigned asked = 0;
    (void)state;

    store *a = lab_open(&lab);
    store *b = lab_open(&lab);
    store_lease mine = take(a);
    CHECK_STORE(STORE_OK, a, store_wanted(a, on_wanted, &asked));
    assert_int_equal(0, asked);
    (void)store_woken(a);
    (void)store_woken(b);
    CHECK_STORE(STORE_TAKEN, b, store_lease_take(b, ID, &first, &lease));
    struct pollfd call = { .fd = store_fd(a), .events = POLLIN };
    assert_int_equal(1, poll(&call, 1, 30000));
    assert_true(store_woken(a));
    assert_false(store_woken(a));
    CHECK_STORE(STORE_OK, a, store_wanted(a, on_wanted, &asked));
    assert_int_equal(1, asked);
    (void)store_woken(b);
    /* Who only tries wakes nobody and wants nothing. */
    CHECK_STORE(STORE_OK, a, store_lease_release(a, &mine, NULL));
    mine = take(a);
    CHECK_STORE(STORE_TAKEN, b, store_lease_try(b, ID, &first, &lease));
    asked = 0;
    CHECK_STORE(STORE_OK, a, store_wanted(a, on_wanted, &asked));
    assert_int_equal(0, asked);
    (void)store_woken(b);
    CHECK_STORE(STORE_OK, a, store_lease_release(a, &mine, NULL));
    call.fd = store_fd(b);
    assert_int_equal(1, poll(&call, 1, 30000));
    CHECK_STORE(STORE_OK, b, store_lease_try(b, ID, &first, &lease));
    store_close(a);
    store_close(b);
    lab_end(&lab);
}

/* It comes with the answer to a question: nothing is left to be read then. */
static void a_call_is_not_lost_in_an_answer(void **state)
{
    struct lab lab = lab_begin();
    store *a = lab_open(&lab);
    store *b = lab_open(&lab);
    unsigned asked = 0;
    (void)state;

    (void)store_woken(a);
    assert_false(store_called(a));
    CHECK_STORE(STORE_OK, b, store_wake(b));
    for (int i = 0; lab.postgres && !store_called(a) && i < 100000; i++) {
        CHECK_STORE(STORE_OK, a, store_wanted(a, on_wanted, &asked));
    }
    assert_int_equal(lab.postgres, store_called(a));
    struct pollfd call = { .fd = store_fd(a), .events = POLLIN };
    assert_int_equal(!lab.postgres, poll(&call, 1, lab.postgres ? 0 : 30000));
    assert_true(store_woken(a));
    assert_false(store_called(a));
    store_close(a);
    store_close(b);
    lab_end(&lab);
}

static void counters_give_each_number_once(void **state)
{
    struct lab lab = lab_begin();
    uint64_t a = 0;
    uint64_t b = 0;
    (void)state;

    store *s = lab_open(&lab);
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 10, &a));
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 1, &b));
    assert_int_equal(0, a);
    assert_int_equal(10, b);
    store_close(s);
    s = lab_open(&lab);
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 1, &a));
    CHECK_STORE(STORE_OK, s, store_next(s, "y", 1, &b));
    assert_int_equal(11, a);
    assert_int_equal(0, b);
    store_close(s);
    lab_end(&lab);
}

static void a_transaction_is_all_or_nothing(void **state)
{
    const store_numbers next = { 64, 0, false };
    struct lab lab = lab_begin();
    uint64_t n = 0;
    (void)state;

    store *s = lab_open(&lab);
    store_lease lease = take(s);
    CHECK_STORE(STORE_OK, s, store_begin(s));
    CHECK_STORE(STORE_REFUSED, s, store_begin(s));
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 5, &n));
    CHECK_STORE(STORE_OK, s, store_lease_keep(s, &lease, &next));
    store_rollback(s);
    CHECK_STORE(STORE_AGAIN, s, store_commit(s));
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 5, &n));
    assert_int_equal(0, n);
    /* a refusal does not end it */
    store_lease other;
    CHECK_STORE(STORE_OK, s, store_begin(s));
    CHECK_STORE(STORE_TAKEN, s, store_lease_take(s, ID, &first, &other));
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 5, &n));
    CHECK_STORE(STORE_OK, s, store_commit(s));
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 1, &n));
    assert_int_equal(10, n);
    store_close(s);
    lab_end(&lab);
}

/* Nothing that failed is committed later, under a statement that did not. */
static void a_failure_ends_a_transaction(void **state)
{
    static const char wrong[] = "UPDATE lease SET ssn = -1";
    const store_query q = { wrong, NULL, 0, NULL, NULL };
    struct lab lab = lab_begin();
    uint64_t n = 0;
    (void)state;

    store *s = lab_open(&lab);
    (void)take(s);
    CHECK_STORE(STORE_OK, s, store_begin(s));
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 5, &n));
    CHECK_STORE(STORE_BROKEN, s, store__run(s, &q));
    CHECK_STORE(STORE_AGAIN, s, store_next(s, "x", 5, &n));
    CHECK_STORE(STORE_AGAIN, s, store_commit(s));
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 1, &n));
    assert_int_equal(0, n);
    store_close(s);
    lab_end(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_survive),
        cmocka_unit_test(nothing_goes_back),
        cmocka_unit_test(where_the_peer_is_goes_along),
        cmocka_unit_test(what_is_kept_later_is_there_after_the_commit),
        cmocka_unit_test(what_was_not_kept_is_found_by_the_commit),
        cmocka_unit_test(one_owner_at_a_time),
        cmocka_unit_test(the_dead_are_followed_at_once),
        cmocka_unit_test(a_lost_lease_stores_nothing),
        cmocka_unit_test(numbers_are_reserved_ahead),
        cmocka_unit_test(what_was_not_used_is_given_back),
        cmocka_unit_test(what_is_not_known_can_be_taken_again),
        cmocka_unit_test(recipients_belong_to_a_lease),
        cmocka_unit_test(impossible_leases_are_refused),
        cmocka_unit_test(owners_are_asked_to_give_way),
        cmocka_unit_test(a_call_is_not_lost_in_an_answer),
        cmocka_unit_test(counters_give_each_number_once),
        cmocka_unit_test(a_transaction_is_all_or_nothing),
        cmocka_unit_test(a_failure_ends_a_transaction),
    };

    return KIT_RUN(tests);
}
