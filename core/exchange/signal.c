/* SPDX-License-Identifier: BSD-2-Clause */
/* One connection of RFC 8323: messages come off the stream, signals are
 * answered here. What is to be sent is a bit each, so that no peer can make
 * it grow; while a Pong waits to be sent, nothing more is read. */
#include <covey/exchange.h>

#include <covey/coap_options.h>

#include <string.h>

/* In the order in which they are sent. */
enum {
    SEND_CSM = 1,
    SEND_PONG = 2,
    SEND_PING = 4,
    SEND_RELEASE = 8,
    SEND_ABORT = 16
};

#define BASE_TOKEN_LEN 8u
#define HOLD_OFF_MAX   0xffffffu
#define CLASS_OF(code) ((unsigned)(code) >> 5)

void covey_signal_init(covey_signal *s, const covey_signal_config *config,
                       covey_ms now)
{
    memset(s, 0, sizeof *s);
    s->config = *config;
    s->due = now + config->patience;
    s->peer_size = COVEY_SIGNAL_BASE_SIZE;
    s->peer_token_len = BASE_TOKEN_LEN;
    s->pending = SEND_CSM;
    s->processed = true;
}

/* From here on nothing is read. A peer that said Abort gets none back. */
static covey_signal_verdict end(covey_signal *s, covey_signal_end why)
{
    s->end = (uint8_t)why;
    s->due = COVEY_NEVER;
    s->pending &= SEND_CSM;
    if (why != COVEY_SIGNAL_END_PEER) {
        s->pending |= SEND_ABORT;
    }
    return COVEY_SIGNAL_CLOSED;
}

/* Section 5.2: a critical option that is not understood ends the connection.
 * All options defined so far are elective. */
static bool has_critical(const covey_coap_message *m, uint16_t *number)
{
    return covey_option_screen(m, NULL, 0, number) != COVEY_OK;
}

static void read_capability(covey_signal *s, const covey_coap_option *o)
{
    uint32_t value;

    if (covey_option_uint(o->value, &value) != COVEY_OK) {
        return; /* elective, and of no length that it could have */
    }
    switch (o->number) {
    case COVEY_SIGNAL_MAX_MESSAGE_SIZE:
        s->peer_size = value;
        break;
    case COVEY_SIGNAL_BLOCK_WISE_TRANSFER:
        s->peer_block_wise = true;
        break;
    case COVEY_SIGNAL_EXTENDED_TOKEN_LENGTH:
        if (value < BASE_TOKEN_LEN) {
            value = BASE_TOKEN_LEN;
        }
        s->peer_token_len =
            value < COVEY_COAP_TOKEN_MAX ? value : COVEY_COAP_TOKEN_MAX;
        break;
    default:
        break;
    }
}

/* Section 5.3: what a later CSM does not name stays as it was. */
static covey_signal_verdict on_csm(covey_signal *s,
                                   const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    if (has_critical(m, &s->bad_option)) {
        return end(s, COVEY_SIGNAL_END_OPTION);
    }
    while (covey_coap_option_next(&it, &o)) {
        read_capability(s, &o);
    }
    if (s->heard) {
        return COVEY_SIGNAL_NOTHING;
    }
    s->heard = true;
    s->due = COVEY_NEVER;
    return COVEY_SIGNAL_READY;
}

/* True if the message has an option of this number. */
static bool has_option(const covey_coap_message *m, uint16_t number)
{
    covey_bytes value;

    return covey_option_get(m, number, &value);
}

static covey_signal_verdict on_ping(covey_signal *s,
                                    const covey_coap_message *m)
{
    if (m->token.len > sizeof s->pong) {
        return end(s, COVEY_SIGNAL_END_TOKEN);
    }
    memcpy(s->pong, m->token.ptr, m->token.len);
    s->pong_len = (uint8_t)m->token.len;
    s->custody = has_option(m, COVEY_SIGNAL_CUSTODY);
    s->pending |= SEND_PONG;
    return COVEY_SIGNAL_NOTHING;
}

/* One Ping is on its way at a time, so a Pong without a token can be told,
 * too: libcoap up to 4.3.1 leaves it out. */
static covey_signal_verdict on_pong(covey_signal *s,
                                    const covey_coap_message *m)
{
    const covey_bytes token = covey_bytes_of(s->ping, sizeof s->ping);

    if (!s->pinged ||
        (m->token.len > 0 && !covey_bytes_equal(m->token, token))) {
        return COVEY_SIGNAL_NOTHING;
    }
    s->pinged = false;
    s->due = COVEY_NEVER;
    return COVEY_SIGNAL_PONGED;
}

