/* SPDX-License-Identifier: BSD-2-Clause */
/* A daemon under a service manager, which here is a socket. */
#include <daemon.h>
#include <kit.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const daemon_program program = { "covey-x", "1.2.3", "does nothing" };

static char folder[] = "daemon-test-XXXXXX";
static char socket_path[100];
static int manager = -1;

static int make_manager(void **state)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };

    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(at.sun_path, sizeof at.sun_path, "%s/s", folder);
    manager = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (bind(manager, (struct sockaddr *)&at, sizeof at) != 0) {
        return -1;
    }
    /* sd_notify wants an absolute path */
    char *whole = realpath(at.sun_path, NULL);
    if (whole == NULL) {
        return -1;
    }
    snprintf(socket_path, sizeof socket_path, "%s", whole);
    free(whole);
    return setenv("NOTIFY_SOCKET", socket_path, 1);
}

static int end_manager(void **state)
{
    (void)state;
    close(manager);
    unlink(socket_path);
    return rmdir(folder);
}

static const char *next_word(void)
{
    static char text[100];
    const ssize_t len = recv(manager, text, sizeof text - 1, MSG_DONTWAIT);

    text[len > 0 ? len : 0] = '\0';
    return text;
}

static void raise_later(void *user)
{
    raise(*(int *)user);
}

static void stop(void *user)
{
    loop_stop(user);
}

struct outcome {
    int status;
    char log[800];
};

static struct outcome run(loop_due *due, void *user, loop *l)
{
    struct outcome o = { -1, "" };
    FILE *out = fmemopen(o.log, sizeof o.log, "w");
    const log_sink sink = { .out = out,
                            .format = LOG_JOURNAL,
                            .level = LOG_LEVEL_DEBUG };
    loop_alarm *alarm = loop_alarm_new(l, due, user);

    assert_non_null(out);
    assert_non_null(alarm);
    loop_alarm_set(alarm, loop_now().mono + 1);
    o.status = daemon_run(&program, &sink, l);
    fclose(out);
    loop_free(l);
    return o;
}

static void signal_stops_it_in_order(void **state)
{
    static const int signals[] = { SIGTERM, SIGINT };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        int which = signals[i];
        const struct outcome o = run(raise_later, &which, loop_new());
        assert_int_equal(DAEMON_DONE, o.status);
        assert_string_equal("READY=1", next_word());
        assert_string_equal("STOPPING=1", next_word());
        assert_string_equal("", next_word());
        assert_non_null(strstr(o.log, "<5>daemon.ready"));
        assert_non_null(strstr(o.log, "1.2.3"));
        assert_non_null(strstr(o.log, strsignal(which)));
    }
}

static void stops_when_its_own_code_says_so(void **state)
{
    loop *l = loop_new();

    (void)state;
    const struct outcome o = run(stop, l, l);
    assert_int_equal(DAEMON_DONE, o.status);
    assert_string_equal("READY=1", next_word());
    assert_string_equal("STOPPING=1", next_word());
    assert_non_null(strstr(o.log, "asked to"));
}

static void runs_without_a_service_manager(void **state)
{
    loop *l = loop_new();

    (void)state;
    assert_int_equal(0, unsetenv("NOTIFY_SOCKET"));
    const struct outcome o = run(stop, l, l);
    assert_int_equal(DAEMON_DONE, o.status);
    assert_string_equal("", next_word());
    assert_int_equal(0, setenv("NOTIFY_SOCKET", socket_path, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signal_stops_it_in_order),
        cmocka_unit_test(stops_when_its_own_code_says_so),
        cmocka_unit_test(runs_without_a_service_manager),
    };

    return cmocka_run_group_tests(tests, make_manager, end_manager);
}
