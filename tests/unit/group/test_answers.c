/* SPDX-License-Identifier: BSD-2-Clause */
/* One request and its many answers: Response Numbers, who may answer, and
 * what is refused, RFC 10021 Sections 5.1, 5.3.1, 7.4 and 8.6. */
#include "fixture.h"

#define CCM COVEY_AES_CCM_16_64_128
#define FILL                                                                  \
    "ff 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"     \
    "   202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"     \
    "   404142434445464748494a4b4c4d4e4f"

/* A request of Alice's that has arrived at both others. */
struct asked {
    struct world *w;
    covey_group_exchange asked;
    covey_group_exchange heard[MEMBERS];
    struct wire request;
};

static struct asked *arrive(const char *hex, bool pairwise, uint16_t room)
{
    static struct asked a;

    memset(&a, 0, sizeof a);
    a.w = world_open(CCM);
    a.asked.answers = a.w->answers;
    a.asked.answer_max = room;
    address(a.w, ALICE, pairwise ? BOB : ALICE);
    CHECK_STATUS(COVEY_OK, ask(a.w, ALICE, &a.asked, hex, &a.request));
    check_heard(a.w, BOB, &a.heard[BOB], &a.request);
    if (!pairwise) {
        check_heard(a.w, CAROL, &a.heard[CAROL], &a.request);
    }
    a.w->work.to = NULL;
    return &a;
}

static void reply(struct asked *a, size_t who, const char *hex,
                  struct wire *wire)
{
    CHECK_STATUS(COVEY_OK, answer(a->w, who, &a->heard[who], hex, wire));
}

static void takes_an_answer_of_each_server(void **state)
{
    struct asked *a = arrive(GET, false, 2);
    static struct wire bob;
    static struct wire carol;

    (void)state;
    reply(a, BOB, CONTENT, &bob);
    address(a->w, CAROL, ALICE);
    reply(a, CAROL, CONTENT, &carol);
    CHECK_HEX("92 2802", bob.m.options);   /* kid, no Partial IV */
    CHECK_HEX("92 0803", carol.m.options); /* the same in pairwise mode */
    check_taken(a->w, ALICE, &a->asked, &carol);
    assert_true(a->w->r.pairwise);
    assert_ptr_equal(a->w->r.answer, &a->w->answers[0]);
    check_taken(a->w, ALICE, &a->asked, &bob);
    assert_int_equal(a->asked.answer_count, 2);
    check_not_taken(a->w, ALICE, &a->asked, &bob, COVEY_OSCORE_REPLAY);
    check_not_taken(a->w, ALICE, &a->asked, &carol, COVEY_OSCORE_REPLAY);
    world_close(a->w);
}

/* Several responses to one group request, although nobody observes. */
static void takes_rising_numbers_of_each_server(void **state)
{
    struct asked *a = arrive(GET, false, 2);
    static struct wire b[4];
    static struct wire c[2];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(b); i++) {
        reply(a, BOB, CONTENT, &b[i]);
    }
    reply(a, CAROL, CONTENT, &c[0]);
    reply(a, CAROL, CONTENT, &c[1]);
    CHECK_HEX("93 290002", b[1].m.options);
    CHECK_HEX("93 290102", b[2].m.options);
    check_taken(a->w, ALICE, &a->asked, &b[2]);
    covey_scripted_rewind(&a->w->script, COVEY_SCRIPTED_NEVER);
    check_not_taken(a->w, ALICE, &a->asked, &b[2], COVEY_OSCORE_REPLAY);
    check_not_taken(a->w, ALICE, &a->asked, &b[1], COVEY_OSCORE_REPLAY);
    assert_int_equal(a->w->script.calls, 0); /* found before any work */
    /* Another server's numbers are its own. */
    check_taken(a->w, ALICE, &a->asked, &c[1]);
    check_taken(a->w, ALICE, &a->asked, &b[3]);
    /* The one without Partial IV counts as the oldest, and comes once. */
    check_taken(a->w, ALICE, &a->asked, &b[0]);
    assert_false(a->w->r.base.has_piv);
    check_not_taken(a->w, ALICE, &a->asked, &b[0], COVEY_OSCORE_REPLAY);
    check_not_taken(a->w, ALICE, &a->asked, &b[3], COVEY_OSCORE_REPLAY);
    check_taken(a->w, ALICE, &a->asked, &c[0]);
    world_close(a->w);
}

