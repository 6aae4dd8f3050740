/* SPDX-License-Identifier: BSD-2-Clause */
#include "kit.h"

#include <log.h>
#include <stdlib.h>
#include <string.h>

/* The line that an event becomes; the caller frees it. */
static char *line_of(const log_event *e, log_format format, log_level level)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    const log_sink sink = { .out = out, .format = format, .level = level };

    assert_non_null(out);
    log_write(&sink, e);
    assert_int_equal(fclose(out), 0);
    return text;
}

static const uint8_t gid[] = { 0xdd, 0x11 };

static log_event event_of(const log_value *values, size_t count)
{
    const log_event e = { LOG_LEVEL_WARNING, "oscore.replay", "RFC 8613 7.4",
                          values, count };
    return e;
}

static void a_line_has_event_section_and_values(void **state)
{
    const log_value v[] = {
        log_string("peer", "[2001:db8::1]:5683"),
        log_number("piv", 20),
        log_hex("gid", covey_bytes_of(gid, sizeof gid)),
    };
    const log_event e = event_of(v, 3);
    char *text = line_of(&e, LOG_JOURNAL, LOG_LEVEL_INFO);

    (void)state;
    assert_string_equal(text, "<4>oscore.replay section=\"RFC 8613 7.4\" "
                              "peer=[2001:db8::1]:5683 piv=20 gid=dd11\n");
    free(text);
    text = line_of(&e, LOG_TEXT, LOG_LEVEL_INFO);
    /* 2026-11-22T04:05:06.789Z */
    assert_int_equal(text[10], 'T');
    assert_string_equal(text + 23,
                        "Z warning oscore.replay "
                        "section=\"RFC 8613 7.4\" "
                        "peer=[2001:db8::1]:5683 piv=20 gid=dd11\n");
    free(text);
    text = line_of(&e, LOG_JSON, LOG_LEVEL_INFO);
    assert_string_equal(text + 33,
                        "\",\"level\":\"warning\",\"event\":\"oscore.replay\","
                        "\"section\":\"RFC 8613 7.4\","
                        "\"peer\":\"[2001:db8::1]:5683\",\"piv\":20,"
                        "\"gid\":\"dd11\"}\n");
    assert_memory_equal(text, "{\"time\":\"2", 10);
    free(text);
}

/* Whatever a peer sends, it cannot write a line, or to a terminal. */
static void values_cannot_break_out(void **state)
{
    static const char *const evil[][2] = {
        { "a b", "\"a b\"" },
        { "a=b", "\"a=b\"" },
        { "", "\"\"" },
        { "a\nerror x", "\"a\\u000aerror x\"" },
        { "\x1b[31m", "\"\\u001b[31m\"" },
        { "a\"b\\c", "\"a\\u0022b\\u005cc\"" },
        { "\xc3\xa9", "\"\\u00c3\\u00a9\"" },
        { "x\r\x7f", "\"x\\u000d\\u007f\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
        const log_value v[] = { log_string("v", evil[i][0]) };
        const log_event e = event_of(v, 1);
        char *text = line_of(&e, LOG_JOURNAL, LOG_LEVEL_INFO);
        const char *at = strstr(text, "v=");
        assert_non_null(at);
        assert_memory_equal(at + 2, evil[i][1], strlen(evil[i][1]));
        assert_string_equal(at + 2 + strlen(evil[i][1]), "\n");
        free(text);
        text = line_of(&e, LOG_JSON, LOG_LEVEL_INFO);
        at = strstr(text, "\"v\":");
        assert_non_null(at);
        assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
        free(text);
    }
}

static void long_lines_say_that_they_are_cut(void **state)
{
    static char much[5000];
    const log_value v[] = { log_string("a", "1"), log_string("b", much) };
    log_event e = event_of(v, 2);
    char *text;

    (void)state;
    memset(much, 'x', sizeof much - 1);
    text = line_of(&e, LOG_JOURNAL, LOG_LEVEL_INFO);
    assert_non_null(strstr(text, "a=1"));
    assert_string_equal(text + strlen(text) - 4, "...\n");
    free(text);
    text = line_of(&e, LOG_JSON, LOG_LEVEL_INFO);
    assert_non_null(strstr(text, "\"a\":\"1\",\"cut\":true}\n"));
    free(text);
    /* Every length around the end of the room. */
    for (size_t len = 1900; len < 2010; len++) {
        much[len] = '\0';
        text = line_of(&e, LOG_JSON, LOG_LEVEL_INFO);
        assert_string_equal(text + strlen(text) - 2, "}\n");
        free(text);
        much[len] = 'x';
    }
}

static void what_is_less_important_is_not_written(void **state)
{
    const log_event e = { LOG_LEVEL_INFO, "started", NULL, NULL, 0 };
    char *text = line_of(&e, LOG_JOURNAL, LOG_LEVEL_NOTICE);

    (void)state;
    assert_string_equal(text, "");
    free(text);
    text = line_of(&e, LOG_JOURNAL, LOG_LEVEL_INFO);
    assert_string_equal(text, "<6>started\n");
    free(text);
}

static void levels_have_names(void **state)
{
    log_level level;

    (void)state;
    for (unsigned l = LOG_LEVEL_ERROR; l <= LOG_LEVEL_DEBUG; l++) {
        assert_true(log_level_of(log_level_name((log_level)l), &level));
        assert_int_equal(level, l);
    }
    assert_false(log_level_of("Error", &level));
    assert_false(log_level_of("", &level));
    assert_false(log_level_of("4", &level));
}

static void the_journal_is_noticed(void **state)
{
    (void)state;
    unsetenv("JOURNAL_STREAM");
    assert_int_equal(log_to_stderr(LOG_LEVEL_INFO).format, LOG_TEXT);
    setenv("JOURNAL_STREAM", "9:1", 1);
    assert_int_equal(log_to_stderr(LOG_LEVEL_INFO).format, LOG_JOURNAL);
}

struct tapped {
    unsigned count;
    char line[200];
};

static void tap(void *user, log_level level, const char *name,
                const char *line)
{
    struct tapped *t = user;

    assert_true(level < LOG_LEVEL_DEBUG);
    assert_string_equal(name, "oscore.replay");
    t->count++;
    snprintf(t->line, sizeof t->line, "%s", line);
}

static void the_tap_gets_what_the_log_does_not_show(void **state)
{
    struct tapped t = { 0 };
    const log_sink sink = {
        .out = stderr, .level = LOG_LEVEL_ERROR, .tap = tap, .tap_user = &t
    };
    log_event e = event_of(NULL, 0);

    (void)state;
    assert_true(log_wants(&sink, LOG_LEVEL_INFO));
    assert_false(log_wants(&sink, LOG_LEVEL_DEBUG));
    log_write(&sink, &e);
    assert_int_equal(t.count, 1);
    assert_string_equal(t.line + 33, "\",\"level\":\"warning\","
                                     "\"event\":\"oscore.replay\","
                                     "\"section\":\"RFC 8613 7.4\"}");
    e.level = LOG_LEVEL_INFO;
    log_write(&sink, &e);
    assert_int_equal(t.count, 2);
    e.level = LOG_LEVEL_DEBUG;
    log_write(&sink, &e);
    assert_int_equal(t.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_event_section_and_values),
        cmocka_unit_test(values_cannot_break_out),
        cmocka_unit_test(long_lines_say_that_they_are_cut),
        cmocka_unit_test(what_is_less_important_is_not_written),
        cmocka_unit_test(the_tap_gets_what_the_log_does_not_show),
        cmocka_unit_test(levels_have_names),
        cmocka_unit_test(the_journal_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