static covey_signal_verdict on_signal(covey_signal *s,
                                      const covey_coap_message *m)
{
    uint16_t number;

    if (m->code == COVEY_SIGNAL_CSM) {
        return on_csm(s, m);
    }
    if (m->code == COVEY_SIGNAL_ABORT) {
        return end(s, COVEY_SIGNAL_END_PEER);
    }
    if (m->code < COVEY_SIGNAL_CSM || m->code > COVEY_SIGNAL_ABORT) {
        return end(s, COVEY_SIGNAL_END_CODE);
    }
    if (has_critical(m, &number)) {
        return end(s, COVEY_SIGNAL_END_OPTION);
    }
    if (m->code == COVEY_SIGNAL_PING) {
        return on_ping(s, m);
    }
    if (m->code == COVEY_SIGNAL_PONG) {
        return on_pong(s, m);
    }
    return COVEY_SIGNAL_RELEASED;
}

static covey_signal_verdict on_message(covey_signal *s,
                                       const covey_coap_message *m)
{
    const unsigned kind = CLASS_OF(m->code);

    /* Section 3.4: an Empty message keeps the connection alive, no more. */
    if (m->code == COVEY_COAP_EMPTY) {
        return COVEY_SIGNAL_NOTHING;
    }
    /* Section 5.3: the peer's first message is its CSM. */
    if (!s->heard && m->code != COVEY_SIGNAL_CSM &&
        m->code != COVEY_SIGNAL_ABORT) {
        return end(s, COVEY_SIGNAL_END_NO_CSM);
    }
    if (kind == 7) {
        return on_signal(s, m);
    }
    /* RFC 7252 Section 12.1: the other classes are reserved. */
    if (kind == 0 || kind == 2 || kind == 4 || kind == 5) {
        s->processed = false;
        return COVEY_SIGNAL_MESSAGE;
    }
    return COVEY_SIGNAL_NOTHING;
}

covey_signal_verdict covey_signal_receive(covey_signal *s, covey_bytes stream,
                                          size_t *used,
                                          covey_coap_message *out)
{
    covey_coap_message m;
    covey_signal_verdict verdict;
    uint64_t length;
    covey_status st;

    *used = 0;
    if (s->end != COVEY_SIGNAL_OPEN) {
        return COVEY_SIGNAL_CLOSED;
    }
    if ((s->pending & SEND_PONG) != 0) {
        return COVEY_SIGNAL_WAIT;
    }
    st = covey_coap_stream_length(stream, &length);
    if (st == COVEY_OK && length > s->config.max_message_size) {
        return end(s, COVEY_SIGNAL_END_TOO_LARGE);
    }
    if (st == COVEY_OK) {
        st = covey_coap_parse_stream(&m, stream, used);
    }
    if (st == COVEY_E_SHORT) {
        return COVEY_SIGNAL_MORE;
    }
    if (st != COVEY_OK) {
        return end(s, COVEY_SIGNAL_END_FORMAT);
    }
    verdict = on_message(s, &m);
    if (verdict == COVEY_SIGNAL_MESSAGE || verdict == COVEY_SIGNAL_PONGED ||
        verdict == COVEY_SIGNAL_RELEASED) {
        *out = m;
    }
    return verdict;
}

/* The diagnostic payload of an Abort (Section 5.6), for the people at the
 * other end. */
static covey_bytes diagnostic(covey_signal_end why)
{
    static const char *const texts[] = {
        [COVEY_SIGNAL_END_FORMAT] = "message format error",
        [COVEY_SIGNAL_END_TOO_LARGE] = "message above Max-Message-Size",
        [COVEY_SIGNAL_END_NO_CSM] = "no CSM",
        [COVEY_SIGNAL_END_OPTION] = "unknown critical option",
        [COVEY_SIGNAL_END_CODE] = "unknown signal",
        [COVEY_SIGNAL_END_TOKEN] = "token of Ping too long",
        [COVEY_SIGNAL_END_SILENT] = "no Pong",
    };

    return covey_bytes_text(texts[why]);
}

