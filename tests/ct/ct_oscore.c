/* SPDX-License-Identifier: BSD-2-Clause */
/* OSCORE from a secret Master Secret to the original message: neither key, nor
 * Common IV, nor nonce is branched on or indexed by. */
#include "ct.h"

#include <covey/oscore.h>

#include <string.h>

#define SPAN(literal)                                                         \
    covey_bytes_of((const uint8_t *)(literal), sizeof(literal) - 1)

enum {
    ROOM = 128
};

/* PUT /light with a payload, and its response. */
static const uint8_t request[] = "\x41\x03\x00\x01\xab\xb5light\xff"
                                 "on";
static const uint8_t response[] = "\x61\x44\x00\x01\xab";

struct end {
    covey_oscore_context context;
    covey_oscore_exchange exchange;
};

static uint8_t scratch[ROOM];
static const covey_oscore_work work = { .scratch = scratch,
                                        .scratch_cap = ROOM };

static bool open_end(struct end *e, covey_bytes own, covey_bytes peer)
{
    static uint8_t secret[16] = "0123456789abcde";
    static uint8_t salt[8] = "9e7ca92";
    const covey_oscore_parameters p = {
        .aead = COVEY_AES_CCM_16_64_128,
        .hkdf = COVEY_HMAC_256_256,
        .master_secret = covey_bytes_of(secret, sizeof secret),
        .master_salt = covey_bytes_of(salt, sizeof salt),
        .sender_id = own,
        .recipient_id = peer,
    };
    const covey_oscore_start start = { .window_in_memory = true };
    const covey_oscore_state some = { 64, COVEY_OSCORE_WINDOW_LOST };

    ct_poison(secret, sizeof secret);
    ct_poison(salt, sizeof salt);
    return covey_oscore_setup(&e->context, &ct_provider, &p, &start) ==
               COVEY_OK &&
           covey_oscore_stored(&e->context, &some) == COVEY_OK;
}

/* The sent message, public from here on; 0 bytes after a failure. */
static size_t protect(struct end *e, covey_bytes plain, uint8_t wire[ROOM])
{
    covey_writer out = covey_writer_of(wire, ROOM);
    covey_coap_message m;
    covey_status st = covey_coap_parse(&m, plain);

    if (st == COVEY_OK && m.code < COVEY_COAP_CODE(1, 0)) {
        st = covey_oscore_protect_request(&e->context, &e->exchange, &m, &work,
                                          &out);
    } else if (st == COVEY_OK) {
        st = covey_oscore_protect_response(&e->context, &e->exchange, &m,
                                           &work, &out);
    }
    ct_reveal(wire, out.pos);
    return st == COVEY_OK ? out.pos : 0;
}

static bool arrives(struct end *e, const uint8_t *wire, size_t len,
                    covey_bytes plain)
{
    uint8_t bytes[ROOM];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_oscore_received r;
    covey_coap_message m;
    covey_unprotect said;

    if (covey_coap_parse(&m, covey_bytes_of(wire, len)) != COVEY_OK) {
        return false;
    }
    said = m.code < COVEY_COAP_CODE(1, 0)
               ? covey_oscore_unprotect_request(&e->context, &e->exchange, &m,
                                                &work, &out, &r)
               : covey_oscore_unprotect_response(&e->context, &e->exchange, &m,
                                                 &work, &out, &r);
    return said == COVEY_UNPROTECT_FRESH &&
           covey_bytes_equal(covey_written(&out), plain);
}

bool ct_oscore(void)
{
    static struct end client;
    static struct end server;
    const covey_bytes ask = covey_bytes_of(request, sizeof request - 1);
    const covey_bytes answer = covey_bytes_of(response, sizeof response - 1);
    uint8_t wire[ROOM];
    bool good = open_end(&client, SPAN("c"), SPAN("s")) &&
                open_end(&server, SPAN("s"), SPAN("c"));
    size_t len = good ? protect(&client, ask, wire) : 0;

    good = good && arrives(&server, wire, len, ask) &&
           !arrives(&server, wire, len, ask);
    len = good ? protect(&server, answer, wire) : 0;
    good = good && arrives(&client, wire, len, answer);
    if (good) {
        wire[len - 1] ^= 1;
        good = !arrives(&client, wire, len, answer);
    }
    covey_oscore_drop(&client.context);
    covey_oscore_drop(&server.context);
    return good;
}

int ct_oscore_leaky(void)
{
    static volatile uint8_t table[256];
    static struct end client;
    int said;

    if (!open_end(&client, SPAN("c"), SPAN("s"))) {
        return 2;
    }
    said = table[client.context.common_iv[0]];
    covey_oscore_drop(&client.context);
    return said;
}
