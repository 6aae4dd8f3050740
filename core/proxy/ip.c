/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses as text. The core has no inet_pton, and a proxy must not depend on
 * what else that of a system takes for an address. */
#include <covey/proxy.h>

#include <string.h>

enum {
    GROUPS = 8
};

static unsigned hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - (unsigned)'0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10 : 16;
}

/* --- reading ------------------------------------------------------------- */

/* All of the text: four numbers up to 255 without leading zeros. */
static bool get_ipv4(covey_bytes text, uint8_t out[4])
{
    size_t at = 0;

    for (unsigned i = 0; i < 4; i++) {
        const size_t start = at;
        unsigned v = 0;
        while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9' &&
               at - start < 3) {
            v = v * 10 + (text.ptr[at] - (unsigned)'0');
            at++;
        }
        if (at == start || v > 255 ||
            (at - start > 1 && text.ptr[start] == '0')) {
            return false;
        }
        out[i] = (uint8_t)v;
        if (i < 3 && (at == text.len || text.ptr[at++] != '.')) {
            return false;
        }
    }
    return at == text.len;
}

/* Up to four hex digits at *at; how many. */
static size_t get_group(covey_bytes text, size_t *at, unsigned *value)
{
    const size_t start = *at;

    *value = 0;
    while (*at < text.len && *at - start < 4 &&
           hex_value(text.ptr[*at]) < 16) {
        *value = *value << 4 | hex_value(text.ptr[*at]);
        *at += 1;
    }
    return *at - start;
}

struct ipv6 {
    uint8_t bytes[16];
    size_t len; /* so far */
    size_t gap; /* where "::" was; 16: nowhere */
};

/* A colon between groups, or two of them, once. False: none of both. */
static bool get_colons(covey_bytes text, size_t *at, struct ipv6 *out)
{
    if (text.ptr[*at] != ':') {
        return false;
    }
    *at += 1;
    if (*at < text.len && text.ptr[*at] == ':') {
        if (out->gap != sizeof out->bytes) {
            return false;
        }
        out->gap = out->len;
        *at += 1;
        return true;
    }
    return out->len > 0 && *at < text.len;
}

/* One group, or the four numbers at the end. */
static bool get_part(covey_bytes text, size_t *at, struct ipv6 *out)
{
    const size_t start = *at;
    const size_t room = sizeof out->bytes - out->len;
    unsigned value;

    if (get_group(text, at, &value) == 0 || room < 2) {
        /* Up to three decimal digits look like a group. */
        return false;
    }
    if (*at < text.len && text.ptr[*at] == '.') {
        *at = text.len;
        out->len += 4;
        return room >= 4 &&
               get_ipv4(covey_bytes_of(text.ptr + start, text.len - start),
                        out->bytes + out->len - 4);
    }
    out->bytes[out->len++] = (uint8_t)(value >> 8);
    out->bytes[out->len++] = (uint8_t)value;
    return true;
}

static bool get_ipv6(covey_bytes text, uint8_t out[16])
{
    struct ipv6 v = { { 0 }, 0, sizeof v.bytes };
    size_t at = 0;

    if (text.len == 0) {
        return false;
    }
    while (at < text.len) {
        if ((at > 0 || text.ptr[0] == ':') && !get_colons(text, &at, &v)) {
            return false;
        }
        if (at < text.len && !get_part(text, &at, &v)) {
            return false;
        }
    }
    if (v.gap == sizeof v.bytes) {
        memcpy(out, v.bytes, sizeof v.bytes);
        return v.len == sizeof v.bytes;
    }
    if (v.len == sizeof v.bytes) {
        return false; /* "::" stands for one group at least */
    }
    memset(out, 0, sizeof v.bytes);
    memcpy(out, v.bytes, v.gap);
    memcpy(out + sizeof v.bytes - (v.len - v.gap), v.bytes + v.gap,
           v.len - v.gap);
    return true;
}

bool covey_proxy_ip_get(covey_bytes text, covey_address *out)
{
    covey_address a = { .port = out->port, .zone = out->zone };

    if (get_ipv4(text, a.ip)) {
        a.family = COVEY_FAMILY_IPV4;
    } else if (get_ipv6(text, a.ip)) {
        a.family = COVEY_FAMILY_IPV6;
        covey_proxy_normalise(&a);
    } else {
        return false;
    }
    *out = a;
    return true;
}

/* --- writing ------------------------------------------------------------- */

static void put_decimal(covey_writer *w, unsigned v)
{
    if (v >= 100) {
        covey_write_u8(w, (uint8_t)('0' + v / 100));
    }
    if (v >= 10) {
        covey_write_u8(w, (uint8_t)('0' + v / 10 % 10));
    }
    covey_write_u8(w, (uint8_t)('0' + v % 10));
}

static void put_hex(covey_writer *w, unsigned v)
{
    static const char digits[] = "0123456789abcdef";
    int shift = 12;

    while (shift > 0 && v >> shift == 0) {
        shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
        covey_write_u8(w, (uint8_t)digits[v >> shift & 15]);
    }
}

static unsigned group_of(const covey_address *a, unsigned i)
{
    const uint8_t *at = &a->ip[(size_t)2 * i];

    return (unsigned)at[0] << 8 | at[1];
}

/* The first of the longest runs of at least two zero groups (RFC 5952 Section
 * 4.2); its length, 0 if there is none. */
static unsigned find_gap(const covey_address *a, unsigned *at)
{
    unsigned best = 1;

    for (unsigned i = 0; i < GROUPS; i++) {
        unsigned n = 0;
        while (i + n < GROUPS && group_of(a, i + n) == 0) {
            n++;
        }
        if (n > best) {
            best = n;
            *at = i;
        }
    }
    return best > 1 ? best : 0;
}

static void put_ipv6(covey_writer *w, const covey_address *a)
{
    unsigned gap_at = GROUPS;
    const unsigned gap = find_gap(a, &gap_at);

    for (unsigned i = 0; i < GROUPS; i++) {
        if (gap > 0 && i == gap_at) {
            covey_write_u8(w, ':');
            covey_write_u8(w, ':');
            i += gap - 1;
            continue;
        }
        if (i > 0 && i != gap_at + gap) {
            covey_write_u8(w, ':');
        }
        put_hex(w, group_of(a, i));
    }
}

void covey_proxy_ip_put(covey_writer *w, const covey_address *a)
{
    if (a->family == COVEY_FAMILY_IPV6) {
        put_ipv6(w, a);
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        if (i > 0) {
            covey_write_u8(w, '.');
        }
        put_decimal(w, a->ip[i]);
    }
}
