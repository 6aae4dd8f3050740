/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections of TCP, or of TLS over it (RFC 8323). A connection is named by
 * its row and a number that grows, so that nobody who comes later is taken for
 * it. Who does not read is not listened to, and who is silent for long is
 * asked whether it is there. */
#include "kind.h"

#include <channel.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    MESSAGE_MAX = 1 << 15,
    SEND_HIGH = 1 << 16, /* bytes that wait to leave: nothing more is read */
    SEND_MAX = 1 << 20,  /* the same, with notifications: the end */
    ROW_BITS = 10,
    ROWS = 1 << ROW_BITS,
    PATIENCE = 30000, /* ms for a CSM, a Pong, the last bytes */
    IDLE = 300000     /* ms of silence before a Ping */
};

struct connection {
    struct link_tcp *owner;
    channel *channel;
    loop_alarm *alarm;
    covey_stream stream;
    covey_ms heard;
    covey_ms gone; /* ends now, whatever waits; COVEY_NEVER: it goes on */
};

/* Outlives its link until the last connection has been closed. */
struct link_tcp {
    struct link *link; /* NULL: there is none any more */
    channel_listener *listener;
    uint32_t serial;
    uint32_t open;
    struct connection *rows[ROWS];
    uint8_t out[MESSAGE_MAX];
};

static struct connection *find(const struct link *k, const covey_path *path)
{
    const struct link_tcp *t = k->state;
    struct connection *c = t->rows[path->connection % ROWS];

    return c != NULL && c->stream.path.connection == path->connection ? c
                                                                      : NULL;
}

/* --- sending ------------------------------------------------------------- */

static covey_writer departure(struct link *k)
{
    struct link_tcp *t = k->state;

    return covey_writer_of(t->out, sizeof t->out);
}

/* A stream from which a message is missing is none any more. */
static void leave(struct connection *c, const covey_writer *written)
{
    if (!channel_send(c->channel, covey_written(written))) {
        channel_abort(c->channel);
    }
}

static void commit(struct link *k, const covey_path *path,
                   const covey_writer *written)
{
    struct connection *c = find(k, path);

    if (c == NULL || c->gone != COVEY_NEVER) {
        return;
    }
    if (written->pos > covey_signal_peer_size(&c->stream.signal)) {
        channel_abort(c->channel); /* it would wait for ever */
        return;
    }
    leave(c, written);
}

static void send_signals(struct connection *c)
{
    uint8_t bytes[COVEY_SIGNAL_ROOM];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);

    while (covey_signal_transmit(&c->stream.signal, &w)) {
        leave(c, &w);
        w.pos = 0;
    }
}

static uint32_t bert(const struct link *k, const covey_path *path)
{
    const struct connection *c = find(k, path);
    uint32_t room;

    if (c == NULL || !covey_signal_peer_bert(&c->stream.signal)) {
        return 0;
    }
    room = covey_signal_peer_size(&c->stream.signal);
    return room < MESSAGE_MAX ? room : MESSAGE_MAX;
}

/* --- the life of a connection -------------------------------------------- */

static void set_alarm(struct connection *c)
{
    covey_ms due = covey_signal_deadline(&c->stream.signal);

    if (due == COVEY_NEVER) {
        due = c->heard + IDLE;
    }
    loop_alarm_set(c->alarm, covey_earlier(due, c->gone));
}

/* What has been sent may still leave. */
static void finish(struct connection *c, covey_ms now)
{
    c->gone = now + PATIENCE;
    channel_end(c->channel);
    set_alarm(c);
}

static const char *why(covey_signal_end end)
{
    static const char *const words[] = {
        [COVEY_SIGNAL_OPEN] = "released",
        [COVEY_SIGNAL_END_PEER] = "aborted by the peer",
        [COVEY_SIGNAL_END_FORMAT] = "no message (Section 3.2)",
        [COVEY_SIGNAL_END_TOO_LARGE] = "above Max-Message-Size",
        [COVEY_SIGNAL_END_NO_CSM] = "no CSM (Section 5.3)",
        [COVEY_SIGNAL_END_OPTION] = "a critical option (Section 5.2)",
        [COVEY_SIGNAL_END_CODE] = "an unknown signal",
        [COVEY_SIGNAL_END_TOKEN] = "a Ping with a long token",
        [COVEY_SIGNAL_END_SILENT] = "no Pong in time",
    };

    return words[end];
}

