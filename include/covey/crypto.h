/* SPDX-License-Identifier: BSD-2-Clause */
/* What the core needs of cryptography: a table of functions that a provider
 * fills in (crypto/openssl on hosts, crypto/scripted in tests, the platform's
 * own on a microcontroller). Algorithms, curves and encodings are those of
 * COSE (RFC 9052, RFC 9053, RFC 9459), with the registry's numbers; there is
 * no X.509 here. docs/design/004-crypto-interface.md says why it is cut so.
 *
 * Conventions of every function in the table:
 * - The first argument is the table's own `provider`:
 *       st = crypto->seal(crypto->provider, &key, nonce, aad, plain, &out);
 * - Results are appended to the caller's covey_writer. Nothing is appended
 *   and the writer's position stays unless the status is COVEY_OK; the bytes
 *   after the position are then undefined, never secret. Too little room is
 *   COVEY_E_ROOM, found before any work. A writer that has failed before gives
 *   its failure. The functions do not set the writer's `failed`.
 * - Inputs are not kept: when a function returns, the caller may wipe them.
 *   Unless a function says that it works in place, inputs and the writer's
 *   storage do not overlap.
 * - An absent span is the same as an empty one.
 * - COVEY_E_UNSUPPORTED: the provider has not this algorithm, curve or
 *   length of signature. covey_alg_name gives a name for the message.
 *   COVEY_E_ARGUMENT: a handle that is empty or of the wrong kind.
 *   COVEY_E_CRYPTO: the host failed (out of memory, out of entropy, library
 *   error). Each function may give these three; they are not repeated below.
 * - A provider wipes every secret that it copies.
 * - Handles belong to the provider that filled them, and a provider with its
 *   handles to one thread at a time. */
#ifndef COVEY_CRYPTO_H
#define COVEY_CRYPTO_H

#include <covey/bytes.h>
#include <covey/status.h>

#include <stddef.h>
#include <stdint.h>

/* IANA registry "COSE Algorithms". What is named here may be asked for; which
 * of them a provider has, it says itself. */
typedef enum covey_alg_id {
    /* AEAD, RFC 9053 Section 4 */
    COVEY_A128GCM = 1,
    COVEY_A192GCM = 2,
    COVEY_A256GCM = 3,
    COVEY_AES_CCM_16_64_128 = 10,
    COVEY_AES_CCM_16_64_256 = 11,
    COVEY_AES_CCM_64_64_128 = 12,
    COVEY_AES_CCM_64_64_256 = 13,
    COVEY_CHACHA20_POLY1305 = 24,
    COVEY_AES_CCM_16_128_128 = 30,
    COVEY_AES_CCM_16_128_256 = 31,
    COVEY_AES_CCM_64_128_128 = 32,
    COVEY_AES_CCM_64_128_256 = 33,
    /* AES-CCM with 12 bytes of nonce, as TLS has it (RFC 6655, RFC 8446) and
     * IEEE 1609.2. COSE has no number for it: these are from its range for
     * private use, and never leave the process. */
    COVEY_AES_CCM_24_64_128 = -65537,
    COVEY_AES_CCM_24_128_128 = -65538,
    /* encryption without authentication, RFC 9459 Section 4 */
    COVEY_A128CTR = -65534,
    COVEY_A192CTR = -65533,
    COVEY_A256CTR = -65532,
    /* HMAC, RFC 9053 Section 3.1; they also stand for HKDF with that hash */
    COVEY_HMAC_256_256 = 5,
    COVEY_HMAC_384_384 = 6,
    COVEY_HMAC_512_512 = 7,
    /* hashes, RFC 9054 Section 3.2 */
    COVEY_SHA_256 = -16,
    COVEY_SHA_384 = -43,
    COVEY_SHA_512 = -44,
    /* signatures, RFC 9053 Section 2 and RFC 8812 */
    COVEY_ES256 = -7,
    COVEY_EDDSA = -8,
    COVEY_ES384 = -35,
    COVEY_ES512 = -36,
    COVEY_ESB256 = -265, /* ECDSA with brainpool curves (RFC 9864) */
    COVEY_ESB384 = -267,
    COVEY_PS256 = -37,
    COVEY_PS384 = -38,
    COVEY_PS512 = -39,
    /* static-static key agreement, RFC 9053 Section 6.3.1 */
    COVEY_ECDH_SS_HKDF_256 = -27,
    COVEY_ECDH_SS_HKDF_512 = -28
} covey_alg_id;

