/* SPDX-License-Identifier: BSD-2-Clause */
/* Composing messages, front to back. Every length has one encoding only, so
 * composing what was parsed gives the same bytes.
 *
 * Over streams the length stands in front of what it counts. It is left out
 * at first; covey_coap_finish moves what follows by up to four bytes. */
#include "coap_internal.h"

#include <covey/coap_options.h>

#include <string.h>

static void fail(covey_coap_composer *c, covey_status st)
{
    if (c->failed == COVEY_OK) {
        c->failed = st;
    }
}

static covey_coap_composer composer_of(covey_writer *out, uint8_t code)
{
    covey_coap_composer c = { 0 };

    c.out = out;
    c.start = out->pos;
    c.empty = code == COVEY_COAP_EMPTY;
    return c;
}

/* The first byte of a header and everything up to the end of the token; the
 * TKL goes into the low half of `first`. `rest` are the bytes in between. */
static void put_header(covey_coap_composer *c, unsigned first,
                       covey_bytes rest, covey_bytes token)
{
    uint8_t ext[2];
    size_t ext_len;
    unsigned tkl = NIBBLE_LAST;

    if (token.len <= COVEY_COAP_TOKEN_MAX) {
        tkl = covey_coap_nibble((uint32_t)token.len, ext, &ext_len);
    }
    if (tkl == NIBBLE_LAST || (c->empty && tkl != 0)) {
        fail(c, COVEY_E_ARGUMENT);
        return;
    }
    covey_write_u8(c->out, (uint8_t)(first | tkl));
    covey_write_bytes(c->out, rest);
    covey_write_bytes(c->out, covey_bytes_of(ext, ext_len));
    covey_write_bytes(c->out, token);
}

covey_coap_composer covey_coap_compose(covey_writer *out,
                                       const covey_coap_message *header)
{
    covey_coap_composer c = composer_of(out, header->code);
    uint8_t rest[3] = { header->code, (uint8_t)(header->message_id >> 8),
                        (uint8_t)header->message_id };

    put_header(&c,
               COVEY_COAP_VERSION << 6 | ((unsigned)header->type & 3u) << 4,
               covey_bytes_of(rest, sizeof rest), header->token);
    return c;
}

covey_coap_composer covey_coap_compose_inner(covey_writer *out, uint8_t code)
{
    covey_coap_composer c = composer_of(out, code);

    covey_write_u8(out, code);
    return c;
}

covey_coap_composer covey_coap_compose_stream(covey_writer *out,
                                              const covey_coap_message *head)
{
    covey_coap_composer c = composer_of(out, head->code);

    c.stream = true;
    put_header(&c, 0, covey_bytes_of(&head->code, 1), head->token);
    c.body = out->pos;
    return c;
}

void covey_coap_put_option(covey_coap_composer *c, uint16_t number,
                           covey_bytes value)
{
    uint8_t delta_ext[2];
    uint8_t length_ext[2];
    size_t delta_ext_len;
    size_t length_ext_len;
    unsigned delta;
    unsigned length;

    if (c->empty || c->has_payload || number < c->number ||
        value.len > COVEY_COAP_OPTION_LENGTH_MAX) {
        fail(c, COVEY_E_ARGUMENT);
        return;
    }
    delta = covey_coap_nibble((uint32_t)number - c->number, delta_ext,
                              &delta_ext_len);
    length =
        covey_coap_nibble((uint32_t)value.len, length_ext, &length_ext_len);
    covey_write_u8(c->out, (uint8_t)(delta << 4 | length));
    covey_write_bytes(c->out, covey_bytes_of(delta_ext, delta_ext_len));
    covey_write_bytes(c->out, covey_bytes_of(length_ext, length_ext_len));
    covey_write_bytes(c->out, value);
    c->number = number;
}

void covey_coap_put_uint(covey_coap_composer *c, uint16_t number,
                         uint32_t value)
{
    uint8_t buf[4];

    covey_coap_put_option(c, number, covey_option_uint_encode(value, buf));
}

void covey_coap_put_payload(covey_coap_composer *c, covey_bytes payload)
{
    if (payload.len == 0) {
        return;
    }
    if (c->empty || c->has_payload) {
        fail(c, COVEY_E_ARGUMENT);
        return;
    }
    covey_write_u8(c->out, COVEY_COAP_PAYLOAD_MARKER);
    covey_write_bytes(c->out, payload);
    c->has_payload = true;
}

/* The stream's Len and its extension, RFC 8323 Section 3.2. */
static void patch_length(covey_coap_composer *c)
{
    size_t tail = c->out->pos - (c->start + 1);
    uint8_t ext[4];
    size_t ext_len;
    unsigned nibble =
        covey__coap_stream_len(c->out->pos - c->body, ext, &ext_len);
    uint8_t *head;

    if (nibble == NIBBLE_LAST && ext_len == 0) {
        fail(c, COVEY_E_ARGUMENT);
        return;
    }
    if (covey_write_reserve(c->out, ext_len) == NULL) {
        return;
    }
    head = c->out->base + c->start;
    head[0] = (uint8_t)(head[0] | nibble << 4);
    memmove(head + 1 + ext_len, head + 1, tail);
    memcpy(head + 1, ext, ext_len);
}

covey_status covey_coap_finish(covey_coap_composer *c)
{
    if (c->failed == COVEY_OK && c->out->failed == COVEY_OK && c->stream) {
        patch_length(c);
    }
    fail(c, c->out->failed);
    return c->failed;
}
