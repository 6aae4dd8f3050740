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

covey_status covey_chunks_put(covey_chunks *pool, covey_bytes bytes,
                              covey_chain *out)
{
    covey_chain chain = { 0, (uint32_t)bytes.len };
    uint32_t *link = &chain.first;

    if (bytes.len > UINT32_MAX || covey_chunks_for(bytes.len) > pool->free) {
        return COVEY_E_ROOM;
    }
    for (size_t at = 0; at < bytes.len; at += COVEY_CHUNK_LEN) {
        uint32_t i = take(pool);
        memcpy(pool->chunk[i].bytes, bytes.ptr + at,
               shorter(bytes.len - at, COVEY_CHUNK_LEN));
        *link = i;
        link = &pool->chunk[i].next;
    }
    *out = chain;
    return COVEY_OK;
}

void covey_chunks_write(const covey_chunks *pool, const covey_chain *chain,
                        covey_writer *w)
{
    uint8_t *out = covey_write_reserve(w, chain->len);
    uint32_t i = chain->first;

    if (out == NULL) {
        return;
    }
    for (size_t at = 0; at < chain->len; at += COVEY_CHUNK_LEN) {
        memcpy(out + at, pool->chunk[i].bytes,
               shorter(chain->len - at, COVEY_CHUNK_LEN));
        i = pool->chunk[i].next;
    }
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
