/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this module share: receive.c decides how a datagram is
 * met, reliable.c sends; dedup.c, peer.c and out.c each keep one table, and
 * links.c knows how rows hang together. */
#ifndef COVEY_MESSAGE_INTERNAL_H
#define COVEY_MESSAGE_INTERNAL_H

#include <covey/message.h>

/* No row. */
#define COVEY__ROW_NONE COVEY_SLOTS_NONE
/* Type, code and Message ID: what this layer writes. */
#define COVEY__HEADER_LEN 4u

/* How a duplicate of a message is met; a Non-confirmable one, and one to a
 * group, always with silence. */
enum covey__seen_state {
    COVEY__SEEN_SILENT,
    COVEY__SEEN_PENDING,      /* silence: reply or acknowledgement to come */
    COVEY__SEEN_ACKNOWLEDGED, /* the acknowledgement again */
    COVEY__SEEN_REPLIED,      /* the stored reply again */
    COVEY__SEEN_AGAIN,        /* delivered again */
    COVEY__SEEN_REJECTED      /* the Reset again */
};

enum covey__out_state {
    COVEY__OUT_FREE,
    COVEY__OUT_DELAYED,  /* timer: leisure */
    COVEY__OUT_WAITING,  /* in its peer's list, for NSTART */
    COVEY__OUT_READY,    /* in `ready`, leaves with the next transmit */
    COVEY__OUT_FLIGHT,   /* timer: retransmission; Confirmable */
    COVEY__OUT_EXPECTED, /* timer: PROBING_RATE; Non-confirmable request */
    COVEY__OUT_WATCHED,  /* timer: NON_LIFETIME; in `watched` */
    COVEY__OUT_DONE      /* in `events` */
};

enum covey__owed {
    COVEY__OWED_NOTHING,
    COVEY__OWED_EMPTY,
    COVEY__OWED_REPLY
};

/* RFC 7252 Section 12.1. */
static inline bool covey__is_request(uint8_t code)
{
    return code >> 5 == 0 && code != COVEY_COAP_EMPTY;
}

static inline bool covey__is_response(uint8_t code)
{
    return code >> 5 >= 2 && code >> 5 <= 5;
}

/* --- links.c ------------------------------------------------------------ */

static inline covey_message_links *covey__links(const covey_message_table *t,
                                                uint32_t i)
{
    unsigned char *rows = t->rows;

    return (void *)(rows + (size_t)i * t->stride);
}

void covey__list_init(covey_message_list *list);
void covey__list_append(const covey_message_table *t, covey_message_list *list,
                        uint32_t i);
void covey__list_remove(const covey_message_table *t, covey_message_list *list,
                        uint32_t i);
/* The first, no longer in the list. */
uint32_t covey__list_take(const covey_message_table *t,
                          covey_message_list *list);
/* Spreads a small number over all bits. */
static inline uint32_t covey__spread(uint32_t n)
{
    return n * 0x9e3779b1u;
}

/* --- dedup.c ------------------------------------------------------------ */

static inline covey_message_seen *covey__seen_row(const covey_message_layer *l,
                                                  uint32_t i)
{
    return (covey_message_seen *)l->seen.rows + i;
}

/* The row of a message, or COVEY__ROW_NONE. *hash is what to insert it by. */
uint32_t covey__seen_find(const covey_message_layer *l, covey_ms now,
                          const covey_path *path, const covey_coap_message *m,
                          uint32_t *hash);
/* A new row, silent; the oldest goes if there is none. */
uint32_t covey__seen_add(covey_message_layer *l, covey_ms now,
                         const covey_path *path, const covey_coap_message *m,
                         uint32_t hash);
/* The row that is named, or NULL if it has gone. */
covey_message_seen *covey__seen_named(const covey_message_layer *l,
                                      covey_message_ref ref);
/* The only ways to another state: to PENDING, due for its acknowledgement
 * after ack_delay from now; and to all others. A row becomes REPLIED with its
 * `reply` filled in. */
void covey__seen_await(covey_message_layer *l, uint32_t i, covey_ms now);
void covey__seen_become(covey_message_layer *l, uint32_t i,
                        enum covey__seen_state state);
/* Two rows at most that are older than their time. */
void covey__seen_expire(covey_message_layer *l, covey_ms now);
/* When row i has to be acknowledged. */
covey_ms covey__seen_due(const covey_message_layer *l, uint32_t i);
/* Both spans into chunks, taking back older replies if need be. */
bool covey__store(covey_message_layer *l, covey_bytes head, covey_bytes tail,
                  covey_chain *chain);

/* --- peer.c ------------------------------------------------------------- */

static inline covey_message_peer *covey__peer_row(const covey_message_layer *l,
                                                  uint32_t i)
{
    return (covey_message_peer *)l->peers.rows + i;
}

uint64_t covey__random(covey_message_layer *l);
void covey__peers_init(covey_message_layer *l);
uint32_t covey__peer_find(const covey_message_layer *l,
                          const covey_path *path);
/* Finds or makes; COVEY__ROW_NONE if all are busy. */
uint32_t covey__peer_get(covey_message_layer *l, const covey_path *path,
                         covey_ms now);
/* Rows of `out` hold their peer. */
void covey__peer_hold(covey_message_layer *l, uint32_t i);
void covey__peer_release(covey_message_layer *l, uint32_t i);
/* May the next Message ID have been used within EXCHANGE_LIFETIME? */
bool covey__peer_exhausted(const covey_message_layer *l, uint32_t i,
                           covey_ms now);
uint16_t covey__peer_message_id(covey_message_layer *l, uint32_t i,
                                covey_ms now);

/* --- out.c -------------------------------------------------------------- */

static inline covey_message_out *covey__out_row(const covey_message_layer *l,
                                                uint32_t i)
{
    return (covey_message_out *)l->out.rows + i;
}

void covey__out_init(covey_message_layer *l);
/* The row in a state in which it was sent and can be answered. */
uint32_t covey__out_find(const covey_message_layer *l, const covey_path *path,
                         uint16_t message_id);
/* Takes a row for a message to this peer; COVEY__ROW_NONE if none is left. */
uint32_t covey__out_take(covey_message_layer *l, uint32_t peer,
                         uint16_t message_id);
/* Gives it back, whatever its state. */
void covey__out_release(covey_message_layer *l, uint32_t i);
/* The message may leave (true), or waits for NSTART (false). */
bool covey__out_start(covey_message_layer *l, uint32_t i);
/* The message is leaving now for the first time. */
void covey__out_left(covey_message_layer *l, uint32_t i, covey_ms now,
                     size_t len);
/* Its end, to be told by an event unless nobody wants to hear it. */
void covey__out_finish(covey_message_layer *l, uint32_t i,
                       covey_message_outcome outcome);
void covey__out_delay(covey_message_layer *l, uint32_t i, covey_ms due);
/* Its timer came: true if the message is to be sent (again). */
bool covey__out_timer(covey_message_layer *l, uint32_t i, covey_ms now);
/* A response or acknowledgement of this peer came: it responds. */
void covey__out_heard(covey_message_layer *l, const covey_path *path);

#endif
