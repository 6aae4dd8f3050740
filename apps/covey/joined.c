/* SPDX-License-Identifier: BSD-2-Clause */
#include "joined.h"

#include "cmd.h"

#include <stdio.h>
#include <string.h>

enum {
    AHEAD = 32 /* as in request_oscore.c */
};

/* --- the state file ------------------------------------------------------ */

static bool write_state(struct joined *j)
{
    return member_state_store(&j->state, j->why, sizeof j->why);
}

static bool keep_association(void *user, const covey_oscore_state *state)
{
    struct joined *j = user;

    j->state.association = state->ssn;
    return write_state(j);
}

static bool save(void *user, covey_bytes saved, covey_bytes sender_key)
{
    struct joined *j = user;

    (void)sender_key;
    if (saved.len > sizeof j->state.saved) {
        snprintf(j->why, sizeof j->why, "keys that are too long");
        return false;
    }
    memcpy(j->state.saved, saved.ptr, saved.len);
    j->state.saved_len = saved.len;
    j->state.ssn = 0;
    return write_state(j);
}

static void save_again(void *user, covey_bytes saved)
{
    struct joined *j = user;

    if (saved.len <= sizeof j->state.saved) {
        memcpy(j->state.saved, saved.ptr, saved.len);
        j->state.saved_len = saved.len;
        (void)write_state(j);
    }
}

static bool keep(void *user, uint64_t ssn)
{
    struct joined *j = user;

    j->state.ssn = ssn;
    return write_state(j);
}

static void end(void *user)
{
    struct joined *j = user;

    covey_wipe(j->state.saved, sizeof j->state.saved);
    j->state.saved_len = 0;
    j->state.ssn = 0;
    (void)write_state(j);
}

/* The state is that of one association, and of one group. */
static bool open_state(struct joined *j, const struct joined_options *o)
{
    const covey_oscore_parameters *p = &o->context->association->parameters;
    struct member_state_owner owner = { .first = o->first };
    covey_oscore_keys keys;
    covey_status st = covey_oscore_derive(&keys, p, o->crypto);

    if (st == COVEY_OK) {
        st = oscore_fingerprint(o->crypto,
                                covey_bytes_of(keys.sender_key, keys.key_len),
                                owner.fingerprint);
    }
    covey_wipe(&keys, sizeof keys);
    if (st == COVEY_OK) {
        st = oscore_fingerprint(o->crypto, o->context->group, owner.group);
    }
    if (st != COVEY_OK) {
        snprintf(j->why, sizeof j->why, "no keys: %s [%s]",
                 covey_status_text(st), covey_status_name(st));
        return false;
    }
    return member_state_open(&j->state, o->state, &owner, j->why,
                             sizeof j->why);
}

/* --- news ---------------------------------------------------------------- */

static void explain(struct joined *j, const managed_tale *tale)
{
    switch (tale->news) {
    case MANAGED_REFUSED:
        snprintf(j->why, sizeof j->why,
                 "the Group Manager refuses: %u.%02u%s%s%s",
                 (unsigned)tale->code >> 5, tale->code & 31u,
                 tale->reason[0] != '\0' ? " (" : "", tale->reason,
                 tale->reason[0] != '\0' ? ")" : "");
        break;
    case MANAGED_OUT:
        snprintf(j->why, sizeof j->why,
                 "no member any more: evicted, or the group is gone");
        break;
    case MANAGED_SILENT:
        snprintf(j->why, sizeof j->why, "the Group Manager: %s", tale->reason);
        break;
    case MANAGED_WRONG:
        snprintf(j->why, sizeof j->why,
                 "an answer that is not to be believed: %s", tale->reason);
        break;
    case MANAGED_JOINED:
    case MANAGED_RESUMED:
    case MANAGED_CURRENT:
    case MANAGED_REKEYED:
    case MANAGED_RENEWED:
    case MANAGED_LEFT:
        break;
    }
}

static void on_tale(void *user, const managed_tale *tale)
{
    struct joined *j = user;

    explain(j, tale);
    if ((j->wanted & JOINED_NEWS(tale->news)) != 0) {
        j->last = tale->news;
        j->code = tale->code;
        loop_stop(j->loop);
    }
}

