/* SPDX-License-Identifier: BSD-2-Clause */
/* Group OSCORE (RFC 10021, here "the RFC"): the security context of a member,
 * group mode (encrypted for all, signed by one) and pairwise mode (for one).
 *
 * As covey/oscore.h, and with its parts: covey_oscore_compose and then seal,
 * open and then assemble. What is different: one context has many recipients,
 * a request may have many answers, and a message is bound to the credentials
 * of its sender and of the Group Manager. Credentials are opaque bytes as the
 * Group Manager distributed them; the public key is handed in beside them.
 *
 * Storage is the caller's, recipients and answers are bounded tables. Nothing
 * in a table changes before a message has been authenticated. */
#ifndef COVEY_GROUP_H
#define COVEY_GROUP_H

#include <covey/group_aad.h>
#include <covey/oscore.h>

/* --- derivation: derive.c ------------------------------------------------ */

/* What all members share (Common Context). Spans are read during a call. */
typedef struct covey_group_parameters {
    covey_group_algorithms algorithms;
    int32_t hkdf;      /* COVEY_HMAC_*, stands for HKDF with that hash */
    covey_curve curve; /* of all members' keys */
    covey_bytes gid;   /* up to 255 bytes; kept: see covey_group_setup */
    covey_bytes master_secret;
    covey_bytes master_salt; /* may be empty */
    covey_bytes gm_cred;     /* kept */
} covey_group_parameters;

/* COVEY_E_ARGUMENT: neither mode is complete; an algorithm of one mode without
 *   its other; no Master Secret, no credential of the Group Manager.
 * COVEY_E_UNSUPPORTED: an algorithm that is none for its place (CTR as AEAD
 *   Algorithm, CBC anywhere), ECDH-SS with another hash than HKDF's, a curve
 *   that does not go with signature or key agreement, RSA.
 * COVEY_E_RANGE: Gid of more than 255 bytes. */
COVEY_MUST_USE covey_status covey_group_check(const covey_group_parameters *p);

/* The longest Sender ID in this group: the shortest nonce of the algorithms
 * that are set, less 6 (Section 2.2). */
size_t covey_group_id_max(const covey_group_algorithms *algorithms);

/* Raw keys, for tools; contexts keep theirs inside the provider. */
typedef struct covey_group_keys {
    uint8_t common_iv[COVEY_NONCE_MAX]; /* as long as the longest nonce */
    uint8_t sek[COVEY_KEY_MAX];         /* Signature Encryption Key */
    uint8_t iv_len;
    uint8_t sek_len; /* 0 without group mode */
} covey_group_keys;

/* Common IV and Signature Encryption Key. The caller wipes *out. */
COVEY_MUST_USE covey_status covey_group_derive(covey_group_keys *out,
                                               const covey_group_parameters *p,
                                               const covey_crypto *crypto);
/* The Sender Key of the member with this ID: fills the writer to its end, and
 * wants the key length of the Group Encryption Algorithm if the group has one,
 * else of the AEAD Algorithm. COVEY_E_RANGE: another length, or an ID that is
 * too long. */
COVEY_MUST_USE covey_status covey_group_derive_sender_key(
    covey_writer *out, const covey_group_parameters *p, covey_bytes id,
    const covey_crypto *crypto);
/* What a pairwise key is made of (Section 2.5.1): it is for messages from the
 * one to the other, and back there is another key. */
typedef struct covey_group_pair {
    covey_bytes sender_id;
    covey_bytes sender_key; /* raw: Sender Key of the sender */
    covey_bytes sender_cred;
    covey_bytes recipient_cred;
    covey_bytes shared_secret; /* of both, by Diffie-Hellman */
} covey_group_pair;

/* Fills the writer to its end: the key length of the AEAD Algorithm. Scratch:
 * both credentials and the shared secret; what was written there is wiped.
 * COVEY_E_ROOM: scratch. */
COVEY_MUST_USE covey_status covey_group_derive_pairwise_key(
    covey_writer *out, const covey_group_parameters *p,
    const covey_group_pair *pair, covey_writer *scratch,
    const covey_crypto *crypto);

/* --- recipients: recipient.c --------------------------------------------- */

/* Roles of a member: bits as in the scopes of the Group Manager's profile.
 * 0: not told, nothing is checked. */
enum {
    COVEY_GROUP_REQUESTER = 1u << 1,
    COVEY_GROUP_RESPONDER = 1u << 2,
    COVEY_GROUP_MONITOR = 1u << 3, /* a silent server */
    COVEY_GROUP_VERIFIER = 1u << 4
};

