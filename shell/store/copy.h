/* SPDX-License-Identifier: BSD-2-Clause */
/* Backups. A backup is a file of SQLite, whatever database it is made of, and
 * can be restored into either. It is no store: what it says of numbers is old,
 * and using one twice gives messages away. So it is not opened as one, and
 * restoring leaves a distance to everything that may have been used since:
 *   sequence numbers, counters   STORE_COPY_NUMBERS further
 *   what was accepted            not known: Echo first
 *   versions of groups           STORE_COPY_VERSIONS further, and their keys
 *                                as old as can be, so that they are replaced
 *   serials of groups            STORE_COPY_SERIALS further
 * Who was evicted or disenrolled since the backup is in again: that only its
 * operator can know. */
#ifndef COVEY_SHELL_STORE_COPY_H
#define COVEY_SHELL_STORE_COPY_H

#include "store.h"

#define STORE_COPY_NUMBERS  (UINT64_C(1) << 32)
#define STORE_COPY_VERSIONS (UINT64_C(1) << 12)
#define STORE_COPY_SERIALS  (UINT64_C(1) << 8)

/* Copies a store that may be in use, as it is at one time, reads the copy
 * again and compares. Secrets stay as they are stored. STORE_REFUSED: there is
 * a file of this name, or a transaction is open. */
store_result store_backup(store *s, const char *path);

/* Makes a store of a backup. `into` must not exist, or be empty; its key must
 * be that of the backup. `error` says why it is not STORE_OK. STORE_REFUSED:
 * that is not so, or it is no backup. STORE_NONE: there is no such file. No
 * store is made if the backup or the key are not right. */
store_result store_restore(const char *path, const store_options *into,
                           char *error, size_t cap);

#endif
