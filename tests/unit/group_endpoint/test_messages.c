/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests to all and to one, and what comes back. */
#include "cutter.h"
#include "den.h"

static void check_from(den *d, unsigned who, covey_reply_security kind)
{
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_NO_FAULT);
    assert_int_equal(d->in.opened.kind, kind);
    assert_int_equal(d->in.opened.roles, den_member(d, who)->roles);
    CHECK_SPAN(clan_id(den_member(d, who)), d->in.opened.sender);
}

static void each_member_answers_a_request_to_all(void **state)
{
    den *d = den_start();
    den_kept request;

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    assert_true(den_option(d).group);
    request = d->left;
    for (unsigned who = BOB; who <= CAROL; who++) {
        d->left = request;
        den_heard(d, ASKER, who);
        check_from(d, ASKER, COVEY_REPLY_GROUP_MODE);
        assert_false(d->in.opened.suspicious);
        assert_true(d->in.request.terms.authenticated);
        assert_int_equal(d->in.request.leisure, 20000);
        CHECK_STATUS(COVEY_OK, den_reply(d, who, CONTENT));
        assert_true(den_option(d).group);
        assert_null(den_option(d).partial_iv.ptr);
        CHECK_SPAN(clan_id(den_member(d, who)), den_option(d).kid);
        den_heard(d, who, ASKER);
        check_from(d, who, COVEY_REPLY_GROUP_MODE);
        CHECK_SPAN(SPAN("x"), d->in.message.payload);
        assert_int_equal(d->in.user, 77);
        assert_false(d->in.last);
    }
    assert_false(clan_is_idle(den_member(d, ASKER)));
    d->now += 10000;
    assert_int_equal(den_event(d, ASKER, 0).responses, 0);
    den_transmit(d, ASKER);
    assert_int_equal(den_event(d, ASKER, COVEY_ENDPOINT_COLLECTED).responses,
                     2);
    den_close(d);
}

static void a_pairwise_request_is_for_one(void **state)
{
    den *d = den_start();
    den_kept request;

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask(d, BOB));
    assert_false(den_option(d).group);
    request = d->left;
    /* Carol cannot read it, and says so, as it was sent to her alone. */
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, CAROL));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_NOT_DECRYPTED);
    assert_true(den_transmit(d, CAROL));
    assert_int_equal(den_left(d).code, COVEY_COAP_CODE(4, 0));
    d->left = request;
    den_heard(d, ASKER, BOB);
    check_from(d, ASKER, COVEY_REPLY_PAIRWISE);
    assert_int_equal(d->in.request.leisure, 0);
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    assert_false(den_option(d).group);
    assert_null(den_option(d).kid.ptr);
    den_heard(d, BOB, ASKER);
    check_from(d, BOB, COVEY_REPLY_PAIRWISE);
    den_event(d, ASKER, COVEY_ENDPOINT_ANSWERED);
    den_close(d);
}

static void group_mode_to_one_alone_is_suspicious(void **state)
{
    den *d = den_start();
    const covey_path path = den_path(ASKER);
    den_kept request;

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    request = d->left;
    CHECK_STATUS(COVEY_OK, den_inject(d, &path, BOB, &request));
    assert_int_equal(d->in.kind, COVEY_ENDPOINT_REQUEST);
    assert_true(d->in.opened.suspicious);
    den_forget(d);
    /* Answers to it are as any others. */
    d->call.path = den_path(CAROL);
    d->call.to = covey_bytes_of(NULL, 0);
    den_close(d);
}

