/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit vuln: which services are asked about, and what was found. */
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

/* --- vuln.c -------------------------------------------------------------- */

/* A look-up. Its input is the caller's and kept. */
typedef struct vuln_found {
    const audit_args *args; /* whose files are the bases */
    const vuln_input *in;
    vuln_lookup lookup;
    vuln_base *bases;
    bool complete; /* all of all bases was read */
} vuln_found;

/* False with a message: no memory. To be freed in any case. */
bool vuln_look_up(vuln_found *f, const audit_args *a, const vuln_input *in,
                  const covey_crypto *crypto);
void vuln_found_free(vuln_found *f);

/* Objects of covey-audit-vuln(1). */
json_t *vuln_service_json(const vuln_found *f, size_t i);
json_t *vuln_base_json(const vuln_found *f, size_t i);
json_t *vuln_answer_json(const vuln_found *f, size_t i);
/* In the order of the answers, of all but those that are fixed; NULL: no
 * memory. */
json_t *vuln_findings(const vuln_found *f);
/* For who sits before it. */
void vuln_print(const vuln_found *f);

/* --- vuln_record.c ------------------------------------------------------- */

/* The same under the mandate of a run whose record is --evidence, with a
 * record of its own. */
int vuln_under_mandate(const audit_args *a);

#endif
