/* SPDX-License-Identifier: BSD-2-Clause */
#include "internal.h"

const char *mandate_line(conf_reader *c, const conf_value *v)
{
    static const conf_wanted wanted = { 1, 200, false, MANDATE_MANUAL };
    const char *text = NULL;
    size_t len = 0;

    if (!conf_text(c, v, &wanted, &text, &len)) {
        return NULL;
    }
    for (size_t i = 0; i < len; i++) {
        const unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == 0x7f) {
            conf_error(c, v, MANDATE_MANUAL,
                       "expected a text of one line, found a byte %02x", byte);
            return NULL;
        }
    }
    return text;
}
