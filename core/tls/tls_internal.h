/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of this module. */
#ifndef COVEY_TLS_INTERNAL_H
#define COVEY_TLS_INTERNAL_H

#include <covey/tls.h>

#include <string.h>

/* --- record layer (record.c) -------------------------------------------- */

/* RFC 8446 Section 5.1. */
enum tls_content {
    CONTENT_CHANGE_CIPHER_SPEC = 20,
    CONTENT_ALERT = 21,
    CONTENT_HANDSHAKE = 22,
    CONTENT_APPLICATION_DATA = 23
};

enum {
    RECORD_HEAD = 5,
    SEALED_OVER = 256 /* what protection may add (Section 5.2) */
};

/* The head of a record; `len` bytes follow it. */
struct tls_record {
    uint8_t type;
    uint16_t len;
};

/* COVEY_E_SHORT: not five bytes yet. COVEY_E_FORMAT: no type of TLS 1.3.
 * COVEY_E_RANGE: longer than a record may be, `sealed` or not. */
covey_status covey__tls_record_head(covey_bytes in, bool sealed,
                                    struct tls_record *out);

/* Appends a record. Unprotected if `half` is off; otherwise content, type and
 * padding are sealed. The content may already stand where it will be
 * encrypted, RECORD_HEAD behind the writer. COVEY_E_EXHAUSTED: the sequence
 * number would wrap. */
covey_status covey__tls_record_seal(const covey_crypto *crypto,
                                    covey_tls_half *half,
                                    struct tls_record content,
                                    covey_bytes from, size_t padding,
                                    covey_writer *out);

/* Opens the body of a protected record: appends the content and says its type.
 * COVEY_E_AUTH; COVEY_E_FORMAT: nothing but zeros inside (Section 5.4).
 * COVEY_E_RANGE: the content is longer than `limit`. */
covey_status covey__tls_record_open(const covey_crypto *crypto,
                                    covey_tls_half *half, covey_bytes sealed,
                                    size_t limit, covey_writer *out,
                                    uint8_t *type);

/* --- key schedule (keys.c) ---------------------------------------------- */

struct tls_suite {
    uint16_t id;
    int32_t aead;
    int32_t hash;
    int32_t hmac;
    uint8_t hash_len;
};

/* Bytes that are to be filled to the end. */
struct tls_room {
    uint8_t *ptr;
    size_t len;
};

static inline struct tls_room tls_room_of(uint8_t *ptr, size_t len)
{
    struct tls_room room = { ptr, len };

    return room;
}

/* NULL if we have it not. */
const struct tls_suite *covey__tls_suite_find(unsigned id);

/* HKDF-Expand-Label (Section 7.1) to the end of the writer. */
covey_status covey__tls_expand_label(const covey_crypto *crypto,
                                     const struct tls_suite *suite,
                                     const uint8_t *secret, covey_bytes label,
                                     covey_bytes context, covey_writer *out);

/* The same with a label of ours, filling `len` bytes. They are wiped if it
 * fails. */
covey_status covey__tls_derive(const covey_crypto *crypto,
                               const struct tls_suite *suite,
                               const uint8_t *secret, const char *label,
                               covey_bytes context, struct tls_room out);

/* The next stage of the schedule: Extract(Derive-Secret(chain, "derived", ""),
 * ikm) replaces `chain`. An absent `ikm` is one of zeros. */
covey_status covey__tls_chain_next(const covey_crypto *crypto,
                                   const struct tls_suite *suite,
                                   uint8_t *chain, covey_bytes ikm);
/* The first stage, the Early Secret. */
covey_status covey__tls_chain_first(const covey_crypto *crypto,
                                    const struct tls_suite *suite,
                                    uint8_t *chain, covey_bytes psk);

/* Key and IV of a traffic secret (Section 7.3). What `half` had is dropped,
 * also if it fails: then it is off. */
covey_status covey__tls_half_set(const covey_crypto *crypto,
                                 const struct tls_suite *suite,
                                 const uint8_t *secret, covey_tls_half *half);
void covey__tls_half_drop(const covey_crypto *crypto, covey_tls_half *half);
/* application_traffic_secret_N+1 (Section 7.2) in place. */
covey_status covey__tls_secret_next(const covey_crypto *crypto,
                                    const struct tls_suite *suite,
                                    uint8_t *secret);

/* verify_data of Finished, and of binders (Section 4.4.4). */
covey_status covey__tls_finished(const covey_crypto *crypto,
                                 const struct tls_suite *suite,
                                 const uint8_t *base, covey_bytes digest,
                                 uint8_t *out);

/* The hash of one span. */
covey_status covey__tls_hash_of(const covey_crypto *crypto,
                                const struct tls_suite *suite,
                                covey_bytes data, uint8_t *out);

/* --- states and messages ------------------------------------------------ */

