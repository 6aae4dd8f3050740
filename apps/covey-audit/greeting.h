/* SPDX-License-Identifier: BSD-2-Clause */
/* What a service says first, and which one says that. */
#ifndef COVEY_AUDIT_GREETING_H
#define COVEY_AUDIT_GREETING_H

#include <covey/bytes.h>

/* "ssh"; NULL: nothing that is known here. Static storage. */
const char *greeting_service(covey_bytes said);
/* Its first line if it is text, without its end; otherwise absent. */
covey_bytes greeting_line(covey_bytes said);

#endif
