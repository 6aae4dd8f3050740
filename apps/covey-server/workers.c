/* SPDX-License-Identifier: BSD-2-Clause */
/* Contexts are dealt out to the workers one after the other, but the first one
 * has all groups that have a Group Manager: their Gids change, so it gets what
 * nobody else has. Connections and thin links are the first one's alone; since
 * a message that has come over one of them cannot be sent on, it then has all
 * contexts, too. */
#include "workers.h"

#include <context.h>
#include <errno.h>
#include <loop.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct route {
    bool managed; /* by a Group Manager */
    bool group;
    bool has_id_context;
    uint8_t kid_len;
    uint8_t context_len;
    uint8_t kid[UINT8_MAX];
    uint8_t context[UINT8_MAX]; /* ID Context, or Gid */
};

struct workers {
    struct server_config *config;
    log_sink *log;
    struct relay *relay;  /* NULL: nobody is to see anything */
    udp_socket **sockets; /* of worker 0, of worker 1... */
    struct route *routes; /* in the order of the configuration */
    size_t route_count;
    link_counts *counts; /* shared by all, in the order of the sockets */
    bool first_has_all;
    bool has_managed;
    struct server_crew crew;
};

static size_t socket_count(const struct workers *w)
{
    return w->crew.count * w->config->listen_count;
}

static void tell(const struct workers *w, const char *name, const char *why)
{
    const log_value value = log_string("what", why);
    const log_event event = {
        .level = LOG_LEVEL_ERROR, .name = name, .values = &value, .count = 1
    };

    log_write(w->log, &event);
}

/* --- who has a context --------------------------------------------------- */

static unsigned worker_of(const struct workers *w, size_t context)
{
    return w->first_has_all || w->routes[context].managed
               ? 0
               : (unsigned)(context % w->config->workers);
}

static bool fits(const struct route *r, covey_bytes kid,
                 covey_bytes kid_context)
{
    const covey_bytes context = covey_bytes_of(r->context, r->context_len);

    if (r->managed) {
        return false;
    }
    if (r->group) {
        return covey_bytes_equal(context, kid_context);
    }
    return covey_bytes_equal(covey_bytes_of(r->kid, r->kid_len), kid) &&
           (kid_context.ptr == NULL ||
            (r->has_id_context && covey_bytes_equal(context, kid_context)));
}

static unsigned owner(void *user, covey_bytes kid, covey_bytes kid_context)
{
    const struct workers *w = user;

    for (size_t i = 0; i < w->route_count; i++) {
        if (fits(&w->routes[i], kid, kid_context)) {
            return worker_of(w, i);
        }
    }
    return w->has_managed && kid_context.ptr != NULL ? 0 : w->crew.count;
}

static bool keep(uint8_t *out, uint8_t *len, covey_bytes id)
{
    covey_writer w = covey_writer_of(out, UINT8_MAX);

    covey_write_bytes(&w, id);
    *len = (uint8_t)w.pos;
    return w.failed == COVEY_OK;
}

/* Only its names: keys are read by the worker that has it. */
static bool read_route(struct route *r, const char *path)
{
    context_file *f = context_load(path, stderr);
    const covey_oscore_parameters *p;
    bool good = true;

    if (f == NULL) {
        return false;
    }
    r->managed = f->type == CONTEXT_MANAGED;
    r->group = f->type == CONTEXT_GROUP;
    if (r->group) {
        good = keep(r->context, &r->context_len, f->group.parameters.gid);
    } else if (!r->managed) {
        p = &f->oscore.parameters;
        r->has_id_context = p->id_context.ptr != NULL;
        good = keep(r->kid, &r->kid_len, p->recipient_id) &&
               keep(r->context, &r->context_len, p->id_context);
    }
    context_free(f);
    return good;
}

static bool read_routes(struct workers *w)
{
    const struct server_config *config = w->config;

    w->routes = calloc(config->context_count + 1, sizeof *w->routes);
    if (w->routes == NULL) {
        tell(w, "server.start", "out of memory");
        return false;
    }
    for (size_t i = 0; i < config->context_count; i++) {
        if (!read_route(&w->routes[i], config->contexts[i].file)) {
            tell(w, "oscore.context", config->contexts[i].file);
            return false;
        }
        w->has_managed = w->has_managed || w->routes[i].managed;
        w->route_count++;
    }
    w->crew.owner = w->route_count > 0 ? owner : NULL;
    w->crew.user = w;
    return true;
}

