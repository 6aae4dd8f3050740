/* SPDX-License-Identifier: BSD-2-Clause */
/* Toy curves: Diffie-Hellman modulo 2^31 - 1, and "signatures" that anybody
 * who knows the public key can make. A handle holds x (the 32 bytes of an OKP
 * key) and then y (EC2) or the private key. */
#include "toy.h"

#include <string.h>

enum {
    PART = 32,
    POINT = 65,
    COMPRESSED = 33,
    SIGNATURE = 64
};

#define PRIME     UINT32_C(0x7fffffff)
#define ORDER     (PRIME - 1)
#define GENERATOR UINT32_C(7) /* of the whole group */

static uint8_t *part_in(covey_key *key, size_t index)
{
    return (uint8_t *)&key->opaque[1] + index * PART;
}

static const uint8_t *part_of(const covey_key *key, size_t index)
{
    return (const uint8_t *)&key->opaque[1] + index * PART;
}

static uint32_t power(uint32_t base, uint32_t exponent)
{
    uint64_t result = 1;
    uint64_t square = base;

    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1) {
            result = result * square % PRIME;
        }
        square = square * square % PRIME;
    }
    return (uint32_t)result;
}

/* An element of the group from any 32 bytes, and an exponent likewise. */
static uint32_t element_of(const uint8_t *x)
{
    uint32_t v = (uint32_t)x[0] << 24 | (uint32_t)x[1] << 16 |
                 (uint32_t)x[2] << 8 | x[3];

    return v % (PRIME - 1) + 1;
}

/* The number that these bytes are, modulo the order of the group: sums and
 * products of private keys are then those of exponents. */
static uint32_t exponent_of(const uint8_t *private_key)
{
    uint64_t v = 0;

    for (size_t i = 0; i < PART; i++) {
        v = (v << 8 | private_key[i]) % ORDER;
    }
    return (uint32_t)v;
}

static void x_of_element(uint32_t element, uint8_t *x)
{
    uint32_t v = element - 1;

    memset(x, 0x5a, PART);
    x[0] = (uint8_t)(v >> 24);
    x[1] = (uint8_t)(v >> 16);
    x[2] = (uint8_t)(v >> 8);
    x[3] = (uint8_t)v;
}

/* Of the two, the one with this lowest bit. */
static void y_of_x(const uint8_t *x, unsigned odd, uint8_t *y)
{
    struct toy t = toy_begin(1);

    toy_absorb(&t, x, PART);
    toy_squeeze(&t, y, PART);
    y[PART - 1] = (uint8_t)((y[PART - 1] & ~1u) | odd);
}

static bool is_zero(const uint8_t *bytes)
{
    static const uint8_t zeros[PART];

    return memcmp(bytes, zeros, PART) == 0;
}

static bool has_curve(int32_t curve)
{
    return curve == COVEY_ED25519 || curve == COVEY_X25519 ||
           curve == COVEY_P256;
}

static bool is_asymmetric(const covey_key *key)
{
    enum toy_kind kind = toy_kind_of(key->opaque[0]);

    return kind == TOY_PUBLIC || kind == TOY_PRIVATE;
}

covey_status toy_private_key(void *provider, int32_t curve, covey_bytes raw,
                             covey_key *key)
{
    (void)provider;
    memset(key, 0, sizeof *key);
    if (!has_curve(curve)) {
        return COVEY_E_UNSUPPORTED;
    }
    if (raw.len != PART || (curve == COVEY_P256 && is_zero(raw.ptr))) {
        return COVEY_E_RANGE;
    }
    key->opaque[0] = toy_word(TOY_PRIVATE, curve);
    x_of_element(power(GENERATOR, exponent_of(raw.ptr)), part_in(key, 0));
    memcpy(part_in(key, 1), raw.ptr, PART);
    return COVEY_OK;
}

static covey_status ec2_public(covey_bytes encoded, covey_key *key)
{
    unsigned form = encoded.len > 0 ? encoded.ptr[0] : 0;
    bool whole = encoded.len == POINT && form == 4;

    if (!whole && !(encoded.len == COMPRESSED && (form == 2 || form == 3))) {
        return COVEY_E_RANGE;
    }
    memcpy(part_in(key, 0), encoded.ptr + 1, PART);
    if (whole) {
        memcpy(part_in(key, 1), encoded.ptr + 1 + PART, PART);
    } else {
        y_of_x(encoded.ptr + 1, form & 1, part_in(key, 1));
    }
    return COVEY_OK;
}

covey_status toy_public_key(void *provider, int32_t curve, covey_bytes encoded,
                            covey_key *key)
{
    covey_status st = COVEY_OK;

    (void)provider;
    memset(key, 0, sizeof *key);
    if (!has_curve(curve)) {
        return COVEY_E_UNSUPPORTED;
    }
    if (curve == COVEY_P256) {
        st = ec2_public(encoded, key);
    } else if (encoded.len == PART) {
        memcpy(part_in(key, 0), encoded.ptr, PART);
    } else {
        st = COVEY_E_RANGE;
    }
    if (st != COVEY_OK ||
        (curve != COVEY_X25519 && is_zero(part_of(key, 0)))) {
        memset(key, 0, sizeof *key);
        return COVEY_E_RANGE;
    }
    key->opaque[0] = toy_word(TOY_PUBLIC, curve);
    return COVEY_OK;
}

