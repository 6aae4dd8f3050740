/* SPDX-License-Identifier: BSD-2-Clause */
/* What arrives at a server and at a client of a group. The first byte says
 * with which cryptography and policies, and how to read the rest: as a
 * datagram as it comes, delivered to the server and as a response to each of
 * three requests; or as an authentic exchange of any content: flags, two bytes
 * that say which bit is changed on the way at first, how many of the following
 * bytes are options of the original message, and a plaintext. */
#include "coap_oracle.h"

#include <covey/group.h>
#include <crypto/openssl/openssl.h>
#include <crypto/scripted/scripted.h>

#define TEXT(literal)                                                         \
    covey_bytes_of((const uint8_t *)(literal), sizeof(literal) - 1)
#define GID  TEXT("\xdd\x11")
#define CRED 10u /* of every credential: bytes */

/* Of the first byte. */
enum {
    AUTHENTIC = 0x01,
    REAL = 0x02,       /* crypto/openssl, not the toy */
    DROP_FIRST = 0x04, /* Section 7.2 of seed 002 */
    CTR = 0x08,        /* the Group Encryption Algorithm */
    UNICAST = 0x10
};

/* Of the flags of an authentic exchange. */
enum {
    PAIRWISE_REQUEST = 0x01,
    PAIRWISE_RESPONSE = 0x02,
    OWN_PIV = 0x04,
    KID = 0x08,
    KID_CONTEXT = 0x10
};

/* Members; the third is not here, and the server does not know its number. */
enum {
    CLIENT,
    SERVER,
    THIRD,
    MEMBERS
};

/* Requests that the client has sent. */
enum {
    GROUP,
    PAIRWISE,
    OBSERVE,
    ASKED
};

/* All that a message may, or may not, change. */
struct state {
    covey_group client;
    covey_group server;
    covey_group_recipient clients[2]; /* the client's table */
    covey_group_recipient servers[2]; /* the server's */
    covey_group_exchange asked[ASKED];
    covey_group_answer answers[ASKED][2];
    covey_group_exchange heard;
};

