/* SPDX-License-Identifier: BSD-2-Clause */
/* Group OSCORE in both modes, from a secret Master Secret and secret private
 * keys to the original message: no key, no nonce, no shared secret and no
 * keystream is branched on or indexed by. */
#include "ct.h"

#include <covey/group.h>

#include <string.h>

#define SPAN(literal)                                                         \
    covey_bytes_of((const uint8_t *)(literal), sizeof(literal) - 1)

enum {
    ROOM = 256,
    SCRATCH = COVEY_GROUP_SCRATCH(ROOM, 32, 3)
};

static const uint8_t request[] = "\x41\x03\x00\x01\xab\xb5light\xff"
                                 "on";
static const uint8_t response[] = "\x61\x44\x00\x01\xab";

struct member {
    covey_group group;
    covey_group_recipient peer[1];
    covey_key private_key;
    uint8_t public_key[32];
    uint8_t id;
};

static struct member client;
static struct member server;
static covey_group_answer answers[1];
static covey_group_exchange asked;
static covey_group_exchange heard;
static uint8_t scratch[SCRATCH];

static bool make_key(struct member *m, uint8_t id)
{
    uint8_t seed[32];
    covey_writer w = covey_writer_of(m->public_key, sizeof m->public_key);

    m->id = id;
    memset(seed, id, sizeof seed);
    ct_poison(seed, sizeof seed);
    return ct_provider.private_key(NULL, COVEY_ED25519,
                                   covey_bytes_of(seed, sizeof seed),
                                   &m->private_key) == COVEY_OK &&
           ct_provider.public_of(NULL, &m->private_key, &w) == COVEY_OK;
}

static void store(covey_group *g)
{
    covey_group_record record;

    while (covey_group_due(g, &record) &&
           covey_group_stored(g, &record) == COVEY_OK) {
    }
}

static bool join(struct member *m, const struct member *other)
{
    static uint8_t secret[16] = "0123456789abcde";
    const covey_group_parameters p = {
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = SPAN("gid"),
        .master_secret = covey_bytes_of(secret, sizeof secret),
        .gm_cred = SPAN("manager"),
    };
    const covey_group_start start = {
        .sender_id = covey_bytes_of(&m->id, 1),
        .credential = covey_bytes_of(m->public_key, 32),
        .private_key = &m->private_key,
        .recipients = m->peer,
        .recipient_max = 1,
    };
    const covey_group_member row = {
        .id = covey_bytes_of(&other->id, 1),
        .credential = covey_bytes_of(other->public_key, 32),
        .public_key = covey_bytes_of(other->public_key, 32),
        .number = COVEY_GROUP_NUMBER_UNKNOWN,
    };

    ct_poison(secret, sizeof secret);
    if (covey_group_setup(&m->group, &ct_provider, &p, &start) != COVEY_OK ||
        covey_group_add(&m->group, &row, NULL) != COVEY_OK) {
        return false;
    }
    store(&m->group);
    return true;
}

static covey_group_work work_of(struct member *m, bool pairwise)
{
    const covey_group_work work = {
        .message = { .scratch = scratch, .scratch_cap = sizeof scratch },
        .to = pairwise ? &m->peer[0] : NULL,
    };

    return work;
}

/* The sent message, public from here on; 0 bytes after a failure. */
static size_t protect(struct member *from, bool pairwise, covey_bytes plain,
                      uint8_t wire[ROOM])
{
    const covey_group_work work = work_of(from, pairwise);
    const covey_bytes composed = { NULL, 0 };
    covey_writer out = covey_writer_of(wire, ROOM);
    covey_coap_message m;
    covey_status st = covey_coap_parse(&m, plain);

    if (st == COVEY_OK && from == &client) {
        st = covey_group_seal_request(&from->group, &asked, &m, composed,
                                      &work, &out);
    } else if (st == COVEY_OK) {
        st = covey_group_seal_response(&from->group, &heard, &m, composed,
                                       &work, &out);
    }
    ct_reveal(wire, out.pos);
    return st == COVEY_OK ? out.pos : 0;
}

static bool arrives(struct member *to, const uint8_t *wire, size_t len,
                    covey_bytes plain)
{
    const covey_group_work work = work_of(to, false);
    uint8_t bytes[ROOM];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_group_received r;
    covey_coap_message m;
    covey_unprotect said;

    if (covey_coap_parse(&m, covey_bytes_of(wire, len)) != COVEY_OK) {
        return false;
    }
    said = to == &server ? covey_group_unprotect_request(&to->group, &heard,
                                                         &m, &work, &out, &r)
                         : covey_group_unprotect_response(&to->group, &asked,
                                                          &m, &work, &out, &r);
    if (said == COVEY_UNPROTECT_FRESH_ONCE_STORED) {
        store(&to->group);
        said = COVEY_UNPROTECT_FRESH;
    }
    return said == COVEY_UNPROTECT_FRESH &&
           covey_bytes_equal(covey_written(&out), plain);
}

static bool exchange(bool pairwise)
{
    const covey_bytes ask = covey_bytes_of(request, sizeof request - 1);
    const covey_bytes answer = covey_bytes_of(response, sizeof response - 1);
    uint8_t wire[ROOM];
    size_t len;
    bool good;

    memset(&asked, 0, sizeof asked);
    asked.answers = answers;
    asked.answer_max = 1;
    len = protect(&client, pairwise, ask, wire);
    if (len == 0) {
        return false;
    }
    wire[len - 1] ^= 1;
    good = !arrives(&server, wire, len, ask);
    wire[len - 1] ^= 1;
    good = good && arrives(&server, wire, len, ask) &&
           !arrives(&server, wire, len, ask);
    len = protect(&server, pairwise, answer, wire);
    return good && len > 0 && arrives(&client, wire, len, answer);
}

bool ct_group(void)
{
    bool good = make_key(&client, 'c') && make_key(&server, 's') &&
                join(&client, &server) && join(&server, &client) &&
                exchange(false) && exchange(true);

    covey_group_drop(&client.group);
    covey_group_drop(&server.group);
    ct_provider.key_drop(NULL, &client.private_key);
    ct_provider.key_drop(NULL, &server.private_key);
    return good;
}
