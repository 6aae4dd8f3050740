/* SPDX-License-Identifier: BSD-2-Clause */
/* Too little scratch, or too little room for what comes out, at every length:
 * COVEY_E_ROOM, and nothing has happened. */
#include "fixture.h"

#define POST     "41020001 aa b174 ff 68656c6c6f"
#define POST_LEN 13u

static struct {
    covey_group_exchange asked;
    covey_group_exchange heard;
    struct wire request;
    struct wire response;
} m;

static struct world *open_mode(int32_t alg, bool pairwise)
{
    struct world *w = world_open(alg);

    memset(&m, 0, sizeof m);
    m.asked.answers = w->answers;
    m.asked.answer_max = 2;
    address(w, ALICE, pairwise ? BOB : ALICE);
    return w;
}

/* The field that is made smaller. */
static size_t *limited(struct world *w, bool scratch)
{
    return scratch ? &w->work.message.scratch_cap : &w->cap;
}

/* Calls with ever more room until it is enough; how much that is. */
static size_t protect(struct world *w, bool request, bool scratch)
{
    struct member *who = &w->member[request ? ALICE : BOB];
    covey_group_exchange *x = request ? &m.asked : &m.heard;
    size_t *cap = limited(w, scratch);
    const size_t before_cap = *cap;
    struct snapshot before;
    covey_group_exchange untouched;
    covey_status st = COVEY_E_ROOM;
    size_t n = 0;

    memcpy(&untouched, x, sizeof untouched);
    snapshot_take(&before, who);
    for (; st != COVEY_OK; n++) {
        *cap = n;
        st = request ? ask(w, ALICE, x, POST, &m.request)
                     : answer(w, BOB, x, CONTENT, &m.response);
        if (st != COVEY_OK) {
            CHECK_STATUS(COVEY_E_ROOM, st);
            check_unchanged(&before, who, 0);
            assert_memory_equal(x, &untouched, sizeof untouched);
        }
        assert_true(n <= before_cap);
    }
    *cap = before_cap;
    return n - 1;
}

static size_t unprotect(struct world *w, bool request)
{
    struct member *who = &w->member[request ? BOB : ALICE];
    covey_group_exchange *x = request ? &m.heard : &m.asked;
    const size_t before_cap = w->work.message.scratch_cap;
    struct snapshot before;
    covey_group_exchange untouched;
    covey_unprotect result = COVEY_UNPROTECT_REFUSED;
    size_t n = 0;

    memcpy(&untouched, x, sizeof untouched);
    snapshot_take(&before, who);
    for (; result == COVEY_UNPROTECT_REFUSED; n++) {
        w->work.message.scratch_cap = n;
        result = request ? hear(w, BOB, x, &m.request)
                         : take(w, ALICE, x, &m.response);
        if (result == COVEY_UNPROTECT_REFUSED) {
            assert_int_equal(w->r.base.fault, COVEY_OSCORE_OURS);
            CHECK_STATUS(COVEY_E_ROOM, w->r.base.status);
            assert_int_equal(w->out.pos, 0);
            check_unchanged(&before, who, 0);
            assert_memory_equal(x, &untouched, sizeof untouched);
        }
        assert_true(n <= before_cap);
    }
    w->work.message.scratch_cap = before_cap;
    store(&who->group);
    return n - 1;
}

/* What the header promises is enough. */
static void needs_no_more_scratch_than_it_says(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < 3; mode++) {
        struct world *w = open_mode(
            mode == 2 ? COVEY_A128CTR : COVEY_AES_CCM_16_64_128, mode == 1);
        assert_in_range(protect(w, true, true), 1,
                        COVEY_GROUP_SCRATCH(POST_LEN, CREDENTIAL_LEN, 3));
        assert_in_range(unprotect(w, true), 1,
                        COVEY_GROUP_SCRATCH(m.request.len, CREDENTIAL_LEN, 3));
        CHECK_HEX(POST, covey_written(&w->out));
        address(w, BOB, mode == 1 ? ALICE : BOB);
        assert_in_range(protect(w, false, true), 1,
                        COVEY_GROUP_SCRATCH(7, CREDENTIAL_LEN, 3));
        assert_in_range(
            unprotect(w, false), 1,
            COVEY_GROUP_SCRATCH(m.response.len, CREDENTIAL_LEN, 3));
        assert_int_equal(w->member[ALICE].group.ssn, 1);
        assert_int_equal(w->member[BOB].group.ssn, 0);
        world_close(w);
    }
}

