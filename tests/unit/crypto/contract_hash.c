/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

static const int32_t hashes[] = { COVEY_SHA_256, COVEY_SHA_384,
                                  COVEY_SHA_512 };
static const int32_t hmacs[] = { COVEY_HMAC_256_256, COVEY_HMAC_384_384,
                                 COVEY_HMAC_512_512 };

static uint8_t data[300];

static void fill_data(void)
{
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 11 + 3);
    }
}

static covey_hash begun(int32_t alg)
{
    covey_hash h;

    CHECK_STATUS(COVEY_OK, crypto.hash_begin(crypto.provider, alg, &h));
    return h;
}

static void update(covey_hash *h, const uint8_t *bytes, size_t len)
{
    CHECK_STATUS(COVEY_OK, crypto.hash_update(crypto.provider, h,
                                              covey_bytes_of(bytes, len)));
}

/* The digest, in storage of COVEY_HASH_MAX bytes. */
static covey_bytes finished(covey_hash *h, int32_t alg, uint8_t *storage)
{
    covey_writer w = covey_writer_of(storage, COVEY_HASH_MAX);

    CHECK_STATUS(COVEY_OK, crypto.hash_finish(crypto.provider, h, &w));
    assert_int_equal(w.pos, covey_alg_find(alg)->out_len);
    return covey_written(&w);
}

void hashes_the_same_in_any_pieces(void **state)
{
    uint8_t one[COVEY_HASH_MAX];
    uint8_t two[COVEY_HASH_MAX];

    (void)state;
    fill_data();
    for (size_t i = 0; i < COUNT_OF(hashes); i++) {
        for (size_t cut = 0; cut <= sizeof data; cut++) {
            covey_hash a = begun(hashes[i]);
            covey_hash b = begun(hashes[i]);
            update(&a, data, sizeof data);
            update(&b, data, cut);
            update(&b, NULL, 0);
            update(&b, data + cut, sizeof data - cut);
            CHECK_SPAN(finished(&a, hashes[i], one),
                       finished(&b, hashes[i], two));
        }
    }
}

void hashes_on_after_cloning(void **state)
{
    uint8_t one[COVEY_HASH_MAX];
    uint8_t two[COVEY_HASH_MAX];

    (void)state;
    fill_data();
    for (size_t i = 0; i < COUNT_OF(hashes); i++) {
        covey_hash a = begun(hashes[i]);
        covey_hash b;
        covey_hash dropped;
        update(&a, data, 100);
        CHECK_STATUS(COVEY_OK, crypto.hash_clone(crypto.provider, &a, &b));
        CHECK_STATUS(COVEY_OK,
                     crypto.hash_clone(crypto.provider, &b, &dropped));
        crypto.hash_drop(crypto.provider, &dropped);
        update(&a, data + 100, 50);
        covey_bytes whole = finished(&a, hashes[i], one);
        update(&b, data + 100, 50);
        CHECK_SPAN(whole, finished(&b, hashes[i], two));
        a = begun(hashes[i]);
        update(&a, data, 100); /* without the last 50 it is another one */
        assert_memory_not_equal(one, finished(&a, hashes[i], two).ptr,
                                whole.len);
    }
}

void refuses_empty_and_finished_hashes(void **state)
{
    uint8_t digest[COVEY_HASH_MAX];
    covey_hash h = { { 0 } };
    covey_hash copy;

    (void)state;
    for (int round = 0; round < 2; round++) {
        covey_writer w = covey_writer_of(digest, sizeof digest);
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     crypto.hash_update(crypto.provider, &h, SPAN("x")));
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     crypto.hash_finish(crypto.provider, &h, &w));
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     crypto.hash_clone(crypto.provider, &h, &copy));
        crypto.hash_drop(crypto.provider, &h);
        h = begun(COVEY_SHA_256);
        (void)finished(&h, COVEY_SHA_256, digest);
    }
    h = begun(COVEY_SHA_512); /* too little room: the hash is still there */
    for (size_t cap = 0; cap < 64; cap++) {
        covey_writer w = covey_writer_of(digest, cap);
        CHECK_STATUS(COVEY_E_ROOM,
                     crypto.hash_finish(crypto.provider, &h, &w));
        assert_int_equal(w.pos, 0);
    }
    (void)finished(&h, COVEY_SHA_512, digest);
}

void refuses_other_hashes_and_macs(void **state)
{
    static const int32_t others[] = { 0,   4,   5,   6,   7,  -14, -15,
                                      -17, -18, -45, -10, 10, -7,  1 };
    uint8_t out[COVEY_HASH_MAX];
    covey_hash h;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     crypto.hash_begin(crypto.provider, others[i], &h));
    }
    for (int32_t alg = -50; alg < 50; alg++) {
        covey_writer w = covey_writer_of(out, sizeof out);
        if (alg >= 5 && alg <= 7) {
            continue;
        }
        CHECK_STATUS(
            COVEY_E_UNSUPPORTED,
            crypto.hmac(crypto.provider, alg, SPAN("key"), SPAN("data"), &w));
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     crypto.hkdf(crypto.provider, alg, SPAN("salt"),
                                 SPAN("ikm"), SPAN("info"), &w));
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     crypto.hkdf_expand(crypto.provider, alg,
                                        covey_bytes_of(data, 64), SPAN("info"),
                                        &w));
        assert_int_equal(w.pos, 0);
    }
}