static void takes_notifications_in_order(void **state)
{
    struct asked *a = arrive(OBSERVE, false, 2);
    static struct wire n[3];

    (void)state;
    assert_int_equal(a->request.m.code, COVEY_COAP_CODE(0, 5));
    for (size_t i = 0; i < COUNT_OF(n); i++) {
        reply(a, BOB, NOTIFIED, &n[i]);
        assert_int_equal(n[i].m.code, COVEY_COAP_CODE(2, 5));
    }
    check_taken(a->w, ALICE, &a->asked, &n[0]);
    check_taken(a->w, ALICE, &a->asked, &n[2]);
    CHECK_HEX("60450001 6101 ff3231", covey_written(&a->w->out));
    check_not_taken(a->w, ALICE, &a->asked, &n[1], COVEY_OSCORE_REPLAY);
    world_close(a->w);
}

static void observes_one_in_pairwise_mode(void **state)
{
    struct asked *a = arrive(OBSERVE, true, 0);
    static struct wire n[3];
    static struct wire last;

    (void)state;
    address(a->w, BOB, ALICE);
    for (size_t i = 0; i < COUNT_OF(n); i++) {
        reply(a, BOB, NOTIFIED, &n[i]);
    }
    reply(a, BOB, CONTENT, &last);
    check_taken(a->w, ALICE, &a->asked, &n[1]);
    assert_null(a->w->r.answer);
    check_taken(a->w, ALICE, &a->asked, &n[0]);
    check_not_taken(a->w, ALICE, &a->asked, &n[1], COVEY_OSCORE_REPLAY);
    check_taken(a->w, ALICE, &a->asked, &n[2]);
    check_taken(a->w, ALICE, &a->asked, &last);
    check_not_taken(a->w, ALICE, &a->asked, &last, COVEY_OSCORE_REPLAY);
    world_close(a->w);
}

static void takes_no_notification_that_nobody_asked_for(void **state)
{
    static struct wire wire;

    (void)state;
    for (size_t pairwise = 0; pairwise < 2; pairwise++) {
        struct asked *a = arrive(GET, pairwise == 1, 2);
        address(a->w, BOB, pairwise ? ALICE : BOB);
        reply(a, BOB, NOTIFIED, &wire);
        /* Authentic: that the server has been heard is known now. */
        peer_of(a->w, ALICE, BOB)->heard = true;
        check_not_taken(a->w, ALICE, &a->asked, &wire, COVEY_OSCORE_UNASKED);
        world_close(a->w);
    }
}

static void has_room_for_so_many_servers(void **state)
{
    struct asked *a = arrive(GET, false, 1);
    static struct wire bob[2];
    static struct wire carol;

    (void)state;
    reply(a, BOB, CONTENT, &bob[0]);
    reply(a, BOB, CONTENT, &bob[1]);
    reply(a, CAROL, CONTENT, &carol);
    check_taken(a->w, ALICE, &a->asked, &bob[0]);
    check_not_taken(a->w, ALICE, &a->asked, &carol, COVEY_OSCORE_OURS);
    CHECK_STATUS(COVEY_E_ROOM, a->w->r.base.status);
    check_taken(a->w, ALICE, &a->asked, &bob[1]);
    world_close(a->w);
}

