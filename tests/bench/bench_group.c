/* SPDX-License-Identifier: BSD-2-Clause */
/* Group OSCORE with 64 bytes of payload and credentials of 100 bytes. Group
 * mode beside the bare signature and verification of the same bytes, pairwise
 * mode with its keys already derived beside the bare AEAD with as many bytes
 * of plaintext and AAD; all through the same provider in the same run. */
#include "bench.h"

#include <covey/group.h>
#include <crypto/openssl/openssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])

enum {
    PAYLOAD = 64,
    CREDENTIAL = 100,
    ROOM = 256,
    SCRATCH = COVEY_GROUP_SCRATCH(ROOM, CREDENTIAL, 3),
    BATCH = 64, /* messages protected in advance, to be unprotected */
    AHEAD = 1 << 30
};

static const covey_bytes gid = { (const uint8_t *)"\x01\x02\x03", 3 };

/* What distinguishes the cases. */
struct suite {
    covey_group_algorithms algorithms;
    int32_t curve;
    bool pairwise;
};

static const struct suite suites[] = {
    { { COVEY_ALG_UNSET, COVEY_AES_CCM_16_64_128, COVEY_EDDSA,
        COVEY_ALG_UNSET },
      COVEY_ED25519,
      false },
    { { COVEY_ALG_UNSET, COVEY_A128CTR, COVEY_EDDSA, COVEY_ALG_UNSET },
      COVEY_ED25519,
      false },
    { { COVEY_ALG_UNSET, COVEY_AES_CCM_16_64_128, COVEY_ES256,
        COVEY_ALG_UNSET },
      COVEY_P256,
      false },
    { { COVEY_AES_CCM_16_64_128, COVEY_ALG_UNSET, COVEY_ALG_UNSET,
        COVEY_ECDH_SS_HKDF_256 },
      COVEY_ED25519,
      true },
};

/* A member, with one recipient: the other one. */
struct member {
    covey_group group;
    covey_group_recipient table[1];
    covey_key private_key;
    uint8_t public_key[COVEY_PUBLIC_MAX];
    size_t public_len;
    uint8_t credential[CREDENTIAL];
};

/* What can be set back after a batch; the keys stay. */
struct snapshot {
    covey_group group;
    covey_group_recipient row;
};

struct bench {
    const struct suite *suite;
    struct member client;
    struct member server;
    struct snapshot pristine; /* of the server, before the batch */
    covey_coap_message original;
    uint8_t message[ROOM];
    size_t message_len;
    uint8_t scratch[SCRATCH];
    uint8_t output[ROOM];
    uint8_t sent[BATCH + 1][ROOM]; /* the first one derives the keys */
    covey_coap_message batch[BATCH + 1];
    size_t sent_len;
    /* The bare calls. */
    covey_key key;
    uint8_t bound[SCRATCH]; /* what is signed, or the AAD */
    size_t bound_len;
    uint8_t plaintext[ROOM];
    size_t plaintext_len;
    uint8_t result[ROOM]; /* signature, or sealed */
    size_t result_len;
};

static covey_crypto crypto;
static struct bench benches[COUNT_OF(suites)];
static const uint8_t gm_cred[CREDENTIAL] = { 0xa1 };

static void expect(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_group: %s\n", what);
        exit(1);
    }
}

