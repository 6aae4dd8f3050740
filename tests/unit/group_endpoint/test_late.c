/* SPDX-License-Identifier: BSD-2-Clause */
/* Who joins late does not know the numbers of the others; who has not met a
 * member looks for it. */
#include "den.h"

/* Bob has just joined. */
static den *late_den(covey_group_late late)
{
    den *d = den_open();

    den_member(d, BOB)->late = late;
    den_member(d, BOB)->windows_invalid = true;
    for (unsigned i = 0; i < DEN_MEMBERS; i++) {
        clan_start(&d->clan, i, i + 1, 0);
    }
    return d;
}

static void challenge(den *d)
{
    assert_int_equal(d->in.kind, COVEY_ENDPOINT_CHALLENGE);
    CHECK_SPAN(clan_id(den_member(d, ASKER)), d->in.opened.sender);
    d->number = COVEY_OPTION_ECHO;
    d->option = SPAN("fresh");
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, UNAUTHORIZED));
    assert_non_null(den_option(d).partial_iv.ptr);
}

static void a_late_joiner_wants_an_echo(void **state)
{
    den *d = late_den(COVEY_GROUP_LATE_ECHO);
    covey_bytes echo;
    den_kept first;

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    first = d->left;
    CHECK_STATUS(COVEY_OK, den_arrive(d, ASKER, BOB));
    challenge(d);
    den_heard(d, BOB, ASKER);
    assert_int_equal(d->in.message.code, UNAUTHORIZED);
    assert_true(covey_option_get(&d->in.message, COVEY_OPTION_ECHO, &echo));
    /* To him alone, in pairwise mode. */
    CHECK_STATUS(COVEY_OK, den_ask(d, BOB));
    CHECK_STATUS(COVEY_OK, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.kind, COVEY_ENDPOINT_CHALLENGE);
    assert_true(covey_option_get(&d->in.message, COVEY_OPTION_ECHO, &echo));
    CHECK_SPAN(SPAN("fresh"), echo);
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_recover(&den_member(d, BOB)->stack.endpoint,
                                        d->now, &d->in));
    assert_int_equal(d->in.kind, COVEY_ENDPOINT_REQUEST);
    assert_true(den_member(d, BOB)->number[ASKER] > 1);
    d->number = 0;
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    den_heard(d, BOB, ASKER);
    /* What came first is a replay now; what comes next is not. */
    d->left = first;
    d->left.bytes[3] ^= 1;
    d->call.path.group = true;
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_REPLAY);
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    den_close(d);
}

static void the_first_one_is_the_baseline(void **state)
{
    den *d = late_den(COVEY_GROUP_LATE_DROP_FIRST);
    den_kept first;

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    first = d->left;
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_BASELINE);
    assert_false(den_transmit(d, BOB));
    assert_true(den_member(d, BOB)->number[ASKER] !=
                COVEY_GROUP_NUMBER_UNKNOWN);
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    d->left = first;
    d->left.bytes[3] ^= 1;
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_REPLAY);
    den_close(d);
}

static void numbers_may_come_from_the_manager(void **state)
{
    den *d = late_den(COVEY_GROUP_LATE_MANAGER);
    den_kept old;

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    old = d->left;
    den_member(d, BOB)->number[ASKER] = 1;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    d->left = old;
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_REPLAY);
    den_close(d);
}

static void recovery_ends_with_the_keys(void **state)
{
    den *d = late_den(COVEY_GROUP_LATE_ECHO);
    covey_group_parameters p = d->clan.parameters;
    clan_member *bob = den_member(d, BOB);

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask(d, BOB));
    CHECK_STATUS(COVEY_OK, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.kind, COVEY_ENDPOINT_CHALLENGE);
    p.gid = SPAN("\xdd\x11\xef");
    p.master_secret = SPAN("another secret..");
    CHECK_STATUS(
        COVEY_OK,
        covey_group_rekey(&bob->group, &p, covey_bytes_of(NULL, 0), NULL, 0));
    CHECK_STATUS(COVEY_E_AUTH,
                 covey_endpoint_recover(&bob->stack.endpoint, d->now, &d->in));
    CHECK_STATUS(COVEY_E_NO_CONTEXT, d->in.opened.status);
    den_close(d);
}

static void a_rekeying_ends_no_exchange(void **state)
{
    den *d = den_start();
    covey_group_parameters p = d->clan.parameters;
    den_kept response;

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    p.gid = SPAN("\xdd\x11\xef");
    p.master_secret = SPAN("another secret..");
    for (unsigned i = 0; i < DEN_MEMBERS; i++) {
        CHECK_STATUS(COVEY_OK,
                     covey_group_rekey(&den_member(d, i)->group, &p,
                                       covey_bytes_of(NULL, 0), NULL, 0));
    }
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    assert_non_null(den_option(d).partial_iv.ptr);
    CHECK_SPAN(p.gid, den_option(d).kid_context);
    response = d->left;
    den_heard(d, BOB, ASKER);
    d->left = response;
    den_close(d);
}

/* The Gid that a request came under is kept for so many, and its exchange is
 * over then. */
