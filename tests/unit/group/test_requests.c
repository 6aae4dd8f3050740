/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that must be refused, RFC 10021 Sections 7.2 and 8.4, without any
 * change but the count of forgeries; and what is said of the others. */
#include "fixture.h"

#define CCM COVEY_AES_CCM_16_64_128
/* Enough for signature, tag and inner code. */
#define FILL                                                                  \
    "ff 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"     \
    "   202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"     \
    "   404142434445464748494a4b4c4d4e4f"

static void passes_between_members(void **state)
{
    const int32_t algs[] = { CCM, COVEY_A128CTR };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(algs); i++) {
        struct world *w = world_open(algs[i / 2]);
        const bool pairwise = i % 2 == 1;
        struct wire wire;
        covey_group_exchange asked = { .answers = w->answers,
                                       .answer_max = 2 };
        covey_group_exchange heard;

        address(w, ALICE, pairwise ? BOB : ALICE);
        CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
        check_heard(w, BOB, &heard, &wire);
        CHECK_HEX("40010001 b174", covey_written(&w->out));
        assert_int_equal(w->r.pairwise, pairwise);
        assert_false(w->r.suspicious);
        assert_ptr_equal(w->r.from, peer_of(w, BOB, ALICE));
        address(w, BOB, pairwise ? ALICE : BOB);
        CHECK_STATUS(COVEY_OK, answer(w, BOB, &heard, CONTENT, &wire));
        check_taken(w, ALICE, &asked, &wire);
        CHECK_HEX("60450001 ff3231", covey_written(&w->out));
        assert_int_equal(
            covey_group_usage_of(&w->member[ALICE].group).encrypted, 1);
        assert_int_equal(covey_group_usage_of(&w->member[BOB].group).encrypted,
                         1);
        assert_int_equal(covey_group_usage_of(&w->member[ALICE].group).left,
                         COVEY_OSCORE_SSN_END - 1);
        world_close(w);
    }
}

struct bad {
    const char *why;
    const char *datagram;
    covey_oscore_fault fault;
};

static void check_bad(struct world *w, size_t who, const struct bad *cases,
                      size_t count)
{
    static struct wire wire;

    for (size_t i = 0; i < count; i++) {
        kit_case(cases[i].why);
        wire_of(&wire, cases[i].datagram);
        check_not_heard(w, who, &wire, cases[i].fault);
    }
    kit_case(NULL);
}

static void refuses_what_cannot_be_for_it(void **state)
{
    static const struct bad cases[] = {
        { "no OSCORE option", "40020001" FILL, COVEY_OSCORE_BAD_COSE },
        { "two of them", "40020001 97390003dd11ee01 07390003dd11ee01" FILL,
          COVEY_OSCORE_BAD_COSE },
        { "no payload", "40020001 97390003dd11ee01", COVEY_OSCORE_BAD_COSE },
        { "a reserved flag", "40020001 97790003dd11ee01" FILL,
          COVEY_OSCORE_BAD_COSE },
        { "KUDOS", "40020001 97b90003dd11ee01" FILL, COVEY_OSCORE_BAD_COSE },
        { "no kid", "40020001 96310003dd11ee" FILL, COVEY_OSCORE_BAD_COSE },
        { "no kid context", "40020001 93290001" FILL, COVEY_OSCORE_BAD_COSE },
        { "no Partial IV", "40020001 963803dd11ee01" FILL,
          COVEY_OSCORE_BAD_COSE },
        { "a leading zero in it", "40020001 983a000103dd11ee01" FILL,
          COVEY_OSCORE_BAD_COSE },
        { "six bytes of it", "40020001 9c3e01020304050603dd11ee01" FILL,
          COVEY_OSCORE_BAD_COSE },
        { "a Gid beyond the end", "40020001 97390009dd11ee01" FILL,
          COVEY_OSCORE_BAD_COSE },
        { "another Gid", "40020001 97390003dd11ef01" FILL,
          COVEY_OSCORE_NO_CONTEXT },
        { "a longer Gid", "40020001 98390004dd11ee0001" FILL,
          COVEY_OSCORE_NO_CONTEXT },
        { "the own kid", "40020001 97390003dd11ee02" FILL, COVEY_OSCORE_OWN },
        { "the own kid in pairwise mode", "40020001 97190003dd11ee02" FILL,
          COVEY_OSCORE_OWN },
        { "nobody's kid", "40020001 97390003dd11ee09" FILL,
          COVEY_OSCORE_NO_SENDER },
        { "the empty kid", "40020001 96390003dd11ee" FILL,
          COVEY_OSCORE_NO_SENDER },
        { "forged", "40020001 97390003dd11ee01" FILL,
          COVEY_OSCORE_BAD_SIGNATURE },
        { "forged in pairwise mode", "40020001 97190003dd11ee01" FILL,
          COVEY_OSCORE_NOT_DECRYPTED },
        { "less than a tag", "40020001 97190003dd11ee01 ff00",
          COVEY_OSCORE_NOT_DECRYPTED },
        { "no inner code", "40020001 97190003dd11ee01 ff0011223344556677",
          COVEY_OSCORE_NOT_DECRYPTED },
        { "less than a signature", "40020001 97390003dd11ee01 ff00",
          COVEY_OSCORE_BAD_SIGNATURE },
        { "the highest number of all",
          "40020001 9b3dffffffffff03dd11ee01" FILL,
          COVEY_OSCORE_BAD_SIGNATURE },
    };
    struct world *w = world_open(CCM);

    (void)state;
    check_bad(w, BOB, cases, COUNT_OF(cases));
    assert_int_equal(covey_group_usage_of(&w->member[BOB].group).forged, 3);
    world_close(w);
}

