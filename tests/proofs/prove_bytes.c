/* SPDX-License-Identifier: BSD-2-Clause */
/* Contracts of core/base/bytes.c, proved by Frama-C's WP with Z3 (tests/
 * proofs/run): no run-time error for any input, a position that never passes
 * the end, failures that stick, and what each call gives and leaves alone.
 * Not here: the content that memcpy and memset write, which the exhaustive
 * tests in tests/unit/base show. */
#include <covey/bytes.h>

/*@ predicate reader_valid(covey_reader *r) =
      \valid(r) && r->pos <= r->len && r->base != \null &&
      (r->len > 0 ==> \valid_read(r->base + (0 .. r->len - 1))) &&
      (r->failed == COVEY_OK || r->failed == COVEY_E_SHORT) &&
      (r->len > 0 ==> \separated(r, r->base + (0 .. r->len - 1)));

    predicate can_read(covey_reader *r, integer n) =
      r->failed == COVEY_OK && n <= r->len - r->pos;

    predicate writer_valid(covey_writer *w) =
      \valid(w) && w->pos <= w->cap &&
      (w->cap > 0 ==> \valid(w->base + (0 .. w->cap - 1))) &&
      (w->cap > 0 ==> w->base != \null) &&
      (w->failed == COVEY_OK || w->failed == COVEY_E_ROOM) &&
      (w->cap > 0 ==> \separated(w, w->base + (0 .. w->cap - 1)));

    predicate can_write(covey_writer *w, integer n) =
      w->failed == COVEY_OK && n <= w->cap - w->pos;
*/

/*@ assigns \nothing;
    ensures \result.ptr == ptr && \result.len == len;
*/
static inline covey_bytes covey_bytes_of(const uint8_t *ptr, size_t len);

/* --- reader ----------------------------------------------------------- */

/*@ requires bytes.ptr != \null && bytes.len > 0 ==>
               \valid_read(bytes.ptr + (0 .. bytes.len - 1));
    requires bytes.ptr == \null ==> bytes.len == 0;
    assigns \nothing;
    ensures \result.pos == 0 && \result.len == bytes.len;
    ensures \result.failed == COVEY_OK && \result.base != \null;
    ensures bytes.ptr != \null ==> \result.base == bytes.ptr;
*/
covey_reader covey_reader_of(covey_bytes bytes);

/*@ requires reader_valid(r);
    assigns r->pos, r->failed;
    assigns \result \from r->base, r->pos, r->failed, r->len, n;
    ensures reader_valid(r);
    behavior there:
      assumes can_read(r, n);
      ensures \result == r->base + \old(r->pos) && \result != \null;
      ensures n > 0 ==> \valid_read(\result + (0 .. n - 1));
      ensures r->pos == \old(r->pos) + n && r->failed == COVEY_OK;
    behavior short:
      assumes !can_read(r, n);
      ensures \result == \null;
      ensures r->pos == \old(r->pos) && r->failed == COVEY_E_SHORT;
    complete behaviors;
    disjoint behaviors;
*/
static const uint8_t *take(covey_reader *r, size_t n);

/*@ requires reader_valid(r);
    assigns r->pos, r->failed;
    ensures reader_valid(r);
    behavior there:
      assumes can_read(r, 1);
      ensures \result == r->base[\old(r->pos)];
      ensures r->pos == \old(r->pos) + 1 && r->failed == COVEY_OK;
    behavior short:
      assumes !can_read(r, 1);
      ensures \result == 0;
      ensures r->pos == \old(r->pos) && r->failed == COVEY_E_SHORT;
    complete behaviors;
    disjoint behaviors;
*/
uint8_t covey_read_u8(covey_reader *r);

