/* SPDX-License-Identifier: BSD-2-Clause */
/* Which published vulnerabilities concern which service, out of files and
 * without a packet: records of OSV, pages of the NVD (API 2.0), and CSAF with
 * VEX. Each source has its weight: what a distribution says about its own
 * package outweighs a version that was compared with a list, and what the
 * supplier says about his product outweighs both.
 *
 * A version alone proves nothing, since distributions mend without changing
 * it: the NVD alone never makes an answer of "affected". */
#ifndef COVEY_SHELL_VULN_H
#define COVEY_SHELL_VULN_H

#include <covey/bytes.h>
#include <covey/crypto.h>

#include <stdio.h>

enum {
    VULN_NAME_MAX = 64,
    VULN_VERSION_MAX = 128,
    VULN_LABEL_MAX = 200,
    VULN_WHY_MAX = 200,
    VULN_SERVICES_MAX = 4096,
    VULN_MATCHES_MAX = 16384,
    VULN_DATE_MAX = 24
};

/* --- versions ------------------------------------------------------------ */

/* As dpkg orders them (deb-version(7)): epoch, upstream version, revision;
 * a tilde before everything, letters before other signs, numbers as numbers.
 * Below, at, or above zero. */
int vuln_dpkg_compare(const char *a, const char *b);
/* Versions of which nobody says how they are ordered: numbers as numbers,
 * "rc1" and its like before what they lead to, other letters behind. */
int vuln_plain_compare(const char *a, const char *b);

/* --- what is looked up --------------------------------------------------- */

/* Of a CPE; empty texts: any. */
typedef struct vuln_cpe {
    char part; /* 'a', 'o', 'h'; 0: there is none */
    char vendor[VULN_NAME_MAX];
    char product[VULN_NAME_MAX];
    char version[VULN_VERSION_MAX]; /* with its update: "9.2p1" */
} vuln_cpe;

typedef struct vuln_service {
    char label[VULN_LABEL_MAX];       /* for people */
    char distribution[VULN_NAME_MAX]; /* "Debian:12"; "Debian": not known
                                         which; "": none is known */
    char package[VULN_NAME_MAX];      /* the source package */
    char version[VULN_VERSION_MAX];   /* of it, with its revision */
    bool epochless; /* the version comes from a banner, which has no epoch */
    vuln_cpe cpe;
} vuln_service;

/* A name of CPE 2.3 ("cpe:2.3:a:...") or 2.2 ("cpe:/a:..."). False: none. */
bool vuln_cpe_read(const char *text, vuln_cpe *out);

/* Fills in what can be said about a service from what it says of itself, such
 * as "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10"; what is there already stays.
 * False: it says nothing that is known here. */
bool vuln_service_guess(vuln_service *s, const char *banner);

/* --- answers ------------------------------------------------------------- */

typedef enum vuln_answer {
    VULN_CANNOT_TELL = 0,
    VULN_AFFECTED,
    VULN_FIXED, /* by the distribution, or its supplier says it is not
                   affected */
    VULN_ANSWERS
} vuln_answer;

/* In the order of their weight. */
typedef enum vuln_source {
    VULN_NVD = 0,
    VULN_OSV,
    VULN_VEX,
    VULN_SOURCES
} vuln_source;

typedef struct vuln_match {
    uint32_t service; /* its number */
    uint32_t base;    /* see vuln_lookup */
    vuln_source source;
    vuln_answer answer;
    char id[VULN_NAME_MAX];     /* "CVE-2024-6387" */
    char record[VULN_NAME_MAX]; /* "DSA-5724-1" */
    char why[VULN_WHY_MAX];     /* printable ASCII */
} vuln_match;

/* "affected", "fixed by distribution", "cannot tell"; "OSV", "NVD", "VEX":
 * never NULL. */
const char *vuln_answer_text(vuln_answer answer);
const char *vuln_source_text(vuln_source source);

/* --- bases --------------------------------------------------------------- */

/* One look-up: all services in all bases. */
typedef struct vuln_lookup {
    const vuln_service *services; /* the caller's, until it is closed */
    size_t service_count;
    uint32_t base; /* the caller's number of what is read now */
    vuln_match *matches;
    size_t match_count;
    size_t match_room;
    FILE *messages;
    size_t refused; /* files that are none of these, or malformed */
    bool full;      /* no memory, or VULN_MATCHES_MAX are not enough */
} vuln_lookup;

/* What was looked at: a file, or all files "*.json" in a folder or in an
 * archive of ZIP. */
typedef struct vuln_base {
    char date[VULN_DATE_MAX]; /* the newest in it, RFC 3339; "": none */
    char sha256[65]; /* of the file; of a folder as that of the output of
                        "sha256sum *.json", in the order of bytes */
    size_t files;
    size_t records; /* that were looked into */
} vuln_base;

/* Looks all services up. False with a message: something could not be read.
 * A file that is refused is named and counted, and the others go on. */
bool vuln_base_read(vuln_lookup *l, const covey_crypto *crypto,
                    const char *path, vuln_base *out);
/* One file, from memory. False with a message that names it and the place. */
bool vuln_text_read(vuln_lookup *l, const char *name, covey_bytes text,
                    vuln_base *out);
/* An archive of such files, from memory, in the same way. */
bool vuln_zip_read(vuln_lookup *l, const char *name, covey_bytes bytes,
                   vuln_base *out);
void vuln_close(vuln_lookup *l);

#endif
