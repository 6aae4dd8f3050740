/* SPDX-License-Identifier: BSD-2-Clause */
/* Limits: of memory, of storage for answers, of what a request may hold. */
#include "fixture.h"

#include <covey/coap_options.h>

#define C(c, d) COVEY_COAP_CODE(c, d)
#define KEYS    COVEY_KEYING_FORMAT

static void wants_all_of_its_memory(void **state)
{
    struct world *w = world_open();
    covey_manager_config config = w->config;
    const covey_manager_memory whole = w->memory;
    covey_manager_memory t;
    covey_manager m;

    (void)state;
    for (int i = 0; i < 13; i++) {
        t = whole;
        t.groups = i == 0 ? NULL : t.groups;
        t.members = i == 1 ? NULL : t.members;
        t.credentials = i == 2 ? NULL : t.credentials;
        t.stale = i == 3 ? NULL : t.stale;
        t.nodes = i == 4 ? NULL : t.nodes;
        t.pending = i == 5 ? NULL : t.pending;
        t.log = i == 6 ? NULL : t.log;
        t.group_count = i == 7 ? 0 : t.group_count;
        t.member_count = i == 8 ? 0 : t.member_count;
        t.pending_count = i == 9 ? 0 : t.pending_count;
        t.credential_max = i == 10 ? 0 : t.credential_max;
        config.crypto = i == 11 ? NULL : &w->crypto;
        config.gid_prefix = i == 12 ? SPAN("four") : SPAN("");
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     covey_manager_init(&m, &config, &t, w->now));
        covey_manager_drop(&m);
    }
    config.gid_prefix = SPAN("");
    CHECK_STATUS(COVEY_OK, covey_manager_init(&m, &config, &whole, w->now));
    assert_int_equal(covey_manager_deadline(&m), COVEY_NEVER);
    covey_manager_drop(&m);
    world_close(w);
}

static void keeps_what_is_configured(void **state)
{
    struct world *w = world_open();
    covey_manager_config config = w->config;
    covey_manager m;

    (void)state;
    config.challenge_life = 1;
    config.tell_max = 2;
    config.tell_attempts = 3;
    config.tell_pause = 4;
    config.lifetime = 5;
    CHECK_STATUS(COVEY_OK,
                 covey_manager_init(&m, &config, &w->memory, w->now));
    assert_int_equal(m.config.challenge_life, 1);
    assert_int_equal(m.config.tell_max, 2);
    assert_int_equal(m.config.tell_attempts, 3);
    assert_int_equal(m.config.tell_pause, 4);
    assert_int_equal(m.config.lifetime, 5);
    covey_manager_drop(&m);
    world_close(w);
}

/* Too little room is 5.00, and nothing of a key stays behind. */
static void says_5_00_without_room_for_the_answer(void **state)
{
    static const char *const paths[] = { "ace-group/g", "ace-group/g/creds",
                                         "ace-group/g/kdc-cred",
                                         "ace-group/g/nodes/n0",
                                         "ace-group/g/policies" };
    struct world *w = world_with(true, true);

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    for (w->room = 1; w->room < 10; w->room += 5) {
        for (size_t i = 0; i < COUNT_OF(paths); i++) {
            assert_int_equal(ask(w, 0, GET, paths[i], NONE, SPAN("")),
                             C(5, 0));
            assert_null(w->reply.payload.ptr);
        }
        assert_int_equal(ask(w, 1, POST, "ace-group/g", NONE, SPAN("")),
                         C(5, 0));
        assert_int_equal(ask(w, ADMIN, GET, "manage/g", NONE, SPAN("")),
                         C(5, 0));
    }
    /* what is stored stays; the node asks again */
    w->room = 20;
    assert_int_equal(ask(w, 0, POST, "ace-group/g", KEYS,
                         SPAN("\xa2\x03\x44\x82\x61g\x02\x06\x41x")),
                     C(5, 0));
    w->room = 0;
    assert_int_equal(ask(w, 0, GET, "ace-group/g/nodes/n0", NONE, SPAN("")),
                     C(2, 5));
    world_close(w);
}

static void news_wait_for_room(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    w->room = 10;
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    world_settle(w);
    assert_int_equal(covey_member_version(&w->nodes[0].member), 1);
    w->room = 0;
    w->now.mono = covey_manager_deadline(&w->manager);
    world_settle(w); /* who was told before is stored by now */
    w->now.mono += 2000;
    world_settle(w);
    assert_int_equal(covey_member_version(&w->nodes[0].member), 2);
    world_close(w);
}

