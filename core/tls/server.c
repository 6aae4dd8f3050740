/* SPDX-License-Identifier: BSD-2-Clause */
/* The server's messages and states (RFC 8446 Section 4, Appendix A.2). */
#include "tls_internal.h"

enum {
    VERSION_1_2 = 0x0303,
    VERSION_1_3 = 0x0304,
    PSK_DHE_KE = 1,
    COOKIE_LEN = 32,
    /* 0-RTT data that is skipped: as much as one may have sent before our
     * answer can have arrived, and not without end. */
    EARLY_MAX = 65536
};

struct hello {
    covey_bytes random;
    covey_bytes session_id;
    covey_bytes suites;
    struct tls_extensions ext;
};

static covey_status illegal(covey_tls *t, const char *why)
{
    return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER, why,
                           "RFC 8446 Section 4.1.2");
}

static covey_status malformed(covey_tls *t)
{
    return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                           "a ClientHello is malformed",
                           "RFC 8446 Section 4.1.2");
}

/* --- ClientHello --------------------------------------------------------- */

static covey_status check_version(covey_tls *t, covey_bytes value)
{
    covey_reader r = covey_reader_of(value);
    covey_bytes list = covey__tls_vector(&r, 1);

    if (!value.ptr) {
        return covey__tls_fail(t, COVEY_TLS_PROTOCOL_VERSION,
                               "the client does not speak TLS 1.3",
                               "RFC 8446 Section 4.2.1");
    }
    if (!covey_read_done(&r) || list.len < 2 || list.len % 2 != 0) {
        return malformed(t);
    }
    return covey__tls_has_u16(list, VERSION_1_3)
               ? COVEY_OK
               : covey__tls_fail(t, COVEY_TLS_PROTOCOL_VERSION,
                                 "the client does not speak TLS 1.3",
                                 "RFC 8446 Section 4.2.1");
}

static covey_status read_hello(covey_tls *t, covey_bytes body, struct hello *h)
{
    covey_reader r = covey_reader_of(body);
    covey_bytes compression;
    covey_bytes list = { NULL, 0 };
    covey_status st = COVEY_OK;

    (void)covey_read_u16(&r); /* legacy_version */
    h->random = covey_read_bytes(&r, 32);
    h->session_id = covey__tls_vector(&r, 1);
    h->suites = covey__tls_vector(&r, 2);
    compression = covey__tls_vector(&r, 1);
    if (covey_read_left(&r) > 0) {
        list = covey__tls_vector(&r, 2);
    }
    if (!covey_read_done(&r) || h->session_id.len > 32 || h->suites.len < 2 ||
        h->suites.len % 2 != 0 || compression.len == 0) {
        return malformed(t);
    }
    st = covey__tls_extensions_read(t, list, IN_CLIENT_HELLO, &h->ext);
    if (st == COVEY_OK) {
        st = check_version(t, h->ext.value[EXT_SUPPORTED_VERSIONS]);
    }
    if (st == COVEY_OK && (compression.len != 1 || compression.ptr[0] != 0)) {
        st = illegal(t, "the client offers compression");
    }
    return st;
}

/* Ours in our order, of those that the client has. */
static covey_status choose_suite(covey_tls *t, covey_bytes offered)
{
    const uint16_t *suites = NULL;
    size_t count = covey__tls_suites(t, &suites);

    for (size_t i = 0; i < count; i++) {
        if (covey__tls_has_u16(offered, suites[i])) {
            if (t->retried && t->suite != suites[i]) {
                return illegal(t, "the second ClientHello has other suites");
            }
            t->suite = suites[i];
            return COVEY_OK;
        }
    }
    return covey__tls_fail(t, COVEY_TLS_HANDSHAKE_FAILURE,
                           "no suite in common", "RFC 8446 Section 4.1.1");
}

