/* SPDX-License-Identifier: BSD-2-Clause */
#include "post.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    ROUNDS = 64, /* messages of one sender before others get their turn */
    BUFFER = 1 << 20
};

struct mailbox {
    post *post;
    unsigned from;
    loop_watch *watch;
};

struct post {
    unsigned workers;
    unsigned me;
    /* [a][b]: where a reads what b says, and says what b reads. */
    int ends[POST_WORKERS_MAX][POST_WORKERS_MAX];
    post_received *received;
    void *user;
    struct mailbox boxes[POST_WORKERS_MAX];
    uint8_t message[POST_MESSAGE_MAX];
};

static bool connect_two(post *p, unsigned a, unsigned b)
{
    const int size = BUFFER;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                   pair) != 0) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        /* What an ordinary process gets is less, and enough. */
        (void)setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    }
    p->ends[a][b] = pair[0];
    p->ends[b][a] = pair[1];
    return true;
}

post *post_new(unsigned workers)
{
    post *p = calloc(1, sizeof *p);

    if (p == NULL) {
        return NULL;
    }
    for (unsigned a = 0; a < workers; a++) {
        for (unsigned b = 0; b < workers; b++) {
            p->ends[a][b] = -1;
        }
    }
    p->workers = workers;
    for (unsigned a = 0; a < workers; a++) {
        for (unsigned b = 0; b < a; b++) {
            if (!connect_two(p, a, b)) {
                const int why = errno;
                post_free(p);
                errno = why;
                return NULL;
            }
        }
    }
    return p;
}

void post_free(post *p)
{
    if (p == NULL) {
        return;
    }
    for (unsigned a = 0; a < p->workers; a++) {
        for (unsigned b = 0; b < p->workers; b++) {
            if (p->ends[a][b] >= 0) {
                (void)close(p->ends[a][b]);
            }
        }
    }
    covey_wipe(p->message, sizeof p->message);
    free(p);
}

static void on_ready(void *user, int events)
{
    const struct mailbox *box = user;
    post *p = box->post;

    (void)events;
    for (int i = 0; i < ROUNDS; i++) {
        const ssize_t n = recv(p->ends[p->me][box->from], p->message,
                               sizeof p->message, MSG_DONTWAIT);
        if (n <= 0) {
            return;
        }
        p->received(p->user, box->from, covey_bytes_of(p->message, (size_t)n));
    }
}

bool post_open(post *p, loop *l, unsigned me, post_received *received,
               void *user)
{
    p->me = me;
    p->received = received;
    p->user = user;
    for (unsigned i = 0; i < p->workers; i++) {
        struct mailbox *box = &p->boxes[i];
        box->post = p;
        box->from = i;
        if (i == me) {
            continue;
        }
        box->watch =
            loop_watch_new(l, p->ends[me][i], LOOP_READ, on_ready, box);
        if (box->watch == NULL) {
            return false;
        }
    }
    return true;
}

void post_close(post *p)
{
    for (unsigned i = 0; i < p->workers; i++) {
        loop_watch_end(p->boxes[i].watch);
        p->boxes[i].watch = NULL;
    }
}

void post_be(post *p, unsigned me)
{
    p->me = me;
}

bool post_send(const post *p, unsigned to, covey_bytes head, covey_bytes body)
{
    struct iovec parts[2] = {
        { (void *)(uintptr_t)head.ptr, head.len }, /* are only read */
        { (void *)(uintptr_t)body.ptr, body.len },
    };
    const struct msghdr h = { .msg_iov = parts, .msg_iovlen = 2 };
    ssize_t n;

    if (to >= p->workers || to == p->me ||
        head.len + body.len > POST_MESSAGE_MAX) {
        return false;
    }
    do {
        n = sendmsg(p->ends[p->me][to], &h, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return n >= 0;
}
