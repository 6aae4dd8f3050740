/* SPDX-License-Identifier: BSD-2-Clause */
/* What is opened, what is refused, and secrets at rest; over either database,
 * and what only a file can be. */
#include "groups.h"
#include "lab.h"

#include <crypto/openssl/openssl.h>
#include <crypto/scripted/scripted.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY                                                                   \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define OTHER                                                                 \
    "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define SECRET SPAN("0123456789abcdef")

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

static void run(store *s, const char *sql)
{
    CHECK_STORE(STORE_OK, s, s->driver->script(s, sql));
}

static store *open_with(const struct lab *lab, const char *key,
                        const covey_crypto *with)
{
    const store_options options = { lab->where, key, with };
    char why[STORE_WHY_MAX] = "";
    store *s = store_open(&options, why, sizeof why);

    if (s == NULL) {
        fail_msg("%s", why);
    }
    return s;
}

static store_result put_group(store *s, uint32_t serial, const char *name,
                              covey_bytes secret)
{
    const store_group g = { .serial = serial,
                            .revision = 1,
                            .name = covey_bytes_text(name),
                            .version = 1,
                            .master_secret = secret,
                            .master_salt = SPAN(""),
                            .settings = SPAN("") };
    return store_group_put(s, &g);
}

/* --- schemas ------------------------------------------------------------- */

static void schemas_go_forward(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    (void)state;

    run(s, "INSERT INTO migration (version, digest) VALUES (99, 'x')");
    store_close(s);
    lab_refused(&lab, NULL, NULL, "made by a newer version: schema 99");
    lab_end(&lab);
}

static void schemas_are_those_of_the_program(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    (void)state;

    run(s, "UPDATE migration SET digest = 'x' WHERE version = 2");
    store_close(s);
    lab_refused(&lab, NULL, NULL, "schema 2 is not that of this program");
    lab_end(&lab);
}

/* A store of an older program: what it holds stays. */
static void older_stores_are_brought_up(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    uint64_t n = 0;
    (void)state;

    CHECK_STORE(STORE_OK, s, store_next(s, "x", 7, &n));
    run(s, "DROP TABLE membership; DROP TABLE event; DROP TABLE enrolment; "
           "DROP TABLE stale;"
           "DROP TABLE member; DROP TABLE grp; DROP TABLE serial;"
           "ALTER TABLE lease DROP COLUMN peer;"
           "DELETE FROM migration WHERE version >= 2");
    store_close(s);
    s = lab_open(&lab);
    CHECK_STORE(STORE_OK, s, store_next(s, "x", 1, &n));
    assert_int_equal(7, n);
    CHECK_STORE(STORE_OK, s, put_group(s, 1, "a", SECRET));
    store_close(s);
    lab_end(&lab);
}

/* A migration that fails leaves the store as it was. */
static void half_a_migration_is_none(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    (void)state;

    run(s, "DELETE FROM migration WHERE version >= 2");
    store_close(s);
    lab_refused(&lab, NULL, NULL, "already exists");
    lab_refused(&lab, NULL, NULL, "already exists");
    lab_end(&lab);
}

/* --- secrets ------------------------------------------------------------- */

static void on_group(void *user, const store_group *g)
{
    (void)user;
    CHECK_SPAN(SECRET, g->master_secret);
}

static void secrets_need_their_key(void **state)
{
    struct lab lab = lab_begin();
    char key[256];
    (void)state;

    snprintf(key, sizeof key, "%s", lab_file(&lab, "key", KEY));
    store *s = open_with(&lab, key, &crypto);
    CHECK_STORE(STORE_OK, s, put_group(s, 1, "a", SECRET));
    CHECK_STORE(STORE_OK, s, store_groups(s, 1, on_group, NULL));
    store_close(s);
    lab_refused(&lab, NULL, &crypto, "encrypted: a key is wanted");
    lab_refused(&lab, lab_file(&lab, "other", OTHER), &crypto,
                "encrypted with another key");
    lab_refused(&lab, key, NULL, "a key without a provider");
    s = open_with(&lab, key, &crypto);
    CHECK_STORE(STORE_OK, s, store_groups(s, 1, on_group, NULL));
    store_close(s);
    lab_end(&lab);
}

static void a_store_without_key_takes_none(void **state)
{
    struct lab lab = lab_begin();
    store *s = lab_open(&lab);
    (void)state;

    store_close(s);
    lab_refused(&lab, lab_file(&lab, "key", KEY), &crypto,
                "not encrypted: no key is wanted");
    lab_end(&lab);
}

static void bad_keys_are_refused(void **state)
{
    static const char *const bad[] = { "", "00", KEY "00", "x" KEY, "\n" KEY };
    struct lab lab = lab_begin();
    (void)state;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        lab_refused(&lab, lab_file(&lab, "key", bad[i]), &crypto,
                    "expected a key of 64 hexadecimal digits");
    }
    const char *path = lab_file(&lab, "key", KEY);
    assert_int_equal(0, chmod(path, 0640));
    lab_refused(&lab, path, &crypto, "others may read or write it");
    lab_refused(&lab, "/nowhere", &crypto, "/nowhere: ");
    lab_end(&lab);
}

