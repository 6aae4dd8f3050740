/* SPDX-License-Identifier: BSD-2-Clause */
/* CBOR (RFC 8949). The writer yields only the deterministic encoding of
 * Section 4.2.1: shortest heads and definite lengths; the order of map keys
 * is the caller's to keep. The reader takes either just that encoding or
 * everything well formed, as its mode says.
 *
 * Both remember the first failure, so that code can follow the data format
 * and ask once at the end. Spans point into what is read and live as long. */
#ifndef COVEY_CBOR_H
#define COVEY_CBOR_H

#include <covey/bytes.h>

/* --- writer.c: onto a covey_writer, whose `failed` tells at the end --- */

/* A string literal as a span without its terminator. */
#define COVEY_CBOR_LITERAL(literal)                                           \
    covey_bytes_of((const uint8_t *)("" literal), sizeof(literal) - 1)

void covey_cbor_put_uint(covey_writer *w, uint64_t value);
void covey_cbor_put_int(covey_writer *w, int64_t value);
/* An absent span is written as the empty string. */
void covey_cbor_put_bytes(covey_writer *w, covey_bytes bytes);
/* UTF-8, which is not checked. */
void covey_cbor_put_text(covey_writer *w, covey_bytes text);
/* Only the head of a byte string; its `len` bytes follow by other means. */
void covey_cbor_put_bytes_head(covey_writer *w, size_t len);
/* Only the heads: `count` items or, in a map, pairs follow. */
void covey_cbor_put_array(covey_writer *w, size_t count);
void covey_cbor_put_map(covey_writer *w, size_t count);
/* One item follows. */
void covey_cbor_put_tag(covey_writer *w, uint64_t tag);
void covey_cbor_put_bool(covey_writer *w, bool value);
void covey_cbor_put_null(covey_writer *w);
/* Simple values 24 to 31 do not exist (Section 3.3): they fail the writer
 * with COVEY_E_ARGUMENT. */
void covey_cbor_put_simple(covey_writer *w, uint8_t value);

/* How many bytes the head takes for this value, length, count or tag. */
size_t covey_cbor_head_size(uint64_t argument);
/* How many bytes an integer takes. */
size_t covey_cbor_int_size(int64_t value);

/* A byte string around CBOR that is written piece by piece, as the
 * external_aad of COSE is (RFC 9052 Section 5.3):
 *     wrap = covey_cbor_wrap(w, expected);
 *     ... put what is inside ...
 *     covey_cbor_wrap_end(w, wrap);
 * The content is moved only if `expected`, its length in bytes, was a guess
 * whose head has another size than the true length has. */
typedef struct covey_cbor_wrapping {
    size_t head;    /* where the head begins */
    size_t content; /* where the content begins */
} covey_cbor_wrapping;

covey_cbor_wrapping covey_cbor_wrap(covey_writer *w, size_t expected);
void covey_cbor_wrap_end(covey_writer *w, covey_cbor_wrapping wrap);

/* --- reader.c --- */

typedef enum covey_cbor_mode {
    /* Section 4.2.1 to the letter, whole items included: neither longer heads
     * than necessary, nor indefinite lengths, nor map keys that are doubled
     * or out of order. Floating point has no place in what is read this way.
     */
    COVEY_CBOR_DETERMINISTIC,
    /* Whatever is well formed, Section 5.3.1. */
    COVEY_CBOR_WELL_FORMED
} covey_cbor_mode;

typedef enum covey_cbor_type {
    COVEY_CBOR_UINT,
    COVEY_CBOR_NINT,
    COVEY_CBOR_BYTES,
    COVEY_CBOR_TEXT,
    COVEY_CBOR_ARRAY,
    COVEY_CBOR_MAP,
    COVEY_CBOR_TAG,
    COVEY_CBOR_SIMPLE, /* false, true, null, undefined and the others */
    COVEY_CBOR_FLOAT,
    COVEY_CBOR_BREAK, /* no item: the end of an indefinite length */
    COVEY_CBOR_END    /* nothing is left, or the reader has failed */
} covey_cbor_type;

/* Arrays, maps, tags and strings in chunks inside one another that are passed
 * over as one item; any number can be entered step by step. */
#define COVEY_CBOR_DEPTH 16u

/* After a failure every get gives 0, false or an absent span, and in.pos says
 * where: at the head of the item at fault. in.failed is
 * COVEY_E_SHORT: ends before its heads say, or nothing is left.
 * COVEY_E_FORMAT: not well formed, not deterministic where that is asked
 *   for, or of another type than was asked for.
 * COVEY_E_RANGE: an integer that int64_t cannot hold.
 * COVEY_E_UNSUPPORTED: nested deeper than COVEY_CBOR_DEPTH, a string in
 *   chunks where one span is asked for, floating point where the encoding
 *   must be deterministic. */
typedef struct covey_cbor_reader {
    covey_reader in;
    covey_cbor_mode mode;
} covey_cbor_reader;

covey_cbor_reader covey_cbor_reader_of(covey_bytes bytes,
                                       covey_cbor_mode mode);
/* The type of the next item by its first byte, which is all that is checked;
 * a reserved head (additional information 28 to 30) keeps its major type. */
covey_cbor_type covey_cbor_peek(const covey_cbor_reader *r);
/* True if the next byte is null. */
bool covey_cbor_at_null(const covey_cbor_reader *r);

uint64_t covey_cbor_get_uint(covey_cbor_reader *r);
int64_t covey_cbor_get_int(covey_cbor_reader *r);
covey_bytes covey_cbor_get_bytes(covey_cbor_reader *r);
/* Not checked to be UTF-8: who shows it to people does that. */
covey_bytes covey_cbor_get_text(covey_cbor_reader *r);
uint64_t covey_cbor_get_tag(covey_cbor_reader *r);
bool covey_cbor_get_bool(covey_cbor_reader *r);
void covey_cbor_get_null(covey_cbor_reader *r);
uint8_t covey_cbor_get_simple(covey_cbor_reader *r);

/* Enter an array or a map: the number of its items or pairs, which is never
 * more than the bytes left could hold, or COVEY_CBOR_INDEFINITE. Walk it with
 *     for (n = covey_cbor_get_map(&r); covey_cbor_more(&r, &n);) {
 *         key = covey_cbor_get_int(&r);
 *         ... get or skip the value ...
 *     }
 * which ends at the first failure, too. */
#define COVEY_CBOR_INDEFINITE SIZE_MAX
size_t covey_cbor_get_array(covey_cbor_reader *r);
size_t covey_cbor_get_map(covey_cbor_reader *r);
bool covey_cbor_more(covey_cbor_reader *r, size_t *left);

/* For maps that are walked in the deterministic mode: fails the reader with
 * COVEY_E_FORMAT unless the key that is next comes after *last bytewise; then
 * *last is this key. *last is absent at first. The key is not passed. */
void covey_cbor_key_ascends(covey_cbor_reader *r, covey_bytes *last);

/* The next item whole, as encoded; well formed, and deterministic if the mode
 * says so, down to its leaves. */
covey_bytes covey_cbor_get_item(covey_cbor_reader *r);
void covey_cbor_skip(covey_cbor_reader *r);

/* Lets the caller's own refusal stick like the reader's; the first counts. */
void covey_cbor_fail(covey_cbor_reader *r, covey_status why);
/* The reader's verdict at the end: its failure, COVEY_E_FORMAT if something is
 * left, or COVEY_OK. */
COVEY_MUST_USE covey_status covey_cbor_finish(const covey_cbor_reader *r);
/* True if that is COVEY_OK. */
bool covey_cbor_done(const covey_cbor_reader *r);

#endif
