/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers that are longer than there is room for, or odd, with a proof of the
 * manager that is right. */
#include "../manager/fixture.h"

#define C(c, d) COVEY_COAP_CODE(c, d)

static uint8_t request_bytes[1024];
static uint8_t answer_bytes[1024];
static const uint8_t zeros[100];

static covey_member_request next(struct world *w, struct node *n)
{
    covey_writer out = covey_writer_of(request_bytes, sizeof request_bytes);
    covey_member_request r;
    covey_status st;

    assert_true(covey_member_transmit(&n->member, w->now, &r, &out, &st));
    return r;
}

/* What is changed in the answer. */
struct change {
    const char *why;
    covey_status status;
    size_t gid_len;
    size_t ms_len;
    size_t salt_len;
    size_t id_len; /* 0: none */
    const char *cred;
    size_t nonce_len;
    size_t evidence_len;
    bool no_suite;
};

/* Joins with an answer of our own, which has the manager's proof. */
static covey_status join_with(struct world *w, const struct change *c,
                              bool group_mode)
{
    struct node *n = &w->nodes[0];
    const covey_keying_suite suite = covey_keying_defaults(group_mode, true);
    covey_writer out = covey_writer_of(answer_bytes, sizeof answer_bytes);
    covey_bytes v[COVEY_KEYING_VALUES];
    covey_keying_material m = { .num = 1, .exi = 60, .peers = true };
    covey_member_request r;
    uint8_t cred[96];

    member_open(w, 0, BOTH, 4);
    covey_member_join(&n->member);
    (void)next(w, n);
    assert_int_equal(ask(w, 0, POST, "ace-group/g", NONE, SPAN("")), C(4, 0));
    CHECK_STATUS(COVEY_OK, covey_member_receive(&n->member, w->now, C(4, 0),
                                                w->reply.payload));
    r = next(w, n);
    assert_int_equal(ask(w, 0, POST, "ace-group/g", r.format, r.payload) >> 5,
                     2);
    CHECK_STATUS(COVEY_OK, covey_keying_parse(v, COVEY_KEYING_GROUPCOMM,
                                              w->reply.payload));
    m.suite = c->no_suite ? NULL : &suite;
    m.ms = covey_bytes_of(zeros, c->ms_len);
    m.gid = covey_bytes_of(zeros, c->gid_len);
    m.salt = covey_bytes_of(zeros, c->salt_len);
    if (c->id_len > 0) {
        m.sender_id = covey_bytes_of(zeros, c->id_len);
    }
    m.kdc_cred = v[COVEY_GC_KDC_CRED];
    m.kdc_nonce = v[COVEY_GC_KDC_NONCE];
    m.kdc_cred_verify = v[COVEY_GC_KDC_CRED_VERIFY];
    if (c->nonce_len > 0) {
        m.kdc_nonce = covey_bytes_of(zeros, c->nonce_len);
    }
    if (c->evidence_len > 0) {
        m.kdc_cred_verify = covey_bytes_of(zeros, c->evidence_len);
    }
    covey_keying_put_material(&out, &m);
    covey_keying_put_list(&out, COVEY_GC_CREDS, 1);
    covey_cbor_put_bytes(&out, c->cred[0] != '\0'
                                   ? kit_hex(c->cred, cred, sizeof cred)
                                   : covey_bytes_of(zeros, CRED + 1));
    covey_keying_put_list(&out, COVEY_GC_PEER_ROLES, 1);
    covey_cbor_put_uint(&out, 2);
    covey_keying_put_list(&out, COVEY_GC_PEER_IDENTIFIERS, 1);
    covey_cbor_put_bytes(&out, SPAN("p"));
    covey_keying_put_material_rest(&out, &m);
    assert_int_equal(out.failed, COVEY_OK);
    return covey_member_receive(&n->member, w->now, C(2, 1),
                                covey_written(&out));
}

#define GOOD "a0"

static const struct change changes[] = {
    { "as it should be, with a member nobody can verify", COVEY_OK, 6, 16, 8,
      2, GOOD, 0, 0, false },
    { "a long Gid", COVEY_E_ROOM, 33, 16, 8, 2, GOOD, 0, 0, false },
    { "a long secret", COVEY_E_ROOM, 6, 65, 8, 2, GOOD, 0, 0, false },
    { "a long salt", COVEY_E_ROOM, 6, 16, 65, 2, GOOD, 0, 0, false },
    { "a long Sender ID", COVEY_E_ROOM, 6, 16, 8, 8, GOOD, 0, 0, false },
    { "no Sender ID", COVEY_E_FORMAT, 6, 16, 8, 0, GOOD, 0, 0, false },
    { "no algorithms", COVEY_E_FORMAT, 6, 16, 8, 2, GOOD, 0, 0, true },
    { "a long credential", COVEY_E_ROOM, 6, 16, 8, 2, "", 0, 0, false },
    { "a long nonce", COVEY_E_FORMAT, 6, 16, 8, 2, GOOD, 33, 0, false },
    { "another nonce", COVEY_E_AUTH, 6, 16, 8, 2, GOOD, 8, 0, false },
    { "short evidence", COVEY_E_AUTH, 6, 16, 8, 2, GOOD, 0, 7, false },
    { "other evidence", COVEY_E_AUTH, 6, 16, 8, 2, GOOD, 0, 8, false },
    { "a key of another curve", COVEY_OK, 6, 16, 8, 2,
      "a1 08 a1 01 a3 01 01 20 05 21 5838"
      "00000000000000000000000000000000000000000000000000000000"
      "00000000000000000000000000000000000000000000000000000000",
      0, 0, false },
};

