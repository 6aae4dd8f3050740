/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of the verbs that talk to servers: covey-get(1). */
#ifndef COVEY_APP_REQUEST_ARGS_H
#define COVEY_APP_REQUEST_ARGS_H

#include "coap_app.h"
#include "tls_options.h"

#include <covey/oscore.h>
#include <covey/proxy.h>

/* Bits: an option may be one of several kinds. */
enum request_kind {
    REQUEST_PLAIN = 1, /* a method without payload */
    REQUEST_BODY = 2,  /* a method that may have one */
    REQUEST_OBSERVE = 4,
    REQUEST_DISCOVER = 8,
    REQUEST_PING = 16
};

struct request_verb {
    const char *name;
    enum request_kind kind;
    uint8_t code;
};

/* Where a security context is, and which numbers it may use. */
struct request_keys {
    const char *context; /* path of the context file, or NULL */
    const char *state;   /* path of the state file, or NULL */
    bool has_number;
    uint64_t number;
};

struct request_args {
    const struct request_verb *verb;
    const char *uri;
    bool help;
    bool non;
    bool json;
    bool explain;
    bool has_collect;
    uint32_t collect; /* ms */
    uint32_t timeout; /* ms; 0: not given, as the others */
    uint32_t duration;
    uint32_t count;
    uint32_t interface; /* index; 0: not given */
    struct request_keys keys;
    covey_bytes to; /* Sender ID of the member that is asked */
    uint8_t to_bytes[COVEY_OSCORE_ID_MAX];
    /* DTLS; NULL: not given. */
    const char *psk_identity;
    const char *psk_file;
    const char *ca;
    const char *certificate;
    const char *key;
    /* Through a proxy; NULL: directly. */
    const char *proxy;
    covey_proxy_profile profile; /* NONE: not given */
    uint32_t margin;             /* ms; 0: not given */
    struct request_keys proxy_keys;
    tls_setup_options tls; /* TLS; --cert, --key and --ca are there, too */
    uint64_t number;
    const char *schc; /* path of the rules of a thin link, or NULL */
    bool schc_up;     /* this end is the device */
    bool schc_more;   /* an option that is only for such a link */
    uint16_t message_id_first;
    uint8_t message_id_bits; /* 0: not given */
    uint8_t token_len;       /* the same */
    struct coap_draft draft; /* options and payload of the request */
    /* Prints an answer; NULL: as covey-get(1) does. */
    void (*show)(void *user, const covey_coap_message *m);
    void *user;
    /* What may help when a server did not open the request, or NULL. */
    const char *unopened;
    struct app_error error;
    bool io; /* the error is of a file */
};

/* NULL: this is none of them. */
const struct request_verb *request_verb_find(const char *name);

/* false: a->error says why. */
bool request_args_read(struct request_args *a, const struct request_verb *verb,
                       int argc, char **argv);
void request_args_free(struct request_args *a);

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
/* "covey VERB: ..." on standard error; gives `status` back. */
int request_fail(const struct request_args *a, int status, const char *format,
                 ...);

/* --- request_proxy.c ----------------------------------------------------- */

/* The URI as Proxy-Uri in the draft. False: a->error says why. */
bool request_proxy_uri(struct request_args *a);

/* --- request_format.c ---------------------------------------------------- */

/* The number of a content format: registered name, its subtype alone, or the
 * number itself. */
bool request_format_find(const char *text, uint32_t *number);

#endif
