/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON with positions on libfyaml. Its JSON mode follows RFC 8259 except that
 * it stops after the first value, which is looked after here, and that it
 * compares every key of an object with all others, which takes quadratic time
 * and is switched off: whoever reads an object notices names that come twice
 * (members.c). */
#include "json.h"

#include "internal.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>
#include <text.h>

struct rules_json {
    struct fy_diag *diag;
    struct fy_parser *parser;
    struct fy_document *document;
    char *text;
};

/* What libfyaml says, with its position. */
static void report_diag(rules_json *doc, rules_report *report)
{
    void *at = NULL;
    struct fy_diag_error *e = fy_diag_errors_iterate(doc->diag, &at);
    rules_place place = { 0, 0, "" };

    if (e == NULL) {
        rules_report_at(report, RULES_ERROR, place, "RFC 8259",
                        "not a JSON text");
        return;
    }
    place.line = e->line > 0 ? (unsigned)e->line : 0;
    place.column = e->column > 0 ? (unsigned)e->column : 0;
    rules_report_at(report, RULES_ERROR, place, "RFC 8259", "not JSON: %s",
                    e->msg ? e->msg : "syntax error");
}

/* Nothing but white space may follow the value. */
static bool ends_there(rules_json *doc, rules_report *report)
{
    struct fy_document *more = fy_parse_load_document(doc->parser);
    rules_place place = { 0, 0, "" };

    if (more == NULL) {
        if (fy_diag_got_error(doc->diag)) {
            report_diag(doc, report);
            return false;
        }
        return true;
    }
    rules_json_position(fy_document_root(more), &place.line, &place.column);
    rules_report_at(report, RULES_ERROR, place, "RFC 8259 Section 2",
                    "more than one JSON value in the text");
    fy_parse_document_destroy(doc->parser, more);
    return false;
}

static bool parse(rules_json *doc, size_t len)
{
    struct fy_diag_cfg diag_cfg;
    struct fy_parse_cfg cfg = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_FORCE |
                 FYPCF_ALLOW_DUPLICATE_KEYS | FYPCF_DISABLE_ACCELERATORS,
    };

    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    doc->diag = fy_diag_create(&diag_cfg);
    if (doc->diag == NULL) {
        return false;
    }
    fy_diag_set_collect_errors(doc->diag, true);
    cfg.diag = doc->diag;
    doc->parser = fy_parser_create(&cfg);
    if (doc->parser == NULL ||
        fy_parser_set_string(doc->parser, doc->text, len) != 0) {
        return false;
    }
    doc->document = fy_parse_load_document(doc->parser);
    return doc->document != NULL && fy_document_root(doc->document) != NULL;
}

rules_json *rules_json_parse(const char *text, size_t len,
                             rules_report *report)
{
    rules_json *doc = calloc(1, sizeof *doc);
    const rules_place nowhere = { 0, 0, "" };

    if (len > RULES_JSON_MAX) {
        rules_report_at(report, RULES_ERROR, nowhere, "",
                        "longer than %zu bytes", RULES_JSON_MAX);
        free(doc);
        return NULL;
    }
    if (doc != NULL) {
        doc->text = malloc(len + 1);
    }
    if (doc == NULL || doc->text == NULL) {
        rules_report_at(report, RULES_ERROR, nowhere, "", "out of memory");
        free(doc);
        return NULL;
    }
    if (len > 0) {
        memcpy(doc->text, text, len);
    }
    doc->text[len] = '\0';
    if (!parse(doc, len)) {
        report_diag(doc, report);
    } else if (ends_there(doc, report)) {
        return doc;
    }
    rules_json_free(doc);
    return NULL;
}

rules_json *rules_json_read(const char *path, rules_report *report)
{
    const bool standard = strcmp(path, "-") == 0;
    const rules_place nowhere = { 0, 0, "" };
    rules_json *doc = NULL;
    size_t len = 0;
    errno = 0;
    FILE *in = standard ? stdin : fopen(path, "rb");
    char *text = in ? text_slurp(in, RULES_JSON_MAX, &len) : NULL;

    if (text == NULL) {
        rules_report_at(report, RULES_ERROR, nowhere, "", "cannot read: %s",
                        strerror(errno ? errno : EIO));
    } else {
        doc = rules_json_parse(text, len, report);
    }
    free(text);
    if (in != NULL && !standard) {
        fclose(in);
    }
    return doc;
}

