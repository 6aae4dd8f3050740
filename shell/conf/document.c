/* SPDX-License-Identifier: BSD-2-Clause */
/* YAML 1.2 on libfyaml, and with it JSON. Of YAML only what means the same to
 * every reader is taken: mappings, lists and scalars. Aliases, tags and
 * further documents are refused. Which type a scalar has its key says, so
 * that 0010 is two bytes for one key and a number for another.
 *
 * What libfyaml copies (scalars over several lines) it frees without wiping;
 * the text itself and the values are wiped by their owners. */
#include "internal.h"

#include <libfyaml.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* As many errors are printed; then one more, saying so. */
#define ERRORS_MAX 20u

struct conf_document {
    struct fy_diag *diag;
    struct fy_parser *parser;
    struct fy_document *document;
};

/* --- messages ----------------------------------------------------------- */

/* Text of the file ends up on a terminal, which must not obey it. */
static void print_tame(FILE *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        const unsigned char c = (unsigned char)*p;
        fputc(c < 0x20 || c >= 0x7f ? '?' : c, out);
    }
}

static void print(conf_reader *c, unsigned line, unsigned column,
                  const char *text)
{
    c->errors++;
    if (c->errors > ERRORS_MAX) {
        if (c->errors == ERRORS_MAX + 1) {
            fprintf(c->messages, "%s: error: and more\n", c->name);
        }
        return;
    }
    fprintf(c->messages, "%s:", c->name);
    if (line > 0) {
        fprintf(c->messages, "%u:%u:", line, column);
    }
    fputs(" error: ", c->messages);
    print_tame(c->messages, text);
    fputc('\n', c->messages);
}

/* The first scalar in a node, NULL if it has none. */
static struct fy_node *first_scalar(struct fy_node *node)
{
    while (node != NULL && !fy_node_is_scalar(node)) {
        void *at = NULL;
        if (fy_node_is_sequence(node)) {
            node = fy_node_sequence_iterate(node, &at);
        } else {
            struct fy_node_pair *pair = fy_node_mapping_iterate(node, &at);
            node = pair != NULL ? fy_node_pair_key(pair) : NULL;
        }
    }
    return node;
}

/* Where a value begins, from 1; its key if it holds nothing. */
static void position(const conf_value *v, unsigned *line, unsigned *column)
{
    struct fy_node *scalar = first_scalar(v->node);
    const struct fy_mark *mark = NULL;
    size_t len = 1;

    if (scalar != NULL) {
        fy_node_get_scalar(scalar, &len);
    }
    if (scalar == NULL ||
        (len == 0 && fy_node_get_style(scalar) == FYNS_PLAIN)) {
        scalar = first_scalar(v->key);
    }
    if (scalar != NULL) {
        mark = fy_token_start_mark(fy_node_get_scalar_token(scalar));
    }
    *line = mark != NULL ? (unsigned)mark->line + 1 : 1;
    *column = mark != NULL ? (unsigned)mark->column + 1 : 1;
    /* the mark stands behind a quote, and behind the star of an alias */
    if (mark != NULL && *column > 1 &&
        fy_node_get_style(scalar) != FYNS_PLAIN) {
        *column -= 1;
    }
}

unsigned conf_line(const conf_value *v)
{
    unsigned line = 0;
    unsigned column = 0;

    position(v, &line, &column);
    return line;
}

void conf_error(conf_reader *c, const conf_value *v, const char *source,
                const char *format, ...)
{
    char text[600];
    size_t at = 0;
    size_t len = 0;
    unsigned line = 0;
    unsigned column = 0;
    va_list args;

    const char *key = v->key != NULL ? fy_node_get_scalar(v->key, &len) : NULL;
    if (key != NULL) {
        at = (size_t)snprintf(text, sizeof text,
                              "%.*s: ", (int)(len < 40 ? len : 40), key);
    }
    va_start(args, format);
    int more = vsnprintf(text + at, sizeof text - at, format, args);
    va_end(args);
    at += more > 0 ? (size_t)more : 0;
    if (source[0] != '\0' && at < sizeof text) {
        snprintf(text + at, sizeof text - at, " (%s)", source);
    }
    if (v->node != NULL || v->key != NULL) {
        position(v, &line, &column);
    }
    print(c, line, column, text);
}

void conf_note(conf_reader *c, const conf_value *v, const char *text)
{
    unsigned line = 0;
    unsigned column = 0;

    position(v, &line, &column);
    fprintf(c->messages, "%s:%u:%u: note: %s\n", c->name, line, column, text);
}

/* --- parsing ------------------------------------------------------------ */

static void print_diag(conf_reader *c, conf_document *doc)
{
    void *at = NULL;
    struct fy_diag_error *e = fy_diag_errors_iterate(doc->diag, &at);
    char text[300];

    snprintf(text, sizeof text, "not %s: %s (%s)", c->json ? "JSON" : "YAML",
             e != NULL && e->msg != NULL ? e->msg : "there is nothing in it",
             c->json ? "RFC 8259" : "YAML 1.2");
    if (e == NULL || e->line <= 0) {
        print(c, 0, 0, text);
    } else {
        print(c, (unsigned)e->line, e->column > 0 ? (unsigned)e->column : 1u,
              text);
    }
}

static bool start(conf_document *doc, const char *text, size_t len, bool json)
{
    struct fy_diag_cfg diag_cfg;
    /* Keys are compared here, each with a few names: libfyaml would compare
     * all of them with one another. */
    struct fy_parse_cfg cfg = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG |
                 (json ? FYPCF_JSON_FORCE : FYPCF_JSON_NONE) |
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
    return doc->parser != NULL &&
           fy_parser_set_string(doc->parser, text, len) == 0;
}

