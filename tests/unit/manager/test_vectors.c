/* SPDX-License-Identifier: BSD-2-Clause */
/* The 16 cases of group_manager_pop.json with real cryptography: inputs, and
 * the evidence as a Join Request to a manager that gave out that challenge:
 * taken once, then refused, and refused from anybody else. */
#include "fixture.h"

#include <crypto/openssl/openssl.h>

#define C(c, d) COVEY_COAP_CODE(c, d)

/* Generated with the reference of the specification digest; the first four are
 * figures of RFC 9594. */
/* clang-format off */
static const struct vector {
    const char *id;
    int curve; /* 0: inputs only */
    uint8_t roles;
    const char *scope;
    const char *n_s;
    const char *n_c;
    const char *n_kdc;
    const char *pop_input;
    const char *kdc_pop_input;
    const char *client_private;
    const char *gm_private;
    const char *client_cred_verify;
    const char *kdc_cred_verify;
} vectors[] = {
    { "rfc9594-fig-client_cred_verify",
      0, 0,
      "826667726f7570316673656e646572",
      "018a278f7faab55a",
      "25a8991cd700ac01",
      "",
      "4f826667726f7570316673656e64657248018a278f7faab55a"
      "4825a8991cd700ac01",
      "",
      "",
      "",
      "",
      "" },
    { "rfc9594-fig-kdc_cred_verify",
      0, 0,
      "",
      "",
      "25a8991cd700ac01",
      "cef04b2aa791bc6d",
      "4825a8991cd700ac0148cef04b2aa791bc6d",
      "",
      "",
      "",
      "",
      "" },
    { "rfc9594-fig-kdc_cred_verify-2",
      0, 0,
      "",
      "",
      "25a8991cd700ac01",
      "0b7db12aaff56da3",
      "4825a8991cd700ac01480b7db12aaff56da3",
      "",
      "",
      "",
      "",
      "" },
    { "rfc9594-fig-client_cred_verify-2",
      0, 0,
      "826667726f7570316673656e646572",
      "018a278f7faab55a",
      "0446baefc56111bf",
      "",
      "4f826667726f7570316673656e64657248018a278f7faab55a"
      "480446baefc56111bf",
      "",
      "",
      "",
      "",
      "" },
    { "join-requester-Ed25519",
      COVEY_ED25519, 2,
      "826667726f75703102",
      "add2b4486385be8e",
      "804308b85f6cd1bb",
      "33834e25b47f52b4",
      "49826667726f7570310248add2b4486385be8e48804308b85f"
      "6cd1bb",
      "48804308b85f6cd1bb4833834e25b47f52b4",
      "7d7f817b4613150b14bdfa5c887cde1e1147edd67a997e3c48"
      "90c9bea0188502",
      "68f6f4d4a6eec3befd2e02e23d1f4bbd1139d0fa3d604390dc"
      "0da43fa1069180",
      "18efdcddda5168377c583982c6c0cc611e141551d20825e26a"
      "0f274fa078a0879758ab5ec46f3c51f487deaf6cc057015a03"
      "f55e3cf337f25e5419ecd2ee7b02",
      "63617ec255d9aa99797e19617747c17e74c48dd841a93571ce"
      "d41b089541fe491e5ac5e087c8898b402e73501f9d8e0814a2"
      "c9649f404d124556e11ff4f3140d" },
    { "join-requester-P-256",
      COVEY_P256, 2,
      "826667726f75703102",
      "add2b4486385be8e",
      "804308b85f6cd1bb",
      "33834e25b47f52b4",
      "49826667726f7570310248add2b4486385be8e48804308b85f"
      "6cd1bb",
      "48804308b85f6cd1bb4833834e25b47f52b4",
      "d8777106bfda9a9869705dd122bc9c869ac18ea0c332eed7d8"
      "cff5cb5139711c",
      "4e3cd790e86b1926a45e6d8c52c17d46952f66911b7f511e86"
      "8f4802567ff2d4",
      "ce3a4e87f9419727d9ea9529e4fab2a7c01ea12f634f4f323d"
      "2736d81de0a3f0a434dd64a39d0e2796145f19e377a8a40c31"
      "d0138ea4d52b5bfa8b74b2235df6",
      "2c14b6585522dea566d8e432629a18ca636256db8a35b088f6"
      "2f03b3e06c0dafe5c576b97e4d3ef9d5e0b363d6b3e9bb3a78"
      "ccc9023534d2074ddd8b4e7b973e" },
    { "join-requester-pairwise-only-X25519",
      COVEY_X25519, 2,
      "826667726f75703102",
      "add2b4486385be8e",
      "804308b85f6cd1bb",
      "33834e25b47f52b4",
      "49826667726f7570310248add2b4486385be8e48804308b85f"
      "6cd1bb",
      "48804308b85f6cd1bb4833834e25b47f52b4",
      "686fed78d79620829241956438089d0a097af9a8ad26609629"
      "0a13833f1b57d6",
      "f6ecafb2080a892e6fc41ccb4c65c146cd28d206cbd0c833ff"
      "9d4a1b562a52ff",
      "1fc5dce4709b7570",
      "ece6e9b087615ba0" },
    { "join-responder-Ed25519",
      COVEY_ED25519, 4,
      "826667726f75703104",
      "73be6e8d9b934a88",
      "218adf85140fe43b",
      "5e13667d7e385256",
      "49826667726f757031044873be6e8d9b934a8848218adf8514"
      "0fe43b",
      "48218adf85140fe43b485e13667d7e385256",
      "7d7f817b4613150b14bdfa5c887cde1e1147edd67a997e3c48"
      "90c9bea0188502",
      "68f6f4d4a6eec3befd2e02e23d1f4bbd1139d0fa3d604390dc"
      "0da43fa1069180",
      "d5a27f7671d349d65fa05e4ad5de9c99fa3fa359ea31c007aa"
      "f9da8d556a0345259634d8677856dd26c760bc8e0113810cab"
      "4784bb1fb44adc2c5781d0786407",
      "15690d882ed90c3534c14edada4bef11ee73f2669ccef85ac5"
      "b189dacb063459f84b1e579f258bb419a58f33151e33a114dd"
      "d404510182868fb76455320faf0b" },
    { "join-responder-P-256",
      COVEY_P256, 4,
      "826667726f75703104",
      "73be6e8d9b934a88",
      "218adf85140fe43b",
      "5e13667d7e385256",
      "49826667726f757031044873be6e8d9b934a8848218adf8514"
      "0fe43b",
      "48218adf85140fe43b485e13667d7e385256",
      "d8777106bfda9a9869705dd122bc9c869ac18ea0c332eed7d8"
      "cff5cb5139711c",
      "4e3cd790e86b1926a45e6d8c52c17d46952f66911b7f511e86"
      "8f4802567ff2d4",
      "ff27228eda371ae55eb9e3f1487782f884110692e29c42eba5"
      "5692087ed1014f23825a93e156bc0206dd55638f7fe6444369"
      "1a8758fdc205ea03b61912a47a15",
      "d8d2c7ee59eeb9ec6dc4beb833e4158d135a8c7c6c203d7778"
      "0458a4e1085b0d21e695f368ec2f878dbc2d642b7ec0f5d3be"
      "54e1e69195ea89dd85951889cefc" },
    { "join-responder-pairwise-only-X25519",
      COVEY_X25519, 4,
      "826667726f75703104",
      "73be6e8d9b934a88",
      "218adf85140fe43b",
      "5e13667d7e385256",
      "49826667726f757031044873be6e8d9b934a8848218adf8514"
      "0fe43b",
      "48218adf85140fe43b485e13667d7e385256",
      "686fed78d79620829241956438089d0a097af9a8ad26609629"
      "0a13833f1b57d6",
      "f6ecafb2080a892e6fc41ccb4c65c146cd28d206cbd0c833ff"
      "9d4a1b562a52ff",
      "7e2ae70f0101c675",
      "d00a23bc1d39367b" },
    { "join-requester+responder-Ed25519",
      COVEY_ED25519, 6,
      "826667726f75703106",
      "19a2f182c2671f49",
      "c6d51a2ba0d48c98",
      "909795c5a9393556",
      "49826667726f757031064819a2f182c2671f4948c6d51a2ba0"
      "d48c98",
      "48c6d51a2ba0d48c9848909795c5a9393556",
      "7d7f817b4613150b14bdfa5c887cde1e1147edd67a997e3c48"
      "90c9bea0188502",
      "68f6f4d4a6eec3befd2e02e23d1f4bbd1139d0fa3d604390dc"
      "0da43fa1069180",
      "2325d0a4aa88b71d1a93c3a24ebf065919ff5eebf90ceac6bf"
      "db2853b9a63173dad77de80d94d4585889122257e3c29d3393"
      "704606c1d888e62bbb9e8585820a",
      "2be2f777a9ca86dc22b88058831261ce5b73b6cc0bfb67e96e"
      "d7607285e4f2bbf99d48247346bc26f1609a8d53988b4f3a5b"
      "3c49d5a478a3b90b1bd35d173b0d" },
    { "join-requester+responder-P-256",
      COVEY_P256, 6,
      "826667726f75703106",
      "19a2f182c2671f49",
      "c6d51a2ba0d48c98",
      "909795c5a9393556",
      "49826667726f757031064819a2f182c2671f4948c6d51a2ba0"
      "d48c98",
      "48c6d51a2ba0d48c9848909795c5a9393556",
      "d8777106bfda9a9869705dd122bc9c869ac18ea0c332eed7d8"
      "cff5cb5139711c",
      "4e3cd790e86b1926a45e6d8c52c17d46952f66911b7f511e86"
      "8f4802567ff2d4",
      "ed88cdfa90a125169715cc847f7abe1eec70315d085766d39b"
      "e8d1b1ea5173347cf08151d14da0c3c84d547b5d6ce36bc177"
      "7ef5cf77de3dd6cdce4c5fd16c19",
      "c44c1e417fc91bbb704d8f5cfe9c452001008693243542ca65"
      "fcd1afcd3f2d90af11d16eeb275c527aa69b3100f1c92b41b0"
      "363eb2309da4eb0b5b57207afab2" },
    { "join-requester+responder-pairwise-only-X25519",
      COVEY_X25519, 6,
      "826667726f75703106",
      "19a2f182c2671f49",
      "c6d51a2ba0d48c98",
      "909795c5a9393556",
      "49826667726f757031064819a2f182c2671f4948c6d51a2ba0"
      "d48c98",
      "48c6d51a2ba0d48c9848909795c5a9393556",
      "686fed78d79620829241956438089d0a097af9a8ad26609629"
      "0a13833f1b57d6",
      "f6ecafb2080a892e6fc41ccb4c65c146cd28d206cbd0c833ff"
      "9d4a1b562a52ff",
      "219dd196716d564b",
      "4988402f554bc1ce" },
    { "join-monitor-Ed25519",
      COVEY_ED25519, 8,
      "826667726f75703108",
      "5e0bec6d18e4ff6e",
      "cefa2ac4b3bfaf5e",
      "673068500df1f21a",
      "49826667726f75703108485e0bec6d18e4ff6e48cefa2ac4b3"
      "bfaf5e",
      "48cefa2ac4b3bfaf5e48673068500df1f21a",
      "7d7f817b4613150b14bdfa5c887cde1e1147edd67a997e3c48"
      "90c9bea0188502",
      "68f6f4d4a6eec3befd2e02e23d1f4bbd1139d0fa3d604390dc"
      "0da43fa1069180",
      "bbda94094d977ae72f3834250912df001af4022d511b353bcb"
      "f0fb5df8d0072e1062f8c59f3abebc4de2cb47a4f0042c9b6e"
      "81f3956e200a8d182eb32ec3f00f",
      "2b320cc98d649eea2947a5b1250e07392ab703e1f61b43b046"
      "305785aa27bba2e573223e4fae262bebd0e4f4003dd18e4ff4"
      "b8e05911c4ca9795f1d49478c701" },
    { "join-monitor-P-256",
      COVEY_P256, 8,
      "826667726f75703108",
      "5e0bec6d18e4ff6e",
      "cefa2ac4b3bfaf5e",
      "673068500df1f21a",
      "49826667726f75703108485e0bec6d18e4ff6e48cefa2ac4b3"
      "bfaf5e",
      "48cefa2ac4b3bfaf5e48673068500df1f21a",
      "d8777106bfda9a9869705dd122bc9c869ac18ea0c332eed7d8"
      "cff5cb5139711c",
      "4e3cd790e86b1926a45e6d8c52c17d46952f66911b7f511e86"
      "8f4802567ff2d4",
      "d53f9123f7af8db32f99193766483e22bd2a3f7ae29ddb93e8"
      "2cfb94d8f2ca229c1d3bbf8b773ad2d1d459ef44a09e86bb3d"
      "b185e821929afa08af598df9b1b5",
      "3ec30adf77cac8ea929b782a6844f559183d98d436fc66e0bd"
      "56c851b9220f00b4df82143528ca377a28a13b6a6d09c9d61a"
      "8ea9fca779e08cbea19a588fdda8" },
    { "join-monitor-pairwise-only-X25519",
      COVEY_X25519, 8,
      "826667726f75703108",
      "5e0bec6d18e4ff6e",
      "cefa2ac4b3bfaf5e",
      "673068500df1f21a",
      "49826667726f75703108485e0bec6d18e4ff6e48cefa2ac4b3"
      "bfaf5e",
      "48cefa2ac4b3bfaf5e48673068500df1f21a",
      "686fed78d79620829241956438089d0a097af9a8ad26609629"
      "0a13833f1b57d6",
      "f6ecafb2080a892e6fc41ccb4c65c146cd28d206cbd0c833ff"
      "9d4a1b562a52ff",
      "13f59d1c8eb1ad81",
      "f8b94ed759b0e78b" },
};
/* clang-format on */

