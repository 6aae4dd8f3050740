/* SPDX-License-Identifier: BSD-2-Clause */
/* What the verbs of `covey group` begin with: the context file, the provider
 * and what is derived; and the raw keys that the core keeps to itself. */
#ifndef COVEY_APP_GROUP_SESSION_H
#define COVEY_APP_GROUP_SESSION_H

#include "group_args.h"

#include <context.h>

typedef struct group_session {
    const group_args *args;
    context_file *file;
    const context_group *context; /* in file */
    covey_crypto crypto;
    covey_group_keys keys; /* of a checker: only the SEK */
    covey_key private_key; /* empty without a Sender ID */
    covey_group group;     /* once joined */
    covey_group_recipient *recipients;
    size_t cred_max; /* the longest credential */
} group_session;

/* One of the group: the member whose context this is, or another. */
typedef struct group_party {
    covey_bytes id;
    covey_bytes credential;
    covey_bytes public_key; /* absent of the own member */
} group_party;

/* Reads and derives. An exit code; after anything but EXIT_DONE the reason has
 * been printed. Close in any case; also one of all zeros may be closed. */
int group_session_open(group_session *s, const group_args *args);
/* Makes s->group, with all members, and this sequence number next. Nothing is
 * stored: the context file is as before afterwards. */
int group_session_join(group_session *s, uint64_t number);
void group_session_close(group_session *s);

/* Whose ID this is; false if nobody's. */
bool group_session_find(const group_session *s, covey_bytes id,
                        group_party *party);
/* The member that --to names, or the only other one; false if neither. */
bool group_session_to(const group_session *s, group_party *party);

/* The algorithm that Sender Keys are for (RFC 10021 Section 2.3). */
const covey_alg *group_session_alg(const group_session *s);

/* Raw keys of one pair. The caller wipes them. */
typedef struct group_pair_keys {
    uint8_t from_key[COVEY_KEY_MAX]; /* Sender Key of the sender */
    uint8_t shared[COVEY_SHARED_MAX];
    uint8_t key[COVEY_KEY_MAX]; /* for messages from one to the other */
    size_t from_len;
    size_t shared_len; /* 0: no pairwise mode */
    size_t len;        /* likewise */
} group_pair_keys;

/* Keys for messages from one party to another, of which one is the own. With
 * `to` NULL only the Sender Key. */
COVEY_MUST_USE covey_status group_session_pair(group_session *s,
                                               const group_party *from,
                                               const group_party *to,
                                               group_pair_keys *out);

#endif
