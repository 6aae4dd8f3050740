/* SPDX-License-Identifier: BSD-2-Clause */
#include "managed.h"

#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAUSE_FIRST = 2000, /* ms, then doubled */
    PAUSE_MAX = 300000,
    SAVE_AGAIN = 500,
    SHIFT_MAX = 8,
    /* Members, of a group where all are asked for after keys were missed: news
     * would have said who joined. */
    SMALL = 32,
    OBSERVE_AGAIN = 3600000 /* ms */
};

static void pump(managed *g);

static void tell(managed *g, managed_news news, uint8_t code,
                 const char *reason)
{
    const managed_tale tale = { news, code, reason };

    if (g->options.on != NULL) {
        g->options.on(g->options.user, &tale);
    }
}

/* Why the manager says no, if it says. */
static const char *refusal(uint8_t code, covey_bytes body)
{
    covey_keying_error error;

    if (body.len > 0 && covey_keying_problem_parse(&error, body) == COVEY_OK) {
        return covey_keying_error_text(error);
    }
    if (code == COVEY_COAP_CODE(4, 3)) {
        return "the node is not enrolled for this in this group";
    }
    return code == COVEY_COAP_CODE(4, 4) ? "there is no such group" : "";
}

/* --- pauses -------------------------------------------------------------- */

/* Doubled each time, and a part of it left to chance, so that many members do
 * not come at once. */
static covey_ms pause_of(const managed *g)
{
    const unsigned shift =
        g->failures < SHIFT_MAX ? g->failures : (unsigned)SHIFT_MAX;
    const uint32_t most = (uint32_t)PAUSE_FIRST << shift;
    const uint32_t pause = most < PAUSE_MAX ? most : PAUSE_MAX;
    const covey_crypto *crypto = g->options.crypto;
    uint8_t byte = 0;
    covey_writer w = covey_writer_of(&byte, 1);

    (void)!crypto->random(crypto->provider, &w);
    return pause / 2 + pause * (uint32_t)byte / 512;
}

static void hold(managed *g)
{
    g->hold = loop_now().mono + pause_of(g);
    g->failures++;
}

void managed__set_alarm(managed *g)
{
    covey_ms at = COVEY_NEVER;

    if (!g->call.waiting && g->save_at == COVEY_NEVER) {
        at = g->refused ? 0 : covey_member_deadline(&g->member);
        at = at != COVEY_NEVER && at < g->hold ? g->hold : at;
    }
    at = covey_earlier(at, g->observe_at);
    loop_alarm_set(g->alarm, covey_earlier(at, g->save_at));
}

/* --- saving -------------------------------------------------------------- */

static bool is_silent(const managed *g)
{
    return covey_group_sender_of(&g->group).ptr == NULL;
}

static bool write_all(const managed *g, covey_writer *saved, covey_writer *key)
{
    const managed_storage *s = &g->options.storage;
    const covey_bytes none = { NULL, 0 };
    covey_status st = covey_member_save(&g->member, saved);

    if (st == COVEY_OK && !is_silent(g)) {
        st = covey_member_sender_key(&g->member, key);
    }
    return st == COVEY_OK && s->save(s->user, covey_written(saved),
                                     is_silent(g) ? none : covey_written(key));
}

static size_t known(const managed *g)
{
    covey_bytes one;

    return covey_member_known(&g->member, UINT8_MAX, &one);
}

/* Who has been met is worth keeping, but nothing waits for it. */
static void save_again(managed *g)
{
    const managed_storage *s = &g->options.storage;
    const size_t now = known(g);
    uint8_t bytes[MANAGED_SAVED_MAX];
    covey_writer saved = covey_writer_of(bytes, sizeof bytes);

    if (now == g->saved_members || s->save_again == NULL ||
        g->save_at != COVEY_NEVER) {
        return;
    }
    if (covey_member_save(&g->member, &saved) == COVEY_OK) {
        g->saved_members = now;
        s->save_again(s->user, covey_written(&saved));
    }
    covey_wipe(bytes, sizeof bytes);
}

