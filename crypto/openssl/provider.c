/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening and closing: every algorithm is fetched once, since a fetch by name
 * costs libcrypto more than the encryption of a datagram. */
#include "openssl.h"

#include "internal.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <sodium.h>
#include <stdlib.h>

covey_status host_failure(void)
{
    ERR_clear_error();
    return COVEY_E_CRYPTO;
}

static covey_status random_fill(void *provider, covey_writer *out)
{
    size_t n = out->cap - out->pos;

    (void)provider;
    if (out->failed != COVEY_OK) {
        return out->failed;
    }
    if (n > INT_MAX) {
        return COVEY_E_RANGE;
    }
    if (n > 0 && RAND_bytes(writer_at(out), (int)n) != 1) {
        return host_failure();
    }
    out->pos = out->cap;
    return COVEY_OK;
}

static void release(struct provider *p)
{
    if (!p) {
        return;
    }
    for (size_t i = 0; i < CIPHER_COUNT; i++) {
        EVP_CIPHER_free(p->ciphers[i]);
    }
    for (size_t i = 0; i < HASH_COUNT; i++) {
        EVP_MD_CTX_free(p->hashes[i].ctx);
        EVP_MD_free(p->hashes[i].md);
    }
    ec2_release(p);
    free(p);
}

covey_status covey_openssl_open(covey_crypto *crypto)
{
    struct provider *p = calloc(1, sizeof *p);

    if (!p || sodium_init() < 0 || !ciphers_fetch(p) || !hashes_fetch(p) ||
        !ec2_fetch(p)) {
        release(p);
        return host_failure();
    }
    *crypto = (covey_crypto){
        .provider = p,
        .cipher_key = cipher_key,
        .seal = cipher_seal,
        .open = cipher_open,
        .hmac = hmac_once,
        .hkdf = hkdf_both,
        .hkdf_expand = hkdf_expand,
        .hash_begin = hash_begin,
        .hash_update = hash_update,
        .hash_clone = hash_clone,
        .hash_finish = hash_finish,
        .hash_drop = hash_drop,
        .private_key = private_key,
        .public_key = public_key,
        .public_of = public_of,
        .sign = key_sign,
        .verify = key_verify,
        .agree = key_agree,
        .ecqv_public = ecqv_public,
        .ecqv_private = ecqv_private,
        .key_drop = key_drop,
        .random = random_fill,
    };
    return COVEY_OK;
}

void covey_openssl_close(covey_crypto *crypto)
{
    release(crypto->provider);
    *crypto = (covey_crypto){ 0 };
}
