/* SPDX-License-Identifier: BSD-2-Clause */
/* Backup and restore, over either database. */
#include "copy.h"
#include "groups.h"
#include "lab.h"

#include <covey/oscore.h>
#include <crypto/openssl/openssl.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID     SPAN("\x01\x02\x03")
#define SECRET SPAN("0123456789abcdef")
#define KEY                                                                   \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"

static covey_crypto crypto;

static int open_crypto(void **state)
{
    (void)state;
    return covey_openssl_open(&crypto) == COVEY_OK ? 0 : 1;
}

static int close_crypto(void **state)
{
    (void)state;
    covey_openssl_close(&crypto);
    return 0;
}

struct bench {
    struct lab lab;
    char key[256];
    char backup[300];
    store *s;
};

static store *open_as(const struct lab *lab, const char *key)
{
    const store_options options = { lab->where, key, &crypto };
    char why[STORE_WHY_MAX] = "";
    store *s = store_open(&options, why, sizeof why);

    if (s == NULL) {
        fail_msg("%s", why);
    }
    return s;
}

static void put_group(store *s, uint32_t serial, const char *name)
{
    const store_group g = { .serial = serial,
                            .revision = 1,
                            .name = covey_bytes_text(name),
                            .active = true,
                            .version = 7,
                            .sender_next = 5,
                            .keyed_at = 1700000000,
                            .master_secret = SECRET,
                            .master_salt = SPAN("salt"),
                            .settings = SPAN("") };

    CHECK_STORE(STORE_OK, s, store_group_put(s, &g));
}

/* A store with something of everything. */
static void populate(store *s)
{
    const store_numbers first = { 1000, 500, false };
    const store_numbers last = { COVEY_OSCORE_SSN_END - 5, 0, false };
    const store_member monitor = { .serial = 1, .name = SPAN("a") };
    const store_member lamp = { .serial = 1,
                                .name = SPAN("lamp"),
                                .sender_id = SPAN("\x07"),
                                .credential = SPAN("\xa0"),
                                .n_c = SPAN("12345678"),
                                .uri = SPAN("ctl"),
                                .told = 7 };
    const store_stale stale = { 1, 6, SPAN("\x05") };
    const store_enrolment e = { .name = SPAN("lamp"),
                                .aead = 10,
                                .hkdf = -10,
                                .sender_id = SPAN("\x01"),
                                .recipient_id = SPAN(""),
                                .master_secret = SECRET,
                                .scope = SPAN("\x80") };
    const store_event event = { .at = 5, .what = SPAN("join") };
    const store_membership membership = { SPAN("g"), ID, SPAN("keys") };
    store_lease lease;

    CHECK_STORE(STORE_OK, s, store_lease_take(s, ID, &first, &lease));
    CHECK_STORE(STORE_OK, s, store_lease_recipient(s, &lease, ID, 10));
    CHECK_STORE(STORE_OK, s, store_lease_take(s, SPAN("last"), &last, &lease));
    CHECK_STORE(STORE_OK, s, store_serial_put(s, 3));
    put_group(s, 1, "north");
    put_group(s, 2, "gone");
    CHECK_STORE(STORE_OK, s, store_group_delete(s, 2));
    CHECK_STORE(STORE_OK, s, store_member_put(s, &monitor));
    CHECK_STORE(STORE_OK, s, store_member_put(s, &lamp));
    CHECK_STORE(STORE_OK, s, store_stale_put(s, &stale));
    CHECK_STORE(STORE_OK, s, store_enrol(s, &e));
    CHECK_STORE(STORE_OK, s, store_event_put(s, &event));
    CHECK_STORE(STORE_OK, s, store_membership_put(s, &membership));
}

static struct bench begin(void)
{
    struct bench b = { .lab = lab_begin() };

    snprintf(b.key, sizeof b.key, "%s", lab_file(&b.lab, "key", KEY));
    snprintf(b.backup, sizeof b.backup, "%s/backup", b.lab.folder);
    b.s = open_as(&b.lab, b.key);
    populate(b.s);
    return b;
}

static void end(struct bench *b)
{
    store_close(b->s);
    lab_end(&b->lab);
}

static void backup(struct bench *b)
{
    CHECK_STORE(STORE_OK, b->s, store_backup(b->s, b->backup));
}

static void refused(const char *path, const struct lab *lab, const char *key,
                    const char *expected)
{
    const store_options options = { lab->where, key, &crypto };
    char why[STORE_WHY_MAX] = "";

    assert_int_not_equal(STORE_OK,
                         store_restore(path, &options, why, sizeof why));
    if (strstr(why, expected) == NULL) {
        fail_msg("expected '%s', found '%s'", expected, why);
    }
}

static void assert_not_made(const struct lab *lab)
{
    assert_int_not_equal(0, access(lab->where, F_OK));
}

/* --- what a restored store says ------------------------------------------ */

