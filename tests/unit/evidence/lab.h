/* SPDX-License-Identifier: BSD-2-Clause */
/* A folder of evidence for tests, its keys, and its files as texts. */
#ifndef COVEY_EVIDENCE_LAB_H
#define COVEY_EVIDENCE_LAB_H

#include <evidence.h>

#include "kit.h"

#define LAB_RUN "0123456789abcdef0123456789abcdef"

enum {
    LAB_TEXT_MAX = 1 << 17,
    LAB_NOTES_MAX = 16
};

typedef struct lab_party {
    covey_key own;
    mandate_key key;
} lab_party;

typedef struct lab {
    covey_crypto crypto;
    lab_party auditor; /* P-256 */
    lab_party client;  /* Ed25519 */
    char base[64];     /* made for the test, removed at its end */
    char folder[80];   /* the evidence within */
    char log[LAB_TEXT_MAX];
    size_t log_len;
    char notes[LAB_TEXT_MAX];
    size_t notes_len;
} lab;

extern lab the_lab;

/* For a group of tests. */
int lab_set_up(void **state);
int lab_tear_down(void **state);

/* A record of `count` lines with a checkpoint after each `every` and at the
 * end, and both files read. */
void lab_write(uint32_t count, uint32_t every);
void lab_read(void);
/* The texts as they were read. */
void lab_again(void);
void lab_remove(void);

/* The first fault of the texts as they are now; `kept`: a checkpoint that was
 * kept, or NULL. */
evidence_fault lab_fault(const char *kept);

/* Where line n begins in the log. */
char *lab_line(size_t n);

#endif
