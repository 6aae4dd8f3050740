/* SPDX-License-Identifier: BSD-2-Clause */
/* The provider fails at each of its calls, on both sides: nobody is told
 * anything wrong, nothing is left behind, and the next attempt succeeds. */
#include "fixture.h"

#define C(c, d) COVEY_COAP_CODE(c, d)
#define CALLS   200

typedef bool (*step)(struct world *w);

/* Runs the step with a fault at each call until there is none left. */
static int survive(struct world *(*prepare)(void), step run)
{
    int n = 0;

    for (bool done = false; !done; n++) {
        struct world *w = prepare();

        covey_scripted_rewind(&w->script, n);
        done = run(w) && w->script.calls <= n;
        covey_scripted_rewind(&w->script, COVEY_SCRIPTED_NEVER);
        w->script.seed = (uint64_t)n + 77; /* no bytes come twice */
        world_settle(w);
        assert_true(done || run(w));
        world_close(w);
        assert_true(n < CALLS);
    }
    return n - 1;
}

static struct world *with_members(void)
{
    struct world *w = world_with(true, true);

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(member_join(w, i, BOTH), COVEY_MEMBER_IN);
    }
    return w;
}

static struct world *pairwise_only(void)
{
    struct world *w = world_with(false, true);

    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    return w;
}

static bool joins(struct world *w)
{
    const covey_member *m = &w->nodes[5].member;

    member_open(w, 5, BOTH, 8);
    covey_member_join(&w->nodes[5].member);
    member_pump(w, 5);
    return covey_member_state_of(m) == COVEY_MEMBER_IN;
}

static void joining(void **state)
{
    (void)state;
    assert_in_range(survive(with_members, joins), 15, 60);
    assert_in_range(survive(pairwise_only, joins), 15, 60);
}

static bool creates(struct world *w)
{
    return ask(w, ADMIN, POST, "manage", COVEY_KEYING_FORMAT,
               SPAN("\xa1\x2c\x61k")) == C(2, 1);
}

static bool checks(struct world *w)
{
    world_allow(w, 7, "81 82 6167 10");
    return ask(w, 7, GET, "ace-group/g/verif-data", NONE, SPAN("")) ==
               C(2, 5) &&
           ask(w, 7, FETCH, "ace-group/g/kdc-cred", COVEY_KEYING_FORMAT,
               SPAN("\xa1\x06\x41x")) == C(2, 5) &&
           ask(w, 0, GET, "ace-group/g/kdc-cred", NONE, SPAN("")) == C(2, 5);
}

/* Another credential, whose proof has to be checked. */
static bool uploads(struct world *w)
{
    struct node *n = &w->nodes[0];
    covey_keying_info info;
    uint8_t input[64];
    uint8_t proof[64];
    uint8_t bytes[256];
    covey_writer in = covey_writer_of(input, sizeof input);
    covey_writer sig = covey_writer_of(proof, sizeof proof);
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_keying_join join = { .n_c = SPAN("x"),
                               .client_cred = n->credential };

    if (ask(w, 0, POST, "ace-group/g", NONE, SPAN("")) != C(4, 0) ||
        covey_keying_info_parse(&info, w->reply.payload) != COVEY_OK ||
        covey_keying_client_pop(&in, SPAN("\x82\x61g\x06"), info.kdcchallenge,
                                join.n_c) != COVEY_OK ||
        w->crypto.sign(w->crypto.provider, &n->key, COVEY_EDDSA,
                       covey_written(&in), &sig) != COVEY_OK) {
        return false;
    }
    join.client_cred_verify = covey_written(&sig);
    covey_keying_put_join(&out, &join);
    return ask(w, 0, POST, "ace-group/g/nodes/n0/cred", COVEY_KEYING_FORMAT,
               covey_written(&out)) == C(2, 4);
}

static void answering(void **state)
{
    (void)state;
    assert_int_equal(survive(with_members, creates), 2);
    assert_in_range(survive(with_members, checks), 5, 20);
    assert_int_equal(survive(with_members, uploads), 4);
}

/* Rekeying is the manager's alone; members who fail ask again. */
static bool rekeys(struct world *w)
{
    const uint32_t version = group_row(w)->version;
    bool same;

    if (covey_manager_rekey(&w->manager, w->now, SPAN("g")) != COVEY_OK) {
        return false;
    }
    world_settle(w);
    w->now.mono += 5000;
    member_pump(w, 0);
    member_pump(w, 1);
    same = group_row(w)->version == version + 1;
    for (size_t i = 0; i < 2; i++) {
        const covey_member *m = &w->nodes[i].member;

        same = same && covey_member_state_of(m) == COVEY_MEMBER_IN &&
               covey_member_version(m) == group_row(w)->version;
    }
    return same;
}

static void rekeying(void **state)
{
    (void)state;
    assert_in_range(survive(with_members, rekeys), 8, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joining),
        cmocka_unit_test(answering),
        cmocka_unit_test(rekeying),
    };

    return KIT_RUN(tests);
}
