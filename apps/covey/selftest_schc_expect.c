/* SPDX-License-Identifier: BSD-2-Clause */
/* The words in which vectors say what is expected. */
#include "selftest_schc.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static bool expect(schc_case *c, schc_expect what, bool decompress_only)
{
    /* two members that say different things: not understood */
    if (c->expect_given && c->expect != what &&
        c->expect != SCHC_EXPECT_REFUSED && what != SCHC_EXPECT_REFUSED) {
        return false;
    }
    /* of two, the narrower one */
    if (!c->expect_given || what != SCHC_EXPECT_REFUSED) {
        c->expect = what;
    }
    c->decompress_only = c->decompress_only || decompress_only;
    c->expect_given = true;
    return true;
}

/* A word for what is expected, or for the kind of the case. */
bool schc_expect_word(schc_case *c, const char *word)
{
    static const struct {
        const char *word;
        schc_expect what;
        bool decompress_only;
    } words[] = {
        { "match", SCHC_EXPECT_MATCH, false },
        { "ok", SCHC_EXPECT_MATCH, false },
        { "pass", SCHC_EXPECT_MATCH, false },
        { "success", SCHC_EXPECT_MATCH, false },
        { "valid", SCHC_EXPECT_MATCH, false },
        { "positive", SCHC_EXPECT_MATCH, false },
        { "round-trip", SCHC_EXPECT_MATCH, false },
        { "roundtrip", SCHC_EXPECT_MATCH, false },
        { "compress", SCHC_EXPECT_MATCH, false },
        { "compressed", SCHC_EXPECT_MATCH, false },
        { "compression", SCHC_EXPECT_MATCH, false },
        { "no-match", SCHC_EXPECT_NO_MATCH, false },
        { "nomatch", SCHC_EXPECT_NO_MATCH, false },
        { "mismatch", SCHC_EXPECT_NO_MATCH, false },
        { "not-matching", SCHC_EXPECT_NO_MATCH, false },
        { "must-not-match", SCHC_EXPECT_NO_MATCH, false },
        { "no-rule", SCHC_EXPECT_NO_MATCH, false },
        { "no-rule-matches", SCHC_EXPECT_NO_MATCH, false },
        { "uncompressed", SCHC_EXPECT_WHOLE, false },
        { "no-compression", SCHC_EXPECT_WHOLE, false },
        { "not-compressed", SCHC_EXPECT_WHOLE, false },
        { "compress-error", SCHC_EXPECT_NO_MATCH, false },
        { "error", SCHC_EXPECT_REFUSED, false },
        { "fail", SCHC_EXPECT_REFUSED, false },
        { "failure", SCHC_EXPECT_REFUSED, false },
        { "refuse", SCHC_EXPECT_REFUSED, false },
        { "refused", SCHC_EXPECT_REFUSED, false },
        { "reject", SCHC_EXPECT_REFUSED, false },
        { "rejected", SCHC_EXPECT_REFUSED, false },
        { "invalid", SCHC_EXPECT_REFUSED, false },
        { "malformed", SCHC_EXPECT_REFUSED, false },
        { "negative", SCHC_EXPECT_REFUSED, false },
        { "decompress-error", SCHC_EXPECT_REFUSED, true },
        { "decompression-error", SCHC_EXPECT_REFUSED, true },
        { "invalid-rule", SCHC_EXPECT_BAD_RULE, false },
        { "bad-rule", SCHC_EXPECT_BAD_RULE, false },
        { "rule-error", SCHC_EXPECT_BAD_RULE, false },
        { "rule-rejected", SCHC_EXPECT_BAD_RULE, false },
    };

    for (size_t i = 0; i < COUNT(words); i++) {
        if (strcmp(word, words[i].word) == 0) {
            return expect(c, words[i].what, words[i].decompress_only);
        }
    }
    return false;
}

bool schc_expect_that(schc_case *c, schc_expect what)
{
    return expect(c, what, false);
}
