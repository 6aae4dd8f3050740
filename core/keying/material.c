/* SPDX-License-Identifier: BSD-2-Clause */
/* Keying material and members, as the Group Manager sends them and a member
 * reads them: RFC 9594 Section 4.3 to 4.8, the profile's Section 6.3. */
#include "keying_internal.h"

static void put_gc(covey_writer *w, unsigned place)
{
    covey_keying_put_label(w, COVEY_KEYING_GROUPCOMM, place);
}

static void put_int(covey_writer *w, unsigned place, int64_t value)
{
    put_gc(w, place);
    covey_cbor_put_int(w, value);
}

static void put_bytes(covey_writer *w, unsigned place, covey_bytes value)
{
    if (value.ptr != NULL) {
        put_gc(w, place);
        covey_cbor_put_bytes(w, value);
    }
}

static void put_key_bytes(covey_writer *w, unsigned place, covey_bytes value)
{
    if (value.ptr != NULL) {
        covey_keying_put_label(w, COVEY_KEYING_KEY, place);
        covey_cbor_put_bytes(w, value);
    }
}

static void put_alg(covey_writer *w, unsigned place, int32_t alg)
{
    if (alg != 0) {
        covey_keying_put_label(w, COVEY_KEYING_KEY, place);
        covey_cbor_put_int(w, alg);
    }
}

static size_t count_of(covey_bytes value)
{
    return value.ptr != NULL ? 1 : 0;
}

/* What the group has, and its verifiers need. */
struct shown {
    bool group;
    bool pairwise;
    int32_t aead;
    int32_t agreement;
};

static struct shown show(const covey_keying_material *m)
{
    const covey_keying_suite *s = m->suite;
    struct shown shown = { false, false, 0, 0 };

    if (s != NULL) {
        shown.group = s->signature != 0;
        shown.pairwise = s->agreement != 0 && !m->verifier;
        shown.aead = s->aead;
        shown.agreement = s->agreement;
    }
    return shown;
}

static void put_params(covey_writer *w, unsigned place, bool shown,
                       covey_curve curve)
{
    if (shown) {
        covey_keying_put_label(w, COVEY_KEYING_KEY, place);
        covey_keying_put_params(w, curve);
    }
}

static void put_suite(covey_writer *w, const covey_keying_material *m,
                      const struct shown *shown)
{
    const covey_keying_suite *s = m->suite;

    put_key_bytes(w, COVEY_KEY_SALT, m->salt);
    put_key_bytes(w, COVEY_KEY_CONTEXT_ID, m->gid);
    put_key_bytes(w, COVEY_KEY_SENDER_ID, m->sender_id);
    if (s == NULL) {
        return;
    }
    put_alg(w, COVEY_KEY_CRED_FMT, s->cred_fmt);
    put_alg(w, COVEY_KEY_GP_ENC_ALG, s->group_enc);
    put_alg(w, COVEY_KEY_SIGN_ALG, s->signature);
    put_params(w, COVEY_KEY_SIGN_PARAMS, shown->group, s->curve);
    put_alg(w, COVEY_KEY_ECDH_ALG, shown->agreement);
    put_params(w, COVEY_KEY_ECDH_PARAMS, shown->pairwise,
               s->curve == COVEY_ED25519 ? COVEY_X25519 : s->curve);
}

static void put_key(covey_writer *w, const covey_keying_material *m)
{
    const struct shown shown = show(m);
    size_t count = count_of(m->ms) + count_of(m->salt) + count_of(m->gid) +
                   count_of(m->sender_id);

    if (m->no_key) {
        covey_cbor_put_map(w, 0);
        return;
    }
    if (m->suite != NULL) {
        count += 2u + 3u * shown.group + shown.pairwise + (shown.aead != 0) +
                 (shown.agreement != 0);
    }
    covey_cbor_put_map(w, count);
    put_key_bytes(w, COVEY_KEY_MS, m->ms);
    if (m->suite != NULL) {
        put_alg(w, COVEY_KEY_HKDF, m->suite->hkdf);
        put_alg(w, COVEY_KEY_ALG, shown.aead);
    }
    put_suite(w, m, &shown);
}

static size_t pairs_of(const covey_keying_material *m)
{
    return 5u + (m->exp != 0) + 3u * m->peers + m->policies +
           count_of(m->kdc_cred) + count_of(m->kdc_nonce) +
           count_of(m->kdc_cred_verify) + count_of(m->sek) + m->stale +
           m->numbers;
}

