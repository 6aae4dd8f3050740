/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens above OSCORE, to messages as the application means them: bodies
 * in blocks (RFC 7959), observation (RFC 7641), freshness and reachability of
 * clients (RFC 9175). Nothing here sends; it says what to send. */
#ifndef COVEY_TRANSFER_H
#define COVEY_TRANSFER_H

#include <covey/address.h>
#include <covey/coap_options.h>
#include <covey/random.h>
#include <covey/slots.h>
#include <covey/timers.h>

/* --- blocks: blockwise.c ---------------------------------------------- */

/* SZX of BERT: several blocks of 1024 bytes in one message, streams only (RFC
 * 8323 Section 6). */
#define COVEY_SZX_BERT 7u

/* A part of a body that is sent: Block2 of a response, Block1 of a request. */
typedef struct covey_slice {
    covey_block block; /* the option to send with it */
    bool whole;        /* it is the whole body: the option may be left out */
    uint64_t offset;
    uint32_t len;
} covey_slice;

/* The part that begins at `offset`, with blocks of `szx`; for BERT as many as
 * fit into `room` bytes. COVEY_E_RANGE: beyond the body, not at the beginning
 * of a block, or the body has too many blocks for NUM (Section 2.2).
 * COVEY_E_ARGUMENT: szx above 7, BERT with room for no block. */
COVEY_MUST_USE covey_status covey_slice_at(covey_slice *out, uint64_t total,
                                           uint64_t offset, uint8_t szx,
                                           uint32_t room);

/* What a server knows about serving a representation. */
typedef struct covey_serve {
    uint64_t total; /* bytes in the representation */
    uint32_t room;  /* for a payload; BERT */
    uint8_t szx;    /* the largest that it wants; 7 over streams */
    bool group;     /* the request came to a group */
} covey_serve;

/* Which part of a representation answers this request (Section 2.4): 0 and
 * *out, or the code to answer with: 4.00 for SZX 7 where there is no BERT, for
 * a block beyond the body, and for any but the first block of a group request
 * (Section 2.8). The server keeps nothing between blocks: a resource that
 * changes has to say so by its ETag. */
uint8_t covey_serve_block(covey_slice *out, const covey_coap_message *request,
                          const covey_serve *serve);

/* A body being collected into the caller's buffer; blocks in order, each once.
 * Both sides: responses at the client, requests at the server. */
typedef struct covey_assembly {
    uint8_t *buffer;
    uint32_t cap;
    uint32_t len; /* what has been collected */
    uint8_t szx;  /* of the last block */
} covey_assembly;

typedef enum covey_assembly_result {
    COVEY_ASSEMBLY_MORE,   /* taken; others follow */
    COVEY_ASSEMBLY_DONE,   /* taken; it was the last */
    COVEY_ASSEMBLY_AGAIN,  /* the last one once more, the same bytes */
    COVEY_ASSEMBLY_GAP,    /* not the next one: 4.08, or start again */
    COVEY_ASSEMBLY_BAD,    /* no block that could be: 4.00 */
    COVEY_ASSEMBLY_TOO_BIG /* does not fit into the buffer: 4.13 */
} covey_assembly_result;

/* Takes one block (Section 2.2): all but the last are full, BERT's a number of
 * full ones. The first, at offset 0, begins the body anew. Unchanged unless it
 * was taken. */
covey_assembly_result covey_assembly_add(covey_assembly *a,
                                         const covey_block *block,
                                         covey_bytes payload);

/* --- requests in blocks at a server: uploads.c ------------------------ */

/* The body of a request that is being collected. Private. */
typedef struct covey_upload_row {
    covey_path path;
    uint64_t key; /* hash of what the blocks of a request have in common */
    covey_ms due;
    uint32_t scope;
    bool used;
    covey_assembly body;
} covey_upload_row;

/* Bodies of several clients at once, each in `slot` bytes of `storage`. Blocks
 * belong together if they come from the same peer, in the same scope, with the
 * same method and options, but for those about blocks and those outside the
 * Cache-Key; Request-Tag is among them (RFC 9175 Section 3.2). When all rows
 * are taken, a body that has not grown for `expiry` goes, then one of the same
 * peer; otherwise the answer is 5.03. Rows are looked through: there are no
 * more than buffers. Private but for filling it in. */
