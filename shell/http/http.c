/* SPDX-License-Identifier: BSD-2-Clause */
#include "http.h"

#include <system_address.h>

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    IDLE_S = 30,          /* a connection that asks nothing more */
    HEARTBEAT_MS = 15000, /* to notice who has gone without a word */
    MEMORY = 16384        /* of a connection: its header */
};

/* Who gets events. */
struct listener {
    struct MHD_Connection *connection; /* NULL: nobody */
    http *http;
    char *waiting[HTTP_EVENT_BACKLOG];
    unsigned first;
    unsigned count;
    size_t sent; /* of the first */
    bool suspended;
    bool gone; /* it did not read: the stream ends */
};

struct http {
    struct MHD_Daemon *daemon;
    loop_watch *watch;
    loop_alarm *alarm;
    loop_alarm *heart;
    http_options options;
    covey_address local;
    int socket;
    unsigned listening;
    struct listener listeners[HTTP_LISTENERS];
};

/* What a browser may do with a page: use this server, and nothing else. */
static const struct {
    const char *name;
    const char *value;
} guards[] = {
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; "
      "img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Cache-Control", "no-store" },
};

/* --- the loop ------------------------------------------------------------ */

static void plan(http *h)
{
    MHD_UNSIGNED_LONG_LONG ms = 0;
    const bool any = MHD_get_timeout(h->daemon, &ms) == MHD_YES;

    loop_alarm_set(h->alarm, any ? loop_now().mono + ms : COVEY_NEVER);
}

/* Twice: at its limit libmicrohttpd does not look at the listening socket, and
 * begins to again with the run after the one in which a connection ended,
 * which nothing else would cause. */
static void run(http *h)
{
    MHD_run(h->daemon);
    MHD_run(h->daemon);
    plan(h);
}

static void ready(void *user, int events)
{
    (void)events;
    run(user);
}

static void due(void *user)
{
    run(user);
}

/* --- events -------------------------------------------------------------- */

static void drop_first(struct listener *l)
{
    free(l->waiting[l->first]);
    l->first = (l->first + 1) % HTTP_EVENT_BACKLOG;
    l->count--;
    l->sent = 0;
}

/* libmicrohttpd asks for more; without any the connection sleeps until there
 * is some. */
static ssize_t read_events(void *user, uint64_t pos, char *buf, size_t max)
{
    struct listener *l = user;

    (void)pos;
    if (l->gone) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    if (l->count == 0) {
        l->suspended = true;
        MHD_suspend_connection(l->connection);
        return 0;
    }
    const char *text = l->waiting[l->first] + l->sent;
    size_t n = strlen(text);
    const bool whole = n <= max;

    n = whole ? n : max;
    memcpy(buf, text, n);
    l->sent += n;
    if (whole) {
        drop_first(l);
    }
    return (ssize_t)n;
}

static void end_listener(void *user)
{
    struct listener *l = user;

    while (l->count > 0) {
        drop_first(l);
    }
    l->connection = NULL;
    l->http->listening--;
}

static void wake(struct listener *l)
{
    if (l->suspended) {
        l->suspended = false;
        MHD_resume_connection(l->connection);
    }
}

static void give(struct listener *l, const char *text)
{
    char *copy = l->count < HTTP_EVENT_BACKLOG ? strdup(text) : NULL;

    if (copy == NULL) {
        l->gone = true;
    } else {
        l->waiting[(l->first + l->count) % HTTP_EVENT_BACKLOG] = copy;
        l->count++;
    }
    wake(l);
}

/* The daemon runs later, from the loop: who tells something may be called by
 * it. */
static void give_all(http *h, const char *text)
{
    for (size_t i = 0; i < HTTP_LISTENERS; i++) {
        if (h->listeners[i].connection != NULL && !h->listeners[i].gone) {
            give(&h->listeners[i], text);
        }
    }
    loop_alarm_set(h->alarm, loop_now().mono);
}