/* Recipient Context: what is known of one other member. The fields are this
 * module's, but `credential` may be read. */
typedef struct covey_group_recipient {
    bool present; /* false: an empty row of the table */
    bool has_key; /* the derived keys are made when first needed */
    bool has_pairwise_in;
    bool has_pairwise_out;
    bool window_valid;
    bool heard; /* a message of it has been authenticated */
    uint8_t roles;
    uint8_t id_len;
    uint8_t id[COVEY_OSCORE_ID_MAX];
    uint32_t forged;        /* not decrypted or not verified */
    uint64_t window_stored; /* may be accepted below this */
    covey_bytes credential; /* the caller's */
    covey_key public_key;
    covey_key key;              /* Recipient Key */
    covey_key pairwise_in;      /* Pairwise Recipient Key */
    covey_key pairwise_out;     /* Pairwise Sender Key */
    covey_oscore_window window; /* of the row: stays when it is given up */
} covey_group_recipient;

_Static_assert(sizeof(covey_group_recipient) - 4 * sizeof(covey_key) <= 200,
               "a recipient fits into 200 bytes beside its keys");

/* --- the group: context.c ------------------------------------------------ */

/* What happens with the first message of a member whose sequence number is not
 * known (invalid Replay Window): Section 9, Section 7.2 of seed 002. */
typedef enum covey_group_late {
    /* Challenge with Echo: COVEY_UNPROTECT_MAYBE_REPLAY. */
    COVEY_GROUP_LATE_ECHO = 0,
    /* Take its number as the baseline and do not deliver it: the first method
     * of seed 002, which the RFC does not have. COVEY_OSCORE_BASELINE. */
    COVEY_GROUP_LATE_DROP_FIRST,
    /* Numbers come from the Group Manager: the last method of seed 002. Where
     * one is missing: Echo. */
    COVEY_GROUP_LATE_MANAGER
} covey_group_late;

/* Who this member is, and how it wants to work. */
typedef struct covey_group_start {
    covey_bytes sender_id;  /* absent (nil): a silent server */
    covey_bytes credential; /* kept; absent for a silent server */
    covey_key *private_key; /* lent, of the parameters' curve; or NULL */
    covey_group_recipient *recipients; /* the table, kept */
    uint16_t recipient_max;
    uint16_t window_size; /* of each of them; 0 is 32 */
    /* For windows of more than 64: of each recipient `window_word_count` as in
     * covey_oscore_window_init, one after the other; kept. 0 where there are
     * none. */
    uint16_t window_word_count;
    uint32_t *window_words;
    /* As last stored; 0 only if this Sender ID was never used with these
     * parameters before. */
    uint64_t ssn;
    uint32_t ahead; /* numbers reserved at a time; 0 is 64 */
    /* Windows of recipients without a stored number are invalid: set it when
     * joining a group that was not rekeyed for it, and as last stored. */
    bool windows_invalid;
    covey_group_late late;
    bool kid_always; /* seed 002 Section 6: kid in every response, too */
} covey_group_start;

/* Visible so that it can be static; the fields are this module's. Here and in
 * the other structures what is small and often asked for comes first: Thumb-1
 * reaches no byte further than 31 bytes in one instruction. */
typedef struct covey_group {
    bool silent;
    bool kid_always;
    bool windows_invalid; /* of recipients that are added from now on */
    bool windows_invalid_stored;
    bool windows_low; /* storing a recipient's number may be due */
    uint8_t late;     /* covey_group_late */
    uint8_t iv_len;
    uint8_t sek_len;
    uint8_t prk_len;
    uint8_t signature_len;
    uint8_t sender_id_len;
    uint8_t sender_id[COVEY_OSCORE_ID_MAX];
    uint16_t recipient_max;
    uint16_t own_ids; /* counts the Sender IDs that were taken */
    int32_t hkdf;
    int32_t curve;
    uint32_t ahead;
    uint32_t epoch; /* counts the contexts since covey_group_setup */
    const covey_crypto *crypto;
    covey_key *private_key;
    covey_group_recipient *recipients;
    covey_bytes gid;
    covey_bytes gm_cred;
    covey_bytes credential;
    covey_group_algorithms algorithms;
    uint64_t ssn;
    uint64_t ssn_stored;
    uint64_t encrypted;
    uint8_t common_iv[COVEY_NONCE_MAX];
    uint8_t sek[COVEY_KEY_MAX];
    uint8_t prk[COVEY_HASH_MAX]; /* HKDF-Extract of the Master Secret */
    covey_key sender_key;
} covey_group;

