/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading CBOR step by step; no recursion. A length from the wire is compared
 * with what is left before anything else is done with it, and every item
 * takes at least a byte, so that no count can promise more items than there
 * are bytes. */
#include <covey/cbor.h>

#include "cbor_internal.h"

#include <string.h>

covey_cbor_reader covey_cbor_reader_of(covey_bytes bytes, covey_cbor_mode mode)
{
    covey_cbor_reader r = { covey_reader_of(bytes), mode };
    return r;
}

void covey_cbor_fail(covey_cbor_reader *r, covey_status why)
{
    if (r->in.failed == COVEY_OK) {
        r->in.failed = why;
    }
}

covey_status covey_cbor_finish(const covey_cbor_reader *r)
{
    if (r->in.failed != COVEY_OK) {
        return r->in.failed;
    }
    return r->in.pos == r->in.len ? COVEY_OK : COVEY_E_FORMAT;
}

bool covey_cbor_done(const covey_cbor_reader *r)
{
    return covey_cbor_finish(r) == COVEY_OK;
}

void covey__cbor_fail_at(covey_cbor_reader *r, size_t at, covey_status why)
{
    if (r->in.failed == COVEY_OK) {
        r->in.failed = why;
        r->in.pos = at;
    }
}

static int next_byte(const covey_cbor_reader *r)
{
    return covey_read_left(&r->in) > 0 ? r->in.base[r->in.pos] : -1;
}

covey_cbor_type covey_cbor_peek(const covey_cbor_reader *r)
{
    int next = next_byte(r);
    unsigned major = (unsigned)next >> 5;
    unsigned info = (unsigned)next & 0x1f;

    if (next < 0) {
        return COVEY_CBOR_END;
    }
    if (major < MAJOR_OTHER) {
        return (covey_cbor_type)major;
    }
    if (info == INFO_INDEFINITE) {
        return COVEY_CBOR_BREAK;
    }
    return info >= INFO_2 && info <= INFO_8 ? COVEY_CBOR_FLOAT
                                            : COVEY_CBOR_SIMPLE;
}

bool covey_cbor_at_null(const covey_cbor_reader *r)
{
    return next_byte(r) == (MAJOR_OTHER << 5 | SIMPLE_NULL);
}

/* RFC 8949 Section 3: the argument of this additional information. */
static uint64_t read_argument(covey_reader *in, unsigned info)
{
    uint64_t high;

    if (info < INFO_1) {
        return info;
    }
    if (info == INFO_1) {
        return covey_read_u8(in);
    }
    if (info == INFO_2) {
        return covey_read_u16(in);
    }
    high = info == INFO_8 ? covey_read_u32(in) : 0;
    return high << 32 | covey_read_u32(in);
}

/* What is wrong with the combination of the three, in this mode. */
static covey_status judge(const struct cbor_head *h, covey_cbor_mode mode)
{
    bool deterministic = mode == COVEY_CBOR_DETERMINISTIC;

    if (h->info > INFO_8 && h->info < INFO_INDEFINITE) {
        return COVEY_E_FORMAT; /* reserved */
    }
    if (h->info == INFO_INDEFINITE) {
        bool has = h->major >= MAJOR_BYTES && h->major != MAJOR_TAG;
        return has && !deterministic ? COVEY_OK : COVEY_E_FORMAT;
    }
    if (h->major == MAJOR_OTHER && h->info == INFO_1) {
        /* Section 3.3: in either mode not for what fits the first byte. */
        return h->argument >= SIMPLE_LONG ? COVEY_OK : COVEY_E_FORMAT;
    }
    if (!deterministic || h->info < INFO_1) {
        return COVEY_OK;
    }
    if (h->major == MAJOR_OTHER) {
        return COVEY_E_UNSUPPORTED;
    }
    return covey_cbor_head_size(h->argument) == 1 + (1u << (h->info - INFO_1))
               ? COVEY_OK
               : COVEY_E_FORMAT;
}

bool covey__cbor_head(covey_cbor_reader *r, struct cbor_head *h)
{
    covey_status st;
    unsigned initial;

    if (r->in.failed != COVEY_OK) {
        return false;
    }
    h->at = r->in.pos;
    initial = covey_read_u8(&r->in);
    h->major = initial >> 5;
    h->info = initial & 0x1f;
    h->argument = 0;
    if (h->info <= INFO_8) {
        h->argument = read_argument(&r->in, h->info);
    }
    st = r->in.failed;
    if (st == COVEY_OK) {
        st = judge(h, r->mode);
    }
    r->in.failed = st;
    if (st != COVEY_OK) {
        r->in.pos = h->at;
    }
    return st == COVEY_OK;
}

/* Passes a head of this major type, or fails. */
static bool get_major(covey_cbor_reader *r, unsigned major,
                      struct cbor_head *h)
{
    if (!covey__cbor_head(r, h)) {
        return false;
    }
    if (h->major != major) {
        covey__cbor_fail_at(r, h->at, COVEY_E_FORMAT);
        return false;
    }
    return true;
}

static uint64_t get_argument(covey_cbor_reader *r, unsigned major)
{
    struct cbor_head h;

    return get_major(r, major, &h) ? h.argument : 0;
}