/* PUT with Uri-Path and a payload: what goes inside is 4 bytes more. */
static void make_message(struct bench *b)
{
    const covey_coap_message head = {
        .code = COVEY_COAP_CODE(0, 3),
        .type = COVEY_COAP_NON,
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
    b->message_len = w.pos;
}

/* --- members ------------------------------------------------------------- */

static void make_keys(struct bench *b, struct member *m, uint8_t seed)
{
    uint8_t raw[32];
    covey_writer w = covey_writer_of(m->public_key, sizeof m->public_key);

    memset(raw, seed, sizeof raw);
    memset(m->credential, seed, sizeof m->credential);
    expect(crypto.private_key(crypto.provider, b->suite->curve,
                              covey_bytes_of(raw, sizeof raw),
                              &m->private_key) == COVEY_OK &&
               crypto.public_of(crypto.provider, &m->private_key, &w) ==
                   COVEY_OK,
           "no keys");
    m->public_len = w.pos;
}

static covey_bytes id_of(const struct bench *b, const struct member *m)
{
    return covey_bytes_of((const uint8_t *)(m == &b->client ? "c" : "s"), 1);
}

static void store(covey_group *g)
{
    covey_group_record record;

    while (covey_group_due(g, &record)) {
        expect(covey_group_stored(g, &record) == COVEY_OK, "not stored");
    }
}

static void make_member(struct bench *b, struct member *m,
                        const struct member *peer)
{
    const covey_group_parameters p = {
        .algorithms = b->suite->algorithms,
        .hkdf = COVEY_HMAC_256_256,
        .curve = (covey_curve)b->suite->curve,
        .gid = gid,
        .master_secret =
            covey_bytes_of((const uint8_t *)"0123456789abcdef", 16),
        .gm_cred = covey_bytes_of(gm_cred, sizeof gm_cred),
    };
    const covey_group_start start = {
        .sender_id = id_of(b, m),
        .credential = covey_bytes_of(m->credential, sizeof m->credential),
        .private_key = &m->private_key,
        .recipients = m->table,
        .recipient_max = COUNT_OF(m->table),
        .ahead = AHEAD,
    };
    const covey_group_member other = {
        .id = id_of(b, peer),
        .credential =
            covey_bytes_of(peer->credential, sizeof peer->credential),
        .public_key = covey_bytes_of(peer->public_key, peer->public_len),
        .number = COVEY_GROUP_NUMBER_UNKNOWN,
    };

    expect(covey_group_setup(&m->group, &crypto, &p, &start) == COVEY_OK &&
               covey_group_add(&m->group, &other, NULL) == COVEY_OK,
           "no group");
    store(&m->group);
}

/* --- what is measured ---------------------------------------------------- */

static covey_group_work work_of(struct bench *b)
{
    const covey_group_work work = {
        .message = { .scratch = b->scratch, .scratch_cap = SCRATCH },
        .to = b->suite->pairwise ? &b->client.table[0] : NULL,
    };

    return work;
}

static covey_bytes protect_one(struct bench *b, uint8_t *to, size_t cap)
{
    const covey_group_work work = work_of(b);
    const covey_bytes compose = { NULL, 0 };
    covey_writer out = covey_writer_of(to, cap);
    covey_group_exchange x = { .answer_max = 0 };

    expect(covey_group_seal_request(&b->client.group, &x, &b->original,
                                    compose, &work, &out) == COVEY_OK,
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

static covey_unprotect unprotect_one(struct bench *b,
                                     const covey_coap_message *m)
{
    const covey_group_work work = work_of(b);
    covey_writer out = covey_writer_of(b->output, sizeof b->output);
    covey_group_exchange x = { .answer_max = 0 };
    covey_group_received r;

    return covey_group_unprotect_request(&b->server.group, &x, m, &work, &out,
                                         &r);
}

/* The batch again and again; its window is set back in between. */
static uint32_t unprotect(void *state, uint32_t times)
{
    struct bench *b = state;

    for (uint32_t i = 0; i < times; i++) {
        if (i % BATCH == 0) {
            b->server.group = b->pristine.group;
            b->server.table[0] = b->pristine.row;
        }
        expect(unprotect_one(b, &b->batch[1 + i % BATCH]) ==
                   COVEY_UNPROTECT_FRESH,
               "not unprotected");
    }
    return 1;
}

static uint32_t bare_sign(void *state, uint32_t times)
{
    struct bench *b = state;

    for (uint32_t i = 0; i < times; i++) {
        covey_writer out = covey_writer_of(b->output, sizeof b->output);
        expect(crypto.sign(crypto.provider, &b->client.private_key,
                           b->suite->algorithms.signature,
                           covey_bytes_of(b->bound, b->bound_len),
                           &out) == COVEY_OK,
               "not signed");
    }
    return 1;
}

static uint32_t bare_verify(void *state, uint32_t times)
{
    struct bench *b = state;

    for (uint32_t i = 0; i < times; i++) {
        expect(crypto.verify(crypto.provider, &b->server.table[0].public_key,
                             b->suite->algorithms.signature,
                             covey_bytes_of(b->bound, b->bound_len),
                             covey_bytes_of(b->result, b->result_len)) ==
                   COVEY_OK,
               "not verified");
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
        expect(crypto.seal(crypto.provider, &b->key,
                           covey_bytes_of(nonce, sizeof nonce),
                           covey_bytes_of(b->bound, b->bound_len),
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
        expect(crypto.open(crypto.provider, &b->key,
                           covey_bytes_of(nonce, sizeof nonce),
                           covey_bytes_of(b->bound, b->bound_len),
                           covey_bytes_of(b->result, b->result_len),
                           &out) == COVEY_OK,
               "not opened");
    }
    return 1;
}

/* --- preparation --------------------------------------------------------- */

/* The structures around the external_aad of the batch's first message. */
static void begin_inputs(struct bench *b, covey_group_inputs *in)
{
    const covey_coap_message *m = &b->batch[0];
    covey_coap_option_iter options = covey_coap_options_of(m);
    covey_coap_option option = { 0 };
    covey_oscore_option value;
    covey_group_binding binding;

    while (option.number != COVEY_OPTION_OSCORE) {
        expect(covey_coap_option_next(&options, &option), "no option");
    }
    expect(covey_oscore_option_parse(&value, option.value, COVEY_KUDOS_14) ==
               COVEY_OK,
           "no option value");
    binding = (covey_group_binding){
        .request_kid = value.kid,
        .request_piv = value.partial_iv,
        .request_kid_context = gid,
        .option = option.value,
        .sender_cred = covey_bytes_of(b->client.credential, CREDENTIAL),
        .gm_cred = covey_bytes_of(gm_cred, sizeof gm_cred),
    };
    expect(covey_group_inputs_begin(in, b->scratch, SCRATCH,
                                    &b->suite->algorithms,
                                    &binding) == COVEY_OK,
           "no external_aad");
}

static void keep(struct bench *b, covey_bytes bound)
{
    expect(bound.len <= sizeof b->bound, "no room");
    memcpy(b->bound, bound.ptr, bound.len);
    b->bound_len = bound.len;
}

static void prepare_signature(struct bench *b)
{
    const covey_bytes payload = b->batch[0].payload;
    const size_t signature =
        covey_signature_len(b->suite->algorithms.signature, b->suite->curve);
    covey_writer out = covey_writer_of(b->result, sizeof b->result);
    covey_group_inputs in;
    covey_bytes tbs;

    begin_inputs(b, &in);
    expect(covey_group_to_be_signed(
               &in, covey_bytes_of(payload.ptr, payload.len - signature),
               &tbs) == COVEY_OK,
           "nothing to be signed");
    keep(b, tbs);
    expect(crypto.sign(crypto.provider, &b->client.private_key,
                       b->suite->algorithms.signature, tbs, &out) == COVEY_OK,
           "no signature");
    b->result_len = out.pos;
}

static void prepare_aead(struct bench *b)
{
    const covey_oscore_work work = { .inner = NULL };
    const uint8_t nonce[COVEY_NONCE_MAX] = { 0 };
    covey_writer plain = covey_writer_of(b->plaintext, sizeof b->plaintext);
    covey_writer sealed = covey_writer_of(b->result, sizeof b->result);
    covey_group_inputs in;

    begin_inputs(b, &in);
    keep(b, covey_group_enc_structure(&in));
    expect(covey_oscore_compose(&plain, &b->original, &work) == COVEY_OK &&
               crypto.cipher_key(
                   crypto.provider, b->suite->algorithms.aead,
                   covey_bytes_of((const uint8_t *)"0123456789abcdef", 16),
                   &b->key) == COVEY_OK &&
               crypto.seal(crypto.provider, &b->key,
                           covey_bytes_of(nonce, sizeof nonce),
                           covey_bytes_of(b->bound, b->bound_len),
                           covey_written(&plain), &sealed) == COVEY_OK,
           "no bare call");
    b->plaintext_len = plain.pos;
    b->result_len = sealed.pos;
}

/* The first message is unprotected once: keys are derived then, and what must
 * be stored before delivery is. */
static void prepare(struct bench *b, const struct suite *suite)
{
    b->suite = suite;
    make_message(b);
    make_keys(b, &b->client, 1);
    make_keys(b, &b->server, 2);
    make_member(b, &b->client, &b->server);
    make_member(b, &b->server, &b->client);
    for (size_t i = 0; i <= BATCH; i++) {
        const covey_bytes m = protect_one(b, b->sent[i], sizeof b->sent[i]);
        expect(covey_coap_parse(&b->batch[i], m) == COVEY_OK, "no batch");
        b->sent_len = m.len;
    }
    expect(unprotect_one(b, &b->batch[0]) != COVEY_UNPROTECT_REFUSED,
           "refused");
    store(&b->server.group);
    b->pristine.group = b->server.group;
    b->pristine.row = b->server.table[0];
    if (suite->pairwise) {
        prepare_aead(b);
    } else {
        prepare_signature(b);
    }
}

static void drop(struct bench *b)
{
    crypto.key_drop(crypto.provider, &b->key);
    covey_group_drop(&b->client.group);
    covey_group_drop(&b->server.group);
    crypto.key_drop(crypto.provider, &b->client.private_key);
    crypto.key_drop(crypto.provider, &b->server.private_key);
}

int main(int argc, char **argv)
{
    static char note[512];
    struct bench *ed = &benches[0];
    struct bench *ctr = &benches[1];
    struct bench *es = &benches[2];
    struct bench *pair = &benches[3];
    const bench_case cases[] = {
        { "Ed25519 bare sign", bare_sign, ed, -1, 0 },
        { "Ed25519 bare verify", bare_verify, ed, -1, 0 },
        { "group mode protect, Ed25519 and CCM", protect, ed, 0, PAYLOAD },
        { "group mode unprotect, Ed25519 and CCM", unprotect, ed, 1, PAYLOAD },
        { "group mode protect, Ed25519 and CTR", protect, ctr, 0, PAYLOAD },
        { "group mode unprotect, Ed25519 and CTR", unprotect, ctr, 1,
          PAYLOAD },
        { "ES256 bare sign", bare_sign, es, -1, 0 },
        { "ES256 bare verify", bare_verify, es, -1, 0 },
        { "group mode protect, ES256 and CCM", protect, es, 6, PAYLOAD },
        { "group mode unprotect, ES256 and CCM", unprotect, es, 7, PAYLOAD },
        { "bare seal, AAD of a group", bare_seal, pair, -1, PAYLOAD },
        { "bare open, AAD of a group", bare_open, pair, -1, PAYLOAD },
        { "pairwise mode protect", protect, pair, 10, PAYLOAD },
        { "pairwise mode unprotect", unprotect, pair, 11, PAYLOAD },
    };
    int status;

    expect(covey_openssl_open(&crypto) == COVEY_OK, "no libcrypto");
    for (size_t i = 0; i < COUNT_OF(benches); i++) {
        prepare(&benches[i], &suites[i]);
    }
    snprintf(note, sizeof note,
             "64 bytes of payload, a message of %zu bytes: %zu protected in "
             "group mode with CCM, %zu with CTR, %zu in pairwise mode; signed "
             "%zu bytes, pairwise AAD %zu; a group takes %zu bytes, a "
             "recipient %zu, an exchange %zu, each answer %zu, keys included",
             ed->message_len, ed->sent_len, ctr->sent_len, pair->sent_len,
             ed->bound_len, pair->bound_len, sizeof(covey_group),
             sizeof(covey_group_recipient), sizeof(covey_group_exchange),
             sizeof(covey_group_answer));
    status = bench_main(argc, argv, cases, COUNT_OF(cases), note);
    for (size_t i = 0; i < COUNT_OF(benches); i++) {
        drop(&benches[i]);
    }
    covey_openssl_close(&crypto);
    return status;
}