static void on_recipient(void *user, covey_bytes recipient, uint64_t number)
{
    (void)recipient;
    (void)number;
    (*(unsigned *)user)++;
}

static void check_leases(store *s)
{
    const store_numbers never = { 0, 0, false };
    unsigned count = 0;
    store_lease lease;

    CHECK_STORE(STORE_OK, s, store_lease_take(s, ID, &never, &lease));
    assert_true(lease.numbers.ssn == 1000 + STORE_COPY_NUMBERS);
    assert_true(lease.numbers.window == COVEY_OSCORE_WINDOW_LOST);
    assert_true(lease.numbers.windows_invalid);
    CHECK_STORE(STORE_OK, s,
                store_lease_recipients(s, &lease, on_recipient, &count));
    assert_int_equal(0, count);
    CHECK_STORE(STORE_OK, s,
                store_lease_take(s, SPAN("last"), &never, &lease));
    assert_true(lease.numbers.ssn == COVEY_OSCORE_SSN_END);
}

static void on_group(void *user, const store_group *g)
{
    (void)user;
    assert_int_equal(1, g->serial);
    assert_int_equal(1, g->revision);
    assert_int_equal(7 + STORE_COPY_VERSIONS, g->version);
    assert_int_equal(g->version, g->stale_from);
    assert_int_equal(1, g->keyed_at);
    CHECK_SPAN(SECRET, g->master_secret);
    CHECK_SPAN(SPAN("salt"), g->master_salt);
}

static void on_member(void *user, const store_member *m)
{
    const bool lamp = covey_bytes_equal(m->name, SPAN("lamp"));

    (*(unsigned *)user)++;
    assert_int_equal(0, m->told);
    assert_int_equal(lamp, m->sender_id.ptr != NULL);
    CHECK_SPAN(lamp ? SPAN("ctl") : covey_bytes_of(NULL, 0), m->uri);
}

static void on_stale(void *user, const store_stale *stale)
{
    (void)stale;
    (*(unsigned *)user)++;
}

static void on_enrolment(void *user, const store_enrolment *e)
{
    (*(unsigned *)user)++;
    CHECK_SPAN(SECRET, e->master_secret);
    assert_int_equal(-10, e->hkdf);
    assert_null(e->id_context.ptr);
}

static void on_event(void *user, const store_event *e)
{
    (*(unsigned *)user)++;
    CHECK_SPAN(SPAN("join"), e->what);
}

static void on_membership(void *user, const store_membership *m)
{
    (*(unsigned *)user)++;
    CHECK_SPAN(ID, m->lease);
    CHECK_SPAN(SPAN("keys"), m->saved);
}

static void check_groups(store *s)
{
    const store_group again = { .serial = 2,
                                .revision = 1,
                                .name = SPAN("x"),
                                .master_secret = SECRET,
                                .master_salt = SPAN(""),
                                .settings = SPAN("") };
    unsigned members = 0;
    unsigned stale = 0;
    unsigned nodes = 0;
    unsigned events = 0;
    unsigned memberships = 0;
    uint32_t serial = 0;

    CHECK_STORE(STORE_OK, s, store_groups(s, 1, on_group, NULL));
    CHECK_STORE(STORE_OK, s, store_members(s, 1, on_member, &members));
    assert_int_equal(2, members);
    CHECK_STORE(STORE_OK, s, store_stales(s, 1, on_stale, &stale));
    assert_int_equal(0, stale);
    CHECK_STORE(STORE_OK, s, store_serial(s, &serial));
    assert_int_equal(3 + STORE_COPY_SERIALS, serial);
    CHECK_STORE(STORE_REFUSED, s, store_group_put(s, &again));
    CHECK_STORE(STORE_OK, s,
                store_enrolments(s, SPAN("lamp"), on_enrolment, &nodes));
    assert_int_equal(1, nodes);
    CHECK_STORE(STORE_OK, s, store_events(s, 0, 10, on_event, &events));
    assert_int_equal(1, events);
    CHECK_STORE(
        STORE_OK, s,
        store_membership_get(s, SPAN("g"), on_membership, &memberships));
    assert_int_equal(1, memberships);
}

static void what_is_restored_keeps_its_distance(void **state)
{
    struct bench b = begin();
    struct lab other = lab_begin();
    const store_options into = { other.where, b.key, &crypto };
    char why[STORE_WHY_MAX] = "";
    (void)state;

    backup(&b);
    if (store_restore(b.backup, &into, why, sizeof why) != STORE_OK) {
        fail_msg("%s", why);
    }
    store *s = open_as(&other, b.key);
    check_leases(s);
    check_groups(s);
    store_close(s);
    /* not a second time */
    refused(b.backup, &other, b.key, "not empty");
    lab_end(&other);
    end(&b);
}

