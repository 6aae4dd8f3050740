/* SPDX-License-Identifier: BSD-2-Clause */
/* The provider for tests has to be tested first: what it does not fail at,
 * no other test would find. */
#include "kit.h"

#include "crypto/scripted/scripted.h"

static covey_scripted s;
static covey_crypto crypto;

/* Every function of the table that can fail, once, and in this order. */
enum {
    CALLS = 17
};

struct work {
    covey_key cipher;
    covey_key own;
    covey_key peer;
    covey_hash hash;
    covey_hash clone;
    uint8_t storage[256];
    uint8_t sealed[32];
    int begun; /* calls that were tried */
};

static bool went_well(struct work *w, covey_status st)
{
    w->begun++;
    if (st != COVEY_OK) {
        CHECK_STATUS(COVEY_E_CRYPTO, st);
    }
    return st == COVEY_OK;
}

static bool ciphers(struct work *w)
{
    covey_bytes nonce = SPAN("thirteen byte");
    covey_writer out = covey_writer_of(w->storage, sizeof w->storage);
    covey_writer sealed = covey_writer_of(w->sealed, sizeof w->sealed);

    return went_well(w, crypto.cipher_key(crypto.provider, 10,
                                          SPAN("sixteen bytes..."),
                                          &w->cipher)) &&
           went_well(w, crypto.seal(crypto.provider, &w->cipher, nonce,
                                    SPAN("aad"), SPAN("text"), &sealed)) &&
           went_well(w,
                     crypto.open(crypto.provider, &w->cipher, nonce,
                                 SPAN("aad"), covey_written(&sealed), &out));
}

static bool hashes(struct work *w)
{
    covey_writer out = covey_writer_of(w->storage, 200);

    return went_well(w, crypto.hmac(crypto.provider, 5, SPAN("key"),
                                    SPAN("data"), &out)) &&
           went_well(w, crypto.hkdf_expand(crypto.provider, 5,
                                           covey_written(&out), SPAN("info"),
                                           &out)) &&
           went_well(w, crypto.hash_begin(crypto.provider, -16, &w->hash)) &&
           went_well(w, crypto.hash_update(crypto.provider, &w->hash,
                                           SPAN("data"))) &&
           went_well(w,
                     crypto.hash_clone(crypto.provider, &w->hash, &w->clone));
}

static bool finish(struct work *w)
{
    covey_writer out = covey_writer_of(w->storage, sizeof w->storage);
    covey_writer derived = covey_writer_of(w->sealed, 16);

    return went_well(w, crypto.hash_finish(crypto.provider, &w->hash, &out)) &&
           went_well(w,
                     crypto.hash_finish(crypto.provider, &w->clone, &out)) &&
           went_well(w, crypto.hkdf(crypto.provider, 5, SPAN("salt"),
                                    SPAN("ikm"), SPAN("info"), &derived));
}

static bool keys(struct work *w)
{
    covey_writer out = covey_writer_of(w->storage, sizeof w->storage);
    covey_writer sig = covey_writer_of(w->storage + 100, 64);
    covey_writer random = covey_writer_of(w->sealed, 32);

    return went_well(w, crypto.random(crypto.provider, &random)) &&
           went_well(w, crypto.private_key(crypto.provider, COVEY_ED25519,
                                           covey_written(&random), &w->own)) &&
           went_well(w, crypto.public_of(crypto.provider, &w->own, &out)) &&
           went_well(w, crypto.public_key(crypto.provider, COVEY_ED25519,
                                          covey_written(&out), &w->peer)) &&
           went_well(w, crypto.sign(crypto.provider, &w->own, COVEY_EDDSA,
                                    SPAN("tbs"), &sig)) &&
           went_well(w, crypto.verify(crypto.provider, &w->peer, COVEY_EDDSA,
                                      SPAN("tbs"), covey_written(&sig)));
}

static bool all(struct work *w)
{
    bool good = false;

    memset(w, 0, sizeof *w);
    good = ciphers(w) && hashes(w) && finish(w) && keys(w);
    crypto.key_drop(crypto.provider, &w->cipher);
    crypto.key_drop(crypto.provider, &w->own);
    crypto.key_drop(crypto.provider, &w->peer);
    crypto.hash_drop(crypto.provider, &w->hash);
    crypto.hash_drop(crypto.provider, &w->clone);
    return good;
}

static void fails_at_the_call_that_was_named(void **state)
{
    struct work w;

    (void)state;
    for (int n = 0; n < CALLS; n++) {
        covey_scripted_rewind(&s, n);
        assert_false(all(&w));
        assert_int_equal(w.begun, n + 1);
        assert_int_equal(s.calls, n + 1);
        assert_int_equal(s.live, 0);
    }
    covey_scripted_rewind(&s, CALLS);
    assert_true(all(&w));
    assert_int_equal(s.calls, CALLS);
    assert_int_equal(s.live, 0);
}

