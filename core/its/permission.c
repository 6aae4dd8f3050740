/* SPDX-License-Identifier: BSD-2-Clause */
/* Permissions in certificates (1609.2 clauses 6.4.28 to 6.4.35): what the
 * holder may sign, and what a CA may grant. A list is checked when the
 * certificate is decoded; the iterators walk over the same bytes again. */
#include "its_internal.h"

enum {
    HAS_SSP = 0x80, /* PsidSsp, PsidSspRange */
    /* PsidGroupPermissions */
    HAS_MIN_CHAIN = 0x80,
    HAS_CHAIN_RANGE = 0x40,
    HAS_EE_TYPE = 0x20,
    GROUP_BITS = 0xe0,
    EE_TYPES = COVEY_ITS_EE_APP | COVEY_ITS_EE_ENROL,
    BITMAP_SSP_MAX = 31,
    BITMAP_MAX = 32,
    /* alternatives */
    SSP_OPAQUE = 0,
    SSP_BITMAP = 1,
    RANGE_OPAQUE = 0,
    RANGE_ALL = 1,
    RANGE_BITMAP = 2,
    SUBJECT_EXPLICIT = 0,
    SUBJECT_ALL = 1
};

/* PsidSsp, clause 6.4.28 */
static covey_its_permission read_permission(struct oer *o)
{
    covey_its_permission p = { 0 };
    unsigned preamble = covey__oer_preamble(o, HAS_SSP);
    size_t end;

    p.psid = covey__oer_unsigned(o);
    if ((preamble & HAS_SSP) == 0) {
        return p;
    }
    p.bitmap = covey__oer_choice(o, 2) == SSP_BITMAP;
    if (p.bitmap) {
        end = covey__oer_open(o);
        p.ssp = covey__oer_octets(o, 0, BITMAP_SSP_MAX);
        covey__oer_close(o, end);
    } else {
        p.ssp = covey__oer_octets(o, 0, COVEY_ITS_CERT_MAX);
    }
    return p;
}

static covey_bytes read_opaques(struct oer *o)
{
    size_t n = covey__oer_quantity(o, 0, COVEY_ITS_LIST_MAX);
    size_t from = o->r.pos;

    for (size_t i = 0; i < n; i++) {
        (void)covey__oer_octets(o, 0, COVEY_ITS_CERT_MAX);
    }
    return covey__oer_since(o, from);
}

/* PsidSspRange, clause 6.4.32 */
static covey_its_range read_range(struct oer *o)
{
    covey_its_range range = { 0 };
    unsigned preamble = covey__oer_preamble(o, HAS_SSP);
    size_t end;

    range.psid = covey__oer_unsigned(o);
    if ((preamble & HAS_SSP) == 0) {
        return range;
    }
    switch (covey__oer_choice(o, 3)) {
    case RANGE_OPAQUE:
        range.kind = COVEY_ITS_RANGE_OPAQUE;
        range.opaques = read_opaques(o);
        break;
    case RANGE_ALL:
        range.all = true;
        break;
    case RANGE_BITMAP:
        range.kind = COVEY_ITS_RANGE_BITMAP;
        end = covey__oer_open(o);
        range.value = covey__oer_octets(o, 1, BITMAP_MAX);
        range.mask = covey__oer_octets(o, 1, BITMAP_MAX);
        covey__oer_close(o, end);
        if (covey__oer_fine(o) && range.value.len != range.mask.len) {
            covey__oer_refuse_value(o, COVEY_ITS_R_SSP_MASK, range.value.len,
                                    range.mask.len);
        }
        break;
    default:
        break;
    }
    return range;
}

/* What the iterators need no more than the first time: each item on its own.
 */
static covey_its_group read_group_head(struct oer *o, unsigned *preamble)
{
    covey_its_group g = { { NULL, 0 }, 1, 0, COVEY_ITS_EE_APP, false };
    size_t n;
    size_t from;

    *preamble = covey__oer_preamble(o, GROUP_BITS);
    if (covey__oer_choice(o, 2) != SUBJECT_EXPLICIT) {
        return g;
    }
    n = covey__oer_quantity(o, 0, COVEY_ITS_LIST_MAX);
    from = o->r.pos;
    for (size_t i = 0; i < n; i++) {
        (void)read_range(o);
    }
    g.ranges = covey__oer_since(o, from);
    return g;
}

/* A value that is the default is not encoded. */
static void want_other(struct oer *o, int32_t v, int32_t otherwise, size_t at)
{
    if (v == otherwise) {
        covey__oer_refuse(o, COVEY_E_FORMAT, COVEY_ITS_R_CANONICAL, at);
    }
}

