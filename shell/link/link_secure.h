/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates and trust of links over TLS. They outlive the loop, which
 * closes the last connections when it is freed: link_secure_open, link_open,
 * ..., link_close, loop_free, link_secure_close. */
#ifndef COVEY_SHELL_LINK_SECURE_H
#define COVEY_SHELL_LINK_SECURE_H

#include "coap_link.h"

/* Reads the files that the places of TLS among these name (tls_conf.h) and
 * sets their `tls`. False: the log says why; closing is allowed. `crypto` is
 * kept. */
bool link_secure_open(struct link_listen *listen, size_t count,
                      const covey_crypto *crypto, const log_sink *log);
/* One of them, to be closed by tls_setup_close; NULL with a sentence. */
tls_setup *link_secure_new(const tls_setup_options *options,
                           const covey_crypto *crypto,
                           char error[TLS_SETUP_ERROR_MAX]);
void link_secure_close(struct link_listen *listen, size_t count);

#endif
