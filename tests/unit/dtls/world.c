/* SPDX-License-Identifier: BSD-2-Clause */
#include "world.h"

#include <stdio.h>

static const dtls_key keys[] = {
    { .identity = "you", .key = "another key, a longer one", .len = 25 },
    { .identity = "me", .key = "a key of both", .len = 13 },
};

/* --- the network --------------------------------------------------------- */

static void queue(struct world *w, bool to_server, const covey_path *path,
                  covey_bytes bytes)
{
    struct world_datagram *d = &w->queue[(w->first + w->count) % WORLD_QUEUE];

    assert_true(w->count < WORLD_QUEUE);
    assert_true(bytes.len <= sizeof d->bytes);
    d->to_server = to_server;
    d->path = *path;
    d->len = bytes.len;
    if (bytes.len > 0) {
        memcpy(d->bytes, bytes.ptr, bytes.len);
    }
    w->count++;
}

void world_inject(struct world *w, const covey_path *path, const void *bytes,
                  size_t len)
{
    queue(w, true, path, covey_bytes_of(bytes, len));
}

static struct world_client *client_at(struct world *w, const covey_path *path)
{
    /* The last that was there. */
    for (unsigned i = WORLD_CLIENTS; i-- > 0;) {
        if (w->clients[i].session != NULL &&
            covey_address_equal(&w->clients[i].path.peer, &path->peer)) {
            return &w->clients[i];
        }
    }
    return NULL;
}

void world_step(struct world *w)
{
    if (w->count == 0) {
        return;
    }
    struct world_datagram d = w->queue[w->first];
    struct world_client *c = client_at(w, &d.path);
    w->first = (w->first + 1) % WORLD_QUEUE;
    w->count--;
    w->carried++;
    if (w->change != NULL && !w->change(w, &d)) {
        return;
    }
    if (d.to_server) {
        dtls_server_receive(w->server, w->now, &d.path,
                            covey_bytes_of(d.bytes, d.len));
    } else if (c != NULL) {
        dtls_receive(c->session, covey_bytes_of(d.bytes, d.len));
    }
}

void world_run(struct world *w)
{
    while (w->count > 0) {
        world_step(w);
    }
}

/* --- the server ---------------------------------------------------------- */

static void on_depart(void *user, const covey_path *path, covey_bytes datagram)
{
    assert_true(datagram.len <= DTLS_MTU);
    assert_int_equal(path->connection, 0);
    queue(user, false, path, datagram);
}

static void on_received(void *user, const covey_path *path, covey_bytes plain)
{
    struct world *w = user;

    w->path = *path;
    w->messages++;
    w->heard_len = plain.len;
    memcpy(w->heard, plain.ptr, plain.len);
    if (w->bounce) {
        assert_true(dtls_server_send(w->server, path, plain));
    }
}

static void on_opened(void *user, const covey_path *path,
                      const dtls_peer *peer)
{
    struct world *w = user;
    size_t at = 0;

    w->path = *path;
    w->opened++;
    w->names[0] = '\0';
    for (size_t i = 0; i < peer->count; i++) {
        at += (size_t)snprintf(w->names + at, sizeof w->names - at, "%s|",
                               peer->names[i]);
        assert_true(at < sizeof w->names);
    }
}

static void on_lost(void *user, const covey_path *path, const char *reason)
{
    struct world *w = user;

    w->path = *path;
    w->lost++;
    snprintf(w->reason, sizeof w->reason, "%s", reason);
    snprintf(w->lost_reason, sizeof w->lost_reason, "%s", reason);
    assert_null(dtls_server_peer(w->server, path));
}

static void on_failed(void *user, const covey_path *path, const char *reason)
{
    struct world *w = user;

    w->path = *path;
    w->failed++;
    snprintf(w->reason, sizeof w->reason, "%s", reason);
}

void world_open(struct world *w, dtls_server_options o)
{
    char error[DTLS_ERROR_MAX];

    memset(w, 0, sizeof *w);
    w->now = 1000;
    o.events = (dtls_server_events){ .user = w,
                                     .depart = on_depart,
                                     .received = on_received,
                                     .opened = on_opened,
                                     .lost = on_lost,
                                     .failed = on_failed };
    o.keys = keys;
    o.key_count = COUNT_OF(keys);
    w->server = dtls_server_new(&o, error);
    if (w->server == NULL) {
        fail_msg("%s", error);
    }
}

void world_close(struct world *w)
{
    dtls_server_end(w->server);
    for (unsigned i = 0; i < WORLD_CLIENTS; i++) {
        dtls_end(w->clients[i].session);
    }
}

/* --- clients ------------------------------------------------------------- */

static void on_client_depart(void *user, covey_bytes datagram)
{
    struct world_client *c = user;

    queue(c->world, true, &c->path, datagram);
}

static void on_client_opened(void *user)
{
    struct world_client *c = user;

    c->opened++;
}

static void on_client_received(void *user, covey_bytes plain)
{
    struct world_client *c = user;

    c->count++;
    c->heard_len = plain.len;
    memcpy(c->heard, plain.ptr, plain.len);
}

static void on_client_closed(void *user, const char *reason)
{
    struct world_client *c = user;

    c->closed++;
    snprintf(c->reason, sizeof c->reason, "%s", reason);
}

dtls_options world_key(const char *identity, const char *key)
{
    const dtls_options o = { .identity = identity,
                             .key = covey_bytes_of((const uint8_t *)key,
                                                   strlen(key)) };

    return o;
}

dtls_options world_certificate(const char *certificate, const char *key)
{
    const dtls_options o = { .name = "localhost",
                             .ca = FOLDER "ca.pem",
                             .certificate = certificate,
                             .private_key = key };

    return o;
}

covey_path world_path(unsigned host, unsigned port)
{
    const covey_path path = {
        .peer = { .ip = { 192, 0, 2, (uint8_t)host },
                  .port = (uint16_t)(1000 + port),
                  .family = COVEY_FAMILY_IPV4 },
        .local = { .ip = { 192, 0, 2, 1 },
                   .port = 5684,
                   .family = COVEY_FAMILY_IPV4 },
    };

    return path;
}

void world_connect(struct world *w, unsigned i, unsigned host, unsigned port,
                   dtls_options o)
{
    struct world_client *c = &w->clients[i];
    char error[DTLS_ERROR_MAX];

    dtls_end(c->session);
    memset(c, 0, sizeof *c);
    c->world = w;
    c->path = world_path(host, port);
    o.events = (dtls_events){ .user = c,
                              .depart = on_client_depart,
                              .opened = on_client_opened,
                              .received = on_client_received,
                              .closed = on_client_closed };
    c->session = dtls_new(&o, error);
    if (c->session == NULL) {
        fail_msg("%s", error);
    }
    dtls_start(c->session);
}

bool world_say(struct world *w, unsigned i, const char *text)
{
    const covey_bytes said =
        covey_bytes_of((const uint8_t *)text, strlen(text));

    w->heard_len = 0;
    assert_true(dtls_send(w->clients[i].session, said));
    world_run(w);
    return covey_bytes_equal(said, covey_bytes_of(w->heard, w->heard_len));
}
