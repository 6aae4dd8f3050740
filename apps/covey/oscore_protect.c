/* SPDX-License-Identifier: BSD-2-Clause */
/* covey oscore protect: RFC 8613 Sections 8.1 and 8.3. */
#include "cmd.h"
#include "oscore_explain.h"
#include "oscore_verbs.h"

#include <hex.h>
#include <stdio.h>
#include <stdlib.h>

/* What the two kinds of messages have in common. */
struct protecting {
    covey_oscore_exchange exchange;
    covey_oscore_work work;
    bool request;
    bool takes_number;
    uint8_t *room;
    size_t cap;
    covey_bytes plaintext;
    covey_bytes protected;
};

/* A number that is not named would be used again by the next call. */
static int choose_number(struct oscore_session *s, struct protecting *p)
{
    const struct oscore_args *a = s->args;

    p->takes_number = p->request || a->own_piv || a->state != NULL;
    if (p->takes_number && a->state == NULL && !a->has_number &&
        !s->file->oscore.has_sequence_number) {
        return oscore_fail(a, EXIT_USAGE,
                           "which sequence number? Give --number, --state, or "
                           "sequence_number in the context file: none may be "
                           "used twice (RFC 8613 Section 7.2.1)");
    }
    if (!p->takes_number && a->has_number) {
        return oscore_fail(a, EXIT_USAGE,
                           "a response takes a number only with --own-piv "
                           "(RFC 8613 Section 5.2)");
    }
    return EXIT_DONE;
}

/* RFC 7252 Section 3, RFC 8323 Section 5: signalling is protected as requests
 * are (RFC 8613 Section 4.3). */
static int find_kind(const struct oscore_session *s, struct protecting *p)
{
    const struct oscore_args *a = s->args;
    const unsigned kind = s->message.code >> 5;

    if (s->message.code == COVEY_COAP_EMPTY || kind == 1 || kind == 3 ||
        kind == 6) {
        return oscore_fail(a, EXIT_NEGATIVE,
                           "expected a request or a response, found code "
                           "%u.%02u (RFC 8613 Section 8)",
                           kind, s->message.code & 31u);
    }
    p->request = kind == 0 || kind == 7;
    if (p->request &&
        (a->request.bytes != NULL || a->request_piv.bytes != NULL)) {
        return oscore_fail(a, EXIT_USAGE,
                           "the message is no response, so it has no request");
    }
    if (p->request && a->own_piv) {
        return oscore_fail(a, EXIT_USAGE, "--own-piv is for responses");
    }
    return EXIT_DONE;
}

static int begin(struct oscore_session *s, struct protecting *p)
{
    const struct oscore_args *a = s->args;
    int status = find_kind(s, p);

    if (status == EXIT_DONE) {
        status = choose_number(s, p);
    }
    if (status == EXIT_DONE && !p->request) {
        status = oscore_session_exchange(s, false, &p->exchange);
    }
    if (status == EXIT_DONE) {
        status = oscore_session_start(s);
    }
    p->work = (covey_oscore_work){
        .inner = a->to_proxy ? covey_oscore_proxy_inner : NULL,
        .inner_count = a->to_proxy ? covey_oscore_proxy_inner_count : 0,
        .own_piv = !p->request && p->takes_number,
        .omit_kid_context = a->omit_kid_context,
        .stream = a->stream,
    };
    return status;
}

static covey_status compose(struct oscore_session *s, struct protecting *p)
{
    covey_writer w = covey_writer_of(p->room, p->cap);
    covey_status st = covey_oscore_compose(&w, &s->message, &p->work);

    p->plaintext = covey_written(&w);
    return st;
}

static covey_status seal(struct oscore_session *s, struct protecting *p)
{
    covey_writer w = covey_writer_of(p->room + p->cap, p->cap);
    covey_status st =
        p->request
            ? covey_oscore_seal_request(&s->context, &p->exchange, &s->message,
                                        p->plaintext, &p->work, &w)
            : covey_oscore_seal_response(&s->context, &p->exchange,
                                         &s->message, p->plaintext, &p->work,
                                         &w);

    p->protected = covey_written(&w);
    return st;
}

static void explain(struct oscore_session *s, const struct protecting *p)
{
    covey_coap_message m;
    covey_oscore_option o;
    size_t used = p->protected.len;
    covey_status st = s->args->stream
                          ? covey_coap_parse_stream(&m, p->protected, &used)
                          : covey_coap_parse(&m, p->protected);

    if (st != COVEY_OK) {
        return; /* it is ours, and has just been written */
    }
    const covey_bytes value = oscore_option_of(&m);
    oscore_report_hex(&s->report, "sender_id", s->parameters->sender_id);
    oscore_explain_keys(s, true);
    oscore_explain_option(s, value, &o);
    const bool own = o.partial_iv.ptr != NULL;
    oscore_explain_inputs(
        s, &p->exchange,
        own ? s->parameters->sender_id
            : covey_bytes_of(p->exchange.kid, p->exchange.kid_len),
        own ? o.partial_iv
            : covey_bytes_of(p->exchange.piv, p->exchange.piv_len));
    oscore_report_hex(&s->report, "plaintext", p->plaintext);
    oscore_report_hex(&s->report, "ciphertext", m.payload);
}

static int refused(const struct oscore_session *s, covey_status st)
{
    if (st == COVEY_E_ARGUMENT) {
        return oscore_fail(s->args, EXIT_NEGATIVE,
                           "no message to be protected: it has an OSCORE "
                           "option, or Proxy-Uri beside Uri-Path or "
                           "Uri-Query (RFC 8613 Section 4.1.3) [%s]",
                           covey_status_name(st));
    }
    if (covey_status_class_of(st) == COVEY_CLASS_WIRE) {
        return oscore_fail(s->args, EXIT_NEGATIVE,
                           "Proxy-Uri: %s (RFC 8613 Section 4.1.3.3) [%s]",
                           covey_status_text(st), covey_status_name(st));
    }
    return oscore_fail(s->args, EXIT_IO, "%s [%s]", covey_status_text(st),
                       covey_status_name(st));
}

static int protect(struct oscore_session *s, struct protecting *p)
{
    covey_status st = compose(s, p);

    if (st != COVEY_OK) {
        return refused(s, st);
    }
    /* First what must be durable: the number counts as used from here on. */
    int status = oscore_session_keep(s, p->takes_number ? 1 : 0, 0);
    if (status != EXIT_DONE) {
        return status;
    }
    st = seal(s, p);
    if (st != COVEY_OK) {
        return refused(s, st);
    }
    if (s->args->explain) {
        explain(s, p);
    }
    if (s->args->explain || s->args->json) {
        oscore_report_hex(&s->report, "protected", p->protected);
    } else {
        hex_print(stdout, p->protected);
        putchar('\n');
    }
    oscore_report_end(&s->report);
    return EXIT_DONE;
}

int oscore_verb_protect(struct oscore_session *s)
{
    struct protecting p = { .request = false };
    int status = oscore_session_message(s);

    if (status == EXIT_DONE) {
        status = begin(s, &p);
    }
    if (status != EXIT_DONE) {
        return status;
    }
    p.cap = COVEY_OSCORE_PLAINTEXT_MAX(s->all.len) + COVEY_OSCORE_OVERHEAD_MAX;
    p.room = malloc(2 * p.cap);
    if (p.room == NULL) {
        return oscore_fail(s->args, EXIT_IO, "out of memory");
    }
    status = protect(s, &p);
    covey_wipe(p.room, 2 * p.cap);
    free(p.room);
    return status;
}