void rules_json_free(rules_json *doc)
{
    if (doc == NULL) {
        return;
    }
    if (doc->document != NULL) {
        fy_parse_document_destroy(doc->parser, doc->document);
    }
    if (doc->parser != NULL) {
        fy_parser_destroy(doc->parser);
    }
    if (doc->diag != NULL) {
        fy_diag_destroy(doc->diag);
    }
    free(doc->text);
    free(doc);
}

struct fy_node *rules_json_root(const rules_json *doc)
{
    return fy_document_root(doc->document);
}

rules_json_kind rules_json_kind_of(struct fy_node *node)
{
    size_t len = 0;
    const char *text;

    if (fy_node_is_mapping(node)) {
        return RULES_JSON_OBJECT;
    }
    if (fy_node_is_sequence(node)) {
        return RULES_JSON_ARRAY;
    }
    if (fy_node_get_style(node) == FYNS_DOUBLE_QUOTED) {
        return RULES_JSON_STRING;
    }
    text = fy_node_get_scalar(node, &len);
    if (text == NULL || len == 0 || text[0] == 'n') {
        return RULES_JSON_NULL;
    }
    return text[0] == 't' || text[0] == 'f' ? RULES_JSON_BOOL
                                            : RULES_JSON_NUMBER;
}

const char *rules_json_kind_name(struct fy_node *node)
{
    static const char *const names[] = {
        [RULES_JSON_OBJECT] = "an object", [RULES_JSON_ARRAY] = "an array",
        [RULES_JSON_STRING] = "a string",  [RULES_JSON_NUMBER] = "a number",
        [RULES_JSON_BOOL] = "a boolean",   [RULES_JSON_NULL] = "null",
    };
    return names[rules_json_kind_of(node)];
}

covey_bytes rules_json_bytes(struct fy_node *node)
{
    covey_bytes none = { NULL, 0 };
    size_t len = 0;
    const char *text;

    if (node == NULL || rules_json_kind_of(node) != RULES_JSON_STRING) {
        return none;
    }
    text = fy_node_get_scalar(node, &len);
    return covey_bytes_of((const uint8_t *)(text && len ? text : ""), len);
}

const char *rules_json_string(struct fy_node *node)
{
    const covey_bytes all = rules_json_bytes(node);
    const char *text;

    if (all.ptr == NULL || memchr(all.ptr, '\0', all.len) != NULL) {
        return NULL;
    }
    if (all.len == 0) {
        return "";
    }
    text = fy_token_get_text0(fy_node_get_scalar_token(node));
    return text ? text : "";
}

/* Decimal digits and nothing else. */
static bool digits_of(const char *text, size_t len, uint64_t max,
                      uint64_t *out)
{
    uint64_t n = 0;

    for (size_t i = 0; i < len; i++) {
        const unsigned digit = (unsigned)(text[i] - '0');
        if (digit > 9 || n > (UINT64_MAX - digit) / 10) {
            return false;
        }
        n = n * 10 + digit;
    }
    *out = n;
    return n <= max;
}

bool rules_json_unsigned(struct fy_node *node, uint64_t max, uint64_t *out)
{
    size_t len = 0;
    const char *text;

    if (node == NULL || rules_json_kind_of(node) != RULES_JSON_NUMBER) {
        return false;
    }
    text = fy_node_get_scalar(node, &len);
    return digits_of(text, len, max, out);
}

bool rules_json_integer(struct fy_node *node, uint64_t max, int64_t *out)
{
    const uint64_t limit = max < INT64_MAX ? max : INT64_MAX;
    size_t len = 0;
    uint64_t n = 0;
    const char *text;
    bool negative;

    if (node == NULL || rules_json_kind_of(node) != RULES_JSON_NUMBER) {
        return false;
    }
    text = fy_node_get_scalar(node, &len);
    negative = len > 0 && text[0] == '-';
    if (!digits_of(text + negative, len - negative, limit, &n)) {
        return false;
    }
    *out = negative ? -(int64_t)n : (int64_t)n;
    return true;
}

bool rules_json_bool(struct fy_node *node, bool *out)
{
    size_t len = 0;

    if (node == NULL || rules_json_kind_of(node) != RULES_JSON_BOOL) {
        return false;
    }
    *out = fy_node_get_scalar(node, &len)[0] == 't';
    return true;
}

static const char *key_text(struct fy_node_pair *pair)
{
    const char *text = rules_json_string(fy_node_pair_key(pair));

    return text ? text : "";
}

struct fy_node *rules_json_get(struct fy_node *object, const char *name)
{
    void *at = NULL;
    struct fy_node *value;
    const char *key;

