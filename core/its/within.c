/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a region lies within another (1609.2 clause 5.1.2.4). Decided are
 * identified regions within identified ones, rectangles, polygons and circles
 * within a rectangle, a circle within a circle; whatever is the same, is
 * inside. A part has to lie within one part of the other: that two rectangles
 * side by side cover it is not looked for. Undecided is not inside. Whole
 * numbers only: a microcontroller has no others. */
#include "its_internal.h"

/* A tenth of a microdegree of latitude is 1/89.83 m; more, to be sure. */
#define UNITS_PER_METRE 90

/* Degrees of longitude shrink with the cosine of the latitude. In 1/1024, for
 * each 5 degrees: the value at their end, so the least of them. */
static const uint16_t cosines[18] = { 1020, 1008, 989, 962, 928, 886,
                                      838,  784,  724, 658, 587, 512,
                                      432,  350,  265, 177, 89,  0 };

/* The units of longitude that so many metres are at most, at this latitude;
 * beyond 85 degrees more than there are. */
static int64_t longitude_of(int64_t metres, int32_t lat)
{
    uint32_t step = (uint32_t)(lat < 0 ? -(int64_t)lat : lat) / 50000000;
    uint16_t cosine = cosines[step < 18 ? step : 17];

    return cosine == 0 ? INT64_MAX / 4
                       : metres * UNITS_PER_METRE * 1024 / cosine;
}

static bool same_area(const covey_its_area *a, const covey_its_area *b)
{
    return a->lat == b->lat && a->lon == b->lon && a->radius <= b->radius;
}

/* Both shortened to a plane around the outer one's centre: the inner circle is
 * inside if the box around it has its corners inside. Overestimates what is
 * needed, never what is allowed. */
static bool circle_in_circle(const covey_its_area *a, const covey_its_area *b)
{
    int64_t dy = (int64_t)a->lat - b->lat;
    int64_t dx = (int64_t)a->lon - b->lon;
    int64_t room = ((int64_t)b->radius - a->radius) * 89;

    if (same_area(a, b)) {
        return true;
    }
    if (room <= 0 || dy > room || dy < -room || dx > INT32_MAX ||
        dx < -INT32_MAX) {
        return false;
    }
    return dx * dx + dy * dy <= room * room; /* a unit of longitude is less */
}

static bool point_in_rectangle(int64_t lat, int64_t lon,
                               const covey_its_area *r)
{
    bool across = r->lon > r->lon2; /* the date line */

    return lat <= r->lat && lat >= r->lat2 &&
           (across ? lon >= r->lon || lon <= r->lon2
                   : lon >= r->lon && lon <= r->lon2);
}

static bool rectangle_in_rectangle(const covey_its_area *a,
                                   const covey_its_area *r)
{
    bool a_across = a->lon > a->lon2;
    bool r_across = r->lon > r->lon2;

    return point_in_rectangle(a->lat, a->lon, r) &&
           point_in_rectangle(a->lat2, a->lon2, r) &&
           (a_across == r_across ||
            (!a_across && (a->lon >= r->lon) == (a->lon2 >= r->lon)));
}

static bool circle_in_rectangle(const covey_its_area *a,
                                const covey_its_area *r)
{
    int64_t dy = (int64_t)a->radius * UNITS_PER_METRE;
    int64_t far = (a->lat < 0 ? -(int64_t)a->lat : a->lat) + dy;
    int64_t dx =
        longitude_of(a->radius, far > INT32_MAX ? INT32_MAX : (int32_t)far);

    return r->lon <= r->lon2 &&
           point_in_rectangle(a->lat + dy, a->lon - dx, r) &&
           point_in_rectangle(a->lat - dy, a->lon + dx, r);
}

static bool has_byte(covey_bytes bytes, uint8_t wanted)
{
    for (size_t i = 0; bytes.ptr && i < bytes.len; i++) {
        if (bytes.ptr[i] == wanted) {
            return true;
        }
    }
    return false;
}

/* One {region, subregions}; false at the end. */
static bool next_subregions(covey_bytes *list, uint8_t *region,
                            covey_bytes *subregions)
{
    struct oer o = covey__oer_of(*list);

    if (list->len == 0) {
        return false;
    }
    *region = covey__oer_u8(&o);
    *subregions = covey__oer_bytes(
        &o, 2 * covey__oer_quantity(&o, 0, COVEY_ITS_LIST_MAX));
    *list = covey_read_rest(&o.r);
    return covey__oer_fine(&o);
}

static bool has_pair(covey_bytes bytes, const uint8_t *pair)
{
    for (size_t i = 0; i + 1 < bytes.len; i += 2) {
        if (bytes.ptr[i] == pair[0] && bytes.ptr[i + 1] == pair[1]) {
            return true;
        }
    }
    return false;
}

/* All these subregions of one region are among the outer's. */
static bool subregions_in(uint8_t region, covey_bytes inner, covey_bytes outer)
{
    covey_bytes theirs;
    uint8_t other;

    while (next_subregions(&outer, &other, &theirs)) {
        bool all = other == region;
        for (size_t i = 0; all && i + 1 < inner.len; i += 2) {
            all = has_pair(theirs, inner.ptr + i);
        }
        if (all) {
            return true;
        }
    }
    return false;
}

