/* SPDX-License-Identifier: BSD-2-Clause */
/* The joining node: what it refuses to believe, and how it finds back. */
#include "../manager/fixture.h"

#define C(c, d) COVEY_COAP_CODE(c, d)

static uint8_t storage[1024];

static covey_member_event last_event(struct node *n)
{
    covey_member_event ev = { COVEY_MEMBER_NOTHING, 0 };

    while (covey_member_event_next(&n->member, &ev)) {
    }
    return ev;
}

/* The request that the member sends now. */
static covey_member_request next(struct world *w, struct node *n)
{
    covey_writer out = covey_writer_of(storage, sizeof storage);
    covey_member_request r;
    covey_status st;

    assert_true(covey_member_transmit(&n->member, w->now, &r, &out, &st));
    return r;
}

static void refuses_configurations(void **state)
{
    struct world *w = world_open();
    struct node *n = &w->nodes[0];
    covey_member_config c;
    covey_member_memory t;
    covey_member m;

    (void)state;
    member_open(w, 0, BOTH, 4);
    c = n->member.config;
    t = n->member.memory;
    c.roles = 0;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_member_init(&m, &c, &t));
    c.roles = 1;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_member_init(&m, &c, &t));
    c.roles = COVEY_KEYING_REQUESTER;
    c.private_key = NULL;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_member_init(&m, &c, &t));
    c.roles = COVEY_KEYING_MONITOR;
    CHECK_STATUS(COVEY_OK, covey_member_init(&m, &c, &t));
    c.node = SPAN("");
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_member_init(&m, &c, &t));
    c = n->member.config;
    t.credentials = NULL;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_member_init(&m, &c, &t));
    world_close(w);
}

static void asks_for_a_challenge_first(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = &w->nodes[0];
    covey_member_request r;
    covey_writer out = covey_writer_of(storage, sizeof storage);
    covey_status st;

    (void)state;
    member_open(w, 0, BOTH, 4);
    assert_int_equal(covey_member_deadline(&n->member), COVEY_NEVER);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_member_receive(&n->member, w->now, C(2, 5), SPAN("")));
    covey_member_join(&n->member);
    assert_int_equal(covey_member_deadline(&n->member), 0);
    r = next(w, n);
    assert_int_equal(r.code, POST);
    assert_null(r.payload.ptr);
    assert_int_equal(r.segment_count, 2);
    assert_false(covey_member_transmit(&n->member, w->now, &r, &out, &st));
    covey_member_lost(&n->member);
    r = next(w, n);
    assert_int_equal(r.code, POST);
    world_close(w);
}

static void gives_up_where_it_is_refused(void **state)
{
    static const struct {
        uint8_t code;
        const char *payload;
        covey_status status;
    } cases[] = {
        { C(4, 1), "", COVEY_OK },
        { C(4, 3), "", COVEY_OK },
        { C(2, 1), "a0", COVEY_OK },
        { C(4, 0), "", COVEY_E_SHORT },
        { C(4, 0), "80", COVEY_E_FORMAT },
        { C(4, 0), "a0", COVEY_E_FORMAT },
        /* no challenge; and no credential to agree with */
        { C(4, 0), "a1 181d 81 85 6167 27 8101 820106 0e", COVEY_E_FORMAT },
        { C(4, 0), "a2 181e 4101 181f 81 85 6167 381a 8101 820104 0e",
          COVEY_E_FORMAT },
    };
    struct world *w = world_with(true, true);
    struct node *n = &w->nodes[0];
    uint8_t bytes[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].payload);
        member_open(w, 0, BOTH, 4);
        covey_member_join(&n->member);
        (void)next(w, n);
        CHECK_STATUS(cases[i].status,
                     covey_member_receive(
                         &n->member, w->now, cases[i].code,
                         kit_hex(cases[i].payload, bytes, sizeof bytes)));
        assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_OUT);
        assert_int_equal(last_event(n).kind, COVEY_MEMBER_REFUSED);
    }
    kit_case(NULL);
    world_close(w);
}

/* The member has its challenge and sends the Join Request; the answer. */
static covey_bytes answer_to_join(struct world *w, struct node *n)
{
    covey_member_request r;

    member_open(w, 0, BOTH, 4);
    covey_member_join(&n->member);
    (void)next(w, n);
    assert_int_equal(ask(w, 0, POST, "ace-group/g", NONE, SPAN("")), C(4, 0));
    CHECK_STATUS(COVEY_OK, covey_member_receive(&n->member, w->now, C(4, 0),
                                                w->reply.payload));
    r = next(w, n);
    assert_int_equal(ask(w, 0, POST, "ace-group/g", r.format, r.payload) >> 5,
                     2);
    return w->reply.payload;
}

/* Each byte of the answer matters, or is one that nothing depends on: then
 * the member is in with what the manager said. */
static void believes_no_answer_that_was_changed(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = &w->nodes[0];
    covey_bytes v[COVEY_KEYING_VALUES];
    covey_bytes answer = answer_to_join(w, n);
    uint8_t *evidence;

    (void)state;
    CHECK_STATUS(COVEY_OK,
                 covey_keying_parse(v, COVEY_KEYING_GROUPCOMM, answer));
    evidence = w->payload + (v[COVEY_GC_KDC_CRED_VERIFY].ptr - answer.ptr);
    evidence[0] ^= 1;
    CHECK_STATUS(COVEY_E_AUTH,
                 covey_member_receive(&n->member, w->now, C(2, 1), answer));
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_OUT);
    for (size_t len = 0; len < answer.len; len++) {
        answer = answer_to_join(w, n);
        if (len >= answer.len) {
            break;
        }
        answer.len = len;
        assert_int_not_equal(COVEY_OK, covey_member_receive(&n->member, w->now,
                                                            C(2, 1), answer));
        len += 6;
    }
    world_close(w);
}

