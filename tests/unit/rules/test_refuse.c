/* SPDX-License-Identifier: BSD-2-Clause */
/* What the loader refuses, and that it says where and why. */
#include "rules_text.h"

struct refusal {
    const char *why;
    const char *text;
    const char *path;    /* of the first error; NULL: not looked at */
    const char *message; /* part of the first error */
};

/* A compression rule's members up to its entries, and their end. */
#define HEAD                                                                  \
    "'rule-id-value':1,'rule-id-length':8,"                                   \
    "'rule-nature':'nature-compression'"
#define FIRST "/ietf-schc:schc/rule/0/entry/0"
#define TYPE  ENTRY("fid-coap-type", "2", SENT)
#define ETAG(value)                                                           \
    RULE(ENTRY("fid-coap-option-etag", "'var'", VALUE(value) EQUAL))
#define FIXED(value) RULE(ENTRY("fid-coap-type", "2", VALUE(value) EQUAL))
#define MSB(value)                                                            \
    RULE(ENTRY("fid-coap-mid", "16",                                          \
               VALUE("'value':'0000'") "'matching-operator':'mo-msb'," value  \
                                       "'comp-decomp-action':'cda-lsb'"))
#define LIST(values)                                                          \
    RULE(ENTRY("fid-coap-type", "2", "'target-value':[" values "]," MAPPING))

