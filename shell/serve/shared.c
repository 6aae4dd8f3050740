/* SPDX-License-Identifier: BSD-2-Clause */
#include "shared.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

struct shared {
    pthread_mutex_t lock;
    size_t size;
    struct resource *own; /* rows before there was this */
    struct resources all;
    /* Of the resource that is being changed, as it was. */
    size_t changing; /* all.count: none is */
    struct resource before;
    uint8_t *bytes; /* of `before` */
    uint64_t versions[];
};

static bool init_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t a;
    bool done;

    if (pthread_mutexattr_init(&a) != 0) {
        return false;
    }
    done = pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED) == 0 &&
           pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST) == 0 &&
           pthread_mutex_init(lock, &a) == 0;
    (void)pthread_mutexattr_destroy(&a);
    return done;
}

/* The next so many bytes, with room for any type. */
static void *carve(uint8_t **at, size_t size)
{
    void *p = *at;

    *at += (size + 15) / 16 * 16;
    return p;
}

static void move(struct shared *s, uint8_t *at, const struct resources *all,
                 size_t cap)
{
    struct resource *rows = carve(&at, all->count * sizeof *rows);

    s->bytes = carve(&at, cap);
    memcpy(rows, all->rows, all->count * sizeof *rows);
    for (size_t i = 0; i < all->count; i++) {
        struct resource *r = &rows[i];
        if (r->kind == RESOURCE_VALUE) {
            r->bytes = carve(&at, r->cap);
            memcpy(r->bytes, all->rows[i].bytes, r->len);
        }
    }
    s->all.rows = rows;
    s->all.count = all->count;
}

struct shared *shared_open(struct resources *all)
{
    const size_t head =
        sizeof(struct shared) + all->count * sizeof(uint64_t) + 16;
    size_t size = head + all->count * sizeof *all->rows + 16;
    size_t cap = 0;
    struct shared *s;

    for (size_t i = 0; i < all->count; i++) {
        if (all->rows[i].kind == RESOURCE_VALUE) {
            size += all->rows[i].cap + 16;
            cap = all->rows[i].cap > cap ? all->rows[i].cap : cap;
        }
    }
    size += cap + 16;
    s = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
             -1, 0);
    if (s == MAP_FAILED) {
        return NULL;
    }
    s->size = size;
    if (!init_lock(&s->lock)) {
        (void)munmap(s, size);
        return NULL;
    }
    move(s, (uint8_t *)s + head / 16 * 16, all, cap);
    s->changing = all->count;
    s->own = all->rows;
    all->rows = s->all.rows;
    all->shared = s;
    return s;
}

void shared_close(struct shared *s, struct resources *all)
{
    if (s != NULL) {
        all->rows = s->own;
        all->shared = NULL;
        (void)munmap(s, s->size);
    }
}

/* Somebody died with the lock. */
static void recover(struct shared *s)
{
    if (s->changing < s->all.count) {
        struct resource *r = &s->all.rows[s->changing];
        *r = s->before;
        if (r->kind == RESOURCE_VALUE) {
            memcpy(r->bytes, s->bytes, r->len);
        }
        s->changing = s->all.count;
    }
    (void)pthread_mutex_consistent(&s->lock);
}

void shared_lock(struct shared *s)
{
    if (s != NULL && pthread_mutex_lock(&s->lock) == EOWNERDEAD) {
        recover(s);
    }
}

void shared_unlock(struct shared *s)
{
    if (s != NULL) {
        s->changing = s->all.count;
        (void)pthread_mutex_unlock(&s->lock);
    }
}

void shared_change(struct shared *s, const struct resource *r)
{
    if (s == NULL) {
        return;
    }
    s->before = *r;
    if (r->kind == RESOURCE_VALUE) {
        memcpy(s->bytes, r->bytes, r->len);
    }
    /* Only now there is something to go back to. */
    __atomic_store_n(&s->changing, (size_t)(r - s->all.rows),
                     __ATOMIC_SEQ_CST);
}

void shared_changed(struct shared *s, const struct resource *r)
{
    if (s != NULL) {
        s->versions[r - s->all.rows]++;
        s->changing = s->all.count;
    }
}

uint64_t shared_version(const struct shared *s, size_t which)
{
    return s->versions[which];
}
