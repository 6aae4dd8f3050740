/* SPDX-License-Identifier: BSD-2-Clause */
#include "its_args.h"

#include "cmd.h"
#include "verb_options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

int its_fail(const its_args *args, int status, const char *format, ...)
{
    va_list list;

    fflush(stdout);
    fprintf(stderr, "covey its %s: ", args->verb);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    return status;
}

static const char *add(struct its_files *files, const char *path)
{
    if (files->count == ITS_FILES_MAX) {
        return "at most 64 files";
    }
    files->path[files->count++] = path;
    return NULL;
}

static bool number(const char *text, uint64_t max, uint64_t *out)
{
    char *end = NULL;
    unsigned long long n = strtoull(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > max) {
        return false;
    }
    *out = n;
    return true;
}

static const char *set_json(void *into, const char *value)
{
    (void)value;
    ((its_args *)into)->json = true;
    return NULL;
}

static const char *set_certificate(void *into, const char *value)
{
    (void)value;
    ((its_args *)into)->certificate = true;
    return NULL;
}

static const char *set_psid(void *into, const char *value)
{
    its_args *args = into;

    args->has_psid = number(value, UINT32_MAX, &args->psid);
    return args->has_psid ? NULL : "a PSID";
}

static const char *set_pdu(void *into, const char *value)
{
    its_args *args = into;
    uint64_t n = 0;

    args->has_pdu = number(value, 255, &n) && n > 0;
    args->pdu = (uint8_t)n;
    return args->has_pdu ? NULL : "a pduFunctionalType from 1 to 255";
}

static const char *set_window(void *into, const char *value)
{
    its_args *args = into;
    uint64_t n = 0;

    if (!number(value, 1000000000, &n)) {
        return "seconds";
    }
    args->window = (unsigned)n;
    return NULL;
}

static const char *set_overdue(void *into, const char *value)
{
    uint64_t n = 0;

    if (!number(value, UINT32_MAX, &n)) {
        return "seconds";
    }
    ((its_args *)into)->overdue = (unsigned)n;
    return NULL;
}

static const char *set_series(void *into, const char *value)
{
    its_args *args = into;
    uint64_t n = 0;

    args->has_series = number(value, UINT16_MAX, &n);
    args->series = (uint16_t)n;
    return args->has_series ? NULL : "a crlSeries of up to 65535";
}

static const char *set_serial(void *into, const char *value)
{
    uint64_t n = 0;

    if (!number(value, UINT32_MAX, &n)) {
        return "a crlSerial";
    }
    ((its_args *)into)->serial = (uint32_t)n;
    return NULL;
}

static const char *set_at(void *into, const char *value)
{
    return its_time_read(value, &((its_args *)into)->at)
               ? NULL
               : "a time such as 2026-11-29T08:00:00Z";
}

static const char *set_next(void *into, const char *value)
{
    return its_time_read(value, &((its_args *)into)->next)
               ? NULL
               : "a time such as 2026-11-29T08:00:00Z";
}

#define SETTER(name)                                                          \
    static const char *set_##name(void *into, const char *value)              \
    {                                                                         \
        ((its_args *)into)->name = value;                                     \
        return NULL;                                                          \
    }
SETTER(key)
SETTER(issuer)
SETTER(out)
SETTER(external)

static const char *set_to(void *into, const char *value)
{
    ((its_args *)into)->to = value;
    return strcmp(value, "binary") == 0 || strcmp(value, "hex") == 0 ||
                   strcmp(value, "base64") == 0
               ? NULL
               : "binary, hex or base64";
}

static const char *set_trust(void *into, const char *value)
{
    return add(&((its_args *)into)->trust, value);
}

static const char *set_chain(void *into, const char *value)
{
    return add(&((its_args *)into)->chain, value);
}

static const char *set_crl(void *into, const char *value)
{
    return add(&((its_args *)into)->crl, value);
}

