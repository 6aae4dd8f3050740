/* SPDX-License-Identifier: BSD-2-Clause */
/* SCHC on the processor itself, with rules as constant tables: each packet
 * compresses to what the host says, and comes back bit for bit; cut short it
 * is refused or gives another packet, but never more than there is room for.
 * Ends with the depth of the stack, which docs/performance.md quotes. */
#include "cases.h"
#include "runner.h"

#include <string.h>

enum {
    ROOM = 512
};

static const target_case *current;
static uint8_t compressed[ROOM];
static uint8_t restored[ROOM];
static covey_bit_writer bits;
static covey_writer bytes;
static covey_status status;

static covey_schc_context context_of(const target_case *c)
{
    covey_schc_context ctx = { c->rules, c->stack, NULL, NULL };
    return ctx;
}

static void compress(void)
{
    covey_schc_context ctx = context_of(current);

    bits = covey_bit_writer_of(compressed, sizeof compressed);
    status = covey_schc_compress(&ctx, current->direction, current->packet,
                                 &bits, NULL);
}

static void decompress(void)
{
    covey_schc_context ctx = context_of(current);

    bytes = covey_writer_of(restored, sizeof restored);
    status = covey_schc_decompress(&ctx, current->direction,
                                   current->compressed, &bytes, NULL);
}

/* Every prefix, from an exact place in memory: a read beyond it would reach
 * bytes that are not part of the packet. */
static void survives_every_prefix(void)
{
    covey_schc_context ctx = context_of(current);

    for (size_t len = 0; len < current->compressed.len; len++) {
        covey_bytes cut = covey_bytes_of(current->compressed.ptr, len);
        covey_writer w = covey_writer_of(restored, sizeof restored);
        covey_status st =
            covey_schc_decompress(&ctx, current->direction, cut, &w, NULL);
        CHECK(st != COVEY_OK ||
              !covey_bytes_equal(covey_written(&w), current->packet));
        CHECK(st == COVEY_OK || w.pos == 0);
    }
}

static void refuses_output_that_is_too_small(void)
{
    covey_schc_context ctx = context_of(current);

    for (size_t cap = 0; cap < current->compressed.len; cap++) {
        covey_bit_writer w = covey_bit_writer_of(compressed, cap);
        compressed[cap] = 0x5e;
        CHECK(covey_schc_compress(&ctx, current->direction, current->packet,
                                  &w, NULL) == COVEY_E_ROOM);
        CHECK(w.pos == 0 && compressed[cap] == 0x5e);
    }
    for (size_t cap = 0; cap < current->packet.len; cap++) {
        covey_writer w = covey_writer_of(restored, cap);
        restored[cap] = 0x5e;
        CHECK(covey_schc_decompress(&ctx, current->direction,
                                    current->compressed, &w,
                                    NULL) == COVEY_E_ROOM);
        CHECK(w.pos == 0 && restored[cap] == 0x5e);
    }
}

int main(void)
{
    uint32_t compress_stack = 0;
    uint32_t decompress_stack = 0;

    for (size_t i = 0; i < target_case_count; i++) {
        uint32_t used;
        current = &target_cases[i];
        run_case(current->name);

        used = run_stack_of(compress);
        compress_stack = used > compress_stack ? used : compress_stack;
        CHECK(status == COVEY_OK);
        CHECK(
            covey_bytes_equal(covey_bits_written(&bits), current->compressed));

        used = run_stack_of(decompress);
        decompress_stack = used > decompress_stack ? used : decompress_stack;
        CHECK(status == COVEY_OK);
        CHECK(covey_bytes_equal(covey_written(&bytes), current->packet));

        survives_every_prefix();
        refuses_output_that_is_too_small();
    }
    run_print_number("stack compress", compress_stack, "bytes");
    run_print_number("stack decompress", decompress_stack, "bytes");
    return run_result();
}
