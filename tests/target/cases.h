/* SPDX-License-Identifier: BSD-2-Clause */
/* The packets of cases.txt with the tables that make_cases.py made. */
#ifndef COVEY_TARGET_CASES_H
#define COVEY_TARGET_CASES_H

#include <covey/schc.h>

typedef struct target_case {
    const char *name;
    const covey_schc_rules *rules;
    covey_schc_stack stack;
    covey_schc_direction direction;
    covey_bytes packet;
    covey_bytes compressed; /* as the host's covey says */
} target_case;

extern const target_case target_cases[];
extern const size_t target_case_count;

#endif