static void check_changes(bool group_mode)
{
    struct world *w = world_with(group_mode, true);

    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        const covey_member *m = &w->nodes[0].member;

        kit_case(changes[i].why);
        CHECK_STATUS(changes[i].status, join_with(w, &changes[i], group_mode));
        assert_int_equal(covey_member_state_of(m),
                         changes[i].status == COVEY_OK ? COVEY_MEMBER_IN
                                                       : COVEY_MEMBER_OUT);
    }
    kit_case(NULL);
    world_close(w);
}

static void refuses_answers_that_are_odd(void **state)
{
    (void)state;
    check_changes(true);
    check_changes(false);
}

/* News with a Gid that is too long, or not of this group at all. */
static void refuses_news_that_are_odd(void **state)
{
    static const char *const news[] = {
        "a3 07 01 08 a2 02 4101 06 4102 09 02",            /* no stale IDs */
        "a4 07 01 08 a2 02 4101 06 4102 09 02 1822 81 01", /* that are none */
        ("a4 07 01 08 a2 02 4101 06 5821 000000000000000000000000000000000000"
         "000000000000000000000000000000 09 02 1822 80"),
        "a4 07 02 08 a2 02 4101 06 4102 09 02 1822 80",
    };
    static const uint8_t codes[] = { C(2, 4), C(4, 0), C(4, 0), C(4, 0) };
    struct world *w = world_with(true, true);
    struct node *n = &w->nodes[0];
    uint8_t bytes[128];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(news); i++) {
        kit_case(news[i]);
        assert_int_equal(join_with(w, &changes[0], true), COVEY_OK);
        assert_int_equal(
            covey_member_news(&n->member, w->now,
                              kit_hex(news[i], bytes, sizeof bytes)),
            codes[i]);
        assert_int_equal(covey_member_version(&n->member), 1);
    }
    kit_case(NULL);
    world_close(w);
}

static void a_full_table_takes_nobody_more(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = &w->nodes[5];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(member_join(w, i, BOTH), COVEY_MEMBER_IN);
    }
    member_open(w, 5, BOTH, 2);
    covey_member_join(&n->member);
    member_pump(w, 5);
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_IN);
    assert_true(n->member.memory.peers[1].present);
    world_close(w);
}

static void only_who_is_in_asks(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = &w->nodes[0];
    covey_writer out = covey_writer_of(request_bytes, sizeof request_bytes);
    covey_member_request r;
    covey_status st;

    (void)state;
    member_open(w, 0, BOTH, 4);
    covey_member_renew(&n->member);
    covey_member_leave(&n->member);
    covey_member_evicted(&n->member);
    assert_false(covey_member_look_up(&n->member, SPAN("x")));
    assert_false(covey_member_transmit(&n->member, w->now, &r, &out, &st));
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    assert_false(covey_member_look_up(&n->member, SPAN("12345678")));
    world_allow(w, 1, "81 82 6167 08");
    assert_int_equal(member_join(w, 1, COVEY_KEYING_MONITOR), COVEY_MEMBER_IN);
    covey_member_renew(&w->nodes[1].member);
    assert_false(
        covey_member_transmit(&w->nodes[1].member, w->now, &r, &out, &st));
    /* an ID that is none, and a version that is none */
    covey_member_renew(&n->member);
    (void)next(w, n);
    CHECK_STATUS(COVEY_E_FORMAT, covey_member_receive(&n->member, w->now,
                                                      C(2, 4), SPAN("\xa0")));
    w->now.mono = covey_member_deadline(&n->member);
    (void)next(w, n);
    CHECK_STATUS(COVEY_E_FORMAT, covey_member_receive(&n->member, w->now,
                                                      C(2, 5), SPAN("\xa0")));
    /* no room for the request: nothing is lost */
    covey_member_renew(&n->member);
    assert_true(covey_member_look_up(&n->member, SPAN("x")));
    (void)next(w, n);
    CHECK_STATUS(COVEY_OK,
                 covey_member_receive(&n->member, w->now, C(5, 3), SPAN("")));
    out = covey_writer_of(request_bytes, 2);
    assert_false(covey_member_transmit(&n->member, w->now, &r, &out, &st));
    CHECK_STATUS(COVEY_E_ROOM, st);
    assert_int_equal(next(w, n).code, FETCH);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_answers_that_are_odd),
        cmocka_unit_test(refuses_news_that_are_odd),
        cmocka_unit_test(a_full_table_takes_nobody_more),
        cmocka_unit_test(only_who_is_in_asks),
    };

    return KIT_RUN(tests);
}
