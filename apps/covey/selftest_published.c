/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that others have published: the group-mode response of
 * draft-ietf-core-cacheable-oscore, and Californium's, whose senders have an
 * empty credential. Their deterministic request is not run here: nothing in
 * this project makes one. */
#include "selftest_kinds.h"

#include "selftest_bare.h"

#include <covey/cose.h>
#include <covey/sigcheck.h>
#include <stdlib.h>
#include <string.h>

static bool not_understood(const selftest_check *k)
{
    fputs("a case that this runner understands", k->expected);
    return false;
}

/* Everything of these vectors is in one place; each has a part of it. */
struct published {
    selftest_bare bare;
    selftest_keys keys; /* of the sender */
    selftest_pool pool;
    covey_bytes sek;
    covey_bytes sender_key;
    covey_bytes client_id;
    covey_bytes client_key;
    covey_bytes credential;
    covey_bytes request; /* that was answered, plain */
    covey_bytes plain;
    covey_bytes plaintext;
    covey_bytes piv;
    covey_bytes option;
    covey_bytes nonce;
    covey_bytes ciphertext;
    covey_bytes signature;
    covey_bytes keystream;
    covey_bytes masked;
    covey_bytes protected;
};

static struct published *published_new(const covey_crypto *crypto,
                                       const selftest_check *k)
{
    struct published *p = calloc(1, sizeof *p);

    if (p == NULL) {
        selftest_differs(k, "enough memory", "none");
        return NULL;
    }
    p->bare.crypto = crypto;
    p->bare.k = k;
    return p;
}

static bool published_end(struct published *p, bool good)
{
    selftest_keys_close(&p->keys, p->bare.crypto);
    selftest_bare_close(&p->bare);
    selftest_pool_free(&p->pool);
    free(p);
    return good;
}

static bool read_group(struct published *p, struct fy_node *node)
{
    covey_group_parameters *g = &p->bare.p;

    if (!group_parameters_read(g, &p->pool, rules_json_get(node, "group"),
                               p->bare.k->got)) {
        return not_understood(p->bare.k);
    }
    g->curve =
        g->algorithms.signature == COVEY_ES256 ? COVEY_P256 : COVEY_ED25519;
    p->bare.binding.gm_cred = g->gm_cred;
    return true;
}

static bool read_part(struct published *p, struct fy_node *node,
                      const selftest_member *members, size_t count,
                      const char *const *others)
{
    return selftest_read(&p->pool, node, members, count, others,
                         p->bare.k->got) ||
           not_understood(p->bare.k);
}

/* --- a response bound to a class I option -------------------------------- */

static bool read_bound(struct published *p, struct fy_node *node)
{
    covey_group_binding *b = &p->bare.binding;
    const selftest_member outer[] = { { "signature_encryption_key",
                                        &p->sek } };
    const selftest_member client[] = {
        { "sender_id", &p->client_id },
        { "sender_key", &p->client_key },
    };
    const selftest_member server[] = {
        { "sender_id", &p->bare.sender_id },
        { "credential", &p->credential },
        { "private_key", &p->keys.private_raw },
        { "sender_key", &p->sender_key },
    };
    const selftest_member response[] = {
        { "plaintext", &p->plaintext },
        { "oscore_option", &p->option },
        { "class_i_options", &b->options },
        { "request_kid", &b->request_kid },
        { "request_piv", &b->request_piv },
        { "request_kid_context", &b->request_kid_context },
        { "partial_iv", &p->piv },
        { "nonce", &p->nonce },
        { "ciphertext", &p->ciphertext },
        { "signature", &p->signature },
        { "keystream", &p->keystream },
        { "encrypted_signature", &p->masked },
        { "protected", &p->protected },
    };
    static const char *const members[] = { "id",
                                           "source",
                                           "verified_by",
                                           "group",
                                           "deterministic_client",
                                           "server",
                                           "deterministic_request",
                                           "group_mode_response",
                                           NULL };
    static const char *const none[] = { "note", NULL };

    return read_group(p, node) &&
           read_part(p, node, outer, SELFTEST_COUNT(outer), members) &&
           read_part(p, rules_json_get(node, "deterministic_client"), client,
                     SELFTEST_COUNT(client), none) &&
           read_part(p, rules_json_get(node, "server"), server,
                     SELFTEST_COUNT(server), none) &&
           read_part(p, rules_json_get(node, "group_mode_response"), response,
                     SELFTEST_COUNT(response), none) &&
           (selftest_read_hex(&p->pool,
                              rules_json_get(node, "deterministic_request"),
                              "plain_message", &p->request, p->bare.k->got) ||
            not_understood(p->bare.k));
}

