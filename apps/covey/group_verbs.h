/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of `covey group`; each returns an exit code of cmd.h. */
#ifndef COVEY_APP_GROUP_VERBS_H
#define COVEY_APP_GROUP_VERBS_H

#include "group_args.h"

int group_verb_derive(const group_args *args);    /* group_derive.c */
int group_verb_protect(const group_args *args);   /* group_protect.c */
int group_verb_unprotect(const group_args *args); /* group_unprotect.c */
int group_verb_verify(const group_args *args);    /* group_verify.c */
int group_verb_join(const group_args *args);      /* group_member.c, and */
int group_verb_leave(const group_args *args);
int group_verb_status(const group_args *args);

#endif