static void takes_no_answers_without_room(void **state)
{
    struct asked *a = arrive(GET, false, 0);
    static struct wire bob;

    (void)state;
    reply(a, BOB, CONTENT, &bob);
    check_not_taken(a->w, ALICE, &a->asked, &bob, COVEY_OSCORE_OURS);
    CHECK_STATUS(COVEY_E_ROOM, a->w->r.base.status);
    world_close(a->w);
}

/* Opened one after the other, and assembled only then: what is in between
 * may take its time. */
static void tells_servers_apart_that_come_together(void **state)
{
    struct asked *a = arrive(GET, false, 2);
    covey_group *g = &a->w->member[ALICE].group;
    static struct wire wire[3];
    covey_group_received r[3];
    uint8_t plain[3][MESSAGE_MAX];
    uint8_t output[MESSAGE_MAX];

    (void)state;
    reply(a, BOB, CONTENT, &wire[0]);
    reply(a, CAROL, CONTENT, &wire[1]);
    wire[2] = wire[0];
    wire_parse(&wire[2]);
    for (size_t i = 0; i < 3; i++) {
        covey_writer w = covey_writer_of(plain[i], sizeof plain[i]);
        assert_int_equal(covey_group_open_response(g, &a->asked, &wire[i].m,
                                                   &a->w->work, &w, &r[i]),
                         COVEY_UNPROTECT_FRESH);
    }
    for (size_t i = 0; i < 3; i++) {
        covey_writer out = covey_writer_of(output, sizeof output);
        assert_int_equal(
            covey_group_assemble_response(g, &a->asked, &wire[i].m, &r[i],
                                          &a->w->work, &out),
            i < 2 ? COVEY_UNPROTECT_FRESH : COVEY_UNPROTECT_REFUSED);
    }
    assert_int_equal(r[2].base.fault, COVEY_OSCORE_REPLAY);
    assert_int_equal(a->asked.answer_count, 2);
    assert_int_equal(a->w->answers[0].id[0], a->w->member[BOB].id);
    assert_int_equal(a->w->answers[1].id[0], a->w->member[CAROL].id);
    check_not_taken(a->w, ALICE, &a->asked, &wire[0], COVEY_OSCORE_REPLAY);
    check_not_taken(a->w, ALICE, &a->asked, &wire[1], COVEY_OSCORE_REPLAY);
    world_close(a->w);
}

/* --- pairwise requests --------------------------------------------------- */

static void takes_one_answer_to_a_pairwise_request(void **state)
{
    struct asked *a = arrive(GET, true, 0);
    static struct wire wire[3];

    (void)state;
    address(a->w, BOB, ALICE);
    reply(a, BOB, CONTENT, &wire[0]);
    CHECK_HEX("90", wire[0].m.options);
    a->w->work.kid = true;
    a->w->work.kid_context = true;
    reply(a, BOB, CONTENT, &wire[1]);
    CHECK_HEX("97 190003dd11ee02", wire[1].m.options);
    /* A pairwise request may be answered in group mode. */
    a->w->work.to = NULL;
    a->w->work.kid = false;
    a->w->work.kid_context = false;
    reply(a, BOB, CONTENT, &wire[2]);
    CHECK_HEX("92 2101", wire[2].m.options);
    check_taken(a->w, ALICE, &a->asked, &wire[2]);
    check_not_taken(a->w, ALICE, &a->asked, &wire[0], COVEY_OSCORE_REPLAY);
    check_not_taken(a->w, ALICE, &a->asked, &wire[1], COVEY_OSCORE_REPLAY);
    check_not_taken(a->w, ALICE, &a->asked, &wire[2], COVEY_OSCORE_REPLAY);
    world_close(a->w);
}

