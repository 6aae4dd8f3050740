/* SPDX-License-Identifier: BSD-2-Clause */
/* One case of Group OSCORE vectors: two members of a group and what they say
 * to each other. What a case does not give is absent, and not compared. */
#ifndef COVEY_APP_SELFTEST_GROUP_H
#define COVEY_APP_SELFTEST_GROUP_H

#include "selftest_keys.h"

#include <covey/group.h>

enum {
    GROUP_CLIENT,
    GROUP_SERVER,
    GROUP_MEMBERS
};

/* What all members share; of one endpoint, what it has. */
typedef struct group_member {
    covey_bytes id;
    covey_bytes credential;
    selftest_keys keys;
    uint64_t ssn;            /* the first that it uses */
    covey_bytes sender_key;  /* expected */
    covey_bytes pairwise_to; /* expected: its key for the other one */
} group_member;

typedef struct group_message {
    bool request;
    bool pairwise;
    bool own_piv;
    uint64_t ssn;
    int32_t algorithm; /* COVEY_ALG_UNSET: not given */
    covey_bytes plain; /* the original message */
    covey_bytes plaintext;
    covey_bytes option;
    covey_bytes external_aad;
    covey_bytes aad;
    covey_bytes nonce;
    covey_bytes key;
    covey_bytes ciphertext;
    covey_bytes tbs;
    covey_bytes signature;
    covey_bytes keystream;
    covey_bytes keystream_info;
    covey_bytes keystream_salt;
    covey_bytes masked; /* the signature as it is sent */
    covey_bytes protected;
} group_message;

enum {
    GROUP_MESSAGES = 32
};

typedef struct group_case {
    covey_group_parameters p;
    group_member members[GROUP_MEMBERS];
    covey_bytes common_iv;
    covey_bytes sek;
    covey_bytes shared_secret;
    group_message messages[GROUP_MESSAGES];
    size_t count;
    bool ccs;    /* the credentials are CCS, and have to be sound */
    bool opaque; /* or have no key inside that could be found */
    selftest_pool pool;
} group_case;

/* Reads "group" of a case: parameters and algorithms, but not the curve. */
bool group_parameters_read(covey_group_parameters *p, selftest_pool *pool,
                           struct fy_node *node, FILE *why);
/* Reads a case. It is freed in any case. */
bool group_case_read(group_case *c, struct fy_node *node, FILE *why);
void group_case_free(group_case *c, const covey_crypto *crypto);

/* --- selftest_group_keys.c ----------------------------------------------- */

/* What was derived. */
typedef struct group_made {
    covey_group_keys common;
    uint8_t sender_key[GROUP_MEMBERS][COVEY_KEY_MAX];
    uint8_t pairwise_to[GROUP_MEMBERS][COVEY_KEY_MAX];
    size_t sender_key_len;
    size_t pairwise_len; /* 0 without pairwise mode */
} group_made;

/* Key length of all Sender Keys of a group. */
size_t group_key_len(const covey_group_algorithms *algorithms);
/* Opens the members' keys and derives everything, comparing it. */
bool group_keys_check(group_case *c, group_made *made,
                      const covey_crypto *crypto, const selftest_check *k);

/* --- selftest_group_inputs.c --------------------------------------------- */

/* A message that was made here, and the request that it is or answers. */
typedef struct group_sealed {
    covey_bytes bytes;
    covey_bytes request_piv;
    uint64_t number; /* that the nonce is made of */
    bool own_piv;
} group_sealed;

/* Everything on the way to a protected message, computed once more from its
 * parts, and the message itself. */
bool group_inputs_check(group_case *c, const group_made *made,
                        const group_message *m, const group_sealed *sealed,
                        const covey_crypto *crypto, const selftest_check *k);

/* --- selftest_group_run.c ------------------------------------------------ */

/* Both ends of a case with the state that they keep. */
typedef struct group_ends {
    group_case *c;
    const covey_crypto *crypto;
    const selftest_check *k;
    covey_group group[GROUP_MEMBERS];
    covey_group_recipient recipient[GROUP_MEMBERS][1];
    covey_group_exchange asked; /* at the client */
    covey_group_exchange heard; /* at the server */
    covey_group_answer answers[4];
    uint8_t *room; /* of cap bytes each: plaintext, message, scratch */
    size_t cap;
} group_ends;

bool group_ends_open(group_ends *e, group_case *c, const covey_crypto *crypto,
                     const selftest_check *k);
void group_ends_close(group_ends *e);
/* Protects message `at` of the case; the result is in the room. */
bool group_ends_seal(group_ends *e, size_t at, covey_bytes *sealed);
/* Hands bytes to the end that a message like m is for. On success the
 * plaintext and the message are in the room. */
covey_unprotect group_ends_open_message(group_ends *e, bool request,
                                        covey_bytes sealed,
                                        covey_bytes *plaintext,
                                        covey_bytes *message,
                                        covey_group_received *received);
/* Stores what is due at this end. */
bool group_ends_store(group_ends *e, size_t member);

#endif
