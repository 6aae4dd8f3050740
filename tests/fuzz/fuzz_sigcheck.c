/* SPDX-License-Identifier: BSD-2-Clause */
/* What passes by a signature checker. First byte even: a datagram as it
 * comes. Odd: a signed message; flags, two bytes that say which bit is changed
 * on the way, then the ciphertext. */
#include "coap_oracle.h"

#include <covey/sigcheck.h>
#include <crypto/scripted/scripted.h>

#define TEXT(literal)                                                         \
    covey_bytes_of((const uint8_t *)(literal), sizeof(literal) - 1)

/* The flags; the others are the length of a server's Sender ID. */
enum {
    RESPONSE = 0x01,
    PAIRWISE = 0x02, /* the request */
    OWN_PIV = 0x04,
    OWN_GID = 0x08,
    OWN_KID = 0x10,
    KID_SHIFT = 5
};

enum {
    HEADER = 4 /* of a datagram without token */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static covey_sigcheck checker(void)
{
    const covey_sigcheck g = {
        .crypto = &covey_toy,
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = TEXT("\xdd\x11"),
        .gm_cred = TEXT("manager"),
        .sek = TEXT("0123456789abcdef"),
    };

    return g;
}

static covey_sigcheck_request noted(bool pairwise)
{
    const covey_sigcheck_request r = {
        .gid = TEXT("\xdd\x11"),
        .pairwise = pairwise,
        .kid_len = 1,
        .piv_len = 1,
        .kid = { 0x25 },
        .piv = { 1 },
    };

    return r;
}

/* In storage of just the size that is promised to be enough. */
static covey_status check(const covey_sigcheck *g, const covey_coap_message *m,
                          const covey_sigcheck_signer *signer,
                          const covey_sigcheck_request *request)
{
    const size_t cap = COVEY_SIGCHECK_SCRATCH(
        m->payload.len, signer->credential.len, g->gm_cred.len, g->gid.len);
    uint8_t *scratch = malloc(cap);
    covey_status st;

    oracle(scratch != NULL);
    st = covey_sigcheck_check(g, m, signer, request, scratch, cap);
    oracle(st != COVEY_E_ROOM && st != COVEY_E_CRYPTO);
    free(scratch);
    return st;
}

static void within(covey_bytes part, covey_bytes whole)
{
    oracle(part.ptr == NULL || (part.ptr >= whole.ptr &&
                                part.ptr + part.len <= whole.ptr + whole.len));
}

/* What cannot be read cannot be checked; what can, for the same reasons. */
static void passing(covey_bytes datagram, covey_key *key)
{
    const covey_sigcheck g = checker();
    covey_sigcheck_signer signer = { .credential = TEXT("c"), .key = key };
    covey_sigcheck_request request;
    covey_oscore_option option = { 0 };
    covey_coap_message m;
    covey_status st;

    if (covey_coap_parse(&m, datagram) != COVEY_OK) {
        return;
    }
    st = covey_sigcheck_sender(&g, &m, &option);
    if (st == COVEY_OK) {
        within(option.kid, m.options);
        within(option.partial_iv, m.options);
        within(option.kid_context, m.options);
        signer.id = option.kid;
    }
    if (covey_sigcheck_note(&g, &m, &request) != COVEY_OK) {
        request = noted(false);
    }
    if (st != COVEY_OK) {
        oracle(check(&g, &m, &signer, &request) == st);
    } else {
        (void)check(&g, &m, &signer, &request); /* the toy can be forged */
    }
}

/* A message to be signed. */
struct draft {
    bool response;
    covey_sigcheck_request request;
    covey_sigcheck_signer signer;
    covey_oscore_option option;
};

static void draft(struct draft *d, const covey_sigcheck *g, unsigned flags,
                  covey_key *key)
{
    d->response = (flags & RESPONSE) != 0;
    d->request = noted((flags & PAIRWISE) != 0);
    d->signer.id = covey_bytes_of(d->request.kid, d->request.kid_len);
    d->signer.credential = TEXT("credential");
    d->signer.key = key;
    d->option.group = true;
    if (!d->response) {
        d->option.partial_iv =
            covey_bytes_of(d->request.piv, d->request.piv_len);
        d->option.kid_context = g->gid;
        d->option.kid = d->signer.id;
        return;
    }
    d->signer.id =
        covey_bytes_of((const uint8_t *)"sevenis", flags >> KID_SHIFT & 7);
    if ((flags & OWN_PIV) != 0) {
        d->option.partial_iv = TEXT("\1\xf4");
    }
    if ((flags & OWN_GID) != 0) {
        d->option.kid_context = g->gid;
    }
    if (!d->request.pairwise || (flags & OWN_KID) != 0) {
        d->option.kid = d->signer.id;
    }
}

/* Appends signature and mask to the ciphertext that is there. */
static void sign(const covey_sigcheck *g, const struct draft *d,
                 covey_bytes value, covey_writer *payload)
{
    const covey_crypto *crypto = g->crypto;
    const bool own = d->option.partial_iv.ptr != NULL;
    const covey_group_binding b = {
        .request_kid = covey_bytes_of(d->request.kid, d->request.kid_len),
        .request_piv = covey_bytes_of(d->request.piv, d->request.piv_len),
        .request_kid_context = d->request.gid,
        .option = value,
        .sender_cred = d->signer.credential,
        .gm_cred = g->gm_cred,
    };
    const covey_group_mask mask = {
        .sek = g->sek,
        .id = own ? d->signer.id : b.request_kid,
        .piv = own ? d->option.partial_iv : b.request_piv,
        .gid = g->gid,
        .hkdf = g->hkdf,
        .request = !d->response,
    };
    const size_t len = payload->pos;
    const size_t cap = COVEY_GROUP_INPUTS_MAX(256u, len);
    uint8_t *scratch = malloc(cap);
    covey_group_inputs in;
    covey_bytes tbs;

    oracle(scratch != NULL);
    oracle(covey_group_inputs_begin(&in, scratch, cap, &g->algorithms, &b) ==
           COVEY_OK);
    oracle(covey_group_to_be_signed(&in, covey_written(payload), &tbs) ==
           COVEY_OK);
    oracle(crypto->sign(crypto->provider, d->signer.key,
                        g->algorithms.signature, tbs, payload) == COVEY_OK);
    oracle(covey_group_mask_apply(&mask, crypto, payload->base + len,
                                  payload->pos - len) == COVEY_OK);
    free(scratch);
}

/* Composes the message into `out`. */
static void compose(const covey_sigcheck *g, const struct draft *d,
                    covey_bytes ciphertext, covey_writer *out)
{
    const covey_coap_message head = {
        .code = d->response ? COVEY_COAP_CODE(2, 4) : COVEY_COAP_CODE(0, 2),
        .token = TEXT(""),
    };
    const size_t cap = ciphertext.len + COVEY_SIGNATURE_MAX;
    uint8_t *room = malloc(cap);
    uint8_t storage[32];
    covey_writer value = covey_writer_of(storage, sizeof storage);
    covey_writer payload = covey_writer_of(room, cap);
    covey_coap_composer c = covey_coap_compose(out, &head);

    oracle(room != NULL);
    covey_oscore_value_put(&value, &d->option);
    covey_write_bytes(&payload, ciphertext);
    sign(g, d, covey_written(&value), &payload);
    covey_coap_put_option(&c, COVEY_OPTION_OSCORE, covey_written(&value));
    covey_coap_put_payload(&c, covey_written(&payload));
    oracle(covey_coap_finish(&c) == COVEY_OK);
    free(room);
}

/* As it was signed it is right; with another bit in options or payload it is
 * not. */
static void judge(const covey_sigcheck *g, const struct draft *d,
                  const covey_writer *w, size_t bit)
{
    const covey_bytes datagram = covey_written(w);
    covey_coap_message m;

    oracle(covey_coap_parse(&m, datagram) == COVEY_OK);
    oracle(check(g, &m, &d->signer, &d->request) == COVEY_OK);
    bit = 8 * HEADER + bit % (8 * (datagram.len - HEADER));
    w->base[bit / 8] ^= (uint8_t)(1u << bit % 8);
    if (covey_coap_parse(&m, datagram) == COVEY_OK) {
        oracle(check(g, &m, &d->signer, &d->request) != COVEY_OK);
    }
}

static void members(const uint8_t *data, size_t size, covey_key *key)
{
    const covey_sigcheck g = checker();
    const size_t bit = (size_t)data[1] << 8 | data[2];
    const covey_bytes ciphertext = covey_bytes_of(data + 3, size - 3);
    const size_t cap = size + COVEY_SIGNATURE_MAX + 64;
    uint8_t *room = malloc(cap);
    covey_writer out = covey_writer_of(room, cap);
    struct draft d = { 0 };

    oracle(room != NULL);
    draft(&d, &g, data[0], key);
    compose(&g, &d, ciphertext, &out);
    judge(&g, &d, &out, bit);
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum {
        LEAST = 3 + 9
    }; /* flags and bit, tag and code */
    covey_key key;

    oracle(covey_toy.private_key(covey_toy.provider, COVEY_ED25519,
                                 TEXT("0123456789abcdef0123456789abcdef"),
                                 &key) == COVEY_OK);
    if (size > 0 && data[0] % 2 == 0) {
        passing(covey_bytes_of(data + 1, size - 1), &key);
    } else if (size > LEAST) {
        members(data + 1, size - 1, &key);
    }
    covey_toy.key_drop(covey_toy.provider, &key);
    return 0;
}
