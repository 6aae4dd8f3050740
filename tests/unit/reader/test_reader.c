/* SPDX-License-Identifier: BSD-2-Clause */
/* What files say, line by line. What an audit makes of the lines is tested
 * with the program. */
#include <apps/covey-audit/reader.h>
#include <crypto/openssl/openssl.h>

#include "kit.h"

#include <stdio.h>
#include <stdlib.h>

static covey_crypto crypto;

/* All lines of a file; to be freed. */
static char *read_text(const char *kind, covey_bytes bytes)
{
    char *text = NULL;
    size_t len = 0;
    reader r = { .out = open_memstream(&text, &len), .crypto = &crypto };

    assert_non_null(r.out);
    reader_find(kind)->parse(&r, bytes);
    assert_int_equal(fclose(r.out), 0);
    return text;
}

static void check_lines(const char *kind, const char *file,
                        const char *expected)
{
    char *text =
        read_text(kind, covey_bytes_of((const uint8_t *)file, strlen(file)));

    assert_string_equal(text, expected);
    free(text);
}

static void nmap_in_lines(void **state)
{
    (void)state;
    check_lines(
        "nmap",
        "<!DOCTYPE nmaprun><nmaprun scanner='nmap' version='7.93' start='5' "
        "args='nmap x'><host><address addr='192.0.2.2' addrtype='ipv4'/>"
        "<address addr='02:00:00:00:00:01' addrtype='mac'/><ports>"
        "<extraports state='closed' count='9'/><port protocol='tcp' "
        "portid='22'><state state='open' reason='syn-ack'/><service "
        "name='ssh' product='P' version='1' method='probed'>"
        "<cpe>cpe:/a</cpe><cpe>cpe:/b</cpe></service></port></ports>"
        "<os><osmatch name='L' accuracy='90'><osclass><cpe>cpe:/o</cpe>"
        "</osclass></osmatch><osmatch name='M' accuracy='80'/></os></host>"
        "<runstats><finished exit='success'/></runstats></nmaprun>",
        "scan\tnmap\t7.93\t5\tnmap x\n"
        "rest\t192.0.2.2\tclosed\t9\n"
        "port\t192.0.2.2\ttcp\t22\topen\tsyn-ack\tssh\tP\t1\t\tcpe:/a\n"
        "system\t192.0.2.2\tL\t90\tcpe:/o\n"
        "end\tcomplete\t\n");
    check_lines("nmap", "<nmaprun><host><ports><port protocol='tcp'",
                "scan\t\t\t\t\nend\tpartial\t"
                "the file was cut off\n");
    check_lines("nmap", "<nmaprun><runstats><finished exit='error'/>",
                "scan\t\t\t\t\nend\tpartial\t"
                "the scan did not come to its end\n");
    check_lines("nmap", "<!DOCTYPE nmaprun SYSTEM 'x'><nmaprun/>",
                "end\tnone\ta document type that defines or fetches "
                "something\n");
    check_lines("nmap", "<html>", "end\tnone\tno report of nmap\n");
    /* a port without a host that has an address is nobody's */
    check_lines("nmap", "<nmaprun><host><port protocol='tcp'></port>",
                "scan\t\t\t\t\nend\tpartial\t"
                "the file was cut off\n");
}

static void a_notice_in_lines(void **state)
{
    (void)state;
    check_lines("security.txt",
                "# x\nContact: mailto:a@b\r\nexpires: 1970-01-01T01:00:05"
                ".25+01:00\n",
                "field\tContact\tmailto:a@b\n"
                "field\texpires\t1970-01-01T01:00:05.25+01:00\n"
                "expires\t5\nend\tcomplete\t\n");
    check_lines("security.txt", "Contact: \t\n",
                "field\tContact\t\nfault\tContact: no URI, or one of the open "
                "web\nfault\tExpires: missing\nend\tcomplete\t\n");
}

static void a_report_in_lines(void **state)
{
    (void)state;
    check_lines("shadowserver",
                "port,protocol,ip,timestamp\r\n"
                "5683,udp,\"192.0.2.2\",\"1970-01-01 00:00:05\"\n",
                "outside\t192.0.2.2:5683\t5\t\t\nend\tcomplete\t\n");
    check_lines("shadowserver", "a,b\n",
                "end\tnone\tno report of Shadowserver about CoAP\n");
    check_lines("shadowserver", "port,protocol,ip,timestamp\n5683,udp,x,y\n",
                "end\tpartial\tsome of its rows cannot be read\n");
}

/* The model: a file this short is none of these. */
static void two_bytes_say_nothing(void **state)
{
    static const char *const kinds[] = { "nmap", "pcap", "shadowserver",
                                         "security.txt" };
    uint8_t bytes[2];

    (void)state;
    for (unsigned i = 0; i < 65536; i++) {
        bytes[0] = (uint8_t)(i >> 8);
        bytes[1] = (uint8_t)i;
        for (size_t k = 0; k < COUNT_OF(kinds); k++) {
            /* pcap opens a stream each time: fewer of them */
            if (k == 1 && i % 257 != 0) {
                continue;
            }
            char *text = read_text(kinds[k], covey_bytes_of(bytes, 2));
            assert_ptr_equal(strstr(text, "end\tnone\t"), text);
            free(text);
        }
    }
}

static void lines_have_an_end(void **state)
{
    static const char *const none[] = { NULL };
    char *text = NULL;
    size_t len = 0;
    reader r = { .out = open_memstream(&text, &len) };

    (void)state;
    assert_non_null(r.out);
    for (unsigned i = 0; i <= READER_LINES_MAX; i++) {
        reader_line(&r, "signed", none);
    }
    reader_end(&r, true, "");
    assert_int_equal(fclose(r.out), 0);
    assert_int_equal(len, 7 * READER_LINES_MAX +
                              strlen("end\tpartial\ttoo many lines\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nmap_in_lines),
        cmocka_unit_test(a_notice_in_lines),
        cmocka_unit_test(a_report_in_lines),
        cmocka_unit_test(two_bytes_say_nothing),
        cmocka_unit_test(lines_have_an_end),
    };

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    const int failed = KIT_RUN(tests);
    covey_openssl_close(&crypto);
    return failed;
}
