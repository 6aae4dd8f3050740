/* SPDX-License-Identifier: BSD-2-Clause */
/* A peer's public key and a signature of its making, for the provider for
 * hosts. The first byte chooses the curve, the next 64 are the signature. A
 * key that is taken can be given back and taken again as the same; agreement
 * with it works, except where X25519 gives zeros; and nobody hits upon a
 * signature. */
#include "crypto/openssl/openssl.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    int32_t curve;
    int32_t alg;
} curves[] = {
    { COVEY_ED25519, COVEY_EDDSA },
    { COVEY_P256, COVEY_ES256 },
    { COVEY_X25519, 0 },
};

enum {
    SIGNATURE = 64
};

static covey_crypto crypto;

static void oracle(bool holds)
{
    if (!holds) {
        abort();
    }
}

static covey_bytes public_of(const covey_key *key, uint8_t *storage)
{
    covey_writer w = covey_writer_of(storage, COVEY_PUBLIC_MAX);

    oracle(crypto.public_of(crypto.provider, key, &w) == COVEY_OK);
    return covey_written(&w);
}

static void agree(int32_t curve, const covey_key *peer)
{
    uint8_t raw[32];
    uint8_t shared[COVEY_SHARED_MAX];
    covey_writer w = covey_writer_of(shared, sizeof shared);
    covey_key own;
    covey_status st = COVEY_OK;

    memset(raw, 0x42, sizeof raw);
    oracle(crypto.private_key(crypto.provider, curve,
                              covey_bytes_of(raw, sizeof raw),
                              &own) == COVEY_OK);
    st = crypto.agree(crypto.provider, &own, peer, &w);
    oracle(st == COVEY_OK || (st == COVEY_E_RANGE && curve == COVEY_X25519));
    crypto.key_drop(crypto.provider, &own);
}

static void use(size_t row, covey_key *key, covey_bytes signature)
{
    uint8_t first[COVEY_PUBLIC_MAX];
    uint8_t second[COVEY_PUBLIC_MAX];
    covey_bytes encoded = public_of(key, first);
    covey_key again;

    oracle(crypto.public_key(crypto.provider, curves[row].curve, encoded,
                             &again) == COVEY_OK);
    oracle(covey_bytes_equal(encoded, public_of(&again, second)));
    crypto.key_drop(crypto.provider, &again);
    agree(curves[row].curve, key);
    if (curves[row].alg != 0) {
        oracle(crypto.verify(crypto.provider, key, curves[row].alg,
                             covey_bytes_of(first, 1),
                             signature) == COVEY_E_AUTH);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_reader r = covey_reader_of(covey_bytes_of(data, size));
    size_t row = covey_read_u8(&r) % (sizeof curves / sizeof curves[0]);
    covey_bytes signature = covey_read_bytes(&r, SIGNATURE);
    covey_bytes encoded = covey_read_rest(&r);
    covey_key key;
    covey_status st = COVEY_OK;

    if (r.failed != COVEY_OK) {
        return 0;
    }
    if (!crypto.provider) {
        oracle(covey_openssl_open(&crypto) == COVEY_OK);
    }
    st = crypto.public_key(crypto.provider, curves[row].curve, encoded, &key);
    oracle(st == COVEY_OK || st == COVEY_E_RANGE);
    if (st == COVEY_OK) {
        use(row, &key, signature);
        crypto.key_drop(crypto.provider, &key);
    }
    return 0;
}
