/* SPDX-License-Identifier: BSD-2-Clause */
/* A forward-proxy that sends one request to a group and gives back every
 * answer: what it decides, without sockets, timers and keys. Two generations
 * of options, each by its own numbers: draft-tiloca-core-groupcomm-proxy-01
 * ("seed": Multicast-Signaling, Response-Forwarding) and
 * draft-ietf-core-groupcomm-proxy-07 (Multicast-Timeout, Reply-From). What
 * was asked in one is answered in the same.
 *
 * In the order in which a proxy needs them: is it for us at all (target), may
 * this client (allow), is there room (fanout), what goes on and what comes
 * back (relay). Tokens and deadlines of what goes on are exchange.h. */
#ifndef COVEY_PROXY_H
#define COVEY_PROXY_H

#include <covey/address.h>
#include <covey/coap_options.h>
#include <covey/exchange.h>

/* --- signaling.c: how long a client collects ---------------------------- */

typedef enum covey_proxy_profile {
    COVEY_PROXY_NONE = 0, /* the request has neither option */
    COVEY_PROXY_SEED,
    COVEY_PROXY_07
} covey_proxy_profile;

typedef struct covey_proxy_wait {
    covey_proxy_profile profile;
    uint32_t seconds; /* T'; what is more than 32 bits is 2^32 - 1 */
} covey_proxy_wait;

/* COVEY_E_UNSUPPORTED: too long, repeated, or of both generations. The option
 * is then an unrecognised one, and since it is unsafe the request is met with
 * 4.02 (RFC 7252 Section 5.7.1). */
COVEY_MUST_USE covey_status covey_proxy_wait_read(const covey_coap_message *m,
                                                  covey_proxy_wait *out);
/* What a proxy on the way tells the next one: less by `margin` seconds, so
 * that what comes in time there is in time here; 0 stays 0. False: there is
 * not so much, *wait is then the least that would do. */
bool covey_proxy_wait_onward(covey_proxy_wait *wait, uint32_t margin);
/* The option's number and value, into buf. The seed's has a byte for 0. */
uint16_t covey_proxy_wait_option(const covey_proxy_wait *wait, uint8_t buf[4],
                                 covey_bytes *value);
/* A GET with the empty option of -07 and without anything that names a
 * resource: whoever has this token wants no more answers (Early Stop
 * Request). */
bool covey_proxy_is_stop(const covey_coap_message *m);

/* --- origin.c: who answered --------------------------------------------- */

/* Scheme numbers of draft-ietf-core-href. */
typedef enum covey_proxy_scheme {
    COVEY_SCHEME_COAP = 0,
    COVEY_SCHEME_COAPS = 1,
    COVEY_SCHEME_COAP_TCP = 6,
    COVEY_SCHEME_COAPS_TCP = 7
} covey_proxy_scheme;

enum {
    COVEY_PROXY_ORIGIN_MAX = 64 /* no value that is written is longer */
};

typedef struct covey_proxy_origin {
    covey_proxy_scheme scheme;
    covey_address address; /* its zone is not told: it means nothing to the
                              client (RFC 6874 Section 1) */
} covey_proxy_origin;

/* The port that a URI of this scheme has if it names none. */
uint16_t covey_proxy_scheme_port(covey_proxy_scheme scheme);

/* Response-Forwarding, an absolute URI. The port is left off if it is that of
 * the group URI, whatever the default of the scheme (seed Section 5.4). The
 * failure, if any, sticks in the writer. */
void covey_proxy_origin_put_uri(covey_writer *w, const covey_proxy_origin *o,
                                uint16_t group_port);
/* COVEY_E_FORMAT: no URI; COVEY_E_RANGE: with a path, a query or a zone, or
 * its host is no address, or its port 0; COVEY_E_UNSUPPORTED: of another
 * scheme. */
COVEY_MUST_USE covey_status covey_proxy_origin_get_uri(covey_proxy_origin *o,
                                                       covey_bytes value,
                                                       uint16_t group_port);
