/* SPDX-License-Identifier: BSD-2-Clause */
/* The initial byte (RFC 8949 Section 3), and what the files of the reader
 * share. */
#ifndef COVEY_CBOR_INTERNAL_H
#define COVEY_CBOR_INTERNAL_H

#include <covey/cbor.h>

/* Major types; up to TAG they are covey_cbor_type in the same order. */
enum {
    MAJOR_UINT = 0,
    MAJOR_NINT = 1,
    MAJOR_BYTES = 2,
    MAJOR_TEXT = 3,
    MAJOR_ARRAY = 4,
    MAJOR_MAP = 5,
    MAJOR_TAG = 6,
    MAJOR_OTHER = 7
};

/* Additional information: below INFO_1 the argument itself, then the number
 * of bytes that it takes. */
enum {
    INFO_1 = 24,
    INFO_2 = 25,
    INFO_4 = 26,
    INFO_8 = 27,
    INFO_INDEFINITE = 31
};

/* Simple values, Section 3.3. */
enum {
    SIMPLE_FALSE = 20,
    SIMPLE_TRUE = 21,
    SIMPLE_NULL = 22,
    SIMPLE_RESERVED = 24, /* to 31: no such values */
    SIMPLE_LONG = 32      /* and above: in a byte of their own */
};

/* What an initial byte and its argument say. */
struct cbor_head {
    size_t at; /* where it begins */
    unsigned major;
    unsigned info;
    uint64_t argument;
};

/* Passes a head that is allowed in the reader's mode; false if the reader has
 * failed, now or before. */
bool covey__cbor_head(covey_cbor_reader *r, struct cbor_head *h);
/* The content of a string of definite length whose head has been passed. */
covey_bytes covey__cbor_content(covey_cbor_reader *r,
                                const struct cbor_head *h);
/* The items, two for each pair, of an array or map of definite length whose
 * head has been passed; 0 and a failure if so many cannot follow. */
size_t covey__cbor_count(covey_cbor_reader *r, const struct cbor_head *h);
/* Fails the reader at an item whose head has been passed. */
void covey__cbor_fail_at(covey_cbor_reader *r, size_t at, covey_status why);

#endif
