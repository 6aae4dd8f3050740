/* SPDX-License-Identifier: BSD-2-Clause */
/* How the report looks in a browser and on paper. */
#ifndef COVEY_AUDIT_PAPER_STYLE_H
#define COVEY_AUDIT_PAPER_STYLE_H

/* Lines of CSS; NULL is the end. */
extern const char *const paper_style[];

#endif
