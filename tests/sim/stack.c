/* SPDX-License-Identifier: BSD-2-Clause */
#include "stack.h"

#include "message_check.h"

static covey_status watch_seal(void *provider, covey_key *key,
                               covey_bytes nonce, covey_bytes aad,
                               covey_bytes plaintext, covey_writer *out)
{
    watch *w = provider;

    for (unsigned i = 0; i < w->count; i++) {
        if (memcmp(&w->used[i].key, key, sizeof *key) == 0 &&
            memcmp(w->used[i].nonce, nonce.ptr, nonce.len) == 0) {
            fail_msg("a nonce was used again");
        }
    }
    assert_true(w->count < STACK_NONCES);
    memset(&w->used[w->count], 0, sizeof w->used[0]);
    w->used[w->count].key = *key;
    memcpy(w->used[w->count++].nonce, nonce.ptr, nonce.len);
    return w->inner->seal(NULL, key, nonce, aad, plaintext, out);
}

static covey_status watch_random(void *provider, covey_writer *out)
{
    watch *w = provider;

    while (out->pos < out->cap) {
        out->base[out->pos++] = (uint8_t)(kit_next(&w->random) >> 11);
    }
    return COVEY_OK;
}

void watch_open(watch *w, const covey_crypto *toy, uint64_t seed)
{
    w->inner = toy;
    w->crypto = *toy;
    w->crypto.provider = w;
    w->crypto.seal = watch_seal;
    w->crypto.random = watch_random;
    w->random.state = 2 * seed + 1;
    w->count = 0;
}

static covey_oscore_context *find(void *user, covey_bytes kid,
                                  covey_bytes kid_context)
{
    stack *s = user;

    (void)kid_context;
    return covey_bytes_equal(kid, covey_bytes_of(s->context.recipient_id,
                                                 s->context.recipient_id_len))
               ? &s->context
               : NULL;
}

static covey_status store(void *user, const covey_oscore_context *c,
                          const covey_oscore_state *state)
{
    stack *s = user;

    assert_ptr_equal(c, &s->context);
    if (s->store_fails) {
        return COVEY_E_NOT_STORED;
    }
    s->stored = *state;
    s->stores++;
    return COVEY_OK;
}

static void protect(stack *s, watch *w, const char *sender,
                    const char *recipient)
{
    const covey_oscore_parameters p = {
        .aead = COVEY_AES_CCM_16_64_128,
        .hkdf = COVEY_HMAC_256_256,
        .master_secret = SPAN("a secret of both"),
        .sender_id = covey_bytes_of((const uint8_t *)sender, strlen(sender)),
        .recipient_id =
            covey_bytes_of((const uint8_t *)recipient, strlen(recipient)),
    };
    const covey_oscore_start start = {
        .state = s->stored,
        .ahead = s->ahead != 0 ? s->ahead : 16,
    };

    CHECK_STATUS(COVEY_OK,
                 covey_oscore_setup(&s->context, &w->crypto, &p, &start));
    covey_oscore_protector_init(&s->oscore);
    s->oscore.find = find;
    s->oscore.store = store;
    s->oscore.user = s;
}

/* For messages that somebody on the way has cut. */
static void open_outer(stack *s)
{
    const covey_outer outer = {
        .requests = { .rows = s->uploads,
                      .storage = s->storage[0],
                      .count = STACK_OUTER,
                      .slot = STACK_WHOLE,
                      .expiry = 1000,
                      .szx = s->streams ? COVEY_SZX_BERT : 6,
                      .secret = 5 },
        .rows = s->parts,
        .storage = s->storage[1],
        .count = STACK_OUTER,
        .slot = STACK_WHOLE,
        .sent = s->kept,
        .sent_len = STACK_SENT,
    };

    s->outer = outer;
}

void stack_start(stack *s, watch *w, const char *sender, const char *recipient,
                 uint64_t seed, covey_ms now)
{
    const covey_endpoint_config config = {
        .streams = s->streams,
        .message = covey_message_defaults(),
        .protectors = s->protectors,
        .protector_count = (size_t)(sender != NULL) + (s->other != NULL),
        .random = { w->crypto.random, w },
        .seed = seed,
    };
    const covey_endpoint_memory memory = {
        .message = { .seen = s->seen,
                     .seen_count = STACK_SEEN,
                     .peers = s->peers,
                     .peer_count = STACK_PEERS,
                     .out = s->out,
                     .timers = s->message_timers,
                     .out_count = STACK_OUT,
                     .slots = s->slots,
                     .chunks = &s->chunks },
        .exchange = { .rows = s->exchanges,
                      .slots = s->exchange_slots,
                      .timers = s->timers,
                      .row_count = STACK_ROWS,
                      .responders = s->responders,
                      .responder_count = STACK_ROWS },
        .rows = s->rows,
        .security = s->security,
        .security_next = s->security_next,
        .security_count = STACK_ROWS,
        .scratch = s->scratch,
        .scratch_len = sizeof s->scratch,
        .outer = &s->outer,
    };

    open_outer(s);
    if (sender != NULL) {
        protect(s, w, sender, recipient);
    }
    s->protectors[0] = sender != NULL ? &s->oscore.protector : s->other;
    s->protectors[1] = s->other;
    covey_chunks_init(&s->chunks, s->chunk, STACK_CHUNKS);
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_init(&s->endpoint, &config, &memory, now));
}

void stack_is_empty(const stack *s)
{
    const covey_endpoint *e = &s->endpoint;
    const char *fault = s->streams ? NULL : sim_message_fault(&e->message);
    uint32_t rows = 0;
    uint32_t states = 0;

    if (fault != NULL) {
        fail_msg("%s", fault);
    }
    for (uint32_t i = e->exchange.free; i != UINT32_MAX;
         i = s->exchanges[i].next) {
        rows++;
    }
    for (uint32_t i = e->security_free; i != UINT32_MAX;
         i = s->security_next[i]) {
        states++;
    }
    for (size_t i = 0; i < STACK_OUTER; i++) {
        assert_int_equal(s->parts[i].whole.serial, 0);
    }
    assert_int_equal(rows, STACK_ROWS);
    assert_int_equal(states, STACK_ROWS);
    assert_int_equal(covey_endpoint_deadline(e), COVEY_NEVER);
    assert_int_equal(covey_chunks_left(&s->chunks) + e->message.stored_chunks,
                     STACK_CHUNKS);
}
