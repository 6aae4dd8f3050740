/* SPDX-License-Identifier: BSD-2-Clause */
#include "its_plan.h"

#include <errno.h>
#include <string.h>

#define SOURCE "covey-its(1)"

static const char *const profile_names[] = { "root", "aa", "ea", "at", "rsu" };
static const conf_names profiles = { profile_names, 5, "a profile" };
/* In the order of covey_its_alg. */
static const char *const curve_names[] = { "P-256", "brainpoolP256r1",
                                           "brainpoolP384r1", "P-384" };
static const conf_names curves = { curve_names, 4, "a curve" };

enum {
    I_PSID,
    I_OPAQUE,
    I_BITMAP,
    I_VALUE,
    I_MASK,
    I_COUNT
};
static const char *const item_keys[] = { "psid", "opaque", "bitmap", "value",
                                         "mask" };
static const conf_names item_names = { item_keys, I_COUNT, "a permission" };

static bool read_item(conf_reader *c, const conf_value *item, void *out)
{
    static const conf_wanted opaque = { 0, 255, false, SOURCE };
    static const conf_wanted bitmap = { 1, 31, false, "1609.2 6.4.28" };
    conf_value v[I_COUNT] = { { NULL, NULL } };
    plan_item *i = out;

    if (!conf_keys(c, item, &item_names, v) ||
        !conf_required(c, item, &v[I_PSID], "psid", SOURCE) ||
        !conf_number(c, &v[I_PSID], 0, UINT32_MAX, SOURCE, &i->psid)) {
        return false;
    }
    (void)conf_bytes(c, &v[I_OPAQUE], &opaque, &i->opaque);
    (void)conf_bytes(c, &v[I_BITMAP], &bitmap, &i->bitmap);
    (void)conf_bytes(c, &v[I_VALUE], &bitmap, &i->value);
    (void)conf_bytes(c, &v[I_MASK], &bitmap, &i->mask);
    if ((i->opaque.ptr != NULL) + (i->bitmap.ptr != NULL) +
            (i->value.ptr != NULL) >
        1) {
        conf_error(c, item, SOURCE,
                   "expected one of opaque, bitmap, and value with mask");
        return false;
    }
    if (i->value.len != i->mask.len) {
        conf_error(c, item, "1609.2 6.4.34",
                   "expected value and mask of the same length");
        return false;
    }
    return true;
}

static bool read_country(conf_reader *c, const conf_value *item, void *out)
{
    return conf_number(c, item, 1, UINT16_MAX, "UN M.49", out);
}

enum {
    K_FILE,
    K_PROFILE,
    K_ISSUER,
    K_NAME,
    K_CURVE,
    K_START,
    K_YEARS,
    K_HOURS,
    K_IMPLICIT,
    K_PERMISSIONS,
    K_GRANTS,
    K_COUNTRIES,
    K_CRL_SERIES,
    K_CRACA,
    K_COUNT
};
static const char *const cert_keys[] = {
    "file",   "profile",   "issuer",     "name",     "curve",
    "start",  "years",     "hours",      "implicit", "permissions",
    "grants", "countries", "crl_series", "craca",
};
static const conf_names cert_names = { cert_keys, K_COUNT, "a certificate" };

static void text(conf_reader *c, const conf_value *v, size_t max,
                 const char **out)
{
    const conf_wanted wanted = { 1, max, false, SOURCE };
    size_t len = 0;

    if (conf_text(c, v, &wanted, out, &len) && strlen(*out) != len) {
        conf_error(c, v, SOURCE, "expected no zero byte");
    }
}

static void read_lists(conf_reader *c, const conf_value *v, plan_cert *p)
{
    if (!conf_is_missing(&v[K_PERMISSIONS])) {
        p->permission_count =
            conf_list(c, &v[K_PERMISSIONS], PLAN_ITEMS_MAX, sizeof(plan_item),
                      read_item, &p->permissions);
    }
    if (!conf_is_missing(&v[K_GRANTS])) {
        p->grant_count = conf_list(c, &v[K_GRANTS], PLAN_ITEMS_MAX,
                                   sizeof(plan_item), read_item, &p->grants);
    }
    if (!conf_is_missing(&v[K_COUNTRIES])) {
        p->country_count =
            conf_list(c, &v[K_COUNTRIES], PLAN_ITEMS_MAX, sizeof(uint64_t),
                      read_country, &p->countries);
    }
}

