/* SPDX-License-Identifier: BSD-2-Clause */
/* One exchange at a time, in blocks if need be (RFC 7959), but for an
 * observation, beside which the blocks of a notification are fetched (Section
 * 2.6). Shared by request_run.c and request_exchange.c. */
#ifndef COVEY_APP_REQUEST_EXCHANGE_H
#define COVEY_APP_REQUEST_EXCHANGE_H

#include "request_args.h"
#include "request_layers.h"
#include "request_progress.h"
#include "request_report.h"

#include <client.h>
#include <covey/transfer.h>

enum {
    REQUEST_BODY_MAX = 1 << 26 /* bytes of a response in blocks */
};

struct request_run {
    struct request_args *args;
    struct request_layers *layers;
    const covey_crypto *crypto;
    loop *loop;
    bool own_loop;
    client *client;
    schc_link *schc; /* NULL: no thin link */
    loop_alarm *timeout;
    loop_alarm *duration;
    loop_alarm *stale; /* register again */
    covey_path path;
    const dtls_options *dtls;
    bool manual;      /* the caller has put block options in */
    bool many;        /* a proxy's path, for a group */
    uint32_t collect; /* ms, unless given: how long a group may take */
    struct request_servers servers; /* those that answered through it */
    tls_setup *tls;
    const char *server_name; /* TLS; NULL: none */

    covey_fetch fetch;
    uint8_t *buffer;
    uint64_t total; /* Size2; 0: not told */
    struct request_progress progress;
    covey_exchange_ref first;   /* the registration, of an observation */
    covey_exchange_ref block;   /* what follows it */
    covey_exchange_ref older;   /* whose place the next one takes, or none */
    bool follows;               /* block is on its way */
    struct request_rest *rests; /* of answers of a group: request_rest.h */
    bool collected;             /* nobody else of it answers any more */
    bool broken;                /* of one of them the rest did not come */
    uint8_t echo[REQUEST_ECHO_MAX];
    size_t echo_len;
    bool repeated;       /* with Echo */
    covey_opened opened; /* of the answer that came last */

    bool registered;
    bool leaving; /* it is told that nobody wants more */
    covey_observation observation;
    covey_ms began;
    covey_ms sent;
    uint32_t answers;
    bool good;      /* one of them at least is a success */
    bool connected; /* there was a connection */
    bool finished;
    bool gone; /* the network says that nobody is there */
    int status;
};

/* Ends the run with this exit code. */
void request_finish(struct request_run *r, int status);
/* The exit code that follows from the answers so far. */
int request_verdict(const struct request_run *r);

/* Nothing has been transferred yet, in either direction. */
void request_begin(struct request_run *r);
/* Sends the next request of the transfer; it is named by r->first or
 * r->block. */
void request_send_next(struct request_run *r, covey_exchange_ref *ref);
/* Says why a request could not be sent, and ends the run. */
void request_explain_send(struct request_run *r, covey_status st);

/* Who is asked or has answered. */
struct request_peer {
    const covey_path *path;
    const covey_proxy_origin *origin; /* behind a proxy; NULL: not known */
};

/* The server or the proxy wants to know that we are there, or that this is no
 * replay: the same once more with its value (RFC 9175 Section 2.3). False: it
 * does not. */
bool request_repeat_with_echo(struct request_run *r,
                              const covey_endpoint_in *in);

/* The request once more to one member of a group, with its Echo value. */
bool request_send_echo(struct request_run *r, const struct request_peer *peer,
                       covey_bytes sender, covey_bytes echo);
/* A request with the token of the first one, to end what it began: its
 * observation, or, if that is nothing, the collection of a proxy. False: it
 * could not be sent. */
bool request_send_end(struct request_run *r);

/* A whole answer; what it means for the exit code is noted. */
void request_report(struct request_run *r, const struct request_peer *peer,
                    const covey_coap_message *m);
/* One of the responses of a transfer; `m` is a copy. */
void request_take(struct request_run *r, const covey_path *path,
                  covey_coap_message m);
/* A notification. False: an older one, which nobody wants any more (RFC 7641
 * Section 3.4). */
bool request_take_notification(struct request_run *r,
                               const covey_coap_message *m);

/* For --explain: before protection hides it, or after it was removed. */
void request_trace_message(const struct request_run *r, const char *what,
                           const covey_path *path,
                           const covey_coap_message *m);

#endif
