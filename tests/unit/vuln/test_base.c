/* SPDX-License-Identifier: BSD-2-Clause */
/* What records say about services, and which files are refused. */
#include "kit.h"

#include <vuln.h>

#include <crypto/scripted/scripted.h>

#include <stdlib.h>
#include <unistd.h>

/* A record of OSV: 'single quotes' stand for double ones. */
#define OSV(affected)                                                         \
    "{'id':'DSA-1-1','modified':'2026-01-02T03:04:05.678Z','upstream':"       \
    "['CVE-2026-1'],'affected':[" affected "]}"
#define IN(release, rest)                                                     \
    "{'package':{'ecosystem':'" release "','name':'openssh'}," rest "}"
#define RANGE(events)  "'ranges':[{'type':'ECOSYSTEM','events':[" events "]}]"
#define UNTIL(version) RANGE("{'introduced':'0'},{'fixed':'" version "'}")

#define NVD(match)                                                            \
    "{'format':'NVD_CVE','timestamp':'2026-05-06T07:08:09.100',"              \
    "'vulnerabilities':[{'cve':{'id':'CVE-2026-1','configurations':[{"        \
    "'nodes':[{'cpeMatch':[{'vulnerable':true,'criteria':'cpe:2.3:a:"         \
    "openbsd:openssh:" match "}]}]}]}}]}"
#define ANY "*:*:*:*:*:*:*:*'"

#define CSAF(tree, status)                                                    \
    "{'document':{'csaf_version':'2.0','tracking':{'id':'VEX-1',"             \
    "'current_release_date':'2026-07-08T09:10:11Z'}},'product_tree':{" tree   \
    "},'vulnerabilities':[{'cve':'CVE-2026-1','product_status':{" status      \
    "}}]}"
#define PRODUCT(helper)                                                       \
    "{'name':'x','product_id':'P','product_identification_helper':{" helper   \
    "}}"
#define DEB(version) "'purl':'pkg:deb/debian/openssh" version "'"

static const vuln_service ssh = {
    .label = "ssh",
    .distribution = "Debian:12",
    .package = "openssh",
    .version = "1:9.2p1-2+deb12u10",
    .cpe = { 'a', "openbsd", "openssh", "9.2p1" },
};

enum {
    NONE = VULN_ANSWERS,
    REFUSED
};

struct lab {
    vuln_lookup l;
    vuln_base base;
    char *messages;
    size_t len;
};

static void lab_open(struct lab *k, const vuln_service *s)
{
    memset(k, 0, sizeof *k);
    k->l.services = s;
    k->l.service_count = 1;
    k->l.messages = open_memstream(&k->messages, &k->len);
    assert_non_null(k->l.messages);
}

static void lab_close(struct lab *k)
{
    vuln_close(&k->l);
    fclose(k->l.messages);
    free(k->messages);
}

static bool give(struct lab *k, const char *text)
{
    const size_t len = strlen(text);
    char *json = malloc(len + 1);

    assert_non_null(json);
    for (size_t i = 0; i <= len; i++) {
        json[i] = (char)(text[i] == '\'' ? '"' : text[i]);
    }
    const bool good = vuln_text_read(
        &k->l, "f", covey_bytes_of((const uint8_t *)json, len), &k->base);
    free(json);
    return good;
}

/* --- answers ------------------------------------------------------------- */

struct row {
    const char *why;
    const char *text;
    unsigned expected; /* vuln_answer, NONE or REFUSED */
};