/* clang-format off */
static const struct refusal rows[] = {
    /* documents */
    { "nothing", "", NULL, "not JSON" },
    { "a number", "17", "/", "expected an object" },
    { "an empty object", "{}", "/", "no rules here" },
    { "an empty list", "[]", "/", "expected 1 to 65535 rules" },
    { "rules in two places",
      "{'rule':[{" HEAD ",'entry':[" TYPE "]}],'rules':[]}", "/rules",
      "a second place" },
    { "a document within a document", "{'schc':{'schc':{}}}",
      "/schc/schc", "expected \"rule\" within" },
    { "an unknown setting",
      "{'covey:profil':'x','rule':[{" HEAD ",'entry':[" TYPE "]}]}",
      "/covey:profil", "did you mean \"covey:profile\"?" },
    { "an unknown profile", "{'covey:profile':'x','rule':[]}",
      "/covey:profile", "draft-tiloca-schc-8824-update-00" },
    { "a profile that is no word", "{'covey:profile':{},'rule':[]}",
      "/covey:profile", "an object" },
    { "an unknown layout", "{'covey:kudos':'kudos-13','rule':[]}",
      "/covey:kudos", "kudos-14" },
    { "an unknown stack", "{'covey:stack':'tcp','rule':[]}", "/covey:stack",
      "udp-coap" },
    { "an unknown choice", "{'covey:select':'last','rule':[]}",
      "/covey:select", "shortest" },
    { "an unknown permission", "{'covey:lossy':true,'rule':[]}",
      "/covey:lossy", "allow" },
    { "an index of two bits", "{'covey:one-entry-index':2,'rule':[]}",
      "/covey:one-entry-index", "0 or 1" },
    { "an unknown encoding", "{'covey:value-encoding':'utf8','rule':[]}",
      "/covey:value-encoding", "base64" },
    { "an unknown LSB size", "{'covey:lsb-size':1,'rule':[]}",
      "/covey:lsb-size", "residue" },
    /* rules */
    { "a rule that is a string", "['x']", "/0", "expected an object" },
    { "no nature", "[{'rule-id-value':1,'rule-id-length':8,'entry':[]}]",
      "/0", "nature-compression" },
    { "an unknown nature", "[{'rule-nature':'nature-magic'}]",
      "/0/rule-nature", "nature-compression" },
    { "fragmentation", "[{'rule-nature':'nature-fragmentation','fcn-size':3}]",
      "/0/rule-nature", "fragmentation rules are not supported yet" },
    { "no RuleID", "[{'rule-id-length':8,'rule-nature':'nature-compression',"
      "'entry':[" TYPE "]}]", "/0", "no RuleID" },
    { "no RuleID length", "[{'rule-id-value':8,'rule-nature':"
      "'nature-compression','entry':[" TYPE "]}]", "/0", "RuleID length" },
    { "a RuleID of no bits", "[{'rule-id-value':0,'rule-id-length':0,"
      "'rule-nature':'nature-no-compression'}]", "/0/rule-id-length",
      "1 to 32" },
    { "a RuleID of 33 bits", "[{'rule-id-value':0,'rule-id-length':33,"
      "'rule-nature':'nature-no-compression'}]", "/0/rule-id-length",
      "1 to 32" },
    { "a RuleID too large", "[{'rule-id-value':8,'rule-id-length':3,"
      "'rule-nature':'nature-no-compression'}]", "/0/rule-id-value",
      "fits in 3 bits" },
    { "a negative RuleID", "[{'rule-id-value':-1,'rule-id-length':3,"
      "'rule-nature':'nature-no-compression'}]", "/0/rule-id-value", "fits" },
    { "a RuleID as text", "[{'rule-id-value':'1','rule-id-length':3,"
      "'rule-nature':'nature-no-compression'}]", "/0/rule-id-value", "fits" },
    { "a RuleID with a fraction", "[{'rule-id-value':1.0,'rule-id-length':3,"
      "'rule-nature':'nature-no-compression'}]", "/0/rule-id-value", "fits" },
    { "the same RuleID twice",
      "[{" HEAD ",'entry':[" TYPE "]},\n{" HEAD ",'entry':[" TYPE "]}]", "/1",
      "prefix of another, a receiver could not tell them apart; the other "
      "one is at line 1" },
    { "a RuleID that is a prefix",
      "[{" HEAD ",'entry':[" TYPE "]},{'rule-id-value':0,'rule-id-length':1,"
      "'rule-nature':'nature-no-compression'}]", "/1", "prefix" },
    { "no entries", "[{" HEAD "}]", "/0", "array of 1 to" },
    { "an empty list of entries", "[{" HEAD ",'entry':[]}]", "/0/entry",
      "array of 1 to" },
    { "entries of a no-compression rule",
      "[{'rule-id-value':1,'rule-id-length':3,'rule-nature':"
      "'nature-no-compression','entry':[" TYPE "]}]", "/0/entry",
      "no field descriptors" },
    { "a misspelt member of a rule",
      "[{" HEAD ",'entries':[" TYPE "]}]", "/0/entries",
      "did you mean \"entry\"?" },
    { "an unknown member of a rule", "[{" HEAD ",'xyzzy':1,'entry':[" TYPE
      "]}]", "/0/xyzzy", "unknown member" },
    { "a member twice", "[{" HEAD ",'rule-id-length':8,'entry':[" TYPE "]}]",
      "/0/rule-id-length", "occurs twice" },
    /* entries */
    { "an entry that is a list", RULE("[]"), FIRST, "expected an object" },
    { "an empty entry", RULE("{}"), FIRST, "\"field-id\" is missing" },
    { "a misspelt field", RULE(ENTRY("fid-coap-tipe", "2", SENT)),
      FIRST "/field-id", "did you mean \"fid-coap-type\"" },
    { "an unknown field", RULE(ENTRY("fid-quic-connection-id", "2", SENT)),
      FIRST "/field-id", "coap-option(N)" },
    { "option 0", RULE(ENTRY("coap-option(0)", "'var'", SENT)),
      FIRST "/field-id", "no field" },
    { "an option above 65535", RULE(ENTRY("coap-option(65536)", "'var'",
      SENT)), FIRST "/field-id", "no field" },
    { "a field with a zero byte",
      RULE(ENTRY("fid-coap-type\\u0000", "2", SENT)), FIRST "/field-id",
      "expected an identity" },
    { "a misspelt member", RULE("{'field-id':'fid-coap-type','fieldlength':2,"
      SENT "}"), FIRST "/fieldlength", "did you mean \"field-length\"?" },
    { "an unknown length", RULE(ENTRY("fid-coap-type", "'fl-long'", SENT)),
      FIRST "/field-length", "fl-variable" },
    { "a length beyond all", RULE(ENTRY("fid-coap-type", "65536", SENT)),
      FIRST "/field-length", "up to 65535" },
    { "a length that is not the field's",
      RULE(ENTRY("fid-coap-type", "3", SENT)), FIRST,
      "fid-coap-type: this field length does not suit the field" },
    { "a position of 256", RULE(ENTRY("fid-coap-type", "2",
      "'field-position':256," SENT)), FIRST "/field-position", "1 to 255" },
    { "the second Type", RULE(ENTRY("fid-coap-type", "2",
      "'field-position':2," SENT)), FIRST, "position" },
    { "an unknown direction", RULE(ENTRY("fid-coap-type", "2",
      "'direction-indicator':'di-left'," SENT)),
      FIRST "/direction-indicator", "di-up" },
    { "no operator", RULE("{'field-id':'fid-coap-type','field-length':2,"
      "'comp-decomp-action':'cda-value-sent'}"), FIRST,
      "\"matching-operator\" is missing" },
    { "no action", RULE("{'field-id':'fid-coap-type','field-length':2,"
      "'matching-operator':'mo-ignore'}"), FIRST,
      "\"comp-decomp-action\" is missing" },
    { "an unknown operator", RULE(ENTRY("fid-coap-type", "2",
      "'matching-operator':'mo-like','comp-decomp-action':'cda-lsb'")),
      FIRST "/matching-operator", "mo-match-mapping" },
    { "an unknown action", RULE(ENTRY("fid-coap-type", "2",
      "'matching-operator':'mo-equal','comp-decomp-action':'cda-guess'")),
      FIRST "/comp-decomp-action", "cda-not-sent" },
    { "an action that computes something else",
      RULE(ENTRY("fid-udp-length", "16", "'matching-operator':'mo-ignore',"
      "'comp-decomp-action':'cda-compute-checksum'")),
      FIRST "/comp-decomp-action", "holds no checksum" },
    { "an operator and an action that do not go together",
      RULE(ENTRY("fid-coap-type", "2", "'matching-operator':'mo-ignore',"
      "'comp-decomp-action':'cda-lsb'")), FIRST, "does not go with" },
    { "an argument for equal", RULE(ENTRY("fid-coap-type", "2",
      VALUE("'value':'1'") "'matching-operator-value':[{'index':0,'value':1}],"
      EQUAL)), FIRST "/matching-operator-value", "takes no argument" },
    { "MSB without argument", MSB(""), FIRST, "matching-operator-value" },
    { "MSB with two", MSB("'matching-operator-value':[{'value':1},{'value':2"
      "}],"), FIRST "/matching-operator-value", "one argument" },
    { "MSB with text", MSB("'matching-operator-value':[{'value':'xx'}],"),
      FIRST "/matching-operator-value/0/value", "hex digits" },
    { "MSB with nothing in it", MSB("'matching-operator-value':[{}],"),
      FIRST "/matching-operator-value/0", "a number of bits" },
    { "MSB with a number for an item", MSB("'matching-operator-value':[12],"),
      FIRST "/matching-operator-value/0", "expected an object" },
    { "MSB longer than the field",
      MSB("'matching-operator-value':[{'index':0,'value':17}],"), FIRST,
      "MSB" },
    { "grouped by a number", RULE(ENTRY("fid-coap-option-uri-path", "'var'",
      "'covey:grouped':1," SENT)), FIRST "/covey:grouped", "true or false" },
    /* values */
    { "a value that is no list", RULE(ENTRY("fid-coap-type", "2",
      "'target-value':'0'," EQUAL)), FIRST "/target-value",
      "expected an array" },
    { "no value where one is needed", RULE(ENTRY("fid-coap-type", "2", EQUAL)),
      FIRST, "target value missing" },
    { "an empty list where a value is needed",
      RULE(ENTRY("fid-coap-type", "2", "'target-value':[]," EQUAL)), FIRST,
      "target value missing" },
    { "a value that does not fit", FIXED("'value':'4'"),
      FIRST "/target-value/0", "does not fit in 2 bits" },
    { "a value aligned to the left", FIXED("'value':'40'"),
      FIRST "/target-value/0", "aligned to the right" },
    { "a number that does not fit", FIXED("'value':4"),
      FIRST "/target-value/0", "does not fit in 2 bits" },
    { "a number beyond 64 bits", FIXED("'value':18446744073709551616"),
      FIRST "/target-value/0/value", "2^64-1" },
    { "a negative number", FIXED("'value':-1"), FIRST "/target-value/0/value",
      "2^64-1" },
    { "a fraction", FIXED("'value':1.5"), FIRST "/target-value/0/value",
      "2^64-1" },
    { "more bits than the field", FIXED("'value':'1','bits':3"),
      FIRST "/target-value/0", "has 3 bits, the field has 2" },
    { "fewer bits than the field", FIXED("'value':'1','bits':1"), FIRST,
      "target value" },
    { "no hex digit", ETAG("'value':'0g'"), FIRST "/target-value/0/value",
      "found 'g' at digit 2" },
    { "a prefix of C", ETAG("'value':'0x0a'"), FIRST "/target-value/0/value",
      "found 'x'" },
    { "half a byte", ETAG("'value':'abc'"), FIRST "/target-value/0",
      "odd number of hex digits" },
    { "a number for bytes", ETAG("'value':5"), FIRST "/target-value/0/value",
      "give hex digits" },
    { "bits of bytes that are no bytes", ETAG("'value':'5','bits':4"), FIRST,
      "target value" },
    { "a value that is true", ETAG("'value':true"),
      FIRST "/target-value/0/value", "string of digits" },
    { "no value", ETAG("'index':0"), FIRST "/target-value/0",
      "either \"value\" or" },
    { "value and text", ETAG("'value':'00','covey:text':'x'"),
      FIRST "/target-value/0", "either" },
    { "two texts", ETAG("'text':'x','covey:text':'x'"),
      FIRST "/target-value/0", "either" },
    { "a text that is a number", ETAG("'covey:text':1"),
      FIRST "/target-value/0/covey:text", "expected a string" },
    { "a text for two bits", FIXED("'covey:text':'x'"),
      FIRST "/target-value/0", "has 8 bits, the field has 2" },
    { "a misspelt value", ETAG("'vaule':'00'"), FIRST "/target-value/0/vaule",
      "did you mean \"value\"?" },
    { "an index beyond the list", ETAG("'index':1,'value':'00'"),
      FIRST "/target-value/0", "leaves a gap" },
    { "an index that is a word", ETAG("'index':'a','value':'00'"),
      FIRST "/target-value/0/index", "0 to 65535" },
    { "an index twice", LIST("{'index':0,'value':'0'},"
      "{'index':0,'value':'1'}"), FIRST "/target-value/1", "occurs twice" },
    { "a gap", LIST("{'index':0,'value':'0'},{'index':2,'value':'1'}"),
      FIRST "/target-value/1", "leaves a gap" },
    { "no index in a list", LIST("{'index':0,'value':'0'},{'value':'1'}"),
      FIRST "/target-value/1", "\"index\" is missing" },
    { "two values for equal", RULE(ENTRY("fid-coap-type", "2",
      "'target-value':[{'index':0,'value':'0'},{'index':1,'value':'1'}],"
      EQUAL)), FIRST, "more than one" },
    { "paths of different depth", RULE(ENTRY("fid-coap-option-uri-path",
      "'var'", "'target-value':[{'index':0,'covey:text':'/a'},{'index':1,"
      "'covey:text':'/a/b'}]," MAPPING)), FIRST, "the same number" },
    { "a path and a segment", RULE(ENTRY("fid-coap-option-uri-path",
      "'var'", "'target-value':[{'index':0,'covey:text':'/a'},{'index':1,"
      "'covey:text':'b'}]," MAPPING)), FIRST, "the same number" },
    /* pairs */
    { "a field twice", RULE(TYPE "," TYPE), "/ietf-schc:schc/rule/0/entry/1",
      "the other one is at line 1" },
    { "a token before its length",
      RULE(ENTRY("fid-coap-token", "'tkl'", SENT) ","
           ENTRY("fid-coap-tkl", "4", SENT)), FIRST, "comes later" },
};
/* clang-format on */

