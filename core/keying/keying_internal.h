/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this module share. */
#ifndef COVEY_KEYING_INTERNAL_H
#define COVEY_KEYING_INTERNAL_H

#include <covey/keying.h>

/* An array is entered; its length, 0 after a failure. Arrays of indefinite
 * length, which nobody writes here, are refused. */
size_t covey__keying_array(covey_cbor_reader *r);
/* Like covey_cbor_get_int, as a number of COSE. */
int32_t covey__keying_int32(covey_cbor_reader *r);

static inline covey_cbor_reader covey__keying_reader(covey_bytes item)
{
    return covey_cbor_reader_of(item, COVEY_CBOR_WELL_FORMED);
}

#endif
