/* SPDX-License-Identifier: BSD-2-Clause */
/* What the gate costs before each act, with the clause that fits at the end
 * of a long scope, and what a line of evidence costs beside its bare hash. */
#include "bench.h"

#include "crypto/openssl/openssl.h"

#include <covey/audit.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLAUSES = 1000,
    LINE = 300 /* bytes of a line of the record */
};

static covey_crypto crypto;
static covey_audit_clause clauses[CLAUSES];
static uint8_t line[LINE];

static void must(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_audit: %s failed\n", what);
        exit(1);
    }
}

static uint32_t decide(void *state, uint32_t times)
{
    static const covey_audit_window window = { 0, 1000 };
    static const covey_time now = { .unix_s = 500, .unix_known = true };
    const covey_audit_counters done = { .stages = UINT32_MAX };
    const uint32_t *count = state;
    const covey_audit_document document = {
        .scope = clauses + CLAUSES - *count,
        .scope_count = *count,
        .windows = &window,
        .window_count = 1,
        .techniques = 1u << COVEY_AUDIT_COAP,
        .limits = { .packets_per_target = 60, .parallel = 1 },
    };
    const covey_audit_mandate mandate = { .documents = &document, .count = 1 };
    covey_audit_act act = {
        .technique = COVEY_AUDIT_COAP,
        .protocol = COVEY_AUDIT_UDP,
        .target = { .family = COVEY_FAMILY_IPV4, .port = 5683 },
        .packets = 12,
    };
    uint32_t sum = 0;

    for (uint32_t i = 0; i < times; i++) {
        /* the last clause: 10.0.x.0/24 */
        act.target.ip[0] = 10;
        act.target.ip[1] = (uint8_t)((CLAUSES - 1) >> 8);
        act.target.ip[2] = (uint8_t)((CLAUSES - 1) & 0xff);
        act.target.ip[3] = (uint8_t)i;
        const covey_audit_verdict v =
            covey_audit_decide(&mandate, &act, &now, &done);
        must(v.reason == COVEY_AUDIT_ALLOWED && v.clause == *count - 1,
             "decide");
        sum += v.responders;
    }
    return sum;
}

static uint32_t bare_hash(void *state, uint32_t times)
{
    uint8_t digest[COVEY_HASH_MAX] = { 0 };

    (void)state;
    for (uint32_t i = 0; i < times; i++) {
        covey_hash h;
        covey_writer w = covey_writer_of(digest, sizeof digest);
        must(crypto.hash_begin(crypto.provider, COVEY_SHA_256, &h) ==
                     COVEY_OK &&
                 crypto.hash_update(crypto.provider, &h,
                                    covey_bytes_of(line, sizeof line)) ==
                     COVEY_OK &&
                 crypto.hash_finish(crypto.provider, &h, &w) == COVEY_OK,
             "hash");
    }
    return digest[0];
}

static uint32_t grow(void *state, uint32_t times)
{
    static covey_merkle tree;
    covey_merkle_hash leaf = { { 0 } };

    (void)state;
    covey_merkle_init(&tree);
    for (uint32_t i = 0; i < times; i++) {
        must(covey_merkle_leaf(&crypto, covey_bytes_of(line, sizeof line),
                               &leaf) == COVEY_OK &&
                 covey_merkle_add(&tree, &crypto, &leaf) == COVEY_OK,
             "tree");
    }
    return leaf.bytes[0];
}

int main(int argc, char **argv)
{
    static uint32_t counts[] = { 1, 10, CLAUSES };
    static const bench_case cases[] = {
        { "decide, 1 clause", decide, &counts[0], -1, 0 },
        { "decide, 10 clauses", decide, &counts[1], 0, 0 },
        { "decide, 1000 clauses", decide, &counts[2], 0, 0 },
        { "SHA-256 of a line, bare", bare_hash, NULL, -1, LINE },
        { "line into the tree", grow, NULL, 3, LINE },
    };
    char note[160];

    must(covey_openssl_open(&crypto) == COVEY_OK, "libcrypto");
    for (uint32_t i = 0; i < CLAUSES; i++) {
        const covey_audit_range range = {
            .net = { .family = COVEY_FAMILY_IPV4,
                     .ip = { 10, (uint8_t)(i >> 8), (uint8_t)(i & 0xff) } },
            .prefix = 24,
            .protocol = COVEY_AUDIT_UDP,
            .first = 5683,
            .last = 5684,
        };
        must(covey_audit_scope(&clauses[i], &range) == COVEY_OK, "clause");
    }
    snprintf(note, sizeof note,
             "a clause takes %zu bytes, a growing tree %zu; the clause that "
             "fits is the last one",
             sizeof(covey_audit_clause), sizeof(covey_merkle));
    const int status =
        bench_main(argc, argv, cases, sizeof cases / sizeof cases[0], note);
    covey_openssl_close(&crypto);
    return status;
}
