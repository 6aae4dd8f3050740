/* SPDX-License-Identifier: BSD-2-Clause */
/* The program whose text is the footprint of SCHC: it matches, compresses and
 * decompresses, and does nothing else. What it works on comes from outside as
 * far as the compiler knows, so that nothing is computed at build time. It is
 * linked and measured (tools/size-report), never run. */
#include <covey/schc.h>

static const covey_schc_context *volatile context;
static uint8_t *volatile storage;
static volatile size_t length;

int main(void)
{
    covey_bytes packet = covey_bytes_of(storage, length);
    covey_bit_writer bits = covey_bit_writer_of(storage, length);
    covey_writer bytes = covey_writer_of(storage, length);
    covey_status st =
        covey_schc_compress(context, COVEY_SCHC_UP, packet, &bits, NULL);

    if (st == COVEY_OK) {
        st = covey_schc_decompress(context, COVEY_SCHC_UP,
                                   covey_bits_written(&bits), &bytes, NULL);
    }
    return (int)st;
}
