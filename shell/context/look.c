/* SPDX-License-Identifier: BSD-2-Clause */
/* A context that another file names, before it is used. */
#include "context.h"

context_file *context_look(conf_reader *c, const conf_value *v,
                           const char *path)
{
    context_file *file = NULL;

    if (c->check != NULL) {
        file = context_load(path, c->messages);
        if (file == NULL) {
            conf_error(c, v, c->manual, "the context in %s cannot be used",
                       path);
        }
    }
    return file;
}
