/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of labels, maps that are read by it, and problem details. */
#include "kit.h"

#include <covey/coap.h>
#include <covey/keying.h>

static const covey_keying_map maps[] = {
    COVEY_KEYING_GROUPCOMM,
    COVEY_KEYING_KEY,
    COVEY_KEYING_POLICIES,
    COVEY_KEYING_CONFIG,
};

static uint8_t storage[256];

static void every_label_has_one_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(maps); i++) {
        size_t count;
        const covey_keying_label *rows = covey_keying_labels(maps[i], &count);

        for (size_t a = 0; a < count; a++) {
            covey_writer w = covey_writer_of(storage, sizeof storage);
            covey_writer expected = covey_writer_of(storage + 64, 64);

            assert_true(rows[a].place < COVEY_KEYING_VALUES);
            covey_keying_put_label(&w, maps[i], rows[a].place);
            covey_cbor_put_int(&expected, rows[a].label);
            CHECK_SPAN(covey_written(&expected), covey_written(&w));
            for (size_t b = 0; b < a; b++) {
                assert_int_not_equal(rows[a].label, rows[b].label);
                assert_int_not_equal(rows[a].place, rows[b].place);
            }
        }
    }
}

static void reads_values_to_their_places(void **state)
{
    covey_bytes v[COVEY_KEYING_VALUES];
    int64_t n = 7;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_keying_parse(
                               v, COVEY_KEYING_GROUPCOMM,
                               kit_hex("a6 03 42 8100 09 05 04 f6 181a 62 2f63"
                                       "61 78 01 1903e7 a0",
                                       storage, sizeof storage)));
    CHECK_HEX("8100", v[COVEY_GC_SCOPE]);
    CHECK_HEX("05", v[COVEY_GC_NUM]);
    CHECK_HEX("f6", v[COVEY_GC_GET_CREDS]);
    CHECK_HEX("2f63", v[COVEY_GC_CONTROL_URI]);
    assert_null(v[COVEY_GC_CNONCE].ptr);
    CHECK_STATUS(COVEY_OK, covey_keying_int(v[COVEY_GC_NUM], 5, 5, &n));
    assert_int_equal(n, 5);
    CHECK_STATUS(COVEY_E_RANGE, covey_keying_int(v[COVEY_GC_NUM], 6, 9, &n));
    CHECK_STATUS(COVEY_E_RANGE, covey_keying_int(v[COVEY_GC_EXI], 0, 9, &n));
    assert_int_equal(n, 5);
}

static void refuses_maps_that_are_none(void **state)
{
    static const struct {
        const char *why;
        const char *hex;
        covey_keying_map map;
        covey_status status;
    } cases[] = {
        { "nothing", "", COVEY_KEYING_GROUPCOMM, COVEY_E_SHORT },
        { "an array", "80", COVEY_KEYING_GROUPCOMM, COVEY_E_FORMAT },
        { "a label twice", "a2 09 01 09 02", COVEY_KEYING_GROUPCOMM,
          COVEY_E_FORMAT },
        { "an own label twice", "a2 3a00010107 80 3a00010107 80",
          COVEY_KEYING_GROUPCOMM, COVEY_E_FORMAT },
        { "scope is text", "a1 03 61 61", COVEY_KEYING_GROUPCOMM,
          COVEY_E_FORMAT },
        { "num is negative", "a1 09 20", COVEY_KEYING_GROUPCOMM,
          COVEY_E_FORMAT },
        { "key is bytes", "a1 08 40", COVEY_KEYING_GROUPCOMM, COVEY_E_FORMAT },
        { "creds is a map", "a1 0d a0", COVEY_KEYING_GROUPCOMM,
          COVEY_E_FORMAT },
        { "something behind", "a0 00", COVEY_KEYING_GROUPCOMM,
          COVEY_E_FORMAT },
        { "no value", "a1 09", COVEY_KEYING_GROUPCOMM, COVEY_E_SHORT },
        { "unknown label without value", "a1 1903e7", COVEY_KEYING_GROUPCOMM,
          COVEY_E_SHORT },
        { "null where it is not optional", "a1 09 f6", COVEY_KEYING_GROUPCOMM,
          COVEY_E_FORMAT },
        { "ms is a number", "a1 02 01", COVEY_KEYING_KEY, COVEY_E_FORMAT },
        { "active is a number", "a1 2b 01", COVEY_KEYING_CONFIG,
          COVEY_E_FORMAT },
        { "active is null", "a1 2b f6", COVEY_KEYING_CONFIG, COVEY_E_FORMAT },
        { "an interval below 0", "a1 01 20", COVEY_KEYING_POLICIES,
          COVEY_E_FORMAT },
    };
    covey_bytes v[COVEY_KEYING_VALUES];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        memset(v, 0xee, sizeof v);
        CHECK_STATUS(cases[i].status,
                     covey_keying_parse(
                         v, cases[i].map,
                         kit_hex(cases[i].hex, storage, sizeof storage)));
        for (size_t n = 0; n < COUNT_OF(v); n++) {
            assert_null(v[n].ptr);
        }
    }
    kit_case(NULL);
}

