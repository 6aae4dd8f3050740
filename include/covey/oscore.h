/* SPDX-License-Identifier: BSD-2-Clause */
/* OSCORE (RFC 8613): security contexts, protecting and unprotecting of whole
 * CoAP messages. No timing, no tokens, no storage: what must survive a loss of
 * power is asked for (covey_oscore_due) and confirmed (covey_oscore_stored).
 *
 * Protecting is compose, then seal; unprotecting is open, then assemble. The
 * halves are for those who put something in between (SCHC compression of the
 * plaintext); protect and unprotect do both.
 *
 * Exchanges: a request and its responses share one covey_oscore_exchange on
 * either side, kept as long as responses may come (Section 8). */
#ifndef COVEY_OSCORE_H
#define COVEY_OSCORE_H

#include <covey/coap_options.h>
#include <covey/crypto.h>

enum {
    /* Section 3.3: a nonce less its six other bytes. */
    COVEY_OSCORE_ID_MAX = COVEY_NONCE_MAX - 6,
    COVEY_OSCORE_ID_CONTEXT_MAX = 255, /* its length is one byte on the wire */
    COVEY_OSCORE_PIV_MAX = 5,          /* bytes of a Partial IV */
    /* The longest AAD of Section 5.4: fixed part 11, its bstr head 1, array
     * head, version, array head and algorithm 8, kid 1 + 7, Partial IV 1 + 5,
     * options 1. */
    COVEY_OSCORE_AAD_MAX = 35,
    /* info of Section 3.2.1: array head 1, id 1 + 7, ID Context 2 + 255,
     * algorithm 5, type 4, L 2. */
    COVEY_OSCORE_INFO_MAX = 277,
    /* The longest value of the OSCORE option (Section 6.1): flags, Partial IV,
     * kid context with its size, kid. */
    COVEY_OSCORE_VALUE_MAX = 1 + COVEY_OSCORE_PIV_MAX + 1 +
                             COVEY_OSCORE_ID_CONTEXT_MAX + COVEY_OSCORE_ID_MAX
};

/* Section 7.2.1: sequence numbers are smaller than this. */
#define COVEY_OSCORE_SSN_END (UINT64_C(1) << 40)

/* --- derivation: derive.c, nonce.c, aad.c ------------------------------- */

/* What both ends must agree on, Section 3.2; sender and recipient as seen
 * from here. Only id_context is kept: until the context is dropped. */
typedef struct covey_oscore_parameters {
    int32_t aead; /* an AEAD of covey_alg_id */
    int32_t hkdf; /* COVEY_HMAC_256_256, _384_384 or _512_512 */
    covey_bytes master_secret;
    covey_bytes master_salt; /* may be absent */
    covey_bytes id_context;  /* absent (nil) is not the same as empty */
    covey_bytes sender_id;
    covey_bytes recipient_id;
} covey_oscore_parameters;

/* Raw keys, for tools; contexts keep theirs inside the provider. */
typedef struct covey_oscore_keys {
    uint8_t sender_key[COVEY_KEY_MAX];
    uint8_t recipient_key[COVEY_KEY_MAX];
    uint8_t common_iv[COVEY_NONCE_MAX];
    uint8_t key_len;
    uint8_t iv_len;
} covey_oscore_keys;

/* COVEY_E_UNSUPPORTED: not an AEAD or not an HKDF. COVEY_E_RANGE: an ID longer
 * than the algorithm allows, an ID Context of more than 255 bytes, an empty
 * Master Secret. COVEY_E_ARGUMENT: both IDs are the same, so that both ends
 * would use one key with the same nonces. */
COVEY_MUST_USE covey_status
covey_oscore_check(const covey_oscore_parameters *p);

/* info of Section 3.2.1; `type` is "Key" or "IV", `len` the length wanted.
 * COVEY_E_ROOM. */
COVEY_MUST_USE covey_status covey_oscore_info(covey_writer *out,
                                              const covey_oscore_parameters *p,
                                              covey_bytes id, covey_bytes type,
                                              uint8_t len);

/* Section 3.2.1. The caller wipes *out. As covey_oscore_check, and what the
 * provider says. */
COVEY_MUST_USE covey_status
covey_oscore_derive(covey_oscore_keys *out, const covey_oscore_parameters *p,
                    const covey_crypto *crypto);

