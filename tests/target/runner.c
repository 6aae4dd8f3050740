/* SPDX-License-Identifier: BSD-2-Clause */
#include "runner.h"

#include "semihost.h"

static uint32_t passed;
static uint32_t failed;
static const char *current = "";

/* Given by cortex-m.ld: what the stack may grow down to. */
extern uint32_t bss_end[];

enum {
    PAINT = 0x5ea5a55e,
    CLEARANCE = 64 /* bytes below the pointer that the painter itself uses */
};

static void print_number(uint32_t v)
{
    char text[11];
    unsigned at = sizeof text - 1;

    text[at] = '\0';
    do {
        text[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    semihost_print(text + at);
}

void run_case(const char *name)
{
    current = name;
}

void run_print_number(const char *label, uint32_t value, const char *unit)
{
    semihost_print(label);
    semihost_print(" ");
    print_number(value);
    semihost_print(" ");
    semihost_print(unit);
    semihost_print("\n");
}

void run_check(bool holds, const char *what, const char *file, int line)
{
    if (holds) {
        passed++;
        return;
    }
    failed++;
    semihost_print(file);
    semihost_print(":");
    print_number((uint32_t)line);
    semihost_print(": ");
    semihost_print(current);
    semihost_print(": does not hold: ");
    semihost_print(what);
    semihost_print("\n");
}

int run_result(void)
{
    print_number(passed);
    semihost_print(" passed, ");
    print_number(failed);
    semihost_print(" failed\n");
    return failed == 0 && passed > 0 ? 0 : 1;
}

uint32_t run_stack_of(void (*f)(void))
{
    uint32_t top;
    volatile uint32_t *low = bss_end;

    __asm__ volatile("mov %0, sp" : "=r"(top));
    for (volatile uint32_t *p = low; (uint32_t)p < top - CLEARANCE; p++) {
        *p = PAINT;
    }
    f();
    while (*low == PAINT && (uint32_t)low < top) {
        low++;
    }
    return top - (uint32_t)low;
}
