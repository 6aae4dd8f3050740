/* SPDX-License-Identifier: BSD-2-Clause */
/* What waits, 1,000, 10,000 and 100,000 of it, and what one of them costs.
 * Exchanges: so many Confirmable requests have been sent by an endpoint, each
 * to a server of its own; the oldest is answered with its acknowledgement, its
 * event is taken, and one more is sent. Observers of one resource, first of
 * core/transfer, then of covey-server's table: one of them goes and comes
 * back; and one that alone observes its resource is told of a change.
 *
 * Beside exchanges and observers there is what the same memory costs anybody:
 * as many slots at random and as many rows, one after the other, in tables of
 * the same sizes, each read and written once and nothing done with them. */
#include "bench.h"

#include <covey/endpoint.h>
#include <covey/transfer.h>
#include <crypto/openssl/openssl.h>
#include <observers.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])

enum {
    SIZES = 3,
    KINDS = 6,
    SLOTS_MAX = 3,
    ROWS_MAX = 8,
    LINE = 64,
    BYTES = 128,
    SCRATCH = 512,
    TOKEN_AT = 4,
    TOKEN_LEN = 8
};

static const uint32_t sizes[SIZES] = { 1000, 10000, 100000 };

/* What the server has to send back. */
struct asked {
    uint8_t message_id[2];
    uint8_t token[TOKEN_LEN];
};

/* What is touched for one: slots anywhere in their tables, and a row of each
 * of these sizes. */
struct plan {
    unsigned slots;
    unsigned rows;
    size_t size[ROWS_MAX];
};

static const struct plan plans[] = {
    /* An exchange: its peer's slot, that of its token, that of the next one's.
     */
    { 3,
      8,
      { sizeof(covey_message_peer), sizeof(covey_message_out),
        sizeof(covey_timer), sizeof(covey_chunk), sizeof(covey_exchange_row),
        sizeof(covey_timer), sizeof(covey_endpoint_row),
        sizeof(struct asked) } },
    /* An observer. */
    { 1, 2, { sizeof(covey_observer), sizeof(covey_timer) } },
};

/* The same in one of the sizes. */
struct memory {
    const struct plan *plan;
    uint32_t count;
    uint32_t done;
    covey_slot *slots[SLOTS_MAX];
    uint8_t *rows[ROWS_MAX];
};

struct waiting {
    covey_crypto crypto;
    uint32_t count;
    uint32_t done;
    covey_path path;
    covey_endpoint endpoint;
    covey_chunks chunks;
    struct asked *asked;
    covey_observers observers;
    struct observers table;
    struct memory memory[COUNT_OF(plans)];
};

static void expect(bool so, const char *what)
{
    if (!so) {
        fprintf(stderr, "bench_outstanding: %s\n", what);
        exit(1);
    }
}

static void *allocate(size_t count, size_t each)
{
    void *p;

    expect(count > 0 && each > 0, "nothing");
    p = calloc(count, each);
    expect(p != NULL, "no memory");
    return p;
}

/* The n-th peer. */
static void turn_to(struct waiting *s, uint32_t n)
{
    s->path.peer.port = (uint16_t)n;
    s->path.peer.ip[2] = (uint8_t)(n >> 16);
}

/* --- exchanges ----------------------------------------------------------- */

static covey_message_memory message_memory(struct waiting *s)
{
    covey_message_memory m = { .chunks = &s->chunks };

    m.seen_count = 1;
    m.peer_count = m.out_count = s->count;
    m.seen = allocate(m.seen_count, sizeof *m.seen);
    m.peers = allocate(m.peer_count, sizeof *m.peers);
    m.out = allocate(m.out_count, sizeof *m.out);
    m.timers = allocate(m.out_count, sizeof *m.timers);
    m.slots =
        allocate(COVEY_MESSAGE_SLOTS(m.seen_count, m.peer_count, m.out_count),
                 sizeof *m.slots);
    covey_chunks_init(&s->chunks, allocate(s->count, sizeof(covey_chunk)),
                      s->count);
    return m;
}

static void ask(struct waiting *s, uint32_t n)
{
    covey_endpoint_call call = { .code = COVEY_COAP_CODE(0, 1) };
    uint8_t bytes[BYTES];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    turn_to(s, n);
    call.path = s->path;
    covey_endpoint_request_begin(&s->endpoint, &d, &call, &w);
    covey_coap_put_option(&d.composer, COVEY_OPTION_URI_PATH,
                          covey_bytes_of((const uint8_t *)"sensors", 7));
    covey_coap_put_option(&d.composer, COVEY_OPTION_URI_PATH,
                          covey_bytes_of((const uint8_t *)"temp", 4));
    expect(covey_endpoint_request_send(&s->endpoint, 0, &d, &call, &sent) ==
                   COVEY_OK &&
               sent.now,
           "not asked");
    memcpy(s->asked[n].message_id, bytes + 2, sizeof s->asked[n].message_id);
    memcpy(s->asked[n].token, bytes + TOKEN_AT, TOKEN_LEN);
}

