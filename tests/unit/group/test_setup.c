/* SPDX-License-Identifier: BSD-2-Clause */
/* What no group can be made of, what no key can be derived from, and what no
 * member can be. */
#include "fixture.h"

#define CCM COVEY_AES_CCM_16_64_128

/* Parameters with one thing that is wrong. */
struct change {
    const char *why;
    covey_group_algorithms algorithms;
    int32_t hkdf;
    covey_curve curve;
    covey_status expected;
};

static const struct change changes[] = {
    /* clang-format off */
    { "no algorithm", { 0, 0, 0, 0 }, 5, COVEY_ED25519, COVEY_E_ARGUMENT },
    { "group mode without signature",
      { 0, CCM, 0, 0 }, 5, COVEY_ED25519, COVEY_E_ARGUMENT },
    { "group mode without encryption",
      { 0, 0, COVEY_EDDSA, 0 }, 5, COVEY_ED25519, COVEY_E_ARGUMENT },
    { "pairwise mode without agreement",
      { CCM, 0, 0, 0 }, 5, COVEY_ED25519, COVEY_E_ARGUMENT },
    { "pairwise mode without AEAD",
      { 0, CCM, COVEY_EDDSA, -27 }, 5, COVEY_ED25519, COVEY_E_ARGUMENT },
    { "CTR as AEAD Algorithm",
      { COVEY_A128CTR, 0, 0, -27 }, 5, COVEY_ED25519, COVEY_E_UNSUPPORTED },
    { "A128CBC", { 0, -65531, COVEY_EDDSA, 0 }, 5, COVEY_ED25519,
      COVEY_E_UNSUPPORTED },
    { "A128CBC as AEAD Algorithm", { -65531, 0, 0, -27 }, 5, COVEY_ED25519,
      COVEY_E_UNSUPPORTED },
    { "a hash where a cipher belongs",
      { 0, COVEY_SHA_256, COVEY_EDDSA, 0 }, 5, COVEY_ED25519,
      COVEY_E_UNSUPPORTED },
    { "an algorithm of TLS in group mode",
      { 0, COVEY_AES_CCM_24_64_128, COVEY_EDDSA, 0 }, 5, COVEY_ED25519,
      COVEY_E_UNSUPPORTED },
    { "an algorithm of TLS in pairwise mode",
      { COVEY_AES_CCM_24_64_128, 0, 0, -27 }, 5, COVEY_ED25519,
      COVEY_E_UNSUPPORTED },
    { "no HKDF", { CCM, 0, 0, -27 }, 0, COVEY_ED25519, COVEY_E_UNSUPPORTED },
    { "a hash as HKDF", { CCM, 0, 0, -27 }, COVEY_SHA_256, COVEY_ED25519,
      COVEY_E_UNSUPPORTED },
    { "another hash than HKDF's",
      { CCM, 0, 0, -28 }, 5, COVEY_ED25519, COVEY_E_UNSUPPORTED },
    { "and the other way round",
      { CCM, 0, 0, -27 }, 7, COVEY_ED25519, COVEY_E_UNSUPPORTED },
    { "HKDF with SHA-384 has no agreement",
      { CCM, 0, 0, -27 }, 6, COVEY_ED25519, COVEY_E_UNSUPPORTED },
    { "an agreement that is none", { CCM, 0, 0, -29 }, 5, COVEY_ED25519,
      COVEY_E_UNSUPPORTED },
    { "EdDSA on P-256", { 0, CCM, COVEY_EDDSA, 0 }, 5, COVEY_P256,
      COVEY_E_UNSUPPORTED },
    { "ES256 on Ed25519", { 0, CCM, COVEY_ES256, 0 }, 5, COVEY_ED25519,
      COVEY_E_UNSUPPORTED },
    { "Ed448", { 0, CCM, COVEY_EDDSA, 0 }, 5, COVEY_ED448,
      COVEY_E_UNSUPPORTED },
    { "RSA", { 0, CCM, COVEY_PS256, 0 }, 5, COVEY_ED25519,
      COVEY_E_UNSUPPORTED },
    { "agreement on X448", { CCM, 0, 0, -27 }, 5, COVEY_X448,
      COVEY_E_UNSUPPORTED },
    /* clang-format on */
};

