/* SPDX-License-Identifier: BSD-2-Clause */
/* What the gate costs before each act, with the clause that fits at the end
 * of a long scope, what a line of evidence costs beside its bare hash, and an
 * act in the record: a line before it and one after, in the folder for
 * temporary files (TMPDIR, otherwise /tmp). */
#include "bench.h"

#include "crypto/openssl/openssl.h"

#include <covey/audit.h>

#include <evidence.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    const covey_audit_mandate gate = { .documents = &document, .count = 1 };
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
            covey_audit_decide(&gate, &act, &now, &done);
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

/* --- the record ---------------------------------------------------------- */

static covey_key own;
static mandate_key public_half;
static char folder[200];

static void make_key(void)
{
    const uint8_t raw[32] = { 7 };
    covey_writer w = covey_writer_of(public_half.bytes, 32);

    public_half.curve = COVEY_ED25519;
    public_half.len = 32;
    must(crypto.private_key(crypto.provider, COVEY_ED25519,
                            covey_bytes_of(raw, sizeof raw),
                            &own) == COVEY_OK &&
             crypto.public_of(crypto.provider, &own, &w) == COVEY_OK,
         "key");
}

static void make_folder(void)
{
    const char *base = getenv("TMPDIR");

    snprintf(folder, sizeof folder, "%.150s/bench-audit-XXXXXX",
             base != NULL ? base : "/tmp");
    must(mkdtemp(folder) != NULL, "folder");
}

static void remove_file(const char *name)
{
    char path[256];

    snprintf(path, sizeof path, "%s/run/%s", folder, name);
    remove(path);
}

static void remove_record(void)
{
    char path[256];

    remove_file(EVIDENCE_LOG);
    remove_file(EVIDENCE_CHECKPOINTS);
    snprintf(path, sizeof path, "%s/run", folder);
    rmdir(path);
}

/* `state`: whether the line before is on disk before the act. */
static uint32_t record(void *state, uint32_t times)
{
    const bool *durable = state;
    char path[256];
    const evidence_options o = { .folder = path,
                                 .run = "0123456789abcdef0123456789abcdef",
                                 .crypto = &crypto,
                                 .own = &own,
                                 .key = &public_half };
    const covey_bytes object = covey_bytes_of(line, sizeof line);

    remove_record();
    snprintf(path, sizeof path, "%s/run", folder);
    evidence *e = evidence_create(&o, stderr);
    must(e != NULL, "record");
    for (uint32_t i = 0; i < times; i++) {
        must(evidence_append(e, object, 1, *durable, NULL) &&
                 evidence_append(e, object, 1, false, NULL),
             "act");
    }
    must(evidence_checkpoint(e), "checkpoint");
    evidence_close(e);
    return 1;
}

int main(int argc, char **argv)
{
    static uint32_t counts[] = { 1, 10, CLAUSES };
    static bool modes[] = { false, true };
    static const bench_case cases[] = {
        { "decide, 1 clause", decide, &counts[0], -1, 0 },
        { "decide, 10 clauses", decide, &counts[1], 0, 0 },
        { "decide, 1000 clauses", decide, &counts[2], 0, 0 },
        { "SHA-256 of a line, bare", bare_hash, NULL, -1, LINE },
        { "line into the tree", grow, NULL, 3, LINE },
        { "act into the record", record, &modes[0], -1, 2 * LINE },
        { "act into the record, fdatasync", record, &modes[1], 5, 2 * LINE },
    };
    char note[160];

    must(covey_openssl_open(&crypto) == COVEY_OK, "libcrypto");
    make_key();
    make_folder();
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
    remove_record();
    rmdir(folder);
    crypto.key_drop(crypto.provider, &own);
    covey_openssl_close(&crypto);
    return status;
}
