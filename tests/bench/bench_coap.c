/* SPDX-License-Identifier: BSD-2-Clause */
/* The CoAP codec: parsing and walking, and composing, a request of 31 bytes
 * with token, two path segments, a query and Accept. */
#include "bench.h"

#include <covey/coap_options.h>

#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])

/* clang-format off */
static const uint8_t request[] = {
    0x44, 0x01, 0x12, 0x34, 0xa1, 0xb2, 0xc3, 0xd4,      /* CON GET, token */
    0xb7, 's', 'e', 'n', 's', 'o', 'r', 's',             /* Uri-Path */
    0x04, 't', 'e', 'm', 'p',                            /* Uri-Path */
    0x44, 'u', '=', 'C', '1',                            /* Uri-Query */
    0x21, 0x3c,                                          /* Accept 60 */
    0xff, 'h', 'i',
};
/* clang-format on */

static uint8_t storage[64];

static uint32_t copy(void *state, uint32_t times)
{
    volatile uint8_t *out = storage;
    uint32_t sum = 0;

    (void)state;
    for (uint32_t i = 0; i < times; i++) {
        memcpy(storage, request, sizeof request);
        sum += out[i % sizeof request];
    }
    return sum;
}

static uint32_t parse(void *state, uint32_t times)
{
    uint32_t sum = 0;

    (void)state;
    for (uint32_t i = 0; i < times; i++) {
        covey_coap_message m;
        covey_coap_option o;
        if (covey_coap_parse(&m, covey_bytes_of(request, sizeof request)) !=
            COVEY_OK) {
            return 0;
        }
        covey_coap_option_iter it = covey_coap_options_of(&m);
        while (covey_coap_option_next(&it, &o)) {
            sum += o.number + (uint32_t)o.value.len;
        }
    }
    return sum;
}

static uint32_t compose(void *state, uint32_t times)
{
    covey_coap_message m;
    uint32_t sum = 0;

    (void)state;
    if (covey_coap_parse(&m, covey_bytes_of(request, sizeof request)) !=
        COVEY_OK) {
        return 0;
    }
    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(storage, sizeof storage);
        covey_coap_composer c = covey_coap_compose(&w, &m);
        covey_coap_option_iter it = covey_coap_options_of(&m);
        covey_coap_option o;
        while (covey_coap_option_next(&it, &o)) {
            covey_coap_put_option(&c, o.number, o.value);
        }
        covey_coap_put_payload(&c, m.payload);
        sum += (uint32_t)covey_coap_finish(&c) + (uint32_t)w.pos;
    }
    return sum;
}

int main(int argc, char **argv)
{
    const bench_case cases[] = {
        { "copy of the message", copy, NULL, -1, sizeof request },
        { "parse and walk the options", parse, NULL, 0, sizeof request },
        { "walk and compose", compose, NULL, 0, sizeof request },
    };

    return bench_main(argc, argv, cases, COUNT_OF(cases), NULL);
}
