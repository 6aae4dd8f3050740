/* SPDX-License-Identifier: BSD-2-Clause */
/* What rule files mean once they are loaded. */
#include "rules_text.h"

static const covey_schc_field *field_of(const rules_file *file, uint16_t i)
{
    const covey_schc_rules *set = rules_get(file);

    assert_true(i < set->rules[0].field_count);
    return &set->rules[0].fields[i];
}

/* One value of the first field, as the core stores it. */
static void check_value(const char *text, uint16_t k, const char *hex,
                        unsigned bits)
{
    rules_file *file = load_good(text);
    const covey_schc_field *f = field_of(file, 0);

    assert_true(k < f->value_count);
    assert_int_equal(bits, f->values[k].bits);
    CHECK_HEX(hex, covey_bytes_of(f->values[k].bytes, (bits + 7) / 8));
    rules_free(file);
}

#define PORT(value)                                                           \
    RULE(ENTRY("fid-udp-dev-port", "16", VALUE("'index':0," value) EQUAL))
#define VERSION(value)                                                        \
    RULE(ENTRY("fid-coap-version", "2", VALUE("'index':0," value) EQUAL))
#define OPTION(name, value)                                                   \
    RULE(ENTRY("fid-coap-option-" name, "'fl-variable'",                      \
               VALUE("'index':0," value) EQUAL))

static void values_are_integers_aligned_to_the_right(void **state)
{
    (void)state;
    check_value(VERSION("'value':'1','bits':2"), 0, "40", 2);
    check_value(VERSION("'value':'01'"), 0, "40", 2);
    check_value(VERSION("'value':1"), 0, "40", 2);
    check_value(PORT("'value':'1633','bits':16"), 0, "1633", 16);
    check_value(PORT("'value':'33'"), 0, "0033", 16);
    check_value(PORT("'value':'033'"), 0, "0033", 16);
    check_value(PORT("'value':5683"), 0, "1633", 16);
    check_value(PORT("'value':0"), 0, "0000", 16);
    check_value(PORT("'value':'AbCd'"), 0, "abcd", 16);
}

static void values_of_variable_fields_have_the_bits_of_their_bytes(void **st)
{
    (void)st;
    check_value(OPTION("etag", "'value':'0a0b0c'"), 0, "0a0b0c", 24);
    check_value(OPTION("etag", "'value':''"), 0, "", 0);
    check_value(OPTION("etag", "'value':'','bits':0"), 0, "", 0);
    check_value(OPTION("etag", "'value':'1','bits':8"), 0, "01", 8);
    check_value(OPTION("uri-host", "'covey:text':'host'"), 0, "686f7374", 32);
    check_value(OPTION("uri-host", "'text':'host'"), 0, "686f7374", 32);
    /* RFC 7252 Section 3.2: integers in the fewest bytes, zero in none */
    check_value(OPTION("content-format", "'value':60"), 0, "3c", 8);
    check_value(OPTION("content-format", "'value':0"), 0, "", 0);
    check_value(OPTION("max-age", "'value':65536"), 0, "010000", 24);
}

static void base64_is_an_integer_too(void **state)
{
    (void)state;
    check_value("{'covey:value-encoding':'base64','rules':[{'rule-id-value':1,"
                "'rule-id-length':8,'rule-nature':'nature-compression',"
                "'entry':[" ENTRY("fid-coap-version", "2",
                                  VALUE("'index':0,'value':'AQ=='")
                                      EQUAL) "]}]}",
                0, "40", 2);
    check_value("{'covey:value-encoding':'base64','rules':[{'rule-id-value':1,"
                "'rule-id-length':8,'rule-nature':'nature-compression',"
                "'entry':[" ENTRY("fid-coap-option-etag", "'fl-variable'",
                                  VALUE("'index':0,'value':'AQID'")
                                      EQUAL) "]}]}",
                0, "010203", 24);
}

static void index_decides_the_order_of_a_list(void **state)
{
    static const char text[] =
        RULE(ENTRY("fid-coap-type", "2",
                   "'target-value':[{'index':2,'value':'3'},{'index':0,"
                   "'value':'1'},{'index':1,'value':'2'}]," MAPPING));

    (void)state;
    check_value(text, 0, "40", 2);
    check_value(text, 1, "80", 2);
    check_value(text, 2, "c0", 2);
}

