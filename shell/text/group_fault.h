/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a message was refused, as a word for programs, a sentence for people,
 * and the section that says so. */
#ifndef COVEY_SHELL_GROUP_FAULT_H
#define COVEY_SHELL_GROUP_FAULT_H

#include <covey/group.h>

typedef struct group_fault {
    const char *name;    /* "bad-signature" */
    const char *text;    /* without a full stop */
    const char *section; /* "RFC 10021 Section 7.2" */
} group_fault;

group_fault group_fault_of(covey_oscore_fault fault, bool request,
                           bool pairwise);

#endif
