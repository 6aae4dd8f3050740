/* SPDX-License-Identifier: BSD-2-Clause */
/* Field descriptors in one line each, for tables at file scope: what it is,
 * how long, what is done, with which values. */
#ifndef COVEY_TESTS_SCHC_FIELDS_H
#define COVEY_TESTS_SCHC_FIELDS_H

#include <covey/schc.h>

/* clang-format off */
#define UP COVEY_SCHC_DI_UP
#define DOWN COVEY_SCHC_DI_DOWN
#define BI COVEY_SCHC_DI_BIDIRECTIONAL
#define AT(id_, direction_) \
    .id = COVEY_SCHC_##id_, .position = 1, .direction = (direction_)
#define OPT(number_, direction_) \
    .id = COVEY_SCHC_OPTION, .option = COVEY_OPTION_##number_, \
    .position = 1, .direction = (direction_), .length = COVEY_SCHC_FL_VAR
#define OPT_AT(number_, position_, direction_) \
    .id = COVEY_SCHC_OPTION, .option = COVEY_OPTION_##number_, \
    .position = (position_), .direction = (direction_), \
    .length = COVEY_SCHC_FL_VAR
#define OPT_BITS(number_, direction_) \
    .id = COVEY_SCHC_OPTION, .option = COVEY_OPTION_##number_, \
    .position = 1, .direction = (direction_), .length = COVEY_SCHC_FL_VAR_BIT
#define PART(name_, length_, direction_) \
    .id = COVEY_SCHC_OSCORE_##name_, .option = COVEY_OPTION_OSCORE, \
    .position = 1, .direction = (direction_), \
    .length = COVEY_SCHC_FL_##length_
#define FIX(bits_) .length = COVEY_SCHC_FL_FIXED, .bits = (bits_)
#define FL(length_) .length = COVEY_SCHC_FL_##length_
#define E(bits_, ...) { (const uint8_t[]){ __VA_ARGS__ }, bits_ }
#define TV(...) \
    .values = (const covey_schc_value[]){ __VA_ARGS__ }, \
    .value_count = sizeof((covey_schc_value[]){ __VA_ARGS__ }) / \
                   sizeof(covey_schc_value)
#define NIL TV(E(0, 0))
#define EQUAL .mo = COVEY_SCHC_MO_EQUAL, .cda = COVEY_SCHC_CDA_NOT_SENT
#define SENT .mo = COVEY_SCHC_MO_IGNORE, .cda = COVEY_SCHC_CDA_VALUE_SENT
#define MAPPED \
    .mo = COVEY_SCHC_MO_MATCH_MAPPING, .cda = COVEY_SCHC_CDA_MAPPING_SENT
#define LSB(n) .mo = COVEY_SCHC_MO_MSB, .cda = COVEY_SCHC_CDA_LSB, .msb = (n)
#define PAIR(mo_, cda_) \
    .mo = COVEY_SCHC_MO_##mo_, .cda = COVEY_SCHC_CDA_##cda_

/* Often needed as they are. */
#define VERSION_FD { AT(COAP_VERSION, BI), FIX(2), EQUAL, TV(E(2, 0x40)) }
#define TYPE_FD { AT(COAP_TYPE, BI), FIX(2), SENT }
#define TKL_FD { AT(COAP_TKL, BI), FIX(4), SENT }
#define TKL_0_FD { AT(COAP_TKL, BI), FIX(4), EQUAL, TV(E(4, 0)) }
#define CODE_FD { AT(COAP_CODE, BI), FIX(8), SENT }
#define MID_FD { AT(COAP_MID, BI), FIX(16), SENT }
#define TOKEN_FD { AT(COAP_TOKEN, BI), FL(TKL), SENT }
#define FLAGS_FD { PART(FLAGS, VAR, BI), SENT }
#define X_FD { PART(X, VAR, BI), SENT }
#define Y_FD { PART(Y, VAR, BI), SENT }
#define PLAIN_FDS VERSION_FD, TYPE_FD, TKL_0_FD, CODE_FD, MID_FD
#define COAP_FDS VERSION_FD, TYPE_FD, TKL_FD, CODE_FD, MID_FD, TOKEN_FD
/* clang-format on */

#endif
