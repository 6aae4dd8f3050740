/* SPDX-License-Identifier: BSD-2-Clause */
/* The store of a command line: anchors, trust lists, revocation lists. */
#ifndef COVEY_APP_ITS_TRUST_H
#define COVEY_APP_ITS_TRUST_H

#include "its_args.h"

enum {
    ITS_KNOWN = 128
};

struct its_trust {
    const its_args *args;
    const covey_crypto *crypto;
    covey_its_known known[ITS_KNOWN];
    covey_its_store store;
    covey_its_crl crls[ITS_FILES_MAX];
    uint8_t *crl_bytes[ITS_FILES_MAX]; /* kept */
    uint8_t *chain_bytes[ITS_FILES_MAX];
    covey_bytes chain[ITS_FILES_MAX];
    uint64_t now;
};

/* Loads --trust, --chain and --crl, each list verified with what came before
 * it. Close in any case. */
int its_trust_open(struct its_trust *t, const its_args *args,
                   const covey_crypto *crypto);
void its_trust_close(struct its_trust *t);

/* The chain of `certificate`, with what --chain gave. */
covey_its_verdict its_trust_chain(struct its_trust *t, covey_its_peer *peer,
                                  covey_bytes certificate,
                                  covey_its_finding *why);

/* Signed data and the chain of its signer, which may be in the store, among
 * --chain, or within. `expect` without `now`. A peer that was verified is to
 * be dropped. */
covey_its_verdict its_trust_data(struct its_trust *t, covey_its_peer *peer,
                                 const covey_its_signed *data,
                                 covey_its_expect *expect,
                                 covey_its_finding *why);

/* The negative answer: exit code 1, with a reason. */
int its_trust_refuse(const its_args *args, const char *path,
                     covey_its_verdict verdict, const covey_its_finding *why);

#endif
