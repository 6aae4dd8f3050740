/* SPDX-License-Identifier: BSD-2-Clause */
/* The provider fails at each of its calls, in every function that calls it:
 * what it says comes through, no key is left behind, nothing is used twice,
 * and the next attempt succeeds. */
#include "fixture.h"

#define CCM       COVEY_AES_CCM_16_64_128
#define CALLS_MAX 40

static const int32_t algs[] = { CCM, COVEY_A128CTR };

/* A step of a test with a fault at the n-th call; false: it failed. */
typedef bool (*step)(struct world *w);

/* Runs the step in new worlds until it gets through; how many faults. */
static int survive(int32_t alg, void (*prepare)(struct world *w), step run,
                   step again)
{
    bool done = false;
    int n = 0;

    for (; !done; n++) {
        struct world *w = world_open(alg);
        prepare(w);
        covey_scripted_rewind(&w->script, n);
        done = run(w);
        covey_scripted_rewind(&w->script, COVEY_SCRIPTED_NEVER);
        assert_true(done || again(w));
        world_close(w);
        assert_true(n < CALLS_MAX);
    }
    return n - 1;
}

/* --- without a message --------------------------------------------------- */

static void derives_all_or_nothing(void **state)
{
    const covey_group_parameters p = world_parameters(CCM);
    struct world *w = world_open_empty();
    covey_group_keys keys;
    covey_group_keys before;
    int n = 0;

    (void)state;
    memset(&keys, 0xee, sizeof keys);
    before = keys;
    for (;; n++) {
        covey_status st;
        covey_scripted_rewind(&w->script, n);
        st = covey_group_derive(&keys, &p, &w->crypto);
        if (st == COVEY_OK) {
            break;
        }
        CHECK_STATUS(COVEY_E_CRYPTO, st);
        assert_memory_equal(&keys, &before, sizeof keys);
    }
    assert_int_equal(n, 3); /* extraction, Common IV, SEK */
    covey_scripted_rewind(&w->script, COVEY_SCRIPTED_NEVER);
    world_close(w);
}

static void derives_single_keys_or_nothing(void **state)
{
    const covey_group_parameters p = world_parameters(CCM);
    const covey_group_pair pair = {
        .sender_id = SPAN("a"),
        .sender_key = SPAN("0123456789abcdef"),
        .sender_cred = SPAN("of the one"),
        .recipient_cred = SPAN("of the other"),
        .shared_secret = SPAN("shared"),
    };
    const uint8_t wiped[28] = { 0 };
    struct world *w = world_open_empty();
    uint8_t key[16];

    (void)state;
    for (int n = 0; n <= 4; n++) {
        covey_writer out = covey_writer_of(key, sizeof key);
        covey_scripted_rewind(&w->script, n);
        CHECK_STATUS(
            n < 4 ? COVEY_E_CRYPTO : COVEY_OK,
            covey_group_derive_sender_key(&out, &p, SPAN("a"), &w->crypto));
        assert_int_equal(out.pos, n < 4 ? 0 : sizeof key);
    }
    for (int n = 0; n <= 2; n++) {
        covey_writer out = covey_writer_of(key, sizeof key);
        covey_writer scratch = covey_writer_of(w->scratch, sizeof wiped);
        covey_scripted_rewind(&w->script, n);
        CHECK_STATUS(n < 2 ? COVEY_E_CRYPTO : COVEY_OK,
                     covey_group_derive_pairwise_key(&out, &p, &pair, &scratch,
                                                     &w->crypto));
        assert_int_equal(out.pos, n < 2 ? 0 : sizeof key);
        assert_int_equal(scratch.pos, 0);
        assert_memory_equal(w->scratch, wiped, sizeof wiped);
    }
    covey_scripted_rewind(&w->script, COVEY_SCRIPTED_NEVER);
    world_close(w);
}

static void sets_up_all_or_nothing(void **state)
{
    const covey_group_parameters p = world_parameters(CCM);
    const covey_group none = { .crypto = NULL };
    struct world *w = world_open_empty();
    covey_group *g = &w->member[ALICE].group;
    const covey_group_start start = world_start(&w->member[ALICE]);
    int n = 0;

    (void)state;
    for (;; n++) {
        covey_status st;
        memset(g, 0xee, sizeof *g);
        covey_scripted_rewind(&w->script, n);
        st = covey_group_setup(g, &w->crypto, &p, &start);
        if (st == COVEY_OK) {
            break;
        }
        CHECK_STATUS(COVEY_E_CRYPTO, st);
        assert_memory_equal(g, &none, sizeof none);
        assert_int_equal(w->script.live, MEMBERS);
    }
    assert_int_equal(n, 5); /* as above, Sender Key and its handle */
    covey_scripted_rewind(&w->script, COVEY_SCRIPTED_NEVER);
    world_close(w);
}

