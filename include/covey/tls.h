/* SPDX-License-Identifier: BSD-2-Clause */
/* TLS 1.3 (RFC 8446), client and server, without I/O: bytes of the connection
 * in and out, and events for what the core cannot do itself. Certificates are
 * X.509, raw public keys (RFC 7250) or those of ITS (RFC 8902, seed 001); the
 * type is negotiated for each direction. docs/design/014-tls-engine.md.
 *
 * Left out on purpose: TLS 1.2, 0-RTT (never offered; offered to us, it is
 * skipped as RFC 8446 Section 4.2.10 says), authentication after the handshake
 * (refused), compression, PSK without Diffie-Hellman, renegotiation.
 *
 * How it is driven, over any stream of bytes:
 *     receive  gives it what has come, until it takes nothing more;
 *     event    says what happened, and what it waits for: answer that;
 *     transmit gives what has to leave, one record a call;
 *     deadline says when to come back at the latest.
 * After each call of one of the others, call event and transmit until they
 * have nothing. An engine belongs to one thread at a time. */
#ifndef COVEY_TLS_H
#define COVEY_TLS_H

#include <covey/bytes.h>
#include <covey/crypto.h>
#include <covey/its_data.h>
#include <covey/time.h>

enum {
    /* Memory for the handshake, the caller's. It holds the greatest message
     * that is taken and the flight that is sent. */
    COVEY_TLS_MEMORY = 16384,
    COVEY_TLS_MEMORY_ITS = 2048,

    COVEY_TLS_PLAIN_MAX = 16384,            /* bytes in a record */
    COVEY_TLS_RECORD_MAX = 5 + 16384 + 256, /* a record, protected */
    COVEY_TLS_SECRET_MAX = 48,
    COVEY_TLS_HASH_MAX = 48,
    COVEY_TLS_ENTRIES_MAX = 8, /* certificates of a chain */
    COVEY_TLS_TICKET_ID = 16,
    COVEY_TLS_NAME_MAX = 255,
    COVEY_TLS_SSP_MAX = 31
};

/* RFC 8446 Appendix B.4. */
typedef enum covey_tls_suite {
    COVEY_TLS_AES_128_GCM_SHA256 = 0x1301,
    COVEY_TLS_AES_256_GCM_SHA384 = 0x1302,
    COVEY_TLS_CHACHA20_POLY1305_SHA256 = 0x1303,
    COVEY_TLS_AES_128_CCM_SHA256 = 0x1304,
    COVEY_TLS_AES_128_CCM_8_SHA256 = 0x1305
} covey_tls_suite;

/* RFC 8446 Section 4.2.7. */
typedef enum covey_tls_group {
    COVEY_TLS_SECP256R1 = 0x0017,
    COVEY_TLS_SECP384R1 = 0x0018,
    COVEY_TLS_X25519 = 0x001d
} covey_tls_group;

/* RFC 8446 Section 4.2.3. */
typedef enum covey_tls_scheme {
    COVEY_TLS_ECDSA_SECP256R1_SHA256 = 0x0403,
    COVEY_TLS_ECDSA_SECP384R1_SHA384 = 0x0503,
    COVEY_TLS_RSA_PSS_RSAE_SHA256 = 0x0804,
    COVEY_TLS_RSA_PSS_RSAE_SHA384 = 0x0805,
    COVEY_TLS_RSA_PSS_RSAE_SHA512 = 0x0806,
    COVEY_TLS_ED25519 = 0x0807
} covey_tls_scheme;

/* IANA registry "TLS Certificate Types" (RFC 7250, RFC 8902 Section 9). */
typedef enum covey_tls_cert_type {
    COVEY_TLS_X509 = 0,
    COVEY_TLS_RAW_PUBLIC_KEY = 2,
    COVEY_TLS_1609DOT2 = 3
} covey_tls_cert_type;

