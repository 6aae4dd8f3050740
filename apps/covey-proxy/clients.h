/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients with a security context of OSCORE: who they are, and what has to
 * survive. */
#ifndef COVEY_PROXY_CLIENTS_H
#define COVEY_PROXY_CLIENTS_H

#include "config.h"

#include <covey/crypto.h>
#include <covey/endpoint.h>
#include <log.h>

/* What a context is to be. */
#define CLIENTS_EXPECTED                                                      \
    "expected a context of type oscore: this proxy is in no group"

struct client_row;

struct clients {
    const log_sink *log;
    struct client_row *rows;
    size_t count;
    covey_oscore_protector oscore;
    const covey_protector *protectors[1];
    size_t protector_count; /* 0 if no client has a context */
};

/* Reads contexts and their state; config and crypto are kept. False: it has
 * been told why. Closing is allowed in any case. */
bool clients_open(struct clients *c, const struct proxy_config *config,
                  const covey_crypto *crypto, const log_sink *log);
void clients_close(struct clients *c);
/* The number of the client in the configuration whose context it is. */
bool clients_number(const struct clients *c, const void *context,
                    uint32_t *number);

#endif