/* A whole country is in itself; regions of it in the same, or in a list that
 * has them all; subregions also in a list that has their whole region. */
static bool country_in_country(const covey_its_area *a,
                               const covey_its_area *b)
{
    covey_bytes left = a->subregions;
    covey_bytes subregions;
    uint8_t region;
    bool whole = !a->regions.ptr && !a->subregions.ptr;

    if (a->country != b->country) {
        return false;
    }
    if (whole || (!b->regions.ptr && !b->subregions.ptr)) {
        return !b->regions.ptr && !b->subregions.ptr;
    }
    if (a->regions.ptr) {
        for (size_t i = 0; i < a->regions.len; i++) {
            if (!has_byte(b->regions, a->regions.ptr[i])) {
                return false;
            }
        }
        return true;
    }
    while (next_subregions(&left, &region, &subregions)) {
        if (!has_byte(b->regions, region) &&
            !subregions_in(region, subregions, b->subregions)) {
            return false;
        }
    }
    return true;
}

static bool area_in_area(covey_its_region_kind kind, const covey_its_area *a,
                         covey_its_region_kind outer, const covey_its_area *b)
{
    if (outer == COVEY_ITS_IDENTIFIED) {
        return country_in_country(a, b);
    }
    if (outer == COVEY_ITS_CIRCLE) {
        return circle_in_circle(a, b);
    }
    switch (kind) {
    case COVEY_ITS_CIRCLE:
        return circle_in_rectangle(a, b);
    case COVEY_ITS_RECTANGLES:
        return rectangle_in_rectangle(a, b);
    case COVEY_ITS_POLYGON:
        return b->lon <= b->lon2 && point_in_rectangle(a->lat, a->lon, b);
    case COVEY_ITS_IDENTIFIED:
        break;
    }
    return false;
}

static bool comparable(covey_its_region_kind inner,
                       covey_its_region_kind outer)
{
    switch (outer) {
    case COVEY_ITS_CIRCLE:
        return inner == COVEY_ITS_CIRCLE;
    case COVEY_ITS_RECTANGLES:
        return inner != COVEY_ITS_IDENTIFIED;
    case COVEY_ITS_IDENTIFIED:
        return inner == COVEY_ITS_IDENTIFIED;
    case COVEY_ITS_POLYGON:
        break;
    }
    return false;
}

/* All corners of a polygon in one rectangle. */
static bool polygon_in(covey_bytes inner, const covey_its_area *r)
{
    covey_its_areas list = covey_its_areas_of(inner);
    covey_its_area corner;

    while (covey_its_area_next(&list, &corner)) {
        if (!area_in_area(COVEY_ITS_POLYGON, &corner, COVEY_ITS_RECTANGLES,
                          r)) {
            return false;
        }
    }
    return true;
}

/* One part of the outer region has all of this part. */
static bool part_in(covey_its_region_kind kind, const covey_its_area *a,
                    covey_bytes inner, covey_bytes outer)
{
    covey_its_areas list = covey_its_areas_of(outer);
    covey_its_area b;

    while (covey_its_area_next(&list, &b)) {
        if (kind == COVEY_ITS_POLYGON ? polygon_in(inner, &b)
                                      : area_in_area(kind, a, list.kind, &b)) {
            return true;
        }
    }
    return false;
}

enum its_within covey__its_within(covey_bytes inner, covey_bytes outer)
{
    covey_its_areas list;
    covey_its_area a;

    if (!outer.ptr || covey_bytes_equal(inner, outer)) {
        return ITS_INSIDE;
    }
    if (!inner.ptr) {
        return ITS_OUTSIDE;
    }
    list = covey_its_areas_of(inner);
    if (!comparable(list.kind, covey_its_region_kind_of(outer))) {
        return ITS_UNDECIDED;
    }
    while (covey_its_area_next(&list, &a)) {
        if (!part_in(list.kind, &a, inner, outer)) {
            return ITS_OUTSIDE;
        }
    }
    return ITS_INSIDE;
}

enum its_within covey__its_contains(covey_bytes region, int32_t lat,
                                    int32_t lon)
{
    covey_its_areas list = covey_its_areas_of(region);
    covey_its_area here = { .lat = lat, .lon = lon };
    covey_its_area b;

    if (!region.ptr) {
        return ITS_INSIDE;
    }
    if (list.kind == COVEY_ITS_IDENTIFIED || list.kind == COVEY_ITS_POLYGON) {
        return ITS_UNDECIDED;
    }
    while (covey_its_area_next(&list, &b)) {
        if (list.kind == COVEY_ITS_CIRCLE ? circle_in_circle(&here, &b)
                                          : point_in_rectangle(lat, lon, &b)) {
            return ITS_INSIDE;
        }
    }
    return ITS_OUTSIDE;
}

bool covey_its_region_has(covey_bytes region, int32_t lat, int32_t lon,
                          bool *decided)
{
    const enum its_within place = covey__its_contains(region, lat, lon);

    *decided = place != ITS_UNDECIDED;
    return place == ITS_INSIDE;
}
