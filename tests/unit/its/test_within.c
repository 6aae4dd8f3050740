/* SPDX-License-Identifier: BSD-2-Clause */
#include "its_internal.h"
#include "kit.h"

struct row {
    const char *why;
    const char *inner;
    const char *outer;
    enum its_within expected;
};

/* 50 N 10 E: 500000000, 100000000; a degree is 989680 */
#define N50E10                                                                \
    "1dcd6500"                                                                \
    "05f5e100"
#define N51E09                                                                \
    "1e65e680"                                                                \
    "055d4a80"
#define N49E11                                                                \
    "1d34e380"                                                                \
    "068e7780"
#define N50E11                                                                \
    "1dcd6500"                                                                \
    "068e7780"
#define RECT                                                                  \
    "81"                                                                      \
    "0101" N51E09 N49E11
/* across the date line: 10 N 179 E to 10 S 179 W */
#define ACROSS                                                                \
    "81"                                                                      \
    "0101"                                                                    \
    "05f5e100"                                                                \
    "6ab13380"                                                                \
    "fa0a1f00"                                                                \
    "954ecc80"

/* clang-format off */
static const struct row rows[] = {
    { "the same circle", "80" N50E10 "0064", "80" N50E10 "0064", ITS_INSIDE },
    { "smaller", "80" N50E10 "0063", "80" N50E10 "0064", ITS_INSIDE },
    { "greater", "80" N50E10 "0065", "80" N50E10 "0064", ITS_OUTSIDE },
    { "some metres away", "80" "1dcd68e8" "05f5e100" "000a",
      "80" N50E10 "0064", ITS_INSIDE },
    { "as many as there is room for", "80" "1dcd8000" "05f5e100" "0032",
      "80" N50E10 "0064", ITS_OUTSIDE },
    { "far away", "80" N49E11 "0001", "80" N50E10 "ffff", ITS_OUTSIDE },
    { "other side of the world", "80" "fa0a1f00" "954ecc80" "0001",
      "80" "05f5e100" "6ab13380" "ffff", ITS_OUTSIDE },
    { "circle in rectangle", "80" N50E10 "e000", RECT, ITS_INSIDE },
    { "circle over the edge", "80" N50E11 "0001", RECT, ITS_OUTSIDE },
    { "circle across the date line", "80" "00000000" "6b000000" "0001", ACROSS,
      ITS_OUTSIDE },
    { "rectangle in itself, twice", "81" "0102" N51E09 N49E11 N51E09 N49E11,
      RECT, ITS_INSIDE },
    { "one of two outside", "81" "0102" N51E09 N49E11 N51E09 "1d34e380"
      "068e7781", RECT, ITS_OUTSIDE },
    { "rectangle across in one across", ACROSS, "81" "0102" N51E09 N49E11
      "05f5e100" "6ab13380" "fa0a1f00" "954ecc80", ITS_INSIDE },
    { "the long way round is not across", "81" "0101" "05f5e100" "954ecc80"
      "fa0a1f00" "6ab13380", ACROSS, ITS_OUTSIDE },
    { "rectangle in circle", RECT, "80" N50E10 "ffff", ITS_UNDECIDED },
    { "polygon in rectangle", "82" "0103" N51E09 N49E11 N50E10, RECT,
      ITS_INSIDE },
    { "a corner outside", "82" "0103" N51E09 N49E11 "1dcd6500" "068e7781",
      RECT, ITS_OUTSIDE },
    { "the same polygon", "82" "0103" N51E09 N49E11 N50E10,
      "82" "0103" N51E09 N49E11 N50E10, ITS_INSIDE },
    { "circle in polygon", "80" N50E10 "0001",
      "82" "0103" N51E09 N49E11 N50E11, ITS_UNDECIDED },
    { "country in rectangle", "83" "0101" "80" "0114", RECT, ITS_UNDECIDED },
    { "country in country", "83" "0101" "80" "0114",
      "83" "0102" "80" "00fa" "80" "0114", ITS_INSIDE },
    { "region of a country", "83" "0101" "81" "0114" "0101" "05",
      "83" "0101" "80" "0114", ITS_INSIDE },
    { "country in its region", "83" "0101" "80" "0114",
      "83" "0101" "81" "0114" "0101" "05", ITS_OUTSIDE },
    { "region in regions", "83" "0101" "81" "0114" "0101" "05",
      "83" "0101" "81" "0114" "0102" "0605", ITS_INSIDE },
    { "region not in regions", "83" "0101" "81" "0114" "0102" "0507",
      "83" "0101" "81" "0114" "0102" "0605", ITS_OUTSIDE },
    { "subregion in its region",
      "83" "0101" "82" "0114" "0101" "05" "0101" "0001",
      "83" "0101" "81" "0114" "0101" "05", ITS_INSIDE },
    { "region in its subregion", "83" "0101" "81" "0114" "0101" "05",
      "83" "0101" "82" "0114" "0101" "05" "0101" "0001", ITS_OUTSIDE },
    { "subregions in subregions",
      "83" "0101" "82" "0114" "0101" "05" "0101" "0002",
      "83" "0101" "82" "0114" "0102" "06" "0100" "05" "0102" "0001" "0002",
      ITS_INSIDE },
    { "subregion of another region",
      "83" "0101" "82" "0114" "0101" "06" "0101" "0002",
      "83" "0101" "82" "0114" "0102" "06" "0100" "05" "0102" "0001" "0002",
      ITS_OUTSIDE },
    { "subregion of another country",
      "83" "0101" "82" "0115" "0101" "05" "0101" "0002",
      "83" "0101" "82" "0114" "0101" "05" "0102" "0001" "0002", ITS_OUTSIDE },
    { "everywhere in a country", "", "83" "0101" "80" "0114", ITS_OUTSIDE },
    { "everywhere in everywhere", "", "", ITS_INSIDE },
    { "a country everywhere", "83" "0101" "80" "0114", "", ITS_INSIDE },
};
/* clang-format on */

