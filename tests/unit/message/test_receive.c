/* SPDX-License-Identifier: BSD-2-Clause */
/* How datagrams are met: every row of a table of inputs that broke real
 * stacks, by its type and sent to a group, and what ends messages. */
#include "lab.h"

#include <string.h>

#define NOTHING COVEY_MESSAGE_NOTHING
#define REQ     COVEY_MESSAGE_REQUEST
#define RSP     COVEY_MESSAGE_RESPONSE

struct row {
    const char *why;
    const char *datagram;
    covey_status status;
    covey_message_kind kind;
    const char *answer; /* at once; NULL: nothing */
};

/* clang-format off */
static const struct row rows[] = {
    { "empty datagram", "", COVEY_E_SHORT, NOTHING, NULL },
    { "1 byte", "40", COVEY_E_SHORT, NOTHING, NULL },
    { "3 bytes", "40 01 12", COVEY_E_SHORT, NOTHING, NULL },
    { "version 0", "00 01 12 34", COVEY_E_UNSUPPORTED, NOTHING, NULL },
    { "version 2", "80 01 12 34", COVEY_E_UNSUPPORTED, NOTHING, NULL },
    { "version 3", "c0 01 12 34", COVEY_E_UNSUPPORTED, NOTHING, NULL },
    { "ping", "40 00 12 34", COVEY_OK, NOTHING, "70 00 12 34" },
    { "empty CON with token", "41 00 12 34 aa",
      COVEY_E_FORMAT, NOTHING, "70 00 12 34" },
    { "empty CON with a byte behind it", "40 00 12 34 00",
      COVEY_E_FORMAT, NOTHING, "70 00 12 34" },
    { "empty NON", "50 00 12 34", COVEY_E_RANGE, NOTHING, NULL },
    { "TKL 9: a length, says RFC 8974", "49 01 12 34 010203040506070809",
      COVEY_OK, REQ, NULL },
    { "TKL 13, 4 bytes", "4d 01 12 34", COVEY_E_SHORT, NOTHING,
      "70 00 12 34" },
    { "TKL 14, 5 bytes", "4e 01 12 34 00", COVEY_E_SHORT, NOTHING,
      "70 00 12 34" },
    { "TKL 15", "4f 01 12 34 00", COVEY_E_FORMAT, NOTHING, "70 00 12 34" },
    { "TKL 13: a token of 20 bytes",
      "4d 01 12 34 07 0102030405060708090a0b0c0d0e0f1011121314",
      COVEY_OK, REQ, NULL },
    { "TKL 14: longer than the datagram", "4e 01 12 34 ff ff 00",
      COVEY_E_SHORT, NOTHING, "70 00 12 34" },
    { "TKL 8, token cut off", "48 01 12 34 01 02 03",
      COVEY_E_SHORT, NOTHING, "70 00 12 34" },
    { "marker without payload", "40 01 12 34 ff",
      COVEY_E_FORMAT, NOTHING, "70 00 12 34" },
    { "delta 15", "40 01 12 34 f0", COVEY_E_FORMAT, NOTHING, "70 00 12 34" },
    { "length 15", "40 01 12 34 0f", COVEY_E_FORMAT, NOTHING, "70 00 12 34" },
    { "delta 13 cut off", "40 01 12 34 d0",
      COVEY_E_SHORT, NOTHING, "70 00 12 34" },
    { "delta 14 cut off", "40 01 12 34 e0 00",
      COVEY_E_SHORT, NOTHING, "70 00 12 34" },
    { "length 14 cut off", "40 01 12 34 0e 00",
      COVEY_E_SHORT, NOTHING, "70 00 12 34" },
    { "option past the end", "40 01 12 34 b5 61 62",
      COVEY_E_SHORT, NOTHING, "70 00 12 34" },
    { "option number past 16 bits, twice", "40 01 12 34 e0 ff ff e0 ff ff",
      COVEY_E_FORMAT, NOTHING, "70 00 12 34" },
    { "option number 65535 and more", "40 01 12 34 e0 fe f3",
      COVEY_E_FORMAT, NOTHING, "70 00 12 34" },
    { "length of 65804", "40 01 12 34 0e ff ff 00",
      COVEY_E_SHORT, NOTHING, "70 00 12 34" },
    { "unknown critical option: not for this layer",
      "40 01 12 34 e0 26 02", COVEY_OK, REQ, NULL },
    { "unknown method", "40 1f 12 34", COVEY_OK, REQ, NULL },
    { "code 1.00", "40 20 12 34", COVEY_E_RANGE, NOTHING, "70 00 12 34" },
    { "code 1.31", "40 3f 12 34", COVEY_E_RANGE, NOTHING, "70 00 12 34" },
    { "code 6.00", "40 c0 12 34", COVEY_E_RANGE, NOTHING, "70 00 12 34" },
    { "code 7.01, signalling", "40 e1 12 34", COVEY_E_RANGE, NOTHING,
      "70 00 12 34" },
    { "code 7.31", "40 ff 12 34", COVEY_E_RANGE, NOTHING, "70 00 12 34" },
    { "code 6.00 in NON", "50 c0 12 34", COVEY_E_RANGE, NOTHING, NULL },
    { "code 7.01 in NON", "50 e1 12 34", COVEY_E_RANGE, NOTHING, NULL },
    { "response nobody asked for, in CON: rejected above",
      "40 45 12 34", COVEY_OK, RSP, "60 00 12 34" },
    { "response nobody asked for, in NON", "50 45 12 34", COVEY_OK, RSP,
      NULL },
    { "response of class 3", "50 60 12 34", COVEY_OK, RSP, NULL },
    { "ACK with a request", "60 01 12 34", COVEY_E_RANGE, NOTHING, NULL },
    { "ACK of code 1.00", "60 20 12 34", COVEY_E_RANGE, NOTHING, NULL },
    { "ACK with a response to nothing", "60 45 12 34", COVEY_OK, NOTHING,
      NULL },
    { "ACK of nothing", "60 00 12 34", COVEY_OK, NOTHING, NULL },
    { "ACK, malformed", "60 00 12 34 00", COVEY_E_FORMAT, NOTHING, NULL },
    { "RST of nothing", "70 00 12 34", COVEY_OK, NOTHING, NULL },
    { "RST with payload", "70 00 12 34 ff 61", COVEY_E_FORMAT, NOTHING, NULL },
    { "RST with a token", "71 00 12 34 61", COVEY_E_FORMAT, NOTHING, NULL },
    { "RST with a request", "70 01 12 34", COVEY_E_RANGE, NOTHING, NULL },
    { "RST with a response", "70 45 12 34", COVEY_E_RANGE, NOTHING, NULL },
    { "NON, malformed", "50 01 12 34 ff", COVEY_E_FORMAT, NOTHING, NULL },
    { "GET", "40 01 12 34", COVEY_OK, REQ, NULL },
    { "GET in NON", "50 01 12 34", COVEY_OK, REQ, NULL },
};
/* clang-format on */

