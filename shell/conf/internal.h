/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared inside shell/conf. */
#ifndef COVEY_SHELL_CONF_INTERNAL_H
#define COVEY_SHELL_CONF_INTERNAL_H

#include "conf.h"

typedef struct conf_document conf_document;

/* NULL with the reason in the messages. The text is kept until free, which
 * leaves it as it is. */
conf_document *conf_parse(conf_reader *c, const char *text, size_t len);
void conf_document_free(conf_document *doc);
conf_value conf_root(const conf_document *doc);

#endif
