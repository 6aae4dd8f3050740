/* SPDX-License-Identifier: BSD-2-Clause */
/* Who a request to a group is from, by its countersignature (seed 003 Section
 * 6.1, RFC 10021 Section 7.5): for groups whose servers shall not be reached
 * by anybody but members, even through a client that may ask. */
#ifndef COVEY_PROXY_SENDERS_H
#define COVEY_PROXY_SENDERS_H

#include <covey/coap.h>
#include <covey/crypto.h>
#include <log.h>

/* What a file is to be. */
#define SENDERS_EXPECTED                                                      \
    "expected the context of a checker of signatures: type group, with "      \
    "group mode and signature_encryption_key"

struct senders;

/* From a context file with a Signature Encryption Key; crypto is kept. NULL:
 * it has been told why. */
struct senders *senders_open(const char *file, const covey_crypto *crypto,
                             const log_sink *log);
/* The same, without a warning; what is wrong in the file is told there. */
struct senders *senders_load(const char *file, const covey_crypto *crypto,
                             FILE *messages);
/* NULL is allowed. */
void senders_close(struct senders *s);
/* Whether it is a request in group mode that a member has signed, and that has
 * not been seen since the start. */
bool senders_check(struct senders *s, const covey_coap_message *m);

#endif
