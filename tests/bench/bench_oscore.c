/* SPDX-License-Identifier: BSD-2-Clause */
/* OSCORE with AES-CCM-16-64-128 and 64 bytes of payload, beside the bare AEAD
 * with as many bytes of plaintext and AAD, a new nonce each time, through the
 * same provider. */
#include "bench.h"

#include <covey/oscore.h>
#include <crypto/openssl/openssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])

enum {
    PAYLOAD = 64,
    BATCH = 256 /* messages protected in advance, to be unprotected */
};

/* Two ends, and what a call needs. */
struct bench {
    covey_crypto crypto;
    covey_oscore_context client;
    covey_oscore_context server;
    covey_oscore_context pristine; /* the server before the batch */
    covey_coap_message original;
    uint8_t message[128];
    uint8_t scratch[256];
    uint8_t output[256];
    uint8_t sent[BATCH][128];
    covey_coap_message batch[BATCH];
    covey_key key;
    uint8_t plaintext[128];
    size_t plaintext_len;
    uint8_t sealed[128];
    size_t sealed_len;
    uint8_t aad[COVEY_OSCORE_AAD_MAX];
    size_t aad_len;
};

static struct bench bench;

static void expect(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_oscore: %s\n", what);
        exit(1);
    }
}

/* GET with Uri-Path and a payload: what goes inside is 3 bytes more. */
static void make_message(struct bench *b)
{
    const covey_coap_message head = {
        .code = COVEY_COAP_CODE(0, 2),
        .token = covey_bytes_of((const uint8_t *)"\xab", 1),
    };
    uint8_t payload[PAYLOAD];
    covey_writer w = covey_writer_of(b->message, sizeof b->message);
    covey_coap_composer c = covey_coap_compose(&w, &head);

    memset(payload, 'p', sizeof payload);
    covey_coap_put_option(&c, COVEY_OPTION_URI_PATH,
                          covey_bytes_of((const uint8_t *)"t", 1));
    covey_coap_put_payload(&c, covey_bytes_of(payload, sizeof payload));
    expect(covey_coap_finish(&c) == COVEY_OK &&
               covey_coap_parse(&b->original, covey_written(&w)) == COVEY_OK,
           "no message");
}

static void make_context(struct bench *b, covey_oscore_context *c, bool client)
{
    const covey_bytes ids[2] = {
        covey_bytes_of((const uint8_t *)"s", 1),
        covey_bytes_of((const uint8_t *)"c", 1),
    };
    const covey_oscore_parameters p = {
        .aead = COVEY_AES_CCM_16_64_128,
        .hkdf = COVEY_HMAC_256_256,
        .master_secret =
            covey_bytes_of((const uint8_t *)"0123456789abcdef", 16),
        .sender_id = ids[client],
        .recipient_id = ids[!client],
    };
    const covey_oscore_start start = { .window_in_memory = true };
    const covey_oscore_state all = { COVEY_OSCORE_SSN_END,
                                     COVEY_OSCORE_WINDOW_LOST };

    expect(covey_oscore_setup(c, &b->crypto, &p, &start) == COVEY_OK &&
               covey_oscore_stored(c, &all) == COVEY_OK,
           "no context");
}

static covey_bytes protect_one(struct bench *b, uint8_t *to, size_t cap)
{
    const covey_oscore_work work = { .scratch = b->scratch,
                                     .scratch_cap = sizeof b->scratch };
    covey_writer out = covey_writer_of(to, cap);
    covey_oscore_exchange x;

    expect(covey_oscore_protect_request(&b->client, &x, &b->original, &work,
                                        &out) == COVEY_OK,
           "not protected");
    return covey_written(&out);
}

static uint32_t protect(void *state, uint32_t times)
{
    struct bench *b = state;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < times; i++) {
        sum += b->output[protect_one(b, b->output, sizeof b->output).len / 2];
    }
    return sum != 0;
}

/* The batch again and again; its window is set back in between. */
static uint32_t unprotect(void *state, uint32_t times)
{
    struct bench *b = state;
    const covey_oscore_work work = { .scratch = b->scratch,
                                     .scratch_cap = sizeof b->scratch };

    for (uint32_t i = 0; i < times; i++) {
        covey_writer out = covey_writer_of(b->output, sizeof b->output);
        covey_oscore_exchange x;
        covey_oscore_received r;
        if (i % BATCH == 0) {
            b->server = b->pristine;
        }
        expect(covey_oscore_unprotect_request(
                   &b->server, &x, &b->batch[i % BATCH], &work, &out, &r) ==
                   COVEY_UNPROTECT_FRESH,
               "not unprotected");
    }
    return 1;
}