static void read_validity(conf_reader *c, const conf_value *item,
                          const conf_value *v, plan_cert *p)
{
    const char *start = NULL;

    text(c, &v[K_START], 64, &start);
    if (start != NULL && !its_time_read(start, &p->start)) {
        conf_error(c, &v[K_START], SOURCE,
                   "expected a time such as 2026-11-29T08:00:00Z");
    }
    (void)conf_number(c, &v[K_YEARS], 1, UINT16_MAX, "1609.2 6.4.16",
                      &p->years);
    (void)conf_number(c, &v[K_HOURS], 1, UINT16_MAX, "1609.2 6.4.16",
                      &p->hours);
    if ((p->years == 0) == (p->hours == 0)) {
        conf_error(c, item, SOURCE, "expected one of years and hours");
    }
}

static bool read_cert(conf_reader *c, const conf_value *item, void *out)
{
    conf_value v[K_COUNT] = { { NULL, NULL } };
    plan_cert *p = out;
    unsigned curve = 0;

    if (!conf_keys(c, item, &cert_names, v) ||
        !conf_required(c, item, &v[K_FILE], "file", SOURCE) ||
        !conf_required(c, item, &v[K_PROFILE], "profile", SOURCE) ||
        !conf_word(c, &v[K_PROFILE], &profiles, &p->profile)) {
        return false;
    }
    text(c, &v[K_FILE], 64, &p->file);
    text(c, &v[K_ISSUER], 64, &p->issuer);
    text(c, &v[K_CRACA], 64, &p->craca);
    text(c, &v[K_NAME], 255, &p->name);
    if (conf_word(c, &v[K_CURVE], &curves, &curve)) {
        p->alg = (covey_its_alg)curve;
    }
    if (p->file != NULL && strchr(p->file, '/') != NULL) {
        conf_error(c, &v[K_FILE], SOURCE, "expected a name without '/'");
    }
    read_validity(c, item, v, p);
    (void)conf_flag(c, &v[K_IMPLICIT], &p->implicit);
    (void)conf_number(c, &v[K_CRL_SERIES], 0, UINT16_MAX, SOURCE,
                      &p->crl_series);
    read_lists(c, v, p);
    if ((p->profile == PLAN_ROOT) != (p->issuer == NULL)) {
        conf_error(c, item, SOURCE, "expected an issuer, and none of a root");
    }
    if (p->implicit && (p->profile == PLAN_ROOT || p->alg != COVEY_ITS_P256)) {
        conf_error(c, &v[K_IMPLICIT], "1609.2 6.4.5",
                   "expected P-256 and an issuer");
    }
    return p->file != NULL;
}

static const char *const root_keys[] = { "certificates" };
static const conf_names root_names = { root_keys, 1, "a description" };

struct reading {
    conf_reader conf;
    its_plan *plan;
};

/* The second would be taken for the first, which is there already. */
static void refuse_twice(conf_reader *c, const conf_value *list,
                         const its_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        const char *file = plan->certs[i].file;
        for (size_t j = 0; j < i && file != NULL; j++) {
            const char *other = plan->certs[j].file;
            if (other != NULL && strcmp(file, other) == 0) {
                conf_error(c, list, SOURCE, "two have the file '%s'", file);
                return;
            }
        }
    }
}

static void read_root(void *user, const conf_value *root)
{
    struct reading *r = user;
    conf_value v[1] = { { NULL, NULL } };

    if (conf_keys(&r->conf, root, &root_names, v) &&
        conf_required(&r->conf, root, &v[0], "certificates", SOURCE)) {
        r->plan->count =
            conf_list(&r->conf, &v[0], PLAN_CERTS_MAX, sizeof(plan_cert),
                      read_cert, &r->plan->certs);
        refuse_twice(&r->conf, &v[0], r->plan);
    }
}

bool its_plan_load(its_plan *plan, const char *path)
{
    struct reading r = { { .messages = stderr,
                           .manual = SOURCE,
                           .what = "a description",
                           .memory = &plan->memory },
                         plan };

    plan->certs = NULL;
    plan->count = 0;
    plan->memory.blocks = NULL;
    if (!conf_load(&r.conf, path, read_root, &r)) {
        if (errno != 0) {
            fprintf(stderr, "%s: %s\n", path, strerror(errno));
        }
        return false;
    }
    return true;
}

const plan_cert *its_plan_find(const its_plan *plan, const char *file)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (strcmp(plan->certs[i].file, file) == 0) {
            return &plan->certs[i];
        }
    }
    return NULL;
}

void its_plan_free(its_plan *plan)
{
    conf_free(&plan->memory);
}
