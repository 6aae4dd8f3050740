/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit worker: runs one check. Started by the broker with a socket as
 * its standard input, in a process image of its own, so that no key of the
 * auditor is in its memory; before it has read a byte it can reach nothing but
 * the broker any more. For CO-10 it is given a context, and where its numbers
 * are. */
#include "audit.h"
#include "credential.h"
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
    credential *own = NULL;
    uint8_t which = 0;

    if ((argc != 1 && argc != 3) || !is_socket_of_packets(STDIN_FILENO)) {
        return audit_fail("worker", AUDIT_USAGE,
                          "it is started by covey-audit run");
    }
    /* what these have to load they load now */
    tzset();
    if (covey_openssl_open(&the_crypto) != COVEY_OK) {
        return audit_fail("worker", AUDIT_IO, "libcrypto failed");
    }
    if (argc == 3) {
        own = credential_open(&the_crypto, argv[1], argv[2], stderr);
        if (own == NULL) {
            return AUDIT_IO;
        }
    }
    if (!sandbox_enter(STDIN_FILENO)) {
        return audit_fail("worker", AUDIT_IO, "sandbox: %s", strerror(errno));
    }
    if (!probe_begin(&the_probe, STDIN_FILENO, &which) || which >= count) {
        _exit(AUDIT_IO);
    }
    the_probe.crypto = &the_crypto;
    the_probe.credential = own;
    probe_end(&the_probe, checks[which].run(&the_probe));
    _exit(AUDIT_DONE);
}
