/* SPDX-License-Identifier: BSD-2-Clause */
/* One protected message taken apart: nonce, AAD, keys, signature and keystream
 * are computed from the case by the functions below the security context, and
 * compared with the vector and with the message that the context made. */
#include "selftest_group.h"

#include <string.h>

struct inputs {
    group_case *c;
    const group_made *made;
    const group_message *m;
    const group_sealed *sealed;
    const covey_crypto *crypto;
    const selftest_check *k;
    group_member *from;
    covey_bytes value;      /* of the OSCORE option */
    covey_bytes ciphertext; /* of the message that was made */
    covey_bytes masked;     /* and its signature, empty in pairwise mode */
    covey_bytes piv;        /* as used for the nonce */
    covey_bytes piv_id;     /* of who generated it */
    covey_bytes nobody;
    uint8_t piv_storage[COVEY_OSCORE_PIV_MAX];
};

static int32_t algorithm_of(const struct inputs *in)
{
    const covey_group_algorithms *a = &in->c->p.algorithms;

    return in->m->pairwise ? a->aead : a->group_enc;
}

/* The bytes of a signature at the end of a payload. */
static bool split(const struct inputs *in, covey_bytes payload,
                  covey_bytes *ciphertext, covey_bytes *masked)
{
    const size_t len = in->m->pairwise
                           ? 0
                           : covey_signature_len(in->c->p.algorithms.signature,
                                                 (int32_t)in->c->p.curve);

    if (payload.len < len) {
        return selftest_differs(in->k, "room for a signature", "none");
    }
    *ciphertext = covey_bytes_of(payload.ptr, payload.len - len);
    *masked = covey_bytes_of(payload.ptr + payload.len - len, len);
    return true;
}

static bool take_apart(struct inputs *in)
{
    covey_coap_message outer;
    covey_oscore_option option;

    return selftest_done(in->k, "an OSCORE message",
                         covey_coap_parse(&outer, in->sealed->bytes)) &&
           selftest_done(
               in->k, "an OSCORE option",
               covey_oscore_value_find(&option, &in->value, &outer)) &&
           split(in, outer.payload, &in->ciphertext, &in->masked) &&
           selftest_same(in->k, "option", in->m->option, in->value) &&
           selftest_same(in->k, "ciphertext", in->m->ciphertext,
                         in->ciphertext);
}

static bool check_nonce(const struct inputs *in)
{
    const covey_alg *alg = covey_aead_find(algorithm_of(in));
    uint8_t nonce[COVEY_NONCE_MAX];

    if (alg == NULL || alg->nonce_len > in->made->common.iv_len) {
        return selftest_differs(in->k, "a known algorithm", "none");
    }
    if (in->m->algorithm != COVEY_ALG_UNSET && in->m->algorithm != alg->id) {
        return selftest_differs(in->k, covey_alg_name(in->m->algorithm),
                                covey_alg_name(alg->id));
    }
    return selftest_done(
               in->k, "a nonce",
               covey_oscore_nonce(
                   nonce,
                   covey_bytes_of(in->made->common.common_iv, alg->nonce_len),
                   in->piv_id, in->piv)) &&
           selftest_same(in->k, "nonce", in->m->nonce,
                         covey_bytes_of(nonce, alg->nonce_len));
}

static bool check_key(const struct inputs *in)
{
    const size_t i = in->m->request ? GROUP_CLIENT : GROUP_SERVER;
    const covey_bytes key =
        in->m->pairwise
            ? covey_bytes_of(in->made->pairwise_to[i], in->made->pairwise_len)
            : covey_bytes_of(in->made->sender_key[i],
                             in->made->sender_key_len);

    return selftest_same(in->k, "encryption key", in->m->key, key);
}

static bool check_mask(const struct inputs *in, const covey_group_mask *mask)
{
    uint8_t info[300];
    uint8_t keystream[COVEY_SIGNATURE_MAX] = { 0 };
    covey_writer w = covey_writer_of(info, sizeof info);
    const size_t len = in->masked.len;

    return selftest_done(in->k, "info of the keystream",
                         covey_group_mask_info(&w, mask, len)) &&
           selftest_same(in->k, "info of the keystream", in->m->keystream_info,
                         covey_written(&w)) &&
           selftest_same(in->k, "salt of the keystream", in->m->keystream_salt,
                         in->piv) &&
           selftest_done(
               in->k, "a keystream",
               covey_group_mask_apply(mask, in->crypto, keystream, len)) &&
           selftest_same(in->k, "keystream", in->m->keystream,
                         covey_bytes_of(keystream, len));
}

/* The signature in a payload, without its mask. */
static bool unmask(const struct inputs *in, const covey_group_mask *mask,
                   covey_bytes masked, uint8_t out[COVEY_SIGNATURE_MAX])
{
    memcpy(out, masked.ptr, masked.len);
    return selftest_done(
        in->k, "a signature",
        covey_group_mask_apply(mask, in->crypto, out, masked.len));
}