covey_status toy_public_of(void *provider, const covey_key *key,
                           covey_writer *out)
{
    bool ec2 = toy_id_of(key->opaque[0]) == COVEY_P256;
    size_t len = ec2 ? POINT : PART;
    covey_status st = COVEY_OK;

    (void)provider;
    if (!is_asymmetric(key)) {
        return COVEY_E_ARGUMENT;
    }
    st = toy_room(out, len);
    if (st != COVEY_OK) {
        return st;
    }
    uint8_t *to = out->base + out->pos;
    if (ec2) {
        *to++ = 4;
        if (toy_kind_of(key->opaque[0]) == TOY_PRIVATE) {
            y_of_x(part_of(key, 0), 0, to + PART);
        } else {
            memcpy(to + PART, part_of(key, 1), PART);
        }
    }
    memcpy(to, part_of(key, 0), PART);
    out->pos += len;
    return COVEY_OK;
}

static covey_status fits(const covey_key *key, int32_t alg)
{
    int32_t curve = is_asymmetric(key) ? toy_id_of(key->opaque[0]) : 0;

    if (alg != COVEY_EDDSA && alg != COVEY_ES256) {
        return COVEY_E_UNSUPPORTED;
    }
    return curve == (alg == COVEY_EDDSA ? COVEY_ED25519 : COVEY_P256)
               ? COVEY_OK
               : COVEY_E_ARGUMENT;
}

static void signature_of(const covey_key *key, int32_t alg, covey_bytes tbs,
                         uint8_t *signature)
{
    struct toy t = toy_begin((uint64_t)(uint32_t)alg);

    toy_absorb_span(&t, covey_bytes_of(part_of(key, 0), PART));
    toy_absorb_span(&t, tbs);
    toy_squeeze(&t, signature, SIGNATURE);
}

covey_status toy_sign(void *provider, covey_key *key, int32_t alg,
                      covey_bytes tbs, covey_writer *out)
{
    covey_status st = fits(key, alg);

    (void)provider;
    if (st == COVEY_OK && toy_kind_of(key->opaque[0]) != TOY_PRIVATE) {
        st = COVEY_E_ARGUMENT;
    }
    if (st == COVEY_OK) {
        st = toy_room(out, SIGNATURE);
    }
    if (st == COVEY_OK) {
        signature_of(key, alg, tbs, out->base + out->pos);
        out->pos += SIGNATURE;
    }
    return st;
}

covey_status toy_verify(void *provider, covey_key *key, int32_t alg,
                        covey_bytes tbs, covey_bytes signature)
{
    uint8_t right[SIGNATURE];
    covey_status st = fits(key, alg);

    (void)provider;
    if (st != COVEY_OK) {
        return st;
    }
    signature_of(key, alg, tbs, right);
    return signature.len == SIGNATURE &&
                   covey_secret_equal(right, signature.ptr, SIGNATURE)
               ? COVEY_OK
               : COVEY_E_AUTH;
}

covey_status toy_agree(void *provider, covey_key *own, const covey_key *peer,
                       covey_writer *out)
{
    struct toy t = toy_begin(2);
    uint8_t x[PART];
    covey_status st = COVEY_OK;

    (void)provider;
    if (toy_kind_of(own->opaque[0]) != TOY_PRIVATE || !is_asymmetric(peer) ||
        toy_id_of(own->opaque[0]) != toy_id_of(peer->opaque[0])) {
        return COVEY_E_ARGUMENT;
    }
    if (is_zero(part_of(peer, 0))) {
        return COVEY_E_RANGE;
    }
    st = toy_room(out, PART);
    if (st == COVEY_OK) {
        x_of_element(
            power(element_of(part_of(peer, 0)), exponent_of(part_of(own, 1))),
            x);
        toy_absorb(&t, x, PART);
        toy_squeeze(&t, out->base + out->pos, PART);
        out->pos += PART;
    }
    return st;
}

/* point^factor * base, since the toy's group is written with products. */
covey_status toy_ecqv_public(void *provider, covey_bytes factor,
                             covey_bytes point, const covey_key *base,
                             covey_key *key)
{
    uint8_t encoded[COMPRESSED] = { 2 };
    uint64_t sum = 0;
    covey_status st = COVEY_E_ARGUMENT;

    memset(key, 0, sizeof *key);
    if (!is_asymmetric(base) || toy_id_of(base->opaque[0]) != COVEY_P256) {
        return st;
    }
    st = factor.len == PART ? toy_public_key(provider, COVEY_P256, point, key)
                            : COVEY_E_RANGE;
    if (st != COVEY_OK) {
        return st;
    }
    sum = power(element_of(part_of(key, 0)), exponent_of(factor.ptr));
    sum = sum * element_of(part_of(base, 0)) % PRIME;
    x_of_element((uint32_t)sum, encoded + 1);
    return toy_public_key(provider, COVEY_P256,
                          covey_bytes_of(encoded, sizeof encoded), key);
}

covey_status toy_ecqv_private(void *provider, int32_t curve,
                              covey_bytes factor, covey_bytes secret,
                              covey_bytes addend, covey_writer *out)
{
    uint64_t v = 0;
    covey_status st = COVEY_E_RANGE;

    (void)provider;
    if (curve != COVEY_P256) {
        return COVEY_E_UNSUPPORTED;
    }
    if (factor.len != PART || secret.len != PART || addend.len != PART) {
        return st;
    }
    v = (uint64_t)exponent_of(factor.ptr) * exponent_of(secret.ptr) +
        exponent_of(addend.ptr);
    v %= ORDER;
    if (v != 0) {
        st = toy_room(out, PART);
    }
    if (st == COVEY_OK) {
        memset(out->base + out->pos, 0, PART);
        for (size_t i = 0; i < sizeof v; i++) {
            out->base[out->pos + PART - 1 - i] = (uint8_t)(v >> 8 * i);
        }
        out->pos += PART;
    }
    return st;
}
