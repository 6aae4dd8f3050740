/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said of a group when it is created or changed, as the admin draft
 * has it (draft-ietf-ace-oscore-gm-admin Section 2). */
#ifndef COVEY_SHELL_GROUP_CONFIG_H
#define COVEY_SHELL_GROUP_CONFIG_H

#include <covey/keying.h>

enum {
    GROUP_CONFIG_MAX = 512 /* bytes of one */
};

typedef struct group_config {
    covey_bytes name; /* absent: not said, as the others */
    covey_bytes description;
    bool has_active;
    bool active;
    bool has_modes;
    bool group_mode; /* also without: for which of them the curve is */
    bool pairwise_mode;
    bool has_curve;
    covey_curve curve;
    uint32_t check_interval; /* s; 0: not said */
    uint32_t stale_sets;     /* 0: not said */
} group_config;

void group_config_put(covey_writer *w, const group_config *c);

#endif
