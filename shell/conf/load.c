/* SPDX-License-Identifier: BSD-2-Clause */
/* A file from the disk or from memory, and the memory of what it says. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- memory ------------------------------------------------------------- */

struct conf_block {
    struct conf_block *next;
    size_t size;
    max_align_t bytes[];
};

void *conf_alloc(conf_reader *c, size_t size)
{
    struct conf_block *b = calloc(1, sizeof *b + size);
    const conf_value nowhere = { NULL, NULL };

    if (b == NULL) {
        conf_error(c, &nowhere, "", "out of memory");
        return NULL;
    }
    b->size = size;
    b->next = c->memory->blocks;
    c->memory->blocks = b;
    return b->bytes;
}

void conf_free(conf_memory *memory)
{
    while (memory->blocks != NULL) {
        struct conf_block *b = memory->blocks;
        memory->blocks = b->next;
        covey_wipe(b->bytes, b->size);
        free(b);
    }
}

/* --- from memory -------------------------------------------------------- */

static bool load_text(conf_reader *c, const char *text, size_t len,
                      conf_read_root *read, void *user)
{
    conf_document *doc = conf_parse(c, text, len);

    if (doc == NULL) {
        return false;
    }
    const conf_value root = conf_root(doc);
    if (conf_is_mapping(&root)) {
        read(user, &root);
    } else {
        conf_error(c, &root, c->manual, "expected keys and values of %s",
                   c->what);
    }
    conf_document_free(doc);
    return c->errors == 0;
}

bool conf_load_text(conf_reader *c, const char *text, size_t len,
                    const char *name, conf_read_root *read, void *user)
{
    c->name = name;
    if (len > CONF_FILE_MAX) {
        fprintf(c->messages, "%s: error: longer than %zu bytes\n", name,
                CONF_FILE_MAX);
        return false;
    }
    return load_text(c, text, len, read, user);
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

static void warn_if_open(const conf_reader *c, FILE *in)
{
    struct stat about;

    if (c->secret && fstat(fileno(in), &about) == 0 &&
        S_ISREG(about.st_mode) && (about.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        fprintf(c->messages,
                "%s: warning: holds keys, and others can read it (mode "
                "%04o)\n",
                c->name, (unsigned)(about.st_mode & 07777u));
    }
}

static void unreadable(conf_reader *c)
{
    c->io_error = errno != 0 ? errno : EIO;
    fprintf(c->messages, "%s: error: %s\n", c->name, strerror(c->io_error));
}

static bool load_stream(conf_reader *c, FILE *in, char *text,
                        conf_read_root *read, void *user)
{
    size_t len = fread(text, 1, CONF_FILE_MAX + 1, in);

    if (ferror(in)) {
        unreadable(c);
        return false;
    }
    if (!conf_load_text(c, text, len, c->name, read, user)) {
        return false;
    }
    warn_if_open(c, in);
    return true;
}

bool conf_load(conf_reader *c, const char *path, conf_read_root *read,
               void *user)
{
    const bool standard = strcmp(path, "-") == 0;
    char folder[1024] = "";
    FILE *in = standard ? stdin : fopen(path, "rb");
    char *text = in != NULL ? malloc(CONF_FILE_MAX + 1) : NULL;
    bool good = false;

    c->name = standard ? "standard input" : path;
    if (text == NULL) {
        unreadable(c);
    } else if (!folder_of(standard ? "" : path, folder, sizeof folder)) {
        fprintf(c->messages, "%s: error: the name is too long\n", c->name);
    } else {
        c->folder = folder;
        good = load_stream(c, in, text, read, user);
        c->folder = NULL;
    }
    if (text != NULL) {
        covey_wipe(text, CONF_FILE_MAX + 1);
        free(text);
    }
    if (in != NULL && !standard) {
        fclose(in);
    }
    errno = c->io_error;
    return good;
}
