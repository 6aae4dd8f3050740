/* SPDX-License-Identifier: BSD-2-Clause */
#include "later.h"

#include "asker.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

enum {
    SHARE = 4 /* a part of the table, for one address */
};

bool later_open(struct later *l, uint32_t count, uint64_t key, covey_ms now)
{
    memset(l, 0, sizeof *l);
    l->rows = calloc(count, sizeof *l->rows);
    l->timer = calloc(count, sizeof *l->timer);
    l->slot = calloc(COVEY_SLOTS((size_t)count), sizeof *l->slot);
    l->of_address = calloc(count, sizeof *l->of_address);
    if (l->rows == NULL || l->timer == NULL || l->slot == NULL ||
        l->of_address == NULL) {
        later_close(l);
        return false;
    }
    l->count = count;
    l->key = key;
    l->free = NONE;
    covey_slots_init(&l->slots, l->slot, count);
    covey_timers_init(&l->timers, l->timer, count, now);
    return true;
}

void later_close(struct later *l)
{
    for (uint32_t i = 0; l->rows != NULL && i < l->fresh; i++) {
        free(l->rows[i].options);
    }
    free(l->rows);
    free(l->timer);
    free(l->slot);
    free(l->of_address);
    memset(l, 0, sizeof *l);
}

/* Whatever its port: who has one has many of them. */
static uint32_t *of_address(const struct later *l, const covey_path *path)
{
    covey_path host = { .peer = path->peer };

    host.peer.port = 0;
    return &l->of_address[covey_path_hash(&host, l->key) % l->count];
}

/* One that is not in use, or NULL. */
static struct later_row *take_row(struct later *l)
{
    struct later_row *row = NULL;

    if (l->free != NONE) {
        row = &l->rows[l->free];
        l->free = row->next;
    } else if (l->fresh < l->count) {
        row = &l->rows[l->fresh++];
    }
    return row;
}

struct later_row *later_take(struct later *l, const covey_path *path,
                             uint8_t *code)
{
    struct later_row *row;

    if (*of_address(l, path) >= (l->count + SHARE - 1) / SHARE) {
        *code = COVEY_COAP_CODE(4, 29); /* RFC 8516 */
        return NULL;
    }
    row = take_row(l);
    if (row == NULL) {
        *code = COVEY_COAP_CODE(5, 3);
        return NULL;
    }
    l->serial += l->serial == UINT32_MAX ? 2 : 1;
    row->serial = l->serial;
    return row;
}

void later_return(struct later *l, struct later_row *row)
{
    row->link = NULL;
    row->next = l->free;
    l->free = (uint32_t)(row - l->rows);
}

bool later_put(struct later *l, struct later_row *row, struct link *link,
               const covey_endpoint_in *in, struct resource *resource,
               covey_ms due)
{
    const covey_bytes options = in->message.options;
    const uint32_t i = (uint32_t)(row - l->rows);

    row->options = malloc(options.len + 1);
    if (row->options == NULL) {
        later_return(l, row);
        return false;
    }
    if (options.len > 0) {
        memcpy(row->options, options.ptr, options.len);
    }
    row->options_len = options.len;
    row->request = in->request;
    row->link = link;
    row->resource = resource;
    row->code = in->message.code;
    row->member = in->opened.member;
    row->hash =
        asker_hash(&in->request.path, asker_token(&in->request), l->key);
    covey_slots_insert(&l->slots, row->hash, i);
    covey_timers_set(&l->timers, i, due);
    ++*of_address(l, &row->request.path);
    l->used++;
    return true;
}

struct later_row later_remove(struct later *l, struct later_row *row)
{
    const struct later_row removed = *row;
    const uint32_t i = (uint32_t)(row - l->rows);

    covey_slots_remove(&l->slots, row->hash, i);
    covey_timers_cancel(&l->timers, i);
    --*of_address(l, &row->request.path);
    l->used--;
    row->options = NULL;
    later_return(l, row);
    return removed;
}

void later_drop(struct later *l, struct later_row *row)
{
    const struct later_row removed = later_remove(l, row);

    free(removed.options);
}

void later_lost(struct later *l, const struct link *link,
                const covey_path *path)
{
    for (uint32_t i = 0; l->used > 0 && i < l->fresh; i++) {
        struct later_row *row = &l->rows[i];
        if (row->link == link &&
            covey_path_same_peer(&row->request.path, path)) {
            later_drop(l, row);
        }
    }
}

/* --- finding ------------------------------------------------------------- */

uint64_t later_name(const struct later *l, const struct later_row *row)
{
    return (uint64_t)(row - l->rows) << 32 | row->serial;
}

struct later_row *later_named(struct later *l, uint64_t name)
{
    struct later_row *row = &l->rows[(name >> 32) % l->count];

    return row->link != NULL && later_name(l, row) == name ? row : NULL;
}

struct later_row *later_find(struct later *l, const struct link *link,
                             const covey_endpoint_request *r)
{
    const covey_bytes token = asker_token(r);
    covey_slots_search s;
    uint32_t i;

    if (l->used == 0) {
        return NULL;
    }
    s = covey_slots_seek(&l->slots, asker_hash(&r->path, token, l->key));
    while ((i = covey_slots_next(&l->slots, &s)) != COVEY_SLOTS_NONE) {
        struct later_row *row = &l->rows[i];
        if (row->link == link &&
            covey_bytes_equal(asker_token(&row->request), token) &&
            asker_secured(&row->request) == asker_secured(r) &&
            covey_path_same_peer(&row->request.path, &r->path)) {
            return row;
        }
    }
    return NULL;
}

struct later_row *later_due(struct later *l, covey_ms now)
{
    const uint32_t i = covey_timers_take(&l->timers, now);

    return i != COVEY_TIMERS_NONE ? &l->rows[i] : NULL;
}

covey_ms later_deadline(const struct later *l)
{
    return covey_timers_next(&l->timers);
}

covey_endpoint_in later_request(const struct later_row *row)
{
    const covey_endpoint_in in = {
        .kind = COVEY_ENDPOINT_REQUEST,
        .message = { .type = (covey_coap_type)row->request.type,
                     .code = row->code,
                     .token = asker_token(&row->request),
                     .options =
                         covey_bytes_of(row->options, row->options_len) },
        .opened = { .member = row->member },
        .request = row->request,
    };

    return in;
}
