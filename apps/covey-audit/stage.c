/* SPDX-License-Identifier: BSD-2-Clause */
/* The stages of an audit (AUD-063): which of them are asked for, and in which
 * order they are done. */
#include "run.h"

#include <string.h>
#include <system_address.h>

/* The technique or the stage of this name, as bits of techniques. */
static uint32_t bits_of(covey_bytes name)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < COVEY_AUDIT_TECHNIQUES; i++) {
        const covey_audit_technique_row *row =
            covey_audit_technique_get((covey_audit_technique)i);
        if (covey_bytes_equal(covey_bytes_text(row->name), name) ||
            covey_bytes_equal(
                covey_bytes_text(covey_audit_stage_name(row->stage)), name)) {
            bits |= 1u << i;
        }
    }
    return bits;
}

/* Passive capture is imported, and vulnerabilities are looked up offline:
 * neither is part of a run. */
uint32_t audit_stage_techniques(uint32_t techniques)
{
    return techniques & ~(1u << COVEY_AUDIT_CAPTURE | 1u << COVEY_AUDIT_VULN);
}

bool audit_stage_read(const char *list, uint32_t permitted,
                      uint32_t *techniques)
{
    uint32_t all = 0;

    for (const char *at = list; at != NULL;) {
        const char *comma = strchr(at, ',');
        const size_t len = comma != NULL ? (size_t)(comma - at) : strlen(at);
        uint32_t bits = audit_stage_techniques(
            bits_of(covey_bytes_of((const uint8_t *)at, len)));
        if (bits == 0) {
            return false;
        }
        all |= (bits & permitted) != 0 ? bits & permitted : bits;
        at = comma != NULL ? comma + 1 : NULL;
    }
    *techniques = all;
    return true;
}

uint32_t audit_stage_of(uint32_t techniques)
{
    uint32_t stages = 0;

    for (unsigned i = 0; i < COVEY_AUDIT_TECHNIQUES; i++) {
        const covey_audit_technique_row *row =
            covey_audit_technique_get((covey_audit_technique)i);
        stages |= (techniques >> i & 1) << row->stage;
    }
    return stages;
}

bool audit_stage_asked(const audit_run *r, covey_audit_technique t)
{
    return (r->asked >> t & 1) != 0;
}

void audit_stage_end(audit_run *r, audit_target *t, covey_audit_stage stage,
                     uint64_t packets)
{
    char target[ADDRESS_TEXT_MAX] = "-";

    if (r->guard.why != STOP_NONE) {
        return;
    }
    if (t == NULL) {
        r->ended |= 1u << stage;
    } else {
        t->done.stages |= 1u << stage;
        address_text(&t->host, target);
    }
    if (r->plan != NULL) {
        return;
    }
    audit_record(r,
                 json_pack("{s:s, s:s, s:s, s:I}", "kind", "stage", "stage",
                           covey_audit_stage_name(stage), "target", target,
                           "packets", (json_int_t)(r->packets - packets)),
                 false);
}
