/* SPDX-License-Identifier: BSD-2-Clause */
#include "key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who else can read a secret has it. */
static dtls_file open_secret(const char *path, int *fd,
                             char error[DTLS_ERROR_MAX])
{
    struct stat s;

    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, &s) != 0) {
        snprintf(error, DTLS_ERROR_MAX, "%s: %s", path, strerror(errno));
        return DTLS_FILE_BAD;
    }
    if (S_ISREG(s.st_mode) && (s.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        snprintf(error, DTLS_ERROR_MAX,
                 "%s: others may use this secret: chmod 600", path);
        return DTLS_FILE_OPEN;
    }
    return DTLS_FILE_GOOD;
}

dtls_file dtls_key_read(const char *path, uint8_t key[DTLS_KEY_MAX],
                        size_t *len, char error[DTLS_ERROR_MAX])
{
    uint8_t more[DTLS_KEY_MAX + 1];
    int fd = -1;
    dtls_file result = open_secret(path, &fd, error);

    if (result == DTLS_FILE_GOOD) {
        const ssize_t n = read(fd, more, sizeof more);
        if (n <= 0 || n > DTLS_KEY_MAX) {
            snprintf(error, DTLS_ERROR_MAX,
                     "%s: expected a key of 1 to %d bytes", path,
                     (int)DTLS_KEY_MAX);
            result = DTLS_FILE_BAD;
        } else {
            memcpy(key, more, (size_t)n);
            *len = (size_t)n;
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    covey_wipe(more, sizeof more);
    return result;
}

dtls_file dtls_secret_check(const char *path, char error[DTLS_ERROR_MAX])
{
    int fd = -1;
    const dtls_file result = open_secret(path, &fd, error);

    if (fd >= 0) {
        (void)close(fd);
    }
    return result;
}
