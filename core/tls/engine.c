/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of covey/tls.h that drive a connection: records in, records
 * out, events, data. */
#include "tls_internal.h"

enum {
    DUMMIES_MAX = 4,  /* change_cipher_spec records that are dropped */
    EMPTIES_MAX = 32, /* records without content in a row */
    KEY_LIMIT = 1 << 23
};

static bool in_handshake(const covey_tls *t)
{
    return t->state != CONNECTED && t->state != ENDED;
}

static bool sending(const covey_tls *t)
{
    return t->queue != 0 || t->out_len > t->out_pos || t->dummy_due ||
           t->alert_pending;
}

/* Nothing is taken while something has to leave or to be answered first. */
static bool blocked(const covey_tls *t)
{
    return sending(t) || t->waiting != WAITING_FOR_NOTHING || t->logged != 0 ||
           (t->happened & HAPPENED(COVEY_TLS_TICKET)) != 0;
}

/* --- begin and end ------------------------------------------------------- */

static covey_status start(covey_tls *t, const covey_tls_config *config,
                          covey_writer memory)
{
    memset(t, 0, sizeof *t);
    t->config = config;
    t->memory = memory.base;
    t->memory_cap = memory.cap;
    t->peer_limit = COVEY_TLS_PLAIN_MAX;
    t->own_limit = COVEY_TLS_PLAIN_MAX;
    t->expires = COVEY_NEVER;
    return config->crypto && memory.cap >= 512 ? COVEY_OK : COVEY_E_ARGUMENT;
}

static covey_status draw(covey_tls *t, uint8_t *to, size_t len)
{
    covey_writer w = covey_writer_of(to, len);

    return t->config->crypto->random(t->config->crypto->provider, &w);
}

covey_status covey_tls_client(covey_tls *t, const covey_tls_config *config,
                              covey_writer memory, covey_bytes server_name,
                              const covey_tls_session *session)
{
    covey_status st = start(t, config, memory);

    if (st != COVEY_OK || server_name.len > COVEY_TLS_NAME_MAX) {
        return COVEY_E_ARGUMENT;
    }
    st = draw(t, t->client_random, 32);
    if (st == COVEY_OK && config->compatible) {
        t->session_id_len = 32;
        st = draw(t, t->session_id, 32);
    }
    if (st != COVEY_OK) {
        return st;
    }
    if (server_name.len > 0) {
        memcpy(t->name, server_name.ptr, server_name.len);
        t->name_len = (uint8_t)server_name.len;
    }
    t->session = session;
    t->state = WAIT_SERVER_HELLO;
    t->queue = SEND_CLIENT_HELLO;
    return COVEY_OK;
}

covey_status covey_tls_server(covey_tls *t, const covey_tls_config *config,
                              covey_writer memory)
{
    covey_status st = start(t, config, memory);

    if (st == COVEY_OK) {
        st = draw(t, t->server_random, 32);
    }
    t->is_server = true;
    t->state = WAIT_CLIENT_HELLO;
    return st;
}

void covey_tls_drop(covey_tls *t)
{
    if (t->config) {
        covey__tls_forget(t);
        covey__tls_half_drop(t->config->crypto, &t->out);
        covey_wipe(t, sizeof *t);
    }
}

/* --- receiving ----------------------------------------------------------- */

static covey_status unexpected(covey_tls *t, const char *why)
{
    return covey__tls_fail(t, COVEY_TLS_UNEXPECTED_MESSAGE, why,
                           "RFC 8446 Section 5");
}

/* Only the one byte 01, and only during the handshake (Section 5). */
static covey_status on_dummy(covey_tls *t, covey_bytes body)
{
    bool first = t->is_server && t->state == WAIT_CLIENT_HELLO;

    if (!in_handshake(t) || first || t->in_len > t->in_pos || body.len != 1 ||
        body.ptr[0] != 1 || ++t->dummies > DUMMIES_MAX) {
        return unexpected(t, "a change_cipher_spec record is not one that may "
                             "be ignored");
    }
    return COVEY_OK;
}

