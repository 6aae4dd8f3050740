/* SPDX-License-Identifier: BSD-2-Clause */
#include "pair.h"

static const uint8_t p256_head[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
                                     0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                     0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
                                     0x01, 0x07, 0x03, 0x42, 0x00 };
static const uint8_t p384_head[] = { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07,
                                     0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                                     0x01, 0x06, 0x05, 0x2b, 0x81, 0x04,
                                     0x00, 0x22, 0x03, 0x62, 0x00 };
static const uint8_t ed25519_head[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                        0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };

static covey_bytes head_of(int32_t curve)
{
    return curve == COVEY_P256 ? covey_bytes_of(p256_head, sizeof p256_head)
           : curve == COVEY_P384
               ? covey_bytes_of(p384_head, sizeof p384_head)
               : covey_bytes_of(ed25519_head, sizeof ed25519_head);
}

static uint16_t scheme_of(int32_t curve)
{
    return curve == COVEY_P256   ? COVEY_TLS_ECDSA_SECP256R1_SHA256
           : curve == COVEY_P384 ? COVEY_TLS_ECDSA_SECP384R1_SHA384
                                 : COVEY_TLS_ED25519;
}

/* A further credential of a side: a raw public key. */
static void add_credential(struct side *s, size_t at, int32_t curve,
                           uint8_t seed)
{
    const covey_crypto *c = s->config.crypto;
    uint8_t raw[48];
    covey_writer w = covey_writer_of(s->spki[at], sizeof s->spki[at]);

    memset(raw, seed, sizeof raw);
    CHECK_STATUS(
        COVEY_OK,
        c->private_key(c->provider, curve,
                       covey_bytes_of(raw, curve == COVEY_P384 ? 48 : 32),
                       &s->keys[at]));
    covey_write_bytes(&w, head_of(curve));
    CHECK_STATUS(COVEY_OK, c->public_of(c->provider, &s->keys[at], &w));
    s->entries[at] = covey_written(&w);
    s->credentials[at] = (covey_tls_credential){
        .type = COVEY_TLS_RAW_PUBLIC_KEY,
        .entries = &s->entries[at],
        .entry_count = 1,
        .scheme = scheme_of(curve),
        .key = &s->keys[at],
    };
}

static const uint8_t raw_only[] = { COVEY_TLS_RAW_PUBLIC_KEY };

static void open_side(struct side *s, const covey_crypto *crypto, uint8_t seed)
{
    s->config.crypto = crypto;
    s->config.peer_types = raw_only;
    s->config.peer_type_count = 1;
    s->config.credentials = s->credentials;
    s->config.credential_count = 2;
    s->memory_len = sizeof s->memory;
    s->verdict.valid_until = INT64_MAX;
    add_credential(s, 0, COVEY_P256, seed);
    add_credential(s, 1, COVEY_ED25519, seed);
}

void pair_open(struct pair *p, const covey_crypto *crypto)
{
    memset(p, 0, sizeof *p);
    p->now = (covey_time){ 1000, 1800000000, true };
    open_side(&p->client, crypto, 3);
    open_side(&p->server, crypto, 4);
}

static void restart(struct side *s)
{
    s->out_len = s->sent = s->data_len = 0;
    s->connected = s->peer_closed = s->failed = s->from_peer = false;
    s->has_session = false;
    s->alert = 0;
    s->why = NULL;
    s->chains = s->signatures = s->logged = 0;
}

void pair_start(struct pair *p)
{
    restart(&p->client);
    restart(&p->server);
    CHECK_STATUS(COVEY_OK,
                 covey_tls_client(
                     &p->client.t, &p->client.config,
                     covey_writer_of(p->client.memory, p->client.memory_len),
                     p->client.name, p->client.resume));
    CHECK_STATUS(COVEY_OK,
                 covey_tls_server(
                     &p->server.t, &p->server.config,
                     covey_writer_of(p->server.memory, p->server.memory_len)));
}

void pair_stop(struct pair *p)
{
    covey_tls_drop(&p->client.t);
    covey_tls_drop(&p->server.t);
}

static void close_side(struct side *s)
{
    for (size_t i = 0; i < PAIR_KEYS; i++) {
        s->config.crypto->key_drop(s->config.crypto->provider, &s->keys[i]);
    }
}

void pair_close(struct pair *p)
{
    pair_stop(p);
    close_side(&p->client);
    close_side(&p->server);
}

static void sign(struct side *s, const covey_tls_report *r)
{
    const covey_crypto *c = s->config.crypto;
    uint8_t sig[COVEY_SIGNATURE_MAX];
    covey_writer w = covey_writer_of(sig, sizeof sig);

    s->signatures++;
    if (s->wait) {
        return;
    }
    covey_status st =
        c->sign(c->provider, s->element != NULL ? s->element : &s->keys[0],
                COVEY_ES256, r->tbs, &w);
    assert_true(st == COVEY_OK || s->element_fails);
    (void)covey_tls_signature(&s->t, covey_written(&w));
}

