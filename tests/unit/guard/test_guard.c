/* SPDX-License-Identifier: BSD-2-Clause */
/* What ends an audit: the clock on the wall may be set, the right ends by the
 * one that cannot be. */
#include "kit.h"

#include <apps/covey-audit/guard.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char folder[64];
static char file[96];
static time_t wall;
static time_t boot;

/* The names are those of the linker's --wrap. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,
   readability-identifier-naming) */
int __wrap_clock_gettime(clockid_t id, struct timespec *out);

int __wrap_clock_gettime(clockid_t id, struct timespec *out)
{
    memset(out, 0, sizeof *out);
    out->tv_sec = id == CLOCK_BOOTTIME ? boot : wall;
    return 0;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,
   readability-identifier-naming) */

bool audit_state_path(const char *where, const char *id,
                      char path[AUDIT_PATH_MAX])
{
    const int n = snprintf(path, AUDIT_PATH_MAX, "%s/%s", where, id);

    return n > 0 && n < AUDIT_PATH_MAX;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/covey-guard-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(file, sizeof file, "%s/m", folder);
    wall = 1764450000;
    boot = 100;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(folder);
}

static audit_guard opened(void)
{
    audit_guard g;

    assert_true(guard_open(&g, folder, "m", stderr));
    assert_int_equal(STOP_NONE, guard_check(&g));
    return g;
}

static void a_clock_that_is_set_ends_it(void **state)
{
    static const struct {
        int by;
        audit_stop why;
    } cases[] = { { 1, STOP_NONE },
                  { -1, STOP_NONE },
                  { 3, STOP_CLOCK },
                  { -3, STOP_CLOCK },
                  { -86400, STOP_CLOCK } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        audit_guard g = opened();
        wall += cases[i].by;
        assert_int_equal(cases[i].why, guard_check(&g));
        wall -= cases[i].by;
        /* and stays so */
        assert_int_equal(cases[i].why, guard_check(&g));
        guard_close(&g);
    }
}

static void a_clock_set_back_extends_no_right(void **state)
{
    audit_guard g = opened();

    (void)state;
    guard_until(&g, wall + 10);
    boot += 9;
    wall += 8; /* it loses time */
    assert_int_equal(STOP_NONE, guard_check(&g));
    assert_int_equal((1764450000 + 9) * INT64_C(1000), guard_unix_ms(&g));
    boot += 1;
    assert_int_equal(STOP_EXPIRY, guard_check(&g));
    guard_close(&g);
}

static void a_machine_that_slept_over_the_end_wakes_without_right(void **state)
{
    audit_guard g = opened();

    (void)state;
    guard_until(&g, wall + 10);
    boot += 3600;
    wall += 3600;
    assert_int_equal(GUARD_STOPPED, guard_wait(&g, -1, -1, COVEY_NEVER));
    assert_string_equal("expiry", audit_stop_text(g.why));
    guard_close(&g);
}

static void a_window_without_end_is_one(void **state)
{
    audit_guard g = opened();

    (void)state;
    guard_until(&g, INT64_MAX);
    boot += 86400;
    wall += 86400;
    assert_int_equal(STOP_NONE, guard_check(&g));
    assert_int_equal(GUARD_TIMEOUT, guard_wait(&g, -1, -1, guard_now()));
    guard_close(&g);
}

static void a_file_withdraws_and_the_first_reason_counts(void **state)
{
    audit_guard g = opened();
    FILE *out = fopen(file, "w");

    (void)state;
    assert_non_null(out);
    fclose(out);
    assert_int_equal(STOP_WITHDRAWAL, guard_check(&g));
    wall -= 100;
    guard_stop(&g, STOP_EVIDENCE);
    unlink(file);
    assert_int_equal(STOP_WITHDRAWAL, guard_check(&g));
    assert_int_equal(GUARD_STOPPED, guard_wait(&g, -1, -1, COVEY_NEVER));
    guard_close(&g);
    assert_string_equal("unknown", audit_stop_text(AUDIT_STOPS));
}

/* A folder that is gone cannot say that nothing was withdrawn. */
static void what_cannot_be_looked_at_counts_as_withdrawn(void **state)
{
    audit_guard g = opened();

    (void)state;
    memset(g.file, 'x', sizeof g.file - 1);
    g.file[sizeof g.file - 1] = '\0'; /* too long a name */
    assert_int_equal(STOP_WITHDRAWAL, guard_check(&g));
    guard_close(&g);
}

static void a_signal_ends_it(void **state)
{
    audit_guard g = opened();

    (void)state;
    assert_int_equal(0, raise(SIGTERM));
    assert_int_equal(STOP_SIGNAL, guard_check(&g));
    guard_close(&g);
}

static void a_folder_that_is_not_there_is_refused(void **state)
{
    audit_guard g;
    char text[400] = "";
    FILE *messages = fmemopen(text, sizeof text - 1, "w");

    (void)state;
    assert_false(guard_open(&g, "/nowhere", "m", messages));
    fclose(messages);
    assert_non_null(strstr(text, "/nowhere: error: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_clock_that_is_set_ends_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_clock_set_back_extends_no_right,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_machine_that_slept_over_the_end_wakes_without_right, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(a_window_without_end_is_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_file_withdraws_and_the_first_reason_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            what_cannot_be_looked_at_counts_as_withdrawn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_signal_ends_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_is_refused,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
