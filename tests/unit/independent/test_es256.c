/* SPDX-License-Identifier: BSD-2-Clause */
/* ES256 signatures differ from run to run, so they cannot be compared with a
 * vector. Here a request of a group with P-256 is protected as the vector
 * p256-group-group has it; all but the signature is compared, and the
 * signature is verified by libcrypto itself, over the vector's
 * Countersign_structure and with the vector's keystream: nothing that judges
 * it has been computed by us. */
#include "kit.h"

#include <covey/group.h>
#include <crypto/openssl/openssl.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/params.h>

enum {
    SIGNATURE = 64,
    COORDINATE = 32
};

#define CLIENT_X                                                              \
    "796cb61131947dcdc30d7aeeb7df83eae339a78d8c78fabad9702793c69cc40d"
#define CLIENT_Y                                                              \
    "e27f8724900ece3bba63aa68eb2b623afa4f11cf92ca8c7bd0cbefd98985055b"
#define CLIENT_CRED "a108a101a5010203262001215820" CLIENT_X "225820" CLIENT_Y
#define GM_CRED                                                               \
    "a108a101a5010203262001215820"                                            \
    "ab9a296efc863143b08355a577118eb843ebfebf7a7cf7c9c26ddf9eaeabd6d5"        \
    "225820"                                                                  \
    "98540e9b2c50126be2d6c654c564f4456a08d6373d6a0cac62ed1c55643fa040"
#define CIPHERTEXT "1d34375e03ac4600c3c0077cce657e"

static const char private_hex[] =
    "29eebc63532d1e37cea261ef57a4f8937e081a0bb23d821cf4104818a4fc7953";
static const char tbs_hex[] =
    "8571436f756e7465725369676e6174757265304040"
    "58bd8901840a0a26381a412541004042dd1146390002dd11255851" CLIENT_CRED
    "5851" GM_CRED "4f" CIPHERTEXT;
static const char keystream_hex[] =
    "9950dfb663e2b0ad593d93301015094373065855d0259b15f9ad4e0216da9e73"
    "3d94748c14a609e1b9ffca4bc8824b68953cc80122caca28fe924c5dad9e278e";

static uint8_t storage[8][512];

static covey_group_parameters parameters(void)
{
    const covey_group_parameters p = {
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_ES256, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_P256,
        .gid = SPAN("\xdd\x11"),
        .master_secret =
            kit_hex("fbb0d4a05264e83a1e9a1c6c04a4b9d3", storage[0], 512),
        .master_salt = kit_hex("7bec83af88c60e01", storage[1], 512),
        .gm_cred = kit_hex(GM_CRED, storage[2], 512),
    };
    return p;
}

/* Protects GET /light with sequence number 0 and gives its payload. */
static covey_bytes payload_of_request(uint8_t *room, size_t cap)
{
    static uint8_t scratch[4096];
    const covey_group_parameters p = parameters();
    const covey_group_work work = {
        .message = { .scratch = scratch, .scratch_cap = sizeof scratch },
    };
    covey_group_recipient nobody[1];
    covey_group_answer answers[1];
    covey_group_exchange exchange = { .answers = answers, .answer_max = 1 };
    covey_group_record record;
    covey_coap_message plain;
    covey_coap_message outer;
    covey_key key;
    covey_group g;
    covey_crypto crypto;
    covey_writer out = covey_writer_of(room, cap);

    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    CHECK_STATUS(COVEY_OK, crypto.private_key(
                               crypto.provider, COVEY_P256,
                               kit_hex(private_hex, storage[3], 512), &key));
    const covey_group_start start = {
        .sender_id = SPAN("\x25"),
        .credential = kit_hex(CLIENT_CRED, storage[4], 512),
        .private_key = &key,
        .recipients = nobody,
        .recipient_max = 1,
    };
    CHECK_STATUS(COVEY_OK, covey_group_setup(&g, &crypto, &p, &start));
    while (covey_group_due(&g, &record)) {
        CHECK_STATUS(COVEY_OK, covey_group_stored(&g, &record));
    }
    CHECK_STATUS(COVEY_OK,
                 covey_coap_parse(&plain, kit_hex("520100011122b56c69676874",
                                                  storage[5], 512)));
    CHECK_STATUS(COVEY_OK,
                 covey_group_seal_request(
                     &g, &exchange, &plain,
                     kit_hex("01b56c69676874", storage[6], 512), &work, &out));
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&outer, covey_written(&out)));
    covey_group_drop(&g);
    crypto.key_drop(crypto.provider, &key);
    covey_openssl_close(&crypto);
    return outer.payload;
}

/* libcrypto's own key from the coordinates. */
static EVP_PKEY *public_key(void)
{
    char group[] = "prime256v1";
    uint8_t point[1 + 2 * COORDINATE] = { 0x04 };
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
                                          sizeof point),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;

    kit_hex(CLIENT_X CLIENT_Y, point + 1, 2 * COORDINATE);
    assert_int_equal(1, EVP_PKEY_fromdata_init(ctx));
    assert_int_equal(
        1, EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params));
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* 1 if r | s is a signature over tbs. */
static int verifies(const uint8_t *rs, covey_bytes tbs)
{
    EVP_PKEY *key = public_key();
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    ECDSA_SIG *sig = ECDSA_SIG_new();
    uint8_t *der = NULL;
    int len;
    int result;

    assert_int_equal(
        1, ECDSA_SIG_set0(sig, BN_bin2bn(rs, COORDINATE, NULL),
                          BN_bin2bn(rs + COORDINATE, COORDINATE, NULL)));
    len = i2d_ECDSA_SIG(sig, &der);
    assert_true(len > 0);
    assert_int_equal(1,
                     EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key));
    result = EVP_DigestVerify(md, der, (size_t)len, tbs.ptr, tbs.len);
    OPENSSL_free(der);
    ECDSA_SIG_free(sig);
    EVP_MD_CTX_free(md);
    EVP_PKEY_free(key);
    return result;
}

static void libcrypto_verifies_our_signature(void **state)
{
    uint8_t room[1024];
    uint8_t keystream[SIGNATURE];
    uint8_t rs[SIGNATURE];
    const covey_bytes tbs = kit_hex(tbs_hex, storage[7], 512);
    const covey_bytes payload = payload_of_request(room, sizeof room);

    (void)state;
    assert_int_equal(15 + SIGNATURE, payload.len);
    CHECK_HEX(CIPHERTEXT, covey_bytes_of(payload.ptr, 15));
    kit_hex(keystream_hex, keystream, sizeof keystream);
    for (size_t i = 0; i < SIGNATURE; i++) {
        rs[i] = payload.ptr[15 + i] ^ keystream[i];
    }
    assert_int_equal(1, verifies(rs, tbs));
    rs[SIGNATURE - 1] ^= 1;
    assert_int_not_equal(1, verifies(rs, tbs));
    rs[SIGNATURE - 1] ^= 1;
    storage[7][tbs.len - 1] ^= 1;
    assert_int_not_equal(1, verifies(rs, tbs));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libcrypto_verifies_our_signature),
    };

    return KIT_RUN(tests);
}
