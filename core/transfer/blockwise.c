/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies in blocks: which bytes are sent in which (RFC 7959 Sections 2.2 to
 * 2.4, RFC 8323 Section 6), and how they come together again. */
#include <covey/transfer.h>

#include <string.h>

#define NUM_MAX     0xfffffu
#define BAD_REQUEST COVEY_COAP_CODE(4, 0)

covey_status covey_slice_at(covey_slice *out, uint64_t total, uint64_t offset,
                            uint8_t szx, uint32_t room)
{
    const uint32_t size = covey_block_size(szx);
    const uint64_t left = total - offset;
    uint64_t len = size;

    if (szx > COVEY_SZX_BERT || (szx == COVEY_SZX_BERT && room < size)) {
        return COVEY_E_ARGUMENT;
    }
    if (offset % size != 0 || offset > total ||
        (offset == total && offset != 0) ||
        total > (uint64_t)size * (NUM_MAX + 1)) {
        return COVEY_E_RANGE;
    }
    if (szx == COVEY_SZX_BERT) {
        len = room - room % size;
    }
    out->block.more = left > len;
    out->block.num = (uint32_t)(offset / size);
    out->block.szx = szx;
    out->whole = offset == 0 && !out->block.more;
    out->offset = offset;
    out->len = (uint32_t)(left < len ? left : len);
    return COVEY_OK;
}

uint8_t covey_serve_block(covey_slice *out, const covey_coap_message *request,
                          const covey_serve *serve)
{
    covey_block block = { 0, false, serve->szx };
    uint64_t offset;
    uint8_t szx;

    (void)covey_option_sound_block(request, COVEY_OPTION_BLOCK2, &block);
    if ((block.szx == COVEY_SZX_BERT && serve->szx != COVEY_SZX_BERT) ||
        (serve->group && block.num != 0)) {
        return BAD_REQUEST;
    }
    /* Section 2.4: a server may answer with a smaller block than was asked
     * for; what was asked for begins where it would have begun. */
    offset = (uint64_t)block.num * covey_block_size(block.szx);
    szx = block.szx < serve->szx ? block.szx : serve->szx;
    if (szx == COVEY_SZX_BERT && serve->room < covey_block_size(szx)) {
        szx = COVEY_SZX_BERT - 1;
    }
    return covey_slice_at(out, serve->total, offset, szx, serve->room) ==
                   COVEY_OK
               ? 0
               : BAD_REQUEST;
}

/* The payload is as long as a block of this kind may be. */
static bool is_well_sized(const covey_block *block, size_t len)
{
    const uint32_t size = covey_block_size(block->szx);

    if (block->more && len == 0) {
        return false;
    }
    if (block->szx == COVEY_SZX_BERT) {
        return !block->more || len % size == 0;
    }
    return block->more ? len == size : len <= size;
}

covey_assembly_result covey_assembly_add(covey_assembly *a,
                                         const covey_block *block,
                                         covey_bytes payload)
{
    const uint64_t offset =
        (uint64_t)block->num * covey_block_size(block->szx);

    if (!is_well_sized(block, payload.len)) {
        return COVEY_ASSEMBLY_BAD;
    }
    if (payload.len > 0 && offset + payload.len == a->len && block->more &&
        offset > 0 &&
        memcmp(a->buffer + offset, payload.ptr, payload.len) == 0) {
        return COVEY_ASSEMBLY_AGAIN;
    }
    if (offset != 0 && offset != a->len) {
        return COVEY_ASSEMBLY_GAP;
    }
    if (offset > a->cap || payload.len > a->cap - offset) {
        return COVEY_ASSEMBLY_TOO_BIG;
    }
    if (payload.len > 0) {
        memcpy(a->buffer + offset, payload.ptr, payload.len);
    }
    a->len = (uint32_t)(offset + payload.len);
    a->szx = block->szx;
    return block->more ? COVEY_ASSEMBLY_MORE : COVEY_ASSEMBLY_DONE;
}
