/* SPDX-License-Identifier: BSD-2-Clause */
/* The gate of an authorised audit, and the tree over its evidence. The gate
 * is a pure function: what signed documents permit, an act, the time and what
 * has been done so far give a verdict. The same function serves when an audit
 * is planned, before every socket, and when its record is judged afterwards.
 * Requirements are those of docs/req/audit.tsv (AUD-...).
 *
 * Who signed the documents, and whether the signers own what is in scope, is
 * looked after before they come here: nothing below reads JSON, checks a
 * signature or sends a byte. */
#ifndef COVEY_AUDIT_H
#define COVEY_AUDIT_H

#include <covey/address.h>
#include <covey/bytes.h>
#include <covey/crypto.h>
#include <covey/time.h>

/* --- techniques ---------------------------------------------------------- */

/* The stages in their order: each has its own right (AUD-063). */
typedef enum covey_audit_stage {
    COVEY_AUDIT_STAGE_PUBLIC = 0,
    COVEY_AUDIT_STAGE_PROTOCOLS,
    COVEY_AUDIT_STAGE_PORTS,
    COVEY_AUDIT_STAGE_OS,
    COVEY_AUDIT_STAGE_SERVICES,
    COVEY_AUDIT_STAGE_VULNERABILITIES,
    COVEY_AUDIT_STAGES
} covey_audit_stage;

/* What can be asked for. Exploiting, guessing, forging and evading have no
 * number here: they cannot be expressed (AUD-056, AUD-072). */
typedef enum covey_audit_technique {
    COVEY_AUDIT_PUBLIC = 0, /* imports of what is public */
    COVEY_AUDIT_PROTOCOLS,
    COVEY_AUDIT_PORTS_TCP,
    COVEY_AUDIT_PORTS_UDP,
    COVEY_AUDIT_OS,
    COVEY_AUDIT_SERVICES, /* of the general kind, by external tools */
    COVEY_AUDIT_COAP,
    COVEY_AUDIT_OBSERVE,
    COVEY_AUDIT_MULTICAST, /* one request to a group */
    COVEY_AUDIT_PROXY,     /* one request through a proxy to our own canary */
    COVEY_AUDIT_TLS,
    COVEY_AUDIT_REPLAY,  /* with credentials from the mandate only */
    COVEY_AUDIT_CAPTURE, /* passive, of traffic that is not ours */
    COVEY_AUDIT_VULN,
    COVEY_AUDIT_TECHNIQUES
} covey_audit_technique;

typedef struct covey_audit_technique_row {
    const char *name; /* in mandates: "services.coap" */
    covey_audit_stage stage;
    uint8_t layer;    /* of OSI, AUD-076 */
    bool sends;       /* packets; otherwise it reads files */
    bool access;      /* labelled an access (AUD-070) */
    bool group;       /* to multicast addresses, and to no others */
    bool account;     /* only in the mode with a user's account (AUD-021) */
    uint16_t packets; /* per target at worst; 0: its ports or checks say */
} covey_audit_technique_row;

/* Static storage; NULL if the number is none of the above. */
const covey_audit_technique_row *
covey_audit_technique_get(covey_audit_technique t);

/* By its name. COVEY_E_RANGE: a word that makes a mandate invalid, such as
 * "exploit"; COVEY_E_UNSUPPORTED: not known. *t is unchanged then. */
COVEY_MUST_USE covey_status
covey_audit_technique_find(covey_bytes name, covey_audit_technique *t);

const char *covey_audit_stage_name(covey_audit_stage stage);

/* --- documents ----------------------------------------------------------- */

typedef enum covey_audit_mode {
    COVEY_AUDIT_BLACK = 0, /* boite noire: no inventory is read */
    COVEY_AUDIT_WHITE,     /* boite blanche */
    COVEY_AUDIT_ACCOUNT    /* compte utilisateur */
} covey_audit_mode;