static void responses_go_in_the_mode_that_is_set(void **state)
{
    static const struct {
        const char *why;
        covey_group_reply reply;
        bool pairwise_request;
        bool pairwise_reply;
    } cases[] = {
        { "as asked: group", COVEY_GROUP_REPLY_AS_ASKED, false, false },
        { "as asked: pairwise", COVEY_GROUP_REPLY_AS_ASKED, true, true },
        { "pairwise to group", COVEY_GROUP_REPLY_PAIRWISE, false, true },
        { "pairwise to pairwise", COVEY_GROUP_REPLY_PAIRWISE, true, true },
        { "group to group", COVEY_GROUP_REPLY_GROUP, false, false },
        { "group to pairwise", COVEY_GROUP_REPLY_GROUP, true, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        den *d = den_start();
        kit_case(cases[i].why);
        den_member(d, BOB)->protector.reply = cases[i].reply;
        CHECK_STATUS(COVEY_OK, cases[i].pairwise_request ? den_ask(d, BOB)
                                                         : den_ask_all(d));
        den_heard(d, ASKER, BOB);
        CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
        assert_int_equal(den_option(d).group, !cases[i].pairwise_reply);
        den_heard(d, BOB, ASKER);
        check_from(d, BOB,
                   cases[i].pairwise_reply ? COVEY_REPLY_PAIRWISE
                                           : COVEY_REPLY_GROUP_MODE);
        den_close(d);
    }
}

static void a_mode_that_the_group_has_not_is_not_used(void **state)
{
    const covey_group_algorithms only_group = { COVEY_ALG_UNSET,
                                                COVEY_AES_CCM_16_64_128,
                                                COVEY_EDDSA, COVEY_ALG_UNSET };
    den *d = den_open();

    (void)state;
    d->clan.parameters.algorithms = only_group;
    for (unsigned i = 0; i < DEN_MEMBERS; i++) {
        clan_start(&d->clan, i, i + 1, 0);
    }
    den_member(d, BOB)->protector.reply = COVEY_GROUP_REPLY_PAIRWISE;
    CHECK_STATUS(COVEY_E_UNSUPPORTED, den_ask(d, BOB));
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    assert_true(den_option(d).group);
    den_heard(d, BOB, ASKER);
    den_close(d);
}

static void roles_are_told_and_kept(void **state)
{
    den *d = den_open();

    (void)state;
    den_member(d, ASKER)->roles = COVEY_GROUP_REQUESTER;
    den_member(d, BOB)->roles = COVEY_GROUP_RESPONDER;
    den_member(d, CAROL)->roles = COVEY_GROUP_REQUESTER;
    for (unsigned i = 0; i < DEN_MEMBERS; i++) {
        clan_start(&d->clan, i, i + 1, 0);
    }
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    assert_int_equal(d->in.opened.roles, COVEY_GROUP_REQUESTER);
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    den_heard(d, BOB, ASKER);
    assert_int_equal(d->in.opened.roles, COVEY_GROUP_RESPONDER);
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, CAROL);
    CHECK_STATUS(COVEY_OK, den_reply(d, CAROL, CONTENT));
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, CAROL, ASKER));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_BAD_ROLE);
    den_close(d);
}

static void a_replay_to_a_group_is_met_with_silence(void **state)
{
    den *d = den_start();
    den_kept request;

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    request = d->left;
    den_heard(d, ASKER, BOB);
    d->left = request;
    d->left.bytes[3] ^= 1; /* Message ID */
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_REPLAY);
    assert_true(d->in.opened.group);
    assert_false(d->in.opened.pairwise);
    assert_false(den_transmit(d, BOB));
    den_forget(d);
    /* In pairwise mode it is said. */
    CHECK_STATUS(COVEY_OK, den_ask(d, BOB));
    den_heard(d, ASKER, BOB);
    d->left.bytes[3] ^= 1;
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_true(d->in.opened.group);
    assert_true(d->in.opened.pairwise);
    assert_true(den_transmit(d, BOB));
    assert_int_equal(den_left(d).code, UNAUTHORIZED);
    den_close(d);
}

static void a_response_is_taken_once(void **state)
{
    den *d = den_start();

    (void)state;
    d->call.server_limit = 3;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    den_heard(d, BOB, ASKER);
    d->left.bytes[3] ^= 1;
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, BOB, ASKER));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_REPLAY);
    den_close(d);
}

