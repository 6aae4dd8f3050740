/* SPDX-License-Identifier: BSD-2-Clause */
#include "greeting.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum {
    CSM = 0xe1,      /* 7.01 (RFC 8323 Section 5.3) */
    LENGTH_1 = 0xd0, /* a byte of length follows (Section 3.2) */
    TELNET_IAC = 0xff,
    TELNET_WILL = 0xfb,
    TELNET_DONT = 0xfe
};

/* A beginning, and a word of its first line if there has to be one. */
static const struct row {
    const char *begins;
    const char *has;
    const char *service;
} rows[] = {
    { "SSH-", NULL, "ssh" },      /* RFC 4253 Section 4.2 */
    { "220", "SMTP", "smtp" },    /* RFC 5321 Section 4.2 */
    { "220", "FTP", "ftp" },      /* RFC 959 Section 5.4 */
    { "+OK", NULL, "pop3" },      /* RFC 1939 */
    { "* OK", "IMAP", "imap" },   /* RFC 9051 Section 7.1 */
    { "HTTP/1.", NULL, "http" },  /* RFC 9112 Section 4 */
    { "RFB 00", NULL, "vnc" },    /* RFC 6143 Section 7.1.1 */
    { "@RSYNCD:", NULL, "rsync" } /* its own */
};

static bool begins(covey_bytes said, const char *with)
{
    const size_t len = strlen(with);

    return said.len >= len && memcmp(said.ptr, with, len) == 0;
}

static bool has(covey_bytes line, const char *word)
{
    const size_t len = strlen(word);

    for (size_t i = 0; line.ptr != NULL && i + len <= line.len; i++) {
        if (memcmp(line.ptr + i, word, len) == 0) {
            return true;
        }
    }
    return false;
}

covey_bytes greeting_line(covey_bytes said)
{
    size_t n = 0;

    while (n < said.len && said.ptr[n] >= ' ' && said.ptr[n] <= '~') {
        n++;
    }
    const bool ends =
        n == said.len || said.ptr[n] == '\r' || said.ptr[n] == '\n';
    return n > 0 && ends ? covey_bytes_of(said.ptr, n)
                         : covey_bytes_of(NULL, 0);
}

/* CoAP over TCP begins with a message of its own kind. */
static bool is_csm(covey_bytes said)
{
    if (said.len < 2) {
        return false;
    }
    return (said.ptr[0] < LENGTH_1 && said.ptr[1] == CSM) ||
           (said.len > 2 && (said.ptr[0] & 0xf0) == LENGTH_1 &&
            said.ptr[2] == CSM);
}

const char *greeting_service(covey_bytes said)
{
    const covey_bytes line = greeting_line(said);

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (begins(said, rows[i].begins) &&
            (rows[i].has == NULL || has(line, rows[i].has))) {
            return rows[i].service;
        }
    }
    if (said.len >= 3 && said.ptr[0] == TELNET_IAC &&
        said.ptr[1] >= TELNET_WILL && said.ptr[1] <= TELNET_DONT) {
        return "telnet"; /* RFC 854 */
    }
    return is_csm(said) ? "coap+tcp" : NULL;
}
