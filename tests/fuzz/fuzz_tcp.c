/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes over a TCP connection, from a peer who writes whatever he likes,
 * in whatever pieces, reads or does not, and ends it or breaks it off. The
 * receiver takes messages off the stream: two bytes of length, as many bytes,
 * as far as they are whole; it may send them back, and holds the peer who does
 * not read. First byte of the input: how long a message the receiver bears,
 * and whether it sends back. Then: what is done.
 *
 * What the receiver takes is what was written, in order, each byte once;
 * nothing is kept beyond the bound; `closed` comes once, and nothing after it.
 */
#include "check.h"

#include <loop.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <system_address.h>
#include <tcp.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum action {
    WRITE,  /* length, bytes */
    REPEAT, /* how often: a long message, so that buffers are full */
    READ,   /* what has been sent back */
    TURN,   /* the receiver does what is to be done */
    SHUT,   /* the peer has no more to say */
    BREAK,  /* the peer breaks it off */
    ACTIONS
};

enum {
    HEAD = 2,
    ROOM = 1 << 19,
    SEND_MAX = 4096,
    LONG = 1000,
    BOUNDS = 4,
    STEPS = 64,
    HASTE = 50, /* turns */
    PATIENCE = 20000
};

struct receiver {
    loop *loop;
    tcp_connection *c;
    unsigned opened;
    unsigned closed;
    size_t receive_max;
    size_t taken;
    bool bounces;
};

struct peer {
    int fd;
    bool shut;
    bool broken;
    uint8_t written[ROOM]; /* so far */
    size_t len;
    size_t read; /* of what was sent back */
};

static const size_t bounds[BOUNDS] = { 2, 40, 300, 2000 };
static tcp_listener *listeners[BOUNDS];
static loop_alarm *alarm_now;
static struct receiver at;
static struct peer peer;

/* --- the receiver -------------------------------------------------------- */

static void on_opened(void *user, tcp_connection *c)
{
    struct receiver *r = user;

    CHECK(r->closed == 0 && r->opened == 0);
    r->opened++;
    r->c = c;
}

static size_t on_received(void *user, tcp_connection *c, covey_bytes bytes)
{
    struct receiver *r = user;
    size_t used = 0;

    CHECK(r->opened == 1 && r->closed == 0 && c == r->c);
    CHECK(bytes.len <= r->receive_max && r->taken + bytes.len <= peer.len);
    CHECK(memcmp(bytes.ptr, peer.written + r->taken, bytes.len) == 0);
    while (bytes.len - used >= HEAD) {
        const uint8_t *p = bytes.ptr + used;
        const size_t len = HEAD + ((size_t)p[0] << 8 | p[1]);
        if (len > bytes.len - used) {
            break;
        }
        if (r->bounces && !tcp_send(c, covey_bytes_of(p, len))) {
            CHECK(len + tcp_waiting(c) > SEND_MAX);
            tcp_hold(c);
            break;
        }
        used += len;
    }
    r->taken += used;
    return used;
}

static void on_closed(void *user, tcp_connection *c, const char *reason)
{
    struct receiver *r = user;

    (void)c;
    (void)reason;
    CHECK(r->closed == 0);
    r->closed++;
    r->c = NULL;
}

static void on_due(void *user)
{
    loop_stop(user);
}

/* What is ready is done; more is waited for so many milliseconds. */
static void turn(covey_ms patience)
{
    loop_alarm_set(alarm_now, patience == 0 ? 0 : loop_now().mono + patience);
    loop_run(at.loop);
}

static void open_listeners(void)
{
    char error[TCP_ERROR_MAX];
    covey_address local;

    at.loop = loop_new();
    CHECK(at.loop != NULL && address_parse("127.0.0.1", 0, &local));
    alarm_now = loop_alarm_new(at.loop, on_due, at.loop);
    CHECK(alarm_now != NULL);
    for (unsigned i = 0; i < BOUNDS; i++) {
        const tcp_options o = { .events = { .user = &at,
                                            .opened = on_opened,
                                            .received = on_received,
                                            .closed = on_closed },
                                .receive_max = bounds[i],
                                .send_max = SEND_MAX };
        listeners[i] = tcp_listen(at.loop, &local, &o, error);
        CHECK(listeners[i] != NULL);
    }
}

/* --- the peer ------------------------------------------------------------ */