static void what_no_group_is_meant_by_is_foreign(void **state)
{
    static const struct {
        const char *why;
        const char *datagram; /* NON POST, token aa */
        size_t len;
        uint8_t code; /* of the answer; 0: none */
        covey_oscore_fault fault;
        bool group; /* it is RFC 10021 that refuses it */
    } cases[] = {
        { "group mode, no such Gid",
          "\x51\x02\x00\x01\xaa\x95\x39\x00\x01zC\xff\x01\x02", 14, 0,
          COVEY_OSCORE_NO_CONTEXT, true },
        { "group mode, no Gid",
          "\x51\x02\x00\x02\xaa\x93\x29\x00"
          "C\xff\x01\x02",
          12, 0, COVEY_OSCORE_NO_CONTEXT, true },
        { "pairwise mode, no such Gid",
          "\x51\x02\x00\x03\xaa\x95\x19\x00\x01zC\xff\x01\x02", 14,
          UNAUTHORIZED, COVEY_OSCORE_NO_CONTEXT, false },
        { "neither kid nor Gid", "\x51\x02\x00\x04\xaa\x92\x01\x00\xff\x01",
          10, UNAUTHORIZED, COVEY_OSCORE_NO_CONTEXT, false },
        { "no kid",
          "\x51\x02\x00\x05\xaa\x96\x11\x00\x03\xdd\x11\xee\xff\x01\x02", 15,
          COVEY_COAP_CODE(4, 2), COVEY_OSCORE_BAD_COSE, true },
        { "nobody has this kid",
          "\x51\x02\x00\x06\xaa\x97\x19\x00\x03\xdd\x11\xee"
          "C\xff\x01\x02",
          16, COVEY_COAP_CODE(5, 3), COVEY_OSCORE_NO_SENDER, true },
        { "nobody has this kid, in group mode",
          "\x51\x02\x00\x08\xaa\x97\x39\x00\x03\xdd\x11\xee"
          "C\xff\x01\x02",
          16, 0, COVEY_OSCORE_NO_SENDER, true },
        { "our own kid",
          "\x51\x02\x00\x07\xaa\x97\x19\x00\x03\xdd\x11\xee\x02\xff\x01\x02",
          16, 0, COVEY_OSCORE_OWN, true },
    };
    const covey_path path = den_path(ASKER);
    den *d = den_start();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        den_kept k = { .len = cases[i].len };
        kit_case(cases[i].why);
        memcpy(k.bytes, cases[i].datagram, k.len);
        CHECK_STATUS(COVEY_E_AUTH, den_inject(d, &path, BOB, &k));
        assert_int_equal(d->in.kind, COVEY_ENDPOINT_NOTHING);
        assert_int_equal(d->in.opened.fault, cases[i].fault);
        assert_int_equal(d->in.opened.group, cases[i].group);
        assert_int_equal(den_transmit(d, BOB), cases[i].code != 0);
        assert_true(cases[i].code == 0 || den_left(d).code == cases[i].code);
    }
    den_close(d);
}

/* Nor is a group that has no pairwise mode asked in it. */
static void a_mode_that_the_group_has_not_is_refused(void **state)
{
    const covey_group_algorithms only_group = { COVEY_ALG_UNSET,
                                                COVEY_AES_CCM_16_64_128,
                                                COVEY_EDDSA, COVEY_ALG_UNSET };
    den *d = den_open();

    (void)state;
    clan_start(&d->clan, ASKER, 1, 0);
    d->clan.parameters.algorithms = only_group;
    clan_start(&d->clan, BOB, 2, 0);
    CHECK_STATUS(COVEY_OK, den_ask(d, BOB));
    CHECK_STATUS(COVEY_E_AUTH, den_arrive(d, ASKER, BOB));
    assert_int_equal(d->in.opened.fault, COVEY_OSCORE_NO_MODE);
    assert_true(den_transmit(d, BOB));
    assert_int_equal(den_left(d).code, COVEY_COAP_CODE(4, 2));
    den_forget(d);
    clan_start(&d->clan, CAROL, 3, 0);
    den_close(d);
}

static void there_are_so_many_requests_at_a_time(void **state)
{
    den *d = den_start();

    (void)state;
    for (unsigned i = 0; i < CLAN_REQUESTS; i++) {
        CHECK_STATUS(COVEY_OK, den_ask_all(d));
    }
    CHECK_STATUS(COVEY_E_ROOM, den_ask_all(d));
    CHECK_STATUS(COVEY_OK, den_ask(d, BOB)); /* one answer needs no row */
    d->now += 10000;
    den_transmit(d, ASKER);
    for (unsigned i = 0; i < CLAN_REQUESTS; i++) {
        den_event(d, ASKER, COVEY_ENDPOINT_COLLECTED);
    }
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_close(d);
}

static void one_table_of_functions_beside_another(void **state)
{
    den *d = den_start();
    clan_member *bob = den_member(d, BOB);
    static stack peer;
    const covey_endpoint_call call = { .path = den_path(BOB),
                                       .code = GET,
                                       .protector = &peer.oscore.protector,
                                       .context = &peer.context };
    const covey_path path = den_path(9);
    den_kept k;
    covey_writer out = covey_writer_of(k.bytes, sizeof k.bytes);
    covey_draft draft;

    (void)state;
    memset(&peer, 0, sizeof peer);
    stack_start(&peer, &d->clan.watch, "C", "S", 8, 0);
    stack_start(&bob->stack, &d->clan.watch, "S", "C", 9, 0);
    covey_endpoint_request_begin(&peer.endpoint, &draft, &call, &out);
    CHECK_STATUS(COVEY_OK, covey_endpoint_request_send(
                               &peer.endpoint, 0, &draft, &call, &d->sent));
    k.len = out.pos;
    CHECK_STATUS(COVEY_OK, den_inject(d, &path, BOB, &k));
    CHECK_SPAN(SPAN("C"), d->in.opened.sender);
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    check_from(d, ASKER, COVEY_REPLY_GROUP_MODE);
    covey_oscore_drop(&peer.context);
    covey_oscore_drop(&bob->stack.context);
    den_close(d);
}