/* How far a negative number lies below zero: the least one has no opposite
 * among its own kind. */
static uint64_t magnitude(int32_t negative)
{
    return 0U - (uint64_t)negative;
}

/* PsidGroupPermissions, clause 6.4.30. An eeType that is the default may be
 * there all the same: editions of TS 103 097 have another default. */
static covey_its_group read_group(struct oer *o)
{
    unsigned preamble;
    covey_its_group g = read_group_head(o, &preamble);
    size_t at = o->r.pos;

    if (preamble & HAS_MIN_CHAIN) {
        g.min_chain = covey__oer_integer(o);
        want_other(o, g.min_chain, 1, at);
    }
    at = o->r.pos;
    if (preamble & HAS_CHAIN_RANGE) {
        g.chain_range = covey__oer_integer(o);
        want_other(o, g.chain_range, 0, at);
    }
    if (preamble & HAS_EE_TYPE) {
        g.ee_type = covey__oer_u8(o);
        g.ee_type_encoded = true;
    }
    if (covey__oer_fine(o) &&
        (g.min_chain < 0 || g.chain_range < -1 || g.ee_type == 0 ||
         (g.ee_type & ~(unsigned)EE_TYPES) != 0)) {
        covey__oer_refuse_value(o, COVEY_ITS_R_VALUE,
                                g.min_chain < 0      ? magnitude(g.min_chain)
                                : g.chain_range < -1 ? magnitude(g.chain_range)
                                                     : g.ee_type,
                                0);
    }
    return g;
}

/* No PSID before this one, at `from`, is the same. */
static void want_new_psid(struct oer *o, covey_bytes before, uint64_t psid)
{
    covey_its_permission p;

    while (covey_its_permission_next(&before, &p)) {
        if (p.psid == psid) {
            covey__oer_refuse_value(o, COVEY_ITS_R_PSID_TWICE, psid, 0);
        }
    }
}

covey_bytes covey__its_read_permissions(struct oer *o)
{
    size_t n = covey__oer_quantity(o, 0, COVEY_ITS_LIST_MAX);
    size_t from = o->r.pos;

    for (size_t i = 0; i < n; i++) {
        covey_bytes before = covey__oer_since(o, from);
        covey_its_permission p = read_permission(o);
        if (covey__oer_fine(o)) {
            want_new_psid(o, before, p.psid);
        }
    }
    return covey__oer_since(o, from);
}

covey_bytes covey__its_read_groups(struct oer *o, bool issue)
{
    size_t n = covey__oer_quantity(o, 0, COVEY_ITS_LIST_MAX);
    size_t from = o->r.pos;
    unsigned all = 0;

    for (size_t i = 0; i < n; i++) {
        size_t at = o->r.pos;
        covey_its_group g = read_group(o);
        all += g.ranges.ptr == NULL;
        if (all > 1) {
            covey__oer_refuse(o, COVEY_E_RANGE, COVEY_ITS_R_ALL_TWICE, at);
        }
        if (issue && g.min_chain == 0) {
            covey__oer_refuse(o, COVEY_E_RANGE, COVEY_ITS_R_CHAIN_ZERO, at);
        }
    }
    return covey__oer_since(o, from);
}

/* One item off the list; false at its end. Items were checked before, so that
 * one that cannot be read ends the list and is not returned. */
static bool step(covey_bytes *list, const struct oer *o)
{
    if (!covey__oer_fine(o)) {
        *list = covey_bytes_of(list->ptr, 0);
        return false;
    }
    *list = covey_bytes_of(list->ptr + o->r.pos, list->len - o->r.pos);
    return true;
}

bool covey_its_permission_next(covey_bytes *list, covey_its_permission *out)
{
    struct oer o = covey__oer_of(*list);
    covey_its_permission p = read_permission(&o);

    if (list->len == 0 || !step(list, &o)) {
        return false;
    }
    *out = p;
    return true;
}

bool covey_its_group_next(covey_bytes *list, covey_its_group *out)
{
    struct oer o = covey__oer_of(*list);
    covey_its_group g = read_group(&o);

    if (list->len == 0 || !step(list, &o)) {
        return false;
    }
    *out = g;
    return true;
}

bool covey_its_range_next(covey_bytes *list, covey_its_range *out)
{
    struct oer o = covey__oer_of(*list);
    covey_its_range range = read_range(&o);

    if (list->len == 0 || !step(list, &o)) {
        return false;
    }
    *out = range;
    return true;
}

bool covey_its_opaque_next(covey_bytes *list, covey_bytes *out)
{
    struct oer o = covey__oer_of(*list);
    covey_bytes opaque = covey__oer_octets(&o, 0, COVEY_ITS_CERT_MAX);

    if (list->len == 0 || !step(list, &o)) {
        return false;
    }
    *out = opaque;
    return true;
}

