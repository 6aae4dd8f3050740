/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs one exchange through client and server and compares every value on the
 * way with what the vector says. */
#include "selftest_oscore.h"

#include <stdlib.h>
#include <string.h>

/* A case being run. */
struct run {
    const oscore_case *c;
    const covey_crypto *crypto;
    selftest_check check;
    covey_oscore_context client;
    covey_oscore_context server;
    covey_oscore_exchange asked;
    covey_oscore_exchange heard;
    uint8_t common_iv[COVEY_NONCE_MAX];
    size_t iv_len;
    uint8_t *room; /* of cap bytes each: plaintext, message, what comes back */
    size_t cap;
};

static bool check_info(struct run *r, const char *what, covey_bytes expected,
                       covey_bytes id, const char *type, uint8_t len)
{
    uint8_t storage[COVEY_OSCORE_INFO_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    return selftest_done(
               &r->check, what,
               covey_oscore_info(
                   &w, &r->c->client, id,
                   covey_bytes_of((const uint8_t *)type, strlen(type)),
                   len)) &&
           selftest_same(&r->check, what, expected, covey_written(&w));
}

static bool check_nonce(struct run *r, const char *what, covey_bytes expected,
                        covey_bytes id, uint64_t ssn)
{
    const covey_bytes iv = covey_bytes_of(r->common_iv, r->iv_len);
    uint8_t nonce[COVEY_NONCE_MAX];
    uint8_t piv[COVEY_OSCORE_PIV_MAX];

    return selftest_done(&r->check, what,
                         covey_oscore_nonce(nonce, iv, id,
                                            covey_oscore_piv(ssn, piv))) &&
           selftest_same(&r->check, what, expected,
                         covey_bytes_of(nonce, iv.len));
}

static bool check_keys(struct run *r)
{
    const oscore_case *c = r->c;
    const covey_bytes nobody = { NULL, 0 };
    covey_oscore_keys k;
    bool good;

    if (!selftest_done(&r->check, "keys",
                       covey_oscore_derive(&k, &c->client, r->crypto))) {
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
           selftest_same(&r->check, "client's key", c->client_key,
                         covey_bytes_of(k.sender_key, k.key_len)) &&
           selftest_same(&r->check, "server's key", c->server_key,
                         covey_bytes_of(k.recipient_key, k.key_len)) &&
           selftest_same(&r->check, "Common IV", c->common_iv,
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
    if (!selftest_done(&r->check, "a context",
                       covey_oscore_setup(context, r->crypto, &p, &start))) {
        return false;
    }
    return !covey_oscore_due(context, &next) ||
           selftest_done(&r->check, "numbers to use",
                         covey_oscore_stored(context, &next));
}

/* AAD and nonce, from the values that the vector lets us know. */
static bool check_inputs(struct run *r, const oscore_message *m, bool request)
{
    const covey_bytes client_id = r->c->client.sender_id;
    const uint64_t ssn = m->own_piv ? m->ssn : r->c->request.ssn;
    uint8_t storage[COVEY_OSCORE_AAD_MAX];
    uint8_t piv[COVEY_OSCORE_PIV_MAX];
    covey_writer aad = covey_writer_of(storage, sizeof storage);

    return selftest_done(
               &r->check, "AAD",
               covey_oscore_aad(&aad, r->c->client.aead, client_id,
                                covey_oscore_piv(r->c->request.ssn, piv))) &&
           selftest_same(&r->check, "AAD", m->aad, covey_written(&aad)) &&
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

    if (!selftest_done(&r->check, "an OSCORE message",
                       covey_coap_parse(&outer, sealed))) {
        return false;
    }
    it = covey_coap_options_of(&outer);
    while (covey_coap_option_next(&it, &o)) {
        if (o.number == COVEY_OPTION_OSCORE) {
            break;
        }
    }
    return selftest_same(&r->check, "option", m->option, o.value) &&
           selftest_same(&r->check, "ciphertext", m->ciphertext,
                         outer.payload) &&
           selftest_same(&r->check, "message", m->protected, sealed);
}

static bool protect(struct run *r, const oscore_message *m, bool request,
                    covey_bytes *sealed)
{
    const covey_oscore_work work = { .own_piv = m->own_piv };
    covey_writer plaintext = covey_writer_of(r->room, r->cap);
    covey_writer out = covey_writer_of(r->room + r->cap, r->cap);
    covey_coap_message original;
    covey_status st;

    if (!selftest_done(&r->check, "a message",
                       covey_coap_parse(&original, m->plain)) ||
        !selftest_done(&r->check, "a plaintext",
                       covey_oscore_compose(&plaintext, &original, &work)) ||
        !selftest_same(&r->check, "plaintext", m->plaintext,
                       covey_written(&plaintext)) ||
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
    return selftest_done(&r->check, "a protected message", st) &&
           check_sealed(r, m, *sealed);
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

    if (!selftest_done(&r->check, "an OSCORE message",
                       covey_coap_parse(&outer, sealed))) {
        return false;
    }
    result =
        request ? covey_oscore_unprotect_request(&r->server, &r->heard, &outer,
                                                 &work, &out, &received)
                : covey_oscore_unprotect_response(
                      &r->client, &r->asked, &outer, &work, &out, &received);
    if (result != COVEY_UNPROTECT_FRESH) {
        fprintf(r->check.expected, "a message that is accepted");
        fprintf(r->check.got, "fault %d (%s)", (int)received.fault,
                covey_status_name(received.status));
        return false;
    }
    return selftest_same_message(&r->check, m->plain, covey_written(&out),
                                 request);
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
    struct run r = { .c = c, .crypto = crypto, .check = { expected, got } };
    const size_t longest = c->request.plain.len > c->response.plain.len
                               ? c->request.plain.len
                               : c->response.plain.len;
    bool good = check_keys(&r);

    if (good && c->request.given) {
        r.cap =
            COVEY_OSCORE_PLAINTEXT_MAX(longest) + COVEY_OSCORE_OVERHEAD_MAX;
        r.room = malloc(3 * r.cap);
        good = r.room != NULL
                   ? exchange(&r)
                   : selftest_differs(&r.check, "enough memory", "none");
        covey_oscore_drop(&r.client);
        covey_oscore_drop(&r.server);
        free(r.room);
    }
    return good;
}
