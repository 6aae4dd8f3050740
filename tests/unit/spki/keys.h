/* SPDX-License-Identifier: BSD-2-Clause */
/* SubjectPublicKeyInfos in hex. Ed25519 is the example of RFC 8410 Section
 * 10.1; the others were made with `openssl genpkey` and `openssl pkey`. */
#ifndef COVEY_TEST_SPKI_KEYS_H
#define COVEY_TEST_SPKI_KEYS_H

#define ED25519_SPKI                                                          \
    "302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6"  \
    "cb0c5c38ad703166e1"
#define ED25519_KEY                                                           \
    "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
#define X25519_KEY                                                            \
    "2cf0a137e94fd8513fb035f737a88b4248da1731b64a2c1999fbc214e162180f"
#define X25519_SPKI "302a300506032b656e032100" X25519_KEY
#define ED448_KEY                                                             \
    "49aecf33119cab638f85aa8a1deb60b77fa4bed1f5805a94e74d71c4e447d96a69d340"  \
    "4a130801dde9e3c2171e1a95f474cf45d26ef695df00"
#define ED448_SPKI "3043300506032b6571033a00" ED448_KEY
#define X448_KEY                                                              \
    "5565e308288e76776fca80fd386f840a17101a84255ca6f089745e6d3e7f2bb1d87b1e"  \
    "8e390288ef9c66fbec66cd556a6800c00ec5fcdf4f"
#define X448_SPKI "3042300506032b656f033900" X448_KEY
#define P256_X                                                                \
    "57da1e26c0560aa1a8f52254ac4b47ead43e01c5134103e9efe2c566eb7e6937"
#define P256_Y                                                                \
    "a1b4c9372f4a9986482b879a5dafcb331cff6daba8d7a1e624ef4ff42f20b1c2"
#define P256_ID "301306072a8648ce3d020106082a8648ce3d030107"
#define P256_SPKI                                                             \
    "3059" P256_ID "034200"                                                   \
    "04" P256_X P256_Y
#define P256_SHORT_SPKI                                                       \
    "3039" P256_ID "032200"                                                   \
    "02" P256_X
#define P384_KEY                                                              \
    "04ecc02330e610152e00105686036cf620a313088e8bc7bf0e79eea7d25e106a66485c"  \
    "9bbee9bb1a499d4fa3ff00bc56a560d844b824fd6f51dfc1834efa3809e18bfc495de0"  \
    "3f0305adbe356f5fbdbc2d704c2ab2383f6c4014d249cb91e73174"
#define P384_SPKI "3076301006072a8648ce3d020106052b81040022036200" P384_KEY
#define P521_KEY                                                              \
    "040092018234e85503d4ec0e23a238a64bda830510bee53db4f02327ba05ff9c3bfa64"  \
    "6c1c2550ba8e16f43d9a3fdbd8f024baa6135543c3d818a6114433e8085a09f1003651"  \
    "77eceff1e166ea59fbbca820bfbbfc34c953fad3af5af89322f2621c549128407000a1"  \
    "f6f561e0e8fe1486c71c94527218148b7e3718560dc6b67b669d3b95"
#define P521_SPKI "30819b301006072a8648ce3d020106052b8104002303818600" P521_KEY
#define RSA_KEY                                                               \
    "30818902818100c2725398d7de15d7945e8c620437a728043eda809c4555583beda093"  \
    "fa1e6365b74d178e7af996d7748ea4ea3dd7b75c62ae63a6fa0a9bac68d6b03a8642c0"  \
    "a7e2cfc012171b8cd9ec2896557aeb5a0a285fe8d1459880bee2ac48cf2ce3ab3cf7b2"  \
    "68cd5c60d633f2793cba8bb3a216819f5a2bf59c97d470dd86fce8f02acb0203010001"
#define RSA_SPKI "30819f300d06092a864886f70d010101050003818d00" RSA_KEY
#define SECP256K1_SPKI                                                        \
    "3056301006072a8648ce3d020106052b8104000a03420004ea45113e35dd329508d533"  \
    "abe891378affae4de12bdc3ea56d5714b91c759350997160f682389b093d10b52d6c06"  \
    "39906484b067361aedfabc8352d16b99a6c3"

#endif
