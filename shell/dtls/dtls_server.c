/* SPDX-License-Identifier: BSD-2-Clause */
/* Which session a datagram is for, if any, and when they end. */
#include "dtls_server.h"

#include "internal.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

enum {
    SESSIONS = 1024,
    HANDSHAKES = 256,
    PER_ADDRESS = 128,
    IDLE = 3600000,
    PATIENCE = 30000
};

/* --- opening ------------------------------------------------------------- */

static void on_listener_depart(void *user, covey_bytes datagram)
{
    const dtls_server *s = user;

    s->options.events.depart(s->options.events.user, s->asking, datagram);
}

/* Both are the caller's until a session is made of them. */
static bool new_listener(dtls_server *s)
{
    BIO *bio = datagrams_bio(s->method, &s->listening);

    s->listener = SSL_new(s->ctx);
    if (s->listener == NULL || bio == NULL) {
        SSL_free(s->listener);
        s->listener = NULL;
        BIO_free(bio);
        return false;
    }
    SSL_set_bio(s->listener, bio, bio);
    policy_bound(s->listener);
    SSL_set_accept_state(s->listener);
    return true;
}

static bool use_certificates(dtls_server *s, char error[DTLS_ERROR_MAX])
{
    static const int modes[] = {
        [DTLS_CLIENTS_ANY] = SSL_VERIFY_NONE,
        [DTLS_CLIENTS_MAY_SHOW] = SSL_VERIFY_PEER,
        [DTLS_CLIENTS_MUST_SHOW] =
            SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
    };
    const dtls_server_options *o = &s->options;

    SSL_CTX_set_verify(s->ctx, modes[o->clients], NULL);
    if (o->clients != DTLS_CLIENTS_ANY) {
        STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(o->ca);
        if (names == NULL ||
            SSL_CTX_load_verify_locations(s->ctx, o->ca, NULL) != 1) {
            sk_X509_NAME_pop_free(names, X509_NAME_free);
            return policy_fail(error, o->ca);
        }
        SSL_CTX_set_client_CA_list(s->ctx, names);
    }
    return policy_identify(s->ctx, o->certificate, o->private_key, error);
}

