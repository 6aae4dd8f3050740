/* SPDX-License-Identifier: BSD-2-Clause */
/* An endpoint of CoAP, without I/O: message layer, tokens and protection in
 * the order that is fixed for this library. What comes out are plain messages,
 * with where they come from and how they were protected; what goes in are
 * plain messages, with where they shall go. Block-wise transfer,
 * observation and Echo stand above it (covey/transfer.h): an observation is a
 * request that is answered more than once.
 *
 * How it is driven: `receive` takes a datagram; then `transmit` until false
 * and `event` until false, and both again as long as `deadline` has come: the
 * end of one exchange lets another one begin. Requests and replies are
 * composed straight into the buffer that they leave from: a draft is begun,
 * its options and payload are put through its composer, and it is sent. With
 * protection it is composed in the scratch instead and sealed from there.
 * `out` needs room for the longest message either way; the message begins at
 * its start.
 *
 * Over reliable streams (RFC 8323) there is no message layer: `streams` in the
 * configuration leaves it out. One endpoint then serves all connections; what
 * has arrived on each goes through its covey_stream instead of `receive`, and
 * what leaves is framed for streams. All else is the same: nobody above has
 * to know.
 *
 * Memory is arrays of the caller. A server keeps nothing of a request: who
 * wants to answer later, or again and again, keeps covey_endpoint_request. */
#ifndef COVEY_ENDPOINT_H
#define COVEY_ENDPOINT_H

#include <covey/exchange.h>
#include <covey/message.h>
#include <covey/oscore.h>
#include <covey/random.h>
#include <covey/transfer.h>

enum {
    /* The longest token of a request that is answered; RFC 8974 Section 2.2.2
     * has longer ones met with 4.00. */
    COVEY_ENDPOINT_TOKEN_MAX = 32,
    /* What a protector has for its state, in uint64_t, */
    COVEY_SECURITY_STATE = 14,
    /* and each layer of a nested one at a server. */
    COVEY_NESTED_STATE = 5
};

/* --- protection ---------------------------------------------------------- */

typedef struct covey_protector covey_protector;
typedef struct covey_endpoint_call covey_endpoint_call;

/* What must be kept of a protected request until its last response. Filled in
 * by the protector, opaque for all others; may be copied, but after each
 * response the copy that it was sent with is the one to be kept. All zero: not
 * protected. */
typedef struct covey_security {
    const covey_protector *protector;
    void *context; /* which of its security contexts */
    uint64_t state[COVEY_SECURITY_STATE];
} covey_security;

typedef enum covey_opening {
    COVEY_OPENING_FOREIGN = 0, /* no context of this protector */
    COVEY_OPENING_REFUSE,
    COVEY_OPENING_CHALLENGE, /* authentic, perhaps a replay: Echo first */
    COVEY_OPENING_DELIVER
} covey_opening;

/* What an opened message tells besides itself. */
typedef struct covey_opened {
    covey_oscore_fault fault;
    covey_status status;
    /* To requests that are refused or, from protectors that have come across
     * a context, foreign. Code 0: silence. */
    covey_oscore_reaction reaction;
    covey_reply_security kind; /* OPEN: not protected at all */
    covey_bytes sender;        /* the peer's ID; lives as the context */
    uint32_t epoch;            /* of a group's keys, for Echo; else 0 */
    uint8_t roles;             /* of the peer in a group; 0: not told */
    bool member;               /* the peer is one of a group */
    bool group;                /* also when refused: judged by RFC 10021 */
    bool pairwise;             /* in this mode, where `group` is true */
    bool suspicious;           /* group mode, but sent to us alone */
    uint8_t layers;            /* nested protection only, see there: 1, 2 */
} covey_opened;

/* A protected message that is to be opened. */
typedef struct covey_sealed {
    const covey_path *from;
    const covey_coap_message *outer;
    const covey_oscore_option *option;
    covey_writer *plain;  /* the whole plain message is appended here */
    covey_writer scratch; /* empty; wiped again */
} covey_sealed;

/* A kind of protection: plain OSCORE below, groups in
 * covey/group_endpoint.h. The first argument of each function is the table
 * itself. What has to be stored before a byte leaves or before a message is
 * acted upon is stored by the time that a function returns. Outputs are as
 * before unless it says OK, DELIVER or CHALLENGE. */
