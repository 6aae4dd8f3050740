/* SPDX-License-Identifier: BSD-2-Clause */
#include "rekeys.h"

#include <groups.h>
#include <status.h>
#include <stdlib.h>
#include <string.h>

enum {
    WINDOW = 400, /* events of the store that are looked at */
    DETAIL_MAX = 512
};

uint32_t rekeys_current(const struct gm *g, uint16_t serial, uint32_t version)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < g->tables.member_count; i++) {
        const covey_manager_member *m = &g->tables.members[i];
        count += m->serial == serial && m->standing == COVEY_MANAGER_PRESENT &&
                 m->told >= version;
    }
    return count;
}

static struct rekey *add(struct rekeys *r)
{
    return &r->all[r->count++ % REKEYS];
}

static struct rekey *find(struct rekeys *r, uint32_t serial, uint32_t version)
{
    for (size_t i = 0; i < REKEYS; i++) {
        if (serial != 0 && r->all[i].serial == serial &&
            r->all[i].version == version) {
            return &r->all[i];
        }
    }
    return NULL;
}

static covey_ms since(const struct rekey *one, double at)
{
    return at > one->at ? (covey_ms)((at - one->at) * 1000) : 0;
}

/* Those of this group that are under way come to an end. */
static void overtake(struct rekeys *r, uint32_t serial, double at)
{
    for (size_t i = 0; i < REKEYS; i++) {
        struct rekey *one = &r->all[i];
        if (one->serial == serial && one->progress == REKEY_UNDER_WAY) {
            one->progress = REKEY_OVERTAKEN;
            one->took = since(one, at);
        }
    }
}

/* --- what this manager does ---------------------------------------------- */

void rekeys_deed(struct rekeys *r, const struct gm *g, covey_ms now,
                 const char *group, const covey_manager_log *log)
{
    const double at = status_now();
    struct rekey *one = find(r, log->serial, log->version);

    if (log->deed == COVEY_MANAGER_DID_FINISH && one != NULL &&
        one->progress == REKEY_UNDER_WAY) {
        one->progress = REKEY_DONE;
        one->took = now - one->begun;
        one->told = rekeys_current(g, one->serial, one->version);
        one->told_known = true;
        r->finished++;
        r->spent += one->took;
    }
    if (log->deed == COVEY_MANAGER_DID_REKEY ||
        log->deed == COVEY_MANAGER_DID_DELETE) {
        overtake(r, log->serial, at);
    }
    if (log->deed == COVEY_MANAGER_DID_REKEY && one == NULL) {
        one = add(r);
        *one = (struct rekey){ .serial = log->serial,
                               .version = log->version,
                               .members = log->count,
                               .at = at,
                               .begun = now };
        (void)audit_causes(log->causes, one->causes);
        snprintf(one->group, sizeof one->group, "%s", group);
    }
}

/* --- what the store tells ------------------------------------------------ */

/* Events as audit.c writes them. */
struct following {
    const struct gm *g;
    struct rekeys *before;
    struct rekeys after;
    covey_ms now;
    double now_unix;
};

/* What stands behind `name` in a detail; "": there is none. */
static const char *behind(const char *detail, const char *name)
{
    const char *found = strstr(detail, name);

    return found != NULL ? found + strlen(name) : "";
}

