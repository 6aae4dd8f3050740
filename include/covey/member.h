/* SPDX-License-Identifier: BSD-2-Clause */
/* The joining node's side of the Group Manager: one group. Joins with proof of
 * possession, keeps a covey_group in step with the manager's keys, leaves.
 *
 * Without I/O: `transmit` gives the request to be sent to the manager, under
 * the OSCORE association with it; `receive` takes the answer. One request is
 * under way at a time. What comes by itself goes to `news` (a POST to the
 * control resource, or a notification of the group) and `evicted`. `event`
 * tells what has become of it, `deadline` when to call transmit again.
 *
 * Keys are used as soon as they have come; nothing is kept of old ones. Who
 * has missed a rekeying asks which Sender IDs are stale and drops all other
 * members if the manager does not know any more. What the group context has to
 * store is due as before (covey_group_due): before the next message. */
#ifndef COVEY_MEMBER_H
#define COVEY_MEMBER_H

#include <covey/coap.h>
#include <covey/crypto.h>
#include <covey/group.h>
#include <covey/keying.h>
#include <covey/time.h>

enum {
    COVEY_MEMBER_GID_MAX = 32,
    COVEY_MEMBER_SECRET_MAX = 64,
    COVEY_MEMBER_NONCE_LEN = 8
};

typedef struct covey_member_config {
    const covey_crypto *crypto;
    covey_bytes group; /* its name; kept, as all spans here */
    covey_bytes node;  /* our name at the manager */
    uint8_t roles;     /* COVEY_KEYING_* */
    covey_bytes credential;
    covey_key *private_key;  /* of the curve of the group's keys */
    covey_bytes control_uri; /* absent: keys are asked for */
    /* The manager's credential if it is known beforehand: another one is
     * refused. Absent: the one that comes, as the association is the
     * manager's. */
    covey_bytes kdc_cred;
    bool creds;    /* ask for the credentials that matter when joining */
    bool keeps;    /* the Master Secret is kept, for covey_member_save */
    uint32_t poll; /* ms between looks at the version; 0: as policies say */
} covey_member_config;

/* Another member. Private. */
typedef struct covey_member_peer {
    bool present;
    uint8_t id_len;
    uint8_t id[COVEY_OSCORE_ID_MAX];
    covey_bytes credential;
} covey_member_peer;

typedef struct covey_member_memory {
    covey_group *group; /* set up when joined; dropped with the member */
    /* As for covey_group_setup; ID, credential, key and windows are set. */
    covey_group_start start;
    covey_member_peer *peers; /* as many as start.recipient_max */
    uint8_t *credentials;     /* of peers, credential_max bytes each, then */
    uint16_t credential_max;  /* one more for the manager's */
} covey_member_memory;

typedef enum covey_member_state {
    COVEY_MEMBER_OUT = 0,
    COVEY_MEMBER_ASKING, /* for a challenge */
    COVEY_MEMBER_JOINING,
    COVEY_MEMBER_IN,
    COVEY_MEMBER_BEHIND,      /* has missed keys: asks for them */
    COVEY_MEMBER_CATCHING_UP, /* has them, asks who is stale */
    COVEY_MEMBER_LEAVING
} covey_member_state;

/* Keys as they came. Private. */
typedef struct covey_member_keys {
    uint32_t num;
    uint8_t gid_len;
    uint8_t ms_len;
    uint8_t salt_len;
    uint8_t id_len;
    bool has_id; /* the Sender ID came with them: it is the one of today */
    uint8_t gid[COVEY_MEMBER_GID_MAX];
    uint8_t ms[COVEY_MEMBER_SECRET_MAX]; /* wiped once installed, or kept */
    uint8_t salt[COVEY_MEMBER_SECRET_MAX];
    uint8_t id[COVEY_OSCORE_ID_MAX];
} covey_member_keys;

/* Visible so that it can be static; private. */
typedef struct covey_member {
    covey_member_config config;
    covey_member_memory memory;
    covey_keying_suite suite;
    covey_member_keys next;
    /* Of the present keys, of those before, and of the next ones. */
    uint8_t gid[COVEY_GROUP_REKEYINGS + 2][COVEY_MEMBER_GID_MAX];
    uint8_t gid_turn;
    uint32_t num;
    uint8_t state; /* covey_member_state */
    uint8_t want;  /* requests to be sent */
    uint8_t asked; /* the one under way */
    uint8_t event; /* covey_member_event_kind */
    uint8_t code;  /* with it */
    uint8_t n_c[COVEY_MEMBER_NONCE_LEN];
    uint8_t n_s_len;
    uint8_t n_s[COVEY_KEYING_NONCE_MAX];
    uint8_t looked_len; /* Sender ID that is looked up */
    uint8_t looked[COVEY_OSCORE_ID_MAX];
    covey_bytes kdc_cred;
    covey_ms poll_at;
    uint32_t interval; /* ms */
} covey_member;

/* The manager's credential and public keys come from the wire: they are
 * checked. COVEY_E_ARGUMENT: no provider, name, table or, with roles that
 * need one, credential; roles that are none. */
