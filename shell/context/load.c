/* SPDX-License-Identifier: BSD-2-Clause */
/* A context file from the disk or from memory. */
#include "context.h"

#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- the document ------------------------------------------------------- */

/* The type decides which other keys there may be. */
static void read_root(void *user, const conf_value *root)
{
    context_loader *l = user;
    static const char *const words[] = { "oscore", "group", "member" };
    static const conf_names types = { words, COUNT(words),
                                      "covey-context(5)" };
    conf_value v;
    conf_value type = { NULL, NULL };
    void *at = NULL;
    unsigned which;
    size_t len;

    while (type.key == NULL && conf_next(root, &at, &v)) {
        const conf_value key = { NULL, v.key };
        const char *text = conf_scalar(&l->conf, &key, &len, "a key");
        if (text != NULL && len == 4 && memcmp(text, "type", 4) == 0) {
            type = v;
        }
    }
    if (!conf_required(&l->conf, root, &type, "type", "covey-context(5)") ||
        !conf_word(&l->conf, &type, &types, &which)) {
        return;
    }
    if (l->inner && which != 0) {
        conf_error(&l->conf, &type, "covey-context(5)",
                   "expected a context of type oscore for an association");
        return;
    }
    if (which == 0) {
        l->file->type = CONTEXT_OSCORE;
        context_read_oscore(l, root);
    } else if (which == 1) {
        l->file->type = CONTEXT_GROUP;
        context_read_group(l, root);
    } else {
        l->file->type = CONTEXT_MANAGED;
        context_read_managed(l, root);
    }
}

/* --- files -------------------------------------------------------------- */

/* NULL: no memory, which has been told. */
static context_file *begin(context_loader *l, const char *name, FILE *messages)
{
    context_file *file = calloc(1, sizeof *file);

    if (file == NULL) {
        fprintf(messages, "%s: error: out of memory\n", name);
        return NULL;
    }
    l->file = file;
    l->inner = false;
    l->conf = (conf_reader){ .messages = messages,
                             .manual = "covey-context(5)",
                             .what = "a context",
                             .memory = &file->memory };
    return file;
}

context_file *context_load_text(const char *text, size_t len, const char *name,
                                FILE *messages)
{
    context_loader l;
    context_file *file = begin(&l, name, messages);

    if (file != NULL &&
        !conf_load_text(&l.conf, text, len, name, read_root, &l)) {
        context_free(file);
        return NULL;
    }
    return file;
}

static context_file *load(const char *path, bool inner, FILE *messages)
{
    context_loader l;
    context_file *file = begin(&l, path, messages);

    l.inner = inner;
    if (file != NULL && !conf_load(&l.conf, path, read_root, &l)) {
        const int why = errno;
        context_free(file);
        errno = why;
        return NULL;
    }
    return file;
}

context_file *context_load(const char *path, FILE *messages)
{
    return load(path, false, messages);
}

context_file *context_load_inner(const char *path, FILE *messages)
{
    return load(path, true, messages);
}

void context_free(context_file *file)
{
    if (file != NULL) {
        context_free(file->association);
        conf_free(&file->memory);
        free(file);
    }
}