static void every_datagram_is_met_as_the_rfc_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        covey_message_in in;
        kit_case(rows[i].why);
        lab_start(NULL);
        in = lab_receive(rows[i].status, rows[i].datagram);
        assert_int_equal(in.kind, rows[i].kind);
        assert_int_equal(covey_message_deadline(&lab.layer) == 0,
                         rows[i].answer != NULL);
        lab_transmits(rows[i].answer);
        lab_transmits(NULL);
        lab_event(0, 0);
    }
    kit_case(NULL);
}

static void to_a_group_nothing_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        covey_message_in in;
        uint8_t bytes[64];
        covey_bytes b = kit_hex(rows[i].datagram, bytes, sizeof bytes);
        bool request = rows[i].kind == REQ && (b.ptr[0] & 0x30) == 0x10;
        kit_case(rows[i].why);
        lab_start(NULL);
        lab.path.group = true;
        in = lab_receive(rows[i].status == COVEY_OK && !request
                             ? COVEY_E_RANGE
                             : rows[i].status,
                         rows[i].datagram);
        assert_int_equal(in.kind, request ? REQ : NOTHING);
        covey_message_reject(&lab.layer, in.ref);
        covey_message_acknowledge(&lab.layer, in.ref);
        lab_transmits(NULL);
        lab.now += 1000000;
        lab_transmits(NULL);
    }
    kit_case(NULL);
}

