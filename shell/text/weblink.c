/* SPDX-License-Identifier: BSD-2-Clause */
#include "weblink.h"

static covey_bytes rest(covey_bytes b, size_t from)
{
    return covey_bytes_of(b.ptr + from, b.len - from);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static covey_bytes skip_spaces(covey_bytes b)
{
    while (b.len > 0 && is_space(b.ptr[0])) {
        b = rest(b, 1);
    }
    return b;
}

/* Where `end` or `other` is first found outside of quotes, from `from` on; the
 * length if nowhere. In quotes a backslash takes the next character with it
 * (RFC 6690 Section 2). */
static size_t find(covey_bytes b, size_t from, char end, char other)
{
    bool quoted = false;

    for (size_t i = from; i < b.len; i++) {
        const char c = (char)b.ptr[i];
        if (quoted && c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == end || c == other)) {
            return i;
        }
    }
    return b.len;
}

bool text_link_next(covey_bytes *left, struct text_link *link)
{
    covey_bytes b = skip_spaces(*left);
    size_t close = 1;
    size_t end;

    *left = b;
    if (b.len == 0 || b.ptr[0] != '<') {
        return false;
    }
    while (close < b.len && b.ptr[close] != '>') {
        close++; /* a URI has no quotes */
    }
    if (close == b.len) {
        return false;
    }
    link->target = covey_bytes_of(b.ptr + 1, close - 1);
    b = skip_spaces(rest(b, close + 1));
    if (b.len > 0 && b.ptr[0] != ';' && b.ptr[0] != ',') {
        return false;
    }
    end = find(b, 0, ',', ',');
    link->attributes = covey_bytes_of(b.ptr, end);
    *left = rest(b, end + (end < b.len));
    return true;
}

bool text_link_attribute(covey_bytes *left, covey_bytes *attribute)
{
    covey_bytes b = *left;
    size_t end;

    while (b.len > 0 && (b.ptr[0] == ';' || is_space(b.ptr[0]))) {
        b = rest(b, 1);
    }
    end = find(b, 0, ';', ';');
    *left = rest(b, end);
    while (end > 0 && is_space(b.ptr[end - 1])) {
        end--;
    }
    *attribute = covey_bytes_of(b.ptr, end);
    return end > 0;
}
