/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies of requests that come in blocks, RFC 7959 Sections 2.5 and 2.9. */
#include <covey/transfer.h>

#include <string.h>

#define CONTINUE         COVEY_COAP_CODE(2, 31)
#define BAD_REQUEST      COVEY_COAP_CODE(4, 0)
#define INCOMPLETE       COVEY_COAP_CODE(4, 8)
#define ENTITY_TOO_LARGE COVEY_COAP_CODE(4, 13)
#define UNAVAILABLE      COVEY_COAP_CODE(5, 3)

static uint64_t absorb(uint64_t h, covey_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        h = (h ^ bytes.ptr[i]) * UINT64_C(0x100000001b3);
        h ^= h >> 29;
    }
    return h;
}

/* Options that differ between the blocks of one request. */
static bool is_of_one_block(uint16_t number)
{
    return number == COVEY_OPTION_BLOCK1 || number == COVEY_OPTION_BLOCK2 ||
           number == COVEY_OPTION_NO_RESPONSE ||
           covey_option_no_cache_key(number);
}

/* RFC 7959 Section 2: what makes two blocks parts of one request. */
static uint64_t key_of(const covey_uploads *u, const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    uint64_t h = absorb(u->secret, covey_bytes_of(&m->code, 1));

    while (covey_coap_option_next(&it, &o)) {
        const uint8_t head[4] = { (uint8_t)(o.number >> 8), (uint8_t)o.number,
                                  (uint8_t)(o.value.len >> 8),
                                  (uint8_t)o.value.len };
        if (!is_of_one_block(o.number)) {
            h = absorb(h, covey_bytes_of(head, sizeof head));
            h = absorb(h, o.value);
        }
    }
    return h;
}

static bool is_alive(const covey_upload_row *row, covey_ms now)
{
    return row->used && now <= row->due;
}

static covey_upload_row *find(covey_uploads *u, const covey_upload_row *like,
                              covey_ms now)
{
    for (uint32_t i = 0; i < u->count; i++) {
        covey_upload_row *row = &u->rows[i];
        if (is_alive(row, now) && row->key == like->key &&
            row->scope == like->scope &&
            covey_path_same_peer(&row->path, &like->path)) {
            return row;
        }
    }
    return NULL;
}

/* A row for a body that begins, or NULL. */
static covey_upload_row *take(covey_uploads *u, const covey_upload_row *like,
                              covey_ms now)
{
    covey_upload_row *best = NULL;

    for (uint32_t i = 0; i < u->count; i++) {
        covey_upload_row *row = &u->rows[i];
        if (!is_alive(row, now)) {
            best = row;
            break;
        }
        if (covey_path_same_peer(&row->path, &like->path) &&
            (best == NULL || row->due < best->due)) {
            best = row;
        }
    }
    if (best != NULL) {
        *best = *like;
        best->used = true;
        best->body.buffer = u->storage + (size_t)(best - u->rows) * u->slot;
        best->body.cap = u->slot;
    }
    return best;
}

static uint8_t respond(covey_upload_row *row, covey_assembly_result result,
                       covey_upload *out)
{
    switch (result) {
    case COVEY_ASSEMBLY_MORE:
    case COVEY_ASSEMBLY_AGAIN:
        return CONTINUE;
    case COVEY_ASSEMBLY_DONE:
        row->used = false;
        out->body = covey_bytes_of(row->body.buffer, row->body.len);
        return 0;
    case COVEY_ASSEMBLY_GAP:
        return INCOMPLETE;
    case COVEY_ASSEMBLY_TOO_BIG:
        row->used = false;
        out->size1 = row->body.cap;
        return ENTITY_TOO_LARGE;
    case COVEY_ASSEMBLY_BAD:
        break;
    }
    return BAD_REQUEST;
}

uint8_t covey_uploads_receive(covey_uploads *u, covey_ms now,
                              const covey_path *path, uint32_t scope,
                              const covey_coap_message *request,
                              covey_upload *out)
{
    covey_upload_row like;
    covey_upload_row *row;
    covey_block block;

    memset(out, 0, sizeof *out);
    if (!covey_option_sound_block(request, COVEY_OPTION_BLOCK1, &block)) {
        out->body = request->payload;
        return 0;
    }
    if (path->group) {
        return UNAVAILABLE;
    }
    if (block.szx == COVEY_SZX_BERT && u->szx != COVEY_SZX_BERT) {
        return BAD_REQUEST;
    }
    memset(&like, 0, sizeof like);
    like.path = *path;
    like.scope = scope;
    like.key = key_of(u, request);
    row = find(u, &like, now);
    if (row == NULL && block.num != 0) {
        return INCOMPLETE;
    }
    if (row == NULL) {
        row = take(u, &like, now);
    }
    if (row == NULL) {
        return UNAVAILABLE;
    }
    row->due = now + u->expiry;
    out->has_block1 = true;
    out->block1 = block;
    if (block.szx > u->szx) {
        out->block1.szx = u->szx; /* Section 2.3: smaller from here on */
    }
    return respond(
        row, covey_assembly_add(&row->body, &block, request->payload), out);
}
