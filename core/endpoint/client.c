/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that are begun here, their responses, their ends. Tokens, matching
 * and the one end of each exchange are core/exchange's; here is what it has to
 * do with the message layer and with protection.
 *
 * An exchange has a deadline while the message layer does not watch over it:
 * a Non-confirmable request from the beginning, a Confirmable one once it has
 * been acknowledged. */
#include "endpoint_internal.h"

#include <string.h>

#define CLASS(code)      ((code) >> 5)
#define CLASS_SUCCESS    2u
#define OBSERVE_REGISTER 0u
#define TOKEN_AT         4u    /* in the header of a message */
#define TOKEN_GROUP      0x80u /* in its first byte: see covey/exchange.h */

covey_status covey__endpoint_client_init(covey_endpoint *e,
                                         const covey_endpoint_config *config,
                                         const covey_endpoint_memory *memory,
                                         covey_ms now)
{
    const uint32_t count = memory->security_count;

    if (config->token_len > COVEY_EXCHANGE_TOKEN_MAX) {
        return COVEY_E_ARGUMENT;
    }
    e->token_len =
        config->token_len != 0 ? config->token_len : COVEY_EXCHANGE_TOKEN_MAX;
    e->token_rest = config->token_rest;
    e->rows = memory->rows;
    e->row_count = memory->exchange.row_count;
    e->security = memory->security;
    e->security_next = memory->security_next;
    e->security_free = count > 0 ? 0 : COVEY__ENDPOINT_NONE;
    for (uint32_t i = 0; i < count; i++) {
        e->security_next[i] = i + 1 < count ? i + 1 : COVEY__ENDPOINT_NONE;
    }
    for (uint32_t i = 0; i < e->row_count; i++) {
        e->rows[i].serial = 0;
        e->rows[i].sent.serial = 0;
    }
    if (e->row_count == 0) {
        return COVEY_OK;
    }
    return covey_exchange_init(&e->exchange, &memory->exchange, config->random,
                               now);
}

/* --- requests ------------------------------------------------------------ */

/* The place of the token is kept free until there is one. */
void covey_endpoint_request_begin(covey_endpoint *e, covey_draft *d,
                                  const covey_endpoint_call *call,
                                  covey_writer *out)
{
    static const uint8_t none[COVEY_EXCHANGE_TOKEN_MAX];
    const covey_coap_message head = {
        .type = COVEY_COAP_NON,
        .code = call->code,
        .token = covey_bytes_of(none, e->token_len),
    };

    covey__endpoint_draft(e, d, &head, call->protector != NULL, out);
}

/* A registration, RFC 7641 Section 2. */
static bool is_registration(const covey_coap_message *m)
{
    uint32_t value;

    return covey_option_sound_uint(m, COVEY_OPTION_OBSERVE, &value) &&
           value == OBSERVE_REGISTER;
}

/* Takes a row of security. */
static covey_status seal(covey_endpoint *e, const covey_draft *d,
                         const covey_endpoint_call *call,
                         const covey_coap_message *m, uint32_t *row)
{
    const uint32_t i = e->security_free;
    covey_security *s = &e->security[i];
    covey_status st;

    if (i == COVEY__ENDPOINT_NONE) {
        return COVEY_E_ROOM;
    }
    memset(s, 0, sizeof *s);
    s->protector = call->protector;
    s->context = call->context;
    st = s->protector->seal_request(s->protector, s, call, m, d->out);
    if (st == COVEY_OK) {
        e->security_free = e->security_next[i];
        *row = i;
    }
    return st;
}

static void unseal(covey_endpoint *e, covey_endpoint_row *row)
{
    const uint32_t i = row->security;
    covey_security *s;

    if (i == COVEY__ENDPOINT_NONE) {
        return; /* perhaps there is no array at all */
    }
    s = &e->security[i];
    row->security = COVEY__ENDPOINT_NONE;
    if (s->protector->end != NULL) {
        s->protector->end(s->protector, s);
    }
    e->security_next[i] = e->security_free;
    e->security_free = i;
}

covey_ms covey__endpoint_until(const covey_endpoint *e,
                               const covey_endpoint_row *row)
{
    return row->patience != 0 ? e->now + row->patience : COVEY_NEVER;
}

