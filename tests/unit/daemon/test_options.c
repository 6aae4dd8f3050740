/* SPDX-License-Identifier: BSD-2-Clause */
#include <daemon.h>
#include <kit.h>

#include <unistd.h>

static const daemon_program program = { "covey-x", "1.2.3", "does nothing" };

enum {
    WORDS_MAX = 8
};

struct outcome {
    bool go_on;
    int status;
    daemon_options options;
    char output[1200]; /* of both streams */
};

/* What it says goes to a pipe, which is large enough to take it all. */
static struct outcome run(const char *const *words)
{
    char *argv[WORDS_MAX + 2] = { (char *)(uintptr_t) "covey-x" };
    struct outcome o = { .status = -1 };
    const int kept[2] = { dup(1), dup(2) };
    int argc = 1;
    int ends[2];

    while (argc <= WORDS_MAX && words[argc - 1] != NULL) {
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
        argc++;
    }
    assert_int_equal(0, pipe(ends));
    fflush(stdout);
    dup2(ends[1], 1);
    dup2(ends[1], 2);
    o.go_on = daemon_options_read(&program, argc, argv, &o.options, &o.status);
    fflush(stdout);
    dup2(kept[0], 1);
    dup2(kept[1], 2);
    close(kept[0]);
    close(kept[1]);
    close(ends[1]);
    const ssize_t len = read(ends[0], o.output, sizeof o.output - 1);
    assert_true(len >= 0);
    o.output[len] = '\0';
    close(ends[0]);
    return o;
}

static void refuses_command_lines(void **state)
{
    static const struct {
        const char *why;
        const char *words[WORDS_MAX];
        const char *said;
    } cases[] = {
        { "nothing", { NULL }, "covey-x: expected --config FILE\n" },
        { "check without a file", { "--check-config" }, "expected --config" },
        { "no value", { "--config" }, "'--config' is no option" },
        { "unknown", { "--config", "f", "--port", "1" }, "'--port' is no" },
        { "a word", { "--config", "f", "f" }, "'f' is no option" },
        { "longer name", { "--configure=f" }, "'--configure=f' is no" },
        { "level",
          { "--config=f", "--log-level", "loud" },
          "'--log-level' is no option with its value" },
        { "empty level", { "--config=f", "--log-level=" }, "--log-level=" },
        { "format",
          { "--config=f", "--log-format=xml" },
          "'--log-format=xml' is no option with its value" },
        { "no format", { "--config=f", "--log-format" }, "--log-format" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        const struct outcome o = run(cases[i].words);
        assert_false(o.go_on);
        assert_int_equal(DAEMON_USAGE, o.status);
        assert_non_null(strstr(o.output, cases[i].said));
    }
    kit_case(NULL);
}

static void answers_questions_about_itself(void **state)
{
    const char *const help[] = { "--log-level", "--help", NULL };
    const char *const version[] = { "--config", "f", "--version", NULL };

    (void)state;
    struct outcome o = run(help);
    assert_false(o.go_on);
    assert_int_equal(DAEMON_DONE, o.status);
    assert_non_null(strstr(o.output, "usage: covey-x --config FILE"));
    assert_non_null(strstr(o.output, "covey-x does nothing."));
    o = run(version);
    assert_false(o.go_on);
    assert_int_equal(DAEMON_DONE, o.status);
    assert_string_equal("covey-x 1.2.3\n", o.output);
}

static void takes_what_is_left_out_as_default(void **state)
{
    const char *const words[] = { "--config", "file", NULL };

    (void)state;
    const struct outcome o = run(words);
    assert_true(o.go_on);
    assert_string_equal("file", o.options.config);
    assert_false(o.options.check_config);
    assert_int_equal(LOG_LEVEL_NOTICE, o.options.log.level);
    assert_string_equal("", o.output);
}

static void takes_all_options_in_both_forms(void **state)
{
    const char *const words[] = { "--log-format=json", "--check-config",
                                  "--log-level",       "debug",
                                  "--config=-",        NULL };

    (void)state;
    const struct outcome o = run(words);
    assert_true(o.go_on);
    assert_string_equal("-", o.options.config);
    assert_true(o.options.check_config);
    assert_int_equal(LOG_LEVEL_DEBUG, o.options.log.level);
    assert_int_equal(LOG_JSON, o.options.log.format);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_command_lines),
        cmocka_unit_test(answers_questions_about_itself),
        cmocka_unit_test(takes_what_is_left_out_as_default),
        cmocka_unit_test(takes_all_options_in_both_forms),
    };

    return KIT_RUN(tests);
}
