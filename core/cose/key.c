/* SPDX-License-Identifier: BSD-2-Clause */
/* COSE_Key of the types OKP and EC2. */
#include <covey/cose.h>

#include "cose_internal.h"

/* Labels: RFC 9052 Section 7.1, RFC 9053 Section 7. */
enum {
    LABEL_KTY = 1,
    LABEL_KID = 2,
    LABEL_ALG = 3,
    LABEL_CRV = -1,
    LABEL_X = -2,
    LABEL_Y = -3,
    LABEL_D = -4
};

/* The bit that says that a label was there. */
#define SEEN(label) (1u << ((label)-LABEL_D))

/* A key being read, its identifiers not yet known to be ours. */
struct draft {
    covey_cose_key key;
    int32_t kty;
    int32_t curve;
    unsigned seen;
};

/* Length of x, y and d in bytes: RFC 9053 Sections 7.1.1 and 7.2, RFC 7748,
 * RFC 8032. */
struct curve {
    uint8_t id;
    uint8_t kty;
    uint8_t len;
};

/* clang-format off */
static const struct curve curves[] = {
    { COVEY_P256,    COVEY_KTY_EC2, 32 },
    { COVEY_P384,    COVEY_KTY_EC2, 48 },
    { COVEY_P521,    COVEY_KTY_EC2, 66 },
    { COVEY_X25519,  COVEY_KTY_OKP, 32 },
    { COVEY_X448,    COVEY_KTY_OKP, 56 },
    { COVEY_ED25519, COVEY_KTY_OKP, 32 },
    { COVEY_ED448,   COVEY_KTY_OKP, 57 },
};
/* clang-format on */

int64_t covey__cose_label(covey_cbor_reader *r)
{
    if (covey_cbor_peek(r) == COVEY_CBOR_TEXT) {
        covey_cbor_skip(r);
        return COSE_LABEL_TEXT;
    }
    return covey_cbor_get_int(r);
}

/* A value from a registry. Those that are text or beyond 32 bits are nobody's
 * here. */
static int32_t get_id(covey_cbor_reader *r)
{
    int64_t id = covey__cose_label(r);

    if (id < INT32_MIN || id > INT32_MAX) {
        covey_cbor_fail(r, COVEY_E_UNSUPPORTED);
        return 0;
    }
    return (int32_t)id;
}

static void get_y(covey_cose_key *key, covey_cbor_reader *r)
{
    if (covey_cbor_peek(r) == COVEY_CBOR_BYTES) {
        key->y = covey_cbor_get_bytes(r);
    } else {
        key->y_odd = covey_cbor_get_bool(r);
    }
}

static void get_entry(struct draft *d, covey_cbor_reader *r)
{
    int64_t label = covey__cose_label(r);

    if (label >= LABEL_D && label <= LABEL_ALG) {
        if (d->seen & SEEN(label)) {
            covey_cbor_fail(r, COVEY_E_FORMAT);
        }
        d->seen |= SEEN(label);
    }
    switch (label) {
    case LABEL_KTY:
        d->kty = get_id(r);
        break;
    case LABEL_KID:
        d->key.kid = covey_cbor_get_bytes(r);
        break;
    case LABEL_ALG:
        d->key.alg = get_id(r);
        break;
    case LABEL_CRV:
        d->curve = get_id(r);
        break;
    case LABEL_X:
        d->key.x = covey_cbor_get_bytes(r);
        break;
    case LABEL_Y:
        get_y(&d->key, r);
        break;
    case LABEL_D:
        d->key.d = covey_cbor_get_bytes(r);
        break;
    default:
        covey_cbor_skip(r);
        break;
    }
}

static const struct curve *find_curve(int32_t id)
{
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (curves[i].id == id) {
            return &curves[i];
        }
    }
    return NULL;
}

static bool fits(covey_bytes optional, size_t len)
{
    return optional.ptr == NULL || optional.len == len;
}

/* Whether the entries make a key. */
static covey_status judge(const struct draft *d)
{
    const unsigned needed = SEEN(LABEL_KTY) | SEEN(LABEL_CRV) | SEEN(LABEL_X);
    const struct curve *curve = find_curve(d->curve);
    bool has_y = (d->seen & SEEN(LABEL_Y)) != 0;

    if ((d->seen & SEEN(LABEL_KTY)) && d->kty != COVEY_KTY_OKP &&
        d->kty != COVEY_KTY_EC2) {
        return COVEY_E_UNSUPPORTED;
    }
    if ((d->seen & needed) != needed || has_y != (d->kty == COVEY_KTY_EC2)) {
        return COVEY_E_FORMAT;
    }
    if (curve == NULL) {
        return COVEY_E_UNSUPPORTED;
    }
    return curve->kty == d->kty && fits(d->key.x, curve->len) &&
                   fits(d->key.y, curve->len) && fits(d->key.d, curve->len)
               ? COVEY_OK
               : COVEY_E_RANGE;
}

covey_status covey_cose_key_parse(covey_cose_key *out, covey_bytes cbor)
{
    covey_cbor_reader r = covey_cbor_reader_of(cbor, COVEY_CBOR_WELL_FORMED);
    struct draft d = { 0 };
    covey_status st;

    for (size_t n = covey_cbor_get_map(&r); covey_cbor_more(&r, &n);) {
        get_entry(&d, &r);
    }
    st = covey_cbor_finish(&r);
    if (st == COVEY_OK) {
        st = judge(&d);
    }
    if (st == COVEY_OK) {
        d.key.kty = (covey_cose_kty)d.kty;
        d.key.curve = (covey_curve)d.curve;
        *out = d.key;
    }
    return st;
}

static void put_optional(covey_writer *w, int label, covey_bytes value)
{
    if (value.ptr != NULL) {
        covey_cbor_put_int(w, label);
        covey_cbor_put_bytes(w, value);
    }
}

/* In the order of RFC 8949 Section 4.2.1: 1, 2, 3, -1, -2, -3, -4. */
void covey_cose_key_put(covey_writer *w, const covey_cose_key *key)
{
    bool has_y = key->kty == COVEY_KTY_EC2;

    covey_cbor_put_map(w, 3u + (key->kid.ptr != NULL) + (key->alg != 0) +
                              has_y + (key->d.ptr != NULL));
    covey_cbor_put_int(w, LABEL_KTY);
    covey_cbor_put_int(w, key->kty);
    put_optional(w, LABEL_KID, key->kid);
    if (key->alg != 0) {
        covey_cbor_put_int(w, LABEL_ALG);
        covey_cbor_put_int(w, key->alg);
    }
    covey_cbor_put_int(w, LABEL_CRV);
    covey_cbor_put_int(w, key->curve);
    covey_cbor_put_int(w, LABEL_X);
    covey_cbor_put_bytes(w, key->x);
    if (has_y && key->y.ptr == NULL) {
        covey_cbor_put_int(w, LABEL_Y);
        covey_cbor_put_bool(w, key->y_odd);
    } else if (has_y) {
        put_optional(w, LABEL_Y, key->y);
    }
    put_optional(w, LABEL_D, key->d);
}

void covey_cose_key_put_public(covey_writer *w, const covey_cose_key *key)
{
    if (key->kty == COVEY_KTY_EC2) {
        covey_write_u8(w, key->y.ptr != NULL ? COSE_POINT_WHOLE
                          : key->y_odd       ? COSE_POINT_ODD
                                             : COSE_POINT_EVEN);
    }
    covey_write_bytes(w, key->x);
    covey_write_bytes(w, key->y);
}
