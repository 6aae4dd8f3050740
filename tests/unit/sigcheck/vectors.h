/* SPDX-License-Identifier: BSD-2-Clause */
/* Exchanges of vectors/oscore/group_oscore_generated.json, which stands beside
 * the repository: what a checker is given, and the messages that it sees, less
 * the pairwise responses. Byte strings in hex. */
#ifndef COVEY_TEST_SIGCHECK_VECTORS_H
#define COVEY_TEST_SIGCHECK_VECTORS_H

#include <covey/sigcheck.h>

struct endpoint {
    const char *id;
    const char *credential;
    const char *public_key;
};

enum {
    EXCHANGE_COUNT = 10,
    MESSAGE_MAX = 4
};

struct exchange {
    const char *name;
    covey_group_algorithms algorithms;
    int32_t hkdf;
    int32_t curve;
    const char *gid;
    const char *gm_cred;
    const char *sek;
    struct endpoint client;
    struct endpoint server;
    const char *messages[MESSAGE_MAX]; /* the request, then its responses */
};

extern const struct exchange exchanges[EXCHANGE_COUNT];

#endif
