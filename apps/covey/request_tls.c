/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_tls.h"

#include "cmd.h"
#include "request_dtls.h"

int request_tls_open(const struct request_args *a,
                     struct request_target *target, const covey_crypto *crypto)
{
    char error[TLS_SETUP_ERROR_MAX];
    tls_setup_options o = a->tls;
    tls_setup_result result = TLS_SETUP_FAILED;
    struct request_dtls secrets; /* the same file of a pre-shared key */
    const char *missing = NULL;
    int status = request_dtls_open(&secrets, a, target->host);

    o.name = target->host;
    o.alpn = "coap"; /* RFC 8323 Section 8.2 */
    o.psk_identity = a->psk_identity;
    o.psk = secrets.options.key;
    tls_options_complete(&o);
    missing = tls_options_missing(&o);
    if (status == EXIT_DONE && missing != NULL) {
        status =
            request_fail(a, EXIT_USAGE, "coaps+tcp: %s is missing", missing);
    }
    if (status == EXIT_DONE) {
        target->tls = tls_setup_open(crypto, &o, &result, error);
        if (target->tls == NULL) {
            status = request_fail(
                a, result == TLS_SETUP_REFUSED ? EXIT_REFUSED : EXIT_IO, "%s",
                error);
        }
    }
    request_dtls_close(&secrets);
    return status;
}
