/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of the handshake, whole ones: which handler they go to, and in what
 * order ours are made. The rows of the state machines are in client.c and
 * server.c.
 *
 * The memory of the caller holds what came, then what is to be sent:
 *
 *     | pinned | done | messages that came | messages to send |       |
 *              in_pos                in_len    + out_pos    + out_len
 *
 * A handler may find that it has to ask first: it sets `waiting`, and is
 * called with the same message again once the answer is there. */
#include "tls_internal.h"

enum {
    HEAD = 4,
    UPDATES_MAX = 32 /* KeyUpdates without data between them */
};

/* SHA-256 of "HelloRetryRequest" (Section 4.1.3). */
const uint8_t covey__tls_retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
    0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
    0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c
};

/* --- receiving ----------------------------------------------------------- */

/* The type, with HelloRetryRequest told from ServerHello. */
static unsigned message_of(covey_bytes message)
{
    enum {
        RANDOM_AT = HEAD + 2
    };
    bool retry =
        message.ptr[0] == SERVER_HELLO && message.len >= RANDOM_AT + 32 &&
        memcmp(message.ptr + RANDOM_AT, covey__tls_retry_random, 32) == 0;

    return retry ? HELLO_RETRY_REQUEST : message.ptr[0];
}

/* The length that a message begins with, its head included. */
static size_t length_at(const uint8_t *at)
{
    return HEAD + ((size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3]);
}

/* The next message, if all of it is there. */
static bool next_message(const covey_tls *t, covey_bytes *message)
{
    const uint8_t *at = t->memory + t->in_pos;
    size_t left = t->in_len - t->in_pos;

    if (left < HEAD || length_at(at) > left) {
        return false;
    }
    *message = covey_bytes_of(at, length_at(at));
    return true;
}

static covey_status unexpected(covey_tls *t, const char *why)
{
    return covey__tls_fail(t, COVEY_TLS_UNEXPECTED_MESSAGE, why,
                           "RFC 8446 Section 4");
}

/* Behind the handler: transcript, keys, state. */
static covey_status conclude(covey_tls *t, covey_time now,
                             const struct tls_step *step, covey_bytes message)
{
    covey_status st =
        covey__tls_host(t, covey__tls_transcript_add(t, message));

    if (st != COVEY_OK) {
        return st;
    }
    if (step->alone && t->in_len != t->in_pos + message.len) {
        return unexpected(t, "a message stands in the same record as one "
                             "that changes keys");
    }
    if (step->after) {
        st = step->after(t, now);
    }
    if (st != COVEY_OK || t->state == ENDED) {
        return st;
    }
    t->in_pos += message.len;
    t->state = t->next_state;
    return COVEY_OK;
}

static covey_status one_message(covey_tls *t, covey_time now,
                                covey_bytes message)
{
    unsigned type = message_of(message);
    const struct tls_step *step = t->is_server
                                      ? covey__tls_server_step(t->state, type)
                                      : covey__tls_client_step(t->state, type);
    covey_status st = COVEY_OK;

    if (!step) {
        return unexpected(t, "this message may not come here");
    }
    t->next_state = step->next;
    st = step->handle(t, now,
                      covey_bytes_of(message.ptr + HEAD, message.len - HEAD));
    if (st != COVEY_OK || t->waiting != WAITING_FOR_NOTHING) {
        return st;
    }
    return conclude(t, now, step, message);
}

/* A message that would not fit is known by its first four bytes. */
static covey_status check_size(covey_tls *t)
{
    if (t->in_len - t->in_pos >= HEAD &&
        length_at(t->memory + t->in_pos) > t->memory_cap - t->pinned) {
        return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                               "a message is larger than what is taken",
                               "RFC 8446 Section 4");
    }
    return COVEY_OK;
}

covey_status covey__tls_run(covey_tls *t, covey_time now)
{
    covey_status st = COVEY_OK;

    while (st == COVEY_OK && t->state != ENDED &&
           t->waiting == WAITING_FOR_NOTHING &&
           (t->happened & HAPPENED(COVEY_TLS_TICKET)) == 0) {
        covey_bytes message;
        if (!next_message(t, &message)) {
            return check_size(t);
        }
        st = one_message(t, now, message);
    }
    return st;
}

