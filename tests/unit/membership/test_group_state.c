/* SPDX-License-Identifier: BSD-2-Clause */
/* The state file of a member: what was stored comes back, and what this
 * program has not written is refused. */
#include "kit.h"

#include <group_state.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HEAD                                                                  \
    "covey group state 1\nsender_key 0101010101010101\nsequence_number 64\n"  \
    "replay_windows valid\n"

enum {
    MEMBERS = 2
};

static const struct group_state_owner owner = { { 1, 1, 1, 1, 1, 1, 1, 1 },
                                                7,
                                                MEMBERS };
static char path[] = "/tmp/covey-state-XXXXXX";
static char error[400];

static bool open_state(struct group_state *s)
{
    return group_state_open(s, path, &owner, error, sizeof error);
}

static void put(const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static bool keep(struct group_state *s, covey_bytes id, uint64_t number)
{
    const covey_group_record record = { .id = id, .number = number };

    return group_state_store(s, &record, error, sizeof error);
}

static void what_was_stored_comes_back(void **state)
{
    const covey_group_record own = { .number = 64, .windows_invalid = true };
    struct group_state s;

    (void)state;
    unlink(path);
    assert_true(open_state(&s));
    assert_false(s.existed);
    assert_int_equal(s.ssn, 7);
    assert_true(group_state_store(&s, &own, error, sizeof error));
    assert_true(keep(&s, SPAN("\x0a\xff"), 65));
    assert_true(keep(&s, SPAN(""), 3));
    group_state_close(&s);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(open_state(&s));
        assert_true(s.existed);
        assert_true(s.windows_invalid);
        assert_int_equal(s.ssn, 64);
        assert_int_equal(group_state_number(&s, SPAN("\x0a\xff")), 65);
        assert_int_equal(group_state_number(&s, SPAN("")), 3);
        assert_true(group_state_number(&s, SPAN("\x0a")) ==
                    COVEY_GROUP_NUMBER_UNKNOWN);
        group_state_close(&s);
    }
}

static void a_number_never_falls(void **state)
{
    struct group_state s;

    (void)state;
    put(HEAD "member 0a 65\n");
    assert_true(open_state(&s));
    assert_true(keep(&s, SPAN("\x0a"), 64));
    assert_int_equal(group_state_number(&s, SPAN("\x0a")), 65);
    assert_true(keep(&s, SPAN("\x0a"), 66));
    assert_true(keep(&s, SPAN("\x0b"), 1));
    assert_false(keep(&s, SPAN("\x0c"), 1)); /* the group has two */
    group_state_close(&s);
}

static void what_nobody_has_written_is_refused(void **state)
{
    static const struct {
        const char *why;
        const char *text;
        const char *error;
    } cases[] = {
        { "empty", "", "expected a state file" },
        { "title", "covey oscore state 1\n", "expected a state file" },
        { "of another member",
          "covey group state 1\nsender_key 0201010101010101\n"
          "sequence_number 64\nreplay_windows valid\n",
          "that of another one" },
        { "cut", "covey group state 1\nsender_key 0101010101010101\n",
          "expected a state file" },
        { "number with a zero before it",
          "covey group state 1\nsender_key 0101010101010101\n"
          "sequence_number 064\nreplay_windows valid\n",
          "expected a state file" },
        { "number too large",
          "covey group state 1\nsender_key 0101010101010101\n"
          "sequence_number 1099511627777\nreplay_windows valid\n",
          "expected a state file" },
        { "windows of neither kind",
          "covey group state 1\nsender_key 0101010101010101\n"
          "sequence_number 64\nreplay_windows v\n",
          "expected a state file" },
        { "capital digits", HEAD "member 0A 1\n", "expected a state file" },
        { "half a byte", HEAD "member 0a1 1\n", "expected a state file" },
        { "ID too long", HEAD "member 0102030405060708090a0b0c 1\n",
          "expected a state file" },
        { "no line end", HEAD "member 0a 1", "expected a state file" },
        { "no number", HEAD "member 0a \n", "expected a state file" },
        { "member's number too large", HEAD "member 0a 1099511627777\n",
          "expected a state file" },
        { "three of two members",
          HEAD "member 0a 1\nmember 0b 1\nmember 0c 1\n",
          "expected a state file" },
        { "something behind", HEAD "member 0a 1\nx", "expected a state file" },
    };
    struct group_state s;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        put(cases[i].text);
        assert_false(open_state(&s));
        assert_non_null(strstr(error, cases[i].error));
        assert_null(s.file.path);
    }
}

static void a_folder_that_is_not_there_is_told(void **state)
{
    struct group_state s;

    (void)state;
    assert_false(
        group_state_open(&s, "/nowhere/state", &owner, error, sizeof error));
    assert_non_null(strstr(error, "/nowhere/state"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_stored_comes_back),
        cmocka_unit_test(a_number_never_falls),
        cmocka_unit_test(what_nobody_has_written_is_refused),
        cmocka_unit_test(a_folder_that_is_not_there_is_told),
    };
    char lock[sizeof path + 5];
    const int fd = mkstemp(path);
    int failed;

    if (fd < 0) {
        return 1;
    }
    close(fd);
    failed = KIT_RUN(tests);
    snprintf(lock, sizeof lock, "%s.lock", path);
    unlink(path);
    unlink(lock);
    return failed;
}
