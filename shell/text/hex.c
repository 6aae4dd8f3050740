/* SPDX-License-Identifier: BSD-2-Clause */
#include "hex.h"

#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ':';
}

/* How many characters at text[at] only separate: one separator, or the 0x of
 * a number. */
static size_t separator_at(const char *text, size_t len, size_t at)
{
    bool at_start = at == 0 || is_separator(text[at - 1]);

    if (is_separator(text[at])) {
        return 1;
    }
    if (at_start && len - at >= 2 && text[at] == '0' &&
        (text[at + 1] == 'x' || text[at + 1] == 'X')) {
        return 2;
    }
    return 0;
}

/* Digits of text into out, which has room for all of them; the number of
 * bytes, or the position (from 1) of the wrong character in *wrong. */
static size_t convert(const char *text, size_t len, uint8_t *out,
                      size_t *wrong)
{
    size_t count = 0;
    size_t at = 0;

    *wrong = 0;
    while (at < len) {
        size_t skip = separator_at(text, len, at);
        if (skip > 0) {
            at += skip;
            continue;
        }
        int high = digit(text[at]);
        int low = high >= 0 && at + 1 < len ? digit(text[at + 1]) : -1;
        if (low < 0) {
            *wrong = high < 0 ? at + 1 : at + 2;
            return 0;
        }
        out[count++] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    return count;
}

static void explain(const char *text, size_t len, size_t wrong, char *error,
                    size_t cap)
{
    if (wrong > len) {
        snprintf(error, cap,
                 "character %zu: the input ends in the middle of a byte, "
                 "expected a second hex digit",
                 wrong);
        return;
    }
    char c = text[wrong - 1];
    if (is_separator(c)) {
        snprintf(error, cap,
                 "character %zu: expected a second hex digit before the "
                 "separator",
                 wrong);
    } else if (c > ' ' && c < 0x7f) {
        snprintf(error, cap, "character %zu: expected a hex digit, found '%c'",
                 wrong, c);
    } else {
        snprintf(error, cap,
                 "character %zu: expected a hex digit, found byte 0x%02x",
                 wrong, (unsigned)(unsigned char)c);
    }
}

bool hex_parse(const char *text, size_t text_len, uint8_t **bytes, size_t *len,
               char *error, size_t error_cap)
{
    uint8_t *out = malloc(text_len / 2 + 1);
    size_t wrong;

    if (out == NULL) {
        snprintf(error, error_cap, "out of memory");
        return false;
    }
    size_t count = convert(text, text_len, out, &wrong);
    if (wrong != 0) {
        explain(text, text_len, wrong, error, error_cap);
        free(out);
        return false;
    }
    *bytes = out;
    *len = count;
    return true;
}

bool hex_read(const char *arg, uint8_t **bytes, size_t *len, char *error,
              size_t error_cap)
{
    if (strcmp(arg, "-") != 0) {
        return hex_parse(arg, strlen(arg), bytes, len, error, error_cap);
    }
    size_t text_len;
    char *text = text_slurp(stdin, SIZE_MAX, &text_len);
    if (text == NULL) {
        snprintf(error, error_cap, "standard input: %s", strerror(errno));
        return false;
    }
    bool ok = hex_parse(text, text_len, bytes, len, error, error_cap);
    free(text);
    return ok;
}

void hex_print(FILE *file, covey_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        fprintf(file, "%02x", bytes.ptr[i]);
    }
}
