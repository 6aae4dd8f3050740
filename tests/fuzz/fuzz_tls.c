/* SPDX-License-Identifier: BSD-2-Clause */
/* Both roles of the engine against a peer that has the keys. The first byte of
 * the input says what is configured, the second when the peer goes mad: after
 * so many records of an honest handshake. What follows are records of the
 * peer, each a type, two bytes of length and content, sealed with its own keys
 * unless the type's upper bit is set: then they are raw bytes.
 *
 * With 64 in the first byte they stand instead for what an honest peer sends
 * in the handshake, one record for each that is opened: so every message comes
 * under its right keys. With 128 in the second both have certificates of ITS.
 *
 * An engine that has failed takes nothing more and has forgotten its secrets,
 * and all handles come back. */
#include "crypto/scripted/scripted.h"
#include "make.h"
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
static const covey_time now = {
    1000, 1610000000, true /* within the certificates of make.h */
};
static const uint8_t types[] = { COVEY_TLS_RAW_PUBLIC_KEY };
static const uint16_t only_p256[] = { COVEY_TLS_SECP256R1 };
static const covey_tls_psk psk = {
    .identity = { (const uint8_t *)"lamp 7", 6 },
    .secret = { (const uint8_t *)"sixteen bytes...", 16 },
    .hash = COVEY_SHA_256,
};

/* ITS: made once, the store and the signers anew for each input. */
static struct made root;
static struct made aa;
static struct made at[2];
static covey_its_known slots[2][3];
static covey_its_store stores[2];
static covey_its_signer signers[2];
static covey_bytes chains[2][2];
static covey_tls_its its_taken[2];
static const covey_tls_its_rule rules[] = { { .psid = 38 } };
static const uint8_t its_types[] = { COVEY_TLS_1609DOT2,
                                     COVEY_TLS_RAW_PUBLIC_KEY };
static covey_crypto replacing; /* of the one that is attacked */
static covey_reader *replacements;

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

static void set_up_its(int i)
{
    struct end *e = &ends[i];
    covey_its_finding why;

    if (root.cert.whole.ptr == NULL) {
        make_cert(&root, &make_root, NULL, 1, &crypto);
        make_cert(&aa, &make_aa, &root, 2, &crypto);
        make_cert(&at[0], &make_at, &aa, 3, &crypto);
        make_cert(&at[1], &make_at, &aa, 4, &crypto);
    }
    covey_its_store_init(&stores[i], slots[i], 3);
    must(covey_its_store_anchor(&stores[i], &crypto, root.cert.whole, &why) ==
         COVEY_OK);
    must(covey_its_signer_open(&signers[i], &crypto, at[i].cert.whole,
                               covey_bytes_of(at[i].secret, 32), NULL,
                               &why) == COVEY_OK);
    its_taken[i] = (covey_tls_its){ .store = &stores[i],
                                    .leap_seconds = COVEY_ITS_LEAP_SECONDS,
                                    .rules = rules,
                                    .rule_count = 1,
                                    .accept_wrapped = true };
    chains[i][0] = at[i].cert.whole;
    chains[i][1] = aa.cert.whole;
    e->credential = (covey_tls_credential){ .type = COVEY_TLS_1609DOT2,
                                            .entries = chains[i],
                                            .entry_count = 2,
                                            .signer = &signers[i],
                                            .psid = 38 };
    e->config.peer_types = its_types;
    e->config.peer_type_count = 2;
    e->config.its = &its_taken[i];
}

static void drop_its(int i)
{
    covey_its_signer_drop(&signers[i], &crypto);
    covey_its_store_clear(&stores[i], &crypto);
}

/* What was opened was a message of the handshake: the next record instead. */
static covey_status open_other(void *provider, covey_key *key,
                               covey_bytes nonce, covey_bytes aad,
                               covey_bytes sealed, covey_writer *out)
{
    size_t from = out->pos;
    covey_status st = crypto.open(provider, key, nonce, aad, sealed, out);

    if (st == COVEY_OK && out->pos > from &&
        out->base[out->pos - 1] == CONTENT_HANDSHAKE &&
        covey_read_left(replacements) > 3) {
        unsigned type = covey_read_u8(replacements);
        size_t len = covey_read_u16(replacements);
        size_t left = covey_read_left(replacements);
        covey_bytes body =
            covey_read_bytes(replacements, len < left ? len : left);
        if (body.len < out->cap - from && (type & 0x80) == 0) {
            out->pos = from;
            covey_write_bytes(out, body);
            covey_write_u8(out, (uint8_t)type);
        }
    }
    return st;
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
    if ((records & 128) != 0) {
        set_up_its(0);
        set_up_its(1);
    }
    if ((how & 64) != 0) {
        replacing = crypto;
        replacing.open = open_other;
        replacements = &r;
        (server_is_mad ? client : server)->config.crypto = &replacing;
    }
    server->config.groups = only_p256;
    server->config.group_count = (how & 4) != 0;
    must(covey_tls_client(&client->t, &client->config,
                          covey_writer_of(client->memory, 2048),
                          covey_bytes_of(NULL, 0), NULL) == COVEY_OK);
    must(covey_tls_server(&server->t, &server->config,
                          covey_writer_of(server->memory, 2048)) == COVEY_OK);
    converse((how & 64) != 0 ? 100 : records % 16);
    attack(server_is_mad ? server : client, server_is_mad ? client : server,
           &r);
    covey_tls_drop(&client->t);
    covey_tls_drop(&server->t);
    if ((records & 128) != 0) {
        drop_its(0);
        drop_its(1);
    }
    crypto.key_drop(crypto.provider, &client->key);
    crypto.key_drop(crypto.provider, &server->key);
    must(scripted.live == 0);
    return 0;
}
