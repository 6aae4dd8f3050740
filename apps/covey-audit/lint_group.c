/* SPDX-License-Identifier: BSD-2-Clause */
/* CO-13 for groups: contexts of members (covey-context(5)), and lists of
 * groups as somebody keeps them, with the members that were there. What a
 * loader refuses is what is looked for here, so this reads by itself, and
 * takes only what it judges. */
#include "lint_group.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <text.h>
#include <time.h>

/* --- algorithms ---------------------------------------------------------- */

/* The name of a number, or the text itself. */
static const char *algorithm(const char *text)
{
    char *end;
    const long n = strtol(text, &end, 10);

    return *text != '\0' && *end == '\0' && n >= INT32_MIN && n <= INT32_MAX
               ? covey_alg_name((int32_t)n)
               : text;
}

static void judge_algorithms(lint *l, const group_row *g)
{
    const char *enc = algorithm(g->encryption);
    const char *sig = algorithm(g->signature);
    const size_t len = strlen(sig);

    if (strstr(enc, "CBC") != NULL || strstr(enc, "cbc") != NULL) {
        lint_found(l, LINT_GROUP_CBC, g->line, "%s", enc);
    }
    if (strncasecmp(sig, "Hash", 4) == 0 ||
        (len > 2 && strcasecmp(sig + len - 2, "ph") == 0)) {
        lint_found(l, LINT_GROUP_PREHASH, g->line, "%s", sig);
    }
}

/* --- groups beside each other -------------------------------------------- */

static bool differ(const char *a, const char *b)
{
    return a[0] != '\0' && b[0] != '\0' && strcmp(a, b) != 0;
}

static void judge_gid(lint *l, const group_rows *all, size_t at)
{
    const group_row *g = &all->groups[at];

    for (size_t i = 0; i < at; i++) {
        const group_row *o = &all->groups[i];
        if (covey_bytes_equal(o->gid, g->gid) &&
            (differ(o->secret, g->secret) || differ(o->epoch, g->epoch))) {
            char gid[LINT_ID_TEXT];
            lint_found(l, LINT_GROUP_GID, g->line, "%s, as in %s, line %u",
                       lint_id_text(g->gid, gid), o->file, o->line);
            return;
        }
    }
}

static void judge_member(lint *l, const group_rows *all, size_t at)
{
    const member_row *m = &all->members[at];
    char id[LINT_ID_TEXT];

    for (size_t i = 0; i < at; i++) {
        const member_row *o = &all->members[i];
        const bool group = covey_bytes_equal(o->gid, m->gid);
        const bool same_id = covey_bytes_equal(o->id, m->id);
        if (group && same_id && differ(o->key, m->key)) {
            lint_found(l, LINT_GROUP_SENDER, m->line, "%s, as in %s, line %u",
                       lint_id_text(m->id, id), o->file, o->line);
            return;
        }
        if (group && !same_id && m->key[0] != '\0' &&
            strcmp(o->key, m->key) == 0) {
            lint_found(l, LINT_GROUP_KEY, m->line, "%s, as in %s, line %u",
                       lint_id_text(m->id, id), o->file, o->line);
            return;
        }
    }
}

/* --- time ---------------------------------------------------------------- */

static void judge_end(lint *l, int64_t now, int64_t end, unsigned line,
                      const char *what)
{
    char text[TEXT_TIME_MAX];

    if (end != LINT_NO_END && end <= now) {
        lint_found(l, LINT_GROUP_EXPIRED, line, "%s: ended %s", what,
                   text_time(end, text));
    }
}

/* --- all files ----------------------------------------------------------- */

static void judge_file(lint *l, const group_rows *all, size_t first_group,
                       size_t first_member)
{
    for (size_t i = first_group; i < all->group_count; i++) {
        judge_algorithms(l, &all->groups[i]);
        judge_gid(l, all, i);
        judge_end(l, l->now, all->groups[i].end, all->groups[i].line,
                  "the keys of the group");
    }
    for (size_t i = first_member; i < all->member_count; i++) {
        const member_row *m = &all->members[i];
        char id[LINT_ID_TEXT];
        judge_member(l, all, i);
        judge_end(l, l->now, m->end, m->line, lint_id_text(m->id, id));
    }
}

void lint_group(lint *l)
{
    group_rows all = { 0 };

    for (int i = 0; i < l->args->file_count; i++) {
        const size_t groups = all.group_count;
        const size_t members = all.member_count;
        if (!lint_open(l, l->args->files[i])) {
            continue;
        }
        if (lint_group_read(l, &all)) {
            judge_file(l, &all, groups, members);
        } else {
            l->failed = true;
        }
    }
    lint_group_free(&all);
}
