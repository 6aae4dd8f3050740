/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-gm: the decisions of a Group Manager (covey/manager.h) between nodes
 * with an OSCORE association each and a store that is the truth.
 *
 * Two kinds of transactions. Numbers of associations (leases, sequence
 * numbers) are written as they fall due, many in one transaction, which is
 * committed before anything leaves the sockets (gm_commit). Batches of the
 * manager are transactions of their own, committed before it is told. When a
 * commit fails, nothing that depends on it has left: messages, associations
 * and groups are forgotten, and everything begins anew from what is stored
 * (gm_restart). So there is one way to recover, be it from kill -9, from a
 * database that was away, or from another manager that was faster. */
#ifndef COVEY_GM_GM_H
#define COVEY_GM_GM_H

#include "config.h"

#include <covey/endpoint.h>
#include <covey/manager.h>
#include <covey/transfer.h>
#include <groups.h>
#include <log.h>
#include <loop.h>
#include <peer.h>
#include <refused.h>
#include <store.h>

enum {
    GM_UPLOADS = 32,
    GM_UPLOAD_MAX = 4096,
    GM_ECHO = 1024,
    GM_ECHO_AGE = 60000, /* ms */
    GM_PARKED = 64,
    GM_NONE = -1
};

/* The name of requests that no node has made. */
#define GM_OURS UINT64_MAX

struct gm;
struct show;

/* A body of more than one block, as its node reads it. */
struct gm_body {
    uint8_t *bytes; /* NULL: none */
    size_t len;
    uint64_t key; /* of the request that it answers */
    uint8_t code;
    uint16_t format;
    covey_ms until;
};

/* A node and its association; the manager's row of it has the same place. */
struct gm_node {
    bool used;
    uint8_t *memory; /* spans of the enrolment */
    size_t memory_len;
    store_enrolment enrolment;
    int next;       /* with the same hash of the Recipient ID */
    bool held;      /* the lease, and `context` is set up */
    bool wanted;    /* by another manager */
    bool elsewhere; /* another manager had it when it was last needed */
    store_lease lease;
    covey_oscore_context context;
    peer *peer; /* where it was last heard; NULL: not known */
    covey_path path;
    unsigned busy; /* requests that wait for their answers */
    struct gm_body body;
};

/* What goes with an answer besides. */
struct gm_reply {
    const covey_manager_answer *answer;
    uint32_t node; /* UINT32_MAX: none */
    uint64_t key;  /* of the request: what its blocks have in common */
    bool has_block1;
    covey_block block1;
    uint8_t szx;
    uint32_t num; /* of the block that is wanted */
    bool has_observe;
    uint32_t observe;
    covey_bytes echo;                /* absent: none */
    const covey_endpoint_reply *how; /* NULL: as the request */
};

/* A request whose answer waits for the store. */
struct gm_ticket {
    bool used;
    uint32_t serial;
    uint32_t node;
    peer *peer;
    covey_endpoint_request request;
    struct gm_reply reply;
};

/* News on its way to a node. */
struct gm_tell {
    bool used;
    uint32_t serial;
    uint16_t group; /* its serial */
    uint64_t ref;   /* of the manager */
    uint32_t node;
    peer *peer;
    covey_path path;
    covey_exchange_ref exchange;
    bool evict;
    bool repeated; /* with Echo */
    covey_ms until;
    covey_fetch fetch;
    uint8_t *body;
    size_t len;
    char uri[COVEY_MANAGER_URI_MAX + 1]; /* its path */
    uint8_t answer[64];
};

/* Somebody who observes. */
struct gm_watch {
    bool used;
    uint32_t node;
    peer *peer;
    covey_endpoint_request request;
    covey_observer_ref ref;
    uint16_t group;
    uint32_t keys;    /* the version that was sent last */
    uint8_t *message; /* the request, plain */
    size_t len;
};

/* A datagram that has to wait for a lease. */
struct gm_parked {
    covey_ms until; /* 0: empty */
    peer *peer;
    covey_path path;
    size_t len;
    uint8_t bytes[PEER_DATAGRAM_MAX];
};

