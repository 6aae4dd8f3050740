/* SPDX-License-Identifier: BSD-2-Clause */
/* The value of Block1, Block2, Q-Block1 and Q-Block2 (RFC 7959 Section 2.2):
 * an unsigned integer of up to 24 bits, NUM | M | SZX. */
#include <covey/coap_options.h>

#include <string.h>

#define BLOCK_MAX_LEN 3u
#define NUM_MAX       0xfffffu
#define MORE          0x08u
#define SZX           0x07u
#define SZX_BERT      7u

covey_status covey_block_parse(covey_bytes value, covey_block *out)
{
    uint32_t v;

    if (value.len > BLOCK_MAX_LEN ||
        covey_option_uint(value, &v) != COVEY_OK) {
        return COVEY_E_RANGE;
    }
    out->num = v >> 4;
    out->more = (v & MORE) != 0;
    out->szx = (uint8_t)(v & SZX);
    return COVEY_OK;
}

covey_status covey_block_encode(const covey_block *block, uint8_t buf[3],
                                covey_bytes *out)
{
    uint8_t wide[4];
    covey_bytes value;

    if (block->num > NUM_MAX || block->szx > SZX) {
        return COVEY_E_ARGUMENT;
    }
    value = covey_option_uint_encode(
        block->num << 4 | (block->more ? MORE : 0) | block->szx, wide);
    memcpy(buf, value.ptr, value.len);
    *out = covey_bytes_of(buf, value.len);
    return COVEY_OK;
}

void covey_coap_put_block(covey_coap_composer *c, uint16_t number,
                          const covey_block *block)
{
    uint8_t buf[BLOCK_MAX_LEN];
    covey_bytes value;

    if (covey_block_encode(block, buf, &value) == COVEY_OK) {
        covey_coap_put_option(c, number, value);
    }
}

uint32_t covey_block_size(uint8_t szx)
{
    return szx < SZX_BERT ? UINT32_C(16) << szx : 1024;
}