static void joins_are_bounded(void **state)
{
    static const struct {
        const char *why;
        const char *payload;
        uint8_t code;
    } cases[] = {
        { "roles that are wanted",
          "a3 03 44 82616702 04 83 f5 82 02 04 80"
          "06 4178",
          C(2, 4) },
        { "those that matter", "a3 03 44 82616704 04 f6 06 4178", C(2, 4) },
        { "those without a role",
          "a3 03 44 82616704 04 83 f4 81 02 80"
          "06 4178",
          C(4, 0) },
        { "seven combinations",
          "a3 03 44 82616704"
          "04 83 f5 87 02020202020202 80 06 4178",
          C(4, 0) },
        { "a nonce of 33 bytes",
          "a2 03 44 82616704 06 5821"
          "000000000000000000000000000000000000000000000000000000000000000000",
          C(4, 0) },
        { "a control URI of 65 bytes",
          "a3 03 44 82616704 06 4178 181a 7841"
          "6161616161616161616161616161616161616161616161616161616161616161"
          "6161616161616161616161616161616161616161616161616161616161616161"
          "61",
          C(4, 0) },
        { "the same credential again", "a3 03 44 82616704 05 40 06 4178",
          C(2, 4) },
        { "another one without proof", "a3 03 44 82616704 05 43a10800 06 4178",
          C(4, 0) },
        { "a scope of another form", "a2 03 45 9f616704ff 06 4178", C(4, 0) },
    };
    struct world *w = world_with(true, true);
    uint8_t storage[128];

    (void)state;
    assert_int_equal(member_join(w, 1, BOTH), COVEY_MEMBER_IN);
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        assert_int_equal(
            ask(w, 0, POST, "ace-group/g", KEYS,
                kit_hex(cases[i].payload, storage, sizeof storage)),
            cases[i].code);
    }
    kit_case(NULL);
    assert_int_equal(group_row(w)->members, 2);
    world_close(w);
}

static void credentials_are_of_the_groups_format(void **state)
{
    /* a signed CWT, a certificate, C509, something else; and with an alg */
    static const char *const creds[] = {
        "84 40 a0 40 40",
        "3003020100",
        "8b 00 41 00 00 00 00 00 00 00 00 00",
        "00",
        ("a1 08 a1 01 a4 01 01 03 26 20 06 21 5820"
         "0102030405060708090a0b0c0d0e0f100102030405060708090a0b0c0d0e0f10"),
    };
    struct world *w = world_with(true, true);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(creds); i++) {
        uint8_t cred[96];
        uint8_t bytes[200];
        covey_writer out = covey_writer_of(bytes, sizeof bytes);
        const covey_keying_join join = {
            .scope = SPAN("\x82\x61g\x02"),
            .n_c = SPAN("x"),
            .client_cred = kit_hex(creds[i], cred, sizeof cred),
            .client_cred_verify = SPAN("y"),
        };

        kit_case(creds[i]);
        covey_keying_put_join(&out, &join);
        assert_int_equal(
            ask(w, 0, POST, "ace-group/g", KEYS, covey_written(&out)),
            C(4, 0));
        assert_int_equal(error_of(w), COVEY_KEYING_BAD_CREDENTIAL);
    }
    kit_case(NULL);
    world_close(w);
}

static void a_full_log_only_counts(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    w->manager.memory.log_count = 1;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    assert_int_equal(w->manager.counters.unlogged, 1);
    assert_int_equal(logged(w, COVEY_MANAGER_DID_JOIN), 1);
    assert_int_equal(logged(w, COVEY_MANAGER_DID_REKEY), 0);
    world_close(w);
}

static void passes_over_what_is_over(void **state)
{
    struct world *w = world_with(true, true);
    const uint64_t calls = w->manager.counters.given_up;

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    covey_manager_told(&w->manager, w->now, 0, true);
    covey_manager_told(&w->manager, w->now, (uint64_t)9 << 32, false);
    covey_manager_told(&w->manager, w->now, ROWS, true);
    covey_manager_told(&w->manager, w->now, UINT64_MAX, false);
    assert_int_equal(w->manager.counters.given_up, calls);
    world_close(w);
}

