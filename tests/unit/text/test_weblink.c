/* SPDX-License-Identifier: BSD-2-Clause */
/* Links of RFC 6690, as servers write them and as they should not. */
#include "kit.h"

#include <stdio.h>
#include <weblink.h>

/* All links as "target;attributes|", and what was left as a number. */
static void spell(const char *document, char *out, size_t cap)
{
    covey_bytes left =
        covey_bytes_of((const uint8_t *)document, strlen(document));
    struct text_link link;
    size_t n = 0;

    out[0] = '\0';
    while (text_link_next(&left, &link)) {
        n += (size_t)snprintf(out + n, cap - n, "%.*s", (int)link.target.len,
                              (const char *)link.target.ptr);
        covey_bytes one;
        while (text_link_attribute(&link.attributes, &one)) {
            n += (size_t)snprintf(out + n, cap - n, ";%.*s", (int)one.len,
                                  (const char *)one.ptr);
        }
        n += (size_t)snprintf(out + n, cap - n, "|");
    }
    snprintf(out + n, cap - n, "%zu", left.len);
}

static void finds_every_link(void **state)
{
    static const struct {
        const char *why;
        const char *document;
        const char *found;
    } cases[] = {
        { "nothing", "", "0" },
        { "one", "</a>", "/a|0" },
        { "RFC 6690 Section 5",
          "</sensors>;ct=40;title=\"Sensor Index\","
          "</sensors/temp>;rt=\"temperature-c\";if=\"sensor\"",
          "/sensors;ct=40;title=\"Sensor Index\"|"
          "/sensors/temp;rt=\"temperature-c\";if=\"sensor\"|0" },
        /* the attribute that says "OSCORE only" has no value; a grammar that
         * wants one loses the next link */
        { "RFC 8613 Section 9",
          "</sensors/temp>;osc,</sensors/light>;if=\"sensor\"",
          "/sensors/temp;osc|/sensors/light;if=\"sensor\"|0" },
        { "obs without a value, first and last",
          "</async>;obs;ct=0,</time>;obs", "/async;obs;ct=0|/time;obs|0" },
        { "a comma and a bracket within quotes", "</a>;title=\"x,</b>\",</c>",
          "/a;title=\"x,</b>\"|/c|0" },
        { "a quote that is escaped", "</a>;title=\"\\\",</b>\",</c>",
          "/a;title=\"\\\",</b>\"|/c|0" },
        { "spaces", " </a> ; rt=x , </b>", "/a;rt=x|/b|0" },
        { "an empty target", "<>", "|0" },
        { "a comma at the end", "</a>,", "/a|0" },
        { "no bracket", "/a", "2" },
        { "a bracket that is not closed", "</a>,</b", "/a|3" },
        { "something behind the bracket", "</a>x", "5" },
        { "quotes that are not closed", "</a>;title=\"x,</b>",
          "/a;title=\"x,</b>|0" },
        { "nothing but semicolons", "</a>;;;", "/a|0" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[256];
        kit_case(cases[i].why);
        spell(cases[i].document, text, sizeof text);
        assert_string_equal(cases[i].found, text);
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_link),
    };

    return KIT_RUN(tests);
}
