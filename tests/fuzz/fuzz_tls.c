/* SPDX-License-Identifier: BSD-2-Clause */
/* Both roles of the engine against a peer that has the keys. The first byte of
 * the input says what is configured, the second when the peer goes mad: after
 * so many records of an honest handshake. What follows are records of the
 * peer, each a type, two bytes of length and content, sealed with its own keys
 * unless the type's upper bit is set: then they are raw bytes.
 *
 * An engine that has failed takes nothing more and has forgotten its secrets,
 * and all handles come back. */
#include "crypto/scripted/scripted.h"
#include "tls_internal.h"

#include <stdlib.h>

enum {
    ROOM = 1 << 16,
    SPKI = 44
};

struct end {
    covey_tls t;
    covey_tls_config config;
    covey_tls_credential credential;
    covey_bytes entry;
    uint8_t spki[SPKI];
    covey_key key;
    uint8_t memory[2048];
    uint8_t out[ROOM];
    size_t out_len;
};

static covey_scripted scripted;
static covey_crypto crypto;
static struct end ends[2];
static covey_tls_ticket rows[2];
static covey_tls_tickets tickets = { rows, 2, 0 };
static uint8_t plain[ROOM];
static const covey_time now = { 1000, 1800000000, true };
static const uint8_t types[] = { COVEY_TLS_RAW_PUBLIC_KEY };
static const uint16_t only_p256[] = { COVEY_TLS_SECP256R1 };
static const covey_tls_psk psk = {
    .identity = { (const uint8_t *)"lamp 7", 6 },
    .secret = { (const uint8_t *)"sixteen bytes...", 16 },
    .hash = COVEY_SHA_256,
};

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void set_up(struct end *e, unsigned how)
{
    static const uint8_t head[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                    0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
    uint8_t raw[32] = { 1 };
    covey_writer w = covey_writer_of(e->spki, sizeof e->spki);

    memset(e, 0, sizeof *e);
    must(crypto.private_key(crypto.provider, COVEY_ED25519,
                            covey_bytes_of(raw, 32), &e->key) == COVEY_OK);
    covey_write_bytes(&w, covey_bytes_of(head, sizeof head));
    must(crypto.public_of(crypto.provider, &e->key, &w) == COVEY_OK);
    e->entry = covey_written(&w);
    e->credential = (covey_tls_credential){ .type = COVEY_TLS_RAW_PUBLIC_KEY,
                                            .entries = &e->entry,
                                            .entry_count = 1,
                                            .scheme = COVEY_TLS_ED25519,
                                            .key = &e->key };
    e->config =
        (covey_tls_config){ .crypto = &crypto,
                            .credentials = &e->credential,
                            .credential_count = 1,
                            .peer_types = types,
                            .peer_type_count = 1,
                            .compatible = (how & 1) != 0,
                            .require_client = (how & 2) != 0,
                            .cookie = (how & 8) != 0,
                            .psks = &psk,
                            .psk_count = (how & 16) != 0,
                            .tickets = &tickets,
                            .record_size_limit = (how & 32) != 0 ? 100 : 0 };
}

static void events(struct end *e)
{
    const covey_tls_verdict trusted = { 0, NULL, INT64_MAX };
    covey_tls_report r;

    while (covey_tls_event(&e->t, &r)) {
        if (r.kind == COVEY_TLS_ASK_CHAIN) {
            must(r.entry_count > 0);
            (void)covey_tls_chain(&e->t, &trusted);
        }
    }
}

static void flush(struct end *e)
{
    covey_writer w = covey_writer_of(e->out + e->out_len, ROOM - e->out_len);

    events(e);
    while (covey_tls_transmit(&e->t, now, &w)) {
        events(e);
    }
    e->out_len += w.pos;
}

/* One record; how many bytes. */
static size_t give(struct end *e, covey_bytes bytes)
{
    covey_writer w = covey_writer_of(plain, sizeof plain);
    size_t taken = 0;
    covey_status st = covey_tls_receive(&e->t, now, bytes, &taken, &w);

    must(taken <= bytes.len);
    must(st == COVEY_OK || e->t.state == ENDED);
    events(e);
    return taken;
}

/* What is honest, up to so many records. */
static void converse(unsigned records)
{
    bool moved = true;

    for (unsigned i = 0; moved && records > 0; i ^= 1) {
        struct end *from = &ends[i];
        size_t done = 0;
        size_t taken = 1;
        flush(from);
        while (taken > 0 && records > 0) {
            taken = give(&ends[i ^ 1], covey_bytes_of(from->out + done,
                                                      from->out_len - done));
            done += taken;
            records -= taken > 0;
            flush(&ends[i ^ 1]);
        }
        memmove(from->out, from->out + done, from->out_len - done);
        from->out_len -= done;
        moved = done > 0 || i == 0;
    }
}

/* Records of the input, from `mad` to `e`. */
static void attack(struct end *mad, struct end *e, covey_reader *r)
{
    while (covey_read_left(r) > 3 && e->t.state != ENDED) {
        unsigned type = covey_read_u8(r);
        size_t len = covey_read_u16(r);
        covey_bytes body = covey_read_bytes(
            r, len < covey_read_left(r) ? len : covey_read_left(r));
        struct tls_record content = { (uint8_t)type, 0 };
        covey_writer w = covey_writer_of(mad->out, ROOM);
        if (type & 0x80) {
            covey_write_bytes(&w, body);
        } else if (body.len <= COVEY_TLS_PLAIN_MAX) {
            must(covey__tls_record_seal(&crypto, &mad->t.out, content, body, 0,
                                        &w) == COVEY_OK);
        }
        (void)give(e, covey_written(&w));
        flush(e);
        e->out_len = 0;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_reader r = covey_reader_of(covey_bytes_of(data, size));
    unsigned how = covey_read_u8(&r);
    unsigned records = covey_read_u8(&r);
    struct end *client = &ends[0];
    struct end *server = &ends[1];
    bool server_is_mad = (how & 128) != 0;

    covey_scripted_open(&scripted, NULL, &crypto);
    memset(rows, 0, sizeof rows);
    tickets.next = 0;
    set_up(client, how);
    set_up(server, how);
    server->config.groups = only_p256;
    server->config.group_count = (how & 4) != 0;
    must(covey_tls_client(&client->t, &client->config,
                          covey_writer_of(client->memory, 2048),
                          covey_bytes_of(NULL, 0), NULL) == COVEY_OK);
    must(covey_tls_server(&server->t, &server->config,
                          covey_writer_of(server->memory, 2048)) == COVEY_OK);
    converse(records % 16);
    attack(server_is_mad ? server : client, server_is_mad ? client : server,
           &r);
    covey_tls_drop(&client->t);
    covey_tls_drop(&server->t);
    crypto.key_drop(crypto.provider, &client->key);
    crypto.key_drop(crypto.provider, &server->key);
    must(scripted.live == 0);
    return 0;
}
