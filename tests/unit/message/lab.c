/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab.h"

struct lab lab;

covey_path lab_path(uint8_t number)
{
    const covey_path path = {
        .peer = { .ip = { 192, 0, 2, number },
                  .port = 5683,
                  .family = COVEY_FAMILY_IPV4 },
        .local = { .ip = { 192, 0, 2, 1 },
                   .port = 5683,
                   .family = COVEY_FAMILY_IPV4 },
    };

    return path;
}

void lab_start(const covey_message_parameters *p)
{
    covey_message_parameters defaults = covey_message_defaults();

    memset(&lab, 0xa5, sizeof lab);
    lab.memory.seen = lab.seen;
    lab.memory.seen_count = LAB_SEEN;
    lab.memory.peers = lab.peers;
    lab.memory.peer_count = LAB_PEERS;
    lab.memory.out = lab.out;
    lab.memory.timers = lab.timers;
    lab.memory.out_count = LAB_OUT;
    lab.memory.slots = lab.slots;
    lab.memory.chunks = &lab.chunks;
    covey_chunks_init(&lab.chunks, lab.chunk, LAB_CHUNKS);
    lab.now = 1000000;
    lab.path = lab_path(2);
    CHECK_STATUS(COVEY_OK, covey_message_init(&lab.layer, p ? p : &defaults,
                                              &lab.memory, 0x7252, lab.now));
    lab_check();
}

void lab_check(void)
{
    const char *fault = sim_message_fault(&lab.layer);

    if (fault != NULL) {
        fail_msg("%s", fault);
    }
    assert_int_equal(covey_chunks_left(&lab.chunks) +
                         sim_message_chunks(&lab.layer),
                     LAB_CHUNKS);
}

covey_message_in lab_receive(covey_status status, const char *hex)
{
    covey_bytes datagram = kit_hex(hex, lab.in, sizeof lab.in);
    covey_message_in in;

    memset(&in, 0xa5, sizeof in);
    CHECK_STATUS(status, covey_message_receive(&lab.layer, lab.now, &lab.path,
                                               datagram, &in));
    lab_check();
    return in;
}

covey_message_ref lab_request(const char *hex)
{
    covey_message_in in = lab_receive(COVEY_OK, hex);

    assert_int_equal(in.kind, COVEY_MESSAGE_REQUEST);
    assert_false(in.duplicate);
    assert_false(in.piggybacked);
    return in.ref;
}

bool lab_transmit(void)
{
    bool any;

    lab.sent = covey_writer_of(lab.bytes, sizeof lab.bytes);
    any = covey_message_transmit(&lab.layer, lab.now, &lab.to, &lab.sent);
    CHECK_STATUS(COVEY_OK, lab.sent.failed);
    assert_int_equal(any, lab.sent.pos > 0);
    lab_check();
    return any;
}

void lab_transmits(const char *hex)
{
    bool any = lab_transmit();

    CHECK_HEX(hex ? hex : "", covey_written(&lab.sent));
    assert_int_equal(any, hex != NULL);
    if (any) {
        assert_true(covey_address_equal(&lab.to.peer, &lab.path.peer));
        assert_false(lab.to.group);
    }
}

static covey_status send(const covey_message_letter *letter, const char *hex,
                         covey_message_sent *sent)
{
    uint8_t bytes[LAB_BYTES];

    lab.sent = covey_writer_of(lab.bytes, sizeof lab.bytes);
    covey_write_bytes(&lab.sent, kit_hex(hex, bytes, sizeof bytes));
    return covey_message_send(&lab.layer, lab.now, letter, &lab.sent, sent);
}

covey_message_sent lab_send(const covey_message_letter *letter,
                            const char *hex)
{
    covey_message_sent sent;

    CHECK_STATUS(COVEY_OK, send(letter, hex, &sent));
    lab_check();
    return sent;
}

void lab_refuses(covey_status status, const covey_message_letter *letter,
                 const char *hex)
{
    const covey_message_sent before = { { 77, 78 }, false };
    covey_message_sent sent = before;

    CHECK_STATUS(status, send(letter, hex, &sent));
    assert_memory_equal(&sent.ref, &before.ref, sizeof sent.ref);
    lab_check();
}

void lab_event(int outcome, uint64_t user)
{
    covey_message_report report = { (covey_message_outcome)0, { 0, 0 }, 0 };
    bool any = covey_message_event(&lab.layer, &report);

    assert_int_equal(any, outcome != 0);
    assert_int_equal(report.outcome, outcome);
    assert_int_equal(report.user, user);
    lab_check();
}

uint16_t lab_id(void)
{
    assert_true(lab.sent.pos >= 4);
    return (uint16_t)(lab.bytes[2] << 8 | lab.bytes[3]);
}

covey_message_in lab_answer(unsigned first, unsigned code, uint16_t id,
                            const char *rest)
{
    static const char digits[] = "0123456789abcdef";
    char hex[LAB_BYTES] = { 0 };
    const unsigned head[] = { first, code, id >> 8, id & 0xffu };

    for (size_t i = 0; i < 4; i++) {
        hex[2 * i] = digits[head[i] >> 4];
        hex[2 * i + 1] = digits[head[i] & 0xfu];
    }
    assert_true(strlen(rest) + 9 < sizeof hex);
    memcpy(hex + 8, rest, strlen(rest));
    return lab_receive(COVEY_OK, hex);
}
