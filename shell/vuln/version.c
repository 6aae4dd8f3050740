/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of versions. Neither order is alphabetical, and neither is a
 * number: 9 comes before 10, and 1.0~rc1 before 1.0. */
#include "vuln.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

typedef struct part {
    const char *at;
    const char *end;
} part;

static char first(const part *p)
{
    return p->at < p->end ? *p->at : '\0';
}

/* --- dpkg ---------------------------------------------------------------- */

/* deb-version(7): the end and digits after the tilde, then letters, then the
 * rest. */
static int order(char c)
{
    if (c == '~') {
        return -1;
    }
    if (c == '\0' || is_digit(c)) {
        return 0;
    }
    return is_letter(c) ? (unsigned char)c : (unsigned char)c + 256;
}

/* Takes the number off both; of any length. */
static int compare_numbers(part *a, part *b)
{
    int difference = 0;

    while (first(a) == '0') {
        a->at++;
    }
    while (first(b) == '0') {
        b->at++;
    }
    while (is_digit(first(a)) && is_digit(first(b))) {
        if (difference == 0) {
            difference = *a->at - *b->at;
        }
        a->at++;
        b->at++;
    }
    if (is_digit(first(a))) {
        return 1;
    }
    return is_digit(first(b)) ? -1 : difference;
}

static int compare_parts(part a, part b)
{
    while (a.at < a.end || b.at < b.end) {
        while ((a.at < a.end && !is_digit(*a.at)) ||
               (b.at < b.end && !is_digit(*b.at))) {
            const int difference = order(first(&a)) - order(first(&b));
            if (difference != 0) {
                return difference;
            }
            a.at += a.at < a.end ? 1 : 0;
            b.at += b.at < b.end ? 1 : 0;
        }
        const int difference = compare_numbers(&a, &b);
        if (difference != 0) {
            return difference;
        }
    }
    return 0;
}

/* The epoch, "0" if there is none; the rest stays in *v. */
static part epoch_of(part *v)
{
    static const char zero[] = "0";
    part epoch = { zero, zero + 1 };
    const char *at = v->at;

    while (at < v->end && is_digit(*at)) {
        at++;
    }
    if (at > v->at && at < v->end && *at == ':') {
        epoch = (part){ v->at, at };
        v->at = at + 1;
    }
    return epoch;
}

/* What is behind the last hyphen; without one it is empty, which is the same
 * as "0". */
static part revision_of(part *v)
{
    for (const char *at = v->end; at > v->at; at--) {
        if (at[-1] == '-') {
            const part revision = { at, v->end };
            v->end = at - 1;
            return revision;
        }
    }
    return (part){ v->end, v->end };
}

int vuln_dpkg_compare(const char *a, const char *b)
{
    part va = { a, a + strlen(a) };
    part vb = { b, b + strlen(b) };
    part ea = epoch_of(&va);
    part eb = epoch_of(&vb);
    const int epochs = compare_numbers(&ea, &eb);

    if (epochs != 0) {
        return epochs;
    }
    const part ra = revision_of(&va);
    const part rb = revision_of(&vb);
    const int upstream = compare_parts(va, vb);
    return upstream != 0 ? upstream : compare_parts(ra, rb);
}

/* --- all others ---------------------------------------------------------- */

enum {
    BEFORE = 0, /* "rc", "beta" */
    NOTHING,
    LETTERS,
    NUMBER
};

static part next_part(part *v)
{
    while (v->at < v->end && !is_digit(*v->at) && !is_letter(*v->at)) {
        v->at++;
    }
    const char *from = v->at;
    const bool digits = is_digit(first(v));
    while (v->at < v->end && (digits ? is_digit(*v->at) : is_letter(*v->at))) {
        v->at++;
    }
    return (part){ from, v->at };
}

static int kind_of(const part *p)
{
    static const char *const before[] = { "a",   "alpha", "b",  "beta",
                                          "dev", "pre",   "rc", "preview" };
    const size_t len = (size_t)(p->end - p->at);

    if (len == 0) {
        return NOTHING;
    }
    if (is_digit(*p->at)) {
        return NUMBER;
    }
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        if (strlen(before[i]) == len && memcmp(before[i], p->at, len) == 0) {
            return BEFORE;
        }
    }
    return LETTERS;
}

int vuln_plain_compare(const char *a, const char *b)
{
    part va = { a, a + strlen(a) };
    part vb = { b, b + strlen(b) };

    for (;;) {
        part pa = next_part(&va);
        part pb = next_part(&vb);
        const int ka = kind_of(&pa);
        const int kb = kind_of(&pb);
        if (ka != kb) {
            return ka - kb;
        }
        if (ka == NOTHING) {
            return 0;
        }
        const int difference =
            ka == NUMBER ? compare_numbers(&pa, &pb) : compare_parts(pa, pb);
        if (difference != 0) {
            return difference;
        }
    }
}
