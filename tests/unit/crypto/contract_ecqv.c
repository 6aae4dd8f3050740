/* SPDX-License-Identifier: BSD-2-Clause */
/* Implicit certificates: the two halves must be halves of one key, and what
 * is not a point or not a scalar is refused. */
#include "contract.h"

static const int32_t curves[] = { COVEY_P256, COVEY_P384,
                                  COVEY_BRAINPOOLP256R1,
                                  COVEY_BRAINPOOLP384R1 };

static size_t curve_count(void)
{
    return contract_curves > 3 ? COUNT_OF(curves) : 1;
}

static size_t scalar_of(int32_t curve)
{
    return curve == COVEY_P384 || curve == COVEY_BRAINPOOLP384R1 ? 48 : 32;
}

static covey_bytes fill(uint8_t *storage, uint8_t byte, int32_t curve)
{
    memset(storage, byte, scalar_of(curve));
    return covey_bytes_of(storage, scalar_of(curve));
}

static void point_of(int32_t curve, covey_bytes secret, covey_writer *out)
{
    covey_key key;

    CHECK_STATUS(COVEY_OK,
                 crypto.private_key(crypto.provider, curve, secret, &key));
    CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &key, out));
    crypto.key_drop(crypto.provider, &key);
}

void reconstructs_two_halves_of_one_key(void **state)
{
    uint8_t e_bytes[48];
    uint8_t k_bytes[48];
    uint8_t c_bytes[48];
    uint8_t d_bytes[48];
    uint8_t points[3][COVEY_PUBLIC_MAX];

    (void)state;
    for (size_t i = 0; i < curve_count(); i++) {
        covey_bytes e = fill(e_bytes, 0xfe, curves[i]); /* beyond n */
        covey_bytes k = fill(k_bytes, 3, curves[i]);
        covey_bytes c = fill(c_bytes, 5, curves[i]);
        covey_writer p = covey_writer_of(points[0], COVEY_PUBLIC_MAX);
        covey_writer q = covey_writer_of(points[1], COVEY_PUBLIC_MAX);
        covey_writer right = covey_writer_of(points[2], COVEY_PUBLIC_MAX);
        covey_writer d = covey_writer_of(d_bytes, sizeof d_bytes);
        covey_key base;
        covey_key key;

        kit_case(covey_curve_name(curves[i]));
        point_of(curves[i], k, &p);
        CHECK_STATUS(COVEY_OK,
                     crypto.private_key(crypto.provider, curves[i], c, &base));
        CHECK_STATUS(COVEY_OK,
                     crypto.ecqv_public(crypto.provider, e, covey_written(&p),
                                        &base, &key));
        CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &key, &q));
        CHECK_STATUS(COVEY_OK, crypto.ecqv_private(crypto.provider, curves[i],
                                                   e, k, c, &d));
        assert_int_equal(d.pos, scalar_of(curves[i]));
        point_of(curves[i], covey_written(&d), &right);
        CHECK_SPAN(covey_written(&right), covey_written(&q));
        crypto.key_drop(crypto.provider, &base);
        crypto.key_drop(crypto.provider, &key);
    }
    kit_case(NULL);
}

void refuses_to_reconstruct_without_point_or_scalar(void **state)
{
    static const covey_key empty;
    uint8_t bytes[COVEY_PUBLIC_MAX];
    uint8_t out[48];
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_bytes e = fill(bytes, 3, COVEY_P256);
    covey_bytes none = covey_bytes_of(NULL, 0);
    uint8_t point[COVEY_PUBLIC_MAX];
    covey_writer p = covey_writer_of(point, sizeof point);
    covey_key okp;
    covey_key base;
    covey_key key;

    (void)state;
    point_of(COVEY_P256, e, &p);
    CHECK_STATUS(COVEY_OK,
                 crypto.private_key(crypto.provider, COVEY_ED25519, e, &okp));
    CHECK_STATUS(COVEY_OK,
                 crypto.private_key(crypto.provider, COVEY_P256, e, &base));
    CHECK_STATUS(
        COVEY_E_ARGUMENT,
        crypto.ecqv_public(crypto.provider, e, covey_written(&p), &okp, &key));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 crypto.ecqv_public(crypto.provider, e, covey_written(&p),
                                    &empty, &key));
    CHECK_STATUS(COVEY_E_RANGE,
                 crypto.ecqv_public(crypto.provider, e, none, &base, &key));
    e.len--;
    CHECK_STATUS(COVEY_E_RANGE,
                 crypto.ecqv_public(crypto.provider, e, covey_written(&p),
                                    &base, &key));
    assert_memory_equal(&key, &empty, sizeof key);
    CHECK_STATUS(COVEY_E_RANGE, crypto.ecqv_private(crypto.provider,
                                                    COVEY_P256, e, e, e, &w));
    e.len++;
    CHECK_STATUS(
        COVEY_E_UNSUPPORTED,
        crypto.ecqv_private(crypto.provider, COVEY_X25519, e, e, e, &w));
    w.cap = 31;
    CHECK_STATUS(COVEY_E_ROOM, crypto.ecqv_private(crypto.provider, COVEY_P256,
                                                   e, e, e, &w));
    assert_int_equal(w.pos, 0);
    crypto.key_drop(crypto.provider, &okp);
    crypto.key_drop(crypto.provider, &base);
}
