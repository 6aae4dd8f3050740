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

static int nest(struct request_layers *l)
{
    covey_nested_protector *n = &l->nested;

    l->proxy.protector.inner = covey_oscore_proxy_inner;
    l->proxy.protector.inner_count = covey_oscore_proxy_inner_count;
    n->inner = &l->origin.protector;
    n->outer = l->proxy.protectors[0];
    n->outer_context = &l->proxy.context;
    n->rows = l->rows;
    n->row_count = REQUEST_NESTED;
    n->scratch_len = CLIENT_MESSAGE_MAX;
    n->scratch = malloc(n->scratch_len);
    covey_nested_protector_init(n);
    return n->scratch != NULL
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
    if (l->proxy.member != NULL) {
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
    if (l->nested.scratch != NULL) {
        covey_wipe(l->nested.scratch, l->nested.scratch_len);
        free(l->nested.scratch);
    }
    request_oscore_close(&l->proxy);
    request_oscore_close(&l->end);
}
