/* SPDX-License-Identifier: BSD-2-Clause */
/* Links and their attributes. Each attribute is a text, made anew each time:
 * so writing and filtering cannot disagree. */
#include <covey/link_format.h>

#include <covey/coap_options.h>

#include <string.h>

#define DECIMAL_MAX 10u

typedef struct attribute {
    covey_bytes name;
    covey_bytes value; /* absent: it is not there */
    bool flag;         /* the name alone */
} attribute;

enum {
    HREF,
    RT,
    IF,
    TITLE,
    OBS,
    OSC,
    GOSC,
    SZ,
    CT,
    ATTRIBUTES
};

static covey_bytes decimal(uint32_t value, uint8_t room[DECIMAL_MAX])
{
    size_t at = DECIMAL_MAX;

    do {
        at--;
        room[at] = (uint8_t)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    return covey_bytes_of(room + at, DECIMAL_MAX - at);
}

/* All but ct, which is several numbers. */
static attribute attribute_of(const covey_link *link, unsigned which,
                              uint8_t room[DECIMAL_MAX])
{
    static const char *const names[] = { "href", "rt",   "if", "title", "obs",
                                         "osc",  "gosc", "sz", "ct" };
    const covey_bytes absent = { NULL, 0 };
    attribute a = { covey_bytes_text(names[which]), absent, false };

    switch (which) {
    case HREF:
        a.value = link->path;
        break;
    case RT:
        a.value = link->rt;
        break;
    case IF:
        a.value = link->interface_description;
        break;
    case TITLE:
        a.value = link->title;
        break;
    case SZ:
        a.value = link->sz != 0 ? decimal(link->sz, room) : absent;
        break;
    case CT:
        break;
    default:
        a.flag = (which == OBS && link->obs) || (which == OSC && link->osc) ||
                 (which == GOSC && link->gosc);
        a.value = a.flag ? covey_bytes_of(room, 0) : absent;
        break;
    }
    return a;
}

/* quoted-string of RFC 2616 Section 2.2, which RFC 6690 refers to. */
static void write_quoted(covey_writer *out, covey_bytes value)
{
    covey_write_u8(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"' || value.ptr[i] == '\\') {
            covey_write_u8(out, '\\');
        }
        covey_write_u8(out, value.ptr[i]);
    }
    covey_write_u8(out, '"');
}

/* RFC 7252 Section 7.2.1: one number bare, several quoted. */
static void write_formats(covey_writer *out, const covey_link *link)
{
    uint8_t room[DECIMAL_MAX];

    if (link->ct_count == 0) {
        return;
    }
    covey_write_bytes(
        out, covey_bytes_text(link->ct_count > 1 ? ";ct=\"" : ";ct="));
    for (uint16_t i = 0; i < link->ct_count; i++) {
        if (i > 0) {
            covey_write_u8(out, ' ');
        }
        covey_write_bytes(out, decimal(link->ct[i], room));
    }
    if (link->ct_count > 1) {
        covey_write_u8(out, '"');
    }
}

void covey_link_write(covey_writer *out, const covey_link *link, bool first)
{
    uint8_t room[DECIMAL_MAX];

    covey_write_bytes(out, covey_bytes_text(first ? "<" : ",<"));
    covey_write_bytes(out, link->path);
    covey_write_u8(out, '>');
    for (unsigned which = RT; which < CT; which++) {
        const attribute a = attribute_of(link, which, room);
        if (a.value.ptr == NULL) {
            continue;
        }
        covey_write_u8(out, ';');
        covey_write_bytes(out, a.name);
        if (which == SZ) {
            covey_write_u8(out, '=');
            covey_write_bytes(out, a.value);
        } else if (!a.flag) {
            covey_write_u8(out, '=');
            write_quoted(out, a.value);
        }
    }
    write_formats(out, link);
}

/* `wanted` may end in '*': then what stands before it is a prefix. */
static bool is_wanted(covey_bytes value, covey_bytes wanted)
{
    size_t len = wanted.len;

    if (len > 0 && wanted.ptr[len - 1] == '*') {
        len--;
        return value.len >= len &&
               (len == 0 || memcmp(value.ptr, wanted.ptr, len) == 0);
    }
    return value.len == len &&
           (len == 0 || memcmp(value.ptr, wanted.ptr, len) == 0);
}

/* One of the values between spaces. */
static bool has_wanted(covey_bytes values, covey_bytes wanted)
{
    size_t at = 0;

    for (size_t i = 0; i <= values.len; i++) {
        if (i < values.len && values.ptr[i] != ' ') {
            continue;
        }
        if (i > at &&
            is_wanted(covey_bytes_of(values.ptr + at, i - at), wanted)) {
            return true;
        }
        at = i + 1;
    }
    return false;
}

static bool formats_fit(const covey_link *link, covey_bytes wanted)
{
    uint8_t room[DECIMAL_MAX];

    for (uint16_t i = 0; i < link->ct_count; i++) {
        if (wanted.ptr == NULL ||
            is_wanted(decimal(link->ct[i], room), wanted)) {
            return true;
        }
    }
    return false;
}

/* wanted: absent if the query is a name alone. */
static bool attribute_fits(const covey_link *link, unsigned which,
                           covey_bytes wanted)
{
    uint8_t room[DECIMAL_MAX];
    const attribute a = attribute_of(link, which, room);

    if (which == CT) {
        return formats_fit(link, wanted);
    }
    if (a.value.ptr == NULL || wanted.ptr == NULL) {
        return a.value.ptr != NULL;
    }
    if (which == RT || which == IF) {
        return has_wanted(a.value, wanted);
    }
    return !a.flag && is_wanted(a.value, wanted);
}

bool covey_link_fits(const covey_link *link, covey_bytes query)
{
    covey_bytes name = query;
    covey_bytes wanted = { NULL, 0 };
    uint8_t room[DECIMAL_MAX];

    for (size_t i = 0; i < query.len; i++) {
        if (query.ptr[i] == '=') {
            name.len = i;
            wanted = covey_bytes_of(query.ptr + i + 1, query.len - i - 1);
            break;
        }
    }
    for (unsigned which = HREF; which < ATTRIBUTES; which++) {
        const covey_bytes own = attribute_of(link, which, room).name;
        if (own.len == name.len && memcmp(own.ptr, name.ptr, own.len) == 0) {
            return attribute_fits(link, which, wanted);
        }
    }
    return false;
}

bool covey_link_is_asked_for(const covey_link *link,
                             const covey_coap_message *request)
{
    covey_coap_option_iter it = covey_coap_options_of(request);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o)) {
        if (o.number == COVEY_OPTION_URI_QUERY &&
            !covey_link_fits(link, o.value)) {
            return false;
        }
    }
    return true;
}
