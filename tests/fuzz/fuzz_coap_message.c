/* SPDX-License-Identifier: BSD-2-Clause */
/* A datagram, and the same bytes as an OSCORE plaintext: what is accepted can
 * be walked and composes to the same bytes. */
#include "coap_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_bytes b = covey_bytes_of(data, size);
    uint8_t *room = malloc(size + 1);
    covey_coap_message m;

    oracle(room != NULL);
    if (covey_coap_parse(&m, b) == COVEY_OK) {
        covey_writer w = covey_writer_of(room, size);
        covey_coap_composer c = covey_coap_compose(&w, &m);
        oracle_walk(&m);
        oracle_recompose(&c, &m);
        oracle(w.pos == size && memcmp(room, data, size) == 0);
    }
    if (covey_coap_parse_inner(&m, b) == COVEY_OK) {
        covey_writer w = covey_writer_of(room, size);
        covey_coap_composer c = covey_coap_compose_inner(&w, m.code);
        oracle_walk(&m);
        oracle_recompose(&c, &m);
        oracle(w.pos == size && memcmp(room, data, size) == 0);
    }
    free(room);
    return 0;
}
