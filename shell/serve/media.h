/* SPDX-License-Identifier: BSD-2-Clause */
/* Content-Formats by name, number and suffix of a file name. */
#ifndef COVEY_SERVE_MEDIA_H
#define COVEY_SERVE_MEDIA_H

#include <stddef.h>
#include <stdint.h>

/* A media type of the registry or a number from 0 to 65535; -1 for others. */
int32_t media_of_text(const char *text, size_t len);
/* By the suffix of a file name: application/octet-stream if it says nothing.
 */
int32_t media_of_name(const char *name);

#endif
