/* SPDX-License-Identifier: BSD-2-Clause */
/* Protected messages that somebody on the way has cut into blocks, RFC 8613
 * Section 4.1.3.4.2. Blocks of requests come by themselves and are collected
 * (uploads.c of core/transfer); those of a response are asked for (fetch.c):
 * each by a request with a token of its own, so that an observation keeps the
 * first one's. It is the request that was sent, once more, for another block:
 * without payload, as RFC 7959 Section 3.3 has it, but for FETCH, whose
 * payload says what is asked for (RFC 8132 Section 2). Whoever has cut the
 * response knows it by its options.
 *
 * Nothing is opened here, and nothing of a security context is touched. */
#include "endpoint_internal.h"

#include <string.h>

#define FETCH COVEY_COAP_CODE(0, 5)

enum {
    SZX_MAX = 6,
    HEAD = 3 /* in front of a request that is kept: its length and type */
};

void covey__outer_init(covey_endpoint *e, covey_outer *outer)
{
    e->outer = outer;
    for (uint32_t i = 0; outer != NULL && i < outer->requests.count; i++) {
        outer->requests.rows[i].used = false;
    }
    for (uint32_t i = 0; outer != NULL && i < outer->count; i++) {
        outer->rows[i].whole.serial = 0;
    }
}

/* --- messages ------------------------------------------------------------ */

/* The message with one more option. What asks for a block of a notification
 * is no registration. */
static covey_status put_block(covey_writer *out, const covey_coap_message *m,
                              uint16_t number, const covey_block *block)
{
    covey_coap_composer c = covey_coap_compose(out, m);
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    bool done = false;

    while (covey_coap_option_next(&it, &o)) {
        if (!done && o.number > number) {
            covey_coap_put_block(&c, number, block);
            done = true;
        }
        if (o.number != COVEY_OPTION_OBSERVE ||
            number != COVEY_OPTION_BLOCK2) {
            covey_coap_put_option(&c, o.number, o.value);
        }
    }
    if (!done) {
        covey_coap_put_block(&c, number, block);
    }
    covey_coap_put_payload(&c, m->payload);
    return covey_coap_finish(&c);
}

/* --- requests to us ------------------------------------------------------ */

uint8_t covey__outer_request(covey_endpoint *e, covey_ms now,
                             covey_endpoint_in *in, covey_coap_message *outer,
                             uint32_t *size1)
{
    covey_endpoint_request *r = &in->request;
    covey_upload got;
    uint8_t code;

    *size1 = 0;
    if (e->outer == NULL || e->outer->requests.count == 0) {
        return 0;
    }
    code = covey_uploads_receive(&e->outer->requests, now, &r->path, 0, outer,
                                 &got);
    r->cut = got.has_block1;
    r->block1 = got.block1;
    *size1 = got.size1;
    if (code == 0) {
        outer->payload = got.body;
    }
    return code;
}

covey_status covey__outer_name(covey_endpoint *e,
                               const covey_endpoint_request *r,
                               covey_writer *out)
{
    covey_writer w = covey__endpoint_outward(e);
    covey_coap_message m;
    covey_status st;

    covey_write_bytes(&w, covey_written(out));
    st = w.failed != COVEY_OK ? w.failed
                              : covey_coap_parse(&m, covey_written(&w));
    if (st == COVEY_OK) {
        out->pos = 0;
        st = put_block(out, &m, COVEY_OPTION_BLOCK1, &r->block1);
    }
    return st;
}

/* --- requests of ours ---------------------------------------------------- */

static bool is_ready(const covey_endpoint *e)
{
    return e->outer != NULL && e->outer->count != 0;
}

static bool same(const covey_exchange_ref *a, const covey_exchange_ref *b)
{
    return a->serial == b->serial && a->row == b->row;
}

void covey__outer_keep(covey_endpoint *e, uint32_t security, covey_bytes sent,
                       covey_coap_type type)
{
    covey_coap_message m;
    uint8_t *slot; /* of at least HEAD bytes */
    size_t len = sent.len;

    if (!is_ready(e)) {
        return;
    }
    slot = e->outer->sent + (size_t)security * e->outer->sent_len;
    if (covey_coap_parse(&m, sent) == COVEY_OK && m.code != FETCH &&
        m.payload.len > 0) {
        len -= m.payload.len + 1; /* and its marker */
    }
    if (len + HEAD > e->outer->sent_len) {
        len = 0;
    }
    slot[0] = (uint8_t)(len >> 8);
    slot[1] = (uint8_t)len;
    slot[2] = (uint8_t)type;
    if (len > 0) {
        memcpy(slot + HEAD, sent.ptr, len);
    }
}

