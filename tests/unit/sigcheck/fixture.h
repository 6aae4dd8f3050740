/* SPDX-License-Identifier: BSD-2-Clause */
/* A group with a client and a server that sign with the toy, and a checker of
 * it. */
#ifndef COVEY_TEST_SIGCHECK_FIXTURE_H
#define COVEY_TEST_SIGCHECK_FIXTURE_H

#include "kit.h"

#include <covey/sigcheck.h>
#include <crypto/scripted/scripted.h>

struct group {
    covey_sigcheck checker; /* may be changed by a test */
    covey_key client_key;
    covey_key server_key;
    covey_sigcheck_signer client;
    covey_sigcheck_signer server;
};

/* Gid dd11, kids 25 and 52, AES-CCM-16-64-128 with a tag of eight bytes and
 * EdDSA. */
void group_open(struct group *g);

/* A message before it is signed. */
struct draft {
    uint8_t code;
    covey_oscore_option option;
    const covey_sigcheck_signer *signer;
    const covey_sigcheck_request *request; /* that it is, or answers */
    size_t sealed_len; /* of made-up ciphertext; 0: as short as it may be */
};

/* Lives until the next call. */
covey_coap_message group_sign(const struct group *g, const struct draft *d);

/* The client's request number 1 in either mode, and what it is noted as. */
covey_coap_message group_request(const struct group *g, bool pairwise,
                                 covey_sigcheck_request *request);

#endif