/* These change nothing at all when they fail. */
static void check_atomic(covey_status (*act)(struct world *w), int faults)
{
    for (int n = 0; n <= faults; n++) {
        struct world *w = world_open(CCM);
        struct snapshot before;
        const int live = w->script.live;

        snapshot_take(&before, &w->member[ALICE]);
        covey_scripted_rewind(&w->script, n);
        CHECK_STATUS(n < faults ? COVEY_E_CRYPTO : COVEY_OK, act(w));
        covey_scripted_rewind(&w->script, COVEY_SCRIPTED_NEVER);
        assert_int_equal(w->script.live, live);
        if (n < faults) {
            check_unchanged(&before, &w->member[ALICE], 0);
        }
        world_close(w);
    }
}

static covey_status act_rekey(struct world *w)
{
    covey_group_parameters p = world_parameters(CCM);

    p.gid = SPAN("new");
    return covey_group_rekey(&w->member[ALICE].group, &p,
                             covey_bytes_of(NULL, 0), NULL, 0);
}

static covey_status act_change_sender(struct world *w)
{
    return covey_group_change_sender(&w->member[ALICE].group, SPAN("new"));
}

static covey_status act_replace(struct world *w)
{
    const covey_group_member row = row_of(&w->member[BOB]);

    return covey_group_add(&w->member[ALICE].group, &row, NULL);
}

static void changes_all_or_nothing(void **state)
{
    (void)state;
    check_atomic(act_rekey, 5);
    check_atomic(act_change_sender, 2);
    check_atomic(act_replace, 1);
}

/* --- messages ------------------------------------------------------------ */

static struct {
    covey_group_exchange asked;
    covey_group_exchange heard;
    struct wire request;
    struct wire response;
    bool pairwise;
} m;

static void start_exchange(struct world *w)
{
    memset(&m.asked, 0, sizeof m.asked);
    memset(&m.heard, 0, sizeof m.heard);
    m.asked.answers = w->answers;
    m.asked.answer_max = 2;
    address(w, ALICE, m.pairwise ? BOB : ALICE);
}

static bool try_to_ask(struct world *w)
{
    const covey_status st = ask(w, ALICE, &m.asked, GET, &m.request);
    uint8_t zeros[MESSAGE_MAX] = { 0 };

    if (st != COVEY_OK) {
        CHECK_STATUS(COVEY_E_CRYPTO, st);
        /* What was composed there is wiped, and no exchange has begun. */
        assert_memory_equal(w->output, zeros, sizeof zeros);
        assert_null(m.asked.group);
    }
    return st == COVEY_OK;
}

static void prepare_request(struct world *w)
{
    start_exchange(w);
    assert_true(try_to_ask(w));
}

static bool try_to_hear(struct world *w)
{
    struct snapshot before;
    covey_unprotect result;

    snapshot_take(&before, &w->member[BOB]);
    result = hear(w, BOB, &m.heard, &m.request);
    if (result == COVEY_UNPROTECT_REFUSED) {
        assert_int_equal(w->r.base.fault, COVEY_OSCORE_OURS);
        CHECK_STATUS(COVEY_E_CRYPTO, w->r.base.status);
        assert_int_equal(w->out.pos, 0);
        assert_null(m.heard.group);
        check_unchanged(&before, &w->member[BOB], 0);
    }
    return result != COVEY_UNPROTECT_REFUSED;
}

static void prepare_answer(struct world *w)
{
    prepare_request(w);
    assert_true(try_to_hear(w));
    store(&w->member[BOB].group);
    memset(w->output, 0, sizeof w->output);
    address(w, BOB, m.pairwise ? ALICE : BOB);
}

/* A nonce that was tried with is gone, the request's one too: the watch in
 * the fixture sees to that. */
static bool try_to_answer(struct world *w)
{
    const covey_status st = answer(w, BOB, &m.heard, CONTENT, &m.response);
    uint8_t zeros[MESSAGE_MAX] = { 0 };

    if (st != COVEY_OK) {
        CHECK_STATUS(COVEY_E_CRYPTO, st);
        assert_memory_equal(w->output, zeros, sizeof zeros);
    }
    return st == COVEY_OK;
}

static void prepare_response(struct world *w)
{
    prepare_answer(w);
    assert_true(try_to_answer(w));
}

static bool try_to_take(struct world *w)
{
    struct snapshot before;
    const covey_group_exchange x = m.asked;
    covey_unprotect result;

    snapshot_take(&before, &w->member[ALICE]);
    result = take(w, ALICE, &m.asked, &m.response);
    if (result == COVEY_UNPROTECT_REFUSED) {
        assert_int_equal(w->r.base.fault, COVEY_OSCORE_OURS);
        CHECK_STATUS(COVEY_E_CRYPTO, w->r.base.status);
        assert_memory_equal(&m.asked, &x, sizeof x);
        check_unchanged(&before, &w->member[ALICE], 0);
    }
    return result == COVEY_UNPROTECT_FRESH;
}