/* The Partial IV of a sequence number: 1 to 5 bytes, the shortest form
 * (Section 5). The span is into buf. */
covey_bytes covey_oscore_piv(uint64_t number,
                             uint8_t buf[COVEY_OSCORE_PIV_MAX]);
/* The number of a Partial IV. COVEY_E_FORMAT: not 1 to 5 bytes, or not the
 * shortest form: senders have no choice, so one number has one encoding. */
COVEY_MUST_USE covey_status covey_oscore_piv_number(covey_bytes piv,
                                                    uint64_t *number);

/* Section 5.2: common_iv.len bytes into nonce. `id` is the Sender ID of the
 * endpoint that generated the Partial IV. COVEY_E_ARGUMENT: lengths that the
 * construction does not allow. */
COVEY_MUST_USE covey_status covey_oscore_nonce(uint8_t nonce[COVEY_NONCE_MAX],
                                               covey_bytes common_iv,
                                               covey_bytes id,
                                               covey_bytes piv);

/* Enc_structure around the external_aad, Section 5.4; kid and Partial IV are
 * those of the request, also for its responses. COVEY_E_ROOM. */
COVEY_MUST_USE covey_status covey_oscore_aad(covey_writer *out, int32_t aead,
                                             covey_bytes request_kid,
                                             covey_bytes request_piv);

/* --- replay window: replay.c -------------------------------------------- */

/* Sliding window over Partial IVs, Sections 3.2.2 and 7.4. Numbers below
 * `floor` are refused; of the `size` numbers below `next` one bit each says
 * whether it was received; from `next` on everything is new. */
typedef struct covey_oscore_window {
    uint64_t next;
    uint64_t floor;
    uint32_t own[2];
    uint32_t *words;   /* the caller's, or NULL for own */
    uint16_t capacity; /* bits behind it, a power of two */
    uint16_t size;
} covey_oscore_window;

#define COVEY_OSCORE_WINDOW_DEFAULT 32u /* Section 3.2.2 */
#define COVEY_OSCORE_WINDOW_OWN     64u /* the largest without further words */

/* A window that refuses what is below `floor`. A size of 0 is 32. With words
 * == NULL up to 64 numbers; else 32 * count of them, the words being kept and
 * count a power of two, at most 1024. COVEY_E_ARGUMENT: a size of more than
 * that. */
COVEY_MUST_USE covey_status covey_oscore_window_init(covey_oscore_window *w,
                                                     uint64_t floor,
                                                     uint16_t size,
                                                     uint32_t *words,
                                                     uint16_t count);
/* The same window, with nothing received and another floor. */
void covey_oscore_window_restart(covey_oscore_window *w, uint64_t floor);
/* True if this number would be new. */
bool covey_oscore_window_check(const covey_oscore_window *w, uint64_t number);
/* Marks a number as received, once its message has been authenticated; only
 * after check said yes. */
void covey_oscore_window_commit(covey_oscore_window *w, uint64_t number);

/* --- security context: context.c ---------------------------------------- */

/* What has to be in durable storage (Section 7.5, Appendix B.1): every
 * sequence number below ssn may have been used, every Partial IV below window
 * may have been accepted. In a context that begins with it, requests from
 * window on are taken, and those below it are challenged with Echo first
 * (Appendix B.1.2). */
typedef struct covey_oscore_state {
    uint64_t ssn;
    uint64_t window;
} covey_oscore_state;

/* For covey_oscore_state.window: the window did not survive, any Partial IV
 * may have been accepted. */
#define COVEY_OSCORE_WINDOW_LOST COVEY_OSCORE_SSN_END

typedef struct covey_oscore_start {
    /* As last stored; all zero only if this context was never used before. */
    covey_oscore_state state;
    /* How many numbers are reserved at a time; 0 is 64. So many are skipped
     * with each restart: with more of them storage is asked less often, but
     * Partial IVs become longer sooner. */
    uint32_t ahead;
    /* The window is not stored: state.window is COVEY_OSCORE_WINDOW_LOST
     * after each restart, and unprotecting never waits for storage. */
    bool window_in_memory;
    uint16_t window_size; /* 0 is 32 */
    /* For windows of more than 64, as in covey_oscore_window_init; kept. */
    uint32_t *window_words;
    uint16_t window_word_count;
} covey_oscore_start;

