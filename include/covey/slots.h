/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the rows of a table are found by their hash: open addressing with
 * linear probing, half full at most, beside the rows. So a search stays within
 * one or two cache lines until it has found its row, and touches no other one.
 * Nothing is looked through: what a call costs does not grow with the table,
 * if the hash is good and nobody else can foresee it. */
#ifndef COVEY_SLOTS_H
#define COVEY_SLOTS_H

#include <stdint.h>

/* No row. */
#define COVEY_SLOTS_NONE UINT32_MAX
/* The most rows that a table may have. */
#define COVEY_SLOTS_ROWS_MAX ((uint32_t)1 << 30)
/* How many slots so many rows take. */
#define COVEY_SLOTS(rows) (2 * (rows))

/* Private. */
typedef struct covey_slot {
    uint32_t hash;
    uint32_t row;
} covey_slot;

/* Private. */
typedef struct covey_slots {
    covey_slot *slot; /* the caller's, kept until the table is dropped */
    uint32_t count;
} covey_slots;

/* No row is in. slots: COVEY_SLOTS(rows) of them; rows: 1 to
 * COVEY_SLOTS_ROWS_MAX. */
void covey_slots_init(covey_slots *s, covey_slot *slots, uint32_t rows);

/* The rows under a hash, one after the other, in no order; the caller knows
 * which of them it means. Not beyond an insert or remove. */
typedef struct covey_slots_search {
    uint32_t hash;
    uint32_t at;
} covey_slots_search;

covey_slots_search covey_slots_seek(const covey_slots *s, uint32_t hash);
/* COVEY_SLOTS_NONE at the end. */
uint32_t covey_slots_next(const covey_slots *s, covey_slots_search *search);

/* A row that is not in: below the number of rows that init was told. */
void covey_slots_insert(covey_slots *s, uint32_t hash, uint32_t row);
/* A row that is in, under the hash that it was inserted by. */
void covey_slots_remove(covey_slots *s, uint32_t hash, uint32_t row);

#endif
