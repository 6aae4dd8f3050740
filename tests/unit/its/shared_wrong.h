/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ITS_SHARED_WRONG_H
#define ITS_SHARED_WRONG_H

/* Made by a generator that hashed 384-bit subjects twice differently, named
 * the wrong hash, or signed what is not the canonical form; the note in the
 * list counts them. */
static const char *const wrong[] = {
    "CERT_IUT_A_B3_AA",       "CERT_IUT_A_B3_AT",
    "CERT_TS_B1_AT",          "CERT_IUT_A_B33_AT",
    "CERT_IUT_A_B3_N_AT",     "CERT_IUT_A_B_N_AT",
    "CERT_IUT_A_N_AA",        "CERT_IUT_A_N_AT",
    "CERT_IUT_CAM_BO_02_AT",  "CERT_IUT_CAM_BO_03_AT",
    "CERT_IUT_DENM_BO_01_AT", "CERT_IUT_DENM_BO_02_AT",
    "CERT_TS_CAM_BO_02_AT",   "CERT_TS_CAM_BO_03_AT",
    "CERT_TS_DENM_BO_01_AT",  "CERT_TS_DENM_BO_02_AT",
};

#endif
