/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection of TCP, or of TLS (RFC 8323), to one peer. Requests may be sent
 * once both have said what they take. */
#include "internal.h"

#include <channel.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SEND_MAX = 1 << 20,
    PATIENCE = 30000, /* ms for a CSM or a Pong */
    RELEASE = 2000,   /* ms to end it after the peer has asked for that */
    AROUND = 4096 /* bytes for header and options of a message with blocks */
};

/* Outlives its client until the loop has closed it. */
struct client_tcp {
    client *client; /* NULL: there is none any more */
    channel *channel;
    loop_alarm *alarm;
    covey_stream stream;
    covey_ms released; /* when it ends because of that; or COVEY_NEVER */
    uint32_t pings;
    uint8_t out[CLIENT_MESSAGE_MAX];
};

/* --- sending ------------------------------------------------------------- */

static covey_writer departure(client *c)
{
    struct client_tcp *t = c->state;

    return covey_writer_of(t->out, sizeof t->out);
}

/* A peer that does not read is no peer. */
static void leave(struct client_tcp *t, const covey_writer *written)
{
    if (t->channel != NULL &&
        !channel_send(t->channel, covey_written(written))) {
        channel_abort(t->channel);
    }
}

static void commit(client *c, const covey_path *path,
                   const covey_writer *written)
{
    (void)path;
    leave(c->state, written);
}

static void set_alarm(struct client_tcp *t)
{
    loop_alarm_set(
        t->alarm,
        covey_earlier(covey_signal_deadline(&t->stream.signal), t->released));
}

static void send_signals(struct client_tcp *t)
{
    uint8_t bytes[COVEY_SIGNAL_ROOM];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);

    while (covey_signal_transmit(&t->stream.signal, &w)) {
        client__show(t->client, true, &t->stream.path, covey_written(&w));
        leave(t, &w);
        w.pos = 0;
    }
    set_alarm(t);
}

static void settle(client *c)
{
    (void)c; /* nothing is queued here */
}

static covey_status ping(client *c)
{
    struct client_tcp *t = c->state;

    covey_signal_ping(&t->stream.signal, loop_now().mono, t->pings++);
    send_signals(t);
    return COVEY_OK;
}

static uint32_t bert(const client *c)
{
    const struct client_tcp *t = c->state;
    uint32_t size = covey_signal_peer_size(&t->stream.signal);

    if (size > CLIENT_MESSAGE_MAX) {
        size = CLIENT_MESSAGE_MAX;
    }
    if (!covey_signal_peer_bert(&t->stream.signal) || size < 2 * AROUND) {
        return 0;
    }
    return size - AROUND;
}

/* --- receiving ----------------------------------------------------------- */

static const char *why(covey_signal_end end)
{
    static const char *const words[] = {
        [COVEY_SIGNAL_OPEN] = NULL,
        [COVEY_SIGNAL_END_PEER] = "the peer aborts it",
        [COVEY_SIGNAL_END_FORMAT] = "what comes is no CoAP message (RFC 8323 "
                                    "Section 3.2)",
        [COVEY_SIGNAL_END_TOO_LARGE] = "a message is longer than we take",
        [COVEY_SIGNAL_END_NO_CSM] = "the peer does not say what it takes (RFC "
                                    "8323 Section 5.3)",
        [COVEY_SIGNAL_END_OPTION] = "a signal has a critical option that is "
                                    "not known",
        [COVEY_SIGNAL_END_CODE] = "a signal is not known",
        [COVEY_SIGNAL_END_TOKEN] = "a Ping has a token that is too long",
        [COVEY_SIGNAL_END_SILENT] = "there is no Pong",
    };

    return words[end];
}

static void tell_pong(client *c)
{
    const covey_endpoint_report report = { .what =
                                               COVEY_ENDPOINT_REPLY_RESET };

    if (c->options.on.ended != NULL) {
        c->options.on.ended(c->options.on.user, &report);
    }
}

/* False: nothing more is taken. */
static bool act(struct client_tcp *t, covey_signal_verdict verdict)
{
    client *c = t->client;

    switch (verdict) {
    case COVEY_SIGNAL_MORE:
        return false;
    case COVEY_SIGNAL_WAIT:
    case COVEY_SIGNAL_MESSAGE:
    case COVEY_SIGNAL_NOTHING:
        break;
    case COVEY_SIGNAL_READY:
        if (c->options.on.ready != NULL) {
            c->options.on.ready(c->options.on.user);
        }
        break;
    case COVEY_SIGNAL_PONGED:
        tell_pong(c);
        break;
    case COVEY_SIGNAL_RELEASED:
        t->released = loop_now().mono + RELEASE;
        break;
    case COVEY_SIGNAL_CLOSED:
        channel_end(t->channel);
        return false;
    }
    return true;
}

