/* SPDX-License-Identifier: BSD-2-Clause */
/* What a Group OSCORE vector says. A member that is not known fails the case.
 */
#include "selftest_group.h"

#include <string.h>

static const char not_supported[] = "not supported: ";

bool group_parameters_read(covey_group_parameters *p, selftest_pool *pool,
                           struct fy_node *node, FILE *why)
{
    const selftest_member members[] = {
        { "gid", &p->gid },
        { "master_secret", &p->master_secret },
        { "master_salt", &p->master_salt },
        { "gm_cred", &p->gm_cred },
    };
    static const char *const others[] = { "alg_aead",      "hkdf",
                                          "alg_group_enc", "alg_signature",
                                          "alg_pairwise",  NULL };
    covey_group_algorithms *a = &p->algorithms;

    if (rules_json_count(node) == 0) {
        fputs("no \"group\"", why);
        return false;
    }
    return selftest_read(pool, node, members, SELFTEST_COUNT(members), others,
                         why) &&
           selftest_read_alg(node, "alg_aead", COVEY_ALG_UNSET, &a->aead,
                             why) &&
           selftest_read_alg(node, "alg_group_enc", COVEY_ALG_UNSET,
                             &a->group_enc, why) &&
           selftest_read_alg(node, "alg_signature", COVEY_ALG_UNSET,
                             &a->signature, why) &&
           selftest_read_alg(node, "alg_pairwise", COVEY_ALG_UNSET,
                             &a->agreement, why) &&
           selftest_read_alg(node, "hkdf", COVEY_ALG_UNSET, &p->hkdf, why);
}

static bool read_member(group_case *c, group_member *m, struct fy_node *all,
                        const char *name, FILE *why)
{
    const selftest_member members[] = {
        { "sender_id", &m->id },
        { "credential", &m->credential },
        { "private_key", &m->keys.private_raw },
        { "public_key", &m->keys.public_raw },
    };
    static const char *const others[] = { "initial_ssn", NULL };
    struct fy_node *node = rules_json_get(all, name);

    if (!selftest_read(&c->pool, node, members, SELFTEST_COUNT(members),
                       others, why) ||
        !selftest_read_number(node, "initial_ssn", COVEY_OSCORE_SSN_END,
                              &m->ssn, why)) {
        return false;
    }
    if (m->id.ptr == NULL || m->credential.ptr == NULL ||
        m->keys.private_raw.ptr == NULL || m->keys.public_raw.ptr == NULL) {
        fprintf(why, "\"%s\" has not all of ID, credential and keys", name);
        return false;
    }
    return true;
}

static bool read_members(group_case *c, struct fy_node *node, FILE *why)
{
    static const char *const others[] = { "client", "server", NULL };

    return selftest_read(&c->pool, node, NULL, 0, others, why) &&
           read_member(c, &c->members[GROUP_CLIENT], node, "client", why) &&
           read_member(c, &c->members[GROUP_SERVER], node, "server", why);
}

static bool read_derived(group_case *c, struct fy_node *node, FILE *why)
{
    group_member *client = &c->members[GROUP_CLIENT];
    group_member *server = &c->members[GROUP_SERVER];
    const selftest_member members[] = {
        { "common_iv", &c->common_iv },
        { "client_sender_key", &client->sender_key },
        { "server_sender_key", &server->sender_key },
        { "signature_encryption_key", &c->sek },
        { "shared_secret", &c->shared_secret },
        { "pairwise_key_client_to_server", &client->pairwise_to },
        { "pairwise_key_server_to_client", &server->pairwise_to },
    };
    static const char *const others[] = { NULL };

    return selftest_read(&c->pool, node, members, SELFTEST_COUNT(members),
                         others, why);
}

/* One of two words; what is neither is not supported. */
static bool read_word(struct fy_node *node, const char *name, const char *yes,
                      const char *no, bool *out, FILE *why)
{
    const char *word = rules_json_string(rules_json_get(node, name));

    *out = word != NULL && strcmp(word, yes) == 0;
    if (*out || (word != NULL && strcmp(word, no) == 0)) {
        return true;
    }
    fprintf(why, "%s\"%s\" of \"%s\"", not_supported, name,
            word != NULL ? word : "");
    return false;
}