/* Until it has been saved nothing is sent or taken. */
static void save(managed *g)
{
    uint8_t bytes[MANAGED_SAVED_MAX];
    uint8_t key_bytes[COVEY_KEY_MAX];
    covey_writer saved = covey_writer_of(bytes, sizeof bytes);
    covey_writer key = covey_writer_of(key_bytes, sizeof key_bytes);

    g->save_at = COVEY_NEVER;
    g->saved_members = known(g);
    if (g->options.storage.save != NULL && !write_all(g, &saved, &key)) {
        g->save_at = loop_now().mono + SAVE_AGAIN;
    }
    covey_wipe(bytes, sizeof bytes);
    covey_wipe(key_bytes, sizeof key_bytes);
}

/* --- what has happened --------------------------------------------------- */

/* Registered again now and then, as who restarted knows no observers. */
static void observe(managed *g)
{
    const uint32_t interval = g->options.context->check_interval;
    const covey_ms now = loop_now().mono;

    if (managed_is_in(g) && g->observe_at <= now) {
        g->observe_at = now + (interval != 0 ? interval : OBSERVE_AGAIN);
        association_observe(g->options.association, &g->listener);
    }
}

static void out(managed *g, uint8_t code)
{
    const managed_storage *s = &g->options.storage;

    g->save_at = COVEY_NEVER;
    g->observe_at = COVEY_NEVER;
    if (s->end != NULL) {
        s->end(s->user);
    }
    tell(g, g->leaving ? MANAGED_LEFT : MANAGED_OUT, code, "");
}

static bool observes(const managed *g)
{
    return g->listens && g->options.context->update == CONTEXT_UPDATE_OBSERVE;
}

/* Once in, the manager is asked to say when there are others. */
static void new_keys(managed *g, managed_news news)
{
    save(g);
    if (observes(g) && g->observe_at == COVEY_NEVER) {
        g->observe_at = 0;
    }
    tell(g, news, 0, "");
}

static void take_event(managed *g, covey_bytes body)
{
    covey_member_event event;

    if (!covey_member_event_next(&g->member, &event)) {
        return;
    }
    switch (event.kind) {
    case COVEY_MEMBER_JOINED:
        new_keys(g, MANAGED_JOINED);
        break;
    case COVEY_MEMBER_REKEYED:
        new_keys(g, MANAGED_REKEYED);
        if (g->behind && known(g) <= SMALL) {
            (void)covey_member_look_up_all(&g->member);
        }
        break;
    case COVEY_MEMBER_RENEWED:
        new_keys(g, MANAGED_RENEWED);
        break;
    case COVEY_MEMBER_REFUSED:
        if (covey_member_state_of(&g->member) == COVEY_MEMBER_OUT) {
            g->refused = true;
            hold(g);
            tell(g, MANAGED_REFUSED, event.code, refusal(event.code, body));
        }
        break;
    case COVEY_MEMBER_ENDED:
        out(g, event.code);
        break;
    case COVEY_MEMBER_FOUND:
        save_again(g);
        break;
    case COVEY_MEMBER_NOTHING:
        break;
    }
}

/* After a restart nobody is known: those who matter are asked for at once. */
static void settle_resumed(managed *g)
{
    if (!g->resumed || covey_member_state_of(&g->member) != COVEY_MEMBER_IN) {
        return;
    }
    if (!g->looked) {
        g->looked = covey_member_look_up_all(&g->member);
    } else if (covey_member_deadline(&g->member) != 0) {
        g->resumed = false;
        tell(g, MANAGED_CURRENT, 0, "");
    }
}

/* --- asking -------------------------------------------------------------- */

static void on_answer(void *user, uint8_t code, covey_bytes body,
                      const char *reason)
{
    managed *g = user;
    covey_status st;

    covey_wipe(g->request, MANAGED_REQUEST_MAX);
    if (code == 0) {
        covey_member_lost(&g->member);
        hold(g);
        if (!g->silent || g->leaving) {
            g->silent = true;
            tell(g, MANAGED_SILENT, 0, reason);
        }
        managed__set_alarm(g);
        return;
    }
    g->silent = false;
    g->failures = 0;
    g->hold = 0;
    g->behind = covey_member_state_of(&g->member) != COVEY_MEMBER_IN;
    st = covey_member_receive(&g->member, loop_now(), code, body);
    if (st != COVEY_OK) {
        tell(g, MANAGED_WRONG, code, covey_status_text(st));
    }
    take_event(g, body);
    g->behind = false;
    settle_resumed(g);
    pump(g);
}

