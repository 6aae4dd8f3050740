/* SPDX-License-Identifier: BSD-2-Clause */
/* A process that can only think: after sandbox_enter it has memory, random
 * numbers, and one descriptor to read and write. It can open nothing, connect
 * to nothing, start nothing and send nothing anywhere else; whoever takes it
 * over has no more. What it tries beyond that ends it with SIGSYS. */
#ifndef COVEY_SHELL_SANDBOX_H
#define COVEY_SHELL_SANDBOX_H

#include <stdbool.h>

/* For ever, for the whole process, before it has read anything from outside.
 * `fd` stays usable, all other descriptors should be closed. False: errno says
 * why, and the process must not go on. */
bool sandbox_enter(int fd);

#endif
