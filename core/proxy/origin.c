/* SPDX-License-Identifier: BSD-2-Clause */
/* Who answered, as an absolute URI (seed Section 3) and as a CRI
 * (draft-ietf-core-groupcomm-proxy-07 Section 3, draft-ietf-core-href Section
 * 5.1):
 *
 *     [ -1 - scheme number, [ address as bytes, ? zone text, ? port ] ] */
#include "proxy_internal.h"

#include <covey/cbor.h>

static const struct {
    const char *name;
    covey_proxy_scheme scheme;
    uint16_t port;
} schemes[] = {
    { "coap", COVEY_SCHEME_COAP, COVEY_COAP_PORT },
    { "coaps", COVEY_SCHEME_COAPS, COVEY_COAPS_PORT },
    { "coap+tcp", COVEY_SCHEME_COAP_TCP, COVEY_COAP_PORT },
    { "coaps+tcp", COVEY_SCHEME_COAPS_TCP, COVEY_COAPS_PORT },
};

enum {
    SCHEMES = sizeof schemes / sizeof schemes[0]
};

uint16_t covey_proxy_scheme_port(covey_proxy_scheme scheme)
{
    return schemes[scheme & 1].port;
}

/* --- URI ----------------------------------------------------------------- */

static void put_text(covey_writer *w, const char *text)
{
    covey_write_bytes(w, covey_bytes_text(text));
}

static void put_port(covey_writer *w, uint16_t port)
{
    unsigned unit = 10000;

    covey_write_u8(w, ':');
    while (unit > 1 && port / unit == 0) {
        unit /= 10;
    }
    for (; unit > 0; unit /= 10) {
        covey_write_u8(w, (uint8_t)('0' + port / unit % 10));
    }
}

void covey_proxy_origin_put_uri(covey_writer *w, const covey_proxy_origin *o,
                                uint16_t group_port)
{
    const bool v6 = o->address.family == COVEY_FAMILY_IPV6;

    for (size_t i = 0; i < SCHEMES; i++) {
        if (schemes[i].scheme == o->scheme) {
            put_text(w, schemes[i].name);
        }
    }
    put_text(w, v6 ? "://[" : "://");
    covey_proxy_ip_put(w, &o->address);
    if (v6) {
        covey_write_u8(w, ']');
    }
    if (o->address.port != group_port) {
        put_port(w, o->address.port);
    }
}

covey_proxy_scheme covey__proxy_scheme(covey_bytes name)
{
    for (size_t i = 0; i < SCHEMES; i++) {
        if (covey_bytes_text(schemes[i].name).len == name.len) {
            return schemes[i].scheme;
        }
    }
    return COVEY_SCHEME_COAP;
}

covey_status covey_proxy_origin_get_uri(covey_proxy_origin *o,
                                        covey_bytes value, uint16_t group_port)
{
    covey_proxy_origin got = { COVEY_SCHEME_COAP, { .port = group_port } };
    covey_uri uri;
    const covey_status st = covey_uri_parse(&uri, value);

    if (st != COVEY_OK) {
        return st;
    }
    got.scheme = covey__proxy_scheme(uri.scheme);
    if (uri.port_given) {
        got.address.port = uri.port;
    }
    if (uri.path.len > 0 || uri.query.ptr != NULL || got.address.port == 0 ||
        !covey_proxy_ip_get(uri.host, &got.address)) {
        return COVEY_E_RANGE;
    }
    *o = got;
    return COVEY_OK;
}

/* --- CRI ----------------------------------------------------------------- */

void covey_proxy_origin_put_cri(covey_writer *w, const covey_proxy_origin *o)
{
    const size_t len = o->address.family == COVEY_FAMILY_IPV6 ? 16 : 4;
    const bool port = o->address.port != covey_proxy_scheme_port(o->scheme);

    covey_cbor_put_array(w, 2);
    covey_cbor_put_int(w, -1 - (int64_t)o->scheme);
    covey_cbor_put_array(w, port ? 2 : 1);
    covey_cbor_put_bytes(w, covey_bytes_of(o->address.ip, len));
    if (port) {
        covey_cbor_put_uint(w, o->address.port);
    }
}

bool covey__proxy_get_scheme(covey_cbor_reader *r, covey_proxy_scheme *out)
{
    const int64_t id =
        covey_cbor_peek(r) == COVEY_CBOR_NINT ? covey_cbor_get_int(r) : 0;

    for (size_t i = 0; i < SCHEMES; i++) {
        if (id == -1 - (int64_t)schemes[i].scheme) {
            *out = schemes[i].scheme;
            return true;
        }
    }
    covey_cbor_fail(r, COVEY_E_UNSUPPORTED);
    return false;
}

static void get_host(covey_cbor_reader *r, covey_proxy_origin *o)
{
    if (covey_cbor_peek(r) == COVEY_CBOR_TEXT) {
        covey_cbor_fail(r, COVEY_E_UNSUPPORTED); /* a name */
        return;
    }
    covey__proxy_get_ip(r, &o->address);
}

/* Address, no zone (it would be that of the proxy), perhaps a port. */
static void get_authority(covey_cbor_reader *r, covey_proxy_origin *o)
{
    const size_t items = covey_cbor_get_array(r);

    if (items < 1 || items > 2) {
        covey_cbor_fail(r, COVEY_E_RANGE);
        return;
    }
    get_host(r, o);
    o->address.port = covey_proxy_scheme_port(o->scheme);
    if (items == 2) {
        covey__proxy_get_port(r, &o->address.port);
    }
}

/* A reference that follows: scheme null, then an authority or a path, no more
 * than that (Section 3). */
static void pass_reference(covey_cbor_reader *r)
{
    const size_t items = covey_cbor_get_array(r);

    if (items < 2 || items > 3) {
        covey_cbor_fail(r, COVEY_E_RANGE);
        return;
    }
    covey_cbor_get_null(r);
    for (size_t i = 1; i < items; i++) {
        if (covey_cbor_at_null(r)) {
            covey_cbor_get_null(r);
        } else if (covey_cbor_peek(r) != COVEY_CBOR_ARRAY) {
            covey_cbor_fail(r, COVEY_E_FORMAT);
        } else {
            covey_cbor_skip(r);
        }
    }
}

covey_status covey_proxy_origin_get_cri(covey_proxy_origin *o,
                                        covey_bytes value)
{
    covey_cbor_reader r =
        covey_cbor_reader_of(value, COVEY_CBOR_DETERMINISTIC);
    covey_proxy_origin got = { COVEY_SCHEME_COAP, { .port = 0 } };

    if (covey_cbor_get_array(&r) != 2) {
        covey_cbor_fail(&r, COVEY_E_RANGE);
    }
    (void)covey__proxy_get_scheme(&r, &got.scheme);
    get_authority(&r, &got);
    if (r.in.failed == COVEY_OK && covey_read_left(&r.in) > 0) {
        pass_reference(&r);
    }
    const covey_status st = covey_cbor_finish(&r);
    if (st == COVEY_OK) {
        covey_proxy_normalise(&got.address);
        *o = got;
    }
    return st;
}

bool covey_proxy_origin_find(covey_proxy_origin *o,
                             const covey_coap_message *response,
                             uint16_t group_port)
{
    covey_bytes value;

    if (covey_option_sound(response, COVEY_OPTION_REPLY_FROM, &value)) {
        return covey_proxy_origin_get_cri(o, value) == COVEY_OK;
    }
    return covey_option_sound(response, COVEY_OPTION_RESPONSE_FORWARDING,
                              &value) &&
           covey_proxy_origin_get_uri(o, value, group_port) == COVEY_OK;
}
