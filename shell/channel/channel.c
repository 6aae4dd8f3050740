/* SPDX-License-Identifier: BSD-2-Clause */
#include "channel.h"

#include <stdlib.h>
#include <string.h>
#include <tls_stream.h>

enum {
    PATIENCE = 30000 /* ms for the handshake */
};

/* One of tcp and tls is there. The rest is for TLS: TCP keeps by itself what
 * was not taken. */
struct channel {
    tcp_connection *tcp;
    tls_stream *tls;
    channel_listener *listener; /* that accepted it, or NULL */
    channel *next;              /* of its handshakes */
    channel_options options;
    void *data;
    loop_alarm *alarm; /* of the handshake */
    bool opened;
    bool ending;
    bool held;
    covey_tls_peer peer;
    char reason[TLS_SETUP_ERROR_MAX];
    size_t len;
    uint8_t buffer[]; /* receive_max, and a record more */
};

struct channel_listener {
    loop *loop;
    tcp_listener *tcp;
    tls_stream_listener *tls;
    channel_options options;
    channel *handshakes;
    size_t open;
    bool ended; /* freed with the last connection */
};

/* --- beginning and ending ------------------------------------------------ */

static channel *channel_new(const channel_options *o)
{
    size_t room = o->tls != NULL ? o->receive_max + COVEY_TLS_PLAIN_MAX : 0;
    channel *c = calloc(1, sizeof *c + room);

    if (c != NULL) {
        c->options = *o;
    }
    return c;
}

static void listener_release(channel_listener *l)
{
    if (l->ended && l->open == 0) {
        free(l);
    }
}

static channel *accepted(channel_listener *l)
{
    channel *c = channel_new(&l->options);

    if (c != NULL) {
        c->listener = l;
        l->open++;
    }
    return c;
}

/* The handshake is over, one way or the other. */
static void settle(channel *c)
{
    channel **at = c->listener != NULL ? &c->listener->handshakes : NULL;

    while (at != NULL && *at != NULL && *at != c) {
        at = &(*at)->next;
    }
    if (at != NULL && *at == c) {
        *at = c->next;
    }
    loop_alarm_end(c->alarm);
    c->alarm = NULL;
}

static void ended(channel *c, const char *reason)
{
    channel_listener *l = c->listener;

    /* Who has ended a listener hears no more of handshakes. */
    if (l == NULL || c->opened || !l->ended) {
        c->options.events.closed(c->options.events.user, c,
                                 c->reason[0] != '\0' ? c->reason : reason);
    }
    settle(c);
    covey_wipe(c->buffer, c->len);
    free(c);
    if (l != NULL) {
        l->open--;
        listener_release(l);
    }
}

static void fail(channel *c, const char *why)
{
    snprintf(c->reason, sizeof c->reason, "%s", why);
    channel_abort(c);
}

/* --- over TCP ------------------------------------------------------------ */

static void on_tcp_opened(void *user, tcp_connection *tcp)
{
    channel *c = tcp_data(tcp);

    if (c == NULL) {
        c = accepted(user);
        if (c == NULL) {
            tcp_abort(tcp);
            return;
        }
        c->tcp = tcp;
        tcp_set_data(tcp, c);
    }
    c->opened = true;
    c->options.events.opened(c->options.events.user, c);
}

static size_t on_tcp_received(void *user, tcp_connection *tcp,
                              covey_bytes bytes)
{
    channel *c = tcp_data(tcp);

    (void)user;
    return c->options.events.received(c->options.events.user, c, bytes);
}

static void on_tcp_closed(void *user, tcp_connection *tcp, const char *reason)
{
    channel *c = tcp_data(tcp);

    (void)user;
    if (c != NULL) { /* else it was one too many */
        ended(c, reason);
    }
}

static tcp_options tcp_options_of(const channel_options *o, void *user)
{
    return (tcp_options){ .events = { .user = user,
                                      .opened = on_tcp_opened,
                                      .received = on_tcp_received,
                                      .closed = on_tcp_closed },
                          .receive_max = o->receive_max,
                          .send_max = o->send_max,
                          .connection_max = o->connection_max,
                          .reuse_port = o->reuse_port };
}

/* --- over TLS ------------------------------------------------------------ */

static void on_patience(void *user)
{
    fail(user, "no handshake in time");
}

static bool await_handshake(channel *c, loop *on)
{
    c->alarm = loop_alarm_new(on, on_patience, c);
    if (c->alarm != NULL) {
        loop_alarm_set(c->alarm, loop_now().mono + PATIENCE);
    }
    return c->alarm != NULL;
}

static void on_tls_accepted(void *user, tls_stream *s)
{
    channel_listener *l = user;
    channel *c = accepted(l);

    tls_stream_set_data(s, c);
    if (c != NULL) {
        c->tls = s;
        c->next = l->handshakes;
        l->handshakes = c;
    }
    if (c == NULL || !await_handshake(c, l->loop)) {
        tls_stream_abort(s);
    }
}

static void keep_reason(channel *c, const covey_tls_report *r)
{
    FILE *to = fmemopen(c->reason, sizeof c->reason - 1, "w");

    if (to != NULL) {
        tls_setup_explain(to, r);
        fclose(to);
    }
    c->reason[strcspn(c->reason, "\n")] = '\0';
}

static void on_told(void *user, tls_stream *s, const covey_tls_report *r)
{
    channel *c = tls_stream_data(s);
    covey_tls_info info;

    (void)user;
    if (c == NULL) {
        return;
    }
    tls_setup_answer(c->options.tls, tls_stream_engine(s), r);
    if (r->kind == COVEY_TLS_CONNECTED) {
        covey_tls_information(tls_stream_engine(s), &info);
        c->peer = info.peer;
        c->opened = true;
        settle(c);
        c->options.events.opened(c->options.events.user, c);
    } else if (r->kind == COVEY_TLS_FAILED) {
        keep_reason(c, r);
    } else if (r->kind == COVEY_TLS_PEER_CLOSED) {
        tls_stream_close(s);
    }
}

