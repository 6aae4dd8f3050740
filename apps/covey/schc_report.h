/* SPDX-License-Identifier: BSD-2-Clause */
/* What `covey schc pcap` says about a capture, as text or JSON. */
#ifndef COVEY_APP_SCHC_REPORT_H
#define COVEY_APP_SCHC_REPORT_H

#include "schc_device.h"
#include "schc_tally.h"

typedef struct schc_report {
    const schc_session *session;
    const schc_flow *flow;
    const schc_sides *sides;
    const schc_tally *tally;
} schc_report;

void schc_report_text(const schc_report *r, FILE *out);
/* An exit code. */
int schc_report_json(const schc_report *r);

#endif