enum {
    COVEY_AUDIT_TCP = 6, /* IANA registry "Protocol Numbers" */
    COVEY_AUDIT_UDP = 17,
    COVEY_AUDIT_ANY_PROTOCOL = 255
};

/* A clause of the scope, or an exclusion, ready to be compared. Filled in by
 * the functions below; private. IPv4 is compared as IPv6 that maps it (RFC
 * 4291 Section 2.5.5.2), so that both spellings of a host are one. */
typedef struct covey_audit_clause {
    uint64_t net[2];
    uint64_t mask[2];
    uint32_t zone;
    uint16_t first; /* ports */
    uint16_t last;
    uint16_t responders; /* of a group; otherwise 0 */
    uint8_t protocol;
} covey_audit_clause;

/* What a clause says. */
typedef struct covey_audit_range {
    covey_address net; /* its port counts nothing */
    uint8_t prefix;    /* bits of `net`: 0 to 32 or 128 */
    uint8_t protocol;  /* a number of IANA, or COVEY_AUDIT_ANY_PROTOCOL */
    uint16_t first;    /* ports; 0 and 65535: all */
    uint16_t last;
    /* A multicast address: how many members may answer, at least 1. */
    uint16_t responders;
} covey_audit_range;

/* COVEY_E_RANGE: no address, a prefix that is too long, bits of the address
 * beyond its prefix, ports in the wrong order; in a clause of the scope also:
 * a link-local address without zone or another one with (RFC 4007 Section 6),
 * a multicast address with a prefix that is not whole or without responders,
 * responders without one, a prefix that holds unicast and multicast addresses,
 * or IPv4 as well as IPv6. *clause is unchanged then.
 * Acts without port are covered by clauses with all ports only. */
COVEY_MUST_USE covey_status covey_audit_scope(covey_audit_clause *clause,
                                              const covey_audit_range *range);
/* An exclusion may be as wide as it likes; without zone it is for all. */
COVEY_MUST_USE covey_status covey_audit_exclude(
    covey_audit_clause *clause, const covey_audit_range *range);

/* Seconds since 1970; `to` is the first that is no longer in it. */
typedef struct covey_audit_window {
    int64_t from;
    int64_t to;
} covey_audit_window;

typedef struct covey_audit_limits {
    uint32_t packets_s; /* per second, to all targets together */
    uint32_t bytes_s;
    uint32_t packets_per_target;
    uint32_t parallel; /* acts at a time */
} covey_audit_limits;

/* A mandate, or an amendment to it. The arrays are the caller's and kept.
 * Limits of 0 permit nothing. */
typedef struct covey_audit_document {
    const covey_audit_clause *scope;
    size_t scope_count;
    const covey_audit_clause *exclude;
    size_t exclude_count;
    const covey_audit_window *windows;
    size_t window_count;
    uint32_t techniques; /* bit 1 << covey_audit_technique */
    covey_audit_mode mode;
    covey_audit_limits limits;
} covey_audit_document;

/* The mandate first, then its amendments. An act needs the consent of each of
 * them, so that an amendment can only narrow. */
typedef struct covey_audit_mandate {
    const covey_audit_document *documents;
    size_t count;
    bool withdrawn; /* for ever (AUD-061) */
} covey_audit_mandate;

/* Whether every clause, window, technique and limit of `amendment` lies within
 * the mandate: one that does not would be half ignored, and is better refused
 * when it is read. */
typedef enum covey_audit_widening {
    COVEY_AUDIT_NARROWS = 0,
    COVEY_AUDIT_WIDENS_SCOPE,
    COVEY_AUDIT_WIDENS_WINDOW,
    COVEY_AUDIT_WIDENS_TECHNIQUE,
    COVEY_AUDIT_WIDENS_MODE,
    COVEY_AUDIT_WIDENS_LIMIT
} covey_audit_widening;

/* *which is the index of the clause, window or technique. */
covey_audit_widening covey_audit_widens(const covey_audit_document *mandate,
                                        const covey_audit_document *amendment,
                                        size_t *which);