static void peer_connect(const tcp_listener *to)
{
    const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    const covey_address a = tcp_local(to);
    const int little = 1;
    const int segment = 536;
    system_address s;

    address_to_system(&a, &s);
    peer.fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(peer.fd >= 0);
    /* Full buffers are near, and no port rests after its end. */
    (void)setsockopt(peer.fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    (void)setsockopt(peer.fd, IPPROTO_TCP, TCP_MAXSEG, &segment,
                     sizeof segment);
    (void)setsockopt(peer.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    CHECK(connect(peer.fd, &s.any, sizeof s.v4) == 0);
    peer.shut = peer.broken = false;
    peer.len = peer.read = 0;
}

static void peer_write(covey_bytes bytes)
{
    ssize_t n;

    if (peer.shut || peer.broken || bytes.len > ROOM - peer.len ||
        bytes.len == 0) {
        return;
    }
    n = send(peer.fd, bytes.ptr, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) {
        memcpy(peer.written + peer.len, bytes.ptr, (size_t)n);
        peer.len += (size_t)n;
    }
}

static void peer_repeat(unsigned times)
{
    uint8_t message[HEAD + LONG];

    for (unsigned i = 0; i < times; i++) {
        memset(message, (int)i, sizeof message);
        message[0] = LONG >> 8;
        message[1] = LONG & 0xff;
        peer_write(covey_bytes_of(message, sizeof message));
    }
}

/* False: there is nothing now. */
static bool peer_read(void)
{
    static uint8_t bytes[ROOM];
    const ssize_t n =
        peer.broken ? -1 : recv(peer.fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n <= 0) {
        return false;
    }
    CHECK(at.bounces && peer.read + (size_t)n <= at.taken);
    CHECK(memcmp(bytes, peer.written + peer.read, (size_t)n) == 0);
    peer.read += (size_t)n;
    return true;
}

static void peer_shut(void)
{
    if (!peer.broken && !peer.shut) {
        peer.shut = true;
        (void)shutdown(peer.fd, SHUT_WR);
    }
}

static void peer_break(void)
{
    if (!peer.broken) {
        peer.broken = true;
        close(peer.fd);
    }
}

/* How much of what was written the receiver can take: whole messages before
 * the first that is too long. */
static size_t expected(void)
{
    size_t whole = 0;

    while (peer.len - whole >= HEAD) {
        const uint8_t *p = peer.written + whole;
        const size_t len = HEAD + ((size_t)p[0] << 8 | p[1]);
        if (len > peer.len - whole || len > at.receive_max) {
            break;
        }
        whole += len;
    }
    return whole;
}

/* --- inputs -------------------------------------------------------------- */

static void step(covey_reader *r)
{
    const unsigned action = covey_read_u8(r) % ACTIONS;
    size_t len;

    switch ((enum action)action) {
    case WRITE:
        len = covey_read_u8(r);
        len = len < covey_read_left(r) ? len : covey_read_left(r);
        peer_write(covey_read_bytes(r, len));
        break;
    case REPEAT:
        peer_repeat(covey_read_u8(r));
        break;
    case READ:
        (void)peer_read();
        break;
    case TURN:
        turn(0);
        break;
    case SHUT:
        peer_shut();
        break;
    case BREAK:
        peer_break();
        break;
    case ACTIONS:
        break;
    }
}

/* To the end, orderly unless it has been broken off. */
static void finish(void)
{
    peer_shut();
    for (unsigned i = 0; i < PATIENCE && at.closed == 0; i++) {
        turn(i < HASTE ? 0 : 1); /* then the system's timers decide */
        while (peer_read()) {
        }
    }
    CHECK(at.opened == 1 && at.closed == 1);
    CHECK(peer.broken ? at.taken <= expected() : at.taken == expected());
    peer_break();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_reader r = covey_reader_of(covey_bytes_of(data, size));
    const unsigned first = size > 0 ? covey_read_u8(&r) : 0;

    if (at.loop == NULL) {
        open_listeners();
    }
    at.c = NULL;
    at.opened = at.closed = 0;
    at.taken = 0;
    at.receive_max = bounds[first % BOUNDS];
    at.bounces = (first & 0x80) != 0;
    peer_connect(listeners[first % BOUNDS]);
    for (unsigned i = 0; i < STEPS && covey_read_left(&r) > 0; i++) {
        step(&r);
    }
    finish();
    return 0;
}