static uint8_t storage[12][200];

static covey_bytes hex(size_t at, const char *text)
{
    return kit_hex(text, storage[at], sizeof storage[at]);
}

/* The figures print either side's input as the only one. */
static void inputs_are_as_printed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct vector *v = &vectors[i];
        uint8_t input[200];
        covey_writer w = covey_writer_of(input, sizeof input);
        const char *kdc = v->n_s[0] == '\0' ? v->pop_input : v->kdc_pop_input;

        kit_case(v->id);
        if (v->n_s[0] != '\0') {
            CHECK_STATUS(COVEY_OK, covey_keying_client_pop(
                                       &w, hex(0, v->scope), hex(1, v->n_s),
                                       hex(2, v->n_c)));
            CHECK_HEX(v->pop_input, covey_written(&w));
        }
        if (kdc[0] != '\0') {
            w = covey_writer_of(input, sizeof input);
            CHECK_STATUS(COVEY_OK, covey_keying_kdc_pop(&w, hex(2, v->n_c),
                                                        hex(3, v->n_kdc)));
            CHECK_HEX(kdc, covey_written(&w));
        }
    }
    kit_case(NULL);
}

static size_t identity_of(int curve)
{
    return curve == COVEY_ED25519 ? 0 : curve == COVEY_X25519 ? 1 : 2;
}

