/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs one exchange through client and server and compares every value on the
 * way with what the vector says. */
#include "selftest_oscore.h"

#include "hex.h"

#include <stdlib.h>
#include <string.h>

/* A case being run. */
struct run {
    const oscore_case *c;
    const covey_crypto *crypto;
    FILE *expected;
    FILE *got;
    covey_oscore_context client;
    covey_oscore_context server;
    covey_oscore_exchange asked;
    covey_oscore_exchange heard;
    uint8_t common_iv[COVEY_NONCE_MAX];
    size_t iv_len;
    uint8_t *room; /* of cap bytes each: plaintext, message, what comes back */
    size_t cap;
};

static bool differs(struct run *r, const char *what, const char *message)
{
    fprintf(r->expected, "%s", what);
    fprintf(r->got, "%s", message);
    return false;
}

/* True if a value is as expected, or nothing is. */
static bool same(struct run *r, const char *what, covey_bytes expected,
                 covey_bytes got)
{
    if (expected.ptr == NULL ||
        (expected.len == got.len &&
         (got.len == 0 || memcmp(expected.ptr, got.ptr, got.len) == 0))) {
        return true;
    }
    fprintf(r->expected, "%s ", what);
    hex_print(r->expected, expected);
    hex_print(r->got, got);
    return false;
}

static bool done(struct run *r, const char *what, covey_status st)
{
    return st == COVEY_OK || differs(r, what, covey_status_name(st));
}

