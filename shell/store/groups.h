/* SPDX-License-Identifier: BSD-2-Clause */
/* What a Group Manager knows, in a store: groups, members, stale Sender IDs,
 * enrolments, events. Rows are those that covey/manager.h asks to persist; a
 * batch of them is one transaction, and so one durable write:
 *
 *     store_begin, store_group_put, store_member_put, ..., store_commit
 *
 * Several managers may share a store. A group's row has a revision that each
 * stored change counts up; who did not see the last one gets STORE_TAKEN, and
 * loads the group again. In PostgreSQL the row is locked from then on until
 * the transaction ends, so the row of the group is put before those that
 * belong to it. All but the making and the deletion of a group is stored later
 * (store_begin_later). So no rekeying is done twice. And none is lost: whose
 * `told` is less than the group's version has still to be told, whoever asks.
 */
#ifndef COVEY_SHELL_STORE_GROUPS_H
#define COVEY_SHELL_STORE_GROUPS_H

#include "store.h"

/* --- groups: groups.c ---------------------------------------------------- */

typedef struct store_group {
    uint32_t serial;   /* the key; 1 and above */
    uint64_t revision; /* of this change; 1 makes the group */
    covey_bytes name;
    bool active;
    bool deleted;
    uint64_t version;
    uint64_t stale_from;
    uint64_t sender_next;
    uint64_t sender_floor;
    uint64_t keyed_at;
    covey_bytes master_secret; /* up to 64 bytes */
    covey_bytes master_salt;
    covey_bytes settings; /* what else there is, in the program's encoding */
} store_group;

/* The next serial; 1 if there was none. */
store_result store_serial(store *s, uint32_t *next);
/* STORE_TAKEN: it is not less than `next`. */
store_result store_serial_put(store *s, uint32_t next);

/* STORE_TAKEN: the stored revision is not the one before, or the name is in
 * use. STORE_REFUSED: the serial was used before, the version or, within a
 * version, the next Sender ID goes back. */
store_result store_group_put(store *s, const store_group *g);
/* With all that belongs to it. Its serial is never used again. */
store_result store_group_delete(store *s, uint32_t serial);
typedef void store_on_group(void *user, const store_group *g);
/* One group (STORE_NONE), or all (serial 0) in the order of serials. */
store_result store_groups(store *s, uint32_t serial, store_on_group *each,
                          void *user);

typedef struct store_member {
    uint32_t serial; /* the group's */
    covey_bytes name;
    uint8_t standing;
    uint8_t roles;
    covey_bytes sender_id;  /* absent: a monitor */
    covey_bytes credential; /* absent: a monitor */
    covey_bytes n_c;
    covey_bytes uri;
    uint64_t joined;
    uint64_t told;
} store_member;

/* STORE_NONE: no such group. */
store_result store_member_put(store *s, const store_member *m);
store_result store_member_delete(store *s, uint32_t serial, covey_bytes name);
/* It has this version; less than what is known changes nothing. */
store_result store_member_told(store *s, uint32_t serial, covey_bytes name,
                               uint64_t version);
/* Of one group, or of all (serial 0). */
typedef void store_on_member(void *user, const store_member *m);
store_result store_members(store *s, uint32_t serial, store_on_member *each,
                           void *user);
/* Those of a group who have this version or a newer one; of each only serial,
 * name and told are there. */
store_result store_members_told(store *s, uint32_t serial, uint64_t version,
                                store_on_member *each, void *user);

/* A Sender ID that was given up under a version. */
typedef struct store_stale {
    uint32_t serial;
    uint64_t version;
    covey_bytes sender_id;
} store_stale;

store_result store_stale_put(store *s, const store_stale *stale);
/* Those below `version`. */
store_result store_stale_drop(store *s, uint32_t serial, uint64_t version);
/* Likewise. */
typedef void store_on_stale(void *user, const store_stale *stale);
store_result store_stales(store *s, uint32_t serial, store_on_stale *each,
                          void *user);

/* --- enrolment.c --------------------------------------------------------- */

/* A node and its OSCORE association with the manager, as seen from there. */
typedef struct store_enrolment {
    covey_bytes name;
    int32_t aead;
    int32_t hkdf;
    covey_bytes sender_id;
    covey_bytes recipient_id;
    covey_bytes id_context;    /* may be absent */
    covey_bytes master_secret; /* up to 64 bytes */
    covey_bytes master_salt;   /* may be absent */
    covey_bytes scope;         /* groups and roles, as an ACE scope */
    covey_bytes credential;    /* may be absent */
} store_enrolment;

/* STORE_TAKEN: another node has this Recipient ID in this ID Context. A name
 * that is there is replaced. */
store_result store_enrol(store *s, const store_enrolment *e);
store_result store_disenrol(store *s, covey_bytes name);
typedef void store_on_enrolment(void *user, const store_enrolment *e);
/* One (STORE_NONE), or all (absent name) in the order of names. */
store_result store_enrolments(store *s, covey_bytes name,
                              store_on_enrolment *each, void *user);

/* An entry of the audit log; no secrets. */
typedef struct store_event {
    uint64_t seq; /* given by the store; grows, with gaps */
    uint64_t at;  /* Unix seconds */
    covey_bytes what;
    uint32_t serial;    /* of the group; 0: none */
    covey_bytes node;   /* may be absent */
    covey_bytes detail; /* may be absent */
} store_event;

store_result store_event_put(store *s, const store_event *e);
/* Those before the last `keep` go; a few more where numbers have gaps. */
store_result store_events_trim(store *s, uint64_t keep);
typedef void store_on_event(void *user, const store_event *e);
/* Up to `count` of those after `seq`. */
store_result store_events(store *s, uint64_t seq, uint32_t count,
                          store_on_event *each, void *user);
/* Of the last `count`, where numbers have gaps of fewer, those that are one or
 * the other; in order. */
store_result store_events_last(store *s, uint32_t count,
                               const covey_bytes what[2], store_on_event *each,
                               void *user);

#endif
