/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/proxy.h>
#include <kit.h>

enum {
    ROWS = 8,
    CLIENTS = 2
};

struct stage {
    covey_proxy p;
    covey_proxy_row rows[ROWS];
    covey_proxy_client clients[CLIENTS];
    covey_address group;
};

static void open_stage(struct stage *s, const covey_proxy_limits *limits)
{
    const covey_proxy_memory m = { s->rows, ROWS, s->clients, CLIENTS };

    s->group = (covey_address){ .port = 5683 };
    assert_true(covey_proxy_ip_get(SPAN("224.0.1.187"), &s->group));
    CHECK_STATUS(COVEY_OK, covey_proxy_init(&s->p, &m, limits, 42, 1000));
}

static const covey_proxy_limits wide = { ROWS, ROWS, 100, 0, 1 };

static covey_proxy_ask ask(uint16_t port, const char *token)
{
    covey_proxy_ask a = {
        .from = { .token = covey_bytes_text(token) },
        .wait = { COVEY_PROXY_07, 2 },
    };

    a.from.path.peer = (covey_address){ .port = port };
    assert_true(covey_proxy_ip_get(SPAN("192.0.2.9"), &a.from.path.peer));
    return a;
}

static covey_proxy_admission admit(struct stage *s, covey_ms now,
                                   const covey_proxy_ask *a,
                                   covey_proxy_ref *ref)
{
    covey_ms retry;

    return covey_proxy_admit(&s->p, now, a, ref, &retry);
}

static void refuses_tables_that_hold_nothing(void **state)
{
    struct stage s;
    covey_proxy_memory m = { s.rows, 0, s.clients, 1 };
    covey_proxy_limits l = wide;

    (void)state;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_proxy_init(&s.p, &m, &l, 1, 0));
    m.row_count = 1;
    m.client_count = 0;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_proxy_init(&s.p, &m, &l, 1, 0));
    m.client_count = 1;
    for (unsigned i = 0; i < 3; i++) {
        l = wide;
        *(i == 0 ? &l.per_client : i == 1 ? &l.per_group : &l.burst) = 0;
        CHECK_STATUS(COVEY_E_ARGUMENT, covey_proxy_init(&s.p, &m, &l, 1, 0));
    }
}

/* REQ-P-15, REQ-P-24: the same token of others is another request. */
static void tells_clients_apart(void **state)
{
    static const char *const tokens[] = { "", "t" };
    struct stage s;
    covey_proxy_ref refs[6];
    covey_proxy_ref found;
    size_t n = 0;

    (void)state;
    open_stage(&s, &wide);
    for (unsigned t = 0; t < 2; t++) {
        covey_proxy_ask a = ask(1, tokens[t]);
        assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 0, &a, &refs[n++]));
        a.from.association = 7;
        assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 0, &a, &refs[n++]));
        a = ask(2, tokens[t]);
        assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 0, &a, &refs[n++]));
    }
    const covey_proxy_ask a = ask(2, "");
    assert_true(covey_proxy_find(&s.p, &a.from, &found));
    assert_int_equal(found.row, refs[2].row);
    const covey_proxy_ask other = ask(3, "");
    assert_false(covey_proxy_find(&s.p, &other.from, &found));
}

/* REQ-P-14. */
static void tells_a_token_that_is_in_use(void **state)
{
    struct stage s;
    covey_proxy_ask a = ask(1, "t");
    covey_proxy_ref first;
    covey_proxy_ref again;

    (void)state;
    open_stage(&s, &wide);
    a.group = &s.group;
    assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 0, &a, &first));
    assert_int_equal(COVEY_PROXY_TOKEN_IN_USE, admit(&s, 0, &a, &again));
    assert_true(first.row == again.row && first.serial == again.serial);
    covey_proxy_close(&s.p, again);
    covey_proxy_close(&s.p, again);
    assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 0, &a, &again));
    assert_int_not_equal(first.serial, again.serial);
    covey_exchange_ref e;
    assert_false(covey_proxy_exchange(&s.p, first, &e));
}