static const rules_message *first_error(const rules_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        if (report->messages[i].severity == RULES_ERROR) {
            return &report->messages[i];
        }
    }
    return NULL;
}

static void check_refusal(const struct refusal *row)
{
    const rules_options options = engine_options();
    rules_report report;
    rules_file *file = load_text(row->text, &options, &report);
    const rules_message *m = first_error(&report);

    if (m == NULL) {
        fail_msg("%s: no error", row->why);
        return; /* the analyser does not know that it is not reached */
    }
    if (file != NULL || strstr(m->text, row->message) == NULL ||
        (row->path != NULL && strcmp(m->path, row->path) != 0)) {
        fail_msg("%s: %s: \"%s\" at %s", row->why, file ? "loaded" : "refused",
                 m->text, m->path);
    }
    assert_true(report.errors > 0);
    assert_true(m->line > 0 || m->path[0] == '\0');
    rules_report_free(&report);
}

static void says_where_and_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        kit_case(rows[i].why);
        check_refusal(&rows[i]);
    }
    kit_case(NULL);
}

static void base64_that_is_none(void **state)
{
    static const char *const values[] = {
        "A",   "AQ",   "AQ=",  "A===",     "====", "AR==",
        "AQE", "AQF=", "A Q=", "AQ==AQ==", "-_==", "AQ\\n=",
    };
    const rules_options options = engine_options();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        char text[600];
        rules_report report;
        kit_case(values[i]);
        snprintf(text, sizeof text,
                 "{'covey:value-encoding':'base64','rule':[{" HEAD
                 ",'entry':[" ENTRY("fid-coap-option-etag", "'var'",
                                    VALUE("'value':'%s'") EQUAL) "]}]}",
                 values[i]);
        assert_null(load_text(text, &options, &report));
        assert_non_null(strstr(report.messages[0].text, "base64"));
        rules_report_free(&report);
    }
    kit_case(NULL);
}

