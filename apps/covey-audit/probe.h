/* SPDX-License-Identifier: BSD-2-Clause */
/* What a check can do: ask the broker to send and to wait, and say what it has
 * found. In the worker, where answers are taken apart and nothing can be
 * reached. */
#ifndef COVEY_AUDIT_PROBE_H
#define COVEY_AUDIT_PROBE_H

#include "checks.h"
#include "fact.h"
#include "wire.h"

#include <covey/coap_options.h>
#include <covey/crypto.h>

typedef struct probe {
    int fd;
    uint32_t patience_ms; /* until a target counts as silent */
    int64_t unix_s;       /* when the check began */
    char target[48];      /* its address as text, without port */
    char canary[80];      /* its address as text, or empty */
    covey_bytes facts;    /* what the inventory says of it */
    covey_bytes kept;
    bool dtls;              /* it has answered with DTLS before */
    uint32_t core_asked;    /* bytes of the request of CO-01; 0: none */
    uint32_t core_answered; /* and of its answer */
    bool denied;            /* nothing is sent any more */
    const char *proviso;    /* of all that is found, or NULL */
    const covey_crypto *crypto;
    /* Where findings go that are made without a broker: lint_certs.c. */
    void (*found)(void *user, enum audit_finding which, const char *text);
    void *user;
    struct credential *credential; /* CO-10: or NULL */
    size_t in_len;
    uint8_t in[WIRE_MAX];
    uint8_t out[WIRE_MAX];
    uint8_t storage[WIRE_KEPT_MAX];
    uint8_t fact_storage[FACTS_MAX];
} probe;

typedef enum probe_result {
    PROBE_ANSWER = 0,
    PROBE_SILENT,
    PROBE_REFUSED, /* nobody is at this port */
    PROBE_RESET,   /* by a message of CoAP */
    PROBE_DENIED
} probe_result;

/* Reads what the broker wants to be done; the number of the check. */
bool probe_begin(probe *p, int fd, uint8_t *check);
void probe_end(probe *p, enum audit_outcome outcome);

bool probe_send(probe *p, covey_bytes packet);
bool probe_port(probe *p);
bool probe_reply(probe *p, covey_bytes packet);
/* The next packet of the target, which lives until the next call. */
probe_result probe_await(probe *p, uint32_t ms, covey_bytes *packet,
                         uint16_t *who);
uint64_t probe_now(void); /* ms */
void probe_random(uint8_t *out, size_t len);

#if defined(__GNUC__)
#define PROBE_PRINTF(text, first)                                             \
    __attribute__((__format__(__printf__, text, first)))
#else
#define PROBE_PRINTF(text, first)
#endif

void probe_finding(probe *p, enum audit_finding which, const char *format, ...)
    PROBE_PRINTF(3, 4);
void probe_note(probe *p, const char *name, const char *format, ...)
    PROBE_PRINTF(3, 4);
/* For later checks of the same target; up to WIRE_KEPT_MAX bytes of it. */
void probe_keep(probe *p, covey_bytes bytes);

/* What CO-02 wants to know of an answer, which is not asked for again. */
void probe_size(probe *p, size_t asked, size_t answered);
/* The target has shown this. */
void probe_seen(probe *p, enum wire_seen what);

/* How an act ends that got this instead of an answer. */
enum audit_outcome probe_outcome(probe_result r);

/* --- coap_probe.c -------------------------------------------------------- */

/* A request: GET and nothing else can be said with it (AUD-034), inside of
 * OSCORE, too. Absent spans and NULL are left out. */
typedef struct coap_ask {
    covey_bytes path; /* "/a/b", as in a link */
    bool observes;
    uint32_t observe;
    covey_bytes oscore;
    bool post; /* outside, RFC 8613 Section 4.2 */
    bool blocks;
    covey_block block2;
    const char *proxy_uri;
    covey_bytes echo;
    covey_bytes payload; /* only beside `oscore` */
} coap_ask;

typedef struct coap_reply {
    covey_coap_message m; /* lives until the next call */
    size_t asked;         /* bytes of the request */
    size_t answered;      /* bytes of the answer */
    uint16_t who;
    bool separate; /* an acknowledgement came before it */
} coap_reply;

typedef struct coap_asked {
    uint8_t token[8];
    uint16_t message_id;
    size_t len;
    bool acknowledged;
} coap_asked;

/* As it is before a token and a Message ID are chosen for it. */
bool coap_write(const coap_ask *a, covey_writer *out);
/* Sends it, not confirmable, with a token and a Message ID that nobody can
 * guess. */
bool coap_put(probe *p, const coap_ask *a, coap_asked *asked);
/* The next answer to it, until `until`; what does not fit is passed over. A
 * reset is PROBE_RESET. Confirmable answers are acknowledged if `ack`. */
probe_result coap_take(probe *p, coap_asked *asked, uint64_t until, bool ack,
                       coap_reply *r);
/* Both, with the patience of the mandate. */
probe_result coap_get(probe *p, const coap_ask *a, coap_reply *r);

covey_bytes probe_text(const char *text);

/* Goes over the links that CO-01 kept: the next one that has (or has not) an
 * attribute of this name; NULL: any. */
bool coap_next_link(covey_bytes *left, const char *attribute, bool has,
                    covey_bytes *target, covey_bytes *attributes);
/* The first link that is for OSCORE alone, or for Group OSCORE. */
bool coap_secured_link(covey_bytes links, covey_bytes *target);
/* Is one of the attributes name, or name="...word..."? */
bool coap_has_attribute(covey_bytes attributes, const char *name,
                        const char *word);

#endif
