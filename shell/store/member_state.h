/* SPDX-License-Identifier: BSD-2-Clause */
/* The state file of a member whose keys come from a Group Manager: the number
 * of its association, and, once it is in, its keys with their own number. It
 * holds secrets and is its owner's alone. As group_state.h otherwise. */
#ifndef COVEY_SHELL_STORE_MEMBER_STATE_H
#define COVEY_SHELL_STORE_MEMBER_STATE_H

#include "oscore_state.h"

enum {
    MEMBER_STATE_SAVED_MAX = 16384,
    MEMBER_STATE_TEXT = 2 * MEMBER_STATE_SAVED_MAX + 512
};

struct member_state {
    struct state_file file;
    uint8_t fingerprint[OSCORE_FINGERPRINT]; /* of the association */
    uint8_t group[OSCORE_FINGERPRINT];       /* of its name */
    uint64_t association;                    /* next number */
    uint64_t ssn;                            /* in the group */
    size_t saved_len;                        /* 0: not in */
    uint8_t saved[MEMBER_STATE_SAVED_MAX];
    char text[MEMBER_STATE_TEXT];
};

/* Whose state it is to be. */
struct member_state_owner {
    uint8_t fingerprint[OSCORE_FINGERPRINT];
    uint8_t group[OSCORE_FINGERPRINT];
    uint64_t first; /* number of the association, if there is no file yet */
};

/* As oscore_state_open. */
bool member_state_open(struct member_state *s, const char *path,
                       const struct member_state_owner *owner, char *error,
                       size_t cap);
/* What is in *s; durable when it returns true. */
bool member_state_store(struct member_state *s, char *error, size_t cap);
/* Wipes. Allowed on one that is not open. */
void member_state_close(struct member_state *s);

#endif