/* Visible so that it can be static; the fields are this module's. What is
 * small and often asked for comes first: Thumb-1 reaches no byte further than
 * 31 bytes in one instruction. */
typedef struct covey_oscore_context {
    bool window_valid;
    bool window_in_memory;
    uint8_t nonce_len;
    uint8_t tag_len;
    uint8_t sender_id_len;
    uint8_t recipient_id_len;
    uint8_t sender_id[COVEY_OSCORE_ID_MAX];
    uint8_t recipient_id[COVEY_OSCORE_ID_MAX];
    uint32_t ahead;
    int32_t aead;
    const covey_crypto *crypto;
    covey_bytes id_context; /* the caller's */
    uint64_t ssn;           /* the next one */
    uint64_t ssn_stored;    /* may be used below this */
    uint64_t window_stored; /* may be accepted below this */
    uint64_t challenged;    /* everything that was is below this */
    covey_oscore_window window;
    uint64_t encrypted; /* with the Sender Key */
    uint64_t forged;    /* not decrypted with the Recipient Key */
    uint8_t common_iv[COVEY_NONCE_MAX];
    covey_key sender_key;
    covey_key recipient_key;
} covey_oscore_context;

_Static_assert(sizeof(covey_oscore_context) - 2 * sizeof(covey_key) <= 400,
               "a context fits into 400 bytes beside its keys");

/* Derives the keys and hands them to the provider; *c is empty after a
 * failure. The crypto table is kept. As covey_oscore_derive, and
 * COVEY_E_ARGUMENT: state beyond the end of the numbers, or a window that
 * covey_oscore_window_init does not take. */
COVEY_MUST_USE covey_status covey_oscore_setup(
    covey_oscore_context *c, const covey_crypto *crypto,
    const covey_oscore_parameters *p, const covey_oscore_start *start);
/* Wipes the context and frees its keys. Allowed on one of all zeros. */
void covey_oscore_drop(covey_oscore_context *c);

/* True if storing is due; *next is then what to store. It becomes due when
 * less than a quarter of what was reserved is left, so that the storage may
 * take its time; protecting goes on until nothing is left and then gives
 * COVEY_E_NOT_STORED. */
bool covey_oscore_due(const covey_oscore_context *c, covey_oscore_state *next);
/* *state is in durable storage now. COVEY_E_ARGUMENT: it is less than what
 * was confirmed before, or beyond the end of the numbers. */
COVEY_MUST_USE covey_status
covey_oscore_stored(covey_oscore_context *c, const covey_oscore_state *state);
/* Where the numbers really are: to be stored at an orderly end, if nothing is
 * protected or accepted afterwards. */
covey_oscore_state covey_oscore_exact(const covey_oscore_context *c);

/* What limits the life of the keys: draft-ietf-core-oscore-key-limits. */
typedef struct covey_oscore_usage {
    uint64_t encrypted; /* messages sealed with the Sender Key (q) */
    uint64_t forged;    /* messages that did not decrypt (v) */
    uint64_t left;      /* sequence numbers */
} covey_oscore_usage;

covey_oscore_usage covey_oscore_usage_of(const covey_oscore_context *c);
/* Every Partial IV below this may have been accepted, none from it on: what to
 * store of a window in memory when the context is given up in good order.
 * COVEY_OSCORE_WINDOW_LOST: that is not known. */
uint64_t covey_oscore_window_of(const covey_oscore_context *c);

/* --- protecting: compose.c, protect.c ------------------------------------ */

/* One request and its responses. `kid` and `piv` are the request's. */
typedef struct covey_oscore_exchange {
    bool observe;      /* the request had an Observe option */
    bool registration; /* and asked for an observation */
    bool notified;     /* number is set */
    bool nonce_spent;  /* the request's nonce has served for a response */
    bool answered;     /* a response that is the last one has come */
    bool many;         /* groups: several responses, Observe or not */
    uint8_t kid_len;
    uint8_t piv_len;
    uint8_t kid[COVEY_OSCORE_ID_MAX];
    uint8_t piv[COVEY_OSCORE_PIV_MAX];
    uint32_t epoch;  /* groups: of the context that number belongs to */
    uint64_t number; /* highest Partial IV of a notification */
} covey_oscore_exchange;

