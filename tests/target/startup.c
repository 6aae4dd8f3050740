/* SPDX-License-Identifier: BSD-2-Clause */
/* From reset to main for any Cortex-M: vectors, .data, .bss. A fault ends
 * the program with a failure instead of hanging the emulator. */
#include "semihost.h"

#include <stdint.h>

/* Given by cortex-m.ld; only their addresses mean something. */
extern uint32_t stack_top[];
extern uint32_t data_start[], data_end[], data_load[];
extern uint32_t bss_start[], bss_end[];

int main(void);
_Noreturn void reset(void);

void reset(void)
{
    const uint32_t *from = data_load;

    for (uint32_t *to = data_start; to < data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
    semihost_exit(main());
}

static void fault(void)
{
    semihost_print("fault: the processor took an exception\n");
    semihost_exit(1);
}

/* ARMv6-M Architecture Reference Manual, B1.5.2: the initial stack pointer,
 * then the exceptions 1 to 15; nothing here enables an interrupt. */
struct vectors {
    uint32_t *stack;
    void (*exceptions[15])(void);
};

__attribute__((section(".vectors"),
               used)) static const struct vectors vectors = {
    stack_top,
    { reset, fault, fault, fault, fault, fault, fault, fault, fault, fault,
      fault, fault, fault, fault, fault },
};
