/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COVEY_PROXY_INTERNAL_H
#define COVEY_PROXY_INTERNAL_H

#include <covey/cbor.h>
#include <covey/proxy.h>

/* The scheme of a URI that covey_uri_parse took: the names differ in their
 * lengths. */
covey_proxy_scheme covey__proxy_scheme(covey_bytes name);

/* The scheme of a CRI; false, and the reader has failed: none of CoAP's. */
bool covey__proxy_get_scheme(covey_cbor_reader *r, covey_proxy_scheme *out);
/* Four or sixteen bytes. */
void covey__proxy_get_ip(covey_cbor_reader *r, covey_address *out);
void covey__proxy_get_port(covey_cbor_reader *r, uint16_t *out);

/* As covey_proxy_target_read for the value of Proxy-Cri. */
covey_status covey__proxy_cri_read(covey_proxy_target *t, covey_bytes value,
                                   covey_writer *storage);

#endif