/* Whether patience begins with an acknowledgement. */
static bool is_confirmable(const covey_endpoint *e,
                           const covey_endpoint_call *call)
{
    return !e->streams && call->type == COVEY_COAP_CON && !call->many;
}

static covey_ms first_deadline(const covey_endpoint *e, covey_ms now,
                               const covey_endpoint_call *call)
{
    return is_confirmable(e, call) || call->patience == 0
               ? COVEY_NEVER
               : now + call->patience;
}

static covey_status enter(covey_endpoint *e, covey_ms now, covey_draft *d,
                          const covey_endpoint_call *call,
                          covey_exchange_ref *ref)
{
    const covey_writer *w = d->sealed ? &d->plain : d->out;
    const covey_exchange_request request = {
        .path = call->path,
        .deadline = first_deadline(e, now, call),
        .user = call->user,
        .rest = e->token_rest,
        .token_len = e->token_len,
        .limit = UINT16_MAX,
        .server_limit = call->server_limit != 0 ? call->server_limit : 1,
        .many = call->many,
    };
    uint8_t token[COVEY_EXCHANGE_TOKEN_MAX];
    covey_bytes span;
    covey_status st;

    if (e->row_count == 0) {
        return COVEY_E_ROOM;
    }
    if (call->instead.serial != 0) {
        *ref = call->instead;
        st = covey_exchange_token(&e->exchange, *ref, token, &span);
    } else {
        st = covey_exchange_begin(&e->exchange, &request, token, &span, ref);
    }
    if (st == COVEY_OK) {
        memcpy(w->base + TOKEN_AT, span.ptr, span.len);
    }
    return st;
}

static covey_status launch(covey_endpoint *e, covey_ms now, covey_draft *d,
                           const covey_endpoint_call *call,
                           const covey_exchange_ref *ref,
                           covey_message_sent *sent)
{
    covey_endpoint_row *row = &e->rows[ref->row];
    const covey_message_letter letter = { .path = call->path,
                                          .type = call->type,
                                          .user = ref->row };
    covey_coap_message m;
    covey_status st = covey__endpoint_drafted(d, &m); /* with its token */

    memset(row, 0, sizeof *row);
    row->serial = ref->serial;
    row->group = call->path.group;
    row->patience = call->patience;
    row->security = COVEY__ENDPOINT_NONE;
    row->confirmable = is_confirmable(e, call);
    row->many = call->many;
    row->unsent = true;
    if (st == COVEY_OK) {
        row->observe = is_registration(&m);
        row->forwarded = !d->sealed && covey__endpoint_is_sealed(&m);
    }
    if (st == COVEY_OK && d->sealed) {
        st = seal(e, d, call, &m, &row->security);
    }
    if (st == COVEY_OK && d->sealed) {
        covey__outer_keep(e, row->security, covey_written(d->out), call->type);
    }
    if (st == COVEY_OK) {
        st = covey__endpoint_send(e, now, &letter, d->out, sent);
    }
    if (st == COVEY_OK) {
        row->sent = sent->ref;
        row->unsent = false;
    }
    return st;
}

/* In the place of a request under way, which goes on if this one does not. */
static covey_status relaunch(covey_endpoint *e, covey_ms now, covey_draft *d,
                             const covey_endpoint_call *call,
                             covey_message_sent *sent)
{
    const covey_exchange_ref ref = call->instead;
    covey_endpoint_row *row = &e->rows[ref.row];
    covey_endpoint_row before = *row;
    const covey_status st = launch(e, now, d, call, &ref, sent);

    if (st != COVEY_OK) {
        unseal(e, row);
        *row = before;
        return st;
    }
    covey__endpoint_forget(e, before.sent);
    covey__outer_ended(e, &ref, COVEY_EXCHANGE_CANCELLED);
    unseal(e, &before);
    covey_exchange_again(&e->exchange, ref, first_deadline(e, now, call),
                         call->user);
    return COVEY_OK;
}