/* What is done with makes room for what comes. */
static void compact(covey_tls *t)
{
    size_t left = t->in_len - t->in_pos;

    if (t->in_pos > t->pinned) {
        if (left > 0) {
            memmove(t->memory + t->pinned, t->memory + t->in_pos, left);
        }
        t->in_pos = t->pinned;
        t->in_len = t->pinned + left;
    }
    t->out_len = t->out_pos = 0;
}

static covey_status on_handshake(covey_tls *t, covey_time now,
                                 covey_bytes body)
{
    if (body.len == 0) {
        return unexpected(t, "a handshake record is empty");
    }
    compact(t);
    if (body.len > t->memory_cap - t->in_len) {
        return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                               "messages are larger than what is taken",
                               "RFC 8446 Section 4");
    }
    memcpy(t->memory + t->in_len, body.ptr, body.len);
    t->in_len += body.len;
    return covey__tls_run(t, now);
}

static covey_status on_data(covey_tls *t, size_t len)
{
    if (t->state != CONNECTED) {
        return unexpected(t, "data came before the handshake was done");
    }
    if (len > 0) {
        t->empties = 0;
        t->updates = 0;
        return COVEY_OK;
    }
    return ++t->empties > EMPTIES_MAX
               ? unexpected(t, "too many records without content")
               : COVEY_OK;
}

/* Content of a record; `plain` keeps it only if it is data. */
static covey_status on_content(covey_tls *t, covey_time now, unsigned type,
                               covey_bytes body)
{
    if (type != CONTENT_HANDSHAKE && t->in_len > t->in_pos) {
        return unexpected(t, "a message is interrupted by another record");
    }
    if (type == CONTENT_HANDSHAKE) {
        return on_handshake(t, now, body);
    }
    if (type == CONTENT_ALERT) {
        return covey__tls_on_alert(t, body);
    }
    return type == CONTENT_APPLICATION_DATA
               ? on_data(t, body.len)
               : unexpected(t, "a record has no type that is protected");
}

/* 0-RTT data that was offered and is not wanted (Section 4.2.10). */
static bool skip_early(covey_tls *t, size_t len)
{
    if (!t->is_server || t->early_left == 0 || t->in.sequence != 0) {
        return false;
    }
    t->early_left -= len < t->early_left ? (uint32_t)len : t->early_left;
    return t->early_left > 0;
}

static covey_status not_opened(covey_tls *t, covey_status st, size_t len)
{
    if (st == COVEY_E_AUTH) {
        return skip_early(t, len)
                   ? COVEY_OK
                   : covey__tls_fail(t, COVEY_TLS_BAD_RECORD_MAC,
                                     "a record does not open",
                                     "RFC 8446 Section 5.2");
    }
    if (st == COVEY_E_FORMAT) {
        return unexpected(t, "a record has no content type");
    }
    if (st == COVEY_E_RANGE) {
        return covey__tls_fail(t, COVEY_TLS_RECORD_OVERFLOW,
                               "a record holds more than it may",
                               "RFC 8446 Section 5.4");
    }
    return covey__tls_host(t, st);
}

static covey_status on_protected(covey_tls *t, covey_time now,
                                 covey_bytes body, covey_writer *plain)
{
    size_t start = plain->pos;
    uint8_t type = 0;
    covey_status st = COVEY_OK;

    if (plain->cap - start < body.len) {
        return COVEY_E_ROOM;
    }
    st = covey__tls_record_open(t->config->crypto, &t->in, body, t->own_limit,
                                plain, &type);
    if (st != COVEY_OK) {
        return not_opened(t, st, body.len);
    }
    t->early_left = 0;
    size_t len = plain->pos - start;
    st = on_content(t, now, type, covey_bytes_of(plain->base + start, len));
    if (type != CONTENT_APPLICATION_DATA || st != COVEY_OK) {
        covey_wipe(plain->base + start, len);
        plain->pos = start;
    }
    return st;
}

