/* SPDX-License-Identifier: BSD-2-Clause */
/* What survives a loss of power, and a provider that fails at each of its
 * calls. What watches the provider fails the test if a nonce is used twice. */
#include "den.h"

#define CALLS_MAX 60

static void nothing_happens_before_it_is_stored(void **state)
{
    den *d = den_start();

    (void)state;
    den_member(d, ASKER)->store_fails = true;
    CHECK_STATUS(COVEY_E_NOT_STORED, den_ask_all(d));
    assert_true(clan_is_idle(den_member(d, ASKER)));
    CHECK_STATUS(COVEY_E_NOT_STORED, den_ask(d, BOB));
    den_event(d, ASKER, 0);
    den_member(d, ASKER)->store_fails = false;
    den_member(d, BOB)->store_fails = true;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_OURS);
    CHECK_STATUS(COVEY_E_NOT_STORED, d->in.opened.status);
    assert_false(den_transmit(d, BOB));
    den_close(d);
}

static void sealing_stops_when_nothing_is_left_in_reserve(void **state)
{
    den *d = den_start();
    covey_status st = COVEY_OK;
    unsigned sent = 0;

    (void)state;
    d->call.server_limit = UINT16_MAX;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    den_member(d, BOB)->store_fails = true;
    while (st == COVEY_OK && sent < 100) {
        st = den_reply(d, BOB, CONTENT);
        sent += st == COVEY_OK;
    }
    CHECK_STATUS(COVEY_E_NOT_STORED, st);
    assert_in_range(sent, 1, 17); /* the request's nonce and a block */
    den_member(d, BOB)->store_fails = false;
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    den_close(d);
}

static void restart(den *d, unsigned who)
{
    clan_stop(&d->clan, who);
    clan_start(&d->clan, who, 40 + who, d->now);
}

static void a_restart_repeats_no_nonce_and_takes_no_replay(void **state)
{
    den *d = den_start();
    den_kept all;
    den_kept one;

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    all = d->left;
    den_heard(d, ASKER, BOB);
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    CHECK_STATUS(COVEY_OK, den_ask(d, BOB));
    one = d->left;
    den_heard(d, ASKER, BOB);
    restart(d, BOB);
    d->left = one;
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_REPLAY);
    d->left = all;
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_REPLAY);
    restart(d, ASKER);
    while (den_member(d, ASKER)->group.ssn < 20) { /* beyond what Bob stored */
        CHECK_STATUS(COVEY_OK, den_ask_all(d));
        den_forget(d);
        d->now += 200000; /* the Message IDs rest */
        while (den_transmit(d, ASKER)) {
        }
    }
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    den_close(d);
}

static void a_member_that_went_makes_windows_invalid_for_good(void **state)
{
    den *d = den_start();
    covey_group *g = &den_member(d, BOB)->group;

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    covey_group_remove(g, covey_group_find(g, clan_id(den_member(d, ASKER))));
    den_member(d, BOB)->number[ASKER] = COVEY_GROUP_NUMBER_UNKNOWN;
    d->left.bytes[3] ^= 1;
    CHECK_STATUS(COVEY_OK, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.kind, COVEY_ENDPOINT_CHALLENGE);
    assert_true(den_member(d, BOB)->windows_invalid);
    restart(d, BOB);
    d->left.bytes[3] ^= 2;
    CHECK_STATUS(COVEY_OK, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.kind, COVEY_ENDPOINT_CHALLENGE);
    den_close(d);
}

/* --- a provider that fails ----------------------------------------------- */

/* A whole exchange with a fault at the n-th call; what failed is tried again.
 * True: nothing has failed. */
static bool exchange_with_fault(den *d, bool all, int n)
{
    covey_scripted *s = &d->clan.script;
    bool failed = false;

    covey_scripted_rewind(s, n);
    while ((all ? den_ask_all(d) : den_ask(d, BOB)) != COVEY_OK) {
        assert_false(failed);
        failed = true;
    }
    while (den_arrive(d, ASKER, BOB) != COVEY_OK) {
        assert_false(failed);
        assert_int_equal(d->in.opened.fault, COVEY_OSCORE_OURS);
        CHECK_STATUS(COVEY_E_CRYPTO, d->in.opened.status);
        failed = true;
        d->left.bytes[3] ^= 1; /* otherwise a duplicate */
    }
    while (den_reply(d, BOB, CONTENT) != COVEY_OK) {
        assert_false(failed);
        failed = true;
    }
    while (den_arrive(d, BOB, ASKER) != COVEY_OK) {
        assert_false(failed);
        assert_int_equal(d->in.opened.fault, COVEY_OSCORE_OURS);
        failed = true;
        d->left.bytes[3] ^= 1;
    }
    CHECK_SPAN(SPAN("x"), d->in.message.payload);
    covey_scripted_rewind(s, COVEY_SCRIPTED_NEVER);
    return !failed;
}

static void an_exchange_survives_a_fault_at_each_call(void **state)
{
    (void)state;
    for (unsigned all = 0; all < 2; all++) {
        bool done = false;
        int n = 0;
        for (; !done; n++) {
            den *d = den_start();
            assert_true(n < CALLS_MAX);
            done = exchange_with_fault(d, all != 0, n);
            den_close(d);
        }
        assert_true(n > 12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_happens_before_it_is_stored),
        cmocka_unit_test(sealing_stops_when_nothing_is_left_in_reserve),
        cmocka_unit_test(a_restart_repeats_no_nonce_and_takes_no_replay),
        cmocka_unit_test(a_member_that_went_makes_windows_invalid_for_good),
        cmocka_unit_test(an_exchange_survives_a_fault_at_each_call),
    };

    return KIT_RUN(tests);
}
