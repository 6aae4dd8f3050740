/* SPDX-License-Identifier: BSD-2-Clause */
#include "respond.h"

enum {
    SZX = 6, /* the largest blocks over datagrams */
    BLOCK_MAX = 1024
};

/* The largest blocks with which a message is no longer than that. */
static uint8_t szx_within(size_t room)
{
    uint8_t szx = SZX;

    while (szx > 0 && room < RESPOND_AROUND + ((size_t)16 << szx)) {
        szx--;
    }
    return szx;
}

uint32_t respond_bert(uint32_t message_max)
{
    const uint32_t room =
        message_max > RESPOND_AROUND ? message_max - RESPOND_AROUND : 0;

    return room < RESPOND_BERT_MAX ? room : RESPOND_BERT_MAX;
}

void respond_slice(struct respond *how, const covey_coap_message *request,
                   const struct respond_bounds *bounds,
                   struct resource_answer *answer)
{
    const covey_serve serve = { .total = answer->body.size,
                                .room = bounds->bert,
                                .szx = bounds->bert >= BLOCK_MAX
                                           ? COVEY_SZX_BERT
                                           : szx_within(bounds->room),
                                .group = bounds->group };
    covey_bytes value;
    const uint8_t code = covey_serve_block(&how->slice, request, &serve);

    if (code != 0) {
        resource_end(answer);
        answer->code = code;
        answer->format = RESOURCE_NO_FORMAT;
        answer->has_etag = false;
        answer->observed = NULL;
        how->slice = (covey_slice){ .whole = true };
    }
    how->sliced =
        code == 0 && (!how->slice.whole ||
                      covey_option_get(request, COVEY_OPTION_BLOCK2, &value));
}

void respond_put(covey_coap_composer *c, const struct respond *how,
                 const struct resource_answer *a)
{
    uint8_t payload[RESPOND_BERT_MAX];

    if (a->has_etag) {
        covey_coap_put_option(c, COVEY_OPTION_ETAG,
                              covey_bytes_of(a->etag, sizeof a->etag));
    }
    if (how->has_observe) {
        covey_coap_put_uint(c, COVEY_OPTION_OBSERVE, how->observe);
    }
    if (a->format != RESOURCE_NO_FORMAT) {
        covey_coap_put_uint(c, COVEY_OPTION_CONTENT_FORMAT,
                            (uint32_t)a->format);
    }
    if (a->max_age != RESOURCE_MAX_AGE) {
        covey_coap_put_uint(c, COVEY_OPTION_MAX_AGE, a->max_age);
    }
    if (how->sliced) {
        covey_coap_put_block(c, COVEY_OPTION_BLOCK2, &how->slice.block);
    }
    if (how->has_block1) {
        covey_coap_put_block(c, COVEY_OPTION_BLOCK1, &how->block1);
    }
    if (how->sliced && how->slice.block.num == 0) {
        covey_coap_put_uint(c, COVEY_OPTION_SIZE2, (uint32_t)a->body.size);
    }
    if (a->size1 != 0) {
        covey_coap_put_uint(c, COVEY_OPTION_SIZE1, a->size1);
    }
    if (how->echo.ptr != NULL) {
        covey_coap_put_option(c, COVEY_OPTION_ECHO, how->echo);
    }
    const size_t len =
        resource_read(&a->body, how->slice.offset, payload, how->slice.len);
    covey_coap_put_payload(c, covey_bytes_of(payload, len));
}
