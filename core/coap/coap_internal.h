/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this module share. */
#ifndef COVEY_COAP_INTERNAL_H
#define COVEY_COAP_INTERNAL_H

#include <covey/coap.h>

/* The 4-bit length codes of TKL (RFC 8974 Section 2.1), option delta and
 * length (RFC 7252 Section 3.1) and the stream's Len (RFC 8323 Section 3.2):
 * up to 12 the value itself; 13 and 14 announce extension bytes. */
enum {
    NIBBLE_EXT8 = 13,  /* one byte follows, value - 13 */
    NIBBLE_EXT16 = 14, /* two bytes follow, value - 269 */
    NIBBLE_LAST = 15   /* reserved, except for Len: four bytes */
};

#define EXT8_BASE  13u
#define EXT16_BASE 269u
#define EXT32_BASE 65805u /* of Len only */
/* Given for an extension that does not fit: longer than anything that does. */
#define EXTENDED_SHORT UINT32_MAX

/* The value that `nibble` (0 to 14) announces, its extension read from
 * in.ptr[*pos] on; EXTENDED_SHORT if the extension is cut off. */
uint32_t covey__coap_extended(covey_bytes in, size_t *pos, uint32_t nibble);

/* The stream's Len: its four bits, and its extension (RFC 8323 Section 3.2).
 * Above what can be said they are NIBBLE_LAST without an extension. */
unsigned covey__coap_stream_len(size_t len, uint8_t ext[4], size_t *ext_len);

/* Options, marker and payload of m from the bytes behind the token (behind
 * the code in an OSCORE plaintext); m's other fields stay. */
covey_status covey__coap_parse_body(covey_coap_message *m, covey_bytes body);

#endif