/* The client's key for a group, absent if there is none. */
static covey_status find_share(covey_tls *t, covey_bytes value, unsigned group,
                               covey_bytes *key)
{
    covey_reader r = covey_reader_of(value);
    covey_reader list = covey_reader_of(covey__tls_vector(&r, 2));

    *key = covey_bytes_of(NULL, 0);
    while (covey_read_left(&list) > 0) {
        unsigned g = covey_read_u16(&list);
        covey_bytes k = covey__tls_vector(&list, 2);
        if (list.failed != COVEY_OK || k.len == 0) {
            return malformed(t);
        }
        if (g == group && key->ptr) {
            return illegal(t, "two key shares of one group");
        }
        if (g == group) {
            *key = k;
        }
    }
    return covey_read_done(&r) ? COVEY_OK : malformed(t);
}

/* The first of our groups for which there is a key, otherwise the first that
 * both have: then a key is asked for. */
static covey_status choose_group(covey_tls *t, const struct hello *h,
                                 covey_bytes *key)
{
    const uint16_t *groups = NULL;
    size_t count = covey__tls_groups(t, &groups);
    covey_bytes offered =
        covey__tls_list_u16(h->ext.value[EXT_SUPPORTED_GROUPS]);
    uint16_t common = 0;

    if (!offered.ptr) {
        return malformed(t);
    }
    for (size_t i = 0; i < count; i++) {
        covey_status st =
            find_share(t, h->ext.value[EXT_KEY_SHARE], groups[i], key);
        bool has = covey__tls_has_u16(offered, groups[i]);
        if (st != COVEY_OK) {
            return st;
        }
        if (key->ptr && !has) {
            return illegal(t, "a key share of a group that is not offered");
        }
        if (key->ptr) {
            t->group = groups[i];
            return COVEY_OK;
        }
        common = common == 0 && has ? groups[i] : common;
    }
    if (common == 0) {
        return covey__tls_fail(t, COVEY_TLS_HANDSHAKE_FAILURE,
                               "no group in common", "RFC 8446 Section 4.2.7");
    }
    t->group = common;
    return COVEY_OK;
}

/* What has to be there (Section 9.2). */
static covey_status check_mandatory(covey_tls *t, const struct hello *h)
{
    bool psk = h->ext.value[EXT_PRE_SHARED_KEY].ptr != NULL;

    if (!h->ext.value[EXT_SUPPORTED_GROUPS].ptr ||
        !h->ext.value[EXT_KEY_SHARE].ptr ||
        (!psk && !h->ext.value[EXT_SIGNATURE_ALGORITHMS].ptr) ||
        (psk && !h->ext.value[EXT_PSK_MODES].ptr)) {
        return covey__tls_fail(t, COVEY_TLS_MISSING_EXTENSION,
                               "a ClientHello lacks an extension that it "
                               "needs",
                               "RFC 8446 Section 9.2");
    }
    return COVEY_OK;
}

static covey_status read_modes(covey_tls *t, covey_bytes value)
{
    covey_reader r = covey_reader_of(value);
    covey_bytes modes = covey__tls_vector(&r, 1);

    t->peer_resumes = false;
    if (!value.ptr) {
        return COVEY_OK;
    }
    if (!covey_read_done(&r) || modes.len == 0) {
        return malformed(t);
    }
    for (size_t i = 0; i < modes.len; i++) {
        t->peer_resumes = t->peer_resumes || modes.ptr[i] == PSK_DHE_KE;
    }
    return COVEY_OK;
}

/* One host_name (RFC 6066 Section 3). */
static covey_status read_name(covey_tls *t, covey_bytes value)
{
    covey_reader r = covey_reader_of(value);
    covey_reader list = covey_reader_of(covey__tls_vector(&r, 2));
    unsigned type = covey_read_u8(&list);
    covey_bytes name = covey__tls_vector(&list, 2);

    if (!value.ptr) {
        return COVEY_OK;
    }
    if (!covey_read_done(&r) || !covey_read_done(&list) || type != 0 ||
        name.len == 0 || name.len > COVEY_TLS_NAME_MAX) {
        return malformed(t);
    }
    memcpy(t->name, name.ptr, name.len);
    t->name_len = (uint8_t)name.len;
    return COVEY_OK;
}

/* A second ClientHello does what was asked and nothing else (Section 4.1.2).
 * That it is otherwise the same shows in what is chosen again. */
