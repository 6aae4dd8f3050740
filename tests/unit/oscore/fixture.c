/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include <crypto/openssl/openssl.h>

static covey_oscore_parameters parameters_of(bool client)
{
    covey_oscore_parameters p = {
        .aead = COVEY_AES_CCM_16_64_128,
        .hkdf = COVEY_HMAC_256_256,
        .master_secret = SPAN("\x01\x02\x03\x04\x05\x06\x07\x08"
                              "\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10"),
        .master_salt = SPAN("\x9e\x7c\xa9\x22\x23\x78\x63\x40"),
    };

    p.sender_id = client ? SPAN("") : SPAN("\x01");
    p.recipient_id = client ? SPAN("\x01") : SPAN("");
    return p;
}

void pair_open_with(struct pair *p, const covey_oscore_start *client,
                    const covey_oscore_start *server)
{
    const covey_oscore_parameters c = parameters_of(true);
    const covey_oscore_parameters s = parameters_of(false);

    CHECK_STATUS(COVEY_OK, covey_openssl_open(&p->crypto));
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_setup(&p->client, &p->crypto, &c, client));
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_setup(&p->server, &p->crypto, &s, server));
}

void pair_open(struct pair *p)
{
    const covey_oscore_start fresh = { .ahead = 1024,
                                       .window_in_memory = true };

    pair_open_with(p, &fresh, &fresh);
    pair_store(&p->client);
    pair_store(&p->server);
}

void pair_close(struct pair *p)
{
    covey_oscore_drop(&p->client);
    covey_oscore_drop(&p->server);
    covey_openssl_close(&p->crypto);
}

void pair_store(covey_oscore_context *c)
{
    covey_oscore_state next;

    if (covey_oscore_due(c, &next)) {
        CHECK_STATUS(COVEY_OK, covey_oscore_stored(c, &next));
    }
}

struct buffers *buffers_new(void)
{
    static struct buffers b;

    memset(&b, 0, sizeof b);
    buffers_reset(&b);
    return &b;
}

void buffers_reset(struct buffers *b)
{
    b->work.scratch = b->scratch;
    b->work.scratch_cap = sizeof b->scratch;
    b->out = covey_writer_of(b->output, sizeof b->output);
}

covey_coap_message buffers_message(struct buffers *b, const char *hex)
{
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK, covey_coap_parse(
                               &m, kit_hex(hex, b->input, sizeof b->input)));
    return m;
}

void wire_parse(struct wire *w)
{
    CHECK_STATUS(COVEY_OK,
                 covey_coap_parse(&w->m, covey_bytes_of(w->bytes, w->len)));
}

void wire_of(struct wire *w, const char *hex)
{
    w->len = kit_hex(hex, w->bytes, sizeof w->bytes).len;
    wire_parse(w);
}

static void wire_take(struct wire *w, const struct buffers *b)
{
    memcpy(w->bytes, b->output, b->out.pos);
    w->len = b->out.pos;
    wire_parse(w);
}

void send_request(struct wire *w, covey_oscore_context *c,
                  covey_oscore_exchange *x, const char *hex)
{
    struct buffers *b = buffers_new();
    const covey_coap_message m = buffers_message(b, hex);

    CHECK_STATUS(COVEY_OK,
                 covey_oscore_protect_request(c, x, &m, &b->work, &b->out));
    wire_take(w, b);
}

void send_response(struct wire *w, covey_oscore_context *c,
                   covey_oscore_exchange *x, const char *hex, bool own_piv)
{
    struct buffers *b = buffers_new();
    const covey_coap_message m = buffers_message(b, hex);

    b->work.own_piv = own_piv;
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_protect_response(c, x, &m, &b->work, &b->out));
    wire_take(w, b);
}

covey_unprotect take_request(struct buffers *b, covey_oscore_context *c,
                             covey_oscore_exchange *x, const struct wire *w,
                             covey_oscore_received *r)
{
    buffers_reset(b);
    return covey_oscore_unprotect_request(c, x, &w->m, &b->work, &b->out, r);
}

covey_unprotect take_response(struct buffers *b, covey_oscore_context *c,
                              covey_oscore_exchange *x, const struct wire *w,
                              covey_oscore_received *r)
{
    buffers_reset(b);
    return covey_oscore_unprotect_response(c, x, &w->m, &b->work, &b->out, r);
}