void covey_keying_put_material(covey_writer *w, const covey_keying_material *m)
{
    covey_cbor_put_map(w, pairs_of(m));
    put_int(w, COVEY_GC_GKTY, COVEY_KEYING_GKTY);
    put_gc(w, COVEY_GC_KEY);
    put_key(w, m);
    put_int(w, COVEY_GC_NUM, m->num);
    put_int(w, COVEY_GC_PROFILE, COVEY_KEYING_PROFILE);
    if (m->exp != 0) {
        put_int(w, COVEY_GC_EXP, m->exp);
    }
    put_int(w, COVEY_GC_EXI, m->exi);
}

void covey_keying_put_material_rest(covey_writer *w,
                                    const covey_keying_material *m)
{
    if (m->policies) {
        put_gc(w, COVEY_GC_POLICIES);
        covey_keying_put_policies(w, m->check_interval, m->expiration_delta);
    }
    put_bytes(w, COVEY_GC_KDC_CRED, m->kdc_cred);
    put_bytes(w, COVEY_GC_KDC_NONCE, m->kdc_nonce);
    put_bytes(w, COVEY_GC_KDC_CRED_VERIFY, m->kdc_cred_verify);
    put_bytes(w, COVEY_GC_SIGN_ENC_KEY, m->sek);
}

void covey_keying_put_list(covey_writer *w, unsigned place, size_t count)
{
    put_gc(w, place);
    covey_cbor_put_array(w, count);
}

void covey_keying_put_policies(covey_writer *w, uint32_t check_interval,
                               uint32_t expiration_delta)
{
    covey_cbor_put_map(w, 2);
    covey_keying_put_label(w, COVEY_KEYING_POLICIES,
                           COVEY_POLICY_CHECK_INTERVAL);
    covey_cbor_put_uint(w, check_interval);
    covey_keying_put_label(w, COVEY_KEYING_POLICIES,
                           COVEY_POLICY_EXPIRATION_DELTA);
    covey_cbor_put_uint(w, expiration_delta);
}

/* --- reading ------------------------------------------------------------- */

/* An integer of the values, UINT32_MAX at most. */
static covey_status get_u32(covey_bytes value, uint32_t *out)
{
    int64_t n = 0;
    covey_status st = covey_keying_int(value, 0, UINT32_MAX, &n);

    if (st == COVEY_OK) {
        *out = (uint32_t)n;
    }
    return st == COVEY_OK ? COVEY_OK : COVEY_E_FORMAT;
}

static covey_status check_kind(const covey_bytes *values)
{
    int64_t gkty = 0;
    int64_t profile = 0;

    if (values[COVEY_GC_GKTY].ptr == NULL ||
        values[COVEY_GC_KEY].ptr == NULL || values[COVEY_GC_NUM].ptr == NULL) {
        return COVEY_E_FORMAT;
    }
    if (covey_keying_int(values[COVEY_GC_GKTY], COVEY_KEYING_GKTY,
                         COVEY_KEYING_GKTY, &gkty) != COVEY_OK) {
        return COVEY_E_UNSUPPORTED;
    }
    if (values[COVEY_GC_PROFILE].ptr != NULL &&
        covey_keying_int(values[COVEY_GC_PROFILE], COVEY_KEYING_PROFILE,
                         COVEY_KEYING_PROFILE, &profile) != COVEY_OK) {
        return COVEY_E_UNSUPPORTED;
    }
    return COVEY_OK;
}

static bool names_algorithms(const covey_bytes *key)
{
    return key[COVEY_KEY_SIGN_ALG].ptr != NULL ||
           key[COVEY_KEY_GP_ENC_ALG].ptr != NULL ||
           key[COVEY_KEY_ALG].ptr != NULL ||
           key[COVEY_KEY_ECDH_ALG].ptr != NULL;
}

static bool is_empty_map(covey_bytes item)
{
    covey_cbor_reader r = covey__keying_reader(item);

    return covey_cbor_get_map(&r) == 0 && covey_cbor_done(&r);
}

static covey_status get_keys(covey_keying_keys *k, covey_bytes item)
{
    covey_bytes key[COVEY_KEYING_VALUES];
    covey_status st = covey_keying_parse(key, COVEY_KEYING_KEY, item);

    if (st != COVEY_OK) {
        return st;
    }
    k->ms = key[COVEY_KEY_MS];
    k->salt = key[COVEY_KEY_SALT];
    k->gid = key[COVEY_KEY_CONTEXT_ID];
    k->sender_id = key[COVEY_KEY_SENDER_ID];
    if (k->ms.len == 0 || k->gid.ptr == NULL) {
        return COVEY_E_FORMAT;
    }
    k->has_suite = names_algorithms(key);
    return k->has_suite ? covey_keying_suite_of_key(&k->suite, key) : COVEY_OK;
}

