/* SPDX-License-Identifier: BSD-2-Clause */
#include "vectors.h"

const struct vector vectors[VECTOR_COUNT] = {
    {
        .name = "alg-10-10-group-pairwise, request, group mode",
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .request = true,
        .request_kid = "25",
        .request_piv = "00",
        .gid = "dd11",
        .option = "390002dd1125",
        .sender_cred =
            "a108a101a401010327200621582084f779252b1e1a5eb624342d8ea93e"
            "3b6a3d247b378c98a6a6c6711ae072eb77",
        .gm_cred = "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
                   "baba5285022b1c37bf58f64a2356ae1593",
        .external_aad =
            "8901840a0a27381a412541004042dd1146390002dd1125582ea108a101"
            "a401010327200621582084f779252b1e1a5eb624342d8ea93e3b6a3d24"
            "7b378c98a6a6c6711ae072eb77582ea108a101a4010103272006215820"
            "860baf91d036eaa840d5133fcd7592baba5285022b1c37bf58f64a2356"
            "ae1593",
        .aad = "8368456e6372797074304058778901840a0a27381a412541004042dd11"
               "46390002dd1125582ea108a101a401010327200621582084f779252b1e"
               "1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae072eb77582ea1"
               "08a101a4010103272006215820860baf91d036eaa840d5133fcd7592ba"
               "ba5285022b1c37bf58f64a2356ae1593",
        .ciphertext = "1d34375e03ac46771b257cc14eb4fa",
        .countersign_tbs =
            "8571436f756e7465725369676e617475726530404058778901840a0a27"
            "381a412541004042dd1146390002dd1125582ea108a101a40101032720"
            "0621582084f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6"
            "c6711ae072eb77582ea108a101a4010103272006215820860baf91d036"
            "eaa840d5133fcd7592baba5285022b1c37bf58f64a2356ae15934f1d34"
            "375e03ac46771b257cc14eb4fa",
        .sek = "90abd495cfa66bcd2ee5596dee089773",
        .piv_id = "25",
        .piv = "00",
        .keystream_info = "84412542dd11f51840",
        .keystream =
            "9950dfb663e2b0ad593d93301015094373065855d0259b15f9ad4e0216"
            "da9e733d94748c14a609e1b9ffca4bc8824b68953cc80122caca28fe92"
            "4c5dad9e278e",
        .signature =
            "3835725eb0ca2fa83bbba04f52363d4eef2dcbf7d51864c598e6b40d67"
            "7a93a754f8980fafd11afec3cb0625b41374ba47145d35938b2de2b3fa"
            "cd9928283b0d",
        .encrypted_signature =
            "a165ade8d3289f056286337f4223340d9c2b93a2053dffd0614bfa0f71"
            "a00dd4696cec83bb77131f7a34cc6e7c913fd2d2289534b141e7ca4d68"
            "81c485b61c83",
    },
    {
        .name = "grouponly-ctr, response, group mode",
        .algorithms = { COVEY_ALG_UNSET, COVEY_A128CTR, COVEY_EDDSA,
                        COVEY_ALG_UNSET },
        .hkdf = COVEY_HMAC_256_256,
        .request = false,
        .request_kid = "25",
        .request_piv = "00",
        .gid = "dd11",
        .option = "2852",
        .sender_cred =
            "a108a101a401010327200621582031bf12950d3b0f6d3c22f7024f4450"
            "10dcaa87105077287494433d96e13d93be",
        .gm_cred = "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
                   "baba5285022b1c37bf58f64a2356ae1593",
        .external_aad =
            "890184f639fffd27f6412541004042dd11422852582ea108a101a40101"
            "0327200621582031bf12950d3b0f6d3c22f7024f445010dcaa87105077"
            "287494433d96e13d93be582ea108a101a4010103272006215820860baf"
            "91d036eaa840d5133fcd7592baba5285022b1c37bf58f64a2356ae1593",
        .ciphertext = "dc9473f2",
        .countersign_tbs =
            "8571436f756e7465725369676e61747572653040405874890184f639ff"
            "fd27f6412541004042dd11422852582ea108a101a40101032720062158"
            "2031bf12950d3b0f6d3c22f7024f445010dcaa87105077287494433d96"
            "e13d93be582ea108a101a4010103272006215820860baf91d036eaa840"
            "d5133fcd7592baba5285022b1c37bf58f64a2356ae159344dc9473f2",
        .sek = "4db72bccb354d18a355d2b15ea86c09b",
        .piv_id = "25",
        .piv = "00",
        .keystream_info = "84412542dd11f41840",
        .keystream =
            "70b895d361e245ea6503e297e25113cfbb3a6d5ed9afa5498a63a7bd4d"
            "01390c4309d52b4dd0c76a72540aced4bb469c405a8bec9d14403202a6"
            "9c8ff1760406",
        .signature =
            "2ff610349b852b984759b8baa81c308638d6ed3589e1599364e633aa0c"
            "cd147b9a0b48d98c5bdf9d8a2ef9b0020e4e4161b31ee12a89e72d2f76"
            "e53899ae7302",
        .encrypted_signature =
            "5f4e85e7fa676e72225a5a2d4a4d234983ec806b504efcdaee85941741"
            "cc2d77d9029df2c18b18f7f87af37ed6b508dd21e9950db79da71f2dd0"
            "79b768d87704",
    },
    {
        .name = "gid-255, request, group mode",
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .request = true,
        .request_kid = "25",
        .request_piv = "00",
        .gid = "01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5"
               "ccd3dae1e8eff6fd040b121920272e353c434a51585f666d747b828990"
               "979ea5acb3bac1c8cfd6dde4ebf2f900070e151c232a31383f464d545b"
               "626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a11181f26"
               "2d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1"
               "f8ff060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bc"
               "c3cad1d8dfe6edf4fb020910171e252c333a41484f565d646b72798087"
               "8e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe050c131a21282f363d444b52"
               "5960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3",
        .option = "3900ff01080f161d242b323940474e555c636a71787f868d949ba2a9b0"
                  "b7bec5ccd3dae1e8eff6fd040b121920272e353c434a51585f666d747b"
                  "828990979ea5acb3bac1c8cfd6dde4ebf2f900070e151c232a31383f46"
                  "4d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a11"
                  "181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dc"
                  "e3eaf1f8ff060d141b222930373e454c535a61686f767d848b9299a0a7"
                  "aeb5bcc3cad1d8dfe6edf4fb020910171e252c333a41484f565d646b72"
                  "7980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe050c131a21282f363d"
                  "444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf325",
        .sender_cred =
            "a108a101a401010327200621582084f779252b1e1a5eb624342d8ea93e"
            "3b6a3d247b378c98a6a6c6711ae072eb77",
        .gm_cred = "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
                   "baba5285022b1c37bf58f64a2356ae1593",
        .external_aad =
            "8901840a0a27381a412541004058ff01080f161d242b323940474e555c"
            "636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd040b12192027"
            "2e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2"
            "f900070e151c232a31383f464d545b626970777e858c939aa1a8afb6bd"
            "c4cbd2d9e0e7eef5fc030a11181f262d343b424950575e656c737a8188"
            "8f969da4abb2b9c0c7ced5dce3eaf1f8ff060d141b222930373e454c53"
            "5a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910171e"
            "252c333a41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9"
            "f0f7fe050c131a21282f363d444b525960676e757c838a91989fa6adb4"
            "bbc2c9d0d7dee5ecf35901033900ff01080f161d242b323940474e555c"
            "636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd040b12192027"
            "2e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2"
            "f900070e151c232a31383f464d545b626970777e858c939aa1a8afb6bd"
            "c4cbd2d9e0e7eef5fc030a11181f262d343b424950575e656c737a8188"
            "8f969da4abb2b9c0c7ced5dce3eaf1f8ff060d141b222930373e454c53"
            "5a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910171e"
            "252c333a41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9"
            "f0f7fe050c131a21282f363d444b525960676e757c838a91989fa6adb4"
            "bbc2c9d0d7dee5ecf325582ea108a101a401010327200621582084f779"
            "252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae072eb77"
            "582ea108a101a4010103272006215820860baf91d036eaa840d5133fcd"
            "7592baba5285022b1c37bf58f64a2356ae1593",
        .aad = "8368456e637279707430405902748901840a0a27381a412541004058ff"
               "01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5"
               "ccd3dae1e8eff6fd040b121920272e353c434a51585f666d747b828990"
               "979ea5acb3bac1c8cfd6dde4ebf2f900070e151c232a31383f464d545b"
               "626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a11181f26"
               "2d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1"
               "f8ff060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bc"
               "c3cad1d8dfe6edf4fb020910171e252c333a41484f565d646b72798087"
               "8e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe050c131a21282f363d444b52"
               "5960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf35901033900ff"
               "01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5"
               "ccd3dae1e8eff6fd040b121920272e353c434a51585f666d747b828990"
               "979ea5acb3bac1c8cfd6dde4ebf2f900070e151c232a31383f464d545b"
               "626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a11181f26"
               "2d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1"
               "f8ff060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bc"
               "c3cad1d8dfe6edf4fb020910171e252c333a41484f565d646b72798087"
               "8e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe050c131a21282f363d444b52"
               "5960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf325582ea108a1"
               "01a401010327200621582084f779252b1e1a5eb624342d8ea93e3b6a3d"
               "247b378c98a6a6c6711ae072eb77582ea108a101a40101032720062158"
               "20860baf91d036eaa840d5133fcd7592baba5285022b1c37bf58f64a23"
               "56ae1593",
        .ciphertext = "1255d6de0c4c482addc773064151ae",
        .countersign_tbs =
            "8571436f756e7465725369676e61747572653040405902748901840a0a"
            "27381a412541004058ff01080f161d242b323940474e555c636a71787f"
            "868d949ba2a9b0b7bec5ccd3dae1e8eff6fd040b121920272e353c434a"
            "51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f900070e15"
            "1c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0"
            "e7eef5fc030a11181f262d343b424950575e656c737a81888f969da4ab"
            "b2b9c0c7ced5dce3eaf1f8ff060d141b222930373e454c535a61686f76"
            "7d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910171e252c333a41"
            "484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe050c"
            "131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7"
            "dee5ecf35901033900ff01080f161d242b323940474e555c636a71787f"
            "868d949ba2a9b0b7bec5ccd3dae1e8eff6fd040b121920272e353c434a"
            "51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f900070e15"
            "1c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0"
            "e7eef5fc030a11181f262d343b424950575e656c737a81888f969da4ab"
            "b2b9c0c7ced5dce3eaf1f8ff060d141b222930373e454c535a61686f76"
            "7d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910171e252c333a41"
            "484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe050c"
            "131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7"
            "dee5ecf325582ea108a101a401010327200621582084f779252b1e1a5e"
            "b624342d8ea93e3b6a3d247b378c98a6a6c6711ae072eb77582ea108a1"
            "01a4010103272006215820860baf91d036eaa840d5133fcd7592baba52"
            "85022b1c37bf58f64a2356ae15934f1255d6de0c4c482addc773064151"
            "ae",
        .sek = "126d1c0d7d38ba60bbe831398fcc3759",
        .piv_id = "25",
        .piv = "00",
        .keystream_info =
            "84412558ff01080f161d242b323940474e555c636a71787f868d949ba2"
            "a9b0b7bec5ccd3dae1e8eff6fd040b121920272e353c434a51585f666d"
            "747b828990979ea5acb3bac1c8cfd6dde4ebf2f900070e151c232a3138"
            "3f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc03"
            "0a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ce"
            "d5dce3eaf1f8ff060d141b222930373e454c535a61686f767d848b9299"
            "a0a7aeb5bcc3cad1d8dfe6edf4fb020910171e252c333a41484f565d64"
            "6b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe050c131a21282f"
            "363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3f5"
            "1840",
        .keystream =
            "9c4902874130fafc85dcd33ab649a277983cce2690095831f927cdbcaf"
            "692cc2e87eaa12ea002696866334455fa77770129c1b2f4706ac8f365c"
            "8efdc2a03985",
        .signature =
            "6915d20ad400d292361af78603dbbb71a3e3861a7f82af7a2f57cfc24d"
            "aa5ed0325b4373cb9dda1e3931d344106d45cb5334d73b3d9d51f7be50"
            "6167341b8e01",
        .encrypted_signature =
            "f55cd08d9530286eb3c624bcb59219063bdf483cef8bf74bd670027ee2"
            "c37212da25e961219dfc88bf52e7014fca32bb41a8cc147a9bfd78880c"
            "ef9af6bbb784",
    },
    {
        .name = "observe-group, response, group mode",
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .request = false,
        .request_kid = "25",
        .request_piv = "00",
        .gid = "dd11",
        .option = "2a01f452",
        .sender_cred =
            "a108a101a401010327200621582031bf12950d3b0f6d3c22f7024f4450"
            "10dcaa87105077287494433d96e13d93be",
        .gm_cred = "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
                   "baba5285022b1c37bf58f64a2356ae1593",
        .external_aad =
            "8901840a0a27381a412541004042dd11442a01f452582ea108a101a401"
            "010327200621582031bf12950d3b0f6d3c22f7024f445010dcaa871050"
            "77287494433d96e13d93be582ea108a101a4010103272006215820860b"
            "af91d036eaa840d5133fcd7592baba5285022b1c37bf58f64a2356ae15"
            "93",
        .aad = "8368456e6372797074304058758901840a0a27381a412541004042dd11"
               "442a01f452582ea108a101a401010327200621582031bf12950d3b0f6d"
               "3c22f7024f445010dcaa87105077287494433d96e13d93be582ea108a1"
               "01a4010103272006215820860baf91d036eaa840d5133fcd7592baba52"
               "85022b1c37bf58f64a2356ae1593",
        .ciphertext = "43f336b0c1d163530397f2a5",
        .countersign_tbs =
            "8571436f756e7465725369676e617475726530404058758901840a0a27"
            "381a412541004042dd11442a01f452582ea108a101a401010327200621"
            "582031bf12950d3b0f6d3c22f7024f445010dcaa87105077287494433d"
            "96e13d93be582ea108a101a4010103272006215820860baf91d036eaa8"
            "40d5133fcd7592baba5285022b1c37bf58f64a2356ae15934c43f336b0"
            "c1d163530397f2a5",
        .sek = "90abd495cfa66bcd2ee5596dee089773",
        .piv_id = "52",
        .piv = "01f4",
        .keystream_info = "84415242dd11f41840",
        .keystream =
            "77e84e570191d0c04799998f8a58f951b77c86932acd6d7601490d380d"
            "ae3b84bfc61f683deadd07ac90c2b552bedd57b08e7d2a4ed81dc57de4"
            "fdc98900ccbc",
        .signature =
            "47b3af09b35dd98da4602df80cebfa3bf6125cbbb83bbcf4109ce5db12"
            "f3b9bebee73b3567d25787a14a6f16ed63df334099c0a34a65d1cd5682"
            "2c4dd325910d",
        .encrypted_signature =
            "305be15eb2cc094de3f9b47786b3036a416eda2892f6d18211d5e8e31f"
            "5d823a0121245d5a388a800ddaada3bfdd0264f017bd8904bdcc082b66"
            "d1845a255db1",
    },
    {
        .name = "pairwiseonly, response, pairwise mode",
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_ALG_UNSET,
                        COVEY_ALG_UNSET, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .request = false,
        .request_kid = "25",
        .request_piv = "00",
        .gid = "dd11",
        .option = "",
        .sender_cred =
            "a108a101a401010327200621582031bf12950d3b0f6d3c22f7024f4450"
            "10dcaa87105077287494433d96e13d93be",
        .gm_cred = "a108a101a4010103272006215820860baf91d036eaa840d5133fcd7592"
                   "baba5285022b1c37bf58f64a2356ae1593",
        .external_aad =
            "8901840af6f6381a412541004042dd1140582ea108a101a40101032720"
            "0621582031bf12950d3b0f6d3c22f7024f445010dcaa87105077287494"
            "433d96e13d93be582ea108a101a4010103272006215820860baf91d036"
            "eaa840d5133fcd7592baba5285022b1c37bf58f64a2356ae1593",
        .aad = "8368456e6372797074304058718901840af6f6381a412541004042dd11"
               "40582ea108a101a401010327200621582031bf12950d3b0f6d3c22f702"
               "4f445010dcaa87105077287494433d96e13d93be582ea108a101a40101"
               "03272006215820860baf91d036eaa840d5133fcd7592baba5285022b1c"
               "37bf58f64a2356ae1593",
    },
    {
        .name = "p256-512-chacha-group-group, response, group mode",
        .algorithms = { COVEY_CHACHA20_POLY1305, COVEY_CHACHA20_POLY1305,
                        COVEY_ES256, COVEY_ECDH_SS_HKDF_512 },
        .hkdf = COVEY_HMAC_512_512,
        .request = false,
        .request_kid = "25",
        .request_piv = "00",
        .gid = "dd11",
        .option = "2852",
        .sender_cred =
            "a108a101a5010203262001215820c19964eae3bf2629a40d4c71b6d772"
            "45314db82ee5b1c31a834ac3296c573eae2258208de611f82e65e3fbb0"
            "93ba818514fc4306632fb658156c5f7f20e21b904c4477",
        .gm_cred = "a108a101a5010203262001215820ab9a296efc863143b08355a577118e"
                   "b843ebfebf7a7cf7c9c26ddf9eaeabd6d522582098540e9b2c50126be2"
                   "d6c654c564f4456a08d6373d6a0cac62ed1c55643fa040",
        .external_aad =
            "8901841818181826381b412541004042dd114228525851a108a101a501"
            "0203262001215820c19964eae3bf2629a40d4c71b6d77245314db82ee5"
            "b1c31a834ac3296c573eae2258208de611f82e65e3fbb093ba818514fc"
            "4306632fb658156c5f7f20e21b904c44775851a108a101a50102032620"
            "01215820ab9a296efc863143b08355a577118eb843ebfebf7a7cf7c9c2"
            "6ddf9eaeabd6d522582098540e9b2c50126be2d6c654c564f4456a08d6"
            "373d6a0cac62ed1c55643fa040",
        .aad = "8368456e6372797074304058bb8901841818181826381b412541004042"
               "dd114228525851a108a101a5010203262001215820c19964eae3bf2629"
               "a40d4c71b6d77245314db82ee5b1c31a834ac3296c573eae2258208de6"
               "11f82e65e3fbb093ba818514fc4306632fb658156c5f7f20e21b904c44"
               "775851a108a101a5010203262001215820ab9a296efc863143b08355a5"
               "77118eb843ebfebf7a7cf7c9c26ddf9eaeabd6d522582098540e9b2c50"
               "126be2d6c654c564f4456a08d6373d6a0cac62ed1c55643fa040",
        .ciphertext = "259a5c9108d5be66bdcd99e5fab4ab008542d144",
        .countersign_tbs =
            "8571436f756e7465725369676e617475726530404058bb890184181818"
            "1826381b412541004042dd114228525851a108a101a501020326200121"
            "5820c19964eae3bf2629a40d4c71b6d77245314db82ee5b1c31a834ac3"
            "296c573eae2258208de611f82e65e3fbb093ba818514fc4306632fb658"
            "156c5f7f20e21b904c44775851a108a101a5010203262001215820ab9a"
            "296efc863143b08355a577118eb843ebfebf7a7cf7c9c26ddf9eaeabd6"
            "d522582098540e9b2c50126be2d6c654c564f4456a08d6373d6a0cac62"
            "ed1c55643fa04054259a5c9108d5be66bdcd99e5fab4ab008542d144",
        .sek = "b3d495ed61e61ef6ce62d8b273c2b5467de23b4020f619b0d7ee06749c"
               "0e192e",
        .piv_id = "25",
        .piv = "00",
        .keystream_info = "84412542dd11f41840",
        .keystream =
            "f099b18f42b233459413d6b36d47efee6a6fd7bd83b677f571a23af747"
            "2c4bb337cb96e7220f785524d687d40b5affc27298e750da33fa18dd97"
            "0800e60a6745",
        .signature =
            "515d96c2192efbd96e58adcfb8537b3433c1aaa1afe24d572794e7f107"
            "183f525b71088a6f0f7231503a29609c2d71e403aff67b9ab12b52a3df"
            "6d9f5da1f550",
        .encrypted_signature =
            "a1c4274d5b9cc89cfa4b7b7cd51494da59ae7d1c2c543aa25636dd0640"
            "3474e16cba9e6d4d000a6474ecaeb497778e267137112b4082d14a7e48"
            "659fbbab9215",
    },
};
