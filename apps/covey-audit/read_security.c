/* SPDX-License-Identifier: BSD-2-Clause */
/* security.txt, RFC 9116: whom to tell of a weakness. A signature around it is
 * named and not checked. */
#include "reader.h"

#include <string.h>
#include <strings.h>
#include <text.h>

enum {
    LINE_LEN_MAX = 2000,
    TEXT = READER_FIELD_MAX + 1
};

/* Section 2.5: how often a field may be there. */
static const struct field {
    const char *name;
    bool required;
    bool once;
    bool uri;
} fields[] = {
    { "Acknowledgments", false, false, true },
    { "Canonical", false, false, true },
    { "Contact", true, false, true },
    { "Encryption", false, false, true },
    { "Expires", true, true, false },
    { "Hiring", false, false, true },
    { "Policy", false, false, true },
    { "Preferred-Languages", false, true, false },
};

#define FIELDS (sizeof fields / sizeof fields[0])

typedef struct notice {
    reader *out;
    unsigned seen[FIELDS];
    bool is_signed;
} notice;

static void fault(notice *n, const char *what, const char *name)
{
    char text[TEXT];
    const char *const all[] = { text, NULL };

    snprintf(text, sizeof text, "%s: %s", name, what);
    reader_line(n->out, "fault", all);
}

/* Section 2.3: those of the web are safe ones. */
static bool is_uri(const char *value)
{
    const size_t scheme = strspn(
        value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
               "+.-");

    return scheme > 0 && value[scheme] == ':' && value[scheme + 1] != '\0' &&
           strchr(value, ' ') == NULL && strncasecmp(value, "http:", 5) != 0;
}

/* "+02:00" or "-05:30" in seconds; false: it is none. */
static bool read_offset(const char *text, int64_t *out)
{
    if (strlen(text) != 6 || (text[0] != '+' && text[0] != '-') ||
        strspn(text + 1, "0123456789") != 2 || text[3] != ':' ||
        strspn(text + 4, "0123456789") != 2) {
        return false;
    }
    const int hours = (text[1] - '0') * 10 + text[2] - '0';
    const int minutes = (text[4] - '0') * 10 + text[5] - '0';
    const int seconds = hours * 3600 + minutes * 60;
    *out = text[0] == '+' ? seconds : -seconds;
    return hours < 24 && minutes < 60;
}

/* A time with fractions of seconds or an offset, as RFC 3339 allows. */
static bool read_time(const char *value, int64_t *out)
{
    char text[32];
    const size_t len = strlen(value);
    const char *rest = value + 19;
    int64_t offset = 0;

    if (len < 20 || len > 40) {
        return false;
    }
    memcpy(text, value, 19);
    memcpy(text + 19, "Z", 2);
    text[10] = text[10] == 't' ? 'T' : text[10];
    if (*rest == '.') {
        rest += 1 + strspn(rest + 1, "0123456789");
    }
    if (!text_time_read(text, 20, out) ||
        (strcasecmp(rest, "z") != 0 && !read_offset(rest, &offset))) {
        return false;
    }
    *out -= offset;
    return *out >= 0;
}

static void read_field(notice *n, const char *name, const char *value)
{
    const char *const all[] = { name, value, NULL };
    int64_t when = 0;
    char number[24];

    reader_line(n->out, "field", all);
    for (size_t i = 0; i < FIELDS; i++) {
        const struct field *f = &fields[i];
        if (strcasecmp(name, f->name) != 0) {
            continue;
        }
        n->seen[i]++;
        if (f->once && n->seen[i] == 2) {
            fault(n, "more than once", f->name);
        }
        if (f->uri && !is_uri(value)) {
            fault(n, "no URI, or one of the open web", f->name);
        }
        if (strcmp(f->name, "Expires") != 0) {
            continue;
        }
        if (read_time(value, &when)) {
            const char *const time[] = { reader_number((uint64_t)when, number),
                                         NULL };
            reader_line(n->out, "expires", time);
        } else {
            fault(n, "no time of RFC 3339", f->name);
        }
    }
}

/* One line without its end. */
static void read_line(notice *n, char *line)
{
    char *colon = strchr(line, ':');

    if (line[0] == '\0' || line[0] == '#') {
        return;
    }
    if (colon == NULL || colon == line ||
        strcspn(line, " \t") < (size_t)(colon - line)) {
        fault(n, "neither field nor comment", "line");
        return;
    }
    *colon = '\0';
    char *value = colon + 1 + strspn(colon + 1, " \t");
    for (size_t len = strlen(value);
         len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'); len--) {
        value[len - 1] = '\0';
    }
    read_field(n, line, value);
}

/* Of a cleartext signature (RFC 4880 Section 7): true if the line is part of
 * the frame, *inside says whether what comes is text. */
static bool is_frame(notice *n, const char *line, bool *inside)
{
    if (strcmp(line, "-----BEGIN PGP SIGNED MESSAGE-----") == 0) {
        const char *const none[] = { NULL };
        reader_line(n->out, "signed", none);
        n->is_signed = true;
        *inside = false;
        return true;
    }
    if (n->is_signed && strcmp(line, "-----BEGIN PGP SIGNATURE-----") == 0) {
        *inside = false;
        n->is_signed = false;
        return true;
    }
    if (!*inside && n->is_signed && line[0] == '\0') {
        *inside = true;
        return true;
    }
    return !*inside;
}

/* Does a line begin with a field? */
static bool begins_field(const uint8_t *line, size_t len)
{
    for (size_t i = 0; i < FIELDS; i++) {
        const size_t name = strlen(fields[i].name);
        if (len > name && line[name] == ':' &&
            strncasecmp((const char *)line, fields[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A page that says that there is no such file has none of the fields. */
static bool has_field(covey_bytes text)
{
    for (size_t at = 0; at < text.len;) {
        const uint8_t *from = text.ptr + at;
        const uint8_t *end = memchr(from, '\n', text.len - at);
        if (begins_field(from, text.len - at)) {
            return true;
        }
        at = end != NULL ? (size_t)(end - text.ptr) + 1 : text.len;
    }
    return false;
}

void reader_security(reader *r, covey_bytes text)
{
    notice n = { .out = r };
    char line[LINE_LEN_MAX + 1];
    bool inside = true;

    if (!has_field(text)) {
        reader_none(r, "no field of a security.txt");
        return;
    }
    for (size_t at = 0; at < text.len;) {
        const uint8_t *from = text.ptr + at;
        const uint8_t *end = memchr(from, '\n', text.len - at);
        size_t len = end != NULL ? (size_t)(end - from) : text.len - at;
        at += len + 1;
        len -= len > 0 && from[len - 1] == '\r' ? 1 : 0;
        if (len > LINE_LEN_MAX || memchr(from, '\0', len) != NULL) {
            reader_end(r, false, "a line that is none of a text");
            return;
        }
        memcpy(line, from, len);
        line[len] = '\0';
        if (!is_frame(&n, line, &inside)) {
            const bool escaped = n.is_signed && strncmp(line, "- ", 2) == 0;
            read_line(&n, line + (escaped ? 2 : 0));
        }
    }
    for (size_t i = 0; i < FIELDS; i++) {
        if (fields[i].required && n.seen[i] == 0) {
            fault(&n, "missing", fields[i].name);
        }
    }
    reader_end(r, true, "");
}