COVEY_MUST_USE covey_status covey_member_init(covey_member *m,
                                              const covey_member_config *c,
                                              const covey_member_memory *t);
/* Leaves nothing behind; the group context is dropped. */
void covey_member_drop(covey_member *m);

/* Joins, or joins again, also with other keys lost: nothing is needed but the
 * configuration. */
void covey_member_join(covey_member *m);
/* Takes up what was saved, without asking anybody, and looks at once whether
 * there are newer keys. `ssn` is the first number that has surely not been
 * used with it; set start.windows_invalid. Errors as of covey_member_receive;
 * COVEY_E_ARGUMENT: also of a member that is in. The member is then out. */
COVEY_MUST_USE covey_status covey_member_resume(covey_member *m,
                                                covey_time now,
                                                covey_bytes saved,
                                                uint64_t ssn);
/* Sequence numbers are nearly used up: another Sender ID, or new keys. */
void covey_member_renew(covey_member *m);
/* Looks now whether there are newer keys. */
void covey_member_look(covey_member *m);
/* The credential of an unknown sender (COVEY_OSCORE_NO_SENDER). false: there
 * is another one being looked up, or we are not in. */
bool covey_member_look_up(covey_member *m, covey_bytes id);
/* Those of all requesters and responders; likewise. */
bool covey_member_look_up_all(covey_member *m);
/* Once the request under way has its answer, which is passed over: it might be
 * one that joins. */
void covey_member_leave(covey_member *m);

typedef struct covey_member_request {
    uint8_t code;
    uint16_t format; /* UINT16_MAX: none */
    uint8_t segment_count;
    covey_bytes segment[5]; /* Uri-Path */
    covey_bytes payload;    /* in `out`; absent: none */
} covey_member_request;

/* The request that is to be sent, if any. COVEY_E_CRYPTO in *st: the provider
 * failed, nothing is sent and the next call tries again. */
bool covey_member_transmit(covey_member *m, covey_time now,
                           covey_member_request *request, covey_writer *out,
                           covey_status *st);
/* The answer to it. COVEY_E_ARGUMENT: none is expected. COVEY_E_FORMAT,
 * COVEY_E_UNSUPPORTED, COVEY_E_ROOM: not what it should be, or more than there
 * is room for. COVEY_E_AUTH: the manager has not proven that it holds its key,
 * or has another one than configured. The state is then as after a refusal.
 * Otherwise COVEY_OK, also for refusals: `event` says. */
COVEY_MUST_USE covey_status covey_member_receive(covey_member *m,
                                                 covey_time now, uint8_t code,
                                                 covey_bytes payload);
/* The request was lost, or the association is gone: it is sent again. */
void covey_member_lost(covey_member *m);

/* New keys that came by themselves. The code to answer a POST with: 2.04, or
 * 4.00 if it is malformed. Keys that are not newer are passed over. */
uint8_t covey_member_news(covey_member *m, covey_time now,
                          covey_bytes payload);
/* DELETE on the control resource. Who is joining again has been evicted from
 * before: whether it is let in is said by the answer to that. */
void covey_member_evicted(covey_member *m);

typedef enum covey_member_event_kind {
    COVEY_MEMBER_NOTHING = 0,
    COVEY_MEMBER_JOINED,
    COVEY_MEMBER_REKEYED,
    COVEY_MEMBER_RENEWED, /* another Sender ID */
    COVEY_MEMBER_FOUND,   /* the sender that was looked up, or it is none */
    COVEY_MEMBER_REFUSED, /* `code` */
    COVEY_MEMBER_ENDED    /* left, evicted, or the group is gone */
} covey_member_event_kind;

typedef struct covey_member_event {
    covey_member_event_kind kind;
    uint8_t code;
} covey_member_event;

/* The last thing that has happened, once. */
bool covey_member_event_next(covey_member *m, covey_member_event *event);
covey_ms covey_member_deadline(const covey_member *m);
covey_member_state covey_member_state_of(const covey_member *m);
/* How many others are known that have one of these roles, or whose roles are
 * not told; *one is the Sender ID of one of them, and lives as it does. */
size_t covey_member_known(const covey_member *m, uint8_t roles,
                          covey_bytes *one);
/* The version of the keys in use. */
uint32_t covey_member_version(const covey_member *m);

/* --- what survives ------------------------------------------------------- */

/* The keys and the Sender ID in use, for covey_member_resume: to be stored
 * after JOINED, REKEYED and RENEWED, before anything is sent in the group; and
 * the other members, as many as there is room for. It holds the Master Secret:
 * the caller wipes it. The form is that of a Join Response, without the
 * manager's proof.
 * COVEY_E_STATE: not in, or `keeps` is not set. COVEY_E_ROOM. */
COVEY_MUST_USE covey_status covey_member_save(const covey_member *m,
                                              covey_writer *out);
/* The Sender Key, which numbers are to be stored for; the caller wipes it.
 * COVEY_E_STATE also if there is none: a monitor. */
COVEY_MUST_USE covey_status covey_member_sender_key(const covey_member *m,
                                                    covey_writer *out);

#endif
