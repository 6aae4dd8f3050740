/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon_check.h"

#include <crypto/openssl/openssl.h>

#include <errno.h>

int daemon_check(const daemon_program *p, const daemon_options *o,
                 const conf_kind *kind)
{
    covey_crypto crypto;
    const covey_status st = covey_openssl_open(&crypto);
    int status = DAEMON_DONE;

    if (st != COVEY_OK) {
        fprintf(stderr, "%s: no cryptographic provider: %s\n", p->name,
                covey_status_text(st));
        return DAEMON_IO;
    }
    void *config = conf_open_checked(kind, o->config, &crypto, stderr);
    if (config == NULL) {
        status = errno != 0 ? DAEMON_IO : DAEMON_REFUSED_CONFIG;
    } else {
        kind->drop(config);
    }
    covey_openssl_close(&crypto);
    return status;
}
