/* SPDX-License-Identifier: BSD-2-Clause */
/* Who observes which resource (RFC 7641 Section 4.1): a bounded table, found
 * by client and token. When it is full, further ones get an answer without
 * Observe, which is allowed. */
#ifndef COVEY_SERVE_OBSERVERS_H
#define COVEY_SERVE_OBSERVERS_H

#include "resource.h"

#include <covey/endpoint.h>
#include <covey/slots.h>

#define OBSERVER_NONE UINT32_MAX

/* What is needed to send to an observer: of its request, what an answer needs.
 * Of the length that it has. */
struct observer_request;

struct observer {
    struct observer_request *request;
    void *link;             /* whose endpoint sends to it */
    covey_message_ref sent; /* that is not acknowledged yet; serial 0: none */
    covey_ms confirmed;     /* when it was last asked to acknowledge, first of
                               those that have not been */
    uint32_t serial;
    uint32_t next; /* of the same resource, or among the free */
    uint32_t prev;
    uint32_t peer_next; /* over streams: with the same hash of the peer */
    uint32_t peer_prev;
    uint32_t peers; /* not its own: the first with this row's number as hash */
    uint32_t resource; /* which one; OBSERVER_NONE: not in use */
    /* Since it was asked. Not all begin with 0, so that not all are asked at
     * the same time. */
    uint8_t notified;
    uint8_t szx; /* of the blocks that it wants */
};

struct observers {
    struct observer *rows;
    covey_slot *slot;
    covey_slots slots; /* by client and token */
    uint32_t *firsts;  /* of resources */
    uint32_t count;
    uint32_t free;
    uint32_t fresh; /* from here on no row was ever used */
    uint32_t serial;
    uint64_t key;
};

/* False: no memory. */
bool observers_open(struct observers *o, uint32_t count, size_t resources,
                    uint64_t key);
void observers_close(struct observers *o);

/* Of this client under this token: the one there was, made new, or a further
 * one. NULL: the table is full, or there is no memory. */
struct observer *observers_add(struct observers *o, void *link,
                               const covey_endpoint_request *request,
                               uint32_t resource);
void observers_remove(struct observers *o, struct observer *row);
/* All of a client whose connection has ended. */
void observers_lost(struct observers *o, const void *link,
                    const covey_path *path);

enum observer_turn {
    OBSERVER_TOLD,    /* Non-confirmable */
    OBSERVER_ASKED,   /* Confirmable */
    OBSERVER_FORSAKEN /* it has not acknowledged anything for too long */
};

/* How it is notified now. A newer notification takes the place of one that
 * waits for its acknowledgement, but not of the patience with it (RFC 7641
 * Section 4.5.2). */
enum observer_turn observers_turn(struct observer *row, covey_ms now);
/* Its request, to be answered once more; not for the copy of a nonce: no
 * datagram is its own. */
void observers_request(const struct observer *row,
                       covey_endpoint_request *request);
/* Protected if this request is. NULL: there is none. */
struct observer *observers_find(struct observers *o, const void *link,
                                const covey_endpoint_request *request);
/* Comes back with events; NULL if it has gone in the meantime. */
uint64_t observers_name(const struct observers *o, const struct observer *row);
struct observer *observers_named(struct observers *o, uint64_t name);

#endif
