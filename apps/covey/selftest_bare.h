/* SPDX-License-Identifier: BSD-2-Clause */
/* A group-mode message without a security context around it: for vectors that
 * have no credentials, or bind a message to more than RFC 10021 does. */
#ifndef COVEY_APP_SELFTEST_BARE_H
#define COVEY_APP_SELFTEST_BARE_H

#include "selftest_group.h"

typedef struct selftest_bare {
    const covey_crypto *crypto;
    const selftest_check *k;
    covey_group_parameters p;
    covey_group_keys common;
    covey_group_binding binding;
    covey_bytes sender_id;
    covey_bytes piv;    /* as used for the nonce */
    covey_bytes piv_id; /* of who generated it */
    covey_key key;      /* the Sender Key */
    bool request;
    uint8_t sender_key[COVEY_KEY_MAX];
    size_t key_len;
    uint8_t nonce[COVEY_NONCE_MAX];
    size_t nonce_len;
    covey_group_inputs inputs;
    uint8_t scratch[4096];
} selftest_bare;

/* Derives all from what stands above `key`, scratch included. */
bool selftest_bare_open(selftest_bare *b);
void selftest_bare_close(selftest_bare *b);
/* Encrypts, and decrypts again, and compares both. */
bool selftest_bare_cipher(selftest_bare *b, covey_bytes plaintext,
                          covey_bytes ciphertext);
/* Decrypts; fills the writer. */
bool selftest_bare_decrypt(selftest_bare *b, covey_bytes ciphertext,
                           covey_writer *plaintext);
/* Takes the mask off a signature, which is compared, and verifies it. */
bool selftest_bare_signature(selftest_bare *b, selftest_keys *keys,
                             covey_bytes ciphertext, covey_bytes masked,
                             covey_bytes signature, covey_bytes keystream);

#endif