struct gm {
    const struct gm_config *config;
    const log_sink *log;
    loop *loop;
    const covey_crypto *crypto;
    store *store;
    bool open;  /* a transaction is */
    bool stale; /* what is in memory is not what is stored */
    bool quiet; /* the store does not answer, and that has been told */
    covey_ms retry;
    loop_watch *woken;
    loop_alarm *alarm;
    covey_manager manager;
    covey_manager_memory tables;
    covey_key *keys;
    covey_manager_identity *identities;
    struct gm_node *nodes; /* as many as tables.nodes */
    int *heads;
    uint32_t head_count;
    struct gm_ticket *tickets; /* as many as tables.pending */
    struct gm_tell *tells;
    uint32_t tell_count;
    struct gm_watch *watches;
    covey_observers_memory observer_memory;
    covey_observers observers;
    struct gm_parked *parked;
    struct gm_ear *ears; /* hear.c */
    size_t ear_count;
    uint8_t *hear_scratch;
    size_t hear_scratch_len;
    covey_uploads uploads;
    covey_echo echo;
    covey_echo_row *echo_rows;
    covey_oscore_protector oscore;
    const covey_protector *protectors[1];
    peer **peers;
    size_t peer_count;
    uint8_t *out; /* what the manager writes */
    size_t out_len;
    uint32_t serial;
    uint64_t key;        /* of ETags */
    uint32_t events;     /* written to the store */
    uint8_t local_code;  /* of the last request of our own */
    covey_ms sweep;      /* when bodies are looked through */
    covey_ms look;       /* for what another manager may have left */
    uint32_t look_pause; /* ms */
    covey_ms learn;      /* when the page is to know whom others told */
    covey_ms learned;
    struct show *show;     /* NULL: there is none */
    refused_count refused; /* messages */
    uint64_t refusals;     /* requests */
};

/* --- open.c -------------------------------------------------------------- */

/* What it points to is kept. False: it has been told why. Closing is allowed
 * in any case. */
bool gm_open(struct gm *g, const struct gm_config *config,
             const covey_crypto *crypto, const log_sink *log, loop *l);
void gm_close(struct gm *g);

/* --- gm.c ---------------------------------------------------------------- */

covey_random gm_random(const struct gm *g);
/* What requests have made of the manager: stored, told, answered. */
void gm_pump(struct gm *g, covey_time now);
/* A line of the log. */
void gm_tell_log(const struct gm *g, log_level level, const char *name,
                 const char *what, const char *why);
/* Everything from the store, as after a start. False: not now. */
bool gm_restart(struct gm *g, covey_time now);
/* A transaction for numbers is open from now on. */
store_result gm_begin(struct gm *g);
/* What has been written is durable; false: it is not, and nothing that
 * depends on it may leave. */
bool gm_commit(struct gm *g);
/* The store is closed, the manager emptied. */
void gm_shut(struct gm *g);
/* All that is due: decided, stored, on its way. */
void gm_settle(struct gm *g, covey_time now);

/* --- nodes.c: associations ----------------------------------------------- */

bool nodes_open(struct gm *g);
void nodes_close(struct gm *g);
/* As they are enrolled now (enrolled.c). */
store_result nodes_load(struct gm *g);
/* Every association is given up as it was before this transaction: nothing is
 * stored. */
void nodes_forget(struct gm *g);
/* In order: what was not used may be used by the next one. */
void nodes_release(struct gm *g);
/* Who comes and goes (enrolled.c needs them). */
void nodes_drop(struct gm *g, covey_time now, uint32_t node);
void nodes_chain(struct gm *g);
int nodes_named(const struct gm *g, covey_bytes name);
uint32_t nodes_of_context(const struct gm *g, const void *context);
/* STORE_TAKEN: another manager has it; with `want` it is asked to give it. */
store_result nodes_hold(struct gm *g, uint32_t node, bool want);
/* peer_handlers.admit. */
bool nodes_admit(struct gm *g, peer *p, covey_time now, const covey_path *path,
                 covey_bytes datagram);
/* A message that is no replay has come from there: the next manager is to know
 * it, too (place.c). */
void nodes_heard(struct gm *g, uint32_t node, peer *p, const covey_path *path);
/* Where the node was heard when the lease that has just been taken was another
 * one's: n->peer stays NULL if nobody knows. */
