/* SPDX-License-Identifier: BSD-2-Clause */
/* Toy encryption and toy hashes with the shapes and refusals of the real
 * ones. Two words absorb bytes by multiplication and rotation; nobody should
 * take this for cryptography. */
#include "toy.h"

#include <string.h>

struct toy toy_begin(uint64_t purpose)
{
    struct toy t = { UINT64_C(0xcbf29ce484222325) ^ purpose, ~purpose };

    return t;
}

void toy_absorb(struct toy *t, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        t->a = (t->a ^ bytes[i]) * UINT64_C(0x100000001b3);
        t->b = (t->b << 23 | t->b >> 41) + (t->a ^ t->a >> 29);
    }
}

void toy_absorb_span(struct toy *t, covey_bytes span)
{
    for (unsigned shift = 0; shift < 32; shift += 8) {
        uint8_t byte = (uint8_t)(span.len >> shift);
        toy_absorb(t, &byte, 1);
    }
    toy_absorb(t, span.ptr, span.len);
}

/* Eight bytes of each step of a counter, mixed (splitmix64). */
void toy_squeeze(const struct toy *t, uint8_t *out, size_t len)
{
    uint64_t z = 0;

    for (size_t i = 0; i < len; i++) {
        if (i % 8 == 0) {
            z = t->a + (t->b ^ (i + 1) * UINT64_C(0x9e3779b97f4a7c15));
            z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
            z ^= t->b;
            z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
            z ^= z >> 31;
        }
        out[i] = (uint8_t)(z >> 8 * (i % 8));
    }
}

static covey_status cipher_key(void *provider, int32_t alg, covey_bytes raw,
                               covey_key *key)
{
    const covey_alg *row = covey_aead_find(alg);

    (void)provider;
    memset(key, 0, sizeof *key);
    if (!row) {
        return COVEY_E_UNSUPPORTED;
    }
    if (raw.len != row->key_len) {
        return COVEY_E_RANGE;
    }
    key->opaque[0] = toy_word(TOY_CIPHER, alg);
    memcpy(&key->opaque[1], raw.ptr, raw.len);
    return COVEY_OK;
}

/* The refusals that are the same in both directions. */
static covey_status refuse(const covey_alg *row, covey_bytes nonce,
                           covey_bytes aad, size_t plaintext_len)
{
    if (row->kind == COVEY_ALG_CIPHER && aad.len > 0) {
        return COVEY_E_ARGUMENT;
    }
    return nonce.len != row->nonce_len ||
                   (row->nonce_len == 13 && plaintext_len > 65535)
               ? COVEY_E_RANGE
               : COVEY_OK;
}

static const covey_alg *cipher_of(const covey_key *key)
{
    return toy_kind_of(key->opaque[0]) == TOY_CIPHER
               ? covey_aead_find(toy_id_of(key->opaque[0]))
               : NULL;
}

static struct toy keyed(const covey_key *key, covey_bytes nonce)
{
    struct toy t = toy_begin(key->opaque[0]);

    toy_absorb_span(
        &t, covey_bytes_of((const uint8_t *)&key->opaque[1], COVEY_KEY_MAX));
    toy_absorb_span(&t, nonce);
    return t;
}

static void mask(const covey_key *key, covey_bytes nonce, covey_bytes in,
                 uint8_t *out)
{
    struct toy t = keyed(key, nonce);
    uint8_t stream[8];

    for (size_t i = 0; i < in.len; i++) {
        if (i % 8 == 0) {
            t.a += i;
            toy_squeeze(&t, stream, sizeof stream);
        }
        out[i] = in.ptr[i] ^ stream[i % 8];
    }
}

static void tag_of(const covey_key *key, covey_bytes nonce, covey_bytes aad,
                   covey_bytes ciphertext, uint8_t *tag)
{
    struct toy t = keyed(key, nonce);

    toy_absorb_span(&t, aad);
    toy_absorb_span(&t, ciphertext);
    toy_squeeze(&t, tag, COVEY_TAG_MAX);
}

