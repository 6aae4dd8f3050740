/* SPDX-License-Identifier: BSD-2-Clause */
#include "agenda.h"

bool agenda_push(agenda *a, const agenda_event *e)
{
    size_t i = a->len;

    if (a->len == a->cap) {
        return false;
    }
    a->len++;
    for (; i > 0 && a->rows[(i - 1) / 2].at > e->at; i = (i - 1) / 2) {
        a->rows[i] = a->rows[(i - 1) / 2];
    }
    a->rows[i] = *e;
    return true;
}

agenda_event agenda_pop(agenda *a)
{
    const agenda_event first = a->rows[0];
    const agenda_event last = a->rows[--a->len];
    size_t i = 0;

    for (size_t k = 1; k < a->len; k = 2 * i + 1) {
        if (k + 1 < a->len && a->rows[k + 1].at < a->rows[k].at) {
            k++;
        }
        if (a->rows[k].at >= last.at) {
            break;
        }
        a->rows[i] = a->rows[k];
        i = k;
    }
    a->rows[i] = last;
    return first;
}
