/* SPDX-License-Identifier: BSD-2-Clause */
/* The state file of a member of a group, as oscore_state.h for plain OSCORE:
 * the member's own number, and the lowest number that may be accepted of each
 * member that was heard (RFC 10021 Section 2.6.1). */
#ifndef COVEY_SHELL_STORE_GROUP_STATE_H
#define COVEY_SHELL_STORE_GROUP_STATE_H

#include "oscore_state.h"

#include <covey/group.h>

struct group_state_row {
    uint8_t id_len;
    uint8_t id[COVEY_OSCORE_ID_MAX];
    uint64_t number;
};

struct group_state {
    struct state_file file;
    uint8_t fingerprint[OSCORE_FINGERPRINT]; /* of the Sender Key */
    bool existed;                            /* when it was opened */
    uint64_t ssn;
    bool windows_invalid;
    struct group_state_row *rows; /* room for row_max, and the text of them */
    size_t row_count;
    size_t row_max;
    char *text;
};

/* Whose state it is to be. */
struct group_state_owner {
    uint8_t fingerprint[OSCORE_FINGERPRINT];
    uint64_t first;      /* number, if there is no file yet */
    size_t member_count; /* for which there is room */
};

/* As oscore_state_open. */
bool group_state_open(struct group_state *s, const char *path,
                      const struct group_state_owner *owner, char *error,
                      size_t cap);
/* COVEY_GROUP_NUMBER_UNKNOWN if nothing was stored of this member. */
uint64_t group_state_number(const struct group_state *s, covey_bytes id);
/* Durable when it returns true. What is stored of a member never falls. */
bool group_state_store(struct group_state *s, const covey_group_record *record,
                       char *error, size_t cap);
/* Allowed on one that is not open. */
void group_state_close(struct group_state *s);

#endif
