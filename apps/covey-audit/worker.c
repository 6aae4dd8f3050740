/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit worker: runs one check. Started by the broker with a socket as
 * its standard input, in a process image of its own, so that no key of the
 * auditor is in its memory; from the beginning it can reach nothing but the
 * broker. */
#include "audit.h"
#include "probe.h"

#include <crypto/openssl/openssl.h>

#include <errno.h>
#include <sandbox.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static probe the_probe;
static covey_crypto the_crypto;

static bool is_socket_of_packets(int fd)
{
    int type = 0;
    socklen_t len = sizeof type;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
           type == SOCK_SEQPACKET;
}

int cmd_worker(int argc, char **argv)
{
    size_t count = 0;
    const audit_check *checks = audit_checks(&count);
    uint8_t which = 0;

    (void)argv;
    if (argc != 1 || !is_socket_of_packets(STDIN_FILENO)) {
        return audit_fail("worker", AUDIT_USAGE,
                          "it is started by covey-audit run");
    }
    /* what these have to load they load now */
    tzset();
    if (covey_openssl_open(&the_crypto) != COVEY_OK) {
        return audit_fail("worker", AUDIT_IO, "libcrypto failed");
    }
    if (!sandbox_enter(STDIN_FILENO)) {
        return audit_fail("worker", AUDIT_IO, "sandbox: %s", strerror(errno));
    }
    if (!probe_begin(&the_probe, STDIN_FILENO, &which) || which >= count) {
        _exit(AUDIT_IO);
    }
    the_probe.crypto = &the_crypto;
    probe_end(&the_probe, checks[which].run(&the_probe));
    _exit(AUDIT_DONE);
}
