/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints that are members of one group, each with its storage, over the
 * stacks of stack.h. Who does not know a member asks the clan. */
#ifndef COVEY_SIM_CLAN_H
#define COVEY_SIM_CLAN_H

#include "stack.h"

#include <covey/group_endpoint.h>

#include <crypto/scripted/scripted.h>

enum {
    CLAN_MAX = 5,
    CLAN_REQUESTS = 3, /* in group mode, at a time */
    CLAN_CREDENTIAL = 40
};

typedef struct clan clan;

typedef struct clan_member {
    stack stack;
    covey_group group;
    covey_group_recipient table[CLAN_MAX];
    covey_group_protector protector;
    covey_group_answer answers[CLAN_REQUESTS * CLAN_MAX];
    uint16_t next[CLAN_REQUESTS];
    uint8_t scratch[COVEY_GROUP_SCRATCH(STACK_MTU, CLAN_CREDENTIAL, 3)];
    covey_key private_key;
    uint8_t public_key[32];
    uint8_t credential[CLAN_CREDENTIAL];
    uint8_t id;
    uint8_t roles; /* as others are told */
    clan *clan;
    /* To be tuned before it starts. */
    covey_group_late late;
    uint16_t recipient_max;
    /* Survives. */
    uint64_t ssn;
    bool windows_invalid;
    uint64_t number[CLAN_MAX];
    bool store_fails;
    bool meets_nobody;
    unsigned stores;
    unsigned meetings;
} clan_member;

struct clan {
    watch watch;
    covey_scripted script; /* over what watches */
    covey_crypto crypto;
    covey_group_parameters parameters;
    clan_member member[CLAN_MAX];
    unsigned count;
};

/* So many members, none of which has started. Both modes. */
void clan_open(clan *c, unsigned count, uint64_t seed);
/* With what was stored; nobody is in its table. */
void clan_start(clan *c, unsigned who, uint64_t seed, covey_ms now);
/* Loses all that was not stored. */
void clan_stop(clan *c, unsigned who);
covey_bytes clan_id(const clan_member *m);
/* Has no request in group mode under way? */
bool clan_is_idle(const clan_member *m);

#endif
