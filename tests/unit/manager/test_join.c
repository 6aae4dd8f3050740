/* SPDX-License-Identifier: BSD-2-Clause */
/* Joining: challenges and proofs, roles, credentials, joining again. */
#include "fixture.h"

#define C(c, d) COVEY_COAP_CODE(c, d)
#define KEYS    COVEY_KEYING_FORMAT

/* A Join Request by hand. */
struct attempt {
    uint8_t n_s[8];
    uint8_t roles;
    covey_bytes credential;
    covey_key *key;
    covey_bytes evidence; /* present: this one */
    uint8_t bytes[400];
    covey_writer w;
};

static void fetch_challenge(struct world *w, size_t who, struct attempt *a)
{
    covey_keying_info info;

    memset(a, 0, sizeof *a);
    assert_int_equal(ask(w, who, POST, "ace-group/g", NONE, SPAN("")),
                     C(4, 0));
    assert_int_equal(w->reply.format, KEYS);
    CHECK_STATUS(COVEY_OK, covey_keying_info_parse(&info, w->reply.payload));
    assert_int_equal(info.kdcchallenge.len, 8);
    CHECK_SPAN(SPAN("g"), info.group);
    memcpy(a->n_s, info.kdcchallenge.ptr, 8);
    a->roles = BOTH;
    a->credential = w->nodes[who].credential;
    a->key = &w->nodes[who].key;
}

static covey_bytes compose(struct world *w, struct attempt *a)
{
    uint8_t scope[16];
    uint8_t proof[COVEY_SIGNATURE_MAX];
    uint8_t input[64];
    covey_writer s = covey_writer_of(scope, sizeof scope);
    covey_writer p = covey_writer_of(proof, sizeof proof);
    covey_writer in = covey_writer_of(input, sizeof input);
    covey_keying_join join = { .n_c = SPAN("challeng"),
                               .client_cred = a->credential,
                               .control_uri = SPAN("control") };

    covey_keying_put_scope(&s, SPAN("g"), a->roles);
    join.scope = covey_written(&s);
    CHECK_STATUS(COVEY_OK,
                 covey_keying_client_pop(&in, join.scope,
                                         covey_bytes_of(a->n_s, 8), join.n_c));
    CHECK_STATUS(COVEY_OK,
                 w->crypto.sign(w->crypto.provider, a->key, COVEY_EDDSA,
                                covey_written(&in), &p));
    join.client_cred_verify = covey_written(&p);
    if (a->evidence.ptr != NULL) {
        join.client_cred_verify = a->evidence;
    }
    a->w = covey_writer_of(a->bytes, sizeof a->bytes);
    covey_keying_put_join(&a->w, &join);
    return covey_written(&a->w);
}

static uint8_t attempt(struct world *w, size_t who, struct attempt *a)
{
    return ask(w, who, POST, "ace-group/g", KEYS, compose(w, a));
}

static void lets_in_who_proves(void **state)
{
    struct world *w = world_with(true, true);
    struct attempt a;

    (void)state;
    fetch_challenge(w, 0, &a);
    assert_int_equal(attempt(w, 0, &a), C(2, 1));
    assert_int_equal(w->reply.location_count, 4);
    assert_int_equal(group_row(w)->members, 1);
    assert_int_equal(group_row(w)->version, 1);
    assert_int_equal(logged(w, COVEY_MANAGER_DID_JOIN), 1);
    world_close(w);
}

static void a_challenge_serves_once(void **state)
{
    struct world *w = world_with(true, true);
    struct attempt a;

    (void)state;
    fetch_challenge(w, 0, &a);
    assert_int_equal(attempt(w, 0, &a), C(2, 1));
    /* replayed as it was */
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    assert_int_equal(group_row(w)->version, 1);
    world_close(w);
}

