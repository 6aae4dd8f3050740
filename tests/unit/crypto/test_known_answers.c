/* SPDX-License-Identifier: BSD-2-Clause */
/* The provider for hosts against values printed in standards, and its
 * refusals that only real curves have. */
#include "kit.h"

#include "crypto/openssl/openssl.h"

static covey_crypto crypto;

static uint8_t key_storage[200];
static uint8_t data_storage[400];
static uint8_t other_storage[400];

static void derives_as_rfc_5869_appendix_a(void **state)
{
    static const struct {
        const char *why, *salt, *ikm, *info, *okm;
    } cases[] = {
        { "A.1 basic", "000102030405060708090a0b0c",
          "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
          "f0f1f2f3f4f5f6f7f8f9",
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
          "34007208d5b887185865" },
        { "A.3 neither salt nor info", "",
          "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "",
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
          "9d201395faa4b61a96c8" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t okm[42];
        uint8_t info[16];
        covey_writer w = covey_writer_of(okm, sizeof okm);
        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_OK,
                     crypto.hkdf(crypto.provider, COVEY_HMAC_256_256,
                                 kit_hex(cases[i].salt, key_storage, 200),
                                 kit_hex(cases[i].ikm, data_storage, 400),
                                 kit_hex(cases[i].info, info, sizeof info),
                                 &w));
        CHECK_HEX(cases[i].okm, covey_written(&w));
    }
    kit_case(NULL);
}

