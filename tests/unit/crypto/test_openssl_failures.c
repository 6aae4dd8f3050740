/* SPDX-License-Identifier: BSD-2-Clause */
/* The provider for hosts when libcrypto runs out of memory: at the first
 * allocation, at the second, and so on, until everything goes well. What fails
 * says so, leaves the handle empty, writes nothing, leaks nothing and leaves
 * no error in libcrypto's queue; the next try goes well. */
#include "kit.h"

#include "crypto/openssl/openssl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>

/* Allocations until the one that fails; negative: none does. */
static int countdown = -1;

static bool fails(void)
{
    return countdown >= 0 && countdown-- == 0;
}

static void *take(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(n);
}

static void *change(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(p, n);
}

static void give(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

static covey_crypto crypto;

typedef covey_status work(void);

/* Runs it with each allocation failing once; how many there were. */
static int fail_each(work *run)
{
    int failed = 0;
    bool reached = true;

    for (int n = 0; reached; n++) {
        countdown = n;
        covey_status st = run();
        reached = countdown < 0;
        countdown = -1;
        if (st != COVEY_OK) {
            CHECK_STATUS(COVEY_E_CRYPTO, st);
            failed++;
        }
        assert_int_equal(ERR_peek_error(), 0);
        assert_true(reached || st == COVEY_OK);
        CHECK_STATUS(COVEY_OK, run());
    }
    return failed;
}

static void is_empty(const covey_key *key)
{
    static const covey_key empty;

    assert_memory_equal(key, &empty, sizeof empty);
}

static covey_status open_and_close(void)
{
    covey_crypto other;
    covey_status st = covey_openssl_open(&other);

    if (st == COVEY_OK) {
        covey_openssl_close(&other);
    }
    return st;
}

static void opens_or_says_that_it_cannot(void **state)
{
    (void)state;
    assert_true(fail_each(open_and_close) > 5);
}

static covey_status encrypt_with(int32_t alg)
{
    static const uint8_t bytes[COVEY_KEY_MAX];
    const covey_alg *a = covey_aead_find(alg);
    covey_bytes nonce = covey_bytes_of(bytes, a->nonce_len);
    uint8_t out[80];
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_key key;
    covey_status st = crypto.cipher_key(
        crypto.provider, alg, covey_bytes_of(bytes, a->key_len), &key);

    if (st != COVEY_OK) {
        is_empty(&key);
        return st;
    }
    st = crypto.seal(crypto.provider, &key, nonce, covey_bytes_of(NULL, 0),
                     covey_bytes_of(bytes, 20), &w);
    assert_int_equal(w.pos, st == COVEY_OK ? 20 + a->out_len : 0);
    if (st == COVEY_OK) {
        st = crypto.open(crypto.provider, &key, nonce, covey_bytes_of(NULL, 0),
                         covey_written(&w), &w);
    }
    crypto.key_drop(crypto.provider, &key);
    return st;
}

static covey_status encrypt(void)
{
    static const int32_t algs[] = { COVEY_AES_CCM_16_64_128, COVEY_A256GCM,
                                    COVEY_CHACHA20_POLY1305, COVEY_A192CTR };
    covey_status st = COVEY_OK;

    for (size_t i = 0; i < COUNT_OF(algs) && st == COVEY_OK; i++) {
        st = encrypt_with(algs[i]);
    }
    return st;
}

static void encrypts_or_says_that_it_cannot(void **state)
{
    (void)state;
    assert_true(fail_each(encrypt) >= 16); /* 4 keys of 2 contexts of 2 */
}

static covey_status hash(void)
{
    uint8_t out[COVEY_HASH_MAX];
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_hash h;
    covey_hash copy;
    covey_status st = crypto.hash_begin(crypto.provider, COVEY_SHA_512, &h);

    if (st != COVEY_OK) {
        assert_int_equal(h.opaque[0], 0);
        return st;
    }
    st = crypto.hash_clone(crypto.provider, &h, &copy);
    if (st == COVEY_OK) {
        st = crypto.hash_finish(crypto.provider, &copy, &w);
    }
    crypto.hash_drop(crypto.provider, &copy);
    crypto.hash_drop(crypto.provider, &h);
    return st;
}

static void hashes_or_says_that_it_cannot(void **state)
{
    (void)state;
    assert_true(fail_each(hash) >= 4);
}

static covey_status derive(void)
{
    uint8_t out[COVEY_HASH_MAX];
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_status st = crypto.hkdf(crypto.provider, COVEY_HMAC_384_384,
                                  SPAN("salt"), SPAN("ikm"), SPAN("info"), &w);

    assert_int_equal(w.pos, st == COVEY_OK ? sizeof out : 0);
    return st;
}

static void derives_or_says_that_it_cannot(void **state)
{
    (void)state;
    assert_true(fail_each(derive) >= 4); /* the hashes of two HMACs */
}

static covey_status with_peer(covey_key *own, covey_key *peer)
{
    uint8_t sig[64];
    uint8_t shared[32];
    covey_writer s = covey_writer_of(sig, sizeof sig);
    covey_writer z = covey_writer_of(shared, sizeof shared);
    covey_status st =
        crypto.sign(crypto.provider, own, COVEY_ES256, SPAN("tbs"), &s);

    assert_int_equal(s.pos, st == COVEY_OK ? 64 : 0);
    if (st == COVEY_OK) {
        st = crypto.verify(crypto.provider, peer, COVEY_ES256, SPAN("tbs"),
                           covey_written(&s));
    }
    if (st == COVEY_OK) {
        st = crypto.agree(crypto.provider, own, peer, &z);
        assert_int_equal(z.pos, st == COVEY_OK ? 32 : 0);
    }
    return st;
}

static covey_status keys(void)
{
    uint8_t encoded[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(encoded, sizeof encoded);
    covey_key own;
    covey_key peer = { { 0 } };
    covey_status st =
        crypto.private_key(crypto.provider, COVEY_P256,
                           SPAN("thirty-two bytes of private key."), &own);

    if (st != COVEY_OK) {
        is_empty(&own);
        return st;
    }
    st = crypto.public_of(crypto.provider, &own, &w);
    if (st == COVEY_OK) {
        st = crypto.public_key(crypto.provider, COVEY_P256, covey_written(&w),
                               &peer);
        if (st != COVEY_OK) {
            is_empty(&peer);
        }
    }
    if (st == COVEY_OK) {
        st = with_peer(&own, &peer);
    }
    crypto.key_drop(crypto.provider, &own);
    crypto.key_drop(crypto.provider, &peer);
    return st;
}

static void signs_and_agrees_or_says_that_it_cannot(void **state)
{
    (void)state;
    assert_true(fail_each(keys) > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_or_says_that_it_cannot),
        cmocka_unit_test(encrypts_or_says_that_it_cannot),
        cmocka_unit_test(hashes_or_says_that_it_cannot),
        cmocka_unit_test(derives_or_says_that_it_cannot),
        cmocka_unit_test(signs_and_agrees_or_says_that_it_cannot),
    };
    int failed = 0;

    if (CRYPTO_set_mem_functions(take, change, give) != 1 ||
        covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    failed = KIT_RUN(tests);
    covey_openssl_close(&crypto);
    return failed;
}