/* REQ-P-26. */
static void holds_nstart_of_a_group(void **state)
{
    const covey_proxy_limits limits = { ROWS, 1, 100, 0, 1 };
    struct stage s;
    covey_proxy_ask a = ask(1, "a");
    covey_proxy_ask b = ask(2, "b");
    covey_address other;
    covey_proxy_ref ref;
    covey_proxy_ref second;
    covey_ms retry = 0;

    (void)state;
    open_stage(&s, &limits);
    other = s.group;
    other.port = 5685;
    a.group = b.group = &s.group;
    assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 1000, &a, &ref));
    assert_int_equal(COVEY_PROXY_GROUP_BUSY,
                     covey_proxy_admit(&s.p, 1500, &b, &second, &retry));
    assert_int_equal(retry, 1500);
    b.group = &other;
    assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 1500, &b, &second));
    covey_proxy_close(&s.p, second);
    covey_proxy_close(&s.p, ref);
    b.group = &s.group;
    assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 1500, &b, &second));
}

static void bounds_each_client_and_all(void **state)
{
    const covey_proxy_limits limits = { 5, ROWS, 100, 0, 1 };
    char token[2] = "a";
    struct stage s;
    covey_proxy_ref refs[ROWS];
    covey_proxy_ref ref;

    (void)state;
    open_stage(&s, &limits);
    for (unsigned i = 0; i < ROWS; i++) {
        token[0] = (char)('a' + i);
        covey_proxy_ask a = ask(1, token);
        a.from.client = i < 5 ? 0 : 1;
        assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 0, &a, &refs[i]));
    }
    covey_proxy_ask a = ask(1, "z");
    assert_int_equal(COVEY_PROXY_TOO_MANY, admit(&s, 0, &a, &ref));
    a.from.client = 1;
    assert_int_equal(COVEY_PROXY_FULL, admit(&s, 0, &a, &ref));
    covey_proxy_close(&s.p, refs[0]);
    assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 0, &a, &ref));
    a.from.client = CLIENTS;
    a.from.token = SPAN("y");
    assert_int_equal(COVEY_PROXY_TOO_MANY, admit(&s, 0, &a, &ref));
}

static void limits_the_rate_of_a_client(void **state)
{
    const covey_proxy_limits limits = { ROWS, ROWS, 100, 2, 3 };
    struct stage s;
    covey_proxy_ref ref;
    unsigned passed = 0;

    (void)state;
    open_stage(&s, &limits);
    for (covey_ms now = 1000; now < 11000; now += 50) {
        const covey_proxy_ask a = ask(1, "t");
        if (admit(&s, now, &a, &ref) == COVEY_PROXY_ADMITTED) {
            covey_proxy_close(&s.p, ref);
            passed++;
        }
    }
    assert_int_equal(passed, 3 + 19);
}

/* REQ-P-10, REQ-P-19, REQ-OBS-02. */
static void takes_answers_until_it_is_late_or_enough(void **state)
{
    const covey_proxy_limits limits = { ROWS, ROWS, 3, 0, 1 };
    struct stage s;
    covey_proxy_ask a = ask(1, "t");
    covey_proxy_ask b = ask(1, "u");
    covey_proxy_ref ref;
    covey_proxy_ref other;

    (void)state;
    open_stage(&s, &limits);
    a.group = b.group = &s.group;
    assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 1000, &a, &ref));
    assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 1000, &b, &other));
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(COVEY_PROXY_FORWARD,
                         covey_proxy_answer(&s.p, 2950, ref, false));
    }
    assert_int_equal(COVEY_PROXY_SURPLUS,
                     covey_proxy_answer(&s.p, 2950, ref, false));
    assert_int_equal(COVEY_PROXY_LATE,
                     covey_proxy_answer(&s.p, 3050, ref, false));
    assert_int_equal(COVEY_PROXY_LATE,
                     covey_proxy_answer(&s.p, 3050, ref, true));
    assert_int_equal(COVEY_PROXY_FORWARD,
                     covey_proxy_answer(&s.p, 2950, other, true));
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(COVEY_PROXY_FORWARD,
                         covey_proxy_answer(&s.p, 1 << 20, other, true));
    }
    covey_proxy_close(&s.p, other);
    assert_int_equal(COVEY_PROXY_LATE,
                     covey_proxy_answer(&s.p, 1000, other, true));
}

