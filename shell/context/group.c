/* SPDX-License-Identifier: BSD-2-Clause */
/* A context of type group: RFC 10021 Section 2, here "the RFC". */
#include "internal.h"

#include <string.h>

#define COMMON "RFC 10021 Section 2.1"
#define SENDER "RFC 10021 Section 2.2"

enum {
    K_TYPE,
    K_GID,
    K_AEAD,
    K_GROUP_ENCRYPTION,
    K_SIGNATURE,
    K_PAIRWISE_AGREEMENT,
    K_HKDF,
    K_CURVE,
    K_MASTER_SECRET,
    K_MASTER_SALT,
    K_SEK,
    K_GM_CREDENTIAL,
    K_SENDER_ID,
    K_CREDENTIAL,
    K_PRIVATE_KEY,
    K_SEQUENCE_NUMBER,
    K_REPLAY_WINDOW,
    K_REPLAY_WINDOWS,
    K_LATE_JOINING,
    K_KID,
    K_MEMBERS,
    K_MEMBER_DIRECTORY,
    K_ANCHORS,
    K_COUNT
};
static const char *const keys[K_COUNT] = {
    "type",
    "gid",
    "aead",
    "group_encryption",
    "signature",
    "pairwise_agreement",
    "hkdf",
    "curve",
    "master_secret",
    "master_salt",
    "signature_encryption_key",
    "gm_credential",
    "sender_id",
    "credential",
    "private_key",
    "sequence_number",
    "replay_window",
    "replay_windows",
    "late_joining",
    "kid",
    "members",
    "member_directory",
    "anchors",
};
static const conf_names names = { keys, K_COUNT, "a context of type group" };

/* --- algorithms --------------------------------------------------------- */

/* A mode has both of its algorithms or none. */
static void check_mode(context_loader *l, const conf_value *have,
                       const conf_value *other, const char *other_name)
{
    if (have->key != NULL && other->key == NULL) {
        conf_error(l->conf, have, COMMON, "expected '%s' beside it",
                   other_name);
    }
}

static void check_modes(context_loader *l, const conf_value *root,
                        const conf_value *v)
{
    check_mode(l, &v[K_AEAD], &v[K_PAIRWISE_AGREEMENT],
               keys[K_PAIRWISE_AGREEMENT]);
    check_mode(l, &v[K_PAIRWISE_AGREEMENT], &v[K_AEAD], keys[K_AEAD]);
    check_mode(l, &v[K_GROUP_ENCRYPTION], &v[K_SIGNATURE], keys[K_SIGNATURE]);
    check_mode(l, &v[K_SIGNATURE], &v[K_GROUP_ENCRYPTION],
               keys[K_GROUP_ENCRYPTION]);
    if (v[K_AEAD].key == NULL && v[K_GROUP_ENCRYPTION].key == NULL) {
        conf_error(l->conf, root, COMMON,
                   "expected 'group_encryption' and 'signature' for group "
                   "mode, or 'aead' and 'pairwise_agreement' for pairwise "
                   "mode, or all four");
    }
}

/* The curve fits the signature, and the key agreement the hash of HKDF. */
static void check_fit(context_loader *l, const conf_value *v,
                      const covey_group_parameters *p)
{
    const covey_group_algorithms *a = &p->algorithms;
    const int32_t agreement =
        p->hkdf == COVEY_HMAC_256_256   ? COVEY_ECDH_SS_HKDF_256
        : p->hkdf == COVEY_HMAC_512_512 ? COVEY_ECDH_SS_HKDF_512
                                        : COVEY_ALG_UNSET;

    if (a->signature != COVEY_ALG_UNSET &&
        covey_signature_len(a->signature, (int32_t)p->curve) == 0) {
        conf_error(l->conf, &v[K_SIGNATURE], "RFC 9053 Section 2",
                   "%s makes no signatures with keys on %s",
                   covey_alg_name(a->signature),
                   covey_curve_name((int32_t)p->curve));
    }
    if (a->agreement != COVEY_ALG_UNSET && a->agreement != agreement) {
        conf_error(l->conf, &v[K_PAIRWISE_AGREEMENT], COMMON,
                   "expected the key agreement with the hash of 'hkdf', "
                   "found %s",
                   covey_alg_name(a->agreement));
    }
}