static void ask(managed *g)
{
    covey_writer w = covey_writer_of(g->request, MANAGED_REQUEST_MAX);
    covey_status st;

    if (covey_member_transmit(&g->member, loop_now(), &g->call.request, &w,
                              &st)) {
        association_ask(g->options.association, &g->call);
    } else if (st != COVEY_OK) {
        hold(g);
        tell(g, MANAGED_WRONG, 0, covey_status_text(st));
    }
}

static void pump(managed *g)
{
    const covey_ms now = loop_now().mono;

    if (g->save_at <= now) {
        save(g);
    }
    if (!g->call.waiting && g->save_at == COVEY_NEVER && g->hold <= now) {
        if (g->refused) {
            g->refused = false;
            covey_member_join(&g->member);
        }
        ask(g);
    }
    observe(g);
    managed__set_alarm(g);
}

/* When it was opened nobody could be told. */
static void tell_beginning(managed *g)
{
    if (g->begun) {
        return;
    }
    g->begun = true;
    if (g->useless != COVEY_OK) {
        tell(g, MANAGED_WRONG, 0, covey_status_text(g->useless));
    }
    if (g->resumed) {
        tell(g, MANAGED_RESUMED, 0, "");
    }
}

static void on_due(void *user)
{
    tell_beginning(user);
    pump(user);
}

/* --- what comes from the manager by itself ------------------------------- */

static uint8_t on_control(void *user, uint8_t method, covey_bytes body)
{
    managed *g = user;
    uint8_t code;

    if (method == COVEY_COAP_CODE(0, 4)) {
        covey_member_evicted(&g->member);
        code = COVEY_COAP_CODE(2, 2);
    } else {
        code = covey_member_news(&g->member, loop_now(), body);
        /* Whom it knew as an observer it would have notified. */
        g->observe_at = observes(g) ? 0 : COVEY_NEVER;
    }
    take_event(g, covey_bytes_of(NULL, 0));
    pump(g);
    return code;
}

/* Without keys in it, it only says that there may be some. */
static void on_notified(void *user, covey_bytes body)
{
    managed *g = user;

    if (body.len > 0) {
        (void)covey_member_news(&g->member, loop_now(), body);
    } else {
        covey_member_look(&g->member);
    }
    take_event(g, covey_bytes_of(NULL, 0));
    pump(g);
}

/* --- opening ------------------------------------------------------------- */

static covey_status start(managed *g)
{
    const context_managed *c = g->options.context;
    const covey_crypto *crypto = g->options.crypto;
    const bool has_key = c->private_key.ptr != NULL;
    const covey_member_config config = {
        .crypto = crypto,
        .group = c->group,
        .node = c->node,
        .roles = c->roles,
        .credential = c->credential,
        .private_key = has_key ? &g->private_key : NULL,
        /* Who observes has it, too, for a manager that has forgotten it. */
        .control_uri = g->listens ? covey_bytes_text(g->control)
                                  : (covey_bytes){ NULL, 0 },
        .kdc_cred = c->gm_credential,
        .creds = true,
        .keeps = true,
        .poll = c->check_interval,
    };
    const bool resumes = g->options.storage.saved.ptr != NULL;
    const covey_member_memory memory = {
        .group = &g->group,
        .start = { .recipients = g->table,
                   .recipient_max = (uint16_t)(c->members + 1),
                   .window_size = c->replay_window.size,
                   .window_word_count = c->replay_window.word_count,
                   .window_words = c->replay_window.words,
                   .ahead = g->options.ahead,
                   .windows_invalid = resumes || c->windows_invalid,
                   .late = resumes ? COVEY_GROUP_LATE_ECHO : c->late,
                   .kid_always = c->kid_always },
        .peers = g->peers,
        .credentials = g->credentials,
        .credential_max = MANAGED_CREDENTIAL_MAX,
    };
    covey_status st = COVEY_OK;

    if (has_key) {
        st = crypto->private_key(crypto->provider, (int32_t)c->curve,
                                 c->private_key, &g->private_key);
    }
    return st == COVEY_OK ? covey_member_init(&g->member, &config, &memory)
                          : st;
}

