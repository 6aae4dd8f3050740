/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of types and codes, and option values as a person reads them. */
#include "coap_app.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const framing_names[] = { "datagram", "stream", "inner" };
static const char *const type_names[] = { "CON", "NON", "ACK", "RST" };

const char *coap_framing_name(enum coap_framing framing)
{
    return framing_names[framing];
}

bool coap_framing_find(const char *name, enum coap_framing *framing)
{
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(framing_names[i], name) == 0) {
            *framing = (enum coap_framing)i;
            return true;
        }
    }
    return false;
}

const char *coap_type_name(covey_coap_type type)
{
    return type_names[type];
}

bool coap_type_find(const char *name, covey_coap_type *type)
{
    for (unsigned i = 0; i < 4; i++) {
        if (strcasecmp(type_names[i], name) == 0) {
            *type = (covey_coap_type)i;
            return true;
        }
    }
    return false;
}

struct code {
    uint8_t code;
    const char *name;
};

#define CODE(class_, detail) COVEY_COAP_CODE(class_, detail)

/* Registry "CoAP Codes": RFC 7252 Section 12.1, RFC 7959, RFC 8132, RFC 8323,
 * RFC 8516, RFC 8768, RFC 9177. */
static const struct code codes[] = {
    { CODE(0, 0), "Empty" },
    { CODE(0, 1), "GET" },
    { CODE(0, 2), "POST" },
    { CODE(0, 3), "PUT" },
    { CODE(0, 4), "DELETE" },
    { CODE(0, 5), "FETCH" },
    { CODE(0, 6), "PATCH" },
    { CODE(0, 7), "iPATCH" },
    { CODE(2, 1), "Created" },
    { CODE(2, 2), "Deleted" },
    { CODE(2, 3), "Valid" },
    { CODE(2, 4), "Changed" },
    { CODE(2, 5), "Content" },
    { CODE(2, 31), "Continue" },
    { CODE(4, 0), "Bad Request" },
    { CODE(4, 1), "Unauthorized" },
    { CODE(4, 2), "Bad Option" },
    { CODE(4, 3), "Forbidden" },
    { CODE(4, 4), "Not Found" },
    { CODE(4, 5), "Method Not Allowed" },
    { CODE(4, 6), "Not Acceptable" },
    { CODE(4, 8), "Request Entity Incomplete" },
    { CODE(4, 9), "Conflict" },
    { CODE(4, 12), "Precondition Failed" },
    { CODE(4, 13), "Request Entity Too Large" },
    { CODE(4, 15), "Unsupported Content-Format" },
    { CODE(4, 22), "Unprocessable Entity" },
    { CODE(4, 29), "Too Many Requests" },
    { CODE(5, 0), "Internal Server Error" },
    { CODE(5, 1), "Not Implemented" },
    { CODE(5, 2), "Bad Gateway" },
    { CODE(5, 3), "Service Unavailable" },
    { CODE(5, 4), "Gateway Timeout" },
    { CODE(5, 5), "Proxying Not Supported" },
    { CODE(5, 8), "Hop Limit Reached" },
    { CODE(7, 1), "CSM" },
    { CODE(7, 2), "Ping" },
    { CODE(7, 3), "Pong" },
    { CODE(7, 4), "Release" },
    { CODE(7, 5), "Abort" },
};

#define CODE_COUNT (sizeof codes / sizeof codes[0])

const char *coap_code_name(uint8_t code)
{
    for (size_t i = 0; i < CODE_COUNT; i++) {
        if (codes[i].code == code) {
            return codes[i].name;
        }
    }
    return NULL;
}

/* "c.dd": class 0 to 7, detail 00 to 31. */
static bool parse_dotted_code(const char *text, uint8_t *code)
{
    if (strlen(text) != 4 || text[1] != '.' || text[0] < '0' ||
        text[0] > '7' || strspn(text + 2, "0123456789") != 2) {
        return false;
    }
    int detail = (text[2] - '0') * 10 + text[3] - '0';
    if (detail > 31) {
        return false;
    }
    *code = (uint8_t)COVEY_COAP_CODE(text[0] - '0', detail);
    return true;
}

bool coap_code_find(const char *text, uint8_t *code)
{
    for (size_t i = 0; i < CODE_COUNT; i++) {
        if (strcasecmp(codes[i].name, text) == 0) {
            *code = codes[i].code;
            return true;
        }
    }
    return parse_dotted_code(text, code);
}

bool coap_parse_number(const char *text, uint32_t max, uint32_t *out)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? text + 2 : text;
    size_t len = strlen(digits);

    if (len == 0 || len > 10 ||
        strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != len) {
        return false;
    }
    unsigned long long v = strtoull(digits, NULL, hex ? 16 : 10);
    if (v > max) {
        return false;
    }
    *out = (uint32_t)v;
    return true;
}

/* Length of the UTF-8 sequence that begins with this byte, or 0. */
static size_t utf8_len(uint8_t first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first >> 5 == 0x06) {
        return 2;
    }
    if (first >> 4 == 0x0e) {
        return 3;
    }
    return first >> 3 == 0x1e ? 4 : 0;
}

/* The code point at p and its length; 0 if this is no UTF-8 (RFC 3629). */
static size_t utf8_at(const uint8_t *p, size_t left, uint32_t *point)
{
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t len = utf8_len(p[0]);

    if (len == 0 || len > left) {
        return 0;
    }
    *point = len == 1 ? p[0] : p[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if (p[i] >> 6 != 2) {
            return 0;
        }
        *point = *point << 6 | (p[i] & 0x3fu);
    }
    bool surrogate = *point >= 0xd800 && *point <= 0xdfff;
    return *point < smallest[len] || *point > 0x10ffff || surrogate ? 0 : len;
}

