/* SPDX-License-Identifier: BSD-2-Clause */
/* Target values. A file gives an unsigned integer, right-aligned in its bits:
 * as hex digits, as base64 (RFC 7951 Section 6.6), as a JSON number, or as
 * the text that the bytes stand for. The core wants it left-aligned.
 *
 * RFC 9363 Section 4.7 speaks of values aligned to the left, its implementers
 * write integers aligned to the right ("01" for the version, two bits), and so
 * do the published rule sets; here it is the right. A value that only makes
 * sense the other way does not fit its field and is refused. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define VALUE_BYTES_MAX ((size_t)8191) /* 65535 bits */
#define SOURCE_TV       "RFC 9363 Section 4.7"

enum {
    V_INDEX,
    V_VALUE,
    V_BITS,
    V_TEXT,
    V_COVEY_TEXT,
    V_COUNT
};
static const char *const value_members[V_COUNT] = { "index", "value", "bits",
                                                    "text", "covey:text" };
static const rules_names value_names = { value_members, V_COUNT, false };

static bool out_of_range(rules_loader *l, struct fy_node *node, uint32_t bits)
{
    rules_error(l, node, SOURCE_TV,
                "the value does not fit in %u bits; it is an unsigned integer "
                "aligned to the right",
                (unsigned)bits);
    return false;
}

bool rules_store(rules_loader *l, struct fy_node *node, covey_bytes integer,
                 uint32_t bits, covey_schc_value *out)
{
    const uint32_t have = (uint32_t)integer.len * 8;
    uint8_t *bytes = rules_alloc(l, bits / 8 + 1, 1);
    uint32_t skip = have > bits ? have - bits : 0;

    if (bytes == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < skip; i++) {
        if (covey_bits_load(integer.ptr, i, 1) != 0) {
            return out_of_range(l, node, bits);
        }
    }
    covey_bits_copy(bytes, bits - (have - skip), integer.ptr, skip,
                    have - skip);
    out->bytes = bytes;
    out->bits = (uint16_t)bits;
    return true;
}

