/* SPDX-License-Identifier: BSD-2-Clause */
/* covey ctl: what an operator does at the store of a Group Manager. */
#ifndef COVEY_CTL_CTL_H
#define COVEY_CTL_CTL_H

#include <covey/crypto.h>
#include <store.h>

/* As of covey(1). */
enum {
    CTL_DONE = 0,
    CTL_NEGATIVE = 1,
    CTL_USAGE = 2,
    CTL_REFUSED = 3,
    CTL_IO = 4
};

struct ctl {
    store_options options;
    covey_crypto crypto;
    uint64_t after; /* events */
    char **operands;
    size_t count;
};

/* verbs.c: each gives an exit status, having told why. */
int ctl_enrol(struct ctl *c);
int ctl_disenrol(struct ctl *c);
int ctl_nodes(struct ctl *c);
int ctl_events(struct ctl *c);
int ctl_backup(struct ctl *c);
int ctl_restore(struct ctl *c);

#endif
