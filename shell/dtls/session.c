/* SPDX-License-Identifier: BSD-2-Clause */
/* A session from its ClientHello to its end. */
#include "internal.h"

#include <openssl/err.h>
#include <string.h>
#include <sys/time.h>

enum {
    /* Records of a handshake that come before the one that they need: libssl
     * keeps each of them in 16 kB. */
    EARLY_MAX = 16
};

/* --- the end of a session ------------------------------------------------ */

/* Its row is free again before anybody is told. */
void session_release(struct session *x)
{
    SSL_free(x->ssl);
    x->ssl = NULL;
    dtls__peer_forget(&x->peer);
    table_move(x, SESSION_FREE);
    ERR_clear_error();
}

/* `notify`: with close_notify, if it is open. */
void session_finish(struct session *x, const char *reason, bool notify)
{
    dtls_server *s = x->server;
    const dtls_server_events *on = &s->options.events;
    const bool open = x->state == SESSION_OPEN;
    const covey_path path = x->path;

    if (open && notify) {
        ERR_clear_error();
        (void)SSL_shutdown(x->ssl);
    }
    session_release(x);
    if (open && on->lost != NULL) {
        on->lost(on->user, &path, reason);
    } else if (!open) {
        s->counters.failed++;
        if (on->failed != NULL) {
            on->failed(on->user, &path, reason);
        }
    }
}

/* After a call that may want more datagrams; true if it can go on. Otherwise
 * the session may have ended. */
static bool judge(struct session *x, int result)
{
    const enum policy_turn turn = policy_turn(x->ssl, result);

    if (turn == POLICY_ENDED) {
        session_finish(x, "the client has ended it", true);
    } else if (turn == POLICY_FAILED) {
        session_finish(x, policy_reason(x->ssl), false);
    }
    ERR_clear_error();
    return turn == POLICY_DONE;
}

/* --- handshakes ---------------------------------------------------------- */

static void set_timer(struct session *x, covey_ms now)
{
    struct timeval left;

    x->resend = COVEY_NEVER;
    if (DTLSv1_get_timeout(x->ssl, &left) == 1) {
        x->resend = now + (covey_ms)left.tv_sec * 1000 +
                    (covey_ms)(left.tv_usec + 999) / 1000;
    }
}

/* Who has proved who he is displaces others, and his own former session. */
static void make_room(dtls_server *s, const covey_path *path)
{
    struct session *old = table_find(s, path, SESSION_OPEN);
    uint32_t count;

    if (old != NULL) {
        session_finish(old, "the client has begun anew", false);
    }
    count = table_count(s, path, SESSION_OPEN, &old);
    if (count < s->options.per_address) {
        old = s->lists[SESSION_OPEN].count >= s->options.sessions
                  ? table_oldest(s, SESSION_OPEN)
                  : NULL;
    }
    if (old != NULL) {
        s->counters.displaced++;
        session_finish(old, "another one needs room", true);
    }
}

static void become_open(struct session *x, covey_ms now)
{
    dtls_server *s = x->server;
    const dtls_server_events *on = &s->options.events;
    const covey_path path = x->path;

    if (!dtls__peer_learn(&x->peer, x->ssl)) {
        session_finish(x, "out of memory", false);
        return;
    }
    make_room(s, &path);
    x->heard = now;
    table_move(x, SESSION_OPEN);
    s->counters.opened++;
    if (on->opened != NULL) {
        on->opened(on->user, &x->path, &x->peer);
    }
}

static void shake(struct session *x, covey_ms now)
{
    ERR_clear_error();
    if (judge(x, SSL_do_handshake(x->ssl))) {
        become_open(x, now);
    } else if (x->state == SESSION_SHAKING) {
        set_timer(x, now);
    }
}

static void on_session_depart(void *user, covey_bytes datagram)
{
    const struct session *x = user;
    const dtls_server_events *on = &x->server->options.events;
    covey_path path = x->path;

    path.transport = COVEY_UDP;
    path.connection = 0;
    on->depart(on->user, &path, datagram);
}

/* Rows for those who have not shown who they are: the oldest of this address
 * or of all goes. */
static void make_room_to_shake(dtls_server *s, const covey_path *path)
{
    struct session *old = table_find(s, path, SESSION_SHAKING);

    if (old != NULL) {
        session_finish(old, "the client has begun anew", false);
    }
    if (table_count(s, path, SESSION_SHAKING, &old) < s->options.per_address) {
        old = s->lists[SESSION_SHAKING].count >= s->options.handshakes
                  ? table_oldest(s, SESSION_SHAKING)
                  : NULL;
    }
    if (old != NULL) {
        session_finish(old, "another handshake needs room", false);
    }
}

void session_begin(dtls_server *s, covey_ms now, const covey_path *path)
{
    SSL *ssl = s->listener;
    struct session *x;

    s->listener = NULL;
    make_room_to_shake(s, path);
    x = table_add(s, path);
    x->ssl = ssl;
    x->heard = now;
    x->datagrams =
        (struct datagrams){ .depart = on_session_depart, .user = x };
    x->early = 0;
    x->broken = false;
    memcpy(x->random, s->random, HELLO_RANDOM);
    BIO_set_data(SSL_get_rbio(ssl), &x->datagrams);
    shake(x, now);
}

/* --- datagrams ---------------------------------------------------------- */

/* Takes what is in x->datagrams, message by message. Handlers may end the
 * session. */
static void read_all(struct session *x, covey_ms now)
{
    dtls_server *s = x->server;
    const dtls_server_events *on = &s->options.events;
    const covey_path path = x->path;
    int n;

    while (table_named(s, &path) == x && x->state == SESSION_OPEN) {
        ERR_clear_error();
        n = SSL_read(x->ssl, s->plain, (int)sizeof s->plain);
        if (!judge(x, n)) {
            break;
        }
        x->heard = now;
        table_move(x, SESSION_OPEN);
        on->received(on->user, &path, covey_bytes_of(s->plain, (size_t)n));
    }
    covey_wipe(s->plain, sizeof s->plain);
}

void session_feed(struct session *x, covey_ms now, covey_bytes datagram)
{
    uint32_t later;
    const covey_bytes records =
        datagrams_whole(datagram, policy_least(x->ssl), &later);

    if (x->state == SESSION_SHAKING) {
        x->early += later;
        if (x->early > EARLY_MAX) {
            return; /* what is true comes again until patience ends */
        }
    }
    x->datagrams.in = records;
    if (x->state == SESSION_SHAKING) {
        shake(x, now);
    }
    if (x->state == SESSION_OPEN) {
        read_all(x, now);
    }
    x->datagrams.in.ptr = NULL;
}

/* What cannot go on is ended by dtls_server_expire: who sends may be in the
 * midst of what would end with the session. */
bool session_send(struct session *x, covey_bytes plain)
{
    dtls_server *s = x->server;
    enum policy_turn turn;

    if (plain.len > DTLS_get_data_mtu(x->ssl)) {
        s->counters.too_long++;
        return false;
    }
    ERR_clear_error();
    turn = policy_turn(x->ssl, SSL_write(x->ssl, plain.ptr, (int)plain.len));
    x->broken = turn == POLICY_FAILED || turn == POLICY_ENDED;
    s->broken = s->broken || x->broken;
    ERR_clear_error();
    return turn == POLICY_DONE;
}

void session_resend(struct session *x, covey_ms now)
{
    ERR_clear_error();
    if (DTLSv1_handle_timeout(x->ssl) < 0) {
        session_finish(x, "the client does not answer the handshake", false);
        return;
    }
    set_timer(x, now);
    ERR_clear_error();
}
