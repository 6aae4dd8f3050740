/* SPDX-License-Identifier: BSD-2-Clause */
/* GeographicRegion (1609.2 clauses 6.4.17 to 6.4.27): reading, walking over
 * its parts, writing. Whether one region lies within another is in within.c.
 */
#include "its_internal.h"

enum {
    LAT_MAX = 900000000, /* tenths of a microdegree */
    LON_MAX = 1800000000,
    POLYGON_MIN = 3,
    REGION_KINDS = 4,
    REGIONS_MAX = 255, /* of a country: one octet each */
    /* IdentifiedRegion */
    COUNTRY_ONLY = 0,
    COUNTRY_REGIONS = 1,
    COUNTRY_SUBREGIONS = 2,
    COUNTRY_KINDS = 3
};

static int32_t read_i32(struct oer *o)
{
    uint32_t v = covey__oer_u32(o);

    return v > INT32_MAX ? -(int32_t)~v - 1 : (int32_t)v;
}

/* TwoDLocation; the value "unknown" is not allowed in a region. */
static void read_position(struct oer *o, int32_t *lat, int32_t *lon)
{
    size_t at = o->r.pos;

    *lat = read_i32(o);
    *lon = read_i32(o);
    if (*lat < -LAT_MAX || *lat > LAT_MAX || *lon <= -LON_MAX ||
        *lon > LON_MAX) {
        covey__oer_refuse(o, COVEY_E_RANGE, COVEY_ITS_R_REGION, at);
    }
}

/* Clause 6.4.20: north-west, then south-east, and some area between them. */
static void read_rectangle(struct oer *o, covey_its_area *a)
{
    size_t at = o->r.pos;

    read_position(o, &a->lat, &a->lon);
    read_position(o, &a->lat2, &a->lon2);
    if (a->lat <= a->lat2 || a->lon == a->lon2) {
        covey__oer_refuse(o, COVEY_E_RANGE, COVEY_ITS_R_REGION, at);
    }
}

static covey_bytes read_subregions(struct oer *o)
{
    size_t n = covey__oer_quantity(o, 0, COVEY_ITS_LIST_MAX);
    size_t from = o->r.pos;

    for (size_t i = 0; i < n; i++) {
        (void)covey__oer_u8(o);
        (void)covey__oer_bytes(
            o, 2 * covey__oer_quantity(o, 0, COVEY_ITS_LIST_MAX));
    }
    return covey__oer_since(o, from);
}

static void read_country(struct oer *o, covey_its_area *a)
{
    unsigned kind = covey__oer_choice(o, COUNTRY_KINDS);

    a->country = covey__oer_u16(o);
    if (kind == COUNTRY_REGIONS) {
        a->regions =
            covey__oer_bytes(o, covey__oer_quantity(o, 0, REGIONS_MAX));
    } else if (kind == COUNTRY_SUBREGIONS) {
        a->subregions = read_subregions(o);
    }
}

static covey_its_area read_area(struct oer *o, covey_its_region_kind kind)
{
    covey_its_area a = { 0 };

    switch (kind) {
    case COVEY_ITS_CIRCLE:
        read_position(o, &a.lat, &a.lon);
        a.radius = covey__oer_u16(o);
        break;
    case COVEY_ITS_RECTANGLES:
        read_rectangle(o, &a);
        break;
    case COVEY_ITS_POLYGON:
        read_position(o, &a.lat, &a.lon);
        break;
    case COVEY_ITS_IDENTIFIED:
        read_country(o, &a);
        break;
    }
    return a;
}

/* The parts that follow; a circle is one, the others say how many. */
static size_t read_parts(struct oer *o, covey_its_region_kind kind)
{
    return kind == COVEY_ITS_CIRCLE
               ? 1
               : covey__oer_quantity(
                     o, kind == COVEY_ITS_POLYGON ? POLYGON_MIN : 0,
                     COVEY_ITS_LIST_MAX);
}

