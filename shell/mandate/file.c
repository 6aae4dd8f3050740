/* SPDX-License-Identifier: BSD-2-Clause */
/* From a file to an envelope. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a root turned out to be. */
struct opened {
    conf_reader *c;
    dsse *out;
    bool envelope;
    mandate_kind kind; /* of a bare payload */
};

static bool has(const conf_value *root, conf_reader *c, const char *name)
{
    conf_value v;
    void *at = NULL;

    while (conf_next(root, &at, &v)) {
        const conf_value key = { NULL, v.key };
        size_t len = 0;
        const char *text = conf_scalar(c, &key, &len, "a key");
        if (text != NULL && len == strlen(name) &&
            memcmp(text, name, len) == 0) {
            return true;
        }
    }
    return false;
}

static void read_root(void *user, const conf_value *root)
{
    struct opened *o = user;

    if (has(root, o->c, "payloadType")) {
        o->envelope = true;
        dsse_read(o->c, root, o->out);
    } else if (has(root, o->c, "withdraws")) {
        o->kind = MANDATE_KIND_WITHDRAWAL;
    } else if (has(root, o->c, "amends")) {
        o->kind = MANDATE_KIND_AMENDMENT;
    }
}

/* All of the file, in the reader's memory. */
static char *slurp(conf_reader *c, const char *path, size_t *len)
{
    FILE *in = fopen(path, "rb");
    char *text = in != NULL ? conf_alloc(c, CONF_FILE_MAX + 1) : NULL;

    if (in == NULL) {
        c->io_error = errno;
        fprintf(c->messages, "%s: error: %s\n", path, strerror(errno));
        return NULL;
    }
    if (text != NULL) {
        *len = fread(text, 1, CONF_FILE_MAX + 1, in);
        if (ferror(in)) {
            c->io_error = errno != 0 ? errno : EIO;
            fprintf(c->messages, "%s: error: %s\n", path,
                    strerror(c->io_error));
            text = NULL;
        }
    }
    fclose(in);
    return text;
}

bool mandate_open(conf_reader *c, const char *path, bool bare, dsse *out)
{
    struct opened o = { .c = c, .out = out, .kind = MANDATE_KIND_MANDATE };
    size_t len = 0;
    char *text = slurp(c, path, &len);

    if (text == NULL || !conf_load_text(c, text, len, path, read_root, &o)) {
        return false;
    }
    if (o.envelope) {
        return true;
    }
    if (!bare) {
        fprintf(c->messages,
                "%s: error: expected a DSSE envelope with signatures (%s)\n",
                path, MANDATE_MANUAL);
        c->errors++;
        return false;
    }
    const dsse d = { .kind = o.kind,
                     .payload = (uint8_t *)text,
                     .payload_len = len };
    *out = d;
    return true;
}