/* One document and no more. */
static bool load(conf_reader *c, conf_document *doc)
{
    doc->document = fy_parse_load_document(doc->parser);
    if (doc->document == NULL || fy_document_root(doc->document) == NULL) {
        print_diag(c, doc);
        return false;
    }
    struct fy_document *more = fy_parse_load_document(doc->parser);
    if (more != NULL) {
        const conf_value v = { NULL, fy_document_root(more) };
        conf_error(c, &v, c->manual, "expected one document, found another");
        fy_parse_document_destroy(doc->parser, more);
        return false;
    }
    if (fy_diag_got_error(doc->diag)) {
        print_diag(c, doc);
        return false;
    }
    return true;
}

/* The number of the first line that begins with a percent sign, a directive
 * (YAML 1.2.2 Section 6.8); 0: there is none. Nothing here needs directives,
 * and libfyaml 0.7 does not come back from some that are malformed. */
static unsigned find_directive(const char *text, size_t len)
{
    static const char mark[] = { '\xef', '\xbb', '\xbf' };
    unsigned line = 1;
    bool first = true; /* character of a line */

    if (len >= sizeof mark && memcmp(text, mark, sizeof mark) == 0) {
        text += sizeof mark;
        len -= sizeof mark;
    }
    for (size_t i = 0; i < len; i++) {
        if (first && text[i] == '%') {
            return line;
        }
        line += text[i] == '\n';
        first = text[i] == '\n' || text[i] == '\r';
    }
    return 0;
}

conf_document *conf_parse(conf_reader *c, const char *text, size_t len)
{
    const unsigned directive = find_directive(text, len);
    conf_document *doc;

    if (directive != 0) {
        print(c, directive, 1, "directives are not taken here");
        return NULL;
    }
    doc = calloc(1, sizeof *doc);
    if (doc == NULL) {
        print(c, 0, 0, "out of memory");
        return NULL;
    }
    if (!start(doc, text, len, c->json)) {
        print(c, 0, 0, "out of memory");
    } else if (load(c, doc)) {
        return doc;
    }
    conf_document_free(doc);
    return NULL;
}

void conf_document_free(conf_document *doc)
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
    free(doc);
}

conf_value conf_root(const conf_document *doc)
{
    const conf_value root = { NULL, fy_document_root(doc->document) };

    return root;
}

/* --- nodes -------------------------------------------------------------- */

const char *conf_scalar(conf_reader *c, const conf_value *v, size_t *len,
                        const char *expected)
{
    struct fy_node *node = v->node;
    const char *text;

    *len = 0;
    if (node == NULL || !fy_node_is_scalar(node)) {
        conf_error(c, v, c->manual, "expected %s, found %s", expected,
                   node == NULL                ? "nothing"
                   : fy_node_is_sequence(node) ? "a list"
                                               : "a mapping");
        return NULL;
    }
    if (fy_node_is_alias(node) || fy_node_get_tag(node, NULL) != NULL) {
        conf_error(c, v, c->manual,
                   "expected %s, found an alias or a tag of YAML", expected);
        return NULL;
    }
    text = fy_node_get_scalar(node, len);
    if (text == NULL || (*len == 0 && fy_node_get_style(node) == FYNS_PLAIN)) {
        conf_error(c, v, c->manual,
                   "expected %s, found nothing; no bytes are written \"\"",
                   expected);
        return NULL;
    }
    return text;
}

bool conf_is_missing(const conf_value *v)
{
    return v->key == NULL && v->node == NULL;
}

bool conf_is_list(const conf_value *v)
{
    return v->node != NULL && fy_node_is_sequence(v->node);
}

bool conf_is_mapping(const conf_value *v)
{
    return v->node != NULL && fy_node_is_mapping(v->node);
}

bool conf_next(const conf_value *container, void **at, conf_value *v)
{
    struct fy_node *node = container->node;

    if (conf_is_list(container)) {
        v->key = NULL;
        v->node = fy_node_sequence_iterate(node, at);
        return v->node != NULL;
    }
    struct fy_node_pair *pair =
        conf_is_mapping(container) ? fy_node_mapping_iterate(node, at) : NULL;
    if (pair == NULL) {
        return false;
    }
    v->key = fy_node_pair_key(pair);
    v->node = fy_node_pair_value(pair);
    return true;
}

size_t conf_list(conf_reader *c, const conf_value *list, size_t max,
                 size_t size, conf_read_item *read, void *rows)
{
    const size_t count = conf_count(list);
    size_t good = 0;
    conf_value item;
    void *at = NULL;

    if (!conf_is_list(list)) {
        conf_error(c, list, c->manual, "expected a list");
        return 0;
    }
    if (count > max) {
        conf_error(c, list, c->manual, "expected up to %zu entries, found %zu",
                   max, count);
        return 0;
    }
    uint8_t *memory = conf_alloc(c, count * size);
    while (memory != NULL && conf_next(list, &at, &item)) {
        memset(memory + good * size, 0, size);
        good += read(c, &item, memory + good * size) ? 1 : 0;
    }
    memcpy(rows, &memory, sizeof memory);
    return memory != NULL ? good : 0;
}

size_t conf_count(const conf_value *container)
{
    conf_value item;
    void *at = NULL;
    size_t count = 0;

    while (conf_next(container, &at, &item)) {
        count++;
    }
    return count;
}