covey_status covey_endpoint_request_send(covey_endpoint *e, covey_ms now,
                                         covey_draft *d,
                                         const covey_endpoint_call *call,
                                         covey_endpoint_sent *sent)
{
    covey_exchange_ref ref = { 0, 0 };
    covey_message_sent s;
    covey_status st = covey__endpoint_drafted(d, NULL);

    e->now = now;
    if (st == COVEY_OK) {
        st = enter(e, now, d, call, &ref);
    }
    if (st == COVEY_OK) {
        st = call->instead.serial != 0 ? relaunch(e, now, d, call, &s)
                                       : launch(e, now, d, call, &ref, &s);
    }
    if (d->sealed) {
        covey_wipe(d->plain.base, d->plain.pos);
    }
    if (st != COVEY_OK) {
        if (call->instead.serial == 0) {
            covey_endpoint_cancel(e, ref); /* told to nobody */
        }
        d->out->pos = 0;
        return st;
    }
    sent->now = s.now;
    sent->unwanted = false;
    sent->path = call->path;
    sent->exchange = ref;
    return COVEY_OK;
}

/* --- ends ---------------------------------------------------------------- */

void covey__endpoint_settle(covey_endpoint *e, const covey_exchange_ref *ref)
{
    covey_endpoint_row *row = &e->rows[ref->row];

    covey__endpoint_forget(e, row->sent);
    row->sent.serial = 0;
    if (row->confirmable) {
        row->confirmable = false;
        covey_exchange_until(&e->exchange, *ref,
                             covey__endpoint_until(e, row));
    }
}

void covey__endpoint_end(covey_endpoint *e, const covey_exchange_ref *ref,
                         covey_exchange_outcome outcome)
{
    covey__endpoint_settle(e, ref);
    covey_exchange_end(&e->exchange, *ref, outcome);
}

void covey_endpoint_cancel(covey_endpoint *e, covey_exchange_ref exchange)
{
    if (exchange.serial != 0 && exchange.row < e->row_count &&
        e->rows[exchange.row].serial == exchange.serial) {
        covey__endpoint_end(e, &exchange, COVEY_EXCHANGE_CANCELLED);
    }
}

void covey_endpoint_lost(covey_endpoint *e, const covey_path *path)
{
    if (e->row_count != 0) {
        covey_exchange_lost(&e->exchange, path);
    }
}

static bool collects(const covey_endpoint_row *row)
{
    return row->group || row->many;
}

static covey_endpoint_what what_of(const covey_endpoint *e,
                                   const covey_exchange_event *ended)
{
    const covey_endpoint_row *row = &e->rows[ended->ref.row];

    switch (ended->outcome) {
    case COVEY_EXCHANGE_ANSWERED:
        return collects(row) ? COVEY_ENDPOINT_COLLECTED
                             : COVEY_ENDPOINT_ANSWERED;
    case COVEY_EXCHANGE_TIMED_OUT:
        return collects(row) ? COVEY_ENDPOINT_COLLECTED
                             : COVEY_ENDPOINT_TIMED_OUT;
    case COVEY_EXCHANGE_CANCELLED:
        return COVEY_ENDPOINT_CANCELLED;
    case COVEY_EXCHANGE_REJECTED:
        break;
    case COVEY_EXCHANGE_LOST:
        return COVEY_ENDPOINT_LOST;
    }
    if (row->undone) {
        return COVEY_ENDPOINT_UNDONE;
    }
    return row->code != 0 ? COVEY_ENDPOINT_UNPROTECTED : COVEY_ENDPOINT_RESET;
}

bool covey__endpoint_ended(covey_endpoint *e, covey_endpoint_report *event)
{
    covey_exchange_event ended;

    while (e->row_count != 0 &&
           covey_exchange_event_next(&e->exchange, e->now, &ended)) {
        covey_endpoint_row *row = &e->rows[ended.ref.row];
        const covey_endpoint_report report = { .what = what_of(e, &ended),
                                               .code = row->code,
                                               .responses = ended.responses,
                                               .exchange = ended.ref,
                                               .user = ended.user };
        covey__endpoint_forget(e, row->sent);
        row->sent.serial = 0;
        covey__outer_ended(e, &ended.ref, ended.outcome);
        unseal(e, row);
        if (!row->unsent) {
            *event = report;
            return true;
        }
    }
    return false;
}

covey_ms covey__endpoint_client_deadline(const covey_endpoint *e)
{
    return e->row_count != 0 ? covey_exchange_deadline(&e->exchange)
                             : COVEY_NEVER;
}

