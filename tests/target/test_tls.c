/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates of ITS and TLS on the processor itself, with the provider of
 * the tests: a chain is verified, data is signed and verified, and a mutual
 * handshake of RFC 8902 is done in little memory. Ends with the depth
 * of the stack, provider included, which docs/performance.md quotes. */
#include "its_chain.h"
#include "runner.h"

#include <covey/tls.h>
#include <crypto/scripted/scripted.h>

#include <string.h>

enum {
    WIRE = 900,
    PSID = 38
};

#define BYTES(array) covey_bytes_of(array, sizeof(array))

/* Both ends trust the same root, and know its authority: one store. */
static covey_its_known known[2];
static covey_its_store store;
static covey_its_signer signer[2];

static covey_bytes own[2];
static const covey_tls_its_rule rules[] = { { .psid = PSID } };
static const uint8_t types[] = { COVEY_TLS_1609DOT2 };
static covey_tls_its taken;
static covey_tls_credential credentials[2];
static covey_tls_config configs[2];
static covey_tls engine[2];
static uint8_t memory[2][1152];
static uint8_t wire[WIRE];
static covey_time now;

/* One call, run by run_stack_of: from here, to there. */
static covey_its_peer peer;
static covey_its_chain chain;
static covey_its_verdict verdict;
static covey_its_signed data;
static covey_its_finding why;
static covey_writer out;
static covey_bytes in;
static covey_status status;
static covey_tls *at;
static size_t taken_bytes;

static void verify_chain(void)
{
    verdict = covey_its_chain_verify(&peer, &store, &covey_toy, &chain,
                                     CHAIN_NOW * UINT64_C(1000000), &why);
}

static void sign_data(void)
{
    const covey_its_statement what = {
        .data = { (const uint8_t *)"works", 5 },
        .psid = PSID,
        .generation_time = CHAIN_NOW * UINT64_C(1000000),
    };

    status = covey_its_sign(&out, &signer[0], &what, &covey_toy);
}

static void verify_data(void)
{
    const covey_its_expect expect = { .psid = PSID,
                                      .now = CHAIN_NOW * UINT64_C(1000000) };

    status = covey_its_signed_decode(&data, in, &why);
    if (status == COVEY_OK) {
        verdict =
            covey_its_signed_verify(&peer, &data, &expect, &covey_toy, &why);
    }
}

static void transmit(void)
{
    covey_tls_report r;

    while (covey_tls_transmit(at, now, &out)) {
    }
    while (covey_tls_event(at, &r)) {
        CHECK(r.kind != COVEY_TLS_FAILED);
    }
}

static void receive(void)
{
    /* In place, behind the head of the record. */
    const size_t head = (size_t)(in.ptr - wire) + 5;
    covey_writer w = covey_writer_of(wire + head, sizeof wire - head);
    covey_tls_report r;

    status = covey_tls_receive(at, now, in, &taken_bytes, &w);
    while (covey_tls_event(at, &r)) {
        CHECK(r.kind != COVEY_TLS_FAILED);
    }
}

static void run(void (*call)(void), uint32_t *deepest)
{
    uint32_t used = run_stack_of(call);

    *deepest = used > *deepest ? used : *deepest;
}

/* --- certificates -------------------------------------------------------- */

static void verifies_chains(uint32_t *deepest)
{
    static const covey_bytes others[] = { { chain_aa, sizeof chain_aa } };

    run_case("chain");
    covey_its_store_init(&store, known, 2);
    CHECK(covey_its_store_anchor(&store, &covey_toy, BYTES(chain_root),
                                 &why) == COVEY_OK);
    chain = (covey_its_chain){
        .end_entity = own[0], .others = others, .other_count = 1, .keep = true
    };
    run(verify_chain, deepest);
    CHECK(verdict == COVEY_ITS_VALID && peer.length == 3);
    covey_its_peer_drop(&peer, &covey_toy);
    chain.other_count = 0; /* the authority is known by now */
    run(verify_chain, deepest);
    CHECK(verdict == COVEY_ITS_VALID);
}