static void write_end(const struct link *k, const covey_address *peer,
                      const char *name, const char *section,
                      const char *reason)
{
    char text[ADDRESS_TEXT_MAX];
    const log_value values[] = {
        log_string("peer", address_text(peer, text)),
        log_string("why", reason),
    };
    const log_event event = { .level = LOG_LEVEL_INFO,
                              .name = name,
                              .section = section,
                              .values = values,
                              .count = 2 };

    log_write(k->owner->log, &event);
}

static void tell(const struct connection *c)
{
    write_end(c->owner->link, &c->stream.path.peer, "tcp.end", "RFC 8323 5",
              why(covey_signal_ended(&c->stream.signal)));
}

static void on_due(void *user)
{
    struct connection *c = user;
    const covey_ms now = loop_now().mono;

    if (c->gone <= now) {
        channel_abort(c->channel);
        return;
    }
    covey_signal_expire(&c->stream.signal, now);
    if (covey_signal_ended(&c->stream.signal) != COVEY_SIGNAL_OPEN &&
        c->gone == COVEY_NEVER) {
        tell(c);
        send_signals(c);
        finish(c, now);
        return;
    }
    if (c->heard + IDLE <= now) {
        covey_signal_ping(&c->stream.signal, now, c->owner->serial++);
        send_signals(c);
    }
    set_alarm(c);
}

/* --- receiving ----------------------------------------------------------- */

/* Takes one message; false: there is none, or none is taken any more. */
static bool take(struct connection *c, covey_time now, covey_bytes bytes,
                 size_t *used)
{
    struct link *k = c->owner->link;
    covey_endpoint_in in;
    const covey_signal_verdict v = covey_stream_receive(
        &c->stream, &k->endpoint, now.mono, bytes, used, &in);

    k->counts->received += v == COVEY_SIGNAL_MESSAGE;
    if (in.kind == COVEY_ENDPOINT_NOTHING &&
        in.opened.fault != COVEY_OSCORE_NO_FAULT) {
        refused_message(&k->counts->refused, k->owner->log,
                        &c->stream.path.peer, &in.opened);
    }
    if (in.kind != COVEY_ENDPOINT_NOTHING) {
        k->owner->received(k, now, &c->stream.path, &in);
    }
    link_transmit(k, now.mono);
    send_signals(c);
    switch (v) {
    case COVEY_SIGNAL_MORE:
        return false;
    case COVEY_SIGNAL_WAIT:
    case COVEY_SIGNAL_MESSAGE:
    case COVEY_SIGNAL_NOTHING:
    case COVEY_SIGNAL_READY:
    case COVEY_SIGNAL_PONGED:
        return true;
    case COVEY_SIGNAL_RELEASED:
    case COVEY_SIGNAL_CLOSED:
        break;
    }
    tell(c);
    finish(c, now.mono);
    return false;
}

static size_t on_received(void *user, channel *ch, covey_bytes bytes)
{
    struct link_tcp *t = user;
    struct connection *c = channel_data(ch);
    const covey_time now = loop_now();
    size_t at = 0;
    size_t used = 0;

    if (t->link == NULL || c == NULL || c->gone != COVEY_NEVER) {
        return bytes.len;
    }
    c->heard = now.mono;
    do {
        at += used;
        used = 0;
        if (channel_waiting(ch) > SEND_HIGH) {
            channel_hold(ch);
            break;
        }
    } while (
        take(c, now, covey_bytes_of(bytes.ptr + at, bytes.len - at), &used));
    set_alarm(c);
    link_turn(t->link, now.mono);
    return c->gone != COVEY_NEVER ? bytes.len : at;
}

/* --- opening and closing ------------------------------------------------- */

/* A free row is there: there are as many as connections are accepted. */
static uint32_t new_name(struct link_tcp *t)
{
    uint32_t name;

    do {
        name = ++t->serial;
    } while (name == 0 || t->rows[name % ROWS] != NULL);
    return name;
}

