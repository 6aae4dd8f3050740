/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages from lists of options, for the tests of this folder. */
#ifndef COVEY_TEST_PROXY_COMPOSE_H
#define COVEY_TEST_PROXY_COMPOSE_H

#include <covey/proxy.h>
#include <kit.h>

struct option {
    uint16_t number; /* 0 ends the list */
    const char *text;
    size_t len; /* 0: that of the text */
};

static inline covey_coap_message
compose(uint8_t *storage, size_t cap, uint8_t code, const struct option *list)
{
    covey_writer w = covey_writer_of(storage, cap);
    covey_coap_composer c = covey_coap_compose_inner(&w, code);
    covey_coap_message m;

    for (; list->number != 0; list++) {
        covey_coap_put_option(
            &c, list->number,
            list->len > 0
                ? covey_bytes_of((const uint8_t *)list->text, list->len)
                : covey_bytes_text(list->text));
    }
    covey_coap_put_payload(&c, SPAN("payload"));
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_STATUS(COVEY_OK, covey_coap_parse_inner(&m, covey_written(&w)));
    return m;
}

#endif
