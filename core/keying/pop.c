/* SPDX-License-Identifier: BSD-2-Clause */
/* Inputs of the proofs of possession. Each part keeps its CBOR head, so that
 * no byte can move from one into another. */
#include <covey/keying.h>

#include <covey/cbor.h>

static covey_status put_parts(covey_writer *out, const covey_bytes *parts,
                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len == 0) {
            return COVEY_E_ARGUMENT;
        }
    }
    for (size_t i = 0; i < count; i++) {
        covey_cbor_put_bytes(out, parts[i]);
    }
    return out->failed;
}

covey_status covey_keying_client_pop(covey_writer *out, covey_bytes scope,
                                     covey_bytes n_s, covey_bytes n_c)
{
    const covey_bytes parts[] = { scope, n_s, n_c };

    return put_parts(out, parts, 3);
}

covey_status covey_keying_kdc_pop(covey_writer *out, covey_bytes n_c,
                                  covey_bytes n_kdc)
{
    const covey_bytes parts[] = { n_c, n_kdc };

    return put_parts(out, parts, 2);
}
