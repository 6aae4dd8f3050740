/* SPDX-License-Identifier: BSD-2-Clause */
/* A context file from the disk or from memory. */
#include "context.h"

#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- memory ------------------------------------------------------------- */

struct context_block {
    struct context_block *next;
    size_t size;
    max_align_t bytes[];
};

void *context_alloc(context_loader *l, size_t size)
{
    struct context_block *b = calloc(1, sizeof *b + size);
    const context_value nowhere = { NULL, NULL };

    if (b == NULL) {
        context_error(l, &nowhere, "", "out of memory");
        return NULL;
    }
    b->size = size;
    b->next = l->file->blocks;
    l->file->blocks = b;
    return b->bytes;
}

void context_free(context_file *file)
{
    if (file == NULL) {
        return;
    }
    while (file->blocks != NULL) {
        struct context_block *b = file->blocks;
        file->blocks = b->next;
        covey_wipe(b->bytes, b->size);
        free(b);
    }
    free(file);
}

/* --- the document ------------------------------------------------------- */

/* The type decides which other keys there may be. */
static void read_root(context_loader *l, const context_value *root)
{
    static const char *const words[] = { "oscore", "group" };
    static const context_names types = { words, COUNT(words),
                                         "covey-context(5)" };
    context_value v;
    context_value type = { NULL, NULL };
    void *at = NULL;
    unsigned which;
    size_t len;

    if (!context_is_mapping(root)) {
        context_error(l, root, "covey-context(5)",
                      "expected keys and values of a context");
        return;
    }
    while (type.key == NULL && context_next(root->node, &at, &v)) {
        const context_value key = { NULL, v.key };
        const char *text = context_scalar(l, &key, &len, "a key");
        if (text != NULL && len == 4 && memcmp(text, "type", 4) == 0) {
            type = v;
        }
    }
    if (!context_required(l, root, &type, "type", "covey-context(5)") ||
        !context_word(l, &type, &types, &which)) {
        return;
    }
    if (which == 0) {
        l->file->type = CONTEXT_OSCORE;
        context_read_oscore(l, root);
    } else {
        l->file->type = CONTEXT_GROUP;
        context_read_group(l, root);
    }
}

static context_file *load_text(context_loader *l, const char *text, size_t len)
{
    l->file = calloc(1, sizeof *l->file);
    if (l->file == NULL) {
        fprintf(l->messages, "%s: error: out of memory\n", l->name);
        return NULL;
    }
    context_document *doc = context_parse(l, text, len);
    if (doc != NULL) {
        const context_value root = { NULL, context_root(doc) };
        read_root(l, &root);
        context_document_free(doc);
    }
    if (doc == NULL || l->errors > 0) {
        context_free(l->file);
        return NULL;
    }
    return l->file;
}

context_file *context_load_text(const char *text, size_t len, const char *name,
                                FILE *messages)
{
    context_loader l = { .messages = messages, .name = name };

    if (len > CONTEXT_FILE_MAX) {
        fprintf(messages, "%s: error: longer than %zu bytes\n", name,
                CONTEXT_FILE_MAX);
        return NULL;
    }
    return load_text(&l, text, len);
}

/* --- files -------------------------------------------------------------- */

/* Where relative names of other files begin: beside this one. */
static bool folder_of(const char *path, char *out, size_t cap)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash != NULL ? (size_t)(slash - path) + 1 : 0;

    if (len >= cap) {
        return false;
    }
    memcpy(out, path, len);
    out[len] = '\0';
    return true;
}

static void warn_if_open(const context_loader *l, FILE *in)
{
    struct stat about;

    if (l->secret && fstat(fileno(in), &about) == 0 &&
        S_ISREG(about.st_mode) && (about.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        fprintf(l->messages,
                "%s: warning: holds keys, and others can read it (mode "
                "%04o)\n",
                l->name, (unsigned)(about.st_mode & 07777u));
    }
}

static void unreadable(context_loader *l)
{
    l->io_error = errno != 0 ? errno : EIO;
    fprintf(l->messages, "%s: error: %s\n", l->name, strerror(l->io_error));
}

static context_file *load_stream(context_loader *l, FILE *in, char *text)
{
    size_t len = fread(text, 1, CONTEXT_FILE_MAX + 1, in);

    if (ferror(in)) {
        unreadable(l);
        return NULL;
    }
    if (len > CONTEXT_FILE_MAX) {
        fprintf(l->messages, "%s: error: longer than %zu bytes\n", l->name,
                CONTEXT_FILE_MAX);
        return NULL;
    }
    context_file *file = load_text(l, text, len);
    if (file != NULL) {
        warn_if_open(l, in);
    }
    return file;
}

context_file *context_load(const char *path, FILE *messages)
{
    const bool standard = strcmp(path, "-") == 0;
    char folder[1024] = "";
    context_loader l = { .messages = messages,
                         .name = standard ? "standard input" : path,
                         .folder = folder };
    FILE *in = standard ? stdin : fopen(path, "rb");
    char *text = in != NULL ? malloc(CONTEXT_FILE_MAX + 1) : NULL;
    context_file *file = NULL;

    if (text == NULL) {
        unreadable(&l);
    } else if (!folder_of(standard ? "" : path, folder, sizeof folder)) {
        fprintf(messages, "%s: error: the name is too long\n", l.name);
    } else {
        file = load_stream(&l, in, text);
    }
    if (text != NULL) {
        covey_wipe(text, CONTEXT_FILE_MAX + 1);
        free(text);
    }
    if (in != NULL && !standard) {
        fclose(in);
    }
    errno = l.io_error;
    return file;
}