void http_event(http *h, const char *name, const char *data)
{
    char text[HTTP_EVENT_MAX + 64];
    const int n = h->listening == 0
                      ? 0
                      : snprintf(text, sizeof text, "event: %s\ndata: %s\n\n",
                                 name, data);

    if (n > 0 && (size_t)n < sizeof text) {
        give_all(h, text);
    }
}

static void beat(void *user)
{
    http *h = user;

    if (h->listening > 0) {
        give_all(h, ":\n\n");
    }
    loop_alarm_set(h->heart, loop_now().mono + HEARTBEAT_MS);
}

/* --- requests ------------------------------------------------------------ */

static enum MHD_Result send_response(struct MHD_Connection *c, unsigned code,
                                     struct MHD_Response *r, const char *type)
{
    if (r == NULL) {
        return MHD_NO;
    }
    MHD_add_response_header(r, "Content-Type", type);
    for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++) {
        MHD_add_response_header(r, guards[i].name, guards[i].value);
    }
    if (code == MHD_HTTP_METHOD_NOT_ALLOWED) {
        MHD_add_response_header(r, "Allow", "GET, HEAD");
    }
    const enum MHD_Result done = MHD_queue_response(c, code, r);
    MHD_destroy_response(r);
    return done;
}

static enum MHD_Result say(struct MHD_Connection *c, unsigned code,
                           const char *text)
{
    return send_response(
        c, code,
        MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text,
                                        MHD_RESPMEM_PERSISTENT),
        "text/plain; charset=utf-8");
}

static enum MHD_Result listen_to_events(http *h, struct MHD_Connection *c)
{
    for (size_t i = 0; i < HTTP_LISTENERS; i++) {
        struct listener *l = &h->listeners[i];
        if (l->connection == NULL) {
            struct MHD_Response *r = MHD_create_response_from_callback(
                MHD_SIZE_UNKNOWN, HTTP_EVENT_MAX, read_events, l,
                end_listener);
            if (r != NULL) {
                *l = (struct listener){ .connection = c, .http = h };
                h->listening++;
                give(l, "retry: 2000\n\n");
            }
            return send_response(c, MHD_HTTP_OK, r, "text/event-stream");
        }
    }
    return say(c, MHD_HTTP_SERVICE_UNAVAILABLE, "too many listen already\n");
}

static enum MHD_Result send_written(http *h, struct MHD_Connection *c,
                                    const http_page *page)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL) {
        return MHD_NO;
    }
    page->write(out, h->options.user);
    if (fclose(out) != 0) {
        free(text);
        return MHD_NO;
    }
    return send_response(
        c, MHD_HTTP_OK,
        MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE),
        page->type);
}

static enum MHD_Result send_page(http *h, struct MHD_Connection *c,
                                 const http_page *page)
{
    if (page->body == NULL) {
        return send_written(h, c, page);
    }
    return send_response(
        c, MHD_HTTP_OK,
        MHD_create_response_from_buffer(page->body->len,
                                        (void *)(uintptr_t)page->body->ptr,
                                        MHD_RESPMEM_PERSISTENT),
        page->type);
}

/* "127.0.0.1:8683", "[::1]", "localhost:80": an address, or localhost. */
static bool host_is_ours(struct MHD_Connection *c)
{
    const char *host = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Host");
    covey_address a;
    char text[ADDRESS_TEXT_MAX];

    const size_t len = host != NULL ? strlen(host) : 0;

    if (host == NULL || len >= sizeof text) {
        return host == NULL; /* HTTP/1.0, which no browser speaks */
    }
    memcpy(text, host, len + 1);
    if (text[0] == '[' && strchr(text, '\0')[-1] == ']') {
        *(strchr(text, '\0') - 1) = '\0';
        return address_parse(text + 1, 0, &a);
    }
    char *colon = strrchr(text, ':');
    const bool local = strncasecmp(text, "localhost", 9) == 0 &&
                       (text[9] == '\0' || text + 9 == colon);
    return local || address_parse_port(text, 80, &a);
}