enum tls_state {
    STATE_START,
    WAIT_SERVER_HELLO,
    WAIT_ENCRYPTED_EXTENSIONS,
    WAIT_CERTIFICATE_OR_REQUEST,
    WAIT_CERTIFICATE,
    WAIT_CERTIFICATE_VERIFY,
    WAIT_FINISHED,
    SENDING_FINISHED, /* client: everything has come */
    WAIT_CLIENT_HELLO,
    WAIT_SECOND_HELLO,
    CONNECTED,
    ENDED
};

/* RFC 8446 Section 4. A HelloRetryRequest is a ServerHello with a certain
 * random; here it has a number of its own, which no byte has. */
enum tls_message {
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    NEW_SESSION_TICKET = 4,
    ENCRYPTED_EXTENSIONS = 8,
    CERTIFICATE = 11,
    CERTIFICATE_REQUEST = 13,
    CERTIFICATE_VERIFY = 15,
    FINISHED = 20,
    KEY_UPDATE = 24,
    MESSAGE_HASH = 254,
    HELLO_RETRY_REQUEST = 256
};

/* What is to be sent, in this order, and what is to be done between. */
enum tls_queue {
    SEND_DUMMY_FIRST = 1u << 0, /* change_cipher_spec before a second hello */
    SEND_CLIENT_HELLO = 1u << 1,
    SEND_RETRY = 1u << 2,
    SEND_SERVER_HELLO = 1u << 3,
    SEND_DUMMY = 1u << 4, /* change_cipher_spec behind the first hello */
    USE_HANDSHAKE_KEYS = 1u << 5,
    SEND_ENCRYPTED_EXTENSIONS = 1u << 6,
    SEND_CERTIFICATE_REQUEST = 1u << 7,
    SEND_CERTIFICATE = 1u << 8,
    SEND_CERTIFICATE_VERIFY = 1u << 9,
    SEND_FINISHED = 1u << 10,
    USE_APPLICATION_KEYS = 1u << 11,
    SEND_TICKET = 1u << 12,
    SEND_KEY_UPDATE = 1u << 13,
    USE_NEXT_KEYS = 1u << 14
};

enum tls_waiting {
    WAITING_FOR_NOTHING,
    WAITING_FOR_VERDICT,
    WAITING_FOR_ISSUERS,
    WAITING_FOR_SIGNATURE
};

enum tls_logged {
    LOG_CLIENT_HANDSHAKE = 1u << 0,
    LOG_SERVER_HANDSHAKE = 1u << 1,
    LOG_CLIENT_TRAFFIC = 1u << 2,
    LOG_SERVER_TRAFFIC = 1u << 3,
    LOG_EXPORTER = 1u << 4
};

enum tls_side {
    CLIENT = 0,
    SERVER = 1
};

#define HAPPENED(kind) (1u << (kind))

static inline enum tls_side tls_own_side(const covey_tls *t)
{
    return t->is_server ? SERVER : CLIENT;
}

static inline enum tls_side tls_peer_side(const covey_tls *t)
{
    return t->is_server ? CLIENT : SERVER;
}

/* --- the end (alert.c) -------------------------------------------------- */

/* Ends the connection with an alert of ours: secrets are wiped, except what
 * protects the alert. The status that goes with it; the first failure
 * stays. */
covey_status covey__tls_fail(covey_tls *t, covey_tls_alert alert,
                             const char *why, const char *source);
/* The provider failed, or one of ours did: internal_error. */
covey_status covey__tls_host(covey_tls *t, covey_status st);
/* An alert of the peer. */
covey_status covey__tls_on_alert(covey_tls *t, covey_bytes body);
/* Everything secret but the key that protects what we send. */
void covey__tls_forget(covey_tls *t);

/* --- writing and reading (wire.c) --------------------------------------- */

/* A length of `n` bytes that is filled in when what it counts is written. */
size_t covey__tls_begin(covey_writer *w, size_t n);
void covey__tls_end(covey_writer *w, size_t n, size_t at);
/* A vector with a length of n bytes; fails the reader if there is less. */
covey_bytes covey__tls_vector(covey_reader *r, size_t n);
/* ECDSA-Sig-Value and r | s with `half` bytes each, both ways. */
bool covey__tls_ecdsa_raw(covey_bytes der, uint8_t *raw, size_t half);
void covey__tls_ecdsa_der(covey_bytes raw, covey_writer *w);

/* --- extensions (extensions.c) ------------------------------------------ */

/* Those that mean something to us. */
enum tls_extension {
    EXT_SERVER_NAME,
    EXT_SUPPORTED_GROUPS,
    EXT_SIGNATURE_ALGORITHMS,
    EXT_ALPN,
    EXT_CLIENT_CERTIFICATE_TYPE,
    EXT_SERVER_CERTIFICATE_TYPE,
    EXT_RECORD_SIZE_LIMIT,
    EXT_PRE_SHARED_KEY,
    EXT_EARLY_DATA,
    EXT_SUPPORTED_VERSIONS,
    EXT_COOKIE,
    EXT_PSK_MODES,
    EXT_KEY_SHARE,
    EXT_COUNT
};

