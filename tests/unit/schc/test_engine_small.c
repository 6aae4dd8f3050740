/* SPDX-License-Identifier: BSD-2-Clause */
/* All inputs of up to three bytes, both ways, with several rule sets: nothing
 * crashes, nothing is written on failure, and what comes out can be turned
 * back. Under a sanitizer and without optimisation, twenty times slower, those
 * of three bytes are taken in steps. */
#include "fields.h"
#include "kit.h"

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
#define STEP 61u
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define STEP 61u
#endif
#endif
#ifndef STEP
#define STEP 1u
#endif

struct small {
    const char *name;
    covey_schc_stack stack;
    bool both; /* do the directions differ? */
    const covey_schc_field *fields[2];
    uint16_t count[2];
};

/* clang-format off */
static const covey_schc_field reading[] = {
    { AT(COAP_CODE, BI), FIX(8), MAPPED, TV(E(8, 1), E(8, 0x45), E(8, 0x84)) },
    { OPT(URI_PATH, DOWN), LSB(8), TV(E(8, 'a')) },
};
static const covey_schc_field any_code[] = {
    CODE_FD, { OPT(OBSERVE, UP), SENT }, { OPT_BITS(ETAG, DOWN), SENT },
};
static const covey_schc_field empty[] = {
    VERSION_FD,
    { AT(COAP_TYPE, BI), FIX(2), MAPPED, TV(E(2, 0x80), E(2, 0xc0)) },
    TKL_0_FD, { AT(COAP_CODE, BI), FIX(8), EQUAL, TV(E(8, 0)) },
    { AT(COAP_MID, BI), FIX(16), LSB(6), TV(E(6, 0)) },
};
static const covey_schc_field token[] = {
    VERSION_FD, { AT(COAP_TYPE, BI), FIX(2), EQUAL, TV(E(2, 0)) }, TKL_FD,
    { AT(COAP_CODE, BI), FIX(8), EQUAL, TV(E(8, 1)) },
    { AT(COAP_MID, BI), FIX(16), EQUAL, TV(E(16, 0, 0)) }, TOKEN_FD,
    { OPT(EDHOC, BI), EQUAL, NIL },
};
static const covey_schc_field flags[] = {
    { AT(COAP_CODE, BI), FIX(8), EQUAL, TV(E(8, 2)) },
    FLAGS_FD, { PART(PIV, OSC_PIV, BI), SENT },
    { PART(KID_CTX, VAR, BI), EQUAL, NIL }, { PART(KID, VAR, BI), SENT },
};
static const covey_schc_field nonce[] = {
    { AT(COAP_CODE, BI), FIX(8), EQUAL, TV(E(8, 3)) },
    { PART(FLAGS, VAR, BI), EQUAL, TV(E(16, 0x80, 0x01)) },
    X_FD, { PART(NONCE, OSC_X_M, BI), SENT },
};
static const struct small sets[] = {
    { "options", COVEY_SCHC_STACK_COAP_INNER, true, { reading, any_code },
      { COUNT_OF(reading), COUNT_OF(any_code) } },
    { "headers", COVEY_SCHC_STACK_COAP, false, { empty, token },
      { COUNT_OF(empty), COUNT_OF(token) } },
    { "OSCORE", COVEY_SCHC_STACK_COAP_INNER, false, { flags, nonce },
      { COUNT_OF(flags), COUNT_OF(nonce) } },
};
/* clang-format on */

struct link {
    covey_schc_rule rule[3];
    covey_schc_rules set;
    covey_schc_context ctx;
    bool both;
    unsigned long accepted;
    unsigned long refused;
};

/* RuleIDs 0, 10 and 11, the last one without compression. */
static void open_link(struct link *l, const struct small *s)
{
    memset(l, 0, sizeof *l);
    for (unsigned i = 0; i < 3; i++) {
        l->rule[i].id = i == 0 ? 0 : i + 1;
        l->rule[i].id_bits = i == 0 ? 1 : 2;
        l->rule[i].nature =
            i < 2 ? COVEY_SCHC_COMPRESSION : COVEY_SCHC_NO_COMPRESSION;
        if (i < 2) {
            l->rule[i].fields = s->fields[i];
            l->rule[i].field_count = s->count[i];
        }
        l->rule[i].layers = covey_schc_rule_layers(&l->rule[i]);
    }
    l->set.rules = l->rule;
    l->set.count = 3;
    l->ctx.rules = &l->set;
    l->ctx.stack = s->stack;
    l->both = s->both;
    assert_int_equal(covey_schc_check(&l->set).fault, COVEY_SCHC_SOUND);
}

static void broken(const char *what, covey_bytes input)
{
    print_error("%s:", what);
    for (size_t i = 0; i < input.len; i++) {
        print_error(" %02x", input.ptr[i]);
    }
    print_error("\n");
    fail();
}

/* Everything is a packet: with a no-compression rule all go out, and come
 * back as they were. */
