/* SPDX-License-Identifier: BSD-2-Clause */
/* covey oscore unprotect: RFC 8613 Sections 8.2 and 8.4. */
#include "cmd.h"
#include "oscore_explain.h"
#include "oscore_verbs.h"

#include <hex.h>
#include <oscore_fault.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unprotecting {
    covey_oscore_exchange exchange;
    covey_oscore_work work;
    covey_oscore_received received;
    bool request;
    uint8_t *room;
    size_t cap;
};

/* Responses are bound to a request, requests are not. */
static int begin(struct oscore_session *s, struct unprotecting *u)
{
    const struct oscore_args *a = s->args;
    int status = EXIT_DONE;

    u->request = s->message.code < COVEY_COAP_CODE(1, 0);
    u->work.stream = a->stream;
    if (u->request &&
        (a->request.bytes != NULL || a->request_piv.bytes != NULL)) {
        return oscore_fail(a, EXIT_USAGE,
                           "the message is no response, so it has no request");
    }
    if (!u->request) {
        status = oscore_session_exchange(s, true, &u->exchange);
    }
    return status == EXIT_DONE ? oscore_session_start(s) : status;
}

/* Before anything is decrypted: this is what an implementer compares when
 * decryption fails. */
static void explain(struct oscore_session *s, const struct unprotecting *u)
{
    covey_oscore_exchange x = u->exchange;
    covey_oscore_option o;
    covey_bytes id = s->parameters->recipient_id;

    oscore_report_hex(&s->report, "recipient_id", id);
    oscore_explain_keys(s, false);
    oscore_explain_option(s, oscore_option_of(&s->message), &o);
    if (u->request && o.partial_iv.len <= sizeof x.piv &&
        o.kid.len <= sizeof x.kid) {
        x = (covey_oscore_exchange){ .kid_len = (uint8_t)o.kid.len,
                                     .piv_len = (uint8_t)o.partial_iv.len };
        if (o.kid.len > 0) {
            memcpy(x.kid, o.kid.ptr, o.kid.len);
        }
        if (o.partial_iv.len > 0) {
            memcpy(x.piv, o.partial_iv.ptr, o.partial_iv.len);
        }
        id = o.kid;
    }
    covey_bytes piv = o.partial_iv;
    if (!u->request && piv.ptr == NULL) {
        id = covey_bytes_of(x.kid, x.kid_len);
        piv = covey_bytes_of(x.piv, x.piv_len);
    }
    oscore_explain_inputs(s, &x, id, piv);
    oscore_report_hex(&s->report, "ciphertext", s->message.payload);
}

/* What the state says of received numbers is exact, so what is below it is
 * refused without a challenge. */
static covey_unprotect open_message(struct oscore_session *s,
                                    struct unprotecting *u)
{
    covey_writer plaintext = covey_writer_of(u->room, u->cap);
    covey_unprotect result;

    if (u->request) {
        result = covey_oscore_open_request(
            &s->context, &u->exchange, &s->message, &plaintext, &u->received);
        if (result == COVEY_UNPROTECT_MAYBE_REPLAY) {
            u->received.fault = COVEY_OSCORE_REPLAY;
            return COVEY_UNPROTECT_REFUSED;
        }
        return result;
    }
    return covey_oscore_open_response(&s->context, &u->exchange, &s->message,
                                      &plaintext, &u->received);
}

static covey_unprotect assemble(struct oscore_session *s,
                                struct unprotecting *u, covey_writer *out)
{
    covey_oscore_received *r = &u->received;

    if (!u->request) {
        return covey_oscore_assemble_response(&u->exchange, &s->message, r,
                                              &u->work, out);
    }
    r->status = covey_oscore_assemble_request(&u->exchange, &s->message,
                                              r->plaintext, &u->work, out);
    if (r->status != COVEY_OK) {
        r->fault = r->status == COVEY_E_ROOM ? COVEY_OSCORE_OURS
                                             : COVEY_OSCORE_BAD_PLAINTEXT;
        return COVEY_UNPROTECT_REFUSED;
    }
    return COVEY_UNPROTECT_FRESH;
}

static int refuse(struct oscore_session *s, const struct unprotecting *u)
{
    const covey_oscore_fault fault = u->received.fault;
    const covey_oscore_reaction react = covey_oscore_react(fault, u->request);
    char answer[60] = "none";

    if (react.code != 0) {
        snprintf(answer, sizeof answer, "%u.%02u %s",
                 (unsigned)react.code >> 5, (unsigned)react.code & 31u,
                 react.diagnostic);
    }
    if (s->args->json || s->args->explain) {
        oscore_report_text(&s->report, "refused", oscore_fault_name(fault));
        oscore_report_text(&s->report, "answer", answer);
    }
    oscore_report_end(&s->report);
    if (u->received.status == COVEY_E_UNSUPPORTED) {
        return oscore_fail(s->args, EXIT_NEGATIVE,
                           "refused: a message in group mode (RFC 10021) or "
                           "with extended flags (KUDOS), which a plain "
                           "context does not take; answer: %s",
                           answer);
    }
    return oscore_fail(s->args, EXIT_NEGATIVE, "refused: %s (%s); answer: %s",
                       oscore_fault_text(fault), oscore_fault_section(fault),
                       answer);
}

static int unprotect(struct oscore_session *s, struct unprotecting *u)
{
    covey_writer out = covey_writer_of(u->room + u->cap, u->cap);
    int status = EXIT_DONE;

    if (s->args->explain) {
        explain(s, u);
    }
    if (open_message(s, u) == COVEY_UNPROTECT_REFUSED) {
        return refuse(s, u);
    }
    /* Before anything of it is shown: it must not be accepted again. */
    if (u->request) {
        status = oscore_session_keep(s, 0, u->received.piv + 1);
    }
    if (status != EXIT_DONE) {
        return status;
    }
    if (s->args->explain) {
        oscore_report_hex(&s->report, "plaintext", u->received.plaintext);
    }
    if (assemble(s, u, &out) == COVEY_UNPROTECT_REFUSED) {
        return refuse(s, u);
    }
    if (s->args->explain || s->args->json) {
        oscore_report_hex(&s->report, "unprotected", covey_written(&out));
    } else {
        hex_print(stdout, covey_written(&out));
        putchar('\n');
    }
    oscore_report_end(&s->report);
    return EXIT_DONE;
}

int oscore_verb_unprotect(struct oscore_session *s)
{
    struct unprotecting u = { .request = false };
    int status = oscore_session_message(s);

    if (status == EXIT_DONE) {
        status = begin(s, &u);
    }
    if (status != EXIT_DONE) {
        return status;
    }
    u.cap = s->all.len + 1;
    u.room = malloc(2 * u.cap);
    if (u.room == NULL) {
        return oscore_fail(s->args, EXIT_IO, "out of memory");
    }
    status = unprotect(s, &u);
    covey_wipe(u.room, 2 * u.cap);
    free(u.room);
    return status;
}
