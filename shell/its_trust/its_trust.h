/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates of ITS and lists about them, out of files, and a store made of
 * them: what `covey its` does in one run and TLS for as long as it serves. */
#ifndef COVEY_SHELL_ITS_TRUST_H
#define COVEY_SHELL_ITS_TRUST_H

#include <covey/its_list.h>

#include <stdio.h>

/* --- files: file.c ------------------------------------------------------ */

enum {
    ITS_ERROR_MAX = 320
};

typedef enum its_file_result {
    ITS_FILE_READ = 1,
    ITS_FILE_FAILED, /* it cannot be read */
    ITS_FILE_SHARED  /* a private key that others may read */
} its_file_result;

/* A certificate, signed data or a private key: binary, hex or base64, told
 * apart by the first byte; "-" is standard input. In memory that the caller
 * frees. Otherwise `error` has a sentence that begins with the path. */
its_file_result its_file_read(const char *path, uint8_t **bytes, size_t *len,
                              char error[ITS_ERROR_MAX]);
/* A file as it is. `secret`: nobody else may read it, and what was read is to
 * be wiped. */
its_file_result its_file_read_raw(const char *path, bool secret,
                                  uint8_t **bytes, size_t *len,
                                  char error[ITS_ERROR_MAX]);
/* Whether a block of PEM is in what was read (RFC 7468). */
bool its_file_is_pem(const uint8_t *bytes, size_t len);
/* As its_file_read, of a private key that nobody else may read; raw with 32 or
 * 48 bytes, whatever they begin with. To be wiped. */
its_file_result its_file_read_key(const char *path, uint8_t **bytes,
                                  size_t *len, char error[ITS_ERROR_MAX]);

/* --- text: time.c, why.c ------------------------------------------------ */

enum {
    ITS_TIME_TEXT = 24 /* TEXT_TIME_MAX of shell/text */
};
/* "2026-11-29T08:00:00Z" and back; false: not of this form. */
bool its_time_read(const char *text, uint64_t *time64);
void its_time_text(uint32_t time32, char text[ITS_TIME_TEXT]);

/* Which certificate, which rule, what was found and expected: one line. */
void its_why_print(FILE *file, const covey_its_finding *why);

/* --- trust.c ------------------------------------------------------------ */

enum {
    ITS_TRUST_KNOWN = 128,
    ITS_TRUST_FILES = 64 /* of one kind */
};

/* Anchors, CAs that were verified, revocation lists, and certificates that
 * chains may need. 110 kB: not for stacks. */
typedef struct its_trust {
    const covey_crypto *crypto;
    covey_its_known known[ITS_TRUST_KNOWN];
    covey_its_store store;
    covey_its_crl crls[ITS_TRUST_FILES];
    uint8_t *crl_bytes[ITS_TRUST_FILES];
    size_t crl_count;
    uint8_t *chain_bytes[ITS_TRUST_FILES];
    covey_bytes chain[ITS_TRUST_FILES];
    size_t chain_count;
} its_trust;

/* `crypto` is kept. Close it in any case. */
void its_trust_open(its_trust *t, const covey_crypto *crypto);
void its_trust_close(its_trust *t);

/* All of these: not more than ITS_TRUST_FILES. `now` is Time64. */

/* An anchor, or a trust list that is signed by one who is trusted already. */
covey_its_verdict its_trust_anchor(its_trust *t, covey_bytes bytes,
                                   uint64_t now, covey_its_finding *why);
/* A signed revocation list; `bytes` are freed with the store, whatever comes
 * of it. */
covey_its_verdict its_trust_crl(its_trust *t, uint8_t *bytes, size_t len,
                                uint64_t now, covey_its_finding *why);
/* A certificate for chains that lack it; `bytes` as with its_trust_crl. False:
 * one too many. */
bool its_trust_chain_add(its_trust *t, uint8_t *bytes, size_t len);

/* The chain of `certificate`, with what was added. A peer that was verified is
 * to be dropped. */
covey_its_verdict its_trust_chain(its_trust *t, covey_its_peer *peer,
                                  covey_bytes certificate, uint64_t now,
                                  covey_its_finding *why);
/* Signed data and the chain of its signer, which may be in the store, among
 * what was added, or within. */
covey_its_verdict its_trust_data(its_trust *t, covey_its_peer *peer,
                                 const covey_its_signed *data,
                                 const covey_its_expect *expect,
                                 covey_its_finding *why);

#endif