/* Signature and tag are cut off by their fixed lengths, before anything. */
static void refuses_every_shorter_payload(void **state)
{
    const int32_t algs[] = { CCM, COVEY_A128CTR };
    static struct wire wire;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algs); i++) {
        struct world *w = world_open(algs[i]);
        covey_group_exchange x = { .answers = NULL };
        size_t len;

        CHECK_STATUS(COVEY_OK, ask(w, ALICE, &x, GET, &wire));
        len = wire.m.payload.len;
        assert_int_equal(len, 3 + 64 + (algs[i] == CCM ? 8 : 0));
        while (--wire.m.payload.len > 0) {
            check_not_heard(w, BOB, &wire, COVEY_OSCORE_BAD_SIGNATURE);
            assert_int_equal(w->r.base.status, wire.m.payload.len + 2 < len
                                                   ? COVEY_E_SHORT
                                                   : COVEY_E_AUTH);
        }
        world_close(w);
    }
}

static void refuses_every_flipped_bit(void **state)
{
    static struct wire wire;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct world *w = world_open(i == 2 ? COVEY_A128CTR : CCM);
        covey_group_exchange x = { .answers = NULL };

        address(w, ALICE, i == 1 ? BOB : ALICE);
        CHECK_STATUS(COVEY_OK, ask(w, ALICE, &x, GET, &wire));
        for (size_t bit = 4 * 8; bit < wire.len * 8; bit++) {
            wire.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (covey_coap_parse(&wire.m,
                                 covey_bytes_of(wire.bytes, wire.len)) ==
                COVEY_OK) {
                struct snapshot before;
                snapshot_take(&before, &w->member[BOB]);
                assert_int_equal(hear(w, BOB, &x, &wire),
                                 COVEY_UNPROTECT_REFUSED);
                check_unchanged(&before, &w->member[BOB],
                                w->r.base.status == COVEY_E_AUTH);
            }
            wire.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        wire_parse(&wire);
        check_heard(w, BOB, &x, &wire);
        check_not_heard(w, BOB, &wire, COVEY_OSCORE_REPLAY);
        world_close(w);
    }
}

/* CTR without a tag: another member has the same key, not the signature. */
static void refuses_what_another_member_made(void **state)
{
    struct world *w = world_open(COVEY_A128CTR);
    struct member *carol = &w->member[CAROL];
    const covey_group_parameters p = world_parameters(COVEY_A128CTR);
    covey_group_start start = world_start(carol);
    covey_group_exchange x = { .answers = NULL };
    static struct wire wire;

    (void)state;
    covey_group_drop(&carol->group);
    start.sender_id = id_of(&w->member[ALICE]);
    world_join(w, CAROL, &p, &start);
    CHECK_STATUS(COVEY_OK, ask(w, CAROL, &x, GET, &wire));
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_BAD_SIGNATURE);
    world_close(w);
}

/* Group mode alone, pairwise mode alone. */
static struct world *open_one_mode(bool group)
{
    covey_group_parameters p = world_parameters(group ? CCM : 0);
    struct world *w = world_open_empty();

    if (group) {
        p.algorithms.aead = 0;
        p.algorithms.agreement = 0;
    } else {
        p.algorithms.signature = 0;
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        const covey_group_start start = world_start(&w->member[i]);
        world_join(w, i, &p, &start);
        know(w, i, (i + 1) % MEMBERS);
        know(w, i, (i + 2) % MEMBERS);
    }
    return w;
}

