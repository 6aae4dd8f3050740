/* SPDX-License-Identifier: BSD-2-Clause */
#include "semihost.h"

#include <stdint.h>

enum {
    SYS_WRITE0 = 0x04,
    SYS_EXIT_EXTENDED = 0x20
};

/* ADP_Stopped_ApplicationExit */
static const uint32_t application_exit = 0x20026;

static void call(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;

    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void semihost_print(const char *text)
{
    call(SYS_WRITE0, text);
}

void semihost_exit(int status)
{
    const uint32_t block[2] = { application_exit, (uint32_t)status };

    for (;;) {
        call(SYS_EXIT_EXTENDED, block);
    }
}
