/* SPDX-License-Identifier: BSD-2-Clause */
/* Parsing of datagrams and of OSCORE plaintexts, and walking their options.
 * Which options exist and what their values mean is option_defs.c and
 * options.c; framing over streams is stream.c.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |Ver| T |  TKL  |      Code     |          Message ID           |
 * | TKL extension: 0, 1, 2 bytes  |  token ...
 * | delta | length | extensions of delta, of length | value ...
 * |      ff       |  payload ...
 *
 * Everything is checked once in covey_coap_parse; afterwards the walk cannot
 * fail. SCHC on a microcontroller links this file, so it is kept small: one
 * function knows how an option is laid out, one how a length is. */
#include "coap_internal.h"

#define HEADER_LEN 4u

uint32_t covey__coap_extended(covey_bytes in, size_t *pos, uint32_t nibble)
{
    size_t at = *pos;
    size_t n;
    uint32_t v;

    if (nibble < NIBBLE_EXT8) {
        return nibble;
    }
    n = nibble - NIBBLE_EXT8 + 1;
    if (n > in.len - at) {
        return EXTENDED_SHORT;
    }
    v = in.ptr[at];
    if (n == 1) {
        v += EXT8_BASE;
    } else {
        v = (v << 8 | in.ptr[at + 1]) + EXT16_BASE;
    }
    *pos = at + n;
    return v;
}

covey_status covey_coap_option_take(covey_bytes *list, uint32_t *number,
                                    covey_bytes *value)
{
    covey_bytes in = *list;
    size_t pos = 1;
    uint32_t delta;
    uint32_t length;

    if (in.len == 0) {
        return COVEY_E_SHORT;
    }
    delta = in.ptr[0] >> 4;
    length = in.ptr[0] & 0xf;
    if (delta == NIBBLE_LAST || length == NIBBLE_LAST) {
        return COVEY_E_FORMAT;
    }
    delta = covey__coap_extended(in, &pos, delta);
    if (delta == EXTENDED_SHORT) {
        return COVEY_E_SHORT;
    }
    delta += *number;
    if (delta > COVEY_COAP_OPTION_NUMBER_MAX) {
        return COVEY_E_FORMAT;
    }
    length = covey__coap_extended(in, &pos, length);
    if (length > in.len - pos) {
        return COVEY_E_SHORT;
    }
    *number = delta;
    *value = covey_bytes_of(in.ptr + pos, length);
    pos += length;
    *list = covey_bytes_of(in.ptr + pos, in.len - pos);
    return COVEY_OK;
}

covey_status covey__coap_parse_body(covey_coap_message *m, covey_bytes body)
{
    covey_bytes left = body;
    uint32_t number = 0;

    while (left.len > 0 && left.ptr[0] != COVEY_COAP_PAYLOAD_MARKER) {
        covey_bytes value;
        covey_status st = covey_coap_option_take(&left, &number, &value);
        if (st != COVEY_OK) {
            return st;
        }
    }
    /* RFC 7252 Section 3: a marker with nothing behind it. */
    if (left.len == 1) {
        return COVEY_E_FORMAT;
    }
    m->options = covey_bytes_of(body.ptr, body.len - left.len);
    m->payload = covey_bytes_of(NULL, 0);
    if (left.len > 0) {
        m->payload = covey_bytes_of(left.ptr + 1, left.len - 1);
    }
    return COVEY_OK;
}

covey_status covey_coap_parse(covey_coap_message *out, covey_bytes datagram)
{
    const uint8_t *p = datagram.ptr;
    covey_coap_message m;
    size_t pos = HEADER_LEN;
    uint32_t tkl;
    covey_status st;

    if (datagram.len < HEADER_LEN) {
        return COVEY_E_SHORT;
    }
    if (p[0] >> 6 != COVEY_COAP_VERSION) {
        return COVEY_E_UNSUPPORTED;
    }
    m.type = (covey_coap_type)(p[0] >> 4 & 3);
    m.code = p[1];
    m.message_id = (uint16_t)(p[2] << 8 | p[3]);
    tkl = p[0] & 0xf;
    /* RFC 7252 Section 4.1: an Empty message is its header and no more. */
    if (tkl == NIBBLE_LAST || (m.code == COVEY_COAP_EMPTY &&
                               (tkl != 0 || datagram.len != HEADER_LEN))) {
        return COVEY_E_FORMAT;
    }
    tkl = covey__coap_extended(datagram, &pos, tkl);
    if (tkl > datagram.len - pos) {
        return COVEY_E_SHORT;
    }
    m.token = covey_bytes_of(p + pos, tkl);
    pos += tkl;
    st = covey__coap_parse_body(&m,
                                covey_bytes_of(p + pos, datagram.len - pos));
    if (st == COVEY_OK) {
        *out = m;
    }
    return st;
}

covey_status covey_coap_parse_inner(covey_coap_message *out,
                                    covey_bytes plaintext)
{
    covey_coap_message m;
    covey_status st;

    if (plaintext.len == 0) {
        return COVEY_E_SHORT;
    }
    m.type = COVEY_COAP_CON;
    m.code = plaintext.ptr[0];
    m.message_id = 0;
    m.token = covey_bytes_of(plaintext.ptr, 0);
    if (m.code == COVEY_COAP_EMPTY && plaintext.len != 1) {
        return COVEY_E_FORMAT;
    }
    st = covey__coap_parse_body(
        &m, covey_bytes_of(plaintext.ptr + 1, plaintext.len - 1));
    if (st == COVEY_OK) {
        *out = m;
    }
    return st;
}

covey_coap_option_iter covey_coap_options_of(const covey_coap_message *m)
{
    covey_coap_option_iter it = { m->options, 0 };

    return it;
}

bool covey_coap_option_next(covey_coap_option_iter *it, covey_coap_option *out)
{
    uint32_t number = it->number;

    if (covey_coap_option_take(&it->left, &number, &out->value) != COVEY_OK) {
        return false;
    }
    it->number = (uint16_t)number;
    out->number = it->number;
    return true;
}

unsigned covey_coap_nibble(uint32_t value, uint8_t ext[2], size_t *ext_len)
{
    uint32_t rest = value - EXT16_BASE;

    *ext_len = 0;
    if (value < NIBBLE_EXT8) {
        return value;
    }
    if (value < EXT16_BASE) {
        ext[0] = (uint8_t)(value - EXT8_BASE);
        *ext_len = 1;
        return NIBBLE_EXT8;
    }
    if (value > COVEY_COAP_TOKEN_MAX) {
        return NIBBLE_LAST;
    }
    ext[0] = (uint8_t)(rest >> 8);
    ext[1] = (uint8_t)rest;
    *ext_len = 2;
    return NIBBLE_EXT16;
}
