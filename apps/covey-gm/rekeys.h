/* SPDX-License-Identifier: BSD-2-Clause */
/* The last rekeyings, whichever manager has made them: one's own as they are
 * made, and those that events of the store tell of, before this manager was
 * started and since. */
#ifndef COVEY_GM_REKEYS_H
#define COVEY_GM_REKEYS_H

#include "gm.h"

#include <jansson.h>

enum {
    REKEYS = 20, /* that are kept */
    REKEYS_NAME = COVEY_MANAGER_NAME_MAX + 1
};

struct rekey {
    uint16_t serial;
    uint32_t version;
    uint32_t members; /* of the group, then */
    uint32_t told;    /* who have the keys, once it is done */
    bool told_known;
    enum {
        REKEY_UNDER_WAY,
        REKEY_DONE,
        REKEY_OVERTAKEN /* by a newer one, before everybody was told */
    } progress;
    double at; /* unix s */
    covey_ms begun;
    covey_ms took;
    char causes[AUDIT_CAUSES_MAX];
    char group[REKEYS_NAME];
};

struct rekeys {
    uint64_t count; /* that there were */
    struct rekey all[REKEYS];
    uint64_t finished; /* by this manager */
    covey_ms spent;    /* on those */
};

/* Members of a group who have keys of this version, or newer ones. */
uint32_t rekeys_current(const struct gm *g, uint16_t serial, uint32_t version);
/* This manager has done something, and it is stored. */
void rekeys_deed(struct rekeys *r, const struct gm *g, covey_ms now,
                 const char *group, const covey_manager_log *log);
/* What the store knows of all managers. */
store_result rekeys_follow(struct rekeys *r, const struct gm *g, covey_ms now);
/* The newest first. */
json_t *rekeys_json(const struct rekeys *r, const struct gm *g);

#endif
