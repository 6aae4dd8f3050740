/* SPDX-License-Identifier: BSD-2-Clause */
/* A member whose keys come from a Group Manager, for as long as a verb runs:
 * its association, its group, and the state file that both go on from. */
#ifndef COVEY_APP_JOINED_H
#define COVEY_APP_JOINED_H

#include <context.h>
#include <loop.h>
#include <managed.h>
#include <member_state.h>

enum {
    JOINED_WHY = 1200,
    JOINED_WAIT = 20000 /* ms for the manager, unless said otherwise */
};

struct joined {
    const context_managed *context;
    const covey_crypto *crypto;
    loop *loop;
    loop_alarm *timeout;
    association *association;
    managed *group; /* NULL: not in, and not to join */
    struct member_state state;
    unsigned wanted; /* news, a bit each */
    managed_news last;
    uint8_t code;
    char why[JOINED_WHY]; /* the last thing that went wrong */
};

struct joined_options {
    const context_managed *context; /* kept */
    const covey_crypto *crypto;     /* kept */
    const char *state;              /* path; kept */
    uint64_t first; /* number of the association, if there is no state yet */
    bool joins;     /* if it is not in yet */
    uint16_t requests; /* in group mode, at a time */
    size_t message_max;
};

/* False: j->why. Close it in any case; it stays where it is until then. */
bool joined_open(struct joined *j, const struct joined_options *options);
/* What is not used up is given back to the state. */
void joined_close(struct joined *j);

#define JOINED_NEWS(news) (1u << (news))

/* Runs the loop until one of these has come: which; 0: nothing within so many
 * ms, or a signal. */
managed_news joined_wait(struct joined *j, unsigned wanted, covey_ms timeout);
/* Until there are keys that the manager says are the newest: EXIT_DONE.
 * Otherwise j->why, and an exit code; there may be older keys. */
int joined_settle(struct joined *j, covey_ms timeout);

#endif
