/* SPDX-License-Identifier: BSD-2-Clause */
/* A stream: every message that comes off it composes to the bytes that it
 * took, and no shorter piece of the stream would have given it. */
#include "coap_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *room = malloc(size + 1);
    covey_coap_message m;
    covey_coap_message shorter;
    size_t at = 0;
    uint64_t length = 0;
    size_t used;
    size_t unused;

    oracle(room != NULL);
    while (covey_coap_parse_stream(&m, covey_bytes_of(data + at, size - at),
                                   &used) == COVEY_OK) {
        covey_writer w = covey_writer_of(room, used);
        covey_coap_composer c = covey_coap_compose_stream(&w, &m);
        oracle(used >= 2 && used <= size - at);
        oracle(covey_coap_stream_length(covey_bytes_of(data + at, used),
                                        &length) == COVEY_OK &&
               length == used);
        oracle_walk(&m);
        oracle_recompose(&c, &m);
        oracle(w.pos == used && memcmp(room, data + at, used) == 0);
        oracle(covey_coap_parse_stream(&shorter,
                                       covey_bytes_of(data + at, used - 1),
                                       &unused) == COVEY_E_SHORT);
        at += used;
    }
    free(room);
    return 0;
}
