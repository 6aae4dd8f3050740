/* SPDX-License-Identifier: BSD-2-Clause */
#include "kit.h"

#include <text.h>

#include <stdlib.h>

/* Every length of a last group. */
static void base64_there_and_back(void **state)
{
    static const struct {
        const char *bytes;
        const char *text;
    } cases[] = { { "", "" },
                  { "l", "bA==" },
                  { "la", "bGE=" },
                  { "lam", "bGFt" },
                  { "lamp", "bGFtcA==" },
                  { "lamps", "bGFtcHM=" },
                  { "lamps!", "bGFtcHMh" },
                  { "\xff\xfe\xfd", "//79" } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const size_t len = strlen(cases[i].bytes);
        const covey_bytes want =
            covey_bytes_of((const uint8_t *)cases[i].bytes, len);
        uint8_t out[16];
        size_t got = 0;
        char *text = NULL;
        size_t text_len = 0;
        FILE *file = open_memstream(&text, &text_len);

        assert_non_null(file);
        text_base64_print(file, want);
        assert_int_equal(0, fclose(file));
        assert_string_equal(cases[i].text, text);
        char again[16];
        assert_string_equal(cases[i].text, text_base64(want, again));
        assert_true(text_base64_read(text, text_len, out, &got));
        CHECK_SPAN(want, covey_bytes_of(out, got));
        /* where the text is */
        assert_true(text_base64_read(text, text_len, (uint8_t *)text, &got));
        CHECK_SPAN(want, covey_bytes_of((uint8_t *)text, got));
        free(text);
    }
}

/* All texts of four characters over a few that matter: what is read is
 * written the same, so no two texts say the same. */
static void base64_has_one_text_for_one_content(void **state)
{
    static const char some[] = "AQgwZ/+9=-_ \n";
    const size_t n = sizeof some; /* with its zero byte */
    size_t read = 0;

    (void)state;
    for (size_t i = 0; i < n * n * n * n; i++) {
        const char text[] = { some[i % n], some[i / n % n],
                              some[i / n / n % n], some[i / n / n / n] };
        uint8_t out[3];
        size_t len = 9;
        char *again = NULL;
        size_t again_len = 0;

        if (!text_base64_read(text, 4, out, &len)) {
            assert_int_equal(9, len);
            continue;
        }
        read++;
        FILE *file = open_memstream(&again, &again_len);
        assert_non_null(file);
        text_base64_print(file, covey_bytes_of(out, len));
        assert_int_equal(0, fclose(file));
        assert_int_equal(4, again_len);
        assert_memory_equal(text, again, 4);
        free(again);
    }
    assert_true(read > 4096);
}

static void base64_of_no_whole_group(void **state)
{
    uint8_t out[8];
    size_t len = 9;

    (void)state;
    assert_false(text_base64_read("Z", 1, out, &len));
    assert_false(text_base64_read("Zg", 2, out, &len));
    assert_false(text_base64_read("Zg=", 3, out, &len));
    assert_false(text_base64_read("Zm9vY", 5, out, &len));
    assert_false(text_base64_read("Zg==Zg==", 8, out, &len));
    assert_int_equal(9, len);
}

static void times_there_and_back(void **state)
{
    static const struct {
        const char *text;
        int64_t unix_s;
    } cases[] = { { "1970-01-01T00:00:00Z", 0 },
                  { "1970-12-31T23:59:59Z", 31535999 },
                  { "2000-02-29T00:00:00Z", 951782400 },
                  { "2004-01-01T00:00:00Z", 1072915200 },
                  { "2024-02-29T12:34:56Z", 1709210096 },
                  { "2026-11-29T09:00:00Z", 1795942800 },
                  { "2100-03-01T00:00:00Z", 4107542400 },
                  { "9999-12-31T23:59:59Z", 253402300799 } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[TEXT_TIME_MAX];
        int64_t t = -1;

        kit_case(cases[i].text);
        assert_true(text_time_read(cases[i].text, strlen(cases[i].text), &t));
        assert_true(t == cases[i].unix_s);
        assert_string_equal(cases[i].text, text_time(t, text));
    }
    kit_case(NULL);
}

