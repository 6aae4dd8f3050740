/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey group create`, `configure`, `delete`, `list`, `show`, `members`,
 * `evict`, `rekey`: what an administrator does at a Group Manager, over its
 * admin interface. */
#ifndef COVEY_APP_GROUP_ADMIN_H
#define COVEY_APP_GROUP_ADMIN_H

#include <stdbool.h>
#include <stdio.h>

bool group_admin_has(const char *verb);
/* argv[0] is the verb. An exit code. */
int group_admin(int argc, char **argv);
/* A line for each verb. */
void group_admin_list(FILE *out);

#endif
