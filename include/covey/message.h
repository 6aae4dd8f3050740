/* SPDX-License-Identifier: BSD-2-Clause */
/* The message layer of CoAP over datagrams (RFC 7252 Section 4), below OSCORE:
 * Message IDs, acknowledgements, retransmission of stored bytes, detection of
 * duplicates, congestion control. No tokens, no options but one (OSCORE, to
 * tell which replies must be stored), no sockets. Streams need none of this
 * (RFC 8323 Section 3).
 *
 * How it is driven: `receive` takes a datagram and never sends. What the layer
 * itself owes, and whatever time makes due, comes out of `transmit`: call it
 * until it says false after each datagram and whenever `deadline` has come.
 * Then `event`, until false, says what became of messages. Requests and
 * replies are composed by the layers above and given to `send`, which puts
 * type and Message ID into the first four bytes; mostly they then leave at
 * once, from where they were composed, without being copied.
 *
 * Memory is arrays of the caller. When one is full:
 *   seen   the oldest row goes, whatever its age: its message, should it come
 *          again, is then taken for new. As many rows as messages arrive in
 *          EXCHANGE_LIFETIME rule that out.
 *   out    a Non-confirmable message of which only a Reset would still be
 *          told goes first, the oldest; otherwise `send` says COVEY_E_ROOM.
 *   peers  those that nothing is on its way to go, the least recently used
 *          first, and with them only their Message IDs; with more peers than
 *          rows in `out` there is always one.
 *   chunks stored replies are taken back, the oldest first, and duplicates of
 *          their requests met with silence; then `send` says COVEY_E_ROOM.
 * Rows of `seen` past their time go with later calls, at most two with each.
 * No function looks through a table, except `init`. */
#ifndef COVEY_MESSAGE_H
#define COVEY_MESSAGE_H

#include <covey/address.h>
#include <covey/chunks.h>
#include <covey/coap.h>
#include <covey/slots.h>
#include <covey/timers.h>

/* --- parameters: RFC 7252 Section 4.8 ----------------------------------- */

typedef struct covey_message_parameters {
    uint32_t ack_timeout;       /* ms, 2000 */
    uint32_t ack_random_factor; /* thousandths, 1500 */
    uint32_t max_retransmit;    /* 4; at most 16 */
    uint32_t nstart;            /* 1 */
    uint32_t probing_rate;      /* bytes a second, 1 */
    uint32_t max_latency;       /* ms, 100000 */
    /* How long a Confirmable request waits for its reply before it is
     * acknowledged by an Empty message: ms, 500; a quarter of ACK_TIMEOUT, so
     * that the way there and back has the rest. */
    uint32_t ack_delay;
    /* A link whose rules know only some Message IDs: those that begin with the
     * first bits of message_id_first, and then message_id_bits of their own; 0
     * is 16, all there are. Half as many messages go to a peer in
     * EXCHANGE_LIFETIME at least, and what was sent to a peer that lost its
     * row is forgotten sooner than others forget it. */
    uint16_t message_id_first;
    uint8_t message_id_bits;
} covey_message_parameters;

/* The values above. */
covey_message_parameters covey_message_defaults(void);
/* Section 4.8.2, in ms; PROCESSING_DELAY is ACK_TIMEOUT. */
covey_ms covey_message_max_transmit_span(const covey_message_parameters *p);
covey_ms covey_message_max_transmit_wait(const covey_message_parameters *p);
covey_ms covey_message_exchange_lifetime(const covey_message_parameters *p);
covey_ms covey_message_non_lifetime(const covey_message_parameters *p);

/* --- memory ------------------------------------------------------------- */

/* All private: rows in tables. A row is in one list at most. */
typedef struct covey_message_links {
    uint32_t prev;
    uint32_t next;
} covey_message_links;

typedef struct covey_message_list {
    uint32_t first;
    uint32_t last;
} covey_message_list;

typedef struct covey_message_table {
    void *rows; /* each begins with its links */
    uint32_t stride;
    uint32_t count;
    covey_slots slots;
} covey_message_table;

/* How many slots the rows of all tables take. */
#define COVEY_MESSAGE_SLOTS(seen, peers, out)                                 \
    COVEY_SLOTS((seen) + (peers) + (out))

/* A message that was received. */
typedef struct covey_message_seen {
    covey_message_links links;
    covey_path path;
    uint32_t serial;
    uint32_t token; /* responses: hash of it, never 0; requests: 0 */
    uint32_t hash;
    covey_chain reply;
    covey_ms born;
    uint32_t ack_after; /* ms from born */
    uint16_t message_id;
    uint8_t state;
    bool confirmable : 1;
    bool safe : 1; /* answered again rather than from storage */
} covey_message_seen;