static void secrets_open_only_in_their_place(void **state)
{
    static const char *const moves[] = {
        "UPDATE grp SET master_secret = (SELECT master_secret FROM grp"
        " WHERE serial = 2) WHERE serial = 1",
        "UPDATE grp SET version = 2 WHERE serial = 2",
        "UPDATE grp SET name = 'c' WHERE serial = 3",
        "UPDATE grp SET master_secret = (SELECT value FROM info)"
        " WHERE serial = 4"
    };
    struct lab lab = lab_begin();
    (void)state;

    store *s = open_with(&lab, lab_file(&lab, "key", KEY), &crypto);
    for (uint32_t i = 0; i < COUNT_OF(moves); i++) {
        char name[2] = { (char)('p' + (int)i), '\0' };
        CHECK_STORE(STORE_OK, s, put_group(s, i + 1, name, SECRET));
    }
    for (uint32_t i = 0; i < COUNT_OF(moves); i++) {
        CHECK_STORE(STORE_OK, s, store_groups(s, i + 1, on_group, NULL));
        run(s, moves[i]);
        CHECK_STORE(STORE_BROKEN, s, store_groups(s, i + 1, on_group, NULL));
    }
    store_close(s);
    lab_end(&lab);
}

/* No secret in clear: the file is searched for it, log and all. */
static void the_file_does_not_show_secrets(void **state)
{
    static char text[1 << 20];
    static const char *const parts[] = { "", "-wal" };
    struct lab lab = lab_begin();
    size_t seen = 0;
    (void)state;

    if (!lab.postgres) {
        store *s = open_with(&lab, lab_file(&lab, "key", KEY), &crypto);
        CHECK_STORE(STORE_OK, s, put_group(s, 1, "findme", SECRET));
        for (size_t i = 0; i < COUNT_OF(parts); i++) {
            char path[300];
            snprintf(path, sizeof path, "%s%s", lab.where, parts[i]);
            FILE *in = fopen(path, "rb");
            assert_non_null(in);
            const size_t len = fread(text, 1, sizeof text, in);
            fclose(in);
            for (size_t k = 0; k + SECRET.len <= len; k++) {
                assert_memory_not_equal(text + k, SECRET.ptr, SECRET.len);
                seen += memcmp(text + k, "findme", 6) == 0;
            }
        }
        assert_true(seen > 0);
        store_close(s);
    }
    lab_end(&lab);
}

static store_result work(const store_options *options, uint32_t serial)
{
    char why[STORE_WHY_MAX] = "";
    store *s = store_open(options, why, sizeof why);

    if (s == NULL) {
        assert_non_null(strstr(why, covey_status_text(COVEY_E_CRYPTO)));
        return STORE_BROKEN;
    }
    store_result r = put_group(s, serial, "a", SECRET);
    if (r == STORE_OK) {
        r = store_groups(s, serial, on_group, NULL);
        CHECK_STORE(STORE_OK, s, store_group_delete(s, serial));
    }
    store_close(s);
    return r;
}

/* The provider fails at every call: nothing is stored, nothing is shown. */
static void survives_a_provider_that_fails(void **state)
{
    struct lab lab = lab_begin();
    covey_scripted script;
    covey_crypto failing;
    char key[256];
    (void)state;

    snprintf(key, sizeof key, "%s", lab_file(&lab, "key", KEY));
    store_close(open_with(&lab, key, &crypto));
    const store_options options = { lab.where, key, &failing };
    covey_scripted_open(&script, &crypto, &failing);
    for (int n = 0;; n++) {
        covey_scripted_rewind(&script, n);
        const store_result r = work(&options, (uint32_t)n + 1);
        assert_int_equal(0, script.live);
        if (r == STORE_OK) {
            assert_true(n >= 5);
            break;
        }
        assert_int_equal(STORE_BROKEN, r);
    }
    lab_end(&lab);
}

/* --- files --------------------------------------------------------------- */

static void files_are_private(void **state)
{
    struct lab lab = lab_begin();
    struct stat st;
    (void)state;

    if (!lab.postgres) {
        store_close(lab_open(&lab));
        assert_int_equal(0, stat(lab.where, &st));
        assert_int_equal(0600, st.st_mode & 07777U);
        assert_int_equal(0, chmod(lab.where, 0644));
        lab_refused(&lab, NULL, NULL, "others may read or write it");
    }
    lab_end(&lab);
}

static void other_files_are_left_alone(void **state)
{
    struct lab lab = lab_begin();
    (void)state;

    if (!lab.postgres) {
        lab_file(&lab, "store.db", "this is a text, and it stays one\n");
        lab_refused(&lab, NULL, NULL, "not a database");
        assert_int_equal(0, unlink(lab.where));
        store *s = lab_open(&lab);
        run(s, "PRAGMA application_id = 7");
        store_close(s);
        lab_refused(&lab, NULL, NULL, "a database of another program");
        snprintf(lab.where, sizeof lab.where, "%s", lab.folder);
        lab_refused(&lab, NULL, NULL, "irectory");
        snprintf(lab.where, sizeof lab.where, "%s/none/x", lab.folder);
        lab_refused(&lab, NULL, NULL, "No such file");
    }
    lab_end(&lab);
}

static void a_server_that_is_not_there(void **state)
{
    const store_options options = { "postgresql://127.0.0.1:1/x", NULL, NULL };
    char why[STORE_WHY_MAX] = "";
    (void)state;

    assert_null(store_open(&options, why, sizeof why));
    assert_non_null(strstr(why, "PostgreSQL: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemas_go_forward),
        cmocka_unit_test(schemas_are_those_of_the_program),
        cmocka_unit_test(older_stores_are_brought_up),
        cmocka_unit_test(half_a_migration_is_none),
        cmocka_unit_test(secrets_need_their_key),
        cmocka_unit_test(a_store_without_key_takes_none),
        cmocka_unit_test(bad_keys_are_refused),
        cmocka_unit_test(secrets_open_only_in_their_place),
        cmocka_unit_test(the_file_does_not_show_secrets),
        cmocka_unit_test(survives_a_provider_that_fails),
        cmocka_unit_test(files_are_private),
        cmocka_unit_test(other_files_are_left_alone),
        cmocka_unit_test(a_server_that_is_not_there),
    };

    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
