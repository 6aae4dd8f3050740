/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending: what goes at once, what is kept, what time makes due; RFC 7252
 * Sections 4.2 (Confirmable), 4.3 (Non-confirmable), 5.2 (replies), 8.2
 * (leisure). */
#include "message_internal.h"

#include <string.h>

#define THOUSANDS      1000u
#define RETRANSMIT_MAX 16u
#define PING_LEN       4u /* a header and no more */
#define TYPE_SHIFT     4u
#define TYPE_MASK      0x30u

/* Where a message leaves from. It is stored with the message, since that is
 * as long as it is needed. */
struct way {
    covey_address local;
    uint32_t interface;
};

/* --- parameters --------------------------------------------------------- */

covey_message_parameters covey_message_defaults(void)
{
    covey_message_parameters p = {
        .ack_timeout = 2000,
        .ack_random_factor = 1500,
        .max_retransmit = 4,
        .nstart = 1,
        .probing_rate = 1,
        .max_latency = 100000,
        .ack_delay = 500,
    };

    return p;
}

/* ACK_TIMEOUT * (2^n - 1) * ACK_RANDOM_FACTOR. */
static covey_ms span(const covey_message_parameters *p, uint32_t n)
{
    covey_ms units = ((covey_ms)1 << n) - 1;

    return (covey_ms)p->ack_timeout * p->ack_random_factor / THOUSANDS * units;
}

covey_ms covey_message_max_transmit_span(const covey_message_parameters *p)
{
    return span(p, p->max_retransmit);
}

covey_ms covey_message_max_transmit_wait(const covey_message_parameters *p)
{
    return span(p, p->max_retransmit + 1);
}

covey_ms covey_message_exchange_lifetime(const covey_message_parameters *p)
{
    return covey_message_max_transmit_span(p) + (covey_ms)2 * p->max_latency +
           p->ack_timeout;
}

covey_ms covey_message_non_lifetime(const covey_message_parameters *p)
{
    return covey_message_max_transmit_span(p) + p->max_latency;
}

static bool is_id_range(uint16_t first, uint8_t bits)
{
    return bits <= 16 && (bits == 0 ? first : first & ((1u << bits) - 1)) == 0;
}

/* No time within the layer takes more than 32 bits of milliseconds. */
static bool are_sound(const covey_message_parameters *p)
{
    return p->ack_timeout > 0 && p->ack_random_factor >= THOUSANDS &&
           p->ack_random_factor <= UINT16_MAX &&
           p->max_retransmit <= RETRANSMIT_MAX && p->nstart > 0 &&
           p->probing_rate > 0 &&
           is_id_range(p->message_id_first, p->message_id_bits) &&
           covey_message_max_transmit_wait(p) <= UINT32_MAX &&
           covey_message_exchange_lifetime(p) + p->ack_delay <= UINT32_MAX;
}

static bool is_count(uint32_t count)
{
    return count > 0 && count <= COVEY_SLOTS_ROWS_MAX;
}

/* A table with the next of the slots. */
static covey_message_table table(void *rows, size_t stride, uint32_t count,
                                 covey_slot **slots)
{
    covey_message_table t = { .rows = rows,
                              .stride = (uint32_t)stride,
                              .count = count };

    covey_slots_init(&t.slots, *slots, count);
    *slots += t.slots.count;
    return t;
}

static void init_seen(covey_message_layer *l)
{
    covey__list_init(&l->pending);
    covey__list_init(&l->stored);
    for (uint32_t i = 0; i < l->seen.count; i++) {
        covey__seen_row(l, i)->serial = 0;
        covey__seen_row(l, i)->state = COVEY__SEEN_SILENT;
    }
}