_Static_assert(sizeof(covey_group) - sizeof(covey_key) <= 400,
               "a group fits into 400 bytes beside its key");

/* An exchange of an endpoint goes on over so many rekeyings, and not over
 * more. */
enum {
    COVEY_GROUP_REKEYINGS = 6
};

/* A member's context. Gid, credentials, private key, table and crypto table
 * are kept until the context is dropped, and the bytes of a Gid beyond that of
 * its keys: for COVEY_GROUP_REKEYINGS rekeyings, as exchanges that began under
 * it need them. The Master Secret is not kept. The table need not be
 * initialised. *g is empty after a failure.
 * As covey_group_check; COVEY_E_RANGE: a Sender ID that is too long.
 * COVEY_E_ARGUMENT: no table, ssn beyond the end, a window that
 *   covey_oscore_window_init does not take,
 *   a Sender ID without credential or private key. */
COVEY_MUST_USE covey_status covey_group_setup(covey_group *g,
                                              const covey_crypto *crypto,
                                              const covey_group_parameters *p,
                                              const covey_group_start *start);
/* Has the group pairwise mode, or group mode? */
static inline bool covey_group_has_mode(const covey_group *g, bool pairwise)
{
    return (pairwise ? g->algorithms.aead : g->algorithms.group_enc) !=
           COVEY_ALG_UNSET;
}
/* The Gid, and the own Sender ID (absent: a silent server); live as the
 * context, but the ID only until it changes. */
static inline covey_bytes covey_group_gid_of(const covey_group *g)
{
    return g->gid;
}
static inline covey_bytes covey_group_sender_of(const covey_group *g)
{
    return covey_bytes_of(g->silent ? NULL : g->sender_id,
                          g->silent ? 0 : g->sender_id_len);
}
/* Wipes the context and all recipients and frees their keys. Allowed on one of
 * all zeros. */
void covey_group_drop(covey_group *g);

/* For covey_group_member.number: nothing was stored, nothing is known. */
#define COVEY_GROUP_NUMBER_UNKNOWN UINT64_MAX

/* A member to be added. */
typedef struct covey_group_member {
    covey_bytes id;
    covey_bytes credential; /* kept until it is removed */
    /* Its public key as covey_crypto's public_key takes it. */
    covey_bytes public_key;
    /* Numbers below it are refused: what was stored, or what the Group Manager
     * said. COVEY_GROUP_NUMBER_UNKNOWN: 0 if windows are valid. */
    uint64_t number;
    uint8_t roles;
} covey_group_member;

/* Adds a recipient, or replaces the one that has this ID: by a message of an
 * unknown member (COVEY_OSCORE_NO_SENDER), from storage, or ahead of time.
 * COVEY_E_ROOM: the table is full; remove one first. COVEY_E_ARGUMENT: the own
 *   Sender ID. COVEY_E_RANGE: an ID that is too long, a key that is none.
 * `added` (may be NULL) lives in the table until it is removed. */
COVEY_MUST_USE covey_status covey_group_add(covey_group *g,
                                            const covey_group_member *member,
                                            covey_group_recipient **added);
/* NULL if there is none. */
covey_group_recipient *covey_group_find(const covey_group *g, covey_bytes id);
/* One after the other, *at begins with 0; NULL: there are no more. */
const covey_group_recipient *covey_group_next(const covey_group *g,
                                              size_t *at);
/* For as long as the recipient is in the table. */
static inline covey_bytes covey_group_id_of(const covey_group_recipient *r)
{
    return covey_bytes_of(r->id, r->id_len);
}
static inline uint8_t covey_group_roles_of(const covey_group_recipient *r)
{
    return r->roles;
}
/* Has a message of it been authenticated? */
static inline bool covey_group_was_heard(const covey_group_recipient *r)
{
    return r->heard;
}
/* Was it neither heard nor added with a number? Then forgetting it leaves no
 * trace. */
static inline bool covey_group_is_stranger(const covey_group_recipient *r)
{
    return !r->heard && r->window_stored == 0;
}
/* Forgets a member. If it had been heard, or was added with a number, from now
 * on every added recipient begins with an invalid window (Section 2.6.1.2):
 * storing is due then, and what was stored of it may only go after that. */
void covey_group_remove(covey_group *g, covey_group_recipient *r);

