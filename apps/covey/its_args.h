/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of `covey its`, and what its verbs share: files, messages,
 * exit codes. */
#ifndef COVEY_APP_ITS_ARGS_H
#define COVEY_APP_ITS_ARGS_H

#include <its_trust.h>

enum {
    ITS_FILES_MAX = ITS_TRUST_FILES /* of one kind on a command line */
};

struct its_files {
    const char *path[ITS_FILES_MAX];
    size_t count;
};

typedef struct its_args {
    const char *verb;
    bool json;
    bool certificate; /* sign: the whole certificate goes along */
    bool has_psid;
    bool has_pdu;
    bool has_series; /* crl: a list of IEEE */
    uint16_t series;
    uint32_t serial;
    uint64_t psid;
    uint8_t pdu;
    uint64_t at;      /* Time64; 0: now */
    uint64_t next;    /* Time64 */
    unsigned window;  /* seconds; 0: not compared */
    unsigned overdue; /* seconds that a revocation list may be late */
    const char *key;
    const char *issuer;
    const char *out;
    const char *external; /* a file whose SHA-256 is signed */
    const char *to;       /* convert: binary, hex, base64 */
    struct its_files trust;
    struct its_files chain; /* certificates that are sent along */
    struct its_files crl;
    struct its_files operands;
} its_args;

/* EXIT_DONE: go on; -1: help was printed; else an exit code, with a line on
 * standard error. */
int its_args_read(its_args *args, int argc, char **argv);

/* "covey its VERB: ..." on standard error; gives `status` back. */
#if defined(__GNUC__)
__attribute__((__format__(__printf__, 3, 4)))
#endif
int its_fail(const its_args *args, int status, const char *format, ...);

/* A file in its three forms (covey-its(1)): the bytes, in memory to be freed.
 * EXIT_DONE, or what its_fail gave. "-" is standard input. */
int its_load(const its_args *args, const char *path, uint8_t **bytes,
             size_t *len);
/* The same of a private key: refused if others may read the file. */
int its_load_key(const its_args *args, const char *path, uint8_t **bytes,
                 size_t *len);
/* To args->out or standard output. `secret`: with mode 0600. */
int its_save(const its_args *args, const char *path, covey_bytes bytes,
             bool secret);

/* Now, or what --at said. */
uint64_t its_time_now(const its_args *args);

#endif
