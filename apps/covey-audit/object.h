/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of a JSON object that need not be there. */
#ifndef COVEY_AUDIT_OBJECT_H
#define COVEY_AUDIT_OBJECT_H

#include <jansson.h>
#include <stdint.h>
#include <string.h>

/* "" if there is no such text. */
static inline const char *object_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* 0 if there is no such number. */
static inline int64_t object_number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* The first of a list that has this text; NULL: none. */
static inline json_t *object_find(const json_t *all, const char *name,
                                  const char *text)
{
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *one = json_array_get(all, i);
        if (strcmp(object_text(one, name), text) == 0) {
            return one;
        }
    }
    return NULL;
}

#endif