static covey_status on_plain(covey_tls *t, covey_time now, unsigned type,
                             covey_bytes body)
{
    if (type == CONTENT_APPLICATION_DATA) {
        return t->state == WAIT_SECOND_HELLO && skip_early(t, body.len)
                   ? COVEY_OK
                   : unexpected(t, "protected data came without keys");
    }
    return on_content(t, now, type, body);
}

static covey_status on_record(covey_tls *t, covey_time now,
                              struct tls_record head, covey_bytes body,
                              covey_writer *plain)
{
    if (head.type == CONTENT_CHANGE_CIPHER_SPEC) {
        return on_dummy(t, body);
    }
    if (!t->in.on) {
        return on_plain(t, now, head.type, body);
    }
    if (head.type == CONTENT_APPLICATION_DATA) {
        return on_protected(t, now, body, plain);
    }
    /* A client that has no keys yet says so in the clear. */
    if (head.type == CONTENT_ALERT && t->is_server && in_handshake(t) &&
        t->in.sequence == 0) {
        return covey__tls_on_alert(t, body);
    }
    return unexpected(t, "a record is not protected");
}

covey_status covey_tls_receive(covey_tls *t, covey_time now, covey_bytes in,
                               size_t *taken, covey_writer *plain)
{
    struct tls_record head;
    covey_status st = COVEY_OK;

    *taken = 0;
    t->now = now;
    if (t->state == ENDED) {
        return COVEY_E_STATE;
    }
    if (t->peer_closed) {
        *taken = in.len;
        return COVEY_OK;
    }
    if (blocked(t)) {
        return COVEY_OK;
    }
    st = covey__tls_record_head(in, t->in.on || t->early_left > 0, &head);
    if (st == COVEY_E_SHORT ||
        (st == COVEY_OK && in.len - RECORD_HEAD < head.len)) {
        return COVEY_OK;
    }
    if (st != COVEY_OK) {
        return st == COVEY_E_FORMAT
                   ? unexpected(t, "this is no record of TLS 1.3")
                   : covey__tls_fail(t, COVEY_TLS_RECORD_OVERFLOW,
                                     "a record is longer than it may be",
                                     "RFC 8446 Section 5.1");
    }
    st = on_record(t, now, head,
                   covey_bytes_of(in.ptr + RECORD_HEAD, head.len), plain);
    if (st != COVEY_E_ROOM) {
        *taken = (size_t)RECORD_HEAD + head.len;
    }
    return st;
}

/* --- sending ------------------------------------------------------------- */

static size_t padding_for(const covey_tls *t, size_t len)
{
    size_t unit = t->config->padding;
    size_t room = t->peer_limit - len;
    size_t pad = unit > 1 && t->out.on ? (unit - (len + 1) % unit) % unit : 0;

    return pad < room ? pad : room;
}

/* One record of up to what the peer takes and the writer has room for. How
 * much of it left. */
static covey_status one_record(covey_tls *t, unsigned type, covey_bytes from,
                               covey_writer *out, size_t *taken)
{
    size_t over = RECORD_HEAD + (t->out.on ? 1u + t->out.tag_len : 0);
    size_t room = out->cap - out->pos;
    size_t len = from.len < t->peer_limit ? from.len : t->peer_limit;
    size_t pad = 0;
    covey_status st = COVEY_OK;

    *taken = 0;
    if (room <= over && from.len > 0) {
        return COVEY_E_ROOM;
    }
    len = len < room - over ? len : room - over;
    pad = padding_for(t, len);
    pad = pad < room - over - len ? pad : room - over - len;
    st = covey__tls_record_seal(t->config->crypto, &t->out,
                                (struct tls_record){ (uint8_t)type, 0 },
                                covey_bytes_of(from.ptr, len), pad, out);
    *taken = st == COVEY_OK ? len : 0;
    return st;
}

