/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest_keys.h"

#include <string.h>

#define SEC1_UNCOMPRESSED 0x04u

covey_bytes selftest_public_encoded(covey_bytes public_raw, covey_curve curve,
                                    uint8_t storage[COVEY_PUBLIC_MAX])
{
    if (curve != COVEY_P256 || public_raw.len >= COVEY_PUBLIC_MAX) {
        return public_raw;
    }
    storage[0] = SEC1_UNCOMPRESSED;
    memcpy(storage + 1, public_raw.ptr, public_raw.len);
    return covey_bytes_of(storage, 1 + public_raw.len);
}

bool selftest_keys_open(selftest_keys *keys, const covey_crypto *crypto,
                        covey_curve curve, const selftest_check *k)
{
    uint8_t storage[COVEY_PUBLIC_MAX];
    uint8_t own[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(own, sizeof own);
    const covey_bytes given = keys->public_raw;
    const covey_bytes encoded = selftest_public_encoded(given, curve, storage);

    if (keys->private_raw.ptr != NULL &&
        (!selftest_done(k, "a private key",
                        crypto->private_key(crypto->provider, (int32_t)curve,
                                            keys->private_raw,
                                            &keys->private_key)) ||
         !selftest_done(
             k, "a public key",
             crypto->public_of(crypto->provider, &keys->private_key, &w)) ||
         (given.ptr != NULL &&
          !selftest_same(k, "public key", encoded, covey_written(&w))))) {
        return false;
    }
    return given.ptr == NULL ||
           selftest_done(k, "a public key",
                         crypto->public_key(crypto->provider, (int32_t)curve,
                                            encoded, &keys->public_key));
}

void selftest_keys_close(selftest_keys *keys, const covey_crypto *crypto)
{
    crypto->key_drop(crypto->provider, &keys->private_key);
    crypto->key_drop(crypto->provider, &keys->public_key);
}

bool selftest_check_signature(selftest_keys *keys, const covey_crypto *crypto,
                              int32_t alg, covey_bytes tbs,
                              covey_bytes signature, const selftest_check *k)
{
    uint8_t storage[COVEY_SIGNATURE_MAX];
    covey_writer own = covey_writer_of(storage, sizeof storage);

    if (!selftest_done(k, "a signature that is right",
                       crypto->verify(crypto->provider, &keys->public_key, alg,
                                      tbs, signature))) {
        return false;
    }
    if (keys->private_raw.ptr == NULL) {
        return true;
    }
    return selftest_done(k, "a signature",
                         crypto->sign(crypto->provider, &keys->private_key,
                                      alg, tbs, &own)) &&
           (alg != COVEY_EDDSA ||
            selftest_same(k, "signature", signature, covey_written(&own))) &&
           selftest_done(k, "a signature of our own that is right",
                         crypto->verify(crypto->provider, &keys->public_key,
                                        alg, tbs, covey_written(&own)));
}

static bool check_one(selftest_keys *own, const selftest_keys *peer,
                      const covey_crypto *crypto, covey_bytes secret,
                      const selftest_check *k)
{
    uint8_t storage[COVEY_SHARED_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    const bool good =
        selftest_done(k, "a shared secret",
                      crypto->agree(crypto->provider, &own->private_key,
                                    &peer->public_key, &w)) &&
        selftest_same(k, "shared secret", secret, covey_written(&w));

    covey_wipe(storage, sizeof storage);
    return good;
}

bool selftest_check_shared(selftest_keys *a, selftest_keys *b,
                           const covey_crypto *crypto, covey_bytes secret,
                           const selftest_check *k)
{
    return check_one(a, b, crypto, secret, k) &&
           check_one(b, a, crypto, secret, k);
}
