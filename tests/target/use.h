/* SPDX-License-Identifier: BSD-2-Clause */
/* Modules in use: linked into an image and measured (tools/size-report), never
 * run. */
#ifndef COVEY_TARGET_USE_H
#define COVEY_TARGET_USE_H

int use_oscore(void);
int use_group(void);

#endif
