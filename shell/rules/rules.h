/* SPDX-License-Identifier: BSD-2-Clause */
/* Rule files: SCHC rule sets as JSON in the shape of RFC 9363 (man 5
 * covey-rules), loaded into the tables of covey/schc.h. Every message says
 * the line, the column and the JSON path. Also OpenSCHC's JSON. */
#ifndef COVEY_SHELL_RULES_H
#define COVEY_SHELL_RULES_H

#include <covey/schc.h>

#include <stdio.h>

struct fy_node;

/* A loaded rule set; owns its memory. */
typedef struct rules_file rules_file;

typedef enum rules_severity {
    RULES_ERROR,  /* the file is not loaded */
    RULES_WARNING /* loaded; worth knowing: lossy fields, SHOULDs */
} rules_severity;

/* One message about a file. */
typedef struct rules_message {
    rules_severity severity;
    unsigned line;   /* from 1; 0 if unknown */
    unsigned column; /* from 1; 0 if unknown */
    char path[160];  /* JSON path, "/ietf-schc:schc/rule/2/entry/5/..." */
    char text[400];  /* what is wrong and what was expected */
    char source[96]; /* document and section that say so; may be empty */
} rules_message;

/* All messages of one load; text is cut, never overflowed. */
typedef struct rules_report {
    rules_message *messages;
    size_t count;
    size_t errors;
} rules_report;

typedef struct rules_options {
    /* Apply the MUSTs of a profile: a violation is an error. */
    bool check_profile;
    /* With check_profile: the profile to use if the file names none, or, with
     * force_profile, in any case. */
    covey_schc_profile profile;
    bool force_profile;
    /* As if every rule said lossy: allow (the conformance runner). */
    bool allow_lossy;
    /* Fragmentation rules are put aside, for rules_fragmentations, instead of
     * refused. */
    bool fragmentation;
    /* What a file that does not say otherwise gets: the layout of the KUDOS
     * fields, covey_schc_rules.one_entry_index_bits, and values in base64
     * instead of hex digits. */
    covey_kudos_layout kudos;
    uint8_t one_entry_index_bits;
    bool base64;
} rules_options;

/* The defaults: MUSTs of the seed's profile, no lossy fields. */
rules_options rules_default_options(void);

/* Loads a file, "-" for standard input. NULL if there is an error; `report`
 * is filled in any case and freed with rules_report_free. */
rules_file *rules_load(const char *path, const rules_options *options,
                       rules_report *report);
/* The same from memory. */
rules_file *rules_load_text(const char *text, size_t len,
                            const rules_options *options,
                            rules_report *report);
/* From a node of a document that is already parsed (kept until rules_free):
 * an RFC 9363 document, a list of rules, or one rule. The report must be
 * zeroed or hold messages already, which stay. */
rules_file *rules_load_node(struct fy_node *node, const rules_options *options,
                            rules_report *report);
void rules_free(rules_file *file);
void rules_report_free(rules_report *report);
/* "name:12:7: error: /path: text (source)", one line per message. */
void rules_report_print(const rules_report *report, const char *name,
                        FILE *out);

/* What bounds a reassembly, as a fragmentation rule of RFC 9363 says it. */
typedef struct rules_fragmentation {
    unsigned line;
    bool acks;           /* a mode with acknowledgements, or an unknown one */
    uint64_t bytes;      /* of all packets that may be under way */
    bool inactivity;     /* a timer of the receiver that is not off */
    bool retransmission; /* a timer of the sender that is not off */
    bool attempts;       /* a bound for acknowledgement requests */
} rules_fragmentation;
const rules_fragmentation *rules_fragmentations(const rules_file *file,
                                                size_t *count);

/* The tables, valid until rules_free. */
const covey_schc_rules *rules_get(const rules_file *file);
covey_schc_profile rules_profile(const rules_file *file);
/* The stack that the file names ("covey:stack"), else the one that the layers
 * of its rules suggest. */
covey_schc_stack rules_stack(const rules_file *file);
/* Line where a rule, or one of its fields, begins; field may be field_count
 * for the rule itself. */
unsigned rules_line(const rules_file *file, uint16_t rule, uint16_t field);

/* Writes the rule set as C: const tables that need nothing but covey/schc.h,
 * with one public symbol `covey_schc_rules <symbol>`. false on write error. */
bool rules_export_c(const covey_schc_rules *rules, const char *symbol,
                    FILE *out);
/* Writes the rule set back as JSON in the shape that rules_load reads. */
bool rules_export_json(const covey_schc_rules *rules,
                       covey_schc_profile profile, FILE *out);

#endif
