/* SPDX-License-Identifier: BSD-2-Clause */
/* Proxy-Cri: a whole CRI of draft-ietf-core-href, that is
 *
 *     [scheme-id, authority, ?path, ?query]
 *     authority = [ip, ?zone, ?port] or [label, *label, ?port]
 *
 * with null for what is left out before something that is not. User names,
 * fragments and text with percent-encoding (arrays where text could be) are
 * no part of a request and refused. */
#include "proxy_internal.h"

#include <string.h>

#define CRI_TEXT_MAX 255u /* of an option that it becomes */

void covey__proxy_get_port(covey_cbor_reader *r, uint16_t *out)
{
    const uint64_t port = covey_cbor_get_uint(r);

    if (port == 0 || port > UINT16_MAX) {
        covey_cbor_fail(r, COVEY_E_RANGE);
        return;
    }
    *out = (uint16_t)port;
}

void covey__proxy_get_ip(covey_cbor_reader *r, covey_address *out)
{
    const covey_bytes ip = covey_cbor_get_bytes(r);

    if (ip.len != 4 && ip.len != 16) {
        covey_cbor_fail(r, COVEY_E_RANGE);
        return;
    }
    memcpy(out->ip, ip.ptr, ip.len);
    out->family = ip.len == 4 ? COVEY_FAMILY_IPV4 : COVEY_FAMILY_IPV6;
}

/* One label of a name, lower case, behind those before it. */
static void get_label(covey_cbor_reader *r, covey_writer *name)
{
    const covey_bytes label = covey_cbor_get_text(r);

    if (name->pos > 0) {
        covey_write_u8(name, '.');
    }
    for (size_t i = 0; i < label.len; i++) {
        const uint8_t c = label.ptr[i];
        if (c == '.' || c == 0) {
            covey_cbor_fail(r, COVEY_E_RANGE);
            return;
        }
        covey_write_u8(name, c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c);
    }
    if (label.len == 0 || name->failed != COVEY_OK) {
        covey_cbor_fail(r, COVEY_E_RANGE);
    }
}

static void get_authority(covey_cbor_reader *r, covey_proxy_target *t,
                          covey_writer *storage)
{
    covey_writer name = covey_writer_of(storage->base + storage->pos,
                                        storage->cap - storage->pos);
    size_t left = covey_cbor_get_array(r);
    const size_t items = left;

    if (left == 0) {
        covey_cbor_fail(r, COVEY_E_RANGE);
    }
    while (covey_cbor_more(r, &left)) {
        const covey_cbor_type type = covey_cbor_peek(r);
        const bool first = left == items - 1;
        if (type == COVEY_CBOR_UINT && left == 0 && !first) {
            covey__proxy_get_port(r, &t->address.port);
        } else if (type == COVEY_CBOR_BYTES && first) {
            covey__proxy_get_ip(r, &t->address);
        } else if (t->address.family == COVEY_FAMILY_NONE) {
            get_label(r, &name);
        } else if (left == items - 2) {
            t->zone = covey_cbor_get_text(r);
        } else {
            covey_cbor_fail(r, COVEY_E_FORMAT);
        }
    }
    if (name.pos > 0) {
        t->name = covey_written(&name);
        storage->pos += name.pos;
    }
}

/* An array of texts, each of which becomes an option. */
static covey_bytes get_texts(covey_cbor_reader *r)
{
    const covey_bytes item = covey_cbor_get_item(r);
    covey_cbor_reader in =
        covey_cbor_reader_of(item, COVEY_CBOR_DETERMINISTIC);
    size_t left = covey_cbor_get_array(&in);

    while (covey_cbor_more(&in, &left)) {
        if (covey_cbor_get_text(&in).len > CRI_TEXT_MAX) {
            covey_cbor_fail(&in, COVEY_E_RANGE);
        }
    }
    if (in.in.failed != COVEY_OK) {
        covey_cbor_fail(r, in.in.failed);
    }
    return item;
}

covey_status covey__proxy_cri_read(covey_proxy_target *t, covey_bytes value,
                                   covey_writer *storage)
{
    covey_cbor_reader r =
        covey_cbor_reader_of(value, COVEY_CBOR_DETERMINISTIC);
    size_t left = covey_cbor_get_array(&r);
    covey_bytes *const parts[] = { &t->path, &t->query };
    covey_status st;

    if (left < 2 || left > 4) {
        covey_cbor_fail(&r, COVEY_E_RANGE);
    }
    if (!covey__proxy_get_scheme(&r, &t->scheme)) {
        return r.in.failed;
    }
    t->address.port = covey_proxy_scheme_port(t->scheme);
    get_authority(&r, t, storage);
    left = left > 2 ? left - 2 : 0;
    for (size_t i = 0; i < 2 && covey_cbor_more(&r, &left); i++) {
        if (covey_cbor_at_null(&r)) {
            covey_cbor_get_null(&r);
        } else {
            *parts[i] = get_texts(&r);
        }
    }
    covey_proxy_normalise(&t->address);
    /* Only IPv6 has zones. */
    if (t->zone.ptr != NULL &&
        (t->address.family != COVEY_FAMILY_IPV6 || t->zone.len == 0)) {
        covey_cbor_fail(&r, COVEY_E_RANGE);
    }
    st = covey_cbor_finish(&r);
    t->from_cri = true;
    return st == COVEY_E_UNSUPPORTED ? COVEY_E_FORMAT : st;
}
