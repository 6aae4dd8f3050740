/* SPDX-License-Identifier: BSD-2-Clause */
/* Additional authenticated data, RFC 8613 Section 5.4:
 *
 *     AAD          = [ "Encrypt0", h'', external_aad ]
 *     external_aad = bstr([ 1, [ alg_aead ], request_kid, request_piv, h'' ])
 *
 * The last element are class I options, of which there are none. */
#include <covey/oscore.h>

#include <covey/cbor.h>

#define OSCORE_VERSION 1u

covey_status covey_oscore_aad(covey_writer *out, int32_t aead,
                              covey_bytes request_kid, covey_bytes request_piv)
{
    const covey_bytes none = { NULL, 0 };
    /* Array heads, version and the empty options: four bytes; the two byte
     * strings have heads of one byte. */
    const size_t expected =
        6 + covey_cbor_int_size(aead) + request_kid.len + request_piv.len;
    covey_cbor_wrapping wrap;

    covey_cbor_put_array(out, 3);
    covey_cbor_put_text(out, COVEY_CBOR_LITERAL("Encrypt0"));
    covey_cbor_put_bytes(out, none);
    wrap = covey_cbor_wrap(out, expected);
    covey_cbor_put_array(out, 5);
    covey_cbor_put_uint(out, OSCORE_VERSION);
    covey_cbor_put_array(out, 1);
    covey_cbor_put_int(out, aead);
    covey_cbor_put_bytes(out, request_kid);
    covey_cbor_put_bytes(out, request_piv);
    covey_cbor_put_bytes(out, none);
    covey_cbor_wrap_end(out, wrap);
    return out->failed;
}