static void refuses_the_challenge_of_another(void **state)
{
    struct world *w = world_with(true, true);
    struct attempt a;
    struct attempt b;

    (void)state;
    fetch_challenge(w, 0, &a);
    fetch_challenge(w, 1, &b);
    memcpy(b.n_s, a.n_s, sizeof b.n_s);
    assert_int_equal(attempt(w, 1, &b), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    /* and what another one has proven */
    assert_int_equal(ask(w, 1, POST, "ace-group/g", KEYS, compose(w, &a)),
                     C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    assert_int_equal(group_row(w)->members, 0);
    world_close(w);
}

static void refuses_challenges_that_are_stale(void **state)
{
    struct world *w = world_with(true, true);
    struct attempt old;
    struct attempt a;

    (void)state;
    fetch_challenge(w, 0, &old);
    fetch_challenge(w, 0, &a); /* which replaces the first */
    assert_int_equal(attempt(w, 0, &old), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    w->now.mono += 60001;
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    world_restart(w); /* and after a restart none is good */
    fetch_challenge(w, 0, &a);
    world_restart(w);
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    fetch_challenge(w, 0, &a);
    assert_int_equal(attempt(w, 0, &a), C(2, 1));
    world_close(w);
}

static void refuses_other_evidence(void **state)
{
    struct world *w = world_with(true, true);
    static uint8_t zeros[64];
    struct attempt a;

    (void)state;
    fetch_challenge(w, 0, &a);
    a.evidence = covey_bytes_of(zeros, 64);
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    a.evidence = covey_bytes_of(zeros, 8);
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    /* "proven already" is for credentials of the association only */
    a.evidence = covey_bytes_of(zeros, 0);
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    w->memory.nodes[0].credential = w->nodes[1].credential;
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    w->memory.nodes[0].credential = w->nodes[0].credential;
    assert_int_equal(attempt(w, 0, &a), C(2, 1));
    world_close(w);
}

static void refuses_credentials_that_do_not_fit(void **state)
{
    struct world *w = world_with(true, true);
    uint8_t storage[CRED];
    static uint8_t long_cred[CRED + 1];
    struct attempt a;

    (void)state;
    fetch_challenge(w, 0, &a);
    a.credential = SPAN("\xa0");
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_CREDENTIAL);
    a.credential = make_credential(w, storage, COVEY_X25519, &w->keys[1]);
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_CREDENTIAL);
    long_cred[0] = 0xa1;
    a.credential = covey_bytes_of(long_cred, sizeof long_cred);
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_CREDENTIAL);
    a.credential = SPAN("\x30\x00"); /* as a certificate begins */
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_CREDENTIAL);
    world_close(w);
}

static void allows_only_roles_that_are_granted(void **state)
{
    struct world *w = world_with(true, true);
    struct attempt a;

    (void)state;
    world_allow(w, 0, "81 82 6167 181a"); /* all but responder */
    fetch_challenge(w, 0, &a);
    assert_int_equal(attempt(w, 0, &a), C(4, 3));
    a.roles = COVEY_KEYING_REQUESTER | COVEY_KEYING_MONITOR;
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_ROLES);
    a.roles = COVEY_KEYING_VERIFIER;
    assert_int_equal(attempt(w, 0, &a), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_ROLES);
    a.roles = COVEY_KEYING_REQUESTER;
    assert_int_equal(attempt(w, 0, &a), C(2, 1));
    world_close(w);
}

static void joining_again_gives_another_sender_id(void **state)
{
    struct world *w = world_with(true, true);
    struct attempt a;
    uint8_t before[2];

    (void)state;
    fetch_challenge(w, 0, &a);
    assert_int_equal(attempt(w, 0, &a), C(2, 1));
    memcpy(before, member_row(w, 0)->id, 2);
    /* the same credential needs no proof, or no credential at all */
    assert_int_equal(ask(w, 0, POST, "ace-group/g", KEYS,
                         SPAN("\xa2\x03\x44\x82\x61g\x02\x06\x41x")),
                     C(2, 4));
    assert_memory_not_equal(before, member_row(w, 0)->id, 2);
    assert_int_equal(member_row(w, 0)->roles, COVEY_KEYING_REQUESTER);
    assert_int_equal(group_row(w)->members, 1);
    assert_int_equal(logged(w, COVEY_MANAGER_DID_REJOIN), 1);
    /* another credential has to be proven */
    world_rekey_node(w, 0, COVEY_ED25519);
    fetch_challenge(w, 0, &a);
    assert_int_equal(attempt(w, 0, &a), C(2, 4));
    CHECK_SPAN(w->nodes[0].credential, member_row(w, 0)->credential);
    world_close(w);
}

