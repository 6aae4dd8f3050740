/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams into a server of DTLS. The input is a list of what happens on the
 * network between it and a client that knows a key, so that what is damaged is
 * damaged in the midst of a handshake or of a session: libssl's random numbers
 * are new each time, and a recording would get no further than its cookie.
 *
 * Whatever happens, nothing is delivered that no client has sent, an open
 * session is ended by its client, by time or by a new one of the same address
 * but never by a datagram that somebody made up, and the next client is
 * served. */
#include "check.h"
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum action {
    CARRY, /* one datagram, as it is */
    LOSE,
    DOUBLE,
    FLIP, /* place, mask */
    CUT,  /* length */
    MAKE, /* length, bytes: from the client's address */
    MAKE_ELSEWHERE,
    AGAIN, /* which of those that were carried */
    SAY,   /* the client says something */
    BEGIN, /* a client begins at the same address */
    WAIT,  /* seconds */
    END,   /* the client ends it */
    ACTIONS
};

enum {
    STEPS = 200,
    KEPT = 16
};

static struct world w;
static struct world_datagram kept[KEPT];
static size_t kept_count;
static unsigned char next_action[4]; /* an action and what it needs */

static dtls_options mine(void)
{
    return world_key("me", "a key of both");
}

/* One datagram is in the queue's front. */
static bool change(struct world *world, struct world_datagram *d)
{
    (void)world;
    kept[kept_count++ % KEPT] = *d;
    switch (next_action[0]) {
    case LOSE:
        return false;
    case FLIP:
        if (d->len > 0) {
            d->bytes[((size_t)next_action[1] << 8 | next_action[2]) %
                     d->len] ^= next_action[3];
        }
        return true;
    case CUT:
        d->len = d->len * next_action[1] / 256;
        return true;
    default:
        return true;
    }
}

static void carry_one(void)
{
    if (w.count > 0) {
        w.change = change;
        world_step(&w);
        w.change = NULL;
    }
}

static void take(covey_reader *r, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        next_action[1 + i] = covey_read_u8(r);
    }
}

static void make(covey_reader *r, unsigned host)
{
    const size_t len = covey_read_u8(r);
    const size_t left = covey_read_left(r);
    const covey_bytes bytes = covey_read_bytes(r, len < left ? len : left);
    const covey_path path = world_path(host, 0);

    dtls_server_receive(w.server, w.now, &path, bytes);
}

static void again(covey_reader *r)
{
    const size_t i = covey_read_u8(r) % KEPT;

    if (i < kept_count && kept[i].to_server) {
        dtls_server_receive(w.server, w.now, &kept[i].path,
                            covey_bytes_of(kept[i].bytes, kept[i].len));
    }
}

static void step(covey_reader *r)
{
    struct world_client *c = &w.clients[0];

    next_action[0] = covey_read_u8(r) % ACTIONS;
    switch ((enum action)next_action[0]) {
    case CARRY:
    case LOSE:
        carry_one();
        break;
    case DOUBLE:
        if (w.count > 0 && w.queue[w.first].to_server) {
            const struct world_datagram *d = &w.queue[w.first];
            dtls_server_receive(w.server, w.now, &d->path,
                                covey_bytes_of(d->bytes, d->len));
        }
        carry_one();
        break;
    case FLIP:
        take(r, 3);
        carry_one();
        break;
    case CUT:
        take(r, 1);
        carry_one();
        break;
    case MAKE:
        make(r, 9);
        break;
    case MAKE_ELSEWHERE:
        make(r, 10);
        break;
    case AGAIN:
        again(r);
        break;
    case SAY:
        if (c->session != NULL) {
            (void)dtls_send(c->session, SPAN("said by a client"));
        }
        break;
    case BEGIN:
        world_connect(&w, 0, 9, 0, mine());
        break;
    case WAIT:
        w.now += (covey_ms)covey_read_u8(r) * 1000;
        dtls_server_expire(w.server, w.now);
        break;
    case END:
        dtls_end(c->session);
        c->session = NULL;
        break;
    case ACTIONS:
        break;
    }
}

static void check(void)
{
    static const char *const reasons[] = {
        "the client has ended it",
        "the client has begun anew",
        "silent for too long",
    };
    /* A client whose own handshake was damaged says so, protected. */
    bool known = w.lost == 0 || strstr(w.lost_reason, " alert ") != NULL;

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        known = known || strcmp(w.lost_reason, reasons[i]) == 0;
    }
    CHECK(known);
    CHECK(w.messages == 0 ||
          covey_bytes_equal(covey_bytes_of(w.heard, w.heard_len),
                            SPAN("said by a client")));
    CHECK(w.opened >= w.lost);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_reader r = covey_reader_of(covey_bytes_of(data, size));

    kept_count = 0;
    world_open(&w, (dtls_server_options){ .idle = 100000 });
    for (unsigned i = 0; i < STEPS && covey_read_left(&r) > 0; i++) {
        step(&r);
        check();
    }
    world_run(&w);
    check();
    const unsigned before = w.opened;
    world_connect(&w, 1, 11, 0, mine());
    world_run(&w);
    CHECK(w.opened == before + 1);
    CHECK(world_say(&w, 1, "said by a client"));
    check();
    world_close(&w);
    return 0;
}
