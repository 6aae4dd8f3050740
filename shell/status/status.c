/* SPDX-License-Identifier: BSD-2-Clause */
#include "status.h"

#include "page.h"

#include <covey/group.h>
#include <http.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>
#include <time.h>

enum {
    HEX_MAX = 64 /* bytes */
};

struct status_page {
    http *http;
    log_sink *log;
    status_source source;
    double started; /* unix s */
    /* The last events, each a line of JSON. */
    char *events[STATUS_EVENTS];
    uint64_t told; /* how many there were altogether */
    uint64_t by_level[LOG_LEVEL_DEBUG];
    covey_ms second;    /* in which */
    unsigned in_second; /* so many were told */
};

struct status_figures {
    FILE *out;         /* Prometheus; NULL: */
    json_t *list;      /* JSON */
    const char *after; /* the name before */
};

double status_now(void)
{
    struct timespec now = { 0, 0 };

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- figures ------------------------------------------------------------- */

/* The text format of Prometheus has three characters that are escaped. */
static void put_label(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            fputs("\\n", out);
            continue;
        }
        if (*text == '"' || *text == '\\') {
            fputc('\\', out);
        }
        fputc(*text, out);
    }
}

static void put_figure(status_figures *all, const status_figure *f)
{
    if (all->after == NULL || strcmp(all->after, f->name) != 0) {
        fprintf(all->out, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help,
                f->name, f->counter ? "counter" : "gauge");
    }
    all->after = f->name;
    fputs(f->name, all->out);
    if (f->label != NULL) {
        fprintf(all->out, "{%s=\"", f->label);
        put_label(all->out, f->of);
        fputs("\"}", all->out);
    }
    fprintf(all->out, " %.15g\n", f->value);
}

static void list_figure(status_figures *all, const status_figure *f)
{
    json_t *one = json_pack("{s:s, s:s, s:f}", "name", f->name, "help",
                            f->help, "value", f->value);

    if (f->label != NULL) {
        json_object_set_new(one, f->label, json_string(f->of));
    }
    json_array_append_new(all->list, one);
}

void status_figure_add(status_figures *all, const status_figure *figure)
{
    if (all->out != NULL) {
        put_figure(all, figure);
    } else {
        list_figure(all, figure);
    }
}

void status_gauge(status_figures *all, const char *name, const char *help,
                  double value)
{
    const status_figure f = { .name = name, .help = help, .value = value };

    status_figure_add(all, &f);
}

void status_count(status_figures *all, const status_figure *named,
                  uint64_t value)
{
    status_figure f = *named;

    f.counter = true;
    f.value = (double)value;
    status_figure_add(all, &f);
}

void status_measure_refused(status_figures *all, const refused_count *count)
{
    for (size_t i = COVEY_OSCORE_BAD_COSE; i <= COVEY_OSCORE_BASELINE; i++) {
        const status_figure named = {
            .name = "covey_messages_refused_total",
            .help = "Protected messages that were refused.",
            .label = "reason",
            .of = refused_word(i),
        };
        status_count(all, &named, count->of[i]);
    }
}

/* --- words --------------------------------------------------------------- */

json_t *status_roles(uint8_t roles)
{
    static const char *const words[] = { "requester", "responder", "monitor",
                                         "verifier" };
    json_t *all = json_array();

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if ((roles & COVEY_GROUP_REQUESTER << i) != 0) {
            json_array_append_new(all, json_string(words[i]));
        }
    }
    return all;
}

json_t *status_hex(covey_bytes bytes)
{
    char text[2 * HEX_MAX + 1] = "";

    for (size_t i = 0; i < bytes.len && i < HEX_MAX; i++) {
        snprintf(text + 2 * i, 3, "%02x", bytes.ptr[i]);
    }
    return json_string(text);
}

/* --- what all daemons count ---------------------------------------------- */

static void measure(struct status_page *s, status_figures *all)
{
    static const struct {
        log_level level;
        const char *name;
    } levels[] = { { LOG_LEVEL_ERROR, "error" },
                   { LOG_LEVEL_WARNING, "warning" },
                   { LOG_LEVEL_NOTICE, "notice" },
                   { LOG_LEVEL_INFO, "info" } };
    status_figure f = { .name = "covey_info",
                        .help = "1, with the version.",
                        .label = "version",
                        .of = s->source.version,
                        .value = 1 };

    status_figure_add(all, &f);
    f = (status_figure){ .name = "covey_start_time_seconds",
                         .help = "When it was started, unix time.",
                         .value = s->started };
    status_figure_add(all, &f);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        f = (status_figure){ .name = "covey_log_events_total",
                             .help = "Events of the log.",
                             .label = "level",
                             .of = levels[i].name,
                             .counter = true,
                             .value = (double)s->by_level[levels[i].level] };
        status_figure_add(all, &f);
    }
    if (s->source.measure != NULL) {
        s->source.measure(all, s->source.user);
    }
}

/* --- pages --------------------------------------------------------------- */

static void write_health(FILE *out, void *user)
{
    (void)user;
    fputs("ok\n", out);
}

static void write_metrics(FILE *out, void *user)
{
    status_figures all = { .out = out };

    measure(user, &all);
}

