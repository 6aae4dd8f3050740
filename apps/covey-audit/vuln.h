/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit vuln: which services are asked about. */
#ifndef COVEY_AUDIT_VULN_APP_H
#define COVEY_AUDIT_VULN_APP_H

#include "audit.h"

#include <vuln.h>

typedef struct vuln_input {
    vuln_service *services; /* VULN_SERVICES_MAX of them */
    size_t count;
    size_t unnamed; /* of which nothing is known to look up */
} vuln_input;

/* From --service, --services and --evidence. AUDIT_DONE, AUDIT_USAGE or
 * AUDIT_IO with a message. To be freed in any case. */
int vuln_input_read(vuln_input *in, const audit_args *a);
void vuln_input_free(vuln_input *in);

#endif
