/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey group verify`: the external signature checker of RFC 10021 Section
 * 7.5. A context with a Signature Encryption Key is enough; from one with a
 * Master Secret that key is derived, and nothing else of it is used. */
#include "cmd.h"
#include "group_message.h"
#include "group_verbs.h"

#include <covey/sigcheck.h>

#include <hex.h>
#include <stdio.h>
#include <stdlib.h>

struct job {
    group_session s;
    group_message outer;
    group_message request; /* of a response */
    covey_sigcheck checker;
    covey_sigcheck_request noted;
    covey_oscore_option option;
    group_party from;
    bool known; /* from */
    covey_status status;
};

/* A response without kid is the addressed server's, who is told by --to. */
static covey_status find_sender(struct job *j)
{
    covey_status st =
        covey_sigcheck_sender(&j->checker, &j->outer.coap, &j->option);

    if (st == COVEY_OK) {
        st = covey_sigcheck_note(
            &j->checker, j->outer.request ? &j->outer.coap : &j->request.coap,
            &j->noted);
    }
    if (st == COVEY_OK) {
        j->known = j->option.kid.ptr != NULL
                       ? group_session_find(&j->s, j->option.kid, &j->from)
                       : group_session_to(&j->s, &j->from);
        st = j->known ? COVEY_OK : COVEY_E_NO_CONTEXT;
    }
    return st;
}

static covey_status check_with(struct job *j, covey_key *key)
{
    const covey_sigcheck_signer signer = { j->from.id, j->from.credential,
                                           key };
    const size_t cap =
        COVEY_SIGCHECK_SCRATCH(j->outer.len, j->s.cred_max, j->s.cred_max,
                               COVEY_OSCORE_ID_CONTEXT_MAX);
    uint8_t *scratch = malloc(cap);
    covey_status st = COVEY_E_ROOM;

    if (scratch != NULL) {
        st = covey_sigcheck_check(&j->checker, &j->outer.coap, &signer,
                                  &j->noted, scratch, cap);
    }
    free(scratch);
    return st;
}

static covey_status check(struct job *j)
{
    const covey_crypto *c = &j->s.crypto;
    covey_key key;
    covey_status st = find_sender(j);

    if (st != COVEY_OK) {
        return st;
    }
    if (j->from.public_key.ptr == NULL) { /* the own one */
        return check_with(j, &j->s.private_key);
    }
    st = c->public_key(c->provider, (int32_t)j->checker.curve,
                       j->from.public_key, &key);
    if (st == COVEY_OK) {
        st = check_with(j, &key);
        c->key_drop(c->provider, &key);
    }
    return st;
}

static const char *why(const struct job *j)
{
    static const struct {
        covey_status status;
        const char *text;
    } rows[] = {
        { COVEY_E_AUTH, "the signature is not that of the sender over this "
                        "message (RFC 10021 Section 7.5)" },
        { COVEY_E_UNSUPPORTED, "the group has no group mode, or the message "
                               "is of a later kind (RFC 10021 Sections 2.1.8 "
                               "and 4.1)" },
        { COVEY_E_NO_CONTEXT, "it is of another group (RFC 10021 Section 6)" },
        { COVEY_E_SHORT, "the payload has no room for signature, tag and code "
                         "(RFC 10021 Section 4.1)" },
        { COVEY_E_FORMAT, "no message as a group sends it (RFC 10021 Sections "
                          "3.2 and 4.1)" },
        { COVEY_E_RANGE, "no Sender ID is as long as this kid (RFC 10021 "
                         "Section 2.2)" },
    };

    if (j->option.group && !j->known) {
        return "the sender is no member that the context file names (RFC "
               "10021 Section 12.3)";
    }
    if (j->outer.value.ptr != NULL && !j->outer.option.group) {
        return "a message in pairwise mode has no signature (RFC 10021 "
               "Section 8)";
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].status == j->status) {
            return rows[i].text;
        }
    }
    return covey_status_text(j->status);
}

/* Everything, as text or JSON. */
static int report(struct job *j)
{
    const group_trace trace = {
        .message = &j->outer,
        .request = j->outer.request ? &j->outer : &j->request,
        .from = j->known ? &j->from : NULL,
        .checks = true,
    };
    group_report r;

    group_report_begin(&r, j->s.args, &j->s.crypto);
    group_report_text(&r, "verdict",
                      j->status == COVEY_OK ? "verified" : "refused");
    if (j->known) {
        group_report_bytes(&r, "sender", j->from.id);
    }
    if (j->status != COVEY_OK) {
        group_report_text(&r, "status", covey_status_name(j->status));
    }
    if (j->s.args->explain && j->outer.option.group) {
        group_trace_report(&r, &j->s, &trace);
    }
    return group_report_end(&r, j->s.args);
}

static int show(struct job *j)
{
    const group_args *args = j->s.args;
    int rc = EXIT_DONE;

    if (args->json || args->explain) {
        rc = report(j);
    } else if (j->status == COVEY_OK) {
        fputs("signed by ", stdout);
        hex_print(stdout, j->from.id);
        putchar('\n');
    }
    if (rc == EXIT_DONE && j->status != COVEY_OK) {
        rc = group_fail(args, EXIT_NEGATIVE, "refused: %s [%s]", why(j),
                        covey_status_name(j->status));
    }
    return rc;
}

int group_verb_verify(const group_args *args)
{
    struct job j = { .known = false };
    int rc = group_message_read(&j.outer, &j.request, args);

    if (rc == EXIT_DONE) {
        rc = group_session_open(&j.s, args);
    }
    if (rc == EXIT_DONE) {
        const covey_group_parameters *p = &j.s.context->parameters;

        j.checker = (covey_sigcheck){
            .crypto = &j.s.crypto,
            .algorithms = p->algorithms,
            .hkdf = p->hkdf,
            .curve = (int32_t)p->curve,
            .gid = p->gid,
            .gm_cred = p->gm_cred,
            .sek = covey_bytes_of(j.s.keys.sek, j.s.keys.sek_len),
        };
        j.status = check(&j);
        rc = show(&j);
    }
    group_session_close(&j.s);
    group_message_free(&j.outer);
    group_message_free(&j.request);
    return rc;
}
