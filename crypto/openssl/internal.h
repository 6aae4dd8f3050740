/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of this provider.
 *
 * Layout of a handle: opaque[0] holds the kind and below it the number of the
 * algorithm or curve; what follows are pointers to objects of libcrypto, or
 * for Ed25519 and X25519 the key itself. Only integers and bytes are stored,
 * so that no type but covey_key's own and unsigned char ever reads it. */
#ifndef COVEY_CRYPTO_OPENSSL_INTERNAL_H
#define COVEY_CRYPTO_OPENSSL_INTERNAL_H

#include <covey/crypto.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#include <string.h>

enum {
    CIPHER_COUNT = 9,
    HASH_COUNT = 3,
    EC2_COUNT = 4
};

/* A hash and a context for it, which holds nothing between two uses. */
struct hash_row {
    EVP_MD *md;
    EVP_MD_CTX *ctx;
    size_t len;
    size_t block;
};

struct provider {
    EVP_CIPHER *ciphers[CIPHER_COUNT]; /* in the order of cipher.c's table */
    struct hash_row hashes[HASH_COUNT];
    EC_GROUP *ec2[EC2_COUNT]; /* in the order of ec2.c's table */
    BN_CTX *bn;
};

enum handle_kind {
    HANDLE_EMPTY = 0,
    HANDLE_CIPHER,
    HANDLE_HASH,
    HANDLE_PUBLIC,
    HANDLE_PRIVATE
};

static inline uint64_t handle_word(enum handle_kind kind, int32_t id)
{
    return (uint64_t)kind << 32 | (uint32_t)id;
}

static inline enum handle_kind handle_kind_of(uint64_t word)
{
    return (enum handle_kind)(word >> 32);
}

static inline int32_t handle_id_of(uint64_t word)
{
    return (int32_t)(uint32_t)(word & UINT32_MAX);
}

static inline uint64_t handle_store(const void *object)
{
    return (uint64_t)(uintptr_t)object;
}

static inline void *handle_load(uint64_t word)
{
    return (void *)(uintptr_t)word;
}

/* COVEY_OK if the writer can take n more bytes. */
static inline covey_status has_room(const covey_writer *out, size_t n)
{
    if (out->failed != COVEY_OK) {
        return out->failed;
    }
    return n > out->cap - out->pos ? COVEY_E_ROOM : COVEY_OK;
}

/* Where the writer stands; it may be at the end of storage of no bytes. */
static inline uint8_t *writer_at(const covey_writer *out)
{
    return out->base ? out->base + out->pos : NULL;
}

/* COVEY_E_CRYPTO, with libcrypto's error queue emptied. */
covey_status host_failure(void);

/* cipher.c */
bool ciphers_fetch(struct provider *p);
covey_status cipher_key(void *provider, int32_t alg, covey_bytes raw,
                        covey_key *key);
covey_status cipher_seal(void *provider, covey_key *key, covey_bytes nonce,
                         covey_bytes aad, covey_bytes plaintext,
                         covey_writer *out);
covey_status cipher_open(void *provider, covey_key *key, covey_bytes nonce,
                         covey_bytes aad, covey_bytes sealed,
                         covey_writer *out);
void cipher_drop(covey_key *key);

/* hash.c */
bool hashes_fetch(struct provider *p);
/* The row of COVEY_SHA_* or COVEY_HMAC_*, or NULL. */
struct hash_row *hash_find(struct provider *p, int32_t alg);
/* The digest of the parts one after the other. */
bool hash_parts(struct hash_row *h, const covey_bytes *parts, size_t count,
                uint8_t *digest);
covey_status hash_begin(void *provider, int32_t alg, covey_hash *hash);
covey_status hash_update(void *provider, covey_hash *hash, covey_bytes data);
covey_status hash_clone(void *provider, const covey_hash *hash,
                        covey_hash *copy);
covey_status hash_finish(void *provider, covey_hash *hash, covey_writer *out);
void hash_drop(void *provider, covey_hash *hash);

/* hmac.c */
covey_status hmac_once(void *provider, int32_t alg, covey_bytes key,
                       covey_bytes data, covey_writer *out);
covey_status hkdf_both(void *provider, int32_t alg, covey_bytes salt,
                       covey_bytes ikm, covey_bytes info, covey_writer *out);
covey_status hkdf_expand(void *provider, int32_t alg, covey_bytes prk,
                         covey_bytes info, covey_writer *out);

/* asymmetric.c */
covey_status private_key(void *provider, int32_t curve, covey_bytes raw,
                         covey_key *key);
covey_status public_key(void *provider, int32_t curve, covey_bytes encoded,
                        covey_key *key);
covey_status public_of(void *provider, const covey_key *key,
                       covey_writer *out);
covey_status key_sign(void *provider, covey_key *key, int32_t alg,
                      covey_bytes tbs, covey_writer *out);
covey_status key_verify(void *provider, covey_key *key, int32_t alg,
                        covey_bytes tbs, covey_bytes signature);
covey_status key_agree(void *provider, covey_key *own, const covey_key *peer,
                       covey_writer *out);
void key_drop(void *provider, covey_key *key);
/* ecqv.c */
covey_status ecqv_public(void *provider, covey_bytes factor, covey_bytes point,
                         const covey_key *base, covey_key *key);
covey_status ecqv_private(void *provider, int32_t curve, covey_bytes factor,
                          covey_bytes secret, covey_bytes addend,
                          covey_writer *out);

/* okp.c, ec2.c, rsa.c: one set of functions per family of curves. The handle's
 * first word, lengths and room have been seen to by asymmetric.c; `key` is
 * all zeros but for that word when it is made. */
struct family {
    covey_status (*make_private)(struct provider *p, const uint8_t *raw,
                                 covey_key *key);
    covey_status (*make_public)(struct provider *p, covey_bytes encoded,
                                covey_key *key);
    covey_status (*public_bytes)(struct provider *p, const covey_key *key,
                                 uint8_t *out);
    covey_status (*sign)(struct provider *p, covey_key *key, covey_bytes tbs,
                         uint8_t *signature);
    /* The signature has the length of the curve's, but for RSA. */
    covey_status (*verify)(struct provider *p, covey_key *key, int32_t alg,
                           covey_bytes tbs, covey_bytes signature);
    covey_status (*agree)(struct provider *p, const covey_key *own,
                          const covey_key *peer, uint8_t *shared);
    void (*drop)(covey_key *key);
};
extern const struct family family_ed25519;
extern const struct family family_x25519;
extern const struct family family_ec2;
bool ec2_fetch(struct provider *p);
/* The curve and the length of its scalars; NULL if it is none of ec2.c's. */
const EC_GROUP *ec2_group(struct provider *p, int32_t curve, size_t *scalar);
void ec2_release(struct provider *p);
extern const struct family family_rsa;

#endif
