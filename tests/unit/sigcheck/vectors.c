/* SPDX-License-Identifier: BSD-2-Clause */
#include "vectors.h"

const struct exchange exchanges[EXCHANGE_COUNT] = {
    {
        .name = "alg-24-24-group-group",
        .algorithms = { COVEY_CHACHA20_POLY1305, COVEY_CHACHA20_POLY1305,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = "dd11",
        .gm_cred =
            "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
            "baba5285022b1c37bf58f64a2356ae1593",
        .sek =
            "7b787f678c70042e51d4d4254f428d1b4f03f2a14de01aa669be1721a9"
            "eabc81",
        .client = {
        .id = "25",
        .credential =
            "a108a101a401010327200621582084f779252b1e1a5eb624342d8ea93e"
            "3b6a3d247b378c98a6a6c6711ae072eb77",
        .public_key =
            "84f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae0"
            "72eb77",
        },
        .server = {
        .id = "52",
        .credential =
            "a108a101a401010327200621582031bf12950d3b0f6d3c22f7024f4450"
            "10dcaa87105077287494433d96e13d93be",
        .public_key =
            "31bf12950d3b0f6d3c22f7024f445010dcaa87105077287494433d96e1"
            "3d93be",
        },
        .messages = {
            "52020001112296390002dd1125ffa8a24a48e00021438a86240de6692e"
            "b06cc31aeb6bdff2d5891f3c5ebded906e162d428b192a18c0a3fa6517"
            "6491fe1925bbab9ef35fc5c3d487018f6b9ed7f99a5edb355443e2e399"
            "c24d6bdae7950d98ebfc35990127",
            "524400021122922852ff7d12db705839f3a58d1b789b765a8799835c21"
            "e7461c44e11d6cf53447c9bfe69824455fc6b622e01b4106e84ac21d5f"
            "5eb5383ffaa8c4d6f51e5765746d13d4b29aaec00b1a21d7eaee2ac0ac"
            "892c1646b75a40",
        },
    },
    {
        .name = "grouponly-ctr",
        .algorithms = { COVEY_ALG_UNSET, COVEY_A128CTR,
                        COVEY_EDDSA, COVEY_ALG_UNSET },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = "dd11",
        .gm_cred =
            "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
            "baba5285022b1c37bf58f64a2356ae1593",
        .sek = "4db72bccb354d18a355d2b15ea86c09b",
        .client = {
        .id = "25",
        .credential =
            "a108a101a401010327200621582084f779252b1e1a5eb624342d8ea93e"
            "3b6a3d247b378c98a6a6c6711ae072eb77",
        .public_key =
            "84f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae0"
            "72eb77",
        },
        .server = {
        .id = "52",
        .credential =
            "a108a101a401010327200621582031bf12950d3b0f6d3c22f7024f4450"
            "10dcaa87105077287494433d96e13d93be",
        .public_key =
            "31bf12950d3b0f6d3c22f7024f445010dcaa87105077287494433d96e1"
            "3d93be",
        },
        .messages = {
            "52020001112296390002dd1125ffc077f13b69834b2e03155ade9e8277"
            "10d1bc1c6701f9d0111347395d37653f79f60abae61966ad0bea004aff"
            "7253901f03673bc683a32d0e4b5fac1951fb81c8f36871488e17af",
            "524400021122922852ffdc9473f25f4e85e7fa676e72225a5a2d4a4d23"
            "4983ec806b504efcdaee85941741cc2d77d9029df2c18b18f7f87af37e"
            "d6b508dd21e9950db79da71f2dd079b768d87704",
        },
    },
    {
        .name = "p256-512-chacha-group-group",
        .algorithms = { COVEY_CHACHA20_POLY1305, COVEY_CHACHA20_POLY1305,
                        COVEY_ES256, COVEY_ECDH_SS_HKDF_512 },
        .hkdf = COVEY_HMAC_512_512,
        .curve = COVEY_P256,
        .gid = "dd11",
        .gm_cred =
            "a108a101a5010203262001215820ab9a296efc863143b08355a577118e"
            "b843ebfebf7a7cf7c9c26ddf9eaeabd6d522582098540e9b2c50126be2"
            "d6c654c564f4456a08d6373d6a0cac62ed1c55643fa040",
        .sek =
            "b3d495ed61e61ef6ce62d8b273c2b5467de23b4020f619b0d7ee06749c"
            "0e192e",
        .client = {
        .id = "25",
        .credential =
            "a108a101a5010203262001215820796cb61131947dcdc30d7aeeb7df83"
            "eae339a78d8c78fabad9702793c69cc40d225820e27f8724900ece3bba"
            "63aa68eb2b623afa4f11cf92ca8c7bd0cbefd98985055b",
        .public_key =
            "04796cb61131947dcdc30d7aeeb7df83eae339a78d8c78fabad9702793"
            "c69cc40de27f8724900ece3bba63aa68eb2b623afa4f11cf92ca8c7bd0"
            "cbefd98985055b",
        },
        .server = {
        .id = "52",
        .credential =
            "a108a101a5010203262001215820c19964eae3bf2629a40d4c71b6d772"
            "45314db82ee5b1c31a834ac3296c573eae2258208de611f82e65e3fbb0"
            "93ba818514fc4306632fb658156c5f7f20e21b904c4477",
        .public_key =
            "04c19964eae3bf2629a40d4c71b6d77245314db82ee5b1c31a834ac329"
            "6c573eae8de611f82e65e3fbb093ba818514fc4306632fb658156c5f7f"
            "20e21b904c4477",
        },
        .messages = {
            "52020001112296390002dd1125ff9f979b8ec7c256c299f375afd67918"
            "8bbc66e3b982d7d2283afd7765f369743e1ad6a83b27fcf8861b31d537"
            "16acef0fae867eabd2ce90028e6b9a5253260f09a831914fafeaef56bf"
            "36e41752de6925e251694d22a88f",
            "524400021122922852ff259a5c9108d5be66bdcd99e5fab4ab008542d1"
            "44a1c4274d5b9cc89cfa4b7b7cd51494da59ae7d1c2c543aa25636dd06"
            "403474e16cba9e6d4d000a6474ecaeb497778e267137112b4082d14a7e"
            "48659fbbab9215",
        },
    },
    {
        .name = "alg-10-10-pairwise-group",
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = "dd11",
        .gm_cred =
            "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
            "baba5285022b1c37bf58f64a2356ae1593",
        .sek = "90abd495cfa66bcd2ee5596dee089773",
        .client = {
        .id = "25",
        .credential =
            "a108a101a401010327200621582084f779252b1e1a5eb624342d8ea93e"
            "3b6a3d247b378c98a6a6c6711ae072eb77",
        .public_key =
            "84f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae0"
            "72eb77",
        },
        .server = {
        .id = "52",
        .credential =
            "a108a101a401010327200621582031bf12950d3b0f6d3c22f7024f4450"
            "10dcaa87105077287494433d96e13d93be",
        .public_key =
            "31bf12950d3b0f6d3c22f7024f445010dcaa87105077287494433d96e1"
            "3d93be",
        },
        .messages = {
            "52020001112296190002dd1125ff45352c5ac97e1d27b0c2f1f4388d32",
            "5244000211229120ff8c0b4345f055086909a4024971c8a30c0d7239c7"
            "5a2a0079525cba56ef0a3b5cb407f32d08bea23c47dfbb83ec1f5389e7"
            "406aeff0a29fcee4712a55eabcf1a96aee3c6abd64104979d8689a",
        },
    },
    {
        .name = "observe-group",
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = "dd11",
        .gm_cred =
            "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
            "baba5285022b1c37bf58f64a2356ae1593",
        .sek = "90abd495cfa66bcd2ee5596dee089773",
        .client = {
        .id = "25",
        .credential =
            "a108a101a401010327200621582084f779252b1e1a5eb624342d8ea93e"
            "3b6a3d247b378c98a6a6c6711ae072eb77",
        .public_key =
            "84f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae0"
            "72eb77",
        },
        .server = {
        .id = "52",
        .credential =
            "a108a101a401010327200621582031bf12950d3b0f6d3c22f7024f4450"
            "10dcaa87105077287494433d96e13d93be",
        .public_key =
            "31bf12950d3b0f6d3c22f7024f445010dcaa87105077287494433d96e1"
            "3d93be",
        },
        .messages = {
            "5205000111226036390002dd1125ff1de10f4301a9425c2bac8e76cb60"
            "f51289beb6aa0d80ca9f1288bcd714c48cba222a3e0fcbe5879d31b361"
            "ef0a3922ace2f819f32cb1645ace6e0cd9c702d07e9a7bf5e7ee0ddc5f"
            "8a6f9bf87ee989",
            "5245000b11226105322852ff8c94d31ac6d820cbc81187e7ff91fe6b7b"
            "e0d911d2f08c9d5587940103e52188c8e7c5cbbee7990f796b3c9bc87a"
            "ef248f9570330b49354a22ebf26740a1a3d31626d60b3eb28668ff1d35"
            "91",
            "5245000c11226106342a01f452ff43f336b0c1d163530397f2a5305be1"
            "5eb2cc094de3f9b47786b3036a416eda2892f6d18211d5e8e31f5d823a"
            "0121245d5a388a800ddaada3bfdd0264f017bd8904bdcc082b66d1845a"
            "255db1",
            "5245000d11226107342a01f552ffe362818117ce37900ce47c60a9553d"
            "4c89b1ad003b4b338a72b90a990368c556891db311092d736b98447997"
            "30f763cdf8f3d8acc38ded5fbe71cc52cfff483860b4638934e122fddb"
            "6ce053",
        },
    },
    {
        .name = "gid-0",
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = "",
        .gm_cred =
            "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
            "baba5285022b1c37bf58f64a2356ae1593",
        .sek = "b570bedbd9760f0da64a22782f80091b",
        .client = {
        .id = "25",
        .credential =
            "a108a101a401010327200621582084f779252b1e1a5eb624342d8ea93e"
            "3b6a3d247b378c98a6a6c6711ae072eb77",
        .public_key =
            "84f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae0"
            "72eb77",
        },
        .server = {
        .id = "52",
        .credential =
            "a108a101a401010327200621582031bf12950d3b0f6d3c22f7024f4450"
            "10dcaa87105077287494433d96e13d93be",
        .public_key =
            "31bf12950d3b0f6d3c22f7024f445010dcaa87105077287494433d96e1"
            "3d93be",
        },
        .messages = {
            "5202000111229439000025fffbb30b4e617267756d82b8e6e386c4d1c9"
            "385aa2b1b3067f7ba1528aa537948aeea4dbe04f57d5684d9b05cda1d8"
            "644aeafb7b3ca77a0841b4c9ab19b681386dc51f2c60974a7268391ca1"
            "21d57e31",
        },
    },
    {
        .name = "gid-255",
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid =
            "01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5"
            "ccd3dae1e8eff6fd040b121920272e353c434a51585f666d747b828990"
            "979ea5acb3bac1c8cfd6dde4ebf2f900070e151c232a31383f464d545b"
            "626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a11181f26"
            "2d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1"
            "f8ff060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bc"
            "c3cad1d8dfe6edf4fb020910171e252c333a41484f565d646b72798087"
            "8e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe050c131a21282f363d444b52"
            "5960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3",
        .gm_cred =
            "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
            "baba5285022b1c37bf58f64a2356ae1593",
        .sek = "126d1c0d7d38ba60bbe831398fcc3759",
        .client = {
        .id = "25",
        .credential =
            "a108a101a401010327200621582084f779252b1e1a5eb624342d8ea93e"
            "3b6a3d247b378c98a6a6c6711ae072eb77",
        .public_key =
            "84f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae0"
            "72eb77",
        },
        .server = {
        .id = "52",
        .credential =
            "a108a101a401010327200621582031bf12950d3b0f6d3c22f7024f4450"
            "10dcaa87105077287494433d96e13d93be",
        .public_key =
            "31bf12950d3b0f6d3c22f7024f445010dcaa87105077287494433d96e1"
            "3d93be",
        },
        .messages = {
            "5202000111229df63900ff01080f161d242b323940474e555c636a7178"
            "7f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd040b121920272e353c43"
            "4a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f900070e"
            "151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9"
            "e0e7eef5fc030a11181f262d343b424950575e656c737a81888f969da4"
            "abb2b9c0c7ced5dce3eaf1f8ff060d141b222930373e454c535a61686f"
            "767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910171e252c333a"
            "41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe05"
            "0c131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0"
            "d7dee5ecf325ff1255d6de0c4c482addc773064151aef55cd08d953028"
            "6eb3c624bcb59219063bdf483cef8bf74bd670027ee2c37212da25e961"
            "219dfc88bf52e7014fca32bb41a8cc147a9bfd78880cef9af6bbb784",
        },
    },
    {
        .name = "kid-7-0",
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = "dd11",
        .gm_cred =
            "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
            "baba5285022b1c37bf58f64a2356ae1593",
        .sek = "90abd495cfa66bcd2ee5596dee089773",
        .client = {
        .id = "a0a1a2a3a4a5a6",
        .credential =
            "a108a101a401010327200621582084f779252b1e1a5eb624342d8ea93e"
            "3b6a3d247b378c98a6a6c6711ae072eb77",
        .public_key =
            "84f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae0"
            "72eb77",
        },
        .server = {
        .id = "",
        .credential =
            "a108a101a401010327200621582031bf12950d3b0f6d3c22f7024f4450"
            "10dcaa87105077287494433d96e13d93be",
        .public_key =
            "31bf12950d3b0f6d3c22f7024f445010dcaa87105077287494433d96e1"
            "3d93be",
        },
        .messages = {
            "5202000111229c390002dd11a0a1a2a3a4a5a6ff6539eda2a2b8600238"
            "014b8275ccb9ae77fdd8d9182029255c12c907a50e246441922736c3d9"
            "bd835e67e1cff2b4fa2034880d25ff2dfc3e0d3ba30661e16b98b901b1"
            "a3ce497f2f424263b1dce469",
            "5244000211229128ffba97f650d2cfacc1ef7493583c97e47f7029b15c"
            "739212f129ee612912e238d568344e8e21cd95e2f3d029d8bbfb2c542d"
            "4207bb4a16714c6d5a4bb196079f36bb244de8d9d38153e3056d27",
        },
    },
    {
        .name = "kid-0-1",
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = "dd11",
        .gm_cred =
            "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
            "baba5285022b1c37bf58f64a2356ae1593",
        .sek = "90abd495cfa66bcd2ee5596dee089773",
        .client = {
        .id = "",
        .credential =
            "a108a101a401010327200621582084f779252b1e1a5eb624342d8ea93e"
            "3b6a3d247b378c98a6a6c6711ae072eb77",
        .public_key =
            "84f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae0"
            "72eb77",
        },
        .server = {
        .id = "b0",
        .credential =
            "a108a101a401010327200621582031bf12950d3b0f6d3c22f7024f4450"
            "10dcaa87105077287494433d96e13d93be",
        .public_key =
            "31bf12950d3b0f6d3c22f7024f445010dcaa87105077287494433d96e1"
            "3d93be",
        },
        .messages = {
            "52020001112295390002dd11ff6f16e5111a66cbffedaa080139a365db"
            "6781c7f4ba4aa3e8eac52f0c474fd5e0a669c390331dd4f5f962f28e19"
            "10f842d245ec00614ee324033e9c0e7db55d2c66c23bb3326a7039edf0"
            "2ed02b1a61",
            "5244000211229228b0fff5976d367f39df07301df7f1cdab0212c6a1bd"
            "dde7bb6f59c1853adf5180c152c5dbd9f998e46f9b9ff8e2c97be3ea22"
            "b01dba412af6abec368b3b56ccc62b6572ff5a5e3960a3d0b99bcc71",
        },
    },
    {
        .name = "cred-opaque_x509_like-group",
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = "dd11",
        .gm_cred =
            "3082012cc7886e973adfb76239e142500f31adbe92a64e89e495aa183f"
            "710ccbe0e86bca458f5e62039f077a94ebe514b8cd6c1092b2cc42040a"
            "0e76e7f3d125f33aa213070782a4a66e578ed226c3cbc4870024e34808"
            "923c1e81620d939c43ff68262668ac0b04b78931cdf1d6d78c19d6d6ef"
            "304f5f9781361cdb337ed183366595290eabf29a374d009f56174fab22"
            "d84ad53d21038540fa12b818615fb77799bdc014a8b3939d6b0948ada4"
            "1ea319fefcff7f6c2f4a639b2fe436a2d488508f32108e8fb4c15216f4"
            "9f04b3910608f280b80e4c9a0530c6cf873c1fb4ba16411bbe9372577e"
            "668828629a6b33dfc4510e7a8a42b993c80601aa7366560cd550d05786"
            "fc5cfb7cad3ecbb10471dd27e713989cbda1525124b1fcb799024b4f63"
            "855fc3cc96ee6b3d84dae55e68ac",
        .sek = "90abd495cfa66bcd2ee5596dee089773",
        .client = {
        .id = "25",
        .credential =
            "3082012c9ef1ec9283e03a6a3ab5cd3a3c11076b86a357e83f8e75cfb2"
            "e10abc19e0e1b52e89485c9ed4c0583c6aba7880727b1966b81173e83c"
            "3c636a5516e344c1ea4837dc93be6c8862117725e4525a00647a8990d8"
            "a6db35a95400ab41d67d4e9308af3eefef271ad4aeed7b6f2e3439f60b"
            "3e54de1658b78e927507b1252163442a92498fd1aebcf09afb367fe83d"
            "3253e8ddec785e0fcff175f3cb99916fc37c4483de44a59dd546940e2d"
            "4bd80ae54f93152a3621b3fedacedf119a2eb668cf728f9a287350e159"
            "af8a1923e3dbf0f4e33a44b486457b8c920560e123ca421d6be7688e3f"
            "a06b928096ba6f2f54a7cbae0aa4e9a2413d23f5e0627082e8864622bf"
            "85a4a4f8f63de6ac8c9b0a74cf982d00083bb97d5191e4d96ea0914916"
            "d8816527a8245ea70e46a91ea173",
        .public_key =
            "84f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae0"
            "72eb77",
        },
        .server = {
        .id = "52",
        .credential =
            "3082012caf0c4991cdd68e439b04247af41485f9ca2a88b56e7c7ccc04"
            "c1135d5e5f26a7822f3c64883cebc6f95ad0bd13eeb9ca90ce56aea656"
            "d49c3ddaa42e40663ffd551a68f815cff63dac86e6d44eefa62f1470e0"
            "4fa343fda44d9cbc82700f21c674965d1db182a0ed904f39797b8009eb"
            "89bfead55253c42a06f88adff26c2e29445d7dc928dc803db60917426c"
            "d355cb034338db577a0a1c258d237ccb1c4fa6e2d3adefe2fa2b5c6d39"
            "86a808879c05bd0a7a2577558b0affed77cb4b274f7f5bac294291d4fe"
            "0605d50a65638487ce79cd8299d7e0da9a68f90df2437412fbc343cea4"
            "0716efdf8264e0a799541abbd4775e0f7a50c4ba6b5d82cc3b99107809"
            "b4853d5949638932586bedabfd68f5bb82efacd326c44471722a681fbd"
            "96859d570740c9f8c325fe85e16d",
        .public_key =
            "31bf12950d3b0f6d3c22f7024f445010dcaa87105077287494433d96e1"
            "3d93be",
        },
        .messages = {
            "52020001112296390002dd1125ff1d34375e03ac4602b9730b3a72b7f3"
            "b86a5b291282a36fb23a92ddbe6003bae764f4d7b758ac940efc6ed92d"
            "3a409bfc6b45dc556084bff882dbcc58f0b607dea6ba2353c12932703d"
            "46f3f84d188a",
            "524400021122922852ff8c0b4345f21cc30dbdcdcee9c6a0b363d7becf"
            "ca14acfb8b64706a8bb27b19b20489fa5a0e1db6e217d56161c9dcf5e8"
            "b19f94549c1743dcd155deea881bca56a4463962f7a17fae61fe6895",
        },
    },
};
