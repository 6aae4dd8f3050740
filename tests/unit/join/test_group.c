/* SPDX-License-Identifier: BSD-2-Clause */
/* SCHC inside and around Group OSCORE: the inner rules are the group's, the
 * outer ones a link's; a request in group mode is answered by two servers, one
 * in pairwise mode by one. What is refused is refused as in plain OSCORE. */
#include "join.h"

#include <covey/group.h>
#include <crypto/openssl/openssl.h>

#define OUTER   "tests/unit/join/group_outer.json"
#define GET     "51010001 82 bb74656d7065726174757265"
#define CONTENT "51450001 82 ff 32332043"

enum {
    CLIENT,
    SERVER,
    OTHER,
    MEMBERS
};

struct member {
    covey_group group;
    covey_group_recipient table[MEMBERS - 1];
    covey_key private_key;
    uint8_t public_key[32];
    uint8_t credential[100];
    uint8_t id;
};

static struct {
    struct vectors v; /* whose inner rule is everybody's */
    rules_file *outer_file;
    covey_schc_context inner;
    covey_schc_context outer;
    covey_crypto crypto;
    struct member member[MEMBERS];
    covey_group_answer answers[MEMBERS];
    covey_group_exchange asked;
    covey_group_exchange heard[MEMBERS];
    struct steps s;
    uint8_t scratch[COVEY_GROUP_SCRATCH(JOIN_MAX, 100, 3)];
    bool pairwise;
} f;

/* --- the group ----------------------------------------------------------- */

static void make_keys(struct member *m, uint8_t id)
{
    uint8_t seed[32];
    covey_writer w = covey_writer_of(m->public_key, sizeof m->public_key);

    m->id = id;
    memset(seed, id, sizeof seed);
    memset(m->credential, id, sizeof m->credential);
    CHECK_STATUS(COVEY_OK,
                 f.crypto.private_key(f.crypto.provider, COVEY_ED25519,
                                      covey_bytes_of(seed, sizeof seed),
                                      &m->private_key));
    CHECK_STATUS(COVEY_OK,
                 f.crypto.public_of(f.crypto.provider, &m->private_key, &w));
}

static void store(covey_group *g)
{
    covey_group_record record;

    while (covey_group_due(g, &record)) {
        CHECK_STATUS(COVEY_OK, covey_group_stored(g, &record));
    }
}

static void add(struct member *m, const struct member *other)
{
    const covey_group_member row = {
        .id = covey_bytes_of(&other->id, 1),
        .credential =
            covey_bytes_of(other->credential, sizeof other->credential),
        .public_key =
            covey_bytes_of(other->public_key, sizeof other->public_key),
        .number = COVEY_GROUP_NUMBER_UNKNOWN,
    };

    CHECK_STATUS(COVEY_OK, covey_group_add(&m->group, &row, NULL));
}

static void join_group(struct member *m)
{
    const covey_group_parameters p = {
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = SPAN("\xdd\x11\xee"),
        .master_secret = SPAN("0123456789abcdef"),
        .gm_cred = SPAN("the Group Manager's"),
    };
    const covey_group_start start = {
        .sender_id = covey_bytes_of(&m->id, 1),
        .credential = covey_bytes_of(m->credential, sizeof m->credential),
        .private_key = &m->private_key,
        .recipients = m->table,
        .recipient_max = COUNT_OF(m->table),
        .ahead = 1024,
    };

    CHECK_STATUS(COVEY_OK,
                 covey_group_setup(&m->group, &f.crypto, &p, &start));
    for (size_t i = 0; i < MEMBERS; i++) {
        if (&f.member[i] != m) {
            add(m, &f.member[i]);
        }
    }
    store(&m->group);
}

