/* SPDX-License-Identifier: BSD-2-Clause */
/* What is changed in one of root, AA and AT, and what must be said of it. */
#ifndef ITS_CHAIN_ROWS_H
#define ITS_CHAIN_ROWS_H

#include "make.h"

enum field {
    NOTHING,
    APP,
    ISSUE,
    REQUEST,
    REGION,
    START,
    YEARS,
    SPOIL,
    HASH
};

struct change {
    int cert; /* 0 root, 1 AA, 2 AT */
    enum field field;
    const char *hex;
    uint32_t number;
};

struct row {
    const char *why;
    struct change changes[3];
    covey_its_reason reason; /* COVEY_ITS_FINE: accepted */
    uint8_t cert;            /* 0 AT, 1 AA, 2 root */
    uint8_t entry;
};

#define BERLIN                                                                \
    "80"                                                                      \
    "1f4add40"                                                                \
    "07fb3940" /* 52.5 N, 13.4 E */
#define SQUARE                                                                \
    "81"                                                                      \
    "0101"                                                                    \
    "20000000"                                                                \
    "07000000"                                                                \
    "1f000000"                                                                \
    "08000000"
#define CAM(ssp)                                                              \
    "80"                                                                      \
    "0124"                                                                    \
    "81" ssp
/* explicit, one range of PSID 36 */
#define ONE(flags, range, rest)                                               \
    flags "80"                                                                \
          "0101" range rest

