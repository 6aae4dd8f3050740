/* SPDX-License-Identifier: BSD-2-Clause */
/* A message being put together from arguments, text or JSON. */
#include "coap_app.h"

#include "cmd.h"

#include <errno.h>
#include <hex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <text.h>

enum {
    SEGMENT_MAX = 255 /* bytes of a Uri-Path or Uri-Query */
};

/* A chain, so that values stay where they are while others are added. */
struct coap_draft_block {
    struct coap_draft_block *next;
    uint8_t bytes[];
};

bool app_error_set(struct app_error *error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return false;
}

void *app_alloc(size_t size)
{
    void *p = malloc(size);

    if (p == NULL) {
        fputs("covey: out of memory\n", stderr);
        exit(EXIT_IO);
    }
    return p;
}

char *app_read_file(const char *path, size_t *len, struct app_error *error)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    char *content = file != NULL ? text_slurp(file, SIZE_MAX, len) : NULL;

    if (content == NULL) {
        app_error_set(error, "%s: %s", path, strerror(errno));
    }
    if (file != NULL && file != stdin) {
        fclose(file);
    }
    return content;
}

void coap_draft_init(struct coap_draft *d, enum coap_framing framing)
{
    static const uint8_t nothing[1] = { 0 };

    memset(d, 0, sizeof *d);
    d->framing = framing;
    d->head.code = COVEY_COAP_CODE(0, 1);
    d->head.token = covey_bytes_of(nothing, 0);
}

void coap_draft_free(struct coap_draft *d)
{
    while (d->blocks != NULL) {
        struct coap_draft_block *next = d->blocks->next;
        free(d->blocks);
        d->blocks = next;
    }
    free(d->options);
    d->options = NULL;
    d->option_count = 0;
}

uint8_t *coap_draft_room(struct coap_draft *d, size_t len)
{
    struct coap_draft_block *block = app_alloc(sizeof *block + len + 1);

    block->next = d->blocks;
    d->blocks = block;
    return block->bytes;
}

covey_bytes coap_draft_copy(struct coap_draft *d, const void *bytes,
                            size_t len)
{
    uint8_t *room = coap_draft_room(d, len);

    memcpy(room, bytes, len);
    return covey_bytes_of(room, len);
}

bool coap_draft_hex(struct coap_draft *d, const char *text, size_t len,
                    covey_bytes *out, struct app_error *error)
{
    uint8_t *bytes;
    size_t count;

    if (!hex_parse(text, len, &bytes, &count, error->text,
                   sizeof error->text)) {
        return false;
    }
    *out = coap_draft_copy(d, bytes, count);
    free(bytes);
    return true;
}

bool coap_draft_file(struct coap_draft *d, const char *path, covey_bytes *out,
                     struct app_error *error)
{
    size_t len;
    char *content = app_read_file(path, &len, error);

    if (content == NULL) {
        return false;
    }
    *out = coap_draft_copy(d, content, len);
    free(content);
    return true;
}

/* The character that a backslash and `c` stand for, or 0. */
static char unescape(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '"':
    case '\\':
        return c;
    default:
        return '\0';
    }
}

/* The inside of quotes: text[1] to text[len - 2]. */
static bool unquote(struct coap_draft *d, const char *text, size_t len,
                    covey_bytes *out, struct app_error *error)
{
    uint8_t *room = coap_draft_room(d, len);
    size_t count = 0;

    for (size_t i = 1; i < len - 1; i++) {
        char c = text[i];
        if (c == '"') {
            return app_error_set(error, "a quote inside of a text is written "
                                        "as \\\"");
        }
        if (c == '\\') {
            i++;
            c = unescape(text[i]);
            if (c == '\0' || i == len - 1) {
                return app_error_set(error,
                                     "expected one of \\\" \\\\ \\n \\r \\t");
            }
        }
        room[count++] = (uint8_t)c;
    }
    *out = covey_bytes_of(room, count);
    return true;
}

bool coap_draft_literal(struct coap_draft *d, const char *text,
                        covey_bytes *out, struct app_error *error)
{
    size_t len = strlen(text);

    error->text[0] = '\0';
    if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
        return unquote(d, text, len, out, error);
    }
    if (len >= 3 && strncmp(text, "h'", 2) == 0 && text[len - 1] == '\'') {
        return coap_draft_hex(d, text + 2, len - 3, out, error);
    }
    return false;
}

static bool value_uint(struct coap_draft *d, const char *text,
                       covey_bytes *out, struct app_error *error)
{
    uint8_t buf[4];
    uint32_t v;

    if (!coap_parse_number(text, UINT32_MAX, &v)) {
        return app_error_set(error,
                             "expected a number of 0 to 4294967295 or "
                             "h'...', found '%s'",
                             text);
    }
    covey_bytes value = covey_option_uint_encode(v, buf);
    *out = coap_draft_copy(d, value.ptr, value.len);
    return true;
}