/* clang-format off */
static const struct row rows[] = {
    /* OSV */
    { "fixed in this revision",
      OSV(IN("Debian:12", UNTIL("1:9.2p1-2+deb12u10"))), VULN_FIXED },
    { "fixed before", OSV(IN("Debian:12", UNTIL("1:9.2p1-2+deb12u3"))),
      VULN_FIXED },
    { "fixed later", OSV(IN("Debian:12", UNTIL("1:9.2p1-2+deb12u11"))),
      VULN_AFFECTED },
    { "never fixed", OSV(IN("Debian:12", RANGE("{'introduced':'0'}"))),
      VULN_AFFECTED },
    { "introduced later", OSV(IN("Debian:12",
      RANGE("{'introduced':'1:9.8p1-1'},{'fixed':'1:9.8p1-2'}"))), NONE },
    { "introduced again", OSV(IN("Debian:12",
      RANGE("{'introduced':'0'},{'fixed':'1:8'},{'introduced':'1:9'},"
            "{'fixed':'1:10'}"))), VULN_AFFECTED },
    { "between two ranges", OSV(IN("Debian:12",
      RANGE("{'introduced':'0'},{'fixed':'1:9'},{'introduced':'1:10'}"))),
      VULN_FIXED },
    { "one of two ranges is enough", OSV(IN("Debian:12",
      "'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},"
      "{'fixed':'1:8'}]},{'type':'ECOSYSTEM','events':[{'introduced':'0'},"
      "{'fixed':'1:10'}]}]")), VULN_AFFECTED },
    { "the last affected one is below", OSV(IN("Debian:12",
      RANGE("{'introduced':'0'},{'last_affected':'1:9'}"))), NONE },
    { "this is the last affected one", OSV(IN("Debian:12",
      RANGE("{'introduced':'0'},{'last_affected':'1:9.2p1-2+deb12u10'}"))),
      VULN_AFFECTED },
    { "named among versions", OSV(IN("Debian:12",
      "'versions':['1:9.2p1-2','1:9.2p1-2+deb12u10']")), VULN_AFFECTED },
    { "not named among versions", OSV(IN("Debian:12",
      "'versions':['1:9.2p1-2']")), NONE },
    { "another release", OSV(IN("Debian:11", UNTIL("1:99"))), NONE },
    { "a release whose number begins so", OSV(IN("Debian:120", UNTIL("1:99"))),
      NONE },
    { "another distribution", OSV(IN("Alpine:12", UNTIL("1:99"))), NONE },
    { "other kinds of ranges", OSV(IN("Debian:12",
      "'ranges':[{'type':'GIT','events':[{'introduced':'0'}]}]")), NONE },
    { "withdrawn", "{'id':'DSA-1-1','modified':'2026','withdrawn':'2026',"
      "'affected':[" IN("Debian:12", UNTIL("1:99")) "]}", NONE },
    { "a name that is escaped", OSV("{'package':{'ecosystem':'Debian:12',"
      "'name':'\\u006fpenssh'}," UNTIL("1:99") "}"), VULN_AFFECTED },
    { "affected is no list", "{'id':'x','modified':'','affected':"
      "'openssh'}", REFUSED },
    { "affected holds no object", OSV("'openssh'"), REFUSED },
    { "events are no list", OSV(IN("Debian:12",
      "'ranges':[{'type':'ECOSYSTEM','events':{}}]")), REFUSED },
    { "an event is no object", OSV(IN("Debian:12", RANGE("7"))), REFUSED },
    { "a version is no text", OSV(IN("Debian:12",
      RANGE("{'fixed':7}"))), REFUSED },
    { "a range is no object", OSV(IN("Debian:12", "'ranges':[7]")), REFUSED },
    { "versions hold no text", OSV(IN("Debian:12", "'versions':[7]")),
      REFUSED },
    { "an id that is none", "{'id':7,'modified':'','affected':[]"
      ",'x':'openssh'}", REFUSED },
    { "an id that is empty", "{'id':'','modified':'','x':'openssh'}",
      REFUSED },
    { "a key that comes twice", "{'id':'a','id':'b','modified':'',"
      "'x':'openssh'}", REFUSED },
    { "something behind it", OSV("") "'openssh'", REFUSED },
    /* NVD */
    { "any version", NVD(ANY), VULN_CANNOT_TELL },
    { "this version", NVD("9.2:p1:*:*:*:*:*:*'"), VULN_CANNOT_TELL },
    { "another version", NVD("9.2:p2:*:*:*:*:*:*'"), NONE },
    { "up to another", NVD(ANY ",'versionEndExcluding':'9.8'"),
      VULN_CANNOT_TELL },
    { "up to before this one", NVD(ANY ",'versionEndExcluding':'9.2p1'"),
      NONE },
    { "up to this one", NVD(ANY ",'versionEndIncluding':'9.2p1'"),
      VULN_CANNOT_TELL },
    { "from this one on", NVD(ANY ",'versionStartIncluding':'9.2p1'"),
      VULN_CANNOT_TELL },
    { "from behind this one on", NVD(ANY ",'versionStartExcluding':'9.2p1'"),
      NONE },
    { "not vulnerable itself", "{'format':'NVD_CVE','vulnerabilities':[{'cve':"
      "{'id':'CVE-2026-1','configurations':[{'nodes':[{'cpeMatch':[{"
      "'vulnerable':false,'criteria':'cpe:2.3:a:openbsd:openssh:" ANY
      "}]}]}]}}]}", NONE },
    { "rejected", "{'format':'NVD_CVE','vulnerabilities':[{'cve':{'id':"
      "'CVE-2026-1','vulnStatus':'Rejected','x':':openssh:'}}]}", NONE },
    { "a list that has no end", "{'format':'NVD_CVE','vulnerabilities':[{}",
      REFUSED },
    { "an item that has no end", "{'format':'NVD_CVE','vulnerabilities':[{",
      REFUSED },
    { "no list", "{'format':'NVD_CVE','vulnerabilities'", REFUSED },
    { "an item that is none", "{'format':'NVD_CVE','vulnerabilities':[7]}",
      REFUSED },
    { "a bracket in a text", "{'format':'NVD_CVE','vulnerabilities':[{'a':"
      "']}\\\\'},{'cve':{'id':'CVE-2026-1','configurations':[{'nodes':[{"
      "'cpeMatch':[{'vulnerable':true,'criteria':'cpe:2.3:a:openbsd:openssh:"
      ANY "}]}]}]}}]}", VULN_CANNOT_TELL },
    { "criteria without a version", NVD("'"), VULN_CANNOT_TELL },
    { "criteria of another kind", "{'format':'NVD_CVE','vulnerabilities':[{"
      "'x':':openssh:','cve':{'id':'C','configurations':[{'nodes':[{"
      "'cpeMatch':[{'criteria':7}]}]}]}}]}", REFUSED },
    { "nodes of another kind", "{'format':'NVD_CVE','vulnerabilities':[{"
      "'x':':openssh:','cve':{'id':'C','configurations':[{'nodes':7}]}}]}",
      REFUSED },
    { "no id", "{'format':'NVD_CVE','vulnerabilities':[{'x':':openssh:'}]}",
      REFUSED },
    /* VEX */
    { "not affected, by its package", CSAF("'full_product_names':["
      PRODUCT(DEB("@1%3A9.2p1-2%2Bdeb12u10?arch=source")) "]",
      "'known_not_affected':['P']"), VULN_FIXED },
    { "any version of the package", CSAF("'full_product_names':["
      PRODUCT(DEB("")) "]", "'known_affected':['P']"), VULN_AFFECTED },
    { "another version", CSAF("'full_product_names':["
      PRODUCT(DEB("@9.2p1-2")) "]", "'known_affected':['P']"), NONE },
    { "by its CPE name", CSAF("'full_product_names':["
      PRODUCT("'cpe':'cpe:/a:openbsd:openssh:9.2p1'") "]",
      "'under_investigation':['P']"), VULN_CANNOT_TELL },
    { "in a branch of a branch", CSAF("'branches':[{},{'branches':[{"
      "'product':" PRODUCT(DEB("")) "}]}]", "'fixed':['P']"), VULN_FIXED },
    { "as a part of another one", CSAF("'full_product_names':["
      PRODUCT(DEB("")) "],'relationships':[{'product_reference':'P',"
      "'full_product_name':{'product_id':'Q'}}]", "'fixed':['Q']"),
      VULN_FIXED },
    { "the worst of two", CSAF("'full_product_names':["
      PRODUCT(DEB("")) "]", "'fixed':['P'],'known_affected':['P']"),
      VULN_AFFECTED },
    { "somebody else's product", CSAF("'full_product_names':["
      PRODUCT(DEB("")) "]", "'known_affected':['Q']"), NONE },
    { "a status that is no list", CSAF("'full_product_names':["
      PRODUCT(DEB("")) "]", "'known_affected':'P'"), REFUSED },
    { "an id that is a number", CSAF("'full_product_names':["
      PRODUCT(DEB("")) "]", "'known_affected':[7]"), REFUSED },
    { "branches that are none", CSAF("'branches':7", ""), REFUSED },
    { "seventeen branches", CSAF(
      "'branches':[{'branches':[{'branches':[{'branches':[{'branches':[{"
      "'branches':[{'branches':[{'branches':[{'branches':[{'branches':[{"
      "'branches':[{'branches':[{'branches':[{'branches':[{'branches':[{"
      "'branches':[{'branches':[]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]", ""),
      REFUSED },
    /* none of them */
    { "nothing", "", REFUSED },
    { "another document", "{'a':'openssh'}", REFUSED },
    { "a record that does not end", "{'id':'x','modified':'','a':'openssh'",
      REFUSED },
    { "a list", "['id','modified','openssh']", REFUSED },
};
/* clang-format on */