static void set_keys(struct world *w, const struct vector *v)
{
    const size_t at = identity_of(v->curve);
    struct node *n = &w->nodes[0];
    covey_crypto *c = &w->crypto;

    c->key_drop(c->provider, &w->keys[at]);
    CHECK_STATUS(COVEY_OK,
                 c->private_key(c->provider, v->curve, hex(0, v->gm_private),
                                &w->keys[at]));
    w->identities[at].credential =
        make_credential(w, w->creds[at], (covey_curve)v->curve, &w->keys[at]);
    c->key_drop(c->provider, &n->key);
    CHECK_STATUS(COVEY_OK, c->private_key(c->provider, v->curve,
                                          hex(0, v->client_private), &n->key));
    n->credential =
        make_credential(w, n->cred, (covey_curve)v->curve, &n->key);
}

/* group1, active, of the curve's algorithms. */
static void create(struct world *w, int curve)
{
    covey_bytes config = SPAN("\xa2\x2c\x66group1\x2b\xf5");

    if (curve == COVEY_X25519) {
        config = SPAN("\xa3\x2c\x66group1\x2b\xf5\x22\xf4");
    } else if (curve == COVEY_P256) {
        config = SPAN("\xa5\x2c\x66group1\x2b\xf5\x24\x26"
                      "\x25\x82\x81\x02\x82\x02\x01"
                      "\x29\x82\x81\x02\x82\x02\x01");
    }
    assert_int_equal(
        ask(w, ADMIN, POST, "manage", COVEY_KEYING_FORMAT, config), C(2, 1));
}