/* IANA registry "COSE Elliptic Curves" (RFC 9053 Section 7.1). */
typedef enum covey_curve {
    COVEY_P256 = 1,
    COVEY_P384 = 2,
    COVEY_P521 = 3,
    COVEY_X25519 = 4,
    COVEY_X448 = 5,
    COVEY_ED25519 = 6,
    COVEY_ED448 = 7,
    COVEY_BRAINPOOLP256R1 = 256, /* RFC 5639 */
    COVEY_BRAINPOOLP384R1 = 258,
    /* No curve, and no number of COSE's: an RSA public key of 2,048 to 8,192
     * bits, encoded as RSAPublicKey in DER (RFC 8017 Appendix A.1.1). It only
     * verifies: COVEY_PS256, COVEY_PS384, COVEY_PS512, with a salt as long as
     * the hash (RFC 8230 Section 2). */
    COVEY_RSA = -65537
} covey_curve;

/* The greatest lengths among the algorithms and curves above, for the caller's
 * storage; RSA excepted. */
enum {
    COVEY_KEY_MAX = 32,        /* content encryption key */
    COVEY_NONCE_MAX = 13,      /* nonce */
    COVEY_TAG_MAX = 16,        /* tag */
    COVEY_HASH_MAX = 64,       /* digest, MAC, pseudorandom key of HKDF */
    COVEY_SIGNATURE_MAX = 132, /* signature of ES512 */
    COVEY_PRIVATE_MAX = 66,    /* scalar or seed */
    COVEY_PUBLIC_MAX = 133,    /* SEC 1 uncompressed point */
    COVEY_SHARED_MAX = 66      /* ECDH shared secret */
};

typedef enum covey_alg_kind {
    COVEY_ALG_AEAD = 1,
    COVEY_ALG_CIPHER, /* encrypts without authentication */
    COVEY_ALG_HMAC,   /* also: HKDF with that hash */
    COVEY_ALG_HASH,
    COVEY_ALG_SIGNATURE,
    COVEY_ALG_AGREEMENT,
    COVEY_ALG_TLS_AEAD /* an AEAD without a number of COSE's: not for OSCORE */
} covey_alg_kind;

/* Lengths in bytes; 0 where the algorithm has no such thing. */
typedef struct covey_alg {
    int32_t id; /* covey_alg_id */
    covey_alg_kind kind;
    uint8_t key_len;   /* AEADs, CIPHER */
    uint8_t nonce_len; /* AEADs, CIPHER */
    uint8_t out_len;   /* AEADs: tag; HMAC: MAC; HASH: digest */
} covey_alg;

/* The row of an algorithm, NULL if the number is none of covey_alg_id: then
 * nobody here can do anything with it. Static storage. */
const covey_alg *covey_alg_find(int32_t id);

/* Has it a row, and is it of this kind? */
bool covey_alg_is(int32_t id, covey_alg_kind kind);

/* The same for content encryption only (AEADs, and CTR, whose tag has no
 * bytes), NULL for all others. */
const covey_alg *covey_aead_find(int32_t id);

/* Length of the signatures of `alg` with keys on `curve`, or 0 where the two
 * do not go together or the length is not fixed by them (RSA). ECDSA is taken
 * with the curve that RFC 9053 Section 2.1 recommends only. */
size_t covey_signature_len(int32_t alg, int32_t curve);

/* The name in the registry, such as "AES-CCM-16-64-128"; also of algorithms
 * that nothing here implements (A128CBC, PS256, ESP256), so that they can be
 * refused by name. "unknown algorithm" for the others. Static storage. */
const char *covey_alg_name(int32_t id);
const char *covey_curve_name(int32_t curve);

/* A key inside a provider. The storage is the caller's; what is in it is the
 * provider's: an object of its own, a slot number of a secure element, or the
 * key itself, so that no heap is needed. All zeros is the empty handle. It may
 * be moved as a whole as long as only one copy is used from then on. */
typedef struct covey_key {
    uint64_t opaque[10];
} covey_key;

/* A hash calculation that has begun, likewise. */
typedef struct covey_hash {
    uint64_t opaque[28];
} covey_hash;

