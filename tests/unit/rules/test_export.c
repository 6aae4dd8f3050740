/* SPDX-License-Identifier: BSD-2-Clause */
/* Exports: JSON loads to the same tables, C compiles to the same tables (the
 * latter is looked at by tests/cli, with a compiler). */
#include "rules_text.h"

static void same_value(const covey_schc_value *a, const covey_schc_value *b)
{
    assert_int_equal(a->bits, b->bits);
    CHECK_SPAN(covey_bytes_of(a->bytes, (a->bits + 7u) / 8u),
               covey_bytes_of(b->bytes, (b->bits + 7u) / 8u));
}

static void same_field(const covey_schc_field *a, const covey_schc_field *b)
{
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->position, b->position);
    assert_int_equal(a->direction, b->direction);
    assert_int_equal(a->length, b->length);
    assert_int_equal(a->mo, b->mo);
    assert_int_equal(a->cda, b->cda);
    assert_int_equal(a->segments, b->segments);
    assert_int_equal(a->option, b->option);
    assert_int_equal(a->bits, b->bits);
    assert_int_equal(a->msb, b->msb);
    assert_int_equal(a->value_count, b->value_count);
    for (uint16_t i = 0; i < a->value_count; i++) {
        same_value(&a->values[i], &b->values[i]);
    }
}

static void same_set(const covey_schc_rules *a, const covey_schc_rules *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->select, b->select);
    assert_int_equal(a->kudos, b->kudos);
    assert_int_equal(a->one_entry_index_bits, b->one_entry_index_bits);
    assert_int_equal(a->lsb_size_whole, b->lsb_size_whole);
    for (uint16_t i = 0; i < a->count; i++) {
        const covey_schc_rule *x = &a->rules[i];
        const covey_schc_rule *y = &b->rules[i];
        assert_int_equal(x->id, y->id);
        assert_int_equal(x->id_bits, y->id_bits);
        assert_int_equal(x->nature, y->nature);
        assert_int_equal(x->layers, y->layers);
        assert_int_equal(x->lossy, y->lossy);
        assert_int_equal(x->field_count, y->field_count);
        for (uint16_t j = 0; j < x->field_count; j++) {
            same_field(&x->fields[j], &y->fields[j]);
        }
    }
}

/* load(export(x)) equals x. */
static void round_trip(const rules_file *file)
{
    const rules_options options = engine_options();
    rules_report report;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    assert_true(rules_export_json(rules_get(file), rules_profile(file), out));
    fclose(out);
    rules_file *again = rules_load_text(text, len, &options, &report);
    if (again == NULL) {
        rules_report_print(&report, text, stderr);
    }
    assert_non_null(again);
    same_set(rules_get(file), rules_get(again));
    assert_int_equal(rules_profile(file), rules_profile(again));
    rules_report_free(&report);
    rules_free(again);
    free(text);
}

/* clang-format off */
static const char *const round_trips[] = {
    RULE(ENTRY("fid-coap-type", "2",
               "'target-value':[{'index':0,'value':'0'},"
               "{'index':1,'value':'3'}]," MAPPING) ","
         ENTRY("fid-coap-option-uri-path", "'var'",
               VALUE("'covey:text':'/a/b'") EQUAL) ","
         ENTRY("fid-coap-option-uri-path", "'var'",
               "'field-position':3,'covey:grouped':false,"
               VALUE("'covey:text':'/x'") EQUAL) ","
         ENTRY("fid-coap-option-uri-host", "'var'",
               VALUE("'covey:text':'a\\\"\\\\b'") EQUAL) ","
         ENTRY("coap-option(2055)", "'var_bit'",
               VALUE("'value':'','bits':0") EQUAL) ","
         ENTRY("fid-coap-mid", "16", VALUE("'value':'0120'")
               "'matching-operator':'mo-msb',"
               "'matching-operator-value':[{'index':0,'value':7}],"
               "'comp-decomp-action':'cda-lsb'")),
    RULE(ENTRY("fid-ipv6-flowlabel", "20", "'direction-indicator':'di-up',"
               VALUE("'value':'abcde'") EQUAL) ","
         ENTRY("fid-ipv6-payload-length", "16",
               "'matching-operator':'mo-ignore',"
               "'comp-decomp-action':'cda-compute'") ","
         ENTRY("fid-ipv6-deviid", "64", "'matching-operator':'mo-ignore',"
               "'comp-decomp-action':'cda-deviid'") ","
         "{'field-id':'fid-coap-option-etag',"
         VALUE("'value':'010203','bits':24") EQUAL "}"),
    "{'covey:profile':'8824-update-09','covey:select':'shortest',"
    "'covey:lossy':'allow','covey:kudos':'kudos-14',"
    "'covey:one-entry-index':1,'covey:lsb-size':'value','rules':["
    "{'rule-id-value':4294967295,'rule-id-length':32,"
    "'rule-nature':'nature-no-compression'},"
    "{'rule-id-value':0,'rule-id-length':1,"
    "'rule-nature':'nature-compression','entry':["
    ENTRY("fid-coap-option-oscore-flags", "'var'", SENT) ","
    ENTRY("fid-coap-option-oscore-piv", "'osc.piv'", SENT) ","
    ENTRY("fid-coap-option-oscore-x", "8", SENT) ","
    ENTRY("fid-coap-option-oscore-nonce", "'osc.x.m'", SENT) "]}]}",
};
/* clang-format on */

