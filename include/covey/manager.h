/* SPDX-License-Identifier: BSD-2-Clause */
/* The decisions of a Group Manager, without I/O: RFC 9594 with the profile for
 * Group OSCORE (draft-ietf-ace-key-groupcomm-oscore, "the profile"), and its
 * administration (draft-ietf-ace-oscore-gm-admin, "the admin draft").
 *
 * How it is driven. Requests come in plain, with the name of the node whose
 * OSCORE association they arrived under. `receive` answers those that only
 * read; those that change something are staged, and answered when that has
 * been stored:
 *
 *     receive   ... receive     several, within the commit window
 *     event     PERSIST         walk the changes, write them as one
 *     stored                    all of it is durable, or none
 *     transmit  until false     answers, then who has to be told of new keys
 *     told                      how that went
 *
 * Memory runs ahead of storage, but nothing that depends on what is not
 * stored leaves: a group with staged changes answers nothing at all. All
 * changes of a batch have at most one rekeying in each group. If storing
 * fails, the groups concerned are forgotten and RELOAD asks for them as they
 * are in storage; so does the shell (covey_manager_forget, then load) when
 * another process has changed a group.
 *
 * Whoever was told of a version is stored, too, late and without anybody
 * waiting for it: after a restart those whose row says less are told again,
 * which does no harm.
 *
 * Rows are as they are stored, key first. Arrays are the caller's. */
#ifndef COVEY_MANAGER_H
#define COVEY_MANAGER_H

#include <covey/coap.h>
#include <covey/coap_options.h>
#include <covey/crypto.h>
#include <covey/group.h>
#include <covey/keying.h>
#include <covey/time.h>

enum {
    COVEY_MANAGER_NAME_MAX = 48,  /* of a group */
    COVEY_MANAGER_NODE_MAX = 32,  /* name of a node */
    COVEY_MANAGER_URI_MAX = 64,   /* path of a control resource */
    COVEY_MANAGER_TEXT_MAX = 64,  /* description of a group */
    COVEY_MANAGER_PREFIX_MAX = 3, /* of all Gids of this manager */
    COVEY_MANAGER_GID_MAX = 8,    /* prefix, serial (2), version (3) */
    COVEY_MANAGER_SECRET_MAX = 32,
    COVEY_MANAGER_SALT_LEN = 8,
    COVEY_MANAGER_CHALLENGE_LEN = 8, /* N_S and N_KDC */
    COVEY_MANAGER_STALE_SETS_MAX = 16,
    /* The last version of a group's keys: there is no Gid after it. */
    COVEY_MANAGER_VERSION_MAX = 0xffffff
};

/* --- rows that are stored ------------------------------------------------ */

/* A group: key `serial`, and `name` is unique, too. A serial is never used
 * twice, and so no Gid (prefix, serial, version) is, nor are keys, which are
 * drawn anew with each version. 260 bytes beside what is private. */
typedef struct covey_manager_group {
    uint16_t serial; /* 1 and above; 0: an empty row of the table */
    /* Counts stored changes of the group, its members and its stale IDs; a
     * store that has another one than `revision` - 1 (0: no row) refuses the
     * batch: some other process was faster. */
    uint64_t revision;
    uint8_t name_len;
    uint8_t description_len;
    char name[COVEY_MANAGER_NAME_MAX];
    char description[COVEY_MANAGER_TEXT_MAX];
    bool active;
    bool deleted;       /* until its members have been told */
    bool rekey_on_join; /* backward security */
    uint8_t id_len;     /* of Sender IDs */
    uint8_t max_stale_sets;
    covey_keying_suite suite;
    uint32_t version;    /* num */
    uint32_t stale_from; /* sets of stale IDs are there from this version on */
    /* Sender IDs count upwards; since the last rekeying from the floor. */
    uint64_t sender_next;
    uint64_t sender_floor;
    int64_t keyed_at;          /* Unix seconds, 0: not known */
    uint32_t lifetime;         /* of keys, in s (exi) */
    uint32_t check_interval;   /* policy 1, s */
    uint32_t expiration_delta; /* policy 2, s */
    uint8_t master_secret[COVEY_MANAGER_SECRET_MAX]; /* secret */
    uint8_t master_salt[COVEY_MANAGER_SALT_LEN];
    /* Private: not stored. */
    uint8_t flags;
    uint8_t causes;
    covey_ms due;     /* of the next rekeying by time */
    uint32_t first;   /* member */
    uint32_t members; /* present ones */
    uint32_t owing;   /* who is still to be told */
    uint32_t reached;
} covey_manager_group;