/* clang-format off */
static const verb_option rows[] = {
    { "json", 0, NULL, set_json, "JSON instead of text" },
    { "trust", 0, "FILE", set_trust,
      "trust anchor, or a trust list signed by one before" },
    { "chain", 0, "FILE", set_chain, "another certificate of the chain" },
    { "crl", 0, "FILE", set_crl, "signed revocation list" },
    { "overdue", 0, "SECONDS", set_overdue,
      "how late a revocation list may be" },
    { "at", 0, "TIME", set_at, "as if it were this time" },
    { "key", 0, "FILE", set_key, "private key, readable by its owner only" },
    { "issuer", 0, "FILE", set_issuer,
      "issuer of an implicit certificate, to check the key" },
    { "psid", 0, "N", set_psid, "PSID of the header" },
    { "pdu-type", 0, "N", set_pdu,
      "pduFunctionalType, 1 for a TLS handshake" },
    { "external", 0, "FILE", set_external,
      "data that is signed, but not within" },
    { "certificate", 0, NULL, set_certificate,
      "the certificate goes along, not only its HashedId8" },
    { "window", 0, "SECONDS", set_window,
      "how far generationTime may be from now" },
    { "to", 0, "FORM", set_to, "binary, hex (default) or base64" },
    { "next", 0, "TIME", set_next, "when the next list will be there" },
    { "series", 0, "N", set_series,
      "a list of IEEE 1609.2 for this crlSeries" },
    { "serial", 0, "N", set_serial, "its crlSerial" },
    { "out", 0, "FILE", set_out, "where to, instead of standard output" },
};

static const struct verb {
    const char *name;
    const char *taken;
    const char *operands;
    size_t min;
    size_t max;
} verbs[] = {
    { "show", "json ", "FILE...", 1, ITS_FILES_MAX },
    { "id", "json ", "FILE...", 1, ITS_FILES_MAX },
    { "verify", "json trust chain crl overdue at ", "FILE", 1, 1 },
    { "convert", "to out ", "FILE", 1, 1 },
    { "pki-init", "at ", "DESCRIPTION DIRECTORY", 2, 2 },
    { "pki-issue", "at ", "DESCRIPTION DIRECTORY [NAME...]", 2,
      ITS_FILES_MAX },
    { "crl", "key at out next series serial ", "CERTIFICATE [REVOKED...]", 1,
      ITS_FILES_MAX },
    { "sign", "key issuer psid pdu-type external certificate at out ",
      "CERTIFICATE [DATA]", 1, 2 },
    { "verify-data", "json trust chain crl overdue at psid pdu-type external "
      "window out ", "FILE", 1, 1 },
};
/* clang-format on */

_Static_assert(COUNT(rows) <= VERB_OPTIONS_MAX, "see verb_options.h");

static const struct verb *find(const char *name)
{
    for (size_t i = 0; i < COUNT(verbs); i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

int its_args_read(its_args *args, int argc, char **argv)
{
    const struct verb *verb = find(argv[0]);
    verb_options o = { .command = "its",
                       .verb = argv[0],
                       .rows = rows,
                       .count = COUNT(rows),
                       .width = 20 };
    int status;

    memset(args, 0, sizeof *args);
    args->verb = argv[0];
    if (verb == NULL) {
        return EXIT_USAGE;
    }
    o.taken = verb->taken;
    status = verb_options_read(&o, argc, argv, args, NULL);
    if (status == -1) {
        printf("usage: covey its %s [OPTION...] %s\n\n", verb->name,
               verb->operands);
        verb_options_help(&o);
        return status;
    }
    if (status != EXIT_DONE) {
        return status;
    }
    for (int i = optind; i < argc; i++) {
        if (add(&args->operands, argv[i]) != NULL ||
            args->operands.count > verb->max) {
            return verb_options_usage(&o, argv[i], NULL, "one too many");
        }
    }
    if (args->operands.count < verb->min) {
        return verb_options_usage(&o, verb->operands, NULL, "missing");
    }
    return EXIT_DONE;
}