/* Reply-From, a CRI with scheme and authority. The port is left off if it is
 * the scheme's. */
void covey_proxy_origin_put_cri(covey_writer *w, const covey_proxy_origin *o);
/* Of what may be there: the first array; a second one is read, but does not
 * change the origin. COVEY_E_SHORT, _FORMAT, _RANGE, _UNSUPPORTED: the origin
 * is not known, or is a name; the response is none the worse for it. */
COVEY_MUST_USE covey_status covey_proxy_origin_get_cri(covey_proxy_origin *o,
                                                       covey_bytes value);
/* Whichever of both a response has; false: the origin is not known. */
bool covey_proxy_origin_find(covey_proxy_origin *o,
                             const covey_coap_message *response,
                             uint16_t group_port);

/* --- target.c: what a request wants from whom ---------------------------- */

typedef struct covey_proxy_target {
    bool forward; /* false: no proxy option, it is for us */
    covey_proxy_scheme scheme;
    covey_address address; /* family NONE: a name. IPv4 that is written as
                              IPv6 is IPv4. The port is set in any case. */
    covey_bytes name;      /* lower case, decoded, as Uri-Host has it */
    covey_bytes zone;      /* of the address, as text; absent: none */
    covey_uri uri;         /* of Proxy-Uri */
    bool from_uri;         /* path and query are those of uri */
    bool from_cri;         /* or these arrays of texts of CBOR, if any */
    covey_bytes path;
    covey_bytes query;
} covey_proxy_target;

enum {
    COVEY_PROXY_HOST_MAX = 255
};

/* Proxy-Uri, Proxy-Cri, or Proxy-Scheme or Proxy-Scheme-Number with Uri-*.
 * Spans point into the message and into storage, which needs
 * COVEY_PROXY_HOST_MAX bytes.
 * COVEY_E_UNSUPPORTED: another scheme (5.05). COVEY_E_FORMAT, COVEY_E_SHORT:
 * no URI or CRI.
 * COVEY_E_RANGE: options that exclude each other, no host, a host that is too
 * long or holds a zero byte, port 0. */
COVEY_MUST_USE covey_status
covey_proxy_target_read(covey_proxy_target *out, const covey_coap_message *m,
                        covey_writer *storage);

/* An address as text; IPv6 as RFC 5952 has it, without brackets and zone. */
void covey_proxy_ip_put(covey_writer *w, const covey_address *a);
/* Four numbers, or IPv6 of RFC 4291 Section 2.2; sets ip and family, and IPv4
 * also for IPv4 inside IPv6 (Section 2.5.5.2). False: neither; *out is then
 * unchanged. */
bool covey_proxy_ip_get(covey_bytes text, covey_address *out);

/* --- allow.c: who may reach what ----------------------------------------- */

#define COVEY_PROXY_EVERY_CLIENT UINT32_MAX

/* Where a client may send requests to. Clients are numbers of the caller. */
typedef struct covey_proxy_rule {
    uint32_t client;
    covey_address address; /* of a group: exact; zone 0: that of the request
                              does not matter. Port 0: any. */
    uint8_t prefix;        /* bits; of a unicast address */
    bool group;
    uint32_t interface; /* that datagrams to the group leave by; 0: any */
    covey_address via;  /* the next proxy; family NONE: straight there */
} covey_proxy_rule;

typedef enum covey_proxy_verdict {
    COVEY_PROXY_ALLOWED,
    COVEY_PROXY_FORBIDDEN,  /* no rule: 4.01 */
    COVEY_PROXY_IMPOSSIBLE, /* nobody can be there: unspecified, broadcast,
                               reserved or port 0: 5.02 */
    COVEY_PROXY_NO_GROUPS   /* there is no rule for any group: 5.01 */
} covey_proxy_verdict;

/* Judges the very address that a datagram would go to, so that no spelling
 * of a name or URI leads around it. *rule is the one that allows. */
