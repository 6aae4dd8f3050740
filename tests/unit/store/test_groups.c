/* SPDX-License-Identifier: BSD-2-Clause */
/* The contract of what a Group Manager stores, over either database. */
#include "groups.h"
#include "lab.h"

#include <stdio.h>

#define NAME SPAN("north")

static store_group group_of(uint32_t serial, uint64_t revision)
{
    const store_group g = { .serial = serial,
                            .revision = revision,
                            .name = NAME,
                            .active = true,
                            .version = 3,
                            .stale_from = 1,
                            .sender_next = 10,
                            .sender_floor = 2,
                            .keyed_at = 1700000000,
                            .master_secret = SPAN("0123456789abcdef"),
                            .master_salt = SPAN("saltsalt"),
                            .settings = SPAN("\xa1\x01\x02") };
    return g;
}

static void put_group(store *s, uint32_t serial)
{
    const store_group g = group_of(serial, 1);

    CHECK_STORE(STORE_OK, s, store_group_put(s, &g));
}

struct seen {
    size_t count;
    char text[512];
};

static void on_group(void *user, const store_group *g)
{
    struct seen *seen = user;

    seen->count++;
    snprintf(seen->text, sizeof seen->text,
             "%u/%u %.*s %d%d v%u s%u n%u f%u k%u %.*s %.*s %u", g->serial,
             (unsigned)g->revision, (int)g->name.len,
             (const char *)g->name.ptr, g->active, g->deleted,
             (unsigned)g->version, (unsigned)g->stale_from,
             (unsigned)g->sender_next, (unsigned)g->sender_floor,
             (unsigned)g->keyed_at, (int)g->master_secret.len,
             (const char *)g->master_secret.ptr, (int)g->master_salt.len,
             (const char *)g->master_salt.ptr, (unsigned)g->settings.len);
}

static void groups_come_back_as_they_were(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    struct seen seen = { 0, "" };
    (void)state;

    put_group(s, 1);
    store_close(s);
    s = lab_open(&lab);
    CHECK_STORE(STORE_OK, s, store_groups(s, 1, on_group, &seen));
    assert_string_equal("1/1 north 10 v3 s1 n10 f2 k1700000000 "
                        "0123456789abcdef saltsalt 3",
                        seen.text);
    CHECK_STORE(STORE_NONE, s, store_groups(s, 2, on_group, &seen));
    CHECK_STORE(STORE_OK, s, store_groups(s, 0, on_group, &seen));
    assert_int_equal(2, seen.count);
    store_close(s);
    lab_end(&lab);
}

static void serials_and_names_are_used_once(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    store_group g = group_of(1, 1);
    uint32_t next = 0;
    (void)state;

    CHECK_STORE(STORE_OK, s, store_serial(s, &next));
    assert_int_equal(1, next);
    CHECK_STORE(STORE_OK, s, store_serial_put(s, 2));
    CHECK_STORE(STORE_TAKEN, s, store_serial_put(s, 2));
    CHECK_STORE(STORE_TAKEN, s, store_serial_put(s, 1));
    CHECK_STORE(STORE_OK, s, store_serial(s, &next));
    assert_int_equal(2, next);
    put_group(s, 1);
    CHECK_STORE(STORE_REFUSED, s, store_group_put(s, &g));
    /* the name, in a transaction that goes on */
    CHECK_STORE(STORE_OK, s, store_begin(s));
    g.serial = 2;
    CHECK_STORE(STORE_TAKEN, s, store_group_put(s, &g));
    g.name = SPAN("south");
    CHECK_STORE(STORE_OK, s, store_group_put(s, &g));
    CHECK_STORE(STORE_OK, s, store_commit(s));
    /* a serial is part of Gids: it is gone for good */
    CHECK_STORE(STORE_OK, s, store_group_delete(s, 1));
    CHECK_STORE(STORE_NONE, s, store_group_delete(s, 1));
    g = group_of(1, 1);
    CHECK_STORE(STORE_REFUSED, s, store_group_put(s, &g));
    g.serial = 3;
    CHECK_STORE(STORE_OK, s, store_group_put(s, &g));
    store_close(s);
    lab_end(&lab);
}

