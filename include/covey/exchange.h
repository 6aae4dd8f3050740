/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests and what comes back to them (RFC 7252 Sections 5.3 and 8.2, RFC
 * 8974): tokens, one request with many responses, whether and when a server
 * replies, and the signals of streams (RFC 8323). Below OSCORE: nothing here
 * looks into a payload. Message IDs and retransmission are message.h. */
#ifndef COVEY_EXCHANGE_H
#define COVEY_EXCHANGE_H

#include <covey/address.h>
#include <covey/coap.h>
#include <covey/random.h>
#include <covey/slots.h>
#include <covey/timers.h>

/* --- tokens and responses on the client's side: token.c, responses.c ---- */

/* How a token is chosen. Its first bit says whether the request goes to a
 * group, so that the response of a server can never be taken for both; the
 * other bits are random. A token of 8 bytes has 63 of them: even after 10^9
 * requests the chance that the next repeats an earlier token is 10^-10, which
 * is how MIN_TOKEN_REUSE_TIME (draft-ietf-core-groupcomm-bis Section 3.1.5) is
 * kept. For shorter ones, as a SCHC rule may want them, chance does not do:
 * the row of an exchange that has ended rests for as long as the caller says
 * before its token may be used again. Tokens in use are unique whatever their
 * length: unicast ones per peer, those of group requests altogether.
 *
 * A response belongs to an exchange if the token is equal, and it comes from
 * the peer (by address, or over the same connection), or, for a group
 * request, from anywhere; in both cases to the local port that the request
 * left from, if that is known.
 *
 * Cost: no function looks through a table, except `init` and `lost`, which
 * touches the exchanges with that peer. When an array is full:
 *   rows        begin says COVEY_E_ROOM.
 *   responders  one row for each server that answered a group request; further
 *               servers are refused and counted. */
enum {
    COVEY_EXCHANGE_TOKEN_MAX = 8,
    /* MIN_TOKEN_REUSE_TIME in ms: 250 s and MAX_SERVER_RESPONSE_DELAY, which
     * is taken for 250 s where nobody knows better. */
    COVEY_EXCHANGE_TOKEN_REUSE = 500000
};

/* A request that is or was waiting for responses. Private. */
typedef struct covey_exchange_row {
    uint64_t user;
    covey_peer peer;
    uint32_t serial;
    uint32_t prev; /* over the same connection; group: its responders */
    uint32_t next; /* the same, among the ended, or free */
    /* Not this row's: the first of the list of connections of this number. */
    uint32_t peers;
    uint16_t rest; /* s */
    uint16_t local_port;
    uint16_t responses;
    uint16_t limit;
    uint16_t server_limit;
    uint8_t token[COVEY_EXCHANGE_TOKEN_MAX];
    unsigned token_len : 4;
    unsigned state : 2;
    unsigned outcome : 3;
    bool group : 1;
    bool many : 1;
    bool kept : 1; /* a notification came: lives on after its deadline */
} covey_exchange_row;

/* A server that answered a group request. Private. */
typedef struct covey_exchange_responder {
    covey_address address;
    uint32_t row;
    uint32_t sibling; /* of the same request; also in the free list */
    uint32_t chain;
    uint32_t head; /* of the chain of this row's number */
    uint16_t responses;
} covey_exchange_responder;

typedef struct covey_exchange_memory {
    covey_exchange_row *rows;
    covey_timer *timers; /* as many */
    uint32_t row_count;  /* at least 1 */
    covey_slot *slots;   /* COVEY_SLOTS(row_count) */
    covey_exchange_responder *responders;
    uint32_t responder_count; /* 0 if there are no group requests */
} covey_exchange_memory;

/* What was not delivered since init, and why; for logs and metrics. */
typedef struct covey_exchange_counters {
    uint64_t unknown; /* no request has this token, or not to this peer */
    uint64_t late;    /* the exchange had ended, its token rests */
    uint64_t surplus; /* above a limit on responses */
    uint64_t no_room; /* no row was left for another server */
} covey_exchange_counters;