/* --- the gate ------------------------------------------------------------ */

typedef struct covey_audit_act {
    covey_audit_technique technique;
    uint8_t protocol;     /* of IP; not for techniques that send nothing */
    covey_address target; /* with its port; 0 where there are none */
    uint32_t packets;     /* at worst, with retransmissions */
    uint32_t duration;    /* at worst, in seconds */
    /* A health probe, which looks after the target of acts of any stage and so
     * waits for none (AUD-081): services.coap, and no more packets than
     * COVEY_AUDIT_HEALTH_PACKETS. */
    bool health;
} covey_audit_act;

enum {
    COVEY_AUDIT_HEALTH_PACKETS = 2
};

/* What has been done under the mandate so far. */
typedef struct covey_audit_counters {
    uint32_t packets;  /* sent to this target */
    uint32_t parallel; /* acts that are under way */
    uint32_t stages;   /* bit 1 << covey_audit_stage: finished or waived */
    bool silent;       /* the target answered and does no longer (AUD-081) */
} covey_audit_counters;

typedef enum covey_audit_reason {
    COVEY_AUDIT_ALLOWED = 0,
    COVEY_AUDIT_NO_MANDATE,
    COVEY_AUDIT_WITHDRAWN,
    COVEY_AUDIT_NOT_EXPRESSIBLE, /* no technique of ours, or no target */
    COVEY_AUDIT_NO_RIGHT,        /* to this technique */
    COVEY_AUDIT_WRONG_MODE,
    COVEY_AUDIT_NO_TIME, /* the wall clock is not known */
    COVEY_AUDIT_TOO_EARLY,
    COVEY_AUDIT_EXPIRED,
    COVEY_AUDIT_TOO_LONG, /* would not end within the window (AUD-062) */
    COVEY_AUDIT_EXCLUDED,
    COVEY_AUDIT_OUT_OF_SCOPE, /* the address */
    COVEY_AUDIT_WRONG_PROTOCOL,
    COVEY_AUDIT_WRONG_PORT,
    COVEY_AUDIT_WRONG_KIND, /* a group where one host is asked, or reversed */
    COVEY_AUDIT_STAGE_ORDER,
    COVEY_AUDIT_SILENT,
    COVEY_AUDIT_BUDGET,   /* packets of this target */
    COVEY_AUDIT_PARALLEL, /* too many acts at a time */
    COVEY_AUDIT_REASONS
} covey_audit_reason;

typedef struct covey_audit_verdict {
    covey_audit_reason reason;
    /* ALLOWED: the clause that covers the act in the mandate itself, and since
     * when the right ends, seconds since 1970. EXCLUDED: the exclusion.
     * Otherwise 0. */
    size_t clause;
    int64_t until;
    /* Which document says so; ALLOWED: 0. */
    size_t document;
    /* ALLOWED, to a group: how many may answer. */
    uint16_t responders;
} covey_audit_verdict;

/* Every answer but COVEY_AUDIT_ALLOWED means that nothing may be sent. The
 * order of the reasons above is the order in which they are looked for. Time
 * is proportional to the clauses; no state. */
covey_audit_verdict covey_audit_decide(const covey_audit_mandate *mandate,
                                       const covey_audit_act *act,
                                       const covey_time *now,
                                       const covey_audit_counters *done);

/* "OUT_OF_SCOPE", and a few English words; never NULL. Static storage. */
const char *covey_audit_reason_name(covey_audit_reason reason);
const char *covey_audit_reason_text(covey_audit_reason reason);

/* --- pace ---------------------------------------------------------------- */

/* Packets leave one after another, none sooner than the rates allow, without
 * bursts: no second, wherever it begins, has more packets than it may, nor
 * more bytes than it may and those of one packet (AUD-081). At most 1,000
 * packets a second. All zero is the beginning. Private. */
typedef struct covey_audit_pace {
    covey_ms next;
} covey_audit_pace;

