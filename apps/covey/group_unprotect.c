/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey group unprotect`: RFC 10021 Sections 7.2, 7.4, 8.4 and 8.6. */
#include "cmd.h"
#include "group_message.h"
#include "group_verbs.h"

#include <group_fault.h>
#include <hex.h>
#include <stdio.h>
#include <stdlib.h>

struct job {
    group_session s;
    group_message outer;
    group_message request; /* of a response */
    covey_group_exchange exchange;
    covey_group_answer answer;
    covey_group_received received;
    covey_unprotect verdict;
    uint8_t *plain; /* the message inside */
    size_t plain_len;
};

static int begin(struct job *j, const group_args *args)
{
    int rc = group_message_read(&j->outer, &j->request, args);

    if (rc == EXIT_DONE) {
        rc = group_session_open(&j->s, args);
    }
    if (rc == EXIT_DONE) {
        rc = group_session_join(&j->s, j->s.context->sequence_number);
    }
    if (rc != EXIT_DONE || j->outer.request) {
        return rc;
    }
    if (!group_message_exchange(&j->s, &j->request, true, &j->exchange)) {
        return group_fail(args, EXIT_USAGE,
                          "--to ID: missing, or no member that the context "
                          "file names: whom the pairwise request was for");
    }
    j->exchange.answers = &j->answer;
    j->exchange.answer_max = 1;
    return EXIT_DONE;
}

static bool unprotect(struct job *j)
{
    const size_t scratch_cap = COVEY_GROUP_SCRATCH(
        j->outer.len, j->s.cred_max, COVEY_OSCORE_ID_CONTEXT_MAX);
    uint8_t *scratch = malloc(scratch_cap);
    const covey_group_work work = {
        .message = { .scratch = scratch, .scratch_cap = scratch_cap },
        .unicast = j->s.args->unicast,
    };
    covey_writer out;

    j->plain = malloc(j->outer.len);
    out = covey_writer_of(j->plain, j->outer.len);
    if (scratch != NULL && j->plain != NULL) {
        j->verdict = (j->outer.request ? covey_group_unprotect_request
                                       : covey_group_unprotect_response)(
            &j->s.group, &j->exchange, &j->outer.coap, &work, &out,
            &j->received);
        j->plain_len = out.pos;
    }
    free(scratch);
    return scratch != NULL && j->plain != NULL;
}

/* FRESH_ONCE_STORED is for those who store: each call of the tool begins from
 * its file. */
static bool is_fresh(const struct job *j)
{
    return j->verdict == COVEY_UNPROTECT_FRESH ||
           j->verdict == COVEY_UNPROTECT_FRESH_ONCE_STORED;
}

static const char *verdict_of(const struct job *j)
{
    if (is_fresh(j)) {
        return "fresh";
    }
    return j->verdict == COVEY_UNPROTECT_MAYBE_REPLAY ? "maybe-replay"
                                                      : "refused";
}

static const char *mode_of(const struct job *j)
{
    return j->outer.option.group ? "group" : "pairwise";
}

static group_fault fault_of(const struct job *j)
{
    return group_fault_of(j->received.base.fault, j->outer.request,
                          !j->outer.option.group);
}

/* Whose message it is, or says it is. */
static bool find_sender(const struct job *j, group_party *from)
{
    const covey_bytes kid = j->outer.option.kid;
    const covey_bytes peer = { j->exchange.peer, j->exchange.peer_len };

    if (kid.ptr == NULL) {
        return !j->outer.request && j->exchange.pairwise &&
               group_session_find(&j->s, peer, from);
    }
    return group_session_find(&j->s, kid, from);
}

/* What may be answered, "none" if nothing. */
static void put_answer(const struct job *j, char *text, size_t cap)
{
    const covey_oscore_reaction reaction =
        covey_group_react(&j->received, j->outer.request);

    snprintf(text, cap, "none");
    if (reaction.code != 0) {
        snprintf(text, cap, "%u.%02u %s", (unsigned)reaction.code >> 5,
                 (unsigned)reaction.code & 31u,
                 reaction.diagnostic != NULL ? reaction.diagnostic : "");
    }
}

static void report_fault(group_report *r, const struct job *j)
{
    const group_fault f = fault_of(j);
    char answer[80];

    put_answer(j, answer, sizeof answer);
    group_report_text(r, "refused", f.name);
    group_report_text(r, "section", f.section);
    group_report_text(r, "status", covey_status_name(j->received.base.status));
    group_report_text(r, "answer", answer);
}

static void report_values(group_report *r, struct job *j)
{
    group_party from;
    group_party own = { j->s.context->sender_id,
                        j->s.context->credential,
                        { NULL, 0 } };
    const bool known = find_sender(j, &from);
    const group_trace trace = {
        .message = &j->outer,
        .request = j->outer.request ? &j->outer : &j->request,
        .from = known ? &from : NULL,
        .to = &own,
        .withheld = j->verdict == COVEY_UNPROTECT_REFUSED,
    };

    if (j->outer.value.ptr == NULL) {
        return;
    }
    if (j->outer.option.kid.ptr != NULL || known) {
        group_report_bytes(r, "sender", known ? from.id : j->outer.option.kid);
    }
    group_report_text(r, "mode", mode_of(j));
    if (j->received.base.has_piv) {
        group_report_number(r, "number", j->received.base.piv);
    }
    if (j->s.args->explain) {
        group_trace_report(r, &j->s, &trace);
    }
}

/* Everything, as text or JSON. */
static int report(struct job *j)
{
    group_report r;

    group_report_begin(&r, j->s.args, &j->s.crypto);
    group_report_text(&r, "verdict", verdict_of(j));
    report_values(&r, j);
    if (j->verdict == COVEY_UNPROTECT_REFUSED) {
        report_fault(&r, j);
    }
    if (j->received.suspicious) {
        group_report_text(&r, "suspicious", "group mode to one member");
    }
    if (is_fresh(j)) {
        group_report_bytes(&r, "unprotected",
                           covey_bytes_of(j->plain, j->plain_len));
    }
    return group_report_end(&r, j->s.args);
}

/* What a person has to know of it, beside the message. */
static int tell(const struct job *j)
{
    const group_args *args = j->s.args;
    const group_fault f = fault_of(j);
    char answer[80];

    if (j->received.suspicious) {
        group_fail(args, EXIT_DONE,
                   "warning: a request in group mode to this member alone: "
                   "somebody on the path may have turned it here (RFC 10021, "
                   "Security Considerations)");
    }
    if (is_fresh(j)) {
        return EXIT_DONE;
    }
    if (j->verdict == COVEY_UNPROTECT_MAYBE_REPLAY) {
        return group_fail(args, EXIT_NEGATIVE,
                          "authentic, but perhaps a replay, for the replay "
                          "window is not valid: challenge the sender with "
                          "Echo (RFC 10021 Section 9)");
    }
    put_answer(j, answer, sizeof answer);
    return group_fail(args, EXIT_NEGATIVE, "refused: %s (%s); answer: %s",
                      f.text, f.section, answer);
}

static void tell_sender(const struct job *j)
{
    group_party from;

    if (find_sender(j, &from)) {
        fflush(stdout);
        fputs("covey group unprotect: from ", stderr);
        hex_print(stderr, from.id);
        fprintf(stderr, " in %s mode", mode_of(j));
        if (j->received.base.has_piv) {
            fprintf(stderr, ", number %llu",
                    (unsigned long long)j->received.base.piv);
        }
        fputs(": fresh\n", stderr);
    }
}

static int show(struct job *j)
{
    int rc = EXIT_DONE;

    if (j->s.args->json || j->s.args->explain) {
        rc = report(j);
    } else if (is_fresh(j)) {
        hex_print(stdout, covey_bytes_of(j->plain, j->plain_len));
        putchar('\n');
        tell_sender(j);
    }
    return rc == EXIT_DONE ? tell(j) : rc;
}

int group_verb_unprotect(const group_args *args)
{
    struct job j = { .plain = NULL };
    int rc = begin(&j, args);

    if (rc == EXIT_DONE) {
        rc = unprotect(&j) ? show(&j)
                           : group_fail(args, EXIT_IO, "out of memory");
    }
    free(j.plain);
    group_session_close(&j.s);
    group_message_free(&j.outer);
    group_message_free(&j.request);
    return rc;
}
