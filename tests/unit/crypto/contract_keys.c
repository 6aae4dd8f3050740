/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

/* The first three have to be there; `contract_curves` says how many are. */
static const struct {
    int32_t curve;
    int32_t alg; /* of its signatures, or 0 */
    size_t public_len;
    size_t private_len;
    size_t signature_len;
} curves[] = {
    { COVEY_ED25519, COVEY_EDDSA, 32, 32, 64 },
    { COVEY_P256, COVEY_ES256, 65, 32, 64 },
    { COVEY_X25519, 0, 32, 32, 0 },
    { COVEY_P384, COVEY_ES384, 97, 48, 96 },
    { COVEY_BRAINPOOLP256R1, COVEY_ESB256, 65, 32, 64 },
    { COVEY_BRAINPOOLP384R1, COVEY_ESB384, 97, 48, 96 },
};

static covey_key private_of(int32_t curve, uint8_t seed)
{
    uint8_t raw[COVEY_PRIVATE_MAX];
    size_t len = 0;
    covey_key key;

    for (size_t i = 0; i < COUNT_OF(curves); i++) {
        len = curves[i].curve == curve ? curves[i].private_len : len;
    }
    memset(raw, seed, sizeof raw);
    kit_case(covey_curve_name(curve));
    CHECK_STATUS(COVEY_OK, crypto.private_key(crypto.provider, curve,
                                              covey_bytes_of(raw, len), &key));
    return key;
}

static covey_key public_of(int32_t curve, const covey_key *private_key)
{
    uint8_t encoded[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(encoded, sizeof encoded);
    covey_key key;

    CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, private_key, &w));
    CHECK_STATUS(COVEY_OK, crypto.public_key(crypto.provider, curve,
                                             covey_written(&w), &key));
    return key;
}

static void drop(covey_key *key)
{
    crypto.key_drop(crypto.provider, key);
    kit_case(NULL);
}

static int32_t curve_signing(int32_t alg)
{
    for (size_t i = 0; i < COUNT_OF(curves); i++) {
        if (curves[i].alg == alg) {
            return curves[i].curve;
        }
    }
    return 0;
}

static covey_bytes signed_by(covey_key *key, int32_t alg, covey_bytes tbs,
                             uint8_t *storage)
{
    covey_writer w = covey_writer_of(storage, COVEY_SIGNATURE_MAX);

    CHECK_STATUS(COVEY_OK, crypto.sign(crypto.provider, key, alg, tbs, &w));
    assert_int_equal(w.pos, covey_signature_len(alg, curve_signing(alg)));
    return covey_written(&w);
}

void verifies_what_it_signed(void **state)
{
    static const uint8_t text[200] = "to be signed";
    uint8_t storage[COVEY_SIGNATURE_MAX];

    (void)state;
    for (size_t i = 0; i < contract_curves; i++) {
        if (curves[i].alg == 0) {
            continue;
        }
        covey_key own = private_of(curves[i].curve, 7);
        covey_key other = private_of(curves[i].curve, 8);
        covey_key peer = public_of(curves[i].curve, &own);
        for (size_t len = 0; len <= sizeof text; len += 25) {
            covey_bytes tbs = covey_bytes_of(len ? text : NULL, len);
            covey_bytes sig = signed_by(&own, curves[i].alg, tbs, storage);
            CHECK_STATUS(COVEY_OK, crypto.verify(crypto.provider, &peer,
                                                 curves[i].alg, tbs, sig));
            CHECK_STATUS(COVEY_OK, crypto.verify(crypto.provider, &own,
                                                 curves[i].alg, tbs, sig));
            CHECK_STATUS(COVEY_E_AUTH, crypto.verify(crypto.provider, &other,
                                                     curves[i].alg, tbs, sig));
        }
        drop(&own);
        drop(&other);
        drop(&peer);
    }
}