/* --- what the message layer says ----------------------------------------- */

/* The exchange that the message layer knows by its row. */
static covey_exchange_ref ref_of(const covey_endpoint *e, uint64_t row)
{
    const covey_exchange_ref ref = { (uint32_t)row, e->rows[row].serial };

    return ref;
}

static bool is_request(const covey_endpoint *e, const covey_message_report *r)
{
    const covey_message_ref *sent;

    if (r->user >= e->row_count) {
        return false;
    }
    sent = &e->rows[r->user].sent;
    return sent->serial == r->ref.serial && sent->row == r->ref.row;
}

static void on_request_report(covey_endpoint *e, const covey_exchange_ref *ref,
                              covey_message_outcome outcome)
{
    switch (outcome) {
    case COVEY_MESSAGE_ACKNOWLEDGED:
        covey__endpoint_settle(e, ref);
        break;
    case COVEY_MESSAGE_RESET:
        covey__endpoint_end(e, ref, COVEY_EXCHANGE_REJECTED);
        break;
    case COVEY_MESSAGE_TIMED_OUT:
        covey__endpoint_end(e, ref, COVEY_EXCHANGE_TIMED_OUT);
        break;
    }
}

bool covey__endpoint_on_report(covey_endpoint *e,
                               const covey_message_report *r,
                               covey_endpoint_report *event)
{
    static const covey_endpoint_what told[] = {
        [COVEY_MESSAGE_ACKNOWLEDGED] = COVEY_ENDPOINT_REPLY_ACKNOWLEDGED,
        [COVEY_MESSAGE_RESET] = COVEY_ENDPOINT_REPLY_RESET,
        [COVEY_MESSAGE_TIMED_OUT] = COVEY_ENDPOINT_REPLY_TIMED_OUT,
    };
    covey_endpoint_report reply = { .message = r->ref, .user = r->user };

    if (is_request(e, r)) {
        const covey_exchange_ref ref = ref_of(e, r->user);
        on_request_report(e, &ref, r->outcome);
        return false;
    }
    reply.what = told[r->outcome];
    *event = reply;
    return true;
}

/* --- responses ----------------------------------------------------------- */

/* Does it say who of many has answered? */
static bool has_origin(const covey_coap_message *m)
{
    covey_bytes value;

    return covey_option_get(m, COVEY_OPTION_REPLY_FROM, &value) ||
           covey_option_get(m, COVEY_OPTION_RESPONSE_FORWARDING, &value);
}

/* A response without protection to a protected request. An error may be the
 * peer's, who could not open it (RFC 8613 Section 8.2); all else is forged, or
 * of one server of many, who ends nothing. A proxy that has opened it once
 * says no such thing any more. */
static covey_status on_unprotected(covey_endpoint *e,
                                   const covey_exchange_ref *ref,
                                   const covey_message_in *m)
{
    covey_endpoint_row *row = &e->rows[ref->row];

    e->counters.unopened++;
    if (CLASS(m->message.code) != CLASS_SUCCESS && !row->group &&
        !(row->many && (row->answered || has_origin(&m->message)))) {
        row->code = m->message.code;
        covey__endpoint_end(e, ref, COVEY_EXCHANGE_REJECTED);
    } else if (m->piggybacked) {
        covey__endpoint_settle(e, ref);
    }
    return COVEY_E_AUTH;
}

covey_status covey__endpoint_open(covey_endpoint *e, const covey_path *path,
                                  const covey_message_in *m,
                                  const covey_exchange_ref *ref,
                                  covey_endpoint_in *in)
{
    covey_security *s = &e->security[e->rows[ref->row].security];
    covey_writer plain = covey__endpoint_inward(e);
    covey_oscore_option option;
    const covey_sealed sealed = { path, &m->message, &option, &plain,
                                  covey__endpoint_outward(e) };
    covey_bytes value;

    if (covey_oscore_value_find(&option, &value, &m->message) != COVEY_OK) {
        in->opened.fault = COVEY_OSCORE_BAD_COSE;
    } else if (s->protector->open_response(s->protector, &sealed, s,
                                           &in->opened) ==
                   COVEY_OPENING_DELIVER &&
               covey_coap_parse(&in->message, covey_written(&plain)) ==
                   COVEY_OK) {
        return COVEY_OK;
    }
    e->counters.unopened++;
    if (m->piggybacked) {
        covey__endpoint_settle(e, ref); /* the true one may still come */
    }
    return COVEY_E_AUTH;
}

