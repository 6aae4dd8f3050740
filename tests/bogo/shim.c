/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine as the runner of BoringSSL's tests drives it: a program that
 * connects to -port, says its -shim-id in eight bytes, little end first, and
 * is then a client or a server of TLS over this connection. What it receives
 * it sends back with every bit turned. 0: all went as the options say. 1: it
 * did not, and a line says what. 89: an option that is not done here. */
#include "options.h"

#include <covey/tls.h>
#include <covey/x509.h>

#include <arpa/inet.h>
#include <crypto/openssl/openssl.h>
#include <crypto/openssl/pem.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <text.h>
#include <time.h>
#include <unistd.h>

enum {
    DER_MAX = 1 << 16,
    TICKETS = 16,
    ALPN_MAX = 16,
    LOOPBACK = 0x7f000001
};

struct shim {
    struct shim_options o;
    covey_crypto crypto;
    covey_tls_config config;
    covey_tls_credential credential;
    covey_key key;
    covey_bytes chain[COVEY_X509_CHAIN_MAX];
    covey_bytes alpn[ALPN_MAX];
    covey_tls_ticket rows[TICKETS];
    covey_tls_tickets tickets;
    bool has_key;
    bool has_session;
    covey_tls_session session;
    uint8_t ticket[4096];
    /* of a connection */
    int fd;
    covey_tls t;
    bool connected;
    bool peer_closed;
    bool failed;
    size_t len;
    uint8_t in[2 * COVEY_TLS_RECORD_MAX];
    uint8_t out[COVEY_TLS_RECORD_MAX];
    uint8_t memory[COVEY_TLS_MEMORY];
    uint8_t der[DER_MAX];
};

static bool fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    return false;
}

static covey_time now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (covey_time){ (covey_ms)t.tv_sec * 1000 +
                             (covey_ms)t.tv_nsec / 1000000,
                         (int64_t)time(NULL), true };
}

/* --- files --------------------------------------------------------------- */

static char *slurp(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    char *text = f != NULL ? text_slurp(f, SIZE_MAX, len) : NULL;

    if (f != NULL) {
        fclose(f);
    }
    return text;
}

static bool load_chain(struct shim *s)
{
    size_t len = 0;
    char *text = slurp(s->o.cert_file, &len);
    covey_writer w = covey_writer_of(s->der, sizeof s->der);
    covey_status st = COVEY_E_FORMAT;

    if (text != NULL) {
        st = covey_x509_read_pem(covey_bytes_of((uint8_t *)text, len), &w,
                                 s->chain, COVEY_X509_CHAIN_MAX,
                                 &s->credential.entry_count);
    }
    free(text);
    return st == COVEY_OK || fail("-cert-file cannot be read");
}

/* Signatures of RSA are not made here. */
static bool load_key(struct shim *s, int *status)
{
    uint8_t raw[COVEY_PRIVATE_MAX];
    covey_writer w = covey_writer_of(raw, sizeof raw);
    int32_t curve = 0;
    size_t len = 0;
    char *text = slurp(s->o.key_file, &len);
    covey_status st = COVEY_E_FORMAT;

    if (text != NULL) {
        st = covey_pem_private_key(covey_bytes_of((uint8_t *)text, len),
                                   &curve, &w);
    }
    free(text);
    if (st == COVEY_E_UNSUPPORTED) {
        *status = SHIM_NOT_DONE;
    }
    if (st == COVEY_OK) {
        st = s->crypto.private_key(s->crypto.provider, curve,
                                   covey_written(&w), &s->key);
    }
    covey_wipe(raw, sizeof raw);
    s->has_key = st == COVEY_OK;
    s->credential.scheme =
        curve == COVEY_P256   ? COVEY_TLS_ECDSA_SECP256R1_SHA256
        : curve == COVEY_P384 ? COVEY_TLS_ECDSA_SECP384R1_SHA384
                              : COVEY_TLS_ED25519;
    return s->has_key || fail("-key-file is no key that signs here");
}

