/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups are created, listed, configured and deleted. */
#include "fixture.h"

#define C(c, d) COVEY_COAP_CODE(c, d)
#define KEYS    COVEY_KEYING_FORMAT

static uint8_t admin(struct world *w, uint8_t method, const char *path,
                     const char *payload)
{
    uint8_t storage[256];

    return ask(w, ADMIN, method, path, payload[0] != '\0' ? KEYS : NONE,
               kit_hex(payload, storage, sizeof storage));
}

static void creates_groups_that_are_not_active(void **state)
{
    struct world *w = world_open();
    covey_bytes v[COVEY_KEYING_VALUES];

    (void)state;
    assert_int_equal(admin(w, POST, "manage", "a1 2c 6167"), C(2, 1));
    assert_int_equal(w->reply.location_count, 2);
    CHECK_STATUS(COVEY_OK,
                 covey_keying_parse(v, COVEY_KEYING_CONFIG, w->reply.payload));
    CHECK_SPAN(SPAN("g"), v[COVEY_CONF_GROUP_NAME]);
    CHECK_SPAN(SPAN("/ace-group/g"), v[COVEY_CONF_JOINING_URI]);
    CHECK_HEX("f4", v[COVEY_CONF_ACTIVE]);
    CHECK_HEX("05", v[COVEY_CONF_HKDF]);
    CHECK_HEX("27", v[COVEY_CONF_SIGN_ALG]);
    CHECK_HEX("381a", v[COVEY_CONF_ECDH_ALG]);
    CHECK_HEX("82 8101 820104", v[COVEY_CONF_ECDH_PARAMS]);
    CHECK_HEX("03", v[COVEY_CONF_MAX_STALE_SETS]);
    assert_int_equal(group_row(w)->version, 0);
    assert_int_equal(logged(w, COVEY_MANAGER_DID_CREATE), 1);
    world_close(w);
}

static void refuses_to_create(void **state)
{
    static const struct {
        const char *why;
        const char *payload;
        uint8_t code;
        covey_keying_error error;
    } cases[] = {
        { "no payload", "", C(4, 0), COVEY_KEYING_ERRORS },
        { "no name", "a0", C(4, 0), COVEY_KEYING_ERRORS },
        { "an empty name", "a1 2c 60", C(4, 0), COVEY_KEYING_ERRORS },
        { "a slash in the name", "a1 2c 63 612f62", C(4, 0),
          COVEY_KEYING_ERRORS },
        { "the name is taken", "a1 2c 6167", C(5, 3), COVEY_KEYING_NO_NAME },
        { "rt is given", "a2 2c 6168 2a 6161", C(4, 0), COVEY_KEYING_ERRORS },
        { "joining_uri is given", "a2 2c 6168 31 6161", C(4, 0),
          COVEY_KEYING_ERRORS },
        { "the profile is given", "a2 2c 6168 0a 01", C(4, 0),
          COVEY_KEYING_ERRORS },
        { "neither mode", "a3 2c 6168 22 f4 26 f4", C(4, 0),
          COVEY_KEYING_ERRORS },
        { "gid_reuse", "a2 2c 6168 2f f5", C(5, 3), COVEY_KEYING_BAD_CONFIG },
        { "deterministic requests", "a2 2c 6168 3818 f5", C(5, 3),
          COVEY_KEYING_BAD_CONFIG },
        { "an AS", "a2 2c 6168 32 6161", C(5, 3), COVEY_KEYING_BAD_CONFIG },
        { "AES-CBC", "a2 2c 6168 23 39fffa", C(5, 3),
          COVEY_KEYING_BAD_CONFIG },
        { "X.509, of which there is none", "a2 2c 6168 21 1821", C(5, 3),
          COVEY_KEYING_BAD_CONFIG },
        { "SHA-512 with ECDH of SHA-256", "a2 2c 6168 20 07", C(5, 3),
          COVEY_KEYING_BAD_CONFIG },
        { "0 stale sets", "a2 2c 6168 2e 00", C(4, 0), COVEY_KEYING_ERRORS },
        { "17 stale sets", "a2 2c 6168 2e 11", C(4, 0), COVEY_KEYING_ERRORS },
        { "a policy below 0", "a2 2c 6168 10 a1 01 20", C(4, 0),
          COVEY_KEYING_ERRORS },
        { "malformed", "a1 2c", C(4, 0), COVEY_KEYING_ERRORS },
    };
    struct world *w = world_with(true, true);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        assert_int_equal(admin(w, POST, "manage", cases[i].payload),
                         cases[i].code);
        assert_int_equal(error_of(w), cases[i].error);
    }
    kit_case(NULL);
    assert_int_equal(w->disk.serial, 2);
    world_close(w);
}