static void read_algorithms(context_loader *l, const conf_value *root,
                            const conf_value *v, covey_group_parameters *p)
{
    const unsigned errors = l->conf->errors;
    const unsigned aead = CONTEXT_KIND(COVEY_ALG_AEAD);
    covey_group_algorithms *a = &p->algorithms;

    p->hkdf = COVEY_HMAC_256_256;
    context_algorithm(l, &v[K_AEAD], aead, COMMON, &a->aead);
    context_algorithm(l, &v[K_GROUP_ENCRYPTION],
                      aead | CONTEXT_KIND(COVEY_ALG_CIPHER), COMMON,
                      &a->group_enc);
    context_algorithm(l, &v[K_SIGNATURE], CONTEXT_KIND(COVEY_ALG_SIGNATURE),
                      COMMON, &a->signature);
    context_algorithm(l, &v[K_PAIRWISE_AGREEMENT],
                      CONTEXT_KIND(COVEY_ALG_AGREEMENT), COMMON,
                      &a->agreement);
    context_hkdf(l, &v[K_HKDF], COMMON, &p->hkdf);
    if (conf_required(l->conf, root, &v[K_CURVE], keys[K_CURVE], COMMON)) {
        context_curve(l, &v[K_CURVE], COMMON, &p->curve);
    }
    check_modes(l, root, v);
    if (l->conf->errors == errors) {
        check_fit(l, v, p);
    }
}

/* --- secrets and the own member ----------------------------------------- */

/* All members have the Master Secret; who only checks signatures has a key
 * that is derived from it. */
static void read_secrets(context_loader *l, const conf_value *root,
                         const conf_value *v, context_group *g)
{
    static const conf_wanted secret = { 1, 1024, true, COMMON };
    static const conf_wanted salt = { 0, 1024, false, COMMON };
    const covey_alg *alg = covey_aead_find(g->parameters.algorithms.group_enc);
    const size_t sek_len = alg != NULL ? alg->key_len : 0;
    const conf_wanted sek = { sek_len, sek_len, true, COMMON };

    if (v[K_SEK].key == NULL) {
        if (conf_required(l->conf, root, &v[K_MASTER_SECRET],
                          keys[K_MASTER_SECRET], COMMON)) {
            conf_bytes(l->conf, &v[K_MASTER_SECRET], &secret,
                       &g->parameters.master_secret);
        }
        conf_bytes(l->conf, &v[K_MASTER_SALT], &salt,
                   &g->parameters.master_salt);
        return;
    }
    if (v[K_MASTER_SECRET].key != NULL || v[K_SENDER_ID].key != NULL) {
        conf_error(l->conf, &v[K_SEK], "RFC 10021 Section 7.5",
                   "a checker of signatures has neither 'master_secret' "
                   "nor 'sender_id'");
    } else {
        conf_bytes(l->conf, &v[K_SEK], &sek, &g->signature_encryption_key);
    }
}

static void read_own(context_loader *l, const conf_value *root,
                     const conf_value *v, size_t id_max, context_group *g)
{
    static const conf_wanted credential = { 1, CONTEXT_CREDENTIAL_MAX, false,
                                            SENDER };
    static const conf_wanted private_key = { 32, 32, true, SENDER };
    const conf_wanted id = { 0, id_max, false, SENDER };
    covey_bytes public_key;

    if (v[K_SENDER_ID].key == NULL) {
        if (v[K_CREDENTIAL].key != NULL || v[K_PRIVATE_KEY].key != NULL) {
            conf_error(l->conf, root, SENDER,
                       "'sender_id' is missing; without it a context has "
                       "neither 'credential' nor 'private_key'");
        }
        return;
    }
    conf_bytes(l->conf, &v[K_SENDER_ID], &id, &g->sender_id);
    if (conf_required(l->conf, root, &v[K_PRIVATE_KEY], keys[K_PRIVATE_KEY],
                      SENDER)) {
        conf_bytes(l->conf, &v[K_PRIVATE_KEY], &private_key, &g->private_key);
    }
    if (conf_required(l->conf, root, &v[K_CREDENTIAL], keys[K_CREDENTIAL],
                      SENDER) &&
        conf_bytes(l->conf, &v[K_CREDENTIAL], &credential, &g->credential)) {
        context_public_key(l, &v[K_CREDENTIAL], "", g->credential,
                           &public_key);
    }
}

