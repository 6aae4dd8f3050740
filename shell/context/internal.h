/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared inside shell/context. */
#ifndef COVEY_SHELL_CONTEXT_INTERNAL_H
#define COVEY_SHELL_CONTEXT_INTERNAL_H

#include "context.h"

#if defined(__GNUC__)
#define CONTEXT_PRINTF(text, first)                                           \
    __attribute__((__format__(__printf__, text, first)))
#else
#define CONTEXT_PRINTF(text, first)
#endif

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

struct fy_node;

typedef struct context_loader {
    context_file *file;
    FILE *messages;
    const char *name;   /* of the file, in messages */
    const char *folder; /* of other files, with its slash; NULL: refused */
    unsigned errors;
    int io_error; /* errno of this file, or 0 */
    bool secret;  /* a secret is in this file itself */
} context_loader;

/* The value of a key. Elements of lists have no key; a key that the file does
 * not have has neither. */
typedef struct context_value {
    struct fy_node *key;
    struct fy_node *node;
} context_value;

/* --- document.c: YAML with positions ------------------------------------ */

typedef struct context_document context_document;

/* NULL with the reason in the messages. The text is kept until free, which
 * leaves it as it is. */
context_document *context_parse(context_loader *l, const char *text,
                                size_t len);
void context_document_free(context_document *doc);
struct fy_node *context_root(const context_document *doc);

/* The text of a scalar without a zero byte at its end, and how long it is;
 * NULL with an error if the node is none. */
const char *context_scalar(context_loader *l, const context_value *v,
                           size_t *len, const char *expected);
bool context_is_list(const context_value *v);
bool context_is_mapping(const context_value *v);
/* The next element of a list, or key and value of a mapping; start with *at =
 * NULL. false at the end. */
bool context_next(struct fy_node *container, void **at, context_value *v);

void context_error(context_loader *l, const context_value *v,
                   const char *source, const char *format, ...)
    CONTEXT_PRINTF(4, 5);

/* --- keys.c ------------------------------------------------------------- */

typedef struct context_names {
    const char *const *names;
    size_t count;
    const char *what; /* "a context of type oscore" */
} context_names;

/* Sorts a mapping into values[] by the place of their names. Unknown keys and
 * keys that come twice are errors. false if `v` is no mapping. */
bool context_keys(context_loader *l, const context_value *v,
                  const context_names *names, context_value *values);
/* Is the key there? An error at `parent` if not. */
bool context_required(context_loader *l, const context_value *parent,
                      const context_value *v, const char *name,
                      const char *source);

/* One of a few words: its place. `what` is the section. As value.c. */
bool context_word(context_loader *l, const context_value *v,
                  const context_names *words, unsigned *out);

/* --- value.c: false with an error, unless the key is missing: then false
 * without one, and *out stays --------------------------------------- */

typedef struct context_wanted {
    size_t min;
    size_t max;
    bool secret;
    const char *source;
} context_wanted;

bool context_bytes(context_loader *l, const context_value *v,
                   const context_wanted *wanted, covey_bytes *out);
bool context_number(context_loader *l, const context_value *v, uint64_t min,
                    uint64_t max, const char *source, uint64_t *out);

/* --- algorithm.c: by registered name or COSE number --------------------- */

/* Whose kind is one of `kinds`, a sum of CONTEXT_KIND. */
#define CONTEXT_KIND(kind) (1u << (kind))
bool context_algorithm(context_loader *l, const context_value *v,
                       unsigned kinds, const char *source, int32_t *out);
bool context_hkdf(context_loader *l, const context_value *v,
                  const char *source, int32_t *out);
bool context_curve(context_loader *l, const context_value *v,
                   const char *source, covey_curve *out);

/* --- load.c ------------------------------------------------------------- */

/* Zeroed memory that lives as long as the file and is wiped with it; NULL
 * with an error. */
void *context_alloc(context_loader *l, size_t size);

/* --- oscore.c, group.c -------------------------------------------------- */

void context_read_oscore(context_loader *l, const context_value *root);
void context_read_group(context_loader *l, const context_value *root);
/* member.c */
void context_read_members(context_loader *l, const context_value *list,
                          size_t id_max);
/* The public key in a credential, which must be on the group's curve. */
bool context_public_key(context_loader *l, const context_value *v,
                        covey_bytes credential, covey_bytes *out);

#endif
