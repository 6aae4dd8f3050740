/* SPDX-License-Identifier: BSD-2-Clause */
/* The context of a member: its life, and what of it must survive a loss of
 * power. Numbers are reserved ahead of their use as in core/oscore; each
 * recipient that has been heard has its own. */
#include "group_internal.h"

#include <string.h>

#define AHEAD_DEFAULT 64u

/* The table, empty, with the windows of its rows. */
static covey_status clear_table(const covey_group_start *start)
{
    covey_group_recipient *r = start->recipients;
    uint32_t *words = start->window_words;
    unsigned left = start->recipient_max;
    covey_status st;

    do {
        memset(r, 0, sizeof *r);
        st = covey_oscore_window_init(&r->window, 0, start->window_size, words,
                                      start->window_word_count);
        words = words != NULL ? words + start->window_word_count : NULL;
        r++;
    } while (--left > 0);
    return st;
}

/* Whether it will do; clears the table then. */
static covey_status check_start(const covey_group_parameters *p,
                                const covey_group_start *start)
{
    const bool silent = start->sender_id.ptr == NULL;

    if (start->recipients == NULL || start->recipient_max == 0 ||
        start->ssn > COVEY_OSCORE_SSN_END ||
        (!silent &&
         (start->credential.len == 0 || start->private_key == NULL))) {
        return COVEY_E_ARGUMENT;
    }
    return start->sender_id.len > covey_group_id_max(&p->algorithms)
               ? COVEY_E_RANGE
               : clear_table(start);
}

covey_status covey__group_install(covey_group *g,
                                  const covey_group_parameters *p,
                                  covey_bytes sender_id)
{
    covey_status st = covey__group_derive(g, p);

    g->signature_len =
        (uint8_t)covey_signature_len(p->algorithms.signature, g->curve);
    return st == COVEY_OK ? covey__group_become(g, sender_id) : st;
}

covey_status covey_group_setup(covey_group *g, const covey_crypto *crypto,
                               const covey_group_parameters *p,
                               const covey_group_start *start)
{
    covey_status st = covey_group_check(p);

    memset(g, 0, sizeof *g);
    if (st == COVEY_OK) {
        st = check_start(p, start);
    }
    if (st != COVEY_OK) {
        return st;
    }
    g->crypto = crypto;
    covey__group_adopt(g, p);
    g->private_key = start->private_key;
    g->credential = start->credential;
    g->recipients = start->recipients;
    g->recipient_max = start->recipient_max;
    g->ahead = start->ahead != 0 ? start->ahead : AHEAD_DEFAULT;
    g->late = (uint8_t)start->late;
    g->kid_always = start->kid_always;
    g->windows_invalid = start->windows_invalid;
    st = covey__group_install(g, p, start->sender_id);
    if (st != COVEY_OK) {
        covey_group_drop(g);
        return st;
    }
    g->ssn = start->ssn;
    g->ssn_stored = start->ssn;
    return COVEY_OK;
}

void covey_group_drop(covey_group *g)
{
    for (size_t i = 0; i < g->recipient_max; i++) {
        covey__group_forget(g, &g->recipients[i]);
    }
    if (g->crypto != NULL) {
        g->crypto->key_drop(g->crypto->provider, &g->sender_key);
    }
    covey_wipe(g, sizeof *g);
}

/* A recipient whose number is due, or NULL; only who has been heard has
 * numbers worth storing. */
static const covey_group_recipient *first_due(const covey_group *g,
                                              uint64_t *number)
{
    for (size_t i = 0; i < g->recipient_max; i++) {
        const covey_group_recipient *r = &g->recipients[i];

        *number = r->window_stored;
        if (r->heard && r->window_valid &&
            covey_oscore_reserve(r->window.next, g->ahead, number)) {
            return r;
        }
    }
    return NULL;
}

bool covey_group_due(const covey_group *g, covey_group_record *record)
{
    const covey_group_recipient *r;
    uint64_t number = g->ssn_stored;

    if ((!g->silent && covey_oscore_reserve(g->ssn, g->ahead, &number)) ||
        g->windows_invalid != g->windows_invalid_stored) {
        record->id = covey_bytes_of(NULL, 0);
        record->number = number;
        record->windows_invalid = g->windows_invalid;
        return true;
    }
    r = g->windows_low ? first_due(g, &number) : NULL;
    if (r == NULL) {
        return false;
    }
    record->id = covey__group_recipient_id(r);
    record->number = number;
    record->windows_invalid = false;
    return true;
}

/* Raises what is known to be stored. */
static covey_status raise(uint64_t *stored, uint64_t number)
{
    if (number < *stored || number > COVEY_OSCORE_SSN_END) {
        return COVEY_E_ARGUMENT;
    }
    *stored = number;
    return COVEY_OK;
}

covey_status covey_group_stored(covey_group *g,
                                const covey_group_record *record)
{
    covey_group_recipient *r;
    uint64_t number;
    covey_status st;

    if (record->id.ptr == NULL) {
        st = raise(&g->ssn_stored, record->number);
        if (st == COVEY_OK) {
            g->windows_invalid_stored = record->windows_invalid;
        }
        return st;
    }
    r = covey_group_find(g, record->id);
    if (r == NULL) {
        return COVEY_E_ARGUMENT;
    }
    st = raise(&r->window_stored, record->number);
    g->windows_low = first_due(g, &number) != NULL;
    return st;
}

covey_oscore_usage covey_group_usage_of(const covey_group *g)
{
    covey_oscore_usage u = { g->encrypted, 0, COVEY_OSCORE_SSN_END - g->ssn };

    for (size_t i = 0; i < g->recipient_max; i++) {
        if (g->recipients[i].forged > u.forged) {
            u.forged = g->recipients[i].forged;
        }
    }
    return u;
}