static void notifications_of_all_come_in_order(void **state)
{
    const uint8_t registered = 0;
    den *d = den_start();
    covey_endpoint_request kept[DEN_MEMBERS];
    den_kept request;

    (void)state;
    d->call.server_limit = UINT16_MAX;
    d->number = COVEY_OPTION_OBSERVE;
    d->option = covey_bytes_of(&registered, 0);
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    request = d->left;
    for (unsigned who = BOB; who <= CAROL; who++) {
        d->left = request;
        den_heard(d, ASKER, who);
        kept[who] = d->in.request;
    }
    for (unsigned i = 0; i < 6; i++) {
        const unsigned who = BOB + i % 2;
        d->in.request = kept[who];
        CHECK_STATUS(COVEY_OK, den_reply(d, who, CONTENT));
        den_heard(d, who, ASKER);
        check_from(d, who, COVEY_REPLY_GROUP_MODE);
    }
    covey_endpoint_cancel(&den_member(d, ASKER)->stack.endpoint,
                          d->in.exchange);
    assert_int_equal(den_event(d, ASKER, COVEY_ENDPOINT_CANCELLED).responses,
                     6);
    den_close(d);
}

static covey_status block_arrives(den *d, unsigned from, unsigned at,
                                  struct cut *c, uint16_t number, unsigned num)
{
    const covey_path path = den_path(from);
    const covey_bytes b = cut_block(c, number, num, COVEY_COAP_NON);
    den_kept block;

    memcpy(block.bytes, b.ptr, b.len);
    block.len = b.len;
    return den_inject(d, &path, at, &block);
}

/* By somebody who forwards to one server. */
static void requests_in_outer_blocks_are_put_together(void **state)
{
    den *d = den_start();
    struct cut c;

    (void)state;
    d->number = COVEY_OPTION_URI_QUERY;
    d->option = SPAN("long enough to be cut");
    for (unsigned i = 0; i < 2; i++) {
        CHECK_STATUS(COVEY_OK, i == 0 ? den_ask_all(d) : den_ask(d, BOB));
        cut_begin(&c, covey_bytes_of(d->left.bytes, d->left.len));
        assert_true(c.count > 1);
        for (unsigned num = 0; num < c.count; num++) {
            CHECK_STATUS(COVEY_OK, block_arrives(d, ASKER, BOB, &c,
                                                 COVEY_OPTION_BLOCK1, num));
            assert_int_equal(den_transmit(d, BOB), num + 1 < c.count);
        }
        assert_int_equal(d->in.kind, COVEY_ENDPOINT_REQUEST);
        check_from(d, ASKER,
                   i == 0 ? COVEY_REPLY_GROUP_MODE : COVEY_REPLY_PAIRWISE);
        assert_int_equal(d->in.opened.suspicious, i == 0);
        den_forget(d);
    }
    den_close(d);
}

/* Of a group nobody is asked for the rest (RFC 7959 Section 2.8). */
static void responses_of_a_group_are_not_put_together(void **state)
{
    den *d = den_start();
    struct cut c;

    (void)state;
    CHECK_STATUS(COVEY_OK, den_ask_all(d));
    den_heard(d, ASKER, BOB);
    CHECK_STATUS(COVEY_OK, den_reply(d, BOB, CONTENT));
    cut_begin(&c, covey_bytes_of(d->left.bytes, d->left.len));
    CHECK_STATUS(COVEY_E_AUTH,
                 block_arrives(d, BOB, ASKER, &c, COVEY_OPTION_BLOCK2, 0));
    assert_int_equal(d->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_false(den_transmit(d, ASKER));
    den_forget(d);
    den_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_member_answers_a_request_to_all),
        cmocka_unit_test(a_pairwise_request_is_for_one),
        cmocka_unit_test(group_mode_to_one_alone_is_suspicious),
        cmocka_unit_test(responses_go_in_the_mode_that_is_set),
        cmocka_unit_test(a_mode_that_the_group_has_not_is_not_used),
        cmocka_unit_test(roles_are_told_and_kept),
        cmocka_unit_test(a_replay_to_a_group_is_met_with_silence),
        cmocka_unit_test(a_response_is_taken_once),
        cmocka_unit_test(what_no_group_is_meant_by_is_foreign),
        cmocka_unit_test(there_are_so_many_requests_at_a_time),
        cmocka_unit_test(one_table_of_functions_beside_another),
        cmocka_unit_test(notifications_of_all_come_in_order),
        cmocka_unit_test(requests_in_outer_blocks_are_put_together),
        cmocka_unit_test(responses_of_a_group_are_not_put_together),
        cmocka_unit_test(a_mode_that_the_group_has_not_is_refused),
    };

    return KIT_RUN(tests);
}
