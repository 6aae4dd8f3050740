/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection: any bytes, in pieces, with what it answers read back. */
#include "coap_oracle.h"

#include <covey/exchange.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever it sends is a signal, and at most one of each kind waits. */
static void drain(covey_signal *s)
{
    uint8_t room[COVEY_SIGNAL_ROOM];
    covey_writer w = covey_writer_of(room, sizeof room);
    covey_coap_message m;
    size_t used;

    for (int n = 0; covey_signal_transmit(s, &w); n++) {
        oracle(n < 5);
        oracle(covey_coap_parse_stream(&m, covey_written(&w), &used) ==
                   COVEY_OK &&
               used == w.pos && m.code >> 5 == 7);
        w.pos = 0;
    }
    oracle(w.failed == COVEY_OK);
}

/* The first byte says after how many messages what is owed is sent. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const covey_signal_config config = { 512, true, 1000 };
    covey_signal s;
    covey_coap_message m;
    size_t at = 1;
    size_t used = 1;

    if (size == 0) {
        return 0;
    }
    covey_signal_init(&s, &config, 0);
    for (unsigned n = 1;; n++) {
        const covey_signal_verdict v = covey_signal_receive(
            &s, covey_bytes_of(data + at, size - at), &used, &m);
        oracle(used <= size - at && used <= config.max_message_size);
        oracle(v != COVEY_SIGNAL_MESSAGE || used >= 2);
        if (v == COVEY_SIGNAL_MESSAGE || v == COVEY_SIGNAL_RELEASED) {
            oracle_walk(&m);
        }
        at += used;
        if (v == COVEY_SIGNAL_WAIT || n % (data[0] + 1u) == 0) {
            drain(&s);
        }
        if (v == COVEY_SIGNAL_MORE || v == COVEY_SIGNAL_CLOSED) {
            oracle((v == COVEY_SIGNAL_CLOSED) ==
                   (covey_signal_ended(&s) != COVEY_SIGNAL_OPEN));
            break;
        }
    }
    drain(&s);
    return 0;
}