/* All requests of an endpoint. `counters` is for reading, the rest is
 * private. */
typedef struct covey_exchange_table {
    covey_exchange_memory memory;
    covey_slots slots; /* by token */
    covey_random random;
    covey_timers timers;
    uint64_t key; /* of the hashes */
    uint32_t serial;
    uint32_t free;
    uint32_t free_responder;
    uint32_t ended_first;
    uint32_t ended_last;
    covey_exchange_counters counters;
} covey_exchange_table;

/* Names an exchange until its end event has been taken; afterwards it names
 * nothing, and never another one. serial 0: none. */
typedef struct covey_exchange_ref {
    uint32_t row;
    uint32_t serial;
} covey_exchange_ref;

/* The arrays are kept until the table is dropped; what is in them does not
 * matter. COVEY_E_ARGUMENT: no rows, or more than COVEY_SLOTS_ROWS_MAX.
 * Otherwise what the source of randomness says. */
COVEY_MUST_USE covey_status covey_exchange_init(covey_exchange_table *t,
                                                const covey_exchange_memory *m,
                                                covey_random random,
                                                covey_ms now);

typedef struct covey_exchange_request {
    covey_path path;   /* `group`: to a multicast address */
    covey_ms deadline; /* when it ends; COVEY_NEVER: not by time */
    uint64_t user;     /* comes back with every answer and event */
    /* ms, see above; of no account for 8 bytes. It is the next full second, of
     * 65,535 at most. */
    uint32_t rest;
    uint8_t token_len; /* 1 to 8 */
    uint16_t limit;    /* responses altogether, at least 1 */
    /* Of one server to a group request, at least 1. From `limit` on nobody
     * counts who has answered, and no rows are needed for it. */
    uint16_t server_limit;
    bool many; /* to one who passes on what many answer: goes on to its
                  deadline, as a request to a group does */
} covey_exchange_request;

/* A request gets its token, which is written to token and also returned as a
 * span of it. COVEY_E_ROOM: no row. COVEY_E_EXHAUSTED: no token of this length
 * could be found for this peer. COVEY_E_ARGUMENT: a length or limit of 0, a
 * token of more than 8 bytes. Otherwise what the source of randomness says.
 * The table is unchanged then. */
COVEY_MUST_USE covey_status covey_exchange_begin(
    covey_exchange_table *t, const covey_exchange_request *request,
    uint8_t token[COVEY_EXCHANGE_TOKEN_MAX], covey_bytes *span,
    covey_exchange_ref *ref);

typedef enum covey_exchange_verdict {
    COVEY_EXCHANGE_UNKNOWN = 0, /* nobody waits: Reset, RFC 7252 Section 4.2,
                                    unless Non-confirmable from a group */
    COVEY_EXCHANGE_EXPECTED,    /* unprotect it, then accept it */
    COVEY_EXCHANGE_DROPPED      /* late or surplus: acknowledge, no more */
} covey_exchange_verdict;

typedef struct covey_exchange_answer {
    covey_exchange_ref ref;
    uint64_t user;
    bool group;
} covey_exchange_answer;

/* Which request this response belongs to. *answer is written if it is
 * expected. Nothing changes but the counters: an answer that turns out to be
 * forged must not use up anything. */
covey_exchange_verdict covey_exchange_match(covey_exchange_table *t,
                                            const covey_path *path,
                                            covey_bytes token,
                                            covey_exchange_answer *answer);

/* The response is genuine. `more`: others may follow, it is a notification
 * (RFC 7641); the exchange then lives beyond its deadline until the caller
 * ends it. Otherwise a unicast exchange has ended now, unless it is for many;
 * that, and a group request, goes on to its deadline. COVEY_E_ROOM: no row for
 * another server; the response is dropped. COVEY_E_ARGUMENT: the ref names
 * nothing. */