/* The last record; then the key goes, too. */
static bool send_alert(covey_tls *t, covey_writer *out)
{
    uint8_t alert[2] = { t->alert == COVEY_TLS_CLOSE_NOTIFY ? 1 : 2,
                         t->alert };
    size_t taken = 0;
    covey_status st =
        one_record(t, CONTENT_ALERT, covey_bytes_of(alert, 2), out, &taken);

    if (st == COVEY_E_ROOM) {
        return false;
    }
    t->alert_pending = false;
    if (t->state == ENDED) {
        covey__tls_half_drop(t->config->crypto, &t->out);
    }
    return st == COVEY_OK;
}

static bool send_dummy(covey_tls *t, covey_writer *out)
{
    static const uint8_t record[] = {
        CONTENT_CHANGE_CIPHER_SPEC, 3, 3, 0, 1, 1
    };

    if (out->cap - out->pos < sizeof record) {
        return false;
    }
    covey_write_bytes(out, covey_bytes_of(record, sizeof record));
    t->dummy_due = false;
    return true;
}

bool covey_tls_transmit(covey_tls *t, covey_time now, covey_writer *out)
{
    covey_bytes waiting;
    size_t taken = 0;

    t->now = now;
    if (t->state == CONNECTED && now.mono >= t->expires) {
        (void)covey__tls_fail(t, COVEY_TLS_CERTIFICATE_EXPIRED,
                              "the peer's certificate has expired",
                              "RFC 8902 Section 7.2");
    }
    if (!t->dummy_due) {
        (void)covey__tls_make(t, now);
    }
    waiting = covey_bytes_of(t->memory + t->in_len + t->out_pos,
                             t->out_len - t->out_pos);
    if (waiting.len > 0) {
        covey_status st =
            one_record(t, CONTENT_HANDSHAKE, waiting, out, &taken);
        if (st != COVEY_OK && st != COVEY_E_ROOM) {
            (void)covey__tls_host(t, st);
        }
        t->out_pos += taken;
        if (taken > 0) {
            return true;
        }
    }
    if (t->dummy_due) {
        return send_dummy(t, out);
    }
    return t->alert_pending && send_alert(t, out);
}

covey_status covey_tls_send(covey_tls *t, covey_time now, covey_bytes data,
                            size_t *taken, covey_writer *out)
{
    uint32_t limit =
        t->config->key_limit ? t->config->key_limit : (uint32_t)KEY_LIMIT;
    covey_status st = COVEY_OK;

    *taken = 0;
    if (t->state != CONNECTED || t->closed || now.mono >= t->expires) {
        return COVEY_E_STATE;
    }
    if (sending(t) || data.len == 0) {
        return COVEY_OK;
    }
    st = one_record(t, CONTENT_APPLICATION_DATA, data, out, taken);
    if (st != COVEY_OK && st != COVEY_E_ROOM) {
        return covey__tls_host(t, st);
    }
    if (t->out.sequence >= limit) {
        t->queue |= SEND_KEY_UPDATE | USE_NEXT_KEYS;
    }
    return st;
}

covey_status covey_tls_update(covey_tls *t, bool peer_too)
{
    if (t->state != CONNECTED || t->closed) {
        return COVEY_E_STATE;
    }
    t->ask_update = t->ask_update || peer_too;
    t->queue |= SEND_KEY_UPDATE | USE_NEXT_KEYS;
    return COVEY_OK;
}

covey_status covey_tls_close(covey_tls *t)
{
    if (t->state == ENDED || t->closed) {
        return COVEY_E_STATE;
    }
    if (t->state != CONNECTED) {
        (void)covey__tls_fail(t, COVEY_TLS_USER_CANCELED,
                              "it was closed before it was open",
                              "RFC 8446 Section 6.1");
        return COVEY_OK;
    }
    t->closed = true;
    t->alert = COVEY_TLS_CLOSE_NOTIFY;
    t->alert_pending = true;
    return COVEY_OK;
}

covey_ms covey_tls_deadline(const covey_tls *t)
{
    return t->state == CONNECTED ? t->expires : COVEY_NEVER;
}