/* "NUM/M/SZX", RFC 7959 Section 2.2. */
static bool value_block(struct coap_draft *d, const char *text,
                        covey_bytes *out, struct app_error *error)
{
    char num_text[16];
    const char *slash = strchr(text, '/');
    size_t num_len = slash != NULL ? (size_t)(slash - text) : 0;
    uint32_t num;
    uint8_t buf[3];
    covey_bytes value;

    if (slash != NULL && num_len < sizeof num_text && strlen(slash) == 4 &&
        (slash[1] == '0' || slash[1] == '1') && slash[2] == '/' &&
        slash[3] >= '0' && slash[3] <= '7') {
        memcpy(num_text, text, num_len);
        num_text[num_len] = '\0';
        if (coap_parse_number(num_text, UINT32_MAX, &num)) {
            covey_block block = { num, slash[1] == '1',
                                  (uint8_t)(slash[3] - '0') };
            if (covey_block_encode(&block, buf, &value) == COVEY_OK) {
                *out = coap_draft_copy(d, value.ptr, value.len);
                return true;
            }
        }
    }
    return app_error_set(error,
                         "expected NUM/M/SZX with NUM up to 1048575, M 0 or "
                         "1 and SZX 0 to 7 (RFC 7959 Section 2.2), or "
                         "h'...', found '%s'",
                         text);
}

bool coap_draft_value(struct coap_draft *d, uint16_t option, const char *text,
                      covey_bytes *out, struct app_error *error)
{
    const covey_option_def *def = coap_option_def(d->head.code, option);

    if (coap_draft_literal(d, text, out, error)) {
        return true;
    }
    if (error->text[0] != '\0') {
        return false;
    }
    switch (def != NULL ? def->format : COVEY_FORMAT_OPAQUE) {
    case COVEY_FORMAT_EMPTY:
        *out = coap_draft_copy(d, "", 0);
        return text[0] == '\0' || strcmp(text, "empty") == 0 ||
               app_error_set(error, "expected no value, or h'...'");
    case COVEY_FORMAT_UINT:
        return value_uint(d, text, out, error);
    case COVEY_FORMAT_STRING:
        *out = coap_draft_copy(d, text, strlen(text));
        return true;
    case COVEY_FORMAT_BLOCK:
        return value_block(d, text, out, error);
    case COVEY_FORMAT_OPAQUE:
    case COVEY_FORMAT_OSCORE:
        return coap_draft_hex(d, text, strlen(text), out, error);
    }
    return false;
}

void coap_draft_add(struct coap_draft *d, uint16_t number, covey_bytes value)
{
    if (d->option_count == d->option_cap) {
        size_t cap = d->option_cap == 0 ? 16 : d->option_cap * 2;
        struct coap_draft_option *more = app_alloc(cap * sizeof *more);
        if (d->option_count > 0) {
            memcpy(more, d->options, d->option_count * sizeof *more);
        }
        free(d->options);
        d->options = more;
        d->option_cap = cap;
    }
    d->options[d->option_count].number = number;
    d->options[d->option_count].value = value;
    d->option_count++;
}

bool coap_draft_option(struct coap_draft *d, const char *text,
                       struct app_error *error)
{
    size_t name_len = strcspn(text, "=");
    const char *value = text + name_len;
    struct app_error why;
    char name[64];
    uint16_t number;
    covey_bytes bytes;

    if (name_len >= sizeof name) {
        return app_error_set(error, "no option has such a long name");
    }
    memcpy(name, text, name_len);
    name[name_len] = '\0';
    if (!coap_option_number_find(d->head.code, name, &number)) {
        return app_error_set(error,
                             "expected NAME=VALUE with a name such as "
                             "Uri-Path or a number of 0 to 65535, found '%s'",
                             name);
    }
    if (!coap_draft_value(d, number, value + (*value == '='), &bytes, &why)) {
        return app_error_set(error, "%s: %s", name, why.text);
    }
    coap_draft_add(d, number, bytes);
    return true;
}

/* false: one is longer than the option may be. */
static bool add_segments(struct coap_draft *d, uint16_t number,
                         covey_uri_segments it, covey_writer *storage)
{
    covey_bytes value;

    while (covey_uri_next_segment(&it, storage, &value)) {
        if (value.len > SEGMENT_MAX) {
            return false;
        }
        coap_draft_add(d, number, value);
    }
    return true;
}