typedef struct covey_crypto {
    void *provider; /* first argument of all functions below */

    /* --- content encryption ------------------------------------------- */

    /* Makes `key` from the raw bytes of a key for `alg` (AEAD or CTR). What
     * depends only on the key is done here, once, and not in seal and open.
     * `key` must be empty or uninitialised; it is empty after a failure.
     * COVEY_E_RANGE: the length is not that of the algorithm. */
    COVEY_MUST_USE covey_status (*cipher_key)(void *provider, int32_t alg,
                                              covey_bytes raw, covey_key *key);

    /* Encrypts: appends plaintext.len + tag bytes, ciphertext then tag (RFC
     * 9052 Section 5.3). The plaintext may begin exactly where the writer
     * stands: it is then encrypted in place; no other overlap. No nonce may be
     * used twice with a key: that is the caller's to see to.
     * CTR: the initial counter block is nonce | 00000000, and `aad` must be
     * empty (RFC 9459 Section 4), otherwise COVEY_E_ARGUMENT.
     * COVEY_E_RANGE: nonce of another length than the algorithm's, or a
     * plaintext longer than the algorithm allows (RFC 9053 Section 4.2: with
     * 13 bytes of nonce, 65,535 bytes; with 12, 2^24 - 1). */
    COVEY_MUST_USE covey_status (*seal)(void *provider, covey_key *key,
                                        covey_bytes nonce, covey_bytes aad,
                                        covey_bytes plaintext,
                                        covey_writer *out);

    /* Decrypts and verifies: appends sealed.len - tag bytes. `sealed` may
     * begin exactly where the writer stands, as above.
     * COVEY_E_AUTH: the tag is wrong, or there are fewer bytes than a tag has.
     * The storage of the plaintext holds nothing of it then; in place, the
     * ciphertext is lost. COVEY_E_RANGE and COVEY_E_ARGUMENT as in seal. */
    COVEY_MUST_USE covey_status (*open)(void *provider, covey_key *key,
                                        covey_bytes nonce, covey_bytes aad,
                                        covey_bytes sealed, covey_writer *out);

    /* --- HMAC, HKDF, hash ---------------------------------------------- */

    /* Appends HMAC(key, data) (RFC 2104), the whole MAC. This is also
     * HKDF-Extract with the salt as key (RFC 5869 Section 2.2; an empty salt
     * is the same as one of zeros). `alg`: COVEY_HMAC_*. */
    COVEY_MUST_USE covey_status (*hmac)(void *provider, int32_t alg,
                                        covey_bytes key, covey_bytes data,
                                        covey_writer *out);

    /* HKDF (RFC 5869): extract with salt and ikm, expand with info. Fills the
     * writer to its end: L is cap - pos. Up to the length of the hash this
     * costs no more than two calls of hmac.
     * COVEY_E_RANGE: L is 0 or more than 255 times the hash. */
    COVEY_MUST_USE covey_status (*hkdf)(void *provider, int32_t alg,
                                        covey_bytes salt, covey_bytes ikm,
                                        covey_bytes info, covey_writer *out);

    /* Only the expansion (RFC 5869 Section 2.3), L as in hkdf. `prk` is at
     * least as long as the hash, otherwise COVEY_E_RANGE. */
    COVEY_MUST_USE covey_status (*hkdf_expand)(void *provider, int32_t alg,
                                               covey_bytes prk,
                                               covey_bytes info,
                                               covey_writer *out);

    /* Begins a hash, `alg`: COVEY_SHA_*. `hash` must be empty, finished or
     * uninitialised. */
    COVEY_MUST_USE covey_status (*hash_begin)(void *provider, int32_t alg,
                                              covey_hash *hash);
    COVEY_MUST_USE covey_status (*hash_update)(void *provider,
                                               covey_hash *hash,
                                               covey_bytes data);
    /* Makes `copy` (empty or uninitialised) a hash of the same bytes; both go
     * on from here on their own. */
    COVEY_MUST_USE covey_status (*hash_clone)(void *provider,
                                              const covey_hash *hash,
                                              covey_hash *copy);
    /* Appends the digest. The handle is empty afterwards, except with
     * COVEY_E_ROOM, where it is unchanged. */
    COVEY_MUST_USE covey_status (*hash_finish)(void *provider,
                                               covey_hash *hash,
                                               covey_writer *out);
    /* Gives up a hash without its digest. The empty handle is allowed. */
    void (*hash_drop)(void *provider, covey_hash *hash);

    /* --- asymmetric keys ----------------------------------------------- */

    /* Makes `key` (empty or uninitialised; empty after a failure) from a
     * private key: the seed of RFC 8032 Section 5.1.5 for Ed25519, the scalar
     * of RFC 7748 Section 5 for X25519, the scalar of SEC 1 Section 2.3.7 for
     * P-256: 32 bytes each, as `d` of a COSE_Key holds them (RFC 9053 Section
     * 7.1); 48 bytes for P-384. The public key is computed. A private key
     * handle also serves where a public one is wanted.
     * COVEY_E_RANGE: another length, or an EC2 scalar that is not within
     * 1..n-1. Fresh keys come from `random` and this function; after
     * COVEY_E_RANGE (with probability 2^-32) one draws again. */
    COVEY_MUST_USE covey_status (*private_key)(void *provider, int32_t curve,
                                               covey_bytes raw,
                                               covey_key *key);

    /* The same from a public key: 32 bytes for Ed25519 and X25519, and for EC2
     * the octet string of SEC 1 Section 2.3.3, that is 04 | x | y or 02 | x
     * or 03 | x (compressed: y of a COSE_Key is false or true).
     * COVEY_E_RANGE: another length or first byte, a point that is not on the
     * curve, the point at infinity, and for Ed25519 an encoding that is not
     * canonical or a point outside the group of prime order: whether such a
     * key verifies a signature would depend on the implementation, and y = 1
     * and y = -1 are among them. */
    COVEY_MUST_USE covey_status (*public_key)(void *provider, int32_t curve,
                                              covey_bytes encoded,
                                              covey_key *key);

    /* Appends the public key in a form that public_key takes, EC2
     * uncompressed. */
    COVEY_MUST_USE covey_status (*public_of)(void *provider,
                                             const covey_key *key,
                                             covey_writer *out);

    /* Appends the signature over `tbs`, one contiguous span: EdDSA reads it
     * twice (RFC 8032 Section 5.1.6). COVEY_EDDSA: 64 bytes with Ed25519.
     * COVEY_ES256: r | s, 64 bytes (RFC 9053 Section 2.1), hashed here.
     * COVEY_ES384: 96 bytes, with SHA-384.
     * COVEY_E_ARGUMENT: not a private key, or not one of this algorithm. */
    COVEY_MUST_USE covey_status (*sign)(void *provider, covey_key *key,
                                        int32_t alg, covey_bytes tbs,
                                        covey_writer *out);

    /* COVEY_OK if the signature is right, COVEY_E_AUTH if it is not, also if
     * its length is wrong. COVEY_E_ARGUMENT: a key not of this algorithm. */
    COVEY_MUST_USE covey_status (*verify)(void *provider, covey_key *key,
                                          int32_t alg, covey_bytes tbs,
                                          covey_bytes signature);

    /* Diffie-Hellman of a private key with a peer's public key on the same
     * curve; appends 32 bytes, with P-384 48. EC2: the x-coordinate. X25519:
     * RFC 7748 Section 6.1. Ed25519: both keys are converted to X25519 first
     * (pairwise keys of RFC 10021: u = (1 + y) / (1 - y), the scalar from
     * SHA-512 of the seed).
     * COVEY_E_RANGE: the result would be all zeros, as with X25519 keys of
     * small order (RFC 7748 Section 6.1).
     * COVEY_E_ARGUMENT: no private key, or two curves. */
    COVEY_MUST_USE covey_status (*agree)(void *provider, covey_key *own,
                                         const covey_key *peer,
                                         covey_writer *out);

    /* The public half of an implicit certificate (ECQV, SEC 4 Section 2.5):
     * makes `key` from factor * point + base. `point` is an octet string as
     * for public_key, on the curve of `base`, a key with two coordinates;
     * `factor` is as long as a private key and taken modulo the order. No
     * secrets are expected, so time may depend on all of it.
     * COVEY_E_RANGE: no such point, a factor of another length, a sum at
     * infinity. COVEY_E_ARGUMENT: a base on a curve of another kind. */
    COVEY_MUST_USE covey_status (*ecqv_public)(void *provider,
                                               covey_bytes factor,
                                               covey_bytes point,
                                               const covey_key *base,
                                               covey_key *key);

    /* The private half: appends factor * secret + addend modulo the order of
     * the curve (SEC 4 Sections 2.4 and 2.7), each as long as a private key
     * and below the order, but for the factor, which is taken modulo it.
     * COVEY_E_RANGE: a length, a value of the order or more, a result of 0. */
    COVEY_MUST_USE covey_status (*ecqv_private)(void *provider, int32_t curve,
                                                covey_bytes factor,
                                                covey_bytes secret,
                                                covey_bytes addend,
                                                covey_writer *out);

    /* Wipes a key of any kind and frees what is behind it; the handle is empty
     * afterwards. The empty handle is allowed. */
    void (*key_drop)(void *provider, covey_key *key);

    /* --- random --------------------------------------------------------- */

    /* Fills the writer to its end with bytes fit for keys. */
    COVEY_MUST_USE covey_status (*random)(void *provider, covey_writer *out);
} covey_crypto;

/* --- sha256.c ------------------------------------------------------------ */

enum {
    COVEY_SHA_256_LEN = 32
};

/* SHA-256 over the parts, one behind the other, for who has all of them at
 * once. What the provider says; *out is written only on success. */
COVEY_MUST_USE covey_status
covey_crypto_sha256(const covey_crypto *crypto, const covey_bytes *parts,
                    size_t count, uint8_t out[COVEY_SHA_256_LEN]);

#endif
