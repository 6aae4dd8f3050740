/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of a directory. No path leads out of it: each segment is opened in
 * its folder, none that begins with a dot, none that is a link. */
#include "engine.h"

#include "media.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_CAP = 256
};

/* Takes one segment off `rest`; false if it can be no file name. */
static bool take_name(covey_bytes *rest, char name[NAME_CAP])
{
    const size_t len = rest->ptr[0];
    const uint8_t *bytes = rest->ptr + 1;

    if (len == 0 || bytes[0] == '.' || memchr(bytes, '/', len) != NULL ||
        memchr(bytes, '\0', len) != NULL) {
        return false;
    }
    memcpy(name, bytes, len);
    name[len] = '\0';
    rest->ptr += len + 1;
    rest->len -= len + 1;
    return true;
}

/* -1: there is nothing that may be served. */
static int open_path(int folder, covey_bytes rest, char name[NAME_CAP])
{
    int at = folder;

    while (rest.len > 0) {
        const bool good = take_name(&rest, name);
        /* A pipe must not hold the server up. */
        const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
                          (rest.len > 0 ? O_DIRECTORY : 0);
        const int next = good ? openat(at, name, flags) : -1;
        if (at != folder) {
            close(at);
        }
        at = next;
        if (at < 0) {
            return -1;
        }
    }
    return at != folder ? at : -1;
}

/* Changes with the file: where it is, how long, and when it was written. */
static uint64_t tag_of(const struct stat *about)
{
    const uint64_t parts[] = { (uint64_t)about->st_ino,
                               (uint64_t)about->st_size,
                               (uint64_t)about->st_mtim.tv_sec,
                               (uint64_t)about->st_mtim.tv_nsec };
    uint64_t h = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        for (unsigned bit = 0; bit < 64; bit += 8) {
            h = (h ^ (parts[i] >> bit & 0xff)) * UINT64_C(1099511628211);
        }
    }
    return h;
}

bool folder_open(const struct resource *r, covey_bytes rest,
                 struct resource_answer *a)
{
    char name[NAME_CAP];
    struct stat about;
    const int file = open_path(r->folder, rest, name);

    if (file < 0) {
        return false;
    }
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) ||
        (uint64_t)about.st_size > r->size) {
        close(file);
        return false;
    }
    a->body.kind = BODY_FILE;
    a->body.file = file;
    a->body.size = (uint64_t)about.st_size;
    a->format = media_of_name(name);
    tag_write(tag_of(&about), a);
    return true;
}
