/* SPDX-License-Identifier: BSD-2-Clause */
/* The runner's claim that a refused message leaves no trace: a context that
 * changes although it refuses is found out, whatever changes. */
#include "kit.h"

#include "selftest_kinds.h"

#include <covey/group.h>
#include <crypto/openssl/openssl.h>

#include <stdio.h>
#include <stdlib.h>

#define VECTORS "tests/vectors/oscore/group_oscore_generated.json"

/* What is spoilt when a request has been refused. */
enum trace {
    NOTHING,
    WINDOW_NEXT,
    WINDOW_BIT,
    NUMBER_STORED,
    HEARD,
    ROLES,
    OWN_NUMBER,
    ENCRYPTED,
    WINDOWS_INVALID,
    EXCHANGE,
    TRACES
};

static enum trace trace;

static void leave(covey_group *g, covey_group_exchange *exchange)
{
    covey_group_recipient *r = g->recipients;

    r->window.next += trace == WINDOW_NEXT;
    r->window.own[0] ^= trace == WINDOW_BIT;
    r->window_stored += trace == NUMBER_STORED;
    r->heard = trace == HEARD ? !r->heard : r->heard;
    r->roles ^= trace == ROLES;
    g->ssn += trace == OWN_NUMBER;
    g->encrypted += trace == ENCRYPTED;
    g->windows_invalid =
        trace == WINDOWS_INVALID ? !g->windows_invalid : g->windows_invalid;
    exchange->request.number += trace == EXCHANGE;
}

/* The linker puts this in the place of the real one (--wrap). */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,
 * readability-identifier-naming): these two names are the linker's. */
covey_unprotect __real_covey_group_open_request(
    covey_group *g, covey_group_exchange *exchange,
    const covey_coap_message *outer, const covey_group_work *work,
    covey_writer *plaintext, covey_group_received *received);
covey_unprotect __wrap_covey_group_open_request(
    covey_group *g, covey_group_exchange *exchange,
    const covey_coap_message *outer, const covey_group_work *work,
    covey_writer *plaintext, covey_group_received *received);

covey_unprotect __wrap_covey_group_open_request(
    covey_group *g, covey_group_exchange *exchange,
    const covey_coap_message *outer, const covey_group_work *work,
    covey_writer *plaintext, covey_group_received *received)
{
    const covey_unprotect result = __real_covey_group_open_request(
        g, exchange, outer, work, plaintext, received);

    if (result == COVEY_UNPROTECT_REFUSED) {
        leave(g, exchange);
    }
    return result;
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,
 * readability-identifier-naming) */

/* Runs one broken message; `expected` says what the runner wanted to see. */
static bool run(struct fy_node *root, struct fy_node *node,
                const covey_crypto *crypto, char *expected, size_t cap)
{
    char *texts[2] = { NULL, NULL };
    size_t len[2];
    const selftest_check k = { open_memstream(&texts[0], &len[0]),
                               open_memstream(&texts[1], &len[1]) };
    const bool passed = selftest_negative_run(
        selftest_negative_base(root, node), node, crypto, &k);

    fclose(k.expected);
    fclose(k.got);
    snprintf(expected, cap, "%s", texts[0]);
    free(texts[0]);
    free(texts[1]);
    return passed;
}

static void notices_every_trace(void **state)
{
    rules_report problems = { NULL, 0, 0 };
    rules_json *document = rules_json_read(VECTORS, &problems);
    struct fy_node *root;
    struct fy_node *node;
    covey_crypto crypto;
    char expected[300];
    void *at = NULL;
    const char *key;

    (void)state;
    assert_non_null(document);
    root = rules_json_root(document);
    assert_true(
        rules_json_next(rules_json_get(root, "negative"), &at, &key, &node));
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    trace = NOTHING;
    assert_true(run(root, node, &crypto, expected, sizeof expected));
    for (trace = WINDOW_NEXT; trace < TRACES; trace++) {
        assert_false(run(root, node, &crypto, expected, sizeof expected));
        assert_string_equal("a refusal without a trace", expected);
    }
    covey_openssl_close(&crypto);
    rules_json_free(document);
    rules_report_free(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notices_every_trace),
    };

    return KIT_RUN(tests);
}
