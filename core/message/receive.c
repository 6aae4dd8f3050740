/* SPDX-License-Identifier: BSD-2-Clause */
/* How a datagram is met, RFC 7252 Sections 4.2, 4.3 and 4.5.
 *
 *              Empty            request            response        other
 *   CON        Reset (ping)     up, or as before   up, acknowl.    Reset
 *   NON        ignored          up, or ignored     up, or ignored  ignored
 *   ACK        ends a message   ignored            up, ends it     ignored
 *   RST        ends a message   ignored            ignored         ignored
 *
 * What cannot be parsed is "other", by the type in its header; another
 * version is ignored without a look (Section 3). Of what was sent to a group
 * only Non-confirmable requests are taken (Section 8.1), and nothing else is
 * ever answered. */
#include "message_internal.h"

#include <covey/coap_options.h>

#define CODE_FETCH 5u
#define CODE_GET   1u

static bool is_allowed(const covey_coap_message *m, bool group)
{
    bool empty = m->code == COVEY_COAP_EMPTY;

    if (group) {
        return m->type == COVEY_COAP_NON && covey__is_request(m->code);
    }
    switch (m->type) {
    case COVEY_COAP_CON:
        return empty || covey__is_request(m->code) ||
               covey__is_response(m->code);
    case COVEY_COAP_NON:
        return covey__is_request(m->code) || covey__is_response(m->code);
    case COVEY_COAP_ACK:
        return empty || covey__is_response(m->code);
    case COVEY_COAP_RST:
        break;
    }
    return empty;
}

/* May a duplicate be answered by asking the resource again? RFC 7252 Section
 * 4.5 and RFC 8132 Section 2; never with OSCORE, to which it would be a
 * replay. */
static bool is_safe(const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    if (m->code != CODE_GET && m->code != CODE_FETCH) {
        return false;
    }
    while (covey_coap_option_next(&it, &o)) {
        if (o.number >= COVEY_OPTION_OSCORE) {
            return o.number != COVEY_OPTION_OSCORE;
        }
    }
    return true;
}

static void owe_empty(covey_message_layer *l, const covey_path *path,
                      covey_coap_type type, uint16_t message_id)
{
    l->owed.what = COVEY__OWED_EMPTY;
    l->owed.path = *path;
    l->owed.type = (uint8_t)type;
    l->owed.message_id = message_id;
}

/* A datagram that is no message of ours, with this fault. */
static void refuse(covey_message_layer *l, const covey_path *path,
                   covey_bytes datagram, covey_status fault)
{
    const uint8_t *p = datagram.ptr;

    if (datagram.len < COVEY__HEADER_LEN || fault == COVEY_E_UNSUPPORTED ||
        path->group || (p[0] >> 4 & 3) != COVEY_COAP_CON) {
        return;
    }
    owe_empty(l, path, COVEY_COAP_RST, (uint16_t)(p[2] << 8 | p[3]));
}

static covey_message_ref seen_ref(const covey_message_layer *l, uint32_t i)
{
    covey_message_ref ref = { i, covey__seen_row(l, i)->serial };

    return ref;
}

static void on_duplicate(covey_message_layer *l, covey_ms now, uint32_t i,
                         covey_message_in *in)
{
    const covey_message_seen *row = covey__seen_row(l, i);

    l->counters.duplicates++;
    if (in->message.type != COVEY_COAP_CON) {
        return;
    }
    switch ((enum covey__seen_state)row->state) {
    case COVEY__SEEN_SILENT:
    case COVEY__SEEN_PENDING:
        return;
    case COVEY__SEEN_ACKNOWLEDGED:
        owe_empty(l, &row->path, COVEY_COAP_ACK, row->message_id);
        return;
    case COVEY__SEEN_REJECTED:
        owe_empty(l, &row->path, COVEY_COAP_RST, row->message_id);
        return;
    case COVEY__SEEN_REPLIED:
        l->owed.what = COVEY__OWED_REPLY;
        l->owed.row = i;
        l->owed.serial = row->serial;
        return;
    case COVEY__SEEN_AGAIN:
        if (!is_safe(&in->message)) {
            return; /* another message under the same Message ID */
        }
        covey__seen_await(l, i, now);
        in->kind = COVEY_MESSAGE_REQUEST;
        in->duplicate = true;
        in->ref = seen_ref(l, i);
        return;
    }
}