/* What was saved cannot be taken up if keys or roles are others now. */
static void begin(managed *g)
{
    const managed_storage *s = &g->options.storage;
    covey_status st = COVEY_E_STATE;

    if (s->saved.ptr != NULL) {
        st = covey_member_resume(&g->member, loop_now(), s->saved, s->ssn);
    }
    if (st == COVEY_OK) {
        g->resumed = true;
        g->observe_at = observes(g) ? 0 : COVEY_NEVER;
    } else {
        g->useless = s->saved.ptr != NULL ? st : COVEY_OK;
        covey_member_join(&g->member);
    }
    loop_alarm_set(g->alarm, 0);
}

static void listen(managed *g)
{
    const context_managed *c = g->options.context;

    snprintf(g->control, sizeof g->control, "/keys/%.*s", (int)c->group.len,
             (const char *)c->group.ptr);
    g->listener.path = g->control;
    g->listener.control = on_control;
    g->listener.notified = on_notified;
    g->listener.user = g;
    g->listener.segment[0] = covey_bytes_text("ace-group");
    g->listener.segment[1] = c->group;
    g->listens = g->options.follows && c->update != CONTEXT_UPDATE_POLL;
    g->observe_at = COVEY_NEVER;
    if (g->listens) {
        association_listen(g->options.association, &g->listener);
    }
}

managed *managed_open(loop *l, const managed_options *options,
                      char error[ASSOCIATION_ERROR_MAX])
{
    managed *g = calloc(1, sizeof *g);
    covey_status st;

    snprintf(error, ASSOCIATION_ERROR_MAX, "out of memory");
    if (g == NULL) {
        return NULL;
    }
    g->options = *options;
    g->save_at = COVEY_NEVER;
    g->call.done = on_answer;
    g->call.user = g;
    g->alarm = loop_alarm_new(l, on_due, g);
    if (g->alarm != NULL && managed__open_tables(g)) {
        listen(g);
        st = start(g);
        if (st == COVEY_OK) {
            begin(g);
            return g;
        }
        snprintf(error, ASSOCIATION_ERROR_MAX, "no member: %s [%s]",
                 covey_status_text(st), covey_status_name(st));
    }
    managed_close(g);
    return NULL;
}

void managed_close(managed *g)
{
    const covey_crypto *crypto;

    if (g == NULL) {
        return;
    }
    crypto = g->options.crypto;
    association_withdraw(g->options.association, &g->call);
    association_forget(g->options.association, &g->listener);
    if (g->alarm != NULL) {
        loop_alarm_end(g->alarm);
    }
    covey_member_drop(&g->member);
    crypto->key_drop(crypto->provider, &g->private_key);
    managed__close_tables(g);
    free(g);
}

/* --- using --------------------------------------------------------------- */

void managed_leave(managed *g)
{
    g->leaving = true;
    g->hold = 0;
    covey_member_leave(&g->member);
    if (covey_member_state_of(&g->member) == COVEY_MEMBER_OUT) {
        out(g, 0);
    }
    managed__set_alarm(g);
}

void managed_renew(managed *g)
{
    covey_member_renew(&g->member);
    managed__set_alarm(g);
}

bool managed_is_in(const managed *g)
{
    const covey_member_state s = covey_member_state_of(&g->member);

    return s == COVEY_MEMBER_IN || s == COVEY_MEMBER_BEHIND ||
           s == COVEY_MEMBER_CATCHING_UP;
}

const covey_protector *managed_protector(const managed *g)
{
    return &g->protector.protector;
}

covey_group *managed_group(managed *g)
{
    return &g->group;
}

const covey_member *managed_member(const managed *g)
{
    return &g->member;
}

covey_bytes managed_only_peer(const managed *g)
{
    covey_bytes one;
    const size_t count =
        covey_member_known(&g->member, COVEY_GROUP_RESPONDER, &one);

    return count == 1 ? one : (covey_bytes){ NULL, 0 };
}

uint64_t managed_exact(const managed *g)
{
    return COVEY_OSCORE_SSN_END - covey_group_usage_of(&g->group).left;
}
