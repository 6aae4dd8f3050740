/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets into both ends of a thin link, one after the other: what anybody can
 * send to its port. First byte of each: which rules, which end, and how long
 * it is, in units of four bits; then the packet. Nothing of a packet that is
 * refused is left but its count; what is accepted is a message that fits, can
 * be sent again from the other end, and comes back the same; and it was of a
 * rule that the link also names. */
#include "check.h"

#include <covey/coap.h>
#include <schc_link.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    SETS = 3,
    ENDS = 2,
    MESSAGE_MAX = 600, /* shorter than what some packets stand for */
    LONG_UNIT = 8      /* with the high bit: so many bytes */
};

static schc_link *links[SETS][ENDS];

static void open_links(void)
{
    static const char *const rules[SETS] = {
        FUZZ_RULES "coap-sensor.json",
        FUZZ_RULES "kudos.json",
        FUZZ_RULES "oscore-outer.json",
    };

    for (unsigned i = 0; i < SETS * ENDS; i++) {
        const schc_link_options o = { .rules = rules[i / ENDS],
                                      .sends = i % ENDS == 0 ? COVEY_SCHC_UP
                                                             : COVEY_SCHC_DOWN,
                                      .message_max = MESSAGE_MAX };
        links[i / ENDS][i % ENDS] = schc_link_open(&o, stderr);
        CHECK(links[i / ENDS][i % ENDS] != NULL);
    }
}

/* A message that a packet stood for, from the other end. */
static void check_back(schc_link *from, schc_link *to, covey_bytes message)
{
    static uint8_t copy[MESSAGE_MAX];
    static uint8_t packet[MESSAGE_MAX + SCHC_LINK_MORE];
    const covey_bytes kept = covey_bytes_of(copy, message.len);
    covey_writer w = covey_writer_of(packet, sizeof packet);
    const uint64_t sent = schc_link_sent(from).packets;
    covey_bytes back;

    CHECK(message.len <= MESSAGE_MAX);
    if (message.len > 0) {
        memcpy(copy, message.ptr, message.len);
    }
    CHECK(schc_link_compress(from, kept, &w) == COVEY_OK);
    CHECK(w.pos <= message.len + SCHC_LINK_MORE);
    CHECK(schc_link_sent(from).packets == sent + 1);
    CHECK(schc_link_decompress(to, covey_written(&w), &back) == COVEY_OK);
    CHECK(covey_bytes_equal(kept, back));
}

static void arrive(schc_link *const ends[ENDS], unsigned end,
                   covey_bytes packet)
{
    schc_link *to = ends[end];
    schc_link *from = ends[1 - end];
    const schc_link_count before = schc_link_received(to);
    covey_bytes message = { NULL, 0 };
    uint32_t id = 0;
    unsigned bits = 0;
    const bool named = schc_link_rule_of(to, packet, &id, &bits);
    const covey_status st = schc_link_decompress(to, packet, &message);
    const schc_link_count after = schc_link_received(to);

    CHECK(!named || (bits <= 32 && bits <= packet.len * 8));
    CHECK(st != COVEY_E_ARGUMENT);
    if (st != COVEY_OK) {
        CHECK(message.ptr == NULL);
        CHECK(after.refused == before.refused + 1);
        CHECK(after.packets == before.packets);
        return;
    }
    CHECK(named);
    CHECK(after.refused == before.refused);
    CHECK(after.packets == before.packets + 1);
    check_back(from, to, message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_reader r = covey_reader_of(covey_bytes_of(data, size));

    if (links[0][0] == NULL) {
        open_links();
    }
    while (covey_read_left(&r) > 0) {
        const unsigned head = covey_read_u8(&r);
        const size_t left = covey_read_left(&r);
        const size_t len = (head & 0x78) / 8u * (head & 0x80 ? LONG_UNIT : 1);
        const unsigned which = (head & 7) % (SETS * ENDS);
        arrive(links[which / ENDS], which % ENDS,
               covey_read_bytes(&r, len < left ? len : left));
    }
    return 0;
}