static bool set_up(dtls_server *s, char error[DTLS_ERROR_MAX])
{
    const dtls_server_options *o = &s->options;

    s->method = datagrams_method();
    s->ctx = policy_context(&s->policy, DTLS_server_method(), o->key_count > 0,
                            o->certificate != NULL);
    if (s->method == NULL || s->ctx == NULL) {
        return policy_fail(error, "DTLS");
    }
    SSL_CTX_set_app_data(s->ctx, s);
    SSL_CTX_set_options(s->ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(s->ctx, SSL_MODE_RELEASE_BUFFERS);
    if (o->key_count > 0) {
        keys_use(s);
    }
    if (o->certificate != NULL && !use_certificates(s, error)) {
        return false;
    }
    if (!cookie_open(s) || RAND_bytes(s->decoy, (int)sizeof s->decoy) != 1 ||
        RAND_bytes((uint8_t *)&s->hash_key, (int)sizeof s->hash_key) != 1 ||
        !table_open(s) || !new_listener(s)) {
        return policy_fail(error, "memory or random bytes");
    }
    return true;
}

static void use_defaults(dtls_server_options *o)
{
    o->sessions = o->sessions != 0 ? o->sessions : SESSIONS;
    o->handshakes = o->handshakes != 0 ? o->handshakes : HANDSHAKES;
    o->per_address = o->per_address != 0 ? o->per_address : PER_ADDRESS;
    o->idle = o->idle != 0 ? o->idle : IDLE;
    o->patience = o->patience != 0 ? o->patience : PATIENCE;
    o->crew = o->crew != 0 ? o->crew : 1;
}

dtls_server *dtls_server_new(const dtls_server_options *options,
                             char error[DTLS_ERROR_MAX])
{
    dtls_server *s = calloc(1, sizeof *s);

    ERR_clear_error();
    if (s == NULL) {
        (void)policy_fail(error, "memory");
        return NULL;
    }
    s->options = *options;
    use_defaults(&s->options);
    s->listening.depart = on_listener_depart;
    s->listening.user = s;
    if (set_up(s, error)) {
        return s;
    }
    dtls_server_end(s);
    return NULL;
}

static void listen(dtls_server *s, covey_ms now, const covey_path *path,
                   covey_bytes datagram)
{
    BIO_ADDR *nobody;
    int result;

    if (s->listener == NULL && !new_listener(s)) {
        return;
    }
    nobody = BIO_ADDR_new();
    if (nobody == NULL) {
        return;
    }
    cookie_refresh(s, now);
    ERR_clear_error();
    s->listening.in = datagram;
    result = DTLSv1_listen(s->listener, nobody);
    s->listening.in.ptr = NULL;
    ERR_clear_error();
    BIO_ADDR_free(nobody);
    if (result == 1) {
        session_begin(s, now, path);
    } else {
        s->counters.hellos++;
    }
}

/* --- datagrams ----------------------------------------------------------- */

/* A ClientHello from its beginning, as the first of a datagram and in clear:
 * RFC 6347 Sections 4.1 and 4.2.2. */
static bool is_hello(covey_bytes d)
{
    static const uint8_t epoch[2] = { 0, 0 };
    static const uint8_t offset[3] = { 0, 0, 0 };
    enum {
        RANDOM = 27,
        HANDSHAKE = 22,
        CLIENT_HELLO = 1
    };

    return d.len >= RANDOM + HELLO_RANDOM && d.ptr[0] == HANDSHAKE &&
           memcmp(d.ptr + 3, epoch, sizeof epoch) == 0 &&
           d.ptr[13] == CLIENT_HELLO &&
           memcmp(d.ptr + 19, offset, sizeof offset) == 0;
}

/* What a session has begun with, once more: with the cookie, so that it is not
 * the first message of a handshake. */
static bool is_repeated(const struct session *x, covey_bytes d)
{
    enum {
        SEQUENCE = 17,
        RANDOM = 27
    };

    return x != NULL && (d.ptr[SEQUENCE] | d.ptr[SEQUENCE + 1]) != 0 &&
           memcmp(x->random, d.ptr + RANDOM, HELLO_RANDOM) == 0;
}

/* While a client begins anew nobody knows which of its two sessions a
 * datagram is for: what a session cannot open it ignores. */
static void deliver(dtls_server *s, covey_ms now, const covey_path *path,
                    covey_bytes datagram)
{
    struct session *open = table_find(s, path, SESSION_OPEN);
    struct session *shaking = table_find(s, path, SESSION_SHAKING);

    if (open == NULL && shaking == NULL) {
        s->counters.strays++;
    }
    if (open != NULL) {
        session_feed(open, now, datagram);
    }
    /* Handlers do not begin sessions, but they may have ended this one. */
    if (shaking != NULL && shaking->state == SESSION_SHAKING) {
        session_feed(shaking, now, datagram);
    }
}

void dtls_server_receive(dtls_server *s, covey_ms now, const covey_path *path,
                         covey_bytes datagram)
{
    if (path->group) {
        s->counters.strays++;
        return;
    }
    if (datagram.len > DTLS_DATAGRAM_MAX) {
        s->counters.too_long++;
        return;
    }
    s->asking = path;
    if (!is_hello(datagram)) {
        deliver(s, now, path, datagram);
        return;
    }
    s->random = datagram.ptr + 27;
    if (is_repeated(table_find(s, path, SESSION_SHAKING), datagram) ||
        is_repeated(table_find(s, path, SESSION_OPEN), datagram)) {
        deliver(s, now, path, datagram);
    } else {
        listen(s, now, path, datagram);
    }
}

bool dtls_server_send(dtls_server *s, const covey_path *path,
                      covey_bytes plain)
{
    struct session *x = table_named(s, path);

    return x != NULL && x->state == SESSION_OPEN && plain.len > 0 &&
           session_send(x, plain);
}

const dtls_peer *dtls_server_peer(const dtls_server *s, const covey_path *path)
{
    const struct session *x = table_named(s, path);

    return x != NULL && x->state == SESSION_OPEN ? &x->peer : NULL;
}

/* --- time ---------------------------------------------------------------- */

covey_ms dtls_server_deadline(const dtls_server *s)
{
    const struct session *x = table_oldest(s, SESSION_OPEN);
    covey_ms due = x != NULL ? x->heard + s->options.idle : COVEY_NEVER;

    if (s->broken) {
        return 0;
    }
    x = table_oldest(s, SESSION_SHAKING);
    if (x != NULL) {
        due = covey_earlier(due, x->heard + s->options.patience);
    }
    while (x != NULL) {
        due = covey_earlier(due, x->resend);
        x = x->next != ROW_NONE ? &s->rows[x->next] : NULL;
    }
    return due;
}

static void end_broken(dtls_server *s)
{
    s->broken = false;
    for (uint32_t i = 0; i < s->row_count; i++) {
        if (s->rows[i].state == SESSION_OPEN && s->rows[i].broken) {
            session_finish(&s->rows[i], "nothing can be sent", false);
        }
    }
}

void dtls_server_expire(dtls_server *s, covey_ms now)
{
    struct session *x;
    uint32_t next;

    if (s->broken) {
        end_broken(s);
    }
    while ((x = table_oldest(s, SESSION_SHAKING)) != NULL &&
           x->heard + s->options.patience <= now) {
        session_finish(x, "the handshake takes too long", false);
    }
    while ((x = table_oldest(s, SESSION_OPEN)) != NULL &&
           x->heard + s->options.idle <= now) {
        session_finish(x, "silent for too long", true);
    }
    for (uint32_t i = s->lists[SESSION_SHAKING].first; i != ROW_NONE;
         i = next) {
        x = &s->rows[i];
        next = x->next;
        if (x->resend <= now) {
            session_resend(x, now);
        }
    }
}

/* --- the end ------------------------------------------------------------- */

void dtls_server_end(dtls_server *s)
{
    if (s == NULL) {
        return;
    }
    for (uint32_t i = 0; s->rows != NULL && i < s->row_count; i++) {
        struct session *x = &s->rows[i];
        if (x->state == SESSION_OPEN) {
            (void)SSL_shutdown(x->ssl);
        }
        if (x->state != SESSION_FREE) {
            session_release(x);
        }
    }
    SSL_free(s->listener);
    SSL_CTX_free(s->ctx);
    BIO_meth_free(s->method);
    table_close(s);
    covey_wipe(s, sizeof *s);
    free(s);
    ERR_clear_error();
}

dtls_server_counters dtls_server_counters_of(const dtls_server *s)
{
    return s->counters;
}
