/* SPDX-License-Identifier: BSD-2-Clause */
/* Proofs of possession between a joining member and the Group Manager (RFC
 * 9594, draft-ietf-ace-key-groupcomm-oscore): their inputs, and the signature
 * or, in groups without signatures, the MAC over them. */
#include "selftest_kinds.h"

#include "selftest_keys.h"

#include <covey/cbor.h>
#include <covey/keying.h>
#include <string.h>

enum {
    POP_MAX = 2000,
    P256_LEN = 64,
    MAC_LEN = 8
};

typedef struct pop {
    covey_bytes scope;
    covey_bytes n_s;
    covey_bytes n_c;
    covey_bytes n_kdc;
    covey_bytes shared_secret;
    covey_bytes client_input;
    covey_bytes client_verify;
    covey_bytes kdc_input;
    covey_bytes kdc_verify;
    selftest_keys client;
    selftest_keys gm;
    covey_curve curve;
} pop;

static bool read_pop(pop *p, selftest_pool *pool, struct fy_node *node,
                     FILE *why)
{
    const selftest_member members[] = {
        { "scope", &p->scope },
        { "N_S", &p->n_s },
        { "N_C", &p->n_c },
        { "N_KDC", &p->n_kdc },
        { "shared_secret", &p->shared_secret },
        { "pop_input", &p->client_input },
        { "client_cred_verify", &p->client_verify },
        { "kdc_pop_input", &p->kdc_input },
        { "kdc_cred_verify", &p->kdc_verify },
        { "client_private", &p->client.private_raw },
        { "client_public", &p->client.public_raw },
        { "gm_private", &p->gm.private_raw },
        { "gm_public", &p->gm.public_raw },
    };
    static const char *const others[] = { "id", "source", "roles", "note",
                                          NULL };

    if (!selftest_read(pool, node, members, SELFTEST_COUNT(members), others,
                       why)) {
        return false;
    }
    if (p->scope.ptr == NULL) {
        /* The Group Manager's alone, as in the figures of RFC 9594. */
        if (p->kdc_input.ptr != NULL || p->client_verify.ptr != NULL) {
            fputs("no \"scope\"", why);
            return false;
        }
        p->kdc_input = p->client_input;
        p->client_input = covey_bytes_of(NULL, 0);
    }
    if (p->client.public_raw.len == P256_LEN) {
        p->curve = COVEY_P256;
    } else {
        p->curve = p->shared_secret.ptr != NULL ? COVEY_X25519 : COVEY_ED25519;
    }
    return true;
}

/* scope is [ gname, Tperm ]: the roles asked for are in it. */
static bool check_roles(const pop *p, struct fy_node *node,
                        const selftest_check *k)
{
    covey_cbor_reader r =
        covey_cbor_reader_of(p->scope, COVEY_CBOR_DETERMINISTIC);
    struct fy_node *member = rules_json_get(node, "roles");
    uint64_t roles = 0;

    if (member == NULL) {
        return true;
    }
    if (!rules_json_unsigned(member, UINT32_MAX, &roles) ||
        covey_cbor_get_array(&r) != 2) {
        return selftest_differs(k, "roles and a scope of two", "others");
    }
    covey_cbor_get_text(&r);
    return (covey_cbor_get_uint(&r) == roles && covey_cbor_done(&r)) ||
           selftest_differs(k, "roles that the scope asks for", "others");
}

static bool check_inputs(const pop *p, const selftest_check *k)
{
    uint8_t storage[POP_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    if (p->client_input.ptr != NULL &&
        (!selftest_done(
             k, "the client's input",
             covey_keying_client_pop(&w, p->scope, p->n_s, p->n_c)) ||
         !selftest_same(k, "the client's input", p->client_input,
                        covey_written(&w)))) {
        return false;
    }
    w = covey_writer_of(storage, sizeof storage);
    return p->kdc_input.ptr == NULL ||
           (selftest_done(k, "the Group Manager's input",
                          covey_keying_kdc_pop(&w, p->n_c, p->n_kdc)) &&
            selftest_same(k, "the Group Manager's input", p->kdc_input,
                          covey_written(&w)));
}

/* Without signatures in the group: HKDF SHA-256 without salt of the shared
 * secret, the input as info. */
static bool check_mac(const pop *p, const covey_crypto *crypto,
                      covey_bytes input, covey_bytes mac,
                      const selftest_check *k)
{
    const covey_bytes none = { NULL, 0 };
    uint8_t storage[MAC_LEN];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    return selftest_done(k, "a MAC",
                         crypto->hkdf(crypto->provider, COVEY_HMAC_256_256,
                                      none, p->shared_secret, input, &w)) &&
           selftest_same(k, "MAC", mac, covey_written(&w));
}

static bool is_complete(const selftest_keys *keys, covey_bytes input,
                        covey_bytes evidence)
{
    return keys->private_raw.ptr != NULL && keys->public_raw.ptr != NULL &&
           input.ptr != NULL && evidence.ptr != NULL;
}

static bool check_evidence(pop *p, const covey_crypto *crypto,
                           const selftest_check *k)
{
    const int32_t alg = p->curve == COVEY_P256 ? COVEY_ES256 : COVEY_EDDSA;

    if (!is_complete(&p->client, p->client_input, p->client_verify) ||
        !is_complete(&p->gm, p->kdc_input, p->kdc_verify)) {
        return selftest_differs(k, "keys, inputs and evidence of both",
                                "not all of them");
    }
    if (!selftest_keys_open(&p->client, crypto, p->curve, k) ||
        !selftest_keys_open(&p->gm, crypto, p->curve, k)) {
        return false;
    }
    if (p->shared_secret.ptr != NULL) {
        return selftest_check_shared(&p->client, &p->gm, crypto,
                                     p->shared_secret, k) &&
               check_mac(p, crypto, p->client_input, p->client_verify, k) &&
               check_mac(p, crypto, p->kdc_input, p->kdc_verify, k);
    }
    return selftest_check_signature(&p->client, crypto, alg, p->client_input,
                                    p->client_verify, k) &&
           selftest_check_signature(&p->gm, crypto, alg, p->kdc_input,
                                    p->kdc_verify, k);
}

/* Is there anything but the inputs? */
static bool has_evidence(const pop *p)
{
    return p->client_verify.ptr != NULL || p->kdc_verify.ptr != NULL ||
           p->shared_secret.ptr != NULL || p->client.private_raw.ptr != NULL ||
           p->client.public_raw.ptr != NULL || p->gm.private_raw.ptr != NULL ||
           p->gm.public_raw.ptr != NULL;
}

bool selftest_pop_run(struct fy_node *node, const covey_crypto *crypto,
                      const selftest_check *k)
{
    selftest_pool pool = { NULL, 0 };
    pop p = { .curve = COVEY_ED25519 };
    bool good = false;

    if (!read_pop(&p, &pool, node, k->got)) {
        fputs("a case that this runner understands", k->expected);
    } else {
        good = check_roles(&p, node, k) && check_inputs(&p, k) &&
               (!has_evidence(&p) || check_evidence(&p, crypto, k));
    }
    selftest_keys_close(&p.client, crypto);
    selftest_keys_close(&p.gm, crypto);
    selftest_pool_free(&pool);
    return good;
}