static void group_open(bool pairwise)
{
    const rules_options options = rules_default_options();
    rules_report report = { NULL, 0, 0 };

    memset(&f, 0, sizeof f);
    f.pairwise = pairwise;
    vectors_open(&f.v, SECTION_8);
    f.outer_file = rules_load(OUTER, &options, &report);
    assert_non_null(f.outer_file);
    rules_report_free(&report);
    f.inner.rules = &f.v.inner;
    f.inner.stack = COVEY_SCHC_STACK_COAP_INNER;
    f.outer.rules = rules_get(f.outer_file);
    f.outer.stack = COVEY_SCHC_STACK_COAP;
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&f.crypto));
    for (uint8_t i = 0; i < MEMBERS; i++) {
        make_keys(&f.member[i], (uint8_t)(i + 1));
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        join_group(&f.member[i]);
    }
    f.asked.answers = f.answers;
    f.asked.answer_max = MEMBERS;
}

static void group_close(void)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        covey_group_drop(&f.member[i].group);
        f.crypto.key_drop(f.crypto.provider, &f.member[i].private_key);
    }
    covey_openssl_close(&f.crypto);
    rules_free(f.outer_file);
    vectors_close(&f.v);
}

/* --- out ----------------------------------------------------------------- */

static covey_group_work work_of(covey_group_recipient *to)
{
    const covey_group_work work = {
        .message = { .scratch = f.scratch, .scratch_cap = sizeof f.scratch },
        .to = to,
    };

    return work;
}

/* The client asks; these bytes are encrypted, and compressed around. */
static void ask_inner(covey_bytes inner)
{
    struct member *client = &f.member[CLIENT];
    const uint8_t to = f.member[SERVER].id;
    const covey_group_work work = work_of(
        f.pairwise ? covey_group_find(&client->group, covey_bytes_of(&to, 1))
                   : NULL);
    covey_writer out = covey_writer_of(f.s.sealed.bytes, JOIN_MAX);
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, octets_span(&f.s.message)));
    CHECK_STATUS(COVEY_OK, covey_group_seal_request(&client->group, &f.asked,
                                                    &m, inner, &work, &out));
    f.s.sealed.len = out.pos;
    CHECK_STATUS(COVEY_OK, squeeze(&f.outer, COVEY_SCHC_UP,
                                   octets_span(&f.s.sealed), &f.s.frame));
}

static void answer_inner(struct member *server, covey_bytes inner)
{
    const uint8_t to = f.member[CLIENT].id;
    const covey_group_work work = work_of(
        f.pairwise ? covey_group_find(&server->group, covey_bytes_of(&to, 1))
                   : NULL);
    covey_writer out = covey_writer_of(f.s.sealed.bytes, JOIN_MAX);
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, octets_span(&f.s.message)));
    CHECK_STATUS(COVEY_OK, covey_group_seal_response(
                               &server->group, &f.heard[server - f.member], &m,
                               inner, &work, &out));
    f.s.sealed.len = out.pos;
    CHECK_STATUS(COVEY_OK, squeeze(&f.outer, COVEY_SCHC_DOWN,
                                   octets_span(&f.s.sealed), &f.s.frame));
}

/* Composes and compresses what goes inside. */
static covey_bytes inside(covey_schc_direction way, const char *message)
{
    const covey_oscore_work work = { .inner = NULL };
    covey_writer plain = covey_writer_of(f.s.plaintext.bytes, JOIN_MAX);
    covey_coap_message m;

    f.s.message.len =
        kit_hex(message, f.s.message.bytes, sizeof f.s.message.bytes).len;
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, octets_span(&f.s.message)));
    CHECK_STATUS(COVEY_OK, covey_oscore_compose(&plain, &m, &work));
    CHECK_STATUS(COVEY_OK,
                 squeeze(&f.inner, way, covey_written(&plain), &f.s.inner));
    return octets_span(&f.s.inner);
}

/* --- in ------------------------------------------------------------------ */

