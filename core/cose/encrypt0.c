/* SPDX-License-Identifier: BSD-2-Clause */
/* Enc_structure, RFC 9052 Section 5.3. Its protected attributes are always
 * empty here (RFC 8613 Section 5). */
#include <covey/cose.h>

#define CONTEXT COVEY_CBOR_LITERAL("Encrypt0")

/* The array's head, the context with its head, h''. */
#define FIXED (1 + 1 + 8 + 1)

covey_cbor_wrapping covey_cose_enc_structure(covey_writer *w, size_t expected)
{
    covey_bytes empty = { NULL, 0 };

    covey_cbor_put_array(w, 3);
    covey_cbor_put_text(w, CONTEXT);
    covey_cbor_put_bytes(w, empty);
    return covey_cbor_wrap(w, expected);
}

void covey_cose_put_enc_structure(covey_writer *w, covey_bytes external_aad)
{
    covey_cbor_wrapping wrap = covey_cose_enc_structure(w, external_aad.len);

    covey_write_bytes(w, external_aad);
    covey_cbor_wrap_end(w, wrap);
}

size_t covey_cose_enc_structure_size(size_t external_aad)
{
    return FIXED + covey_cbor_head_size(external_aad) + external_aad;
}