static void deliver(channel *c)
{
    const channel_events *e = &c->options.events;
    size_t used = e->received(e->user, c, covey_bytes_of(c->buffer, c->len));

    used = used < c->len ? used : c->len;
    memmove(c->buffer, c->buffer + used, c->len - used);
    covey_wipe(c->buffer + c->len - used, used);
    c->len -= used;
    if (c->len > c->options.receive_max && !c->held && !c->ending) {
        fail(c, "a message longer than may be received");
    }
}

static void on_tls_received(void *user, tls_stream *s, covey_bytes data)
{
    channel *c = tls_stream_data(s);

    (void)user;
    if (c != NULL && !c->ending) {
        memcpy(c->buffer + c->len, data.ptr, data.len);
        c->len += data.len;
        deliver(c);
    }
}

static void on_tls_drained(void *user, tls_stream *s)
{
    channel *c = tls_stream_data(s);

    (void)user;
    if (c != NULL && c->held) {
        c->held = false;
        deliver(c);
    }
}

static void on_tls_closed(void *user, tls_stream *s, const char *reason)
{
    channel *c = tls_stream_data(s);

    (void)user;
    if (c != NULL) {
        ended(c, reason);
    }
}

static tls_stream_options tls_options_of(const channel_options *o, void *user)
{
    return (tls_stream_options){ .events = { .user = user,
                                             .accepted = on_tls_accepted,
                                             .told = on_told,
                                             .received = on_tls_received,
                                             .drained = on_tls_drained,
                                             .closed = on_tls_closed },
                                 .config = tls_setup_config(o->tls),
                                 .connection_max = o->connection_max };
}

/* --- listeners ----------------------------------------------------------- */

channel_listener *channel_listen(loop *on, const covey_address *local,
                                 const channel_options *options,
                                 char error[TCP_ERROR_MAX])
{
    channel_listener *l = calloc(1, sizeof *l);

    if (l == NULL) {
        snprintf(error, TCP_ERROR_MAX, "out of memory");
        return NULL;
    }
    l->loop = on;
    l->options = *options;
    if (options->tls != NULL) {
        const tls_stream_options o = tls_options_of(options, l);
        l->tls = tls_stream_listen(on, local, &o, error);
    } else {
        const tcp_options o = tcp_options_of(options, l);
        l->tcp = tcp_listen(on, local, &o, error);
    }
    if (l->tls == NULL && l->tcp == NULL) {
        free(l);
        return NULL;
    }
    return l;
}

covey_address channel_local(const channel_listener *l)
{
    return l->tls != NULL ? tls_stream_local(l->tls) : tcp_local(l->tcp);
}

void channel_listener_end(channel_listener *l)
{
    if (l != NULL && !l->ended) {
        tls_stream_listener_end(l->tls);
        tcp_listener_end(l->tcp);
        l->ended = true;
        while (l->handshakes != NULL) {
            channel_abort(l->handshakes);
        }
        listener_release(l);
    }
}

/* --- channels ------------------------------------------------------------ */

channel *channel_connect(loop *on, const covey_address *peer,
                         const channel_options *options,
                         char error[TCP_ERROR_MAX])
{
    channel *c = channel_new(options);

    snprintf(error, TCP_ERROR_MAX, "out of memory");
    if (c == NULL) {
        return NULL;
    }
    if (options->tls == NULL) {
        const tcp_options o = tcp_options_of(options, NULL);
        c->tcp = tcp_connect(on, peer, &o, error);
        if (c->tcp != NULL) {
            tcp_set_data(c->tcp, c);
            return c;
        }
    } else if (await_handshake(c, on)) {
        const tls_stream_options o = tls_options_of(options, NULL);
        const char *name = options->server_name;
        c->tls = tls_stream_connect(on, peer, &o,
                                    name != NULL ? covey_bytes_text(name)
                                                 : covey_bytes_of(NULL, 0),
                                    NULL, error);
        if (c->tls != NULL) {
            tls_stream_set_data(c->tls, c);
            return c;
        }
    }
    settle(c);
    free(c);
    return NULL;
}

covey_address channel_remote(const channel *c)
{
    return c->tls != NULL ? tls_stream_peer(c->tls) : tcp_peer(c->tcp);
}

void channel_set_data(channel *c, void *data)
{
    c->data = data;
}

void *channel_data(const channel *c)
{
    return c->data;
}

bool channel_send(channel *c, covey_bytes bytes)
{
    if (c->ending) {
        return false;
    }
    return c->tls != NULL ? tls_stream_send(c->tls, bytes)
                          : tcp_send(c->tcp, bytes);
}

size_t channel_waiting(const channel *c)
{
    return c->tls != NULL ? tls_stream_waiting(c->tls) : tcp_waiting(c->tcp);
}

void channel_hold(channel *c)
{
    if (c->tls != NULL) {
        c->held = tls_stream_hold(c->tls);
    } else {
        tcp_hold(c->tcp);
    }
}

void channel_end(channel *c)
{
    c->ending = true;
    if (c->tls != NULL) {
        tls_stream_close(c->tls);
    } else {
        tcp_end(c->tcp);
    }
}

void channel_abort(channel *c)
{
    c->ending = true;
    settle(c);
    if (c->tls != NULL) {
        tls_stream_abort(c->tls);
    } else {
        tcp_abort(c->tcp);
    }
}

const covey_tls_peer *channel_peer(const channel *c)
{
    return c->tls != NULL && c->opened ? &c->peer : NULL;
}
