/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's end of OSCORE for coap_load: requests sealed, responses opened,
 * with core/oscore and nothing around it. */
#ifndef COVEY_BENCH_LOAD_OSCORE_H
#define COVEY_BENCH_LOAD_OSCORE_H

#include <covey/oscore.h>

#include <stddef.h>

struct context_file;

struct load_oscore {
    covey_crypto crypto;
    struct context_file *file;
    covey_oscore_context context;
    covey_oscore_exchange *exchanges; /* of slots */
    bool proxy;
};

/* From a context file whose keys serve one run and nothing else: nothing is
 * stored. `proxy`: with a proxy (covey_oscore_proxy_inner), whose requests
 * have many answers. False: it has been told why. */
bool load_oscore_open(struct load_oscore *o, const char *file, size_t slots,
                      bool proxy);
void load_oscore_close(struct load_oscore *o);

/* Requests must reach the server in this order, or nearly: its replay window
 * is narrow. */
bool load_oscore_seal(struct load_oscore *o, size_t slot,
                      const covey_coap_message *request, covey_writer *out);
/* Whether this answers the slot's request, authentically and with 2.05.
 * *message then is the plain one, which lies in `plain`. */
bool load_oscore_opens(struct load_oscore *o, size_t slot,
                       covey_coap_message *message, covey_writer plain);

#endif