typedef enum covey_manager_standing {
    COVEY_MANAGER_NOBODY = 0, /* an empty row of the table */
    COVEY_MANAGER_PRESENT,
    COVEY_MANAGER_EVICTED /* no member any more, but not told yet */
} covey_manager_standing;

/* A member: key `serial` and `name`. */
typedef struct covey_manager_member {
    uint16_t serial; /* the group's */
    uint8_t name_len;
    char name[COVEY_MANAGER_NODE_MAX];
    uint8_t standing; /* covey_manager_standing */
    uint8_t roles;    /* COVEY_KEYING_* */
    uint8_t id_len;
    uint8_t n_c_len;
    uint8_t uri_len;
    uint8_t id[COVEY_OSCORE_ID_MAX];     /* Sender ID; monitors have none */
    uint8_t n_c[COVEY_KEYING_NONCE_MAX]; /* its challenge to the manager */
    char uri[COVEY_MANAGER_URI_MAX];     /* path of its control resource */
    uint32_t joined;                     /* version at which it joined */
    uint32_t told;                       /* version that it is known to have */
    covey_bytes credential; /* empty for monitors; in memory.credentials */
    /* Private: not stored. */
    uint8_t flags;
    uint8_t attempts;
    uint32_t next; /* member of the same group */
    covey_ms tell_at;
    uint64_t number; /* after the last one heard; covey_manager_heard */
} covey_manager_member;

/* A Sender ID that was given up under a version: key is all of it. */
typedef struct covey_manager_stale {
    uint16_t serial; /* the group's; 0: an empty row of the table */
    uint8_t id_len;
    uint8_t flags; /* private: not stored */
    uint8_t id[COVEY_OSCORE_ID_MAX];
    uint32_t version;
} covey_manager_stale;

/* --- what is configured -------------------------------------------------- */

/* A node with an OSCORE association, as the operator enrolled it. Spans are
 * kept. */
typedef struct covey_manager_node {
    covey_bytes name; /* 1 to COVEY_MANAGER_NODE_MAX bytes, of a URI path */
    /* What it may do, as an ACE scope: an array of [group, Tperm] entries and
     * of admin entries (covey_keying_scope_allows). */
    covey_bytes scope;
    /* Its public key is authenticated by the association: a join may leave
     * the proof of possession empty for this credential. Absent: never. */
    covey_bytes credential;
    /* Private. */
    bool challenged;
    uint8_t n_s[COVEY_MANAGER_CHALLENGE_LEN];
    covey_ms until;
} covey_manager_node;

/* A key pair of the manager; a group uses the one of its curve. Kept. */
typedef struct covey_manager_identity {
    covey_curve curve;
    int32_t cred_fmt;
    covey_bytes credential;
    covey_key *key; /* private, lent */
} covey_manager_identity;

typedef struct covey_manager_config {
    const covey_crypto *crypto;               /* kept */
    const covey_manager_identity *identities; /* kept */
    size_t identity_count;
    covey_bytes gid_prefix;  /* up to COVEY_MANAGER_PREFIX_MAX; copied */
    uint32_t commit_window;  /* ms that a batch waits for others; 0: none */
    uint32_t challenge_life; /* ms; 0: 60,000 */
    uint32_t tell_max;       /* members being told at a time; 0: 32 */
    uint8_t tell_attempts;   /* for each member and version; 0: 4 */
    uint32_t tell_pause;     /* ms before the second, then doubled; 0: 2,000 */
    uint32_t rekey_ahead; /* s before keys expire; 0: a tenth of their life */
    bool numbers;         /* tell joiners what covey_manager_heard said */
    /* Of groups that are created; covey_manager_tune changes them. */
    uint32_t lifetime; /* of keys, in s; 0: 86,400 */
    bool keep_on_join; /* do not rekey for joiners: no backward security */
} covey_manager_config;

/* Why a group was rekeyed; a set. */
enum {
    COVEY_MANAGER_BY_JOIN = 1u << 0,
    COVEY_MANAGER_BY_LEAVE = 1u << 1,
    COVEY_MANAGER_BY_EVICTION = 1u << 2,
    COVEY_MANAGER_BY_TIME = 1u << 3,
    COVEY_MANAGER_BY_EXHAUSTION = 1u << 4,
    COVEY_MANAGER_BY_OPERATOR = 1u << 5
};

