/* SPDX-License-Identifier: BSD-2-Clause */
/* Which rules can be used at all: every fault of covey_schc_check has rules
 * that have it, and neighbours that do not. And what the engine does with
 * rules that nobody has checked: it refuses, it never builds nonsense. */
#include "fields.h"

#include "kit.h"

#define TEXT(bits_, text)                                                     \
    {                                                                         \
        (const uint8_t *)(text), bits_                                        \
    }

/* A rule of these fields; what is said of it is said of the last one. */
struct one {
    const char *why;
    covey_schc_fault fault;
    covey_schc_field fields[4];
};

static uint16_t count_of(const struct one *c)
{
    uint16_t n = 0;

    while (n < COUNT_OF(c->fields) && c->fields[n].direction != 0) {
        n++;
    }
    return n;
}

/* The first field has direction 0 in one case: it still counts. */
static covey_schc_verdict verdict_of(const covey_schc_field *fields,
                                     uint16_t count)
{
    covey_schc_rule rule = {
        .id = 1, .id_bits = 8, .field_count = count, .fields = fields
    };
    const covey_schc_rules set = { .rules = &rule, .count = 1 };

    rule.layers = covey_schc_rule_layers(&rule);
    return covey_schc_check(&set);
}

/* clang-format off */
static const struct one cases[] = {
    { "a plain message", COVEY_SCHC_SOUND, { TKL_FD, TOKEN_FD } },
    { "no such field", COVEY_SCHC_F_FIELD,
      { { .id = COVEY_SCHC_FIELD_IDS, .position = 1, .direction = BI,
          SENT } } },
    { "option number 0", COVEY_SCHC_F_FIELD,
      { { .id = COVEY_SCHC_OPTION, .direction = BI,
          FL(VAR), SENT } } },
    { "a header field with an option number", COVEY_SCHC_F_FIELD,
      { { AT(COAP_MID, BI), .option = 11, FIX(16), SENT } } },
    { "a subfield of another option", COVEY_SCHC_F_FIELD,
      { { AT(OSCORE_PIV, BI), .option = 11, FL(VAR), SENT } } },
    { "a direction that is none", COVEY_SCHC_F_DIRECTION,
      { { AT(COAP_MID, 4), FIX(16), SENT } } },
    { "the second Message ID", COVEY_SCHC_F_POSITION,
      { { .id = COVEY_SCHC_COAP_MID, .position = 2, .direction = BI,
          FIX(16), SENT } } },
    { "a position after any position", COVEY_SCHC_F_POSITION,
      { { OPT_AT(URI_PATH, 0, BI), SENT },
        { OPT_AT(URI_PATH, 1, BI), SENT } } },
    { "any position after a position", COVEY_SCHC_SOUND,
      { { OPT_AT(URI_PATH, 1, BI), SENT },
        { OPT_AT(URI_PATH, 0, BI), SENT } } },
    { "any position twice", COVEY_SCHC_SOUND,
      { { OPT_AT(URI_PATH, 0, BI), SENT },
        { OPT_AT(URI_PATH, 0, BI), SENT } } },
    { "one position twice", COVEY_SCHC_F_TWICE,
      { { OPT_AT(URI_PATH, 2, BI), SENT },
        { OPT_AT(URI_PATH, 2, BI), SENT } } },
    { "one position in two directions", COVEY_SCHC_SOUND,
      { { OPT_AT(URI_PATH, 2, UP), SENT },
        { OPT_AT(URI_PATH, 2, DOWN), SENT } } },
    { "a code whole and in parts", COVEY_SCHC_F_TWICE,
      { CODE_FD, { AT(COAP_CODE_DETAIL, UP), FIX(5), SENT } } },
    { "a code in two parts", COVEY_SCHC_SOUND,
      { { AT(COAP_CODE_CLASS, UP), FIX(3), SENT },
        { AT(COAP_CODE_DETAIL, UP), FIX(5), SENT } } },
    { "OSCORE whole and in parts", COVEY_SCHC_F_TWICE,
      { { OPT(OSCORE, BI), SENT }, FLAGS_FD } },
    { "flags twice", COVEY_SCHC_F_TWICE, { FLAGS_FD, FLAGS_FD } },
    { "a group over a position", COVEY_SCHC_F_TWICE,
      { { OPT(URI_PATH, BI), EQUAL, .segments = 2, TV(TEXT(32, "/a/b")) },
        { OPT_AT(URI_PATH, 2, BI), SENT } } },
    { "a group before a position", COVEY_SCHC_SOUND,
      { { OPT(URI_PATH, BI), EQUAL, .segments = 2, TV(TEXT(32, "/a/b")) },
        { OPT_AT(URI_PATH, 3, BI), SENT } } },
    { "a Message ID of 8 bits", COVEY_SCHC_F_LENGTH,
      { { AT(COAP_MID, BI), FIX(8), SENT } } },
    { "a TKL of 5 bits", COVEY_SCHC_F_LENGTH,
      { { AT(COAP_TKL, BI), FIX(5), SENT } } },
    { "a TKL of 20 bits", COVEY_SCHC_SOUND,
      { { AT(COAP_TKL, BI), FIX(20), SENT } } },
    { "an option of 12 bits", COVEY_SCHC_F_LENGTH,
      { { AT(OPTION, BI), .option = 60, FIX(12), SENT } } },
    { "a TKL that counts bytes", COVEY_SCHC_F_LENGTH,
      { { AT(COAP_TKL, BI), FL(VAR), SENT } } },
    { "a port that counts bits", COVEY_SCHC_F_LENGTH,
      { { AT(UDP_DEV_PORT, BI), FL(VAR_BIT), SENT } } },
    { "tkl for a Message ID", COVEY_SCHC_F_LENGTH,
      { TKL_FD, { AT(COAP_MID, BI), FL(TKL), SENT } } },
    { "osc.piv for a kid", COVEY_SCHC_F_LENGTH,
      { FLAGS_FD, { PART(KID, OSC_PIV, BI), SENT } } },
    { "osc.x.m for a piv", COVEY_SCHC_F_LENGTH,
      { FLAGS_FD, { PART(PIV, OSC_X_M, BI), SENT } } },
    { "osc.y.w for a nonce", COVEY_SCHC_F_LENGTH,
      { FLAGS_FD, { PART(NONCE, OSC_Y_W, BI), SENT } } },
    { "no length, but sent", COVEY_SCHC_F_LENGTH,
      { { AT(OPTION, BI), .option = 60, FL(TARGET), SENT } } },
    { "no such length", COVEY_SCHC_F_LENGTH,
      { { AT(OPTION, BI), .option = 60, .length = 99, SENT } } },
    { "no length, and not sent", COVEY_SCHC_SOUND,
      { { AT(COAP_MID, BI), FL(TARGET), EQUAL, TV(E(16, 1, 2)) } } },
    { "a header value of the wrong length", COVEY_SCHC_F_TARGET,
      { { AT(COAP_MID, BI), FL(TARGET), EQUAL, TV(E(8, 1)) } } },
    { "equal without a value", COVEY_SCHC_F_TARGET,
      { { AT(COAP_MID, BI), FIX(16), EQUAL } } },
    { "equal with two values", COVEY_SCHC_F_TARGET,
      { { AT(COAP_MID, BI), FIX(16), EQUAL,
          TV(E(16, 1, 2), E(16, 3, 4)) } } },
    { "values that are not there", COVEY_SCHC_F_TARGET,
      { { AT(COAP_MID, BI), FIX(16), EQUAL, .value_count = 1 } } },
    { "a value without its bytes", COVEY_SCHC_F_TARGET,
      { { OPT(URI_PATH, BI), EQUAL, TV({ NULL, 8 }) } } },
    { "an option value of 4 bits", COVEY_SCHC_F_TARGET,
      { { OPT(URI_PATH, BI), EQUAL, TV(E(4, 0x10)) } } },
    { "MSB of more than the value", COVEY_SCHC_F_MSB,
      { { AT(COAP_MID, BI), FIX(16), LSB(9), TV(E(8, 1)) } } },
    { "MSB of 7 bits where bytes are counted", COVEY_SCHC_F_MSB,
      { { OPT(URI_QUERY, BI), LSB(7), TV(E(16, 'k', '=')) } } },
    { "MSB of 8 bits where bytes are counted", COVEY_SCHC_SOUND,
      { { OPT(URI_QUERY, BI), LSB(8), TV(E(16, 'k', '=')) } } },
    { "an argument for equal", COVEY_SCHC_F_MSB,
      { { AT(COAP_MID, BI), FIX(16), EQUAL, .msb = 3,
          TV(E(16, 1, 2)) } } },
    { "a value longer than its field", COVEY_SCHC_F_TARGET,
      { { AT(COAP_MID, BI), FIX(16), LSB(3), TV(E(24, 1, 2, 3)) } } },
    { "LSB after equal", COVEY_SCHC_F_MO_CDA,
      { { AT(COAP_MID, BI), FIX(16), PAIR(EQUAL, LSB),
          TV(E(16, 1, 2)) } } },
    { "mapping-sent after ignore", COVEY_SCHC_F_MO_CDA,
      { { AT(COAP_MID, BI), FIX(16), PAIR(IGNORE, MAPPING_SENT),
          TV(E(16, 1, 2)) } } },
    { "not-sent after match-mapping", COVEY_SCHC_F_MO_CDA,
      { { AT(COAP_MID, BI), FIX(16), PAIR(MATCH_MAPPING, NOT_SENT),
          TV(E(16, 1, 2)) } } },
    { "compute after equal", COVEY_SCHC_F_MO_CDA,
      { { AT(UDP_LENGTH, BI), FIX(16), PAIR(EQUAL, COMPUTE),
          TV(E(16, 1, 2)) } } },
    { "DevIID after MSB", COVEY_SCHC_F_MO_CDA,
      { { AT(IPV6_DEV_IID, BI), FIX(64), PAIR(MSB, DEV_IID) } } },
    { "no such operator", COVEY_SCHC_F_MO_CDA,
      { { AT(COAP_MID, BI), FIX(16), .mo = 9,
          .cda = COVEY_SCHC_CDA_VALUE_SENT } } },
    { "no such action", COVEY_SCHC_F_MO_CDA,
      { { AT(COAP_MID, BI), FIX(16), .cda = 99 } } },
    { "a computed Message ID", COVEY_SCHC_F_COMPUTE,
      { { AT(COAP_MID, BI), FIX(16), PAIR(IGNORE, COMPUTE) } } },
    { "a computed option", COVEY_SCHC_F_COMPUTE,
      { { OPT(SIZE1, BI), PAIR(IGNORE, COMPUTE) } } },
    { "a prefix from the link", COVEY_SCHC_F_IID,
      { { AT(IPV6_DEV_PREFIX, BI), FIX(64), PAIR(IGNORE, DEV_IID) } } },
    { "an identifier from the link", COVEY_SCHC_SOUND,
      { { AT(IPV6_APP_IID, BI), FIX(64), PAIR(IGNORE, DEV_IID) } } },
    { "a group of Uri-Query", COVEY_SCHC_F_SEGMENTS,
      { { OPT(URI_QUERY, BI), EQUAL, .segments = 1, TV(TEXT(16, "/a")) } } },
    { "a group that is sent", COVEY_SCHC_F_SEGMENTS,
      { { OPT(URI_PATH, BI), PAIR(EQUAL, VALUE_SENT), .segments = 1,
          TV(TEXT(16, "/a")) } } },
    { "a group without its slash", COVEY_SCHC_F_SEGMENTS,
      { { OPT(URI_PATH, BI), EQUAL, .segments = 1, TV(TEXT(24, "a/b")) } } },
    { "groups of one and two", COVEY_SCHC_F_SEGMENTS,
      { { OPT(URI_PATH, BI), MAPPED, .segments = 2,
          TV(TEXT(32, "/a/b"), TEXT(16, "/c")) } } },
    { "an empty group", COVEY_SCHC_F_SEGMENTS,
      { { OPT(URI_PATH, BI), EQUAL, .segments = 1, TV(TEXT(0, "")) } } },
    { "a token before its length", COVEY_SCHC_F_ORDER, { TOKEN_FD } },
    { "a token with a length one way only", COVEY_SCHC_F_ORDER,
      { { AT(COAP_TKL, UP), FIX(4), SENT }, TOKEN_FD } },
    { "a piv without flags", COVEY_SCHC_F_ORDER,
      { { PART(PIV, VAR, BI), SENT } } },
    { "a nonce before its x", COVEY_SCHC_F_ORDER,
      { FLAGS_FD, { PART(NONCE, OSC_X_M, BI), SENT } } },
    { "an old nonce before its y", COVEY_SCHC_F_ORDER,
      { FLAGS_FD, X_FD, { PART(OLD_NONCE, OSC_Y_W, BI), SENT } } },
    { "all of KUDOS", COVEY_SCHC_SOUND,
      { FLAGS_FD, X_FD, Y_FD, { PART(OLD_NONCE, OSC_Y_W, BI), SENT } } },
};
/* clang-format on */

