/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules in the JSON of OpenSCHC. */
#include "rules_text.h"

#define OPEN(entries)                                                         \
    "[{'RuleID':16,'RuleIDLength':8,'Compression':[" entries "]}]"
#define O(fid, fl, tv, mo, cda)                                               \
    "{'FID':'" fid "','FL':" fl ",'FP':1,'DI':'BI','TV':" tv ",'MO':'" mo     \
    "','CDA':'" cda "'}"

static void check_field(const char *text, uint8_t id, uint16_t option,
                        const char *hex, unsigned bits)
{
    rules_file *file = load_good(text);
    const covey_schc_field *f = &rules_get(file)->rules[0].fields[0];

    assert_int_equal(id, f->id);
    assert_int_equal(option, f->option);
    assert_true(rules_get(file)->lsb_size_whole);
    assert_int_equal(hex ? 1 : 0, f->value_count);
    if (hex != NULL) {
        assert_int_equal(bits, f->values[0].bits);
        CHECK_HEX(hex, covey_bytes_of(f->values[0].bytes, (bits + 7) / 8));
    }
    rules_free(file);
}

static void names_and_values_of_the_dialect(void **state)
{
    (void)state;
    check_field(OPEN(O("IPV6.VER", "4", "6", "equal", "not-sent")),
                COVEY_SCHC_IPV6_VERSION, 0, "60", 4);
    check_field(OPEN(O("IPV6.DEV_PREFIX", "64", "'2001:db8::/64'", "equal",
                       "not-sent")),
                COVEY_SCHC_IPV6_DEV_PREFIX, 0, "20010db800000000", 64);
    check_field(OPEN(O("IPV6.APP_IID", "64", "'::1'", "equal", "not-sent")),
                COVEY_SCHC_IPV6_APP_IID, 0, "0000000000000001", 64);
    check_field(OPEN(O("IPV6.DEV_IID", "64", "'::1'", "equal", "DEVIID")),
                COVEY_SCHC_IPV6_DEV_IID, 0, "0000000000000001", 64);
    check_field(OPEN(O("UDP.CKSUM", "16", "0", "ignore", "compute-checksum")),
                COVEY_SCHC_UDP_CHECKSUM, 0, NULL, 0);
    check_field(
        OPEN(O("COAP.option(11)", "'var'", "'cs'", "equal", "not-sent")),
        COVEY_SCHC_OPTION, 11, "6373", 16);
    check_field(
        OPEN(O("COAP.option(12)", "'var_bit'", "141", "equal", "not-sent")),
        COVEY_SCHC_OPTION, 12, "8d", 8);
    check_field(
        OPEN(O("COAP.option(12)", "'var'", "256", "equal", "not-sent")),
        COVEY_SCHC_OPTION, 12, "0100", 16);
    check_field(OPEN(O("COAP.URI-PATH", "'var'", "'cs'", "equal", "not-sent")),
                COVEY_SCHC_OPTION, 11, "6373", 16);
    check_field(
        OPEN(O("COAP.CONT-FORMAT", "'var'", "null", "ignore", "value-sent")),
        COVEY_SCHC_OPTION, 12, NULL, 0);
}

static void a_payload_may_be_matched(void **state)
{
    rules_file *file =
        load_good(OPEN(O("UDP.LEN", "16", "0", "ignore",
                         "compute-length") ","
                                           "{'FID':'PAYLOAD','FL':'var_bit','"
                                           "TV':'ab','MO':'MSB',"
                                           "'MO.VAL':8,'CDA':'LSB'}"));
    const covey_schc_field *f = &rules_get(file)->rules[0].fields[1];

    (void)state;
    assert_int_equal(COVEY_SCHC_PAYLOAD, f->id);
    assert_int_equal(8, f->msb);
    assert_int_equal(COVEY_SCHC_CDA_LSB, f->cda);
    rules_free(file);
}