/* What opened becomes a message again. */
static struct arrival finish(struct member *to, covey_schc_direction way,
                             const covey_coap_message *outer,
                             covey_group_received *r)
{
    const covey_group_work work = work_of(NULL);
    covey_writer out = covey_writer_of(f.s.message.bytes, JOIN_MAX);
    struct arrival a = { .stop = DELIVERED };

    a.status = expand(&f.inner, way, octets_span(&f.s.inner), &f.s.plaintext);
    if (a.status != COVEY_OK) {
        a.stop = AT_INNER;
        return a;
    }
    r->base.plaintext = octets_span(&f.s.plaintext);
    if (way == COVEY_SCHC_UP) {
        a.status = covey_group_assemble_request(
            &f.heard[to - f.member], outer, r->base.plaintext, &work, &out);
    } else if (covey_group_assemble_response(&to->group, &f.asked, outer, r,
                                             &work,
                                             &out) != COVEY_UNPROTECT_FRESH) {
        a.status = COVEY_E_FORMAT;
    }
    a.stop = a.status == COVEY_OK ? DELIVERED : AT_ASSEMBLE;
    f.s.message.len = out.pos;
    return a;
}

static struct arrival arrive(struct member *to, covey_schc_direction way)
{
    const covey_group_work work = work_of(NULL);
    covey_writer inner = covey_writer_of(f.s.inner.bytes, JOIN_MAX);
    struct arrival a = { .stop = AT_OUTER };
    covey_group_received r;
    covey_coap_message outer;
    covey_unprotect said;

    f.s.message.len = 0;
    a.status = expand(&f.outer, way, octets_span(&f.s.frame), &f.s.sealed);
    if (a.status != COVEY_OK) {
        return a;
    }
    a.stop = AT_MESSAGE;
    a.status = covey_coap_parse(&outer, octets_span(&f.s.sealed));
    if (a.status != COVEY_OK) {
        return a;
    }
    said = way == COVEY_SCHC_UP
               ? covey_group_open_request(&to->group, &f.heard[to - f.member],
                                          &outer, &work, &inner, &r)
               : covey_group_open_response(&to->group, &f.asked, &outer, &work,
                                           &inner, &r);
    f.s.inner.len = inner.pos;
    a.stop = AT_OPEN;
    a.received = r.base;
    if (said == COVEY_UNPROTECT_FRESH_ONCE_STORED) {
        store(&to->group);
    } else if (said != COVEY_UNPROTECT_FRESH) {
        return a;
    }
    return finish(to, way, &outer, &r);
}

static void delivered(struct member *to, covey_schc_direction way,
                      const char *message)
{
    assert_int_equal(arrive(to, way).stop, DELIVERED);
    CHECK_HEX(message, octets_span(&f.s.message));
}

/* --- tests --------------------------------------------------------------- */

static void two_answers_in_group_mode(void **state)
{
    (void)state;
    group_open(false);
    for (unsigned i = 0; i < 3; i++) {
        f.asked.answer_count = 0;
        ask_inner(inside(COVEY_SCHC_UP, GET));
        /* RuleID, 33 bits of header and option, then the RuleID inside, tag
         * and signature. */
        assert_int_equal(f.s.inner.len, 1);
        assert_int_equal(f.s.frame.len, 6 + 1 + 8 + 64);
        delivered(&f.member[SERVER], COVEY_SCHC_UP, GET);
        delivered(&f.member[OTHER], COVEY_SCHC_UP, GET);
        for (size_t who = SERVER; who <= OTHER; who++) {
            answer_inner(&f.member[who], inside(COVEY_SCHC_DOWN, CONTENT));
            delivered(&f.member[CLIENT], COVEY_SCHC_DOWN, CONTENT);
        }
        assert_int_equal(f.asked.answer_count, 2);
    }
    group_close();
}

static void one_answer_in_pairwise_mode(void **state)
{
    (void)state;
    group_open(true);
    for (unsigned i = 0; i < 3; i++) {
        ask_inner(inside(COVEY_SCHC_UP, GET));
        assert_int_equal(f.s.frame.len, 6 + 1 + 8);
        delivered(&f.member[SERVER], COVEY_SCHC_UP, GET);
        assert_int_equal(arrive(&f.member[OTHER], COVEY_SCHC_UP).stop,
                         AT_OPEN);
        answer_inner(&f.member[SERVER], inside(COVEY_SCHC_DOWN, CONTENT));
        delivered(&f.member[CLIENT], COVEY_SCHC_DOWN, CONTENT);
    }
    group_close();
}