static void keeps_to_the_modes_of_the_group(void **state)
{
    static const struct bad bad[] = {
        { "group mode", "40020001 97390003dd11ee01" FILL,
          COVEY_OSCORE_NO_MODE },
        { "pairwise mode", "40020001 97190003dd11ee01" FILL,
          COVEY_OSCORE_NO_MODE },
    };
    static struct wire wire;

    (void)state;
    for (size_t group = 0; group < 2; group++) {
        struct world *w = open_one_mode(group == 1);
        covey_group_exchange asked = { .answers = w->answers,
                                       .answer_max = 2 };
        covey_group_exchange heard;
        struct snapshot before;

        check_bad(w, BOB, &bad[group], 1);
        snapshot_take(&before, &w->member[ALICE]);
        address(w, ALICE, group ? BOB : ALICE);
        CHECK_STATUS(COVEY_E_UNSUPPORTED, ask(w, ALICE, &asked, GET, &wire));
        check_unchanged(&before, &w->member[ALICE], 0);
        address(w, ALICE, group ? ALICE : BOB);
        CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
        check_heard(w, BOB, &heard, &wire);
        address(w, BOB, group ? BOB : ALICE);
        CHECK_STATUS(COVEY_OK, answer(w, BOB, &heard, CONTENT, &wire));
        check_taken(w, ALICE, &asked, &wire);
        world_close(w);
    }
}

/* By its name, whether or not its sender is known: option 548. */
static void refuses_deterministic_requests(void **state)
{
    static const struct bad cases[] = {
        { "of a member", "40020001 97390003dd11ee01 e1010e aa" FILL,
          COVEY_OSCORE_DETERMINISTIC },
        { "of nobody", "40020001 97390003dd11ee09 e1010e aa" FILL,
          COVEY_OSCORE_DETERMINISTIC },
        { "of another group", "40020001 97390003dd11ef01 e1010e aa" FILL,
          COVEY_OSCORE_NO_CONTEXT },
        { "of oneself", "40020001 97390003dd11ee02 e1010e aa" FILL,
          COVEY_OSCORE_OWN },
    };
    struct world *w = world_open(CCM);

    (void)state;
    check_bad(w, BOB, cases, 2);
    CHECK_STATUS(COVEY_E_UNSUPPORTED, w->r.base.status);
    check_bad(w, BOB, cases + 2, 2);
    world_close(w);
}

static void refuses_who_may_not_ask(void **state)
{
    struct world *w = world_open(CCM);
    covey_group_recipient *alice = peer_of(w, BOB, ALICE);
    covey_group_exchange x = { .answers = NULL };
    static struct wire wire;

    (void)state;
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &x, GET, &wire));
    alice->roles = COVEY_GROUP_RESPONDER | COVEY_GROUP_MONITOR;
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_BAD_ROLE);
    alice->roles = COVEY_GROUP_RESPONDER | COVEY_GROUP_REQUESTER;
    check_heard(w, BOB, &x, &wire);
    world_close(w);
}

static void learns_of_a_sender_and_forgets_it(void **state)
{
    struct world *w = world_open(CCM);
    struct member *bob = &w->member[BOB];
    covey_group_exchange x = { .answers = NULL };
    struct snapshot before;
    static struct wire wire;

    (void)state;
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &x, GET, &wire));
    covey_group_remove(&bob->group, peer_of(w, BOB, ALICE));
    snapshot_take(&before, bob);
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_NO_SENDER);
    CHECK_SPAN(id_of(&w->member[ALICE]), w->r.option.kid);
    know(w, BOB, ALICE);
    wire.bytes[wire.len - 1] ^= 1;
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_BAD_SIGNATURE);
    covey_group_remove(&bob->group, peer_of(w, BOB, ALICE));
    assert_memory_equal(&bob->group, &before.group, sizeof before.group);
    assert_memory_equal(bob->table, before.table, sizeof before.table);
    wire.bytes[wire.len - 1] ^= 1;
    know(w, BOB, ALICE);
    check_heard(w, BOB, &x, &wire);
    world_close(w);
}

static void suspects_group_mode_sent_to_one(void **state)
{
    struct world *w = world_open(CCM);
    covey_group_exchange x = { .answers = NULL };
    static struct wire wire;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const bool pairwise = i % 2 == 1;
        address(w, ALICE, pairwise ? BOB : ALICE);
        CHECK_STATUS(COVEY_OK, ask(w, ALICE, &x, GET, &wire));
        w->work.unicast = i >= 2;
        check_heard(w, BOB, &x, &wire);
        assert_int_equal(w->r.suspicious, i == 2);
    }
    world_close(w);
}