/* A rekeying (Sections 2.6.3.2 and 12.2): new Gid and Master Secret, members
 * named in `stale` are removed, all derived keys are new, all numbers begin at
 * 0, all windows are valid. Exchanges go on; there is no way back to the old
 * keys. An absent sender_id leaves it as it is. As covey_group_setup, and
 * COVEY_E_ARGUMENT: the Gid has not changed, or the curve has. On failure *g
 * is as before.
 * What has been stored of the old context is void: store anew. */
COVEY_MUST_USE covey_status covey_group_rekey(covey_group *g,
                                              const covey_group_parameters *p,
                                              covey_bytes sender_id,
                                              const covey_bytes *stale,
                                              size_t stale_count);
/* The Group Manager assigned another Sender ID within the same context
 * (Section 2.6.3.1): new Sender Key, number 0, pairwise keys anew.
 * COVEY_E_ARGUMENT: the ID that is in use already, here or by a recipient; a
 *   silent server. COVEY_E_RANGE: too long. On failure *g is as before. */
COVEY_MUST_USE covey_status covey_group_change_sender(covey_group *g,
                                                      covey_bytes sender_id);

/* One thing to be stored durably: the member's own number, or the lowest
 * number that may be accepted of one recipient. */
typedef struct covey_group_record {
    covey_bytes id; /* Recipient ID; absent (nil): the member's own */
    uint64_t number;
    bool windows_invalid; /* with the own number */
} covey_group_record;

/* True if storing is due, as covey_oscore_due; call until false, with
 * covey_group_stored in between. The record's ID lives as the recipient. */
bool covey_group_due(const covey_group *g, covey_group_record *record);
/* COVEY_E_ARGUMENT: not what was due, or less than before. */
COVEY_MUST_USE covey_status
covey_group_stored(covey_group *g, const covey_group_record *record);

/* As covey_oscore_usage_of; forged is the most of one recipient. */
covey_oscore_usage covey_group_usage_of(const covey_group *g);

/* --- exchanges ----------------------------------------------------------- */

/* What has come from one server in answer to one request: its Response Number
 * (Sections 5.1 and 5.3.1). */
typedef struct covey_group_answer {
    uint8_t id_len;
    uint8_t id[COVEY_OSCORE_ID_MAX];
    covey_oscore_exchange state;
} covey_group_answer;

/* One request and its responses. All zero before the request; on the client's
 * side of a group request with room for as many answers as are wanted. */
typedef struct covey_group_exchange {
    bool pairwise;    /* the request */
    bool client;      /* the request was ours */
    uint8_t peer_len; /* of a pairwise request: to or from whom */
    uint8_t peer[COVEY_OSCORE_ID_MAX];
    uint16_t own_ids; /* of the group, when it began */
    uint16_t answer_max;
    uint16_t answer_count;
    covey_group_answer *answers; /* the caller's; NULL on a server */
    const covey_group *group;    /* whose it is; must not move meanwhile */
    covey_bytes gid;             /* that the request was protected with */
    uint32_t epoch;              /* of the context, likewise */
    covey_oscore_exchange request;
} covey_group_exchange;

/* Whom a pairwise request went to, or who sent the request; NULL if it is not
 * in the table any more. */
static inline covey_group_recipient *
covey_group_asker(const covey_group *g, const covey_group_exchange *x)
{
    return covey_group_find(g, covey_bytes_of(x->peer, x->peer_len));
}

/* Means and wishes of a call. */
typedef struct covey_group_work {
    /* As in covey/oscore.h; scratch is not for the plaintext alone, but as
     * COVEY_GROUP_SCRATCH says, in all calls. */
    covey_oscore_work message;
    /* Pairwise mode, to this member; NULL: group mode. */
    covey_group_recipient *to;
    /* Responses: kid although none is needed, such as after a change of the
     * Sender ID (Section 8.5); kid context likewise, in group mode too. */
    bool kid;
    bool kid_context;
    /* Unprotecting: the message was sent to this endpoint alone. */
    bool unicast;
} covey_group_work;

/* Scratch for any call with a message of so many bytes and credentials of no
 * more than `cred` bytes each, the Group Manager's included. */
#define COVEY_GROUP_SCRATCH(message_len, cred, gid)                           \
    ((message_len) +                                                          \
     COVEY_GROUP_INPUTS_MAX(                                                  \
         COVEY_GROUP_AAD_MAX(gid, (gid) + 15u, cred, cred),                   \
         (message_len) + COVEY_TAG_MAX) +                                     \
     COVEY_SIGNATURE_MAX)
/* The most by which a protected message is longer. */
#define COVEY_GROUP_OVERHEAD_MAX                                              \
    (COVEY_OSCORE_OVERHEAD_MAX + COVEY_SIGNATURE_MAX)

