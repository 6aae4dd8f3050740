/* SPDX-License-Identifier: BSD-2-Clause */
/* Canonical OER (X.696): each value has one encoding, and every other is
 * refused. Only what IEEE 1609.2 uses is here. */
#include "its_internal.h"

enum {
    LONG_FORM = 0x80,  /* length of a length follows */
    LENGTH_BYTES = 3,  /* more than 16 MB is never wanted */
    CHOICE_MAX = 0x3f, /* tags of one octet */
    BITMAP_BYTES = 4
};

struct oer covey__oer_of(covey_bytes bytes)
{
    struct oer o = { .r = covey_reader_of(bytes) };

    return o;
}

bool covey__oer_fine(const struct oer *o)
{
    return o->r.failed == COVEY_OK;
}

void covey__oer_refuse(struct oer *o, covey_status st, covey_its_reason reason,
                       size_t at)
{
    if (covey__oer_fine(o)) {
        o->r.failed = st;
        o->reason = reason;
        o->at = at;
    }
}

void covey__oer_refuse_value(struct oer *o, covey_its_reason reason,
                             uint64_t found, uint64_t expected)
{
    if (covey__oer_fine(o)) {
        covey__oer_refuse(o, COVEY_E_RANGE, reason, o->r.pos);
        o->found = found;
        o->expected = expected;
    }
}

covey_status covey__oer_verdict(struct oer *o, covey_its_finding *why)
{
    if (covey__oer_fine(o)) {
        return COVEY_OK;
    }
    if (o->reason == COVEY_ITS_FINE) { /* the reader's own: nothing left */
        o->reason = COVEY_ITS_R_SHORT;
        o->at = o->r.pos;
    }
    if (why) {
        *why = (covey_its_finding){ .reason = o->reason,
                                    .offset = (uint32_t)o->at,
                                    .found = o->found,
                                    .expected = o->expected };
    }
    return o->r.failed;
}

covey_status covey__oer_end(struct oer *o, covey_its_finding *why)
{
    if (covey_read_left(&o->r) > 0) {
        covey__oer_refuse(o, COVEY_E_FORMAT, COVEY_ITS_R_TRAILING, o->r.pos);
    }
    return covey__oer_verdict(o, why);
}

uint8_t covey__oer_u8(struct oer *o)
{
    return covey__oer_fine(o) ? covey_read_u8(&o->r) : 0;
}

uint16_t covey__oer_u16(struct oer *o)
{
    return covey__oer_fine(o) ? covey_read_u16(&o->r) : 0;
}

uint32_t covey__oer_u32(struct oer *o)
{
    return covey__oer_fine(o) ? covey_read_u32(&o->r) : 0;
}

uint64_t covey__oer_u64(struct oer *o)
{
    uint64_t high = covey__oer_u32(o);

    return high << 32 | covey__oer_u32(o);
}

covey_bytes covey__oer_bytes(struct oer *o, size_t n)
{
    return covey__oer_fine(o) ? covey_read_bytes(&o->r, n)
                              : covey_bytes_of(NULL, 0);
}

static void refuse_form(struct oer *o, size_t at)
{
    covey__oer_refuse(o, COVEY_E_FORMAT, COVEY_ITS_R_CANONICAL, at);
}

size_t covey__oer_length(struct oer *o)
{
    size_t at = o->r.pos;
    size_t len = covey__oer_u8(o);
    unsigned more = (unsigned)len & ~(unsigned)LONG_FORM;

    if (len < LONG_FORM) {
        return len;
    }
    if (more == 0 || more > LENGTH_BYTES) {
        refuse_form(o, at);
        return 0;
    }
    len = 0;
    for (unsigned i = 0; i < more; i++) {
        len = len << 8 | covey__oer_u8(o);
    }
    if (len < LONG_FORM || len >> 8 * (more - 1) == 0) {
        refuse_form(o, at);
    }
    return covey__oer_fine(o) ? len : 0;
}

covey_bytes covey__oer_octets(struct oer *o, size_t min, size_t max)
{
    size_t len = covey__oer_length(o);

    if (covey__oer_fine(o) && (len < min || len > max)) {
        covey__oer_refuse_value(o, COVEY_ITS_R_LENGTH, len,
                                len < min ? min : max);
    }
    return covey__oer_bytes(o, len);
}

uint64_t covey__oer_unsigned(struct oer *o)
{
    size_t at = o->r.pos;
    covey_bytes b = covey__oer_octets(o, 1, sizeof(uint64_t));
    uint64_t v = 0;

    for (size_t i = 0; i < b.len; i++) {
        v = v << 8 | b.ptr[i];
    }
    if (b.len > 1 && b.ptr[0] == 0) {
        refuse_form(o, at);
    }
    return v;
}

int32_t covey__oer_integer(struct oer *o)
{
    size_t at = o->r.pos;
    covey_bytes b = covey__oer_octets(o, 1, sizeof(int32_t));
    bool negative = b.len > 0 && b.ptr[0] >= 0x80;
    uint32_t v = negative ? UINT32_MAX : 0;

    for (size_t i = 0; i < b.len; i++) {
        v = v << 8 | b.ptr[i];
    }
    /* A first octet that only repeats the sign of the second. */
    if (b.len > 1 && b.ptr[0] == (b.ptr[1] >= 0x80 ? 0xff : 0)) {
        refuse_form(o, at);
    }
    return negative ? -(int32_t)~v - 1 : (int32_t)v;
}