static void json_loads_to_the_same_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(round_trips); i++) {
        kit_case(round_trips[i]);
        rules_file *file = load_good(round_trips[i]);
        round_trip(file);
        rules_free(file);
    }
    kit_case(NULL);
}

static void our_vectors_come_back(void **state)
{
    static const char *const paths[] = {
        "tests/vectors/schc/8824-update-09_section8.json",
        "tests/vectors/schc/8824-update-09_section10_proxies.json",
        "tests/vectors/schc/universal-option-01.json",
    };
    const rules_options options = engine_options();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        rules_report report;
        kit_case(paths[i]);
        rules_file *file = rules_load(paths[i], &options, &report);
        assert_non_null(file);
        rules_report_free(&report);
        round_trip(file);
        rules_free(file);
    }
    kit_case(NULL);
}

static char *export_c(const char *symbol, bool expected)
{
    rules_file *file = load_good(
        RULE(ENTRY("fid-coap-option-uri-path", "'var'",
                   VALUE("'covey:text':'temperature'")
                       EQUAL) "," ENTRY("fid-coap-option-if-none-match",
                                        "'var'", VALUE("'value':''") EQUAL)));
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    assert_int_equal(expected, rules_export_c(rules_get(file), symbol, out));
    fclose(out);
    rules_free(file);
    return text;
}

static void c_names_what_it_holds(void **state)
{
    char *text = export_c("sensor_rules", true);

    (void)state;
    assert_non_null(strstr(text, "#include <covey/schc.h>"));
    assert_non_null(strstr(text, "const covey_schc_rules sensor_rules = {"));
    assert_non_null(strstr(text, "/* 0: fid-coap-option-uri-path */"));
    assert_non_null(strstr(text, ".id = COVEY_SCHC_OPTION,"));
    assert_non_null(strstr(text, ".mo = COVEY_SCHC_MO_EQUAL,"));
    assert_non_null(strstr(text, "/* temperature */"));
    assert_non_null(strstr(text, "{ .bytes = nothing, .bits = 0 }"));
    free(text);
}

static void c_wants_an_identifier(void **state)
{
    static const char *const bad[] = {
        "", "1x", "a-b", "a b", "a;", "rules", "nothing", "r0", "\xc3\xa9",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        kit_case(bad[i]);
        free(export_c(bad[i], false));
    }
    kit_case(NULL);
}

static void says_when_the_output_is_full(void **state)
{
    rules_file *file = load_good(RULE(ENTRY("fid-coap-type", "2", SENT)));
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    assert_non_null(full);
    assert_false(
        rules_export_json(rules_get(file), rules_profile(file), full));
    fclose(full);
    full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_false(rules_export_c(rules_get(file), "x", full));
    fclose(full);
    rules_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_loads_to_the_same_tables),
        cmocka_unit_test(our_vectors_come_back),
        cmocka_unit_test(c_names_what_it_holds),
        cmocka_unit_test(c_wants_an_identifier),
        cmocka_unit_test(says_when_the_output_is_full),
    };
    return KIT_RUN(tests);
}
