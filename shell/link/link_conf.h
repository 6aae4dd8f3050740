/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses of links in the configurations of daemons. Errors are told, with
 * the manual of the reader. */
#ifndef COVEY_SHELL_LINK_CONF_H
#define COVEY_SHELL_LINK_CONF_H

#include "coap_link.h"

#include <conf.h>

enum {
    LINK_CONF_MAX = 64, /* addresses of a list */
    /* Keys of a thin link, with which a list of names begins. */
    LINK_CONF_RULES = 0,
    LINK_CONF_SENDS,
    LINK_CONF_IDS,
    LINK_CONF_THIN
};
#define LINK_CONF_THIN_KEYS "rules", "sends", "message_ids"

/* "192.0.2.1", "[::1]:5685", a group or none; without a port, this one. */
bool link_conf_address(conf_reader *c, const conf_value *v, bool group,
                       uint16_t port, covey_address *out);
/* An address of UDP or TCP; *out is a struct link_listen. */
bool link_conf_udp(conf_reader *c, const conf_value *item, void *out);
bool link_conf_tcp(conf_reader *c, const conf_value *item, void *out);
/* A mapping with `address` and what a server of DTLS has
 * (link_conf_dtls.c). */
bool link_conf_dtls(conf_reader *c, const conf_value *item, void *out);
/* A client of DTLS by one of its names; *out is a const char *. */
bool link_conf_peer(conf_reader *c, const conf_value *v, void *out);
/* A mapping of a place of TLS (tls_conf.h); link_secure_open reads its files.
 */
bool link_conf_tls(conf_reader *c, const conf_value *item, void *out);
/* A mapping with the keys of a thin link and `address`. */
bool link_conf_schc(conf_reader *c, const conf_value *item, void *out);
/* The same without the address; v begins with the values of the keys. */
bool link_conf_thin(conf_reader *c, const conf_value *item,
                    const conf_value *v, struct link_schc *out);
/* Adds the addresses of a list, if it is there; how many there are then. */
size_t link_conf_add(conf_reader *c, const conf_value *list,
                     conf_read_item *read, struct link_listen **all,
                     size_t count);

#endif