covey_status covey__tls_on_finished(covey_tls *t, covey_time now,
                                    covey_bytes body)
{
    uint8_t right[COVEY_TLS_HASH_MAX];
    covey_status st = COVEY_OK;
    bool same = false;

    (void)now;
    if (body.len != tls_suite_of(t)->hash_len) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "Finished is not as long as the hash",
                               "RFC 8446 Section 4.4.4");
    }
    st = covey__tls_verify_data(t, tls_peer_side(t), right);
    same = st == COVEY_OK && covey_secret_equal(right, body.ptr, body.len);
    covey_wipe(right, sizeof right);
    if (st != COVEY_OK) {
        return covey__tls_host(t, st);
    }
    return same ? COVEY_OK
                : covey__tls_fail(t, COVEY_TLS_DECRYPT_ERROR,
                                  "Finished is wrong",
                                  "RFC 8446 Section 4.4.4");
}

covey_status covey__tls_on_key_update(covey_tls *t, covey_time now,
                                      covey_bytes body)
{
    uint8_t *secret = t->traffic_secret[tls_peer_side(t)];
    covey_status st = COVEY_OK;

    (void)now;
    if (body.len != 1) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "KeyUpdate has one byte",
                               "RFC 8446 Section 4.6.3");
    }
    if (body.ptr[0] > 1) {
        return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                               "KeyUpdate asks for something unknown",
                               "RFC 8446 Section 4.6.3");
    }
    if (++t->updates > UPDATES_MAX) {
        return unexpected(t, "too many KeyUpdates without data");
    }
    st = covey__tls_secret_next(t->config->crypto, tls_suite_of(t), secret);
    if (st == COVEY_OK) {
        st = covey__tls_use(t, &t->in, secret);
    }
    if (st == COVEY_OK && body.ptr[0] == 1 && !t->closed) {
        t->queue |= SEND_KEY_UPDATE | USE_NEXT_KEYS;
    }
    return covey__tls_host(t, st);
}

void covey__tls_connected(covey_tls *t, covey_time now)
{
    covey_wipe(t->handshake_secret, sizeof t->handshake_secret);
    t->early_left = 0;
    t->expires = COVEY_NEVER;
    if (t->peer.authenticated && t->peer.valid_until != INT64_MAX) {
        /* A session that is resumed has it from the first one. */
        int64_t left = now.unix_known ? t->peer.valid_until - now.unix_s : 0;
        t->expires = now.mono + (left > 0 ? (covey_ms)left * 1000 : 0);
    }
    if (t->is_server && covey__tls_may_ticket(t, now)) {
        t->queue |= SEND_TICKET;
    }
    t->happened |= HAPPENED(COVEY_TLS_CONNECTED);
}

/* --- sending ------------------------------------------------------------- */

static covey_status make_finished(covey_tls *t, covey_time now,
                                  covey_writer *w)
{
    uint8_t *to = covey_write_reserve(w, tls_suite_of(t)->hash_len);

    (void)now;
    return to ? covey__tls_verify_data(t, tls_own_side(t), to) : COVEY_E_ROOM;
}

static covey_status make_key_update(covey_tls *t, covey_time now,
                                    covey_writer *w)
{
    (void)now;
    covey_write_u8(w, t->ask_update ? 1 : 0);
    t->ask_update = false;
    return w->failed;
}

static covey_status use_handshake_keys(covey_tls *t, covey_time now)
{
    enum tls_side own = tls_own_side(t);
    covey_status st = COVEY_OK;

    (void)now;
    if (t->is_server) {
        st = covey__tls_derive_handshake(t);
    }
    if (st == COVEY_OK && t->is_server) {
        st = covey__tls_use(t, &t->in, t->handshake_secret[CLIENT]);
    }
    return st == COVEY_OK
               ? covey__tls_use(t, &t->out, t->handshake_secret[own])
               : st;
}

static covey_status use_application_keys(covey_tls *t, covey_time now)
{
    enum tls_side own = tls_own_side(t);
    covey_status st = COVEY_OK;

    if (t->is_server) {
        st = covey__tls_derive_application(t);
    }
    if (st == COVEY_OK) {
        st = covey__tls_use(t, &t->out, t->traffic_secret[own]);
    }
    if (st == COVEY_OK && !t->is_server) {
        st = covey__tls_derive_resumption(t);
    }
    if (st == COVEY_OK && !t->is_server) {
        t->state = CONNECTED;
        covey__tls_connected(t, now);
    }
    return st;
}