static void what_is_left_out_has_its_default(void **state)
{
    rules_file *file = load_good(RULE("{'field-id':'coap-type','target-value':"
                                      "[{'value':'0','bits':2}]," EQUAL "}"));
    const covey_schc_field *f = field_of(file, 0);

    (void)state;
    assert_int_equal(COVEY_SCHC_COAP_TYPE, f->id);
    assert_int_equal(1, f->position);
    assert_int_equal(COVEY_SCHC_DI_BIDIRECTIONAL, f->direction);
    assert_int_equal(COVEY_SCHC_FL_TARGET, f->length);
    assert_false(rules_get(file)->rules[0].lossy);
    assert_int_equal(COVEY_SCHC_FIRST, rules_get(file)->select);
    assert_int_equal(COVEY_KUDOS_SEED, rules_get(file)->kudos);
    assert_int_equal(0, rules_get(file)->one_entry_index_bits);
    assert_false(rules_get(file)->lsb_size_whole);
    assert_int_equal(COVEY_SCHC_PROFILE_SEED, rules_profile(file));
    rules_free(file);
}

static void lengths_have_long_and_short_names(void **state)
{
    static const struct {
        const char *text;
        uint8_t length;
    } rows[] = {
        { "fl-variable", COVEY_SCHC_FL_VAR },
        { "ietf-schc:fl-variable", COVEY_SCHC_FL_VAR },
        { "var", COVEY_SCHC_FL_VAR },
        { "fl-variable-bit", COVEY_SCHC_FL_VAR_BIT },
        { "fl-variable-bits", COVEY_SCHC_FL_VAR_BIT },
        { "var_bit", COVEY_SCHC_FL_VAR_BIT },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[600];
        kit_case(rows[i].text);
        snprintf(text, sizeof text,
                 RULE(ENTRY("fid-coap-option-etag", "'%s'", SENT)),
                 rows[i].text);
        rules_file *file = load_good(text);
        assert_int_equal(rows[i].length, field_of(file, 0)->length);
        rules_free(file);
    }
    kit_case(NULL);
}

#define OSCORE(id, length) ENTRY("fid-coap-option-oscore-" id, length, SENT)

/* clang-format off */
static const char all_functions[] =
    "{'covey:kudos':'kudos-14','rules':[{'rule-id-value':1,"
    "'rule-id-length':8,'rule-nature':'nature-compression','entry':["
    ENTRY("fid-coap-tkl", "4", SENT) ","
    ENTRY("fid-coap-token", "'fl-token-length'", SENT) ","
    OSCORE("flags", "'var'") "," OSCORE("piv", "'osc.piv'") ","
    OSCORE("kidctx", "'var'") "," OSCORE("x", "8") ","
    OSCORE("nonce", "'osc.x.m'") "," OSCORE("y", "8") ","
    OSCORE("oldnonce", "'osc.y.w'") "," OSCORE("kid", "'var'") "]}]}";
/* clang-format on */

static void length_functions_belong_to_their_fields(void **state)
{
    rules_file *file = load_good(all_functions);

    (void)state;
    assert_int_equal(COVEY_SCHC_FL_TKL, field_of(file, 1)->length);
    assert_int_equal(COVEY_SCHC_FL_OSC_PIV, field_of(file, 3)->length);
    assert_int_equal(COVEY_SCHC_FL_OSC_X_M, field_of(file, 6)->length);
    assert_int_equal(COVEY_SCHC_FL_OSC_Y_W, field_of(file, 8)->length);
    assert_int_equal(9, field_of(file, 8)->option);
    assert_int_equal(COVEY_KUDOS_14, rules_get(file)->kudos);
    rules_free(file);
}

static void a_path_with_slashes_is_a_group(void **state)
{
    rules_file *file = load_good(OPTION("uri-path", "'covey:text':'/a/bc'"));

    (void)state;
    assert_int_equal(2, field_of(file, 0)->segments);
    rules_free(file);
    file = load_good(OPTION("uri-path", "'covey:text':'a/b'"));
    assert_int_equal(0, field_of(file, 0)->segments);
    rules_free(file);
    /* a query is never a group, nor a path that says so */
    file = load_good(OPTION("uri-query", "'covey:text':'/a/b'"));
    assert_int_equal(0, field_of(file, 0)->segments);
    rules_free(file);
    file = load_good(RULE(ENTRY("fid-coap-option-uri-path", "'var'",
                                "'covey:grouped':false," VALUE(
                                    "'index':0,'covey:text':'/a/b'") EQUAL)));
    assert_int_equal(0, field_of(file, 0)->segments);
    rules_free(file);
}

