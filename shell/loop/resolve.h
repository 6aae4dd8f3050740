/* SPDX-License-Identifier: BSD-2-Clause */
/* Names become addresses without anybody waiting: getaddrinfo in one of
 * libuv's threads, a bounded number of questions at a time. What is asked and
 * not answered yet ends with the loop at the latest, which then waits for the
 * system's own limits (resolv.conf(5)). */
#ifndef COVEY_SHELL_RESOLVE_H
#define COVEY_SHELL_RESOLVE_H

#include <covey/address.h>
#include <covey/bytes.h>
#include <loop.h>

enum {
    RESOLVE_NAME_MAX = 255, /* RFC 1035 Section 2.3.4 */
    RESOLVE_ADDRESSES = 8   /* of a name; further ones are not told */
};

typedef struct resolver resolver;

/* In the order of the system (RFC 6724), with the port of the question; none:
 * the name has no address, or nobody could say. From the loop, once. */
typedef void resolve_done(void *user, const covey_address *addresses,
                          size_t count);

/* `most`: questions at a time. NULL: no memory. */
resolver *resolver_new(loop *l, size_t most);
/* False, and nothing is told: too many questions, a name that is none (empty,
 * too long, or of a zero byte), or no memory. The name is copied. */
bool resolver_ask(resolver *r, covey_bytes name, uint16_t port,
                  resolve_done *done, void *user);
/* Nothing more is told. Before the loop is freed. NULL is allowed. */
void resolver_end(resolver *r);

#endif
