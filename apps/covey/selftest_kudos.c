/* SPDX-License-Identifier: BSD-2-Clause */
/* Key updates (KUDOS): the contexts before, during and after one, and what
 * the OSCORE option of both messages carries. */
#include "selftest_kinds.h"

#include "selftest_values.h"

#include <covey/oscore.h>

/* Values of one context, all but the inputs optional. */
struct context {
    covey_bytes x_n;
    covey_bytes label;
    covey_bytes master_secret;
    covey_bytes master_salt;
    covey_bytes client_key;
    covey_bytes server_key;
    covey_bytes common_iv;
};

struct update {
    covey_oscore_parameters old; /* sender: the client */
    covey_bytes x1;
    covey_bytes x2;
    covey_oscore_offer one;
    covey_oscore_offer other;
    struct context before;
    struct context temp;
    struct context after;
    covey_bytes request_option;
    covey_bytes response_option;
};

static bool read_context(struct context *c, selftest_pool *pool,
                         struct fy_node *node, const char *name, FILE *why)
{
    const selftest_member members[] = {
        { "X_N", &c->x_n },
        { "expand_label", &c->label },
        { "master_secret", &c->master_secret },
        { "master_salt", &c->master_salt },
        { "client_key", &c->client_key },
        { "server_key", &c->server_key },
        { "common_iv", &c->common_iv },
    };
    static const char *const others[] = { NULL };
    struct fy_node *context = rules_json_get(node, name);

    if (rules_json_count(context) == 0) {
        fprintf(why, "no \"%s\"", name);
        return false;
    }
    return selftest_read(pool, context, members, SELFTEST_COUNT(members),
                         others, why);
}

static bool read_update(struct update *u, selftest_pool *pool,
                        struct fy_node *node, FILE *why)
{
    const selftest_member members[] = {
        { "id_context", &u->old.id_context },
        { "old_master_secret", &u->old.master_secret },
        { "old_master_salt", &u->old.master_salt },
        { "client_sender_id", &u->old.sender_id },
        { "server_sender_id", &u->old.recipient_id },
        { "x1", &u->x1 },
        { "n1", &u->one.nonce },
        { "x2", &u->x2 },
        { "n2", &u->other.nonce },
        { "divergent_request_option_piv0", &u->request_option },
        { "convergent_response_option_piv0", &u->response_option },
    };
    static const char *const others[] = { "id",      "hkdf", "alg_aead",
                                          "ctx_old", "temp", "new",
                                          NULL };

    if (!selftest_read(pool, node, members, SELFTEST_COUNT(members), others,
                       why) ||
        !selftest_read_alg(node, "hkdf", 0, &u->old.hkdf, why) ||
        !selftest_read_alg(node, "alg_aead", 0, &u->old.aead, why) ||
        !read_context(&u->before, pool, node, "ctx_old", why) ||
        !read_context(&u->temp, pool, node, "temp", why) ||
        !read_context(&u->after, pool, node, "new", why)) {
        return false;
    }
    if (u->x1.len != 1 || u->x2.len != 1 || u->old.sender_id.ptr == NULL ||
        u->old.recipient_id.ptr == NULL) {
        fputs("no \"x1\" and \"x2\" of one byte, or no IDs", why);
        return false;
    }
    u->one.x = u->x1.ptr[0];
    u->other.x = u->x2.ptr[0];
    return true;
}

static bool check_keys(const covey_oscore_parameters *p,
                       const struct context *c, const covey_crypto *crypto,
                       const selftest_check *k)
{
    covey_oscore_keys keys;
    bool good;

    if (!selftest_done(k, "keys", covey_oscore_derive(&keys, p, crypto))) {
        return false;
    }
    good = selftest_same(k, "client's key", c->client_key,
                         covey_bytes_of(keys.sender_key, keys.key_len)) &&
           selftest_same(k, "server's key", c->server_key,
                         covey_bytes_of(keys.recipient_key, keys.key_len)) &&
           selftest_same(k, "Common IV", c->common_iv,
                         covey_bytes_of(keys.common_iv, keys.iv_len));
    covey_wipe(&keys, sizeof keys);
    return good;
}

