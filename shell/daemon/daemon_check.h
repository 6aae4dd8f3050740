/* SPDX-License-Identifier: BSD-2-Clause */
/* --check-config of all daemons. */
#ifndef COVEY_SHELL_DAEMON_CHECK_H
#define COVEY_SHELL_DAEMON_CHECK_H

#include "daemon.h"

#include <conf.h>

/* Reads the configuration and the files that it names, and says on standard
 * error what is wrong, with its line. Nothing is opened to be written or to be
 * listened to. The result is an exit status. */
int daemon_check(const daemon_program *p, const daemon_options *o,
                 const conf_kind *kind);

#endif