static void permits_what_the_scope_grants(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    assert_int_equal(ask(w, 0, GET, "manage", NONE, SPAN("")), C(4, 3));
    assert_int_equal(ask(w, 0, POST, "manage", KEYS, SPAN("\xa1\x2c\x61h")),
                     C(4, 3));
    world_allow(w, 0, "81 82 6168 07"); /* list and create h */
    assert_int_equal(ask(w, 0, GET, "manage", NONE, SPAN("")), C(2, 5));
    assert_null(w->reply.payload.ptr);
    assert_int_equal(ask(w, 0, POST, "manage", KEYS, SPAN("\xa1\x2c\x61i")),
                     C(4, 3));
    assert_int_equal(ask(w, 0, POST, "manage", KEYS, SPAN("\xa1\x2c\x61h")),
                     C(2, 1));
    assert_int_equal(ask(w, 0, GET, "manage", NONE, SPAN("")), C(2, 5));
    CHECK_SPAN(SPAN("</manage/h>;rt=\"core.osc.gconf\""), w->reply.payload);
    assert_int_equal(ask(w, 0, GET, "manage/h", NONE, SPAN("")), C(4, 3));
    assert_int_equal(ask(w, 0, POST, "manage/h", KEYS, SPAN("\xa0")), C(4, 3));
    assert_int_equal(ask(w, 0, DELETE, "manage/h", NONE, SPAN("")), C(4, 3));
    assert_int_equal(ask(w, 0, DELETE, "manage/g", NONE, SPAN("")), C(4, 3));
    assert_int_equal(admin(w, GET, "manage/x", ""), C(4, 4));
    assert_int_equal(admin(w, DELETE, "manage", ""), C(4, 5));
    assert_int_equal(
        ask(w, ADMIN, COVEY_COAP_CODE(0, 3), "manage/g", KEYS, SPAN("\xa0")),
        C(4, 5)); /* PUT */
    world_close(w);
}

static void lists_those_that_fit(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    assert_int_equal(admin(w, POST, "manage", "a2 2c 6168 2d 62 6869"),
                     C(2, 1));
    assert_int_equal(admin(w, GET, "manage", ""), C(2, 5));
    CHECK_SPAN(SPAN("</manage/g>;rt=\"core.osc.gconf\","
                    "</manage/h>;rt=\"core.osc.gconf\""),
               w->reply.payload);
    assert_int_equal(w->reply.format, COVEY_KEYING_FORMAT_LINKS);
    assert_int_equal(admin(w, FETCH, "manage", "a1 2b f5"), C(2, 5));
    CHECK_SPAN(SPAN("</manage/g>;rt=\"core.osc.gconf\""), w->reply.payload);
    assert_int_equal(admin(w, FETCH, "manage", "a2 2d 62 6869 28 381a"),
                     C(2, 5));
    CHECK_SPAN(SPAN("</manage/h>;rt=\"core.osc.gconf\""), w->reply.payload);
    assert_int_equal(admin(w, FETCH, "manage", "a1 24 26"), C(2, 5));
    assert_null(w->reply.payload.ptr);
    assert_int_equal(admin(w, FETCH, "manage", "80"), C(4, 0));
    world_close(w);
}

static void shows_configurations(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    assert_int_equal(admin(w, FETCH, "manage/g", "a1 381a 83 2b 2e 1903e7"),
                     C(2, 5));
    CHECK_HEX("a2 2b f5 2e 03", w->reply.payload);
    assert_int_equal(admin(w, FETCH, "manage/g", "a0"), C(4, 0));
    assert_int_equal(admin(w, FETCH, "manage/g", "a1 381a 81 6161"), C(4, 0));
    assert_int_equal(admin(w, GET, "manage/g", ""), C(2, 5));
    assert_true(w->reply.payload.len > 80);
    world_close(w);
}

static void overwrites_with_defaults_for_what_is_absent(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    assert_int_equal(
        admin(w, POST, "manage/g", "a4 2b f5 2d 61 78 2e 05 10 a1 01 18 3c"),
        C(2, 4));
    assert_int_equal(group_row(w)->max_stale_sets, 5);
    assert_int_equal(group_row(w)->check_interval, 60);
    assert_int_equal(group_row(w)->members, 1);
    assert_int_equal(admin(w, POST, "manage/g", "a0"), C(2, 4));
    assert_false(group_row(w)->active);
    assert_int_equal(group_row(w)->max_stale_sets, 3);
    /* modes and name stay, and with members the algorithms do */
    assert_int_equal(admin(w, POST, "manage/g", "a1 22 f4"), C(4, 0));
    assert_int_equal(admin(w, POST, "manage/g", "a1 26 f4"), C(4, 0));
    assert_int_equal(admin(w, POST, "manage/g", "a1 2c 6168"), C(4, 0));
    assert_int_equal(admin(w, POST, "manage/g", "a1 23 01"), C(4, 9));
    assert_int_equal(ask(w, 0, DELETE, "ace-group/g/nodes/n0", NONE, SPAN("")),
                     C(2, 2));
    assert_int_equal(admin(w, POST, "manage/g", "a1 23 01"), C(2, 4));
    assert_int_equal(group_row(w)->suite.group_enc, COVEY_A128GCM);
    assert_int_equal(group_row(w)->version, 3);
    world_close(w);
}