covey_proxy_verdict covey_proxy_allow(const covey_proxy_rule *rules,
                                      size_t count, uint32_t client,
                                      const covey_address *to,
                                      const covey_proxy_rule **rule);
/* IPv4 inside IPv6 (RFC 4291 Section 2.5.5.2) becomes IPv4. */
void covey_proxy_normalise(covey_address *a);

/* --- relay.c: messages on their way -------------------------------------- */

/* Whether a proxy may act on a request: 0, or 4.02 for an unsafe option that
 * is not understood, not as defined, or repeated (RFC 7252 Section 5.7.1). */
uint8_t covey_proxy_screen_request(const covey_coap_message *m);
/* The same for a response: 0, or 5.02. */
uint8_t covey_proxy_screen_response(const covey_coap_message *m);

typedef struct covey_proxy_onward {
    const covey_proxy_target *target;
    uint8_t hop_limit; /* 0: none */
    bool whole;        /* Block1 is left out, the payload is the body */
    covey_bytes payload;
    /* To another proxy: what names the target stays, and this is what it is
     * told of timeouts. NULL: to the target itself. */
    const covey_proxy_wait *chain;
} covey_proxy_onward;

/* Options and payload of the request that goes on: Uri-* of the target, no
 * Proxy-*, no timeout of either generation, Hop-Limit as given; the rest
 * byte for byte. */
void covey_proxy_put_request(covey_coap_composer *c,
                             const covey_coap_message *m,
                             const covey_proxy_onward *how);

typedef struct covey_proxy_homeward {
    covey_proxy_profile profile; /* NONE: of a unicast request, everything
                                    passes as it is */
    covey_proxy_origin origin;
    uint16_t group_port;
} covey_proxy_homeward;

/* Options and payload of the response that goes back. With a profile, what
 * the server itself says about origins and timeouts is dropped, and the origin
 * that the datagram had is put in. */
void covey_proxy_put_response(covey_coap_composer *c,
                              const covey_coap_message *m,
                              const covey_proxy_homeward *how);

/* --- fanout.c: requests that are under way ------------------------------- */

enum {
    COVEY_PROXY_TOKEN_MAX = 32 /* of a client */
};

/* One of them. Private. */
typedef struct covey_proxy_row {
    covey_path client;
    uint64_t group; /* hash of its address */
    uint64_t association;
    covey_exchange_ref exchange;
    covey_ms until;
    uint32_t number; /* of the client */
    uint32_t serial;
    uint32_t next; /* in the chain of its token; also in the free list */
    uint32_t head; /* of the chain of this row's number */
    uint32_t group_next;
    uint32_t group_prev;
    uint32_t group_head;  /* of the chain of groups of this row's number, */
    uint32_t group_count; /* and how many are in it */
    uint32_t answers;
    uint8_t token[COVEY_PROXY_TOKEN_MAX];
    uint8_t token_len;
    uint8_t profile;
    bool is_group;
    bool observed;
    bool live;
} covey_proxy_row;

_Static_assert(sizeof(covey_proxy_row) <= 184,
               "with the request that is kept beside it under 500 bytes");

/* What a client has used up. Private. */
typedef struct covey_proxy_client {
    covey_ms filled;
    uint32_t live;
    uint32_t credit; /* thousandths of a request */
} covey_proxy_client;

typedef struct covey_proxy_limits {
    uint32_t per_client; /* requests under way; at least 1 */
    uint32_t per_group;  /* NSTART of a group; at least 1 */
    uint32_t answers;    /* to one request; 0: none are taken */
    uint32_t rate;       /* requests a second and client; 0: not limited */
    uint32_t burst;      /* that may come at once; 1 to 4,294,967 */
} covey_proxy_limits;

typedef struct covey_proxy_memory {
    covey_proxy_row *rows;
    uint32_t row_count; /* at least 1 */
    covey_proxy_client *clients;
    uint32_t client_count; /* at least 1 */
} covey_proxy_memory;

