/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared inside shell/rules. */
#ifndef COVEY_SHELL_RULES_INTERNAL_H
#define COVEY_SHELL_RULES_INTERNAL_H

#include "json.h"

#if defined(__GNUC__)
#define RULES_PRINTF(text, first)                                             \
    __attribute__((__format__(__printf__, text, first)))
#else
#define RULES_PRINTF(text, first)
#endif

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* --- report.c --- */

/* Messages kept of one load; the last one says that there are more. */
#define RULES_MESSAGES_MAX 100u

typedef struct rules_place {
    unsigned line;
    unsigned column;
    const char *path;
} rules_place;

void rules_report_at(rules_report *report, rules_severity severity,
                     rules_place place, const char *source, const char *format,
                     ...) RULES_PRINTF(5, 6);

/* --- load.c --- */

/* Memory that lives as long as the rule set. */
typedef struct rules_arena {
    struct rules_block *blocks;
} rules_arena;

struct rules_file {
    rules_arena arena;
    rules_json *document; /* NULL if somebody else owns it */
    covey_schc_rules rules;
    covey_schc_rule *table;        /* what rules.rules points to */
    struct fy_node **rule_nodes;   /* per rule */
    struct fy_node ***field_nodes; /* per rule, per field */
    covey_schc_profile profile;
    bool profile_named;
    uint8_t stack; /* covey_schc_stack, 0 if the file names none */
    rules_fragmentation *fragmentations; /* only if they were asked for */
    size_t fragmentation_count;
};

typedef struct rules_loader {
    rules_file *file;
    const rules_options *options;
    rules_report *report;
    bool base64; /* covey:value-encoding */
    bool lossy;  /* covey:lossy of the file */
} rules_loader;

/* An error or a warning about a node. */
void rules_error(rules_loader *l, struct fy_node *node, const char *source,
                 const char *format, ...) RULES_PRINTF(4, 5);
void rules_warning(rules_loader *l, struct fy_node *node, const char *source,
                   const char *format, ...) RULES_PRINTF(4, 5);

/* --- arena.c --- */

/* Zeroed memory for `count` objects; NULL (and an error in the report) if
 * there is none. At least one byte, so that NULL always means failure. */
void *rules_alloc(rules_loader *l, size_t count, size_t size);
void rules_arena_free(rules_arena *arena);

/* --- members.c --- */

/* The names that an object's members may have. */
typedef struct rules_names {
    const char *const *names;
    size_t count;
    bool lenient; /* others are warned about instead of refused */
} rules_names;

/* Sorts the members of an object into values[] by the place of their name,
 * with or without the "ietf-schc:" prefix; values[] must be NULL. Duplicates
 * and unknown names are errors; unknown names of other modules
 * ("module:name", "@name") warnings. false if the node is no object; `what`
 * names it. */
bool rules_members(rules_loader *l, struct fy_node *object, const char *what,
                   const rules_names *names, struct fy_node **values);
/* The name that is most like `word`, or NULL if none is. */
const char *rules_nearest(const char *word, const char *const *names,
                          size_t count);
/* One of a few words as a setting: its index, or -1 with an error. */
int rules_choice(rules_loader *l, struct fy_node *node,
                 const char *const *words, size_t count, const char *source);

/* --- terms.c: what the documents call it, long or short --- */

bool rules_term_mo(const char *text, uint8_t *mo);
/* `computes` gets "length" or "checksum" where the term says which, else
 * NULL. */
bool rules_term_cda(const char *text, uint8_t *cda, const char **computes);
bool rules_term_length(const char *text, uint8_t *length);
bool rules_term_direction(const char *text, uint8_t *direction);
/* A field name like the unknown one; NULL if there is none. */
const char *rules_nearest_field(const char *word);

/* --- value.c --- */

/* The target-value list of an entry into f->values and f->value_count; the
 * rest of *f is set. */
bool rules_values(rules_loader *l, struct fy_node *list, covey_schc_field *f);
/* `len` bytes as an unsigned integer right-aligned in `bits` bits, stored
 * left-aligned; false, with an error at `node`, if it does not fit. */
bool rules_store(rules_loader *l, struct fy_node *node, covey_bytes integer,
                 uint32_t bits, covey_schc_value *out);
/* The shortest bytes of n into buf; n = 0 gives `zero` bytes. */
covey_bytes rules_minimal(uint64_t n, size_t zero, uint8_t buf[8]);

/* --- field.c --- */

bool rules_field(rules_loader *l, struct fy_node *entry, covey_schc_field *f);
/* How many Uri-Path options one value groups (8824-update-09 Section 5.4);
 * 0 for none, -1 if the values disagree or have more than 255. */
int rules_segments(const covey_schc_field *f);
/* Fills in f->segments of a descriptor that is finished otherwise. */
bool rules_group(rules_loader *l, struct fy_node *entry, covey_schc_field *f);

/* --- rule.c --- */

/* Loads the list (or the one rule) in the shape of RFC 9363 or, where a rule
 * has a RuleID, of OpenSCHC. Errors are in the report. */
void rules_list(rules_loader *l, struct fy_node *list);
/* The descriptors of one rule, by a function for one of them. */
typedef bool rules_field_reader(rules_loader *l, struct fy_node *entry,
                                covey_schc_field *f);
void rules_fields(rules_loader *l, struct fy_node *list, uint16_t rule,
                  rules_field_reader *read);
/* A RuleID and its length in bits; both may be NULL: not in the file. */
void rules_id(rules_loader *l, struct fy_node *object, struct fy_node *value,
              struct fy_node *length, covey_schc_rule *rule);

/* --- fragmentation.c --- */

/* True if the rule is one and was asked for. */
bool rules_fragmentation_read(rules_loader *l, struct fy_node *object);

/* --- openschc.c --- */

/* One rule object of OpenSCHC's JSON. */
void rules_openschc(rules_loader *l, struct fy_node *object, uint16_t rule);

/* --- check.c --- */

/* Soundness, profile, lossy fields of a rule set that is structurally
 * complete; findings go to the report. */
void rules_check(rules_loader *l);

#endif