/* A newer version comes while one is being told: the member is told again. */
static void tells_the_latest(void **state)
{
    struct world *w = world_with(true, true);
    covey_manager_event ev;
    covey_manager_departure to;
    static uint8_t bytes[2000];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    assert_true(covey_manager_event_next(&w->manager, w->now, &ev));
    CHECK_STATUS(COVEY_OK, covey_manager_stored(&w->manager, w->now, ev.batch,
                                                COVEY_OK));
    assert_true(covey_manager_transmit(&w->manager, w->now, &to, &out));
    assert_int_equal(to.kind, COVEY_MANAGER_TELL);
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    while (ev.kind != COVEY_MANAGER_PERSIST || ev.batch != w->manager.batch ||
           !w->manager.in_flight) {
        assert_true(covey_manager_event_next(&w->manager, w->now, &ev));
    }
    CHECK_STATUS(COVEY_OK, covey_manager_stored(&w->manager, w->now, ev.batch,
                                                COVEY_OK));
    covey_manager_told(&w->manager, w->now, to.ref, true);
    assert_int_equal(w->manager.owing, 1);
    assert_int_equal(covey_manager_deadline(&w->manager), 0); /* the log */
    assert_true(covey_manager_transmit(&w->manager, w->now, &to, &out));
    covey_manager_told(&w->manager, w->now, to.ref, true);
    assert_int_equal(w->manager.owing, 0);
    assert_int_equal(w->memory.members[0].told, group_row(w)->version);
    covey_manager_drop(&w->manager);
    world_close(w);
}

static void writes_answers_as_options(void **state)
{
    const covey_manager_answer answer = {
        .code = C(2, 1),
        .format = KEYS,
        .location_count = 2,
        .location = { SPAN("a"), SPAN("b") },
        .payload = SPAN("\xa0"),
    };
    covey_manager_answer empty = { .format = NONE };
    uint8_t bytes[64];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    covey_coap_composer c = covey_coap_compose_inner(&w, answer.code);

    (void)state;
    covey_manager_put_answer(&answer, &c);
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_HEX("41 81 61 01 62 42 0105 ff a0", covey_written(&w));
    w = covey_writer_of(bytes, sizeof bytes);
    c = covey_coap_compose_inner(&w, C(2, 5));
    covey_manager_put_answer(&empty, &c);
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_HEX("45", covey_written(&w));
}

