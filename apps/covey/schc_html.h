/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet explained on one self-contained page: nothing is loaded from
 * anywhere, light and dark, readable without its few lines of script. */
#ifndef COVEY_APP_SCHC_HTML_H
#define COVEY_APP_SCHC_HTML_H

#include "schc_view.h"

/* The view is explained. */
void schc_html_print(const schc_session *s, const schc_view *v, FILE *out);

/* Style and script of the page; schc_page.c. */
void schc_page_style(FILE *out);
void schc_page_script(FILE *out);

#endif