/* Whoever reads it knows what is newer than what. */
static void write_status(FILE *out, void *user)
{
    struct status_page *s = user;
    json_t *root =
        json_pack("{s:s, s:s, s:f, s:f, s:I}", "program", s->source.program,
                  "version", s->source.version, "started", s->started, "now",
                  status_now(), "events", (json_int_t)s->told);
    status_figures all = { .list = json_array() };

    if (root != NULL && all.list != NULL) {
        if (s->source.describe != NULL) {
            s->source.describe(root, s->source.user);
        }
        measure(s, &all);
        json_object_set(root, "figures", all.list);
        json_dumpf(root, out, JSON_COMPACT);
    }
    json_decref(all.list);
    json_decref(root);
    fputc('\n', out);
}

static void write_events(FILE *out, void *user)
{
    const struct status_page *s = user;
    const uint64_t first =
        s->told > STATUS_EVENTS ? s->told - STATUS_EVENTS : 0;

    fputc('[', out);
    for (uint64_t i = first; i < s->told; i++) {
        const char *line = s->events[i % STATUS_EVENTS];
        fprintf(out, "%s\n%s", i == first ? "" : ",",
                line != NULL ? line : "null");
    }
    fputs("]\n", out);
}

/* --- the log ------------------------------------------------------------- */

/* Somebody who makes us log a lot does not make us send as much. */
static bool may_tell(struct status_page *s)
{
    const covey_ms second = loop_now().mono / 1000;

    if (second != s->second) {
        s->second = second;
        s->in_second = 0;
    }
    return s->in_second++ < STATUS_RATE;
}

void status_tell(struct status_page *s, const char *line)
{
    char **place = &s->events[s->told % STATUS_EVENTS];

    free(*place);
    *place = strdup(line);
    s->told++;
    if (may_tell(s)) {
        http_event(s->http, "log", line);
    }
}

void status_add(struct status_page *s, log_level level, uint64_t count)
{
    s->by_level[level] += count;
}

static void tap(void *user, log_level level, const char *name,
                const char *line)
{
    (void)name;
    status_add(user, level, 1);
    status_tell(user, line);
}

/* --- opening ------------------------------------------------------------- */

static const http_page pages[] = {
    { .path = "/",
      .type = "text/html; charset=utf-8",
      .body = &page_status_html },
    { .path = "/status.css",
      .type = "text/css; charset=utf-8",
      .body = &page_status_css },
    { .path = "/status.js",
      .type = "text/javascript; charset=utf-8",
      .body = &page_status_js },
    { .path = "/picture.js",
      .type = "text/javascript; charset=utf-8",
      .body = &page_picture_js },
    { .path = "/healthz",
      .type = "text/plain; charset=utf-8",
      .write = write_health },
    { .path = "/metrics",
      .type = "text/plain; version=0.0.4; charset=utf-8",
      .write = write_metrics },
    { .path = "/api/status.json",
      .type = "application/json",
      .write = write_status },
    { .path = "/api/events.json",
      .type = "application/json",
      .write = write_events },
};

static void tell(const log_sink *log, log_level level, const char *name,
                 const char *what)
{
    const log_value value = log_string("what", what);
    const log_event event = {
        .level = level, .name = name, .values = &value, .count = 1
    };

    log_write(log, &event);
}

static void tell_place(const log_sink *log, const covey_address *local)
{
    char address[ADDRESS_TEXT_MAX];
    char place[ADDRESS_TEXT_MAX + 16];

    snprintf(place, sizeof place, "http://%s/", address_text(local, address));
    tell(log, LOG_LEVEL_NOTICE, "status.listen", place);
}

static struct status_page *serve(loop *l, const covey_address *local,
                                 const status_source *source,
                                 char error[HTTP_ERROR_MAX])
{
    struct status_page *s = calloc(1, sizeof *s);
    const http_options options = { .local = *local,
                                   .pages = pages,
                                   .count = sizeof pages / sizeof pages[0],
                                   .user = s,
                                   .events = "/api/stream" };

    if (s != NULL) {
        s->source = *source;
        s->started = status_now();
        s->http = http_open(l, &options, error);
    }
    if (s == NULL || s->http == NULL) {
        free(s);
        return NULL;
    }
    return s;
}

bool status_open(status_page **page, loop *l, const covey_address *local,
                 log_sink *log, const status_source *source)
{
    char error[HTTP_ERROR_MAX] = "out of memory";
    struct status_page *s;

    if (local->family == COVEY_FAMILY_NONE) {
        return true;
    }
    s = page != NULL ? serve(l, local, source, error) : NULL;
    if (s == NULL) {
        tell(log, LOG_LEVEL_ERROR, "status.open", error);
        return false;
    }
    const covey_address bound = http_local(s->http);
    s->log = log;
    log->tap = tap;
    log->tap_user = s;
    tell_place(log, &bound);
    *page = s;
    return true;
}

void status_close(status_page *s)
{
    if (s == NULL) {
        return;
    }
    s->log->tap = NULL;
    http_close(s->http);
    for (size_t i = 0; i < STATUS_EVENTS; i++) {
        free(s->events[i]);
    }
    free(s);
}