/* The server's public key is only in its credential. */
static bool open_server(struct published *p, uint8_t *public_raw)
{
    const selftest_check *k = p->bare.k;
    covey_cose_key key;
    covey_writer w = covey_writer_of(public_raw, COVEY_PUBLIC_MAX);

    if (!selftest_done(k, "a credential",
                       covey_cose_credential_key(&key, p->credential))) {
        return false;
    }
    covey_cose_key_put_public(&w, &key);
    p->keys.public_raw = covey_written(&w);
    return selftest_keys_open(&p->keys, p->bare.crypto, p->bare.p.curve, k);
}

static bool check_client_key(struct published *p)
{
    uint8_t storage[COVEY_KEY_MAX];
    covey_writer w = covey_writer_of(storage, p->bare.key_len);

    return selftest_done(p->bare.k, "the client's key",
                         covey_group_derive_sender_key(
                             &w, &p->bare.p, p->client_id, p->bare.crypto)) &&
           selftest_same(p->bare.k, "the client's key", p->client_key,
                         covey_written(&w)) &&
           selftest_same(p->bare.k, "kid of the request", p->client_id,
                         p->bare.binding.request_kid) &&
           selftest_same(p->bare.k, "kid context of the request",
                         p->bare.p.gid, p->bare.binding.request_kid_context);
}

static bool check_keys(const struct published *p)
{
    const selftest_bare *b = &p->bare;

    return selftest_same(b->k, "Signature Encryption Key", p->sek,
                         covey_bytes_of(b->common.sek, b->common.sek_len)) &&
           selftest_same(b->k, "Sender Key", p->sender_key,
                         covey_bytes_of(b->sender_key, b->key_len)) &&
           selftest_same(b->k, "nonce", p->nonce,
                         covey_bytes_of(b->nonce, b->nonce_len));
}

/* The message around it: an acknowledgement of the request, with Max-Age
 * outside as it is inside. */
static bool check_envelope(const struct published *p)
{
    const selftest_check *k = p->bare.k;
    uint8_t storage[1024];
    uint8_t payload[1024];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_writer body = covey_writer_of(payload, sizeof payload);
    covey_bytes max_age = { NULL, 0 };
    covey_coap_message head;
    covey_coap_message inner;
    covey_coap_composer composer;

    if (!selftest_done(k, "a request", covey_coap_parse(&head, p->request)) ||
        !selftest_done(k, "a plaintext",
                       covey_coap_parse_inner(&inner, p->plaintext)) ||
        !covey_option_get(&inner, COVEY_OPTION_MAX_AGE, &max_age)) {
        return selftest_differs(k, " with Max-Age", " or none");
    }
    head.type = COVEY_COAP_ACK;
    head.code = COVEY_COAP_CODE(2, 5);
    covey_write_bytes(&body, p->ciphertext);
    covey_write_bytes(&body, p->masked);
    composer = covey_coap_compose(&w, &head);
    covey_coap_put_option(&composer, COVEY_OPTION_OSCORE, p->option);
    covey_coap_put_option(&composer, COVEY_OPTION_MAX_AGE, max_age);
    covey_coap_put_payload(&composer, covey_written(&body));
    return selftest_done(k, "a message", covey_coap_finish(&composer)) &&
           selftest_same(k, "message", p->protected, covey_written(&w));
}

/* The option says what is told beside it. */
static bool check_option(const struct published *p, covey_bytes piv,
                         covey_bytes kid_context)
{
    const covey_oscore_option o = {
        .group = true,
        .partial_iv = piv,
        .kid_context = kid_context,
        .kid = p->bare.sender_id,
    };
    uint8_t storage[300];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    covey_oscore_value_put(&w, &o);
    return selftest_done(p->bare.k, "an option", w.failed) &&
           selftest_same(p->bare.k, "option", p->option, covey_written(&w));
}

static bool run_bound(struct published *p)
{
    uint8_t public_raw[COVEY_PUBLIC_MAX];
    const covey_bytes none = { NULL, 0 };
    selftest_bare *b = &p->bare;

    b->piv = p->piv;
    b->piv_id = b->sender_id;
    b->binding.option = p->option;
    b->binding.sender_cred = p->credential;
    return open_server(p, public_raw) && selftest_bare_open(b) &&
           check_keys(p) && check_client_key(p) &&
           check_option(p, p->piv, none) &&
           selftest_bare_cipher(b, p->plaintext, p->ciphertext) &&
           selftest_bare_signature(b, &p->keys, p->ciphertext, p->masked,
                                   p->signature, p->keystream) &&
           check_envelope(p);
}

bool selftest_bound_response_run(struct fy_node *node,
                                 const covey_crypto *crypto,
                                 const selftest_check *k)
{
    struct published *p = published_new(crypto, k);

    if (p == NULL) {
        return false;
    }
    return published_end(p, read_bound(p, node) && run_bound(p));
}

