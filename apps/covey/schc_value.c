/* SPDX-License-Identifier: BSD-2-Clause */
#include "schc_value.h"

#include "coap_app.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

typedef struct number_name {
    uint16_t number;
    const char *name;
} number_name;

/* IANA registry "CoAP Content-Formats", those that constrained devices use. */
static const number_name formats[] = {
    { 0, "text/plain" },
    { 40, "application/link-format" },
    { 41, "application/xml" },
    { 42, "application/octet-stream" },
    { 50, "application/json" },
    { 60, "application/cbor" },
    { 61, "application/cwt" },
    { 62, "application/multipart-core" },
    { 110, "application/senml+json" },
    { 112, "application/senml+cbor" },
    { 11542, "application/vnd.oma.lwm2m+tlv" },
    { 11543, "application/vnd.oma.lwm2m+json" },
    { 11544, "application/vnd.oma.lwm2m+cbor" },
};

static const number_name protocols[] = {
    { 0, "Hop-by-Hop Options" }, { 6, "TCP" },       { 17, "UDP" },
    { 43, "Routing" },           { 44, "Fragment" }, { 58, "ICMPv6" },
};

static const char *name_of(const number_name *table, size_t count,
                           uint32_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].number == number) {
            return table[i].name;
        }
    }
    return "";
}

const char *schc_code_text(uint8_t code, char buf[SCHC_CODE_MAX])
{
    const char *name = coap_code_name(code);

    snprintf(buf, SCHC_CODE_MAX, "%u.%02u%s%s", (unsigned)code >> 5,
             code & 0x1fu, name ? " " : "", name ? name : "");
    return buf;
}

char *schc_value_hex(schc_span value)
{
    uint32_t bytes = (value.bits + 7) / 8;
    unsigned first = value.bits % 8 ? value.bits % 8 : 8;
    char *text = malloc(2 * (size_t)bytes + 1);
    uint32_t at = value.off;

    if (text == NULL) {
        return NULL;
    }
    text[0] = '\0';
    for (uint32_t i = 0; i < bytes; i++) {
        unsigned n = i == 0 ? first : 8;

        snprintf(text + 2 * (size_t)i, 3, "%02x",
                 (unsigned)covey_bits_load(value.base, at, n));
        at += n;
    }
    return text;
}

char *schc_value_bits(schc_span value)
{
    char *text = malloc((size_t)value.bits + 1);

    if (text == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < value.bits; i++) {
        text[i] = covey_bits_load(value.base, value.off + i, 1) ? '1' : '0';
    }
    text[value.bits] = '\0';
    return text;
}

/* Bits that begin on any bit, as bytes; only whole ones. */
static size_t to_bytes(schc_span value, uint8_t *out, size_t cap)
{
    size_t len = value.bits / 8 < cap ? value.bits / 8 : cap;

    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)covey_bits_load(value.base,
                                          value.off + 8 * (uint32_t)i, 8);
    }
    return len;
}

/* In quotes. What is not printable stands as \xNN, so that a packet can do
 * nothing to a terminal or a page but print. */
static char *quoted(schc_span value)
{
    size_t len = value.bits / 8;
    uint8_t *bytes = malloc(len + 1);
    char *text = malloc(4 * len + 3);
    size_t at = 0;
    bool printable;

    if (text == NULL || bytes == NULL) {
        free(bytes);
        free(text);
        return NULL;
    }
    to_bytes(value, bytes, len);
    printable = coap_is_printable(covey_bytes_of(bytes, len));
    text[at++] = '"';
    for (size_t i = 0; i < len; i++) {
        uint8_t c = bytes[i];

        if (c == '"' || c == '\\') {
            text[at++] = '\\';
            text[at++] = (char)c;
        } else if ((printable && c >= 0x20) || (c >= 0x20 && c < 0x7f)) {
            text[at++] = (char)c;
        } else {
            at += (size_t)snprintf(text + at, 5, "\\x%02x", c);
        }
    }
    text[at++] = '"';
    text[at] = '\0';
    free(bytes);
    return text;
}

/* Half an IPv6 address: the prefix, or the interface identifier. */
static void half_address(schc_span value, bool prefix, char *out, size_t cap)
{
    uint8_t address[16] = { 0 };

    if (value.bits != 64) {
        out[0] = '\0';
        return;
    }
    to_bytes(value, address + (prefix ? 0 : 8), 8);
    if (inet_ntop(AF_INET6, address, out, (socklen_t)cap) != NULL && prefix) {
        snprintf(out + strlen(out), cap - strlen(out), "/64");
    }
}

/* TKL with its extension: the bits are those of the target value, 4, 12 or 20
 * (RFC 8974 Section 2.1). */