static void lists_and_rules_without_compression(void **state)
{
    rules_file *file = load_good(
        "{'DeviceID':'x','SoR':[{'RuleID':1,'RuleIDLength':2,'Compression':["
        "{'FID':'COAP.TYPE','FL':2,'DI':'DW','TV':[0,2],"
        "'MO':'match-mapping','CDA':'mapping-sent'}]},"
        "{'RuleID':2,'RuleIDLength':2,'NoCompression':[]}]}");
    const covey_schc_rules *set = rules_get(file);

    (void)state;
    assert_int_equal(2, set->count);
    assert_int_equal(2, set->rules[0].fields[0].value_count);
    assert_int_equal(0x80, set->rules[0].fields[0].values[1].bytes[0]);
    assert_int_equal(COVEY_SCHC_DI_DOWN, set->rules[0].fields[0].direction);
    assert_int_equal(COVEY_SCHC_NO_COMPRESSION, set->rules[1].nature);
    rules_free(file);
}

static void what_is_not_supported_is_named(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        { OPEN(O("ICMPV6.TYPE", "8", "1", "equal", "not-sent")),
          "not supported: field \"ICMPV6.TYPE\"" },
        { OPEN(O("UNUSED", "32", "0", "equal", "not-sent")),
          "not supported: field \"UNUSED\"" },
        { OPEN("{'FID':'IPV6.VER','FL':4,'FP':2,'TV':6,'MO':'equal',"
               "'CDA':'not-sent'}"),
          "not supported: position 2" },
        { "[{'RuleID':1,'RuleIDLength':8,'Fragmentation':{}}]",
          "fragmentation" },
        { OPEN(O("IPV4.VER", "4", "6", "equal", "not-sent")), "no field" },
        { OPEN(O("COAP.option(0)", "4", "6", "equal", "not-sent")),
          "no field" },
        { OPEN(O("COAP.NONSENSE", "4", "6", "equal", "not-sent")),
          "no field" },
        { OPEN("{'FL':4,'MO':'equal','CDA':'not-sent'}"), "\"FID\"" },
        { OPEN(O("IPV6.VER", "'long'", "6", "equal", "not-sent")), "\"FL\"" },
        { OPEN(O("IPV6.VER", "4", "16", "equal", "not-sent")),
          "does not fit" },
        { OPEN(O("IPV6.VER", "4", "-1", "equal", "not-sent")),
          "expected an integer" },
        { OPEN(O("IPV6.VER", "4", "{}", "equal", "not-sent")),
          "expected an integer" },
        { OPEN(O("IPV6.VER", "4", "6", "like", "not-sent")), "\"MO\"" },
        { OPEN(O("IPV6.VER", "4", "6", "equal", "guess")), "\"CDA\"" },
        { OPEN(O("COAP.MID", "16", "6", "MSB", "LSB")), "MO.VAL" },
        { OPEN("{'FID':'IPV6.VER','FL':4,'FP':256,'TV':6,'MO':'equal',"
               "'CDA':'not-sent'}"),
          "up to 255" },
        { OPEN("{'FID':'IPV6.VER','FL':4,'DI':'LEFT','TV':6,'MO':'equal',"
               "'CDA':'not-sent'}"),
          "UP, DW or BI" },
        { OPEN("{'FID':'IPV6.VER','FL':4,'TW':6,'MO':'equal',"
               "'CDA':'not-sent'}"),
          "unknown member" },
        { OPEN(O("IPV6.DEV_PREFIX", "64", "'2001:db8::/48'", "equal",
                 "not-sent")),
          "prefix such as" },
        { OPEN(O("IPV6.DEV_PREFIX", "64", "'10.0.0.0/64'", "equal",
                 "not-sent")),
          "prefix such as" },
        { OPEN(O("IPV6.DEV_IID", "64", "'one'", "equal", "not-sent")),
          "identifier such as" },
        { "[{'RuleID':1,'Compression':[]}]", "RuleID length" },
        { "[{'RuleID':1,'RuleIDLength':8}]", "array of 1 to" },
        { "[{'RuleID':1,'RuleIDLength':8,'Compresion':[]}]",
          "did you mean \"Compression\"?" },
    };
    const rules_options options = engine_options();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        rules_report report;
        kit_case(rows[i].text);
        assert_null(load_text(rows[i].text, &options, &report));
        if (strstr(report.messages[0].text, rows[i].message) == NULL) {
            fail_msg("%s: %s", rows[i].text, report.messages[0].text);
        }
        rules_report_free(&report);
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_values_of_the_dialect),
        cmocka_unit_test(a_payload_may_be_matched),
        cmocka_unit_test(lists_and_rules_without_compression),
        cmocka_unit_test(what_is_not_supported_is_named),
    };
    return KIT_RUN(tests);
}