static void uploads_another_credential(void **state)
{
    struct world *w = world_with(true, true);
    struct attempt a;
    covey_bytes v[COVEY_KEYING_VALUES];
    uint8_t id[2];

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    memcpy(id, member_row(w, 0)->id, 2);
    world_rekey_node(w, 0, COVEY_ED25519);
    fetch_challenge(w, 0, &a);
    (void)compose(w, &a);
    assert_int_equal(ask(w, 0, POST, "ace-group/g/nodes/n0/cred", KEYS,
                         covey_written(&a.w)),
                     C(2, 4));
    CHECK_SPAN(w->nodes[0].credential, member_row(w, 0)->credential);
    assert_memory_equal(id, member_row(w, 0)->id, 2);
    assert_int_equal(logged(w, COVEY_MANAGER_DID_CREDENTIAL), 1);
    assert_int_equal(ask(w, 0, POST, "ace-group/g/nodes/n0/cred", KEYS,
                         covey_written(&a.w)),
                     C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    /* the manager proves itself again over the new challenge */
    assert_int_equal(ask(w, 0, GET, "ace-group/g/kdc-cred", NONE, SPAN("")),
                     C(2, 5));
    CHECK_STATUS(COVEY_OK, covey_keying_parse(v, COVEY_KEYING_GROUPCOMM,
                                              w->reply.payload));
    CHECK_SPAN(w->identities[0].credential, v[COVEY_GC_KDC_CRED]);
    world_close(w);
}

static void groups_without_signatures_use_a_mac(void **state)
{
    struct world *w = world_with(false, true);

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    assert_int_equal(member_join(w, 1, BOTH), COVEY_MEMBER_IN);
    world_allow(w, 2, "81 82 6167 18 18");
    assert_int_equal(member_join(w, 2, COVEY_KEYING_MONITOR),
                     COVEY_MEMBER_OUT); /* it has no key to agree with */
    assert_int_equal(ask(w, 0, GET, "ace-group/g/kdc-cred", NONE, SPAN("")),
                     C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_NO_SIGNATURES);
    world_allow(w, 3, "81 82 6167 10");
    assert_int_equal(ask(w, 3, GET, "ace-group/g/verif-data", NONE, SPAN("")),
                     C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_NO_SIGNATURES);
    assert_int_equal(
        ask(w, 3, FETCH, "ace-group/g/kdc-cred", KEYS, SPAN("\xa1\x06\x41x")),
        C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_NO_SIGNATURES);
    world_close(w);
}

static void inactive_groups_let_nobody_in(void **state)
{
    struct world *w = world_with(true, true);
    struct attempt a;

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    assert_int_equal(ask(w, ADMIN, POST, "manage/g", KEYS, SPAN("\xa0")),
                     C(2, 4));
    fetch_challenge(w, 1, &a);
    assert_int_equal(attempt(w, 1, &a), C(5, 3));
    assert_int_equal(error_of(w), COVEY_KEYING_NOT_ACTIVE);
    assert_int_equal(ask(w, 0, POST, "ace-group/g/nodes/n0", NONE, SPAN("")),
                     C(5, 3));
    assert_int_equal(error_of(w), COVEY_KEYING_NOT_ACTIVE);
    assert_int_equal(ask(w, 0, GET, "ace-group/g/active", NONE, SPAN("")),
                     C(2, 5));
    CHECK_HEX("f4", w->reply.payload);
    world_close(w);
}

/* Many at once share one rekeying and one write; answers leave after it. */
static void a_window_gathers_joins(void **state)
{
    struct world *w = world_with(true, true);
    struct attempt a[5];
    unsigned batches;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        fetch_challenge(w, i, &a[i]);
    }
    batches = w->batches;
    w->manager.config.commit_window = 20;
    for (size_t i = 0; i < 5; i++) {
        CHECK_STATUS(COVEY_OK, offer(w, i, POST, "ace-group/g", KEYS,
                                     compose(w, &a[i])));
        assert_false(w->answered);
        world_settle(w);
        assert_int_equal(w->batches, batches);
    }
    assert_int_equal(covey_manager_deadline(&w->manager), w->now.mono + 20);
    /* nobody sees what is not stored */
    CHECK_STATUS(COVEY_E_NOT_STORED,
                 offer(w, 0, GET, "ace-group/g/num", NONE, SPAN("")));
    assert_int_equal(covey_manager_deadline(&w->manager), 0);
    w->user--; /* the fifth join is the last that is waited for */
    world_settle(w);
    assert_true(w->answered);
    assert_int_equal(w->reply.code, C(2, 1));
    assert_int_equal(w->batches, batches + 1);
    assert_int_equal(group_row(w)->version, 1);
    assert_int_equal(group_row(w)->members, 5);
    world_close(w);
}

static void says_when_there_is_no_room(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    w->manager.memory.member_count = 0;
    w->manager.free_member = UINT32_MAX;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_OUT);
    assert_int_equal(w->reply.code, C(5, 3));
    assert_int_equal(group_row(w)->version, 0);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_in_who_proves),
        cmocka_unit_test(a_challenge_serves_once),
        cmocka_unit_test(refuses_the_challenge_of_another),
        cmocka_unit_test(refuses_challenges_that_are_stale),
        cmocka_unit_test(refuses_other_evidence),
        cmocka_unit_test(refuses_credentials_that_do_not_fit),
        cmocka_unit_test(allows_only_roles_that_are_granted),
        cmocka_unit_test(joining_again_gives_another_sender_id),
        cmocka_unit_test(uploads_another_credential),
        cmocka_unit_test(groups_without_signatures_use_a_mac),
        cmocka_unit_test(inactive_groups_let_nobody_in),
        cmocka_unit_test(a_window_gathers_joins),
        cmocka_unit_test(says_when_there_is_no_room),
    };

    return KIT_RUN(tests);
}
