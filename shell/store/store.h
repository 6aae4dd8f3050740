/* SPDX-License-Identifier: BSD-2-Clause */
/* What has to survive: the numbers of security contexts, and what a Group
 * Manager knows. One interface, two databases below it: SQLite in a file for
 * one host, PostgreSQL for several (docs/design/011-store.md).
 *
 * A function that changes something has it in durable storage when it returns
 * STORE_OK, unless a transaction is open: then when store_commit does. No
 * result but STORE_BROKEN and STORE_AGAIN ends a transaction: what was
 * refused has changed nothing, and the rest can still be committed.
 *
 * Spans that are handed to a callback live until it returns. A callback may
 * not change the store. A store belongs to one thread, and not to a child
 * process. Calls wait for the disk, or for the network for a few seconds. */
#ifndef COVEY_SHELL_STORE_H
#define COVEY_SHELL_STORE_H

#include <covey/crypto.h>
#include <covey/oscore.h>

typedef struct store store;

typedef enum store_result {
    STORE_OK = 0,
    STORE_NONE,    /* there is no such row */
    STORE_TAKEN,   /* by somebody else, or in the meantime */
    STORE_REFUSED, /* would go back, or use something a second time */
    /* The database is out of reach or busy. An open transaction is lost, and
     * if it was just being committed nobody knows whether it was: look. Then
     * try again; connections are made anew by themselves. */
    STORE_AGAIN,
    STORE_BROKEN /* it will not be better by trying again: store_error */
} store_result;

/* A word for the log; never NULL. */
const char *store_result_name(store_result r);

/* --- opening: store.c ---------------------------------------------------- */

typedef struct store_options {
    /* A file of SQLite, or a PostgreSQL URI: postgresql://... */
    const char *where;
    /* File with the key (64 hex digits) that secrets are encrypted with; NULL:
     * they are stored as they are. Decided when a store is made. */
    const char *key_file;
    const covey_crypto *crypto; /* kept; NULL if no secrets are stored */
} store_options;

/* Opens a store, makes it if there is none, and brings an older one up to the
 * schema of this program. NULL: `error` says why. */
store *store_open(const store_options *options, char *error, size_t cap);
/* The same, but a file that is not there is not made. */
store *store_open_existing(const store_options *options, char *error,
                           size_t cap);
/* What is leased is free again. NULL is allowed. */
void store_close(store *s);
/* Why the last call failed; for people. */
const char *store_error(const store *s);

/* Several changes in one. A transaction of SQLite excludes all others, one of
 * PostgreSQL those that want the same rows. */
store_result store_begin(store *s);
/* The same for who has much to store and no use for each result: what the
 * calls marked "later" change is only asked for, and need not have reached the
 * database when they return STORE_OK. What was not changed, for whatever
 * reason, is found by store_commit: STORE_TAKEN, and nothing is kept. */
store_result store_begin_later(store *s);
store_result store_commit(store *s);
void store_rollback(store *s);

/* Whether a file holds a key as `store_open` wants it; otherwise why not. */
bool store_key_check(const char *path, char *why, size_t cap);

/* Readable when another process may have changed something: look at what is
 * wanted and under way. -1: none. It may change whenever a call gave
 * STORE_AGAIN. */
int store_fd(const store *s);
/* True if there was a call since the last time. */
bool store_woken(store *s);
/* True if a call has come together with the answer to a question of one's own:
 * store_woken will be true, but the descriptor need not be readable. */
bool store_called(store *s);
/* Wakes the others, in a transaction: once it is committed. */
store_result store_wake(store *s);

/* Numbers that are given out once: the first of `count` of this name. */
store_result store_next(store *s, const char *name, uint32_t count,
                        uint64_t *first);

/* --- leases: lease.c ----------------------------------------------------- */

/* What one process owns at a time, with the numbers of a security context
 * (RFC 8613 Appendix B.1, RFC 10021 Section 2.6). The lease lasts as long as
 * the process has the store open; if it dies somebody else may have it at
 * once. Whoever lost it unknowingly can store nothing any more, since each
 * lease has a number of its own (`epoch`). */