static size_t on_received(void *user, channel *ch, covey_bytes bytes)
{
    struct client_tcp *t = user;
    size_t at = 0;
    size_t used = 0;
    bool more = true;

    (void)ch;
    while (more && t->client != NULL) {
        client *c = t->client;
        const covey_bytes rest = { bytes.ptr + at, bytes.len - at };
        covey_endpoint_in in;
        const covey_signal_verdict verdict = covey_stream_receive(
            &t->stream, &c->endpoint, loop_now().mono, rest, &used, &in);
        if (used > 0) {
            client__show(c, false, &t->stream.path,
                         covey_bytes_of(rest.ptr, used));
        }
        client__deliver(c, &t->stream.path, &in);
        covey_signal_processed(&t->stream.signal);
        more = act(t, verdict);
        send_signals(t);
        at += used;
    }
    return covey_signal_ended(&t->stream.signal) != COVEY_SIGNAL_OPEN
               ? bytes.len
               : at;
}

static void on_due(void *user)
{
    struct client_tcp *t = user;
    const covey_ms now = loop_now().mono;

    if (t->released <= now) {
        channel_abort(t->channel);
        return;
    }
    covey_signal_expire(&t->stream.signal, now);
    send_signals(t);
    if (covey_signal_ended(&t->stream.signal) != COVEY_SIGNAL_OPEN) {
        channel_abort(t->channel);
    }
}

/* --- opening and closing ------------------------------------------------- */

static void on_opened(void *user, channel *ch)
{
    static const covey_signal_config config = {
        .max_message_size = CLIENT_MESSAGE_MAX,
        .block_wise = true,
        .patience = PATIENCE,
    };
    struct client_tcp *t = user;

    (void)ch;
    if (t->client != NULL) {
        covey_stream_init(&t->stream, &t->client->path, &config,
                          loop_now().mono);
        send_signals(t);
    }
}

static void on_closed(void *user, channel *ch, const char *reason)
{
    struct client_tcp *t = user;
    client *c = t->client;
    const char *ours = why(covey_signal_ended(&t->stream.signal));

    (void)ch;
    t->channel = NULL;
    if (c == NULL) {
        free(t);
        return;
    }
    loop_alarm_set(t->alarm, COVEY_NEVER);
    covey_endpoint_lost(&c->endpoint, &t->stream.path);
    if (ours != NULL) {
        reason = ours;
    } else if (t->released != COVEY_NEVER || reason == NULL) {
        reason = "the peer has ended it";
    }
    client__pump(c);
    if (c->options.on.closed != NULL) {
        c->options.on.closed(c->options.on.user, reason);
    }
}

static bool open(client *c, char error[CLIENT_ERROR_MAX])
{
    struct client_tcp *t = calloc(1, sizeof *t);
    const channel_options options = { .events = { .user = t,
                                                  .opened = on_opened,
                                                  .received = on_received,
                                                  .closed = on_closed },
                                      .tls = c->options.tls,
                                      .server_name = c->options.server_name,
                                      .receive_max = CLIENT_MESSAGE_MAX,
                                      .send_max = SEND_MAX };

    snprintf(error, CLIENT_ERROR_MAX, "out of memory");
    c->state = t;
    if (t == NULL) {
        return false;
    }
    t->client = c;
    t->released = COVEY_NEVER;
    t->alarm = loop_alarm_new(c->loop, on_due, t);
    if (t->alarm == NULL) {
        return false;
    }
    c->path.peer = c->options.peer;
    c->path.transport = (uint8_t)c->options.transport;
    c->path.connection = 1;
    t->stream.path = c->path;
    t->channel = channel_connect(c->loop, &c->options.peer, &options, error);
    return t->channel != NULL;
}

static void close_connection(client *c)
{
    struct client_tcp *t = c->state;

    if (t == NULL) {
        return;
    }
    t->client = NULL;
    if (t->alarm != NULL) {
        loop_alarm_end(t->alarm);
    }
    if (t->channel != NULL) {
        channel_abort(t->channel); /* the rest when it is closed */
    } else {
        free(t);
    }
}

const struct client_carrier client_tcp = { .streams = true,
                                           .open = open,
                                           .close = close_connection,
                                           .departure = departure,
                                           .commit = commit,
                                           .settle = settle,
                                           .ping = ping,
                                           .bert = bert };