static void seven_rekeyings_end_an_exchange(void **state)
{
    static uint8_t gids[COVEY_GROUP_REKEYINGS + 1][3];
    den *d = den_start();
    covey_group_parameters p = d->clan.parameters;
    den_kept last = { 0 };

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    for (size_t k = 0; k <= COVEY_GROUP_REKEYINGS; k++) {
        memcpy(gids[k], "\xdd\x12", 2);
        gids[k][2] = (uint8_t)k;
        p.gid = covey_bytes_of(gids[k], sizeof gids[k]);
        for (unsigned i = 0; i < DEN_MEMBERS; i++) {
            CHECK_STATUS(COVEY_OK,
                         covey_group_rekey(&den_member(d, i)->group, &p,
                                           covey_bytes_of(NULL, 0), NULL, 0));
        }
        CHECK_STATUS(k < COVEY_GROUP_REKEYINGS ? COVEY_OK : COVEY_E_STATE,
                     den_reply(d, BOB, CONTENT));
        last = k < COVEY_GROUP_REKEYINGS ? d->left : last;
    }
    /* The last that left is met as what it is. */
    d->left = last;
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, BOB, ASKER));
    CHECK_STATUS(COVEY_E_STATE, d->in.opened.status);
    den_close(d);
}

/* --- members that are not in the table ----------------------------------- */

static void nobody_is_met_for_a_forgery(void **state)
{
    den *d = den_start();
    clan_member *bob = den_member(d, BOB);
    den_kept genuine;

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    genuine = d->left;
    for (unsigned i = 1; i <= 70; i++) { /* signature and ciphertext */
        d->left = genuine;
        d->left.bytes[2] ^= 0x80;
        d->left.bytes[3] ^= (uint8_t)i;
        d->left.bytes[d->left.len - i] ^= 0x40;
        CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
        assert_int_equal(bob->meetings, i);
        assert_null(
            covey_group_find(&bob->group, clan_id(den_member(d, ASKER))));
    }
    assert_false(bob->group.windows_invalid);
    d->left = genuine;
    den_heard(d, ASKER, BOB);
    assert_int_equal(bob->meetings, 71);
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    assert_int_equal(bob->meetings, 71);
    den_close(d);
}

static void who_came_with_a_number_stays(void **state)
{
    den *d = den_start();
    clan_member *bob = den_member(d, BOB);

    (void)state;
    bob->number[ASKER] = 40;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_REPLAY);
    assert_non_null(
        covey_group_find(&bob->group, clan_id(den_member(d, ASKER))));
    assert_false(bob->group.windows_invalid);
    den_close(d);
}

static void a_member_may_be_not_known(void **state)
{
    den *d = den_start();
    clan_member *bob = den_member(d, BOB);

    (void)state;
    bob->meets_nobody = true;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_NO_SENDER);
    CHECK_STATUS(COVEY_E_NO_CONTEXT, d->in.opened.status);
    bob->protector.meet = NULL;
    d->left.bytes[3] ^= 1;
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_NO_SENDER);
    den_member(d, ASKER)->meets_nobody = true;
    CHECK_STATUS(COVEY_E_NO_CONTEXT, den_ask(d, BOB));
    den_close(d);
}

static void a_full_table_takes_nobody_more(void **state)
{
    den *d = den_open();

    (void)state;
    den_member(d, ASKER)->recipient_max = 1;
    for (unsigned i = 0; i < DEN_MEMBERS; i++) {
        clan_start(&d->clan, i, i + 1, 0);
    }
    CHECK_STATUS(COVEY_OK, den_ask(d, BOB));
    CHECK_STATUS(COVEY_E_ROOM, den_ask(d, CAROL));
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, CAROL);
    CHECK_STATUS(COVEY_OK, den_reply(d, CAROL, CONTENT));
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, CAROL, ASKER));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_OURS);
    CHECK_STATUS(COVEY_E_ROOM, d->in.opened.status);
    den_close(d);
}

static void who_has_gone_is_not_answered_in_pairwise_mode(void **state)
{
    den *d = den_start();
    covey_group *g = &den_member(d, BOB)->group;
    const covey_bytes asker = clan_id(den_member(d, ASKER));

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask(d, BOB));
    den_heard(d, ASKER, BOB);
    covey_group_remove(g, covey_group_find(g, asker));
    CHECK_STATUS(COVEY_E_NO_CONTEXT, den_reply(d, BOB, CONTENT));
    den_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_late_joiner_wants_an_echo),
        cmocka_unit_test(the_first_one_is_the_baseline),
        cmocka_unit_test(numbers_may_come_from_the_manager),
        cmocka_unit_test(recovery_ends_with_the_keys),
        cmocka_unit_test(a_rekeying_ends_no_exchange),
        cmocka_unit_test(seven_rekeyings_end_an_exchange),
        cmocka_unit_test(nobody_is_met_for_a_forgery),
        cmocka_unit_test(who_came_with_a_number_stays),
        cmocka_unit_test(a_member_may_be_not_known),
        cmocka_unit_test(a_full_table_takes_nobody_more),
        cmocka_unit_test(who_has_gone_is_not_answered_in_pairwise_mode),
    };

    return KIT_RUN(tests);
}