static void finds_the_fault_of_a_descriptor(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint16_t count = count_of(&cases[i]);
        covey_schc_verdict v = verdict_of(cases[i].fields, count);
        kit_case(cases[i].why);
        if (v.fault != cases[i].fault) {
            print_error("%s: %s\n", cases[i].why,
                        covey_schc_fault_text(v.fault));
        }
        assert_int_equal(v.fault, cases[i].fault);
        if (v.fault != COVEY_SCHC_SOUND) {
            assert_int_equal(v.field, count - 1);
        }
    }
    kit_case(NULL);
}

static covey_schc_fault fault_of(const covey_schc_rule *rules, uint16_t count)
{
    const covey_schc_rules set = { .rules = rules, .count = count };

    return covey_schc_check(&set).fault;
}

#define RULE(id_, bits_)                                                      \
    {                                                                         \
        .id = (id_), .id_bits = (bits_), .layers = COVEY_SCHC_LAYER_COAP,     \
        .field_count = 1, .fields = mid                                       \
    }

static void finds_the_fault_of_a_rule(void **state)
{
    static const covey_schc_field mid[] = { MID_FD };
    /* clang-format off */
    static const struct {
        covey_schc_fault fault;
        covey_schc_rule rule;
    } singles[] = {
        { COVEY_SCHC_SOUND, RULE(1, 8) },
        { COVEY_SCHC_SOUND, RULE(UINT32_MAX, 32) },
        { COVEY_SCHC_F_RULE_ID, RULE(0, 0) },
        { COVEY_SCHC_F_RULE_ID, RULE(1, 33) },
        { COVEY_SCHC_F_RULE_ID, RULE(16, 4) },
        { COVEY_SCHC_F_LAYERS,
          { .id = 1, .id_bits = 8, .layers = COVEY_SCHC_LAYER_UDP,
            .field_count = 1, .fields = mid } },
        { COVEY_SCHC_F_EMPTY, { .id = 1, .id_bits = 8 } },
        { COVEY_SCHC_SOUND,
          { .id = 1, .id_bits = 8, .nature = COVEY_SCHC_NO_COMPRESSION } },
    };
    static const struct {
        covey_schc_fault fault;
        covey_schc_rule rules[2];
    } pairs[] = {
        { COVEY_SCHC_F_COLLISION, { RULE(1, 8), RULE(1, 8) } },
        { COVEY_SCHC_F_COLLISION, { RULE(1, 8), RULE(0, 4) } },
        { COVEY_SCHC_F_COLLISION, { RULE(0, 4), RULE(1, 8) } },
        { COVEY_SCHC_SOUND, { RULE(1, 8), RULE(1, 4) } },
        { COVEY_SCHC_SOUND, { RULE(0, 1), RULE(1, 1) } },
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < COUNT_OF(singles); i++) {
        assert_int_equal(fault_of(&singles[i].rule, 1), singles[i].fault);
    }
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        assert_int_equal(fault_of(pairs[i].rules, 2), pairs[i].fault);
    }
}