static void operators_wait_for_the_batch(void **state)
{
    struct world *w = world_with(true, true);
    covey_manager_event ev;

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    CHECK_STATUS(COVEY_E_NO_CONTEXT,
                 covey_manager_rekey(&w->manager, w->now, SPAN("h")));
    CHECK_STATUS(COVEY_E_NO_CONTEXT,
                 covey_manager_tune(&w->manager, w->now, SPAN("h"), 1, true));
    CHECK_STATUS(COVEY_OK, covey_manager_evict(&w->manager, w->now, SPAN("g"),
                                               SPAN("n0")));
    CHECK_STATUS(
        COVEY_E_NO_CONTEXT,
        covey_manager_evict(&w->manager, w->now, SPAN("g"), SPAN("n0")));
    assert_true(covey_manager_event_next(&w->manager, w->now, &ev));
    CHECK_STATUS(COVEY_E_NOT_STORED,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    CHECK_STATUS(
        COVEY_E_NOT_STORED,
        covey_manager_evict(&w->manager, w->now, SPAN("g"), SPAN("n0")));
    CHECK_STATUS(COVEY_E_NOT_STORED,
                 covey_manager_tune(&w->manager, w->now, SPAN("g"), 1, true));
    assert_int_equal(covey_manager_deadline(&w->manager), COVEY_NEVER);
    CHECK_STATUS(COVEY_OK, covey_manager_stored(&w->manager, w->now, ev.batch,
                                                COVEY_OK));
    covey_manager_drop(&w->manager);
    world_close(w);
}

static void nothing_happens_twice_to_a_member_in_a_batch(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    assert_int_equal(member_join(w, 1, BOTH), COVEY_MEMBER_IN);
    w->manager.config.commit_window = 10;
    CHECK_STATUS(COVEY_OK,
                 offer(w, 1, POST, "ace-group/g/nodes/n1", NONE, SPAN("")));
    CHECK_STATUS(
        COVEY_E_NOT_STORED,
        covey_manager_evict(&w->manager, w->now, SPAN("g"), SPAN("n1")));
    CHECK_STATUS(COVEY_E_NOT_STORED,
                 offer(w, 1, DELETE, "ace-group/g/nodes/n1", NONE, SPAN("")));
    CHECK_STATUS(COVEY_E_NOT_STORED,
                 offer(w, ADMIN, GET, "manage", NONE, SPAN("")));
    CHECK_STATUS(COVEY_E_NOT_STORED,
                 offer(w, ADMIN, GET, "manage/g", NONE, SPAN("")));
    world_settle(w);
    assert_int_equal(ask(w, 1, DELETE, "ace-group/g/nodes/n1", NONE, SPAN("")),
                     C(2, 2));
    world_close(w);
}

static void check_bad_groups(covey_manager *m, const covey_manager_group *row)
{
    covey_manager_group g = *row;

    g.serial = 7;
    for (int i = 0; i < 7; i++) {
        covey_manager_group bad = g;

        bad.name[0] = 'z';
        bad.name_len = i == 0 ? 0 : i == 1 ? COVEY_MANAGER_NAME_MAX + 1 : 1;
        bad.description_len = i == 2 ? COVEY_MANAGER_TEXT_MAX + 1 : 0;
        bad.version = i == 3 ? COVEY_MANAGER_VERSION_MAX + 1 : 0;
        bad.max_stale_sets = i == 4 ? COVEY_MANAGER_STALE_SETS_MAX + 1 : 1;
        bad.sender_floor = i == 5 ? bad.sender_next + 1 : 0;
        bad.serial = i == 6 ? 0 : 7;
        CHECK_STATUS(COVEY_E_ARGUMENT, covey_manager_load_group(m, &bad));
    }
}

static void check_bad_members(covey_manager *m, covey_manager_member r)
{
    for (int i = 0; i < 5; i++) {
        covey_manager_member bad = r;

        bad.name_len = i == 0 ? 0 : i == 1 ? COVEY_MANAGER_NODE_MAX + 1 : 2;
        bad.id_len = i == 2 ? COVEY_OSCORE_ID_MAX + 1 : 0;
        bad.n_c_len = i == 3 ? COVEY_KEYING_NONCE_MAX + 1 : 0;
        bad.uri_len = i == 4 ? COVEY_MANAGER_URI_MAX + 1 : 0;
        CHECK_STATUS(COVEY_E_ARGUMENT, covey_manager_load_member(m, &bad));
    }
}

static void rows_have_bounds(void **state)
{
    struct world *w = world_with(true, true);
    covey_manager *m = &w->manager;
    covey_manager_group g = *group_row(w);
    covey_manager_member r = { .serial = 1,
                               .name_len = 2,
                               .name = "zz",
                               .standing = COVEY_MANAGER_EVICTED };
    covey_manager_stale s = { .serial = 1 };

    (void)state;
    check_bad_groups(m, &g);
    check_bad_members(m, r);
    CHECK_STATUS(COVEY_OK, covey_manager_load_member(m, &r));
    assert_int_equal(group_row(w)->members, 0);
    s.id_len = COVEY_OSCORE_ID_MAX + 1;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_manager_load_stale(m, &s));
    s.id_len = 1;
    m->memory.stale_count = 0;
    CHECK_STATUS(COVEY_E_ROOM, covey_manager_load_stale(m, &s));
    m->free_member = UINT32_MAX;
    r.name[0] = 'y';
    CHECK_STATUS(COVEY_E_ROOM, covey_manager_load_member(m, &r));
    for (uint16_t i = 2; i <= GROUPS + 1; i++) {
        g.serial = i;
        g.name[0] = (char)('g' + i);
        CHECK_STATUS(i <= GROUPS ? COVEY_OK : COVEY_E_ROOM,
                     covey_manager_load_group(m, &g));
    }
    assert_true(covey_manager_forget(m, 0));
    covey_manager_drop(m);
    covey_manager_drop(m);
    world_close(w);
}

static void paths_and_names_have_bounds(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    assert_int_equal(
        ask(w, 0, GET, "ace-group/g/nodes/n0/cred/x/y", NONE, SPAN("")),
        C(4, 4));
    assert_int_equal(ask(w, 0, GET, "ace-group/g/active/x", NONE, SPAN("")),
                     C(4, 4));
    assert_int_equal(ask(w, 0, GET, "other/g", NONE, SPAN("")), C(4, 4));
    assert_int_equal(ask(w, 0, POST, "ace-group", KEYS, SPAN("\xa0")),
                     C(4, 5));
    assert_int_equal(ask(w, 0, FETCH, "ace-group/g/nodes/n1", NONE, SPAN("")),
                     C(4, 5));
    /* a name as long as none can be enrolled */
    w->memory.nodes[0].name = SPAN("0123456789012345678901234567890123456789");
    assert_int_equal(ask(w, 0, GET, "ace-group/g", NONE, SPAN("")), C(4, 1));
    world_close(w);
}

