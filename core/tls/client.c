/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's messages and states (RFC 8446 Section 4, Appendix A.1). */
#include "tls_internal.h"

enum {
    VERSION_1_2 = 0x0303,
    VERSION_1_3 = 0x0304,
    PSK_DHE_KE = 1
};

/* --- ClientHello --------------------------------------------------------- */

static void write_name(covey_tls *t, covey_writer *w)
{
    size_t at = 0;
    size_t list = 0;

    if (t->name_len == 0) {
        return;
    }
    at = covey__tls_extension(t, w, EXT_SERVER_NAME);
    list = covey__tls_begin(w, 2);
    covey_write_u8(w, 0); /* host_name */
    covey_write_u16(w, t->name_len);
    covey_write_bytes(w, covey_bytes_of(t->name, t->name_len));
    covey__tls_end(w, 2, list);
    covey__tls_end(w, 2, at);
}

static void write_version(covey_tls *t, covey_writer *w)
{
    size_t at = covey__tls_extension(t, w, EXT_SUPPORTED_VERSIONS);

    covey_write_u8(w, 2);
    covey_write_u16(w, VERSION_1_3);
    covey__tls_end(w, 2, at);
    at = covey__tls_extension(t, w, EXT_PSK_MODES);
    covey_write_u8(w, 1);
    covey_write_u8(w, PSK_DHE_KE);
    covey__tls_end(w, 2, at);
}

static void write_cookie(covey_tls *t, covey_writer *w)
{
    size_t at = 0;

    if (!t->peer_cookie.ptr) {
        return;
    }
    at = covey__tls_extension(t, w, EXT_COOKIE);
    covey_write_bytes(w, t->peer_cookie);
    covey__tls_end(w, 2, at);
}

static covey_status write_shares(covey_tls *t, covey_writer *w)
{
    size_t at = covey__tls_extension(t, w, EXT_KEY_SHARE);
    size_t list = covey__tls_begin(w, 2);
    covey_status st = COVEY_OK;

    for (size_t i = 0; i < 3 && st == COVEY_OK; i++) {
        if (t->share_group[i] != 0) {
            st = covey__tls_share_write(t, i, w);
        }
    }
    covey__tls_end(w, 2, list);
    covey__tls_end(w, 2, at);
    return st;
}

static covey_status make_shares(covey_tls *t)
{
    const uint16_t *groups = NULL;
    size_t count = covey__tls_groups(t, &groups);
    size_t wanted = t->config->share_count ? t->config->share_count : 1;
    covey_status st = COVEY_OK;

    covey__tls_shares_drop(t);
    if (t->retried && t->group != 0) {
        return covey__tls_share_make(t, 0, t->group);
    }
    for (size_t i = 0; i < count && i < wanted && i < 3 && st == COVEY_OK;
         i++) {
        st = covey__tls_share_make(t, i, groups[i]);
    }
    return st;
}

static covey_status write_extensions(covey_tls *t, covey_time now,
                                     covey_writer *w)
{
    size_t list = covey__tls_begin(w, 2);
    covey_status st = COVEY_OK;

    t->offered = 0;
    write_name(t, w);
    covey__tls_write_groups(t, w);
    covey__tls_write_schemes(t, w);
    covey__tls_write_alpn(t, w);
    covey__tls_write_types(t, w);
    covey__tls_write_limit(t, w);
    write_version(t, w);
    write_cookie(t, w);
    st = write_shares(t, w);
    if (st == COVEY_OK) {
        st = covey__tls_psk_write(t, now, w);
    }
    covey__tls_end(w, 2, list);
    return st;
}

/* Which of the two hashes may be wanted. */
static covey_status begin_transcript(covey_tls *t)
{
    const uint16_t *suites = NULL;
    size_t count = covey__tls_suites(t, &suites);
    covey_status st = COVEY_OK;

    for (size_t i = 0; i < count && st == COVEY_OK && !t->retried; i++) {
        const struct tls_suite *s = covey__tls_suite_find(suites[i]);
        st = s ? covey__tls_transcript_begin(t, s->hash) : COVEY_E_UNSUPPORTED;
    }
    return st;
}