struct covey_protector {
    /* Also sets s->context; s->protector is the endpoint's to set. */
    covey_opening (*open_request)(const covey_protector *p,
                                  const covey_sealed *in, covey_security *s,
                                  covey_opened *opened);
    /* After CHALLENGE, the request brought back the right Echo value. */
    covey_opening (*recover)(const covey_protector *p, covey_security *s,
                             covey_opened *opened);
    covey_status (*seal_response)(const covey_protector *p, covey_security *s,
                                  const covey_coap_message *m, bool own_piv,
                                  covey_writer *out);
    /* s->context is set; of the call `path` and `to` are of interest. */
    covey_status (*seal_request)(const covey_protector *p, covey_security *s,
                                 const covey_endpoint_call *call,
                                 const covey_coap_message *m,
                                 covey_writer *out);
    covey_opening (*open_response)(const covey_protector *p,
                                   const covey_sealed *in, covey_security *s,
                                   covey_opened *opened);
    /* A request of ours has ended; may be NULL. */
    void (*end)(const covey_protector *p, covey_security *s);
    void *user;
};

/* Plain OSCORE, RFC 8613. Between a client and a proxy, or for a proxy that
 * answers a client, `inner` is covey_oscore_proxy_inner: then what is meant
 * for the proxy, and another OSCORE option, are protected, too, and Proxy-Uri
 * stays whole (seed 003 Appendix A). */
typedef struct covey_oscore_protector {
    covey_protector protector;
    /* The context for this kid and kid context (absent: any), or NULL. It
     * stays where it is as long as exchanges with it last. */
    covey_oscore_context *(*find)(void *user, covey_bytes kid,
                                  covey_bytes kid_context);
    /* Brings *state into durable storage before it returns COVEY_OK. */
    covey_status (*store)(void *user, const covey_oscore_context *c,
                          const covey_oscore_state *state);
    void *user;
    const uint16_t *inner; /* options; NULL: none */
    size_t inner_count;
} covey_oscore_protector;

/* Sets p->protector; all else is the caller's. */
void covey_oscore_protector_init(covey_oscore_protector *p);

/* Two layers: end to end, and around that with a proxy on the way. One row for
 * each such request of ours that is under way. */
typedef struct covey_nested_row {
    covey_security layer[2];
    uint32_t next;
} covey_nested_row;

/* By a client: in a call `protector` is this one, `context` and `to` are those
 * of the inner layer, plain or of a group, and `path` leads to the proxy. The
 * options for the proxy (Proxy-Uri, Uri-Host, ...) are composed with the
 * request. What comes back: covey_opened tells of the innermost layer that was
 * there, and `layers` how many were: 2, or 1 for an error of the proxy itself.
 * A success that is not protected end to end is refused.
 *
 * By a server that is its own proxy: it stands among the endpoint's
 * protectors, before that of the inner layer alone. A request for the outer
 * context is opened, and once more if it has another layer, which must be
 * known, too. `layers` says how many there were, and answers get as many. Both
 * are plain OSCORE here: there is no place for more (COVEY_NESTED_STATE), and
 * a group sees no layer of a proxy. If either may be a replay it is a
 * challenge, and Echo, which is inside both, vouches for both.
 *
 * A proxy in between has no use for this: it opens one layer as plain OSCORE,
 * with covey_oscore_protector.inner set, and finds the OSCORE option of the
 * next one in the message, which it forwards as it is; what comes back from
 * the server it replies with, option and all. So no message has more than two
 * layers here, and nothing is opened more than twice. */
typedef struct covey_nested_protector {
    covey_protector protector;
    /* All set before init, kept. */
    const covey_protector *inner; /* end to end */
    const covey_protector *outer; /* plain OSCORE with the proxy */
    void *outer_context;          /* of clients */
    covey_nested_row *rows;
    uint32_t row_count; /* 0 for a server */
    uint8_t *scratch;   /* the longest message; nothing plain stays in it */
    size_t scratch_len;
    uint32_t free; /* private */
} covey_nested_protector;

void covey_nested_protector_init(covey_nested_protector *p);

/* --- the endpoint -------------------------------------------------------- */

