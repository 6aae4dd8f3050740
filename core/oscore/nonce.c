/* SPDX-License-Identifier: BSD-2-Clause */
/* Partial IVs and nonces, RFC 8613 Sections 5 and 5.2:
 *
 *     | S | padding | ID_PIV | padding | Partial IV |  XOR  Common IV
 *     | 1 |      nonce - 6   |          5           |               */
#include <covey/oscore.h>

#define PIV_MAX ((size_t)COVEY_OSCORE_PIV_MAX)

covey_bytes covey_oscore_piv(uint64_t number,
                             uint8_t buf[COVEY_OSCORE_PIV_MAX])
{
    size_t at = PIV_MAX;

    /* Zero takes a byte, unlike in CoAP's unsigned integers. */
    do {
        at--;
        buf[at] = (uint8_t)number;
        number >>= 8;
    } while (number != 0 && at > 0);
    return covey_bytes_of(buf + at, PIV_MAX - at);
}

covey_status covey_oscore_piv_number(covey_bytes piv, uint64_t *number)
{
    uint64_t n = 0;

    if (piv.len == 0 || piv.len > PIV_MAX ||
        (piv.len > 1 && piv.ptr[0] == 0)) {
        return COVEY_E_FORMAT;
    }
    for (size_t i = 0; i < piv.len; i++) {
        n = n << 8 | piv.ptr[i];
    }
    *number = n;
    return COVEY_OK;
}

covey_status covey_oscore_nonce(uint8_t nonce[COVEY_NONCE_MAX],
                                covey_bytes common_iv, covey_bytes id,
                                covey_bytes piv)
{
    const size_t len = common_iv.len;
    uint8_t padded[COVEY_NONCE_MAX] = { 0 };

    if (len <= PIV_MAX + 1 || len > COVEY_NONCE_MAX || piv.len > PIV_MAX ||
        id.len > len - PIV_MAX - 1) {
        return COVEY_E_ARGUMENT;
    }
    padded[0] = (uint8_t)id.len;
    for (size_t i = 0; i < id.len; i++) {
        padded[len - PIV_MAX - id.len + i] = id.ptr[i];
    }
    for (size_t i = 0; i < piv.len; i++) {
        padded[len - piv.len + i] = piv.ptr[i];
    }
    for (size_t i = 0; i < len; i++) {
        nonce[i] = (uint8_t)(padded[i] ^ common_iv.ptr[i]);
    }
    return COVEY_OK;
}