static void what_cannot_be_is_refused(void **state)
{
    static const uint8_t long_secret[STORE_SECRET_MAX + 64];
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    store_group g = group_of(0, 1);
    store_member m = { .serial = 1, .joined = 1 };
    store_enrolment e = { .name = NAME };
    (void)state;

    CHECK_STORE(STORE_REFUSED, s, store_group_put(s, &g));
    g = group_of(1, 0);
    CHECK_STORE(STORE_REFUSED, s, store_group_put(s, &g));
    g = group_of(1, 1);
    g.name = SPAN("");
    CHECK_STORE(STORE_REFUSED, s, store_group_put(s, &g));
    g = group_of(1, 1);
    g.master_secret = covey_bytes_of(long_secret, sizeof long_secret);
    CHECK_STORE(STORE_BROKEN, s, store_group_put(s, &g));
    CHECK_STORE(STORE_REFUSED, s, store_member_put(s, &m));
    m.name = SPAN("lamp");
    CHECK_STORE(STORE_NONE, s, store_member_put(s, &m));
    CHECK_STORE(STORE_REFUSED, s, store_enrol(s, &e));
    store_close(s);
    lab_end(&lab);
}

static void changes_need_the_last_revision(void **state)
{
    static const struct {
        const char *why;
        uint64_t revision;
        uint64_t version;
        uint64_t sender_next;
        store_result expected;
    } cases[] = {
        { "a revision that is stored", 1, 3, 10, STORE_REFUSED },
        { "one that is too far", 3, 3, 10, STORE_TAKEN },
        { "the next", 2, 3, 11, STORE_OK },
        { "the same again", 2, 3, 11, STORE_TAKEN },
        { "a Sender ID goes back", 3, 3, 10, STORE_REFUSED },
        { "a version goes back", 3, 2, 11, STORE_REFUSED },
        { "a rekeying", 3, 4, 0, STORE_OK },
        { "a rekeying by another manager", 3, 4, 0, STORE_TAKEN },
        { "the one after it", 4, 5, 0, STORE_OK },
    };
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    struct seen seen = { 0, "" };
    (void)state;

    put_group(s, 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        store_group g = group_of(1, cases[i].revision);
        kit_case(cases[i].why);
        g.version = cases[i].version;
        g.sender_next = cases[i].sender_next;
        CHECK_STORE(cases[i].expected, s, store_group_put(s, &g));
    }
    kit_case(NULL);
    CHECK_STORE(STORE_OK, s, store_groups(s, 1, on_group, &seen));
    assert_non_null(strstr(seen.text, "1/4 north 10 v5"));
    store_close(s);
    lab_end(&lab);
}

static void on_member(void *user, const store_member *m)
{
    struct seen *seen = user;
    const size_t at = strlen(seen->text);

    seen->count++;
    snprintf(seen->text + at, sizeof seen->text - at,
             "%.*s:%u:%u:%d:%u:%u:%u:%.*s:%u:%u ", (int)m->name.len,
             (const char *)m->name.ptr, m->standing, m->roles,
             m->sender_id.ptr != NULL, (unsigned)m->sender_id.len,
             (unsigned)m->credential.len, (unsigned)m->n_c.len,
             (int)m->uri.len, (const char *)m->uri.ptr, (unsigned)m->joined,
             (unsigned)m->told);
}

static void members_belong_to_a_group(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    struct seen seen = { 0, "" };
    const store_member monitor = {
        .serial = 1, .name = SPAN("m"), .standing = 1, .roles = 8, .joined = 3
    };
    store_member lamp = { .serial = 1,
                          .name = SPAN("lamp"),
                          .standing = 1,
                          .roles = 6,
                          .sender_id = SPAN(""),
                          .credential = SPAN("\xa0"),
                          .n_c = SPAN("12345678"),
                          .uri = SPAN("ctl"),
                          .joined = 3,
                          .told = 3 };
    (void)state;

    put_group(s, 1);
    CHECK_STORE(STORE_OK, s, store_member_put(s, &monitor));
    CHECK_STORE(STORE_OK, s, store_member_put(s, &lamp));
    CHECK_STORE(STORE_OK, s, store_members(s, 1, on_member, &seen));
    assert_string_equal("lamp:1:6:1:0:1:8:ctl:3:3 m:1:8:0:0:0:0::3:0 ",
                        seen.text);
    lamp.standing = 2;
    lamp.sender_id = SPAN("\x07");
    CHECK_STORE(STORE_OK, s, store_member_put(s, &lamp));
    CHECK_STORE(STORE_OK, s, store_member_told(s, 1, SPAN("lamp"), 5));
    CHECK_STORE(STORE_OK, s, store_member_told(s, 1, SPAN("lamp"), 4));
    CHECK_STORE(STORE_NONE, s, store_member_told(s, 1, SPAN("door"), 4));
    CHECK_STORE(STORE_OK, s, store_member_delete(s, 1, SPAN("m")));
    CHECK_STORE(STORE_NONE, s, store_member_delete(s, 1, SPAN("m")));
    seen.text[0] = '\0';
    CHECK_STORE(STORE_OK, s, store_members(s, 1, on_member, &seen));
    assert_string_equal("lamp:2:6:1:1:1:8:ctl:3:5 ", seen.text);
    CHECK_STORE(STORE_OK, s, store_group_delete(s, 1));
    seen.count = 0;
    CHECK_STORE(STORE_OK, s, store_members(s, 1, on_member, &seen));
    assert_int_equal(0, seen.count);
    store_close(s);
    lab_end(&lab);
}

