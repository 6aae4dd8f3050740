/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups as a protection of endpoints (RFC 10021, here "the RFC"), beside the
 * plain OSCORE of covey/endpoint.h: a table of functions that is put into
 * covey_endpoint_config.protectors, and into calls.
 *
 * Requests: with covey_endpoint_call.context a group, and `to` absent, in
 * group mode, for all; with `to` a Sender ID in pairwise mode, for this member
 * alone. Each member of a group answers once, or as often as the call allows.
 *
 * What comes out: covey_opened tells the member (sender), its roles, the mode
 * (kind), and whether a request in group mode had been sent to this endpoint
 * alone: then it may have been turned here by somebody on the way, and it is
 * not to change anything of importance (suspicious). A member whose numbers
 * are not known is a challenge or is not heard at first, as the group's policy
 * says (covey_group_start.late); the Echo value goes by unicast, and brings
 * covey_endpoint_recover with it.
 *
 * Rekeying, joining and leaving are not done here, and may be done to a group
 * between two calls of the endpoint. */
#ifndef COVEY_GROUP_ENDPOINT_H
#define COVEY_GROUP_ENDPOINT_H

#include <covey/endpoint.h>
#include <covey/group.h>

/* Where it is noted what has come in answer to requests in group mode: rows of
 * the caller for so many requests at a time, and `each` servers that may
 * answer one. For pure servers all zero. */
typedef struct covey_group_answers {
    covey_group_answer *rows; /* each * count */
    uint16_t *next;           /* count: free ones hang together */
    uint16_t each;
    uint16_t count;
    uint16_t free; /* private */
} covey_group_answers;

/* The mode of responses. What the group has not is replaced by the other
 * mode. A table has one policy: groups that differ in it have each a table. */
typedef enum covey_group_reply {
    /* That of the request. */
    COVEY_GROUP_REPLY_AS_ASKED = 0,
    /* Shorter by a signature, but nobody else can check it: no proxy, either.
     */
    COVEY_GROUP_REPLY_PAIRWISE,
    COVEY_GROUP_REPLY_GROUP
} covey_group_reply;

typedef struct covey_group_protector {
    covey_protector protector;
    /* The group with this Gid that is listened to on this path, or NULL. It
     * stays where it is as long as exchanges with it last. Two groups of two
     * Group Managers may have one Gid: they are told apart by the address that
     * was asked, or not at all. */
    covey_group *(*find)(void *user, covey_bytes gid, const covey_path *path);
    /* A message has come from a member that is not in the group's table, or
     * one is to be sent to it: its credential, key, roles and number, as
     * covey_group_add wants them. member->id is set already. Whatever is not
     * COVEY_OK: the member is not known, or not to be heard now; each costs a
     * forger but one datagram, so there should be a limit to what is done. May
     * be NULL: no member is added here.
     * Nothing of the group may be changed, but a row may be made free: if the
     * table is full the message is refused. A row that was added for a message
     * that is refused is free again, unless it came with a number. */
    covey_status (*meet)(void *user, const covey_group *g,
                         covey_group_member *member);
    /* Brings *record into durable storage before it returns COVEY_OK. */
    covey_status (*store)(void *user, const covey_group *g,
                          const covey_group_record *record);
    void *user;
    covey_group_reply reply;
    covey_group_answers answers;
    /* For all calls, wiped after each: COVEY_GROUP_SCRATCH of the longest
     * datagram and the longest credential. */
    uint8_t *scratch;
    size_t scratch_len;
} covey_group_protector;

/* Sets p->protector and takes `answers` into use; all else is the caller's to
 * set before. The structure is kept where it is. In what the endpoint calls:
 * seal_request also gives COVEY_E_NO_CONTEXT if `to` is nobody whom one can
 * meet, and COVEY_E_ROOM if there are no answers left, or no row in the
 * group's table; seal_response COVEY_E_NO_CONTEXT if the member that asked is
 * no longer in the table, and COVEY_E_STATE after more rekeyings than
 * COVEY_GROUP_REKEYINGS, when answers to us are refused, too. */
void covey_group_protector_init(covey_group_protector *p);

#endif
