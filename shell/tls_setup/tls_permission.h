/* SPDX-License-Identifier: BSD-2-Clause */
/* Allow-lists about peers with certificates of ITS, for whatever decides after
 * the handshake: resources of a server, group URIs of a proxy (RFC 8902
 * Sections 5 and 7.4, seed 003 REQ1 and REQ2). */
#ifndef COVEY_SHELL_TLS_PERMISSION_H
#define COVEY_SHELL_TLS_PERMISSION_H

#include <conf.h>
#include <covey/tls.h>

typedef struct tls_permission {
    covey_tls_its_rule rule;
    covey_bytes id; /* HashedId8 of the one that it is for; absent: any */
} tls_permission;

/* A mapping with psid and maybe ssp, mask and id (covey-tls-policy(5)): an
 * item for conf_list. */
bool tls_permission_read(conf_reader *c, const conf_value *item, void *out);

/* Whether one of the list is for this peer; NULL, and peers without a
 * certificate of ITS, have none. */
bool tls_permits(const tls_permission *list, size_t count,
                 const covey_tls_peer *peer);

#endif
