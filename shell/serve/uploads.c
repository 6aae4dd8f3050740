/* SPDX-License-Identifier: BSD-2-Clause */
#include "uploads.h"

#include <stdlib.h>
#include <string.h>

enum {
    TAG_MAX = 8 /* RFC 9175 Section 3.2.1 */
};

struct upload {
    const void *link;
    covey_path path;
    const void *security;
    const struct resource *resource; /* NULL: not in use */
    covey_assembly assembly;
    covey_ms at;
    uint8_t code;
    bool tagged;
    uint8_t tag_len;
    uint8_t tag[TAG_MAX];
};

bool uploads_open(struct uploads *u, size_t count, size_t cap)
{
    u->count = 0;
    u->rows = calloc(count, sizeof *u->rows);
    while (u->rows != NULL && u->count < count) {
        covey_assembly *a = &u->rows[u->count].assembly;
        a->cap = (uint32_t)cap;
        a->buffer = malloc(cap + 1);
        if (a->buffer == NULL) {
            break;
        }
        u->count++;
    }
    if (u->rows != NULL && u->count == count) {
        return true;
    }
    uploads_close(u);
    return false;
}

void uploads_close(struct uploads *u)
{
    for (size_t i = 0; i < u->count; i++) {
        free(u->rows[i].assembly.buffer);
    }
    free(u->rows);
    u->rows = NULL;
    u->count = 0;
}

static bool is_of(const struct upload *row, const struct upload_block *b,
                  bool tagged, covey_bytes tag)
{
    return row->resource == b->resource && row->code == b->message->code &&
           row->security == b->security && row->tagged == tagged &&
           row->link == b->link && covey_path_same_peer(&row->path, b->path) &&
           (!tagged ||
            covey_bytes_equal(covey_bytes_of(row->tag, row->tag_len), tag));
}

/* The row of this body, or the one that has to make room for it. */
static struct upload *find(struct uploads *u, const struct upload_block *b,
                           bool tagged, covey_bytes tag, bool *found)
{
    struct upload *oldest = u->rows;

    *found = true;
    for (size_t i = 0; i < u->count; i++) {
        struct upload *row = &u->rows[i];
        if (is_of(row, b, tagged, tag)) {
            return row;
        }
        if (row->resource == NULL || row->at < oldest->at) {
            oldest = oldest->resource == NULL ? oldest : row;
        }
    }
    *found = false;
    return oldest;
}

void uploads_lost(struct uploads *u, const void *link, const covey_path *path)
{
    for (size_t i = 0; i < u->count; i++) {
        struct upload *row = &u->rows[i];
        if (row->resource != NULL && row->link == link &&
            covey_path_same_peer(&row->path, path)) {
            row->resource = NULL;
        }
    }
}

covey_assembly_result
uploads_add(struct uploads *u, const struct upload_block *b, covey_bytes *body)
{
    covey_bytes tag = { NULL, 0 };
    const bool tagged =
        covey_option_sound(b->message, COVEY_OPTION_REQUEST_TAG, &tag);
    bool found;
    struct upload *row = find(u, b, tagged, tag, &found);
    covey_assembly_result result;

    if (!found && b->block.num != 0) {
        return COVEY_ASSEMBLY_GAP;
    }
    if (!found) {
        row->link = b->link;
        row->path = *b->path;
        row->security = b->security;
        row->resource = b->resource;
        row->code = b->message->code;
        row->tagged = tagged;
        row->tag_len = (uint8_t)tag.len;
        row->assembly.len = 0;
        if (tag.len > 0) {
            memcpy(row->tag, tag.ptr, tag.len);
        }
    }
    row->at = b->now;
    result =
        covey_assembly_add(&row->assembly, &b->block, b->message->payload);
    if (result == COVEY_ASSEMBLY_DONE) {
        *body = covey_bytes_of(row->assembly.buffer, row->assembly.len);
    }
    if (result == COVEY_ASSEMBLY_DONE || result == COVEY_ASSEMBLY_TOO_BIG) {
        row->resource = NULL;
    }
    return result;
}
