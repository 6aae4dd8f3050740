/* SPDX-License-Identifier: BSD-2-Clause */
/* What the verbs that verify share: the store of a command line, and negative
 * answers. */
#ifndef COVEY_APP_ITS_TRUSTED_H
#define COVEY_APP_ITS_TRUSTED_H

#include "its_args.h"

/* Judges the operand; an exit code. */
typedef int its_judge(const its_args *args, its_trust *t, covey_bytes bytes);

/* Loads --trust, --chain and --crl, each list verified with what came before
 * it, and then the operand, for `judge`. An exit code. */
int its_trusted_run(const its_args *args, const covey_crypto *crypto,
                    its_judge *judge);

/* The negative answer: exit code 1, with a reason. */
int its_trusted_refuse(const its_args *args, const char *path,
                       covey_its_verdict verdict,
                       const covey_its_finding *why);

#endif