/* Private. */
typedef struct covey_proxy {
    covey_proxy_memory memory;
    covey_proxy_limits limits;
    uint64_t key;
    uint32_t serial;
    uint32_t free;
} covey_proxy;

/* Names a request until it is closed, afterwards nothing. */
typedef struct covey_proxy_ref {
    uint32_t row;
    uint32_t serial;
} covey_proxy_ref;

/* The arrays are kept. key: random. COVEY_E_ARGUMENT: a count or limit outside
 * what is said there. */
COVEY_MUST_USE covey_status covey_proxy_init(covey_proxy *p,
                                             const covey_proxy_memory *memory,
                                             const covey_proxy_limits *limits,
                                             uint64_t key, covey_ms now);

/* Whose request: path and token, and what protects it: two security contexts
 * over one path are two clients (0: none). */
typedef struct covey_proxy_from {
    covey_path path;
    uint64_t association;
    covey_bytes token; /* up to COVEY_PROXY_TOKEN_MAX bytes */
    uint32_t client;   /* below client_count */
} covey_proxy_from;

typedef struct covey_proxy_ask {
    covey_proxy_from from;
    const covey_address *group; /* NULL: to one server */
    covey_proxy_wait wait;
} covey_proxy_ask;

typedef enum covey_proxy_admission {
    COVEY_PROXY_ADMITTED = 0,
    COVEY_PROXY_TOKEN_IN_USE, /* 4.00; the older one is to be ended */
    COVEY_PROXY_TOO_MANY,     /* of this client, or too fast: 4.29 */
    COVEY_PROXY_GROUP_BUSY,   /* 5.03, try again after *retry ms */
    COVEY_PROXY_FULL          /* 5.03 */
} covey_proxy_admission;

/* *ref is the new row, or with TOKEN_IN_USE the older one. *retry is written
 * with GROUP_BUSY. */
covey_proxy_admission covey_proxy_admit(covey_proxy *p, covey_ms now,
                                        const covey_proxy_ask *ask,
                                        covey_proxy_ref *ref, covey_ms *retry);
/* The request of this client with this token; false: there is none. */
bool covey_proxy_find(const covey_proxy *p, const covey_proxy_from *from,
                      covey_proxy_ref *ref);
/* A request that came over this path, in any order; false: there is none
 * behind *ref, which begins as zeros. It may be closed meanwhile. */
bool covey_proxy_of_path(const covey_proxy *p, const covey_path *path,
                         covey_proxy_ref *ref);
/* Whose it is; the token lives as long as the request. False if the ref names
 * nothing. */
bool covey_proxy_whose(const covey_proxy *p, covey_proxy_ref ref,
                       covey_proxy_from *from);
/* The exchange that goes on for it. Nothing if the ref names nothing. */
void covey_proxy_bind(covey_proxy *p, covey_proxy_ref ref,
                      covey_exchange_ref exchange);
/* False if the ref names nothing. */
bool covey_proxy_exchange(const covey_proxy *p, covey_proxy_ref ref,
                          covey_exchange_ref *exchange);
/* Its profile, NONE also for unicast, and whether it is known at all. */
bool covey_proxy_known(const covey_proxy *p, covey_proxy_ref ref,
                       covey_proxy_profile *profile);

typedef enum covey_proxy_answer_verdict {
    COVEY_PROXY_FORWARD,
    COVEY_PROXY_LATE,   /* T' is over, and nothing is observed */
    COVEY_PROXY_SURPLUS /* more answers than `limits.answers` */
} covey_proxy_answer_verdict;

/* An answer came. observed: a 2.xx with Observe; the token then lives beyond
 * T'. */
covey_proxy_answer_verdict covey_proxy_answer(covey_proxy *p, covey_ms now,
                                              covey_proxy_ref ref,
                                              bool observed);
/* It has ended. Nothing if the ref names nothing. */
void covey_proxy_close(covey_proxy *p, covey_proxy_ref ref);

#endif