/* What an audit log has to say of a change; no secrets. */
typedef enum covey_manager_deed {
    COVEY_MANAGER_DID_JOIN = 1,
    COVEY_MANAGER_DID_REJOIN,
    COVEY_MANAGER_DID_LEAVE,
    COVEY_MANAGER_DID_EVICT,
    COVEY_MANAGER_DID_CREDENTIAL, /* a new one was uploaded */
    COVEY_MANAGER_DID_SENDER_ID,  /* a new one was given */
    COVEY_MANAGER_DID_REKEY,
    COVEY_MANAGER_DID_FINISH, /* all who can be reached have been told */
    COVEY_MANAGER_DID_CREATE,
    COVEY_MANAGER_DID_CONFIGURE,
    COVEY_MANAGER_DID_DELETE
} covey_manager_deed;

typedef struct covey_manager_log {
    covey_manager_deed deed;
    uint16_t serial;
    uint8_t name_len;
    char name[COVEY_MANAGER_NODE_MAX]; /* of the member */
    uint8_t causes;                    /* of a rekeying */
    uint32_t version;                  /* afterwards */
    uint32_t count; /* members told (FINISH), or of the group */
} covey_manager_log;

/* --- memory -------------------------------------------------------------- */

/* A request whose answer waits for storage. Private. */
typedef struct covey_manager_pending {
    uint64_t user;
    uint8_t kind;
    uint8_t code;  /* of a success */
    uint8_t error; /* covey_keying_error, or above: another refusal */
    bool all;      /* credentials that matter */
    uint8_t wish_count;
    uint8_t wish[6]; /* roles whose credentials are wanted */
    uint32_t group;
    uint32_t member;
} covey_manager_pending;

typedef struct covey_manager_memory {
    covey_manager_group *groups;
    uint32_t group_count;
    covey_manager_member *members; /* of all groups */
    uint32_t member_count;
    /* member_count times credential_max bytes. */
    uint8_t *credentials;
    uint16_t credential_max;
    covey_manager_stale *stale; /* when full, the oldest sets go */
    uint32_t stale_count;
    covey_manager_node *nodes; /* as enrolled; the caller's to fill */
    uint32_t node_count;
    covey_manager_pending *pending; /* requests in one batch */
    uint32_t pending_count;
    covey_manager_log *log; /* what one batch does; more is only counted */
    uint32_t log_count;
} covey_manager_memory;

/* For logs and metrics; for reading. */
typedef struct covey_manager_counters {
    uint64_t refused;  /* requests with another answer than 2.xx */
    uint64_t batches;  /* stored */
    uint64_t failures; /* of storage, or of the provider in a batch */
    uint64_t rekeys;
    uint64_t unlogged;
    uint64_t given_up; /* members that could not be told of a version */
} covey_manager_counters;

/* Visible so that it can be static; private but for counters. */
typedef struct covey_manager {
    covey_manager_config config;
    covey_manager_memory memory;
    covey_manager_counters counters;
    uint8_t prefix_len;
    uint8_t prefix[COVEY_MANAGER_PREFIX_MAX];
    uint32_t next_serial;
    bool serial_staged;
    bool reload_serial;
    bool in_flight; /* between PERSIST and stored */
    bool urgent;    /* somebody waits for the batch */
    uint32_t batch;
    uint32_t pending_used;
    uint32_t pending_released;
    uint32_t pending_next; /* to be transmitted */
    uint32_t log_used;
    uint32_t log_released;
    uint32_t log_next;
    uint32_t free_member;
    uint32_t owing;
    uint32_t telling;
    covey_ms staged_at; /* COVEY_NEVER: nothing is staged */
    covey_ms lazy_at;   /* when `told` is to be stored */
    covey_time now;
} covey_manager;

/* Everything but the tables' nodes is emptied. COVEY_E_ARGUMENT: a table that
 * is missing, no provider, a prefix that is too long. */
COVEY_MUST_USE covey_status
covey_manager_init(covey_manager *m, const covey_manager_config *config,
                   const covey_manager_memory *memory, covey_time now);
/* Wipes all groups. */
void covey_manager_drop(covey_manager *m);

/* --- loading: at the start, and after RELOAD ----------------------------- */

/* The serial that the next group gets; 1 if nothing was stored, above
 * UINT16_MAX none is left. */
void covey_manager_load_serial(covey_manager *m, uint32_t next);
/* Rows as they were stored, the group's first; private fields are set here.
 * COVEY_E_ROOM: the table is full. COVEY_E_ARGUMENT: a row that is none, or
 * one that is there already, a member or stale ID of no group.
 * COVEY_E_UNSUPPORTED: there is no identity for the group. */