covey_status covey__endpoint_deliver(covey_endpoint *e, const covey_path *path,
                                     const covey_exchange_answer *answer,
                                     covey_endpoint_in *in)
{
    covey_endpoint_row *row = &e->rows[answer->ref.row];
    const bool more = row->observe &&
                      CLASS(in->message.code) == CLASS_SUCCESS &&
                      covey_oscore_has_observe(&in->message);
    covey_status st;

    covey__endpoint_settle(e, &answer->ref);
    st = covey_exchange_accept(&e->exchange, answer->ref, path, more);
    if (st == COVEY_OK) {
        row->answered = true;
        in->kind = COVEY_ENDPOINT_RESPONSE;
        in->exchange = answer->ref;
        in->user = answer->user;
        in->last = !answer->group && !row->many && !more;
    }
    return st;
}

/* Nothing waits for this. If it acknowledges a request by its Message ID, but
 * with another token, it is not the answer, and to reject an acknowledgement
 * is to ignore it (RFC 7252 Sections 5.3.2, 4.2): the request goes on as if
 * nothing had come. What comes late to a group request is not rejected, there
 * may be many of these, unless it is a notification: that has no other end
 * (RFC 7641 Section 3.6). */
static void unwanted(covey_endpoint *e, const covey_message_in *m)
{
    const covey_bytes token = m->message.token;
    const bool group = token.len > 0 && (token.ptr[0] & TOKEN_GROUP) != 0;

    e->counters.unwanted++;
    if (m->piggybacked) {
        return;
    }
    if (m->message.type == COVEY_COAP_CON || !group ||
        covey_oscore_has_observe(&m->message)) {
        covey__endpoint_reject(e, m->ref);
    }
}

/* By token and peer; an acknowledgement also by its Message ID. */
static covey_exchange_verdict match(covey_endpoint *e, const covey_path *path,
                                    const covey_message_in *m,
                                    covey_exchange_answer *answer)
{
    covey_exchange_verdict v;

    if (e->row_count == 0) {
        return COVEY_EXCHANGE_UNKNOWN;
    }
    v = covey_exchange_match(&e->exchange, path, m->message.token, answer);
    if (v == COVEY_EXCHANGE_EXPECTED && m->piggybacked &&
        m->user != answer->ref.row) {
        return COVEY_EXCHANGE_UNKNOWN;
    }
    return v;
}

covey_status covey__endpoint_on_response(covey_endpoint *e,
                                         const covey_path *path,
                                         const covey_message_in *m,
                                         covey_endpoint_in *in)
{
    const covey_opened open = { .kind = COVEY_REPLY_OPEN };
    const bool sealed =
        covey__endpoint_is_sealed(&m->message) && !e->passes_sealed;
    covey_exchange_answer answer;
    covey_exchange_verdict v = match(e, path, m, &answer);
    covey_status st = COVEY_OK;
    bool protected;

    in->opened = open;
    if (v == COVEY_EXCHANGE_DROPPED) {
        return COVEY_OK;
    }
    if (v == COVEY_EXCHANGE_EXPECTED) {
        covey__outer_redirect(e, &answer);
    }
    protected = v == COVEY_EXCHANGE_EXPECTED &&
                e->rows[answer.ref.row].security != COVEY__ENDPOINT_NONE;
    if (v == COVEY_EXCHANGE_UNKNOWN ||
        (sealed && !protected && !e->rows[answer.ref.row].forwarded)) {
        unwanted(e, m);
        return COVEY_OK;
    }
    if (protected && sealed &&
        covey__outer_is_part(e, &answer.ref, &m->message)) {
        return covey__outer_response(e, path, &answer, m, in);
    }
    if (!protected) {
        in->message = m->message;
    } else {
        st = sealed ? covey__endpoint_open(e, path, m, &answer.ref, in)
                    : on_unprotected(e, &answer.ref, m);
    }
    return st == COVEY_OK ? covey__endpoint_deliver(e, path, &answer, in) : st;
}
