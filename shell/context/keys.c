/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys of mappings, every one accounted for: a misspelt key that was passed
 * over would leave another context than its author thinks. */
#include "internal.h"

#include <string.h>

static bool is_name(const char *text, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(text, name, len) == 0;
}

static size_t place_of(const context_names *names, const char *text,
                       size_t len)
{
    size_t i = 0;

    while (i < names->count && !is_name(text, len, names->names[i])) {
        i++;
    }
    return i;
}

/* "a, b, c" */
static void list(const context_names *names, char *out, size_t cap)
{
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < names->count && at < cap; i++) {
        int more = snprintf(out + at, cap - at, "%s%s", i > 0 ? ", " : "",
                            names->names[i]);
        at += more > 0 ? (size_t)more : 0;
    }
}

static void sort(context_loader *l, const context_value *v,
                 const context_names *names, context_value *values)
{
    const context_value key = { NULL, v->key };
    char known[400];
    size_t len;
    const char *text = context_scalar(l, &key, &len, "a key");

    if (text == NULL) {
        return;
    }
    size_t i = place_of(names, text, len);
    if (i == names->count) {
        list(names, known, sizeof known);
        context_error(l, &key, "covey-context(5)",
                      "'%.*s' is no key of %s; it has %s",
                      (int)(len < 40 ? len : 40), text, names->what, known);
    } else if (values[i].node != NULL || values[i].key != NULL) {
        context_error(l, &key, "covey-context(5)", "'%s' comes twice",
                      names->names[i]);
    } else {
        values[i] = *v;
    }
}

bool context_keys(context_loader *l, const context_value *v,
                  const context_names *names, context_value *values)
{
    context_value member;
    void *at = NULL;

    if (!context_is_mapping(v)) {
        context_error(l, v, "covey-context(5)",
                      "expected keys and values of %s", names->what);
        return false;
    }
    while (context_next(v->node, &at, &member)) {
        sort(l, &member, names, values);
    }
    return true;
}

bool context_required(context_loader *l, const context_value *parent,
                      const context_value *v, const char *name,
                      const char *source)
{
    if (v->key == NULL) {
        context_error(l, parent, source, "'%s' is missing", name);
        return false;
    }
    return true;
}

bool context_word(context_loader *l, const context_value *v,
                  const context_names *words, unsigned *out)
{
    char known[200];
    size_t len;

    if (v->key == NULL && v->node == NULL) {
        return false;
    }
    list(words, known, sizeof known);
    const char *text = context_scalar(l, v, &len, known);
    if (text == NULL) {
        return false;
    }
    size_t i = place_of(words, text, len);
    if (i == words->count) {
        context_error(l, v, words->what, "expected one of %s, found '%.*s'",
                      known, (int)(len < 40 ? len : 40), text);
        return false;
    }
    *out = (unsigned)i;
    return true;
}
