/* SPDX-License-Identifier: BSD-2-Clause */
/* The record of an audit: a file of lines that only grows, and beside it
 * signed checkpoints of the Merkle tree over them (RFC 9162). Each line is a
 * JSON object that begins with its number, the leaf hash of the line before
 * it, and the time:
 *
 *     {"seq":1,"prev":"c01d...","ms":1764450000123,"kind":"intent",...}
 *
 * The hash of the line before shows which line was changed; the tree shows
 * that nothing was written anew, and proves one line without the others. What
 * else is in a line is the program's: covey-evidence(5).
 *
 * A checkpoint has the form of a note (C2SP signed-note and tlog-checkpoint):
 * three lines, an empty one, and signatures. */
#ifndef COVEY_SHELL_EVIDENCE_H
#define COVEY_SHELL_EVIDENCE_H

#include <mandate.h>

enum {
    EVIDENCE_LINE_MAX = 16384, /* bytes, with its end */
    EVIDENCE_ORIGIN_MAX = 64,  /* with its end */
    EVIDENCE_SIGNATURES_MAX = 8,
    EVIDENCE_RUN_LEN = 32, /* hex digits that name a run */
    EVIDENCE_NOTE_MAX = 4096
};

/* Lines that are read; more are refused. */
#define EVIDENCE_RECORDS_MAX ((uint64_t)1 << 24)

/* Names of the files in a folder of evidence. */
#define EVIDENCE_LOG         "acts.log"
#define EVIDENCE_CHECKPOINTS "checkpoints"

/* --- notes --------------------------------------------------------------- */

typedef struct evidence_signature {
    covey_bytes name;
    uint32_t key_id;
    uint64_t time; /* of a cosignature, seconds since 1970; otherwise 0 */
    uint8_t bytes[MANDATE_SIGNATURE];
    bool cosigns;
} evidence_signature;

/* Spans point into the text. */
typedef struct evidence_note {
    covey_bytes body; /* its three lines: what is signed */
    covey_bytes origin;
    covey_merkle_head head;
    evidence_signature signatures[EVIDENCE_SIGNATURES_MAX];
    size_t signature_count;
} evidence_note;

/* Reads the note at the beginning of a text; how many bytes it took, with the
 * empty line behind it if there is one. 0: there is none. */
size_t evidence_note_read(covey_bytes text, evidence_note *note);

/* Whether the auditor's key has signed, under the name of the log. */
bool evidence_note_signed(const evidence_note *note,
                          const covey_crypto *crypto, const mandate_key *key);
/* Whether a party's key has cosigned, and when. */
bool evidence_note_cosigned(const evidence_note *note,
                            const covey_crypto *crypto, const mandate_key *key,
                            uint64_t *when);

/* Writes the note of a head with the signature of the log's own key. False if
 * the provider failed. */
bool evidence_note_write(const char *origin, const covey_merkle_head *head,
                         const covey_crypto *crypto, covey_key *own,
                         const mandate_key *key, char out[EVIDENCE_NOTE_MAX]);
/* Writes the line of a cosignature under the name of the key. */
bool evidence_note_cosign(const evidence_note *note, uint64_t now,
                          const covey_crypto *crypto, covey_key *own,
                          const mandate_key *key, char out[EVIDENCE_NOTE_MAX]);

/* --- writing ------------------------------------------------------------- */

typedef struct evidence evidence;

typedef struct evidence_options {
    const char *folder; /* made here, mode 0700; it must not exist */
    const char *run;    /* EVIDENCE_RUN_LEN hex digits */
    const covey_crypto *crypto;
    covey_key *own; /* of the auditor; both are used until it is closed */
    const mandate_key *key;
    uint32_t every; /* a checkpoint after so many lines; 0: only when asked */
} evidence_options;

/* NULL with a message. */
evidence *evidence_create(const evidence_options *o, FILE *messages);

/* Appends a line: seq, prev and ms, then the members of `object`, the text of
 * a JSON object with at least one. It is with the system when this returns,
 * and on disk if `durable`. *seq, if not NULL, is its number. After a failure
 * nothing is written any more: the caller must not go on with what it could
 * not record. */
bool evidence_append(evidence *e, covey_bytes object, int64_t ms, bool durable,
                     uint64_t *seq);
/* Signs what is there so far, durably. */
bool evidence_checkpoint(evidence *e);
/* false: see evidence_append. */
bool evidence_good(const evidence *e);
/* Without a checkpoint of its own. NULL is allowed. */
void evidence_close(evidence *e);

/* --- reading ------------------------------------------------------------- */

typedef struct evidence_record {
    uint64_t seq; /* as it says itself; UINT64_MAX: it says nothing */
    covey_merkle_hash prev;
    int64_t ms;
    covey_bytes line; /* without its end; until the next one is read */
} evidence_record;

/* The beginning of a line; false if it is none. */
bool evidence_record_read(covey_bytes line, evidence_record *out);

/* What all lines amount to. */
typedef struct evidence_log {
    covey_merkle_hash *leaves;
    covey_merkle_hash *prevs;
    uint64_t *seqs; /* UINT64_MAX: not a line of ours */
    uint64_t count;
    uint64_t room;
    bool cut; /* the last one has no end */
} evidence_log;

typedef void evidence_visit(void *user, uint64_t index,
                            const evidence_record *r);

/* Reads to the end, handing each line that has the right beginning to `visit`,
 * if not NULL. False with a message; what is wrong with the lines is no
 * failure. Freed by evidence_log_free in any case. */
bool evidence_scan(FILE *in, const covey_crypto *crypto, evidence_visit *visit,
                   void *user, evidence_log *out, FILE *messages);
void evidence_log_free(evidence_log *l);

/* --- what is wrong ------------------------------------------------------- */

typedef enum evidence_kind {
    EVIDENCE_WHOLE = 0,
    EVIDENCE_CHANGED,   /* this line is not what was written */
    EVIDENCE_MISSING,   /* there was a line here */
    EVIDENCE_MOVED,     /* another line stands in its place */
    EVIDENCE_CUT,       /* it has no end */
    EVIDENCE_REWRITTEN, /* the lines from `from` to this one are not those
                           that were signed */
    EVIDENCE_FORGED,    /* its checkpoint has no signature of the auditor */
    EVIDENCE_UNSIGNED,  /* no checkpoint covers it */
    EVIDENCE_OLDER,     /* the checkpoint that somebody kept does not fit */
    EVIDENCE_KINDS
} evidence_kind;

typedef struct evidence_fault {
    evidence_kind kind;
    uint64_t record;
    uint64_t from;
} evidence_fault;

/* The checkpoints of a run in their order, and one that was kept elsewhere, if
 * any. */
typedef struct evidence_notes {
    const evidence_note *notes;
    size_t count;
    const evidence_note *kept; /* NULL: none */
    const char *run;
} evidence_notes;

/* The first fault of a record, EVIDENCE_WHOLE if there is none. False if the
 * provider failed. */
bool evidence_find_fault(const covey_crypto *crypto, const evidence_log *log,
                         const evidence_notes *notes, const mandate_key *key,
                         evidence_fault *out);
/* "changed": in English; never NULL. */
const char *evidence_kind_text(evidence_kind kind);

#endif
