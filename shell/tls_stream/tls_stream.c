/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEND_MAX = 1 << 20,
    TICKET_MAX = 4096
};

struct tls_stream {
    covey_tls engine;
    tls_stream_events events;
    tcp_connection *tcp;
    loop_alarm *alarm;
    tls_stream_listener *listener;
    void *data;
    bool busy;    /* inside a callback of tcp: the end waits for its return */
    bool ended;   /* FAILED was told */
    bool closing; /* our direction is closed */
    bool held;    /* nothing is taken until all has left */
    bool peer_closed;
    covey_tls_session session;
    uint8_t ticket[TICKET_MAX];
    uint8_t plain[COVEY_TLS_RECORD_MAX];
    uint8_t out[COVEY_TLS_RECORD_MAX];
    size_t memory_len;
    uint8_t memory[]; /* of the engine */
};

struct tls_stream_listener {
    tcp_listener *tcp;
    loop *on;
    tls_stream_options options;
};

static size_t memory_of(const tls_stream_options *o)
{
    return o->memory != 0 ? o->memory : COVEY_TLS_MEMORY;
}

static tls_stream *stream_new(const tls_stream_options *o)
{
    tls_stream *s = calloc(1, sizeof *s + memory_of(o));

    if (s != NULL) {
        s->events = o->events;
        s->memory_len = memory_of(o);
    }
    return s;
}

static covey_writer memory_in(tls_stream *s)
{
    return covey_writer_of(s->memory, s->memory_len);
}

/* The loop frees alarms that are left when it ends, before connections are
 * closed: who ends a connection ends its alarm first. */
static void silence(tls_stream *s)
{
    loop_alarm_end(s->alarm);
    s->alarm = NULL;
}

static void stream_free(tls_stream *s)
{
    covey_tls_drop(&s->engine);
    silence(s);
    covey_wipe(s, sizeof *s + s->memory_len);
    free(s);
}

static void tell(tls_stream *s)
{
    covey_tls_report report;

    while (covey_tls_event(&s->engine, &report)) {
        s->ended = s->ended || report.kind == COVEY_TLS_FAILED;
        s->peer_closed =
            s->peer_closed || report.kind == COVEY_TLS_PEER_CLOSED;
        s->events.told(s->events.user, s, &report);
        covey_wipe(&report.session, sizeof report.session);
    }
}

/* Everything the engine wants to say and to send. */
static void flush(tls_stream *s)
{
    bool more = true;

    while (more) {
        covey_writer w = covey_writer_of(s->out, sizeof s->out);
        tell(s);
        more = covey_tls_transmit(&s->engine, loop_now(), &w);
        if (w.pos > 0 && !tcp_send(s->tcp, covey_written(&w))) {
            silence(s);
            tcp_abort(s->tcp);
            return;
        }
    }
    tell(s);
    if (s->ended || (s->closing && s->peer_closed)) {
        silence(s);
        tcp_end(s->tcp);
    } else if (s->alarm != NULL) {
        loop_alarm_set(s->alarm, covey_tls_deadline(&s->engine));
    }
}

/* After anything that was done to the engine. */
static void go_on(tls_stream *s)
{
    if (!s->busy) {
        flush(s);
    }
}

static void on_due(void *user)
{
    flush(user);
}

/* Begins the engine of a connection that is open. */
static void on_opened(void *user, tcp_connection *c)
{
    tls_stream *s = tcp_data(c);
    tls_stream_listener *l = user;

    if (s == NULL) {
        s = stream_new(&l->options);
        tcp_set_data(c, s);
        if (s == NULL) {
            tcp_abort(c);
            return;
        }
        s->tcp = c;
        s->listener = l;
        s->alarm = loop_alarm_new(l->on, on_due, s);
        if (s->alarm == NULL || covey_tls_server(&s->engine, l->options.config,
                                                 memory_in(s)) != COVEY_OK) {
            tcp_abort(c);
            return;
        }
        if (s->events.accepted != NULL) {
            s->events.accepted(s->events.user, s);
        }
    }
    s->busy = true;
    flush(s);
    s->busy = false;
}

static void on_drained(void *user, tcp_connection *c)
{
    tls_stream *s = tcp_data(c);

    (void)user;
    if (s != NULL) {
        s->held = false;
        if (s->events.drained != NULL) {
            s->events.drained(s->events.user, s);
        }
    }
}

static size_t on_received(void *user, tcp_connection *c, covey_bytes bytes)
{
    tls_stream *s = tcp_data(c);
    size_t done = 0;
    size_t taken = 1;

    (void)user;
    s->busy = true;
    while (taken > 0 && !s->ended && !s->held) {
        covey_writer w = covey_writer_of(s->plain, sizeof s->plain);
        covey_status st = covey_tls_receive(
            &s->engine, loop_now(),
            covey_bytes_of(bytes.ptr + done, bytes.len - done), &taken, &w);
        done += taken;
        if (w.pos > 0) {
            s->events.received(s->events.user, s, covey_written(&w));
            covey_wipe(s->plain, w.pos);
        }
        flush(s);
        if (st != COVEY_OK) {
            break;
        }
    }
    s->busy = false;
    if (s->held) {
        tcp_hold(s->tcp);
    }
    return s->ended ? bytes.len : done;
}

