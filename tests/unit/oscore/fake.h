/* SPDX-License-Identifier: BSD-2-Clause */
/* A provider that encrypts nothing, so that the nonces it is given can be
 * watched and a million messages take no time; and that fails when told. */
#ifndef COVEY_TEST_OSCORE_FAKE_H
#define COVEY_TEST_OSCORE_FAKE_H

#include "kit.h"

#include <covey/oscore.h>

struct fake {
    covey_crypto crypto;
    int calls;
    int fail_at;                    /* this call fails; -1: none */
    int keys;                       /* made and not dropped */
    uint8_t nonce[COVEY_NONCE_MAX]; /* of the last seal */
};

void fake_open(struct fake *f);
/* The next call fails, and only that. */
void fake_fail_next(struct fake *f);

#endif