/* An exchange that was begun here, beside covey_exchange_row. Private. */
typedef struct covey_endpoint_row {
    covey_message_ref sent; /* as long as the message layer knows it */
    uint32_t serial;        /* of the exchange with this row's number */
    uint32_t patience;
    uint32_t security;    /* its row; UINT32_MAX: unprotected */
    uint8_t code;         /* of an error that was not protected; 0: none */
    bool confirmable : 1; /* and not acknowledged yet */
    bool observe : 1;
    bool group : 1;
    bool many : 1;
    bool answered : 1;  /* if it is protected, by who has the keys */
    bool forwarded : 1; /* protected by somebody else, as its responses are */
    bool unsent : 1;    /* its end is told to nobody */
    bool part : 1;      /* asks for an outer block of another one's response */
    bool undone : 1;    /* whose outer blocks made no message */
} covey_endpoint_row;

/* A protected response that is being put together. Private. */
typedef struct covey_outer_row {
    covey_fetch fetch;
    covey_exchange_ref whole; /* what is answered; serial 0: not in use */
    covey_exchange_ref part;  /* what asks for the next block */
} covey_outer_row;

/* Somebody on the way who knows nothing of OSCORE may cut protected messages
 * into blocks of his own (RFC 8613 Section 4.1.3.4.2). They are put together
 * here before anything is opened, and nobody above sees that they were cut:
 * of requests all blocks are waited for, of responses each next one is asked
 * for. What is longer than a slot, MAX_UNFRAGMENTED_SIZE, is discarded; to
 * senders who want longer messages taken, blocks of their own, inside the
 * protection, are the way.
 *
 * Nobody vouches for blocks: whoever sends them may fill these tables, and no
 * others. Responses of a group are not put together; neither does an endpoint
 * cut what it sends. All fields are set before covey_endpoint_init, then
 * private; what is in the arrays does not matter. */
typedef struct covey_outer {
    covey_uploads requests; /* to us; count 0: none are taken */
    /* Responses to us: as many at a time, each in `slot` bytes of `storage`;
     * count 0: none are taken. */
    covey_outer_row *rows;
    uint8_t *storage; /* count times slot bytes */
    uint32_t count;
    uint32_t slot;
    /* Requests of ours, to ask once more with: `sent_len` bytes for each of
     * security_count. What stands in front of the payload has to fit, of a
     * registration (RFC 7641) all of the message; of others no further block
     * can be asked for. */
    uint8_t *sent;
    uint32_t sent_len; /* 65,535 at most */
} covey_outer;

typedef struct covey_endpoint_memory {
    covey_message_memory message;
    /* Exchanges that are begun here; for a pure server all zero. */
    covey_exchange_memory exchange;
    covey_endpoint_row *rows; /* as many as exchange.row_count */
    /* Those of them that are protected. */
    covey_security *security;
    uint32_t *security_next; /* as many */
    uint32_t security_count;
    /* Half of it for what came in, half for what goes out: twice the longest
     * message. Without protection 512 bytes are enough: refusals. */
    uint8_t *scratch;
    size_t scratch_len;
    covey_outer *outer; /* kept; NULL: a message that is cut does not open */
} covey_endpoint_memory;

typedef struct covey_endpoint_config {
    /* Streams instead of datagrams: this and the memory of the message layer
     * are not used. */
    bool streams;
    covey_message_parameters message;
    /* Asked in this order; kept. Without any, protected requests get 4.02. */
    const covey_protector *const *protectors;
    size_t protector_count;
    covey_random random; /* of the provider; for tokens */
    uint64_t seed;       /* from the same source */
    /* Length of the tokens of requests, 1 to 8; 0 is 8. A link that compresses
     * headers wants them short, and then says for how many ms one rests
     * before it is used again (covey/exchange.h). */
    uint8_t token_len;
    uint32_t token_rest;
    /* A proxy: protected requests that say outside who they are for (Proxy-*
     * options) are for others and come out as they are, and so do protected
     * responses. */
    bool passes_sealed;
} covey_endpoint_config;

/* What happened since init; for logs and metrics. */
typedef struct covey_endpoint_counters {
    uint64_t refused;  /* requests that were not delivered */
    uint64_t unwanted; /* responses that belong to nothing */
    uint64_t unopened; /* responses that did not open */
    uint64_t silent;   /* replies that were not wanted */
    uint64_t outer;    /* outer blocks that were taken; others follow */
} covey_endpoint_counters;

/* `counters`, here and in message and exchange, are for reading; the rest is
 * private. */
