/* SPDX-License-Identifier: BSD-2-Clause */
/* Accès fortuit (AUD-035): an answer has shown more than the auditor was to
 * see. The act has ended with it, and only a hash of it was kept; here it is
 * recorded, whom the mandate wants to be told is named, and the host is left
 * alone. */
#include "report.h"
#include "run.h"

#include <system_address.h>

void audit_fortuitous(audit_run *r, const audit_act *a, const json_t *findings)
{
    const mandate_contact *c = &r->terms->contacts[0];
    char target[ADDRESS_TEXT_MAX];

    for (size_t i = 0; i < json_array_size(findings); i++) {
        const char *id = object_text(json_array_get(findings, i), "finding");
        const report_finding *f = report_finding_get(id);
        if (f == NULL || !f->fortuitous) {
            continue;
        }
        a->target->fortuitous = true;
        audit_record(r,
                     json_pack("{s:s, s:I, s:s, s:s, s:s, s:s}", "kind",
                               "fortuitous", "act", (json_int_t)a->number,
                               "finding", id, "target",
                               address_text(&a->what.target, target),
                               "contact", c->name, "tel", c->telephone),
                     true);
        fprintf(stderr,
                "covey-audit run: fortuitous access (%s at %s): tell %s, "
                "%s (AUD-035)\n",
                id, address_text(&a->what.target, target), c->name,
                c->telephone);
    }
}
