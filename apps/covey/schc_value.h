/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of header fields as people write them: 0.01 GET, CON, "temp",
 * 2001:db8::/64. */
#ifndef COVEY_APP_SCHC_VALUE_H
#define COVEY_APP_SCHC_VALUE_H

#include <covey/schc.h>

/* Bits of a field, base NULL if there are none. */
typedef struct schc_span {
    const uint8_t *base;
    uint32_t off;
    uint32_t bits;
} schc_span;

/* Hex of the bits as a number: right-aligned, as short as bytes allow. To be
 * freed; NULL without memory. */
char *schc_value_hex(schc_span value);
/* The same bits as zeros and ones. */
char *schc_value_bits(schc_span value);
/* The meaning of the value of this field; an empty string if hex says all
 * there is. To be freed; NULL without memory. */
char *schc_value_text(uint8_t id, uint16_t option, schc_span value);
/* One word for both, for messages: the meaning, or 0x and hex. */
char *schc_value_short(uint8_t id, uint16_t option, schc_span value);

/* "0.01 GET", "2.05 Content", "7.31". */
#define SCHC_CODE_MAX 40u
const char *schc_code_text(uint8_t code, char buf[SCHC_CODE_MAX]);
#endif
