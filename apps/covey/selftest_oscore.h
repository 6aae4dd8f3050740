/* SPDX-License-Identifier: BSD-2-Clause */
/* One case of OSCORE vectors: an exchange, or only its keys. What a case does
 * not give is absent, and not compared. */
#ifndef COVEY_APP_SELFTEST_OSCORE_H
#define COVEY_APP_SELFTEST_OSCORE_H

#include "selftest.h"
#include "selftest_values.h"

#include <covey/oscore.h>

/* One message on its way. */
typedef struct oscore_message {
    bool given;
    bool own_piv;
    uint64_t ssn;
    covey_bytes plain; /* the original message */
    covey_bytes plaintext;
    covey_bytes aad;
    covey_bytes nonce;
    covey_bytes option;
    covey_bytes ciphertext;
    covey_bytes protected;
} oscore_message;

typedef struct oscore_case {
    covey_oscore_parameters client; /* sender: the client */
    covey_bytes client_info;
    covey_bytes server_info;
    covey_bytes iv_info;
    covey_bytes client_key;
    covey_bytes server_key;
    covey_bytes common_iv;
    covey_bytes client_nonce; /* with sequence number 0 */
    covey_bytes server_nonce;
    oscore_message request;
    oscore_message response;
    /* What the spans point to, owned. */
    selftest_pool pool;
} oscore_case;

/* A case of oscore_generated.json, or a vector of RFC 8613 Appendix C with the
 * others of its file and what is common to them. false: `why` says what is not
 * understood. */
bool oscore_case_read(oscore_case *c, struct fy_node *node, FILE *why);
bool oscore_vector_read(oscore_case *c, struct fy_node *node,
                        struct fy_node *common, struct fy_node *all,
                        FILE *why);
void oscore_case_free(oscore_case *c);

/* Runs one case. false: it failed, `expected` and `got` say how. */
bool oscore_case_run(const oscore_case *c, const covey_crypto *crypto,
                     FILE *expected, FILE *got);

#endif
