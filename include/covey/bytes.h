/* SPDX-License-Identifier: BSD-2-Clause */
/* The three types in which bytes cross interfaces: a span that somebody else
 * owns, a reader over one, and a writer into the caller's storage. Reader and
 * writer remember the first failure, so that code can follow the message
 * format and ask once at the end. All integers are in network byte order. */
#ifndef COVEY_BYTES_H
#define COVEY_BYTES_H

#include <covey/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Read-only bytes owned by somebody else. {NULL, 0} is absent; a pointer that
 * is not NULL with length 0 is present and empty. */
typedef struct covey_bytes {
    const uint8_t *ptr;
    size_t len;
} covey_bytes;

static inline covey_bytes covey_bytes_of(const uint8_t *ptr, size_t len)
{
    covey_bytes b = { ptr, len };
    return b;
}

/* The most of a text of ours that covey_bytes_text takes. */
#define COVEY_TEXT_MAX 255u
/* A text of ours without its end. Not for texts from outside. */
covey_bytes covey_bytes_text(const char *text);

/* Same length and same content; absent equals only absent. Not in constant
 * time: for secrets there is covey_secret_equal. */
bool covey_bytes_equal(covey_bytes a, covey_bytes b);

/* base, length and position; no moving pointer. `failed` is COVEY_OK or
 * COVEY_E_SHORT, and once set every read gives 0 or an absent span. */
typedef struct covey_reader {
    const uint8_t *base;
    size_t len;
    size_t pos;
    covey_status failed;
} covey_reader;

covey_reader covey_reader_of(covey_bytes bytes);
uint8_t covey_read_u8(covey_reader *r);
uint16_t covey_read_u16(covey_reader *r);
uint32_t covey_read_u32(covey_reader *r);
/* A span of exactly n bytes into the reader's storage. */
covey_bytes covey_read_bytes(covey_reader *r, size_t n);
/* Everything that is left, possibly empty. */
covey_bytes covey_read_rest(covey_reader *r);
size_t covey_read_left(const covey_reader *r);
/* True if nothing failed and nothing is left. */
bool covey_read_done(const covey_reader *r);

/* The caller's storage being filled. `failed` is COVEY_OK or COVEY_E_ROOM;
 * once set, nothing more is written and `pos` stays where it was. */
typedef struct covey_writer {
    uint8_t *base;
    size_t cap;
    size_t pos;
    covey_status failed;
} covey_writer;

covey_writer covey_writer_of(uint8_t *storage, size_t cap);
void covey_write_u8(covey_writer *w, uint8_t v);
void covey_write_u16(covey_writer *w, uint16_t v);
void covey_write_u32(covey_writer *w, uint32_t v);
void covey_write_bytes(covey_writer *w, covey_bytes bytes);
/* Room for n bytes that the caller fills in; NULL if there is none. The bytes
 * are zero. */
uint8_t *covey_write_reserve(covey_writer *w, size_t n);
/* What has been written so far; valid as long as the storage is. */
covey_bytes covey_written(const covey_writer *w);

/* Overwrites n bytes with zeros in a way that is not optimised away. */
void covey_wipe(void *p, size_t n);
/* Compares n bytes in time that does not depend on their values. */
bool covey_secret_equal(const uint8_t *a, const uint8_t *b, size_t n);

#endif