/* The row of this request's response, or one that is not in use if
 * serial is 0. */
static covey_outer_row *find(covey_outer *o, const covey_exchange_ref *whole)
{
    for (uint32_t i = 0; i < o->count; i++) {
        const covey_exchange_ref *used = &o->rows[i].whole;
        if (whole->serial == 0 ? used->serial == 0 : same(used, whole)) {
            return &o->rows[i];
        }
    }
    return NULL;
}

static covey_outer_row *find_part(covey_outer *o,
                                  const covey_exchange_ref *part)
{
    for (uint32_t i = 0; i < o->count; i++) {
        if (o->rows[i].whole.serial != 0 && same(&o->rows[i].part, part)) {
            return &o->rows[i];
        }
    }
    return NULL;
}

/* Nobody waits for the block that was asked for. */
static void drop_part(covey_endpoint *e, covey_outer_row *row)
{
    const covey_exchange_ref part = row->part;

    row->part.serial = 0;
    if (part.serial != 0) {
        covey__endpoint_end(e, &part, COVEY_EXCHANGE_CANCELLED);
    }
}

static void give_back(covey_endpoint *e, covey_outer_row *row)
{
    drop_part(e, row);
    row->whole.serial = 0;
}

void covey__outer_redirect(covey_endpoint *e, covey_exchange_answer *answer)
{
    covey_outer_row *row;

    if (e->rows[answer->ref.row].part) {
        row = find_part(e->outer, &answer->ref);
        if (row != NULL) {
            answer->ref = row->whole;
        }
    }
}

bool covey__outer_is_part(const covey_endpoint *e,
                          const covey_exchange_ref *ref,
                          const covey_coap_message *m)
{
    const covey_endpoint_row *row = &e->rows[ref->row];
    covey_block block;

    return is_ready(e) && !row->group && !row->many &&
           covey_option_sound_block(m, COVEY_OPTION_BLOCK2, &block) &&
           (block.more || block.num != 0);
}

static covey_status begin(covey_endpoint *e, covey_outer_row *row)
{
    covey_outer *o = e->outer;
    const size_t i = (size_t)(row - o->rows);
    const covey_fetch_config config = {
        .buffer = o->storage + i * o->slot,
        .cap = o->slot,
        .room = covey_block_size(COVEY_SZX_BERT),
        .szx = e->streams ? COVEY_SZX_BERT : SZX_MAX,
    };

    row->part.serial = 0;
    return covey_fetch_init(&row->fetch, &config);
}

/* An exchange of its own, which goes the way of the other one. */
static covey_status enter(covey_endpoint *e, const covey_path *path,
                          const covey_exchange_answer *answer,
                          covey_outer_row *row, covey_coap_message *head,
                          uint8_t *token)
{
    const covey_endpoint_row *whole = &e->rows[answer->ref.row];
    const covey_exchange_request request = {
        .path = *path,
        .deadline = covey__endpoint_until(e, whole),
        .user = answer->user,
        .rest = e->token_rest,
        .token_len = e->token_len,
        .limit = UINT16_MAX,
        .server_limit = 1,
    };
    covey_exchange_ref ref;
    covey_endpoint_row *part;
    covey_status st = covey_exchange_begin(&e->exchange, &request, token,
                                           &head->token, &ref);

    if (st != COVEY_OK) {
        return st;
    }
    row->part = ref;
    part = &e->rows[ref.row];
    memset(part, 0, sizeof *part);
    part->serial = ref.serial;
    part->patience = whole->patience;
    part->security = COVEY__ENDPOINT_NONE;
    part->confirmable = !e->streams && head->type == COVEY_COAP_CON;
    part->unsent = true; /* its end is that of the other one */
    part->part = true;
    if (part->confirmable) {
        covey_exchange_until(&e->exchange, ref, COVEY_NEVER);
    }
    return COVEY_OK;
}