/* When a packet of `bytes` may leave at the earliest; `now` or later. A packet
 * that is longer than a whole second's bytes, or a rate of 0, never:
 * COVEY_NEVER. */
covey_ms covey_audit_pace_at(const covey_audit_pace *pace,
                             const covey_audit_limits *limits, covey_ms now,
                             uint32_t bytes);
/* It left at `now`. */
void covey_audit_pace_sent(covey_audit_pace *pace,
                           const covey_audit_limits *limits, covey_ms now,
                           uint32_t bytes);

/* --- evidence ------------------------------------------------------------ */

/* The Merkle tree of RFC 9162 Section 2.1 with SHA-256, over the lines of a
 * record. */
enum {
    COVEY_MERKLE_HASH = 32,
    /* Nodes in a proof of a tree with up to 2^63 leaves. */
    COVEY_MERKLE_PROOF_MAX = 64
};

typedef struct covey_merkle_hash {
    uint8_t bytes[COVEY_MERKLE_HASH];
} covey_merkle_hash;

/* The tree while it grows: the roots of its complete subtrees. Private. */
typedef struct covey_merkle {
    uint64_t size;
    covey_merkle_hash roots[COVEY_MERKLE_PROOF_MAX];
} covey_merkle;

/* The empty tree. */
void covey_merkle_init(covey_merkle *t);

/* Each function below: what the provider gives (covey/crypto.h), with nothing
 * changed then. */

/* Section 2.1.1: SHA-256(00 | entry). */
COVEY_MUST_USE covey_status covey_merkle_leaf(const covey_crypto *crypto,
                                              covey_bytes entry,
                                              covey_merkle_hash *leaf);
/* Appends a leaf. */
COVEY_MUST_USE covey_status covey_merkle_add(covey_merkle *t,
                                             const covey_crypto *crypto,
                                             const covey_merkle_hash *leaf);
/* The root; of the empty tree SHA-256 of nothing. */
COVEY_MUST_USE covey_status covey_merkle_root(const covey_merkle *t,
                                              const covey_crypto *crypto,
                                              covey_merkle_hash *root);

/* The leaves of a tree, to prove something about it. */
typedef struct covey_merkle_leaves {
    const covey_merkle_hash *leaves;
    uint64_t count;
} covey_merkle_leaves;

typedef struct covey_merkle_proof {
    covey_merkle_hash nodes[COVEY_MERKLE_PROOF_MAX];
    uint32_t count;
} covey_merkle_proof;

/* Section 2.1.3.1: that leaf `index` is in the tree.
 * COVEY_E_ARGUMENT: there is no such leaf. */
COVEY_MUST_USE covey_status covey_merkle_prove_inclusion(
    const covey_crypto *crypto, const covey_merkle_leaves *tree,
    uint64_t index, covey_merkle_proof *proof);
/* Section 2.1.4.1: that the tree of the first `size` leaves became this one.
 * COVEY_E_ARGUMENT: it is empty or has more leaves. */
COVEY_MUST_USE covey_status covey_merkle_prove_consistency(
    const covey_crypto *crypto, const covey_merkle_leaves *tree, uint64_t size,
    covey_merkle_proof *proof);

/* What a proof is about. */
typedef struct covey_merkle_head {
    uint64_t size;
    covey_merkle_hash root;
} covey_merkle_head;

/* Section 2.1.3.2. COVEY_E_AUTH: the proof does not show it. */
COVEY_MUST_USE covey_status covey_merkle_check_inclusion(
    const covey_crypto *crypto, const covey_merkle_head *head, uint64_t index,
    const covey_merkle_hash *leaf, const covey_merkle_proof *proof);
/* Section 2.1.4.2; two equal heads need an empty proof. */
COVEY_MUST_USE covey_status covey_merkle_check_consistency(
    const covey_crypto *crypto, const covey_merkle_head *older,
    const covey_merkle_head *newer, const covey_merkle_proof *proof);

#endif