typedef struct covey_endpoint {
    covey_message_layer message; /* unless streams */
    bool streams;
    const covey_protector *const *protectors;
    size_t protector_count;
    covey_exchange_table exchange;
    covey_endpoint_row *rows;
    uint32_t row_count;
    uint32_t token_rest;
    uint8_t token_len;
    bool passes_sealed;
    covey_security *security;
    uint32_t *security_next;
    uint32_t security_free;
    uint8_t *scratch;
    size_t half;
    covey_outer *outer;
    uint64_t random;
    covey_ms now;
    /* The request whose own nonce has not served for a response yet. */
    uint64_t request;
    bool unspent;
    size_t owed_len; /* a message of ours in the scratch */
    covey_path owed_path;
    covey_endpoint_counters counters;
} covey_endpoint;

/* The arrays and the table of protectors are kept. As covey_message_init and
 * covey_exchange_init. */
COVEY_MUST_USE covey_status
covey_endpoint_init(covey_endpoint *e, const covey_endpoint_config *config,
                    const covey_endpoint_memory *memory, covey_ms now);

/* --- receiving ----------------------------------------------------------- */

/* A request as something that can be answered: at once, later, many times.
 * Copies are as good as the original, in any order: every response but the one
 * that is sent before the next datagram has a Partial IV of its own. Fields
 * are for reading but where said. */
typedef struct covey_endpoint_request {
    covey_message_ref ref;
    covey_path path;         /* as it arrived */
    covey_security security; /* only if `security.protector` */
    uint64_t number;         /* counts requests */
    covey_reply_terms terms; /* `always` is the application's to set */
    uint32_t leisure;        /* ms, to groups; the application may change it */
    uint8_t type;            /* covey_coap_type */
    bool cut;                /* came in outer blocks, */
    covey_block block1;      /* of which the reply names the last */
    uint8_t token_len;
    uint8_t token[COVEY_ENDPOINT_TOKEN_MAX];
} covey_endpoint_request;

_Static_assert(sizeof(covey_endpoint_request) <= 280,
               "who keeps 100,000 observers has room for them");

/* The same without path and token, for who keeps those elsewhere, and many of
 * them; and without outer blocks, which only its first reply names. Private.
 */
typedef struct covey_endpoint_kept {
    covey_message_ref ref;
    covey_security security;
    uint64_t number;
    covey_reply_terms terms;
    uint32_t leisure;
    uint8_t type;
} covey_endpoint_kept;

void covey_endpoint_keep(covey_endpoint_kept *out,
                         const covey_endpoint_request *request);
/* As good as the original. COVEY_E_ARGUMENT: a token of more than
 * COVEY_ENDPOINT_TOKEN_MAX bytes. */
COVEY_MUST_USE covey_status covey_endpoint_recall(
    covey_endpoint_request *out, const covey_endpoint_kept *kept,
    const covey_path *path, covey_bytes token);

typedef enum covey_endpoint_kind {
    COVEY_ENDPOINT_NOTHING = 0,
    COVEY_ENDPOINT_REQUEST,
    COVEY_ENDPOINT_RESPONSE,
    /* A request that is authentic, but may be a replay: the window did not
     * survive (RFC 8613 Appendix B.1.2). Not to be acted upon: reply 4.01 with
     * an Echo option, or, if it brings back the value that was sent over this
     * context, call covey_endpoint_recover. */
    COVEY_ENDPOINT_CHALLENGE
} covey_endpoint_kind;

typedef struct covey_endpoint_in {
    covey_endpoint_kind kind;
    /* Plain. Lives until the next receive, and as long as the datagram. */
    covey_coap_message message;
    covey_opened opened;
    /* Requests. */
    covey_endpoint_request request;
    bool duplicate; /* a safe one, to be answered again */
    /* Responses; where they come from is the path of the datagram. */
    covey_exchange_ref exchange;
    uint64_t user;
    bool last; /* an event will say that the exchange has been answered */
} covey_endpoint_in;

/* Takes a datagram; not while a draft is open. *in is written; of its parts
 * only those of its kind. The status is for counting, what it means for the
 * peer is done: as covey_message_receive; COVEY_E_ROOM: token too long;
 * COVEY_E_AUTH: protected, but not opened, in->opened says why;
 * COVEY_E_UNSUPPORTED: protected, but there is no protector; an endpoint of
 * streams. */
COVEY_MUST_USE covey_status covey_endpoint_receive(covey_endpoint *e,
                                                   covey_ms now,
                                                   const covey_path *path,
                                                   covey_bytes datagram,
                                                   covey_endpoint_in *in);