/* A message that was sent or is going to be. */
typedef struct covey_message_out {
    covey_message_links links;
    covey_chain bytes; /* where it leaves from, if that was said, and itself */
    uint64_t user;
    uint32_t serial;
    uint32_t peer;
    uint32_t timeout;
    uint16_t message_id;
    unsigned state : 3;
    unsigned count : 5; /* of retransmissions; in the end: the outcome */
    bool group : 1;
    bool confirmable : 1;
    bool request : 1;
    bool watch : 1;
    bool counted : 1; /* among the outstanding interactions of its peer */
    bool muted : 1;   /* nobody wants to hear of it any more */
    bool has_way : 1; /* `bytes` begin with it */
    bool ping : 1;    /* which no response can answer */
} covey_message_out;

/* Another endpoint that messages went to. */
typedef struct covey_message_peer {
    union {
        covey_message_links links; /* idle */
        uint32_t alone; /* busy: a row of `out` that has no slot, or none */
    };
    covey_peer peer;
    uint32_t hash;
    covey_message_list waiting; /* for NSTART */
    covey_ms probe_end;         /* 0: heard since the last request */
    uint64_t position;          /* of its next ID: see peer.c */
    uint32_t left[2];           /* s: when each half of its IDs was used up */
    uint32_t rows;              /* of `out` that are its */
    unsigned outstanding : 31;
    bool known : 1;
} covey_message_peer;

typedef struct covey_message_memory {
    covey_message_seen *seen;
    uint32_t seen_count; /* at least 1 */
    covey_message_peer *peers;
    uint32_t peer_count; /* at least 1 */
    covey_message_out *out;
    covey_timer *timers; /* as many as `out` */
    uint32_t out_count;  /* at least 1 */
    /* COVEY_MESSAGE_SLOTS of the three counts. */
    covey_slot *slots;
    covey_chunks *chunks; /* may be shared with others */
} covey_message_memory;

/* What happened since init; for logs and metrics. */
typedef struct covey_message_counters {
    uint64_t duplicates;      /* received */
    uint64_t retransmissions; /* sent */
    uint64_t forgotten;       /* rows of `seen` dropped before their time */
    uint64_t taken_back;      /* stored replies */
} covey_message_counters;

/* The layer. `counters` is for reading, the rest is private. */
typedef struct covey_message_layer {
    covey_message_parameters parameters;
    covey_ms exchange_lifetime;
    covey_ms non_lifetime;
    uint64_t random;
    uint64_t key; /* of all hashes */
    uint32_t serial;
    covey_chunks *chunks;

    covey_message_table seen;
    uint32_t seen_next; /* ring: where the next row goes */
    uint32_t seen_used;
    covey_message_list pending; /* not acknowledged, by time */
    covey_message_list stored;  /* with a reply, by time */
    uint32_t stored_chunks;     /* that those replies take */

    covey_message_table peers;
    covey_message_list idle; /* without rows in out, least recent first */
    uint64_t floor;          /* no peer begins its IDs before this position */

    covey_message_table out;
    covey_timers timers;
    covey_message_list free;
    covey_message_list ready;   /* may leave now */
    covey_message_list watched; /* would tell only a Reset, oldest first */
    covey_message_list events;

    struct {
        covey_path path;
        uint32_t row; /* a stored reply */
        uint32_t serial;
        uint16_t message_id;
        uint8_t type; /* of the Empty message */
        uint8_t what;
    } owed;
    covey_message_counters counters;
} covey_message_layer;

/* The arrays are kept until the layer is dropped; what is in them does not
 * matter. seed: from the provider's random source; jitter, first Message IDs
 * and the keys of the hashes come from it. COVEY_E_ARGUMENT: an array without
 * rows or of more than 2^30, ack_random_factor below 1000, max_retransmit
 * above 16, another parameter 0 (max_latency, ack_delay and message_id_* may
 * be), times that 32 bits of milliseconds cannot hold, Message IDs of more
 * than 16 bits or whose first one is not 0 in these bits. */
COVEY_MUST_USE covey_status
covey_message_init(covey_message_layer *l, const covey_message_parameters *p,
                   const covey_message_memory *m, uint64_t seed, covey_ms now);

/* --- receiving ---------------------------------------------------------- */

/* Names a message until the layer has no more to do with it; afterwards it
 * names nothing, and never another one. serial 0: none. */
typedef struct covey_message_ref {
    uint32_t row;
    uint32_t serial;
} covey_message_ref;

typedef enum covey_message_kind {
    COVEY_MESSAGE_NOTHING = 0, /* the layers above are not concerned */
    COVEY_MESSAGE_REQUEST,
    COVEY_MESSAGE_RESPONSE
} covey_message_kind;

typedef struct covey_message_in {
    covey_message_kind kind;
    /* A safe request (GET, FETCH; not of OSCORE) that was answered before:
     * to be answered again. */
    bool duplicate;
    /* A response that acknowledges the request `user`, if it also has its
     * token: then cancel `ref`, which is that request, and there will be no
     * event of it. With another token it is to be ignored, and the request is
     * sent again as if nothing had come (RFC 7252 Sections 5.3.2, 4.2). Other
     * responses have only their token. */
    bool piggybacked;
    uint64_t user;
    covey_message_ref ref; /* to reply, to acknowledge, to reject */
    covey_coap_message message;
} covey_message_in;

