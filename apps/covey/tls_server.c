/* SPDX-License-Identifier: BSD-2-Clause */
/* covey tls server: gives back what it gets, or with --www answers a line with
 * what was negotiated. */
#include "cmd.h"
#include "tls_report.h"
#include "tls_verbs.h"

#include <shell/address/system_address.h>
#include <tls_stream.h>

#include <string.h>

struct server {
    const tls_args *args;
    tls_setup *setup;
    loop *loop;
    tls_stream_listener *listener;
    unsigned ended;
    bool failed;
};

static void told(void *user, tls_stream *s, const covey_tls_report *r)
{
    struct server *v = user;

    if (!tls_report_take(v->args, v->setup, tls_stream_engine(s), r)) {
        v->failed = true;
    }
    if (r->kind == COVEY_TLS_CONNECTED && v->args->key_update) {
        (void)(covey_tls_update(tls_stream_engine(s), true) == COVEY_OK);
    }
    if (r->kind == COVEY_TLS_PEER_CLOSED) {
        tls_stream_close(s);
    }
}

/* A page for a browser, or for a person who typed a line. */
static void send_page(const struct server *v, tls_stream *s)
{
    static const char head[] = "HTTP/1.0 200 OK\r\n"
                               "Content-Type: text/plain\r\n\r\n";
    char text[400] = "";
    FILE *to = fmemopen(text, sizeof text, "w");

    if (to != NULL) {
        fputs(head, to);
        tls_report_connected(v->args, tls_stream_engine(s), to);
        fclose(to);
        (void)tls_stream_send(
            s, covey_bytes_of((const uint8_t *)text, strlen(text)));
    }
    tls_stream_close(s);
}

static void received(void *user, tls_stream *s, covey_bytes data)
{
    const struct server *v = user;

    if (!v->args->www) {
        if (!tls_stream_send(s, data)) {
            tls_stream_abort(s);
        }
    } else if (memchr(data.ptr, '\n', data.len) != NULL) {
        send_page(v, s);
    }
}

static void closed(void *user, tls_stream *s, const char *reason)
{
    struct server *v = user;

    (void)s;
    (void)reason;
    v->ended++;
    if (v->ended == v->args->accept) {
        loop_stop(v->loop);
    }
}

static int listen_and_run(struct server *v)
{
    char error[TCP_ERROR_MAX];
    char text[ADDRESS_TEXT_MAX];
    const tls_stream_options o = {
        .events = { .user = v,
                    .told = told,
                    .received = received,
                    .closed = closed },
        .config = tls_setup_config(v->setup),
    };

    v->listener = tls_stream_listen(v->loop, &v->args->address, &o, error);
    if (v->listener == NULL) {
        fprintf(stderr, "covey tls server: %s\n", error);
        return EXIT_IO;
    }
    const covey_address local = tls_stream_local(v->listener);
    printf("listening on %s\n", address_text(&local, text));
    fflush(stdout);
    loop_run(v->loop);
    tls_stream_listener_end(v->listener);
    return v->failed ? EXIT_NEGATIVE : EXIT_DONE;
}

int tls_server(const tls_args *args, tls_setup *setup)
{
    struct server v = { .args = args, .setup = setup, .loop = loop_new() };
    int rc = EXIT_IO;

    if (v.loop == NULL || !loop_stop_on_signals(v.loop)) {
        fputs("covey tls server: out of memory or descriptors\n", stderr);
    } else {
        rc = listen_and_run(&v);
    }
    if (v.loop != NULL) {
        loop_free(v.loop);
    }
    return rc;
}
