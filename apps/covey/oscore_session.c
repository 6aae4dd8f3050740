/* SPDX-License-Identifier: BSD-2-Clause */
#include "oscore_session.h"

#include "cmd.h"

#include <crypto/openssl/openssl.h>

#include <errno.h>
#include <hex.h>
#include <oscore_fault.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the context file --------------------------------------------------- */

static int derive(struct oscore_session *s)
{
    covey_status st = covey_openssl_open(&s->crypto);

    if (st == COVEY_OK) {
        st = covey_oscore_derive(&s->keys, s->parameters, &s->crypto);
    }
    if (st != COVEY_OK) {
        return oscore_fail(s->args, EXIT_IO, "no keys: %s [%s]",
                           covey_status_text(st), covey_status_name(st));
    }
    return EXIT_DONE;
}

int oscore_session_open(struct oscore_session *s,
                        const struct oscore_args *args)
{
    memset(s, 0, sizeof *s);
    s->args = args;
    s->report.json = args->json;
    s->file = context_load(args->context, stderr);
    if (s->file == NULL) {
        return errno != 0 ? EXIT_IO : EXIT_NEGATIVE;
    }
    if (s->file->type != CONTEXT_OSCORE) {
        return oscore_fail(args, EXIT_USAGE,
                           "%s: expected a context of type oscore, found one "
                           "of a group; see covey-group(1)",
                           args->context);
    }
    s->parameters = &s->file->oscore.parameters;
    return derive(s);
}

void oscore_session_close(struct oscore_session *s)
{
    covey_oscore_drop(&s->context);
    covey_wipe(&s->keys, sizeof s->keys);
    covey_openssl_close(&s->crypto);
    oscore_state_close(&s->state);
    context_free(s->file);
    free(s->bytes);
}

/* --- messages ----------------------------------------------------------- */

static int parse(struct oscore_session *s, covey_bytes all, const char *what,
                 covey_coap_message *m)
{
    size_t used = all.len;
    covey_status st = s->args->stream ? covey_coap_parse_stream(m, all, &used)
                                      : covey_coap_parse(m, all);

    if (st == COVEY_OK && used != all.len) {
        st = COVEY_E_FORMAT;
    }
    if (st != COVEY_OK) {
        return oscore_fail(s->args, EXIT_NEGATIVE,
                           "%s: no CoAP message: %s [%s]; 'covey coap decode' "
                           "says which byte",
                           what, covey_status_text(st), covey_status_name(st));
    }
    return EXIT_DONE;
}

int oscore_session_message(struct oscore_session *s)
{
    char why[200];
    size_t len;

    if (!hex_read(s->args->hex, &s->bytes, &len, why, sizeof why)) {
        return oscore_fail(s->args, ferror(stdin) ? EXIT_IO : EXIT_USAGE, "%s",
                           why);
    }
    s->all = covey_bytes_of(s->bytes, len);
    return parse(s, s->all, "the message", &s->message);
}

/* --- state -------------------------------------------------------------- */

static uint64_t first_number(const struct oscore_session *s)
{
    return s->args->has_number ? s->args->number
                               : s->file->oscore.sequence_number;
}

static int open_state(struct oscore_session *s)
{
    uint8_t fingerprint[OSCORE_FINGERPRINT];
    char why[1200];
    covey_status st = oscore_fingerprint(
        &s->crypto, covey_bytes_of(s->keys.sender_key, s->keys.key_len),
        fingerprint);

    if (st != COVEY_OK) {
        return oscore_fail(s->args, EXIT_IO, "%s", covey_status_text(st));
    }
    if (!oscore_state_open(&s->state, s->args->state, fingerprint,
                           first_number(s), why, sizeof why)) {
        return oscore_fail(s->args, EXIT_IO, "%s", why);
    }
    return EXIT_DONE;
}

int oscore_session_start(struct oscore_session *s)
{
    covey_oscore_start start = {
        .state = { first_number(s), 0 },
        .window_size = s->file->oscore.replay_window.size,
        .window_word_count = s->file->oscore.replay_window.word_count,
        .window_words = s->file->oscore.replay_window.words,
    };

    if (s->args->state != NULL) {
        const int status = open_state(s);
        if (status != EXIT_DONE) {
            return status;
        }
        start.state = s->state.now;
    }
    covey_status st =
        covey_oscore_setup(&s->context, &s->crypto, s->parameters, &start);
    if (st != COVEY_OK) {
        return oscore_fail(s->args, EXIT_IO, "no context: %s [%s]",
                           covey_status_text(st), covey_status_name(st));
    }
    return EXIT_DONE;
}