COVEY_MUST_USE covey_status covey_exchange_accept(covey_exchange_table *t,
                                                  covey_exchange_ref ref,
                                                  const covey_path *path,
                                                  bool more);

/* The token of a request, for another one that is to take its place; as from
 * begin. COVEY_E_ARGUMENT: the ref names nothing. */
COVEY_MUST_USE covey_status covey_exchange_token(
    covey_exchange_table *t, covey_exchange_ref ref,
    uint8_t token[COVEY_EXCHANGE_TOKEN_MAX], covey_bytes *span);
/* That other one has been sent: no notification keeps the exchange any more,
 * and these are its deadline and what comes back with its answers. Nothing if
 * the ref names nothing. */
void covey_exchange_again(covey_exchange_table *t, covey_exchange_ref ref,
                          covey_ms deadline, uint64_t user);

/* Moves the deadline, for example when a request was acknowledged. Nothing if
 * the ref names nothing. */
void covey_exchange_until(covey_exchange_table *t, covey_exchange_ref ref,
                          covey_ms deadline);

typedef enum covey_exchange_outcome {
    COVEY_EXCHANGE_ANSWERED = 1, /* at least one response */
    COVEY_EXCHANGE_TIMED_OUT,    /* the deadline, or no acknowledgement */
    COVEY_EXCHANGE_CANCELLED,    /* by the caller */
    COVEY_EXCHANGE_REJECTED,     /* the peer's Reset */
    COVEY_EXCHANGE_LOST          /* the connection to the peer is gone */
} covey_exchange_outcome;

/* Ends an exchange from outside. Nothing if it has ended. */
void covey_exchange_end(covey_exchange_table *t, covey_exchange_ref ref,
                        covey_exchange_outcome outcome);
/* The connection of this path is gone, and with it every exchange over it.
 * Nothing if it has none. */
void covey_exchange_lost(covey_exchange_table *t, const covey_path *path);

typedef struct covey_exchange_event {
    covey_exchange_outcome outcome;
    covey_exchange_ref ref;
    uint64_t user;
    uint16_t responses; /* that were accepted */
} covey_exchange_event;

/* The end of an exchange, told exactly once; call until false. */
bool covey_exchange_event_next(covey_exchange_table *t, covey_ms now,
                               covey_exchange_event *event);
/* When to call event_next: COVEY_NEVER if there is nothing to wait for, 0 if
 * there is something at once. */
covey_ms covey_exchange_deadline(const covey_exchange_table *t);

/* --- replies on the server's side: reply.c ------------------------------ */

/* What decides whether a response is sent at all. */
typedef struct covey_reply_terms {
    bool group;           /* the request came to a group */
    bool authenticated;   /* the client proved who it is */
    bool always;          /* the resource answers groups in any case */
    bool has_no_response; /* No-Response was in the request, */
    uint8_t no_response;  /* and this is its value (RFC 7967 Section 2.1) */
} covey_reply_terms;

/* Reads No-Response from a request into terms that are otherwise set. */
void covey_reply_read(covey_reply_terms *terms,
                      const covey_coap_message *request);
/* Whether this response is sent. No-Response takes away what it names, for
 * anybody. Of a group request errors and content without content are not
 * answered (RFC 7252 Section 8.2), unless the resource wants them to be, or
 * No-Response of an authenticated client does not name them:
 * draft-ietf-core-groupcomm-bis Section 3.1.2. Otherwise one forged datagram
 * would make a whole group speak. */
bool covey_reply_wanted(const covey_reply_terms *terms, uint8_t code,
                        size_t payload_len);

/* How a group request is protected; the default leisure follows from it. */
typedef enum covey_reply_security {
    COVEY_REPLY_OPEN,       /* not at all: 5 s, RFC 7252 Section 4.8 */
    COVEY_REPLY_GROUP_MODE, /* the group may use group mode: 20 s */
    COVEY_REPLY_PAIRWISE    /* only pairwise mode: 13 s */
} covey_reply_security;