struct world {
    covey_crypto crypto;
    covey_key keys[MEMBERS];
    unsigned choice; /* the first byte */
    size_t bit;      /* that is changed */
    struct state now;
    uint8_t *out; /* of cap bytes */
    size_t cap;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static covey_bytes id_of(int member)
{
    return covey_bytes_of((const uint8_t *)"cst" + member, 1);
}

static covey_bytes credential_of(int member)
{
    static const char *const credentials[MEMBERS] = { "the client",
                                                      "the server",
                                                      "the others" };

    return covey_bytes_of((const uint8_t *)credentials[member], CRED);
}

static covey_group_parameters parameters(const struct world *w)
{
    const covey_group_parameters p = {
        .algorithms = { COVEY_AES_CCM_16_64_128,
                        w->choice & CTR ? COVEY_A128CTR
                                        : COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = GID,
        .master_secret = TEXT("secret"),
        .gm_cred = TEXT("a manager."),
    };

    return p;
}

static void store(covey_group *g)
{
    covey_group_record record;

    while (covey_group_due(g, &record)) {
        oracle(covey_group_stored(g, &record) == COVEY_OK);
    }
}

static void add(struct world *w, covey_group *g, int member, uint64_t number)
{
    uint8_t room[COVEY_PUBLIC_MAX];
    covey_writer out = covey_writer_of(room, sizeof room);
    covey_group_member m = {
        .id = id_of(member),
        .credential = credential_of(member),
        .number = number,
    };

    oracle(w->crypto.public_of(w->crypto.provider, &w->keys[member], &out) ==
           COVEY_OK);
    m.public_key = covey_written(&out);
    oracle(covey_group_add(g, &m, NULL) == COVEY_OK);
}

static void join(struct world *w, covey_group *g, int member,
                 covey_group_recipient table[2])
{
    const covey_group_parameters p = parameters(w);
    const covey_group_start start = {
        .sender_id = id_of(member),
        .credential = credential_of(member),
        .private_key = &w->keys[member],
        .recipients = table,
        .recipient_max = 2,
        .windows_invalid = true,
        .late = w->choice & DROP_FIRST ? COVEY_GROUP_LATE_DROP_FIRST
                                       : COVEY_GROUP_LATE_ECHO,
    };

    oracle(covey_group_setup(g, &w->crypto, &p, &start) == COVEY_OK);
    for (int other = 0; other < MEMBERS; other++) {
        if (other != member) {
            add(w, g, other, other == THIRD ? COVEY_GROUP_NUMBER_UNKNOWN : 0);
        }
    }
    store(g);
}

static void open_world(struct world *w)
{
    static const uint8_t seeds[MEMBERS][32] = { { 1 }, { 2 }, { 3 } };

    if (w->choice & REAL) {
        oracle(covey_openssl_open(&w->crypto) == COVEY_OK);
    } else {
        w->crypto = covey_toy;
    }
    for (int i = 0; i < MEMBERS; i++) {
        oracle(w->crypto.private_key(w->crypto.provider, COVEY_ED25519,
                                     covey_bytes_of(seeds[i], 32),
                                     &w->keys[i]) == COVEY_OK);
    }
    join(w, &w->now.client, CLIENT, w->now.clients);
    join(w, &w->now.server, SERVER, w->now.servers);
    for (int i = 0; i < ASKED; i++) {
        w->now.asked[i].answers = w->now.answers[i];
        w->now.asked[i].answer_max = 2;
    }
}

static void close_world(struct world *w)
{
    covey_group_drop(&w->now.client);
    covey_group_drop(&w->now.server);
    for (int i = 0; i < MEMBERS; i++) {
        w->crypto.key_drop(w->crypto.provider, &w->keys[i]);
    }
    if (w->choice & REAL) {
        covey_openssl_close(&w->crypto);
    }
}

/* Forgeries count, and keys may be derived before it is known that a message
 * is one: their rows look as they do now. */
static void forgive(covey_group_recipient *was, const covey_group_recipient *r)
{
    was->forged = r->forged;
    if (!was->has_key) {
        was->key = r->key;
        was->has_key = r->has_key;
    }
    if (!was->has_pairwise_in) {
        was->pairwise_in = r->pairwise_in;
        was->has_pairwise_in = r->has_pairwise_in;
    }
}

static bool same_bytes(const void *a, const void *b, size_t n)
{
    return memcmp(a, b, n) == 0;
}

/* Only what is authentic may leave a trace. */
static void untouched(struct state *was, const struct state *now)
{
    for (int i = 0; i < 2; i++) {
        forgive(&was->clients[i], &now->clients[i]);
        forgive(&was->servers[i], &now->servers[i]);
    }
    oracle(same_bytes(was, now, sizeof *now));
}

/* At the server, or as a response to what `x` asked; scratch of just the size
 * that is promised to be enough. */
static covey_unprotect receive(struct world *w, covey_group_exchange *x,
                               const covey_coap_message *m, size_t len,
                               covey_group_received *r)
{
    const size_t cap = COVEY_GROUP_SCRATCH(len, CRED, GID.len);
    const covey_group_work work = {
        .message = { .scratch = malloc(cap), .scratch_cap = cap },
        .unicast = (w->choice & UNICAST) != 0,
    };
    covey_writer out = covey_writer_of(w->out, w->cap);
    covey_unprotect result;
    covey_coap_message inside;

    oracle(work.message.scratch != NULL);
    memset(r, 0, sizeof *r);
    result = x == &w->now.heard
                 ? covey_group_unprotect_request(&w->now.server, x, m, &work,
                                                 &out, r)
                 : covey_group_unprotect_response(&w->now.client, x, m, &work,
                                                  &out, r);
    free(work.message.scratch);
    oracle((result == COVEY_UNPROTECT_REFUSED) == (r->base.fault != 0));
    oracle(r->base.fault != COVEY_OSCORE_OURS);
    if (result == COVEY_UNPROTECT_REFUSED) {
        oracle(out.pos == 0);
    } else {
        oracle(covey_coap_parse(&inside, covey_written(&out)) == COVEY_OK);
        oracle_walk(&inside);
    }
    return result;
}

/* Authentic, although there is nothing to deliver. */
static bool is_authentic(covey_oscore_fault fault)
{
    return fault == COVEY_OSCORE_BAD_PLAINTEXT ||
           fault == COVEY_OSCORE_UNASKED || fault == COVEY_OSCORE_BASELINE;
}

/* Delivers a message, and if it was authentic a second time: it is taken once
 * or not at all. */
static covey_unprotect deliver(struct world *w, covey_group_exchange *x,
                               const covey_coap_message *m, size_t len,
                               covey_group_received *r)
{
    struct state was;
    covey_group_received again;
    covey_unprotect result;

    memcpy(&was, &w->now, sizeof was);
    result = receive(w, x, m, len, r);
    if (result == COVEY_UNPROTECT_REFUSED && !is_authentic(r->base.fault)) {
        untouched(&was, &w->now);
        return result;
    }
    if (result == COVEY_UNPROTECT_MAYBE_REPLAY) {
        again = *r;
        result = covey_group_recover(&w->now.server, &again);
        oracle(result != COVEY_UNPROTECT_REFUSED);
    }
    store(&w->now.client);
    store(&w->now.server);
    memcpy(&was, &w->now, sizeof was);
    oracle(receive(w, x, m, len, &again) == COVEY_UNPROTECT_REFUSED);
    if (!is_authentic(again.base.fault)) {
        untouched(&was, &w->now);
    }
    return result;
}

/* A message with scratch and room for its protected form, which is then in
 * w->out. */
static covey_status seal(struct world *w, covey_group_exchange *x,
                         const covey_coap_message *m, covey_bytes plaintext,
                         covey_group_work work, covey_writer *out)
{
    const size_t cap = COVEY_GROUP_SCRATCH(w->cap, CRED, GID.len);
    const bool request = x != &w->now.heard;
    covey_status st;

    work.message.scratch = malloc(cap);
    work.message.scratch_cap = cap;
    oracle(work.message.scratch != NULL);
    *out = covey_writer_of(w->out, w->cap);
    st = request ? covey_group_seal_request(&w->now.client, x, m, plaintext,
                                            &work, out)
                 : covey_group_seal_response(&w->now.server, x, m, plaintext,
                                             &work, out);
    oracle(st != COVEY_E_ROOM && st != COVEY_E_CRYPTO);
    free(work.message.scratch);
    return st;
}

static void ask(struct world *w, int i)
{
    const covey_coap_message m = {
        .code = COVEY_COAP_CODE(0, 1),
        .token = TEXT(""),
        .options = i == OBSERVE ? TEXT("\x60") : TEXT(""),
    };
    const covey_group_work work = {
        .to = i == PAIRWISE ? covey_group_find(&w->now.client, id_of(SERVER))
                            : NULL,
    };
    covey_writer out;

    oracle(seal(w, &w->now.asked[i], &m, covey_bytes_of(NULL, 0), work,
                &out) == COVEY_OK);
}

static void strangers(struct world *w, covey_bytes datagram)
{
    covey_coap_message m;
    covey_group_received r;

    for (int i = 0; i < ASKED; i++) {
        ask(w, i);
    }
    if (covey_coap_parse(&m, datagram) != COVEY_OK) {
        return;
    }
    (void)deliver(w, &w->now.heard, &m, datagram.len, &r);
    for (int i = 0; i < ASKED; i++) {
        (void)deliver(w, &w->now.asked[i], &m, datagram.len, &r);
    }
}

/* With another bit in the OSCORE option or in the payload it is nobody's. */
static void forge(struct world *w, covey_group_exchange *x, uint8_t *datagram,
                  size_t len, size_t bit)
{
    covey_oscore_option option;
    covey_group_received r;
    covey_coap_message m;
    covey_bytes value;
    uint8_t *changed;

    oracle(covey_coap_parse(&m, covey_bytes_of(datagram, len)) == COVEY_OK);
    oracle(covey_oscore_value_find(&option, &value, &m) == COVEY_OK);
    bit %= 8 * (value.len + m.payload.len);
    changed = datagram +
              (bit / 8 < value.len
                   ? (size_t)(value.ptr - datagram) + bit / 8
                   : (size_t)(m.payload.ptr - datagram) + bit / 8 - value.len);
    *changed ^= (uint8_t)(1u << bit % 8);
    oracle(deliver(w, x, &m, len, &r) == COVEY_UNPROTECT_REFUSED);
    oracle(!is_authentic(r.base.fault));
    *changed ^= (uint8_t)(1u << bit % 8);
}

/* Sealed as it is, opened, and compared with what is inside. */
static void authentic(struct world *w, covey_group_exchange *x,
                      const covey_coap_message *original,
                      covey_bytes plaintext, covey_group_work work)
{
    covey_group_exchange *const there =
        x == &w->now.heard ? &w->now.asked[0] : &w->now.heard;
    uint8_t *datagram = malloc(w->cap);
    covey_group_received r;
    covey_coap_message m;
    covey_coap_message inner;
    covey_writer out;

    oracle(datagram != NULL);
    if (seal(w, x, original, plaintext, work, &out) == COVEY_OK) {
        memcpy(datagram, out.base, out.pos);
        forge(w, there, datagram, out.pos, w->bit);
        oracle(covey_coap_parse(&m, covey_bytes_of(datagram, out.pos)) ==
               COVEY_OK);
        if (deliver(w, there, &m, out.pos, &r) == COVEY_UNPROTECT_REFUSED) {
            oracle(r.base.fault == COVEY_OSCORE_BAD_PLAINTEXT ||
                   r.base.fault == COVEY_OSCORE_UNASKED);
        } else {
            oracle(r.pairwise == (work.to != NULL));
            oracle(covey_coap_parse_inner(&inner, plaintext) == COVEY_OK);
        }
    }
    free(datagram);
}

static void members(struct world *w, unsigned flags, covey_bytes data)
{
    const size_t n = data.ptr[0] < data.len ? data.ptr[0] : 0;
    const covey_bytes plaintext =
        covey_bytes_of(data.ptr + 1 + n, data.len - 1 - n);
    uint8_t original[4 + 255] = { 0x40, 0x01, 0, 1 };
    covey_group_work work = { .kid_context = (flags & KID_CONTEXT) != 0 };
    covey_coap_message m;

    memcpy(original + 4, data.ptr + 1, n);
    if (covey_coap_parse(&m, covey_bytes_of(original, 4 + n)) != COVEY_OK) {
        return;
    }
    if (flags & PAIRWISE_REQUEST) {
        work.to = covey_group_find(&w->now.client, id_of(SERVER));
    }
    authentic(w, &w->now.asked[0], &m, plaintext, work);
    work.to = NULL;
    if (flags & PAIRWISE_RESPONSE) {
        work.to = covey_group_find(&w->now.server, id_of(CLIENT));
    }
    work.kid = (flags & KID) != 0;
    work.message.own_piv = (flags & OWN_PIV) != 0;
    m.code = COVEY_COAP_CODE(2, 5);
    authentic(w, &w->now.heard, &m, plaintext, work);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world w;

    if (size < 5) {
        return 0;
    }
    memset(&w, 0, sizeof w);
    w.choice = data[0];
    w.cap = 2 * size + COVEY_GROUP_OVERHEAD_MAX + 300;
    w.out = malloc(w.cap);
    oracle(w.out != NULL);
    open_world(&w);
    if (w.choice & AUTHENTIC) {
        w.bit = (size_t)data[2] << 8 | data[3];
        members(&w, data[1], covey_bytes_of(data + 4, size - 4));
    } else {
        strangers(&w, covey_bytes_of(data + 1, size - 1));
    }
    close_world(&w);
    free(w.out);
    return 0;
}
