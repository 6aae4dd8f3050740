/* SPDX-License-Identifier: BSD-2-Clause */
/* Vectors that others have published: keys of groups, values of the OSCORE
 * option. */
#include "selftest_kinds.h"

#include "selftest_group.h"

#include <string.h>

static bool not_understood(const selftest_check *k)
{
    fputs("a case that this runner understands", k->expected);
    return false;
}

/* --- values of the OSCORE option ----------------------------------------- */

static bool check_value(const covey_oscore_option *o, covey_bytes expected,
                        const selftest_check *k)
{
    uint8_t storage[300];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_oscore_option back;

    covey_oscore_value_put(&w, o);
    return selftest_done(k, "a value", w.failed) &&
           selftest_same(k, "option", expected, covey_written(&w)) &&
           selftest_done(k, "a value that can be read",
                         covey_oscore_value_get(&back, expected)) &&
           (back.group == o->group ||
            selftest_differs(k, "the Group Flag as told", "another")) &&
           selftest_same(k, "Partial IV", o->partial_iv, back.partial_iv) &&
           selftest_same(k, "kid context", o->kid_context, back.kid_context) &&
           selftest_same(k, "kid", o->kid, back.kid);
}

static bool run_value(selftest_pool *pool, struct fy_node *node,
                      const selftest_check *k)
{
    covey_oscore_option o = { .group = false };
    covey_bytes expected = { NULL, 0 };
    const selftest_member members[] = {
        { "kid", &o.kid },
        { "piv", &o.partial_iv },
        { "kid_context", &o.kid_context },
        { "option", &expected },
    };
    static const char *const others[] = { "mode", "type", NULL };
    const char *mode = rules_json_string(rules_json_get(node, "mode"));
    const char *type = rules_json_string(rules_json_get(node, "type"));
    bool response;

    if (!selftest_read(pool, node, members, SELFTEST_COUNT(members), others,
                       k->got)) {
        return not_understood(k);
    }
    if (mode == NULL || type == NULL || expected.ptr == NULL ||
        (strcmp(mode, "group") != 0 && strcmp(mode, "pairwise") != 0) ||
        (strcmp(type, "request") != 0 && strcmp(type, "response") != 0)) {
        return selftest_differs(k, "mode, type and option", "others");
    }
    o.group = strcmp(mode, "group") == 0;
    response = strcmp(type, "response") == 0;
    /* RFC 10021 Section 3.3: what has to be there. */
    if (!response && (o.kid.ptr == NULL || o.partial_iv.ptr == NULL ||
                      o.kid_context.ptr == NULL)) {
        return selftest_differs(k, "a request with all fields", "not all");
    }
    return check_value(&o, expected, k);
}

bool selftest_options_run(struct fy_node *node, const covey_crypto *crypto,
                          const selftest_check *k)
{
    static const char *const others[] = { "id", "source", "examples", NULL };
    struct fy_node *list = rules_json_get(node, "examples");
    selftest_pool pool = { NULL, 0 };
    bool good = selftest_read(&pool, node, NULL, 0, others, k->got);
    void *at = NULL;
    const char *key;
    struct fy_node *example;

    (void)crypto;
    if (!good) {
        return not_understood(k);
    }
    if (rules_json_count(list) == 0) {
        return selftest_differs(k, "examples", "none");
    }
    while (good && rules_json_next(list, &at, &key, &example)) {
        good = run_value(&pool, example, k);
    }
    selftest_pool_free(&pool);
    return good;
}

/* --- keys ---------------------------------------------------------------- */

static bool check_key(const covey_group_parameters *p, const char *what,
                      covey_bytes id, covey_bytes expected,
                      const covey_crypto *crypto, const selftest_check *k)
{
    uint8_t storage[COVEY_KEY_MAX];
    covey_writer w = covey_writer_of(storage, group_key_len(&p->algorithms));
    const bool good =
        selftest_done(k, what,
                      covey_group_derive_sender_key(&w, p, id, crypto)) &&
        selftest_same(k, what, expected, covey_written(&w));

    covey_wipe(storage, sizeof storage);
    return good;
}