static void compress_one(struct link *l, covey_schc_direction direction,
                         covey_bytes packet)
{
    uint8_t schc[16];
    uint8_t back[16];
    covey_bit_writer w = covey_bit_writer_of(schc, sizeof schc);
    covey_writer again = covey_writer_of(back, sizeof back);
    covey_schc_outcome outcome = { 9, 0, 0 };

    if (covey_schc_compress(&l->ctx, direction, packet, &w, &outcome) !=
        COVEY_OK) {
        broken("not compressed", packet);
    }
    if (outcome.rule == 2) {
        l->refused++;
        if (w.pos != 2 + packet.len * 8 ||
            !covey_bits_equal(schc, 2, packet.ptr, 0, w.pos - 2)) {
            broken("not the packet itself", packet);
        }
        return;
    }
    l->accepted++;
    if (covey_schc_decompress(&l->ctx, direction, covey_bits_written(&w),
                              &again, NULL) != COVEY_OK ||
        !covey_bytes_equal(packet, covey_written(&again))) {
        broken("does not come back", packet);
    }
}

/* Does the third byte only say what the payload is? Its values 0 and 255 stand
 * for all then, to be turned back: that takes most of the time. */
static bool only_payload(covey_bytes input, const covey_schc_outcome *outcome)
{
    return input.len == 3 && outcome->payload <= 16 && input.ptr[2] != 0 &&
           input.ptr[2] != 0xff;
}

/* What a decompressor accepts is a packet that the same rule compresses, or
 * that no rule does; and compressed again, it comes back. */
static void decompress_one(struct link *l, covey_schc_direction direction,
                           covey_bytes input)
{
    uint8_t packet[64];
    uint8_t schc[80];
    uint8_t back[64];
    covey_writer w = covey_writer_of(packet, sizeof packet);
    covey_bit_writer again = covey_bit_writer_of(schc, sizeof schc);
    covey_writer twice = covey_writer_of(back, sizeof back);
    covey_schc_outcome outcome = { 9, 0, 0 };
    covey_status st =
        covey_schc_decompress(&l->ctx, direction, input, &w, &outcome);

    if (st != COVEY_OK) {
        l->refused++;
        if (w.pos != 0 || w.failed != COVEY_OK || st == COVEY_E_ROOM ||
            st == COVEY_E_ARGUMENT) {
            broken(covey_status_name(st), input);
        }
        return;
    }
    l->accepted++;
    if (outcome.residue > outcome.payload || outcome.payload > input.len * 8) {
        broken("outcome", input);
    }
    if (outcome.rule == 2 || only_payload(input, &outcome)) {
        return;
    }
    if (covey_schc_compress(&l->ctx, direction, covey_written(&w), &again,
                            NULL) != COVEY_OK ||
        covey_schc_decompress(&l->ctx, direction, covey_bits_written(&again),
                              &twice, NULL) != COVEY_OK ||
        twice.pos != w.pos || memcmp(back, packet, w.pos) != 0) {
        broken("not the same a second time", input);
    }
}

/* Calls `one` with every input of up to `len` bytes; inputs are allocated to
 * their size, so that a sanitizer sees what lies beyond. */
static void for_all(struct link *l, size_t len,
                    void (*one)(struct link *l, covey_schc_direction direction,
                                covey_bytes input))
{
    for (size_t n = 0; n <= len; n++) {
        uint8_t *input = malloc(n + 1);

        assert_non_null(input);
        for (uint32_t v = 0; v < UINT32_C(1) << (8 * n);
             v += n == 3 ? STEP : 1) {
            for (size_t i = 0; i < n; i++) {
                input[1 + i] = (uint8_t)(v >> (8 * (n - 1 - i)));
            }
            one(l, COVEY_SCHC_UP, covey_bytes_of(input + 1, n));
            if (l->both) {
                one(l, COVEY_SCHC_DOWN, covey_bytes_of(input + 1, n));
            }
        }
        free(input);
    }
}

static void every_small_packet_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        struct link l;

        open_link(&l, &sets[i]);
        for_all(&l, sets[i].stack == COVEY_SCHC_STACK_COAP ? 2 : 3,
                compress_one);
        print_message("%s: %lu compressed, %lu not\n", sets[i].name,
                      l.accepted, l.refused);
        assert_true(l.refused > 0);
        assert_true(l.accepted > 0 || sets[i].stack == COVEY_SCHC_STACK_COAP);
    }
}

static void every_small_residue_is_refused_or_turns_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        struct link l;

        open_link(&l, &sets[i]);
        for_all(&l, 3, decompress_one);
        print_message("%s: %lu accepted, %lu refused\n", sets[i].name,
                      l.accepted, l.refused);
        assert_true(l.accepted > 0);
        assert_true(l.refused > 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_packet_comes_back),
        cmocka_unit_test(every_small_residue_is_refused_or_turns_back),
    };
    return KIT_RUN(tests);
}
