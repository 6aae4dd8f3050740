/* SPDX-License-Identifier: BSD-2-Clause */
/* What an OSCORE vector says. A member that is not known fails the case: a
 * runner that passes over an expectation proves nothing. */
#include "selftest_oscore.h"

#include <string.h>

/* --- oscore_generated.json ----------------------------------------------- */

static bool read_message(oscore_case *c, struct fy_node *node,
                         oscore_message *m, bool request, FILE *why)
{
    const selftest_member members[] = {
        { "plain", &m->plain },
        { "plaintext", &m->plaintext },
        { "aad", &m->aad },
        { "nonce", &m->nonce },
        { "option", &m->option },
        { "ciphertext", &m->ciphertext },
        { "protected", &m->protected },
    };
    static const char *const others[] = { "ssn", "own_piv", NULL };

    m->given = true;
    m->own_piv = request;
    if (!selftest_read(&c->pool, node, members, SELFTEST_COUNT(members),
                       others, why)) {
        return false;
    }
    if (!request &&
        !rules_json_bool(rules_json_get(node, "own_piv"), &m->own_piv)) {
        fputs("no \"own_piv\"", why);
        return false;
    }
    if (m->plain.ptr == NULL || m->protected.ptr == NULL) {
        fputs("no \"plain\" and \"protected\"", why);
        return false;
    }
    return !m->own_piv || selftest_read_number(
                              node, "ssn", COVEY_OSCORE_SSN_END, &m->ssn, why);
}

bool oscore_case_read(oscore_case *c, struct fy_node *node, FILE *why)
{
    covey_oscore_parameters *p = &c->client;
    const selftest_member members[] = {
        { "master_secret", &p->master_secret },
        { "master_salt", &p->master_salt },
        { "id_context", &p->id_context },
        { "client_id", &p->sender_id },
        { "server_id", &p->recipient_id },
        { "client_key", &c->client_key },
        { "server_key", &c->server_key },
        { "common_iv", &c->common_iv },
    };
    static const char *const others[] = {
        "id", "alg_aead", "hkdf", "request", "response", "confirmed_by", NULL
    };
    struct fy_node *response = rules_json_get(node, "response");
    uint64_t aead;
    uint64_t hkdf;

    if (!selftest_read(&c->pool, node, members, SELFTEST_COUNT(members),
                       others, why) ||
        !selftest_read_number(node, "alg_aead", INT32_MAX, &aead, why) ||
        !selftest_read_number(node, "hkdf", INT32_MAX, &hkdf, why)) {
        return false;
    }
    p->aead = (int32_t)aead;
    p->hkdf = (int32_t)hkdf;
    if (p->sender_id.ptr == NULL || p->recipient_id.ptr == NULL) {
        fputs("no \"client_id\" and \"server_id\"", why);
        return false;
    }
    return read_message(c, rules_json_get(node, "request"), &c->request, true,
                        why) &&
           (response == NULL ||
            read_message(c, response, &c->response, false, why));
}

/* --- rfc8613_appendix_c.json --------------------------------------------- */

static bool same(struct fy_node *a, const char *name_a, struct fy_node *b,
                 const char *name_b)
{
    const char *x = rules_json_string(rules_json_get(a, name_a));
    const char *y = rules_json_string(rules_json_get(b, name_b));

    return x != NULL && y != NULL && strcmp(x, y) == 0;
}

/* The derivation whose sender or recipient this vector's sender is. */
static struct fy_node *find_derivation(struct fy_node *all,
                                       struct fy_node *vector,
                                       const char *key_name)
{
    void *at = NULL;
    const char *key;
    struct fy_node *v;

    while (rules_json_next(all, &at, &key, &v)) {
        if (rules_json_get(v, "master_secret") != NULL &&
            same(v, key_name, vector, "sender_key") &&
            same(v, "common_iv", vector, "common_iv")) {
            return v;
        }
    }
    return NULL;
}

/* The request that a response answers: both have the same AAD (Section 5.4),
 * and this one is from the client of the derivation. */
static struct fy_node *find_request(struct fy_node *all,
                                    struct fy_node *response,
                                    struct fy_node *derivation)
{
    void *at = NULL;
    const char *key;
    struct fy_node *v;

    while (rules_json_next(all, &at, &key, &v)) {
        if (rules_json_get(v, "unprotected_coap_request") != NULL &&
            same(v, "aad", response, "aad") &&
            same(v, "sender_key", derivation, "sender_key")) {
            return v;
        }
    }
    return NULL;
}

