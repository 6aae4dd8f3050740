/* SPDX-License-Identifier: BSD-2-Clause */
/* The arithmetic of implicit certificates (ECQV, SEC 4) with libcrypto. What
 * goes into the public half is public; the private half is a multiplication
 * and an addition of scalars that libcrypto is told to do in constant time. */
#include "internal.h"

static EC_POINT *point_from(struct provider *p, const EC_GROUP *group,
                            covey_bytes encoded)
{
    EC_POINT *point = EC_POINT_new(group);

    if (point && EC_POINT_oct2point(group, point, encoded.ptr, encoded.len,
                                    p->bn) != 1) {
        EC_POINT_free(point);
        point = NULL;
    }
    return point;
}

/* factor * point + base, uncompressed. Both points have been on the curve. */
static covey_status sum_of(struct provider *p, const EC_GROUP *group,
                           covey_bytes factor, covey_bytes point,
                           covey_writer *base_and_sum)
{
    EC_POINT *base = point_from(p, group, covey_written(base_and_sum));
    EC_POINT *q = point_from(p, group, point);
    BIGNUM *e = BN_bin2bn(factor.ptr, (int)factor.len, NULL);
    covey_status st = COVEY_E_CRYPTO;

    if (!base || !q || !e || EC_POINT_mul(group, q, NULL, q, e, p->bn) != 1 ||
        EC_POINT_add(group, q, q, base, p->bn) != 1) {
        goto out;
    }
    if (EC_POINT_is_at_infinity(group, q)) {
        st = COVEY_E_RANGE;
    } else if (EC_POINT_point2oct(group, q, POINT_CONVERSION_UNCOMPRESSED,
                                  base_and_sum->base, base_and_sum->pos,
                                  p->bn) == base_and_sum->pos) {
        st = COVEY_OK;
    }
out:
    BN_free(e);
    EC_POINT_free(q);
    EC_POINT_free(base);
    return st;
}

covey_status ecqv_public(void *provider, covey_bytes factor, covey_bytes point,
                         const covey_key *base, covey_key *key)
{
    int32_t curve = handle_id_of(base->opaque[0]);
    uint8_t storage[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    size_t scalar = 0;
    const EC_GROUP *group = ec2_group(provider, curve, &scalar);
    covey_status st = public_of(provider, base, &w);

    if (!group || st == COVEY_E_ARGUMENT) {
        memset(key, 0, sizeof *key);
        return COVEY_E_ARGUMENT;
    }
    if (st == COVEY_OK) {
        st = factor.len == scalar ? public_key(provider, curve, point, key)
                                  : COVEY_E_RANGE;
    }
    if (st != COVEY_OK) {
        memset(key, 0, sizeof *key);
        return st;
    }
    key_drop(provider, key); /* it only showed that the point is one */
    st = sum_of(provider, group, factor, point, &w);
    if (st == COVEY_OK) {
        return public_key(provider, curve, covey_written(&w), key);
    }
    (void)host_failure();
    return st;
}

/* A secret scalar; NULL if memory is short. */
static BIGNUM *scalar_from(covey_bytes raw)
{
    BIGNUM *v = BN_secure_new();

    if (v && !BN_bin2bn(raw.ptr, (int)raw.len, v)) {
        BN_clear_free(v);
        v = NULL;
    }
    if (v) {
        BN_set_flags(v, BN_FLG_CONSTTIME);
    }
    return v;
}

/* BN_mod_mul and BN_mod_add keep to the flag; both inputs are below n. */
static covey_status multiply_add(struct provider *p, const BIGNUM *n,
                                 BIGNUM *const v[3], uint8_t *out, size_t len)
{
    if (BN_cmp(v[1], n) >= 0 || BN_cmp(v[2], n) >= 0) {
        return COVEY_E_RANGE;
    }
    if (BN_mod_mul(v[1], v[1], v[0], n, p->bn) != 1 ||
        BN_mod_add_quick(v[1], v[1], v[2], n) != 1) {
        return host_failure();
    }
    if (BN_is_zero(v[1])) {
        return COVEY_E_RANGE;
    }
    return BN_bn2binpad(v[1], out, (int)len) == (int)len ? COVEY_OK
                                                         : host_failure();
}

covey_status ecqv_private(void *provider, int32_t curve, covey_bytes factor,
                          covey_bytes secret, covey_bytes addend,
                          covey_writer *out)
{
    struct provider *p = provider;
    size_t len = 0;
    const EC_GROUP *group = ec2_group(p, curve, &len);
    BIGNUM *v[3] = { NULL, NULL, NULL };
    covey_status st;

    if (!group) {
        return COVEY_E_UNSUPPORTED;
    }
    if (factor.len != len || secret.len != len || addend.len != len) {
        return COVEY_E_RANGE;
    }
    st = has_room(out, len);
    if (st != COVEY_OK) {
        return st;
    }
    v[0] = scalar_from(factor);
    v[1] = scalar_from(secret);
    v[2] = scalar_from(addend);
    st = v[0] && v[1] && v[2] ? multiply_add(p, EC_GROUP_get0_order(group), v,
                                             writer_at(out), len)
                              : host_failure();
    for (size_t i = 0; i < 3; i++) {
        BN_clear_free(v[i]);
    }
    if (st == COVEY_OK) {
        out->pos += len;
    }
    return st;
}