static void fails_in_agreement_too(void **state)
{
    uint8_t out[32];
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_key own;

    (void)state;
    covey_scripted_rewind(&s, 1);
    CHECK_STATUS(COVEY_OK,
                 crypto.private_key(crypto.provider, COVEY_X25519,
                                    SPAN("thirty-two bytes of private key."),
                                    &own));
    CHECK_STATUS(COVEY_E_CRYPTO,
                 crypto.agree(crypto.provider, &own, &own, &w));
    assert_int_equal(w.pos, 0);
    CHECK_STATUS(COVEY_OK, crypto.agree(crypto.provider, &own, &own, &w));
    crypto.key_drop(crypto.provider, &own);
}

static void fails_in_reconstruction_too(void **state)
{
    uint8_t out[32];
    uint8_t point[COVEY_PUBLIC_MAX];
    covey_bytes raw = SPAN("thirty-two bytes of private key.");
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_writer p = covey_writer_of(point, sizeof point);
    covey_key own;
    covey_key key;

    (void)state;
    covey_scripted_rewind(&s, 2);
    CHECK_STATUS(COVEY_OK,
                 crypto.private_key(crypto.provider, COVEY_P256, raw, &own));
    CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &own, &p));
    CHECK_STATUS(COVEY_E_CRYPTO,
                 crypto.ecqv_public(crypto.provider, raw, covey_written(&p),
                                    &own, &key));
    covey_scripted_rewind(&s, 0);
    CHECK_STATUS(
        COVEY_E_CRYPTO,
        crypto.ecqv_private(crypto.provider, COVEY_P256, raw, raw, raw, &w));
    assert_int_equal(w.pos, 0);
    CHECK_STATUS(COVEY_OK, crypto.ecqv_public(crypto.provider, raw,
                                              covey_written(&p), &own, &key));
    assert_int_equal(s.live, 2);
    crypto.key_drop(crypto.provider, &own);
    crypto.key_drop(crypto.provider, &key);
    assert_int_equal(s.live, 0);
}

static void counts_the_handles_that_are_alive(void **state)
{
    uint8_t out[32];
    covey_writer none = covey_writer_of(out, 0);
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_hash hash;
    covey_hash copy;
    covey_key key;

    (void)state;
    covey_scripted_rewind(&s, COVEY_SCRIPTED_NEVER);
    CHECK_STATUS(COVEY_E_RANGE,
                 crypto.cipher_key(crypto.provider, 10, SPAN("short"), &key));
    assert_int_equal(s.live, 0);
    CHECK_STATUS(COVEY_OK, crypto.hash_begin(crypto.provider, -16, &hash));
    CHECK_STATUS(COVEY_OK, crypto.hash_clone(crypto.provider, &hash, &copy));
    assert_int_equal(s.live, 2);
    CHECK_STATUS(COVEY_E_ROOM,
                 crypto.hash_finish(crypto.provider, &hash, &none));
    assert_int_equal(s.live, 2);
    CHECK_STATUS(COVEY_OK, crypto.hash_finish(crypto.provider, &hash, &w));
    assert_int_equal(s.live, 1);
    crypto.hash_drop(crypto.provider, &hash);
    assert_int_equal(s.live, 1);
    crypto.hash_drop(crypto.provider, &copy);
    crypto.hash_drop(crypto.provider, &copy);
    assert_int_equal(s.live, 0);
}

static void gives_random_bytes_from_the_script(void **state)
{
    uint8_t first[16];
    uint8_t second[16];
    covey_writer a = covey_writer_of(first, sizeof first);
    covey_writer b = covey_writer_of(second, sizeof second);

    (void)state;
    covey_scripted_rewind(&s, COVEY_SCRIPTED_NEVER);
    s.random = SPAN("\x01\x02\x03");
    CHECK_STATUS(COVEY_OK, crypto.random(crypto.provider, &a));
    assert_memory_equal(first, "\x01\x02\x03", 3);
    assert_int_equal(s.random.len, 0);
    covey_scripted_rewind(&s, COVEY_SCRIPTED_NEVER);
    CHECK_STATUS(COVEY_OK, crypto.random(crypto.provider, &b));
    assert_memory_equal(first + 3, second + 3, 13); /* the same in each run */
    assert_memory_not_equal(second, second + 8, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fails_at_the_call_that_was_named),
        cmocka_unit_test(fails_in_agreement_too),
        cmocka_unit_test(fails_in_reconstruction_too),
        cmocka_unit_test(counts_the_handles_that_are_alive),
        cmocka_unit_test(gives_random_bytes_from_the_script),
    };

    covey_scripted_open(&s, NULL, &crypto);
    return KIT_RUN(tests);
}