/* What is asked for is a prefix of what could have been asked for, and the
 * byte behind the writer's end is not touched. */
void expands_as_much_as_was_asked_for(void **state)
{
    uint8_t most[200];
    uint8_t less[200];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(hmacs); i++) {
        covey_writer w = covey_writer_of(most, sizeof most);
        CHECK_STATUS(COVEY_OK,
                     crypto.hkdf(crypto.provider, hmacs[i], SPAN("salt"),
                                 SPAN("ikm"), SPAN("info"), &w));
        assert_int_equal(w.pos, sizeof most);
        for (size_t len = 1; len < sizeof less; len++) {
            w = covey_writer_of(less, len);
            memset(less, 0xa5, sizeof less);
            CHECK_STATUS(COVEY_OK,
                         crypto.hkdf(crypto.provider, hmacs[i], SPAN("salt"),
                                     SPAN("ikm"), SPAN("info"), &w));
            CHECK_SPAN(covey_bytes_of(most, len), covey_written(&w));
            assert_int_equal(less[len], 0xa5);
        }
    }
}

void derives_as_extract_and_expand(void **state)
{
    uint8_t prk[COVEY_HASH_MAX];
    uint8_t one[100];
    uint8_t two[100];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(hmacs); i++) {
        covey_writer extract = covey_writer_of(prk, sizeof prk);
        covey_writer a = covey_writer_of(one, sizeof one);
        covey_writer b = covey_writer_of(two, sizeof two);
        CHECK_STATUS(COVEY_OK,
                     crypto.hmac(crypto.provider, hmacs[i], SPAN("salt"),
                                 SPAN("ikm"), &extract));
        CHECK_STATUS(COVEY_OK, crypto.hkdf_expand(crypto.provider, hmacs[i],
                                                  covey_written(&extract),
                                                  SPAN("info"), &a));
        CHECK_STATUS(COVEY_OK,
                     crypto.hkdf(crypto.provider, hmacs[i], SPAN("salt"),
                                 SPAN("ikm"), SPAN("info"), &b));
        CHECK_SPAN(covey_written(&a), covey_written(&b));
    }
}

void refuses_to_derive_too_much_or_nothing(void **state)
{
    static uint8_t out[255 * COVEY_HASH_MAX + 1];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(hmacs); i++) {
        size_t len = covey_alg_find(hmacs[i])->out_len;
        size_t caps[] = { 0, 255 * len + 1, 255 * len };
        for (size_t k = 0; k < COUNT_OF(caps); k++) {
            covey_status expected = k < 2 ? COVEY_E_RANGE : COVEY_OK;
            covey_writer w = covey_writer_of(out, caps[k]);
            CHECK_STATUS(expected,
                         crypto.hkdf(crypto.provider, hmacs[i], SPAN("salt"),
                                     SPAN("ikm"), SPAN("info"), &w));
            w = covey_writer_of(out, caps[k]);
            CHECK_STATUS(expected,
                         crypto.hkdf_expand(crypto.provider, hmacs[i],
                                            covey_bytes_of(data, len),
                                            SPAN("info"), &w));
        }
        for (size_t prk = 0; prk < len; prk++) {
            covey_writer w = covey_writer_of(out, 16);
            CHECK_STATUS(COVEY_E_RANGE,
                         crypto.hkdf_expand(crypto.provider, hmacs[i],
                                            covey_bytes_of(data, prk),
                                            SPAN("info"), &w));
        }
        covey_writer small = covey_writer_of(out, len - 1);
        CHECK_STATUS(COVEY_E_ROOM,
                     crypto.hmac(crypto.provider, hmacs[i], SPAN("key"),
                                 SPAN("data"), &small));
        covey_writer failed = { out, sizeof out, 0, COVEY_E_SHORT };
        CHECK_STATUS(COVEY_E_SHORT,
                     crypto.hkdf(crypto.provider, hmacs[i], SPAN("salt"),
                                 SPAN("ikm"), SPAN("info"), &failed));
    }
}

void fills_with_random_bytes(void **state)
{
    uint8_t storage[40] = { 0 };
    covey_writer w = covey_writer_of(storage, 36);
    covey_writer none = covey_writer_of(NULL, 0);
    covey_writer failed = { storage, 36, 0, COVEY_E_ROOM };

    (void)state;
    w.pos = 4;
    CHECK_STATUS(COVEY_OK, crypto.random(crypto.provider, &w));
    assert_int_equal(w.pos, 36);
    assert_memory_equal(storage, "\0\0\0\0", 4);
    assert_memory_equal(storage + 36, "\0\0\0\0", 4);
    assert_memory_not_equal(storage + 4, storage + 20, 16);
    CHECK_STATUS(COVEY_OK, crypto.random(crypto.provider, &none));
    CHECK_STATUS(COVEY_E_ROOM, crypto.random(crypto.provider, &failed));
}
