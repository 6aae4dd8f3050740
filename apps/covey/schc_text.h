/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet explained on a terminal. */
#ifndef COVEY_APP_SCHC_TEXT_H
#define COVEY_APP_SCHC_TEXT_H

#include "schc_view.h"

/* Colours as --color says; the view is explained. */
void schc_text_print(const schc_session *s, const schc_view *v, FILE *out);

#endif
