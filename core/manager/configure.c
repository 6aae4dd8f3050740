/* SPDX-License-Identifier: BSD-2-Clause */
/* Group configurations of the admin draft, Section 2: written, compared, and
 * taken over. Modes, name and gid_reuse stay as a group was created. */
#include "manager_internal.h"

#include <string.h>

static const char resource_type[] = "core.osc.gconf";
static const char path_group[] = "/ace-group/";

#define CHECK_INTERVAL_DEFAULT 3600u
#define STALE_SETS_DEFAULT     3u
#define CONFIG_MAX             512u

/* --- writing ------------------------------------------------------------- */

static void put_alg(covey_writer *w, int32_t alg)
{
    if (alg == 0) {
        covey_cbor_put_null(w);
    } else {
        covey_cbor_put_int(w, alg);
    }
}

static void put_params(covey_writer *w, bool used, covey_curve curve)
{
    if (used) {
        covey_keying_put_params(w, curve);
    } else {
        covey_cbor_put_null(w);
    }
}

static void put_joining_uri(covey_writer *w, const covey_manager_group *g)
{
    const size_t head = sizeof path_group - 1;
    uint8_t uri[sizeof path_group + COVEY_MANAGER_NAME_MAX];
    covey_writer text = covey_writer_of(uri, sizeof uri);

    covey_write_bytes(&text, covey__manager_chars(path_group, head));
    covey_write_bytes(&text, covey__manager_group_name(g));
    covey_cbor_put_text(w, covey_written(&text));
}

/* false: nothing is known of this parameter. */
static bool put_suite_value(covey_writer *w, const covey_keying_suite *s,
                            unsigned place)
{
    switch (place) {
    case COVEY_CONF_HKDF:
        put_alg(w, s->hkdf);
        return true;
    case COVEY_CONF_CRED_FMT:
        put_alg(w, s->cred_fmt);
        return true;
    case COVEY_CONF_GROUP_MODE:
        covey_cbor_put_bool(w, s->signature != 0);
        return true;
    case COVEY_CONF_GP_ENC_ALG:
        put_alg(w, s->group_enc);
        return true;
    case COVEY_CONF_SIGN_ALG:
        put_alg(w, s->signature);
        return true;
    case COVEY_CONF_SIGN_PARAMS:
        put_params(w, s->signature != 0, s->curve);
        return true;
    case COVEY_CONF_PAIRWISE_MODE:
        covey_cbor_put_bool(w, s->agreement != 0);
        return true;
    case COVEY_CONF_ALG:
        put_alg(w, s->aead);
        return true;
    case COVEY_CONF_ECDH_ALG:
        put_alg(w, s->agreement);
        return true;
    case COVEY_CONF_ECDH_PARAMS:
        put_params(w, s->agreement != 0,
                   s->curve == COVEY_ED25519 ? COVEY_X25519 : s->curve);
        return true;
    default:
        return false;
    }
}

static bool put_value(covey_writer *w, const covey_manager_group *g,
                      unsigned place)
{
    switch (place) {
    case COVEY_CONF_RT:
        covey_cbor_put_text(w, covey_bytes_text(resource_type));
        return true;
    case COVEY_CONF_ACTIVE:
        covey_cbor_put_bool(w, g->active);
        return true;
    case COVEY_CONF_GROUP_NAME:
        covey_cbor_put_text(w, covey__manager_group_name(g));
        return true;
    case COVEY_CONF_DESCRIPTION:
        if (g->description_len == 0) {
            covey_cbor_put_null(w);
        } else {
            covey_cbor_put_text(
                w, covey__manager_chars(g->description, g->description_len));
        }
        return true;
    case COVEY_CONF_MAX_STALE_SETS:
        covey_cbor_put_uint(w, g->max_stale_sets);
        return true;
    case COVEY_CONF_GID_REUSE:
        covey_cbor_put_bool(w, false);
        return true;
    case COVEY_CONF_JOINING_URI:
        put_joining_uri(w, g);
        return true;
    case COVEY_CONF_PROFILE:
        covey_cbor_put_int(w, COVEY_KEYING_PROFILE);
        return true;
    case COVEY_CONF_POLICIES:
        covey_keying_put_policies(w, g->check_interval, g->expiration_delta);
        return true;
    default:
        return put_suite_value(w, &g->suite, place);
    }
}