void nodes_place(const struct gm *g, struct gm_node *n);
/* The socket for such a path; NULL: none of its family. */
peer *nodes_peer_of(const struct gm *g, const covey_path *path);
/* What other managers want is given, if nothing is under way with it. */
void nodes_give(struct gm *g, covey_time now);
/* Datagrams that waited for a lease come again. */
void nodes_unpark(struct gm *g, covey_time now);
void nodes_body_drop(struct gm_node *n);

/* --- request.c ----------------------------------------------------------- */

void request_take(struct gm *g, peer *p, covey_time now,
                  covey_endpoint_in *in);
/* An answer that waited. */
void request_answer(struct gm *g, covey_time now,
                    const covey_manager_answer *answer);
void request_forget_all(struct gm *g);

void request_reply(struct gm *g, peer *p, covey_time now,
                   const covey_endpoint_request *request,
                   const struct gm_reply *reply);

/* --- tell.c: news to nodes ----------------------------------------------- */

void tell_begin(struct gm *g, covey_time now,
                const covey_manager_departure *to);
void tell_response(struct gm *g, covey_time now, const covey_endpoint_in *in);
void tell_ended(struct gm *g, covey_time now,
                const covey_endpoint_report *report);
/* Those of a group (0: all) or of a node (UINT32_MAX: any) come to an end;
 * `told`: the manager hears that they failed. */
void tell_stop(struct gm *g, covey_time now, uint16_t group, uint32_t node,
               bool told);
/* Those who have not answered for too long. */
void tell_expire(struct gm *g, covey_time now);
covey_ms tell_deadline(const struct gm *g);
void tell_forget_all(struct gm *g);

/* --- watch.c: observers -------------------------------------------------- */

bool watch_open(struct gm *g);
void watch_close(struct gm *g);
/* reply->observe is set if it is registered. */
void watch_add(struct gm *g, peer *p, covey_time now,
               const covey_endpoint_in *in, uint16_t group,
               struct gm_reply *reply);
void watch_cancel(struct gm *g, const covey_endpoint_in *in);
/* Somebody of this node observes something of this group. */
bool watch_has(const struct gm *g, uint32_t node, uint16_t group);
void watch_changed(struct gm *g, covey_time now, uint16_t group);
/* Those who are to be told now are. */
void watch_notify(struct gm *g, covey_time now);
void watch_report(struct gm *g, covey_time now,
                  const covey_endpoint_report *report);
void watch_drop_node(struct gm *g, uint32_t node);
void watch_forget_all(struct gm *g);

/* --- audit.c ------------------------------------------------------------- */

enum {
    AUDIT_CAUSES_MAX = 96
};
/* COVEY_MANAGER_BY_*: "join,leave". */
const char *audit_causes(uint8_t set, char out[AUDIT_CAUSES_MAX]);

/* The batch in flight, into the transaction that stores it. */
store_result audit_batch(struct gm *g, covey_time now);
/* Into the log; what is no part of a batch also into the store. */
void audit_log(struct gm *g, covey_time now, const covey_manager_log *log);
/* An answer that is not 2.xx; UINT32_MAX: of no node. */
void audit_refusal(struct gm *g, const covey_path *path, uint32_t node,
                   const covey_manager_answer *answer);

/* --- hear.c: what members send to groups -------------------------------- */

/* False: it has been told why, unless there is no memory. */
bool hear_open(struct gm *g);
void hear_close(struct gm *g);

/* --- groups.c ------------------------------------------------------------ */

enum {
    GROUPS_NODE = 0 /* who creates them: a node without association */
};
/* Those that are not there are created. False: it has been told why. */
bool groups_create(struct gm *g, covey_time now);
/* NULL: there is none. */
const covey_manager_group *groups_row(const struct gm *g, uint32_t serial);
/* What other managers have changed is loaded. */
store_result groups_follow(struct gm *g, covey_time now);
/* Whom other managers have told of new keys, for the page; when it is due. */
void groups_learn(struct gm *g, covey_time now);
/* Rekeyings that another manager seems to have left undone. */
void groups_look(struct gm *g, covey_time now);

#endif
