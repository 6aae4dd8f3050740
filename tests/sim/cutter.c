/* SPDX-License-Identifier: BSD-2-Clause */
#include "cutter.h"

void cut_begin(struct cut *c, covey_bytes message)
{
    static uint16_t first = 0x7000;

    memcpy(c->bytes, message.ptr, message.len);
    c->len = message.len;
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&c->whole,
                                            covey_bytes_of(c->bytes, c->len)));
    c->count = (unsigned)(c->whole.payload.len + CUT_BLOCK - 1) / CUT_BLOCK;
    first = (uint16_t)(first + 0x40);
    c->id = first;
    c->tag = covey_bytes_of(NULL, 0);
    c->token = covey_bytes_of(NULL, 0);
    c->tag_number = COVEY_OPTION_ETAG;
}

static void put_options(covey_coap_composer *c, const struct cut *from,
                        uint16_t number, const covey_block *block)
{
    covey_coap_option_iter it = covey_coap_options_of(&from->whole);
    covey_coap_option o;
    bool tagged = from->tag.ptr == NULL;

    while (covey_coap_option_next(&it, &o)) {
        if (!tagged && from->tag_number < o.number) {
            covey_coap_put_option(c, from->tag_number, from->tag);
            tagged = true;
        }
        covey_coap_put_option(c, o.number, o.value);
    }
    covey_coap_put_block(c, number, block);
    if (!tagged) {
        covey_coap_put_option(c, from->tag_number, from->tag);
    }
}

covey_bytes cut_block(struct cut *c, uint16_t number, unsigned num,
                      covey_coap_type type)
{
    static uint8_t bytes[STACK_MTU];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    const covey_block block = { num, num + 1 < c->count, CUT_SZX };
    covey_coap_message head = c->whole;
    covey_coap_composer composer;
    const size_t at = (size_t)num * CUT_BLOCK;
    const size_t left = c->whole.payload.len - at;

    head.type = type;
    head.message_id = c->id++;
    if (c->token.ptr != NULL) {
        head.token = c->token;
    }
    composer = covey_coap_compose(&w, &head);
    put_options(&composer, c, number, &block);
    covey_coap_put_payload(
        &composer, covey_bytes_of(c->whole.payload.ptr + at,
                                  left < CUT_BLOCK ? left : CUT_BLOCK));
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&composer));
    return covey_written(&w);
}

void cut_expect(const covey_coap_message *m, uint16_t number, unsigned num,
                bool more)
{
    covey_block block;

    assert_true(covey_option_sound_block(m, number, &block));
    assert_int_equal(block.num, num);
    assert_int_equal(block.more, more);
}
