/* SPDX-License-Identifier: BSD-2-Clause */
/* What files from outside say, line by line. They are read in a process that
 * can do nothing else (reader.c), and what that says is not believed either:
 * import.c looks at each line again.
 *
 * A line is a word and its fields, with a tab before each; texts are printable
 * ASCII. The last one is "end". */
#ifndef COVEY_AUDIT_READER_H
#define COVEY_AUDIT_READER_H

#include <covey/address.h>
#include <covey/bytes.h>
#include <covey/crypto.h>

#include <stdbool.h>
#include <stdio.h>

enum {
    READER_FILE_MAX = (1 << 24) - 1, /* bytes that are read */
    READER_FIELD_MAX = 200,          /* characters of a field */
    READER_LINE_MAX = 2048,
    READER_LINES_MAX = 65536
};

/* Where lines go. All zero but `out` and `crypto` is the beginning. */
typedef struct reader {
    FILE *out;
    const covey_crypto *crypto; /* for digests; of pcap only */
    uint32_t lines;
} reader;

/* One line; without effect when there are too many. The fields end with NULL.
 */
void reader_line(reader *r, const char *word, const char *const fields[]);
/* The last one: whether all of the file was read, and if not, why. */
void reader_end(reader *r, bool complete, const char *why);
/* The only one: this is no such file, not even the beginning of one. */
void reader_none(reader *r, const char *why);
/* Decimal; 24 bytes of room. */
const char *reader_number(uint64_t n, char out[24]);

/* --- the kinds of files -------------------------------------------------- */

typedef void reader_parse(reader *r, covey_bytes text);

/* XML of nmap 7 (-oX). Lines:
 *     scan program version start arguments
 *     port address protocol port state reason service product version extra
 *          cpe
 *     system address name accuracy cpe
 *     rest address state count */
reader_parse reader_nmap;
/* A capture, pcap or pcapng. Lines:
 *     flow from to packets bytes first last clear
 *                               (messages of CoAP with a payload that neither
 *                               DTLS nor OSCORE protects)
 *     secret from to sha256 name time
 *     other packets             (that are no UDP) */
reader_parse reader_pcap;
/* The CSV of Shadowserver's report about CoAP. Lines:
 *     outside address:port time size response */
reader_parse reader_shadowserver;
/* RFC 9116. Lines:
 *     field name value
 *     expires time
 *     signed                    (not checked by whom)
 *     fault what */
reader_parse reader_security;

typedef struct reader_kind {
    const char *name;
    reader_parse *parse;
    const char *copy; /* its name in the evidence; NULL: it is not copied */
    const char *expected; /* what the file has to be, for messages */
} reader_kind;

/* NULL: there is no such kind. */
const reader_kind *reader_find(const char *name);

#endif