/* Means and wishes of a call; all zero is a good start. */
typedef struct covey_oscore_work {
    /* Options that are outer otherwise and shall be inner here: Proxy-Uri,
     * OSCORE and others between client and proxy. Proxy-Uri is then left
     * whole. Unprotecting takes none of these from outside. */
    const uint16_t *inner;
    size_t inner_count;
    bool own_piv;          /* responses: a Partial IV although none is due */
    bool omit_kid_context; /* requests: Section 5.1 leaves it to the client */
    bool stream;           /* RFC 8323 framing instead of datagrams */
    /* For unprotect only: as many bytes as the protected message has. */
    uint8_t *scratch;
    size_t scratch_cap;
} covey_oscore_work;

/* Storage that is enough for compose with a message of so many bytes. */
#define COVEY_OSCORE_PLAINTEXT_MAX(message_len)                               \
    ((message_len) + (message_len) / 8u + 8u)
/* The most by which a protected message is longer: tag, option with its head,
 * payload marker, inner code, stream's length. */
#define COVEY_OSCORE_OVERHEAD_MAX (16u + 272u + 1u + 1u + 4u)

/* Options that seed 003 Appendix A (draft-tiloca-core-groupcomm-proxy-01) has
 * inner between client and proxy. */
extern const uint16_t covey_oscore_proxy_inner[];
extern const size_t covey_oscore_proxy_inner_count;

/* Is this option outer only (class U) in a message with this code? Unknown
 * options are class E (Section 4.1); in signalling messages all but OSCORE
 * are (Section 4.3). */
bool covey_oscore_outer(uint16_t number, uint8_t code);

/* The plaintext of Section 5.3. The message is what covey_coap_parse gave.
 * COVEY_E_ARGUMENT: an OSCORE option that is not to be inner (Section
 *   4.1.3.7), or Proxy-Uri with Uri-Path or Uri-Query.
 * COVEY_E_UNSUPPORTED: Proxy-Uri of a scheme other than CoAP's. COVEY_E_RANGE:
 *   a segment of Proxy-Uri longer than its option may be.
 * COVEY_E_FORMAT: Proxy-Uri is no URI. COVEY_E_ROOM. */
COVEY_MUST_USE covey_status
covey_oscore_compose(covey_writer *plaintext, const covey_coap_message *m,
                     const covey_oscore_work *work);

/* Encrypts a plaintext and writes the OSCORE message around it, Sections 8.1
 * and 8.3. m is the original message: its header and outer options are used.
 * An absent plaintext is composed where the ciphertext goes (protect).
 * Responses carry a Partial IV of their own whenever the request's nonce is
 * spent (Section 4.1.3.5), or has not been shown to be fresh.
 * COVEY_E_NOT_STORED: see covey_oscore_due. COVEY_E_EXHAUSTED: no sequence
 *   number is left. COVEY_E_ARGUMENT: not a request, not a response, the
 *   exchange of another context, an empty plaintext.
 * COVEY_E_ROOM. Neither of these changes anything; after COVEY_E_CRYPTO and
 * the provider's other failures the number has been spent. */
COVEY_MUST_USE covey_status covey_oscore_seal_request(
    covey_oscore_context *c, covey_oscore_exchange *exchange,
    const covey_coap_message *m, covey_bytes plaintext,
    const covey_oscore_work *work, covey_writer *out);
COVEY_MUST_USE covey_status covey_oscore_seal_response(
    covey_oscore_context *c, covey_oscore_exchange *exchange,
    const covey_coap_message *m, covey_bytes plaintext,
    const covey_oscore_work *work, covey_writer *out);

/* Compose and seal in one, without a copy: the plaintext is written where the
 * ciphertext goes. Room for the message, an eighth more and
 * COVEY_OSCORE_OVERHEAD_MAX is enough. */