/* --- a request of a sender without credential ---------------------------- */

static bool read_request(struct published *p, struct fy_node *node,
                         uint64_t *ssn)
{
    const selftest_member members[] = {
        { "sender_id", &p->bare.sender_id },
        { "sender_cred", &p->credential },
        { "plain_message", &p->plain },
        { "option", &p->option },
        { "ciphertext", &p->ciphertext },
        { "protected_without_signature", &p->protected },
    };
    static const char *const others[] = { "id",    "source", "verified_by",
                                          "group", "ssn",    NULL };

    return read_group(p, node) &&
           read_part(p, node, members, SELFTEST_COUNT(members), others) &&
           (selftest_read_number(node, "ssn", COVEY_OSCORE_SSN_END - 1, ssn,
                                 p->bare.k->got) ||
            not_understood(p->bare.k));
}

/* The message but for its signature: the outer options of the original, the
 * OSCORE option among them, and the ciphertext. */
static bool check_unsigned(const struct published *p,
                           const covey_coap_message *original)
{
    const selftest_check *k = p->bare.k;
    uint8_t storage[1024];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_coap_message head = *original;
    covey_coap_option_iter it = covey_coap_options_of(original);
    covey_coap_option o;
    covey_coap_composer composer;
    bool put = false;

    head.code = COVEY_COAP_CODE(0, 2);
    composer = covey_coap_compose(&w, &head);
    while (covey_coap_option_next(&it, &o)) {
        if (!put && o.number > COVEY_OPTION_OSCORE) {
            covey_coap_put_option(&composer, COVEY_OPTION_OSCORE, p->option);
            put = true;
        }
        if (covey_oscore_outer(o.number, original->code)) {
            covey_coap_put_option(&composer, o.number, o.value);
        }
    }
    if (!put) {
        covey_coap_put_option(&composer, COVEY_OPTION_OSCORE, p->option);
    }
    covey_coap_put_payload(&composer, p->ciphertext);
    return selftest_done(k, "a message", covey_coap_finish(&composer)) &&
           selftest_same(k, "message", p->protected, covey_written(&w));
}

static bool run_request(struct published *p, uint64_t ssn)
{
    const covey_oscore_work work = { .own_piv = false };
    uint8_t piv_storage[COVEY_OSCORE_PIV_MAX];
    uint8_t storage[1024];
    covey_writer plaintext = covey_writer_of(storage, sizeof storage);
    selftest_bare *b = &p->bare;
    covey_coap_message original;

    b->request = true;
    b->piv = covey_oscore_piv(ssn, piv_storage);
    b->piv_id = b->sender_id;
    b->binding.request_kid = b->sender_id;
    b->binding.request_piv = b->piv;
    b->binding.request_kid_context = b->p.gid;
    b->binding.option = p->option;
    b->binding.sender_cred = p->credential;
    return selftest_done(b->k, "a message",
                         covey_coap_parse(&original, p->plain)) &&
           selftest_done(b->k, "a plaintext",
                         covey_oscore_compose(&plaintext, &original, &work)) &&
           selftest_bare_open(b) && check_option(p, b->piv, b->p.gid) &&
           selftest_bare_cipher(b, covey_written(&plaintext), p->ciphertext) &&
           check_unsigned(p, &original);
}

bool selftest_bare_request_run(struct fy_node *node,
                               const covey_crypto *crypto,
                               const selftest_check *k)
{
    struct published *p = published_new(crypto, k);
    uint64_t ssn = 0;

    if (p == NULL) {
        return false;
    }
    return published_end(p,
                         read_request(p, node, &ssn) && run_request(p, ssn));
}

/* --- a response of a sender without credential --------------------------- */

static bool read_response(struct published *p, struct fy_node *node)
{
    covey_group_binding *b = &p->bare.binding;
    covey_bytes x = { NULL, 0 };
    covey_bytes y = { NULL, 0 };
    const selftest_member members[] = {
        { "request_kid", &b->request_kid },
        { "request_piv", &b->request_piv },
        { "request_kid_context", &b->request_kid_context },
        { "server_id", &p->bare.sender_id },
        { "server_cred", &p->credential },
        { "server_public_key_x", &x },
        { "server_public_key_y", &y },
        { "plain_message", &p->plain },
        { "protected", &p->protected },
    };
    static const char *const others[] = { "id", "source", "verified_by",
                                          "group", NULL };
    uint8_t *public_raw;

    if (!read_group(p, node) ||
        !read_part(p, node, members, SELFTEST_COUNT(members), others)) {
        return false;
    }
    public_raw = selftest_pool_take(&p->pool, x.len + y.len);
    if (public_raw == NULL || x.len == 0 || x.len > COVEY_SHARED_MAX ||
        y.len != x.len) {
        return selftest_differs(p->bare.k, "a public key", "none");
    }
    memcpy(public_raw, x.ptr, x.len);
    memcpy(public_raw + x.len, y.ptr, y.len);
    p->keys.public_raw = covey_bytes_of(public_raw, x.len + y.len);
    return true;
}

