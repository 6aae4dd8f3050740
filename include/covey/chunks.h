/* SPDX-License-Identifier: BSD-2-Clause */
/* Storage for messages of any length in small equal pieces, so that many
 * stored messages take what they need and not what the longest could. Nothing
 * is moved, nothing is fragmented; putting and freeing cost what the message
 * is long. */
#ifndef COVEY_CHUNKS_H
#define COVEY_CHUNKS_H

#include <covey/bytes.h>

enum {
    COVEY_CHUNK_LEN = 60 /* content of one piece; with its link 64 bytes */
};

/* Private. */
typedef struct covey_chunk {
    uint32_t next;
    uint8_t bytes[COVEY_CHUNK_LEN];
} covey_chunk;

/* Private. */
typedef struct covey_chunks {
    covey_chunk *chunk; /* the caller's, kept until the pool is dropped */
    uint32_t count;
    uint32_t fresh; /* from here on never used */
    uint32_t freed; /* list of those used before */
    uint32_t free;  /* how many of both kinds */
} covey_chunks;

/* Bytes in the pool. All zero is a chain without bytes, which needs no
 * freeing; whoever copies a chain copies a name. */
typedef struct covey_chain {
    uint32_t first;
    uint32_t len;
} covey_chain;

/* Costs nothing per chunk. */
void covey_chunks_init(covey_chunks *pool, covey_chunk *chunks,
                       uint32_t count);
/* Keeps two spans, one behind the other; either may be absent.
 * COVEY_E_ROOM: fewer chunks are free than it takes, or longer than 32 bits
 * can count; *out is then unchanged. */
COVEY_MUST_USE covey_status covey_chunks_put(covey_chunks *pool,
                                             covey_bytes head,
                                             covey_bytes tail,
                                             covey_chain *out);
/* So many bytes of the chain from there on, which it must have, or none and w
 * has failed. */
void covey_chunks_write_part(const covey_chunks *pool,
                             const covey_chain *chain, size_t from, size_t len,
                             covey_writer *w);
/* All bytes of the chain, or none and w has failed. */
void covey_chunks_write(const covey_chunks *pool, const covey_chain *chain,
                        covey_writer *w);
/* Gives the chunks back; the chain is then without bytes. */
void covey_chunks_free(covey_chunks *pool, covey_chain *chain);
/* Chunks that are free. */
uint32_t covey_chunks_left(const covey_chunks *pool);
/* Chunks that so many bytes take. */
static inline size_t covey_chunks_for(size_t len)
{
    return len / COVEY_CHUNK_LEN + (len % COVEY_CHUNK_LEN != 0);
}

#endif