static void each_source_has_its_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lab k;
        kit_case(rows[i].why);
        lab_open(&k, &ssh);
        const bool good = give(&k, rows[i].text);
        assert_int_equal(rows[i].expected != REFUSED, good);
        assert_int_equal(good ? 0 : 1, k.l.refused);
        fflush(k.l.messages);
        assert_int_equal(good, k.len == 0);
        if (!good) {
            assert_memory_equal("f:1: error: ", k.messages, 12);
        }
        if (good && rows[i].expected == NONE) {
            assert_int_equal(0, k.l.match_count);
        } else if (good) {
            assert_int_equal(1, k.l.match_count);
            assert_string_equal("CVE-2026-1", k.l.matches[0].id);
            assert_int_equal(rows[i].expected, k.l.matches[0].answer);
        }
        lab_close(&k);
    }
}

/* --- weights ------------------------------------------------------------- */

static const char nvd_any[] = NVD(ANY);
static const char osv_fixed[] = OSV(IN("Debian:12", UNTIL("1:9.2p1-2")));
static const char osv_affected[] = OSV(IN("Debian:12", UNTIL("1:99")));
static const char vex_affected[] = CSAF(
    "'full_product_names':[" PRODUCT(DEB("")) "]", "'known_affected':['P']");
static const char vex_not[] =
    CSAF("'full_product_names':[" PRODUCT(DEB("")) "]",
         "'known_not_affected':['P']");

