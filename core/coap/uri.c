/* SPDX-License-Identifier: BSD-2-Clause */
/* URIs to options and back, RFC 7252 Sections 6.4 and 6.5, with the schemes of
 * RFC 8323 Section 8. No resolution of references and of names.
 *
 * coap://host:port/path/path?query&query
 *
 * Character classes are those of RFC 3986 Section 2 and Appendix A. */
#include <covey/coap_options.h>

#define SEGMENT_MAX 255u
#define HOST_MAX    255u

struct scheme {
    const char *name;
    uint16_t port;
};

static const struct scheme schemes[] = {
    { "coap", COVEY_COAP_PORT },
    { "coaps", COVEY_COAPS_PORT },
    { "coap+tcp", COVEY_COAP_PORT },
    { "coaps+tcp", COVEY_COAPS_PORT },
};

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool is_alpha(uint8_t c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_one_of(uint8_t c, const char *set)
{
    while (*set != '\0' && (uint8_t)*set != c) {
        set++;
    }
    return *set != '\0';
}

/* Value of a hex digit, or 16. */
static unsigned hex_value(uint8_t c)
{
    if (is_digit(c)) {
        return c - (unsigned)'0';
    }
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10 : 16;
}

/* unreserved and sub-delims, and what else the component allows. */
static bool is_allowed(uint8_t c, const char *more)
{
    return is_alpha(c) || is_digit(c) || is_one_of(c, "-._~!$&'()*+,;=") ||
           is_one_of(c, more);
}

static covey_bytes part(covey_bytes b, size_t from, size_t to)
{
    return covey_bytes_of(b.ptr + from, to - from);
}

/* Position of the first byte of `set` at or after `from`, or the length. */
static size_t find(covey_bytes b, size_t from, const char *set)
{
    while (from < b.len && !is_one_of(b.ptr[from], set)) {
        from++;
    }
    return from;
}

/* One character or percent-encoding at b.ptr[*at]; a '%' without two digits
 * stands for itself. */
static uint8_t decode_one(covey_bytes b, size_t *at)
{
    uint8_t c = b.ptr[*at];

    if (c == '%' && b.len - *at >= 3) {
        unsigned high = hex_value(b.ptr[*at + 1]);
        unsigned low = hex_value(b.ptr[*at + 2]);
        if (high < 16 && low < 16) {
            *at += 3;
            return (uint8_t)(high << 4 | low);
        }
    }
    *at += 1;
    return c;
}

/* Only allowed characters and whole percent-encodings. */
static bool well_formed(covey_bytes b, const char *more)
{
    for (size_t at = 0; at < b.len;) {
        size_t before = at;
        uint8_t c = b.ptr[at];
        (void)decode_one(b, &at);
        if (c == '%' ? at - before != 3 : !is_allowed(c, more)) {
            return false;
        }
    }
    return true;
}

/* "." and "..", however they are written. */
static bool is_dot_segment(covey_bytes b)
{
    size_t dots = 0;

    for (size_t at = 0; at < b.len; dots++) {
        if (decode_one(b, &at) != '.' || dots == 2) {
            return false;
        }
    }
    return dots > 0;
}

static bool has_dot_segment(covey_bytes path)
{
    size_t at = 0;

    while (at < path.len) {
        size_t end = find(path, at + 1, "/");
        if (is_dot_segment(part(path, at + 1, end))) {
            return true;
        }
        at = end;
    }
    return false;
}

static bool equals(covey_bytes b, const char *name)
{
    size_t i = 0;

    while (i < b.len && name[i] != '\0' &&
           lower(b.ptr[i]) == (uint8_t)name[i]) {
        i++;
    }
    return i == b.len && name[i] == '\0';
}

/* "scheme://": its length in *at. */
static covey_status parse_scheme(covey_uri *u, covey_bytes text, size_t *at)
{
    size_t colon = find(text, 0, ":");

    if (colon == text.len || colon == 0 || !is_alpha(text.ptr[0])) {
        return COVEY_E_FORMAT;
    }
    for (size_t i = 0; i < colon; i++) {
        uint8_t c = text.ptr[i];
        if (!is_alpha(c) && !is_digit(c) && !is_one_of(c, "+-.")) {
            return COVEY_E_FORMAT;
        }
    }
    u->scheme = part(text, 0, colon);
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (equals(u->scheme, schemes[i].name)) {
            u->port = schemes[i].port;
            *at = colon + 3;
            return text.len - colon >= 3 && text.ptr[colon + 1] == '/' &&
                           text.ptr[colon + 2] == '/'
                       ? COVEY_OK
                       : COVEY_E_FORMAT;
        }
    }
    return COVEY_E_UNSUPPORTED;
}

/* The inside of brackets: an IPv6 address by its characters, and perhaps a
 * zone behind %25 (RFC 6874 Section 2). */
