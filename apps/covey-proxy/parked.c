/* SPDX-License-Identifier: BSD-2-Clause */
/* Nothing waits for names but the requests that have them: a few, each a copy
 * of what came. */
#include "proxy.h"

#include <stdlib.h>
#include <string.h>

#define CODE(class_, detail) ((uint8_t)COVEY_COAP_CODE(class_, detail))

enum {
    PARKED = 64,
    OF_CLIENT = 8
};

struct parked {
    struct proxy *proxy;
    struct link *near; /* NULL: not in use */
    bool dropped;      /* nobody waits for the answer that is to come */
    covey_endpoint_request request;
    uint64_t association;
    uint32_t client;
    size_t len;
    uint8_t message[PROXY_DATAGRAM];
};

struct parked *parked_new(struct proxy *p)
{
    struct parked *all = calloc(PARKED, sizeof *all);

    for (size_t i = 0; all != NULL && i < PARKED; i++) {
        all[i].proxy = p;
    }
    return all;
}

/* --- who waits ----------------------------------------------------------- */

static bool is_of(const struct parked *w, const covey_proxy_from *from)
{
    const covey_bytes token =
        covey_bytes_of(w->request.token, w->request.token_len);

    return w->near != NULL && !w->dropped &&
           w->association == from->association &&
           covey_path_same_peer(&w->request.path, &from->path) &&
           covey_bytes_equal(token, from->token);
}

static struct parked *find(const struct proxy *p, const covey_proxy_from *from)
{
    for (size_t i = 0; i < PARKED; i++) {
        if (is_of(&p->parked[i], from)) {
            return &p->parked[i];
        }
    }
    return NULL;
}

bool parked_has(const struct proxy *p, const covey_proxy_from *from)
{
    return find(p, from) != NULL;
}

void parked_drop(struct proxy *p, const covey_proxy_from *from)
{
    struct parked *w = find(p, from);

    if (w != NULL) {
        w->dropped = true;
    }
}

void parked_lost(struct proxy *p, const covey_path *path)
{
    for (size_t i = 0; i < PARKED; i++) {
        struct parked *w = &p->parked[i];
        if (w->near != NULL && covey_path_same_peer(&w->request.path, path)) {
            w->dropped = true;
        }
    }
}

/* A free row, or NULL and the code of why not. */
static struct parked *take(struct proxy *p, uint32_t client, uint8_t *code)
{
    struct parked *best = NULL;
    unsigned same = 0;

    for (size_t i = 0; i < PARKED; i++) {
        struct parked *w = &p->parked[i];
        same += w->near != NULL && w->client == client;
        best = w->near == NULL ? w : best;
    }
    *code = same >= OF_CLIENT ? CODE(4, 29) : CODE(5, 3);
    return same >= OF_CLIENT ? NULL : best;
}

/* --- there and back ------------------------------------------------------ */

/* All options and the payload, in a form that is read again. */
static bool keep(struct parked *w, const covey_coap_message *m)
{
    covey_writer out = covey_writer_of(w->message, sizeof w->message);
    covey_coap_composer c = covey_coap_compose_inner(&out, m->code);
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o)) {
        covey_coap_put_option(&c, o.number, o.value);
    }
    covey_coap_put_payload(&c, m->payload);
    if (covey_coap_finish(&c) != COVEY_OK) {
        return false;
    }
    w->len = out.pos;
    return true;
}

static void on_resolved(void *user, const covey_address *addresses,
                        size_t count)
{
    struct parked *w = user;
    struct proxy *p = w->proxy;
    struct link *near = w->near;
    covey_endpoint_in in = { .kind = COVEY_ENDPOINT_REQUEST,
                             .request = w->request };
    const covey_ms now = loop_now().mono;

    w->near = NULL; /* it may be known under its token from now on */
    if (!w->dropped &&
        covey_coap_parse_inner(
            &in.message, covey_bytes_of(w->message, w->len)) == COVEY_OK) {
        forward_resolved(near, now, &in, addresses, count);
    }
    w->dropped = false;
    covey_wipe(w->message, w->len);
    p->owner.settle(p, now);
}

uint8_t parked_add(struct link *near, const covey_endpoint_in *in,
                   const covey_proxy_from *from,
                   const covey_proxy_target *target)
{
    struct proxy *p = proxy_of(near);
    uint8_t code;
    struct parked *w = take(p, from->client, &code);

    if (w == NULL) {
        return code;
    }
    if (!keep(w, &in->message)) {
        return CODE(4, 13);
    }
    if (!resolver_ask(p->names, target->name, target->address.port,
                      on_resolved, w)) {
        return CODE(5, 2);
    }
    w->near = near;
    w->request = in->request;
    w->association = from->association;
    w->client = from->client;
    return 0;
}
