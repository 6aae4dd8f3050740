/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by toy.c and toy_keys.c. A handle's first word is its kind and
 * number; the bytes after it are the key. */
#ifndef COVEY_CRYPTO_TOY_H
#define COVEY_CRYPTO_TOY_H

#include "scripted.h"

enum toy_kind {
    TOY_EMPTY,
    TOY_CIPHER,
    TOY_HASH,
    TOY_PUBLIC,
    TOY_PRIVATE
};

/* What has been absorbed so far. */
struct toy {
    uint64_t a;
    uint64_t b;
};

struct toy toy_begin(uint64_t purpose);
void toy_absorb(struct toy *t, const uint8_t *bytes, size_t len);
/* The length first, so that spans do not run into each other. */
void toy_absorb_span(struct toy *t, covey_bytes span);
void toy_squeeze(const struct toy *t, uint8_t *out, size_t len);

static inline uint64_t toy_word(enum toy_kind kind, int32_t id)
{
    return (uint64_t)kind << 32 | (uint32_t)id;
}

static inline enum toy_kind toy_kind_of(uint64_t word)
{
    return (enum toy_kind)(word >> 32);
}

static inline int32_t toy_id_of(uint64_t word)
{
    return (int32_t)(uint32_t)(word & UINT32_MAX);
}

static inline covey_status toy_room(const covey_writer *out, size_t n)
{
    if (out->failed != COVEY_OK) {
        return out->failed;
    }
    return n > out->cap - out->pos ? COVEY_E_ROOM : COVEY_OK;
}

covey_status toy_private_key(void *provider, int32_t curve, covey_bytes raw,
                             covey_key *key);
covey_status toy_public_key(void *provider, int32_t curve, covey_bytes encoded,
                            covey_key *key);
covey_status toy_public_of(void *provider, const covey_key *key,
                           covey_writer *out);
covey_status toy_sign(void *provider, covey_key *key, int32_t alg,
                      covey_bytes tbs, covey_writer *out);
covey_status toy_verify(void *provider, covey_key *key, int32_t alg,
                        covey_bytes tbs, covey_bytes signature);
covey_status toy_agree(void *provider, covey_key *own, const covey_key *peer,
                       covey_writer *out);
covey_status toy_ecqv_public(void *provider, covey_bytes factor,
                             covey_bytes point, const covey_key *base,
                             covey_key *key);
covey_status toy_ecqv_private(void *provider, int32_t curve,
                              covey_bytes factor, covey_bytes secret,
                              covey_bytes addend, covey_writer *out);

#endif