/* clang-format off */
static const struct row rows[] = {
    /* time */
    { "AT not yet valid", { { 2, START, NULL, MAKE_START + 172801 } },
      COVEY_ITS_R_NOT_YET, 0, 0 },
    { "AT valid from this second", { { 2, START, NULL, MAKE_START + 172800 } },
      COVEY_ITS_FINE, 0, 0 },
    { "AT expired", { { 2, START, NULL, MAKE_START - 31556952 },
                      { 1, START, NULL, MAKE_START - 100000000 },
                      { 0, START, NULL, MAKE_START - 100000000 } },
      COVEY_ITS_R_EXPIRED, 0, 0 },
    { "AA expired", { { 1, START, NULL, MAKE_START - 315569520 },
                      { 0, START, NULL, MAKE_START - 315569520 } },
      COVEY_ITS_R_EXPIRED, 1, 0 },
    { "root expired", { { 0, YEARS, NULL, 0 } }, COVEY_ITS_R_EXPIRED, 2, 0 },
    { "AT begins before AA", { { 2, START, NULL, MAKE_START - 1 } },
      COVEY_ITS_R_VALIDITY, 0, 0 },
    { "AT ends after AA", { { 2, YEARS, NULL, 11 } },
      COVEY_ITS_R_VALIDITY, 0, 0 },
    { "AA ends after root", { { 1, YEARS, NULL, 21 } },
      COVEY_ITS_R_VALIDITY, 1, 0 },
    /* signatures */
    { "signature of AT", { { 2, SPOIL, NULL, 1 } },
      COVEY_ITS_R_SIGNATURE, 0, 0 },
    { "signature of AA", { { 1, SPOIL, NULL, 1 } },
      COVEY_ITS_R_SIGNATURE, 1, 0 },
    { "issuer's digest of another hash", { { 2, HASH, NULL, 1 } },
      COVEY_ITS_R_HASH, 0, 0 },
    /* region */
    { "AT has a region, AA none", { { 2, REGION, BERLIN "0064", 0 } },
      COVEY_ITS_FINE, 0, 0 },
    { "AT inherits a region", { { 1, REGION, BERLIN "0064", 0 } },
      COVEY_ITS_FINE, 0, 0 },
    { "AT in a part of it", { { 1, REGION, BERLIN "0064", 0 },
                              { 2, REGION, BERLIN "0063", 0 } },
      COVEY_ITS_FINE, 0, 0 },
    { "AT has more than AA", { { 1, REGION, BERLIN "0064", 0 },
                               { 2, REGION, BERLIN "0065", 0 } },
      COVEY_ITS_R_REGION_OUTSIDE, 0, 0 },
    { "AT has more than root, AA says nothing",
      { { 0, REGION, BERLIN "0064", 0 }, { 2, REGION, BERLIN "0065", 0 } },
      COVEY_ITS_R_REGION_OUTSIDE, 0, 0 },
    { "AA has more than root", { { 0, REGION, BERLIN "0064", 0 },
                                 { 1, REGION, BERLIN "0065", 0 } },
      COVEY_ITS_R_REGION_OUTSIDE, 1, 0 },
    { "circle within country", { { 1, REGION, "83" "0101" "80" "0114", 0 },
                                 { 2, REGION, BERLIN "0065", 0 } },
      COVEY_ITS_R_REGION_KIND, 0, 0 },
    { "another country", { { 1, REGION, "83" "0101" "80" "0114", 0 },
                           { 2, REGION, "83" "0101" "80" "00fa", 0 } },
      COVEY_ITS_R_REGION_OUTSIDE, 0, 0 },
    { "one of two countries",
      { { 1, REGION, "83" "0102" "80" "00fa" "80" "0114", 0 },
        { 2, REGION, "83" "0101" "80" "0114", 0 } },
      COVEY_ITS_FINE, 0, 0 },
    /* PSID and SSP of the AT */
    { "PSID the AA may not grant", { { 2, APP, "00" "0127", 0 } },
      COVEY_ITS_R_PSID, 0, 0 },
    { "the second PSID", { { 2, APP, "00" "0126" "00" "0127", 0 } },
      COVEY_ITS_R_PSID, 0, 1 },
    { "no SSP where a bitmap is wanted", { { 2, APP, "00" "0124", 0 } },
      COVEY_ITS_R_SSP, 0, 0 },
    { "opaque where a bitmap is wanted",
      { { 2, APP, "80" "0124" "80" "0301abc0", 0 } }, COVEY_ITS_R_SSP, 0, 0 },
    { "first octet is another", { { 2, APP, CAM("04" "03" "02abc0"), 0 } },
      COVEY_ITS_R_SSP, 0, 0 },
    { "last bit is another", { { 2, APP, CAM("04" "03" "01abc1"), 0 } },
      COVEY_ITS_R_SSP, 0, 0 },
    { "bits outside the mask", { { 2, APP, CAM("04" "03" "01fffc"), 0 } },
      COVEY_ITS_FINE, 0, 0 },
    { "bitmap too short", { { 2, APP, CAM("03" "02" "01ab"), 0 } },
      COVEY_ITS_R_SSP, 0, 0 },
    { "bitmap too long", { { 2, APP, CAM("05" "04" "01abc000"), 0 } },
      COVEY_ITS_R_SSP, 0, 0 },
    { "an empty bitmap", { { 2, APP, CAM("01" "00"), 0 } },
      COVEY_ITS_R_SSP, 0, 0 },
    { "opaque, one of two", { { 2, APP, "80" "02026e" "80" "0102", 0 } },
      COVEY_ITS_FINE, 0, 0 },
    { "opaque, none of them", { { 2, APP, "80" "02026e" "80" "0103", 0 } },
      COVEY_ITS_R_SSP, 0, 0 },
    { "bitmap where an opaque is wanted",
      { { 2, APP, "80" "02026e" "81" "020102", 0 } }, COVEY_ITS_R_SSP, 0, 0 },
    { "no SSP, and no empty one allowed", { { 2, APP, "00" "02026e", 0 } },
      COVEY_ITS_R_SSP, 0, 0 },
    { "no SSP, and an empty one allowed",
      { { 2, APP, "00" "0124", 0 },
        { 1, ISSUE, ONE("00", "80" "0124" "80" "0101" "00", ""), 0 } },
      COVEY_ITS_FINE, 0, 0 },
    { "any SSP where the range says all",
      { { 2, APP, "80" "0124" "80" "02beef", 0 },
        { 1, ISSUE, ONE("00", "80" "0124" "81", ""), 0 } },
      COVEY_ITS_FINE, 0, 0 },
    { "all others: a PSID that is not named", { { 2, APP, "00" "0127", 0 },
      { 1, ISSUE, ONE("00", "80" "0124" "80" "0100", "") "00" "81", 0 } },
      COVEY_ITS_FINE, 0, 0 },
    { "all others: not the one that is named", { { 2, APP, "00" "0124", 0 },
      { 1, ISSUE, ONE("00", "80" "0124" "80" "0100", "") "00" "81", 0 } },
      COVEY_ITS_R_SSP, 0, 0 },
    /* the AA */
    { "AA has no permission to issue", { { 1, APP, "00" "0124", 0 },
                                         { 1, ISSUE, NULL, 0 } },
      COVEY_ITS_R_ISSUES, 0, 0 },
    { "AA may grant what root may not",
      { { 0, ISSUE, ONE("60", "00" "0126", "01ff" "c0"), 0 } },
      COVEY_ITS_R_PSID, 1, 0 },
    { "AA has a wider range than root",
      { { 0, ISSUE, "60" "80" "0103"
             "80" "0124" "82" "08" "03" "01fffc" "03" "ff0103"
             "00" "02026e" "00" "0126" "01ff" "c0", 0 } },
      COVEY_ITS_R_SSP, 1, 0 },
    { "AA has a narrower range than root",
      { { 0, ISSUE, "60" "80" "0103"
             "80" "0124" "82" "08" "03" "01fffc" "03" "ff0001"
             "00" "02026e" "00" "0126" "01ff" "c0", 0 } },
      COVEY_ITS_FINE, 0, 0 },
    { "AA has a string more than root",
      { { 0, ISSUE, "60" "80" "0103" "00" "0124"
             "80" "02026e" "80" "0101" "0101" "00" "0126" "01ff" "c0", 0 } },
      COVEY_ITS_R_SSP, 1, 0 },
    { "AA has any SSP, root a bitmap",
      { { 1, ISSUE, ONE("00", "00" "0124", ""), 0 },
        { 0, ISSUE, ONE("60", "80" "0124" "82" "04" "0101" "01ff",
                        "01ff" "c0"), 0 },
        { 2, APP, "80" "0124" "81" "03" "02" "01ab", 0 } },
      COVEY_ITS_R_SSP, 1, 0 },
    { "AA has all, root names one that AA does not",
      { { 1, ISSUE, "00" "81", 0 },
        { 0, ISSUE, ONE("60", "80" "0124" "80" "0100", "01ff" "c0")
                    "60" "81" "01ff" "c0", 0 } },
      COVEY_ITS_R_PSID, 1, 0 },
    { "AA has all but names what root names",
      { { 1, ISSUE, ONE("00", "80" "0124" "80" "0100", "") "00" "81", 0 },
        { 0, ISSUE, ONE("60", "80" "0124" "80" "0100", "01ff" "c0")
                    "60" "81" "01ff" "c0", 0 },
        { 2, APP, "00" "0126", 0 } },
      COVEY_ITS_FINE, 0, 0 },
    /* type of end entity */
    { "root for enrolment only", { { 0, ISSUE, "60" "81" "01ff" "40", 0 } },
      COVEY_ITS_R_EE_TYPE, 1, 0 },
    { "AA for enrolment only", { { 1, ISSUE,
        ONE("20", "80" "0124" "81", "40"), 0 } }, COVEY_ITS_R_EE_TYPE, 0, 0 },
    { "AA for both under root for one",
      { { 1, ISSUE, "20" "81" "c0", 0 },
        { 0, ISSUE, "60" "81" "01ff" "80", 0 } }, COVEY_ITS_R_EE_TYPE, 1, 0 },
    { "request permissions want enrolment",
      { { 2, REQUEST, ONE("00", "00" "0126", ""), 0 } },
      COVEY_ITS_R_EE_TYPE, 0, 0 },
    { "request permissions that the issuer may grant",
      { { 2, APP, NULL, 0 }, { 2, REQUEST, ONE("00", "00" "0126", ""), 0 },
        { 1, ISSUE, ONE("20", "00" "0126", "40"), 0 } },
      COVEY_ITS_FINE, 0, 0 },
    /* lengths of chains: the root has the AA and the AT below it */
    { "root issues end entities only", { { 0, ISSUE, "20" "81" "c0", 0 } },
      COVEY_ITS_R_CHAIN_LENGTH, 1, 0 },
    { "root has exactly two below", { { 0, ISSUE, "a0" "81" "0102" "c0", 0 } },
      COVEY_ITS_FINE, 0, 0 },
    { "root has three at least", { { 0, ISSUE, "e0" "81" "0103" "01ff" "c0",
      0 } }, COVEY_ITS_R_CHAIN_LENGTH, 1, 0 },
    { "root has one or two", { { 0, ISSUE, "60" "81" "0101" "c0", 0 } },
      COVEY_ITS_FINE, 0, 0 },
    { "AA has no end, root has one",
      { { 1, ISSUE, "40" "81" "01ff", 0 },
        { 0, ISSUE, "60" "81" "0105" "c0", 0 } },
      COVEY_ITS_R_CHAIN_LENGTH, 1, 0 },
    { "AA issues CAs only", { { 1, ISSUE, "80" "81" "0102", 0 } },
      COVEY_ITS_R_CHAIN_LENGTH, 0, 0 },
};
/* clang-format on */

#endif
