/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON texts with positions, on libfyaml in its JSON mode: anchors, tags,
 * directives, comments and unquoted strings of YAML are refused, and so is
 * anything after the first value. Nodes live as long as their document. */
#ifndef COVEY_SHELL_RULES_JSON_H
#define COVEY_SHELL_RULES_JSON_H

#include "rules.h"

/* Longest text that is read. */
#define RULES_JSON_MAX ((size_t)64 << 20)

typedef enum rules_json_kind {
    RULES_JSON_OBJECT,
    RULES_JSON_ARRAY,
    RULES_JSON_STRING,
    RULES_JSON_NUMBER,
    RULES_JSON_BOOL,
    RULES_JSON_NULL
} rules_json_kind;

typedef struct rules_json rules_json;

/* NULL with the reason in the report. The text is copied. */
rules_json *rules_json_parse(const char *text, size_t len,
                             rules_report *report);
/* The same of a file, "-" for standard input. */
rules_json *rules_json_read(const char *path, rules_report *report);
void rules_json_free(rules_json *doc);
struct fy_node *rules_json_root(const rules_json *doc);

rules_json_kind rules_json_kind_of(struct fy_node *node);
/* "an object", "a string", ...: for messages. */
const char *rules_json_kind_name(struct fy_node *node);

/* The string, or NULL if the node is none or contains a zero byte. */
const char *rules_json_string(struct fy_node *node);
/* A string with any content; absent if the node is none. */
covey_bytes rules_json_bytes(struct fy_node *node);
/* An integer from 0 to `max`; false if the node is anything else. */
bool rules_json_unsigned(struct fy_node *node, uint64_t max, uint64_t *out);
/* The same from -`max` to `max`. */
bool rules_json_integer(struct fy_node *node, uint64_t max, int64_t *out);
bool rules_json_bool(struct fy_node *node, bool *out);

/* The member of an object, the first of that name; NULL if there is none or
 * the node is no object. */
struct fy_node *rules_json_get(struct fy_node *object, const char *name);
/* Walks an object or an array: start with *at = NULL; false at the end. For
 * an array *key is NULL. A key with a zero byte is given as "". */
bool rules_json_next(struct fy_node *container, void **at, const char **key,
                     struct fy_node **value);
/* Members or elements; 0 for everything else. */
size_t rules_json_count(struct fy_node *container);

/* The name of the member that has this value; NULL if it is none. Only good
 * for its position. */
struct fy_node *rules_json_key(struct fy_node *value);
/* Where a node begins, from 1; of a container the first scalar inside, or its
 * own key if it is empty. 0 if unknown. */
void rules_json_position(struct fy_node *node, unsigned *line,
                         unsigned *column);
/* JSON path of a node within its document, cut at the front if need be. */
void rules_json_path(struct fy_node *node, char *out, size_t cap);

#endif