/* The context of a client. */
static bool read_derivation(oscore_case *c, struct fy_node *node,
                            struct fy_node *common, FILE *why)
{
    covey_oscore_parameters *p = &c->client;
    const selftest_member members[] = {
        { "master_secret", &p->master_secret },
        { "master_salt", &p->master_salt },
        { "id_context", &p->id_context },
        { "sender_id", &p->sender_id },
        { "recipient_id", &p->recipient_id },
        { "info_for_sender_key", &c->client_info },
        { "info_for_recipient_key", &c->server_info },
        { "info_for_common_iv", &c->iv_info },
        { "sender_key", &c->client_key },
        { "recipient_key", &c->server_key },
        { "common_iv", &c->common_iv },
        { "sender_nonce", &c->client_nonce },
        { "recipient_nonce", &c->server_nonce },
    };
    static const char *const others[] = { "id", "title", NULL };
    const char *hkdf = rules_json_string(rules_json_get(common, "hkdf"));
    uint64_t aead;

    if (hkdf == NULL || strcmp(hkdf, "SHA-256") != 0) {
        fputs("\"common\" has no \"hkdf\" of \"SHA-256\"", why);
        return false;
    }
    p->hkdf = COVEY_HMAC_256_256;
    if (!selftest_read_number(common, "aead_alg", INT32_MAX, &aead, why)) {
        return false;
    }
    p->aead = (int32_t)aead;
    return selftest_read(&c->pool, node, members, SELFTEST_COUNT(members),
                         others, why);
}

/* A message's copy of what its context has. */
struct copy {
    const char *name;
    covey_bytes value;
    covey_bytes original;
};

static bool copies_agree(oscore_case *c, struct fy_node *node,
                         struct copy *copies, size_t count, FILE *why)
{
    for (size_t i = 0; i < count; i++) {
        if (!selftest_read_hex(&c->pool, node, copies[i].name,
                               &copies[i].value, why)) {
            return false;
        }
        if (copies[i].value.ptr != NULL &&
            !covey_bytes_equal(copies[i].value, copies[i].original)) {
            fprintf(why, "\"%s\" is not that of the context", copies[i].name);
            return false;
        }
    }
    return true;
}

static bool read_printed(oscore_case *c, struct fy_node *node,
                         oscore_message *m, bool request, FILE *why)
{
    const covey_bytes key = request ? c->client_key : c->server_key;
    uint8_t storage[COVEY_OSCORE_PIV_MAX];
    const selftest_member members[] = {
        { request ? "unprotected_coap_request" : "unprotected_coap_response",
          &m->plain },
        { "plaintext", &m->plaintext },
        { "aad", &m->aad },
        { "nonce", &m->nonce },
        { "oscore_option_value", &m->option },
        { "ciphertext", &m->ciphertext },
        { request ? "protected_coap_request_oscore_message"
                  : "protected_coap_response_oscore_message",
          &m->protected },
    };
    static const char *const others[] = {
        "id",
        "title",
        "sender_key",
        "kid",
        "kid_context",
        "id_context",
        "common_iv",
        "encryption_key",
        "sender_id",
        "partial_iv",
        "sender_sequence_number",
        NULL,
    };

    m->given = true;
    m->own_piv = rules_json_get(node, "partial_iv") != NULL;
    if (!selftest_read(&c->pool, node, members, SELFTEST_COUNT(members),
                       others, why) ||
        !selftest_read_number(node, "sender_sequence_number",
                              COVEY_OSCORE_SSN_END, &m->ssn, why)) {
        return false;
    }
    struct copy copies[] = {
        { .name = "sender_key", .original = key },
        { .name = "encryption_key", .original = key },
        { .name = "common_iv", .original = c->common_iv },
        { .name = "sender_id",
          .original = request ? c->client.sender_id : c->client.recipient_id },
        { .name = "kid", .original = c->client.sender_id },
        { .name = "kid_context", .original = c->client.id_context },
        { .name = "id_context", .original = c->client.id_context },
        { .name = "partial_iv",
          .original = covey_oscore_piv(m->ssn, storage) },
    };
    return copies_agree(c, node, copies, SELFTEST_COUNT(copies), why);
}

bool oscore_vector_read(oscore_case *c, struct fy_node *node,
                        struct fy_node *common, struct fy_node *all, FILE *why)
{
    const bool response =
        rules_json_get(node, "unprotected_coap_response") != NULL;
    struct fy_node *derivation;
    struct fy_node *request = node;

    if (rules_json_get(node, "master_secret") != NULL) {
        return read_derivation(c, node, common, why);
    }
    derivation =
        find_derivation(all, node, response ? "recipient_key" : "sender_key");
    if (derivation != NULL && response) {
        request = find_request(all, node, derivation);
    }
    if (derivation == NULL || request == NULL ||
        rules_json_get(request, "unprotected_coap_request") == NULL) {
        fputs("neither a derivation, nor a request or response of one in the "
              "file",
              why);
        return false;
    }
    return read_derivation(c, derivation, common, why) &&
           read_printed(c, request, &c->request, true, why) &&
           (!response || read_printed(c, node, &c->response, false, why));
}

void oscore_case_free(oscore_case *c)
{
    selftest_pool_free(&c->pool);
}