static void the_heavier_source_counts_in_any_order(void **state)
{
    static const struct {
        const char *why;
        const char *texts[2];
        vuln_answer expected;
        vuln_source source;
    } pairs[] = {
        { "the distribution knows its back-ports",
          { nvd_any, osv_fixed },
          VULN_FIXED,
          VULN_OSV },
        { "and what it has not fixed",
          { nvd_any, osv_affected },
          VULN_AFFECTED,
          VULN_OSV },
        { "two of its records: the worse",
          { osv_fixed, osv_affected },
          VULN_AFFECTED,
          VULN_OSV },
        { "the supplier overrules it",
          { osv_affected, vex_not },
          VULN_FIXED,
          VULN_VEX },
        { "for the worse, too",
          { osv_fixed, vex_affected },
          VULN_AFFECTED,
          VULN_VEX },
        { "two suppliers: the worse",
          { vex_not, vex_affected },
          VULN_AFFECTED,
          VULN_VEX },
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        for (size_t first = 0; first < 2; first++) {
            struct lab k;
            kit_case(pairs[i].why);
            lab_open(&k, &ssh);
            assert_true(give(&k, pairs[i].texts[first]));
            assert_true(give(&k, pairs[i].texts[1 - first]));
            assert_int_equal(1, k.l.match_count);
            assert_int_equal(pairs[i].expected, k.l.matches[0].answer);
            assert_int_equal(pairs[i].source, k.l.matches[0].source);
            lab_close(&k);
        }
    }
}

/* --- what is not known --------------------------------------------------- */

static void a_banner_has_no_epoch(void **state)
{
    vuln_service s = { .distribution = "Debian:12",
                       .package = "openssh",
                       .version = "9.2p1-2+deb12u10",
                       .epochless = true };
    struct lab k;

    (void)state;
    lab_open(&k, &s);
    assert_true(give(&k, OSV(IN("Debian:12", UNTIL("1:9.2p1-2+deb12u3")))));
    assert_int_equal(VULN_FIXED, k.l.matches[0].answer);
    assert_true(give(&k, vex_affected));
    assert_int_equal(VULN_AFFECTED, k.l.matches[0].answer);
    lab_close(&k);
    s.epochless = false;
    lab_open(&k, &s);
    assert_true(give(&k, OSV(IN("Debian:12", UNTIL("1:9.2p1-2+deb12u3")))));
    assert_int_equal(VULN_AFFECTED, k.l.matches[0].answer);
    lab_close(&k);
}