void refuses_every_flipped_bit_of_a_signature(void **state)
{
    uint8_t storage[COVEY_SIGNATURE_MAX];
    uint8_t tbs[30] = "thirty bytes that are signed";

    (void)state;
    for (size_t i = 0; i < contract_curves; i++) {
        if (curves[i].alg == 0) {
            continue;
        }
        covey_key own = private_of(curves[i].curve, 7);
        covey_bytes all = covey_bytes_of(tbs, sizeof tbs);
        covey_bytes sig = signed_by(&own, curves[i].alg, all, storage);
        for (size_t bit = 0; bit < (sig.len + sizeof tbs) * 8;
             bit += i < 3 ? 1 : 11) { /* the larger ones are slow */
            uint8_t *at = bit < sig.len * 8 ? &storage[bit / 8]
                                            : &tbs[bit / 8 - sig.len];
            *at ^= (uint8_t)(1u << bit % 8);
            CHECK_STATUS(COVEY_E_AUTH, crypto.verify(crypto.provider, &own,
                                                     curves[i].alg, all, sig));
            *at ^= (uint8_t)(1u << bit % 8);
        }
        CHECK_STATUS(COVEY_OK, crypto.verify(crypto.provider, &own,
                                             curves[i].alg, all, sig));
        memset(storage, 0, sizeof storage);
        CHECK_STATUS(COVEY_E_AUTH, crypto.verify(crypto.provider, &own,
                                                 curves[i].alg, all, sig));
        memset(storage, 0xff, sizeof storage);
        CHECK_STATUS(COVEY_E_AUTH, crypto.verify(crypto.provider, &own,
                                                 curves[i].alg, all, sig));
        drop(&own);
    }
}

void refuses_signatures_of_wrong_length(void **state)
{
    uint8_t storage[COVEY_SIGNATURE_MAX];

    (void)state;
    for (size_t i = 0; i < contract_curves; i++) {
        if (curves[i].alg == 0) {
            continue;
        }
        covey_key own = private_of(curves[i].curve, 7);
        memset(storage, 0, sizeof storage);
        (void)signed_by(&own, curves[i].alg, SPAN("tbs"), storage);
        for (size_t len = 0; len <= sizeof storage; len++) {
            CHECK_STATUS(
                len == curves[i].signature_len ? COVEY_OK : COVEY_E_AUTH,
                crypto.verify(crypto.provider, &own, curves[i].alg,
                              SPAN("tbs"), covey_bytes_of(storage, len)));
        }
        drop(&own);
    }
}

void refuses_keys_of_another_algorithm(void **state)
{
    uint8_t storage[COVEY_SIGNATURE_MAX] = { 0 };

    (void)state;
    for (size_t i = 0; i < contract_curves; i++) {
        covey_key own = private_of(curves[i].curve, 7);
        covey_key peer = public_of(curves[i].curve, &own);
        for (size_t k = 0; k < contract_curves; k++) {
            if (curves[k].alg == 0) {
                continue;
            }
            covey_writer w = covey_writer_of(storage, sizeof storage);
            /* Another curve's, or the right one without its private half. */
            CHECK_STATUS(COVEY_E_ARGUMENT,
                         crypto.sign(crypto.provider, k == i ? &peer : &own,
                                     curves[k].alg, SPAN("tbs"), &w));
            assert_int_equal(w.pos, 0);
            if (k != i) {
                CHECK_STATUS(COVEY_E_ARGUMENT,
                             crypto.verify(crypto.provider, &peer,
                                           curves[k].alg, SPAN("tbs"),
                                           covey_bytes_of(storage, 64)));
            }
        }
        drop(&own);
        drop(&peer);
    }
}

void refuses_algorithms_it_has_not(void **state)
{
    static const int32_t others[] = { 0, COVEY_ES512, -19, -9, COVEY_SHA_256 };
    static const int32_t strangers[] = { 0, COVEY_P521,  COVEY_X448,
                                         8, COVEY_ED448, -1 };
    uint8_t storage[COVEY_SIGNATURE_MAX] = { 1 };
    covey_key own = private_of(COVEY_P256, 7);
    covey_key key;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        covey_writer w = covey_writer_of(storage, sizeof storage);
        CHECK_STATUS(
            COVEY_E_UNSUPPORTED,
            crypto.sign(crypto.provider, &own, others[i], SPAN("tbs"), &w));
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     crypto.verify(crypto.provider, &own, others[i],
                                   SPAN("tbs"), covey_bytes_of(storage, 64)));
    }
    for (size_t i = 0; i < COUNT_OF(strangers); i++) {
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     crypto.private_key(crypto.provider, strangers[i],
                                        covey_bytes_of(storage, 32), &key));
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     crypto.public_key(crypto.provider, strangers[i],
                                       covey_bytes_of(storage, 32), &key));
    }
    drop(&own);
}

