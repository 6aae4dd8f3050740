/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates made for tests: a description in hex, an issuer, a private key
 * of one repeated byte. */
#ifndef ITS_MAKE_H
#define ITS_MAKE_H

#include <covey/its_data.h>

/* What tests begin with: 2021-01-04, and a moment two days later. */
#define MAKE_START UINT32_C(0x20000000)
#define MAKE_NOW   ((UINT64_C(0x20000000) + 172800) * 1000000)

struct make_spec {
    const char *app; /* items in hex; NULL: no such list */
    const char *issue;
    const char *request;
    const char *region;
    const char *name;
    uint32_t start;
    uint16_t years;
    uint16_t crl_series;
    covey_its_alg alg;
    bool implicit;
    bool uncompressed;     /* key, and r */
    covey_its_hash hash;   /* of the issuer identifier, if it is to be */
    bool wrong_hash;       /* another than is right */
    bool spoil;            /* one bit of the signature */
    const char *craca_id;  /* 3 bytes in hex; NULL: zeros */
    const char *additions; /* encoded, in hex */
    bool with_encryption;
};

struct made {
    uint8_t bytes[2048];
    uint8_t secret[48];
    uint8_t lists[5][700];
    uint8_t point[97];
    covey_its_cert cert;
    covey_its_digest digest;
};

/* `issuer` NULL: self-signed. `seed`: of the key, from 1. */
void make_cert(struct made *out, const struct make_spec *spec,
               const struct made *issuer, uint8_t seed,
               const covey_crypto *crypto);

/* root, AA and AT; the second CA between them and the fourth of a longer
 * chain are made with the same. */
extern const struct make_spec make_root;
extern const struct make_spec make_aa;
extern const struct make_spec make_at;

#endif