covey_status covey_message_init(covey_message_layer *l,
                                const covey_message_parameters *p,
                                const covey_message_memory *m, uint64_t seed,
                                covey_ms now)
{
    covey_slot *slots = m->slots;

    if (!are_sound(p) || !is_count(m->seen_count) ||
        !is_count(m->peer_count) || !is_count(m->out_count)) {
        return COVEY_E_ARGUMENT;
    }
    memset(l, 0, sizeof *l);
    l->parameters = *p;
    l->parameters.message_id_bits =
        p->message_id_bits != 0 ? p->message_id_bits : 16;
    l->exchange_lifetime = covey_message_exchange_lifetime(p);
    l->non_lifetime = covey_message_non_lifetime(p);
    l->random = seed;
    l->key = covey__random(l);
    l->chunks = m->chunks;
    l->seen = table(m->seen, sizeof *m->seen, m->seen_count, &slots);
    l->peers = table(m->peers, sizeof *m->peers, m->peer_count, &slots);
    l->out = table(m->out, sizeof *m->out, m->out_count, &slots);
    init_seen(l);
    covey__peers_init(l);
    covey__out_init(l);
    covey_timers_init(&l->timers, m->timers, m->out_count, now);
    return COVEY_OK;
}

/* --- composed messages -------------------------------------------------- */

covey_path covey_message_back(const covey_path *arrival)
{
    covey_path back = *arrival;

    if (back.group) {
        memset(&back.local, 0, sizeof back.local);
        back.group = false;
    }
    return back;
}

static void patch(covey_writer *message, covey_coap_type type, uint16_t id)
{
    uint8_t *p = message->base;

    p[0] = (uint8_t)((p[0] & ~TYPE_MASK) | (unsigned)type << TYPE_SHIFT);
    p[2] = (uint8_t)(id >> 8);
    p[3] = (uint8_t)id;
}

static bool is_sendable(const covey_message_letter *letter,
                        const covey_writer *message)
{
    bool con = letter->type == COVEY_COAP_CON;
    uint8_t code;

    if (message->failed != COVEY_OK || message->pos < COVEY__HEADER_LEN ||
        (!con && letter->type != COVEY_COAP_NON) ||
        (con && letter->path.group)) {
        return false;
    }
    code = message->base[1];
    if (covey__is_response(code)) {
        return true;
    }
    if (code == COVEY_COAP_EMPTY && (!con || message->pos != PING_LEN)) {
        return false;
    }
    return code >> 5 == 0 && letter->answers.serial == 0;
}

/* The reply as acknowledgement (Section 5.2.1), and what a duplicate of the
 * request will meet. */
static void piggyback(covey_message_layer *l, uint32_t i, bool keep,
                      covey_writer *message)
{
    covey_message_seen *row = covey__seen_row(l, i);
    enum covey__seen_state state = COVEY__SEEN_AGAIN;

    patch(message, COVEY_COAP_ACK, row->message_id);
    if (keep || !row->safe) {
        bool fits = covey__store(l, covey_bytes_of(NULL, 0),
                                 covey_written(message), &row->reply);
        state = fits ? COVEY__SEEN_REPLIED : COVEY__SEEN_SILENT;
        l->counters.taken_back += !fits;
    }
    covey__seen_become(l, i, state);
}

/* Does anything remain to be done about it when it has left? */
static bool needs_row(const covey_message_letter *letter, bool request)
{
    return letter->type == COVEY_COAP_CON || letter->delay > 0 ||
           letter->watch || (request && !letter->path.group);
}

static void fill(covey_message_out *row, const covey_message_letter *letter,
                 uint8_t code)
{
    row->has_way = letter->path.interface != 0 ||
                   letter->path.local.family != COVEY_FAMILY_NONE;
    row->group = letter->path.group;
    row->user = letter->user;
    row->confirmable = letter->type == COVEY_COAP_CON;
    row->request = !covey__is_response(code) && !letter->path.group;
    row->ping = code == COVEY_COAP_EMPTY;
    row->watch = letter->watch;
}

/* A copy for later, with the way that it takes. */
static bool keep(covey_message_layer *l, covey_message_out *row,
                 const covey_path *path, covey_bytes message)
{
    const struct way way = { path->local, path->interface };
    uint8_t head[sizeof way];

    memcpy(head, &way, sizeof way);
    return covey__store(l, covey_bytes_of(head, row->has_way ? sizeof way : 0),
                        message, &row->bytes);
}