size_t covey__oer_quantity(struct oer *o, size_t min, size_t max)
{
    size_t at = o->r.pos;
    covey_bytes b = covey__oer_octets(o, 1, 3);
    size_t n = 0;

    for (size_t i = 0; i < b.len; i++) {
        n = n << 8 | b.ptr[i];
    }
    if (b.len > 1 && b.ptr[0] == 0) {
        refuse_form(o, at);
    }
    if (covey__oer_fine(o) && (n < min || n > max)) {
        covey__oer_refuse_value(o, COVEY_ITS_R_QUANTITY, n,
                                n < min ? min : max);
        o->r.failed = n < min ? COVEY_E_RANGE : COVEY_E_UNSUPPORTED;
    }
    return covey__oer_fine(o) ? n : 0;
}

unsigned covey__oer_choice(struct oer *o, unsigned count)
{
    size_t at = o->r.pos;
    unsigned tag = covey__oer_u8(o);

    if (!covey__oer_fine(o)) {
        return count;
    }
    if ((tag & ~(unsigned)CHOICE_MAX) != 0x80 || tag - 0x80 >= count) {
        covey__oer_refuse(o, COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE, at);
        o->found = tag;
        return count;
    }
    return tag - 0x80;
}

unsigned covey__oer_preamble(struct oer *o, unsigned allowed)
{
    size_t at = o->r.pos;
    unsigned bits = covey__oer_u8(o);

    if (bits & ~allowed) {
        refuse_form(o, at);
    }
    return covey__oer_fine(o) ? bits : 0;
}

size_t covey__oer_open(struct oer *o)
{
    size_t len = covey__oer_length(o);

    if (len > covey_read_left(&o->r)) {
        covey__oer_refuse(o, COVEY_E_SHORT, COVEY_ITS_R_SHORT, o->r.len);
    }
    return o->r.pos + len;
}

void covey__oer_close(struct oer *o, size_t end)
{
    if (covey__oer_fine(o) && o->r.pos != end) {
        covey__oer_refuse(o, COVEY_E_FORMAT, COVEY_ITS_R_LENGTH, o->r.pos);
        o->found = o->r.pos;
        o->expected = end;
    }
}

/* X.696 Section 16.4: a BIT STRING of variable size. Its number of bits is
 * the sender's edition's, so zeros at the end are as they should be; that not
 * one bit is set is not. */
uint32_t covey__oer_bitmap(struct oer *o)
{
    size_t at = o->r.pos;
    covey_bytes b = covey__oer_octets(o, 2, 1 + BITMAP_BYTES);
    uint32_t bits = 0;

    if (!covey__oer_fine(o)) {
        return 0;
    }
    for (size_t i = 1; i <= BITMAP_BYTES; i++) {
        bits = bits << 8 | (i < b.len ? b.ptr[i] : 0u);
    }
    if (b.ptr[0] > 7 || bits == 0 ||
        (b.ptr[b.len - 1] & ((1u << b.ptr[0]) - 1)) != 0) {
        refuse_form(o, at);
        return 0;
    }
    return bits;
}

covey_bytes covey__oer_since(const struct oer *o, size_t from)
{
    return covey_bytes_of(o->r.base + from, o->r.pos - from);
}

/* The octets of a number, most significant first, as few as it needs. */
static void put_number(covey_writer *w, uint64_t v, unsigned octets)
{
    for (unsigned i = octets; i > 0; i--) {
        covey_write_u8(w, (uint8_t)(v >> 8 * (i - 1)));
    }
}

static unsigned octets_of(uint64_t v)
{
    unsigned n = 1;

    while (n < sizeof v && v >> 8 * n != 0) {
        n++;
    }
    return n;
}

void covey__oer_put_length(covey_writer *w, size_t len)
{
    if (len >= LONG_FORM) {
        covey_write_u8(w, (uint8_t)(LONG_FORM | octets_of(len)));
    }
    put_number(w, len, octets_of(len));
}

void covey__oer_put_octets(covey_writer *w, covey_bytes bytes)
{
    covey__oer_put_length(w, bytes.len);
    covey_write_bytes(w, bytes);
}

void covey__oer_put_unsigned(covey_writer *w, uint64_t v)
{
    covey_write_u8(w, (uint8_t)octets_of(v));
    put_number(w, v, octets_of(v));
}

void covey__oer_put_integer(covey_writer *w, int32_t v)
{
    uint32_t magnitude = v < 0 ? ~(uint32_t)v : (uint32_t)v;
    unsigned n = 1;

    while (n < sizeof v && magnitude >> (8 * n - 1) != 0) {
        n++;
    }
    covey_write_u8(w, (uint8_t)n);
    put_number(w, (uint32_t)v, n);
}

void covey__oer_put_u64(covey_writer *w, uint64_t v)
{
    put_number(w, v, sizeof v);
}