COVEY_MUST_USE covey_status
covey_manager_load_group(covey_manager *m, const covey_manager_group *row);
COVEY_MUST_USE covey_status
covey_manager_load_member(covey_manager *m, const covey_manager_member *row);
COVEY_MUST_USE covey_status
covey_manager_load_stale(covey_manager *m, const covey_manager_stale *row);
/* Removes a group and what belongs to it from memory. Nothing while a batch is
 * staged that has changes of it: false, store that first. */
bool covey_manager_forget(covey_manager *m, uint16_t serial);

/* The Gid of the group's version; in storage. */
covey_bytes covey_manager_gid(const covey_manager *m,
                              const covey_manager_group *g,
                              uint8_t storage[COVEY_MANAGER_GID_MAX]);

/* --- requests ------------------------------------------------------------ */

typedef struct covey_manager_request {
    uint64_t user; /* comes back with the answer */
    /* Whose association it came under; absent: not authenticated. */
    covey_bytes node;
    /* Plain: method, Uri-Path, Content-Format and payload are looked at. */
    const covey_coap_message *message;
    /* The answer goes to an observer: whether it has got the keys in there is
     * known when it acknowledges them (covey_manager_got). */
    bool notification;
} covey_manager_request;

/* Content-Format of an answer without payload. */
#define COVEY_MANAGER_NO_FORMAT UINT16_MAX

typedef struct covey_manager_answer {
    uint64_t user;
    uint8_t code;  /* 0: later, by transmit */
    uint32_t keys; /* the version of those that a GET is answered with */
    uint16_t format;
    bool observable; /* register the observer, if one was asked for */
    uint8_t location_count;
    covey_bytes location[4]; /* Location-Path; lives until the next call */
    covey_bytes payload;     /* in `out` */
} covey_manager_answer;

/* Takes a request; the payload of the answer is appended to out.
 * COVEY_E_NOT_STORED: the group has staged changes; take the PERSIST event,
 *   which is due then, store, and call again. COVEY_E_ROOM: no row for a
 *   staged request: likewise. Otherwise COVEY_OK, whatever the answer is. */
COVEY_MUST_USE covey_status covey_manager_receive(
    covey_manager *m, covey_time now, const covey_manager_request *request,
    covey_manager_answer *answer, covey_writer *out);

/* Options and payload of an answer, into a message whose code has been set. */
void covey_manager_put_answer(const covey_manager_answer *answer,
                              covey_coap_composer *c);

/* Operators' decisions; staged like requests, and done once stored.
 * COVEY_E_NO_CONTEXT: no such group or member. COVEY_E_NOT_STORED: as above.
 * COVEY_E_EXHAUSTED: there is no version after this one. */
COVEY_MUST_USE covey_status covey_manager_evict(covey_manager *m,
                                                covey_time now,
                                                covey_bytes group,
                                                covey_bytes node);
COVEY_MUST_USE covey_status covey_manager_rekey(covey_manager *m,
                                                covey_time now,
                                                covey_bytes group);

/* What the admin draft has no parameter for. */
COVEY_MUST_USE covey_status covey_manager_tune(covey_manager *m,
                                               covey_time now,
                                               covey_bytes group,
                                               uint32_t lifetime,
                                               bool rekey_on_join);

/* A silent server beside the manager (seed 002 Section 7.2, last method).
 * `hears` is asked first, since it costs little: the requester with this
 * Sender ID under the keys of this Gid, if `number` is more than it was heard
 * with; otherwise NULL. It is for reading, and lives until the next call.
 * `heard`, once the message has been verified: this is its last number, until
 * the group has new keys. */
const covey_manager_member *covey_manager_hears(const covey_manager *m,
                                                covey_bytes gid,
                                                covey_bytes id,
                                                uint64_t number);
/* What it needs of a group to verify messages (covey/sigcheck.h,
 * covey/group.h); the Gid is in `gid`, the rest lives as the group does.
 * COVEY_E_NO_CONTEXT: there is no such group. */
COVEY_MUST_USE covey_status covey_manager_parameters(
    const covey_manager *m, uint16_t serial,
    uint8_t gid[COVEY_MANAGER_GID_MAX], covey_group_parameters *out);
void covey_manager_heard(covey_manager *m, covey_bytes gid, covey_bytes id,
                         uint64_t number);

/* --- what the shell is asked for ----------------------------------------- */