static void an_unknown_release_is_known_if_all_agree(void **state)
{
    static const char both[] = OSV(IN("Debian:11", UNTIL("1:99")) "," IN(
        "Debian:12", UNTIL("1:9.2p1-2")));
    vuln_service s = ssh;
    struct lab k;

    (void)state;
    memcpy(s.distribution, "Debian", 7);
    lab_open(&k, &s);
    assert_true(give(&k, both));
    assert_int_equal(VULN_CANNOT_TELL, k.l.matches[0].answer);
    lab_close(&k);
    lab_open(&k, &s);
    assert_true(give(&k, osv_fixed));
    assert_int_equal(VULN_FIXED, k.l.matches[0].answer);
    lab_close(&k);
}

static void services_without_names_match_nothing(void **state)
{
    vuln_service s = { .label = "unknown" };
    struct lab k;

    (void)state;
    lab_open(&k, &s);
    assert_true(give(&k, nvd_any));
    assert_true(give(&k, osv_affected));
    assert_true(give(&k, vex_affected));
    assert_int_equal(0, k.l.match_count);
    lab_close(&k);
}

static void the_newest_date_is_kept(void **state)
{
    struct lab k;

    (void)state;
    lab_open(&k, &ssh);
    assert_true(give(&k, osv_fixed));
    assert_string_equal("2026-01-02T03:04:05Z", k.base.date);
    assert_true(give(&k, vex_not));
    assert_string_equal("2026-07-08T09:10:11Z", k.base.date);
    assert_true(give(&k, nvd_any));
    assert_string_equal("2026-07-08T09:10:11Z", k.base.date);
    assert_int_equal(3, k.base.files);
    lab_close(&k);
}

static void places_are_lines_of_the_file(void **state)
{
    struct lab k;

    (void)state;
    lab_open(&k, &ssh);
    assert_false(give(&k, "{'format':'NVD_CVE','vulnerabilities':[\n{'cve':"
                          "{}},\n{'cve':{'x':':openssh:'\n,}}]}"));
    fflush(k.l.messages);
    assert_memory_equal("f:4: error: ", k.messages, 12);
    lab_close(&k);
}

/* --- a provider that fails ----------------------------------------------- */

static void every_failure_of_the_provider_is_seen(void **state)
{
    char path[] = "/tmp/covey-vuln-XXXXXX";
    char file[64];
    int n = 0;
    bool good = false;

    (void)state;
    assert_non_null(mkdtemp(path));
    snprintf(file, sizeof file, "%s/a.json", path);
    FILE *out = fopen(file, "wb");
    assert_non_null(out);
    fputs("{\"id\":\"a\",\"modified\":\"\"}", out);
    fclose(out);
    for (; !good && n < 100; n++) {
        covey_scripted script;
        covey_crypto crypto;
        struct lab k;

        covey_scripted_open(&script, NULL, &crypto);
        covey_scripted_rewind(&script, n);
        lab_open(&k, &ssh);
        good = vuln_base_read(&k.l, &crypto, path, &k.base);
        assert_int_equal(good, k.base.sha256[0] != '\0');
        assert_int_equal(0, script.live);
        lab_close(&k);
    }
    assert_true(n > 4 && n < 100);
    remove(file);
    rmdir(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_source_has_its_say),
        cmocka_unit_test(the_heavier_source_counts_in_any_order),
        cmocka_unit_test(a_banner_has_no_epoch),
        cmocka_unit_test(an_unknown_release_is_known_if_all_agree),
        cmocka_unit_test(services_without_names_match_nothing),
        cmocka_unit_test(the_newest_date_is_kept),
        cmocka_unit_test(places_are_lines_of_the_file),
        cmocka_unit_test(every_failure_of_the_provider_is_seen),
    };
    return KIT_RUN(tests);
}
