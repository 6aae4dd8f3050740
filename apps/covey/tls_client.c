/* SPDX-License-Identifier: BSD-2-Clause */
/* covey tls client: standard input to the server, what comes back to standard
 * output; with --resume a second connection with the ticket of the first. */
#include "cmd.h"
#include "tls_report.h"
#include "tls_verbs.h"

#include <tls_stream.h>

#include <string.h>
#include <unistd.h>

enum {
    TICKET_MAX = 4096,
    CHUNK = 16384
};

struct client {
    const tls_args *args;
    tls_setup *setup;
    loop *loop;
    tls_stream *stream;
    loop_watch *input;
    bool connected;
    bool failed;
    bool peer_closed;
    bool has_session;
    covey_tls_session session;
    uint8_t ticket[TICKET_MAX];
    bool wants_ticket; /* closes as soon as there is one */
    const char *reason;
};

/* Standard input goes to the server; at its end our direction is closed. */
static void on_input(void *user, int events)
{
    struct client *c = user;
    uint8_t chunk[CHUNK];
    ssize_t n = read(STDIN_FILENO, chunk, sizeof chunk);

    (void)events;
    if (n > 0 &&
        !tls_stream_send(c->stream, covey_bytes_of(chunk, (size_t)n))) {
        n = 0;
    }
    if (n <= 0) {
        loop_watch_end(c->input);
        c->input = NULL;
        tls_stream_close(c->stream);
    }
}

static void on_connected(struct client *c)
{
    c->connected = true;
    if (c->args->key_update) {
        (void)(covey_tls_update(tls_stream_engine(c->stream), true) ==
               COVEY_OK);
    }
    if (!c->wants_ticket) {
        c->input =
            loop_watch_new(c->loop, STDIN_FILENO, LOOP_READ, on_input, c);
        /* A regular file cannot be waited for: it is always ready. */
        while (c->input == NULL && !c->failed) {
            c->input = NULL;
            uint8_t chunk[CHUNK];
            ssize_t n = read(STDIN_FILENO, chunk, sizeof chunk);
            if (n <= 0 || !tls_stream_send(c->stream,
                                           covey_bytes_of(chunk, (size_t)n))) {
                tls_stream_close(c->stream);
                break;
            }
        }
    }
}

static void on_ticket(struct client *c, const covey_tls_report *r)
{
    if (r->session.ticket.len > sizeof c->ticket) {
        return;
    }
    c->has_session = true;
    c->session = r->session;
    memcpy(c->ticket, r->session.ticket.ptr, r->session.ticket.len);
    c->session.ticket = covey_bytes_of(c->ticket, r->session.ticket.len);
    if (c->wants_ticket) {
        tls_stream_close(c->stream);
    }
}

static void told(void *user, tls_stream *s, const covey_tls_report *r)
{
    struct client *c = user;

    if (!tls_report_take(c->args, c->setup, tls_stream_engine(s), r)) {
        c->failed = true;
    }
    if (r->kind == COVEY_TLS_CONNECTED) {
        on_connected(c);
    } else if (r->kind == COVEY_TLS_TICKET) {
        on_ticket(c, r);
    } else if (r->kind == COVEY_TLS_PEER_CLOSED) {
        c->peer_closed = true;
        tls_stream_close(s);
    }
}

static void received(void *user, tls_stream *s, covey_bytes data)
{
    (void)user;
    (void)s;
    fwrite(data.ptr, 1, data.len, stdout);
    fflush(stdout);
}

static void closed(void *user, tls_stream *s, const char *reason)
{
    struct client *c = user;

    (void)s;
    c->reason = reason;
    c->stream = NULL;
    if (c->input != NULL) {
        loop_watch_end(c->input);
        c->input = NULL;
    }
    loop_stop(c->loop);
}

static int connection(struct client *c)
{
    const tls_args *a = c->args;
    char error[TCP_ERROR_MAX];
    const tls_stream_options o = {
        .events = { .user = c,
                    .told = told,
                    .received = received,
                    .closed = closed },
        .config = tls_setup_config(c->setup),
    };
    covey_bytes name = a->setup.name != NULL
                           ? covey_bytes_of((const uint8_t *)a->setup.name,
                                            strlen(a->setup.name))
                           : covey_bytes_of(NULL, 0);

    c->connected = c->peer_closed = false;
    c->stream = tls_stream_connect(c->loop, &a->address, &o, name,
                                   c->has_session ? &c->session : NULL, error);
    covey_wipe(&c->session, sizeof c->session);
    c->has_session = false;
    if (c->stream == NULL) {
        fprintf(stderr, "covey tls client: %s\n", error);
        return EXIT_IO;
    }
    loop_run(c->loop);
    if (c->failed) {
        return EXIT_NEGATIVE;
    }
    if (!c->connected) {
        fprintf(stderr, "covey tls client: %s\n",
                c->reason != NULL ? c->reason : "the server closed");
        return EXIT_IO;
    }
    return EXIT_DONE;
}

int tls_client(const tls_args *args, tls_setup *setup)
{
    struct client c = { .args = args, .setup = setup, .loop = loop_new() };
    int rc = EXIT_IO;

    if (c.loop == NULL) {
        fputs("covey tls client: out of memory or descriptors\n", stderr);
        return EXIT_IO;
    }
    c.wants_ticket = args->resume;
    rc = connection(&c);
    if (rc == EXIT_DONE && args->resume) {
        c.wants_ticket = false;
        rc = connection(&c);
    }
    covey_wipe(&c.session, sizeof c.session);
    loop_free(c.loop);
    return rc;
}
