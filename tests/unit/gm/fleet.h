/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes of a Group Manager, for tests and figures of covey-gm: each with an
 * association, a key pair, a socket of its own with a control resource, and
 * the joining side of the core (covey/member.h). Node 0 is an administrator.
 * All of it follows from a node's number: nothing is secret here. */
#ifndef COVEY_TEST_GM_FLEET_H
#define COVEY_TEST_GM_FLEET_H

#include <covey/endpoint.h>
#include <covey/member.h>
#include <covey/transfer.h>
#include <groups.h>
#include <loop.h>
#include <peer.h>

enum {
    FLEET_CRED = 96,
    FLEET_PEERS = 4, /* other members that a node knows */
    FLEET_BODY = 1 << 17,
    FLEET_LAST = 1500
};

struct fleet;

struct fleet_node {
    struct fleet *fleet;
    unsigned number;
    char name[12];
    covey_oscore_protector oscore;
    const covey_protector *protectors[1];
    covey_oscore_context association;
    covey_key key;
    uint8_t cred[FLEET_CRED];
    covey_bytes credential;
    peer *peer;
    covey_member member;
    covey_group group;
    covey_group_recipient recipients[FLEET_PEERS];
    covey_member_peer peers[FLEET_PEERS];
    uint8_t creds[(FLEET_PEERS + 1) * FLEET_CRED];
    char control[48];
    bool deaf; /* does not answer at its control resource */
    bool busy; /* a request is under way */
    bool asks; /* by hand, not for the member */
    bool repeated;
    uint8_t code;
    covey_member_request request;
    covey_fetch fetch;
    uint8_t body[512];
    size_t body_len;
    uint8_t *answer;          /* FLEET_BODY */
    uint8_t last[FLEET_LAST]; /* the last request, as it left */
    size_t last_len;
};

/* What happens; what is NULL is not told. */
struct fleet_handlers {
    void (*event)(void *user, struct fleet_node *n,
                  const covey_member_event *event);
    /* Keys that came, by whatever way: the whole map. */
    void (*keys)(void *user, struct fleet_node *n, covey_bytes map);
    /* To fleet_ask; code 0: nothing came. */
    void (*answer)(void *user, struct fleet_node *n, uint8_t code,
                   covey_bytes payload);
    void *user;
};

struct fleet {
    loop *loop;
    covey_crypto crypto;
    covey_address manager;
    struct fleet_node *nodes; /* 0 to count */
    unsigned count;
    loop_alarm *alarm;
    bool creds; /* joining nodes ask for credentials */
    bool paths; /* their control URIs say not where they are */
    struct fleet_handlers on;
};

/* The association of a node as the manager has it; storage lives until the
 * next call. `group`: the one that it may join. */
store_enrolment fleet_enrolment(unsigned number, const char *group);

/* A key pair and its credential, out of a number; the writers have room for 32
 * and FLEET_CRED bytes. */
bool fleet_identity(const covey_crypto *crypto, unsigned number,
                    covey_key *key, covey_writer *raw, covey_writer *cred);

/* Nodes 0 to count; false: no memory, or no sockets. */
bool fleet_open(struct fleet *f, loop *l, const covey_address *manager,
                unsigned count);
void fleet_close(struct fleet *f);

void fleet_join(struct fleet_node *n, const char *group, uint8_t roles);
void fleet_leave(struct fleet_node *n);
/* A request of one's own: "ace-group/g/num". False: one is under way. */
bool fleet_ask(struct fleet_node *n, uint8_t code, const char *path,
               uint16_t format, covey_bytes payload);

#endif
