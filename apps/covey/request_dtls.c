/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_dtls.h"

#include "cmd.h"

#include <covey/bytes.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who else can read a secret has it. */
static int open_secret(const struct request_args *a, const char *path, int *fd)
{
    struct stat s;

    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, &s) != 0) {
        return request_fail(a, EXIT_IO, "%s: %s", path, strerror(errno));
    }
    if (S_ISREG(s.st_mode) && (s.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return request_fail(a, EXIT_REFUSED,
                            "%s: others may use this secret: chmod 600", path);
    }
    return EXIT_DONE;
}

static int read_key(struct request_dtls *d, const struct request_args *a)
{
    uint8_t more[sizeof d->key + 1];
    int fd = -1;
    int status = open_secret(a, a->psk_file, &fd);

    if (status == EXIT_DONE) {
        const ssize_t len = read(fd, more, sizeof more);
        if (len <= 0 || (size_t)len > sizeof d->key) {
            status =
                request_fail(a, EXIT_IO, "%s: expected a key of 1 to %d bytes",
                             a->psk_file, (int)sizeof d->key);
        } else {
            memcpy(d->key, more, (size_t)len);
            d->options.key = covey_bytes_of(d->key, (size_t)len);
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    covey_wipe(more, sizeof more);
    return status;
}

static int check_private_key(const struct request_args *a)
{
    int fd = -1;
    const int status =
        a->key != NULL ? open_secret(a, a->key, &fd) : EXIT_DONE;

    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}

int request_dtls_open(struct request_dtls *d, const struct request_args *a,
                      const char *name)
{
    memset(d, 0, sizeof *d);
    d->options.name = name;
    d->options.identity = a->psk_identity;
    d->options.ca = a->ca;
    d->options.certificate = a->certificate;
    d->options.private_key = a->key;
    return a->psk_identity != NULL ? read_key(d, a) : check_private_key(a);
}

void request_dtls_close(struct request_dtls *d)
{
    covey_wipe(d->key, sizeof d->key);
}
