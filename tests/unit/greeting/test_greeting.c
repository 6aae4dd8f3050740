/* SPDX-License-Identifier: BSD-2-Clause */
/* Services by what they say first. */
#include "kit.h"

#include <apps/covey-audit/greeting.h>

static void services_are_told_by_their_first_words(void **state)
{
    const struct {
        const char *why;
        covey_bytes said;
        const char *service; /* NULL: none */
        size_t line;         /* bytes of its first line */
    } cases[] = {
        { "SSH", SPAN("SSH-2.0-OpenSSH_9.2p1\r\n"), "ssh", 21 },
        { "SSH without an end", SPAN("SSH-2.0-x"), "ssh", 9 },
        { "SMTP", SPAN("220 mail ESMTP Postfix\r\n"), "smtp", 22 },
        { "FTP", SPAN("220 (vsFTPd 3.0.3)\r\n"), "ftp", 18 },
        { "neither of them", SPAN("220 hello\r\n"), NULL, 9 },
        { "SMTP in another line", SPAN("220 hello\nSMTP"), NULL, 9 },
        { "IMAP", SPAN("* OK IMAP4rev1 ready\r\n"), "imap", 20 },
        { "POP3", SPAN("+OK ready\r\n"), "pop3", 9 },
        { "HTTP", SPAN("HTTP/1.1 400 Bad Request\r\n"), "http", 24 },
        { "VNC", SPAN("RFB 003.008\n"), "vnc", 11 },
        { "rsync", SPAN("@RSYNCD: 31.0\n"), "rsync", 13 },
        { "telnet", SPAN("\xff\xfd\x18"), "telnet", 0 },
        { "no command of telnet", SPAN("\xff\xf0\x18"), NULL, 0 },
        { "CSM", SPAN("\x00\xe1"), "coap+tcp", 0 },
        { "CSM with options", SPAN("\x30\xe1\x22\x04\x80"), "coap+tcp", 0 },
        { "a long CSM", SPAN("\xd0\x02\xe1\x22"), "coap+tcp", 0 },
        { "a long one of another code", SPAN("\xd0\xe1\x02"), NULL, 0 },
        { "an answer of CoAP", SPAN("\x00\x45"), NULL, 0 },
        { "nearly SSH", SPAN("SSH"), NULL, 3 },
        { "escapes of a terminal", SPAN("SSH-2.0-\x1b[31m\n"), "ssh", 0 },
        { "nothing", SPAN(""), NULL, 0 },
        { "an empty line", SPAN("\r\n"), NULL, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *service = greeting_service(cases[i].said);
        if ((service == NULL) != (cases[i].service == NULL)) {
            fail_msg("%s", cases[i].why);
        }
        if (service != NULL) {
            assert_string_equal(cases[i].service, service);
        }
        assert_int_equal(cases[i].line, greeting_line(cases[i].said).len);
    }
}

/* What three bytes are, said again. */
static bool is_known(const uint8_t b[3])
{
    return (b[0] < 0xd0 && b[1] == 0xe1) ||
           (b[0] >> 4 == 0xd && b[2] == 0xe1) ||
           (b[0] == 0xff && b[1] >= 0xfb && b[1] <= 0xfe) ||
           memcmp(b, "+OK", 3) == 0;
}

/* Behind other bytes than these the third counts nothing. */
static bool counts(const uint8_t b[3])
{
    return b[2] < 3 || b[0] >> 4 == 0xd || b[0] == 0xff || b[0] == '+';
}

static void all_short_ones(void **state)
{
    uint8_t b[3];

    (void)state;
    for (uint32_t n = 0; n < 1u << 24; n++) {
        b[0] = (uint8_t)(n >> 16);
        b[1] = (uint8_t)(n >> 8 & 0xff);
        b[2] = (uint8_t)(n & 0xff);
        const covey_bytes said = covey_bytes_of(b, sizeof b);
        if (counts(b) && (greeting_service(said) != NULL) != is_known(b)) {
            fail();
        }
    }
    assert_null(greeting_service(covey_bytes_of(b, 1)));
    assert_null(greeting_service(covey_bytes_of(NULL, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(services_are_told_by_their_first_words),
        cmocka_unit_test(all_short_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
