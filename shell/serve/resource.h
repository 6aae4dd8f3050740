/* SPDX-License-Identifier: BSD-2-Clause */
/* The resources of the server: a request in, an answer out, without sockets,
 * clock or allocation; of the system only the files of directories. Block-wise
 * transfer and observation stand around it: bodies come in whole, and what
 * goes out is read piece by piece. */
#ifndef COVEY_SERVE_RESOURCE_H
#define COVEY_SERVE_RESOURCE_H

#include <covey/coap.h>
#include <covey/time.h>
#include <dtls_server.h>
#include <tls_permission.h>

enum {
    RESOURCE_KEY_MAX = 512,
    RESOURCE_ETAG = 8,
    RESOURCE_TEXT_MAX = 32,
    RESOURCE_NO_FORMAT = -1,
    RESOURCE_MAX_AGE = 60 /* RFC 7252 Section 5.10.5: what none means */
};

enum resource_kind {
    RESOURCE_STATIC,
    RESOURCE_VALUE,
    RESOURCE_COUNTER,
    RESOURCE_TIME,
    RESOURCE_LARGE,
    RESOURCE_DIRECTORY,
    /* Not in configurations: */
    RESOURCE_LINKS, /* /.well-known/core */
    RESOURCE_PROGRAM
};

/* Methods, as a sum; RFC 7252 Section 12.1.1, RFC 8132 Section 6. */
enum {
    METHOD_GET = 1 << 1,
    METHOD_POST = 1 << 2,
    METHOD_PUT = 1 << 3,
    METHOD_DELETE = 1 << 4,
    METHOD_FETCH = 1 << 5,
    METHOD_PATCH = 1 << 6,
    METHOD_IPATCH = 1 << 7
};

/* Who may use a resource. */
struct resource_policy {
    bool secured;               /* only through OSCORE or Group OSCORE */
    bool group;                 /* and only for members of groups */
    uint8_t roles;              /* one of these, COVEY_GROUP_*; 0: any */
    bool dtls;                  /* only over DTLS */
    const char *const *clients; /* and only for these; none: for all */
    size_t client_count;
    const tls_permission *its; /* only for these, over TLS; none: for all */
    size_t its_count;
};

/* Which parts count depends on the kind. */
struct resource {
    enum resource_kind kind;
    covey_bytes key;  /* the segments of the path, each behind its length */
    covey_bytes path; /* as in a URI, "/a/b" */
    covey_bytes title;
    covey_bytes type;      /* rt */
    covey_bytes interface; /* if */
    covey_ms delay;        /* from a GET to its answer */
    struct resource_policy policy;
    uint8_t methods;
    bool observable;
    int32_t format; /* Content-Format, or RESOURCE_NO_FORMAT */
    /* STATIC, VALUE, LINKS, PROGRAM; `cap` is what there is room for */
    uint8_t *bytes;
    size_t len;
    size_t cap;
    bool deleted;
    bool tagged;  /* STATIC, VALUE: has an ETag */
    uint64_t tag; /* of it */
    /* COUNTER: `count`, and one more every `period` ms after `since` */
    uint64_t count;
    covey_ms period; /* 0: only by POST */
    covey_ms since;
    /* LARGE; DIRECTORY: the longest file */
    uint64_t size;
    int folder;                    /* DIRECTORY: its descriptor */
    const struct program *program; /* PROGRAM; program.h */
};

struct resources {
    struct resource *rows; /* in the order of resource_compare */
    size_t count;
    struct shared *shared; /* by several processes; NULL: they are not */
};

/* By key, for qsort and for finding. */
int resource_compare(const void *a, const void *b);
/* From "/a/b" to its segments, percent-decoded (RFC 7252 Section 6.4).
 * COVEY_E_FORMAT: no such path. COVEY_E_RANGE: a segment of more than 255
 * bytes. COVEY_E_ROOM. */
COVEY_MUST_USE covey_status resource_key(covey_bytes path, covey_writer *out);
/* /.well-known/core (RFC 6690 Section 4), without its storage. */
struct resource resource_links(void);
/* After its bytes were written. */
void resource_tag(struct resource *r);
/* What its link takes at most. */
size_t links_room(const struct resource *r);
/* Counters begin to count. */
void resources_start(struct resources *all, covey_ms now);

/* --- a request ----------------------------------------------------------- */

struct resource_request {
    const covey_coap_message *message; /* plain */
    covey_bytes body;                  /* all of it */
    bool secured;
    bool member;               /* of a group */
    bool suspicious;           /* to all, but sent to us alone */
    uint8_t roles;             /* 0: not told */
    const dtls_peer *peer;     /* over DTLS; else NULL */
    const covey_tls_peer *tls; /* over TLS; else NULL */
    bool late;                 /* it was let in before, and has waited */
    /* Answers it in place of the one that PROGRAM has; NULL: that one. */
    const struct program *program;
    /* A name under which it can wait for its answer; 0: there is no place.
     * NULL: it cannot wait. */
    uint64_t (*find_place)(void *user);
    void *user;
    covey_time now;
};

/* What an answer consists of. */
struct resource_body {
    enum {
        BODY_NONE,
        BODY_BYTES,
        BODY_TEXT,    /* in `text` */
        BODY_PATTERN, /* "00000000\n00000009\n...": each line its place */
        BODY_FILE
    } kind;
    uint64_t size;
    covey_bytes bytes; /* live until the next request */
    char text[RESOURCE_TEXT_MAX];
    int file;
};

struct resource_answer {
    uint8_t code;
    /* A critical option is not understood: a Non-confirmable request is
     * rejected instead (RFC 7252 Section 5.4.1). */
    bool reject;
    /* Whose representation this is, if it can be observed. */
    struct resource *observed;
    /* This one has changed: its observers want to know. */
    struct resource *changed;
    /* Not now: there is nothing else in it, and this one is to be asked again
     * after so many ms; 0: when the program says so. */
    struct resource *later;
    covey_ms wait;
    int32_t format;
    bool has_etag;
    uint8_t etag[RESOURCE_ETAG];
    uint32_t max_age;
    uint32_t size1; /* of 4.13: what would be taken; 0: not told */
    struct resource_body body;
};

/* The resource that a request is for, if options, path, policy and method
 * allow it; else NULL, and answer->code says why not. For those who collect a
 * body first. */
struct resource *resources_admit(const struct resources *all,
                                 const struct resource_request *rq,
                                 struct resource_answer *answer);
/* Decides and does. The answer is to be ended. */
void resources_answer(struct resources *all, const struct resource_request *rq,
                      struct resource_answer *answer);
/* Up to `len` bytes from there on; how many, fewer only at the end, or if a
 * file has become shorter. */
size_t resource_read(const struct resource_body *body, uint64_t offset,
                     uint8_t *out, size_t len);
void resource_end(struct resource_answer *answer);

/* What observers are told: as the answer to a GET. */
void resource_represent(struct resource *r, covey_time now,
                        struct resource_answer *answer);
/* When its representation will have changed by itself; COVEY_NEVER if it does
 * not. */
covey_ms resource_next_change(const struct resource *r, covey_time now);

#endif
