/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests whose answers come later (RFC 7252 Section 5.2.2): a bounded table,
 * found by client and token, and by name. A quarter of it at most is for one
 * address. */
#ifndef COVEY_SERVE_LATER_H
#define COVEY_SERVE_LATER_H

#include "resource.h"

#include <covey/endpoint.h>
#include <covey/slots.h>
#include <covey/timers.h>

struct link;

/* For reading. */
struct later_row {
    covey_endpoint_request request;
    struct link *link;         /* that it came over; NULL: not in use */
    struct resource *resource; /* that it is for */
    uint64_t begun;            /* us, when it came */
    uint8_t *options;          /* of the message */
    size_t options_len;
    uint32_t hash;
    uint32_t serial;
    uint32_t next; /* of those that are free */
    uint8_t code;
    bool member; /* who asks is one of a group */
};

struct later {
    struct later_row *rows;
    covey_timer *timer;
    covey_timers timers;
    covey_slot *slot;
    covey_slots slots;    /* by client and token */
    uint32_t *of_address; /* how many, by hash */
    uint32_t count;
    uint32_t used;  /* rows that wait */
    uint32_t fresh; /* from here on they have not been in use yet */
    uint32_t free;
    uint32_t serial;
    uint64_t key;
};

/* False: no memory. */
bool later_open(struct later *l, uint32_t count, uint64_t key, covey_ms now);
void later_close(struct later *l);

/* A row for what comes from there, not in use yet: later_put or later_return.
 * NULL: there is none, or too many of that address wait; *code says so. */
struct later_row *later_take(struct later *l, const covey_path *path,
                             uint8_t *code);
void later_return(struct later *l, struct later_row *row);
/* Keeps the request, until then; row->begun is the caller's to set. False: no
 * memory, and the row is free again. */
bool later_put(struct later *l, struct later_row *row, struct link *link,
               const covey_endpoint_in *in, struct resource *resource,
               covey_ms due);
/* It waits no more: a copy, whose options are the caller's to free. */
struct later_row later_remove(struct later *l, struct later_row *row);
/* Nobody wants to hear of it. */
void later_drop(struct later *l, struct later_row *row);
/* Those over a connection that has ended. */
void later_lost(struct later *l, const struct link *link,
                const covey_path *path);

/* Names are never 0. */
uint64_t later_name(const struct later *l, const struct later_row *row);
/* NULL: there is none such that waits. */
struct later_row *later_named(struct later *l, uint64_t name);
/* Of this client under this token, protected if this one is; NULL: none. */
struct later_row *later_find(struct later *l, const struct link *link,
                             const covey_endpoint_request *request);
/* One whose time has come, to be removed; NULL: none. */
struct later_row *later_due(struct later *l, covey_ms now);
covey_ms later_deadline(const struct later *l);
/* The request as it came, but for its body, which was not kept. Lives as the
 * row. */
covey_endpoint_in later_request(const struct later_row *row);

#endif