/* The message has its Message ID: it leaves, or a copy is kept. */
static covey_status begin(covey_message_layer *l, covey_ms now, uint32_t i,
                          const covey_message_letter *letter,
                          covey_bytes message, bool *leaves)
{
    const uint32_t delay = letter->delay;
    covey_message_out *row = covey__out_row(l, i);

    *leaves = delay == 0 && covey__out_start(l, i);
    if ((row->confirmable || !*leaves) &&
        !keep(l, row, &letter->path, message)) {
        covey__out_release(l, i);
        return COVEY_E_ROOM;
    }
    if (*leaves) {
        covey__out_left(l, i, now, message.len);
    } else if (delay > 0) {
        covey__out_delay(l, i, now + delay);
    }
    return COVEY_OK;
}

/* A message of its own. */
static covey_status send_separate(covey_message_layer *l, covey_ms now,
                                  const covey_message_letter *letter,
                                  covey_writer *message,
                                  covey_message_sent *sent)
{
    bool request = !covey__is_response(message->base[1]);
    covey_message_sent s = { { 0, 0 }, true };
    uint32_t peer = covey__peer_get(l, &letter->path, now);
    covey_status st = COVEY_OK;
    uint16_t id;

    if (peer == COVEY__ROW_NONE) {
        return COVEY_E_ROOM;
    }
    if (request && covey__peer_exhausted(l, peer, now)) {
        return COVEY_E_EXHAUSTED;
    }
    id = covey__peer_message_id(l, peer, now);
    patch(message, letter->type, id);
    if (needs_row(letter, request)) {
        s.ref.row = covey__out_take(l, peer, id);
        if (s.ref.row == COVEY__ROW_NONE) {
            return COVEY_E_ROOM;
        }
        fill(covey__out_row(l, s.ref.row), letter, message->base[1]);
        s.ref.serial = covey__out_row(l, s.ref.row)->serial;
        st = begin(l, now, s.ref.row, letter, covey_written(message), &s.now);
    }
    if (st == COVEY_OK) {
        *sent = s;
    }
    return st;
}

covey_status covey_message_send(covey_message_layer *l, covey_ms now,
                                const covey_message_letter *letter,
                                covey_writer *message,
                                covey_message_sent *sent)
{
    const covey_message_sent gone = { { 0, 0 }, true };
    const covey_message_seen *answered;

    if (!is_sendable(letter, message)) {
        return COVEY_E_ARGUMENT;
    }
    answered = covey__seen_named(l, letter->answers);
    if (answered != NULL && answered->state == COVEY__SEEN_PENDING &&
        letter->delay == 0) {
        piggyback(l, letter->answers.row, letter->keep, message);
        *sent = gone;
        return COVEY_OK;
    }
    return send_separate(l, now, letter, message, sent);
}

static covey_message_out *out_named(const covey_message_layer *l,
                                    covey_message_ref ref)
{
    covey_message_out *row;

    if (ref.serial == 0 || ref.row >= l->out.count) {
        return NULL;
    }
    row = covey__out_row(l, ref.row);
    return row->serial == ref.serial ? row : NULL;
}

void covey_message_cancel(covey_message_layer *l, covey_message_ref sent)
{
    covey_message_out *row = out_named(l, sent);

    if (row == NULL) {
        return;
    }
    /* To a peer that does not respond the next request waits no less because
     * nobody waits for the response to this one. */
    if (row->state == COVEY__OUT_EXPECTED &&
        covey__peer_row(l, row->peer)->probe_end != 0) {
        row->muted = true;
        return;
    }
    covey__out_release(l, sent.row);
}

/* --- what is due -------------------------------------------------------- */

static void write_empty(covey_writer *out, covey_coap_type type, uint16_t id)
{
    covey_write_u8(out, (uint8_t)(COVEY_COAP_VERSION << 6 |
                                  (unsigned)type << TYPE_SHIFT));
    covey_write_u8(out, COVEY_COAP_EMPTY);
    covey_write_u16(out, id);
}

