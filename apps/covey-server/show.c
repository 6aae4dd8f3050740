/* SPDX-License-Identifier: BSD-2-Clause */
#include "show.h"

#include <covey/coap_options.h>
#include <status_links.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    MEMBERS = 200 /* of each group; further ones are counted */
};

/* Of each group of another worker, until it all goes into a letter. */
static const json_int_t told_members[] = { MEMBERS, MEMBERS / 5, 0 };
#define TOLD_TRIES (sizeof told_members / sizeof told_members[0])

static status_links links_of(const struct show *s)
{
    return (status_links){ .links = s->server->links,
                           .count = s->server->link_count,
                           .shared = s->counts,
                           .workers = s->workers };
}

/* --- groups -------------------------------------------------------------- */

static json_t *member_json(const covey_group_recipient *r)
{
    json_t *one = json_object();

    json_object_set_new(one, "id", status_hex(covey_group_id_of(r)));
    json_object_set_new(one, "roles", status_roles(covey_group_roles_of(r)));
    json_object_set_new(one, "heard", json_boolean(covey_group_was_heard(r)));
    return one;
}

static void describe_group(json_t *one, const covey_group *g, json_int_t most)
{
    const covey_bytes own = covey_group_sender_of(g);
    const covey_group_recipient *r;
    json_t *members = json_array();
    json_int_t count = 0;
    size_t at = 0;

    while ((r = covey_group_next(g, &at)) != NULL) {
        if (count++ < most) {
            json_array_append_new(members, member_json(r));
        }
    }
    json_object_set_new(one, "gid", status_hex(covey_group_gid_of(g)));
    if (own.ptr != NULL) {
        json_object_set_new(one, "own", status_hex(own));
    }
    json_object_set_new(one, "count", json_integer(count));
    json_object_set_new(one, "members", members);
}

static json_t *group_json(const struct contexts_group *g, json_int_t most)
{
    const char *slash = strrchr(g->file, '/');
    json_t *one = json_object();
    json_t *name = json_stringn((const char *)g->name.ptr, g->name.len);

    if (name == NULL || g->name.ptr == NULL) {
        json_decref(name);
        name = json_string(slash != NULL ? slash + 1 : g->file);
    }
    json_object_set_new(one, "name", name);
    json_object_set_new(one, "in", json_boolean(g->group != NULL));
    if (g->version > 0) {
        json_object_set_new(one, "version", json_integer(g->version));
    }
    if (g->group != NULL) {
        describe_group(one, g->group, most);
    }
    return one;
}

static json_t *groups_json(const struct contexts *c, json_int_t most)
{
    json_t *all = json_array();
    struct contexts_group g;
    size_t at = 0;

    while (contexts_group_next(c, &at, &g)) {
        json_array_append_new(all, group_json(&g, most));
    }
    return all;
}

/* --- requests ------------------------------------------------------------ */

/* "/a/b", as much of it as there is room for. */
static void write_path(char out[SHOW_PATH + 1], const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    size_t at = 0;

    while (covey_coap_option_next(&it, &o)) {
        if (o.number != COVEY_OPTION_URI_PATH || at == SHOW_PATH) {
            continue;
        }
        out[at++] = '/';
        for (size_t i = 0; i < o.value.len && at < SHOW_PATH; i++) {
            const uint8_t c = o.value.ptr[i];
            out[at++] = c > 0x20 && c < 0x7f ? (char)c : '?';
        }
    }
    out[at] = '\0';
}

static void keep(struct show_request *r, const struct server_answered *what)
{
    const covey_endpoint_in *in = what->in;

    *r = (struct show_request){
        .at = status_now(),
        .from = in->request.path.peer,
        .secured = in->request.security.protector != NULL,
        .us = what->us,
    };
    if (!r->secured) {
        r->method = in->message.code;
        r->code = what->code;
        write_path(r->path, &in->message);
        return;
    }
    r->member = in->opened.member;
    if (in->opened.sender.len > 0 && in->opened.sender.len <= sizeof r->id) {
        r->id_len = (uint8_t)in->opened.sender.len;
        memcpy(r->id, in->opened.sender.ptr, r->id_len);
    }
}

void show_answered(void *user, const struct server_answered *what)
{
    struct show *s = user;
    struct show_request r;

    if (s->page != NULL) {
        keep(&s->requests[s->told++ % SHOW_REQUESTS], what);
    } else if (s->relay != NULL && relay_wants_request(s->relay)) {
        keep(&r, what);
        (void)relay_send(s->relay, RELAY_REQUEST,
                         covey_bytes_of((const uint8_t *)&r, sizeof r));
    }
}

static void describe_open(json_t *one, const struct show_request *r)
{
    static const char *const methods[] = {
        "?", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH"
    };
    char code[8];

    snprintf(code, sizeof code, "%u.%02u", (unsigned)r->code >> 5,
             r->code & 31u);
    json_object_set_new(one, "method",
                        json_string(methods[r->method < 8 ? r->method : 0]));
    json_object_set_new(one, "path", json_string(r->path));
    json_object_set_new(one, "code", json_string(code));
}

