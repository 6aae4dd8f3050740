/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON output; the keys are documented in covey-schc(1) and stay. */
#ifndef COVEY_APP_SCHC_JSON_H
#define COVEY_APP_SCHC_JSON_H

#include "schc_view.h"

#include <jansson.h>

/* {"index", "id", "bits", "nature", "line"} */
json_t *schc_json_rule(const covey_schc_rules *rules, uint16_t rule,
                       unsigned line);
/* {"direction", "stack", "packet"} */
json_t *schc_json_head(const schc_session *s, covey_bytes packet);
/* Bytes as a hex string. */
json_t *schc_json_hex(covey_bytes bytes);
/* A packet, its SCHC packet, and the parts of both. */
json_t *schc_json_view(const schc_session *s, const schc_view *v);

/* Writes to standard output and releases. An exit code. */
int schc_json_print(json_t *root);

#endif