/* A connection that carries a stream. */
typedef struct covey_stream {
    covey_signal signal; /* for its own functions (covey/exchange.h) but init
                            and receive */
    covey_path path;     /* for reading; its connection is not 0 */
} covey_stream;

/* A connection that was just made, by whichever side. Its path is all that
 * tells it from others: the number of a connection that is gone is not used
 * again while exchanges, observations or blocks know it. */
void covey_stream_init(covey_stream *s, const covey_path *path,
                       const covey_signal_config *config, covey_ms now);

/* Takes at most one message off what has arrived, as covey_signal_receive.
 * After MESSAGE, *in is as of covey_endpoint_receive; otherwise its kind is
 * NOTHING. Of a protected message that was refused in->opened says why; its
 * fault is COVEY_OSCORE_NO_FAULT if there was none. When the connection has
 * ended: covey_endpoint_lost. */
covey_signal_verdict covey_stream_receive(covey_stream *s, covey_endpoint *e,
                                          covey_ms now, covey_bytes bytes,
                                          size_t *used, covey_endpoint_in *in);

/* A challenge was met; before the next receive. in->kind is then REQUEST, or,
 * with COVEY_E_AUTH, NOTHING. */
COVEY_MUST_USE covey_status covey_endpoint_recover(covey_endpoint *e,
                                                   covey_ms now,
                                                   covey_endpoint_in *in);

/* As covey_message_acknowledge and _reject. */
void covey_endpoint_acknowledge(covey_endpoint *e,
                                const covey_endpoint_request *r);
void covey_endpoint_reject(covey_endpoint *e, const covey_endpoint_request *r);

/* --- sending ------------------------------------------------------------- */

/* A message that is being composed, one at a time. It stays where it is until
 * it is sent; one that is not sent costs nothing. */
typedef struct covey_draft {
    covey_coap_composer composer; /* for options and payload */
    /* Private. */
    covey_writer plain;
    covey_writer *out;
    const covey_endpoint_request *request;
    covey_status failed;
    uint8_t code;
    bool sealed;
} covey_draft;

/* How a reply goes that is no acknowledgement. */
typedef struct covey_endpoint_reply {
    covey_coap_type type; /* CON, NON */
    bool watch;           /* NON: tell if it is reset */
    uint64_t user;        /* comes back with events */
} covey_endpoint_reply;

typedef struct covey_endpoint_sent {
    /* `out` leaves now, to this path. Otherwise it is to be forgotten:
     * `transmit` gives it when it is time, or it is not wanted. */
    bool now;
    bool unwanted;
    covey_path path;
    covey_message_ref message;   /* replies: to cancel */
    covey_exchange_ref exchange; /* requests */
} covey_endpoint_sent;

/* Begins a reply; out is empty. */
void covey_endpoint_reply_begin(covey_endpoint *e, covey_draft *d,
                                const covey_endpoint_request *request,
                                uint8_t code, covey_writer *out);
/* Sends it: as the acknowledgement if there was none yet, else as `how` says;
 * NULL: as the request. To groups after a part of the leisure, or not at all
 * (RFC 7252 Section 8.2, RFC 7967).
 * As covey_coap_finish, covey_message_send and the protector's seal_response.
 * Nothing has been sent then, and another reply may be begun. */
COVEY_MUST_USE covey_status covey_endpoint_reply_send(
    covey_endpoint *e, covey_ms now, covey_draft *d,
    const covey_endpoint_reply *how, covey_endpoint_sent *sent);
/* No retransmission and no event of this reply any more. */
void covey_endpoint_reply_cancel(covey_endpoint *e, covey_message_ref sent);

/* What a request is to be. */
struct covey_endpoint_call {
    covey_path path;      /* path.group: to a multicast address */
    covey_coap_type type; /* NON to groups; streams have none */
    uint8_t code;
    const covey_protector *protector; /* NULL: not protected */
    void *context;                    /* one of the protector's */
    covey_bytes to; /* groups: the one member that is asked; absent: all */
    /* How many ms responses are waited for since a Non-confirmable request or
     * one on a stream was sent, or a Confirmable one acknowledged; those of a
     * group are collected so long. 0: for ever. Observations go on beyond it
     * once a notification has come. */
    uint32_t patience;
    /* Responses of each server of a group that are taken; 0: one, UINT16_MAX:
     * all, and nothing is kept of who has answered. */
    uint16_t server_limit;
    /* To one, who sends what many answer (a proxy of a group): responses are
     * collected for `patience` since it was sent, as those of a group; with a
     * notification among them, until the caller cancels. */
    bool many;
    /* A request under way whose token this one has, and whose place it takes:
     * to end an observation (RFC 7641 Section 3.6), or what a proxy collects.
     * What answers the older one does not open any more, if it is protected.
     * If this one is not sent the older one goes on. serial 0: none. */
    covey_exchange_ref instead;
    uint64_t user; /* comes back with responses and events */
};

