/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <system_address.h>
#include <uv.h>

#define CONNECTIONS_DEFAULT 1024u
#define BACKLOG             128

struct tcp_listener {
    uv_tcp_t uv; /* first: freed by its address */
    loop *loop;
    tcp_options options;
    covey_address local;
    unsigned open;
    bool ended; /* freed with the last connection */
    bool closed;
};

struct tcp_connection {
    uv_tcp_t uv; /* first: freed by its address */
    uv_connect_t connect;
    tcp_listener *listener; /* that accepted it, or NULL */
    tcp_options options;
    covey_address peer;
    void *data;
    const char *reason;
    size_t waiting; /* bytes to leave */
    size_t len;     /* bytes in the buffer */
    bool opened;
    bool held;
    bool ending;
    bool closing;
    uint8_t buffer[]; /* receive_max */
};

/* Bytes on their way. */
struct departure {
    uv_write_t uv; /* first */
    size_t len;
    uint8_t bytes[];
};

/* --- ending -------------------------------------------------------------- */

static void listener_release(tcp_listener *l)
{
    if (l->ended && l->closed && l->open == 0) {
        free(l);
    }
}

static void on_closed(uv_handle_t *handle)
{
    tcp_connection *c = handle->data;
    tcp_listener *l = c->listener;

    c->options.events.closed(c->options.events.user, c, c->reason);
    free(c);
    if (l != NULL) {
        l->open--;
        listener_release(l);
    }
}

/* Of one that nobody has been told of. */
static void forget(uv_handle_t *handle)
{
    free(handle->data);
}

static void close_now(tcp_connection *c, const char *reason)
{
    if (!c->closing) {
        c->closing = true;
        c->ending = true;
        c->reason = reason;
        uv_close((uv_handle_t *)&c->uv, on_closed);
    }
}

void tcp_abort(tcp_connection *c)
{
    close_now(c, "ended here");
}

void tcp_end(tcp_connection *c)
{
    c->ending = true;
    if (c->waiting == 0) {
        close_now(c, "ended here");
    }
}

/* --- receiving ----------------------------------------------------------- */

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    tcp_connection *c = handle->data;

    (void)suggested;
    out->base = (char *)c->buffer + c->len;
    out->len = c->options.receive_max - c->len;
}

static void deliver(tcp_connection *c)
{
    const tcp_events *e = &c->options.events;
    size_t used = e->received(e->user, c, covey_bytes_of(c->buffer, c->len));

    if (c->closing) {
        return;
    }
    if (used > c->len) {
        used = c->len;
    }
    c->len -= used;
    memmove(c->buffer, c->buffer + used, c->len);
    if (c->len == c->options.receive_max && !c->held) {
        close_now(c, "a message longer than may be received");
    }
}

size_t tcp_waiting(const tcp_connection *c)
{
    return c->waiting;
}

void tcp_hold(tcp_connection *c)
{
    if (c->waiting > 0 && !c->held && !c->closing) {
        c->held = true;
        uv_read_stop((uv_stream_t *)&c->uv);
    }
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    tcp_connection *c = stream->data;

    (void)buffer;
    if (n == UV_EOF) {
        close_now(c, c->len == 0 ? NULL : "ended inside a message");
    } else if (n < 0) {
        close_now(c, uv_strerror((int)n));
    } else if (n > 0) {
        c->len += (size_t)n;
        deliver(c);
    }
}

/* --- sending ------------------------------------------------------------- */

static void release(tcp_connection *c)
{
    c->held = false;
    if (uv_read_start((uv_stream_t *)&c->uv, on_room, on_read) != 0) {
        close_now(c, "cannot be read");
    } else {
        deliver(c);
    }
}