covey_status covey__tls_make_client_hello(covey_tls *t, covey_time now,
                                          covey_writer *w)
{
    const uint16_t *suites = NULL;
    size_t count = covey__tls_suites(t, &suites);
    size_t message = w->pos - 4;
    covey_status st = begin_transcript(t);

    if (st == COVEY_OK && (!t->retried || t->share_group[0] == 0)) {
        st = make_shares(t);
    }
    if (st != COVEY_OK) {
        return st;
    }
    covey_write_u16(w, VERSION_1_2);
    covey_write_bytes(w, covey_bytes_of(t->client_random, 32));
    covey_write_u8(w, t->session_id_len);
    covey_write_bytes(w, covey_bytes_of(t->session_id, t->session_id_len));
    covey_write_u16(w, (uint16_t)(2 * count));
    for (size_t i = 0; i < count; i++) {
        covey_write_u16(w, suites[i]);
    }
    covey_write_u16(w, 0x0100); /* no compression */
    st = write_extensions(t, now, w);
    if (st != COVEY_OK || w->failed != COVEY_OK) {
        return st != COVEY_OK ? st : w->failed;
    }
    if ((t->offered >> EXT_PRE_SHARED_KEY & 1) != 0) {
        covey__tls_end(w, 3, message + 4);
        st = covey__tls_psk_bind(
            t, tls_room_of(w->base + message, w->pos - message));
    }
    return st;
}

/* --- ServerHello and HelloRetryRequest ----------------------------------- */

static covey_status illegal(covey_tls *t, const char *why)
{
    return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER, why,
                           "RFC 8446 Section 4.1.3");
}

struct hello {
    covey_bytes random;
    uint16_t suite;
    struct tls_extensions ext;
};

static bool offered_suite(const covey_tls *t, unsigned suite)
{
    const uint16_t *suites = NULL;
    size_t count = covey__tls_suites(t, &suites);

    for (size_t i = 0; i < count; i++) {
        if (suites[i] == suite) {
            return true;
        }
    }
    return false;
}

/* The fields that were TLS 1.2's; the last eight bytes of a random may say
 * that somebody talked the server down, but then it is no TLS 1.3 anyway. */
static covey_status check_legacy(covey_tls *t, covey_reader *r,
                                 unsigned version, struct hello *h)
{
    covey_bytes session_id = covey__tls_vector(r, 1);
    unsigned compression = 0;

    h->suite = covey_read_u16(r);
    compression = covey_read_u8(r);
    if (r->failed != COVEY_OK) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "a ServerHello ends too early",
                               "RFC 8446 Section 4.1.3");
    }
    if (version != VERSION_1_2) {
        return covey__tls_fail(t, COVEY_TLS_PROTOCOL_VERSION,
                               "legacy_version is not that of TLS 1.2",
                               "RFC 8446 Section 4.1.3");
    }
    if (!covey_bytes_equal(session_id,
                           covey_bytes_of(t->session_id, t->session_id_len))) {
        return illegal(t, "the server did not echo legacy_session_id");
    }
    if (compression != 0) {
        return illegal(t, "the server chose compression");
    }
    return COVEY_OK;
}

static covey_status check_choice(covey_tls *t, struct hello *h)
{
    covey_bytes version = h->ext.value[EXT_SUPPORTED_VERSIONS];

    if (!version.ptr) {
        return covey__tls_fail(t, COVEY_TLS_PROTOCOL_VERSION,
                               "the server does not speak TLS 1.3",
                               "RFC 8446 Section 4.2.1");
    }
    if (version.len != 2 || version.ptr[0] != 3 || version.ptr[1] != 4) {
        return illegal(t, "the server chose a version that was not offered");
    }
    if (!offered_suite(t, h->suite)) {
        return illegal(t, "the server chose a suite that was not offered");
    }
    if (t->retried && h->suite != t->suite) {
        return illegal(t, "the suite is another than in HelloRetryRequest");
    }
    t->suite = h->suite;
    return COVEY_OK;
}