/* Carol answers what Bob was asked: with keys of hers, authentic. */
static void takes_no_answer_of_another_server(void **state)
{
    struct asked *a = arrive(GET, true, 0);
    covey_group_exchange stolen = a->heard[BOB];
    static struct wire wire;

    (void)state;
    stolen.group = &a->w->member[CAROL].group;
    for (size_t i = 0; i < 2; i++) {
        address(a->w, CAROL, i == 0 ? CAROL : ALICE);
        a->w->work.kid = true;
        CHECK_STATUS(COVEY_OK, answer(a->w, CAROL, &stolen, CONTENT, &wire));
        peer_of(a->w, ALICE, CAROL)->heard = true;
        check_not_taken(a->w, ALICE, &a->asked, &wire, COVEY_OSCORE_UNASKED);
    }
    world_close(a->w);
}

/* Bob has got another Sender ID meanwhile; Alice knows him under both. */
static void know_bob_twice(struct asked *a, covey_bytes id)
{
    struct member *alice = &a->w->member[ALICE];
    covey_group_member row = row_of(&a->w->member[BOB]);

    row.id = id;
    covey_group_remove(&alice->group, peer_of(a->w, ALICE, CAROL));
    CHECK_STATUS(COVEY_OK, covey_group_add(&alice->group, &row, NULL));
    CHECK_STATUS(COVEY_OK,
                 covey_group_change_sender(&a->w->member[BOB].group, id));
    store(&a->w->member[BOB].group);
}

static void takes_the_asked_one_under_a_new_id(void **state)
{
    struct asked *a = arrive(GET, true, 0);
    static struct wire wire;

    (void)state;
    know_bob_twice(a, SPAN("\x22"));
    address(a->w, BOB, ALICE);
    a->w->work.kid = true;
    reply(a, BOB, CONTENT, &wire);
    CHECK_HEX("92 0822", wire.m.options);
    check_taken(a->w, ALICE, &a->asked, &wire);
    world_close(a->w);
}

/* An observation may outlive many Sender IDs of its server: what counts them
 * does not come back to where it was. */
static void says_the_new_id_after_many(void **state)
{
    struct asked *a = arrive(OBSERVE, true, 0);
    covey_group *bob = &a->w->member[BOB].group;
    static struct wire wire;

    (void)state;
    for (unsigned i = 0; i < 255; i++) {
        CHECK_STATUS(COVEY_OK, covey_group_change_sender(
                                   bob, i % 2 ? SPAN("\x23") : SPAN("\x24")));
    }
    know_bob_twice(a, SPAN("\x22"));
    address(a->w, BOB, ALICE);
    reply(a, BOB, NOTIFIED, &wire);
    assert_int_equal(0x22, wire.m.options.ptr[wire.m.options.len - 1]);
    check_taken(a->w, ALICE, &a->asked, &wire);
    world_close(a->w);
}

static void takes_each_server_under_one_id_only(void **state)
{
    struct asked *a = arrive(GET, false, 2);
    static struct wire first;
    static struct wire second;

    (void)state;
    reply(a, BOB, CONTENT, &first);
    know_bob_twice(a, SPAN("\x22"));
    reply(a, BOB, CONTENT, &second);
    check_taken(a->w, ALICE, &a->asked, &first);
    covey_group_find(&a->w->member[ALICE].group, SPAN("\x22"))->heard = true;
    check_not_taken(a->w, ALICE, &a->asked, &second, COVEY_OSCORE_UNASKED);
    /* Once the old one is gone there is nothing to compare with. */
    covey_group_remove(&a->w->member[ALICE].group, peer_of(a->w, ALICE, BOB));
    check_taken(a->w, ALICE, &a->asked, &second);
    world_close(a->w);
}

/* --- refusals ------------------------------------------------------------ */