static void on_written(uv_write_t *request, int status)
{
    struct departure *d = (struct departure *)request;
    tcp_connection *c = request->data;
    const tcp_events *e = &c->options.events;

    c->waiting -= d->len;
    free(d);
    if (c->closing) {
        return;
    }
    if (status != 0) {
        close_now(c, uv_strerror(status));
    } else if (c->waiting == 0 && c->ending) {
        close_now(c, "ended here");
    } else if (c->waiting == 0) {
        if (e->drained != NULL) {
            e->drained(e->user, c);
        }
        if (c->held && !c->closing) {
            release(c);
        }
    }
}

/* What the system does not take at once. */
static bool queue(tcp_connection *c, covey_bytes bytes)
{
    struct departure *d = malloc(sizeof *d + bytes.len);
    uv_buf_t span;

    if (d == NULL) {
        return false;
    }
    d->len = bytes.len;
    memcpy(d->bytes, bytes.ptr, bytes.len);
    d->uv.data = c;
    span = uv_buf_init((char *)d->bytes, (unsigned)d->len);
    if (uv_write(&d->uv, (uv_stream_t *)&c->uv, &span, 1, on_written) != 0) {
        free(d);
        return false;
    }
    c->waiting += d->len;
    return true;
}

bool tcp_send(tcp_connection *c, covey_bytes bytes)
{
    uv_buf_t span;
    int n = 0;

    if (c->ending || !c->opened || bytes.len > UINT32_MAX ||
        c->waiting > c->options.send_max ||
        bytes.len > c->options.send_max - c->waiting) {
        return false;
    }
    if (c->waiting == 0) {
        /* Writing does not change them, but the type has no const. */
        span.base = (char *)(uintptr_t)bytes.ptr;
        span.len = bytes.len;
        n = uv_try_write((uv_stream_t *)&c->uv, &span, 1);
    }
    if (n < 0) { /* what is wrong, if anything, uv_write says later */
        n = 0;
    }
    bytes.ptr += n;
    bytes.len -= (size_t)n;
    if (bytes.len == 0 || queue(c, bytes)) {
        return true;
    }
    if (n > 0) { /* half a message: nothing good can follow */
        close_now(c, "memory");
    }
    return n > 0;
}

/* --- beginning ----------------------------------------------------------- */

static tcp_connection *connection_new(loop *l, const tcp_options *o)
{
    /* Writing to who has gone is an error, not the end of the program. */
    (void)signal(SIGPIPE, SIG_IGN);
    tcp_connection *c = calloc(1, sizeof *c + o->receive_max);

    if (c == NULL || uv_tcp_init(loop_native(l), &c->uv) != 0) {
        free(c);
        return NULL;
    }
    c->uv.data = c;
    c->options = *o;
    return c;
}

static void begin(tcp_connection *c)
{
    c->opened = true;
    (void)uv_tcp_nodelay(&c->uv, 1); /* messages are written whole */
    if (uv_read_start((uv_stream_t *)&c->uv, on_room, on_read) != 0) {
        close_now(c, "cannot be read");
        return;
    }
    c->options.events.opened(c->options.events.user, c);
}

static covey_address peer_of(const uv_tcp_t *uv)
{
    system_address a;
    int len = sizeof a;

    memset(&a, 0, sizeof a);
    (void)uv_tcp_getpeername(uv, &a.any, &len);
    return address_from_system(&a);
}

static void on_connection(uv_stream_t *stream, int status)
{
    tcp_listener *l = stream->data;
    tcp_connection *c;

    if (status != 0) {
        return; /* the peer has given up meanwhile */
    }
    c = connection_new(l->loop, &l->options);
    if (c == NULL) {
        return; /* it stays in the backlog and comes again */
    }
    c->listener = l;
    l->open++;
    if (uv_accept(stream, (uv_stream_t *)&c->uv) != 0) {
        close_now(c, "cannot be accepted");
        return;
    }
    c->peer = peer_of(&c->uv);
    if (l->open > l->options.connection_max) {
        close_now(c, "too many connections");
        return;
    }
    begin(c);
}

static void on_listener_closed(uv_handle_t *handle)
{
    tcp_listener *l = handle->data;

    l->closed = true;
    listener_release(l);
}

