/* SPDX-License-Identifier: BSD-2-Clause */
#include "resolve.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>
#include <uv.h>

struct question {
    uv_getaddrinfo_t uv;
    resolver *owner;
    resolve_done *done;
    void *user;
    struct question *next;
    uint16_t port;
    char name[RESOLVE_NAME_MAX + 1];
};

/* Outlives its end until the last question has been answered. */
struct resolver {
    uv_loop_t *loop;
    struct question *first;
    size_t count;
    size_t most;
    bool ended;
};

resolver *resolver_new(loop *l, size_t most)
{
    resolver *r = calloc(1, sizeof *r);

    if (r != NULL) {
        r->loop = loop_native(l);
        r->most = most;
    }
    return r;
}

static void release(resolver *r)
{
    if (r->ended && r->count == 0) {
        free(r);
    }
}

static size_t take(const struct question *q, const struct addrinfo *list,
                   covey_address out[RESOLVE_ADDRESSES])
{
    size_t count = 0;

    for (; list != NULL && count < RESOLVE_ADDRESSES; list = list->ai_next) {
        system_address a;
        if (list->ai_addrlen > sizeof a) {
            continue;
        }
        memset(&a, 0, sizeof a);
        memcpy(&a, list->ai_addr, list->ai_addrlen);
        out[count] = address_from_system(&a);
        out[count].port = q->port;
        count += out[count].family != COVEY_FAMILY_NONE;
    }
    return count;
}

static void on_answer(uv_getaddrinfo_t *uv, int status, struct addrinfo *list)
{
    struct question *q = uv->data;
    resolver *r = q->owner;
    struct question **at = &r->first;
    covey_address addresses[RESOLVE_ADDRESSES];
    const size_t count = status == 0 ? take(q, list, addresses) : 0;

    uv_freeaddrinfo(list);
    while (*at != q) {
        at = &(*at)->next;
    }
    *at = q->next;
    r->count--;
    if (!r->ended) {
        q->done(q->user, addresses, count);
    }
    free(q);
    release(r);
}

bool resolver_ask(resolver *r, covey_bytes name, uint16_t port,
                  resolve_done *done, void *user)
{
    static const struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                           .ai_socktype = SOCK_DGRAM };
    struct question *q;

    if (r->count >= r->most || name.len == 0 || name.len > RESOLVE_NAME_MAX ||
        memchr(name.ptr, 0, name.len) != NULL) {
        return false;
    }
    q = calloc(1, sizeof *q);
    if (q == NULL) {
        return false;
    }
    memcpy(q->name, name.ptr, name.len);
    q->owner = r;
    q->done = done;
    q->user = user;
    q->port = port;
    q->uv.data = q;
    if (uv_getaddrinfo(r->loop, &q->uv, on_answer, q->name, NULL, &hints) !=
        0) {
        free(q);
        return false;
    }
    q->next = r->first;
    r->first = q;
    r->count++;
    return true;
}

void resolver_end(resolver *r)
{
    if (r == NULL) {
        return;
    }
    r->ended = true;
    for (struct question *q = r->first; q != NULL; q = q->next) {
        (void)uv_cancel((uv_req_t *)&q->uv); /* what no thread has begun */
    }
    release(r);
}
