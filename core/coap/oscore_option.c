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
