/* SPDX-License-Identifier: BSD-2-Clause */
/* Additional authenticated data, RFC 8613 Section 5.4:
 *
 *     AAD          = [ "Encrypt0", h'', external_aad ]
 *     external_aad = bstr([ 1, [ alg_aead ], request_kid, request_piv, h'' ])
 *
 * The last element are class I options, of which there are none. All byte
 * strings here are shorter than 24 bytes, so their heads are single bytes. */
#include <covey/oscore.h>

#include <covey/cbor.h>

#include <string.h>

#define BYTES_HEAD 0x40u /* of a byte string, its length added */

/* Array of three, "Encrypt0", the empty protected header, the head of the
 * external_aad; array of five, version 1, array of one algorithm. */
static const uint8_t beginning[] = { 0x83, 0x68, 'E',  'n',  'c',
                                     'r',  'y',  'p',  't',  '0',
                                     0x40, 0x40, 0x85, 0x01, 0x81 };
#define AT_HEAD 11u

/* This is done for each message; the writer is asked only once. */
static uint8_t *put_bytes(uint8_t *to, covey_bytes bytes)
{
    *to++ = (uint8_t)(BYTES_HEAD + bytes.len);
    for (size_t i = 0; i < bytes.len; i++) {
        *to++ = bytes.ptr[i];
    }
    return to;
}

covey_status covey_oscore_aad(covey_writer *out, int32_t aead,
                              covey_bytes request_kid, covey_bytes request_piv)
{
    const covey_bytes options = { NULL, 0 };
    const size_t alg_len = covey_cbor_int_size(aead);
    const size_t len = sizeof beginning + alg_len + 1 + request_kid.len + 1 +
                       request_piv.len + 1;
    uint8_t *to = covey_write_reserve(out, len);
    covey_writer alg;

    if (to == NULL) {
        return out->failed;
    }
    memcpy(to, beginning, sizeof beginning);
    to[AT_HEAD] = (uint8_t)(BYTES_HEAD + (len - AT_HEAD - 1));
    to += sizeof beginning;
    alg = covey_writer_of(to, alg_len);
    covey_cbor_put_int(&alg, aead);
    to = put_bytes(to + alg_len, request_kid);
    to = put_bytes(to, request_piv);
    (void)put_bytes(to, options);
    return COVEY_OK;
}
