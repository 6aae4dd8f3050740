/* SPDX-License-Identifier: BSD-2-Clause */
/* What token.c and responses.c share: rows by their index.
 *
 *   free -> waiting -> ended -> resting -> free
 *                         `-----------------^
 * waiting: found by its token, in the list of its connection.
 * ended:   found by its token, in the queue of events.
 * resting: found by its token, nothing else. */
#ifndef COVEY_EXCHANGE_INTERNAL_H
#define COVEY_EXCHANGE_INTERNAL_H

#include <covey/exchange.h>

#define NONE UINT32_MAX

enum {
    ROW_FREE,
    ROW_WAITING,
    ROW_ENDED,
    ROW_RESTING
};

/* The row that this token stands for among those of a peer (unicast), or
 * among group requests, whatever its state; NONE if there is none. */
uint32_t covey__exchange_find(const covey_exchange_table *t,
                              const covey_path *path, covey_bytes token);
/* The waiting row of a ref, or NULL. */
covey_exchange_row *covey__exchange_waiting(covey_exchange_table *t,
                                            covey_exchange_ref ref);
/* Takes a row out of the list of its connection. */
void covey__exchange_leave_peer(covey_exchange_table *t, uint32_t i);
/* The first waiting row over the connection of this path, or NONE. */
uint32_t covey__exchange_of_peer(const covey_exchange_table *t,
                                 const covey_path *path);
/* Its token may be used again. */
void covey__exchange_free(covey_exchange_table *t, uint32_t i);

#endif
