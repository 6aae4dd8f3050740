/* SPDX-License-Identifier: BSD-2-Clause */
/* Streams: all of one as it comes, and characters that are safe in HTML. */
#include "text.h"

#include <stdlib.h>

char *text_slurp(FILE *file, size_t max, size_t *len)
{
    size_t cap = 4096;
    size_t used = 0;
    char *text = malloc(cap);

    while (text != NULL) {
        used += fread(text + used, 1, cap - 1 - used, file);
        if (used < cap - 1 || used > max) {
            break;
        }
        cap *= 2;
        char *more = realloc(text, cap);
        if (more == NULL) {
            free(text);
        }
        text = more;
    }
    if (text != NULL && ferror(file)) {
        free(text);
        text = NULL;
    }
    if (text != NULL) {
        text[used] = '\0';
        *len = used;
    }
    return text;
}

void text_put_html(FILE *out, char c)
{
    switch (c) {
    case '&':
        fputs("&amp;", out);
        break;
    case '<':
        fputs("&lt;", out);
        break;
    case '>':
        fputs("&gt;", out);
        break;
    case '"':
        fputs("&quot;", out);
        break;
    case '\'':
        fputs("&#39;", out);
        break;
    default:
        putc(c, out);
        break;
    }
}
