/* SPDX-License-Identifier: BSD-2-Clause */
#include "group_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE "covey group state 1\n"

enum {
    HEAD_CAP = 160,
    /* "member ", ID in hex, a space, a number of 20 digits, line end. */
    ROW_CAP = 7 + 2 * COVEY_OSCORE_ID_MAX + 1 + 20 + 1
};

/* --- the text ----------------------------------------------------------- */

static size_t text_cap(const struct group_state *s)
{
    return HEAD_CAP + s->row_max * ROW_CAP + 1;
}

/* One way to write it, so that reading is writing again and comparing. */
static size_t format(const struct group_state *s, char *text)
{
    char hex[2 * OSCORE_FINGERPRINT + 1];
    char id[2 * COVEY_OSCORE_ID_MAX + 1];
    size_t len;

    state_file_put_hex(hex, s->fingerprint, OSCORE_FINGERPRINT);
    len = (size_t)snprintf(text, HEAD_CAP,
                           TITLE "sender_key %s\nsequence_number %llu\n"
                                 "replay_windows %s\n",
                           hex, (unsigned long long)s->ssn,
                           s->windows_invalid ? "invalid" : "valid");
    for (size_t i = 0; i < s->row_count; i++) {
        const struct group_state_row *row = &s->rows[i];
        state_file_put_hex(id, row->id, row->id_len);
        len += (size_t)snprintf(text + len, ROW_CAP + 1, "member %s %llu\n",
                                id, (unsigned long long)row->number);
    }
    return len;
}

/* "member 0a1b 17": whatever it is taken for is written and compared. */
static const char *parse_row(struct group_state *s, const char *line)
{
    struct group_state_row *row = &s->rows[s->row_count];
    char *end;

    if (s->row_count == s->row_max || strncmp(line, "member ", 7) != 0) {
        return NULL;
    }
    line += 7;
    row->id_len =
        (uint8_t)state_file_get_hex(line, row->id, COVEY_OSCORE_ID_MAX);
    line += (size_t)2 * row->id_len;
    row->number = strtoull(line, &end, 10);
    if (*end != '\n' || row->number > COVEY_OSCORE_SSN_END) {
        return NULL;
    }
    s->row_count++;
    return end + 1;
}

static void parse(struct group_state *s, const char *text)
{
    const char *number = strstr(text, "\nsequence_number ");
    const char *at = strstr(text, "\nmember ");

    s->ssn = number != NULL ? strtoull(number + 17, NULL, 10) : 0;
    s->windows_invalid = strstr(text, "\nreplay_windows invalid\n") != NULL;
    at = at != NULL ? at + 1 : NULL;
    while (at != NULL && *at != '\0') {
        at = parse_row(s, at);
    }
}

static bool take(struct group_state *s, const char *text, char *error,
                 size_t cap)
{
    const size_t key =
        strlen(TITLE "sender_key ") + (size_t)2 * OSCORE_FINGERPRINT;

    parse(s, text);
    format(s, s->text);
    if (strcmp(s->text, text) == 0 && s->ssn <= COVEY_OSCORE_SSN_END) {
        return true;
    }
    if (strncmp(text, TITLE, strlen(TITLE)) == 0 && strlen(text) >= key &&
        strncmp(text, s->text, key) != 0) {
        snprintf(error, cap,
                 "%s: expected the state of this member, found that of "
                 "another one",
                 s->file.path);
    } else {
        snprintf(error, cap,
                 "%s: expected a state file of a group, written by this "
                 "program",
                 s->file.path);
    }
    return false;
}

/* --- the file ----------------------------------------------------------- */

static bool load(struct group_state *s, char *error, size_t cap)
{
    char *text = malloc(text_cap(s));
    bool good = text != NULL && state_file_read(&s->file, text, text_cap(s),
                                                &s->existed, error, cap);

    if (text == NULL) {
        snprintf(error, cap, "out of memory");
    }
    good = good && (!s->existed || take(s, text, error, cap));
    free(text);
    return good;
}

bool group_state_open(struct group_state *s, const char *path,
                      const struct group_state_owner *owner, char *error,
                      size_t cap)
{
    memset(s, 0, sizeof *s);
    s->ssn = owner->first;
    s->row_max = owner->member_count;
    memcpy(s->fingerprint, owner->fingerprint, OSCORE_FINGERPRINT);
    s->rows = calloc(s->row_max + 1, sizeof *s->rows);
    s->text = malloc(text_cap(s));
    if (s->rows == NULL || s->text == NULL) {
        snprintf(error, cap, "out of memory");
    } else if (state_file_open(&s->file, path, error, cap) &&
               load(s, error, cap)) {
        return true;
    }
    group_state_close(s);
    return false;
}

static struct group_state_row *find(const struct group_state *s,
                                    covey_bytes id)
{
    for (size_t i = 0; i < s->row_count; i++) {
        if (covey_bytes_equal(covey_bytes_of(s->rows[i].id, s->rows[i].id_len),
                              id)) {
            return &s->rows[i];
        }
    }
    return NULL;
}

uint64_t group_state_number(const struct group_state *s, covey_bytes id)
{
    const struct group_state_row *row = find(s, id);

    return row != NULL ? row->number : COVEY_GROUP_NUMBER_UNKNOWN;
}

static bool note_member(struct group_state *s,
                        const covey_group_record *record)
{
    struct group_state_row *row = find(s, record->id);

    if (row == NULL) {
        if (s->row_count == s->row_max) {
            return false;
        }
        row = &s->rows[s->row_count++];
        row->id_len = (uint8_t)record->id.len;
        covey_oscore_copy(row->id, record->id);
        row->number = 0;
    }
    if (record->number > row->number) {
        row->number = record->number;
    }
    return true;
}

bool group_state_store(struct group_state *s, const covey_group_record *record,
                       char *error, size_t cap)
{
    if (record->id.ptr == NULL) {
        s->ssn = record->number;
        s->windows_invalid = record->windows_invalid;
    } else if (!note_member(s, record)) {
        snprintf(error, cap, "%s: more members than the group has",
                 s->file.path);
        return false;
    }
    return state_file_write(&s->file, s->text, format(s, s->text), error, cap);
}

void group_state_close(struct group_state *s)
{
    state_file_close(&s->file);
    free(s->rows);
    free(s->text);
    memset(s, 0, sizeof *s);
}