static void patches_what_is_given(void **state)
{
    static const struct {
        const char *why;
        const char *payload;
        uint8_t code;
    } refused[] = {
        { "no map", "80", C(4, 0) },
        { "nothing", "", C(4, 0) },
        { "another name", "a1 2c 6168", C(4, 0) },
        { "another mode", "a1 22 f4", C(4, 0) },
        { "a filter", "a1 381a 81 2b", C(4, 0) },
        { "application groups", "a1 381b 82 80 80", C(5, 3) },
        { "other algorithms, with members", "a1 23 01", C(4, 9) },
        { "0 stale sets", "a1 2e 00", C(4, 0) },
    };
    struct world *w = world_with(true, true);

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    for (uint8_t method = 6; method <= 7; method++) {
        assert_int_equal(admin(w, C(0, method), "manage/g", "a1 2e 05"),
                         C(2, 4));
        assert_int_equal(group_row(w)->max_stale_sets, 5);
        assert_true(group_row(w)->active);
        assert_int_equal(
            admin(w, C(0, method), "manage/g", "a2 2e 04 10 a1 01 18 3c"),
            C(2, 4));
        assert_int_equal(group_row(w)->max_stale_sets, 4);
        assert_int_equal(group_row(w)->check_interval, 60);
        for (size_t i = 0; i < COUNT_OF(refused); i++) {
            kit_case(refused[i].why);
            assert_int_equal(
                admin(w, C(0, method), "manage/g", refused[i].payload),
                refused[i].code);
        }
        kit_case(NULL);
        assert_int_equal(group_row(w)->check_interval, 60);
    }
    assert_int_equal(admin(w, C(0, 7), "manage/g", "a1 2b f4"), C(2, 4));
    assert_false(group_row(w)->active);
    assert_int_equal(group_row(w)->version, 1);
    world_close(w);
}

static void operators_see_evict_and_rekey(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(member_join(w, i, BOTH), COVEY_MEMBER_IN);
    }
    assert_int_equal(admin(w, GET, "manage/g/members", ""), C(2, 5));
    assert_int_equal(w->reply.format, COVEY_KEYING_FORMAT_CBOR);
    CHECK_HEX("82 03 83 84 626e32 06 420002 03 84 626e31 06 420001 03"
              " 84 626e30 06 420000 03",
              w->reply.payload);
    assert_int_equal(admin(w, DELETE, "manage/g/members/n1", ""), C(2, 2));
    assert_int_equal(w->nodes[1].evicted, 1);
    assert_int_equal(group_row(w)->version, 4);
    assert_int_equal(logged(w, COVEY_MANAGER_DID_EVICT), 1);
    assert_int_equal(admin(w, DELETE, "manage/g/members/n1", ""), C(4, 4));
    assert_int_equal(admin(w, DELETE, "manage/g/members/n9", ""), C(4, 4));
    assert_int_equal(admin(w, POST, "manage/g/rekey", ""), C(2, 4));
    assert_int_equal(group_row(w)->version, 5);
    assert_int_equal(covey_member_version(&w->nodes[2].member), 5);
    assert_int_equal(admin(w, GET, "manage/g/members", ""), C(2, 5));
    CHECK_HEX("82 05 82 84 626e32 06 420002 05 84 626e30 06 420000 05",
              w->reply.payload);
    world_close(w);
}