enum {
    STORE_ID_MAX = 64, /* of a lease */
    STORE_KEY_ID = 16,
    STORE_PEER_MAX = 144
};

typedef struct store_numbers {
    uint64_t ssn;         /* all below may have been used */
    uint64_t window;      /* all below may have been accepted */
    bool windows_invalid; /* of recipients without a stored number */
} store_numbers;

typedef struct store_lease {
    uint8_t id[STORE_ID_MAX];
    uint8_t id_len;
    uint8_t peer_len;
    uint64_t epoch;
    store_numbers numbers;     /* as stored */
    char peer[STORE_PEER_MAX]; /* see store_lease_peer */
} store_lease;

/* A name for a context that says nothing about its key: a hash of its Sender
 * Key. Contexts with the same Sender Key would use the same nonces; so they
 * have one lease, and only one of them gets it. */
COVEY_MUST_USE covey_status store_key_id(const covey_crypto *crypto,
                                         covey_bytes sender_key,
                                         uint8_t out[STORE_KEY_ID]);

/* The same of OSCORE parameters; as covey_oscore_derive. */
COVEY_MUST_USE covey_status store_oscore_id(const covey_crypto *crypto,
                                            const covey_oscore_parameters *p,
                                            uint8_t out[STORE_KEY_ID]);

/* `first` is what a context starts with that was never stored. STORE_TAKEN: a
 * living process has it, be it this one; it is woken and told by
 * store_wanted. STORE_AGAIN, here or from a release: whether it has changed
 * hands is not known; take it again to know. */
store_result store_lease_take(store *s, covey_bytes id,
                              const store_numbers *first, store_lease *out);
/* The same of what nobody has: a living process is not woken. */
store_result store_lease_try(store *s, covey_bytes id,
                             const store_numbers *first, store_lease *out);
/* Later. Stores what must not be used again. STORE_REFUSED: less than was
 * stored. STORE_TAKEN: the lease was lost; the context must not be used any
 * more. The numbers in *lease follow. */
store_result store_lease_keep(store *s, store_lease *lease,
                              const store_numbers *next);
/* Reserves the next `count` sequence numbers. STORE_REFUSED: none is left. */
store_result store_reserve_piv(store *s, store_lease *lease, uint32_t count,
                               uint64_t *first);
/* Later. Where the other side was last heard, in the caller's words: whoever
 * has the lease next finds it there. STORE_REFUSED: it is too long. */
store_result store_lease_peer(store *s, store_lease *lease, covey_bytes peer);
/* Groups: the lowest number that may be accepted of one recipient. */
store_result store_lease_recipient(store *s, const store_lease *lease,
                                   covey_bytes recipient, uint64_t number);
typedef void store_on_recipient(void *user, covey_bytes recipient,
                                uint64_t number);
store_result store_lease_recipients(store *s, const store_lease *lease,
                                    store_on_recipient *each, void *user);
/* Gives it back; `exact`, unless NULL, is where the numbers really are, which
 * may be less than was reserved. */
store_result store_lease_release(store *s, store_lease *lease,
                                 const store_numbers *exact);
/* The context is no more: all of it goes. Its key must never be used again. */
store_result store_lease_forget(store *s, store_lease *lease);

typedef void store_on_id(void *user, covey_bytes id);
/* Leases of ours that somebody else asked for. */
store_result store_wanted(store *s, store_on_id *each, void *user);

/* --- memberships: membership.c ------------------------------------------- */

/* What a member of a group got from its Group Manager, by a name of the
 * caller's. */
typedef struct store_membership {
    covey_bytes name;
    covey_bytes lease; /* of its numbers; absent: it has none */
    covey_bytes saved; /* secret; up to STORE_SAVED_MAX bytes */
} store_membership;

enum {
    STORE_SAVED_MAX = 16384
};

/* In the place of what was there. */
store_result store_membership_put(store *s, const store_membership *m);
/* STORE_NONE. */
store_result store_membership_delete(store *s, covey_bytes name);
typedef void store_on_membership(void *user, const store_membership *m);
/* STORE_NONE; spans of the row are wiped after the call. */
store_result store_membership_get(store *s, covey_bytes name,
                                  store_on_membership *each, void *user);

#endif