static void on_stale(void *user, const store_stale *stale)
{
    struct seen *seen = user;

    seen->count++;
    seen->text[stale->version] = (char)stale->sender_id.ptr[0];
}

static void stale_ids_are_kept_by_version(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    struct seen seen = { 0, "" };
    store_stale stale = { 1, 0, SPAN("") };
    (void)state;

    put_group(s, 1);
    for (uint8_t i = 0; i < 4; i++) {
        const uint8_t id = (uint8_t)('a' + i);
        stale.version = i;
        stale.sender_id = covey_bytes_of(&id, 1);
        CHECK_STORE(STORE_OK, s, store_stale_put(s, &stale));
        CHECK_STORE(STORE_OK, s, store_stale_put(s, &stale));
    }
    CHECK_STORE(STORE_OK, s, store_stale_drop(s, 1, 2));
    CHECK_STORE(STORE_OK, s, store_stales(s, 1, on_stale, &seen));
    assert_int_equal(2, seen.count);
    assert_memory_equal("\0\0cd", seen.text, 4);
    store_close(s);
    lab_end(&lab);
}

static void on_enrolment(void *user, const store_enrolment *e)
{
    struct seen *seen = user;

    seen->count++;
    snprintf(seen->text, sizeof seen->text, "%.*s %d %d %u %u %d%u %.*s %d%d",
             (int)e->name.len, (const char *)e->name.ptr, e->aead, e->hkdf,
             (unsigned)e->sender_id.len, (unsigned)e->recipient_id.len,
             e->id_context.ptr != NULL, (unsigned)e->id_context.len,
             (int)e->master_secret.len, (const char *)e->master_secret.ptr,
             e->master_salt.ptr != NULL, e->credential.ptr != NULL);
}

static void nodes_are_told_apart_by_their_ids(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    struct seen seen = { 0, "" };
    store_enrolment e = { .name = SPAN("lamp"),
                          .aead = 10,
                          .hkdf = -10,
                          .sender_id = SPAN("\x01"),
                          .recipient_id = SPAN("\x02"),
                          .master_secret = SPAN("secret"),
                          .scope = SPAN("\x80") };
    (void)state;

    CHECK_STORE(STORE_OK, s, store_enrol(s, &e));
    CHECK_STORE(STORE_OK, s, store_enrol(s, &e));
    CHECK_STORE(STORE_OK, s, store_enrolments(s, e.name, on_enrolment, &seen));
    assert_string_equal("lamp 10 -10 1 1 00 secret 00", seen.text);
    e.name = SPAN("door");
    CHECK_STORE(STORE_TAKEN, s, store_enrol(s, &e));
    /* an empty ID Context is not the same as none */
    e.id_context = SPAN("");
    e.master_salt = SPAN("");
    e.credential = SPAN("\xa0");
    CHECK_STORE(STORE_OK, s, store_enrol(s, &e));
    CHECK_STORE(STORE_OK, s, store_enrolments(s, e.name, on_enrolment, &seen));
    assert_string_equal("door 10 -10 1 1 10 secret 11", seen.text);
    seen.count = 0;
    CHECK_STORE(
        STORE_OK, s,
        store_enrolments(s, covey_bytes_of(NULL, 0), on_enrolment, &seen));
    assert_int_equal(2, seen.count);
    CHECK_STORE(STORE_OK, s, store_disenrol(s, SPAN("lamp")));
    CHECK_STORE(STORE_NONE, s, store_disenrol(s, SPAN("lamp")));
    CHECK_STORE(STORE_NONE, s,
                store_enrolments(s, SPAN("lamp"), on_enrolment, &seen));
    store_close(s);
    lab_end(&lab);
}

static void on_event(void *user, const store_event *e)
{
    struct seen *seen = user;

    seen->count++;
    snprintf(seen->text, sizeof seen->text, "%u %.*s %u %d %.*s",
             (unsigned)e->at, (int)e->what.len, (const char *)e->what.ptr,
             e->serial, e->node.ptr != NULL, (int)e->detail.len,
             (const char *)e->detail.ptr);
}

