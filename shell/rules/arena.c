/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of a rule set: taken piece by piece while loading, given back at
 * once. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)32 << 10)

struct rules_block {
    struct rules_block *next;
    size_t cap;
    size_t used;
    max_align_t bytes[];
};

static struct rules_block *add_block(rules_arena *arena, size_t cap)
{
    struct rules_block *b = calloc(1, sizeof *b + cap);

    if (b != NULL) {
        b->cap = cap;
        b->next = arena->blocks;
        arena->blocks = b;
    }
    return b;
}

void *rules_alloc(rules_loader *l, size_t count, size_t size)
{
    rules_arena *arena = &l->file->arena;
    struct rules_block *b = arena->blocks;
    const size_t unit = sizeof(max_align_t);
    const rules_place nowhere = { 0, 0, "" };
    size_t need = 0;

    if (count <= RULES_JSON_MAX) {
        need = (count * size / unit + 1) * unit;
        if (b == NULL || b->cap - b->used < need) {
            b = add_block(arena, need > BLOCK_SIZE ? need : BLOCK_SIZE);
        }
    }
    if (need == 0 || b == NULL) {
        rules_report_at(l->report, RULES_ERROR, nowhere, "", "out of memory");
        return NULL;
    }
    b->used += need;
    return (uint8_t *)b->bytes + (b->used - need);
}

void rules_arena_free(rules_arena *arena)
{
    while (arena->blocks != NULL) {
        struct rules_block *b = arena->blocks;
        arena->blocks = b->next;
        free(b);
    }
}
