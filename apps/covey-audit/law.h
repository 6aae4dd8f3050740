/* SPDX-License-Identifier: BSD-2-Clause */
/* What seed 004 says of the law, as data: each entry with the state of the law
 * that it tells, where it is from, and beside it, if the seed is out of date
 * or not exact, the correction and how far that was looked after. It is
 * printed, never interpreted: nothing in here makes an act permitted. In all
 * cases the stricter reading is applied (AUD-087). Not legal advice. */
#ifndef COVEY_AUDIT_LAW_H
#define COVEY_AUDIT_LAW_H

#include <covey/audit.h>

/* The same in both languages. */
typedef struct law_text {
    const char *fr;
    const char *en;
} law_text;

typedef enum law_status {
    LAW_VERIFIED = 0, /* the correction, in the source that is named */
    LAW_PARTLY,       /* in a secondary source, or not all of it */
    LAW_UNVERIFIED,   /* to be checked by counsel */
    LAW_NOTHING,      /* nothing to correct */
    LAW_STATUSES
} law_status;

typedef struct law_note {
    const char *id;      /* "FR-1" */
    const char *country; /* ISO 3166-1, or "EU" */
    const char *items;   /* of docs/req/audit.tsv */
    uint32_t stages;     /* bit 1 << covey_audit_stage: acts it matters to */
    law_text seed;       /* what the seed says, state of about 2009 */
    law_text correction; /* what has to be read beside it; or NULL */
    law_status status;   /* of the correction */
    const char *as_of;   /* of the correction; NULL without */
    const char *source;
} law_note;

/* How the seed judges each stage, and what the program does about it. */
typedef struct law_stage {
    covey_audit_stage stage;
    const char *items;
    law_text seed;
    law_text correction; /* or NULL */
} law_stage;

/* A decision that the seed names, and what follows for the program. */
typedef struct law_case {
    const char *id; /* "J-01" */
    const char *item;
    const char *country;
    law_text decision;
    law_text held; /* what was decided */
    law_text consequence;
} law_case;

/* Whether the law asks for a security device that was overcome. */
typedef struct law_device {
    const char *country;
    law_text name;
    bool required;
} law_device;

const law_note *law_notes(size_t *count);
const law_stage *law_stages(size_t *count);
const law_case *law_cases(size_t *count);
const law_device *law_devices(size_t *count);
/* Is there a note for this country? */
bool law_knows(const char *country);
const char *law_say(const law_text *text, bool is_french);

#endif
