/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that become one object each. */
#include "conf.h"

#include <errno.h>
#include <stdlib.h>

struct opening {
    const conf_kind *kind;
    conf_reader conf;
    void *object;
};

static bool begin(struct opening *o, const conf_kind *kind, const char *name,
                  const struct covey_crypto *check, FILE *messages)
{
    o->kind = kind;
    o->object = calloc(1, kind->size);
    if (o->object == NULL) {
        fprintf(messages, "%s: error: out of memory\n", name);
        return false;
    }
    o->conf = (conf_reader){
        .messages = messages,
        .check = check,
        .manual = kind->manual,
        .what = kind->what,
        .memory = (conf_memory *)(void *)((char *)o->object + kind->memory),
    };
    return true;
}

static void read_root(void *user, const conf_value *root)
{
    struct opening *o = user;

    o->kind->read(&o->conf, root, o->object);
}

void *conf_open_checked(const conf_kind *kind, const char *path,
                        const struct covey_crypto *check, FILE *messages)
{
    struct opening o;

    if (!begin(&o, kind, path, check, messages)) {
        return NULL;
    }
    if (!conf_load(&o.conf, path, read_root, &o)) {
        const int why = errno;
        kind->drop(o.object);
        errno = why;
        return NULL;
    }
    return o.object;
}

void *conf_open(const conf_kind *kind, const char *path, FILE *messages)
{
    return conf_open_checked(kind, path, NULL, messages);
}

void *conf_open_text(const conf_kind *kind, const char *text, size_t len,
                     const char *name, FILE *messages)
{
    struct opening o;

    if (!begin(&o, kind, name, NULL, messages)) {
        return NULL;
    }
    if (!conf_load_text(&o.conf, text, len, name, read_root, &o)) {
        kind->drop(o.object);
        return NULL;
    }
    return o.object;
}
