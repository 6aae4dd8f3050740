/* SPDX-License-Identifier: BSD-2-Clause */
#include "oscore_args.h"

#include <covey/oscore.h>

#include <hex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE ((unsigned)OSCORE_PROTECT | (unsigned)OSCORE_UNPROTECT)
#define PRINTS  (MESSAGE | (unsigned)OSCORE_DERIVE)

enum kind {
    FLAG,   /* bool */
    PART,   /* struct oscore_hex of an option value */
    HEX,    /* struct oscore_hex */
    TEXT,   /* const char * */
    NUMBER, /* uint64_t number */
    KUDOS   /* covey_kudos_layout */
};

struct option {
    const char *name;
    unsigned verbs;
    enum kind kind;
    size_t at; /* in struct oscore_args */
};

#define AT(member) offsetof(struct oscore_args, member)

/* clang-format off */
static const struct option options[] = {
    { "--help",             31u,                    FLAG,   AT(help) },
    { "--json",             PRINTS | OSCORE_OPTION, FLAG,   AT(json) },
    { "--explain",          PRINTS,                 FLAG,   AT(explain) },
    { "--keys",             PRINTS,                 FLAG,   AT(keys) },
    { "--stream",           MESSAGE,                FLAG,   AT(stream) },
    { "--state",            MESSAGE,                TEXT,   AT(state) },
    { "--request",          MESSAGE,                HEX,    AT(request) },
    { "--request-piv",      MESSAGE,                HEX,    AT(request_piv) },
    { "--observe",          MESSAGE,                FLAG,   AT(observe) },
    { "--number",           OSCORE_PROTECT,         NUMBER, AT(number) },
    { "--own-piv",          OSCORE_PROTECT,         FLAG,   AT(own_piv) },
    { "--omit-kid-context", OSCORE_PROTECT,  FLAG, AT(omit_kid_context) },
    { "--to-proxy",         OSCORE_PROTECT,         FLAG,   AT(to_proxy) },
    { "--kudos",            OSCORE_OPTION,          KUDOS,  AT(kudos) },
    { "--group",            OSCORE_OPTION,          FLAG,   AT(group) },
    { "--piv",              OSCORE_OPTION,          PART,   AT(piv) },
    { "--kid",              OSCORE_OPTION,          PART,   AT(kid) },
    { "--kid-context",      OSCORE_OPTION,          PART,   AT(kid_context) },
    { "--x",                OSCORE_OPTION,          PART,   AT(x) },
    { "--nonce",            OSCORE_OPTION,          PART,   AT(nonce) },
    { "--y",                OSCORE_OPTION,          PART,   AT(y) },
    { "--old-nonce",        OSCORE_OPTION,          PART,   AT(old_nonce) },
};
/* clang-format on */

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static bool
wrong(struct oscore_args *a, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (vsnprintf(a->error, sizeof a->error, format, args) < 0) {
        a->error[0] = '\0';
    }
    va_end(args);
    return false;
}

int oscore_fail(const struct oscore_args *a, int status, const char *format,
                ...)
{
    va_list args;

    fflush(stdout);
    fprintf(stderr, "covey oscore %s: ", a->name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return status;
}

/* --- values ------------------------------------------------------------- */

static bool take_hex(struct oscore_args *a, const struct option *o,
                     const char *value, void *to)
{
    struct oscore_hex *hex = to;
    char why[200];

    if (hex->bytes != NULL) {
        return wrong(a, "%s comes twice", o->name);
    }
    if (!hex_parse(value, strlen(value), &hex->bytes, &hex->len, why,
                   sizeof why)) {
        return wrong(a, "%s: %s", o->name, why);
    }
    return true;
}

static bool take_number(struct oscore_args *a, const char *value)
{
    uint64_t n = 0;
    const size_t len = strlen(value);

    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9' || n >= COVEY_OSCORE_SSN_END) {
            n = COVEY_OSCORE_SSN_END;
            break;
        }
        n = n * 10 + (unsigned)(value[i] - '0');
    }
    if (len == 0 || n >= COVEY_OSCORE_SSN_END) {
        return wrong(a,
                     "--number: expected 0 to %llu (RFC 8613 Section 7.2.1), "
                     "found '%s'",
                     (unsigned long long)COVEY_OSCORE_SSN_END - 1, value);
    }
    a->number = n;
    a->has_number = true;
    return true;
}