static void shows_all_problems_in_one_go(void **state)
{
    const rules_options options = engine_options();
    rules_report report;

    (void)state;
    assert_null(load_text("{'covey:stack':'x','rule':[\n"
                          "{'rule-id-value':9,'rule-id-length':3,\n"
                          "'rule-nature':'nature-compression','entry':[\n"
                          "{'field-id':'x','field-length':'y',\n"
                          "'matching-operator':'z'},\n"
                          "{'field-id':'fid-coap-mid'}]},\n"
                          "{'rule-nature':'nature-fragmentation'}]}",
                          &options, &report));
    /* the stack, the RuleID, four faults, two missing members, the nature */
    assert_int_equal(9, report.errors);
    assert_int_equal(9, report.count);
    assert_int_equal(1, report.messages[0].line);
    assert_int_equal(16, report.messages[0].column);
    assert_int_equal(7, report.messages[8].line);
    rules_report_free(&report);
}

static void counts_further_problems_and_keeps_a_hundred(void **state)
{
    const rules_options options = engine_options();
    const size_t many = 1000;
    char *text = malloc(many * 4 + 8);
    rules_report report;
    size_t len = 0;

    (void)state;
    assert_non_null(text);
    text[len++] = '[';
    for (size_t i = 0; i < many; i++) {
        memcpy(text + len, i ? ",17" : " 17", 3);
        len += 3;
    }
    text[len++] = ']';
    assert_null(rules_load_text(text, len, &options, &report));
    assert_int_equal(many, report.errors);
    assert_int_equal(100, report.count);
    assert_non_null(strstr(report.messages[99].text, "and more"));
    rules_report_free(&report);
    free(text);
}