static void wants_the_manager_that_it_knows(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = &w->nodes[0];
    covey_bytes answer = answer_to_join(w, n);

    (void)state;
    n->member.config.kdc_cred = SPAN("another");
    CHECK_STATUS(COVEY_E_AUTH,
                 covey_member_receive(&n->member, w->now, C(2, 1), answer));
    answer = answer_to_join(w, n);
    n->member.config.kdc_cred = w->identities[0].credential;
    CHECK_STATUS(COVEY_OK,
                 covey_member_receive(&n->member, w->now, C(2, 1), answer));
    assert_int_equal(last_event(n).kind, COVEY_MEMBER_JOINED);
    world_close(w);
}

static void takes_news_only_if_they_are_new(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = &w->nodes[0];
    static uint8_t old[1024];
    covey_bytes news;

    (void)state;
    assert_int_equal(covey_member_news(&n->member, w->now, SPAN("\xa0")),
                     C(4, 4));
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    assert_int_equal(covey_member_news(&n->member, w->now, SPAN("\xa0")),
                     C(4, 0));
    assert_int_equal(covey_member_news(&n->member, w->now, SPAN("")), C(4, 0));
    assert_int_equal(ask(w, 0, GET, "ace-group/g", NONE, SPAN("")), C(2, 5));
    memcpy(old, w->reply.payload.ptr, w->reply.payload.len);
    news = covey_bytes_of(old, w->reply.payload.len);
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    world_settle(w);
    assert_int_equal(covey_member_version(&n->member), 2);
    assert_int_equal(covey_member_news(&n->member, w->now, news), C(2, 4));
    assert_int_equal(covey_member_version(&n->member), 2);
    /* an empty key: the group is gone */
    assert_int_equal(covey_member_news(&n->member, w->now,
                                       SPAN("\xa3\x07\x01\x08\xa0\x09\x03")),
                     C(2, 4));
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_OUT);
    assert_int_equal(last_event(n).kind, COVEY_MEMBER_ENDED);
    world_close(w);
}

static void follows_by_notification(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = &w->nodes[0];

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    n->deaf = true;
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    world_settle(w);
    assert_true(w->changed > 0);
    /* as the shell does for an observer of the group */
    assert_int_equal(ask(w, 0, GET, "ace-group/g", NONE, SPAN("")), C(2, 5));
    assert_true(w->reply.observable);
    assert_int_equal(covey_member_news(&n->member, w->now, w->reply.payload),
                     C(2, 4));
    assert_int_equal(covey_member_state_of(&n->member),
                     COVEY_MEMBER_CATCHING_UP);
    member_pump(w, 0);
    assert_int_equal(covey_member_version(&n->member), 2);
    world_close(w);
}

static void what_is_refused_later_leaves_it_in(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = &w->nodes[0];

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    covey_member_renew(&n->member);
    (void)next(w, n);
    CHECK_STATUS(COVEY_OK,
                 covey_member_receive(&n->member, w->now, C(5, 3), SPAN("")));
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_IN);
    assert_true(covey_member_look_up(&n->member, SPAN("\0\x09")));
    assert_false(covey_member_look_up(&n->member, SPAN("\0\x09")));
    (void)next(w, n);
    CHECK_STATUS(COVEY_E_FORMAT, covey_member_receive(&n->member, w->now,
                                                      C(2, 5), SPAN("\xa0")));
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_IN);
    covey_member_renew(&n->member);
    (void)next(w, n);
    CHECK_STATUS(COVEY_OK,
                 covey_member_receive(&n->member, w->now, C(4, 3), SPAN("")));
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_OUT);
    world_close(w);
}

/* The manager does not answer in time; then it does. */
static void asks_again_for_keys_it_missed(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = &w->nodes[0];

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    n->deaf = true;
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    world_settle(w);
    w->now.mono = covey_member_deadline(&n->member);
    (void)next(w, n);
    CHECK_STATUS(COVEY_OK, covey_member_receive(&n->member, w->now, C(2, 5),
                                                SPAN("\x02")));
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_BEHIND);
    assert_int_equal(next(w, n).code, GET);
    CHECK_STATUS(COVEY_OK,
                 covey_member_receive(&n->member, w->now, C(5, 3), SPAN("")));
    assert_int_equal(covey_member_deadline(&n->member), w->now.mono + 5000);
    w->now.mono += 5000;
    member_pump(w, 0);
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_IN);
    assert_int_equal(covey_member_version(&n->member), 2);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_configurations),
        cmocka_unit_test(asks_for_a_challenge_first),
        cmocka_unit_test(gives_up_where_it_is_refused),
        cmocka_unit_test(believes_no_answer_that_was_changed),
        cmocka_unit_test(wants_the_manager_that_it_knows),
        cmocka_unit_test(takes_news_only_if_they_are_new),
        cmocka_unit_test(follows_by_notification),
        cmocka_unit_test(what_is_refused_later_leaves_it_in),
        cmocka_unit_test(asks_again_for_keys_it_missed),
    };

    return KIT_RUN(tests);
}