/* RFC 8446 Section 6. */
typedef enum covey_tls_alert {
    COVEY_TLS_CLOSE_NOTIFY = 0,
    COVEY_TLS_UNEXPECTED_MESSAGE = 10,
    COVEY_TLS_BAD_RECORD_MAC = 20,
    COVEY_TLS_RECORD_OVERFLOW = 22,
    COVEY_TLS_HANDSHAKE_FAILURE = 40,
    COVEY_TLS_BAD_CERTIFICATE = 42,
    COVEY_TLS_UNSUPPORTED_CERTIFICATE = 43,
    COVEY_TLS_CERTIFICATE_REVOKED = 44,
    COVEY_TLS_CERTIFICATE_EXPIRED = 45,
    COVEY_TLS_CERTIFICATE_UNKNOWN = 46,
    COVEY_TLS_ILLEGAL_PARAMETER = 47,
    COVEY_TLS_UNKNOWN_CA = 48,
    COVEY_TLS_ACCESS_DENIED = 49,
    COVEY_TLS_DECODE_ERROR = 50,
    COVEY_TLS_DECRYPT_ERROR = 51,
    COVEY_TLS_PROTOCOL_VERSION = 70,
    COVEY_TLS_INSUFFICIENT_SECURITY = 71,
    COVEY_TLS_INTERNAL_ERROR = 80,
    COVEY_TLS_USER_CANCELED = 90,
    COVEY_TLS_MISSING_EXTENSION = 109,
    COVEY_TLS_UNSUPPORTED_EXTENSION = 110,
    COVEY_TLS_UNRECOGNIZED_NAME = 112,
    COVEY_TLS_UNKNOWN_PSK_IDENTITY = 115,
    COVEY_TLS_CERTIFICATE_REQUIRED = 116,
    COVEY_TLS_NO_APPLICATION_PROTOCOL = 120
} covey_tls_alert;

/* "bad_record_mac"; "unknown" for others. Static storage. */
const char *covey_tls_alert_name(unsigned alert);
/* "TLS_AES_128_GCM_SHA256", "x25519"; NULL for others. Static storage. */
const char *covey_tls_suite_name(unsigned suite);
const char *covey_tls_group_name(unsigned group);

/* --- what is configured ------------------------------------------------- */

/* A certificate of ours with its key. */
typedef struct covey_tls_credential {
    covey_tls_cert_type type;
    /* What goes into the Certificate message, the end entity's first: DER; one
     * SubjectPublicKeyInfo in DER; COER. */
    const covey_bytes *entries;
    size_t entry_count;
    uint16_t scheme; /* covey_tls_scheme that the key signs with */
    /* The private key, of the same provider. NULL: somebody else signs, asked
     * by COVEY_TLS_ASK_SIGNATURE. 1609Dot2: not looked at, but `signer`. */
    covey_key *key;
    /* 1609Dot2: the signer has no key: somebody else signs here, too. */
    bool key_is_elsewhere;
    /* 1609Dot2: certificate and key, the PSID that CertificateVerify names,
     * which the certificate has to permit, and whether the certificate goes
     * into it once more instead of its HashedId8. */
    covey_its_signer *signer;
    uint64_t psid;
    bool whole_certificate;
} covey_tls_credential;

/* What the application takes of 1609Dot2 peers (RFC 8902 Sections 5, 7.4); of
 * several rules for a PSID one has to fit. */
typedef struct covey_tls_its_rule {
    uint64_t psid;
    bool needs_ssp; /* and its bytes under the mask are these: */
    covey_bytes ssp_value;
    covey_bytes ssp_mask; /* as long; empty: any SSP */
} covey_tls_its_rule;

/* Whether a rule takes this PSID with this SSP, which may be absent. */
bool covey_tls_its_rule_fits(const covey_tls_its_rule *rule, uint64_t psid,
                             covey_bytes ssp);

typedef struct covey_tls_its {
    covey_its_store *store; /* anchors; CAs that were verified are kept */
    unsigned leap_seconds;  /* COVEY_ITS_LEAP_SECONDS */
    uint32_t window_s;      /* generationTime from now; 0: 60 */
    const covey_tls_its_rule *rules; /* another PSID is refused */
    size_t rule_count;
    bool accept_wrapped; /* CertificateVerify also behind scheme and length */
    /* Certificates of ITS are shown by COVEY_TLS_ASK_CHAIN before they are
     * verified here; a verdict with an alert refuses them, any other leaves it
     * to the verification. */
    bool ask_chain;
} covey_tls_its;

