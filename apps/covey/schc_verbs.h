/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of `covey schc`; each returns an exit code of cmd.h. */
#ifndef COVEY_APP_SCHC_VERBS_H
#define COVEY_APP_SCHC_VERBS_H

#include "schc_args.h"

int schc_verb_compress(const schc_args *args);          /* schc_codec.c */
int schc_verb_decompress(const schc_args *args);        /* schc_codec.c */
int schc_verb_explain(const schc_args *args);           /* schc_codec.c */
int schc_verb_why_not(const schc_args *args);           /* schc_why_not.c */
int schc_verb_lint(const schc_args *args);              /* schc_lint.c */
int schc_verb_rules_show(const schc_args *args);        /* schc_rules.c */
int schc_verb_rules_export_c(const schc_args *args);    /* schc_rules.c */
int schc_verb_rules_export_json(const schc_args *args); /* schc_rules.c */
int schc_verb_pcap(const schc_args *args);              /* schc_pcap.c */

#endif
