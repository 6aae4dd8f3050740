/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts on chains that were made for the purpose: a root, a CA below it,
 * and the certificate of the member with Sender ID 25 0a. */
#include "x509_make.h"

#include <covey/x509.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

enum {
    NOW = 1800000000,
    BEFORE = 1700000000,
    AFTER = 1900000000
};
static const uint8_t member_id[] = { 0x25, 0x0a };

/* clang-format off */
static const plan root_plan = {
    .name = "root", .from = BEFORE, .to = AFTER,
    .basic = "critical,CA:TRUE", .usage = "critical,keyCertSign",
};
static const plan middle_plan = {
    .name = "middle", .from = BEFORE, .to = AFTER,
    .basic = "critical,CA:TRUE,pathlen:0", .usage = "critical,keyCertSign",
    .aki = "keyid:always",
};
static const plan leaf_plan = {
    .serial = "250a", .name = "lamp", .from = BEFORE, .to = AFTER,
    .usage = "critical,digitalSignature", .aki = "keyid:always",
};
/* clang-format on */

struct world {
    made root;
    made middle;
    made leaf;
    covey_bytes chain[COVEY_X509_CHAIN_MAX + 1];
    covey_bytes anchors[COVEY_X509_ANCHORS_MAX + 1];
    covey_x509_question question;
};

static void set_key(plan *p, int key)
{
    if (p->key == 0) {
        p->key = key;
    }
}

static void make_world(struct world *w, plan root, plan middle, plan leaf,
                       int key)
{
    set_key(&root, key);
    set_key(&middle, key);
    set_key(&leaf, key);
    make(&w->root, &root, &root_plan, NULL);
    make(&w->middle, &middle, &middle_plan, &w->root);
    make(&w->leaf, &leaf, &leaf_plan, &w->middle);
    w->chain[0] = der_of(&w->leaf);
    w->chain[1] = der_of(&w->middle);
    w->anchors[0] = der_of(&w->root);
    w->question = (covey_x509_question){
        .anchors = w->anchors,
        .anchor_count = 1,
        .chain = w->chain,
        .chain_count = 2,
        .now = { .unix_s = NOW, .unix_known = true },
        .id = covey_bytes_of(member_id, sizeof member_id),
    };
}

static void plain_world(struct world *w)
{
    const plan nothing = { .serial = NULL };

    make_world(w, nothing, nothing, nothing, EVP_PKEY_ED25519);
}

static void drop_world(struct world *w)
{
    unmake(&w->root);
    unmake(&w->middle);
    unmake(&w->leaf);
}

/* The verdict on what the world asks now; what is said goes with it. */
static covey_x509_answer ask(const struct world *w)
{
    covey_x509_answer a;
    const covey_x509_verdict verdict = covey_x509_check(&w->question, &a);

    assert_int_equal(verdict, a.verdict);
    assert_true(strlen(a.why) > 5);
    assert_non_null(a.source);
    assert_true(a.at <= w->question.chain_count);
    assert_int_equal(0, ERR_peek_error());
    return a;
}

static void expect(const struct world *w, covey_x509_verdict verdict,
                   size_t at)
{
    const covey_x509_answer a = ask(w);

    if (a.verdict != verdict || a.at != at) {
        print_error("certificate %zu: %s\n", a.at, a.why);
    }
    assert_int_equal(verdict, a.verdict);
    assert_int_equal(at, a.at);
}

/* --- a table of chains -------------------------------------------------- */

struct row {
    const char *why;
    plan root;
    plan middle;
    plan leaf;
    covey_x509_verdict verdict;
    size_t at;
};

enum {
    ANCHOR = 2 /* behind a chain of two */
};

