/* SPDX-License-Identifier: BSD-2-Clause */
#include "kit.h"

#include <stdio.h>

static const char *current_case;

void kit_case(const char *why)
{
    current_case = why;
}

static void where(const char *file, int line)
{
    if (current_case) {
        print_error("%s:%d: case \"%s\"\n", file, line, current_case);
    }
}

void kit_check_status(covey_status expected, covey_status actual,
                      const char *file, int line)
{
    if (expected != actual) {
        where(file, line);
        print_error("expected %s, got %s\n", covey_status_name(expected),
                    covey_status_name(actual));
        _fail(file, line);
    }
}

static void print_hex(const char *label, covey_bytes b, size_t mark)
{
    print_error("  %-8s", label);
    if (b.ptr == NULL) {
        print_error(" absent\n");
        return;
    }
    for (size_t i = 0; i < b.len; i++) {
        print_error(i == mark ? "[%02x]" : " %02x", b.ptr[i]);
    }
    print_error("\n");
}

void kit_check_span(covey_bytes expected, covey_bytes actual, const char *file,
                    int line)
{
    size_t i = 0;

    if (covey_bytes_equal(expected, actual)) {
        return;
    }
    while (i < expected.len && i < actual.len &&
           expected.ptr[i] == actual.ptr[i]) {
        i++;
    }
    where(file, line);
    print_error("spans differ at byte %zu (lengths %zu and %zu)\n", i,
                expected.len, actual.len);
    print_hex("expected", expected, i);
    print_hex("got", actual, i);
    _fail(file, line);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

covey_bytes kit_hex(const char *hex, uint8_t *storage, size_t cap)
{
    size_t digits = 0;

    for (; *hex; hex++) {
        if (*hex == ' ' || *hex == '\n') {
            continue;
        }
        int d = digit(*hex);
        if (d < 0 || digits / 2 >= cap) {
            print_error("bad hex, or longer than %zu bytes\n", cap);
            fail();
        }
        unsigned old = digits % 2 ? storage[digits / 2] : 0;
        storage[digits / 2] = (uint8_t)(old << 4 | (unsigned)d);
        digits++;
    }
    if (digits % 2) {
        print_error("odd number of hex digits\n");
        fail();
    }
    return covey_bytes_of(storage, digits / 2);
}

void kit_check_hex(const char *expected, covey_bytes actual, const char *file,
                   int line)
{
    static uint8_t storage[70000];

    kit_check_span(kit_hex(expected, storage, sizeof storage), actual, file,
                   line);
}

/* xorshift64*, G. Marsaglia and S. Vigna; not for secrets. */
uint32_t kit_next(kit_random *r)
{
    uint64_t x = r->state ? r->state : 0x9e3779b97f4a7c15u;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    r->state = x;
    return (uint32_t)((x * 0x2545f4914f6cdd1du) >> 32);
}
