/* SPDX-License-Identifier: BSD-2-Clause */
/* Cookies (RFC 6347 Section 4.2.1): what only this server can say about an
 * address and a ClientHello's random bytes. Nothing is kept; the secret is
 * another one every minute, and the one before it still counts. */
#include "internal.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

enum {
    LIFETIME = 60000, /* ms of a secret */
    ADDRESS = 16 + 4 + 2 + 1,
    TOLD = 2 * ADDRESS + HELLO_RANDOM
};

static void write_address(covey_writer *w, const covey_address *a)
{
    covey_write_bytes(w, covey_bytes_of(a->ip, sizeof a->ip));
    covey_write_u32(w, a->zone);
    covey_write_u16(w, a->port);
    covey_write_u8(w, a->family);
}

static bool make(const dtls_server *s, unsigned which, uint8_t out[COOKIE])
{
    uint8_t told[TOLD];
    covey_writer w = covey_writer_of(told, sizeof told);
    unsigned len = COOKIE;

    write_address(&w, &s->asking->peer);
    write_address(&w, &s->asking->local);
    covey_write_bytes(&w, covey_bytes_of(s->random, HELLO_RANDOM));
    return w.failed == COVEY_OK &&
           HMAC(EVP_sha256(), s->secrets[which], COOKIE, told, w.pos, out,
                &len) != NULL;
}

static int on_make(SSL *ssl, unsigned char *cookie, unsigned *len)
{
    const dtls_server *s = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    *len = COOKIE;
    return make(s, 0, cookie) ? 1 : 0;
}

static int on_check(SSL *ssl, const unsigned char *cookie, unsigned len)
{
    const dtls_server *s = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    uint8_t good[COOKIE];

    for (unsigned i = 0; i < SECRETS; i++) {
        if (len == COOKIE && make(s, i, good) &&
            CRYPTO_memcmp(good, cookie, COOKIE) == 0) {
            return 1;
        }
    }
    return 0;
}

bool cookie_open(dtls_server *s)
{
    SSL_CTX_set_cookie_generate_cb(s->ctx, on_make);
    SSL_CTX_set_cookie_verify_cb(s->ctx, on_check);
    return RAND_bytes(s->secrets[0], (int)sizeof s->secrets) == 1;
}

/* Without new random bytes the old ones have to do. */
void cookie_refresh(dtls_server *s, covey_ms now)
{
    if (now < s->secret_until) {
        return;
    }
    s->secret_until = now + LIFETIME;
    memcpy(s->secrets[1], s->secrets[0], COOKIE);
    (void)RAND_bytes(s->secrets[0], COOKIE);
}
