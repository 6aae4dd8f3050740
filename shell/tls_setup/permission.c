/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls_permission.h"

#include "internal.h"

#include <string.h>

#define MANUAL "covey-tls-policy(5)"

enum {
    K_PSID,
    K_SSP,
    K_MASK,
    K_ID,
    K_COUNT
};
static const char *const keys[K_COUNT] = { "psid", "ssp", "mask", "id" };

/* Where a mask is missing, all of the SSP counts. */
static bool read_ssp(conf_reader *c, const conf_value v[K_COUNT],
                     covey_tls_its_rule *rule)
{
    static const conf_wanted wanted = { 1, COVEY_TLS_SSP_MAX, false,
                                        "1609.2 6.4.31" };
    static const uint8_t all[COVEY_TLS_SSP_MAX] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
    };

    rule->needs_ssp = !conf_is_missing(&v[K_SSP]);
    if (!rule->needs_ssp) {
        if (!conf_is_missing(&v[K_MASK])) {
            conf_error(c, &v[K_MASK], MANUAL, "expected 'ssp' beside it");
        }
        return conf_is_missing(&v[K_MASK]);
    }
    if (!conf_bytes(c, &v[K_SSP], &wanted, &rule->ssp_value)) {
        return false;
    }
    rule->ssp_mask = covey_bytes_of(all, rule->ssp_value.len);
    if (!conf_is_missing(&v[K_MASK]) &&
        !conf_bytes(c, &v[K_MASK], &wanted, &rule->ssp_mask)) {
        return false;
    }
    if (rule->ssp_mask.len != rule->ssp_value.len) {
        conf_error(c, &v[K_MASK], MANUAL, "expected a mask as long as 'ssp'");
        return false;
    }
    for (size_t i = 0; i < rule->ssp_mask.len; i++) {
        if ((rule->ssp_value.ptr[i] & ~rule->ssp_mask.ptr[i]) != 0) {
            conf_error(c, &v[K_SSP], MANUAL,
                       "expected no bit outside of the mask");
            return false;
        }
    }
    return true;
}

bool tls_setup__rule(conf_reader *c, const conf_value *item,
                     covey_tls_its_rule *rule, covey_bytes *id)
{
    static const conf_wanted of_id = { COVEY_ITS_ID8, COVEY_ITS_ID8, false,
                                       "1609.2 6.3.26" };
    const conf_names names = { keys, id != NULL ? K_COUNT : K_ID,
                               "a permission" };
    conf_value v[K_COUNT] = { { NULL, NULL } };
    covey_tls_its_rule r = { .needs_ssp = false };
    bool good =
        conf_keys(c, item, &names, v) &&
        conf_required(c, item, &v[K_PSID], keys[K_PSID],
                      "RFC 8902 Section 5") &&
        conf_number(c, &v[K_PSID], 0, UINT32_MAX, "1609.2 6.3.18", &r.psid) &&
        read_ssp(c, v, &r) &&
        (conf_is_missing(&v[K_ID]) || conf_bytes(c, &v[K_ID], &of_id, id));

    *rule = r;
    return good;
}

bool tls_permission_read(conf_reader *c, const conf_value *item, void *out)
{
    tls_permission p = { .id = { NULL, 0 } };
    bool good = tls_setup__rule(c, item, &p.rule, &p.id);

    memcpy(out, &p, sizeof p);
    return good;
}

bool tls_permits(const tls_permission *list, size_t count,
                 const covey_tls_peer *peer)
{
    bool found = false;

    if (peer == NULL || !peer->authenticated ||
        peer->type != COVEY_TLS_1609DOT2) {
        return false;
    }
    for (size_t i = 0; i < count && !found; i++) {
        found = covey_tls_its_rule_fits(
                    &list[i].rule, peer->psid,
                    covey_bytes_of(peer->ssp, peer->ssp_len)) &&
                (list[i].id.ptr == NULL ||
                 covey_bytes_equal(list[i].id,
                                   covey_bytes_of(peer->id, sizeof peer->id)));
    }
    return found;
}