COVEY_MUST_USE static inline covey_status
covey_oscore_protect_request(covey_oscore_context *c,
                             covey_oscore_exchange *exchange,
                             const covey_coap_message *m,
                             const covey_oscore_work *work, covey_writer *out)
{
    return covey_oscore_seal_request(c, exchange, m, covey_bytes_of(NULL, 0),
                                     work, out);
}
COVEY_MUST_USE static inline covey_status
covey_oscore_protect_response(covey_oscore_context *c,
                              covey_oscore_exchange *exchange,
                              const covey_coap_message *m,
                              const covey_oscore_work *work, covey_writer *out)
{
    return covey_oscore_seal_response(c, exchange, m, covey_bytes_of(NULL, 0),
                                      work, out);
}

/* --- unprotecting: unprotect.c, assemble.c ------------------------------- */

typedef enum covey_unprotect {
    /* Not to be used; see fault and status. */
    COVEY_UNPROTECT_REFUSED = 0,
    /* Authentic and not received before. */
    COVEY_UNPROTECT_FRESH,
    /* The same, but it must not be acted upon before what covey_oscore_due
     * wants is stored: after a loss of power it would be accepted again. */
    COVEY_UNPROTECT_FRESH_ONCE_STORED,
    /* Authentic, but the window, or where it ended, was lost, and this may be
     * a replay. Not to be delivered: answer 4.01 with Echo, protected
     * (Appendix B.1.2), or, if it brings back the Echo value, go on with
     * covey_oscore_recover. */
    COVEY_UNPROTECT_MAYBE_REPLAY
} covey_unprotect;

typedef enum covey_oscore_fault {
    COVEY_OSCORE_NO_FAULT = 0,
    COVEY_OSCORE_BAD_COSE,      /* option or payload cannot be decoded */
    COVEY_OSCORE_NO_CONTEXT,    /* kid or kid context of another context */
    COVEY_OSCORE_REPLAY,        /* received before, or too old to know */
    COVEY_OSCORE_NOT_DECRYPTED, /* forged, damaged, or another key */
    COVEY_OSCORE_BAD_PLAINTEXT, /* authentic, but no message inside */
    COVEY_OSCORE_UNASKED,       /* authentic, but not what was asked for */
    COVEY_OSCORE_OURS,          /* nothing wrong with the message: status */
    /* In groups (covey/group.h) also: */
    COVEY_OSCORE_NO_SENDER,     /* kid of a member that is not known here */
    COVEY_OSCORE_OWN,           /* our own Sender ID: a reflection */
    COVEY_OSCORE_NO_MODE,       /* group or pairwise mode is not set here */
    COVEY_OSCORE_DETERMINISTIC, /* a deterministic request: not supported */
    COVEY_OSCORE_BAD_SIGNATURE,
    COVEY_OSCORE_BAD_ROLE, /* authentic, but not a requester, responder */
    COVEY_OSCORE_BASELINE  /* authentic; only its number has been taken */
} covey_oscore_fault;

typedef struct covey_oscore_received {
    covey_oscore_fault fault;
    covey_status status;   /* COVEY_OK without a fault */
    covey_bytes plaintext; /* where the caller wanted it */
    bool has_piv;          /* always, for requests */
    uint64_t piv;          /* without: the oldest notification */
} covey_oscore_received;

/* What Section 8.2 has a server answer, unprotected, with Max-Age 0. */
typedef struct covey_oscore_reaction {
    uint8_t code;           /* 0: stay silent */
    const char *diagnostic; /* the payload; static storage */
} covey_oscore_reaction;

/* Silence for all responses (Section 8.4), and for requests where the fault
 * is ours. Answering is allowed, never required. */
covey_oscore_reaction covey_oscore_react(covey_oscore_fault fault,
                                         bool request);

/* Is a request with this kid and kid context (absent: any) for an endpoint of
 * these parameters (Section 8.2)? The kid is its Recipient ID. */
bool covey_oscore_is_recipient(const covey_oscore_parameters *p,
                               covey_bytes kid, covey_bytes kid_context);
/* Is a request with this OSCORE option for this context? */
bool covey_oscore_is_for(const covey_oscore_context *c,
                         const covey_oscore_option *option);

/* Decrypts; the replay window is committed together with the authentication
 * (Section 7.4). Appends the plaintext to the writer. The exchange is written
 * unless refused. After COVEY_UNPROTECT_REFUSED the context is as before,
 * except that `forged` counts. */
COVEY_MUST_USE covey_unprotect covey_oscore_open_request(
    covey_oscore_context *c, covey_oscore_exchange *exchange,
    const covey_coap_message *outer, covey_writer *plaintext,
    covey_oscore_received *received);
