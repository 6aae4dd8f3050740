/* SPDX-License-Identifier: BSD-2-Clause */
/* What nodes ask the Group Manager for, and how it says what a Join Request
 * has to prove: RFC 9594 Sections 3.3, 4.2 and 4.3, the profile's Section 5
 * and 6. */
#include "keying_internal.h"

static void put_gc(covey_writer *w, unsigned place)
{
    covey_keying_put_label(w, COVEY_KEYING_GROUPCOMM, place);
}

static void put_bytes(covey_writer *w, unsigned place, covey_bytes value)
{
    if (value.ptr != NULL) {
        put_gc(w, place);
        covey_cbor_put_bytes(w, value);
    }
}

static size_t count_of(covey_bytes value)
{
    return value.ptr != NULL ? 1 : 0;
}

/* --- which credentials --------------------------------------------------- */

static bool is_sound(covey_bytes array, covey_cbor_type type)
{
    covey_cbor_reader r = covey__keying_reader(array);

    for (size_t n = covey__keying_array(&r); n > 0; n--) {
        if (covey_cbor_peek(&r) != type) {
            return false;
        }
        covey_cbor_skip(&r);
    }
    return covey_cbor_done(&r);
}

covey_status covey_keying_filter_parse(covey_keying_filter *out,
                                       covey_bytes item)
{
    covey_cbor_reader r = covey__keying_reader(item);
    covey_keying_filter f = { false, false, { NULL, 0 }, { NULL, 0 } };
    covey_status st;

    if (covey_cbor_at_null(&r)) {
        covey_cbor_get_null(&r);
        f.all = true;
    } else {
        if (covey__keying_array(&r) != 3) {
            covey_cbor_fail(&r, COVEY_E_FORMAT);
        }
        f.include = covey_cbor_get_bool(&r);
        f.roles = covey_cbor_get_item(&r);
        f.ids = covey_cbor_get_item(&r);
    }
    st = covey_cbor_finish(&r);
    if (st == COVEY_OK && !f.all &&
        (!is_sound(f.roles, COVEY_CBOR_UINT) ||
         !is_sound(f.ids, COVEY_CBOR_BYTES))) {
        st = COVEY_E_FORMAT;
    }
    if (st == COVEY_OK) {
        *out = f;
    }
    return st;
}

static size_t length_of(covey_bytes array)
{
    covey_cbor_reader r = covey__keying_reader(array);

    return covey__keying_array(&r);
}

bool covey_keying_filter_is_empty(const covey_keying_filter *f)
{
    return !f->all && length_of(f->roles) == 0 && length_of(f->ids) == 0;
}

/* Whether a member has all roles of one of the combinations. */
static bool has_role(covey_bytes array, uint8_t roles)
{
    covey_cbor_reader r = covey__keying_reader(array);

    for (size_t n = covey__keying_array(&r); n > 0; n--) {
        const uint64_t wanted = covey_cbor_get_uint(&r);

        if (wanted != 0 && (wanted & roles) == wanted) {
            return true;
        }
    }
    return false;
}

static bool has_id(covey_bytes array, covey_bytes id)
{
    covey_cbor_reader r = covey__keying_reader(array);

    for (size_t n = covey__keying_array(&r); n > 0; n--) {
        if (covey_bytes_equal(covey_cbor_get_bytes(&r), id)) {
            return true;
        }
    }
    return false;
}

bool covey_keying_filter_takes(const covey_keying_filter *f, uint8_t roles,
                               covey_bytes id)
{
    if (f->all) {
        return true;
    }
    if (f->include) {
        return has_role(f->roles, roles) || has_id(f->ids, id);
    }
    return (length_of(f->roles) == 0 || has_role(f->roles, roles)) &&
           !has_id(f->ids, id);
}

void covey_keying_put_wish(covey_writer *w, const covey_keying_wish *wish)
{
    if (wish->all) {
        covey_cbor_put_null(w);
        return;
    }
    covey_cbor_put_array(w, 3);
    covey_cbor_put_bool(w, wish->include);
    covey_cbor_put_array(w, wish->role_count);
    for (size_t i = 0; i < wish->role_count; i++) {
        covey_cbor_put_uint(w, wish->roles[i]);
    }
    covey_cbor_put_array(w, wish->id_count);
    for (size_t i = 0; i < wish->id_count; i++) {
        covey_cbor_put_bytes(w, wish->ids[i]);
    }
}

/* --- joining ------------------------------------------------------------- */

void covey_keying_put_join(covey_writer *w, const covey_keying_join *join)
{
    covey_cbor_put_map(w, count_of(join->scope) + count_of(join->n_c) +
                              count_of(join->client_cred) +
                              count_of(join->client_cred_verify) +
                              (join->get_creds != NULL) +
                              count_of(join->control_uri));
    put_bytes(w, COVEY_GC_SCOPE, join->scope);
    if (join->get_creds != NULL) {
        put_gc(w, COVEY_GC_GET_CREDS);
        covey_keying_put_wish(w, join->get_creds);
    }
    put_bytes(w, COVEY_GC_CLIENT_CRED, join->client_cred);
    put_bytes(w, COVEY_GC_CNONCE, join->n_c);
    put_bytes(w, COVEY_GC_CLIENT_CRED_VERIFY, join->client_cred_verify);
    if (join->control_uri.ptr != NULL) {
        put_gc(w, COVEY_GC_CONTROL_URI);
        covey_cbor_put_text(w, join->control_uri);
    }
}

/* An entry of sign_info or ecdh_info: [ [names], alg, [capabilities of the
 * algorithm], [of the key], cred_fmt ]. */