/* Which parameters is not ours to say.
 * NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result answer(void *user, struct MHD_Connection *c,
                              const char *url, const char *method,
                              const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    http *h = user;

    (void)version;
    (void)upload;
    if (*state == NULL && strcmp(method, "GET") != 0 &&
        strcmp(method, "HEAD") != 0) { /* before its body is read */
        return say(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD only\n");
    }
    if (*state == NULL || *upload_size > 0) {
        *state = h;
        *upload_size = 0;
        return MHD_YES;
    }
    if (!host_is_ours(c)) {
        return say(c, MHD_HTTP_MISDIRECTED_REQUEST,
                   "this host goes by its address, or as localhost\n");
    }
    if (h->options.events != NULL && strcmp(url, h->options.events) == 0) {
        return listen_to_events(h, c);
    }
    for (size_t i = 0; i < h->options.count; i++) {
        if (strcmp(url, h->options.pages[i].path) == 0) {
            return send_page(h, c, &h->options.pages[i]);
        }
    }
    return say(c, MHD_HTTP_NOT_FOUND, "nothing is here\n");
}

/* --- opening ------------------------------------------------------------- */

/* A listening socket of ours: libmicrohttpd would not tell why there is
 * none. */
static int listen_at(const covey_address *local, covey_address *bound)
{
    system_address a;
    socklen_t len = address_to_system(local, &a);
    const int yes = 1;
    const int s = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (s < 0) {
        return -1;
    }
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(s, &a.any, len) != 0 || listen(s, HTTP_CONNECTIONS) != 0 ||
        fcntl(s, F_SETFL, O_NONBLOCK) != 0) {
        const int why = errno;
        close(s);
        errno = why;
        return -1;
    }
    len = sizeof a;
    getsockname(s, &a.any, &len);
    *bound = address_from_system(&a);
    return s;
}

static bool start(http *h, loop *l)
{
    h->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, answer, h,
        MHD_OPTION_LISTEN_SOCKET, h->socket, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)HTTP_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY,
        MHD_OPTION_END);
    if (h->daemon == NULL) {
        return false;
    }
    h->socket = -1; /* the daemon closes it */
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    h->watch = info == NULL
                   ? NULL
                   : loop_watch_new(l, info->epoll_fd, LOOP_READ, ready, h);
    h->alarm = loop_alarm_new(l, due, h);
    h->heart = loop_alarm_new(l, beat, h);
    return h->watch != NULL && h->alarm != NULL && h->heart != NULL;
}

http *http_open(loop *l, const http_options *options,
                char error[HTTP_ERROR_MAX])
{
    http *h = calloc(1, sizeof *h);

    if (h == NULL) {
        snprintf(error, HTTP_ERROR_MAX, "out of memory");
        return NULL;
    }
    h->options = *options;
    h->socket = listen_at(&options->local, &h->local);
    if (h->socket < 0) {
        char text[ADDRESS_TEXT_MAX];
        snprintf(error, HTTP_ERROR_MAX, "%s: %s",
                 address_text(&options->local, text), strerror(errno));
        http_close(h);
        return NULL;
    }
    if (!start(h, l)) {
        snprintf(error, HTTP_ERROR_MAX, "no HTTP server: out of memory");
        http_close(h);
        return NULL;
    }
    loop_alarm_set(h->heart, loop_now().mono + HEARTBEAT_MS);
    plan(h);
    return h;
}

void http_close(http *h)
{
    if (h == NULL) {
        return;
    }
    for (size_t i = 0; i < HTTP_LISTENERS; i++) {
        h->listeners[i].gone = true;
        wake(&h->listeners[i]);
    }
    loop_watch_end(h->watch);
    loop_alarm_end(h->alarm);
    loop_alarm_end(h->heart);
    if (h->daemon != NULL) {
        MHD_run(h->daemon);
        MHD_stop_daemon(h->daemon);
    }
    if (h->socket >= 0) {
        close(h->socket);
    }
    free(h);
}

covey_address http_local(const http *h)
{
    return h->local;
}
