/* SPDX-License-Identifier: BSD-2-Clause */
#include "state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    PATH_CAP = 1024
};

static bool failed(const char *path, char *error, size_t cap)
{
    snprintf(error, cap, "%s: %s", path, strerror(errno));
    return false;
}

/* --- hex ----------------------------------------------------------------- */

void state_file_put_hex(char *to, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        snprintf(to + 2 * i, 3, "%02x", (unsigned)bytes[i]);
    }
    to[2 * len] = '\0';
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

size_t state_file_get_hex(const char *from, uint8_t *bytes, size_t cap)
{
    size_t len = 0;

    while (len < cap) {
        const int high = digit_of(from[0]);
        const int low = high >= 0 ? digit_of(from[1]) : -1;
        if (high < 0 || low < 0) {
            break;
        }
        bytes[len++] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
        from += 2;
    }
    return len;
}

/* --- reading ------------------------------------------------------------ */

static bool lock(struct state_file *f, char *error, size_t cap)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char path[PATH_CAP];

    if (strlen(f->path) + sizeof ".lock" > sizeof path) {
        snprintf(error, cap, "%s: the name is too long", f->path);
        return false;
    }
    snprintf(path, sizeof path, "%s.lock", f->path);
    f->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (f->lock < 0) {
        return failed(path, error, cap);
    }
    while (fcntl(f->lock, F_SETLKW, &whole) != 0) {
        if (errno != EINTR) {
            return failed(path, error, cap);
        }
    }
    return true;
}

bool state_file_open(struct state_file *f, const char *path, char *error,
                     size_t cap)
{
    f->path = path;
    f->lock = -1;
    if (lock(f, error, cap)) {
        return true;
    }
    state_file_close(f);
    return false;
}

bool state_file_read(const struct state_file *f, char *text, size_t cap_text,
                     bool *exists, char *error, size_t cap)
{
    FILE *in = fopen(f->path, "rb");

    text[0] = '\0';
    *exists = in != NULL;
    if (in == NULL) {
        return errno == ENOENT || failed(f->path, error, cap);
    }
    const size_t len = fread(text, 1, cap_text - 1, in);
    const bool bad = ferror(in) != 0;
    const int why = errno;
    fclose(in);
    text[len] = '\0';
    if (bad) {
        errno = why;
        return failed(f->path, error, cap);
    }
    return true;
}

/* --- writing ------------------------------------------------------------ */

static bool write_new(const char *path, const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0;

    while (good && len > 0) {
        const ssize_t n = write(fd, text, len);
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        } else {
            good = n < 0 && errno == EINTR;
        }
    }
    good = good && fsync(fd) == 0;
    if (fd >= 0) {
        const int why = errno;
        good = close(fd) == 0 && good;
        errno = good ? errno : why;
    }
    return good;
}

bool state_file_sync_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_CAP] = ".";

    if (slash != NULL) {
        const size_t len = slash == path ? 1 : (size_t)(slash - path);
        memcpy(folder, path, len);
        folder[len] = '\0';
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const bool good = fsync(fd) == 0;
    const int why = errno;
    close(fd);
    errno = why;
    return good;
}

bool state_file_write(const struct state_file *f, const char *text, size_t len,
                      char *error, size_t cap)
{
    char path[PATH_CAP];

    snprintf(path, sizeof path, "%s.new", f->path);
    if (!write_new(path, text, len) || rename(path, f->path) != 0 ||
        !state_file_sync_name(f->path)) {
        return failed(f->path, error, cap);
    }
    return true;
}

void state_file_close(struct state_file *f)
{
    if (f->path != NULL && f->lock >= 0) {
        close(f->lock);
    }
    memset(f, 0, sizeof *f);
}