static void give_challenge(struct world *w, size_t who, const struct vector *v)
{
    covey_manager_node *n = &w->memory.nodes[who];

    memcpy(n->n_s, hex(1, v->n_s).ptr, sizeof n->n_s);
    n->challenged = true;
    n->until = w->now.mono + 1000;
}

static uint8_t attempt(struct world *w, size_t who, const struct vector *v)
{
    uint8_t bytes[512];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    const covey_keying_join join = {
        .scope = hex(3, v->scope),
        .n_c = hex(4, v->n_c),
        .client_cred = w->nodes[0].credential,
        .client_cred_verify = hex(5, v->client_cred_verify),
    };

    covey_keying_put_join(&out, &join);
    return ask(w, who, POST, "ace-group/group1", COVEY_KEYING_FORMAT,
               covey_written(&out));
}

static void check_manager(struct world *w, const struct vector *v)
{
    covey_crypto *c = &w->crypto;
    covey_key *key = &w->keys[identity_of(v->curve)];
    covey_bytes values[COVEY_KEYING_VALUES];
    uint8_t input[100];
    covey_writer in = covey_writer_of(input, sizeof input);
    const int32_t alg = v->curve == COVEY_P256 ? COVEY_ES256 : COVEY_EDDSA;

    CHECK_STATUS(COVEY_OK, covey_keying_parse(values, COVEY_KEYING_GROUPCOMM,
                                              w->reply.payload));
    if (v->curve == COVEY_X25519) {
        assert_int_equal(values[COVEY_GC_KDC_CRED_VERIFY].len, 8);
        return;
    }
    CHECK_STATUS(COVEY_OK, covey_keying_kdc_pop(&in, hex(2, v->n_c),
                                                values[COVEY_GC_KDC_NONCE]));
    CHECK_STATUS(COVEY_OK, c->verify(c->provider, key, alg, covey_written(&in),
                                     values[COVEY_GC_KDC_CRED_VERIFY]));
    CHECK_STATUS(COVEY_OK,
                 c->verify(c->provider, key, alg, hex(6, v->kdc_pop_input),
                           hex(7, v->kdc_cred_verify)));
}

