/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows in lists and in hash chains, by index. */
#include "message_internal.h"

void covey__links_init(covey_message_table *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        covey_message_links *n = covey__links(t, i);
        n->prev = COVEY__ROW_NONE;
        n->next = COVEY__ROW_NONE;
        n->chain = COVEY__ROW_NONE;
        n->head = COVEY__ROW_NONE;
    }
}

void covey__list_init(covey_message_list *list)
{
    list->first = COVEY__ROW_NONE;
    list->last = COVEY__ROW_NONE;
}

void covey__list_append(const covey_message_table *t, covey_message_list *list,
                        uint32_t i)
{
    covey_message_links *n = covey__links(t, i);

    n->prev = list->last;
    n->next = COVEY__ROW_NONE;
    if (list->last == COVEY__ROW_NONE) {
        list->first = i;
    } else {
        covey__links(t, list->last)->next = i;
    }
    list->last = i;
}

void covey__list_remove(const covey_message_table *t, covey_message_list *list,
                        uint32_t i)
{
    const covey_message_links *n = covey__links(t, i);

    if (n->prev == COVEY__ROW_NONE) {
        list->first = n->next;
    } else {
        covey__links(t, n->prev)->next = n->next;
    }
    if (n->next == COVEY__ROW_NONE) {
        list->last = n->prev;
    } else {
        covey__links(t, n->next)->prev = n->prev;
    }
}

uint32_t covey__list_take(const covey_message_table *t,
                          covey_message_list *list)
{
    uint32_t i = list->first;

    if (i != COVEY__ROW_NONE) {
        covey__list_remove(t, list, i);
    }
    return i;
}

/* The high bits of a hash times the number of chains. */
static uint32_t *head(const covey_message_table *t, uint32_t hash)
{
    return &covey__links(t, (uint32_t)((uint64_t)hash * t->count >> 32))->head;
}

uint32_t covey__chain_first(const covey_message_table *t, uint32_t hash)
{
    return *head(t, hash);
}

void covey__chain_insert(const covey_message_table *t, uint32_t hash,
                         uint32_t i)
{
    uint32_t *link = head(t, hash);

    covey__links(t, i)->chain = *link;
    *link = i;
}

void covey__chain_remove(const covey_message_table *t, uint32_t hash,
                         uint32_t i)
{
    uint32_t *link = head(t, hash);

    while (*link != i) {
        link = &covey__links(t, *link)->chain;
    }
    *link = covey__links(t, i)->chain;
}