static void takes_null_for_what_may_be_unset(void **state)
{
    covey_bytes v[COVEY_KEYING_VALUES];

    (void)state;
    CHECK_STATUS(COVEY_OK,
                 covey_keying_parse(v, COVEY_KEYING_CONFIG,
                                    kit_hex("a3 24 f6 2b f5 2d f6", storage,
                                            sizeof storage)));
    assert_null(v[COVEY_CONF_SIGN_ALG].ptr);
    assert_null(v[COVEY_CONF_DESCRIPTION].ptr);
    assert_true(covey_keying_bool(v[COVEY_CONF_ACTIVE]));
    assert_false(covey_keying_bool(v[COVEY_CONF_SIGN_ALG]));
}

/* All inputs of up to three bytes, of the longest those that are maps: what is
 * taken is a whole item and a map. */
static void agrees_with_the_reader_on_short_inputs(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 3; n++) {
        const uint32_t first = n == 2 ? 0xa00000 : 0;
        const uint32_t end = n == 2 ? 0xc00000 : (uint32_t)1 << 8 * (n + 1);

        for (uint32_t x = first; x < end; x++) {
            const uint8_t in[3] = { (uint8_t)(x >> 8 * n),
                                    (uint8_t)(n > 0 ? x >> 8 * (n - 1) : 0),
                                    (uint8_t)x };
            const covey_bytes bytes = covey_bytes_of(in, n + 1);
            covey_cbor_reader r =
                covey_cbor_reader_of(bytes, COVEY_CBOR_WELL_FORMED);
            covey_bytes v[COVEY_KEYING_VALUES];
            covey_keying_error error;
            const bool map = covey_cbor_peek(&r) == COVEY_CBOR_MAP;
            bool ok = covey_keying_parse(v, COVEY_KEYING_GROUPCOMM, bytes) ==
                      COVEY_OK;

            covey_cbor_skip(&r);
            assert_false(ok && !(map && covey_cbor_done(&r)));
            assert_int_not_equal(COVEY_OK,
                                 covey_keying_problem_parse(&error, bytes));
        }
    }
}

static void writes_and_reads_problems(void **state)
{
    (void)state;
    for (unsigned e = 0; e < COVEY_KEYING_ERRORS; e++) {
        covey_writer w = covey_writer_of(storage, sizeof storage);
        covey_keying_error again = COVEY_KEYING_ERRORS;

        covey_keying_put_problem(&w, (covey_keying_error)e);
        CHECK_STATUS(COVEY_OK,
                     covey_keying_problem_parse(&again, covey_written(&w)));
        assert_int_equal(again, e);
        CHECK_SPAN(covey_bytes_text(covey_keying_error_text(again)),
                   covey_keying_problem_title(covey_written(&w)));
        assert_true(covey_keying_error_code(again) >= COVEY_COAP_CODE(4, 0));
    }
    assert_int_equal(covey_keying_error_code(COVEY_KEYING_NOT_ACTIVE),
                     COVEY_COAP_CODE(5, 3));
}

static void writes_and_reads_titles(void **state)
{
    static const char *const none[] = {
        "",   "a0",       "a1 20 01",      "a1 20 41 61", "a1 21 61 61",
        "80", "a1 20 62", "a1 20 6161 00", "a1 00 6161",
    };

    (void)state;
    for (unsigned code = 0; code <= UINT8_MAX; code++) {
        covey_writer w = covey_writer_of(storage, sizeof storage);
        const char *text = covey_keying_code_text((uint8_t)code);

        covey_keying_put_title(&w, text);
        CHECK_SPAN(covey_bytes_text(text),
                   covey_keying_problem_title(covey_written(&w)));
    }
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        kit_case(none[i]);
        assert_null(covey_keying_problem_title(
                        kit_hex(none[i], storage, sizeof storage))
                        .ptr);
    }
    kit_case(NULL);
}

static void refuses_problems_that_are_none(void **state)
{
    static const struct {
        const char *hex;
        covey_status status;
    } cases[] = {
        { "a0", COVEY_E_RANGE },
        { "a1 00 a0", COVEY_E_RANGE },
        { "a1 00 a1 00 0d", COVEY_E_RANGE },
        { "a1 00 a1 00 20", COVEY_E_RANGE },
        { "a1 00 05", COVEY_E_RANGE },
        { "a1 20 61 61", COVEY_E_RANGE },
        { "80", COVEY_E_FORMAT },
        { "a1 00", COVEY_E_SHORT },
        { "a0 00", COVEY_E_FORMAT },
    };
    covey_keying_error e;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].hex);
        CHECK_STATUS(cases[i].status,
                     covey_keying_problem_parse(
                         &e, kit_hex(cases[i].hex, storage, sizeof storage)));
    }
    kit_case(NULL);
    CHECK_STATUS(COVEY_OK, covey_keying_problem_parse(
                               &e, kit_hex("a2 6178 01 00 a2 6179 02 00 03",
                                           storage, sizeof storage)));
    assert_int_equal(e, COVEY_KEYING_BAD_PROOF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_label_has_one_place),
        cmocka_unit_test(reads_values_to_their_places),
        cmocka_unit_test(refuses_maps_that_are_none),
        cmocka_unit_test(takes_null_for_what_may_be_unset),
        cmocka_unit_test(agrees_with_the_reader_on_short_inputs),
        cmocka_unit_test(writes_and_reads_problems),
        cmocka_unit_test(writes_and_reads_titles),
        cmocka_unit_test(refuses_problems_that_are_none),
    };

    return KIT_RUN(tests);
}
