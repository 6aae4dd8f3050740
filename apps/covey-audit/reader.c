/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit reader: reads one file from its standard input, in a process
 * image of its own without keys, confined before the first byte, and writes
 * what it says back to where it came from. */
#include "reader.h"

#include "audit.h"

#include <crypto/openssl/openssl.h>
#include <sandbox.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SECONDS_MAX = 60 /* of computing */
};

/* Everything from a descriptor; NULL: too much, or no memory. */
static uint8_t *read_all(int fd, size_t *len)
{
    uint8_t *bytes = malloc(READER_FILE_MAX);

    *len = 0;
    while (bytes != NULL) {
        const ssize_t n = read(fd, bytes + *len, READER_FILE_MAX - *len);
        if (n <= 0) {
            break;
        }
        *len += (size_t)n;
    }
    return bytes;
}

static bool write_all(int fd, const char *text, size_t len)
{
    size_t at = 0;

    while (at < len) {
        const ssize_t n = write(fd, text + at, len - at);
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    return true;
}

/* What a library fetches when it is first used, it cannot fetch later. */
static bool warm_up(const covey_crypto *crypto)
{
    char digest[65];

    return audit_digest(crypto, covey_bytes_of((const uint8_t *)"", 0),
                        digest);
}

static void parse(const reader_kind *kind, const covey_crypto *crypto)
{
    char *text = NULL;
    size_t text_len = 0;
    size_t len = 0;
    reader r = { .out = open_memstream(&text, &text_len), .crypto = crypto };
    uint8_t *bytes = read_all(STDIN_FILENO, &len);

    if (r.out == NULL || bytes == NULL) {
        _exit(AUDIT_IO);
    }
    kind->parse(&r, covey_bytes_of(bytes, len));
    const bool good =
        fclose(r.out) == 0 && write_all(STDIN_FILENO, text, text_len);
    /* nothing is freed: freeing may ask for what is not allowed here */
    _exit(good ? AUDIT_DONE : AUDIT_IO);
}

int cmd_reader(int argc, char **argv)
{
    const struct rlimit time = { SECONDS_MAX, SECONDS_MAX };
    const reader_kind *kind = argc == 2 ? reader_find(argv[1]) : NULL;
    static covey_crypto crypto;
    int type = 0;
    socklen_t len = sizeof type;

    if (kind == NULL ||
        getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &len) != 0) {
        return audit_fail("reader", AUDIT_USAGE,
                          "it is started by covey-audit import");
    }
    if (covey_openssl_open(&crypto) != COVEY_OK || !warm_up(&crypto) ||
        setrlimit(RLIMIT_CPU, &time) != 0 || !sandbox_enter(STDIN_FILENO)) {
        return audit_fail("reader", AUDIT_IO, "sandbox: %s", strerror(errno));
    }
    parse(kind, &crypto);
    return AUDIT_IO;
}
