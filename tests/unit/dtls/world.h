/* SPDX-License-Identifier: BSD-2-Clause */
/* A server of DTLS, clients, and a network between them that a test can change
 * datagram by datagram. */
#ifndef COVEY_TEST_DTLS_WORLD_H
#define COVEY_TEST_DTLS_WORLD_H

#include "kit.h"

#include <dtls_server.h>

#define FOLDER "tests/vectors/dtls/"

enum {
    WORLD_CLIENTS = 8,
    WORLD_QUEUE = 256,
    WORLD_DATAGRAM = 4096
};

struct world;

struct world_client {
    struct world *world;
    dtls *session;
    covey_path path; /* as the server sees it */
    unsigned opened;
    unsigned closed;
    char reason[128];
    uint8_t heard[WORLD_DATAGRAM]; /* the last message */
    size_t heard_len;
    unsigned count;
};

struct world_datagram {
    bool to_server;
    covey_path path; /* as the server sees it */
    size_t len;
    uint8_t bytes[WORLD_DATAGRAM];
};

struct world {
    dtls_server *server;
    covey_ms now;
    struct world_client clients[WORLD_CLIENTS];
    struct world_datagram queue[WORLD_QUEUE];
    size_t first;
    size_t count;
    /* Called for each datagram on its way; false: it is lost. NULL: none is.
     * What it changes arrives changed. */
    bool (*change)(struct world *w, struct world_datagram *d);
    size_t carried;
    bool bounce; /* the server sends back what comes */
    /* What the server told last. */
    unsigned opened;
    unsigned lost;
    unsigned failed;
    char reason[128];
    char lost_reason[128];
    covey_path path;
    char names[512]; /* of who opened, one behind the other */
    uint8_t heard[WORLD_DATAGRAM];
    size_t heard_len;
    unsigned messages;
};

/* With keys "me" and "you"; what else is in `o` stays. */
void world_open(struct world *w, dtls_server_options o);
void world_close(struct world *w);
/* Options of a client with a pre-shared key. */
dtls_options world_key(const char *identity, const char *key);
dtls_options world_certificate(const char *certificate, const char *key);
/* Client `i` at 192.0.2.(host):1000 + port begins. */
void world_connect(struct world *w, unsigned i, unsigned host, unsigned port,
                   dtls_options o);
/* One datagram, if there is one; and all, as long as there is one. */
void world_step(struct world *w);
void world_run(struct world *w);
/* A datagram of nobody. */
void world_inject(struct world *w, const covey_path *path, const void *bytes,
                  size_t len);
covey_path world_path(unsigned host, unsigned port);
/* Client `i` says this; true if the server has heard it. */
bool world_say(struct world *w, unsigned i, const char *text);

#endif