static void verifies_data(uint32_t *signs, uint32_t *deepest)
{
    run_case("data");
    out = covey_writer_of(wire, sizeof wire);
    run(sign_data, signs);
    CHECK(status == COVEY_OK);
    in = covey_written(&out);
    run(verify_data, deepest);
    CHECK(status == COVEY_OK && verdict == COVEY_ITS_VALID);
    wire[20] ^= 1;
    run(verify_data, deepest);
    CHECK(status != COVEY_OK || verdict == COVEY_ITS_REFUSED);
    covey_its_peer_drop(&peer, &covey_toy);
}

/* --- TLS ----------------------------------------------------------------- */

static void set_up(void)
{
    uint8_t secret[32];

    taken = (covey_tls_its){ .store = &store,
                             .leap_seconds = COVEY_ITS_LEAP_SECONDS,
                             .rules = rules,
                             .rule_count = 1 };
    for (unsigned i = 0; i < 2; i++) {
        memset(secret, (int)(3 + i), sizeof secret);
        CHECK(covey_its_signer_open(&signer[i], &covey_toy, own[i],
                                    BYTES(secret), NULL, &why) == COVEY_OK);
        credentials[i] = (covey_tls_credential){ .type = COVEY_TLS_1609DOT2,
                                                 .entries = &own[i],
                                                 .entry_count = 1,
                                                 .signer = &signer[i],
                                                 .psid = PSID };
        configs[i] = (covey_tls_config){ .crypto = &covey_toy,
                                         .credentials = &credentials[i],
                                         .credential_count = 1,
                                         .peer_types = types,
                                         .peer_type_count = 1,
                                         .require_client = true,
                                         .its = &taken };
    }
}

static void move(unsigned from, uint32_t *sends, uint32_t *receives)
{
    at = &engine[from];
    out = covey_writer_of(wire, sizeof wire);
    run(transmit, sends);
    in = covey_written(&out);
    at = &engine[1 - from];
    do {
        run(receive, receives);
        CHECK(status == COVEY_OK);
        in.ptr += taken_bytes;
        in.len -= taken_bytes;
    } while (taken_bytes > 0 && in.len > 0);
}

static void connects(uint32_t *sends, uint32_t *receives)
{
    covey_tls_info info;

    run_case("handshake");
    CHECK(covey_tls_client(&engine[0], &configs[0],
                           covey_writer_of(memory[0], sizeof memory[0]),
                           covey_bytes_of(NULL, 0), NULL) == COVEY_OK);
    CHECK(covey_tls_server(&engine[1], &configs[1],
                           covey_writer_of(memory[1], sizeof memory[1])) ==
          COVEY_OK);
    for (unsigned i = 0; i < 3; i++) {
        move(i % 2, sends, receives);
    }
    for (unsigned i = 0; i < 2; i++) {
        covey_tls_information(&engine[i], &info);
        CHECK(info.peer.authenticated && info.peer.psid == PSID);
        covey_tls_drop(&engine[i]);
    }
}

int main(void)
{
    uint32_t chains = 0;
    uint32_t signs = 0;
    uint32_t verifies = 0;
    uint32_t sends = 0;
    uint32_t receives = 0;

    own[0] = BYTES(chain_client_at);
    own[1] = BYTES(chain_server_at);
    now = (covey_time){ 1000,
                        covey_its_unix_of(CHAIN_NOW, COVEY_ITS_LEAP_SECONDS),
                        true };
    set_up();
    verifies_chains(&chains);
    verifies_data(&signs, &verifies);
    connects(&sends, &receives);
    run_print_number("stack its_chain", chains, "bytes");
    run_print_number("stack its_sign", signs, "bytes");
    run_print_number("stack its_verify", verifies, "bytes");
    run_print_number("stack tls_transmit", sends, "bytes");
    run_print_number("stack tls_receive", receives, "bytes");
    return run_result();
}
