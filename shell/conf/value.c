/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers and bytes. Bytes are hex digits, here or in another file. */
#include "internal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define OTHER_FILE "file:"

enum {
    OTHER_FILE_MAX = 16384 /* bytes of such a file */
};

/* --- numbers ------------------------------------------------------------ */

bool conf_number(conf_reader *c, const conf_value *v, uint64_t min,
                 uint64_t max, const char *source, uint64_t *out)
{
    uint64_t n = 0;
    size_t len;

    if (conf_is_missing(v)) {
        return false;
    }
    const char *text = conf_scalar(c, v, &len, "a number");
    if (text == NULL) {
        return false;
    }
    bool good = len > 0 && len < 20;
    for (size_t i = 0; good && i < len; i++) {
        good = text[i] >= '0' && text[i] <= '9';
        n = n * 10 + (unsigned)(text[i] - '0');
    }
    if (!good || n < min || n > max) {
        conf_error(c, v, source,
                   "expected a number of %llu to %llu, found '%.*s'",
                   (unsigned long long)min, (unsigned long long)max,
                   (int)(len < 40 ? len : 40), text);
        return false;
    }
    *out = n;
    return true;
}

/* --- bytes -------------------------------------------------------------- */

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ':';
}

/* Pairs of digits, with separators between bytes; false with the place of the
 * wrong character, from 0. */
static bool convert(const char *text, size_t len, uint8_t *out, size_t *count,
                    size_t *wrong)
{
    *count = 0;
    for (size_t i = 0; i < len; i++) {
        if (is_separator(text[i])) {
            continue;
        }
        *wrong = i;
        if (digit(text[i]) < 0) {
            return false;
        }
        *wrong = ++i;
        if (i == len || digit(text[i]) < 0) {
            return false;
        }
        out[(*count)++] = (uint8_t)(digit(text[i - 1]) << 4 | digit(text[i]));
    }
    return true;
}

/* Never shows what it found: it may be a secret. */
static bool from_hex(conf_reader *c, const conf_value *v, const char *text,
                     size_t len, const conf_wanted *wanted, covey_bytes *out)
{
    uint8_t *bytes = conf_alloc(c, len / 2 + 1);
    size_t count;
    size_t wrong;

    if (bytes == NULL) {
        return false;
    }
    if (!convert(text, len, bytes, &count, &wrong)) {
        conf_error(c, v, c->manual,
                   "expected two hex digits a byte, character %zu is none",
                   wrong + 1);
        return false;
    }
    if (count < wanted->min || count > wanted->max) {
        if (wanted->min == wanted->max) {
            conf_error(c, v, wanted->source,
                       "expected %zu bytes in hex, found %zu", wanted->min,
                       count);
        } else {
            conf_error(c, v, wanted->source,
                       "expected %zu to %zu bytes in hex, found %zu",
                       wanted->min, wanted->max, count);
        }
        return false;
    }
    *out = covey_bytes_of(bytes, count);
    return true;
}

/* Secrets are not taken from files that others can read. */
static bool is_private(conf_reader *c, const conf_value *v, FILE *in)
{
    struct stat about;

    if (fstat(fileno(in), &about) != 0) {
        conf_error(c, v, "", "cannot be read: %s", strerror(errno));
        return false;
    }
    if (S_ISREG(about.st_mode) && (about.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        conf_error(c, v, c->manual,
                   "expected a secret that nobody else can read, found a "
                   "file of mode %04o",
                   (unsigned)(about.st_mode & 07777u));
        return false;
    }
    return true;
}

static FILE *open_other(conf_reader *c, const conf_value *v, const char *name,
                        size_t name_len)
{
    char path[1024];
    const char *folder = name_len > 0 && name[0] == '/' ? "" : c->folder;
    int len =
        snprintf(path, sizeof path, "%s%.*s", folder, (int)name_len, name);

    if (len < 0 || (size_t)len >= sizeof path) {
        conf_error(c, v, "", "the name of the file is too long");
        return NULL;
    }
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        conf_error(c, v, "", "%s: %s", path, strerror(errno));
    }
    return in;
}

static bool from_file(conf_reader *c, const conf_value *v, const char *name,
                      size_t name_len, const conf_wanted *wanted,
                      covey_bytes *out)
{
    char *text = conf_alloc(c, OTHER_FILE_MAX);
    bool good = false;

    if (text == NULL) {
        return false;
    }
    if (c->folder == NULL || name_len > 1000) {
        conf_error(c, v, c->manual,
                   "a value in another file is not taken here");
        return false;
    }
    FILE *in = open_other(c, v, name, name_len);
    if (in == NULL) {
        return false;
    }
    if (!wanted->secret || is_private(c, v, in)) {
        size_t len = fread(text, 1, OTHER_FILE_MAX, in);
        if (ferror(in)) {
            conf_error(c, v, "", "cannot be read: %s", strerror(errno));
        } else if (len == OTHER_FILE_MAX) {
            conf_error(c, v, c->manual,
                       "expected a file of less than %d bytes",
                       OTHER_FILE_MAX);
        } else {
            good = from_hex(c, v, text, len, wanted, out);
        }
    }
    fclose(in);
    return good;
}

bool conf_bytes(conf_reader *c, const conf_value *v, const conf_wanted *wanted,
                covey_bytes *out)
{
    const size_t prefix = sizeof OTHER_FILE - 1;
    size_t len;

    if (conf_is_missing(v)) {
        return false;
    }
    const char *text = conf_scalar(c, v, &len, "bytes in hex");
    if (text == NULL) {
        return false;
    }
    if (len > prefix && memcmp(text, OTHER_FILE, prefix) == 0) {
        return from_file(c, v, text + prefix, len - prefix, wanted, out);
    }
    c->secret = c->secret || wanted->secret;
    return from_hex(c, v, text, len, wanted, out);
}
