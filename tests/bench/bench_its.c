/* SPDX-License-Identifier: BSD-2-Clause */
/* Chains and signed data with P-256: what comes on top of the signature that
 * each of them has to verify. Root and AA have been verified before, as in a
 * vehicle that has seen its neighbours' authority, unless a case says not. */
#include "bench.h"
#include "make.h"

#include "crypto/openssl/openssl.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SLOTS = 4,
    INPUT = 64
};

struct bench {
    covey_crypto crypto;
    struct made root;
    struct made aa;
    struct made at;
    struct made implicit;
    covey_its_known slots[SLOTS];
    covey_its_store store;
    covey_its_peer peer; /* its key imported */
    covey_its_signer signer;
    covey_key key; /* of the AA, for the bare calls */
    uint8_t input[INPUT];
    uint8_t bare[COVEY_SIGNATURE_MAX];
    uint8_t data[256];
    uint8_t out[512];
    size_t data_len;
};

static void expect(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_its: %s\n", what);
        exit(1);
    }
}

static uint32_t bare_verify(void *state, uint32_t times)
{
    struct bench *b = state;

    for (uint32_t i = 0; i < times; i++) {
        expect(b->crypto.verify(b->crypto.provider, &b->key, COVEY_ES256,
                                covey_bytes_of(b->input, INPUT),
                                covey_bytes_of(b->bare, 64)) == COVEY_OK,
               "not verified");
    }
    return 1;
}

static uint32_t bare_sign(void *state, uint32_t times)
{
    struct bench *b = state;

    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(b->out, sizeof b->out);
        expect(b->crypto.sign(b->crypto.provider, &b->key, COVEY_ES256,
                              covey_bytes_of(b->input, INPUT), &w) == COVEY_OK,
               "not signed");
    }
    return 1;
}

static void verify_chain(struct bench *b, covey_bytes end, bool known)
{
    covey_its_chain chain = { .end_entity = end,
                              .others = &b->aa.cert.whole,
                              .other_count = known ? 0 : 1 };
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_peer peer;

    expect(covey_its_chain_verify(&peer, &b->store, &b->crypto, &chain,
                                  MAKE_NOW, &why) == COVEY_ITS_VALID,
           covey_its_reason_text(why.reason));
    covey_its_peer_drop(&peer, &b->crypto);
}

static uint32_t chain_known(void *state, uint32_t times)
{
    struct bench *b = state;

    for (uint32_t i = 0; i < times; i++) {
        verify_chain(b, b->at.cert.whole, true);
    }
    return 1;
}

static uint32_t chain_implicit(void *state, uint32_t times)
{
    struct bench *b = state;

    for (uint32_t i = 0; i < times; i++) {
        verify_chain(b, b->implicit.cert.whole, true);
    }
    return 1;
}

/* A store that knows the root only; nothing is kept. */
static uint32_t chain_whole(void *state, uint32_t times)
{
    struct bench *b = state;
    covey_its_store all = b->store;

    b->store.cap = 1;
    for (uint32_t i = 0; i < times; i++) {
        verify_chain(b, b->at.cert.whole, false);
    }
    b->store = all;
    return 1;
}

static void verify_data(struct bench *b, covey_its_peer *peer)
{
    covey_its_expect e = { .now = MAKE_NOW,
                           .window = 1000000,
                           .psid = 38,
                           .pdu_type = COVEY_ITS_PDU_TLS_HANDSHAKE,
                           .only = true,
                           .external = covey_bytes_of(b->input, 32) };
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_signed d;

    expect(covey_its_signed_decode(&d, covey_bytes_of(b->data, b->data_len),
                                   &why) == COVEY_OK &&
               covey_its_signed_verify(peer, &d, &e, &b->crypto, &why) ==
                   COVEY_ITS_VALID,
           "data not verified");
}

static uint32_t data_again(void *state, uint32_t times)
{
    struct bench *b = state;

    for (uint32_t i = 0; i < times; i++) {
        verify_data(b, &b->peer);
    }
    return 1;
}

