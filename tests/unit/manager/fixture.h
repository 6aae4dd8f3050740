/* SPDX-License-Identifier: BSD-2-Clause */
/* A Group Manager with a disk that remembers what was stored, nodes with an
 * association each, and an administrator. The provider is a toy that fails
 * when told. */
#ifndef COVEY_TEST_MANAGER_FIXTURE_H
#define COVEY_TEST_MANAGER_FIXTURE_H

#include "kit.h"

#include <covey/manager.h>
#include <covey/member.h>

#include <crypto/scripted/scripted.h>

enum {
    NODES = 101, /* and the administrator behind them */
    ADMIN = NODES,
    CRED = 96,
    GROUPS = 4,
    ROWS = 240, /* of members and of stale IDs */
    ANSWER = 24000,
    LOGS = 2000,

    GET = COVEY_COAP_CODE(0, 1),
    POST = COVEY_COAP_CODE(0, 2),
    DELETE = COVEY_COAP_CODE(0, 4),
    FETCH = COVEY_COAP_CODE(0, 5),

    BOTH = COVEY_KEYING_REQUESTER | COVEY_KEYING_RESPONDER,
    NONE = COVEY_MANAGER_NO_FORMAT
};

/* What survives. */
struct disk {
    covey_manager_group groups[GROUPS];
    covey_manager_member members[ROWS];
    uint8_t credentials[ROWS][CRED];
    covey_manager_stale stale[ROWS];
    uint32_t serial;
};

struct node {
    char name[8];
    uint8_t scope[80];
    covey_key key;
    uint8_t cred[CRED];
    covey_bytes credential;
    covey_member member;
    covey_group group;
    bool deaf; /* does not hear the manager */
    unsigned told;
    unsigned evicted;
    unsigned order; /* the last TELL was so many */
};

struct reply {
    uint8_t code;
    uint16_t format;
    bool observable;
    uint32_t keys;
    uint8_t location_count;
    covey_bytes payload;
};

/* What happens to a batch. */
enum store {
    STORE_WELL,
    STORE_FAILS,       /* nothing was written */
    STORE_DIES_BEFORE, /* the manager stops before it is written, */
    STORE_DIES_AFTER   /* or afterwards, before it knows */
};

struct world {
    covey_scripted script;
    covey_crypto crypto;
    covey_time now;
    covey_group_late late; /* of all nodes */
    covey_manager manager;
    covey_manager_config config;
    covey_manager_memory memory;
    covey_manager_identity identities[3];
    covey_key keys[3];
    uint8_t creds[3][CRED];
    struct disk disk;
    struct node nodes[NODES + 1];
    struct reply reply; /* the last one */
    uint8_t payload[ANSWER];
    bool answered;
    size_t room; /* for answers; 0: enough */
    bool notification;
    uint64_t user;
    size_t asker;
    unsigned batches;
    int trouble_at; /* the batch that the next meets; -1: none */
    enum store trouble;
    bool dead;
    unsigned tells;
    covey_manager_log log[LOGS];
    size_t log_count;
    size_t deeds; /* that batches said they would do */
    unsigned changed;
    unsigned reloads;
    /* What has left, by version of "g": one key, one node for a Sender ID. */
    uint8_t secrets[256][16];
    bool secret_known[256];
    struct {
        uint32_t version;
        uint8_t id[2];
        size_t who;
    } ids[LOGS];
    size_t id_count;
};

/* No group yet; nodes are requesters and responders of "g". */
struct world *world_open(void);
/* With a group "g" of these modes that is active. */
struct world *world_with(bool group_mode, bool pairwise_mode);
void world_close(struct world *w);
/* A provider other than the toy for the next world. */
extern const covey_crypto *world_provider;

/* What a node may do, as entries of a scope in hex. */
void world_allow(struct world *w, size_t who, const char *scope);
/* A credential for this key. */
covey_bytes make_credential(struct world *w, uint8_t *storage,
                            covey_curve curve, covey_key *key);
/* Another key pair. */
void world_rekey_node(struct world *w, size_t who, covey_curve curve);

/* --- disk.c */
void disk_apply(struct disk *d, const covey_manager_change *change);
/* What is stored of this group, or, with 0, of all, goes to the manager. */
void disk_load(struct world *w, uint16_t serial);

/* Stores, transmits and delivers until nothing is left to do. */
void world_settle(struct world *w);
/* A request and its answer; `who` NODES + 1: not authenticated. */
uint8_t ask(struct world *w, size_t who, uint8_t code, const char *path,
            uint16_t format, covey_bytes payload);
/* The request alone: COVEY_E_NOT_STORED, or what has become of it. */
covey_status offer(struct world *w, size_t who, uint8_t code, const char *path,
                   uint16_t format, covey_bytes payload);
/* The error in the last answer; COVEY_KEYING_ERRORS if there is none. */
covey_keying_error error_of(const struct world *w);

/* The manager stops, and begins anew from the disk. */
void world_restart(struct world *w);

/* A member with recipients for so many others. */
void member_open(struct world *w, size_t who, uint8_t roles, size_t others);
/* Sends what it wants to send until it wants no more. */
void member_pump(struct world *w, size_t who);
/* Opens and joins; the state afterwards. */
covey_member_state member_join(struct world *w, size_t who, uint8_t roles);

const covey_manager_group *group_row(const struct world *w);
const covey_manager_member *member_row(const struct world *w, size_t who);
/* How often this was logged. */
size_t logged(const struct world *w, covey_manager_deed deed);

#endif
