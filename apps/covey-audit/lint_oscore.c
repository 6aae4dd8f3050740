/* SPDX-License-Identifier: BSD-2-Clause */
/* CO-13 for security contexts of OSCORE (covey-context(5)): what goes wrong
 * when contexts are copied instead of made. */
#include "lint.h"

#include <context.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One file, as long as all of them are compared. */
struct held {
    const char *path;
    context_file *file; /* NULL: none of OSCORE */
};

static context_file *load(lint *l, const char *path)
{
    context_file *f =
        strcmp(path, "-") == 0
            ? context_load_text(l->text, l->text_len, path, stderr)
            : context_load(path, stderr);

    if (f != NULL && f->type != CONTEXT_OSCORE) {
        fprintf(stderr, "%s: error: expected a context of type oscore\n",
                path);
        context_free(f);
        f = NULL;
    }
    l->failed = l->failed || f == NULL;
    return f;
}

static void judge_secret(lint *l, const covey_oscore_parameters *p)
{
    const char *why = NULL;
    const unsigned bits = lint_secret_bits(p->master_secret, &why);
    char hex[65];

    if (!audit_digest(&l->crypto, p->master_secret, hex)) {
        l->failed = true;
        return;
    }
    const char *where = lint_secret_published(&l->crypto, hex);
    if (where != NULL) {
        lint_found(l, LINT_OSCORE_WEAK, 0, "published: %s", where);
    } else if (bits < LINT_BITS_WANTED) {
        lint_found(l, LINT_OSCORE_WEAK, 0, "at most %u bits%s%s", bits,
                   why != NULL ? ", " : "", why != NULL ? why : "");
    }
}

/* Derived from the same input (RFC 8613 Section 3.2). */
static bool is_same_input(const covey_oscore_parameters *a,
                          const covey_oscore_parameters *b)
{
    return covey_bytes_equal(a->master_secret, b->master_secret) &&
           covey_bytes_equal(a->master_salt, b->master_salt) &&
           covey_bytes_equal(a->id_context, b->id_context);
}

/* True if one finding was made: that is enough for a file. */
static bool judge_pair(lint *l, const struct held *old,
                       const covey_oscore_parameters *p)
{
    const covey_oscore_parameters *o =
        old->file != NULL ? &old->file->oscore.parameters : NULL;

    if (o == NULL || !is_same_input(o, p)) {
        return false;
    }
    if (covey_bytes_equal(o->sender_id, p->sender_id)) {
        lint_found(l, LINT_OSCORE_TWICE, 0, "as in %s", old->path);
        return true;
    }
    if (covey_bytes_equal(o->sender_id, p->recipient_id) &&
        covey_bytes_equal(o->recipient_id, p->sender_id)) {
        return false; /* the other end */
    }
    lint_found(l, LINT_OSCORE_SECRET, 0, "as in %s", old->path);
    return true;
}

static void look(lint *l, struct held *all, int at)
{
    bool told = false;

    all[at].path = l->args->files[at];
    if (!lint_open(l, all[at].path)) {
        return;
    }
    all[at].file = load(l, all[at].path);
    if (all[at].file == NULL) {
        return;
    }
    const covey_oscore_parameters *p = &all[at].file->oscore.parameters;
    judge_secret(l, p);
    for (int i = 0; i < at && !told; i++) {
        told = judge_pair(l, &all[i], p);
    }
}

void lint_oscore(lint *l)
{
    const int count = l->args->file_count;
    struct held *all = calloc((size_t)count, sizeof *all);

    if (all == NULL) {
        l->failed = true;
        return;
    }
    for (int i = 0; i < count; i++) {
        look(l, all, i);
    }
    for (int i = 0; i < count; i++) {
        context_free(all[i].file);
    }
    free(all);
}