static void run(const struct vector *v)
{
    struct world *w = world_open();
    const bool monitor = v->roles == COVEY_KEYING_MONITOR;

    kit_case(v->id);
    set_keys(w, v);
    create(w, v->curve);
    world_allow(w, 0, "81 82 66 67726f757031 0e");
    world_allow(w, 1, "81 82 66 67726f757031 0e");
    if (monitor) { /* proves nothing; without signatures there are none */
        assert_int_equal(attempt(w, 0, v),
                         v->curve == COVEY_X25519 ? C(4, 0) : C(2, 1));
        world_close(w);
        return;
    }
    assert_int_equal(attempt(w, 0, v), C(4, 0)); /* no challenge at all */
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    give_challenge(w, 0, v);
    assert_int_equal(attempt(w, 1, v), C(4, 0)); /* somebody else's */
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    w->now.mono += 1001;
    assert_int_equal(attempt(w, 0, v), C(4, 0)); /* too late */
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    give_challenge(w, 0, v);
    assert_int_equal(attempt(w, 0, v), C(2, 1));
    check_manager(w, v);
    assert_int_equal(attempt(w, 0, v), C(4, 0)); /* a second time */
    assert_int_equal(error_of(w), COVEY_KEYING_BAD_PROOF);
    world_close(w);
}

static void evidence_is_taken_once_from_one(void **state)
{
    static covey_crypto openssl;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&openssl));
    world_provider = &openssl;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        if (vectors[i].curve != 0) {
            run(&vectors[i]);
        }
    }
    kit_case(NULL);
    world_provider = NULL;
    covey_openssl_close(&openssl);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_are_as_printed),
        cmocka_unit_test(evidence_is_taken_once_from_one),
    };

    return KIT_RUN(tests);
}