struct hashed {
    covey_group_parameters p;
    covey_bytes sender_id;
    covey_bytes recipient_id;
};

/* The Pairwise Key Agreement Algorithm goes with the hash; the keys compared
 * here do not depend on it. */
static bool run_hash(struct hashed *h, selftest_pool *pool,
                     struct fy_node *node, int32_t hkdf,
                     const covey_crypto *crypto, const selftest_check *k)
{
    covey_bytes sek = { NULL, 0 };
    covey_bytes sender_key = { NULL, 0 };
    covey_bytes recipient_key = { NULL, 0 };
    const selftest_member members[] = {
        { "signature_encryption_key", &sek },
        { "sender_key", &sender_key },
        { "recipient_key", &recipient_key },
    };
    static const char *const others[] = { NULL };
    covey_group_keys keys;
    bool good;

    if (node == NULL) {
        return true;
    }
    if (!selftest_read(pool, node, members, SELFTEST_COUNT(members), others,
                       k->got)) {
        return not_understood(k);
    }
    h->p.hkdf = hkdf;
    h->p.algorithms.agreement = hkdf == COVEY_HMAC_256_256
                                    ? COVEY_ECDH_SS_HKDF_256
                                    : COVEY_ECDH_SS_HKDF_512;
    if (!selftest_done(k, "keys", covey_group_derive(&keys, &h->p, crypto))) {
        return false;
    }
    good =
        selftest_same(k, "Signature Encryption Key", sek,
                      covey_bytes_of(keys.sek, keys.sek_len)) &&
        check_key(&h->p, "Sender Key", h->sender_id, sender_key, crypto, k) &&
        check_key(&h->p, "Recipient Key", h->recipient_id, recipient_key,
                  crypto, k);
    covey_wipe(&keys, sizeof keys);
    return good;
}

bool selftest_two_hashes_run(struct fy_node *node, const covey_crypto *crypto,
                             const selftest_check *k)
{
    struct hashed h = { .p = { .curve = COVEY_ED25519 } };
    const selftest_member members[] = {
        { "sender_id", &h.sender_id },
        { "recipient_id", &h.recipient_id },
    };
    static const char *const others[] = { "id",    "source", "verified_by",
                                          "group", "sha256", "sha512",
                                          NULL };
    selftest_pool pool = { NULL, 0 };
    bool good;

    if (!selftest_read(&pool, node, members, SELFTEST_COUNT(members), others,
                       k->got) ||
        !group_parameters_read(&h.p, &pool, rules_json_get(node, "group"),
                               k->got)) {
        good = not_understood(k);
    } else {
        good = run_hash(&h, &pool, rules_json_get(node, "sha256"),
                        COVEY_HMAC_256_256, crypto, k) &&
               run_hash(&h, &pool, rules_json_get(node, "sha512"),
                        COVEY_HMAC_512_512, crypto, k);
    }
    selftest_pool_free(&pool);
    return good;
}

/* --- groups with several members ----------------------------------------- */

enum {
    ENTITIES = 8,
    COORDINATE = 32
};

struct keyed_group {
    covey_group_parameters p;
    selftest_keys keys[ENTITIES];
    size_t count;
};

/* These vectors have only Sender Keys, which need of the algorithms the one
 * that all of them have: AES-CCM-16-64-128. */
static const uint8_t any_credential[1] = { 0xa0 };

static bool run_entity(struct keyed_group *g, selftest_pool *pool,
                       struct fy_node *node, const covey_crypto *crypto,
                       const selftest_check *k)
{
    selftest_keys *keys = &g->keys[g->count];
    covey_bytes id = { NULL, 0 };
    covey_bytes x = { NULL, 0 };
    covey_bytes y = { NULL, 0 };
    covey_bytes key = { NULL, 0 };
    const selftest_member members[] = {
        { "id", &id },   { "d", &keys->private_raw }, { "x", &x }, { "y", &y },
        { "key", &key },
    };
    static const char *const others[] = { NULL };
    uint8_t *public_raw = selftest_pool_take(pool, (size_t)2 * COORDINATE);

    if (!selftest_read(pool, node, members, SELFTEST_COUNT(members), others,
                       k->got)) {
        return not_understood(k);
    }
    if (public_raw == NULL || id.ptr == NULL || x.len != COORDINATE ||
        (y.len != COORDINATE && y.ptr != NULL)) {
        return selftest_differs(k, "an ID and a public key", "others");
    }
    memcpy(public_raw, x.ptr, x.len);
    if (y.ptr != NULL) {
        memcpy(public_raw + x.len, y.ptr, y.len);
    }
    keys->public_raw = covey_bytes_of(public_raw, x.len + y.len);
    g->count++;
    return selftest_keys_open(keys, crypto, g->p.curve, k) &&
           check_key(&g->p, "Sender Key", id, key, crypto, k);
}

