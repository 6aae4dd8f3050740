/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this module share. */
#ifndef COVEY_MEMBER_INTERNAL_H
#define COVEY_MEMBER_INTERNAL_H

#include <covey/member.h>

/* Requests, in the order in which they are sent. */
enum {
    ASK_CHALLENGE = 1u << 0,
    ASK_JOIN = 1u << 1,
    ASK_KEYS = 1u << 2,
    ASK_STALE = 1u << 3,
    ASK_RENEW = 1u << 4,
    ASK_CRED = 1u << 5,
    ASK_NUM = 1u << 6,
    ASK_LEAVE = 1u << 7
};

/* --- follow.c ------------------------------------------------------------ */

void covey__member_tell(covey_member *m, covey_member_event_kind kind,
                        uint8_t code);
/* Out of the group: nothing is left of it. */
void covey__member_end(covey_member *m, covey_member_event_kind kind,
                       uint8_t code);
/* Takes keys from parsed values into `next`; a Sender ID that is not there is
 * still the one before. */
covey_status covey__member_take(covey_member *m, const covey_keying_keys *k);
/* Once installed, unless it has to be saved. */
void covey__member_forget_secret(covey_member *m);
/* Keys have been missed and could not be had: later again. */
void covey__member_retry(covey_member *m, covey_time now);
/* `next` as parameters of the group, with the Gid where it may stay once the
 * group has taken it, */
covey_group_parameters covey__member_parameters(covey_member *m);
/* which is said then. */
void covey__member_turn_gid(covey_member *m);
/* The members in an answer become recipients. */
covey_status covey__member_add_peers(covey_member *m,
                                     const covey_bytes *values);
void covey__member_schedule(covey_member *m, covey_time now);
covey_status covey__member_follow(covey_member *m, covey_time now,
                                  const covey_bytes *values);
covey_status covey__member_catch_up(covey_member *m, covey_time now,
                                    covey_bytes payload);

/* --- join.c -------------------------------------------------------------- */

/* `next` becomes the context, with the members in an answer. */
covey_status covey__member_set_up(covey_member *m, uint64_t ssn,
                                  const covey_bytes *values);
/* The manager's credential is kept, if it is the expected one. */
covey_status covey__member_keep_kdc_cred(covey_member *m,
                                         covey_bytes credential);
/* How often to look, from an answer with policies. */
void covey__member_take_policies(covey_member *m, const covey_bytes *values);
covey_status covey__member_put_join(covey_member *m, covey_writer *out);
covey_status covey__member_challenged(covey_member *m, covey_bytes payload);
covey_status covey__member_joined(covey_member *m, covey_time now,
                                  covey_bytes payload);

#endif