/* Against the C library, day by day. */
static void every_day_follows_the_one_before(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 365 * 300; day++) {
        char text[TEXT_TIME_MAX];
        int64_t t = -1;

        text_time(day * 86400 + 3661, text);
        assert_true(text_time_read(text, strlen(text), &t));
        assert_true(t == day * 86400 + 3661);
    }
}

static void refuses_what_is_no_time(void **state)
{
    static const char *const cases[] = {
        "",
        "2026-11-29",
        "2026-11-29T09:00:00",
        "2026-11-29T09:00:00z",
        "2026-11-29 09:00:00Z",
        "2026-11-29T09:00:00+00:00",
        "2026-11-29T09:00:00.0Z",
        "1969-12-31T23:59:59Z",
        "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "2026-1-01T00:00:000Z",
        "+026-01-01T00:00:00Z",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t t = 77;

        kit_case(cases[i]);
        assert_false(text_time_read(cases[i], strlen(cases[i]), &t));
        assert_int_equal(77, t);
    }
    kit_case(NULL);
}

static void hex_there_and_back(void **state)
{
    static const char *const refused[] = { "0", "0g", "0A", "a b0", "-1" };
    uint8_t bytes[256];
    uint8_t got[256];
    char text[513];

    (void)state;
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)i;
    }
    text_hex(covey_bytes_of(bytes, sizeof bytes), text);
    assert_int_equal(512, strlen(text));
    assert_memory_equal("000102", text, 6);
    assert_true(text_hex_read(text, 512, got));
    assert_memory_equal(bytes, got, sizeof bytes);
    assert_true(text_hex_read("", 0, got));
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        assert_false(text_hex_read(refused[i], strlen(refused[i]), got));
    }
}

/* Lengths around those at which room is doubled. */
static void streams_are_read_to_their_end_or_beyond_a_bound(void **state)
{
    static const size_t lengths[] = { 0, 1, 4094, 4095, 4096, 8191, 70000 };
    FILE *file = tmpfile();
    size_t len = 0;

    (void)state;
    assert_non_null(file);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        while ((size_t)ftell(file) < lengths[i]) {
            putc('x', file);
        }
        rewind(file);
        char *text = text_slurp(file, SIZE_MAX, &len);
        assert_non_null(text);
        assert_int_equal(lengths[i], len);
        assert_int_equal(len, strlen(text));
        free(text);
    }
    rewind(file);
    char *text = text_slurp(file, 5000, &len);
    assert_non_null(text);
    assert_in_range(len, 5001, 20000);
    free(text);
    fclose(file);
}

static void a_stream_that_cannot_be_read_is_none(void **state)
{
    FILE *file = fopen("/", "rb");
    size_t len = 7;

    (void)state;
    assert_non_null(file);
    assert_null(text_slurp(file, SIZE_MAX, &len));
    assert_int_equal(7, len);
    fclose(file);
}

static void html_has_no_characters_of_its_own(void **state)
{
    static const char text[] = "<a href=\"x\">Tom & Jerry's</a>";
    char out[128] = "";
    FILE *file = fmemopen(out, sizeof out, "w");

    (void)state;
    assert_non_null(file);
    for (size_t i = 0; text[i] != '\0'; i++) {
        text_put_html(file, text[i]);
    }
    fclose(file);
    assert_string_equal("&lt;a href=&quot;x&quot;&gt;Tom &amp; "
                        "Jerry&#39;s&lt;/a&gt;",
                        out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_there_and_back),
        cmocka_unit_test(hex_there_and_back),
        cmocka_unit_test(base64_has_one_text_for_one_content),
        cmocka_unit_test(base64_of_no_whole_group),
        cmocka_unit_test(times_there_and_back),
        cmocka_unit_test(every_day_follows_the_one_before),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(streams_are_read_to_their_end_or_beyond_a_bound),
        cmocka_unit_test(a_stream_that_cannot_be_read_is_none),
        cmocka_unit_test(html_has_no_characters_of_its_own),
    };

    return KIT_RUN(tests);
}
