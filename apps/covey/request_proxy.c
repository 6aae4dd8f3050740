/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_proxy.h"

#include <string.h>

#define NO_RESPONSE_AT_ALL 26 /* RFC 7967 Section 2.1 */

static bool parse(const struct request_args *a, covey_uri *u)
{
    return covey_uri_parse(u, covey_bytes_of((const uint8_t *)a->uri,
                                             strlen(a->uri))) == COVEY_OK;
}

/* --- the request --------------------------------------------------------- */

bool request_proxy_uri(struct request_args *a)
{
    static const char core[] = "/.well-known/core";
    const size_t len = strlen(a->uri);
    covey_writer w = covey_writer_of(
        coap_draft_room(&a->draft, len + sizeof core), len + sizeof core);
    covey_uri u;
    size_t before = len;

    if (!parse(a, &u)) {
        return app_error_set(&a->error,
                             "'%s' is not a URI of the form "
                             "coap://host:port/path?query without fragment, "
                             "'.' and '..' (RFC 7252 Section 6.1)",
                             a->uri);
    }
    if (u.query.ptr != NULL) {
        before = len - u.query.len - 1;
    }
    before -= u.path.len;
    covey_write_bytes(&w, covey_bytes_of((const uint8_t *)a->uri, before));
    if (a->verb->kind == REQUEST_DISCOVER && u.path.len <= 1) {
        covey_write_bytes(
            &w, covey_bytes_of((const uint8_t *)core, sizeof core - 1));
        before += u.path.len;
    }
    covey_write_bytes(
        &w, covey_bytes_of((const uint8_t *)a->uri + before, len - before));
    if (w.pos > REQUEST_PROXY_URI) {
        return app_error_set(&a->error,
                             "a URI of more than %d bytes does not fit "
                             "Proxy-Uri (RFC 7252 Section 5.10)",
                             REQUEST_PROXY_URI);
    }
    coap_draft_add(&a->draft, COVEY_OPTION_PROXY_URI, covey_written(&w));
    return true;
}

bool request_proxy_many(const struct request_args *a)
{
    covey_address address = { .port = 0 };
    covey_uri u;
    const uint8_t *zone;

    if (a->has_collect || !parse(a, &u)) {
        return a->has_collect;
    }
    zone = memchr(u.host.ptr, '%', u.host.len);
    if (zone != NULL) {
        u.host.len = (size_t)(zone - u.host.ptr);
    }
    return covey_proxy_ip_get(u.host, &address) &&
           covey_address_is_group(&address);
}

/* T'. */
static uint32_t wait_of(const struct request_args *a, uint32_t collect)
{
    return a->has_collect ? a->collect : collect;
}

uint32_t request_proxy_patience(const struct request_args *a, uint32_t collect)
{
    return wait_of(a, collect) + (a->margin != 0 ? a->margin : REQUEST_MARGIN);
}

void request_proxy_wait(struct request_args *a, uint32_t collect)
{
    const covey_proxy_wait wait = { a->profile != COVEY_PROXY_NONE
                                        ? a->profile
                                        : COVEY_PROXY_SEED,
                                    (wait_of(a, collect) + 999) / 1000 };
    static const uint8_t nothing[] = { NO_RESPONSE_AT_ALL };
    uint8_t buf[4];
    covey_bytes value;
    const uint16_t number = covey_proxy_wait_option(&wait, buf, &value);

    coap_draft_add(&a->draft, number,
                   coap_draft_copy(&a->draft, value.ptr, value.len));
    if (wait.seconds == 0) {
        coap_draft_add(&a->draft, COVEY_OPTION_NO_RESPONSE,
                       coap_draft_copy(&a->draft, nothing, sizeof nothing));
    }
}

covey_bytes request_proxy_at(const struct request_args *a,
                             const covey_proxy_origin *origin,
                             uint8_t buf[REQUEST_PROXY_URI])
{
    covey_writer w = covey_writer_of(buf, REQUEST_PROXY_URI);
    covey_uri u;

    if (!parse(a, &u)) {
        return covey_bytes_of(buf, 0);
    }
    covey_proxy_origin_put_uri(&w, origin, 0);
    covey_write_bytes(&w, u.path);
    if (u.query.ptr != NULL) {
        covey_write_u8(&w, '?');
        covey_write_bytes(&w, u.query);
    }
    return w.failed == COVEY_OK ? covey_written(&w) : covey_bytes_of(buf, 0);
}

/* --- the origin ---------------------------------------------------------- */

static covey_opening open_request(const covey_protector *protector,
                                  const covey_sealed *in, covey_security *s,
                                  covey_opened *opened)
{
    const struct request_origin *o = protector->user;

    return o->inner->open_request(o->inner, in, s, opened);
}

static covey_opening recover(const covey_protector *protector,
                             covey_security *s, covey_opened *opened)
{
    const struct request_origin *o = protector->user;

    return o->inner->recover(o->inner, s, opened);
}

static covey_status seal_response(const covey_protector *protector,
                                  covey_security *s,
                                  const covey_coap_message *m, bool own_piv,
                                  covey_writer *out)
{
    const struct request_origin *o = protector->user;

    return o->inner->seal_response(o->inner, s, m, own_piv, out);
}

static covey_status seal_request(const covey_protector *protector,
                                 covey_security *s,
                                 const covey_endpoint_call *call,
                                 const covey_coap_message *m,
                                 covey_writer *out)
{
    const struct request_origin *o = protector->user;

    return o->inner->seal_request(o->inner, s, call, m, out);
}

static covey_opening open_response(const covey_protector *protector,
                                   const covey_sealed *in, covey_security *s,
                                   covey_opened *opened)
{
    struct request_origin *o = protector->user;

    o->known = covey_proxy_origin_find(&o->origin, in->outer, o->group_port);
    return o->inner->open_response(o->inner, in, s, opened);
}

static void end(const covey_protector *protector, covey_security *s)
{
    const struct request_origin *o = protector->user;

    if (o->inner->end != NULL) {
        o->inner->end(o->inner, s);
    }
}

void request_origin_init(struct request_origin *o)
{
    const covey_protector protector = {
        open_request, recover, seal_response, seal_request, open_response,
        end,          o
    };

    o->protector = protector;
    o->known = false;
}

/* --- servers ------------------------------------------------------------- */

struct request_server *request_servers_get(struct request_servers *s,
                                           const covey_proxy_origin *origin)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->list[i].origin.scheme == origin->scheme &&
            covey_address_equal(&s->list[i].origin.address,
                                &origin->address)) {
            return &s->list[i];
        }
    }
    if (s->count == REQUEST_SERVERS) {
        return NULL;
    }
    s->list[s->count] = (struct request_server){ .origin = *origin };
    return &s->list[s->count++];
}