static void open_exchanges(struct waiting *s)
{
    const covey_endpoint_config config = {
        .message = covey_message_defaults(),
        .random = { s->crypto.random, s->crypto.provider },
        .seed = 1,
    };
    const covey_endpoint_memory memory = {
        .message = message_memory(s),
        .exchange = { allocate(s->count, sizeof(covey_exchange_row)),
                      allocate(s->count, sizeof(covey_timer)), s->count,
                      allocate(COVEY_SLOTS(s->count), sizeof(covey_slot)),
                      NULL, 0 },
        .rows = allocate(s->count, sizeof(covey_endpoint_row)),
        .scratch = allocate(SCRATCH, 1),
        .scratch_len = SCRATCH,
    };

    s->asked = allocate(s->count, sizeof *s->asked);
    expect(covey_endpoint_init(&s->endpoint, &config, &memory, 0) == COVEY_OK,
           "no endpoint");
    for (uint32_t n = 0; n < s->count; n++) {
        ask(s, n);
    }
}

static uint32_t exchange(void *state, uint32_t times)
{
    struct waiting *s = state;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < times; i++, s->done++) {
        const uint32_t n = s->done % s->count;
        uint8_t answer[TOKEN_AT + TOKEN_LEN] = { 0x68, 0x45 };
        covey_endpoint_report report;
        covey_endpoint_in in;
        memcpy(answer + 2, s->asked[n].message_id,
               sizeof s->asked[n].message_id);
        memcpy(answer + TOKEN_AT, s->asked[n].token, TOKEN_LEN);
        turn_to(s, n);
        expect(covey_endpoint_receive(&s->endpoint, 0, &s->path,
                                      covey_bytes_of(answer, sizeof answer),
                                      &in) == COVEY_OK &&
                   in.kind == COVEY_ENDPOINT_RESPONSE &&
                   covey_endpoint_event(&s->endpoint, &report),
               "not answered");
        sum += report.what;
        ask(s, n);
    }
    return sum;
}

/* --- observers ----------------------------------------------------------- */

/* By their numbers, each with a token of its own; resource 0 has all but one.
 */
static void register_one(struct waiting *s, uint32_t n)
{
    const uint8_t token[] = { (uint8_t)(n >> 8), (uint8_t)n };
    covey_observers_entry entry = { .token =
                                        covey_bytes_of(token, sizeof token),
                                    .resource = n == 0 };
    covey_observer_ref ref;
    uint32_t sequence;

    turn_to(s, n);
    entry.path = s->path;
    expect(covey_observers_register(&s->observers, 0, &entry, &ref,
                                    &sequence) == COVEY_OK,
           "no observer");
}

static void open_observers(struct waiting *s)
{
    const covey_observers_config config = { .confirm_every = 32,
                                            .confirm_within = 86400000 };

    const covey_observers_memory memory = {
        allocate(s->count, sizeof(covey_observer)),
        allocate(s->count, sizeof(covey_observer_lists)),
        allocate(COVEY_SLOTS(s->count), sizeof(covey_slot)),
        allocate(s->count, sizeof(covey_timer)),
        s->count,
    };

    covey_observers_init(&s->observers, &memory, &config, 1);
    for (uint32_t n = 0; n < s->count; n++) {
        register_one(s, n);
    }
}

static uint32_t observer(void *state, uint32_t times)
{
    struct waiting *s = state;

    for (uint32_t i = 0; i < times; i++, s->done++) {
        const uint32_t n = 1 + s->done % (s->count - 1);
        const uint8_t token[] = { (uint8_t)(n >> 8), (uint8_t)n };
        turn_to(s, n);
        covey_observers_cancel(&s->observers, &s->path,
                               covey_bytes_of(token, sizeof token));
        register_one(s, n);
    }
    return 1;
}

static uint32_t notification(void *state, uint32_t times)
{
    struct waiting *s = state;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < times; i++) {
        covey_notification n;
        covey_observers_changed(&s->observers, 0, 1);
        expect(covey_observers_next(&s->observers, 0, &n), "not told");
        if (n.confirmable) {
            covey_observers_acknowledged(&s->observers, 0, n.ref);
        }
        sum += n.resource;
    }
    return sum != 0;
}