/* clang-format off */
static const struct row rows[] = {
    { .why = "nothing is wrong", .verdict = COVEY_X509_TRUSTED },
    { .why = "no key usage", .leaf = { .usage = NONE },
      .verdict = COVEY_X509_TRUSTED },
    { .why = "more usages", .verdict = COVEY_X509_TRUSTED,
      .leaf = { .usage = "digitalSignature,keyAgreement" } },
    { .why = "the ID is the name", .leaf = { .name = "250a" },
      .verdict = COVEY_X509_TRUSTED },
    { .why = "the name is no ID, the number is", .verdict = COVEY_X509_TRUSTED,
      .leaf = { .serial = "250a", .name = "250b" } },
    { .why = "an X25519 key", .verdict = COVEY_X509_TRUSTED,
      .leaf = { .key = EVP_PKEY_X25519, .usage = "keyAgreement" } },
    { .why = "the first second", .leaf = { .from = NOW },
      .verdict = COVEY_X509_TRUSTED },
    { .why = "the last second but one", .leaf = { .to = NOW + 1 },
      .verdict = COVEY_X509_TRUSTED },
    { .why = "an RSA root", .root = { .key = KEY_RSA_2048 },
      .verdict = COVEY_X509_TRUSTED },
    /* dates */
    { .why = "expired", .leaf = { .to = NOW - 1 },
      .verdict = COVEY_X509_EXPIRED, .at = 0 },
    { .why = "the second of notAfter", .leaf = { .to = NOW },
      .verdict = COVEY_X509_EXPIRED, .at = 0 },
    { .why = "expired CA", .middle = { .to = NOW - 1 },
      .verdict = COVEY_X509_EXPIRED, .at = 1 },
    { .why = "expired anchor", .root = { .to = NOW - 1 },
      .verdict = COVEY_X509_EXPIRED, .at = ANCHOR },
    { .why = "not yet", .leaf = { .from = NOW + 1 },
      .verdict = COVEY_X509_NOT_YET, .at = 0 },
    { .why = "CA not yet", .middle = { .from = NOW + 1 },
      .verdict = COVEY_X509_NOT_YET, .at = 1 },
    { .why = "anchor not yet", .root = { .from = NOW + 1 },
      .verdict = COVEY_X509_NOT_YET, .at = ANCHOR },
    /* who issues */
    { .why = "not a CA", .middle = { .basic = "critical,CA:FALSE",
      .usage = "digitalSignature" },
      .verdict = COVEY_X509_NOT_CA, .at = 1 },
    { .why = "no basicConstraints", .middle = { .basic = NONE },
      .verdict = COVEY_X509_NOT_CA, .at = 1 },
    { .why = "an anchor that is no CA", .root = { .basic = "CA:FALSE",
      .usage = "digitalSignature" },
      .verdict = COVEY_X509_NOT_CA, .at = ANCHOR },
    { .why = "a CA without keyCertSign",
      .middle = { .usage = "digitalSignature" },
      .verdict = COVEY_X509_NOT_CA, .at = 1 },
    { .why = "path length of the root",
      .root = { .basic = "critical,CA:TRUE,pathlen:0" },
      .verdict = COVEY_X509_PATH_LENGTH, .at = ANCHOR },
    /* rules */
    { .why = "a critical extension", .leaf = { .critical = true },
      .verdict = COVEY_X509_RULE, .at = 0 },
    { .why = "a critical extension of the CA", .middle = { .critical = true },
      .verdict = COVEY_X509_RULE, .at = 1 },
    { .why = "no authorityKeyIdentifier", .leaf = { .aki = NONE },
      .verdict = COVEY_X509_RULE, .at = 0 },
    { .why = "basicConstraints of a CA not critical",
      .middle = { .basic = "CA:TRUE" },
      .verdict = COVEY_X509_RULE, .at = 1 },
    /* strength */
    { .why = "a short RSA key of the root", .root = { .key = KEY_RSA_1024 },
      .verdict = COVEY_X509_WEAK, .at = ANCHOR },
    { .why = "SHA-1", .leaf = { .sha1 = true },
      .middle = { .key = NID_X9_62_prime256v1 },
      .verdict = COVEY_X509_WEAK, .at = 0 },
    /* the member's key */
    { .why = "an RSA key", .leaf = { .key = KEY_RSA_2048 },
      .verdict = COVEY_X509_KEY, .at = 0 },
    { .why = "a P-384 key", .leaf = { .key = NID_secp384r1 },
      .verdict = COVEY_X509_KEY, .at = 0 },
    { .why = "a secp256k1 key", .leaf = { .key = NID_secp256k1 },
      .verdict = COVEY_X509_KEY, .at = 0 },
    { .why = "a key with its curve spelt out",
      .leaf = { .key = KEY_P256_SPELT_OUT },
      .verdict = COVEY_X509_RULE, .at = 0 },
    { .why = "usage for key agreement only",
      .leaf = { .usage = "critical,keyAgreement" },
      .verdict = COVEY_X509_KEY_USAGE, .at = 0 },
    { .why = "usage for certificates only",
      .leaf = { .usage = "keyEncipherment,nonRepudiation" },
      .verdict = COVEY_X509_KEY_USAGE, .at = 0 },
    { .why = "X25519 for signatures",
      .leaf = { .key = EVP_PKEY_X25519, .usage = "digitalSignature" },
      .verdict = COVEY_X509_KEY_USAGE, .at = 0 },
    /* the ID */
    { .why = "a name that is no ID", .leaf = { .name = "lamp" },
      .verdict = COVEY_X509_UNBOUND },
    { .why = "a number that is no ID beside a name that is",
      .leaf = { .serial = "lamp", .name = "250a" },
      .verdict = COVEY_X509_UNBOUND },
    { .why = "upper case", .leaf = { .serial = "250A" },
      .verdict = COVEY_X509_UNBOUND },
    { .why = "a space", .leaf = { .serial = "25 0a" },
      .verdict = COVEY_X509_UNBOUND },
    { .why = "a prefix", .leaf = { .serial = "0x250a" },
      .verdict = COVEY_X509_UNBOUND },
    { .why = "half a byte", .leaf = { .serial = "250" },
      .verdict = COVEY_X509_UNBOUND },
    { .why = "eight bytes", .leaf = { .serial = "0102030405060708" },
      .verdict = COVEY_X509_UNBOUND },
    { .why = "two numbers",
      .leaf = { .serial = "250a", .serial_again = "250a" },
      .verdict = COVEY_X509_UNBOUND },
    { .why = "two names", .leaf = { .name = "250a", .name_again = "250b" },
      .verdict = COVEY_X509_UNBOUND },
    { .why = "another ID", .leaf = { .serial = "250b" },
      .verdict = COVEY_X509_OTHER_ID },
    { .why = "a longer ID", .leaf = { .serial = "250a00" },
      .verdict = COVEY_X509_OTHER_ID },
    { .why = "a shorter ID", .leaf = { .serial = "25" },
      .verdict = COVEY_X509_OTHER_ID },
    { .why = "another ID as the number, this one as the name",
      .leaf = { .serial = "250b", .name = "250a" },
      .verdict = COVEY_X509_OTHER_ID },
};
/* clang-format on */

