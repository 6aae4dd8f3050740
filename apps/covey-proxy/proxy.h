/* SPDX-License-Identifier: BSD-2-Clause */
/* The proxy: legs to clients and to servers, and what goes between them. */
#ifndef COVEY_PROXY_PROXY_H
#define COVEY_PROXY_PROXY_H

#include "clients.h"
#include "config.h"
#include "senders.h"
#include "show.h"

#include <coap_link.h>
#include <covey/crypto.h>
#include <covey/transfer.h>
#include <resolve.h>

enum {
    PROXY_DATAGRAM = 4096,
    PROXY_FAR = 2 /* IPv4, IPv6 */
};

struct proxy;

enum {
    METRICS_REASONS = 14, /* codes, and one row for all others */
    METRICS_MAX = 1024    /* as text, with its end */
};

/* What is kept of a request beside its row in covey_proxy, which has its path
 * and its token. */
struct asked {
    covey_endpoint_kept request;
    uint32_t heard; /* s: when the client was last asked for a sign of life */
    uint16_t group_port;
    uint8_t near; /* links, by their numbers */
    uint8_t far;
    uint8_t scheme; /* covey_proxy_scheme */
    bool chained;   /* another proxy says who answered */
};

_Static_assert(sizeof(struct asked) + sizeof(covey_proxy_row) +
                       sizeof(covey_exchange_row) +
                       COVEY_SLOTS(sizeof(covey_slot)) + sizeof(covey_timer) +
                       sizeof(covey_endpoint_row) <
                   500,
               "so much for a request that is under way");

struct proxy_counters {
    uint64_t requests;
    uint64_t group_requests;
    uint64_t answers;
    uint64_t refused;
    uint64_t reasons[METRICS_REASONS]; /* of what was refused */
    uint64_t late;
    uint64_t surplus;
    uint64_t stopped;
    uint64_t dropped; /* answers that could not leave */
};

/* Random bytes that have not been used. */
struct proxy_pool {
    uint8_t bytes[512];
    size_t left;
};

struct proxy {
    struct proxy_config *config;
    struct link_owner owner; /* of the links */
    struct clients secured;
    struct senders **senders; /* of each rule; NULL: none */
    const covey_crypto *crypto;
    struct proxy_pool pool;
    covey_echo echo; /* for clients after a restart */
    covey_echo_row *echo_rows;
    covey_proxy decisions;
    covey_proxy_row *rows;
    covey_proxy_client *clients;
    struct asked *asked;   /* as many as rows */
    covey_uploads uploads; /* bodies for groups */
    covey_upload_row *upload_rows;
    uint8_t *upload_storage;
    resolver *names;
    struct parked *parked;
    struct link *near;
    size_t near_count;
    struct link far[PROXY_FAR];
    struct proxy_counters counters;
    struct show *show; /* NULL: there is none */
};

/* False: it has been told why. Closing is allowed in any case. */
bool proxy_open(struct proxy *p, struct proxy_config *config,
                const covey_crypto *crypto, const log_sink *log, loop *l);
void proxy_close(struct proxy *p);

static inline struct proxy *proxy_of(const struct link *k)
{
    return k->owner->user;
}

/* --- forward.c: what clients send ---------------------------------------- */

void forward(struct link *near, covey_ms now, const covey_endpoint_in *in);
/* One that may be a replay. */
void forward_challenge(struct link *near, covey_ms now, covey_endpoint_in *in);
/* One that was parked: these addresses has the name of its target. */
void forward_resolved(struct link *near, covey_ms now,
                      const covey_endpoint_in *in,
                      const covey_address *addresses, size_t count);
/* What became of something sent to a client. */
void forward_event(struct proxy *p, const covey_endpoint_report *event);

/* --- parked.c: requests whose target is a name --------------------------- */

struct parked;

/* NULL: no memory. */
struct parked *parked_new(struct proxy *p);
/* Keeps a request until its name has addresses. 0, or the code of why not. */
uint8_t parked_add(struct link *near, const covey_endpoint_in *in,
                   const covey_proxy_from *from,
                   const covey_proxy_target *target);
/* Is there one of this client with this token? */
bool parked_has(const struct proxy *p, const covey_proxy_from *from);
/* It is not wanted any more. */
void parked_drop(struct proxy *p, const covey_proxy_from *from);
/* None of this path is. */
void parked_lost(struct proxy *p, const covey_path *path);

/* --- homeward.c: what comes back ----------------------------------------- */

void homeward(struct link *far, covey_ms now, const covey_path *path,
              const covey_endpoint_in *in);
void homeward_event(struct proxy *p, covey_ms now,
                    const covey_endpoint_report *event);
/* A request is over; what goes on for it is, too. */
void homeward_end(struct proxy *p, covey_proxy_ref ref);

/* --- answer.c: what the proxy itself says -------------------------------- */

struct answer {
    uint8_t code;
    bool want_timeout; /* with Multicast-Timeout */
    uint32_t timeout;  /* which is this */
    bool content;      /* text is that, of this format; else a diagnostic */
    uint16_t format;
    uint32_t max_age;          /* s; 0: not said */
    const covey_block *block1; /* NULL: none */
    uint32_t size1;            /* 0: not said */
    covey_bytes echo;          /* absent: none */
    const char *text;
};
void answer_send(struct link *near, covey_ms now,
                 const covey_endpoint_request *request,
                 const struct answer *answer);
/* A request for the proxy itself. */
void answer_locally(struct link *near, covey_ms now,
                    const covey_endpoint_in *in, const covey_coap_message *m);

/* --- metrics.c ----------------------------------------------------------- */

/* A request from there was refused with this code. */
void metrics_refused(struct proxy *p, uint8_t code, const covey_address *from,
                     const char *why);
/* For covey-status(7). */
struct status_figures;
void metrics_measure(const struct proxy *p, struct status_figures *all);
/* One counter in a line. */
void metrics_write(const struct proxy *p, char text[METRICS_MAX]);
/* All of them as one event of the log; user is the proxy. */
void metrics_tell(void *user);

/* The links of a request. */
static inline struct link *proxy_near(const struct proxy *p,
                                      covey_proxy_ref ref)
{
    return &p->near[p->asked[ref.row].near];
}
static inline struct link *proxy_far(struct proxy *p, covey_proxy_ref ref)
{
    return &p->far[p->asked[ref.row].far];
}

/* The name of a request in what endpoints bring back, and the reverse. */
static inline uint64_t proxy_user(covey_proxy_ref ref)
{
    return (uint64_t)ref.serial << 32 | ref.row;
}
static inline covey_proxy_ref proxy_ref(uint64_t user)
{
    return (covey_proxy_ref){ (uint32_t)user, (uint32_t)(user >> 32) };
}

#endif