covey_status covey_keying_keys_of(covey_keying_keys *out,
                                  const covey_bytes *values)
{
    covey_keying_keys k = { 0 };
    covey_status st = check_kind(values);

    if (st == COVEY_OK) {
        st = get_u32(values[COVEY_GC_NUM], &k.num);
    }
    if (st == COVEY_OK && values[COVEY_GC_EXI].ptr != NULL) {
        st = get_u32(values[COVEY_GC_EXI], &k.exi);
    }
    if (st == COVEY_OK) {
        k.empty = is_empty_map(values[COVEY_GC_KEY]);
    }
    if (st == COVEY_OK && !k.empty) {
        st = get_keys(&k, values[COVEY_GC_KEY]);
    }
    if (st == COVEY_OK) {
        *out = k;
    }
    return st;
}

/* The next of three readers; false if one of them has failed. */
static bool take_peer(covey_keying_peers *it, covey_keying_peer *out)
{
    uint64_t roles = covey_cbor_get_uint(&it->roles);

    out->credential = covey_cbor_get_bytes(&it->creds);
    out->id = covey_cbor_get_bytes(&it->ids);
    if ((roles & ~(uint64_t)COVEY_KEYING_ROLES) != 0) {
        covey_cbor_fail(&it->roles, COVEY_E_FORMAT);
    }
    out->roles = (uint8_t)roles;
    return it->creds.in.failed == COVEY_OK &&
           it->roles.in.failed == COVEY_OK && it->ids.in.failed == COVEY_OK;
}

covey_status covey_keying_peers_of(covey_keying_peers *out,
                                   const covey_bytes *values)
{
    const covey_bytes creds = values[COVEY_GC_CREDS];
    const covey_bytes roles = values[COVEY_GC_PEER_ROLES];
    const covey_bytes ids = values[COVEY_GC_PEER_IDENTIFIERS];
    covey_keying_peers it = { covey__keying_reader(creds),
                              covey__keying_reader(roles),
                              covey__keying_reader(ids), 0 };
    covey_keying_peers walk;
    covey_keying_peer peer;

    if (creds.ptr == NULL && roles.ptr == NULL && ids.ptr == NULL) {
        *out = it;
        return COVEY_OK;
    }
    it.left = covey__keying_array(&it.creds);
    if (covey__keying_array(&it.roles) != it.left ||
        covey__keying_array(&it.ids) != it.left) {
        return COVEY_E_FORMAT;
    }
    walk = it;
    for (; walk.left > 0; walk.left--) {
        if (!take_peer(&walk, &peer)) {
            return COVEY_E_FORMAT;
        }
    }
    if (!covey_cbor_done(&walk.creds) || !covey_cbor_done(&walk.roles) ||
        !covey_cbor_done(&walk.ids)) {
        return COVEY_E_FORMAT;
    }
    *out = it;
    return COVEY_OK;
}

bool covey_keying_peers_next(covey_keying_peers *it, covey_keying_peer *out)
{
    if (it->left == 0) {
        return false;
    }
    it->left--;
    return take_peer(it, out);
}

covey_status covey_keying_list_of(covey_keying_list *out, covey_bytes array)
{
    covey_keying_list it = { covey__keying_reader(array), 0 };
    covey_cbor_reader walk;

    it.left = covey__keying_array(&it.r);
    walk = it.r;
    for (size_t n = it.left; n > 0 && walk.in.failed == COVEY_OK; n--) {
        (void)covey_cbor_get_bytes(&walk);
    }
    if (!covey_cbor_done(&walk)) {
        return COVEY_E_FORMAT;
    }
    *out = it;
    return COVEY_OK;
}

bool covey_keying_list_next(covey_keying_list *it, covey_bytes *out)
{
    if (it->left == 0) {
        return false;
    }
    it->left--;
    *out = covey_cbor_get_bytes(&it->r);
    return true;
}

void covey_keying_put_number(covey_writer *w, covey_bytes id, uint64_t number)
{
    covey_cbor_put_array(w, 2);
    covey_cbor_put_bytes(w, id);
    covey_cbor_put_uint(w, number);
}

bool covey_keying_number_of(covey_bytes array, covey_bytes id,
                            uint64_t *number)
{
    covey_cbor_reader r = covey__keying_reader(array);

    for (size_t n = covey__keying_array(&r); n > 0; n--) {
        covey_bytes kid;
        uint64_t value;

        if (covey__keying_array(&r) != 2) {
            return false;
        }
        kid = covey_cbor_get_bytes(&r);
        value = covey_cbor_get_uint(&r);
        if (r.in.failed != COVEY_OK) {
            return false;
        }
        if (covey_bytes_equal(kid, id)) {
            *number = value;
            return true;
        }
    }
    return false;
}