static void check_rows(int key)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *r = &rows[i];
        struct world w;
        kit_case(r->why);
        make_world(&w, r->root, r->middle, r->leaf, key);
        expect(&w, r->verdict, r->at);
        drop_world(&w);
    }
    kit_case(NULL);
}

static void chains_of_ed25519(void **state)
{
    (void)state;
    check_rows(EVP_PKEY_ED25519);
}

static void chains_of_p256(void **state)
{
    (void)state;
    check_rows(NID_X9_62_prime256v1);
}

/* --- what the chain and the anchors are --------------------------------- */

static void answers_with_the_id_of_the_certificate(void **state)
{
    struct world w;

    (void)state;
    plain_world(&w);
    covey_x509_answer a = ask(&w);
    CHECK_HEX("250a", covey_bytes_of(a.id, a.id_len));
    w.question.id = SPAN("\x25\x0b");
    a = ask(&w);
    assert_int_equal(COVEY_X509_OTHER_ID, a.verdict);
    CHECK_HEX("250a", covey_bytes_of(a.id, a.id_len));
    w.question.id = covey_bytes_of(NULL, 0);
    expect(&w, COVEY_X509_OTHER_ID, 0);
    drop_world(&w);
}

static void refuses_without_the_time(void **state)
{
    struct world w;

    (void)state;
    plain_world(&w);
    w.question.now.unix_known = false;
    expect(&w, COVEY_X509_UNKNOWN_TIME, 0);
    w.question.now = (covey_time){ .unix_s = 0, .unix_known = true };
    expect(&w, COVEY_X509_NOT_YET, ANCHOR);
    drop_world(&w);
}

