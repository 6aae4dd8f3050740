/* SPDX-License-Identifier: BSD-2-Clause */
/* A Group Manager with a store in a folder of its own, and nodes with an
 * association each, all on one loop over loopback. What a node saves is in
 * memory and outlives it. */
#ifndef COVEY_TEST_MANAGED_CLAN_GM_H
#define COVEY_TEST_MANAGED_CLAN_GM_H

#include "kit.h"

#include <fleet.h>
#include <gm.h>
#include <managed.h>

enum {
    CLAN_NODES = 102,
    CLAN_NEWS = MANAGED_WRONG + 1,
    CLAN_TURNS = 10,
    CLAN_WAIT = 60000 /* ms: nothing takes that long, wherever it runs */
};

struct clan_node {
    struct clan_gm *clan;
    unsigned number;
    context_oscore context;
    context_managed member;
    uint8_t storage[256]; /* of what these point to */
    association *association;
    managed *managed;
    /* Survives. */
    uint64_t number_of_association;
    uint8_t saved[MANAGED_SAVED_MAX];
    size_t saved_len;
    uint64_t ssn;
    bool fails; /* saving does */
    unsigned saves;
    unsigned told[CLAN_NEWS];
    uint8_t code;
};

struct clan_gm {
    char folder[64];
    covey_crypto crypto;
    loop *loop;
    loop_alarm *alarm;
    log_sink log;
    FILE *sink;
    struct gm_config *config;
    struct gm *gm; /* NULL: it does not run */
    covey_address address;
    struct clan_node node[CLAN_NODES];
    bool (*done)(struct clan_gm *c);
    covey_ms until;
    unsigned turns; /* of the loop since then */
};

struct clan_gm *clan_gm_open(void);
void clan_gm_close(struct clan_gm *c);
/* The manager; a second time at the same address, from its store. `more`: of
 * its configuration. */
void clan_gm_start(struct clan_gm *c, const char *more);
void clan_gm_stop(struct clan_gm *c);

/* A node that is configured, and not there yet. */
struct clan_node *clan_node_of(struct clan_gm *c, unsigned number);
/* With what it saved, if anything. */
void clan_node_start(struct clan_node *n, bool follows);
void clan_node_stop(struct clan_node *n);

/* Runs until it is so; fails the test if that takes too long. */
void clan_wait(struct clan_gm *c, bool (*done)(struct clan_gm *c));
/* Runs for so many ms, and some turns: a process that had to wait for its
 * turn until they were over has read nothing yet. */
void clan_run(struct clan_gm *c, covey_ms ms);
/* All nodes that run have the manager's version of "g". */
bool clan_is_level(struct clan_gm *c);
uint32_t clan_version(const struct clan_gm *c);
void clan_evict(struct clan_gm *c, unsigned number);

#endif