static bool is_ip_literal(covey_bytes b)
{
    size_t end = find(b, 0, "%");

    for (size_t i = 0; i < end; i++) {
        if (hex_value(b.ptr[i]) > 15 && !is_one_of(b.ptr[i], ":.")) {
            return false;
        }
    }
    if (end == b.len) {
        return find(b, 0, ":") < end;
    }
    return find(b, 0, ":") < end && b.len - end > 3 && b.ptr[end + 1] == '2' &&
           b.ptr[end + 2] == '5' && well_formed(part(b, end + 3, b.len), "");
}

/* Four numbers up to 255, RFC 3986 Section 3.2.2. */
static bool is_ipv4(covey_bytes b)
{
    unsigned numbers = 0;
    size_t at = 0;

    while (at <= b.len && numbers < 4) {
        size_t end = find(b, at, ".");
        unsigned v = 0;
        if (end == at || end - at > 3 || (end - at > 1 && b.ptr[at] == '0')) {
            return false;
        }
        for (; at < end; at++) {
            if (!is_digit(b.ptr[at])) {
                return false;
            }
            v = v * 10 + (b.ptr[at] - (unsigned)'0');
        }
        if (v > 255) {
            return false;
        }
        at = end + 1;
        numbers++;
    }
    return numbers == 4 && at == b.len + 1;
}

/* The host at the front of `authority`; *at is set to what follows it. */
static bool parse_host(covey_uri *u, covey_bytes authority, size_t *at)
{
    size_t end;

    if (authority.len > 0 && authority.ptr[0] == '[') {
        end = find(authority, 1, "]");
        if (end == authority.len) {
            return false;
        }
        u->host = part(authority, 1, end);
        u->host_is_literal = true;
        *at = end + 1;
        return is_ip_literal(u->host);
    }
    end = find(authority, 0, ":");
    u->host = part(authority, 0, end);
    u->host_is_literal = is_ipv4(u->host);
    *at = end;
    return end > 0 && well_formed(u->host, "");
}

/* Nothing, ":" or ":" and digits. */
static bool parse_port(covey_uri *u, covey_bytes b)
{
    uint32_t v = 0;

    if (b.len > 0 && b.ptr[0] != ':') {
        return false;
    }
    for (size_t i = 1; i < b.len; i++) {
        if (!is_digit(b.ptr[i])) {
            return false;
        }
        v = v * 10 + (b.ptr[i] - (uint32_t)'0');
        if (v > UINT16_MAX) {
            return false;
        }
    }
    if (b.len > 1) {
        u->port = (uint16_t)v;
        u->port_given = true;
    }
    return true;
}

covey_status covey_uri_parse(covey_uri *out, covey_bytes text)
{
    covey_uri u = { 0 };
    covey_bytes authority;
    size_t at = 0;
    size_t end;
    covey_status st = parse_scheme(&u, text, &at);

    if (st != COVEY_OK) {
        return st;
    }
    end = find(text, at, "/?#");
    authority = part(text, at, end);
    if (!parse_host(&u, authority, &at) ||
        !parse_port(&u, part(authority, at, authority.len))) {
        return COVEY_E_FORMAT;
    }
    at = end;
    end = find(text, at, "?#");
    u.path = part(text, at, end);
    if (!well_formed(u.path, ":@/") || has_dot_segment(u.path)) {
        return COVEY_E_FORMAT;
    }
    if (end < text.len) {
        /* A fragment is none of the characters of a query. */
        u.query = part(text, end + 1, text.len);
        if (text.ptr[end] == '#' || !well_formed(u.query, ":@/?")) {
            return COVEY_E_FORMAT;
        }
    }
    *out = u;
    return COVEY_OK;
}

covey_uri_segments covey_uri_path_segments(const covey_uri *uri)
{
    covey_uri_segments it = { { NULL, 0 }, '/' };

    if (uri->path.len > 1) {
        it.left = part(uri->path, 1, uri->path.len);
    }
    return it;
}

covey_uri_segments covey_uri_query_segments(const covey_uri *uri)
{
    covey_uri_segments it = { uri->query, '&' };

    return it;
}

bool covey_uri_next_segment(covey_uri_segments *it, covey_writer *storage,
                            covey_bytes *value)
{
    const char set[2] = { it->separator, '\0' };
    size_t start = storage->pos;
    covey_bytes segment;
    size_t end;

    if (it->left.ptr == NULL) {
        return false;
    }
    end = find(it->left, 0, set);
    segment = part(it->left, 0, end);
    for (size_t at = 0; at < segment.len;) {
        covey_write_u8(storage, decode_one(segment, &at));
    }
    if (storage->failed != COVEY_OK) {
        return false;
    }
    *value = covey_bytes_of(storage->base + start, storage->pos - start);
    if (end < it->left.len) {
        it->left = part(it->left, end + 1, it->left.len);
    } else {
        it->left = covey_bytes_of(NULL, 0);
    }
    return true;
}