/* In which message a list stands. */
enum tls_place {
    IN_CLIENT_HELLO = 1u << 0,
    IN_SERVER_HELLO = 1u << 1,
    IN_RETRY = 1u << 2,
    IN_ENCRYPTED_EXTENSIONS = 1u << 3,
    IN_CERTIFICATE_REQUEST = 1u << 4,
    IN_CERTIFICATE = 1u << 5,
    IN_TICKET = 1u << 6
};

struct tls_extensions {
    covey_bytes value[EXT_COUNT]; /* absent if it was not there */
};

/* Reads a list (without its length): each at most once, each where it may be,
 * in answers only what was asked for. Fails the connection otherwise. */
covey_status covey__tls_extensions_read(covey_tls *t, covey_bytes list,
                                        enum tls_place place,
                                        struct tls_extensions *out);
/* Begins an extension; covey__tls_end(w, 2, at) ends it. Remembers it as
 * offered. */
size_t covey__tls_extension(covey_tls *t, covey_writer *w,
                            enum tls_extension which);

/* Lists of u16 with a length before them. */
covey_bytes covey__tls_list_u16(covey_bytes value);
bool covey__tls_has_u16(covey_bytes list, unsigned value);

void covey__tls_write_groups(covey_tls *t, covey_writer *w);
void covey__tls_write_schemes(covey_tls *t, covey_writer *w);
covey_status covey__tls_read_schemes(covey_tls *t, covey_bytes value);
void covey__tls_write_limit(covey_tls *t, covey_writer *w);
covey_status covey__tls_read_limit(covey_tls *t, covey_bytes value);
void covey__tls_write_alpn(covey_tls *t, covey_writer *w);
/* Server: chooses; client: takes the one that was chosen. */
covey_status covey__tls_choose_alpn(covey_tls *t, covey_bytes value);
covey_status covey__tls_take_alpn(covey_tls *t, covey_bytes value);

/* The configured suites and groups, or those that are so by default. */
size_t covey__tls_suites(const covey_tls *t, const uint16_t **list);
size_t covey__tls_groups(const covey_tls *t, const uint16_t **list);

/* --- key exchange (exchange.c) ------------------------------------------ */

/* A fresh key pair in share[at]. */
covey_status covey__tls_share_make(covey_tls *t, size_t at, uint16_t group);
/* KeyShareEntry of share[at]. */
covey_status covey__tls_share_write(covey_tls *t, size_t at, covey_writer *w);
/* The shared secret of share[at] and the peer's key; the shares are dropped.
 * A key that is none: illegal_parameter. */
covey_status covey__tls_share_agree(covey_tls *t, size_t at, covey_bytes peer);
void covey__tls_shares_drop(covey_tls *t);

/* --- secrets of a connection (secrets.c) -------------------------------- */

covey_status covey__tls_transcript_begin(covey_tls *t, int32_t hash);
/* Only this one goes on. */
void covey__tls_transcript_only(covey_tls *t, int32_t hash);
covey_status covey__tls_transcript_add(covey_tls *t, covey_bytes message);
/* The digest of what was added and of `extra`. */
covey_status covey__tls_transcript_digest(covey_tls *t, int32_t hash,
                                          covey_bytes extra, uint8_t *out);
/* ClientHello1 becomes a message_hash (Section 4.4.1). */
covey_status covey__tls_transcript_retry(covey_tls *t);
void covey__tls_transcript_drop(covey_tls *t);

/* Each fails the connection if it fails. */
covey_status covey__tls_derive_handshake(covey_tls *t);
covey_status covey__tls_derive_application(covey_tls *t);
covey_status covey__tls_derive_resumption(covey_tls *t);
/* A key for one direction from one of the secrets. */
covey_status covey__tls_use(covey_tls *t, covey_tls_half *half,
                            const uint8_t *secret);
/* verify_data of one side over what was added so far. */
covey_status covey__tls_verify_data(covey_tls *t, enum tls_side side,
                                    uint8_t *out);

static inline const struct tls_suite *tls_suite_of(const covey_tls *t)
{
    return covey__tls_suite_find(t->suite);
}

/* --- PSK and tickets (psk.c, ticket.c) ---------------------------------- */

/* Client: the extension, if there is something to offer, with room for its
 * binder, which is filled in when the whole message stands. */
covey_status covey__tls_psk_write(covey_tls *t, covey_time now,
                                  covey_writer *w);
covey_status covey__tls_psk_bind(covey_tls *t, struct tls_room message);
/* Server: whether one of those offered is taken. The binders are the end of
 * the message. */