void tcp_listener_end(tcp_listener *l)
{
    if (l != NULL && !l->ended) {
        l->ended = true;
        uv_close((uv_handle_t *)&l->uv, on_listener_closed);
    }
}

static void explain(char error[TCP_ERROR_MAX], const covey_address *a,
                    const char *what, int status)
{
    char text[ADDRESS_TEXT_MAX];

    snprintf(error, TCP_ERROR_MAX, "%s: %s: %s", address_text(a, text), what,
             uv_strerror(status));
}

/* The kernel deals out who connects among all that listen there. */
static int share_port(const uv_tcp_t *tcp)
{
    const int yes = 1;
    uv_os_fd_t fd;
    int st = uv_fileno((const uv_handle_t *)tcp, &fd);

    if (st == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) != 0) {
        st = uv_translate_sys_error(errno);
    }
    return st;
}

static int bind_and_listen(tcp_listener *l)
{
    system_address a;
    int len = sizeof a;
    int st;

    address_to_system(&l->local, &a);
    if (l->options.reuse_port) {
        st = share_port(&l->uv);
        if (st != 0) {
            return st;
        }
    }
    st = uv_tcp_bind(&l->uv, &a.any,
                     a.any.sa_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0);
    if (st == 0) {
        st = uv_listen((uv_stream_t *)&l->uv, BACKLOG, on_connection);
    }
    if (st == 0) {
        st = uv_tcp_getsockname(&l->uv, &a.any, &len);
        l->local = address_from_system(&a);
    }
    return st;
}

tcp_listener *tcp_listen(loop *on, const covey_address *local,
                         const tcp_options *options, char error[TCP_ERROR_MAX])
{
    tcp_listener *l = calloc(1, sizeof *l);
    int st = UV_ENOMEM;

    if (l != NULL) { /* with its socket, which is set up before it is bound */
        st = uv_tcp_init_ex(loop_native(on), &l->uv,
                            local->family == COVEY_FAMILY_IPV6 ? AF_INET6
                                                               : AF_INET);
    }
    if (st != 0) {
        explain(error, local, "a TCP socket", st);
        free(l);
        return NULL;
    }
    l->uv.data = l;
    l->loop = on;
    l->local = *local;
    l->options = *options;
    if (l->options.connection_max == 0) {
        l->options.connection_max = CONNECTIONS_DEFAULT;
    }
    st = bind_and_listen(l);
    if (st != 0) {
        explain(error, local, "cannot be listened at", st);
        tcp_listener_end(l);
        return NULL;
    }
    return l;
}

covey_address tcp_local(const tcp_listener *l)
{
    return l->local;
}

static void on_connected(uv_connect_t *request, int status)
{
    tcp_connection *c = request->data;

    if (c->closing) {
        return;
    }
    if (status != 0) {
        close_now(c, uv_strerror(status));
    } else {
        begin(c);
    }
}

tcp_connection *tcp_connect(loop *on, const covey_address *peer,
                            const tcp_options *options,
                            char error[TCP_ERROR_MAX])
{
    tcp_connection *c = connection_new(on, options);
    system_address a;
    int st;

    if (c == NULL) {
        explain(error, peer, "a TCP socket", UV_ENOMEM);
        return NULL;
    }
    c->peer = *peer;
    c->connect.data = c;
    address_to_system(peer, &a);
    st = uv_tcp_connect(&c->connect, &c->uv, &a.any, on_connected);
    if (st != 0) {
        explain(error, peer, "cannot be connected to", st);
        uv_close((uv_handle_t *)&c->uv, forget);
        return NULL;
    }
    return c;
}

covey_address tcp_peer(const tcp_connection *c)
{
    return c->peer;
}

void tcp_set_data(tcp_connection *c, void *data)
{
    c->data = data;
}

void *tcp_data(const tcp_connection *c)
{
    return c->data;
}
