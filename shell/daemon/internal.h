/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COVEY_SHELL_DAEMON_INTERNAL_H
#define COVEY_SHELL_DAEMON_INTERNAL_H

/* The next daemon_run of this process is that of a worker: a byte on this
 * descriptor says that it is ready. */
void daemon__join(int fd);

#endif
