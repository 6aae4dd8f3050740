/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the operations, which are the same for every database, and the two
 * files that know a client library. */
#ifndef COVEY_SHELL_STORE_INTERNAL_H
#define COVEY_SHELL_STORE_INTERNAL_H

#include "store.h"

enum {
    STORE_WHY_MAX = 512,
    STORE_KEY_LEN = 32,
    STORE_SECRET_MAX = STORE_SAVED_MAX, /* plain */
    /* kind, nonce, tag */
    STORE_SEALED_MAX = STORE_SECRET_MAX + 1 + 12 + 16
};

typedef enum store_kind {
    STORE_NULL = 0,
    STORE_NUMBER,
    STORE_TEXT,
    STORE_BYTES
} store_kind;

typedef struct store_value {
    store_kind kind;
    uint64_t number; /* as a signed number in the database */
    covey_bytes bytes;
} store_value;

/* An absent span is NULL in the database. */
store_value store__number(uint64_t number);
store_value store__text(covey_bytes text);
store_value store__bytes(covey_bytes bytes);

/* A row of a result, while a callback has it. */
typedef struct store_row {
    store *store;
    void *native;
    int index;
    int columns;
} store_row;

typedef void store_on_row(void *user, const store_row *row);

/* Whether a statement may wait for others, in a transaction that began with
 * store_begin_later. */
typedef enum store_when {
    STORE_NOW = 0,
    STORE_LATER,       /* it may change nothing */
    STORE_LATER_CHANGE /* that would be somebody else's doing */
} store_when;

/* One statement. `sql` is known by its address: it must be constant. Values
 * are $1, $2, ... */
typedef struct store_query {
    const char *sql;
    const store_value *values;
    size_t count;
    store_on_row *row; /* NULL: there are none, or nobody looks */
    void *user;
} store_query;

typedef struct store_driver {
    /* s->where. Both set s->why after a failure. */
    store_result (*open)(store *s);
    void (*close)(store *s); /* also after open has failed */
    /* One statement; s->changed rows were changed. If s->when is not now, it
     * may be asked for only; s->changed is then 1. */
    store_result (*run)(store *s, const store_query *q);
    /* What was asked for has been done; s->taken is set if one of them had to
     * change something and did not. NULL: nothing is ever only asked for. */
    store_result (*settle)(store *s);
    /* Statements without values. */
    store_result (*script)(store *s, const char *sql);
    /* Does this owner have its store open? */
    store_result (*alive)(store *s, uint64_t owner, bool *alive);
    /* Tells the others. */
    store_result (*wake)(store *s);
    bool (*woken)(store *s);
    bool (*called)(store *s); /* NULL: the descriptor tells of every call */
    void (*value)(const store_row *row, int column, store_value *out);
    bool wakes_inside;          /* wake() takes effect with the commit */
    const char *begin;          /* a transaction that will write */
    const char *begin_snapshot; /* one that only reads, all at one time */
    const char *lock_schema;    /* NULL: begin is enough */
    const char *const *schema;  /* migrations, from 1 on; NULL ends */
} store_driver;

/* A lease that this process may have without knowing it: its connection went
 * away before the answer, or the transaction has not been committed yet. */
struct store_unsure {
    struct store_unsure *next;
    bool in_transaction;
    uint8_t id_len;
    uint8_t id[STORE_ID_MAX];
};

struct store {
    const store_driver *driver;
    const char *where; /* lives during open only */
    void *native;
    const covey_crypto *crypto;
    uint64_t owner;
    int fd;
    bool open;       /* a transaction is */
    bool lost;       /* and it has failed meanwhile */
    bool later;      /* it began with store_begin_later */
    store_when when; /* of the statement that runs */
    bool taken;      /* and something was not as it had been */
    bool waking;     /* when it is committed */
    bool has_key;    /* secrets are encrypted */
    bool copying;    /* a copy may be opened */
    bool existing;   /* no file is made */
    covey_key key;
    uint64_t changed;
    struct store_unsure *unsure;
    char why[STORE_WHY_MAX];
};

extern const store_driver store__sqlite;
extern const store_driver store__postgres;

/* The version that this program makes, and what its text hashes to. */
extern const char *const store__schema_sqlite[];
extern const char *const store__schema_postgres[];
extern const char *const store__schema_digests[];

/* --- store.c ------------------------------------------------------------- */

store *store__open(const store_options *options, bool copying, char *error,
                   size_t cap);
store_result store__run(store *s, const store_query *q);
/* Without rows. */
store_result store__run_later(store *s, const store_query *q, store_when when);
/* s->why, as printf. */
store_result store__fail(store *s, store_result r, const char *format, ...)
    __attribute__((__format__(__printf__, 3, 4)));
/* A transaction around several statements, unless one is open already. leave
 * ends it, kept if `r` is STORE_OK, and gives `r` or what came of it. */
typedef struct store_scope {
    bool own;
} store_scope;
store_result store__enter(store *s, store_scope *scope);
store_result store__leave(store *s, const store_scope *scope, store_result r);

uint64_t store__number_at(const store_row *row, int column);
covey_bytes store__bytes_at(const store_row *row, int column);

/* A row of info; absent: STORE_NONE. What it holds is copied. */
store_result store__info_get(store *s, const char *name, uint8_t *out,
                             size_t cap, size_t *len);
store_result store__info_put(store *s, const char *name, covey_bytes value);

/* --- lease.c ------------------------------------------------------------- */

/* The transaction was committed: what was taken in it is ours. */
void store__unsure_settle(store *s);
void store__unsure_free(store *s);

/* --- secret.c ------------------------------------------------------------ */

/* Which row and column a secret belongs to; it opens nowhere else. */
typedef struct store_place {
    const char *column;
    covey_bytes row;
    uint64_t version;
} store_place;

/* Reads the key and compares it with that of the store, which gets it if it is
 * new. */
store_result store__key_open(store *s, const char *key_file, bool fresh);
void store__key_close(store *s);
store_result store__seal(store *s, const store_place *place,
                         covey_bytes secret, covey_writer *out);
/* The caller wipes what is written. */
store_result store__unseal(store *s, const store_place *place,
                           covey_bytes sealed, covey_writer *out);

#endif
