/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON with positions: what libfyaml would take for YAML is refused. */
#include "rules_text.h"

#include <json.h>

static rules_json *parse(const char *text, size_t len, rules_report *report)
{
    memset(report, 0, sizeof *report);
    return rules_json_parse(text, len, report);
}

static void only_json_is_accepted(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "\n",
        "{",
        "[",
        "}",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:2}",
        "[1 2]",
        "[1] [2]",
        "{} x",
        "[tru]",
        "[nan]",
        "[NaN]",
        "[+1]",
        "[01]",
        "[.5]",
        "[1.]",
        "[0x10]",
        "['a']",
        "[a]",
        "\"a",
        "[\"a\nb\"]",
        "[\"a\tb\"]",
        "[\"\\x41\"]",
        "[\"\\q\"]",
        "[\"\\u12\"]",
        "[\"\xff\"]",
        "# c\n[1]",
        "[1] # c",
        "- 1\n- 2",
        "a: 1",
        "---\n[1]",
        "[1]\n...",
        "%YAML 1.2",
        "[!!str 1]",
        "[&a 1]",
        "[&a 1, *a]",
        "[*a]",
        "{\"a\":1 \"b\":2}",
        "{? \"a\" : 1}",
        "[|\n a]",
        "[1]\0",
        "//\n[1]",
        "/**/[1]",
        "[1;2]",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        rules_report report;
        kit_case(bad[i]);
        rules_json *doc = parse(bad[i], strlen(bad[i]), &report);
        if (doc != NULL && strcmp(bad[i], "[1]") != 0) {
            fail_msg("accepted: %s", bad[i]);
        }
        assert_int_equal(doc == NULL, report.errors == 1);
        rules_json_free(doc);
        rules_report_free(&report);
    }
    kit_case(NULL);
}

static void kinds_and_values(void **state)
{
    static const char text[] =
        "{\"s\":\"\\u00e9\\\"\",\"n\":17,\"t\":true,\"f\":false,\"z\":null,"
        "\"a\":[1,2],\"o\":{},\"e\":\"\",\"b\":\"a\\u0000b\","
        "\"neg\":-1,\"x\":1e3,\"big\":18446744073709551615,"
        "\"bigger\":18446744073709551616}";
    rules_report report;
    rules_json *doc = parse(text, strlen(text), &report);
    struct fy_node *root;
    uint64_t n = 0;
    bool b = false;

    (void)state;
    assert_non_null(doc);
    root = rules_json_root(doc);
    assert_int_equal(13, rules_json_count(root));
    assert_string_equal("\xc3\xa9\"",
                        rules_json_string(rules_json_get(root, "s")));
    assert_string_equal("", rules_json_string(rules_json_get(root, "e")));
    assert_null(rules_json_string(rules_json_get(root, "b")));
    assert_int_equal(3, rules_json_bytes(rules_json_get(root, "b")).len);
    assert_null(rules_json_string(rules_json_get(root, "n")));
    assert_null(rules_json_string(rules_json_get(root, "none")));
    assert_true(rules_json_unsigned(rules_json_get(root, "n"), 17, &n));
    assert_int_equal(17, n);
    assert_false(rules_json_unsigned(rules_json_get(root, "n"), 16, &n));
    assert_false(rules_json_unsigned(rules_json_get(root, "neg"), 16, &n));
    assert_false(
        rules_json_unsigned(rules_json_get(root, "x"), UINT64_MAX, &n));
    assert_true(
        rules_json_unsigned(rules_json_get(root, "big"), UINT64_MAX, &n));
    assert_true(n == UINT64_MAX);
    assert_false(
        rules_json_unsigned(rules_json_get(root, "bigger"), UINT64_MAX, &n));
    assert_true(rules_json_bool(rules_json_get(root, "t"), &b) && b);
    assert_true(rules_json_bool(rules_json_get(root, "f"), &b) && !b);
    assert_false(rules_json_bool(rules_json_get(root, "z"), &b));
    assert_int_equal(RULES_JSON_NULL,
                     rules_json_kind_of(rules_json_get(root, "z")));
    assert_int_equal(2, rules_json_count(rules_json_get(root, "a")));
    assert_string_equal("an object",
                        rules_json_kind_name(rules_json_get(root, "o")));
    rules_json_free(doc);
}

static void integers_have_a_sign(void **state)
{
    static const char text[] =
        "{\"p\":65534,\"n\":-65534,\"z\":0,\"x\":-1e3,\"d\":-1.5,"
        "\"s\":\"-1\",\"least\":-9223372036854775807,"
        "\"less\":-9223372036854775808}";
    static const char *const refused[] = { "x", "d", "s", "less", "none" };
    rules_report report;
    rules_json *doc = parse(text, strlen(text), &report);
    struct fy_node *root = rules_json_root(doc);
    int64_t n = 7;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        kit_case(refused[i]);
        assert_false(rules_json_integer(rules_json_get(root, refused[i]),
                                        UINT64_MAX, &n));
        assert_true(n == 7);
    }
    kit_case(NULL);
    assert_false(rules_json_integer(rules_json_get(root, "n"), 65533, &n));
    assert_true(rules_json_integer(rules_json_get(root, "n"), 65534, &n));
    assert_true(n == -65534);
    assert_true(rules_json_integer(rules_json_get(root, "p"), 65534, &n));
    assert_true(n == 65534);
    assert_true(rules_json_integer(rules_json_get(root, "z"), 0, &n));
    assert_true(n == 0);
    assert_true(
        rules_json_integer(rules_json_get(root, "least"), INT64_MAX, &n));
    assert_true(n == -INT64_MAX);
    rules_json_free(doc);
}

