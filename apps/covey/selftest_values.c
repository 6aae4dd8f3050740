/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest_values.h"

#include <covey/coap_options.h>
#include <hex.h>
#include <stdlib.h>
#include <string.h>

static bool keep(selftest_pool *pool, uint8_t *bytes)
{
    uint8_t **more =
        realloc(pool->bytes, (pool->count + 1) * sizeof *pool->bytes);

    if (more == NULL || bytes == NULL) {
        if (more != NULL) {
            pool->bytes = more;
        }
        free(bytes);
        return false;
    }
    pool->bytes = more;
    pool->bytes[pool->count++] = bytes;
    return true;
}

uint8_t *selftest_pool_take(selftest_pool *pool, size_t len)
{
    uint8_t *bytes = malloc(len > 0 ? len : 1);

    return keep(pool, bytes) ? bytes : NULL;
}

void selftest_pool_free(selftest_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        free(pool->bytes[i]);
    }
    free(pool->bytes);
    pool->bytes = NULL;
    pool->count = 0;
}

bool selftest_read_hex(selftest_pool *pool, struct fy_node *node,
                       const char *name, covey_bytes *to, FILE *why)
{
    struct fy_node *member = rules_json_get(node, name);
    const char *text = rules_json_string(member);
    uint8_t *bytes;
    size_t len;
    char error[200] = "no string";

    if (member == NULL || rules_json_kind_of(member) == RULES_JSON_NULL) {
        return true;
    }
    if (text == NULL ||
        !hex_parse(text, strlen(text), &bytes, &len, error, sizeof error)) {
        fprintf(why, "\"%s\": %s", name, error);
        return false;
    }
    if (!keep(pool, bytes)) {
        fputs("out of memory", why);
        return false;
    }
    *to = covey_bytes_of(bytes, len);
    return true;
}

static bool is_known(const char *key, const selftest_member *members,
                     size_t count, const char *const *others)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(key, members[i].name) == 0) {
            return true;
        }
    }
    for (; *others != NULL; others++) {
        if (strcmp(key, *others) == 0) {
            return true;
        }
    }
    return false;
}

bool selftest_read(selftest_pool *pool, struct fy_node *node,
                   const selftest_member *members, size_t count,
                   const char *const *others, FILE *why)
{
    void *at = NULL;
    const char *key;
    struct fy_node *value;

    while (rules_json_next(node, &at, &key, &value)) {
        if (key == NULL || !is_known(key, members, count, others)) {
            fprintf(why, "not supported: \"%s\"", key != NULL ? key : "[");
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!selftest_read_hex(pool, node, members[i].name, members[i].to,
                               why)) {
            return false;
        }
    }
    return true;
}

bool selftest_read_number(struct fy_node *node, const char *name, uint64_t max,
                          uint64_t *out, FILE *why)
{
    if (rules_json_unsigned(rules_json_get(node, name), max, out)) {
        return true;
    }
    fprintf(why, "no number \"%s\"", name);
    return false;
}

bool selftest_read_alg(struct fy_node *node, const char *name, int32_t absent,
                       int32_t *out, FILE *why)
{
    struct fy_node *member = rules_json_get(node, name);
    int64_t value = absent;

    if (member != NULL && rules_json_kind_of(member) != RULES_JSON_NULL &&
        !rules_json_integer(member, INT32_MAX, &value)) {
        fprintf(why, "no number \"%s\"", name);
        return false;
    }
    *out = (int32_t)value;
    return true;
}

/* --- comparing ----------------------------------------------------------- */

bool selftest_differs(const selftest_check *k, const char *expected,
                      const char *got)
{
    fputs(expected, k->expected);
    fputs(got, k->got);
    return false;
}

bool selftest_same(const selftest_check *k, const char *what,
                   covey_bytes expected, covey_bytes got)
{
    if (expected.ptr == NULL ||
        (expected.len == got.len &&
         (got.len == 0 || memcmp(expected.ptr, got.ptr, got.len) == 0))) {
        return true;
    }
    fprintf(k->expected, "%s ", what);
    hex_print(k->expected, expected);
    hex_print(k->got, got);
    return false;
}

bool selftest_done(const selftest_check *k, const char *what,
                   covey_status status)
{
    return status == COVEY_OK ||
           selftest_differs(k, what, covey_status_name(status));
}

static bool same_options(const covey_coap_message *a,
                         const covey_coap_message *b, bool request)
{
    covey_coap_option_iter it_a = covey_coap_options_of(a);
    covey_coap_option_iter it_b = covey_coap_options_of(b);
    covey_coap_option x;
    covey_coap_option y;

    while (covey_coap_option_next(&it_a, &x)) {
        if (!covey_coap_option_next(&it_b, &y) || x.number != y.number) {
            return false;
        }
        if (!covey_bytes_equal(x.value, y.value) &&
            (request || x.number != COVEY_OPTION_OBSERVE)) {
            return false;
        }
    }
    return !covey_coap_option_next(&it_b, &y);
}

bool selftest_same_message(const selftest_check *k, covey_bytes original,
                           covey_bytes got, bool request)
{
    covey_coap_message a;
    covey_coap_message b;

    if (covey_coap_parse(&a, original) == COVEY_OK &&
        covey_coap_parse(&b, got) == COVEY_OK && a.code == b.code &&
        a.type == b.type && a.message_id == b.message_id &&
        covey_bytes_equal(a.token, b.token) &&
        covey_bytes_equal(a.payload, b.payload) &&
        same_options(&a, &b, request)) {
        return true;
    }
    return selftest_same(k, "unprotected", original, got) &&
           selftest_differs(k, "the original message", "another one");
}
