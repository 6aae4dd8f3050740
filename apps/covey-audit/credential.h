/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator's own context of OSCORE or of a group, for CO-10. The worker
 * opens it before it is confined: its keys are those of a test device, and
 * whoever it talks to has them already. The numbers that it may use are used
 * up on disk by then (RFC 8613 Section 7.2.1), so a run that dies uses none
 * twice. */
#ifndef COVEY_AUDIT_CREDENTIAL_H
#define COVEY_AUDIT_CREDENTIAL_H

#include <covey/coap.h>
#include <covey/group.h>

#include <stdio.h>

enum {
    CREDENTIAL_MESSAGE_MAX = 66000 /* a datagram */
};

typedef struct credential credential;

/* `folder` has the numbers, in a file that is named after the Sender Key.
 * `crypto` is kept. NULL with a message. */
credential *credential_open(const covey_crypto *crypto, const char *path,
                            const char *folder, FILE *messages);
/* NULL is allowed. */
void credential_close(credential *c);

/* Protects a request; its answers are opened until the next one. False: no
 * number is left, or the provider has failed; nothing is written then. */
bool credential_protect(credential *c, const covey_coap_message *request,
                        covey_writer *out);
/* Opens an answer to it, each as if it were the first. *inner lives until the
 * next call. False: it is none. */
bool credential_open_answer(credential *c, const covey_coap_message *outer,
                            covey_coap_message *inner);

#endif