static void refuses_what_is_no_answer(void **state)
{
    static const struct {
        const char *why;
        const char *datagram;
        covey_oscore_fault fault;
    } cases[] = {
        { "no OSCORE option", "40440001" FILL, COVEY_OSCORE_BAD_COSE },
        { "no kid", "40440001 9120" FILL, COVEY_OSCORE_BAD_COSE },
        { "a leading zero in the Partial IV", "40440001 942a000102" FILL,
          COVEY_OSCORE_BAD_COSE },
        { "another Gid", "40440001 963803dd11ef02" FILL,
          COVEY_OSCORE_NO_CONTEXT },
        { "the own kid", "40440001 922801" FILL, COVEY_OSCORE_OWN },
        { "nobody's kid", "40440001 922809" FILL, COVEY_OSCORE_NO_SENDER },
        { "forged", "40440001 922802" FILL, COVEY_OSCORE_BAD_SIGNATURE },
        { "forged, with a number", "40440001 93290502" FILL,
          COVEY_OSCORE_BAD_SIGNATURE },
        { "forged in pairwise mode", "40440001 920802" FILL,
          COVEY_OSCORE_NOT_DECRYPTED },
        { "too short", "40440001 922802 ff00", COVEY_OSCORE_BAD_SIGNATURE },
    };
    struct asked *a = arrive(GET, false, 2);
    static struct wire wire;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        wire_of(&wire, cases[i].datagram);
        check_not_taken(a->w, ALICE, &a->asked, &wire, cases[i].fault);
        assert_int_equal(covey_group_react(&a->w->r, false).code, 0);
    }
    kit_case(NULL);
    assert_int_equal(covey_group_usage_of(&a->w->member[ALICE].group).forged,
                     3);
    world_close(a->w);
}

static void refuses_every_flipped_bit(void **state)
{
    static struct wire wire;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct asked *a = arrive(GET, i == 1, 2);
        address(a->w, BOB, i == 1 ? ALICE : BOB);
        reply(a, BOB, CONTENT, &wire);
        for (size_t bit = 4 * 8; bit < wire.len * 8; bit++) {
            wire.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (covey_coap_parse(&wire.m,
                                 covey_bytes_of(wire.bytes, wire.len)) ==
                COVEY_OK) {
                struct snapshot before;
                snapshot_take(&before, &a->w->member[ALICE]);
                assert_int_equal(take(a->w, ALICE, &a->asked, &wire),
                                 COVEY_UNPROTECT_REFUSED);
                check_unchanged(&before, &a->w->member[ALICE],
                                a->w->r.base.status == COVEY_E_AUTH);
            }
            wire.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        wire_parse(&wire);
        check_taken(a->w, ALICE, &a->asked, &wire);
        world_close(a->w);
    }
}

static void refuses_who_may_not_answer(void **state)
{
    struct asked *a = arrive(GET, false, 2);
    covey_group_recipient *bob = peer_of(a->w, ALICE, BOB);
    static struct wire wire;

    (void)state;
    reply(a, BOB, CONTENT, &wire);
    bob->roles = COVEY_GROUP_REQUESTER;
    bob->heard = true;
    check_not_taken(a->w, ALICE, &a->asked, &wire, COVEY_OSCORE_BAD_ROLE);
    bob->roles = COVEY_GROUP_RESPONDER;
    check_taken(a->w, ALICE, &a->asked, &wire);
    world_close(a->w);
}

/* Authentic requests inside, and options that are cut off. */
static void refuses_plaintexts_that_are_no_responses(void **state)
{
    static const char *const plaintexts[] = { "00", "01", "45 b2", "45 ff" };
    struct asked *a = arrive(GET, false, 2);
    static struct wire wire;
    uint8_t plain[8];

    (void)state;
    peer_of(a->w, ALICE, BOB)->heard = true;
    for (size_t i = 0; i < COUNT_OF(plaintexts); i++) {
        const covey_coap_message m = message_of(a->w, CONTENT);
        a->w->out = covey_writer_of(wire.bytes, sizeof wire.bytes);
        CHECK_STATUS(COVEY_OK,
                     covey_group_seal_response(
                         &a->w->member[BOB].group, &a->heard[BOB], &m,
                         kit_hex(plaintexts[i], plain, sizeof plain),
                         &a->w->work, &a->w->out));
        wire.len = a->w->out.pos;
        wire_parse(&wire);
        check_not_taken(a->w, ALICE, &a->asked, &wire,
                        COVEY_OSCORE_BAD_PLAINTEXT);
    }
    world_close(a->w);
}

