/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_oscore.h"

#include "cmd.h"
#include "oscore_session.h"

#include <errno.h>
#include <string.h>

enum {
    /* Numbers that are stored as used before they are: a transfer of many
     * blocks need not wait for the disk each time. */
    AHEAD = 32,
    WHY_CAP = 1200
};

/* --- the protector's calls ----------------------------------------------- */

/* A client gets no requests. */
static covey_oscore_context *find(void *user, covey_bytes kid,
                                  covey_bytes kid_context)
{
    (void)user;
    (void)kid;
    (void)kid_context;
    return NULL;
}

/* Without a state file the caller answers for the numbers. */
static covey_status store(void *user, const covey_oscore_context *c,
                          const covey_oscore_state *next)
{
    struct request_oscore *o = user;
    const covey_oscore_state kept = { next->ssn, o->state.now.window };
    char why[WHY_CAP];

    (void)c;
    if (o->state.path == NULL ||
        oscore_state_store(&o->state, &kept, why, sizeof why)) {
        return COVEY_OK;
    }
    request_fail(o->args, EXIT_IO, "%s", why);
    return COVEY_E_NOT_STORED;
}

/* --- opening ------------------------------------------------------------- */

static int check(const struct request_oscore *o)
{
    const struct request_args *a = o->args;

    if (o->file->type != CONTEXT_OSCORE) {
        return request_fail(a, EXIT_USAGE,
                            "%s: expected a context of type oscore, found one "
                            "of a group",
                            a->context);
    }
    if (a->state == NULL && !a->has_number &&
        !o->file->oscore.has_sequence_number) {
        return request_fail(a, EXIT_USAGE,
                            "which sequence number? Give --state, --number, "
                            "or sequence_number in the context file: none may "
                            "be used twice (RFC 8613 Section 7.2.1)");
    }
    return EXIT_DONE;
}

static uint64_t first_number(const struct request_oscore *o)
{
    return o->args->has_number ? o->args->number
                               : o->file->oscore.sequence_number;
}

/* The state is that of one Sender Key, by its fingerprint. */
static int open_state(struct request_oscore *o, const covey_crypto *crypto)
{
    const covey_oscore_parameters *p = &o->file->oscore.parameters;
    uint8_t fingerprint[OSCORE_FINGERPRINT];
    covey_oscore_keys keys;
    char why[WHY_CAP];
    covey_status st;

    if (o->args->state == NULL) {
        return EXIT_DONE;
    }
    st = covey_oscore_derive(&keys, p, crypto);
    if (st == COVEY_OK) {
        st = oscore_fingerprint(crypto,
                                covey_bytes_of(keys.sender_key, keys.key_len),
                                fingerprint);
    }
    covey_wipe(&keys, sizeof keys);
    if (st != COVEY_OK) {
        return request_fail(o->args, EXIT_IO, "no keys: %s [%s]",
                            covey_status_text(st), covey_status_name(st));
    }
    if (!oscore_state_open(&o->state, o->args->state, fingerprint,
                           first_number(o), why, sizeof why)) {
        return request_fail(o->args, EXIT_IO, "%s", why);
    }
    return EXIT_DONE;
}

static int start(struct request_oscore *o, const covey_crypto *crypto)
{
    const bool kept = o->state.path != NULL;
    const covey_oscore_start how = {
        .state = { kept ? o->state.now.ssn : first_number(o),
                   COVEY_OSCORE_WINDOW_LOST },
        .ahead = AHEAD,
        .window_in_memory = true,
    };
    covey_status st = covey_oscore_setup(&o->context, crypto,
                                         &o->file->oscore.parameters, &how);

    if (st != COVEY_OK) {
        return request_fail(o->args, EXIT_IO, "no context: %s [%s]",
                            covey_status_text(st), covey_status_name(st));
    }
    covey_oscore_protector_init(&o->protector);
    o->protector.find = find;
    o->protector.store = store;
    o->protector.user = o;
    o->protectors[0] = &o->protector.protector;
    return EXIT_DONE;
}

int request_oscore_open(struct request_oscore *o, const struct request_args *a,
                        const covey_crypto *crypto)
{
    int status;

    memset(o, 0, sizeof *o);
    o->args = a;
    if (a->context == NULL) {
        return EXIT_DONE;
    }
    o->file = context_load(a->context, stderr);
    if (o->file == NULL) {
        return errno != 0 ? EXIT_IO : EXIT_NEGATIVE;
    }
    status = check(o);
    if (status == EXIT_DONE) {
        status = open_state(o, crypto);
    }
    return status == EXIT_DONE ? start(o, crypto) : status;
}

/* --- closing ------------------------------------------------------------- */

/* What was reserved and not used is given back; if that fails, these numbers
 * are lost, which harms nobody. */
static void settle(struct request_oscore *o)
{
    const uint64_t next =
        COVEY_OSCORE_SSN_END - covey_oscore_usage_of(&o->context).left;
    const covey_oscore_state now = { next, o->state.now.window };
    char why[WHY_CAP];

    if (o->state.path == NULL) {
        fprintf(stderr, "next sequence number: %llu\n",
                (unsigned long long)next);
    } else if (now.ssn != o->state.now.ssn) {
        (void)oscore_state_store(&o->state, &now, why, sizeof why);
    }
}

void request_oscore_close(struct request_oscore *o)
{
    if (o->protectors[0] != NULL) {
        settle(o);
    }
    covey_oscore_drop(&o->context);
    oscore_state_close(&o->state);
    context_free(o->file);
}
