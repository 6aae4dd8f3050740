/* SPDX-License-Identifier: BSD-2-Clause */
/* What the readers of files that people write have in common. */
#ifndef COVEY_FUZZ_CONF_ORACLE_H
#define COVEY_FUZZ_CONF_ORACLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline void check(bool good)
{
    if (!good) {
        abort();
    }
}

/* Every line names the text "t" and says what is wrong, in characters that a
 * terminal can show; there are lines if the file was refused. */
static inline void check_messages(const char *text, size_t len, bool refused)
{
    check(refused == (len > 0));
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        check(c == '\n' || (c >= 0x20 && c < 0x7f));
        if (i == 0 || text[i - 1] == '\n') {
            check(len - i > 3 && text[i] == 't' && text[i + 1] == ':');
        }
    }
    check(len == 0 || text[len - 1] == '\n');
}

#endif
