/* SPDX-License-Identifier: BSD-2-Clause */
/* Named values one after the other, as lines of text or as members of one
 * JSON object. Names are those of the standard, in the order in which its
 * appendix prints them. */
#ifndef COVEY_APP_OSCORE_REPORT_H
#define COVEY_APP_OSCORE_REPORT_H

#include <covey/bytes.h>

#include <stdbool.h>
#include <stdint.h>

struct oscore_report {
    bool json;
    unsigned count;
};

/* Bytes in hex. Absent ones are "absent", or null; no bytes are "empty". */
void oscore_report_hex(struct oscore_report *r, const char *name,
                       covey_bytes bytes);
/* Text without quotes and control characters. */
void oscore_report_text(struct oscore_report *r, const char *name,
                        const char *text);
void oscore_report_number(struct oscore_report *r, const char *name,
                          uint64_t number);
void oscore_report_bool(struct oscore_report *r, const char *name, bool yes);
/* After the last one; nothing if there was none. */
void oscore_report_end(struct oscore_report *r);

#endif
