/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#define NONCES_MAX (1u << 20)

/* Pairs of key and nonce that have been used, hashed, in open addressing. */
static uint64_t nonces[NONCES_MAX];
static size_t nonce_count;

size_t nonces_used(void)
{
    return nonce_count;
}

static uint64_t absorb(uint64_t h, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        h = (h ^ bytes[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    }
    return h;
}

/* The toy keeps a key in its handle: it is the same after a restart. */
static void note_nonce(const covey_key *key, covey_bytes nonce)
{
    uint64_t h = absorb(UINT64_C(0xcbf29ce484222325), nonce.ptr, nonce.len);
    size_t at;

    h = absorb(h, (const uint8_t *)key->opaque, sizeof key->opaque) | 1u;
    at = (size_t)(h >> 20) % NONCES_MAX;
    while (nonces[at] != 0) {
        assert_true(nonces[at] != h);
        at = (at + 1) % NONCES_MAX;
    }
    nonces[at] = h;
    assert_true(++nonce_count < NONCES_MAX / 4 * 3);
}

/* An attempt counts: who knows what a provider has given away in failing. */
static covey_status seal(void *provider, covey_key *key, covey_bytes nonce,
                         covey_bytes aad, covey_bytes plaintext,
                         covey_writer *out)
{
    struct world *w = provider;

    note_nonce(key, nonce);
    return w->inner.seal(provider, key, nonce, aad, plaintext, out);
}

/* --- the group ----------------------------------------------------------- */

static void make_keys(struct world *w, struct member *m, uint8_t id)
{
    uint8_t seed[32];
    covey_writer out = covey_writer_of(m->public_key, sizeof m->public_key);

    m->id = id;
    memset(seed, id, sizeof seed);
    memset(m->credential, id, sizeof m->credential);
    CHECK_STATUS(COVEY_OK,
                 w->crypto.private_key(&w->script, COVEY_ED25519,
                                       covey_bytes_of(seed, sizeof seed),
                                       &m->private_key));
    CHECK_STATUS(COVEY_OK,
                 w->crypto.public_of(&w->script, &m->private_key, &out));
}

struct world *world_open_empty(void)
{
    static struct world w;

    memset(&w, 0, sizeof w);
    if (nonce_count > 0) {
        memset(nonces, 0, sizeof nonces);
        nonce_count = 0;
    }
    covey_scripted_open(&w.script, NULL, &w.inner);
    w.crypto = w.inner;
    w.crypto.seal = seal;
    for (uint8_t i = 0; i < MEMBERS; i++) {
        make_keys(&w, &w.member[i], (uint8_t)(i + 1));
    }
    w.work.message.scratch = w.scratch;
    w.work.message.scratch_cap = sizeof w.scratch;
    w.cap = sizeof w.output;
    return &w;
}

covey_group_parameters world_parameters(int32_t group_enc)
{
    const covey_group_parameters p = {
        .algorithms = { COVEY_AES_CCM_16_64_128, group_enc, COVEY_EDDSA,
                        COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = SPAN("\xdd\x11\xee"),
        .master_secret = SPAN("0123456789abcdef"),
        .master_salt = SPAN("salt"),
        .gm_cred = SPAN("the Group Manager's"),
    };

    return p;
}

covey_group_start world_start(struct member *m)
{
    const covey_group_start start = {
        .sender_id = id_of(m),
        .credential = covey_bytes_of(m->credential, sizeof m->credential),
        .private_key = &m->private_key,
        .recipients = m->table,
        .recipient_max = MEMBERS - 1,
        .ahead = 1024,
    };

    return start;
}

void world_join(struct world *w, size_t who, const covey_group_parameters *p,
                const covey_group_start *start)
{
    covey_group *g = &w->member[who].group;

    CHECK_STATUS(COVEY_OK, covey_group_setup(g, &w->crypto, p, start));
    store(g);
}

struct world *world_open(int32_t group_enc)
{
    const covey_group_parameters p = world_parameters(group_enc);
    struct world *w = world_open_empty();

    for (size_t i = 0; i < MEMBERS; i++) {
        const covey_group_start start = world_start(&w->member[i]);
        world_join(w, i, &p, &start);
        for (size_t other = 0; other < MEMBERS; other++) {
            if (other != i) {
                know(w, i, other);
            }
        }
    }
    return w;
}

void world_close(struct world *w)
{
    const covey_group none = { .crypto = NULL };

    for (size_t i = 0; i < MEMBERS; i++) {
        covey_group_drop(&w->member[i].group);
        assert_memory_equal(&w->member[i].group, &none, sizeof none);
        w->crypto.key_drop(&w->script, &w->member[i].private_key);
    }
    assert_int_equal(w->script.live, 0);
}

covey_bytes id_of(const struct member *m)
{
    return covey_bytes_of(&m->id, 1);
}

covey_group_member row_of(const struct member *m)
{
    const covey_group_member row = {
        .id = id_of(m),
        .credential = covey_bytes_of(m->credential, sizeof m->credential),
        .public_key = covey_bytes_of(m->public_key, sizeof m->public_key),
        .number = COVEY_GROUP_NUMBER_UNKNOWN,
    };

    return row;
}

covey_group_recipient *peer_of(const struct world *w, size_t who, size_t other)
{
    return covey_group_find(&w->member[who].group, id_of(&w->member[other]));
}

void know(struct world *w, size_t who, size_t other)
{
    const covey_group_member row = row_of(&w->member[other]);

    CHECK_STATUS(COVEY_OK, covey_group_add(&w->member[who].group, &row, NULL));
}

void store(covey_group *g)
{
    covey_group_record record;

    while (covey_group_due(g, &record)) {
        CHECK_STATUS(COVEY_OK, covey_group_stored(g, &record));
    }
}

/* --- messages ------------------------------------------------------------ */

void address(struct world *w, size_t from, size_t to)
{
    w->work.to = from == to ? NULL : peer_of(w, from, to);
}

covey_coap_message message_of(struct world *w, const char *hex)
{
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK, covey_coap_parse(
                               &m, kit_hex(hex, w->input, sizeof w->input)));
    return m;
}

void wire_parse(struct wire *wire)
{
    CHECK_STATUS(
        COVEY_OK,
        covey_coap_parse(&wire->m, covey_bytes_of(wire->bytes, wire->len)));
}

void wire_of(struct wire *wire, const char *hex)
{
    wire->len = kit_hex(hex, wire->bytes, sizeof wire->bytes).len;
    wire_parse(wire);
}

static void begin(struct world *w)
{
    w->out = covey_writer_of(w->output, w->cap);
}

static covey_status sent(struct world *w, covey_status st, struct wire *wire)
{
    if (st == COVEY_OK) {
        memcpy(wire->bytes, w->output, w->out.pos);
        wire->len = w->out.pos;
        wire_parse(wire);
    } else {
        assert_int_equal(w->out.pos, 0);
    }
    return st;
}

covey_status ask(struct world *w, size_t who, covey_group_exchange *x,
                 const char *hex, struct wire *wire)
{
    const covey_coap_message m = message_of(w, hex);

    begin(w);
    return sent(w,
                covey_group_seal_request(&w->member[who].group, x, &m,
                                         covey_bytes_of(NULL, 0), &w->work,
                                         &w->out),
                wire);
}

covey_status answer(struct world *w, size_t who, covey_group_exchange *x,
                    const char *hex, struct wire *wire)
{
    const covey_coap_message m = message_of(w, hex);

    begin(w);
    return sent(w,
                covey_group_seal_response(&w->member[who].group, x, &m,
                                          covey_bytes_of(NULL, 0), &w->work,
                                          &w->out),
                wire);
}

covey_unprotect hear(struct world *w, size_t who, covey_group_exchange *x,
                     const struct wire *wire)
{
    begin(w);
    return covey_group_unprotect_request(&w->member[who].group, x, &wire->m,
                                         &w->work, &w->out, &w->r);
}

covey_unprotect take(struct world *w, size_t who, covey_group_exchange *x,
                     const struct wire *wire)
{
    begin(w);
    return covey_group_unprotect_response(&w->member[who].group, x, &wire->m,
                                          &w->work, &w->out, &w->r);
}

void check_heard(struct world *w, size_t who, covey_group_exchange *x,
                 const struct wire *wire)
{
    const covey_unprotect result = hear(w, who, x, wire);

    assert_true(result == COVEY_UNPROTECT_FRESH ||
                result == COVEY_UNPROTECT_FRESH_ONCE_STORED);
    assert_int_equal(w->r.base.fault, COVEY_OSCORE_NO_FAULT);
    store(&w->member[who].group);
}

void check_taken(struct world *w, size_t who, covey_group_exchange *x,
                 const struct wire *wire)
{
    assert_int_equal(take(w, who, x, wire), COVEY_UNPROTECT_FRESH);
    assert_int_equal(w->r.base.fault, COVEY_OSCORE_NO_FAULT);
}

static void check_refused(struct world *w, covey_unprotect result,
                          covey_oscore_fault fault)
{
    assert_int_equal(result, COVEY_UNPROTECT_REFUSED);
    assert_int_equal(w->r.base.fault, fault);
    assert_int_equal(w->out.pos, 0);
    assert_null(w->r.base.plaintext.ptr);
}

/* Counted as forged: what the provider has called so. */
static uint32_t forged(const struct world *w)
{
    return w->r.base.status == COVEY_E_AUTH;
}

void check_not_heard(struct world *w, size_t who, const struct wire *wire,
                     covey_oscore_fault fault)
{
    struct snapshot before;
    covey_group_exchange x;
    covey_group_exchange untouched;

    memset(&x, 0xee, sizeof x);
    memset(&untouched, 0xee, sizeof untouched);
    snapshot_take(&before, &w->member[who]);
    check_refused(w, hear(w, who, &x, wire), fault);
    check_unchanged(&before, &w->member[who], forged(w));
    assert_memory_equal(&x, &untouched, sizeof x);
}

void check_not_taken(struct world *w, size_t who,
                     const covey_group_exchange *x, const struct wire *wire,
                     covey_oscore_fault fault)
{
    struct snapshot before;
    covey_group_answer answers[MEMBERS];
    covey_group_exchange copy;

    memcpy(&copy, x, sizeof copy);
    memcpy(answers, w->answers, sizeof answers);
    snapshot_take(&before, &w->member[who]);
    check_refused(w, take(w, who, &copy, wire), fault);
    check_unchanged(&before, &w->member[who], forged(w));
    assert_memory_equal(&copy, x, sizeof copy);
    assert_memory_equal(answers, w->answers, sizeof answers);
}

/* --- comparing ----------------------------------------------------------- */

void snapshot_take(struct snapshot *s, const struct member *m)
{
    memcpy(&s->group, &m->group, sizeof s->group);
    memcpy(s->table, m->table, sizeof s->table);
}

void check_unchanged(const struct snapshot *before, const struct member *m,
                     uint32_t forged)
{
    struct snapshot after;
    uint32_t found = 0;

    snapshot_take(&after, m);
    for (size_t i = 0; i < TABLE_MAX; i++) {
        const covey_group_recipient *was = &before->table[i];
        covey_group_recipient *is = &after.table[i];
        found += is->forged - was->forged;
        is->forged = was->forged;
        if (!was->has_key) {
            is->key = was->key;
            is->has_key = false;
        }
        if (!was->has_pairwise_in) {
            is->pairwise_in = was->pairwise_in;
            is->has_pairwise_in = false;
        }
        if (!was->has_pairwise_out) {
            is->pairwise_out = was->pairwise_out;
            is->has_pairwise_out = false;
        }
    }
    assert_int_equal(found, forged);
    assert_memory_equal(&after, before, sizeof after);
}