static covey_status use_next_keys(covey_tls *t, covey_time now)
{
    uint8_t *secret = t->traffic_secret[tls_own_side(t)];
    covey_status st =
        covey__tls_secret_next(t->config->crypto, tls_suite_of(t), secret);

    (void)now;
    return st == COVEY_OK ? covey__tls_use(t, &t->out, secret)
                          : covey__tls_host(t, st);
}

static covey_status dummy(covey_tls *t, covey_time now)
{
    (void)now;
    t->dummy_due = true;
    return COVEY_OK;
}

/* Either makes a message, or does something for which everything before it
 * must have left. In the order of tls_queue. */
static const struct row {
    uint16_t bit;
    uint8_t message;
    covey_status (*make)(covey_tls *t, covey_time now, covey_writer *w);
    covey_status (*act)(covey_tls *t, covey_time now);
} rows[] = {
    { SEND_DUMMY_FIRST, 0, NULL, dummy },
    { SEND_CLIENT_HELLO, CLIENT_HELLO, covey__tls_make_client_hello, NULL },
    { SEND_RETRY, SERVER_HELLO, covey__tls_make_retry, NULL },
    { SEND_SERVER_HELLO, SERVER_HELLO, covey__tls_make_server_hello, NULL },
    { SEND_DUMMY, 0, NULL, dummy },
    { USE_HANDSHAKE_KEYS, 0, NULL, use_handshake_keys },
    { SEND_ENCRYPTED_EXTENSIONS, ENCRYPTED_EXTENSIONS,
      covey__tls_make_encrypted_extensions, NULL },
    { SEND_CERTIFICATE_REQUEST, CERTIFICATE_REQUEST, covey__tls_make_request,
      NULL },
    { SEND_CERTIFICATE, CERTIFICATE, covey__tls_make_certificate, NULL },
    { SEND_CERTIFICATE_VERIFY, CERTIFICATE_VERIFY, covey__tls_make_verify,
      NULL },
    { SEND_FINISHED, FINISHED, make_finished, NULL },
    { USE_APPLICATION_KEYS, 0, NULL, use_application_keys },
    { SEND_TICKET, NEW_SESSION_TICKET, covey__tls_make_ticket, NULL },
    { SEND_KEY_UPDATE, KEY_UPDATE, make_key_update, NULL },
    { USE_NEXT_KEYS, 0, NULL, use_next_keys },
};

static const struct row *first_of(uint32_t queue)
{
    const struct row *row = rows;

    while ((queue & row->bit) == 0) {
        row++;
    }
    return row;
}

/* The message behind those that wait to leave. Nothing has changed if there is
 * no room, or somebody has to be asked. */
static covey_status make_message(covey_tls *t, covey_time now,
                                 const struct row *row)
{
    size_t start = t->in_len + t->out_len;
    covey_writer w = covey_writer_of(t->memory, t->memory_cap);
    size_t at = 0;
    covey_status st = COVEY_OK;

    w.pos = start;
    covey_write_u8(&w, row->message);
    at = covey__tls_begin(&w, 3);
    st = w.failed == COVEY_OK ? row->make(t, now, &w) : w.failed;
    covey__tls_end(&w, 3, at);
    if (st == COVEY_OK && t->waiting == WAITING_FOR_NOTHING) {
        st = covey__tls_transcript_add(
            t, covey_bytes_of(t->memory + start, w.pos - start));
        t->out_len = w.pos - t->in_len;
    }
    return st;
}

covey_status covey__tls_make(covey_tls *t, covey_time now)
{
    while (t->queue != 0 && t->waiting == WAITING_FOR_NOTHING &&
           t->logged == 0 && !t->dummy_due && t->state != ENDED) {
        const struct row *row = first_of(t->queue);
        bool pending = t->out_len > t->out_pos;
        covey_status st = COVEY_OK;
        if (row->act && pending) {
            return COVEY_OK;
        }
        if (!pending) {
            t->out_len = t->out_pos = 0;
        }
        t->queue &= ~(uint32_t)row->bit;
        st = row->act ? row->act(t, now) : make_message(t, now, row);
        if (t->waiting != WAITING_FOR_NOTHING ||
            (st == COVEY_E_ROOM && pending)) {
            t->queue |= row->bit;
            return COVEY_OK;
        }
        if (st != COVEY_OK) {
            return covey__tls_host(t, st);
        }
    }
    return COVEY_OK;
}