typedef struct covey_uploads {
    covey_upload_row *rows; /* the caller's, all zero at first; kept */
    uint8_t *storage;       /* count times slot bytes; kept */
    uint32_t count;
    uint32_t slot;
    uint32_t expiry; /* ms; EXCHANGE_LIFETIME is 247000 */
    uint8_t szx;     /* the largest block wanted; 7: BERT, streams only */
    uint64_t secret; /* key of the hash, from a source of randomness */
} covey_uploads;

typedef struct covey_upload {
    covey_bytes body; /* complete; valid until the next call */
    bool has_block1;  /* goes into the response */
    covey_block block1;
    uint32_t size1; /* of 4.13: the most that is taken */
} covey_upload;

/* Takes a request, in blocks or not. `scope` separates what must not be
 * joined: security contexts. 0: the body is complete. Otherwise the code of
 * the response: 2.31 go on, 4.00 no block, 4.08 blocks before are missing,
 * 4.13 too large, 5.03 no row, or Block1 to a group (RFC 7959 Section 2.8).
 * *out is always written. */
uint8_t covey_uploads_receive(covey_uploads *u, covey_ms now,
                              const covey_path *path, uint32_t scope,
                              const covey_coap_message *request,
                              covey_upload *out);

/* --- the client's side of a transfer: fetch.c ------------------------- */

/* One request and its response, either of which may be larger than a
 * message. */
typedef struct covey_fetch_config {
    covey_bytes body; /* of the request, absent if none; kept to the end */
    uint8_t *buffer;  /* for the body of the response; kept to the end */
    uint32_t cap;
    uint32_t room; /* for a payload; BERT */
    uint8_t szx;   /* the largest to begin with; 7 over streams */
    bool ask;      /* say the size wanted already in the request (Block2) */
} covey_fetch_config;

/* Private. */
typedef struct covey_fetch {
    covey_fetch_config config;
    covey_assembly response;
    covey_slice slice; /* of the body, as last sent */
    uint64_t sent;     /* acknowledged bytes of the body */
    uint8_t etag[8];
    uint8_t etag_len;
    uint8_t szx1;
    uint8_t szx2;
    uint8_t restarts;
    bool receiving; /* the body of the request is with the server */
} covey_fetch;

/* The options about blocks for the next request, and its payload. Size1 and
 * Request-Tag are the caller's: the total is in config.body, and every
 * operation that may run beside another one to the same resource needs a tag
 * of its own (RFC 9175 Section 3.3). */
typedef struct covey_fetch_request {
    bool has_block1;
    bool has_block2;
    covey_block block1;
    covey_block block2;
    covey_bytes payload;
} covey_fetch_request;

typedef enum covey_fetch_result {
    COVEY_FETCH_NEXT,  /* send covey_fetch_next as a new request */
    COVEY_FETCH_DONE,  /* the response stands, covey_fetch_body is its body */
    COVEY_FETCH_FAILED /* the server does not keep to the protocol, changes
                          faster than it can be read, or has more than fits */
} covey_fetch_result;

/* COVEY_E_ARGUMENT: szx above 7, BERT with room for no block. */
COVEY_MUST_USE covey_status covey_fetch_init(covey_fetch *f,
                                             const covey_fetch_config *config);
/* What the next request carries. COVEY_E_RANGE: the body has too many blocks
 * of the size that the server wants. */
COVEY_MUST_USE covey_status covey_fetch_next(covey_fetch *f,
                                             covey_fetch_request *out);
/* Takes the response to the request that covey_fetch_next described. A
 * response of 4.13 with a smaller block size begins again with it (Section
 * 2.9.3); another ETag than before reads the response from its beginning. */
covey_fetch_result covey_fetch_response(covey_fetch *f,
                                        const covey_coap_message *response);
/* The body of the response, in the buffer. */
covey_bytes covey_fetch_body(const covey_fetch *f);

/* --- observation: observe.c ------------------------------------------- */

/* The client's side, RFC 7641 Section 3.4: which notification is newest. */
typedef struct covey_observation {
    covey_ms at;   /* when the newest came */
    uint32_t last; /* its Observe value */
    bool begun;
} covey_observation;