static covey_status check_second(covey_tls *t, const struct hello *h,
                                 bool has_key)
{
    covey_bytes cookie = h->ext.value[EXT_COOKIE];
    covey_reader r = covey_reader_of(cookie);
    covey_bytes echoed = covey__tls_vector(&r, 2);

    if (!t->retried) {
        return COVEY_OK;
    }
    if (!has_key || h->ext.value[EXT_EARLY_DATA].ptr ||
        !covey_secret_equal(h->random.ptr, t->client_random, 32)) {
        return illegal(t, "the second ClientHello is not what "
                          "HelloRetryRequest asked for");
    }
    if (t->cookie_len > 0 &&
        (!covey_read_done(&r) || echoed.len != t->cookie_len ||
         !covey_secret_equal(echoed.ptr, t->cookie, t->cookie_len))) {
        return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                               "the cookie is not the one that was sent",
                               "RFC 8446 Section 4.2.2");
    }
    return COVEY_OK;
}

static covey_status random_bytes(covey_tls *t, uint8_t *to, size_t len)
{
    covey_writer w = covey_writer_of(to, len);

    return covey__tls_host(
        t, t->config->crypto->random(t->config->crypto->provider, &w));
}

static covey_status ask_again(covey_tls *t)
{
    t->next_state = WAIT_SECOND_HELLO;
    t->queue |= SEND_RETRY;
    if (t->config->cookie) {
        t->cookie_len = COOKIE_LEN;
        return random_bytes(t, t->cookie, COOKIE_LEN);
    }
    return COVEY_OK;
}

/* Who we are to the client, unless a PSK says so. */
static covey_status choose_authentication(covey_tls *t, covey_time now,
                                          const struct hello *h,
                                          covey_bytes message)
{
    covey_bytes psk = h->ext.value[EXT_PRE_SHARED_KEY];
    covey_status st = COVEY_OK;

    if (psk.ptr && t->peer_resumes) {
        st = covey__tls_psk_choose(t, now, psk, message);
    }
    if (st != COVEY_OK || t->used_psk) {
        return st;
    }
    if (!h->ext.value[EXT_SIGNATURE_ALGORITHMS].ptr) {
        return covey__tls_fail(t, COVEY_TLS_MISSING_EXTENSION,
                               "no PSK is known, and no signatures offered",
                               "RFC 8446 Section 9.2");
    }
    st = covey__tls_read_schemes(t, h->ext.value[EXT_SIGNATURE_ALGORITHMS]);
    return st == COVEY_OK ? covey__tls_choose_types(t, &h->ext) : st;
}

/* Everything that the first flight needs is taken from the hello, whose bytes
 * are free afterwards. */
static covey_status take_hello(covey_tls *t, const struct hello *h)
{
    static const uint8_t answers[] = { EXT_CLIENT_CERTIFICATE_TYPE,
                                       EXT_SERVER_CERTIFICATE_TYPE,
                                       EXT_RECORD_SIZE_LIMIT,
                                       EXT_SERVER_NAME };
    covey_status st = read_modes(t, h->ext.value[EXT_PSK_MODES]);

    memcpy(t->client_random, h->random.ptr, 32);
    t->session_id_len = (uint8_t)h->session_id.len;
    if (h->session_id.len > 0) {
        memcpy(t->session_id, h->session_id.ptr, h->session_id.len);
    }
    t->answering = 0;
    for (size_t i = 0; i < sizeof answers; i++) {
        t->answering |=
            h->ext.value[answers[i]].ptr ? UINT32_C(1) << answers[i] : 0;
    }
    if (st == COVEY_OK) {
        st = read_name(t, h->ext.value[EXT_SERVER_NAME]);
    }
    if (st == COVEY_OK) {
        st = covey__tls_choose_alpn(t, h->ext.value[EXT_ALPN]);
    }
    if (st == COVEY_OK) {
        st = covey__tls_read_limit(t, h->ext.value[EXT_RECORD_SIZE_LIMIT]);
    }
    if (h->ext.value[EXT_EARLY_DATA].ptr) {
        t->early_left = EARLY_MAX;
    }
    return st;
}