/* The vector's signature and our own. */
static bool check_signatures(const struct inputs *in, covey_bytes tbs)
{
    const covey_group_mask mask = {
        .sek = covey_bytes_of(in->made->common.sek, in->made->common.sek_len),
        .id = in->piv_id,
        .piv = in->piv,
        .gid = in->c->p.gid,
        .hkdf = in->c->p.hkdf,
        .request = in->m->request,
    };
    const int32_t alg = in->c->p.algorithms.signature;
    const size_t len = in->masked.len;
    uint8_t theirs[COVEY_SIGNATURE_MAX];
    uint8_t ours[COVEY_SIGNATURE_MAX];
    covey_coap_message outer;
    covey_bytes ciphertext = in->nobody;
    covey_bytes masked = in->nobody;

    return selftest_done(in->k, "a message",
                         covey_coap_parse(&outer, in->m->protected)) &&
           split(in, outer.payload, &ciphertext, &masked) &&
           selftest_same(in->k, "encrypted signature", in->m->masked,
                         masked) &&
           check_mask(in, &mask) && unmask(in, &mask, masked, theirs) &&
           selftest_same(in->k, "signature", in->m->signature,
                         covey_bytes_of(theirs, len)) &&
           selftest_check_signature(&in->from->keys, in->crypto, alg, tbs,
                                    covey_bytes_of(theirs, len), in->k) &&
           unmask(in, &mask, in->masked, ours) &&
           selftest_check_signature(&in->from->keys, in->crypto, alg, tbs,
                                    covey_bytes_of(ours, len), in->k);
}

/* external_aad and what is built around it. Encryption without authentication
 * has no AAD. */
static bool check_structures(const struct inputs *in,
                             const covey_group_binding *b, uint8_t *scratch,
                             size_t cap)
{
    const covey_group_algorithms *a = &in->c->p.algorithms;
    const covey_alg *alg = covey_aead_find(algorithm_of(in));
    covey_writer w = covey_writer_of(scratch, cap);
    covey_group_inputs structures;
    covey_bytes tbs;

    covey_group_put_external_aad(&w, a, b);
    if (!selftest_done(in->k, "external_aad", w.failed) ||
        !selftest_same(in->k, "external_aad", in->m->external_aad,
                       covey_written(&w)) ||
        !selftest_done(
            in->k, "external_aad",
            covey_group_inputs_begin(&structures, scratch, cap, a, b)) ||
        !selftest_same(in->k, "AAD", in->m->aad,
                       alg != NULL && alg->kind == COVEY_ALG_AEAD
                           ? covey_group_enc_structure(&structures)
                           : in->nobody)) {
        return false;
    }
    if (in->m->pairwise) {
        return true;
    }
    return selftest_done(
               in->k, "Countersign_structure",
               covey_group_to_be_signed(&structures, in->ciphertext, &tbs)) &&
           selftest_same(in->k, "Countersign_structure", in->m->tbs, tbs) &&
           check_signatures(in, tbs);
}

/* A pairwise message has no values of a signature. */
static bool check_unsigned(const struct inputs *in)
{
    const group_message *m = in->m;

    return !m->pairwise ||
           (m->tbs.ptr == NULL && m->signature.ptr == NULL &&
            m->keystream.ptr == NULL && m->keystream_info.ptr == NULL &&
            m->keystream_salt.ptr == NULL && m->masked.ptr == NULL) ||
           selftest_differs(in->k, "a signature", "a pairwise message");
}

/* The whole message: to the last byte, or to the signature where that is not
 * the same twice; the vector's own has been compared with its parts. */
static bool check_message(const struct inputs *in)
{
    const bool random =
        !in->m->pairwise && in->c->p.algorithms.signature != COVEY_EDDSA;
    covey_bytes expected = in->m->protected;
    covey_bytes got = in->sealed->bytes;

    if (expected.len != got.len) {
        return selftest_same(in->k, "message", expected, got);
    }
    if (random) {
        expected.len -= in->masked.len;
        got.len -= in->masked.len;
    }
    return selftest_same(in->k, "message", expected, got);
}

bool group_inputs_check(group_case *c, const group_made *made,
                        const group_message *m, const group_sealed *sealed,
                        const covey_crypto *crypto, const selftest_check *k)
{
    group_member *from = &c->members[m->request ? GROUP_CLIENT : GROUP_SERVER];
    struct inputs in = {
        .c = c,
        .made = made,
        .m = m,
        .sealed = sealed,
        .crypto = crypto,
        .k = k,
        .from = from,
        .piv_id = sealed->own_piv ? from->id : c->members[GROUP_CLIENT].id,
    };
    covey_group_binding b = {
        .request_kid = c->members[GROUP_CLIENT].id,
        .request_piv = sealed->request_piv,
        .request_kid_context = c->p.gid,
        .sender_cred = from->credential,
        .gm_cred = c->p.gm_cred,
    };
    selftest_pool pool = { NULL, 0 };
    size_t cap;
    uint8_t *scratch;
    bool good;

    in.piv = covey_oscore_piv(sealed->number, in.piv_storage);
    if (!take_apart(&in) || !check_unsigned(&in) || !check_nonce(&in) ||
        !check_key(&in)) {
        return false;
    }
    b.option = in.value;
    cap = COVEY_GROUP_INPUTS_MAX(
        COVEY_GROUP_AAD_MAX(c->p.gid.len, in.value.len, from->credential.len,
                            c->p.gm_cred.len),
        in.ciphertext.len);
    scratch = selftest_pool_take(&pool, cap);
    good = scratch != NULL
               ? check_structures(&in, &b, scratch, cap) && check_message(&in)
               : selftest_differs(k, "enough memory", "none");
    selftest_pool_free(&pool);
    return good;
}
