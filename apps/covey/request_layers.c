/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_layers.h"

#include "cmd.h"

#include <client.h>
#include <stdlib.h>
#include <string.h>

static bool has(const struct request_oscore *o)
{
    return o->file != NULL;
}

static uint16_t group_port(const struct request_args *a)
{
    covey_uri u;

    return covey_uri_parse(&u, covey_bytes_of((const uint8_t *)a->uri,
                                              strlen(a->uri))) == COVEY_OK
               ? u.port
               : 0;
}

/* --- the Echo value of the proxy ----------------------------------------- */

static void put_with_echo(covey_coap_composer *c, const covey_coap_message *m,
                          covey_bytes echo)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    bool put = false;

    while (covey_coap_option_next(&it, &o)) {
        if (!put && o.number > COVEY_OPTION_ECHO) {
            covey_coap_put_option(c, COVEY_OPTION_ECHO, echo);
            put = true;
        }
        covey_coap_put_option(c, o.number, o.value);
    }
    if (!put) {
        covey_coap_put_option(c, COVEY_OPTION_ECHO, echo);
    }
    covey_coap_put_payload(c, m->payload);
}

/* `m` is protected end to end already. */
static covey_status seal_outer(const covey_protector *protector,
                               covey_security *s,
                               const covey_endpoint_call *call,
                               const covey_coap_message *m, covey_writer *out)
{
    const struct request_outer *o = (const void *)protector;
    covey_writer w = covey_writer_of(o->scratch, o->scratch_len);
    covey_coap_composer c;
    covey_coap_message more;
    covey_status st;

    if (o->echo.len == 0) {
        return o->inner->seal_request(o->inner, s, call, m, out);
    }
    c = covey_coap_compose(&w, m);
    put_with_echo(&c, m, o->echo);
    st = covey_coap_finish(&c);
    if (st == COVEY_OK) {
        st = covey_coap_parse(&more, covey_written(&w));
    }
    return st == COVEY_OK
               ? o->inner->seal_request(o->inner, s, call, &more, out)
               : st;
}

bool request_layers_echo(struct request_layers *l, covey_bytes value)
{
    if (value.len > sizeof l->outer.place) {
        return false;
    }
    memcpy(l->outer.place, value.ptr, value.len);
    l->outer.echo = covey_bytes_of(l->outer.place, value.len);
    return true;
}

/* --- opening ------------------------------------------------------------- */

static int nest(struct request_layers *l)
{
    covey_nested_protector *n = &l->nested;

    l->proxy.protector.inner = covey_oscore_proxy_inner;
    l->proxy.protector.inner_count = covey_oscore_proxy_inner_count;
    n->inner = &l->origin.protector;
    l->outer.inner = l->proxy.protectors[0];
    l->outer.protector = *l->outer.inner;
    l->outer.protector.seal_request = seal_outer;
    l->outer.scratch_len = CLIENT_MESSAGE_MAX;
    l->outer.scratch = malloc(l->outer.scratch_len);
    n->outer = &l->outer.protector;
    n->outer_context = &l->proxy.context;
    n->rows = l->rows;
    n->row_count = REQUEST_NESTED;
    n->scratch_len = CLIENT_MESSAGE_MAX;
    n->scratch = malloc(n->scratch_len);
    covey_nested_protector_init(n);
    return n->scratch != NULL && l->outer.scratch != NULL
               ? EXIT_DONE
               : request_fail(l->end.args, EXIT_IO, "out of memory");
}

static int open_proxy(struct request_layers *l, const struct request_args *a,
                      const covey_crypto *crypto)
{
    int status = request_oscore_open(&l->proxy, a, &a->proxy_keys, crypto);

    if (status != EXIT_DONE || !has(&l->proxy)) {
        return status;
    }
    if (request_oscore_is_group(&l->proxy)) {
        return request_fail(a, EXIT_USAGE,
                            "%s: expected a context that the proxy has, not "
                            "a group",
                            a->proxy_keys.context);
    }
    return nest(l);
}

int request_layers_open(struct request_layers *l, const struct request_args *a,
                        bool group, const covey_crypto *crypto)
{
    int status;

    memset(l, 0, sizeof *l);
    l->proxy.args = a;
    l->origin.group_port = group_port(a);
    status = request_oscore_open(&l->end, a, &a->keys, crypto);
    if (status == EXIT_DONE) {
        status = request_oscore_check(&l->end, group);
    }
    if (status == EXIT_DONE && has(&l->end)) {
        l->origin.inner = l->end.protectors[0];
        request_origin_init(&l->origin);
        l->protectors[0] = l->end.protectors[0];
        l->protector_count = 1;
    }
    if (status == EXIT_DONE) {
        status = open_proxy(l, a, crypto);
    }
    if (status == EXIT_DONE && has(&l->proxy)) {
        l->protectors[0] = l->proxy.protectors[0];
        l->protector_count = 1;
    }
    return status;
}

void request_layers_call(struct request_layers *l, covey_bytes to, bool group,
                         covey_endpoint_call *call)
{
    if (!has(&l->end)) {
        request_layers_call_proxy(l, call);
        return;
    }
    request_oscore_call(&l->end, to, group, call);
    if (has(&l->proxy)) {
        call->protector = &l->nested.protector;
    } else if (l->end.args->proxy != NULL) {
        call->protector = &l->origin.protector;
    }
}

void request_layers_call_proxy(struct request_layers *l,
                               covey_endpoint_call *call)
{
    const covey_bytes nobody = { NULL, 0 };

    request_oscore_call(&l->proxy, nobody, false, call);
}

void request_layers_close(struct request_layers *l)
{
    free(l->nested.scratch); /* wiped after each call */
    free(l->outer.scratch);  /* nothing secret: sealed end to end */
    request_oscore_close(&l->proxy);
    request_oscore_close(&l->end);
}
