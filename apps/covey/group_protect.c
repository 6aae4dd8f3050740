/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey group protect`: RFC 10021 Sections 7.1, 7.3, 8.3 and 8.5. */
#include "cmd.h"
#include "group_message.h"
#include "group_verbs.h"

#include <hex.h>
#include <stdio.h>
#include <stdlib.h>

struct job {
    group_session s;
    group_message plain;
    group_message request; /* of a response */
    group_message sealed;
    bool pairwise;
    group_party to; /* pairwise mode */
    covey_group_exchange exchange;
};

static int read_messages(struct job *j, const group_args *args)
{
    int rc = group_message_read(&j->plain, &j->request, args);

    if (rc == EXIT_DONE && j->plain.request &&
        (args->own_piv || args->kid || args->kid_context)) {
        rc = group_fail(args, EXIT_USAGE,
                        "this is a request: --own-piv, --kid and "
                        "--kid-context are for responses");
    }
    return rc;
}

static int choose_mode(struct job *j)
{
    const group_args *args = j->s.args;
    const bool response = !j->plain.request;

    j->pairwise = args->mode == GROUP_MODE_PAIRWISE;
    if (args->mode == GROUP_MODE_DEFAULT) {
        j->pairwise = response
                          ? !j->request.option.group
                          : j->s.context->parameters.algorithms.group_enc ==
                                COVEY_ALG_UNSET;
    }
    if (response &&
        covey_bytes_equal(j->request.option.kid, j->s.context->sender_id)) {
        return group_fail(args, EXIT_NEGATIVE,
                          "--request: it is of this member itself (RFC 10021 "
                          "Section 7.2)");
    }
    if (!j->pairwise) {
        return EXIT_DONE;
    }
    if (response ? group_session_find(&j->s, j->request.option.kid, &j->to)
                 : group_session_to(&j->s, &j->to)) {
        return EXIT_DONE;
    }
    return response ? group_fail(args, EXIT_NEGATIVE,
                                 "the request's kid is no member that the "
                                 "context file names (RFC 10021 Section 8.1)")
                    : group_fail(args, EXIT_USAGE,
                                 "--to ID: missing, or no member that the "
                                 "context file names (RFC 10021 Section 8.1)");
}

/* A number that was used before must not be used again, so nobody guesses
 * one. */
static int choose_number(const struct job *j, uint64_t *number)
{
    const group_args *args = j->s.args;
    const context_group *c = j->s.context;
    const bool needed =
        j->plain.request || args->own_piv ||
        !covey_bytes_equal(j->request.option.kid_context, c->parameters.gid);

    *number = args->has_number ? args->number : c->sequence_number;
    if (c->sender_id.ptr == NULL) {
        return group_fail(args, EXIT_NEGATIVE,
                          "%s: without a Sender ID nothing is sent (RFC 10021 "
                          "Section 2)",
                          args->context);
    }
    if (needed && !args->has_number && !c->has_sequence_number) {
        return group_fail(args, EXIT_USAGE,
                          "--number N: missing, and the context file has no "
                          "sequence_number (RFC 8613 Section 7.2.1)");
    }
    return EXIT_DONE;
}

/* COVEY_E_ROOM only if there is no memory. */
static covey_status seal(struct job *j)
{
    const group_args *args = j->s.args;
    const size_t cap =
        COVEY_OSCORE_PLAINTEXT_MAX(j->plain.len) + COVEY_GROUP_OVERHEAD_MAX;
    const size_t scratch_cap =
        COVEY_GROUP_SCRATCH(cap, j->s.cred_max, COVEY_OSCORE_ID_CONTEXT_MAX);
    const covey_bytes absent = { NULL, 0 };
    uint8_t *scratch = malloc(scratch_cap);
    uint8_t *bytes = malloc(cap);
    covey_writer out = covey_writer_of(bytes, cap);
    covey_status st = COVEY_E_ROOM;
    const covey_group_work work = {
        .message = { .own_piv = args->own_piv,
                     .scratch = scratch,
                     .scratch_cap = scratch_cap },
        .to = j->pairwise ? covey_group_find(&j->s.group, j->to.id) : NULL,
        .kid = args->kid,
        .kid_context = args->kid_context,
    };

    if (scratch != NULL && bytes != NULL) {
        st = (j->plain.request ? covey_group_seal_request
                               : covey_group_seal_response)(
            &j->s.group, &j->exchange, &j->plain.coap, absent, &work, &out);
    }
    if (st == COVEY_OK) {
        j->sealed.bytes = bytes;
        j->sealed.len = out.pos;
        bytes = NULL;
    }
    free(scratch);
    free(bytes);
    return st;
}

static int fail_seal(const struct job *j, covey_status st)
{
    const char *why = covey_status_text(st);

    if (st == COVEY_E_UNSUPPORTED) {
        why = j->pairwise ? "the group has no pairwise mode (RFC 10021 "
                            "Section 2.1.10)"
                          : "the group has no group mode (RFC 10021 "
                            "Section 2.1.7)";
    } else if (st == COVEY_E_ARGUMENT) {
        why = "the message is no request and no response";
    }
    return group_fail(j->s.args, EXIT_NEGATIVE, "%s [%s]", why,
                      covey_status_name(st));
}

/* What has been made, taken apart again. */
static int report(struct job *j)
{
    const group_args *args = j->s.args;
    const covey_bytes bytes = { j->sealed.bytes, j->sealed.len };
    group_party own;
    const group_trace trace = {
        .message = &j->sealed,
        .request = j->plain.request ? &j->sealed : &j->request,
        .from = &own,
        .to = &j->to,
    };
    group_report r;

    if (!args->json && !args->explain) {
        hex_print(stdout, bytes);
        putchar('\n');
        return EXIT_DONE;
    }
    group_report_begin(&r, args, &j->s.crypto);
    group_report_text(&r, "mode", j->pairwise ? "pairwise" : "group");
    if (args->explain &&
        group_session_find(&j->s, j->s.context->sender_id, &own)) {
        group_trace_report(&r, &j->s, &trace);
    }
    group_report_bytes(&r, "protected", bytes);
    return group_report_end(&r, args);
}

static int protect(struct job *j, const group_args *args)
{
    covey_status st;
    uint64_t number = 0;
    int rc = read_messages(j, args);

    if (rc == EXIT_DONE) {
        rc = group_session_open(&j->s, args);
    }
    if (rc == EXIT_DONE) {
        rc = choose_number(j, &number);
    }
    if (rc == EXIT_DONE) {
        rc = group_session_join(&j->s, number);
    }
    if (rc == EXIT_DONE) {
        rc = choose_mode(j);
    }
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (!j->plain.request) {
        (void)group_message_exchange(&j->s, &j->request, false, &j->exchange);
    }
    st = seal(j);
    if (st == COVEY_OK) {
        st = group_message_parse(&j->sealed);
    }
    return st == COVEY_OK ? report(j) : fail_seal(j, st);
}

int group_verb_protect(const group_args *args)
{
    struct job j = { .pairwise = false };
    int rc = protect(&j, args);

    group_session_close(&j.s);
    group_message_free(&j.plain);
    group_message_free(&j.request);
    group_message_free(&j.sealed);
    return rc;
}
