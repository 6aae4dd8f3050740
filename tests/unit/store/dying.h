/* SPDX-License-Identifier: BSD-2-Clause */
/* A process that kills itself at a chosen step of its way to the disk. The
 * functions by which SQLite writes, synchronises, truncates and removes files
 * are replaced in this program; each call is a step. */
#ifndef COVEY_TEST_STORE_DYING_H
#define COVEY_TEST_STORE_DYING_H

/* From now on: SIGKILL at this step, the first is 1; 0: never. `torn`: only
 * writes are steps, and the last one is done by half before. */
void dying_at(unsigned step, int torn);
/* How many there were. */
unsigned dying_steps(void);

#endif