static void token_length(schc_span value, char *out, size_t cap)
{
    uint32_t v = covey_bits_load(value.base, value.off, value.bits);

    if (value.bits == 12) {
        v = (v & 0xff) + 13;
    } else if (value.bits == 20) {
        v = (v & 0xffff) + 269;
    }
    snprintf(out, cap, "%lu", (unsigned long)v);
}

static void block_text(uint32_t v, char *out, size_t cap)
{
    unsigned szx = v & 7;

    snprintf(out, cap, "%lu%s, %lu bytes", (unsigned long)(v >> 4),
             v & 8 ? " more" : " last",
             (unsigned long)covey_block_size((uint8_t)szx));
}

static void option_number_text(uint16_t option, const covey_option_def *def,
                               schc_span value, char *out, size_t cap)
{
    uint8_t bytes[4];
    size_t len = to_bytes(value, bytes, sizeof bytes);
    uint32_t v;

    if (value.bits % 8 != 0 || value.bits > 32 ||
        covey_option_uint(covey_bytes_of(bytes, len), &v) != COVEY_OK) {
        return;
    }
    if (def->format == COVEY_FORMAT_BLOCK) {
        block_text(v, out, cap);
        return;
    }
    snprintf(out, cap, "%lu", (unsigned long)v);
    if (option == COVEY_OPTION_CONTENT_FORMAT ||
        option == COVEY_OPTION_ACCEPT) {
        const char *name = name_of(formats, COUNT(formats), v);

        snprintf(out + strlen(out), cap - strlen(out), "%s%s",
                 *name ? " " : "", name);
    }
}

static char *option_text(uint16_t option, schc_span value)
{
    const covey_option_def *def = covey_option_find(option);
    char text[80] = "";

    if (def != NULL && def->format == COVEY_FORMAT_STRING &&
        value.bits % 8 == 0) {
        return quoted(value);
    }
    if (def != NULL && (def->format == COVEY_FORMAT_UINT ||
                        def->format == COVEY_FORMAT_BLOCK)) {
        option_number_text(option, def, value, text, sizeof text);
    } else if (value.bits == 0) {
        snprintf(text, sizeof text, "empty");
    }
    return strdup(text);
}

static void protocol_text(uint32_t v, char *out, size_t cap)
{
    const char *name = name_of(protocols, COUNT(protocols), v);

    snprintf(out, cap, "%lu%s%s", (unsigned long)v, *name ? " " : "", name);
}

/* Header fields that are no plain number. */
static void header_text(uint8_t id, schc_span value, char *out, size_t cap)
{
    uint32_t v = value.bits <= 32
                     ? covey_bits_load(value.base, value.off, value.bits)
                     : 0;

    switch (id) {
    case COVEY_SCHC_IPV6_DEV_PREFIX:
    case COVEY_SCHC_IPV6_APP_PREFIX:
        half_address(value, true, out, cap);
        break;
    case COVEY_SCHC_IPV6_DEV_IID:
    case COVEY_SCHC_IPV6_APP_IID:
        half_address(value, false, out, cap);
        break;
    case COVEY_SCHC_IPV6_NEXT_HEADER:
        protocol_text(v, out, cap);
        break;
    case COVEY_SCHC_COAP_TYPE:
        snprintf(out, cap, "%s", coap_type_name((covey_coap_type)(v & 3)));
        break;
    case COVEY_SCHC_COAP_CODE:
        schc_code_text((uint8_t)v, out);
        break;
    case COVEY_SCHC_COAP_TKL:
        token_length(value, out, cap);
        break;
    case COVEY_SCHC_COAP_TOKEN:
    case COVEY_SCHC_UDP_CHECKSUM:
    case COVEY_SCHC_IPV6_FLOW_LABEL:
    case COVEY_SCHC_PAYLOAD:
        break;
    default:
        if (id < COVEY_SCHC_OPTION && value.bits <= 32) {
            snprintf(out, cap, "%lu", (unsigned long)v);
        }
        break;
    }
}

char *schc_value_text(uint8_t id, uint16_t option, schc_span value)
{
    char text[80] = "";

    if (value.base == NULL) {
        return strdup("");
    }
    if (id == COVEY_SCHC_OPTION) {
        return option_text(option, value);
    }
    if (value.bits == 0) {
        return strdup("empty");
    }
    header_text(id, value, text, sizeof text);
    return strdup(text);
}

char *schc_value_short(uint8_t id, uint16_t option, schc_span value)
{
    char *text = schc_value_text(id, option, value);
    char *hex;
    char *both;

    if (text == NULL || *text != '\0') {
        return text;
    }
    free(text);
    hex = schc_value_hex(value);
    if (hex == NULL) {
        return NULL;
    }
    both = malloc(strlen(hex) + 3);
    if (both != NULL) {
        memcpy(both, "0x", 2);
        memcpy(both + 2, hex, strlen(hex) + 1);
    }
    free(hex);
    return both;
}