static void on_request(covey_message_layer *l, covey_ms now,
                       const covey_path *path, covey_message_in *in)
{
    const covey_coap_message *m = &in->message;
    uint32_t hash;
    uint32_t i = covey__seen_find(l, now, path, m, &hash);

    if (i != COVEY__ROW_NONE) {
        on_duplicate(l, now, i, in);
        return;
    }
    i = covey__seen_add(l, now, path, m, hash);
    if (m->type == COVEY_COAP_CON) {
        covey__seen_row(l, i)->safe = is_safe(m);
        covey__seen_await(l, i, now);
    }
    in->kind = COVEY_MESSAGE_REQUEST;
    in->ref = seen_ref(l, i);
}

/* One that is no acknowledgement. */
static void on_response(covey_message_layer *l, covey_ms now,
                        const covey_path *path, covey_message_in *in)
{
    const covey_coap_message *m = &in->message;
    uint32_t hash;
    uint32_t i = covey__seen_find(l, now, path, m, &hash);

    covey__out_heard(l, path);
    if (i != COVEY__ROW_NONE) {
        on_duplicate(l, now, i, in);
        return;
    }
    i = covey__seen_add(l, now, path, m, hash);
    if (m->type == COVEY_COAP_CON) {
        covey__seen_become(l, i, COVEY__SEEN_ACKNOWLEDGED);
        owe_empty(l, path, COVEY_COAP_ACK, m->message_id);
    }
    in->kind = COVEY_MESSAGE_RESPONSE;
    in->ref = seen_ref(l, i);
}

/* An acknowledgement or Reset: what it is about has its end. */
static void on_answer(covey_message_layer *l, const covey_path *path,
                      covey_message_in *in)
{
    const covey_coap_message *m = &in->message;
    uint32_t i = covey__out_find(l, path, m->message_id);
    covey_message_out *row;

    covey__out_heard(l, path);
    if (i == COVEY__ROW_NONE) {
        return;
    }
    row = covey__out_row(l, i);
    if (m->type == COVEY_COAP_RST) {
        covey__out_finish(l, i, COVEY_MESSAGE_RESET);
    } else if (!row->confirmable) {
        return;
    } else if (m->code == COVEY_COAP_EMPTY) {
        covey__out_finish(l, i, COVEY_MESSAGE_ACKNOWLEDGED);
    } else if (row->request && !row->ping) {
        in->kind = COVEY_MESSAGE_RESPONSE;
        in->piggybacked = true;
        in->user = row->user;
        in->ref = (covey_message_ref){ i, row->serial };
    }
}

covey_status covey_message_receive(covey_message_layer *l, covey_ms now,
                                   const covey_path *path,
                                   covey_bytes datagram, covey_message_in *in)
{
    covey_message_in nothing = { .kind = COVEY_MESSAGE_NOTHING };
    covey_coap_message m;
    covey_status st = covey_coap_parse(&m, datagram);

    *in = nothing;
    l->owed.what = COVEY__OWED_NOTHING;
    if (st == COVEY_OK && !is_allowed(&m, path->group)) {
        st = COVEY_E_RANGE;
    }
    if (st != COVEY_OK) {
        refuse(l, path, datagram, st);
        return st;
    }
    in->message = m;
    if (m.type == COVEY_COAP_ACK || m.type == COVEY_COAP_RST) {
        on_answer(l, path, in);
    } else if (m.code == COVEY_COAP_EMPTY) {
        owe_empty(l, path, COVEY_COAP_RST, m.message_id);
    } else if (covey__is_request(m.code)) {
        on_request(l, now, path, in);
    } else {
        on_response(l, now, path, in);
    }
    return COVEY_OK;
}

void covey_message_acknowledge(covey_message_layer *l, covey_message_ref in)
{
    const covey_message_seen *row = covey__seen_named(l, in);

    if (row == NULL || row->state != COVEY__SEEN_PENDING ||
        l->owed.what != COVEY__OWED_NOTHING) {
        return;
    }
    owe_empty(l, &row->path, COVEY_COAP_ACK, row->message_id);
    covey__seen_become(l, in.row, COVEY__SEEN_ACKNOWLEDGED);
}

void covey_message_reject(covey_message_layer *l, covey_message_ref in)
{
    const covey_message_seen *row = covey__seen_named(l, in);

    if (row == NULL || row->path.group) {
        return;
    }
    owe_empty(l, &row->path, COVEY_COAP_RST, row->message_id);
    if (row->confirmable) {
        covey__seen_become(l, in.row, COVEY__SEEN_REJECTED);
    }
}