void refuses_private_keys_of_wrong_length(void **state)
{
    uint8_t raw[COVEY_PRIVATE_MAX];
    covey_key key;

    (void)state;
    memset(raw, 7, sizeof raw);
    for (size_t i = 0; i < contract_curves; i++) {
        for (size_t len = 0; len <= sizeof raw; len++) {
            CHECK_STATUS(len == curves[i].private_len ? COVEY_OK
                                                      : COVEY_E_RANGE,
                         crypto.private_key(crypto.provider, curves[i].curve,
                                            covey_bytes_of(raw, len), &key));
            drop(&key);
        }
    }
    memset(raw, 0, sizeof raw);
    CHECK_STATUS(COVEY_E_RANGE,
                 crypto.private_key(crypto.provider, COVEY_P256,
                                    covey_bytes_of(raw, 32), &key));
}

/* Every length with every first byte: what is accepted has one of the three
 * shapes. With the right point, so that nothing else is the reason. */
void refuses_public_keys_of_wrong_shape(void **state)
{
    uint8_t encoded[COVEY_PUBLIC_MAX];
    covey_key key;

    (void)state;
    for (size_t i = 0; i < contract_curves; i++) {
        covey_key own = private_of(curves[i].curve, 7);
        covey_writer w = covey_writer_of(encoded, sizeof encoded);
        CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &own, &w));
        for (size_t len = 0; len <= sizeof encoded; len++) {
            size_t scalar = curves[i].private_len;
            unsigned forms = curves[i].public_len > scalar ? 256 : 1;
            for (unsigned form = 0; form < forms; form++) {
                bool right = len == 32;
                if (forms > 1) {
                    encoded[0] = (uint8_t)form;
                    right = (len == 1 + 2 * scalar && form == 4) ||
                            (len == 1 + scalar && (form == 2 || form == 3));
                }
                CHECK_STATUS(
                    right ? COVEY_OK : COVEY_E_RANGE,
                    crypto.public_key(crypto.provider, curves[i].curve,
                                      covey_bytes_of(encoded, len), &key));
                crypto.key_drop(crypto.provider, &key);
            }
        }
        drop(&own);
    }
}

void gives_back_the_public_key(void **state)
{
    uint8_t one[COVEY_PUBLIC_MAX];
    uint8_t two[COVEY_PUBLIC_MAX];

    (void)state;
    for (size_t i = 0; i < contract_curves; i++) {
        covey_key own = private_of(curves[i].curve, 9);
        covey_key peer = public_of(curves[i].curve, &own);
        covey_writer a = covey_writer_of(one, sizeof one);
        covey_writer b = covey_writer_of(two, sizeof two);
        CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &own, &a));
        CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &peer, &b));
        assert_int_equal(a.pos, curves[i].public_len);
        CHECK_SPAN(covey_written(&a), covey_written(&b));
        drop(&own);
        drop(&peer);
    }
}

void agrees_from_both_sides(void **state)
{
    uint8_t one[COVEY_SHARED_MAX];
    uint8_t two[COVEY_SHARED_MAX];

    (void)state;
    for (size_t i = 0; i < contract_curves; i++) {
        for (uint8_t seed = 1; seed < 20; seed++) {
            covey_key alice = private_of(curves[i].curve, seed);
            covey_key bob = private_of(curves[i].curve, 100);
            covey_key peer = public_of(curves[i].curve, &bob);
            covey_writer a = covey_writer_of(one, sizeof one);
            covey_writer b = covey_writer_of(two, sizeof two);
            CHECK_STATUS(COVEY_OK,
                         crypto.agree(crypto.provider, &alice, &peer, &a));
            CHECK_STATUS(COVEY_OK,
                         crypto.agree(crypto.provider, &bob, &alice, &b));
            assert_int_equal(a.pos, curves[i].private_len);
            CHECK_SPAN(covey_written(&a), covey_written(&b));
            drop(&alice);
            drop(&bob);
            drop(&peer);
        }
    }
}

