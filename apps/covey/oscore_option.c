/* SPDX-License-Identifier: BSD-2-Clause */
/* covey oscore option: the value of the OSCORE option, taken apart or built:
 * RFC 8613 Section 6.1, RFC 10021 for the Group Flag, KUDOS. */
#include "cmd.h"
#include "oscore_verbs.h"

#include <hex.h>
#include <stdio.h>
#include <stdlib.h>

/* --- taking apart ------------------------------------------------------- */

/* What is wrong with a value that was refused. */
static const char *fault_of(covey_bytes value, covey_status st)
{
    const unsigned flags = value.len > 0 ? value.ptr[0] : 0;

    if (st == COVEY_E_RANGE) {
        return "expected up to 255 bytes (RFC 8613 Section 2)";
    }
    if (st == COVEY_E_UNSUPPORTED) {
        return "expected known flags in the second byte "
               "(draft-ietf-core-oscore-key-update)";
    }
    if (st == COVEY_E_SHORT) {
        return "expected all the parts that the flags announce, but it ends "
               "before (RFC 8613 Section 6.1)";
    }
    if (flags == 0) {
        return "expected some flag in byte 0, for no flags are written as no "
               "bytes (RFC 8613 Section 6.1)";
    }
    if ((flags & 0x40u) != 0) {
        return "expected 0 in the reserved bit 0x40 of byte 0 (RFC 8613 "
               "Section 6.1)";
    }
    if ((flags & COVEY_OSCORE_FLAG_N) > 5) {
        return "expected a Partial IV of 0 to 5 bytes, found the reserved "
               "lengths 6 or 7 (RFC 8613 Section 6.1)";
    }
    return "expected nothing behind the parts, for the flags announce no kid "
           "(RFC 8613 Section 6.1)";
}

static void report_kudos(struct oscore_report *r, const covey_oscore_option *o)
{
    oscore_report_hex(r, "x", covey_bytes_of(&o->x, 1));
    oscore_report_hex(r, "nonce", o->nonce);
    if (o->has_y) {
        oscore_report_hex(r, "y", covey_bytes_of(&o->y, 1));
        oscore_report_hex(r, "old_nonce", o->old_nonce);
    }
}

static int take_apart(const struct oscore_args *a, covey_bytes value)
{
    struct oscore_report r = { .json = a->json };
    covey_oscore_option o;
    covey_status st = covey_oscore_option_parse(&o, value, a->kudos);

    if (st != COVEY_OK) {
        return oscore_fail(a, EXIT_NEGATIVE, "%s [%s]", fault_of(value, st),
                           covey_status_name(st));
    }
    oscore_report_bool(&r, "group", o.group);
    oscore_report_hex(&r, "partial_iv", o.partial_iv);
    oscore_report_hex(&r, "kid_context", o.kid_context);
    oscore_report_hex(&r, "kid", o.kid);
    if (o.kudos) {
        report_kudos(&r, &o);
    }
    oscore_report_end(&r);
    return EXIT_DONE;
}

static int decode(const struct oscore_args *a)
{
    char why[200];
    uint8_t *bytes;
    size_t len;

    if (!hex_read(a->hex, &bytes, &len, why, sizeof why)) {
        return oscore_fail(a, ferror(stdin) ? EXIT_IO : EXIT_USAGE, "%s", why);
    }
    const int status = take_apart(a, covey_bytes_of(bytes, len));
    free(bytes);
    return status;
}

/* --- building ----------------------------------------------------------- */

static bool one_byte(const struct oscore_hex *hex)
{
    return hex->bytes == NULL || hex->len == 1;
}

static uint8_t byte_of(const struct oscore_hex *hex)
{
    return hex->bytes != NULL && hex->len == 1 ? hex->bytes[0] : 0;
}

/* Which parts go together. */
static const char *contradiction(const struct oscore_args *a)
{
    if (!one_byte(&a->x) || !one_byte(&a->y)) {
        return "x and y are of one byte";
    }
    if ((a->x.bytes != NULL) != (a->nonce.bytes != NULL)) {
        return "--x and --nonce go together";
    }
    if ((a->y.bytes != NULL) != (a->old_nonce.bytes != NULL) ||
        (a->y.bytes != NULL && a->x.bytes == NULL)) {
        return "--y and --old-nonce go together, with --x and --nonce";
    }
    return NULL;
}

static int build(const struct oscore_args *a)
{
    struct oscore_report r = { .json = a->json };
    const covey_oscore_option o = {
        .group = a->group,
        .partial_iv = oscore_span(&a->piv),
        .kid_context = oscore_span(&a->kid_context),
        .kid = oscore_span(&a->kid),
        .kudos = a->x.bytes != NULL,
        .x = byte_of(&a->x),
        .nonce = oscore_span(&a->nonce),
        .has_y = a->y.bytes != NULL,
        .y = byte_of(&a->y),
        .old_nonce = oscore_span(&a->old_nonce),
    };
    uint8_t storage[600];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    const char *why = contradiction(a);

    if (why != NULL) {
        return oscore_fail(a, EXIT_USAGE, "%s", why);
    }
    covey_status st = covey_oscore_option_encode(&w, &o, a->kudos);
    if (st != COVEY_OK) {
        return oscore_fail(a, EXIT_USAGE,
                           "expected a Partial IV of 1 to 5 bytes, nonces as "
                           "long as x and y say, and 255 bytes in all (RFC "
                           "8613 Section 6.1) [%s]",
                           covey_status_name(st));
    }
    if (a->json) {
        oscore_report_hex(&r, "value", covey_written(&w));
    } else {
        hex_print(stdout, covey_written(&w));
        putchar('\n');
    }
    oscore_report_end(&r);
    return EXIT_DONE;
}

int oscore_verb_option(const struct oscore_args *args)
{
    return args->builds ? build(args) : decode(args);
}
