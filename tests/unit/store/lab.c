/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void make_schema(struct lab *lab, const char *base)
{
    static unsigned count;
    const store_options options = { base, NULL, NULL };
    char why[STORE_WHY_MAX];
    char sql[128];
    store *s = store_open(&options, why, sizeof why);

    if (s == NULL) {
        fail_msg("%s", why);
    }
    snprintf(sql, sizeof sql, "CREATE SCHEMA t%u_%u", (unsigned)getpid(),
             ++count);
    CHECK_STORE(STORE_OK, s, s->driver->script(s, sql));
    store_close(s);
    snprintf(lab->where, sizeof lab->where,
             "%s?options=-csearch_path%%3Dt%u_%u", base, (unsigned)getpid(),
             count);
}

struct lab lab_begin(void)
{
    const char *base = getenv("COVEY_TEST_STORE");
    struct lab lab = { .postgres = base != NULL };

    /* What is shown does not depend on a disk, only its time does. */
    snprintf(lab.folder, sizeof lab.folder, "%s/covey-store-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(lab.folder));
    if (base != NULL) {
        make_schema(&lab, base);
    } else {
        snprintf(lab.where, sizeof lab.where, "%s/store.db", lab.folder);
    }
    return lab;
}

static int drop(const char *path, const struct stat *st, int kind,
                struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

void lab_end(struct lab *lab)
{
    assert_int_equal(0, nftw(lab->folder, drop, 8, FTW_DEPTH | FTW_PHYS));
}

store *lab_open(const struct lab *lab)
{
    const store_options options = { lab->where, NULL, NULL };
    char why[STORE_WHY_MAX] = "";
    store *s = store_open(&options, why, sizeof why);

    if (s == NULL) {
        fail_msg("%s", why);
    }
    return s;
}

void lab_refused(const struct lab *lab, const char *key_file,
                 const covey_crypto *crypto, const char *expected)
{
    const store_options options = { lab->where, key_file, crypto };
    char why[STORE_WHY_MAX] = "";

    assert_null(store_open(&options, why, sizeof why));
    if (strstr(why, expected) == NULL) {
        fail_msg("expected '%s', found '%s'", expected, why);
    }
}

const char *lab_file(const struct lab *lab, const char *name, const char *text)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s", lab->folder, name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal((ssize_t)strlen(text), write(fd, text, strlen(text)));
    close(fd);
    return path;
}

void lab_check(store_result expected, const store *s, store_result actual,
               const char *file, int line)
{
    if (expected != actual) {
        print_error("expected %s, found %s: %s\n", store_result_name(expected),
                    store_result_name(actual), store_error(s));
        _fail(file, line);
    }
}