static void refuses_none_and_too_many(void **state)
{
    struct world w;

    (void)state;
    plain_world(&w);
    w.question.chain_count = 0;
    expect(&w, COVEY_X509_COUNT, 0);
    for (size_t i = 2; i < COUNT_OF(w.chain); i++) {
        w.chain[i] = w.chain[1];
    }
    w.question.chain_count = COVEY_X509_CHAIN_MAX + 1;
    expect(&w, COVEY_X509_COUNT, 0);
    w.question.chain_count = COVEY_X509_CHAIN_MAX;
    expect(&w, COVEY_X509_TRUSTED, 0);
    w.question.anchor_count = COVEY_X509_ANCHORS_MAX + 1;
    expect(&w, COVEY_X509_COUNT, COVEY_X509_CHAIN_MAX);
    drop_world(&w);
}

static void refuses_without_an_anchor(void **state)
{
    struct world w;
    struct world other;

    (void)state;
    plain_world(&w);
    plain_world(&other);
    w.question.anchor_count = 0;
    expect(&w, COVEY_X509_NO_ANCHOR, 1);
    /* an anchor of the same name, whose key is another one */
    w.question.anchor_count = 1;
    w.anchors[0] = der_of(&other.root);
    expect(&w, COVEY_X509_NO_ANCHOR, 1);
    /* a root of one's own in the chain */
    w.chain[2] = der_of(&w.root);
    w.question.chain_count = 3;
    expect(&w, COVEY_X509_NO_ANCHOR, 2);
    w.chain[0] = der_of(&w.root);
    w.question.chain_count = 1;
    expect(&w, COVEY_X509_NO_ANCHOR, 0);
    drop_world(&other);
    drop_world(&w);
}

static void refuses_without_the_intermediate(void **state)
{
    struct world w;
    struct world other;

    (void)state;
    plain_world(&w);
    plain_world(&other);
    w.question.chain_count = 1;
    expect(&w, COVEY_X509_NO_ANCHOR, 0);
    w.question.chain_count = 2;
    w.chain[1] = der_of(&w.root);
    expect(&w, COVEY_X509_NO_ANCHOR, 0);
    w.chain[1] = der_of(&other.middle);
    expect(&w, COVEY_X509_NO_ANCHOR, 0);
    /* the issuer where the member's own should be */
    w.chain[0] = der_of(&w.middle);
    w.chain[1] = der_of(&w.leaf);
    expect(&w, COVEY_X509_KEY_USAGE, 0);
    drop_world(&other);
    drop_world(&w);
}

static void takes_any_certificate_as_anchor(void **state)
{
    struct world w;
    struct world other;

    (void)state;
    plain_world(&w);
    plain_world(&other);
    w.anchors[0] = der_of(&other.root);
    w.anchors[1] = der_of(&w.middle);
    w.question.anchor_count = 2;
    w.question.chain_count = 1;
    expect(&w, COVEY_X509_TRUSTED, 0);
    w.anchors[1] = der_of(&w.leaf);
    expect(&w, COVEY_X509_TRUSTED, 0);
    w.anchors[1] = der_of(&w.root);
    w.chain[1] = der_of(&other.root);
    w.chain[2] = der_of(&w.middle);
    w.chain[3] = der_of(&w.root);
    w.question.chain_count = 4;
    expect(&w, COVEY_X509_TRUSTED, 0);
    drop_world(&other);
    drop_world(&w);
}

/* libcrypto looks for it in paths of two and more only. */
static void refuses_an_anchor_with_its_curve_spelt_out(void **state)
{
    const plan nothing = { .serial = NULL };
    const plan spelt_out = { .key = KEY_P256_SPELT_OUT };
    struct world w;

    (void)state;
    make_world(&w, nothing, nothing, spelt_out, NID_X9_62_prime256v1);
    w.anchors[0] = der_of(&w.leaf);
    w.question.chain_count = 1;
    expect(&w, COVEY_X509_KEY, 0);
    drop_world(&w);
}