static void operations_are_for_those_who_may(void **state)
{
    static const struct {
        uint8_t method;
        const char *path;
        uint8_t code;
    } cases[] = {
        { GET, "manage/g/members", C(4, 3) },
        { DELETE, "manage/g/members/n1", C(4, 3) },
        { POST, "manage/g/rekey", C(4, 3) },
        { POST, "manage/g/members", C(4, 5) },
        { GET, "manage/g/members/n1", C(4, 5) },
        { GET, "manage/g/rekey", C(4, 5) },
        { GET, "manage/g/other", C(4, 4) },
        { GET, "manage/g/rekey/n1", C(4, 4) },
        { GET, "manage/g/members/n1/x", C(4, 4) },
    };
    struct world *w = world_with(true, true);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].path);
        assert_int_equal(
            ask(w, 0, cases[i].method, cases[i].path, NONE, SPAN("")),
            cases[i].code);
    }
    kit_case(NULL);
    assert_int_equal(admin(w, GET, "manage/h/members", ""), C(4, 4));
    world_allow(w, 0, "81 82 6167 0b"); /* list and read */
    assert_int_equal(ask(w, 0, GET, "manage/g/members", NONE, SPAN("")),
                     C(2, 5));
    assert_int_equal(ask(w, 0, POST, "manage/g/rekey", NONE, SPAN("")),
                     C(4, 3));
    world_close(w);
}

static void no_keys_after_the_last_version(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    w->memory.groups[0].version = COVEY_MANAGER_VERSION_MAX;
    assert_int_equal(admin(w, POST, "manage/g/rekey", ""), C(5, 3));
    assert_int_equal(error_of(w), COVEY_KEYING_NOT_ACTIVE);
    world_close(w);
}

static void deletes_when_all_have_been_told(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    assert_int_equal(member_join(w, 1, BOTH), COVEY_MEMBER_IN);
    assert_int_equal(admin(w, DELETE, "manage/g", ""), C(4, 0));
    assert_int_equal(error_of(w), COVEY_KEYING_ACTIVE);
    assert_int_equal(admin(w, POST, "manage/g", "a0"), C(2, 4));
    w->nodes[1].deaf = true;
    assert_int_equal(admin(w, DELETE, "manage/g", ""), C(2, 2));
    assert_int_equal(w->nodes[0].evicted, 1);
    assert_int_equal(ask(w, 1, GET, "ace-group/g", NONE, SPAN("")), C(4, 4));
    assert_int_equal(error_of(w), COVEY_KEYING_DELETED);
    assert_int_equal(admin(w, GET, "manage/g", ""), C(4, 4));
    world_restart(w);
    w->nodes[1].deaf = false;
    world_settle(w);
    w->now.mono += 2000;
    world_settle(w);
    assert_int_equal(w->nodes[1].evicted, 1);
    assert_null(group_row(w));
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(w->disk.members[i].serial, 0);
        assert_int_equal(w->disk.stale[i].serial, 0);
    }
    /* the name may come again, the serial not */
    assert_int_equal(admin(w, POST, "manage", "a1 2c 6167"), C(2, 1));
    assert_int_equal(group_row(w)->serial, 2);
    world_close(w);
}

static void an_empty_group_goes_at_once(void **state)
{
    struct world *w = world_open();

    (void)state;
    assert_int_equal(admin(w, POST, "manage", "a1 2c 6167"), C(2, 1));
    assert_int_equal(admin(w, DELETE, "manage/g", ""), C(2, 2));
    assert_null(group_row(w));
    assert_int_equal(w->disk.groups[0].serial, 0);
    world_close(w);
}

static void there_is_an_end_of_rows_and_serials(void **state)
{
    static const char *const names[] = { "a1 2c 6161", "a1 2c 6162",
                                         "a1 2c 6163", "a1 2c 6164",
                                         "a1 2c 6165" };
    struct world *w = world_open();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(admin(w, POST, "manage", names[i]),
                         i < GROUPS ? C(2, 1) : C(5, 3));
    }
    assert_int_equal(admin(w, DELETE, "manage/a", ""), C(2, 2));
    covey_manager_load_serial(&w->manager, 65535);
    assert_int_equal(admin(w, POST, "manage", names[4]), C(2, 1));
    assert_int_equal(admin(w, DELETE, "manage/b", ""), C(2, 2));
    assert_int_equal(admin(w, POST, "manage", names[0]), C(5, 3));
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(creates_groups_that_are_not_active),
        cmocka_unit_test(refuses_to_create),
        cmocka_unit_test(permits_what_the_scope_grants),
        cmocka_unit_test(lists_those_that_fit),
        cmocka_unit_test(shows_configurations),
        cmocka_unit_test(overwrites_with_defaults_for_what_is_absent),
        cmocka_unit_test(patches_what_is_given),
        cmocka_unit_test(operators_see_evict_and_rekey),
        cmocka_unit_test(operations_are_for_those_who_may),
        cmocka_unit_test(no_keys_after_the_last_version),
        cmocka_unit_test(deletes_when_all_have_been_told),
        cmocka_unit_test(an_empty_group_goes_at_once),
        cmocka_unit_test(there_is_an_end_of_rows_and_serials),
    };

    return KIT_RUN(tests);
}