static void backups_are_no_stores(void **state)
{
    struct bench b = begin();
    struct lab copy = { .postgres = false };
    (void)state;

    backup(&b);
    snprintf(copy.where, sizeof copy.where, "%.255s", b.backup);
    lab_refused(&copy, b.key, &crypto, "a backup, whose numbers may have");
    end(&b);
}

static void stores_are_no_backups(void **state)
{
    struct bench b = begin();
    struct lab other = lab_begin();
    (void)state;

    if (!b.lab.postgres) {
        refused(b.lab.where, &other, b.key, "not a backup, but a store");
    }
    refused("/nowhere", &other, b.key, "/nowhere: No such file");
    assert_not_made(&other);
    lab_end(&other);
    end(&b);
}

static void backups_need_their_key(void **state)
{
    struct bench b = begin();
    struct lab other = lab_begin();
    (void)state;

    backup(&b);
    refused(b.backup, &other, NULL, "a key is wanted");
    assert_not_made(&other);
    lab_end(&other);
    end(&b);
}

/* A name that is taken stays what it is; nothing else is left behind. */
static void nothing_is_overwritten(void **state)
{
    struct bench b = begin();
    char made[320];
    struct stat st;
    (void)state;

    lab_file(&b.lab, "backup", "mine");
    CHECK_STORE(STORE_REFUSED, b.s, store_backup(b.s, b.backup));
    assert_int_equal(0, stat(b.backup, &st));
    assert_int_equal(4, st.st_size);
    assert_int_equal(0, unlink(b.backup));
    CHECK_STORE(STORE_OK, b.s, store_begin(b.s));
    CHECK_STORE(STORE_REFUSED, b.s, store_backup(b.s, b.backup));
    store_rollback(b.s);
    backup(&b);
    assert_int_equal(0, stat(b.backup, &st));
    assert_int_equal(0600, st.st_mode & 07777U);
    snprintf(made, sizeof made, "%s.new", b.backup);
    assert_int_equal(-1, stat(made, &st));
    CHECK_STORE(STORE_BROKEN, b.s,
                store_backup(b.s, "/nowhere/at/all/backup"));
    end(&b);
}

/* Two at once would otherwise be one file that is half of each. What one that
 * was killed has left behind is in nobody's way. */
static void one_backup_of_a_name_is_made_at_a_time(void **state)
{
    struct flock byte = { .l_type = F_WRLCK,
                          .l_whence = SEEK_SET,
                          .l_len = 1 };
    struct bench b = begin();
    char made[320];
    struct stat st;
    (void)state;

    lab_file(&b.lab, "backup.new", "half of one");
    lab_file(&b.lab, "backup.new-live", "");
    snprintf(made, sizeof made, "%s.new", b.backup);
    assert_int_equal(0, chmod(made, 0600));
    snprintf(made, sizeof made, "%s.new-live", b.backup);
    const int other = open(made, O_RDWR);
    assert_true(other >= 0);
    assert_int_equal(0, fcntl(other, F_SETLK, &byte));
    CHECK_STORE(STORE_REFUSED, b.s, store_backup(b.s, b.backup));
    assert_non_null(strstr(store_error(b.s), "being made by another"));
    assert_int_equal(-1, stat(b.backup, &st));
    close(other);
    backup(&b);
    assert_int_equal(-1, stat(made, &st));
    end(&b);
}

/* It is the store as it was at one time, while others go on. */
static void the_store_stays_in_use(void **state)
{
    struct bench b = begin();
    store *other = open_as(&b.lab, b.key);
    uint64_t n = 0;
    (void)state;

    CHECK_STORE(STORE_OK, other, store_begin(other));
    CHECK_STORE(STORE_OK, other, store_next(other, "x", 5, &n));
    backup(&b);
    CHECK_STORE(STORE_OK, other, store_commit(other));
    CHECK_STORE(STORE_OK, b.s, store_next(b.s, "x", 5, &n));
    assert_int_equal(5, n);
    store_close(other);
    end(&b);
}

/* A bit turns over on the medium. */
static void damaged_backups_are_refused(void **state)
{
    struct bench b = begin();
    struct lab other = lab_begin();
    (void)state;

    backup(&b);
    FILE *file = fopen(b.backup, "r+b");
    assert_non_null(file);
    assert_int_equal(0, fseek(file, 0, SEEK_SET));
    assert_int_equal(1, fwrite("X", 1, 1, file));
    fclose(file);
    refused(b.backup, &other, b.key, "not a database");
    lab_end(&other);
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_restored_keeps_its_distance),
        cmocka_unit_test(backups_are_no_stores),
        cmocka_unit_test(stores_are_no_backups),
        cmocka_unit_test(backups_need_their_key),
        cmocka_unit_test(nothing_is_overwritten),
        cmocka_unit_test(one_backup_of_a_name_is_made_at_a_time),
        cmocka_unit_test(the_store_stays_in_use),
        cmocka_unit_test(damaged_backups_are_refused),
    };

    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
