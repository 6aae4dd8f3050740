/* SPDX-License-Identifier: BSD-2-Clause */
/* The two calls to the debugger (here qemu) that a test on a microcontroller
 * needs: Arm's "Semihosting for AArch32 and AArch64". */
#ifndef COVEY_TARGET_SEMIHOST_H
#define COVEY_TARGET_SEMIHOST_H

/* Text up to its terminator, on the debugger's console. */
void semihost_print(const char *text);

/* Ends the emulator with this exit status. */
_Noreturn void semihost_exit(int status);

#endif