static bool take_kudos(struct oscore_args *a, const char *value)
{
    static const char *const names[] = {
        [COVEY_KUDOS_SEED] = "seed",
        [COVEY_KUDOS_14] = "14",
        [COVEY_KUDOS_CONVERGENT] = "convergent",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(value, names[i]) == 0) {
            a->kudos = (covey_kudos_layout)i;
            return true;
        }
    }
    return wrong(a, "--kudos: expected seed, 14 or convergent, found '%s'",
                 value);
}

static bool take(struct oscore_args *a, const struct option *o,
                 const char *value)
{
    void *to = (char *)a + o->at;

    switch (o->kind) {
    case FLAG:
        *(bool *)to = true;
        return true;
    case PART:
        a->builds = true;
        return take_hex(a, o, value, to);
    case HEX:
        return take_hex(a, o, value, to);
    case TEXT:
        *(const char **)to = value;
        return true;
    case NUMBER:
        return take_number(a, value);
    case KUDOS:
        return take_kudos(a, value);
    }
    return false;
}

/* --- operands ----------------------------------------------------------- */

/* Hex digits may come in several operands. */
static bool take_digits(struct oscore_args *a, const char *arg)
{
    const size_t old = a->hex != NULL ? strlen(a->hex) : 0;
    const size_t len = strlen(arg);
    char *more = realloc(a->hex, old + len + 2);

    if (more == NULL) {
        return wrong(a, "out of memory");
    }
    a->hex = more;
    if (old > 0) {
        more[old] = ' ';
    }
    memcpy(more + old + (old > 0), arg, len + 1);
    return true;
}

static bool take_operand(struct oscore_args *a, const char *arg)
{
    if (a->verb != OSCORE_OPTION && a->context == NULL) {
        a->context = arg;
        return true;
    }
    if (a->verb == OSCORE_DERIVE || a->verb == OSCORE_WIRESHARK) {
        return wrong(a, "expected nothing after the context, found '%s'", arg);
    }
    if (strcmp(arg, "-") == 0 && a->context != NULL &&
        strcmp(a->context, "-") == 0) {
        return wrong(a, "context and message cannot both be standard input");
    }
    return take_digits(a, arg);
}

static const struct option *find(enum oscore_verb verb, const char *name)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if ((options[i].verbs & (unsigned)verb) != 0 &&
            strcmp(options[i].name, name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static bool read_arg(struct oscore_args *a, int argc, char **argv, int *i)
{
    const char *arg = argv[*i];

    if (arg[0] != '-' || arg[1] == '\0') {
        return take_operand(a, arg);
    }
    const struct option *o = find(a->verb, arg);
    if (o == NULL) {
        return wrong(a, "unknown option '%s'", arg);
    }
    if (o->kind == FLAG) {
        a->builds = a->builds || o->at == AT(group);
        return take(a, o, NULL);
    }
    if (*i + 1 == argc) {
        return wrong(a, "%s needs a value", arg);
    }
    *i += 1;
    return take(a, o, argv[*i]);
}

/* What goes together, and what is missing. */
static bool check(struct oscore_args *a)
{
    if (a->help) {
        return true;
    }
    if (a->verb == OSCORE_OPTION) {
        return a->builds != (a->hex != NULL) ||
               wrong(a, "expected either a value in hex or parts of one");
    }
    if (a->context == NULL) {
        return wrong(a, "the context file is missing");
    }
    if ((MESSAGE & (unsigned)a->verb) != 0 && a->hex == NULL) {
        return wrong(a, "hex digits or - are missing");
    }
    if (a->state != NULL && a->has_number) {
        return wrong(a, "--number and --state exclude each other");
    }
    if (a->request.bytes != NULL && a->request_piv.bytes != NULL) {
        return wrong(a, "--request and --request-piv exclude each other");
    }
    if (a->observe && a->request_piv.bytes == NULL) {
        return wrong(a, "--observe goes with --request-piv");
    }
    return true;
}

bool oscore_args_read(struct oscore_args *a, enum oscore_verb verb, int argc,
                      char **argv)
{
    memset(a, 0, sizeof *a);
    a->verb = verb;
    a->name = argv[0];
    for (int i = 1; i < argc; i++) {
        if (!read_arg(a, argc, argv, &i)) {
            return false;
        }
    }
    return check(a);
}

void oscore_args_free(struct oscore_args *a)
{
    struct oscore_hex *const all[] = {
        &a->request, &a->request_piv, &a->piv, &a->kid,      &a->kid_context,
        &a->x,       &a->nonce,       &a->y,   &a->old_nonce
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        free(all[i]->bytes);
    }
    free(a->hex);
}
