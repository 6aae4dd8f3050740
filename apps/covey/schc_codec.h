/* SPDX-License-Identifier: BSD-2-Clause */
/* Explaining, for all verbs that do. */
#ifndef COVEY_APP_SCHC_CODEC_H
#define COVEY_APP_SCHC_CODEC_H

#include "schc_view.h"

/* Cuts into parts and prints them as the command line wants: text, JSON or a
 * page. An exit code. */
int schc_codec_explain(const schc_session *s, schc_view *v);

#endif
