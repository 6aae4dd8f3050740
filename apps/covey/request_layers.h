/* SPDX-License-Identifier: BSD-2-Clause */
/* How a request is protected: end to end, with the proxy, both, or not at
 * all. */
#ifndef COVEY_APP_REQUEST_LAYERS_H
#define COVEY_APP_REQUEST_LAYERS_H

#include "request_oscore.h"
#include "request_proxy.h"

enum {
    REQUEST_NESTED = 16,  /* requests with two layers at a time */
    REQUEST_ECHO_MAX = 40 /* RFC 9175 Section 2.2.1 */
};

/* The layer of the proxy around another one, with what only the proxy reads:
 * the Echo value that it has asked for. First the table itself, so that it
 * leads here. */
struct request_outer {
    covey_protector protector;
    const covey_protector *inner;
    covey_bytes echo; /* in its place; empty: none */
    uint8_t place[REQUEST_ECHO_MAX];
    uint8_t *scratch;
    size_t scratch_len;
};

struct request_layers {
    struct request_oscore end;
    struct request_oscore proxy;
    struct request_origin origin;
    struct request_outer outer;
    covey_nested_protector nested;
    covey_nested_row rows[REQUEST_NESTED];
    const covey_protector *protectors[1]; /* the outermost */
    size_t protector_count;
};

/* As request_oscore_open and _check: `group`, the request goes to one, perhaps
 * through a proxy. Close them in any case; they stay where they are. */
int request_layers_open(struct request_layers *l, const struct request_args *a,
                        bool group, const covey_crypto *crypto);
/* As request_oscore_call. */
void request_layers_call(struct request_layers *l, covey_bytes to, bool group,
                         covey_endpoint_call *call);
/* The next call that has both layers brings this to the proxy. False: nobody
 * makes such values. */
bool request_layers_echo(struct request_layers *l, covey_bytes value);
/* For the proxy alone. */
void request_layers_call_proxy(struct request_layers *l,
                               covey_endpoint_call *call);
void request_layers_close(struct request_layers *l);

#endif
