/* SPDX-License-Identifier: BSD-2-Clause */
/* The kinds of cases in files of OSCORE vectors, beside the plain exchanges of
 * selftest_oscore.h. Each reads one case and runs it; false: it failed, and
 * what was expected and what came instead has been told. */
#ifndef COVEY_APP_SELFTEST_KINDS_H
#define COVEY_APP_SELFTEST_KINDS_H

#include "selftest_values.h"

#include <covey/crypto.h>

bool selftest_pop_run(struct fy_node *node, const covey_crypto *crypto,
                      const selftest_check *k);
bool selftest_kudos_run(struct fy_node *node, const covey_crypto *crypto,
                        const selftest_check *k);

#endif
