/* SPDX-License-Identifier: BSD-2-Clause */
/* A group of two on the processor itself, with the provider of the tests, in
 * group mode and in pairwise mode. Ends with the depth of the stack, provider
 * included, which docs/performance.md quotes. */
#include "runner.h"

#include <covey/group.h>
#include <crypto/scripted/scripted.h>

#include <string.h>

#define SPAN(literal)                                                         \
    covey_bytes_of((const uint8_t *)(literal), sizeof(literal) - 1)

enum {
    ROOM = 200,
    CREDENTIAL = 64,
    SCRATCH = COVEY_GROUP_SCRATCH(ROOM, CREDENTIAL, 3)
};

/* PUT with Uri-Path, and a response with Content-Format. */
static const uint8_t request[] = "\x52\x03\x00\x01\xab\xcd\xb5light\x02on"
                                 "\xff{\"on\": true}";
static const uint8_t response[] = "\x52\x44\x00\x01\xab\xcd\xc1\x32\xff{}";

struct member {
    covey_group group;
    covey_group_recipient peer[1];
    covey_group_exchange exchange;
    covey_key private_key;
    uint8_t public_key[32];
    uint8_t credential[CREDENTIAL];
    uint8_t id;
};

static struct member client;
static struct member server;
static covey_group_answer answers[1];
static uint8_t scratch[SCRATCH];

/* One call, run by run_stack_of: of this member, with this message. */
static struct member *own;
static bool pairwise;
static covey_coap_message message;
static uint8_t output[ROOM];
static covey_writer out;
static covey_group_received received;
static covey_status status;
static covey_unprotect result;

static covey_group_work work_of(void)
{
    const covey_group_work work = {
        .message = { .scratch = scratch, .scratch_cap = sizeof scratch },
        .to = pairwise ? &own->peer[0] : NULL,
    };

    return work;
}

static void setup_one(void)
{
    const covey_group_parameters p = {
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = SPAN("gid"),
        .master_secret = SPAN("0123456789abcdef"),
        .gm_cred = SPAN("manager"),
    };
    const covey_group_start start = {
        .sender_id = covey_bytes_of(&own->id, 1),
        .credential = covey_bytes_of(own->credential, CREDENTIAL),
        .private_key = &own->private_key,
        .recipients = own->peer,
        .recipient_max = 1,
    };

    status = covey_group_setup(&own->group, &covey_toy, &p, &start);
}

static void protect(void)
{
    const covey_group_work work = work_of();
    const covey_bytes composed = { NULL, 0 };

    status = own == &client
                 ? covey_group_seal_request(&own->group, &own->exchange,
                                            &message, composed, &work, &out)
                 : covey_group_seal_response(&own->group, &own->exchange,
                                             &message, composed, &work, &out);
}

static void unprotect(void)
{
    const covey_group_work work = work_of();

    result =
        own == &server
            ? covey_group_unprotect_request(&own->group, &own->exchange,
                                            &message, &work, &out, &received)
            : covey_group_unprotect_response(&own->group, &own->exchange,
                                             &message, &work, &out, &received);
}

/* The deepest of its kind so far. */
struct depth {
    uint32_t setup;
    uint32_t protect;
    uint32_t unprotect;
};

static void run(void (*call)(void), uint32_t *deepest)
{
    uint32_t used;

    out = covey_writer_of(output, sizeof output);
    used = run_stack_of(call);
    *deepest = used > *deepest ? used : *deepest;
}

static void store(covey_group *g)
{
    covey_group_record record;

    while (covey_group_due(g, &record)) {
        CHECK(covey_group_stored(g, &record) == COVEY_OK);
    }
}

static void make_key(struct member *m, uint8_t id)
{
    uint8_t seed[32];
    covey_writer w = covey_writer_of(m->public_key, sizeof m->public_key);

    m->id = id;
    memset(seed, id, sizeof seed);
    memset(m->credential, id, sizeof m->credential);
    CHECK(covey_toy.private_key(NULL, COVEY_ED25519,
                                covey_bytes_of(seed, sizeof seed),
                                &m->private_key) == COVEY_OK);
    CHECK(covey_toy.public_of(NULL, &m->private_key, &w) == COVEY_OK);
}

static void join(struct member *m, const struct member *other, struct depth *d)
{
    const covey_group_member row = {
        .id = covey_bytes_of(&other->id, 1),
        .credential = covey_bytes_of(other->credential, CREDENTIAL),
        .public_key = covey_bytes_of(other->public_key, 32),
        .number = COVEY_GROUP_NUMBER_UNKNOWN,
    };

    run_case("setup");
    own = m;
    run(setup_one, &d->setup);
    CHECK(status == COVEY_OK);
    CHECK(covey_group_add(&m->group, &row, NULL) == COVEY_OK);
    store(&m->group);
}

static void send(struct member *from, struct member *to, covey_bytes plain,
                 struct depth *d)
{
    static uint8_t wire[ROOM];
    size_t len;

    own = from;
    CHECK(covey_coap_parse(&message, plain) == COVEY_OK);
    run(protect, &d->protect);
    CHECK(status == COVEY_OK);
    len = out.pos;
    memcpy(wire, output, len);

    own = to;
    CHECK(covey_coap_parse(&message, covey_bytes_of(wire, len)) == COVEY_OK);
    /* The last byte of the tag, or of the signature. */
    wire[len - 1] ^= 1;
    run(unprotect, &d->unprotect);
    CHECK(result == COVEY_UNPROTECT_REFUSED && out.pos == 0);
    CHECK(received.base.fault == (pairwise ? COVEY_OSCORE_NOT_DECRYPTED
                                           : COVEY_OSCORE_BAD_SIGNATURE));
    wire[len - 1] ^= 1;
    run(unprotect, &d->unprotect);
    CHECK(result == COVEY_UNPROTECT_FRESH ||
          result == COVEY_UNPROTECT_FRESH_ONCE_STORED);
    CHECK(covey_bytes_equal(covey_written(&out), plain));
    store(&to->group);
    run(unprotect, &d->unprotect);
    CHECK(result == COVEY_UNPROTECT_REFUSED);
}

static void talk(bool in_pairwise_mode, struct depth *d)
{
    run_case(in_pairwise_mode ? "pairwise mode" : "group mode");
    pairwise = in_pairwise_mode;
    memset(&client.exchange, 0, sizeof client.exchange);
    client.exchange.answers = answers;
    client.exchange.answer_max = 1;
    send(&client, &server, covey_bytes_of(request, sizeof request - 1), d);
    send(&server, &client, covey_bytes_of(response, sizeof response - 1), d);
}

int main(void)
{
    struct depth d = { 0, 0, 0 };

    make_key(&client, 'c');
    make_key(&server, 's');
    join(&client, &server, &d);
    join(&server, &client, &d);
    talk(false, &d);
    talk(true, &d);
    run_print_number("stack group_setup", d.setup, "bytes");
    run_print_number("stack group_protect", d.protect, "bytes");
    run_print_number("stack group_unprotect", d.unprotect, "bytes");
    return run_result();
}