static covey_status read_hello(covey_tls *t, covey_bytes body,
                               enum tls_place place, struct hello *h)
{
    covey_reader r = covey_reader_of(body);
    unsigned version = covey_read_u16(&r);
    covey_bytes list;
    covey_status st = COVEY_OK;

    h->random = covey_read_bytes(&r, 32);
    st = check_legacy(t, &r, version, h);
    if (st != COVEY_OK) {
        return st;
    }
    list = covey_read_left(&r) > 0 ? covey__tls_vector(&r, 2)
                                   : covey_bytes_of(NULL, 0);
    if (!covey_read_done(&r)) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "a ServerHello is malformed",
                               "RFC 8446 Section 4.1.3");
    }
    st = covey__tls_extensions_read(t, list, place, &h->ext);
    return st == COVEY_OK ? check_choice(t, h) : st;
}

/* Group and key; which share it answers. */
static covey_status take_share(covey_tls *t, covey_bytes value)
{
    covey_reader r = covey_reader_of(value);
    unsigned group = covey_read_u16(&r);
    covey_bytes key = covey__tls_vector(&r, 2);

    if (!value.ptr) {
        return covey__tls_fail(t, COVEY_TLS_MISSING_EXTENSION,
                               "the server sent no key share",
                               "RFC 8446 Section 9.2");
    }
    if (!covey_read_done(&r)) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "a key share is malformed",
                               "RFC 8446 Section 4.2.8");
    }
    for (size_t i = 0; i < 3; i++) {
        if (t->share_group[i] == group && group != 0) {
            t->group = (uint16_t)group;
            return covey__tls_share_agree(t, i, key);
        }
    }
    return illegal(t, "the server's key share is of a group without ours");
}

static covey_status take_psk(covey_tls *t, covey_bytes value)
{
    if (!value.ptr) {
        return COVEY_OK;
    }
    if (value.len != 2 || value.ptr[0] != 0 || value.ptr[1] != 0) {
        return illegal(t, "the server chose a PSK that was not offered");
    }
    if (covey__tls_psk_hash(t) != tls_suite_of(t)->hash) {
        return illegal(t, "the PSK's hash is not that of the suite");
    }
    t->used_psk = true;
    t->resumed = t->psk == NULL;
    if (t->resumed) {
        t->peer = t->session->peer;
    }
    return COVEY_OK;
}

static covey_status on_server_hello(covey_tls *t, covey_time now,
                                    covey_bytes body)
{
    struct hello h;
    covey_status st = read_hello(t, body, IN_SERVER_HELLO, &h);

    (void)now;
    if (st == COVEY_OK) {
        memcpy(t->server_random, h.random.ptr, 32);
        st = take_psk(t, h.ext.value[EXT_PRE_SHARED_KEY]);
    }
    if (st == COVEY_OK && t->config->types_in_server_hello) {
        st = covey__tls_take_types(t, &h.ext);
    }
    if (st == COVEY_OK) {
        st = take_share(t, h.ext.value[EXT_KEY_SHARE]);
    }
    covey__tls_shares_drop(t);
    if (st == COVEY_OK) {
        covey__tls_transcript_only(t, tls_suite_of(t)->hash);
    }
    return st;
}

static covey_status after_server_hello(covey_tls *t, covey_time now)
{
    covey_status st = covey__tls_derive_handshake(t);

    (void)now;
    return st == COVEY_OK
               ? covey__tls_use(t, &t->in, t->handshake_secret[SERVER])
               : st;
}