/* Random admissions and ends against a plain list. */
static void agrees_with_a_list(void **state)
{
    struct stage s;
    kit_random r = { 7 };
    covey_proxy_ref live[16];
    bool is_live[16] = { false };

    (void)state;
    open_stage(&s, &wide);
    for (unsigned n = 0; n < 50000; n++) {
        const uint32_t v = kit_next(&r) % 16;
        const char token[2] = { (char)('a' + v % 4), '\0' };
        covey_proxy_ask a = ask((uint16_t)(1 + v / 4), token);
        covey_proxy_ref ref;
        unsigned count = 0;
        a.group = v & 1 ? &s.group : NULL;
        for (unsigned i = 0; i < 16; i++) {
            count += is_live[i];
        }
        assert_int_equal(covey_proxy_find(&s.p, &a.from, &ref), is_live[v]);
        if (is_live[v]) {
            covey_proxy_close(&s.p, live[v]);
            is_live[v] = false;
        } else if (admit(&s, n, &a, &ref) == COVEY_PROXY_ADMITTED) {
            assert_true(count < ROWS);
            live[v] = ref;
            is_live[v] = true;
        } else {
            assert_int_equal(count, ROWS);
        }
    }
}

/* Whose connection has ended: all of that path, and of no other. */
static void tells_whose_a_request_is(void **state)
{
    struct stage s;
    covey_proxy_ask a = ask(1, "t");
    covey_proxy_from from;
    covey_proxy_ref ref;

    (void)state;
    open_stage(&s, &wide);
    a.from.association = 7;
    a.from.client = 1;
    assert_int_equal(COVEY_PROXY_ADMITTED, admit(&s, 1000, &a, &ref));
    assert_true(covey_proxy_whose(&s.p, ref, &from));
    assert_true(covey_path_same_peer(&a.from.path, &from.path));
    CHECK_SPAN(a.from.token, from.token);
    assert_int_equal(7, from.association);
    assert_int_equal(1, from.client);
    covey_proxy_close(&s.p, ref);
    assert_false(covey_proxy_whose(&s.p, ref, &from));
}

static void finds_the_requests_of_a_path(void **state)
{
    static const char *const tokens[] = { "a", "b", "c" };
    struct stage s;
    covey_proxy_ref refs[3];
    covey_proxy_ref other;
    covey_proxy_ref ref = { 0, 0 };
    unsigned count = 0;
    covey_proxy_ask a = ask(7, "x");

    (void)state;
    open_stage(&s, &wide);
    a.from.path.connection = 9;
    assert_int_equal(admit(&s, 1000, &a, &other), COVEY_PROXY_ADMITTED);
    a.from.path.connection = 10;
    assert_false(covey_proxy_of_path(&s.p, &a.from.path, &ref));
    for (unsigned i = 0; i < 3; i++) {
        a.from.token = covey_bytes_text(tokens[i]);
        assert_int_equal(admit(&s, 1000, &a, &refs[i]), COVEY_PROXY_ADMITTED);
    }
    covey_proxy_close(&s.p, refs[1]);
    while (covey_proxy_of_path(&s.p, &a.from.path, &ref)) {
        assert_true(ref.serial == refs[0].serial ||
                    ref.serial == refs[2].serial);
        covey_proxy_close(&s.p, ref); /* the walk goes on */
        count++;
    }
    assert_int_equal(count, 2);
    ref.serial = 0;
    assert_false(covey_proxy_of_path(&s.p, &a.from.path, &ref));
    assert_true(covey_proxy_find(
        &s.p,
        &(covey_proxy_from){
            .path = { .peer = a.from.path.peer, .connection = 9 },
            .token = SPAN("x") },
        &ref));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_tables_that_hold_nothing),
        cmocka_unit_test(tells_clients_apart),
        cmocka_unit_test(tells_a_token_that_is_in_use),
        cmocka_unit_test(holds_nstart_of_a_group),
        cmocka_unit_test(bounds_each_client_and_all),
        cmocka_unit_test(limits_the_rate_of_a_client),
        cmocka_unit_test(takes_answers_until_it_is_late_or_enough),
        cmocka_unit_test(tells_whose_a_request_is),
        cmocka_unit_test(finds_the_requests_of_a_path),
        cmocka_unit_test(agrees_with_a_list),
    };

    return KIT_RUN(tests);
}