static void on_opened(void *user, channel *ch)
{
    static const covey_signal_config config = {
        .max_message_size = MESSAGE_MAX,
        .block_wise = true,
        .patience = PATIENCE,
    };
    struct link_tcp *t = user;
    struct connection *c = calloc(1, sizeof *c);
    const covey_ms now = loop_now().mono;
    covey_path path = { .peer = channel_remote(ch),
                        .transport =
                            (uint8_t)(channel_peer(ch) != NULL ? COVEY_TLS
                                                               : COVEY_TCP) };

    if (c != NULL && t->link != NULL) {
        c->alarm = loop_alarm_new(t->link->owner->loop, on_due, c);
    }
    if (c == NULL || c->alarm == NULL) {
        free(c);
        channel_abort(ch);
        return;
    }
    path.connection = new_name(t);
    covey_stream_init(&c->stream, &path, &config, now);
    c->owner = t;
    c->channel = ch;
    c->heard = now;
    c->gone = COVEY_NEVER;
    t->rows[path.connection % ROWS] = c;
    t->open++;
    channel_set_data(ch, c);
    send_signals(c);
    set_alarm(c);
}

static void release(struct link_tcp *t)
{
    if (t->link == NULL && t->open == 0) {
        free(t);
    }
}

static void on_closed(void *user, channel *ch, const char *reason)
{
    struct link_tcp *t = user;
    struct connection *c = channel_data(ch);

    if (c == NULL) {
        const covey_address peer = channel_remote(ch);
        if (t->link != NULL && reason != NULL) {
            write_end(t->link, &peer, "tls.refused", "RFC 8446 6", reason);
        }
        return; /* a handshake that failed, or one too many */
    }
    if (t->link != NULL && reason != NULL && channel_peer(ch) != NULL &&
        c->gone == COVEY_NEVER) {
        write_end(t->link, &c->stream.path.peer, "tls.end", "RFC 8446 6",
                  reason);
    }
    t->rows[c->stream.path.connection % ROWS] = NULL;
    t->open--;
    if (t->link != NULL) {
        loop_alarm_end(c->alarm);
        t->link->owner->lost(t->link, &c->stream.path);
        covey_endpoint_lost(&t->link->endpoint, &c->stream.path);
    }
    free(c);
    release(t);
}

static bool open(struct link *k, const struct link_listen *listen)
{
    struct link_tcp *t = calloc(1, sizeof *t);
    const channel_options options = {
        .events = { .user = t,
                    .opened = on_opened,
                    .received = on_received,
                    .closed = on_closed },
        .tls = listen->tls,
        .receive_max = MESSAGE_MAX,
        .send_max = SEND_MAX,
        .connection_max = ROWS,
        .reuse_port = listen->reuse_port,
    };
    char error[TCP_ERROR_MAX];

    k->state = t;
    if (t == NULL) {
        link_tell(k, "link.open", "out of memory");
        return false;
    }
    t->link = k;
    t->listener =
        channel_listen(k->owner->loop, &listen->address, &options, error);
    if (t->listener == NULL) {
        link_tell(k, "tcp.listen", error);
        return false;
    }
    k->local = channel_local(t->listener);
    return true;
}

/* The server ends; what cannot be said at once is not said. */
static void say_goodbye(struct connection *c)
{
    const covey_bytes nowhere = { NULL, 0 };

    loop_alarm_end(c->alarm);
    if (covey_signal_release(&c->stream.signal, 0, nowhere) == COVEY_OK) {
        send_signals(c);
    }
    channel_abort(c->channel);
}

/* Connections are told when the loop ends. */
static void close_link(struct link *k)
{
    struct link_tcp *t = k->state;

    if (t == NULL) {
        return;
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (t->rows[i] != NULL) {
            say_goodbye(t->rows[i]);
        }
    }
    channel_listener_end(t->listener);
    t->link = NULL;
    release(t);
}

static const covey_tls_peer *tls_peer(const struct link *k,
                                      const covey_path *path)
{
    const struct connection *c = find(k, path);

    return c != NULL ? channel_peer(c->channel) : NULL;
}

const struct link_kind link_tcp = { .scheme = "coap+tcp://",
                                    .message_max = MESSAGE_MAX,
                                    .streams = true,
                                    .open = open,
                                    .close = close_link,
                                    .departure = departure,
                                    .commit = commit,
                                    .bert = bert };

const struct link_kind link_tls = { .scheme = "coaps+tcp://",
                                    .message_max = MESSAGE_MAX,
                                    .streams = true,
                                    .open = open,
                                    .close = close_link,
                                    .departure = departure,
                                    .commit = commit,
                                    .bert = bert,
                                    .tls_peer = tls_peer };