/* --- sockets ------------------------------------------------------------- */

static bool is_for_all(const struct link_listen *listen)
{
    return (listen->transport == LINK_UDP && listen->schc == NULL) ||
           listen->transport == LINK_DTLS;
}

/* Whoever comes first chooses a port, if there is none. */
static bool open_sockets(struct workers *w, size_t i)
{
    struct link_listen *listen = &w->config->listen[i];
    char error[UDP_ERROR_MAX];

    for (unsigned k = 0; k < w->crew.count; k++) {
        udp_socket **s = &w->sockets[k * w->config->listen_count + i];
        *s = link_socket(&listen->address, error);
        if (*s == NULL) {
            tell(w, "udp.open", error);
            return false;
        }
        listen->address = udp_local(*s);
    }
    return true;
}

static bool open_all(struct workers *w)
{
    const size_t count = w->config->listen_count;

    w->sockets = calloc(socket_count(w) + 1, sizeof(udp_socket *));
    if (w->sockets == NULL) {
        tell(w, "server.start", "out of memory");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const bool all = is_for_all(&w->config->listen[i]);
        w->first_has_all = w->first_has_all || !all;
        if (all && !open_sockets(w, i)) {
            return false;
        }
    }
    return true;
}

/* What each counts, for the status page of the first one. A worker that takes
 * the place of another counts on. */
static size_t counts_len(const struct workers *w)
{
    return (socket_count(w) + 1) * sizeof *w->counts;
}

const link_counts *workers_counts(const struct workers *w)
{
    return w->counts;
}

struct relay *workers_relay(const struct workers *w)
{
    return w->relay;
}

static bool open_relay(struct workers *w)
{
    if (w->config->status.family == COVEY_FAMILY_NONE) {
        return true;
    }
    w->relay = relay_new(w->log);
    return w->relay != NULL;
}

/* --- the whole ----------------------------------------------------------- */

struct workers *workers_new(struct server_config *config, log_sink *log)
{
    struct workers *w = calloc(1, sizeof *w);

    if (w == NULL) {
        return NULL;
    }
    w->config = config;
    w->log = log;
    w->crew.count = config->workers;
    if (!open_all(w) || !read_routes(w)) {
        workers_free(w);
        return NULL;
    }
    w->counts = mmap(NULL, counts_len(w), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (w->counts == MAP_FAILED) {
        w->counts = NULL;
    }
    resources_start(&config->resources, loop_now().mono);
    w->crew.post = post_new(w->crew.count);
    w->crew.shared = shared_open(&config->resources);
    if (w->crew.post == NULL || w->crew.shared == NULL || w->counts == NULL ||
        !open_relay(w)) {
        tell(w, "server.start", strerror(errno));
        workers_free(w);
        return NULL;
    }
    return w;
}

void workers_free(struct workers *w)
{
    if (w == NULL) {
        return;
    }
    for (size_t i = 0; w->sockets != NULL && i < socket_count(w); i++) {
        udp_close(w->sockets[i]);
    }
    free(w->sockets);
    if (w->counts != NULL) {
        munmap(w->counts, counts_len(w));
    }
    free(w->routes);
    relay_free(w->relay);
    post_free(w->crew.post);
    shared_close(w->crew.shared, &w->config->resources);
    free(w);
}

static void keep_own_contexts(struct workers *w, unsigned me)
{
    struct server_config *config = w->config;
    size_t kept = 0;

    for (size_t i = 0; i < w->route_count; i++) {
        if (worker_of(w, i) == me) {
            config->contexts[kept++] = config->contexts[i];
        }
    }
    config->context_count = kept;
}

const struct server_crew *workers_become(struct workers *w, unsigned me)
{
    struct server_config *config = w->config;

    w->crew.me = me;
    for (size_t i = 0; i < config->listen_count; i++) {
        const size_t at = me * config->listen_count + i;
        config->listen[i].socket = w->sockets[at];
        config->listen[i].counts = &w->counts[at];
    }
    if (me != 0) {
        config->group_count = 0;
        config->status.family = COVEY_FAMILY_NONE;
    }
    if (w->relay != NULL) {
        relay_become(w->relay, me);
    }
    keep_own_contexts(w, me);
    return &w->crew;
}
