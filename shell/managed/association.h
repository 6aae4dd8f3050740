/* SPDX-License-Identifier: BSD-2-Clause */
/* A node's OSCORE association with its Group Manager: one security context,
 * one socket, requests one after the other, and a control resource for each
 * group, which the manager sends new keys to. Everything on it is protected;
 * what is not is refused, and errors that are not are no answers.
 *
 * Requests and answers may be longer than a datagram (RFC 7959), and a
 * manager that has lost its window is given its Echo value back (RFC 9175). */
#ifndef COVEY_SHELL_ASSOCIATION_H
#define COVEY_SHELL_ASSOCIATION_H

#include <context.h>
#include <covey/endpoint.h>
#include <covey/member.h>
#include <covey/transfer.h>
#include <loop.h>

enum {
    ASSOCIATION_ERROR_MAX = 256,
    ASSOCIATION_BODY_MAX = 1 << 18, /* of an answer */
    ASSOCIATION_NEWS_MAX = 8192     /* of what the manager sends by itself */
};

typedef struct association association;

typedef struct association_options {
    const context_oscore *context; /* kept */
    const covey_crypto *crypto;    /* kept */
    covey_address manager;
    covey_oscore_state state; /* as stored; of a new one the first number */
    uint32_t ahead;           /* as of covey_oscore_start */
    /* Durable when it returns true; otherwise it has told why. */
    bool (*keep)(void *user, const covey_oscore_state *state);
    void *user;
} association_options;

/* NULL: `error` says why. */
association *association_open(loop *l, const association_options *options,
                              char error[ASSOCIATION_ERROR_MAX]);
/* Calls that are waiting are not told. NULL is allowed. Before the loop is
 * freed. */
void association_close(association *a);
/* Where the manager's news come to. */
covey_address association_local(const association *a);
/* Where the numbers really are: what was reserved may be given back. */
covey_oscore_state association_exact(const association *a);

/* A request to the manager. The caller's, and so is what it points to, until
 * it is done or withdrawn. */
typedef struct association_call {
    covey_member_request request;
    /* code 0: no answer that could be believed, for `reason`. */
    void (*done)(void *user, uint8_t code, covey_bytes body,
                 const char *reason);
    void *user;
    struct association_call *next; /* private */
    bool waiting;                  /* private */
} association_call;

/* Behind those that wait already. It is not done before this returns. */
void association_ask(association *a, association_call *call);
/* It will not be done any more. Nothing if it is not waiting. */
void association_withdraw(association *a, association_call *call);

/* A control resource, and an observation of a resource of the manager. Kept
 * until association_forget. */
typedef struct association_listener {
    const char *path; /* of the control resource: two segments */
    /* POST or DELETE there: the code of the answer. */
    uint8_t (*control)(void *user, uint8_t method, covey_bytes body);
    /* A notification; absent if it came in blocks. NULL: none is wanted. */
    void (*notified)(void *user, covey_bytes body);
    void *user;
    covey_bytes segment[2]; /* of the resource that is observed */
    /* Private. */
    struct association_listener *next;
    covey_exchange_ref exchange;
    bool observing;
} association_listener;

void association_listen(association *a, association_listener *listener);
void association_forget(association *a, association_listener *listener);
/* Registers with the manager, or registers again. */
void association_observe(association *a, association_listener *listener);

#endif
