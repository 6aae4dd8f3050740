/* SPDX-License-Identifier: BSD-2-Clause */
#include "oscore_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TITLE "covey oscore state 1\n"
#define KEY   "sender_key "

enum {
    PATH_CAP = 1024,
    TEXT_CAP = 200
};

static bool failed(const char *path, char *error, size_t cap)
{
    snprintf(error, cap, "%s: %s", path, strerror(errno));
    return false;
}

/* --- whose state it is ------------------------------------------------- */

covey_status oscore_fingerprint(const covey_crypto *crypto, covey_bytes key,
                                uint8_t out[OSCORE_FINGERPRINT])
{
    uint8_t digest[COVEY_HASH_MAX];
    covey_writer w = covey_writer_of(digest, sizeof digest);
    covey_hash hash = { { 0 } };
    covey_status st =
        crypto->hash_begin(crypto->provider, COVEY_SHA_256, &hash);

    if (st == COVEY_OK) {
        st = crypto->hash_update(crypto->provider, &hash, key);
    }
    if (st == COVEY_OK) {
        st = crypto->hash_finish(crypto->provider, &hash, &w);
    }
    crypto->hash_drop(crypto->provider, &hash);
    if (st == COVEY_OK) {
        memcpy(out, digest, OSCORE_FINGERPRINT);
    }
    return st;
}

/* --- the text ----------------------------------------------------------- */

/* One way to write it, so that reading is writing again and comparing. */
static int format(const struct oscore_state *s, const covey_oscore_state *now,
                  char text[TEXT_CAP])
{
    char hex[2 * OSCORE_FINGERPRINT + 1];

    for (size_t i = 0; i < OSCORE_FINGERPRINT; i++) {
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)s->fingerprint[i]);
    }
    return snprintf(text, TEXT_CAP,
                    TITLE KEY "%s\nsequence_number %llu\nreplay_window %llu\n",
                    hex, (unsigned long long)now->ssn,
                    (unsigned long long)now->window);
}

/* The number behind `name`; 0 if it is not there. */
static uint64_t number_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at != NULL ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static bool parse(struct oscore_state *s, const char *text, char *error,
                  size_t cap)
{
    const covey_oscore_state now = {
        number_of(text, "\nsequence_number "),
        number_of(text, "\nreplay_window "),
    };
    char again[TEXT_CAP];

    format(s, &now, again);
    if (strcmp(text, again) == 0 && now.ssn <= COVEY_OSCORE_SSN_END &&
        now.window <= COVEY_OSCORE_SSN_END) {
        s->now = now;
        return true;
    }
    const size_t title = strlen(TITLE);
    const size_t key = strlen(TITLE KEY) + (size_t)2 * OSCORE_FINGERPRINT;
    if (strncmp(text, again, title) == 0 && strncmp(text, again, key) != 0) {
        snprintf(error, cap,
                 "%s: expected the state of this context, found that of "
                 "another one",
                 s->path);
    } else {
        snprintf(error, cap, "%s: expected a state file of this program",
                 s->path);
    }
    return false;
}

/* --- reading ------------------------------------------------------------ */

static bool lock(struct oscore_state *s, char *error, size_t cap)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char path[PATH_CAP];

    if (strlen(s->path) + sizeof ".lock" > sizeof path) {
        snprintf(error, cap, "%s: the name is too long", s->path);
        return false;
    }
    snprintf(path, sizeof path, "%s.lock", s->path);
    s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock < 0) {
        return failed(path, error, cap);
    }
    while (fcntl(s->lock, F_SETLKW, &whole) != 0) {
        if (errno != EINTR) {
            return failed(path, error, cap);
        }
    }
    return true;
}

static bool read_file(struct oscore_state *s, char *error, size_t cap)
{
    char text[TEXT_CAP];
    FILE *in = fopen(s->path, "rb");

    if (in == NULL) {
        return errno == ENOENT || failed(s->path, error, cap);
    }
    const size_t len = fread(text, 1, sizeof text - 1, in);
    const bool bad = ferror(in) != 0;
    const int why = errno;
    fclose(in);
    text[len] = '\0';
    if (bad) {
        errno = why;
        return failed(s->path, error, cap);
    }
    return parse(s, text, error, cap);
}

bool oscore_state_open(struct oscore_state *s, const char *path,
                       const uint8_t fingerprint[OSCORE_FINGERPRINT],
                       uint64_t first, char *error, size_t cap)
{
    memset(s, 0, sizeof *s);
    s->path = path;
    s->lock = -1;
    s->now.ssn = first;
    memcpy(s->fingerprint, fingerprint, OSCORE_FINGERPRINT);
    if (lock(s, error, cap) && read_file(s, error, cap)) {
        return true;
    }
    oscore_state_close(s);
    return false;
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

/* The new name is durable only when the folder is. */
static bool sync_folder(const char *path)
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

bool oscore_state_store(struct oscore_state *s, const covey_oscore_state *next,
                        char *error, size_t cap)
{
    char path[PATH_CAP];
    char text[TEXT_CAP];
    const int len = format(s, next, text);

    snprintf(path, sizeof path, "%s.new", s->path);
    if (len <= 0 || !write_new(path, text, (size_t)len) ||
        rename(path, s->path) != 0 || !sync_folder(s->path)) {
        return failed(s->path, error, cap);
    }
    s->now = *next;
    return true;
}

void oscore_state_close(struct oscore_state *s)
{
    if (s->path != NULL && s->lock >= 0) {
        close(s->lock);
    }
    memset(s, 0, sizeof *s);
}