/* A member with other rules, or with none; in both modes. */
static void refuses_other_rules_inside(void **state)
{
    static const struct {
        const char *why;
        covey_schc_direction way;
        const char *inner;
        covey_status status;
    } cases[] = {
        { "no rule has this RuleID", COVEY_SCHC_UP, "05", COVEY_E_NO_RULE },
        { "as it was composed", COVEY_SCHC_UP, "01bb74656d7065726174757265",
          COVEY_E_NO_RULE },
        { "a response without its residue", COVEY_SCHC_DOWN, "00",
          COVEY_E_SHORT },
        { "a response that was not compressed", COVEY_SCHC_DOWN,
          "45ff32332043", COVEY_E_NO_RULE },
    };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        const covey_schc_direction way = cases[i / 2].way;
        struct member *to = &f.member[way == COVEY_SCHC_UP ? SERVER : CLIENT];
        struct arrival a;
        uint8_t bytes[16];
        const covey_bytes inner =
            kit_hex(cases[i / 2].inner, bytes, sizeof bytes);
        kit_case(cases[i / 2].why);
        group_open(i % 2 == 1);
        (void)inside(COVEY_SCHC_UP, GET);
        ask_inner(way == COVEY_SCHC_UP ? inner : octets_span(&f.s.inner));
        if (way == COVEY_SCHC_DOWN) {
            delivered(&f.member[SERVER], COVEY_SCHC_UP, GET);
            (void)inside(COVEY_SCHC_DOWN, CONTENT);
            answer_inner(&f.member[SERVER], inner);
        }
        a = arrive(to, way);
        assert_int_equal(a.stop, AT_INNER);
        CHECK_STATUS(cases[i / 2].status, a.status);
        assert_int_equal(f.s.message.len, 0);
        /* It came from a member, so a request's number has been taken. */
        a = arrive(to, way);
        if (way == COVEY_SCHC_UP) {
            assert_int_equal(a.stop, AT_OPEN);
            assert_int_equal(a.received.fault, COVEY_OSCORE_REPLAY);
        }
        group_close();
    }
    kit_case(NULL);
}

/* Every bit of a request, one at a time: what is delivered differs from what
 * was sent in the outer header only. */
static void finds_every_changed_bit(void **state)
{
    (void)state;
    for (unsigned pairwise = 0; pairwise < 2; pairwise++) {
        struct member *server = &f.member[SERVER];
        struct octets frame;
        unsigned harmless = 0;
        group_open(pairwise == 1);
        ask_inner(inside(COVEY_SCHC_UP, GET));
        frame = f.s.frame;
        for (size_t bit = 0; bit < frame.len * 8; bit++) {
            const covey_group before = server->group;
            covey_group_recipient rows[COUNT_OF(server->table)];
            memcpy(rows, server->table, sizeof rows);
            f.s.frame = frame;
            f.s.frame.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
            if (arrive(server, COVEY_SCHC_UP).stop == DELIVERED) {
                covey_coap_message m;
                CHECK_STATUS(COVEY_OK,
                             covey_coap_parse(&m, octets_span(&f.s.message)));
                CHECK_HEX("bb74656d7065726174757265", m.options);
                assert_int_equal(m.code, 1);
                harmless++;
                /* Keys may have been derived: they stay with the rows. */
                for (size_t i = 0; i < COUNT_OF(rows); i++) {
                    server->table[i].window = rows[i].window;
                }
                server->group = before;
            }
        }
        f.s.frame = frame;
        delivered(server, COVEY_SCHC_UP, GET);
        /* Message ID 4, Token 8, and 7 bits of padding. */
        assert_int_equal(harmless, 4 + 8 + 7);
        group_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_answers_in_group_mode),
        cmocka_unit_test(one_answer_in_pairwise_mode),
        cmocka_unit_test(refuses_other_rules_inside),
        cmocka_unit_test(finds_every_changed_bit),
    };

    return KIT_RUN(tests);
}