/* --- policies ----------------------------------------------------------- */

void context_read_policies(context_loader *l,
                           const conf_value v[CONTEXT_POLICIES],
                           context_group *g)
{
    static const char *const late_words[] = { "echo", "drop-first",
                                              "manager" };
    static const char *const kid_words[] = { "when-needed", "always" };
    static const char *const window_words[] = { "valid", "invalid" };
    static const conf_names late_names = { late_words, COUNT(late_words),
                                           "RFC 10021 Section 9" };
    static const conf_names kid_names = { kid_words, COUNT(kid_words),
                                          "covey-context(5)" };
    static const conf_names window_names = { window_words, COUNT(window_words),
                                             "RFC 10021 Section 2.6.1" };
    unsigned late = COVEY_GROUP_LATE_ECHO;
    unsigned kid = 0;
    unsigned invalid = g->windows_invalid;

    context_read_window(l, &v[CONTEXT_REPLAY_WINDOW], &g->replay_window);
    conf_word(l->conf, &v[CONTEXT_REPLAY_WINDOWS], &window_names, &invalid);
    conf_word(l->conf, &v[CONTEXT_LATE_JOINING], &late_names, &late);
    if (late == COVEY_GROUP_LATE_DROP_FIRST) {
        conf_note(l->conf, &v[CONTEXT_LATE_JOINING],
                  "drop-first is a method of draft-tiloca-core-multicast-"
                  "oscoap-00 Section 7.2, not of RFC 10021");
    }
    conf_word(l->conf, &v[CONTEXT_KID], &kid_names, &kid);
    g->windows_invalid = invalid != 0;
    g->late = (covey_group_late)late;
    g->kid_always = kid != 0;
}

/* Section 2.2 of the RFC: the shortest nonce of the group less 6. */
static size_t id_max_of(const covey_group_algorithms *a)
{
    const covey_alg *aead = covey_aead_find(a->aead);
    const covey_alg *enc = covey_aead_find(a->group_enc);
    size_t least = aead != NULL ? aead->nonce_len : COVEY_NONCE_MAX;

    if (enc != NULL && enc->nonce_len < least) {
        least = enc->nonce_len;
    }
    return least - 6;
}

void context_read_group(context_loader *l, const conf_value *root)
{
    static const conf_wanted gid = { 0, 255, false, COMMON };
    static const conf_wanted credential = { 1, CONTEXT_CREDENTIAL_MAX, false,
                                            COMMON };
    context_group *g = &l->file->group;
    covey_group_parameters *p = &g->parameters;
    conf_value v[K_COUNT] = { { NULL, NULL } };
    conf_value policies[CONTEXT_POLICIES];

    if (!conf_keys(l->conf, root, &names, v)) {
        return;
    }
    read_algorithms(l, root, v, p);
    const size_t id_max = id_max_of(&p->algorithms);
    if (conf_required(l->conf, root, &v[K_GID], keys[K_GID], COMMON)) {
        conf_bytes(l->conf, &v[K_GID], &gid, &p->gid);
    }
    if (conf_required(l->conf, root, &v[K_GM_CREDENTIAL],
                      keys[K_GM_CREDENTIAL], COMMON)) {
        conf_bytes(l->conf, &v[K_GM_CREDENTIAL], &credential, &p->gm_cred);
    }
    read_secrets(l, root, v, g);
    read_own(l, root, v, id_max, g);
    g->has_sequence_number = conf_number(
        l->conf, &v[K_SEQUENCE_NUMBER], 0, COVEY_OSCORE_SSN_END - 1,
        "RFC 8613 Section 7.2.1", &g->sequence_number);
    policies[CONTEXT_REPLAY_WINDOW] = v[K_REPLAY_WINDOW];
    policies[CONTEXT_REPLAY_WINDOWS] = v[K_REPLAY_WINDOWS];
    policies[CONTEXT_LATE_JOINING] = v[K_LATE_JOINING];
    policies[CONTEXT_KID] = v[K_KID];
    context_read_policies(l, policies, g);
    context_read_members(l, &v[K_MEMBERS], id_max);
    context_read_directory(l, &v[K_MEMBER_DIRECTORY], &v[K_ANCHORS], id_max);
    context_make_windows(l, &g->replay_window, g->member_count + 1);
}