/* A secret known beforehand (RFC 8446 Section 4.2.11). It goes with suites of
 * one hash, COVEY_SHA_256 where nothing else was agreed. */
typedef struct covey_tls_psk {
    covey_bytes identity; /* 1 to 65,535 bytes, in a message of ours */
    covey_bytes secret;   /* as much as it takes to be unguessable */
    int32_t hash;         /* COVEY_SHA_256 or COVEY_SHA_384 */
} covey_tls_psk;

/* Who the peer is. All zeros: nobody said (no certificate, or a PSK). */
typedef struct covey_tls_peer {
    bool
        authenticated; /* by a certificate, in this session or a resumed one */
    uint8_t type;      /* covey_tls_cert_type */
    /* Its certificate's end as Unix seconds, INT64_MAX if it has none. The
     * session ends then (RFC 8902 Section 7.2). */
    int64_t valid_until;
    uint8_t id[8];   /* the last of the end entity's SHA-256 */
    uint64_t psid;   /* 1609Dot2: of its CertificateVerify */
    uint8_t ssp_len; /* 1609Dot2: the SSP for that PSID */
    uint8_t ssp[COVEY_TLS_SSP_MAX];
} covey_tls_peer;

/* What a server remembers of the tickets it gave out: nothing leaves it but
 * the number of a row that cannot be guessed, and a row serves once. */
typedef struct covey_tls_ticket {
    uint8_t id[COVEY_TLS_TICKET_ID];
    uint8_t secret[COVEY_TLS_SECRET_MAX];
    uint16_t suite; /* 0: the row is free */
    covey_ms expires;
    covey_tls_peer peer;
} covey_tls_ticket;

typedef struct covey_tls_tickets {
    covey_tls_ticket *rows; /* all zeros at first */
    size_t count;
    size_t next; /* the row that is overwritten next */
} covey_tls_tickets;

/* Forgets all tickets: when the own certificate changes, or at the end. */
void covey_tls_tickets_drop(covey_tls_tickets *tickets);

/* What a client keeps to resume a session, once. Secret. */
typedef struct covey_tls_session {
    covey_bytes ticket;
    uint8_t secret[COVEY_TLS_SECRET_MAX];
    uint16_t suite;
    uint32_t age_add;
    covey_ms received;
    covey_ms expires; /* never after the server's certificate */
    covey_tls_peer peer;
} covey_tls_session;

/* Kept, with all that it points to, as long as an engine uses it; it may be
 * shared by many. Zero is the default of every field but `crypto`. */
typedef struct covey_tls_config {
    const covey_crypto *crypto;
    /* In order of preference. Suites: 1301, 1302, 1303; groups: x25519,
     * secp256r1, secp384r1. */
    const uint16_t *suites;
    size_t suite_count;
    const uint16_t *groups;
    size_t group_count;
    size_t share_count; /* client: groups for which a key is sent; 1 */

    const covey_tls_credential *credentials; /* in order of preference */
    size_t credential_count;
    /* Which certificate types of the peer are taken, in order of preference;
     * X.509 alone. */
    const uint8_t *peer_types;
    size_t peer_type_count;
    bool own_order;      /* server: its order of types, not the client's */
    bool request_client; /* server: asks for a certificate */
    /* Server: asks, and refuses who has none. A PSK of `psks` stands for one,
     * and a ticket for what was shown when it was given. */
    bool require_client;

    const covey_tls_its *its; /* NULL: 1609Dot2 is not taken of peers */

    const covey_tls_psk *psks;
    size_t psk_count;           /* a client offers the first */
    covey_tls_tickets *tickets; /* server: resumption */
    uint8_t ticket_count;       /* tickets after a handshake; 0: one */
    uint32_t ticket_lifetime_s; /* up to 604,800; 0: 7,200 */

    const covey_bytes *alpn; /* RFC 7301, in order of preference */
    size_t alpn_count;
    bool alpn_required; /* server: nothing in common ends it */

    uint16_t record_size_limit; /* RFC 8449: 64 to 16,385; 0: not sent */
    uint16_t padding;           /* records to a multiple of; 0: none */
    uint32_t key_limit; /* records sealed with a key; 0: 2^23, where all of
                         * RFC 8446 Section 5.5 is kept */
    bool compatible;    /* client: looks like TLS 1.2 to middleboxes (D.4) */
    bool cookie;        /* server: HelloRetryRequest carries one */
    bool key_log;       /* secrets as events */
    /* Certificate types stand in ServerHello, where RFC 7250 does not have
     * them but one implementation of RFC 8902 does (Q-Free's): a server sends
     * them there, a client takes them there, too. For no other peer. */
    bool types_in_server_hello;
} covey_tls_config;

