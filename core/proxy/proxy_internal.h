/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COVEY_PROXY_INTERNAL_H
#define COVEY_PROXY_INTERNAL_H

#include <covey/proxy.h>

/* The scheme of a URI that covey_uri_parse took: the names differ in their
 * lengths. */
covey_proxy_scheme covey__proxy_scheme(covey_bytes name);

#endif