static void set_alpn(struct shim *s)
{
    const char *names = s->o.advertise_alpn;

    s->config.alpn = s->alpn;
    s->config.alpn_count = 0;
    if (s->o.select_alpn != NULL) {
        s->alpn[s->config.alpn_count++] = covey_bytes_text(s->o.select_alpn);
        return;
    }
    while (names != NULL && *names != '\0' &&
           s->config.alpn_count < ALPN_MAX) {
        size_t len = (uint8_t)names[0];
        s->alpn[s->config.alpn_count++] =
            covey_bytes_of((const uint8_t *)names + 1, len);
        names += 1 + len;
    }
}

static bool configure(struct shim *s, int *status)
{
    s->tickets = (covey_tls_tickets){ s->rows, TICKETS, s->tickets.next };
    s->config = (covey_tls_config){
        .crypto = &s->crypto,
        .groups = s->o.groups,
        .group_count = s->o.group_count,
        .request_client = s->o.verify_peer,
        .require_client = s->o.require_certificate,
        .tickets = &s->tickets,
        .compatible = true,
    };
    set_alpn(s);
    if (s->o.key_file == NULL || s->has_key) {
        s->config.credentials = &s->credential;
        s->config.credential_count = s->has_key;
        return true;
    }
    s->credential.type = COVEY_TLS_X509;
    s->credential.entries = s->chain;
    s->credential.key = &s->key;
    s->config.credentials = &s->credential;
    s->config.credential_count = 1;
    return load_chain(s) && load_key(s, status);
}

/* --- the connection ------------------------------------------------------ */

static bool send_all(const struct shim *s, covey_bytes bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(s->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        bytes.ptr += n;
        bytes.len -= (size_t)n;
    }
    return true;
}