/* The same for a response. Refuses a second response to what is no
 * registration, and a second one without Partial IV. The exchange changes
 * only in covey_oscore_assemble_response. */
COVEY_MUST_USE covey_unprotect covey_oscore_open_response(
    covey_oscore_context *c, const covey_oscore_exchange *exchange,
    const covey_coap_message *outer, covey_writer *plaintext,
    covey_oscore_received *received);

/* The original message from a plaintext and the outer options of class U; an
 * option of the plaintext displaces an outer one of the same number.
 * COVEY_E_SHORT, COVEY_E_FORMAT: the plaintext is no message, or its code is
 * no request's or no response's. COVEY_E_ROOM. */
COVEY_MUST_USE covey_status covey_oscore_assemble_request(
    covey_oscore_exchange *exchange, const covey_coap_message *outer,
    covey_bytes plaintext, const covey_oscore_work *work, covey_writer *out);
/* The same, and Section 8.4.2: Observe becomes the last three bytes of the
 * Partial IV. Decides on notifications, so it has a result of its own. */
COVEY_MUST_USE covey_unprotect covey_oscore_assemble_response(
    covey_oscore_exchange *exchange, const covey_coap_message *outer,
    covey_oscore_received *received, const covey_oscore_work *work,
    covey_writer *out);

/* Open and assemble; the plaintext is wiped from the scratch. Room for as many
 * bytes as the protected message has is enough for either. A request that is
 * authentic has been received, even if nothing can be made of what is inside
 * (COVEY_OSCORE_BAD_PLAINTEXT, COVEY_OSCORE_OURS). */
COVEY_MUST_USE covey_unprotect covey_oscore_unprotect_request(
    covey_oscore_context *c, covey_oscore_exchange *exchange,
    const covey_coap_message *outer, const covey_oscore_work *work,
    covey_writer *out, covey_oscore_received *received);
COVEY_MUST_USE covey_unprotect covey_oscore_unprotect_response(
    covey_oscore_context *c, covey_oscore_exchange *exchange,
    const covey_coap_message *outer, const covey_oscore_work *work,
    covey_writer *out, covey_oscore_received *received);

/* After COVEY_UNPROTECT_MAYBE_REPLAY, once the request's Echo option has been
 * found to be the one that was sent: the window then begins behind everything
 * that has been challenged, this one too (Appendix B.1.2 would have what came
 * after it and was challenged taken later). FRESH or FRESH_ONCE_STORED:
 * deliver it then. With a window that has become valid meanwhile this is the
 * usual replay decision, and may refuse. */
COVEY_MUST_USE covey_unprotect
covey_oscore_recover(covey_oscore_context *c, covey_oscore_received *received);

/* --- what core/group builds upon: envelope.c, options.c, context.c ------- */

/* Requests and signalling messages; responses and signalling messages. */
bool covey_oscore_is_request(uint8_t code);
bool covey_oscore_is_response(uint8_t code);
/* Has it an Observe option? */
bool covey_oscore_has_observe(const covey_coap_message *m);

/* A new exchange for the request with this kid and Partial IV. */
void covey_oscore_exchange_begin(covey_oscore_exchange *x, covey_bytes kid,
                                 covey_bytes piv);
/* What it has to know of the request's Observe option: whether there is one,
 * and whether it asks for an observation (RFC 7641 Section 2: 0). */
void covey_oscore_note_observe(covey_oscore_exchange *x,
                               const covey_coap_message *request);
static inline covey_bytes
covey_oscore_request_kid(const covey_oscore_exchange *x)
{
    return covey_bytes_of(x->kid, x->kid_len);
}
static inline covey_bytes
covey_oscore_request_piv(const covey_oscore_exchange *x)
{
    return covey_bytes_of(x->piv, x->piv_len);
}
/* An identifier, which may be absent, into a field of a struct. */
void covey_oscore_copy(uint8_t *to, covey_bytes from);

/* Numbers are reserved in blocks of `ahead`: if less than a quarter of one is
 * left between `next` and *stored, true and the end of the next block. */
