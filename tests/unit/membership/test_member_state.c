/* SPDX-License-Identifier: BSD-2-Clause */
/* The state file of a member with a Group Manager: what was stored comes back,
 * for this member and group alone, and it is nobody else's to read. */
#include "kit.h"

#include <member_state.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD                                                                  \
    "covey member state 1\nassociation 0101010101010101\n"                    \
    "group 0202020202020202\nassociation_number 64\n"

static const struct member_state_owner owner = { { 1, 1, 1, 1, 1, 1, 1, 1 },
                                                 { 2, 2, 2, 2, 2, 2, 2, 2 },
                                                 7 };
static struct member_state s;
static char path[] = "/tmp/covey-state-XXXXXX";
static char error[400];

static bool open_state(void)
{
    return member_state_open(&s, path, &owner, error, sizeof error);
}

static void put(const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void what_was_stored_comes_back(void **state)
{
    struct stat about;

    (void)state;
    unlink(path);
    assert_true(open_state());
    assert_int_equal(s.association, 7);
    assert_int_equal(s.saved_len, 0);
    s.association = 64;
    s.ssn = 5;
    memcpy(s.saved, "keys", 4);
    s.saved_len = 4;
    assert_true(member_state_store(&s, error, sizeof error));
    member_state_close(&s);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_true(open_state());
    assert_int_equal(s.association, 64);
    assert_int_equal(s.ssn, 5);
    CHECK_SPAN(SPAN("keys"), covey_bytes_of(s.saved, s.saved_len));
    s.saved_len = 0;
    assert_true(member_state_store(&s, error, sizeof error));
    member_state_close(&s);
    assert_true(open_state());
    assert_int_equal(s.saved_len, 0);
    assert_int_equal(s.ssn, 0);
    member_state_close(&s);
}

static void as_much_as_fits_comes_back(void **state)
{
    (void)state;
    unlink(path);
    assert_true(open_state());
    memset(s.saved, 0xa5, sizeof s.saved);
    s.saved_len = sizeof s.saved;
    assert_true(member_state_store(&s, error, sizeof error));
    member_state_close(&s);
    assert_true(open_state());
    assert_int_equal(s.saved_len, sizeof s.saved);
    assert_int_equal(s.saved[sizeof s.saved - 1], 0xa5);
    member_state_close(&s);
}

static void others_are_refused(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        { "", "written by this program" },
        { "covey member state 2\n", "written by this program" },
        { HEAD "more\n", "written by this program" },
        { HEAD "sequence_number 1\nkeys 0\n", "written by this program" },
        { HEAD "sequence_number 1\nkeys 0A\n", "written by this program" },
        { HEAD "sequence_number 1\nkeys \n", "written by this program" },
        { HEAD "sequence_number 1099511627777\nkeys 00\n",
          "written by this program" },
        { "covey member state 1\nassociation 0301010101010101\n"
          "group 0202020202020202\nassociation_number 64\n",
          "found that of another one" },
        { "covey member state 1\nassociation 0101010101010101\n"
          "group 0302020202020202\nassociation_number 64\n",
          "in another group" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        put(rows[i].text);
        if (open_state() || strstr(error, rows[i].expected) == NULL) {
            fail_msg("'%s': expected '%s', found '%s'", rows[i].text,
                     rows[i].expected, error);
        }
    }
    put(HEAD "sequence_number 1\nkeys 0a\n");
    assert_true(open_state());
    member_state_close(&s);
}

static int end(void **state)
{
    char lock[sizeof path + 8];

    (void)state;
    (void)snprintf(lock, sizeof lock, "%s.lock", path);
    unlink(lock);
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_stored_comes_back),
        cmocka_unit_test(as_much_as_fits_comes_back),
        cmocka_unit_test(others_are_refused),
    };
    const int fd = mkstemp(path);

    if (fd < 0) {
        return 1;
    }
    (void)close(fd);
    return cmocka_run_group_tests(tests, NULL, end);
}