void refuses_to_agree_across_curves(void **state)
{
    uint8_t shared[COVEY_SHARED_MAX];

    (void)state;
    for (size_t i = 0; i < contract_curves; i++) {
        covey_key own = private_of(curves[i].curve, 1);
        covey_key public = public_of(curves[i].curve, &own);
        covey_writer w = covey_writer_of(shared, sizeof shared);
        for (size_t k = 0; k < contract_curves; k++) {
            covey_key peer = private_of(curves[k].curve, 2);
            if (k != i) {
                CHECK_STATUS(COVEY_E_ARGUMENT,
                             crypto.agree(crypto.provider, &own, &peer, &w));
            }
            CHECK_STATUS(COVEY_E_ARGUMENT,
                         crypto.agree(crypto.provider, &public, &peer, &w));
            drop(&peer);
        }
        assert_int_equal(w.pos, 0);
        drop(&own);
        drop(&public);
    }
}

void refuses_the_empty_handle(void **state)
{
    uint8_t out[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_key own = private_of(COVEY_ED25519, 1);
    covey_key cipher;
    covey_key empty = { { 0 } };
    covey_key *wrong[] = { &empty, &cipher };

    (void)state;
    CHECK_STATUS(COVEY_OK, crypto.cipher_key(crypto.provider, COVEY_A128GCM,
                                             SPAN("sixteen bytes...").len == 16
                                                 ? SPAN("sixteen bytes...")
                                                 : SPAN(""),
                                             &cipher));
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     crypto.public_of(crypto.provider, wrong[i], &w));
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     crypto.sign(crypto.provider, wrong[i], COVEY_EDDSA,
                                 SPAN("tbs"), &w));
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     crypto.verify(crypto.provider, wrong[i], COVEY_EDDSA,
                                   SPAN("tbs"), covey_bytes_of(out, 64)));
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     crypto.agree(crypto.provider, wrong[i], &own, &w));
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     crypto.agree(crypto.provider, &own, wrong[i], &w));
    }
    wrong[1] = &own; /* asymmetric, so nothing to encrypt with */
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        CHECK_STATUS(COVEY_E_ARGUMENT, crypto.seal(crypto.provider, wrong[i],
                                                   SPAN("12 bytes....."),
                                                   SPAN(""), SPAN("x"), &w));
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     crypto.open(crypto.provider, wrong[i],
                                 SPAN("12 bytes....."), SPAN(""),
                                 covey_bytes_of(out, 32), &w));
    }
    assert_int_equal(w.pos, 0);
    crypto.key_drop(crypto.provider, &empty);
    drop(&cipher);
    drop(&own);
    assert_memory_equal(&own, &empty, sizeof own);
}

void refuses_to_write_without_room(void **state)
{
    uint8_t out[COVEY_PUBLIC_MAX];

    (void)state;
    for (size_t i = 0; i < contract_curves; i++) {
        covey_key own = private_of(curves[i].curve, 1);
        covey_writer failed = { out, sizeof out, 0, COVEY_E_SHORT };
        for (size_t cap = 0; cap < 32; cap++) {
            covey_writer w = covey_writer_of(out, cap);
            memset(out, 0xa5, sizeof out);
            CHECK_STATUS(COVEY_E_ROOM,
                         crypto.public_of(crypto.provider, &own, &w));
            CHECK_STATUS(COVEY_E_ROOM,
                         crypto.agree(crypto.provider, &own, &own, &w));
            if (curves[i].alg != 0) {
                CHECK_STATUS(COVEY_E_ROOM,
                             crypto.sign(crypto.provider, &own, curves[i].alg,
                                         SPAN("tbs"), &w));
            }
            assert_int_equal(w.pos, 0);
            assert_int_equal(out[cap], 0xa5);
        }
        CHECK_STATUS(COVEY_E_SHORT,
                     crypto.public_of(crypto.provider, &own, &failed));
        drop(&own);
    }
}