static void refuses_the_exchange_of_somebody_else(void **state)
{
    struct asked *a = arrive(GET, false, 2);
    struct snapshot before;
    static struct wire wire;
    static struct wire none;

    (void)state;
    reply(a, BOB, CONTENT, &wire);
    check_not_taken(a->w, CAROL, &a->asked, &wire, COVEY_OSCORE_OURS);
    CHECK_STATUS(COVEY_E_ARGUMENT, a->w->r.base.status);
    check_not_taken(a->w, CAROL, &a->heard[CAROL], &wire, COVEY_OSCORE_OURS);
    CHECK_STATUS(COVEY_E_ARGUMENT, a->w->r.base.status);
    snapshot_take(&before, &a->w->member[BOB]);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 answer(a->w, BOB, &a->heard[CAROL], CONTENT, &none));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 answer(a->w, ALICE, &a->asked, CONTENT, &none));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 answer(a->w, BOB, &a->heard[BOB], GET, &none));
    address(a->w, BOB, CAROL); /* who has not asked */
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 answer(a->w, BOB, &a->heard[BOB], CONTENT, &none));
    check_unchanged(&before, &a->w->member[BOB], 0);
    world_close(a->w);
}

/* --- wishes -------------------------------------------------------------- */

/* Seed 002 Section 6. */
static void always_says_who_it_is(void **state)
{
    struct asked *a = arrive(GET, true, 0);
    static struct wire wire;

    (void)state;
    a->w->member[BOB].group.kid_always = true;
    address(a->w, BOB, ALICE);
    reply(a, BOB, CONTENT, &wire);
    CHECK_HEX("92 0802", wire.m.options);
    check_taken(a->w, ALICE, &a->asked, &wire);
    world_close(a->w);
}

static void uses_a_number_of_its_own_on_request(void **state)
{
    struct asked *a = arrive(GET, false, 2);
    static struct wire wire;

    (void)state;
    a->w->work.message.own_piv = true;
    a->w->work.kid_context = true;
    reply(a, BOB, CONTENT, &wire);
    CHECK_HEX("97 390003dd11ee02", wire.m.options);
    check_taken(a->w, ALICE, &a->asked, &wire);
    world_close(a->w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_an_answer_of_each_server),
        cmocka_unit_test(takes_rising_numbers_of_each_server),
        cmocka_unit_test(takes_notifications_in_order),
        cmocka_unit_test(observes_one_in_pairwise_mode),
        cmocka_unit_test(takes_no_notification_that_nobody_asked_for),
        cmocka_unit_test(has_room_for_so_many_servers),
        cmocka_unit_test(takes_no_answers_without_room),
        cmocka_unit_test(tells_servers_apart_that_come_together),
        cmocka_unit_test(takes_one_answer_to_a_pairwise_request),
        cmocka_unit_test(takes_no_answer_of_another_server),
        cmocka_unit_test(takes_the_asked_one_under_a_new_id),
        cmocka_unit_test(says_the_new_id_after_many),
        cmocka_unit_test(takes_each_server_under_one_id_only),
        cmocka_unit_test(refuses_what_is_no_answer),
        cmocka_unit_test(refuses_every_flipped_bit),
        cmocka_unit_test(refuses_who_may_not_answer),
        cmocka_unit_test(refuses_plaintexts_that_are_no_responses),
        cmocka_unit_test(refuses_the_exchange_of_somebody_else),
        cmocka_unit_test(always_says_who_it_is),
        cmocka_unit_test(uses_a_number_of_its_own_on_request),
    };

    return KIT_RUN(tests);
}