covey_status covey__tls_psk_choose(covey_tls *t, covey_time now,
                                   covey_bytes value, covey_bytes message);
/* The PSK in use, or absent. */
covey_bytes covey__tls_psk_secret(const covey_tls *t);
int32_t covey__tls_psk_hash(const covey_tls *t);
bool covey__tls_may_ticket(const covey_tls *t, covey_time now);
covey_status covey__tls_make_ticket(covey_tls *t, covey_time now,
                                    covey_writer *w);
covey_status covey__tls_on_ticket(covey_tls *t, covey_time now,
                                  covey_bytes body);

/* --- certificates (cert_type.c, certificate.c) -------------------------- */

struct tls_scheme {
    uint16_t id;
    int32_t alg;
    int32_t curve;
    uint8_t spki; /* covey_spki_algorithm */
};
const struct tls_scheme *covey__tls_scheme_find(unsigned id);
const struct tls_scheme *covey__tls_scheme_at(size_t index);

void covey__tls_write_types(covey_tls *t, covey_writer *w);
/* Server: chooses both directions' types and the credential. */
covey_status covey__tls_choose_types(covey_tls *t,
                                     const struct tls_extensions *ext);
/* Client: takes what was chosen. */
covey_status covey__tls_take_types(covey_tls *t,
                                   const struct tls_extensions *ext);
bool covey__tls_takes_type(const covey_tls *t, unsigned type);
const covey_tls_credential *covey__tls_credential_for(const covey_tls *t,
                                                      unsigned type);

covey_status covey__tls_make_certificate(covey_tls *t, covey_time now,
                                         covey_writer *w);
covey_status covey__tls_make_verify(covey_tls *t, covey_time now,
                                    covey_writer *w);
covey_status covey__tls_on_certificate(covey_tls *t, covey_time now,
                                       covey_bytes body);
covey_status covey__tls_on_verify(covey_tls *t, covey_time now,
                                  covey_bytes body);
/* The same for 1609Dot2 (cert_its.c). message_len: of the Certificate message,
 * which stays in the memory. */
covey_status covey__tls_its_certificate(covey_tls *t, covey_time now,
                                        const covey_bytes *entries,
                                        size_t count, size_t message_len);
covey_status covey__tls_its_make_verify(covey_tls *t, covey_writer *w);
covey_status covey__tls_its_ask(covey_tls *t, covey_bytes *tbs);
covey_status covey__tls_its_verify(covey_tls *t, covey_time now,
                                   covey_bytes body);
void covey__tls_its_drop(covey_tls *t);
/* The entries of a Certificate message that is in the memory. */
covey_status covey__tls_entries(covey_tls *t, covey_bytes body,
                                covey_bytes *entries, size_t *count);
/* What CertificateVerify signs (Section 4.4.3). */
covey_status covey__tls_to_be_signed(covey_tls *t, enum tls_side side,
                                     covey_writer *w);

/* --- messages (handshake.c, client.c, server.c) ------------------------- */

/* One row of a state machine. A pair of state and message without a row is
 * fatal: unexpected_message. */
struct tls_step {
    uint8_t state;
    uint16_t message;
    covey_status (*handle)(covey_tls *t, covey_time now, covey_bytes body);
    /* With the message in the transcript. */
    covey_status (*after)(covey_tls *t, covey_time now);
    uint8_t next;
    bool alone; /* keys change behind it: nothing may follow in its record */
};

const struct tls_step *covey__tls_client_step(unsigned state,
                                              unsigned message);
const struct tls_step *covey__tls_server_step(unsigned state,
                                              unsigned message);

/* Goes through the messages that are in the memory. */
covey_status covey__tls_run(covey_tls *t, covey_time now);
/* Makes what is in the queue, as far as it goes. */
covey_status covey__tls_make(covey_tls *t, covey_time now);

covey_status covey__tls_on_finished(covey_tls *t, covey_time now,
                                    covey_bytes body);
covey_status covey__tls_on_key_update(covey_tls *t, covey_time now,
                                      covey_bytes body);
covey_status covey__tls_make_client_hello(covey_tls *t, covey_time now,
                                          covey_writer *w);
covey_status covey__tls_make_server_hello(covey_tls *t, covey_time now,
                                          covey_writer *w);
covey_status covey__tls_make_retry(covey_tls *t, covey_time now,
                                   covey_writer *w);
covey_status covey__tls_make_encrypted_extensions(covey_tls *t, covey_time now,
                                                  covey_writer *w);
covey_status covey__tls_make_request(covey_tls *t, covey_time now,
                                     covey_writer *w);
/* The handshake is done: when the session ends, and what is told. */
void covey__tls_connected(covey_tls *t, covey_time now);

extern const uint8_t covey__tls_retry_random[32];

#endif