static json_t *request_json(const struct show_request *r)
{
    char from[ADDRESS_TEXT_MAX];
    json_t *one = json_object();

    json_object_set_new(one, "at", json_real(r->at));
    json_object_set_new(one, "from",
                        json_string(address_text(&r->from, from)));
    json_object_set_new(one, "us", json_integer((json_int_t)r->us));
    if (!r->secured) {
        describe_open(one, r);
        return one;
    }
    json_object_set_new(one, "protection",
                        json_string(r->member ? "group" : "oscore"));
    if (r->id_len > 0) {
        json_object_set_new(one, "member",
                            status_hex(covey_bytes_of(r->id, r->id_len)));
    }
    return one;
}

/* The newest first. */
static json_t *requests_json(const struct show *s)
{
    const uint64_t kept = s->told < SHOW_REQUESTS ? s->told : SHOW_REQUESTS;
    json_t *all = json_array();

    for (uint64_t i = 1; i <= kept; i++) {
        json_array_append_new(
            all, request_json(&s->requests[(s->told - i) % SHOW_REQUESTS]));
    }
    return all;
}

/* --- other workers ------------------------------------------------------- */

/* A second after something has happened here. */
static void tell_groups(void *user)
{
    struct show *s = user;
    bool sent = false;

    for (size_t i = 0; !sent && i < TOLD_TRIES; i++) {
        json_t *all = groups_json(s->contexts, told_members[i]);
        char *text = json_dumps(all, JSON_COMPACT);
        sent = text != NULL && strlen(text) <= RELAY_ROOM &&
               relay_send(s->relay, RELAY_GROUPS, covey_bytes_text(text));
        free(text);
        json_decref(all);
    }
    if (!sent) {
        (void)relay_send(s->relay, RELAY_NOTHING, covey_bytes_text(""));
    }
}

static void hear_event(struct show *s, covey_bytes line)
{
    char *text = strndup((const char *)line.ptr, line.len);

    if (text != NULL) {
        status_tell(s->page, text);
    }
    free(text);
}

static void hear_groups(struct show *s, unsigned from, covey_bytes text)
{
    json_t *all;

    if (from >= POST_WORKERS_MAX) {
        return;
    }
    all = json_loadb((const char *)text.ptr, text.len, 0, NULL);
    if (all != NULL) {
        json_decref(s->others[from]);
        s->others[from] = all;
    }
}

static void hear_request(struct show *s, covey_bytes request)
{
    if (request.len == sizeof s->requests[0]) {
        memcpy(&s->requests[s->told++ % SHOW_REQUESTS], request.ptr,
               request.len);
    }
}

static void hear(void *user, const struct relay_head *head, covey_bytes body)
{
    struct show *s = user;

    for (int level = LOG_LEVEL_ERROR; level < LOG_LEVEL_DEBUG; level++) {
        status_add(s->page, (log_level)level, head->counted[level]);
        s->dropped += head->counted[level];
    }
    switch (head->kind) {
    case RELAY_EVENT:
        s->dropped--; /* this one is here */
        hear_event(s, body);
        break;
    case RELAY_REQUEST:
        hear_request(s, body);
        break;
    case RELAY_GROUPS:
        hear_groups(s, head->from, body);
        break;
    case RELAY_NOTHING:
        break;
    }
}

/* --- all of it ----------------------------------------------------------- */

static json_t *all_groups_json(const struct show *s)
{
    json_t *all = groups_json(s->contexts, MEMBERS);

    for (size_t i = 0; i < POST_WORKERS_MAX; i++) {
        if (s->others[i] != NULL) {
            json_array_extend(all, s->others[i]);
        }
    }
    return all;
}

static void describe(json_t *root, void *user)
{
    const struct show *s = user;
    const status_links links = links_of(s);

    status_describe_links(root, &links, 1);
    json_object_set_new(root, "groups", all_groups_json(s));
    json_object_set_new(root, "requests", requests_json(s));
    json_object_set_new(root, "workers", json_integer(s->workers));
}

static void measure(status_figures *all, void *user)
{
    const struct show *s = user;
    const status_links links = links_of(s);

    status_measure_links(all, &links, 1);
    status_gauge(all, "covey_server_resources", "Resources that are served.",
                 (double)s->server->setup.resources->count);
    status_gauge(all, "covey_server_workers", "Processes that serve them.",
                 s->workers);
    if (s->relay != NULL) {
        const status_figure named = {
            .name = "covey_server_events_dropped_total",
            .help = "Events of other processes that are only counted."
        };
        status_count(all, &named, s->dropped);
    }
}

bool show_open(struct show *s, const struct server_config *config,
               const char *version, log_sink *log, loop *l)
{
    const status_source source = { .program = "covey-server",
                                   .version = version,
                                   .describe = describe,
                                   .measure = measure,
                                   .user = s };

    if (config->status.family == COVEY_FAMILY_NONE) {
        return s->relay == NULL || relay_follow(s->relay, l, tell_groups, s);
    }
    return status_open(&s->page, l, &config->status, log, &source) &&
           (s->relay == NULL || relay_hear(s->relay, l, hear, s));
}

void show_close(struct show *s)
{
    if (s->relay != NULL) {
        relay_close(s->relay);
    }
    for (size_t i = 0; i < POST_WORKERS_MAX; i++) {
        json_decref(s->others[i]);
    }
    status_close(s->page);
}
