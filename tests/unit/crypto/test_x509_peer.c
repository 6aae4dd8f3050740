/* SPDX-License-Identifier: BSD-2-Clause */
/* Chains of TLS peers: what differs from those of members. Names and extended
 * key usage are tried with other programs in tests/cli/test_tls_openssl.py. */
#include "x509_make.h"

#include "kit.h"

#include <covey/x509.h>

#include <openssl/obj_mac.h>

#define NOW  INT64_C(1800000000)
#define DAY  INT64_C(86400)
#define FROM (NOW - DAY)

static covey_x509_answer judge(int root_key, int leaf_key, int64_t now,
                               bool known, const char *name)
{
    const plan root_plan = { .serial = "00",
                             .key = root_key,
                             .from = FROM,
                             .to = NOW + 3 * DAY,
                             .basic = "critical,CA:TRUE",
                             .usage = "critical,keyCertSign",
                             .aki = NONE };
    const plan leaf_plan = { .serial = "01",
                             .key = leaf_key,
                             .from = FROM,
                             .to = NOW + DAY,
                             .basic = NONE,
                             .usage = "critical,digitalSignature",
                             .aki = "keyid:always" };
    const plan nothing = { .serial = NULL };
    covey_x509_answer a;
    covey_bytes chain[1];
    covey_bytes anchors[1];
    made root = { .cert = NULL };
    made leaf = { .cert = NULL };

    make(&root, &nothing, &root_plan, NULL);
    make(&leaf, &nothing, &leaf_plan, &root);
    chain[0] = der_of(&leaf);
    anchors[0] = der_of(&root);
    const covey_x509_question q = {
        .anchors = anchors,
        .anchor_count = 1,
        .chain = chain,
        .chain_count = 1,
        .now = { .unix_s = now, .unix_known = known },
    };
    covey_x509_verdict v = covey_x509_check_peer(&q, true, name, &a);
    assert_int_equal(v, a.verdict);
    unmake(&leaf);
    unmake(&root);
    return a;
}

static void says_until_when_a_peer_is_trusted(void **state)
{
    covey_x509_answer a =
        judge(NID_X9_62_prime256v1, NID_X9_62_prime256v1, NOW, true, NULL);

    (void)state;
    assert_int_equal(a.verdict, COVEY_X509_TRUSTED);
    assert_int_equal(a.valid_until, NOW + DAY);
}

static void refuses_peers_that_are_too_late_or_too_weak(void **state)
{
    (void)state;
    assert_int_equal(judge(NID_X9_62_prime256v1, NID_X9_62_prime256v1,
                           NOW + 2 * DAY, true, NULL)
                         .verdict,
                     COVEY_X509_EXPIRED);
    assert_int_equal(
        judge(NID_X9_62_prime256v1, NID_X9_62_prime256v1, NOW, false, NULL)
            .verdict,
        COVEY_X509_UNKNOWN_TIME);
    /* RFC 8902 Section 7.3: 2,048 bits of RSA are 112 bits of strength. */
    assert_int_equal(
        judge(NID_X9_62_prime256v1, KEY_RSA_2048, NOW, true, NULL).verdict,
        COVEY_X509_WEAK);
    assert_int_equal(
        judge(KEY_RSA_2048, NID_X9_62_prime256v1, NOW, true, NULL).verdict,
        COVEY_X509_WEAK);
}

static void refuses_servers_of_another_name(void **state)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "::1",
                                         "a.example" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(judge(NID_X9_62_prime256v1, NID_X9_62_prime256v1, NOW,
                               true, names[i])
                             .verdict,
                         COVEY_X509_NAME);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_until_when_a_peer_is_trusted),
        cmocka_unit_test(refuses_peers_that_are_too_late_or_too_weak),
        cmocka_unit_test(refuses_servers_of_another_name),
    };

    return KIT_RUN(tests);
}