/* --- what is asked and told --------------------------------------------- */

typedef enum covey_tls_event_kind {
    /* A line for the key log: `name`, `client_random`, `secret`. */
    COVEY_TLS_KEY_LOG = 1,
    /* Whether to trust `entries` of `type`; answer covey_tls_chain. */
    COVEY_TLS_ASK_CHAIN,
    /* 1609Dot2: certificates from a repository, of the issuer with HashedId8
     * `issuer` and those above it; answer covey_tls_issuers. */
    COVEY_TLS_ASK_ISSUER,
    /* The signature over `tbs` with `scheme`; answer covey_tls_signature.
     * 1609Dot2: scheme is 0, and it is ECDSA with curve and hash of the
     * certificate over `tbs` (covey_its_compose). */
    COVEY_TLS_ASK_SIGNATURE,
    /* The handshake is done: covey_tls_send from now on. */
    COVEY_TLS_CONNECTED,
    /* Client: a ticket. `session` is to be copied with its ticket. */
    COVEY_TLS_TICKET,
    /* The peer ended its direction orderly. */
    COVEY_TLS_PEER_CLOSED,
    /* The end: `alert`, who sent it, why. Once what transmit gives has left,
     * the connection is to be closed. */
    COVEY_TLS_FAILED
} covey_tls_event_kind;

/* Spans live until the next call of this engine. */
typedef struct covey_tls_report {
    covey_tls_event_kind kind;
    const char *name; /* KEY_LOG: the label */
    covey_bytes client_random;
    covey_bytes secret;
    uint8_t type; /* ASK_CHAIN: covey_tls_cert_type */
    size_t entry_count;
    covey_bytes entries[COVEY_TLS_ENTRIES_MAX]; /* the end entity's first */
    covey_bytes issuer;                         /* ASK_ISSUER */
    uint16_t scheme;                            /* ASK_SIGNATURE */
    covey_bytes tbs;
    covey_tls_session session; /* TICKET; wipe it */
    uint8_t alert;             /* FAILED */
    bool from_peer;
    const char *why;       /* static; NULL if from the peer */
    const char *source;    /* "RFC 8446 Section 4.1.3"; static */
    covey_its_finding its; /* 1609Dot2: what was refused; else ITS_FINE */
} covey_tls_report;

/* The answer to ASK_CHAIN. */
typedef struct covey_tls_verdict {
    uint8_t alert;       /* 0: trusted; otherwise why not */
    const char *why;     /* static; may be NULL */
    int64_t valid_until; /* Unix seconds; INT64_MAX: it has no end */
} covey_tls_verdict;

/* --- the engine --------------------------------------------------------- */

/* One direction of the record layer. */
typedef struct covey_tls_half {
    covey_key key;
    uint8_t iv[12];
    uint8_t tag_len;
    bool on; /* protected */
    uint64_t sequence;
} covey_tls_half;

