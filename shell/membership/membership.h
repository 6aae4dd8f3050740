/* SPDX-License-Identifier: BSD-2-Clause */
/* A member of a group: its context file (covey-context(5)), its numbers, which
 * are kept by the caller, and its protection of an endpoint
 * (covey/group_endpoint.h). The other members come into the table when they
 * are first heard or asked.
 *
 * After a restart nobody knows which of the numbers that were reserved ahead
 * have been heard, so all members are challenged with Echo once; only where
 * late joining drops the first message there is no Echo, and what is below the
 * stored numbers is refused. */
#ifndef COVEY_SHELL_MEMBERSHIP_H
#define COVEY_SHELL_MEMBERSHIP_H

#include <context.h>
#include <covey/group_endpoint.h>

typedef struct membership membership;

/* Where the numbers of a member are. Without functions nothing is kept. */
typedef struct membership_storage {
    uint64_t ssn;         /* as stored, or the first one */
    bool windows_invalid; /* as stored */
    bool used;            /* something was stored before */
    /* As stored, or COVEY_GROUP_NUMBER_UNKNOWN. */
    uint64_t (*number)(void *user, covey_bytes id);
    /* Durable when it returns true; otherwise it has told why. Of each other
     * member numbers only rise. */
    bool (*keep)(void *user, const covey_group_record *record);
    void *user;
} membership_storage;

typedef struct membership_options {
    const context_group *group; /* kept; with a Master Secret */
    const covey_crypto *crypto; /* kept */
    membership_storage storage;
    uint32_t ahead;    /* as covey_group_start; 0: the default */
    uint16_t requests; /* of ours in group mode, at a time */
    bool serves;       /* requests of others are opened */
    covey_group_reply reply;
    size_t message_max; /* the longest datagram */
    /* The multicast address that group requests come to; NULL: any. Kept. */
    const covey_address *address;
} membership_options;

/* What the storage of this member is to be named after: its Sender Key, or,
 * for a silent server, the Common IV. The writer has room for COVEY_KEY_MAX
 * bytes; the caller wipes them. */
COVEY_MUST_USE covey_status membership_key(covey_writer *out,
                                           const context_group *g,
                                           const covey_crypto *crypto);

/* NULL: `error` says why. */
membership *membership_open(const membership_options *options, char *error,
                            size_t cap);
/* NULL is allowed. Before the provider. */
void membership_close(membership *m);

const covey_protector *membership_protector(const membership *m);
/* For covey_endpoint_call.context. */
covey_group *membership_group(membership *m);
/* Where the own number really is: what was reserved and not used may be given
 * back, if nothing is protected afterwards. */
covey_group_record membership_exact(const membership *m);

#endif