static void a_document_may_be_a_list_or_one_rule(void **state)
{
    static const char *const texts[] = {
        "[{'rule-id-value':5,'rule-id-length':3,"
        "'rule-nature':'nature-no-compression'}]",
        "{'rule-id-value':5,'rule-id-length':3,"
        "'rule-nature':'nature-no-compression'}",
        "{'rule':[{'rule-id-value':5,'rule-id-length':3,"
        "'rule-nature':'nature-no-compression'}]}",
        "{'rules':[{'rule-id-value':5,'rule-id-length':3,"
        "'rule-nature':'nature-no-compression'}],'vectors':[],'odd':1}",
        "{'schc':{'rule':[{'rule-id-value':5,'rule-id-length':3,"
        "'rule-nature':'ietf-schc:nature-no-compression'}]}}",
        "{'ietf-schc:schc':{'ietf-schc:rule':[{'ietf-schc:rule-id-value':5,"
        "'rule-id-length':3,'rule-nature':'nature-no-compression'}]}}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        kit_case(texts[i]);
        rules_file *file = load_good(texts[i]);
        assert_int_equal(1, rules_get(file)->count);
        assert_int_equal(5, rules_get(file)->rules[0].id);
        assert_int_equal(3, rules_get(file)->rules[0].id_bits);
        assert_int_equal(COVEY_SCHC_NO_COMPRESSION,
                         rules_get(file)->rules[0].nature);
        rules_free(file);
    }
    kit_case(NULL);
}

static void settings_of_the_file_are_kept(void **state)
{
    rules_file *file = load_good(
        "{'covey:profile':'8824-update-09','covey:stack':'udp-coap',"
        "'covey:select':'shortest','covey:lossy':'allow',"
        "'covey:one-entry-index':1,'covey:lsb-size':'value',"
        "'covey:note':'free text','rule':["
        "{'rule-id-value':0,'rule-id-length':1,"
        "'rule-nature':'nature-compression','entry':[" ENTRY(
            "fid-coap-type", "2",
            SENT) "]},"
                  "{'rule-id-value':1,'rule-id-length':1,'covey:lossy':'"
                  "refuse',"
                  "'rule-nature':'nature-compression','entry':[" ENTRY(
                      "fid-coap-type", "2", SENT) "]}]}");

    (void)state;
    assert_int_equal(COVEY_SCHC_PROFILE_09, rules_profile(file));
    assert_int_equal(COVEY_SCHC_STACK_UDP_COAP, rules_stack(file));
    assert_int_equal(COVEY_SCHC_SHORTEST, rules_get(file)->select);
    assert_int_equal(1, rules_get(file)->one_entry_index_bits);
    assert_true(rules_get(file)->lsb_size_whole);
    assert_true(rules_get(file)->rules[0].lossy);
    assert_false(rules_get(file)->rules[1].lossy);
    rules_free(file);
}

static void the_stack_follows_from_the_layers(void **state)
{
    static const struct {
        const char *text;
        covey_schc_stack stack;
    } rows[] = {
        { RULE(ENTRY("fid-coap-type", "2", SENT)), COVEY_SCHC_STACK_COAP },
        { RULE(ENTRY("fid-udp-length", "16", SENT) "," ENTRY("fid-coap-type",
                                                             "2", SENT)),
          COVEY_SCHC_STACK_UDP_COAP },
        { RULE(ENTRY("fid-ipv6-version", "4", SENT)), COVEY_SCHC_STACK_IPV6 },
        { RULE(ENTRY("fid-ipv6-version", "4", SENT) "," ENTRY("fid-udp-length",
                                                              "16", SENT)),
          COVEY_SCHC_STACK_IPV6_UDP },
        { RULE(ENTRY("fid-ipv6-version", "4", SENT) "," ENTRY(
              "fid-udp-length", "16", SENT) "," ENTRY("fid-coap-type", "2",
                                                      SENT)),
          COVEY_SCHC_STACK_IPV6_UDP_COAP },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        kit_case(covey_schc_stack_name(rows[i].stack));
        rules_file *file = load_good(rows[i].text);
        assert_int_equal(rows[i].stack, rules_stack(file));
        rules_free(file);
    }
    kit_case(NULL);
}