/* Takes a datagram; path->group says that it was sent to a group. *in is
 * always written and points into the datagram. A Confirmable response is
 * acknowledged unless it is rejected before the next transmit. Only requests
 * and responses that are no duplicates come out, but for in->duplicate.
 *
 * The status is for counting; whatever the RFC wants as a reaction, `transmit`
 * will give: COVEY_E_SHORT, _FORMAT, _UNSUPPORTED as covey_coap_parse;
 * COVEY_E_RANGE: well formed, but not allowed: reserved and signalling codes,
 * acknowledgements with a request, anything to a group that is not a
 * Non-confirmable request. What was owed and not fetched is forgotten, as if
 * it had been lost on its way. */
COVEY_MUST_USE covey_status covey_message_receive(covey_message_layer *l,
                                                  covey_ms now,
                                                  const covey_path *path,
                                                  covey_bytes datagram,
                                                  covey_message_in *in);

/* Acknowledges a request at once: its reply will take longer than ack_delay,
 * or there will be none. Nothing for requests that need none. If something
 * else is owed already, it happens when the delay is over. */
void covey_message_acknowledge(covey_message_layer *l, covey_message_ref in);

/* Answers a request or response that makes no sense here, Confirmable or not,
 * with a Reset (Sections 4.2, 4.3), and so its duplicates if it was
 * Confirmable; nothing if it came to a group. */
void covey_message_reject(covey_message_layer *l, covey_message_ref in);

/* --- sending ------------------------------------------------------------ */

/* The way back to where a message came from: what was sent to a group is
 * answered from an address that the shell chooses. */
covey_path covey_message_back(const covey_path *arrival);

typedef struct covey_message_letter {
    covey_path path;
    /* Replies: the request. Its first reply is the acknowledgement, if there
     * has been none and delay is 0; all others are messages of their own, and
     * so is one to a request that is forgotten. */
    covey_message_ref answers;
    covey_coap_type type; /* CON, NON: unless it is the acknowledgement */
    uint32_t delay;       /* ms before it leaves: leisure, Section 8.2 */
    uint64_t user;        /* comes back with events */
    bool watch;           /* NON reply: tell if it is reset */
    bool keep;            /* store the reply also to a safe request */
} covey_message_letter;

typedef struct covey_message_sent {
    covey_message_ref ref; /* to cancel; none if nothing will be told of it */
    bool now; /* the bytes leave now; otherwise `transmit` gives them later */
} covey_message_sent;

/* Sends a request or response: message holds it from its start to pos, and
 * its type and Message ID are overwritten. At most `nstart` Confirmable
 * messages, and Non-confirmable requests of which a response is expected, are
 * on their way to one peer; others wait. How long a response to a
 * Non-confirmable request is expected follows from PROBING_RATE (Section 4.7);
 * cancel it when it has come. Groups are not limited. An Empty Confirmable
 * message of four bytes is a ping (Section 4.3): its Reset says that the peer
 * is there.
 *
 * COVEY_E_ROOM: see above. COVEY_E_EXHAUSTED: a request, and all Message IDs
 * for this peer have been used within EXCHANGE_LIFETIME (counted in halves).
 * COVEY_E_ARGUMENT: not a request, response or ping, a request that answers
 * another, a type other than CON and NON, CON to a group. Nothing is sent
 * then. */
COVEY_MUST_USE covey_status covey_message_send(
    covey_message_layer *l, covey_ms now, const covey_message_letter *letter,
    covey_writer *message, covey_message_sent *sent);

/* No retransmission, no event any more: a response came, or nobody waits for
 * it. Nothing if the ref names nothing. */
void covey_message_cancel(covey_message_layer *l, covey_message_ref sent);

/* The next datagram to send, appended to out; false if there is none. A
 * message that does not fit is lost and out has failed: out needs room for
 * the longest that was sent. */
bool covey_message_transmit(covey_message_layer *l, covey_ms now,
                            covey_path *path, covey_writer *out);

typedef enum covey_message_outcome {
    COVEY_MESSAGE_ACKNOWLEDGED = 1, /* by an Empty message */
    COVEY_MESSAGE_RESET,            /* the peer rejected it */
    COVEY_MESSAGE_TIMED_OUT         /* MAX_RETRANSMIT without an answer */
} covey_message_outcome;

/* Each message has one event at most, and its ref then names nothing. */
typedef struct covey_message_report {
    covey_message_outcome outcome;
    covey_message_ref ref;
    uint64_t user;
} covey_message_report;

bool covey_message_event(covey_message_layer *l, covey_message_report *event);

/* When to call transmit and event: COVEY_NEVER if there is nothing to wait
 * for, 0 if there is something at once. Now and then it is earlier than
 * anything happens (see covey/timers.h), never later. */
covey_ms covey_message_deadline(const covey_message_layer *l);

#endif
