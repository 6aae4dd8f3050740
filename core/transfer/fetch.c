/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's side of a block-wise transfer: first the body of the request
 * by Block1, then that of the response by Block2 (RFC 7959 Sections 2.5 to
 * 2.9). Every message is a request of its own. */
#include <covey/transfer.h>

#include <string.h>

#define CONTINUE         COVEY_COAP_CODE(2, 31)
#define INCOMPLETE       COVEY_COAP_CODE(4, 8)
#define ENTITY_TOO_LARGE COVEY_COAP_CODE(4, 13)
/* A resource that has changed this often while it was read is given up. */
#define RESTARTS_MAX 4u

covey_status covey_fetch_init(covey_fetch *f, const covey_fetch_config *config)
{
    if (config->szx > COVEY_SZX_BERT ||
        (config->szx == COVEY_SZX_BERT &&
         config->room < covey_block_size(COVEY_SZX_BERT))) {
        return COVEY_E_ARGUMENT;
    }
    memset(f, 0, sizeof *f);
    f->config = *config;
    f->response.buffer = config->buffer;
    f->response.cap = config->cap;
    f->szx1 = config->szx;
    f->szx2 = config->szx;
    f->receiving = config->body.ptr == NULL;
    return COVEY_OK;
}

covey_status covey_fetch_next(covey_fetch *f, covey_fetch_request *out)
{
    covey_fetch_request r = { 0 };
    covey_status st;

    if (!f->receiving) {
        st = covey_slice_at(&f->slice, f->config.body.len, f->sent, f->szx1,
                            f->config.room);
        if (st != COVEY_OK) {
            return st;
        }
        r.has_block1 = !f->slice.whole;
        r.block1 = f->slice.block;
        r.payload =
            covey_bytes_of(f->config.body.ptr + f->slice.offset, f->slice.len);
    }
    if (f->response.len > 0 || f->config.ask) {
        r.has_block2 = true;
        r.block2.num = f->response.len / covey_block_size(f->szx2);
        r.block2.szx = f->szx2;
    }
    *out = r;
    return COVEY_OK;
}

/* Begins again with the request's body, in blocks of this size. */
static void restart_body(covey_fetch *f, uint8_t szx)
{
    f->sent = 0;
    f->szx1 = szx;
    f->restarts++;
}

/* The size that the server wants from here on, if it is smaller. */
static void shrink(uint8_t *szx, uint8_t wanted)
{
    if (wanted < *szx) {
        *szx = wanted;
    }
}

/* The answer to a block of the request's body. */
static covey_fetch_result
on_body_answer(covey_fetch *f, const covey_coap_message *m, bool *final)
{
    covey_block block;
    const bool has_block =
        covey_option_sound_block(m, COVEY_OPTION_BLOCK1, &block);

    *final = false;
    if (m->code == CONTINUE) {
        if (!has_block || block.num != f->slice.block.num ||
            !f->slice.block.more) {
            return COVEY_FETCH_FAILED;
        }
        f->sent += f->slice.len;
        shrink(&f->szx1, block.szx);
        return COVEY_FETCH_NEXT;
    }
    /* Section 2.9.3: too large as it was sent, but smaller blocks will do;
     * 2.9.2: the server has lost what came before. */
    if (f->restarts < RESTARTS_MAX &&
        ((m->code == ENTITY_TOO_LARGE && has_block && block.szx < f->szx1) ||
         (m->code == INCOMPLETE && f->sent > 0))) {
        restart_body(f, m->code == INCOMPLETE ? f->szx1 : block.szx);
        return COVEY_FETCH_NEXT;
    }
    *final = true;
    return COVEY_FETCH_DONE;
}

/* Whether this block belongs to the same representation as those before. */
static bool is_same(const covey_fetch *f, covey_bytes etag)
{
    return etag.len == f->etag_len && memcmp(f->etag, etag.ptr, etag.len) == 0;
}

static covey_fetch_result take_block(covey_fetch *f,
                                     const covey_coap_message *m,
                                     const covey_block *block)
{
    covey_bytes etag = covey_bytes_of(f->etag, 0);

    (void)covey_option_sound(m, COVEY_OPTION_ETAG, &etag);
    if (f->response.len > 0 && (block->num == 0 || !is_same(f, etag))) {
        if (f->restarts == RESTARTS_MAX) {
            return COVEY_FETCH_FAILED;
        }
        f->restarts++;
        f->response.len = 0;
        f->config.ask = true; /* the first block, by number */
        if (block->num != 0) {
            return COVEY_FETCH_NEXT;
        }
    }
    switch (covey_assembly_add(&f->response, block, m->payload)) {
    case COVEY_ASSEMBLY_DONE:
        return COVEY_FETCH_DONE;
    case COVEY_ASSEMBLY_MORE:
        break;
    case COVEY_ASSEMBLY_AGAIN:
    case COVEY_ASSEMBLY_GAP:
    case COVEY_ASSEMBLY_BAD:
    case COVEY_ASSEMBLY_TOO_BIG:
        return COVEY_FETCH_FAILED;
    }
    if (block->num == 0) {
        memmove(f->etag, etag.ptr, etag.len);
        f->etag_len = (uint8_t)etag.len;
    }
    shrink(&f->szx2, block->szx);
    return COVEY_FETCH_NEXT;
}

covey_fetch_result covey_fetch_response(covey_fetch *f,
                                        const covey_coap_message *response)
{
    covey_block block = { 0, false, COVEY_SZX_BERT };
    bool final = true;

    if (!f->receiving) {
        const covey_fetch_result r = on_body_answer(f, response, &final);
        if (!final) {
            return r;
        }
        f->receiving = true;
    }
    if (covey_option_sound_block(response, COVEY_OPTION_BLOCK2, &block)) {
        if (block.szx == COVEY_SZX_BERT && f->config.szx != COVEY_SZX_BERT) {
            return COVEY_FETCH_FAILED;
        }
        return take_block(f, response, &block);
    }
    /* Not in blocks: the whole body at once, whatever came before. */
    if (response->payload.len > f->response.cap) {
        return COVEY_FETCH_FAILED;
    }
    if (response->payload.len > 0) {
        memcpy(f->response.buffer, response->payload.ptr,
               response->payload.len);
    }
    f->response.len = (uint32_t)response->payload.len;
    return COVEY_FETCH_DONE;
}

covey_bytes covey_fetch_body(const covey_fetch *f)
{
    return covey_bytes_of(f->response.buffer, f->response.len);
}
