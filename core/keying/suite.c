/* SPDX-License-Identifier: BSD-2-Clause */
/* The algorithms of a group as keying material and configurations name
 * them. */
#include "keying_internal.h"

covey_keying_suite covey_keying_defaults(bool group_mode, bool pairwise_mode)
{
    covey_keying_suite s = {
        .hkdf = COVEY_HMAC_256_256,
        .cred_fmt = COVEY_KEYING_KCCS,
        .curve = group_mode ? COVEY_ED25519 : COVEY_X25519,
    };

    if (group_mode) {
        s.group_enc = COVEY_AES_CCM_16_64_128;
        s.signature = COVEY_EDDSA;
    }
    if (pairwise_mode) {
        s.aead = COVEY_AES_CCM_16_64_128;
        s.agreement = COVEY_ECDH_SS_HKDF_256;
    }
    return s;
}

static bool is_ec2(int64_t curve)
{
    return curve >= COVEY_P256 && curve <= COVEY_P521;
}

void covey_keying_put_params(covey_writer *w, covey_curve curve)
{
    const int kty = is_ec2(curve) ? COVEY_KTY_EC2 : COVEY_KTY_OKP;

    covey_cbor_put_array(w, 2);
    covey_cbor_put_array(w, 1);
    covey_cbor_put_int(w, kty);
    covey_cbor_put_array(w, 2);
    covey_cbor_put_int(w, kty);
    covey_cbor_put_int(w, curve);
}

/* The curve that parameters name; COVEY_E_FORMAT, COVEY_E_UNSUPPORTED. */
static covey_status parse_params(covey_curve *out, covey_bytes params)
{
    covey_cbor_reader r = covey__keying_reader(params);
    int64_t kty;
    int64_t curve;
    covey_status st;

    if (covey__keying_array(&r) != 2) {
        covey_cbor_fail(&r, COVEY_E_FORMAT);
    }
    if (covey__keying_array(&r) != 1) {
        covey_cbor_fail(&r, COVEY_E_FORMAT);
    }
    kty = covey_cbor_get_int(&r);
    if (covey__keying_array(&r) != 2 || covey_cbor_get_int(&r) != kty) {
        covey_cbor_fail(&r, COVEY_E_FORMAT);
    }
    curve = covey_cbor_get_int(&r);
    st = covey_cbor_finish(&r);
    if (st != COVEY_OK) {
        return st;
    }
    if (curve < COVEY_P256 || curve > COVEY_ED448 ||
        kty != (is_ec2(curve) ? COVEY_KTY_EC2 : COVEY_KTY_OKP)) {
        return COVEY_E_UNSUPPORTED;
    }
    *out = (covey_curve)curve;
    return COVEY_OK;
}

/* An algorithm that may be absent. */
static int32_t get_alg(covey_bytes value, int32_t absent, covey_status *st)
{
    int64_t alg = absent;

    if (value.ptr != NULL &&
        covey_keying_int(value, INT32_MIN, INT32_MAX, &alg) != COVEY_OK) {
        *st = COVEY_E_UNSUPPORTED;
    }
    return (int32_t)alg;
}

/* Signing and agreeing keys are the same keys. */
static covey_status get_curve(covey_keying_suite *s, const covey_bytes *key)
{
    covey_curve agreeing = COVEY_X25519;
    covey_status st = COVEY_OK;

    if (s->signature != 0) {
        st = parse_params(&s->curve, key[COVEY_KEY_SIGN_PARAMS]);
    }
    if (st == COVEY_OK && s->agreement != 0) {
        st = parse_params(&agreeing, key[COVEY_KEY_ECDH_PARAMS]);
    }
    if (st != COVEY_OK || s->agreement == 0) {
        return st;
    }
    if (s->signature == 0) {
        s->curve = agreeing;
    } else if (agreeing != s->curve &&
               !(s->curve == COVEY_ED25519 && agreeing == COVEY_X25519)) {
        st = COVEY_E_FORMAT;
    }
    return st;
}

covey_status covey_keying_suite_of_key(covey_keying_suite *out,
                                       const covey_bytes *key)
{
    covey_status st = COVEY_OK;
    covey_keying_suite s = { 0 };

    s.hkdf = get_alg(key[COVEY_KEY_HKDF], COVEY_HMAC_256_256, &st);
    s.cred_fmt = get_alg(key[COVEY_KEY_CRED_FMT], COVEY_KEYING_KCCS, &st);
    s.group_enc = get_alg(key[COVEY_KEY_GP_ENC_ALG], 0, &st);
    s.signature = get_alg(key[COVEY_KEY_SIGN_ALG], 0, &st);
    s.aead = get_alg(key[COVEY_KEY_ALG], 0, &st);
    s.agreement = get_alg(key[COVEY_KEY_ECDH_ALG], 0, &st);
    if (st == COVEY_OK && ((s.group_enc == 0) != (s.signature == 0) ||
                           (s.aead == 0) != (s.agreement == 0) ||
                           (s.group_enc == 0 && s.aead == 0))) {
        st = COVEY_E_FORMAT;
    }
    if (st == COVEY_OK) {
        st = get_curve(&s, key);
    }
    if (st == COVEY_OK) {
        *out = s;
    }
    return st;
}
