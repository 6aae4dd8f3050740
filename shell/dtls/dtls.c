/* SPDX-License-Identifier: BSD-2-Clause */
#include "dtls.h"

#include "datagrams.h"
#include "policy.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

struct dtls {
    dtls_options options;
    struct policy policy;
    struct datagrams datagrams;
    BIO_METHOD *method;
    SSL_CTX *ctx;
    SSL *ssl;
    bool opened;
    bool closed;
};

/* --- opening ------------------------------------------------------------- */

static unsigned on_psk(SSL *ssl, const char *hint, char *identity,
                       unsigned identity_cap, unsigned char *key,
                       unsigned key_cap)
{
    const dtls *d = SSL_get_app_data(ssl);
    const size_t len = strlen(d->options.identity);

    (void)hint; /* whoever says it is not known yet */
    if (len >= identity_cap || d->options.key.len > key_cap) {
        return 0;
    }
    memcpy(identity, d->options.identity, len + 1);
    memcpy(key, d->options.key.ptr, d->options.key.len);
    return (unsigned)d->options.key.len;
}

static bool use_certificates(dtls *d, char error[DTLS_ERROR_MAX])
{
    const dtls_options *o = &d->options;

    SSL_CTX_set_verify(d->ctx, SSL_VERIFY_PEER, NULL);
    if ((o->ca != NULL ? SSL_CTX_load_verify_locations(d->ctx, o->ca, NULL)
                       : SSL_CTX_set_default_verify_paths(d->ctx)) != 1) {
        return policy_fail(error,
                           o->ca != NULL ? o->ca : "the system's anchors");
    }
    return policy_identify(d->ctx, o->certificate, o->private_key, error);
}

/* Whom the certificate must be for: an address, or a name, which is also told
 * to the server (RFC 6066 Section 3). */
static bool expect_name(dtls *d, char error[DTLS_ERROR_MAX])
{
    const char *name = d->options.name;
    X509_VERIFY_PARAM *p = SSL_get0_param(d->ssl);

    if (X509_VERIFY_PARAM_set1_ip_asc(p, name) == 1) {
        return true;
    }
    ERR_clear_error();
    SSL_set_hostflags(d->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    /* The name is copied, but the type has no const. */
    return (SSL_set1_host(d->ssl, name) == 1 &&
            SSL_ctrl(d->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
                     TLSEXT_NAMETYPE_host_name,
                     (void *)(uintptr_t)name) == 1) ||
           policy_fail(error, name);
}

static bool set_up(dtls *d, char error[DTLS_ERROR_MAX])
{
    const bool psk = d->options.identity != NULL;
    BIO *bio;

    d->method = datagrams_method();
    d->ctx = policy_context(&d->policy, DTLS_client_method(), psk, !psk);
    if (d->method == NULL || d->ctx == NULL) {
        return policy_fail(error, "DTLS");
    }
    if (psk) {
        SSL_CTX_set_psk_client_callback(d->ctx, on_psk);
    } else if (!use_certificates(d, error)) {
        return false;
    }
    d->ssl = SSL_new(d->ctx);
    bio = datagrams_bio(d->method, &d->datagrams);
    if (d->ssl == NULL || bio == NULL) {
        BIO_free(bio);
        return policy_fail(error, "DTLS");
    }
    SSL_set_bio(d->ssl, bio, bio);
    SSL_set_app_data(d->ssl, d);
    policy_bound(d->ssl);
    SSL_set_connect_state(d->ssl);
    return psk || expect_name(d, error);
}

dtls *dtls_new(const dtls_options *options, char error[DTLS_ERROR_MAX])
{
    dtls *d = calloc(1, sizeof *d);

    if (d == NULL) {
        snprintf(error, DTLS_ERROR_MAX, "out of memory");
        return NULL;
    }
    d->options = *options;
    d->datagrams.depart = options->events.depart;
    d->datagrams.user = options->events.user;
    ERR_clear_error();
    if (set_up(d, error)) {
        return d;
    }
    dtls_end(d);
    return NULL;
}

void dtls_end(dtls *d)
{
    if (d == NULL) {
        return;
    }
    if (d->opened && !d->closed) {
        (void)SSL_shutdown(d->ssl);
    }
    SSL_free(d->ssl);
    SSL_CTX_free(d->ctx);
    BIO_meth_free(d->method);
    ERR_clear_error();
    free(d);
}

/* --- running ------------------------------------------------------------- */

static void close_now(dtls *d, const char *reason)
{
    if (!d->closed) {
        d->closed = true;
        d->options.events.closed(d->options.events.user, reason);
    }
}

/* After a call that may want more datagrams; true if it can go on. */
static bool judge(dtls *d, int result)
{
    const enum policy_turn turn = policy_turn(d->ssl, result);

    if (turn == POLICY_ENDED) {
        close_now(d, "the peer has ended it");
    } else if (turn == POLICY_FAILED) {
        close_now(d, policy_reason(d->ssl));
    }
    ERR_clear_error();
    return turn == POLICY_DONE;
}

static void shake(dtls *d)
{
    ERR_clear_error();
    if (judge(d, SSL_do_handshake(d->ssl)) && !d->opened) {
        d->opened = true;
        d->options.events.opened(d->options.events.user);
    }
}

void dtls_start(dtls *d)
{
    shake(d);
}

void dtls_receive(dtls *d, covey_bytes datagram)
{
    uint8_t plain[DTLS_RECORD_MAX];
    uint32_t later;
    int n = 1;

    d->datagrams.in = datagrams_whole(datagram, policy_least(d->ssl), &later);
    if (!d->closed && !d->opened) {
        shake(d);
    }
    while (!d->closed && d->opened && n > 0) {
        ERR_clear_error();
        n = SSL_read(d->ssl, plain, sizeof plain);
        if (judge(d, n) && n > 0) {
            d->options.events.received(d->options.events.user,
                                       covey_bytes_of(plain, (size_t)n));
        }
    }
    d->datagrams.in.ptr = NULL;
    covey_wipe(plain, sizeof plain);
}

size_t dtls_room(const dtls *d)
{
    return d->opened && !d->closed ? DTLS_get_data_mtu(d->ssl) : 0;
}

bool dtls_send(dtls *d, covey_bytes plain)
{
    if (plain.len == 0 || plain.len > dtls_room(d)) {
        return false;
    }
    ERR_clear_error();
    return judge(d, SSL_write(d->ssl, plain.ptr, (int)plain.len));
}

covey_ms dtls_deadline(dtls *d, covey_ms now)
{
    struct timeval left;

    if (d->closed || DTLSv1_get_timeout(d->ssl, &left) != 1) {
        return COVEY_NEVER;
    }
    return now + (covey_ms)left.tv_sec * 1000 +
           (covey_ms)(left.tv_usec + 999) / 1000;
}

void dtls_expire(dtls *d)
{
    ERR_clear_error();
    if (!d->closed && DTLSv1_handle_timeout(d->ssl) < 0) {
        close_now(d, "nobody answers the handshake");
    }
    ERR_clear_error();
}
