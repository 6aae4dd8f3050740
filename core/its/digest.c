/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashes of certificates: the whole-certificate hash behind HashedId8, and
 * what an issuer signs, H(H(toBeSigned) | H(issuer's certificate)), the outer
 * hash being left to the provider's signature (1609.2 clause 5.3.1). Both are
 * of the canonical form. A certificate that is canonical, as nearly all are,
 * is hashed where it is. */
#include "its_internal.h"

#include <string.h>

enum {
    /* encryption key and verification key, or a signature, each compressed */
    PIECE_MAX = 160
};

/* What is the same in both forms: everything before the first key. */
static covey_bytes prefix_of(const covey_its_cert *c, const uint8_t *from)
{
    const covey_its_public *key =
        c->has_encryption ? &c->encryption : &c->verify_key;
    size_t head = 2; /* tag of the point, and of the curve */

    if (key->alg != COVEY_ITS_P256 && key->alg != COVEY_ITS_BRAINPOOL_P256R1) {
        head++; /* length of an open type, below 128 */
    }
    if (c->has_encryption || !c->implicit) {
        head++; /* symmetric algorithm, or VerificationKeyIndicator */
    }
    return covey_bytes_of(from, (size_t)(key->point.x.ptr - from) - head);
}

static covey_status update(const covey_crypto *crypto, covey_hash *hash,
                           covey_bytes piece)
{
    return piece.len > 0 ? crypto->hash_update(crypto->provider, hash, piece)
                         : COVEY_OK;
}

/* The canonical form, in pieces: what comes first, the keys, what a later
 * edition added, and the signature if all of it is wanted. */
static covey_status feed_pieces(const covey_crypto *crypto, covey_hash *hash,
                                const covey_its_cert *cert, bool whole)
{
    covey_its_cert c = covey__its_canonical(cert);
    uint8_t storage[PIECE_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_status st =
        update(crypto, hash, prefix_of(cert, whole ? c.whole.ptr : c.tbs.ptr));

    covey__its_put_keys(&w, &c);
    if (st == COVEY_OK) {
        st = update(crypto, hash, covey_written(&w));
    }
    if (st == COVEY_OK) {
        st = update(crypto, hash, c.additions);
    }
    if (st == COVEY_OK && whole && !c.implicit) {
        w = covey_writer_of(storage, sizeof storage);
        covey__its_put_signature(&w, &c.signature);
        st = update(crypto, hash, covey_written(&w));
    }
    return st;
}

/* Appends the hash of the certificate, or of its toBeSigned. */
static covey_status hash_cert(const covey_crypto *crypto, covey_its_hash alg,
                              const covey_its_cert *cert, bool whole,
                              covey_writer *out)
{
    bool as_it_is = whole ? covey_its_cert_is_canonical(cert)
                          : covey__its_tbs_is_canonical(cert);
    covey_hash hash;
    covey_status st;

    if (covey__its_hash_alg(alg) == 0) {
        return COVEY_E_UNSUPPORTED;
    }
    st = crypto->hash_begin(crypto->provider, covey__its_hash_alg(alg), &hash);
    if (st != COVEY_OK) {
        return st;
    }
    st = as_it_is ? update(crypto, &hash, whole ? cert->whole : cert->tbs)
                  : feed_pieces(crypto, &hash, cert, whole);
    if (st == COVEY_OK) {
        st = crypto->hash_finish(crypto->provider, &hash, out);
    }
    crypto->hash_drop(crypto->provider, &hash);
    return st;
}

covey_status covey_its_digest_of(covey_its_digest *out,
                                 const covey_its_cert *cert,
                                 const covey_crypto *crypto)
{
    covey_its_hash alg = covey_its_hash_of(cert->verify_key.alg);
    covey_its_digest d = { .len = (uint8_t)covey__its_hash_len(alg) };
    covey_writer w = covey_writer_of(d.bytes, sizeof d.bytes);
    covey_status st = hash_cert(crypto, alg, cert, true, &w);

    if (st == COVEY_OK) {
        *out = d;
    }
    return st;
}

covey_bytes covey_its_hashed_id(const covey_its_digest *digest, size_t n)
{
    return covey_bytes_of(digest->bytes + digest->len - n, n);
}

covey_status covey__its_hash_bytes(const covey_crypto *crypto,
                                   covey_its_hash alg, covey_bytes bytes,
                                   covey_writer *out)
{
    covey_hash hash;
    covey_status st = COVEY_E_UNSUPPORTED;

    if (covey__its_hash_alg(alg) != 0) {
        st = crypto->hash_begin(crypto->provider, covey__its_hash_alg(alg),
                                &hash);
    }
    if (st != COVEY_OK) {
        return st;
    }
    st = update(crypto, &hash, bytes);
    if (st == COVEY_OK) {
        st = crypto->hash_finish(crypto->provider, &hash, out);
    }
    crypto->hash_drop(crypto->provider, &hash);
    return st;
}

covey_status covey_its_cert_input(covey_writer *out,
                                  const covey_its_cert *cert,
                                  const covey_its_digest *issuer,
                                  const covey_crypto *crypto)
{
    covey_its_hash alg = cert->issuer_hash;
    covey_status st = hash_cert(crypto, alg, cert, false, out);

    if (st != COVEY_OK || issuer == NULL) {
        return st == COVEY_OK ? covey__its_hash_bytes(
                                    crypto, alg, covey_bytes_of(NULL, 0), out)
                              : st;
    }
    if (issuer->len != covey__its_hash_len(alg)) {
        return COVEY_E_ARGUMENT;
    }
    covey_write_bytes(out, covey_bytes_of(issuer->bytes, issuer->len));
    return out->failed;
}