/* The group that is asked for: one of ours, and not sent yet. */
static covey_status take_group(covey_tls *t, covey_bytes value)
{
    const uint16_t *groups = NULL;
    size_t count = covey__tls_groups(t, &groups);
    bool known = false;

    if (value.len != 2) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "a HelloRetryRequest names no group",
                               "RFC 8446 Section 4.2.8");
    }
    t->group = (uint16_t)(value.ptr[0] << 8 | value.ptr[1]);
    for (size_t i = 0; i < count; i++) {
        known = known || groups[i] == t->group;
    }
    for (size_t i = 0; i < 3; i++) {
        known = known && t->share_group[i] != t->group;
    }
    return known ? COVEY_OK
                 : illegal(t, "HelloRetryRequest asks for a group that was "
                              "not offered, or for a key that was sent");
}

static covey_status on_retry(covey_tls *t, covey_time now, covey_bytes body)
{
    struct hello h;
    covey_status st = COVEY_OK;

    (void)now;
    if (t->retried) {
        return covey__tls_fail(t, COVEY_TLS_UNEXPECTED_MESSAGE,
                               "a second HelloRetryRequest",
                               "RFC 8446 Section 4.1.4");
    }
    st = read_hello(t, body, IN_RETRY, &h);
    if (st != COVEY_OK) {
        return st;
    }
    covey_bytes group = h.ext.value[EXT_KEY_SHARE];
    t->peer_cookie = h.ext.value[EXT_COOKIE];
    if (!group.ptr && !t->peer_cookie.ptr) {
        return illegal(t, "HelloRetryRequest would change nothing");
    }
    covey_reader r = covey_reader_of(t->peer_cookie);
    if (t->peer_cookie.ptr &&
        (covey__tls_vector(&r, 2).len == 0 || !covey_read_done(&r))) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "a cookie is malformed",
                               "RFC 8446 Section 4.2.2");
    }
    if (group.ptr) {
        st = take_group(t, group);
        covey__tls_shares_drop(t);
    }
    if (st != COVEY_OK) {
        return st;
    }
    covey__tls_transcript_only(t, tls_suite_of(t)->hash);
    st = covey__tls_host(t, covey__tls_transcript_retry(t));
    t->retried = true;
    return st;
}

static covey_status after_retry(covey_tls *t, covey_time now)
{
    (void)now;
    t->queue |= SEND_CLIENT_HELLO;
    if (t->session_id_len > 0) {
        t->queue |= SEND_DUMMY_FIRST;
    }
    return COVEY_OK;
}

/* --- the server's parameters --------------------------------------------- */

static covey_status on_encrypted_extensions(covey_tls *t, covey_time now,
                                            covey_bytes body)
{
    covey_reader r = covey_reader_of(body);
    covey_bytes list = covey__tls_vector(&r, 2);
    struct tls_extensions ext;
    covey_status st = COVEY_OK;

    (void)now;
    if (!covey_read_done(&r)) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "EncryptedExtensions is malformed",
                               "RFC 8446 Section 4.3.1");
    }
    st = covey__tls_extensions_read(t, list, IN_ENCRYPTED_EXTENSIONS, &ext);
    if (st == COVEY_OK && ext.value[EXT_SERVER_NAME].len > 0) {
        st = covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                             "the answer to server_name is not empty",
                             "RFC 6066 Section 3");
    }
    if (st == COVEY_OK && !(t->config->types_in_server_hello &&
                            !ext.value[EXT_SERVER_CERTIFICATE_TYPE].ptr &&
                            !ext.value[EXT_CLIENT_CERTIFICATE_TYPE].ptr)) {
        st = covey__tls_take_types(t, &ext);
    }
    if (st == COVEY_OK) {
        st = covey__tls_take_alpn(t, ext.value[EXT_ALPN]);
    }
    if (st == COVEY_OK) {
        st = covey__tls_read_limit(t, ext.value[EXT_RECORD_SIZE_LIMIT]);
    }
    t->next_state = t->used_psk ? WAIT_FINISHED : WAIT_CERTIFICATE_OR_REQUEST;
    return st;
}

