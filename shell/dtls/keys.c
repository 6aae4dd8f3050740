/* SPDX-License-Identifier: BSD-2-Clause */
/* Pre-shared keys by identity (RFC 4279). Which of them is asked for, and
 * whether there is one, shows in no branch and in no address: all are looked
 * at, and who has none gets the key of nobody, so that his handshake fails as
 * one with a wrong key does. */
#include "internal.h"

#include <string.h>

/* 0xff if both are the same, else 0. */
static uint8_t same(const char *a, const char *b, size_t len)
{
    unsigned differ = 0;

    for (size_t i = 0; i < len; i++) {
        differ |= (unsigned)((uint8_t)a[i] ^ (uint8_t)b[i]);
    }
    return (uint8_t)((differ - 1) >> 8);
}

static void take(const dtls_key *from, uint8_t mask, uint8_t *key, size_t *len)
{
    const size_t wide = (size_t)0 - (mask & 1u);

    for (size_t i = 0; i < DTLS_KEY_MAX; i++) {
        key[i] = (uint8_t)((key[i] & ~mask) | (from->key[i] & mask));
    }
    *len = (*len & ~wide) | (from->len & wide);
}

static unsigned on_psk(SSL *ssl, const char *identity, unsigned char *key,
                       unsigned cap)
{
    const dtls_server *s = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    char asked[DTLS_IDENTITY_MAX + 1] = "";
    const size_t asked_len = strlen(identity);
    size_t len = sizeof s->decoy;

    if (cap < DTLS_KEY_MAX) {
        return 0;
    }
    memset(key, 0, DTLS_KEY_MAX);
    memcpy(key, s->decoy, sizeof s->decoy);
    /* A longer one is nobody's, and so is one without a character. */
    if (asked_len <= DTLS_IDENTITY_MAX) {
        memcpy(asked, identity, asked_len);
    }
    for (size_t i = 0; i < s->options.key_count; i++) {
        const dtls_key *row = &s->options.keys[i];
        take(row, same(asked, row->identity, sizeof asked), key, &len);
    }
    return (unsigned)len;
}

void keys_use(dtls_server *s)
{
    SSL_CTX_set_psk_server_callback(s->ctx, on_psk);
}
