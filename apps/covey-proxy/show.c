/* SPDX-License-Identifier: BSD-2-Clause */
#include "show.h"

#include "proxy.h"

#include <covey/coap_options.h>
#include <status_links.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    REQUESTS = 20, /* the last ones */
    ANSWERS = 64   /* of each; further ones are counted */
};

/* An ID of an OSCORE option, as far as it is shown. */
struct show_id {
    uint8_t len;
    uint8_t bytes[15];
};

struct show_answer {
    covey_address origin;
    covey_ms after;
    uint8_t code;
    struct show_id member;
};

struct show_request {
    covey_proxy_ref ref;
    covey_address from;
    covey_address to;
    double at; /* unix s */
    covey_ms begun;
    struct show_id gid;
    struct show_id member; /* who asks */
    uint32_t count;
    struct show_answer answers[ANSWERS];
};

struct show {
    const struct proxy *proxy;
    status_page *page;
    uint64_t told;
    struct show_request requests[REQUESTS];
};

/* --- what happens -------------------------------------------------------- */

/* Nothing is kept that nobody sees. */
static bool is_seen(const struct show *show)
{
    return show != NULL && show->page != NULL;
}

static struct show_id id_of(covey_bytes bytes)
{
    struct show_id id = { 0 };

    if (bytes.len > 0 && bytes.len <= sizeof id.bytes) {
        id.len = (uint8_t)bytes.len;
        memcpy(id.bytes, bytes.ptr, bytes.len);
    }
    return id;
}

/* Empty if it is not protected. */
static void read_ids(const covey_coap_message *m, struct show_id *member,
                     struct show_id *gid)
{
    covey_oscore_option option;
    covey_bytes value;

    *member = *gid = (struct show_id){ 0 };
    if (covey_oscore_value_find(&option, &value, m) == COVEY_OK) {
        *member = id_of(option.kid);
        *gid = id_of(option.kid_context);
    }
}

void show_request(struct show *show, covey_ms now, covey_proxy_ref ref,
                  const struct show_asked *asked)
{
    struct show_request *r;

    if (!is_seen(show)) {
        return;
    }
    r = &show->requests[show->told++ % REQUESTS];
    r->ref = ref;
    r->from = asked->from->peer;
    r->to = asked->to->peer;
    r->at = status_now();
    r->begun = now;
    r->count = 0;
    read_ids(asked->message, &r->member, &r->gid);
}

void show_answer(struct show *show, covey_ms now, covey_proxy_ref ref,
                 const covey_address *origin, const covey_coap_message *m)
{
    struct show_id gid;

    for (size_t i = 0; is_seen(show) && i < REQUESTS; i++) {
        struct show_request *r = &show->requests[i];
        if (r->at > 0 && r->ref.row == ref.row &&
            r->ref.serial == ref.serial) {
            if (r->count < ANSWERS) {
                struct show_answer *a = &r->answers[r->count];
                *a = (struct show_answer){ .origin = *origin,
                                           .after = now - r->begun,
                                           .code = m->code };
                read_ids(m, &a->member, &gid);
            }
            r->count++;
        }
    }
}

/* --- what is seen -------------------------------------------------------- */

static json_t *address_json(const covey_address *a)
{
    char text[ADDRESS_TEXT_MAX];

    return json_string(address_text(a, text));
}

static void put_id(json_t *to, const char *name, const struct show_id *id)
{
    if (id->len > 0) {
        json_object_set_new(to, name,
                            status_hex(covey_bytes_of(id->bytes, id->len)));
    }
}

static json_t *answers_json(const struct show_request *r)
{
    json_t *all = json_array();

    for (uint32_t i = 0; i < r->count && i < ANSWERS; i++) {
        const struct show_answer *a = &r->answers[i];
        char code[8];
        json_t *one = json_object();
        snprintf(code, sizeof code, "%u.%02u", (unsigned)a->code >> 5,
                 a->code & 31u);
        json_object_set_new(one, "origin", address_json(&a->origin));
        json_object_set_new(one, "code", json_string(code));
        json_object_set_new(one, "ms", json_integer((json_int_t)a->after));
        put_id(one, "member", &a->member);
        json_array_append_new(all, one);
    }
    return all;
}

/* The newest first. */
static json_t *requests_json(const struct show *s)
{
    const uint64_t kept = s->told < REQUESTS ? s->told : REQUESTS;
    json_t *all = json_array();

    for (uint64_t i = 1; i <= kept; i++) {
        const struct show_request *r = &s->requests[(s->told - i) % REQUESTS];
        json_t *one = json_object();
        json_object_set_new(one, "at", json_real(r->at));
        json_object_set_new(one, "from", address_json(&r->from));
        json_object_set_new(one, "to", address_json(&r->to));
        put_id(one, "gid", &r->gid);
        put_id(one, "member", &r->member);
        json_object_set_new(one, "count", json_integer(r->count));
        json_object_set_new(one, "answers", answers_json(r));
        json_array_append_new(all, one);
    }
    return all;
}

/* The links to clients, then those onward. */
static void describe(json_t *root, void *user)
{
    const struct show *s = user;
    const status_links sets[] = {
        { .links = s->proxy->near, .count = s->proxy->near_count },
        { .links = s->proxy->far, .count = PROXY_FAR },
    };

    status_describe_links(root, sets, 2);
    json_object_set_new(root, "requests", requests_json(s));
}

static void measure(status_figures *all, void *user)
{
    const struct show *s = user;
    const status_links sets[] = {
        { .links = s->proxy->near, .count = s->proxy->near_count },
        { .links = s->proxy->far, .count = PROXY_FAR },
    };

    status_measure_links(all, sets, 2);
    metrics_measure(s->proxy, all);
}

bool show_open(struct show **show, const struct proxy_config *config,
               const char *version, const struct proxy *proxy, log_sink *log,
               loop *l)
{
    struct show *s = calloc(1, sizeof *s);
    const status_source source = { .program = "covey-proxy",
                                   .version = version,
                                   .describe = describe,
                                   .measure = measure,
                                   .user = s };

    *show = s;
    if (s != NULL) {
        s->proxy = proxy;
    }
    return status_open(s != NULL ? &s->page : NULL, l, &config->status, log,
                       &source);
}

void show_close(struct show *show)
{
    if (show != NULL) {
        status_close(show->page);
        free(show);
    }
}