static void positions_and_paths(void **state)
{
    static const char text[] = "{\n  \"a\": [\n    1, \"x\", {\"b\": [] }\n"
                               "  ]\n}";
    rules_report report;
    rules_json *doc = parse(text, strlen(text), &report);
    struct fy_node *items[3];
    struct fy_node *list;
    void *at = NULL;
    const char *key;
    unsigned line;
    unsigned column;
    char path[40];

    (void)state;
    assert_non_null(doc);
    list = rules_json_get(rules_json_root(doc), "a");
    for (int i = 0; i < 3; i++) {
        assert_true(rules_json_next(list, &at, &key, &items[i]));
        assert_null(key);
    }
    rules_json_position(items[0], &line, &column);
    assert_int_equal(3, line);
    assert_int_equal(5, column);
    rules_json_position(items[1], &line, &column);
    assert_int_equal(8, column);
    rules_json_position(items[2], &line, &column); /* its first key */
    assert_int_equal(14, column);
    rules_json_position(rules_json_get(items[2], "b"), &line, &column);
    assert_int_equal(14, column); /* empty: the key */
    rules_json_path(rules_json_get(items[2], "b"), path, sizeof path);
    assert_string_equal("/a/2/b", path);
    rules_json_path(rules_json_root(doc), path, sizeof path);
    assert_string_equal("/", path);
    rules_json_path(rules_json_get(items[2], "b"), path, 4);
    assert_string_equal("/b", path); /* cut at the front */
    rules_json_free(doc);
}

static void depth_is_bounded(void **state)
{
    static char text[200000];
    rules_report report;
    rules_json *doc;

    (void)state;
    memset(text, '[', 100000);
    memset(text + 100000, ']', 100000);
    doc = parse(text, sizeof text, &report);
    assert_null(doc);
    assert_non_null(strstr(report.messages[0].text, "depth"));
    rules_report_free(&report);
}

/* Comparing each key with all others would take minutes. */
static void many_members_take_linear_time(void **state)
{
    const size_t many = 100000;
    char *text = malloc(many * 16 + 16);
    rules_report report;
    size_t len = 0;
    rules_json *doc;

    (void)state;
    assert_non_null(text);
    text[len++] = '{';
    for (size_t i = 0; i < many; i++) {
        len += (size_t)sprintf(text + len, "%s\"k%zu\":1", i ? "," : "", i);
    }
    text[len++] = '}';
    doc = parse(text, len, &report);
    assert_non_null(doc);
    assert_int_equal(many, rules_json_count(rules_json_root(doc)));
    rules_json_free(doc);
    free(text);
}

/* The JSON texts of up to three bytes that the alphabet below can form, but
 * for white space around them. */
static bool is_json(const char *s, size_t n)
{
    static const char *const all[] = {
        "0",     "1",     "[]",    "{}",    "\"\"",  "[1]",   "[0]",   "[ ]",
        "{ }",   "10",    "11",    "100",   "101",   "110",   "111",   "-0",
        "-1",    "-10",   "-11",   "1e0",   "1e1",   "0e0",   "0e1",   "\"1\"",
        "\"0\"", "\"e\"", "\"-\"", "\"[\"", "\"]\"", "\"{\"", "\"}\"", "\" \"",
        "\",\"", "\":\"", "\"#\"", "\"'\"",
    };

    for (; n > 0 && s[0] == ' '; n--) {
        s++;
    }
    for (; n > 0 && s[n - 1] == ' '; n--) {
    }
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (strlen(all[i]) == n && memcmp(all[i], s, n) == 0) {
            return true;
        }
    }
    return false;
}

static const char alphabet[] = "01-e\"[]{} ,:#'";

/* The k-th text of n bytes. */
static void check_text(size_t k, size_t n)
{
    rules_report report;
    char text[3];

    for (size_t i = 0; i < n; i++) {
        text[i] = alphabet[k % (sizeof alphabet - 1)];
        k /= sizeof alphabet - 1;
    }
    rules_json *doc = parse(text, n, &report);
    if ((doc != NULL) != is_json(text, n)) {
        fail_msg("%.*s: %s", (int)n, text, doc ? "accepted" : "refused");
    }
    rules_json_free(doc);
    rules_report_free(&report);
}

/* Every text of up to three bytes that matter: nothing but JSON. */
static void short_texts_exhaustively(void **state)
{
    size_t total = 1;

    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        total *= sizeof alphabet - 1;
        for (size_t k = 0; k < total; k++) {
            check_text(k, n);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_json_is_accepted),
        cmocka_unit_test(kinds_and_values),
        cmocka_unit_test(integers_have_a_sign),
        cmocka_unit_test(positions_and_paths),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(many_members_take_linear_time),
        cmocka_unit_test(short_texts_exhaustively),
    };
    return KIT_RUN(tests);
}
