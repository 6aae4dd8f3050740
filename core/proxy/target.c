/* SPDX-License-Identifier: BSD-2-Clause */
/* What a request wants from whom: RFC 7252 Sections 5.7.2 and 5.10.2, and
 * Proxy-Scheme-Number of draft-ietf-core-href. Two ways to say it in one
 * request are none: what a filter on the way reads must be what is done. */
#include "proxy_internal.h"

/* The host as it is written between scheme and port. */
struct host {
    covey_bytes text;
    bool brackets;
};

static bool is_text(covey_bytes b, const char *text)
{
    const covey_bytes t = covey_bytes_text(text);
    size_t i = 0;

    while (i < b.len && i < t.len &&
           (b.ptr[i] | (b.ptr[i] >= 'A' && b.ptr[i] <= 'Z' ? 0x20 : 0)) ==
               t.ptr[i]) {
        i++;
    }
    return b.len == t.len && i == t.len;
}

static bool scheme_of(covey_bytes name, covey_proxy_scheme *out)
{
    static const char *const names[] = { "coap", "coaps", "coap+tcp",
                                         "coaps+tcp" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (is_text(name, names[i])) {
            *out = covey__proxy_scheme(name);
            return true;
        }
    }
    return false;
}

static bool scheme_of_number(covey_bytes value, covey_proxy_scheme *out)
{
    uint32_t n;

    if (covey_option_uint(value, &n) != COVEY_OK) {
        return false;
    }
    *out = (covey_proxy_scheme)n;
    return n == COVEY_SCHEME_COAP || n == COVEY_SCHEME_COAPS ||
           n == COVEY_SCHEME_COAP_TCP || n == COVEY_SCHEME_COAPS_TCP;
}

static bool has_zero(covey_bytes b)
{
    size_t i = 0;

    while (i < b.len && b.ptr[i] != 0) {
        i++;
    }
    return i < b.len;
}

/* A zone behind "%" or "%25" is split off; brackets are for addresses only. */
static covey_status put_host(covey_proxy_target *t, struct host h)
{
    size_t end = 0;

    if (h.text.len == 0 || h.text.len > COVEY_PROXY_HOST_MAX ||
        has_zero(h.text)) {
        return COVEY_E_RANGE;
    }
    while (end < h.text.len && h.text.ptr[end] != '%') {
        end++;
    }
    if (covey_proxy_ip_get(covey_bytes_of(h.text.ptr, end), &t->address)) {
        if (end < h.text.len) {
            t->zone =
                covey_bytes_of(h.text.ptr + end + 1, h.text.len - end - 1);
        }
        /* Only IPv6 has zones, and only what is written so has brackets. */
        return (t->zone.ptr != NULL &&
                (t->address.family != COVEY_FAMILY_IPV6 || t->zone.len == 0))
                   ? COVEY_E_RANGE
                   : COVEY_OK;
    }
    if (h.brackets || end < h.text.len) {
        return COVEY_E_RANGE;
    }
    t->name = h.text;
    return COVEY_OK;
}

static covey_status read_uri(covey_proxy_target *t, covey_bytes text,
                             covey_writer *storage)
{
    struct host h = { .brackets = false };
    covey_status st = covey_uri_parse(&t->uri, text);

    if (st != COVEY_OK) {
        return st;
    }
    t->from_uri = true;
    t->scheme = covey__proxy_scheme(t->uri.scheme);
    t->address.port = t->uri.port;
    h.brackets = t->uri.host.ptr > text.ptr && t->uri.host.ptr[-1] == '[';
    st = covey_uri_host(&t->uri, storage, &h.text);
    return st != COVEY_OK ? COVEY_E_RANGE : put_host(t, h);
}

/* Uri-Host and Uri-Port. */
static covey_status read_options(covey_proxy_target *t,
                                 const covey_coap_message *m,
                                 covey_writer *storage)
{
    struct host h = { .brackets = false };
    covey_bytes value;
    uint32_t port = covey_proxy_scheme_port(t->scheme);

    if (covey_option_get(m, COVEY_OPTION_URI_PORT, &value) &&
        (covey_option_uint(value, &port) != COVEY_OK || port > UINT16_MAX)) {
        return COVEY_E_RANGE;
    }
    t->address.port = (uint16_t)port;
    if (!covey_option_get(m, COVEY_OPTION_URI_HOST, &value) ||
        value.len > COVEY_PROXY_HOST_MAX) {
        return COVEY_E_RANGE;
    }
    h.brackets = value.len > 2 && value.ptr[0] == '[' &&
                 value.ptr[value.len - 1] == ']';
    if (h.brackets) {
        value = covey_bytes_of(value.ptr + 1, value.len - 2);
    }
    const size_t start = storage->pos;
    for (size_t i = 0; i < value.len; i++) {
        const uint8_t c = value.ptr[i];
        covey_write_u8(storage,
                       c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c);
    }
    if (storage->failed != COVEY_OK) {
        return COVEY_E_RANGE;
    }
    h.text = covey_bytes_of(storage->base + start, storage->pos - start);
    return put_host(t, h);
}

/* Does the request have one of these? */
static bool has_any(const covey_coap_message *m, const uint16_t *numbers,
                    size_t count)
{
    covey_bytes value;
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        any = any || covey_option_get(m, numbers[i], &value);
    }
    return any;
}

covey_status covey_proxy_target_read(covey_proxy_target *out,
                                     const covey_coap_message *m,
                                     covey_writer *storage)
{
    static const uint16_t beside_whole[] = {
        COVEY_OPTION_URI_HOST,           COVEY_OPTION_URI_PORT,
        COVEY_OPTION_URI_PATH,           COVEY_OPTION_URI_PATH_ABBREV,
        COVEY_OPTION_URI_QUERY,          COVEY_OPTION_PROXY_SCHEME,
        COVEY_OPTION_PROXY_SCHEME_NUMBER
    };
    covey_proxy_target t = { .forward = true };
    covey_bytes uri;
    covey_bytes cri;
    covey_bytes name;
    covey_bytes number;
    covey_status st;
    const bool has_uri = covey_option_get(m, COVEY_OPTION_PROXY_URI, &uri);
    const bool has_cri = covey_option_get(m, COVEY_OPTION_PROXY_CRI, &cri);
    const bool has_name =
        covey_option_get(m, COVEY_OPTION_PROXY_SCHEME, &name);
    const bool has_number =
        covey_option_get(m, COVEY_OPTION_PROXY_SCHEME_NUMBER, &number);

    if (has_uri || has_cri) {
        if ((has_uri && has_cri) ||
            has_any(m, beside_whole,
                    sizeof beside_whole / sizeof beside_whole[0])) {
            return COVEY_E_RANGE;
        }
        st = has_uri ? read_uri(&t, uri, storage)
                     : covey__proxy_cri_read(&t, cri, storage);
    } else if (has_name && has_number) {
        return COVEY_E_RANGE;
    } else if (has_name || has_number) {
        if (has_name ? !scheme_of(name, &t.scheme)
                     : !scheme_of_number(number, &t.scheme)) {
            return COVEY_E_UNSUPPORTED;
        }
        st = read_options(&t, m, storage);
    } else {
        t.forward = false;
        st = COVEY_OK;
    }
    if (st == COVEY_OK) {
        *out = t;
    }
    return st;
}
