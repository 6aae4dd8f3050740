/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of page/, which embed.cmake puts into the program. */
#ifndef COVEY_STATUS_PAGE_H
#define COVEY_STATUS_PAGE_H

#include <covey/bytes.h>

extern const covey_bytes page_status_html;
extern const covey_bytes page_status_css;
extern const covey_bytes page_status_js;
extern const covey_bytes page_picture_js;

#endif