static bool run_shared(struct keyed_group *g, covey_bytes secret, size_t other,
                       const covey_crypto *crypto, const selftest_check *k)
{
    if (secret.ptr == NULL) {
        return true;
    }
    if (g->count <= other) {
        return selftest_differs(k, "both ends of a shared secret", "one");
    }
    return selftest_check_shared(&g->keys[0], &g->keys[other], crypto, secret,
                                 k);
}

static bool run_keyed_group(struct keyed_group *g, selftest_pool *pool,
                            struct fy_node *node, const covey_crypto *crypto,
                            const selftest_check *k)
{
    covey_bytes first_second = { NULL, 0 };
    covey_bytes first_third = { NULL, 0 };
    const selftest_member members[] = {
        { "master_secret", &g->p.master_secret },
        { "master_salt", &g->p.master_salt },
        { "gid", &g->p.gid },
        { "shared_secret_1_2", &first_second },
        { "shared_secret_1_3", &first_third },
    };
    static const char *const others[] = { "curve", "entities", NULL };
    const char *curve = rules_json_string(rules_json_get(node, "curve"));
    struct fy_node *entity;
    void *at = NULL;
    const char *key;

    if (curve == NULL ||
        !selftest_read(pool, node, members, SELFTEST_COUNT(members), others,
                       k->got)) {
        return not_understood(k);
    }
    g->p.curve = strncmp(curve, "P-256", strlen("P-256")) == 0 ? COVEY_P256
                                                               : COVEY_ED25519;
    while (rules_json_next(rules_json_get(node, "entities"), &at, &key,
                           &entity)) {
        if (g->count == ENTITIES) {
            return selftest_differs(k, "fewer members", "too many");
        }
        if (!run_entity(g, pool, entity, crypto, k)) {
            return false;
        }
    }
    return (g->count > 0 || selftest_differs(k, "members", "none")) &&
           run_shared(g, first_second, 1, crypto, k) &&
           run_shared(g, first_third, 2, crypto, k);
}

static bool run_one_group(struct fy_node *node, const covey_crypto *crypto,
                          const selftest_check *k)
{
    struct keyed_group g = {
        .p = {
            .algorithms = { .aead = COVEY_AES_CCM_16_64_128,
                            .agreement = COVEY_ECDH_SS_HKDF_256 },
            .hkdf = COVEY_HMAC_256_256,
            .gm_cred = { any_credential, sizeof any_credential },
        },
    };
    selftest_pool pool = { NULL, 0 };
    const bool good = run_keyed_group(&g, &pool, node, crypto, k);

    for (size_t i = 0; i < g.count; i++) {
        selftest_keys_close(&g.keys[i], crypto);
    }
    selftest_pool_free(&pool);
    return good;
}

bool selftest_groups_run(struct fy_node *node, const covey_crypto *crypto,
                         const selftest_check *k)
{
    static const char *const others[] = { "id",      "source",  "verified_by",
                                          "rikard1", "rikard2", NULL };
    static const char *const groups[] = { "rikard1", "rikard2" };
    selftest_pool pool = { NULL, 0 };

    if (!selftest_read(&pool, node, NULL, 0, others, k->got)) {
        return not_understood(k);
    }
    for (size_t i = 0; i < SELFTEST_COUNT(groups); i++) {
        struct fy_node *group = rules_json_get(node, groups[i]);
        if (group != NULL && !run_one_group(group, crypto, k)) {
            return false;
        }
    }
    return true;
}