struct range {
    uint32_t first;
    uint32_t last;
};

/* Controls, and characters that reorder or hide what stands around them. */
static const struct range unprintable[] = {
    { 0x00, 0x08 },     { 0x0b, 0x0c },       { 0x0e, 0x1f },
    { 0x7f, 0x9f },     { 0xad, 0xad },       { 0x200b, 0x200f },
    { 0x2028, 0x202e }, { 0x2060, 0x206f },   { 0xfeff, 0xfeff },
    { 0xfff0, 0xfffb }, { 0xe0000, 0xe0fff },
};

static bool is_printable_point(uint32_t point)
{
    for (size_t i = 0; i < sizeof unprintable / sizeof unprintable[0]; i++) {
        if (point >= unprintable[i].first && point <= unprintable[i].last) {
            return false;
        }
    }
    return true;
}

bool coap_is_printable(covey_bytes bytes)
{
    size_t at = 0;

    while (at < bytes.len) {
        uint32_t point;
        size_t len = utf8_at(bytes.ptr + at, bytes.len - at, &point);
        if (len == 0 || !is_printable_point(point)) {
            return false;
        }
        at += len;
    }
    return true;
}

static bool is_utf8(covey_bytes bytes)
{
    size_t at = 0;

    while (at < bytes.len) {
        uint32_t point;
        size_t len = utf8_at(bytes.ptr + at, bytes.len - at, &point);
        if (len == 0) {
            return false;
        }
        at += len;
    }
    return true;
}

/* Shown as a number only if the number gives these bytes again. */
static bool show_uint(covey_bytes value, uint32_t *number)
{
    uint8_t buf[4];

    return covey_option_uint(value, number) == COVEY_OK &&
           covey_option_uint_encode(*number, buf).len == value.len;
}

struct coap_shown coap_show(const covey_option_def *def, covey_bytes value)
{
    struct coap_shown shown = { .shape = COAP_SHAPE_HEX };
    uint32_t number;

    switch (def != NULL ? def->format : COVEY_FORMAT_OPAQUE) {
    case COVEY_FORMAT_EMPTY:
        if (value.len == 0) {
            shown.shape = COAP_SHAPE_EMPTY;
        }
        break;
    case COVEY_FORMAT_UINT:
        if (show_uint(value, &shown.number)) {
            shown.shape = COAP_SHAPE_UINT;
        }
        break;
    case COVEY_FORMAT_STRING:
        if (coap_is_printable(value)) {
            shown.shape = COAP_SHAPE_TEXT;
        }
        break;
    case COVEY_FORMAT_BLOCK:
        if (show_uint(value, &number) &&
            covey_block_parse(value, &shown.block) == COVEY_OK) {
            shown.shape = COAP_SHAPE_BLOCK;
        }
        break;
    case COVEY_FORMAT_OPAQUE:
    case COVEY_FORMAT_OSCORE:
        break;
    }
    return shown;
}

static bool remark_length(const covey_coap_option *o,
                          const covey_option_def *def,
                          struct app_error *remark)
{
    if (o->value.len >= def->min && o->value.len <= def->max) {
        return false;
    }
    app_error_set(remark,
                  "length %zu is outside %u to %u (%s), so the option is "
                  "treated as unrecognised (RFC 7252 Section 5.4.3)",
                  o->value.len, (unsigned)def->min, (unsigned)def->max,
                  def->spec);
    return true;
}

static bool remark_repeated(bool repeated, const covey_option_def *def,
                            struct app_error *remark)
{
    if (!repeated || def->repeatable) {
        return false;
    }
    app_error_set(remark,
                  "not repeatable (%s), so from the second on it is treated "
                  "as unrecognised (RFC 7252 Section 5.4.5)",
                  def->spec);
    return true;
}

static bool remark_value(const struct coap_printer *how,
                         const covey_coap_option *o,
                         const covey_option_def *def, struct app_error *remark)
{
    covey_oscore_option oscore;
    covey_block block;
    covey_status st;

    if (def->format == COVEY_FORMAT_STRING && !is_utf8(o->value)) {
        app_error_set(remark, "not UTF-8 (RFC 7252 Section 3.2)");
        return true;
    }
    if (def->format == COVEY_FORMAT_BLOCK && how->framing != COAP_STREAM &&
        covey_block_parse(o->value, &block) == COVEY_OK && block.szx == 7) {
        app_error_set(remark, "SZX 7 is reserved outside of streams (RFC 7959 "
                              "Section 2.2, RFC 8323 Section 6)");
        return true;
    }
    if (def->format == COVEY_FORMAT_OSCORE) {
        st = covey_oscore_option_parse(&oscore, o->value, how->kudos);
        if (st != COVEY_OK) {
            app_error_set(remark, "%s (%s, RFC 8613 Section 6.1)",
                          covey_status_text(st), covey_status_name(st));
            return true;
        }
    }
    return false;
}

bool coap_option_remark(const struct coap_printer *how,
                        const covey_coap_option *o, bool repeated, size_t n,
                        struct app_error *remark)
{
    const covey_option_def *def = coap_option_def(how->code, o->number);
    size_t found = 0;

    if (def == NULL) {
        return false;
    }
    if (remark_length(o, def, remark) && found++ == n) {
        return true;
    }
    if (remark_repeated(repeated, def, remark) && found++ == n) {
        return true;
    }
    return remark_value(how, o, def, remark) && found == n;
}
