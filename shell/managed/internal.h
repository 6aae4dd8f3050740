/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by managed.c and protect.c. */
#ifndef COVEY_SHELL_MANAGED_INTERNAL_H
#define COVEY_SHELL_MANAGED_INTERNAL_H

#include "managed.h"

#include <covey/manager.h>

enum {
    MANAGED_REQUEST_MAX = 8192
};

struct managed {
    managed_options options;
    loop_alarm *alarm;
    covey_member member;
    covey_group group;
    covey_group_recipient *table;
    covey_member_peer *peers;
    uint8_t *credentials;
    covey_key private_key;
    covey_group_protector protector;
    char control[COVEY_MANAGER_URI_MAX + 1];
    association_listener listener;
    association_call call;
    uint8_t *request; /* of the call */
    covey_ms hold;    /* nothing is asked before */
    covey_ms look_up; /* nobody is looked up before */
    covey_ms save_at; /* COVEY_NEVER: all is saved */
    covey_ms observe_at;
    unsigned failures;
    size_t saved_members;
    bool refused; /* to be asked again */
    bool leaving;
    bool silent;  /* that has been told */
    bool resumed; /* and the manager has not been heard since */
    bool looked;  /* everybody has been asked for since */
    bool behind;  /* before the answer that came */
    bool listens;
    bool begun;           /* and what that was has been told */
    covey_status useless; /* why what was saved could not be taken up */
};

/* --- managed.c */
/* To the next time that there is something to do. */
void managed__set_alarm(managed *g);

/* --- protect.c */
bool managed__open_tables(managed *g);
/* Also after it has failed. */
void managed__close_tables(managed *g);

#endif