static bool dial(struct shim *s)
{
    const int on = 1;
    uint8_t id[8];
    struct sockaddr_in6 six = { .sin6_family = AF_INET6,
                                .sin6_port = htons(s->o.port),
                                .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    struct sockaddr_in four = { .sin_family = AF_INET,
                                .sin_port = htons(s->o.port),
                                .sin_addr = { htonl(LOOPBACK) } };
    const struct sockaddr *to = s->o.ipv6 ? (const struct sockaddr *)&six
                                          : (const struct sockaddr *)&four;

    s->fd = socket(to->sa_family, SOCK_STREAM, 0);
    if (s->fd < 0 ||
        connect(s->fd, to, s->o.ipv6 ? sizeof six : sizeof four) != 0) {
        return fail("nobody is at -port");
    }
    (void)setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (size_t i = 0; i < sizeof id; i++) {
        id[i] = (uint8_t)(s->o.id >> 8 * i);
    }
    return send_all(s, covey_bytes_of(id, sizeof id));
}

static covey_tls_verdict judge(const struct shim *s, const covey_tls_report *r)
{
    covey_tls_verdict v = { .valid_until = INT64_MAX };
    covey_bytes anchors[COVEY_X509_ANCHORS_MAX];
    covey_x509_question q = { .anchors = anchors,
                              .chain = r->entries,
                              .chain_count = r->entry_count,
                              .now = now() };
    covey_x509_answer a;
    size_t len = 0;
    uint8_t *der = malloc(DER_MAX);
    covey_writer w = covey_writer_of(der, der != NULL ? DER_MAX : 0);
    char *text = s->o.trust_cert != NULL ? slurp(s->o.trust_cert, &len) : NULL;

    if (s->o.verify_fail) {
        v.alert = COVEY_TLS_CERTIFICATE_UNKNOWN;
    } else if (text != NULL &&
               covey_x509_read_pem(covey_bytes_of((uint8_t *)text, len), &w,
                                   anchors, COVEY_X509_ANCHORS_MAX,
                                   &q.anchor_count) == COVEY_OK &&
               covey_x509_check_peer(&q, !s->o.server, NULL, &a) !=
                   COVEY_X509_TRUSTED) {
        v.alert = COVEY_TLS_UNKNOWN_CA;
        v.why = a.why;
    }
    free(text);
    free(der);
    return v;
}

static void keep_session(struct shim *s, const covey_tls_report *r)
{
    if (r->session.ticket.len <= sizeof s->ticket) {
        s->session = r->session;
        memcpy(s->ticket, r->session.ticket.ptr, r->session.ticket.len);
        s->session.ticket = covey_bytes_of(s->ticket, r->session.ticket.len);
        s->has_session = true;
    }
}

/* Everything the engine tells and has to send. */
static bool flush(struct shim *s)
{
    bool more = true;
    covey_tls_report r;

    while (more) {
        covey_writer w = covey_writer_of(s->out, sizeof s->out);
        while (covey_tls_event(&s->t, &r)) {
            if (r.kind == COVEY_TLS_ASK_CHAIN) {
                const covey_tls_verdict v = judge(s, &r);
                (void)covey_tls_chain(&s->t, &v);
            } else if (r.kind == COVEY_TLS_TICKET) {
                keep_session(s, &r);
            } else if (r.kind == COVEY_TLS_FAILED) {
                s->failed = true;
                fprintf(stderr, "%s alert %s: %s\n",
                        r.from_peer ? "received" : "sent",
                        covey_tls_alert_name(r.alert),
                        r.why != NULL ? r.why : "");
            }
            s->connected = s->connected || r.kind == COVEY_TLS_CONNECTED;
            s->peer_closed = s->peer_closed || r.kind == COVEY_TLS_PEER_CLOSED;
        }
        more = covey_tls_transmit(&s->t, now(), &w);
        if (w.pos > 0 && !send_all(s, covey_written(&w))) {
            return false;
        }
    }
    return !s->failed;
}

static bool write_data(struct shim *s, covey_bytes data)
{
    size_t taken = 0;

    while (data.len > 0) {
        covey_writer w = covey_writer_of(s->out, sizeof s->out);
        if (covey_tls_send(&s->t, now(), data, &taken, &w) != COVEY_OK ||
            !send_all(s, covey_written(&w)) || !flush(s)) {
            return false;
        }
        data.ptr += taken;
        data.len -= taken;
    }
    return true;
}

static bool echo(struct shim *s, uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        data[i] ^= 0xff;
    }
    return write_data(s, covey_bytes_of(data, len));
}

/* What has come, record by record. */
static bool take(struct shim *s)
{
    size_t taken = 1;

    while (taken > 0) {
        uint8_t plain[COVEY_TLS_RECORD_MAX];
        covey_writer w = covey_writer_of(plain, sizeof plain);
        covey_status st = covey_tls_receive(
            &s->t, now(), covey_bytes_of(s->in, s->len), &taken, &w);
        s->len -= taken;
        memmove(s->in, s->in + taken, s->len);
        if (!flush(s) || st != COVEY_OK ||
            (w.pos > 0 && !echo(s, plain, w.pos))) {
            return false;
        }
    }
    return true;
}

/* False: the connection is at its end. */
static bool receive(struct shim *s)
{
    ssize_t n = recv(s->fd, s->in + s->len, sizeof s->in - s->len, 0);

    if (n > 0) {
        s->len += (size_t)n;
    }
    return n > 0 && take(s);
}

/* --- what is expected ---------------------------------------------------- */

static bool check_names(const struct shim *s, const covey_tls_info *info)
{
    const struct shim_options *o = &s->o;

    if (o->expect_alpn != NULL &&
        !covey_bytes_equal(info->alpn, covey_bytes_text(o->expect_alpn))) {
        return fail("another application protocol");
    }
    return o->expect_server_name == NULL ||
           covey_bytes_equal(info->server_name,
                             covey_bytes_text(o->expect_server_name)) ||
           fail("another server name");
}

