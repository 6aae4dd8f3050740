/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys of mappings, every one accounted for: a misspelt key that was passed
 * over would leave something else than its author thinks. */
#include "internal.h"

#include <string.h>

static bool is_name(const char *text, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(text, name, len) == 0;
}

static size_t place_of(const conf_names *names, const char *text, size_t len)
{
    size_t i = 0;

    while (i < names->count && !is_name(text, len, names->names[i])) {
        i++;
    }
    return i;
}

/* "a, b, c" */
static void list(const conf_names *names, char *out, size_t cap)
{
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < names->count && at < cap; i++) {
        int more = snprintf(out + at, cap - at, "%s%s", i > 0 ? ", " : "",
                            names->names[i]);
        at += more > 0 ? (size_t)more : 0;
    }
}

static void sort(conf_reader *c, const conf_value *v, const conf_names *names,
                 conf_value *values)
{
    const conf_value key = { NULL, v->key };
    char known[400];
    size_t len;
    const char *text = conf_scalar(c, &key, &len, "a key");

    if (text == NULL) {
        return;
    }
    size_t i = place_of(names, text, len);
    if (i == names->count) {
        list(names, known, sizeof known);
        conf_error(c, &key, c->manual, "'%.*s' is no key of %s; it has %s",
                   (int)(len < 40 ? len : 40), text, names->what, known);
    } else if (values[i].node != NULL || values[i].key != NULL) {
        conf_error(c, &key, c->manual, "'%s' comes twice", names->names[i]);
    } else {
        values[i] = *v;
    }
}

bool conf_keys(conf_reader *c, const conf_value *v, const conf_names *names,
               conf_value *values)
{
    conf_value member;
    void *at = NULL;

    if (!conf_is_mapping(v)) {
        conf_error(c, v, c->manual, "expected keys and values of %s",
                   names->what);
        return false;
    }
    while (conf_next(v, &at, &member)) {
        sort(c, &member, names, values);
    }
    return true;
}

bool conf_required(conf_reader *c, const conf_value *parent,
                   const conf_value *v, const char *name, const char *source)
{
    if (v->key == NULL) {
        conf_error(c, parent, source, "'%s' is missing", name);
        return false;
    }
    return true;
}

bool conf_word(conf_reader *c, const conf_value *v, const conf_names *words,
               unsigned *out)
{
    char known[200];
    size_t len;

    if (conf_is_missing(v)) {
        return false;
    }
    list(words, known, sizeof known);
    const char *text = conf_scalar(c, v, &len, known);
    if (text == NULL) {
        return false;
    }
    size_t i = place_of(words, text, len);
    if (i == words->count) {
        conf_error(c, v, words->what, "expected one of %s, found '%.*s'",
                   known, (int)(len < 40 ? len : 40), text);
        return false;
    }
    *out = (unsigned)i;
    return true;
}
