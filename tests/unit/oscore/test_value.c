/* SPDX-License-Identifier: BSD-2-Clause */
/* The option value as OSCORE and its groups have it, against the codec of
 * coap_options.h wherever that one goes as far. */
#include "kit.h"

#include <covey/oscore.h>

static void check_same(covey_bytes value)
{
    covey_oscore_option ours;
    covey_oscore_option theirs;
    const covey_status st = covey_oscore_value_get(&ours, value);
    const covey_status expected =
        covey_oscore_option_parse(&theirs, value, COVEY_KUDOS_14);
    uint8_t storage[8];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    /* They may differ in the reason. */
    if (expected != COVEY_OK || theirs.kudos ||
        (value.len > 0 && (value.ptr[0] & COVEY_OSCORE_FLAG_EXTENDED) != 0)) {
        assert_true(st == COVEY_E_FORMAT || st == COVEY_E_SHORT ||
                    st == COVEY_E_UNSUPPORTED);
        return;
    }
    CHECK_STATUS(COVEY_OK, st);
    assert_int_equal(theirs.group, ours.group);
    CHECK_SPAN(theirs.partial_iv, ours.partial_iv);
    CHECK_SPAN(theirs.kid_context, ours.kid_context);
    CHECK_SPAN(theirs.kid, ours.kid);
    covey_oscore_value_put(&w, &ours);
    CHECK_SPAN(value, covey_written(&w));
}

static void agrees_with_the_codec_on_all_short_values(void **state)
{
    uint8_t value[3] = { 0 };

    (void)state;
    check_same(covey_bytes_of(value, 0));
    for (uint32_t i = 0; i < UINT32_C(1) << 24; i++) {
        value[0] = (uint8_t)(i >> 16);
        value[1] = (uint8_t)(i >> 8);
        value[2] = (uint8_t)i;
        /* Third bytes that differ in nothing but content are left out. */
        if (value[2] > 3 && value[2] < 0xfd) {
            continue;
        }
        check_same(covey_bytes_of(value, 3));
        if (value[2] == 0) {
            check_same(covey_bytes_of(value, 2));
            check_same(covey_bytes_of(value, 1));
        }
    }
}

static void goes_as_far_as_a_kid_context_of_255(void **state)
{
    static const uint8_t zeros[255] = { 0 };
    const covey_oscore_option o = {
        .partial_iv = SPAN("\x01\x02\x03\x04\x05"),
        .kid_context = { zeros, 255 },
        .kid = SPAN("7654321"),
    };
    uint8_t storage[COVEY_OSCORE_VALUE_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_oscore_option back;

    (void)state;
    covey_oscore_value_put(&w, &o);
    assert_int_equal(w.pos, sizeof storage);
    CHECK_STATUS(COVEY_OK, covey_oscore_value_get(&back, covey_written(&w)));
    CHECK_SPAN(o.partial_iv, back.partial_iv);
    CHECK_SPAN(o.kid_context, back.kid_context);
    CHECK_SPAN(o.kid, back.kid);
    for (size_t len = 1; len < 1 + 5 + 1 + 255; len++) {
        CHECK_STATUS(COVEY_E_SHORT, covey_oscore_value_get(
                                        &back, covey_bytes_of(storage, len)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_codec_on_all_short_values),
        cmocka_unit_test(goes_as_far_as_a_kid_context_of_255),
    };

    return KIT_RUN(tests);
}