static void put_options(covey_signal *s, unsigned what, covey_coap_composer *c)
{
    const covey_bytes empty = covey_bytes_of(s->pong, 0);

    switch (what) {
    case SEND_CSM:
        covey_coap_put_uint(c, COVEY_SIGNAL_MAX_MESSAGE_SIZE,
                            s->config.max_message_size);
        if (s->config.block_wise) {
            covey_coap_put_option(c, COVEY_SIGNAL_BLOCK_WISE_TRANSFER, empty);
        }
        covey_coap_put_uint(c, COVEY_SIGNAL_EXTENDED_TOKEN_LENGTH,
                            COVEY_SIGNAL_TOKEN_MAX);
        break;
    case SEND_PONG:
        if (s->custody && s->processed) {
            covey_coap_put_option(c, COVEY_SIGNAL_CUSTODY, empty);
        }
        break;
    case SEND_RELEASE:
        if (s->alternative.ptr != NULL) {
            covey_coap_put_option(c, COVEY_SIGNAL_ALTERNATIVE_ADDRESS,
                                  s->alternative);
        }
        if (s->hold_off != 0) {
            covey_coap_put_uint(c, COVEY_SIGNAL_HOLD_OFF, s->hold_off);
        }
        break;
    case SEND_ABORT:
        if (s->bad_option != 0) {
            covey_coap_put_uint(c, COVEY_SIGNAL_BAD_CSM_OPTION, s->bad_option);
        }
        covey_coap_put_payload(c, diagnostic((covey_signal_end)s->end));
        break;
    default: /* a Ping has none */
        break;
    }
}

static covey_coap_message header_of(const covey_signal *s, unsigned what)
{
    covey_coap_message m = { 0 };

    m.token = covey_bytes_of(s->pong, 0);
    switch (what) {
    case SEND_CSM:
        m.code = COVEY_SIGNAL_CSM;
        break;
    case SEND_PONG:
        m.code = COVEY_SIGNAL_PONG;
        m.token.len = s->pong_len;
        break;
    case SEND_PING:
        m.code = COVEY_SIGNAL_PING;
        m.token = covey_bytes_of(s->ping, sizeof s->ping);
        break;
    case SEND_RELEASE:
        m.code = COVEY_SIGNAL_RELEASE;
        break;
    default:
        m.code = COVEY_SIGNAL_ABORT;
        break;
    }
    return m;
}

bool covey_signal_transmit(covey_signal *s, covey_writer *out)
{
    /* The lowest bit. */
    const unsigned what = s->pending & (0u - s->pending);
    covey_writer attempt = *out;
    covey_coap_message header;
    covey_coap_composer c;

    if (what == 0) {
        return false;
    }
    header = header_of(s, what);
    c = covey_coap_compose_stream(&attempt, &header);
    put_options(s, what, &c);
    if (covey_coap_finish(&c) != COVEY_OK) {
        out->failed = COVEY_E_ROOM;
        return false;
    }
    *out = attempt;
    s->pending = (uint8_t)(s->pending & ~what);
    return true;
}

covey_ms covey_signal_deadline(const covey_signal *s)
{
    return s->due;
}

void covey_signal_expire(covey_signal *s, covey_ms now)
{
    if (s->due != COVEY_NEVER && now >= s->due) {
        (void)end(s, s->heard ? COVEY_SIGNAL_END_SILENT
                              : COVEY_SIGNAL_END_NO_CSM);
    }
}

void covey_signal_ping(covey_signal *s, covey_ms now, uint32_t number)
{
    if (s->pinged || !s->heard || s->end != COVEY_SIGNAL_OPEN) {
        return;
    }
    for (unsigned i = 0; i < sizeof s->ping; i++) {
        s->ping[i] = (uint8_t)(number >> (24 - 8 * i));
    }
    s->pinged = true;
    s->pending |= SEND_PING;
    s->due = now + s->config.patience;
}

covey_status covey_signal_release(covey_signal *s, uint32_t hold_off,
                                  covey_bytes alternative)
{
    if (hold_off > HOLD_OFF_MAX || alternative.len > 255 ||
        (alternative.ptr != NULL && alternative.len == 0)) {
        return COVEY_E_ARGUMENT;
    }
    if (s->end == COVEY_SIGNAL_OPEN) {
        s->hold_off = hold_off;
        s->alternative = alternative;
        s->pending |= SEND_RELEASE;
    }
    return COVEY_OK;
}

void covey_signal_processed(covey_signal *s)
{
    s->processed = true;
}

covey_signal_end covey_signal_ended(const covey_signal *s)
{
    return (covey_signal_end)s->end;
}

uint32_t covey_signal_peer_size(const covey_signal *s)
{
    return s->peer_size;
}

uint32_t covey_signal_peer_token(const covey_signal *s)
{
    return s->peer_token_len;
}

bool covey_signal_peer_block_wise(const covey_signal *s)
{
    return s->peer_block_wise;
}

bool covey_signal_peer_bert(const covey_signal *s)
{
    return s->peer_block_wise && s->peer_size > COVEY_SIGNAL_BASE_SIZE;
}
