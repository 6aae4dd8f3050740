/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the lines that coap_text.c prints and people write. A message begins
 * with `framing:`; without one the text is a single message in the framing of
 * the command line. */
#include "coap_app.h"

#include <string.h>

/* The line that begins at text[*at], its remark and its spaces cut off, in
 * the draft's memory; *at moves behind it. NULL at the end of the text. */
static char *next_line(struct coap_draft *d, const char *text, size_t *at)
{
    const char *from = text + *at;
    size_t whole = strcspn(from, "\n");
    bool quoted = false;
    size_t len = 0;

    if (*from == '\0') {
        return NULL;
    }
    while (len < whole && (quoted || from[len] != '#')) {
        if (quoted && from[len] == '\\' && len + 1 < whole) {
            len++;
        } else if (from[len] == '"') {
            quoted = !quoted;
        }
        len++;
    }
    *at += whole + (from[whole] == '\n');
    while (len > 0 && strchr(" \t\r", from[len - 1]) != NULL) {
        len--;
    }
    size_t skip = strspn(from, " \t\r");
    skip = skip < len ? skip : len;
    char *line = (char *)coap_draft_room(d, len - skip);
    memcpy(line, from + skip, len - skip);
    line[len - skip] = '\0';
    return line;
}

/* Cuts `line` at the first `c`, both halves without spaces around it; the
 * second half, or NULL if there is no such character. */
static char *split(char *line, char c)
{
    char *second = strchr(line, c);

    if (second == NULL) {
        return NULL;
    }
    char *end = second;
    while (end > line && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    *end = '\0';
    second++;
    return second + strspn(second, " \t");
}

static bool read_type(struct coap_draft *d, char *value,
                      struct app_error *error)
{
    return coap_type_find(value, &d->head.type) ||
           app_error_set(error, "expected CON, NON, ACK or RST, found '%s'",
                         value);
}

static bool read_code(struct coap_draft *d, char *value,
                      struct app_error *error)
{
    return coap_code_find(value, &d->head.code) ||
           app_error_set(error,
                         "expected a code such as 0.01 or GET, found '%s'",
                         value);
}

static bool read_message_id(struct coap_draft *d, char *value,
                            struct app_error *error)
{
    uint32_t v;

    if (!coap_parse_number(value, UINT16_MAX, &v)) {
        return app_error_set(error, "expected 0 to 65535, found '%s'", value);
    }
    d->head.message_id = (uint16_t)v;
    return true;
}

static bool read_token(struct coap_draft *d, char *value,
                       struct app_error *error)
{
    if (coap_draft_literal(d, value, &d->head.token, error)) {
        return true;
    }
    return error->text[0] == '\0' &&
           coap_draft_hex(d, value, strlen(value), &d->head.token, error);
}

static bool read_payload(struct coap_draft *d, char *value,
                         struct app_error *error)
{
    if (coap_draft_literal(d, value, &d->payload, error)) {
        return true;
    }
    if (error->text[0] == '\0') {
        app_error_set(error, "expected \"text\" or h'hex digits'");
    }
    return false;
}

/* "11 Uri-Path = ...", "Uri-Path = ...", "11 = ..." */
static bool read_option(struct coap_draft *d, char *line,
                        struct app_error *error)
{
    char *value = split(line, '=');
    char *name = split(line, ' ');
    uint16_t number;
    uint16_t named;
    covey_bytes bytes;

    if (value == NULL) {
        return app_error_set(error, "expected '=' behind the option");
    }
    if (!coap_option_number_find(d->head.code, line, &number)) {
        return app_error_set(error,
                             "expected an option number of 0 to 65535 or a "
                             "name such as Uri-Path, found '%s'",
                             line);
    }
    if (name != NULL &&
        (!coap_option_number_find(d->head.code, name, &named) ||
         named != number)) {
        return app_error_set(error, "option %u is not called '%s'",
                             (unsigned)number, name);
    }
    if (!coap_draft_value(d, number, value, &bytes, error)) {
        return false;
    }
    coap_draft_add(d, number, bytes);
    return true;
}

struct key {
    const char *name;
    bool (*read)(struct coap_draft *d, char *value, struct app_error *error);
    bool repeatable;
};

static const struct key keys[] = {
    { "type", read_type, false },
    { "code", read_code, false },
    { "message-id", read_message_id, false },
    { "token", read_token, false },
    { "option", read_option, true },
    { "payload", read_payload, false },
};

#define KEY_COUNT (sizeof keys / sizeof keys[0])

static bool read_line(struct coap_draft *d, char *line, unsigned *seen,
                      struct app_error *error)
{
    char *value = split(line, ':');

    if (value == NULL) {
        return app_error_set(error, "expected 'key: value', found '%s'", line);
    }
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        if (strcmp(keys[i].name, line) != 0) {
            continue;
        }
        if (!keys[i].repeatable && (*seen >> i & 1u) != 0) {
            return app_error_set(error, "'%s' a second time", line);
        }
        *seen |= 1u << i;
        return keys[i].read(d, value, error);
    }
    return app_error_set(error,
                         "expected framing, type, code, message-id, token, "
                         "option or payload, found '%s'",
                         line);
}

/* True if this line is `framing:`; *value is what follows. */
static bool is_framing(char *line, char **value)
{
    if (strncmp(line, "framing", 7) != 0) {
        return false;
    }
    *value = split(line, ':');
    return *value != NULL && strcmp(line, "framing") == 0;
}

bool coap_text_read(struct coap_draft *d, const char *text, size_t *at,
                    unsigned *line, struct app_error *error)
{
    struct app_error why;
    unsigned seen = 0;
    bool any = false;

    error->text[0] = '\0';
    for (;;) {
        size_t before = *at;
        char *s = next_line(d, text, at);
        char *value;
        if (s == NULL) {
            return any;
        }
        if (is_framing(s, &value)) {
            if (any) {
                *at = before;
                return true;
            }
            if (!coap_framing_find(value, &d->framing)) {
                return app_error_set(error,
                                     "line %u: expected datagram, stream or "
                                     "inner, found '%s'",
                                     *line + 1, value);
            }
            any = true;
        } else if (s[0] != '\0') {
            any = true;
            if (!read_line(d, s, &seen, &why)) {
                return app_error_set(error, "line %u: %s", *line + 1,
                                     why.text);
            }
        }
        (*line)++;
    }
}