/* The whole message through the external checker. */
static bool check_signed(struct published *p, const covey_coap_message *outer)
{
    selftest_bare *b = &p->bare;
    const covey_sigcheck checker = {
        .crypto = b->crypto,
        .algorithms = b->p.algorithms,
        .hkdf = b->p.hkdf,
        .curve = (int32_t)b->p.curve,
        .gid = b->p.gid,
        .gm_cred = b->p.gm_cred,
        .sek = covey_bytes_of(b->common.sek, b->common.sek_len),
    };
    const covey_sigcheck_signer signer = {
        .id = b->sender_id,
        .credential = p->credential,
        .key = &p->keys.public_key,
    };
    covey_sigcheck_request request = {
        .gid = b->binding.request_kid_context,
        .kid_len = (uint8_t)b->binding.request_kid.len,
        .piv_len = (uint8_t)b->binding.request_piv.len,
    };
    uint8_t scratch[2048];

    if (b->binding.request_kid.len > sizeof request.kid ||
        b->binding.request_piv.len > sizeof request.piv) {
        return selftest_differs(b->k, "kid and Partial IV", "too many bytes");
    }
    memcpy(request.kid, b->binding.request_kid.ptr, request.kid_len);
    memcpy(request.piv, b->binding.request_piv.ptr, request.piv_len);
    return selftest_done(b->k, "a signature that is right to a checker",
                         covey_sigcheck_check(&checker, outer, &signer,
                                              &request, scratch,
                                              sizeof scratch));
}

/* The original message is what was inside, with the header from outside. */
static bool check_original(const struct published *p, covey_bytes plaintext,
                           const covey_coap_message *outer)
{
    const selftest_check *k = p->bare.k;
    uint8_t storage[1024];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_coap_message head = *outer;
    covey_coap_message inner;
    covey_coap_option_iter it;
    covey_coap_option o;
    covey_coap_composer composer;

    if (!selftest_done(k, "a plaintext",
                       covey_coap_parse_inner(&inner, plaintext))) {
        return false;
    }
    head.code = inner.code;
    composer = covey_coap_compose(&w, &head);
    it = covey_coap_options_of(&inner);
    while (covey_coap_option_next(&it, &o)) {
        covey_coap_put_option(&composer, o.number, o.value);
    }
    covey_coap_put_payload(&composer, inner.payload);
    return selftest_done(k, "a message", covey_coap_finish(&composer)) &&
           selftest_same(k, "message", p->plain, covey_written(&w));
}

static bool run_response(struct published *p)
{
    const covey_bytes none = { NULL, 0 };
    selftest_bare *b = &p->bare;
    const size_t signature_len =
        covey_signature_len(b->p.algorithms.signature, (int32_t)b->p.curve);
    covey_coap_message outer;
    covey_oscore_option option;
    covey_bytes ciphertext;
    uint8_t storage[1024];
    covey_writer plaintext = covey_writer_of(storage, sizeof storage);

    if (!selftest_done(b->k, "a message",
                       covey_coap_parse(&outer, p->protected)) ||
        !selftest_done(b->k, "an option",
                       covey_oscore_value_find(&option, &p->option, &outer)) ||
        outer.payload.len < signature_len) {
        return selftest_differs(b->k, " with a signature", " or none");
    }
    ciphertext =
        covey_bytes_of(outer.payload.ptr, outer.payload.len - signature_len);
    b->piv = b->binding.request_piv;
    b->piv_id = b->binding.request_kid;
    b->binding.option = p->option;
    b->binding.sender_cred = p->credential;
    return selftest_keys_open(&p->keys, b->crypto, b->p.curve, b->k) &&
           selftest_bare_open(b) && check_option(p, none, none) &&
           selftest_bare_signature(
               b, &p->keys, ciphertext,
               covey_bytes_of(ciphertext.ptr + ciphertext.len, signature_len),
               none, none) &&
           check_signed(p, &outer) &&
           selftest_bare_decrypt(b, ciphertext, &plaintext) &&
           check_original(p, covey_written(&plaintext), &outer);
}

bool selftest_bare_response_run(struct fy_node *node,
                                const covey_crypto *crypto,
                                const selftest_check *k)
{
    struct published *p = published_new(crypto, k);

    if (p == NULL) {
        return false;
    }
    return published_end(p, read_response(p, node) && run_response(p));
}