covey_bytes rules_minimal(uint64_t n, size_t zero, uint8_t buf[8])
{
    size_t len = 0;

    for (size_t i = 0; i < 8; i++) {
        buf[i] = (uint8_t)(n >> (56 - 8 * i));
    }
    while (len < 8 && buf[7 - len] != 0) {
        len++;
    }
    for (size_t i = 0; i < 8 - len; i++) {
        if (buf[i] != 0) {
            len = 8 - i;
            break;
        }
    }
    len = len < zero ? zero : len;
    return covey_bytes_of(buf + 8 - len, len);
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hex digits, an odd number of them too, as bytes of an integer. */
static covey_bytes from_hex(rules_loader *l, struct fy_node *node,
                            covey_bytes text)
{
    const size_t len = text.len / 2 + text.len % 2;
    uint8_t *out = rules_alloc(l, len + 1, 1);
    covey_bytes none = { NULL, 0 };
    size_t at = text.len % 2;

    for (size_t i = 0; out != NULL && i < text.len; i++, at++) {
        const int digit = hex_digit(text.ptr[i]);
        if (digit < 0) {
            rules_error(l, node, "covey-rules(5)",
                        "expected hex digits, found '%c' at digit %zu",
                        text.ptr[i], i + 1);
            return none;
        }
        out[at / 2] = (uint8_t)(out[at / 2] << 4 | digit);
    }
    return out != NULL ? covey_bytes_of(out, len) : none;
}

static int base64_digit(uint8_t c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Base64 with padding, RFC 4648 Section 4; bits behind the last byte are
 * zero, so that one value has one form. */
static covey_bytes from_base64(rules_loader *l, struct fy_node *node,
                               covey_bytes text)
{
    uint8_t *out = rules_alloc(l, text.len / 4 * 3 + 1, 1);
    covey_bytes none = { NULL, 0 };
    size_t digits = text.len;
    uint32_t held = 0;
    size_t len = 0;

    while (digits > 0 && text.len - digits < 2 &&
           text.ptr[digits - 1] == '=') {
        digits--;
    }
    bool good = out != NULL && text.len % 4 == 0;
    for (size_t i = 0; good && i < digits; i++) {
        const int digit = base64_digit(text.ptr[i]);
        good = digit >= 0;
        held = (held << 6 | (uint32_t)(digit & 63)) & 0xffffff;
        if (i % 4 != 0) {
            out[len++] = (uint8_t)(held >> (6 - 2 * (i % 4)));
        }
    }
    /* of 24 bits the last group fills 24, 16 or 8 */
    if (good && digits % 4 != 0) {
        good = (held & (digits % 4 == 3 ? 0x3u : 0xfu)) == 0;
    }
    if (!good) {
        rules_error(l, node, "RFC 4648 Section 4",
                    "expected base64 with padding");
        return none;
    }
    return covey_bytes_of(out, len);
}

/* An option whose value is an integer in the fewest bytes, RFC 7252 Section
 * 3.2. */
static bool is_uint_option(const covey_schc_field *f)
{
    const covey_option_def *def =
        f->id == COVEY_SCHC_OPTION ? covey_option_find(f->option) : NULL;

    return def != NULL && (def->format == COVEY_FORMAT_UINT ||
                           def->format == COVEY_FORMAT_BLOCK);
}

/* The bytes of a value, and how many bits it has if nothing says otherwise.
 * An absent span: an error was reported. */
typedef struct raw_value {
    covey_bytes bytes;
    uint32_t bits;
    bool whole_bytes; /* no odd digit */
    uint8_t number[8];
} raw_value;

static void read_number(rules_loader *l, struct fy_node *node,
                        const covey_schc_field *f, bool bits_given,
                        raw_value *raw)
{
    uint64_t n = 0;

    if (f->length != COVEY_SCHC_FL_FIXED && !bits_given &&
        !is_uint_option(f)) {
        rules_error(l, node, SOURCE_TV,
                    "a number needs a fixed field length, \"bits\", or an "
                    "option whose value is an integer; give hex digits");
        return;
    }
    if (!rules_json_unsigned(node, UINT64_MAX, &n)) {
        rules_error(l, node, SOURCE_TV,
                    "expected an integer from 0 to 2^64-1");
        return;
    }
    raw->bytes = rules_minimal(n, 0, raw->number);
    raw->bits = (uint32_t)raw->bytes.len * 8;
    raw->whole_bytes = true;
}

static void read_digits(rules_loader *l, struct fy_node *node,
                        covey_bytes text, raw_value *raw)
{
    if (text.len > 2 * VALUE_BYTES_MAX) {
        rules_error(l, node, SOURCE_TV, "a target value has at most %zu bytes",
                    VALUE_BYTES_MAX);
    } else if (l->base64) {
        raw->bytes = from_base64(l, node, text);
        raw->whole_bytes = true;
    } else {
        raw->bytes = from_hex(l, node, text);
        raw->whole_bytes = text.len % 2 == 0;
    }
    raw->bits = (uint32_t)raw->bytes.len * 8;
}

static void read_raw(rules_loader *l, struct fy_node *item,
                     struct fy_node *const *m, const covey_schc_field *f,
                     raw_value *raw)
{
    struct fy_node *text = m[V_TEXT] ? m[V_TEXT] : m[V_COVEY_TEXT];
    struct fy_node *node = text ? text : m[V_VALUE];
    const covey_bytes string = rules_json_bytes(node);

    if ((m[V_VALUE] != NULL) == (text != NULL) ||
        (m[V_TEXT] != NULL && m[V_COVEY_TEXT] != NULL)) {
        rules_error(l, item, SOURCE_TV,
                    "expected either \"value\" or \"covey:text\"");
    } else if (text != NULL && string.len <= VALUE_BYTES_MAX) {
        raw->bytes = string;
        raw->bits = (uint32_t)string.len * 8;
        raw->whole_bytes = true;
        if (string.ptr == NULL) {
            rules_error(l, node, "covey-rules(5)",
                        "expected a string, found %s",
                        rules_json_kind_name(node));
        }
    } else if (text == NULL && string.ptr != NULL) {
        read_digits(l, node, string, raw);
    } else if (rules_json_kind_of(node) == RULES_JSON_NUMBER) {
        read_number(l, node, f, m[V_BITS] != NULL, raw);
    } else {
        rules_error(l, node, SOURCE_TV,
                    text ? "a target value has at most 8191 bytes"
                         : "expected a string of digits or an integer");
    }
}

/* How many bits the value has: as it says, as the field says, as its bytes
 * say. */
static bool read_bits(rules_loader *l, struct fy_node *item,
                      struct fy_node *const *m, const covey_schc_field *f,
                      raw_value *raw)
{
    const bool fixed = f->length == COVEY_SCHC_FL_FIXED;
    const bool text = m[V_VALUE] == NULL;
    uint64_t given = 0;

    if (m[V_BITS] != NULL) {
        if (!rules_json_unsigned(m[V_BITS], UINT16_MAX, &given)) {
            rules_error(l, m[V_BITS], "covey-rules(5)",
                        "expected an integer from 0 to 65535");
            return false;
        }
    } else if (fixed) {
        given = f->bits;
    } else if (raw->whole_bytes) {
        given = raw->bits;
    } else {
        rules_error(l, item, SOURCE_TV,
                    "odd number of hex digits: of how many bits? give "
                    "\"bits\"");
        return false;
    }
    if ((text && given != raw->bits) || (fixed && given > f->bits)) {
        rules_error(l, item, SOURCE_TV,
                    "the value has %u bits, the field has %u",
                    (unsigned)(text ? raw->bits : given),
                    (unsigned)(fixed ? f->bits : given));
        return false;
    }
    raw->bits = (uint32_t)given;
    return true;
}

/* One entry of the list. */
static bool read_value(rules_loader *l, struct fy_node *item,
                       const covey_schc_field *f, covey_schc_value *out,
                       uint64_t *index)
{
    struct fy_node *m[V_COUNT] = { NULL };
    raw_value raw = { { NULL, 0 }, 0, false, { 0 } };

    if (!rules_members(l, item, "a target value", &value_names, m)) {
        return false;
    }
    if (m[V_INDEX] != NULL &&
        !rules_json_unsigned(m[V_INDEX], UINT16_MAX, index)) {
        rules_error(l, m[V_INDEX], SOURCE_TV,
                    "expected an integer from 0 to 65535");
        return false;
    }
    if (m[V_INDEX] == NULL) {
        *index = UINT64_MAX;
    }
    read_raw(l, item, m, f, &raw);
    return raw.bytes.ptr != NULL && read_bits(l, item, m, f, &raw) &&
           rules_store(l, item, raw.bytes, raw.bits, out);
}

/* Puts one value at the place that its index names. */
static bool place(rules_loader *l, struct fy_node *item,
                  const covey_schc_field *f, covey_schc_value *values,
                  size_t count)
{
    covey_schc_value v = { NULL, 0 };
    uint64_t index = 0;

    if (!read_value(l, item, f, &v, &index)) {
        return false;
    }
    if (index == UINT64_MAX && count > 1) {
        rules_error(l, item, SOURCE_TV, "member \"index\" is missing");
        return false;
    }
    index = index == UINT64_MAX ? 0 : index;
    if (index >= count) {
        rules_error(l, item, SOURCE_TV,
                    "index %u leaves a gap: the %zu values have the indices "
                    "0 to %zu",
                    (unsigned)index, count, count - 1);
        return false;
    }
    if (values[index].bytes != NULL) {
        rules_error(l, item, SOURCE_TV, "index %u occurs twice",
                    (unsigned)index);
        return false;
    }
    values[index] = v;
    return true;
}

bool rules_values(rules_loader *l, struct fy_node *list, covey_schc_field *f)
{
    const size_t count = rules_json_count(list);
    covey_schc_value *values;
    void *at = NULL;
    struct fy_node *item;
    const char *key;
    bool good = true;

    if (rules_json_kind_of(list) != RULES_JSON_ARRAY || count > UINT16_MAX) {
        rules_error(l, list, SOURCE_TV,
                    "expected an array of up to 65535 values, found %s",
                    rules_json_kind_name(list));
        return false;
    }
    values = rules_alloc(l, count, sizeof *values);
    if (values == NULL) {
        return false;
    }
    while (rules_json_next(list, &at, &key, &item)) {
        good = place(l, item, f, values, count) && good;
    }
    f->values = count > 0 ? values : NULL;
    f->value_count = good ? (uint16_t)count : 0;
    return good;
}
