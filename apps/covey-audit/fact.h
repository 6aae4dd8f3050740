/* SPDX-License-Identifier: BSD-2-Clause */
/* What an inventory says of a target, as the worker is told: a list of kind
 * (1 byte), length (2), value. From the broker, who is believed. */
#ifndef COVEY_AUDIT_FACT_H
#define COVEY_AUDIT_FACT_H

#include <covey/bytes.h>

enum {
    FACTS_MAX = 32768 /* of a target */
};

enum fact_kind {
    FACT_NAME = 'n',     /* a DNS name for which its certificate may be */
    FACT_ANCHOR = 'x',   /* X.509 in DER */
    FACT_ITS = 'i',      /* certificate of ITS, an anchor */
    FACT_PSID = 'p',     /* u32: the service that it offers */
    FACT_SSP = 's',      /* the SSP of that service */
    FACT_POSITION = 'g', /* latitude, longitude: u32 each, two's complement,
                          * tenths of a microdegree */
    FACT_COUNTRY = 'c',  /* u32: UN M.49 */
    FACT_RESOURCE = 'r'  /* a path that is to be listed */
};

/* The next of any kind; false at the end. */
static inline bool fact_next(covey_bytes *left, uint8_t *kind,
                             covey_bytes *value)
{
    covey_reader r = covey_reader_of(*left);

    *kind = covey_read_u8(&r);
    *value = covey_read_bytes(&r, covey_read_u16(&r));
    *left = covey_read_rest(&r);
    return r.failed == COVEY_OK;
}

/* The next of this kind. */
static inline bool fact_find(covey_bytes *left, enum fact_kind wanted,
                             covey_bytes *value)
{
    uint8_t kind = 0;

    while (fact_next(left, &kind, value)) {
        if (kind == (uint8_t)wanted) {
            return true;
        }
    }
    return false;
}

static inline void fact_put(covey_writer *w, enum fact_kind kind,
                            covey_bytes value)
{
    covey_write_u8(w, (uint8_t)kind);
    covey_write_u16(w, (uint16_t)value.len);
    covey_write_bytes(w, value);
}

#endif