static bool read_message(group_case *c, group_message *m, struct fy_node *node,
                         FILE *why)
{
    const selftest_member members[] = {
        { "plain_message", &m->plain },
        { "plaintext", &m->plaintext },
        { "oscore_option", &m->option },
        { "external_aad", &m->external_aad },
        { "aad", &m->aad },
        { "nonce", &m->nonce },
        { "encryption_key", &m->key },
        { "ciphertext", &m->ciphertext },
        { "countersign_tbs", &m->tbs },
        { "signature", &m->signature },
        { "keystream", &m->keystream },
        { "keystream_info", &m->keystream_info },
        { "keystream_salt", &m->keystream_salt },
        { "encrypted_signature", &m->masked },
        { "protected", &m->protected },
    };
    static const char *const others[] = { "direction", "mode",      "ssn",
                                          "note",      "algorithm", NULL };
    struct fy_node *ssn = rules_json_get(node, "ssn");

    if (!selftest_read(&c->pool, node, members, SELFTEST_COUNT(members),
                       others, why) ||
        !read_word(node, "direction", "request", "response", &m->request,
                   why) ||
        !read_word(node, "mode", "pairwise", "group", &m->pairwise, why) ||
        !selftest_read_alg(node, "algorithm", COVEY_ALG_UNSET, &m->algorithm,
                           why)) {
        return false;
    }
    m->own_piv = ssn != NULL && rules_json_kind_of(ssn) != RULES_JSON_NULL;
    if (m->plain.ptr == NULL || m->protected.ptr == NULL ||
        (m->request && !m->own_piv)) {
        fputs("no \"plain_message\" and \"protected\", or a request without "
              "\"ssn\"",
              why);
        return false;
    }
    return !m->own_piv ||
           selftest_read_number(node, "ssn", COVEY_OSCORE_SSN_END - 1, &m->ssn,
                                why);
}

static bool read_messages(group_case *c, struct fy_node *list, FILE *why)
{
    void *at = NULL;
    const char *key;
    struct fy_node *node;

    while (rules_json_next(list, &at, &key, &node)) {
        if (c->count == GROUP_MESSAGES) {
            fputs("too many messages", why);
            return false;
        }
        if (!read_message(c, &c->messages[c->count], node, why)) {
            return false;
        }
        c->count++;
    }
    if (c->count == 0 || !c->messages[0].request) {
        fputs("an exchange that begins with no request", why);
        return false;
    }
    return true;
}

static bool read_curve(group_case *c, struct fy_node *node, FILE *why)
{
    static const struct {
        const char *name;
        covey_curve curve;
    } curves[] = {
        { "Ed25519", COVEY_ED25519 },
        { "X25519", COVEY_X25519 },
        { "P-256", COVEY_P256 },
    };
    const char *kind = rules_json_string(rules_json_get(node, "key_kind"));

    for (size_t i = 0; kind && i < SELFTEST_COUNT(curves); i++) {
        if (strcmp(kind, curves[i].name) == 0) {
            c->p.curve = curves[i].curve;
            return true;
        }
    }
    fprintf(why, "%s\"key_kind\" of \"%s\"", not_supported, kind ? kind : "");
    return false;
}

bool group_case_read(group_case *c, struct fy_node *node, FILE *why)
{
    static const char *const others[] = {
        "id",       "description",  "spec",      "group",
        "key_kind", "derived",      "endpoints", "credential_format",
        "exchange", "confirmed_by", NULL
    };
    const char *format =
        rules_json_string(rules_json_get(node, "credential_format"));

    c->ccs = format != NULL && strncmp(format, "ccs", strlen("ccs")) == 0;
    c->opaque =
        format != NULL && strncmp(format, "opaque", strlen("opaque")) == 0;
    return selftest_read(&c->pool, node, NULL, 0, others, why) &&
           group_parameters_read(&c->p, &c->pool,
                                 rules_json_get(node, "group"), why) &&
           read_curve(c, node, why) &&
           read_members(c, rules_json_get(node, "endpoints"), why) &&
           read_derived(c, rules_json_get(node, "derived"), why) &&
           read_messages(c, rules_json_get(node, "exchange"), why);
}

void group_case_free(group_case *c, const covey_crypto *crypto)
{
    for (size_t i = 0; i < GROUP_MEMBERS; i++) {
        selftest_keys_close(&c->members[i].keys, crypto);
    }
    selftest_pool_free(&c->pool);
}
