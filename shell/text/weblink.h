/* SPDX-License-Identifier: BSD-2-Clause */
/* The link format of RFC 6690, taken apart. */
#ifndef COVEY_SHELL_TEXT_WEBLINK_H
#define COVEY_SHELL_TEXT_WEBLINK_H

#include <covey/bytes.h>

/* Spans point into the document. */
struct text_link {
    covey_bytes target;     /* between < and > */
    covey_bytes attributes; /* what follows, each with its semicolon */
};

/* The next link of *left, which moves on. false at the end, and at what is no
 * link; then something is left. */
bool text_link_next(covey_bytes *left, struct text_link *link);
/* The next attribute as it is written, "rt=\"temp\"". false at the end. */
bool text_link_attribute(covey_bytes *left, covey_bytes *attribute);

#endif