static covey_status share_key(covey_tls *t, covey_bytes key)
{
    covey_status st = covey__tls_share_make(t, 0, t->group);

    return st == COVEY_OK ? covey__tls_share_agree(t, 0, key)
                          : covey__tls_host(t, st);
}

static covey_status on_client_hello(covey_tls *t, covey_time now,
                                    covey_bytes body)
{
    covey_bytes message = { body.ptr - 4, body.len + 4 };
    covey_bytes key = { NULL, 0 };
    struct hello h;
    covey_status st = read_hello(t, body, &h);

    if (st == COVEY_OK) {
        st = check_mandatory(t, &h);
    }
    if (st == COVEY_OK) {
        st = choose_suite(t, h.suites);
    }
    if (st == COVEY_OK) {
        st = choose_group(t, &h, &key);
    }
    if (st == COVEY_OK) {
        st = check_second(t, &h, key.ptr != NULL);
    }
    if (st == COVEY_OK && !t->retried) {
        st = covey__tls_host(
            t, covey__tls_transcript_begin(t, tls_suite_of(t)->hash));
    }
    if (st == COVEY_OK) {
        st = take_hello(t, &h);
    }
    if (st == COVEY_OK && !key.ptr) {
        return ask_again(t);
    }
    if (st == COVEY_OK) {
        st = choose_authentication(t, now, &h, message);
    }
    return st == COVEY_OK ? share_key(t, key) : st;
}

/* The whole first flight is due. */
static covey_status after_client_hello(covey_tls *t, covey_time now)
{
    bool dummy = t->session_id_len > 0 && !t->retried;

    (void)now;
    if (dummy) {
        t->queue |= SEND_DUMMY;
    }
    if ((t->queue & SEND_RETRY) != 0) {
        return COVEY_OK;
    }
    t->queue |= SEND_SERVER_HELLO | USE_HANDSHAKE_KEYS |
                SEND_ENCRYPTED_EXTENSIONS | SEND_FINISHED |
                USE_APPLICATION_KEYS;
    if (t->used_psk) {
        t->next_state = WAIT_FINISHED;
        return COVEY_OK;
    }
    t->queue |= SEND_CERTIFICATE | SEND_CERTIFICATE_VERIFY;
    if (t->client_asked) {
        t->queue |= SEND_CERTIFICATE_REQUEST;
    } else {
        t->next_state = WAIT_FINISHED;
    }
    return COVEY_OK;
}

/* --- what the server sends ----------------------------------------------- */

static void write_hello(covey_tls *t, const uint8_t *random, covey_writer *w)
{
    covey_write_u16(w, VERSION_1_2);
    covey_write_bytes(w, covey_bytes_of(random, 32));
    covey_write_u8(w, t->session_id_len);
    covey_write_bytes(w, covey_bytes_of(t->session_id, t->session_id_len));
    covey_write_u16(w, t->suite);
    covey_write_u8(w, 0);
}

static void write_version(covey_tls *t, covey_writer *w)
{
    size_t at = covey__tls_extension(t, w, EXT_SUPPORTED_VERSIONS);

    covey_write_u16(w, VERSION_1_3);
    covey__tls_end(w, 2, at);
}

covey_status covey__tls_make_retry(covey_tls *t, covey_time now,
                                   covey_writer *w)
{
    size_t list = 0;
    size_t at = 0;
    covey_status st = COVEY_OK;

    (void)now;
    write_hello(t, covey__tls_retry_random, w);
    list = covey__tls_begin(w, 2);
    write_version(t, w);
    at = covey__tls_extension(t, w, EXT_KEY_SHARE);
    covey_write_u16(w, t->group);
    covey__tls_end(w, 2, at);
    if (t->cookie_len > 0) {
        at = covey__tls_extension(t, w, EXT_COOKIE);
        covey_write_u16(w, t->cookie_len);
        covey_write_bytes(w, covey_bytes_of(t->cookie, t->cookie_len));
        covey__tls_end(w, 2, at);
    }
    covey__tls_end(w, 2, list);
    if (w->failed != COVEY_OK) {
        return w->failed;
    }
    st = covey__tls_transcript_retry(t);
    t->retried = true;
    return st;
}

