/* SPDX-License-Identifier: BSD-2-Clause */
/* Begin, update, finish: for whoever has all of it at once. */
#include <covey/crypto.h>

#include <string.h>

covey_status covey_crypto_sha256(const covey_crypto *crypto,
                                 const covey_bytes *parts, size_t count,
                                 uint8_t out[COVEY_SHA_256_LEN])
{
    covey_hash h;
    uint8_t digest[COVEY_SHA_256_LEN];
    covey_writer w = covey_writer_of(digest, sizeof digest);
    covey_status st = crypto->hash_begin(crypto->provider, COVEY_SHA_256, &h);

    if (st != COVEY_OK) {
        return st;
    }
    for (size_t i = 0; i < count && st == COVEY_OK; i++) {
        st = crypto->hash_update(crypto->provider, &h, parts[i]);
    }
    if (st == COVEY_OK) {
        st = crypto->hash_finish(crypto->provider, &h, &w);
    }
    if (st != COVEY_OK) {
        crypto->hash_drop(crypto->provider, &h);
        return st;
    }
    memcpy(out, digest, sizeof digest);
    return COVEY_OK;
}