bool covey_its_permission_find(const covey_its_cert *cert, uint64_t psid,
                               covey_its_permission *out)
{
    covey_bytes list = cert->app_permissions;
    covey_its_permission p;

    while (covey_its_permission_next(&list, &p)) {
        if (p.psid == psid) {
            *out = p;
            return true;
        }
    }
    return false;
}

void covey_its_permission_put(covey_writer *list,
                              const covey_its_permission *permission)
{
    const covey_its_permission *p = permission;

    covey_write_u8(list, p->ssp.ptr ? HAS_SSP : 0);
    covey__oer_put_unsigned(list, p->psid);
    if (!p->ssp.ptr) {
        return;
    }
    covey__oer_put_choice(list, p->bitmap ? SSP_BITMAP : SSP_OPAQUE);
    if (p->bitmap) {
        covey__oer_put_length(list, 1 + p->ssp.len);
    }
    covey__oer_put_octets(list, p->ssp);
}

void covey_its_opaque_put(covey_writer *list, covey_bytes opaque)
{
    covey__oer_put_octets(list, opaque);
}

static size_t count_opaques(covey_bytes list)
{
    covey_bytes item;
    size_t n = 0;

    while (covey_its_opaque_next(&list, &item)) {
        n++;
    }
    return n;
}

void covey_its_range_put(covey_writer *list, const covey_its_range *range)
{
    bool some = range->kind != COVEY_ITS_RANGE_ANY || range->all;

    covey_write_u8(list, some ? HAS_SSP : 0);
    covey__oer_put_unsigned(list, range->psid);
    switch (range->kind) {
    case COVEY_ITS_RANGE_ANY:
        if (range->all) {
            covey__oer_put_choice(list, RANGE_ALL);
        }
        break;
    case COVEY_ITS_RANGE_OPAQUE:
        covey__oer_put_choice(list, RANGE_OPAQUE);
        covey__oer_put_unsigned(list, count_opaques(range->opaques));
        covey_write_bytes(list, range->opaques);
        break;
    case COVEY_ITS_RANGE_BITMAP:
        covey__oer_put_choice(list, RANGE_BITMAP);
        covey__oer_put_length(list, 2 + range->value.len + range->mask.len);
        covey__oer_put_octets(list, range->value);
        covey__oer_put_octets(list, range->mask);
        break;
    }
}

static void put_ranges(covey_writer *w, covey_bytes ranges)
{
    covey_its_range range;
    covey_bytes left = ranges;
    size_t n = 0;

    while (covey_its_range_next(&left, &range)) {
        n++;
    }
    covey__oer_put_choice(w, SUBJECT_EXPLICIT);
    covey__oer_put_unsigned(w, n);
    while (covey_its_range_next(&ranges, &range)) {
        covey_its_range_put(w, &range);
    }
}

void covey_its_group_put(covey_writer *list, const covey_its_group *group)
{
    const covey_its_group *g = group;
    bool ee_type = g->ee_type != COVEY_ITS_EE_APP || g->ee_type_encoded;

    covey_write_u8(list, (uint8_t)((g->min_chain != 1 ? HAS_MIN_CHAIN : 0) |
                                   (g->chain_range ? HAS_CHAIN_RANGE : 0) |
                                   (ee_type ? HAS_EE_TYPE : 0)));
    if (g->ranges.ptr) {
        put_ranges(list, g->ranges);
    } else {
        covey__oer_put_choice(list, SUBJECT_ALL);
    }
    if (g->min_chain != 1) {
        covey__oer_put_integer(list, g->min_chain);
    }
    if (g->chain_range != 0) {
        covey__oer_put_integer(list, g->chain_range);
    }
    if (ee_type) {
        covey_write_u8(list, g->ee_type);
    }
}

void covey__its_put_permissions(covey_writer *w, covey_bytes list)
{
    covey_its_permission p;
    covey_bytes left = list;
    size_t n = 0;

    while (covey_its_permission_next(&left, &p)) {
        n++;
    }
    covey__oer_put_unsigned(w, n);
    while (covey_its_permission_next(&list, &p)) {
        covey_its_permission_put(w, &p);
    }
}

void covey__its_put_groups(covey_writer *w, covey_bytes list)
{
    covey_its_group g;
    covey_bytes left = list;
    size_t n = 0;

    while (covey_its_group_next(&left, &g)) {
        n++;
    }
    covey__oer_put_unsigned(w, n);
    while (covey_its_group_next(&list, &g)) {
        covey_its_group_put(w, &g);
    }
}
