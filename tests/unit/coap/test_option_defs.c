/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/coap_options.h>

#include "kit.h"

struct expected {
    uint16_t number;
    const char *name;
    /* C, U, N of the registry's tables: critical, unsafe, no cache key. */
    const char *properties;
    covey_option_class oscore_class;
};

#define E  COVEY_CLASS_E
#define U  COVEY_CLASS_U
#define EU COVEY_CLASS_EU

/* RFC 7252 Table 4, RFC 7641, RFC 7959, RFC 8613 Figure 5, RFC 8768, RFC 9175,
 * RFC 9177, RFC 7967, RFC 9668, and the drafts of 2, 13, 24, 235, 239, 248 and
 * of the two for experiments. */
static const struct expected table[] = {
    { COVEY_OPTION_IF_MATCH, "If-Match", "C", E },
    { COVEY_OPTION_MULTICAST_TIMEOUT, "Multicast-Timeout", "U", U },
    { COVEY_OPTION_URI_HOST, "Uri-Host", "CU", U },
    { COVEY_OPTION_ETAG, "ETag", "", E },
    { COVEY_OPTION_IF_NONE_MATCH, "If-None-Match", "C", E },
    { COVEY_OPTION_OBSERVE, "Observe", "U", EU },
    { COVEY_OPTION_URI_PORT, "Uri-Port", "CU", U },
    { COVEY_OPTION_LOCATION_PATH, "Location-Path", "", E },
    { COVEY_OPTION_OSCORE, "OSCORE", "C", U },
    { COVEY_OPTION_URI_PATH, "Uri-Path", "CU", E },
    { COVEY_OPTION_CONTENT_FORMAT, "Content-Format", "", E },
    { COVEY_OPTION_URI_PATH_ABBREV, "Uri-Path-Abbrev", "C", E },
    { COVEY_OPTION_MAX_AGE, "Max-Age", "U", EU },
    { COVEY_OPTION_URI_QUERY, "Uri-Query", "CU", E },
    { COVEY_OPTION_HOP_LIMIT, "Hop-Limit", "", U },
    { COVEY_OPTION_ACCEPT, "Accept", "C", E },
    { COVEY_OPTION_Q_BLOCK1, "Q-Block1", "CU", EU },
    { COVEY_OPTION_LOCATION_QUERY, "Location-Query", "", E },
    { COVEY_OPTION_EDHOC, "EDHOC", "C", U },
    { COVEY_OPTION_BLOCK2, "Block2", "CU", EU },
    { COVEY_OPTION_GROUP_ETAG, "Group-ETag", "", E },
    { COVEY_OPTION_BLOCK1, "Block1", "CU", EU },
    { COVEY_OPTION_SIZE2, "Size2", "N", EU },
    { COVEY_OPTION_Q_BLOCK2, "Q-Block2", "CU", EU },
    { COVEY_OPTION_PROXY_URI, "Proxy-Uri", "CU", U },
    { COVEY_OPTION_PROXY_SCHEME, "Proxy-Scheme", "CU", U },
    { COVEY_OPTION_SIZE1, "Size1", "N", EU },
    { COVEY_OPTION_PROXY_CRI, "Proxy-Cri", "CU", U },
    { COVEY_OPTION_PROXY_SCHEME_NUMBER, "Proxy-Scheme-Number", "CU", U },
    { COVEY_OPTION_REPLY_FROM, "Reply-From", "", U },
    { COVEY_OPTION_ECHO, "Echo", "N", EU },
    { COVEY_OPTION_NO_RESPONSE, "No-Response", "U", EU },
    { COVEY_OPTION_REQUEST_TAG, "Request-Tag", "", EU },
    { COVEY_OPTION_MULTICAST_SIGNALING, "Multicast-Signaling", "U", U },
    { COVEY_OPTION_RESPONSE_FORWARDING, "Response-Forwarding", "", E },
};

static void the_table_says_what_the_documents_say(void **state)
{
    size_t count;
    const covey_option_def *all = covey_option_all(&count);

    (void)state;
    assert_int_equal(COUNT_OF(table), count);
    for (size_t i = 0; i < count; i++) {
        const char *p = table[i].properties;
        kit_case(table[i].name);
        assert_int_equal(table[i].number, all[i].number);
        assert_string_equal(table[i].name, all[i].name);
        assert_int_equal(table[i].oscore_class, all[i].oscore_class);
        assert_int_equal(strchr(p, 'C') != NULL,
                         covey_option_critical(all[i].number));
        assert_int_equal(strchr(p, 'U') != NULL,
                         covey_option_unsafe(all[i].number));
        assert_int_equal(strchr(p, 'N') != NULL,
                         covey_option_no_cache_key(all[i].number));
        assert_true(all[i].min <= all[i].max);
        assert_non_null(all[i].spec);
    }
    kit_case(NULL);
}

static void the_table_ascends(void **state)
{
    size_t count;
    const covey_option_def *all = covey_option_all(&count);

    (void)state;
    for (size_t i = 1; i < count; i++) {
        assert_true(all[i - 1].number < all[i].number);
    }
}

static void every_number_finds_its_row_and_no_other(void **state)
{
    size_t count;
    const covey_option_def *all = covey_option_all(&count);
    size_t found = 0;

    (void)state;
    for (uint32_t number = 0; number <= UINT16_MAX; number++) {
        const covey_option_def *def = covey_option_find((uint16_t)number);
        if (def != NULL) {
            assert_int_equal(number, def->number);
            assert_ptr_equal(&all[found], def);
            found++;
        }
    }
    assert_int_equal(count, found);
}

static void names_are_found_in_any_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char name[32];
        const covey_option_def *def = covey_option_by_name(table[i].name);
        assert_non_null(def);
        assert_int_equal(table[i].number, def->number);
        size_t len = strlen(table[i].name);
        for (size_t j = 0; j <= len; j++) {
            char c = table[i].name[j];
            name[j] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
        }
        assert_ptr_equal(def, covey_option_by_name(name));
    }
}

static void other_names_are_not_found(void **state)
{
    static const char *const names[] = { "",          "Uri",      "Uri-Pat",
                                         "Uri-Paths", "Uri_Path", "11",
                                         "Uri-Path ", "[-Match" };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_null(covey_option_by_name(names[i]));
    }
}

static void formats_carry_fitting_lengths(void **state)
{
    size_t count;
    const covey_option_def *all = covey_option_all(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        kit_case(all[i].name);
        switch (all[i].format) {
        case COVEY_FORMAT_EMPTY:
            assert_int_equal(0, all[i].max);
            break;
        case COVEY_FORMAT_UINT:
            /* Seed 003 wants five bytes of one of them. */
            assert_in_range(
                all[i].max, 1,
                all[i].number == COVEY_OPTION_MULTICAST_SIGNALING ? 5 : 4);
            break;
        case COVEY_FORMAT_BLOCK:
            assert_int_equal(3, all[i].max);
            break;
        case COVEY_FORMAT_OSCORE:
            assert_int_equal(COVEY_OPTION_OSCORE, all[i].number);
            break;
        case COVEY_FORMAT_STRING:
        case COVEY_FORMAT_OPAQUE:
            assert_true(all[i].max > 4);
            break;
        }
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_says_what_the_documents_say),
        cmocka_unit_test(the_table_ascends),
        cmocka_unit_test(every_number_finds_its_row_and_no_other),
        cmocka_unit_test(names_are_found_in_any_case),
        cmocka_unit_test(other_names_are_not_found),
        cmocka_unit_test(formats_carry_fitting_lengths),
    };
    return KIT_RUN(tests);
}