/* The request once more, for the next block. */
static covey_status ask(covey_endpoint *e, const covey_path *from,
                        const covey_exchange_answer *answer,
                        covey_outer_row *row)
{
    const covey_path path = covey_message_back(from);
    const covey_outer *o = e->outer;
    const uint8_t *slot =
        o->sent + (size_t)e->rows[answer->ref.row].security * o->sent_len;
    const size_t len = (size_t)slot[0] << 8 | slot[1];
    covey_message_letter letter = { .path = path };
    covey_writer w = covey__endpoint_inward(e);
    uint8_t token[COVEY_EXCHANGE_TOKEN_MAX];
    covey_coap_message m;
    covey_fetch_request want;
    covey_message_sent sent;
    covey_status st = covey_fetch_next(&row->fetch, &want);

    if (st == COVEY_OK) {
        st = len == 0 ? COVEY_E_ROOM
                      : covey_coap_parse(&m, covey_bytes_of(slot + HEAD, len));
    }
    if (st == COVEY_OK) {
        m.type = (covey_coap_type)slot[2];
        st = enter(e, &path, answer, row, &m, token);
    }
    if (st == COVEY_OK) {
        st = put_block(&w, &m, COVEY_OPTION_BLOCK2, &want.block2);
    }
    if (st == COVEY_OK) {
        letter.type = m.type;
        letter.user = row->part.row;
        st = covey__endpoint_send(e, e->now, &letter, &w, &sent);
    }
    if (st == COVEY_OK) {
        e->rows[row->part.row].sent = sent.ref;
        e->owed_len = sent.now ? w.pos : 0;
        e->owed_path = path;
        e->counters.outer++;
    }
    return st;
}

/* DONE: the whole is in *row, which is given back. */
static covey_fetch_result take(covey_endpoint *e, const covey_path *path,
                               const covey_exchange_answer *answer,
                               covey_coap_message *m)
{
    static const covey_exchange_ref none = { 0, 0 };
    covey_outer_row *row = find(e->outer, &answer->ref);
    covey_fetch_result result;

    if (row == NULL) {
        row = find(e->outer, &none);
        if (row == NULL || begin(e, row) != COVEY_OK) {
            return COVEY_FETCH_FAILED;
        }
        row->whole = answer->ref;
    }
    drop_part(e, row);
    result = covey_fetch_response(&row->fetch, m);
    if (result == COVEY_FETCH_NEXT && ask(e, path, answer, row) != COVEY_OK) {
        result = COVEY_FETCH_FAILED;
    }
    if (result != COVEY_FETCH_NEXT) {
        give_back(e, row);
        m->payload = covey_fetch_body(&row->fetch);
    }
    return result;
}

covey_status covey__outer_response(covey_endpoint *e, const covey_path *path,
                                   const covey_exchange_answer *answer,
                                   const covey_message_in *m,
                                   covey_endpoint_in *in)
{
    covey_endpoint_row *row = &e->rows[answer->ref.row];
    covey_message_in whole = *m;
    covey_status st = COVEY_E_RANGE;

    covey__endpoint_settle(e, &answer->ref);
    switch (take(e, path, answer, &whole.message)) {
    case COVEY_FETCH_NEXT:
        /* From now on its end is that of what asks for the block. */
        covey_exchange_until(&e->exchange, answer->ref, COVEY_NEVER);
        return COVEY_OK;
    case COVEY_FETCH_DONE:
        st = covey__endpoint_open(e, path, &whole, &answer->ref, in);
        break;
    case COVEY_FETCH_FAILED:
        e->counters.unopened++;
        break;
    }
    if (st == COVEY_OK) {
        return covey__endpoint_deliver(e, path, answer, in);
    }
    row->undone = true;
    covey__endpoint_end(e, &answer->ref, COVEY_EXCHANGE_REJECTED);
    return st;
}

void covey__outer_ended(covey_endpoint *e, const covey_exchange_ref *ref,
                        covey_exchange_outcome outcome)
{
    covey_outer_row *row;
    covey_exchange_ref whole;

    if (!is_ready(e)) {
        return;
    }
    row = find(e->outer, ref);
    if (row != NULL) {
        give_back(e, row);
        return;
    }
    row = find_part(e->outer, ref);
    if (row != NULL) {
        row->part.serial = 0;
        whole = row->whole;
        covey__endpoint_end(e, &whole, outcome);
    }
}