static covey_status seal(void *provider, covey_key *key, covey_bytes nonce,
                         covey_bytes aad, covey_bytes plaintext,
                         covey_writer *out)
{
    const covey_alg *row = cipher_of(key);
    uint8_t tag[COVEY_TAG_MAX];
    covey_status st = COVEY_E_ARGUMENT;

    (void)provider;
    if (row) {
        st = refuse(row, nonce, aad, plaintext.len);
    }
    if (st == COVEY_OK) {
        st = toy_room(out, plaintext.len + row->out_len);
    }
    if (st != COVEY_OK || plaintext.len + row->out_len == 0) {
        return st;
    }
    uint8_t *to = out->base + out->pos;
    mask(key, nonce, plaintext, to);
    tag_of(key, nonce, aad, covey_bytes_of(to, plaintext.len), tag);
    memcpy(to + plaintext.len, tag, row->out_len);
    out->pos += plaintext.len + row->out_len;
    return COVEY_OK;
}

static covey_status open(void *provider, covey_key *key, covey_bytes nonce,
                         covey_bytes aad, covey_bytes sealed,
                         covey_writer *out)
{
    const covey_alg *row = cipher_of(key);
    uint8_t tag[COVEY_TAG_MAX];
    covey_status st = COVEY_OK;

    (void)provider;
    if (!row) {
        return COVEY_E_ARGUMENT;
    }
    if (sealed.len < row->out_len) {
        return COVEY_E_AUTH;
    }
    covey_bytes ciphertext =
        covey_bytes_of(sealed.ptr, sealed.len - row->out_len);
    st = refuse(row, nonce, aad, ciphertext.len);
    if (st == COVEY_OK) {
        st = toy_room(out, ciphertext.len);
    }
    if (st != COVEY_OK || sealed.len == 0) {
        return st;
    }
    tag_of(key, nonce, aad, ciphertext, tag);
    if (!covey_secret_equal(tag, sealed.ptr + ciphertext.len, row->out_len)) {
        return COVEY_E_AUTH;
    }
    if (ciphertext.len > 0) {
        mask(key, nonce, ciphertext, out->base + out->pos);
    }
    out->pos += ciphertext.len;
    return COVEY_OK;
}

/* The row of an algorithm of this kind, or NULL. */
static const covey_alg *find(int32_t alg, covey_alg_kind kind)
{
    const covey_alg *row = covey_alg_find(alg);

    return row && row->kind == kind ? row : NULL;
}

/* Toy HMAC over three spans; `mac` may be one of them. */
static void mac_of(const covey_alg *row, covey_bytes key,
                   const covey_bytes *parts, size_t count, uint8_t *mac)
{
    struct toy t = toy_begin((uint64_t)row->out_len << 8);

    toy_absorb_span(&t, key);
    for (size_t i = 0; i < count; i++) {
        toy_absorb(&t, parts[i].ptr, parts[i].len);
    }
    toy_squeeze(&t, mac, row->out_len);
}

static covey_status hmac(void *provider, int32_t alg, covey_bytes key,
                         covey_bytes data, covey_writer *out)
{
    const covey_alg *row = find(alg, COVEY_ALG_HMAC);
    covey_status st = COVEY_OK;

    (void)provider;
    if (!row) {
        return COVEY_E_UNSUPPORTED;
    }
    st = toy_room(out, row->out_len);
    if (st == COVEY_OK) {
        mac_of(row, key, &data, 1, out->base + out->pos);
        out->pos += row->out_len;
    }
    return st;
}

/* The shape of RFC 5869 Section 2.3 around the toy HMAC. */
static covey_status hkdf_expand(void *provider, int32_t alg, covey_bytes prk,
                                covey_bytes info, covey_writer *out)
{
    const covey_alg *row = find(alg, COVEY_ALG_HMAC);
    uint8_t t[COVEY_HASH_MAX];
    size_t left = out->cap - out->pos;

    (void)provider;
    if (!row) {
        return COVEY_E_UNSUPPORTED;
    }
    if (out->failed != COVEY_OK) {
        return out->failed;
    }
    if (left == 0 || left > (size_t)255 * row->out_len ||
        prk.len < row->out_len) {
        return COVEY_E_RANGE;
    }
    for (uint8_t round = 1; left > 0; round++) {
        size_t n = left < row->out_len ? left : row->out_len;
        covey_bytes parts[3] = { covey_bytes_of(t,
                                                round == 1 ? 0 : row->out_len),
                                 info, covey_bytes_of(&round, 1) };
        mac_of(row, prk, parts, 3, t);
        memcpy(out->base + out->pos, t, n);
        out->pos += n;
        left -= n;
    }
    return COVEY_OK;
}

