/* SPDX-License-Identifier: BSD-2-Clause */
/* A Group Manager and its nodes over stacks on a simulated network; which node
 * asks is told by its address. What the manager stores is looked at. */
#ifndef COVEY_SIM_KEYING_WORLD_H
#define COVEY_SIM_KEYING_WORLD_H

#include "../unit/manager/fixture.h"

#include "net.h"
#include "stack.h"

enum {
    CLAN = 7,
    TICKETS = 32,
    SAVED = 512,
    VERSIONS = 256
};

struct peer {
    stack stack;
    covey_address address;
    bool belongs;
    bool busy;
    covey_exchange_ref exchange;
    bool answered;
    covey_ms hold;
    uint8_t saved[SAVED];
    size_t saved_len;
};

struct ticket {
    bool used;
    covey_endpoint_request request;
};

struct sim {
    sim_net net;
    watch watch;
    struct world *w;
    stack manager;
    covey_address address;
    struct peer peer[CLAN];
    struct ticket ticket[TICKETS];
    unsigned life; /* of the manager */
    uint8_t secret[VERSIONS][16];
    struct {
        uint32_t version;
        uint8_t id[2];
        unsigned who;
    } given[1024];
    unsigned given_count;
};

extern struct sim sim;

static inline covey_ms now(void)
{
    return sim.w->now.mono;
}

/* What was written leaves. */
void keying_leave(const covey_address *from, const covey_path *path,
                  const covey_writer *out);
/* A request, below `control` if that is not NULL. False: not now. */
bool keying_ask(stack *s, const covey_address *from,
                const covey_endpoint_call *call, const char *control,
                const covey_member_request *r, covey_exchange_ref *ref);
void keying_reply(stack *s, const covey_address *from,
                  const covey_endpoint_request *r, uint8_t code,
                  const covey_manager_answer *a);
/* What the manager stores, answers and tells. */
void keying_settle(void);
/* A request to it. */
void keying_serve(const covey_endpoint_in *in);
/* With nothing under way. */
void keying_start_manager(uint64_t seed);

#endif