static covey_group_parameters change(const struct change *c)
{
    covey_group_parameters p = world_parameters(CCM);

    p.algorithms = c->algorithms;
    p.hkdf = c->hkdf;
    p.curve = c->curve;
    return p;
}

/* Every function that takes parameters refuses them. */
static void check_parameters(struct world *w, const covey_group_parameters *p,
                             covey_status expected)
{
    covey_group_start start = world_start(&w->member[ALICE]);
    covey_group *g = &w->member[ALICE].group;
    const covey_group none = { .crypto = NULL };
    covey_group_keys keys;
    covey_group_keys untouched;
    const covey_group_pair pair = { .sender_id = SPAN("") };
    uint8_t key[16];
    covey_writer out = covey_writer_of(key, sizeof key);
    covey_writer scratch = covey_writer_of(w->scratch, sizeof w->scratch);
    const int calls = w->script.calls;

    memset(&keys, 0xee, sizeof keys);
    memset(&untouched, 0xee, sizeof untouched);
    CHECK_STATUS(expected, covey_group_check(p));
    CHECK_STATUS(expected, covey_group_derive(&keys, p, &w->crypto));
    assert_memory_equal(&keys, &untouched, sizeof keys);
    CHECK_STATUS(expected,
                 covey_group_derive_sender_key(&out, p, SPAN(""), &w->crypto));
    CHECK_STATUS(expected, covey_group_derive_pairwise_key(
                               &out, p, &pair, &scratch, &w->crypto));
    assert_int_equal(out.pos, 0);
    memset(g, 0xee, sizeof *g);
    CHECK_STATUS(expected, covey_group_setup(g, &w->crypto, p, &start));
    assert_memory_equal(g, &none, sizeof none);
    assert_int_equal(w->script.calls, calls);
}

static void refuses_parameters(void **state)
{
    struct world *w = world_open_empty();
    covey_group_parameters p;
    static const uint8_t gid[256];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        kit_case(changes[i].why);
        p = change(&changes[i]);
        check_parameters(w, &p, changes[i].expected);
    }
    kit_case("no Master Secret");
    p = world_parameters(CCM);
    p.master_secret.len = 0;
    check_parameters(w, &p, COVEY_E_ARGUMENT);
    kit_case("no credential of the Group Manager");
    p = world_parameters(CCM);
    p.gm_cred = covey_bytes_of(NULL, 0);
    check_parameters(w, &p, COVEY_E_ARGUMENT);
    kit_case("a Gid of 256 bytes");
    p = world_parameters(CCM);
    p.gid = covey_bytes_of(gid, 256);
    check_parameters(w, &p, COVEY_E_RANGE);
    p.gid.len = 255;
    CHECK_STATUS(COVEY_OK, covey_group_check(&p));
    kit_case(NULL);
    world_close(w);
}

static void takes_what_the_standard_has(void **state)
{
    static const struct change good[] = {
        { "pairwise mode, SHA-512", { CCM, 0, 0, -28 }, 7, COVEY_X25519, 0 },
        { "pairwise mode on P-256", { CCM, 0, 0, -27 }, 5, COVEY_P256, 0 },
        { "CTR in group mode, SHA-384",
          { 0, COVEY_A128CTR, COVEY_EDDSA, 0 },
          6,
          COVEY_ED25519,
          0 },
        { "ES256", { 0, CCM, COVEY_ES256, 0 }, 5, COVEY_P256, 0 },
    };
    struct world *w = world_open_empty();
    covey_group_keys keys;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        const covey_group_parameters p = change(&good[i]);
        kit_case(good[i].why);
        CHECK_STATUS(COVEY_OK, covey_group_check(&p));
        CHECK_STATUS(COVEY_OK, covey_group_derive(&keys, &p, &w->crypto));
        assert_int_equal(keys.sek_len, p.algorithms.group_enc ? 16 : 0);
    }
    kit_case(NULL);
    world_close(w);
}