static void names_every_faulty_rule(void **state)
{
    const rules_options options = engine_options();
    rules_report report;

    (void)state;
    assert_null(load_text(
        "[{'rule-id-value':1,'rule-id-length':3,"
        "'rule-nature':'nature-compression','entry':[" ENTRY(
            "fid-coap-type", "3",
            SENT) "]},\n"
                  "{'rule-id-value':2,'rule-id-length':3,"
                  "'rule-nature':'nature-compression','entry':[" ENTRY(
                      "fid-coap-type", "4", SENT) "]}]",
        &options, &report));
    assert_int_equal(2, report.errors);
    assert_string_equal("/0/entry/0", report.messages[0].path);
    assert_string_equal("/1/entry/0", report.messages[1].path);
    assert_int_equal(2, report.messages[1].line);
    rules_report_free(&report);
}

static void a_violated_must_names_document_and_section(void **state)
{
    /* an Echo option that is not sent: seed Section 2.4 */
    static const char text[] =
        RULE(ENTRY("fid-coap-option-echo", "'var'",
                   VALUE("'index':0,'value':'01'") EQUAL));
    rules_options options = rules_default_options();
    rules_report report;
    rules_file *file = load_text(text, &options, &report);
    const rules_message *m = first_error(&report);

    (void)state;
    assert_null(file);
    if (m == NULL) {
        fail_msg("no error");
        return; /* the analyser does not know that it is not reached */
    }
    assert_non_null(strstr(m->text, "fid-coap-option-echo"));
    assert_non_null(strstr(m->source, "draft-tiloca-schc-8824-update-00"));
    assert_non_null(strstr(m->source, "Section"));
    rules_report_free(&report);
    options.check_profile = false;
    file = load_text(text, &options, &report);
    assert_non_null(file);
    rules_report_free(&report);
    rules_free(file);
}

