/* SPDX-License-Identifier: BSD-2-Clause */
/* A context file from the disk or from memory. */
#include "context.h"

#include "internal.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORD_BITS = 32,
    WINDOW_MAX = 1 << 15 /* as covey_oscore_window_init has it */
};

/* --- replay windows ------------------------------------------------------ */

void context_read_window(context_loader *l, const conf_value *v,
                         context_window *out)
{
    uint64_t size = 0;

    conf_number(l->conf, v, 1, WINDOW_MAX, "covey-context(5)", &size);
    out->size = (uint16_t)size;
}

/* Small ones have their bits in the context. */
void context_make_windows(context_loader *l, context_window *w, size_t count)
{
    uint16_t words = 1;

    if (w->size <= COVEY_OSCORE_WINDOW_OWN) {
        return;
    }
    while (words * WORD_BITS < w->size) {
        words = (uint16_t)(2 * words);
    }
    w->words = conf_alloc(l->conf, count * words * sizeof *w->words);
    w->word_count = words;
}

/* --- the document ------------------------------------------------------- */

/* By the type: it decides which other keys there may be. */
static void read_typed(conf_reader *c, const conf_value *root,
                       context_file *file, bool inner)
{
    static const char *const words[] = { "oscore", "group", "member" };
    static const conf_names types = { words, COUNT(words),
                                      "covey-context(5)" };
    context_loader l = { c, file };
    conf_value v;
    conf_value type = { NULL, NULL };
    void *at = NULL;
    unsigned which;
    size_t len;

    while (type.key == NULL && conf_next(root, &at, &v)) {
        const conf_value key = { NULL, v.key };
        const char *text = conf_scalar(c, &key, &len, "a key");
        if (text != NULL && len == 4 && memcmp(text, "type", 4) == 0) {
            type = v;
        }
    }
    if (!conf_required(c, root, &type, "type", "covey-context(5)") ||
        !conf_word(c, &type, &types, &which)) {
        return;
    }
    if (inner && which != 0) {
        conf_error(c, &type, "covey-context(5)",
                   "expected a context of type oscore for an association");
        return;
    }
    if (which == 0) {
        file->type = CONTEXT_OSCORE;
        context_read_oscore(&l, root);
    } else if (which == 1) {
        file->type = CONTEXT_GROUP;
        context_read_group(&l, root);
    } else {
        file->type = CONTEXT_MANAGED;
        context_read_managed(&l, root);
    }
}

static void read_any(conf_reader *c, const conf_value *root, void *file)
{
    read_typed(c, root, file, false);
}

static void read_inner(conf_reader *c, const conf_value *root, void *file)
{
    read_typed(c, root, file, true);
}

/* --- files -------------------------------------------------------------- */

static void drop(void *file)
{
    context_free(file);
}

static const conf_kind any = { .manual = "covey-context(5)",
                               .what = "a context",
                               .size = sizeof(context_file),
                               .memory = offsetof(context_file, memory),
                               .read = read_any,
                               .drop = drop };

context_file *context_load_text(const char *text, size_t len, const char *name,
                                FILE *messages)
{
    return conf_open_text(&any, text, len, name, messages);
}

context_file *context_load(const char *path, FILE *messages)
{
    return conf_open(&any, path, messages);
}

context_file *context_load_inner(const char *path, FILE *messages)
{
    conf_kind inner = any;

    inner.read = read_inner;
    return conf_open(&inner, path, messages);
}

void context_free(context_file *file)
{
    if (file != NULL) {
        context_free(file->association);
        conf_free(&file->memory);
        free(file);
    }
}
