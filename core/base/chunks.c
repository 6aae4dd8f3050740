/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/chunks.h>

#include <string.h>

_Static_assert(sizeof(covey_chunk) == 64, "a cache line");

static size_t shorter(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Only when there is one. */
static uint32_t take(covey_chunks *pool)
{
    uint32_t i = pool->fresh;

    pool->free--;
    if (i < pool->count) {
        pool->fresh++;
        return i;
    }
    i = pool->freed;
    pool->freed = pool->chunk[i].next;
    return i;
}

void covey_chunks_init(covey_chunks *pool, covey_chunk *chunks, uint32_t count)
{
    pool->chunk = chunks;
    pool->count = count;
    pool->fresh = 0;
    pool->freed = 0;
    pool->free = count;
}

/* The bytes from `at` on of both spans, as many as a chunk takes. */
static void fill(covey_chunk *chunk, covey_bytes head, covey_bytes tail,
                 size_t at)
{
    size_t done = 0;

    if (at < head.len) {
        done = shorter(head.len - at, COVEY_CHUNK_LEN);
        memcpy(chunk->bytes, head.ptr + at, done);
    }
    at += done;
    if (at >= head.len && at - head.len < tail.len) {
        at -= head.len;
        memcpy(chunk->bytes + done, tail.ptr + at,
               shorter(tail.len - at, COVEY_CHUNK_LEN - done));
    }
}

covey_status covey_chunks_put(covey_chunks *pool, covey_bytes head,
                              covey_bytes tail, covey_chain *out)
{
    covey_chain chain = { 0, 0 };
    uint32_t *link = &chain.first;

    if (tail.len > UINT32_MAX || head.len > UINT32_MAX - tail.len ||
        covey_chunks_for(head.len + tail.len) > pool->free) {
        return COVEY_E_ROOM;
    }
    chain.len = (uint32_t)(head.len + tail.len);
    for (size_t at = 0; at < chain.len; at += COVEY_CHUNK_LEN) {
        uint32_t i = take(pool);
        fill(&pool->chunk[i], head, tail, at);
        *link = i;
        link = &pool->chunk[i].next;
    }
    *out = chain;
    return COVEY_OK;
}

void covey_chunks_write_part(const covey_chunks *pool,
                             const covey_chain *chain, size_t from, size_t len,
                             covey_writer *w)
{
    uint8_t *out = covey_write_reserve(w, len);
    uint32_t i = chain->first;
    size_t n;

    if (out == NULL) {
        return;
    }
    for (; from >= COVEY_CHUNK_LEN; from -= COVEY_CHUNK_LEN) {
        i = pool->chunk[i].next;
    }
    for (size_t at = 0; at < len; at += n, from = 0) {
        n = shorter(len - at, COVEY_CHUNK_LEN - from);
        memcpy(out + at, pool->chunk[i].bytes + from, n);
        i = pool->chunk[i].next;
    }
}

void covey_chunks_write(const covey_chunks *pool, const covey_chain *chain,
                        covey_writer *w)
{
    covey_chunks_write_part(pool, chain, 0, chain->len, w);
}

void covey_chunks_free(covey_chunks *pool, covey_chain *chain)
{
    uint32_t n = (uint32_t)covey_chunks_for(chain->len);
    uint32_t last = chain->first;

    for (uint32_t k = 1; k < n; k++) {
        last = pool->chunk[last].next;
    }
    if (n > 0) {
        pool->chunk[last].next = pool->freed;
        pool->freed = chain->first;
        pool->free += n;
    }
    chain->first = 0;
    chain->len = 0;
}

uint32_t covey_chunks_left(const covey_chunks *pool)
{
    return pool->free;
}
