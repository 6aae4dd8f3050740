/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of vectors/oscore/group_oscore_generated.json, which stands beside
 * the repository: what they are bound to, and what comes out. Byte strings in
 * hex; NULL where the mode or the algorithm has no such thing. */
#ifndef COVEY_TEST_GROUP_AAD_VECTORS_H
#define COVEY_TEST_GROUP_AAD_VECTORS_H

#include <covey/group_aad.h>

struct vector {
    const char *name;
    covey_group_algorithms algorithms;
    int32_t hkdf;
    bool request;
    const char *request_kid;
    const char *request_piv;
    const char *gid;
    const char *option;
    const char *sender_cred;
    const char *gm_cred;
    const char *external_aad;
    const char *aad;
    /* group mode */
    const char *ciphertext;
    const char *countersign_tbs;
    const char *sek;
    const char *piv_id;
    const char *piv;
    const char *keystream_info;
    const char *keystream;
    const char *signature;
    const char *encrypted_signature;
};

enum {
    VECTOR_COUNT = 6
};

extern const struct vector vectors[VECTOR_COUNT];

#endif
