/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams into a client of DTLS, in the midst of a handshake or a session
 * with a server of ours: libssl's random numbers are new each time, and a
 * recording would not get beyond its first answer. The input is a list of what
 * happens on the network, as that of fuzz_dtls_server.
 *
 * Whatever happens, nothing is delivered that the server has not sent, nothing
 * is opened but by the server, and what is open is ended by the server alone:
 * by none of the datagrams that somebody made up, cut or changed. What is
 * closed is closed once and stays silent, and a new client is served. */
#include "check.h"
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum action {
    CARRY, /* one datagram, as it is */
    LOSE,
    DOUBLE,
    FLIP,  /* place, mask */
    CUT,   /* length */
    MAKE,  /* length, bytes: from the server's address */
    AGAIN, /* which of those that were carried */
    SAY,   /* the client says something, and the server the same */
    BEGIN, /* a client begins */
    END,   /* the server has waited for too long */
    ACTIONS
};

enum {
    STEPS = 200,
    KEPT = 16,
    IDLE = 100000 /* ms */
};

static struct world w;
static struct world_datagram kept[KEPT];
static size_t kept_count;
static unsigned char next_action[4]; /* an action and what it needs */

static void begin(unsigned client)
{
    world_connect(&w, client, 9 + client, 0, world_key("me", "a key of both"));
}

static bool change(struct world *world, struct world_datagram *d)
{
    (void)world;
    kept[kept_count++ % KEPT] = *d;
    if (next_action[0] == FLIP && d->len > 0) {
        d->bytes[((size_t)next_action[1] << 8 | next_action[2]) % d->len] ^=
            next_action[3];
    } else if (next_action[0] == CUT) {
        d->len = d->len * next_action[1] / 256;
    }
    return next_action[0] != LOSE;
}

/* What goes to the server is carried as it is, until something comes. */
static void carry(void)
{
    while (w.count > 0 && w.queue[w.first].to_server) {
        world_step(&w);
    }
    if (w.count > 0) {
        w.change = change;
        world_step(&w);
        w.change = NULL;
    }
}

static void receive(covey_bytes datagram)
{
    dtls_receive(w.clients[0].session, datagram);
}

static void take(covey_reader *r, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        next_action[1 + i] = covey_read_u8(r);
    }
}

static void make(covey_reader *r)
{
    const size_t len = covey_read_u8(r);
    const size_t left = covey_read_left(r);

    receive(covey_read_bytes(r, len < left ? len : left));
}

static void again(covey_reader *r)
{
    const size_t i = covey_read_u8(r) % KEPT;

    if (i < kept_count) {
        receive(covey_bytes_of(kept[i].bytes, kept[i].len));
    }
}

static void step(covey_reader *r)
{
    next_action[0] = covey_read_u8(r) % ACTIONS;
    switch ((enum action)next_action[0]) {
    case DOUBLE:
        carry();
        if (kept_count > 0) {
            const struct world_datagram *d = &kept[(kept_count - 1) % KEPT];
            receive(covey_bytes_of(d->bytes, d->len));
        }
        break;
    case CARRY:
    case LOSE:
        carry();
        break;
    case FLIP:
        take(r, 3);
        carry();
        break;
    case CUT:
        take(r, 1);
        carry();
        break;
    case MAKE:
        make(r);
        break;
    case AGAIN:
        again(r);
        break;
    case SAY:
        (void)dtls_send(w.clients[0].session, SPAN("said by both"));
        break;
    case BEGIN:
        begin(0);
        break;
    case END:
        w.now += 2 * (covey_ms)IDLE;
        dtls_server_expire(w.server, w.now);
        break;
    case ACTIONS:
        break;
    }
}

static void check(const struct world_client *before)
{
    const struct world_client *c = &w.clients[0];

    CHECK(c->opened <= 1 && c->closed <= 1);
    CHECK(c->opened == 0 || w.opened > 0);
    CHECK(c->opened == 0 || c->closed == 0 || w.lost > 0);
    CHECK(c->count == 0 ||
          (c->opened == 1 &&
           covey_bytes_equal(covey_bytes_of(c->heard, c->heard_len),
                             SPAN("said by both"))));
    if (before->session == c->session && before->closed == 1) {
        CHECK(c->count == before->count && c->opened == before->opened);
        CHECK(!dtls_send(c->session, SPAN("too late")));
        CHECK(dtls_room(c->session) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_reader r = covey_reader_of(covey_bytes_of(data, size));
    static struct world_client before;

    kept_count = 0;
    world_open(&w, (dtls_server_options){ .idle = IDLE });
    w.bounce = true;
    begin(0);
    for (unsigned i = 0; i < STEPS && covey_read_left(&r) > 0; i++) {
        before = w.clients[0];
        step(&r);
        check(&before);
    }
    before = w.clients[0];
    world_run(&w);
    check(&before);
    begin(1);
    world_run(&w);
    CHECK(w.clients[1].opened == 1 && w.clients[1].closed == 0);
    CHECK(world_say(&w, 1, "said by both"));
    CHECK(w.clients[1].count == 1);
    world_close(&w);
    return 0;
}