/* Begins a request; out is empty. With an Observe option of 0 it is a
 * registration and may be answered many times. */
void covey_endpoint_request_begin(covey_endpoint *e, covey_draft *d,
                                  const covey_endpoint_call *call,
                                  covey_writer *out);
/* As covey_coap_finish, covey_message_send, the protector's seal_request and
 * the provider's random source; COVEY_E_ROOM also if no row is free,
 * COVEY_E_ARGUMENT if `instead` names nothing. Nothing has been sent then and
 * there will be no event. */
COVEY_MUST_USE covey_status covey_endpoint_request_send(
    covey_endpoint *e, covey_ms now, covey_draft *d,
    const covey_endpoint_call *call, covey_endpoint_sent *sent);
/* Asks whether somebody is there (RFC 7252 Section 4.3): an Empty Confirmable
 * message, written into out, which is empty. COVEY_ENDPOINT_REPLY_RESET is the
 * answer, COVEY_ENDPOINT_REPLY_TIMED_OUT none, with this user value.
 * As covey_message_send. COVEY_E_UNSUPPORTED: streams have covey_signal_ping.
 */
COVEY_MUST_USE covey_status covey_endpoint_ping(
    covey_endpoint *e, covey_ms now, const covey_path *path, uint64_t user,
    covey_writer *out, covey_endpoint_sent *sent);
/* Nobody waits any more; the event follows. A later notification is met with
 * a Reset, which ends an observation (RFC 7641 Section 3.6). Streams have
 * none: there, a request with an Observe option of 1 is sent `instead`, with
 * the other options of the registration, which are the caller's to know.
 * Nothing if the exchange has ended. */
void covey_endpoint_cancel(covey_endpoint *e, covey_exchange_ref exchange);

/* The connection of this path is gone (DTLS, streams), and what waits for it.
 */
void covey_endpoint_lost(covey_endpoint *e, const covey_path *path);

/* As covey_message_transmit. */
bool covey_endpoint_transmit(covey_endpoint *e, covey_ms now, covey_path *path,
                             covey_writer *out);

/* --- events -------------------------------------------------------------- */

typedef enum covey_endpoint_what {
    /* The end of an exchange; each has exactly one. */
    COVEY_ENDPOINT_ANSWERED = 1,
    COVEY_ENDPOINT_COLLECTED, /* the time for answers of a group is over */
    COVEY_ENDPOINT_TIMED_OUT,
    COVEY_ENDPOINT_RESET,
    COVEY_ENDPOINT_CANCELLED,
    COVEY_ENDPOINT_LOST, /* covey_endpoint_lost */
    /* A protected request got an error that is not protected: from the peer,
     * or from somebody on the way. Its code is told, nobody vouches for it. */
    COVEY_ENDPOINT_UNPROTECTED,
    /* The response came in outer blocks that made no message: some were
     * missing, there was no room for them, or together they do not open. */
    COVEY_ENDPOINT_UNDONE,
    /* Of a reply that was Confirmable or watched, one at most. */
    COVEY_ENDPOINT_REPLY_ACKNOWLEDGED,
    COVEY_ENDPOINT_REPLY_RESET,
    COVEY_ENDPOINT_REPLY_TIMED_OUT
} covey_endpoint_what;

typedef struct covey_endpoint_report {
    covey_endpoint_what what;
    uint8_t code;
    uint16_t responses; /* that were delivered */
    covey_exchange_ref exchange;
    covey_message_ref message; /* replies */
    uint64_t user;
} covey_endpoint_report;

bool covey_endpoint_event(covey_endpoint *e, covey_endpoint_report *event);
/* As covey_message_deadline. */
covey_ms covey_endpoint_deadline(const covey_endpoint *e);

#endif
