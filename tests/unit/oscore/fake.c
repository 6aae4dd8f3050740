/* SPDX-License-Identifier: BSD-2-Clause */
#include "fake.h"

static covey_status call(struct fake *f)
{
    return f->calls++ == f->fail_at ? COVEY_E_CRYPTO : COVEY_OK;
}

static covey_status fake_hkdf(void *provider, int32_t alg, covey_bytes salt,
                              covey_bytes ikm, covey_bytes info,
                              covey_writer *out)
{
    const covey_status st = call(provider);

    (void)alg, (void)salt, (void)ikm, (void)info;
    if (st == COVEY_OK) {
        memset(out->base, 0, out->cap);
        out->pos = out->cap;
    }
    return st;
}

static covey_status fake_key(void *provider, int32_t alg, covey_bytes raw,
                             covey_key *key)
{
    struct fake *f = provider;
    const covey_status st = call(f);

    (void)alg, (void)raw;
    memset(key, 0, sizeof *key);
    if (st == COVEY_OK) {
        key->opaque[0] = 1;
        f->keys++;
    }
    return st;
}

static covey_status fake_seal(void *provider, covey_key *key,
                              covey_bytes nonce, covey_bytes aad,
                              covey_bytes plaintext, covey_writer *out)
{
    struct fake *f = provider;
    const covey_status st = call(f);

    (void)aad;
    assert_int_equal(key->opaque[0], 1);
    memcpy(f->nonce, nonce.ptr, nonce.len);
    if (st == COVEY_OK) {
        covey_write_bytes(out, plaintext);
        covey_write_bytes(out, SPAN("\0\0\0\0\0\0\0\0"));
    }
    return st;
}

static covey_status fake_unseal(void *provider, covey_key *key,
                                covey_bytes nonce, covey_bytes aad,
                                covey_bytes sealed, covey_writer *out)
{
    const covey_status st = call(provider);

    (void)nonce, (void)aad;
    assert_int_equal(key->opaque[0], 1);
    if (st == COVEY_OK) {
        covey_write_bytes(out, covey_bytes_of(sealed.ptr, sealed.len - 8));
    }
    return st;
}

static void fake_drop(void *provider, covey_key *key)
{
    struct fake *f = provider;

    f->keys -= key->opaque[0] == 1;
    memset(key, 0, sizeof *key);
}

void fake_open(struct fake *f)
{
    memset(f, 0, sizeof *f);
    f->fail_at = -1;
    f->crypto.provider = f;
    f->crypto.hkdf = fake_hkdf;
    f->crypto.cipher_key = fake_key;
    f->crypto.seal = fake_seal;
    f->crypto.open = fake_unseal;
    f->crypto.key_drop = fake_drop;
}

void fake_fail_next(struct fake *f)
{
    f->fail_at = f->calls;
}