/* What the last datagram asked for. */
static bool pay(covey_message_layer *l, covey_path *path, covey_writer *out)
{
    covey_message_ref ref = { l->owed.row, l->owed.serial };
    const covey_message_seen *row;
    uint8_t what = l->owed.what;

    l->owed.what = COVEY__OWED_NOTHING;
    if (what == COVEY__OWED_EMPTY) {
        *path = l->owed.path;
        write_empty(out, (covey_coap_type)l->owed.type, l->owed.message_id);
        return true;
    }
    row = covey__seen_named(l, ref);
    if (what == COVEY__OWED_NOTHING || row == NULL ||
        row->state != COVEY__SEEN_REPLIED) {
        return false;
    }
    *path = row->path;
    covey_chunks_write(l->chunks, &row->reply, out);
    return true;
}

/* The request that has waited longest for its acknowledgement, if it is time
 * (Section 5.2.2). */
static bool acknowledge_due(covey_message_layer *l, covey_ms now,
                            covey_path *path, covey_writer *out)
{
    uint32_t i = l->pending.first;
    const covey_message_seen *row;

    if (i == COVEY__ROW_NONE || covey__seen_due(l, i) > now) {
        return false;
    }
    row = covey__seen_row(l, i);
    *path = row->path;
    write_empty(out, COVEY_COAP_ACK, row->message_id);
    covey__seen_become(l, i, COVEY__SEEN_ACKNOWLEDGED);
    return true;
}

/* A row whose message is to be sent now, for the first time or again. */
static uint32_t next_out(covey_message_layer *l, covey_ms now)
{
    for (;;) {
        uint32_t i = covey__list_take(&l->out, &l->ready);
        if (i != COVEY__ROW_NONE) {
            return i;
        }
        i = covey_timers_take(&l->timers, now);
        if (i == COVEY_TIMERS_NONE) {
            return COVEY__ROW_NONE;
        }
        if (covey__out_timer(l, i, now)) {
            return i;
        }
    }
}

/* Writes what is stored of a message; its length. */
static size_t unpack(const covey_message_layer *l,
                     const covey_message_out *row, covey_path *path,
                     covey_writer *out)
{
    struct way way;
    uint8_t bytes[sizeof way];
    covey_writer head = covey_writer_of(bytes, sizeof bytes);
    const size_t from = row->has_way ? sizeof way : 0;
    const size_t len = row->bytes.len - from;

    *path = covey_peer_path(&covey__peer_row(l, row->peer)->peer);
    path->group = row->group;
    if (row->has_way) {
        covey_chunks_write_part(l->chunks, &row->bytes, 0, from, &head);
        memcpy(&way, bytes, sizeof way);
        path->local = way.local;
        path->interface = way.interface;
    }
    covey_chunks_write_part(l->chunks, &row->bytes, from, len, out);
    return len;
}

bool covey_message_transmit(covey_message_layer *l, covey_ms now,
                            covey_path *path, covey_writer *out)
{
    const covey_message_out *row;
    size_t len;
    uint32_t i;

    covey__seen_expire(l, now);
    if (pay(l, path, out) || acknowledge_due(l, now, path, out)) {
        return true;
    }
    i = next_out(l, now);
    if (i == COVEY__ROW_NONE) {
        return false;
    }
    row = covey__out_row(l, i);
    len = unpack(l, row, path, out);
    if (row->state != COVEY__OUT_FLIGHT) {
        covey__out_left(l, i, now, len);
    }
    return true;
}

bool covey_message_event(covey_message_layer *l, covey_message_report *event)
{
    uint32_t i = l->events.first;
    const covey_message_out *row;

    if (i == COVEY__ROW_NONE) {
        return false;
    }
    row = covey__out_row(l, i);
    event->outcome = (covey_message_outcome)row->count;
    event->ref.row = i;
    event->ref.serial = row->serial;
    event->user = row->user;
    covey__out_release(l, i);
    return true;
}

covey_ms covey_message_deadline(const covey_message_layer *l)
{
    covey_ms deadline = covey_timers_next(&l->timers);

    if (l->owed.what != COVEY__OWED_NOTHING ||
        l->ready.first != COVEY__ROW_NONE ||
        l->events.first != COVEY__ROW_NONE) {
        return 0;
    }
    if (l->pending.first != COVEY__ROW_NONE) {
        deadline =
            covey_earlier(deadline, covey__seen_due(l, l->pending.first));
    }
    return deadline;
}
