/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens: their length and kind, that they are unique, that they rest; and
 * the table against a list that is looked through. */
#include "fixture.h"

static void marks_tokens_of_group_requests(void **state)
{
    struct fixture f;
    struct begun b;

    (void)state;
    for (uint8_t len = 1; len <= 8; len++) {
        covey_exchange_request unicast = fixture_request(fixture_peer(1), len);
        covey_exchange_request group = fixture_request(fixture_group(), len);
        fixture_init(&f);
        CHECK_STATUS(COVEY_OK, fixture_begin(&f, &unicast, &b));
        assert_int_equal(len, b.span.len);
        assert_int_equal(0, b.token[0] & 0x80);
        CHECK_STATUS(COVEY_OK, fixture_begin(&f, &group, &b));
        assert_int_equal(0x80, b.token[0] & 0x80);
    }
}

static void refuses_lengths_and_limits_that_are_none(void **state)
{
    struct fixture f;
    struct begun b;
    covey_exchange_request r = fixture_request(fixture_peer(1), 0);

    (void)state;
    fixture_init(&f);
    CHECK_STATUS(COVEY_E_ARGUMENT, fixture_begin(&f, &r, &b));
    r.token_len = 9;
    CHECK_STATUS(COVEY_E_ARGUMENT, fixture_begin(&f, &r, &b));
    r.token_len = 8;
    r.limit = 0;
    CHECK_STATUS(COVEY_E_ARGUMENT, fixture_begin(&f, &r, &b));
    r.limit = 1;
    r.server_limit = 0;
    CHECK_STATUS(COVEY_E_ARGUMENT, fixture_begin(&f, &r, &b));
    assert_true(covey_exchange_deadline(&f.table) == COVEY_NEVER);
}

static void needs_rows_and_randomness(void **state)
{
    struct fixture f;
    struct begun b;
    covey_exchange_memory none = { 0 };
    covey_exchange_request r = fixture_request(fixture_peer(1), 8);
    const covey_random random = { fixture_fill, &f };

    (void)state;
    fixture_init(&f);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_exchange_init(&f.table, &none, random, 0));
    none.row_count = COVEY_TIMERS_MAX + 1;
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_exchange_init(&f.table, &none, random, 0));
    none.row_count = 1;
    f.fails = true;
    CHECK_STATUS(COVEY_E_CRYPTO,
                 covey_exchange_init(&f.table, &none, random, 0));
    CHECK_STATUS(COVEY_E_CRYPTO, fixture_begin(&f, &r, &b));
    f.fails = false;
    for (unsigned i = 0; i < ROWS; i++) {
        CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    }
    CHECK_STATUS(COVEY_E_ROOM, fixture_begin(&f, &r, &b));
}

/* 128 tokens of one byte for one peer; another peer has its own. */
static void exhausts_the_tokens_of_one_byte(void **state)
{
    enum {
        MANY = 200
    };
    static covey_exchange_row rows[MANY];
    static covey_slot slots[COVEY_SLOTS(MANY)];
    static covey_timer timers[MANY];
    struct fixture f;
    covey_exchange_memory m = { rows, timers, MANY, slots, NULL, 0 };
    covey_exchange_request r = fixture_request(fixture_peer(1), 1);
    bool seen[256] = { false };
    struct begun b;

    (void)state;
    fixture_init(&f);
    CHECK_STATUS(COVEY_OK,
                 covey_exchange_init(&f.table, &m,
                                     (covey_random){ fixture_fill, &f }, 0));
    for (int i = 0; i < 128; i++) {
        CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
        assert_false(seen[b.token[0]]);
        seen[b.token[0]] = true;
    }
    CHECK_STATUS(COVEY_E_EXHAUSTED, fixture_begin(&f, &r, &b));
    r.path = fixture_peer(2);
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
}

/* REQ-REQ-02. */
static void lets_short_tokens_rest(void **state)
{
    struct fixture f;
    covey_exchange_request r = fixture_request(fixture_peer(1), 2);
    covey_exchange_answer answer;
    covey_exchange_event ev;
    struct begun b;

    (void)state;
    fixture_init(&f);
    r.rest = COVEY_EXCHANGE_TOKEN_REUSE;
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    covey_exchange_end(&f.table, b.ref, COVEY_EXCHANGE_CANCELLED);
    assert_int_equal(0, covey_exchange_deadline(&f.table));
    assert_true(covey_exchange_event_next(&f.table, 2000, &ev));
    assert_int_equal(COVEY_EXCHANGE_DROPPED,
                     covey_exchange_match(&f.table, &r.path, b.span, &answer));
    assert_int_equal(1, f.table.counters.late);
    assert_true(covey_exchange_deadline(&f.table) <= 502000);
    assert_false(covey_exchange_event_next(&f.table, 501999, &ev));
    assert_int_equal(COVEY_EXCHANGE_DROPPED,
                     covey_exchange_match(&f.table, &r.path, b.span, &answer));
    assert_false(covey_exchange_event_next(&f.table, 502000, &ev));
    assert_int_equal(COVEY_EXCHANGE_UNKNOWN,
                     covey_exchange_match(&f.table, &r.path, b.span, &answer));
}

