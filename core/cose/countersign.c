/* SPDX-License-Identifier: BSD-2-Clause */
/* Countersign_structure, RFC 9338 Section 3.3. The text there can be read so
 * that a Countersignature0V2 leaves the signer's protected attributes out,
 * which would make four elements. The vectors printed for Group OSCORE and
 * the implementations sign five, with empty attributes; so does this. */
#include <covey/cose.h>

#define CONTEXT COVEY_CBOR_LITERAL("CounterSignature0")

/* The array's head, the context with its head, h'', h''. */
#define FIXED (1 + 1 + 17 + 1 + 1)

covey_cbor_wrapping covey_cose_countersign_structure(covey_writer *w,
                                                     size_t expected)
{
    covey_bytes empty = { NULL, 0 };

    covey_cbor_put_array(w, 5);
    covey_cbor_put_text(w, CONTEXT);
    covey_cbor_put_bytes(w, empty); /* of what is signed */
    covey_cbor_put_bytes(w, empty); /* of the signer */
    return covey_cbor_wrap(w, expected);
}

void covey_cose_put_countersign_structure(covey_writer *w,
                                          covey_bytes external_aad,
                                          covey_bytes ciphertext)
{
    covey_cbor_wrapping wrap =
        covey_cose_countersign_structure(w, external_aad.len);

    covey_write_bytes(w, external_aad);
    covey_cbor_wrap_end(w, wrap);
    covey_cbor_put_bytes(w, ciphertext);
}

size_t covey_cose_countersign_structure_size(size_t external_aad,
                                             size_t ciphertext)
{
    return FIXED + covey_cbor_head_size(external_aad) + external_aad +
           covey_cbor_head_size(ciphertext) + ciphertext;
}