static void put_how(covey_writer *w, unsigned place,
                    const covey_keying_info *info, int32_t alg,
                    covey_curve curve)
{
    const int kty = curve >= COVEY_P256 && curve <= COVEY_P521 ? COVEY_KTY_EC2
                                                               : COVEY_KTY_OKP;

    if (alg == 0) {
        return;
    }
    covey_keying_put_list(w, place, 1);
    covey_cbor_put_array(w, 5);
    covey_cbor_put_array(w, 1);
    covey_cbor_put_text(w, info->group);
    covey_cbor_put_int(w, alg);
    covey_cbor_put_array(w, 1);
    covey_cbor_put_int(w, kty);
    covey_cbor_put_array(w, 2);
    covey_cbor_put_int(w, kty);
    covey_cbor_put_int(w, curve);
    covey_cbor_put_int(w, info->suite.cred_fmt);
}

static void put_dh_cred(covey_writer *w, const covey_keying_info *info)
{
    covey_keying_put_list(w, COVEY_GC_KDC_DH_CREDS, 1);
    covey_cbor_put_array(w, 3);
    covey_cbor_put_array(w, 1);
    covey_cbor_put_text(w, info->group);
    covey_cbor_put_int(w, info->suite.cred_fmt);
    covey_cbor_put_bytes(w, info->kdc_dh_cred);
}

void covey_keying_put_info(covey_writer *w, const covey_keying_info *info)
{
    const covey_keying_suite *s = &info->suite;

    covey_cbor_put_map(w, (size_t)(s->signature != 0) + (s->agreement != 0) +
                              count_of(info->kdcchallenge) +
                              count_of(info->kdc_dh_cred));
    put_how(w, COVEY_GC_SIGN_INFO, info, s->signature, s->curve);
    put_bytes(w, COVEY_GC_KDCCHALLENGE, info->kdcchallenge);
    put_how(w, COVEY_GC_ECDH_INFO, info, s->agreement,
            s->curve == COVEY_ED25519 ? COVEY_X25519 : s->curve);
    if (info->kdc_dh_cred.ptr != NULL) {
        put_dh_cred(w, info);
    }
}

/* The name, or the first of the names. */
static covey_bytes get_names(covey_cbor_reader *r)
{
    covey_bytes name = { NULL, 0 };

    if (covey_cbor_peek(r) == COVEY_CBOR_TEXT) {
        return covey_cbor_get_text(r);
    }
    for (size_t n = covey__keying_array(r); n > 0; n--) {
        const covey_bytes next = covey_cbor_get_text(r);

        if (r->in.failed != COVEY_OK) {
            break;
        }
        if (name.ptr == NULL) {
            name = next;
        }
    }
    return name;
}

static void get_cred_fmt(covey_cbor_reader *r, covey_keying_suite *s)
{
    if (covey_cbor_at_null(r)) {
        covey_cbor_get_null(r);
    } else {
        s->cred_fmt = covey__keying_int32(r);
    }
}

/* Into the first entry of an array, of so many elements. */
static void enter_first(covey_cbor_reader *r, size_t elements)
{
    const size_t entries = covey__keying_array(r);

    if (entries == 0 || covey__keying_array(r) != elements) {
        covey_cbor_fail(r, COVEY_E_FORMAT);
    }
}

/* The first entry; later ones, for other groups, are passed over. */
static covey_status get_how(covey_bytes array, covey_keying_info *info,
                            int32_t *alg)
{
    covey_cbor_reader r = covey__keying_reader(array);
    int64_t curve;

    enter_first(&r, 5);
    info->group = get_names(&r);
    *alg = covey__keying_int32(&r);
    covey_cbor_skip(&r);
    if (covey__keying_array(&r) != 2) {
        covey_cbor_fail(&r, COVEY_E_FORMAT);
    }
    (void)covey_cbor_get_int(&r);
    curve = covey_cbor_get_int(&r);
    get_cred_fmt(&r, &info->suite);
    if (r.in.failed == COVEY_OK &&
        (curve < COVEY_P256 || curve > COVEY_ED448)) {
        return COVEY_E_UNSUPPORTED;
    }
    if (r.in.failed == COVEY_OK) {
        info->suite.curve = (covey_curve)curve;
    }
    return r.in.failed;
}

static covey_status get_dh_cred(covey_bytes array, covey_keying_info *info)
{
    covey_cbor_reader r = covey__keying_reader(array);

    enter_first(&r, 3);
    (void)get_names(&r);
    get_cred_fmt(&r, &info->suite);
    info->kdc_dh_cred = covey_cbor_get_bytes(&r);
    return r.in.failed;
}

covey_status covey_keying_info_parse(covey_keying_info *out, covey_bytes cbor)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    covey_keying_info info = { 0 };
    covey_status st = covey_keying_parse(values, COVEY_KEYING_GROUPCOMM, cbor);

    /* The curve of signatures last: it is that of the keys. */
    if (st == COVEY_OK && values[COVEY_GC_ECDH_INFO].ptr != NULL) {
        st = get_how(values[COVEY_GC_ECDH_INFO], &info, &info.suite.agreement);
    }
    if (st == COVEY_OK && values[COVEY_GC_SIGN_INFO].ptr != NULL) {
        st = get_how(values[COVEY_GC_SIGN_INFO], &info, &info.suite.signature);
    }
    if (st == COVEY_OK && values[COVEY_GC_KDC_DH_CREDS].ptr != NULL) {
        st = get_dh_cred(values[COVEY_GC_KDC_DH_CREDS], &info);
    }
    if (st == COVEY_OK) {
        info.kdcchallenge = values[COVEY_GC_KDCCHALLENGE];
        *out = info;
    }
    return st;
}
