/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks a message that the core refused, to say where it goes wrong. The core
 * only says what kind of fault it is, because a device would print no more. */
#include "coap_app.h"

/* Something is expected at `at` that is cut off or wrong. */
static bool fault(struct coap_fault *f, size_t at, const char *expected,
                  const char *section)
{
    f->at = at;
    f->expected = expected;
    f->section = section;
    return false;
}

/* How many bytes the extension of a 4-bit length takes. */
static size_t ext_len(unsigned nibble)
{
    return nibble < 13 ? 0 : nibble - 12;
}

static size_t extended(const uint8_t *p, unsigned nibble)
{
    if (nibble < 13) {
        return nibble;
    }
    return nibble == 13 ? p[0] + 13u : ((unsigned)p[0] << 8 | p[1]) + 269u;
}

/* One option at *at, summed into *number. */
static bool check_option(covey_bytes b, size_t *at, size_t *number,
                         struct coap_fault *f)
{
    static const char section[] = "RFC 7252 Section 3.1";
    unsigned delta = b.ptr[*at] >> 4;
    unsigned length = b.ptr[*at] & 0xf;
    size_t pos = *at + 1;

    if (delta == 15 || length == 15) {
        return fault(f, *at,
                     "an option delta and length of 0 to 14, or the payload "
                     "marker ff",
                     section);
    }
    if (ext_len(delta) > b.len - pos) {
        return fault(f, b.len, "the rest of an extended option delta",
                     section);
    }
    *number += extended(b.ptr + pos, delta);
    pos += ext_len(delta);
    if (*number > COVEY_COAP_OPTION_NUMBER_MAX) {
        return fault(f, *at, "an option number of at most 65535",
                     "RFC 7252 Sections 3.1 and 12.2");
    }
    if (ext_len(length) > b.len - pos) {
        return fault(f, b.len, "the rest of an extended option length",
                     section);
    }
    size_t value_len = extended(b.ptr + pos, length);
    pos += ext_len(length);
    if (value_len > b.len - pos) {
        return fault(f, b.len, "the rest of an option value", section);
    }
    *at = pos + value_len;
    return true;
}

/* Options, marker and payload from `at` to the end. */
static bool check_body(covey_bytes b, size_t at, struct coap_fault *f)
{
    size_t number = 0;

    while (at < b.len && b.ptr[at] != COVEY_COAP_PAYLOAD_MARKER) {
        if (!check_option(b, &at, &number, f)) {
            return false;
        }
    }
    if (at + 1 == b.len) {
        return fault(f, b.len, "a payload behind the payload marker",
                     "RFC 7252 Section 3");
    }
    return true;
}

/* Token length 0 to 14 in the low half of the first byte, its extension at
 * *at, and the token. */
static bool check_token(covey_bytes b, size_t *at, struct coap_fault *f)
{
    static const char section[] = "RFC 8974 Section 2.1";
    unsigned tkl = b.ptr[0] & 0xf;

    if (ext_len(tkl) > b.len - *at) {
        return fault(f, b.len, "the rest of an extended token length",
                     section);
    }
    size_t len = extended(b.ptr + *at, tkl);
    *at += ext_len(tkl);
    if (len > b.len - *at) {
        return fault(f, b.len, "the rest of the token",
                     len > 8 ? section : "RFC 7252 Section 3");
    }
    *at += len;
    return true;
}

static bool check_tkl(covey_bytes b, struct coap_fault *f)
{
    if ((b.ptr[0] & 0xf) == 15) {
        return fault(f, 0, "a token length field (TKL) of 0 to 14",
                     "RFC 8974 Section 2.1");
    }
    return true;
}

static bool check_datagram(covey_bytes b, struct coap_fault *f)
{
    size_t at = 4;

    if (b.len < 4) {
        return fault(f, b.len, "a header of four bytes", "RFC 7252 Section 3");
    }
    if (b.ptr[0] >> 6 != COVEY_COAP_VERSION) {
        return fault(f, 0, "version 1 in the two highest bits",
                     "RFC 7252 Section 3");
    }
    if (!check_tkl(b, f)) {
        return false;
    }
    if (b.ptr[1] == COVEY_COAP_EMPTY && (b.ptr[0] & 0xf) != 0) {
        return fault(f, 0, "no token in an Empty message (code 0.00)",
                     "RFC 7252 Section 4.1");
    }
    if (b.ptr[1] == COVEY_COAP_EMPTY && b.len > 4) {
        return fault(f, 4, "the end of an Empty message (code 0.00)",
                     "RFC 7252 Section 4.1");
    }
    return check_token(b, &at, f) && check_body(b, at, f);
}

static bool check_inner(covey_bytes b, struct coap_fault *f)
{
    if (b.len == 0) {
        return fault(f, 0, "a code", "RFC 8613 Section 5.3");
    }
    if (b.ptr[0] == COVEY_COAP_EMPTY && b.len > 1) {
        return fault(f, 1, "the end of an Empty message (code 0.00)",
                     "RFC 7252 Section 4.1");
    }
    return check_body(b, 1, f);
}

/* The length that a stream's message announces for options and payload. */
static uint64_t stream_length(covey_bytes b, unsigned nibble)
{
    uint64_t v = 0;

    if (nibble < 15) {
        return extended(b.ptr + 1, nibble);
    }
    for (size_t i = 1; i <= 4; i++) {
        v = v << 8 | b.ptr[i];
    }
    return v + 65805;
}

/* *complete is set when all bytes of the message are there. */
static bool check_stream(covey_bytes b, struct coap_fault *f, bool *complete)
{
    static const char section[] = "RFC 8323 Section 3.2";

    if (b.len == 0) {
        return fault(f, 0, "a message", section);
    }
    if (!check_tkl(b, f)) {
        *complete = true;
        return false;
    }
    unsigned nibble = b.ptr[0] >> 4;
    size_t at = 1 + (nibble == 15 ? 4 : ext_len(nibble));
    if (at >= b.len) {
        return fault(f, b.len,
                     at > b.len ? "the rest of an extended length" : "a code",
                     section);
    }
    uint64_t body = stream_length(b, nibble);
    if (b.ptr[at] == COVEY_COAP_EMPTY &&
        (body != 0 || (b.ptr[0] & 0xf) != 0)) {
        *complete = true;
        return fault(f, 0,
                     "no token and no length in an Empty message (code 0.00)",
                     "RFC 7252 Section 4.1");
    }
    at++;
    if (!check_token(b, &at, f)) {
        return false;
    }
    if (body > b.len - at) {
        return fault(f, b.len, "the rest of options and payload", section);
    }
    *complete = true;
    return check_body(covey_bytes_of(b.ptr, at + (size_t)body), at, f);
}

struct coap_fault coap_fault_find(enum coap_framing framing, covey_bytes bytes,
                                  bool *complete)
{
    struct coap_fault f = { 0, "a CoAP message", "RFC 7252 Section 3" };

    *complete = framing != COAP_STREAM;
    switch (framing) {
    case COAP_DATAGRAM:
        check_datagram(bytes, &f);
        break;
    case COAP_STREAM:
        check_stream(bytes, &f, complete);
        break;
    case COAP_INNER:
        check_inner(bytes, &f);
        break;
    }
    return f;
}
