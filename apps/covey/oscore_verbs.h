/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of `covey oscore`; each returns an exit code of cmd.h. */
#ifndef COVEY_APP_OSCORE_VERBS_H
#define COVEY_APP_OSCORE_VERBS_H

#include "oscore_session.h"

/* With the context of the file open. */
int oscore_verb_derive(struct oscore_session *s);    /* oscore_derive.c */
int oscore_verb_protect(struct oscore_session *s);   /* oscore_protect.c */
int oscore_verb_unprotect(struct oscore_session *s); /* oscore_unprotect.c */
int oscore_verb_wireshark(struct oscore_session *s); /* oscore_wireshark.c */
/* Without. */
int oscore_verb_option(const struct oscore_args *args); /* oscore_option.c */

#endif