static void on_timeout(void *user)
{
    struct joined *j = user;

    if (j->wanted != 0) {
        loop_stop(j->loop);
    }
}

managed_news joined_wait(struct joined *j, unsigned wanted, covey_ms timeout)
{
    j->wanted = wanted;
    j->last = (managed_news)0;
    snprintf(j->why, sizeof j->why, "the Group Manager does not answer");
    loop_alarm_set(j->timeout, loop_now().mono + timeout);
    loop_run(j->loop);
    loop_alarm_set(j->timeout, COVEY_NEVER);
    j->wanted = 0;
    return j->last;
}

int joined_settle(struct joined *j, covey_ms timeout)
{
    const managed_news news = joined_wait(
        j,
        JOINED_NEWS(MANAGED_JOINED) | JOINED_NEWS(MANAGED_CURRENT) |
            JOINED_NEWS(MANAGED_REFUSED) | JOINED_NEWS(MANAGED_OUT) |
            JOINED_NEWS(MANAGED_SILENT),
        timeout);

    if (news == MANAGED_JOINED || news == MANAGED_CURRENT) {
        return EXIT_DONE;
    }
    return news == MANAGED_REFUSED || news == MANAGED_OUT ? EXIT_REFUSED
                                                          : EXIT_IO;
}

/* --- opening ------------------------------------------------------------- */

static bool open_association(struct joined *j)
{
    const association_options options = {
        .context = j->context->association,
        .crypto = j->crypto,
        .manager = j->context->manager,
        .state = { .ssn = j->state.association,
                   .window = COVEY_OSCORE_WINDOW_LOST },
        .ahead = AHEAD,
        .keep = keep_association,
        .user = j,
    };

    j->association = association_open(j->loop, &options, j->why);
    return j->association != NULL;
}

static bool open_group(struct joined *j, const struct joined_options *o)
{
    uint8_t saved[MEMBER_STATE_SAVED_MAX];
    managed_options options = {
        .context = j->context,
        .crypto = j->crypto,
        .association = j->association,
        .storage = { .ssn = j->state.ssn,
                     .save = save,
                     .save_again = save_again,
                     .keep = keep,
                     .end = end,
                     .user = j },
        .ahead = AHEAD,
        .requests = o->requests,
        .message_max = o->message_max,
        .on = on_tale,
        .user = j,
    };

    if (j->state.saved_len > 0) {
        memcpy(saved, j->state.saved, j->state.saved_len);
        options.storage.saved = covey_bytes_of(saved, j->state.saved_len);
    }
    j->group = managed_open(j->loop, &options, j->why);
    covey_wipe(saved, sizeof saved);
    return j->group != NULL;
}

bool joined_open(struct joined *j, const struct joined_options *options)
{
    memset(j, 0, sizeof *j);
    j->context = options->context;
    j->crypto = options->crypto;
    if (!open_state(j, options)) {
        return false;
    }
    snprintf(j->why, sizeof j->why, "out of memory or descriptors");
    j->loop = loop_new();
    if (j->loop == NULL || !loop_stop_on_signals(j->loop)) {
        return false;
    }
    j->timeout = loop_alarm_new(j->loop, on_timeout, j);
    if (j->timeout == NULL || !open_association(j)) {
        return false;
    }
    if (j->state.saved_len == 0 && !options->joins) {
        return true;
    }
    return open_group(j, options);
}

/* If it cannot be written the numbers in between are lost, which harms nobody.
 */
static void give_back(struct joined *j)
{
    if (j->association == NULL) {
        return;
    }
    j->state.association = association_exact(j->association).ssn;
    if (j->group != NULL && j->state.saved_len > 0 &&
        managed_is_in(j->group)) {
        j->state.ssn = managed_exact(j->group);
    }
    (void)write_state(j);
}

void joined_close(struct joined *j)
{
    give_back(j);
    managed_close(j->group);
    association_close(j->association);
    if (j->loop != NULL) {
        loop_free(j->loop);
    }
    member_state_close(&j->state);
}
