/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates made on the spot, good ones and others. */
#ifndef COVEY_TEST_X509_MAKE_H
#define COVEY_TEST_X509_MAKE_H

#include "kit.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

/* Keys: EVP_PKEY_ED25519 and EVP_PKEY_X25519; curves by their NID; RSA with
 * 2048 or 1024 bits by that number; P-256 with its parameters spelt out. */
enum {
    KEY_RSA_2048 = 2048,
    KEY_RSA_1024 = 1024,
    KEY_P256_SPELT_OUT = 256
};

/* In extensions: there is none. */
#define NONE "-"

/* Zero and NULL: as the defaults say. */
typedef struct plan {
    const char *serial; /* serialNumber in the subject */
    const char *serial_again;
    const char *name; /* commonName in the subject */
    const char *name_again;
    int key;
    int64_t from;
    int64_t to;
    const char *basic; /* basicConstraints */
    const char *usage; /* keyUsage */
    const char *aki;   /* authorityKeyIdentifier */
    bool critical;     /* with a critical extension that nobody knows */
    bool sha1;         /* its issuer signs so */
} plan;

typedef struct made {
    X509 *cert;
    EVP_PKEY *key;
    uint8_t der[2000];
    size_t len;
} made;

/* issuer NULL: self-signed. The test fails if it cannot be made. */
void make(made *out, const plan *wanted, const plan *defaults,
          const made *issuer);
void unmake(made *m);
covey_bytes der_of(const made *m);

#endif