/* updateCtx, and the context that it gives. */
static bool check_updated(const struct update *u, const struct context *c,
                          const covey_oscore_offer *other,
                          const covey_crypto *crypto, const selftest_check *k)
{
    uint8_t salt_storage[COVEY_OSCORE_UPDATE_SALT_MAX];
    uint8_t label_storage[COVEY_OSCORE_UPDATE_LABEL_MAX];
    uint8_t secret_storage[COVEY_HASH_MAX];
    covey_writer salt = covey_writer_of(salt_storage, sizeof salt_storage);
    covey_writer label = covey_writer_of(label_storage, sizeof label_storage);
    covey_writer secret =
        covey_writer_of(secret_storage, sizeof secret_storage);
    covey_oscore_parameters p = u->old;

    if (!selftest_done(k, "X_N",
                       covey_oscore_update_salt(&salt, &u->one, other)) ||
        !selftest_same(k, "X_N", c->x_n, covey_written(&salt)) ||
        !selftest_same(k, "Master Salt", c->master_salt,
                       covey_written(&salt)) ||
        !selftest_done(k, "ExpandLabel",
                       covey_oscore_update_label(&label, p.master_secret.len,
                                                 covey_written(&salt))) ||
        !selftest_same(k, "ExpandLabel", c->label, covey_written(&label)) ||
        !selftest_done(
            k, "Master Secret",
            covey_oscore_update_secret(&secret, p.hkdf, p.master_secret,
                                       covey_written(&salt), crypto)) ||
        !selftest_same(k, "Master Secret", c->master_secret,
                       covey_written(&secret))) {
        return false;
    }
    p.master_secret = covey_written(&secret);
    p.master_salt = covey_written(&salt);
    return check_keys(&p, c, crypto, k);
}

/* A value with Partial IV 0. */
static bool check_option(const covey_oscore_offer *offer, covey_bytes kid,
                         covey_bytes kid_context, covey_bytes expected,
                         const selftest_check *k)
{
    static const uint8_t zero[1] = { 0 };
    const covey_oscore_option o = {
        .partial_iv = { zero, 1 },
        .kid = kid,
        .kid_context = kid_context,
        .kudos = true,
        .x = offer->x,
        .nonce = offer->nonce,
    };
    uint8_t storage[300];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_oscore_option back;

    return selftest_done(
               k, "an option",
               covey_oscore_option_encode(&w, &o, COVEY_KUDOS_CONVERGENT)) &&
           selftest_same(k, "option", expected, covey_written(&w)) &&
           selftest_done(k, "an option that can be read",
                         covey_oscore_option_parse(&back, covey_written(&w),
                                                   COVEY_KUDOS_CONVERGENT)) &&
           (back.x == offer->x ||
            selftest_differs(k, "x of the option", "another")) &&
           selftest_same(k, "nonce of the option", offer->nonce, back.nonce);
}

bool selftest_kudos_run(struct fy_node *node, const covey_crypto *crypto,
                        const selftest_check *k)
{
    const covey_bytes none = { NULL, 0 };
    selftest_pool pool = { NULL, 0 };
    struct update u = { .x1 = { NULL, 0 } };
    bool good = false;

    if (!read_update(&u, &pool, node, k->got)) {
        fputs("a case that this runner understands", k->expected);
    } else {
        good = check_keys(&u.old, &u.before, crypto, k) &&
               check_updated(&u, &u.temp, NULL, crypto, k) &&
               check_updated(&u, &u.after, &u.other, crypto, k) &&
               check_option(&u.one, u.old.sender_id, u.old.id_context,
                            u.request_option, k) &&
               check_option(&u.other, none, none, u.response_option, k);
    }
    selftest_pool_free(&pool);
    return good;
}
