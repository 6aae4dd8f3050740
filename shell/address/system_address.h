/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses between their three forms: the core's, the system's, and text. */
#ifndef COVEY_SHELL_SYSTEM_ADDRESS_H
#define COVEY_SHELL_SYSTEM_ADDRESS_H

#include <covey/address.h>

#include <netinet/in.h>
#include <sys/socket.h>

enum {
    ADDRESS_TEXT_MAX = 72 /* "[ipv6%interface]:port" and its end */
};

/* Both families in one. */
typedef union system_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} system_address;

/* How many bytes of *out count. */
socklen_t address_to_system(const covey_address *a, system_address *out);
/* COVEY_FAMILY_NONE if it is of another family. */
covey_address address_from_system(const system_address *in);

/* "192.0.2.1", "2001:db8::1", "fe80::1%eth0", without brackets or port; the
 * interface by name or number. False: no such address, or interface. */
bool address_parse(const char *text, uint16_t port, covey_address *out);
/* The same, perhaps with a port that takes the place of `port`:
 * "192.0.2.1:5683", and with brackets "[fe80::1%eth0]:5683". */
bool address_parse_port(const char *text, uint16_t port, covey_address *out);
/* The same without port, perhaps with a prefix: "192.0.2.0/24",
 * "2001:db8::/32". Otherwise *prefix is all the bits of the address. Whether
 * there are bits behind the prefix is the caller's to ask. */
bool address_parse_prefix(const char *text, covey_address *out,
                          uint8_t *prefix);
/* "192.0.2.1:5683", "[fe80::1%eth0]:5683". */
const char *address_text(const covey_address *a, char out[ADDRESS_TEXT_MAX]);

#endif
