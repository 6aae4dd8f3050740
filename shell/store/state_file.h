/* SPDX-License-Identifier: BSD-2-Clause */
/* A small text file that replaces itself as a whole: what is in it is durable
 * before the call returns, and nobody ever sees a part of it. Locked as long
 * as it is open, through a file of its own beside it. */
#ifndef COVEY_SHELL_STORE_STATE_FILE_H
#define COVEY_SHELL_STORE_STATE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct state_file {
    const char *path; /* NULL: not open */
    int lock;
};

/* Waits for another program that has it. The path is kept. false: `error` says
 * why, and nothing is open. */
bool state_file_open(struct state_file *f, const char *path, char *error,
                     size_t cap);
/* The text as it is, with a zero behind it: at most cap_text - 1 bytes.
 * *exists tells an empty file from none. */
bool state_file_read(const struct state_file *f, char *text, size_t cap_text,
                     bool *exists, char *error, size_t cap);
/* Durable when it returns true. */
bool state_file_write(const struct state_file *f, const char *text, size_t len,
                      char *error, size_t cap);
/* Bytes in such a text: lower case, and a zero behind them. */
void state_file_put_hex(char *to, const uint8_t *bytes, size_t len);
/* As many as there are, `cap` at most. */
size_t state_file_get_hex(const char *from, uint8_t *bytes, size_t cap);
/* Makes the name of a file durable, which it is only when its folder is; paths
 * of up to 1000 bytes. False: errno says why. */
bool state_file_sync_name(const char *path);
/* Allowed on one that is not open. */
void state_file_close(struct state_file *f);

#endif
