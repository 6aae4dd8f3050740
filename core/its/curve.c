/* SPDX-License-Identifier: BSD-2-Clause */
/* Curve points, public keys and signatures (1609.2 clauses 6.3.23 to 6.3.36),
 * and what belongs to each curve. Keys and signatures number the curves in the
 * same way, and those of 384 bits and SM2 are open types in both. */
#include "its_internal.h"

struct curve_row {
    const char *name;
    int32_t curve;
    int32_t signs;
    uint8_t coordinate;
    uint8_t hash;
};

/* In the order of covey_its_alg. */
/* clang-format off */
static const struct curve_row curves[] = {
    { "P-256",           COVEY_P256, COVEY_ES256, 32, COVEY_ITS_SHA256 },
    { "brainpoolP256r1", COVEY_BRAINPOOLP256R1, COVEY_ESB256, 32,
      COVEY_ITS_SHA256 },
    { "brainpoolP384r1", COVEY_BRAINPOOLP384R1, COVEY_ESB384, 48,
      COVEY_ITS_SHA384 },
    { "P-384",           COVEY_P384, COVEY_ES384, 48, COVEY_ITS_SHA384 },
    { "SM2",             0, 0, 32, COVEY_ITS_SM3 },
};

/* In the order of covey_its_hash. */
static const struct hash_row {
    const char *name;
    int32_t alg;
    uint8_t len;
} hashes[] = {
    { "SHA-256", COVEY_SHA_256, 32 },
    { "SHA-384", COVEY_SHA_384, 48 },
    { "SM3",     0,             32 },
};
/* clang-format on */

enum {
    CURVES = sizeof curves / sizeof curves[0],
    HASHES = sizeof hashes / sizeof hashes[0],
    POINT_FORMS = 5
};

static const struct curve_row *row_of(covey_its_alg alg)
{
    return &curves[(unsigned)alg < CURVES ? (unsigned)alg : COVEY_ITS_SM2];
}

const char *covey_its_alg_name(covey_its_alg alg)
{
    return row_of(alg)->name;
}

int32_t covey_its_curve(covey_its_alg alg)
{
    return row_of(alg)->curve;
}

int32_t covey_its_signs(covey_its_alg alg)
{
    return row_of(alg)->signs;
}

covey_its_hash covey_its_hash_of(covey_its_alg alg)
{
    return (covey_its_hash)row_of(alg)->hash;
}

size_t covey__its_coordinate(covey_its_alg alg)
{
    return row_of(alg)->coordinate;
}

static const struct hash_row *hash_row_of(covey_its_hash hash)
{
    return &hashes[(unsigned)hash < HASHES ? (unsigned)hash : COVEY_ITS_SM3];
}

const char *covey_its_hash_name(covey_its_hash hash)
{
    return hash_row_of(hash)->name;
}

int32_t covey__its_hash_alg(covey_its_hash hash)
{
    return hash_row_of(hash)->alg;
}

size_t covey__its_hash_len(covey_its_hash hash)
{
    return hash_row_of(hash)->len;
}

static covey_its_point read_point(struct oer *o, size_t coordinate)
{
    covey_its_point p = { COVEY_ITS_FILL, { NULL, 0 }, { NULL, 0 } };
    unsigned form = covey__oer_choice(o, POINT_FORMS);

    if (!covey__oer_fine(o)) {
        return p;
    }
    p.form = (covey_its_form)form;
    if (p.form != COVEY_ITS_FILL) {
        p.x = covey__oer_bytes(o, coordinate);
    }
    if (p.form == COVEY_ITS_UNCOMPRESSED) {
        p.y = covey__oer_bytes(o, coordinate);
    }
    return p;
}

static bool is_open(covey_its_alg alg)
{
    return alg != COVEY_ITS_P256 && alg != COVEY_ITS_BRAINPOOL_P256R1;
}

covey_its_point covey__its_read_key_point(struct oer *o, size_t coordinate,
                                          size_t at)
{
    covey_its_point p = read_point(o, coordinate);

    if (p.form == COVEY_ITS_X_ONLY || p.form == COVEY_ITS_FILL) {
        covey__oer_refuse(o, COVEY_E_RANGE, COVEY_ITS_R_POINT, at);
    }
    return p;
}

covey_its_public covey__its_read_public(struct oer *o)
{
    covey_its_public key = { COVEY_ITS_P256, { 0 } };
    size_t end = 0;
    size_t at;

    key.alg = (covey_its_alg)covey__oer_choice(o, CURVES);
    if (is_open(key.alg)) {
        end = covey__oer_open(o);
    }
    at = o->r.pos;
    key.point =
        covey__its_read_key_point(o, covey__its_coordinate(key.alg), at);
    if (is_open(key.alg)) {
        covey__oer_close(o, end);
    }
    return key;
}

covey_its_signature covey__its_read_signature(struct oer *o)
{
    covey_its_signature sig = { .alg = COVEY_ITS_P256 };
    size_t end = 0;
    size_t at;

    sig.alg = (covey_its_alg)covey__oer_choice(o, CURVES);
    if (is_open(sig.alg)) {
        end = covey__oer_open(o);
    }
    at = o->r.pos;
    if (sig.alg == COVEY_ITS_SM2) {
        sig.r.x = covey__oer_bytes(o, covey__its_coordinate(sig.alg));
    } else {
        sig.r = read_point(o, covey__its_coordinate(sig.alg));
    }
    if (sig.r.form == COVEY_ITS_FILL) {
        covey__oer_refuse(o, COVEY_E_RANGE, COVEY_ITS_R_POINT, at);
    }
    sig.s = covey__oer_bytes(o, covey__its_coordinate(sig.alg));
    if (is_open(sig.alg)) {
        covey__oer_close(o, end);
    }
    return sig;
}

void covey__its_put_point(covey_writer *w, const covey_its_point *point)
{
    covey__oer_put_choice(w, point->form);
    covey_write_bytes(w, point->x);
    covey_write_bytes(w, point->y);
}

void covey__its_put_public(covey_writer *w, const covey_its_public *key)
{
    covey__oer_put_choice(w, key->alg);
    if (is_open(key->alg)) {
        covey__oer_put_length(w, 1 + key->point.x.len + key->point.y.len);
    }
    covey__its_put_point(w, &key->point);
}

void covey__its_put_signature(covey_writer *w,
                              const covey_its_signature *signature)
{
    const covey_its_point *r = &signature->r;
    bool bare = signature->alg == COVEY_ITS_SM2;

    covey__oer_put_choice(w, signature->alg);
    if (is_open(signature->alg)) {
        covey__oer_put_length(w, (bare ? 0u : 1u) + r->x.len + r->y.len +
                                     signature->s.len);
    }
    if (bare) {
        covey_write_bytes(w, r->x);
    } else {
        covey__its_put_point(w, r);
    }
    covey_write_bytes(w, signature->s);
}

covey_its_point covey__its_compressed(const covey_its_point *point)
{
    covey_its_point c = *point;

    if (c.form == COVEY_ITS_UNCOMPRESSED && c.y.len > 0) {
        c.form = (c.y.ptr[c.y.len - 1] & 1) != 0 ? COVEY_ITS_COMPRESSED_1
                                                 : COVEY_ITS_COMPRESSED_0;
        c.y = covey_bytes_of(NULL, 0);
    }
    return c;
}
