/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a packet. Each goes out, by a compression rule or whole, and
 * comes back as it was; the index chooses the same rule and bits; the reasons
 * of why-not agree with what was done. */
#include "schc_links.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_reasons(const covey_schc_context *ctx,
                          covey_schc_direction direction, covey_bytes packet,
                          uint16_t chosen)
{
    for (uint16_t i = 0; i < ctx->rules->count; i++) {
        covey_schc_finding f = covey_schc_why_not(ctx, direction, packet, i);

        EXPECT(f.field <= ctx->rules->rules[i].field_count);
        if (ctx->rules->rules[i].nature == COVEY_SCHC_NO_COMPRESSION) {
            EXPECT(f.why == COVEY_SCHC_X_NATURE);
        } else if (i == chosen) {
            EXPECT(f.why == COVEY_SCHC_MATCHES);
        } else if (ctx->rules->select == COVEY_SCHC_FIRST && i < chosen) {
            EXPECT(f.why != COVEY_SCHC_MATCHES);
        }
    }
}

static void check_index(const covey_schc_context *ctx,
                        covey_schc_direction direction, covey_bytes packet,
                        covey_bytes expected, uint16_t chosen)
{
    static uint32_t memory[16384];
    static uint8_t out[70000];
    covey_bit_writer w = covey_bit_writer_of(out, sizeof out);
    covey_schc_outcome outcome = { 0, 0, 0 };
    covey_schc_index *index =
        covey_schc_index_build(ctx->rules, memory, sizeof memory);

    EXPECT(index != NULL);
    EXPECT(covey_schc_index_compress(index, ctx, direction, packet, &w,
                                     &outcome) == COVEY_OK);
    EXPECT(outcome.rule == chosen);
    EXPECT(covey_bytes_equal(covey_bits_written(&w), expected));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[70000], back[70000];
    covey_bit_writer w = covey_bit_writer_of(out, sizeof out);
    covey_writer again = covey_writer_of(back, sizeof back);
    covey_schc_outcome outcome = { 0, 0, 0 };
    covey_schc_rules set;
    covey_schc_context ctx;
    covey_schc_direction direction;
    covey_bytes packet;

    if (size < 1 || size > 65000) {
        return 0;
    }
    direction = link_open(data[0], &set, &ctx);
    packet = covey_bytes_of(data + 1, size - 1);
    EXPECT(covey_schc_compress(&ctx, direction, packet, &w, &outcome) ==
           COVEY_OK);
    EXPECT(covey_schc_decompress(&ctx, direction, covey_bits_written(&w),
                                 &again, NULL) == COVEY_OK);
    EXPECT(covey_bytes_equal(packet, covey_written(&again)));
    check_reasons(&ctx, direction, packet, outcome.rule);
    check_index(&ctx, direction, packet, covey_bits_written(&w), outcome.rule);
    return 0;
}