/* Whether a notification of this Observe value, received at `now`, is newer
 * than all before; remembers it then. */
bool covey_observation_fresh(covey_observation *o, uint32_t observe,
                             covey_ms now);
/* When to register again if nothing has come until then: after Max-Age of the
 * last notification and 5 to 15 s (Section 3.3.1), by a random number. */
covey_ms covey_observation_stale(const covey_observation *o, uint32_t max_age,
                                 uint32_t random);

/* The next Observe value of a server (Section 4.4): follows the clock, one a
 * millisecond, which is below 2^23 in 256 s; never the value before. */
uint32_t covey_observe_sequence(uint32_t before, covey_ms now);

/* --- observers of a server: observers.c ------------------------------- */

enum {
    COVEY_OBSERVER_TOKEN_MAX = 16
};

/* A client that observes a resource. Private. */
typedef struct covey_observer {
    covey_path path;
    uint32_t hash; /* of path and token */
    uint64_t user;
    covey_ms confirmed;  /* when the client was last seen to be there */
    covey_ms not_before; /* the next Non-confirmable one */
    uint32_t serial;
    uint32_t resource;
    uint32_t sequence;
    uint32_t unconfirmed; /* sent since the last Confirmable one */
    uint32_t ready_next;
    uint32_t ready_prev;
    uint32_t prev[2]; /* same resource, same connection */
    uint32_t next[2]; /* also in the free list */
    uint8_t token[COVEY_OBSERVER_TOKEN_MAX];
    uint8_t token_len;
    bool changed; /* has not been told the newest state */
    bool queued;  /* among those to be told now */
    bool waiting; /* for an acknowledgement */
} covey_observer;

/* The first rows of the lists with number i: of resources, of connections.
 * Private. */
typedef struct covey_observer_lists {
    uint32_t head[2];
} covey_observer_lists;

typedef struct covey_observers_memory {
    covey_observer *rows;
    covey_observer_lists *lists; /* as many */
    covey_slot *slots;           /* COVEY_SLOTS(count) */
    covey_timer *timers;         /* as many */
    uint32_t count;              /* 1 to COVEY_SLOTS_ROWS_MAX */
} covey_observers_memory;

typedef struct covey_observers_config {
    uint32_t confirm_every;  /* the n-th notification is Confirmable; 1: all */
    uint32_t confirm_within; /* ms; RFC 7641 Section 4.5: at most 24 h */
    uint32_t interval;       /* ms between Non-confirmable ones: Section 4.5.1
                                has 3 s where no round-trip time is known */
} covey_observers_config;

/* All observers of an endpoint, found by path and token, by resource and by
 * connection; nothing looks through the table but `init`. Private. */
typedef struct covey_observers {
    covey_observer *rows; /* the caller's, kept; as are the lists */
    covey_observer_lists *lists;
    covey_slots slots; /* by path and token */
    uint32_t count;
    covey_observers_config config;
    covey_timers timers;
    uint64_t key;
    uint32_t serial;
    uint32_t free;
    uint32_t ready_first;
    uint32_t ready_last;
} covey_observers;

/* Names an observer until it is removed, and then nothing. serial 0: none. */
typedef struct covey_observer_ref {
    uint32_t row;
    uint32_t serial;
} covey_observer_ref;

/* The arrays are kept; what is in them does not matter. key: from a source of
 * randomness. confirm_every is at least 1. */
void covey_observers_init(covey_observers *o, const covey_observers_memory *m,
                          const covey_observers_config *config, uint64_t key);

typedef struct covey_observers_entry {
    covey_path path; /* back to the client */
    covey_bytes token;
    uint32_t resource; /* the caller's number of it */
    uint64_t user;     /* comes back with every notification */
} covey_observers_entry;

/* A request with Observe 0: adds the client, or begins anew if this path and
 * token are known. *sequence is the value of Observe in the response.
 * COVEY_E_ROOM: no row; COVEY_E_RANGE: a token of more than 16 bytes. The
 * response then goes without Observe (Section 4.1). */
COVEY_MUST_USE covey_status covey_observers_register(
    covey_observers *o, covey_ms now, const covey_observers_entry *entry,
    covey_observer_ref *ref, uint32_t *sequence);