/* DEFAULT_LEISURE in ms: draft-ietf-core-groupcomm-bis Section 3.6. */
uint32_t covey_reply_leisure(covey_reply_security security);
/* A delay of 0 to `leisure` ms, uniform for a uniform random number. */
uint32_t covey_reply_delay(uint32_t leisure, uint32_t random);

/* --- Hop-Limit on the way through a proxy: hop.c ------------------------ */

/* RFC 8768 Section 3: 0 if the request may be forwarded, with *hop_limit in
 * it, which is 0 for none; otherwise the code to answer with, 4.00 for a value
 * that is none and 5.08 at the end of the way. `initial` is put into requests
 * that have no Hop-Limit; 0: nothing is put in. */
uint8_t covey_hop_limit(const covey_coap_message *request, uint8_t initial,
                        uint8_t *hop_limit);

/* --- signalling on streams, RFC 8323 Section 5: signal.c ---------------- */

#define COVEY_SIGNAL_CSM     COVEY_COAP_CODE(7, 1)
#define COVEY_SIGNAL_PING    COVEY_COAP_CODE(7, 2)
#define COVEY_SIGNAL_PONG    COVEY_COAP_CODE(7, 3)
#define COVEY_SIGNAL_RELEASE COVEY_COAP_CODE(7, 4)
#define COVEY_SIGNAL_ABORT   COVEY_COAP_CODE(7, 5)

enum {
    /* Options of these messages; each message has numbers of its own. */
    COVEY_SIGNAL_MAX_MESSAGE_SIZE = 2,      /* CSM */
    COVEY_SIGNAL_BLOCK_WISE_TRANSFER = 4,   /* CSM */
    COVEY_SIGNAL_EXTENDED_TOKEN_LENGTH = 6, /* CSM, RFC 8974 Section 2.2.1 */
    COVEY_SIGNAL_CUSTODY = 2,               /* Ping, Pong */
    COVEY_SIGNAL_ALTERNATIVE_ADDRESS = 2,   /* Release */
    COVEY_SIGNAL_HOLD_OFF = 4,              /* Release */
    COVEY_SIGNAL_BAD_CSM_OPTION = 2,        /* Abort */

    /* Before the peer has said anything else (Section 5.3.1). */
    COVEY_SIGNAL_BASE_SIZE = 1152,
    /* The longest token in a Ping that is answered. Requests may have longer
     * ones; those are not kept here. */
    COVEY_SIGNAL_TOKEN_MAX = 32,
    /* No message of this layer is longer. */
    COVEY_SIGNAL_ROOM = 320
};

/* What became of the bytes at the front of the stream. */
typedef enum covey_signal_verdict {
    COVEY_SIGNAL_MORE,     /* they are no whole message yet */
    COVEY_SIGNAL_WAIT,     /* transmit first: a Pong is still to be sent */
    COVEY_SIGNAL_MESSAGE,  /* a request or response */
    COVEY_SIGNAL_NOTHING,  /* nothing for the layers above */
    COVEY_SIGNAL_READY,    /* the first CSM: the peer's limits are known */
    COVEY_SIGNAL_PONGED,   /* the answer to our Ping */
    COVEY_SIGNAL_RELEASED, /* the peer wants to close: finish, then close */
    COVEY_SIGNAL_CLOSED    /* transmit what is left, then close; nothing more
                              is read */
} covey_signal_verdict;

typedef struct covey_signal_config {
    uint32_t max_message_size; /* the longest we take; announced */
    bool block_wise;   /* announced; BERT if also above the base size */
    uint32_t patience; /* ms for the peer's CSM and for a Pong */
} covey_signal_config;