/* --- bytes -------------------------------------------------------------- */

static void refuses_every_changed_byte(void **state)
{
    uint8_t copy[sizeof(made){ 0 }.der];
    struct world w;

    (void)state;
    plain_world(&w);
    for (size_t which = 0; which < 2; which++) {
        const covey_bytes good = w.chain[which];
        memcpy(copy, good.ptr, good.len);
        w.chain[which].ptr = copy;
        for (size_t i = 0; i < good.len; i++) {
            copy[i] ^= 1u << i % 8;
            assert_true(ask(&w).verdict > COVEY_X509_TRUSTED);
            copy[i] = good.ptr[i];
        }
        expect(&w, COVEY_X509_TRUSTED, 0);
        w.chain[which] = good;
    }
    drop_world(&w);
}

static void refuses_a_wrong_signature(void **state)
{
    uint8_t copy[sizeof(made){ 0 }.der];
    struct world w;

    (void)state;
    plain_world(&w);
    memcpy(copy, w.leaf.der, w.leaf.len);
    copy[w.leaf.len - 1] ^= 1;
    w.chain[0].ptr = copy;
    expect(&w, COVEY_X509_SIGNATURE, 0);
    drop_world(&w);
}

static void refuses_every_shortened_certificate(void **state)
{
    struct world w;

    (void)state;
    plain_world(&w);
    for (size_t len = 0; len < w.leaf.len; len++) {
        w.chain[0].len = len;
        expect(&w, COVEY_X509_ENCODING, 0);
    }
    w.chain[0] = covey_bytes_of(NULL, 0);
    expect(&w, COVEY_X509_ENCODING, 0);
    drop_world(&w);
}

static void refuses_bytes_behind_it(void **state)
{
    struct world w;

    (void)state;
    plain_world(&w);
    w.leaf.der[w.leaf.len] = 0;
    w.chain[0].len++;
    expect(&w, COVEY_X509_ENCODING, 0);
    w.chain[0].len--;
    w.middle.der[w.middle.len] = 0;
    w.chain[1].len++;
    expect(&w, COVEY_X509_ENCODING, 1);
    w.chain[1].len--;
    w.root.der[w.root.len] = 0;
    w.anchors[0].len++;
    expect(&w, COVEY_X509_ENCODING, ANCHOR);
    drop_world(&w);
}

/* BER has a length of more bytes than DER: the same certificate, but another
 * credential. */
static void refuses_a_second_encoding(void **state)
{
    uint8_t copy[sizeof(made){ 0 }.der + 1];
    struct world w;

    (void)state;
    plain_world(&w);
    assert_int_equal(0x82, w.leaf.der[1]);
    copy[0] = 0x30;
    copy[1] = 0x83;
    copy[2] = 0;
    memcpy(copy + 3, w.leaf.der + 2, w.leaf.len - 2);
    w.chain[0] = covey_bytes_of(copy, w.leaf.len + 1);
    expect(&w, COVEY_X509_ENCODING, 0);
    drop_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_of_ed25519),
        cmocka_unit_test(chains_of_p256),
        cmocka_unit_test(answers_with_the_id_of_the_certificate),
        cmocka_unit_test(refuses_without_the_time),
        cmocka_unit_test(refuses_none_and_too_many),
        cmocka_unit_test(refuses_without_an_anchor),
        cmocka_unit_test(refuses_without_the_intermediate),
        cmocka_unit_test(takes_any_certificate_as_anchor),
        cmocka_unit_test(refuses_an_anchor_with_its_curve_spelt_out),
        cmocka_unit_test(refuses_every_changed_byte),
        cmocka_unit_test(refuses_a_wrong_signature),
        cmocka_unit_test(refuses_every_shortened_certificate),
        cmocka_unit_test(refuses_bytes_behind_it),
        cmocka_unit_test(refuses_a_second_encoding),
    };
    return KIT_RUN(tests);
}
