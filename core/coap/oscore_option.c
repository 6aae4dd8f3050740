/* SPDX-License-Identifier: BSD-2-Clause */
/* The value of the OSCORE option, without any cryptography: so SCHC can take
 * it apart on a device that has none.
 *
 * | flags | flags 2 | Partial IV | s | kid context | x | nonce | y | old nonce
 * |   1   |   0, 1  |     n      | 1 |      s      | 1 |  m+1  | 1 |   w+1
 * | kid, to the end
 *
 * flags: RFC 8613 Section 6.1, Group Flag RFC 10021; flags 2, x and nonce:
 * draft-ietf-core-oscore-key-update. All flags zero is written as the empty
 * value, so a first byte of 00 is malformed.
 *
 * Reserved bits of x and y are left to KUDOS, which knows what to answer. */
#include <covey/coap_options.h>

#include <string.h>

#define FLAG_RESERVED 0x40u
#define PIV_MAX       5u
/* RFC 8613 Section 2: the option is 0 to 255 bytes long. */
#define VALUE_MAX 255u
#define M_SEED    0x07u
#define M_14      0x0fu
#define X_HAS_Y   0x40u
#define W         0x0fu

/* RFC 8613 Section 6.1 and, for the second byte, KUDOS. *d says whether x and
 * nonce are there. */
static covey_status check_flags(covey_bytes value, bool *d)
{
    unsigned flags = value.ptr[0];
    unsigned flags2 = 0;

    if (flags == 0 || (flags & FLAG_RESERVED) != 0 ||
        (flags & COVEY_OSCORE_FLAG_N) > PIV_MAX) {
        return COVEY_E_FORMAT;
    }
    if ((flags & COVEY_OSCORE_FLAG_EXTENDED) != 0) {
        if (value.len < 2) {
            return COVEY_E_SHORT;
        }
        flags2 = value.ptr[1];
        if (flags2 > COVEY_OSCORE_FLAG2_D) {
            return COVEY_E_UNSUPPORTED;
        }
    }
    *d = flags2 != 0;
    return COVEY_OK;
}

/* Lengths of x, nonce, y and old nonce, the first being at value.ptr[pos];
 * the position behind them, which lies beyond value.len if they do not fit. */
static size_t kudos_parts(uint16_t len[COVEY_OSCORE_PARTS], covey_bytes value,
                          size_t pos, covey_kudos_layout kudos)
{
    unsigned mask = kudos == COVEY_KUDOS_SEED ? M_SEED : M_14;
    unsigned x = pos < value.len ? value.ptr[pos] : 0;

    len[COVEY_OSCORE_PART_X] = 1;
    len[COVEY_OSCORE_PART_NONCE] = (uint16_t)((x & mask) + 1);
    pos += (x & mask) + 2;
    if (kudos == COVEY_KUDOS_14 && (x & X_HAS_Y) != 0) {
        unsigned w = pos < value.len ? value.ptr[pos] & W : 0;
        len[COVEY_OSCORE_PART_Y] = 1;
        len[COVEY_OSCORE_PART_OLD_NONCE] = (uint16_t)(w + 1);
        pos += w + 2;
    }
    return pos;
}

covey_status covey_oscore_option_split(uint16_t len[COVEY_OSCORE_PARTS],
                                       covey_bytes value,
                                       covey_kudos_layout kudos)
{
    uint16_t l[COVEY_OSCORE_PARTS] = { 0 };
    unsigned flags;
    size_t pos;
    bool d;
    covey_status st;

    if (value.len > VALUE_MAX) {
        return COVEY_E_RANGE;
    }
    if (value.len == 0) {
        memcpy(len, l, sizeof l);
        return COVEY_OK;
    }
    flags = value.ptr[0];
    st = check_flags(value, &d);
    if (st != COVEY_OK) {
        return st;
    }
    l[COVEY_OSCORE_PART_FLAGS] = (uint16_t)(1 + (flags >> 7));
    l[COVEY_OSCORE_PART_PIV] = (uint16_t)(flags & COVEY_OSCORE_FLAG_N);
    pos = 1 + (flags >> 7) + (flags & COVEY_OSCORE_FLAG_N);
    if ((flags & COVEY_OSCORE_FLAG_H) != 0) {
        unsigned s = pos < value.len ? value.ptr[pos] : 0;
        l[COVEY_OSCORE_PART_KID_CTX] = (uint16_t)(1 + s);
        pos += 1 + s;
    }
    if (d) {
        pos = kudos_parts(l, value, pos, kudos);
    }
    if (pos > value.len) {
        return COVEY_E_SHORT;
    }
    if ((flags & COVEY_OSCORE_FLAG_K) != 0) {
        l[COVEY_OSCORE_PART_KID] = (uint16_t)(value.len - pos);
    } else if (pos != value.len) {
        return COVEY_E_FORMAT;
    }
    memcpy(len, l, sizeof l);
    return COVEY_OK;
}

