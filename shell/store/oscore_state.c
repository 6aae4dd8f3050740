/* SPDX-License-Identifier: BSD-2-Clause */
#include "oscore_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE "covey oscore state 1\n"
#define KEY   "sender_key "

enum {
    TEXT_CAP = 200
};

/* --- whose state it is ------------------------------------------------- */

covey_status oscore_fingerprint(const covey_crypto *crypto, covey_bytes key,
                                uint8_t out[OSCORE_FINGERPRINT])
{
    uint8_t digest[COVEY_HASH_MAX];
    covey_writer w = covey_writer_of(digest, sizeof digest);
    covey_hash hash = { { 0 } };
    covey_status st =
        crypto->hash_begin(crypto->provider, COVEY_SHA_256, &hash);

    if (st == COVEY_OK) {
        st = crypto->hash_update(crypto->provider, &hash, key);
    }
    if (st == COVEY_OK) {
        st = crypto->hash_finish(crypto->provider, &hash, &w);
    }
    crypto->hash_drop(crypto->provider, &hash);
    if (st == COVEY_OK) {
        memcpy(out, digest, OSCORE_FINGERPRINT);
    }
    return st;
}

/* --- the text ----------------------------------------------------------- */

/* One way to write it, so that reading is writing again and comparing. */
static int format(const struct oscore_state *s, const covey_oscore_state *now,
                  char text[TEXT_CAP])
{
    char hex[2 * OSCORE_FINGERPRINT + 1];

    for (size_t i = 0; i < OSCORE_FINGERPRINT; i++) {
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)s->fingerprint[i]);
    }
    return snprintf(text, TEXT_CAP,
                    TITLE KEY "%s\nsequence_number %llu\nreplay_window %llu\n",
                    hex, (unsigned long long)now->ssn,
                    (unsigned long long)now->window);
}

/* The number behind `name`; 0 if it is not there. */
static uint64_t number_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at != NULL ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static bool parse(struct oscore_state *s, const char *text, char *error,
                  size_t cap)
{
    const covey_oscore_state now = {
        number_of(text, "\nsequence_number "),
        number_of(text, "\nreplay_window "),
    };
    char again[TEXT_CAP];

    format(s, &now, again);
    if (strcmp(text, again) == 0 && now.ssn <= COVEY_OSCORE_SSN_END &&
        now.window <= COVEY_OSCORE_SSN_END) {
        s->now = now;
        return true;
    }
    const size_t title = strlen(TITLE);
    const size_t key = strlen(TITLE KEY) + (size_t)2 * OSCORE_FINGERPRINT;
    if (strncmp(text, again, title) == 0 && strncmp(text, again, key) != 0) {
        snprintf(error, cap,
                 "%s: expected the state of this context, found that of "
                 "another one",
                 s->file.path);
    } else {
        snprintf(error, cap, "%s: expected a state file of this program",
                 s->file.path);
    }
    return false;
}

/* --- the file ----------------------------------------------------------- */

bool oscore_state_open(struct oscore_state *s, const char *path,
                       const uint8_t fingerprint[OSCORE_FINGERPRINT],
                       uint64_t first, char *error, size_t cap)
{
    char text[TEXT_CAP];
    bool exists = false;

    memset(s, 0, sizeof *s);
    s->now.ssn = first;
    memcpy(s->fingerprint, fingerprint, OSCORE_FINGERPRINT);
    if (state_file_open(&s->file, path, error, cap) &&
        state_file_read(&s->file, text, sizeof text, &exists, error, cap) &&
        (!exists || parse(s, text, error, cap))) {
        return true;
    }
    oscore_state_close(s);
    return false;
}

bool oscore_state_store(struct oscore_state *s, const covey_oscore_state *next,
                        char *error, size_t cap)
{
    char text[TEXT_CAP];
    const int len = format(s, next, text);

    if (len <= 0 ||
        !state_file_write(&s->file, text, (size_t)len, error, cap)) {
        return false;
    }
    s->now = *next;
    return true;
}

void oscore_state_close(struct oscore_state *s)
{
    state_file_close(&s->file);
    memset(s, 0, sizeof *s);
}
