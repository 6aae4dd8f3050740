/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of `covey oscore`: one table of options, which says what
 * verbs each belongs to. */
#ifndef COVEY_APP_OSCORE_ARGS_H
#define COVEY_APP_OSCORE_ARGS_H

#include <covey/coap_options.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits: an option may be one of several verbs. */
enum oscore_verb {
    OSCORE_DERIVE = 1,
    OSCORE_PROTECT = 2,
    OSCORE_UNPROTECT = 4,
    OSCORE_OPTION = 8,
    OSCORE_WIRESHARK = 16
};

/* Hex digits of an option; absent if it was not given. */
struct oscore_hex {
    uint8_t *bytes;
    size_t len;
};

static inline covey_bytes oscore_span(const struct oscore_hex *hex)
{
    return covey_bytes_of(hex->bytes, hex->len);
}

struct oscore_args {
    enum oscore_verb verb;
    const char *name;    /* of the verb */
    const char *context; /* path of the context file */
    const char *state;   /* path of the state file, or NULL */
    char *hex;           /* further operands in one, or "-"; or NULL */
    bool help;
    bool json;
    bool explain;
    bool keys;
    bool stream;
    bool own_piv;
    bool omit_kid_context;
    bool to_proxy;
    bool observe;
    bool has_number;
    uint64_t number;
    struct oscore_hex request;     /* protected message */
    struct oscore_hex request_piv; /* or only this of it */
    covey_kudos_layout kudos;
    /* parts of an option value */
    bool group;
    struct oscore_hex piv;
    struct oscore_hex kid;
    struct oscore_hex kid_context;
    struct oscore_hex x;
    struct oscore_hex nonce;
    struct oscore_hex y;
    struct oscore_hex old_nonce;
    bool builds; /* one of them was given */
    char error[300];
};

/* false: a->error says why. */
bool oscore_args_read(struct oscore_args *a, enum oscore_verb verb, int argc,
                      char **argv);
void oscore_args_free(struct oscore_args *a);

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
/* "covey oscore VERB: ..." on standard error; gives `status` back. */
int oscore_fail(const struct oscore_args *a, int status, const char *format,
                ...);

#endif
