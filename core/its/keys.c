/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys and signatures of certificates as the provider knows them. */
#include "its_internal.h"

enum {
    COORDINATE_MAX = 48,
    INPUT_MAX = 2 * COVEY_ITS_DIGEST_MAX
};

/* SEC 1 Section 2.3.3: 02, 03 or 04 first, as the standard numbers them. */
static covey_bytes encode_point(const covey_its_point *p, uint8_t *storage,
                                size_t cap)
{
    covey_writer w = covey_writer_of(storage, cap);

    covey_write_u8(&w, (uint8_t)p->form);
    covey_write_bytes(&w, p->x);
    covey_write_bytes(&w, p->y);
    return covey_written(&w);
}

covey_status covey__its_import(covey_key *out, const covey_its_public *from,
                               const covey_crypto *crypto)
{
    uint8_t storage[1 + 2 * COORDINATE_MAX];

    if (from->alg == COVEY_ITS_SM2) {
        return COVEY_E_UNSUPPORTED;
    }
    return crypto->public_key(
        crypto->provider, covey_its_curve(from->alg),
        encode_point(&from->point, storage, sizeof storage), out);
}

covey_status covey__its_verify(covey_key *key,
                               const covey_its_signature *signature,
                               covey_bytes input, const covey_crypto *crypto)
{
    uint8_t storage[2 * COORDINATE_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    covey_write_bytes(&w, signature->r.x);
    covey_write_bytes(&w, signature->s);
    return crypto->verify(crypto->provider, key,
                          covey_its_signs(signature->alg), input,
                          covey_written(&w));
}

covey_status covey__its_reconstruct(covey_key *out, const covey_its_cert *cert,
                                    const covey_its_digest *issuer,
                                    const covey_key *issuer_key,
                                    const covey_crypto *crypto)
{
    uint8_t input[INPUT_MAX];
    uint8_t factor[COVEY_ITS_DIGEST_MAX];
    uint8_t storage[1 + 2 * COORDINATE_MAX];
    covey_writer w = covey_writer_of(input, sizeof input);
    covey_writer e = covey_writer_of(factor, sizeof factor);
    covey_status st = covey_its_cert_input(&w, cert, issuer, crypto);

    if (st == COVEY_OK) {
        st = covey__its_hash_bytes(crypto, cert->issuer_hash,
                                   covey_written(&w), &e);
    }
    if (st != COVEY_OK) {
        return st;
    }
    return crypto->ecqv_public(
        crypto->provider, covey_written(&e),
        encode_point(&cert->verify_key.point, storage, sizeof storage),
        issuer_key, out);
}