covey_status covey_uri_host(const covey_uri *uri, covey_writer *storage,
                            covey_bytes *value)
{
    size_t start = storage->pos;

    for (size_t at = 0; at < uri->host.len;) {
        bool plain = uri->host.ptr[at] != '%';
        uint8_t c = decode_one(uri->host, &at);
        covey_write_u8(storage, plain ? lower(c) : c);
    }
    if (storage->failed == COVEY_OK) {
        *value = covey_bytes_of(storage->base + start, storage->pos - start);
    }
    return storage->failed;
}

static void write_text(covey_writer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        covey_write_u8(out, (uint8_t)*text);
    }
}

static void write_encoded(covey_writer *out, covey_bytes value,
                          const char *more, const char *less)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.ptr[i];
        if (is_allowed(c, more) && !is_one_of(c, less)) {
            covey_write_u8(out, c);
        } else {
            covey_write_u8(out, '%');
            covey_write_u8(out, (uint8_t)digits[c >> 4]);
            covey_write_u8(out, (uint8_t)digits[c & 0xf]);
        }
    }
}

/* A decimal number of at most five digits. */
static void write_port(covey_writer *out, uint16_t port)
{
    char text[6] = { 0 };
    size_t at = sizeof text - 1;

    do {
        at--;
        text[at] = (char)('0' + port % 10);
        port = (uint16_t)(port / 10);
    } while (port != 0);
    write_text(out, text + at);
}

/* Uri-Host as received: ASCII must be that of a host as it stands; the rest
 * is percent-encoded (RFC 7252 Section 6.5 step 2). */
static bool is_host_value(covey_bytes v)
{
    if (v.len > 2 && v.ptr[0] == '[' && v.ptr[v.len - 1] == ']') {
        return is_ip_literal(part(v, 1, v.len - 1));
    }
    for (size_t i = 0; i < v.len; i++) {
        if (v.ptr[i] < 0x80 && !is_allowed(v.ptr[i], "")) {
            return false;
        }
    }
    return v.len > 0 && v.len <= HOST_MAX;
}

/* What step 2 and 3 look for. */
struct authority {
    covey_bytes host;
    uint32_t port;
    bool port_given;
};

static covey_status find_authority(struct authority *a,
                                   const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o)) {
        if (o.number == COVEY_OPTION_URI_HOST) {
            if (a->host.ptr != NULL || !is_host_value(o.value)) {
                return COVEY_E_RANGE;
            }
            a->host = o.value;
        } else if (o.number == COVEY_OPTION_URI_PORT) {
            if (a->port_given || o.value.len > 2 ||
                covey_option_uint(o.value, &a->port) != COVEY_OK) {
                return COVEY_E_RANGE;
            }
            a->port_given = true;
        }
    }
    return COVEY_OK;
}

static void write_authority(covey_writer *out, const struct authority *a,
                            const covey_uri *defaults)
{
    uint16_t port = a->port_given ? (uint16_t)a->port : defaults->port;
    bool is_default = false;

    covey_write_bytes(out, defaults->scheme);
    write_text(out, "://");
    if (a->host.ptr != NULL) {
        if (a->host.ptr[0] == '[') {
            covey_write_bytes(out, a->host);
        } else {
            write_encoded(out, a->host, "", "");
        }
    } else if (find(defaults->host, 0, ":") < defaults->host.len) {
        covey_write_u8(out, '[');
        covey_write_bytes(out, defaults->host);
        covey_write_u8(out, ']');
    } else {
        covey_write_bytes(out, defaults->host);
    }
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        is_default |= equals(defaults->scheme, schemes[i].name) &&
                      schemes[i].port == port;
    }
    if (!is_default) {
        covey_write_u8(out, ':');
        write_port(out, port);
    }
}

/* Steps 5 to 8: every Uri-Path behind a slash, every Uri-Query behind '?' or
 * '&'. */
static covey_status write_resource(covey_writer *out,
                                   const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    bool any = false;
    char before = '?';

    while (covey_coap_option_next(&it, &o)) {
        bool is_path = o.number == COVEY_OPTION_URI_PATH;
        if (!is_path && o.number != COVEY_OPTION_URI_QUERY) {
            continue;
        }
        if (o.value.len > SEGMENT_MAX ||
            (is_path && (equals(o.value, ".") || equals(o.value, "..")))) {
            return COVEY_E_RANGE;
        }
        if (is_path || !any) {
            covey_write_u8(out, '/');
        }
        if (is_path) {
            write_encoded(out, o.value, ":@", "");
        } else {
            covey_write_u8(out, (uint8_t)before);
            write_encoded(out, o.value, ":@/?", "&");
            before = '&';
        }
        any = true;
    }
    if (!any) {
        covey_write_u8(out, '/');
    }
    return COVEY_OK;
}

covey_status covey_uri_compose(covey_writer *out, const covey_coap_message *m,
                               const covey_uri *defaults)
{
    struct authority a = { { NULL, 0 }, 0, false };
    covey_status st = find_authority(&a, m);

    if (st != COVEY_OK) {
        return st;
    }
    write_authority(out, &a, defaults);
    st = write_resource(out, m);
    return st != COVEY_OK ? st : out->failed;
}