/* A Reset, a Confirmable notification that timed out, or one that is no 2.xx.
 * Nothing if the ref names nothing. */
void covey_observers_remove(covey_observers *o, covey_observer_ref ref);
/* A request with Observe 1. */
void covey_observers_cancel(covey_observers *o, const covey_path *path,
                            covey_bytes token);
/* The connection of this path is gone, and with it who observed over it.
 * Nothing if it has none. */
void covey_observers_lost(covey_observers *o, const covey_path *path);
/* The resource has a new state. Costs what it has observers. */
void covey_observers_changed(covey_observers *o, covey_ms now,
                             uint32_t resource);
/* The Confirmable notification arrived. */
void covey_observers_acknowledged(covey_observers *o, covey_ms now,
                                  covey_observer_ref ref);

typedef struct covey_notification {
    covey_observer_ref ref;
    covey_path path;
    covey_bytes token; /* in the row; valid until it is removed */
    uint32_t resource;
    uint64_t user;
    uint32_t sequence;
    bool confirmable; /* then say what became of it: until it is acknowledged
                         or removed, this observer gets no other one */
} covey_notification;

/* The next observer to be told the present state; call until false. However
 * often the resource changed in between, it is told once. */
bool covey_observers_next(covey_observers *o, covey_ms now,
                          covey_notification *out);
/* When to call it: COVEY_NEVER if there is nothing to wait for, 0 if at
 * once. */
covey_ms covey_observers_deadline(const covey_observers *o);

/* --- Echo: echo.c ----------------------------------------------------- */

enum {
    COVEY_ECHO_LEN = 8,
    COVEY_ECHO_WAYS = 4 /* rows in which a peer may be */
};

/* What was given to a peer, and when it was seen to have it. Private. */
typedef struct covey_echo_row {
    covey_path path;
    covey_ms given;
    covey_ms verified;
    uint32_t epoch;
    uint8_t value[COVEY_ECHO_LEN];
    bool used;
    bool is_verified;
} covey_echo_row;

/* Peers that were asked to repeat a request (RFC 9175 Section 2.3). When the
 * rows in which a peer may be are taken, the oldest goes: its owner is asked
 * once more. Private. */
typedef struct covey_echo {
    covey_echo_row *rows; /* the caller's, kept until dropped */
    uint32_t count;       /* a multiple of COVEY_ECHO_WAYS */
    covey_random random;
    uint64_t key;
} covey_echo;

/* COVEY_E_ARGUMENT: a count of 0 or no multiple of COVEY_ECHO_WAYS; otherwise
 * what the source of randomness says. */
COVEY_MUST_USE covey_status covey_echo_init(covey_echo *e,
                                            covey_echo_row *rows,
                                            uint32_t count,
                                            covey_random random);
/* A value for 4.01 to this peer: the same while it is not older than `age` ms,
 * so that several requests in flight do not disturb each other. Values of
 * another epoch are another's: that of covey_opened, as what was given under
 * old keys is void under new ones (RFC 10021 Section 9); 0 without any. */
COVEY_MUST_USE covey_status covey_echo_challenge(
    covey_echo *e, covey_ms now, const covey_path *path, uint32_t epoch,
    uint32_t age, uint8_t value[COVEY_ECHO_LEN]);
/* Whether the request has the value that this peer was given in this epoch no
 * longer than `age` ms ago: it is fresh, and the peer is where it says. */
bool covey_echo_is_fresh(covey_echo *e, covey_ms now, const covey_path *path,
                         uint32_t epoch, const covey_coap_message *request,
                         uint32_t age);
/* Whether the peer has shown within the last `age` ms that it is reachable. */
bool covey_echo_is_verified(const covey_echo *e, covey_ms now,
                            const covey_path *path, uint32_t age);
/* The longest response that may go to a peer that has not: on the wire, with
 * 62 bytes below CoAP, `factor` times the request. Section 2.6 has 3, and 136
 * bytes where nothing but a header is known of the request. */
size_t covey_echo_allowance(size_t request_len, uint32_t factor);
/* The client's side: the value to repeat the request with; false if the
 * response asks for nothing or has been asked for already. */
bool covey_echo_repeat(const covey_coap_message *response, bool repeated,
                       covey_bytes *value);

#endif