/* The calls, as they come: keys when first needed, then the message. */
static void survives_every_fault_of_a_message(void **state)
{
    static const struct {
        void (*prepare)(struct world *w);
        step run;
        int group;    /* calls in group mode */
        int pairwise; /* and in pairwise mode */
    } cases[] = {
        /* seal, sign, mask; secret, Sender Key, two of pairwise key, handle */
        { start_exchange, try_to_ask, 3, 6 },
        /* Recipient Key, handle, mask, verify, open */
        { prepare_request, try_to_hear, 5, 6 },
        { prepare_answer, try_to_answer, 3, 6 },
        { prepare_response, try_to_take, 5, 6 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        m.pairwise = false;
        for (size_t alg = 0; alg < COUNT_OF(algs); alg++) {
            assert_int_equal(survive(algs[alg], cases[i].prepare, cases[i].run,
                                     cases[i].run),
                             cases[i].group);
        }
        m.pairwise = true;
        assert_int_equal(
            survive(CCM, cases[i].prepare, cases[i].run, cases[i].run),
            cases[i].pairwise);
    }
}

/* The secrets that pairwise keys are made of are wiped from the scratch. */
static void leaves_no_secret_in_the_scratch(void **state)
{
    uint8_t secret[COVEY_SHARED_MAX];

    (void)state;
    m.pairwise = true;
    for (int n = 0; n < 6; n++) {
        struct world *w = world_open(CCM);
        covey_writer z = covey_writer_of(secret, sizeof secret);

        start_exchange(w);
        CHECK_STATUS(COVEY_OK,
                     w->crypto.agree(&w->script, &w->member[ALICE].private_key,
                                     &w->work.to->public_key, &z));
        covey_scripted_rewind(&w->script, n);
        assert_false(try_to_ask(w));
        for (size_t at = 0; at + z.pos <= sizeof w->scratch; at++) {
            assert_memory_not_equal(w->scratch + at, secret, z.pos);
        }
        covey_scripted_rewind(&w->script, COVEY_SCRIPTED_NEVER);
        world_close(w);
    }
}

/* Those outside the group must not see who signed what. */
static void leaves_no_signature_without_mask(void **state)
{
    const uint8_t wiped[64] = { 0 };
    size_t len = 0;

    (void)state;
    m.pairwise = false;
    for (int n = 3; n >= 2; n--) { /* sealed and signed, then masked */
        struct world *w = world_open(CCM);
        const covey_coap_message get = message_of(w, GET);
        covey_writer out = covey_writer_of(w->output, sizeof w->output);

        start_exchange(w);
        covey_scripted_rewind(&w->script, n);
        CHECK_STATUS(n == 3 ? COVEY_OK : COVEY_E_CRYPTO,
                     covey_group_seal_request(&w->member[ALICE].group,
                                              &m.asked, &get, SPAN("\x01"),
                                              &w->work, &out));
        len = n == 3 ? out.pos : len;
        assert_int_equal(
            memcmp(w->output + len - sizeof wiped, wiped, sizeof wiped) == 0,
            n == 2);
        covey_scripted_rewind(&w->script, COVEY_SCRIPTED_NEVER);
        world_close(w);
    }
}

/* Plaintext that was decrypted but cannot be delivered: no room, no right to
 * ask, a baseline. */
static void leaves_no_plaintext_behind(void **state)
{
    static const char needle[] = "for your eyes only";
    static const covey_oscore_fault faults[] = { COVEY_OSCORE_OURS,
                                                 COVEY_OSCORE_BAD_ROLE,
                                                 COVEY_OSCORE_BASELINE };

    (void)state;
    m.pairwise = false;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct world *w = world_open(CCM);
        covey_group_recipient *alice = peer_of(w, BOB, ALICE);

        start_exchange(w);
        CHECK_STATUS(COVEY_OK,
                     ask(w, ALICE, &m.asked,
                         "40020001 ff 666f7220796f75722065796573206f6e6c79",
                         &m.request));
        memset(w->output, 0, sizeof w->output);
        w->cap = i == 0 ? 16 : w->cap;
        alice->roles = i == 1 ? COVEY_GROUP_RESPONDER : 0;
        alice->window_valid = i != 2;
        w->member[BOB].group.late = COVEY_GROUP_LATE_DROP_FIRST;
        assert_int_equal(hear(w, BOB, &m.heard, &m.request),
                         COVEY_UNPROTECT_REFUSED);
        assert_int_equal(w->r.base.fault, faults[i]);
        for (size_t at = 0; at + sizeof needle <= sizeof w->scratch; at++) {
            assert_memory_not_equal(w->scratch + at, needle,
                                    sizeof needle - 1);
        }
        world_close(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derives_all_or_nothing),
        cmocka_unit_test(derives_single_keys_or_nothing),
        cmocka_unit_test(sets_up_all_or_nothing),
        cmocka_unit_test(changes_all_or_nothing),
        cmocka_unit_test(survives_every_fault_of_a_message),
        cmocka_unit_test(leaves_no_secret_in_the_scratch),
        cmocka_unit_test(leaves_no_signature_without_mask),
        cmocka_unit_test(leaves_no_plaintext_behind),
    };

    return KIT_RUN(tests);
}