static covey_status on_request(covey_tls *t, covey_time now, covey_bytes body)
{
    covey_reader r = covey_reader_of(body);
    covey_bytes context = covey__tls_vector(&r, 1);
    covey_bytes list = covey__tls_vector(&r, 2);
    struct tls_extensions ext;
    covey_status st = COVEY_OK;

    (void)now;
    if (!covey_read_done(&r) || context.len != 0) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "CertificateRequest is malformed",
                               "RFC 8446 Section 4.3.2");
    }
    st = covey__tls_extensions_read(t, list, IN_CERTIFICATE_REQUEST, &ext);
    if (st == COVEY_OK && !ext.value[EXT_SIGNATURE_ALGORITHMS].ptr) {
        st = covey__tls_fail(t, COVEY_TLS_MISSING_EXTENSION,
                             "CertificateRequest names no signatures",
                             "RFC 8446 Section 4.3.2");
    }
    if (st == COVEY_OK) {
        st = covey__tls_read_schemes(t, ext.value[EXT_SIGNATURE_ALGORITHMS]);
    }
    if (st == COVEY_OK) {
        t->client_asked = true;
        t->credential = covey__tls_credential_for(t, t->own_type);
    }
    return st;
}

/* Everything of the server is there: its keys for data, and our flight. */
static covey_status after_finished(covey_tls *t, covey_time now)
{
    covey_status st = covey__tls_derive_application(t);

    (void)now;
    if (st == COVEY_OK) {
        st = covey__tls_use(t, &t->in, t->traffic_secret[SERVER]);
    }
    if (st != COVEY_OK) {
        return st;
    }
    if (t->session_id_len > 0 && !t->retried) {
        t->queue |= SEND_DUMMY;
    }
    t->queue |= USE_HANDSHAKE_KEYS | SEND_FINISHED | USE_APPLICATION_KEYS;
    if (t->client_asked) {
        t->queue |= SEND_CERTIFICATE;
    }
    if (t->client_asked && t->credential) {
        t->queue |= SEND_CERTIFICATE_VERIFY;
    }
    return COVEY_OK;
}

/* RFC 8446 Appendix A.1. */
/* clang-format off */
static const struct tls_step steps[] = {
    { WAIT_SERVER_HELLO, HELLO_RETRY_REQUEST,
      on_retry, after_retry, WAIT_SERVER_HELLO, true },
    { WAIT_SERVER_HELLO, SERVER_HELLO,
      on_server_hello, after_server_hello, WAIT_ENCRYPTED_EXTENSIONS, true },
    { WAIT_ENCRYPTED_EXTENSIONS, ENCRYPTED_EXTENSIONS,
      on_encrypted_extensions, NULL, WAIT_CERTIFICATE_OR_REQUEST, false },
    { WAIT_CERTIFICATE_OR_REQUEST, CERTIFICATE_REQUEST,
      on_request, NULL, WAIT_CERTIFICATE, false },
    { WAIT_CERTIFICATE_OR_REQUEST, CERTIFICATE,
      covey__tls_on_certificate, NULL, WAIT_CERTIFICATE_VERIFY, false },
    { WAIT_CERTIFICATE, CERTIFICATE,
      covey__tls_on_certificate, NULL, WAIT_CERTIFICATE_VERIFY, false },
    { WAIT_CERTIFICATE_VERIFY, CERTIFICATE_VERIFY,
      covey__tls_on_verify, NULL, WAIT_FINISHED, false },
    { WAIT_FINISHED, FINISHED,
      covey__tls_on_finished, after_finished, SENDING_FINISHED, true },
    { CONNECTED, NEW_SESSION_TICKET,
      covey__tls_on_ticket, NULL, CONNECTED, false },
    { CONNECTED, KEY_UPDATE,
      covey__tls_on_key_update, NULL, CONNECTED, true },
};
/* clang-format on */

const struct tls_step *covey__tls_client_step(unsigned state, unsigned message)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].state == state && steps[i].message == message) {
            return &steps[i];
        }
    }
    return NULL;
}
