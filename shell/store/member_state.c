/* SPDX-License-Identifier: BSD-2-Clause */
#include "member_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE "covey member state 1\n"

/* --- the text ------------------------------------------------------------ */

/* One way to write it, so that reading is writing again and comparing. */
static size_t format(struct member_state *s)
{
    char hex[2 * OSCORE_FINGERPRINT + 1];
    char group[2 * OSCORE_FINGERPRINT + 1];
    size_t len;

    state_file_put_hex(hex, s->fingerprint, sizeof s->fingerprint);
    state_file_put_hex(group, s->group, sizeof s->group);
    len = (size_t)snprintf(s->text, sizeof s->text,
                           TITLE "association %s\ngroup %s\n"
                                 "association_number %llu\n",
                           hex, group, (unsigned long long)s->association);
    if (s->saved_len > 0) {
        len += (size_t)snprintf(s->text + len, sizeof s->text - len,
                                "sequence_number %llu\nkeys ",
                                (unsigned long long)s->ssn);
        state_file_put_hex(s->text + len, s->saved, s->saved_len);
        len += 2 * s->saved_len;
        s->text[len++] = '\n';
        s->text[len] = '\0';
    }
    return len;
}

static uint64_t number_behind(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at != NULL ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void parse(struct member_state *s, const char *text)
{
    const char *keys = strstr(text, "\nkeys ");

    s->association = number_behind(text, "\nassociation_number ");
    s->ssn = number_behind(text, "\nsequence_number ");
    s->saved_len =
        keys != NULL ? state_file_get_hex(keys + 6, s->saved, sizeof s->saved)
                     : 0;
}

static bool take(struct member_state *s, const char *text, char *error,
                 size_t cap)
{
    const size_t owner =
        strlen(TITLE "association \ngroup ") + (size_t)4 * OSCORE_FINGERPRINT;

    parse(s, text);
    format(s);
    if (strcmp(s->text, text) == 0 && s->ssn <= COVEY_OSCORE_SSN_END &&
        s->association <= COVEY_OSCORE_SSN_END) {
        return true;
    }
    if (strncmp(text, TITLE, strlen(TITLE)) == 0 && strlen(text) >= owner &&
        strncmp(text, s->text, owner) != 0) {
        snprintf(error, cap,
                 "%s: expected the state of this member, found that of "
                 "another one, or in another group",
                 s->file.path);
    } else {
        snprintf(error, cap,
                 "%s: expected a state file of a member, written by this "
                 "program",
                 s->file.path);
    }
    return false;
}

/* --- the file ------------------------------------------------------------ */

static bool load(struct member_state *s, char *error, size_t cap)
{
    char text[MEMBER_STATE_TEXT];
    bool existed = false;
    bool good =
        state_file_read(&s->file, text, sizeof text, &existed, error, cap);

    good = good && (!existed || take(s, text, error, cap));
    covey_wipe(text, sizeof text);
    return good;
}

bool member_state_open(struct member_state *s, const char *path,
                       const struct member_state_owner *owner, char *error,
                       size_t cap)
{
    memset(s, 0, sizeof *s);
    s->association = owner->first;
    memcpy(s->fingerprint, owner->fingerprint, sizeof s->fingerprint);
    memcpy(s->group, owner->group, sizeof s->group);
    if (state_file_open(&s->file, path, error, cap) && load(s, error, cap)) {
        return true;
    }
    member_state_close(s);
    return false;
}

bool member_state_store(struct member_state *s, char *error, size_t cap)
{
    const size_t len = format(s);
    const bool good = state_file_write(&s->file, s->text, len, error, cap);

    covey_wipe(s->text, sizeof s->text);
    return good;
}

void member_state_close(struct member_state *s)
{
    state_file_close(&s->file);
    covey_wipe(s, sizeof *s);
}