/* What may change, and the padding that parameters end with. */
static void blot(covey_message_layer *l)
{
    const size_t used = offsetof(covey_message_parameters, message_id_bits) +
                        sizeof l->parameters.message_id_bits;

    memset(&l->owed, 0, sizeof l->owed);
    memset((uint8_t *)&l->parameters + used, 0, sizeof l->parameters - used);
}

/* All 65,536 pairs of first bytes, and types against a plain statement. */
static void every_header_is_met_by_its_type(void **state)
{
    (void)state;
    lab_start(NULL);
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned code = 0; code < 256; code++) {
            uint8_t bytes[4] = { (uint8_t)first, (uint8_t)code, 0x12, 0x34 };
            bool alien = first >> 6 != 1;
            bool con = (first & 0x30) == 0;
            bool whole = (first & 0xf) == 0;
            bool up = !alien && whole && first < 0x60 && code > 0 &&
                      (code < 32 || (code >= 64 && code < 192));
            covey_message_in in;
            covey_message_layer before;
            covey_message_layer after;
            covey_writer w = covey_writer_of(lab.bytes, sizeof lab.bytes);
            bool any;

            memcpy(&before, &lab.layer, sizeof before);
            (void)!covey_message_receive(&lab.layer, lab.now, &lab.path,
                                         covey_bytes_of(bytes, 4), &in);
            any = covey_message_transmit(&lab.layer, lab.now, &lab.to, &w);
            assert_int_equal(in.kind != NOTHING, up);
            assert_int_equal(any, !alien && con && (!up || code >= 64));
            if (any) {
                CHECK_HEX(up ? "60 00 12 34" : "70 00 12 34",
                          covey_written(&w));
            }
            if (up) {
                lab_start(NULL);
            } else {
                blot(&before);
                memcpy(&after, &lab.layer, sizeof after);
                blot(&after);
                assert_memory_equal(&before, &after, sizeof before);
            }
        }
    }
}

static void what_was_rejected_is_rejected_again(void **state)
{
    static const char *const messages[] = { "40 01 12 34", "40 45 12 34" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        covey_message_in in;
        lab_start(NULL);
        in = lab_receive(COVEY_OK, messages[i]);
        covey_message_reject(&lab.layer, in.ref);
        lab_transmits("70 00 12 34");
        lab_transmits(NULL);
        in = lab_receive(COVEY_OK, messages[i]);
        assert_int_equal(in.kind, NOTHING);
        lab_transmits("70 00 12 34");
        lab.now += 60000;
        lab_transmits(NULL);
    }
}

static void a_non_can_be_rejected_once(void **state)
{
    covey_message_in in;

    (void)state;
    lab_start(NULL);
    in = lab_receive(COVEY_OK, "51 45 12 34 aa");
    covey_message_reject(&lab.layer, in.ref);
    lab_transmits("70 00 12 34");
    in = lab_receive(COVEY_OK, "51 45 12 34 aa");
    assert_int_equal(in.kind, NOTHING);
    lab_transmits(NULL);
}

static void names_that_mean_nothing_do_nothing(void **state)
{
    static const covey_message_ref refs[] = {
        { 0, 0 }, { 0, 99 }, { LAB_SEEN, 1 }, { UINT32_MAX, 1 }
    };

    (void)state;
    lab_start(NULL);
    (void)lab_request("40 01 12 34");
    for (size_t i = 0; i < COUNT_OF(refs); i++) {
        covey_message_reject(&lab.layer, refs[i]);
        covey_message_acknowledge(&lab.layer, refs[i]);
        covey_message_cancel(&lab.layer, refs[i]);
        lab_transmits(NULL);
    }
}

static void what_was_not_fetched_is_as_if_lost(void **state)
{
    (void)state;
    lab_start(NULL);
    (void)lab_receive(COVEY_OK, "40 00 00 01");
    (void)lab_receive(COVEY_OK, "50 01 00 02");
    lab_transmits(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_datagram_is_met_as_the_rfc_says),
        cmocka_unit_test(to_a_group_nothing_is_said),
        cmocka_unit_test(every_header_is_met_by_its_type),
        cmocka_unit_test(what_was_rejected_is_rejected_again),
        cmocka_unit_test(a_non_can_be_rejected_once),
        cmocka_unit_test(names_that_mean_nothing_do_nothing),
        cmocka_unit_test(what_was_not_fetched_is_as_if_lost),
    };
    return KIT_RUN(tests);
}
