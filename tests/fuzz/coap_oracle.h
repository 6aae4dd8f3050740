/* SPDX-License-Identifier: BSD-2-Clause */
/* What holds for every message that a parser accepted. */
#ifndef COVEY_FUZZ_COAP_ORACLE_H
#define COVEY_FUZZ_COAP_ORACLE_H

#include <covey/coap.h>

#include <stdlib.h>
#include <string.h>

static inline void oracle(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* The walk takes the whole list, in order, inside of the message. */
static inline void oracle_walk(const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    const uint8_t *end = m->options.ptr + m->options.len;
    covey_coap_option o;
    uint16_t before = 0;

    while (covey_coap_option_next(&it, &o)) {
        oracle(o.number >= before);
        oracle(o.value.ptr > m->options.ptr && o.value.ptr <= end);
        oracle(o.value.len <= (size_t)(end - o.value.ptr));
        before = o.number;
    }
    oracle(it.left.len == 0);
    oracle((m->payload.ptr == NULL) == (m->payload.len == 0));
}

/* Options and payload of m, composed again. */
static inline void oracle_recompose(covey_coap_composer *c,
                                    const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o)) {
        covey_coap_put_option(c, o.number, o.value);
    }
    covey_coap_put_payload(c, m->payload);
    oracle(covey_coap_finish(c) == COVEY_OK);
}

#endif