static covey_status hkdf(void *provider, int32_t alg, covey_bytes salt,
                         covey_bytes ikm, covey_bytes info, covey_writer *out)
{
    const covey_alg *row = find(alg, COVEY_ALG_HMAC);
    uint8_t prk[COVEY_HASH_MAX];

    if (!row) {
        return COVEY_E_UNSUPPORTED;
    }
    mac_of(row, salt, &ikm, 1, prk);
    return hkdf_expand(provider, alg, covey_bytes_of(prk, row->out_len), info,
                       out);
}

static covey_status hash_begin(void *provider, int32_t alg, covey_hash *hash)
{
    const covey_alg *row = find(alg, COVEY_ALG_HASH);
    struct toy t = toy_begin((uint64_t)(uint32_t)alg);

    (void)provider;
    memset(hash, 0, sizeof *hash);
    if (!row) {
        return COVEY_E_UNSUPPORTED;
    }
    hash->opaque[0] = toy_word(TOY_HASH, alg);
    hash->opaque[1] = t.a;
    hash->opaque[2] = t.b;
    return COVEY_OK;
}

static covey_status hash_update(void *provider, covey_hash *hash,
                                covey_bytes data)
{
    struct toy t = { hash->opaque[1], hash->opaque[2] };

    (void)provider;
    if (toy_kind_of(hash->opaque[0]) != TOY_HASH) {
        return COVEY_E_ARGUMENT;
    }
    toy_absorb(&t, data.ptr, data.len);
    hash->opaque[1] = t.a;
    hash->opaque[2] = t.b;
    return COVEY_OK;
}

static covey_status hash_clone(void *provider, const covey_hash *hash,
                               covey_hash *copy)
{
    (void)provider;
    *copy = *hash;
    return toy_kind_of(hash->opaque[0]) == TOY_HASH ? COVEY_OK
                                                    : COVEY_E_ARGUMENT;
}

static void hash_drop(void *provider, covey_hash *hash)
{
    (void)provider;
    covey_wipe(hash, sizeof *hash);
}

static covey_status hash_finish(void *provider, covey_hash *hash,
                                covey_writer *out)
{
    struct toy t = { hash->opaque[1], hash->opaque[2] };
    const covey_alg *row = covey_alg_find(toy_id_of(hash->opaque[0]));
    covey_status st = COVEY_OK;

    if (toy_kind_of(hash->opaque[0]) != TOY_HASH || !row) {
        return COVEY_E_ARGUMENT;
    }
    st = toy_room(out, row->out_len);
    if (st == COVEY_OK) {
        toy_squeeze(&t, out->base + out->pos, row->out_len);
        out->pos += row->out_len;
        hash_drop(provider, hash);
    }
    return st;
}

static void key_drop(void *provider, covey_key *key)
{
    (void)provider;
    covey_wipe(key, sizeof *key);
}

/* Not random at all; covey_scripted has its own. */
static covey_status random(void *provider, covey_writer *out)
{
    (void)provider;
    while (out->failed == COVEY_OK && out->pos < out->cap) {
        out->base[out->pos] = (uint8_t)out->pos;
        out->pos++;
    }
    return out->failed;
}

const covey_crypto covey_toy = {
    .cipher_key = cipher_key,
    .seal = seal,
    .open = open,
    .hmac = hmac,
    .hkdf = hkdf,
    .hkdf_expand = hkdf_expand,
    .hash_begin = hash_begin,
    .hash_update = hash_update,
    .hash_clone = hash_clone,
    .hash_finish = hash_finish,
    .hash_drop = hash_drop,
    .private_key = toy_private_key,
    .public_key = toy_public_key,
    .public_of = toy_public_of,
    .sign = toy_sign,
    .verify = toy_verify,
    .agree = toy_agree,
    .ecqv_public = toy_ecqv_public,
    .ecqv_private = toy_ecqv_private,
    .key_drop = key_drop,
    .random = random,
};
