/* SPDX-License-Identifier: BSD-2-Clause */
/* Between a Group Manager (covey/manager.h) and its store. */
#ifndef COVEY_SHELL_STORE_GROUP_MANAGER_H
#define COVEY_SHELL_STORE_GROUP_MANAGER_H

#include "store.h"

#include <covey/manager.h>

/* Writes the batch in flight (COVEY_MANAGER_PERSIST) as one transaction and
 * wakes the other managers; then say covey_manager_stored, with COVEY_OK only
 * after STORE_OK. STORE_TAKEN: another manager was faster.
 * An open transaction is joined, so that events can be part of it: then the
 * batch is stored when that is committed, and after any other result it must
 * be rolled back. */
store_result store_manager_persist(store *s, const covey_manager *m);

/* Loads the group that COVEY_MANAGER_RELOAD names (0: the next serial). A
 * group that is not stored any more is passed over. STORE_BROKEN: a row that
 * the manager does not take. */
store_result store_manager_reload(store *s, covey_manager *m, uint16_t serial);
/* At the start: everything, as it is at one time. */
store_result store_manager_load(store *s, covey_manager *m);

#endif