static void knows_the_longest_sender_id(void **state)
{
    static const struct {
        covey_group_algorithms algorithms;
        size_t len;
    } cases[] = {
        { { CCM, CCM, -8, -27 }, 7 },
        { { CCM, COVEY_A128CTR, -8, -27 }, 6 },
        { { CCM, COVEY_AES_CCM_64_64_128, -8, -27 }, 1 },
        { { 0, COVEY_A128GCM, -8, 0 }, 6 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(covey_group_id_max(&cases[i].algorithms),
                         cases[i].len);
    }
}

static void refuses_to_derive(void **state)
{
    struct world *w = world_open_empty();
    covey_group_parameters p = world_parameters(COVEY_A128CTR);
    covey_group_pair pair = {
        .sender_id = SPAN("seven77"),
        .sender_key = SPAN("0123456789abcdef"),
        .sender_cred = SPAN("of the one"),
        .recipient_cred = SPAN("of the other"),
        .shared_secret = SPAN("shared"),
    };
    uint8_t key[32] = { 0 };
    const size_t enough = 10 + 12 + 6;

    (void)state;
    for (size_t len = 0; len <= 32; len++) {
        covey_writer out = covey_writer_of(key, len);
        covey_writer scratch = covey_writer_of(w->scratch, enough);
        pair.sender_id.len = len == 16 ? 7 : 6;
        kit_case(len == 16 ? "an ID too long" : "another length of key");
        CHECK_STATUS(COVEY_E_RANGE, covey_group_derive_sender_key(
                                        &out, &p, pair.sender_id, &w->crypto));
        CHECK_STATUS(COVEY_E_RANGE,
                     covey_group_derive_pairwise_key(&out, &p, &pair, &scratch,
                                                     &w->crypto));
        assert_int_equal(out.pos, 0);
    }
    pair.sender_id.len = 6;
    for (size_t cap = 0; cap <= enough; cap++) {
        covey_writer out = covey_writer_of(key, 16);
        covey_writer scratch = covey_writer_of(w->scratch, cap);
        CHECK_STATUS(cap < enough ? COVEY_E_ROOM : COVEY_OK,
                     covey_group_derive_pairwise_key(&out, &p, &pair, &scratch,
                                                     &w->crypto));
        assert_int_equal(out.pos, cap < enough ? 0 : 16);
    }
    kit_case("no pairwise mode");
    p.algorithms.aead = 0;
    p.algorithms.agreement = 0;
    {
        covey_writer out = covey_writer_of(key, 16);
        covey_writer scratch = covey_writer_of(w->scratch, enough);
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     covey_group_derive_pairwise_key(&out, &p, &pair, &scratch,
                                                     &w->crypto));
        CHECK_STATUS(COVEY_OK, covey_group_derive_sender_key(
                                   &out, &p, SPAN("six666"), &w->crypto));
    }
    kit_case(NULL);
    world_close(w);
}

/* --- starting ------------------------------------------------------------ */

static void check_start(struct world *w, const covey_group_start *start,
                        const char *why, covey_status expected)
{
    const covey_group_parameters p = world_parameters(CCM);
    const covey_group none = { .crypto = NULL };
    covey_group *g = &w->member[ALICE].group;

    kit_case(why);
    memset(g, 0xee, sizeof *g);
    CHECK_STATUS(expected, covey_group_setup(g, &w->crypto, &p, start));
    assert_memory_equal(g, &none, sizeof none);
    kit_case(NULL);
}

static void refuses_to_start(void **state)
{
    static uint32_t words[3 * TABLE_MAX];
    struct world *w = world_open_empty();
    struct member *m = &w->member[ALICE];
    covey_group_start s = world_start(m);

    (void)state;
    s.recipients = NULL;
    check_start(w, &s, "no table", COVEY_E_ARGUMENT);
    s = world_start(m);
    s.recipient_max = 0;
    check_start(w, &s, "a table without rows", COVEY_E_ARGUMENT);
    s = world_start(m);
    s.ssn = COVEY_OSCORE_SSN_END + 1;
    check_start(w, &s, "beyond the end of numbers", COVEY_E_ARGUMENT);
    s = world_start(m);
    s.window_size = 65;
    check_start(w, &s, "a window of 65", COVEY_E_ARGUMENT);
    s.window_words = words;
    s.window_word_count = 2;
    check_start(w, &s, "a window of 65 in 64 bits", COVEY_E_ARGUMENT);
    s.window_word_count = 3;
    check_start(w, &s, "three words", COVEY_E_ARGUMENT);
    s = world_start(m);
    s.credential = covey_bytes_of(NULL, 0);
    check_start(w, &s, "no credential", COVEY_E_ARGUMENT);
    s = world_start(m);
    s.private_key = NULL;
    check_start(w, &s, "no private key", COVEY_E_ARGUMENT);
    s = world_start(m);
    s.sender_id = SPAN("eight888");
    check_start(w, &s, "a Sender ID of eight bytes", COVEY_E_RANGE);
    assert_int_equal(w->script.live, MEMBERS);
    world_close(w);
}