typedef enum covey_manager_event_kind {
    /* Walk the changes, write them in one transaction, say stored. Nothing
     * else is received or transmitted meanwhile. */
    COVEY_MANAGER_PERSIST = 1,
    /* The group `serial` (0: the next serial) is not in memory any more: load
     * what is stored. */
    COVEY_MANAGER_RELOAD,
    /* Observers of resources of this group have to be notified: make their
     * requests anew. Once for each group in a batch. */
    COVEY_MANAGER_CHANGED,
    /* `log` says what has been done, and is stored. */
    COVEY_MANAGER_LOG
} covey_manager_event_kind;

typedef struct covey_manager_event {
    covey_manager_event_kind kind;
    uint32_t batch; /* PERSIST */
    uint16_t serial;
    const covey_manager_log *log; /* lives until the next call */
} covey_manager_event;

/* Call until false. */
bool covey_manager_event_next(covey_manager *m, covey_time now,
                              covey_manager_event *event);

typedef enum covey_manager_change_kind {
    COVEY_MANAGER_PUT_SERIAL = 1, /* `number`; it was less before */
    COVEY_MANAGER_PUT_GROUP,      /* see revision; comes before its members */
    COVEY_MANAGER_DELETE_GROUP,   /* with all that belongs to it */
    COVEY_MANAGER_PUT_MEMBER,
    COVEY_MANAGER_DELETE_MEMBER,
    COVEY_MANAGER_PUT_STALE,
    COVEY_MANAGER_DROP_STALE, /* those of `serial` below version `number` */
    /* Only `told` of a member that is there has changed. This, and the removal
     * of members that had been evicted, come without a new revision. */
    COVEY_MANAGER_TOLD
} covey_manager_change_kind;

/* A row that the batch writes; pointers live until stored. */
typedef struct covey_manager_change {
    covey_manager_change_kind kind;
    uint16_t serial;
    uint32_t number;
    const covey_manager_group *group;
    const covey_manager_member *member;
    const covey_manager_stale *stale;
} covey_manager_change;

/* Where a walk stands; all zero at its beginning. */
typedef struct covey_manager_walk {
    uint8_t part;
    uint32_t at;
} covey_manager_walk;

/* The next change of the batch in flight; false at the end. */
bool covey_manager_change_next(const covey_manager *m,
                               covey_manager_walk *walk,
                               covey_manager_change *change);
/* What the batch in flight does, as LOG will tell once it is stored: for those
 * who keep an audit log in the same transaction. *at is 0 at the beginning.
 * NULL at the end. */
const covey_manager_log *covey_manager_deed_next(const covey_manager *m,
                                                 uint32_t *at);
/* The batch is durable (COVEY_OK), or nothing of it is. COVEY_E_ARGUMENT: not
 * the batch in flight. */
COVEY_MUST_USE covey_status covey_manager_stored(covey_manager *m,
                                                 covey_time now,
                                                 uint32_t batch,
                                                 covey_status result);

/* --- what leaves --------------------------------------------------------- */

typedef enum covey_manager_departure_kind {
    COVEY_MANAGER_ANSWER = 1, /* to a request: `answer` */
    COVEY_MANAGER_TELL,       /* POST new keys to the node's control URI */
    COVEY_MANAGER_EVICT       /* DELETE there */
} covey_manager_departure_kind;

typedef struct covey_manager_departure {
    covey_manager_departure_kind kind;
    covey_manager_answer answer; /* of a TELL: format and payload */
    covey_bytes node;            /* live until the next call */
    covey_bytes uri;
    uint64_t ref; /* for told */
} covey_manager_departure;

/* The next thing to be sent, protected for that node alone; call until false.
 * The payload is appended to out and holds keys: wipe it. */
bool covey_manager_transmit(covey_manager *m, covey_time now,
                            covey_manager_departure *to, covey_writer *out);
/* How a TELL or EVICT ended: confirmed by 2.04 or 2.02, or not. A ref of
 * something that is over is passed over. */
void covey_manager_told(covey_manager *m, covey_time now, uint64_t ref,
                        bool confirmed);
/* An observer has acknowledged keys. Who asks for them itself has got them
 * with the answer, as a joiner has. Nobody is told what it has. */
void covey_manager_got(covey_manager *m, covey_time now, uint16_t serial,
                       covey_bytes node, uint32_t version);
/* The store says that a member has keys, since another manager has told it.
 * Who is still to be told by this one is told all the same. */
void covey_manager_heed(covey_manager *m, uint16_t serial, covey_bytes node,
                        uint32_t version);
/* When to call event_next and transmit again. */
covey_ms covey_manager_deadline(const covey_manager *m);

#endif