    if (object == NULL || !fy_node_is_mapping(object)) {
        return NULL;
    }
    while (rules_json_next(object, &at, &key, &value)) {
        if (key != NULL && strcmp(key, name) == 0) {
            return value;
        }
    }
    return NULL;
}

bool rules_json_next(struct fy_node *container, void **at, const char **key,
                     struct fy_node **value)
{
    struct fy_node_pair *pair;

    *key = NULL;
    if (fy_node_is_sequence(container)) {
        *value = fy_node_sequence_iterate(container, at);
        return *value != NULL;
    }
    pair = fy_node_is_mapping(container)
               ? fy_node_mapping_iterate(container, at)
               : NULL;
    if (pair == NULL) {
        return false;
    }
    *key = key_text(pair);
    *value = fy_node_pair_value(pair);
    return true;
}

size_t rules_json_count(struct fy_node *container)
{
    int n = 0;

    if (fy_node_is_sequence(container)) {
        n = fy_node_sequence_item_count(container);
    } else if (fy_node_is_mapping(container)) {
        n = fy_node_mapping_item_count(container);
    }
    return n > 0 ? (size_t)n : 0;
}

/* The pair of an object that holds this value; its number in an array. */
static struct fy_node_pair *pair_of(struct fy_node *parent,
                                    struct fy_node *value)
{
    void *at = NULL;
    struct fy_node_pair *pair;

    while ((pair = fy_node_mapping_iterate(parent, &at)) != NULL) {
        if (fy_node_pair_value(pair) == value) {
            return pair;
        }
    }
    return NULL;
}

struct fy_node *rules_json_key(struct fy_node *value)
{
    struct fy_node *parent = fy_node_get_parent(value);
    struct fy_node_pair *pair =
        parent && fy_node_is_mapping(parent) ? pair_of(parent, value) : NULL;

    return pair ? fy_node_pair_key(pair) : NULL;
}

static unsigned index_of(struct fy_node *parent, struct fy_node *item)
{
    void *at = NULL;
    struct fy_node *n;
    unsigned i = 0;

    while ((n = fy_node_sequence_iterate(parent, &at)) != NULL && n != item) {
        i++;
    }
    return i;
}

static struct fy_node *first_scalar(struct fy_node *node)
{
    while (node != NULL && !fy_node_is_scalar(node)) {
        void *at = NULL;
        struct fy_node_pair *pair;

        if (fy_node_is_sequence(node)) {
            node = fy_node_sequence_iterate(node, &at);
        } else {
            pair = fy_node_mapping_iterate(node, &at);
            node = pair ? fy_node_pair_key(pair) : NULL;
        }
    }
    return node;
}

void rules_json_position(struct fy_node *node, unsigned *line,
                         unsigned *column)
{
    struct fy_node *scalar = first_scalar(node);
    const struct fy_mark *mark = NULL;

    while (scalar == NULL && node != NULL) {
        scalar = rules_json_key(node);
        node = fy_node_get_parent(node);
    }
    *line = 1; /* an empty container as the whole text */
    *column = 1;
    if (scalar != NULL) {
        mark = fy_token_start_mark(fy_node_get_scalar_token(scalar));
        *line = mark ? (unsigned)mark->line + 1 : 0;
        *column = mark ? (unsigned)mark->column + 1 : 0;
    }
    /* the mark of a string stands behind its quote */
    if (*column > 1 && scalar != NULL &&
        fy_node_get_style(scalar) == FYNS_DOUBLE_QUOTED) {
        *column -= 1;
    }
}

/* Puts "/text" in front of what is at *begin; false if there is no room. */
static bool prepend(char *out, size_t *begin, const char *text)
{
    const size_t len = strlen(text);

    if (len + 1 > *begin) {
        return false;
    }
    *begin -= len + 1;
    out[*begin] = '/';
    memcpy(out + *begin + 1, text, len);
    return true;
}

void rules_json_path(struct fy_node *node, char *out, size_t cap)
{
    size_t begin = cap - 1;
    struct fy_node *parent;
    char number[16];
    bool room = true;

    out[begin] = '\0'; /* of at least two bytes */
    while (room && (parent = fy_node_get_parent(node)) != NULL) {
        struct fy_node_pair *pair;

        if (fy_node_is_sequence(parent)) {
            snprintf(number, sizeof number, "%u", index_of(parent, node));
            room = prepend(out, &begin, number);
        } else {
            pair = pair_of(parent, node);
            room = prepend(out, &begin, pair ? key_text(pair) : "?");
        }
        node = parent;
    }
    if (begin == cap - 1) {
        prepend(out, &begin, "");
    }
    memmove(out, out + begin, cap - begin);
}
