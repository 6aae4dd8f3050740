/* SPDX-License-Identifier: BSD-2-Clause */
/* What covey-gm shows of itself, covey-status(7): groups with their members,
 * and rekeyings of all managers, under way and done. */
#ifndef COVEY_GM_SHOW_H
#define COVEY_GM_SHOW_H

#include "gm.h"

/* As the configuration says, before gm_open: what that tells is shown, too.
 * False: it has been told why. Closing is allowed in any case. What is pointed
 * to is kept. */
bool show_open(struct show **show, const struct gm *g,
               const struct gm_config *config, const char *version,
               log_sink *log, loop *l);
void show_close(struct show *show);

/* Something has been done, and is stored. Nothing happens without a show. */
void show_deed(struct show *show, covey_ms now, const char *group,
               const covey_manager_log *log);
/* There is a page. */
bool show_is_seen(const struct show *show);
/* Other managers may have done something. */
store_result show_follow(struct show *show, covey_ms now);

#endif
