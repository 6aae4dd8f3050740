/* SPDX-License-Identifier: BSD-2-Clause */
/* A context of type oscore: RFC 8613 Section 3. */
#include "internal.h"

#include <string.h>

enum {
    K_TYPE,
    K_MASTER_SECRET,
    K_MASTER_SALT,
    K_ID_CONTEXT,
    K_SENDER_ID,
    K_RECIPIENT_ID,
    K_AEAD,
    K_HKDF,
    K_SEQUENCE_NUMBER,
    K_REPLAY_WINDOW,
    K_COUNT
};
static const char *const keys[K_COUNT] = {
    "type",          "master_secret", "master_salt",
    "id_context",    "sender_id",     "recipient_id",
    "aead",          "hkdf",          "sequence_number",
    "replay_window",
};
static const conf_names names = { keys, K_COUNT, "a context of type oscore" };

/* Section 3.3: the length of an ID is bounded by the nonce, so the algorithm
 * comes first. */
static void read_ids(context_loader *l, const conf_value *root,
                     const conf_value *v, covey_oscore_parameters *p)
{
    const covey_alg *alg = covey_aead_find(p->aead);
    const conf_wanted id = { 0, alg->nonce_len - 6u, false,
                             "RFC 8613 Section 3.3" };
    const bool both =
        conf_required(l->conf, root, &v[K_SENDER_ID], "sender_id",
                      "RFC 8613 Section 3.2") &&
        conf_required(l->conf, root, &v[K_RECIPIENT_ID], "recipient_id",
                      "RFC 8613 Section 3.2") &&
        conf_bytes(l->conf, &v[K_SENDER_ID], &id, &p->sender_id) &&
        conf_bytes(l->conf, &v[K_RECIPIENT_ID], &id, &p->recipient_id);

    if (both && covey_bytes_equal(p->sender_id, p->recipient_id)) {
        conf_error(l->conf, &v[K_RECIPIENT_ID], "RFC 8613 Section 3.3",
                   "expected another ID than sender_id: one key would be "
                   "used with the same nonces by both ends");
    }
}

static void read_secret(context_loader *l, const conf_value *root,
                        const conf_value *v, covey_oscore_parameters *p)
{
    static const conf_wanted secret = { 1, 1024, true,
                                        "RFC 8613 Section 3.2" };
    static const conf_wanted salt = { 0, 1024, false, "RFC 8613 Section 3.2" };
    static const conf_wanted id_context = { 0, COVEY_OSCORE_ID_CONTEXT_MAX,
                                            false, "RFC 8613 Section 6.1" };

    if (conf_required(l->conf, root, &v[K_MASTER_SECRET], "master_secret",
                      "RFC 8613 Section 3.2")) {
        conf_bytes(l->conf, &v[K_MASTER_SECRET], &secret, &p->master_secret);
    }
    conf_bytes(l->conf, &v[K_MASTER_SALT], &salt, &p->master_salt);
    conf_bytes(l->conf, &v[K_ID_CONTEXT], &id_context, &p->id_context);
}

void context_read_oscore(context_loader *l, const conf_value *root)
{
    context_oscore *o = &l->file->oscore;
    covey_oscore_parameters *p = &o->parameters;
    conf_value v[K_COUNT] = { { NULL, NULL } };

    if (!conf_keys(l->conf, root, &names, v)) {
        return;
    }
    p->aead = COVEY_AES_CCM_16_64_128;
    p->hkdf = COVEY_HMAC_256_256;
    context_algorithm(l, &v[K_AEAD], CONTEXT_KIND(COVEY_ALG_AEAD),
                      "RFC 8613 Section 3.2", &p->aead);
    context_hkdf(l, &v[K_HKDF], "RFC 8613 Section 3.2", &p->hkdf);
    read_secret(l, root, v, p);
    read_ids(l, root, v, p);
    o->has_sequence_number = conf_number(
        l->conf, &v[K_SEQUENCE_NUMBER], 0, COVEY_OSCORE_SSN_END - 1,
        "RFC 8613 Section 7.2.1", &o->sequence_number);
    context_read_window(l, &v[K_REPLAY_WINDOW], &o->replay_window);
    context_make_windows(l, &o->replay_window, 1);
}