/* CON GET /a with Message ID 1, its RuleID, and residues of ones or zeros. */
static void unsound_rules_neither_match_nor_build(void **state)
{
    static const uint8_t packet[] = { 0x40, 0x01, 0x00, 0x01, 0xb1, 0x61 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_schc_rule rule = { .id = 1,
                                 .id_bits = 8,
                                 .field_count = count_of(&cases[i]),
                                 .fields = cases[i].fields };
        const covey_schc_rules set = { .rules = &rule, .count = 1 };
        const covey_schc_context ctx = { .rules = &set,
                                         .stack = COVEY_SCHC_STACK_COAP };
        uint8_t out[128];
        if (strcmp(cases[i].why, "values that are not there") == 0 ||
            strcmp(cases[i].why, "a value without its bytes") == 0) {
            continue; /* pointers have to hold */
        }
        kit_case(cases[i].why);
        rule.layers = covey_schc_rule_layers(&rule);
        for (unsigned d = COVEY_SCHC_UP; d <= COVEY_SCHC_DOWN; d++) {
            covey_bit_writer bits = covey_bit_writer_of(out, sizeof out);
            CHECK_STATUS(
                COVEY_E_NO_RULE,
                covey_schc_compress(&ctx, (covey_schc_direction)d,
                                    covey_bytes_of(packet, sizeof packet),
                                    &bits, NULL));
            assert_int_equal(bits.pos, 0);
        }
        for (unsigned fill = 0; fill < 256; fill += 15) {
            uint8_t schc[40];
            covey_writer back = covey_writer_of(out, sizeof out);
            memset(schc, (int)fill, sizeof schc);
            schc[0] = 1;
            /* None of them has all fields of the header. */
            assert_int_not_equal(
                covey_schc_decompress(&ctx, COVEY_SCHC_UP,
                                      covey_bytes_of(schc, sizeof schc), &back,
                                      NULL),
                COVEY_OK);
            assert_int_equal(back.pos, 0);
        }
    }
    kit_case(NULL);
}

