/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts, paths and flags. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool conf_text(conf_reader *c, const conf_value *v, const conf_wanted *wanted,
               const char **out, size_t *out_len)
{
    size_t len;

    if (conf_is_missing(v)) {
        return false;
    }
    const char *text = conf_scalar(c, v, &len, "a text");
    if (text == NULL) {
        return false;
    }
    if (len < wanted->min || len > wanted->max) {
        conf_error(c, v, wanted->source,
                   "expected a text of %zu to %zu bytes, found %zu",
                   wanted->min, wanted->max, len);
        return false;
    }
    char *copy = conf_alloc(c, len + 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, text, len);
    *out = copy;
    *out_len = len;
    return true;
}

bool conf_path(conf_reader *c, const conf_value *v, const char **out)
{
    static const conf_wanted wanted = { 1, 1000, false, "" };
    const char *name = NULL;
    size_t len = 0;

    if (!conf_text(c, v, &wanted, &name, &len)) {
        return false;
    }
    if (c->folder == NULL) {
        conf_error(c, v, c->manual, "another file is not taken here");
        return false;
    }
    if (memchr(name, '\0', len) != NULL) {
        conf_error(c, v, c->manual, "expected a path without zero bytes");
        return false;
    }
    if (name[0] == '/') {
        *out = name;
        return true;
    }
    const size_t folder = strlen(c->folder);
    char *path = conf_alloc(c, folder + len + 1); /* zeroed */
    if (path == NULL) {
        return false;
    }
    memcpy(path, c->folder, folder);
    memcpy(path + folder, name, len);
    *out = path;
    return true;
}

/* A pipe is not waited for. */
static int try_to_read(const char *path)
{
    struct stat about = { 0 };
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int why = fd < 0 || fstat(fd, &about) != 0 ? errno : 0;

    if (why == 0 && S_ISDIR(about.st_mode)) {
        why = EISDIR;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return why;
}

bool conf_file(conf_reader *c, const conf_value *v, const char **out)
{
    if (!conf_path(c, v, out)) {
        return false;
    }
    const int why = c->check != NULL ? try_to_read(*out) : 0;
    if (why != 0) {
        conf_error(c, v, "", "%s: %s", *out, strerror(why));
    }
    return why == 0;
}

bool conf_database(conf_reader *c, const conf_value *v, const char **out)
{
    static const conf_wanted wanted = { 1, 1023, false, "" };
    const char *where = NULL;
    size_t len = 0;

    if (!conf_text(c, v, &wanted, &where, &len)) {
        return false;
    }
    if (strncmp(where, "postgresql://", 13) != 0 &&
        strncmp(where, "postgres://", 11) != 0) {
        return conf_path(c, v, out);
    }
    *out = where;
    return true;
}

bool conf_flag(conf_reader *c, const conf_value *v, bool *out)
{
    static const char *const words[] = { "false", "true" };
    const conf_names names = { words, 2, c->manual };
    unsigned which;

    if (!conf_word(c, v, &names, &which)) {
        return false;
    }
    *out = which == 1;
    return true;
}