static void configurations_have_bounds(void **state)
{
    static const struct {
        const char *why;
        const char *payload;
        uint8_t code;
    } cases[] = {
        { "a description of 65 bytes",
          "a2 2c 6168 2d 7841"
          "6161616161616161616161616161616161616161616161616161616161616161"
          "6161616161616161616161616161616161616161616161616161616161616161"
          "61",
          C(4, 0) },
        { "a delta below 0", "a2 2c 6168 10 a1 02 20", C(4, 0) },
        { "policies of text", "a2 2c 6168 10 a1 01 6161", C(4, 0) },
        { "application groups", "a2 2c 6168 30 81 6161", C(5, 3) },
        { "an expiry", "a2 2c 6168 0b 00", C(5, 3) },
        { "P-256 keys that sign as Ed25519 ones",
          "a2 2c 6168 25 82 8102 820201", C(5, 3) },
        { "a dot and other signs", "a1 2c 64 412e2d5f", C(2, 1) },
        { "no application groups, no reuse, no deterministic requests",
          "a5 2c 6168 30 80 2f f4 3818 f4 32 f6", C(2, 1) },
        { "a delta and P-256",
          "a6 2c 6169 24 26 25 82 8102 820201 29 82 8102 820201"
          "10 a1 02 05 2d 61 78",
          C(2, 1) },
        { "a bad sign in the name", "a1 2c 62 617e", C(4, 0) },
        { "no row", "a1 2c 626a6a", C(5, 3) },
    };
    struct world *w = world_with(true, true);
    uint8_t storage[128];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        assert_int_equal(
            ask(w, ADMIN, POST, "manage", KEYS,
                kit_hex(cases[i].payload, storage, sizeof storage)),
            cases[i].code);
    }
    kit_case(NULL);
    assert_int_equal(ask(w, ADMIN, GET, "manage/i", NONE, SPAN("")), C(2, 5));
    assert_int_equal(ask(w, ADMIN, POST, "manage/i", 60, SPAN("\xa0")),
                     C(4, 0));
    assert_int_equal(ask(w, ADMIN, POST, "manage/i", NONE, SPAN("\xa0")),
                     C(4, 0));
    assert_int_equal(
        ask(w, ADMIN, POST, "manage/i", KEYS, SPAN("\xa1\x2c\x61i")),
        C(2, 4)); /* its own name may be given */
    world_close(w);
}

/* The clock of the day is not known: keys are renewed by the other one. */
static void renews_without_the_time_of_day(void **state)
{
    struct world *w = world_open();

    (void)state;
    w->now.unix_known = false;
    assert_int_equal(
        ask(w, ADMIN, POST, "manage", KEYS, SPAN("\xa2\x2c\x61g\x2b\xf5")),
        C(2, 1));
    assert_int_equal(group_row(w)->keyed_at, 0);
    w->manager.config.rekey_ahead = 10;
    CHECK_STATUS(COVEY_OK, covey_manager_tune(&w->manager, w->now, SPAN("g"),
                                              100, true));
    world_settle(w);
    assert_int_equal(covey_manager_deadline(&w->manager), w->now.mono + 90000);
    w->now.mono += 90000;
    world_settle(w);
    assert_int_equal(group_row(w)->version, 1);
    /* stored keys that are older than their life are renewed at once */
    w->now.unix_known = true;
    world_settle(w);
    for (size_t i = 0; i < GROUPS; i++) {
        w->disk.groups[i].keyed_at = w->now.unix_s - 1000;
    }
    world_restart(w);
    world_settle(w);
    assert_int_equal(group_row(w)->version, 2);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wants_all_of_its_memory),
        cmocka_unit_test(keeps_what_is_configured),
        cmocka_unit_test(says_5_00_without_room_for_the_answer),
        cmocka_unit_test(news_wait_for_room),
        cmocka_unit_test(joins_are_bounded),
        cmocka_unit_test(credentials_are_of_the_groups_format),
        cmocka_unit_test(a_full_log_only_counts),
        cmocka_unit_test(passes_over_what_is_over),
        cmocka_unit_test(tells_the_latest),
        cmocka_unit_test(writes_answers_as_options),
        cmocka_unit_test(operators_wait_for_the_batch),
        cmocka_unit_test(nothing_happens_twice_to_a_member_in_a_batch),
        cmocka_unit_test(rows_have_bounds),
        cmocka_unit_test(paths_and_names_have_bounds),
        cmocka_unit_test(configurations_have_bounds),
        cmocka_unit_test(renews_without_the_time_of_day),
    };

    return KIT_RUN(tests);
}
