/* SPDX-License-Identifier: BSD-2-Clause */
/* Context files as text, for the tests of shell/context. */
#ifndef COVEY_TEST_CONTEXT_TEXT_H
#define COVEY_TEST_CONTEXT_TEXT_H

#include "kit.h"

#include <context.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All of a plain context that has to be there. */
#define PLAIN                                                                 \
    "type: oscore\n"                                                          \
    "master_secret: 0102030405060708090a0b0c0d0e0f10\n"                       \
    "sender_id: 01\n"                                                         \
    "recipient_id: 02\n"

/* CWT Claims Sets with a public key of 32 bytes on Ed25519, on P-256 with its
 * y-coordinate's sign, and on X25519. */
#define KEY32                                                                 \
    "11111111111111111111111111111111"                                        \
    "11111111111111111111111111111111"
#define CCS_ED25519                                                           \
    "a108a101a401010327200621"                                                \
    "5820" KEY32
#define CCS_P256                                                              \
    "a108a101a40102200121"                                                    \
    "5820" KEY32 "22f5"
#define CCS_X25519                                                            \
    "a108a101a3010120042158"                                                  \
    "20" KEY32

/* All of a group that has to be there, but for its secret. */
#define GROUP_COMMON                                                          \
    "type: group\n"                                                           \
    "gid: dd11\n"                                                             \
    "group_encryption: 10\n"                                                  \
    "signature: EdDSA\n"                                                      \
    "curve: Ed25519\n"                                                        \
    "gm_credential: a0\n"
#define GROUP GROUP_COMMON "master_secret: 0102\n"
#define MEMBER                                                                \
    GROUP "sender_id: 25\nprivate_key: " KEY32 "\n"                           \
          "credential: " CCS_ED25519 "\n"

/* What a load printed; at most this much is kept. */
struct load {
    context_file *file;
    char messages[4096];
};

static inline struct load load_text(const char *text, size_t len)
{
    struct load l = { NULL, "" };
    FILE *out = fmemopen(l.messages, sizeof l.messages, "w");

    assert_non_null(out);
    l.file = context_load_text(text, len, "t", out);
    fclose(out);
    l.messages[sizeof l.messages - 1] = '\0';
    return l;
}

#endif
