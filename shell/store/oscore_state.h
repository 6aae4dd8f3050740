/* SPDX-License-Identifier: BSD-2-Clause */
/* The state file: what of a context has to survive between two calls of the
 * program, so that no sequence number is used twice and no request accepted
 * twice (RFC 8613 Section 7.5). It is written, synchronised and renamed into
 * its place before a message that needs it is printed, and locked as long as
 * the program runs. */
#ifndef COVEY_SHELL_STORE_OSCORE_STATE_H
#define COVEY_SHELL_STORE_OSCORE_STATE_H

#include "state_file.h"

#include <covey/oscore.h>

#include <stdbool.h>
#include <stddef.h>

enum {
    OSCORE_FINGERPRINT = 8
};

struct oscore_state {
    struct state_file file;
    uint8_t fingerprint[OSCORE_FINGERPRINT]; /* of the Sender Key */
    covey_oscore_state now;                  /* as stored */
};

/* The hash of a Sender Key, as far as it is kept. */
COVEY_MUST_USE covey_status
oscore_fingerprint(const covey_crypto *crypto, covey_bytes key,
                   uint8_t out[OSCORE_FINGERPRINT]);

/* Locks and reads; a file that does not exist yet stands for `first` and no
 * request accepted. Waits for another program that has it. The path is kept.
 * false: `error` says why, and nothing is open. */
bool oscore_state_open(struct oscore_state *s, const char *path,
                       const uint8_t fingerprint[OSCORE_FINGERPRINT],
                       uint64_t first, char *error, size_t cap);
/* Durable when it returns true. */
bool oscore_state_store(struct oscore_state *s, const covey_oscore_state *next,
                        char *error, size_t cap);
/* Allowed on one that is not open. */
void oscore_state_close(struct oscore_state *s);

#endif
