/* SPDX-License-Identifier: BSD-2-Clause */
/* One SCHC vector: what it gives, and what it expects. */
#ifndef COVEY_APP_SELFTEST_SCHC_H
#define COVEY_APP_SELFTEST_SCHC_H

#include "selftest.h"

#include <covey/schc.h>
#include <rules.h>

#include <stdio.h>

typedef enum schc_expect {
    SCHC_EXPECT_MATCH,    /* compresses, and comes back */
    SCHC_EXPECT_NO_MATCH, /* no compression rule fits the packet */
    SCHC_EXPECT_WHOLE,    /* the same, and it is sent as it is */
    SCHC_EXPECT_REFUSED,  /* no rule fits, or it does not decompress */
    SCHC_EXPECT_BAD_RULE  /* the rule is not loaded */
} schc_expect;

typedef struct schc_case {
    schc_expect expect;
    bool expect_given;
    bool documentation;   /* its own file says that it is wrong */
    bool decompress_only; /* of a case that expects a refusal */
    bool has_stack;
    covey_schc_stack stack;
    covey_schc_direction direction; /* 0: not given */
    /* Owned by the case; absent if not given. */
    covey_bytes packet;
    covey_bytes schc;
    covey_bytes residue;
    bool has_bits;
    uint32_t bits; /* of schc, without padding */
    bool has_residue_bits;
    uint32_t residue_bits;
    bool lossy; /* the packet does not come back identical */
    /* Candidates: `rules` of the case or of the file; with has_rule those of
     * this RuleID. */
    struct fy_node *rules;
    bool has_rule;
    uint64_t rule;
    bool has_rule_bits;
    uint64_t rule_bits;
    /* Given: the candidates are one rule set, and this is how it chooses. */
    bool has_select;
    covey_schc_select select;
    rules_options options;
    bool has_lsb_size;
    bool lsb_size_whole;
    bool has_dev_iid;
    bool has_app_iid;
    uint8_t dev_iid[8];
    uint8_t app_iid[8];
} schc_case;

/* Defaults that a file gives all of its cases. false: `why` says what is not
 * understood. */
bool schc_case_defaults(schc_case *c, struct fy_node *file, FILE *why);
/* What the vector says. false: `why` says what is not understood. */
bool schc_case_read(schc_case *c, struct fy_node *vector, FILE *why);
/* What is expected, by a word such as "no-match"; the narrower one of two.
 * false: the word is unknown, or contradicts what was said before. */
bool schc_expect_word(schc_case *c, const char *word);
bool schc_expect_that(schc_case *c, schc_expect what);
void schc_case_free(schc_case *c);
/* A member whose name looks as if it held cases. */
bool schc_case_list(const char *key);
/* A member that says something about all cases or documents them. */
bool schc_case_documentation(const char *key);

/* Runs all cases of a parsed file. */
void schc_document_run(selftest_report *report, const char *path,
                       struct fy_node *root);
/* Runs one case. false: it failed, `expected` and `got` say how. */
bool schc_case_run(const schc_case *c, FILE *expected, FILE *got);

#endif