/* Authentic, and received thereby, but nothing can be made of it. */
static void refuses_plaintexts_that_are_no_requests(void **state)
{
    static const char *const plaintexts[] = { "00", "45", "01 b2", "01 ff" };
    struct world *w = world_open(CCM);
    covey_group_exchange x = { .answers = NULL };
    static struct wire wire;
    uint8_t plain[8];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(plaintexts); i++) {
        const covey_coap_message m = message_of(w, GET);
        w->out = covey_writer_of(w->output, w->cap);
        CHECK_STATUS(COVEY_OK, covey_group_seal_request(
                                   &w->member[ALICE].group, &x, &m,
                                   kit_hex(plaintexts[i], plain, sizeof plain),
                                   &w->work, &w->out));
        memcpy(wire.bytes, w->output, w->out.pos);
        wire.len = w->out.pos;
        wire_parse(&wire);
        assert_int_equal(hear(w, BOB, &x, &wire), COVEY_UNPROTECT_REFUSED);
        assert_int_equal(w->r.base.fault, COVEY_OSCORE_BAD_PLAINTEXT);
        assert_int_equal(w->out.pos, 0);
        check_not_heard(w, BOB, &wire, COVEY_OSCORE_REPLAY);
    }
    world_close(w);
}

static void refuses_to_ask(void **state)
{
    struct world *w = world_open(CCM);
    covey_group_exchange x;
    covey_group_exchange before;
    struct snapshot s;
    static struct wire wire;

    (void)state;
    memset(&x, 0, sizeof x);
    memcpy(&before, &x, sizeof x);
    snapshot_take(&s, &w->member[ALICE]);
    CHECK_STATUS(COVEY_E_ARGUMENT, ask(w, ALICE, &x, CONTENT, &wire));
    kit_case("an OSCORE option that is there already");
    CHECK_STATUS(COVEY_E_ARGUMENT, ask(w, ALICE, &x, "40010001 90", &wire));
    kit_case("an empty plaintext");
    {
        const covey_coap_message m = message_of(w, GET);
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     covey_group_seal_request(&w->member[ALICE].group, &x, &m,
                                              SPAN(""), &w->work, &w->out));
    }
    kit_case(NULL);
    assert_memory_equal(&x, &before, sizeof x);
    check_unchanged(&s, &w->member[ALICE], 0);
    world_close(w);
}

/* Errors are answered only where it is certain that it was one who asked. */
static void stays_silent_towards_groups(void **state)
{
    covey_group_received r;

    (void)state;
    for (int fault = 0; fault <= COVEY_OSCORE_BASELINE; fault++) {
        const covey_oscore_reaction plain =
            covey_oscore_react((covey_oscore_fault)fault, true);
        memset(&r, 0, sizeof r);
        r.base.fault = (covey_oscore_fault)fault;
        assert_int_equal(covey_group_react(&r, true).code, 0);
        assert_int_equal(covey_group_react(&r, false).code, 0);
        r.pairwise = true;
        assert_int_equal(covey_group_react(&r, true).code, plain.code);
        assert_string_equal(covey_group_react(&r, true).diagnostic,
                            plain.diagnostic);
        assert_int_equal(covey_group_react(&r, false).code, 0);
    }
}

static void answers_errors_of_pairwise_requests_only(void **state)
{
    struct world *w = world_open(CCM);
    static struct wire wire;

    (void)state;
    wire_of(&wire, "40020001 97190003dd11ef01" FILL);
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_NO_CONTEXT);
    assert_int_equal(covey_group_react(&w->r, true).code,
                     COVEY_COAP_CODE(4, 1));
    wire_of(&wire, "40020001 97190003dd11ee01" FILL);
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_NOT_DECRYPTED);
    assert_int_equal(covey_group_react(&w->r, true).code,
                     COVEY_COAP_CODE(4, 0));
    wire_of(&wire, "40020001 97390003dd11ef01" FILL);
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_NO_CONTEXT);
    assert_int_equal(covey_group_react(&w->r, true).code, 0);
    wire_of(&wire, "40020001" FILL);
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_BAD_COSE);
    assert_int_equal(covey_group_react(&w->r, true).code, 0);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_between_members),
        cmocka_unit_test(refuses_what_cannot_be_for_it),
        cmocka_unit_test(refuses_every_shorter_payload),
        cmocka_unit_test(refuses_every_flipped_bit),
        cmocka_unit_test(refuses_what_another_member_made),
        cmocka_unit_test(keeps_to_the_modes_of_the_group),
        cmocka_unit_test(refuses_deterministic_requests),
        cmocka_unit_test(refuses_who_may_not_ask),
        cmocka_unit_test(learns_of_a_sender_and_forgets_it),
        cmocka_unit_test(suspects_group_mode_sent_to_one),
        cmocka_unit_test(refuses_plaintexts_that_are_no_requests),
        cmocka_unit_test(refuses_to_ask),
        cmocka_unit_test(stays_silent_towards_groups),
        cmocka_unit_test(answers_errors_of_pairwise_requests_only),
    };

    return KIT_RUN(tests);
}