/* Visible so that it can be static; the fields are the engine's. */
typedef struct covey_tls {
    const covey_tls_config *config;
    uint8_t *memory;
    size_t memory_cap;
    size_t in_len;  /* handshake bytes that have come */
    size_t in_pos;  /* of these, messages that are done */
    size_t pinned;  /* up to here they are still needed */
    size_t out_len; /* behind in_len: messages to send */
    size_t out_pos;
    uint8_t state;
    uint8_t next_state;
    uint8_t waiting;
    uint8_t answered;
    uint32_t queue;    /* messages to be made */
    uint32_t happened; /* events to be told */
    uint32_t logged;   /* key log lines to be told */
    bool is_server;

    /* negotiated */
    uint16_t suite;
    uint16_t group;
    uint16_t peer_schemes; /* bits of the rows of schemes */
    uint8_t own_type;
    uint8_t peer_type;
    uint8_t selected_alpn; /* index + 1 */
    const covey_tls_credential *credential;
    uint32_t offered;    /* extensions that we sent */
    uint32_t answering;  /* extensions of theirs that we answer */
    uint16_t peer_limit; /* bytes in a record to them */
    uint16_t own_limit;
    bool retried;
    bool client_asked; /* a CertificateRequest was sent or received */
    bool used_psk;
    bool resumed;
    bool peer_closed;
    bool closed;
    uint32_t early_left; /* bytes of 0-RTT data that are still skipped */
    uint8_t dummies;     /* change_cipher_spec records seen */
    uint8_t empties;     /* records without content in a row */
    uint8_t updates;     /* KeyUpdates in a row */
    bool ask_update;
    bool dummy_due; /* a change_cipher_spec record is to leave */
    bool told;      /* the ticket: its bytes are free again */
    covey_time now; /* of the last call */

    /* hello */
    uint8_t client_random[32];
    uint8_t server_random[32];
    uint8_t session_id[32];
    uint8_t session_id_len;
    uint8_t cookie_len; /* server's own */
    uint8_t cookie[32];
    covey_bytes peer_cookie; /* client: in the memory */
    covey_key share[3];
    uint16_t share_group[3];
    uint8_t shared[COVEY_SHARED_MAX];
    uint8_t shared_len;
    uint8_t name_len;
    uint8_t name[COVEY_TLS_NAME_MAX];
    const covey_tls_psk *psk;
    uint16_t psk_suite;
    uint16_t psk_index;
    bool peer_resumes; /* client: psk_dhe_ke is among its modes */
    const covey_tls_session *session;

    /* key schedule */
    covey_hash transcript[2]; /* SHA-256, SHA-384: before the choice both */
    bool hashing[2];
    uint8_t chain[COVEY_TLS_SECRET_MAX];
    uint8_t handshake_secret[2][COVEY_TLS_SECRET_MAX]; /* client, server */
    uint8_t traffic_secret[2][COVEY_TLS_SECRET_MAX];
    uint8_t exporter[COVEY_TLS_SECRET_MAX];
    uint8_t resumption[COVEY_TLS_SECRET_MAX];
    covey_tls_half in;
    covey_tls_half out;

    /* the peer */
    covey_its_peer its; /* 1609Dot2, from Certificate to CertificateVerify */
    bool has_its;
    bool shown; /* by ASK_CHAIN, where the configuration has ask_chain */
    uint8_t issuer[COVEY_ITS_ID8];
    const covey_bytes *issuers; /* while they are given */
    size_t issuer_count;
    covey_key peer_key;
    uint8_t peer_key_kind;
    covey_tls_verdict verdict;
    covey_tls_peer peer;
    covey_ms expires;

    uint64_t its_time; /* 1609Dot2: when CertificateVerify was begun */
    uint8_t signature[160];
    uint8_t signature_len;
    uint8_t tickets_sent;
    covey_tls_session ticket;

    uint8_t alert;
    bool alert_from_peer;
    bool alert_pending;
    const char *why;
    const char *source;
    covey_its_finding finding; /* 1609Dot2 */
} covey_tls;

/* Begins a connection. Kept until covey_tls_drop: config, the storage of
 * `memory` (from its base; the position does not matter), and what `session`
 * points to (NULL: nothing to resume). The session serves once: whoever keeps
 * it wipes it afterwards. server_name: a DNS name, or absent (RFC 6066).
 * COVEY_E_ARGUMENT: less memory than 512 bytes, no provider, too long a name;
 * COVEY_E_CRYPTO: no randomness. */
COVEY_MUST_USE covey_status covey_tls_client(covey_tls *t,
                                             const covey_tls_config *config,
                                             covey_writer memory,
                                             covey_bytes server_name,
                                             const covey_tls_session *session);
COVEY_MUST_USE covey_status covey_tls_server(covey_tls *t,
                                             const covey_tls_config *config,
                                             covey_writer memory);