/* With a complete header, so that only the last descriptor is at fault. */
static void unsound_descriptors_build_nothing(void **state)
{
    /* clang-format off */
    const struct {
        const char *why;
        covey_status status;
        covey_schc_field last;
    } refused[] = {
        { "sent without a length", COVEY_E_RULE,
          { AT(OPTION, BI), .option = 60, FL(TARGET), SENT } },
        { "LSB without a value", COVEY_E_RULE, { OPT(SIZE1, BI), LSB(8) } },
        { "not-sent without a value", COVEY_E_RULE,
          { OPT(SIZE1, BI), EQUAL } },
        { "mapped without values", COVEY_E_RULE, { OPT(SIZE1, BI), MAPPED } },
        { "computed", COVEY_E_RULE,
          { OPT(SIZE1, BI), PAIR(IGNORE, COMPUTE) } },
        { "no such action", COVEY_E_RULE, { OPT(SIZE1, BI), .cda = 99 } },
        { "a second Message ID", COVEY_E_RULE, MID_FD },
        { "one position twice", COVEY_E_RULE,
          { OPT(URI_PATH, BI), EQUAL, TV(E(8, 'x')) } },
        { "a subfield without flags", COVEY_E_RULE,
          { PART(KID, VAR, BI), EQUAL, TV(E(8, 1)) } },
        { "an option of 4 bits", COVEY_E_FORMAT,
          { OPT(SIZE1, BI), EQUAL, TV(E(4, 0x10)) } },
        { "a payload of 4 bits", COVEY_E_FORMAT,
          { AT(PAYLOAD, BI), FIX(4), SENT } },
        { "fewer bits than MSB takes", COVEY_E_FORMAT,
          { AT(OPTION, BI), .option = 60, FIX(4), LSB(8),
            TV(E(8, 1)) } },
    };
    /* clang-format on */
    static const uint8_t schc[16] = { 1 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        const covey_schc_field fields[] = {
            PLAIN_FDS,
            { OPT(URI_PATH, BI), EQUAL, TV(E(8, 'a')) },
            refused[i].last,
        };
        covey_schc_rule rule = { .id = 1,
                                 .id_bits = 8,
                                 .field_count = COUNT_OF(fields),
                                 .fields = fields };
        const covey_schc_rules set = { .rules = &rule, .count = 1 };
        const covey_schc_context ctx = { .rules = &set,
                                         .stack = COVEY_SCHC_STACK_COAP };
        uint8_t out[64];
        covey_writer back = covey_writer_of(out, sizeof out);
        rule.layers = covey_schc_rule_layers(&rule);
        kit_case(refused[i].why);
        CHECK_STATUS(refused[i].status,
                     covey_schc_decompress(&ctx, COVEY_SCHC_UP,
                                           covey_bytes_of(schc, sizeof schc),
                                           &back, NULL));
        assert_int_equal(back.pos, 0);
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_fault_of_a_descriptor),
        cmocka_unit_test(finds_the_fault_of_a_rule),
        cmocka_unit_test(unsound_rules_neither_match_nor_build),
        cmocka_unit_test(unsound_descriptors_build_nothing),
    };

    return KIT_RUN(tests);
}
