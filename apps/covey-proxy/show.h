/* SPDX-License-Identifier: BSD-2-Clause */
/* What covey-proxy shows of itself, covey-status(7): above all who asked whom,
 * who answered, and how fast. */
#ifndef COVEY_PROXY_SHOW_H
#define COVEY_PROXY_SHOW_H

#include "config.h"

#include <covey/coap.h>
#include <log.h>
#include <loop.h>

struct proxy;
struct show;

/* As the configuration says. False: it has been told why. Closing is allowed
 * in any case. */
bool show_open(struct show **show, const struct proxy_config *config,
               const char *version, const struct proxy *proxy, log_sink *log,
               loop *l);
void show_close(struct show *show);

/* Whose request went where. Of what is protected end to end the proxy can see
 * no more than the OSCORE option: the Gid, and who sends. */
struct show_asked {
    const covey_path *from;
    const covey_path *to;
    const covey_coap_message *message;
};

/* A request that has gone on, under the number of its row and a serial; and an
 * answer to it. Nothing happens without a show. */
void show_request(struct show *show, covey_ms now, covey_proxy_ref ref,
                  const struct show_asked *asked);
void show_answer(struct show *show, covey_ms now, covey_proxy_ref ref,
                 const covey_address *origin, const covey_coap_message *m);

#endif
