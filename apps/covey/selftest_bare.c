/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest_bare.h"

#include <string.h>

static bool derive(selftest_bare *b)
{
    covey_writer w;

    b->key_len = group_key_len(&b->p.algorithms);
    w = covey_writer_of(b->sender_key, b->key_len);
    return selftest_done(b->k, "keys",
                         covey_group_derive(&b->common, &b->p, b->crypto)) &&
           selftest_done(b->k, "a Sender Key",
                         covey_group_derive_sender_key(&w, &b->p, b->sender_id,
                                                       b->crypto)) &&
           selftest_done(b->k, "a cipher",
                         b->crypto->cipher_key(b->crypto->provider,
                                               b->p.algorithms.group_enc,
                                               covey_written(&w), &b->key));
}

bool selftest_bare_open(selftest_bare *b)
{
    const covey_alg *alg = covey_aead_find(b->p.algorithms.group_enc);

    if (alg == NULL) {
        return selftest_differs(b->k, "a Group Encryption Algorithm", "none");
    }
    b->nonce_len = alg->nonce_len;
    return derive(b) &&
           selftest_done(b->k, "a nonce",
                         covey_oscore_nonce(
                             b->nonce,
                             covey_bytes_of(b->common.common_iv, b->nonce_len),
                             b->piv_id, b->piv)) &&
           selftest_done(b->k, "external_aad",
                         covey_group_inputs_begin(
                             &b->inputs, b->scratch, sizeof b->scratch,
                             &b->p.algorithms, &b->binding));
}

void selftest_bare_close(selftest_bare *b)
{
    b->crypto->key_drop(b->crypto->provider, &b->key);
    covey_wipe(&b->common, sizeof b->common);
    covey_wipe(b->sender_key, sizeof b->sender_key);
}

bool selftest_bare_decrypt(selftest_bare *b, covey_bytes ciphertext,
                           covey_writer *plaintext)
{
    return selftest_done(
        b->k, "a plaintext",
        b->crypto->open(b->crypto->provider, &b->key,
                        covey_bytes_of(b->nonce, b->nonce_len),
                        covey_group_enc_structure(&b->inputs), ciphertext,
                        plaintext));
}

bool selftest_bare_cipher(selftest_bare *b, covey_bytes plaintext,
                          covey_bytes ciphertext)
{
    uint8_t storage[2][1024];
    covey_writer sealed = covey_writer_of(storage[0], sizeof storage[0]);
    covey_writer opened = covey_writer_of(storage[1], sizeof storage[1]);

    return selftest_done(
               b->k, "a ciphertext",
               b->crypto->seal(b->crypto->provider, &b->key,
                               covey_bytes_of(b->nonce, b->nonce_len),
                               covey_group_enc_structure(&b->inputs),
                               plaintext, &sealed)) &&
           selftest_same(b->k, "ciphertext", ciphertext,
                         covey_written(&sealed)) &&
           selftest_bare_decrypt(b, covey_written(&sealed), &opened) &&
           selftest_same(b->k, "plaintext", plaintext, covey_written(&opened));
}

bool selftest_bare_signature(selftest_bare *b, selftest_keys *keys,
                             covey_bytes ciphertext, covey_bytes masked,
                             covey_bytes signature, covey_bytes keystream)
{
    const covey_group_mask mask = {
        .sek = covey_bytes_of(b->common.sek, b->common.sek_len),
        .id = b->piv_id,
        .piv = b->piv,
        .gid = b->p.gid,
        .hkdf = b->p.hkdf,
        .request = b->request,
    };
    uint8_t stream[COVEY_SIGNATURE_MAX] = { 0 };
    uint8_t plain[COVEY_SIGNATURE_MAX];
    const covey_bytes made = covey_bytes_of(plain, masked.len);
    covey_bytes tbs;

    if (masked.len > sizeof plain) {
        return selftest_differs(b->k, "a signature", "more bytes than one");
    }
    memcpy(plain, masked.ptr, masked.len);
    return selftest_done(
               b->k, "a keystream",
               covey_group_mask_apply(&mask, b->crypto, stream, masked.len)) &&
           selftest_same(b->k, "keystream", keystream,
                         covey_bytes_of(stream, masked.len)) &&
           selftest_done(
               b->k, "a signature",
               covey_group_mask_apply(&mask, b->crypto, plain, masked.len)) &&
           selftest_same(b->k, "signature", signature, made) &&
           selftest_done(
               b->k, "Countersign_structure",
               covey_group_to_be_signed(&b->inputs, ciphertext, &tbs)) &&
           selftest_check_signature(keys, b->crypto, b->p.algorithms.signature,
                                    tbs, made, b->k);
}