static void starts_at_the_limits(void **state)
{
    const covey_group_parameters p = world_parameters(CCM);
    struct world *w = world_open_empty();
    covey_group *g = &w->member[ALICE].group;
    covey_group_start s = world_start(&w->member[ALICE]);
    covey_group_exchange x;
    covey_group_record record;
    struct wire wire;

    (void)state;
    s.window_size = 64;
    s.ssn = COVEY_OSCORE_SSN_END;
    s.sender_id = SPAN("seven77");
    CHECK_STATUS(COVEY_OK, covey_group_setup(g, &w->crypto, &p, &s));
    assert_int_equal(covey_group_usage_of(g).left, 0);
    assert_false(covey_group_due(g, &record));
    CHECK_STATUS(COVEY_E_EXHAUSTED, ask(w, ALICE, &x, GET, &wire));
    world_close(w);
}

/* An absent Gid is the empty one: there always is a kid context. */
static void works_with_an_empty_gid(void **state)
{
    covey_group_parameters p = world_parameters(CCM);
    struct world *w = world_open_empty();
    covey_group_exchange asked = { .answers = w->answers, .answer_max = 2 };
    covey_group_exchange heard;
    static struct wire wire;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const covey_group_start s = world_start(&w->member[i]);
        p.gid = i == 0 ? covey_bytes_of(NULL, 0) : SPAN("");
        world_join(w, i, &p, &s);
        know(w, i, 1 - i);
    }
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
    CHECK_HEX("94 39000001", wire.m.options);
    check_heard(w, BOB, &heard, &wire);
    CHECK_STATUS(COVEY_OK, answer(w, BOB, &heard, CONTENT, &wire));
    check_taken(w, ALICE, &asked, &wire);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_group_rekey(&w->member[ALICE].group, &p,
                                   covey_bytes_of(NULL, 0), NULL, 0));
    world_close(w);
}

/* The last number serves once; there is none after it. */
static void ends_with_the_last_number(void **state)
{
    const covey_group_parameters p = world_parameters(CCM);
    struct world *w = world_open(CCM);
    struct member *bob = &w->member[BOB];
    covey_group_start s = world_start(bob);
    covey_group_exchange asked = { .answers = w->answers, .answer_max = 2 };
    covey_group_exchange heard;
    struct snapshot before;
    static struct wire wire;

    (void)state;
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
    covey_group_drop(&bob->group);
    s.ssn = COVEY_OSCORE_SSN_END - 1;
    world_join(w, BOB, &p, &s);
    know(w, BOB, ALICE);
    check_heard(w, BOB, &heard, &wire);
    CHECK_STATUS(COVEY_OK, answer(w, BOB, &heard, CONTENT, &wire));
    CHECK_STATUS(COVEY_OK, answer(w, BOB, &heard, CONTENT, &wire));
    CHECK_HEX("97 2dffffffffff02", wire.m.options);
    check_taken(w, ALICE, &asked, &wire);
    snapshot_take(&before, bob);
    CHECK_STATUS(COVEY_E_EXHAUSTED, answer(w, BOB, &heard, CONTENT, &wire));
    CHECK_STATUS(COVEY_E_EXHAUSTED, ask(w, BOB, &asked, GET, &wire));
    check_unchanged(&before, bob, 0);
    world_close(w);
}

/* --- members ------------------------------------------------------------- */

static void check_add(struct world *w, const covey_group_member *row,
                      const char *why, covey_status expected)
{
    struct snapshot before;
    covey_group_recipient *added = NULL;

    kit_case(why);
    snapshot_take(&before, &w->member[ALICE]);
    CHECK_STATUS(expected,
                 covey_group_add(&w->member[ALICE].group, row, &added));
    assert_null(added);
    check_unchanged(&before, &w->member[ALICE], 0);
    kit_case(NULL);
}

