/* SPDX-License-Identifier: BSD-2-Clause */
#include "server.h"

#include <stdlib.h>
#include <string.h>

enum {
    UPLOADS = 16,
    ECHO_ROWS = 1 << 12,
    LATER = 1 << 10 /* requests whose answers come later */
};

/* A line of the log about something that failed. */
static void tell(const struct server *s, log_level level, const char *name,
                 const char *why)
{
    const log_value value = log_string("what", why);
    const log_event event = {
        .level = level, .name = name, .values = &value, .count = 1
    };

    log_write(s->log, &event);
}

/* The longest body that any resource takes. */
static size_t body_max(const struct resources *all)
{
    size_t max = 0;

    for (size_t i = 0; i < all->count; i++) {
        max = all->rows[i].cap > max ? all->rows[i].cap : max;
    }
    return max;
}

static bool open_tables(struct server *s)
{
    const struct resources *all = s->setup.resources;
    const covey_random random = s->setup.random;
    uint64_t key = 0;
    covey_writer w = covey_writer_of((uint8_t *)&key, sizeof key);

    s->echo_rows = calloc(ECHO_ROWS, sizeof *s->echo_rows);
    s->changes = calloc(all->count + 1, sizeof *s->changes);
    s->links = calloc(s->setup.listen_count, sizeof *s->links);
    s->alarm = loop_alarm_new(s->loop, notify_due, s);
    s->later_alarm = loop_alarm_new(s->loop, dispatch_due, s);
    return s->echo_rows != NULL && s->changes != NULL && s->links != NULL &&
           s->alarm != NULL && s->later_alarm != NULL &&
           random.fill(random.user, &w) == COVEY_OK &&
           covey_echo_init(&s->echo, s->echo_rows, ECHO_ROWS, random) ==
               COVEY_OK &&
           reach_open(&s->reach, s->setup.amplification, random) &&
           uploads_open(&s->uploads, UPLOADS, body_max(all)) &&
           observers_open(&s->observers, s->setup.observers, all->count,
                          key) &&
           later_open(&s->later, LATER, key, loop_now().mono);
}

/* With the address that it was given. */
static bool open_link(struct server *s, struct link *k,
                      const struct link_listen *listen)
{
    struct link_setup setup = {
        .endpoint = { .message = covey_message_defaults(),
                      .protectors = s->setup.protectors,
                      .protector_count = s->setup.protector_count,
                      .random = s->setup.random },
        .duplicates = s->setup.duplicates,
        .unfragmented = s->setup.unfragmented,
    };
    const bool first = s->crew.of == NULL || s->crew.of->me == 0;
    char text[LINK_TEXT_MAX];

    crew_message_ids(s, &setup.endpoint.message);
    if (!link_open(k, &s->owner, &setup, listen)) {
        return false;
    }
    tell(s, first ? LOG_LEVEL_NOTICE : LOG_LEVEL_DEBUG, "server.listen",
         link_text(k, text));
    return true;
}

bool server_open(struct server *s, const struct server_setup *setup,
                 const log_sink *log, loop *l)
{
    const covey_time now = loop_now();

    memset(s, 0, sizeof *s);
    s->setup = *setup;
    s->log = log;
    s->loop = l;
    s->owner = (struct link_owner){ .user = s,
                                    .log = log,
                                    .loop = l,
                                    .groups = setup->groups,
                                    .group_count = setup->group_count,
                                    .received = dispatch,
                                    .event = notify_event,
                                    .lost = notify_lost };
    if (!open_tables(s) || !crew_open(s)) {
        tell(s, LOG_LEVEL_ERROR, "server.start",
             "out of memory or of random bytes");
        return false;
    }
    if (setup->crew == NULL) {
        resources_start(setup->resources, now.mono);
    }
    for (size_t i = 0; i < setup->listen_count; i++) {
        s->link_count = i + 1;
        if (crew_has_link(s, &setup->listen[i]) &&
            !open_link(s, &s->links[i], &setup->listen[i])) {
            return false;
        }
    }
    notify_begin(s, now);
    return true;
}

void server_close(struct server *s)
{
    for (size_t i = 0; i < s->link_count; i++) {
        link_close(&s->links[i]);
    }
    crew_close(s);
    if (s->alarm != NULL) {
        loop_alarm_end(s->alarm);
    }
    if (s->later_alarm != NULL) {
        loop_alarm_end(s->later_alarm);
    }
    observers_close(&s->observers);
    later_close(&s->later);
    uploads_close(&s->uploads);
    reach_close(&s->reach);
    free(s->links);
    free(s->changes);
    free(s->echo_rows);
}