static bool is_wanted(const covey_manager_group *g, const bool *wanted,
                      unsigned place)
{
    uint8_t storage[CONFIG_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    return (wanted == NULL || wanted[place]) && put_value(&w, g, place);
}

void covey__manager_put_config(const covey_manager_group *g,
                               const bool *wanted, covey_writer *out)
{
    size_t rows;
    const covey_keying_label *labels =
        covey_keying_labels(COVEY_KEYING_CONFIG, &rows);
    size_t count = 0;

    for (size_t i = 0; i < rows; i++) {
        count += is_wanted(g, wanted, labels[i].place);
    }
    covey_cbor_put_map(out, count);
    for (size_t i = 0; i < rows; i++) {
        if (is_wanted(g, wanted, labels[i].place)) {
            covey_cbor_put_int(out, labels[i].label);
            (void)put_value(out, g, labels[i].place);
        }
    }
}

bool covey__manager_config_fits(const covey_manager_group *g,
                                const covey_bytes *values)
{
    uint8_t storage[CONFIG_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_bytes own[COVEY_KEYING_VALUES];

    covey__manager_put_config(g, NULL, &w);
    if (w.failed != COVEY_OK ||
        covey_keying_parse(own, COVEY_KEYING_CONFIG, covey_written(&w)) !=
            COVEY_OK) {
        return false;
    }
    for (size_t i = 0; i < COVEY_CONF_COUNT; i++) {
        if (values[i].ptr != NULL && !covey_bytes_equal(own[i], values[i])) {
            return false;
        }
    }
    return true;
}

/* --- taking over --------------------------------------------------------- */

static bool get_mode(covey_bytes value, bool absent)
{
    return value.ptr == NULL ? absent : covey_keying_bool(value);
}

/* The two tables name the same things alike. */
static covey_status get_suite(const covey_bytes *values, bool group_mode,
                              bool pairwise_mode, covey_keying_suite *out)
{
    static const uint8_t places[][2] = {
        { COVEY_KEY_HKDF, COVEY_CONF_HKDF },
        { COVEY_KEY_CRED_FMT, COVEY_CONF_CRED_FMT },
        { COVEY_KEY_GP_ENC_ALG, COVEY_CONF_GP_ENC_ALG },
        { COVEY_KEY_SIGN_ALG, COVEY_CONF_SIGN_ALG },
        { COVEY_KEY_SIGN_PARAMS, COVEY_CONF_SIGN_PARAMS },
        { COVEY_KEY_ALG, COVEY_CONF_ALG },
        { COVEY_KEY_ECDH_ALG, COVEY_CONF_ECDH_ALG },
        { COVEY_KEY_ECDH_PARAMS, COVEY_CONF_ECDH_PARAMS },
    };
    const covey_manager_group like = { .suite = covey_keying_defaults(
                                           group_mode, pairwise_mode) };
    uint8_t storage[CONFIG_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_bytes key[COVEY_KEYING_VALUES];
    covey_bytes absent[COVEY_KEYING_VALUES];
    covey_status st;

    covey__manager_put_config(&like, NULL, &w);
    st = covey_keying_parse(absent, COVEY_KEYING_CONFIG, covey_written(&w));
    if (st != COVEY_OK) {
        return st;
    }
    memset(key, 0, sizeof key);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const covey_bytes given = values[places[i][1]];

        key[places[i][0]] = given.ptr != NULL ? given : absent[places[i][1]];
    }
    return covey_keying_suite_of_key(out, key);
}

/* Where X25519 or P-256 keys sign or agree, the default of the other must be
 * given along; what does not go together is refused. */
static bool get_policies(covey_bytes item, covey_manager_group *g)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    int64_t interval = CHECK_INTERVAL_DEFAULT;
    int64_t delta = 0;

    if (item.ptr != NULL) {
        if (covey_keying_parse(values, COVEY_KEYING_POLICIES, item) !=
                COVEY_OK ||
            (values[COVEY_POLICY_CHECK_INTERVAL].ptr != NULL &&
             covey_keying_int(values[COVEY_POLICY_CHECK_INTERVAL], 0,
                              UINT32_MAX, &interval) != COVEY_OK) ||
            (values[COVEY_POLICY_EXPIRATION_DELTA].ptr != NULL &&
             covey_keying_int(values[COVEY_POLICY_EXPIRATION_DELTA], 0,
                              UINT32_MAX, &delta) != COVEY_OK)) {
            return false;
        }
    }
    g->check_interval = (uint32_t)interval;
    g->expiration_delta = (uint32_t)delta;
    return true;
}

/* What the admin draft can ask for and is not done here. */
static bool asks_too_much(const covey_bytes *values)
{
    covey_cbor_reader apps = covey_cbor_reader_of(
        values[COVEY_CONF_APP_GROUPS], COVEY_CBOR_WELL_FORMED);

    return (values[COVEY_CONF_GID_REUSE].ptr != NULL &&
            covey_keying_bool(values[COVEY_CONF_GID_REUSE])) ||
           (values[COVEY_CONF_DET_REQ].ptr != NULL &&
            covey_keying_bool(values[COVEY_CONF_DET_REQ])) ||
           values[COVEY_CONF_AS_URI].ptr != NULL ||
           values[COVEY_CONF_EXP].ptr != NULL ||
           (values[COVEY_CONF_APP_GROUPS].ptr != NULL &&
            covey_cbor_get_array(&apps) != 0);
}

/* Texts and numbers; false: not within their bounds. */
static bool get_rest(const covey_bytes *values, covey_manager_group *g)
{
    const covey_bytes text = values[COVEY_CONF_DESCRIPTION];
    int64_t sets = STALE_SETS_DEFAULT;

    if (text.len > COVEY_MANAGER_TEXT_MAX ||
        (values[COVEY_CONF_MAX_STALE_SETS].ptr != NULL &&
         covey_keying_int(values[COVEY_CONF_MAX_STALE_SETS], 1,
                          COVEY_MANAGER_STALE_SETS_MAX, &sets) != COVEY_OK)) {
        return false;
    }
    g->description_len = (uint8_t)text.len;
    if (text.len > 0) {
        memcpy(g->description, text.ptr, text.len);
    }
    g->max_stale_sets = (uint8_t)sets;
    g->active = get_mode(values[COVEY_CONF_ACTIVE], false);
    return get_policies(values[COVEY_CONF_POLICIES], g);
}

uint8_t covey__manager_configure(const covey_manager *m,
                                 covey_manager_group *g,
                                 const covey_bytes *values)
{
    const bool created = g->revision > 0;
    const bool group_mode = get_mode(values[COVEY_CONF_GROUP_MODE], true);
    const bool pairwise = get_mode(values[COVEY_CONF_PAIRWISE_MODE], true);
    covey_keying_suite suite;
    covey_group_algorithms algorithms;
    size_t id_max;

    if (!group_mode && !pairwise) {
        return REFUSE_BAD;
    }
    if (asks_too_much(values) ||
        get_suite(values, group_mode, pairwise, &suite) != COVEY_OK ||
        covey__manager_check_suite(m, &suite, 1) != COVEY_OK) {
        return COVEY_KEYING_BAD_CONFIG;
    }
    if (created && (group_mode != (g->suite.signature != 0) ||
                    pairwise != (g->suite.agreement != 0))) {
        return REFUSE_BAD;
    }
    if (!get_rest(values, g)) {
        return REFUSE_BAD;
    }
    algorithms.aead = suite.aead;
    algorithms.group_enc = suite.group_enc;
    algorithms.signature = suite.signature;
    algorithms.agreement = suite.agreement;
    id_max = covey_group_id_max(&algorithms);
    g->suite = suite;
    g->id_len = id_max < 2 ? 1 : 2;
    return REFUSE_NOTHING;
}