static void refuses_members(void **state)
{
    static const uint8_t zeros[32];
    struct world *w = world_open(CCM);
    covey_group_member row = row_of(&w->member[BOB]);
    const int live = w->script.live;

    (void)state;
    row.id = id_of(&w->member[ALICE]);
    check_add(w, &row, "the own ID", COVEY_E_ARGUMENT);
    row = row_of(&w->member[BOB]);
    row.id = covey_bytes_of(NULL, 0);
    check_add(w, &row, "no ID", COVEY_E_ARGUMENT);
    row.id = SPAN("eight888");
    check_add(w, &row, "an ID that is too long", COVEY_E_RANGE);
    row = row_of(&w->member[BOB]);
    row.credential.len = 0;
    check_add(w, &row, "no credential", COVEY_E_ARGUMENT);
    row = row_of(&w->member[BOB]);
    row.number = COVEY_OSCORE_SSN_END + 1;
    check_add(w, &row, "a number beyond the end", COVEY_E_RANGE);
    row = row_of(&w->member[BOB]);
    row.public_key.len = 31;
    check_add(w, &row, "a short key", COVEY_E_RANGE);
    row.public_key = covey_bytes_of(zeros, 32);
    check_add(w, &row, "a key that is none", COVEY_E_RANGE);
    row = row_of(&w->member[BOB]);
    row.id = SPAN("new");
    check_add(w, &row, "no row is free", COVEY_E_ROOM);
    assert_int_equal(w->script.live, live);
    world_close(w);
}

static void finds_whom_it_knows(void **state)
{
    struct world *w = world_open(CCM);
    const covey_group *g = &w->member[ALICE].group;

    (void)state;
    assert_ptr_equal(peer_of(w, ALICE, BOB), &w->member[ALICE].table[0]);
    assert_ptr_equal(peer_of(w, ALICE, CAROL), &w->member[ALICE].table[1]);
    assert_null(peer_of(w, ALICE, ALICE));
    assert_null(covey_group_find(g, SPAN("")));
    assert_null(covey_group_find(g, covey_bytes_of(NULL, 0)));
    assert_null(covey_group_find(g, SPAN("\x02\x02")));
    world_close(w);
}

static void goes_through_all_whom_it_knows(void **state)
{
    struct world *w = world_open(CCM);
    covey_group *g = &w->member[ALICE].group;
    covey_group_recipient *table = w->member[ALICE].table;
    size_t at = 0;

    (void)state;
    assert_ptr_equal(covey_group_next(g, &at), &table[0]);
    assert_ptr_equal(covey_group_next(g, &at), &table[1]);
    assert_null(covey_group_next(g, &at));
    assert_null(covey_group_next(g, &at));
    assert_false(covey_group_was_heard(&table[1]));
    covey_group_remove(g, &table[0]);
    at = 0;
    assert_ptr_equal(covey_group_next(g, &at), &table[1]);
    assert_null(covey_group_next(g, &at));
    world_close(w);
}

static void replaces_a_member_of_the_same_id(void **state)
{
    struct world *w = world_open(CCM);
    covey_group_member row = row_of(&w->member[BOB]);
    covey_group_recipient *added = NULL;
    const int live = w->script.live;

    (void)state;
    row.credential = SPAN("another");
    row.roles = COVEY_GROUP_RESPONDER;
    CHECK_STATUS(COVEY_OK,
                 covey_group_add(&w->member[ALICE].group, &row, &added));
    assert_ptr_equal(added, peer_of(w, ALICE, BOB));
    CHECK_SPAN(SPAN("another"), added->credential);
    assert_true(added->window_valid);
    assert_int_equal(w->script.live, live);
    world_close(w);
}

static void drops_what_was_never_set_up(void **state)
{
    covey_group g = { .crypto = NULL };
    const covey_group none = g;

    (void)state;
    covey_group_drop(&g);
    assert_memory_equal(&g, &none, sizeof g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_parameters),
        cmocka_unit_test(takes_what_the_standard_has),
        cmocka_unit_test(knows_the_longest_sender_id),
        cmocka_unit_test(refuses_to_derive),
        cmocka_unit_test(refuses_to_start),
        cmocka_unit_test(starts_at_the_limits),
        cmocka_unit_test(works_with_an_empty_gid),
        cmocka_unit_test(ends_with_the_last_number),
        cmocka_unit_test(refuses_members),
        cmocka_unit_test(finds_whom_it_knows),
        cmocka_unit_test(goes_through_all_whom_it_knows),
        cmocka_unit_test(replaces_a_member_of_the_same_id),
        cmocka_unit_test(drops_what_was_never_set_up),
    };

    return KIT_RUN(tests);
}