/*@ requires reader_valid(r);
    assigns r->pos, r->failed;
    ensures reader_valid(r);
    behavior there:
      assumes can_read(r, 2);
      ensures r->pos == \old(r->pos) + 2 && r->failed == COVEY_OK;
    behavior short:
      assumes !can_read(r, 2);
      ensures \result == 0;
      ensures r->pos == \old(r->pos) && r->failed == COVEY_E_SHORT;
    complete behaviors;
    disjoint behaviors;
*/
uint16_t covey_read_u16(covey_reader *r);

/*@ requires reader_valid(r);
    assigns r->pos, r->failed;
    ensures reader_valid(r);
    behavior there:
      assumes can_read(r, 4);
      ensures r->pos == \old(r->pos) + 4 && r->failed == COVEY_OK;
    behavior short:
      assumes !can_read(r, 4);
      ensures \result == 0;
      ensures r->pos == \old(r->pos) && r->failed == COVEY_E_SHORT;
    complete behaviors;
    disjoint behaviors;
*/
uint32_t covey_read_u32(covey_reader *r);

/*@ requires reader_valid(r);
    assigns r->pos, r->failed;
    ensures reader_valid(r);
    behavior there:
      assumes can_read(r, n);
      ensures \result.ptr == r->base + \old(r->pos) && \result.len == n;
      ensures n > 0 ==> \valid_read(\result.ptr + (0 .. n - 1));
      ensures r->pos == \old(r->pos) + n && r->failed == COVEY_OK;
    behavior short:
      assumes !can_read(r, n);
      ensures \result.ptr == \null && \result.len == 0;
      ensures r->pos == \old(r->pos) && r->failed == COVEY_E_SHORT;
    complete behaviors;
    disjoint behaviors;
*/
covey_bytes covey_read_bytes(covey_reader *r, size_t n);

/*@ requires reader_valid(r);
    assigns r->pos, r->failed;
    ensures reader_valid(r);
    ensures \old(r->failed) == COVEY_OK ==>
              \result.ptr == r->base + \old(r->pos) &&
              \result.len == r->len - \old(r->pos) && r->pos == r->len;
    ensures \old(r->failed) != COVEY_OK ==>
              \result.ptr == \null && \result.len == 0;
    ensures (r->failed == COVEY_OK) == (\old(r->failed) == COVEY_OK);
*/
covey_bytes covey_read_rest(covey_reader *r);

/*@ requires reader_valid(r);
    assigns \nothing;
    ensures r->failed == COVEY_OK ==> \result == r->len - r->pos;
    ensures r->failed != COVEY_OK ==> \result == 0;
*/
size_t covey_read_left(const covey_reader *r);

/*@ requires reader_valid(r);
    assigns \nothing;
    ensures \result <==> (r->failed == COVEY_OK && r->pos == r->len);
*/
bool covey_read_done(const covey_reader *r);

/* --- writer ----------------------------------------------------------- */

/*@ assigns \nothing;
    ensures \result.base == storage && \result.cap == cap;
    ensures \result.pos == 0 && \result.failed == COVEY_OK;
*/
covey_writer covey_writer_of(uint8_t *storage, size_t cap);

/*@ requires writer_valid(w);
    assigns w->pos, w->failed;
    assigns \result \from w->base, w->pos, w->failed, w->cap, n;
    ensures writer_valid(w);
    behavior room:
      assumes can_write(w, n);
      ensures n > 0 ==> \result == w->base + \old(w->pos);
      ensures n > 0 ==> \valid(\result + (0 .. n - 1));
      ensures w->pos == \old(w->pos) + n && w->failed == COVEY_OK;
    behavior full:
      assumes !can_write(w, n);
      ensures \result == \null;
      ensures w->pos == \old(w->pos) && w->failed == COVEY_E_ROOM;
    complete behaviors;
    disjoint behaviors;
*/
static uint8_t *claim(covey_writer *w, size_t n);

