/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts when libcrypto runs out of memory: at the first allocation, at the
 * second, and so on. It never makes a bad chain good. A good one may be
 * blamed for it: libcrypto keeps to itself why it could not decode a key.
 * Nothing leaks. */
#include "x509_make.h"

#include <covey/x509.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>

/* Allocations until the one that fails; negative: none does. */
static int countdown = -1;

static bool fails(void)
{
    return countdown >= 0 && countdown-- == 0;
}

static void *take(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(n);
}

static void *change(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(p, n);
}

static void give(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

static made root;
static made leaf;

static int begin(void **state)
{
    const plan ca = { .name = "ca",
                      .key = NID_X9_62_prime256v1,
                      .from = 1,
                      .to = 1900000000,
                      .basic = "critical,CA:TRUE",
                      .usage = "keyCertSign" };
    const plan member = { .serial = "25",
                          .usage = "digitalSignature",
                          .basic = NONE,
                          .aki = "keyid:always",
                          .to = 1800000000 };

    (void)state;
    make(&root, &ca, &ca, NULL);
    make(&leaf, &member, &ca, &root);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    unmake(&root);
    unmake(&leaf);
    return 0;
}

/* With each allocation failing once. How often it was no longer `good`. */
static unsigned ask_each(int64_t now, covey_x509_verdict good)
{
    const covey_bytes anchor = der_of(&root);
    const covey_bytes chain = der_of(&leaf);
    const covey_x509_question q = {
        .anchors = &anchor,
        .anchor_count = 1,
        .chain = &chain,
        .chain_count = 1,
        .now = { .unix_s = now, .unix_known = true },
        .id = SPAN("\x25"),
    };
    covey_x509_answer a;
    unsigned failed = 0;
    unsigned host = 0;
    bool reached = true;

    for (int n = 0; reached; n++) {
        countdown = n;
        const covey_x509_verdict verdict = covey_x509_check(&q, &a);
        reached = countdown < 0;
        countdown = -1;
        assert_int_equal(0, ERR_peek_error());
        assert_true(verdict == good || verdict != COVEY_X509_TRUSTED);
        failed += verdict != good;
        host += verdict == COVEY_X509_HOST;
    }
    assert_int_equal(good, a.verdict);
    assert_true(host > 10);
    return failed;
}

static void good_chain_is_refused_without_memory(void **state)
{
    (void)state;
    assert_true(ask_each(1700000000, COVEY_X509_TRUSTED) > 100);
}

static void expired_chain_is_never_trusted(void **state)
{
    (void)state;
    assert_true(ask_each(1850000000, COVEY_X509_EXPIRED) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_chain_is_refused_without_memory),
        cmocka_unit_test(expired_chain_is_never_trusted),
    };

    if (CRYPTO_set_mem_functions(take, change, give) != 1) {
        return 1;
    }
    return cmocka_run_group_tests(tests, begin, finish);
}