static void on_closed(void *user, tcp_connection *c, const char *reason)
{
    tls_stream *s = tcp_data(c);

    (void)user;
    if (s != NULL) {
        s->events.closed(s->events.user, s, reason);
        stream_free(s);
    }
}

static tcp_options options_of(const tls_stream_options *o, void *user)
{
    return (tcp_options){
        .events = { .user = user,
                    .opened = on_opened,
                    .received = on_received,
                    .drained = on_drained,
                    .closed = on_closed },
        .receive_max = 2 * (size_t)COVEY_TLS_RECORD_MAX,
        .send_max = SEND_MAX,
        .connection_max = o->connection_max,
    };
}

tls_stream_listener *tls_stream_listen(loop *on, const covey_address *local,
                                       const tls_stream_options *options,
                                       char error[TCP_ERROR_MAX])
{
    tls_stream_listener *l = calloc(1, sizeof *l);
    tcp_options o = options_of(options, l);

    if (l == NULL) {
        snprintf(error, TCP_ERROR_MAX, "out of memory");
        return NULL;
    }
    l->on = on;
    l->options = *options;
    l->tcp = tcp_listen(on, local, &o, error);
    if (l->tcp == NULL) {
        free(l);
        return NULL;
    }
    return l;
}

covey_address tls_stream_local(const tls_stream_listener *l)
{
    return tcp_local(l->tcp);
}

void tls_stream_listener_end(tls_stream_listener *l)
{
    if (l != NULL) {
        tcp_listener_end(l->tcp);
        free(l);
    }
}

static bool keep_session(tls_stream *s, const covey_tls_session *session)
{
    if (session == NULL || session->ticket.len > TICKET_MAX) {
        return false;
    }
    s->session = *session;
    memcpy(s->ticket, session->ticket.ptr, session->ticket.len);
    s->session.ticket = covey_bytes_of(s->ticket, session->ticket.len);
    return true;
}

tls_stream *tls_stream_connect(loop *on, const covey_address *peer,
                               const tls_stream_options *options,
                               covey_bytes server_name,
                               const covey_tls_session *session,
                               char error[TCP_ERROR_MAX])
{
    tls_stream *s = stream_new(options);
    tcp_options o = options_of(options, NULL);

    snprintf(error, TCP_ERROR_MAX, "out of memory");
    if (s == NULL) {
        return NULL;
    }
    bool resume = keep_session(s, session);
    s->alarm = loop_alarm_new(on, on_due, s);
    if (s->alarm == NULL ||
        covey_tls_client(&s->engine, options->config, memory_in(s),
                         server_name,
                         resume ? &s->session : NULL) != COVEY_OK) {
        stream_free(s);
        return NULL;
    }
    s->tcp = tcp_connect(on, peer, &o, error);
    if (s->tcp == NULL) {
        stream_free(s);
        return NULL;
    }
    tcp_set_data(s->tcp, s);
    return s;
}

covey_tls *tls_stream_engine(tls_stream *s)
{
    return &s->engine;
}

void tls_stream_set_data(tls_stream *s, void *data)
{
    s->data = data;
}

void *tls_stream_data(const tls_stream *s)
{
    return s->data;
}

covey_address tls_stream_peer(const tls_stream *s)
{
    return tcp_peer(s->tcp);
}

bool tls_stream_send(tls_stream *s, covey_bytes data)
{
    size_t done = 0;

    while (done < data.len) {
        covey_writer w = covey_writer_of(s->out, sizeof s->out);
        size_t taken = 0;
        covey_status st = covey_tls_send(
            &s->engine, loop_now(),
            covey_bytes_of(data.ptr + done, data.len - done), &taken, &w);
        if (st != COVEY_OK ||
            (w.pos > 0 && !tcp_send(s->tcp, covey_written(&w)))) {
            return false;
        }
        if (taken == 0) { /* keys change first */
            covey_writer k = covey_writer_of(s->out, sizeof s->out);
            if (!covey_tls_transmit(&s->engine, loop_now(), &k) ||
                !tcp_send(s->tcp, covey_written(&k))) {
                return false;
            }
        }
        done += taken;
    }
    return true;
}

size_t tls_stream_waiting(const tls_stream *s)
{
    return tcp_waiting(s->tcp);
}

bool tls_stream_hold(tls_stream *s)
{
    s->held = tcp_waiting(s->tcp) > 0;
    return s->held;
}

void tls_stream_close(tls_stream *s)
{
    if (!s->closing && covey_tls_close(&s->engine) == COVEY_OK) {
        s->closing = true;
        go_on(s);
    }
}

void tls_stream_abort(tls_stream *s)
{
    covey_writer w = covey_writer_of(s->out, sizeof s->out);

    if (!s->closing && covey_tls_close(&s->engine) == COVEY_OK &&
        covey_tls_transmit(&s->engine, loop_now(), &w)) {
        (void)tcp_send(s->tcp, covey_written(&w));
    }
    s->closing = true;
    silence(s);
    tcp_abort(s->tcp);
}