static void events_come_in_order(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    struct seen seen = { 0, "" };
    store_event e = { .at = 5, .what = SPAN("join"), .serial = 1 };
    (void)state;

    CHECK_STORE(STORE_OK, s, store_event_put(s, &e));
    e.node = SPAN("lamp");
    e.detail = SPAN("version 4");
    CHECK_STORE(STORE_OK, s, store_event_put(s, &e));
    CHECK_STORE(STORE_OK, s, store_events(s, 0, 1, on_event, &seen));
    assert_int_equal(1, seen.count);
    assert_string_equal("5 join 1 0 ", seen.text);
    CHECK_STORE(STORE_OK, s, store_events(s, 1, 10, on_event, &seen));
    assert_int_equal(2, seen.count);
    assert_string_equal("5 join 1 1 version 4", seen.text);
    store_close(s);
    lab_end(&lab);
}

static void old_events_go(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    struct seen seen = { 0, "" };
    const store_event e = { .at = 5, .what = SPAN("join"), .serial = 1 };
    (void)state;

    CHECK_STORE(STORE_OK, s, store_events_trim(s, 1)); /* there are none */
    for (int i = 0; i < 5; i++) {
        CHECK_STORE(STORE_OK, s, store_event_put(s, &e));
    }
    CHECK_STORE(STORE_OK, s, store_events_trim(s, 5));
    CHECK_STORE(STORE_OK, s, store_events(s, 0, 10, on_event, &seen));
    assert_int_equal(5, seen.count);
    CHECK_STORE(STORE_OK, s, store_events_trim(s, 2));
    CHECK_STORE(STORE_OK, s, store_event_put(s, &e));
    CHECK_STORE(STORE_OK, s, store_events(s, 0, 10, on_event, &seen));
    assert_int_equal(5 + 3, seen.count);
    store_close(s);
    lab_end(&lab);
}

static void last_events_are_found_by_what_they_are(void **state)
{
    static const char *const words[] = { "rekey", "join",   "join", "finish",
                                         "leave", "finish", "rekey" };
    const covey_bytes what[2] = { SPAN("rekey"), SPAN("finish") };
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    struct seen seen = { 0, "" };
    store_event e = { .serial = 1 };
    (void)state;

    CHECK_STORE(STORE_OK, s, store_events_last(s, 9, what, on_event, &seen));
    assert_int_equal(0, seen.count);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        e.at = i;
        e.what = covey_bytes_text(words[i]);
        CHECK_STORE(STORE_OK, s, store_event_put(s, &e));
    }
    CHECK_STORE(STORE_OK, s, store_events_last(s, 4, what, on_event, &seen));
    assert_int_equal(3, seen.count);
    assert_string_equal("6 rekey 1 0 ", seen.text);
    CHECK_STORE(STORE_OK, s, store_events_last(s, 9, what, on_event, &seen));
    assert_int_equal(3 + 4, seen.count);
    store_close(s);
    lab_end(&lab);
}

/* Joins within a short time share one write: none of them is half there. */
static void a_batch_is_one_write(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    store *other = lab_open(&lab);
    struct seen seen = { 0, "" };
    store_group g = group_of(1, 2);
    (void)state;

    put_group(s, 1);
    for (int attempt = 0; attempt < 2; attempt++) {
        CHECK_STORE(STORE_OK, s, store_begin(s));
        CHECK_STORE(STORE_OK, s, store_group_put(s, &g));
        for (unsigned i = 0; i < 100; i++) {
            char name[16];
            snprintf(name, sizeof name, "n%u", i);
            const store_member m = { .serial = 1,
                                     .name = covey_bytes_text(name) };
            CHECK_STORE(STORE_OK, s, store_member_put(s, &m));
        }
        seen.count = 0;
        CHECK_STORE(STORE_OK, other,
                    store_members(other, 1, on_member, &seen));
        assert_int_equal(0, seen.count);
        if (attempt == 0) {
            store_rollback(s);
        } else {
            CHECK_STORE(STORE_OK, s, store_commit(s));
        }
    }
    seen.text[0] = '\0';
    CHECK_STORE(STORE_OK, other, store_members(other, 1, on_member, &seen));
    assert_int_equal(100, seen.count);
    store_close(s);
    store_close(other);
    lab_end(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_come_back_as_they_were),
        cmocka_unit_test(serials_and_names_are_used_once),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(changes_need_the_last_revision),
        cmocka_unit_test(members_belong_to_a_group),
        cmocka_unit_test(stale_ids_are_kept_by_version),
        cmocka_unit_test(nodes_are_told_apart_by_their_ids),
        cmocka_unit_test(events_come_in_order),
        cmocka_unit_test(old_events_go),
        cmocka_unit_test(last_events_are_found_by_what_they_are),
        cmocka_unit_test(a_batch_is_one_write),
    };

    return KIT_RUN(tests);
}