bool covey_oscore_reserve(uint64_t next, uint32_t ahead, uint64_t *stored);
/* COVEY_E_EXHAUSTED, COVEY_E_NOT_STORED. */
COVEY_MUST_USE covey_status covey_oscore_may_send(uint64_t ssn,
                                                  uint64_t stored);

/* The outer message while it is written: begin, then encrypt `plaintext` onto
 * `w`, then end. */
typedef struct covey_oscore_envelope {
    /* The caller's. */
    const covey_coap_message *m;
    const covey_oscore_work *work;
    covey_oscore_option option;
    uint8_t piv[COVEY_OSCORE_PIV_MAX]; /* storage for a Partial IV */
    covey_bytes plaintext;             /* absent: composed in place */
    size_t tail; /* bytes that are added to the plaintext */
    bool response;
    bool observe; /* of the message, or what it answers */
    /* After begin. */
    bool composed;
    covey_bytes value; /* of the OSCORE option, as it stands in `w` */
    covey_writer w;    /* at the place of the ciphertext */
    covey_coap_composer composer;
} covey_oscore_envelope;

/* COVEY_E_ARGUMENT: an empty plaintext; and as covey_oscore_compose. */
COVEY_MUST_USE covey_status
covey_oscore_envelope_begin(covey_oscore_envelope *e, const covey_writer *out);
/* Finishes the message if all went well (`st`), else wipes what was composed;
 * always called after begin. */
COVEY_MUST_USE covey_status covey_oscore_envelope_end(covey_oscore_envelope *e,
                                                      covey_status st,
                                                      covey_writer *out);

/* --- key update: kudos.c ------------------------------------------------- */

/* What one peer puts into a message of draft-ietf-core-oscore-key-update
 * (KUDOS), which is read as its versions with convergent messages have it. */
typedef struct covey_oscore_offer {
    uint8_t x; /* the length of the nonce less 1 is in its lower four bits */
    covey_bytes nonce;
} covey_oscore_offer;

enum {
    COVEY_OSCORE_OFFER_MAX = 1 + 16, /* x and nonce */
    /* X_N: two offers, a head of one byte each. */
    COVEY_OSCORE_UPDATE_SALT_MAX = 2 * (1 + COVEY_OSCORE_OFFER_MAX),
    /* L 2, label 1 + 17, context 1 and X_N. */
    COVEY_OSCORE_UPDATE_LABEL_MAX = 2 + 18 + 1 + COVEY_OSCORE_UPDATE_SALT_MAX
};

/* The new Master Salt, X_N of the draft, from what both peers offered, in any
 * order; for the temporary context of a divergent message `other` is NULL.
 * COVEY_E_ARGUMENT: x contradicts the nonce, or its highest bit is set.
 * COVEY_E_ROOM. */
COVEY_MUST_USE covey_status
covey_oscore_update_salt(covey_writer *out, const covey_oscore_offer *one,
                         const covey_oscore_offer *other);
/* The draft's ExpandLabel for a Master Secret of this length. COVEY_E_RANGE:
 * no length, more than two bytes can say, or no such salt. COVEY_E_ROOM. */
COVEY_MUST_USE covey_status covey_oscore_update_label(covey_writer *out,
                                                      size_t secret_len,
                                                      covey_bytes salt);
/* The new Master Secret, as long as the old one; the caller wipes it. With
 * both new values a context is set up as any other, all else being as in the
 * old one.
 * COVEY_E_UNSUPPORTED: hkdf is none. COVEY_E_RANGE as above, COVEY_E_ROOM. */
COVEY_MUST_USE covey_status covey_oscore_update_secret(
    covey_writer *out, int32_t hkdf, covey_bytes master_secret,
    covey_bytes salt, const covey_crypto *crypto);

/* --- limits of the keys: limits.c ---------------------------------------- */

/* What covey_oscore_usage is compared with:
 * draft-ietf-core-oscore-key-limits. */
typedef struct covey_oscore_key_limits {
    uint32_t encrypted;   /* q */
    uint32_t forged;      /* v */
    uint32_t message_len; /* l in bytes: plaintext and tag */
} covey_oscore_key_limits;

/* All zero for what is no AEAD. Algorithms that the draft does not name have
 * the limits of those with the same construction and length of tag. */
covey_oscore_key_limits covey_oscore_limits(int32_t aead);

#endif