static covey_endpoint_request request_of(struct waiting *s, uint32_t n)
{
    covey_endpoint_request r = { .token_len = 2,
                                 .token = { (uint8_t)(n >> 8), (uint8_t)n } };

    turn_to(s, n);
    r.path = s->path;
    return r;
}

static void open_table(struct waiting *s)
{
    expect(observers_open(&s->table, s->count, 1, 1), "no memory");
    for (uint32_t n = 0; n < s->count; n++) {
        const covey_endpoint_request r = request_of(s, n);
        expect(observers_add(&s->table, s, &r, 0) != NULL, "no observer");
    }
}

static uint32_t table(void *state, uint32_t times)
{
    struct waiting *s = state;

    for (uint32_t i = 0; i < times; i++, s->done++) {
        const covey_endpoint_request r = request_of(s, s->done % s->count);
        struct observer *row = observers_find(&s->table, s, &r);
        expect(row != NULL, "not found");
        observers_remove(&s->table, row);
        expect(observers_add(&s->table, s, &r, 0) != NULL, "no observer");
    }
    return 1;
}

/* --- memory alone -------------------------------------------------------- */

static void open_memory(struct waiting *s, size_t plan)
{
    struct memory *m = &s->memory[plan];

    m->plan = &plans[plan];
    m->count = s->count;
    for (unsigned i = 0; i < m->plan->slots; i++) {
        m->slots[i] = allocate(COVEY_SLOTS(m->count), sizeof *m->slots[i]);
    }
    for (unsigned i = 0; i < m->plan->rows; i++) {
        m->rows[i] = allocate(m->count, m->plan->size[i]);
    }
}

/* Where the next one lies is known when the one before has been read: what is
 * read is 0, but nobody knows before. */
static uint32_t touch(void *state, uint32_t times)
{
    struct memory *m = state;
    uint32_t zero = 0;

    for (uint32_t i = 0; i < times; i++, m->done++) {
        const uint32_t n = m->done % m->count;
        for (unsigned k = 0; k < m->plan->slots; k++) {
            const uint64_t h = (uint32_t)((n ^ k << 24) * 0x9e3779b1u) + zero;
            covey_slot *at =
                &m->slots[k][h * COVEY_SLOTS((uint64_t)m->count) >> 32];
            zero += at->hash;
            at->row++;
        }
        for (unsigned k = 0; k < m->plan->rows; k++) {
            uint8_t *row = m->rows[k] + (n + zero) * m->plan->size[k];
            for (size_t at = 0; at < m->plan->size[k]; at += LINE) {
                row[at]++;
            }
        }
    }
    return zero;
}

int main(int argc, char **argv)
{
    static struct waiting all[SIZES];
    static char names[KINDS * SIZES][64];
    static const char *const kinds[KINDS] = {
        "exchange",     "memory of an exchange",
        "observer",     "memory of an observer",
        "notification", "observer of covey-server",
    };
    bench_work *const works[KINDS] = { exchange, touch,        observer,
                                       touch,    notification, table };
    bench_case cases[KINDS * SIZES];
    const size_t slots = COVEY_SLOTS(sizeof(covey_slot));
    char note[300];

    for (unsigned i = 0; i < SIZES; i++) {
        struct waiting *s = &all[i];
        s->count = sizes[i];
        s->path.peer.family = COVEY_FAMILY_IPV4;
        s->path.peer.ip[0] = 192;
        expect(covey_openssl_open(&s->crypto) == COVEY_OK, "no provider");
        open_exchanges(s);
        open_observers(s);
        open_table(s);
        for (size_t k = 0; k < COUNT_OF(plans); k++) {
            open_memory(s, k);
        }
        for (unsigned k = 0; k < KINDS; k++) {
            const unsigned at = k * SIZES + i;
            void *state = works[k] == touch ? &s->memory[k / 2] : (void *)s;
            const bench_case row = { names[at], works[k], state,
                                     i == 0 ? -1 : (int)(k * SIZES), 0 };
            snprintf(names[at], sizeof names[at], "%s, %u", kinds[k],
                     sizes[i]);
            cases[at] = row;
        }
    }
    snprintf(note, sizeof note,
             "bytes with slots and timers: an exchange %zu, %zu more until it "
             "is acknowledged, %zu for each peer; an observer %zu, of "
             "covey-server %zu and its request",
             sizeof(covey_exchange_row) + slots + sizeof(covey_timer) +
                 sizeof(covey_endpoint_row),
             sizeof(covey_message_out) + sizeof(covey_timer) + slots,
             sizeof(covey_message_peer) + slots,
             sizeof(covey_observer) + sizeof(covey_observer_lists) + slots +
                 sizeof(covey_timer),
             sizeof(struct observer) + slots);
    return bench_main(argc, argv, cases, COUNT_OF(cases), note);
}
