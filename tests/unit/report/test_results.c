/* SPDX-License-Identifier: BSD-2-Clause */
/* What acts and files of a report say, from made data. */
#include <apps/covey-audit/paper.h>
#include <apps/covey-audit/report.h>

#include "kit.h"

#include <stdlib.h>

typedef void print(const paper *p, const json_t *all);

static char *written;
static size_t written_len;

static const char *print_all(print *what, const char *text)
{
    json_t *all = json_loads(text, 0, NULL);

    free(written);
    written = NULL;
    const paper p = { .out = open_memstream(&written, &written_len) };
    assert_non_null(all);
    assert_non_null(p.out);
    what(&p, all);
    assert_int_equal(0, fclose(p.out));
    json_decref(all);
    return written;
}

static void check_in(const char *part, const char *whole)
{
    kit_case(part);
    assert_non_null(strstr(whole, part));
    kit_case(NULL);
}

static void ports_become_ranges(void **state)
{
    static const char acts[] =
        "[{\"check\":\"PT-01\",\"protocol\":\"tcp\",\"state\":\"closed\","
        "\"target\":\"[2001:db8::1]:1\"},"
        "{\"check\":\"PT-01\",\"protocol\":\"tcp\",\"state\":\"closed\","
        "\"target\":\"[2001:db8::1]:2\"},"
        "{\"check\":\"PT-01\",\"protocol\":\"tcp\",\"state\":\"open\","
        "\"target\":\"[2001:db8::1]:3\"},"
        "{\"check\":\"PT-01\",\"protocol\":\"tcp\",\"state\":\"closed\","
        "\"target\":\"[2001:db8::1]:5\"},"
        /* asked again; no scan; another host */
        "{\"check\":\"PT-01\",\"protocol\":\"tcp\",\"state\":\"closed\","
        "\"target\":\"[2001:db8::1]:2\"},"
        "{\"check\":\"CO-01\",\"target\":\"[2001:db8::1]:5683\"},"
        "{\"check\":\"PT-01\",\"protocol\":\"tcp\",\"state\":\"closed\","
        "\"target\":\"192.0.2.1:65535\"}]";
    json_t *all = json_loads(acts, 0, NULL);
    json_t *states = report_states(all);
    char *text = json_dumps(states, JSON_COMPACT);

    (void)state;
    assert_string_equal(
        "[{\"check\":\"PT-01\",\"target\":\"[2001:db8::1]\",\"protocol\":"
        "\"tcp\",\"state\":\"closed\",\"count\":3,\"ports\":[\"1-2\","
        "\"5\"]},"
        "{\"check\":\"PT-01\",\"target\":\"[2001:db8::1]\",\"protocol\":"
        "\"tcp\",\"state\":\"open\",\"count\":1,\"ports\":[\"3\"]},"
        "{\"check\":\"PT-01\",\"target\":\"192.0.2.1\",\"protocol\":"
        "\"tcp\",\"state\":\"closed\",\"count\":1,\"ports\":[\"65535\"]}]",
        text);
    free(text);
    json_decref(states);
    json_decref(all);
}

static void what_is_not_there_is_not_printed(void **state)
{
    static print *const all[] = { report_services, report_tools,
                                  report_results };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        assert_string_equal("", print_all(all[i], "[]"));
    }
    assert_string_equal("", print_all(report_services, "[{\"id\":\"A-1\"}]"));
    assert_string_equal("", print_all(report_tools, "[{\"tool\":\"x\"}]"));
}

static void a_tool_has_its_hash_and_its_arguments(void **state)
{
    const char *text = print_all(
        report_tools, "[{\"id\":\"A-7\",\"packets\":32,\"tool\":{\"name\":"
                      "\"nmap\",\"sha256\":\"ab\",\"arguments\":[\"-O\","
                      "\"<x>|\"]}}]");

    (void)state;
    check_in("| [A-7](#A-7) | nmap | ab | -O, &lt;x&gt;\\| | 32 |\n", text);
}

static void services_and_their_banners_are_text(void **state)
{
    const char *text = print_all(
        report_services,
        "[{\"id\":\"A-2\",\"services\":[{\"service\":\"ssh\",\"banner\":"
        "\"*<b>\\u001b[2J\",\"target\":\"192.0.2.1:22\",\"protocol\":"
        "\"tcp\"},{}]}]");

    (void)state;
    check_in("| 192.0.2.1:22 | tcp | ssh | \\*&lt;b&gt;?\\[2J | [A-2](#A-2) "
             "|\n",
             text);
}

static void a_look_up_names_its_bases_and_answers(void **state)
{
    const char *text = print_all(
        report_results,
        "[{\"name\":\"vuln-1.json\",\"program\":\"covey-audit 1\",\"sha256\":"
        "\"cd\",\"files\":[{\"name\":\"f\",\"sha256\":\"ef\"}],\"bases\":"
        "[{\"name\":\"osv\",\"date\":\"2026-01-01\",\"sha256\":\"01\"}],"
        "\"vuln\":[{\"service\":\"ssh\",\"id\":\"CVE-1\",\"answer\":"
        "\"cannot tell\",\"source\":\"NVD\",\"why\":\"no revision\"}]}]");

    (void)state;
    check_in("| vuln-1.json | covey-audit 1 |  | cd |\n", text);
    check_in("| vuln-1.json | f |  | ef |\n", text);
    check_in("| vuln-1.json | osv | 2026-01-01 | 01 |\n", text);
    check_in("| ssh | CVE-1 | cannot tell | NVD | no revision |\n", text);
    free(written);
    written = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_become_ranges),
        cmocka_unit_test(what_is_not_there_is_not_printed),
        cmocka_unit_test(a_tool_has_its_hash_and_its_arguments),
        cmocka_unit_test(services_and_their_banners_are_text),
        cmocka_unit_test(a_look_up_names_its_bases_and_answers),
    };

    return KIT_RUN(tests);
}
