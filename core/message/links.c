/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows in lists. */
#include "message_internal.h"

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