static void lines_of_rules_and_fields_are_known(void **state)
{
    rules_file *file =
        load_good("[\n"                                              /* 1 */
                  " {'rule-id-value':1,'rule-id-length':8,\n"        /* 2 */
                  "  'rule-nature':'nature-compression','entry':[\n" /* 3 */
                  "  " ENTRY("fid-coap-type", "2",
                             SENT) ",\n" /* 4 */
                                   "\n"  /* 5 */
                                   "  " ENTRY("fid-coap-mid", "16",
                                              SENT) "]}]\n"); /* 6 */

    (void)state;
    assert_int_equal(4, rules_line(file, 0, 0));
    assert_int_equal(6, rules_line(file, 0, 1));
    assert_int_equal(2, rules_line(file, 0, 2));
    assert_int_equal(0, rules_line(file, 1, 0));
    rules_free(file);
}

static void lossy_fields_are_warned_about(void **state)
{
    static const char text[] = RULE(ENTRY(
        "fid-ipv6-hoplimit", "8",
        VALUE(
            "'index':0,'value':'40'") "'matching-operator':'mo-ignore',"
                                      "'comp-decomp-action':'cda-not-sent'"));
    rules_options options = engine_options();
    rules_report report;
    rules_file *file = load_text(text, &options, &report);

    (void)state;
    assert_non_null(file);
    assert_int_equal(1, report.count);
    assert_int_equal(0, report.errors);
    assert_non_null(strstr(report.messages[0].text, "do not match"));
    rules_report_free(&report);
    rules_free(file);
    options.allow_lossy = true;
    file = load_text(text, &options, &report);
    assert_true(rules_get(file)->rules[0].lossy);
    assert_int_equal(1, report.count);
    assert_non_null(strstr(report.messages[0].text, "come back as"));
    rules_report_free(&report);
    rules_free(file);
}

static void the_profile_is_the_options_the_files_or_the_default(void **state)
{
    static const char named[] =
        "{'covey:profile':'8824-update-09','rule':[{'rule-id-value':1,"
        "'rule-id-length':8,'rule-nature':'nature-compression','entry':"
        "[" ENTRY("fid-coap-option-hop-limit", "8",
                  VALUE("'index':0,'value':'10'") EQUAL) "]}]}";
    rules_options options = rules_default_options();
    rules_report report;
    rules_file *file = load_text(named, &options, &report);

    (void)state;
    /* 8824-update-09 Section 5.10 permits this, the seed does not */
    assert_non_null(file);
    rules_report_free(&report);
    rules_free(file);
    options.force_profile = true;
    file = load_text(named, &options, &report);
    assert_null(file);
    assert_true(report.errors > 0);
    assert_non_null(
        strstr(report.messages[0].source, "draft-tiloca-schc-8824-update-00"));
    rules_report_free(&report);
}

static void members_of_other_modules_are_warned_about(void **state)
{
    rules_options options = engine_options();
    rules_report report;
    rules_file *file = load_text(
        "{'example:x':1,'@ietf-schc:schc':{},'rule':[{'rule-id-value':1,"
        "'rule-id-length':8,'rule-nature':'nature-no-compression'}]}",
        &options, &report);

    (void)state;
    assert_non_null(file);
    assert_int_equal(2, report.count);
    assert_int_equal(0, report.errors);
    assert_string_equal("/example:x", report.messages[0].path);
    rules_report_free(&report);
    rules_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_integers_aligned_to_the_right),
        cmocka_unit_test(
            values_of_variable_fields_have_the_bits_of_their_bytes),
        cmocka_unit_test(base64_is_an_integer_too),
        cmocka_unit_test(index_decides_the_order_of_a_list),
        cmocka_unit_test(what_is_left_out_has_its_default),
        cmocka_unit_test(lengths_have_long_and_short_names),
        cmocka_unit_test(length_functions_belong_to_their_fields),
        cmocka_unit_test(a_path_with_slashes_is_a_group),
        cmocka_unit_test(a_document_may_be_a_list_or_one_rule),
        cmocka_unit_test(settings_of_the_file_are_kept),
        cmocka_unit_test(the_stack_follows_from_the_layers),
        cmocka_unit_test(lines_of_rules_and_fields_are_known),
        cmocka_unit_test(lossy_fields_are_warned_about),
        cmocka_unit_test(the_profile_is_the_options_the_files_or_the_default),
        cmocka_unit_test(members_of_other_modules_are_warned_about),
    };
    return KIT_RUN(tests);
}