static void begin_stored(struct following *f, const store_event *e,
                         uint32_t version, const char *detail)
{
    const covey_manager_group *row = groups_row(f->g, e->serial);
    const struct rekey *known = find(f->before, e->serial, version);
    const char *causes = behind(detail, " causes=");
    const double age = f->now_unix - (double)e->at;
    const covey_ms ago = age > 0 ? (covey_ms)(age * 1000) : 0;

    overtake(&f->after, e->serial, known != NULL ? known->at : (double)e->at);
    if (known != NULL) {
        *add(&f->after) = *known;
        if (row == NULL) { /* another manager has deleted the group */
            overtake(&f->after, e->serial, f->now_unix);
        }
        return;
    }
    if (row == NULL) {
        return; /* a group that is no more */
    }
    struct rekey *one = add(&f->after);
    *one = (struct rekey){ .serial = row->serial,
                           .version = version,
                           .members = (uint32_t)strtoul(
                               behind(detail, " count="), NULL, 10),
                           .at = (double)e->at,
                           .begun = ago < f->now ? f->now - ago : 0 };
    snprintf(one->causes, sizeof one->causes, "%.*s",
             (int)strcspn(causes, " "), causes);
    snprintf(one->group, sizeof one->group, "%.*s", row->name_len, row->name);
}

static void on_event(void *user, const store_event *e)
{
    struct following *f = user;
    char detail[DETAIL_MAX];
    struct rekey *one;
    uint32_t version;

    snprintf(detail, sizeof detail, "%.*s", (int)e->detail.len,
             e->detail.ptr != NULL ? (const char *)e->detail.ptr : "");
    version = (uint32_t)strtoul(behind(detail, "version="), NULL, 10);
    if (covey_bytes_equal(e->what, covey_bytes_text("rekey"))) {
        begin_stored(f, e, version, detail);
        return;
    }
    one = find(&f->after, e->serial, version);
    if (one != NULL && one->progress == REKEY_UNDER_WAY) {
        one->progress = REKEY_DONE;
        one->took = since(one, (double)e->at);
    }
}

store_result rekeys_follow(struct rekeys *r, const struct gm *g, covey_ms now)
{
    const covey_bytes what[2] = { covey_bytes_text("rekey"),
                                  covey_bytes_text("finish") };
    struct following f = {
        .g = g, .before = r, .now = now, .now_unix = status_now()
    };
    const store_result result =
        store_events_last(g->store, WINDOW, what, on_event, &f);

    if (result == STORE_OK) {
        f.after.finished = r->finished;
        f.after.spent = r->spent;
        *r = f.after;
    }
    return result;
}

/* --- as JSON ------------------------------------------------------------- */

/* Of keys that other managers have told members of only as long as there are
 * no newer ones: who had them then is not in the store. */
static void put_told(json_t *one, const struct gm *g, const struct rekey *r)
{
    const covey_manager_group *row = groups_row(g, r->serial);
    const bool is_newest = row != NULL && row->version == r->version;
    uint32_t told = r->told;

    if (r->progress == REKEY_OVERTAKEN || (!is_newest && !r->told_known)) {
        return;
    }
    if (!r->told_known) {
        told = rekeys_current(g, r->serial, r->version);
    }
    json_object_set_new(one, "told", json_integer(told));
}

static json_t *rekey_json(const struct gm *g, const struct rekey *r)
{
    static const char *const words[] = { "under way", "done", "overtaken" };
    json_t *one = json_object();
    json_t *group = json_string(r->group);
    const bool goes_on = r->progress == REKEY_UNDER_WAY;
    const covey_ms ms = goes_on ? loop_now().mono - r->begun : r->took;

    json_object_set_new(one, "group",
                        group != NULL ? group : json_string("?"));
    json_object_set_new(one, "version", json_integer(r->version));
    json_object_set_new(one, "at", json_real(r->at));
    json_object_set_new(one, "causes", json_string(r->causes));
    json_object_set_new(one, "state", json_string(words[r->progress]));
    json_object_set_new(one, "members", json_integer(r->members));
    put_told(one, g, r);
    json_object_set_new(one, "ms", json_integer((json_int_t)ms));
    return one;
}

json_t *rekeys_json(const struct rekeys *r, const struct gm *g)
{
    const uint64_t kept = r->count < REKEYS ? r->count : REKEYS;
    json_t *all = json_array();

    for (uint64_t i = 1; i <= kept; i++) {
        json_array_append_new(all,
                              rekey_json(g, &r->all[(r->count - i) % REKEYS]));
    }
    return all;
}