/* RFC 8613 Appendix C.1.1: info is [id, nil, alg, type, L]. */
static void derives_the_keys_of_rfc_8613_appendix_c_1(void **state)
{
    static const struct {
        const char *info, *okm;
    } cases[] = {
        { "8540f60a634b657910", "f0910ed7295e6ad4b54fc793154302ff" },
        { "854101f60a634b657910", "ffb14e093c94c9cac9471648b4f98710" },
        { "8540f60a6249560d", "4622d4dd6d944168eefb54987c" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t okm[16];
        uint8_t info[16];
        covey_writer w = covey_writer_of(okm, strlen(cases[i].okm) / 2);
        CHECK_STATUS(COVEY_OK,
                     crypto.hkdf(crypto.provider, COVEY_HMAC_256_256,
                                 kit_hex("9e7ca92223786340", key_storage, 200),
                                 kit_hex("0102030405060708090a0b0c0d0e0f10",
                                         data_storage, 400),
                                 kit_hex(cases[i].info, info, sizeof info),
                                 &w));
        CHECK_HEX(cases[i].okm, covey_written(&w));
    }
}

static void macs_as_rfc_4231(void **state)
{
    static const char *const expected[] = {
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
        "8e2240ca5e69e2c78b3239ecfab21649",
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        uint8_t mac[COVEY_HASH_MAX];
        covey_writer w = covey_writer_of(mac, sizeof mac);
        CHECK_STATUS(COVEY_OK,
                     crypto.hmac(crypto.provider,
                                 COVEY_HMAC_256_256 + (int32_t)i, SPAN("Jefe"),
                                 SPAN("what do ya want for nothing?"), &w));
        CHECK_HEX(expected[i], covey_written(&w));
    }
}

static void hashes_as_fips_180(void **state)
{
    static const struct {
        int32_t alg;
        const char *digest;
    } cases[] = {
        { COVEY_SHA_256,
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { COVEY_SHA_384,
          "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
          "8086072ba1e7cc2358baeca134c825a7" },
        { COVEY_SHA_512,
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t digest[COVEY_HASH_MAX];
        covey_writer w = covey_writer_of(digest, sizeof digest);
        covey_hash h;
        CHECK_STATUS(COVEY_OK,
                     crypto.hash_begin(crypto.provider, cases[i].alg, &h));
        CHECK_STATUS(COVEY_OK,
                     crypto.hash_update(crypto.provider, &h, SPAN("abc")));
        CHECK_STATUS(COVEY_OK, crypto.hash_finish(crypto.provider, &h, &w));
        CHECK_HEX(cases[i].digest, covey_written(&w));
    }
}

static void seals_as_printed(void **state)
{
    static const struct {
        const char *why;
        int32_t alg;
        const char *key, *nonce, *aad, *plain, *sealed;
    } cases[] = {
        /* Packet vector 1: 8 bytes of header, 8 bytes of MAC. */
        { "RFC 3610 Section 8, vector 1", COVEY_AES_CCM_16_64_128,
          "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf", "00000003020100a0a1a2a3a4a5",
          "0001020304050607", "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
          "588c979a61c663d2f066d0c2c0f989806d5f6b61dac384"
          "17e8d12cfdf926e0" },
        { "RFC 8613 Appendix C.4", COVEY_AES_CCM_16_64_128,
          "f0910ed7295e6ad4b54fc793154302ff", "4622d4dd6d944168eefb549868",
          "8368456e63727970743040488501810a40411440", "01b3747631",
          "612f1092f1776f1c1668b3825e" },
        { "SP 800-38C, example 3", COVEY_AES_CCM_24_64_128,
          "404142434445464748494a4b4c4d4e4f", "101112131415161718191a1b",
          "000102030405060708090a0b0c0d0e0f10111213",
          "202122232425262728292a2b2c2d2e2f3031323334353637",
          "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5"
          "484392fbc1b09951" },
        { "RFC 8439 Section 2.8.2", COVEY_CHACHA20_POLY1305,
          "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
          "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
          "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
          "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
          "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
          "637265656e20776f756c642062652069742e",
          "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
          "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
          "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
          "3ff4def08e4b7a9de576d26586cec64b6116"
          "1ae10b594f09e26a7e902ecbd0600691" },
        { "AES-GCM specification, test case 4", COVEY_A128GCM,
          "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
          "feedfacedeadbeeffeedfacedeadbeefabaddad2",
          "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
          "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
          "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
          "5bc94fbc3221a5db94fae95ae7121a47" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t out[400];
        uint8_t nonce[16];
        uint8_t aad[40];
        covey_writer w = covey_writer_of(out, sizeof out);
        covey_key key;
        kit_case(cases[i].why);
        covey_bytes n = kit_hex(cases[i].nonce, nonce, sizeof nonce);
        covey_bytes a = kit_hex(cases[i].aad, aad, sizeof aad);
        covey_bytes p = kit_hex(cases[i].plain, data_storage, 400);
        CHECK_STATUS(COVEY_OK,
                     crypto.cipher_key(crypto.provider, cases[i].alg,
                                       kit_hex(cases[i].key, key_storage, 200),
                                       &key));
        CHECK_STATUS(COVEY_OK,
                     crypto.seal(crypto.provider, &key, n, a, p, &w));
        CHECK_HEX(cases[i].sealed, covey_written(&w));
        covey_bytes sealed = covey_written(&w);
        covey_writer back = covey_writer_of(other_storage, 400);
        CHECK_STATUS(COVEY_OK,
                     crypto.open(crypto.provider, &key, n, a, sealed, &back));
        CHECK_SPAN(p, covey_written(&back));
        crypto.key_drop(crypto.provider, &key);
    }
    kit_case(NULL);
}

/* RFC 3686 vector 1 counts from 1, RFC 9459 from 0: so ours begins one block
 * earlier, with a block that nobody printed. */
static void counts_from_zero_with_ctr(void **state)
{
    uint8_t plain[32] = { 0 };
    uint8_t out[32];
    uint8_t nonce[12];
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_key key;

    (void)state;
    memcpy(plain + 16, "Single block msg", 16);
    CHECK_STATUS(COVEY_OK,
                 crypto.cipher_key(crypto.provider, COVEY_A128CTR,
                                   kit_hex("ae6852f8121067cc4bf7a5765577f39e",
                                           key_storage, 200),
                                   &key));
    CHECK_STATUS(COVEY_OK,
                 crypto.seal(crypto.provider, &key,
                             kit_hex("000000300000000000000000", nonce, 12),
                             covey_bytes_of(NULL, 0),
                             covey_bytes_of(plain, sizeof plain), &w));
    CHECK_HEX("e4095d4fb7a7b3792d6175a3261311b8",
              covey_bytes_of(out + 16, 16));
    crypto.key_drop(crypto.provider, &key);
}

static covey_key key_of(int32_t curve, bool private_key, const char *hex)
{
    covey_bytes raw = kit_hex(hex, key_storage, sizeof key_storage);
    covey_key key = { { 0 } };

    CHECK_STATUS(COVEY_OK,
                 (private_key ? crypto.private_key : crypto.public_key)(
                     crypto.provider, curve, raw, &key));
    return key;
}

static void signs_as_rfc_8032_section_7_1(void **state)
{
    static const struct {
        const char *seed, *public_key, *message, *signature;
    } cases[] = {
        { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
          "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
          "",
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
          "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
        { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
          "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
          "af82",
          "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
          "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t out[64];
        covey_writer w = covey_writer_of(out, sizeof out);
        covey_key own = key_of(COVEY_ED25519, true, cases[i].seed);
        covey_bytes tbs = kit_hex(cases[i].message, data_storage, 400);
        CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &own, &w));
        CHECK_HEX(cases[i].public_key, covey_written(&w));
        w.pos = 0;
        CHECK_STATUS(COVEY_OK,
                     crypto.sign(crypto.provider, &own, COVEY_EDDSA, tbs, &w));
        CHECK_HEX(cases[i].signature, covey_written(&w));
        crypto.key_drop(crypto.provider, &own);
    }
}

/* RFC 6979 Appendix A.2.5, P-256 with SHA-256, message "sample". */
static void verifies_as_rfc_6979(void **state)
{
    static const char public_hex[] =
        "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    static const char signature_hex[] =
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
    uint8_t out[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_key own = key_of(
        COVEY_P256, true,
        "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    covey_key peer = key_of(COVEY_P256, false, public_hex);
    covey_bytes sig = kit_hex(signature_hex, data_storage, 400);

    (void)state;
    CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &own, &w));
    CHECK_HEX(public_hex, covey_written(&w));
    CHECK_STATUS(COVEY_OK, crypto.verify(crypto.provider, &peer, COVEY_ES256,
                                         SPAN("sample"), sig));
    CHECK_STATUS(COVEY_E_AUTH,
                 crypto.verify(crypto.provider, &peer, COVEY_ES256,
                               SPAN("Sample"), sig));
    crypto.key_drop(crypto.provider, &own);
    crypto.key_drop(crypto.provider, &peer);
}

static void agrees_as_rfc_7748_section_6_1(void **state)
{
    uint8_t out[32];
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_key bob = key_of(
        COVEY_X25519, true,
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    covey_key alice = key_of(
        COVEY_X25519, false,
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");

    (void)state;
    CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &bob, &w));
    CHECK_HEX(
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
        covey_written(&w));
    w.pos = 0;
    CHECK_STATUS(COVEY_OK, crypto.agree(crypto.provider, &bob, &alice, &w));
    CHECK_HEX(
        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
        covey_written(&w));
    crypto.key_drop(crypto.provider, &bob);
    crypto.key_drop(crypto.provider, &alice);
}

static void refuse_public(int32_t curve, const char *why, const char *hex)
{
    covey_key key;

    kit_case(why);
    CHECK_STATUS(COVEY_E_RANGE,
                 crypto.public_key(crypto.provider, curve,
                                   kit_hex(hex, key_storage, 200), &key));
    assert_int_equal(key.opaque[0], 0);
    kit_case(NULL);
}

static void refuses_points_that_are_not_on_p256(void **state)
{
    static const struct {
        const char *why, *hex;
    } cases[] = {
        { "last bit of y flipped",
          "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462298" },
        { "last bit of x flipped",
          "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb7"
          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299" },
        { "zero and zero",
          "0400000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "00" },
        { "x is the prime", "02ffffffff00000001000000000000000000000000fffffff"
                            "fffffffffffffffff" },
        { "x is all ones", "03ffffffffffffffffffffffffffffffffffffffffffffffff"
                           "ffffffffffffffff" },
        { "no y for this x", "0260fed4ba255a9d31c961eb74c6356d68c049b8923b61fa"
                             "6ce669622e60f29fb5" },
        { "infinity", "00" },
        { "hybrid form",
          "0760fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        refuse_public(COVEY_P256, cases[i].why, cases[i].hex);
    }
}

static void decompresses_points_of_p256(void **state)
{
    uint8_t out[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_key odd = key_of(
        COVEY_P256, false,
        "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");

    (void)state;
    CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &odd, &w));
    CHECK_HEX(
        "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
        covey_written(&w));
    crypto.key_drop(crypto.provider, &odd);
}

static void refuses_scalars_of_p256_out_of_range(void **state)
{
    static const struct {
        const char *hex;
        covey_status status;
    } cases[] = {
        { "0000000000000000000000000000000000000000000000000000000000000000",
          COVEY_E_RANGE },
        { "0000000000000000000000000000000000000000000000000000000000000001",
          COVEY_OK },
        { "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
          COVEY_OK }, /* n - 1 */
        { "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
          COVEY_E_RANGE }, /* n */
        { "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
          COVEY_E_RANGE },
    };
    covey_key key;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].hex);
        CHECK_STATUS(
            cases[i].status,
            crypto.private_key(crypto.provider, COVEY_P256,
                               kit_hex(cases[i].hex, key_storage, 200), &key));
        crypto.key_drop(crypto.provider, &key);
    }
    kit_case(NULL);
}

static void refuses_bad_points_of_ed25519(void **state)
{
    static const struct {
        const char *why, *hex;
    } cases[] = {
        { "y = 1",
          "0100000000000000000000000000000000000000000000000000000000000000" },
        { "y = 1 with the sign bit",
          "0100000000000000000000000000000000000000000000000000000000000080" },
        { "y = -1",
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f" },
        { "y = -1 with the sign bit",
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" },
        { "y = 1, not canonical",
          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f" },
        { "y = 0, of order 4",
          "0000000000000000000000000000000000000000000000000000000000000000" },
        { "y = 0, not canonical",
          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f" },
        { "of order 8",
          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05" },
        { "of order 8, the other",
          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a" },
        { "not on the curve",
          "0200000000000000000000000000000000000000000000000000000000000000" },
        /* a good key with the point of order 2 added: y of the other sign */
        { "of mixed order",
          "16a567fe7d4ef5482ab4012c369bf8c5f11e8d0c2559dcda50fde59708f8aee5" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        refuse_public(COVEY_ED25519, cases[i].why, cases[i].hex);
    }
}

static void refuses_to_agree_with_points_of_small_order(void **state)
{
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    };
    covey_key own = key_of(
        COVEY_X25519, true,
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(points); i++) {
        uint8_t out[32];
        covey_writer w = covey_writer_of(out, sizeof out);
        covey_key peer = key_of(COVEY_X25519, false, points[i]);
        kit_case(points[i]);
        CHECK_STATUS(COVEY_E_RANGE,
                     crypto.agree(crypto.provider, &own, &peer, &w));
        assert_int_equal(w.pos, 0);
        crypto.key_drop(crypto.provider, &peer);
    }
    kit_case(NULL);
    crypto.key_drop(crypto.provider, &own);
}

/* S + the order of the group is the same number and another signature (RFC
 * 8032 Section 5.1.7, point 1). */
static void refuses_a_second_form_of_a_signature(void **state)
{
    static const uint8_t order[32] = { 0xed, 0xd3,       0xf5, 0x5c, 0x1a,
                                       0x63, 0x12,       0x58, 0xd6, 0x9c,
                                       0xf7, 0xa2,       0xde, 0xf9, 0xde,
                                       0x14, [31] = 0x10 };
    uint8_t sig[64];
    unsigned carry = 0;
    covey_writer w = covey_writer_of(sig, sizeof sig);
    covey_key own = key_of(
        COVEY_ED25519, true,
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

    (void)state;
    CHECK_STATUS(COVEY_OK, crypto.sign(crypto.provider, &own, COVEY_EDDSA,
                                       SPAN("tbs"), &w));
    CHECK_STATUS(COVEY_OK, crypto.verify(crypto.provider, &own, COVEY_EDDSA,
                                         SPAN("tbs"), covey_written(&w)));
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)sig[32 + i] + order[i];
        sig[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_int_equal(carry, 0);
    CHECK_STATUS(COVEY_E_AUTH,
                 crypto.verify(crypto.provider, &own, COVEY_EDDSA, SPAN("tbs"),
                               covey_written(&w)));
    crypto.key_drop(crypto.provider, &own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derives_as_rfc_5869_appendix_a),
        cmocka_unit_test(derives_the_keys_of_rfc_8613_appendix_c_1),
        cmocka_unit_test(macs_as_rfc_4231),
        cmocka_unit_test(hashes_as_fips_180),
        cmocka_unit_test(seals_as_printed),
        cmocka_unit_test(counts_from_zero_with_ctr),
        cmocka_unit_test(signs_as_rfc_8032_section_7_1),
        cmocka_unit_test(verifies_as_rfc_6979),
        cmocka_unit_test(agrees_as_rfc_7748_section_6_1),
        cmocka_unit_test(refuses_points_that_are_not_on_p256),
        cmocka_unit_test(decompresses_points_of_p256),
        cmocka_unit_test(refuses_scalars_of_p256_out_of_range),
        cmocka_unit_test(refuses_bad_points_of_ed25519),
        cmocka_unit_test(refuses_to_agree_with_points_of_small_order),
        cmocka_unit_test(refuses_a_second_form_of_a_signature),
    };
    int failed = 0;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    failed = KIT_RUN(tests);
    covey_openssl_close(&crypto);
    return failed;
}
