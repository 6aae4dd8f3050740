/* SPDX-License-Identifier: BSD-2-Clause */
/* What key.c and credential.c share. */
#ifndef COVEY_COSE_INTERNAL_H
#define COVEY_COSE_INTERNAL_H

#include <covey/cose.h>

/* Passes the label of a map entry: an integer or a text (RFC 9052 Section
 * 1.5, RFC 8392 Section 1.1). A text gives a number that no label in use
 * has. */
#define COSE_LABEL_TEXT INT64_MIN

int64_t covey__cose_label(covey_cbor_reader *r);

/* First byte of a point, SEC 1 Section 2.3.3. */
enum {
    COSE_POINT_EVEN = 2,
    COSE_POINT_ODD = 3,
    COSE_POINT_WHOLE = 4
};

#endif
