/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates in hex, field by field. Their keys are no points: nothing here
 * is verified. */
#ifndef ITS_HEX_H
#define ITS_HEX_H

#define X32 "1111111111111111111111111111111111111111111111111111111111111111"
#define Y32 "2222222222222222222222222222222222222222222222222222222222222223"
#define X48 X32 "11111111111111111111111111111111"
#define Y48 "22222222222222222222222222222222" Y32

/* An implicit certificate around what is between: */
#define ISSUER                                                                \
    "80"                                                                      \
    "0102030405060708"
#define IMPLICIT "000301" ISSUER
#define EXPLICIT "800300" ISSUER
#define ID_NONE  "83"
#define CRACA                                                                 \
    "a1a2a3"                                                                  \
    "0007"
#define VALIDITY                                                              \
    "20000000"                                                                \
    "86"                                                                      \
    "0001"
#define APP_CAM                                                               \
    "0101"                                                                    \
    "00"                                                                      \
    "0124"
#define RECONSTRUCT                                                           \
    "81"                                                                      \
    "83" X32
#define KEY                                                                   \
    "80"                                                                      \
    "80"                                                                      \
    "82" X32
#define SIGNATURE                                                             \
    "80"                                                                      \
    "80" X32 Y32
#define HEAD  ID_NONE CRACA VALIDITY
#define SMALL IMPLICIT "10" HEAD APP_CAM RECONSTRUCT

#endif