static void take_session(struct side *s, const covey_tls_report *r)
{
    s->has_session = true;
    s->session = r->session;
    assert_true(r->session.ticket.len <= sizeof s->ticket);
    memcpy(s->ticket, r->session.ticket.ptr, r->session.ticket.len);
    s->session.ticket = covey_bytes_of(s->ticket, r->session.ticket.len);
}

static void failed(struct side *s, const covey_tls_report *r)
{
    assert_false(s->failed);
    s->failed = true;
    s->alert = r->alert;
    s->from_peer = r->from_peer;
    s->why = r->why;
    s->finding = r->its;
}

static void on_event(struct side *s, const covey_tls_report *r)
{
    switch (r->kind) {
    case COVEY_TLS_KEY_LOG:
        s->logged++;
        break;
    case COVEY_TLS_ASK_CHAIN:
        s->chains++;
        if (s->judge != NULL) {
            s->verdict.alert = s->judge(s, r);
        }
        (void)covey_tls_chain(&s->t, &s->verdict);
        break;
    case COVEY_TLS_ASK_ISSUER:
        s->chains++;
        (void)covey_tls_issuers(&s->t, s->issuers, s->issuer_count);
        break;
    case COVEY_TLS_ASK_SIGNATURE:
        sign(s, r);
        break;
    case COVEY_TLS_CONNECTED:
        s->connected = true;
        break;
    case COVEY_TLS_TICKET:
        take_session(s, r);
        break;
    case COVEY_TLS_PEER_CLOSED:
        s->peer_closed = true;
        break;
    case COVEY_TLS_FAILED:
        failed(s, r);
        break;
    }
}

static void events(struct side *s)
{
    covey_tls_report r;

    while (covey_tls_event(&s->t, &r)) {
        on_event(s, &r);
    }
}

void pair_flush(struct side *s, covey_time now)
{
    size_t before = s->out_len;
    bool more = true;

    while (more) {
        covey_writer w =
            covey_writer_of(s->out + s->out_len, PAIR_BUFFER - s->out_len);
        events(s);
        more = covey_tls_transmit(&s->t, now, &w);
        events(s);
        s->out_len += w.pos;
        /* What was asked for may have been answered. */
        more = more || (s->t.queue != 0 && !s->wait);
    }
    s->sent += s->out_len - before;
}

size_t pair_give(struct side *s, covey_time now, covey_bytes bytes)
{
    size_t done = 0;
    size_t taken = 1;

    while (taken > 0 && done < bytes.len && !s->failed) {
        covey_writer w =
            covey_writer_of(s->data + s->data_len, PAIR_BUFFER - s->data_len);
        covey_status st = covey_tls_receive(
            &s->t, now, covey_bytes_of(bytes.ptr + done, bytes.len - done),
            &taken, &w);
        done += taken;
        s->data_len += w.pos;
        events(s);
        pair_flush(s, now);
        if (st != COVEY_OK) {
            break;
        }
    }
    return done;
}

static bool move(struct side *from, struct side *to, covey_time now)
{
    size_t n = 0;

    pair_flush(from, now);
    if (from->tamper && from->out_len > 0) {
        from->tamper(from, from->user);
    }
    if (from->out_len == 0 || to->failed) {
        return false;
    }
    n = pair_give(to, now, covey_bytes_of(from->out, from->out_len));
    memmove(from->out, from->out + n, from->out_len - n);
    from->out_len -= n;
    return n > 0;
}

void pair_run(struct pair *p)
{
    bool moved = true;

    while (moved) {
        moved = move(&p->client, &p->server, p->now);
        moved = move(&p->server, &p->client, p->now) || moved;
    }
}

void pair_send(struct side *s, covey_time now, covey_bytes data)
{
    size_t taken = 0;

    for (size_t done = 0; done < data.len; done += taken) {
        covey_writer w;
        pair_flush(s, now);
        w = covey_writer_of(s->out + s->out_len, PAIR_BUFFER - s->out_len);
        CHECK_STATUS(COVEY_OK, covey_tls_send(&s->t, now,
                                              covey_bytes_of(data.ptr + done,
                                                             data.len - done),
                                              &taken, &w));
        assert_true(taken > 0);
        s->out_len += w.pos;
    }
}

void pair_connected(struct pair *p)
{
    if (p->client.failed || p->server.failed) {
        print_message("client: %s %s; server: %s %s\n",
                      covey_tls_alert_name(p->client.alert),
                      p->client.why ? p->client.why : "",
                      covey_tls_alert_name(p->server.alert),
                      p->server.why ? p->server.why : "");
    }
    assert_true(p->client.connected);
    assert_true(p->server.connected);
    assert_false(p->client.failed);
    assert_false(p->server.failed);
}

void pair_refused(const struct side *s, unsigned alert)
{
    assert_true(s->failed);
    if (s->from_peer || s->alert != alert) {
        print_message("%s alert %s: %s\n", s->from_peer ? "their" : "our",
                      covey_tls_alert_name(s->alert), s->why ? s->why : "");
    }
    assert_false(s->from_peer);
    assert_string_equal(covey_tls_alert_name(alert),
                        covey_tls_alert_name(s->alert));
}
