/* SPDX-License-Identifier: BSD-2-Clause */
/* The keystream over a signature, RFC 10021 Section 4.2:
 *
 *     KEYSTREAM = HKDF(salt: Partial IV, IKM: Signature Encryption Key,
 *                      info: [ id, Gid, is_request, L ], L) */
#include <covey/group_aad.h>

#include <covey/cbor.h>

enum {
    /* Array head 1, id 1 + 7, Gid 2 + 255, request 1, L 2. */
    INFO_MAX = 1 + 1 + (COVEY_NONCE_MAX - 6) + 2 + 255 + 1 + 2
};

covey_status covey_group_mask_info(covey_writer *out,
                                   const covey_group_mask *mask,
                                   size_t signature_len)
{
    covey_cbor_put_array(out, 4);
    covey_cbor_put_bytes(out, mask->id);
    covey_cbor_put_bytes(out, mask->gid);
    covey_cbor_put_bool(out, mask->request);
    covey_cbor_put_uint(out, signature_len);
    return out->failed;
}

covey_status covey_group_mask_apply(const covey_group_mask *mask,
                                    const covey_crypto *crypto,
                                    uint8_t *signature, size_t signature_len)
{
    uint8_t info[INFO_MAX];
    uint8_t keystream[COVEY_SIGNATURE_MAX];
    covey_writer w = covey_writer_of(info, sizeof info);
    covey_writer out = covey_writer_of(keystream, signature_len);
    covey_status st;

    if (signature_len > sizeof keystream) {
        return COVEY_E_RANGE;
    }
    st = covey_group_mask_info(&w, mask, signature_len);
    if (st == COVEY_OK) {
        st = crypto->hkdf(crypto->provider, mask->hkdf, mask->piv, mask->sek,
                          covey_written(&w), &out);
    }
    if (st == COVEY_OK) {
        for (size_t i = 0; i < signature_len; i++) {
            signature[i] ^= keystream[i];
        }
    }
    covey_wipe(keystream, sizeof keystream);
    return st;
}