uint64_t covey_cbor_get_uint(covey_cbor_reader *r)
{
    return get_argument(r, MAJOR_UINT);
}

uint64_t covey_cbor_get_tag(covey_cbor_reader *r)
{
    return get_argument(r, MAJOR_TAG);
}

int64_t covey_cbor_get_int(covey_cbor_reader *r)
{
    struct cbor_head h;

    if (!covey__cbor_head(r, &h)) {
        return 0;
    }
    if (h.major > MAJOR_NINT) {
        covey__cbor_fail_at(r, h.at, COVEY_E_FORMAT);
        return 0;
    }
    if (h.argument > INT64_MAX) {
        covey__cbor_fail_at(r, h.at, COVEY_E_RANGE);
        return 0;
    }
    return h.major == MAJOR_NINT ? -1 - (int64_t)h.argument
                                 : (int64_t)h.argument;
}

covey_bytes covey__cbor_content(covey_cbor_reader *r,
                                const struct cbor_head *h)
{
    covey_bytes absent = { NULL, 0 };

    if (h->argument > covey_read_left(&r->in)) {
        covey__cbor_fail_at(r, h->at, COVEY_E_SHORT);
        return absent;
    }
    return covey_read_bytes(&r->in, (size_t)h->argument);
}

static covey_bytes get_string(covey_cbor_reader *r, unsigned major)
{
    covey_bytes absent = { NULL, 0 };
    struct cbor_head h;

    if (!get_major(r, major, &h)) {
        return absent;
    }
    if (h.info == INFO_INDEFINITE) {
        covey__cbor_fail_at(r, h.at, COVEY_E_UNSUPPORTED);
        return absent;
    }
    return covey__cbor_content(r, &h);
}

covey_bytes covey_cbor_get_bytes(covey_cbor_reader *r)
{
    return get_string(r, MAJOR_BYTES);
}

covey_bytes covey_cbor_get_text(covey_cbor_reader *r)
{
    return get_string(r, MAJOR_TEXT);
}

uint8_t covey_cbor_get_simple(covey_cbor_reader *r)
{
    struct cbor_head h;

    if (!get_major(r, MAJOR_OTHER, &h)) {
        return 0;
    }
    if (h.info > INFO_1) { /* floating point, break */
        covey__cbor_fail_at(r, h.at, COVEY_E_FORMAT);
        return 0;
    }
    return (uint8_t)h.argument;
}

bool covey_cbor_get_bool(covey_cbor_reader *r)
{
    size_t at = r->in.pos;
    unsigned value = covey_cbor_get_simple(r);

    if (value != SIMPLE_TRUE && value != SIMPLE_FALSE) {
        covey__cbor_fail_at(r, at, COVEY_E_FORMAT);
    }
    return value == SIMPLE_TRUE;
}

void covey_cbor_get_null(covey_cbor_reader *r)
{
    size_t at = r->in.pos;

    if (covey_cbor_get_simple(r) != SIMPLE_NULL) {
        covey__cbor_fail_at(r, at, COVEY_E_FORMAT);
    }
}

size_t covey__cbor_count(covey_cbor_reader *r, const struct cbor_head *h)
{
    unsigned pairs = h->major == MAJOR_MAP;

    if (h->argument > covey_read_left(&r->in) >> pairs) {
        covey__cbor_fail_at(r, h->at, COVEY_E_SHORT);
        return 0;
    }
    return (size_t)h->argument << pairs;
}

static size_t enter(covey_cbor_reader *r, unsigned major)
{
    struct cbor_head h;

    if (!get_major(r, major, &h)) {
        return 0;
    }
    return h.info == INFO_INDEFINITE ? COVEY_CBOR_INDEFINITE
                                     : covey__cbor_count(r, &h);
}

size_t covey_cbor_get_array(covey_cbor_reader *r)
{
    return enter(r, MAJOR_ARRAY);
}

size_t covey_cbor_get_map(covey_cbor_reader *r)
{
    size_t items = enter(r, MAJOR_MAP);

    return items == COVEY_CBOR_INDEFINITE ? items : items / 2;
}

bool covey_cbor_more(covey_cbor_reader *r, size_t *left)
{
    if (r->in.failed != COVEY_OK || *left == 0) {
        return false;
    }
    if (*left != COVEY_CBOR_INDEFINITE) {
        --*left;
        return true;
    }
    if (covey_cbor_peek(r) == COVEY_CBOR_BREAK) {
        (void)covey_read_u8(&r->in);
        *left = 0;
    }
    return *left != 0;
}

void covey_cbor_key_ascends(covey_cbor_reader *r, covey_bytes *last)
{
    covey_cbor_reader ahead = *r;
    covey_bytes key = covey_cbor_get_item(&ahead);
    size_t common = key.len < last->len ? key.len : last->len;

    if (ahead.in.failed != COVEY_OK) {
        r->in = ahead.in;
        return;
    }
    /* No item begins with another item: equal up here is equal. */
    if (last->ptr != NULL && memcmp(last->ptr, key.ptr, common) >= 0) {
        covey_cbor_fail(r, COVEY_E_FORMAT);
        return;
    }
    *last = key;
}
