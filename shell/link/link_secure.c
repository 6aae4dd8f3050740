/* SPDX-License-Identifier: BSD-2-Clause */
#include "link_secure.h"

tls_setup *link_secure_new(const tls_setup_options *options,
                           const covey_crypto *crypto,
                           char error[TLS_SETUP_ERROR_MAX])
{
    tls_setup_options ours = *options;
    tls_setup_result result = TLS_SETUP_FAILED;

    ours.alpn = "coap"; /* RFC 8323 Section 8.2 */
    return tls_setup_open(crypto, &ours, &result, error);
}

static bool open_place(struct link_listen *listen, const covey_crypto *crypto,
                       const log_sink *log)
{
    char error[TLS_SETUP_ERROR_MAX];

    listen->tls = link_secure_new(listen->tls_options, crypto, error);
    if (listen->tls == NULL) {
        const log_value value = log_string("why", error);
        const log_event event = { .level = LOG_LEVEL_ERROR,
                                  .name = "tls.open",
                                  .section = "RFC 8323 8.2",
                                  .values = &value,
                                  .count = 1 };
        log_write(log, &event);
    }
    return listen->tls != NULL;
}

bool link_secure_open(struct link_listen *listen, size_t count,
                      const covey_crypto *crypto, const log_sink *log)
{
    bool good = true;

    for (size_t i = 0; i < count && good; i++) {
        good = listen[i].transport != LINK_TLS ||
               open_place(&listen[i], crypto, log);
    }
    return good;
}

void link_secure_close(struct link_listen *listen, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        tls_setup_close(listen[i].tls);
        listen[i].tls = NULL;
    }
}