/*@ requires writer_valid(w);
    assigns w->pos, w->failed, w->base[w->pos];
    ensures writer_valid(w);
    behavior room:
      assumes can_write(w, 1);
      ensures w->base[\old(w->pos)] == v;
      ensures w->pos == \old(w->pos) + 1 && w->failed == COVEY_OK;
    behavior full:
      assumes !can_write(w, 1);
      ensures w->pos == \old(w->pos) && w->failed == COVEY_E_ROOM;
    complete behaviors;
    disjoint behaviors;
*/
void covey_write_u8(covey_writer *w, uint8_t v);

/*@ requires writer_valid(w);
    assigns w->pos, w->failed, w->base[w->pos .. w->pos + 1];
    ensures writer_valid(w);
    behavior room:
      assumes can_write(w, 2);
      ensures w->base[\old(w->pos)] == (uint8_t)(v >> 8);
      ensures w->base[\old(w->pos) + 1] == (uint8_t)v;
      ensures w->pos == \old(w->pos) + 2 && w->failed == COVEY_OK;
    behavior full:
      assumes !can_write(w, 2);
      ensures w->pos == \old(w->pos) && w->failed == COVEY_E_ROOM;
    complete behaviors;
    disjoint behaviors;
*/
void covey_write_u16(covey_writer *w, uint16_t v);

/*@ requires writer_valid(w);
    assigns w->pos, w->failed, w->base[w->pos .. w->pos + 3];
    ensures writer_valid(w);
    behavior room:
      assumes can_write(w, 4);
      ensures w->base[\old(w->pos)] == (uint8_t)(v >> 24);
      ensures w->base[\old(w->pos) + 1] == (uint8_t)(v >> 16);
      ensures w->base[\old(w->pos) + 2] == (uint8_t)(v >> 8);
      ensures w->base[\old(w->pos) + 3] == (uint8_t)v;
      ensures w->pos == \old(w->pos) + 4 && w->failed == COVEY_OK;
    behavior full:
      assumes !can_write(w, 4);
      ensures w->pos == \old(w->pos) && w->failed == COVEY_E_ROOM;
    complete behaviors;
    disjoint behaviors;
*/
void covey_write_u32(covey_writer *w, uint32_t v);

/*@ requires writer_valid(w);
    requires bytes.len > 0 ==>
               \valid_read(bytes.ptr + (0 .. bytes.len - 1)) &&
               \separated(w, bytes.ptr + (0 .. bytes.len - 1)) &&
               \separated(w->base + (0 .. w->cap - 1),
                          bytes.ptr + (0 .. bytes.len - 1));
    assigns w->pos, w->failed, w->base[w->pos .. w->pos + bytes.len - 1];
    ensures writer_valid(w);
    behavior room:
      assumes can_write(w, bytes.len);
      ensures w->pos == \old(w->pos) + bytes.len && w->failed == COVEY_OK;
    behavior full:
      assumes !can_write(w, bytes.len);
      ensures w->pos == \old(w->pos) && w->failed == COVEY_E_ROOM;
    complete behaviors;
    disjoint behaviors;
*/
void covey_write_bytes(covey_writer *w, covey_bytes bytes);

/*@ requires writer_valid(w);
    assigns w->pos, w->failed, w->base[w->pos .. w->pos + n - 1];
    assigns \result \from w->base, w->pos, w->failed, w->cap, n;
    ensures writer_valid(w);
    behavior room:
      assumes can_write(w, n);
      ensures n > 0 ==> \result == w->base + \old(w->pos);
      ensures w->pos == \old(w->pos) + n && w->failed == COVEY_OK;
    behavior full:
      assumes !can_write(w, n);
      ensures \result == \null;
      ensures w->pos == \old(w->pos) && w->failed == COVEY_E_ROOM;
    complete behaviors;
    disjoint behaviors;
*/
uint8_t *covey_write_reserve(covey_writer *w, size_t n);

/*@ requires \valid_read(w) && w->pos <= w->cap;
    assigns \nothing;
    ensures \result.ptr == w->base && \result.len == w->pos;
*/
covey_bytes covey_written(const covey_writer *w);

#include "../../core/base/bytes.c"