covey_status covey_oscore_option_parse(covey_oscore_option *out,
                                       covey_bytes value,
                                       covey_kudos_layout kudos)
{
    uint16_t len[COVEY_OSCORE_PARTS];
    const uint8_t *part[COVEY_OSCORE_PARTS];
    covey_oscore_option o = { 0 };
    const uint8_t *p = value.ptr;
    covey_status st = covey_oscore_option_split(len, value, kudos);

    if (st != COVEY_OK || value.len == 0) {
        if (st == COVEY_OK) {
            *out = o;
        }
        return st;
    }
    for (size_t i = 0; i < COVEY_OSCORE_PARTS; i++) {
        part[i] = p;
        p += len[i];
    }
    o.group = (value.ptr[0] & COVEY_OSCORE_FLAG_GROUP) != 0;
    if (len[COVEY_OSCORE_PART_PIV] > 0) {
        o.partial_iv = covey_bytes_of(part[COVEY_OSCORE_PART_PIV],
                                      len[COVEY_OSCORE_PART_PIV]);
    }
    if (len[COVEY_OSCORE_PART_KID_CTX] > 0) {
        o.kid_context =
            covey_bytes_of(part[COVEY_OSCORE_PART_KID_CTX] + 1,
                           (size_t)len[COVEY_OSCORE_PART_KID_CTX] - 1);
    }
    if (len[COVEY_OSCORE_PART_X] > 0) {
        o.kudos = true;
        o.x = part[COVEY_OSCORE_PART_X][0];
        o.nonce = covey_bytes_of(part[COVEY_OSCORE_PART_NONCE],
                                 len[COVEY_OSCORE_PART_NONCE]);
    }
    if (len[COVEY_OSCORE_PART_Y] > 0) {
        o.has_y = true;
        o.y = part[COVEY_OSCORE_PART_Y][0];
        o.old_nonce = covey_bytes_of(part[COVEY_OSCORE_PART_OLD_NONCE],
                                     len[COVEY_OSCORE_PART_OLD_NONCE]);
    }
    if ((value.ptr[0] & COVEY_OSCORE_FLAG_K) != 0) {
        o.kid = covey_bytes_of(part[COVEY_OSCORE_PART_KID],
                               len[COVEY_OSCORE_PART_KID]);
    }
    *out = o;
    return COVEY_OK;
}

/* What the lengths in x and y say about nonce and old nonce. */
static bool kudos_agrees(const covey_oscore_option *o,
                         covey_kudos_layout kudos)
{
    unsigned mask = kudos == COVEY_KUDOS_SEED ? M_SEED : M_14;
    bool wants_y = kudos == COVEY_KUDOS_14 && (o->x & X_HAS_Y) != 0;

    if (!o->kudos) {
        return !o->has_y;
    }
    return o->nonce.len == (o->x & mask) + 1u && o->has_y == wants_y &&
           (!wants_y || o->old_nonce.len == (o->y & W) + 1u);
}

/* The first flag byte, RFC 8613 Section 6.1. */
static unsigned flags_of(const covey_oscore_option *o)
{
    unsigned flags = (unsigned)o->partial_iv.len;

    if (o->kid.ptr != NULL) {
        flags |= COVEY_OSCORE_FLAG_K;
    }
    if (o->kid_context.ptr != NULL) {
        flags |= COVEY_OSCORE_FLAG_H;
    }
    if (o->group) {
        flags |= COVEY_OSCORE_FLAG_GROUP;
    }
    if (o->kudos) {
        flags |= COVEY_OSCORE_FLAG_EXTENDED;
    }
    return flags;
}

/* Length of the value with these flags. */
static size_t encoded_len(const covey_oscore_option *o, unsigned flags)
{
    size_t len = flags != 0 ? 1 : 0;

    len += o->partial_iv.len + o->kid.len;
    if ((flags & COVEY_OSCORE_FLAG_H) != 0) {
        len += 1 + o->kid_context.len;
    }
    if (o->kudos) {
        len += 2 + o->nonce.len;
    }
    if (o->has_y) {
        len += 1 + o->old_nonce.len;
    }
    return len;
}

covey_status covey_oscore_option_encode(covey_writer *out,
                                        const covey_oscore_option *option,
                                        covey_kudos_layout kudos)
{
    const covey_oscore_option *o = option;
    unsigned flags = 0;

    if ((o->partial_iv.ptr != NULL && o->partial_iv.len == 0) ||
        o->partial_iv.len > PIV_MAX || o->kid_context.len > VALUE_MAX ||
        o->kid.len > VALUE_MAX || !kudos_agrees(o, kudos)) {
        return COVEY_E_ARGUMENT;
    }
    flags = flags_of(o);
    if (encoded_len(o, flags) > VALUE_MAX) {
        return COVEY_E_ARGUMENT;
    }
    if (flags != 0) {
        covey_write_u8(out, (uint8_t)flags);
    }
    if (o->kudos) {
        covey_write_u8(out, COVEY_OSCORE_FLAG2_D);
    }
    covey_write_bytes(out, o->partial_iv);
    if ((flags & COVEY_OSCORE_FLAG_H) != 0) {
        covey_write_u8(out, (uint8_t)o->kid_context.len);
        covey_write_bytes(out, o->kid_context);
    }
    if (o->kudos) {
        covey_write_u8(out, o->x);
        covey_write_bytes(out, o->nonce);
    }
    if (o->has_y) {
        covey_write_u8(out, o->y);
        covey_write_bytes(out, o->old_nonce);
    }
    covey_write_bytes(out, o->kid);
    return out->failed;
}