static void control_characters_do_not_reach_a_terminal(void **state)
{
    const rules_options options = engine_options();
    rules_report report;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_non_null(out);
    assert_null(load_text("{'\\u001b[2J\\u009b':1,'rule':[{'rule-nature':"
                          "'\\n'}]}",
                          &options, &report));
    rules_report_print(&report, "file", out);
    fclose(out);
    for (size_t i = 0; i < len; i++) {
        assert_true((uint8_t)text[i] >= 0x20 || text[i] == '\n');
        assert_true((uint8_t)text[i] != 0xc2);
    }
    assert_non_null(strstr(text, "file:1:2: error: /?[2J??: unknown"));
    free(text);
    rules_report_free(&report);
}

static void a_file_that_is_not_there(void **state)
{
    const rules_options options = rules_default_options();
    rules_report report;

    (void)state;
    assert_null(rules_load("tests/no/such/file", &options, &report));
    assert_int_equal(1, report.errors);
    assert_non_null(strstr(report.messages[0].text, "cannot read"));
    rules_report_free(&report);
    assert_null(rules_load("tests", &options, &report)); /* a folder */
    assert_int_equal(1, report.errors);
    rules_report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_where_and_why),
        cmocka_unit_test(base64_that_is_none),
        cmocka_unit_test(shows_all_problems_in_one_go),
        cmocka_unit_test(counts_further_problems_and_keeps_a_hundred),
        cmocka_unit_test(names_every_faulty_rule),
        cmocka_unit_test(a_violated_must_names_document_and_section),
        cmocka_unit_test(control_characters_do_not_reach_a_terminal),
        cmocka_unit_test(a_file_that_is_not_there),
    };
    return KIT_RUN(tests);
}
