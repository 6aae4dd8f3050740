/* SPDX-License-Identifier: BSD-2-Clause */
/* The kinds of cases in files of OSCORE vectors, beside the plain exchanges of
 * selftest_oscore.h. Each reads one case and runs it; false: it failed, and
 * what was expected and what came instead has been told. */
#ifndef COVEY_APP_SELFTEST_KINDS_H
#define COVEY_APP_SELFTEST_KINDS_H

#include "selftest_values.h"

#include <covey/crypto.h>

bool selftest_group_run(struct fy_node *node, const covey_crypto *crypto,
                        const selftest_check *k);
bool selftest_pop_run(struct fy_node *node, const covey_crypto *crypto,
                      const selftest_check *k);
bool selftest_kudos_run(struct fy_node *node, const covey_crypto *crypto,
                        const selftest_check *k);

/* The case among "cases" that a broken message was made of: the one that it
 * names, or, for a request, if that is not in the file, one that differs from
 * it in the last part of the name only, the mode of the response. NULL if
 * there is none. */
struct fy_node *selftest_negative_base(struct fy_node *root,
                                       struct fy_node *node);
bool selftest_negative_run(struct fy_node *base, struct fy_node *node,
                           const covey_crypto *crypto,
                           const selftest_check *k);

/* Vectors that were published elsewhere, each in a shape of its own:
 * a response that is bound to a class I option too; */
bool selftest_bound_response_run(struct fy_node *node,
                                 const covey_crypto *crypto,
                                 const selftest_check *k);
/* a request, or a response, of a sender whose credential is empty; */
bool selftest_bare_request_run(struct fy_node *node,
                               const covey_crypto *crypto,
                               const selftest_check *k);
bool selftest_bare_response_run(struct fy_node *node,
                                const covey_crypto *crypto,
                                const selftest_check *k);
/* values of the OSCORE option; */
bool selftest_options_run(struct fy_node *node, const covey_crypto *crypto,
                          const selftest_check *k);
/* keys of one group with two hashes; */
bool selftest_two_hashes_run(struct fy_node *node, const covey_crypto *crypto,
                             const selftest_check *k);
/* keys and shared secrets of several groups. */
bool selftest_groups_run(struct fy_node *node, const covey_crypto *crypto,
                         const selftest_check *k);

#endif