int oscore_session_keep(struct oscore_session *s, uint64_t numbers,
                        uint64_t window)
{
    const uint64_t first =
        s->state.file.path != NULL ? s->state.now.ssn : first_number(s);
    covey_oscore_state next = { first + numbers, window };
    char why[1200];

    if (next.ssn > COVEY_OSCORE_SSN_END) {
        return oscore_fail(s->args, EXIT_REFUSED,
                           "no sequence number is left: another context is "
                           "needed (RFC 8613 Section 7.2.1)");
    }
    if (next.window < s->state.now.window) {
        next.window = s->state.now.window;
    }
    if (s->state.file.path != NULL &&
        !oscore_state_store(&s->state, &next, why, sizeof why)) {
        return oscore_fail(s->args, EXIT_IO, "%s", why);
    }
    covey_status st = covey_oscore_stored(&s->context, &next);
    if (st != COVEY_OK) {
        return oscore_fail(s->args, EXIT_IO, "%s", covey_status_text(st));
    }
    return EXIT_DONE;
}

/* --- the request of a response ------------------------------------------ */

static int exchange_of_piv(const struct oscore_session *s, bool own,
                           covey_oscore_exchange *exchange)
{
    const covey_bytes piv = oscore_span(&s->args->request_piv);
    const covey_bytes kid =
        own ? s->parameters->sender_id : s->parameters->recipient_id;
    uint64_t number;

    if (covey_oscore_piv_number(piv, &number) != COVEY_OK) {
        return oscore_fail(s->args, EXIT_USAGE,
                           "--request-piv: expected 1 to 5 bytes in the "
                           "shortest form (RFC 8613 Section 5)");
    }
    memset(exchange, 0, sizeof *exchange);
    memcpy(exchange->piv, piv.ptr, piv.len);
    exchange->piv_len = (uint8_t)piv.len;
    if (kid.len > 0) {
        memcpy(exchange->kid, kid.ptr, kid.len);
    }
    exchange->kid_len = (uint8_t)kid.len;
    exchange->observe = s->args->observe;
    exchange->registration = s->args->observe;
    return EXIT_DONE;
}

/* Unprotects the request as the server did, with the IDs the other way round
 * if it was sent by this end. */
static covey_unprotect open_request(struct oscore_session *s, bool own,
                                    const covey_coap_message *request,
                                    covey_oscore_exchange *exchange,
                                    covey_oscore_received *received)
{
    covey_oscore_parameters p = *s->parameters;
    const covey_oscore_start start = { .window_in_memory = true };
    const size_t cap = s->args->request.len + 1;
    uint8_t *room = malloc(2 * cap);
    covey_oscore_context server;
    covey_unprotect result = COVEY_UNPROTECT_REFUSED;

    memset(received, 0, sizeof *received);
    received->fault = COVEY_OSCORE_OURS;
    received->status = COVEY_E_ROOM;
    if (own) {
        p.sender_id = s->parameters->recipient_id;
        p.recipient_id = s->parameters->sender_id;
    }
    if (room != NULL) {
        const covey_oscore_work work = { .stream = s->args->stream,
                                         .scratch = room + cap,
                                         .scratch_cap = cap };
        covey_writer out = covey_writer_of(room, cap);
        received->status = covey_oscore_setup(&server, &s->crypto, &p, &start);
        if (received->status == COVEY_OK) {
            result = covey_oscore_unprotect_request(&server, exchange, request,
                                                    &work, &out, received);
        }
        covey_oscore_drop(&server);
        covey_wipe(room, 2 * cap);
    }
    free(room);
    return result;
}

int oscore_session_exchange(struct oscore_session *s, bool own,
                            covey_oscore_exchange *exchange)
{
    covey_coap_message request;
    covey_oscore_received received;

    if (s->args->request_piv.bytes != NULL) {
        return exchange_of_piv(s, own, exchange);
    }
    if (s->args->request.bytes == NULL) {
        return oscore_fail(s->args, EXIT_USAGE,
                           "a response needs its request: --request or "
                           "--request-piv (RFC 8613 Section 5.4)");
    }
    const int status =
        parse(s, oscore_span(&s->args->request), "--request", &request);
    if (status != EXIT_DONE) {
        return status;
    }
    if (open_request(s, own, &request, exchange, &received) ==
        COVEY_UNPROTECT_REFUSED) {
        return oscore_fail(s->args, EXIT_NEGATIVE,
                           "--request: expected a request protected %s: %s",
                           own ? "by this end" : "for this end",
                           oscore_fault_text(received.fault));
    }
    return EXIT_DONE;
}