/* --- against a list ------------------------------------------------------ */

struct listed {
    bool used;
    covey_path path;
    struct begun b;
    uint64_t user;
};

static struct listed *look_up(struct listed *list, const covey_path *path,
                              covey_bytes token)
{
    for (unsigned i = 0; i < ROWS; i++) {
        if (list[i].used &&
            covey_bytes_equal(
                token, covey_bytes_of(list[i].b.token, list[i].b.span.len)) &&
            (list[i].path.group ||
             covey_path_same_peer(&list[i].path, path))) {
            return &list[i];
        }
    }
    return NULL;
}

static void drain(struct fixture *f, struct listed *list, covey_ms now)
{
    covey_exchange_event ev;

    while (covey_exchange_event_next(&f->table, now, &ev)) {
        unsigned i = 0;
        while (i < ROWS && !(list[i].used && list[i].user == ev.user)) {
            i++;
        }
        assert_true(i < ROWS);
        list[i].used = false;
    }
}

/* One step of a random walk: begin, look up, end, or let time pass. */
static void walk(struct fixture *f, struct listed *list, kit_random *dice,
                 covey_ms *now, uint64_t *user)
{
    const uint32_t what = kit_next(dice) % 4;
    struct listed *row = &list[kit_next(dice) % ROWS];
    const bool group = kit_next(dice) % 3 == 0;
    covey_path path =
        group ? fixture_group() : fixture_peer((uint8_t)(kit_next(dice) % 3));

    if (what == 0 && !row->used) {
        covey_exchange_request r = fixture_request(path, 1);
        r.user = ++*user;
        r.deadline = *now + kit_next(dice) % 300;
        CHECK_STATUS(COVEY_OK, fixture_begin(f, &r, &row->b));
        *row = (struct listed){ true, path, row->b, r.user };
    } else if (what == 1) {
        const uint8_t token = (uint8_t)kit_next(dice);
        const covey_path from = fixture_peer((uint8_t)(kit_next(dice) % 3));
        const covey_bytes span = row->used ? covey_bytes_of(row->b.token, 1)
                                           : covey_bytes_of(&token, 1);
        const struct listed *found = look_up(list, &from, span);
        covey_exchange_answer answer = { 0 };
        assert_int_equal(found != NULL, covey_exchange_match(&f->table, &from,
                                                             span, &answer) ==
                                            COVEY_EXCHANGE_EXPECTED);
        assert_true(found == NULL || answer.user == found->user);
    } else if (what == 2 && row->used && kit_next(dice) % 4 == 0) {
        covey_exchange_end(&f->table, row->b.ref, COVEY_EXCHANGE_CANCELLED);
    } else {
        *now += kit_next(dice) % 40;
    }
    drain(f, list, *now);
}

static void agrees_with_a_list(void **state)
{
    struct fixture f;
    struct listed list[ROWS];
    kit_random dice = { 7 };
    covey_ms now = 1000;
    uint64_t user = 0;

    (void)state;
    memset(list, 0, sizeof list);
    fixture_init(&f);
    for (int i = 0; i < 200000; i++) {
        walk(&f, list, &dice, &now, &user);
    }
    assert_true(user > 1000);
    drain(&f, list, now + 1000);
    for (unsigned i = 0; i < ROWS; i++) {
        struct begun b;
        const covey_exchange_request r = fixture_request(fixture_peer(9), 8);
        assert_false(list[i].used);
        CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b)); /* none is lost */
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_tokens_of_group_requests),
        cmocka_unit_test(refuses_lengths_and_limits_that_are_none),
        cmocka_unit_test(needs_rows_and_randomness),
        cmocka_unit_test(exhausts_the_tokens_of_one_byte),
        cmocka_unit_test(lets_short_tokens_rest),
        cmocka_unit_test(agrees_with_a_list),
    };

    return KIT_RUN(tests);
}
