/* SPDX-License-Identifier: BSD-2-Clause */
/* Chains and signed data on every curve, with real cryptography: also a 256
 * bit subject under a 384 bit issuer and the other way round. */
#include "kit.h"
#include "make.h"

#include "crypto/openssl/openssl.h"

static covey_crypto crypto;
static struct made root;
static struct made aa;
static struct made at;
static covey_its_known slots[3];
static uint8_t buffer[1200];

static void check(const covey_its_alg algs[3], bool uncompressed,
                  bool implicit)
{
    struct make_spec specs[3] = { make_root, make_aa, make_at };
    covey_its_store store;
    covey_its_finding why;
    covey_its_peer peer;
    covey_its_signed d;
    covey_its_signer signer;
    covey_its_chain chain = { .others = &aa.cert.whole, .other_count = 1 };
    covey_its_statement what = { .data = SPAN("hello"), .psid = 38 };
    covey_its_expect e = { .now = MAKE_NOW, .psid = 38 };
    covey_writer w = covey_writer_of(buffer, sizeof buffer);

    for (int i = 0; i < 3; i++) {
        specs[i].alg = algs[i];
        specs[i].uncompressed = uncompressed;
    }
    specs[2].implicit = implicit;
    make_cert(&root, &specs[0], NULL, 1, &crypto);
    make_cert(&aa, &specs[1], &root, 2, &crypto);
    make_cert(&at, &specs[2], &aa, 3, &crypto);
    covey_its_store_init(&store, slots, COUNT_OF(slots));
    CHECK_STATUS(COVEY_OK, covey_its_store_anchor(&store, &crypto,
                                                  root.cert.whole, &why));
    chain.end_entity = at.cert.whole;
    assert_int_equal(
        covey_its_chain_verify(&peer, &store, &crypto, &chain, MAKE_NOW, &why),
        COVEY_ITS_VALID);
    CHECK_STATUS(
        COVEY_OK,
        covey_its_signer_open(
            &signer, &crypto, at.cert.whole,
            covey_bytes_of(
                at.secret,
                covey_its_hash_of(algs[2]) == COVEY_ITS_SHA384 ? 48 : 32),
            NULL, &why));
    what.certificate = true;
    CHECK_STATUS(COVEY_OK, covey_its_sign(&w, &signer, &what, &crypto));
    CHECK_STATUS(COVEY_OK,
                 covey_its_signed_decode(&d, covey_written(&w), &why));
    assert_int_equal(covey_its_signed_verify(&peer, &d, &e, &crypto, &why),
                     COVEY_ITS_VALID);
    buffer[8] ^= 1;
    assert_int_equal(covey_its_signed_verify(&peer, &d, &e, &crypto, &why),
                     COVEY_ITS_REFUSED);
    covey_its_signer_drop(&signer, &crypto);
    covey_its_peer_drop(&peer, &crypto);
    covey_its_store_clear(&store, &crypto);
}

static void verifies_with_every_curve_over_every_curve(void **state)
{
    (void)state;
    for (int r = 0; r < 4; r++) {
        for (int t = 0; t < 4; t++) {
            covey_its_alg algs[3] = { (covey_its_alg)r, (covey_its_alg)t,
                                      (covey_its_alg)r };
            kit_case(covey_its_alg_name(algs[1]));
            check(algs, (r + t) % 2 == 1, false);
        }
    }
    kit_case(NULL);
}

static void verifies_implicit_certificates(void **state)
{
    const covey_its_alg algs[3] = { COVEY_ITS_BRAINPOOL_P384R1, COVEY_ITS_P256,
                                    COVEY_ITS_P256 };

    (void)state;
    check(algs, false, true);
    check(algs, true, true);
}

/* The bytes are signed as they came; the key is no point of the curve. */
static void refuses_a_key_that_is_no_point(void **state)
{
    struct make_spec specs[2] = { make_root, make_aa };
    covey_its_store store;
    covey_its_finding why;
    size_t at_key;

    (void)state;
    specs[0].uncompressed = true;
    make_cert(&root, &specs[0], NULL, 1, &crypto);
    covey_its_store_init(&store, slots, COUNT_OF(slots));
    at_key = (size_t)(root.cert.verify_key.point.y.ptr - root.bytes);
    root.bytes[at_key + 3] ^= 1;
    CHECK_STATUS(COVEY_E_RANGE, covey_its_store_anchor(&store, &crypto,
                                                       root.cert.whole, &why));
    assert_int_equal(why.reason, COVEY_ITS_R_KEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifies_with_every_curve_over_every_curve),
        cmocka_unit_test(verifies_implicit_certificates),
        cmocka_unit_test(refuses_a_key_that_is_no_point),
    };
    int failed;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    failed = KIT_RUN(tests);
    covey_openssl_close(&crypto);
    return failed;
}
