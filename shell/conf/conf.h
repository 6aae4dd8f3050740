/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that people write, in YAML or JSON: keys and values with their places,
 * and errors that name them. Who reads a file says which keys it has; every
 * key is accounted for. Reading only.
 *
 * Messages go to a stream, one per line: "name:3:12: error: key: what was
 * expected and what was found (the section that says so)". */
#ifndef COVEY_SHELL_CONF_H
#define COVEY_SHELL_CONF_H

#include <covey/bytes.h>

#include <stdio.h>

/* Longest file that is read. */
#define CONF_FILE_MAX ((size_t)1 << 20)

#if defined(__GNUC__)
#define CONF_PRINTF(text, first)                                              \
    __attribute__((__format__(__printf__, text, first)))
#else
#define CONF_PRINTF(text, first)
#endif

struct covey_crypto;
struct fy_node;
struct conf_block;

/* Memory that is wiped and freed as a whole. */
typedef struct conf_memory {
    struct conf_block *blocks;
} conf_memory;

/* A file that is being read. The first four are the caller's. */
typedef struct conf_reader {
    FILE *messages;
    const char *manual;  /* of this kind of file: "covey-context(5)" */
    const char *what;    /* the whole of it: "a context" */
    conf_memory *memory; /* of what is read */
    const char *name;    /* of the file, in messages */
    const char *folder;  /* of other files, with its slash; NULL: refused */
    unsigned errors;
    int io_error; /* errno of this file, or 0 */
    bool secret;  /* a secret is in this file itself */
    bool json;    /* JSON (RFC 8259) and nothing else of YAML */
    /* With it, what other files say is looked at as well, as far as whoever
     * uses them would refuse it; nothing of it is kept. NULL: files that are
     * only named are not opened. */
    const struct covey_crypto *check;
} conf_reader;

/* The value of a key. Elements of lists have no key; a key that the file does
 * not have has neither. Lives until the root has been read. */
typedef struct conf_value {
    struct fy_node *key;
    struct fy_node *node;
} conf_value;

/* --- load.c: files ------------------------------------------------------ */

typedef void conf_read_root(void *user, const conf_value *root);

/* Reads a file, "-" for standard input, and hands its root to `read`; true if
 * there was no error. Otherwise errno says why it could not be read, or is 0
 * if what is in it was refused. A warning if it holds secrets and may be read
 * by others. */
bool conf_load(conf_reader *c, const char *path, conf_read_root *read,
               void *user);
/* The same from memory; values in other files are refused. */
bool conf_load_text(conf_reader *c, const char *text, size_t len,
                    const char *name, conf_read_root *read, void *user);

/* A kind of file that becomes one object. */
typedef struct conf_kind {
    const char *manual; /* as in conf_reader */
    const char *what;
    size_t size;   /* of the object, which is zeroed */
    size_t memory; /* where in it its conf_memory is */
    void (*read)(conf_reader *c, const conf_value *root, void *object);
    void (*drop)(void *object); /* frees it, also half read */
} conf_kind;

/* The object that a file says, as conf_load; NULL: there is none, and errno is
 * that of conf_load. */
void *conf_open(const conf_kind *kind, const char *path, FILE *messages);
/* The same with `check` of conf_reader. */
void *conf_open_checked(const conf_kind *kind, const char *path,
                        const struct covey_crypto *check, FILE *messages);
/* The same from memory, as conf_load_text. */
void *conf_open_text(const conf_kind *kind, const char *text, size_t len,
                     const char *name, FILE *messages);

/* Zeroed; NULL with an error. */
void *conf_alloc(conf_reader *c, size_t size);
void conf_free(conf_memory *memory);

/* --- document.c: YAML with positions ------------------------------------ */

/* The text of a scalar without a zero byte at its end, and how long it is;
 * NULL with an error if the value is none. */
const char *conf_scalar(conf_reader *c, const conf_value *v, size_t *len,
                        const char *expected);
bool conf_is_missing(const conf_value *v);
bool conf_is_list(const conf_value *v);
bool conf_is_mapping(const conf_value *v);
/* The next element of a list, or key and value of a mapping; start with *at =
 * NULL. false at the end, and for everything that holds nothing. */
bool conf_next(const conf_value *container, void **at, conf_value *v);
/* How many there are. */
size_t conf_count(const conf_value *container);

/* Reads one entry of a list into *out, which is zeroed. */
typedef bool conf_read_item(conf_reader *c, const conf_value *item, void *out);
/* Entries of a list, at most `max`, each of `size` bytes: how many were read
 * into the memory that the pointer at `rows` then shows. Those that were not
 * have given their errors. 0 if it is no list, which is an error, too. */
size_t conf_list(conf_reader *c, const conf_value *list, size_t max,
                 size_t size, conf_read_item *read, void *rows);

/* source: the section that says so, "" for none. */
void conf_error(conf_reader *c, const conf_value *v, const char *source,
                const char *format, ...) CONF_PRINTF(4, 5);
/* The line that a value or its key begins at, from 1. */
unsigned conf_line(const conf_value *v);
/* Tells something about a value that is right. */
void conf_note(conf_reader *c, const conf_value *v, const char *text);

/* --- keys.c ------------------------------------------------------------- */

typedef struct conf_names {
    const char *const *names;
    size_t count;
    const char *what; /* "a context of type oscore" */
} conf_names;

/* Sorts a mapping into values[] by the place of their names. Unknown keys and
 * keys that come twice are errors. false if `v` is no mapping. */
bool conf_keys(conf_reader *c, const conf_value *v, const conf_names *names,
               conf_value *values);
/* Is the key there? An error at `parent` if not. */
bool conf_required(conf_reader *c, const conf_value *parent,
                   const conf_value *v, const char *name, const char *source);

/* One of a few words: its place. `what` is the section. As value.c. */
bool conf_word(conf_reader *c, const conf_value *v, const conf_names *words,
               unsigned *out);

/* --- value.c, text.c: false with an error, unless the key is missing: then
 * false without one, and *out stays --------------------------------------- */

typedef struct conf_wanted {
    size_t min;
    size_t max;
    bool secret;
    const char *source;
} conf_wanted;

/* Hex digits, here or in another file. */
bool conf_bytes(conf_reader *c, const conf_value *v, const conf_wanted *wanted,
                covey_bytes *out);
bool conf_number(conf_reader *c, const conf_value *v, uint64_t min,
                 uint64_t max, const char *source, uint64_t *out);
/* Lives as long as the memory; there is a zero byte behind it, and there may
 * be some in it. */
bool conf_text(conf_reader *c, const conf_value *v, const conf_wanted *wanted,
               const char **out, size_t *out_len);
/* Of another file: a relative one begins at the folder of this one. */
bool conf_path(conf_reader *c, const conf_value *v, const char **out);
/* As conf_path, and under `check` it is a file that can be read. */
bool conf_file(conf_reader *c, const conf_value *v, const char **out);
/* Where a store is (store.h): the URI of a PostgreSQL database, or a file. */
bool conf_database(conf_reader *c, const conf_value *v, const char **out);
/* true or false. */
bool conf_flag(conf_reader *c, const conf_value *v, bool *out);

#endif
