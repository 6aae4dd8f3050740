/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a SCHC packet. What is refused leaves no trace; what is
 * accepted is a packet that can be sent again, and comes back the same. */
#include "schc_links.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t packet[140000], out[140000], back[140000];
    covey_writer w = covey_writer_of(packet, sizeof packet);
    covey_bit_writer schc = covey_bit_writer_of(out, sizeof out);
    covey_writer again = covey_writer_of(back, sizeof back);
    covey_schc_outcome outcome = { 0, 0, 0 };
    covey_schc_rules set;
    covey_schc_context ctx;
    covey_schc_direction direction;
    covey_status st;

    if (size < 1 || size > 65000) {
        return 0;
    }
    direction = link_open(data[0], &set, &ctx);
    st = covey_schc_decompress(
        &ctx, direction, covey_bytes_of(data + 1, size - 1), &w, &outcome);
    if (st != COVEY_OK) {
        EXPECT(w.pos == 0 && w.failed == COVEY_OK);
        EXPECT(st != COVEY_E_ARGUMENT);
        return 0;
    }
    EXPECT(outcome.rule < set.count);
    EXPECT(outcome.residue == set.rules[outcome.rule].id_bits);
    EXPECT(outcome.payload >= outcome.residue &&
           outcome.payload <= (size - 1) * 8);
    if (w.pos > COVEY_SCHC_PACKET_MAX) {
        return 0;
    }
    EXPECT(covey_schc_compress(&ctx, direction, covey_written(&w), &schc,
                               NULL) == COVEY_OK);
    EXPECT(covey_schc_decompress(&ctx, direction, covey_bits_written(&schc),
                                 &again, NULL) == COVEY_OK);
    EXPECT(covey_bytes_equal(covey_written(&w), covey_written(&again)));
    return 0;
}