bool coap_draft_uri(struct coap_draft *d, const char *uri,
                    struct app_error *error)
{
    size_t len = strlen(uri);
    /* Decoding never makes anything longer. */
    covey_writer storage = covey_writer_of(coap_draft_room(d, len), len);
    covey_uri u;
    covey_bytes host;
    covey_status st =
        covey_uri_parse(&u, covey_bytes_of((const uint8_t *)uri, len));

    if (st == COVEY_E_UNSUPPORTED) {
        return app_error_set(error,
                             "the scheme of '%s' is none of coap, coaps, "
                             "coap+tcp, coaps+tcp (RFC 7252 Section 6, RFC "
                             "8323 Section 8)",
                             uri);
    }
    if (st != COVEY_OK) {
        return app_error_set(error,
                             "'%s' is not a URI of the form "
                             "coap://host:port/path?query without fragment, "
                             "'.' and '..' (RFC 7252 Section 6.1)",
                             uri);
    }
    if (!u.host_is_literal &&
        covey_uri_host(&u, &storage, &host) == COVEY_OK) {
        coap_draft_add(d, COVEY_OPTION_URI_HOST, host);
    }
    if (!add_segments(d, COVEY_OPTION_URI_PATH, covey_uri_path_segments(&u),
                      &storage) ||
        !add_segments(d, COVEY_OPTION_URI_QUERY, covey_uri_query_segments(&u),
                      &storage)) {
        return app_error_set(error,
                             "'%s' has a segment or argument of more than "
                             "%d bytes (RFC 7252 Section 5.10)",
                             uri, SEGMENT_MAX);
    }
    return true;
}

/* Merges two sorted halves; equal numbers keep their order, for it means
 * something (RFC 7252 Section 5.4.5). */
static void merge(struct coap_draft_option *o, struct coap_draft_option *spare,
                  size_t half, size_t count)
{
    size_t a = 0;
    size_t b = half;

    for (size_t i = 0; i < count; i++) {
        bool take_a = b == count || (a < half && o[a].number <= o[b].number);
        spare[i] = take_a ? o[a++] : o[b++];
    }
    memcpy(o, spare, count * sizeof *o);
}

void coap_draft_sort(struct coap_draft *d)
{
    size_t count = d->option_count;
    struct coap_draft_option *spare = app_alloc((count + 1) * sizeof *spare);

    for (size_t half = 1; half < count; half *= 2) {
        for (size_t at = 0; at + half < count; at += 2 * half) {
            size_t n = count - at < 2 * half ? count - at : 2 * half;
            merge(d->options + at, spare, half, n);
        }
    }
    free(spare);
}

/* No message is longer: 4 + 4 bytes of header, 2 of TKL, 5 before a value. */
static size_t room_for(const struct coap_draft *d)
{
    size_t room = 16 + d->head.token.len + d->payload.len;

    for (size_t i = 0; i < d->option_count; i++) {
        room += 5 + d->options[i].value.len;
    }
    return room;
}

static covey_coap_composer start(const struct coap_draft *d, covey_writer *w)
{
    switch (d->framing) {
    case COAP_STREAM:
        return covey_coap_compose_stream(w, &d->head);
    case COAP_INNER:
        return covey_coap_compose_inner(w, d->head.code);
    case COAP_DATAGRAM:
        break;
    }
    return covey_coap_compose(w, &d->head);
}

/* Why the core will not compose this. */
static bool explain(const struct coap_draft *d, struct app_error *error)
{
    if (d->head.code == COVEY_COAP_EMPTY) {
        return app_error_set(error,
                             "an Empty message (code 0.00) has no token, no "
                             "options and no payload (RFC 7252 Section 4.1)");
    }
    if (d->head.token.len > COVEY_COAP_TOKEN_MAX) {
        return app_error_set(error,
                             "the token has %zu bytes, at most 65804 can be "
                             "sent (RFC 8974 Section 2.1)",
                             d->head.token.len);
    }
    return app_error_set(error, "an option has more than 65804 bytes (RFC "
                                "7252 Section 3.1)");
}

bool coap_draft_compose(struct coap_draft *d, uint8_t **bytes, size_t *len,
                        struct app_error *error)
{
    size_t room = room_for(d);
    uint8_t *storage = app_alloc(room);
    covey_writer w = covey_writer_of(storage, room);

    coap_draft_sort(d);
    covey_coap_composer c = start(d, &w);
    for (size_t i = 0; i < d->option_count; i++) {
        covey_coap_put_option(&c, d->options[i].number, d->options[i].value);
    }
    covey_coap_put_payload(&c, d->payload);
    if (covey_coap_finish(&c) != COVEY_OK) {
        free(storage);
        return explain(d, error);
    }
    *bytes = storage;
    *len = w.pos;
    return true;
}