static void write_type(covey_tls *t, covey_writer *w, enum tls_extension which,
                       uint8_t type)
{
    if ((t->answering >> which & 1) != 0) {
        size_t at = covey__tls_extension(t, w, which);
        covey_write_u8(w, type);
        covey__tls_end(w, 2, at);
    }
}

static void write_types(covey_tls *t, covey_writer *w)
{
    if (!t->used_psk) {
        write_type(t, w, EXT_SERVER_CERTIFICATE_TYPE, t->own_type);
    }
    if (!t->used_psk && t->client_asked) {
        write_type(t, w, EXT_CLIENT_CERTIFICATE_TYPE, t->peer_type);
    }
}

covey_status covey__tls_make_server_hello(covey_tls *t, covey_time now,
                                          covey_writer *w)
{
    size_t list = 0;
    size_t at = 0;
    covey_status st = COVEY_OK;

    (void)now;
    write_hello(t, t->server_random, w);
    list = covey__tls_begin(w, 2);
    write_version(t, w);
    at = covey__tls_extension(t, w, EXT_KEY_SHARE);
    st = covey__tls_share_write(t, 0, w);
    covey__tls_end(w, 2, at);
    if (t->used_psk) {
        at = covey__tls_extension(t, w, EXT_PRE_SHARED_KEY);
        covey_write_u16(w, t->psk_index);
        covey__tls_end(w, 2, at);
    }
    if (t->config->types_in_server_hello) {
        write_types(t, w);
    }
    covey__tls_end(w, 2, list);
    return st != COVEY_OK ? st : w->failed;
}

covey_status covey__tls_make_encrypted_extensions(covey_tls *t, covey_time now,
                                                  covey_writer *w)
{
    size_t list = covey__tls_begin(w, 2);

    (void)now;
    if (!t->config->types_in_server_hello) {
        write_types(t, w);
    }
    if (t->selected_alpn) {
        covey__tls_write_alpn(t, w);
    }
    if ((t->answering >> EXT_RECORD_SIZE_LIMIT & 1) != 0) {
        covey__tls_write_limit(t, w);
    }
    covey__tls_end(w, 2, list);
    return w->failed;
}

covey_status covey__tls_make_request(covey_tls *t, covey_time now,
                                     covey_writer *w)
{
    size_t list = 0;

    (void)now;
    covey_write_u8(w, 0); /* certificate_request_context */
    list = covey__tls_begin(w, 2);
    covey__tls_write_schemes(t, w);
    covey__tls_end(w, 2, list);
    return w->failed;
}

/* --- the client's second flight ------------------------------------------ */

static covey_status after_finished(covey_tls *t, covey_time now)
{
    covey_status st = covey__tls_use(t, &t->in, t->traffic_secret[CLIENT]);

    if (st == COVEY_OK) {
        st = covey__tls_derive_resumption(t);
    }
    if (st == COVEY_OK) {
        covey__tls_connected(t, now);
    }
    return st;
}

/* RFC 8446 Appendix A.2. */
/* clang-format off */
static const struct tls_step steps[] = {
    { WAIT_CLIENT_HELLO, CLIENT_HELLO,
      on_client_hello, after_client_hello, WAIT_CERTIFICATE, true },
    { WAIT_SECOND_HELLO, CLIENT_HELLO,
      on_client_hello, after_client_hello, WAIT_CERTIFICATE, true },
    { WAIT_CERTIFICATE, CERTIFICATE,
      covey__tls_on_certificate, NULL, WAIT_CERTIFICATE_VERIFY, false },
    { WAIT_CERTIFICATE_VERIFY, CERTIFICATE_VERIFY,
      covey__tls_on_verify, NULL, WAIT_FINISHED, false },
    { WAIT_FINISHED, FINISHED,
      covey__tls_on_finished, after_finished, CONNECTED, true },
    { CONNECTED, KEY_UPDATE,
      covey__tls_on_key_update, NULL, CONNECTED, true },
};
/* clang-format on */

const struct tls_step *covey__tls_server_step(unsigned state, unsigned message)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].state == state && steps[i].message == message) {
            return &steps[i];
        }
    }
    return NULL;
}