/* Why the connection ends; for logs. */
typedef enum covey_signal_end {
    COVEY_SIGNAL_OPEN = 0,
    COVEY_SIGNAL_END_PEER,      /* the peer's Abort */
    COVEY_SIGNAL_END_FORMAT,    /* no message of RFC 8323 Section 3.2 */
    COVEY_SIGNAL_END_TOO_LARGE, /* above our Max-Message-Size */
    COVEY_SIGNAL_END_NO_CSM,    /* another message, or nothing in time */
    COVEY_SIGNAL_END_OPTION,    /* a critical option nobody knows */
    COVEY_SIGNAL_END_CODE,      /* a signal nobody knows */
    COVEY_SIGNAL_END_TOKEN,     /* a Ping whose token is too long */
    COVEY_SIGNAL_END_SILENT     /* no Pong in time */
} covey_signal_end;

/* One connection. Private. */
typedef struct covey_signal {
    covey_signal_config config;
    covey_ms due; /* of the peer's CSM, then of a Pong */
    uint32_t peer_size;
    uint32_t peer_token_len;
    uint32_t hold_off;
    covey_bytes alternative; /* of our Release; the caller's */
    uint16_t bad_option;
    uint8_t pending; /* a bit for each message to send */
    uint8_t end;     /* covey_signal_end */
    uint8_t pong_len;
    uint8_t ping[4]; /* token of our Ping */
    uint8_t pong[COVEY_SIGNAL_TOKEN_MAX];
    bool peer_block_wise;
    bool heard;     /* the peer's CSM */
    bool pinged;    /* our Ping is not answered yet */
    bool custody;   /* the Ping to be answered asks for it */
    bool processed; /* everything given out has been worked off */
} covey_signal;

/* A connection that was just made, by whichever side; its first message, our
 * CSM, waits in transmit. */
void covey_signal_init(covey_signal *s, const covey_signal_config *config,
                       covey_ms now);

/* Looks at what has arrived of the stream and takes at most one message off
 * it: *used bytes, 0 if it has to come again with more. *out is written for
 * MESSAGE, and for PONGED and RELEASED to read their options; it points into
 * the stream. A message above our Max-Message-Size ends the connection as soon
 * as its length is there. */
covey_signal_verdict covey_signal_receive(covey_signal *s, covey_bytes stream,
                                          size_t *used,
                                          covey_coap_message *out);

/* The next signal to send, appended to out; call until false. It stays if
 * there is no room: out needs COVEY_SIGNAL_ROOM. */
bool covey_signal_transmit(covey_signal *s, covey_writer *out);

/* When to call covey_signal_expire, COVEY_NEVER if there is no need. */
covey_ms covey_signal_deadline(const covey_signal *s);
/* Ends the connection if the peer's CSM or Pong has not come in time. */
void covey_signal_expire(covey_signal *s, covey_ms now);

/* Sends a Ping with a token of this number. Nothing while another one is not
 * answered. */
void covey_signal_ping(covey_signal *s, covey_ms now, uint32_t number);
/* Asks the peer to close: it may come back after hold_off seconds, to the
 * alternative address unless that is absent. The span is kept until it has
 * been sent. COVEY_E_ARGUMENT: an address of 0 or more than 255 bytes, more
 * than 2^24 - 1 seconds. */
COVEY_MUST_USE covey_status covey_signal_release(covey_signal *s,
                                                 uint32_t hold_off,
                                                 covey_bytes alternative);
/* Every message given out so far has been worked off. Who asks for Custody
 * hears it from a Pong (Section 5.4.1) until the next message is given out:
 * nothing is promised that nobody has said. */
void covey_signal_processed(covey_signal *s);

covey_signal_end covey_signal_ended(const covey_signal *s);
/* The longest message that the peer takes. */
uint32_t covey_signal_peer_size(const covey_signal *s);
/* The longest token that the peer takes (RFC 8974 Section 2.2.1). */
uint32_t covey_signal_peer_token(const covey_signal *s);
/* Whether the peer does block-wise transfer, and whether it takes several
 * blocks in one message (Section 6). */
bool covey_signal_peer_block_wise(const covey_signal *s);
bool covey_signal_peer_bert(const covey_signal *s);

#endif
