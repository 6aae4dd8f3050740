/* SPDX-License-Identifier: BSD-2-Clause */
/* Every message in every state, every byte of a handshake changed, and the
 * handshake cut at every byte. */
#include "fixture.h"

#include "tls_internal.h"

enum {
    STATES = ENDED,
    MESSAGES = 256
};

/* Appendix A.1 and A.2 once more, as the figures show them. */
static const struct {
    bool server;
    uint8_t state;
    uint8_t message;
} allowed[] = {
    { false, WAIT_SERVER_HELLO, 2 },
    { false, WAIT_ENCRYPTED_EXTENSIONS, 8 },
    { false, WAIT_CERTIFICATE_OR_REQUEST, 13 },
    { false, WAIT_CERTIFICATE_OR_REQUEST, 11 },
    { false, WAIT_CERTIFICATE, 11 },
    { false, WAIT_CERTIFICATE_VERIFY, 15 },
    { false, WAIT_FINISHED, 20 },
    { false, CONNECTED, 4 },
    { false, CONNECTED, 24 },
    { true, WAIT_CLIENT_HELLO, 1 },
    { true, WAIT_SECOND_HELLO, 1 },
    { true, WAIT_CERTIFICATE, 11 },
    { true, WAIT_CERTIFICATE_VERIFY, 15 },
    { true, WAIT_FINISHED, 20 },
    { true, CONNECTED, 24 },
};

static bool may_come(bool server, unsigned state, unsigned message)
{
    for (size_t i = 0; i < COUNT_OF(allowed); i++) {
        if (allowed[i].server == server && allowed[i].state == state &&
            allowed[i].message == message) {
            return true;
        }
    }
    return false;
}

/* An empty message: where it may come it is malformed instead. */
static void put(struct side *s, unsigned state, unsigned message)
{
    covey_tls *t = &s->t;
    covey_tls_report r;
    covey_status st = COVEY_OK;

    t->state = (uint8_t)state;
    t->suite = COVEY_TLS_AES_128_GCM_SHA256;
    CHECK_STATUS(COVEY_OK, covey__tls_transcript_begin(t, COVEY_SHA_256));
    memset(t->memory, 0, 4);
    t->memory[0] = (uint8_t)message;
    t->in_len = 4;
    st = covey__tls_run(t, p.now);
    assert_int_not_equal(st, COVEY_OK);
    assert_true(covey_tls_event(t, &r));
    assert_int_equal(r.kind, COVEY_TLS_FAILED);
    assert_int_equal(r.alert == COVEY_TLS_UNEXPECTED_MESSAGE,
                     !may_come(t->is_server, state, message));
    if (may_come(t->is_server, state, message)) {
        assert_string_equal("decode_error", covey_tls_alert_name(r.alert));
    }
}

static void refuses_every_message_in_every_wrong_place(void **state)
{
    (void)state;
    for (unsigned s = 0; s < STATES; s++) {
        for (unsigned m = 0; m < MESSAGES; m++) {
            pair_stop(&p);
            pair_start(&p);
            put(&p.client, s, m);
            put(&p.server, s, m);
        }
    }
}

/* What one side sends, counted from the first byte of the connection. */
struct fault {
    size_t at; /* the byte that is changed, or from which on all is lost */
    uint8_t flip;
    bool cut;
    size_t seen;
};

static void inject(struct side *s, void *user)
{
    struct fault *f = user;
    /* Only new bytes: those that wait have been seen. */
    size_t total = s->sent;
    size_t start = total - s->out_len;

    if (f->seen >= total) {
        return;
    }
    if (f->cut && total > f->at) {
        s->out_len = f->at > start ? f->at - start : 0;
        s->sent = start + s->out_len;
        f->seen = s->sent;
        return;
    }
    if (!f->cut && f->at >= f->seen && f->at < total) {
        s->out[f->at - start] ^= f->flip;
    }
    f->seen = total;
}

/* Whether this byte is the version in the head of a record, which nobody
 * looks at while nothing is protected. */
static bool is_version(const uint8_t *stream, size_t len, size_t at)
{
    size_t head = 0;

    while (head + 5 <= len && head + 5 <= at + 5) {
        if (at == head + 1 || at == head + 2) {
            return true;
        }
        head += 5 + ((size_t)stream[head + 3] << 8 | stream[head + 4]);
    }
    return false;
}

static uint8_t stream[PAIR_BUFFER];
static size_t stream_len;

static void record(struct side *s, void *user)
{
    size_t fresh = s->sent - stream_len;

    (void)user;
    memcpy(stream + stream_len, s->out + s->out_len - fresh, fresh);
    stream_len = s->sent;
}

static void learn(struct side *s)
{
    stream_len = 0;
    s->tamper = record;
    covey_scripted_rewind(&scripted, COVEY_SCRIPTED_NEVER);
    connect_pair();
    s->tamper = NULL;
    assert_true(stream_len > 300);
}

static void run_with(struct side *s, struct fault *f)
{
    s->tamper = inject;
    s->user = f;
    pair_stop(&p);
    covey_scripted_rewind(&scripted, COVEY_SCRIPTED_NEVER);
    pair_start(&p);
    pair_run(&p);
    s->tamper = NULL;
}

static bool both_connected(void)
{
    return p.client.connected && p.server.connected && !p.client.failed &&
           !p.server.failed;
}

/* Whoever finds it says so; the other side learns it from the alert. A changed
 * length may also make somebody wait for bytes that never come. */
static void flip_every_byte(struct side *s)
{
    static const uint8_t flips[] = { 0x01, 0x80, 0xff };

    learn(s);
    for (size_t at = 0; at < stream_len; at++) {
        for (size_t i = 0; i < COUNT_OF(flips); i++) {
            struct fault f = { at, flips[i], false, 0 };
            run_with(s, &f);
            if (both_connected()) {
                assert_true(is_version(stream, stream_len, at));
            }
            assert_false(p.client.failed && p.server.failed &&
                         p.client.from_peer && p.server.from_peer);
            assert_int_not_equal(p.client.alert, COVEY_TLS_INTERNAL_ERROR);
            assert_int_not_equal(p.server.alert, COVEY_TLS_INTERNAL_ERROR);
        }
    }
}

static void cut_at_every_byte(struct side *s)
{
    learn(s);
    for (size_t at = 0; at < stream_len; at++) {
        struct fault f = { at, 0, true, 0 };
        run_with(s, &f);
        assert_false(both_connected());
        assert_false(p.client.failed || p.server.failed);
    }
}

static void notices_every_byte_changed_by_the_client(void **state)
{
    (void)state;
    p.server.config.require_client = true;
    flip_every_byte(&p.client);
}

static void notices_every_byte_changed_by_the_server(void **state)
{
    (void)state;
    p.server.config.require_client = true;
    flip_every_byte(&p.server);
}

static void waits_where_a_handshake_is_cut(void **state)
{
    (void)state;
    p.server.config.require_client = true;
    cut_at_every_byte(&p.client);
    cut_at_every_byte(&p.server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refuses_every_message_in_every_wrong_place),
        TEST(notices_every_byte_changed_by_the_client),
        TEST(notices_every_byte_changed_by_the_server),
        TEST(waits_where_a_handshake_is_cut),
    };

    return KIT_RUN(tests);
}
