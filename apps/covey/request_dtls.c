/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_dtls.h"

#include "cmd.h"

#include <key_file.h>
#include <string.h>

static int status_of(const struct request_args *a, dtls_file result,
                     const char *error)
{
    switch (result) {
    case DTLS_FILE_GOOD:
        return EXIT_DONE;
    case DTLS_FILE_OPEN:
        return request_fail(a, EXIT_REFUSED, "%s", error);
    case DTLS_FILE_BAD:
        break;
    }
    return request_fail(a, EXIT_IO, "%s", error);
}

static int read_key(struct request_dtls *d, const struct request_args *a)
{
    char error[DTLS_ERROR_MAX];
    size_t len = 0;
    const dtls_file result = dtls_key_read(a->psk_file, d->key, &len, error);

    d->options.key = covey_bytes_of(d->key, len);
    return status_of(a, result, error);
}

static int check_private_key(const struct request_args *a)
{
    char error[DTLS_ERROR_MAX];

    return a->key == NULL
               ? EXIT_DONE
               : status_of(a, dtls_secret_check(a->key, error), error);
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