static bool check_info(struct run *r, const char *what, covey_bytes expected,
                       covey_bytes id, const char *type, uint8_t len)
{
    uint8_t storage[COVEY_OSCORE_INFO_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    return done(r, what,
                covey_oscore_info(
                    &w, &r->c->client, id,
                    covey_bytes_of((const uint8_t *)type, strlen(type)),
                    len)) &&
           same(r, what, expected, covey_written(&w));
}

static bool check_nonce(struct run *r, const char *what, covey_bytes expected,
                        covey_bytes id, uint64_t ssn)
{
    const covey_bytes iv = covey_bytes_of(r->common_iv, r->iv_len);
    uint8_t nonce[COVEY_NONCE_MAX];
    uint8_t piv[COVEY_OSCORE_PIV_MAX];

    return done(r, what,
                covey_oscore_nonce(nonce, iv, id,
                                   covey_oscore_piv(ssn, piv))) &&
           same(r, what, expected, covey_bytes_of(nonce, iv.len));
}

static bool check_keys(struct run *r)
{
    const oscore_case *c = r->c;
    const covey_bytes nobody = { NULL, 0 };
    covey_oscore_keys k;
    bool good;

    if (!done(r, "keys", covey_oscore_derive(&k, &c->client, r->crypto))) {
        return false;
    }
    memcpy(r->common_iv, k.common_iv, k.iv_len);
    r->iv_len = k.iv_len;
    good = check_info(r, "info of the client's key", c->client_info,
                      c->client.sender_id, "Key", k.key_len) &&
           check_info(r, "info of the server's key", c->server_info,
                      c->client.recipient_id, "Key", k.key_len) &&
           check_info(r, "info of the Common IV", c->iv_info, nobody, "IV",
                      k.iv_len) &&
           same(r, "client's key", c->client_key,
                covey_bytes_of(k.sender_key, k.key_len)) &&
           same(r, "server's key", c->server_key,
                covey_bytes_of(k.recipient_key, k.key_len)) &&
           same(r, "Common IV", c->common_iv,
                covey_bytes_of(k.common_iv, k.iv_len)) &&
           check_nonce(r, "client's nonce", c->client_nonce,
                       c->client.sender_id, 0) &&
           check_nonce(r, "server's nonce", c->server_nonce,
                       c->client.recipient_id, 0);

    covey_wipe(&k, sizeof k);
    return good;
}

/* --- messages ------------------------------------------------------------ */

static bool open_context(struct run *r, covey_oscore_context *context,
                         bool client, uint64_t ssn)
{
    const covey_oscore_start start = {
        .state = { ssn, 0 },
        .window_in_memory = true,
    };
    covey_oscore_parameters p = r->c->client;
    covey_oscore_state next;

    if (!client) {
        p.sender_id = r->c->client.recipient_id;
        p.recipient_id = r->c->client.sender_id;
    }
    if (!done(r, "a context",
              covey_oscore_setup(context, r->crypto, &p, &start))) {
        return false;
    }
    return !covey_oscore_due(context, &next) ||
           done(r, "numbers to use", covey_oscore_stored(context, &next));
}

/* AAD and nonce, from the values that the vector lets us know. */
static bool check_inputs(struct run *r, const oscore_message *m, bool request)
{
    const covey_bytes client_id = r->c->client.sender_id;
    const uint64_t ssn = m->own_piv ? m->ssn : r->c->request.ssn;
    uint8_t storage[COVEY_OSCORE_AAD_MAX];
    uint8_t piv[COVEY_OSCORE_PIV_MAX];
    covey_writer aad = covey_writer_of(storage, sizeof storage);

    return done(r, "AAD",
                covey_oscore_aad(&aad, r->c->client.aead, client_id,
                                 covey_oscore_piv(r->c->request.ssn, piv))) &&
           same(r, "AAD", m->aad, covey_written(&aad)) &&
           check_nonce(r, "nonce", m->nonce,
                       request || !m->own_piv ? client_id
                                              : r->c->client.recipient_id,
                       ssn);
}

/* Option value and ciphertext of what was made, and all of it. */
static bool check_sealed(struct run *r, const oscore_message *m,
                         covey_bytes sealed)
{
    covey_coap_message outer;
    covey_coap_option_iter it;
    covey_coap_option o = { 0, { NULL, 0 } };

    if (!done(r, "an OSCORE message", covey_coap_parse(&outer, sealed))) {
        return false;
    }
    it = covey_coap_options_of(&outer);
    while (covey_coap_option_next(&it, &o)) {
        if (o.number == COVEY_OPTION_OSCORE) {
            break;
        }
    }
    return same(r, "option", m->option, o.value) &&
           same(r, "ciphertext", m->ciphertext, outer.payload) &&
           same(r, "message", m->protected, sealed);
}

static bool protect(struct run *r, const oscore_message *m, bool request,
                    covey_bytes *sealed)
{
    const covey_oscore_work work = { .own_piv = m->own_piv };
    covey_writer plaintext = covey_writer_of(r->room, r->cap);
    covey_writer out = covey_writer_of(r->room + r->cap, r->cap);
    covey_coap_message original;
    covey_status st;

    if (!done(r, "a message", covey_coap_parse(&original, m->plain)) ||
        !done(r, "a plaintext",
              covey_oscore_compose(&plaintext, &original, &work)) ||
        !same(r, "plaintext", m->plaintext, covey_written(&plaintext)) ||
        !check_inputs(r, m, request)) {
        return false;
    }
    st = request ? covey_oscore_seal_request(&r->client, &r->asked, &original,
                                             covey_written(&plaintext), &work,
                                             &out)
                 : covey_oscore_seal_response(&r->server, &r->heard, &original,
                                              covey_written(&plaintext), &work,
                                              &out);
    *sealed = covey_written(&out);
    return done(r, "a protected message", st) && check_sealed(r, m, *sealed);
}

/* The options are the same, but for Observe in a notification, where the
 * Partial IV takes its place (RFC 8613 Section 4.1.3.5.2). */
static bool same_options(const covey_coap_message *a,
                         const covey_coap_message *b, bool request)
{
    covey_coap_option_iter it_a = covey_coap_options_of(a);
    covey_coap_option_iter it_b = covey_coap_options_of(b);
    covey_coap_option x;
    covey_coap_option y;

    while (covey_coap_option_next(&it_a, &x)) {
        if (!covey_coap_option_next(&it_b, &y) || x.number != y.number) {
            return false;
        }
        if (!covey_bytes_equal(x.value, y.value) &&
            (request || x.number != COVEY_OPTION_OBSERVE)) {
            return false;
        }
    }
    return !covey_coap_option_next(&it_b, &y);
}

static bool check_returned(struct run *r, const oscore_message *m,
                           covey_bytes returned, bool request)
{
    covey_coap_message a;
    covey_coap_message b;

    if (covey_coap_parse(&a, m->plain) == COVEY_OK &&
        covey_coap_parse(&b, returned) == COVEY_OK && a.code == b.code &&
        a.type == b.type && a.message_id == b.message_id &&
        covey_bytes_equal(a.token, b.token) &&
        covey_bytes_equal(a.payload, b.payload) &&
        same_options(&a, &b, request)) {
        return true;
    }
    return same(r, "unprotected", m->plain, returned) ||
           differs(r, "the original message", "another one");
}

static bool unprotect(struct run *r, const oscore_message *m, bool request,
                      covey_bytes sealed)
{
    const covey_oscore_work work = { .scratch = r->room,
                                     .scratch_cap = r->cap };
    covey_writer out = covey_writer_of(r->room + 2 * r->cap, r->cap);
    covey_coap_message outer;
    covey_oscore_received received;
    covey_unprotect result;

    if (!done(r, "an OSCORE message", covey_coap_parse(&outer, sealed))) {
        return false;
    }
    result =
        request ? covey_oscore_unprotect_request(&r->server, &r->heard, &outer,
                                                 &work, &out, &received)
                : covey_oscore_unprotect_response(
                      &r->client, &r->asked, &outer, &work, &out, &received);
    if (result != COVEY_UNPROTECT_FRESH) {
        fprintf(r->expected, "a message that is accepted");
        fprintf(r->got, "fault %d (%s)", (int)received.fault,
                covey_status_name(received.status));
        return false;
    }
    return check_returned(r, m, covey_written(&out), request);
}

static bool exchange(struct run *r)
{
    const oscore_case *c = r->c;
    covey_bytes sealed;

    if (!open_context(r, &r->client, true, c->request.ssn) ||
        !open_context(r, &r->server, false, c->response.ssn) ||
        !protect(r, &c->request, true, &sealed) ||
        !unprotect(r, &c->request, true, sealed)) {
        return false;
    }
    return !c->response.given || (protect(r, &c->response, false, &sealed) &&
                                  unprotect(r, &c->response, false, sealed));
}

bool oscore_case_run(const oscore_case *c, const covey_crypto *crypto,
                     FILE *expected, FILE *got)
{
    struct run r = {
        .c = c, .crypto = crypto, .expected = expected, .got = got
    };
    const size_t longest = c->request.plain.len > c->response.plain.len
                               ? c->request.plain.len
                               : c->response.plain.len;
    bool good = check_keys(&r);

    if (good && c->request.given) {
        r.cap =
            COVEY_OSCORE_PLAINTEXT_MAX(longest) + COVEY_OSCORE_OVERHEAD_MAX;
        r.room = malloc(3 * r.cap);
        good = r.room != NULL ? exchange(&r)
                              : differs(&r, "enough memory", "none");
        covey_oscore_drop(&r.client);
        covey_oscore_drop(&r.server);
        free(r.room);
    }
    return good;
}