/* The key of the signer is imported, as once per connection. */
static uint32_t data_first(void *state, uint32_t times)
{
    struct bench *b = state;

    for (uint32_t i = 0; i < times; i++) {
        covey_its_peer peer = b->peer;
        peer.key = (covey_key){ { 0 } };
        verify_data(b, &peer);
        b->crypto.key_drop(b->crypto.provider, &peer.key);
    }
    return 1;
}

static covey_writer sign_one(struct bench *b, uint8_t *out, size_t cap)
{
    covey_its_statement what = { .external = covey_bytes_of(b->input, 32),
                                 .psid = 38,
                                 .generation_time = MAKE_NOW,
                                 .pdu_type = COVEY_ITS_PDU_TLS_HANDSHAKE };
    covey_writer w = covey_writer_of(out, cap);

    expect(covey_its_sign(&w, &b->signer, &what, &b->crypto) == COVEY_OK,
           "not signed");
    return w;
}

static uint32_t sign(void *state, uint32_t times)
{
    struct bench *b = state;

    for (uint32_t i = 0; i < times; i++) {
        (void)sign_one(b, b->out, sizeof b->out);
    }
    return 1;
}

static void prepare(struct bench *b)
{
    struct make_spec implicit = make_at;
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_chain chain = { .keep = true };
    covey_writer w = covey_writer_of(b->bare, sizeof b->bare);

    expect(covey_openssl_open(&b->crypto) == COVEY_OK, "no provider");
    make_cert(&b->root, &make_root, NULL, 1, &b->crypto);
    make_cert(&b->aa, &make_aa, &b->root, 2, &b->crypto);
    make_cert(&b->at, &make_at, &b->aa, 3, &b->crypto);
    implicit.implicit = true;
    make_cert(&b->implicit, &implicit, &b->aa, 4, &b->crypto);
    covey_its_store_init(&b->store, b->slots, SLOTS);
    chain.end_entity = b->at.cert.whole;
    chain.others = &b->aa.cert.whole;
    chain.other_count = 1;
    expect(covey_its_store_anchor(&b->store, &b->crypto, b->root.cert.whole,
                                  &why) == COVEY_OK &&
               covey_its_chain_verify(&b->peer, &b->store, &b->crypto, &chain,
                                      MAKE_NOW, &why) == COVEY_ITS_VALID &&
               covey_its_signer_open(&b->signer, &b->crypto, b->at.cert.whole,
                                     covey_bytes_of(b->at.secret, 32), NULL,
                                     &why) == COVEY_OK &&
               b->crypto.private_key(b->crypto.provider, COVEY_P256,
                                     covey_bytes_of(b->aa.secret, 32),
                                     &b->key) == COVEY_OK &&
               b->crypto.sign(b->crypto.provider, &b->key, COVEY_ES256,
                              covey_bytes_of(b->input, INPUT), &w) == COVEY_OK,
           "not prepared");
    b->data_len = sign_one(b, b->data, sizeof b->data).pos;
    verify_data(b, &b->peer);
}

int main(int argc, char **argv)
{
    static struct bench b;
    const bench_case cases[] = {
        { "bare verify", bare_verify, &b, -1, 0 },
        { "bare sign", bare_sign, &b, -1, 0 },
        { "chain, AA and root known", chain_known, &b, 0, 0 },
        { "chain, implicit, AA and root known", chain_implicit, &b, 0, 0 },
        { "chain, root known", chain_whole, &b, 0, 0 },
        { "CertificateVerify, key imported", data_again, &b, 0, 0 },
        { "CertificateVerify with import", data_first, &b, 0, 0 },
        { "CertificateVerify made", sign, &b, 1, 0 },
    };
    char note[120];

    prepare(&b);
    snprintf(note, sizeof note,
             "P-256; AT of %zu bytes, implicit %zu; CertificateVerify of %zu",
             b.at.cert.whole.len, b.implicit.cert.whole.len, b.data_len);
    int status =
        bench_main(argc, argv, cases, sizeof cases / sizeof cases[0], note);
    covey_its_peer_drop(&b.peer, &b.crypto);
    covey_its_signer_drop(&b.signer, &b.crypto);
    b.crypto.key_drop(b.crypto.provider, &b.key);
    covey_its_store_clear(&b.store, &b.crypto);
    covey_openssl_close(&b.crypto);
    return status;
}
