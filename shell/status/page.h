/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of page/, which embed.cmake puts into the program. */
#ifndef COVEY_STATUS_PAGE_H
#define COVEY_STATUS_PAGE_H

#include <covey/bytes.h>

extern const covey_bytes status_page_html;
extern const covey_bytes status_page_css;
extern const covey_bytes status_page_js;

#endif
