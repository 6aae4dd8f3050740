/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a message was refused, for a person. */
#ifndef COVEY_SHELL_OSCORE_FAULT_H
#define COVEY_SHELL_OSCORE_FAULT_H

#include <covey/oscore.h>

/* One word, such as "replay". */
const char *oscore_fault_name(covey_oscore_fault fault);
/* A few words, without a full stop, and the section that says so. */
const char *oscore_fault_text(covey_oscore_fault fault);
const char *oscore_fault_section(covey_oscore_fault fault);

#endif
