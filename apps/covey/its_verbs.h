/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of `covey its`; each returns an exit code of cmd.h. */
#ifndef COVEY_APP_ITS_VERBS_H
#define COVEY_APP_ITS_VERBS_H

#include "its_args.h"

int its_verb_show(const its_args *args, const covey_crypto *crypto);
int its_verb_id(const its_args *args, const covey_crypto *crypto);
int its_verb_convert(const its_args *args, const covey_crypto *crypto);
int its_verb_verify(const its_args *args, const covey_crypto *crypto);
int its_verb_pki(const its_args *args, const covey_crypto *crypto);
int its_verb_crl(const its_args *args, const covey_crypto *crypto);
int its_verb_sign(const its_args *args, const covey_crypto *crypto);
int its_verb_verify_data(const its_args *args, const covey_crypto *crypto);

#endif
