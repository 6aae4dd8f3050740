/* SPDX-License-Identifier: BSD-2-Clause */
/* Secrets in files of their own. */
#ifndef COVEY_SHELL_DTLS_KEY_FILE_H
#define COVEY_SHELL_DTLS_KEY_FILE_H

#include "dtls.h"

typedef enum dtls_file {
    DTLS_FILE_GOOD,
    DTLS_FILE_OPEN, /* others may read or write it */
    DTLS_FILE_BAD   /* cannot be read, or is no key */
} dtls_file;

/* A pre-shared key, the bytes of the file as they are. Otherwise a sentence
 * in `error`. */
dtls_file dtls_key_read(const char *path, uint8_t key[DTLS_KEY_MAX],
                        size_t *len, char error[DTLS_ERROR_MAX]);
/* Whether a secret may be used that somebody else reads: libssl's, in PEM. */
dtls_file dtls_secret_check(const char *path, char error[DTLS_ERROR_MAX]);

#endif