/* --- protecting: protect.c ----------------------------------------------- */

/* As covey_oscore_seal_request and _response, Sections 7.1, 7.3, 8.3 and 8.5;
 * an absent plaintext is composed in its place (protect). A response that has
 * no Partial IV of its own is the first one, under the context that the
 * request came in. The signature is made over the scratch. Answers of the
 * exchange are kept: set `answers` and `answer_max` before the request.
 * COVEY_E_UNSUPPORTED: the group has not this mode. COVEY_E_NOT_STORED,
 * COVEY_E_EXHAUSTED. COVEY_E_ARGUMENT: a silent server; no request, no
 * response; the exchange of somebody else. COVEY_E_ROOM: out or scratch.
 * None of these changes anything; after what the provider says the number has
 * been spent. */
COVEY_MUST_USE covey_status
covey_group_seal_request(covey_group *g, covey_group_exchange *exchange,
                         const covey_coap_message *m, covey_bytes plaintext,
                         const covey_group_work *work, covey_writer *out);
COVEY_MUST_USE covey_status
covey_group_seal_response(covey_group *g, covey_group_exchange *exchange,
                          const covey_coap_message *m, covey_bytes plaintext,
                          const covey_group_work *work, covey_writer *out);

/* --- unprotecting: open.c, assemble.c ------------------------------------ */

typedef struct covey_group_received {
    covey_oscore_received base; /* fault, status, plaintext, Partial IV */
    bool pairwise;
    /* A request in group mode that was sent to this endpoint alone: somebody
     * on the path may have turned it here (see "Group OSCORE for Unicast
     * Requests" among the RFC's security considerations). */
    bool suspicious;
    covey_group_recipient *from; /* NULL as long as it is not known */
    covey_group_answer *answer;  /* responses; NULL: the exchange's own */
    covey_oscore_option option;  /* spans into the message */
} covey_group_received;

/* Is this message for this context: an OSCORE option with this Gid, or none in
 * a response? */
bool covey_group_is_for(const covey_group *g,
                        const covey_oscore_option *option);

/* As covey_oscore_open_request and _response, Sections 7.2, 7.4, 8.4 and 8.6.
 * In group mode the signature is verified first, then the text decrypted, and
 * only then is anything marked as received.
 * COVEY_OSCORE_NO_SENDER: received->option.kid is not in the table. Find its
 *   credential, covey_group_add, and open the same message again; if that is
 *   refused, covey_group_remove leaves no trace.
 * What storing is due for is found by covey_group_due. */
COVEY_MUST_USE covey_unprotect covey_group_open_request(
    covey_group *g, covey_group_exchange *exchange,
    const covey_coap_message *outer, const covey_group_work *work,
    covey_writer *plaintext, covey_group_received *received);
COVEY_MUST_USE covey_unprotect covey_group_open_response(
    covey_group *g, const covey_group_exchange *exchange,
    const covey_coap_message *outer, const covey_group_work *work,
    covey_writer *plaintext, covey_group_received *received);

/* As covey_oscore_assemble_request and _response. */
COVEY_MUST_USE covey_status covey_group_assemble_request(
    covey_group_exchange *exchange, const covey_coap_message *outer,
    covey_bytes plaintext, const covey_group_work *work, covey_writer *out);
COVEY_MUST_USE covey_unprotect covey_group_assemble_response(
    covey_group *g, covey_group_exchange *exchange,
    const covey_coap_message *outer, covey_group_received *received,
    const covey_group_work *work, covey_writer *out);

/* Open and assemble; the plaintext is kept in the scratch meanwhile and wiped.
 */
COVEY_MUST_USE covey_unprotect covey_group_unprotect_request(
    covey_group *g, covey_group_exchange *exchange,
    const covey_coap_message *outer, const covey_group_work *work,
    covey_writer *out, covey_group_received *received);
COVEY_MUST_USE covey_unprotect covey_group_unprotect_response(
    covey_group *g, covey_group_exchange *exchange,
    const covey_coap_message *outer, const covey_group_work *work,
    covey_writer *out, covey_group_received *received);

/* As covey_oscore_recover: the Echo value in the request was the right one
 * (Section 9). */
COVEY_MUST_USE covey_unprotect
covey_group_recover(covey_group *g, covey_group_received *received);

/* As covey_oscore_react; silence where the request was in group mode, or may
 * have been. */
covey_oscore_reaction covey_group_react(const covey_group_received *received,
                                        bool request);

#endif