static bool check(const struct shim *s)
{
    const struct shim_options *o = &s->o;
    covey_tls_info info;

    covey_tls_information(&s->t, &info);
    if ((o->expect_miss && info.resumed) || (o->expect_hit && !info.resumed)) {
        return fail("resumption is not as expected");
    }
    if ((o->expect_retry && !info.retried) ||
        (o->expect_no_retry && info.retried)) {
        return fail("HelloRetryRequest is not as expected");
    }
    if ((o->expect_version != 0 && o->expect_version != 0x0304) ||
        (o->expect_group != 0 && o->expect_group != info.group)) {
        return fail("version or group is another");
    }
    return check_names(s, &info);
}

/* The runner has the same keying material, and reads it as data. */
static bool export_keys(struct shim *s)
{
    uint8_t bytes[1024];
    covey_writer w = covey_writer_of(
        bytes, s->o.export_len <= sizeof bytes ? s->o.export_len : 0);
    const char *label = s->o.export_label != NULL ? s->o.export_label : "";
    const char *context =
        s->o.export_context != NULL ? s->o.export_context : "";

    return s->o.export_len == 0 ||
           (covey_tls_export(&s->t, covey_bytes_text(label),
                             covey_bytes_text(context), &w) == COVEY_OK &&
            write_data(s, covey_written(&w)));
}

static bool handshake(struct shim *s)
{
    const covey_writer memory = covey_writer_of(s->memory, sizeof s->memory);
    const covey_bytes name = s->o.host_name != NULL
                                 ? covey_bytes_text(s->o.host_name)
                                 : covey_bytes_of(NULL, 0);
    covey_status st =
        s->o.server ? covey_tls_server(&s->t, &s->config, memory)
                    : covey_tls_client(&s->t, &s->config, memory, name,
                                       s->has_session ? &s->session : NULL);

    s->connected = s->peer_closed = s->failed = false;
    s->len = 0;
    if (st != COVEY_OK || !flush(s)) {
        return fail("no handshake");
    }
    while (!s->connected) {
        if (!receive(s)) {
            return s->failed ? false : fail("ended within the handshake");
        }
    }
    return check(s);
}

static bool talk(struct shim *s)
{
    bool more = true;

    if (!export_keys(s)) {
        return fail("no keying material");
    }
    if (s->o.key_update) {
        (void)(covey_tls_update(&s->t, true) == COVEY_OK);
    }
    if (!flush(s) ||
        (s->o.writes_first && !write_data(s, covey_bytes_text("hello")))) {
        return false;
    }
    if (s->o.shuts_down) {
        (void)(covey_tls_close(&s->t) == COVEY_OK);
        more = flush(s);
    }
    while (more && !s->peer_closed) {
        more = receive(s);
    }
    if (s->failed || (s->o.check_close && !s->peer_closed)) {
        return s->failed ? false : fail("no close_notify");
    }
    (void)(covey_tls_close(&s->t) == COVEY_OK);
    (void)flush(s);
    return true;
}

static bool connection(struct shim *s)
{
    bool good = dial(s) && handshake(s) && talk(s);

    covey_tls_drop(&s->t);
    if (s->fd >= 0) {
        (void)shutdown(s->fd, SHUT_WR);
        (void)close(s->fd);
    }
    return good;
}

static int run(struct shim *s, int argc, char **argv)
{
    unsigned last = 0;
    int status = 1;

    for (unsigned nth = 0; nth <= last; nth++) {
        if (!shim_options_read(argc, argv, nth, &s->o, &status)) {
            return status;
        }
        last = s->o.resume_count;
        if (!configure(s, &status)) {
            return status;
        }
        if (!connection(s)) {
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct shim *s = calloc(1, sizeof *s);
    int status = 1;

    if (argc == 2 && strcmp(argv[1], "-is-handshaker-supported") == 0) {
        puts("No");
        status = 0;
    } else if (s != NULL && covey_openssl_open(&s->crypto) == COVEY_OK) {
        s->fd = -1;
        status = run(s, argc, argv);
        if (s->has_key) {
            s->crypto.key_drop(s->crypto.provider, &s->key);
        }
        covey_openssl_close(&s->crypto);
    }
    free(s);
    return status;
}