/* To the byte: a message has room where it just fits. */
static void spends_no_number_without_room(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < 3; mode++) {
        struct world *w = open_mode(
            mode == 2 ? COVEY_A128CTR : COVEY_AES_CCM_16_64_128, mode == 1);
        assert_in_range(protect(w, true, false), m.request.len,
                        POST_LEN + POST_LEN / 8 + COVEY_GROUP_OVERHEAD_MAX);
        assert_int_equal(w->member[ALICE].group.ssn, 1);
        check_heard(w, BOB, &m.heard, &m.request);
        address(w, BOB, mode == 1 ? ALICE : BOB);
        w->work.message.own_piv = true;
        assert_in_range(protect(w, false, false), m.response.len,
                        7 + COVEY_GROUP_OVERHEAD_MAX);
        assert_int_equal(w->member[BOB].group.ssn, 1);
        check_taken(w, ALICE, &m.asked, &m.response);
        world_close(w);
    }
}

/* No scratch at all. */
static void does_without_where_there_is_none(void **state)
{
    (void)state;
    for (size_t pairwise = 0; pairwise < 2; pairwise++) {
        struct world *w = open_mode(COVEY_AES_CCM_16_64_128, pairwise == 1);
        const covey_oscore_work enough = w->work.message;
        const covey_oscore_work none = { .scratch = NULL };

        w->work.message = none;
        CHECK_STATUS(COVEY_E_ROOM, ask(w, ALICE, &m.asked, POST, &m.request));
        w->work.message = enough;
        CHECK_STATUS(COVEY_OK, ask(w, ALICE, &m.asked, POST, &m.request));
        w->work.message = none;
        check_not_heard(w, BOB, &m.request, COVEY_OSCORE_OURS);
        CHECK_STATUS(COVEY_E_ROOM, w->r.base.status);
        world_close(w);
    }
}

/* An authentic request has been received even if it could not be handed over;
 * a response has not. */
static void hands_over_into_enough_room_only(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < POST_LEN; cap++) {
        struct world *w = open_mode(COVEY_AES_CCM_16_64_128, false);
        CHECK_STATUS(COVEY_OK, ask(w, ALICE, &m.asked, POST, &m.request));
        w->cap = cap;
        assert_int_equal(hear(w, BOB, &m.heard, &m.request),
                         COVEY_UNPROTECT_REFUSED);
        assert_int_equal(w->r.base.fault, COVEY_OSCORE_OURS);
        CHECK_STATUS(COVEY_E_ROOM, w->r.base.status);
        assert_int_equal(w->out.pos, 0);
        w->cap = sizeof w->output;
        check_not_heard(w, BOB, &m.request, COVEY_OSCORE_REPLAY);
        CHECK_STATUS(COVEY_OK, ask(w, ALICE, &m.asked, POST, &m.request));
        check_heard(w, BOB, &m.heard, &m.request);
        CHECK_STATUS(COVEY_OK, answer(w, BOB, &m.heard, CONTENT, &m.response));
        peer_of(w, ALICE, BOB)->heard = true;
        w->cap = cap < 7 ? cap : 6;
        check_not_taken(w, ALICE, &m.asked, &m.response, COVEY_OSCORE_OURS);
        CHECK_STATUS(COVEY_E_ROOM, w->r.base.status);
        w->cap = 7;
        check_taken(w, ALICE, &m.asked, &m.response);
        world_close(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_no_more_scratch_than_it_says),
        cmocka_unit_test(spends_no_number_without_room),
        cmocka_unit_test(does_without_where_there_is_none),
        cmocka_unit_test(hands_over_into_enough_room_only),
    };

    return KIT_RUN(tests);
}
