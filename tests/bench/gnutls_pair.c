/* SPDX-License-Identifier: BSD-2-Clause */
#include "gnutls_pair.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROOM = 1 << 14,
    STEPS = 8
};

struct pipe {
    uint8_t bytes[ROOM];
    size_t len;
    size_t pos;
};

static gnutls_certificate_credentials_t credentials;
static gnutls_priority_t priority;
static struct pipe pipes[2]; /* to the client, to the server */

static void must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_tls: GnuTLS: %s failed\n", what);
        exit(1);
    }
}

bool gnutls_pair_open(const char *cert, size_t cert_len, const char *key,
                      size_t key_len)
{
    /* The library wants what it only reads without const. */
    gnutls_datum_t c = { (unsigned char *)(uintptr_t)cert,
                         (unsigned)cert_len };
    gnutls_datum_t k = { (unsigned char *)(uintptr_t)key, (unsigned)key_len };

    return gnutls_certificate_allocate_credentials(&credentials) == 0 &&
           gnutls_certificate_set_x509_key_mem(credentials, &c, &k,
                                               GNUTLS_X509_FMT_PEM) == 0 &&
           gnutls_certificate_set_x509_trust_mem(credentials, &c,
                                                 GNUTLS_X509_FMT_PEM) == 1 &&
           gnutls_priority_init(&priority,
                                "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:"
                                "+GROUP-X25519:-CIPHER-ALL:+AES-128-GCM",
                                NULL) == 0;
}

void gnutls_pair_close(void)
{
    gnutls_priority_deinit(priority);
    gnutls_certificate_free_credentials(credentials);
}

/* A transport is the index of the pipe that is read. */
static ssize_t pull(gnutls_transport_ptr_t to, void *out, size_t len)
{
    struct pipe *from = to;
    size_t n = from->len - from->pos < len ? from->len - from->pos : len;

    if (n == 0) {
        errno = EAGAIN;
        return -1;
    }
    memcpy(out, from->bytes + from->pos, n);
    from->pos += n;
    return (ssize_t)n;
}

static ssize_t push(gnutls_transport_ptr_t to, const void *bytes, size_t len)
{
    struct pipe *into = to;

    must(len <= ROOM - into->len, "room");
    memcpy(into->bytes + into->len, bytes, len);
    into->len += len;
    return (ssize_t)len;
}

static int wait_for(gnutls_transport_ptr_t to, unsigned ms)
{
    const struct pipe *from = to;

    (void)ms;
    return from->len > from->pos;
}

static gnutls_session_t begin(bool server)
{
    const unsigned flags =
        server ? GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_AUTO_SEND_TICKET |
                     GNUTLS_NO_TICKETS
               : GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS;
    gnutls_session_t s = NULL;

    must(gnutls_init(&s, flags) == 0 &&
             gnutls_priority_set(s, priority) == 0 &&
             gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, credentials) ==
                 0,
         "session");
    if (server) {
        gnutls_certificate_server_set_request(s, GNUTLS_CERT_REQUIRE);
    }
    gnutls_session_set_verify_cert(s, NULL, 0);
    gnutls_transport_set_ptr2(s, &pipes[server], &pipes[!server]);
    gnutls_transport_set_pull_function(s, pull);
    gnutls_transport_set_pull_timeout_function(s, wait_for);
    gnutls_transport_set_push_function(s, push);
    return s;
}

uint32_t gnutls_pair_handshake(void *state, uint32_t times)
{
    (void)state;
    for (uint32_t i = 0; i < times; i++) {
        int client = GNUTLS_E_AGAIN;
        int server = GNUTLS_E_AGAIN;
        pipes[0].len = pipes[0].pos = pipes[1].len = pipes[1].pos = 0;
        gnutls_session_t c = begin(false);
        gnutls_session_t s = begin(true);
        for (int step = 0; step < STEPS && (client != 0 || server != 0);
             step++) {
            client = client != 0 ? gnutls_handshake(c) : 0;
            server = server != 0 ? gnutls_handshake(s) : 0;
        }
        must(client == 0 && server == 0, "handshake");
        gnutls_deinit(c);
        gnutls_deinit(s);
    }
    return times;
}
