/* SPDX-License-Identifier: BSD-2-Clause */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

const char *vuln_answer_text(vuln_answer answer)
{
    static const char *const texts[VULN_ANSWERS] = {
        [VULN_CANNOT_TELL] = "cannot tell",
        [VULN_AFFECTED] = "affected",
        [VULN_FIXED] = "fixed by distribution",
    };

    return (unsigned)answer < VULN_ANSWERS ? texts[answer] : "unknown";
}

const char *vuln_source_text(vuln_source source)
{
    static const char *const texts[VULN_SOURCES] = {
        [VULN_NVD] = "NVD",
        [VULN_OSV] = "OSV",
        [VULN_VEX] = "VEX",
    };

    return (unsigned)source < VULN_SOURCES ? texts[source] : "unknown";
}

/* Whether the second says more than the first. */
static bool outweighs(const vuln_match *old, const vuln_match *m)
{
    static const unsigned weights[VULN_ANSWERS] = {
        [VULN_FIXED] = 0, [VULN_CANNOT_TELL] = 1, [VULN_AFFECTED] = 2
    };

    return m->source != old->source
               ? m->source > old->source
               : weights[m->answer] > weights[old->answer];
}

void vuln__match(vuln_lookup *l, const vuln_match *m)
{
    for (size_t i = l->match_count; i-- > 0;) {
        vuln_match *old = &l->matches[i];
        if (old->service == m->service && strcmp(old->id, m->id) == 0) {
            if (outweighs(old, m)) {
                *old = *m;
                old->base = l->base;
            }
            return;
        }
    }
    if (l->match_count == l->match_room) {
        const size_t room = l->match_room == 0 ? 64 : l->match_room * 2;
        vuln_match *more = l->match_count < VULN_MATCHES_MAX
                               ? realloc(l->matches, room * sizeof *more)
                               : NULL;
        if (more == NULL) {
            l->full = true;
            return;
        }
        l->matches = more;
        l->match_room = room;
    }
    l->matches[l->match_count] = *m;
    l->matches[l->match_count++].base = l->base;
}

void vuln_close(vuln_lookup *l)
{
    free(l->matches);
    l->matches = NULL;
    l->match_count = 0;
    l->match_room = 0;
}

const char *vuln__text(const json_t *object, const char *name,
                       const char **why)
{
    const json_t *v = json_object_get(object, name);

    if (v == NULL) {
        return "";
    }
    if (!json_is_string(v)) {
        *why = "expected a text";
        return NULL;
    }
    return json_string_value(v);
}

const json_t *vuln__list(const json_t *object, const char *name,
                         const char **why)
{
    const json_t *v = json_object_get(object, name);

    if (v != NULL && !json_is_array(v)) {
        *why = "expected a list";
        return NULL;
    }
    return v;
}