covey_bytes covey__its_read_region(struct oer *o)
{
    size_t from = o->r.pos;
    covey_its_region_kind kind =
        (covey_its_region_kind)covey__oer_choice(o, REGION_KINDS);
    size_t n = covey__oer_fine(o) ? read_parts(o, kind) : 0;

    for (size_t i = 0; i < n; i++) {
        (void)read_area(o, kind);
    }
    return covey__oer_since(o, from);
}

covey_its_region_kind covey_its_region_kind_of(covey_bytes region)
{
    return covey_its_areas_of(region).kind;
}

covey_its_areas covey_its_areas_of(covey_bytes region)
{
    struct oer o = covey__oer_of(region);
    unsigned kind = covey__oer_choice(&o, REGION_KINDS);
    covey_its_areas list = { { NULL, 0 }, COVEY_ITS_CIRCLE };

    if (covey__oer_fine(&o)) {
        list.kind = (covey_its_region_kind)kind;
        (void)read_parts(&o, list.kind);
        list.left = covey_read_rest(&o.r);
    }
    return list;
}

bool covey_its_area_next(covey_its_areas *list, covey_its_area *out)
{
    struct oer o = covey__oer_of(list->left);
    covey_its_area a = read_area(&o, list->kind);

    if (list->left.len == 0 || !covey__oer_fine(&o)) {
        return false;
    }
    list->left = covey_read_rest(&o.r);
    *out = a;
    return true;
}

void covey_its_region_put(covey_writer *w, covey_its_region_kind kind,
                          size_t parts)
{
    covey__oer_put_choice(w, kind);
    if (kind != COVEY_ITS_CIRCLE) {
        covey__oer_put_unsigned(w, parts);
    }
}

static size_t count_subregions(covey_bytes list)
{
    struct oer o = covey__oer_of(list);
    size_t n = 0;

    while (covey_read_left(&o.r) > 0) {
        (void)covey__oer_u8(&o);
        (void)covey__oer_bytes(
            &o, 2 * covey__oer_quantity(&o, 0, COVEY_ITS_LIST_MAX));
        n++;
    }
    return n;
}

static void put_country(covey_writer *w, const covey_its_area *a)
{
    unsigned kind = a->subregions.ptr ? COUNTRY_SUBREGIONS
                    : a->regions.ptr  ? COUNTRY_REGIONS
                                      : COUNTRY_ONLY;

    covey__oer_put_choice(w, kind);
    covey_write_u16(w, a->country);
    if (kind == COUNTRY_REGIONS) {
        covey__oer_put_unsigned(w, a->regions.len);
        covey_write_bytes(w, a->regions);
    } else if (kind == COUNTRY_SUBREGIONS) {
        covey__oer_put_unsigned(w, count_subregions(a->subregions));
        covey_write_bytes(w, a->subregions);
    }
}

static void put_position(covey_writer *w, int32_t lat, int32_t lon)
{
    covey_write_u32(w, (uint32_t)lat);
    covey_write_u32(w, (uint32_t)lon);
}

void covey_its_area_put(covey_writer *w, covey_its_region_kind kind,
                        const covey_its_area *area)
{
    switch (kind) {
    case COVEY_ITS_CIRCLE:
        put_position(w, area->lat, area->lon);
        covey_write_u16(w, area->radius);
        break;
    case COVEY_ITS_RECTANGLES:
        put_position(w, area->lat, area->lon);
        put_position(w, area->lat2, area->lon2);
        break;
    case COVEY_ITS_POLYGON:
        put_position(w, area->lat, area->lon);
        break;
    case COVEY_ITS_IDENTIFIED:
        put_country(w, area);
        break;
    }
}

void covey__its_put_region(covey_writer *w, covey_bytes region)
{
    covey_its_areas list = covey_its_areas_of(region);
    covey_its_area area;
    size_t n = 0;

    while (covey_its_area_next(&list, &area)) {
        n++;
    }
    list = covey_its_areas_of(region);
    covey_its_region_put(w, list.kind, n);
    while (covey_its_area_next(&list, &area)) {
        covey_its_area_put(w, list.kind, &area);
    }
}
