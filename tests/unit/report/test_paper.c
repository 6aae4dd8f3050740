/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever somebody else says is text in a report. */
#include <apps/covey-audit/paper.h>

#include "kit.h"

#include <stdlib.h>

static char *written; /* of the last text */
static size_t written_len;

static const char *write_text(bool html, const char *text)
{
    free(written);
    written = NULL;
    const paper p = { .out = open_memstream(&written, &written_len),
                      .html = html };

    assert_non_null(p.out);
    paper_text(&p, text);
    assert_int_equal(0, fclose(p.out));
    return written;
}

struct text_case {
    const char *why;
    const char *text;
    const char *html;
    const char *markdown;
};

static const struct text_case cases[] = {
    { "what is only text", "S1: a b, 1-2", "S1: a b, 1-2", "S1: a b, 1-2" },
    { "other alphabets", "é 日", "é 日", "é 日" },
    { "a tag", "<b>", "&lt;b&gt;", "&lt;b&gt;" },
    { "an entity", "&lt;", "&amp;lt;", "&amp;lt;" },
    { "an attribute's end", "\"'", "&quot;&#39;", "&quot;&#39;" },
    { "a cell of a table", "a|b", "a|b", "a\\|b" },
    { "a link", "[x](y)", "[x](y)", "\\[x\\](y)" },
    { "emphasis and code", "*_`~", "*_`~", "\\*\\_\\`\\~" },
    { "an escape", "\\", "\\", "\\\\" },
    { "a heading", "# x", "# x", "\\# x" },
    { "links that come out by themselves", "http://x www.y a@b",
      "http://x www.y a@b", "http&#58;//x www&#46;y a&#64;b" },
    { "lines", "a\r\nb\tc", "a??b?c", "a??b?c" },
    { "a terminal's commands", "\033[2J\x9b", "?[2J?", "?\\[2J?" },
    { "C1 controls", "\xc2\x80\xc2\x9b\xc2\xa0", "??\xc2\xa0", "??\xc2\xa0" },
    { "the direction of writing", "\xe2\x80\xae\xe2\x81\xa6\xd8\x9c", "???",
      "???" },
    { "what cannot be seen",
      "a\xe2\x80\x8b\xef\xbb\xbf"
      "b",
      "a??b", "a??b" },
    { "separators of lines", "\xe2\x80\xa8\xe2\x80\xa9", "??", "??" },
    { "a dash that only looks like it", "\xe2\x80\x94", "\xe2\x80\x94",
      "\xe2\x80\x94" },
    { "a character that is cut off", "\xe2\x80", "??", "??" },
    { "one that is too long", "\xc0\xbc\xe0\x80\xbc", "?????", "?????" },
    { "half of a pair, and beyond all", "\xed\xa0\x80\xf4\x90\x80\x80",
      "???????", "???????" },
    { NULL, NULL, NULL, NULL },
};

static void texts_are_escaped(void **state)
{
    (void)state;
    for (const struct text_case *c = cases; c->why != NULL; c++) {
        kit_case(c->why);
        assert_string_equal(c->html, write_text(true, c->text));
        assert_string_equal(c->markdown, write_text(false, c->text));
    }
    kit_case(NULL);
}

/* Nothing of up to two bytes comes out as it could mean something. */
static void every_two_bytes(void **state)
{
    char text[3] = { 0 };

    (void)state;
    for (int i = 1; i < 256; i++) {
        for (int j = 0; j < 256; j++) {
            text[0] = (char)i;
            text[1] = (char)j;
            assert_null(strpbrk(write_text(true, text), "<>\"'\033\n\r\x7f"));
            for (const char *at = write_text(false, text); *at != '\0'; at++) {
                assert_null(strchr("<>\"'|`*_[]\033\n\r", *at));
                at += *at == '\\' && at[1] != '\0' ? 1 : 0;
            }
        }
    }
    free(written);
    written = NULL;
}

static void a_grade_stays_one(void **state)
{
    char *text = NULL;
    size_t len = 0;
    const paper p = { .out = open_memstream(&text, &len), .html = true };

    (void)state;
    assert_non_null(p.out);
    paper_cell_grade(&p, -1);
    paper_cell_grade(&p, 9);
    assert_int_equal(0, fclose(p.out));
    assert_string_equal("<td class=\"g g0\">0</td><td class=\"g g3\">3</td>",
                        text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(every_two_bytes),
        cmocka_unit_test(a_grade_stays_one),
    };

    return KIT_RUN(tests);
}