static uint32_t bare_seal(void *state, uint32_t times)
{
    struct bench *b = state;
    uint8_t nonce[COVEY_NONCE_MAX] = { 0 };

    for (uint32_t i = 0; i < times; i++) {
        covey_writer out = covey_writer_of(b->output, sizeof b->output);
        memcpy(nonce, &i, sizeof i);
        expect(b->crypto.seal(b->crypto.provider, &b->key,
                              covey_bytes_of(nonce, sizeof nonce),
                              covey_bytes_of(b->aad, b->aad_len),
                              covey_bytes_of(b->plaintext, b->plaintext_len),
                              &out) == COVEY_OK,
               "not sealed");
    }
    return 1;
}

static uint32_t bare_open(void *state, uint32_t times)
{
    struct bench *b = state;
    const uint8_t nonce[COVEY_NONCE_MAX] = { 0 };

    for (uint32_t i = 0; i < times; i++) {
        covey_writer out = covey_writer_of(b->output, sizeof b->output);
        expect(b->crypto.open(b->crypto.provider, &b->key,
                              covey_bytes_of(nonce, sizeof nonce),
                              covey_bytes_of(b->aad, b->aad_len),
                              covey_bytes_of(b->sealed, b->sealed_len),
                              &out) == COVEY_OK,
               "not opened");
    }
    return 1;
}

static void prepare_bare(struct bench *b)
{
    const covey_oscore_work work = { .inner = NULL };
    const uint8_t nonce[COVEY_NONCE_MAX] = { 0 };
    covey_writer plain = covey_writer_of(b->plaintext, sizeof b->plaintext);
    covey_writer aad = covey_writer_of(b->aad, sizeof b->aad);
    covey_writer sealed = covey_writer_of(b->sealed, sizeof b->sealed);

    expect(covey_oscore_compose(&plain, &b->original, &work) == COVEY_OK &&
               covey_oscore_aad(&aad, COVEY_AES_CCM_16_64_128,
                                covey_bytes_of((const uint8_t *)"c", 1),
                                covey_bytes_of((const uint8_t *)"123", 3)) ==
                   COVEY_OK &&
               b->crypto.cipher_key(
                   b->crypto.provider, COVEY_AES_CCM_16_64_128,
                   covey_bytes_of((const uint8_t *)"0123456789abcdef", 16),
                   &b->key) == COVEY_OK &&
               b->crypto.seal(b->crypto.provider, &b->key,
                              covey_bytes_of(nonce, sizeof nonce),
                              covey_written(&aad), covey_written(&plain),
                              &sealed) == COVEY_OK,
           "no bare call");
    b->plaintext_len = plain.pos;
    b->aad_len = aad.pos;
    b->sealed_len = sealed.pos;
}

int main(int argc, char **argv)
{
    struct bench *b = &bench;
    const bench_case cases[] = {
        { "bare seal", bare_seal, b, -1, PAYLOAD },
        { "bare open", bare_open, b, -1, PAYLOAD },
        { "protect a request", protect, b, 0, PAYLOAD },
        { "unprotect a request", unprotect, b, 1, PAYLOAD },
    };
    int status;

    expect(covey_openssl_open(&b->crypto) == COVEY_OK, "no libcrypto");
    make_message(b);
    make_context(b, &b->client, true);
    make_context(b, &b->server, false);
    b->pristine = b->server;
    for (size_t i = 0; i < BATCH; i++) {
        expect(covey_coap_parse(
                   &b->batch[i],
                   protect_one(b, b->sent[i], sizeof b->sent[i])) == COVEY_OK,
               "no batch");
    }
    prepare_bare(b);
    status = bench_main(argc, argv, cases, COUNT_OF(cases),
                        "AES-CCM-16-64-128, 64 bytes of payload");
    b->crypto.key_drop(b->crypto.provider, &b->key);
    covey_oscore_drop(&b->client);
    covey_oscore_drop(&b->server);
    covey_openssl_close(&b->crypto);
    return status;
}
