/* SPDX-License-Identifier: BSD-2-Clause */
#include "group_config.h"

static void put_label(covey_writer *w, unsigned place)
{
    covey_keying_put_label(w, COVEY_KEYING_CONFIG, place);
}

static void put_flag(covey_writer *w, unsigned place, bool value)
{
    put_label(w, place);
    covey_cbor_put_bool(w, value);
}

/* Algorithms that go with the curve, where they are not the defaults. */
static void put_curve(covey_writer *w, const group_config *c)
{
    if (c->group_mode) {
        put_label(w, COVEY_CONF_SIGN_ALG);
        covey_cbor_put_int(w,
                           c->curve == COVEY_P256 ? COVEY_ES256 : COVEY_EDDSA);
        put_label(w, COVEY_CONF_SIGN_PARAMS);
        covey_keying_put_params(w, c->curve);
    }
    if (c->pairwise_mode) {
        put_label(w, COVEY_CONF_ECDH_PARAMS);
        covey_keying_put_params(w, c->curve == COVEY_ED25519 ? COVEY_X25519
                                                             : c->curve);
    }
}

static size_t count_of(const group_config *c)
{
    size_t count = (c->name.ptr != NULL ? 1u : 0u) +
                   (c->description.ptr != NULL ? 1u : 0u) +
                   (c->has_active ? 1u : 0u) + (c->has_modes ? 2u : 0u) +
                   (c->check_interval != 0 ? 1u : 0u) +
                   (c->stale_sets != 0 ? 1u : 0u);

    if (c->has_curve) {
        count += (c->group_mode ? 2u : 0u) + (c->pairwise_mode ? 1u : 0u);
    }
    return count;
}

void group_config_put(covey_writer *w, const group_config *c)
{
    covey_cbor_put_map(w, count_of(c));
    if (c->name.ptr != NULL) {
        put_label(w, COVEY_CONF_GROUP_NAME);
        covey_cbor_put_text(w, c->name);
    }
    if (c->has_active) {
        put_flag(w, COVEY_CONF_ACTIVE, c->active);
    }
    if (c->has_modes) {
        put_flag(w, COVEY_CONF_GROUP_MODE, c->group_mode);
        put_flag(w, COVEY_CONF_PAIRWISE_MODE, c->pairwise_mode);
    }
    if (c->description.ptr != NULL) {
        put_label(w, COVEY_CONF_DESCRIPTION);
        covey_cbor_put_text(w, c->description);
    }
    if (c->stale_sets != 0) {
        put_label(w, COVEY_CONF_MAX_STALE_SETS);
        covey_cbor_put_uint(w, c->stale_sets);
    }
    if (c->check_interval != 0) {
        put_label(w, COVEY_CONF_POLICIES);
        covey_keying_put_policies(w, c->check_interval, 0);
    }
    if (c->has_curve) {
        put_curve(w, c);
    }
}