/* Wipes everything and frees what the provider holds. Nothing is sent. All
 * zeros is allowed. */
void covey_tls_drop(covey_tls *t);

/* Takes up to one record from the front of `in`: *taken bytes, 0 if the record
 * is not complete or something has to be sent or answered first. Data of the
 * peer is appended to `plain`, which needs as much room as the record is long;
 * it may stand where the record's body is (in place). Other content is wiped
 * from there.
 * COVEY_E_ROOM: `plain` is too small; nothing has happened. COVEY_E_STATE: the
 * connection has ended. Anything else is fatal: COVEY_TLS_FAILED is told, and
 * transmit gives the alert. */
COVEY_MUST_USE covey_status covey_tls_receive(covey_tls *t, covey_time now,
                                              covey_bytes in, size_t *taken,
                                              covey_writer *plain);

/* Appends the next record that has to leave: true, call again. False: nothing
 * has to, or there is no room for a record; COVEY_TLS_RECORD_MAX bytes are
 * always enough. Messages are cut to what fits. */
bool covey_tls_transmit(covey_tls *t, covey_time now, covey_writer *out);

/* Appends a record with as much of `data` as fits: *taken bytes, 0 if transmit
 * has to be called first. COVEY_E_STATE: not connected, or closed, or expired.
 * COVEY_E_ROOM: no room for a record. */
COVEY_MUST_USE covey_status covey_tls_send(covey_tls *t, covey_time now,
                                           covey_bytes data, size_t *taken,
                                           covey_writer *out);

/* What happened, one at a time; false: nothing more. */
bool covey_tls_event(covey_tls *t, covey_tls_report *report);
/* When transmit has to be called at the latest: when the peer's certificate
 * expires. */
covey_ms covey_tls_deadline(const covey_tls *t);

/* The answers to COVEY_TLS_ASK_CHAIN and COVEY_TLS_ASK_SIGNATURE, now or
 * later. The signature is as the provider's `sign` gives it: r | s, or
 * Ed25519.
 * COVEY_E_STATE: it was not asked. Failures as with receive; they are told as
 * events, too. */
covey_status covey_tls_chain(covey_tls *t, const covey_tls_verdict *verdict);
/* The answer to COVEY_TLS_ASK_ISSUER: up to COVEY_TLS_ENTRIES_MAX certificates
 * in any order; they are not kept. None: the peer is refused with unknown_ca.
 * COVEY_E_ARGUMENT: more of them; the question stands. */
covey_status covey_tls_issuers(covey_tls *t, const covey_bytes *certificates,
                               size_t count);
covey_status covey_tls_signature(covey_tls *t, covey_bytes signature);

/* New keys for what we send; `peer_too`: asks for the same (Section 4.6.3).
 * COVEY_E_STATE: not connected, or closed. */
COVEY_MUST_USE covey_status covey_tls_update(covey_tls *t, bool peer_too);
/* Ends our direction; the peer may go on until it ends its own. What is not
 * connected yet ends as COVEY_TLS_FAILED. COVEY_E_STATE: it has ended. */
COVEY_MUST_USE covey_status covey_tls_close(covey_tls *t);
/* Keying material to the end of the writer (RFC 8446 Section 7.5); an absent
 * context is the empty one. COVEY_E_STATE: not connected. COVEY_E_RANGE: a
 * label of more than 64 bytes, or more or less than HKDF gives. Otherwise what
 * the provider says. */
COVEY_MUST_USE covey_status covey_tls_export(const covey_tls *t,
                                             covey_bytes label,
                                             covey_bytes context,
                                             covey_writer *out);

/* What was negotiated; complete once COVEY_TLS_CONNECTED was told. Spans live
 * as long as the engine and its configuration. */
typedef struct covey_tls_info {
    uint16_t suite;
    uint16_t group;
    uint8_t own_type;
    bool used_psk;
    bool resumed;
    bool retried; /* after a HelloRetryRequest */
    covey_tls_peer peer;
    covey_bytes alpn;        /* absent if none was chosen */
    covey_bytes server_name; /* server: what the client asked for */
} covey_tls_info;
void covey_tls_information(const covey_tls *t, covey_tls_info *info);

#endif
