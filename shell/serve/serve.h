/* SPDX-License-Identifier: BSD-2-Clause */
/* A CoAP server of a program's own: its resources are functions, and what
 * stands around them is that of covey-server(8) - blocks, observers, links in
 * /.well-known/core, Echo, duplicates, multicast, OSCORE. docs/guide/serve.md
 * begins with ten lines. */
#ifndef COVEY_SHELL_SERVE_H
#define COVEY_SHELL_SERVE_H

#include <covey/crypto.h>
#include <covey/endpoint.h>
#include <log.h>
#include <loop.h>

enum {
    SERVE_BODY_DEFAULT = 1024,
    SERVE_BODY_MAX = 1 << 20
};

/* --- resources ----------------------------------------------------------- */

/* A request that is being answered; lives until the handler returns, also if
 * its answer comes later. */
typedef struct serve_call serve_call;
typedef void serve_handler(serve_call *call, void *user);

/* A method without a handler is met with 4.05. */
typedef struct serve_resource {
    const char *path; /* as in a URI: "/a/b" */
    /* Also called when observers are told. The same state must give the same
     * bytes: they are read block by block. */
    serve_handler *get;
    serve_handler *put;
    serve_handler *post;
    serve_handler *delete;
    serve_handler *fetch; /* RFC 8132; the format of these three bodies is */
    serve_handler *patch; /* for the handler to look at */
    serve_handler *ipatch;
    void *user;
    const char *title; /* attributes of its link; NULL: none */
    const char *type;
    const char *interface;
    uint16_t format; /* Content-Format, both ways; 0: text/plain */
    bool observable;
    bool secured;    /* 4.01 without OSCORE or Group OSCORE */
    uint32_t length; /* of the longest body, both ways; 0: the default */
} serve_resource;

/* The body of the request; empty for GET and DELETE. */
covey_bytes serve_body(const serve_call *call);
/* The request, for its options; NULL if observers are to be told. */
const covey_coap_message *serve_request(const serve_call *call);
/* A representation, copied: 2.05 to GET and FETCH, 2.04 to others, and 5.00 if
 * it is longer than the resource says or, but for GET, than 1024 bytes. */
void serve_reply(serve_call *call, covey_bytes body);
/* The same as printf. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void serve_text(serve_call *call, const char *format, ...);
/* A code and no body: COVEY_COAP_CODE(4, 0). A handler that calls nothing has
 * said 2.04, or 2.02 to DELETE; to GET and FETCH it has said 5.00. Success of
 * all others is told to observers. */
void serve_code(serve_call *call, uint8_t code);

/* The answer is not known yet: the handler says nothing, and serve_answer does
 * so later; the client is told that its request has arrived (RFC 7252 Section
 * 5.2.2). A name for that. After ten minutes the answer is 5.03.
 *
 * 0: this one has to be answered now. It may come from an address that is not
 * known to be true, of which Echo then asks; too many wait, of that address or
 * of all; observers are to be told; or it has waited already. A handler that
 * says nothing has then said what there is to say. */
uint64_t serve_later(serve_call *call);

/* --- the server ---------------------------------------------------------- */

typedef struct serve serve;

typedef struct serve_options {
    const char *host; /* an address; NULL: 127.0.0.1 and ::1 */
    uint16_t port;    /* 0: the system chooses, and the log says which */
    const serve_resource *resources; /* may be forgotten after serve_open */
    size_t count;
    const log_sink *log;        /* kept */
    const covey_crypto *crypto; /* for random numbers; kept */
    /* As of covey_endpoint_config; kept. */
    const covey_protector *const *protectors;
    size_t protector_count;
} serve_options;

/* Serves while the loop runs. NULL: the log says why. */
serve *serve_open(loop *l, const serve_options *options);
/* NULL is allowed. Before the loop is freed. */
void serve_close(serve *s);
/* The resource of this path has changed: its observers are told as soon as
 * the loop runs. False: there is none such. */
bool serve_changed(serve *s, const char *path);

/* Answers a request that was put off, or, if it observes, for the first time:
 * this handler is called at once, with the request but for its body, which is
 * empty. May be called from any handler but the one that has just put it off.
 * False: nobody waits for it any more, and the handler was not called. */
bool serve_answer(serve *s, uint64_t later, serve_handler *handler,
                  void *user);

/* Serves until SIGINT or SIGTERM, with a loop of its own and a log on standard
 * error. An exit status as of covey-server(8). */
int serve_main(const char *host, uint16_t port,
               const serve_resource *resources, size_t count);

#endif
