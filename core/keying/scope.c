/* SPDX-License-Identifier: BSD-2-Clause */
/* Scopes in the Authorization Information Format (RFC 9237) as the profile
 * and the admin draft fill it: who may be what in which group. */
#include "keying_internal.h"

static uint32_t get_tperm(covey_cbor_reader *r)
{
    const uint64_t tperm = covey_cbor_get_uint(r);

    if (tperm > UINT32_MAX) {
        covey_cbor_fail(r, COVEY_E_RANGE);
        return 0;
    }
    return (uint32_t)tperm;
}

covey_status covey_keying_scope_parse(covey_keying_scope *out,
                                      covey_bytes entry)
{
    covey_cbor_reader r = covey__keying_reader(entry);
    covey_keying_scope s = { { NULL, 0 }, 0 };
    covey_status st;

    if (covey__keying_array(&r) != 2) {
        covey_cbor_fail(&r, COVEY_E_FORMAT);
    }
    s.group = covey_cbor_get_text(&r);
    s.tperm = get_tperm(&r);
    st = covey_cbor_finish(&r);
    if (st == COVEY_OK && (s.group.len == 0 || s.tperm == 0 ||
                           (s.tperm & ~(uint32_t)COVEY_KEYING_ROLES) != 0)) {
        st = COVEY_E_RANGE;
    }
    if (st == COVEY_OK) {
        *out = s;
    }
    return st;
}

void covey_keying_put_scope(covey_writer *w, covey_bytes group, uint32_t tperm)
{
    covey_cbor_put_array(w, 2);
    covey_cbor_put_text(w, group);
    covey_cbor_put_uint(w, tperm);
}

/* One entry of a scope: its permissions, and whether it is for this group,
 * for all, or for what we do not understand. */
static uint32_t get_entry(covey_cbor_reader *r, covey_bytes group, bool *named,
                          bool *all)
{
    *named = false;
    *all = false;
    if (covey__keying_array(r) != 2) {
        covey_cbor_fail(r, COVEY_E_FORMAT);
    }
    if (covey_cbor_peek(r) == COVEY_CBOR_TEXT) {
        *named = covey_bytes_equal(covey_cbor_get_text(r), group);
    } else if (covey_cbor_peek(r) == COVEY_CBOR_SIMPLE) {
        *all = covey_cbor_get_bool(r);
    } else {
        covey_cbor_skip(r);
    }
    return get_tperm(r);
}

static uint32_t allows(covey_bytes scope, covey_bytes group, bool admin,
                       bool any)
{
    covey_cbor_reader r = covey__keying_reader(scope);
    uint32_t sum = 0;

    for (size_t n = covey__keying_array(&r); n > 0; n--) {
        bool named;
        bool all;
        const uint32_t tperm = get_entry(&r, group, &named, &all);
        const bool is_admin = (tperm & COVEY_KEYING_ADMIN) != 0;

        if (r.in.failed != COVEY_OK) {
            break;
        }
        if (is_admin == admin && (any || named || (admin && all))) {
            sum |= tperm;
        }
    }
    return covey_cbor_done(&r) ? sum : 0;
}

uint32_t covey_keying_scope_allows(covey_bytes scope, covey_bytes group,
                                   bool admin)
{
    return allows(scope, group, admin, false);
}

uint32_t covey_keying_scope_admin(covey_bytes scope)
{
    return allows(scope, covey_bytes_of(NULL, 0), true, true);
}
