/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages on a reliable stream, RFC 8323 Section 3.2, with the tokens of RFC
 * 8974 Section 2.1. There is no version, type or Message ID.
 *
 * |  Len  |  TKL  | extended length: 0, 1, 2, 4 bytes |  Code  |
 * | TKL extension: 0, 1, 2 bytes  |  token ...
 * | options ... | ff | payload ...      these are what Len counts
 *
 * Signalling (codes 7.xx) is another matter: exchange.h. */
#include "coap_internal.h"

#include <string.h>

/* What Len and its extension at stream.ptr[*pos] say; false if more bytes are
 * needed. 64 bits, because the largest extension plus its base has 33. */
static bool body_length(covey_bytes stream, size_t *pos, uint64_t *out)
{
    unsigned nibble = stream.ptr[0] >> 4;
    uint32_t v = 0;

    if (nibble != NIBBLE_LAST) {
        v = covey__coap_extended(stream, pos, nibble);
        *out = v;
        return v != EXTENDED_SHORT;
    }
    if (stream.len - *pos < 4) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        v = v << 8 | stream.ptr[(*pos)++];
    }
    *out = (uint64_t)v + EXT32_BASE;
    return true;
}

/* Where everything lies in the stream. */
struct frame {
    uint8_t code;
    uint32_t token_len;
    size_t token;
    uint64_t body_len;
};

/* The end of the frame need not have arrived. */
static covey_status find_frame(struct frame *f, covey_bytes stream)
{
    size_t pos = 1;
    unsigned tkl;

    if (stream.len == 0) {
        return COVEY_E_SHORT;
    }
    tkl = stream.ptr[0] & 0xf;
    if (tkl == NIBBLE_LAST) {
        return COVEY_E_FORMAT;
    }
    if (!body_length(stream, &pos, &f->body_len) || pos == stream.len) {
        return COVEY_E_SHORT;
    }
    f->code = stream.ptr[pos];
    pos++;
    if (f->code == COVEY_COAP_EMPTY && (tkl != 0 || f->body_len != 0)) {
        return COVEY_E_FORMAT;
    }
    f->token_len = covey__coap_extended(stream, &pos, tkl);
    f->token = pos;
    return f->token_len == EXTENDED_SHORT ? COVEY_E_SHORT : COVEY_OK;
}

covey_status covey_coap_stream_length(covey_bytes stream, uint64_t *length)
{
    struct frame f;
    covey_status st = find_frame(&f, stream);

    if (st == COVEY_OK) {
        *length = f.token + f.token_len + f.body_len;
    }
    return st;
}

covey_status covey_coap_parse_stream(covey_coap_message *out,
                                     covey_bytes stream, size_t *used)
{
    struct frame f;
    covey_coap_message m;
    const uint8_t *body;
    covey_status st = find_frame(&f, stream);

    if (st != COVEY_OK) {
        return st;
    }
    if (f.token_len > stream.len - f.token ||
        f.body_len > stream.len - f.token - f.token_len) {
        return COVEY_E_SHORT;
    }
    m.type = COVEY_COAP_CON;
    m.code = f.code;
    m.message_id = 0;
    m.token = covey_bytes_of(stream.ptr + f.token, f.token_len);
    body = m.token.ptr + f.token_len;
    /* The message is there in full, so no further byte can mend it. */
    if (covey__coap_parse_body(&m, covey_bytes_of(body, (size_t)f.body_len)) !=
        COVEY_OK) {
        return COVEY_E_FORMAT;
    }
    *out = m;
    *used = f.token + f.token_len + (size_t)f.body_len;
    return COVEY_OK;
}

/* --- framing ------------------------------------------------------------- */

unsigned covey__coap_stream_len(size_t len, uint8_t ext[4], size_t *ext_len)
{
    uint32_t over;

    if (len < EXT32_BASE) {
        return covey_coap_nibble((uint32_t)len, ext, ext_len);
    }
    *ext_len = 0;
    if (len - EXT32_BASE <= UINT32_MAX) {
        over = (uint32_t)(len - EXT32_BASE);
        for (unsigned i = 0; i < 4; i++) {
            ext[i] = (uint8_t)(over >> (24 - 8 * i));
        }
        *ext_len = 4;
    }
    return NIBBLE_LAST;
}

/* Both framings agree from the extension of the TKL on; before it stand four
 * bytes in datagrams, and two to six in streams. */
covey_status covey_coap_reframe(covey_writer *message)
{
    enum {
        HEAD = 4,
        CODE_AT = 1
    };
    uint8_t *head = message->base;
    covey_coap_message m;
    uint8_t ext[4];
    uint8_t code;
    size_t ext_len;
    size_t body;
    unsigned nibble;
    covey_status st = covey_coap_parse(&m, covey_written(message));

    if (st != COVEY_OK) {
        return COVEY_E_ARGUMENT;
    }
    code = head[CODE_AT];
    body = message->pos - (size_t)(m.token.ptr - head) - m.token.len;
    nibble = covey__coap_stream_len(body, ext, &ext_len);
    if (nibble == NIBBLE_LAST && ext_len == 0) {
        return COVEY_E_ARGUMENT;
    }
    if (ext_len + 2 > HEAD + message->cap - message->pos) {
        return COVEY_E_ROOM;
    }
    memmove(head + 2 + ext_len, head + HEAD, message->pos - HEAD);
    head[0] = (uint8_t)(nibble << 4 | (head[0] & 0xfu));
    memcpy(head + 1, ext, ext_len);
    head[1 + ext_len] = code;
    message->pos = message->pos - HEAD + 2 + ext_len;
    return COVEY_OK;
}
