/* SPDX-License-Identifier: BSD-2-Clause */
/* Additional authenticated data, RFC 8613 Section 5.4:
 *
 *     AAD          = [ "Encrypt0", h'', external_aad ]
 *     external_aad = bstr([ 1, [ alg_aead ], request_kid, request_piv, h'' ])
 *
 * The last element are class I options, of which there are none. */
#include <covey/oscore.h>

#include <covey/cbor.h>

/* Array of three, "Encrypt0", the empty protected header. */
static const uint8_t structure[] = { 0x83, 0x68, 'E', 'n', 'c', 'r',
                                     'y',  'p',  't', '0', 0x40 };
/* Array of five, version 1, array of one algorithm. */
static const uint8_t external[] = { 0x85, 0x01, 0x81 };

covey_status covey_oscore_aad(covey_writer *out, int32_t aead,
                              covey_bytes request_kid, covey_bytes request_piv)
{
    const covey_bytes options = { NULL, 0 };
    /* The two byte strings and the empty one have heads of one byte. */
    const size_t len = sizeof external + covey_cbor_int_size(aead) + 1 +
                       request_kid.len + 1 + request_piv.len + 1;

    covey_write_bytes(out, covey_bytes_of(structure, sizeof structure));
    covey_cbor_put_bytes_head(out, len);
    covey_write_bytes(out, covey_bytes_of(external, sizeof external));
    covey_cbor_put_int(out, aead);
    covey_cbor_put_bytes(out, request_kid);
    covey_cbor_put_bytes(out, request_piv);
    covey_cbor_put_bytes(out, options);
    return out->failed;
}