static covey_bytes region(const char *hex, uint8_t *storage)
{
    return hex[0] ? kit_hex(hex, storage, 200) : covey_bytes_of(NULL, 0);
}

static void decides_whether_a_region_is_within_another(void **state)
{
    uint8_t a[200];
    uint8_t b[200];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        kit_case(rows[i].why);
        assert_int_equal(covey__its_within(region(rows[i].inner, a),
                                           region(rows[i].outer, b)),
                         rows[i].expected);
    }
    kit_case(NULL);
}

static void decides_whether_a_place_is_in_a_region(void **state)
{
    uint8_t a[200];

    (void)state;
    assert_int_equal(covey__its_contains(covey_bytes_of(NULL, 0), 0, 0),
                     ITS_INSIDE);
    assert_int_equal(
        covey__its_contains(region(RECT, a), 500000000, 100000000),
        ITS_INSIDE);
    assert_int_equal(covey__its_contains(region(RECT, a), 500000000, 0),
                     ITS_OUTSIDE);
    assert_int_equal(covey__its_contains(region(ACROSS, a), 0, 1799999999),
                     ITS_INSIDE);
    assert_int_equal(covey__its_contains(region(ACROSS, a), 0, 0),
                     ITS_OUTSIDE);
    assert_int_equal(covey__its_contains(region("80" N50E10 "0064", a),
                                         500000100, 100000100),
                     ITS_INSIDE);
    assert_int_equal(covey__its_contains(region("80" N50E10 "0064", a),
                                         500009000, 100000000),
                     ITS_OUTSIDE);
    assert_int_equal(covey__its_contains(region("83"
                                                "0101"
                                                "80"
                                                "0114",
                                                a),
                                         0, 0),
                     ITS_UNDECIDED);
}

static void says_so_to_others(void **state)
{
    bool decided = false;
    uint8_t a[200];

    (void)state;
    assert_true(
        covey_its_region_has(region(RECT, a), 500000000, 100000000, &decided));
    assert_true(decided);
    assert_false(covey_its_region_has(region(RECT, a), 0, 0, &decided));
    assert_true(decided);
    assert_false(covey_its_region_has(region("83"
                                             "0101"
                                             "80"
                                             "0114",
                                             a),
                                      0, 0, &decided));
    assert_false(decided);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_whether_a_region_is_within_another),
        cmocka_unit_test(decides_whether_a_place_is_in_a_region),
        cmocka_unit_test(says_so_to_others),
    };
    return KIT_RUN(tests);
}
